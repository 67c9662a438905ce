"""SMTP: mail servers that greet, refuse, encrypt, stall or are something else."""

from __future__ import annotations

import pytest

from statusgen.model import Sample, Verdict
from statusgen.probes.smtp import KIND, SmtpCheck

from .reading import refusal, written
from .servers import (
    AT,
    TIMEOUT_MS,
    Act,
    Server,
    answer_once,
    ask_once,
    dripping,
    eventually,
    phases_of,
    silent,
    speaking,
    tls,
    unused_port,
)

UP, _, DOWN = Verdict
GREETING, HELLO, ABLE = b"S: 220 mail.example ESMTP\r\n", b"C: EHLO [", b"S: 250-mail.example\r\n250 STARTTLS\r\n"


@pytest.mark.parametrize(("host", "literal"), [("127.0.0.1", b"[127.0.0.1]"), ("::1", b"[IPv6:::1]")])
def test_a_server_that_greets_and_answers_is_up(host: str, literal: bytes) -> None:
    with Server(speaking(GREETING, b"C: EHLO " + literal + b"\r\n", ABLE, b"C: QUIT\r\n"), host=host) as server:
        sample, details = answer_once(SmtpCheck(host=host, port=server.port))
    assert (sample.verdict, sample.reason) == (UP, "")
    assert list(phases_of(details)) == ["dns", "connect", "first_byte", "transfer"]


def test_it_says_good_bye_and_does_not_wait_for_an_answer() -> None:
    def act(sock) -> None:  # type: ignore[no-untyped-def]
        sock.sendall(b"220 x\r\n")
        sock.recv(100)
        sock.sendall(b"250 x\r\n")
        server.requests.append(sock.recv(100))
        silent(sock)

    with Server(act) as server:
        assert ask_once(SmtpCheck(host="127.0.0.1", port=server.port)).verdict is UP
        assert eventually(lambda: server.requests == [b"QUIT\r\n"])


@pytest.mark.parametrize(
    ("turns", "reason"),
    [
        ((b"S: 421 too many connections\r\n",), "status 421"),
        ((b"S: 554-no\r\n554 mail for you\r\n",), "status 554"),
        ((b"S: 250 hello\r\n",), "status 250"),
        ((GREETING, HELLO, b"S: 502 what\r\n"), "status 502"),
        ((GREETING, HELLO, b"S: 421 bye\r\n"), "status 421"),
        ((b"S: HTTP/1.1 400 Bad Request\r\n\r\n",), "protocol"),
        ((b"S: \x00\xff\n",), "protocol"),
        ((GREETING, HELLO, b"S: ...\r\n"), "protocol"),
        ((GREETING, b"C: HELO"), "disconnected"),
    ],
)
def test_a_server_that_does_not_is_down(turns: tuple[bytes, ...], reason: str) -> None:
    with Server(speaking(*turns)) as server:
        assert ask_once(SmtpCheck(host="127.0.0.1", port=server.port)) == Sample(AT, DOWN, None, reason)


@pytest.mark.parametrize(
    "act",
    [silent, speaking(GREETING), speaking(b"S: 220-wait\r\n"), dripping(b""), dripping(b"", b"220-\r\n")],
    ids=["silent", "after the greeting", "within it", "dripping", "dripping lines"],
)
def test_a_server_that_hangs_is_a_timeout_on_time(act: Act) -> None:
    with Server(act) as server:
        check = SmtpCheck(host="127.0.0.1", port=server.port, timeout_ms=TIMEOUT_MS)
        assert ask_once(check) == Sample(AT, DOWN, None, "timeout")


def test_a_port_nobody_listens_on_refuses() -> None:
    assert ask_once(SmtpCheck(host="127.0.0.1", port=unused_port())).reason == "refused"


def test_after_starttls_it_is_asked_again() -> None:
    turns = (GREETING, HELLO, ABLE, b"C: STARTTLS\r\n", b"S: 220 go\r\n")
    check = {"host": "localhost", "secured": "smtp", "ca_file": "authority.pem"}
    with Server(speaking(*turns, tls("localhost"), HELLO, ABLE)) as server:
        assert ask_once(SmtpCheck(port=server.port, **check)).verdict is UP  # type: ignore[arg-type]
    with Server(speaking(*turns, tls("localhost"), HELLO, b"S: 421 busy\r\n")) as server:
        assert ask_once(SmtpCheck(port=server.port, **check)).reason == "status 421"  # type: ignore[arg-type]
    with Server(speaking(*turns, tls("expired"))) as server:
        assert ask_once(SmtpCheck(port=server.port, **check)).reason == "tls_expired"  # type: ignore[arg-type]
    with Server(speaking(GREETING, HELLO, b"S: 250 x\r\n")) as server:
        assert ask_once(SmtpCheck(port=server.port, **check)).reason == "starttls"  # type: ignore[arg-type]


def test_with_tls_the_greeting_comes_encrypted() -> None:
    with Server(speaking(GREETING, HELLO, ABLE), tls("localhost")) as server:
        check = SmtpCheck(host="localhost", port=server.port, secured="tls", ca_file="authority.pem")
        sample, details = answer_once(check)
    assert sample.verdict is UP
    assert list(phases_of(details)) == ["dns", "connect", "tls", "first_byte", "transfer"]


@pytest.mark.parametrize(
    ("text", "check"),
    [
        ("mail.example", SmtpCheck(host="mail.example", port=25)),
        ("mail.example:2525", SmtpCheck(host="mail.example", port=2525)),
        ("'[::1]:2525'", SmtpCheck(host="::1", port=2525)),
        ("'2001:db8::25'", SmtpCheck(host="2001:db8::25", port=25)),
        ("{host: mail.example}", SmtpCheck(host="mail.example", port=25)),
        ("{host: mail.example, tls: true}", SmtpCheck(host="mail.example", port=465, secured="tls")),
        (
            "{host: mail.example, port: 587, starttls: true, server_name: a.example, ip: 6}",
            SmtpCheck(host="mail.example", port=587, secured="smtp", server_name="a.example", ip=6),
        ),
    ],
)
def test_what_is_written_is_what_is_asked(text: str, check: SmtpCheck) -> None:
    assert written(KIND, text) == check


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{host: a.example, tls: true, starttls: true}", "'smtp': has both 'tls' and 'starttls': keep one"),
        (
            "{host: a.example, ca_file: ca.pem}",
            "'smtp': has 'server_name' or 'ca_file' and no encryption: add 'tls: true', or remove them",
        ),
        ("'https://mail.example:25'", "'smtp': 'https://mail.example:25' is not a host name or an address"),
        ("mail.example:0", "'smtp': 'mail.example:0' is not a target: write host:port"),
    ],
)
def test_what_makes_no_sense_is_refused(text: str, message: str) -> None:
    assert refusal(KIND, text) == message
