"""HTTP/2: answers of all forms, and servers that flood, stall, break off or speak another version."""

from __future__ import annotations

import gzip
import socket
import ssl
import time
from typing import Any

import pytest

from statusgen.model import Verdict
from statusgen.probes import http2
from statusgen.probes.authorization import Basic, ClientCredentials
from statusgen.probes.dial import Deadline, Unanswered, Unknown, trust
from statusgen.probes.http import KIND as HTTP
from statusgen.probes.http import HttpCheck

from . import http2_server as peer
from . import reading
from .http2_server import Answer, alpn, block, flooding, frame, head, saying
from .servers import (
    CERTIFICATES,
    PATIENT_MS,
    SLACK,
    TIMEOUT_MS,
    Act,
    Server,
    answer_once,
    ask_once,
    dripping,
    phases_of,
    read_request,
    silent,
    tls,
    unused_port,
)
from .servers import answering as answering_http1
from .servers import response as http1

UP, _, DOWN = Verdict
CA = "authority.pem"
MOST = 100_000
GET = http2.Request(method="GET", scheme="http", authority="a.example", path="/")
TRUSTED = trust(str(CERTIFICATES / CA), http2.ALPN)


def ask(
    server: Server | int,
    request: http2.Request = GET,
    *,
    timeout_ms: int = PATIENT_MS,
    most: int = MOST,
    context: ssl.SSLContext | None = None,
    host: str = "127.0.0.1",
) -> http2.Response:
    """Ask once, as a probe does."""
    port = server if isinstance(server, int) else server.port
    deadline = Deadline(timeout_ms)
    started = time.monotonic()
    try:
        with (
            deadline.enforced(),
            http2.connection(host, port, deadline, 0, context, "localhost") as sock,
        ):
            return http2.exchange(sock, request, deadline, most)
    finally:
        assert time.monotonic() - started <= timeout_ms / 1_000 + SLACK


def reason(act: Act, *, timeout_ms: int = PATIENT_MS, request: http2.Request = GET) -> str:
    """Return why such a server's answer is none."""
    with Server(act) as server, pytest.raises(Unanswered) as raised:
        ask(server, request, timeout_ms=timeout_ms)
    return raised.value.reason


def posting(body: bytes) -> http2.Request:
    return http2.Request(method="POST", scheme="http", authority="a.example", path="/", body=body)


def test_an_answer_has_a_status_headers_a_body_and_trailers() -> None:
    answer = Answer(((":status", "203"), ("x-kind", "good")), b"hello", (("x-sum", "5"),))
    with peer.answering(answer) as (server, _):
        response = ask(server)
    assert (response.status, response.body, response.trailers) == (203, b"hello", (("x-sum", "5"),))
    assert ("x-kind", "good") in response.headers
    assert response.is_whole


def test_an_answer_may_be_headers_alone() -> None:
    with peer.answering(Answer(((":status", "204"),))) as (server, _):
        response = ask(server)
    assert (response.status, response.body, response.trailers) == (204, b"", ())


def test_a_request_says_what_is_wanted_and_its_names_are_in_lower_case() -> None:
    request = http2.Request(
        method="GET", scheme="http", authority="a.example", path="/x?y=1", headers=(("X-Token", "abc"),)
    )
    with peer.answering(Answer()) as (server, requests):
        ask(server, request)
    assert requests[0].headers == [
        (":method", "GET"),
        (":scheme", "http"),
        (":authority", "a.example"),
        (":path", "/x?y=1"),
        ("x-token", "abc"),
    ]


def test_headers_of_connections_are_left_out_and_host_is_the_authority() -> None:
    headers = (("Connection", "close"), ("Host", "b.example"), ("Transfer-Encoding", "chunked"))
    with peer.answering(Answer()) as (server, requests):
        ask(server, http2.Request(method="GET", scheme="http", authority="a.example", path="/", headers=headers))
    assert requests[0][":authority"] == "b.example"
    assert len(requests[0].headers) == 4


def test_a_value_that_no_header_can_hold_is_not_the_targets_fault() -> None:
    broken = http2.Request(method="GET", scheme="http", authority="a.example", path="/", headers=(("x", "a\nb: c"),))
    with peer.answering(Answer()) as (server, requests), pytest.raises(Unknown, match="unsupported"):
        ask(server, broken)
    assert not requests


def test_white_space_around_a_value_is_not_sent() -> None:
    padded = http2.Request(method="GET", scheme="http", authority="a.example", path="/", headers=(("x", " a b\n"),))
    with peer.answering(Answer()) as (server, requests):
        ask(server, padded)
    assert requests[0]["x"] == "a b"


@pytest.mark.parametrize("size", [1, 16_384, 200_000])
def test_a_body_is_sent_as_the_server_has_room_for_it(size: int) -> None:
    with peer.answering(lambda asked: Answer(body=str(len(asked.body)).encode())) as (server, _):
        assert ask(server, posting(b"x" * size)).body == str(size).encode()


def test_an_answer_before_the_request_has_been_read_is_one() -> None:
    shut = frame(peer.SETTINGS, b"\0\4" + bytes(4))  # its window is empty: not a byte of the body may be sent
    with Server(saying(shut, head(flags=peer.END_HEADERS | peer.END_STREAM))) as server:
        assert ask(server, posting(b"x" * 100_000)).status == 200


def test_a_long_body_is_cut() -> None:
    with peer.answering(Answer(body=b"x" * 70_000)) as (server, _):
        response = ask(server, most=50_000)
        whole = ask(server, most=70_000)
    assert (len(response.body), response.is_whole) == (50_000, False)
    assert (len(whole.body), whole.is_whole) == (70_000, True)


def test_a_body_without_end_is_cut() -> None:
    with Server(flooding(frame(peer.DATA, b"x" * 1_000, stream=1), head())) as server:
        assert ask(server, most=1_000_000).body == b"x" * 1_000_000


def test_a_few_answers_before_the_answer_are_not_the_answer() -> None:
    with Server(saying(*[EARLY] * 10, head(flags=peer.END_HEADERS | peer.END_STREAM))) as server:
        assert ask(server).status == 200


def test_what_is_not_known_is_skipped_and_pings_are_answered() -> None:
    seen: list[bytes] = []

    def act(sock: socket.socket) -> None:
        sock.recv(65_536)
        sock.sendall(frame(peer.SETTINGS) + frame(0xF0, b"?") + frame(peer.PING, b"12345678"))
        while frame(peer.PING, b"12345678", peer.ACK) not in b"".join(seen):
            seen.append(sock.recv(65_536))
        sock.sendall(head(flags=peer.END_HEADERS | peer.END_STREAM))

    with Server(act) as server:
        assert ask(server).status == 200


def test_a_server_that_is_about_to_leave_still_answers() -> None:
    leaving = frame(peer.GOAWAY, (1).to_bytes(4, "big") + bytes(4))
    with Server(saying(head(), leaving, frame(peer.DATA, b"hello", peer.END_STREAM, 1))) as server:
        assert ask(server).body == b"hello"


def test_the_client_leaves_politely() -> None:
    seen: list[bytes] = []

    def act(sock: socket.socket) -> None:
        sock.recv(65_536)
        sock.sendall(frame(peer.SETTINGS) + head(flags=peer.END_HEADERS | peer.END_STREAM))
        while received := sock.recv(65_536):
            seen.append(received)

    with Server(act) as server:
        ask(server)
    assert frame(peer.GOAWAY, bytes(8)) in b"".join(seen)


EARLY = frame(peer.HEADERS, block((":status", "103")), peer.END_HEADERS, 1)
GONE = frame(peer.GOAWAY, bytes(8))
PROMISED = ((":method", "GET"), (":scheme", "http"), (":authority", "a.example"), (":path", "/x"))
PUSHED = frame(peer.PUSH_PROMISE, (2).to_bytes(4, "big") + block(*PROMISED), peer.END_HEADERS, 1)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ((GONE,), "disconnected"),
        ((frame(peer.GOAWAY, (1).to_bytes(4, "big") + (2).to_bytes(4, "big")),), "disconnected"),
        ((frame(peer.GOAWAY, bytes(4) + (13).to_bytes(4, "big")),), "http_version"),
        ((frame(peer.GOAWAY, bytes(7)),), "protocol"),
        ((frame(peer.RST_STREAM, (7).to_bytes(4, "big"), stream=1),), "disconnected"),
        ((frame(peer.RST_STREAM, (13).to_bytes(4, "big"), stream=1),), "http_version"),
        ((head(), frame(peer.RST_STREAM, bytes(4), stream=1)), "disconnected"),
        ((frame(peer.DATA, b"x", stream=1),), "protocol"),
        ((frame(peer.HEADERS, b"\xff" * 9, peer.END_HEADERS, 1),), "protocol"),
        ((frame(peer.HEADERS, block(("x", "y")), peer.END_HEADERS, 1),), "protocol"),
        ((frame(peer.HEADERS, block((":status", "0")), peer.END_HEADERS, 1),), "protocol"),
        ((frame(peer.HEADERS, block((":status", "ok")), peer.END_HEADERS, 1),), "protocol"),
        ((head(("content-length", "7")), frame(peer.DATA, b"x", peer.END_STREAM, 1)), "protocol"),
        ((*[EARLY] * 11, head(flags=peer.END_HEADERS | peer.END_STREAM)), "protocol"),
        ((PUSHED, head(flags=peer.END_HEADERS | peer.END_STREAM)), "protocol"),
        ((frame(peer.WINDOW_UPDATE, bytes(4)),), "protocol"),
        ((frame(peer.CONTINUATION, b"", 0, 1),), "protocol"),
        ((b"\x00\x40\x01\x00\x00\x00\x00\x00\x01",), "protocol"),  # a frame longer than any may be, that never comes
        ((b"\xff" * 9,), "protocol"),
        ((b"<html><h1>400 Bad Request</h1></html>",), "protocol"),
    ],
)
def test_what_is_no_answer_has_a_reason(words: tuple[bytes, ...], why: str) -> None:
    assert reason(saying(*words)) == why


FLOODS = {
    "pings": frame(peer.PING, bytes(8)),
    "settings": frame(peer.SETTINGS, b"\0\3\0\0\0\1"),
    "windows": frame(peer.WINDOW_UPDATE, b"\0\0\0\1"),
    "priorities": frame(2, bytes(5), stream=3),
    "unknown": frame(0xF0, b"x"),
    "empty data": frame(peer.DATA, stream=1),
    "padding": frame(peer.DATA, bytes([200]) + bytes(200), 0x8, 1),
    "goaways": frame(peer.GOAWAY, (1).to_bytes(4, "big") + bytes(4)),
}


@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS)
def test_no_flood_of_frames_lasts(flood: bytes) -> None:
    assert reason(flooding(flood, head()), timeout_ms=20_000) == "protocol"


@pytest.mark.parametrize(
    ("first", "flood"),
    [
        (head(flags=0), frame(peer.CONTINUATION, block(("x", "y")), 0, 1)),
        (head(flags=0), frame(peer.CONTINUATION, b"", 0, 1)),
        (head(flags=0), frame(peer.CONTINUATION, b"x" * 16_384, 0, 1)),
        (b"", frame(peer.HEADERS, block((":status", "103")), peer.END_HEADERS, 1)),
        (head(), frame(peer.HEADERS, block(("x", "y")), peer.END_HEADERS, 1)),
        (frame(peer.HEADERS, block((":status", "200"), *[("x", "y" * 4_000)] * 20), peer.END_HEADERS, 1), b""),
    ],
    ids=["continuations", "empty continuations", "large continuations", "early answers", "trailers", "one block"],
)
def test_headers_without_end_are_refused(first: bytes, flood: bytes) -> None:
    assert reason(flooding(flood, first) if flood else saying(first)) == "protocol"


STALLS: dict[str, Act] = {
    "silent": silent,
    "dripping frame": dripping(frame(peer.SETTINGS) + b"\x00\x40\x00", b"\0"),
    "no headers": saying(),
    "no body": saying(head()),
    "body that stops": saying(head(), frame(peer.DATA, b"x", stream=1)),
    "leaving and staying": saying(head(), frame(peer.GOAWAY, (1).to_bytes(4, "big") + bytes(4))),
}


@pytest.mark.parametrize("act", STALLS.values(), ids=STALLS)
def test_an_answer_that_stalls_is_a_timeout_on_time(act: Act) -> None:
    assert reason(act, timeout_ms=TIMEOUT_MS) == "timeout"


def test_a_window_that_stays_shut_is_a_timeout_on_time() -> None:
    shut = saying(frame(peer.SETTINGS, b"\0\4" + bytes(4)))
    assert reason(shut, timeout_ms=TIMEOUT_MS, request=posting(b"x")) == "timeout"


def test_a_window_may_shrink_below_zero_and_open_again() -> None:
    def act(sock: socket.socket) -> None:
        sock.recv(65_536)
        sock.sendall(frame(peer.SETTINGS, b"\0\4\0\0\0\5"))
        time.sleep(0.02)
        sock.sendall(frame(peer.SETTINGS, b"\0\4" + bytes(4)))
        sock.sendall(frame(peer.WINDOW_UPDATE, (100_000).to_bytes(4, "big"), stream=1))
        sock.sendall(head(flags=peer.END_HEADERS | peer.END_STREAM))
        silent(sock)

    with Server(act) as server:
        assert ask(server, posting(b"x" * 66_000)).status == 200


@pytest.mark.parametrize("words", [b"", frame(peer.SETTINGS), frame(peer.SETTINGS) + head(), b"\0\0\1", head()[:-1]])
def test_a_server_that_hangs_up_is_disconnected(words: bytes) -> None:
    def act(sock: socket.socket) -> None:
        sock.recv(65_536)
        sock.sendall(words)

    assert reason(act) == "disconnected"


def test_a_server_of_http_1_speaks_the_wrong_version() -> None:
    with answering_http1(http1(400)) as server, pytest.raises(Unanswered, match="http_version"):
        ask(server)


def test_a_port_nobody_listens_on_refuses() -> None:
    with pytest.raises(Unanswered, match="refused"):
        ask(unused_port())


def test_over_tls_both_agree_on_http_2() -> None:
    with peer.answering(Answer(body=b"hello"), alpn()) as (server, _):
        assert ask(server, context=TRUSTED).body == b"hello"


def test_over_tls_a_server_that_does_not_agree_on_it_speaks_the_wrong_version() -> None:
    for context in (alpn(protocol="http/1.1"), tls("localhost")):
        with peer.answering(Answer(), context) as (server, _), pytest.raises(Unanswered, match="http_version"):
            ask(server, context=TRUSTED)


def test_a_certificate_that_does_not_verify_is_said_first() -> None:
    for certificate, why in (("expired", "tls_expired"), ("elsewhere", "tls_hostname")):
        with peer.answering(Answer(), alpn(certificate)) as (server, _), pytest.raises(Unanswered, match=why):
            ask(server, context=TRUSTED)


def test_ipv6_is_spoken() -> None:
    with peer.answering(Answer(), host="::1") as (server, _):
        assert ask(server, host="::1").status == 200


# The kind http over it


def over(server: Server, **rest: Any) -> HttpCheck:
    return HttpCheck(**{"url": server.url("/x?y=1", "localhost"), "http_version": "2", "ca_file": CA} | rest)


def test_a_check_of_http_2_is_up_where_that_is_spoken() -> None:
    answer = Answer(((":status", "200"), ("x-kind", "good")), b'{"state": "ok"}')
    demands = {"body_contains": "ok", "response_headers": (("X-Kind", "^good$"),)}
    for context in (None, alpn()):
        with peer.answering(answer, context) as (server, requests):
            sample, details = answer_once(over(server, **demands))
        assert (sample.verdict, sample.reason) == (UP, "")
        assert requests[0][":path"] == "/x?y=1"
        assert requests[0][":scheme"] == ("https" if context else "http")
        assert requests[0][":authority"] == f"localhost:{server.port}"
        assert requests[0]["user-agent"].startswith("statusgen/")
        assert "connection" not in requests[0]
        assert list(phases_of(details)) == ["dns", "connect", *(["tls"] if context else []), "first_byte", "transfer"]


def test_method_body_headers_and_authorization_are_sent_over_it() -> None:
    with peer.answering(Answer()) as (server, requests):
        rest = {"method": "POST", "body": "hello", "headers": (("X-A", "${env:A}"), ("Host", "b.example"))}
        ask_once(over(server, auth=Basic(user="me", password="${env:B}"), **rest), {"A": "a", "B": "b"})
    assert (requests[0][":method"], requests[0].body) == ("POST", b"hello")
    assert requests[0]["x-a"] == "a"
    assert requests[0][":authority"] == "b.example"
    assert requests[0]["authorization"] == "Basic bWU6Yg=="


def test_the_demands_hold_for_it_as_well() -> None:
    with peer.answering(Answer(((":status", "503"),), b"no")) as (server, _):
        assert ask_once(over(server)).reason == "status 503"
    with peer.answering(Answer(body=b"no")) as (server, _):
        assert ask_once(over(server, body_contains="yes")).reason == "body"
    with peer.answering(Answer(((":status", "200"), ("content-length", "2")))) as (server, _):
        assert ask_once(over(server, method="HEAD")).reason == ""
    challenge = ((":status", "403"), ("cf-mitigated", "challenge"))
    with peer.answering(Answer(challenge)) as (server, _):
        assert ask_once(over(server)).reason == "blocked"


def test_redirects_are_followed_over_it() -> None:
    def answer(asked: peer.Asked) -> Answer:
        if asked[":path"] == "/end":
            return Answer(body=b"here")
        return Answer(((":status", "302"), ("location", "/end")), b"x" * 200_000)

    with peer.answering(answer, alpn()) as (server, requests):
        assert ask_once(over(server, body_contains="here")).verdict is UP
    assert [asked[":path"] for asked in requests] == ["/x?y=1", "/end"]


def test_a_redirect_to_where_it_is_not_spoken_is_the_wrong_version() -> None:
    with answering_http1(http1(200)) as old:
        there = ((":status", "302"), ("location", old.url()))
        with peer.answering(Answer(there)) as (server, _):
            assert ask_once(over(server)).reason == "http_version"


def test_a_long_or_compressed_body_is_read_as_over_http_1() -> None:
    packed = gzip.compress(b"x" * 100_000 + b"the end")
    with peer.answering(Answer(((":status", "200"), ("content-encoding", "gzip")), packed)) as (server, _):
        assert ask_once(over(server, body_contains="the end")).verdict is UP
    with Server(flooding(frame(peer.DATA, b"x" * 10_000, stream=1), head())) as server:
        assert ask_once(over(server, body_contains="xx", timeout_ms=20_000)).verdict is UP


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        (saying(GONE), "disconnected"),
        (saying(head(), GONE), "disconnected"),
        (flooding(FLOODS["pings"]), "protocol"),
        (flooding(FLOODS["empty data"], head()), "protocol"),
    ],
)
def test_a_server_that_misbehaves_is_down(act: Act, reason: str) -> None:
    with Server(act) as server:
        assert ask_once(over(server, timeout_ms=20_000)).reason == reason


@pytest.mark.parametrize("act", STALLS.values(), ids=STALLS)
def test_a_server_that_stalls_is_a_timeout_on_time_here_too(act: Act) -> None:
    with Server(act) as server:
        assert ask_once(over(server, timeout_ms=TIMEOUT_MS)).reason == "timeout"


def test_where_only_version_1_is_spoken_a_check_of_http_2_is_down() -> None:
    for context in (None, tls("localhost"), alpn(protocol="http/1.1")):
        with answering_http1(http1(200), context) as server:
            sample = ask_once(over(server))
        assert (sample.verdict, sample.reason) == (DOWN, "http_version")


@pytest.mark.parametrize(
    ("wanted", "spoken", "reason"),
    [
        ("1.1", b"HTTP/1.1", ""),
        ("1.0", b"HTTP/1.0", ""),
        ("1.0", b"HTTP/1.1", "http_version"),
        ("1.1", b"HTTP/1.0", "http_version"),
        ("", b"HTTP/1.0", ""),
    ],
)
def test_the_version_of_the_answer_must_be_the_one_wanted(wanted: str, spoken: bytes, reason: str) -> None:
    with answering_http1(http1(200).replace(b"HTTP/1.1", spoken)) as server:
        assert ask_once(over(server, http_version=wanted)).reason == reason


def test_a_wrong_status_is_said_before_a_wrong_version() -> None:
    with answering_http1(http1(503)) as server:
        assert ask_once(over(server, http_version="1.0")).reason == "status 503"


def test_a_token_is_asked_for_over_http_1() -> None:
    def issue(sock: socket.socket) -> None:
        assert isinstance(sock, ssl.SSLSocket)
        if sock.selected_alpn_protocol() != "h2":
            read_request(sock)
            sock.sendall(http1(200, b'{"access_token": "abc", "token_type": "bearer"}'))

    with Server(issue, alpn()) as issuer, peer.answering(Answer(), alpn()) as (server, requests):
        url = issuer.url("/token", "localhost")
        auth = ClientCredentials(token_url=url, client_id="me", client_secret="${env:A}")
        assert ask_once(over(server, auth=auth), {"A": "a"}).verdict is UP
    assert requests[0]["authorization"] == "Bearer abc"


@pytest.mark.parametrize("version", ["1.0", "1.1", "2"])
def test_the_version_may_be_written_as_a_number(version: str) -> None:
    question = reading.written(HTTP, f'{{url: "https://a.example", http_version: {version}}}')
    assert question == HttpCheck(url="https://a.example", http_version=version)


def test_another_version_is_refused() -> None:
    assert "'3' is not known" in reading.refusal(HTTP, '{url: "https://a.example", http_version: 3}')
