"""SSH: servers that say what they are, and what else may stand on the port."""

from __future__ import annotations

import pytest

from statusgen.model import Sample, Verdict
from statusgen.probes.ssh import KIND, SshCheck

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
    unused_port,
)

UP, _, DOWN = Verdict
BANNER = b"SSH-2.0-OpenSSH_9.6 Debian-1\r\n"


@pytest.mark.parametrize(
    "words",
    [
        BANNER,
        b"SSH-1.99-old\r\n",
        b"SSH-2.0-x\n",
        b"Authorized use only!\r\nGo away.\r\n" + BANNER,
        b"SSH-2.0-" + b"x" * 245 + b"\r\n",
        BANNER + b"\x00\x00\x04\x0c\x0a\x14",
    ],
)
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_server_that_says_what_it_is_is_up(words: bytes, host: str) -> None:
    with Server(speaking(b"S: " + words), host=host) as server:
        sample, details = answer_once(SshCheck(host=host, port=server.port))
    assert (sample.verdict, sample.reason) == (UP, "")
    assert list(phases_of(details)) == ["dns", "connect", "first_byte", "transfer"]


def test_it_says_what_it_is_itself_and_hangs_up() -> None:
    def act(sock) -> None:  # type: ignore[no-untyped-def]
        sock.sendall(BANNER)
        server.requests.append(sock.recv(100))

    with Server(act) as server:
        ask_once(SshCheck(host="127.0.0.1", port=server.port))
        assert eventually(lambda: server.requests == [b"SSH-2.0-statusgen\r\n"])


@pytest.mark.parametrize(
    "words",
    [
        b"SSH-1.5-old\r\n",
        b"SSH-2.0\r\n",
        b"SSH-2.0- \r\n",
        b"SSH-2.0-" + b"x" * 246 + b"\r\n",
        b"no end of the line " * 1_000,
        b"go away\r\n" * 10_000,
    ],
)
def test_what_is_no_such_server_is_down(words: bytes) -> None:
    with Server(speaking(b"S: " + words)) as server:
        assert ask_once(SshCheck(host="127.0.0.1", port=server.port)) == Sample(AT, DOWN, None, "protocol")


@pytest.mark.parametrize(
    "act",
    [silent, speaking(b"S: SSH-2.0-x"), speaking(b"S: 220 ftp\r\n"), dripping(b""), dripping(b"", b"x\r\n")],
    ids=["silent", "half", "another protocol", "dripping", "dripping lines"],
)
def test_a_server_that_hangs_is_a_timeout_on_time(act: Act) -> None:
    with Server(act) as server:
        check = SshCheck(host="127.0.0.1", port=server.port, timeout_ms=TIMEOUT_MS)
        assert ask_once(check) == Sample(AT, DOWN, None, "timeout")


def test_a_server_that_closes_early_is_disconnected_and_none_refuses() -> None:
    with Server(lambda sock: sock.sendall(b"SSH-2.0-x")) as server:
        assert ask_once(SshCheck(host="127.0.0.1", port=server.port)).reason == "disconnected"
    assert ask_once(SshCheck(host="127.0.0.1", port=unused_port())).reason == "refused"


@pytest.mark.parametrize(
    ("expect", "reason"), [("OpenSSH_9", ""), (r"^SSH-2\.0-OpenSSH_(9|\d\d)\.", ""), ("OpenSSH_8", "answer")]
)
def test_the_software_can_be_expected(expect: str, reason: str) -> None:
    with Server(speaking(b"S: OpenSSH_8\r\n" + BANNER)) as server:
        assert ask_once(SshCheck(host="127.0.0.1", port=server.port, expect=expect)).reason == reason


@pytest.mark.parametrize(
    ("text", "check"),
    [
        ("git.example", SshCheck(host="git.example", port=22)),
        ("git.example:2222", SshCheck(host="git.example", port=2222)),
        ("'[2001:db8::22]:2222'", SshCheck(host="2001:db8::22", port=2222)),
        ("'2001:db8::22'", SshCheck(host="2001:db8::22", port=22)),
        ("{host: '::1', expect: OpenSSH}", SshCheck(host="::1", expect="OpenSSH")),
    ],
)
def test_what_is_written_is_what_is_asked(text: str, check: SshCheck) -> None:
    assert written(KIND, text) == check


def test_a_pattern_that_is_none_is_refused() -> None:
    message = "'expect': '(' is not a regular expression (missing ) at position 1)"
    assert refusal(KIND, "{host: git.example, expect: '('}") == message
