"""``statusgen maintenance``: what it writes, which steps make sense when, and that what it refuses changes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ..sites import NOW_TEXT, Run, clone, commit_all, run_git, write
from .conftest import everything

NOW = ("--now", NOW_TEXT)  # 2026-11-21T12:00Z
UPGRADE = "incidents/2026-12-01-upgrade.md"
UPGRADE_TEXT = """\
---
title: Upgrade
type: maintenance
scheduled: {from: 2026-12-01T05:00Z, until: 2026-12-01T07:00Z}
components: [api]
---
## Scheduled · 2026-11-21 12:00 UTC
Writing waits.
"""
WEEKLY = "incidents/weekly.md"
WEEKLY_TEXT = """\
---
title: Weekly work
type: maintenance
scheduled: {from: 2026-11-22T02:00Z, until: 2026-11-22T04:00Z}
components: [api]
repeats: {rule: FREQ=WEEKLY;BYDAY=SU, timezone: UTC}
---
## Scheduled · 2026-11-20 09:00 UTC
Writing waits for some minutes.
"""
SCHEDULE = ("maintenance", "schedule", "Upgrade", "--component", "api", "-m", "Writing waits.", *NOW)


def at(time: str) -> tuple[str, str]:
    return "--now", f"2026-12-01T{time}Z"


@pytest.mark.parametrize("end", [("--for", "2h"), ("--until", "2026-12-01T08:00+01:00")])
def test_scheduling_writes_the_file_that_a_person_would(site: Path, run: Run, end: tuple[str, str]) -> None:
    ran = run(*SCHEDULE, "--from", "2026-12-01 05:00 UTC", *end, at=site)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"wrote {UPGRADE}\n")
    assert (site / UPGRADE).read_text("utf-8") == UPGRADE_TEXT


def test_a_window_may_begin_so_far_from_now(site: Path, run: Run) -> None:
    assert run(*SCHEDULE, "--from", "2h", "--for", "30m", "--slug", "soon", "--draft", at=site).code == 0
    text = (site / "incidents/soon.md").read_text("utf-8")
    assert "scheduled: {from: 2026-11-21T14:00Z, until: 2026-11-21T14:30Z}" in text
    assert "\ndraft: true\n" in text


def test_the_same_work_is_not_scheduled_twice_for_the_same_time(site: Path, run: Run) -> None:
    assert run(*SCHEDULE, "--from", "2h", "--for", "30m", at=site).code == 0
    again = run(*SCHEDULE, "--from", "2h", "--for", "30m", "--now", "2026-11-21T12:03Z", at=site)
    assert (again.code, "2026-11-21-upgrade has this title already, and is not over" in again.err) == (1, True)
    assert run(*SCHEDULE, "--from", "26h", "--for", "30m", at=site).code == 0


@pytest.mark.parametrize("first", [(), ("--commit",)], ids=" ".join)
def test_a_forgotten_push_is_made_up_for(remote: Path, run: Run, first: tuple[str, ...]) -> None:
    page = clone(remote, "page")
    schedule = (*SCHEDULE, "--from", "2026-12-01T05:00Z", "--for", "2h")
    for command in (schedule, *(("maintenance", step, *at("05:02")) for step in ("start", "complete"))):
        assert run(*command, *first, at=page).code == 0
        ran = run(*command, "--push", at=page)
        assert (ran.code, ran.err) == (0, "2026-12-01-upgrade says so already: it goes there as it is\n")
        assert run_git(remote, "show", f"main:{UPGRADE}") + "\n" == (page / UPGRADE).read_text("utf-8")


def test_a_template_announces_a_window(site: Path, run: Run) -> None:
    template = "---\ntitle: Upgrade\ncomponents: [api]\n---\n{components}: from {from} until {until}.\n"
    write(site, **{"templates/upgrade.md": template})
    window = ("--from", "2026-12-01T05:00Z", "--for", "2h")
    assert run("maintenance", "schedule", "--template", "upgrade", *window, *NOW, at=site).code == 0
    said = (site / UPGRADE).read_text("utf-8").splitlines()[-1]
    assert said == "API: from 2026-12-01 05:00 UTC until 2026-12-01 07:00 UTC."


def test_it_is_started_looked_at_and_completed(site: Path, run: Run) -> None:
    write(site, **{UPGRADE: UPGRADE_TEXT})
    assert run("maintenance", "start", *at("05:02"), at=site).code == 0
    assert run("maintenance", "update", "-m", "Half is done.", "--next", "1h", *at("06:00"), at=site).code == 0
    assert run("maintenance", "verify", "upgrade", *at("06:30"), at=site).code == 0
    assert run("maintenance", "complete", "-m", "All is new.", *at("07:10"), at=site).code == 0
    assert (site / UPGRADE).read_text("utf-8") == UPGRADE_TEXT + (
        "\n## In progress · 2026-12-01 05:02 UTC\nThe work has begun.\n"
        "\n## In progress · 2026-12-01 06:00 UTC\nNext update: 2026-12-01 07:00 UTC\nHalf is done.\n"
        "\n## Verifying · 2026-12-01 06:30 UTC\nThe work is done, and we are looking at whether all is well.\n"
        "\n## Completed · 2026-12-01 07:10 UTC\nAll is new.\n"
    )


def test_a_window_that_the_clock_opened_can_be_completed(site: Path, run: Run) -> None:
    write(site, **{UPGRADE: UPGRADE_TEXT})
    assert run("maintenance", "complete", *at("06:00"), at=site).code == 0


def test_what_overran_can_be_completed(site: Path, run: Run) -> None:
    write(site, **{UPGRADE: UPGRADE_TEXT})
    assert run("maintenance", "start", *at("05:00"), at=site).code == 0
    assert run("maintenance", "complete", *at("09:00"), at=site).code == 0


def test_it_is_called_off(site: Path, run: Run) -> None:
    write(site, **{UPGRADE: UPGRADE_TEXT})
    assert run("maintenance", "cancel", "-m", "Not this time.", *NOW, at=site).code == 0
    assert (site / UPGRADE).read_text("utf-8").endswith("\n## Cancelled · 2026-11-21 12:00 UTC\nNot this time.\n")


def test_steps_of_one_that_repeats_name_their_date(site: Path, run: Run) -> None:
    write(site, **{WEEKLY: WEEKLY_TEXT})
    assert run("maintenance", "cancel", "weekly", "--occurrence", "2026-12-13", *NOW, at=site).code == 0
    assert run("maintenance", "start", "--now", "2026-11-22T01:30Z", at=site).code == 0
    assert run("maintenance", "complete", "--now", "2026-11-22T03:00Z", at=site).code == 0
    assert run("maintenance", "cancel", "weekly", "--series", "--now", "2026-11-23T03:00Z", at=site).code == 0
    assert (site / WEEKLY).read_text("utf-8") == WEEKLY_TEXT + (
        "\n## Cancelled · 2026-11-21 12:00 UTC\nOccurrence: 2026-12-13\nIt does not take place.\n"
        "\n## In progress · 2026-11-22 01:30 UTC\nOccurrence: 2026-11-22\nThe work has begun.\n"
        "\n## Completed · 2026-11-22 03:00 UTC\nOccurrence: 2026-11-22\nThe work is done.\n"
        "\n## Cancelled · 2026-11-23 03:00 UTC\nIt does not take place.\n"
    )
    assert run("check", "--now", "2026-11-23T03:00Z", at=site).code == 0


def test_a_date_a_year_ahead_can_be_called_off(site: Path, run: Run) -> None:
    write(site, **{WEEKLY: WEEKLY_TEXT})
    assert run("maintenance", "cancel", "weekly", "--occurrence", "2027-11-21", *NOW, at=site).code == 0
    assert "\nOccurrence: 2027-11-21\n" in (site / WEEKLY).read_text("utf-8")


def test_a_list_says_how_far_over_its_window_work_is(site: Path, run: Run) -> None:
    write(site, **{UPGRADE: UPGRADE_TEXT})
    assert run("maintenance", "start", *at("05:00"), at=site).code == 0
    listed = run("maintenance", "list", *at("07:32"), at=site).out.splitlines()[0]
    assert listed.endswith(
        "  in progress, since 1 Dec 2026, 05:00 UTC (2 h 32 min), planned until 07:00 UTC, 32 min over"
    )
    next_day = run("maintenance", "list", "--now", "2026-12-02T07:00Z", at=site).out.splitlines()[0]
    assert next_day.endswith("planned until 1 Dec 2026, 07:00 UTC, 1 d over")
    (row,) = json.loads(run("maintenance", "list", "--json", *at("07:32"), at=site).out)
    assert (row["ended"], row["planned_until"]) == (None, "2026-12-01T07:00:00Z")


def test_maintenance_is_listed(site: Path, run: Run) -> None:
    write(site, **{UPGRADE: UPGRADE_TEXT, WEEKLY: WEEKLY_TEXT})
    ran = run("maintenance", "list", "--now", "2026-11-22T03:00Z", at=site)
    assert ran.out == (
        "weekly  in progress, occurrence 2026-11-22, since 22 Nov 2026, 02:00 UTC (1 h), planned until 04:00 UTC\n"
        "    Weekly work; api under_maintenance\n"
        "2026-12-01-upgrade  scheduled, from 1 Dec 2026, 05:00 UTC\n"
        "    Upgrade; api under_maintenance\n"
    )
    assert run("maintenance", "list", "--now", "2026-11-22T05:00Z", at=site).out.startswith(
        "weekly  scheduled, occurrence 2026-11-29, from 29 Nov 2026, 02:00 UTC\n"
    )
    rows = json.loads(run("maintenance", "list", "--all", "--json", *at("08:00"), at=site).out)
    assert [(row["slug"], row["state"], row["occurrence"]) for row in rows] == [
        ("weekly", "scheduled", "2026-12-06"),
        ("2026-12-01-upgrade", "completed", None),
    ]


SAID = ("-m", "Said.")
WINDOW = ("--from", "2026-12-01T05:00Z", "--for", "2h")
TITLED = ("schedule", "X", *SAID)
EARLY, DURING, AFTER = NOW, at("06:00"), at("08:00")
REFUSED = [
    ((*TITLED, *WINDOW), EARLY, 2, "maintenance is of components: add --component ID"),
    ((*TITLED, *WINDOW, "--component", "api=operational"), EARLY, 2, "write --component api"),
    ((*TITLED, *WINDOW, "--component", "apx"), EARLY, 1, "component 'apx' is not in components.yaml (did you mean"),
    ((*TITLED, "--component", "api"), EARLY, 2, "--from"),
    ((*TITLED, "--component", "api", "--from", "2h"), EARLY, 2, "the window needs either --until INSTANT or --for"),
    ((*TITLED, "--component", "api", *WINDOW, "--until", "2026-12-01T07:00Z"), EARLY, 2, "either --until INSTANT or"),
    (
        (*TITLED, "--component", "api", "--from", "2026-12-01T05:00Z", "--until", "2026-12-01T05:00Z"),
        EARLY,
        2,
        "the window ends on 1 Dec 2026, 05:00 UTC, which is not after it begins",
    ),
    (
        (*TITLED, "--component", "api", "--from", "999999999d", "--for", "1h"),
        EARLY,
        2,
        "--from: 999999999 d after 21 Nov 2026, 12:00 UTC is not between the years 2000 and 2099: give a shorter",
    ),
    (
        (*TITLED, "--component", "api", "--from", "1h", "--for", "999999999d"),
        EARLY,
        2,
        "--for: 999999999 d after 21 Nov 2026, 13:00 UTC is not between the years 2000 and 2099: give a shorter",
    ),
    ((*TITLED, *WINDOW, "--component", "api"), AFTER, 2, "the window is over since 2026-12-01 07:00 UTC"),
    (("schedule", "X", *WINDOW, "--component", "api"), EARLY, 2, "there is no text"),
    (("start", "upgrade"), EARLY, 1, "upgrade begins on 1 Dec 2026, 05:00 UTC: start it then"),
    (("start", "upgrade"), AFTER, 1, "upgrade is completed since 1 Dec 2026, 07:00 UTC: schedule another one"),
    (("start", "begun"), DURING, 1, "begun is in progress already"),
    (("start", "begun"), AFTER, 1, "begun is in progress already"),
    (("verify", "upgrade"), EARLY, 1, "upgrade has not begun (it will on 1 Dec 2026, 05:00 UTC): start it first"),
    (("complete", "upgrade"), EARLY, 1, "upgrade has not begun"),
    (("complete", "upgrade"), AFTER, 1, "upgrade is completed since"),
    (("complete", "off"), DURING, 1, "off is cancelled since 22 Nov 2026, 12:00 UTC"),
    (("cancel", "upgrade"), AFTER, 1, "upgrade is completed since"),
    (("cancel", "off"), DURING, 1, "off is cancelled since"),
    (
        ("cancel", "weekly"),
        EARLY,
        2,
        "weekly repeats: call one off with --occurrence DATE, or all of them with --series",
    ),
    (
        ("cancel", "weekly", "--occurrence", "2026-12-14"),
        EARLY,
        2,
        "weekly has no occurrence on '2026-12-14': the next",
    ),
    (("cancel", "weekly", "--occurrence", "tomorrow"), EARLY, 2, "weekly has no occurrence on 'tomorrow'"),
    (("cancel", "weekly", "--occurrence", "2026-12-13", "--series"), EARLY, 2, "exclude one another"),
    (("cancel", "upgrade", "--occurrence", "2026-12-01"), EARLY, 2, "--occurrence is for maintenance that repeats"),
    (("cancel", "upgrade", "--series"), EARLY, 2, "--series is for maintenance that repeats"),
    (("start", "weekly", "--occurrence", "2026-12-13"), EARLY, 1, "begins on 13 Dec 2026, 02:00 UTC"),
    (("complete",), EARLY, 1, "name one of the windows of maintenance that are not over: weekly, upgrade"),
    (("start", "api-errors"), EARLY, 1, "2026-11-20-api-errors is an incident: use 'statusgen incident'"),
    (("start", "nothing"), EARLY, 1, "there is nothing named 'nothing'"),
    (("update", "upgrade"), EARLY, 2, "there is no text"),
    (("start", "upgrade", "-m", "## Completed · 2026-12-01 06:00 UTC"), DURING, 2, "the text has a heading with ##"),
    (("start", "upgrade", "-m", "Occurrence: 2026-12-01"), DURING, 2, "the text begins with 'Occurrence:'"),
    (("start", "upgrade", "--next", "0s"), DURING, 2, "'0s' is less than a second"),
]
OTHERS = {
    "incidents/upgrade.md": UPGRADE_TEXT,
    "incidents/begun.md": UPGRADE_TEXT + "\n## In progress · 2026-12-01 05:01 UTC\nSo.\n",
    "incidents/off.md": UPGRADE_TEXT + "\n## Cancelled · 2026-11-22 12:00 UTC\nNo.\n",
    WEEKLY: WEEKLY_TEXT,
}


@pytest.mark.parametrize(
    ("arguments", "when", "code", "said"), REFUSED, ids=[" ".join((*row[0], *row[1])) for row in REFUSED]
)
def test_what_is_refused_gets_a_clear_line_and_changes_nothing(
    site: Path, run: Run, arguments: tuple[str, ...], when: tuple[str, str], code: int, said: str
) -> None:
    wanted = OTHERS if len(arguments) > 1 else {path: OTHERS[path] for path in ("incidents/upgrade.md", WEEKLY)}
    write(site, **wanted)
    commit_all(site, "More")
    before = everything(site)
    ran = run("maintenance", *arguments, "--commit", *when, at=site)
    assert (ran.code, ran.out) == (code, "")
    line = ran.err.splitlines()[-1]
    assert said in line
    assert line.isprintable()
    assert len(ran.err.splitlines()) == 1
    assert everything(site) == before
