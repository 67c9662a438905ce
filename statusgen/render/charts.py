"""Response times over time as a drawing: three lines, two axes, and the outages behind them.

The scale is linear, begins at zero and ends above the slowest point: nothing is cut off or compressed, so a line that
looks twice as high is twice as slow. One slow point may therefore press the rest to the ground; ``peak`` names it, for
the page to say so.

A drawing is as wide as the page lets it be. So what stands at an instant has its ``x`` as text in per cent, and heights
are pixels from the top. Only the lines, which SVG cannot give per cents, are in units of a box of ``BOX_WIDTH`` by
``BOX_HEIGHT`` that is stretched over the same area.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar

from statusgen import periods
from statusgen.latency import Latency, Point
from statusgen.model import State
from statusgen.views import LATENCY_WINDOWS, ComponentView, LatencyRow

HEIGHT = 180  # pixels: what 2, 3 and 4 divide
BOX_WIDTH, BOX_HEIGHT = 10_000, 10 * HEIGHT  # a hundredth of a per cent, a tenth of a pixel
LEAST_BAND = 40  # of BOX_WIDTH: an outage of a minute is seen, and can be pointed at
LABEL_GAP = 14  # pixels between the middles of two labels
LABEL_EDGE = 5  # pixels between the middle of a label and the end of the drawing
MOST_ROWS = 4  # above zero
MOST_COLUMNS = 7
ROOMY_COLUMNS = 5  # so many fit on a phone

PERCENTILES = ("p50", "p95", "p99")
HOUR_STEPS = tuple(count * periods.HOUR for count in (1, 2, 4, 8, 12, 24))
DAY_STEPS = tuple(count * periods.DAY for count in (1, 7, 14, 28, 56))
MONDAY = 4 * periods.DAY  # the first one after the epoch: steps of weeks begin on Mondays

OutageSpan = tuple[int, int | None, State]  # start, end (None while it lasts), how bad


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the grid: ``value`` milliseconds."""

    value: int
    y: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A mark of the time axis: an instant, or a whole day (``is_day``) at its middle, where its point is.

    A midnight among hours is told as a day as well. ``is_minor`` may be left out where there is little room.
    """

    at: int
    x: str
    is_day: bool
    is_minor: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One percentile. ``path`` is where points have neighbours, ``dots`` those that stand alone; either may be empty.

    ``x`` is where the line ends, ``y`` where its label goes, far enough from the others'.
    """

    name: str
    path: str
    dots: str
    x: str
    y: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """``count`` outages that are too near to be drawn apart; ``end`` is None while the last one lasts."""

    start: int
    end: int | None
    state: State
    count: int
    x: str
    width: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A drawing of points. ``peak`` is the one with the highest p99, ``median`` the lowest and the highest p50.

    ``lines`` are in the order of drawing: the slowest first, so that the median lies on top. ``by_hour`` tells that
    points are hours, not days.
    """

    height: ClassVar[int] = HEIGHT
    box: ClassVar[str] = f"0 0 {BOX_WIDTH} {BOX_HEIGHT}"
    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    bands: tuple[Band, ...]
    peak: Point
    median: tuple[int, int]
    by_hour: bool


@dataclass(frozen=True, slots=True)
class _Area:
    """What the drawing spans: instants in ``[start, end)``, and milliseconds up to ``top``."""

    start: int
    end: int
    top: int

    def x(self, instant: int) -> int:
        return _nearest((instant - self.start) * BOX_WIDTH, self.end - self.start)

    def y(self, milliseconds: int) -> int:
        return BOX_HEIGHT - _nearest(milliseconds * BOX_HEIGHT, self.top)

    def place(self, point: Point) -> int:
        """Return the x of a point: the middle of its time."""
        return self.x(point.start + point.seconds // 2)


def chart(points: Sequence[Point], outages: Iterable[OutageSpan], until: int) -> Chart | None:
    """Draw points that follow each other without a pause, and the outages up to ``until``; None without any answer."""
    told = [(point, point.latency) for point in points if point.latency]
    if not told:
        return None
    values = steps(max(latency.p99 for _, latency in told))
    area = _Area(points[0].start, points[-1].start + points[-1].seconds, values[-1])
    medians = [latency.p50 for _, latency in told]
    return Chart(
        rows=tuple(Row(value=value, y=area.y(value) * HEIGHT // BOX_HEIGHT) for value in values),
        columns=tuple(_columns(area, points[0].seconds)),
        lines=tuple(_lines(area, points, told[-1])),
        bands=tuple(_bands(area, outages, min(until, area.end))),
        peak=max(told, key=lambda pair: (pair[1].p99, -pair[0].start))[0],
        median=(min(medians), max(medians)),
        by_hour=points[0].seconds < periods.DAY,
    )


def steps(most: int) -> tuple[int, ...]:
    """Return 3 to 5 round numbers from 0 to ``most`` or more, apart by 1, 2 or 5 times a power of ten."""
    step, factor = 1, 1
    while step * factor * MOST_ROWS < most:
        step, factor = {1: (2, factor), 2: (5, factor), 5: (1, factor * 10)}[step]
    count = max(2, -(-most // (step * factor)))
    return tuple(i * step * factor for i in range(count + 1))


# The time axis


def _columns(area: _Area, seconds: int) -> Iterator[Column]:
    """Yield at most ``MOST_COLUMNS`` marks, on hours that divide the day, on days, or on Mondays."""
    length = area.end - area.start
    by_day = seconds >= periods.DAY
    choices = DAY_STEPS if by_day else HOUR_STEPS
    step = next((each for each in choices if length <= each * MOST_COLUMNS), choices[-1])
    first = area.start + (MONDAY - area.start) % step
    marks = range(first, area.end, step)
    for at in marks:
        yield Column(
            at=at,
            x=_percent(area.x(at + seconds // 2 if by_day else at)),
            is_day=at % periods.DAY == 0,
            is_minor=len(marks) > ROOMY_COLUMNS and (at - MONDAY) // step % 2 == 1,
        )


# Lines


def _lines(area: _Area, points: Sequence[Point], last: tuple[Point, Latency]) -> Iterator[Line]:
    names = PERCENTILES[::-1]
    x = _percent(area.place(last[0]))
    ends = [_nearest(area.y(getattr(last[1], name)) * HEIGHT, BOX_HEIGHT) for name in names]
    for name, y in zip(names, apart(ends), strict=True):
        path, dots = _drawn(area, points, name)
        yield Line(name=name, path=path, dots=dots, x=x, y=y)


def _drawn(area: _Area, points: Sequence[Point], name: str) -> tuple[str, str]:
    """Return the path of a percentile and that of its lone points, which a line without length would not show."""
    path, dots = "", ""
    for is_told, run in groupby(points, key=lambda point: point.latency is not None):
        if not is_told:
            continue
        first, *others = (f"{area.place(point)} {area.y(getattr(point.latency, name))}" for point in run)
        if others:
            path += f"M{first}L{' '.join(others)}"
        else:
            dots += f"M{first}h0"
    return path, dots


def apart(ys: Sequence[int]) -> tuple[int, ...]:
    """Move the heights of labels, given from the top, as little as keeps them apart and within the drawing."""
    pools: list[tuple[int, int]] = []  # sum of, and how many, heights that have become one; each less its rank's gap
    for rank, y in enumerate(ys):
        total, count = y - rank * LABEL_GAP, 1
        while pools and pools[-1][0] * count >= total * pools[-1][1]:
            above = pools.pop()
            total, count = total + above[0], count + above[1]
        pools.append((total, count))
    least, most = LABEL_EDGE, HEIGHT - LABEL_EDGE - (len(ys) - 1) * LABEL_GAP
    settled = [max(least, min(most, total // count)) for total, count in pools for _ in range(count)]
    return tuple(y + rank * LABEL_GAP for rank, y in enumerate(settled))


# Outages


def _bands(area: _Area, outages: Iterable[OutageSpan], until: int) -> Iterator[Band]:
    """Yield the outages within the area in time order; those whose bands touch are one, as bad as the worst."""
    pool: list[OutageSpan] = []
    right = 0
    for outage in sorted(outages, key=lambda outage: (outage[0], outage[2].gravity)):
        start, end = max(outage[0], area.start), min(until if outage[1] is None else outage[1], until)
        if start >= end:
            continue
        if pool and _left(area, start) > right:
            yield _band(area, pool, right)
            pool = []
        right = max(right if pool else 0, area.x(end), _left(area, start) + LEAST_BAND)
        pool.append(outage)
    if pool:
        yield _band(area, pool, right)


def _left(area: _Area, start: int) -> int:
    """Return where a band begins: early enough that the narrowest one stays within the drawing."""
    return min(area.x(max(start, area.start)), BOX_WIDTH - LEAST_BAND)


def _band(area: _Area, pool: Sequence[OutageSpan], right: int) -> Band:
    left = _left(area, pool[0][0])
    ends = [end for _, end, _ in pool if end is not None]
    return Band(
        start=pool[0][0],
        end=max(ends) if len(ends) == len(pool) else None,
        state=max((state for _, _, state in pool), key=lambda state: state.gravity),
        count=len(pool),
        x=_percent(left),
        width=_percent(right - left),
    )


def _nearest(dividend: int, divisor: int) -> int:
    """Divide and round to the nearest integer, halves up."""
    return (2 * dividend + divisor) // (2 * divisor)


def _percent(x: int) -> str:
    """Write a part of ``BOX_WIDTH``: ``12.34%``."""
    return f"{x // 100}.{x % 100:02}%"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A window of a check: its name, what all its answers come to, its points, and their drawing."""

    window: str
    whole: Latency
    points: tuple[Point, ...]
    made: Chart


def drawings(row: LatencyRow, view: ComponentView, now: int) -> list[Drawn]:
    """Draw each window of a check that has answers, with the outages of its component."""
    outages = [(outage.start, outage.end, outage.state) for outage in view.outages]
    made = []
    for window, whole in zip(LATENCY_WINDOWS, row.windows, strict=True):
        points = row.series.last(1 if window.endswith("h") else int(window[:-1]))
        if whole is not None and (drawn := chart(points, outages, now + 1)) is not None:
            made.append(Drawn(window=window, whole=whole, points=points, made=drawn))
    return made
