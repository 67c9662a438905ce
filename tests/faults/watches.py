"""Runs of the program that are killed at an instant, many at a time.

Run as a program, this module serves such runs, each in a fork of a process that has imported everything already and has
no threads, so that the forks can take rounds as the program does.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from statusgen import app, building, cli, probing, watching
from tests.sites import ROOT

_PRELOADED = (app, building, probing, watching)


@dataclass(frozen=True, slots=True)
class Run:
    """A command, the folder it runs in, and the signal that it gets, if any.

    It comes so many seconds after so many lines were printed, or after the beginning.
    """

    arguments: tuple[str, ...]
    folder: str
    number: int = 0
    lines: int = 0
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended, and what it had printed by then."""

    code: int
    said: str
    complaints: str


class Runs:
    """The process that serves."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()

    def at_once(self, runs: Sequence[Run]) -> list[Ended]:
        """Let runs begin together, and wait until all have ended."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps([asdict(run) for run in runs]) + "\n")
        self._process.stdin.flush()
        codes = json.loads(self._process.stdout.readline())
        return [Ended(code, *_printed(Path(run.folder))) for run, code in zip(runs, codes, strict=True)]


def _printed(folder: Path) -> tuple[str, str]:
    """Return what a run printed; the files lie beside its folder."""
    return folder.with_name("said").read_text(), folder.with_name("complaints").read_text()


def serve() -> None:
    for line in sys.stdin:
        runs = [Run(**each) for each in json.loads(line)]
        for run in runs:
            for name in ("said", "complaints"):
                Path(run.folder).with_name(name).write_text("")
        forks = [_fork(run) for run in runs]
        _kill({fork: run for run, fork in zip(runs, forks, strict=True) if run.number})
        codes = [os.waitstatus_to_exitcode(os.waitpid(fork, 0)[1]) for fork in forks]
        print(json.dumps(codes), flush=True)  # noqa: T201 - the answer


def _kill(left: dict[int, Run]) -> None:
    """Send each fork its signal when it is time; none has been waited for, so each is there."""
    due = dict.fromkeys((fork for fork, run in left.items() if not run.lines), time.monotonic())
    while left:
        for fork, run in tuple(left.items()):
            if fork not in due and _printed(Path(run.folder))[0].count("\n") >= run.lines:
                due[fork] = time.monotonic()
            if fork in due and time.monotonic() >= due[fork] + run.after:
                os.kill(fork, run.number)
                del left[fork]
        time.sleep(0.005)


def _fork(run: Run) -> int:
    if fork := os.fork():
        return fork
    code = 70
    try:
        folder = Path(run.folder)
        temporary = folder.with_name("tmp")
        temporary.mkdir(exist_ok=True)
        os.environ["TMPDIR"] = str(temporary)
        for stream, name in ((1, "said"), (2, "complaints")):
            os.dup2(os.open(folder.with_name(name), os.O_WRONLY), stream)
        os.chdir(folder)
        code = _command(run.arguments)
        sys.stdout.flush()
    finally:
        os._exit(code)


def _command(arguments: Sequence[str]) -> int:
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


def ended(process: subprocess.Popen[bytes], folder: Path) -> Ended:
    """Ask a watch to end, and return how it did."""
    process.send_signal(signal.SIGTERM)
    return Ended(process.wait(30), *_printed(folder))


if __name__ == "__main__":
    serve()
