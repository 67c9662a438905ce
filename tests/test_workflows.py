"""The workflows: what they may do, what they run, and that nothing a stranger wrote is run by them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from statusgen import periods

from .recipes import commands_in, context
from .sites import ROOT

SHIPPED = sorted((ROOT / ".github/workflows").glob("*.yml"))
WORKFLOWS = [*SHIPPED, *sorted((ROOT / "docs/recipes").glob("github-*.yml"))]
PINNED = re.compile(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
GRANTS = {  # the most that a job may ask for
    ("check.yml", "check"): {"contents": "read"},
    ("probe.yml", "probe"): {"contents": "write", "actions": "write"},
    ("publish.yml", "build"): {"contents": "read"},
    ("publish.yml", "deploy"): {"pages": "write", "id-token": "write"},
    ("github-locations.yml", "probe"): {"contents": "write", "actions": "write"},
    ("github-shards.yml", "probe"): {"contents": "write", "actions": "write"},
    ("github-private.yml", "status"): {"contents": "write", "pages": "write", "id-token": "write"},
}
ALL_IN_ONE = "github-private.yml"  # whoever uses it knows that its parts are not kept apart
TO_BEGIN = 5 * periods.MINUTE  # and to end, beside the watch itself
Workflow = dict[str, Any]


@pytest.fixture(params=WORKFLOWS, ids=lambda path: path.name)
def path(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


@pytest.fixture
def workflow(path: Path) -> Workflow:
    return read(path)


def read(path: Path) -> Workflow:
    found: Workflow = yaml.load(path.read_text("utf-8"), yaml.BaseLoader)  # which leaves `on` a word
    return found


def jobs(workflow: Workflow) -> Iterator[tuple[str, Workflow]]:
    yield from workflow["jobs"].items()


def steps(workflow: Workflow) -> Iterator[Workflow]:
    for _, job in jobs(workflow):
        yield from job["steps"]


def watches(job: Workflow) -> list[dict[str, Any]]:
    """Return the options of every probe of a job that goes on for a while."""
    scripts = "\n".join(step.get("run", "") for step in job["steps"])
    asked = [context(command) for command in commands_in(scripts, SHARD="1/4", LOCATION="office")]
    return [each for each in asked if each.get("watch")]


def test_all_workflows_are_there() -> None:
    assert [path.name for path in SHIPPED] == ["check.yml", "probe.yml", "publish.yml"]
    assert {path.name for path in WORKFLOWS} == {name for name, _ in GRANTS}


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
            assert "github.token" not in value or name == "GH_TOKEN"


def test_only_the_probe_may_write_and_only_the_deployment_may_publish(path: Path, workflow: Workflow) -> None:
    for name, job in jobs(workflow):
        writes = {scope for scope, grant in job["permissions"].items() if grant == "write"}
        if path.name == ALL_IN_ONE:
            continue
        assert writes <= {"probe": {"contents", "actions"}, "deploy": {"pages", "id-token"}}.get(name, set())
        if "pages" in writes:
            assert all("run" not in step for step in job["steps"])  # no code of the repository beside that right


def test_every_job_ends_by_itself_on_a_machine_that_is_named(workflow: Workflow) -> None:
    for _, job in jobs(workflow):
        assert 0 < int(job["timeout-minutes"]) <= (60 if watches(job) else 15)
        runners = [each["runner"] for each in job.get("strategy", {}).get("matrix", {}).get("include", [])]
        runner = runners[0] if job["runs-on"] == "${{ matrix.runner }}" else job["runs-on"]
        assert re.fullmatch(r"ubuntu-\d\d\.04", runner)


def test_the_schedule_avoids_the_full_hour_and_has_its_file_to_itself(path: Path, workflow: Workflow) -> None:
    for entry in workflow["on"].get("schedule", []):
        minute = entry["cron"].split()[0]
        first = re.match(r"\d+", minute)
        assert first is not None
        assert int(first[0]) % 5 != 0
        assert "timezone" not in entry


def test_runs_of_one_kind_do_not_overlap_and_a_probe_is_never_cut_off(path: Path, workflow: Workflow) -> None:
    groups = (
        [workflow["concurrency"]] if "concurrency" in workflow else [job["concurrency"] for _, job in jobs(workflow)]
    )
    for group in groups:
        assert group["group"]
        assert group["cancel-in-progress"] == str("pull_request" in workflow["on"]).lower()


def test_what_probes_and_what_publishes_do_not_wait_for_one_another() -> None:
    groups = [read(path)["concurrency"]["group"].lower() for path in SHIPPED]
    assert len(set(groups)) == len(groups)


def test_each_runner_of_a_matrix_waits_for_its_own_predecessor_alone(workflow: Workflow) -> None:
    for _, job in jobs(workflow):
        if strategy := job.get("strategy"):
            assert "concurrency" not in workflow
            assert re.search(r"\$\{\{ matrix\.\w+ \}\}$", job["concurrency"]["group"])
            assert strategy["fail-fast"] == "false"


def test_a_watch_ends_by_itself_long_before_its_job_would_be_killed(workflow: Workflow) -> None:
    for _, job in jobs(workflow):
        for watch in watches(job):
            assert watch["watch"] + TO_BEGIN <= int(job["timeout-minutes"]) * periods.MINUTE
            assert watch["commit_every"] <= watch["watch"]


def test_a_prober_hears_of_a_cancelled_run_since_no_shell_stands_before_it(workflow: Workflow) -> None:
    for step in steps(workflow):
        if "--watch" in step.get("run", ""):
            assert "exec statusgen probe" in step["run"]


def test_a_run_starts_the_next_one_only_after_a_watch_that_went_well(workflow: Workflow) -> None:
    for _, job in jobs(workflow):
        if watches(job):
            *_, watch, last = job["steps"]
            assert "statusgen probe" in watch["run"]
            assert last["run"].splitlines()[0] == "gh workflow run probe.yml"  # fails where it was disabled
            assert "if" not in last
            assert "continue-on-error" not in watch


def test_a_workflow_that_is_started_by_another_can_be(workflow: Workflow) -> None:
    for started in re.findall(r"gh workflow run ([\w.]+)", str(workflow)):
        assert "workflow_dispatch" in read(ROOT / ".github/workflows" / started)["on"]
    for _, job in jobs(workflow):
        assert ("gh workflow run" in str(job["steps"])) == (job["permissions"].get("actions") == "write")


def test_shards_are_as_many_as_there_are_runners() -> None:
    (job,) = read(ROOT / "docs/recipes/github-shards.yml")["jobs"].values()
    assert job["strategy"]["matrix"]["shard"] == [str(i + 1) for i in range(len(job["strategy"]["matrix"]["shard"]))]
    (step,) = [step for step in job["steps"] if "statusgen probe" in step.get("run", "")]
    assert step["env"]["SHARD"] == "${{ matrix.shard }}/${{ strategy.job-total }}"
    assert '--shard "$SHARD"' in step["run"]


def test_nothing_comes_out_of_a_cache(workflow: Workflow) -> None:
    for step in steps(workflow):
        assert "cache" not in step.get("uses", "")
        assert "cache" not in step.get("with", {})


def test_the_commands_are_those_a_person_would_use(workflow: Workflow) -> None:
    scripts = "\n".join(step["run"] for step in steps(workflow) if "run" in step)
    used = [context(command) for command in commands_in(scripts, SHARD="1/4", LOCATION="office")]
    assert used


def test_the_page_is_built_from_what_is_newest_when_it_is_built(workflow: Workflow) -> None:
    """Not from what started the run, which may have waited; so that of two runs the later one never shows less."""
    for _, job in jobs(workflow):
        if "statusgen build --fetch" in str(job["steps"]):
            (checkout,) = [step for step in job["steps"] if "actions/checkout@" in step.get("uses", "")]
            assert checkout["with"]["ref"] == "${{ github.event.repository.default_branch }}"


def test_a_page_that_an_earlier_attempt_built_is_not_deployed_by_a_later_one() -> None:
    found = read(ROOT / ".github/workflows/publish.yml")["jobs"]
    assert found["build"]["outputs"] == {"attempt": "${{ github.run_attempt }}"}
    assert found["deploy"]["needs"] == "build"
    assert found["deploy"]["if"] == "${{ needs.build.outputs.attempt == github.run_attempt }}"


def test_folders_that_begin_with_a_dot_are_published() -> None:
    workflow = read(ROOT / ".github/workflows/publish.yml")
    (upload,) = [step for step in workflow["jobs"]["build"]["steps"] if "upload-pages-artifact" in step.get("uses", "")]
    assert upload["with"] == {"path": "public", "include-hidden-files": "true"}


def test_the_pins_are_kept_fresh() -> None:
    settings = yaml.safe_load((ROOT / ".github/dependabot.yml").read_text())
    (update,) = [each for each in settings["updates"] if each["package-ecosystem"] == "github-actions"]
    assert update["schedule"]["interval"] == "weekly"
    assert update["cooldown"]
