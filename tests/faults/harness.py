"""Running the program in a process of its own, and what can befall it there: a ``Fault`` at the n-th of its events.

Most kinds are counted inside the process (``injection``); calls of git by a ``git`` that comes first on PATH: SIGKILL
as soon as it is done ("after"), or a git that fails ("git"). SIGKILL before git is among the changes.

Run as a program, this module serves such runs, as ``tests.program`` does, and lets faults happen in them.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from statusgen import archive, cli, probing
from statusgen.model import Round, Sample, Verdict
from tests import program
from tests.faults import injection
from tests.faults.injection import Fault

INJECTED = "fatal: injected"
_GIT = """\
#!/bin/sh
read -r n < "$FAULT_COUNT"
n=$((n + 1))
echo "$n" > "$FAULT_COUNT"
echo "$PWD $*" >> "$FAULT_COUNT.log"
if [ "$n" = "$FAULT_AT" ]; then
    case $FAULT_KIND in
        after) {git} "$@"; code=$?; kill -9 $PPID; exit $code ;;
        git) echo '{injected}' >&2; exit 128 ;;
    esac
fi
exec {git} "$@"
"""


@dataclass(frozen=True, slots=True)
class Done(program.Done):
    """How a run ended, what it said, and the events that were counted.

    Of each also what the disk was like before it, and which lines of the program led to it.
    """

    events: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


def files_of(folder: Path) -> dict[str, str]:
    """Return the hashes of a world's files by path; names made up at random do not count, and neither do diaries.

    Of what is on its way to its place only the beginning of its name counts: nobody looks into it.
    """
    found: dict[str, str] = {}
    for top in ("site", "remote.git"):
        for directory, folders, names in os.walk(folder / top):
            place = directory[len(str(folder)) + 1 :]
            folders[:] = [name for name in folders if not _passed_over(f"{place}/{name}", found)]
            for name in names:
                if not _passed_over(f"{place}/{name}", found):
                    digest = _digest(f"{directory}/{name}")
                    found[re.sub(r"[0-9a-f]{16}\.jsonl", f"{digest}.jsonl", f"{place}/{name}")] = digest
    return dict(sorted(found.items()))


def _passed_over(name: str, found: dict[str, str]) -> bool:
    before, on_the_way, _ = name.partition("/.statusgen-")
    if on_the_way:
        found[before + on_the_way] = ""
    return bool(on_the_way) or name.endswith("/logs")


_digests: dict[tuple[int, int, int], str] = {}


def _digest(path: str) -> str:
    """Return the hash of a file's content; of one that is as it was before, it is remembered."""
    seen = os.stat(path)  # noqa: PTH116 - thousands
    key = (seen.st_ino, seen.st_mtime_ns, seen.st_size)
    if key not in _digests:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - thousands
            _digests[key] = hashlib.sha256(file.read()).hexdigest()
    return _digests[key]


class Runner:
    """The process that serves runs. ``folder`` is its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.environment: dict[str, str] = {}  # of the runs, besides this process's own
        (folder / "bin").mkdir()
        (folder / "bin/git").write_text(_GIT.format(git=shutil.which("git"), injected=INJECTED))
        (folder / "bin/git").chmod(0o755)
        self._program = program.Program(folder, __name__)

    def close(self) -> None:
        self._program.close()

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
        environment = {"TMPDIR": str(temporary), "FAULT_COUNT": str(self._folder / "count"), **self.environment}
        if fault and fault.kind not in injection.KINDS:
            path = f"{self._folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
            environment |= {"PATH": path, "FAULT_KIND": fault.kind, "FAULT_AT": str(fault.at)}
        inside = fault if fault and fault.kind in injection.KINDS else None
        more = inside and {"fault": asdict(inside), "log": str(self._folder / "events")}
        runs = [self._program.begun(commands, at, environment, more=more) for commands in programs]
        ended = [run.ended() for run in runs]
        log = (self._folder / ("events" if inside else "count.log")).read_text().splitlines()
        events = tuple(line.rpartition("\t")[2] for line in log)
        states, places = (tuple(line.split("\t")[i] for line in log) if inside else () for i in (0, 1))
        return [Done(each.code, each.out, each.err, events, states, places) for each in ended]


# The process that serves


@contextlib.contextmanager
def _befallen(more: Any) -> Iterator[None]:
    """Let the fault that is asked for happen, and write down what its events were."""
    if more is None:
        yield
        return
    fault = Fault(**more["fault"])
    counts_states = fault.kind == "change" and not fault.at
    injector = injection.befall(fault, _state if counts_states else str)
    yield
    injector.is_watching = False
    Path(more["log"]).write_text("\n".join(injector.events))


def _state() -> str:
    return hashlib.sha256(repr(files_of(Path.cwd().parent)).encode()).hexdigest()


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
    cli.commands.add_command(_record)
    program.serve(sys.argv[1], _befallen)
