"""Markdown as forges and the documentation's site both show it."""

from __future__ import annotations

import re
from collections.abc import Iterable

MADE = "This page is made from the program's own definitions by `python -m tools.reference`."


def slug(heading: str) -> str:
    """Return the anchor that a forge gives a heading, and the site as well."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Lay out a table, without columns in which nothing stands."""
    body = list(rows)
    kept = [i for i in range(len(head)) if any(row[i] for row in body)]
    lines = ["|".join(f" {line[i]} " if line[i] else " " for i in kept) for line in (head, ("---",) * len(head), *body)]
    return "\n".join(f"|{line}|" for line in lines) if body else ""


_MEANT = re.compile(r"(`+[^`]+`+|\$\{env:\w+\}|https?://[^\s\]]+)")
_SPECIAL = re.compile(r"([<\\*\[\]]|(?<!\w)_|_(?!\w))")


def plain(text: str, *, table: bool = True) -> str:
    """Return text of a docstring or a help as Markdown that means itself."""
    spans = _MEANT.split(" ".join(text.split()) if table else text)
    marked = (code(part.strip("`")) if i % 2 else _SPECIAL.sub(r"\\\1", part) for i, part in enumerate(spans))
    return "".join(marked).replace("|", "\\|" if table else "|")


def code(text: str) -> str:
    return f"`{text}`"


def text(parts: Iterable[str]) -> str:
    return "\n\n".join(part for part in parts if part) + "\n"
