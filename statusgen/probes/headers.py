"""Headers that people configure: their shape, and what of them goes over the wire."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from statusgen import secret, shape
from statusgen.probes.dial import Unknown

Headers = tuple[tuple[str, str], ...]

NAME = shape.text(100, r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", "a header's name")
VALUE = shape.text(4_000, wanted="a header's value", secrets=True)
HEADERS = shape.Pairs(NAME, VALUE)


def filled(headers: Iterable[tuple[str, str]], environment: Mapping[str, str]) -> Headers:
    """Return the headers with secrets in their place."""
    return tuple((name, sendable(secret.fill(value, environment))) for name, value in headers)


def sendable(value: str) -> str:
    """Return a value as it may be sent (RFC 9110 §5.5). One that may not is a secret's, nobody's outage: Unknown."""
    value = value.strip()
    if any(ord(character) < 32 or ord(character) == 127 for character in value):
        raise Unknown("unsupported")
    return value
