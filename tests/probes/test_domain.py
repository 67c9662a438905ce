"""Domain registrations against registries on loopback: clear ones, and such that do not say."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from statusgen import periods, source
from statusgen.components import COMPONENT
from statusgen.model import Check, Sample, Verdict
from statusgen.probes import expiry
from statusgen.probes.dial import Unknown
from statusgen.probes.domain import KIND, DomainCheck, server_of
from statusgen.shape import Notes

from .reading import refusal
from .reading import written as understood
from .servers import (
    AT,
    TIMEOUT_MS,
    Act,
    Server,
    answering,
    ask_once,
    dripping,
    response,
    silent,
    tls,
    unused_port,
)

UP, DEGRADED, DOWN = Verdict
DAY = periods.DAY
UNCLEAR = Sample(AT, None, None, "unclear")
Answer = Callable[[bytes], bytes]


def registration(end: int = AT + 100 * DAY, **changed: Any) -> dict[str, Any]:
    """Return what a registry says of a domain, in the form of RFC 9083 §5.3."""
    return {
        "rdapConformance": ["rdap_level_0"],
        "objectClassName": "domain",
        "handle": "2336799_DOMAIN_COM-VRSN",
        "ldhName": "EXAMPLE.COM",
        "status": ["client transfer prohibited", "active"],
        "events": [
            {"eventAction": "registration", "eventDate": "1995-08-14T04:00:00Z"},
            {"eventAction": "expiration", "eventDate": periods.iso(end)},
            {"eventAction": "last update of RDAP database", "eventDate": "2026-11-22T10:00:00Z"},
            {"eventAction": "registrar expiration", "eventDate": "2020-01-01T00:00:00Z"},
        ],
        **changed,
    }


def ended(date: object, action: str = "expiration") -> dict[str, Any]:
    return registration(events=[{"eventAction": action, "eventDate": date}])


def written(document: object) -> bytes:
    return response(body=json.dumps(document).encode(), Content_Type="application/rdap+json")


def ask_registry(answer: bytes | Answer, **keys: Any) -> Sample:
    with answering(answer) as server:
        return ask_once(DomainCheck(name="example.com", server=server.url("/rdap/"), **keys))


def near(**limits: int) -> expiry.Expiry:
    return expiry.Expiry(**limits)


# What a registry says.


@pytest.mark.parametrize(
    ("left", "thresholds", "verdict", "reason"),
    [
        (100 * DAY, {}, UP, ""),
        (30 * DAY, {}, UP, ""),
        (30 * DAY - 1, {}, UP, "domain_expiring"),
        (1, {}, UP, "domain_expiring"),
        (0, {}, DOWN, "domain_expired"),
        (-DAY, {}, DOWN, "domain_expired"),
        (20 * DAY, {"degraded_before": 21 * DAY, "down_before": 7 * DAY}, DEGRADED, "domain_expiring"),
        (6 * DAY, {"degraded_before": 21 * DAY, "down_before": 7 * DAY}, DOWN, "domain_expiring"),
    ],
)
def test_a_registration_is_judged_by_how_near_its_end_is(
    left: int, thresholds: Mapping[str, int], verdict: Verdict, reason: str
) -> None:
    given = {"expiry": near(warn_before=30 * DAY, **thresholds)} if thresholds else {}
    sample = ask_registry(written(registration(AT + left)), **given)
    assert (sample.verdict, sample.reason) == (verdict, reason)


@pytest.mark.parametrize("date", ["2027-03-01T00:00:00Z", "2027-03-01T01:00:00.123+01:00", "2027-02-28t23:00:00-0100"])
def test_a_date_is_read_in_every_form_of_rfc_3339(date: str) -> None:
    end = periods.parse_instant("2027-03-01T00:00Z")
    assert ask_registry(written(ended(date)), expiry=near(warn_before=end - AT)).reason == ""
    assert ask_registry(written(ended(date)), expiry=near(warn_before=end - AT + 1)).reason == "domain_expiring"


@pytest.mark.parametrize("status", ["redemption period", "Pending Delete"])
def test_a_domain_that_was_taken_away_has_ended_whatever_date_is_told(status: str) -> None:
    sample = ask_registry(written(registration(status=["active", status])))
    assert (sample.verdict, sample.reason) == (DOWN, "domain_expired")


def test_a_registry_is_asked_as_rfc_9082_says() -> None:
    with answering(written(registration())) as server:
        assert ask_once(DomainCheck(name="example.com", server=server.url("/rdap"))).verdict is UP
    assert server.requests[0].startswith(b"GET /rdap/domain/example.com HTTP/1.1\r\n")
    assert b"\r\nAccept: application/rdap+json\r\n" in server.requests[0]


def test_a_registry_may_lead_to_another() -> None:
    with answering(written(registration())) as other:
        moved = response(302, Location=other.url("/domain/example.com", host="localhost"))
        assert ask_registry(moved).verdict is UP
    assert b"\r\nAccept: application/rdap+json\r\n" in other.requests[0]


# What is unclear.


@pytest.mark.parametrize(
    "document",
    [
        registration(events=[]),
        registration(events=None),
        registration(events={"eventAction": "expiration"}),
        registration(events=["expiration", None]),
        ended("2027-03-01T00:00:00Z", action="reregistration"),
        ended("2027-03-01"),
        ended("2027-03-01T00:00:00"),
        ended("9999-12-31T00:00:00Z"),
        ended(1_800_000_000),
        ended(None),
        registration(
            events=[{"eventAction": "expiration", "eventDate": f"20{year}-03-01T00:00:00Z"} for year in (26, 27)]
        ),
        registration(ldhName="example.org"),
        registration(ldhName=None),
        registration(ldhName=["example.com"]),
        registration(objectClassName="entity"),
        {"errorCode": 404},
        {},
        [registration()],
        None,
        "example.com",
    ],
)
def test_what_a_registry_does_not_say_clearly_neither_passes_nor_fails(document: object) -> None:
    assert ask_registry(written(document)) == UNCLEAR


@pytest.mark.parametrize(
    "answer",
    [
        response(404, json.dumps(registration()).encode()),
        response(429, b"slow down"),
        response(500),
        response(204),
        response(302),
        response(body=b""),
        response(body=b"<!doctype html>"),
        response(body=b"\xff\xfe" * 100),
        response(body=b"[" * 100_000),
        response(body=json.dumps(registration(remarks="x" * 2_000_000)).encode()),
        response(body=json.dumps(registration()).encode())[:-10],
        b"garbage\r\n\r\n",
        b"",
    ],
)
def test_a_registry_that_does_not_answer_well_neither_passes_nor_fails(answer: bytes) -> None:
    assert ask_registry(answer) == UNCLEAR


@pytest.mark.parametrize("act", [silent, dripping(b""), dripping(b"HTTP/1.1 200 OK\r\n\r\n", b" " * 10)])
def test_a_registry_that_takes_too_long_neither_passes_nor_fails(act: Act) -> None:
    with Server(act) as server:
        check = DomainCheck(name="example.com", server=server.url(), timeout_ms=TIMEOUT_MS)
        assert ask_once(check) == UNCLEAR


def test_a_registry_that_leads_round_in_circles_neither_passes_nor_fails() -> None:
    assert ask_registry(response(301, Location="/rdap/domain/example.com")) == UNCLEAR


def test_a_registry_where_nobody_listens_neither_passes_nor_fails() -> None:
    assert ask_once(DomainCheck(name="example.com", server=f"http://127.0.0.1:{unused_port()}")) == UNCLEAR
    assert ask_once(DomainCheck(name="example.com", server="http://127.0.0.1:99999")) == UNCLEAR


def test_a_registry_that_nobody_vouches_for_neither_passes_nor_fails() -> None:
    with answering(written(registration()), tls("localhost")) as server:
        assert ask_once(DomainCheck(name="example.com", server=server.url(host="localhost"))) == UNCLEAR


# Which registry.


def listed(*services: tuple[list[str], list[str]]) -> dict[str, Any]:
    return {"version": "1.0", "publication": "2026-11-01T00:00:00Z", "services": [list(each) for each in services]}


@pytest.mark.parametrize(
    ("name", "server"),
    [
        ("example.com", "https://com.example/"),
        ("EXAMPLE.COM", "https://com.example/"),
        ("example.co.uk", "https://co-uk.example/"),
        ("example.org.uk", "https://uk.example/"),
        ("example.xn--p1ai", "http://idn.example/"),
    ],
)
def test_the_longest_part_of_a_name_that_is_listed_says_whose_it_is(name: str, server: str) -> None:
    registries = listed(
        (["uk"], ["https://uk.example/"]),
        (["co.uk"], ["https://co-uk.example/"]),
        (["COM", "net"], ["http://com.example/", "https://com.example/"]),
        (["xn--p1ai"], ["http://idn.example/"]),
    )
    assert server_of(name, registries) == server


@pytest.mark.parametrize(
    "registries",
    [
        {},
        listed(),
        listed((["org"], ["https://org.example/"])),
        listed((["com"], [])),
        listed((["com"], ["ftp://com.example/"])),
        {"services": [[], ["com"], "com", [["com"], "https://com.example/"], [["com"], [None]], None]},
        {"services": {"com": "https://com.example/"}},
    ],
)
def test_a_domain_whose_registry_nobody_knows_is_unclear(registries: Mapping[str, Any]) -> None:
    with pytest.raises(Unknown, match="unclear"):
        server_of("example.com", registries)


def test_the_list_of_registries_is_read_once_a_day() -> None:
    def answer(request: bytes) -> bytes:
        if b"/dns.json" in request:
            return written(listed((["com"], [server.url("/rdap/")])))
        return written(registration())

    with answering(answer) as server:
        check = DomainCheck(name="example.com", bootstrap=server.url("/dns.json"))
        for at in (AT, AT + 60, AT + DAY - 1, AT + DAY):
            assert ask_once(check, at=at).verdict is UP
    asked = [request.split(b" ")[1] for request in server.requests]
    assert asked.count(b"/rdap/domain/example.com") == 4
    assert asked.count(b"/dns.json") == 2


def test_a_list_that_cannot_be_read_is_asked_for_again() -> None:
    answers = [response(500), written([]), written(listed())]
    with answering(lambda _: answers.pop(0)) as server:
        check = DomainCheck(name="example.com", bootstrap=server.url())
        assert [ask_once(check) for _ in range(4)] == [UNCLEAR] * 4
    assert len(server.requests) == 3  # an empty list is one


# How it is configured.


def test_a_domain_is_asked_about_once_a_day() -> None:
    expected = DomainCheck(name="example.com", expiry=near(warn_before=30 * DAY))
    for text, interval in (("{domain: example.com}", DAY), ("{domain: example.com, interval: 12h}", DAY // 2)):
        component = source.parse(f"{{id: a, name: A, check: {text}}}", "components.yaml")
        read = COMPONENT.read(component, "component", Notes("components.yaml"))
        assert read.checks == (Check(id="a", question=expected, interval=interval),)


def test_thresholds_are_the_checks_own() -> None:
    thresholds = near(warn_before=30 * DAY, degraded_before=20 * DAY, down_before=5 * DAY)
    expected = DomainCheck(name="example.com", server="https://rdap.example/", expiry=thresholds)
    text = "{name: example.com, server: 'https://rdap.example/', degraded_before: 20d, down_before: 5d}"
    assert understood(KIND, text) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("com", "is not a registered domain"),
        ("https://example.com", "is not a registered domain"),
        ("bücher.example", "is not a registered domain"),
        ("{name: example.com, server: rdap.example}", "is not a URL"),
        ("{name: example.com, server: 'https://rdap.example/?key=1'}", "without a query"),
        ("{name: example.com, degraded_before: 5d, down_before: 20d}", "must be longer"),
    ],
)
def test_what_cannot_be_asked_is_refused(text: str, words: str) -> None:
    assert words in refusal(KIND, text)
