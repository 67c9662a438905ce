"""The recipes under ``docs/recipes``: other programs read them, and what they say runs, against a local remote."""

from __future__ import annotations

import configparser
import contextlib
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from statusgen import periods, scaffold
from statusgen.posting.form import FIELDS
from statusgen.render import hosts
from statusgen.render.templates import CONTENT_SECURITY_POLICY

from .recipes import commands_in, context
from .sites import (
    COMPONENTS,
    INCIDENT,
    INCIDENT_TEXT,
    PATIENCE,
    ROOT,
    bare_theme,
    commit_all,
    eventually,
    ledger_lines,
    run_git,
    statusgen,
    write,
)

RECIPES = ROOT / "docs/recipes"
PATHS = sorted(path for path in RECIPES.iterdir() if path.is_file())
UNITS = [path for path in PATHS if path.suffix in (".service", ".timer")]
PAGE, PROBE = "statusgen-page.service", "statusgen-probe.service"  # those with several commands
YAML = [path for path in PATHS if path.suffix == ".yml"]
KNOWN = {  # what the units use of systemd.unit(5), systemd.service(5), systemd.timer(5) and systemd.exec(5)
    "Unit": {"Description", "Wants", "After", "StartLimitIntervalSec"},
    "Timer": {"OnCalendar", "AccuracySec"},
    "Install": {"WantedBy"},
    "Service": {
        *("Type", "User", "WorkingDirectory", "EnvironmentFile", "ExecStartPre", "ExecStart", "Restart", "RestartSec"),
        *("ExecStopPost", "KillMode", "TimeoutStartSec", "TimeoutStopSec", "NoNewPrivileges", "ProtectSystem"),
        *("ProtectHome", "PrivateTmp", "PrivateDevices", "ProtectClock", "ProtectHostname", "ProtectKernelTunables"),
        *("ProtectKernelModules", "ProtectKernelLogs", "ProtectControlGroups", "RestrictNamespaces"),
        *("RestrictRealtime", "RestrictSUIDSGID", "LockPersonality", "SystemCallArchitectures", "SystemCallFilter"),
        *("RestrictAddressFamilies", "CapabilityBoundingSet", "AmbientCapabilities", "UMask", "ReadWritePaths"),
    },
}
AWAY = "http://127.0.0.1:9/status"  # where the page would be live
VARIABLES = {"SHARD": "1/4", "LOCATION": "office"}
EXPRESSIONS = {
    "github.token": "token",
    "github.repository": "acme/status",
    "github.server_url": "https://github.com",
    "vars.STATUS_URL": AWAY,
    "!inputs.replace && 'live' || ''": "live",
    "vars.STATUS_BRANCH": "",
    "matrix.location": "office",
    "matrix.shard": "4",
    "strategy.job-total": "4",
    "github.event.number": "7",
    **{f"inputs.{name}": "" for name in FIELDS},
}


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """Return a clone of a page's bare repository, which is called remote.git and lies beside it."""
    write(tmp_path / "page", **{"components.yaml": COMPONENTS, ".gitignore": "/public/\n"}, **bare_theme())
    commit_all(tmp_path / "page")
    run_git(tmp_path, "clone", "--quiet", "--bare", "page", "remote.git")
    shutil.rmtree(tmp_path / "page")
    run_git(tmp_path, "clone", "--quiet", str(tmp_path / "remote.git"), "page")
    return tmp_path / "page"


@pytest.fixture
def environment(tmp_path: Path, installed: Path) -> dict[str, str]:
    """Return an environment in which statusgen is the program, and what needs a host only says that it was called."""
    stubs = {
        "statusgen": f'exec {shlex.quote(str(installed))} "$@"',
        "pip": "exit 0",
        "gh": f'echo "$@" >>{shlex.quote(str(tmp_path / "gh.called"))}',
    }
    for name, script in stubs.items():
        write(tmp_path / "bin", **{name: f"#!/bin/sh\n{script}\n"})
        (tmp_path / "bin" / name).chmod(0o755)
    return {
        **os.environ,
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
    }


def set_by(step: dict[str, Any]) -> dict[str, str]:
    """Return the variables that a host sets for a step."""
    return {
        name: re.sub(r"\$\{\{ (.*?) \}\}", lambda found: EXPRESSIONS[found[1]], value)
        for name, value in step.get("env", {}).items()
    }


def read(name: str) -> Any:
    return yaml.load((RECIPES / name).read_text("utf-8"), yaml.BaseLoader)


def unit(name: str) -> dict[str, dict[str, str]]:
    parser = configparser.RawConfigParser(strict=name not in (PAGE, PROBE), delimiters=("=",), comment_prefixes=("#",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string((RECIPES / name).read_text("utf-8"))
    return {section: dict(parser[section]) for section in parser.sections()}


def scripts(node: object) -> Iterator[str]:
    """Yield every script in a YAML file: of steps, of jobs, of containers."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "with" and "run" in value:
                yield f"statusgen {value['run']}"
            elif key in ("run", "script", "before_script", "args"):
                yield value if isinstance(value, str) else "\n".join(value)
            else:
                yield from scripts(value)
    elif isinstance(node, list):
        for each in node:
            yield from scripts(each)


def cron_lines() -> list[tuple[list[str], str]]:
    """Return the jobs of the crontab: five fields and a command."""
    lines = (RECIPES / "crontab").read_text("utf-8").splitlines()
    jobs = [line for line in lines if line and not re.match(r"#|[A-Z]+=", line)]
    return [(line.split(maxsplit=5)[:5], line.split(maxsplit=5)[5]) for line in jobs]


def text_of(path: Path) -> str:
    """Return what a recipe has a shell, or systemd, run."""
    if path.suffix == ".yml":
        return "\n".join(each for document in yaml.safe_load_all(path.read_text("utf-8")) for each in scripts(document))
    if path.suffix in (".service", ".timer"):
        lines = re.findall(r"^Exec(?:Start|StartPre|StopPost)=-?(.*)$", path.read_text("utf-8"), re.MULTILINE)
        return "\n".join(lines).replace("/usr/local/bin/", "")
    if path.suffix == ".conf":
        return ""
    return "\n".join(command for _, command in cron_lines())


def run(script: str, at: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a script as hosts do: bash, which ends with the first command that fails."""
    return subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=at,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def ended(
    command: list[str], at: Path, environment: dict[str, str], branch: str, by: signal.Signals = signal.SIGTERM
) -> tuple[int, str]:
    """Run something that goes on and end it when it has pushed its first round; return its code and what it said."""
    process = subprocess.Popen(
        command, cwd=at, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    )
    try:
        assert eventually(lambda: process.poll() is not None or has(at.parent / "remote.git", branch))
        process.send_signal(by)
        said, _ = process.communicate(timeout=PATIENCE)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    return process.returncode, said.decode()


def has(remote: Path, branch: str) -> bool:
    return f"status-data/{branch}" in run_git(remote, "branch", "--list", "status-data/*")


# What they say


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_the_program_takes_every_command(path: Path) -> None:
    used = [context(command) for command in commands_in(text_of(path), **VARIABLES)]
    assert used or path.suffix in (".timer", ".conf")
    for options in used:
        if watch := options.get("watch"):
            assert watch >= 10 * periods.MINUTE
            assert periods.MINUTE <= options["commit_every"] <= watch
            assert options["every"] is None  # the interval in components.yaml is what the numbers rest on


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_a_prober_pushes_and_says_where_it_is(path: Path) -> None:
    for options in (context(command) for command in commands_in(text_of(path), **VARIABLES) if command[0] == "probe"):
        assert options["push"] is True
        assert options["location"] != "default"


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_no_secret_stands_in_an_argument_or_an_address(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not re.search(r"https?://[^/\s\"]*@|--token|--password", text)
    for line in text_of(path).splitlines():
        if re.search(r"\$\{?\w*(TOKEN|SECRET|PASSWORD)", line):
            assert "GIT_CONFIG_VALUE_0=" in line  # into the environment, by a command of the shell itself
            assert "$(printf" in line


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_a_recipe_begins_with_what_it_is_for_and_is_in_the_manual(path: Path) -> None:
    assert path.read_text("utf-8").startswith("# ")
    manual = (ROOT / f"docs/{name}.md" for name in ("probing", "publishing"))
    assert any(f"](recipes/{path.name})" in page.read_text("utf-8") for page in manual)


@pytest.mark.parametrize("path", YAML, ids=lambda path: path.name)
def test_yaml_has_no_key_twice_and_no_tab(path: Path) -> None:
    for document in yaml.compose_all(path.read_text("utf-8")):
        for node in nodes(document):
            if isinstance(node, yaml.MappingNode):
                keys = [key.value for key, _ in node.value]
                assert len(set(keys)) == len(keys)
    assert "\t" not in path.read_text("utf-8")


def nodes(node: yaml.Node) -> Iterator[yaml.Node]:
    yield node
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from (key, *nodes(value))
    elif isinstance(node, yaml.SequenceNode):
        for each in node.value:
            yield from nodes(each)


# systemd


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_has_only_sections_and_settings_that_there_are(path: Path) -> None:
    for section, settings in unit(path.name).items():
        assert set(settings) <= KNOWN[section]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    for path in UNITS:
        shutil.copy(path, tmp_path)
    verify = ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / path.name) for path in UNITS)]
    done = subprocess.run(verify, capture_output=True, text=True, check=False)
    if "No such file or directory" in done.stderr and "not executable" not in done.stderr:
        pytest.skip("systemd cannot work here")
    complaints = [line for line in done.stderr.splitlines() if "is not executable" not in line]
    assert [line for line in complaints if any(path.name in line for path in UNITS)] == []


def test_what_watches_for_ever_comes_back_whatever_ends_it_and_may_push_before_it_is_killed() -> None:
    service = unit("statusgen-watch.service")
    assert service["Unit"]["StartLimitIntervalSec"] == "0"
    assert service["Service"]["Restart"] == "always"
    assert service["Service"]["KillMode"] == "mixed"  # copies of the process and git are not for systemd to end
    assert int(service["Service"]["TimeoutStopSec"].removesuffix("s")) >= 60


def test_services_are_confined_alike() -> None:
    running = {"Type", "Restart", "RestartSec", "TimeoutStopSec", "TimeoutStartSec"}
    running |= {"ExecStart", "ExecStartPre", "ExecStopPost"}
    ours = [unit(f"statusgen-{name}.service")["Service"] for name in ("watch", "probe", "page")]
    first, second, page = ({key: value for key, value in each.items() if key not in running} for each in ours)
    assert first == second
    assert page == {**first, "ReadWritePaths": "/srv/status /var/www", "UMask": "0022"}  # a web server reads it
    assert first["ProtectSystem"] == "strict"
    assert first["NoNewPrivileges"] == "yes"


def test_the_timer_starts_the_service_of_its_name() -> None:
    for name in ("probe", "page"):
        assert (RECIPES / f"statusgen-{name}.service").exists()
        assert set(unit(f"statusgen-{name}.timer")) == {"Unit", "Timer", "Install"}


def started(name: str, page: Path, environment: dict[str, str]) -> Iterator[subprocess.CompletedProcess[str]]:
    """Run what a unit runs, one after the other, and give what became of each."""
    for command in text_of(RECIPES / name).replace("/var/www/status", f"{page.parent}/www").splitlines():
        plain = re.sub(r"([()]|@\S+)", lambda found: shlex.quote(found[1]), command.replace("/usr/bin/", ""))
        yield run(plain, page, environment)


@pytest.mark.parametrize("name", [PAGE, PROBE, "crontab"])
def test_a_lock_of_a_git_that_died_does_not_keep_main_as_it_is(
    page: Path, environment: dict[str, str], name: str
) -> None:
    newest = pushed_by_somebody_else(page)
    locks = (page / ".git/index.lock", page / ".git/refs/remotes/origin/main.lock")
    for lock in locks:
        lock.touch()
        os.utime(lock, times=(time.time() - 660,) * 2)
    held = page / ".git/probe.lock"
    shutil.copy2(locks[0], held)
    if name == "crontab":
        run(cron_lines()[1][1].replace("/srv/status", shlex.quote(str(page))), page.parent, environment)
    else:
        assert {done.returncode for done in started(name, page, environment)} == {0}
    assert run_git(page, "rev-parse", "HEAD") == newest
    assert held.exists()  # the crontab's own, which is held by a round and not by its being there


@pytest.mark.parametrize(("name", "pull", "last"), [(PAGE, 2, -2), (PROBE, 1, -1)])
def test_a_unit_fails_while_main_lags_behind(
    page: Path, environment: dict[str, str], name: str, pull: int, last: int
) -> None:
    pushed_by_somebody_else(page)
    (page / ".git/index.lock").touch()  # a git that is at work, for all anybody knows
    codes = [done.returncode for done in started(name, page, environment)]
    assert [i for i, code in enumerate(codes) if code] == [pull, len(codes) + last]


@pytest.mark.parametrize("name", [PAGE, PROBE, "crontab"])
def test_a_pull_of_a_remote_that_hangs_ends_before_its_unit_does(
    page: Path, environment: dict[str, str], name: str
) -> None:
    (pull,) = re.findall(r"\S*timeout 60 \S*git pull .*", text_of(RECIPES / name))
    assert text_of(RECIPES / name).count("git pull") == 1
    run_git(page, "remote", "set-url", "origin", "git@127.0.0.1:acme/status.git")
    done = run(pull.replace(" 60 ", " 0.2 "), page, {**environment, "GIT_SSH_COMMAND": "exec sleep 60 #"})
    assert done.returncode == 124


def test_the_service_of_the_timer_pushes_a_round(page: Path, environment: dict[str, str]) -> None:
    newest = pushed_by_somebody_else(page)
    assert [done.returncode for done in started(PROBE, page, environment)] == [0, 0, 0, 0]
    assert run_git(page, "rev-parse", "HEAD") == newest
    assert len(ledger_lines(page.parent / "remote.git", "status-data/office")) == 1


def test_the_service_of_the_page_brings_what_is_newest_onto_it(page: Path, environment: dict[str, str]) -> None:
    pushed_by_somebody_else(page)
    for done in started(PAGE, page, environment):
        assert done.returncode == 0, f"{done.args}: {done.stderr}"
    assert (page.parent / "www/index.html").exists()
    assert (page / "incidents/README.md").exists()


def test_the_service_of_the_page_fails_where_it_cannot_be_built_and_tells_subscribers_all_the_same() -> None:
    commands = re.findall(r"^(Exec\w+)=(-?)(.*)$", (RECIPES / PAGE).read_text("utf-8"), re.MULTILINE)
    may_fail = [command.partition(" --")[0] for _, dash, command in commands if dash]
    assert [command.rpartition("/bin/")[2].partition(" .git")[0] for command in may_fail] == [
        "find",
        "statusgen incident draft",
        "git pull",
    ]
    assert [(when, command.split()[1]) for when, dash, command in commands if not dash] == [
        ("ExecStart", "build"),
        ("ExecStart", "merge-base"),
        ("ExecStopPost", "notify"),
    ]


def test_the_service_of_the_page_builds_and_tells_while_the_remote_is_away(
    page: Path, environment: dict[str, str]
) -> None:
    write(page, **{"incidents/README.md": "Incidents\n"})
    commit_all(page)
    run_git(page, "push", "--quiet", "origin", "HEAD:main")
    (page.parent / "remote.git").rename(page.parent / "away.git")
    _, _, _, build, is_newest, tell = started(PAGE, page, environment)
    assert build.returncode == 0, build.stderr
    assert "The remote is away: went on with what is here." in build.stderr
    assert (page.parent / "www/index.html").exists()
    assert is_newest.returncode == 0  # nothing newer was fetched
    assert (tell.returncode, tell.stdout) == (0, "Nothing to tell.\n"), tell.stderr
    run_git(page, "reset", "--quiet", "--hard", "HEAD~1")
    assert [done.returncode for done in started(PAGE, page, environment)][3:5] == [3, 1]  # never an older page


def test_the_service_that_watches_follows_main_and_ends_well(page: Path, environment: dict[str, str]) -> None:
    newest = pushed_by_somebody_else(page)
    words = shlex.split(unit("statusgen-watch.service")["Service"]["ExecStart"].replace("/usr/local/bin/", ""))
    code, said = ended(words, page, environment, "office")
    assert code == 0, said
    assert run_git(page, "rev-parse", "HEAD") == newest


def pushed_by_somebody_else(page: Path) -> str:
    """Push a commit to main that the clone does not have, and return it."""
    other = page.parent / "somebody"
    run_git(page.parent, "clone", "--quiet", str(page.parent / "remote.git"), str(other))
    write(other, **{"incidents/README.md": "Incidents\n"})
    newest = commit_all(other)
    run_git(other, "push", "--quiet", "origin", "HEAD:main")
    return newest


# cron


def test_a_line_of_the_crontab_has_five_fields_and_no_per_cent() -> None:
    for fields, command in cron_lines():
        for field, most in zip(fields, (59, 23, 31, 12, 7), strict=True):
            assert all(int(number) <= most for number in re.findall(r"\d+", field))
            assert re.fullmatch(r"[\d*/,-]+", field)
        assert "%" not in command  # which cron takes for the end of a line


def test_the_jobs_of_the_crontab_run(page: Path, environment: dict[str, str]) -> None:
    write(page.parent, **{".statusgen.env": "API_TOKEN='hunter2 & more'\n"})
    newest = pushed_by_somebody_else(page)
    for _, command in cron_lines():
        done = run(command.replace("/srv/status", shlex.quote(str(page))), page.parent, environment)
        assert done.returncode == 0, done.stderr
    assert len(ledger_lines(page.parent / "remote.git", "status-data/office")) == 1
    assert run_git(page, "rev-parse", "HEAD") == newest


def test_a_round_of_cron_does_not_begin_beside_another(page: Path, environment: dict[str, str]) -> None:
    write(page.parent, **{".statusgen.env": ""})
    (_, probe), _ = cron_lines()
    lock = page / ".git/probe.lock"
    with subprocess.Popen(["flock", str(lock), "-c", "echo held; exec sleep 60"], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        done = run(probe.replace("/srv/status", shlex.quote(str(page))), page.parent, environment)
        other.kill()
    assert done.returncode == 1
    assert not has(page.parent / "remote.git", "office")


# Hosts


def whole(name: str, job: str) -> list[dict[str, Any]]:
    """Return the steps of a workflow's job."""
    path = RECIPES / name if (RECIPES / name).exists() else ROOT / ".github/workflows" / name
    found: list[dict[str, Any]] = yaml.load(path.read_text("utf-8"), yaml.BaseLoader)["jobs"][job]["steps"]
    return found


def step(name: str, job: str, of: str) -> dict[str, Any]:
    """Return a step of a workflow by the name a person reads."""
    (one,) = [each for each in whole(name, job) if each.get("name") == of]
    return dict(one) if "run" in one else by_the_action(one)


def by_the_action(step: dict[str, Any]) -> dict[str, Any]:
    """Return the script of the action, with what a step gives it."""
    steps = yaml.load((ROOT / "action.yml").read_text("utf-8"), yaml.BaseLoader)["runs"]["steps"]
    (script,) = [each["run"] for each in steps if each.get("name") == "Run"]
    given = {"STATUSGEN_RUN": step["with"]["run"], "STATUSGEN_OUTPUT": "", "GH_TOKEN": "${{ github.token }}"}
    given |= {"GH_REPO": "${{ github.repository }}", "GIT_CONFIG_KEY_0": "http.${{ github.server_url }}/.extraheader"}
    return {"run": script, "env": {**given, **step.get("env", {})}}


@pytest.mark.parametrize(
    ("name", "branch", "by"),
    [
        ("probe.yml", "github", signal.SIGINT),
        ("github-locations.yml", "office", signal.SIGTERM),
        ("github-shards.yml", "github.4-of-4", signal.SIGINT),
    ],
)
def test_a_run_on_github_that_is_cancelled_has_pushed_its_rounds_and_had_them_published(
    page: Path, environment: dict[str, str], name: str, branch: str, by: signal.Signals
) -> None:
    watch = step(name, "probe", "Probe and push")
    script = page.parent / "script.sh"
    script.write_text(watch["run"])
    code, said = ended(["bash", "-e", str(script)], page, {**environment, **set_by(watch)}, branch, by)
    assert code == 0, said
    assert ledger_lines(page.parent / "remote.git", f"status-data/{branch}")
    assert (page.parent / "gh.called").read_text().splitlines()[0] == "workflow run publish.yml"


def test_a_run_on_github_starts_the_next_one(page: Path, environment: dict[str, str]) -> None:
    asked = step("probe.yml", "probe", "Hand over")
    done = run(asked["run"], page, {**environment, **set_by(asked)})
    assert done.returncode == 0, done.stderr
    assert (page.parent / "gh.called").read_text().splitlines() == [
        "workflow run probe.yml",
        "api --silent --method PUT repos/acme/status/actions/workflows/probe.yml/enable",
    ]


def test_a_workflow_that_somebody_disabled_is_not_enabled_again(page: Path, environment: dict[str, str]) -> None:
    asked = step("probe.yml", "probe", "Hand over")
    called = page.parent / "gh.called"
    write(page.parent / "bin", gh=f'#!/bin/sh\necho "$@" >>{shlex.quote(str(called))}\n[ "$1" != workflow ]\n')
    done = run(asked["run"], page, {**environment, **set_by(asked)})
    assert done.returncode == 1
    assert called.read_text() == "workflow run probe.yml\n"


@pytest.mark.parametrize("is_pushable", [True, False])
def test_the_private_variant_publishes_even_if_it_cannot_push(
    page: Path, environment: dict[str, str], is_pushable: bool
) -> None:
    if not is_pushable:
        write(page.parent / "remote.git/hooks", **{"pre-receive": "#!/bin/sh\nexit 1\n"})
        (page.parent / "remote.git/hooks/pre-receive").chmod(0o755)
    for name, code in (("Probe and push", 0 if is_pushable else 3), ("Build", 0)):
        asked = step("github-private.yml", "status", name)
        done = run(asked["run"], page, {**environment, **set_by(asked)})
        assert done.returncode == code, done.stderr
    assert (page / "public/index.html").exists()
    (probe,) = [each for each in whole("github-private.yml", "status") if each.get("name") == "Probe and push"]
    assert probe["continue-on-error"] == "true"
    assert has(page.parent / "remote.git", "github") == is_pushable


def test_the_pipeline_of_gitlab_probes_and_builds_from_the_newest(page: Path, environment: dict[str, str]) -> None:
    recipe = read("gitlab-ci.yml")
    newest = pushed_by_somebody_else(page)
    given = {
        **environment,
        "CI_SERVER_URL": page.parent.as_uri(),
        "CI_PROJECT_PATH": "remote",
        "CI_DEFAULT_BRANCH": "main",
        "CI_JOB_TOKEN": "token",
        "CI_PAGES_URL": AWAY,
        "STATUS_BRANCH": "",
    }
    given |= {name: value for name, value in recipe["variables"].items() if isinstance(value, str)}
    given |= {name: each["value"] for name, each in recipe["variables"].items() if isinstance(each, dict)}
    for job in ("probe", "pages", "notify"):
        done = run("\n".join([*recipe["default"]["before_script"], *recipe[job]["script"]]), page, given)
        assert done.returncode == 0, done.stderr
        assert run_git(page, "rev-parse", "HEAD") == newest
    assert len(ledger_lines(page.parent / "remote.git", "status-data/gitlab")) == 1
    assert AWAY.encode() in (page / "public/history.atom").read_bytes()
    assert recipe["pages"]["artifacts"]["paths"] == ["public"]


def test_the_form_of_gitlab_posts_on_a_branch(page: Path, environment: dict[str, str]) -> None:
    recipe = read("gitlab-ci.yml")
    given = {name: each["value"] for name, each in recipe["variables"].items() if isinstance(each, dict)}
    given |= {
        "STATUS_ACTION": "open",
        "STATUS_NAME": "Errors $(touch x) `id`",
        "STATUS_COMPONENTS": "api=partial_outage",
    }
    given |= {"STATUS_MESSAGE": "We look into it.", "STATUS_SEVERITY": "sev2"}
    done = run("\n".join(recipe["incident"]["script"]), page, {**environment, **given})
    assert done.returncode == 0, done.stderr
    (branch,) = run_git(
        page.parent / "remote.git", "branch", "--format=%(refname:short)", "--list", "incident/*"
    ).split()
    assert "$(touch x)" in run_git(page.parent / "remote.git", "log", "-p", "--max-count=1", branch)
    assert not (page / "x").exists()


def test_a_merge_request_on_gitlab_is_checked_and_compared(page: Path, environment: dict[str, str]) -> None:
    recipe = read("gitlab-ci.yml")
    base = run_git(page, "rev-parse", "HEAD")
    write(page, **{INCIDENT: INCIDENT_TEXT})
    commit_all(page)
    given = {**environment, "CI_MERGE_REQUEST_DIFF_BASE_SHA": base, "STATUSGEN": "statusgen"}
    done = run("\n".join([*recipe["check"]["before_script"], *recipe["check"]["script"]]), page, given)
    assert done.returncode == 0, done.stderr + done.stdout
    assert "Elevated API errors" in done.stdout
    assert (page / "preview/index.html").exists()


def test_the_work_of_a_week_on_gitlab_verifies_what_is_live(page: Path, environment: dict[str, str]) -> None:
    script = read("gitlab-ci.yml")["weekly"]["script"]
    given = {**environment, "CI_DEFAULT_BRANCH": "main", "CI_PAGES_URL": "public"}
    before = ("statusgen probe --location gitlab --push", "statusgen build --fetch --out public")
    for command in (*before, "\n".join(script)):
        done = run(command, page, given)
        assert done.returncode == 0, done.stderr + done.stdout
    assert "0 differ" in done.stdout


def test_jobs_of_gitlab_go_one_after_the_other_and_each_ends() -> None:
    recipe = read("gitlab-ci.yml")
    for name in ("probe", "pages", "notify"):
        assert recipe[name]["resource_group"] == name
        assert int(recipe[name]["timeout"].removesuffix(" minutes")) <= 15
    assert recipe["probe"]["allow_failure"] == "true"


def test_the_workflow_of_forgejo_publishes_on_a_branch(page: Path, environment: dict[str, str]) -> None:
    asked = step("forgejo-status.yml", "status", "Probe, push, build and publish")
    given = {**environment, **set_by(asked)}
    given |= {"GITHUB_SERVER_URL": page.parent.as_uri(), "GITHUB_REPOSITORY": "remote"}
    for _ in range(2):
        shutil.rmtree(page.parent / "work", ignore_errors=True)
        (page.parent / "work").mkdir()
        for script in (asked["run"], step("forgejo-status.yml", "status", "Notify")["run"]):
            done = run(script, page.parent / "work", given)
            assert done.returncode == 0, done.stderr
        time.sleep(1 - time.time() % 1)  # of two rounds in the same second the first stands
    remote = page.parent / "remote.git"
    assert len(ledger_lines(remote, "status-data/forgejo")) == 2
    assert "index.html" in run_git(remote, "ls-tree", "--name-only", "pages").split("\n")
    assert run_git(remote, "rev-list", "--count", "pages") == "1"  # the page has no history of its own


def test_a_page_that_is_refused_keeps_nobody_on_forgejo_or_gitlab_from_being_told(
    page: Path, environment: dict[str, str]
) -> None:
    """A page that is live was made of more than is there now: the build exits 3."""
    program = (page.parent / "bin/statusgen").read_text()
    refusal = program.replace("exec ", 'echo "$1" >>../said; [ "$1" != build ] || exit 3\nexec ', 1)
    write(page.parent / "bin", statusgen=refusal)
    (page.parent / "work").mkdir()
    codes = []
    for each in whole("forgejo-status.yml", "status"):
        if not codes or each.get("if") == "${{ !cancelled() }}":
            given = {**environment, **set_by(each), "GITHUB_SERVER_URL": page.parent.as_uri()}
            given["GITHUB_REPOSITORY"] = "remote"
            codes.append(run(each["run"], page.parent / "work", given).returncode)
    assert codes == [3, 0]
    assert (page.parent / "said").read_text().splitlines()[-2:] == ["build", "notify"]
    jobs = read("gitlab-ci.yml")
    assert jobs["stages"].index(jobs["notify"]["stage"]) > jobs["stages"].index(jobs["pages"]["stage"])
    assert [rules[-1] for rules in (jobs["pages"]["rules"], jobs["notify"]["rules"])] == [
        {"when": "on_success"},
        {"when": "always"},
    ]
    assert jobs["pages"]["rules"][:-1] == jobs["notify"]["rules"][:-1]


def test_an_older_page_of_forgejo_never_replaces_a_newer_one(page: Path, environment: dict[str, str]) -> None:
    """Another run publishes, with an incident that is new, while this one builds: it has to build again."""
    remote, work = page.parent / "remote.git", page.parent / "work"
    asked = step("forgejo-status.yml", "status", "Probe, push, build and publish")
    given = {**environment, **set_by(asked)}
    given |= {"GITHUB_SERVER_URL": page.parent.as_uri(), "GITHUB_REPOSITORY": "remote"}
    write(page, **{INCIDENT: INCIDENT_TEXT})
    commit_all(page)
    program = (page.parent / "bin/statusgen").read_text().replace("exec ", "")
    other = f"""
case "$1" in build)
  mkdir {page.parent}/overtaken 2>/dev/null || exit 0
  git -C {page} push --quiet origin HEAD:main HEAD:pages
esac
"""
    write(page.parent / "bin", statusgen=f"{program.rstrip()} || exit\n{other}")
    work.mkdir()
    done = run(asked["run"], work, given)
    assert done.returncode == 0, done.stderr
    assert "stale info" in done.stderr
    assert "incidents/2026-11-20-api-errors/" in run_git(remote, "ls-tree", "-r", "--name-only", "pages")


def test_a_page_that_cannot_be_pushed_is_a_failure(page: Path, environment: dict[str, str]) -> None:
    write(page.parent / "remote.git/hooks", update='#!/bin/sh\n[ "$1" != refs/heads/pages ]\n')
    (page.parent / "remote.git/hooks/update").chmod(0o755)
    (page.parent / "work").mkdir()
    asked = step("forgejo-status.yml", "status", "Probe, push, build and publish")
    given = {**environment, **set_by(asked)}
    given |= {"GITHUB_SERVER_URL": page.parent.as_uri(), "GITHUB_REPOSITORY": "remote"}
    done = run(asked["run"], page.parent / "work", given)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (1, "The page cannot be pushed")


def test_a_pull_request_on_forgejo_is_checked_and_compared(page: Path, environment: dict[str, str]) -> None:
    write(page, **{INCIDENT: INCIDENT_TEXT})
    commit_all(page)
    run_git(page, "push", "--quiet", "origin", "HEAD:refs/pull/7/head")
    (page.parent / "work").mkdir()
    for name in ("Fetch the change, and the ledger", "Check and compare"):
        asked = step("forgejo-check.yml", "check", name)
        given = {**environment, **set_by(asked)}
        given |= {"GITHUB_SERVER_URL": page.parent.as_uri(), "GITHUB_REPOSITORY": "remote"}
        done = run(asked["run"], page.parent / "work", given)
        assert done.returncode == 0, done.stderr + done.stdout
        assert ("TOKEN" in given, "statusgen" in asked["run"]) in ((True, False), (False, True))
    assert "Elevated API errors" in done.stdout
    assert (page.parent / "work/preview/index.html").exists()


def test_the_form_of_forgejo_posts_on_a_branch(page: Path, environment: dict[str, str]) -> None:
    asked = step("forgejo-incident.yml", "incident", "Post")
    given = {**environment, **set_by(asked), "GITHUB_SERVER_URL": page.parent.as_uri(), "GITHUB_REPOSITORY": "remote"}
    given |= {"STATUS_ACTION": "open", "STATUS_NAME": "Errors", "STATUS_COMPONENTS": "api=partial_outage"}
    given |= {"STATUS_MESSAGE": "We look into it.", "STATUS_SEVERITY": "sev2"}
    (page.parent / "work").mkdir()
    done = run(asked["run"], page.parent / "work", given)
    assert done.returncode == 0, done.stderr + done.stdout
    assert "incident/" in run_git(page.parent / "remote.git", "branch", "--list", "incident/*")


def test_the_form_of_forgejo_resolves_the_only_open_incident_where_the_branch_is_named(
    page: Path, environment: dict[str, str]
) -> None:
    write(page, **{INCIDENT: INCIDENT_TEXT.partition("\n## Resolved")[0]})
    commit_all(page)
    run_git(page, "push", "--quiet", "origin", "HEAD:main")
    asked = step("forgejo-incident.yml", "incident", "Post")
    given = {**environment, **set_by(asked), "GITHUB_SERVER_URL": page.parent.as_uri(), "GITHUB_REPOSITORY": "remote"}
    given |= {"STATUS_ACTION": "resolve", "STATUS_MESSAGE": "It works again.", "STATUS_BRANCH": "main"}
    (page.parent / "work").mkdir()
    done = run(asked["run"], page.parent / "work", given)
    assert done.returncode == 0, done.stderr + done.stdout
    assert "It works again." in run_git(page.parent / "remote.git", "show", f"main:{INCIDENT}")
    inputs = read("forgejo-incident.yml")["on"]["workflow_dispatch"]["inputs"]
    assert [name for name, each in inputs.items() if each.get("required")] == []  # a form without a name can be sent


# Web servers


@pytest.fixture
def nginx(page: Path, environment: dict[str, str]) -> Iterator[str]:
    """Serve a page by the recipe, and give its address."""
    assert statusgen("build", "--out", page.parent / "www", at=page, environment=environment).returncode == 0
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    recipe = (RECIPES / "nginx.conf").read_text("utf-8")
    site = re.sub(r"listen 80;.*", f"listen 127.0.0.1:{port};", recipe).replace("/var/www/status", f"{page.parent}/www")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    own = "".join(f"{kind}_temp_path {page.parent}/{kind};" for kind in kinds)
    around = f"daemon off; pid {page.parent}/pid; user root; events {{}} http {{ access_log off; {own}\n{site} }}"
    write(page.parent, **{"nginx.conf": around})
    server = subprocess.Popen(["nginx", "-e", "stderr", "-c", f"{page.parent}/nginx.conf"], stderr=subprocess.PIPE)
    try:
        assert eventually(lambda: server.poll() is not None or (page.parent / "pid").exists())
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.communicate()


@pytest.mark.skipif(not shutil.which("nginx"), reason="needs nginx")
def test_nginx_sends_the_headers_that_the_page_asks_for(page: Path, nginx: str) -> None:
    public = page.parent / "www"
    rules = (public / "_headers").read_text("utf-8")
    paths = [path.relative_to(public).as_posix() for path in public.rglob("*.*")]
    asked = [path for path in paths if not path.startswith((".files", ".nojekyll"))]
    assert asked
    for path in asked:
        response = requests.get(f"{nginx}/{path}", timeout=PATIENCE)
        assert response.status_code == 200, path
        wanted = dict(hosts.sent(rules, f"/{path}").items() - {hosts.TLS_ONLY})  # which certbot's lines come with
        assert {name: response.headers.get(name) for name in wanted} == wanted, path
    for path in ("_headers", ".files.sha256", "nothing"):
        assert requests.get(f"{nginx}/{path}", timeout=PATIENCE).status_code == 404


def test_the_page_is_served_with_the_policy_that_it_was_made_for() -> None:
    assert f'Content-Security-Policy "{CONTENT_SECURITY_POLICY}$status_frames" always' in (
        RECIPES / "nginx.conf"
    ).read_text("utf-8")
    assert f'"ContentSecurityPolicy": "{CONTENT_SECURITY_POLICY}"' in (ROOT / "docs/publishing.md").read_text("utf-8")


def test_recipes_use_the_action_of_this_version() -> None:
    for path in [*YAML, ROOT / "docs/publishing.md"]:
        for found in re.findall(r"uses: (statusgen/.*)", path.read_text("utf-8")):
            assert found == scaffold.ACTION


def test_the_deployment_in_a_cluster_clones_watches_and_ends_well(page: Path, environment: dict[str, str]) -> None:
    deployment, claim = yaml.safe_load_all((RECIPES / "kubernetes.yml").read_text("utf-8"))
    spec = deployment["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    script = container["args"][0].replace("/site/", f"{page.parent}/site/")
    (page.parent / "site").mkdir()
    given = {**environment, **{each["name"]: each["value"] for each in container["env"]}, "GIT_TOKEN": "token"}
    given |= {"HOME": str(page.parent), "REPOSITORY": (page.parent / "remote.git").as_uri()}
    code, said = ended(["sh", "-ec", script], page, given, "cluster")
    assert code == 0, said
    assert deployment["spec"]["replicas"] == 1
    assert deployment["spec"]["strategy"] == {"type": "Recreate"}
    claimed = [
        volume["persistentVolumeClaim"]["claimName"] for volume in spec["volumes"] if "persistentVolumeClaim" in volume
    ]
    assert claimed == [claim["metadata"]["name"]]
