"""gRPC health: what a server may say of itself, in which form, and what it may say instead."""

from __future__ import annotations

import socket

import pytest

from statusgen.model import Observation, Sample, Verdict
from statusgen.probes.grpc import KIND, MAX_ANSWER, GrpcCheck, decode, encode, judge

from . import http2_server as peer
from . import reading
from .http2_server import Answer, alpn, flooding, frame, head, saying
from .servers import (
    AT,
    TIMEOUT_MS,
    Act,
    Server,
    answer_once,
    answering,
    ask_once,
    dripping,
    phases_of,
    response,
    silent,
    unused_port,
)

UP, _, DOWN = Verdict
HEAD = ((":status", "200"), ("content-type", "application/grpc"))
OK = (("grpc-status", "0"),)


def message(body: bytes, compressed: int = 0) -> bytes:
    return bytes([compressed]) + len(body).to_bytes(4, "big") + body


def health(status: int) -> Answer:
    return Answer(HEAD, message(bytes([8, status]) if status else b""), OK)


def check(port: int, **rest: object) -> GrpcCheck:
    return GrpcCheck(**{"host": "127.0.0.1", "port": port, "tls": False} | rest)  # type: ignore[arg-type]


def answered(answer: Answer) -> Sample:
    with peer.answering(answer) as (server, _):
        return ask_once(check(server.port))


def test_a_server_that_is_serving_is_up() -> None:
    sample = answered(health(1))
    assert (sample.verdict, sample.reason) == (UP, "")
    assert sample.latency is not None


@pytest.mark.parametrize("status", [0, 2, 3, 4, 100])
def test_every_other_state_is_down(status: int) -> None:
    sample = answered(health(status))
    assert (sample.verdict, sample.reason) == (DOWN, "not_serving")
    assert sample.latency is not None


@pytest.mark.parametrize("code", [1, 5, 7, 12, 14, 16])
def test_a_call_that_failed_is_down_with_its_status(code: int) -> None:
    status = ("grpc-status", str(code))
    assert answered(Answer((*HEAD, status, ("grpc-message", "secret words")))).reason == f"grpc {code}"
    assert answered(Answer(HEAD, trailers=(status,))).reason == f"grpc {code}"
    assert answered(Answer(HEAD, message(b"\x08\x01"), (status,))).reason == f"grpc {code}"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(((":status", "503"), ("content-type", "text/html")), b"<h1>"), "status 503"),
        (Answer(((":status", "404"),)), "status 404"),
        (Answer(((":status", "503"), ("grpc-status", "14"))), "grpc 14"),
        (Answer(((":status", "200"), ("content-type", "text/html")), b"<h1>Hello</h1>"), "protocol"),
        (Answer(HEAD, message(b"\x08\x01")), "protocol"),  # no trailers
        (Answer((*HEAD, *OK), message(b"\x08\x01")), "protocol"),  # the status where the trailers should be
        (Answer(HEAD, message(b"\x08\x01"), (("x", "y"),)), "protocol"),
        (Answer(HEAD, message(b"\x08\x01"), (("grpc-status", "fine"),)), "protocol"),
        (Answer(HEAD, message(b"\x08\x01"), (("grpc-status", "1000"),)), "protocol"),
        (Answer(HEAD, message(b"\x08\x01"), (("grpc-status", "-1"),)), "protocol"),
        (Answer((*HEAD, *OK)), "protocol"),  # well, but no answer
        (Answer(HEAD, b"", OK), "protocol"),
        (Answer(HEAD, b"\0\0\0\0", OK), "protocol"),
        (Answer(HEAD, message(b"\x08\x01")[:-1], OK), "protocol"),
        (Answer(HEAD, message(b"\x08\x01", compressed=1), OK), "protocol"),
        (Answer(HEAD, message(b"\x08\x01") * 2, OK), "protocol"),
        (Answer(HEAD, message(b"\x08"), OK), "protocol"),
        (Answer(HEAD, message(b"\x12" + bytes([0x80, 0x80, 1]) + bytes(16_384)), OK), "protocol"),
        (Answer(HEAD, message(b"\x08\x02" * MAX_ANSWER), OK), "protocol"),
        (Answer(HEAD, message(b"\x08\x81\x00" + b"\x08\x01" * ((MAX_ANSWER - 8) // 2)) + b"more", OK), "protocol"),
    ],
)
def test_what_is_no_answer_has_a_reason(answer: Answer, reason: str) -> None:
    sample = answered(answer)
    assert (sample.verdict, sample.reason) == (DOWN, reason)


def test_the_service_the_metadata_and_the_deadline_are_sent() -> None:
    question = {"service": "shop.v1.Cart", "metadata": (("authorization", "Bearer ${env:TOKEN}"),)}
    with peer.answering(health(1)) as (server, requests):
        sample = ask_once(check(server.port, timeout_ms=4_000, **question), {"TOKEN": "abc"})
    assert sample.verdict is UP
    asked = requests[0]
    assert asked.body == message(b"\x0a\x0cshop.v1.Cart")
    assert asked[":path"] == "/grpc.health.v1.Health/Check"
    assert asked[":method"] == "POST"
    assert asked[":scheme"] == "http"
    assert asked[":authority"] == f"127.0.0.1:{server.port}"
    assert asked["authorization"] == "Bearer abc"
    assert asked["content-type"] == "application/grpc"
    assert asked["te"] == "trailers"
    assert 3_000 < int(asked["grpc-timeout"].removesuffix("m")) <= 4_001


def test_without_a_service_the_server_is_asked_about_itself() -> None:
    with peer.answering(health(1)) as (server, requests):
        ask_once(check(server.port))
    assert requests[0].body == message(b"")


def test_secrets_are_known_by_their_names() -> None:
    assert check(1, metadata=(("x", "${env:A}"), ("y", "plain"))).references() == ("${env:A}", "plain")


def test_a_secret_that_no_header_can_hold_is_not_the_targets_fault() -> None:
    with peer.answering(health(1)) as (server, _):
        sample = ask_once(check(server.port, metadata=(("x", "${env:A}"),)), {"A": "a\nb"})
    assert (sample.verdict, sample.reason) == (None, "unsupported")


def test_over_tls_the_certificate_is_verified_and_told() -> None:
    with peer.answering(health(1), alpn()) as (server, requests):
        sample, details = answer_once(check(server.port, tls=True, ca_file="authority.pem"))
    assert sample.verdict is UP
    assert requests[0][":scheme"] == "https"
    assert list(phases_of(details)) == ["dns", "connect", "tls", "first_byte", "transfer"]
    assert details is not None
    assert details.certificate_end == 4_922_899_200  # 2126-01-01


@pytest.mark.parametrize(
    ("certificate", "rest", "reason"),
    [
        ("localhost", {}, "tls_untrusted"),
        ("localhost", {"ca_file": "missing.pem"}, "tls_untrusted"),
        ("expired", {"ca_file": "authority.pem"}, "tls_expired"),
        ("elsewhere", {"ca_file": "authority.pem"}, "tls_hostname"),
        ("elsewhere", {"ca_file": "authority.pem", "server_name": "elsewhere.example"}, ""),
        ("localhost", {"ca_file": "authority.pem", "server_name": "elsewhere.example"}, "tls_hostname"),
    ],
)
def test_a_certificate_must_be_for_the_name(certificate: str, rest: dict[str, object], reason: str) -> None:
    with peer.answering(health(1), alpn(certificate)) as (server, _):
        assert ask_once(check(server.port, tls=True, **rest)).reason == reason


def test_the_name_is_also_the_authority() -> None:
    with peer.answering(health(1)) as (server, requests):
        ask_once(check(server.port, server_name="shop.example"))
    assert requests[0][":authority"] == f"shop.example:{server.port}"


def test_ipv6_is_spoken() -> None:
    with peer.answering(health(1), host="::1") as (server, requests):
        assert ask_once(check(server.port, host="::1", ip=6)).verdict is UP
    assert requests[0][":authority"] == f"[::1]:{server.port}"


def test_a_web_server_speaks_the_wrong_version() -> None:
    with answering(response(400)) as server:
        assert ask_once(check(server.port)).reason == "http_version"
    with answering(response(200), alpn(protocol="http/1.1")) as server:
        sample = ask_once(check(server.port, host="localhost", tls=True, ca_file="authority.pem"))
    assert sample.reason == "http_version"


def test_a_port_nobody_listens_on_refuses() -> None:
    assert ask_once(check(unused_port())).reason == "refused"


def hanging_up(sock: socket.socket) -> None:
    sock.recv(65_536)


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        (hanging_up, "disconnected"),
        (saying(frame(peer.GOAWAY, bytes(8))), "disconnected"),
        (saying(frame(peer.RST_STREAM, bytes(4), stream=1)), "disconnected"),
        (flooding(frame(peer.PING, bytes(8))), "protocol"),
        (flooding(frame(peer.DATA, bytes(1_000), stream=1), head()), "protocol"),
    ],
)
def test_servers_that_misbehave_have_a_reason(act: Act, reason: str) -> None:
    with Server(act) as server:
        assert ask_once(check(server.port)).reason == reason


@pytest.mark.parametrize(
    "act",
    [silent, saying(), saying(head()), dripping(frame(peer.SETTINGS), frame(peer.PING, bytes(8)))],
    ids=["silent", "no answer", "head alone", "dripping"],
)
def test_an_answer_that_stalls_is_a_timeout_on_time(act: Act) -> None:
    with Server(act) as server:
        assert ask_once(check(server.port, timeout_ms=TIMEOUT_MS)) == Sample(AT, DOWN, None, "timeout")


def test_a_name_is_written_with_its_length() -> None:
    assert encode("") == b""
    assert encode("a") == b"\x0a\x01a"
    assert encode("a" * 200) == b"\x0a\xc8\x01" + b"a" * 200
    assert encode("é") == b"\x0a\x02\xc3\xa9"


@pytest.mark.parametrize(
    ("written", "status"),
    [
        (b"", 0),
        (b"\x08\x01", 1),
        (b"\x08\x01\x08\x02", 2),  # the last one counts
        (b"\x08\x81\x00", 1),  # longer than it needs to be
        (b"\x12\x02\x08\x02\x08\x01", 1),  # another field's bytes look like ours
        (b"\x09" + b"\x08" * 8 + b"\x08\x01", 1),
        (b"\x0d" + b"\x08" * 4 + b"\x08\x01", 1),
        (b"\x10\x02\x08\x01\x18\x02", 1),
        (b"\x08" + b"\xff" * 9 + b"\x01", 2**64 - 1),
    ],
)
def test_a_status_is_read_past_what_is_not_known(written: bytes, status: int) -> None:
    assert decode(written) == status


@pytest.mark.parametrize(
    "written",
    [b"\x08", b"\x80", b"\x08" + b"\xff" * 10 + b"\x01", b"\x12\x02\x08", b"\x09\x00", b"\x0d\x00", b"\x0b", b"\x0e"],
)
def test_what_is_no_message_is_refused(written: bytes) -> None:
    with pytest.raises(ValueError):
        decode(written)


@pytest.mark.parametrize(
    ("seen", "judgement"),
    [
        (Observation(latency=1), (UP, "")),
        (Observation(latency=1, unmet="not_serving"), (DOWN, "not_serving")),
        (Observation(latency=1, status=502), (DOWN, "status 502")),
    ],
)
def test_only_serving_is_up(seen: Observation, judgement: tuple[Verdict, str]) -> None:
    assert judge(check(1), seen, AT) == judgement


def test_every_key_arrives_where_it_belongs() -> None:
    text = "{host: a.example, port: 443, service: shop.v1.Cart, tls: false, ca_file: ca.pem, server_name: b.example"
    question = reading.written(KIND, text + ', metadata: {x-token: "${env:TOKEN}"}, timeout: 1s, ip: "6"}')
    assert question == GrpcCheck(
        host="a.example",
        port=443,
        service="shop.v1.Cart",
        tls=False,
        ca_file="ca.pem",
        server_name="b.example",
        metadata=(("x-token", "${env:TOKEN}"),),
        timeout_ms=1_000,
        ip=6,
    )


def test_the_short_form_is_a_host_and_a_port() -> None:
    assert reading.written(KIND, "a.example:50051") == GrpcCheck(host="a.example", port=50_051)
    assert reading.written(KIND, '"[::1]:50051"') == GrpcCheck(host="::1", port=50_051)


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("a.example", "write host:port"),
        ("{host: a.example}", "has no 'port'"),
        ("{host: a.example, port: 1, metadata: {X-Token: a}}", "in lower case"),
        ("{host: a.example, port: 1, metadata: {grpc-timeout: 1S}}", "is not the name of a piece of metadata"),
        ("{host: a.example, port: 1, metadata: {x: '${env:}'}}", "write ${env:NAME}"),
        ("{host: a.example, port: 1, service: a b}", "is not a service's name"),
        ("{host: a.example, port: 1, tls: yes}", "neither true nor false"),
    ],
)
def test_what_is_wrong_is_said(text: str, remedy: str) -> None:
    assert remedy in reading.refusal(KIND, text)
