"""Months, quarters and years of a zone whatever its clocks do, and the hours in which somebody is there."""

from __future__ import annotations

import pytest

from statusgen import calendars
from statusgen.calendars import ALWAYS, Hours, open_between, open_seconds, period_name, period_span, periods_between
from statusgen.intervals import Intervals
from statusgen.periods import DAY, HOUR, MINUTE, parse_instant
from tests.machine import within

BERLIN = "Europe/Berlin"


def at(text: str) -> int:
    return parse_instant(text)


# Periods


@pytest.mark.parametrize(
    ("zone", "name", "hours"),
    [
        ("UTC", "2026-11", 720),
        ("UTC", "2028-02", 29 * 24),
        ("UTC", "2027-02", 28 * 24),
        (BERLIN, "2026-03", 743),  # the clocks go forward on the 29th
        (BERLIN, "2026-10", 745),  # and back on the 25th
        (BERLIN, "2026-Q1", 90 * 24 - 1),
        (BERLIN, "2026-Q4", 92 * 24 + 1),
        (BERLIN, "2026-Q3", 92 * 24),
        (BERLIN, "2026", 365 * 24),  # there and back
        ("UTC", "2028", 366 * 24),
        ("Australia/Lord_Howe", "2026-04", 720.5),  # half an hour, and the seasons are the other way round
        ("Australia/Lord_Howe", "2026-10", 743.5),
        ("Africa/Casablanca", "2026-02", 28 * 24 + 1),  # in Ramadan the clocks go back
        ("Pacific/Apia", "2011-12", 30 * 24),  # Samoa left out 30 December
        ("Asia/Kolkata", "2026-07", 31 * 24),
    ],
)
def test_a_period_is_as_long_as_the_clocks_of_its_zone_say(zone: str, name: str, hours: float) -> None:
    start, end = period_span(zone, name)
    assert end - start == hours * HOUR


@pytest.mark.parametrize(
    ("zone", "name", "start", "end"),
    [
        (BERLIN, "2026-11", "2026-10-31T23:00Z", "2026-11-30T23:00Z"),
        (BERLIN, "2026-Q2", "2026-03-31T22:00Z", "2026-06-30T22:00Z"),
        (BERLIN, "2026", "2025-12-31T23:00Z", "2026-12-31T23:00Z"),
        ("America/New_York", "2026-12", "2026-12-01T05:00Z", "2027-01-01T05:00Z"),
        ("UTC", "2026-Q4", "2026-10-01T00:00Z", "2027-01-01T00:00Z"),
        ("America/Asuncion", "2023-10", "2023-10-01T04:00Z", "2023-11-01T03:00Z"),  # 1 October began at 01:00
        ("America/Havana", "2020-11", "2020-11-01T04:00Z", "2020-12-01T05:00Z"),  # 1 November has midnight twice
    ],
)
def test_a_period_begins_and_ends_with_its_first_days(zone: str, name: str, start: str, end: str) -> None:
    assert period_span(zone, name) == (at(start), at(end))


@pytest.mark.parametrize(
    ("zone", "day", "start"),
    [
        ("Africa/Cairo", "2026-04-24", "2026-04-23T22:00Z"),  # there is no midnight: the day begins at 01:00
        ("Atlantic/Azores", "2026-03-29", "2026-03-29T01:00Z"),
        ("Atlantic/Azores", "2026-10-25", "2026-10-25T00:00Z"),  # midnight comes twice: the first begins the day
        ("Asia/Beirut", "2026-03-29", "2026-03-28T22:00Z"),
        (BERLIN, "2026-03-29", "2026-03-28T23:00Z"),
        ("UTC", "2028-02-29", "2028-02-29T00:00Z"),
    ],
)
def test_a_day_begins_with_its_first_instant(zone: str, day: str, start: str) -> None:
    assert calendars.day_start(zone, day) == at(start)
    assert calendars.day_text(at(start), zone) == day
    assert calendars.day_text(at(start) - 1, zone) < day


@pytest.mark.parametrize("zone", ["UTC", BERLIN, "Australia/Lord_Howe", "America/Asuncion", "America/Havana"])
@pytest.mark.parametrize("months", [1, 3, 12])
def test_periods_follow_each_other_without_a_gap_and_know_their_names(zone: str, months: int) -> None:
    first, last = at("2022-06-15T12:00Z"), at("2028-03-01T12:00Z")
    names = list(periods_between(zone, months, first, last))
    told = [period_span(zone, name) for name in names]
    assert names[0] == period_name(zone, months, last)
    assert names[-1] == period_name(zone, months, first)
    assert len(names) == {1: 70, 3: 24, 12: 7}[months]
    assert [start for start, _ in told[:-1]] == [end for _, end in told[1:]]
    for name, (start, end) in zip(names, told, strict=True):
        assert period_name(zone, months, start) == period_name(zone, months, end - 1) == name


def test_there_are_no_periods_after_the_last_instant() -> None:
    assert list(periods_between("UTC", 1, 10, 9)) == []
    start = at("2026-11-01T00:00Z")
    assert list(periods_between("UTC", 1, start, start)) == ["2026-11"]
    assert list(periods_between("UTC", 1, start - 1, start)) == ["2026-11", "2026-10"]


@pytest.mark.parametrize(
    "name", ["2026-13", "2026-00", "2026-1", "2026-Q5", "2026-q1", "26", "1989", "2110", "", "٢٠٢٦"]
)
def test_what_is_not_a_period_is_refused_with_the_remedy(name: str) -> None:
    with pytest.raises(ValueError, match="is not a period: write a month like 2026-11"):
        period_span("UTC", name)


@pytest.mark.parametrize("text", ["2026-02-29", "2026-1-5", "26-01-05", "1999-01-01", "tomorrow", "2026-01-05T00:00Z"])
def test_what_is_not_a_day_is_refused_with_the_remedy(text: str) -> None:
    with pytest.raises(ValueError, match="is not a date: write it like 2026-12-25"):
        calendars.day_start("UTC", text)


def test_a_zone_is_one_of_the_database() -> None:
    assert calendars.zone_named("UTC") == "UTC"
    assert calendars.zone_named(BERLIN) == BERLIN
    for name in ("CET", "Europe/Berlim", "../etc/passwd", ""):
        with pytest.raises(ValueError, match="is not a time zone"):
            calendars.zone_named(name)


# Hours as text


@pytest.mark.parametrize(
    ("text", "days"),
    [("mon", (0,)), ("mon-fri", (0, 1, 2, 3, 4)), ("sat, sun", (5, 6)), ("MON-TUE,sun", (0, 1, 6)), ("wed-wed", (2,))],
)
def test_days_of_the_week_are_read(text: str, days: tuple[int, ...]) -> None:
    assert calendars.parse_days(text) == days


@pytest.mark.parametrize("text", ["", "fri-mon", "monday", "mon-", "mon,", "-fri", "mon-tue-wed"])
def test_what_are_not_days_is_refused_with_the_remedy(text: str) -> None:
    with pytest.raises(ValueError, match="is not days of the week: write mon-fri"):
        calendars.parse_days(text)


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("09:00-17:00", ((9 * HOUR, 17 * HOUR),)),
        ("9:00 – 12:30, 13:00-17:05", ((9 * HOUR, 12 * HOUR + 30 * MINUTE), (13 * HOUR, 17 * HOUR + 5 * MINUTE))),
        ("00:00-24:00", ((0, DAY),)),
        ("08:00-12:00, 12:00-16:00", ((8 * HOUR, 12 * HOUR), (12 * HOUR, 16 * HOUR))),
        ("closed", ()),
    ],
)
def test_hours_of_a_day_are_read_and_written(text: str, spans: tuple[tuple[int, int], ...]) -> None:
    assert calendars.parse_spans(text) == spans
    ((_, written),) = Hours(id="office", week=(spans,) * 7).rows
    assert calendars.parse_spans(written) == spans


@pytest.mark.parametrize(
    "text", ["", "9-17", "17:00-09:00", "09:00-09:00", "09:00-24:01", "09:60-10:00", "25:00-26:00"]
)
def test_what_are_not_hours_is_refused_with_the_remedy(text: str) -> None:
    with pytest.raises(ValueError, match="is not hours of a day: write 09:00-17:00"):
        calendars.parse_spans(text)


@pytest.mark.parametrize("text", ["09:00-12:00, 11:59-17:00", "13:00-17:00, 09:00-12:00"])
def test_hours_that_overlap_or_go_backwards_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="overlaps itself: write the hours in order"):
        calendars.parse_spans(text)


def test_a_day_has_no_more_than_24_spans() -> None:
    spans = [f"{hour:02}:{half}0-{hour:02}:{half}1" for hour in range(24) for half in (0, 3)]
    assert len(calendars.parse_spans(",".join(spans[:24]))) == 24
    with pytest.raises(
        ValueError, match=r"^'00:00-00:01,\S+…' has 25 spans: write at most 24 for a day, joining some$"
    ):
        calendars.parse_spans(",".join(spans[:25]))


def test_days_that_are_alike_in_a_row_are_one_row() -> None:
    office, short = ((9 * HOUR, 17 * HOUR),), ((9 * HOUR, 12 * HOUR), (13 * HOUR, 14 * HOUR + 30 * MINUTE))
    hours = Hours(id="office", week=(office, office, short, office, office, (), ()))
    assert hours.rows == (
        ("Monday – Tuesday", "09:00 – 17:00"),
        ("Wednesday", "09:00 – 12:00, 13:00 – 14:30"),
        ("Thursday – Friday", "09:00 – 17:00"),
        ("Saturday – Sunday", "closed"),
    )
    assert ALWAYS.rows == (("Monday – Sunday", "00:00 – 24:00"),)


def test_runs_are_the_same_days_as_numbers_without_a_word_of_any_language() -> None:
    hours = Hours(id="office", week=(((9 * HOUR, 17 * HOUR),),) * 5 + ((), ((10 * HOUR, 12 * HOUR),)))
    assert hours.runs == ((0, 4, "09:00 – 17:00"), (5, 5, ""), (6, 6, "10:00 – 12:00"))
    assert ALWAYS.runs == ((0, 6, "00:00 – 24:00"),)


# Who is there


def every_day(text: str, zone: str = BERLIN, holidays: tuple[str, ...] = ()) -> Hours:
    return Hours(id="shift", zone=zone, week=(calendars.parse_spans(text),) * 7, holidays=holidays)


@pytest.mark.parametrize(
    ("shift", "day", "hours"),
    [
        ("01:30-03:30", "2026-03-28", 2),
        ("01:30-03:30", "2026-03-29", 1),  # 02:00 to 03:00 does not exist
        ("01:30-03:30", "2026-10-25", 3),  # 02:00 to 03:00 comes twice
        ("00:00-24:00", "2026-03-29", 23),
        ("00:00-24:00", "2026-10-25", 25),
        ("02:00-03:00", "2026-03-29", 0),
        ("09:00-17:00", "2026-10-25", 8),
    ],
)
def test_a_shift_is_as_long_as_the_clocks_say(shift: str, day: str, hours: int) -> None:
    start = calendars.day_start(BERLIN, day)
    length = {"2026-03-29": 23, "2026-10-25": 25}.get(day, 24) * HOUR
    staffed = every_day(shift, holidays=("2026-01-01",))  # one holiday, so that it is never "always"
    assert open_between(staffed, start, start + length).seconds == hours * HOUR
    assert open_between(staffed, start - DAY, start + length + DAY).clip(start, start + length).seconds == hours * HOUR


def test_the_first_shift_of_summer_begins_at_the_same_hour_on_the_wall() -> None:
    start = at("2026-03-28T00:00Z")
    found = open_between(every_day("09:00-10:00"), start, start + 2 * DAY)
    assert found == Intervals(
        [(at("2026-03-28T08:00Z"), at("2026-03-28T09:00Z")), (at("2026-03-29T07:00Z"), at("2026-03-29T08:00Z"))]
    )


def test_nobody_is_there_on_a_holiday_nor_on_a_closed_day() -> None:
    office = calendars.parse_spans("09:00-17:00")
    hours = Hours(id="office", zone=BERLIN, week=(office,) * 5 + ((),) * 2, holidays=("2026-12-25",))
    start, end = at("2026-12-24T00:00Z"), at("2026-12-29T00:00Z")  # Thursday to Monday
    assert open_between(hours, start, end) == Intervals(
        [(at("2026-12-24T08:00Z"), at("2026-12-24T16:00Z")), (at("2026-12-28T08:00Z"), at("2026-12-28T16:00Z"))]
    )


def test_a_holiday_is_one_of_the_zone() -> None:
    hours = every_day("00:00-24:00", "America/New_York", ("2026-12-25",))
    start, end = at("2026-12-25T00:00Z"), at("2026-12-27T00:00Z")
    shut = Intervals([(at("2026-12-25T05:00Z"), at("2026-12-26T05:00Z"))])
    assert open_between(hours, start, end) == Intervals([(start, end)]) - shut


def test_only_what_lies_within_the_time_asked_about_counts() -> None:
    hours = every_day("09:00-17:00", "UTC")
    start = at("2026-11-20T00:00Z")
    assert open_between(hours, start + 10 * HOUR, start + 11 * HOUR).seconds == HOUR
    assert open_between(hours, start + 16 * HOUR, start + 34 * HOUR).seconds == 2 * HOUR
    assert open_between(hours, start + 18 * HOUR, start + 20 * HOUR) == Intervals()
    assert open_between(hours, start + 17 * HOUR, start + 33 * HOUR) == Intervals()


def test_a_day_that_ends_at_midnight_goes_on_with_the_next() -> None:
    hours = every_day("00:00-24:00", holidays=("2026-11-22",))
    start = calendars.day_start(BERLIN, "2026-11-20")
    assert open_between(hours, start, start + 5 * DAY) == Intervals(
        [(start, start + 2 * DAY), (start + 3 * DAY, start + 5 * DAY)]
    )


def test_always_is_every_second_of_any_zone() -> None:
    assert ALWAYS.is_always
    assert open_between(ALWAYS, 5, 17) == Intervals([(5, 17)])
    assert open_between(every_day("00:00-24:00"), 5, 17) == Intervals([(5, 17)])
    assert not every_day("00:00-24:00", holidays=("2026-12-25",)).is_always
    assert not every_day("00:00-23:59").is_always
    assert not Hours(id="week", week=(((0, DAY),),) * 6 + ((),)).is_always


@pytest.mark.parametrize(
    ("day", "span", "minutes"),
    [
        ("2026-03-29", "02:30-03:15", 15),  # clocks go from 02:00 to 03:00, so they show 03:00 to 03:15
        ("2026-03-29", "01:30-02:30", 30),
        ("2026-03-29", "02:15-02:45", 0),
        ("2026-03-29", "02:30-04:00", 60),
        ("2026-10-25", "01:00-02:30", 120),  # clocks go from 03:00 to 02:00: 02:00 to 02:30 is shown twice
        ("2026-10-25", "02:00-02:30", 60),
        ("2026-10-25", "02:30-04:00", 120),
        ("2026-10-25", "00:00-24:00", 1_500),
    ],
)
def test_hours_are_what_the_clocks_show_when_they_change(day: str, span: str, minutes: int) -> None:
    hours = Hours(id="x", zone="Europe/Berlin", week=(calendars.parse_spans(span),) * 7)
    start, end = (calendars.day_start("Europe/Berlin", each) for each in (day, f"{day[:8]}{int(day[8:]) + 1}"))
    assert open_between(hours, start, end).seconds == minutes * 60


HALVES = ", ".join(f"{hour:02}:00-{hour:02}:30" for hour in range(24))


@pytest.mark.parametrize("zone", ["UTC", BERLIN, "America/St_Johns", "Pacific/Apia", "Australia/Lord_Howe"])
@pytest.mark.parametrize("text", ["00:00-24:00", "09:00-12:00, 13:00-17:00"])
def test_how_long_somebody_is_there_is_how_long_those_times_are(zone: str, text: str) -> None:
    hours = Hours(
        id="x", zone=zone, week=(calendars.parse_spans(text),) * 6 + ((),), holidays=("2009-11-02", "2011-12-29")
    )
    begin = at("2009-09-01T02:41Z")
    for end in range(begin, at("2012-02-01T00:00Z"), 97 * DAY + 5_003):
        for start in range(begin, end, 211 * DAY + 2_777):
            assert open_seconds(hours, start, end) == open_between(hours, start, end).seconds


def test_decades_are_added_up_fast_and_but_once() -> None:
    hours = Hours(id="x", zone=BERLIN, week=(calendars.parse_spans(HALVES),) * 7, holidays=("2026-12-25",) * 1_000)
    start, end = at("2000-01-01T00:00Z"), at("2026-01-01T00:00Z")
    with within(2):
        assert {open_seconds(hours, start + i, end + i) for i in range(0, 50 * HOUR, HOUR)} == {(end - start) // 2}
