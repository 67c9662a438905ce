"""Texts of strangers in Markdown and on terminals, so that they stay texts.

In Markdown what somebody else wrote stands in a span or a block of code alone, with more backticks around it than it
has itself: no link, image, mention, HTML or heading comes of it. Letters that turn others around, or that nobody sees,
are written as their numbers, on a terminal too, where they could move the cursor.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_JOINERS = "\u200c\u200d"  # which Persian, Hindi and emoji need
_RUNS = re.compile("`+")


@dataclass(frozen=True, slots=True)
class Theirs:
    """A text that somebody else wrote, to stand in one line."""

    text: str


Piece = str | Theirs


def in_line(text: str) -> str:
    """Return a text as one line without what cannot be seen."""
    return " ".join(visible(text).split())


def visible(text: str) -> str:
    """Return a text whose letters can all be seen, and its line breaks."""
    return "".join(map(_visible, text.replace("\r\n", "\n").replace("\t", "    ")))


def _visible(letter: str) -> str:
    if letter == "\n" or letter in _JOINERS or unicodedata.category(letter) not in _UNSEEN:
        return letter
    return f"\\u{{{ord(letter):x}}}"


def span(text: str) -> str:
    """Return a text as code within a line of Markdown (CommonMark 0.31, 6.1)."""
    shown = in_line(text)
    if not shown:
        return "(nothing)"
    ticks = "`" * (_longest(shown) + 1)
    gap = " " if "`" in (shown[0], shown[-1]) else ""
    return f"{ticks}{gap}{shown}{gap}{ticks}"


def cell(text: str) -> str:
    """Return a text as code within a table, whose columns no backslash before a bar may move."""
    return span(text.replace("|", "\\u{7c}"))


def block(text: str, language: str = "text") -> str:
    """Return a text as a block of code."""
    shown = visible(text).strip("\n")
    fence = "`" * max(3, _longest(shown) + 1)
    return f"{fence}{language}\n{shown}\n{fence}"


def _longest(text: str) -> int:
    """Return the length of the longest run of backticks."""
    return max((len(run) for run in _RUNS.findall(text)), default=0)
