"""Running the program in processes of its own, with a clock that a test may set, and killing one of them.

Each run is a fork of a process that has imported everything: a start of Python for each of hundreds would take most of
the time. A script ``statusgen`` asks the same process, and stands for the installed program where workflows run it.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any

from tests.sites import ROOT, eventually

LONGEST = 120  # seconds that a run may take on a machine that is busy
BROKEN = 99  # the exit code of a run that ended with an exception
_SCRIPT = """\
#!{python} -IS
import json, os, signal, socket, sys
asked = {{"commands": [sys.argv[1:]], "folder": os.getcwd(), "environment": dict(os.environ), "more": None}}
asked["now"] = int(os.environ.get("FORGE_NOW", "0"))
line = socket.socket(socket.AF_UNIX)
line.connect({address!r})
socket.send_fds(line, [b"!"], [0, 1, 2])
line.sendall(json.dumps(asked).encode() + b"\\n")
answer = line.makefile()
run = int(answer.readline())
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, lambda number, _: os.kill(run, number))
sys.exit(int(answer.readline() or "137"))
"""
Around = Callable[[Any], contextlib.AbstractContextManager[object]]


@dataclass(frozen=True, slots=True)
class Done:
    """How a run ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        return self.out + self.err

    @property
    def is_killed(self) -> bool:
        return self.code == -signal.SIGKILL


@dataclass(frozen=True, slots=True)
class Run:
    """A run that goes on: where its exit code will come from, its process, and what it prints."""

    answer: IO[str]
    pid: int
    out: IO[bytes]
    err: IO[bytes]

    @property
    def lines(self) -> int:
        """How many lines it has printed so far."""
        place = self.out.fileno()
        return os.pread(place, os.fstat(place).st_size, 0).count(b"\n")  # and it goes on where it was

    def ended(self) -> Done:
        """Wait until it has ended; one that takes too long is killed, and TimeoutError raised."""
        try:
            said = self.answer.readline()  # nothing, if a signal ended it, whichever
        except TimeoutError:
            os.kill(self.pid, signal.SIGKILL)
            raise
        texts = []
        for stream in (self.out, self.err):
            stream.seek(0)
            texts.append(stream.read().decode("utf-8"))
            stream.close()
        self.answer.close()
        return Done(int(said) if said else -signal.SIGKILL, *texts)


class Program:
    """The process that serves runs. ``folder`` is its own, and ``module`` the one that it runs to ``serve``."""

    def __init__(self, folder: Path, module: str = __name__) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._address, self._current = folder / "socket", folder / "current"
        command = [sys.executable, "-m", module, str(self._address)]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE)
        assert eventually(self._address.exists)

    def close(self) -> None:
        self._process.communicate()  # which closes its standard input, at which it ends

    @property
    def script(self) -> str:
        """A script that runs the program; the clock is the variable FORGE_NOW, in epoch seconds, if there is one."""
        return _SCRIPT.format(python=sys.executable, address=str(self._address))

    def run(self, *arguments: object, at: Path, now: int = 0, environment: Mapping[str, str] | None = None) -> Done:
        """Run one command in a folder, at an instant or now."""
        (done,) = self.run_at_once([(arguments, at, environment or {})], now)
        return done

    def run_at_once(self, asked: Sequence[tuple[Sequence[object], Path, Mapping[str, str]]], now: int) -> list[Done]:
        """Run several commands at the same moment, each in a folder and with more variables."""
        runs = [self.begun([words], place, environment, now) for words, place, environment in asked]
        return [run.ended() for run in runs]

    def kill(self) -> None:
        """Kill what was begun last, as a host does that takes a machine away."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(self._current.read_text()), signal.SIGKILL)

    @property
    def killing(self) -> str:
        """The same as a shell's command, for hooks."""
        return f"kill -9 $(cat {self._current})"

    def begun(
        self,
        commands: Sequence[Sequence[object]],
        at: Path,
        environment: Mapping[str, str],
        now: int = 0,
        more: object = None,
    ) -> Run:
        """Begin commands, one after the other in one process; ``more`` is for what the module does around them."""
        request = {
            "commands": [[*map(str, words)] for words in commands],
            "folder": str(at),
            "environment": {**os.environ, **environment},
            "now": now,
            "more": more,
        }
        line = socket.socket(socket.AF_UNIX)
        line.settimeout(LONGEST)
        line.connect(str(self._address))
        out, err = (tempfile.TemporaryFile() for _ in range(2))  # noqa: SIM115 - closed when the run has ended
        with Path(os.devnull).open("rb") as nothing:
            socket.send_fds(line, [b"!"], [nothing.fileno(), out.fileno(), err.fileno()])
        line.sendall(json.dumps(request).encode() + b"\n")
        answer = line.makefile()
        line.close()
        pid = int(answer.readline())
        self._current.write_text(str(pid))
        return Run(answer, pid, out, err)


@cache
def here() -> Program:
    """Return a process that serves as long as this one goes on."""
    program = Program(Path(tempfile.mkdtemp(prefix="statusgen-tests-")))
    atexit.register(program.close)
    return program


@contextlib.contextmanager
def served(folder: Path) -> Iterator[Program]:
    program = Program(folder)
    try:
        yield program
    finally:
        program.close()


# The process that serves


def serve(address: str, around: Around = contextlib.nullcontext) -> None:
    """Answer every call in a fork, with ``around`` entered there, until who started this ends."""
    _preload()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{address}.bound")
        listener.listen()
        Path(f"{address}.bound").rename(address)  # whoever sees it finds somebody who listens
        while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
            line, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                _answer(line, around)
            line.close()


def _preload() -> None:
    """Import what commands import when they run."""
    for path in sorted((ROOT / "statusgen").rglob("*.py")):
        if not path.name.startswith("__"):
            __import__(".".join(path.relative_to(ROOT).with_suffix("").parts))


def _answer(line: socket.socket, around: Around) -> None:
    code = BROKEN
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _, streams, _, _ = socket.recv_fds(line, 1, 3)
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        sys.stdout, sys.stderr = (os.fdopen(number, "w", encoding="utf-8", closefd=False) for number in (1, 2))
        with line.makefile() as asked:
            request = json.loads(asked.readline())
        line.sendall(f"{os.getpid()}\n".encode())
        os.environ.clear()
        os.environ.update(request["environment"])
        os.environ.setdefault("STATUSGEN_TRACEBACK", "1")  # a workflow of a test has an environment of its own
        time.tzset()
        os.chdir(request["folder"])
        with around(request["more"]):
            code = max(_command(words, request["now"]) for words in request["commands"])
        sys.stdout.flush()
        sys.stderr.flush()
        line.sendall(f"{code}\n".encode())
    finally:
        os._exit(code)


def _command(words: list[str], now: int) -> Any:
    """Return the exit code; the clock is the caller's, where there is one."""
    from statusgen import cli

    if now:
        cli.clock = lambda: now
    sys.argv = ["statusgen", *words]
    try:
        cli.main()
    except SystemExit as ended:
        return int(ended.code or 0)
    except BaseException:  # noqa: BLE001 - shown, as Python does
        traceback.print_exc()
        return BROKEN
    return 0


if __name__ == "__main__":
    serve(sys.argv[1])
    shutil.rmtree(Path(sys.argv[1]).parent, ignore_errors=True)
