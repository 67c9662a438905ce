"""Bot walls: each by the marks that it leaves, and what only looks like one."""

from __future__ import annotations

import pytest
from requests.structures import CaseInsensitiveDict

from statusgen.model import Sample
from statusgen.probes.http import HttpCheck
from statusgen.probes.walls import WALLS, wall_of

from .servers import AT, answering, ask_once, response

BLOCKED = Sample(AT, None, None, "blocked")
Answer = tuple[int, dict[str, str], str]

CHALLENGES: dict[str, list[Answer]] = {
    "Cloudflare": [(403, {"Cf-Mitigated": "challenge"}, ""), (503, {"CF-MITIGATED": "Challenge"}, "")],
    "Cloudflare's pages": [
        (503, {"Server": "cloudflare"}, "<html><head><title>Just a moment...</title>"),
        (403, {"Server": "cloudflare"}, "<script>window._cf_chl_opt={cvId: '3'}</script>"),
        (403, {"Server": "cloudflare"}, "<title>Attention Required! | Cloudflare</title>"),
    ],
    "AWS WAF": [
        (202, {"x-amzn-waf-action": "challenge"}, ""),
        (405, {"x-amzn-waf-action": "captcha"}, ""),
    ],
    "Akamai": [
        (403, {"Server": "AkamaiGHost"}, "Access Denied Reference&#32;&#35;18&#46;2d351ab8&#46;1557333295"),
        (403, {"Server": "AkamaiGHost"}, "Reference #18.2d351ab8.1557333295.a4e16ab"),
    ],
    "Akamai Bot Manager": [
        (428, {}, '{"sec-cp-challenge": "true","provider":"crypto"}'),
        (403, {}, '<div id="sec-if-cpt-container"></div>'),
    ],
    "DataDome": [
        (403, {}, '{"url":"https://geo.captcha-delivery.com/captcha/?initialCid=AHrlqAAA"}'),
        (405, {}, '<script src="https://ct.captcha-delivery.com/c.js"></script>'),
    ],
    "HUMAN": [
        (403, {}, '<div id="px-captcha"></div>'),
        (403, {}, '{"appId":"PX12345678","blockScript":"/12345678/captcha/captcha.js"}'),
    ],
    "Imperva": [
        (403, {}, "Request unsuccessful. Incapsula incident ID: 443000270096482-117"),
        (403, {}, '<iframe src="/_Incapsula_Resource?SWUDNSAI=31&edet=12"></iframe>'),
        (429, {}, '<iframe src="/_Incapsula_Resource?CWUDNSAI=9&edet=12"></iframe>'),
    ],
    "Sucuri": [(403, {"X-Sucuri-Block": "FBP007"}, "")],
    "Sucuri's pages": [
        (403, {}, "<title>Access Denied - Sucuri Website Firewall</title>"),
        (503, {}, "sucuri_cloudproxy_js='';"),
    ],
    "Vercel": [(429, {"X-Vercel-Mitigated": "challenge"}, ""), (403, {"x-vercel-mitigated": "deny"}, "")],
    "Kasada": [(429, {}, "<script>window.KPSDK={};KPSDK.now=1;</script>")],
    "DDoS-Guard": [(403, {"Server": "ddos-guard"}, '<script src="/.well-known/ddos-guard/js-challenge/index.js">')],
}
NO_WALLS: dict[str, Answer] = {
    "a service behind Cloudflare that is down": (503, {"Server": "cloudflare", "CF-RAY": "1"}, "Service Unavailable"),
    "Cloudflare, which reaches nobody": (
        503,
        {"Server": "cloudflare"},
        "<title>521: Web server is down</title>",
    ),
    "a page with the script that Cloudflare puts into all": (
        503,
        {"Server": "cloudflare"},
        "<h1>Down</h1><script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script>",
    ),
    "a page that talks about waiting": (503, {"Server": "nginx"}, "<title>Just a moment...</title>"),
    "a plain refusal": (403, {}, "Forbidden"),
    "a plain limit": (429, {"Retry-After": "60"}, "Too Many Requests"),
    "a plain failure": (503, {}, "Service Unavailable"),
    "Akamai, which reaches nobody": (503, {"Server": "AkamaiGHost"}, "Reference&#32;&#35;30&#46;2d351ab8"),
    "Akamai's other refusals": (403, {"Server": "AkamaiGHost"}, "Reference&#32;&#35;9&#46;2d351ab8"),
    "Akamai's word from another server": (403, {"Server": "nginx"}, "Reference #18.2d351ab8"),
    "Imperva, which reaches nobody": (503, {}, "Request unsuccessful. Incapsula incident ID: 1-2, edet=8"),
    "a page with the script that Imperva puts into all": (403, {}, '<script src="/_Incapsula_Resource?SWJIYLWA=7">'),
    "a page with the script that HUMAN puts into all": (403, {}, "<script>window._pxAppId = 'PX12345678';</script>"),
    "a service that DataDome protects": (403, {"X-DataDome": "protected"}, "no such user"),
    "a service behind Sucuri that is down": (503, {"Server": "Sucuri/Cloudproxy", "X-Sucuri-ID": "19002"}, ""),
    "a service behind Vercel that is down": (503, {"Server": "Vercel", "X-Vercel-Id": "fra1::x"}, ""),
    "a service behind AWS that lets through": (503, {"x-amzn-waf-action": "count"}, ""),
    "an error of the server": (500, {"Cf-Mitigated": "challenge"}, ""),
    "nothing": (403, {}, ""),
}


@pytest.mark.parametrize(("name", "answers"), CHALLENGES.items(), ids=CHALLENGES.keys())
def test_each_wall_is_known_by_its_marks(name: str, answers: list[Answer]) -> None:
    for status, headers, body in answers:
        wall = wall_of(status, CaseInsensitiveDict(headers), body)
        assert wall is not None
        assert wall.name == name


def test_every_row_of_the_table_has_an_example() -> None:
    assert list(CHALLENGES) == [wall.name for wall in WALLS]


@pytest.mark.parametrize("answer", NO_WALLS.values(), ids=NO_WALLS.keys())
def test_what_is_no_walls_own_answer_is_the_services(answer: Answer) -> None:
    status, headers, body = answer
    assert wall_of(status, CaseInsensitiveDict(headers), body) is None


def test_marks_are_written_as_they_are_looked_for() -> None:
    for wall in WALLS:
        assert wall.headers or wall.texts
        assert [*wall.headers, *wall.texts] == [word.lower() for word in (*wall.headers, *wall.texts)]


def test_a_wall_says_nothing_of_what_is_behind_it() -> None:
    with answering(response(403, cf_mitigated="challenge")) as server:
        assert ask_once(HttpCheck(url=server.url())) == BLOCKED
        assert ask_once(HttpCheck(url=server.url(), inverted=True)) == BLOCKED
    with answering(response(202, x_amzn_waf_action="challenge")) as server:
        assert ask_once(HttpCheck(url=server.url())) == BLOCKED
    with answering(response(403, b"<div id='px-captcha'>")) as server:
        assert ask_once(HttpCheck(url=server.url())) == BLOCKED


def test_a_status_that_is_expected_is_nobodys_wall() -> None:
    with answering(response(403, cf_mitigated="challenge")) as server:
        sample = ask_once(HttpCheck(url=server.url(), status=((400, 499),)))
        assert (sample.verdict.word if sample.verdict else "", sample.reason) == ("up", "")
        sample = ask_once(HttpCheck(url=server.url(), status=((403, 403),), body_contains="absent"))
        assert sample.reason == "body"
        assert ask_once(HttpCheck(url=server.url(), status=((200, 299),))) == BLOCKED


def test_a_real_failure_behind_a_company_that_has_walls_is_down() -> None:
    with answering(response(503, b"<h1>Service Unavailable</h1>", Server="cloudflare", CF_RAY="8d1")) as server:
        assert ask_once(HttpCheck(url=server.url())).reason == "status 503"
