"""Asking a server to encrypt, by each protocol of the table, and servers that will not or do it wrong."""

from __future__ import annotations

import pytest

from statusgen.model import Sample, Verdict
from statusgen.probes.starttls import PROTOCOLS
from statusgen.probes.tcp import TcpCheck
from statusgen.probes.tls import TlsCheck

from .servers import AT, TIMEOUT_MS, Server, answer_once, ask_once, dripping, phases_of, silent, speaking, tls

UP, _, DOWN = Verdict
SSL_REQUEST = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"
START_TLS = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037"
STREAM = b"<stream:stream xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
FEATURES = b"<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>"
XMPP = (b"C: <?xml version='1.0'?><stream:stream to='localhost' ", b"S: " + STREAM + FEATURES, b"C: <starttls ")
WILLING = {
    "smtp": (
        b"S: 220 mail.example ESMTP\r\n",
        b"C: EHLO [127.0.0.1]\r\n",
        b"S: 250-mail.example\r\n250-starttls\r\n250 8BITMIME\r\n",
        b"C: STARTTLS\r\n",
        b"S: 220 go\r\n",
    ),
    "imap": (b"S: * OK hello\r\n", b"C: a1 STARTTLS\r\n", b"S: * NOTE: a1 NO\r\na1 OK go\r\n"),
    "pop3": (b"S: +OK <1@a>\r\n", b"C: STLS\r\n", b"S: +OK\r\n"),
    "ftp": (b"S: 220-Welcome\r\n to us\r\n220 x\r\n", b"C: AUTH TLS\r\n", b"S: 234 go\r\n"),
    "nntp": (b"S: 201 no posting\r\n", b"C: STARTTLS\r\n", b"S: 382 go\r\n"),
    "postgres": (b"C: " + SSL_REQUEST, b"S: S"),
    "ldap": (b"C: " + START_TLS, b"S: \x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00"),
    "xmpp": (*XMPP, b"S: <proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
}
OTHERWISE_WILLING = {
    "imap": (b"S: * PREAUTH hello\r\n", b"C: a1 STARTTLS\r\n", b"S: a1 ok\r\n"),
    "nntp": (b"S: 200 hello\r\n", b"C: STARTTLS\r\n", b"S: 382\r\n"),
    "ldap": (
        b"C: " + START_TLS,
        b"S: \x30\x84\x00\x00\x00\x10\x02\x01\x01\x78\x84\x00\x00\x00\x07",
        b"S: \x0a\x01\x00\x04\x00\x04\x00",
    ),
    "xmpp": (*XMPP, b"S: <proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'></proceed>"),
}
UNWILLING = [
    ("smtp", (b"S: 220 x\r\n", b"C: EHLO ", b"S: 250-x\r\n250 8BITMIME\r\n"), "starttls"),
    ("smtp", (b"S: 220 x\r\n", b"C: EHLO ", b"S: 250-x\r\n250 NOSTARTTLS\r\n"), "starttls"),
    ("smtp", (b"S: 220 x\r\n", b"C: EHLO ", b"S: 250 STARTTLS\r\n", b"C: STARTTLS\r\n", b"S: 454 no\r\n"), "starttls"),
    ("smtp", (b"S: 421 busy\r\n",), "status 421"),
    ("smtp", (b"S: hello\r\n",), "protocol"),
    ("imap", (b"S: * OK x\r\n", b"C: a1 ", b"S: a1 BAD what\r\n"), "starttls"),
    ("imap", (b"S: * OK x\r\n", b"C: a1 ", b"S: a1 NO\r\n"), "starttls"),
    ("imap", (b"S: * BYE busy\r\n",), "not_serving"),
    ("imap", (b"S: +OK pop3\r\n",), "protocol"),
    ("pop3", (b"S: -ERR busy\r\n",), "answer"),
    ("pop3", (b"S: +OK\r\n", b"C: STLS\r\n", b"S: -ERR\r\n"), "starttls"),
    ("ftp", (b"S: 421 busy\r\n",), "status 421"),
    ("ftp", (b"S: 220 x\r\n", b"C: AUTH TLS\r\n", b"S: 502 no\r\n"), "starttls"),
    ("nntp", (b"S: 400 busy\r\n",), "status 400"),
    ("nntp", (b"S: 200 x\r\n", b"C: STARTTLS\r\n", b"S: 580 no\r\n"), "starttls"),
    ("postgres", (b"C: " + SSL_REQUEST, b"S: N"), "starttls"),
    ("ldap", (b"C: " + START_TLS, b"S: \x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x34\x04\x00\x04\x00"), "starttls"),
    ("ldap", (b"C: " + START_TLS, b"S: \x30\x0c\x02\x01\x02\x78\x07\x0a\x01\x00\x04\x00\x04\x00"), "starttls"),
    ("ldap", (b"C: " + START_TLS, b"S: \x30\x84\xff\xff\xff\xff" + b"x" * 70_000), "protocol"),
    ("ldap", (b"C: " + START_TLS, b"S: HTTP/1.1 400 Bad Request\r\n"), "protocol"),
    ("xmpp", (XMPP[0], b"S: " + STREAM + b"<stream:features></stream:features>"), "starttls"),
    ("xmpp", (*XMPP, b"S: <failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>"), "starttls"),
]


def check(port: int, protocol: str, **rest: str | int) -> TcpCheck:
    return TcpCheck(host="localhost", port=port, secured=protocol, ca_file="authority.pem", **rest)  # type: ignore[arg-type]


def test_every_protocol_of_the_table_is_tested() -> None:
    assert set(WILLING) == set(PROTOCOLS) == {protocol for protocol, _, _ in UNWILLING}


@pytest.mark.parametrize(("protocol", "turns"), [*WILLING.items(), *OTHERWISE_WILLING.items()])
def test_a_server_that_encrypts_when_asked_is_up(protocol: str, turns: tuple[bytes, ...]) -> None:
    with Server(speaking(*turns, tls("localhost"))) as server:
        sample = ask_once(check(server.port, protocol))
    assert (sample.verdict, sample.reason) == (UP, "")


@pytest.mark.parametrize(("protocol", "turns", "reason"), UNWILLING)
def test_a_server_that_does_not_is_down(protocol: str, turns: tuple[bytes, ...], reason: str) -> None:
    with Server(speaking(*turns)) as server:
        assert ask_once(check(server.port, protocol)) == Sample(AT, DOWN, None, reason)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_certificate_is_verified(protocol: str) -> None:
    with Server(speaking(*WILLING[protocol], tls("expired"))) as server:
        assert ask_once(check(server.port, protocol)).reason == "tls_expired"
    with Server(speaking(*WILLING[protocol], tls("elsewhere"))) as server:
        assert ask_once(check(server.port, protocol)).reason == "tls_hostname"


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_server_that_stalls_anywhere_is_a_timeout_on_time(protocol: str) -> None:
    for turns in ((), WILLING[protocol][:-1], WILLING[protocol]):
        with Server(speaking(*turns)) as server:
            assert ask_once(check(server.port, protocol, timeout_ms=TIMEOUT_MS)).reason in ("timeout", "answer")


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_server_that_hangs_up_is_disconnected(protocol: str) -> None:
    with Server(lambda sock: None) as server:
        assert ask_once(check(server.port, protocol)).reason == "disconnected"


def test_a_greeting_that_drips_is_a_timeout_on_time() -> None:
    with Server(dripping(b"", b"220-x\r\n")) as server:
        assert ask_once(check(server.port, "smtp", timeout_ms=TIMEOUT_MS)).reason == "timeout"


def test_the_details_tell_the_greeting_and_the_handshake() -> None:
    with Server(speaking(*WILLING["smtp"], tls("localhost"))) as server:
        _, details = answer_once(check(server.port, "smtp"))
    assert list(phases_of(details)) == ["dns", "connect", "tls", "first_byte", "transfer"]
    with Server(silent) as server:
        _, details = answer_once(check(server.port, "smtp", timeout_ms=TIMEOUT_MS))
    assert list(phases_of(details)) == ["dns", "connect"]


def test_a_certificate_behind_starttls_can_be_watched_as_any_other() -> None:
    with Server(speaking(*WILLING["imap"], tls("localhost"))) as server:
        watched = TlsCheck(host="localhost", port=server.port, secured="imap", ca_file="authority.pem")
        sample = ask_once(watched, at=4_922_899_200 - 86_400)
    assert (sample.verdict, sample.reason) == (UP, "tls_expiring")
