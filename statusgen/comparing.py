"""Two versions of a published file, number by number: what a site says and what the repository comes to.

In JSON every value counts. In HTML and feeds the words and numbers count that a person reads, not how they are marked
up, as some hosts change that.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from html.parser import HTMLParser

_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_SILENT = ("style", "script")
_MOST_SHOWN = 20  # differences of a file


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A place in a published file, what it says there, and what it should say."""

    path: str
    place: str
    published: str
    recomputed: str

    def __str__(self) -> str:
        place = f"{self.path}: {self.place}" if self.place else self.path
        return f"{place}: published {self.published}, recomputed {self.recomputed}"


def numbers(path: str, content: bytes) -> int:
    """Return how many numbers a file tells people or programs."""
    if path.endswith(".json"):
        return sum(1 for _, value in _leaves(content) if _NUMBER.search(value))
    if path.endswith(".csv"):
        return sum(1 for _, value in _cells(content) if _NUMBER.search(value))
    return sum(1 for word in _words(content) if _NUMBER.search(word)) if is_read(path) else 0


def is_read(path: str) -> bool:
    """Tell whether people or programs read numbers in a file."""
    return path.endswith((".json", ".csv", ".html", ".atom", ".rss"))


def differences(path: str, published: bytes, recomputed: bytes) -> list[Difference]:
    """Return where two versions of a file differ in what they tell; a file with many is cut off."""
    if published == recomputed or not is_read(path):
        return []
    try:
        if path.endswith((".json", ".csv")):
            read = _leaves if path.endswith(".json") else _cells
            found = _pairs(path, dict(read(published)), dict(read(recomputed)))
        else:
            found = _passages(path, _words(published), _words(recomputed))
        return list(found)[:_MOST_SHOWN]
    except ValueError:
        return [Difference(path=path, place="", published="what cannot be read", recomputed="another text")]


def _pairs(path: str, published: dict[str, str], recomputed: dict[str, str]) -> Iterator[Difference]:
    for place in dict.fromkeys((*recomputed, *published)):
        said, right = published.get(place, "nothing"), recomputed.get(place, "nothing")
        if said != right:
            yield Difference(path=path, place=place, published=said, recomputed=right)


def _passages(path: str, published: Sequence[str], recomputed: Sequence[str]) -> Iterator[Difference]:
    matcher = SequenceMatcher(None, published, recomputed, autojunk=False)
    for what, a, b, c, d in matcher.get_opcodes():
        if what != "equal":
            after = " ".join(recomputed[max(0, c - 4) : c])
            said, right = " ".join(published[a:b]), " ".join(recomputed[c:d])
            place = f"after '{after}'" if after else "at the beginning"
            yield Difference(path=path, place=place, published=_quoted(said), recomputed=_quoted(right))


def _quoted(text: str) -> str:
    return f"'{text[:80]}'" if text else "nothing"


# What a file tells


def _leaves(content: bytes) -> Iterator[tuple[str, str]]:
    """Yield the place and the JSON text of every value that holds no others."""
    waiting: list[tuple[str, object]] = [("", json.loads(content))]
    while waiting:
        place, value = waiting.pop()
        if isinstance(value, dict) and value:
            waiting += [(f"{place}.{key}".lstrip("."), each) for key, each in reversed(value.items())]
        elif isinstance(value, list) and value:
            waiting += [(f"{place}[{i}]", each) for i, each in reversed(list(enumerate(value)))]
        else:
            yield place, json.dumps(value, ensure_ascii=False)


def _cells(content: bytes) -> Iterator[tuple[str, str]]:
    rows = list(csv.reader(io.StringIO(content.decode("utf-8", "replace"))))
    for number, row in enumerate(rows, 1):
        for column, cell in enumerate(row):
            name = rows[0][column] if column < len(rows[0]) else str(column)
            yield f"line {number}, {name}", cell


class _Text(HTMLParser):
    """Gathers the words that a person reads or hears, those of labels included."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in _SILENT
        self.words += [word for name, value in attrs if name == "aria-label" for word in (value or "").split()]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT and self._silent > 0

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words += data.split()


def _words(content: bytes) -> list[str]:
    parser = _Text()
    parser.feed(content.decode("utf-8", "replace"))
    parser.close()
    return parser.words
