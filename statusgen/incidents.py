"""``incidents/*.md``: text to ``Incident``, ``Maintenance`` and ``Postmortem``.

Front matter, then one level-2 heading per update, oldest first: ``## Resolved · 2026-11-20 11:15 UTC``. Posting
an update appends to the file. The Markdown itself is not looked at here, only where its headings are.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, NamedTuple

from statusgen import periods, shape, source
from statusgen.config import slug
from statusgen.errors import Problem, SourceError, did_you_mean
from statusgen.model import (
    DECLARABLE,
    INCIDENT_PHASES,
    MAINTENANCE_PHASES,
    Event,
    Incident,
    Maintenance,
    Phase,
    Postmortem,
    Severity,
    State,
    Update,
)
from statusgen.shape import Key, Many, Notes, Pairs, Record, Rejected

FOLDER = "incidents"
_POSTMORTEM = ".postmortem.md"

_FENCE = re.compile(r" {0,3}(`{3,}(?=[^`]*$)|~{3,}).*")
_HEADING = re.compile(r" {0,3}##(?!#)[ \t]*(.*?)[ \t]*#*[ \t]*")
_OTHER_LEVEL = re.compile(rf" {{0,3}}#(?:##+)?[ \t]+(?:{'|'.join(Phase)})\b.*\d[-:]\d.*", re.IGNORECASE)
_DATED = re.compile(r"(.*?)\s+[·—–-]\s+(\S.*)")
_LIKE_A_TIME = re.compile(r"\d[-:/.]\d")
_UNSEPARATED = re.compile(r"([A-Za-z_ -]+?)\W*(\d{4}-\d\d.*|\d{1,2}[:.]\d\d.*)")
_COMPONENTS = re.compile(r"components:[ \t]*(.*)", re.IGNORECASE)
_OF_INCIDENTS = ("severity", "started", "detected", "acknowledged")  # keys that tell nothing about a maintenance


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything in the folder that can be used, and what is wrong with the rest."""

    events: tuple[Event, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Section:
    """A level-2 heading and the text under it."""

    line: int
    heading: str
    body: str


def read_all(texts: Mapping[str, str], components: Collection[str]) -> Reading:
    """Read a folder's Markdown files by their paths; a file with an error is left out and named.

    ``components`` are the ids that may be mentioned. Events come in the order of their slugs.
    """
    problems: list[Problem] = []
    postmortems: dict[str, Postmortem] = {}
    events: dict[str, Event] = {}
    for path, text in sorted(texts.items()):
        notes = Notes(path)
        try:
            if path.endswith(_POSTMORTEM):
                postmortems[path.removesuffix(_POSTMORTEM)] = read_postmortem(text, path, notes)
            else:
                events[path.removesuffix(".md")] = read_event(text, path, components, notes)
        except SourceError as error:
            problems += [problem for problem in error.problems if problem not in notes.problems]
        problems += notes.problems
    problems += _orphans(postmortems, texts)
    joined = (replace(event, postmortem=postmortems.get(stem)) for stem, event in sorted(events.items()))
    return Reading(tuple(joined), tuple(problems))


def _orphans(postmortems: Mapping[str, Postmortem], texts: Mapping[str, str]) -> Iterator[Problem]:
    for stem, postmortem in postmortems.items():
        if f"{stem}.md" not in texts:
            remedy = f"add {stem}.md, or give this file its incident's name"
            yield Problem(path=postmortem.path, line=1, message=f"is the post-mortem of no incident: {remedy}")


def read_event(text: str, path: str, components: Collection[str], notes: Notes) -> Event:
    """Return what the file tells; raise SourceError with every problem found, warnings included in ``notes``."""
    stem = path.rpartition("/")[2].removesuffix(".md")
    try:
        slug(stem)
    except ValueError as error:
        raise SourceError([Problem(path=path, line=1, message=f"the file's name {error}")]) from None
    front, body, body_line = _split(text, path)
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
    front, body, _ = _split(text, path, optional=True)
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


def _split(text: str, path: str, optional: bool = False) -> tuple[source.Node, str, int]:
    """Return the front matter, the body and the body's first line."""
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


def _sections(body: str, first_line: int, notes: Notes) -> tuple[str, list[_Section]]:
    """Return the text before the first level-2 heading, and the sections; a heading in a code fence is none."""
    introduction: list[str] = []
    sections: list[tuple[int, str, list[str]]] = []
    fence, opened = "", 0
    for number, line in enumerate(body.split("\n"), first_line):
        if not fence and (heading := _HEADING.fullmatch(line)):
            sections.append((number, heading[1], []))
            continue
        (sections[-1][2] if sections else introduction).append(line)
        if not fence and (found := _FENCE.fullmatch(line)):
            fence, opened = found[1], number
        elif fence and line.strip().startswith(fence) and not line.strip().strip(fence[0]):
            fence = ""
        elif not fence and _OTHER_LEVEL.fullmatch(line):
            notes.warn(number, f"'{line.strip()}' is text: a heading of an update begins with ## and a space")
    if fence:
        notes.reject(opened, f"a code block begins here and never ends: add a line with {fence} after it")
    return "\n".join(introduction).strip("\n"), [_Section(n, h, "\n".join(b)) for n, h, b in sections]


@dataclass(frozen=True, slots=True)
class _Builder:
    """Puts front matter and sections together, noting what does not fit."""

    notes: Notes
    known: frozenset[str]
    slug: str

    def event(self, head: _Front, body: str, first_line: int) -> Event:
        introduction, sections = _sections(body, first_line, self.notes)
        preface, updates = self.updates(sections, MAINTENANCE_PHASES if head.maintenance else INCIDENT_PHASES)
        introduction = "\n\n".join(part for part in (introduction, preface) if part)
        if not (updates or head.maintenance or self.notes.errors):
            example = "## Investigating · 2026-11-20 10:06 UTC"
            self.notes.reject(head.line, f"has no update: add a heading like '{example}' and a sentence")
        for named in head.components:
            self.check_component(named.component, named.line)
        if head.maintenance:
            self.check_maintenance(head, updates)
            return self.maintenance(head, introduction, updates)
        self.check_incident(head, updates)
        return self.incident(head, introduction, updates)

    def check_incident(self, head: _Front, updates: tuple[Update, ...]) -> None:
        if head.scheduled:
            remedy = "add 'type: maintenance' or remove it"
            self.notes.reject(head.line_of("scheduled"), f"'scheduled' belongs to a maintenance: {remedy}")
        for component, state, line in head.components:
            if state is None:
                remedy = f"write 'components: {{{component}: partial_outage}}' or the like"
                self.notes.reject(line, f"component '{component}' needs its state at the start: {remedy}")
        if updates and head.started is not None and updates[0].at < head.started:
            started = periods.date_and_time(head.started)
            self.notes.reject(updates[0].line, f"is earlier than 'started' ({started}): correct one of the two")

    def incident(self, head: _Front, introduction: str, updates: tuple[Update, ...]) -> Incident:
        return Incident(
            slug=self.slug,
            path=self.notes.path,
            title=head.title,
            started=head.started if head.started is not None else min((update.at for update in updates), default=0),
            updates=updates,
            components=tuple((component, state) for component, state, _ in head.components if state is not None),
            severity=head.severity,
            detected=head.detected,
            acknowledged=head.acknowledged,
            introduction=introduction,
            draft=head.draft,
        )

    def check_maintenance(self, head: _Front, updates: tuple[Update, ...]) -> None:
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
        if not (updates or head.draft or self.notes.errors):
            remedy = "add '## Scheduled · <when you announce it> UTC' and a sentence"
            self.notes.warn(head.line, f"has no update, so that feeds do not announce it: {remedy}")

    def maintenance(self, head: _Front, introduction: str, updates: tuple[Update, ...]) -> Maintenance:
        start, end = head.scheduled or (0, 0)
        return Maintenance(
            slug=self.slug,
            path=self.notes.path,
            title=head.title,
            start=start,
            end=end,
            components=tuple(named.component for named in head.components),
            updates=updates,
            introduction=introduction,
            draft=head.draft,
        )

    def updates(self, sections: list[_Section], phases: tuple[Phase, ...]) -> tuple[str, tuple[Update, ...]]:
        """Return the text before them and the updates in file order; a section that is none joins what precedes it."""
        preface = ""
        updates: list[Update] = []
        for section in sections:
            update = self.update(section, phases)
            text = f"## {section.heading}\n{section.body}"
            if update is not None:
                updates.append(update)
            elif updates:
                updates[-1] = replace(updates[-1], text=f"{updates[-1].text}\n\n{text}".strip("\n"))
            else:
                preface = f"{preface}\n\n{text}".strip("\n")
        for earlier, later in pairwise(updates):
            if later.at < earlier.at:
                written = periods.date_and_time(earlier.at)
                self.notes.reject(later.line, f"is earlier than the update above it ({written}): put it in time order")
        return preface, tuple(_numbered(updates))

    def update(self, section: _Section, phases: tuple[Phase, ...]) -> Update | None:
        dated = _DATED.fullmatch(section.heading)
        if not dated or not _LIKE_A_TIME.search(dated[2]):
            self.not_an_update(section, phases)
            return None
        words = {phase.value: phase for phase in phases}
        word = _word(dated[1])
        if word not in words:
            problem = f"'{dated[1]}' is no state of an update{did_you_mean(word, words)}"
            self.notes.reject(section.line, f"{problem}; a heading within an update begins with ###")
            return None
        try:
            at = periods.parse_instant(dated[2])
        except ValueError as error:
            self.notes.reject(section.line, str(error))
            return None
        components, text = self.changes(section)
        return Update(at=at, phase=words[word], text=text, components=components, line=section.line)

    def not_an_update(self, section: _Section, phases: tuple[Phase, ...]) -> None:
        found = _UNSEPARATED.fullmatch(section.heading)
        if found and _word(found[1]) in phases:
            remedy = f"write '## {found[1].strip()} · {found[2]}'"
            self.notes.reject(section.line, f"'{section.heading}' looks like an update and is none: {remedy}")
        else:
            remedy = "use ### for a heading within an update"
            self.notes.warn(section.line, f"heading '{section.heading}' has no time, so it is text: {remedy}")

    def changes(self, section: _Section) -> tuple[tuple[tuple[str, State], ...], str]:
        """Return what the optional first line ``Components: api operational, …`` says, and the text after it."""
        lines = section.body.split("\n")
        first = next((i for i, text in enumerate(lines) if text.strip()), 0)
        for number, text in enumerate(lines[first + 1 :], section.line + first + 2):
            if _COMPONENTS.fullmatch(text.strip()):
                self.notes.warn(number, f"'{text.strip()}' is text here: make it the first line under the heading")
        found = _COMPONENTS.fullmatch(lines[first].strip())
        if not found:
            return (), section.body.strip("\n")
        line = section.line + first + 1
        pairs = [pair.split() for pair in found[1].split(",") if pair.strip()]
        if not pairs:
            self.notes.reject(line, "'Components:' names none: write 'Components: api operational'")
        changes = tuple(change for pair in pairs if (change := self.change(pair, line)))
        return changes, "\n".join(lines[first + 1 :]).strip("\n")

    def change(self, words: list[str], line: int) -> tuple[str, State] | None:
        states = {state.value: state for state in DECLARABLE}
        if len(words) != 2:
            written = " ".join(words)
            self.notes.reject(line, f"'{written}' is not a component and its state: write it like 'api operational'")
            return None
        component, state = words[0].removesuffix(":"), words[1].lower()
        self.check_component(component, line)
        if state not in states:
            self.notes.reject(line, f"'{words[1]}' is no state of a component{did_you_mean(state, states)}")
            return None
        return component, states[state]

    def check_component(self, component: str, line: int) -> None:
        if component not in self.known:
            near = did_you_mean(component, self.known)
            self.notes.reject(line, f"component '{component}' is not in components.yaml{near}")


def _word(written: str) -> str:
    return " ".join(re.split(r"[\s_-]+", written.strip().lower()))


def _numbered(updates: list[Update]) -> Iterator[Update]:
    """Give each its ordinal within its minute: with the slug and the time, its identity for ever."""
    seen: dict[int, int] = {}
    for update in updates:
        minute = update.at // periods.MINUTE
        seen[minute] = seen.get(minute, 0) + 1
        yield replace(update, ordinal=seen[minute])


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
