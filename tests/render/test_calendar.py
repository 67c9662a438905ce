"""Maintenance as a file for calendars, read back with another's eyes (RFC 5545)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from icalendar import Calendar, Event

from statusgen.model import Maintenance, Phase
from statusgen.periods import moment
from statusgen.render import calendar
from statusgen.render import site as whole

from ..literals import DAY, HOUR, MINUTE, NOW, maintenance, site, take, update
from .published import THEME, publish, rendered

ANNOUNCED = update(NOW - DAY, Phase.SCHEDULED, "We upgrade.")
PLANNED = maintenance("upgrade", NOW + DAY, NOW + DAY + 2 * HOUR, ANNOUNCED)
PATH = "incidents/upgrade/event.ics"


def content(of: Maintenance = PLANNED, now: int = NOW) -> bytes:
    return publish(take(site(), [of], now=now))[PATH]


def entry(of: Maintenance = PLANNED, now: int = NOW) -> Event:
    (found,) = Calendar.from_ical(content(of, now)).walk("VEVENT")
    assert isinstance(found, Event)
    return found


def test_a_maintenance_is_an_event_of_its_scheduled_time() -> None:
    assert entry().decoded("dtstart") == moment(NOW + DAY) == datetime(2026, 11, 26, 12, tzinfo=UTC)
    assert entry().decoded("dtend") == moment(NOW + DAY + 2 * HOUR)
    assert str(entry()["summary"]) == "Example: Upgrade"
    assert str(entry()["url"]) == str(entry()["description"]) == "https://status.example.org/incidents/upgrade/"
    assert (str(entry()["status"]), str(entry()["transp"])) == ("CONFIRMED", "TRANSPARENT")


def test_the_calendar_names_its_maker_and_its_version_and_lines_end_as_the_standard_asks() -> None:
    read = Calendar.from_ical(content())
    assert (str(read["version"]), str(read["prodid"])) == ("2.0", "-//statusgen//maintenance//EN")
    assert content().count(b"\n") == content().count(b"\r\n") > 10
    assert max(len(line) for line in content().split(b"\r\n")) <= 75


def test_the_uid_is_made_of_what_never_changes() -> None:
    moved = replace(PLANNED, title="Else", start=NOW + 3 * DAY, end=NOW + 4 * DAY, updates=())
    assert str(entry()["uid"]) == str(entry(moved)["uid"]) == "upgrade@status.example.org"


def test_what_was_said_last_dates_it_and_every_update_counts() -> None:
    again = replace(PLANNED, updates=(ANNOUNCED, update(NOW - HOUR, Phase.SCHEDULED, "Later.")))
    assert (entry().decoded("dtstamp"), entry()["sequence"]) == (moment(NOW - DAY), 1)
    assert (entry(again).decoded("dtstamp"), entry(again)["sequence"]) == (moment(NOW - HOUR), 2)


def test_what_nobody_announced_is_dated_by_its_own_start() -> None:
    assert entry(replace(PLANNED, updates=())).decoded("dtstamp") == moment(NOW + DAY)


def test_a_maintenance_that_was_called_off_is_cancelled() -> None:
    off = replace(PLANNED, updates=(ANNOUNCED, update(NOW - HOUR, Phase.CANCELLED, "No.")))
    assert str(entry(off)["status"]) == "CANCELLED"


def test_a_later_build_makes_the_same_bytes_and_need_not_make_them() -> None:
    first, later = take(site(), [PLANNED]), take(site(), [PLANNED], now=NOW + HOUR)
    assert content(now=NOW) == content(now=NOW + HOUR)
    assert calendar.output(first, first.events[0]).key == calendar.output(later, later.events[0]).key


@pytest.mark.parametrize("title", ["A, B; C\\D", "Zwei\nZeilen", "ü" * 200])
def test_any_title_comes_back_as_it_was_written(title: str) -> None:
    assert str(entry(replace(PLANNED, title=title))["summary"]) == f"Example: {title}"


def test_there_is_a_file_for_every_maintenance_that_is_no_draft_and_for_no_incident() -> None:
    events = [
        PLANNED,
        replace(PLANNED, slug="hidden", draft=True),
        maintenance("past", NOW - DAY, NOW - DAY + MINUTE),
    ]
    made = take(site(), events)
    files = whole.render(made, THEME, rendered(made), {}, {})
    assert sorted(path for path in files if path.endswith(".ics")) == ["incidents/past/event.ics", PATH]
