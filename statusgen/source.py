"""YAML as text with places: every value knows the line a person has to go to.

Scalars stay as they were written; what ``no``, ``12:30`` or ``2026-02-30`` means is decided by whoever reads
them (see ``shape``), so none of YAML's own guesses happens. Refused before anything is built, because each has
been used to make a reader hang or lie: anchors, aliases, tags, duplicate keys, a second document, nesting deeper
than 20, more than 256 KB, characters that no editor shows.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

import yaml

from statusgen.errors import Problem, SourceError

MAX_BYTES = 256 * 1024
MAX_DEPTH = 20
MAX_NODES = 50_000  # a thousand components with checks have 25,000

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's where it is present: seven times faster
_OWN_TAGS = "tag:yaml.org,2002:"
_LINE_END = re.compile(r"\r\n?|\n")
_UNREADABLE = re.compile("[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")  # only Python's own parser lets such an escape through
_ADVICE = (  # what the parsers say, libyaml and Python's own; whether it is about where the thing began; the remedy
    (r"quoted scalar: found unexpected end", True, "close the quote"),
    (r"quoted scalar", False, "write \\\\ for a backslash within double quotes, or use single quotes"),
    (r"flow (sequence|mapping)", True, "close the bracket, or put a comma between its parts"),
    (r"tab character|'\\t'", False, "indent with spaces, not with a tab"),
    (r"mapping values", False, "put the text in quotes, or mend the indentation"),
    (r"any token|alias|anchor|tag handle|node content|chomping|comment or line", False, "put the text in quotes"),
    (r"simple key", True, "write 'key: value', or put a text of several lines in quotes"),
    (r"block (mapping|collection)", False, "mend the indentation, or put the whole text in quotes"),
    (r"", False, "compare it with the lines around it"),
)


@dataclass(frozen=True, slots=True)
class Scalar:
    """A word or a text. ``plain`` tells that it stood without quotes, so that ``null`` can mean nothing."""

    text: str
    plain: bool
    line: int

    @property
    def is_null(self) -> bool:
        return self.plain and self.text in ("", "~", "null", "Null", "NULL")


@dataclass(frozen=True, slots=True)
class Sequence:
    items: tuple[Node, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Mapping:
    """Entries in the order written; ``lines`` are those of the keys."""

    entries: dict[str, Node]
    lines: dict[str, int]
    line: int

    def at(self, lines: Iterable[int]) -> frozenset[str]:
        """Return the keys whose entries these lines are in: each goes on to the line before the next key."""
        starts = sorted(self.lines.values())
        begun = {starts[before - 1] for line in lines if (before := bisect_right(starts, line))}
        return frozenset(key for key, line in self.lines.items() if line in begun)

    def without(self, keys: Collection[str]) -> Mapping:
        """Return the other entries."""
        entries = {key: entry for key, entry in self.entries.items() if key not in keys}
        return Mapping(entries, {key: self.lines[key] for key in entries}, self.line)


Node = Scalar | Sequence | Mapping


def parse(text: str, path: str, first_line: int = 1, loader: type = _LOADER) -> Node:
    """Return the one document in the text; raise SourceError naming ``path`` and the line.

    ``first_line`` is the line of the file at which the text begins (front matter starts at 2). With either of
    PyYAML's loaders the answer is the same.
    """
    reader = _Reader(path, first_line)
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise reader.error(0, f"is larger than {MAX_BYTES // 1024} KB: make it shorter")
    if found := _UNREADABLE.search(text):
        line = len(_LINE_END.findall(text, 0, found.start()))
        raise reader.error(line, f"character U+{ord(found[0]):04X} is not allowed: remove it")
    try:
        return reader.document(yaml.parse(text, Loader=loader))
    except yaml.MarkedYAMLError as error:
        lines = [*_LINE_END.split(text), ""]  # a parser may complain of the line after the last
        raise reader.error(*_explained(error, lines)) from None


def _explained(error: yaml.MarkedYAMLError, lines: list[str]) -> tuple[int, str]:
    """Return the line, from 0, and the message of what the parser found, the same whichever parser it was."""
    said = f"{error.context}: {error.problem}"
    mark = error.problem_mark or error.context_mark
    if mark and lines[mark.line][mark.column :].startswith("\t"):
        said = "tab character"  # libyaml takes it for any character
    at_start, advice = next((start, advice) for pattern, start, advice in _ADVICE if re.search(pattern, said))
    if at_start:
        mark = error.context_mark or mark
    line = mark.line if mark else 0
    if not lines[line].strip():
        line = max((i for i in range(line) if lines[i].strip()), default=0)
        advice = "it ends too early: close the bracket, or put the text in quotes"
    return line, f"'{lines[line].strip()[:60]}' is not valid YAML: {advice}"


class _Reader:
    """Builds nodes from the parser's events, refusing what the module's docstring names."""

    def __init__(self, path: str, first_line: int) -> None:
        self.path = path
        self.first_line = first_line
        self.nodes = 0

    def error(self, line: int, message: str) -> SourceError:
        return SourceError([Problem(path=self.path, line=self.first_line + line, message=message)])

    def document(self, events: Iterator[yaml.Event]) -> Node:
        node: Node | None = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if node is not None:
                    raise self.error(_line(event), "a second YAML document begins here: keep one per file")
                node = self.node(next(events), events, 1)
        return node if node is not None else Mapping({}, {}, self.first_line)

    def node(self, event: yaml.Event, events: Iterator[yaml.Event], depth: int) -> Node:
        self.guard(event, depth)
        line = self.first_line + _line(event)
        if isinstance(event, yaml.ScalarEvent):
            return Scalar(event.value, not event.style, line)
        if isinstance(event, yaml.SequenceStartEvent):
            return Sequence(tuple(self.items(events, depth)), line)
        return self.mapping(events, depth, line)

    def items(self, events: Iterator[yaml.Event], depth: int) -> Iterator[Node]:
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            yield self.node(event, events, depth + 1)

    def mapping(self, events: Iterator[yaml.Event], depth: int, line: int) -> Mapping:
        entries: dict[str, Node] = {}
        lines: dict[str, int] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key = self.node(event, events, depth + 1)
            if not isinstance(key, Scalar):
                raise self.error(_line(event), "a key must be a word, not a list or a map: put it in quotes")
            if key.text in entries:
                first = lines[key.text]
                raise self.error(_line(event), f"key '{key.text}' stands twice (first on line {first}): remove one")
            lines[key.text] = key.line
            entries[key.text] = self.node(next(events), events, depth + 1)
        return Mapping(entries, lines, line)

    def guard(self, event: yaml.Event, depth: int) -> None:
        line = _line(event)
        self.nodes += 1
        if isinstance(event, yaml.AliasEvent):
            raise self.error(line, f"alias '*{event.anchor}' is not allowed: write the value out, or put it in quotes")
        if isinstance(event, yaml.NodeEvent) and event.anchor:
            raise self.error(line, f"anchor '&{event.anchor}' is not allowed: remove it, or put the text in quotes")
        if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag:
            raise self.error(
                line, f"tag '{event.tag.replace(_OWN_TAGS, '!!')}' is not allowed: remove it, or put the text in quotes"
            )
        if isinstance(event, yaml.ScalarEvent) and _HALF_CHARACTER.search(event.value):
            raise self.error(line, "an escape names half a character: write the character itself")
        if depth > MAX_DEPTH:
            raise self.error(line, f"is nested deeper than {MAX_DEPTH} levels: make it flatter")
        if self.nodes > MAX_NODES:
            raise self.error(line, f"has more than {MAX_NODES} values: make it shorter")


def _line(event: yaml.Event) -> int:
    return event.start_mark.line if event.start_mark else 0
