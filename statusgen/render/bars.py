"""A component's days as a drawing: only what differs from a quiet day.

The template draws one run of quiet days and lays these marks over it, so that a thousand components of ninety
days stay small. Lengths are in the units of the drawing: a day is ``PITCH`` wide, the whole ``HEIGHT`` high.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from math import isqrt

from statusgen import periods
from statusgen.model import State
from statusgen.views import Day, Window

PITCH = 8
WIDTH = 6
HEIGHT = 34
LEAST = 10  # of HEIGHT: a one-minute outage is seen
MONTH = 100  # the width of a month's bar
LEAST_OF_MONTH = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Something to draw: ``state`` is its class. ``day`` is what it tells of, up to ``last`` where nothing is known."""

    state: State
    x: int
    y: int
    width: int
    height: int
    day: Day
    last: Day
    shaded: bool = False  # whether the rest of the day is tinted, so that short trouble stands out


def marks(days: Sequence[Day]) -> list[Mark]:
    """Return the marks of days in time order; neighbouring days without data are one."""
    drawn: list[Mark] = []
    for is_empty, run in groupby(enumerate(days), key=lambda pair: pair[1].state is State.UNKNOWN):
        numbered = list(run)
        if is_empty:
            drawn.append(_empty(numbered[0], numbered[-1]))
        else:
            drawn += [_trouble(i, day) for i, day in numbered if not day.is_quiet]
    return drawn


def _empty(first: tuple[int, Day], last: tuple[int, Day]) -> Mark:
    return Mark(
        state=State.UNKNOWN,
        x=first[0] * PITCH,
        y=0,
        width=(last[0] - first[0]) * PITCH + WIDTH,
        height=HEIGHT,
        day=first[1],
        last=last[1],
    )


def _trouble(index: int, day: Day) -> Mark:
    """Draw the share of the day from the ground up, its root taken so that short trouble is seen."""
    seconds = day.tally.major + day.tally.partial + day.tally.degraded or day.tally.maintenance
    height = max(LEAST, _root_of(seconds, periods.DAY, HEIGHT))
    return Mark(
        state=day.state,
        x=index * PITCH,
        y=HEIGHT - height,
        width=WIDTH,
        height=height,
        day=day,
        last=day,
        shaded=height < HEIGHT,
    )


def _root_of(part: int, whole: int, length: int) -> int:
    """Return the part of a length that is the root of a share, at most all of it: short trouble is seen as well."""
    return min(length, length * isqrt(part * 10_000 // whole) // 100)


def lost(window: Window) -> int:
    """Return how much of ``MONTH`` is to be drawn for a month's downtime; 0 only for none."""
    if not window.tally.down:
        return 0
    return max(LEAST_OF_MONTH, _root_of(window.tally.down, max(window.tally.known, 1), MONTH))


def by_month(days: Sequence[Day]) -> list[tuple[str, list[Day | None]]]:
    """Return days by month, the newest first, each as 31 places; None where there is no such day, or it is not told."""
    rows = []
    for month, each in groupby(days, key=lambda day: periods.month_of(day.start)):
        told = {int(periods.iso_day(day.start)[8:]): day for day in each}
        rows.append((month, [told.get(number) for number in range(1, 32)]))
    return rows[::-1]
