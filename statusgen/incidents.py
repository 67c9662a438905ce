"""``incidents/*.md``: text to ``Incident``, ``Maintenance`` and ``Postmortem``.

Front matter, then one level-2 heading per update, oldest first: ``## Resolved · 2026-11-20 11:15 UTC``. Posting
an update appends to the file. The Markdown itself is not looked at here, only where its headings are.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

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

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r"##(?!#)[ \t]*(.*?)[ \t]*#*[ \t]*")
_DATED = re.compile(r"(.*?)\s+[·—–-]\s+(\S.*)")
_LIKE_A_TIME = re.compile(r"\d[-:/.]\d")
_UNSEPARATED = re.compile(r"([A-Za-z_ -]+?)[\s·—–-]*(\d{4}-\d\d.*|\d{1,2}[:.]\d\d.*)")
_COMPONENTS = re.compile(r"components:[ \t]*(.*)", re.IGNORECASE)


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
    joined = (replace(event, postmortem=postmortems.get(stem)) for stem, event in events.items())
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
    event = _Builder(notes, frozenset(components)).event(stem, path, head, body, body_line)
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
    lines = text.removeprefix("\ufeff").splitlines()
    if not lines or lines[0].rstrip() != "---":
        if optional:
            return source.Mapping({}, {}, 1), text, 1
        message = "does not begin with front matter: the first line must be ---"
        raise SourceError([Problem(path=path, line=1, message=message)])
    end = next((i for i, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), None)
    if end is None:
        message = "the front matter has no end: add a line with --- after it"
        raise SourceError([Problem(path=path, line=1, message=message)])
    front = source.parse("\n".join(lines[1:end]) + "\n", path, first_line=2)
    return front, "\n".join(lines[end + 1 :]), end + 2


def _sections(body: str, first_line: int) -> tuple[str, list[_Section]]:
    """Return the text before the first level-2 heading, and the sections; a heading in a code fence is none."""
    introduction: list[str] = []
    sections: list[tuple[int, str, list[str]]] = []
    fence = ""
    for number, line in enumerate(body.split("\n"), first_line):
        if found := _FENCE.match(line):
            if not fence:
                fence = found[1]
            elif found[1].startswith(fence) and not line.strip(" `~"):
                fence = ""
        if not fence and (heading := _HEADING.fullmatch(line)):
            sections.append((number, heading[1], []))
        else:
            (sections[-1][2] if sections else introduction).append(line)
    return "\n".join(introduction).strip("\n"), [_Section(n, h, "\n".join(b)) for n, h, b in sections]


@dataclass(frozen=True, slots=True)
class _Builder:
    """Puts front matter and sections together, noting what does not fit."""

    notes: Notes
    known: frozenset[str]

    def event(self, stem: str, path: str, head: _Front, body: str, first_line: int) -> Event:
        introduction, sections = _sections(body, first_line)
        updates = self.updates(sections, MAINTENANCE_PHASES if head.maintenance else INCIDENT_PHASES)
        for component, _ in head.components:
            self.check_component(component, head.line)
        if head.maintenance:
            return self.maintenance(stem, path, head, introduction, updates)
        return self.incident(stem, path, head, introduction, updates)

    def incident(self, stem: str, path: str, head: _Front, introduction: str, updates: tuple[Update, ...]) -> Incident:
        if head.scheduled:
            self.notes.reject(head.line, "'scheduled' belongs to a maintenance: add 'type: maintenance' or remove it")
        if any(state is None for _, state in head.components):
            self.notes.reject(head.line, "'components' of an incident need a state each, like {api: partial_outage}")
        if not updates:
            example = "## Investigating · 2026-11-20 10:06 UTC"
            self.notes.reject(head.line, f"has no update: add a heading like '{example}' and a sentence")
        started = head.started if head.started is not None else min((update.at for update in updates), default=0)
        if updates and updates[0].at < started:
            self.notes.reject(updates[0].line, "is earlier than 'started': one of the two is wrong")
        return Incident(
            slug=stem,
            path=path,
            title=head.title,
            started=started,
            updates=updates,
            components=tuple((component, state) for component, state in head.components if state is not None),
            severity=head.severity,
            detected=head.detected,
            acknowledged=head.acknowledged,
            introduction=introduction,
            draft=head.draft,
        )

    def maintenance(
        self, stem: str, path: str, head: _Front, introduction: str, updates: tuple[Update, ...]
    ) -> Maintenance:
        start, end = head.scheduled or (0, 0)
        if not head.scheduled:
            self.notes.reject(head.line, "a maintenance needs 'scheduled: {from: …, until: …}'")
        elif end <= start:
            self.notes.reject(head.line, "'scheduled' ends before it begins: 'until' must be later than 'from'")
        if any(state not in (None, State.MAINTENANCE) for _, state in head.components):
            self.notes.reject(head.line, "'components' of a maintenance are under_maintenance: write a list, like [api]")
        if not head.components:
            self.notes.reject(head.line, "a maintenance needs 'components', like [api, web]")
        if not updates and not head.draft:
            remedy = "add '## Scheduled · <when you announce it> UTC' and a sentence"
            self.notes.warn(head.line, f"has no update, so that feeds do not announce it: {remedy}")
        return Maintenance(
            slug=stem,
            path=path,
            title=head.title,
            start=start,
            end=end,
            components=tuple(component for component, _ in head.components),
            updates=updates,
            introduction=introduction,
            draft=head.draft,
        )

    def updates(self, sections: list[_Section], phases: tuple[Phase, ...]) -> tuple[Update, ...]:
        """Return the updates in file order; a section that is none joins the update before it."""
        updates: list[Update] = []
        for section in sections:
            update = self.update(section, phases)
            if update is not None:
                updates.append(update)
            elif updates:
                text = f"{updates[-1].text}\n\n## {section.heading}\n{section.body}".strip("\n")
                updates[-1] = replace(updates[-1], text=text)
        for earlier, later in pairwise(updates):
            if later.at < earlier.at:
                written = periods.date_and_time(earlier.at)
                self.notes.reject(later.line, f"is earlier than the update above it ({written}): put it in time order")
        return tuple(_numbered(updates))

    def update(self, section: _Section, phases: tuple[Phase, ...]) -> Update | None:
        dated = _DATED.fullmatch(section.heading)
        if not dated or not _LIKE_A_TIME.search(dated[2]):
            self.not_an_update(section, phases)
            return None
        words = {phase.value: phase for phase in phases}
        word = " ".join(re.split(r"[\s_-]+", dated[1].strip().lower()))
        if word not in words:
            self.notes.reject(section.line, f"'{dated[1]}' is no state of an update{did_you_mean(word, words)}")
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
        if found and found[1].strip().lower() in {phase.value for phase in phases}:
            remedy = f"write '## {found[1].strip()} · {found[2]}'"
            self.notes.reject(section.line, f"'{section.heading}' looks like an update and is none: {remedy}")
        else:
            self.notes.warn(
                section.line, f"heading '{section.heading}' has no time, so it is text: use ### for a heading within an update"
            )

    def changes(self, section: _Section) -> tuple[tuple[tuple[str, State], ...], str]:
        """Return what the optional first line ``Components: api operational, …`` says, and the text after it."""
        first, _, rest = section.body.lstrip("\n").partition("\n")
        found = _COMPONENTS.fullmatch(first.strip())
        if not found:
            return (), section.body.strip("\n")
        line = section.line + 1 + len(section.body) - len(section.body.lstrip("\n"))
        pairs = [pair.split() for pair in found[1].split(",") if pair.strip()]
        if not pairs:
            self.notes.reject(line, "'Components:' names none: write 'Components: api operational'")
        return tuple(change for pair in pairs if (change := self.change(pair, line))), rest.strip("\n")

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
            self.notes.reject(line, f"component '{component}' is not in components.yaml{did_you_mean(component, self.known)}")


def _numbered(updates: list[Update]) -> Iterator[Update]:
    """Give each its ordinal within its minute: with the slug and the time, its identity for ever."""
    seen: dict[int, int] = {}
    for update in updates:
        minute = update.at // periods.MINUTE
        seen[minute] = seen.get(minute, 0) + 1
        yield replace(update, ordinal=seen[minute])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Front:
    """Front matter as read, before it is known to fit together. A component without a state came from a list."""

    title: str
    maintenance: bool
    components: tuple[tuple[str, State | None], ...]
    line: int
    severity: Severity | None = None
    started: int | None = None
    detected: int | None = None
    acknowledged: int | None = None
    scheduled: tuple[int, int] | None = None
    draft: bool = False


def _window(**bounds: int) -> tuple[int, int]:
    return bounds["from"], bounds["until"]


class _Components:
    """A map of components to states, or a list of components."""

    _map = Pairs(shape.text(80), shape.choice(DECLARABLE))
    _list = Many(shape.text(80))

    def read(self, node: source.Node, name: str, notes: Notes) -> tuple[tuple[str, State | None], ...]:
        if isinstance(node, source.Sequence):
            return tuple((component, None) for component in self._list.read(node, name, notes))
        return self._map.read(node, name, notes)

    def schema(self) -> shape.Schema:
        return {"anyOf": [self._map.schema(), self._list.schema()]}


class _FrontRecord:
    """The record of an event's front matter, which remembers its line."""

    def read(self, node: source.Node, name: str, notes: Notes) -> _Front:
        values = _EVENT_FRONT.read(node, name, notes)
        kind = values.pop("type", "incident")
        components = values.pop("components", ())
        return _Front(maintenance=kind == "maintenance", components=components, line=node.line, **values)


_EVENT_FRONT: Record[dict] = Record(  # type: ignore[type-arg]
    dict,
    {
        "title": Key(shape=shape.text(300, r".+", "a title"), doc="What happened, in one line.", required=True),
        "type": Key(shape=shape.choice(("incident", "maintenance")), doc="incident (the default) or maintenance."),
        "severity": Key(shape=shape.choice(Severity), doc="sev1, sev2 or sev3."),
        "components": Key(shape=_Components(), doc="Components and their states at the start; of a maintenance, a list."),
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
_POSTMORTEM_FRONT: Record[dict] = Record(  # type: ignore[type-arg]
    dict,
    {
        "title": Key(shape=shape.text(300, r".+", "a title"), doc="Title; default: Post-mortem."),
        "date": Key(shape=shape.day(), doc="When it was written."),
        "authors": Key(shape=Many(shape.text(100), single=True), doc="Who wrote it."),
    },
)
