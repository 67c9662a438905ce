"""TCP: a port that takes a connection, one that refuses it, and one that does neither."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

import pytest

from statusgen.model import Sample, Verdict
from statusgen.probes.tcp import TcpCheck

from .servers import AT, TIMEOUT_MS, Server, answer_once, ask_once, eventually, phases_of, silent, unused_port

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
        fast = ask_once(TcpCheck(host="127.0.0.1", port=server.port, degraded_above_ms=4_000))
    assert fast.verdict is Verdict.UP
