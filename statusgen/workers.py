"""Several processors for one long list, and work that ends when it must: copies of this process do it.

A copy shares everything that is in memory, so work and its inputs need no form of their own; what it made comes back
through a pipe. ``spread`` does what a copy did not come to an end with itself; ``streamed`` ends copies that take too
long, whatever they are stuck in.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import selectors
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from statusgen import programs

Item = TypeVar("Item")
Made = TypeVar("Made")

MOST = 4
WORTH_IT = 0.3  # seconds of work: below that, a copy takes longer than it saves
_HEARING = 0.1  # seconds within which it is heard that all is over
_ORPHANED = 1.0  # seconds after which a copy ends itself that nobody has ended in time
_OUR_OWN = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}  # signals that are for this process, not for its copies
_FAREWELL = 0.5  # seconds that a copy may take to end the programs it has started


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
    return processors() if seconds >= WORTH_IT and can_copy() else 1


def can_copy() -> bool:
    """Tell whether this process may be copied. One with threads may not: their locks would come along, held."""
    return threading.active_count() == 1 and hasattr(os, "fork")


def processors() -> int:
    """Return on how many processors copies may run, at most ``MOST``."""
    return min(MOST, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1)


def streamed(
    work: Callable[[Sequence[Item]], Iterable[Made]],
    parts: Sequence[Sequence[Item]],
    seconds: float,
    is_over: Callable[[], bool],
) -> Iterator[Made]:
    """Yield what ``work`` makes of each part as it makes it, in copies of this process, one a part.

    It ends when all have ended, after so many seconds, or soon after ``is_over`` says so: then copies are killed, and
    so they are when nobody asks for more. What they made by then has been yielded.
    """
    until = time.monotonic() + seconds
    with contextlib.ExitStack() as copies, selectors.DefaultSelector() as pipes:
        for part in parts:
            pipe = copies.enter_context(_process(lambda send, part=part: _send_each(work(part), send), seconds))  # type: ignore[misc]
            pipes.register(pipe, selectors.EVENT_READ, bytearray())
        while pipes.get_map() and (left := until - time.monotonic()) > 0 and not is_over():
            for key, _ in pipes.select(min(left, _HEARING)):
                chunk = os.read(key.fd, 1 << 20)
                if not chunk:
                    pipes.unregister(key.fd)
                key.data.extend(chunk)
                yield from _whole(key.data)


def _send_each(made: Iterable[Made], send: int) -> None:
    with os.fdopen(send, "wb", buffering=0) as pipe:
        for each in made:
            whole = pickle.dumps(each)
            pipe.write(len(whole).to_bytes(8, "big") + whole)


def _whole(received: bytearray) -> Iterator[Made]:
    """Take what has come whole out of what was received."""
    while len(received) >= 8 and len(received) >= (end := 8 + int.from_bytes(received[:8], "big")):
        yield pickle.loads(received[8:end])  # noqa: S301 - from a copy of this very process
        del received[:end]


def _copy(make: Callable[[Item], Made], part: Sequence[Item]) -> contextlib.AbstractContextManager[int]:
    """Give the pipe through which a copy of this process sends what it made of a part."""
    return _process(lambda send: _send_each([[make(item) for item in part]], send))


@contextlib.contextmanager
def _process(work: Callable[[int], None], seconds: float = 0.0) -> Iterator[int]:
    """Give the pipe to whose other end a copy of this process writes; it is killed in the end.

    The copy ends without a trace of this process's own affairs, and leaves the keyboard to it. After so many seconds,
    if there are any, it ends even where this process was killed and cannot end it.
    """
    receive, send = os.pipe()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _OUR_OWN)  # until the copy treats them in its own way
    try:
        process = os.fork()
    except OSError:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        os.close(receive)
        os.close(send)
        raise
    if process == 0:
        try:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            for number in _OUR_OWN - {signal.SIGINT}:
                signal.signal(number, lambda *_: _leave())
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            if seconds:
                signal.signal(signal.SIGALRM, signal.SIG_DFL)  # the system's own: it ends what holds the interpreter
                signal.setitimer(signal.ITIMER_REAL, seconds + _ORPHANED)
            os.close(receive)
            work(send)
        finally:  # there is nobody above it to whom anything could be raised
            if raised := sys.exc_info()[0]:
                sys.stderr.write(f"a copy of the program ended early: {raised.__name__}\n")
            _leave()
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    os.close(send)
    try:
        yield receive
    finally:
        os.close(receive)
        _end(process)


def _leave() -> None:
    """End a copy, and the programs that it has started."""
    programs.end_all()
    os._exit(0)


def _end(process: int) -> None:
    """Let a copy leave; kill one that cannot."""
    with contextlib.suppress(ProcessLookupError, ChildProcessError):  # gone: somebody ignores the end of children
        os.kill(process, signal.SIGTERM)
        until = time.monotonic() + _FAREWELL
        while not os.waitpid(process, os.WNOHANG)[0]:
            if time.monotonic() > until:
                os.kill(process, signal.SIGKILL)
            time.sleep(0.002)


def _received(pipe: int) -> list[Made] | None:
    """Return what a copy sent, None if it did not come to an end."""
    whole = bytearray(b"".join(iter(lambda: os.read(pipe, 1 << 20), b"")))
    found: list[list[Made]] = list(_whole(whole))
    return found[0] if found else None
