"""Talking in lines: what is read, and how much of it at most."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable, Iterator

import pytest

from statusgen.probes.dial import Deadline, Unanswered, connect, trust
from statusgen.probes.dialogue import MAX_HEARD, MAX_LINE, Dialogue, Reply

from .servers import SLACK, TIMEOUT_MS, Act, Server, silent, speaking


@contextlib.contextmanager
def talking(act: Act, milliseconds: int = 5_000) -> Iterator[Dialogue]:
    deadline = Deadline(milliseconds)
    with (
        Server(act) as server,
        deadline.enforced(),
        contextlib.closing(Dialogue(connect("127.0.0.1", server.port, deadline), deadline)) as talk,
    ):
        yield talk


def failure(read: Callable[[Dialogue], object], act: Act, milliseconds: int = 5_000) -> str:
    with talking(act, milliseconds) as talk, pytest.raises(Unanswered) as raised:
        read(talk)
    return raised.value.reason


def test_lines_end_with_or_without_a_carriage_return() -> None:
    with talking(speaking(b"S: one\r\ntwo\nthr\xffe\r\n\r\n")) as talk:
        assert [talk.line() for _ in range(4)] == ["one", "two", "thr\xffe", ""]


def test_what_is_taken_is_exactly_so_long_however_it_comes() -> None:
    def in_bits(sock: socket.socket) -> None:
        for byte in b"abcdef":
            sock.sendall(bytes([byte]))
            time.sleep(0.005)
        silent(sock)

    with talking(in_bits) as talk:
        assert (talk.take(4), talk.take(0), talk.take(2)) == (b"abcd", b"", b"ef")


@pytest.mark.parametrize(
    ("words", "reply"),
    [
        (b"220 mail.example\r\n", Reply(220, ("mail.example",))),
        (b"220\r\n", Reply(220, ("",))),
        (b"250-a\r\n250-STARTTLS\r\n250 b\r\n", Reply(250, ("a", "STARTTLS", "b"))),
        (b"250-a\r\n250\r\n", Reply(250, ("a", ""))),
        (b"220-Welcome\r\n to 230 of us\r\n230 is all\r\n220 end\r\n", None),
    ],
)
def test_a_reply_has_one_line_or_many(words: bytes, reply: Reply | None) -> None:
    """Those of FTP may hold anything between the first and the last (RFC 959 §4.2)."""
    with talking(speaking(b"S: " + words)) as talk:
        assert talk.reply() == (reply or Reply(220, ("Welcome", " to 230 of us", "230 is all", "end")))


@pytest.mark.parametrize("words", [b"hello\r\n", b"22\r\n", b"2200 x\r\n", b"220_x\r\n", b"\xb2\xb2\xb2 x\r\n"])
def test_what_begins_with_no_number_is_no_reply(words: bytes) -> None:
    assert failure(Dialogue.reply, speaking(b"S: " + words)) == "protocol"


def flood(line: bytes) -> Act:
    def act(sock: socket.socket) -> None:
        while True:
            sock.sendall(line * (4_096 // len(line)))

    return act


@pytest.mark.parametrize(
    "read",
    [Dialogue.line, Dialogue.reply, lambda talk: talk.take(10**9), lambda talk: talk.until(rb"\Aabc")],
    ids=["line", "reply", "take", "until"],
)
@pytest.mark.parametrize("line", [b"x", b"220-x\r\n"], ids=["one line", "lines"])
def test_an_endless_answer_is_left_early(read: Callable[[Dialogue], object], line: bytes) -> None:
    def all_of(talk: Dialogue) -> None:
        while True:
            read(talk)

    started = time.monotonic()
    assert failure(all_of, flood(line)) in ("protocol", "answer")
    assert time.monotonic() - started < 4


def test_a_line_may_be_so_long_and_no_longer() -> None:
    with talking(speaking(b"S: " + b"x" * (MAX_LINE - 1) + b"\n" + b"y" * MAX_LINE + b"\n")) as talk:
        assert len(talk.line()) == MAX_LINE - 1
        with pytest.raises(Unanswered, match="protocol"):
            talk.line()


def test_so_much_is_heard_and_no_more() -> None:
    assert failure(lambda talk: talk.take(MAX_HEARD + 1), speaking(b"S: " + b"x" * (MAX_HEARD + 1))) == "protocol"
    with talking(speaking(b"S: " + b"x" * MAX_HEARD)) as talk:
        assert len(talk.take(MAX_HEARD)) == MAX_HEARD


READERS = {"line": Dialogue.line, "reply": Dialogue.reply, "until": lambda talk: talk.until(b"x")}


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_silence_is_a_timeout_on_time_and_the_end_a_disconnection(read: Callable[[Dialogue], object]) -> None:
    started = time.monotonic()
    assert failure(read, silent, TIMEOUT_MS) == "timeout"
    assert time.monotonic() - started < TIMEOUT_MS / 1_000 + SLACK
    assert failure(read, lambda sock: None) == "disconnected"


def test_saying_something_to_somebody_who_does_not_listen_ends_in_time() -> None:
    def deaf(sock: socket.socket) -> None:
        time.sleep(2 * TIMEOUT_MS / 1_000)

    assert failure(lambda talk: talk.say(b"x" * 50_000_000), deaf, TIMEOUT_MS) == "timeout"


def test_what_was_waited_for_is_taken_with_all_before_it() -> None:
    with talking(speaking(b"S: +OK one\r\n+OK two\r\n")) as talk:
        assert talk.until(rb"\+OK \w+") == b"+OK one"
        assert talk.until(rb"\+OK \w+") == b"\r\n+OK two"


def test_what_was_said_before_encryption_is_not_taken_for_encrypted() -> None:
    """Somebody on the way could have put it there, to be read as if the server had said it afterwards."""
    with talking(speaking(b"S: 220 go ahead\r\n250 injected\r\n")) as talk:
        talk.reply()
        with pytest.raises(Unanswered, match="protocol"):
            talk.secure(trust(), "localhost")


def test_a_good_bye_that_nobody_hears_is_no_failure() -> None:
    with talking(lambda sock: None) as talk:
        with pytest.raises(Unanswered, match="disconnected"):
            talk.line()
        for _ in range(3):  # the first one is sent all the same, and answered by a reset
            talk.part(b"QUIT\r\n")
