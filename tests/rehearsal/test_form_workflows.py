"""The form and the issue form as a forge runs them: they end in a pull request, or on main where that is configured."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from statusgen.posting import form

from ..forge import Forge, Run
from ..sites import COMPONENTS, NOW, ROOT, bare_theme, commit_all, run_git, write

OPEN = {"action": "open", "name": "Slow search", "message": "Searching $(id) `takes` ${{ long }}.", "severity": "sev3"}
UPDATE = {"action": "update", "message": "An index is missing.", "state": "identified"}
SLUG = "2026-11-21-slow-search"
BRANCH, PATH = f"incident/{SLUG}", f"incidents/{SLUG}.md"
MINUTE = 60


@pytest.fixture
def forge(tmp_path: Path) -> Forge:
    """Return a forge with a page whose main branch is protected."""
    site = tmp_path / "site"
    write(site, **{"components.yaml": COMPONENTS}, **bare_theme())
    for path in ("action.yml", ".github"):
        copy = shutil.copytree if (ROOT / path).is_dir() else shutil.copyfile
        copy(ROOT / path, site / path)
    commit_all(site)
    made = Forge(tmp_path / "forge", of=site)
    made.protect("main")
    return made


def send(forge: Forge, fields: dict[str, str], after: int = 0) -> Run:
    return forge.run("incident.yml", inputs=fields, now=NOW + after * MINUTE)


def send_issue(forge: Forge, fields: dict[str, str], by: str = "ann", after: int = 0) -> Run:
    body = "\n".join(f"### {label}\n\n{fields.get(field, '_No response_')}\n" for label, field in form.HEADINGS.items())
    number = forge.open_issue("Incident", body, "incident")
    payload = forge.labeled(number, "incident", by)
    return forge.run("incident-from-issue.yml", event="issues", payload=payload, now=NOW + after * MINUTE, actor=by)


def refs(forge: Forge) -> str:
    return run_git(forge.bare, "for-each-ref", "--format=%(refname) %(objectname)")


def test_a_form_opens_a_pull_request_that_a_person_merges(forge: Forge) -> None:
    run = send(forge, OPEN)
    assert run.result == "success", run.log
    (pull,) = forge.pulls()
    assert (pull["title"], pull["headRefName"], pull["baseRefName"]) == ("Slow search", BRANCH, "main")
    assert f"{pull['url']}\n" in run.summary
    assert "Searching $(id) `takes` ${{ long }}." in forge.show(BRANCH, PATH)
    assert "ann" in run_git(forge.bare, "log", "-1", "--format=%an <%ae>", BRANCH)
    assert [ref for _, ref in forge.pushed()] == [f"refs/heads/{BRANCH}"]
    forge.merge(pull["number"], now=NOW)
    assert PATH in run_git(forge.bare, "ls-tree", "-r", "--name-only", "main")


def test_further_forms_go_into_the_same_pull_request_until_it_is_merged(forge: Forge) -> None:
    send(forge, OPEN)
    assert send(forge, UPDATE, after=1).result == "success"
    assert send(forge, {**OPEN, "message": "Here too."}, after=2).result == "success"
    (pull,) = forge.pulls()
    assert forge.show(BRANCH, PATH).count("\n## ") == 3
    forge.merge(pull["number"], now=NOW + 3 * MINUTE)
    run = send(forge, {"action": "resolve", "message": "It is back."}, after=4)
    assert run.result == "success", run.log
    assert sorted(each["headRefName"] for each in forge.pulls()) == [BRANCH, f"{BRANCH}-2"]


def test_a_run_that_is_repeated_says_nothing_twice(forge: Forge) -> None:
    send(forge, OPEN)
    before = refs(forge)
    run = send(forge, OPEN, after=1)
    assert run.result == "success", run.log
    assert refs(forge) == before
    (pull,) = forge.pulls()
    forge.merge(pull["number"], now=NOW + MINUTE)
    run = send(forge, OPEN, after=2)
    assert run.summary == "That is said already: nothing was changed.\n"


def test_a_form_goes_straight_to_main_and_publishes_where_that_is_configured(forge: Forge) -> None:
    forge.protect()
    forge.variables["STATUS_BRANCH"] = "main"
    run = send(forge, OPEN)
    assert run.result == "success", run.log
    assert PATH in run_git(forge.bare, "ls-tree", "-r", "--name-only", "main")
    assert forge.waiting() == ["publish.yml"]
    assert forge.pulls() == []


def test_a_protected_main_refuses_it_and_says_so(forge: Forge) -> None:
    forge.variables["STATUS_BRANCH"] = "main"
    before = refs(forge)
    run = send(forge, OPEN)
    assert run.result == "failure"
    assert "::error::cannot push main, and nothing was changed" in run.log
    assert "GH006" in run.log
    assert refs(forge) == before


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({**OPEN, "name": ""}, "::error::name is empty"),
        ({**OPEN, "components": "apj=major_outage"}, "::error::component 'apj' is not in components.yaml"),
        ({**OPEN, "name": 'x"; rm -rf /; "\n::add-mask::x'}, "::error::name has several lines"),
        (UPDATE, "::error::there are no open incidents"),
        ({**UPDATE, "name": "../../../etc"}, "::error::there is nothing named"),
    ],
)
def test_what_cannot_be_posted_is_an_annotation_and_changes_nothing(
    forge: Forge, fields: dict[str, str], said: str
) -> None:
    before = refs(forge)
    run = send(forge, fields)
    assert run.result == "failure"
    assert said in run.log
    assert "Traceback" not in run.log
    assert (refs(forge), forge.pulls(), forge.called()) == (before, [], [])


def test_where_no_workflow_may_open_pull_requests_the_page_to_open_it_on_is_named(forge: Forge) -> None:
    forge.refuse_pulls_by_workflows()
    run = send(forge, OPEN)
    assert run.result == "failure"
    assert f"::error::Branch {BRANCH} is pushed, but no pull request could be opened. Open it here:" in run.log
    assert BRANCH in forge.branches()


@pytest.mark.parametrize("by_issue", [False, True])
def test_nobody_is_led_to_a_pull_request_of_a_fork_whose_branch_has_the_same_name(forge: Forge, by_issue: bool) -> None:
    fork = forge.clone("fork")
    run_git(fork, "checkout", "--quiet", "-b", BRANCH)
    number = forge.open_pull(BRANCH, of=fork)
    run = send_issue(forge, OPEN) if by_issue else send(forge, OPEN)
    assert run.result == "success", run.log
    theirs, ours = forge.pulls()
    assert (theirs["number"], ours["headRefName"]) == (number, BRANCH)
    assert run.summary.endswith(f": {ours['url']}\n")


def test_an_issue_of_somebody_who_may_write_is_posted_and_answered(forge: Forge) -> None:
    run = send_issue(forge, OPEN, by="ben")
    assert run.result == "success", run.log
    (pull,), (issue,) = forge.pulls(), forge.issues()
    assert issue["comments"] == [f"Posted on branch {BRANCH}. Merging the pull request publishes it: {pull['url']}"]
    assert run_git(forge.bare, "log", "-1", "--format=%an", BRANCH) == "ben"
    send_issue(forge, {**UPDATE, "components": "api: degraded_performance"}, after=1)
    assert forge.show(BRANCH, PATH).endswith("Components: api degraded_performance\nAn index is missing.")


def test_an_issue_of_a_stranger_meets_no_token_that_can_write(forge: Forge) -> None:
    before = refs(forge)
    run = send_issue(forge, OPEN, by="mallory")
    assert run.jobs["post"].result == "skipped"
    assert "mallory may not write" in run.log
    assert (refs(forge), forge.pulls(), forge.issues()[0]["comments"]) == (before, [], [])


def test_another_label_starts_nothing(forge: Forge) -> None:
    number = forge.open_issue("Incident", "", "bug")
    run = forge.run("incident-from-issue.yml", event="issues", payload=forge.labeled(number, "bug"), now=NOW)
    assert {job.result for job in run.jobs.values()} == {"skipped"}


def test_an_issue_that_cannot_be_posted_is_told_so(forge: Forge) -> None:
    run = send_issue(forge, {**OPEN, "severity": "sev9"})
    assert run.result == "failure"
    assert "::error::severity cannot be 'sev9'" in run.log
    (comment,) = forge.issues()[0]["comments"]
    assert comment.startswith("This was not posted. What is wrong stands here - ")
    assert forge.pulls() == []
