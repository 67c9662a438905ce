"""``/.well-known/security.txt``, field by field (RFC 9116)."""

from __future__ import annotations

from dataclasses import replace

from statusgen.model import Disclosure
from statusgen.render import security

from ..literals import NOW, site, take
from .published import publish

LEAST = Disclosure(contact=("mailto:security@example.org",), expires=NOW)
WHOLE = Disclosure(
    contact=("mailto:security@example.org", "https://example.org/report"),
    expires=NOW,
    policy=("https://example.org/policy",),
    encryption=("openpgp4fpr:5f2de5521c63a801ab59ccb603d49de44b29100f",),
    acknowledgments=("https://example.org/thanks",),
    preferred_languages=("en", "de"),
    hiring=("https://example.org/jobs",),
    canonical=("https://example.org/.well-known/security.txt",),
)


def text_of(told: Disclosure, url: str = "https://status.example.org") -> str:
    return security.files(replace(site(url=url), disclosure=told))[".well-known/security.txt"].decode()


def test_every_field_is_written_as_the_standard_names_it() -> None:
    assert text_of(WHOLE) == (
        "Contact: mailto:security@example.org\n"
        "Contact: https://example.org/report\n"
        "Expires: 2026-11-25T12:00:00Z\n"
        "Encryption: openpgp4fpr:5f2de5521c63a801ab59ccb603d49de44b29100f\n"
        "Acknowledgments: https://example.org/thanks\n"
        "Preferred-Languages: en, de\n"
        "Canonical: https://example.org/.well-known/security.txt\n"
        "Policy: https://example.org/policy\n"
        "Hiring: https://example.org/jobs\n"
    )


def test_it_lives_at_the_sites_address_unless_told_otherwise() -> None:
    assert text_of(LEAST).splitlines()[2:] == ["Canonical: https://status.example.org/.well-known/security.txt"]


def test_below_a_path_it_names_the_place_where_it_is_looked_for_as_well() -> None:
    assert text_of(LEAST, "https://example.org/status").splitlines()[2:] == [
        "Canonical: https://example.org/.well-known/security.txt",
        "Canonical: https://example.org/status/.well-known/security.txt",
    ]


def test_an_address_that_is_not_encrypted_vouches_for_nothing() -> None:
    assert "Canonical" not in text_of(LEAST, "http://127.0.0.1:8000")


def test_a_site_publishes_it_only_if_it_names_a_contact() -> None:
    assert security.PATH not in publish(take())
    made = take(replace(site(), disclosure=LEAST))
    assert publish(made)[security.PATH] == text_of(LEAST).encode()
    assert ".nojekyll" in publish(made)  # else Jekyll leaves out folders that begin with a dot
