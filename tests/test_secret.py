"""References to secrets: found, checked and filled, and never anything else."""

from __future__ import annotations

import base64
import html
import json
import re
from urllib.parse import quote, quote_plus

import pytest

from statusgen import secret
from statusgen.errors import StatusgenError
from statusgen.secret import Gate

VALUES = (
    "s3cr3t-t0ken",
    "pass word/+&=?%#",
    "\"quoted\" 'twice' \\ <b>&amp;",
    "schlüssel-ünter",
    "日本の鍵123",
    "abcdef",
)
PEM = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG\n9w0BAQEFAASCBKcwggSj\n-----END PRIVATE KEY-----\n"


def gate(**environment: str) -> Gate:
    """Return a gate that knows these secrets."""
    made = Gate(environment)
    made.heed(" ".join(f"${{env:{name}}}" for name in environment))
    return made


def encodings(value: str) -> dict[str, str]:
    """Return a value as others write it, within what else they write."""
    raw = value.encode()
    return {
        "raw": f"x{value}y",
        "percent": f"?a={quote(value, safe='')}&b",
        "percent of a path": quote(value),
        "percent in lower case": re.sub("%..", lambda found: found[0].lower(), quote(value, safe="")),
        "plus": quote_plus(value),
        "JSON": json.dumps({"a": value}),
        "JSON in Unicode": json.dumps({"a": value}, ensure_ascii=False),
        "JSON in JSON": json.dumps(json.dumps({"a": value})),
        "JSON in HTML": html.escape(json.dumps({"a": value})),
        "repr": repr({"a": value}),
        "ascii": ascii(value),
        "HTML": html.escape(value),
        "HTML of templates": html.escape(value).replace("&quot;", "&#34;").replace("&#x27;", "&#39;"),
        "Markdown": re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", value),
        "Markdown of words": value.replace("_", "\\_").replace("*", "\\*"),
        "hex": raw.hex(),
        "hex in capitals": raw.hex().upper(),
        "base64": base64.b64encode(raw).decode(),
        "base64 after a name": base64.b64encode(b"a:" + raw + b"!").decode(),
        "base64 after more": base64.b64encode(b"user:" + raw).decode(),
        "base64 of another": base64.b64encode(b"me:" + raw + b"zz").decode(),
        "base64 of addresses": base64.urlsafe_b64encode(b"?" + raw).decode(),
    }


def test_names_are_found_in_order() -> None:
    assert secret.names("${env:B} and ${env:A_1}, not $C, ${D} or {env:E}") == ("B", "A_1")
    assert secret.names("nothing here") == ()


@pytest.mark.parametrize(
    "broken",
    ["${TOKEN}", "${env:}", "${env:1A}", "${env: A}", "${env:A-B}", "${ENV:A}", "${file:a}", "${}", "${env:A", "${"],
)
def test_a_malformed_reference_is_found(broken: str) -> None:
    assert secret.malformed(f"Bearer {broken}") == broken


def test_well_formed_references_and_other_dollars_are_no_fault() -> None:
    for text in ("", "plain", "${env:A}${env:B}", "costs 5 $", "$A", "{env:A}", "${env:A}}"):
        assert secret.malformed(text) is None


def test_the_first_malformed_reference_is_named() -> None:
    assert secret.malformed("${env:A} ${b} ${c}") == "${b}"


def test_every_reference_is_filled_once() -> None:
    environment = {"A": "1", "B": "${env:A}"}
    assert secret.fill("${env:A}-${env:B}-${env:A}", environment) == "1-${env:A}-1"
    assert secret.fill("plain", {}) == "plain"


def test_an_unset_name_is_told_and_no_value_is() -> None:
    with pytest.raises(KeyError) as unset:
        secret.fill("${env:A} ${env:TOKEN}", {"A": "value"})
    assert unset.value.args == ("TOKEN",)


@pytest.mark.parametrize("encoding", encodings("value"))
@pytest.mark.parametrize("value", VALUES)
def test_a_secret_is_found_in_every_encoding_and_hidden(value: str, encoding: str) -> None:
    known = gate(OTHER="unlike-any-of-them", TOKEN=value)
    written = encodings(value)[encoding]
    assert known.found(f"<p>{written}</p>\n".encode()) == "TOKEN"
    assert known.found(known.hidden(f"<p>{written}</p>").encode()) == ""
    assert "***" in known.hidden(written)


def test_a_header_of_latin_1_is_found() -> None:
    written = base64.b64encode("me:schlüssel".encode("latin-1"))
    assert gate(KEY="schlüssel").found(written) == "KEY"


def test_what_holds_none_goes_through_as_it_is() -> None:
    known = gate(TOKEN="s3cr3t-t0ken")
    for text in ("", "s3cr3t", "s3cr3t-t0ke", "TOKEN", "t0ken s3cr3t-", "***"):
        known.refuse(text.encode(), "a page")
        assert known.hidden(text) == text


def test_a_refusal_names_the_secret_and_the_remedy_and_never_the_value() -> None:
    with pytest.raises(StatusgenError) as error:
        gate(TOKEN="s3cr3t-t0ken").refuse(b"a s3cr3t-t0ken", "incidents/s3cr3t-t0ken.md")
    said = str(error.value)
    assert said.startswith("incidents/***.md would hold the secret 'TOKEN', and nothing was written: take it out")
    assert "choose a longer, random one" in said
    assert "s3cr3t" not in said
    assert (error.value.exit_code, "\n" in said) == (1, False)


def test_only_what_the_site_names_is_a_secret_and_it_may_come_to_name_more() -> None:
    known = Gate({"A": "first-secret", "B": "second-secret"})
    assert not known
    known.heed("headers: {X: '${env:A}'}")
    assert (known.found(b"first-secret"), known.found(b"second-secret"), bool(known)) == ("A", "", True)
    known.heed("headers: {X: '${env:B} ${env:UNSET}'}")
    assert (known.found(b"first-secret"), known.found(b"second-secret")) == ("A", "B")


def test_what_is_too_short_to_be_told_from_words_is_not_looked_for() -> None:
    assert not gate(EMPTY="", SPACES=" " * 9, SHORT="token")
    assert gate(LONGER="tokens").found(b"my tokens") == "LONGER"


def test_a_line_break_at_its_end_is_no_part_of_a_secret() -> None:
    assert gate(TOKEN="s3cr3t-t0ken\n").found(b"(s3cr3t-t0ken)") == "TOKEN"


def test_of_pem_every_line_of_the_key_is_a_secret() -> None:
    known = gate(KEY=PEM)
    assert [known.found(line.encode()) for line in PEM.splitlines()] == ["", "KEY", "KEY", ""]
    assert known.hidden(PEM).splitlines() == ["-----BEGIN PRIVATE KEY-----", "***", "***", "-----END PRIVATE KEY-----"]


def test_of_an_address_what_looks_like_a_key_is_a_secret_by_itself() -> None:
    known = gate(HOOK="https://hooks.acme.example/services/T0042/9fK2xQ81mWz7?team=operations")
    assert known.found(b"the key is 9fK2xQ81mWz7.") == "HOOK"
    assert known.found(b"https://hooks.acme.example/services of operations") == ""


def test_a_secret_within_another_leaves_nothing_of_the_longer_one() -> None:
    assert gate(A="s3cr3t-one", B="s3cr3t-one-and-more").hidden("s3cr3t-one-and-more") == "***"


def test_a_variable_that_is_no_unicode_is_found_as_its_bytes() -> None:
    value = b"s3cr3t\xff\xfe".decode("utf-8", "surrogateescape")
    assert gate(A=value).found(b"<s3cr3t\xff\xfe>") == "A"
