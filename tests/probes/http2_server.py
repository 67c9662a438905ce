"""A server of HTTP/2 for the tests, made with h2, and the words to misbehave with frame by frame."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import h2.config
import h2.connection
import h2.events
import h2.exceptions
import hpack

from .servers import Act, Server, silent, tls

Headers = Sequence[tuple[str, str]]
DATA, HEADERS, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = 0, 1, 3, 4, 5, 6, 7, 8, 9
END_STREAM, END_HEADERS, ACK = 0x1, 0x4, 0x1


@dataclass(slots=True)
class Asked:
    """A request as the server got it."""

    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    def __getitem__(self, name: str) -> str:
        return dict(self.headers)[name]

    def __contains__(self, name: str) -> bool:
        return name in dict(self.headers)


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered; without body and trailers, the headers are all there is."""

    headers: Headers = ((":status", "200"),)
    body: bytes = b""
    trailers: Headers = ()


def alpn(certificate: str = "localhost", protocol: str = "h2") -> ssl.SSLContext:
    """Return a server's context that agrees on one protocol."""
    context = tls(certificate)
    context.set_alpn_protocols([protocol])
    return context


@contextlib.contextmanager
def answering(
    answer: Answer | Callable[[Asked], Answer], tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> Iterator[tuple[Server, list[Asked]]]:
    """Serve an answer to every request, or what a function makes of it; requests are kept."""
    requests: list[Asked] = []

    def act(sock: socket.socket) -> None:
        connection = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
        connection.initiate_connection()
        with contextlib.suppress(h2.exceptions.ProtocolError):  # the client left while it was spoken to
            requests.append(asked := _asked(sock, connection))
            _say(sock, connection, answer if isinstance(answer, Answer) else answer(asked))
        silent(sock)

    with Server(act, tls, host) as server:
        yield server, requests


def _asked(sock: socket.socket, connection: h2.connection.H2Connection) -> Asked:
    """Read one request to its end."""
    asked = Asked()
    while True:
        sock.sendall(connection.data_to_send())
        for event in connection.receive_data(_received(sock)):
            if isinstance(event, h2.events.RequestReceived):
                asked.headers = [(str(name), str(value)) for name, value in event.headers]
            elif isinstance(event, h2.events.DataReceived):
                asked.body += event.data
                connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, h2.events.StreamEnded):
                sock.sendall(connection.data_to_send())
                return asked


def _received(sock: socket.socket) -> bytes:
    if received := sock.recv(65_536):
        return received
    raise ConnectionError


def _say(sock: socket.socket, connection: h2.connection.H2Connection, answer: Answer) -> None:
    connection.send_headers(1, answer.headers, end_stream=not answer.body and not answer.trailers)
    left = answer.body
    while left:
        room = min(connection.local_flow_control_window(1), connection.max_outbound_frame_size)
        if room == 0:
            sock.sendall(connection.data_to_send())
            connection.receive_data(_received(sock))
            continue
        part, left = left[:room], left[room:]
        connection.send_data(1, part, end_stream=not left and not answer.trailers)
    if answer.trailers:
        connection.send_headers(1, answer.trailers, end_stream=True)
    sock.sendall(connection.data_to_send())


def frame(kind: int, payload: bytes = b"", flags: int = 0, stream: int = 0) -> bytes:
    """Write a frame (RFC 9113 §4.1)."""
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def block(*headers: tuple[str, str]) -> bytes:
    """Write headers as the first ones of a connection."""
    return hpack.Encoder().encode(headers)


def head(*headers: tuple[str, str], flags: int = END_HEADERS) -> bytes:
    """Write a frame with the headers of stream 1, of status 200."""
    return frame(HEADERS, block((":status", "200"), *headers), flags, 1)


def saying(*words: bytes) -> Act:
    """Read a request's first frames, greet with settings, say the words, and nothing more, but stay on the line."""

    def act(sock: socket.socket) -> None:
        sock.recv(65_536)
        sock.sendall(b"".join((frame(SETTINGS), *words)))
        silent(sock)

    return act


def flooding(flood: bytes, *words: bytes) -> Act:
    """Say the words, then the same for ever, reading nothing."""

    def act(sock: socket.socket) -> None:
        sock.recv(65_536)
        sock.sendall(b"".join((frame(SETTINGS), *words)))
        while True:
            sock.sendall(flood * 100)

    return act
