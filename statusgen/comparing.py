"""Two versions of a published file, number by number: what a site says and what the repository comes to.

In JSON every value counts, in lines of JSON every line. In HTML and feeds the words and numbers count that a person
reads, not how they are marked up, as some hosts change that.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from html import unescape
from pathlib import PurePosixPath

_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_MARKUP = re.compile(
    r"""<(?:(!--)|(?:(script|style)(?=[\s/>])|[a-z/!?])(?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+>)""", re.IGNORECASE
)
_LABEL = re.compile(
    r"""\s(?:aria-label|content|datetime|data-[a-z]+)=(?:"([^"]*)"|'([^']*)'|([^\s>"']+))""", re.IGNORECASE
)
_ENDS = {tag: re.compile(f"(?=</{tag})", re.IGNORECASE) for tag in ("script", "style")} | {"!--": re.compile("-->")}
_MOST_SHOWN = 20  # differences of a file
_COMPARED = 1_000  # words; a longer stretch that differs is one difference, since comparing takes squares


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
    if read := _reader(path):
        return sum(1 for _, value in read(content) if _NUMBER.search(value))
    return sum(1 for word in _words(content) if _NUMBER.search(word)) if is_read(path) else 0


def is_read(path: str) -> bool:
    """Tell whether people or programs read numbers in a file."""
    return path.endswith((*_READERS, ".html", ".atom", ".rss"))


def is_ours(path: str) -> bool:
    """Tell whether a file is the theme's to the last byte, which decides what a page looks like and does."""
    return path.endswith((".css", ".js"))


def differences(path: str, published: bytes, recomputed: bytes) -> list[Difference]:
    """Return where two versions of a file differ in what they tell; a file with many is cut off."""
    if published == recomputed or not (is_read(path) or is_ours(path)):
        return []
    if is_ours(path):
        return [Difference(path=path, place="", published="another text", recomputed="the theme's")]
    try:
        if read := _reader(path):
            found = _pairs(path, dict(read(published)), dict(read(recomputed)))
        else:
            found = _passages(path, _words(published), _words(recomputed))
        return list(found)[:_MOST_SHOWN]
    except (ValueError, RecursionError, csv.Error):
        return [Difference(path=path, place="", published="what cannot be read", recomputed="another text")]


def _pairs(path: str, published: dict[str, str], recomputed: dict[str, str]) -> Iterator[Difference]:
    for place in dict.fromkeys((*recomputed, *published)):
        said, right = published.get(place, "nothing"), recomputed.get(place, "nothing")
        if said != right:
            yield Difference(path=path, place=place, published=said, recomputed=right)


def _passages(path: str, published: Sequence[str], recomputed: Sequence[str]) -> Iterator[Difference]:
    """Yield the stretches that differ, between what is alike at both ends; a long one is not looked into."""
    first = _alike(published, recomputed)
    last = _alike(published[first:][::-1], recomputed[first:][::-1])
    said, right = published[first : len(published) - last], recomputed[first : len(recomputed) - last]
    whole = [("replace", 0, len(said), 0, len(right))]
    is_long = max(len(said), len(right)) > _COMPARED
    for what, a, b, c, d in whole if is_long else SequenceMatcher(None, said, right).get_opcodes():
        if what != "equal":
            after = " ".join(recomputed[max(0, first + c - 4) : first + c])
            place = f"after '{after}'" if after else "at the beginning"
            texts = " ".join(said[a:b]), " ".join(right[c:d])
            yield Difference(path=path, place=place, published=_quoted(texts[0]), recomputed=_quoted(texts[1]))


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """Return with how many words in common two texts begin."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))


def _quoted(text: str) -> str:
    return f"'{text[:80]}'" if text else "nothing"


# What a file tells


def _leaves(content: bytes) -> Iterator[tuple[str, str]]:
    """Yield the place and the JSON text of every value that holds no others."""
    waiting: list[tuple[str, object]] = [("", json.loads(content, object_pairs_hook=_once_each))]
    while waiting:
        place, value = waiting.pop()
        if isinstance(value, dict) and value:
            waiting += [(f"{place}.{_key(key)}".lstrip("."), each) for key, each in reversed(value.items())]
        elif isinstance(value, list) and value:
            waiting += [(f"{place}[{i}]", each) for i, each in reversed(list(enumerate(value)))]
        else:
            yield place, json.dumps(value, ensure_ascii=False)


def _once_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Refuse a key that stands twice: some readers take the first, some the last."""
    if len(found := dict(pairs)) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def _key(text: str) -> str:
    """Return a key as part of a place, in quotes where it could be taken for several."""
    return text if re.fullmatch(r"[\w/-]+", text) else json.dumps(text, ensure_ascii=False)


def _cells(content: bytes) -> Iterator[tuple[str, str]]:
    rows = list(csv.reader(io.StringIO(content.decode("utf-8", "replace"))))
    for number, row in enumerate(rows, 1):
        for column, cell in enumerate(row):
            name = f" ({rows[0][column]})" if column < len(rows[0]) else ""
            yield f"line {number}, column {column + 1}{name}", cell


def _lines(content: bytes) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(content.decode("utf-8", "replace").split("\n"), 1):
        yield f"line {number}", line


_READERS = {".json": _leaves, ".jsonl": _lines, ".csv": _cells}


def _reader(path: str) -> Callable[[bytes], Iterator[tuple[str, str]]] | None:
    """Return what yields the places of a file and what each says; None for what people read."""
    return _READERS.get(PurePosixPath(path).suffix)


def _words(content: bytes) -> list[str]:
    """Return the words that a person reads or hears, those of labels included.

    Read in one pass, whatever stands there: the standard library's parser takes hours for a page made to hold it up.
    """
    text, at = content.decode("utf-8", "replace"), 0
    words: list[str] = []
    while markup := _MARKUP.search(text, at):
        words += unescape(text[at : markup.start()]).split()
        words += [word for label in _LABEL.findall(markup[0]) for word in unescape("".join(label)).split()]
        at = markup.end()
        if silent := markup[1] or markup[2]:
            end = _ENDS[silent.lower()].search(text, at)
            at = end.end() if end else len(text)
    return words + unescape(text[at:]).split()
