"""Reaching a host in bounded time: the stopwatch and its laps, name resolution, connecting, TLS.

Three things that libraries leave unbounded are bounded here. ``getaddrinfo`` cannot be interrupted, so it runs
in a daemon thread that is given up on. A host with four dead addresses would cost four timeouts, so all
addresses share one. A server that drips a byte at a time never trips a socket's timeout, so a watchdog shuts
the socket down at the deadline, which makes every blocking call return.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import queue
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from http.client import IncompleteRead
from pathlib import Path
from typing import Literal

from statusgen.model import Details

Lap = Literal["dns", "connect", "tls", "first_byte", "transfer"]
_TLS_REASONS = {10: "tls_expired", 62: "tls_hostname", 64: "tls_hostname"}  # X509_V_ERR_* of OpenSSL's x509_vfy.h
_WORDS: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (  # the first that fits: some are kinds of others
    ((ssl.SSLEOFError, ssl.SSLZeroReturnError), "disconnected"),
    ((ssl.SSLError,), "tls_handshake"),
    ((TimeoutError,), "timeout"),
    ((ConnectionRefusedError,), "refused"),
    ((ConnectionError, EOFError, IncompleteRead), "disconnected"),
)
_UNREACHABLE = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.EACCES, errno.EPERM}


class Unanswered(Exception):  # noqa: N818  it is what was observed, not an error
    """There is no complete answer; ``reason`` is a word of ``reasons.REASONS``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Deadline:
    """The total time a probe may take, from now, and what it was spent on."""

    def __init__(self, milliseconds: int) -> None:
        self.started = time.monotonic()
        self.ends = self.started + milliseconds / 1_000
        self.passed = False
        self._laps: dict[Lap, int] = {}
        self._last = 0  # milliseconds from the start to the end of the last lap
        self._certificate_end: int | None = None
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()

    def left(self) -> float:
        """Return the seconds that are left; raise Unanswered when there are none."""
        remaining = self.ends - time.monotonic()
        if remaining <= 0 or self.passed:
            raise Unanswered("timeout")
        return remaining

    def elapsed_ms(self) -> int:
        return int((time.monotonic() - self.started) * 1_000)

    def begin(self) -> None:
        """Start a request: of one that was redirected no phase is told."""
        self._laps, self._last, self._certificate_end = {}, self.elapsed_ms(), None

    def lap(self, phase: Lap) -> None:
        """Note that a phase has ended, which began where the one before it did. Laps never exceed the time elapsed."""
        now = self.elapsed_ms()
        self._laps[phase], self._last = now - self._last, now

    def secured(self, sock: ssl.SSLSocket) -> int | None:
        """Note that a handshake has ended; return when the certificate ends that it verified."""
        self.lap("tls")
        self._certificate_end = end_of(sock.getpeercert())
        return self._certificate_end

    def details(self) -> Details | None:
        """Return the phases that have ended; None if none has, or the kind of check tells of none."""
        return Details(**self._laps, certificate_end=self._certificate_end) if self._laps else None

    def watch(self, sock: socket.socket) -> None:
        """Shut this socket's connection down when the deadline passes.

        A duplicate is kept, since wrapping a socket in TLS takes the original's descriptor away.
        """
        with self._lock:
            self._sockets.append(sock.dup())

    @contextlib.contextmanager
    def enforced(self) -> Iterator[None]:
        """While inside, the watchdog is awake; what broke because of it is a timeout."""
        dog = threading.Timer(max(0.0, self.ends - time.monotonic()), self._bite)
        dog.daemon = True
        dog.start()
        try:
            yield
        finally:
            dog.cancel()
            self._close()

    def _bite(self) -> None:
        self.passed = True
        with self._lock:
            for sock in self._sockets:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)

    def _close(self) -> None:
        with self._lock:
            for sock in self._sockets:
                with contextlib.suppress(OSError):
                    sock.close()


def end_of(certificate: object) -> int | None:
    """Return the instant after which a certificate, as ``ssl`` describes it, is no longer valid."""
    after = certificate.get("notAfter") if isinstance(certificate, dict) else None
    return int(ssl.cert_time_to_seconds(after)) if isinstance(after, str) else None


Address = tuple[socket.AddressFamily, tuple[object, ...]]


def resolve(host: str, port: int, deadline: Deadline) -> list[Address]:
    """Return the host's stream addresses, IPv4 first; raise Unanswered."""
    answers: queue.SimpleQueue[list[Address] | OSError | ValueError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put([(family, address) for family, _, _, _, address in found])
        except (OSError, ValueError) as error:  # a name that no DNS can hold is a ValueError
            answers.put(error)

    threading.Thread(target=ask, daemon=True, name=f"resolve {host}").start()
    try:
        found = answers.get(timeout=deadline.left())
    except queue.Empty:
        raise Unanswered("timeout") from None
    if isinstance(found, Exception):
        raise Unanswered("dns") from None
    return sorted(found, key=lambda address: address[0] != socket.AF_INET)


def connect(host: str, port: int, deadline: Deadline) -> socket.socket:
    """Return a watched socket to the first address that takes it; raise Unanswered with the last one's reason."""
    addresses = resolve(host, port, deadline)
    deadline.lap("dns")
    failure = Unanswered("unreachable")
    for family, address in addresses:
        try:
            sock = _connected(family, address, deadline)
        except OSError as error:
            failure = Unanswered(reason_of(error, deadline))
        else:
            deadline.lap("connect")
            return sock
    raise failure


def _connected(family: socket.AddressFamily, address: tuple[object, ...], deadline: Deadline) -> socket.socket:
    with contextlib.ExitStack() as undo:
        sock = undo.enter_context(socket.socket(family, socket.SOCK_STREAM))
        deadline.watch(sock)
        sock.settimeout(deadline.left())
        sock.connect(address)
        undo.pop_all()
        return sock


def reason_of(error: BaseException, deadline: Deadline) -> str:
    """Return the word for what went wrong, looking through the chain of causes."""
    if deadline.passed or deadline.ends <= time.monotonic():
        return "timeout"
    return next((word for cause in _chain(error) if (word := _word(cause))), "protocol")


def _word(cause: BaseException) -> str:
    if isinstance(cause, Unanswered):
        return cause.reason
    if isinstance(cause, ssl.SSLCertVerificationError):
        return _TLS_REASONS.get(cause.verify_code, "tls_untrusted")
    if word := next((word for kinds, word in _WORDS if isinstance(cause, kinds)), ""):
        return word
    return "unreachable" if isinstance(cause, OSError) and cause.errno in _UNREACHABLE else ""


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield the error and its causes, through libraries that keep them in ``args`` or ``reason``."""
    pending, seen = [error], set()
    while pending:
        one = pending.pop(0)
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        pending += [*one.args, getattr(one, "reason", None), one.__cause__, one.__context__]


@functools.lru_cache(maxsize=16)
def trust(ca_file: str = "") -> ssl.SSLContext:
    """Return a verifying context: the system's authorities and certifi's, or only those of ``ca_file``.

    Kept, because loading the authorities costs some 20 ms each time. Raises OSError for a file that is no PEM.
    """
    if ca_file:
        return ssl.create_default_context(cafile=ca_file)
    import certifi  # only a probe over TLS needs it

    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def trusted(ca_file: str, base: Path) -> ssl.SSLContext:
    """Return the context for a ``ca_file`` named relative to the site; a bad file means nothing is trusted."""
    try:
        return trust(str(base / ca_file)) if ca_file else trust()
    except OSError:
        raise Unanswered("tls_untrusted") from None
