"""ICMP: hosts that send an echo back, those that do not, and a system that permits no asking."""

from __future__ import annotations

import socket
from dataclasses import replace

import pytest

from statusgen.model import Sample, Verdict
from statusgen.probes.icmp import KIND, Echo, IcmpCheck, checksum, is_reply

from .networks import alone
from .reading import refusal, written
from .servers import AT, answer_once, ask_once, phases_of

UP, _, DOWN = Verdict
UNSUPPORTED = Sample(AT, None, None, "unsupported")
ECHO = Echo(identifier=0x1234, sequence=0x5678, payload=b"sixteen bytes...")
PROTOCOL = {"127.0.0.1": socket.IPPROTO_ICMP, "::1": socket.IPPROTO_ICMPV6}


def needs(host: str, *kinds: socket.SocketKind) -> None:
    """Skip the test where no such socket is permitted, or the host's family is not there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for kind in kinds or (socket.SOCK_DGRAM, socket.SOCK_RAW):
        try:
            with socket.socket(family, kind, PROTOCOL[host]) as sock:
                sock.connect((host, 0))
                return
        except OSError:
            continue
    pytest.skip("echo requests are not permitted here")


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_host_that_sends_the_echo_back_is_up(host: str) -> None:
    needs(host)
    sample, details = answer_once(IcmpCheck(host=host))
    assert (sample.verdict, sample.reason) == (UP, "")
    assert sample.latency is not None
    assert list(phases_of(details)) == ["first_byte"]


def test_many_at_once_are_not_taken_for_one_another() -> None:
    needs("127.0.0.1")
    assert {ask_once(IcmpCheck(host=f"127.0.0.{number}")).verdict for number in range(1, 20)} == {UP}


def test_a_name_is_looked_up_and_one_that_is_none_is_not_found() -> None:
    needs("127.0.0.1")
    assert ask_once(IcmpCheck(host="localhost", ip=4)).verdict is UP
    assert ask_once(IcmpCheck(host="a" * 64 + ".example")) == Sample(AT, DOWN, None, "dns")
    assert ask_once(IcmpCheck(host="127.0.0.1", ip=6)).reason == "dns_no_answer"


def test_where_no_socket_is_permitted_nothing_can_be_told() -> None:
    code = """
        print(ask_once(IcmpCheck(host="127.0.0.1")))
        print(ask_once(IcmpCheck(host="::1")))
    """
    assert alone(code) == [str(UNSUPPORTED)] * 2


def test_without_a_route_ipv4_is_unreachable_and_of_ipv6_nothing_can_be_told() -> None:
    code = """
        print(ask_once(IcmpCheck(host="192.0.2.1")).reason)
        print(ask_once(IcmpCheck(host="2001:db8::1")))
    """
    assert alone(code, "--map-root-user") == ["unreachable", str(UNSUPPORTED)]


def test_the_socket_without_privilege_comes_first_and_a_host_that_ignores_it_is_a_timeout_on_time() -> None:
    code = """
        loopback()
        Path("/proc/sys/net/ipv4/ping_group_range").write_text("0 0")  # now it is permitted to this group
        print(icmp.open_socket(socket.AF_INET).type is icmp.open_socket(socket.AF_INET6).type is socket.SOCK_DGRAM)
        print(ask_once(IcmpCheck(host="127.0.0.1")).verdict)
        print(ask_once(IcmpCheck(host="::1")).verdict)
        Path("/proc/sys/net/ipv4/icmp_echo_ignore_all").write_text("1")
        print(ask_once(IcmpCheck(host="127.0.0.1", timeout_ms=200)))
    """
    ignored = Sample(AT, DOWN, None, "timeout")
    assert alone(code, "--map-root-user") == ["True", "Verdict.UP", "Verdict.UP", str(ignored)]


def test_an_address_of_a_link_is_never_asked() -> None:
    assert ask_once(IcmpCheck(host="169.254.169.254")) == Sample(AT, None, None, "forbidden")


def test_nothing_can_be_told_where_the_network_drops_what_is_asked() -> None:
    assert ask_once(IcmpCheck(host="127.0.0.1"), {"RUNNER_ENVIRONMENT": "github-hosted"}) == UNSUPPORTED


def reply(echo: Echo = ECHO, kind: int = 0, code: int = 0) -> bytes:
    packed = echo.packed(kind)
    return packed[:1] + bytes([code]) + packed[2:]


IPV4_HEADER = b"\x46" + b"\0" * 23  # with options: six words long


@pytest.mark.parametrize(
    ("packet", "is_ours"),
    [
        (reply(), True),
        (IPV4_HEADER + reply(), True),
        (reply(kind=8), False),
        (reply(code=1), False),
        (reply(kind=3), False),
        (reply(replace(ECHO, identifier=1)), False),
        (reply(replace(ECHO, sequence=1)), False),
        (reply(replace(ECHO, payload=b"")), False),
        (reply(replace(ECHO, payload=ECHO.payload + b"x\0")), False),
        (reply()[:7], False),
        (IPV4_HEADER, False),
        (b"\x4f", False),
        (b"", False),
    ],
)
def test_only_the_reply_to_ones_own_echo_counts(packet: bytes, is_ours: bool) -> None:
    assert is_reply(packet, ECHO, 0) is is_ours


def test_the_checksum_is_that_of_the_internet() -> None:
    """The example of RFC 1071 §3; a message with its checksum in it sums up to nothing."""
    assert checksum(bytes.fromhex("0001f203f4f5f6f7")) == 0x220D
    assert checksum(b"\xff" * 8) == 0
    assert checksum(ECHO.packed(8)) == 0


def test_what_is_written_is_what_is_asked() -> None:
    assert written(KIND, "a.example") == IcmpCheck(host="a.example")
    assert written(KIND, "'2001:db8::1'") == IcmpCheck(host="2001:db8::1")
    assert written(KIND, "{host: a.example, ip: 6}") == IcmpCheck(host="a.example", ip=6)
    assert refusal(KIND, "https://a.example") == "'icmp': 'https://a.example' is not a host name or an address"
