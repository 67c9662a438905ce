"""IMAP: mailbox servers that greet, refuse, encrypt, stall or are something else."""

from __future__ import annotations

import pytest

from statusgen.model import Sample, Verdict
from statusgen.probes.imap import KIND, ImapCheck

from .reading import written
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
)

UP, _, DOWN = Verdict


@pytest.mark.parametrize("greeting", [b"* OK [CAPABILITY IMAP4rev1] ready", b"* PREAUTH hello", b"* ok", b"* OK"])
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_server_that_greets_is_up(greeting: bytes, host: str) -> None:
    with Server(speaking(b"S: " + greeting + b"\r\n"), host=host) as server:
        sample, details = answer_once(ImapCheck(host=host, port=server.port))
    assert (sample.verdict, sample.reason) == (UP, "")
    assert list(phases_of(details)) == ["dns", "connect", "first_byte", "transfer"]


def test_it_logs_out_and_does_not_wait_for_an_answer() -> None:
    def act(sock) -> None:  # type: ignore[no-untyped-def]
        sock.sendall(b"* OK\r\n")
        server.requests.append(sock.recv(100))
        silent(sock)

    with Server(act) as server:
        assert ask_once(ImapCheck(host="127.0.0.1", port=server.port)).verdict is UP
        assert eventually(lambda: server.requests == [b"a9 LOGOUT\r\n"])


@pytest.mark.parametrize(
    ("greeting", "reason"),
    [
        (b"* BYE overloaded\r\n", "not_serving"),
        (b"* OKAY\r\n", "protocol"),
        (b"* NO\r\n", "protocol"),
        (b"+OK POP3\r\n", "protocol"),
        (b"\r\n", "protocol"),
        (b"x" * 10_000, "protocol"),
    ],
)
def test_a_server_that_does_not_is_down(greeting: bytes, reason: str) -> None:
    with Server(speaking(b"S: " + greeting)) as server:
        assert ask_once(ImapCheck(host="127.0.0.1", port=server.port)) == Sample(AT, DOWN, None, reason)


@pytest.mark.parametrize("act", [silent, speaking(b"S: * OK"), dripping(b"")], ids=["silent", "half", "dripping"])
def test_a_server_that_hangs_is_a_timeout_on_time(act: Act) -> None:
    with Server(act) as server:
        check = ImapCheck(host="127.0.0.1", port=server.port, timeout_ms=TIMEOUT_MS)
        assert ask_once(check) == Sample(AT, DOWN, None, "timeout")


def test_a_server_that_closes_at_once_is_disconnected() -> None:
    with Server(lambda sock: None) as server:
        assert ask_once(ImapCheck(host="127.0.0.1", port=server.port)).reason == "disconnected"


def test_starttls_is_asked_for_and_verified() -> None:
    turns = (b"S: * OK\r\n", b"C: a1 STARTTLS\r\n", b"S: a1 OK\r\n")
    for certificate, reason in (("localhost", ""), ("elsewhere", "tls_hostname")):
        with Server(speaking(*turns, tls(certificate))) as server:
            check = ImapCheck(host="localhost", port=server.port, secured="imap", ca_file="authority.pem")
            assert ask_once(check).reason == reason


def test_with_tls_the_greeting_comes_encrypted() -> None:
    for greeting, reason in ((b"S: * OK\r\n", ""), (b"S: * BYE\r\n", "not_serving")):
        with Server(speaking(greeting), tls("localhost")) as server:
            check = ImapCheck(host="localhost", port=server.port, secured="tls", ca_file="authority.pem")
            assert ask_once(check).reason == reason


@pytest.mark.parametrize(
    ("text", "check"),
    [
        ("mail.example", ImapCheck(host="mail.example", port=143)),
        ("'[::1]:1143'", ImapCheck(host="::1", port=1143)),
        ("{host: mail.example, tls: true}", ImapCheck(host="mail.example", port=993, secured="tls")),
        ("{host: mail.example, starttls: true}", ImapCheck(host="mail.example", port=143, secured="imap")),
    ],
)
def test_what_is_written_is_what_is_asked(text: str, check: ImapCheck) -> None:
    assert written(KIND, text) == check
