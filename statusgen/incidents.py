"""``incidents/*.md``: text to ``Incident``, ``Maintenance`` and ``Postmortem``.

Front matter, then one level-2 heading per update, oldest first, which ``updates`` reads. Posting an update appends
to the file. A file with an error is named and left out; the others are read. Of an incident only the updates with an
error are left out: a slip in the newest one must not take an outage that goes on off the page. A maintenance is left
out whole: without the update that cancels it, it would excuse time that it does not.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Collection, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from statusgen import events, occurrences, periods, recurrence, shape, source, updates
from statusgen.digests import digest
from statusgen.drafting import drafts
from statusgen.errors import Level, Problem, SourceError
from statusgen.model import (
    DECLARABLE,
    INCIDENT_PHASES,
    MAINTENANCE_PHASES,
    Event,
    Incident,
    Maintenance,
    Postmortem,
    Recurrence,
    State,
    Update,
)
from statusgen.names import DATE, ID_LENGTH, ZONE, slug_of
from statusgen.promises import Severity
from statusgen.shape import Key, Many, Notes, Pairs, Parsed, Record, Rejected

Memory = MutableMapping[str, Any]  # what texts were read as, by a key that stands for all it hangs on

_Read = tuple[events.Plain | None, list[Problem]]
Spread = Callable[[Callable[[str], _Read], Sequence[str]], list[_Read]]

FOLDER = "incidents"
_POSTMORTEM = ".postmortem.md"
_ATTEMPTS = 3
_KEPT_BACK = re.compile(r"""(?:^|[{,])\s*["']?draft["']?\s*:\s*["']?true\b""", re.MULTILINE | re.IGNORECASE)
LONGEST_TITLE = 300
TITLE = shape.text(LONGEST_TITLE, r".+", "a title")

_OF_INCIDENTS = (
    "severity",
    "started",
    "detected",
    "reported",
    "acknowledged",
    "measured",
    "automatic",
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
    clashes = {problem.path.removesuffix(".md"): problem for problem in _clashes(found)}
    joined = (
        replace(event, postmortem=postmortems[stem]) if stem in postmortems and not _repeats(event) else event
        for stem, event in sorted(found.items())
        if stem not in clashes
    )
    return Reading(tuple(joined), (*problems, *clashes.values(), *_orphans(postmortems, texts, found)))


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
        found = list(dict.fromkeys((*error.problems, *notes.problems)))
        faults = {problem.line for problem in found if problem.level is Level.ERROR}
        return None if path.endswith(_POSTMORTEM) else _remaining(path, text, components, faults), found
    return plain, list(notes.problems)


def _remaining(path: str, text: str, components: Collection[str], faults: Collection[int]) -> events.Plain | None:
    """Return an incident without the updates that have faults in these lines; None where that leaves none.

    Without an update others may no longer fit, so this is tried again.
    """
    try:
        front, body, line = split(text, path)
        for _ in range(_ATTEMPTS):
            body, notes = updates.sound(body, line, faults), Notes(path)
            with contextlib.suppress(SourceError):
                event = _event(text, path, (front, body, line), components, notes)
                return events.encode(event) if isinstance(event, Incident) else None
            faults = {problem.line for problem in notes.errors}
    except SourceError:
        return None
    return None


def _repeats(event: Event | None) -> bool:
    return isinstance(event, Maintenance) and event.recurrence is not None


def _clashes(found: Mapping[str, Event]) -> Iterator[Problem]:
    """Yield what is wrong with files that have the address of an occurrence of another one."""
    for stem, event in found.items():
        series = found.get(stem[: -occurrences.DATE_LENGTH])
        if isinstance(series, Maintenance) and occurrences.is_occurrence(series, event.slug):
            message = f"the file's name '{event.slug}' is the address of an occurrence of {series.path}: choose another"
            yield Problem(path=event.path, line=1, message=message)


def _orphans(
    postmortems: Mapping[str, Postmortem], texts: Mapping[str, str], found: Mapping[str, Event]
) -> Iterator[Problem]:
    for stem, postmortem in postmortems.items():
        if _repeats(found.get(stem)):
            remedy = "make an incident of what happened in one of them, and give this file its name"
            message = f"is the post-mortem of a maintenance that repeats: {remedy}"
            yield Problem(path=postmortem.path, line=1, message=message)
        if f"{stem}.md" not in texts:
            remedy = f"add {stem}.md, or give this file its incident's name"
            yield Problem(path=postmortem.path, line=1, message=f"is the post-mortem of no incident: {remedy}")


def read_event(text: str, path: str, components: Collection[str], notes: Notes) -> Event:
    """Return what the file tells; raise SourceError with every problem found, warnings included in ``notes``."""
    return _event(text, path, split(text, path), components, notes)


def _event(
    text: str, path: str, parts: tuple[source.Node, str, int], components: Collection[str], notes: Notes
) -> Event:
    """Return what the parts of a text tell, as ``split`` found them."""
    front, body, body_line = parts
    stem = slug_of(path)
    try:
        head = _FRONT.read(front, "front matter", notes)
    except Rejected:
        raise SourceError(notes.problems) from None
    event = _Builder(notes, frozenset(components), stem).event(head, body, body_line)
    if notes.errors:
        raise SourceError(notes.problems)
    return replace(event, automatic=drafts.is_ours(text)) if isinstance(event, Incident) else event


def read_postmortem(text: str, path: str, notes: Notes) -> Postmortem:
    """Return the post-mortem; front matter is optional."""
    front, body, line = split(text, path, optional=True)
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
        draft=values.get("draft", False),
        line=line + len(body) - len(body.lstrip("\n")),
    )


def is_kept_back(text: str) -> bool:
    """Tell whether a file says that it is a draft, whatever else is wrong with it."""
    front = re.split(r"^---[ \t]*$", _lines(text), maxsplit=2, flags=re.MULTILINE)[1:2]
    return any(map(_KEPT_BACK.search, front))


def _lines(text: str) -> str:
    """Return a text whose lines end in one way."""
    return re.sub(r"\r\n?", "\n", text.removeprefix("\ufeff"))


def split(text: str, path: str, optional: bool = False) -> tuple[source.Node, str, int]:
    """Return the front matter, the body and the body's first line; SourceError without an ``optional`` one.

    The body is without characters that deceive, its lines those of the file.
    """
    lines = _lines(text).split("\n")
    if lines[0].rstrip() != "---":
        if optional:
            return source.Mapping({}, {}, 1), shape.prose("\n".join(lines)), 1
        message = "does not begin with front matter: the first line must be ---"
        raise SourceError([Problem(path=path, line=1, message=message)])
    end = next((i for i, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), None)
    if end is None:
        message = "the front matter has no end: add a line with --- after it"
        raise SourceError([Problem(path=path, line=1, message=message)])
    front = source.parse("\n".join(lines[1:end]) + "\n", path, first_line=2)
    return front, shape.prose("\n".join(lines[end + 1 :])), end + 2


@dataclass(frozen=True, slots=True)
class _Builder:
    """Puts front matter and sections together, noting what does not fit."""

    notes: Notes
    known: frozenset[str]
    slug: str

    def event(self, head: _Front, body: str, first_line: int) -> Event:
        phases = MAINTENANCE_PHASES if head.maintenance else INCIDENT_PHASES
        series = self.series(head) if head.maintenance and head.repeats and head.scheduled else None
        dates = occurrences.named(series) if series else (lambda text: text) if head.repeats else None
        introduction, told = updates.read(body, first_line, phases, self.known, self.notes, dates)
        if not (told or head.maintenance or self.notes.errors):
            example = "## Investigating · 2026-11-20 10:06 UTC"
            self.notes.reject(head.line, f"has no update: add a heading like '{example}' and a sentence")
        for named in head.components:
            updates.refuse_unknown(named.component, self.known, named.line, self.notes)
        if head.maintenance:
            self.check_maintenance(head, told)
            made = self.maintenance(head, introduction, told)
            if series and not self.notes.errors:
                self.check_occurrences(made)
            return made
        self.check_incident(head, told)
        return self.incident(head, introduction, told)

    def check_incident(self, head: _Front, told: tuple[Update, ...]) -> None:
        if head.scheduled:
            remedy = "add 'type: maintenance' or remove it"
            self.notes.reject(head.line_of("scheduled"), f"'scheduled' belongs to a maintenance: {remedy}")
        if head.repeats:
            self.notes.reject(head.line_of("repeats"), "'repeats' belongs to a maintenance: remove it")
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
            measured=head.measured,
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

    def series(self, head: _Front) -> Maintenance | None:
        """Return a maintenance that repeats as far as its front matter tells; None where that does not fit together."""
        made = self.maintenance(head, "", ())
        line = head.line_of("repeats")
        if made.end <= made.start:  # told of with the window
            return None
        if len(self.slug) + occurrences.DATE_LENGTH > ID_LENGTH:
            most = ID_LENGTH - occurrences.DATE_LENGTH
            self.notes.reject(
                1, f"the file's name '{self.slug}' is too long, as dates are added: at most {most} characters"
            )
            return None
        if misfit := occurrences.misfit(made):
            self.notes.reject(line, f"'repeats': {misfit}")
            return None
        for date in occurrences.without_effect(made):
            self.notes.warn(line, f"'except': {date} is no occurrence, so it changes nothing: correct or remove it")
        return made

    def check_occurrences(self, made: Maintenance) -> None:
        for line, message in occurrences.strays(made):
            self.notes.reject(line, message)
        for line, message in occurrences.doubts(made):
            self.notes.warn(line, message)

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
            recurrence=head.repeats,
        )


class Named(NamedTuple):
    """A component in front matter. Without a state it came from a list."""

    component: str
    state: State | None
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Front:
    """Front matter as read, before it is known to fit together; ``lines`` are those of its keys."""

    title: str
    maintenance: bool
    components: tuple[Named, ...]
    line: int
    lines: Mapping[str, int]
    severity: Severity | None = None
    started: int | None = None
    detected: int | None = None
    reported: int | None = None
    acknowledged: int | None = None
    scheduled: tuple[int, int] | None = None
    repeats: Recurrence | None = None
    draft: bool = False
    measured: bool = False
    automatic: str = ""

    def line_of(self, key: str) -> int:
        return self.lines.get(key, self.line)


def _window(**bounds: int) -> tuple[int, int]:
    return bounds["from"], bounds["until"]


def _recurrence(rule: str, timezone: str, **more: tuple[str, ...]) -> Recurrence:
    return Recurrence(rule=rule, zone=timezone, exceptions=tuple(sorted(set(more.get("except", ())))))


class Components:
    """A map of components to states, or a list of components."""

    _map = Pairs(shape.text(80), shape.choice(DECLARABLE))
    _list = Many(shape.text(80))

    def read(self, node: source.Node, name: str, notes: Notes) -> tuple[Named, ...]:
        if isinstance(node, source.Scalar):
            remedy = "write {api: partial_outage}, or in a maintenance [api]"
            raise notes.reject(node.line, f"'{name}': '{node.text}' is neither a map nor a list: {remedy}")
        if isinstance(node, source.Sequence):
            listed = self._list.read(node, name, notes)
            return tuple(Named(component, None, each.line) for component, each in zip(listed, node.items, strict=True))
        pairs = self._map.read(node, name, notes)
        assert isinstance(node, source.Mapping)
        return tuple(Named(*pair, line) for pair, line in zip(pairs, node.lines.values(), strict=True))

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
        "title": Key(shape=TITLE, doc="What happened, in one line.", required=True),
        "type": Key(shape=shape.choice(("incident", "maintenance")), doc="incident (the default) or maintenance."),
        "severity": Key(shape=shape.choice(Severity), doc="sev1, sev2 or sev3."),
        "components": Key(
            shape=Components(), doc="Components and their states at the start; of a maintenance, a list."
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
        "repeats": Key(
            shape=Record(
                _recurrence,
                {
                    "rule": Key(
                        shape=Parsed(recurrence.checked, "a rule like FREQ=WEEKLY;BYDAY=SU", {"type": "string"}),
                        doc="When it takes place, by RFC 5545.",
                        required=True,
                    ),
                    "timezone": Key(shape=ZONE, doc="The zone whose clocks it follows.", required=True),
                    "except": Key(shape=Many(DATE, single=True), doc="Dates on which it does not take place."),
                },
            ),
            doc="How a maintenance is repeated; its window is the first.",
        ),
        "draft": Key(shape=shape.flag(), doc="true keeps it off the site; previews show it."),
        "measured": Key(
            shape=shape.flag(), doc="true: probes saw it, so what it says of components is shown and not counted."
        ),
        "automatic": Key(
            shape=shape.text(80), doc="Digest of a file that the program wrote; any other change makes it a person's."
        ),
    },
)
_FRONT = _FrontRecord()
_POSTMORTEM_FRONT: Record[dict[str, Any]] = Record(
    dict,
    {
        "title": Key(shape=TITLE, doc="Title; default: Post-mortem."),
        "date": Key(shape=shape.day(), doc="When it was written."),
        "authors": Key(shape=Many(shape.text(100), single=True), doc="Who wrote it."),
        "draft": Key(shape=shape.flag(), doc="true keeps it off the site; previews show it."),
    },
)
