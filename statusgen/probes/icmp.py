"""Ask a host for one echo (RFC 792, RFC 4443 §4).

The socket for it is the one that needs no privilege, where the system allows that; else a raw one; where neither is
allowed, nothing can be told. A host that does not answer may be up all the same: many drop these packets, and so does
the network around GitHub's hosted runners, which is why nothing can be told there either.
"""

from __future__ import annotations

import secrets
import socket
import struct
from dataclasses import dataclass, replace

from statusgen.model import Observation, Question
from statusgen.probes.dial import Deadline, Unknown, failure_of, resolve
from statusgen.probes.kind import HOST, Kind, World, always_up, questions
from statusgen.shape import Key

_HEADER = struct.Struct("!BBHHH")  # type, code, checksum, identifier, sequence number
_REQUEST = {socket.AF_INET: 8, socket.AF_INET6: 128}
_REPLY = {socket.AF_INET: 0, socket.AF_INET6: 129}
_PROTOCOL = {socket.AF_INET: socket.IPPROTO_ICMP, socket.AF_INET6: socket.IPPROTO_ICMPV6}


@dataclass(frozen=True, slots=True, kw_only=True)
class IcmpCheck(Question):
    """A host that must send an echo back."""

    host: str


@dataclass(frozen=True, slots=True)
class Echo:
    """All of it is random, so that no answer to anybody else is taken for ours."""

    identifier: int
    sequence: int
    payload: bytes

    def packed(self, kind: int) -> bytes:
        blank = _HEADER.pack(kind, 0, 0, self.identifier, self.sequence) + self.payload
        return _HEADER.pack(kind, 0, checksum(blank), self.identifier, self.sequence) + self.payload


def probe(check: IcmpCheck, deadline: Deadline, world: World) -> Observation:
    """Return how long the echo took, there and back; looking up the name is not part of it."""
    if world.environment.get("RUNNER_ENVIRONMENT") == "github-hosted":
        raise Unknown("unsupported")
    address = resolve(check.host, 0, deadline, check.ip)[0]
    started = deadline.elapsed_ms()
    deadline.begin()  # the lookup is no part of what an echo takes
    with open_socket(address[0]) as sock:
        deadline.watch(sock)
        try:
            sock.connect(address[1])  # from here on the system lets through that host's packets only
            _exchange(sock, deadline)
        except PermissionError:
            raise Unknown("unsupported") from None  # a rule of this machine's own forbids it
        except OSError as error:
            raise failure_of(error, address, deadline) from None
        deadline.lap("first_byte")
        return Observation(latency=deadline.elapsed_ms() - started)


def open_socket(family: socket.AddressFamily) -> socket.socket:
    """Return a socket for echoes, one that needs no privilege if there is one; raise Unknown if there is none."""
    for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
        try:
            return socket.socket(family, kind, _PROTOCOL[family])
        except OSError:  # not permitted, or the system has no such thing
            continue
    raise Unknown("unsupported")


def _exchange(sock: socket.socket, deadline: Deadline) -> None:
    """Send an echo request and wait for the reply to it, among whatever else comes."""
    family = sock.family
    echo = Echo(secrets.randbits(16), secrets.randbits(16), secrets.token_bytes(32))
    sock.settimeout(deadline.left())
    sock.send(echo.packed(_REQUEST[family]))
    if sock.type is socket.SOCK_DGRAM:  # then the system puts an identifier of its own choice in, and checks it
        echo = replace(echo, identifier=sock.getsockname()[1] or echo.identifier)
    while not is_reply(sock.recv(2_048), echo, _REPLY[family]):
        sock.settimeout(deadline.left())


def is_reply(packet: bytes, echo: Echo, kind: int) -> bool:
    """Tell whether a packet is the reply to this echo; before the message it may still have its IPv4 header."""
    if packet[:1] and packet[0] >> 4 == 4:  # a version, and no type of message begins so (RFC 791 §3.1)
        packet = packet[4 * (packet[0] & 0x0F) :]
    if len(packet) < _HEADER.size:
        return False
    said, code, _, identifier, sequence = _HEADER.unpack_from(packet)
    heard = Echo(identifier, sequence, packet[_HEADER.size :])
    return (said, code) == (kind, 0) and heard == echo


def checksum(message: bytes) -> int:
    """Return the internet checksum (RFC 1071), by which a raw socket of IPv4 wants a message to be complete."""
    total: int = sum(struct.unpack(f"!{len(message) // 2}H", message))  # the length is even
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


KIND = Kind(
    name="icmp",
    question=IcmpCheck,
    doc="A host that must answer an echo request; short: the host.",
    record=questions(
        IcmpCheck,
        {"host": Key(shape=HOST, doc="Host name or address.", required=True)},
        lambda text: IcmpCheck(host=HOST.parse(text.strip())),
    ),
    probe=probe,
    judge=always_up,
)
