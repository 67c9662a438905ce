"""DNS against a small name server on loopback."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from statusgen.model import Observation, Sample, Verdict
from statusgen.probes.dns import DnsCheck, judge

from .servers import AT, TIMEOUT_MS, answer_once, ask_once

UP, DEGRADED, DOWN = Verdict
ZONE = {
    ("a.example.", "A"): ["192.0.2.1", "192.0.2.2"],
    ("a.example.", "AAAA"): ["2001:db8::1"],
    ("a.example.", "MX"): ["10 Mail.Example."],
    ("a.example.", "TXT"): ['"v=spf1 -all"', '"a long text in " "two parts"'],
    ("a.example.", "CAA"): ['0 issue "authority.example"'],
}
Answer = Callable[[dns.message.Message], bytes | None]


def from_zone(query: dns.message.Message) -> bytes:
    question = query.question[0]
    name, type = question.name.to_text(), question.rdtype.name
    response = dns.message.make_response(query)
    if records := ZONE.get((name, type)):
        response.answer.append(dns.rrset.from_text(name, 60, "IN", type, *records))
    elif not any(known == name for known, _ in ZONE):
        response.set_rcode(dns.rcode.NXDOMAIN)
    return response.to_wire()


def refusing(code: dns.rcode.Rcode) -> Answer:
    def answer(query: dns.message.Message) -> bytes:
        response = dns.message.make_response(query)
        response.set_rcode(code)
        return response.to_wire()

    return answer


@contextlib.contextmanager
def name_server(answer: Answer) -> Iterator[str]:
    """Answer queries over UDP; yield host and port."""

    def serve() -> None:
        while True:
            wire, client = sock.recvfrom(4_096)
            if not wire:
                return
            if (reply := answer(dns.message.from_wire(wire))) is not None:
                sock.sendto(reply, client)

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"127.0.0.1:{sock.getsockname()[1]}"
        finally:
            sock.sendto(b"", sock.getsockname())
            thread.join()


def ask_dns(answer: Answer, name: str = "a.example", type: str = "A", *expect: str, timeout_ms: int = 0) -> Sample:
    with name_server(answer) as resolver:
        return ask_once(DnsCheck(name=name, type=type, expect=expect, resolver=resolver, timeout_ms=timeout_ms))


def test_a_name_that_resolves_is_up() -> None:
    sample = ask_dns(from_zone)
    assert (sample.verdict, sample.reason) == (UP, "")
    assert sample.latency is not None


@pytest.mark.parametrize(
    ("type", "expect"),
    [
        ("A", ("192.0.2.2",)),
        ("A", ("192.0.2.2", "192.0.2.1")),
        ("AAAA", ("2001:db8::1",)),
        ("MX", ("10 mail.example",)),
        ("MX", ("10 mail.EXAMPLE.",)),
        ("TXT", ("v=spf1 -all",)),
        ("TXT", ('"v=spf1 -all"', "a long text in two parts")),
        ("CAA", ('0 issue "authority.example"',)),
    ],
)
def test_every_expected_answer_is_among_the_answers(type: str, expect: tuple[str, ...]) -> None:
    assert ask_dns(from_zone, "a.example", type, *expect).verdict is UP


def test_an_answer_that_is_not_expected_is_down() -> None:
    sample = ask_dns(from_zone, "a.example", "A", "192.0.2.1", "192.0.2.9")
    assert (sample.verdict, sample.reason) == (DOWN, "dns_answer")


@pytest.mark.parametrize(
    ("answer", "name", "type", "reason"),
    [
        (from_zone, "nowhere.example", "A", "dns_nxdomain"),
        (from_zone, "a.example", "NS", "dns_no_answer"),
        (from_zone, "a" * 64 + ".example", "A", "dns_server"),  # a name that cannot be asked
        (refusing(dns.rcode.SERVFAIL), "a.example", "A", "dns_server"),
        (refusing(dns.rcode.REFUSED), "a.example", "A", "dns_server"),
    ],
)
def test_no_answer_says_why(answer: Answer, name: str, type: str, reason: str) -> None:
    assert ask_dns(answer, name, type) == Sample(AT, DOWN, None, reason)


@pytest.mark.parametrize("reply", [None, b"\0" * 40], ids=["silence", "garbage"])
def test_a_server_that_does_not_answer_is_a_timeout_on_time(reply: bytes | None) -> None:
    sample = ask_dns(lambda _: reply, timeout_ms=TIMEOUT_MS)
    assert sample == Sample(AT, DOWN, None, "timeout")


def test_a_query_that_was_lost_is_sent_again_within_the_timeout() -> None:
    queries: list[dns.message.Message] = []

    def forgetful(query: dns.message.Message) -> bytes | None:
        queries.append(query)
        return from_zone(query) if len(queries) > 1 else None

    assert ask_dns(forgetful, timeout_ms=1_000).verdict is UP


def test_asking_a_name_server_has_no_phases() -> None:
    with name_server(from_zone) as resolver:
        sample, details = answer_once(DnsCheck(name="a.example", resolver=resolver))
    assert sample.verdict is UP
    assert details is None


def test_a_resolver_no_dns_can_name_is_not_found() -> None:
    assert ask_once(DnsCheck(name="a.example", resolver="a" * 64 + ".example")).reason == "dns"


@pytest.mark.parametrize(
    ("expect", "answers", "judgement"),
    [
        ((), (), (UP, "")),
        ((), ("192.0.2.1",), (UP, "")),
        (("192.0.2.1",), ("192.0.2.1", "192.0.2.2"), (UP, "")),
        (("Mail.Example.",), ("mail.example",), (UP, "")),
        (("192.0.2.1", "192.0.2.3"), ("192.0.2.1",), (DOWN, "dns_answer")),
    ],
)
def test_what_is_expected_must_be_there(
    expect: tuple[str, ...], answers: tuple[str, ...], judgement: tuple[Verdict, str]
) -> None:
    assert judge(DnsCheck(name="a.example", expect=expect), Observation(answers=answers), AT) == judgement
