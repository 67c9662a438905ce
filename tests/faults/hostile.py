"""Endpoints that are hostile in every way that is known, and the checks to ask them with.

Run as a program, this module is some that are well, in a process that has nothing else to do: what they measure is not
how busy the hostile ones are.
"""

from __future__ import annotations

import contextlib
import gzip
import socket
import ssl
import struct
import sys
import time
from collections.abc import Callable, Iterator
from itertools import product

from tests.probes import http2_server as h2
from tests.probes.servers import Act, Server, dripping, read_request, response, saying, silent, tls, unused_port
from tests.probes.test_dns import LIES, datagrams, from_zone, name_server, truncated
from tests.probes.test_dns import saying as rcode
from tests.probes.test_websocket import PING, TEXT, accepted, frame

HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
MEGABYTE = 1 << 20
BOMB = gzip.compress(bytes(8 * MEGABYTE)) * 64  # 512 MB in 0.5: members one after another are one file (RFC 1952, 2.2)
Check = dict[str, object]
Place = Callable[[contextlib.ExitStack], Check]  # opens an endpoint and returns the check that asks it


def flooding(words: bytes, pause: float = 0.005) -> Act:
    """Wait to be spoken to, and never stop talking."""

    def act(sock: socket.socket) -> None:
        sock.recv(65_536)
        while True:
            sock.sendall(words)
            time.sleep(pause)

    return act


def blurting(words: bytes) -> Act:
    """Talk without being asked, and hang up."""
    return lambda sock: sock.sendall(words)


def answering_once(words: bytes) -> Act:
    def act(sock: socket.socket) -> None:
        read_request(sock)
        sock.sendall(words)

    return act


def resetting(sock: socket.socket) -> None:
    """Break the connection off in the middle of an answer, as a crash does."""
    sock.recv(1)
    sock.sendall(b"HTTP/1.1 2")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def hanging_up(sock: socket.socket) -> None:
    """Close before anything is said."""


def half_open(sock: socket.socket) -> None:
    """Say that nothing more will be said, and keep listening."""
    sock.shutdown(socket.SHUT_WR)
    silent(sock)


def redirecting(location: str) -> Act:
    return answering_once(response(302, Location=location))


def slow_redirects(sock: socket.socket) -> None:
    read_request(sock)
    time.sleep(0.15)
    sock.sendall(response(302, Location="/again"))


# What any client may meet, whatever it wants to speak.
RUDE: dict[str, Act] = {
    "silent": silent,
    "hanging up": hanging_up,
    "half open": half_open,
    "resetting": resetting,
    "dripping letters": dripping(b"", b"x"),
    "dripping lines": dripping(b"2", b"\r\n"),
    "garbage": blurting(bytes(range(256)) * 40),
    "zeros": blurting(bytes(100_000)),
    "a flood": flooding(b"\xff" * 4_096),
    "a flood of lines": flooding(b"* what\r\n" * 500),
    "an alert": blurting(b"\x15\x03\x01\x00\x02\x02\x28"),
    "half a word": saying(b"H"),
}
HOSTILE_WEB: dict[str, Act] = {
    "a status of failure": answering_once(response(503, body=b"x" * 5_000)),
    "not found": answering_once(response(404)),
    "a server error without end": flooding(b"HTTP/1.1 500 X\r\n\r\n" + b"x" * 4_096),
    "a status line in drops": dripping(b"HTTP/1.1 2", b"0"),
    "headers in drops": dripping(HEAD + b"X-Slow: "),
    "a body in drops": dripping(HEAD + b"Content-Length: 1000000\r\n\r\n"),
    "chunks in drops": dripping(CHUNKED, b"1\r\nx\r\n"),
    "a chunk's length in drops": dripping(CHUNKED, b"0"),
    "a body without end": flooding(CHUNKED + b"400\r\n" + b"y" * 1_024 + b"\r\n"),
    "a body that is cut off": answering_once(HEAD + b"Content-Length: 100\r\n\r\n0123456789"),
    "a chunk beyond all measure": answering_once(CHUNKED + b"f" * 30 + b"\r\nok"),
    "a header without end": answering_once(HEAD + b"X: " + b"a" * 500_000 + b"\r\n\r\n"),
    "headers without end": flooding(HEAD + b"X: a\r\n" * 200),
    "a trailer without end": answering_once(CHUNKED + b"2\r\nok\r\n0\r\nX: " + b"x" * 200_000),
    "continuing for ever": flooding(b"HTTP/1.1 100 Continue\r\n\r\n" * 20),
    "a bomb": answering_once(response(body=BOMB, Content_Encoding="gzip")),
    "a bomb in a bomb": answering_once(response(body=gzip.compress(BOMB), Content_Encoding="gzip, gzip")),
    "compression that is none": answering_once(response(body=b"plain", Content_Encoding="gzip")),
    "a redirect to itself": redirecting("/"),
    "slow redirects": slow_redirects,
    "a redirect to nowhere": redirecting("http://[/"),
    "a redirect to a file": redirecting("file:///etc/passwd"),
    "another protocol": answering_once(b"220 mail.example ESMTP\r\n"),
    "a word that makes patterns slow": answering_once(response(body=b"a" * 5_000 + b"!")),
    "a document that is deep": answering_once(response(body=b"[" * 200_000)),
    "a wrong document": answering_once(response(body=b'{"status": {"indicator": 7}, "components": null}')),
}
HOSTILE_FRAMES: dict[str, bytes] = {
    "pings for ever": frame(PING, b"x") * 50,
    "a message without end": frame(TEXT, b"x" * 4_000, is_last=False),
    "wrong answers": frame(TEXT, b"x") * 50,
    "a frame beyond all measure": b"\x81\x7f" + (1 << 60).to_bytes(8, "big"),
    "an unknown frame": frame(0x3),
}
HOSTILE_STREAMS: dict[str, bytes] = {
    "goes away": h2.frame(h2.GOAWAY, bytes(8)),
    "pings for ever": h2.frame(h2.PING, bytes(8)) * 50,
    "data for ever": h2.head() + h2.frame(h2.DATA, bytes(1_000), stream=1),
}
GREETINGS: dict[str, bytes] = {
    "smtp-greeting and nothing": b"220 mail.example ESMTP\r\n",
    "smtp-too many": b"421 too many connections\r\n",
    "smtp-greeting without end": b"220-hello\r\n" * 20_000,
    "imap-good bye": b"* BYE no\r\n",
    "imap-half a greeting": b"* OK hello",
    "ssh-another version": b"SSH-1.5-old\r\n",
    "ssh-banner without end": b"hello\r\n" * 20_000,
}


def on(act: Act, ask: Callable[[Server], Check], context: ssl.SSLContext | None = None) -> Place:
    return lambda stack: ask(stack.enter_context(Server(act, context)))


def asked_by(kind: str) -> Callable[[Server], Check]:
    """Return how a kind asks a server."""
    return lambda server: {kind: ASKING[kind](server)}


def _host_and_port(server: Server, **rest: object) -> Check:
    return {"host": "127.0.0.1", "port": server.port, **rest}


ASKING: dict[str, Callable[[Server], Check]] = {
    "http": lambda server: {"url": server.url(), "body_contains": "needle"},
    "tcp": lambda server: _host_and_port(server, send="hello", expect="needle"),
    "tls": _host_and_port,
    "smtp": _host_and_port,
    "imap": _host_and_port,
    "ssh": _host_and_port,
    "grpc": lambda server: _host_and_port(server, tls=False),
    "websocket": lambda server: {"url": f"ws://127.0.0.1:{server.port}/", "expect": "needle"},
    "statuspage": lambda server: {"url": server.url("")},
    "domain": lambda server: {"name": "acme.example", "server": server.url("")},
}


def greeting(words: bytes) -> Act:
    """Talk without being asked, and then no more."""

    def act(sock: socket.socket) -> None:
        sock.sendall(words)
        silent(sock)

    return act


def opening(words: bytes) -> Act:
    """Open a websocket as one should, and then misbehave."""

    def act(sock: socket.socket) -> None:
        sock.sendall(accepted(read_request(sock)))
        while True:
            sock.sendall(words)
            time.sleep(0.005)

    return act


def _dns(answer: Callable[..., bytes | None] | None, **rest: object) -> Place:
    def place(stack: contextlib.ExitStack) -> Check:
        resolver = stack.enter_context(name_server(hear=datagrams(answer or (lambda _: None))))
        return {"dns": {"name": "a.example", "resolver": resolver, **rest}}

    return place


def _late(query: object) -> bytes | None:
    time.sleep(1.2)
    return None


def places() -> Iterator[tuple[str, Place]]:
    """Yield all ways to be hostile, each with a name that begins with the kind of check that asks."""
    for kind, name in product(ASKING, RUDE):
        yield f"{kind}-{name}", on(RUDE[name], asked_by(kind))
    for kind in ASKING:
        yield f"{kind}-refused", lambda _, kind=kind: asked_by(kind)(_Nobody())  # type: ignore[misc]
    yield from _web()
    yield from _over_tls()
    yield from _conversations()
    yield from _names()
    yield "http-no such host", lambda _: {"http": f"http://{'a' * 64}.example/"}
    yield "http-no such name", lambda _: {"http": "http://nowhere.invalid/"}
    yield "icmp-no such name", lambda _: {"icmp": "nowhere.invalid"}
    yield "heartbeat-none", lambda _: {"heartbeat": {"file": "nowhere.json", "within": "1h"}}
    yield "exec-not allowed", lambda _: {"exec": {"command": ["true"]}}


def _web() -> Iterator[tuple[str, Place]]:
    for kind, name in product(("http", "statuspage"), HOSTILE_WEB):
        yield f"{kind}-{name}", on(HOSTILE_WEB[name], asked_by(kind))


def _over_tls() -> Iterator[tuple[str, Place]]:
    trusting: dict[str, Callable[[Server], Check]] = {
        "http": lambda server: {"http": {**ASKING["http"](server), "ca_file": "authority.pem"}},
        "tls": lambda server: {"tls": {**ASKING["tls"](server), "ca_file": "authority.pem"}},
    }
    for kind, certificate in product(trusting, ("expired", "elsewhere")):
        yield f"{kind}-{certificate}", on(silent, trusting[kind], tls(certificate))
        yield f"{kind}-{certificate} and untrusted", on(silent, asked_by(kind), tls(certificate))
    for name in ("a body in drops", "headers in drops", "a bomb", "a redirect to itself", "a body without end"):
        yield f"http-{name} over tls", on(HOSTILE_WEB[name], trusting["http"], tls("localhost"))

    yield "http-a handshake that stalls", lambda stack: {"http": _stalling(stack)}


def _stalling(stack: contextlib.ExitStack) -> str:
    """Return an https address of a server that never says anything."""
    return f"https://127.0.0.1:{stack.enter_context(Server(silent)).port}/"


def _conversations() -> Iterator[tuple[str, Place]]:
    for name, words in HOSTILE_FRAMES.items():
        yield f"websocket-{name}", on(opening(words), asked_by("websocket"))
    for name, words in HOSTILE_STREAMS.items():
        yield f"grpc-{name}", on(h2.flooding(words), asked_by("grpc"))
    for name, words in GREETINGS.items():
        yield name, on(greeting(words), asked_by(name.partition("-")[0]))


def _names() -> Iterator[tuple[str, Place]]:
    for number, lie in enumerate(LIES):
        yield f"dns-lie {number}", _dns(lie)
    for word in ("SERVFAIL", "REFUSED", "NXDOMAIN", "FORMERR"):
        yield f"dns-{word}", _dns(rcode(word))
    yield "dns-silent", _dns(None)
    yield "dns-late", _dns(_late)
    yield "dns-garbage", _dns(lambda _: b"garbage")
    yield "dns-truncated", _dns(truncated)
    yield "dns-another address", _dns(from_zone, expect="192.0.2.77")


class _Nobody:
    """A port on which nobody listens."""

    def __init__(self) -> None:
        self.port = unused_port()

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"


def be_well(count: int) -> None:
    """Serve pages that are as they should be until standard input ends; print their addresses."""
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(Server(answering_once(response(body=b"needle")))) for _ in range(count)]
        print(*(server.url() for server in servers), flush=True)  # noqa: T201 - the answer
        sys.stdin.read()


if __name__ == "__main__":
    be_well(int(sys.argv[1]))
