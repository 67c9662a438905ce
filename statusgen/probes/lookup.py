"""Ask name servers one question in bounded time: over UDP, and over TCP where a datagram cannot hold the answer.

dnspython writes and reads the messages; the sockets are ours. Its own ask the wall clock how late it is, and only while
nothing comes in: a flood of datagrams would hold them for ever. A datagram socket that is connected hears nothing from
other addresses. What does not answer the question (RFC 5452 §4) counts as nothing, and the wait goes on.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable, Sequence

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdata
import dns.resolver

from statusgen.probes.dial import Address, Deadline, Unanswered, Unknown, reach, reason_of

_PAYLOAD = 1_232  # bytes that no path has to split (DNS flag day 2020)
_NO_EDNS = (dns.rcode.FORMERR, dns.rcode.NOTIMP, dns.rcode.BADVERS)  # what servers say that do not know it: RFC 6891 §7
_DATAGRAM = 65_535  # bytes


def configured() -> tuple[str, ...]:
    """Return the name servers of this machine; none where it has none."""
    try:
        return tuple(str(server) for server in dns.resolver.Resolver().nameservers)
    except dns.exception.DNSException:
        return ()


def ask(
    name: str, type: str, servers: Sequence[Address], deadline: Deadline, wanted: str = "NOERROR"
) -> dns.message.Message:
    """Ask servers in turn until one says yes, no, or what is ``wanted``; each may take its share of the time left.

    If none does, what the last that answered said is returned; if none answered, its last failure is raised.
    """
    enough = {dns.rcode.NOERROR, dns.rcode.NXDOMAIN, dns.rcode.from_text(wanted)}
    reply: dns.message.Message | None = None
    failure: Unanswered | Unknown | None = None
    for position, server in enumerate(servers):
        seconds = deadline.left() / (len(servers) - position)
        try:
            reply = _exchange(server, _query(name, type), seconds, deadline)
        except Unanswered as observed:
            failure = observed
        except Unknown as doubt:
            failure = failure or doubt
        if reply and reply.rcode() in enough:
            break
    if not reply:
        raise failure or Unanswered("dns_server")
    return reply


def answers(reply: dns.message.Message) -> tuple[str, ...]:
    """Return the records asked for, at the end of a chain of aliases, as texts; none if there are none.

    A text record is its text: its parts joined, without the quotes and escapes of a zone file.
    """
    assert isinstance(reply, dns.message.QueryMessage)
    try:
        found = reply.resolve_chaining().answer
    except dns.exception.DNSException:  # aliases that go round, or records of a name that does not exist
        return ()
    return tuple(_text(record) for record in found or ())


def _text(record: dns.rdata.Rdata) -> str:
    parts: Iterable[bytes] | None = getattr(record, "strings", None)
    return record.to_text() if parts is None else b"".join(parts).decode("utf-8", "replace")


def _query(name: str, type: str) -> dns.message.Message:
    try:
        return dns.message.make_query(name, type, use_edns=0, payload=_PAYLOAD)
    except dns.exception.DNSException:  # no name that the DNS could hold
        raise Unanswered("dns_server") from None


def _exchange(server: Address, query: dns.message.Message, seconds: float, deadline: Deadline) -> dns.message.Message:
    try:
        reply = _over_udp(server, query, time.monotonic() + seconds, deadline)
        return _over_tcp(server, query, deadline) if reply.flags & dns.flags.TC else reply
    except OSError as error:
        raise Unanswered(reason_of(error, deadline)) from None


def _over_udp(server: Address, query: dns.message.Message, ends: float, deadline: Deadline) -> dns.message.Message:
    """Return the answer, which may be truncated. Half-way to ``ends``, and to one who objects to EDNS, ask anew.

    That is without EDNS, which some firewalls swallow. An answer to the first is as good, however late it comes.
    """
    with reach(server, deadline, socket.SOCK_DGRAM) as sock:
        sock.send(query.to_wire())
        reply = _heard(sock, query, ends - (ends - time.monotonic()) / 2)
        if reply is None or reply.rcode() in _NO_EDNS:
            query.use_edns(False)
            sock.send(query.to_wire())
            reply = _heard(sock, query, ends) or reply
    if reply is None:
        raise Unanswered("timeout")
    return reply


def _heard(sock: socket.socket, query: dns.message.Message, ends: float) -> dns.message.Message | None:
    """Return the first datagram that answers the query; None if there was none until ``ends`` (of ``monotonic``)."""
    while (left := ends - time.monotonic()) > 0:
        sock.settimeout(left)
        try:
            if reply := _read(sock.recv(_DATAGRAM), query):
                return reply
        except TimeoutError:
            break
    return None


def _over_tcp(server: Address, query: dns.message.Message, deadline: Deadline) -> dns.message.Message:
    """Return the answer over a connection, where each message follows its length: RFC 7766 §8."""
    with reach(server, deadline) as sock:
        wire = query.to_wire()
        sock.sendall(len(wire).to_bytes(2, "big") + wire)
        while True:
            length = int.from_bytes(_exactly(sock, 2, deadline), "big")
            reply = _read(_exactly(sock, length, deadline), query)
            if reply and not reply.flags & dns.flags.TC:
                return reply


def _exactly(sock: socket.socket, size: int, deadline: Deadline) -> bytes:
    received = b""
    while len(received) < size:
        sock.settimeout(deadline.left())
        chunk = sock.recv(size - len(received))
        if not chunk:
            raise ConnectionAbortedError
        received += chunk
    return received


def _read(wire: bytes, query: dns.message.Message) -> dns.message.Message | None:
    """Return the message if it is well formed and answers the query."""
    try:
        reply = dns.message.from_wire(wire, raise_on_truncation=True)
    except dns.message.Truncated as cut:
        reply = cut.kwargs["message"]
    except dns.exception.DNSException:
        return None
    return reply if query.is_response(reply) else None
