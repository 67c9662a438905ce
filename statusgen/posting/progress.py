"""How far an event may be brought next, and which one is meant: the rules of the commands that post.

What makes no sense is refused with what to do instead. Nothing here writes; ``authoring`` does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from statusgen import incidents, occurrences, periods, status
from statusgen.errors import StatusgenError, UsageError, nearest, printable
from statusgen.model import CLOSED_PHASES, Event, Incident, Maintenance, Phase, State
from statusgen.occurrences import DATE_LENGTH, EARLY

AT_ONCE = 10 * periods.MINUTE  # within which nobody means to post the same update a second time
MOST_NAMED = 8


def chosen(events: Iterable[Event], wanted: str, is_meant: Callable[[Event], bool], what: str) -> Event:
    """Return the event of a name, or of a part that only one name has; without any, the only one that is meant.

    Those that are meant, ``what`` in the plural, come first where a part fits several. Raise StatusgenError.
    """
    named = {event.slug: event for event in events}
    meant = {slug: event for slug, event in named.items() if is_meant(event)}
    if not wanted:
        if len(meant) == 1:
            return next(iter(meant.values()))
        raise StatusgenError(f"name one of the {what}: {_few(meant)}" if meant else f"there are no {what}")
    part = part_of(wanted)
    if part in named:
        return named[part]
    for among in (meant, named):
        fitting = {slug: event for slug, event in among.items() if part in slug}
        if len(fitting) == 1:
            return next(iter(fitting.values()))
        if fitting:
            raise StatusgenError(f"'{printable(wanted)}' is part of several names, give more of it: {_few(fitting)}")
    near = nearest(part, named) or _with_a_word_like(part, {**named, **meant})
    hint = f" (did you mean '{near}'?)" if near else ""
    listed = f"{what}: {_few(meant)}" if meant else f"there are no {what}"
    raise StatusgenError(f"there is nothing named '{printable(wanted)}'{hint}; {listed}")


def part_of(wanted: str) -> str:
    """Return what somebody calls an event, or a path of its, as a part of names: all are lower-case, and phones write
    capitals.
    """
    return wanted.removeprefix(f"{incidents.FOLDER}/").removesuffix(".md").lower()


def _with_a_word_like(part: str, slugs: Iterable[str]) -> str:
    """Return the one name that has a word like this, empty where none or several have."""
    by_word: dict[str, set[str]] = {}
    for slug in slugs:
        for word in slug.split("-"):
            by_word.setdefault(word, set()).add(slug)
    near = nearest(part, (word for word in by_word if not word.isdecimal()))
    fitting = by_word[near] if near else set()
    return next(iter(fitting)) if len(fitting) == 1 else ""


def _few(events: Mapping[str, Event]) -> str:
    slugs = sorted(events, reverse=True)
    more = f" and {len(slugs) - MOST_NAMED} more" if len(slugs) > MOST_NAMED else ""
    return ", ".join(slugs[:MOST_NAMED]) + more


def is_just_told(event: Event, now: int) -> bool:
    """Tell whether the last word about an event was said a moment ago."""
    return bool(event.updates) and now - event.updates[-1].at <= AT_ONCE


# Incidents


def is_open(event: Event, now: int) -> bool:
    """Tell whether an incident goes on, a draft included."""
    return isinstance(event, Incident) and status.phase_of(event, now) not in CLOSED_PHASES


def after_update(incident: Incident, phase: Phase | None, changes: bool, now: int) -> Phase:
    """Return the state that an update gives an incident: ``phase``, else the one it has.

    Raise StatusgenError where it is resolved and nothing says which state is meant, or is to be opened again and
    nothing says what is affected.
    """
    present = status.phase_of(incident, now)
    if present in CLOSED_PHASES and phase is None:
        remedy = "add --state investigating to open it again, or --state resolved to add a last word"
        raise StatusgenError(f"{_since(incident, now)}: {remedy}")
    if present in CLOSED_PHASES and phase not in (None, present) and not changes:
        remedy = "to open it again, say what is affected, like --component api=partial_outage"
        raise StatusgenError(f"{_since(incident, now)}: {remedy}")
    return phase or present


def resolved(incident: Incident, now: int) -> Phase:
    """Return the state of a resolved incident; raise StatusgenError where it is resolved already."""
    if status.phase_of(incident, now) in CLOSED_PHASES:
        raise StatusgenError(f"{_since(incident, now)}: to add to it, use 'statusgen incident update --state resolved'")
    return Phase.RESOLVED


def refuse_broken(components: Iterable[tuple[str, State]]) -> None:
    """Raise UsageError where what is resolved would leave a component broken: nothing would be shown of it."""
    for id_, state in components:
        if state not in (State.OPERATIONAL, State.MAINTENANCE):
            raise UsageError(
                f"--component {id_}={state}: what is resolved leaves components operational (or under_maintenance); "
                "while one is not, use 'statusgen incident update'"
            )


def states(incident: Incident, now: int) -> dict[str, State]:
    """Return what an incident says of its components now; nothing once it is resolved."""
    if status.phase_of(incident, now) in CLOSED_PHASES:
        return {}
    told = (change for update in incident.updates if update.at <= now for change in update.components)
    return {**dict(incident.components), **dict(told)}


def _since(event: Event, now: int) -> str:
    end = status.end_of(event, now)
    since = "" if end is None else f" since {periods.date_and_time(end)}"
    return f"{event.slug} is {status.phase_of(event, now)}{since}"


# Maintenance


def occurrence(maintenance: Maintenance, date: str, now: int) -> Maintenance:
    """Return the one window that is meant, with what is told of it: of a series that of a date, else the present one.

    That is the latest which has begun, or begins within an hour, and if that is over the next. Raise UsageError for a
    date without a series, and for one that is none of its dates.
    """
    if maintenance.recurrence is None:
        if date:
            raise UsageError(
                f"--occurrence is for maintenance that repeats, and {maintenance.slug} does not: leave it out"
            )
        return maintenance
    told = [each for each in occurrences.told(maintenance, now) if isinstance(each, Maintenance)]
    dates = {date_of(each): each for each in told}
    if date and date not in dates:
        return _far(maintenance, date, _next_dates(dates, now))
    if not told:
        raise StatusgenError(f"{maintenance.slug} does not take place any more")
    return dates[date] if date else _present(told, now)


def _present(told: Sequence[Maintenance], now: int) -> Maintenance:
    begun = [each for each in told if each.start <= now + EARLY]
    ahead = [each for each in told if each.start > now + EARLY]
    if begun and (not ahead or status.phase_of(begun[-1], now) not in CLOSED_PHASES):
        return begun[-1]
    return ahead[0]


def _far(maintenance: Maintenance, date: str, known: str) -> Maintenance:
    """Return an occurrence that is too far ahead for anything to be told of it."""
    address = occurrences.slug(maintenance.slug, date)
    if not occurrences.is_occurrence(maintenance, address):
        raise UsageError(f"{maintenance.slug} has no occurrence on '{printable(date)}': {known}")
    found = next(each for each in occurrences.dated(maintenance) if each.date == date)
    alone = replace(maintenance, slug=address, series=maintenance.slug, recurrence=None, updates=())
    return replace(alone, start=found.start, end=found.end)


def date_of(occurrence: Maintenance) -> str:
    """Return the local date of an occurrence, empty for maintenance that does not repeat."""
    return occurrence.slug[1 - DATE_LENGTH :] if occurrence.series else ""


def _next_dates(dates: Mapping[str, Maintenance], now: int) -> str:
    ahead = [date for date, each in dates.items() if each.end > now]
    return f"the next are {', '.join(ahead[:4])}" if ahead else "no more are ahead"


def refusal(maintenance: Maintenance, phase: Phase, now: int) -> str:
    """Return why a maintenance, or an occurrence of one, cannot come to a state now, empty if it can."""
    present = status.phase_of(maintenance, now)
    if present in CLOSED_PHASES:
        return f"{_since(maintenance, now)}: schedule another one"
    is_written = any(update.phase is present for update in maintenance.updates if update.at <= now)
    if phase is present and is_written and phase is not Phase.SCHEDULED:
        return f"{maintenance.slug} is {present} already: to add to it, use 'statusgen maintenance update'"
    if phase is Phase.IN_PROGRESS and now < maintenance.start - EARLY:
        begins = periods.date_and_time(maintenance.start)
        return f"{maintenance.slug} begins on {begins}: start it then, or correct its window in {maintenance.path}"
    if phase in (Phase.VERIFYING, Phase.COMPLETED) and present is Phase.SCHEDULED:
        begins = periods.date_and_time(maintenance.start)
        return f"{maintenance.slug} has not begun (it will on {begins}): start it first, or cancel it"
    return ""


def can_come_to(event: Event, phase: Phase | None, now: int) -> bool:
    """Tell whether a maintenance can come to a state now, or without one whether it is not over."""
    if not isinstance(event, Maintenance):
        return False
    try:
        one = occurrence(event, "", now)
    except StatusgenError:
        return False
    return not refusal(one, phase, now) if phase else status.phase_of(one, now) not in CLOSED_PHASES


def refuse_whole_series(maintenance: Maintenance, now: int) -> None:
    """Raise UsageError where a series would be cancelled by leaving out which of its dates is meant."""
    if maintenance.recurrence is not None:
        told = [each for each in occurrences.told(maintenance, now) if isinstance(each, Maintenance)]
        ahead = _next_dates({date_of(each): each for each in told}, now)
        how = "call one off with --occurrence DATE, or all of them with --series"
        raise UsageError(f"{maintenance.slug} repeats: {how}; {ahead}")


def whole(maintenance: Maintenance, now: int) -> Maintenance:
    """Return a series as what can be cancelled: its next occurrence that is not over."""
    foremost = occurrences.foremost(maintenance, now)
    return foremost if isinstance(foremost, Maintenance) else replace(maintenance, recurrence=None)
