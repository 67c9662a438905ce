"""Text in columns of a terminal: what has a width, where lines may be broken, and what must not get there at all.

Markdown keeps its form: paragraphs and entries of lists are wrapped, headings, code and tables are left as they are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import islice

_JOINERS = "\u200c\u200d"
_NO_START = "、。，．：；？！）」』】〉》ー々"  # what no line of Japanese or Chinese begins with
_SPECIAL = re.compile(r"\s|[#>|~`]|[-*+]\s|\d+[.)]\s")  # how a line begins that does not go on with the one before
_ENTRY = re.compile(r"\s*(?:[-*+]|\d+[.)])\s+")
_FENCE = re.compile(r"\s*(?:```|~~~)")
_STEERING = ("Cc", "Cf", "Cs")  # control, format and half characters, by their Unicode category


def clean(text: str) -> str:
    """Return text without what steers a terminal or turns the direction; line ends and joiners of scripts stay."""
    return "".join(filter(_is_harmless, text.expandtabs(4))).translate({0x2028: " ", 0x2029: " "})


def line(text: str) -> str:
    """Return a name or a title: clean, and one line."""
    return " ".join(clean(text).split())


def _is_harmless(character: str) -> bool:
    return character == "\n" or character in _JOINERS or unicodedata.category(character) not in _STEERING


def width(text: str) -> int:
    """Return how many columns text takes (UAX 11)."""
    return sum(map(_width, text))


def _width(character: str) -> int:
    if character in _JOINERS or unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def wrapped(text: str, room: int, hang: str = "") -> list[str]:
    """Return text in lines of so many columns at most, but for words that are wider; all but the first ``hang``."""
    return list(_wrapped(text, room, hang))


def _wrapped(text: str, room: int, hang: str) -> Iterator[str]:
    line = ""
    for piece in _pieces(text):
        if line.strip() and width(line + piece.rstrip()) > room:
            yield line.rstrip()
            line = hang
        line += piece
    yield line.rstrip()


def _pieces(text: str) -> Iterator[str]:
    """Yield what may not be broken, each with the blanks after it: words, and wide characters one by one."""
    held = ""
    for character in text:
        if held and _may_break(held[-1], character):
            yield held
            held = ""
        held += character
    yield held


def _may_break(before: str, after: str) -> bool:
    if after == " " or after in _NO_START:
        return False
    return before == " " or _width(after) == 2 or (_width(before) == 2 and after.isalnum())


def quoted(markdown: str, room: int, most: int) -> tuple[list[str], bool]:
    """Return Markdown as a quotation of so many lines at most; tell whether all of it is there."""
    lines: list[str] = []
    for line, is_prose in _joined(clean(markdown).strip("\n").split("\n")):
        if len(lines) > most:
            break
        entry = _ENTRY.match(line)
        folded = _wrapped(line, room - 2, " " * len(entry[0]) if entry else "")
        lines += islice(folded, most + 1 - len(lines)) if is_prose else [line]
    is_whole = len(lines) <= most
    kept = lines if is_whole else [*lines[: most - 1], "…"]
    return [f"> {line}".rstrip() for line in kept], is_whole


def _joined(lines: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Yield lines, those of a paragraph as one, and whether they may be wrapped: headings, code and tables may not."""
    held: list[str] = []
    is_code = False
    for line in lines:
        is_fence = _FENCE.match(line) is not None
        as_it_is = (
            is_code or is_fence or not line.strip() or line.startswith(("|", "#")) or (not held and line[:4].isspace())
        )
        if held and (as_it_is or not _goes_on(held[0], line)):
            yield " ".join(held), True
            held = []
        if as_it_is:
            yield line.rstrip(), False
            is_code = is_code != is_fence
        else:
            held.append(line.strip() if held else line.rstrip())
    if held:
        yield " ".join(held), True


def _goes_on(held: str, line: str) -> bool:
    """Tell whether a line goes on with the paragraph or the entry of a list that was begun."""
    return not _SPECIAL.match(line) or (_ENTRY.match(held) is not None and line[0].isspace() and not _ENTRY.match(line))
