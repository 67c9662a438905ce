"""Which incidents and maintenances there are where somebody posts, on branches as well, and which is meant."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from statusgen import incidents, response, status
from statusgen.drafting import pending
from statusgen.drafting.pending import Waiting
from statusgen.errors import Level, Problem, StatusgenError, UsageError
from statusgen.model import Event, Incident, Maintenance, Phase, State
from statusgen.posting import desks, progress
from statusgen.posting.desks import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A row of a list: an event as of now. ``end`` is None until it is over, ``due`` where no update is promised.

    ``branch`` is named where the event waits on one of its own.
    """

    event: Event
    phase: Phase
    start: int
    end: int | None
    components: tuple[tuple[str, State], ...]
    due: int | None = None
    date: str = ""
    branch: str = ""


def find_incident(desk: Desk, wanted: str, *, every: bool = False) -> Incident:
    """Return the incident that is meant by a name, a part of one, or none: the open one, or where ``every`` counts any.

    Raise StatusgenError; where the file of that name has an error, that is what is said.
    """

    def is_meant(event: Event) -> bool:
        return isinstance(event, Incident) if every else progress.is_open(event, desk.now)

    what = "incidents" if every else "open incidents"
    return as_incident(progress.chosen(_readable(desk, wanted), wanted, is_meant, what))


def locate(desk: Desk, wanted: str, *, drafts: bool = False) -> tuple[Desk, Incident]:
    """Return the incident that is meant, as ``find_incident`` does, and where it is to be posted about.

    What is not here may wait on a branch incident/… of its own; the desk is then that branch's. Raise UsageError where
    only the remote has it and nothing is to be pushed. ``drafts`` are meant alone, and closed ones, too.
    """

    def is_meant(event: Event) -> bool:
        return isinstance(event, Incident) and event.draft if drafts else progress.is_open(event, desk.now)

    what = "drafts" if drafts else "open incidents"
    here = _readable(desk, wanted)
    is_here = any(is_meant(event) for event in here) if not wanted else any(event.slug == wanted for event in here)
    if is_here or desk.place.branch:
        return desk, as_incident(progress.chosen(here, wanted, is_meant, what))
    waiting = _waiting(desk, here, asks=desk.place.push)
    events = {event.path: event for event, _ in waiting}
    event = as_incident(progress.chosen([*here, *events.values()], wanted, is_meant, what))
    found = next((each for other, each in waiting if other.path == event.path), None)
    if not found:
        return desk, event
    if not (found.is_here or desk.place.push):
        raise UsageError(f"{event.slug} waits on branch {found.branch} of the remote, not here: add --push")
    return replace(desk, place=replace(desk.place, branch=found.branch)), event


def find_maintenance(desk: Desk, wanted: str, phase: Phase | None) -> Maintenance:
    """Return the maintenance that is meant: without a name the one that can come to ``phase``, else is not over."""
    events = _readable(desk, wanted)
    fitting = phase if any(progress.can_come_to(event, phase, desk.now) for event in events) else None
    what = (
        "windows of maintenance for which that makes sense" if fitting else "windows of maintenance that are not over"
    )
    return as_maintenance(
        progress.chosen(events, wanted, lambda event: progress.can_come_to(event, fitting, desk.now), what)
    )


def as_incident(event: Event) -> Incident:
    if not isinstance(event, Incident):
        raise StatusgenError(f"{event.slug} is a maintenance: use 'statusgen maintenance'")
    return event


def as_maintenance(event: Event) -> Maintenance:
    if not isinstance(event, Maintenance):
        raise StatusgenError(f"{event.slug} is an incident: use 'statusgen incident'")
    return event


def named_already(desk: Desk, affected: Collection[str], *, is_another: bool) -> tuple[str, ...]:
    """Return a line for each incident that is open, drafts on branches included, and names one of these components.

    Raise StatusgenError where one is a draft that the program wrote, unless it ``is_another`` that is begun.
    """
    if not affected:
        return ()
    here = desks.read(desk).events
    waiting = _waiting(desk, here, asks=desk.place.push)
    branches = {event.path: f" (on branch {each.branch})" for event, each in waiting}
    lines = list[str]()
    for event in (*here, *(event for event, _ in waiting)):
        names = _names_of(desk, event, affected)
        if not names:
            continue
        kind = "draft" if event.draft else "incident"
        which = f"the open {kind} {event.slug}{branches.get(event.path, '')}"
        named = f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} named by {which}"
        if event.draft and isinstance(event, Incident) and event.automatic and not is_another:
            raise StatusgenError(
                f"{named}, which was written when an outage was found: make that public with "
                f"'statusgen incident publish {event.slug}', or add --slug NAME to begin another one"
            )
        lines.append(f"{named}: 'statusgen incident update {event.slug}' adds to it")
    return tuple(lines)


def _names_of(desk: Desk, event: Event, wanted: Collection[str]) -> list[str]:
    """Return the names of the wanted components that an open incident is about."""
    if not (isinstance(event, Incident) and progress.is_open(event, desk.now)):
        return []
    states = progress.states(event, desk.now)
    return [each.name for each in desk.site.components if each.id in wanted and each.id in states]


def _waiting(desk: Desk, here: Iterable[Event], *, asks: bool) -> list[tuple[Event, Waiting]]:
    """Return the events on branches of their own that are not here."""
    found = pending.waiting(desk.place.folder, asks=asks)
    known = {event.path for event in here}
    texts = {path: each.text for path, each in found.items() if path not in known}
    ids = [component.id for component in desk.site.components]
    return [(event, found[event.path]) for event in incidents.read_all(texts, ids).events]


def _readable(desk: Desk, wanted: str) -> tuple[Event, ...]:
    reading = desks.read(desk)
    exact = f"{incidents.FOLDER}/{wanted.removeprefix('incidents/').removesuffix('.md')}.md"
    if wrong := [each for each in reading.problems if each.path == exact and each.level is Level.ERROR]:
        raise desks.first(wrong)
    return reading.events


def listed(
    desk: Desk, *, everything: bool, maintenance: bool, fetch: bool = False
) -> tuple[tuple[Listed, ...], tuple[Problem, ...]]:
    """Return what is open or ahead, or ``everything``, and the errors of files that are not part of it.

    Incidents that wait on branches of their own are in it, those of the remote as last seen or with ``fetch`` as now.
    Open ones come first, the newest first; then those ahead by when they begin, then what is over, the newest first.
    """
    reading = desks.read(desk)
    of_kind = [event for event in reading.events if isinstance(event, Maintenance if maintenance else Incident)]
    rows = [row for event in of_kind for row in _rows(event, desk)]
    if not maintenance:
        for event, each in _waiting(desk, reading.events, asks=fetch):
            rows += [replace(row, branch=each.branch) for row in _rows(event, desk) if isinstance(event, Incident)]
    kept = [row for row in rows if everything or row.end is None]
    errors = tuple(problem for problem in reading.problems if problem.level is Level.ERROR)
    return tuple(sorted(kept, key=_in_order)), errors


def _in_order(row: Listed) -> tuple[int, int, str]:
    if row.phase is Phase.SCHEDULED:
        return 1, row.start, row.event.slug
    return (0 if row.end is None else 2), -row.start, row.event.slug


def _rows(event: Event, desk: Desk) -> Iterable[Listed]:
    phase, end = status.phase_of(event, desk.now), status.end_of(event, desk.now)
    if isinstance(event, Incident):
        states = progress.states(event, desk.now) or (status.affected(event) if end is not None else {})
        due = response.due(event, desk.site.support, desk.now)
        start = event.started
        return [Listed(event=event, phase=phase, start=start, end=end, components=tuple(states.items()), due=due)]
    try:
        one = progress.occurrence(event, "", desk.now)
    except StatusgenError:
        one = progress.whole(event, desk.now)
    phase, end = status.phase_of(one, desk.now), status.end_of(one, desk.now)
    states = dict.fromkeys(event.components, State.MAINTENANCE)
    date = progress.date_of(one)
    return [
        Listed(event=event, phase=phase, start=one.start, end=end, components=tuple(states.items()), date=date),
    ]
