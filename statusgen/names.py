"""Words that stand in several files a person writes: ids, names, links, languages, zones, dates."""

from __future__ import annotations

import re
from collections.abc import Collection

from statusgen import calendars, paths, secret, shape
from statusgen.errors import Problem, SourceError, excerpt
from statusgen.probes.http import web_url
from statusgen.shape import Parsed, Schema

ID_PATTERN = r"[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?"
ID_LENGTH = 80


def is_reserved(text: str) -> bool:
    """Tell whether some systems cannot have a file or folder of that name, or hosts take it for its folder."""
    return text == "index" or paths.is_reserved(text)


def is_id(text: str) -> bool:
    return re.fullmatch(ID_PATTERN, text) is not None


def called(site: str) -> str:
    """Return the id of a site, to be quoted; of what is none, which anybody may have written, the beginning."""
    return site if is_id(site) else excerpt(site)


def slug(text: str) -> str:
    """Check an id that becomes part of a path; raise ValueError with the remedy."""
    if not is_id(text):
        raise ValueError(f"'{text}' is not an id: use lower-case letters, digits and inner hyphens, at most 80")
    if is_reserved(text):
        raise ValueError(f"'{text}' is a name that some systems reserve: choose another")
    return text


FOLDERS = frozenset(  # of the site, which no page and no language may take
    (
        *("api", "badge", "badges", "components", "corrections", "embed", "feed", "history", "incidents"),
        *("maintenance", "policy", "sla", "subscribe", "support", "uptime"),
    )
)


def slug_of(path: str, taken: Collection[str] = ()) -> str:
    """Return the id that a file's name is; SourceError for one that cannot be, or that is ``taken``."""
    stem = path.rpartition("/")[2].rpartition(".")[0]
    try:
        if slug(stem) in taken:
            raise ValueError(f"'{stem}' is an address that the site uses itself: choose another")
    except ValueError as error:
        raise SourceError([Problem(path=path, line=1, message=f"the file's name {error}")]) from None
    return stem


def public_link(text: str) -> str:
    if secret.names(web_url(text)):
        raise ValueError(f"'{text}' refers to a secret, and everybody may read a link: remove it")
    return text


def _date(text: str) -> str:
    calendars.day_start("UTC", text)
    return text


_LANGUAGE = r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-(?:[A-Za-z]{2}|\d{3}))?"  # of RFC 5646: language, script, region


def language_tag(text: str) -> str:
    """Return a language's tag as it is customarily written, ``zh-Hant-TW``; raise ValueError with the remedy."""
    if not re.fullmatch(_LANGUAGE, text):
        raise ValueError(f"'{text}' is no language tag: write it like de, pt-BR or zh-Hant")
    first, *rest = text.split("-")
    return "-".join([first.lower(), *(part.title() if len(part) == 4 else part.upper() for part in rest)])


ID = Parsed(slug, "an id", {"type": "string", "pattern": f"^{ID_PATTERN}$"})
NAME = shape.text(120, r".+", "a name")
URL: Schema = {"type": "string", "pattern": "^https?://"}
LANGUAGE = Parsed(language_tag, "a language tag like en", {"type": "string", "pattern": f"^{_LANGUAGE}$"})
ZONE = Parsed(calendars.zone_named, "a time zone like Europe/Berlin", {"type": "string"})
DATE = Parsed(_date, "a date like 2026-12-25", {"type": "string"})
LOCATION = Parsed(slug, "a location's name", {"type": "string", "pattern": f"^{ID_PATTERN}$"})
