"""The workflows: what they may do, what they run, and that nothing a stranger wrote is run by them.

Rules speak of every file here, of those that ``statusgen init`` writes, and of the action; what breaks one is named
with file and line.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from statusgen import periods, scaffold

from .recipes import commands_in, context
from .sites import ROOT, write

SHIPPED = sorted((ROOT / ".github/workflows").glob("*.yml"))
WORKFLOWS = [*SHIPPED, *sorted((ROOT / "docs/recipes").glob("github-*.yml"))]
OWN = ("audit.yml", "release.yml")  # of this repository alone, not of sites
ACTION = ROOT / "action.yml"
PINS = {
    "actions/checkout": "3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1",
    "actions/setup-python": "5fda3b95a4ea91299a34e894583c3862153e4b97 # v7.0.0",
    "actions/upload-pages-artifact": "fc324d3547104276b827a68afc52ff2a11cc49c9 # v5.0.0",
    "actions/deploy-pages": "cd2ce8fcbc39b97be8ca5fce6e763baed58fa128 # v5.0.0",
    "actions/upload-artifact": "bbbca2ddaa5d8feaa63e36b76fdaad77386f024f # v7.0.0",
    "actions/download-artifact": "3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c # v8.0.1",
    "actions/attest": "1e69f48acb82d1966a394da916b4c1698aa569d6 # v4.2.2",
    "pypa/gh-action-pypi-publish": "dc37677b2e1c63e2034f94d8a5b11f265b73ba33 # v1.14.2",
}
GRANTS = {  # the most that a job may ask for
    ("probe.yml", "probe"): {"contents", "actions"},
    ("publish.yml", "drafts"): {"contents", "pull-requests"},
    ("publish.yml", "deploy"): {"pages", "id-token"},
    ("publish.yml", "notify"): {"contents"},
    ("weekly.yml", "compact"): {"contents"},
    ("weekly.yml", "schedules"): {"actions"},
    ("weekly.yml", "tell"): {"issues"},
    ("incident.yml", "*"): {"contents", "pull-requests", "actions"},
    ("incident-from-issue.yml", "*"): {"contents", "pull-requests", "issues", "actions"},
    ("release.yml", "attest"): {"id-token", "attestations"},
    ("release.yml", "publish"): {"id-token"},
    ("release.yml", "release"): {"contents"},
    ("github-locations.yml", "probe"): {"contents", "actions"},
    ("github-shards.yml", "probe"): {"contents", "actions"},
    ("github-private.yml", "status"): {"contents", "pages", "id-token"},
}
EVENTS = {"pull_request", "schedule", "push", "workflow_dispatch", "issues"}
ALL_IN_ONE = "github-private.yml"  # whoever uses it knows that its parts are not kept apart
TO_BEGIN = 5 * periods.MINUTE  # and to end, beside the watch itself
LOCAL = re.compile(r"\./|statusgen/statusgen@v[\w.]+")  # what is ours: here, and in a repository that `init` made


class Map(dict[str, Any]):
    """A map of a YAML file that knows its line, and the line of each of its keys."""

    line: int
    lines: dict[str, int]


class Loader(yaml.BaseLoader):  # which leaves `on` a word
    pass


def _map(loader: yaml.BaseLoader, node: yaml.MappingNode) -> Map:
    found = Map()
    for key, value in node.value:
        assert key.value not in found, f"line {key.start_mark.line + 1}: '{key.value}' stands there twice"
        found[key.value] = loader.construct_object(value, deep=True)
    found.line = node.start_mark.line + 1
    found.lines = {key.value: key.start_mark.line + 1 for key, _ in node.value}
    return found


Loader.add_constructor("tag:yaml.org,2002:map", _map)


def read(path: Path) -> Map:
    found: Map = yaml.load(path.read_text("utf-8"), Loader)
    return found


def jobs(workflow: Map) -> Iterator[tuple[str, Map]]:
    yield from workflow["jobs"].items()


def steps(workflow: Map) -> Iterator[Map]:
    """Yield the steps of a workflow, or of an action."""
    if "runs" in workflow:
        yield from workflow["runs"]["steps"]
    else:
        for _, job in jobs(workflow):
            yield from job["steps"]


def maps(node: object) -> Iterator[Map]:
    if isinstance(node, Map):
        yield node
        for each in node.values():
            yield from maps(each)
    elif isinstance(node, list):
        for each in node:
            yield from maps(each)


def writes(job: Map) -> set[str]:
    return {scope for scope, grant in job.get("permissions", {}).items() if grant == "write"}


# Rules: each yields the line and what is wrong there

Broken = Iterator[tuple[int, str]]


def no_rights_but_those_a_job_asks_for(path: Path, workflow: Map) -> Broken:
    if workflow.get("permissions") != {}:
        yield 1, "a workflow begins with 'permissions: {}'"
    for name, job in jobs(workflow):
        allowed = GRANTS.get((path.name, name), GRANTS.get((path.name, "*"), set()))
        if "permissions" not in job:
            yield job.line, f"the job '{name}' says nothing about its permissions"
        for scope in sorted(writes(job) - allowed):
            yield job["permissions"].lines[scope], f"the job '{name}' needs no '{scope}: write'"
        if set(job.get("permissions", {}).values()) - {"read", "write"}:
            yield job["permissions"].line, "a grant is 'read' or 'write'"


def every_grant_says_why(path: Path, _: Map) -> Broken:
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if re.fullmatch(r" {6}[a-z-]+: (read|write)\b.*", line) and " # " not in line:
            yield number, "a grant says in a comment what it is for"


def actions_are_pinned(path: Path, workflow: Map) -> Broken:
    lines = path.read_text("utf-8").splitlines()
    for step in steps(workflow):
        if uses := step.get("uses"):
            line = step.lines["uses"]
            said = lines[line - 1].partition("uses: ")[2]
            name, _, version = said.partition("@")
            if not LOCAL.fullmatch(uses) and PINS.get(name) != version:
                yield line, f"'{said}' is not among the actions and commits that were looked at"


def nothing_is_pasted_into_a_script(_: Path, workflow: Map) -> Broken:
    for step in steps(workflow):
        script = [("run", step.get("run", "")), ("with", step.get("with", {}).get("run", ""))]
        for key, text in script:
            if "${{" in text:
                yield step.lines[key], "an expression is pasted into what is run: pass it by 'env'"
            if re.search(r"GITHUB_(ENV|PATH)\b", text):
                yield step.lines[key], "what comes after is changed through a file that anything may have written"


def nothing_is_fetched_and_run(_: Path, workflow: Map) -> Broken:
    for step in steps(workflow):
        text = step.get("run", "")
        if re.search(r"\b(curl|wget)\b|\beval\b|\bnpm\b|\bapt(-get)? ", text):
            yield step.lines["run"], "something is fetched or evaluated: leave it to the program or to an action"
        for found in re.findall(r"pip install (.*)", text):
            if not re.search(r'"\$(STATUSGEN|wanted)"$|--require-hashes --requirement \S+$', found):
                yield (
                    step.lines["run"],
                    f"'pip install {found}' installs neither the program nor what is pinned",
                )
        if "cache" in step.get("uses", "") or "cache" in step.get("with", {}):
            yield step.line, "a cache is something that another run wrote"


def events_are_harmless(path: Path, workflow: Map) -> Broken:
    events = workflow["on"]
    for event in sorted(set(events) - EVENTS):
        yield events.lines[event], f"'{event}' is none of the events that workflows here are for"
    if "pull_request" not in events:
        return
    if set(events) != {"pull_request"}:
        yield events.line, "what a pull request brings has a file to itself"
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if "secrets." in line:
            yield number, "what a pull request brings sees no secret"
    for name, job in jobs(workflow):
        if writes(job):
            yield job.line, f"the job '{name}' runs what a pull request brings, and may write"


def no_checkout_leaves_its_token_behind(_: Path, workflow: Map) -> Broken:
    for step in steps(workflow):
        is_checkout = step.get("uses", "").startswith("actions/checkout@")
        if is_checkout and step.get("with", {}).get("persist-credentials") != "false":
            yield step.line, "a checkout needs 'persist-credentials: false'"


def tokens_go_by_the_environment_of_one_step(_: Path, workflow: Map) -> Broken:
    for step in steps(workflow):
        if re.search(r"https://[^/\s]*@|--token|\$GITHUB_TOKEN", step.get("run", "")):
            yield step.lines["run"], "a token stands in an address or an argument"
        for name, value in step.get("env", {}).items():
            if "github.token" in value and name != "GH_TOKEN":
                yield step["env"].lines[name], "the token is called GH_TOKEN, which gh reads"
    whole = [workflow, *(job for _, job in jobs(workflow))] if "jobs" in workflow else []
    for each in whole:
        for name, value in each.get("env", {}).items():
            if re.search(r"github\.token|secrets\.", value):
                yield each["env"].lines[name], f"{name} is seen by steps that do not need it"


def secrets_are_named_one_by_one(_: Path, workflow: Map) -> Broken:
    for each in maps(workflow):
        for key, value in each.items():
            if isinstance(value, str) and (re.search(r"\bsecrets\b(?!\.\w)", value) and "${{" in value):
                yield each.lines[key], "all secrets at once: name each"
            if key == "secrets" and value == "inherit":
                yield each.lines[key], "all secrets at once: name each"


def what_publishes_runs_no_code_and_what_builds_writes_nothing(path: Path, workflow: Map) -> Broken:
    if path.name == ALL_IN_ONE:
        return
    for name, job in jobs(workflow):
        may = writes(job)
        if "pages" in may and (may != {"pages", "id-token"} or any("run" in step for step in job["steps"])):
            yield job.line, f"the job '{name}' may publish and does more"
        if may and "upload-pages-artifact" in str(job["steps"]):
            yield job.line, f"the job '{name}' runs a theme, which is code, and may write"


def jobs_end_by_themselves_on_a_machine_that_is_named(_: Path, workflow: Map) -> Broken:
    for name, job in jobs(workflow):
        most = 60 if watches(job) else 15
        if not 0 < int(job.get("timeout-minutes", 0)) <= most:
            yield job.line, f"the job '{name}' needs timeout-minutes of at most {most}"
        runners = [each["runner"] for each in job.get("strategy", {}).get("matrix", {}).get("include", [])]
        runner = runners[0] if job["runs-on"] == "${{ matrix.runner }}" else job["runs-on"]
        if not re.fullmatch(r"ubuntu-\d\d\.04", runner):
            yield job.lines["runs-on"], f"'{runner}' is another machine every year"


def schedules_avoid_the_full_hour(_: Path, workflow: Map) -> Broken:
    for entry in workflow["on"].get("schedule", []) if isinstance(workflow["on"], Map) else []:
        first = re.match(r"\d+", entry["cron"])
        if first is None or int(first[0]) % 5 == 0 or "timezone" in entry:
            yield entry.line, f"'{entry['cron']}' is when everybody's runs begin"


def runs_of_one_kind_do_not_overlap(_: Path, workflow: Map) -> Broken:
    whole = [workflow] if "concurrency" in workflow else [job for _, job in jobs(workflow)]
    for each in whole:
        group = each.get("concurrency", {})
        if not group.get("group"):
            yield each.line, "runs overlap: 'concurrency' is missing"
        elif group.get("cancel-in-progress") != str("pull_request" in workflow["on"]).lower():
            yield group.line, "a run that writes is never cut off, one of a pull request always"


RULES: tuple[Callable[[Path, Map], Broken], ...] = (
    no_rights_but_those_a_job_asks_for,
    every_grant_says_why,
    actions_are_pinned,
    nothing_is_pasted_into_a_script,
    nothing_is_fetched_and_run,
    events_are_harmless,
    no_checkout_leaves_its_token_behind,
    tokens_go_by_the_environment_of_one_step,
    secrets_are_named_one_by_one,
    what_publishes_runs_no_code_and_what_builds_writes_nothing,
    jobs_end_by_themselves_on_a_machine_that_is_named,
    schedules_avoid_the_full_hour,
    runs_of_one_kind_do_not_overlap,
)
OF_AN_ACTION = (actions_are_pinned, nothing_is_pasted_into_a_script, nothing_is_fetched_and_run)


def broken(rule: Callable[[Path, Map], Broken], path: Path) -> list[str]:
    return [f"{path.name}:{line}: {said}" for line, said in rule(path, read(path))]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository that ``init`` made."""
    folder = tmp_path_factory.mktemp("made")
    for path, text in scaffold.host("github").files.items():
        write(folder, **{path: text})
    return folder


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_keeps_the_rule(path: Path, rule: Callable[[Path, Map], Broken]) -> None:
    assert broken(rule, path) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_what_init_writes_keeps_the_rule(made: Path, rule: Callable[[Path, Map], Broken]) -> None:
    paths = sorted((made / ".github/workflows").iterdir())
    assert [line for path in paths for line in broken(rule, path)] == []


@pytest.mark.parametrize("rule", OF_AN_ACTION, ids=lambda rule: rule.__name__)
def test_the_action_keeps_the_rule(rule: Callable[[Path, Map], Broken]) -> None:
    assert broken(rule, ACTION) == []


BAD = """\
on: {pull_request_target: }
permissions: {contents: write}
env: {ALL: "${{ toJSON(secrets) }}", TOKEN: "${{ github.token }}"}
jobs:
  build:
    runs-on: ubuntu-latest
    permissions:
      contents: write
      pages: write
    steps:
      - uses: actions/checkout@v7
      - run: curl -s https://x | sh; echo "${{ github.event.issue.title }}"
      - run: pip install something
      - uses: actions/upload-pages-artifact@fc324d3547104276b827a68afc52ff2a11cc49c9 # v5.0.0
      - run: git push https://x:$GITHUB_TOKEN@github.com
        env: {OTHER: "${{ github.token }}"}
  caller:
    uses: ./x.yml
    runs-on: ubuntu-24.04
    secrets: inherit
    steps: []
"""
BAD_REQUEST = """\
on: {pull_request: , schedule: [{cron: "0 * * * *"}]}
permissions: {}
concurrency: {group: a, cancel-in-progress: false}
jobs:
  a:
    {runs-on: ubuntu-24.04, timeout-minutes: 5, permissions: {contents: write}, steps: [{env: {X: "${{ secrets.X }}"}}]}
"""


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_what_breaks_a_rule_is_named_with_its_line(tmp_path: Path, rule: Callable[[Path, Map], Broken]) -> None:
    write(tmp_path, **{"bad.yml": BAD, "request.yml": BAD_REQUEST})
    found = [*broken(rule, tmp_path / "bad.yml"), *broken(rule, tmp_path / "request.yml")]
    assert found
    assert all(re.match(r"(bad|request)\.yml:[1-9]\d*: ", line) for line in found)


# Other people's rules


def lint(name: str, *arguments: str) -> None:
    if not shutil.which(name) and not os.environ.get("STATUSGEN_NEEDS_LINTERS"):
        pytest.skip(f"needs {name}")
    done = subprocess.run([name, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_zizmor_finds_nothing(made: Path) -> None:
    pedantic = ("--offline", "--persona=pedantic", "--no-progress", f"--config={ROOT / '.github/zizmor.yml'}")
    lint("zizmor", *pedantic, str(ACTION), str(made / ".github/workflows"), *map(str, WORKFLOWS))


def test_actionlint_finds_nothing(made: Path) -> None:
    own_runner = ("-ignore", 'label "office" is unknown')
    lint("actionlint", *own_runner, *map(str, WORKFLOWS), *map(str, sorted((made / ".github/workflows").iterdir())))


# What they do


@pytest.fixture(params=WORKFLOWS, ids=lambda path: path.name)
def path(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


@pytest.fixture
def workflow(path: Path) -> Map:
    return read(path)


def scripts(job: Map) -> str:
    """Return what a job has statusgen do, as a shell would be told."""
    ours = (f"statusgen {step['with']['run']}" for step in job["steps"] if "run" in step.get("with", {}))
    return "\n".join([*(step["run"] for step in job["steps"] if "run" in step), *ours])


def watches(job: Map) -> list[dict[str, Any]]:
    """Return the options of every probe of a job that goes on for a while."""
    asked = (context(command) for command in commands_in(scripts(job), SHARD="1/4", LOCATION="office"))
    return [each for each in asked if each.get("watch")]


def test_all_workflows_are_there() -> None:
    assert [path.name for path in SHIPPED] == sorted([*scaffold.WORKFLOWS, *OWN])


@pytest.mark.parametrize("name", OWN)
def test_what_is_for_this_repository_alone_does_nothing_in_a_fork(name: str) -> None:
    for job, said in jobs(read(ROOT / ".github/workflows" / name)):
        assert said.get("if") == "${{ github.repository == 'statusgen/statusgen' }}" or said["needs"], job


def test_what_is_published_is_attested_first_and_published_without_a_token() -> None:
    found = read(ROOT / ".github/workflows/release.yml")["jobs"]
    assert [found[name]["needs"] for name in ("attest", "publish", "release")] == [
        ["build", "describe"],
        "attest",
        "publish",
    ]
    assert found["publish"]["environment"]["name"] == "pypi"
    assert not any("run" in step for name in ("attest", "publish") for step in found[name]["steps"])
    assert "secrets." not in (ROOT / ".github/workflows/release.yml").read_text("utf-8")


def test_no_job_that_runs_what_was_installed_may_write() -> None:
    for name in OWN:
        for job, said in jobs(read(ROOT / ".github/workflows" / name)):
            assert not (writes(said) and "pip install" in scripts(said)), job


def test_every_grant_of_the_table_is_of_a_job_that_there_is() -> None:
    there = {(path.name, name) for path in WORKFLOWS for name, _ in jobs(read(path))}
    assert {key for key in GRANTS if key[1] != "*"} <= there
    assert {name for name, _ in GRANTS} <= {path.name for path in WORKFLOWS}


def test_what_probes_and_what_publishes_do_not_wait_for_one_another() -> None:
    groups = [read(path)["concurrency"]["group"].lower() for path in SHIPPED]
    assert len(set(groups)) == len(groups)


def test_each_runner_of_a_matrix_waits_for_its_own_predecessor_alone(workflow: Map) -> None:
    for _, job in jobs(workflow):
        if strategy := job.get("strategy"):
            assert "concurrency" not in workflow
            assert re.search(r"\$\{\{ matrix\.\w+ \}\}$", job["concurrency"]["group"])
            assert strategy["fail-fast"] == "false"


def test_a_watch_ends_by_itself_long_before_its_job_would_be_killed(workflow: Map) -> None:
    for _, job in jobs(workflow):
        for watch in watches(job):
            assert watch["watch"] + TO_BEGIN <= int(job["timeout-minutes"]) * periods.MINUTE
            assert watch["commit_every"] <= watch["watch"]


def test_a_prober_hears_of_a_cancelled_run_since_no_shell_stands_before_it() -> None:
    for path in WORKFLOWS:
        assert not any("--watch" in step.get("run", "") for step in steps(read(path)))  # but by the action, which does:
    (run,) = [step["run"] for step in steps(read(ACTION)) if step.get("name") == "Run"]
    assert "exec python" in run
    assert "os.execvp" in run


def test_a_run_starts_the_next_one_only_after_a_watch_that_went_well(workflow: Map) -> None:
    for _, job in jobs(workflow):
        if watches(job):
            *_, watch, last = job["steps"]
            assert "probe" in (watch.get("run") or watch["with"]["run"])
            assert last["run"].splitlines()[0] == "gh workflow run probe.yml"  # fails where it was disabled
            assert "if" not in last
            assert "continue-on-error" not in watch


def test_a_workflow_that_is_started_by_another_can_be(workflow: Map) -> None:
    for started in re.findall(r"gh workflow run ([\w.]+)", str(workflow)):
        assert "workflow_dispatch" in read(ROOT / ".github/workflows" / started)["on"]
    for _, job in jobs(workflow):
        if "gh workflow run" in str(job["steps"]):
            assert job["permissions"].get("actions") == "write"


def test_shards_are_as_many_as_there_are_runners() -> None:
    (job,) = read(ROOT / "docs/recipes/github-shards.yml")["jobs"].values()
    assert job["strategy"]["matrix"]["shard"] == [str(i + 1) for i in range(len(job["strategy"]["matrix"]["shard"]))]
    (step,) = [step for step in job["steps"] if "--shard" in step.get("with", {}).get("run", "")]
    assert step["env"]["SHARD"] == "${{ matrix.shard }}/${{ strategy.job-total }}"
    assert '--shard "$SHARD"' in step["with"]["run"]


def test_the_commands_are_those_a_person_would_use(workflow: Map) -> None:
    for _, job in jobs(workflow):
        if re.search("^statusgen ", scripts(job), re.MULTILINE):
            assert [context(command) for command in commands_in(scripts(job), SHARD="1/4", LOCATION="office")]


def test_the_page_is_built_from_what_is_newest_when_it_is_built(workflow: Map) -> None:
    """Not from what started the run, which may have waited; so that of two runs the later one never shows less."""
    for _, job in jobs(workflow):
        if "statusgen build --fetch" in scripts(job):
            (checkout,) = [step for step in job["steps"] if "actions/checkout@" in step.get("uses", "")]
            assert checkout["with"]["ref"] == "${{ github.event.repository.default_branch }}"


def test_a_page_that_an_earlier_attempt_built_is_not_deployed_by_a_later_one() -> None:
    found = read(ROOT / ".github/workflows/publish.yml")["jobs"]
    assert found["build"]["outputs"]["attempt"] == "${{ github.run_attempt }}"
    assert found["deploy"]["needs"] == "build"
    assert "needs.build.outputs.attempt == github.run_attempt" in found["deploy"]["if"]
    assert "needs.build.result == 'success'" in found["deploy"]["if"]


def test_folders_that_begin_with_a_dot_are_published() -> None:
    workflow = read(ROOT / ".github/workflows/publish.yml")
    (upload,) = [step for step in workflow["jobs"]["build"]["steps"] if "upload-pages-artifact" in step.get("uses", "")]
    assert upload["with"] == {"path": "public", "include-hidden-files": "true"}


def test_the_pins_are_kept_fresh() -> None:
    settings = yaml.safe_load((ROOT / ".github/dependabot.yml").read_text())
    (update,) = [each for each in settings["updates"] if each["package-ecosystem"] == "github-actions"]
    assert update["schedule"]["interval"] == "weekly"
    assert update["cooldown"]
