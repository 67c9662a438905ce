"""Maintenance that repeats: its windows, and which update is of which.

What was read is one ``Maintenance`` with a ``Recurrence``; ``told`` makes an ordinary one of every occurrence as of an
instant. Days are those of the zone's clocks; each occurrence has one, which is its name.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice, pairwise
from operator import attrgetter
from typing import NamedTuple

from statusgen import calendars, periods, recurrence
from statusgen.model import CLOSED_PHASES, Event, Maintenance, Phase, Repeats, Update

AHEAD = 90 * periods.DAY  # that occurrences are told of before they begin
MOST_AHEAD = 10
EARLY = periods.HOUR  # before its window that work on an occurrence may begin
_SHORTEST_DAY = 23 * periods.HOUR  # on which clocks are set forward
_LOOKED_AT = 400  # windows of a rule that are held against one another
DATE_LENGTH = len("-2026-12-06")  # what an occurrence's address has more than its file's


class Dated(NamedTuple):
    """An occurrence: its local date, like ``2026-12-06``, and its window.

    In order by one of the three they are in order by each, so that one of thousands is found by halves.
    """

    date: str
    start: int
    end: int


_DATE, _START, _END = (attrgetter(name) for name in Dated._fields)


def _found(course: Sequence[Dated], date: str) -> Dated | None:
    """Return the occurrence of a date; None if there is none among these."""
    i = bisect_left(course, date, key=_DATE)
    return course[i] if i < len(course) and course[i].date == date else None


def dated(maintenance: Maintenance) -> Iterator[Dated]:
    """Yield when a maintenance that repeats takes place by its rule, without what is excepted, in order.

    The wall clock decides: a time that the clocks leave out is read with the offset before the change (RFC 5545
    §3.3.5), of one that they show twice the first is taken. The first occurrence is at the very instant that was
    written. Each lasts as long as the first (§3.8.2.2).
    """
    repeats = maintenance.recurrence
    assert repeats is not None
    rule, exceptions = recurrence.parse(repeats.rule), frozenset(repeats.exceptions)
    first = calendars.wall_clock(repeats.zone, maintenance.start)
    for clock in recurrence.clocks(rule, first):
        start = maintenance.start if clock == first else calendars.instant_at(repeats.zone, clock)
        if recurrence.is_over(rule, clock, start):
            return
        if (date := clock.date().isoformat()) not in exceptions:
            yield Dated(date, start, start + maintenance.end - maintenance.start)


def misfit(maintenance: Maintenance) -> str:
    """Return what is wrong where the first window is no occurrence of the rule; empty if it is one."""
    repeats = maintenance.recurrence
    assert repeats is not None
    rule = recurrence.parse(repeats.rule)
    first = calendars.wall_clock(repeats.zone, maintenance.start)
    nearest = recurrence.nearest(rule, first)
    if nearest is None:
        return f"'{repeats.rule}' never comes true: correct it"
    if nearest != first:
        remedy = f"let it begin on {nearest:%Y-%m-%d %H:%M} in {repeats.zone}, or correct the rule"
        return f"the first window is no occurrence of '{repeats.rule}': {remedy}"
    if recurrence.is_over(rule, first, maintenance.start):
        return f"'{repeats.rule}' ends before the first window: correct UNTIL"
    if _meet(maintenance):
        return f"a window goes on when the next one by '{repeats.rule}' begins: shorten it, or repeat it less often"
    return ""


def _meet(maintenance: Maintenance) -> bool:
    """Tell whether one of the first windows overlaps the next; two never begin on one day."""
    length = maintenance.end - maintenance.start
    if length <= _SHORTEST_DAY:
        return False
    return any(later.start < earlier.end for earlier, later in pairwise(islice(dated(maintenance), _LOOKED_AT)))


def without_effect(maintenance: Maintenance) -> list[str]:
    """Return the exceptions that no occurrence falls on."""
    repeats = maintenance.recurrence
    if repeats is None or not repeats.exceptions:
        return []
    every = _Course(replace(maintenance, recurrence=replace(repeats, exceptions=())))
    return [date for date in repeats.exceptions if not every.has(date)]


# Whose updates are whose


class _Course:
    """The occurrences of a maintenance, worked out as far as they are asked for."""

    def __init__(self, maintenance: Maintenance) -> None:
        self._more = dated(maintenance)
        self._known: list[Dated] = []

    def _grow(self, is_enough: Callable[[Dated], bool]) -> None:
        while not (self._known and is_enough(self._known[-1])) and (each := next(self._more, None)):
            self._known.append(each)

    def until(self, instant: int) -> list[Dated]:
        """Return those that begin up to an instant, and the next one if there is any."""
        self._grow(lambda each: each.start > instant)
        return self._known[: bisect_right(self._known, instant, key=_START) + 1]

    def has(self, date: str) -> bool:
        self._grow(lambda each: each.date >= date)
        return _found(self._known, date) is not None

    def near(self, date: str) -> list[str]:
        """Return the dates just before and just after one."""
        self._grow(lambda each: each.date > date)
        before, after = (bisect(self._known, date, key=_DATE) for bisect in (bisect_left, bisect_right))
        return [each.date for each in (*self._known[max(0, before - 1) : before], *self._known[after : after + 1])]


def _course(maintenance: Maintenance) -> _Course:
    """Return its occurrences: what is known of the last few series is kept, as every page and check asks anew."""
    return _kept(replace(maintenance, updates=()))


@lru_cache(maxsize=4)
def _kept(series: Maintenance) -> _Course:
    return _Course(series)


def named(maintenance: Maintenance) -> Callable[[str], str]:
    """Return what checks the date in a line ``Occurrence:``; it raises ValueError with the remedy."""
    course = _course(maintenance)

    def check(text: str) -> str:
        calendars.day_start("UTC", text)
        if not course.has(text):
            near = " or ".join(course.near(text))
            raise ValueError(f"'{text}' is no occurrence: " + (f"write {near}" if near else "there is none at all"))
        return text

    return check


@dataclass(slots=True)
class _Assignment:
    """Gives each update to an occurrence, in the order of the file.

    ``course`` are those that there are, ``closed`` the dates of those that an update ended or called off, ``last`` is
    the one with which the series was called off.
    """

    course: list[Dated]
    closed: set[str]
    last: Dated | None = None

    def date_of(self, update: Update) -> str:
        """Return the date of an update's occurrence, empty where there is none."""
        date = update.occurrence or self._meant(update)
        found = _found(self.course, date)
        if found is None:
            return ""
        if update.phase in CLOSED_PHASES:
            self.closed.add(date)
        else:
            self.closed.discard(date)
        if update.phase is Phase.CANCELLED and not update.occurrence:
            self.last = found
            del self.course[bisect_right(self.course, found.start, key=_START) :]
        return date

    def _meant(self, update: Update) -> str:
        """Return what is meant without a line ``Occurrence:``: the next one, or the one that is worked on."""
        if update.phase in (Phase.SCHEDULED, Phase.CANCELLED):
            edge = _END if update.phase is Phase.SCHEDULED else _START
            ahead = range(bisect_right(self.course, update.at, key=edge), len(self.course))
            return next((date for i in ahead if (date := self.course[i].date) not in self.closed), "")
        begun = bisect_right(self.course, update.at + EARLY, key=_START)
        return self.course[begun - 1].date if begun else ""


def _assigned(maintenance: Maintenance, until: int) -> tuple[_Assignment, list[str]]:
    """Return the occurrences as of the updates, as far as an instant and one further, and each update's date.

    What was told of an occurrence that is called off with the series is told of its last one.
    """
    instants = [until, *(update.at + EARLY for update in maintenance.updates)]
    instants += [_after(update.occurrence) for update in maintenance.updates if update.occurrence]
    found = _Assignment(_course(maintenance).until(max(instants)), set())
    dates = [found.date_of(update) for update in maintenance.updates]
    if found.last is not None:
        dates = [min(date, found.last.date) for date in dates]
    return found, dates


def _after(date: str) -> int:
    """Return an instant by which a local date has ended in every zone."""
    return calendars.day_start("UTC", date) + 2 * periods.DAY


def told(event: Event, now: int) -> tuple[Event, ...]:
    """Return an event, or the occurrences of one that repeats, each as an ordinary maintenance, in order.

    Those are all that have begun by ``now``, those that begin in ``AHEAD``, ``MOST_AHEAD`` at most, the next one
    however far it is, and those of which something was told. Updates later than ``now`` are not known yet.
    """
    if not isinstance(event, Maintenance) or event.recurrence is None:
        return (event,)
    event = replace(event, updates=tuple(update for update in event.updates if update.at <= now))
    found, dates = _assigned(event, now + AHEAD)
    begun = [each for each in found.course if each.start <= now]
    ahead = found.course[len(begun) :]
    near = {each.date for each in ahead[:MOST_AHEAD] if each.start <= now + AHEAD}
    shown = {*near, *(each.date for each in ahead[:1]), *dates}
    own: dict[str, list[Update]] = {}
    for update, date in zip(event.updates, dates, strict=True):
        own.setdefault(date, []).append(update)
    alike, notices = _alike(event), _notices(event)
    return tuple(
        replace(
            alike,
            slug=slug(event.slug, date),
            start=start,
            end=end,
            updates=tuple(own.get(date, ())),
            notices=notices[: bisect_left(notices, end)],
        )
        for date, start, end in (*begun, *(each for each in ahead if each.date in shown))
    )


def _alike(series: Maintenance) -> Maintenance:
    """Return what all occurrences have in common."""
    assert series.recurrence is not None
    return replace(
        series,
        recurrence=None,
        series=series.slug,
        announced=min(_notices(series), default=None),
        repeats=Repeats(rule=series.recurrence.rule, zone=series.recurrence.zone, first=series.start),
    )


def _notices(series: Maintenance) -> tuple[int, ...]:
    """Return when something was announced of all occurrences."""
    return tuple(each.at for each in series.updates if each.phase is Phase.SCHEDULED and not each.occurrence)


def foremost(event: Event, now: int) -> Event | None:
    """Return of an event that repeats the occurrence that goes on or comes next, else the last one, if there is any."""
    found = told(event, now)
    ahead = (each for each in found if isinstance(each, Maintenance) and each.end > now)
    return next(ahead, found[-1] if found else None)


def slug(stem: str, date: str) -> str:
    """Return the address of an occurrence."""
    return f"{stem}-{date}"


def is_occurrence(maintenance: Maintenance, address: str) -> bool:
    """Tell whether an address is that of an occurrence."""
    stem, date = address[:-DATE_LENGTH], address[1 - DATE_LENGTH :]
    if maintenance.recurrence is None or stem != maintenance.slug or slug(stem, date) != address:
        return False
    try:
        calendars.day_start("UTC", date)
    except ValueError:
        return False
    return _course(maintenance).has(date)


def strays(maintenance: Maintenance) -> Iterator[tuple[int, str]]:
    """Yield updates that are of no occurrence, by line and what is wrong."""
    found, dates = _assigned(maintenance, maintenance.start)
    for update, date in zip(maintenance.updates, dates, strict=True):
        if not date:
            yield update.line, _stray(update, found)


def _stray(update: Update, found: _Assignment) -> str:
    if found.last is not None and (update.occurrence or update.phase in (Phase.SCHEDULED, Phase.CANCELLED)):
        return "comes after the series was cancelled: remove it, or begin a new file"
    if not found.course:
        return "is of no occurrence, as none takes place: correct 'except'"
    if update.phase in (Phase.SCHEDULED, Phase.CANCELLED):
        date = found.course[-1].date
        return f"comes after the last occurrence ({date}): add the line 'Occurrence: {date}', or remove it"
    date = found.course[0].date
    return f"comes before the first occurrence: add the line 'Occurrence: {date}', or correct the time"


def doubts(maintenance: Maintenance) -> Iterator[tuple[int, str]]:
    """Yield updates of which it is doubtful whose they are, by line and what to do."""
    found, dates = _assigned(maintenance, maintenance.start)
    windows = {each.date: each for each in found.course}
    before: dict[str, Update] = {}
    for update, date in zip(maintenance.updates, dates, strict=True):
        window, earlier = windows.get(date), before.get(date)
        before[date] = update
        if window is None or update.occurrence:
            continue
        if update.phase is Phase.CANCELLED:
            begun = bisect_right(found.course, update.at, key=_START)
            if begun and update.at < found.course[begun - 1].end:
                meant = f"add the line 'Occurrence: {found.course[begun - 1].date}' if that one alone is meant"
                yield update.line, f"ends the series, from the occurrence of {date} on: {meant}"
        elif update.phase is Phase.IN_PROGRESS and (
            update.at >= window.end or (earlier and earlier.phase in CLOSED_PHASES)
        ):
            after = bisect_right(found.course, date, key=_DATE)
            other = found.course[after].date if after < len(found.course) else date
            yield update.line, f"is of the occurrence of {date}, which is over: add the line 'Occurrence: {other}'"
