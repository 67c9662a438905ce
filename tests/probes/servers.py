"""Real servers on loopback, good ones and hostile ones, and asking them as the program does."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from statusgen import reasons
from statusgen.model import Check, Details, Probing, Question, Sample
from statusgen.probes import KINDS
from statusgen.probes.asking import Answer, ask
from statusgen.probes.kind import World

CERTIFICATES = Path(__file__).parent.parent / "certificates"
AT = 1_795_000_000
TIMEOUT_MS = 200  # for targets that never answer
PATIENT_MS = 5_000  # for those that do, on a machine that may be busy
SLACK = 0.5  # seconds that a probe may take beyond its timeout
Act = Callable[[socket.socket], None]


class Server:
    """A listener that treats every connection as ``act`` says, in a thread of its own."""

    def __init__(self, act: Act, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> None:
        self.act, self.tls = act, tls
        self.requests: list[bytes] = []
        self.connections = 0
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, 0), family=family, backlog=100)
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._listen)]
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> Server:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        for sock in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}{path}"

    def _listen(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(sock)
            thread = threading.Thread(target=self._treat, args=(sock,))
            self._threads.append(thread)
            thread.start()

    def _treat(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.callback(sock.close)
            talk = stack.enter_context(self.tls.wrap_socket(sock.dup(), server_side=True)) if self.tls else sock
            self.act(talk)


def tls(name: str) -> ssl.SSLContext:
    """Return a server's context with one of the certificates in ``tests/certificates``."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / f"{name}.pem")
    return context


def read_request(sock: socket.socket) -> bytes:
    """Read a request's head and the body that it announces."""
    received = b""
    while b"\r\n\r\n" not in received and (chunk := sock.recv(65_536)):
        received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length and (chunk := sock.recv(65_536)):
        body += chunk
    return head + b"\r\n\r\n" + body


def response(status: int = 200, body: bytes = b"", **headers: str) -> bytes:
    """Write a whole response; ``_`` in a header's name is a hyphen."""
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    head = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", "Connection: close", *lines]
    return "\r\n".join([*head, "", ""]).encode("latin-1") + body


@contextlib.contextmanager
def answering(answer: bytes | Callable[[bytes], bytes], tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Serve an answer to every request, or what a function makes of it; requests are kept."""

    def act(sock: socket.socket) -> None:
        request = read_request(sock)
        server.requests.append(request)
        sock.sendall(answer if isinstance(answer, bytes) else answer(request))

    with Server(act, tls) as server:
        yield server


def silent(sock: socket.socket) -> None:
    """Take what comes and never say anything."""
    while sock.recv(65_536):
        pass


def saying(words: bytes) -> Act:
    """Wait to be spoken to, say the words, and then nothing more, but stay on the line."""

    def act(sock: socket.socket) -> None:
        sock.recv(65_536)
        sock.sendall(words)
        silent(sock)

    return act


def speaking(*turns: bytes | ssl.SSLContext) -> Act:
    """Go through a conversation as RFCs write them: say what follows ``S: ``, hear what follows ``C: ``, or encrypt.

    Where something else is heard the server hangs up. After the last turn it stays on the line and is silent.
    """

    def act(sock: socket.socket) -> None:
        with contextlib.ExitStack() as stack:
            for turn in turns:
                if isinstance(turn, ssl.SSLContext):
                    sock = stack.enter_context(turn.wrap_socket(sock.dup(), server_side=True))
                elif turn.startswith(b"S: "):
                    sock.sendall(turn[3:])
                elif not sock.recv(65_536).startswith(turn[3:]):
                    return
            silent(sock)

    return act


def dripping(start: bytes, drop: bytes = b"x") -> Act:
    """Answer a request with ``start``, then a drop every 40 ms for ever."""

    def act(sock: socket.socket) -> None:
        read_request(sock)
        sock.sendall(start)
        while True:
            sock.sendall(drop)
            time.sleep(0.04)

    return act


def eventually(condition: Callable[[], bool]) -> bool:
    """Wait until a server's thread has come as far as the condition wants."""
    until = time.monotonic() + 5
    while not condition() and time.monotonic() < until:
        time.sleep(0.005)
    return condition()


def unused_port() -> int:
    """Return a port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port: int = sock.getsockname()[1]
        return port


def ask_once(question: Question, environment: Mapping[str, str] | None = None, at: int = AT) -> Sample:
    """Ask as the program does, without a second try, and check what holds for every answer."""
    return answer_once(question, environment, at).sample


def answer_once(
    question: Question, environment: Mapping[str, str] | None = None, at: int = AT, world: World | None = None
) -> Answer:
    """Ask likewise, in a world of its own if there is one; return the details as well."""
    timeout_ms = question.timeout_ms or PATIENT_MS
    probing = Probing(timeout_ms=timeout_ms, reprobe_ms=())
    world = world or World(environment=environment or {}, base=CERTIFICATES, at=at)
    for kind in KINDS:
        kind.prepare(())
    started = time.monotonic()
    sample, details = ask(Check(id="target", question=question), at, probing, world)
    took = time.monotonic() - started
    assert took <= timeout_ms / 1_000 + SLACK, f"took {took:.2f} s"
    assert reasons.known(sample.reason), sample.reason
    assert sample.at == at
    assert sample.latency is None or 0 <= sample.latency <= timeout_ms
    phases = phases_of(details)
    assert all(ms >= 0 for ms in phases.values())
    assert sum(phases.values()) <= (took * 1_000 if sample.latency is None else sample.latency)
    return Answer(sample, details)


def phases_of(details: Details | None) -> dict[str, int]:
    """Return the phases that ended by their names, in their order."""
    names = ("dns", "connect", "tls", "first_byte", "transfer")
    return {name: ms for name in names if details and (ms := getattr(details, name)) is not None}
