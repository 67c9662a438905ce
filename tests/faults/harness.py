"""Running the program in a process of its own, and what can befall it there.

A fault happens at the n-th of a run's events: SIGKILL before a change to a file or before a program is started, which
``sys.addaudithook`` sees (kind "event"), or at the n-th call of git, which a ``git`` that comes first on PATH counts:
SIGKILL as soon as it is done ("after"), or a git that fails ("fail"). SIGKILL before git is among the events.

Run as a program, this module serves such runs, each in a fork of a process that has imported everything already; a
start of Python for each of hundreds of faults would take most of the time.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from statusgen import archive, cli, probing, server
from statusgen.model import Round, Sample, Verdict
from statusgen.render import prose
from statusgen.render import site as whole
from tests.sites import PATIENCE, ROOT

INJECTED = "fatal: injected"
_PRELOADED = (server, prose, whole)
_CHANGES = frozenset(f"os.{name}" for name in ("rename", "remove", "mkdir", "rmdir", "link", "symlink", "truncate"))
_MODES = frozenset(("os.chmod", "os.chown", "os.utime"))
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_GIT = """\
#!/bin/sh
read -r n < "$FAULT_COUNT"
n=$((n + 1))
echo "$n" > "$FAULT_COUNT"
echo "$PWD $*" >> "$FAULT_COUNT.log"
if [ "$n" = "$FAULT_AT" ]; then
    case $FAULT_KIND in
        after) {git} "$@"; code=$?; kill -9 $PPID; exit $code ;;
        fail) echo '{injected}' >&2; exit 128 ;;
    esac
fi
exec {git} "$@"
"""


@dataclass(frozen=True, slots=True)
class Fault:
    """What befalls a run, and at which of its events, which is shown to people; at none, they are only counted."""

    kind: str
    at: int = 0
    event: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """How a run ended, what it said, the events that were counted, and what the disk was like before each."""

    code: int
    said: str
    events: tuple[str, ...] = ()
    states: tuple[str, ...] = ()

    @property
    def is_killed(self) -> bool:
        return self.code == -signal.SIGKILL


def files_of(folder: Path) -> dict[str, str]:
    """Return the hashes of a world's files by path; names made up at random do not count, and neither do diaries.

    Of a folder with what is on its way to its place only the name counts: nobody looks into it.
    """
    found: dict[str, str] = {}
    for path in sorted(path for top in ("site", "remote.git") for path in (folder / top).rglob("*")):
        name = path.relative_to(folder).as_posix()
        if ".statusgen-" in name:
            found[name[: name.index(".statusgen-") + 11]] = ""
        elif "/logs/" not in name and path.is_file():
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            found[re.sub(r"[0-9a-f]{16}\.jsonl", f"{digest}.jsonl", name)] = digest
    return found


class Runner:
    """The process that serves runs. ``folder`` is its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "bin").mkdir()
        (folder / "bin/git").write_text(_GIT.format(git=shutil.which("git"), injected=INJECTED))
        (folder / "bin/git").chmod(0o755)
        self._process = self._started()

    def _started(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", __name__],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()

    def run(self, *arguments: object, at: Path, fault: Fault | None = None, temporary: Path | None = None) -> Done:
        """Run one command in a folder, with a temporary folder of its own, beside that if no place is given."""
        (done,) = self.run_at_once([[arguments]], at=at, fault=fault, temporary=temporary)
        return done

    def run_at_once(
        self,
        programs: Sequence[Sequence[Sequence[object]]],
        *,
        at: Path,
        fault: Fault | None = None,
        temporary: Path | None = None,
    ) -> list[Done]:
        """Run several programs at the same time, each a row of commands one after the other."""
        temporary = temporary or at.parent / "tmp"
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir()
        for name in ("count", "events"):
            (self._folder / name).write_text("0\n" if name == "count" else "")
        (self._folder / "count.log").write_text("")
        environment = {"TMPDIR": str(temporary), "FAULT_COUNT": str(self._folder / "count")}
        if fault and fault.kind != "event":
            path = f"{self._folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
            environment |= {"PATH": path, "FAULT_KIND": fault.kind, "FAULT_AT": str(fault.at)}
        request = {
            "programs": [[[str(word) for word in command] for command in program] for program in programs],
            "folder": str(at),
            "environment": environment,
            "event": fault.at if fault and fault.kind == "event" else None,
            "log": str(self._folder / "events"),
            "said": str(self._folder / "said"),
        }
        codes = self._ask(request)
        log = self._folder / ("events" if fault and fault.kind == "event" else "count.log")
        events = [tuple(line.split("\t")) for line in log.read_text().splitlines()]
        shown, states = (tuple(event[-1] for event in events), tuple(event[0] for event in events))
        return [Done(code, (self._folder / f"said{i}").read_text(), shown, states) for i, code in enumerate(codes)]

    def _ask(self, request: Any) -> list[int]:
        if self._process.poll() is not None:  # it took too long before: that is one test's failure, not all others'
            self._process = self._started()
        assert self._process.stdin
        assert self._process.stdout
        watchdog = threading.Timer(PATIENCE, self._process.kill)
        watchdog.start()
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            codes: list[int] = json.loads(self._process.stdout.readline())
        finally:
            watchdog.cancel()
        return codes


# The process that serves.


def serve() -> None:
    """Run what is asked for, line by line."""
    cli.commands.add_command(_record)
    for line in sys.stdin:
        request = json.loads(line)
        forks = [_fork(request, number) for number in range(len(request["programs"]))]
        codes = [os.waitstatus_to_exitcode(os.waitpid(fork, 0)[1]) for fork in forks]
        print(json.dumps(codes), flush=True)  # noqa: T201 - the answer


def _fork(request: Any, number: int) -> int:
    if fork := os.fork():
        return fork
    code = 70
    try:
        output = os.open(f"{request['said']}{number}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for stream in (1, 2):
            os.dup2(output, stream)
        os.chdir(request["folder"])
        os.environ.update(request["environment"])
        with _watched(request):
            code = max(map(_command, request["programs"][number]))
        sys.stdout.flush()
    finally:
        os._exit(code)


def _command(arguments: list[str]) -> int:
    sys.argv = ["statusgen", *arguments]
    try:
        cli.main()
    except SystemExit as ended:
        return int(ended.code or 0)
    except BaseException:  # noqa: BLE001 - shown, as Python does
        traceback.print_exc()
        return 1
    return 0


@contextlib.contextmanager
def _watched(request: Any) -> Iterator[None]:
    """Count the events, and die before the one that is asked for. Write down what they were."""
    if request["event"] is None:
        yield
        return
    events: list[str] = []
    watching = True

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal watching
        if watching and _is_change(event, arguments):
            watching = False
            state = "" if request["event"] else hashlib.sha256(repr(files_of(Path.cwd().parent)).encode()).hexdigest()
            events.append(f"{state}\t{event} {' '.join(map(str, arguments))}"[:200].replace("\n", " "))
            if len(events) == request["event"]:
                os.kill(os.getpid(), signal.SIGKILL)
            watching = True

    sys.addaudithook(watch)
    yield
    watching = False
    Path(request["log"]).write_text("\n".join(events))


def _is_change(event: str, arguments: tuple[Any, ...]) -> bool:
    """Tell a change to the disk from other events; what is below TMPDIR nobody finds again, so it is none."""
    if event == "subprocess.Popen":
        return True
    if event == "open":
        if not isinstance(arguments[0], (str, bytes, os.PathLike)) or not arguments[2] & _WRITING:
            return False
    elif event not in _CHANGES and event not in _MODES and not event.startswith(("shutil.", "tempfile.")):
        return False
    path = Path(os.fsdecode(arguments[0]))
    beside = next((each for each in arguments[1:] if isinstance(each, int) and each > 2), -1)
    if not path.is_absolute() and event in ("os.remove", "os.rmdir") and beside > 2:
        path = Path(os.readlink(f"/proc/self/fd/{beside}")) / path  # noqa: PTH115 - Path.readlink is one more event
    return not path.is_relative_to(os.environ["TMPDIR"]) and path != Path(os.devnull)


@click.command("record")
@click.option("--site", default=".")
@click.option("--location", default="default")
@click.option("--push", is_flag=True)
@click.option("--jitter", default=0.01)
@click.argument("at", type=int)
def _record(site: str, location: str, push: bool, jitter: float, at: int) -> None:
    """Append a round of one answer, dated as is asked for: a probe without a network and a clock."""
    round_ = Round(at=at, answers=(("api", Sample(at, Verdict.UP, 40 + at % 7)),))
    folder = Path(site)
    archive.record(
        folder, probing.destination(folder, location), round_, push=push, jitter=lambda: random.random() * jitter
    )


if __name__ == "__main__":
    serve()
