"""How fast answers came: percentiles of the latencies of complete answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from statusgen.model import Sample, Verdict


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
        sample.latency
        for sample in samples
        if start <= sample.at < end and sample.latency is not None and sample.verdict in (Verdict.UP, Verdict.DEGRADED)
    ]


def percentiles(milliseconds: Sequence[int]) -> Latency | None:
    """Return percentiles by nearest rank, which are always latencies that occurred; None without any."""
    if not milliseconds:
        return None
    ordered = sorted(milliseconds)
    rank = [ordered[max(0, -(-len(ordered) * p // 100) - 1)] for p in (50, 95, 99)]
    return Latency(count=len(ordered), p50=rank[0], p95=rank[1], p99=rank[2])
