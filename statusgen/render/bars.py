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
from statusgen.views import Day

PITCH = 8
WIDTH = 6
HEIGHT = 34
LEAST = 10  # of HEIGHT: a one-minute outage is seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Something to draw: ``state`` is its class, ``title`` its text."""

    state: State
    x: int
    y: int
    width: int
    height: int
    title: str
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
    count = last[0] - first[0] + 1
    days = periods.date(first[1].start) + (f" – {periods.date(last[1].start)}" if count > 1 else "")
    return Mark(
        state=State.UNKNOWN,
        x=first[0] * PITCH,
        y=0,
        width=(count - 1) * PITCH + WIDTH,
        height=HEIGHT,
        title=f"{days}: no data",
    )


def _trouble(index: int, day: Day) -> Mark:
    """Draw the share of the day from the ground up, its root taken so that short trouble is seen."""
    seconds = day.tally.major + day.tally.partial + day.tally.degraded or day.tally.maintenance
    height = max(LEAST, min(HEIGHT, HEIGHT * isqrt(seconds * 10_000 // periods.DAY) // 100))
    return Mark(
        state=day.state,
        x=index * PITCH,
        y=HEIGHT - height,
        width=WIDTH,
        height=height,
        title=day.sentence,
        shaded=height < HEIGHT,
    )
