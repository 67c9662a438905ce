"""Protocols that begin in the clear: how their servers greet, and how they are asked to encrypt.

``PROTOCOLS`` is the table: a row knows nothing of sockets, deadlines or certificates.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from statusgen import shape
from statusgen.model import Question
from statusgen.probes.dial import Deadline, Unanswered, connect, trusted
from statusgen.probes.dialogue import Dialogue
from statusgen.probes.kind import CA_FILE, HOST, PORT, World, host_and_port
from statusgen.shape import Key

P = TypeVar("P", bound="Peer")


class Protocol(NamedTuple):
    """A row of the table.

    ``greet`` hears the greeting and raises Unanswered unless it is a welcome; ``upgrade`` tells whether the server will
    encrypt from here on. Its second argument is the name that the certificate must be for.
    """

    greet: Callable[[Dialogue], None]
    upgrade: Callable[[Dialogue, str], bool]


def _welcomed(*codes: int) -> Callable[[Dialogue], None]:
    def greet(talk: Dialogue) -> None:
        if (code := talk.reply().code) not in codes:
            raise Unanswered(f"status {code}")

    return greet


def _agreed(command: str, code: int) -> Callable[[Dialogue, str], bool]:
    return lambda talk, _name: talk.ask(command).code == code


def _smtp_upgrade(talk: Dialogue, _name: str) -> bool:
    """RFC 3207: only what EHLO offers may be asked for."""
    offered = talk.ask(f"EHLO {talk.own_address()}")
    return "STARTTLS" in (line.upper().strip() for line in offered.lines) and talk.ask("STARTTLS").code == 220


def _imap_greet(talk: Dialogue) -> None:
    """RFC 3501 §7.1: OK, PREAUTH, or BYE from a server that will not take the connection."""
    greeting = talk.line().upper()
    if re.match(r"\* BYE\b", greeting):
        raise Unanswered("not_serving")
    if not re.match(r"\* (OK|PREAUTH)\b", greeting):
        raise Unanswered("protocol")


def _imap_upgrade(talk: Dialogue, _name: str) -> bool:
    """RFC 3501 §6.2.1. Whatever is said before the reply to our tag is about something else."""
    talk.say(b"a1 STARTTLS\r\n")
    while not (line := talk.line()).startswith("a1 "):
        pass
    return line.upper().startswith("A1 OK")


def _pop3_greet(talk: Dialogue) -> None:
    if not talk.line().startswith("+OK"):
        raise Unanswered("answer")


def _pop3_upgrade(talk: Dialogue, _name: str) -> bool:
    """RFC 2595 §4."""
    talk.say(b"STLS\r\n")
    return talk.line().startswith("+OK")


def _postgres_upgrade(talk: Dialogue, _name: str) -> bool:
    """PostgreSQL's SSLRequest ("Message Formats" of its manual): a length and a code, answered by a letter."""
    talk.say((8).to_bytes(4, "big") + (80_877_103).to_bytes(4, "big"))
    return talk.take(1) == b"S"


def _ldap_upgrade(talk: Dialogue, _name: str) -> bool:
    """RFC 4511 §4.14: an extended request with the number 1, in BER; the answer's result code must be 0."""
    talk.say(b"\x30\x1d\x02\x01\x01\x77\x18\x80\x16" + b"1.3.6.1.4.1.1466.20037")
    tag, length = talk.take(2)
    if tag != 0x30:
        raise Unanswered("protocol")
    if length & 0x80:  # the length of the length: X.690 §8.1.3.5
        length = int.from_bytes(talk.take(length & 0x7F), "big")
    response = rb"\x02\x01\x01\x78(?:[\x00-\x7f]|\x81.|\x82..|\x84....)\x0a\x01\x00"
    return re.match(response, talk.take(length), re.DOTALL) is not None


def _xmpp_upgrade(talk: Dialogue, name: str) -> bool:
    """RFC 6120 §5.4: the server's features name it, then the server says to proceed."""
    streams = "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'"
    talk.say(f"<?xml version='1.0'?><stream:stream to='{name}' {streams}>".encode())
    if b"<starttls" not in talk.until(rb"</(\w+:)?features\s*>"):
        return False
    talk.say(b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
    return b"<proceed" in talk.until(rb"<(proceed|failure)\b[^>]*(/>|>.*?</\1\s*>)")


def _silent(_talk: Dialogue) -> None:
    """The client speaks first."""


PROTOCOLS: Mapping[str, Protocol] = {
    "smtp": Protocol(_welcomed(220), _smtp_upgrade),
    "imap": Protocol(_imap_greet, _imap_upgrade),
    "pop3": Protocol(_pop3_greet, _pop3_upgrade),
    "ftp": Protocol(_welcomed(220), _agreed("AUTH TLS", 234)),  # RFC 4217 §4
    "nntp": Protocol(_welcomed(200, 201), _agreed("STARTTLS", 382)),  # RFC 4642 §2.2
    "postgres": Protocol(_silent, _postgres_upgrade),
    "ldap": Protocol(_silent, _ldap_upgrade),
    "xmpp": Protocol(_silent, _xmpp_upgrade),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer(Question):
    """A server on a port.

    ``secured`` says how the line is encrypted: with ``tls`` at once, after asking by a protocol of ``PROTOCOLS``, or
    not at all.
    """

    host: str
    port: int
    secured: str = ""
    server_name: str = ""
    ca_file: str = ""

    def __post_init__(self) -> None:
        if (self.server_name or self.ca_file) and not self.secured:
            raise ValueError("has 'server_name' or 'ca_file' and no encryption: add 'tls: true', or remove them")


@contextlib.contextmanager
def opened(peer: Peer, deadline: Deadline, world: World, speaks: str = "") -> Iterator[Dialogue]:
    """Connect, and encrypt as the peer wants it, with the certificate verified; hang up at the end.

    The greeting is heard of a peer that ``speaks`` a protocol, or is asked by one.
    """
    name = peer.server_name or peer.host
    with contextlib.closing(Dialogue(connect(peer.host, peer.port, deadline, peer.ip), deadline)) as talk:
        if peer.secured == "tls":
            talk.secure(trusted(peer.ca_file, world.base), name)
        if protocol := PROTOCOLS.get(speaks or peer.secured):
            protocol.greet(talk)
        if peer.secured in PROTOCOLS:
            if not PROTOCOLS[peer.secured].upgrade(talk, name):
                raise Unanswered("starttls")
            talk.secure(trusted(peer.ca_file, world.base), name)
        yield talk


def secured_by(tls: bool, starttls: str) -> str:
    """Return what ``Peer.secured`` is; raise ValueError with the remedy."""
    if tls and starttls:
        raise ValueError("has both 'tls' and 'starttls': keep one")
    return "tls" if tls else starttls


HOST_KEY: Key[Any] = Key(shape=HOST, doc="Host name or address.", required=True)
TLS: Key[Any] = Key(shape=shape.flag(), doc="Encrypt from the first byte on; the certificate must be valid.")
STARTTLS: Key[Any] = Key(
    shape=shape.choice(PROTOCOLS),
    doc="Protocol by which to ask the server to encrypt; the certificate must be valid.",
)
CERTIFICATE: Mapping[str, Key[Any]] = {
    "server_name": Key(shape=HOST, doc="Name the certificate must be for; default: the host."),
    "ca_file": CA_FILE,
}


def mail(
    make: Callable[..., P], protocol: str, ports: tuple[int, int]
) -> tuple[Callable[..., P], Mapping[str, Key[Any]], Callable[[str], P]]:
    """Return what makes a question of a protocol that has ports of its own, its keys, and its short form.

    ``ports`` are those in the clear and with TLS from the first byte on.
    """
    clear, encrypted = ports

    def build(*, tls: bool = False, starttls: bool = False, port: int = 0, **rest: Any) -> P:
        secured = secured_by(tls, protocol if starttls else "")
        return make(port=port or (encrypted if tls else clear), secured=secured, **rest)

    def short(text: str) -> P:
        host, port = host_and_port(text, default=clear)
        return make(host=HOST.parse(host), port=port)

    keys = {
        "host": HOST_KEY,
        "port": Key(shape=PORT, doc=f"Port number; default {clear}, with tls {encrypted}."),
        "tls": TLS,
        "starttls": Key(shape=shape.flag(), doc="Ask the server to encrypt; the certificate must be valid."),
        **CERTIFICATE,
    }
    return build, keys, short
