"""One request over HTTP/2 (RFC 9113), in bounded time and memory.

The connection carries this one request: over TLS with ``h2`` agreed on by ALPN, or in clear text because the server is
known to speak it (§3.3). Bounded are the body, every block of headers, the answers that come before the answer, and
the frames of every kind together, so that no flood of them lasts. GOAWAY is read here and not by ``h2``, which takes
a graceful one for the end of the connection although the answer is still on its way (§6.8).
"""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader
from typing import Any

from statusgen.probes import extras
from statusgen.probes.dial import Deadline, Unanswered, connect, reason_of, secure
from statusgen.probes.headers import Headers, sendable

ALPN = "h2"
MAX_FRAMES = 4_000  # a MiB in frames of 262 bytes
_MAX_FRAME = 16_384  # bytes; §4.2: what no peer may exceed unless it was told that it may
_MAX_EARLY = 10  # answers before the answer, of status 1xx
_WINDOW = 2**24  # bytes that a peer may send before it is told to go on: more than is ever read
_HEAD = 9  # bytes of a frame before its payload
_GOAWAY = 0x7
_STREAM = 1  # the first stream of a client
_NO_ERROR, _HTTP_1_1_REQUIRED = 0x0, 0xD
_OF_CONNECTIONS = {"connection", "host", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"}  # §8.2.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked. Headers that only HTTP/1 has are left out; ``host`` among them is the authority."""

    method: str
    scheme: str
    authority: str
    path: str
    headers: Headers = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What was answered. Names of headers are in lower case; ``is_whole`` is false where the body was cut."""

    status: int
    headers: Headers
    body: bytes
    trailers: Headers = ()
    is_whole: bool = True


def prepare() -> None:
    """Import what a stream needs: 100 ms."""
    extras.prepare("h2.connection")


@contextlib.contextmanager
def connection(
    host: str, port: int, deadline: Deadline, ip: int, context: ssl.SSLContext | None, server_name: str
) -> Iterator[socket.socket]:
    """Connect for one request, without TLS where there is no context, which has to offer ``ALPN``."""
    with connect(host, port, deadline, ip) as plain:
        if context is None:
            yield plain
            return
        sock, _ = secure(plain, context, server_name, deadline)
        with sock:
            if sock.selected_alpn_protocol() != ALPN:
                raise Unanswered("http_version")
            yield sock


def exchange(sock: socket.socket, request: Request, deadline: Deadline, most: int) -> Response:
    """Send the request and return its answer, with at most so many bytes of body; raise Unanswered."""
    body = bytearray()
    with contextlib.closing(Stream(sock, request, deadline)) as stream:
        status, headers = stream.head()
        deadline.lap("first_byte")
        while len(body) <= most and (part := stream.read(most + 1 - len(body))):
            body += part
        deadline.lap("transfer")
    return Response(
        status=status, headers=headers, body=bytes(body[:most]), trailers=stream.trailers, is_whole=len(body) <= most
    )


class Stream:
    """The only stream of a connection, from its request, which is sent at once, to the end of its answer.

    Everything raises Unanswered; its reason is ``http_version`` for a peer that speaks HTTP/1 or demands it.
    """

    def __init__(self, sock: socket.socket, request: Request, deadline: Deadline) -> None:
        self.trailers: Headers = ()
        self.closed = False
        self._sock, self._deadline = sock, deadline
        self._h2 = _protocol()
        self._unsent = request.body
        self._status, self._early = 0, 0
        self._headers: Headers = ()
        self._body = bytearray()
        self._has_ended = False
        with self._failing():
            sock.settimeout(deadline.left())
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else some answers wait 40 ms for the peer's
            self._received = sock.makefile("rb")
            self._frames = _frames(self._received)
            self._h2.initiate_connection()
            self._h2.increment_flow_control_window(_WINDOW)
            self._h2.send_headers(_STREAM, _fields(request), end_stream=not request.body)
            self._send()

    def head(self) -> tuple[int, Headers]:
        """Wait for the answer to begin; return its status and headers."""
        while not self._status:
            self._hear()
        return self._status, self._headers

    def read(self, size: int) -> bytes:
        """Wait for more of the body; return at most so many bytes, and none when it has ended."""
        while not self._body and not self._has_ended:
            self._hear()
        part = bytes(self._body[:size])
        del self._body[:size]
        return part

    def close(self) -> None:
        """Say goodbye, if that can be done without waiting."""
        if self.closed:
            return
        self.closed = True
        with contextlib.suppress(OSError):
            self._sock.settimeout(0)
            self._h2.close_connection()
            self._sock.sendall(self._h2.data_to_send())
        self._received.close()

    @contextlib.contextmanager
    def _failing(self) -> Iterator[None]:
        from h2.exceptions import H2Error

        try:
            yield
        except (H2Error, OSError, EOFError, ValueError) as error:
            raise Unanswered(reason_of(error, self._deadline)) from None

    def _hear(self) -> None:
        """See what the next frame brings, and answer it."""
        with self._failing():
            self._deadline.left()
            frame = next(self._frames)
            if frame[3] == _GOAWAY:
                _check_goaway(frame[_HEAD:])
                return
            for event in self._h2.receive_data(frame):
                self._take(event)
            self._send()

    def _send(self) -> None:
        """Send as much of the body as the peer has room for (§5.2), and whatever else is waiting."""
        while self._unsent and (room := self._room()) > 0:
            part, self._unsent = self._unsent[:room], self._unsent[room:]
            self._h2.send_data(_STREAM, part, end_stream=not self._unsent)
        if waiting := self._h2.data_to_send():
            self._sock.sendall(waiting)

    def _room(self) -> int:
        """Return how many bytes may be sent at once; a window may be below zero (§6.9.2)."""
        return min(int(self._h2.local_flow_control_window(_STREAM)), int(self._h2.max_outbound_frame_size))

    def _take(self, event: Any) -> None:  # an event of h2, whose import is deferred
        from h2 import events

        match event:
            case events.InformationalResponseReceived():
                self._early += 1
                if self._early > _MAX_EARLY:
                    raise Unanswered("protocol")
            case events.ResponseReceived():
                self._headers = _decoded(event.headers)
                self._status = _status(self._headers)
            case events.DataReceived():
                self._body += event.data
                self._h2.acknowledge_received_data(event.flow_controlled_length, _STREAM)
            case events.TrailersReceived():
                self.trailers = _decoded(event.headers)
            case events.StreamEnded():
                self._has_ended = True
            case events.StreamReset():
                raise Unanswered(_refusal(event.error_code))


def _protocol() -> Any:
    """Return a connection of ``h2`` to which no server may push (§8.4)."""
    from h2.config import H2Configuration
    from h2.connection import H2Connection
    from h2.settings import SettingCodes, Settings

    made = H2Connection(H2Configuration(client_side=True, header_encoding=None))
    limits = {SettingCodes.ENABLE_PUSH: 0, SettingCodes.MAX_HEADER_LIST_SIZE: H2Connection.DEFAULT_MAX_HEADER_LIST_SIZE}
    made.local_settings = Settings(client=True, initial_values=limits)
    del made.local_settings[SettingCodes.ENABLE_CONNECT_PROTOCOL]  # a server's word (RFC 8441 §3), at which some balk
    return made


def _fields(request: Request) -> list[tuple[str, str]]:
    own = [(name.lower(), sendable(value)) for name, value in request.headers]
    authority = next((value for name, value in own if name == "host"), request.authority)
    target = [(":method", request.method), (":scheme", request.scheme), (":authority", authority)]
    rest = [(name, value) for name, value in own if name not in _OF_CONNECTIONS]
    return [*target, (":path", request.path), *rest]


def _frames(received: BufferedReader) -> Iterator[bytes]:
    """Yield the peer's frames, each whole (§4.1)."""
    for _ in range(MAX_FRAMES):
        head = _exactly(received, _HEAD)
        if head.startswith(b"HTTP/1."):
            raise Unanswered("http_version")
        length = int.from_bytes(head[:3], "big")
        if length > _MAX_FRAME:
            raise Unanswered("protocol")
        yield head + _exactly(received, length)
    raise Unanswered("protocol")


def _exactly(received: BufferedReader, size: int) -> bytes:
    found = received.read(size)
    if len(found) < size:
        raise EOFError
    return found


def _check_goaway(payload: bytes) -> None:
    """Raise Unanswered unless the peer will still answer what it was asked (§6.8)."""
    last, code = int.from_bytes(payload[:4], "big") & 0x7FFFFFFF, int.from_bytes(payload[4:8], "big")
    if len(payload) < 8:
        raise Unanswered("protocol")
    if last < _STREAM or code != _NO_ERROR:
        raise Unanswered(_refusal(code))


def _refusal(code: int) -> str:
    return "http_version" if code == _HTTP_1_1_REQUIRED else "disconnected"


def _decoded(headers: list[tuple[bytes, bytes]]) -> Headers:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)


def _status(headers: Headers) -> int:
    status = int(dict(headers)[":status"])  # h2 sees to it that there is one
    if not 100 <= status <= 999:
        raise Unanswered("protocol")
    return status
