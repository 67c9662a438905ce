"""Days as marks: short trouble is seen, quiet days are not drawn, nothing is drawn outside."""

from __future__ import annotations

import pytest

from statusgen.availability import Tally
from statusgen.model import State
from statusgen.periods import DAY, HOUR, MINUTE, iso_day, parse_instant
from statusgen.render.bars import (
    HEIGHT,
    LEAST,
    LEAST_OF_MONTH,
    MONTH,
    PITCH,
    WIDTH,
    Mark,
    by_month,
    lost,
    marks,
)
from statusgen.views import Day, Window

from .published import ENGLISH

FIRST = parse_instant("2026-11-01T00:00Z")
QUIET, EMPTY = Tally(window=DAY, known=DAY), Tally(window=DAY)


def trouble(**seconds: int) -> Tally:
    return Tally(window=DAY, known=DAY, **seconds)


def days(*tallies: Tally) -> list[Day]:
    return [_day(FIRST + i * DAY, tally) for i, tally in enumerate(tallies)]


def _day(start: int, tally: Tally) -> Day:
    states = (State.MAJOR, State.PARTIAL, State.DEGRADED, State.MAINTENANCE, State.OPERATIONAL)
    lengths = (tally.major, tally.partial, tally.degraded, tally.maintenance, tally.known)
    state = next((state for state, seconds in zip(states, lengths, strict=True) if seconds), State.UNKNOWN)
    return Day(start=start, state=state, tally=tally, availability=None)


def height(tally: Tally) -> int:
    (mark,) = marks(days(tally))
    return mark.height


def test_quiet_days_draw_nothing() -> None:
    assert marks(days(*[QUIET] * 90)) == []
    assert marks([]) == []


def test_an_outage_of_a_minute_is_seen_and_stands_on_the_ground() -> None:
    told = days(QUIET, trouble(major=MINUTE), QUIET)
    (mark,) = marks(told)
    assert mark == Mark(
        state=State.MAJOR,
        x=PITCH,
        y=HEIGHT - LEAST,
        width=WIDTH,
        height=LEAST,
        day=told[1],
        last=told[1],
        shaded=True,
    )
    assert LEAST >= HEIGHT // 4


def test_a_second_of_trouble_is_seen_as_well() -> None:
    assert height(trouble(degraded=1)) == LEAST


def test_a_day_of_trouble_fills_its_bar() -> None:
    assert height(trouble(major=DAY)) == height(trouble(partial=DAY // 2, degraded=DAY // 2)) == HEIGHT


def test_what_trouble_leaves_of_a_day_is_shaded() -> None:
    drawn = marks(days(EMPTY, trouble(major=DAY), trouble(partial=HOUR)))
    assert [mark.shaded for mark in drawn] == [False, False, True]


def test_more_trouble_is_never_a_lower_bar() -> None:
    heights = [height(trouble(major=seconds)) for seconds in range(1, DAY + 1, 97)]
    assert heights == sorted(heights)
    assert len(set(heights)) > HEIGHT // 2
    assert all(LEAST <= each <= HEIGHT for each in heights)


def test_maintenance_is_as_high_as_it_was_long_unless_there_was_trouble() -> None:
    assert height(trouble(maintenance=DAY)) == HEIGHT
    assert height(trouble(maintenance=DAY, degraded=MINUTE)) == LEAST


def test_neighbouring_days_without_data_are_one_mark() -> None:
    told = days(EMPTY, EMPTY, EMPTY, QUIET, EMPTY)
    assert marks(told) == [
        Mark(
            state=State.UNKNOWN,
            x=0,
            y=0,
            width=2 * PITCH + WIDTH,
            height=HEIGHT,
            day=told[0],
            last=told[2],
        ),
        Mark(state=State.UNKNOWN, x=4 * PITCH, y=0, width=WIDTH, height=HEIGHT, day=told[4], last=told[4]),
    ]


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (1, "1 Nov 2026: no data"),
        (2, "1 Nov 2026 – 2 Nov 2026: no data"),
        (3, "1 Nov 2026 – 3 Nov 2026: no data"),
    ],
)
def test_days_without_data_name_the_first_and_the_last(count: int, said: str) -> None:
    (mark,) = marks(days(*[EMPTY] * count))
    assert ENGLISH.empty(mark.day.start, mark.last.start) == said


def test_trouble_between_days_without_data_parts_them() -> None:
    drawn = marks(days(EMPTY, trouble(major=HOUR), trouble(partial=HOUR), EMPTY))
    assert [mark.state for mark in drawn] == [State.UNKNOWN, State.MAJOR, State.PARTIAL, State.UNKNOWN]
    assert [mark.x for mark in drawn] == [0, PITCH, 2 * PITCH, 3 * PITCH]


@pytest.mark.parametrize("tally", [EMPTY, trouble(major=1), trouble(major=DAY), trouble(maintenance=HOUR)])
def test_nothing_is_drawn_outside_or_over_the_next_day(tally: Tally) -> None:
    for mark in marks(days(*[QUIET, tally] * 45)):
        assert mark.x % PITCH == 0
        assert mark.x + mark.width <= 89 * PITCH + WIDTH
        assert mark.width < PITCH
        assert mark.y >= 0
        assert mark.y + mark.height == HEIGHT
        assert mark.y + mark.height == HEIGHT


# Months


def test_months_come_newest_first_and_have_31_places() -> None:
    told = [_day(FIRST + i * DAY, QUIET) for i in range(-40, 25)]
    rows = by_month(told)
    assert [month for month, _ in rows] == ["2026-11", "2026-10", "2026-09"]
    assert {len(places) for _, places in rows} == {31}
    assert [day for _, places in reversed(rows) for day in places if day] == told


def test_a_day_stands_at_its_own_place_and_places_without_a_day_are_empty() -> None:
    ((_, places),) = by_month([_day(FIRST + i * DAY, QUIET) for i in range(1, 30)])
    assert [number for number, day in enumerate(places, 1) if day is None] == [1, 31]
    assert all(day is None or iso_day(day.start) == f"2026-11-{number:02}" for number, day in enumerate(places, 1))


@pytest.mark.parametrize(("year", "days_of_february"), [(2027, 28), (2028, 29)])
def test_february_has_its_days_in_a_leap_year_too(year: int, days_of_february: int) -> None:
    start = parse_instant(f"{year}-01-01T00:00Z")
    rows = dict(by_month([_day(start + i * DAY, QUIET) for i in range(90)]))
    assert [day is None for day in rows[f"{year}-02"]] == [False] * days_of_february + [True] * (31 - days_of_february)


def test_no_days_are_no_months() -> None:
    assert by_month([]) == []


def month(known: int = 30 * DAY, **seconds: int) -> Window:
    tally = Tally(window=30 * DAY, known=known, **seconds)
    return Window(name="2026-11", start=FIRST, end=FIRST + 30 * DAY, tally=tally, availability=None, coverage=None)


def test_of_a_month_without_downtime_nothing_is_lost_however_degraded_it_was() -> None:
    assert lost(month()) == lost(month(known=0)) == lost(month(degraded=DAY, maintenance=DAY)) == 0


def test_a_second_of_downtime_in_a_month_is_seen_and_a_month_of_it_is_all() -> None:
    assert lost(month(major=1)) == LEAST_OF_MONTH
    assert lost(month(major=30 * DAY)) == lost(month(major=20 * DAY, partial=10 * DAY)) == MONTH
    assert lost(month(known=HOUR, partial=HOUR)) == MONTH


def test_more_downtime_never_loses_less() -> None:
    drawn = [lost(month(major=seconds)) for seconds in range(0, 30 * DAY, 5_003)]
    assert drawn == sorted(drawn)
    assert len(set(drawn)) > MONTH // 2
