"""How fast answers came: percentiles of the latencies of complete answers."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from statusgen.model import Sample, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Milliseconds that 50, 95 and 99 per cent of ``count`` answers took at most."""

    count: int
    p50: int
    p95: int
    p99: int


def latencies(samples: Sequence[Sample], start: int, end: int) -> list[int]:
    """Return the milliseconds of good answers in ``[start, end)``: a wrong answer that came fast is no speed.

    ``samples`` are in time order.
    """
    first = bisect_left(samples, start, key=lambda sample: sample.at)
    last = bisect_left(samples, end, key=lambda sample: sample.at)
    return [
        latency
        for _, verdict, latency, _ in samples[first:last]
        if latency is not None and verdict is not Verdict.DOWN and verdict is not None
    ]


def percentiles(milliseconds: Sequence[int]) -> Latency | None:
    """Return percentiles by nearest rank, which are always latencies that occurred; None without any."""
    if not milliseconds:
        return None
    ordered = sorted(milliseconds)
    rank = [ordered[max(0, -(-len(ordered) * p // 100) - 1)] for p in (50, 95, 99)]
    return Latency(count=len(ordered), p50=rank[0], p95=rank[1], p99=rank[2])
