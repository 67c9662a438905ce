"""Which incidents and maintenances there are where somebody posts, on branches as well, and which is meant."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from statusgen import files, incidents, response, status
from statusgen.errors import Level, Problem, StatusgenError, UsageError
from statusgen.incidents import Reading
from statusgen.model import Event, Incident, Maintenance, Phase, State
from statusgen.posting import desks, progress
from statusgen.posting.desks import Desk
from statusgen.posting.waiting import Waiting, unmerged


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A row of a list: an event as of now. ``end`` is None until it is over, ``due`` where no update is promised.

    ``branch`` is named where the event waits on one of its own. ``until`` is when a maintenance is planned to end.
    """

    event: Event
    phase: Phase
    start: int
    end: int | None
    components: tuple[tuple[str, State], ...]
    due: int | None = None
    until: int | None = None
    date: str = ""
    branch: str = ""


def locate(
    desk: Desk, wanted: str, *, drafts: bool = False, every: bool = False, ends: bool = False
) -> tuple[Desk, Incident]:
    """Return the incident that is meant by its name, a part of one, or none, and where it is to be posted about.

    What is not here may wait on a branch incident/… of its own; the desk is then that branch's. ``drafts`` are
    meant alone, and closed ones, too; ``every`` counts any; where it ``ends``, the one that was resolved a moment
    ago counts if none is open. Raise StatusgenError where it is not clear which is meant, as while a file that may
    be it cannot be read, and UsageError where only the remote has it and nothing is to be pushed.
    """
    what = "incidents" if every else "drafts" if drafts else "open incidents"
    reading, waiting = _readings(desk, wanted)
    refuse_unread(reading, wanted, "incident")
    fits: Callable[[Event], bool] = partial(_is_meant, desk.now, drafts, every)
    if ends and not wanted:
        fits = _or_just_told(reading.events, fits, Incident, desk.now)
    event = as_incident(progress.chosen(reading.events, wanted, fits, what))
    return _desk_of(event, desk, waiting), event


def _readings(desk: Desk, wanted: str) -> tuple[Reading, dict[str, Waiting]]:
    """Return what is here, and unless that has the very name that is wanted, what waits, by path on which branch."""
    here = _reading(desk, wanted)
    if desk.place.branch or progress.part_of(wanted) in {event.slug for event in here.events}:
        return here, {}
    there, waiting = _waiting(desk, here.events, asks=desk.place.push)
    return Reading((*here.events, *there.events), (*here.problems, *there.problems)), waiting


def _desk_of(event: Event, desk: Desk, waiting: Mapping[str, Waiting]) -> Desk:
    """Return where an event is to be posted about; raise UsageError where only the remote has it, and none may push."""
    found = waiting.get(event.path)
    if not found:
        return desk
    if not (found.is_here or desk.place.push):
        remedy = "add --push (with --dry-run nothing is pushed)"
        raise UsageError(f"{event.slug} waits on branch {found.branch} of the remote, not here: {remedy}")
    return replace(desk, place=replace(desk.place, branch=found.branch))


def _is_meant(now: int, drafts: bool, every: bool, event: Event) -> bool:
    if every or drafts:
        return isinstance(event, Incident) and (every or event.draft)
    return progress.is_open(event, now)


def incidents_meant(desk: Desk, *, drafts: bool = False, every: bool = False) -> list[Event]:
    """Return all that ``locate`` may mean, as far as can be read, those on branches included."""
    here = desks.read(desk).events
    there, _ = _waiting(desk, here, asks=False)
    return [event for event in (*here, *there.events) if _is_meant(desk.now, drafts, every, event)]


def maintenance_meant(desk: Desk, phase: Phase | None) -> list[Event]:
    """Return all that ``find_maintenance`` may mean, as far as can be read."""
    here = desks.read(desk).events
    there, _ = _waiting(desk, here, asks=False)
    events = (*here, *there.events)
    fitting = _fitting(events, phase, desk.now)
    return [event for event in events if progress.can_come_to(event, fitting, desk.now)]


def _fitting(events: Iterable[Event], phase: Phase | None, now: int) -> Phase | None:
    """Return a state that a maintenance is to come to, None where none of them can."""
    return phase if any(progress.can_come_to(event, phase, now) for event in events) else None


def find_maintenance(desk: Desk, wanted: str, phase: Phase | None) -> tuple[Desk, Maintenance]:
    """Return the maintenance that is meant: without a name the one that can come to ``phase``, else is not over.

    And where it is to be posted about, as ``locate`` does. Raise StatusgenError where it is not clear which is meant,
    as while a file that may be it cannot be read, and UsageError where only the remote has it.
    """
    reading, waiting = _readings(desk, wanted)
    refuse_unread(reading, wanted, "maintenance")
    events = reading.events
    fitting = _fitting(events, phase, desk.now)
    what = (
        "windows of maintenance for which that makes sense" if fitting else "windows of maintenance that are not over"
    )
    fits: Callable[[Event], bool] = partial(progress.can_come_to, phase=fitting, now=desk.now)
    if phase and not wanted:
        fits = _or_just_told(events, fits, Maintenance, desk.now)
    event = as_maintenance(progress.chosen(events, wanted, fits, what))
    return _desk_of(event, desk, waiting), event


def _or_just_told(
    events: Iterable[Event], fits: Callable[[Event], bool], kind: type[Event], now: int
) -> Callable[[Event], bool]:
    """Return what is meant where nothing fits: the one event that came to its end just now, to be pushed after all."""
    told = {event.slug for event in events if isinstance(event, kind) and progress.is_just_told(event, now)}
    return fits if any(map(fits, events)) or len(told) != 1 else lambda event: event.slug in told


def _reading(desk: Desk, wanted: str = "") -> Reading:
    """Return what is at the place that is written to, and all that is wrong there with what cannot be read.

    Raise SourceError where the file of the very name that is wanted has an error.
    """
    reading = desks.read(desk)
    if not desk.place.branch:  # where a file that is no text at all is passed over
        known = {*(event.path for event in reading.events), *(problem.path for problem in reading.problems)}
        no_texts = files.read_markdown(desk.place.folder, incidents.FOLDER).problems
        more = (problem for problem in no_texts if problem.path not in known)
        reading = Reading(reading.events, (*reading.problems, *more))
    exact = f"{incidents.FOLDER}/{progress.part_of(wanted)}.md"
    if wrong := [each for each in reading.problems if each.path == exact and each.level is Level.ERROR]:
        raise desks.first(wrong)
    return reading


def refuse_unread(reading: Reading, wanted: str, kind: str) -> None:
    """Raise StatusgenError where a file that was left out whole may be what is meant; its name in full cannot be."""
    part, read = progress.part_of(wanted), {event.path: event.slug for event in reading.events}
    errors = [each for each in reading.problems if each.level is Level.ERROR and each.path not in read]
    files_of_kind = (each for each in errors if not incidents.is_postmortem(each.path))
    unread = [each for each in files_of_kind if part in each.path.removeprefix(f"{incidents.FOLDER}/").lower()]
    if not unread or part in read.values():
        return
    if wanted and not any(part in slug for slug in read.values()):
        raise desks.first(unread)
    remedy = "give more of its name" if wanted else f"name the {kind}"
    path, why = f"{unread[0].path}:{max(unread[0].line, 1)}", unread[0].message
    raise StatusgenError(
        f"which {kind} is meant cannot be told while {path} cannot be read ({why}): mend it, or {remedy}"
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
    there, waiting = _waiting(desk, here, asks=desk.place.push)
    branches = {path: f" (on branch {each.branch})" for path, each in waiting.items()}
    lines = list[str]()
    for event in (*here, *there.events):
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


def _waiting(desk: Desk, here: Iterable[Event], *, asks: bool) -> tuple[Reading, dict[str, Waiting]]:
    """Return what is read on branches of their own and is not here, and by path on which."""
    found = unmerged(desk.place.folder, asks=asks)
    known = {event.path for event in here}
    texts = {path: each.text for path, each in found.items() if path not in known}
    reading = incidents.read_all(texts, [component.id for component in desk.site.components])
    problems = tuple(
        replace(each, message=f"on branch {found[each.path].branch}: {each.message}") for each in reading.problems
    )
    return Reading(reading.events, problems), {path: found[path] for path in texts}


def listed(
    desk: Desk, *, everything: bool, maintenance: bool, fetch: bool = False
) -> tuple[tuple[Listed, ...], tuple[Problem, ...]]:
    """Return what is open or ahead, or ``everything``, and the errors of files that are not part of it.

    What waits on branches of its own is in it, that of the remote as last seen or with ``fetch`` as now; a draft that
    waits there stays, though it has ended meanwhile. Open ones come first, the newest first; then those ahead by when
    they begin, then what is over, the newest first.
    """
    here = _reading(desk)
    there, waiting = _waiting(desk, here.events, asks=fetch)
    branches = {path: each.branch for path, each in waiting.items()}
    of_kind = (e for e in (*here.events, *there.events) if isinstance(e, Maintenance if maintenance else Incident))
    rows = [replace(row, branch=branches.get(each.path, "")) for each in of_kind for row in _rows(each, desk)]
    kept = [row for row in rows if everything or row.end is None or (row.branch and row.event.draft)]
    errors = tuple(each for each in (*here.problems, *there.problems) if each.level is Level.ERROR)
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
    row = Listed(event=event, phase=phase, start=one.start, end=end, components=tuple(states.items()), until=one.end)
    return [replace(row, date=progress.date_of(one))]
