"""Reaching a host in bounded time: the stopwatch and its laps, name resolution, connecting, TLS.

No address is connected to that is never asked, and none of an inner network where a public host led there.

Three things that libraries leave unbounded are bounded here. ``getaddrinfo`` cannot be interrupted, so it runs
in a daemon thread that is given up on. A host with four dead addresses would cost four timeouts, so all
addresses share one. A server that drips a byte at a time never trips a socket's timeout, so a watchdog shuts
the socket down at the deadline, which makes every blocking call return.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import heapq
import itertools
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
from statusgen.probes.addresses import is_never_asked, is_public

Lap = Literal["dns", "connect", "tls", "first_byte", "transfer"]
_TLS_REASONS = {10: "tls_expired", 62: "tls_hostname", 64: "tls_hostname"}  # X509_V_ERR_* of OpenSSL's x509_vfy.h
_WORDS: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (  # the first that fits: some are kinds of others
    ((ssl.SSLEOFError, ssl.SSLZeroReturnError), "disconnected"),
    ((ssl.SSLError,), "tls_handshake"),
    ((TimeoutError,), "timeout"),
    ((ConnectionRefusedError,), "refused"),
    ((ConnectionError, EOFError, IncompleteRead), "disconnected"),
)
_NO_ROUTE = {errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}
_NOT_ASKED = {socket.EAI_SYSTEM, socket.EAI_MEMORY}  # what getaddrinfo says that could not even ask
_EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_UNREACHABLE = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.EACCES, errno.EPERM}


class Unanswered(Exception):  # noqa: N818  it is what was observed, not an error
    """There is no complete answer; ``reason`` is a word of ``reasons.REASONS``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Unknown(Exception):  # noqa: N818  likewise
    """It cannot be told how the target is, for a reason that is not its fault: a word of ``reasons.REASONS``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Watchdog:
    """One thread that wakes at the deadlines of all probes, and ends with the last of them.

    A timer for each would be a thread for each.
    """

    def __init__(self) -> None:
        self._queue: list[tuple[float, int, Deadline]] = []
        self._changed = threading.Condition()
        self._count = itertools.count()
        self._watched = 0
        self._is_awake = False

    def watch(self, deadline: Deadline) -> None:
        """Call the deadline's ``bite`` when it passes; one that is ``over`` by then is let go."""
        with self._changed:
            self._watched += 1
            heapq.heappush(self._queue, (deadline.ends, next(self._count), deadline))
            if not self._is_awake:
                self._is_awake = True
                threading.Thread(target=self._guard, daemon=True, name="deadlines").start()
            elif self._queue[0][2] is deadline:
                self._changed.notify()

    def leave(self) -> None:
        """Let one that was watched go: it is over."""
        with self._changed:
            self._watched -= 1
            if not self._watched:
                self._queue.clear()
                self._changed.notify()

    def _guard(self) -> None:
        while passed := self._passed():
            passed.bite()

    def _passed(self) -> Deadline | None:
        """Wait for the next deadline to pass; None if none is left to wait for."""
        with self._changed:
            while self._queue:
                left = self._queue[0][0] - time.monotonic()
                if left <= 0:
                    return heapq.heappop(self._queue)[2]
                self._changed.wait(left)
            self._is_awake = False
            return None


_watchdog = _Watchdog()


class Deadline:
    """The total time a probe may take, from now, and what it was spent on."""

    def __init__(self, milliseconds: int) -> None:
        self.started = time.monotonic()
        self.ends = self.started + milliseconds / 1_000
        self.passed = False
        self.over = False
        self.was_public = False  # whether the address that was last connected to is public
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

    def begin(self, *, is_led: bool = False) -> None:
        """Start a request, which may be one that an answer led to: of one that was redirected no phase is told."""
        self.was_public = self.was_public and is_led
        self._laps, self._last = {}, self.elapsed_ms()

    def lap(self, phase: Lap) -> None:
        """Note that a phase has ended, which began where the one before it did. Laps never exceed the time elapsed."""
        now = self.elapsed_ms()
        self._laps[phase], self._last = now - self._last, now

    def secured(self, sock: ssl.SSLSocket) -> int | None:
        """Note that a handshake has ended; return the earliest end of all certificates that were verified so far.

        Those are the server's and all above it, of every host that a request was led to.
        """
        self.lap("tls")
        ends = [end for end in (self._certificate_end, *map(end_of, chain_of(sock))) if end is not None]
        self._certificate_end = min(ends, default=None)
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
        _watchdog.watch(self)
        try:
            yield
        finally:
            self._close()
            _watchdog.leave()

    def bite(self) -> None:
        """End what goes on: the time is up."""
        with self._lock:
            if self.over:
                return
            self.passed = True
            for sock in self._sockets:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)

    def _close(self) -> None:
        with self._lock:
            self.over = True
            for sock in self._sockets:
                with contextlib.suppress(OSError):
                    sock.close()


def chain_of(sock: ssl.SSLSocket) -> list[object]:
    """Return the certificates by which the server was verified, its own first, as ``ssl`` describes them."""
    with contextlib.suppress(AttributeError, ValueError, TypeError):
        verified = sock._sslobj.get_verified_chain()  # type: ignore[attr-defined]  # public in Python 3.13, as DER
        return [certificate.get_info() for certificate in verified]
    return [sock.getpeercert()]


def end_of(certificate: object) -> int | None:
    """Return the instant after which a certificate, as ``ssl`` describes it, is no longer valid."""
    after = certificate.get("notAfter") if isinstance(certificate, dict) else None
    return int(ssl.cert_time_to_seconds(after)) if isinstance(after, str) else None


Address = tuple[socket.AddressFamily, tuple[object, ...]]


def resolve(host: str, port: int, deadline: Deadline, ip: int = 0) -> list[Address]:
    """Return the addresses that may be asked, as ``found`` has them; raise Unknown if there are others only."""
    asked = [address for address in found(host, port, deadline, ip) if not is_never_asked(_written(address))]
    if not asked:
        raise Unknown("forbidden")
    return asked


def found(host: str, port: int, deadline: Deadline, ip: int = 0) -> list[Address]:
    """Return the host's stream addresses, IPv4 first or only those of one version; raise Unanswered."""
    wanted = {0: (socket.AF_INET, socket.AF_INET6), 4: (socket.AF_INET,), 6: (socket.AF_INET6,)}[ip]
    every = _literal(host, port) or _looked_up(host, port, deadline)
    addresses = [address for address in every if address[0] in wanted]
    if not addresses:
        raise Unanswered("dns_no_answer")
    return sorted(addresses, key=lambda address: address[0] != socket.AF_INET)


def _written(address: Address) -> str:
    return str(address[1][0])


def _literal(host: str, port: int) -> list[Address]:
    """Return the address that the host is written as; nothing for a name."""
    with contextlib.suppress(OSError, ValueError):
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        return [(family, address) for family, _, _, _, address in found]
    return []


def _looked_up(host: str, port: int, deadline: Deadline) -> list[Address]:
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
    if isinstance(found, OSError) and found.errno in _NOT_ASKED:
        raise Unknown("unsupported") from None
    if isinstance(found, Exception):
        raise Unanswered("dns") from None
    return found


def connect(host: str, port: int, deadline: Deadline, ip: int = 0) -> socket.socket:
    """Return a watched socket to the first address that takes it; raise Unanswered with the last one's reason.

    A host that has IPv6 addresses only is nobody's fault where the prober has no IPv6: then Unknown is raised. What a
    public address led to must be public: a target could look around in the prober's network otherwise. It is the
    addresses that count, not the names, which whoever owns them may let lead elsewhere at any time.
    """
    addresses = resolve(host, port, deadline, ip)
    deadline.lap("dns")
    if deadline.was_public and not (addresses := [address for address in addresses if is_public(_written(address))]):
        raise Unanswered("redirect_private")
    failure: Unanswered | Unknown | None = None
    for address in addresses:
        try:
            sock = reach(address, deadline)
        except Unanswered as observed:
            failure = observed
        except Unknown as doubt:
            failure = failure or doubt  # what failed over IPv4 is not made good by having no IPv6
        else:
            deadline.lap("connect")
            deadline.was_public = is_public(_written(address))
            return sock
    raise failure or Unanswered("unreachable")


def secure(
    plain: socket.socket, context: ssl.SSLContext, server_name: str, deadline: Deadline
) -> tuple[ssl.SSLSocket, int | None]:
    """Return the socket with TLS on it, and the earliest end of the certificates verified; raise Unanswered."""
    plain.settimeout(deadline.left())
    try:
        sock = context.wrap_socket(plain, server_hostname=server_name)
        return sock, deadline.secured(sock)
    except (OSError, ValueError) as error:
        raise Unanswered(reason_of(error, deadline)) from None


def reach(address: Address, deadline: Deadline, kind: socket.SocketKind = socket.SOCK_STREAM) -> socket.socket:
    """Return a watched socket of a kind, connected to one address; raise Unanswered, or Unknown without IPv6 here."""
    family, where = address
    try:
        with contextlib.ExitStack() as undo:
            sock = undo.enter_context(socket.socket(family, kind))
            deadline.watch(sock)
            sock.settimeout(deadline.left())
            sock.connect(where)
            undo.pop_all()
            return sock
    except OSError as error:
        raise failure_of(error, address, deadline) from None


def failure_of(error: OSError, address: Address, deadline: Deadline) -> Unanswered | Unknown:
    """Return what it means that an address could not be connected to.

    That there is no IPv6 here, or no descriptor left to connect with, is not the target's fault.
    """
    family, where = address
    is_without = family == socket.AF_INET6 and error.errno in _NO_ROUTE and where[0] != "::1"
    if is_without or error.errno in _EXHAUSTED:
        return Unknown("unsupported")
    return Unanswered(reason_of(error, deadline))


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
    if isinstance(cause, ssl.SSLError) and "no application protocol" in str(cause):  # RFC 7301 §3.2
        return "http_version"
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
def trust(ca_file: str = "", protocol: str = "") -> ssl.SSLContext:
    """Return a verifying context: the system's authorities and certifi's, or only those of ``ca_file``.

    ``protocol`` is the one to agree on within the handshake (ALPN, RFC 7301). Kept, because loading the authorities
    costs some 20 ms each time. Raises OSError for a file that is no PEM.
    """
    context = ssl.create_default_context(cafile=ca_file or None)
    if protocol:
        context.set_alpn_protocols([protocol])
    if ca_file:
        return context
    import certifi  # only a probe over TLS needs it

    context.load_verify_locations(certifi.where())
    return context


def trusted(ca_file: str, base: Path, protocol: str = "") -> ssl.SSLContext:
    """Return the context for a ``ca_file`` named relative to the site; a bad file means nothing is trusted."""
    named = {"ca_file": str(base / ca_file) if ca_file else "", "protocol": protocol}
    try:
        return trust(**{name: value for name, value in named.items() if value})  # as others ask: once kept is enough
    except OSError:
        raise Unanswered("tls_untrusted") from None
