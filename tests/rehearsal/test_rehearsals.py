"""The workflows of a repository that ``statusgen init`` made, run as a forge would, on a local bare repository."""

from __future__ import annotations

import contextlib
import functools
import http.server
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from statusgen import scaffold
from statusgen.model import Verdict

from ..forge import Forge
from ..sites import COMPONENTS, NOW, bare_theme, commit_all, record, rounds, run_git, write


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder while inside, and give its address."""
    handler = functools.partial(Silent, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Silent(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


DRAFTS = "drafts: {mode: draft}\n"
PUBLISHED = "drafts: {mode: publish}\n"
NOTICES = 'notifications: [{name: ops, webhook: "${env:STATUS_HOOK}"}]\n'


def repository(folder: Path, more: str = "") -> Path:
    """Return a site with the workflows that ``init`` writes, committed."""
    files = {**scaffold.host("github").files, "components.yaml": COMPONENTS + more, ".gitignore": "/public/\n"}
    write(folder, **files, **bare_theme())
    commit_all(folder)
    return folder


def outage(forge: Forge, clone: str = "prober") -> None:
    """Let probes have seen the API fail for the last half hour, and all well before."""
    folder = forge.clone(clone)
    lines = [*rounds(NOW - 3300, NOW - 2100), *rounds(NOW - 1800, NOW, verdict=Verdict.DOWN)]
    record(folder, lines, "github")
    run_git(folder, "push", "--quiet", "origin", "status-data/github")


@pytest.fixture
def forge(tmp_path: Path) -> Forge:
    made = Forge(tmp_path / "forge", of=repository(tmp_path / "site"))
    made.protect("main")
    return made


def test_a_probe_pushes_what_it_saw_has_the_page_published_and_hands_over(forge: Forge) -> None:
    main = forge.branches()["main"]
    run = forge.run("probe.yml", event="schedule", now=NOW)
    assert run.result == "success", run.log
    assert forge.waiting() == ["publish.yml", "probe.yml"]
    assert set(forge.branches()) == {"main", "status-data/github"}
    published = forge.run("publish.yml", now=NOW)
    assert published.result == "success", published.log
    assert (forge.live / "index.html").exists()
    assert forge.branches()["main"] == main


def test_a_probe_that_somebody_disabled_hands_over_to_nobody(forge: Forge) -> None:
    forge.disable("probe.yml")
    assert forge.run("probe.yml", now=NOW).result == "failure"
    assert forge.waiting() == ["publish.yml"]
    assert forge.state("probe.yml") == "disabled_manually"


def test_a_page_without_drafts_and_notifications_costs_two_jobs_and_a_look(forge: Forge) -> None:
    run = forge.run("publish.yml", now=NOW)
    results = {name: job.result for name, job in run.jobs.items()}
    assert results == {"drafts": "success", "build": "success", "deploy": "success", "notify": "skipped"}, run.log
    assert run.jobs["drafts"].steps[2:] == [("Draft", "skipped"), ("Open pull requests", "skipped")]
    assert forge.run("publish.yml", event="push", now=NOW).jobs["drafts"].result == "skipped"


def test_an_outage_becomes_a_draft_on_a_branch_and_one_pull_request(tmp_path: Path) -> None:
    forge = Forge(tmp_path / "forge", of=repository(tmp_path / "site", DRAFTS))
    forge.protect("main")
    outage(forge)
    for later in (0, 60, 600):
        run = forge.run("publish.yml", now=NOW + later)
        assert run.result == "success", run.log
    (pull,) = forge.pulls()
    assert pull["headRefName"].startswith("incident/")
    assert pull["baseRefName"] == "main"
    assert pull["title"]
    assert "API" in run_git(forge.bare, "log", "-p", "--format=", pull["headRefName"], "--", "incidents")
    assert {ref for who, ref in forge.pushed() if who == "publish.yml"} == {f"refs/heads/{pull['headRefName']}"}


def test_a_pull_request_of_a_fork_whose_branch_has_the_same_name_keeps_no_draft_from_its_own(tmp_path: Path) -> None:
    forge = Forge(tmp_path / "forge", of=repository(tmp_path / "site", DRAFTS))
    outage(forge)
    fork = forge.clone("fork")
    run_git(fork, "checkout", "--quiet", "-b", (branch := "incident/2026-11-21-api-is-unavailable"))
    forge.open_pull(branch, of=fork)
    assert forge.run("publish.yml", now=NOW).result == "success"
    assert [pull["headRefName"] for pull in forge.pulls()] == [branch, branch]


def test_a_draft_whose_pull_request_was_closed_gets_no_second_one(tmp_path: Path) -> None:
    forge = Forge(tmp_path / "forge", of=repository(tmp_path / "site", DRAFTS))
    outage(forge)
    assert forge.run("publish.yml", now=NOW).result == "success"
    (pull,) = forge.pulls()
    forge.close(pull["number"])
    record(forge.folder / "prober", [*rounds(NOW + 300, NOW + 7200)], "github")
    run_git(forge.folder / "prober", "push", "--quiet", "origin", "status-data/github")
    run = forge.run("publish.yml", now=NOW + 7200)
    assert run.result == "success", run.log
    assert [each["number"] for each in forge.pulls()] == [pull["number"]]


def test_where_workflows_open_no_pull_requests_the_branch_is_there_and_somebody_is_told(tmp_path: Path) -> None:
    forge = Forge(tmp_path / "forge", of=repository(tmp_path / "site", DRAFTS))
    forge.refuse_pulls_by_workflows()
    outage(forge)
    run = forge.run("publish.yml", now=NOW)
    assert run.result == "success", run.log
    assert "::warning::No pull request for incident/" in run.log
    assert any(name.startswith("incident/") for name in forge.branches())


def test_a_draft_that_is_published_goes_to_main_and_onto_the_page_of_the_same_run(tmp_path: Path) -> None:
    forge = Forge(tmp_path / "forge", of=repository(tmp_path / "site", PUBLISHED))
    forge.variables["STATUS_BRANCH"] = "main"
    outage(forge)
    run = forge.run("publish.yml", now=NOW)
    assert run.result == "success", run.log
    assert ("publish.yml", "refs/heads/main") in forge.pushed()
    assert [path for path in (forge.live / "incidents").iterdir() if path.is_dir()]


def test_drafts_that_cannot_be_pushed_and_subscribers_who_cannot_be_told_keep_no_page_back(tmp_path: Path) -> None:
    forge = Forge(tmp_path / "forge", of=repository(tmp_path / "site", PUBLISHED + NOTICES))
    forge.variables["STATUS_BRANCH"] = "main"
    forge.protect("main")
    outage(forge)
    run = forge.run("publish.yml", now=NOW)
    results = {name: job.result for name, job in run.jobs.items()}
    assert results == {"drafts": "failure", "build": "success", "deploy": "success", "notify": "failure"}, run.log
    assert "STATUS_HOOK" in run.jobs["notify"].log  # is not set: the run is red, and the page is there
    assert "Protected branch" in run.jobs["drafts"].log
    assert (forge.live / "index.html").exists()


def test_a_page_that_cannot_be_built_leaves_what_is_live_and_deploys_nothing(forge: Forge, tmp_path: Path) -> None:
    assert forge.run("publish.yml", now=NOW).result == "success"
    before = (forge.live / "index.html").read_bytes()
    forge.protect()
    clone = forge.clone("ann")
    write(clone, **{"components.yaml": "site: ["})
    commit_all(clone)
    run_git(clone, "push", "--quiet", "origin", "main")
    run = forge.run("publish.yml", event="push", now=NOW)
    assert (run.jobs["build"].result, run.jobs["deploy"].result) == ("failure", "skipped")
    assert (forge.live / "index.html").read_bytes() == before


def test_weekly_work_goes_well_on_a_page_that_is_what_the_repository_says(forge: Forge, tmp_path: Path) -> None:
    outage(forge)
    assert forge.run("publish.yml", now=NOW).result == "success"
    with served(forge.live) as address:
        forge.variables["STATUS_URL"] = address
        run = forge.run("weekly.yml", event="schedule", now=NOW)
    assert run.result == "success", run.log
    assert "0 differ" in run.jobs["verify"].log
    assert run.jobs["tell"].result == "skipped"
    assert forge.issues() == []


def test_weekly_work_opens_one_issue_where_the_page_says_something_else(forge: Forge) -> None:
    outage(forge)
    assert forge.run("publish.yml", now=NOW).result == "success"
    status = forge.live / "api/v1/components.json"
    status.write_text(re.sub(r'"API"', '"AP1"', status.read_text()))
    with served(forge.live) as address:
        forge.variables["STATUS_URL"] = address
        for _ in range(2):
            run = forge.run("weekly.yml", event="schedule", now=NOW)
    assert run.jobs["verify"].result == "failure", run.log
    assert "api/v1/components.json" in run.jobs["verify"].log
    (issue,) = forge.issues()
    assert "/actions/runs/" in issue["body"]


def test_schedules_that_were_switched_off_come_back_and_those_that_a_person_disabled_do_not(forge: Forge) -> None:
    forge.disable("probe.yml", "disabled_inactivity")
    run = forge.run("weekly.yml", now=NOW)
    assert run.jobs["schedules"].result == "success", run.log
    assert forge.state("probe.yml") == "active"
    forge.disable("probe.yml")
    assert forge.run("weekly.yml", now=NOW).jobs["schedules"].result == "success"
    assert forge.state("probe.yml") == "disabled_manually"


# What people post


def test_the_form_opens_a_pull_request_that_is_checked_and_published(forge: Forge) -> None:
    title = "Errors\"; touch ../x; $(id) `id` 'now"
    outage(forge)
    form = {"action": "open", "name": title, "message": "We look into it.", "components": "api=partial_outage"}
    run = forge.run("incident.yml", inputs={**form, "severity": "sev2"}, now=NOW)
    assert run.result == "success", run.log
    (pull,) = forge.pulls()
    assert title in pull["title"]
    assert pull["headRefName"].startswith("incident/")
    assert pull["url"] in run.summary
    checked = forge.run("check.yml", event="pull_request", pull=pull["number"], now=NOW)
    assert checked.result == "success", checked.log
    assert "We look into it." in checked.summary
    preview = list(forge.artifacts.glob("*/preview/incidents/*/index.html"))
    assert preview
    forge.merge(pull["number"], now=NOW)
    assert forge.run("publish.yml", event="push", now=NOW).result == "success"
    assert "We look into it." in (forge.live / "history.atom").read_text("utf-8")
    assert "refs/heads/main" not in {ref for _, ref in forge.pushed()}
    assert not list(forge.folder.rglob("x"))


def test_a_form_that_cannot_be_posted_changes_nothing(forge: Forge) -> None:
    before = forge.branches()
    form = {"action": "open", "name": "Errors", "message": "We look into it.", "components": "nothing=partial_outage"}
    run = forge.run("incident.yml", inputs={**form, "severity": "sev2"}, now=NOW)
    assert run.result == "failure"
    assert "nothing" in run.log
    assert (forge.branches(), forge.pulls()) == (before, [])


def test_a_pull_request_of_a_stranger_is_checked_without_a_right_to_write(forge: Forge) -> None:
    fork = forge.clone("fork")
    write(fork, **{"incidents/2026-11-20-x.md": "no front matter\n"})
    commit_all(fork)
    outage(forge)
    before = forge.branches()
    pull = forge.open_pull("main", "Mine", of=fork)
    run = forge.run("check.yml", event="pull_request", pull=pull, now=NOW)
    assert run.result == "failure"
    assert "::error file=incidents/2026-11-20-x.md" in run.log
    assert forge.branches() == before


ISSUE = """\
### What to do

open

### Incident or maintenance

Errors

### Components

api=partial_outage

### Severity

sev2

### Message

We look into it.
"""


@pytest.mark.parametrize(("by", "is_posted"), [("ben", True), ("mallory", False)])
def test_an_issue_is_posted_if_who_labels_it_may_write(forge: Forge, by: str, is_posted: bool) -> None:
    number = forge.open_issue("Errors", ISSUE, "incident")
    payload = forge.labeled(number, "incident", by=by)
    run = forge.run("incident-from-issue.yml", event="issues", payload=payload, now=NOW)
    assert run.result == "success", run.log
    assert len(forge.pulls()) == is_posted
    assert len(forge.issues()[0]["comments"]) == is_posted
