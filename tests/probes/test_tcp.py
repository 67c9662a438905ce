"""TCP: a port that takes a connection, one that refuses it, one that does neither; and conversations over it."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

import pytest

from statusgen.model import Sample, Verdict
from statusgen.probes.dialogue import MAX_HEARD
from statusgen.probes.tcp import KIND, Step, TcpCheck, spoken

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
    saying,
    silent,
    speaking,
    tls,
    unused_port,
)

DOWN = Verdict.DOWN


@contextlib.contextmanager
def full_listener() -> Iterator[int]:
    """Listen with a queue that is full, so that the next connection waits for ever."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


@pytest.mark.parametrize(("listen", "host"), [("127.0.0.1", "127.0.0.1"), ("127.0.0.1", "localhost"), ("::1", "::1")])
def test_a_port_that_takes_a_connection_is_up(listen: str, host: str) -> None:
    with Server(silent, host=listen) as server:
        sample = ask_once(TcpCheck(host=host, port=server.port))
    assert sample.verdict is Verdict.UP
    assert sample.latency is not None


def test_it_connects_hangs_up_and_sends_nothing() -> None:
    def act(sock: socket.socket) -> None:
        server.requests.append(sock.recv(100))

    with Server(act) as server:
        ask_once(TcpCheck(host="127.0.0.1", port=server.port))
        assert eventually(lambda: server.requests == [b""])


def test_a_port_nobody_listens_on_refuses() -> None:
    assert ask_once(TcpCheck(host="127.0.0.1", port=unused_port())) == Sample(AT, DOWN, None, "refused")


def test_a_port_that_does_not_answer_is_a_timeout_on_time() -> None:
    with full_listener() as port:
        sample = ask_once(TcpCheck(host="127.0.0.1", port=port, timeout_ms=TIMEOUT_MS))
    assert sample == Sample(AT, DOWN, None, "timeout")


def test_a_host_no_dns_can_name_is_not_found() -> None:
    assert ask_once(TcpCheck(host="a" * 64 + ".example", port=80)) == Sample(AT, DOWN, None, "dns")


def test_the_details_tell_how_far_it_came() -> None:
    with Server(silent) as server:
        assert list(phases_of(answer_once(TcpCheck(host="localhost", port=server.port)).details)) == ["dns", "connect"]
    assert list(phases_of(answer_once(TcpCheck(host="127.0.0.1", port=unused_port())).details)) == ["dns"]
    assert answer_once(TcpCheck(host="a" * 64 + ".example", port=80)).details is None


def test_a_latency_above_the_threshold_is_degraded() -> None:
    with Server(silent) as server:
        fast = ask_once(TcpCheck(host="127.0.0.1", port=server.port, degraded_above=(("total", 4_000),)))
    assert fast.verdict is Verdict.UP


# A conversation.


def conversing(port: int, *steps: tuple[str, str], timeout_ms: int = 0) -> TcpCheck:
    said = tuple(Step(send=send, expect=expect) for send, expect in steps)
    return TcpCheck(host="127.0.0.1", port=port, steps=said, timeout_ms=timeout_ms)


def test_an_answer_as_expected_is_up() -> None:
    with Server(speaking(b"C: PING\r\n", b"S: +PONG\r\n")) as server:
        sample, details = answer_once(conversing(server.port, (r"PING\r\n", r"^\+PONG\r\n")))
    assert (sample.verdict, sample.reason) == (Verdict.UP, "")
    assert list(phases_of(details)) == ["dns", "connect", "first_byte", "transfer"]


def test_steps_follow_one_another_and_each_sees_only_what_came_after_the_last() -> None:
    act = speaking(b"S: 220 a\r\n", b"C: HELP\r\n", b"S: 214 b\r\n", b"C: QUIT\r\n", b"S: 221 c\r\n")
    steps = (("", r"^220 .*\n"), (r"HELP\r\n", r"^214"), (r"QUIT\r\n", ""), ("", "221"))
    with Server(act) as server:
        assert ask_once(conversing(server.port, *steps)).verdict is Verdict.UP
    with Server(act) as server:
        again = (("", "^220"), ("", "^220"))
        assert ask_once(conversing(server.port, *again, timeout_ms=TIMEOUT_MS)).reason == "answer"


def test_what_is_only_sent_is_not_waited_for() -> None:
    def act(sock: socket.socket) -> None:
        server.requests.append(sock.recv(100))
        silent(sock)

    with Server(act) as server:
        assert ask_once(conversing(server.port, ("x", ""))).verdict is Verdict.UP
        assert eventually(lambda: server.requests == [b"x"])


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        (saying(b"-ERR\r\n"), "answer"),
        (dripping(b"", b"-"), "timeout"),  # waits for an empty line before it says anything
        (dripping(b""), "timeout"),
        (speaking(b"S: -"), "answer"),
        (silent, "timeout"),
        (lambda sock: sock.sendall(b"-ERR\r\n"), "answer"),
        (lambda sock: sock.recv(10), "disconnected"),
        (speaking(b"S: " + b"x" * (MAX_HEARD + 1)), "answer"),
    ],
)
def test_another_answer_or_none_is_down_on_time(act: Act, reason: str) -> None:
    with Server(act) as server:
        check = conversing(server.port, ("PING", r"\+PONG"), timeout_ms=TIMEOUT_MS)
        assert ask_once(check) == Sample(AT, DOWN, None, reason)


def test_a_pattern_that_backtracks_for_ever_ends_in_time() -> None:
    with Server(speaking(b"S: " + b"a" * 60 + b"!")) as server:
        check = conversing(server.port, ("", r"(a|aa)+$"), timeout_ms=TIMEOUT_MS)
        assert ask_once(check).reason == "answer"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("PING", b"PING"),
        (r"PING\r\n", b"PING\r\n"),
        ("PING\r\n", b"PING\r\n"),
        (r"\x00\xfF\0\t\\n", b"\x00\xff\0\t\\n"),
        ("h\u00e9", b"h\xc3\xa9"),
        (r"AUTH ${env:KEY}\r\n", b"AUTH s3\\ncret\\\r\n"),
    ],
)
def test_escapes_are_bytes_and_secrets_are_as_they_are(text: str, words: bytes) -> None:
    assert spoken(text, {"KEY": "s3\\ncret\\"}) == words


def test_secrets_are_sent_and_named_beforehand() -> None:
    with Server(speaking(b"C: AUTH s3cret\r\n", b"S: +OK\r\n")) as server:
        check = conversing(server.port, (r"AUTH ${env:KEY}\r\n", r"^\+OK"))
        assert ask_once(check, {"KEY": "s3cret"}).verdict is Verdict.UP
    assert check.references() == (r"AUTH ${env:KEY}\r\n",)


def test_over_tls_it_is_the_same() -> None:
    def encrypted(port: int) -> TcpCheck:
        steps = (Step(send="PING", expect="PONG"),)
        return TcpCheck(host="localhost", port=port, secured="tls", ca_file="authority.pem", steps=steps)

    with Server(speaking(b"C: PING", b"S: PONG"), tls("localhost")) as server:
        sample, details = answer_once(encrypted(server.port))
    assert sample.verdict is Verdict.UP
    assert list(phases_of(details)) == ["dns", "connect", "tls", "first_byte", "transfer"]
    with Server(speaking(b"C: PING", b"S: PONG"), tls("expired")) as server:
        assert ask_once(encrypted(server.port)).reason == "tls_expired"
    with Server(speaking(b"C: PING", b"S: PONG")) as server:
        assert ask_once(encrypted(server.port)).verdict is DOWN


def test_without_a_conversation_over_tls_the_handshake_is_all() -> None:
    with Server(silent, tls("localhost")) as server:
        check = TcpCheck(host="localhost", port=server.port, secured="tls", ca_file="authority.pem")
        assert ask_once(check).verdict is Verdict.UP


# In the configuration.


@pytest.mark.parametrize(
    ("text", "check"),
    [
        ("db.example:5432", TcpCheck(host="db.example", port=5432)),
        ("'[2001:db8::1]:5432'", TcpCheck(host="2001:db8::1", port=5432)),
        ("{host: a.example, port: 1, expect: ^220}", TcpCheck(host="a.example", port=1, steps=(Step(expect="^220"),))),
        (
            r"{host: a.example, port: 1, send: 'PING\r\n', expect: '\+PONG', tls: true}",
            TcpCheck(host="a.example", port=1, secured="tls", steps=(Step(send=r"PING\r\n", expect=r"\+PONG"),)),
        ),
        (
            r'{host: a.example, port: 1, starttls: SMTP, steps: [{expect: "x"}, {send: "QUIT\r\n"}]}',
            TcpCheck(host="a.example", port=1, secured="smtp", steps=(Step(expect="x"), Step(send="QUIT\r\n"))),
        ),
    ],
)
def test_what_is_written_is_what_is_asked(text: str, check: TcpCheck) -> None:
    assert written(KIND, text) == check


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        ("tls: true, starttls: smtp", "'tcp': has both 'tls' and 'starttls': keep one"),
        ("starttls: smpt", "'starttls': 'smpt' is not known (did you mean 'smtp'?)"),
        (
            "send: x, steps: [{expect: y}]",
            "'tcp': has 'steps' and one of 'send' and 'expect': write all of it as steps",
        ),
        ("steps: [{}]", "'steps': a step needs 'send', 'expect' or both"),
        ("steps: []", "the number of entries in 'steps' is 0: 1 to 20 are allowed"),
        ("expect: '('", "'expect': '(' is not a regular expression (missing ) at position 1)"),
        (
            r"send: 'a\qb'",
            r"'send': 'a\qb' holds a backslash that begins none of \r \n \t \0 \xNN: write \\",
        ),
        ("send: '${KEY}'", "'send': '${KEY}' is not a secret's reference: write ${env:NAME}"),
        (
            "server_name: a.example",
            "'tcp': has 'server_name' or 'ca_file' and no encryption: add 'tls: true', or remove them",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(rest: str, message: str) -> None:
    assert refusal(KIND, f"{{host: a.example, port: 1, {rest}}}") == message
