"""Percentiles by nearest rank, of good answers only."""

from __future__ import annotations

import random
from itertools import product

import pytest

from statusgen import days
from statusgen.histogram import merged
from statusgen.latency import Latency, histograms, latencies, percentiles, percentiles_of
from statusgen.model import Round, Sample, Verdict
from statusgen.periods import DAY


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
        Sample(15, Verdict.UP, 0),
        Sample(20, Verdict.UP, 5),  # half-open
    ]
    assert latencies(samples, 10, 20) == [2, 3, 0]
    assert latencies([], 10, 20) == []


def of_days(rounds: list[Round]) -> Latency | None:
    return percentiles_of(merged(each for _, each in histograms(days.sum_up(rounds), "api")))


def test_percentiles_of_days_are_never_better_than_the_answers_and_at_most_a_sixteenth_worse() -> None:
    chance = random.Random(7)
    rounds = [
        Round(at=at, answers=(("api", Sample(at, Verdict.UP, int(chance.lognormvariate(5, 0.8)))),))
        for at in range(0, 5 * DAY, 600)
    ]
    exact = percentiles(latencies((round_.answers[0][1] for round_ in rounds), 0, 5 * DAY))
    told = of_days(rounds)
    assert exact is not None
    assert told is not None
    assert told.count == exact.count
    for name in ("p50", "p95", "p99"):
        assert getattr(exact, name) <= getattr(told, name) <= getattr(exact, name) * 17 / 16


def test_days_without_answers_have_no_percentiles() -> None:
    down = [Round(at=60, answers=(("api", Sample(60, Verdict.DOWN, 5)),))]
    assert of_days(down) is None
    assert of_days([]) is None
