"""How fast answers came: percentiles of the latencies of complete answers.

Those of the last day are of the answers themselves; those of longer windows are of whole UTC days' histograms, told as
the upper end of their bucket: never better than measured, at most 6.25 % worse (``histogram``). Series over time are
made alike: a point an hour of the answers themselves, a point a UTC day of histograms.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from statusgen import histogram, periods
from statusgen.histogram import Histogram
from statusgen.model import GOOD, LATENCY_DAYS, Day, Sample

HOURS_TOLD = 24  # hours that are told one by one, the present one last


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Milliseconds that 50, 95 and 99 per cent of ``count`` answers took at most."""

    count: int
    p50: int
    p95: int
    p99: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """The percentiles of the ``seconds`` from ``start`` on, None where no good answer came."""

    start: int
    seconds: int
    latency: Latency | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSeries:
    """How fast a check answered over time: ``recent`` by the hour, ``daily`` by the UTC day, both oldest first."""

    check: str
    recent: tuple[Point, ...]
    daily: tuple[Point, ...]

    def last(self, days: int) -> tuple[Point, ...]:
        """Return the points of so many days; one day is told by the hour."""
        return self.recent if days == 1 else self.daily[-days:]


def latencies(samples: Iterable[Sample], start: int, end: int) -> list[int]:
    """Return the milliseconds of good answers in ``[start, end)``: a wrong answer that came fast is no speed."""
    return [
        latency for at, verdict, latency, _ in samples if latency is not None and start <= at < end and verdict in GOOD
    ]


def percentiles(milliseconds: Sequence[int]) -> Latency | None:
    """Return percentiles by nearest rank, which are always latencies that occurred; None without any."""
    if not milliseconds:
        return None
    ordered = sorted(milliseconds)
    rank = [ordered[max(0, -(-len(ordered) * p // 100) - 1)] for p in (50, 95, 99)]
    return Latency(count=len(ordered), p50=rank[0], p95=rank[1], p99=rank[2])


def histograms(days: Iterable[Day], check: str) -> Iterator[tuple[int, Histogram]]:
    """Yield the start and the histogram of each day on which a check had good answers."""
    return ((day.start, histogram.read(day.latencies[check])) for day in days if check in day.latencies)


def percentiles_of(whole: Mapping[int, int]) -> Latency | None:
    """Return percentiles of a histogram; None where it counts nothing."""
    if not (count := sum(whole.values())):
        return None
    rank = [histogram.percentile(whole, p) for p in (50, 95, 99)]
    return Latency(count=count, p50=rank[0], p95=rank[1], p99=rank[2])


def series_of_samples(samples: Iterable[Sample], now: int) -> tuple[Point, ...]:
    """Return a point for each of the last 24 hours of the clock in UTC; the last one holds ``now`` and goes on.

    Samples may come from several locations, in any order.
    """
    last = now - now % periods.HOUR
    starts = range(last - (HOURS_TOLD - 1) * periods.HOUR, last + 1, periods.HOUR)
    by_hour: list[list[int]] = [[] for _ in starts]
    for at, verdict, latency, _ in samples:
        if latency is not None and starts[0] <= at <= now and verdict in GOOD:
            by_hour[(at - starts[0]) // periods.HOUR].append(latency)
    return tuple(
        Point(start=start, seconds=periods.HOUR, latency=percentiles(told))
        for start, told in zip(starts, by_hour, strict=True)
    )


def series_of_days(by_day: Iterable[tuple[int, Histogram]], now: int, days: int = LATENCY_DAYS) -> tuple[Point, ...]:
    """Return a point for each of the last UTC days; the last one holds ``now`` and goes on.

    ``by_day`` is what ``histograms`` yields, of all locations; those of one day are added up.
    """
    told: dict[int, list[Histogram]] = {}
    for start, counted in by_day:
        told.setdefault(start, []).append(counted)
    return tuple(
        Point(start=start, seconds=periods.DAY, latency=percentiles_of(histogram.merged(told.get(start, []))))
        for start in periods.days_until(now, days)
    )
