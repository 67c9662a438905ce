"""Error budgets: what an objective allows in a period, how much of it is used, and how fast it goes.

A component's seconds are counted once (``reckon``); objectives about several components add them up (``accounts``).
The rules are those of docs/numbers.md, 11 to 14. Budgets are milliseconds, as weights are per mille of a second; what
is allowed is cut, so no budget is ever told larger than it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from statusgen import availability, calendars, periods
from statusgen.availability import Tally, Timeline, percent
from statusgen.intervals import EMPTY, Intervals
from statusgen.model import TROUBLE, Component, Event, Maintenance, State
from statusgen.promises import MaintenanceRule, Objective

BURN_WINDOWS = (("1h", periods.HOUR), ("6h", 6 * periods.HOUR), ("3d", 3 * periods.DAY))


class Span(NamedTuple):
    """A period of an objective: its name, and from when until when it goes, be that ahead."""

    name: str
    start: int
    end: int
    is_present: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoning:
    """One component's seconds under an objective: by period, and in the windows that burn rates are told of.

    ``short`` are each period's seconds of outages too short to count, ``to_come`` those that lie ahead.
    """

    tallies: tuple[Tally, ...]
    short: tuple[int, ...]
    to_come: tuple[int, ...]
    burn: tuple[Tally, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """How an objective stands in a period, which is partial where the promise began in it.

    Seconds are those of all its components together.

    ``attained`` and ``coverage`` are text in per cent, None where nothing is known, and so is ``is_met``. ``credit``
    is what customers get back, in per cent, None for nothing, of an open period if it ended now. ``short`` are seconds
    of outages that were too short to count, ``corrections`` the slugs of those that touch it.
    """

    name: str
    start: int
    end: int
    is_open: bool
    is_partial: bool
    tally: Tally
    attained: str | None
    coverage: str | None
    is_met: bool | None
    allowed_ms: int
    used_ms: int
    credit: str | None
    short: int
    corrections: tuple[str, ...]

    @property
    def remaining_ms(self) -> int:
        """What is left of the budget; less than nothing where more was used than is allowed."""
        return self.allowed_ms - self.used_ms

    @property
    def used_percent(self) -> int:
        """How much of the budget is used, rounded up; 100 where anything is and nothing is allowed."""
        if self.allowed_ms <= 0:
            return 100 if self.used_ms else 0
        return -(-self.used_ms * 100 // self.allowed_ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Burn:
    """How fast the budget went in a window, in hundredths: at 100 it lasts exactly for the period.

    None where nothing is known.
    """

    window: str
    seconds: int
    hundredths: int | None

    @property
    def rate(self) -> str | None:
        """The same as a number with two decimals."""
        return None if self.hundredths is None else f"{self.hundredths // 100}.{self.hundredths % 100:02}"


def spans(objective: Objective, first: int, now: int) -> list[Span]:
    """Return the periods of an objective, the present one first, back to the one of ``first``.

    Periods of so many days end now, and before that with each month of the calendar that is over.
    """
    first = objective.starts(first)
    if first > now:
        return []
    if months := objective.period.months:
        names = calendars.periods_between(objective.zone, months, first, now)
        told = ((name, *calendars.period_span(objective.zone, name)) for name in names)
        return [Span(name, start, end, start <= now < end) for name, start, end in told]
    length = objective.period.days * periods.DAY
    ends = [(name, calendars.period_span(objective.zone, name)[1]) for name in _months(objective, first, now)[1:]]
    days = f"{objective.period.days}d"
    rolled = [Span(f"{days} to the end of {name}", end - length, end, False) for name, end in ends]
    return [Span(days, now - length, now, True), *rolled]


def _months(objective: Objective, first: int, now: int) -> list[str]:
    return list(calendars.periods_between(objective.zone, 1, first, now))


def reckon(
    objective: Objective,
    component: Component,
    line: Timeline,
    events: Iterable[Event],
    told: Sequence[Span],
    now: int,
) -> Reckoning:
    """Count a component's seconds under an objective's own rules for what does not count."""
    excluded = _excluded(objective, component, line, events, now + 1)
    short = _short(objective, line)
    lasting = {state: line.trouble[state] - (short if state is not State.DEGRADED else EMPTY) for state in TROUBLE}
    counted = replace(line, excluded=excluded, trouble=lasting)
    since = objective.starts(component.since or 0)
    return Reckoning(
        tallies=tuple(
            availability.tally(counted, component, objective.starts(start), min(end, now)) for _, start, end, _ in told
        ),
        short=tuple(((short - excluded).clip(max(start, since), min(end, now))).seconds for _, start, end, _ in told),
        to_come=tuple(max(0, end - max(now, start, since)) for _, start, end, _ in told),
        burn=tuple(
            availability.tally(counted, component, objective.starts(now - length), now) for _, length in BURN_WINDOWS
        ),
    )


def _short(objective: Objective, line: Timeline) -> Intervals:
    """Return outages that are too short to count.

    An outage goes from where it is first known to where it is last known: across the end of a period, through
    maintenance whether that is left out or not, and through time of which nothing is known.
    """
    outages = line.trouble[State.MAJOR] | line.trouble[State.PARTIAL]
    if not (least := objective.policy.least_outage) or not outages:
        return EMPTY
    whole = Intervals([(outages.spans[0][0], outages.spans[-1][1])])
    stretches = outages | (whole - line.known)
    told = (outages.clip(start, end).spans for start, end in stretches)
    return Intervals(span for spans in told if spans and spans[-1][1] - spans[0][0] < least for span in spans)


def _excluded(
    objective: Objective, component: Component, line: Timeline, events: Iterable[Event], until: int
) -> Intervals:
    """Return the maintenance that is left out: announced in time, and of each month no more than the cap."""
    policy = objective.policy
    if policy.maintenance is MaintenanceRule.COUNT:
        return EMPTY
    planned = (e for e in events if isinstance(e, Maintenance) and e.is_announced(policy.announced))
    windows = availability.maintenance_windows(component.id, planned, until) & line.maintenance
    windows = windows.clip(objective.begins or 0, until)  # what came before the promise takes nothing from its cap
    if policy.cap is None or not windows:
        return windows
    names = calendars.periods_between(objective.zone, 1, windows.spans[0][0], windows.spans[-1][1])
    months = (windows.clip(*calendars.period_span(objective.zone, name)) for name in names)
    return Intervals(span for month in months for span in month.first(policy.cap))


# Adding up


def accounts(
    objective: Objective,
    told: Sequence[Span],
    members: Sequence[Reckoning],
    corrections: Sequence[tuple[str, int, int]],
    now: int,
) -> Iterator[Account]:
    """Yield an objective's account of each period in which it says anything, the present one first.

    ``corrections`` are slug, start and end of those that concern its components.
    """
    for i, span in enumerate(told):
        tally = sum((member.tallies[i] for member in members), Tally())
        to_come = sum(member.to_come[i] for member in members)
        if tally.window or to_come:
            begin, end = objective.starts(span.start), min(span.end, now)
            short = sum(member.short[i] for member in members)
            touching = tuple(slug for slug, start, stop in corrections if start < end and begin < stop)
            yield _account(objective, span, tally, short, to_come, touching)


def _account(
    objective: Objective, span: Span, tally: Tally, short: int, to_come: int, corrections: tuple[str, ...]
) -> Account:
    target = objective.target
    known, used = tally.known * 1_000, tally.lost_ms(objective.policy)
    return Account(
        name=span.name,
        start=objective.starts(span.start),
        end=span.end,
        is_open=span.is_present,
        is_partial=objective.starts(span.start) > span.start,
        tally=tally,
        attained=percent(known - used, known, max(2, target.decimals)),
        coverage=tally.coverage,
        is_met=target.is_reached_by(known - used, known) if known else None,
        allowed_ms=(known + to_come * 1_000) * (target.whole - target.part) // target.whole,
        used_ms=used,
        credit=_credit(objective, known - used, known),
        short=short,
        corrections=corrections,
    )


def _credit(objective: Objective, part: int, whole: int) -> str | None:
    """Return the credit of the lowest tier that is not reached."""
    if not whole:
        return None
    due = [credit.percent for credit in objective.credits if not credit.below.is_reached_by(part, whole)]
    return due[-1] if due else None


def burns(objective: Objective, members: Sequence[Reckoning]) -> tuple[Burn, ...]:
    """Return the burn rate in each of ``BURN_WINDOWS``, rounded up to two decimals."""
    return tuple(
        Burn(window=name, seconds=seconds, hundredths=_rate(objective, _burnt(members, i)))
        for i, (name, seconds) in enumerate(BURN_WINDOWS)
    )


def _burnt(members: Sequence[Reckoning], window: int) -> Tally:
    return sum((member.burn[window] for member in members), Tally())


def _rate(objective: Objective, tally: Tally) -> int | None:
    if not tally.known:
        return None
    target = objective.target
    lost = tally.lost_ms(objective.policy) * target.whole
    return -(-lost * 100 // (tally.known * 1_000 * (target.whole - target.part)))


def ends(objective: Objective, present: Account, members: Sequence[Reckoning], now: int) -> int | None:
    """Return when the budget of the present period ends if the last three days go on; None if it lasts.

    Nothing is foretold of a budget that is used up, nor of time that is not known.
    """
    burnt = _burnt(members, -1)
    lost = burnt.lost_ms(objective.policy)
    if present.remaining_ms < 0 or not lost:
        return None
    at = now + present.remaining_ms * burnt.known // (lost * len(members))
    horizon = present.end if objective.period.months else now + objective.period.days * periods.DAY
    return at if at < horizon else None
