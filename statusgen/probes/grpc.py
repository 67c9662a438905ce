"""Ask a gRPC server how it is, by the gRPC health checking protocol (``grpc.health.v1.Health/Check``).

What goes over HTTP/2 is a message with one field and back comes one with one field: they are written and read here, as
Protocol Buffers have it (protobuf.dev, "Encoding"). Only the state ``SERVING`` is up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from statusgen import __version__, shape
from statusgen.model import Observation, Question, Verdict
from statusgen.probes import extras, http2
from statusgen.probes.dial import Deadline, Unanswered, trust, trusted
from statusgen.probes.headers import VALUE, filled
from statusgen.probes.kind import CA_FILE, HOST, PORT, Judgement, Kind, World, host_and_port, questions
from statusgen.shape import Key

MAX_ANSWER = 4_096  # bytes; an answer as it should be has seven
SERVING = 1
_PATH = "/grpc.health.v1.Health/Check"
_PREFIX = 5  # bytes before a message: whether it is compressed, and its length
_SERVICE, _STATUS = 1, 1  # numbers of the fields: of what is asked, of what is answered
_VARINT, _LENGTH = 0, 2  # types of fields
_SIZES = {1: 8, 5: 4}  # bytes of the other types; 3 and 4 are no longer in use


@dataclass(frozen=True, slots=True, kw_only=True)
class GrpcCheck(Question):
    """A gRPC server, or one service of it, that must say that it is serving."""

    host: str
    port: int
    service: str = ""
    tls: bool = True
    server_name: str = ""
    ca_file: str = ""
    metadata: tuple[tuple[str, str], ...] = ()

    def references(self) -> tuple[str, ...]:
        return tuple(value for _, value in self.metadata)


def probe(check: GrpcCheck, deadline: Deadline, world: World) -> Observation:
    """Return what the server says of the service."""
    extras.need("h2.connection", "check kind 'grpc'", "grpc")
    name = check.server_name or check.host
    context = trusted(check.ca_file, world.base, http2.ALPN) if check.tls else None
    with http2.connection(check.host, check.port, deadline, check.ip, context, name) as sock:
        answer = http2.exchange(sock, _request(check, deadline, world.environment), deadline, MAX_ANSWER)
        return _observed(answer, deadline.elapsed_ms())


def _request(check: GrpcCheck, deadline: Deadline, environment: Mapping[str, str]) -> http2.Request:
    host = check.server_name or check.host
    message = encode(check.service)
    return http2.Request(
        method="POST",
        scheme="https" if check.tls else "http",
        authority=f"[{host}]:{check.port}" if ":" in host else f"{host}:{check.port}",
        path=_PATH,
        headers=(
            ("te", "trailers"),
            ("grpc-timeout", f"{int(deadline.left() * 1_000) + 1}m"),  # "m" is for milliseconds
            ("content-type", "application/grpc"),
            ("user-agent", f"statusgen/{__version__}"),
            *filled(check.metadata, environment),
        ),
        body=b"\0" + len(message).to_bytes(_PREFIX - 1, "big") + message,
    )


def _observed(answer: http2.Response, latency: int) -> Observation:
    """Read the answer by the specification of gRPC over HTTP/2: its own status counts before that of HTTP."""
    named = dict(answer.trailers or (() if answer.body else answer.headers))
    if "grpc-status" not in named:
        if answer.status == 200:
            raise Unanswered("protocol")
        return Observation(latency=latency, status=answer.status)
    if not re.fullmatch(r"\d{1,3}", named["grpc-status"], re.ASCII):
        raise Unanswered("protocol")
    if code := int(named["grpc-status"]):
        return Observation(latency=latency, unmet=f"grpc {code}")
    try:
        state = decode(_message(answer))
    except ValueError:
        raise Unanswered("protocol") from None
    return Observation(latency=latency, unmet="" if state == SERVING else "not_serving")


def _message(answer: http2.Response) -> bytes:
    """Return the only message of an answer; raise ValueError for anything else."""
    prefix, message = answer.body[:_PREFIX], answer.body[_PREFIX:]
    if prefix != b"\0" + len(message).to_bytes(_PREFIX - 1, "big"):
        raise ValueError("not one message that is not compressed")
    return message


def judge(_check: GrpcCheck, seen: Observation, _at: int) -> Judgement:
    """Only a service that says of itself that it is serving is up."""
    if seen.status is not None:
        return Verdict.DOWN, f"status {seen.status}"
    return (Verdict.DOWN, seen.unmet) if seen.unmet else (Verdict.UP, "")


def encode(service: str) -> bytes:
    """Write a ``HealthCheckRequest``; no name is the server as a whole."""
    name = service.encode()
    return bytes([_SERVICE << 3 | _LENGTH]) + _varint(len(name)) + name if name else b""


def decode(message: bytes) -> int:
    """Return the status of a ``HealthCheckResponse``, 0 (unknown) if it has none; raise ValueError.

    Fields that are not known are skipped, and the last of several counts.
    """
    status, at = 0, 0
    while at < len(message):
        tag, at = _number(message, at)
        if tag & 7 == _VARINT:
            value, at = _number(message, at)
            status = value if tag >> 3 == _STATUS else status
        else:
            at = _after(message, at, tag & 7)
    if at > len(message):
        raise ValueError("the last field is not all there")
    return status


def _varint(number: int) -> bytes:
    low, high = number & 0x7F, number >> 7
    return bytes([low | 0x80]) + _varint(high) if high else bytes([low])


def _number(message: bytes, at: int) -> tuple[int, int]:
    """Read a number of at most ten bytes; return it and where it ends."""
    value = 0
    for ordinal, byte in enumerate(message[at : at + 10]):
        value |= (byte & 0x7F) << 7 * ordinal
        if byte < 0x80:
            return value, at + ordinal + 1
    raise ValueError("a number without an end")


def _after(message: bytes, at: int, kind: int) -> int:
    """Return where a field that is no whole number ends."""
    if kind == _LENGTH:
        length, at = _number(message, at)
        return at + length
    if kind not in _SIZES:
        raise ValueError("a field of no known type")
    return at + _SIZES[kind]


def prepare(_questions: object) -> None:
    http2.prepare()
    trust(protocol=http2.ALPN)


def _short(text: str) -> GrpcCheck:
    host, port = host_and_port(text)
    return GrpcCheck(host=HOST.parse(host), port=port)


KIND = Kind(
    name="grpc",
    question=GrpcCheck,
    doc="A gRPC server that must say that it is serving; short: host:port.",
    record=questions(
        GrpcCheck,
        {
            "host": Key(shape=HOST, doc="Host name or address.", required=True),
            "port": Key(shape=PORT, doc="Port number.", required=True),
            "service": Key(
                shape=shape.text(200, r"[A-Za-z0-9_./-]+", "a service's name"),
                doc="Name of the service to ask about; default: the server as a whole.",
            ),
            "tls": Key(shape=shape.flag(), doc="Whether to encrypt; default true."),
            "server_name": Key(shape=HOST, doc="Name the certificate must be for; default: the host."),
            "ca_file": CA_FILE,
            "metadata": Key(
                shape=shape.Pairs(
                    shape.text(100, r"(?!grpc-)[a-z0-9_.-]+", "the name of a piece of metadata, in lower case"),
                    VALUE,
                ),
                doc="Metadata to send; may hold ${env:NAME}.",
            ),
        },
        _short,
    ),
    probe=probe,
    judge=judge,
    prepare=prepare,
)
