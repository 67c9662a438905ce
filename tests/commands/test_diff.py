"""``statusgen diff`` as a person types it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ..sites import COMPONENTS, INCIDENT, INCIDENT_TEXT, NOW_TEXT, Run, clone, commit_all, run_git, write

Printed = Callable[..., str]

LATER = f"{INCIDENT_TEXT}\n## Resolved · 2026-11-20 12:15 UTC\nIt was a cable.\n"


@pytest.fixture
def printed(run: Run) -> Callable[..., str]:
    def printed(site: Path, *arguments: str, code: int = 0) -> str:
        ran = run("diff", "--now", NOW_TEXT, *arguments, at=site)
        assert (ran.code, ran.err) == (code, "")
        return ran.out

    return printed


def test_an_empty_difference_is_one_line(printed: Printed, site: Path) -> None:
    assert (
        printed(site, "HEAD")
        == printed(site, "HEAD..HEAD", "--format", "md")
        == ("Nothing that anybody sees changes.\n")
    )
    assert json.loads(printed(site, "HEAD", "--json"))["is_nothing"] is True


def test_each_format_says_what_is_sent(printed: Printed, site: Path) -> None:
    write(site, **{INCIDENT: LATER})
    assert "    | It was a cable.\n" in printed(site, "HEAD")
    assert "```text\nIt was a cable.\n```" in printed(site, "HEAD", "--format", "md")
    told = printed(site, "HEAD", "--json")
    assert [each["after"]["text"] for each in json.loads(told)["sent"]] == ["It was a cable."]
    assert told == printed(site, "HEAD", "--format", "json")


def test_a_draft_is_sent_only_if_that_is_asked(printed: Printed, site: Path) -> None:
    write(site, **{INCIDENT.replace("20-api", "20-new"): LATER.replace("title:", "draft: true\ntitle:")})
    told = printed(site, "HEAD")
    assert "What subscribers will receive\n=============================\n\n- Nothing.\n" in told
    heading = "Drafts: what subscribers would receive"
    assert heading in told
    assert told.index(heading) < told.index("Not sent before draft: true is removed") < told.index("It was a cable.")
    as_if = printed(site, "HEAD", "--drafts")
    assert heading not in as_if
    assert "It was a cable." in as_if


def test_errors_stand_on_top_and_what_is_right_is_told_all_the_same(printed: Printed, site: Path) -> None:
    write(site, **{INCIDENT: LATER, "incidents/bad.md": "---\ntitle: x\n"})
    text = printed(site, "HEAD")
    assert text.startswith("1 error: what has errors is left out of the page\n")
    assert "It was a cable." in text


@pytest.mark.parametrize("form", ["text", "md"])
def test_what_will_be_no_site_is_refused_with_its_reasons(printed: Printed, site: Path, form: str) -> None:
    write(site, **{"components.yaml": COMPONENTS.replace("site:", "sight:")})
    text = printed(site, "HEAD", "--format", form, code=1)
    assert "This change cannot be published: its configuration has errors" in text
    assert "unknown key 'sight'" in text


def test_what_cannot_be_compared_gets_one_line(run: Run, site: Path, tmp_path: Path) -> None:
    for arguments in (("nowhere",), ("--bogus..HEAD",), ()):
        ran = run("diff", *arguments, at=site)
        assert (ran.code in (1, 2), ran.out) == (True, "")
        assert ran.err.startswith("error: ") or "No such option" in ran.err
    write(tmp_path / "plain", **{"components.yaml": COMPONENTS})
    ran = run("diff", "HEAD", at=tmp_path / "plain")
    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)


@pytest.fixture
def page(remote: Path, run: Run) -> Path:
    """Return a clone from which an incident was pushed on a branch, and whose main has moved on by two commits."""
    page = clone(remote, "page")
    opening = ("incident", "open", "Branch only", "--slug", "b", "-m", "It fails.", "--now", NOW_TEXT)
    assert run(*opening, "--branch", "incident/b", "--push", at=page).code == 0
    for title in ("Main one", "Main two"):
        assert run("incident", "open", title, "-m", "Hm.", "--commit", "--now", NOW_TEXT, at=page).code == 0
    return page


@pytest.mark.parametrize("name", ["incident/b", "origin/incident/b"])
def test_what_a_branch_of_the_remote_adds_is_told_alone(printed: Printed, page: Path, name: str) -> None:
    assert not run_git(page, "branch", "--list", "incident/b")
    told = printed(page, f"main...{name}")
    assert "Branch only" in told
    assert "Main" not in told


def test_two_dots_say_what_counts_as_taken_back(run: Run, page: Path) -> None:
    ran = run("diff", "main..incident/b", "--json", "--now", NOW_TEXT, at=page)
    which = "main has 2 commits that incident/b lacks, which count as taken back here"
    assert ran.err == f"{which}: main...incident/b leaves them out\n"
    assert "Main one" in ran.out
    assert json.loads(ran.out)
    ran = run("diff", "..HEAD^", "--now", NOW_TEXT, at=page)
    which = "HEAD has 1 commit that HEAD^ lacks, which counts as taken back here"
    assert ran.err == f"{which}: HEAD...HEAD^ leaves it out\n"


def test_fetched_is_what_the_remote_has(printed: Printed, site: Path) -> None:
    run_git(site.parent, "clone", "--quiet", "--bare", str(site), "remote.git")
    run_git(site.parent, "clone", "--quiet", "--single-branch", str(site.parent / "remote.git"), "copy")
    copy = site.parent / "copy"
    write(copy, **{"corrections/c.yaml": CORRECTION})
    commit_all(copy)
    assert "| `API` | `24h` |" in printed(copy, "HEAD^..HEAD", "--format", "md", "--fetch")
    assert run_git(copy, "for-each-ref", "--format=%(refname)", "refs/remotes/origin/status-data")


CORRECTION = """\
components: [api]
from: 2026-11-21T10:10Z
to: 2026-11-21T10:40Z
set: major_outage
reason: Probes looked elsewhere.
"""
