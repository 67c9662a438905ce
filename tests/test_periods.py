"""Instants, durations and calendars: what is read, what is refused and how, what is written."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from statusgen import periods
from statusgen.periods import DAY, HOUR, MINUTE

NOON = 1_795_176_000  # 2026-11-20T12:00:00Z


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> int:
    return int(datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp())


# Durations


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (0, "0s"),
        (800, "800ms"),
        (1_500, "1500ms"),
        (90_000, "90s"),
        (300_000, "5m"),
        (5_400_000, "90m"),
        (86_400_000, "1d"),
    ],
)
def test_a_duration_is_written_in_the_largest_unit_of_which_it_is_a_whole_number(milliseconds: int, text: str) -> None:
    assert periods.write_duration(milliseconds) == text
    assert periods.parse_duration(text) == milliseconds


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("800ms", 800),
        ("10s", 10_000),
        ("5m", 300_000),
        ("2h", 7_200_000),
        ("14d", 1_209_600_000),
        ("0s", 0),
        (" 5 m ", 300_000),
        ("007s", 7_000),
    ],
)
def test_a_duration_is_a_number_and_a_unit(text: str, milliseconds: int) -> None:
    assert periods.parse_duration(text) == milliseconds


@pytest.mark.parametrize(
    "text",
    ["", "5", "m", "5 minutes", "5M", "-5m", "1.5s", "1h30m", "5m.", "1_000s", "٥m", "1234567890s", "5w", "5\nm x"],
)
def test_anything_else_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError) as refused:
        periods.parse_duration(text)
    remedy = "write a number and a unit, like 800ms, 10s, 5m, 2h or 14d"
    assert str(refused.value) == f"'{text}' is not a duration: {remedy}"


# Instants


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-20T12:00:00Z",
        "2026-11-20T12:00Z",
        "2026-11-20t12:00z",
        "2026-11-20 12:00 UTC",
        "2026-11-20 12:00 utc",
        "2026-11-20 12:00 GMT",
        "2026-11-20 12:00UTC",
        "2026-11-20 12:00:00.999 UTC",
        "  2026-11-20 12:00 UTC  ",
        "2026-11-20T12:00+00:00",
        "2026-11-20T12:00-00:00",
        "2026-11-20T14:00+02:00",
        "2026-11-20T14:00 +0200",
        "2026-11-20T17:45+05:45",
        "2026-11-20T17:59+05:59",
        "2026-11-21T02:00+14:00",
        "2026-11-20T00:00-12:00",
        "2026-11-20T04:00-08:00",
    ],
)
def test_one_instant_has_many_spellings(text: str) -> None:
    assert periods.parse_instant(text) == NOON


def test_seconds_are_kept_and_their_fractions_cut() -> None:
    assert periods.parse_instant("2026-11-20T12:00:59.999999Z") == NOON + 59


def test_a_time_without_zone_is_refused_with_the_text_to_write() -> None:
    for text in ("2026-11-20 12:00", "2026-11-20T12:00", " 2026-11-20 12:00:30 "):
        with pytest.raises(ValueError) as refused:
            periods.parse_instant(text)
        assert str(refused.value) == f"'{text}' has no time zone: write '{text.strip()} UTC'"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-11-20",
        "12:00 UTC",
        "20.11.2026 12:00 UTC",
        "2026/11/20 12:00 UTC",
        "2026-11-20 12:00 CET",
        "2026-11-20 12:00 UTC+1",
        "2026-11-20 12:00 Europe/Berlin",
        "2026-11-20 12 UTC",
        "2026-11-20 9:00 UTC",
        "26-11-20 12:00 UTC",
        "2026-11-20  12:00 UTC",
        "2026-11-20 12:00 UTC tomorrow",
        "٢٠٢٦-11-20 12:00 UTC",
    ],
)
def test_anything_else_is_no_instant(text: str) -> None:
    with pytest.raises(ValueError) as refused:
        periods.parse_instant(text)
    assert str(refused.value) == f"'{text}' is not an instant: write it like 2026-11-20 10:02 UTC or 2026-11-20T10:02Z"


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-29 12:00 UTC",
        "2026-04-31 12:00 UTC",
        "2026-13-01 12:00 UTC",
        "2026-00-10 12:00 UTC",
        "2026-11-00 12:00 UTC",
        "2026-11-20 24:00 UTC",
        "2026-11-20 12:60 UTC",
        "2026-11-20 12:00:60 UTC",
        "2026-11-20T12:00+15:00",
        "2026-11-20T12:00+99:00",
        "2026-11-20T12:00+05:60",
        "0000-11-20 12:00 UTC",
    ],
)
def test_what_no_calendar_clock_or_zone_has_is_refused(text: str) -> None:
    with pytest.raises(ValueError) as refused:
        periods.parse_instant(text)
    assert str(refused.value) == f"'{text}' is not in the calendar: correct the date, the time or the zone"


def test_the_leap_day_exists_in_leap_years_only() -> None:
    assert periods.parse_instant("2028-02-29 00:00 UTC") == periods.parse_instant("2028-03-01 00:00 UTC") - DAY
    assert periods.parse_date("2000-02-29") == at(2000, 2, 29)
    for text in ("2026-02-29", "2027-02-29"):
        with pytest.raises(ValueError, match=r"is not in the calendar"):
            periods.parse_date(text)


def test_years_other_than_2000_to_2099_are_slips_of_the_keyboard() -> None:
    assert periods.parse_instant("2000-01-01 00:00 UTC") == at(2000, 1, 1)
    assert periods.parse_instant("2099-12-31 23:59 UTC") == at(2099, 12, 31, 23, 59)
    assert periods.parse_instant("2100-01-01T00:30+01:00") == at(2099, 12, 31, 23, 30)
    for text in ("1999-12-31 23:59 UTC", "2100-01-01 00:00 UTC", "0202-11-20 12:00 UTC", "2000-01-01T00:30+01:00"):
        with pytest.raises(ValueError) as refused:
            periods.parse_instant(text)
        assert str(refused.value) == f"'{text}' is not between the years 2000 and 2099: correct the year"


# Dates


def test_a_duration_leads_no_further_than_instants_do() -> None:
    first, last = at(2000, 1, 1), at(2099, 12, 31, 23, 59, 59)
    assert (periods.shifted(last, first - last), periods.shifted(first, last - first)) == (first, last)
    with pytest.raises(ValueError, match=r"^1 s before 1 Jan 2000, 00:00 UTC is not between the years 2000 and 2099: "):
        periods.shifted(first, -1)
    with pytest.raises(ValueError, match=r"^1 s after 31 Dec 2099, 23:59 UTC is not between the years 2000 and 2099: "):
        periods.shifted(last, 1)


def test_a_date_is_the_first_instant_of_its_utc_day() -> None:
    assert periods.parse_date("2026-11-20") == NOON - 12 * HOUR
    assert periods.parse_date(" 2026-11-20 ") == NOON - 12 * HOUR


def test_where_a_date_is_asked_for_an_instant_will_do() -> None:
    assert periods.parse_date("2026-11-20 12:00 UTC") == NOON


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "'' is not a date: write it like 2026-01-05"),
        ("20 Nov 2026", "'20 Nov 2026' is not a date: write it like 2026-01-05"),
        ("2026-11", "'2026-11' is not a date: write it like 2026-01-05"),
        ("2026-1-5", "'2026-1-5' is not a date: write it like 2026-01-05"),
        ("٢٠٢٦-11-20", "'٢٠٢٦-11-20' is not a date: write it like 2026-01-05"),
        ("2026-11-31", "'2026-11-31' is not in the calendar: correct the date, the time or the zone"),
        ("2026-11-20 12:00", "'2026-11-20 12:00' has no time zone: write '2026-11-20 12:00 UTC'"),
        ("1926-11-20", "'1926-11-20' is not between the years 2000 and 2099: correct the year"),
    ],
)
def test_anything_else_is_no_date(text: str, message: str) -> None:
    with pytest.raises(ValueError) as refused:
        periods.parse_date(text)
    assert str(refused.value) == message


# Round trips


def test_what_is_written_reads_as_the_same_instant() -> None:
    for instant in range(at(2023, 12, 30), at(2028, 3, 3), 86_400 * 3 + 3_607):
        assert periods.parse_instant(periods.iso(instant)) == instant
        assert periods.parse_date(periods.iso_day(instant)) == periods.day_of(instant)
        assert int(periods.moment(instant).timestamp()) == instant
        assert periods.moment(instant).tzinfo is UTC


def test_a_month_reads_as_the_span_it_was_written_for() -> None:
    for month in periods.months_between(at(1999, 12, 31), at(2029, 1, 1)):
        start, end = periods.month_span(month)
        assert periods.month_of(start) == periods.month_of(end - 1) == month
        assert periods.month_of(start - 1) != month != periods.month_of(end)


# Days and months


def test_a_day_is_half_open() -> None:
    midnight = at(2026, 11, 20)
    assert [periods.day_of(midnight + offset) for offset in (-1, 0, 1, DAY - 1, DAY)] == [
        midnight - DAY,
        midnight,
        midnight,
        midnight,
        midnight + DAY,
    ]


def test_the_last_days_end_with_the_instants_own() -> None:
    days = periods.days_until(NOON, 90)
    assert len(days) == 90
    assert days[-1] == at(2026, 11, 20)
    assert days[0] == at(2026, 8, 23)
    assert all(later - earlier == DAY for earlier, later in pairwise(days))
    assert list(periods.days_until(NOON, 1)) == [at(2026, 11, 20)]
    assert list(periods.days_until(NOON, 0)) == []


@pytest.mark.parametrize(
    ("month", "days"),
    [("2026-01", 31), ("2026-02", 28), ("2028-02", 29), ("2100-02", 28), ("2026-04", 30), ("2026-12", 31)],
)
def test_months_last_as_long_as_the_calendar_says(month: str, days: int) -> None:
    start, end = periods.month_span(month)
    assert end - start == days * DAY


def test_december_is_followed_by_january() -> None:
    assert periods.month_span("2026-12") == (at(2026, 12, 1), at(2027, 1, 1))


def test_months_are_listed_from_the_latest_back() -> None:
    assert list(periods.months_between(at(2025, 11, 30, 23, 59), at(2026, 2, 1))) == [
        "2026-02",
        "2026-01",
        "2025-12",
        "2025-11",
    ]
    assert list(periods.months_between(NOON, NOON)) == ["2026-11"]
    assert list(periods.months_between(NOON, at(2026, 10, 31))) == []


# Text


def test_instants_are_written_in_utc_without_a_locale() -> None:
    instant = at(2026, 3, 5, 9, 7, 30)
    assert periods.iso(instant) == "2026-03-05T09:07:30Z"
    assert periods.iso_day(instant) == "2026-03-05"
    assert periods.compact(instant) == "20260305T0907Z"
    assert periods.clock(instant) == "09:07"
    assert periods.date(instant) == "5 Mar 2026"
    assert periods.date_and_time(instant) == "5 Mar 2026, 09:07 UTC"
    assert periods.month_of(instant) == "2026-03"
    assert periods.month_name("2026-03") == "March 2026"


def test_every_month_has_its_own_name() -> None:
    assert [periods.date(at(2026, month, 1)).split()[1] for month in range(1, 13)] == list(periods.MONTHS)
    for number, full in enumerate(periods.MONTHS_IN_FULL, 1):
        assert periods.month_name(f"2026-{number:02}") == f"{full} 2026"
        assert full.startswith(periods.MONTHS[number - 1])


def test_a_span_names_its_day_once_unless_it_crosses_midnight() -> None:
    assert periods.span_of_time(at(2026, 11, 20, 10, 2), at(2026, 11, 20, 11, 15)) == "20 Nov 2026, 10:02 – 11:15 UTC"
    assert (
        periods.span_of_time(at(2026, 12, 31, 23, 0), at(2027, 1, 1, 1, 0))
        == "31 Dec 2026, 23:00 – 1 Jan 2027, 01:00 UTC"
    )


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (45, "45 s"),
        (MINUTE, "1 min"),
        (90, "1 min 30 s"),
        (9 * MINUTE + 59, "9 min 59 s"),
        (10 * MINUTE + 59, "10 min"),
        (14 * MINUTE, "14 min"),
        (HOUR - 1, "59 min"),
        (HOUR, "1 h"),
        (HOUR + 59, "1 h"),
        (HOUR + 13 * MINUTE + 59, "1 h 13 min"),
        (DAY - 1, "23 h 59 min"),
        (DAY, "1 d"),
        (DAY + 59 * MINUTE, "1 d"),
        (2 * DAY + 3 * HOUR + 59 * MINUTE, "2 d 3 h"),
        (400 * DAY, "400 d"),
    ],
)
def test_a_duration_is_written_in_its_two_largest_units_cut(seconds: int, text: str) -> None:
    assert periods.duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "up", "fine", "parts"),
    [
        (0, False, False, ((0, "s"),)),
        (90, False, False, ((1, "min"), (30, "s"))),
        (14 * MINUTE + 59, False, False, ((14, "min"),)),
        (14 * MINUTE + 1, True, False, ((15, "min"),)),
        (14 * MINUTE + 1, True, True, ((14, "min"), (1, "s"))),
        (HOUR - 1, True, False, ((1, "h"),)),
        (DAY + 1, True, False, ((1, "d"), (1, "h"))),
        (DAY + 59 * MINUTE, False, False, ((1, "d"),)),
    ],
)
def test_the_parts_of_a_duration_are_numbers_and_units_the_largest_first(
    seconds: int, up: bool, fine: bool, parts: periods.Parts
) -> None:
    assert periods.duration_parts(seconds, up, fine) == parts


@pytest.mark.parametrize(
    ("seconds", "parts"),
    [
        (0, ((0, "min"),)),
        (59, ((0, "min"),)),
        (30 * MINUTE, ((30, "min"),)),
        (90 * MINUTE, ((1, "h"), (30, "min"))),
        (2 * DAY, ((48, "h"),)),
    ],
)
def test_hours_are_no_part_of_a_day(seconds: int, parts: periods.Parts) -> None:
    assert periods.hours_parts(seconds) == parts


@pytest.mark.parametrize(
    ("milliseconds", "up", "parts"),
    [
        (25_920, False, (("25.92", "s"),)),
        (1, False, (("0.001", "s"),)),
        (26_000, False, ((26, "s"),)),
        (60_001, False, ((1, "min"),)),
        (60_001, True, ((1, "min"), (1, "s"))),
        (HOUR * 1_000 + 1, True, ((1, "h"), (1, "min"))),
        (11 * MINUTE * 1_000 + 2_500, False, ((11, "min"), (2, "s"))),
    ],
)
def test_a_budget_has_parts_of_a_second_below_a_minute_only(milliseconds: int, up: bool, parts: periods.Parts) -> None:
    assert periods.budget_parts(milliseconds, up) == parts


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (0, "0 ms"),
        (183, "183 ms"),
        (999, "999 ms"),
        (1_000, "1 s"),
        (1_500, "1.5 s"),
        (1_001, "1.01 s"),
        (1_099, "1.1 s"),
        (1_999, "2 s"),
        (60_000, "60 s"),
    ],
)
def test_thresholds_are_written_in_milliseconds_or_seconds(milliseconds: int, text: str) -> None:
    assert " ".join(f"{number} {unit}" for number, unit in periods.latency_parts(milliseconds)) == text
