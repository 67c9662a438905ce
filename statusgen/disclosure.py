"""The key ``security`` of ``components.yaml``: where people who found a vulnerability turn to, from text to types.

It becomes ``/.well-known/security.txt`` (RFC 9116).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from statusgen import shape
from statusgen.model import Disclosure
from statusgen.names import LANGUAGE, public_link
from statusgen.shape import Key, Many, Parsed, Record

_PHONE = re.compile(r"\+?[ ()./-]*\d[\d ()./-]{3,}", re.ASCII)


def contact(text: str) -> str:
    """Check how to reach people: mail, web or telephone; raise ValueError with the remedy."""
    if re.fullmatch(r"[^\s@:/]+@[^\s@:/]+", text):
        raise ValueError(f"'{text}' is not a URI: write mailto:{text}")
    if _PHONE.fullmatch(text):
        raise ValueError(f"'{text}' is not a URI: write tel:{re.sub(r'[^+0-9]+', '-', text).strip('-')}")
    if re.fullmatch(r"mailto:[!-?A-~]+@[!-?A-~]+|tel:\+?[0-9()./-]+", text, re.ASCII):
        return text
    return _web(text, "a contact", "mailto:security@host, https://… or tel:+49-30-1234567")


def link(text: str) -> str:
    """Check where a page lives that others than ourselves rely on."""
    return _web(text, "an address", "https://host/path")


def key(text: str) -> str:
    """Check where an OpenPGP key is: on the web, in the DNS, or as its fingerprint."""
    if re.fullmatch(r"openpgp4fpr:[0-9A-Fa-f]{32,64}|dns:[!-~]+", text, re.ASCII):
        return text
    return _web(text, "where a key is", "https://…, dns:… or openpgp4fpr: and its fingerprint")


def _web(text: str, what: str, remedy: str) -> str:
    if text.startswith("http://"):
        raise ValueError(f"'{text}' can be changed on its way: write https://")
    if not re.fullmatch(r"https://[!-~]+", text, re.ASCII):
        raise ValueError(f"'{text}' is not {what}: write {remedy}")
    return public_link(text)


def _several(parse: Callable[[str], str], wanted: str, pattern: str) -> Many[str]:
    return Many(Parsed(parse, wanted, {"type": "string", "pattern": pattern}), single=True, least=1, most=20)


_LINKS = _several(link, "an address like https://host/path", "^https://")

SHAPE = Record(
    Disclosure,
    {
        "contact": Key(
            shape=_several(contact, "a contact like mailto:security@host", "^(mailto:|https://|tel:)"),
            doc="How to reach you, the best way first: mailto:, https: or tel:.",
            required=True,
        ),
        "expires": Key(
            shape=shape.day(),
            doc="From when on readers must not rely on it any more; less than a year ahead.",
            required=True,
        ),
        "policy": Key(shape=_LINKS, doc="What you ask of people who look for vulnerabilities, and promise them."),
        "encryption": Key(
            shape=_several(key, "where a key is, like https://host/key.txt", "^(https://|dns:|openpgp4fpr:)"),
            doc="Where your OpenPGP key is.",
        ),
        "acknowledgments": Key(shape=_LINKS, doc="Where you thank people."),
        "preferred_languages": Key(
            shape=Many(LANGUAGE, single=True, least=1), doc="Languages you like to be written to in; all are equal."
        ),
        "hiring": Key(shape=_LINKS, doc="Where your security positions are."),
        "canonical": Key(shape=_LINKS, doc="Where the file lives; default: made from the url."),
    },
)
