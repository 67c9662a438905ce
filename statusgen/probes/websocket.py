"""Open a WebSocket, say something, wait for an answer, and close it as RFC 6455 wants.

Bounded are all that is heard, the frames of every kind together, and the wait for the other side's good-bye. Redirects
are not followed: as for browsers, they are a refusal.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

from statusgen import __version__, secret, shape
from statusgen.model import Observation, Question, Verdict
from statusgen.probes import extras, patterns, walls
from statusgen.probes.dial import Deadline, Unanswered, Unknown, connect, reason_of, secure, trust, trusted
from statusgen.probes.headers import HEADERS, filled
from statusgen.probes.http import web_url
from statusgen.probes.kind import CA_FILE, Judgement, Kind, World, questions
from statusgen.shape import Key

MAX_HEARD = 1024 * 1024  # bytes
MAX_FRAMES = 4_000
_SCHEMES = {"ws": "http", "wss": "https"}
_OPENED = 101  # Switching Protocols
_NORMAL = 1000  # RFC 6455 §7.4.1
_MOMENT_MS = 500
_AT_ONCE = 16 * 1024  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class WebsocketCheck(Question):
    """A WebSocket that must open, and where a pattern is given, a message that must match it."""

    url: str
    headers: tuple[tuple[str, str], ...] = ()
    subprotocol: str = ""
    send: str = ""
    expect: str = ""
    ca_file: str = ""

    def references(self) -> tuple[str, ...]:
        return (self.url, self.send, *(value for _, value in self.headers))


def probe(check: WebsocketCheck, deadline: Deadline, world: World) -> Observation:
    """Return the status of the handshake; raise Unanswered where what must follow does not."""
    extras.need("wsproto", "check kind 'websocket'", "websocket")
    from wsproto.utilities import ProtocolError

    url = urlsplit(secret.fill_query(check.url, world.environment))
    try:
        with _connection(check, url, deadline, world) as sock:
            return _converse(sock, check, url, deadline, world.environment)
    except (ProtocolError, OSError, ValueError) as error:
        raise Unanswered(reason_of(error, deadline)) from None


def _converse(
    sock: socket.socket, check: WebsocketCheck, url: SplitResult, deadline: Deadline, environment: Mapping[str, str]
) -> Observation:
    talk = _Conversation(sock, deadline)
    status, subprotocol = talk.open(_request(check, url, environment))
    if status != _OPENED:
        return Observation(latency=deadline.elapsed_ms(), status=status)
    is_agreed = subprotocol == check.subprotocol
    if is_agreed and check.send:
        talk.say(secret.fill(check.send, environment))
    if is_agreed and check.expect:
        talk.wait_for(check.expect)
    seen = Observation(latency=deadline.elapsed_ms(), status=status, unmet="" if is_agreed else "header")
    talk.part()
    return seen


@contextlib.contextmanager
def _connection(check: WebsocketCheck, url: SplitResult, deadline: Deadline, world: World) -> Iterator[socket.socket]:
    host = url.hostname or ""
    context = trusted(check.ca_file, world.base) if url.scheme == "wss" else None
    with connect(host, url.port or (443 if context else 80), deadline, check.ip) as plain:
        if context is None:
            yield plain
            return
        sock, _ = secure(plain, context, host, deadline)
        with sock:
            yield sock


class _Conversation:
    """What is said and heard on a connection, from the handshake to the good-bye."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        from wsproto import ConnectionType, WSConnection

        self._sock, self._deadline = sock, deadline
        self._ws = WSConnection(ConnectionType.CLIENT)
        self._events = self._heard(deadline)

    def open(self, request: Any) -> tuple[int, str]:
        """Shake hands (RFC 6455 §4); return the status and, if there is one, the subprotocol."""
        from wsproto.events import RejectConnection

        self._say(request)
        event = next(self._events)
        self._deadline.lap("first_byte")
        if not isinstance(event, RejectConnection):
            return _OPENED, event.subprotocol or ""
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in event.headers}
        if walls.wall_of(event.status_code, headers, self._refusal() if event.has_body else ""):
            raise Unknown("blocked")
        return event.status_code, ""

    def say(self, text: str) -> None:
        from wsproto.events import TextMessage

        self._say(TextMessage(text))

    def wait_for(self, pattern: str) -> None:
        """Wait for a message that matches. Others are a wrong answer only when no more can come."""
        has_heard = False
        try:
            for message in self._messages():
                if patterns.matches(pattern, message, self._deadline):
                    self._deadline.lap("transfer")
                    return
                has_heard = True
        except Unanswered as failure:
            raise Unanswered("answer" if has_heard else failure.reason) from None

    def part(self) -> None:
        """Say good-bye and wait a moment for the same (§7.1.2). What was to be learnt is known by now."""
        from wsproto.events import CloseConnection
        from wsproto.utilities import ProtocolError

        with contextlib.suppress(Unanswered, ProtocolError):
            self._say(CloseConnection(_NORMAL))
            for _ in self._heard(self._moment()):
                pass

    def _messages(self) -> Iterator[str]:
        """Yield what is said, each message whole (§5.4)."""
        from wsproto.events import Message

        parts = bytearray()
        for event in self._events:
            if isinstance(event, Message):
                parts += event.data.encode() if isinstance(event.data, str) else event.data
                if event.message_finished:
                    yield parts.decode("utf-8", "replace")
                    parts.clear()

    def _refusal(self) -> str:
        """Return the page that comes with a refusal, as far as it comes soon."""
        from wsproto.events import RejectData

        page = bytearray()
        with contextlib.suppress(Unanswered):
            for event in self._heard(self._moment()):
                if isinstance(event, RejectData):
                    page += event.data
                    if event.body_finished:
                        break
        return page.decode("utf-8", "replace")

    def _moment(self) -> Deadline:
        """Return a deadline for what is not worth waiting for, well before that of the probe."""
        return Deadline(min(_MOMENT_MS, int(self._deadline.left() * 500)))

    def _say(self, event: Any) -> None:
        words = self._ws.send(event)
        try:
            self._sock.settimeout(self._deadline.left())
            self._sock.sendall(words)
        except OSError as error:
            raise Unanswered(reason_of(error, self._deadline)) from None

    def _heard(self, deadline: Deadline) -> Iterator[Any]:
        """Yield what comes, and answer pings, until the other side closes: then Unanswered is raised."""
        from wsproto.events import CloseConnection, Ping

        size, frames = 0, 0
        while size <= MAX_HEARD:
            for event in self._ws.events():
                frames += 1
                if frames > MAX_FRAMES:
                    raise Unanswered("protocol")
                if isinstance(event, Ping):
                    self._say(event.response())
                if isinstance(event, CloseConnection):
                    raise Unanswered(self._closed(event))
                yield event
            received = self._receive(deadline)
            size += len(received)
            self._ws.receive_data(received)
        raise Unanswered("protocol")

    def _receive(self, deadline: Deadline) -> bytes:
        try:
            self._sock.settimeout(deadline.left())
            received = self._sock.recv(_AT_ONCE)
        except OSError as error:
            raise Unanswered(reason_of(error, deadline)) from None
        if not received:
            deadline.left()  # a connection that the watchdog shut looks like the end of one
            raise Unanswered("disconnected")
        return received

    def _closed(self, event: Any) -> str:
        """Answer a good-bye. What cannot be read looks like one to wsproto, but for the state that it leaves."""
        from wsproto.connection import ConnectionState

        if self._ws.state in (ConnectionState.OPEN, ConnectionState.LOCAL_CLOSING):
            return "protocol"
        if self._ws.state is ConnectionState.REMOTE_CLOSING:
            self._say(event.response())
        return "disconnected"


def _request(check: WebsocketCheck, url: SplitResult, environment: Mapping[str, str]) -> Any:
    """Return the handshake's request (§4.1), as an event of wsproto."""
    from wsproto.events import Request

    own = {"User-Agent": f"statusgen/{__version__}"} | dict(filled(check.headers, environment))
    host = next((value for name, value in own.items() if name.lower() == "host"), url.netloc)
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    return Request(
        host=host,
        target=quote(target, safe="!#$%&'()*+,/:;=?@[]~"),
        extra_headers=[(name.encode(), value.encode()) for name, value in own.items() if name.lower() != "host"],
        subprotocols=[check.subprotocol] if check.subprotocol else [],
    )


def judge(_check: WebsocketCheck, seen: Observation, _at: int) -> Judgement:
    """A refusal is its status."""
    if seen.status != _OPENED:
        return Verdict.DOWN, f"status {seen.status}"
    return (Verdict.DOWN, seen.unmet) if seen.unmet else (Verdict.UP, "")


def websocket_url(text: str) -> str:
    """Check a URL to open; raise ValueError with the remedy. Secrets may stand in its query only."""
    scheme, _, rest = text.partition("://")
    if scheme not in _SCHEMES:
        raise ValueError(f"'{text}' is not a WebSocket's URL: write wss://host/path")
    if "#" in text:
        raise ValueError(f"'{text}' has a part after '#': a WebSocket has none, remove it")  # RFC 6455 §3
    web_url(f"{_SCHEMES[scheme]}://{rest}")
    return text


def prepare(_questions: object) -> None:
    extras.prepare("wsproto")
    patterns.prepare()
    trust()


URL = shape.Parsed(websocket_url, "a URL like wss://host/path", {"type": "string", "pattern": "^wss?://"})
KIND = Kind(
    name="websocket",
    question=WebsocketCheck,
    doc="A WebSocket that must open, and answer if it is spoken to; short: the URL.",
    record=questions(
        WebsocketCheck,
        {
            "url": Key(
                shape=URL, doc="URL to open, ws or wss; secrets as ${env:NAME} in its query only.", required=True
            ),
            "headers": Key(shape=HEADERS, doc="Headers of the handshake; may hold ${env:NAME}."),
            "subprotocol": Key(
                shape=shape.text(100, r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", "a subprotocol's name"),
                doc="Subprotocol to offer, which the server must take.",
            ),
            "send": Key(
                shape=shape.text(20_000, wanted="a text to send", lines=True, secrets=True),
                doc="Text to send once it is open; may hold ${env:NAME}.",
            ),
            "expect": Key(
                shape=patterns.PATTERN,
                doc="Regular expression that a message must match somewhere, whichever that is.",
            ),
            "ca_file": CA_FILE,
        },
        lambda text: WebsocketCheck(url=websocket_url(text.strip())),
    ),
    probe=probe,
    judge=judge,
    prepare=prepare,
)
