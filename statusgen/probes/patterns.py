"""Regular expressions that people configure and strangers' texts are held against: each search has a time limit."""

from __future__ import annotations

from typing import AnyStr

from statusgen import shape
from statusgen.errors import excerpt
from statusgen.probes.dial import Deadline

_SECONDS = 1.0  # a pattern that backtracks for longer than this does not match
MOST_LONG = 4_000  # characters
MOST_NESTED = 100  # groups and sets, within each other or not: they take 730 of the 1,000 frames that Python has


def prepare() -> None:
    import regex  # noqa: F401  30 ms


def matches(pattern: str, text: str, deadline: Deadline) -> bool:
    """Tell whether the pattern matches somewhere in the text, found out in time."""
    return end_of_match(pattern, text, deadline) is not None


def end_of_match(pattern: AnyStr, subject: AnyStr, deadline: Deadline) -> int | None:
    """Return where the first match ends, in a text or in bytes; None if there is none, or none in time."""
    import regex  # unlike re, it can be given a time limit, and it lets other threads run

    try:
        match = regex.search(pattern, subject, timeout=min(_SECONDS, deadline.left()), concurrent=True)
    except TimeoutError:
        return None
    return match.end() if match else None


def _pattern(text: str) -> str:
    _compile(text, text)
    return text


def _bytes_pattern(text: str) -> str:
    _compile(text.encode(), text)
    return text


def _compile(pattern: AnyStr, text: str) -> None:
    import regex

    if len(text) > MOST_LONG:
        raise ValueError(f"is {len(text)} characters long: at most {MOST_LONG} are allowed")
    if (count := text.count("(") + text.count("[")) > MOST_NESTED:
        raise ValueError(f"has {count} of '(' and '[': at most {MOST_NESTED} are allowed, so make two checks of it")
    try:
        regex.compile(pattern)
    except regex.error as error:
        raise ValueError(f"'{excerpt(text)}' is not a regular expression ({error})") from None


PATTERN = shape.Parsed(_pattern, "a regular expression", {"type": "string"})
BYTES_PATTERN = shape.Parsed(_bytes_pattern, "a regular expression", {"type": "string"})  # held against UTF-8
