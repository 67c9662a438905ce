"""``incidents/*.md``: text to ``Incident``, ``Maintenance`` and ``Postmortem``.

Front matter, then one level-2 heading per update, oldest first, which ``updates`` reads. Posting an update appends
to the file. A file with an error is named and left out; the others are read. Of an incident only the updates and the
keys with an error are left out: a slip in the newest one must not take an outage that goes on off the page. A
maintenance is left out whole: without the update that cancels it, it would excuse time that it does not.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from statusgen import events, frontmatter, occurrences, periods, source, updates
from statusgen.digests import digest
from statusgen.drafting import drafts
from statusgen.errors import Level, Problem, SourceError
from statusgen.frontmatter import Front
from statusgen.model import (
    INCIDENT_PHASES,
    MAINTENANCE_PHASES,
    Event,
    Incident,
    Maintenance,
    Postmortem,
    State,
    Update,
)
from statusgen.names import ID_LENGTH, slug_of
from statusgen.shape import Notes, Rejected

Memory = MutableMapping[str, Any]  # what texts were read as, by a key that stands for all it hangs on

_Read = tuple[events.Plain | None, list[Problem]]
Spread = Callable[[Callable[[str], _Read], Sequence[str]], list[_Read]]

FOLDER = "incidents"
POSTMORTEM = ".postmortem.md"  # how the file of one ends, after the name of its incident
_ATTEMPTS = 3

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
        if plain and is_postmortem(path):
            postmortems[path.removesuffix(POSTMORTEM)] = events.decode_postmortem(plain)
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
        if is_postmortem(path):
            plain = events.encode_postmortem(read_postmortem(text, path, notes))
        else:
            plain = events.encode(read_event(text, path, components, notes))
    except SourceError as error:
        found = list(dict.fromkeys((*error.problems, *notes.problems)))
        return (None, found) if is_postmortem(path) else _remaining(path, text, components, found)
    return plain, list(notes.problems)


def _remaining(path: str, text: str, components: Collection[str], found: list[Problem]) -> _Read:
    """Return an incident without the updates and keys that have these problems; None where that leaves none.

    Without them others may no longer fit, or may be seen for the first time: so this is tried again.
    """
    told, faults = list(found), {problem.line for problem in found if problem.level is Level.ERROR}
    try:
        front, body, line = frontmatter.split(text, path)
        for _ in range(_ATTEMPTS):
            front = frontmatter.sound(front, {fault for fault in faults if fault < line}, components)
            body = updates.sound(body, line, {fault for fault in faults if fault >= line}, components)
            notes = Notes(path)
            with contextlib.suppress(SourceError):
                event = _event(text, path, (front, body, line), components, notes)
                told.sort(key=lambda problem: problem.line)
                is_private = not event.draft and frontmatter.is_kept_back(text)
                return (None, found) if isinstance(event, Maintenance) or is_private else (events.encode(event), told)
            told, faults = list(dict.fromkeys((*told, *notes.errors))), {problem.line for problem in notes.errors}
    except SourceError:
        pass
    return None, found


def is_postmortem(path: str) -> bool:
    """Tell whether a file is that of a post-mortem, by its name."""
    return path.endswith(POSTMORTEM)


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
    return _event(text, path, frontmatter.split(text, path), components, notes)


def _event(
    text: str, path: str, parts: tuple[source.Node, str, int], components: Collection[str], notes: Notes
) -> Event:
    """Return what the parts of a text tell, as ``split`` found them."""
    front, body, body_line = parts
    stem = slug_of(path)
    try:
        head = frontmatter.read(front, notes)
    except Rejected:
        raise SourceError(notes.problems) from None
    event = _Builder(notes, frozenset(components), stem).event(head, body, body_line)
    if notes.errors:
        raise SourceError(notes.problems)
    return replace(event, automatic=drafts.is_ours(text)) if isinstance(event, Incident) else event


def read_postmortem(text: str, path: str, notes: Notes) -> Postmortem:
    """Return the post-mortem; front matter is optional."""
    front, body, line = frontmatter.split(text, path, optional=True)
    try:
        values = frontmatter.POSTMORTEM.read(front, "front matter", notes)
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


@dataclass(frozen=True, slots=True)
class _Builder:
    """Puts front matter and sections together, noting what does not fit."""

    notes: Notes
    known: frozenset[str]
    slug: str

    def event(self, head: Front, body: str, first_line: int) -> Event:
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

    def check_incident(self, head: Front, told: tuple[Update, ...]) -> None:
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
            first = periods.date_and_time(told[0].at)
            message = f"'started' is later than the first update ({first}): correct one of the two"
            self.notes.reject(head.line_of("started"), message)

    def incident(self, head: Front, introduction: str, told: tuple[Update, ...]) -> Incident:
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

    def check_maintenance(self, head: Front, told: tuple[Update, ...]) -> None:
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

    def series(self, head: Front) -> Maintenance | None:
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

    def maintenance(self, head: Front, introduction: str, told: tuple[Update, ...]) -> Maintenance:
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
