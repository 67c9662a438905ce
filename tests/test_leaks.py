"""What should not be public: found by its shape, and not where it only looks a little like it."""

from __future__ import annotations

import pytest

from statusgen import leaks
from statusgen.errors import Level
from tests.machine import within

LETTERS = "Zx9Kd03mQpLr7TtVbN2wHsYc5GfJ8aEu4oi1"  # made up, and as long as a GitHub token's
SECRETS = {
    f"key AKIA{'Q3EXAMPL' * 2} leaked": "an AWS access key",
    f"ghp_{LETTERS}": "a GitHub token",
    f"token=ghs_{LETTERS}": "a GitHub token",
    f"github_pat_{LETTERS}": "a GitHub token",
    f"glpat-{LETTERS[:20]}": "a GitLab token",
    f"(xoxb-2401-{LETTERS[:12]})": "a Slack token",
    f"AIza{LETTERS[:35]}": "a Google API key",
    f"sk_live_{LETTERS[:24]}": "a Stripe key",
    f"npm_{LETTERS}": "an npm token",
    f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.{LETTERS}": "a JSON Web Token",
    "-----BEGIN RSA PRIVATE KEY-----": "a private key",
    "-----BEGIN PRIVATE KEY-----": "a private key",
    f"https://hooks.slack.com/services/T0ABCDEFG/B0ABCDEFG/{LETTERS[:24]}": "a Slack webhook",
    f"Authorization: Bearer {LETTERS}": "a bearer token",
    "postgres://app:hunter2@db.acme.example/live": "a password in an address",
    "password=hunter2": "a password or a token",
    "password=hunter2$mQ<vLp": "a password or a token",
    "DB_PASSWORD=hunter2%40ssw0rd": "a password or a token",
    "token: ab12%cd34*ef{56[gh": "a password or a token",
    "API_KEY = no, but api_key=f00barbaz": "a password or a token",
    '"secret": "hunter2-hunter2"': "a password or a token",
}
HARMLESS = [
    "Password: reset mails arrive late.",
    "A token: expired ones are refused.",
    "Set password=${env:DB_PASSWORD} and api_key=<yours>, password=********.",
    "Set password=prefix-${env:DB} and token=ab{{ secrets.TOKEN }}, password=hunt****, api_key=[hidden].",
    "Bearer tokens are refused since the release.",
    "The commit is 08f697c0d1e2f3a4b5c6d7e8f9a0b1c2d3e4f5a6.",
    "AKIA is how such keys begin; ghp_ is how those of GitHub do.",
    "-----BEGIN CERTIFICATE-----",
    "Ask ann@acme.example, bob@example.com or security@acme.io; or clone git@github.com:acme/status.git.",
    "The release 10.4.2 and version 1.10.0.0.1 are fine, so are 8.8.8.8 and 172.32.0.1.",
    "Look at settings.local.json, a local cache, internal services and https://acme.io/internal/local.",
    "Follow @acme; we are at 99.95 % and 10.000 users.",
]


def found(text: str) -> list[str]:
    return [problem.message for problem in leaks.found("incidents/i.md", text, {"security@acme.io"})]


@pytest.mark.parametrize(("text", "what"), SECRETS.items())
def test_a_secret_is_named_by_its_kind_and_never_repeated(text: str, what: str) -> None:
    (message,) = found(f"We saw {text}.")
    assert message.startswith(f"has what looks like {what}: ")
    assert "revoke it" in message
    assert not any(part in message for part in (LETTERS[:12], "hunter2", "f00barbaz", "Q3EXAMPL"))


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_looks_a_little_like_it_is_not_named(text: str) -> None:
    assert found(text) == []


def test_an_address_of_somebody_is_named_at_its_line_once() -> None:
    text = "One\nAsk Bob.Ray+ops@mail.acme.io or bob.ray+ops@mail.acme.io, or Bob.Ray+ops@mail.acme.io.\n"
    (first, second) = leaks.found("incidents/i.md", text, set())
    assert (first.line, first.level) == (2, Level.WARNING)
    assert first.message.startswith("has the e-mail address 'Bob.Ray+ops@mail.acme.io', ")
    assert second.message.startswith("has the e-mail address 'bob.ray+ops@mail.acme.io', ")


def test_addresses_that_the_configuration_tells_are_public() -> None:
    public = leaks.addresses("security: {contact: 'mailto:Security@acme.io'}\n")
    assert list(leaks.found("incidents/i.md", "Write to security@acme.io.", public)) == []


@pytest.mark.parametrize(
    "host",
    [
        "10.0.0.3",
        "172.16.4.1",
        "172.31.255.1",
        "192.168.1.20",
        "db1.internal",
        "a.b.svc.corp",
        "printer.local",
        "x.lan",
    ],
)
def test_an_inner_host_is_named(host: str) -> None:
    for text in (
        f"It is {host}.",
        f"({host}, that is)",
        f"https://{host}:8443/x",
        f"ssh root@{host}" if "." in host else host,
    ):
        messages = [message for message in found(text) if "inner host" in message or "e-mail" in message]
        assert messages, text
    assert found(f"It is {host}.") == [
        f"names the inner host '{host}', which tells strangers how you are built: say what it does instead"
    ]


@pytest.mark.parametrize("text", ["a" * 200_000, "a." * 100_000, "eyJ" * 70_000, "1.1.1." * 30_000, "a@" * 100_000])
def test_a_line_made_to_hold_it_up_does_not(text: str) -> None:
    with within(seconds=3):
        found(text)
        found(f"password={text}")
        found(f"bearer {text}")
