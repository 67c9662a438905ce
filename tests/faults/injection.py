"""What befalls the calls to the system of one process: from inside, for the rest of its life.

``befall(fault)`` begins; it counts the calls of the fault's kind and lets the n-th of them fail, or kills the process
before it. Calls from C, which have no name to be replaced, are met where the interpreter tells of them
(``sys.addaudithook``); the others are replaced in the modules of the standard library. None of the program's own code
is. What lies below TMPDIR does not count: no run finds it again.
"""

from __future__ import annotations

import errno
import io
import os
import signal
import socket
import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

KINDS = ("change", "write", "fsync", "rename", "socket")
_CHANGES = frozenset(f"os.{name}" for name in ("rename", "remove", "mkdir", "rmdir", "link", "symlink", "truncate"))
_MODES = frozenset(("os.chmod", "os.chown", "os.utime"))
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_PROGRAM = f"{os.sep}statusgen{os.sep}"


@dataclass(frozen=True, slots=True)
class Fault:
    """What befalls a run, and at which of its events, which is shown to people; at none, they are only counted.

    ``error`` is the name of what a call fails with, like ``ENOSPC``, once or from then on (``lasts``); without one the
    run is killed.
    """

    kind: str
    at: int = 0
    event: str = ""
    error: str = ""
    lasts: bool = False


@dataclass(slots=True)
class Injector:
    """Counts events. ``state`` tells what the disk is like before one, as far as anybody wants to know."""

    fault: Fault
    state: Callable[[], str]
    events: list[str] = field(default_factory=list)
    is_watching: bool = True

    def meet(self, event: str, before: Callable[[], object] = lambda: None) -> None:
        """Count an event, and do ``before`` to be half through with it if it is the one; raise OSError."""
        if not self.is_watching:
            return
        self.is_watching = False
        self.events.append(f"{self.state()}\t{_place()}\t{event}"[:400].replace("\n", " "))
        number, fault = len(self.events), self.fault
        if number == fault.at or (fault.lasts and 0 < fault.at < number):
            before()
            if not fault.error:
                os.kill(os.getpid(), signal.SIGKILL)
            self.is_watching = True
            code = getattr(errno, fault.error)
            raise OSError(code, os.strerror(code))
        self.is_watching = True


def befall(fault: Fault, state: Callable[[], str]) -> Injector:
    """Let a fault befall this process from now on."""
    injector = Injector(fault, state)
    if fault.kind in ("change", "rename"):
        sys.addaudithook(lambda event, arguments: _audited(injector, event, arguments))
    elif fault.kind == "write":
        io.open = lambda *given, **named: _opened(injector, *given, **named)  # type: ignore[assignment]
    elif fault.kind == "fsync":
        _replace(os, "fsync", lambda *_: injector.meet("fsync"))
    elif fault.kind == "socket":
        for name in ("connect", "send", "sendall", "recv", "recv_into"):
            _replace(socket.socket, name, lambda *_, name=name: injector.meet(name))
        _replace(socket, "getaddrinfo", lambda *given: injector.meet(f"getaddrinfo {given[0]}"))
    return injector


def _place() -> str:
    """Return the lines of the program that led here."""
    frame, found = sys._getframe(2), []
    while frame.f_back:
        if _PROGRAM in frame.f_code.co_filename:
            found.append(f"{Path(frame.f_code.co_filename).stem}:{frame.f_lineno}")
        frame = frame.f_back
    return "<".join(found)


def _replace(owner: Any, name: str, first: Callable[..., object]) -> None:
    own = getattr(owner, name)

    def call(*given: Any, **named: Any) -> Any:
        first(*given)
        return own(*given, **named)

    setattr(owner, name, call)


def _audited(injector: Injector, event: str, arguments: tuple[Any, ...]) -> None:
    wanted = event == "os.rename" if injector.fault.kind == "rename" else True
    if injector.is_watching and wanted and _is_change(event, arguments):
        injector.meet(f"{event} {' '.join(map(str, arguments))}"[:200])


def _is_change(event: str, arguments: tuple[Any, ...]) -> bool:
    """Tell a change to the disk, or the start of a program, from other events."""
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


class _File(io.FileIO):
    """A file of which a write may be cut off in the middle."""

    injector: Injector

    def write(self, content: Any, /) -> int:
        path = os.readlink(f"/proc/self/fd/{self.fileno()}")  # noqa: PTH115 - Path.readlink is one more event
        if stat.S_ISREG(os.fstat(self.fileno()).st_mode) and not path.startswith(os.environ["TMPDIR"]):
            content = memoryview(content).cast("B")
            self.injector.meet(f"write {path}", lambda: io.FileIO.write(self, content[: len(content) // 2]))
        return super().write(content)


_open = io.open


def _opened(
    injector: Injector,
    file: Any,
    mode: str = "r",
    buffering: int = -1,
    encoding: str | None = None,
    errors: str | None = None,
    newline: str | None = None,
    closefd: bool = True,
    opener: Any = None,
) -> Any:
    if not {*mode} & {*"wax+"}:
        return _open(file, mode, buffering, encoding, errors, newline, closefd, opener)
    raw = _File(file, mode.replace("b", "").replace("t", ""), closefd, opener)
    raw.injector = injector
    if buffering == 0:
        return raw
    buffered: Any = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
    return buffered if "b" in mode else io.TextIOWrapper(buffered, encoding, errors, newline)
