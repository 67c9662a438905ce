"""Maintenance that repeats: which occurrences there are, which update is of which, and what a site makes of them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

from statusgen import incidents, lint, occurrences
from statusgen.errors import Level
from statusgen.model import Maintenance, Phase, Recurrence, Site, Update
from statusgen.periods import DAY, HOUR, MINUTE, iso, parse_instant
from statusgen.promises import Kind, Objective, Period, Policy, Share
from statusgen.views import EventView, Snapshot

from .literals import maintenance, site, take, unchecked, update
from .render.published import publish
from .sites import COMPONENTS, commit_all, statusgen, write

at = parse_instant
FIRST = at("2026-12-06T02:00+01:00")
WEEK = 7 * DAY
HEAD = """\
---
title: Weekly maintenance
type: maintenance
components: [api]
scheduled: {from: 2026-12-06T02:00+01:00, until: 2026-12-06T04:00+01:00}
repeats:
  rule: FREQ=WEEKLY;BYDAY=SU
  timezone: Europe/Berlin
"""
ANNOUNCED = "## Scheduled · 2026-11-24 09:00 UTC\nWe tidy up.\n"
SITE = site(unchecked("api", since=at("2026-12-01 00:00 UTC")), unchecked("web", since=at("2026-12-01 00:00 UTC")))


def read(*updates: str, more: str = "", announced: str = ANNOUNCED) -> Maintenance:
    """Return a series that is read without any error."""
    body = "\n".join([announced, *(f"## {each}\n" for each in updates)])
    reading = incidents.read_all({"incidents/weekly.md": f"{HEAD}{more}---\n{body}"}, ["api", "web"])
    assert [str(problem) for problem in reading.problems if problem.level is Level.ERROR] == []
    (event,) = reading.events
    assert isinstance(event, Maintenance)
    return event


def told(series: Maintenance, now: str = "2026-12-01 00:00 UTC") -> dict[str, Maintenance]:
    """Return the occurrences by their dates."""
    made = occurrences.told(series, at(now))
    return {each.slug.removeprefix("weekly-"): each for each in made if isinstance(each, Maintenance)}


def phases(series: Maintenance, now: str = "2027-03-01 00:00 UTC") -> dict[str, list[str]]:
    """Return what was told of each occurrence of which something was."""
    return {date: [u.phase.value for u in each.updates] for date, each in told(series, now).items() if each.updates}


def snapshot(series: Maintenance, now: str, of: Site = SITE) -> Snapshot:
    return take(of, [series], now=at(now))


def shown(made: Snapshot) -> dict[str, EventView]:
    return {event.slug.removeprefix("weekly-"): event for event in made.events}


def excluded(series: Maintenance, now: str) -> dict[str, int]:
    """Return the seconds of each UTC day that are left out."""
    days = snapshot(series, now).components[0].days
    return {iso(day.start)[:10]: day.tally.excluded for day in days if day.tally.excluded}


# Which there are


def test_an_event_that_does_not_repeat_is_itself() -> None:
    for event in (maintenance("m", 0, 1), replace(maintenance("m", 0, 1), series="weekly")):
        assert occurrences.told(event, 5) == (event,)


def test_an_occurrence_is_an_ordinary_maintenance_that_knows_its_series() -> None:
    series = read()
    first, second, *_ = occurrences.told(series, FIRST)
    assert isinstance(first, Maintenance)
    assert isinstance(second, Maintenance)
    assert (first.slug, first.start, first.end) == ("weekly-2026-12-06", FIRST, FIRST + 2 * HOUR)
    assert (second.slug, second.start, second.end) == ("weekly-2026-12-13", FIRST + WEEK, FIRST + WEEK + 2 * HOUR)
    for each in (first, second):
        assert (each.path, each.title, each.components) == ("incidents/weekly.md", "Weekly maintenance", ("api",))
        assert (each.recurrence, each.series, each.announced) == (None, "weekly", at("2026-11-24 09:00 UTC"))
        assert each.repeats is not None
        assert (each.repeats.rule, each.repeats.first) == ("FREQ=WEEKLY;BYDAY=SU", FIRST)


def test_the_horizon_is_ninety_days_and_ten_occurrences() -> None:
    assert len(told(read())) == 10
    assert len(told(read(), "2026-12-20 12:00 UTC")) == 3 + 10
    monthly = replace(read(), recurrence=Recurrence(rule="FREQ=MONTHLY;BYMONTHDAY=6", zone="Europe/Berlin"))
    assert list(told(monthly)) == ["2026-12-06", "2027-01-06", "2027-02-06"]  # 6 March is 95 days ahead


def test_the_next_one_is_told_however_far_it_is() -> None:
    yearly = replace(read(), recurrence=Recurrence(rule="FREQ=YEARLY", zone="Europe/Berlin"))
    assert list(told(yearly, "2027-01-01 00:00 UTC")) == ["2026-12-06", "2027-12-06"]
    assert list(told(yearly, "2020-01-01 00:00 UTC")) == ["2026-12-06"]


def test_one_that_something_was_said_of_is_told_however_far_it_is() -> None:
    made = told(read("Cancelled · 2026-11-25 09:00 UTC\nOccurrence: 2027-06-06"))
    assert list(made)[-1] == "2027-06-06"
    assert len(made) == 11


def test_an_exception_takes_no_place() -> None:
    assert list(told(read(more="  except: [2026-12-13, 2026-12-27]\n")))[:3] == [
        "2026-12-06",
        "2026-12-20",
        "2027-01-03",
    ]


def test_an_occurrence_begins_at_its_very_instant() -> None:
    once = replace(read(), recurrence=Recurrence(rule="FREQ=WEEKLY;COUNT=2", zone="Europe/Berlin"))
    second = FIRST + WEEK
    for now, phase in (
        (second - 1, Phase.SCHEDULED),
        (second, Phase.IN_PROGRESS),
        (second + 2 * HOUR, Phase.COMPLETED),
    ):
        made = take(SITE, [once], now=now)
        assert shown(made)["2026-12-13"].phase is phase


def test_the_same_inputs_give_the_same_occurrences() -> None:
    assert occurrences.told(read(), FIRST) == occurrences.told(read(), FIRST)


# Whose updates are whose


def test_the_announcement_is_of_the_first_that_is_not_over() -> None:
    assert phases(read()) == {"2026-12-06": ["scheduled"]}
    again = read("Scheduled · 2026-12-06 02:59 UTC\nSoon.", "Scheduled · 2026-12-06 03:00 UTC\nSoon.")
    assert phases(again) == {"2026-12-06": ["scheduled", "scheduled"], "2026-12-13": ["scheduled"]}


def test_work_is_of_the_latest_that_began_or_begins_within_the_hour() -> None:
    series = read(
        "In progress · 2026-12-06 00:00 UTC\nWe begin.",
        "Completed · 2026-12-06 02:10 UTC\nDone.",
        "In progress · 2026-12-13 01:00 UTC\nWe begin.",
        "Verifying · 2026-12-13 02:00 UTC\nWe look.",
        "Completed · 2026-12-15 09:00 UTC\nDone.",
    )
    assert phases(series) == {
        "2026-12-06": ["scheduled", "in progress", "completed"],
        "2026-12-13": ["in progress", "verifying", "completed"],
    }


def test_an_occurrence_that_is_named_is_the_one() -> None:
    series = read(
        "Cancelled · 2026-12-01 09:00 UTC\nOccurrence: 2026-12-20\nNot this time.",
        "In progress · 2026-12-12 20:00 UTC\nComponents: api under_maintenance\nOccurrence: 2026-12-13\nEarly.",
    )
    assert phases(series) == {"2026-12-06": ["scheduled"], "2026-12-13": ["in progress"], "2026-12-20": ["cancelled"]}
    assert told(series, "2027-01-01 00:00 UTC")["2026-12-13"].updates[0].text == "Early."


def test_lines_at_the_top_may_stand_in_any_order() -> None:
    lines = ("Components: api operational", "Next update: 2026-12-13 05:00 UTC", "Occurrence: 2026-12-13")
    for order in ((0, 1, 2), (2, 1, 0), (1, 2, 0)):
        series = read("Verifying · 2026-12-13 03:00 UTC\n" + "\n".join(lines[i] for i in order) + "\nWe look.")
        (found,) = told(series, "2027-01-01 00:00 UTC")["2026-12-13"].updates
        assert (found.text, found.next, len(found.components)) == ("We look.", at("2026-12-13 05:00 UTC"), 1)
        assert found.occurrence == "2026-12-13"


def test_an_announcement_after_one_that_was_completed_early_is_of_the_next() -> None:
    series = read("Completed · 2026-12-06 02:00 UTC\nDone.", "Scheduled · 2026-12-06 02:30 UTC\nOn we go.")
    assert phases(series) == {"2026-12-06": ["scheduled", "completed"], "2026-12-13": ["scheduled"]}


def test_cancelled_without_an_occurrence_ends_the_series() -> None:
    series = read("Cancelled · 2026-12-08 09:00 UTC\nWe moved.")
    made = shown(snapshot(series, "2026-12-09 00:00 UTC"))
    assert {date: event.phase for date, event in made.items()} == {
        "2026-12-13": Phase.CANCELLED,
        "2026-12-06": Phase.COMPLETED,
    }
    assert len(told(series, "2026-12-08 08:59 UTC")) == 11  # it was not known yet
    assert excluded(series, "2026-12-25 00:00 UTC") == {"2026-12-06": 2 * HOUR}


def test_what_was_said_of_later_ones_is_kept_where_the_series_ends() -> None:
    series = read(
        "Scheduled · 2026-12-01 09:00 UTC\nOccurrence: 2026-12-27\nLonger than usual.",
        "Cancelled · 2026-12-08 09:00 UTC\nWe moved.",
    )
    assert phases(series) == {"2026-12-06": ["scheduled"], "2026-12-13": ["scheduled", "cancelled"]}


def test_the_one_that_goes_on_when_the_series_is_cancelled_can_be_completed() -> None:
    series = read("Cancelled · 2026-12-06 02:00 UTC\nThe last.", "Completed · 2026-12-06 02:30 UTC\nDone.")
    assert phases(series) == {"2026-12-06": ["scheduled", "completed"], "2026-12-13": ["cancelled"]}


def test_updates_that_are_not_known_yet_change_nothing() -> None:
    series = read("Cancelled · 2026-12-08 09:00 UTC\nWe moved.")
    without = replace(series, updates=series.updates[:1])
    assert occurrences.told(series, at("2026-12-08 08:00 UTC")) == occurrences.told(without, at("2026-12-08 08:00 UTC"))


# Numbers


def test_every_window_is_left_out_as_far_as_it_was_worked() -> None:
    series = read(
        "Completed · 2026-12-06 02:00 UTC\nDone early.",
        "Cancelled · 2026-12-12 09:00 UTC\nOccurrence: 2026-12-13\nNot this time.",
        more="  except: [2026-12-27]\n",
    )
    assert excluded(series, "2027-01-09 00:00 UTC") == {
        "2026-12-06": HOUR,  # rule 6: until completion
        "2026-12-20": 2 * HOUR,
        "2027-01-03": 2 * HOUR,
    }


def test_one_that_somebody_began_goes_on_until_they_end_it_and_the_next_is_not_touched() -> None:
    series = read("In progress · 2026-12-06 01:00 UTC\nWe begin.")
    made = shown(snapshot(series, "2026-12-14 00:00 UTC"))
    assert made["2026-12-06"].is_overdue
    assert made["2026-12-13"].phase is Phase.COMPLETED
    assert excluded(series, "2026-12-14 00:00 UTC") == {"2026-12-06": 2 * HOUR, "2026-12-13": 2 * HOUR}


def test_a_series_is_announced_once_for_all() -> None:
    promised = Objective(
        id="p", kind=Kind.SLA, name="P", components=("api",), target=Share.parse("99.9"), period=Period(months=1),
        policy=Policy(announced=14 * DAY),
    )  # fmt: skip
    of = replace(SITE, objectives=(promised,))
    (view,) = snapshot(read(), "2027-01-01 00:00 UTC", of).objectives
    december = next(account for account in view.accounts if account.name == "2026-12")
    assert december.tally.excluded == 3 * 2 * HOUR  # without 6 December, which is less than 14 days after


def test_an_update_of_one_announces_that_one_alone() -> None:
    said = ANNOUNCED.replace("We tidy up.", "Occurrence: 2026-12-13\nWe tidy up.")
    made = told(read(announced=said))
    assert [made[date].is_announced(DAY) for date in ("2026-12-06", "2026-12-13", "2026-12-20")] == [False, True, False]
    assert made["2026-12-06"].is_announced(0)


def test_the_beginning_of_one_announces_no_other() -> None:
    began = "## In progress · 2026-12-06 01:00 UTC\nWe begin.\n"
    made = told(read(announced=began), "2026-12-08 00:00 UTC")
    assert made["2026-12-13"].first_told is None
    assert not made["2026-12-20"].is_announced(DAY)


def test_what_is_said_of_the_series_is_a_revision_of_each_that_is_not_over() -> None:
    series = read("Scheduled · 2026-12-10 09:00 UTC\nAn hour later from now on.")
    made = shown(snapshot(series, "2026-12-11 00:00 UTC"))
    assert [(date, made[date].revision) for date in ("2026-12-06", "2026-12-13", "2026-12-20")] == [
        ("2026-12-06", 1),
        ("2026-12-13", 2),
        ("2026-12-20", 2),
    ]
    assert made["2026-12-20"].updated == parse_instant("2026-12-10 09:00 UTC")


# Identity


def tags(series: Maintenance, now: str = "2027-03-01 00:00 UTC") -> dict[int, str]:
    return {entry.update.at: entry.update.tag for entry in snapshot(series, now).entries}


def test_an_update_is_the_same_whichever_occurrence_it_is_of() -> None:
    told_of = ("Completed · 2026-12-13 02:00 UTC\nDone.", "Completed · 2026-12-20 02:00 UTC\nDone.")
    before = tags(read(*told_of))
    assert set(before.values()) == {
        "tag:status.example.org,2026:/incidents/weekly/20261124T0900Z",
        "tag:status.example.org,2026:/incidents/weekly/20261213T0200Z",
        "tag:status.example.org,2026:/incidents/weekly/20261220T0200Z",
    }
    assert tags(read(*told_of, more="  except: [2026-12-06, 2026-12-20]\n")) == before


def test_two_updates_in_a_minute_of_different_occurrences_differ() -> None:
    series = read(
        "Cancelled · 2026-12-01 09:00 UTC\nOccurrence: 2026-12-13\nNo.",
        "Cancelled · 2026-12-01 09:00 UTC\nOccurrence: 2026-12-20\nNo.",
    )
    made = shown(snapshot(series, "2026-12-02 00:00 UTC"))
    assert made["2026-12-13"].updates[0].tag.endswith(":/incidents/weekly/20261201T0900Z")
    assert made["2026-12-20"].updates[0].tag.endswith(":/incidents/weekly/20261201T0900Z-2")


def test_feeds_have_the_announcement_once() -> None:
    assert [entry.event.slug for entry in snapshot(read(), "2026-12-01 00:00 UTC").entries] == ["weekly-2026-12-06"]


# Pages


def test_home_shows_the_next_and_the_maintenance_page_all_with_the_rule_said_once() -> None:
    files = publish(snapshot(read(), "2026-12-07 00:00 UTC"))
    home, page = files["index.html"].decode(), files["maintenance/index.html"].decode()
    ahead = home.partition('class="ahead"')[2].partition("</section>")[0]
    assert ahead.count("incidents/weekly-") == 1
    assert "incidents/weekly-2026-12-13/" in ahead
    assert page.count("Repeats weekly on Sunday at 02:00 (Europe/Berlin)") == 1
    assert page.partition("<h2>Past</h2>")[0].count('<li class="event">') == 9  # of ten ahead the next one is a card
    for date in ("2026-12-06", "2026-12-13", "2026-12-20", "2027-02-14"):
        assert f"incidents/weekly-{date}/" in page
        assert "Repeats weekly on Sunday" in files[f"incidents/weekly-{date}/index.html"].decode()
    assert "incidents/weekly-2027-02-21/index.html" not in files


def test_a_component_tells_of_the_next_occurrence_and_of_those_that_began() -> None:
    made = snapshot(read(), "2026-12-14 00:00 UTC").components[0]
    assert made.events == ("weekly-2026-12-20", "weekly-2026-12-13", "weekly-2026-12-06")
    assert made.older_events == 0


def test_pages_of_different_occurrences_are_made_each_by_itself() -> None:
    files = publish(snapshot(read("Completed · 2026-12-06 02:00 UTC\nDone early."), "2026-12-14 00:00 UTC"))
    assert "Done early." in files["incidents/weekly-2026-12-06/index.html"].decode()
    assert "Done early." not in files["incidents/weekly-2026-12-13/index.html"].decode()


def test_a_link_to_the_file_leads_to_the_present_or_next_occurrence_else_the_last() -> None:
    series = replace(read(), recurrence=Recurrence(rule="FREQ=WEEKLY;COUNT=2", zone="Europe/Berlin"))
    dates = ("2026-12-01", "2026-12-06", "2026-12-07", "2027-01-01")
    found = [occurrences.foremost(series, at(f"{date} 01:30 UTC")) for date in dates]
    assert [each.slug[-5:] for each in found if each] == ["12-06", "12-06", "12-13", "12-13"]


def test_a_site_that_is_built_says_the_same_when_it_is_verified(tmp_path: Path) -> None:
    body = ANNOUNCED.replace("2026-11-24", "2026-10-24")
    body += "\n## Completed · 2026-11-15 01:30 UTC\nDone. See [the next](weekly.md).\n"
    text = HEAD.replace("2026-12-06T", "2026-11-01T").replace("components: [api]", "components: [support]")
    write(tmp_path, **{"components.yaml": COMPONENTS, "incidents/weekly.md": f"{text}---\n{body}"})
    commit_all(tmp_path)
    at_noon = ("--now", "2026-11-21T12:00Z")
    checked = statusgen("check", *at_noon, at=tmp_path)
    assert (checked.returncode, "weekly" in checked.stdout + checked.stderr) == (0, False)
    for _ in range(2):  # the second with what the first remembered
        built = statusgen("build", "--strict", *at_noon, at=tmp_path)
        assert (built.returncode, built.stderr) == (0, "")
    pages = {path.parent.name for path in (tmp_path / "public/incidents").glob("*/index.html")}
    assert {"weekly-2026-11-01", "weekly-2026-11-08", "weekly-2026-11-15", "weekly-2026-11-22"} <= pages
    page = (tmp_path / "public/incidents/weekly-2026-11-15/index.html").read_text("utf-8")
    assert re.search(r'<a href="[./]*incidents/weekly-2026-11-22/"[^>]*>the next</a>', page)
    numbers = json.loads((tmp_path / "public/api/v1/availability.json").read_text("utf-8"))["components"]["support"]
    assert numbers["windows"]["30d"]["maintenance_seconds"] == 2 * 2 * HOUR + 30 * MINUTE
    verified = statusgen("verify", at=tmp_path)
    assert " 0 differ " in verified.stdout


# Doubts


def test_what_is_doubtful_of_a_series_is_said_once() -> None:
    early = at("2026-12-01 00:00 UTC")
    late = replace(read(), updates=(update(FIRST + 3 * WEEK, Phase.SCHEDULED),))
    assert list(lint.doubts([read()], early)) == []
    (found,) = lint.doubts([late], FIRST + 5 * WEEK)
    assert "is announced after 3 of its windows opened" in found.message
    (found,) = lint.doubts([late], early)
    assert "which is in the future" in found.message


def test_an_occurrence_that_nobody_ended_is_named() -> None:
    (found,) = lint.doubts([read("In progress · 2026-12-06 01:00 UTC\nWe begin.")], at("2026-12-14 00:00 UTC"))
    assert str(found) == (
        "incidents/weekly.md:1: is over by the schedule and still in progress on 2026-12-06: "
        "add '## Completed · <time> UTC' and the line 'Occurrence: 2026-12-06'"
    )


def test_one_update_a_minute_before_the_hour_is_not_yet_of_the_next() -> None:
    series = replace(read(), updates=(Update(at=FIRST + WEEK - HOUR - MINUTE, phase=Phase.VERIFYING, text="x"),))
    assert list(phases(series)) == ["2026-12-06"]
    series = replace(read(), updates=(Update(at=FIRST + WEEK - HOUR, phase=Phase.VERIFYING, text="x"),))
    assert list(phases(series)) == ["2026-12-13"]
