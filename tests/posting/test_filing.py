"""Forms that are posted: each incident has a branch until it is merged, and nothing is said twice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from statusgen import periods
from statusgen.errors import StatusgenError, UsageError, WorldError
from statusgen.posting import desks, filing, form
from statusgen.posting.filing import Filed
from statusgen.posting.proposals import Place

from ..sites import COMPONENTS, NOW, NOW_TEXT, clone, commit_all, hook, run_git, statusgen, write

OPEN = {"STATUS_ACTION": "open", "STATUS_NAME": "Slow search", "STATUS_MESSAGE": "Searching takes long."}
OPEN |= {"STATUS_COMPONENTS": "api=degraded_performance", "STATUS_SEVERITY": "sev3"}
SLUG = "2026-11-21-slow-search"
BRANCH, PATH = f"incident/{SLUG}", f"incidents/{SLUG}.md"
OPENED = """\
---
title: Slow search
severity: sev3
started: 2026-11-21T12:00Z
components: {api: degraded_performance}
---
## Investigating · 2026-11-21 12:00 UTC
Searching takes long.
"""
UPDATE = {"STATUS_ACTION": "update", "STATUS_MESSAGE": "An index is missing.", "STATUS_STATE": "identified"}
UPDATED = "\n## Identified · 2026-11-21 12:01 UTC\nAn index is missing.\n"
RESOLVE = {"STATUS_ACTION": "resolve", "STATUS_MESSAGE": "The index is back."}
SCHEDULE = {
    "STATUS_ACTION": "schedule",
    "STATUS_NAME": "Database upgrade",
    "STATUS_MESSAGE": "Writing waits.",
    "STATUS_COMPONENTS": "api, support",
    "STATUS_WINDOW": "2026-11-22 05:00 UTC for 2h",
}


@pytest.fixture
def page(remote: Path) -> Path:
    """Return a clone as a runner has it, of a page at whose remote.git everything arrives."""
    return clone(remote, "page", "--depth=1")


def file(page: Path, fields: dict[str, str], after: int = 0, push: bool = True) -> Filed:
    """Send a form, some minutes after the present, and return what became of it."""
    at = NOW + after * periods.MINUTE
    place = Place(folder=page, branch=fields.get("STATUS_BRANCH", ""), push=push)
    request = form.request(form.from_environment(fields), at)
    return filing.file(desks.at(place, at, lambda: 0.0), request)


def refs(folder: Path) -> str:
    return run_git(folder, "for-each-ref", "--format=%(refname) %(objectname)")


def shown(remote: Path, branch: str = BRANCH, path: str = PATH) -> str:
    return run_git(remote, "show", f"{branch}:{path}") + "\n"


def merge(remote: Path, branch: str = BRANCH, how: str = "--no-ff") -> None:
    """Merge a branch into main as a forge does; the branch stays."""
    other = clone(remote, f"merging-{len(list(remote.parent.iterdir()))}")
    run_git(other, "merge", "--quiet", how, f"origin/{branch}")
    if how == "--squash":
        run_git(other, "commit", "--quiet", "-m", "Squashed")
    run_git(other, "push", "--quiet", "origin", "main")


def test_an_incident_is_opened_on_a_branch_of_its_own(page: Path, remote: Path) -> None:
    main = run_git(remote, "rev-parse", "main")
    done = statusgen("form", "--now", NOW_TEXT, "--format", "github", "--push", at=page, environment=OPEN)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {
        "slug": SLUG,
        "title": "Slow search",
        "branch": BRANCH,
        "commit": run_git(remote, "rev-parse", BRANCH),
        "link": "",
    }
    assert shown(remote) == OPENED
    assert run_git(remote, "rev-parse", f"{BRANCH}^") == run_git(remote, "rev-parse", "main") == main
    assert run_git(page, "status", "--porcelain") == ""


def test_further_forms_go_on_top_of_it_until_it_is_resolved(page: Path, remote: Path) -> None:
    file(page, OPEN)
    assert file(page, UPDATE, after=1).branch == BRANCH
    file(page, {**RESOLVE, "STATUS_NAME": "slow"}, after=2)
    assert shown(remote) == OPENED + UPDATED + "\n## Resolved · 2026-11-21 12:02 UTC\nThe index is back.\n"
    assert run_git(remote, "rev-list", "--count", f"main..{BRANCH}") == "3"
    with pytest.raises(StatusgenError, match="resolved since"):
        file(page, {**UPDATE, "STATUS_NAME": SLUG}, after=3)


def test_the_same_form_twice_says_it_once(page: Path, remote: Path) -> None:
    first = file(page, OPEN)
    before = refs(remote)
    again = file(page, {**OPEN, "STATUS_NAME": "slow Search"}, after=3)
    assert (again.commit, again.branch) == ("", first.branch)
    file(page, UPDATE, after=4)
    before = refs(remote)
    assert file(page, UPDATE, after=5).commit == ""
    assert file(page, OPEN, after=6).commit == ""
    assert refs(remote) == before


def test_a_second_form_that_opens_the_same_incident_adds_to_it(page: Path, remote: Path) -> None:
    file(page, OPEN)
    file(page, {**OPEN, "STATUS_MESSAGE": "Me too.", "STATUS_COMPONENTS": "", "STATUS_SEVERITY": ""}, after=1)
    assert shown(remote) == OPENED + "\n## Investigating · 2026-11-21 12:01 UTC\nMe too.\n"


@pytest.mark.parametrize("how", ["--no-ff", "--ff-only", "--squash"])
def test_what_is_merged_goes_on_in_a_branch_of_another_name(page: Path, remote: Path, how: str) -> None:
    file(page, OPEN)
    merge(remote, how=how)
    assert file(page, OPEN, after=1) == Filed(slug=SLUG, title="Slow search", branch="", commit="", link="")
    assert file(page, UPDATE, after=1).branch == f"{BRANCH}-2"
    assert shown(remote, f"{BRANCH}-2") == OPENED + UPDATED
    assert run_git(remote, "rev-parse", f"{BRANCH}-2^") == run_git(remote, "rev-parse", "main")
    assert file(page, RESOLVE, after=2).branch == f"{BRANCH}-2"


def taken_away(remote: Path, path: str) -> None:
    """Delete a file on main, as a person does."""
    other = clone(remote, f"deleting-{len(list(remote.parent.iterdir()))}")
    run_git(other, "rm", "--quiet", path)
    commit_all(other, "Take it away")
    run_git(other, "push", "--quiet", "origin", "main")


@pytest.mark.parametrize("push", [True, False])
def test_what_main_took_away_is_not_new_on_a_branch_that_is_older(page: Path, remote: Path, push: bool) -> None:
    file(page, {**OPEN, "STATUS_NAME": "Gone", "STATUS_BRANCH": "main"})
    run_git(page, "pull", "--quiet")
    file(page, OPEN, after=1, push=push)
    taken_away(remote, "incidents/2026-11-21-gone.md")
    run_git(page, "pull", "--quiet")
    assert file(page, UPDATE, after=2, push=push).branch == BRANCH
    with pytest.raises(StatusgenError, match="nothing named 'gone'"):
        file(page, {**UPDATE, "STATUS_NAME": "gone"}, after=3, push=push)


@pytest.mark.parametrize("how", ["--no-ff", "--squash"])
def test_what_was_merged_and_taken_away_is_not_new_on_its_own_branch(page: Path, remote: Path, how: str) -> None:
    file(page, OPEN)
    merge(remote, how=how)
    taken_away(remote, PATH)
    with pytest.raises(StatusgenError, match="there are no open incidents"):
        file(page, UPDATE, after=1)
    assert file(page, OPEN, after=2).branch == f"{BRANCH}-2"


def test_a_branch_that_was_deleted_after_merging_is_made_anew(page: Path, remote: Path) -> None:
    file(page, OPEN)
    merge(remote)
    run_git(remote, "branch", "-D", BRANCH)
    assert file(page, UPDATE, after=1).branch == BRANCH
    assert shown(remote) == OPENED + UPDATED


def test_the_same_title_after_it_is_over_is_another_incident(page: Path, remote: Path) -> None:
    file(page, OPEN)
    file(page, RESOLVE, after=1)
    assert file(page, OPEN, after=9).slug == f"{SLUG}-2"
    assert shown(remote, f"{BRANCH}-2", f"incidents/{SLUG}-2.md") == OPENED.replace("12:00", "12:09")


def test_main_takes_it_where_that_is_configured(page: Path, remote: Path) -> None:
    straight = {"STATUS_BRANCH": "main"}
    assert file(page, {**OPEN, **straight}).branch == "main"
    file(page, {**UPDATE, **straight}, after=1)
    assert shown(remote, "main") == OPENED + UPDATED
    assert "incident/" not in refs(remote)


def test_maintenance_is_scheduled_started_and_completed(page: Path, remote: Path) -> None:
    file(page, SCHEDULE)
    said = {"STATUS_MESSAGE": "Done as planned."}
    file(page, {"STATUS_ACTION": "start", **said}, after=17 * 60)
    filed = file(page, {"STATUS_ACTION": "complete", **said}, after=18 * 60)
    text = shown(remote, filed.branch, f"incidents/{filed.slug}.md")
    assert "scheduled: {from: 2026-11-22T05:00Z, until: 2026-11-22T07:00Z}" in text
    assert [line for line in text.split("\n") if line.startswith("## ")] == [
        "## Scheduled · 2026-11-21 12:00 UTC",
        "## In progress · 2026-11-22 05:00 UTC",
        "## Completed · 2026-11-22 06:00 UTC",
    ]


def test_without_a_push_the_branch_is_here(page: Path, remote: Path) -> None:
    before = refs(remote)
    file(page, OPEN, push=False)
    file(page, UPDATE, after=1, push=False)
    assert shown(page) == OPENED + UPDATED
    assert refs(remote) == before


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, "action is empty"),
        ({**OPEN, "STATUS_NAME": ""}, "name is empty"),
        ({**OPEN, "STATUS_NAME": "a\x1b[1mb"}, "U+001B"),
        ({**OPEN, "STATUS_COMPONENTS": "apj=major_outage"}, "did you mean 'api'"),
        ({**OPEN, "STATUS_COMPONENTS": "api=broken"}, "no such state"),
        ({**OPEN, "STATUS_MESSAGE": "## Resolved · 2026-11-21 12:00 UTC\nAll well"}, "text"),
        ({**OPEN, "STATUS_NEXT": "2026-11-20 10:00 UTC"}, "after this one"),
        ({**UPDATE, "STATUS_NAME": "nothing"}, "nothing named 'nothing'"),
        ({**UPDATE, "STATUS_NAME": "../../etc/passwd"}, "nothing named"),
        ({**UPDATE, "STATUS_NAME": "$(id) `id`\u202e"}, "nothing named"),
        (UPDATE, "there are no open incidents"),
        ({**RESOLVE, "STATUS_NAME": "2026-11-20-api-errors"}, "resolved"),
        ({**SCHEDULE, "STATUS_WINDOW": "2026-11-20 05:00 UTC for 2h"}, "over since"),
        ({**SCHEDULE, "STATUS_COMPONENTS": "api=major_outage"}, "maintenance has no other state"),
        ({"STATUS_ACTION": "start", "STATUS_MESSAGE": "x"}, "there are no maintenance windows"),
        ({**OPEN, "STATUS_BRANCH": "a..b"}, "no name for a branch"),
        ({**OPEN, "STATUS_BRANCH": "status-data/x"}, "the program's own"),
    ],
)
def test_what_cannot_be_is_one_line_and_changes_nothing(
    page: Path, remote: Path, fields: dict[str, str], reason: str
) -> None:
    before = refs(page), refs(remote), run_git(page, "status", "--porcelain")
    with pytest.raises(StatusgenError) as raised:
        file(page, fields)
    assert reason in str(raised.value)
    assert str(raised.value).isprintable()
    assert raised.value.exit_code in (1, 2)
    assert (refs(page), refs(remote), run_git(page, "status", "--porcelain")) == before


def test_a_remote_that_is_away_is_the_worlds_fault(page: Path, remote: Path) -> None:
    remote.rename(remote.with_name("gone.git"))
    with pytest.raises(WorldError, match="cannot fetch"):
        file(page, OPEN)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({**OPEN, "STATUS_NAME": "a%\nb"}, "::error::name has several lines: write one\n"),
        ({**OPEN, "STATUS_ACTION": "%0A::set"}, "::error::action cannot be '%250A::set' (one of: "),
    ],
)
def test_what_is_wrong_becomes_an_annotation(page: Path, fields: dict[str, str], said: str) -> None:
    done = statusgen("form", "--now", NOW_TEXT, "--format", "github", "--push", at=page, environment=fields)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(said)
    assert done.stderr.count("\n") == 1


def test_of_two_that_open_the_same_incident_at_once_the_second_adds_to_it(page: Path, remote: Path) -> None:
    theirs = file(page, OPEN).commit
    for ref in (f"refs/heads/{BRANCH}", f"refs/remotes/origin/{BRANCH}"):
        run_git(remote if "heads" in ref else page, "update-ref", "-d", ref)
    arrives = f"git rev-parse --verify -q refs/heads/{BRANCH} || git update-ref refs/heads/{BRANCH} {theirs}"
    hook(remote, "pre-receive", f"{arrives}; exit 0")
    file(page, {**OPEN, "STATUS_MESSAGE": "Me too.", "STATUS_COMPONENTS": "", "STATUS_SEVERITY": ""}, after=1)
    assert shown(remote) == OPENED + "\n## Investigating · 2026-11-21 12:01 UTC\nMe too.\n"


def test_one_that_lost_a_race_is_posted_after_the_other(page: Path, remote: Path) -> None:
    file(page, OPEN)
    other = clone(remote, "other", "--branch", BRANCH)
    write(other, **{"incidents/by-hand.md": "---\ntitle: By hand\n---\n## Resolved · 2026-11-21 11:00 UTC\nx\n"})
    theirs = commit_all(other)
    run_git(other, "push", "--quiet")
    file(page, UPDATE, after=1)
    assert run_git(remote, "rev-parse", f"{BRANCH}^") == theirs
    assert shown(remote) == OPENED + UPDATED


# Issues


def issue(**answers: str) -> str:
    """Return the text that GitHub makes of the form's answers."""
    told = (f"### {label}\n\n{answers.get(field, '_No response_')}\n" for label, field in form.HEADINGS.items())
    return "\n".join(told)


@pytest.mark.parametrize("is_event", [True, False])
def test_an_issue_is_posted(page: Path, remote: Path, tmp_path: Path, is_event: bool) -> None:
    body = issue(action="open", name="Slow search", message="Searching takes long.", severity="sev3").replace(
        "\n", "\r\n"
    )
    body = body.replace("### Components\r\n\r\n_No response_", "### Components\r\n\r\n* api: degraded_performance")
    place = tmp_path / ("event.json" if is_event else "issue.md")
    place.write_text(json.dumps({"issue": {"body": body}}) if is_event else body, "utf-8")
    done = statusgen("form", "--now", NOW_TEXT, "--push", "--issue", place, at=page)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"pushed {SLUG} as {run_git(remote, 'rev-parse', BRANCH)[:10]} on branch {BRANCH}\n"
    assert shown(remote) == OPENED


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("event.json", b'{"issue": {"body": null}}', 2),
        ("event.json", b"[]", 2),
        ("event.json", b"[" * 100_000, 2),
        ("issue.md", b"\xff", 2),
        ("issue.md", b"It is down", 2),
        ("issue.md", b"", 2),
        ("missing.md", None, 3),
    ],
)
def test_an_issue_that_cannot_be_read_is_one_line(
    page: Path, remote: Path, tmp_path: Path, name: str, content: bytes | None, code: int
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    before = refs(page), refs(remote)
    done = statusgen("form", "--push", "--issue", tmp_path / name, at=page)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (code, "", 1), done.stderr
    assert (refs(page), refs(remote)) == before


def test_a_site_with_an_error_is_named(page: Path) -> None:
    write(page, **{"components.yaml": COMPONENTS + "x: 1\n"})
    done = statusgen("form", "--format", "github", at=page, environment=OPEN)
    assert done.returncode == 1
    assert done.stderr.startswith("::error::components.yaml:")


def test_the_same_words_later_are_another_update(page: Path, remote: Path) -> None:
    file(page, OPEN)
    still = {"STATUS_ACTION": "update", "STATUS_MESSAGE": "We still look for the cause."}
    assert file(page, still, after=30).commit
    assert file(page, still, after=35).commit == ""
    assert file(page, still, after=60).commit
    assert shown(remote).count("We still look for the cause.") == 2


def test_nobody_guesses_which_incident_is_meant_while_one_cannot_be_read(page: Path, remote: Path) -> None:
    file(page, OPEN)
    other = clone(remote, "broken")
    write(other, **{"incidents/2026-11-21-checkout.md": "---\ntitle: [broken\n"})
    commit_all(other)
    run_git(other, "push", "--quiet", "origin", "main")
    run_git(page, "pull", "--quiet")
    with pytest.raises(
        StatusgenError, match=r"which incident is meant cannot be told while incidents/2026-11-21-check"
    ):
        file(page, UPDATE, after=1)
    assert file(page, {**UPDATE, "STATUS_NAME": SLUG}, after=1).commit


# Maintenance that repeats

BACKUP = """\
---
title: Backup
type: maintenance
scheduled: {from: 2026-11-15 12:00 UTC, until: 2026-11-15 13:00 UTC}
components: [api]
repeats: {rule: FREQ=WEEKLY, timezone: UTC}
---
## Scheduled · 2026-11-01 09:00 UTC
Backups are made.
"""
WEEK = 7 * 24 * 60  # minutes


@pytest.fixture
def weekly(remote: Path) -> Path:
    """Return a clone of a page with a backup each Sunday at noon, the next of which is tomorrow."""
    writer = clone(remote, "writer")
    write(writer, **{"incidents/backup.md": BACKUP})
    commit_all(writer)
    run_git(writer, "push", "--quiet", "origin", "main")
    return clone(remote, "page", "--depth=1")


def test_a_series_is_started_and_completed_each_week_without_a_name(weekly: Path, remote: Path) -> None:
    tomorrow, done = 24 * 60, {"STATUS_ACTION": "complete", "STATUS_MESSAGE": "Done."}
    for week in (0, WEEK):
        file(weekly, {"STATUS_ACTION": "start", "STATUS_MESSAGE": "It begins."}, after=tomorrow + week + 5)
        file(weekly, done, after=tomorrow + week + 20)
    text = shown(remote, "incident/backup", "incidents/backup.md")
    assert [line for line in text.split("\n") if line.startswith("Occurrence")] == [
        *["Occurrence: 2026-11-22"] * 2, *["Occurrence: 2026-11-29"] * 2
    ]  # fmt: skip


def test_one_date_of_a_series_is_called_off_by_its_address(weekly: Path, remote: Path) -> None:
    cancel = {"STATUS_ACTION": "cancel", "STATUS_MESSAGE": "Not this week."}
    with pytest.raises(UsageError, match=r"backup repeats: name the date .*, like backup-2026-12-06"):
        file(weekly, {**cancel, "STATUS_NAME": "backup"})
    assert file(weekly, {**cancel, "STATUS_NAME": "backup-2026-11-29"}).slug == "backup"
    text = shown(remote, "incident/backup", "incidents/backup.md")
    assert "## Cancelled · 2026-11-21 12:00 UTC\nOccurrence: 2026-11-29\nNot this week.\n" in text
