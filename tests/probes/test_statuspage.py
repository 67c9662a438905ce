"""Other people's status pages, good and broken, on loopback; one of them is our own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from statusgen.model import Sample, State, Verdict
from statusgen.probes.statuspage import KIND, StatuspageCheck
from statusgen.render import api_v2

from ..literals import component, rounds, site, take
from .reading import refusal
from .reading import written as read
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
UNCLEAR = Sample(AT, None, None, "unclear")
PAGE = {"id": "kctbh9vrtdwd", "name": "Acme", "url": "https://status.example.org", "updated_at": "2020-04-02T20:37:08Z"}


def row(id: str, name: str, status: object = "operational", **more: Any) -> dict[str, Any]:
    return {"id": id, "name": name, "status": status, "group_id": None, "group": False, "page_id": PAGE["id"], **more}


ROWS = [
    row("8l4ygp009s5s", "Git Operations"),
    row("brv1bkgrwx7q", "API  Requests ", "major_outage"),
    row("aaaaaaaaaaaa", "Europe", "partial_outage", group=True, components=["bbbbbbbbbbbb", "cccccccccccc"]),
    row("bbbbbbbbbbbb", "Web", "partial_outage", group_id="aaaaaaaaaaaa"),
    row("cccccccccccc", "Mail", "under_maintenance", group_id="aaaaaaaaaaaa"),
    row("dddddddddddd", "Asia", "degraded_performance", group=True, components=["eeeeeeeeeeee"]),
    row("eeeeeeeeeeee", "Web", "degraded_performance", group_id="dddddddddddd"),
    row("ffffffffffff", "Mail", "operational"),
    row("000000000000", "8l4ygp009s5s", "major_outage"),
]


def status_of(indicator: object, **more: Any) -> dict[str, Any]:
    return {"page": PAGE, "status": {"indicator": indicator, "description": "All Systems Go", **more}}


def components(*rows: object) -> dict[str, Any]:
    return {"page": PAGE, "components": rows}


def written(document: object) -> bytes:
    return response(body=json.dumps(document).encode(), Content_Type="application/json; charset=utf-8")


def ask_page(answer: bytes, **keys: Any) -> Sample:
    with answering(answer) as server:
        return ask_once(StatuspageCheck(url=server.url(), **keys))


def told(sample: Sample) -> tuple[Verdict | None, str]:
    return sample.verdict, sample.reason


# What a page says.


@pytest.mark.parametrize(
    ("indicator", "down_from", "judgement"),
    [
        ("none", State.PARTIAL, (UP, "")),
        ("maintenance", State.PARTIAL, (UP, "under_maintenance")),
        ("minor", State.PARTIAL, (DEGRADED, "degraded_performance")),
        ("major", State.PARTIAL, (DOWN, "partial_outage")),
        ("major", State.MAJOR, (DEGRADED, "partial_outage")),
        ("critical", State.PARTIAL, (DOWN, "major_outage")),
        ("critical", State.MAJOR, (DOWN, "major_outage")),
    ],
)
def test_a_page_is_how_its_indicator_says(indicator: str, down_from: State, judgement: tuple[Verdict, str]) -> None:
    assert told(ask_page(written(status_of(indicator)), down_from=down_from)) == judgement


@pytest.mark.parametrize(
    ("status", "down_from", "judgement"),
    [
        ("operational", State.PARTIAL, (UP, "")),
        ("under_maintenance", State.PARTIAL, (UP, "under_maintenance")),
        ("degraded_performance", State.PARTIAL, (DEGRADED, "degraded_performance")),
        ("degraded_performance", State.MAJOR, (DEGRADED, "degraded_performance")),
        ("partial_outage", State.PARTIAL, (DOWN, "partial_outage")),
        ("partial_outage", State.MAJOR, (DEGRADED, "partial_outage")),
        ("major_outage", State.MAJOR, (DOWN, "major_outage")),
    ],
)
def test_a_component_is_how_the_page_says(status: str, down_from: State, judgement: tuple[Verdict, str]) -> None:
    answer = written(components(row("a", "API", status)))
    assert told(ask_page(answer, component="API", down_from=down_from)) == judgement


@pytest.mark.parametrize(
    ("called", "reason"),
    [
        ({"component": "Git Operations"}, ""),
        ({"component": "API Requests"}, "major_outage"),
        ({"component": "brv1bkgrwx7q"}, "major_outage"),
        ({"component": "8l4ygp009s5s"}, ""),  # an id comes before a name
        ({"component": "Web", "group": "Europe"}, "partial_outage"),
        ({"component": "Web", "group": "dddddddddddd"}, "degraded_performance"),
        ({"component": "eeeeeeeeeeee"}, "degraded_performance"),
        ({"group": "Europe"}, "partial_outage"),
        ({"group": "dddddddddddd"}, "degraded_performance"),
    ],
)
def test_components_and_groups_go_by_their_names_and_ids(called: Mapping[str, str], reason: str) -> None:
    assert ask_page(written(components(*ROWS)), **called).reason == reason


@pytest.mark.parametrize(
    "called",
    [
        {"component": "Web"},
        {"component": "web"},
        {"component": "Mail"},  # one in a group, and one in none
        {"component": "Nobody"},
        {"component": "None"},
        {"component": "Europe"},
        {"component": "Mail", "group": "Asia"},
        {"component": "Git Operations", "group": "Europe"},
        {"component": "Web", "group": "Africa"},
        {"group": "Web"},
    ],
)
def test_a_name_of_several_or_of_nothing_is_unclear(called: Mapping[str, str]) -> None:
    assert ask_page(written(components(*ROWS)), **called) == UNCLEAR


def test_an_unclear_name_is_told_once_in_the_words_of_the_configuration(capsys: pytest.CaptureFixture[str]) -> None:
    with answering(written(components(*ROWS))) as server:
        for _ in range(2):
            ask_once(StatuspageCheck(url=server.url(), component="Web"))
    assert capsys.readouterr().err == f"'Web' of {server.url()}: several are called so: write its id\n"


def test_the_documents_asked_for_are_small_ones_below_the_root() -> None:
    for keys, path in (({}, b"status"), ({"component": "Web", "group": "Europe"}, b"components")):
        with answering(written(components(*ROWS) | status_of("none"))) as server:
            ask_once(StatuspageCheck(url=server.url("/team/"), **keys))
            ask_once(StatuspageCheck(url=server.url("/team"), **keys))
        assert [request.split(b" ")[1] for request in server.requests] == [b"/team/api/v2/%s.json" % path] * 2


@pytest.mark.parametrize(
    ("api", "page", "component_judgement"),
    [("uu", (UP, ""), (UP, "")), ("dddd", (DOWN, "partial_outage"), (DOWN, "major_outage"))],
)
def test_our_own_pages_are_understood(
    api: str, page: tuple[Verdict, str], component_judgement: tuple[Verdict, str]
) -> None:
    snapshot = take(site(component("api", group="Core"), component("web")), (), rounds(api=api, web="u" * len(api)))
    files = {f"/{path}".encode(): file.make() for path, file in api_v2.files(snapshot, str, {}).items()}
    with answering(lambda request: response(body=files[request.split(b" ")[1]])) as server:
        assert told(ask_once(StatuspageCheck(url=server.url()))) == page
        for called in ({"component": "api"}, {"component": "Api", "group": "Core"}, {"group": "Core"}):
            assert told(ask_once(StatuspageCheck(url=server.url(), **called))) == component_judgement


# What is unclear.


@pytest.mark.parametrize(
    "document",
    [
        status_of("catastrophic"),
        status_of(""),
        status_of(None),
        status_of(["none"]),
        status_of({"none": 1}),
        {"page": PAGE, "status": "none"},
        {"page": PAGE},
        [status_of("none")],
        "none",
        None,
    ],
)
def test_an_indicator_that_means_nothing_is_unclear(document: object) -> None:
    assert ask_page(written(document)) == UNCLEAR


@pytest.mark.parametrize(
    "document",
    [
        components(row("a", "API", "fine")),
        components(row("a", "API", "unknown")),
        components(row("a", "API", None)),
        components(row("a", "API", ["operational"])),
        components(row("a", "API"), row("b", "API")),
        components(row("a", "API", group=True)),
        components("API", None, [row("a", "API")]),
        components(),
        {"page": PAGE, "components": row("a", "API")},
        {"page": PAGE},
        [],
    ],
)
def test_a_component_of_which_nothing_is_said_is_unclear(document: object) -> None:
    assert ask_page(written(document), component="API") == UNCLEAR


@pytest.mark.parametrize(
    "answer",
    [
        response(404, json.dumps(status_of("none")).encode()),
        response(500),
        response(body=b""),
        response(body=b"<!doctype html><title>Status</title>"),
        response(body=b"{" * 100_000),
        response(body=json.dumps(status_of("none", padding="x" * 2_000_000)).encode()),
        response(body=json.dumps(status_of("none")).encode())[:-2],
        response(302, Location="/api/v2/status.json"),
        b"garbage\r\n\r\n",
        b"",
    ],
)
def test_a_page_that_cannot_be_read_says_nothing_of_what_it_is_for(answer: bytes) -> None:
    assert ask_page(answer) == UNCLEAR


@pytest.mark.parametrize("act", [silent, dripping(b""), dripping(b"HTTP/1.1 200 OK\r\n\r\n", b" " * 10)])
def test_a_page_that_takes_too_long_says_nothing(act: Act) -> None:
    with Server(act) as server:
        assert ask_once(StatuspageCheck(url=server.url(), timeout_ms=TIMEOUT_MS)) == UNCLEAR


def test_a_page_where_nobody_listens_says_nothing() -> None:
    assert ask_once(StatuspageCheck(url=f"http://127.0.0.1:{unused_port()}")) == UNCLEAR


def test_a_redirect_is_followed_within_the_page() -> None:
    def answer(request: bytes) -> bytes:
        is_old = request.startswith(b"GET /old/")
        return response(301, Location="/new/api/v2/status.json") if is_old else written(status_of("none"))

    with answering(answer) as server:
        assert ask_once(StatuspageCheck(url=server.url("/old"))).verdict is UP


def test_a_redirect_to_another_page_is_not_followed() -> None:
    with answering(written(status_of("none"))) as other:
        assert ask_page(response(302, Location=other.url("/api/v2/status.json", host="localhost"))) == UNCLEAR
    assert other.connections == 0


@pytest.mark.parametrize("between", ["\\@", "\\", "@", "\\\\@", ":\\@"])
def test_nor_is_one_whose_host_can_be_read_in_two_ways(between: str) -> None:
    with Server(lambda sock: sock.sendall(written(status_of("none"))), host="127.0.0.2") as other:
        location = f"http://127.0.0.2:{other.port}{between}127.0.0.1/api/v2/status.json"
        assert ask_page(response(302, Location=location)) == UNCLEAR
    assert other.connections == 0


@pytest.mark.parametrize(
    ("certificate", "ca_file", "sample"),
    [("localhost", "authority.pem", ""), ("localhost", "", "unclear"), ("expired", "authority.pem", "unclear")],
)
def test_a_page_is_believed_only_with_a_good_certificate(certificate: str, ca_file: str, sample: str) -> None:
    with answering(written(status_of("none")), tls(certificate)) as server:
        check = StatuspageCheck(url=server.url(host="localhost"), ca_file=ca_file)
        assert ask_once(check).reason == sample


def test_authorities_that_cannot_be_read_vouch_for_nobody() -> None:
    assert ask_once(StatuspageCheck(url="https://127.0.0.1:1", ca_file="no.pem")) == UNCLEAR


# How it is configured.


@pytest.mark.parametrize(
    ("text", "check"),
    [
        ("https://status.example.org", StatuspageCheck(url="https://status.example.org")),
        (
            "{url: 'https://example.org/status/', component: API Requests, group: Europe, down_from: major_outage}",
            StatuspageCheck(
                url="https://example.org/status/", component="API Requests", group="Europe", down_from=State.MAJOR
            ),
        ),
    ],
)
def test_a_check_is_read(text: str, check: StatuspageCheck) -> None:
    assert read(KIND, text) == check


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("status.example.org", "is not a URL like https://host/path"),
        ("https://status.example.org/?page=1", "without a query"),
        ("https://me:secret@status.example.org/", "is not a URL"),
        ("{url: 'https://status.example.org', component: ''}", "write a name or an id"),
        ("{url: 'https://status.example.org', down_from: degraded_performance}", "is not known"),
    ],
)
def test_what_cannot_be_asked_is_refused(text: str, words: str) -> None:
    assert words in refusal(KIND, text)
