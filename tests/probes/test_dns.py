"""DNS against small name servers on loopback, good ones and such that lie, stall, truncate and flood."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest

from statusgen.model import Observation, Sample, Verdict
from statusgen.probes.dial import Unanswered, Unknown
from statusgen.probes.dns import KIND, TYPES, DnsCheck, blamed, judge

from .networks import alone
from .reading import refusal
from .reading import written as read
from .servers import AT, TIMEOUT_MS, answer_once, ask_once, unused_port

UP, DEGRADED, DOWN = Verdict
ZONE = {
    ("a.example.", "A"): ["192.0.2.1", "192.0.2.2"],
    ("a.example.", "AAAA"): ["2001:db8::1"],
    ("a.example.", "MX"): ["10 Mail.Example.", "20 Spare.Example."],
    ("a.example.", "TXT"): ['"v=spf1 -all"', '"a long text in " "two parts"', '"key=A;B\\"C\\" \\195\\188"'],
    ("a.example.", "CAA"): ['0 issue "authority.example"'],
    ("a.example.", "SOA"): ["NS1.Example. Host.Example. 2026112201 7200 900 1209600 86400"],
    ("a.example.", "DS"): ["31589 8 2 CDE0D742D6998AA554A92D890F8184C698CFAC8A26FA59875A990C03E576343C"],
    ("a.example.", "DNSKEY"): [
        "257 3 13 " + "mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxIL" + "fDLUT0rAK9iUzy1L53eKGQ=="
    ],
    ("a.example.", "HTTPS"): ['1 . alpn="h2,h3" ipv4hint=192.0.2.1'],
    ("a.example.", "SVCB"): ["1 svc.example. port=8443"],
    ("a.example.", "NAPTR"): ['100 10 "S" "SIP+D2U" "" _sip._udp.example.'],
    ("a.example.", "SSHFP"): ["1 1 AA549BFE898489C02D1715D97D79C57BA2FA76AB"],
    ("a.example.", "URI"): ['10 1 "https://example/"'],
    ("_443._tcp.a.example.", "TLSA"): ["3 1 1 " + "AB" * 32],
    ("_sip._tcp.a.example.", "SRV"): ["10 5 5060 Sip.Example."],
    ("1.2.0.192.in-addr.arpa.", "PTR"): ["A.Example."],
    ("1" + ".0" * 23 + ".8.b.d.0.1.0.0.2.ip6.arpa.", "PTR"): ["six.example."],
    ("www.example.", "CNAME"): ["Alias.Example."],
    ("alias.example.", "CNAME"): ["a.example."],
    ("dangling.example.", "CNAME"): ["gone.example."],
    ("loop.example.", "CNAME"): ["pool.example."],
    ("pool.example.", "CNAME"): ["loop.example."],
}
Message = dns.message.Message
Answer = Callable[[Message], bytes | None]
Client = tuple[str, int]
Hear = Callable[[socket.socket, bytes, Client], None]


def zone_message(query: Message) -> Message:
    """Answer from the zone as a resolver does, which follows aliases, at most twenty."""
    name, type = query.question[0].name.to_text().lower(), query.question[0].rdtype.name
    response = dns.message.make_response(query)
    for _ in range(20):
        alias = ZONE.get((name, "CNAME")) if type != "CNAME" else None
        if records := alias or ZONE.get((name, type)):
            response.answer.append(dns.rrset.from_text(name, 60, "IN", "CNAME" if alias else type, *records))
        if not alias:
            break
        name = alias[0].lower()
    if not any(known == name for known, _ in ZONE):
        response.set_rcode(dns.rcode.NXDOMAIN)
    return response


def from_zone(query: Message) -> bytes:
    return zone_message(query).to_wire()


def truncated(query: Message) -> bytes:
    """Set the flag and stop in the middle of the record."""
    response = zone_message(query)
    response.flags |= dns.flags.TC
    return response.to_wire()[:-3]


def saying(rcode: str) -> Answer:
    def answer(query: Message) -> bytes:
        response = dns.message.make_response(query)
        response.set_rcode(dns.rcode.from_text(rcode))
        return response.to_wire()

    return answer


def datagrams(answer: Answer) -> Hear:
    """Answer each query with what a function makes of it, or not at all."""

    def hear(sock: socket.socket, wire: bytes, client: Client) -> None:
        if (reply := answer(dns.message.from_wire(wire))) is not None:
            sock.sendto(reply, client)

    return hear


def framed(wire: bytes) -> bytes:
    return len(wire).to_bytes(2, "big") + wire


def streams(answer: Answer) -> Hear:
    """Answer the query of a connection likewise, and then wait for the other side to hang up."""

    def hear(sock: socket.socket, _wire: bytes, _client: Client) -> None:
        if (reply := answer(dns.message.from_wire(sock.recv(4_096)[2:]))) is not None:
            sock.sendall(framed(reply))
        sock.recv(1)

    return hear


def bound(host: str) -> tuple[socket.socket, socket.socket]:
    """Return a listener and a datagram socket on one port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    while True:
        listener, sock = socket.create_server((host, 0), family=family), socket.socket(family, socket.SOCK_DGRAM)
        try:
            sock.bind((host, listener.getsockname()[1]))
        except OSError:  # somebody has this port for datagrams
            listener.close()
            sock.close()
        else:
            return listener, sock


@contextlib.contextmanager
def name_server(
    answer: Answer = from_zone, *, hear: Hear | None = None, over_tcp: Hear | None = None, host: str = "127.0.0.1"
) -> Iterator[str]:
    """Serve on one port: ``hear`` gets every datagram, ``over_tcp`` each connection; yield host and port."""
    listener, sock = bound(host)
    act = hear or datagrams(answer)

    def serve() -> None:
        while True:
            wire, client = sock.recvfrom(4_096)
            if not wire:
                return
            with contextlib.suppress(OSError):
                act(sock, wire, client)

    def listen() -> None:
        while True:
            try:
                connection, client = listener.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                if over_tcp:
                    over_tcp(connection, b"", client)

    threads = [threading.Thread(target=serve), threading.Thread(target=listen)]
    with listener, sock:
        for thread in threads:
            thread.start()
        try:
            yield f"[{host}]:{sock.getsockname()[1]}" if ":" in host else f"{host}:{sock.getsockname()[1]}"
        finally:
            with socket.socket(sock.family, socket.SOCK_DGRAM) as farewell:
                farewell.sendto(b"", sock.getsockname())
            listener.shutdown(socket.SHUT_RDWR)
            for thread in threads:
                thread.join()


def ask_dns(answer: Answer = from_zone, name: str = "a.example", type: str = "A", **keys: Any) -> Sample:
    with name_server(answer) as resolver:
        return ask_once(DnsCheck(name=name, type=type, resolver=(resolver,), **keys))


def told(sample: Sample) -> tuple[Verdict | None, str]:
    return sample.verdict, sample.reason


# Good answers.


def test_a_name_that_resolves_is_up() -> None:
    sample = ask_dns()
    assert told(sample) == (UP, "")
    assert sample.latency is not None


@pytest.mark.parametrize(
    ("name", "type", "expect"),
    [
        ("a.example", "A", ("192.0.2.2",)),
        ("A.Example.", "A", ("192.0.2.2", "192.0.2.1")),
        ("a.example", "AAAA", ("2001:DB8:0::1",)),
        ("a.example", "MX", ("10 mail.EXAMPLE.", "20 spare.example")),
        ("a.example", "TXT", ("v=spf1 -all",)),
        ("a.example", "TXT", ('"v=spf1 -all"', "a long text in two parts", '"a long text in " "two parts"')),
        ("a.example", "TXT", ('key=A;B"C" ü',)),
        ("a.example", "CAA", ('0 issue "authority.example"',)),
        ("a.example", "SOA", ("ns1.example host.example. 2026112201 7200 900 1209600 86400",)),
        ("a.example", "DS", ("31589 8 2 cde0d742d6998aa554a92d890f8184c698cfac8a26fa5987 5a990c03e576343c",)),
        ("a.example", "DNSKEY", (ZONE["a.example.", "DNSKEY"][0],)),
        ("a.example", "HTTPS", ('1 . alpn="h2,h3" ipv4hint="192.0.2.1"',)),
        ("a.example", "SVCB", ('1 svc.example. port="8443"',)),
        ("a.example", "NAPTR", ('100 10 "S" "SIP+D2U" "" _sip._udp.example.',)),
        ("a.example", "SSHFP", ("1 1 AA549BFE898489C02D1715D97D79C57BA2FA76AB",)),
        ("a.example", "URI", ('10 1 "https://example/"',)),
        ("_443._tcp.a.example", "TLSA", ("3 1 1 " + "ab" * 32,)),
        ("_sip._tcp.a.example", "SRV", ("10 5 5060 sip.example",)),
        ("192.0.2.1", "PTR", ("a.example",)),
        ("2001:db8::1", "PTR", ("six.example",)),
        ("www.example", "A", ("192.0.2.1",)),
        ("www.example", "CNAME", ("alias.example",)),
    ],
)
def test_every_expected_answer_is_among_the_answers(name: str, type: str, expect: tuple[str, ...]) -> None:
    assert told(ask_dns(name=name, type=type, expect=expect)) == (UP, "")


def test_an_answer_that_is_not_expected_is_down() -> None:
    assert told(ask_dns(expect=("192.0.2.1", "192.0.2.9"))) == (DOWN, "dns_answer")


@pytest.mark.parametrize(
    ("expect", "reason"), [(("192.0.2.1", "192.0.2.2"), ""), (("192.0.2.1",), "dns_answer"), ((), "dns_answer")]
)
def test_only_what_is_expected_may_be_there(expect: tuple[str, ...], reason: str) -> None:
    assert ask_dns(expect=expect, only=True).reason == reason


def test_that_there_is_no_record_of_a_type_can_be_demanded() -> None:
    assert told(ask_dns(type="NS", only=True)) == (UP, "")
    assert told(ask_dns(type="NS", only=True, expect=("ns1.example",))) == (DOWN, "dns_no_answer")


@pytest.mark.parametrize(("pattern", "reason"), [(r"^192\.0\.2\.\d+$", ""), (r"\.1$", "dns_answer")])
def test_every_answer_must_match(pattern: str, reason: str) -> None:
    assert ask_dns(matches=pattern).reason == reason


@pytest.mark.parametrize(
    ("rcode", "answer", "name", "reason"),
    [
        ("NXDOMAIN", from_zone, "nowhere.example", ""),
        ("NXDOMAIN", from_zone, "dangling.example", ""),
        ("NXDOMAIN", from_zone, "a.example", "dns_answer"),
        ("NXDOMAIN", saying("SERVFAIL"), "a.example", "dns_server"),
        ("SERVFAIL", saying("SERVFAIL"), "a.example", ""),
        ("REFUSED", saying("REFUSED"), "a.example", ""),
        ("REFUSED", from_zone, "nowhere.example", "dns_nxdomain"),
    ],
)
def test_a_response_code_can_be_demanded(rcode: str, answer: Answer, name: str, reason: str) -> None:
    assert told(ask_dns(answer, name, rcode=rcode)) == (DOWN if reason else UP, reason)


@pytest.mark.parametrize("type", TYPES)
def test_every_type_is_one_that_the_library_knows(type: str) -> None:
    assert dns.rdatatype.from_text(type).name == type


# No answers.


@pytest.mark.parametrize(
    ("answer", "name", "type", "reason"),
    [
        (from_zone, "nowhere.example", "A", "dns_nxdomain"),
        (from_zone, "a.example", "NS", "dns_no_answer"),
        (from_zone, "dangling.example", "A", "dns_nxdomain"),
        (from_zone, "loop.example", "A", "dns_no_answer"),
        (from_zone, "a" * 64 + ".example", "A", "dns_server"),  # a name that cannot be asked
        (saying("SERVFAIL"), "a.example", "A", "dns_server"),
        (saying("REFUSED"), "a.example", "A", "dns_server"),
        (saying("NOTZONE"), "a.example", "A", "dns_server"),
        (saying("12"), "a.example", "A", "dns_server"),  # of no meaning yet
    ],
)
def test_no_answer_says_why(answer: Answer, name: str, type: str, reason: str) -> None:
    assert ask_dns(answer, name, type) == Sample(AT, DOWN, None, reason)


def test_an_alias_that_a_server_does_not_follow_is_no_answer() -> None:
    def stub(query: Message) -> bytes:
        response = dns.message.make_response(query)
        response.answer.append(dns.rrset.from_text("www.example.", 60, "IN", "CNAME", "a.example."))
        return response.to_wire()

    assert told(ask_dns(stub, "www.example")) == (DOWN, "dns_no_answer")


def test_records_of_another_name_are_no_answer() -> None:
    def generous(query: Message) -> bytes:
        response = dns.message.make_response(query)
        response.answer.append(dns.rrset.from_text("b.example.", 60, "IN", "A", "192.0.2.1"))
        return response.to_wire()

    assert told(ask_dns(generous)) == (DOWN, "dns_no_answer")


def test_a_server_where_nobody_listens_is_refused_at_once() -> None:
    started = time.monotonic()
    assert ask_once(DnsCheck(name="a.example", resolver=(f"127.0.0.1:{unused_port()}",))).reason == "refused"
    assert time.monotonic() - started < 1


# Servers that stall and lie.


@pytest.mark.parametrize(
    "reply",
    [None, b"\0" * 40, b"", b"\xff" * 40, b"\0" * 12 + b"\xc0\x0c" * 100],
    ids=["silence", "garbage", "nothing", "ones", "pointers"],
)
def test_a_server_that_does_not_answer_is_a_timeout_on_time(reply: bytes | None) -> None:
    assert ask_dns(lambda _: reply, timeout_ms=TIMEOUT_MS) == Sample(AT, DOWN, None, "timeout")


def other_id(query: Message) -> bytes:
    response = zone_message(query)
    response.id = (query.id + 1) % 65_536
    return response.to_wire()


def other_question(query: Message) -> bytes:
    return from_zone(dns.message.make_query("www.example", "A", id=query.id))


def other_type(query: Message) -> bytes:
    return from_zone(dns.message.make_query("a.example", "AAAA", id=query.id))


def no_question(query: Message) -> bytes:
    response = zone_message(query)
    response.question = []
    return response.to_wire()


def no_response(query: Message) -> bytes:
    return query.to_wire()


LIES = [other_id, other_question, other_type, no_question, no_response]


@pytest.mark.parametrize("lie", LIES)
def test_an_answer_to_another_question_counts_as_none(lie: Answer) -> None:
    assert ask_dns(lie, timeout_ms=TIMEOUT_MS) == Sample(AT, DOWN, None, "timeout")


@pytest.mark.parametrize("lie", [*LIES, lambda _: b"garbage"])
def test_the_answer_that_comes_after_a_lie_counts(lie: Answer) -> None:
    def hear(sock: socket.socket, wire: bytes, client: Client) -> None:
        query = dns.message.from_wire(wire)
        sock.sendto(lie(query) or b"", client)
        sock.sendto(from_zone(query), client)

    with name_server(hear=hear) as resolver:
        check = DnsCheck(name="a.example", expect=("192.0.2.1",), resolver=(resolver,))
        assert told(ask_once(check)) == (UP, "")


def test_an_answer_from_elsewhere_is_not_heard() -> None:
    def hear(_sock: socket.socket, wire: bytes, client: Client) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.sendto(from_zone(dns.message.from_wire(wire)), client)

    with name_server(hear=hear) as resolver:
        check = DnsCheck(name="a.example", resolver=(resolver,), timeout_ms=TIMEOUT_MS)
        assert ask_once(check).reason == "timeout"


def test_a_flood_of_lies_ends_at_the_deadline() -> None:
    def hear(sock: socket.socket, _wire: bytes, client: Client) -> None:
        until = time.monotonic() + 2 * TIMEOUT_MS / 1_000
        while time.monotonic() < until:
            sock.sendto(b"\0" * 12, client)

    with name_server(hear=hear) as resolver:
        check = DnsCheck(name="a.example", resolver=(resolver,), timeout_ms=TIMEOUT_MS)
        assert ask_once(check).reason == "timeout"


def test_a_query_that_was_lost_is_sent_again_within_the_timeout() -> None:
    queries: list[Message] = []

    def forgetful(query: Message) -> bytes | None:
        queries.append(query)
        return from_zone(query) if len(queries) > 1 else None

    assert ask_dns(forgetful, timeout_ms=1_000).verdict is UP


def test_an_answer_that_takes_longer_than_half_the_timeout_is_heard() -> None:
    def slow(query: Message) -> bytes | None:
        if query.edns < 0:
            return None
        time.sleep(0.6)
        return from_zone(query)

    assert ask_dns(slow, timeout_ms=1_000).verdict is UP


@pytest.mark.parametrize("rcode", ["FORMERR", "NOTIMP", "BADVERS"])
def test_a_server_that_does_not_know_edns_is_asked_without(rcode: str) -> None:
    queries: list[Message] = []

    def old(query: Message) -> bytes:
        queries.append(query)
        return from_zone(query) if query.edns < 0 else saying(rcode)(query)

    assert told(ask_dns(old)) == (UP, "")
    assert [query.edns for query in queries] == [0, -1]


def test_a_firewall_that_swallows_edns_is_passed_without() -> None:
    assert ask_dns(lambda query: from_zone(query) if query.edns < 0 else None, timeout_ms=600).verdict is UP


# Over TCP.


def ask_after_truncation(over_tcp: Hear, timeout_ms: int = 0) -> Sample:
    with name_server(truncated, over_tcp=over_tcp) as resolver:
        return ask_once(DnsCheck(name="a.example", expect=("192.0.2.2",), resolver=(resolver,), timeout_ms=timeout_ms))


def test_a_truncated_answer_is_asked_for_over_tcp() -> None:
    assert told(ask_after_truncation(streams(from_zone))) == (UP, "")


def test_an_answer_that_comes_in_drops_over_tcp_is_put_together() -> None:
    def hear(sock: socket.socket, _wire: bytes, _client: Client) -> None:
        for byte in framed(from_zone(dns.message.from_wire(sock.recv(4_096)[2:]))):
            sock.sendall(bytes([byte]))

    assert told(ask_after_truncation(hear)) == (UP, "")


def test_lies_over_tcp_are_passed_over() -> None:
    def hear(sock: socket.socket, _wire: bytes, _client: Client) -> None:
        query = dns.message.from_wire(sock.recv(4_096)[2:])
        replies = (other_id(query), b"", b"garbage", truncated(query), from_zone(query))
        sock.sendall(b"".join(map(framed, replies)))

    assert told(ask_after_truncation(hear)) == (UP, "")


def silent(sock: socket.socket, _wire: bytes, _client: Client) -> None:
    while sock.recv(4_096):
        pass


def dripping(sock: socket.socket, _wire: bytes, _client: Client) -> None:
    sock.recv(4_096)
    sock.sendall(b"\xff\xff")
    while True:
        sock.sendall(b"\0")
        time.sleep(0.04)


def flooding(sock: socket.socket, _wire: bytes, _client: Client) -> None:
    while True:
        sock.sendall(b"\0" * 4_096)


@pytest.mark.parametrize("hear", [silent, dripping, flooding, streams(other_id)], ids=range(4))
def test_a_connection_that_gives_no_answer_is_a_timeout_on_time(hear: Hear) -> None:
    assert ask_after_truncation(hear, TIMEOUT_MS) == Sample(AT, DOWN, None, "timeout")


@pytest.mark.parametrize("start", [b"", b"\0", b"\0\x40only a part"])
def test_a_connection_that_is_closed_early_is_told(start: bytes) -> None:
    def hear(sock: socket.socket, _wire: bytes, _client: Client) -> None:
        sock.recv(4_096)
        sock.sendall(start)

    assert ask_after_truncation(hear).reason == "disconnected"


# Which server.


@pytest.mark.parametrize("resolver", ["127.0.0.1", "::1"])
def test_servers_are_reached_over_both_versions_of_the_protocol(resolver: str) -> None:
    with name_server(truncated, over_tcp=streams(from_zone), host=resolver) as address:
        assert told(ask_once(DnsCheck(name="a.example", resolver=(address,)))) == (UP, "")


@pytest.mark.parametrize("broken", [saying("SERVFAIL"), saying("REFUSED"), lambda _: None, lambda _: b"garbage"])
def test_servers_are_asked_in_turn_until_one_answers(broken: Answer) -> None:
    with name_server(broken) as first, name_server() as second:
        resolvers = (f"127.0.0.1:{unused_port()}", first, second)
        assert told(ask_once(DnsCheck(name="a.example", resolver=resolvers, timeout_ms=900))) == (UP, "")


def test_the_first_server_that_answers_is_believed() -> None:
    with name_server(saying("NXDOMAIN")) as first, name_server() as second:
        assert ask_once(DnsCheck(name="a.example", resolver=(first, second))).reason == "dns_nxdomain"


def test_a_server_that_says_what_is_demanded_is_believed() -> None:
    with name_server(saying("REFUSED")) as first, name_server() as second:
        check = DnsCheck(name="a.example", rcode="REFUSED", resolver=(first, second))
        assert told(ask_once(check)) == (UP, "")


def test_what_a_server_said_is_told_though_the_next_is_silent() -> None:
    with name_server(saying("SERVFAIL")) as first:
        resolvers = (first, f"127.0.0.1:{unused_port()}")
        assert ask_once(DnsCheck(name="a.example", resolver=resolvers)).reason == "dns_server"


def test_a_resolver_no_dns_can_name_is_not_found() -> None:
    assert ask_once(DnsCheck(name="a.example", resolver=("a" * 64 + ".example",))).reason == "dns"


def test_a_server_without_the_wanted_version_of_the_protocol_is_no_answer() -> None:
    with name_server() as resolver:
        assert ask_once(DnsCheck(name="a.example", resolver=(resolver,), ip=4)).verdict is UP
        assert ask_once(DnsCheck(name="a.example", resolver=(resolver,), ip=6)).verdict is DOWN


@pytest.mark.parametrize(
    ("reason", "resolver", "kind"),
    [
        ("refused", (), Unknown),
        ("unreachable", (), Unknown),
        ("timeout", (), Unanswered),  # it may be waiting for the name's own servers
        ("refused", ("ns1.example",), Unanswered),
    ],
)
def test_a_machine_without_its_name_server_is_no_outage_of_the_name(
    reason: str, resolver: tuple[str, ...], kind: type[Unanswered | Unknown]
) -> None:
    failure = blamed(DnsCheck(name="a.example", resolver=resolver), Unanswered(reason))
    assert isinstance(failure, kind)
    assert failure.reason == ("unsupported" if kind is Unknown else reason)


def test_asking_a_name_server_has_no_phases() -> None:
    with name_server() as resolver:
        sample, details = answer_once(DnsCheck(name="a.example", resolver=(resolver,)))
    assert sample.verdict is UP
    assert details is None


def test_a_server_at_an_address_of_a_link_is_not_asked_but_the_next_one_is() -> None:
    with name_server() as resolver:
        check = DnsCheck(name="a.example", resolver=("169.254.169.254", resolver))
        assert ask_once(check).verdict is UP
    assert ask_once(DnsCheck(name="a.example", resolver=("169.254.169.254",))).reason == "forbidden"


def test_the_machines_own_server_may_be_at_one(tmp_path: Path) -> None:
    (tmp_path / "resolv.conf").write_text("nameserver 169.254.169.254\n")
    code = f"""
        import subprocess
        from statusgen.probes.dns import DnsCheck
        subprocess.run(["mount", "--bind", {str(tmp_path / "resolv.conf")!r}, "/etc/resolv.conf"], check=True)
        loopback()
        owning("169.254.169.254")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.bind(("169.254.169.254", 53))
            sock.settimeout(1)
            print(ask_once(DnsCheck(name="a.example", timeout_ms=200)).reason, len(sock.recv(512)) > 0)
    """
    assert alone(code, "--map-root-user", "--mount") == ["timeout True"]


# Judging and configuring.


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


@pytest.mark.parametrize(
    ("type", "expected", "found"), [("TXT", "Token", "token"), ("DNSKEY", "257 3 13 mdss", "257 3 13 MDSS")]
)
def test_the_case_of_texts_and_keys_is_part_of_them(type: str, expected: str, found: str) -> None:
    check = DnsCheck(name="a.example", type=type, expect=(expected,))
    assert judge(check, Observation(answers=(found,)), AT) == (DOWN, "dns_answer")


@pytest.mark.parametrize(
    ("text", "check"),
    [
        ("a.example", DnsCheck(name="a.example")),
        ("{name: _dmarc.a.example., type: txt}", DnsCheck(name="_dmarc.a.example.", type="TXT")),
        ("{name: 2001:db8::1, type: PTR}", DnsCheck(name="2001:db8::1", type="PTR")),
        ("{name: ., type: NS}", DnsCheck(name=".", type="NS")),
        ("{name: a.example, rcode: nxdomain}", DnsCheck(name="a.example", rcode="NXDOMAIN")),
        ("{name: a.example, resolver: 9.9.9.9}", DnsCheck(name="a.example", resolver=("9.9.9.9",))),
        (
            "{name: a.example, resolver: ['::1', 'ns.example:5353']}",
            DnsCheck(name="a.example", resolver=("::1", "ns.example:5353")),
        ),
        ("{name: a.example, expect: [], only: true}", DnsCheck(name="a.example", only=True)),
    ],
)
def test_a_check_is_read(text: str, check: DnsCheck) -> None:
    assert read(KIND, text) == check


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a..example", "is not a domain name"),
        ("{name: bücher.example}", "as xn--"),
        ("{name: " + "a" * 64 + ".example}", "is not a domain name"),
        ("{name: " + "a." * 130 + "example}", "is longer than"),
        ("192.0.2.1", "write a name, or 'type: PTR'"),
        ("{name: a.example, type: ANY}", "'ANY' is not known"),
        ("{name: a.example, rcode: NXDOMAIN, only: true}", "remove 'expect', 'only' and 'matches'"),
        ("{name: a.example, resolver: 'ns.example:99999'}", "is not a target"),
        ("{name: a.example, resolver: []}", "the number of entries"),
        ("{name: a.example, matches: '('}", "is not a regular expression"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_the_remedy(text: str, words: str) -> None:
    assert words in refusal(KIND, text)
