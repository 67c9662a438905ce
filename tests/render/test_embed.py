"""What other pages show of this one: the frame, which runs no script, and the script that shows a bar."""

from __future__ import annotations

import re
from functools import cache
from urllib.parse import urljoin

import pytest

from statusgen.model import Phase, State
from statusgen.render import site as whole
from statusgen.render.output import Output
from statusgen.render.templates import CONTENT_SECURITY_POLICY
from statusgen.views import Snapshot

from ..literals import DAY, HOUR, NOW, component, incident, maintenance, resolved, rounds, site, take, update
from .published import ENGLISH, THEME, Document, publish, read, rendered
from .test_tokens import colours, contrast, declared, linear

URL = "https://status.example.org"
LIMIT = 2_048  # bytes of the script, as it is sent where nothing is compressed
HOSTILE = "<script>alert(1)</script>\"'><img src=x>"
SCRIPT = THEME["embed.js"].decode()
EVENTS = (
    incident("open", update(NOW - HOUR, Phase.INVESTIGATING), title=HOSTILE, api=State.PARTIAL),
    maintenance("now", NOW - HOUR, NOW + HOUR, on=("web",)),
    maintenance("ahead", NOW + DAY, NOW + DAY + HOUR, on=("web",)),
    resolved("done", NOW - DAY, NOW - DAY + HOUR),
)


def snapshot() -> Snapshot:
    return take(site(component("api"), component("web")), EVENTS, rounds(api="uuuu", web="uuuu"))


@cache
def files() -> dict[str, bytes]:
    return publish(snapshot())


def frame(made: Snapshot | None = None) -> Document:
    return read((publish(made) if made else files())["embed/index.html"])


# The frame


def test_the_frame_says_the_sentence_of_the_page_and_when_it_was_checked() -> None:
    assert frame().one("h1").text.strip() == ENGLISH.banner(snapshot().banner)
    assert frame().one("time").attributes["datetime"] == "2026-11-25T12:00:00Z"
    assert "partial_outage" in frame().one("span", class_="dot partial_outage").classes
    assert "Nothing has been checked yet." in frame(take()).one("main").text


def test_the_frame_links_what_goes_on_and_nothing_else() -> None:
    links = {each.attributes["href"]: each for each in frame().all("a")}
    assert list(links) == ["../", "../incidents/open/", "../incidents/now/"]
    assert links["../incidents/open/"].text == HOSTILE
    assert {(each.attributes["target"], each.attributes["rel"]) for each in links.values()} == {("_blank", "noopener")}
    assert frame(take(ledger=rounds(api="uuuu"))).all("li") == []


def test_the_frame_runs_no_script_asks_for_itself_and_is_no_page_of_its_own() -> None:
    page = frame()
    head = [each for each in page.elements if each.inside == ("html", "head")]
    assert head[2].attributes["content"] == CONTENT_SECURITY_POLICY
    assert not page.all("script")
    assert not page.all("style")
    assert not [each for each in page.elements if "style" in each.attributes]
    assert page.one("meta", http_equiv="refresh").attributes["content"] == "300"
    assert page.one("meta", name="robots").attributes["content"] == "noindex"
    assert page.one("link", rel="canonical").attributes["href"] == f"{URL}/"
    assert page.unbalanced == []
    for each in (*page.all("link", rel="stylesheet"), *page.all("link", rel="icon")):
        assert urljoin("embed/", each.attributes["href"]) in files()


def test_the_frame_is_in_no_list_of_pages_and_the_page_about_it_is() -> None:
    listed = files()["sitemap.xml"].decode()
    assert f"{URL}/embed/" not in listed
    assert f"{URL}/badges/" in listed


def test_the_frame_says_that_it_is_old() -> None:
    old = take(ledger=rounds(NOW - DAY, api="uuuu"))
    assert "Monitoring is delayed" in frame(old).one("main").text
    assert "Monitoring is delayed" not in frame().one("main").text


def test_the_frame_is_made_by_every_build() -> None:
    made = snapshot()
    found = whole.render(made, THEME, rendered(made), {}, {})["embed/index.html"]
    assert isinstance(found, Output)
    assert found.key == ""


def test_any_page_may_ask_for_what_the_script_reads() -> None:
    headers = files()["_headers"].decode()
    for path in ("/status.json", "/badge.svg", "/badge.json", "/badge/*", "/badges/*"):
        (block,) = re.findall(rf"^{re.escape(path)}\n((?:  .*\n)+)", headers, re.MULTILINE)
        assert block.count("Access-Control-Allow-Origin: *\n") == block.count("Cache-Control: max-age=") == 1


# The script


def test_the_script_is_small() -> None:
    assert len(SCRIPT.encode()) <= LIMIT


@pytest.mark.parametrize("word", ["cookie", "localStorage", "innerHTML", "http", "<style", "cssText"])
def test_the_script_keeps_and_asks_for_nothing_else(word: str) -> None:
    assert word not in SCRIPT


def test_the_colours_of_the_bar_are_those_of_the_dark_page() -> None:
    found = dict(re.findall(r"^\.(\w+)\{border-color:(#\w+)\}", SCRIPT, re.MULTILINE))
    tokens = {
        State.DEGRADED: "degraded",
        State.PARTIAL: "partial",
        State.MAJOR: "major",
        State.MAINTENANCE: "maintenance",
    }
    assert found == {state.value: declared("dark")[token] for state, token in tokens.items()}
    assert linear("#1b1b1f") == colours("light")["text"]
    assert "background:#1b1b1f;color:#fff" in SCRIPT
    assert contrast(linear("#1b1b1f"), linear("#fff")) >= 7
