"""Several processors for one long list: this process and copies of it each do a part.

A copy shares everything that is in memory, so work and its inputs need no form of their own; what it made comes back
through a pipe. Whatever happens to a copy, this process then does that part itself.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")
Made = TypeVar("Made")

MOST = 4
WORTH_IT = 0.3  # seconds of work: below that, a copy takes longer than it saves


def spread(make: Callable[[Item], Made], items: Sequence[Item], seconds: float) -> list[Made]:
    """Return what ``make`` makes of each item, in order. What it raises is raised here.

    ``seconds`` is about how long one item takes: it decides whether copies pay, never what is made.
    """
    count = _processes(len(items) * seconds)
    parts = [items[i::count] for i in range(count)]
    with contextlib.ExitStack() as copies:
        pipes = [copies.enter_context(_copy(make, part)) for part in parts[1:]]
        made = [[make(item) for item in parts[0]]]
        for pipe, part in zip(pipes, parts[1:], strict=True):
            found: list[Made] | None = _received(pipe)
            made.append([make(item) for item in part] if found is None else found)
    return [made[i % count][i // count] for i in range(len(items))]


def _processes(seconds: float) -> int:
    """Return how many processes pay. A process with threads is not copied: their locks would come along, held."""
    if seconds < WORTH_IT or threading.active_count() > 1 or not hasattr(os, "sched_getaffinity"):
        return 1
    return min(MOST, len(os.sched_getaffinity(0)))


@contextlib.contextmanager
def _copy(make: Callable[[Item], Made], part: Sequence[Item]) -> Iterator[int]:
    """Give the pipe through which a copy of this process sends what it made of a part."""
    receive, send = os.pipe()
    process = os.fork()
    if process == 0:
        _work(make, part, send)
    os.close(send)
    try:
        yield receive
    finally:
        os.close(receive)
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)


def _work(make: Callable[[Item], Made], part: Sequence[Item], send: int) -> None:
    """Do a part, send it, and end without a trace of this process's own affairs."""
    try:
        whole = pickle.dumps([make(item) for item in part])
        with os.fdopen(send, "wb") as pipe:
            pipe.write(len(whole).to_bytes(8, "big") + whole)
    finally:
        os._exit(0)


def _received(pipe: int) -> list[Made] | None:
    """Return what a copy sent, None if it did not come to an end."""
    whole = b"".join(iter(lambda: os.read(pipe, 1 << 20), b""))
    if len(whole) < 8 or len(whole) != 8 + int.from_bytes(whole[:8], "big"):
        return None
    made: list[Made] = pickle.loads(whole[8:])  # noqa: S301 - from a copy of this very process
    return made
