"""HTTP against real servers on loopback: good answers, redirects, and everything a server can do to a prober."""

from __future__ import annotations

import gc
import gzip
import socket
import struct
import textwrap
import time
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from statusgen.model import Check, Observation, Probing, Sample, Verdict
from statusgen.periods import DAY
from statusgen.probes.asking import ask
from statusgen.probes.exchange import MAX_BODY
from statusgen.probes.expiry import Expiry
from statusgen.probes.http import HttpCheck, judge, web_url
from statusgen.probes.kind import World

from .networks import alone
from .servers import (
    AT,
    CERTIFICATES,
    TIMEOUT_MS,
    Act,
    Server,
    answer_once,
    answering,
    ask_once,
    dripping,
    phases_of,
    read_request,
    response,
    saying,
    silent,
    tls,
    unused_port,
)

UP, DEGRADED, DOWN = Verdict
CERTIFICATE_END = 4_922_899_200  # 2126-01-01
TIMEOUT = Sample(AT, DOWN, None, "timeout")


def down(reason: str) -> Sample:
    return Sample(AT, DOWN, None, reason)


def plain(url: str) -> HttpCheck:
    return HttpCheck(url=url)


def verdict_of(answer: bytes, check: Callable[[str], HttpCheck] = plain) -> tuple[Verdict | None, str]:
    with answering(answer) as server:
        sample = ask_once(check(server.url()))
    assert sample.latency is not None
    return sample.verdict, sample.reason


# Answers.


@pytest.mark.parametrize("status", [200, 201, 204, 206, 299])
def test_any_success_is_up(status: int) -> None:
    assert verdict_of(response(status)) == (UP, "")


@pytest.mark.parametrize("status", [300, 304, 400, 403, 404, 429, 500, 503, 599, 999])
def test_any_other_status_is_down_and_named(status: int) -> None:
    assert verdict_of(response(status)) == (DOWN, f"status {status}")


def test_only_the_expected_statuses_are_up() -> None:
    assert verdict_of(response(404), lambda url: HttpCheck(url=url, status=((401, 401), (404, 404)))) == (UP, "")
    assert verdict_of(response(200), lambda url: HttpCheck(url=url, status=((401, 401), (404, 404)))) == (
        DOWN,
        "status 200",
    )


def test_the_body_must_contain_the_text() -> None:
    page = response(body="<h1>Grüße, Welcome</h1>".encode())
    assert verdict_of(page, lambda url: HttpCheck(url=url, body_contains="Grüße, Wel")) == (UP, "")
    assert verdict_of(page, lambda url: HttpCheck(url=url, body_contains="welcome")) == (DOWN, "body")


def test_the_body_must_match_the_pattern_somewhere() -> None:
    page = response(body=b'{"status": "ok", "queue": 17}')
    assert verdict_of(page, lambda url: HttpCheck(url=url, body_regex=r'"queue":\s*\d+\}$')) == (UP, "")
    assert verdict_of(page, lambda url: HttpCheck(url=url, body_regex=r"^ok")) == (DOWN, "body")


def test_text_and_pattern_must_both_be_there() -> None:
    page = response(body=b"one two")
    assert verdict_of(page, lambda url: HttpCheck(url=url, body_contains="three", body_regex="one")) == (DOWN, "body")
    assert verdict_of(page, lambda url: HttpCheck(url=url, body_contains="one", body_regex="three")) == (DOWN, "body")


def test_a_wrong_status_says_more_than_a_wrong_body() -> None:
    assert verdict_of(response(500), lambda url: HttpCheck(url=url, body_contains="x")) == (DOWN, "status 500")


def test_a_slow_answer_is_degraded_and_a_slow_failure_is_down() -> None:
    def slow(request: bytes) -> bytes:
        time.sleep(0.04)
        return response(500 if b"/broken" in request else 200)

    with answering(slow) as server:
        sample = ask_once(HttpCheck(url=server.url(), degraded_above=(("total", 20),)))
        assert (sample.verdict, sample.reason) == (DEGRADED, "slow")
        assert sample.latency is not None
        assert sample.latency >= 40
        assert ask_once(HttpCheck(url=server.url(), degraded_above=(("total", 4_000),))).verdict is UP
        assert ask_once(HttpCheck(url=server.url("/broken"), degraded_above=(("total", 20),))).reason == "status 500"


@pytest.mark.parametrize(
    ("charset", "body"),
    [
        ("", "é".encode()),  # UTF-8 where nothing is said, not the Latin-1 of old
        ("; charset=iso-8859-1", "é".encode("latin-1")),
        ("; charset=utf-16", "é".encode("utf-16")),
        ('; charset="UTF-8"', "é".encode()),
        ("; charset=klingon", "é".encode()),
        ("; charset=hex", "é".encode()),  # a codec, but none of text
        ("; charset=undefined", "é".encode()),
        ("; charset=", "é".encode()),
        ("", b"\xff\xfe\x80" + "é".encode()),
    ],
)
def test_a_body_is_read_by_the_charset_that_the_server_names(charset: str, body: bytes) -> None:
    page = response(body=body, Content_Type=f"text/html{charset}")
    assert verdict_of(page, lambda url: HttpCheck(url=url, body_contains="é")) == (UP, "")


def test_a_charset_that_is_slow_to_decode_is_not_decoded() -> None:
    page = response(body=b"ok -" + b"z9" * 400_000, Content_Type="text/html; charset=punycode")
    assert verdict_of(page, lambda url: HttpCheck(url=url, body_contains="ok")) == (UP, "")


def test_a_compression_nobody_asked_for_is_undone() -> None:
    page = response(body=gzip.compress(b"Welcome"), Content_Encoding="gzip")
    assert verdict_of(page, lambda url: HttpCheck(url=url, body_contains="Welcome")) == (UP, "")


def test_a_server_that_speaks_ipv6_only_is_reached() -> None:
    def act(sock: socket.socket) -> None:
        server.requests.append(read_request(sock))
        sock.sendall(response())

    with Server(act, host="::1") as server:
        assert ask_once(HttpCheck(url=server.url(host="[::1]"))).verdict is UP
        assert f"Host: [::1]:{server.port}".encode() in server.requests[0]


# Details.


def in_two_parts(sock: socket.socket) -> None:
    """Wait before the head, and again before the body."""
    read_request(sock)
    time.sleep(0.03)
    sock.sendall(response(body=b"ok")[:-2])
    time.sleep(0.05)
    sock.sendall(b"ok")


def test_the_details_tell_how_long_each_phase_took() -> None:
    with Server(in_two_parts, tls("localhost")) as server:
        _, details = answer_once(HttpCheck(url=server.url(host="localhost"), ca_file="authority.pem"))
    phases = phases_of(details)
    assert list(phases) == ["dns", "connect", "tls", "first_byte", "transfer"]
    assert phases["first_byte"] >= 29
    assert phases["transfer"] >= 10  # a busy prober begins to wait late
    assert details is not None
    assert details.certificate_end == CERTIFICATE_END


def test_without_tls_there_is_no_handshake_and_no_certificate() -> None:
    with answering(response(500)) as server:
        _, details = answer_once(HttpCheck(url=server.url()))
    assert list(phases_of(details)) == ["dns", "connect", "first_byte", "transfer"]
    assert details is not None
    assert details.certificate_end is None


@pytest.mark.parametrize(
    ("act", "scheme", "phases"),
    [
        (silent, "https", ["dns", "connect"]),
        (silent, "http", ["dns", "connect"]),
        (dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"), "http", ["dns", "connect", "first_byte"]),
        (lambda sock: sock.close(), "https", ["dns", "connect"]),
    ],
)
def test_a_failure_has_the_phases_before_it(act: Act, scheme: str, phases: list[str]) -> None:
    with Server(act) as server:
        sample, details = answer_once(HttpCheck(url=f"{scheme}://127.0.0.1:{server.port}/", timeout_ms=TIMEOUT_MS))
    assert (sample.verdict, sample.latency) == (DOWN, None)
    assert list(phases_of(details)) == phases


def test_a_host_that_cannot_be_reached_has_no_more_than_its_name() -> None:
    assert list(phases_of(answer_once(HttpCheck(url=f"http://127.0.0.1:{unused_port()}/")).details)) == ["dns"]
    assert answer_once(HttpCheck(url=f"http://{'a' * 64}.example/")).details is None


def test_of_a_request_that_was_redirected_the_details_tell_nothing() -> None:
    def slow(_: bytes) -> bytes:
        time.sleep(0.04)
        return to(there.url())

    with answering(response()) as there, answering(slow) as server:
        sample, details = answer_once(HttpCheck(url=server.url()))
    assert list(phases_of(details)) == ["dns", "connect", "first_byte", "transfer"]
    assert sum(phases_of(details).values()) <= (sample.latency or 0) - 39
    with answering(response(), tls("localhost")) as secure, answering(to(secure.url())) as server:
        _, details = answer_once(HttpCheck(url=server.url(), ca_file="authority.pem"))
    assert "tls" in phases_of(details)
    with answering(to(f"http://127.0.0.1:{unused_port()}/")) as server:
        assert list(phases_of(answer_once(HttpCheck(url=server.url())).details)) == ["dns"]


# Requests.


def test_a_request_says_who_asks_and_asks_for_nothing_fancy() -> None:
    with answering(response()) as server:
        ask_once(HttpCheck(url=server.url("/health?deep=1")))
        head = server.requests[0].decode().split("\r\n")
    assert head[0] == "GET /health?deep=1 HTTP/1.1"
    sent = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:]) if name}
    assert sent.pop("user-agent").startswith("statusgen/")
    assert sent == {
        "host": f"127.0.0.1:{server.port}",
        "accept": "*/*",
        "accept-encoding": "identity",
        "connection": "close",
    }


def test_method_headers_and_body_are_sent_with_their_secrets() -> None:
    secrets = {"STATUS_TOKEN": "s3cr3t", "A": "1", "B": "2", "UNUSED": "x"}
    with answering(response()) as server:
        check = HttpCheck(
            url=server.url("/?token=${env:STATUS_TOKEN}"),
            method="POST",
            headers=(("Authorization", "Bearer ${env:STATUS_TOKEN}"), ("X-Both", "${env:A}-${env:B}")),
            body='{"key": "${env:STATUS_TOKEN}", "é": 1}',
        )
        sample = ask_once(check, secrets)
        request = server.requests[0].decode()
    assert request.startswith("POST /?token=s3cr3t HTTP/1.1\r\n")
    assert "Authorization: Bearer s3cr3t\r\n" in request
    assert "X-Both: 1-2\r\n" in request
    assert request.endswith('\r\n\r\n{"key": "s3cr3t", "é": 1}')
    assert sample.verdict is UP


def test_a_secret_in_a_query_is_encoded_for_it() -> None:
    with answering(response()) as server:
        check = HttpCheck(url=server.url("/?token=${env:STATUS_TOKEN}&b=1"))
        assert ask_once(check, {"STATUS_TOKEN": "a+b/c=&#d"}).verdict is UP
        assert server.requests[0].decode().startswith("GET /?token=a%2Bb%2Fc%3D%26%23d&b=1 HTTP/1.1\r\n")


def test_a_head_request_has_no_body_to_wait_for() -> None:
    with Server(saying(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")) as server:
        assert ask_once(HttpCheck(url=server.url(), method="HEAD", timeout_ms=2_000)).verdict is UP


def test_every_probe_makes_a_connection_of_its_own() -> None:
    with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n") as server:
        for _ in range(3):
            assert ask_once(HttpCheck(url=server.url())).verdict is UP
        assert server.connections == 3


def test_nothing_of_the_probers_environment_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password hunter2\nmachine localhost login me password hunter2\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with answering(response(500)) as proxy, answering(response()) as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url(""))
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        for host in ("127.0.0.1", "localhost"):
            assert ask_once(HttpCheck(url=server.url(host=host), headers=(("X-Mine", "1"),))).verdict is UP
        assert proxy.connections == 0
    assert not any(b"authorization" in request.lower() for request in server.requests)


# Redirects.


def to(location: str, status: int = 302) -> bytes:
    return response(status, Location=location)


def hops(count: int) -> Callable[[bytes], bytes]:
    """Answer ``/n`` with a redirect to ``/n-1``, and ``/0`` with success."""

    def answer(request: bytes) -> bytes:
        left = int(request.split()[1].lstrip(b"/") or count)
        return to(f"/{left - 1}") if left else response()

    return answer


@pytest.mark.parametrize(("count", "reason"), [(1, ""), (5, ""), (6, "redirects")])
def test_five_redirects_are_followed(count: int, reason: str) -> None:
    with answering(hops(count)) as server:
        assert ask_once(HttpCheck(url=server.url())).reason == reason
        assert server.connections == min(count + 1, 6)


def test_a_redirect_to_a_path_in_plain_utf8_is_followed() -> None:
    location = "/grüße?x=é".encode().decode("latin-1")  # as it goes over the wire
    with answering(lambda request: response() if b"/gr" in request else to(location)) as server:
        assert ask_once(HttpCheck(url=server.url())).verdict is UP
        assert server.requests[1].startswith(b"GET /gr%C3%BC%C3%9Fe?x=%C3%A9 HTTP/1.1\r\n")


def test_a_redirect_loop_ends() -> None:
    with answering(to("/")) as server:
        assert ask_once(HttpCheck(url=server.url())) == down("redirects")
        assert server.connections == 6


def test_with_no_redirects_allowed_the_redirect_is_the_answer() -> None:
    with answering(to("/elsewhere")) as server:
        assert ask_once(HttpCheck(url=server.url(), redirects=0)).reason == "status 302"
        assert ask_once(HttpCheck(url=server.url(), redirects=0, status=((302, 302),))).verdict is UP
        assert server.connections == 2


def test_a_redirect_status_without_a_location_is_the_answer() -> None:
    assert verdict_of(response(302)) == (DOWN, "status 302")


@pytest.mark.parametrize(
    ("status", "method", "line", "body"),
    [
        (301, "POST", b"GET /next ", b""),
        (302, "POST", b"GET /next ", b""),
        (303, "POST", b"GET /next ", b""),
        (303, "HEAD", b"HEAD /next ", b""),
        (307, "POST", b"POST /next ", b"payload"),
        (308, "PUT", b"PUT /next ", b"payload"),
    ],
)
def test_a_redirect_keeps_method_and_body_where_its_status_says_so(
    status: int, method: str, line: bytes, body: bytes
) -> None:
    with answering(lambda request: response() if b"/next" in request else to("next", status)) as server:
        check = HttpCheck(url=server.url(), method=method, headers=(("X-Key", "k"),), body="payload")
        assert ask_once(check).verdict is UP
        assert server.requests[1].startswith(line)
        assert b"X-Key: k\r\n" in server.requests[1]
        assert server.requests[1].endswith(b"\r\n\r\n" + body)


@pytest.mark.parametrize("status", [302, 307])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])  # another port, another host: another origin
def test_a_redirect_to_another_origin_carries_nothing_that_was_configured(status: int, host: str) -> None:
    secret = {"STATUS_TOKEN": "s3cr3t"}
    names = ("X-Token", "Authorization", "Cookie", "User-Agent", "Accept", "accept-encoding")
    headers = tuple((name, "${env:STATUS_TOKEN}") for name in names)
    with answering(response()) as other, answering(to(other.url("/there", host=host), status)) as server:
        url = server.url("/?key=${env:STATUS_TOKEN}")
        check = HttpCheck(url=url, method="POST", headers=headers, body="${env:STATUS_TOKEN}")
        assert ask_once(check, secret).verdict is UP
        assert server.requests[0].count(b"s3cr3t") >= 8
        assert b"s3cr3t" not in other.requests[0]
        assert b"User-Agent: statusgen/" in other.requests[0]


def test_configured_headers_do_not_come_back_after_another_origin() -> None:
    with answering(lambda _: to(first.url("/back"))) as other:
        with answering(lambda request: response() if b"/back" in request else to(other.url())) as first:
            assert ask_once(HttpCheck(url=first.url(), headers=(("X-Token", "s3cr3t"),))).verdict is UP
        assert b"s3cr3t" in first.requests[0]
        assert b"s3cr3t" not in first.requests[1]


def test_a_redirect_from_https_to_http_is_refused() -> None:
    with answering(response()) as plain, answering(to(plain.url()), tls("localhost")) as server:
        assert ask_once(HttpCheck(url=server.url(), ca_file="authority.pem")) == down("redirect_insecure")
        assert plain.connections == 0


def test_a_redirect_from_http_to_https_is_verified() -> None:
    with answering(response(), tls("localhost")) as secure, answering(to(secure.url())) as server:
        assert ask_once(HttpCheck(url=server.url(), ca_file="authority.pem")).verdict is UP
        assert ask_once(HttpCheck(url=server.url())) == down("tls_untrusted")


@pytest.mark.parametrize(
    "location",
    [
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://[",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:no/",
        "http://a\0b/",
        "http://" + "a" * 70 + ".example/",
        "http://\u00ff\u00fe..example/",
        "http://me:pw@127.0.0.1:9/",
        "http://127.0.0.1:9\\@127.0.0.1/",
        "//127.0.0.1:9\\",
    ],
)
def test_a_redirect_to_nowhere_is_an_answer_without_sense(location: str) -> None:
    with answering(to(location)) as server:
        sample = ask_once(HttpCheck(url=server.url(), timeout_ms=2_000))
        assert sample in (down("protocol"), down("dns"))


# Redirects into the prober's network, asked in a network of one's own, in which public addresses are one's own too.

PLACES = """
from statusgen.probes.authorization import ClientCredentials
from statusgen.probes.http import HttpCheck
from tests.probes.servers import Server, read_request, response

def saying(answer):
    def act(sock):
        read_request(sock)
        sock.sendall(answer())
    return act

def leading(to):
    return saying(lambda: response(302, Location=to() if callable(to) else to))

def told(url, **more):
    return ask_once(HttpCheck(url=url, **more))

loopback()
owning("8.8.8.8")
owning("10.0.0.1")
inner, other = (Server(saying(response), host=host) for host in ("127.0.0.1", "10.0.0.1"))
to_inner = Server(leading(lambda: inner.url()), host="8.8.8.8")
"""


def among_places(code: str, *options: str) -> list[str]:
    return alone(PLACES + textwrap.dedent(code), "--map-root-user", *options)


def test_a_public_address_does_not_lead_into_the_probers_network() -> None:
    """Whether anything answers there cannot be told from what is recorded."""
    code = """
        with inner, other, to_inner:
            print(told(to_inner.url(host="8.8.8.8")).reason, inner.connections)
            for to in (other.url(host="10.0.0.1"), inner.url(host="localhost"), f"http://[::ffff:127.0.0.1]:{inner.port}/",
                       "http://10.0.0.2/", "https://127.0.0.1:9/", "http://[::1]:9/", "http://0/"):
                with Server(leading(to), host="8.8.8.8") as server:
                    print(told(server.url(host="8.8.8.8")) == told(to_inner.url(host="8.8.8.8")), server.connections)
            with Server(leading("http://169.254.169.254/latest/meta-data/"), host="8.8.8.8") as server:
                print(told(server.url(host="8.8.8.8")))
            print(inner.connections, other.connections)
    """
    nothing = str(Sample(AT, None, None, "forbidden"))
    assert among_places(code) == ["redirect_private 0", *["True 1"] * 7, nothing, "0 0"]


def test_nor_by_a_detour_over_a_public_one() -> None:
    code = """
        with inner, to_inner:
            for first in ("8.8.8.8", "127.0.0.1"):
                with Server(leading(to_inner.url(host="8.8.8.8")), host=first) as server:
                    print(told(server.url(host=first)).reason, inner.connections)
    """
    assert among_places(code) == ["redirect_private 0"] * 2


def test_where_redirects_stay_public_or_begin_within_the_network_they_are_followed() -> None:
    code = """
        with inner, other, Server(saying(response), host="8.8.8.8") as public:
            for first, to in (("8.8.8.8", public.url(host="8.8.8.8")), ("127.0.0.1", other.url(host="10.0.0.1")),
                              ("10.0.0.1", inner.url()), ("10.0.0.1", public.url(host="8.8.8.8"))):
                with Server(leading(to), host=first) as server:
                    print(told(server.url(host=first)).verdict)
    """
    assert among_places(code) == ["Verdict.UP"] * 4


def test_a_name_that_leads_elsewhere_the_second_time_is_seen_through(tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text("8.8.8.8 target\n")
    code = f"""
        import subprocess
        hosts = Path({str(tmp_path / "hosts")!r})
        subprocess.run(["mount", "--bind", str(hosts), "/etc/hosts"], check=True)

        def rebound():
            hosts.write_text("127.0.0.1 target\\n")
            return inner.url(host="target")

        with inner, Server(leading(rebound), host="8.8.8.8") as server:
            print(told(server.url(host="target")).reason, server.connections, inner.connections)
    """
    assert among_places(code, "--mount") == ["redirect_private 1 0"]


def test_a_token_from_a_public_address_may_be_for_an_inner_one() -> None:
    code = """
        given = response(body=b'{"access_token": "t", "token_type": "bearer"}')
        with inner, Server(saying(lambda: given), host="8.8.8.8") as issuer:
            auth = ClientCredentials(token_url=issuer.url(host="8.8.8.8"), client_id="me", client_secret="s3cr3t")
            print(told(inner.url(), auth=auth).verdict, issuer.connections)
    """
    assert among_places(code) == ["Verdict.UP 1"]


def test_nor_does_a_document_lead_there_in_which_others_say_how_something_is() -> None:
    code = """
        from statusgen.probes.domain import DomainCheck
        with inner, to_inner:
            print(ask_once(DomainCheck(name="example.org", server=to_inner.url(host="8.8.8.8"))).reason)
            print(to_inner.connections, inner.connections)
    """
    assert among_places(code) == ["unclear", "1 0"]


LISTS = """
import json
from statusgen.probes.domain import DomainCheck

def listing(*servers):
    services = [[[f"of-{n}"], [url]] for n, url in enumerate(servers)]
    return saying(lambda: response(body=json.dumps({"services": services}).encode()))

def asked(bootstrap, *names):
    return [ask_once(DomainCheck(name=name, bootstrap=bootstrap)).reason for name in names]
"""


def test_nor_does_a_list_of_registries_be_it_read_now_or_kept() -> None:
    code = """
        with inner, other, Server(saying(response), host="8.8.8.8") as public:
            urls = inner.url(), public.url(host="8.8.8.8"), other.url(host="10.0.0.1")
            with Server(listing(*urls), host="8.8.8.8") as lists:
                print(*asked(lists.url(host="8.8.8.8"), "a.of-0", "a.of-0", "a.of-1", "a.of-0", "a.of-2"))
            print(lists.connections, inner.connections, public.connections, other.connections)
    """
    assert among_places(LISTS + textwrap.dedent(code)) == [" ".join(["unclear"] * 5), "1 0 1 0"]


def test_a_list_of_registries_within_the_network_may() -> None:
    code = """
        with inner, Server(listing(inner.url()), host="10.0.0.1") as lists:
            print(*asked(lists.url(host="10.0.0.1"), "a.of-0", "b.of-0"), lists.connections, inner.connections)
    """
    assert among_places(LISTS + textwrap.dedent(code)) == ["unclear unclear 1 2"]


# Certificates.

SOONER = 4_102_444_800  # 2100-01-01: the end of the authority between, in chain.pem


@pytest.fixture
def everybody(tmp_path: Path) -> World:
    """A world in which ``all.pem`` holds both authorities of the tests."""
    names = ("authority.pem", "chain_authority.pem")
    (tmp_path / "all.pem").write_text("".join((CERTIFICATES / name).read_text() for name in names))
    return World(environment={}, base=tmp_path)


@pytest.mark.parametrize(("first", "second"), [("chain", "localhost"), ("localhost", "chain")])
def test_the_end_that_counts_is_the_earliest_of_all_that_were_verified_on_the_way(
    first: str, second: str, everybody: World
) -> None:
    with (
        answering(response(), tls(second)) as there,
        answering(lambda _: to(there.url()), tls(first)) as server,
    ):
        limits = Expiry(degraded_before=10 * DAY, down_before=DAY)
        check = Check(id="c", question=HttpCheck(url=server.url(), ca_file="all.pem", certificate=limits))
        for left, judged in [(15, (UP, "")), (14, (UP, "")), (9, (DEGRADED, "tls_expiring")), (0, (DOWN, ""))]:
            at = SOONER - left * DAY
            sample, details = ask(check, at, Probing(reprobe_ms=()), everybody)
            assert details is not None
            assert details.certificate_end == SOONER
            assert sample.verdict is judged[0]
            assert sample.reason == (judged[1] or ("tls_expired" if left == 0 else ""))


def test_a_certificate_that_ends_soon_is_a_notice() -> None:
    with answering(response(), tls("localhost")) as server:
        check = HttpCheck(url=server.url(), ca_file="authority.pem")
        sample = ask_once(check, at=CERTIFICATE_END - 13 * DAY)
        assert (sample.verdict, sample.reason) == (UP, "tls_expiring")
        assert ask_once(check, at=CERTIFICATE_END - 14 * DAY).reason == ""


@pytest.mark.parametrize(
    ("unmet_as", "left", "judgement"),
    [
        (DOWN, 13, (DOWN, "json")),
        (DEGRADED, 13, (DEGRADED, "json")),
        (DEGRADED, 0, (DOWN, "tls_expired")),
        (DOWN, 0, (DOWN, "json")),
    ],
)
def test_the_worse_of_contents_and_certificate_counts(
    unmet_as: Verdict, left: int, judgement: tuple[Verdict, str]
) -> None:
    seen = Observation(status=200, unmet="json", unmet_as=unmet_as, certificate_end=AT + left * DAY)
    assert judge(HttpCheck(url="https://a.example/"), seen, AT) == judgement


def test_where_a_certificate_must_last_and_there_is_none_nobody_knows() -> None:
    with answering(response()) as server:
        sample = ask_once(HttpCheck(url=server.url(), certificate=Expiry(down_before=DAY)))
        assert (sample.verdict, sample.reason) == (None, "unclear")


# Versions of the internet protocol.


def test_the_version_of_the_internet_protocol_is_kept_to() -> None:
    def act(sock: socket.socket) -> None:
        read_request(sock)
        sock.sendall(response())

    with Server(act, host="::1") as server:
        url = server.url(host="localhost")
        assert ask_once(HttpCheck(url=server.url(host="[::1]"), ip=6)).verdict is UP
        assert ask_once(HttpCheck(url=server.url(host="[::1]"), ip=4)) == down("dns_no_answer")
        assert ask_once(HttpCheck(url=url, ip=4)).verdict is DOWN
        assert server.connections == 1


# Hostile servers. Each of them would hold a naive prober for ever.

HEAD = b"HTTP/1.1 200 OK\r\n"


def slow_redirects(sock: socket.socket) -> None:
    request = read_request(sock)
    time.sleep(0.045)
    sock.sendall(to(f"/{len(request)}"))


def chunks_for_ever(sock: socket.socket) -> None:
    read_request(sock)
    sock.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    while True:
        sock.sendall(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")


def continue_for_ever(sock: socket.socket) -> None:
    read_request(sock)
    while True:
        sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        time.sleep(0.001)


STUCK: dict[str, Act] = {
    "silence": silent,
    "a body in drops": dripping(HEAD + b"Content-Length: 100000\r\n\r\n"),
    "a body in drops without a length": dripping(HEAD + b"\r\n"),
    "headers in drops": dripping(HEAD + b"X-Slow: "),
    "a status line in drops": dripping(b"HTTP/1.1 200 "),
    "chunks in drops": dripping(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    "a chunk's length in drops": dripping(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"0"),
    "continuing for ever": continue_for_ever,
    "a body that never comes": saying(HEAD + b"Content-Length: 5\r\n\r\n"),
}


@pytest.mark.parametrize("act", STUCK.values(), ids=STUCK.keys())
def test_a_server_that_holds_the_prober_is_a_timeout_on_time(act: Act) -> None:
    with Server(act) as server:
        assert ask_once(HttpCheck(url=server.url(), timeout_ms=TIMEOUT_MS)) == TIMEOUT


def test_a_body_in_drops_over_tls_is_a_timeout_on_time() -> None:
    with Server(STUCK["a body in drops"], tls("localhost")) as server:
        check = HttpCheck(url=server.url(), ca_file="authority.pem", timeout_ms=TIMEOUT_MS)
        assert ask_once(check) == TIMEOUT


def test_slow_redirects_share_one_timeout() -> None:
    with Server(slow_redirects) as server:
        assert ask_once(HttpCheck(url=server.url(), timeout_ms=200)) == TIMEOUT


def test_a_handshake_that_stalls_is_a_timeout_on_time() -> None:
    with Server(silent) as server:
        url = f"https://127.0.0.1:{server.port}/"
        assert ask_once(HttpCheck(url=url, timeout_ms=TIMEOUT_MS)) == TIMEOUT


def test_a_body_without_end_is_read_as_far_as_the_limit() -> None:
    with Server(chunks_for_ever) as server:
        assert ask_once(HttpCheck(url=server.url(), body_contains="xxx")).verdict is UP
        assert ask_once(HttpCheck(url=server.url(), body_contains="absent")).reason == "body"


def test_what_stands_beyond_the_limit_is_not_looked_at() -> None:
    page = response(body=b"x" * MAX_BODY + b"needle")
    assert verdict_of(page, lambda url: HttpCheck(url=url, body_contains="needle")) == (DOWN, "body")
    page = response(body=b"x" * (MAX_BODY - 6) + b"needle" + b"x")
    assert verdict_of(page, lambda url: HttpCheck(url=url, body_contains="needle")) == (UP, "")


@pytest.mark.parametrize("encoding", ["gzip", "gzip, gzip"])
def test_a_bomb_does_not_go_off(encoding: str) -> None:
    bomb = gzip.compress(bytes(8 << 20)) * 64  # 512 MB: members one after another are one file (RFC 1952, 2.2)
    page = response(body=gzip.compress(bomb) if encoding == "gzip, gzip" else bomb, Content_Encoding=encoding)
    with answering(page) as server:
        tracemalloc.start()
        try:
            sample = ask_once(HttpCheck(url=server.url()))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert sample.verdict is UP
    assert peak < 16 * MAX_BODY


@pytest.mark.parametrize("timeout_ms", [TIMEOUT_MS, 4_000])
def test_a_pattern_that_backtracks_for_ever_does_not_match(timeout_ms: int) -> None:
    page = response(body=b"a" * 40 + b"!")
    with answering(page) as server:
        sample = ask_once(HttpCheck(url=server.url(), body_regex=r"(a|aa)+$", timeout_ms=timeout_ms))
    assert sample.verdict is DOWN
    assert sample.reason == ("timeout" if timeout_ms == TIMEOUT_MS else "body")


BROKEN: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "disconnected"),
    "a body that is cut off": (HEAD + b"Content-Length: 100\r\n\r\n0123456789", "disconnected"),
    "a chunk that is cut off": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n64\r\n0123456789", "disconnected"),
    "chunks without a last one": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n", "disconnected"),
    "garbage": (b"\x16\x03\x01\x02garbage\r\n\r\n", "protocol"),
    "a status that is none": (b"HTTP/1.1 abc OK\r\n\r\n", "protocol"),
    "another protocol": (b"220 mail.example ESMTP\r\n", "protocol"),
    "a header without end": (HEAD + b"X: " + b"a" * 70_000 + b"\r\n\r\n", "protocol"),
    "headers without end": (HEAD + b"".join(b"X-%d: a\r\n" % i for i in range(200)) + b"\r\n", "protocol"),
    "compression that is none": (response(body=b"plain", Content_Encoding="gzip"), "protocol"),
    "compression within compression": (response(body=b"x", Content_Encoding=", ".join(["gzip"] * 50)), "protocol"),
}


@pytest.mark.parametrize(("answer", "reason"), BROKEN.values(), ids=BROKEN.keys())
def test_an_answer_that_is_broken_is_down_and_says_how(answer: bytes, reason: str) -> None:
    with answering(answer) as server:
        assert ask_once(HttpCheck(url=server.url())) == down(reason)


CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
LYING: dict[str, tuple[bytes, str]] = {
    "a NUL in a header": (HEAD + b"X-Nul: a\0b\r\nContent-Length: 2\r\n\r\nok", ""),
    "a NUL in a header's name": (HEAD + b"X-\0: a\r\nContent-Length: 2\r\n\r\nok", ""),
    "a header that is none": (HEAD + b"no colon here\r\nContent-Length: 2\r\n\r\nok", ""),
    "more than was announced": (HEAD + b"Content-Length: 2\r\n\r\nok and more", ""),
    "a length that is no number": (HEAD + b"Content-Length: many\r\n\r\nok", ""),
    "a length below nothing": (HEAD + b"Content-Length: -1\r\n\r\nok", ""),
    "two lengths": (HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nok", "protocol"),
    "a length beyond all measure": (HEAD + b"Content-Length: " + b"9" * 30 + b"\r\n\r\nok", "disconnected"),
    "a chunk whose length is no number": (CHUNKED + b"zz\r\nok\r\n0\r\n\r\n", "disconnected"),
    "a chunk of less than nothing": (CHUNKED + b"-2\r\nok\r\n0\r\n\r\n", "protocol"),
    "a chunk beyond all measure": (CHUNKED + b"f" * 30 + b"\r\nok", "disconnected"),
    "a chunk's length without end": (CHUNKED + b"0" * 100_000 + b"\r\n", "protocol"),
    "a trailer without end": (CHUNKED + b"2\r\nok\r\n0\r\nX: " + b"x" * 100_000, "protocol"),
    "headers for ever": (HEAD + b"X: a\r\n" * 100_000, "protocol"),
    "cookies in all shapes": (response(Set_Cookie="a=" + "; expires=" * 4_000), ""),
    "a reason without end": (b"HTTP/1.1 200 " + b"x" * 100_000 + b"\r\n\r\n", "protocol"),
    "an early hint": (b"HTTP/1.1 100 Continue\r\n\r\n" + response(body=b"ok"), ""),
    "a language of bytes": (HEAD + b"Content-Type: text/\xff; charset=\xff\r\nContent-Length: 2\r\n\r\nok", ""),
    "an old protocol": (b"HTTP/0.9 200 OK\r\n\r\nok", ""),
    "a redirect in bytes that are no text": (to("/\xff\xfe"), "protocol"),
    "a redirect without end": (to("/" + "x" * 60_000), "redirects"),
}


@pytest.mark.parametrize(("answer", "reason"), LYING.values(), ids=LYING.keys())
def test_an_answer_that_lies_about_itself_ends_in_time(answer: bytes, reason: str) -> None:
    with answering(answer) as server:
        assert ask_once(HttpCheck(url=server.url(), timeout_ms=2_000)).reason == reason


def continue_in_a_flood(sock: socket.socket) -> None:
    read_request(sock)
    while True:
        sock.sendall(b"HTTP/1.1 100 Continue\r\nX-Flood: 1\r\n\r\n" * 1_000)


def trailers_for_ever(sock: socket.socket) -> None:
    read_request(sock)
    sock.sendall(CHUNKED + b"2\r\nok\r\n0\r\n")
    while True:
        sock.sendall(b"X-Trailer: 1\r\n" * 1_000)


@pytest.mark.parametrize("act", [continue_in_a_flood, trailers_for_ever])
def test_a_flood_ends_with_the_deadline(act: Act) -> None:
    with Server(act) as server:
        assert ask_once(HttpCheck(url=server.url(), timeout_ms=TIMEOUT_MS)).reason in ("timeout", "protocol", "")


def test_a_server_that_answers_before_it_was_asked_all_is_heard() -> None:
    def act(sock: socket.socket) -> None:
        sock.recv(1)
        sock.sendall(response(413))
        time.sleep(0.05)

    with Server(act) as server:
        sample = ask_once(HttpCheck(url=server.url(), method="POST", body="x" * 20_000))
        assert sample.reason in ("status 413", "disconnected")


def test_nothing_is_kept_open_when_a_probe_is_over(recwarn: pytest.WarningsRecorder) -> None:
    with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n") as server:
        ask_once(HttpCheck(url=server.url()))
    gc.collect()
    assert not [str(each.message) for each in recwarn if each.category is ResourceWarning]


def test_a_connection_that_is_reset_is_disconnected() -> None:
    def act(sock: socket.socket) -> None:
        read_request(sock)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with Server(act) as server:
        assert ask_once(HttpCheck(url=server.url())) == down("disconnected")


@pytest.mark.parametrize("length", [3, 10, 40])
def test_compression_that_ends_early_holds_no_text(length: int) -> None:
    body = zlib.compress(bytes(range(256)))[:length]
    with answering(response(body=body, Content_Encoding="deflate")) as server:
        assert ask_once(HttpCheck(url=server.url(), body_contains="no such text")).reason in ("protocol", "body")


# Reaching it.


def test_a_port_nobody_listens_on_refuses() -> None:
    assert ask_once(HttpCheck(url=f"http://127.0.0.1:{unused_port()}/")) == down("refused")


def test_a_host_no_dns_can_name_is_not_found() -> None:
    assert ask_once(HttpCheck(url=f"http://{'a' * 64}.example/")) == down("dns")


@pytest.mark.parametrize(
    ("certificate", "host", "ca_file", "reason"),
    [
        ("localhost", "localhost", "authority.pem", ""),
        ("localhost", "127.0.0.1", "authority.pem", ""),
        ("localhost", "localhost", "", "tls_untrusted"),
        ("expired", "localhost", "authority.pem", "tls_expired"),
        ("elsewhere", "localhost", "authority.pem", "tls_hostname"),
        ("elsewhere", "127.0.0.1", "authority.pem", "tls_hostname"),
        ("localhost", "localhost", "missing.pem", "tls_untrusted"),
        ("localhost", "localhost", "README.md", "tls_untrusted"),
    ],
)
def test_certificates_are_verified(certificate: str, host: str, ca_file: str, reason: str) -> None:
    with answering(response(), tls(certificate)) as server:
        sample = ask_once(HttpCheck(url=server.url(host=host), ca_file=ca_file))
    assert (sample.verdict, sample.reason) == (DOWN if reason else UP, reason)


def test_a_plain_server_cannot_shake_hands() -> None:
    with Server(saying(b"HTTP/1.0 400 Bad Request\r\n\r\n")) as server:
        assert ask_once(HttpCheck(url=f"https://127.0.0.1:{server.port}/")) == down("tls_handshake")


def test_a_request_that_cannot_be_sent_says_nothing_of_what_is_in_it() -> None:
    with answering(response()) as server:
        check = HttpCheck(url=server.url(), headers=(("X-Token", "${env:STATUS_TOKEN}"),))
        for secret in ("line\nbreak", "snow ☃", " leading", "nul\0"):
            sample = ask_once(check, {"STATUS_TOKEN": secret})
            assert sample.reason in ("", "protocol", "unsupported")


# Judging, without a server.


@pytest.mark.parametrize(
    ("status", "expected", "matches", "judgement"),
    [
        (200, (), True, (UP, "")),
        (299, (), True, (UP, "")),
        (199, (), True, (DOWN, "status 199")),
        (300, (), True, (DOWN, "status 300")),
        (200, ((200, 200), (301, 301)), False, (DOWN, "body")),
        (301, ((200, 200), (300, 399)), True, (UP, "")),
        (500, (), False, (DOWN, "status 500")),
    ],
)
def test_the_status_is_judged_before_the_body(
    status: int, expected: tuple[tuple[int, int], ...], matches: bool, judgement: tuple[Verdict, str]
) -> None:
    check = HttpCheck(url="http://a.example/", status=expected)
    assert judge(check, Observation(status=status, unmet="" if matches else "body"), AT) == judgement


@pytest.mark.parametrize(
    "url",
    [
        "http://a.example",
        "https://a.example:8443/path?query=${env:STATUS_TOKEN}&x=1#part",
        "http://[::1]:8080/",
        "HTTPS://bücher.example/é",
    ],
)
def test_a_url_to_ask_is_taken_as_it_stands(url: str) -> None:
    assert web_url(url) == url


@pytest.mark.parametrize(
    ("url", "remedy"),
    [
        ("a.example", "write https://host/path"),
        ("ftp://a.example/", "write https://host/path"),
        ("http:///path", "write https://host/path"),
        ("http://a.example:0/", "write https://host/path"),
        ("http://a.example:70000/", "is not a URL"),
        ("http://[::1/", "is not a URL"),
        ("https://me:pw@a.example/", "use 'auth'"),
        ("https://a.example/?t=${STATUS_TOKEN}", "write ${env:NAME}"),
        ("https://a.example/?t=${env:STATUS TOKEN}", "write ${env:NAME}"),
        ("https://${env:HOST}/", "in a URL's query only"),
        ("https://a.example/${env:TOKEN}?x=1", "in a URL's query only"),
        ("https://a.example/a b", "write %20"),
    ],
)
def test_a_url_that_cannot_be_asked_names_the_remedy(url: str, remedy: str) -> None:
    with pytest.raises(ValueError) as error:
        web_url(url)
    assert remedy in str(error.value)
