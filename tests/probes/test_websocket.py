"""WebSockets: handshakes taken and refused, messages, good-byes, and servers that stall, flood or talk nonsense."""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pytest
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, Event, Message, Ping, Pong, Request, TextMessage
from wsproto.utilities import RemoteProtocolError, generate_accept_token

from statusgen.model import Observation, Sample, Verdict
from statusgen.probes.websocket import KIND, MAX_HEARD, WebsocketCheck, judge, websocket_url

from . import reading
from .servers import (
    AT,
    TIMEOUT_MS,
    Act,
    Server,
    answer_once,
    answering,
    ask_once,
    dripping,
    eventually,
    phases_of,
    read_request,
    response,
    silent,
    tls,
    unused_port,
)

UP, _, DOWN = Verdict
CERTIFICATE_END = 4_922_899_200  # 2126-01-01
Talk = Callable[[Message], Sequence[Event]]  # what is said to a message


@dataclass(slots=True)
class Seen:
    """What a server saw of its clients."""

    requests: list[Request] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    def has(self, kind: type[Event]) -> bool:
        return any(isinstance(event, kind) for event in self.events)


@contextlib.contextmanager
def serving(
    talk: Talk = lambda _: (),
    greeting: Sequence[Event] = (),
    *,
    subprotocol: str | None = None,
    tls: ssl.SSLContext | None = None,
    host: str = "127.0.0.1",
) -> Iterator[tuple[Server, Seen]]:
    """Take every handshake, send a greeting, and answer each message as ``talk`` says."""
    seen = Seen()

    def act(sock: socket.socket) -> None:
        connection = WSConnection(ConnectionType.SERVER)
        with contextlib.suppress(RemoteProtocolError):
            while received := sock.recv(65_536):
                connection.receive_data(received)
                for event in connection.events():
                    for said in _answers(event):
                        sock.sendall(connection.send(said))
                    if isinstance(event, CloseConnection):
                        return

    def _answers(event: Event) -> Sequence[Event]:
        seen.events.append(event)
        if isinstance(event, Request):
            seen.requests.append(event)
            return (AcceptConnection(subprotocol=subprotocol), *greeting)
        if isinstance(event, CloseConnection):
            return (event.response(),) if not any(isinstance(said, CloseConnection) for said in greeting) else ()
        return talk(event) if isinstance(event, Message) else ()

    with Server(act, tls, host) as server:
        yield server, seen


def check(server: Server | int, **rest: object) -> WebsocketCheck:
    port = server if isinstance(server, int) else server.port
    return WebsocketCheck(**{"url": f"ws://127.0.0.1:{port}/"} | rest)  # type: ignore[arg-type]


def echo(message: Message) -> Sequence[Event]:
    return (TextMessage(str(message.data)),)


def saying(*words: bytes) -> Act:
    """Take the handshake by hand, say the words as they are, and stay on the line."""

    def act(sock: socket.socket) -> None:
        sock.sendall(accepted(read_request(sock)) + b"".join(words))
        silent(sock)

    return act


def flooding(words: bytes, *first: bytes) -> Act:
    """Take the handshake, then say the same for ever, reading nothing."""

    def act(sock: socket.socket) -> None:
        sock.sendall(accepted(read_request(sock)) + b"".join(first))
        while True:
            sock.sendall(words * 100)

    return act


def drip(sock: socket.socket) -> None:
    """Take the handshake, then say a message of a thousand bytes one by one."""
    sock.sendall(accepted(read_request(sock)) + frame(TEXT, b"x" * 1_000)[:4])
    while True:
        sock.sendall(b"x")
        time.sleep(0.04)


def accepted(request: bytes) -> bytes:
    key = next(line[18:].strip() for line in request.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key"))
    lines = (
        b"HTTP/1.1 101 Switching Protocols",
        b"Upgrade: websocket",
        b"Connection: Upgrade",
        b"Sec-WebSocket-Accept: " + generate_accept_token(key),
    )
    return b"\r\n".join((*lines, b"", b""))


def frame(opcode: int, payload: bytes = b"", *, is_last: bool = True) -> bytes:
    """Write a frame as a server does, without a mask (RFC 6455 §5.2)."""
    size = len(payload)
    length = bytes([size]) if size < 126 else b"\x7e" + size.to_bytes(2, "big")
    return bytes([opcode | (0x80 if is_last else 0)]) + length + payload


CONTINUATION, TEXT, BINARY, CLOSE, PING = 0x0, 0x1, 0x2, 0x8, 0x9


def test_a_websocket_that_opens_is_up() -> None:
    with serving() as (server, _):
        sample = ask_once(check(server))
    assert (sample.verdict, sample.reason) == (UP, "")
    assert sample.latency is not None


def test_it_is_closed_with_a_good_bye() -> None:
    with serving() as (server, seen):
        ask_once(check(server))
        assert eventually(lambda: seen.has(CloseConnection))
    (bye,) = [event for event in seen.events if isinstance(event, CloseConnection)]
    assert bye.code == 1000


def test_a_server_that_says_no_good_bye_is_not_waited_for() -> None:
    with Server(saying()) as server:
        started = time.monotonic()
        assert ask_once(check(server)).verdict is UP
        assert time.monotonic() - started < 1.5
        assert ask_once(check(server, timeout_ms=TIMEOUT_MS)).verdict is UP


def test_a_server_that_never_stops_talking_is_left() -> None:
    with Server(flooding(frame(TEXT, b"x" * 100))) as server:
        assert ask_once(check(server)).verdict is UP


def test_an_answer_that_matches_is_up() -> None:
    with serving(echo) as (server, seen):
        sample = ask_once(check(server, send="ping 12", expect=r"^ping \d+$"))
    assert (sample.verdict, sample.reason) == (UP, "")
    assert TextMessage("ping 12") in seen.events


def test_what_is_sent_is_sent_without_waiting_for_an_answer() -> None:
    with serving() as (server, seen):
        assert ask_once(check(server, send="hello")).verdict is UP
        assert eventually(lambda: TextMessage("hello") in seen.events)


def test_a_greeting_may_be_what_is_expected() -> None:
    with serving(greeting=[TextMessage('{"type": "welcome"}')]) as (server, _):
        assert ask_once(check(server, expect="welcome")).verdict is UP


def test_other_messages_may_come_first() -> None:
    with serving(echo, greeting=[TextMessage("welcome"), TextMessage("news")]) as (server, _):
        assert ask_once(check(server, send="hello", expect="hello")).verdict is UP


def test_a_message_in_pieces_is_one() -> None:
    pieces = frame(TEXT, b"he", is_last=False) + frame(PING) + frame(CONTINUATION, b"llo w\xc3", is_last=False)
    with Server(saying(pieces + frame(CONTINUATION, b"\xb6rld"))) as server:
        assert ask_once(check(server, expect="^hello wörld$")).verdict is UP


def test_a_message_of_bytes_is_read_as_text() -> None:
    with Server(saying(frame(BINARY, b"\xffhello"))) as server:
        assert ask_once(check(server, expect="hello")).verdict is UP


def test_pings_are_answered() -> None:
    def talk(_: Message) -> Sequence[Event]:
        return (Ping(b"are you there"),)

    with serving(talk) as (server, seen):
        ask_once(check(server, send="hello", expect="never", timeout_ms=TIMEOUT_MS))
    assert [event for event in seen.events if isinstance(event, Pong)] == [Pong(b"are you there")]


@pytest.mark.parametrize(
    "said",
    [
        [TextMessage("wrong")],
        [TextMessage("wrong"), CloseConnection(1000)],
        [TextMessage("wr", message_finished=False), TextMessage("ong")],
    ],
)
def test_a_wrong_answer_is_one(said: list[Event]) -> None:
    with serving(greeting=said) as (server, _):
        sample = ask_once(check(server, expect="right", timeout_ms=TIMEOUT_MS))
    assert (sample.verdict, sample.reason) == (DOWN, "answer")


def test_a_good_bye_instead_of_an_answer_is_disconnected_and_returned() -> None:
    with serving(greeting=[CloseConnection(1013)]) as (server, seen):
        assert ask_once(check(server, expect="x")).reason == "disconnected"
        assert eventually(lambda: seen.has(CloseConnection))


@pytest.mark.parametrize("status", [200, 301, 400, 401, 403, 404, 426, 503])
def test_a_refusal_is_its_status(status: int) -> None:
    with answering(response(status, b"<h1>No</h1>", Location="/elsewhere")) as server:
        sample = ask_once(check(server, send="hello", expect="hello"))
    assert (sample.verdict, sample.reason) == (DOWN, f"status {status}")
    assert sample.latency is not None


def test_an_early_hint_is_no_handshake() -> None:
    with answering(b"HTTP/1.1 103 Early Hints\r\n\r\n") as server:
        assert ask_once(check(server)).reason == "status 103"


@pytest.mark.parametrize(
    "wall",
    [
        response(403, b"x", CF_Mitigated="challenge"),
        response(403, b"<script src=//captcha-delivery.com/c.js></script>"),
    ],
)
def test_a_bot_wall_is_no_outage(wall: bytes) -> None:
    with answering(wall) as server:
        sample = ask_once(check(server))
    assert (sample.verdict, sample.reason) == (None, "blocked")


def test_a_refusal_whose_page_never_ends_is_its_status_all_the_same() -> None:
    start = b"HTTP/1.1 503 X\r\nContent-Length: 9999999\r\n\r\n"
    with Server(dripping(start)) as server:
        assert ask_once(check(server, timeout_ms=1_000)).reason == "status 503"


def test_the_handshake_says_what_is_wanted() -> None:
    headers = (("Authorization", "Bearer ${env:TOKEN}"), ("Origin", "https://a.example"))
    url = "/live feed?token=${env:KEY}".replace(" ", "%20")
    with serving(subprotocol="v2.chat") as (server, seen):
        question = check(server, url=f"ws://127.0.0.1:{server.port}{url}", headers=headers, subprotocol="v2.chat")
        sample = ask_once(question, {"TOKEN": "abc", "KEY": "d e"})
    assert sample.verdict is UP
    (request,) = seen.requests
    sent = dict(request.extra_headers)
    assert request.target == "/live%20feed?token=d%20e"
    assert request.host == f"127.0.0.1:{server.port}"
    assert request.subprotocols == ["v2.chat"]
    assert request.extensions == []
    assert sent[b"authorization"] == b"Bearer abc"
    assert sent[b"origin"] == b"https://a.example"
    assert sent[b"user-agent"].startswith(b"statusgen/")


def test_host_and_user_agent_may_be_others() -> None:
    with serving() as (server, seen):
        ask_once(check(server, headers=(("Host", "b.example"), ("User-Agent", "me"))))
    (request,) = seen.requests
    assert request.host == "b.example"
    assert [value for name, value in request.extra_headers if name == b"user-agent"] == [b"me"]


def test_a_path_in_other_letters_is_sent_in_percents() -> None:
    with serving() as (server, seen):
        ask_once(check(server, url=f"ws://127.0.0.1:{server.port}/caf\u00e9?x=%20"))
    assert seen.requests[0].target == "/caf%C3%A9?x=%20"


def test_secrets_are_filled_in_where_they_may_stand() -> None:
    question = check(1, url="ws://a.example/?k=${env:A}", send="${env:B}", headers=(("x", "${env:C}"),))
    assert question.references() == ("ws://a.example/?k=${env:A}", "${env:B}", "${env:C}")
    with serving(echo) as (server, _):
        assert ask_once(check(server, send="${env:B}", expect="^secret$"), {"B": "secret"}).verdict is UP


def test_a_secret_that_no_header_can_hold_is_not_the_targets_fault() -> None:
    with serving() as (server, seen):
        sample = ask_once(check(server, headers=(("x", "${env:A}"),)), {"A": "a\r\nb: c"})
    assert (sample.verdict, sample.reason) == (None, "unsupported")
    assert seen.requests == []


def test_a_subprotocol_that_is_not_taken_is_down() -> None:
    with serving() as (server, _):
        sample = ask_once(check(server, subprotocol="v2.chat"))
    assert (sample.verdict, sample.reason) == (DOWN, "header")


def test_over_tls_the_certificate_is_verified_and_told() -> None:
    with serving(echo, tls=tls("localhost")) as (server, _):
        question = check(
            server, url=f"wss://localhost:{server.port}/", ca_file="authority.pem", send="hello", expect="hello"
        )
        sample, details = answer_once(question)
    assert sample.verdict is UP
    assert list(phases_of(details)) == ["dns", "connect", "tls", "first_byte", "transfer"]
    assert details is not None
    assert details.certificate_end == CERTIFICATE_END


@pytest.mark.parametrize(
    ("certificate", "ca_file", "reason"),
    [
        ("expired", "authority.pem", "tls_expired"),
        ("elsewhere", "authority.pem", "tls_hostname"),
        ("localhost", "", "tls_untrusted"),
        ("localhost", "missing.pem", "tls_untrusted"),
    ],
)
def test_a_certificate_that_does_not_verify_is_down(certificate: str, ca_file: str, reason: str) -> None:
    with serving(tls=tls(certificate)) as (server, _):
        sample = ask_once(check(server, url=f"wss://localhost:{server.port}/", ca_file=ca_file))
    assert sample == Sample(AT, DOWN, None, reason)


def test_ipv6_is_spoken() -> None:
    with serving(host="::1") as (server, seen):
        assert ask_once(check(server, url=f"ws://[::1]:{server.port}/", ip=6)).verdict is UP
    assert seen.requests[0].host == f"[::1]:{server.port}"


def test_a_port_nobody_listens_on_refuses() -> None:
    assert ask_once(check(unused_port())).reason == "refused"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (b"", "disconnected"),
        (b"HTTP/1.1 101", "disconnected"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "protocol"),
        (b"HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", "protocol"),
        (b"HTTP/1.1 101 X\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n", "protocol"),
        (
            b"HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAA\r\n\r\n",
            "protocol",
        ),
        (b"HTTP/1.1 200 X\r\n" + b"x: y\r\n" * 20_000, "protocol"),
    ],
)
def test_what_is_no_handshake_has_a_reason(words: bytes, reason: str) -> None:
    with answering(words) as server:
        assert ask_once(check(server)).reason == reason


def test_a_handshake_may_be_torn_apart_and_hold_the_first_message() -> None:
    def act(sock: socket.socket) -> None:
        answer = accepted(read_request(sock)) + frame(TEXT, b"hello")
        for part in (answer[:20], answer[20:-3], answer[-3:]):
            sock.sendall(part)
            time.sleep(0.01)
        silent(sock)

    with Server(act) as server:
        assert ask_once(check(server, expect="hello")).verdict is UP


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (frame(0x3), "protocol"),
        (frame(CONTINUATION, b"x"), "protocol"),
        (frame(TEXT, b"\xff"), "protocol"),
        (frame(PING, b"x" * 126), "protocol"),
        (frame(PING, is_last=False), "protocol"),
        (b"\xc1\x00", "protocol"),  # compressed, which nobody offered
        (b"\x81\x80\0\0\0\0", "protocol"),  # masked, which no server does
        (b"\x81\xff" + b"\xff" * 8, "protocol"),  # longer than there are numbers
        (frame(CLOSE, b"\x03"), "protocol"),
        (frame(CLOSE), "disconnected"),
        (frame(CLOSE, b"\x03\xf3sorry"), "disconnected"),
    ],
)
def test_what_is_no_message_has_a_reason(words: bytes, reason: str) -> None:
    with Server(saying(words)) as server:
        assert ask_once(check(server, expect="x")).reason == reason


FLOODS = {
    "pings": frame(PING, b"x"),
    "empty pieces": frame(CONTINUATION, is_last=False),
    "large pieces": frame(CONTINUATION, b"x" * 10_000, is_last=False),
}


@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS)
def test_no_flood_lasts(flood: bytes) -> None:
    with Server(flooding(flood, frame(TEXT, b"x", is_last=False))) as server:
        assert ask_once(check(server, expect="never", timeout_ms=20_000)).reason == "protocol"


@pytest.mark.parametrize("message", [b"", b"x" * 100, b"x" * 60_000])
def test_a_flood_of_wrong_answers_is_one(message: bytes) -> None:
    with Server(flooding(frame(TEXT, message))) as server:
        assert ask_once(check(server, expect="right", timeout_ms=20_000)).reason == "answer"


def test_a_message_that_is_larger_than_any_is_refused_as_it_comes() -> None:
    huge = b"\x81\x7f" + (10 * MAX_HEARD).to_bytes(8, "big")
    with Server(flooding(b"x" * 1_000, huge)) as server:
        assert ask_once(check(server, expect="never", timeout_ms=20_000)).reason == "protocol"


STALLS: dict[str, Act] = {
    "silent": silent,
    "dripping handshake": dripping(b"HTTP/1.1 101 X\r\nx: "),
    "no message": saying(),
    "half a message": saying(frame(TEXT, b"x" * 100)[:50]),
    "dripping message": drip,
    "pieces without end": saying(frame(TEXT, b"x", is_last=False)),
}


@pytest.mark.parametrize("act", STALLS.values(), ids=STALLS)
def test_what_stalls_is_a_timeout_on_time(act: Act) -> None:
    with Server(act) as server:
        sample = ask_once(check(server, expect="x", timeout_ms=TIMEOUT_MS))
    assert sample == Sample(AT, DOWN, None, "timeout")


def test_a_pattern_that_takes_for_ever_does_not_match() -> None:
    with Server(saying(frame(TEXT, b"a" * 5_000))) as server:
        assert ask_once(check(server, expect=r"(a|a|aa)+$(?<!a)", timeout_ms=TIMEOUT_MS)).verdict is DOWN


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("https://a.example/", "write wss://host/path"),
        ("a.example", "write wss://host/path"),
        ("wss://", "is not a URL"),
        ("wss://a.example/#x", "remove it"),
        ("wss://user@a.example/", "must not hold a user name"),
        ("wss://${env:HOST}/", "query only"),
        ("wss://a.example/?x=${HOST}", "write ${env:NAME}"),
        ("wss://a.example/a b", "write %20"),
    ],
)
def test_what_is_no_url_is_refused_with_the_remedy(text: str, remedy: str) -> None:
    with pytest.raises(ValueError) as refused:
        websocket_url(text)
    assert remedy in str(refused.value)


@pytest.mark.parametrize("text", ["ws://a.example", "wss://a.example:8443/x?y=${env:KEY}", "ws://[::1]:80/"])
def test_a_url_of_a_websocket_is_one(text: str) -> None:
    assert websocket_url(text) == text


@pytest.mark.parametrize(
    ("seen", "judgement"),
    [
        (Observation(latency=1, status=101), (UP, "")),
        (Observation(latency=1, status=101, unmet="header"), (DOWN, "header")),
        (Observation(latency=1, status=200), (DOWN, "status 200")),
    ],
)
def test_only_an_open_websocket_is_up(seen: Observation, judgement: tuple[Verdict, str]) -> None:
    assert judge(check(1), seen, AT) == judgement


def test_every_key_arrives_where_it_belongs() -> None:
    text = '{url: "wss://a.example/?k=${env:K}", headers: {X-A: "${env:A}"}, subprotocol: v2.chat, send: "hi ${env:B}"'
    assert reading.written(KIND, text + ', expect: "^hi", ca_file: ca.pem, timeout: 1s}') == WebsocketCheck(
        url="wss://a.example/?k=${env:K}",
        headers=(("X-A", "${env:A}"),),
        subprotocol="v2.chat",
        send="hi ${env:B}",
        expect="^hi",
        ca_file="ca.pem",
        timeout_ms=1_000,
    )


def test_the_short_form_is_the_url() -> None:
    assert reading.written(KIND, '"wss://a.example/live"') == WebsocketCheck(url="wss://a.example/live")


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ('"https://a.example"', "write wss://host/path"),
        ("{send: hello}", "has no 'url'"),
        ('{url: "ws://a.example", expect: "("}', "is not a regular expression"),
        ('{url: "ws://a.example", subprotocol: "a b"}', "is not a subprotocol's name"),
        ('{url: "ws://a.example", headers: {"a b": c}}', "is not a header's name"),
    ],
)
def test_what_is_wrong_is_said(text: str, remedy: str) -> None:
    assert remedy in reading.refusal(KIND, text)
