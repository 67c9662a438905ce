"""Rounds taken in a process that has no threads, as the program's own has none: only such a process can be copied.

The process of the tests has them, for the servers. Run as a program, this module takes the rounds it is asked for.
"""

from __future__ import annotations

import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from statusgen.model import Check, Probing
from statusgen.probes import KINDS, rounds
from statusgen.probes.kind import World
from statusgen.probes.rounds import Taken

from .servers import AT

ROOT = Path(__file__).parent.parent.parent


class Taker:
    """The process that takes rounds, one after the other."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._is_asked = False

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()

    def ask(self, checks: Sequence[Check], probing: Probing) -> None:
        """Let it begin a round."""
        assert self._process.stdin
        if self._is_asked:  # by a test that failed before it had its answer
            self.answer()
        self._is_asked = True
        pickle.dump((tuple(checks), probing), self._process.stdin)
        self._process.stdin.flush()

    def interrupt(self) -> None:
        """Tell it that the round is over."""
        self._process.send_signal(signal.SIGUSR1)

    def answer(self) -> tuple[Taken, float]:
        """Return the round, and how many seconds it took; look that the process has kept nothing for itself."""
        assert self._process.stdout
        taken, took, children = pickle.load(self._process.stdout)
        self._is_asked = False
        assert children == ""
        return taken, took

    def take(self, checks: Sequence[Check], probing: Probing) -> Taken:
        self.ask(checks, probing)
        return self.answer()[0]


def serve() -> None:
    """Take what is asked for."""
    over: list[int] = []
    signal.signal(signal.SIGUSR1, lambda number, _: over.append(number))
    for kind in KINDS:
        kind.prepare(())
    while True:
        checks, probing = pickle.load(sys.stdin.buffer)
        started = time.monotonic()
        taken = rounds.take(checks, probing, World({}, ROOT, AT), lambda: bool(over))
        took = time.monotonic() - started
        over.clear()
        children = Path("/proc/thread-self/children").read_text()
        pickle.dump((taken, took, children), sys.stdout.buffer)
        sys.stdout.flush()


if __name__ == "__main__":
    serve()
