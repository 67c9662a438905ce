"""exec: programs that tell by their exit code, those that never end, and what becomes of what they print."""

from __future__ import annotations

import stat
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

from statusgen import config
from statusgen.errors import SourceError
from statusgen.model import Sample, Verdict
from statusgen.probes.exec import MAX_LOG, ExecCheck
from statusgen.probes.kind import World

from .servers import AT, TIMEOUT_MS, answer_once, eventually

UP, DEGRADED, DOWN = Verdict.UP, Verdict.DEGRADED, Verdict.DOWN
SECRET = "hunter2-" + "Xy/+=" * 20


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Allow programs, which run in an empty folder and have no secrets."""
    (tmp_path / "site").mkdir()
    return World({"PATH": "/usr/bin:/bin", "TOKEN": SECRET}, tmp_path / "site", AT, True, tmp_path / "logs")


def shell(script: str, timeout_ms: int = 0) -> ExecCheck:
    return ExecCheck(command=("sh", "-c", script), timeout_ms=timeout_ms)


def ask(check: ExecCheck, world: World) -> Sample:
    return answer_once(check, at=AT, world=world).sample


def log(world: World) -> bytes:
    """Return what the one program printed, without the line above it."""
    assert world.logs
    (path,) = world.logs.iterdir()
    return path.read_bytes().partition(b"\n")[2]


def lives(pid_file: Path) -> bool:
    """Tell whether the process whose number a script has written runs; one that nobody has buried yet does not."""
    try:
        state = Path(f"/proc/{pid_file.read_text().strip()}/stat").read_text()
    except FileNotFoundError:
        return False
    return state.rpartition(")")[2].split()[0] != "Z"


# Exit codes.


@pytest.mark.parametrize(
    ("script", "verdict", "reason"),
    [
        ("exit 0", UP, ""),
        ("exit 1", DEGRADED, "exit 1"),
        ("exit 2", DOWN, "exit 2"),
        ("exit 3", DOWN, "exit 3"),
        ("exit 255", DOWN, "exit 255"),
        ("no-such-program", DOWN, "exit 127"),
        ("kill -9 $$", DOWN, "exit 137"),
        ("kill -TERM $$", DOWN, "exit 143"),
    ],
)
def test_a_program_tells_by_its_exit_code(world: World, script: str, verdict: Verdict, reason: str) -> None:
    sample = ask(shell(script), world)
    assert (sample.verdict, sample.reason) == (verdict, reason)
    assert sample.latency is not None


def test_the_latency_is_how_long_it_ran(world: World) -> None:
    assert 100 <= (ask(shell("sleep 0.1"), world).latency or 0) < 1_000


def test_the_words_are_not_given_to_a_shell(world: World) -> None:
    assert ask(ExecCheck(command=("printf", "%s|", "a b", "$HOME", "*; exit 2")), world).verdict is UP
    assert log(world) == b"a b|$HOME|*; exit 2|"


def test_it_runs_in_the_folder_of_the_site_or_in_another(world: World, tmp_path: Path) -> None:
    (tmp_path / "site/checks").mkdir()
    (tmp_path / "site/checks/queue").write_text("#!/bin/sh\npwd\nexit 1\n")
    (tmp_path / "site/checks/queue").chmod(0o755)
    assert ask(ExecCheck(command=("./checks/queue",)), world).reason == "exit 1"
    assert log(world) == f"{tmp_path}/site\n".encode()
    assert ask(ExecCheck(command=("./queue",), directory="checks"), world).reason == "exit 1"
    assert ask(ExecCheck(command=("./queue",), directory=f"{tmp_path}/site/checks"), world).reason == "exit 1"


def test_nothing_is_to_be_read_from(world: World) -> None:
    assert ask(ExecCheck(command=("cat",)), world).verdict is UP


# Those that do not end.


@pytest.mark.parametrize(
    "script",
    [
        "sleep 60",
        "trap '' TERM INT HUP; while :; do sleep 60; done",
        "exec >&- 2>&-; sleep 60",
        "sleep 60 & wait",
        "yes",
        "while :; do echo; done",
    ],
    ids=["hangs", "ignores signals", "closes its output", "waits for another", "floods", "drips"],
)
def test_one_that_does_not_end_is_a_timeout_on_time_and_nothing_of_it_lives(world: World, script: str) -> None:
    sample = ask(shell(f"echo $$ >pid; {script}", TIMEOUT_MS), world)
    assert sample == Sample(AT, DOWN, None, "timeout")
    assert eventually(lambda: not lives(world.base / "pid"))


@pytest.mark.parametrize(("end", "reason"), [("wait", "timeout"), ("exit 2", "exit 2")])
def test_what_it_started_dies_with_it(world: World, end: str, reason: str) -> None:
    script = f"trap '' TERM; (trap '' TERM; sleep 60) & echo $! >pid; {end}"
    assert ask(shell(script, TIMEOUT_MS), world).reason == reason
    assert eventually(lambda: not lives(world.base / "pid"))


def test_one_that_has_ended_is_not_waited_for_because_others_hold_its_output(world: World) -> None:
    sample = ask(shell("echo early; sleep 60 & exit 0", 5_000), world)
    assert sample.verdict is UP
    assert (sample.latency or 0) < 1_000
    assert log(world) == b"early\n"


def test_a_daemon_that_escapes_does_not_hold_the_round_up(world: World) -> None:
    sample = ask(shell("setsid sleep 3 & exit 1", 5_000), world)
    assert sample.reason == "exit 1"
    assert (sample.latency or 0) < 1_000


def test_one_that_closes_its_output_is_waited_for(world: World) -> None:
    assert ask(shell("exec >&- 2>&-; sleep 0.1; exit 2"), world).reason == "exit 2"


def test_when_the_prober_ends_no_program_stays(tmp_path: Path) -> None:
    script = """
import sys, threading, time
from pathlib import Path
from statusgen.probes import exec
from statusgen.probes.dial import Deadline
from statusgen.probes.kind import World
check = exec.ExecCheck(command=("sh", "-c", "echo $$ >pid; sleep 60"))
asked = (check, Deadline(60_000), World({}, Path.cwd(), 0, True))
threading.Thread(target=exec.probe, args=asked, daemon=True).start()
while not (Path("pid").exists() and Path("pid").read_text()):
    time.sleep(0.01)
"""
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=True, timeout=30)
    assert eventually(lambda: not lives(tmp_path / "pid"))


# What cannot be started is nobody's outage.


def test_nothing_is_started_unless_it_is_allowed(
    world: World, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    careful = World(world.environment, world.base, AT)
    for _ in range(2):
        assert ask(shell("touch started"), careful) == Sample(AT, None, None, "unsupported")
    assert not (world.base / "started").exists()
    assert "statusgen probe --allow-exec" not in capfd.readouterr().err.partition("\n")[2]  # once


def test_how_to_allow_it_is_said() -> None:
    script = """
from pathlib import Path
from statusgen.probes import dial, exec, kind
for _ in range(2):
    try:
        exec.probe(exec.ExecCheck(command=("true",)), dial.Deadline(1_000), kind.World({}, Path(), 0))
    except dial.Unknown as doubt:
        print(doubt.reason)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout == "unsupported\n" * 2
    assert done.stderr == "check kind 'exec': programs are started only with 'statusgen probe --allow-exec'\n"


@pytest.mark.parametrize(
    ("command", "directory", "why"),
    [
        ("no-such-program", "", "No such file or directory"),
        ("./not-executable", "", "Permission denied"),
        ("./no-program", "", "Exec format error"),
        (".", "", "Permission denied"),
        ("true", "no-such-folder", "No such file or directory"),
    ],
)
def test_a_program_that_cannot_be_started_is_not_down(
    world: World, capfd: pytest.CaptureFixture[str], command: str, directory: str, why: str
) -> None:
    (world.base / "not-executable").write_text("#!/bin/sh\n")
    (world.base / "no-program").write_bytes(b"\x7fELF nonsense")
    (world.base / "no-program").chmod(0o755)
    sample = ask(ExecCheck(command=(command,), directory=directory), world)
    assert sample == Sample(AT, None, None, "unsupported")
    assert capfd.readouterr().err == f"program '{command}' cannot be started: {why}\n"


# Its environment.


def test_a_program_sees_no_secret_but_those_it_is_given(world: World) -> None:
    environment = {**world.environment, "LANG": "C.UTF-8", "API_TOKEN": "not for you", "GITHUB_TOKEN": "nor this"}
    generous = World(environment, world.base, AT, True, world.logs)
    check = ExecCheck(command=("env",), env=(("MODE", "fast"), ("AUTH", "Bearer ${env:TOKEN}")))
    assert ask(check, generous).verdict is UP
    names = {line.partition(b"=")[0].decode() for line in log(generous).splitlines()}
    assert names - {"_", "PWD", "SHLVL"} == {"PATH", "LANG", "MODE", "AUTH"}
    assert check.references() == ("fast", "Bearer ${env:TOKEN}")
    told = ExecCheck(command=("sh", "-c", f'test "$AUTH" = "Bearer {SECRET}"'), env=check.env)
    assert ask(told, generous).verdict is UP


# Its log.


def test_what_it_prints_lies_in_a_file_of_the_owners_alone(world: World) -> None:
    assert world.logs
    assert ask(shell("echo out; echo err >&2; exit 2"), world).reason == "exit 2"
    (path,) = world.logs.iterdir()
    assert path.read_text() == "2026-11-18T11:06:40Z exit 2: sh -c 'echo out; echo err >&2; exit 2'\nout\nerr\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.name.startswith("sh-")


def test_the_log_is_replaced_by_the_next_and_is_another_for_another_check(world: World) -> None:
    assert world.logs
    for _ in range(2):
        ask(shell("echo once"), world)
    assert log(world) == b"once\n"
    ask(shell("echo twice"), world)
    assert len(list(world.logs.iterdir())) == 2


def test_what_was_printed_before_the_timeout_is_kept(world: World) -> None:
    assert ask(shell("echo so far; sleep 60", TIMEOUT_MS), world).reason == "timeout"
    assert log(world) == b"so far\n"


def test_the_log_of_a_flood_is_its_end_and_memory_is_bounded(world: World) -> None:
    check = shell("head -c 20000000 /dev/zero | tr '\\0' x; echo the end")
    ask(shell("true"), world)
    tracemalloc.start()
    try:
        assert ask(check, world).verdict is UP
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert world.logs
    largest = max(world.logs.iterdir(), key=lambda path: path.stat().st_size)
    kept = largest.read_bytes().partition(b"\n")[2]
    assert kept == b"x" * (MAX_LOG - len("the end\n")) + b"the end\n"
    assert peak < 2_000_000


def test_no_log_holds_a_secret_not_even_a_part_of_one(world: World) -> None:
    script = 'i=0; while [ $i -lt 900 ]; do echo "$AUTH $AUTH"; i=$((i + 1)); done'
    for filler in range(0, len(SECRET), 9):
        check = ExecCheck(command=("sh", "-c", f"{script}; printf '%{filler}s'"), env=(("AUTH", "${env:TOKEN}"),))
        assert ask(check, world).verdict is UP
    assert world.logs
    for path in world.logs.iterdir():
        said = path.read_bytes()
        assert b"hunter2" not in said
        assert b"Xy/+=" not in said
        assert b"*** ***\n" in said


def test_without_a_place_for_logs_nothing_is_kept_and_nothing_is_printed(
    world: World, capfd: pytest.CaptureFixture[str]
) -> None:
    assert ask(shell("echo out; echo err >&2"), World(world.environment, world.base, AT, True)).verdict is UP
    assert capfd.readouterr() == ("", "")
    assert list(world.base.parent.iterdir()) == [world.base]


def test_a_log_that_cannot_be_written_is_no_fault_of_the_program(world: World) -> None:
    assert world.logs
    world.logs.write_text("a file where the folder should be")
    assert ask(shell("echo out"), world).verdict is UP


# As it is written.


def _site(exec: str) -> str:
    head = 'site: {name: A, url: "https://a.example"}\ncomponents:\n  - {id: a, name: A, check: {exec: '
    return f"{head}{exec}}}}}\n"


def test_a_check_is_read_from_components_yaml() -> None:
    written = '{command: [./queue, --max, 5, "${HOME}"], directory: /opt/checks, env: {T: "${env:TOKEN}"}, timeout: 1s}'
    site = config.read(_site(written))
    assert site.checks[0].question == ExecCheck(
        command=("./queue", "--max", "5", "${HOME}"),
        directory="/opt/checks",
        env=(("T", "${env:TOKEN}"),),
        timeout_ms=1_000,
    )
    assert config.secrets(site) == ("TOKEN",)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{command: []}", "the number of entries in 'command' is 0"),
        ("{command: [' ']}", "'exec': 'command' begins with an empty word: write the program first"),
        ("{command: ./queue}", "'command' must be a list, like [a, b]"),
        ('{command: [a, "${env:TOKEN}"]}', "everybody may read arguments: put it into 'env'"),
        ('{command: [a], env: {"A=B": x}}', "'A=B' is not a variable's name"),
        ("{command: [a], directory: ../b}", "'../b' is not a path: relative to the site, or absolute"),
        ("{directory: b}", "'exec' has no 'command': add it"),
        ("{command: [a], ip: 4}", "unknown key 'ip' in 'exec'"),
    ],
)
def test_what_is_written_wrong_is_named_with_the_remedy(written: str, said: str) -> None:
    with pytest.raises(SourceError) as error:
        config.read(_site(written))
    assert said in str(error.value)


def test_starting_many_leaves_nothing_open(world: World) -> None:
    ask(shell("true"), world)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        ask(shell("true"), world)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
