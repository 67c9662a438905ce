"""``/.well-known/security.txt``: where people who found a vulnerability turn to (RFC 9116)."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from statusgen import periods
from statusgen.model import Disclosure, Site

PATH = ".well-known/security.txt"


def files(site: Site) -> dict[str, bytes]:
    """Return the file by its path, nothing for a site that names no contact."""
    if site.disclosure is None:
        return {}
    lines = (f"{name}: {value}\n" for name, value in _fields(site, site.disclosure))
    return {PATH: "".join(lines).encode()}


def _fields(site: Site, told: Disclosure) -> Iterator[tuple[str, str]]:
    for name, values in (
        ("Contact", told.contact),
        ("Expires", (periods.iso(told.expires),)),
        ("Encryption", told.encryption),
        ("Acknowledgments", told.acknowledgments),
        ("Preferred-Languages", (", ".join(told.preferred_languages),) if told.preferred_languages else ()),
        ("Canonical", told.canonical or _homes(site.url)),
        ("Policy", told.policy),
        ("Hiring", told.hiring),
    ):
        yield from ((name, value) for value in values)


def _homes(url: str) -> tuple[str, ...]:
    """Return where the file lives: at the root of the origin, where it is looked for, and where the site puts it."""
    parts = urlsplit(url)
    if parts.scheme != "https":
        return ()  # what is not encrypted vouches for nothing (RFC 9116, 2.5.2)
    return tuple(dict.fromkeys((f"https://{parts.netloc}/{PATH}", f"{url}/{PATH}")))
