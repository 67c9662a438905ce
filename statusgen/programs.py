"""Programs: started without a shell, and ended. The one module that knows ``subprocess``.

A program that is set ``apart`` has a session of its own: no terminal to ask at, no Ctrl-C that reaches it, and whatever
is left of its process group is killed when nobody waits for it any more, at the latest when this process ends. Only
what makes a session of its own in turn, as daemons do, outlives that.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

NOTHING, PIPE, MERGED = subprocess.DEVNULL, subprocess.PIPE, subprocess.STDOUT
DEATH_SECONDS = 0.5  # that a killed program may take to be gone: one that waits for a broken disk never is

Program = subprocess.Popen[bytes]
TimeUp = subprocess.TimeoutExpired
_apart: set[Program] = set()


@contextlib.contextmanager
def started(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    *,
    stdin: int | IO[bytes] = NOTHING,
    stderr: int | IO[bytes] = PIPE,
    apart: bool = False,
) -> Iterator[Program]:
    """Give a running program whose output is a pipe; it is killed in the end unless it has ended. Raise OSError."""
    program = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=stdin,
        stdout=PIPE,
        stderr=stderr,
        start_new_session=apart,
    )
    if apart:
        _apart.add(program)
    try:
        yield program
    finally:
        _kill(program)
        for pipe in filter(None, (program.stdin, program.stdout, program.stderr)):
            with contextlib.suppress(OSError):  # what was still to be written to it
                pipe.close()
        with contextlib.suppress(TimeUp):
            program.wait(DEATH_SECONDS)
        _apart.discard(program)


def _kill(program: Program) -> None:
    """Kill a program, and of one that is apart the whole group: others of it may live when it has ended."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if program in _apart:
            os.killpg(program.pid, signal.SIGKILL)
        else:
            program.kill()


@atexit.register
def end_all() -> None:
    """Kill what is apart and still runs, when this process ends in a way in which it does not do so by itself."""
    for program in tuple(_apart):
        _kill(program)
