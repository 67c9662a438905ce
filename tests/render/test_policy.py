"""What hosts are asked to send with each file: policies for browsers, and who may frame and read it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from statusgen.render import hosts
from statusgen.render.templates import CONTENT_SECURITY_POLICY

from ..literals import rounds, site, take
from .published import is_page, publish

FRAMES = ("/embed/", "/embed/index.html", "/de/embed/")
PUBLIC = ("/api/v2/summary.json", "/badge.svg", "/badges/api.svg", "/history.atom", "/status.json", "/metrics.txt")


@cache
def files(url: str = "https://status.example.org") -> dict[str, bytes]:
    made = take(site(url=url), ledger=rounds(api="uuuu"))
    return publish(replace(made, site=replace(made.site, languages=("de",))))


def sent(path: str) -> dict[str, str]:
    return hosts.sent(files()["_headers"].decode(), path)


def test_every_file_comes_with_the_policies() -> None:
    for path in files():
        headers = sent(f"/{path}")
        assert headers["Content-Security-Policy"].startswith(CONTENT_SECURITY_POLICY)
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
        assert headers["Permissions-Policy"].count("=()") == headers["Permissions-Policy"].count("=")
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Strict-Transport-Security"] == "max-age=31536000"


def test_nobody_may_frame_a_page_but_the_one_that_is_made_for_it() -> None:
    for path in filter(is_page, files()):
        headers = sent(f"/{path.removesuffix('index.html')}")
        assert (headers["Content-Security-Policy"], headers["X-Frame-Options"]) == (CONTENT_SECURITY_POLICY, "DENY")
    for path in FRAMES:
        assert sent(path)["Content-Security-Policy"] == f"{CONTENT_SECURITY_POLICY}; frame-ancestors *"


@pytest.mark.parametrize("path", PUBLIC)
def test_what_programs_read_and_others_show_can_be_had_from_any_origin(path: str) -> None:
    headers = sent(path)
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_what_browsers_keep_for_a_year_is_not_asked_of_a_page_without_tls() -> None:
    assert "Strict-Transport-Security" not in files("http://status.example.org")["_headers"].decode()


def test_the_rules_are_no_more_and_no_longer_than_hosts_take() -> None:
    lines = files()["_headers"].decode().splitlines()
    assert len([line for line in lines if line.startswith("/")]) <= 100
    assert max(map(len, lines)) <= 2_000
