"""Percentiles by nearest rank, of good answers only."""

from __future__ import annotations

import random
from itertools import product

import pytest

from statusgen.histogram import bucket_of, merged
from statusgen.latency import (
    CheckSeries,
    Latency,
    histograms,
    latencies,
    percentiles,
    percentiles_of,
    series_of_days,
    series_of_samples,
)
from statusgen.model import Round, Sample, Verdict
from statusgen.periods import DAY, HOUR, MINUTE, parse_instant

from .literals import sum_up


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
    return percentiles_of(merged(each for _, each in histograms(sum_up(rounds), "api")))


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


NOW = parse_instant("2026-11-25T12:34Z")


def answers(start: int, end: int, seed: int = 1) -> list[Sample]:
    """Return an answer every five minutes; one in ten is wrong."""
    chance = random.Random(seed)
    return [
        Sample(at, chance.choice([Verdict.UP] * 8 + [Verdict.DEGRADED, Verdict.DOWN]), int(chance.lognormvariate(5, 1)))
        for at in range(start, end, 5 * MINUTE)
    ]


def test_the_last_24_hours_are_told_hour_by_hour_the_present_one_last() -> None:
    series = series_of_samples([], NOW)
    assert [point.start for point in series] == list(
        range(parse_instant("2026-11-24T13:00Z"), parse_instant("2026-11-25T13:00Z"), HOUR)
    )
    assert {(point.seconds, point.latency) for point in series} == {(HOUR, None)}


@pytest.mark.parametrize("now", [NOW, NOW - NOW % HOUR, NOW - NOW % HOUR - 1, NOW - NOW % DAY])
def test_an_hour_has_the_percentiles_of_its_answers_wherever_they_came_from(now: int) -> None:
    here, there = answers(now - 2 * DAY, now + HOUR), answers(now - 2 * DAY + 7, now + HOUR, seed=2)
    for point in series_of_samples([*here, *there], now):
        within = latencies([*there, *here], point.start, min(point.start + point.seconds, now + 1))
        assert point.latency == percentiles(within)
        assert point.latency is not None


def test_an_hour_without_good_answers_has_no_percentiles() -> None:
    wrong = [Sample(NOW - HOUR, Verdict.DOWN, 5), Sample(NOW - 2 * HOUR, None), Sample(NOW, Verdict.UP, 8)]
    assert [point.latency for point in series_of_samples(wrong, NOW)] == [
        *[None] * 23,
        Latency(count=1, p50=8, p95=8, p99=8),
    ]


def test_answers_later_than_now_are_not_told() -> None:
    series = series_of_samples([Sample(NOW + 1, Verdict.UP, 8), Sample(NOW + HOUR, Verdict.UP, 8)], NOW)
    assert not any(point.latency for point in series)


def test_days_are_told_one_by_one_and_those_of_all_locations_are_added_up() -> None:
    today = NOW - NOW % DAY
    by_day = [(today, {3: 1}), (today - 2 * DAY, {5: 1}), (today, {9: 3}), (today - 90 * DAY, {7: 1})]
    series = series_of_days(by_day, NOW)
    assert [point.start for point in series] == [today - i * DAY for i in range(89, -1, -1)]
    assert {point.seconds for point in series} == {DAY}
    assert series[-1].latency == percentiles_of({3: 1, 9: 3}) == Latency(count=4, p50=9, p95=9, p99=9)
    assert series[-3].latency == Latency(count=1, p50=5, p95=5, p99=5)
    assert sum(point.latency is None for point in series) == 88


def test_a_day_read_from_the_rounds_has_the_percentiles_of_its_answers_at_most_a_sixteenth_worse() -> None:
    told = answers(NOW - 3 * DAY, NOW + 1)
    rounds = [Round(at=sample.at, answers=(("api", sample),)) for sample in told]
    for point in series_of_days(histograms(sum_up(rounds), "api"), NOW, 3):
        exact = percentiles(latencies(told, point.start, point.start + DAY))
        assert exact is not None
        assert point.latency is not None
        assert point.latency.count == exact.count
        assert exact.p95 <= point.latency.p95 <= exact.p95 * 17 / 16


def test_shorter_windows_are_the_end_of_the_longest() -> None:
    by_day = [(NOW - NOW % DAY - i * DAY, {bucket_of(i + 1): 1}) for i in range(90)]
    series = CheckSeries(check="api", recent=series_of_samples([], NOW), daily=series_of_days(by_day, NOW))
    assert series.last(1) is series.recent
    for count in (7, 30, 90):
        assert series.last(count) == series_of_days(by_day, NOW, count)
