"""Who is asking: passwords, tokens and certificates, and that nobody else gets them."""

from __future__ import annotations

import base64
import json
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs

import pytest

from statusgen import secret, source
from statusgen.model import Sample, Verdict
from statusgen.probes.authorization import Basic, Bearer, ClientCredentials
from statusgen.probes.http import KIND, HttpCheck
from statusgen.probes.identity import Client
from statusgen.shape import Notes, Rejected

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
    response,
    saying,
    silent,
    tls,
    unused_port,
)

UP, DEGRADED, DOWN = Verdict
AUTH = Sample(AT, DOWN, None, "auth")
UNSUPPORTED = Sample(AT, None, None, "unsupported")
SECRETS = {"USER": "mé", "PASSWORD": "p:w ü", "TOKEN": "t0k3n", "ID": "acme id", "SECRET": "s3cr3t/+:%"}


def read(text: str) -> HttpCheck:
    notes = Notes("components.yaml")
    try:
        return KIND.record.read(source.parse(text, "components.yaml"), "http", notes)
    except Rejected:
        raise ValueError(notes.problems[0].message) from None


def authorization_in(request: bytes) -> str:
    """Return the value of the one Authorization header of a request; empty if there is none."""
    values = [line[15:].decode() for line in request.split(b"\r\n") if line.lower().startswith(b"authorization: ")]
    assert len(values) <= 1
    return "".join(values)


def decoded(value: str) -> str:
    scheme, _, credentials = value.partition(" ")
    assert scheme == "Basic"
    return base64.b64decode(credentials, validate=True).decode()


# Basic and bearer.


def test_name_and_password_are_sent_as_utf8_in_base64() -> None:
    with answering(response()) as server:
        auth = Basic(user="${env:USER}", password="${env:PASSWORD}")
        assert ask_once(HttpCheck(url=server.url(), auth=auth), SECRETS).verdict is UP
        assert decoded(authorization_in(server.requests[0])) == "mé:p:w ü"


def test_a_token_is_sent_as_it_stands() -> None:
    with answering(response()) as server:
        assert ask_once(HttpCheck(url=server.url(), auth=Bearer(token="${env:TOKEN}")), SECRETS).verdict is UP
        assert authorization_in(server.requests[0]) == "Bearer t0k3n"


def test_a_token_that_no_header_can_hold_is_nobodys_outage() -> None:
    with answering(response()) as server:
        check = HttpCheck(url=server.url(), auth=Bearer(token="${env:TOKEN}"))
        assert ask_once(check, {"TOKEN": "a\r\nX-Evil: 1"}) == UNSUPPORTED
        assert server.connections == 0


@pytest.mark.parametrize("status", [302, 307])
@pytest.mark.parametrize("auth", [Basic(user="${env:ID}", password="${env:SECRET}"), Bearer(token="${env:TOKEN}")])
def test_credentials_never_cross_to_another_origin(auth: Basic | Bearer, status: int) -> None:
    with answering(response()) as other, answering(lambda _: response(status, Location=other.url())) as server:
        assert ask_once(HttpCheck(url=server.url(), auth=auth), SECRETS).verdict is UP
        assert authorization_in(server.requests[0])
        assert not authorization_in(other.requests[0])


def test_credentials_go_along_within_the_origin() -> None:
    def answer(request: bytes) -> bytes:
        return response() if b"/there" in request else response(302, Location="/there")

    with answering(answer) as server:
        assert ask_once(HttpCheck(url=server.url(), auth=Bearer(token="${env:TOKEN}")), SECRETS).verdict is UP
        assert [authorization_in(request) for request in server.requests] == ["Bearer t0k3n"] * 2


# Client credentials.


def credentials(token_url: str, **more: str) -> ClientCredentials:
    return ClientCredentials(token_url=token_url, client_id="${env:ID}", client_secret="${env:SECRET}", **more)


def granting(**fields: object) -> bytes:
    return response(body=json.dumps({"access_token": "gr4nted", "token_type": "Bearer", **fields}).encode())


def sample_with(token_answer: bytes | Callable[[bytes], bytes]) -> tuple[Sample, int]:
    """Return the sample, and how many requests reached the service."""
    with answering(token_answer) as tokens, answering(response()) as server:
        sample = ask_once(HttpCheck(url=server.url(), auth=credentials(tokens.url("/token"))), SECRETS)
        return sample, len(server.requests)


def test_a_token_is_fetched_as_the_standard_says_and_used() -> None:
    with answering(granting(expires_in=60)) as tokens, answering(response()) as server:
        auth = credentials(tokens.url("/token"), scope="status read", audience="https://api.example/")
        assert ask_once(HttpCheck(url=server.url(), auth=auth), SECRETS).verdict is UP
        request = tokens.requests[0]
        head, _, body = request.decode().partition("\r\n\r\n")
        assert head.startswith("POST /token HTTP/1.1\r\n")
        assert "Content-Type: application/x-www-form-urlencoded\r\n" in head
        assert decoded(authorization_in(request)) == "acme+id:s3cr3t%2F%2B%3A%25"  # RFC 6749 §2.3.1
        assert parse_qs(body) == {
            "grant_type": ["client_credentials"],
            "scope": ["status read"],
            "audience": ["https://api.example/"],
        }
        assert authorization_in(server.requests[0]) == "Bearer gr4nted"


def test_what_is_not_asked_for_is_not_sent() -> None:
    with answering(granting()) as tokens, answering(response()) as server:
        ask_once(HttpCheck(url=server.url(), auth=credentials(tokens.url())), SECRETS)
        assert tokens.requests[0].endswith(b"\r\n\r\ngrant_type=client_credentials")


def test_each_probe_fetches_a_token_of_its_own() -> None:
    with answering(granting()) as tokens, answering(response()) as server:
        for _ in range(2):
            ask_once(HttpCheck(url=server.url(), auth=credentials(tokens.url())), SECRETS)
        assert len(tokens.requests) == 2


@pytest.mark.parametrize(
    "answer",
    [
        response(400, b'{"error": "invalid_client"}'),
        response(401, b""),
        response(500, b""),
        response(201, b'{"access_token": "gr4nted", "token_type": "bearer"}'),
        response(302, b"", Location="/elsewhere"),
        response(200, b"<html>"),
        response(200, b"[" * 100_000),
        response(200, b'["access_token"]'),
        response(200, b"{}"),
        granting(access_token=None),
        granting(access_token=17),
        granting(access_token=""),
        granting(access_token="two words"),
        granting(access_token="a\r\nX-Evil: 1"),
        granting(access_token="é"),
        granting(access_token="x" * 100_000),
        granting(token_type="mac"),
        b"",
        b"garbage\r\n\r\n",
    ],
)
def test_without_a_token_the_service_is_not_asked(answer: bytes) -> None:
    assert sample_with(answer) == (AUTH, 0)


def test_the_type_of_a_token_is_written_in_any_case() -> None:
    assert sample_with(granting(token_type="bearer"))[1] == 1


def test_an_authorization_server_that_cannot_be_reached_gives_no_token() -> None:
    url = f"http://127.0.0.1:{unused_port()}/"
    assert ask_once(HttpCheck(url=url, auth=credentials(url)), SECRETS) == AUTH


@pytest.mark.parametrize("act", [silent, dripping(b"HTTP/1.1 200 OK\r\n\r\n{"), saying(b"HTTP/1.1 200 OK\r\nX: ")])
def test_an_authorization_server_that_never_answers_holds_nobody(act: Act) -> None:
    with Server(act) as tokens, answering(response()) as server:
        check = HttpCheck(url=server.url(), auth=credentials(tokens.url()), timeout_ms=TIMEOUT_MS)
        assert ask_once(check, SECRETS) == AUTH
        assert server.connections == 0


def test_token_and_answer_share_one_deadline() -> None:
    def slow(_: bytes) -> bytes:
        time.sleep(0.15)
        return granting()

    with answering(slow) as tokens, Server(silent) as server:
        check = HttpCheck(url=server.url(), auth=credentials(tokens.url()), timeout_ms=250)
        assert ask_once(check, SECRETS) == Sample(AT, DOWN, None, "timeout")


def test_the_time_for_the_token_is_none_of_the_answers() -> None:
    def slow(_: bytes) -> bytes:
        time.sleep(0.2)
        return granting()

    with answering(slow) as tokens, answering(response()) as server:
        sample, _ = answer_once(HttpCheck(url=server.url(), auth=credentials(tokens.url())), SECRETS)
        assert sample.latency is not None
        assert sample.latency < 200


def test_a_wall_before_the_authorization_server_is_no_outage() -> None:
    assert sample_with(response(403, cf_mitigated="challenge")) == (Sample(AT, None, None, "blocked"), 0)


def test_the_authorization_server_is_verified() -> None:
    with answering(granting(), tls("localhost")) as tokens, answering(response()) as server:
        auth = credentials(tokens.url(host="localhost"))
        assert ask_once(HttpCheck(url=server.url(), auth=auth), SECRETS) == AUTH
        assert ask_once(HttpCheck(url=server.url(), auth=auth, ca_file="authority.pem"), SECRETS).verdict is UP
        assert len(tokens.requests) == 1


# Certificates of clients.

PEM = (CERTIFICATES / "localhost.pem").read_text()
CLIENT = Client(certificate="localhost.pem", key="${env:KEY}")


@contextmanager
def demanding(answer: bytes | Callable[[bytes], bytes] = response()) -> Iterator[Server]:  # noqa: B008
    """Serve over TLS those who show a certificate of the authority's."""
    context = tls("localhost")
    context.load_verify_locations(CERTIFICATES / "authority.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    with answering(answer, context) as server:
        yield server


def shown(url: str, client: Client | None, **environment: str) -> Sample:
    return ask_once(HttpCheck(url=url, client=client, ca_file="authority.pem"), environment)


def test_a_certificate_is_shown_to_a_server_that_asks_for_it() -> None:
    with demanding() as server:
        assert shown(server.url(), CLIENT, KEY=PEM).verdict is UP
        both = Client(certificate="${env:CERTIFICATE}", key="${env:KEY}")
        assert shown(server.url(), both, CERTIFICATE=PEM, KEY=PEM).verdict is UP
        assert shown(server.url(), both, CERTIFICATE=PEM, KEY=str(CERTIFICATES / "localhost.pem")).verdict is UP


def test_without_a_certificate_such_a_server_does_not_answer() -> None:
    with demanding() as server:
        sample = shown(server.url(), None)
        assert sample.verdict is DOWN
        assert sample.reason in ("tls_handshake", "disconnected")


def test_a_certificate_is_shown_to_its_own_origin_only() -> None:
    with demanding() as other, demanding(lambda _: response(302, Location=other.url())) as server:
        assert shown(server.url(), CLIENT, KEY=PEM).verdict is DOWN
        assert len(server.requests) == 1
        assert other.connections == 1
        assert other.requests == []


def test_one_check_does_not_lend_its_certificate_to_another() -> None:
    with demanding() as server:
        assert shown(server.url(), CLIENT, KEY=PEM).verdict is UP
        assert shown(server.url(), None).verdict is DOWN


@pytest.mark.parametrize("key", ["", "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_a_key_that_cannot_be_read_is_nobodys_outage(key: str) -> None:
    with demanding() as server:
        assert shown(server.url(), CLIENT, KEY=key) == UNSUPPORTED
        assert server.connections == 0


def test_a_key_with_a_password_is_nobodys_outage() -> None:
    encrypted = (
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
        "MIGjMF8GCSqGSIb3DQEFDTBSMDEGCSqGSIb3DQEFDDAkBBAHy/3cGe+o5NGE3dGH\n"
        "bONOAgIIADAMBggqhkiG9w0CCQUAMB0GCWCGSAFlAwQBKgQQneV+y+kHOGIr2ruD\n"
        "dEmlBQRAT1uB16ZnfCSW6UdrNDafZ75Sq92p/b86Gv8TYFZy0w9sh5SGOpHR8HIH\n"
        "C8Y6iK4TlhPh2FKBLZWxRIJ4ddxlzw==\n"
        "-----END ENCRYPTED PRIVATE KEY-----\n"
    )
    with demanding() as server:
        assert shown(server.url(), CLIENT, KEY=encrypted) == UNSUPPORTED


# As it is written.


def test_each_way_to_say_who_asks_is_read() -> None:
    url = "url: https://a.example/"
    basic = read(f"{url}\nauth: {{basic: {{user: me, password: '${{env:PASSWORD}}'}}}}")
    assert basic.auth == Basic(user="me", password="${env:PASSWORD}")
    assert read(f"{url}\nauth: {{bearer: '${{env:TOKEN}}'}}").auth == Bearer(token="${env:TOKEN}")
    keys = "token_url: https://b.example/, client_id: acme, client_secret: '${env:SECRET}', scope: a b, audience: c"
    assert read(f"{url}\nauth: {{oauth2: {{{keys}}}}}").auth == ClientCredentials(
        token_url="https://b.example/", client_id="acme", client_secret="${env:SECRET}", scope="a b", audience="c"
    )
    client = read(f"{url}\nclient: {{certificate: tls/client.pem, key: '${{env:KEY}}'}}")
    assert client.client == Client(certificate="tls/client.pem", key="${env:KEY}")


def test_every_secret_is_asked_for_before_anything_is_probed() -> None:
    auth = credentials("https://b.example/?k=${env:K}")
    check = HttpCheck(url="https://a.example/", auth=auth, client=Client(certificate="${env:C}", key="${env:P}"))
    names = {name for text in check.references() for name in secret.names(text)}
    assert names == {"K", "ID", "SECRET", "C", "P"}


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("auth: {basic: {user: me, password: hunter2}}", "write ${env:NAME}"),
        ("auth: {bearer: hunter2}", "write ${env:NAME}"),
        ("auth: {bearer: '${TOKEN}'}", "write ${env:NAME}"),
        ("auth: {}", "write one of basic, bearer and oauth2"),
        (
            "auth: {bearer: '${env:T}', basic: {user: me, password: '${env:P}'}}",
            "write one of basic, bearer and oauth2",
        ),
        ("auth: {bearer: '${env:T}'}\nheaders: {authorization: x}", "remove one of them"),
        ("auth: {oauth2: {token_url: b.example, client_id: a, client_secret: '${env:S}'}}", "write https://host/path"),
        ("client: {certificate: client.pem, key: client.key}", "write ${env:NAME}"),
        ("client: {certificate: /etc/client.pem, key: '${env:KEY}'}", "is not a path within the repository"),
    ],
)
def test_what_would_give_a_secret_away_is_refused_with_the_remedy(text: str, remedy: str) -> None:
    with pytest.raises(ValueError) as error:
        read(f"url: https://a.example/\n{text}")
    assert remedy in str(error.value)


def test_a_certificate_to_show_needs_tls() -> None:
    with pytest.raises(ValueError, match="over https only"):
        HttpCheck(url="http://a.example/", client=CLIENT)
