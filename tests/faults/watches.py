"""Runs of the program that get a signal at an instant, many at a time."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests import program
from tests.program import Done
from tests.sites import ROOT


@dataclass(frozen=True, slots=True)
class Run:
    """A command, the folder it runs in, and the signal that it gets, if any.

    It comes so many seconds after so many lines were printed, or after the beginning.
    """

    arguments: tuple[str, ...]
    folder: Path
    number: int = 0
    lines: int = 0
    after: float = 0.0


def at_once(*runs: Run) -> list[Done]:
    """Let runs begin together, each with a temporary folder beside its own, and wait until all have ended."""
    begun = [_begun(run) for run in runs]
    _signal({there: run for run, there in zip(runs, begun, strict=True) if run.number})
    return [there.ended() for there in begun]


def _begun(run: Run) -> program.Run:
    temporary = run.folder.with_name("tmp")
    temporary.mkdir(exist_ok=True)
    return program.here().begun([run.arguments], run.folder, {"TMPDIR": str(temporary)})


def _signal(left: dict[program.Run, Run]) -> None:
    """Send each its signal when it is time, unless it has ended by itself."""
    until = time.monotonic() + program.LONGEST
    due = dict.fromkeys((there for there, run in left.items() if not run.lines), time.monotonic())
    while left and time.monotonic() < until:
        for there, run in tuple(left.items()):
            if there not in due and there.lines >= run.lines:
                due[there] = time.monotonic()
            if there in due and time.monotonic() >= due[there] + run.after:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(there.pid, run.number)
                del left[there]
        time.sleep(0.005)


@contextlib.contextmanager
def watching_at(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a watch while inside, which prints into files beside its folder."""
    with folder.with_name("said").open("wb") as said, folder.with_name("complaints").open("wb") as complaints:
        process = subprocess.Popen(
            [sys.executable, "-m", "statusgen", "probe", *arguments],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=said,
            stderr=complaints,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def ended(process: subprocess.Popen[bytes], folder: Path) -> Done:
    """Ask a watch to end, and return how it did."""
    process.send_signal(signal.SIGTERM)
    code = process.wait(30)
    return Done(code, folder.with_name("said").read_text(), folder.with_name("complaints").read_text())
