"""Maintenance as a file for calendars, read back with another's eyes (RFC 5545)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from icalendar import Calendar, Event

from statusgen.model import Maintenance, Phase
from statusgen.periods import moment
from statusgen.render import site as whole
from statusgen.render.output import Output
from statusgen.views import Snapshot

from ..literals import DAY, HOUR, MINUTE, NOW, component, maintenance, site, take, update
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


def outputs(made: Snapshot) -> list[Output]:
    files = whole.render(made, THEME, rendered(made), {}, {})
    return [file for path, file in files.items() if path.endswith(".ics") and isinstance(file, Output)]


def test_a_maintenance_is_an_event_of_its_scheduled_time() -> None:
    assert entry().decoded("dtstart") == moment(NOW + DAY) == datetime(2026, 11, 26, 12, tzinfo=UTC)
    assert entry().decoded("dtend") == moment(NOW + DAY + 2 * HOUR)
    assert str(entry()["summary"]) == "Example: Upgrade"
    assert str(entry()["url"]) == "https://status.example.org/incidents/upgrade/"
    assert str(entry()["description"]) == (
        "Affected: Api\n\nWe upgrade.\n\nhttps://status.example.org/incidents/upgrade/"
    )
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


def test_what_nobody_announced_is_dated_by_the_first_instant_that_is_known_of() -> None:
    earlier = maintenance("earlier", NOW - DAY, NOW - DAY + HOUR)
    silent = publish(take(site(), [earlier, replace(PLANNED, updates=())]))[PATH]
    (found,) = Calendar.from_ical(silent).walk("VEVENT")
    assert (found.decoded("dtstamp"), found["sequence"]) == (moment(NOW - DAY), 0)


def test_a_maintenance_that_was_called_off_is_cancelled() -> None:
    off = replace(PLANNED, updates=(ANNOUNCED, update(NOW - HOUR, Phase.CANCELLED, "No.")))
    assert str(entry(off)["status"]) == "CANCELLED"


def test_a_later_build_makes_the_same_bytes_and_need_not_make_them() -> None:
    first, later = take(site(), [PLANNED]), take(site(), [PLANNED], now=NOW + HOUR)
    assert content(now=NOW) == content(now=NOW + HOUR)
    assert [output.key for output in outputs(first)] == [output.key for output in outputs(later)]


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
    assert sorted(path for path in files if path.startswith("incidents/") and path.endswith(".ics")) == [
        "incidents/past/event.ics",
        PATH,
    ]


# To subscribe to

TWO = site(component("api"), component("web"))
OF_API = replace(PLANNED, slug="of-api", components=("api",))
OF_BOTH = replace(PLANNED, slug="of-both", components=("api", "web"))


def subscribed(path: str, *events: Maintenance, now: int = NOW) -> Calendar:
    content = publish(take(TWO, events, now=now))[path]
    assert content.count(b"\n") == content.count(b"\r\n")
    read = Calendar.from_ical(content)
    assert isinstance(read, Calendar)
    return read


def uids(path: str, *events: Maintenance, now: int = NOW) -> list[str]:
    return [str(event["uid"]) for event in subscribed(path, *events, now=now).walk("VEVENT")]


def test_the_pages_calendar_holds_every_maintenance_and_a_components_its_own() -> None:
    host = "@status.example.org"
    assert uids("maintenance.ics", OF_API, OF_BOTH) == [f"of-api{host}", f"of-both{host}"]
    assert uids("components/api/maintenance.ics", OF_API, OF_BOTH) == [f"of-api{host}", f"of-both{host}"]
    assert uids("components/web/maintenance.ics", OF_API, OF_BOTH) == [f"of-both{host}"]


def test_a_calendar_of_nothing_is_valid_and_there_before_the_first_maintenance() -> None:
    read = subscribed("components/web/maintenance.ics", OF_API)
    assert read.walk("VEVENT") == []
    assert [each.name for each in read.subcomponents] == ["VTIMEZONE"]  # RFC 5545 §3.6: at least one component
    assert str(read["name"]) == "Example – maintenance: Web"


def test_a_calendar_says_its_name_and_how_often_to_ask() -> None:
    read = subscribed("maintenance.ics", OF_API)
    assert str(read["name"]) == str(read["x-wr-calname"]) == "Example – maintenance"
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n" in read.to_ical()
    assert str(read["method"]) == "PUBLISH"


def test_what_was_called_off_stays_in_the_calendar_and_what_is_long_over_leaves_it() -> None:
    off = replace(OF_API, updates=(ANNOUNCED, update(NOW - HOUR, Phase.CANCELLED, "No.")))
    (event,) = subscribed("maintenance.ics", off).walk("VEVENT")
    assert (str(event["status"]), event["sequence"]) == ("CANCELLED", 2)
    assert uids("maintenance.ics", OF_API, now=OF_API.end + 365 * DAY - 1) != []
    assert uids("maintenance.ics", OF_API, now=OF_API.end + 365 * DAY) == []


def test_events_stand_in_the_order_of_their_time_and_have_the_properties_that_the_standard_asks_for() -> None:
    later = replace(OF_API, slug="a-later", start=OF_API.start + DAY, end=OF_API.end + DAY)
    events = subscribed("maintenance.ics", later, OF_API).walk("VEVENT")
    assert [str(event["uid"]).partition("@")[0] for event in events] == ["of-api", "a-later"]
    for event in events:
        assert {"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "LAST-MODIFIED"} <= set(event)
