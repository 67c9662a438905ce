"""Percentiles by nearest rank, of good answers only."""

from __future__ import annotations

from itertools import product

import pytest

from statusgen.latency import Latency, latencies, percentiles
from statusgen.model import Sample, Verdict


def naive(milliseconds: list[int], percent: int) -> int:
    """Return the smallest latency that at least so many per cent of all do not exceed."""
    whole = len(milliseconds)
    return min(value for value in milliseconds if 100 * sum(each <= value for each in milliseconds) >= percent * whole)


def test_percentiles_are_those_of_the_definition() -> None:
    for length in range(1, 6):
        for values in product((1, 2, 30), repeat=length):
            found = percentiles(values)
            assert found == Latency(
                count=length,
                p50=naive(list(values), 50),
                p95=naive(list(values), 95),
                p99=naive(list(values), 99),
            )


@pytest.mark.parametrize(
    ("count", "p50", "p95", "p99"),
    [(1, 1, 1, 1), (2, 1, 2, 2), (20, 10, 19, 20), (100, 50, 95, 99), (101, 51, 96, 100)],
)
def test_a_percentile_is_a_latency_that_occurred(count: int, p50: int, p95: int, p99: int) -> None:
    assert percentiles(range(count, 0, -1)) == Latency(count=count, p50=p50, p95=p95, p99=p99)


def test_no_latencies_have_no_percentiles() -> None:
    assert percentiles([]) is None


def test_only_complete_good_answers_within_the_window_have_a_speed() -> None:
    samples = [
        Sample(9, Verdict.UP, 1),
        Sample(10, Verdict.UP, 2),
        Sample(11, Verdict.DEGRADED, 3),
        Sample(12, Verdict.DOWN, 4),  # a wrong answer that came fast
        Sample(13, Verdict.UP, None),
        Sample(14, None),
        Sample(15, Verdict.UP, 0),
        Sample(20, Verdict.UP, 5),  # half-open
    ]
    assert latencies(samples, 10, 20) == [2, 3, 0]
