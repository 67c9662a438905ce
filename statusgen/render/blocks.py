"""A document of a few kinds of blocks, as Markdown and as text for a terminal.

Of what somebody else wrote (``quoting.Theirs`` and ``Quote``) nothing becomes markup. A Markdown document ends at
``MOST`` bytes with a line that says so, as forges take no more than so much; it is cut between blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from statusgen.render import quoting
from statusgen.render.quoting import Piece, Theirs

MOST = 60_000  # bytes of a summary in Markdown; GitHub takes a mebibyte of each step
MOST_OF_TEXT = 8_000  # letters of one update

Cells = Sequence[Piece]
Line = Sequence[Piece]


@dataclass(frozen=True, slots=True)
class Heading:
    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Points:
    """Lines under one another, each of its own."""

    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """A text of several lines that somebody wrote."""

    text: str
    language: str = "text"


@dataclass(frozen=True, slots=True)
class Table:
    head: tuple[str, ...]
    rows: tuple[Cells, ...]


Block = Heading | Points | Quote | Table

_CUT = "**This summary is cut off here:** `statusgen diff` in a clone prints all of it.\n"


# How blocks are written


def marked(block: Block) -> str:
    """Write a block in Markdown."""
    match block:
        case Heading(text, level):
            return f"{'#' * level} {text}"
        case Points(lines):
            return "\n".join(f"- {_pieces(line, quoting.span)}" for line in lines)
        case Quote(text, language):
            return quoting.block(_shortened(text), language)
        case Table(head, rows):
            rule = " | ".join("---" for _ in head)
            written = (" | ".join(_pieces([cell], quoting.cell) for cell in row) for row in rows)
            return "\n".join(f"| {row} |" for row in (" | ".join(head), rule, *written))


def plain(block: Block) -> str:
    """Write a block for a terminal."""
    match block:
        case Heading(text, level):
            return f"{text}\n{'=' * len(text)}" if level <= 2 else f"{text}:"
        case Points(lines):
            return "\n".join(f"- {_pieces(line, quoting.in_line)}" for line in lines)
        case Quote(text):
            return "\n".join(f"    | {line}".rstrip() for line in quoting.visible(text).strip("\n").split("\n"))
        case Table(head, rows):
            return _aligned([list(head), *([_pieces([cell], quoting.in_line) for cell in row] for row in rows)])


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def _pieces(line: Line, quoted: Callable[[str], str]) -> str:
    return "".join(quoted(piece.text) if isinstance(piece, Theirs) else piece for piece in line)


def _shortened(text: str) -> str:
    return text if len(text) <= MOST_OF_TEXT else f"{text[:MOST_OF_TEXT]}\n[… cut off here]"


def text(blocks: Iterable[Block]) -> str:
    """Write a document for a terminal."""
    return "\n\n".join(map(plain, blocks)) + "\n"


def markdown(blocks: Iterable[Block]) -> str:
    """Write as much of a document in Markdown as there is room for, in whole blocks."""
    room = MOST - len(_CUT.encode())
    parts: list[str] = []
    for block in blocks:
        part = f"{marked(block)}\n\n"
        room -= len(part.encode("utf-8", "replace"))
        if room < 0:
            return "".join(parts) + _CUT
        parts.append(part)
    return "".join(parts)
