"""The workflows: what they may do, what they run, and that nothing a stranger wrote is run by them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from statusgen import cli

from .sites import ROOT

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
PINNED = re.compile(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
GRANTS = {  # the most that a job may ask for
    ("check.yml", "check"): {"contents": "read"},
    ("probe.yml", "probe"): {"contents": "write"},
    ("probe.yml", "build"): {"contents": "read"},
    ("probe.yml", "deploy"): {"pages": "write", "id-token": "write"},
}
Workflow = dict[str, Any]


@pytest.fixture(params=WORKFLOWS, ids=lambda path: path.name)
def path(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


@pytest.fixture
def workflow(path: Path) -> Workflow:
    read: Workflow = yaml.load(path.read_text("utf-8"), yaml.BaseLoader)  # which leaves `on` a word
    return read


def jobs(workflow: Workflow) -> Iterator[tuple[str, Workflow]]:
    yield from workflow["jobs"].items()


def steps(workflow: Workflow) -> Iterator[Workflow]:
    for _, job in jobs(workflow):
        yield from job["steps"]


def test_both_workflows_are_there() -> None:
    assert [path.name for path in WORKFLOWS] == ["check.yml", "probe.yml"]


def test_a_workflow_may_do_nothing_and_a_job_only_what_it_needs(path: Path, workflow: Workflow) -> None:
    assert workflow["permissions"] == {}
    assert {(path.name, name): job["permissions"] for name, job in jobs(workflow)} == {
        key: grants for key, grants in GRANTS.items() if key[0] == path.name
    }


def test_every_grant_says_why(path: Path) -> None:
    for line in path.read_text().splitlines():
        if re.fullmatch(r" {6}[a-z-]+: (read|write)\b.*", line):
            assert " # " in line


def test_every_action_is_pinned_to_a_commit_and_names_its_version(path: Path, workflow: Workflow) -> None:
    lines = [line.partition("uses: ")[2] for line in path.read_text().splitlines() if "uses:" in line]
    assert len(lines) == sum("uses" in step for step in steps(workflow))
    assert all(PINNED.fullmatch(line) for line in lines), lines


def test_the_same_action_is_pinned_to_the_same_commit_everywhere() -> None:
    pins = {line for path in WORKFLOWS for line in re.findall(r"uses: (.*)", path.read_text())}
    assert len({pin.partition("@")[0] for pin in pins}) == len(pins)


def test_no_expression_is_pasted_into_a_script(workflow: Workflow) -> None:
    for step in steps(workflow):
        assert "${{" not in step.get("run", "")
        assert "GITHUB_ENV" not in step.get("run", "")


def test_what_a_pull_request_brings_runs_without_rights(path: Path, workflow: Workflow) -> None:
    events = workflow["on"]
    assert set(events) <= {"pull_request", "schedule", "push", "workflow_dispatch"}
    if "pull_request" in events:
        assert set(events) == {"pull_request"}
        assert "secrets." not in path.read_text()
        assert all(set(job["permissions"].values()) == {"read"} for _, job in jobs(workflow))


def test_no_checkout_leaves_its_token_behind(workflow: Workflow) -> None:
    checkouts = [step for step in steps(workflow) if step.get("uses", "").startswith("actions/checkout@")]
    assert checkouts
    assert all(step["with"]["persist-credentials"] == "false" for step in checkouts)


def test_no_token_stands_in_an_address_or_an_argument(workflow: Workflow) -> None:
    for step in steps(workflow):
        assert not re.search(r"https://[^/\s]*@|--token|\$GITHUB_TOKEN", step.get("run", ""))
        for name, value in step.get("env", {}).items():
            assert "github.token" not in value or name == "TOKEN"


def test_only_the_probe_may_write_and_only_the_deployment_may_publish(workflow: Workflow) -> None:
    for name, job in jobs(workflow):
        writes = {scope for scope, grant in job["permissions"].items() if grant == "write"}
        assert writes <= {"probe": {"contents"}, "deploy": {"pages", "id-token"}}.get(name, set())
        if "pages" in writes:
            assert all("run" not in step for step in job["steps"])  # no code of the repository beside that right


def test_every_job_ends_by_itself_on_a_machine_that_is_named(workflow: Workflow) -> None:
    for _, job in jobs(workflow):
        assert 0 < int(job["timeout-minutes"]) <= 15
        assert re.fullmatch(r"ubuntu-\d\d\.04", job["runs-on"])


def test_the_schedule_avoids_the_full_hour_and_has_its_file_to_itself(path: Path, workflow: Workflow) -> None:
    for entry in workflow["on"].get("schedule", []):
        minute = entry["cron"].split()[0]
        first = re.match(r"\d+", minute)
        assert first is not None
        assert int(first[0]) % 5 != 0
        assert "timezone" not in entry


def test_runs_of_one_kind_do_not_overlap_and_a_probe_is_never_cut_off(path: Path, workflow: Workflow) -> None:
    assert workflow["concurrency"]["group"]
    assert workflow["concurrency"]["cancel-in-progress"] == str("pull_request" in workflow["on"]).lower()


def test_nothing_comes_out_of_a_cache(workflow: Workflow) -> None:
    for step in steps(workflow):
        assert "cache" not in step.get("uses", "")
        assert "cache" not in step.get("with", {})


def test_the_commands_are_those_a_person_would_use(workflow: Workflow) -> None:
    scripts = "\n".join(step["run"] for step in steps(workflow) if "run" in step)
    used = re.findall(r"^\s*statusgen (\w+)(.*)$", scripts, re.MULTILINE)
    assert used
    for name, arguments in used:
        options = {option for parameter in cli.commands.commands[name].params for option in parameter.opts}
        options |= {option for parameter in cli.commands.commands[name].params for option in parameter.secondary_opts}
        assert set(re.findall(r"--[a-z-]+", arguments)) <= options


def test_an_incident_is_published_although_the_probe_could_not_push() -> None:
    workflow = yaml.load((ROOT / ".github/workflows/probe.yml").read_text(), yaml.BaseLoader)
    assert workflow["jobs"]["build"]["needs"] == "probe"
    assert "cancelled()" in workflow["jobs"]["build"]["if"]
    assert "needs.build.result == 'success'" in workflow["jobs"]["deploy"]["if"]


def test_folders_that_begin_with_a_dot_are_published() -> None:
    workflow = yaml.load((ROOT / ".github/workflows/probe.yml").read_text(), yaml.BaseLoader)
    (upload,) = [step for step in workflow["jobs"]["build"]["steps"] if "upload-pages-artifact" in step.get("uses", "")]
    assert upload["with"] == {"path": "public", "include-hidden-files": "true"}


def test_the_pins_are_kept_fresh() -> None:
    settings = yaml.safe_load((ROOT / ".github/dependabot.yml").read_text())
    (update,) = [each for each in settings["updates"] if each["package-ecosystem"] == "github-actions"]
    assert update["schedule"]["interval"] == "weekly"
    assert update["cooldown"]
