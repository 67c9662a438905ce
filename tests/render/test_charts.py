"""Response times as lines: round numbers beside them, gaps where nothing is known, outages that are seen."""

from __future__ import annotations

import random
import re
from itertools import pairwise

import pytest

from statusgen.latency import Latency, Point
from statusgen.model import State
from statusgen.periods import DAY, HOUR, MINUTE, parse_instant
from statusgen.render.charts import (
    BOX_HEIGHT,
    BOX_WIDTH,
    HEIGHT,
    LABEL_EDGE,
    LABEL_GAP,
    Chart,
    Column,
    OutageSpan,
    apart,
    chart,
    steps,
)

TODAY = parse_instant("2026-11-25T00:00Z")  # a Wednesday
NOW = parse_instant("2026-11-25T12:34Z")
MAJOR, PARTIAL = State.MAJOR, State.PARTIAL


def of(*answers: int | None, end: int = TODAY + DAY, seconds: int = DAY) -> list[Point]:
    """Return points that end at ``end``: p95 is twice the median, p99 three times."""
    start = end - len(answers) * seconds
    return [
        Point(
            start=start + i * seconds,
            seconds=seconds,
            latency=None if p50 is None else Latency(count=9, p50=p50, p95=2 * p50, p99=3 * p50),
        )
        for i, p50 in enumerate(answers)
    ]


def drawn(points: list[Point], *outages: OutageSpan, until: int = NOW) -> Chart:
    made = chart(points, outages, until)
    assert made is not None
    return made


def line(made: Chart, name: str) -> tuple[str, str]:
    return next((line.path, line.dots) for line in made.lines if line.name == name)


def units(per_cent: str) -> int:
    """Return what a text like ``12.34%`` is of ``BOX_WIDTH``."""
    found = re.fullmatch(r"(\d{1,3})\.(\d\d)%", per_cent)
    assert found, per_cent
    return int(found[1]) * 100 + int(found[2])


def coordinates(path: str) -> list[tuple[int, int]]:
    """Return the points of a path, which has nothing but whole numbers."""
    assert re.fullmatch(r"[ML0-9 h]*", path), path
    return [(int(x), int(y)) for x, y in re.findall(r"(\d+) (\d+)", path)]


# The scale


@pytest.mark.parametrize(
    ("most", "told"),
    [
        (0, (0, 1, 2)),
        (1, (0, 1, 2)),
        (2, (0, 1, 2)),
        (4, (0, 1, 2, 3, 4)),
        (5, (0, 2, 4, 6)),
        (9, (0, 5, 10)),
        (183, (0, 50, 100, 150, 200)),
        (201, (0, 100, 200, 300)),
        (1_000, (0, 500, 1_000)),
        (1_001, (0, 500, 1_000, 1_500)),
        (9_800, (0, 5_000, 10_000)),
        (30_000, (0, 10_000, 20_000, 30_000)),
    ],
)
def test_the_scale_has_round_numbers(most: int, told: tuple[int, ...]) -> None:
    assert steps(most) == told


def test_the_scale_begins_at_zero_holds_the_slowest_point_and_has_three_to_five_even_steps() -> None:
    for most in [*range(3_000), *(10**power + by for power in range(3, 13) for by in (-1, 0, 1))]:
        told = steps(most)
        (step,) = {after - before for before, after in pairwise(told)}
        assert re.fullmatch("[125]0*", str(step))
        assert told[0] == 0
        assert 3 <= len(told) <= 5
        assert most <= told[-1]
        assert len(told) == 3 or most > told[-2]


def test_the_grid_is_on_whole_pixels_from_the_ground_to_the_top() -> None:
    for p50 in range(1, 400):
        rows = drawn(of(p50)).rows
        assert (rows[0].value, rows[0].y) == (0, HEIGHT)
        assert rows[-1].y == 0
        assert len({above.y - below.y for below, above in pairwise(rows)}) == 1


# Lines


def test_points_lie_in_the_middle_of_their_days_as_high_as_they_are_slow() -> None:
    made = drawn(of(100, 0, 50, 200))
    assert [row.value for row in made.rows] == [0, 200, 400, 600]
    assert line(made, "p50") == ("M1250 1500L3750 1800 6250 1650 8750 1200", "")
    assert line(made, "p99") == ("M1250 900L3750 1800 6250 1350 8750 0", "")
    assert [each.name for each in made.lines] == ["p99", "p95", "p50"]


def test_days_without_answers_are_gaps_and_a_day_between_two_is_a_dot() -> None:
    path, dots = line(drawn(of(10, 10, None, 10, None, None, 10, 10, 10, None)), "p50")
    assert [len(coordinates(part)) for part in path.split("M")[1:]] == [2, 3]
    assert dots == "M3500 1200h0"


def test_a_single_answer_is_seen() -> None:
    made = drawn(of(*[None] * 20, 7, *[None] * 9))
    assert {each.path for each in made.lines} == {""}
    assert line(made, "p95")[1] == f"M6833 {BOX_HEIGHT - 14 * BOX_HEIGHT // 30}h0"
    assert {each.x for each in made.lines} == {"68.33%"}  # where the labels stand, too


def test_answers_that_took_no_time_lie_on_the_ground() -> None:
    made = drawn(of(0, 0, 0))
    assert {y for each in made.lines for _, y in coordinates(each.path)} == {BOX_HEIGHT}


def test_an_answer_that_is_far_slower_is_not_cut_off_and_is_named() -> None:
    made = drawn(of(10, 10, 3_000, 10, 3_000))
    assert made.rows[-1].value == 10_000
    assert coordinates(line(made, "p99")[0])[2] == (5_000, BOX_HEIGHT // 10)
    assert made.peak.start == TODAY - 2 * DAY  # the first of them
    assert made.median == (10, 3_000)


def test_without_any_answer_there_is_no_drawing() -> None:
    assert chart(of(None, None), [], NOW) is None
    assert chart([], [], NOW) is None


@pytest.mark.parametrize("seed", range(40))
def test_every_point_is_drawn_within_the_drawing_in_time_order(seed: int) -> None:
    chance = random.Random(seed)
    points = of(*(chance.choice([None, int(chance.lognormvariate(5, 2))]) for _ in range(90)), 1)
    for each in drawn(points).lines:
        places = coordinates(each.path) + coordinates(each.dots)
        assert len(places) == sum(point.latency is not None for point in points)
        assert all(0 < x < BOX_WIDTH and 0 <= y <= BOX_HEIGHT for x, y in places)
        for part in (each.path, each.dots):
            assert [x for x, _ in coordinates(part)] == sorted({x for x, _ in coordinates(part)})


# Labels


def test_labels_that_are_apart_stay_at_their_lines() -> None:
    assert apart([20, 90, 160]) == (20, 90, 160)


def test_labels_of_equal_lines_stand_around_them() -> None:
    assert apart([90, 90, 90]) == (90 - LABEL_GAP, 90, 90 + LABEL_GAP)
    assert apart([90, 92, 160]) == (91 - LABEL_GAP // 2, 91 + LABEL_GAP // 2, 160)


def test_labels_at_the_ends_are_moved_in() -> None:
    lowest = HEIGHT - LABEL_EDGE
    assert apart([0, 0, 0]) == (LABEL_EDGE, LABEL_EDGE + LABEL_GAP, LABEL_EDGE + 2 * LABEL_GAP)
    assert apart([HEIGHT] * 3) == (lowest - 2 * LABEL_GAP, lowest - LABEL_GAP, lowest)


@pytest.mark.parametrize("seed", range(200))
def test_labels_never_overlap_nor_leave_the_drawing_nor_change_places(seed: int) -> None:
    chance = random.Random(seed)
    ys = sorted(chance.choice([0, HEIGHT, 90, chance.randint(0, HEIGHT)]) for _ in range(3))
    placed = apart(ys)
    assert placed[0] >= LABEL_EDGE
    assert placed[-1] <= HEIGHT - LABEL_EDGE
    assert all(below - above >= LABEL_GAP >= 12 for above, below in pairwise(placed))


def test_a_drawings_labels_are_at_its_last_answers() -> None:
    made = drawn(of(10, 100, None))
    assert [(each.name, each.x, each.y) for each in made.lines] == [
        ("p99", "50.00%", 5),
        ("p95", "50.00%", 60),
        ("p50", "50.00%", 120),
    ]


# The time axis


def told(columns: tuple[Column, ...]) -> list[tuple[int, str]]:
    return [(column.at, column.x) for column in columns]


def test_a_day_has_a_mark_every_four_hours_and_its_midnight_is_told_as_a_day() -> None:
    made = drawn(of(*[5] * 24, end=TODAY + 13 * HOUR, seconds=HOUR))
    assert made.by_hour
    assert told(made.columns) == [
        (TODAY - 8 * HOUR, "12.50%"),
        (TODAY - 4 * HOUR, "29.17%"),
        (TODAY, "45.83%"),
        (TODAY + 4 * HOUR, "62.50%"),
        (TODAY + 8 * HOUR, "79.17%"),
        (TODAY + 12 * HOUR, "95.83%"),
    ]
    assert [column.at for column in made.columns if column.is_day] == [TODAY]
    assert [column.at for column in made.columns if not column.is_minor] == [TODAY + i * HOUR for i in (-8, 0, 8)]


def test_a_week_has_a_mark_a_day_below_its_point() -> None:
    made = drawn(of(*[5] * 7))
    assert not made.by_hour
    assert [column.at for column in made.columns] == [TODAY - i * DAY for i in range(6, -1, -1)]
    assert [units(column.x) for column in made.columns] == [x for x, _ in coordinates(line(made, "p50")[0])]
    assert sum(column.is_minor for column in made.columns) in (3, 4)


def test_a_month_is_marked_on_its_mondays() -> None:
    monday = parse_instant("2026-11-23T00:00Z")
    made = drawn(of(*[5] * 30))
    assert [column.at for column in made.columns] == [monday - i * 7 * DAY for i in (3, 2, 1, 0)]
    assert not any(column.is_minor for column in made.columns)


@pytest.mark.parametrize("count", [7, 30, 90])
def test_windows_of_days_have_four_to_seven_marks_on_any_day(count: int) -> None:
    for day in range(30):
        columns = drawn(of(*[5] * count, end=TODAY + day * DAY)).columns
        assert 4 <= len(columns) <= 7
        assert all(column.is_day and column.at % DAY == 0 for column in columns)
        assert len({column.at % (7 * DAY) for column in columns}) == (7 if count == 7 else 1)
        major = [column for column in columns if not column.is_minor]
        assert 3 <= len(major) <= 5


@pytest.mark.parametrize("hour", range(24))
def test_hours_have_six_marks_at_any_time(hour: int) -> None:
    assert len(drawn(of(*[5] * 24, end=TODAY + hour * HOUR, seconds=HOUR)).columns) == 6


# Outages


def test_an_outage_is_a_band_from_its_start_to_its_end() -> None:
    (band,) = drawn(of(*[5] * 10), (TODAY - 5 * DAY, TODAY - 3 * DAY, MAJOR)).bands
    assert (band.x, band.width, band.state, band.count) == ("40.00%", "20.00%", MAJOR, 1)
    assert (band.start, band.end) == (TODAY - 5 * DAY, TODAY - 3 * DAY)


@pytest.mark.parametrize("days", [1, 7, 30, 90])
@pytest.mark.parametrize("ago", [0, 3 * HOUR, 11 * HOUR])
def test_an_outage_of_a_minute_is_seen_in_every_window(days: int, ago: int) -> None:
    (band,) = drawn(of(*[5] * days), (NOW - ago - MINUTE, NOW - ago, PARTIAL)).bands
    assert units(band.width) >= 40
    assert units(band.x) + units(band.width) <= BOX_WIDTH


@pytest.mark.parametrize("days", [1, 7, 30, 90])
def test_an_outage_in_the_last_minute_of_the_drawing_is_seen_and_stays_within(days: int) -> None:
    end = TODAY + DAY
    (band,) = drawn(of(*[5] * days), (end - MINUTE, None, MAJOR), until=end + HOUR).bands
    assert (units(band.x), units(band.width)) == (BOX_WIDTH - 40, 40)


def test_an_outage_goes_no_further_than_the_present() -> None:
    (band,) = drawn(of(*[5] * 2), (TODAY, TODAY + DAY, MAJOR), until=TODAY + DAY // 2).bands
    assert (band.x, band.width) == ("50.00%", "25.00%")


def test_an_outage_that_goes_on_ends_at_the_present() -> None:
    (band,) = drawn(of(*[5] * 2), (TODAY, None, MAJOR), until=TODAY + DAY // 2).bands
    assert (band.x, band.width, band.end) == ("50.00%", "25.00%", None)


def test_an_outage_is_clipped_to_the_window_but_keeps_its_times() -> None:
    start = TODAY - 100 * DAY
    (band,) = drawn(of(*[5] * 4), (start, TODAY - DAY, MAJOR)).bands
    assert (band.x, band.width) == ("0.00%", "50.00%")
    assert (band.start, band.end) == (start, TODAY - DAY)


def test_outages_outside_the_window_are_not_drawn() -> None:
    before, after = (TODAY - 9 * DAY, TODAY - 3 * DAY, MAJOR), (NOW, None, MAJOR)
    assert drawn(of(*[5] * 4), before, after).bands == ()


def test_outages_too_near_to_be_drawn_apart_are_one_band_as_bad_as_the_worst() -> None:
    first, second = (TODAY, TODAY + MINUTE, PARTIAL), (TODAY + HOUR, TODAY + HOUR + MINUTE, MAJOR)
    third = (TODAY - 9 * DAY, TODAY - 9 * DAY + MINUTE, PARTIAL)
    alone, together = drawn(of(*[5] * 90), second, first, third).bands
    assert (alone.count, alone.state, alone.start) == (1, PARTIAL, TODAY - 9 * DAY)
    assert (together.count, together.state) == (2, MAJOR)
    assert (together.start, together.end) == (TODAY, TODAY + HOUR + MINUTE)
    assert len(drawn(of(*[5] * 2), first, second).bands) == 2


def test_a_band_of_which_one_outage_goes_on_has_no_end() -> None:
    (band,) = drawn(of(*[5] * 90), (NOW - HOUR, NOW - MINUTE, MAJOR), (NOW - MINUTE, None, PARTIAL)).bands
    assert (band.end, band.count) == (None, 2)


@pytest.mark.parametrize("seed", range(40))
def test_bands_never_overlap_nor_leave_the_drawing_and_tell_of_every_outage(seed: int) -> None:
    chance = random.Random(seed)
    first = TODAY - 89 * DAY
    starts = [chance.randrange(first, NOW) for _ in range(300)]
    outages = [(start, min(start + chance.choice([1, MINUTE, HOUR]), NOW), MAJOR) for start in starts]
    bands = drawn(of(*[5] * 90), *outages).bands
    edges = [(units(band.x), units(band.x) + units(band.width)) for band in bands]
    assert all(left[1] < right[0] for left, right in pairwise(edges))
    assert edges[-1][1] <= BOX_WIDTH
    assert sum(band.count for band in bands) == len(outages)


def test_the_same_points_make_the_same_drawing_in_whatever_order_outages_come() -> None:
    points = of(*(i * i for i in range(30)))
    outages: list[OutageSpan] = [(TODAY - i * DAY, TODAY - i * DAY + MINUTE, PARTIAL) for i in range(9)]
    assert drawn(points, *outages) == drawn(points, *reversed(outages))
