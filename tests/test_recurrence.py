"""Rules of RFC 5545: what clocks show, against literal days and against dateutil and zoneinfo put together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr

from statusgen import calendars, recurrence
from statusgen.model import Maintenance, Recurrence
from statusgen.occurrences import dated, misfit
from statusgen.periods import HOUR, MINUTE, iso, parse_instant
from tests.machine import within

NEVER = ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")


def series(start: str, rule: str, zone: str, *exceptions: str, length: int = 2 * HOUR) -> Maintenance:
    at = parse_instant(start)
    repeats = Recurrence(rule=rule, zone=zone, exceptions=exceptions)
    return Maintenance(
        slug="weekly", path="incidents/weekly.md", title="T", start=at, end=at + length, components=("api",),
        recurrence=repeats,
    )  # fmt: skip


def starts(start: str, rule: str, zone: str, *exceptions: str, count: int = 5) -> list[str]:
    """Return when the first occurrences begin, in UTC."""
    return [iso(each.start)[:16] for each in islice(dated(series(start, rule, zone, *exceptions)), count)]


def days(start: str, rule: str, count: int = 5) -> list[str]:
    return [each[:10] for each in starts(start, rule, "UTC", count=count)]


# Clocks that are changed


def test_the_time_on_the_clock_stays_when_summer_ends_and_begins_in_berlin() -> None:
    assert starts("2026-10-18T02:00+02:00", "FREQ=WEEKLY;BYDAY=SU", "Europe/Berlin", count=3) == [
        "2026-10-18T00:00",
        "2026-10-25T00:00",  # 02:00 is shown twice: the first
        "2026-11-01T01:00",
    ]
    assert starts("2027-03-21T03:00+01:00", "FREQ=WEEKLY", "Europe/Berlin", count=3) == [
        "2027-03-21T02:00",
        "2027-03-28T01:00",
        "2027-04-04T01:00",
    ]


def test_an_hour_that_does_not_exist_is_read_as_if_clocks_had_not_changed_yet() -> None:
    assert starts("2027-03-21T02:30+01:00", "FREQ=WEEKLY", "Europe/Berlin", count=3) == [
        "2027-03-21T01:30",
        "2027-03-28T01:30",  # 03:30 on the clock
        "2027-04-04T00:30",
    ]
    assert starts("2027-03-07T02:30-05:00", "FREQ=WEEKLY", "America/New_York", count=3) == [
        "2027-03-07T07:30",
        "2027-03-14T07:30",
        "2027-03-21T06:30",
    ]


def test_of_an_hour_that_is_shown_twice_the_first_is_meant() -> None:
    assert starts("2026-10-25T01:30-04:00", "FREQ=WEEKLY", "America/New_York", count=3) == [
        "2026-10-25T05:30",
        "2026-11-01T05:30",
        "2026-11-08T06:30",
    ]


def test_the_first_occurrence_is_at_the_instant_that_was_written_even_in_the_second_of_two_hours() -> None:
    assert starts("2026-11-01T01:30-05:00", "FREQ=DAILY", "America/New_York", count=2) == [
        "2026-11-01T06:30",
        "2026-11-02T06:30",
    ]


def test_south_of_the_equator_summer_ends_in_april() -> None:
    assert starts("2027-03-28T02:30+11:00", "FREQ=WEEKLY", "Australia/Sydney", count=3) == [
        "2027-03-27T15:30",
        "2027-04-03T15:30",  # the first of two
        "2027-04-10T16:30",
    ]
    assert starts("2026-09-27T02:15+10:30", "FREQ=WEEKLY", "Australia/Lord_Howe", count=3) == [
        "2026-09-26T15:45",
        "2026-10-03T15:45",  # clocks move by half an hour, from 02:00 to 02:30
        "2026-10-10T15:15",
    ]


def test_each_occurrence_lasts_exactly_as_long_as_the_first() -> None:
    made = islice(dated(series("2027-03-21T01:00+01:00", "FREQ=WEEKLY", "Europe/Berlin", length=3 * HOUR)), 3)
    assert [each.end - each.start for each in made] == [3 * HOUR] * 3


def test_an_occurrence_is_named_after_its_local_date() -> None:
    (first, second) = islice(dated(series("2026-12-06T05:00+09:00", "FREQ=WEEKLY", "Asia/Tokyo")), 2)
    assert (iso(first.start)[:10], first.date, second.date) == ("2026-12-05", "2026-12-06", "2026-12-13")


# Rules


@pytest.mark.parametrize(
    ("start", "rule", "expected"),
    [
        ("2026-12-06", "FREQ=WEEKLY;BYDAY=SU", "12-06 12-13 12-20 12-27 01-03"),
        ("2026-12-06", "FREQ=WEEKLY;INTERVAL=2", "12-06 12-20 01-03 01-17 01-31"),
        ("2026-12-02", "FREQ=WEEKLY;BYDAY=MO,WE,FR", "12-02 12-04 12-07 12-09 12-11"),
        ("2026-12-02", "FREQ=WEEKLY;BYDAY=MO,WE;BYSETPOS=2", "12-02 12-09 12-16 12-23 12-30"),
        ("2026-12-29", "FREQ=DAILY;INTERVAL=3", "12-29 01-01 01-04 01-07 01-10"),
        ("2026-12-07", "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", "12-07 12-08 12-09 12-10 12-11"),
        ("2026-12-25", "FREQ=MONTHLY;BYDAY=-1FR", "12-25 01-29 02-26 03-26 04-30"),
        ("2026-12-06", "FREQ=MONTHLY;BYDAY=1SU,3SU", "12-06 12-20 01-03 01-17 02-07"),
        ("2026-12-31", "FREQ=MONTHLY", "12-31 01-31 03-31 05-31 07-31"),
        ("2026-12-31", "FREQ=MONTHLY;BYMONTHDAY=-1", "12-31 01-31 02-28 03-31 04-30"),
        ("2026-12-31", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "12-31 01-29 02-26 03-31 04-30"),
        ("2026-12-01", "FREQ=YEARLY;BYMONTH=3,6,9,12;BYDAY=1TU", "12-01 03-02 06-01 09-07 12-07"),
        ("2028-02-29", "FREQ=YEARLY", "02-29 02-29 02-29 02-29 02-29"),
        ("2026-12-06", "freq=weekly; count=2", "12-06 12-13"),
        ("2026-12-06", "FREQ=WEEKLY;UNTIL=20261213", "12-06 12-13"),
        ("2026-12-06", "FREQ=WEEKLY;UNTIL=20261213T000000Z", "12-06 12-13"),
        ("2026-12-06", "FREQ=WEEKLY;UNTIL=20261212T235959Z", "12-06"),
        ("2026-12-13", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=MO", "12-13 12-21 12-27 01-04 01-10"),
        ("2026-12-13", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=SU", "12-13 12-14 12-27 12-28 01-10"),
    ],
)
def test_a_rule_comes_to_the_days_of_the_calendar(start: str, rule: str, expected: str) -> None:
    assert [day[5:] for day in days(f"{start} 00:00 UTC", recurrence.checked(rule))] == expected.split()


def test_a_count_counts_what_is_excepted() -> None:
    told = starts("2026-12-06 02:00 UTC", "FREQ=WEEKLY;COUNT=3", "UTC", "2026-12-13")
    assert told == ["2026-12-06T02:00", "2026-12-20T02:00"]


def test_until_a_date_is_until_the_end_of_that_day_in_the_zone() -> None:
    told = starts("2026-12-06T23:00-05:00", "FREQ=DAILY;UNTIL=20261207", "America/New_York")
    assert told == ["2026-12-07T04:00", "2026-12-08T04:00"]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Sydney", "America/Santiago", "UTC"])
@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY",
        "FREQ=WEEKLY;BYDAY=SU,WE",
        "FREQ=MONTHLY;BYDAY=-1SU",
        "FREQ=MONTHLY;BYMONTHDAY=1,-1",
        "FREQ=YEARLY;BYMONTH=3,10;BYDAY=-1SU,2SU",
        "FREQ=MONTHLY;INTERVAL=5;BYDAY=SA,SU;BYSETPOS=3",
        "FREQ=DAILY;INTERVAL=100",
    ],
)
@pytest.mark.parametrize("hour", [0, 1, 2, 3, 12])
def test_ten_years_are_those_of_dateutil_with_a_zone(zone: str, rule: str, hour: int) -> None:
    """dateutil adds up local times and knows the zone by each: the same by another way."""
    local = ZoneInfo(zone)
    first = next(iter(rrulestr(rule, dtstart=datetime(2026, 4, 10, hour, 30, tzinfo=local))))
    until = datetime(2036, 1, 1, tzinfo=UTC)
    expected = []
    for each in rrulestr(rule, dtstart=first):
        if each.astimezone(UTC) >= until:
            break
        expected.append(int(each.astimezone(UTC).timestamp()))
    made = series(iso(int(first.timestamp())), rule, zone)
    assert [each.start for each in islice(dated(made), len(expected))] == expected
    assert len(expected) > 20


# Work that is bounded


@pytest.mark.parametrize("rule", NEVER)
def test_a_rule_that_never_comes_true_is_found_out_soon(rule: str) -> None:
    with within(seconds=5):
        made = series("2026-12-06 02:00 UTC", rule, "UTC")
        assert misfit(made) == f"'{rule}' never comes true: correct it"
        assert list(dated(made)) == []


@pytest.mark.parametrize("rule", ["FREQ=MONTHLY;BYDAY=6MO", "FREQ=YEARLY;BYDAY=-53MO;BYMONTH=2"])
def test_a_month_has_no_sixth_monday(rule: str) -> None:
    with pytest.raises(ValueError, match="never comes true, as a month has five at most"):
        recurrence.parse(rule)


@pytest.mark.parametrize(
    ("rule", "meets"), [("FREQ=DAILY", True), ("FREQ=WEEKLY;BYDAY=SU,MO", True), ("FREQ=WEEKLY", False)]
)
def test_a_window_that_goes_on_when_the_next_begins_is_refused(rule: str, meets: bool) -> None:
    told = misfit(series("2026-12-06 02:00 UTC", rule, "UTC", length=30 * HOUR))
    assert ("goes on when the next one" in told) == meets


def test_a_rule_ends_with_the_century() -> None:
    found = list(dated(series("2000-01-01 02:00 UTC", "FREQ=DAILY", "UTC")))
    assert (len(found), found[-1].date) == (36_525, "2099-12-31")


@pytest.mark.parametrize("rule", ["FREQ=DAILY;INTERVAL=365", "FREQ=YEARLY;INTERVAL=100", "FREQ=YEARLY;BYDAY=53SU"])
def test_what_is_rare_takes_no_time(rule: str) -> None:
    with within(seconds=1):
        found = list(dated(series("2028-12-31 02:00 UTC", rule, "UTC")))
    assert found[0].date == "2028-12-31"


@pytest.mark.parametrize(
    ("rule", "nearest"),
    [
        ("FREQ=WEEKLY;BYDAY=SA", "2026-12-05"),
        ("FREQ=WEEKLY;INTERVAL=4;BYDAY=MO", "2026-12-07"),
        ("FREQ=MONTHLY;BYDAY=-1FR", "2026-11-27"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "2028-02-29"),
        ("FREQ=DAILY;BYMONTH=6", "2026-06-30"),
    ],
)
def test_where_the_first_window_is_off_the_rule_the_nearest_day_is_named(rule: str, nearest: str) -> None:
    told = misfit(series("2026-12-06T02:00+01:00", rule, "Europe/Berlin"))
    assert f"let it begin on {nearest} 02:00 in Europe/Berlin" in told


def test_the_nearest_day_will_do() -> None:
    at = datetime(2026, 12, 6, 2)  # noqa: DTZ001
    for rule in ("FREQ=MONTHLY;BYDAY=TU;BYSETPOS=2", "FREQ=WEEKLY;BYDAY=MO,WE;BYSETPOS=2", "FREQ=YEARLY;BYDAY=53FR"):
        nearest = recurrence.nearest(recurrence.parse(rule), at)
        assert nearest is not None
        assert recurrence.nearest(recurrence.parse(rule), nearest) == nearest
        assert next(recurrence.clocks(recurrence.parse(rule), nearest)) == nearest


def test_wall_clocks_and_instants_are_each_others_but_for_the_change() -> None:
    for zone in ("Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu"):
        for instant in range(parse_instant("2027-03-27 12:00 UTC"), parse_instant("2027-03-29 12:00 UTC"), 15 * MINUTE):
            assert calendars.instant_at(zone, calendars.wall_clock(zone, instant)) == instant


def test_a_clock_that_is_shown_twice_is_the_first() -> None:
    twice = datetime(2026, 10, 25, 2, 30)  # noqa: DTZ001
    assert calendars.instant_at("Europe/Berlin", twice) == parse_instant("2026-10-25T02:30+02:00")
    assert calendars.instant_at("Europe/Berlin", twice + timedelta(hours=1)) == parse_instant("2026-10-25T03:30+01:00")
