"""Thousands of spoiled answers of every kind of server: each ends in time, in a word that is known, and in no crash."""

from __future__ import annotations

import contextlib
import gzip
import itertools
import json
import random
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import dns.message
import pytest

from statusgen import reasons
from statusgen.model import Check, Probing, Question
from statusgen.probes import KINDS
from statusgen.probes.asking import ask
from statusgen.probes.dns import DnsCheck
from statusgen.probes.domain import DomainCheck
from statusgen.probes.grpc import GrpcCheck
from statusgen.probes.http import HttpCheck
from statusgen.probes.imap import ImapCheck
from statusgen.probes.kind import World
from statusgen.probes.smtp import SmtpCheck
from statusgen.probes.ssh import SshCheck
from statusgen.probes.statuspage import StatuspageCheck
from statusgen.probes.tls import TlsCheck
from statusgen.probes.websocket import WebsocketCheck

from ..probes import http2_server as h2
from ..probes.servers import AT, CERTIFICATES, Act, Server, read_request, response, speaking, tls
from ..probes.test_dns import from_zone, name_server
from ..probes.test_dns import saying as rcode
from ..probes.test_domain import registration
from ..probes.test_grpc import HEAD, message
from ..probes.test_smtp import ABLE, GREETING
from ..probes.test_ssh import BANNER
from ..probes.test_tcp import conversing
from ..probes.test_websocket import TEXT, accepted, frame
from .mutants import COUNT, PATIENCE, spoiled

TRIED = 2_000  # of each kind, where STATUSGEN_MUTANTS asks for no other number
AT_ONCE = 16
IMPATIENCE = 0.05  # seconds that a server waits for a client who may not have understood it
TIMEOUT_MS = 500
NEEDLE = b"needle in the page"


class Spoiling(socket.socket):
    """A server's side of a connection that spoils one of the things it says, and hangs up on who says nothing."""

    def spoil(self, chance: random.Random, words: tuple[bytes, ...]) -> None:
        self.settimeout(IMPATIENCE)
        self._chance, self._words, self._good = chance, words, chance.choice((0, 0, 0, 1))

    def sendall(self, said: bytes, *_: object) -> None:  # type: ignore[override]
        self._good -= 1
        super().sendall(spoiled(self._chance, (said,), self._words) if self._good < 0 else said)


@dataclass(frozen=True)
class Kind:
    """How a server of a kind speaks, how it is asked, and the words that mean something to who listens."""

    act: Act
    ask: Callable[[Server], Question]
    words: tuple[bytes, ...]


def answering(*answers: bytes) -> Act:
    """Answer each request with the next of the answers, over and over."""
    turns = itertools.cycle(answers)

    def act(sock: socket.socket) -> None:
        read_request(sock)
        sock.sendall(next(turns))

    return act


def opening(sock: socket.socket) -> None:
    sock.sendall(accepted(read_request(sock)))
    sock.sendall(frame(TEXT, NEEDLE))


def serving(sock: socket.socket) -> None:
    """Say of oneself, over HTTP/2, that one serves."""
    sock.recv(65_536)
    sock.sendall(h2.frame(h2.SETTINGS) + h2.frame(h2.SETTINGS, flags=h2.ACK))
    end = h2.frame(h2.HEADERS, h2.block(("grpc-status", "0")), h2.END_HEADERS | h2.END_STREAM, 1)
    sock.sendall(h2.head(*HEAD[1:]) + h2.frame(h2.DATA, message(b"\x08\x01"), stream=1) + end)


def encrypted(context: ssl.SSLContext) -> Act:
    """Go through a handshake of which every byte that is sent may be spoiled."""

    def act(sock: socket.socket) -> None:
        heard, said = ssl.MemoryBIO(), ssl.MemoryBIO()
        talk = context.wrap_bio(heard, said, server_side=True)
        while True:
            try:
                talk.do_handshake()
            except ssl.SSLWantReadError:
                pass
            else:
                return
            finally:
                if said.pending:
                    sock.sendall(said.read())
            if not (received := sock.recv(65_536)):
                return
            heard.write(received)

    return act


def at(server: Server) -> dict[str, object]:
    return {"host": "127.0.0.1", "port": server.port}


PAGE = response(body=NEEDLE, Content_Type="text/plain; charset=utf-8", Set_Cookie="a=b")
ZIPPED = response(body=gzip.compress(NEEDLE), Content_Encoding="gzip")
HEAD_OF_CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-A\r\n\r\n"
CHUNKS = HEAD_OF_CHUNKS + b"12\r\nneedle in the page\r\n0\r\nX-A: b\r\n\r\n"
ELSEWHERE = {
    "page": {"id": "p"},
    "status": {"indicator": "none", "description": "x"},
    "components": [{"id": "a", "name": "API", "group": False, "status": "operational"}],
}
WEB = (b"gzip", b"identity", b"chunked", b"0", b"-1", b"HTTP/1.0", b"100", b"204", b"304", b"Transfer-Encoding: gzip")
JSON = (b"null", b"[]", b"{}", b"true", b'"expiration"', b'"none"', b"1e999", b'"\\ud800"')
MAIL = (b"220-", b"250 ", b"250-", b"421 ", b"+OK", b"* BYE", b"* OK [", b"{9999999999}", b"SSH-1.99-", b"\r\n")
KINDS_OF_SERVERS: dict[str, Kind] = {
    "http": Kind(answering(PAGE, ZIPPED, CHUNKS), lambda s: HttpCheck(url=s.url(), body_contains="needle"), WEB),
    "tcp": Kind(
        speaking(b"S: 220 ready\r\n", b"C: HELP\r\n", b"S: 214 needle\r\n"),
        lambda s: conversing(s.port, ("", "^220"), (r"HELP\r\n", "needle")),
        MAIL,
    ),
    "tls": Kind(
        encrypted(tls("localhost")),
        lambda s: TlsCheck(**at(s), ca_file="authority.pem"),  # type: ignore[arg-type]
        (b"\x15\x03\x03\0\x02\x02\x28", b"\x16\x03\x01", b"\x14\x03\x03\0\x01\x01", b"\xff\xff"),
    ),
    "smtp": Kind(
        speaking(GREETING, b"C: EHLO", ABLE, b"C: QUIT"),
        lambda s: SmtpCheck(**at(s)),  # type: ignore[arg-type]
        MAIL,
    ),
    "imap": Kind(speaking(b"S: * OK [CAPABILITY IMAP4rev1] ready\r\n", b"C: a9"), lambda s: ImapCheck(**at(s)), MAIL),  # type: ignore[arg-type]
    "ssh": Kind(speaking(b"S: " + BANNER), lambda s: SshCheck(**at(s)), MAIL),  # type: ignore[arg-type]
    "grpc": Kind(
        serving,
        lambda s: GrpcCheck(**at(s), tls=False),  # type: ignore[arg-type]
        (h2.frame(h2.GOAWAY, bytes(8)), h2.frame(h2.RST_STREAM, bytes(4), stream=1), h2.frame(h2.PING, bytes(8))),
    ),
    "websocket": Kind(
        opening,
        lambda s: WebsocketCheck(url=f"ws://127.0.0.1:{s.port}/", expect="needle"),
        (*WEB, b"101", b"Sec-WebSocket-Extensions: permessage-deflate", frame(0x8), frame(0x9, b"x")),
    ),
    "domain": Kind(
        answering(response(body=json.dumps(registration()).encode(), Content_Type="application/rdap+json")),
        lambda s: DomainCheck(name="example.com", server=s.url("/rdap/")),
        (*WEB, *JSON),
    ),
    "statuspage": Kind(
        answering(response(body=json.dumps(ELSEWHERE).encode())),
        lambda s: StatuspageCheck(url=s.url(""), component="API"),
        (*WEB, *JSON),
    ),
}


@contextlib.contextmanager
def spoiling(name: str) -> Iterator[Server]:
    """Serve as the kind does, each connection spoiled by a seed of its own."""
    kind, numbers = KINDS_OF_SERVERS[name], itertools.count()

    def act(sock: socket.socket) -> None:
        with Spoiling(fileno=sock.dup().detach()) as spoiled_one:
            spoiled_one.spoil(random.Random(f"{name} {next(numbers)}"), kind.words)
            kind.act(spoiled_one)
            spoiled_one.shutdown(socket.SHUT_RDWR)

    with Server(act) as server:
        yield server


def asked_often(question: Question) -> set[str]:
    """Ask again and again, many at once; return the reasons there were, each by its first word."""
    check = Check(id="target", question=question)
    probing, world = Probing(timeout_ms=TIMEOUT_MS, reprobe_ms=()), World(environment={}, base=CERTIFICATES, at=AT)

    def once(_: int) -> str:
        began = time.monotonic()
        sample = ask(check, AT, probing, world).sample
        assert time.monotonic() - began < PATIENCE
        assert reasons.known(sample.reason), sample.reason
        return sample.reason.partition(" ")[0]

    for kind in KINDS:
        kind.prepare(())
    with ThreadPoolExecutor(AT_ONCE) as asking:
        return set(asking.map(once, range(COUNT or TRIED)))


@pytest.mark.parametrize("name", KINDS_OF_SERVERS)
def test_a_spoiled_answer_ends_in_time_in_a_word_that_is_known(name: str) -> None:
    with spoiling(name) as server:
        seen = asked_often(KINDS_OF_SERVERS[name].ask(server))
    assert len(seen) >= 2, seen  # some were understood all the same, or were spoiled in several ways


def test_a_spoiled_answer_of_a_name_server_ends_in_time_in_a_word_that_is_known() -> None:
    chance = random.Random("mutants of answers of name servers")

    def hear(sock: socket.socket, wire: bytes, client: tuple[str, int]) -> None:
        query = dns.message.from_wire(wire)
        good = from_zone(query)
        kept = chance.choice((0, 2, 12))  # the number of the question, or all that is before it, stays
        words = (b"\xc0\x0c", b"\xc0\xff", b"\0\x01\0\x01", b"\0\x29")
        sock.sendto((good[:kept] + spoiled(chance, (good[kept:],), words))[:4_096], client)
        sock.sendto(rcode("SERVFAIL")(query) or b"", client)

    with name_server(hear=hear) as resolver:
        seen = asked_often(DnsCheck(name="a.example", type="A", resolver=(resolver,)))
    assert len(seen) >= 2, seen
