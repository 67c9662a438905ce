"""YAML as text with places: every value knows the line a person has to go to.

Scalars stay as they were written; what ``no``, ``12:30`` or ``2026-02-30`` means is decided by whoever reads
them (see ``shape``), so none of YAML's own guesses happens. Refused before anything is built, because each has been used to
make a reader hang or lie: anchors, aliases, tags, duplicate keys, a second document, nesting deeper than 20,
more than 256 KB.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from statusgen.errors import Problem, SourceError

MAX_BYTES = 256 * 1024
MAX_DEPTH = 20
MAX_NODES = 20_000

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's where it is present: seven times faster


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


Node = Scalar | Sequence | Mapping


def parse(text: str, path: str, first_line: int = 1) -> Node:
    """Return the one document in the text; raise SourceError naming ``path`` and the line.

    ``first_line`` is the line of the file at which the text begins (front matter starts at 2).
    """
    reader = _Reader(path, first_line)
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise reader.error(0, f"is larger than {MAX_BYTES // 1024} KB: split it")
    try:
        return reader.document(yaml.parse(text, Loader=_LOADER))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise reader.error(mark.line if mark else 0, f"is not valid YAML: {error.problem or error.context}") from None
    except yaml.YAMLError as error:
        raise reader.error(0, f"is not valid YAML: {str(error).splitlines()[0]}") from None


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
                    raise self.error(event.start_mark.line, "a second YAML document begins here: keep one per file")
                node = self.node(next(events), events, 1)
        return node if node is not None else Mapping({}, {}, self.first_line)

    def node(self, event: yaml.Event, events: Iterator[yaml.Event], depth: int) -> Node:
        self.guard(event, depth)
        line = self.first_line + event.start_mark.line
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
                raise self.error(event.start_mark.line, "a key must be a word, not a list or a map")
            if key.text in entries:
                raise self.error(
                    event.start_mark.line,
                    f"key '{key.text}' stands twice (first on line {lines[key.text]}): remove one",
                )
            lines[key.text] = key.line
            entries[key.text] = self.node(next(events), events, depth + 1)
        return Mapping(entries, lines, line)

    def guard(self, event: yaml.Event, depth: int) -> None:
        line = event.start_mark.line
        self.nodes += 1
        if isinstance(event, yaml.AliasEvent):
            raise self.error(line, f"alias '*{event.anchor}' is not allowed: write the value out")
        if getattr(event, "anchor", None):
            raise self.error(line, f"anchor '&{event.anchor}' is not allowed: write the value out")
        if getattr(event, "tag", None):
            raise self.error(line, f"tag '{event.tag}' is not allowed: remove it")
        if depth > MAX_DEPTH:
            raise self.error(line, f"is nested deeper than {MAX_DEPTH} levels")
        if self.nodes > MAX_NODES:
            raise self.error(line, f"has more than {MAX_NODES} values: split it")
