"""The shape of a file a person writes: one definition reads it, says what is wrong, and prints its JSON Schema.

A shape turns a ``source`` node into a value or notes a problem and raises ``Rejected``; a record goes on to its
next key, so that a file's problems are reported together. ``config`` and ``incidents`` are made of these.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from heapq import nlargest
from itertools import pairwise
from typing import Generic, Protocol, TypeVar

from statusgen import periods, secret, source
from statusgen.errors import Level, Problem, did_you_mean, nearest

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Schema = dict[str, object]
MOST_PROBLEMS = 2_000  # of a file that are told: who mends those sees the others
_MOST_GUESSES = 10  # different words of a file for which the known ones are searched, which takes a millisecond each
_MOST_COMPARED = 30  # known words, of more those with most pairs of letters in common

_NEVER = (  # controls, marks that turn the direction of what follows, tags, halves of characters, what is no character
    "\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u206f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\U000e0000-\U000e007f"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000))
)
_UNWANTED = re.compile(f"[{_NEVER}]")
_UNSEEN = "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2060-\u2065\u3164\uffa0\ufffc\ufffd"
_INVISIBLE = re.compile(f"[{_NEVER}{_UNSEEN}]")
_JOINERS = "\u200c\u200d\ufe0f"


class Rejected(Exception):  # noqa: N818  # an outcome, as StopIteration is, not an error that reaches a person
    """The value was refused and the problem noted."""


@dataclass(slots=True)
class Notes:
    """Where problems of one file are gathered."""

    path: str
    problems: list[Problem] = field(default_factory=list)
    untold: int = 0  # warnings
    guesses: dict[tuple[str, int], str] = field(default_factory=dict)

    def reject(self, line: int, message: str) -> Rejected:
        """Note an error; the caller raises what this returns."""
        if not self.is_full:
            self.problems.append(Problem(path=self.path, line=line, message=message))
        return Rejected()

    def warn(self, line: int, message: str) -> None:
        if len(self.problems) < MOST_PROBLEMS // 2:  # the others are left to errors, which keep a file from being used
            self.problems.append(Problem(path=self.path, line=line, message=message, level=Level.WARNING))
        else:
            self.untold += 1

    def meant(self, word: str, known: Collection[str]) -> str:
        """Return what ``did_you_mean`` does, for the first few words of the file that nobody knows, then nothing."""
        asked = (word, len(known))
        if asked not in self.guesses and len(self.guesses) >= _MOST_GUESSES:
            return ""
        if asked not in self.guesses:
            pairs = _pairs_of_letters(word)
            near = nlargest(_MOST_COMPARED, sorted(known), key=lambda each: len(pairs & _pairs_of_letters(each)))
            self.guesses[asked] = did_you_mean(word, near)
        return self.guesses[asked]

    @property
    def of_lines(self) -> list[Problem]:
        """The problems of a file that is read line by line, the last of which counts those that are not told."""
        message = f"{self.untold} more warnings of this file are not told"
        more = Problem(path=self.path, message=message, level=Level.WARNING)
        return [*self.problems, more] if self.untold else self.problems

    @property
    def is_full(self) -> bool:
        return len(self.problems) >= MOST_PROBLEMS

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.level is Level.ERROR)


def _pairs_of_letters(word: str) -> set[str]:
    return set(map("".join, pairwise(word[:100].lower())))


class Shape(Protocol[T_co]):
    """What a value must look like. ``name`` is the key it stands under, for messages."""

    def read(self, node: source.Node, name: str, notes: Notes) -> T_co: ...

    def schema(self) -> Schema: ...


def clean(text: str) -> str:
    """Return one line of text, in NFC, without what cannot be seen; joiners stay within, as Persian needs them."""
    cleaned = " ".join(_INVISIBLE.sub("", unicodedata.normalize("NFC", text)).split())
    return cleaned if cleaned.strip(_JOINERS) else ""


def prose(text: str) -> str:
    """Return text of several lines, in NFC, without what deceives or XML cannot hold; its lines stay.

    Marks of direction that end with their neighbour stay, and so do joiners: Hebrew, Arabic and Persian need them.
    """
    return _UNWANTED.sub("", unicodedata.normalize("NFC", text))


def _scalar(node: source.Node, name: str, notes: Notes, wanted: str) -> str:
    if not isinstance(node, source.Scalar):
        kind = "a list" if isinstance(node, source.Sequence) else "a map"
        raise notes.reject(node.line, f"'{name}' must be {wanted}, not {kind}")
    if node.is_null:
        raise notes.reject(node.line, f"'{name}' has no value: write {wanted} or remove the key")
    return node.text


@dataclass(frozen=True, slots=True)
class Parsed(Generic[T]):
    """A word that ``parse`` understands; its ValueError is the message."""

    parse: Callable[[str], T]
    wanted: str
    described: Schema

    def read(self, node: source.Node, name: str, notes: Notes) -> T:
        text = _scalar(node, name, notes, self.wanted)
        try:
            return self.parse(text)
        except ValueError as error:
            raise notes.reject(node.line, f"'{name}': {error}") from None

    def schema(self) -> Schema:
        return dict(self.described)


def text(
    limit: int = 500, pattern: str = "", wanted: str = "a text", lines: bool = False, secrets: bool = False
) -> Parsed[str]:
    """One line of text unless ``lines``; matched whole by ``pattern``; ``${env:NAME}`` only with ``secrets``."""

    def parse(raw: str) -> str:
        value = raw if lines else clean(raw)
        if len(value) > limit:
            raise ValueError(f"is {len(value)} characters long: at most {limit} are allowed")
        if pattern and not value:
            raise ValueError(f"is empty: write {wanted}")
        if pattern and not re.fullmatch(pattern, value):
            raise ValueError(f"'{value}' is not {wanted}")
        if secrets and (broken := secret.malformed(value)):
            raise ValueError(f"'{broken}' is not a secret's reference: write ${{env:NAME}}")
        if not secrets and "${" in value:
            raise ValueError(f"'{value}' refers to a secret: one may stand only in a URL's query, a header or a body")
        return value

    described: Schema = {"type": "string", "maxLength": limit}
    return Parsed(parse, wanted, described | ({"pattern": f"^(?:{pattern})$"} if pattern else {}))


def choice(values: Iterable[T], word: Callable[[T], str] = str) -> Parsed[T]:
    """One of a closed set, by its word, in any case."""
    by_word = {word(value): value for value in values}
    in_any_case = {written.lower(): value for written, value in by_word.items()}

    def parse(raw: str) -> T:
        if raw.strip().lower() not in in_any_case:
            raise ValueError(f"'{raw}' is not known{did_you_mean(raw, by_word)}")
        return in_any_case[raw.strip().lower()]

    return Parsed(parse, f"one of {', '.join(by_word)}", {"enum": list(by_word)})


def integer(low: int, high: int) -> Parsed[int]:
    """A whole number from ``low`` to ``high``."""
    wanted = f"a whole number from {low} to {high}"

    def parse(raw: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", raw) or not low <= int(raw) <= high:
            raise ValueError(f"'{raw}' is not {wanted}")
        return int(raw)

    return Parsed(parse, wanted, {"type": "integer", "minimum": low, "maximum": high})


def flag() -> Parsed[bool]:
    """``true`` or ``false`` and nothing that merely looks so."""

    def parse(raw: str) -> bool:
        if raw not in ("true", "false"):
            raise ValueError(f"'{raw}' is neither true nor false: write one of them")
        return raw == "true"

    return Parsed(parse, "true or false", {"type": "boolean"})


def _duration(unit_ms: int, low: str, high: str) -> Parsed[int]:
    least, most = periods.parse_duration(low), periods.parse_duration(high)

    def parse(raw: str) -> int:
        value = periods.parse_duration(raw)
        if not least <= value <= most:
            raise ValueError(f"'{raw}' is not between {low} and {high}")
        if value % unit_ms:
            raise ValueError(f"'{raw}' is not a whole number of seconds: round it")
        return value // unit_ms

    return Parsed(
        parse, f"a duration from {low} to {high}", {"type": "string", "pattern": r"^\s*\d{1,9}\s*(ms|s|m|h|d)\s*$"}
    )


def seconds(low: str, high: str) -> Parsed[int]:
    """A duration in whole seconds."""
    return _duration(1_000, low, high)


def milliseconds(low: str, high: str) -> Parsed[int]:
    """A duration in milliseconds."""
    return _duration(1, low, high)


def instant() -> Parsed[int]:
    """An instant with its zone."""
    return Parsed(periods.parse_instant, "an instant like 2026-11-20 10:02 UTC", {"type": "string"})


def day() -> Parsed[int]:
    """A UTC day, or an instant."""
    return Parsed(periods.parse_date, "a date like 2026-01-05", {"type": "string"})


@dataclass(frozen=True, slots=True)
class Many(Generic[T]):
    """A list; with ``single``, one bare value stands for a list of it."""

    each: Shape[T]
    single: bool = False
    least: int = 0
    most: int = 2_000

    def read(self, node: source.Node, name: str, notes: Notes) -> tuple[T, ...]:
        if self.single and isinstance(node, source.Scalar) and not node.is_null:
            return (self.each.read(node, name, notes),)
        if not isinstance(node, source.Sequence):
            raise notes.reject(node.line, f"'{name}' must be a list, like [a, b]")
        if not self.least <= len(node.items) <= self.most:
            counts = f"{len(node.items)}: {self.least} to {self.most} are allowed"
            raise notes.reject(node.line, f"the number of entries in '{name}' is {counts}")
        return tuple(_all(lambda item: self.each.read(item, name, notes), node.items))

    def schema(self) -> Schema:
        many: Schema = {"type": "array", "items": self.each.schema(), "minItems": self.least, "maxItems": self.most}
        return {"anyOf": [many, self.each.schema()]} if self.single else many


@dataclass(frozen=True, slots=True)
class Pairs(Generic[T]):
    """A map of free keys, as pairs in the order written."""

    key: Parsed[str]
    each: Shape[T]

    def read(self, node: source.Node, name: str, notes: Notes) -> tuple[tuple[str, T], ...]:
        if not isinstance(node, source.Mapping):
            raise notes.reject(node.line, f"'{name}' must be a map, like {{key: value}}")
        lines = node.lines

        def read(entry: tuple[str, source.Node]) -> tuple[str, T]:
            key = self.key.read(source.Scalar(entry[0], False, lines[entry[0]]), name, notes)
            return key, self.each.read(entry[1], f"{name}.{entry[0]}", notes)

        return tuple(_all(read, node.entries.items()))

    def schema(self) -> Schema:
        names = {"propertyNames": {"pattern": self.key.described["pattern"]}} if "pattern" in self.key.described else {}
        return {"type": "object", "additionalProperties": self.each.schema(), **names}


@dataclass(frozen=True, slots=True, kw_only=True)
class Key(Generic[T]):
    """A key of a record: its shape, what it is for, and whether it must be there."""

    shape: Shape[T]
    doc: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Record(Generic[T]):
    """A map with known keys. ``make`` gets the values of those present, by name, and may raise ValueError."""

    make: Callable[..., T]
    keys: Mapping[str, Key[object]]
    short: Shape[T] | None = None  # what a bare word in its place means

    def read(self, node: source.Node, name: str, notes: Notes) -> T:
        if self.short and isinstance(node, source.Scalar):
            return self.short.read(node, name, notes)
        if not isinstance(node, source.Mapping):
            raise notes.reject(node.line, f"'{name}' must be a map with the keys {', '.join(self.keys)}")
        before = len(notes.errors)
        values = self._values(node, name, notes)
        if len(notes.errors) > before:
            raise Rejected
        try:
            return self.make(**values)
        except ValueError as error:
            raise notes.reject(node.line, f"'{name}': {error}") from None

    def _values(self, node: source.Mapping, name: str, notes: Notes) -> dict[str, object]:
        values: dict[str, object] = {}
        meant = set(node.entries)
        for key, value in node.entries.items():
            if notes.is_full:
                break
            if key not in self.keys:
                if guess := notes.meant(key, self.keys):
                    meant.add(nearest(key, self.keys) or key)
                notes.reject(node.lines[key], f"unknown key '{key}' in '{name}'{guess}")
                continue
            try:
                values[key] = self.keys[key].shape.read(value, key, notes)
            except Rejected:
                continue
        for key, spec in self.keys.items():
            if spec.required and key not in meant:
                notes.reject(node.line, f"'{name}' has no '{key}': add it ({_lowered(spec.doc)})")
        return values

    def schema(self) -> Schema:
        made: Schema = {
            "type": "object",
            "additionalProperties": False,
            "properties": {name: key.shape.schema() | {"description": key.doc} for name, key in self.keys.items()},
        }
        if required := [name for name, key in self.keys.items() if key.required]:
            made["required"] = required
        return {"anyOf": [self.short.schema(), made]} if self.short else made


def _lowered(doc: str) -> str:
    first, rest = doc[:1], doc[1:].rstrip(".")
    return (first if rest[:1].isupper() else first.lower()) + rest


def _all(read: Callable[[T], T_co], nodes: Iterable[T]) -> list[T_co]:
    """Read every one, so that all their problems are noted, then reject if any was."""
    values: list[T_co] = []
    rejected = False
    for node in nodes:
        try:
            values.append(read(node))
        except Rejected:
            rejected = True
    if rejected:
        raise Rejected
    return values
