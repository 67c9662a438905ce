"""How fast answers came: percentiles of the latencies of complete answers.

Those of the last day are of the answers themselves; those of longer windows are of whole UTC days' histograms, told as
the upper end of their bucket: never better than measured, at most 6.25 % worse (``histogram``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from statusgen import histogram
from statusgen.histogram import Histogram
from statusgen.model import Day, Sample, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Milliseconds that 50, 95 and 99 per cent of ``count`` answers took at most."""

    count: int
    p50: int
    p95: int
    p99: int


def latencies(samples: Iterable[Sample], start: int, end: int) -> list[int]:
    """Return the milliseconds of good answers in ``[start, end)``: a wrong answer that came fast is no speed."""
    return [
        latency
        for at, verdict, latency, _ in samples
        if latency is not None and start <= at < end and verdict is not Verdict.DOWN
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
