"""``incidents/*.md``: text to ``Incident``, ``Maintenance`` and ``Postmortem``.

Front matter, then one level-2 heading per update, oldest first, which ``updates`` reads. Posting an update appends
to the file. A file with an error is named and left out; the others are read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from statusgen import events, periods, shape, source, updates
from statusgen.digests import digest
from statusgen.errors import Problem, SourceError
from statusgen.model import (
    DECLARABLE,
    INCIDENT_PHASES,
    MAINTENANCE_PHASES,
    Event,
    Incident,
    Maintenance,
    Postmortem,
    State,
    Update,
)
from statusgen.names import slug_of
from statusgen.promises import Severity
from statusgen.shape import Key, Many, Notes, Pairs, Record, Rejected

Memory = MutableMapping[str, Any]  # what texts were read as, by a key that stands for all it hangs on

_Read = tuple[events.Plain | None, list[Problem]]
Spread = Callable[[Callable[[str], _Read], Sequence[str]], list[_Read]]

FOLDER = "incidents"
_POSTMORTEM = ".postmortem.md"

_OF_INCIDENTS = (
    "severity",
    "started",
    "detected",
    "reported",
    "acknowledged",
)  # keys that tell nothing about a maintenance


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything in the folder that can be used, and what is wrong with the rest."""

    events: tuple[Event, ...]
    problems: tuple[Problem, ...]


def _one_by_one(read: Callable[[str], _Read], paths: Sequence[str]) -> list[_Read]:
    return [read(path) for path in paths]


def read_all(
    texts: Mapping[str, str], components: Collection[str], memory: Memory | None = None, spread: Spread = _one_by_one
) -> Reading:
    """Read a folder's Markdown files by their paths; a file with an error is left out and named.

    ``components`` are the ids that may be mentioned. Events come in the order of their slugs. ``memory`` holds what
    files without any problem were read as, and is added to; ``spread`` does the rest, on all processors if it can.
    """
    memory = {} if memory is None else memory
    known = sorted(components)
    keys = {path: digest(path, text, known) for path, text in texts.items()}
    unread = sorted(path for path in texts if keys[path] not in memory)
    read = dict(zip(unread, spread(lambda path: _read(path, texts[path], known), unread), strict=True))
    memory.update({keys[path]: plain for path, (plain, problems) in read.items() if plain and not problems})
    postmortems: dict[str, Postmortem] = {}
    found: dict[str, Event] = {}
    for path in sorted(texts):
        plain = read[path][0] if path in read else memory[keys[path]]
        if plain and path.endswith(_POSTMORTEM):
            postmortems[path.removesuffix(_POSTMORTEM)] = events.decode_postmortem(plain)
        elif plain:
            found[path.removesuffix(".md")] = events.decode(plain)
    problems = [problem for _, of_file in read.values() for problem in of_file]
    joined = (
        replace(event, postmortem=postmortems[stem]) if stem in postmortems else event
        for stem, event in sorted(found.items())
    )
    return Reading(tuple(joined), (*problems, *_orphans(postmortems, texts)))


def _read(path: str, text: str, components: Collection[str]) -> _Read:
    """Return what a file tells, as plain values, and what is wrong with it; None where it cannot be used."""
    notes = Notes(path)
    plain = None
    try:
        if path.endswith(_POSTMORTEM):
            plain = events.encode_postmortem(read_postmortem(text, path, notes))
        else:
            plain = events.encode(read_event(text, path, components, notes))
    except SourceError as error:
        return None, [*(problem for problem in error.problems if problem not in notes.problems), *notes.problems]
    return plain, list(notes.problems)


def _orphans(postmortems: Mapping[str, Postmortem], texts: Mapping[str, str]) -> Iterator[Problem]:
    for stem, postmortem in postmortems.items():
        if f"{stem}.md" not in texts:
            remedy = f"add {stem}.md, or give this file its incident's name"
            yield Problem(path=postmortem.path, line=1, message=f"is the post-mortem of no incident: {remedy}")


def read_event(text: str, path: str, components: Collection[str], notes: Notes) -> Event:
    """Return what the file tells; raise SourceError with every problem found, warnings included in ``notes``."""
    stem = slug_of(path)
    front, body, body_line = split(text, path)
    try:
        head = _FRONT.read(front, "front matter", notes)
    except Rejected:
        raise SourceError(notes.problems) from None
    event = _Builder(notes, frozenset(components), stem).event(head, body, body_line)
    if notes.errors:
        raise SourceError(notes.problems)
    return event


def read_postmortem(text: str, path: str, notes: Notes) -> Postmortem:
    """Return the post-mortem; front matter is optional."""
    front, body, _ = split(text, path, optional=True)
    try:
        values = _POSTMORTEM_FRONT.read(front, "front matter", notes)
    except Rejected:
        raise SourceError(notes.problems) from None
    if not body.strip():
        raise SourceError([Problem(path=path, line=1, message="is empty: write what was learnt, or remove the file")])
    return Postmortem(
        path=path,
        title=values.get("title", "Post-mortem"),
        text=body.strip("\n"),
        at=values.get("date"),
        authors=values.get("authors", ()),
    )


def split(text: str, path: str, optional: bool = False) -> tuple[source.Node, str, int]:
    """Return the front matter, the body and the body's first line; SourceError without an ``optional`` one."""
    lines = re.sub(r"\r\n?", "\n", text.removeprefix("\ufeff")).split("\n")
    if lines[0].rstrip() != "---":
        if optional:
            return source.Mapping({}, {}, 1), "\n".join(lines), 1
        message = "does not begin with front matter: the first line must be ---"
        raise SourceError([Problem(path=path, line=1, message=message)])
    end = next((i for i, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), None)
    if end is None:
        message = "the front matter has no end: add a line with --- after it"
        raise SourceError([Problem(path=path, line=1, message=message)])
    front = source.parse("\n".join(lines[1:end]) + "\n", path, first_line=2)
    return front, "\n".join(lines[end + 1 :]), end + 2


@dataclass(frozen=True, slots=True)
class _Builder:
    """Puts front matter and sections together, noting what does not fit."""

    notes: Notes
    known: frozenset[str]
    slug: str

    def event(self, head: _Front, body: str, first_line: int) -> Event:
        phases = MAINTENANCE_PHASES if head.maintenance else INCIDENT_PHASES
        introduction, told = updates.read(body, first_line, phases, self.known, self.notes)
        if not (told or head.maintenance or self.notes.errors):
            example = "## Investigating · 2026-11-20 10:06 UTC"
            self.notes.reject(head.line, f"has no update: add a heading like '{example}' and a sentence")
        for named in head.components:
            updates.refuse_unknown(named.component, self.known, named.line, self.notes)
        if head.maintenance:
            self.check_maintenance(head, told)
            return self.maintenance(head, introduction, told)
        self.check_incident(head, told)
        return self.incident(head, introduction, told)

    def check_incident(self, head: _Front, told: tuple[Update, ...]) -> None:
        if head.scheduled:
            remedy = "add 'type: maintenance' or remove it"
            self.notes.reject(head.line_of("scheduled"), f"'scheduled' belongs to a maintenance: {remedy}")
        for component, state, line in head.components:
            if state is None:
                remedy = f"write 'components: {{{component}: partial_outage}}' or the like"
                self.notes.reject(line, f"component '{component}' needs its state at the start: {remedy}")
        if told and head.started is not None and told[0].at < head.started:
            started = periods.date_and_time(head.started)
            self.notes.reject(told[0].line, f"is earlier than 'started' ({started}): correct one of the two")

    def incident(self, head: _Front, introduction: str, told: tuple[Update, ...]) -> Incident:
        return Incident(
            slug=self.slug,
            path=self.notes.path,
            title=head.title,
            started=head.started if head.started is not None else min((update.at for update in told), default=0),
            updates=told,
            components=tuple((component, state) for component, state, _ in head.components if state is not None),
            severity=head.severity,
            detected=min((at for at in (head.reported, head.detected) if at is not None), default=None),
            acknowledged=head.acknowledged,
            introduction=introduction,
            draft=head.draft,
        )

    def check_maintenance(self, head: _Front, told: tuple[Update, ...]) -> None:
        if not head.scheduled:
            example = "scheduled: {from: 2026-12-01 22:00 UTC, until: 2026-12-02 00:00 UTC}"
            self.notes.reject(head.line, f"a maintenance needs its window: add '{example}'")
        elif head.scheduled[1] <= head.scheduled[0]:
            remedy = "'until' must be later than 'from'"
            self.notes.reject(head.line_of("scheduled"), f"'scheduled' ends before it begins: {remedy}")
        for component, state, line in head.components:
            if state not in (None, State.MAINTENANCE):
                self.notes.reject(line, f"'{component}' cannot be {state} by maintenance: write under_maintenance")
        if not head.components:
            self.notes.reject(head.line, "a maintenance needs components: add 'components: [api, web]' or the like")
        for key in _OF_INCIDENTS:
            if key in head.lines:
                self.notes.warn(head.line_of(key), f"'{key}' means nothing in a maintenance: remove it")
        if not (told or head.draft or self.notes.errors):
            remedy = "add '## Scheduled · <when you announce it> UTC' and a sentence"
            self.notes.warn(head.line, f"has no update, so that feeds do not announce it: {remedy}")

    def maintenance(self, head: _Front, introduction: str, told: tuple[Update, ...]) -> Maintenance:
        start, end = head.scheduled or (0, 0)
        return Maintenance(
            slug=self.slug,
            path=self.notes.path,
            title=head.title,
            start=start,
            end=end,
            components=tuple(named.component for named in head.components),
            updates=told,
            introduction=introduction,
            draft=head.draft,
        )


class _Named(NamedTuple):
    """A component in front matter. Without a state it came from a list."""

    component: str
    state: State | None
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Front:
    """Front matter as read, before it is known to fit together; ``lines`` are those of its keys."""

    title: str
    maintenance: bool
    components: tuple[_Named, ...]
    line: int
    lines: Mapping[str, int]
    severity: Severity | None = None
    started: int | None = None
    detected: int | None = None
    reported: int | None = None
    acknowledged: int | None = None
    scheduled: tuple[int, int] | None = None
    draft: bool = False

    def line_of(self, key: str) -> int:
        return self.lines.get(key, self.line)


def _window(**bounds: int) -> tuple[int, int]:
    return bounds["from"], bounds["until"]


class _Components:
    """A map of components to states, or a list of components."""

    _map = Pairs(shape.text(80), shape.choice(DECLARABLE))
    _list = Many(shape.text(80))

    def read(self, node: source.Node, name: str, notes: Notes) -> tuple[_Named, ...]:
        if isinstance(node, source.Scalar):
            remedy = "write {api: partial_outage}, or in a maintenance [api]"
            raise notes.reject(node.line, f"'{name}': '{node.text}' is neither a map nor a list: {remedy}")
        if isinstance(node, source.Sequence):
            listed = self._list.read(node, name, notes)
            return tuple(_Named(component, None, each.line) for component, each in zip(listed, node.items, strict=True))
        pairs = self._map.read(node, name, notes)
        assert isinstance(node, source.Mapping)
        return tuple(_Named(*pair, line) for pair, line in zip(pairs, node.lines.values(), strict=True))

    def schema(self) -> shape.Schema:
        return {"anyOf": [self._map.schema(), self._list.schema()]}


class _FrontRecord:
    """The record of an event's front matter, which remembers its line."""

    def read(self, node: source.Node, name: str, notes: Notes) -> _Front:
        values = {"type": "incident", "components": (), **_EVENT_FRONT.read(node, name, notes)}
        assert isinstance(node, source.Mapping)
        maintenance = values.pop("type") == "maintenance"
        return _Front(maintenance=maintenance, line=node.line, lines=node.lines, **values)


_EVENT_FRONT: Record[dict[str, Any]] = Record(
    dict,
    {
        "title": Key(shape=shape.text(300, r".+", "a title"), doc="What happened, in one line.", required=True),
        "type": Key(shape=shape.choice(("incident", "maintenance")), doc="incident (the default) or maintenance."),
        "severity": Key(shape=shape.choice(Severity), doc="sev1, sev2 or sev3."),
        "components": Key(
            shape=_Components(), doc="Components and their states at the start; of a maintenance, a list."
        ),
        "started": Key(shape=shape.instant(), doc="When it began; default: the first update."),
        "detected": Key(shape=shape.instant(), doc="When it was noticed."),
        "reported": Key(shape=shape.instant(), doc="The same, where somebody reported it; the earlier one counts."),
        "acknowledged": Key(shape=shape.instant(), doc="When somebody took it on."),
        "scheduled": Key(
            shape=Record(
                _window,
                {
                    "from": Key(shape=shape.instant(), doc="When the window opens.", required=True),
                    "until": Key(shape=shape.instant(), doc="When the window closes.", required=True),
                },
            ),
            doc="The window of a maintenance.",
        ),
        "draft": Key(shape=shape.flag(), doc="true keeps it off the site; previews show it."),
    },
)
_FRONT = _FrontRecord()
_POSTMORTEM_FRONT: Record[dict[str, Any]] = Record(
    dict,
    {
        "title": Key(shape=shape.text(300, r".+", "a title"), doc="Title; default: Post-mortem."),
        "date": Key(shape=shape.day(), doc="When it was written."),
        "authors": Key(shape=Many(shape.text(100), single=True), doc="Who wrote it."),
    },
)
