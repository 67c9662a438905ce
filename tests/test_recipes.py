"""The recipes under ``docs/recipes``: other programs read them, and what they say runs, against a local remote."""

from __future__ import annotations

import configparser
import contextlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from statusgen import periods

from .recipes import commands_in, context
from .sites import COMPONENTS, PATIENCE, ROOT, bare_theme, commit_all, eventually, ledger_lines, run_git, write

RECIPES = ROOT / "docs/recipes"
PATHS = sorted(path for path in RECIPES.iterdir() if path.is_file())
UNITS = [path for path in PATHS if path.suffix in (".service", ".timer")]
YAML = [path for path in PATHS if path.suffix == ".yml"]
KNOWN = {  # what the units use of systemd.unit(5), systemd.service(5), systemd.timer(5) and systemd.exec(5)
    "Unit": {"Description", "Wants", "After", "StartLimitIntervalSec"},
    "Timer": {"OnCalendar", "AccuracySec"},
    "Install": {"WantedBy"},
    "Service": {
        *("Type", "User", "WorkingDirectory", "EnvironmentFile", "ExecStartPre", "ExecStart", "Restart", "RestartSec"),
        *("KillMode", "TimeoutStartSec", "TimeoutStopSec", "NoNewPrivileges", "ProtectSystem", "ReadWritePaths"),
        *("ProtectHome", "PrivateTmp", "PrivateDevices", "ProtectClock", "ProtectHostname", "ProtectKernelTunables"),
        *("ProtectKernelModules", "ProtectKernelLogs", "ProtectControlGroups", "RestrictNamespaces"),
        *("RestrictRealtime", "RestrictSUIDSGID", "LockPersonality", "SystemCallArchitectures", "SystemCallFilter"),
        *("RestrictAddressFamilies", "CapabilityBoundingSet", "AmbientCapabilities", "UMask"),
    },
}
VARIABLES = {"SHARD": "1/4", "LOCATION": "office"}
EXPRESSIONS = {
    "github.token": "token",
    "github.repository": "acme/status",
    "github.server_url": "https://github.com",
    "vars.STATUS_URL": "",
    "matrix.location": "office",
    "matrix.shard": "4",
    "strategy.job-total": "4",
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
def environment(tmp_path: Path) -> dict[str, str]:
    """Return an environment in which statusgen is the program, and what needs a host only says that it was called."""
    stubs = {
        "statusgen": f'exec {shlex.quote(sys.executable)} -m statusgen "$@"',
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
        for name, value in step["env"].items()
    }


def read(name: str) -> Any:
    return yaml.load((RECIPES / name).read_text("utf-8"), yaml.BaseLoader)


def unit(name: str) -> dict[str, dict[str, str]]:
    parser = configparser.RawConfigParser(strict=True, delimiters=("=",), comment_prefixes=("#",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string((RECIPES / name).read_text("utf-8"))
    return {section: dict(parser[section]) for section in parser.sections()}


def scripts(node: object) -> Iterator[str]:
    """Yield every script in a YAML file: of steps, of jobs, of containers."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("run", "script", "before_script", "args"):
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
        return unit(path.name).get("Service", {}).get("ExecStart", "").replace("/usr/local/bin/", "")
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
    assert used or path.suffix == ".timer"
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
    assert f"](recipes/{path.name})" in (ROOT / "docs/probing.md").read_text("utf-8")


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


def test_both_services_are_confined_alike() -> None:
    running = {"Type", "Restart", "RestartSec", "TimeoutStopSec", "TimeoutStartSec", "ExecStart", "ExecStartPre"}
    ours = [unit(f"statusgen-{name}.service")["Service"] for name in ("watch", "probe")]
    first, second = ({key: value for key, value in each.items() if key not in running} for each in ours)
    assert first == second
    assert first["ProtectSystem"] == "strict"
    assert first["NoNewPrivileges"] == "yes"


def test_the_timer_starts_the_service_of_its_name() -> None:
    assert (RECIPES / "statusgen-probe.service").exists()
    assert set(unit("statusgen-probe.timer")) == {"Unit", "Timer", "Install"}


def test_the_service_of_the_timer_pushes_a_round(page: Path, environment: dict[str, str]) -> None:
    service = unit("statusgen-probe.service")["Service"]
    for command in (service["ExecStartPre"].removeprefix("-"), service["ExecStart"]):
        done = run(command.replace("/usr/local/bin/", "").replace("/usr/bin/", ""), page, environment)
        assert done.returncode == 0, done.stderr
    assert len(ledger_lines(page.parent / "remote.git", "status-data/office")) == 1


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


def step(name: str, job: str, of: str) -> dict[str, Any]:
    """Return a step of a workflow by the name a person reads."""
    path = RECIPES / name if (RECIPES / name).exists() else ROOT / ".github/workflows" / name
    found = yaml.load(path.read_text("utf-8"), yaml.BaseLoader)["jobs"][job]["steps"]
    (one,) = [each for each in found if each.get("name") == of]
    return dict(one)


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
    asked = step("github-private.yml", "status", "Probe, push and build")
    done = run(asked["run"], page, {**environment, **set_by(asked)})
    assert done.returncode == 0, done.stderr
    assert (page / "public/index.html").exists()
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
        "CI_PAGES_URL": "https://acme.gitlab.io/status",
        "STATUSGEN": recipe["variables"]["STATUSGEN"],
    }
    for job in ("probe", "pages"):
        done = run("\n".join([*recipe["default"]["before_script"], *recipe[job]["script"]]), page, given)
        assert done.returncode == 0, done.stderr
        assert run_git(page, "rev-parse", "HEAD") == newest
    assert len(ledger_lines(page.parent / "remote.git", "status-data/gitlab")) == 1
    assert b"https://acme.gitlab.io/status" in (page / "public/history.atom").read_bytes()
    assert recipe["pages"]["artifacts"]["paths"] == ["public"]


def test_jobs_of_gitlab_go_one_after_the_other_and_each_ends() -> None:
    recipe = read("gitlab-ci.yml")
    for name in ("probe", "pages"):
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
        done = run(asked["run"], page.parent / "work", given)
        assert done.returncode == 0, done.stderr
    remote = page.parent / "remote.git"
    assert len(ledger_lines(remote, "status-data/forgejo")) == 2
    assert "index.html" in run_git(remote, "ls-tree", "--name-only", "pages").split("\n")
    assert run_git(remote, "rev-list", "--count", "pages") == "1"  # the page has no history of its own


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
