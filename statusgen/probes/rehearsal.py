"""Probes of a target of one's own, before those that count.

The first probes of a process pay for what the others find ready: memory that a copy shares until it is touched, code
that has not run yet. That is milliseconds of the prober's in what is said of a target.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Collection
from pathlib import Path

from statusgen.model import Check, Probing, Question
from statusgen.probes import asking
from statusgen.probes.http import HttpCheck
from statusgen.probes.kind import World
from statusgen.probes.tcp import TcpCheck

TIMES = 3
_PATIENCE_MS = 200
_HOST = "127.0.0.1"
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


def rehearse(checks: Collection[Check]) -> None:
    """Ask a few times as the checks will be asked. That it cannot be done here is no harm."""
    with contextlib.suppress(OSError, RuntimeError), socket.create_server((_HOST, 0)) as listener:
        listener.settimeout(_PATIENCE_MS / 1_000)
        port: int = listener.getsockname()[1]
        question: Question = TcpCheck(host=_HOST, port=port)
        if any(isinstance(check.question, HttpCheck) for check in checks):
            question = HttpCheck(url=f"http://{_HOST}:{port}/")
        threading.Thread(target=_answer, args=(listener,), daemon=True).start()
        for _ in range(TIMES):
            once = Probing(timeout_ms=_PATIENCE_MS, reprobe_ms=())
            asking.attempt(Check(id="rehearsal", question=question), 0, once, World({}, Path()))


def _answer(listener: socket.socket) -> None:
    with contextlib.suppress(OSError):
        for _ in range(TIMES):
            sock, _ = listener.accept()
            with sock:
                sock.settimeout(_PATIENCE_MS / 1_000)
                if sock.recv(65_536):
                    sock.sendall(_ANSWER)
