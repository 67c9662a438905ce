"""What people wrote, held against the commits that brought it, in real repositories."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from statusgen import incidents, occurrences
from statusgen.arrivals import Arrivals, arrivals
from statusgen.errors import WorldError
from statusgen.git import Repository
from statusgen.periods import DAY, HOUR, parse_instant
from statusgen.promises import Kind, MaintenanceRule, Objective, Period, Policy, Share

from .sites import run_git, write

PATH = "incidents/2026-11-20-api-errors.md"
HEAD = "---\ntitle: Errors\nseverity: sev1\ncomponents: {api: major_outage}\n---\n"
FIRST = "## Investigating · 2026-11-20 10:06 UTC\nRequests fail.\n"
LAST = "\n## Resolved · 2026-11-20 11:15 UTC\nIt is over.\n"
WINDOW = "2026-11-25 22:00 UTC, until: 2026-11-25 23:00 UTC"
PLAN = "incidents/2026-11-25-upgrade.md"


def plan(window: str = WINDOW, announced: str = "2026-11-22 09:00 UTC", components: str = "[api]") -> str:
    head = f"---\ntitle: Upgrade\ntype: maintenance\ncomponents: {components}\nscheduled: {{from: {window}}}\n---\n"
    return f"{head}## Scheduled · {announced}\nWe upgrade.\n"


def commit(folder: Path, at: str, **texts: str) -> str:
    """Commit files as of an instant."""
    write(folder, **texts)
    dated = {"GIT_AUTHOR_DATE": f"@{parse_instant(at)}", "GIT_COMMITTER_DATE": f"@{parse_instant(at)}"}
    run_git(folder, "add", "--all")
    subprocess.run(
        ["git", "commit", "--quiet", "--allow-empty", "-m", "x"], cwd=folder, env={**os.environ, **dated}, check=True
    )
    return run_git(folder, "rev-parse", "HEAD")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    run_git(tmp_path, "init", "--quiet", "--initial-branch=main")
    commit(tmp_path, "2026-11-01 00:00 UTC", **{"components.yaml": "x"})
    return tmp_path


def objective(announced: int = 2 * DAY, rule: MaintenanceRule = MaintenanceRule.EXCLUDE) -> Objective:
    return Objective(
        id="api",
        kind=Kind.SLA,
        name="API",
        components=("api",),
        target=Share.parse("99.9"),
        period=Period(months=1),
        policy=Policy(announced=announced, maintenance=rule),
    )


def found(folder: Path, *objectives: Objective) -> Arrivals:
    texts = {f"incidents/{path.name}": path.read_text("utf-8") for path in (folder / "incidents").glob("*.md")}
    read = incidents.read_all(texts, ["api", "web"]).events
    events = tuple(each for event in read for each in occurrences.told(event, parse_instant("2026-12-10 00:00 UTC")))
    return arrivals(Repository(folder), run_git(folder, "rev-parse", "HEAD"), "incidents", events, objectives)


def late(folder: Path) -> list[tuple[str, int]]:
    return [(each.said.what, each.came - each.said.at) for each in found(folder).late]


def test_updates_that_are_committed_as_they_are_posted_are_not_listed(folder: Path) -> None:
    commit(folder, "2026-11-20 10:08 UTC", **{PATH: HEAD + FIRST})
    commit(folder, "2026-11-20 12:15 UTC", **{PATH: HEAD + FIRST + LAST})
    assert found(folder) == Arrivals(late=(), withdrawn=(), unannounced=(), older=0)


def test_an_update_that_tells_of_an_earlier_hour_than_its_commit_is_listed_with_it(folder: Path) -> None:
    commit(folder, "2026-11-20 10:08 UTC", **{PATH: HEAD + FIRST})
    last = commit(folder, "2026-11-20 14:15 UTC", **{PATH: HEAD + FIRST + LAST})
    (only,) = found(folder).late
    assert str(only) == (
        f"{PATH}: 'Resolved' of 20 Nov 2026, 11:15 UTC came to the repository 3 h later (commit {last[:10]})"
    )


def test_an_update_that_is_moved_to_an_earlier_hour_later_on_is_listed(folder: Path) -> None:
    commit(folder, "2026-11-20 12:30 UTC", **{PATH: HEAD + FIRST.replace("10:06", "12:29")})
    commit(folder, "2026-11-22 10:06 UTC", **{PATH: HEAD + FIRST})
    assert late(folder) == [("Investigating", 2 * DAY)]


def test_a_field_that_is_filled_in_later_is_listed(folder: Path) -> None:
    commit(folder, "2026-11-20 10:08 UTC", **{PATH: HEAD + FIRST})
    told = HEAD.replace("severity", "acknowledged: 2026-11-20 10:01 UTC\nseverity")
    commit(folder, "2026-11-20 13:01 UTC", **{PATH: told + FIRST})
    assert late(folder) == [("acknowledged", 3 * HOUR)]


def test_correcting_a_text_later_is_nothing(folder: Path) -> None:
    commit(folder, "2026-11-20 10:08 UTC", **{PATH: HEAD + FIRST})
    commit(folder, "2026-11-25 10:08 UTC", **{PATH: HEAD + FIRST.replace("fail", "failed")})
    assert late(folder) == []


def test_a_file_that_gets_another_name_goes_on_with_its_times(folder: Path) -> None:
    commit(folder, "2026-11-20 10:08 UTC", **{PATH: HEAD + FIRST})
    (folder / PATH).unlink()
    commit(folder, "2026-11-24 10:08 UTC", **{"incidents/2026-11-20-errors.md": HEAD + FIRST})
    assert late(folder) == []


def test_what_came_with_the_first_commit_is_counted_and_not_judged(tmp_path: Path) -> None:
    run_git(tmp_path, "init", "--quiet", "--initial-branch=main")
    commit(tmp_path, "2026-11-26 00:00 UTC", **{PATH: HEAD + FIRST + LAST, PLAN: plan()})
    assert found(tmp_path, objective()) == Arrivals(late=(), withdrawn=(), unannounced=(), older=5)


def test_a_version_that_cannot_be_read_says_nothing(folder: Path) -> None:
    commit(folder, "2026-11-20 10:08 UTC", **{PATH: HEAD + FIRST})
    commit(folder, "2026-11-20 10:09 UTC", **{PATH: "<<<<<<< HEAD\n\x00"})
    commit(folder, "2026-11-20 13:10 UTC", **{PATH: HEAD + FIRST})
    assert late(folder) == []


# Announcements


def test_maintenance_that_the_repository_held_in_time_was_announced(folder: Path) -> None:
    commit(folder, "2026-11-22 09:01 UTC", **{PLAN: plan()})
    assert found(folder, objective()).unannounced == ()


def test_maintenance_that_came_after_the_deadline_its_file_claims_to_keep_is_named(folder: Path) -> None:
    commit(folder, "2026-11-24 00:00 UTC", **{PLAN: plan()})
    assert found(folder, objective()).unannounced == (
        f"{PLAN}: is left out of service levels as announced by 23 Nov 2026, 22:00 UTC, "
        "and the repository did not hold this window by then",
    )


def test_an_announcement_may_be_committed_within_the_hour_of_its_deadline(folder: Path) -> None:
    commit(folder, "2026-11-23 22:59 UTC", **{PLAN: plan(announced="2026-11-23 22:00 UTC")})
    assert found(folder, objective()).unannounced == ()


def test_an_announcement_moves_with_its_file(folder: Path) -> None:
    commit(folder, "2026-11-22 09:01 UTC", **{PLAN: plan()})
    (folder / PLAN).unlink()
    commit(folder, "2026-11-26 00:00 UTC", **{"incidents/2026-11-25-database.md": plan()})
    assert found(folder, objective()).unannounced == ()


@pytest.mark.parametrize(
    "before",
    [
        plan().replace("type:", "draft: true\ntype:"),
        plan() + "\n## Cancelled · 2026-11-22 09:30 UTC\nIt is off.\n",
        plan(window="2026-11-25 22:00 UTC, until: 2026-11-25 22:30 UTC"),
        plan(window="2026-11-25 22:30 UTC, until: 2026-11-25 23:00 UTC"),
        plan(components="[web]"),
        "nothing that can be read",
    ],
)
def test_a_window_that_was_widened_after_the_deadline_is_named(folder: Path, before: str) -> None:
    commit(folder, "2026-11-22 09:01 UTC", **{PLAN: before})
    commit(folder, "2026-11-24 00:00 UTC", **{PLAN: plan()})
    assert len(found(folder, objective()).unannounced) == 1


def test_a_window_that_was_narrowed_later_was_announced(folder: Path) -> None:
    wide = plan(window="2026-11-25 21:00 UTC, until: 2026-11-26 03:00 UTC", components="[api, web]")
    commit(folder, "2026-11-22 09:01 UTC", **{PLAN: wide})
    commit(folder, "2026-11-25 00:00 UTC", **{PLAN: plan()})
    assert found(folder, objective()).unannounced == ()


@pytest.mark.parametrize(
    "demand", [objective(announced=0), objective(rule=MaintenanceRule.COUNT), objective(announced=30 * DAY)]
)
def test_where_nothing_is_left_out_for_its_sake_an_announcement_is_not_judged(folder: Path, demand: Objective) -> None:
    commit(folder, "2026-11-24 00:00 UTC", **{PLAN: plan()})
    assert found(folder, demand).unannounced == ()


def test_a_history_that_is_cut_off_is_refused(folder: Path, tmp_path: Path) -> None:
    commit(folder, "2026-11-20 10:08 UTC", **{PATH: HEAD + FIRST})
    shallow = tmp_path / "shallow"
    run_git(folder, "clone", "--quiet", "--depth=1", f"file://{folder}", str(shallow))
    with pytest.raises(WorldError, match="git fetch --unshallow"):
        found(shallow)


# What was taken out


def withdrawn(folder: Path) -> list[str]:
    return [f"{each.path} {each.said.what}" for each in found(folder).withdrawn]


def test_an_update_that_is_taken_out_or_dated_anew_is_listed(folder: Path) -> None:
    commit(folder, "2026-11-20 10:08 UTC", **{PATH: HEAD + FIRST})
    commit(folder, "2026-11-20 11:16 UTC", **{PATH: HEAD + FIRST + LAST})
    last = commit(folder, "2026-11-28 10:06 UTC", **{PATH: HEAD + FIRST.replace("10:06", "10:03") + LAST})
    (only,) = found(folder).withdrawn
    when = "20 Nov 2026, 10:06 UTC"
    assert str(only) == f"{PATH}: 'Investigating' of {when} was taken out or dated anew (commit {last[:10]})"


def test_a_slip_that_is_corrected_within_the_hour_is_nothing(folder: Path) -> None:
    commit(folder, "2026-11-20 10:08 UTC", **{PATH: HEAD + FIRST})
    commit(folder, "2026-11-20 11:08 UTC", **{PATH: HEAD + FIRST.replace("10:06", "10:07")})
    assert withdrawn(folder) == []


def test_an_incident_that_is_taken_away_is_listed_and_one_with_another_name_is_not(folder: Path) -> None:
    commit(folder, "2026-11-20 10:08 UTC", **{PATH: HEAD + FIRST, PLAN: plan(announced="2026-11-20 10:00 UTC")})
    (folder / PATH).unlink()
    commit(folder, "2026-11-28 10:06 UTC")
    (folder / PLAN).unlink()
    commit(folder, "2026-11-28 10:07 UTC", **{"incidents/other.md": plan(announced="2026-11-20 10:00 UTC")})
    assert withdrawn(folder) == [f"{PATH} Investigating"]


def test_a_window_that_is_moved_later_on_is_listed(folder: Path) -> None:
    commit(folder, "2026-11-22 09:01 UTC", **{PLAN: plan()})
    commit(folder, "2026-11-26 00:00 UTC", **{PLAN: plan(window=WINDOW.replace("23:00", "23:30"))})
    assert withdrawn(folder) == [f"{PLAN} scheduled until"]


def test_what_a_draft_no_longer_says_was_said_to_nobody(folder: Path) -> None:
    commit(folder, "2026-11-20 10:08 UTC", **{PATH: HEAD.replace("title", "draft: true\ntitle") + FIRST})
    commit(folder, "2026-11-28 10:06 UTC", **{PATH: HEAD + LAST})
    assert withdrawn(folder) == []


# Maintenance that repeats


def weekly(rule: str = "FREQ=WEEKLY", more: str = "") -> str:
    repeats = f"repeats: {{rule: {rule}, timezone: Europe/Berlin}}\n"
    return plan(announced="2026-11-20 09:00 UTC").replace("type:", f"{repeats}type:") + more


def test_of_maintenance_that_repeats_every_occurrence_has_to_be_there_in_time(folder: Path) -> None:
    commit(folder, "2026-11-20 09:05 UTC", **{PLAN: weekly()})
    done = "\n## Completed · 2026-11-25 22:30 UTC\nDone.\n"
    commit(folder, "2026-11-25 22:35 UTC", **{PLAN: weekly(more=done)})
    assert found(folder, objective()).unannounced == ()
    assert late(folder) == []


def test_a_rule_that_came_late_leaves_nothing_out_before(folder: Path) -> None:
    commit(folder, "2026-11-20 09:05 UTC", **{PLAN: weekly("FREQ=WEEKLY;INTERVAL=2")})
    commit(folder, "2026-12-05 09:00 UTC", **{PLAN: weekly()})
    (told,) = found(folder, objective()).unannounced  # 2 December; the one of the 9th was there in time both ways
    assert told.startswith(f"{PLAN}: is left out of service levels as announced by 30 Nov 2026, 22:00 UTC")


def test_a_single_maintenance_that_is_repeated_later_was_there_as_the_first_occurrence(folder: Path) -> None:
    commit(folder, "2026-11-20 09:05 UTC", **{PLAN: plan(announced="2026-11-20 09:00 UTC")})
    commit(folder, "2026-11-26 09:00 UTC", **{PLAN: weekly()})
    assert found(folder, objective()).unannounced == ()


def test_an_occurrence_that_was_cancelled_then_was_not_announced(folder: Path) -> None:
    cancelled = "\n## Cancelled · 2026-11-21 09:00 UTC\nOccurrence: 2026-12-02\nNot this time.\n"
    commit(folder, "2026-11-21 09:05 UTC", **{PLAN: weekly(more=cancelled)})
    commit(folder, "2026-12-03 09:00 UTC", **{PLAN: weekly()})
    (told,) = found(folder, objective()).unannounced
    assert "30 Nov 2026" in told
