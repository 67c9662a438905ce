"""The whole site: which files there are, and what the ones that are no pages hold."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache
from xml.etree import ElementTree

import pytest

from statusgen.errors import SourceError
from statusgen.model import Phase
from statusgen.render import badges, placing, templates
from statusgen.render import site as whole
from statusgen.sources import SHIPPED_THEMES
from statusgen.views import Snapshot

from ..literals import DAY, HOUR, NOW, component, maintenance, resolved, rounds, site, take, update
from .published import BESIDE, ENGLISH, STATIC, THEME, is_page, publish, read, rendered, theme, written

TOLD = (
    resolved("2026-11-20-api", NOW - 5 * DAY, NOW - 5 * DAY + HOUR, title="Errors"),
    maintenance("upgrade", NOW, NOW + HOUR, update(NOW - DAY, Phase.SCHEDULED)),
)
LOCATIONS = "{http://www.sitemaps.org/schemas/sitemap/0.9}url/{http://www.sitemaps.org/schemas/sitemap/0.9}loc"


@cache
def made(url: str = "https://status.example.org") -> Snapshot:
    return take(site(component("api"), url=url), TOLD, rounds(api="uudd"))


@cache
def files_of(url: str = "https://status.example.org") -> dict[str, bytes]:
    return publish(made(url))


def with_theme(**files: bytes) -> dict[str, bytes]:
    return written(whole.render(made(), THEME | files, rendered(made()), {}, {}, BESIDE))


def test_the_site_holds_pages_theme_images_feeds_documents_and_what_hosts_read() -> None:
    files = publish(made(), {"incidents/graph.png": b"\x89PNG"})
    assert {path for path in files if not path.endswith(".html")} == {
        *STATIC,
        "incidents/graph.png",
        *("history.atom", "history.rss", "feed.json", "incidents.atom", "maintenance.ics"),
        *(f"components/api/{name}" for name in ("history.atom", "history.rss", "feed.json", "maintenance.ics")),
        *("incidents/2026-11-20-api/history.atom", "incidents/upgrade/history.atom", "incidents/upgrade/event.ics"),
        *(f"api/v2/{name}.json" for name in ("summary", "status", "components", "incidents", "incidents/unresolved")),
        *(f"api/v2/scheduled-maintenances{name}.json" for name in ("", "/upcoming", "/active")),
        "history/search.json",
        "status.json",
        "status.txt",
        "metrics.txt",
        *badges.files(made(), ENGLISH),
        "site.webmanifest",
        "uptime/availability.csv",
        "api/v1/index.json",
        "api/v1/availability.json",
        "api/v1/components.json",
        "api/v1/components/api/days.json",
        "api/v1/components/api/latency.json",
        "api/v1/incidents.json",
        "api/v1/incidents/2026-11.json",
        "api/v1/outages.json",
        "api/v1/samples.json",
        "api/v1/sla.json",
        "api/v1/monitor.json",
        "api/v1/openapi.json",
        "build.json",
        "sitemap.xml",
        "robots.txt",
        "_headers",
        ".nojekyll",
    }
    assert files["incidents/graph.png"] == b"\x89PNG"
    assert all(files[name] == THEME[name] for name in STATIC)


def test_templates_are_not_published_as_they_are() -> None:
    assert not {"base.html", "parts.html", "incident.html"} & files_of().keys()
    made = {path: content for path, content in files_of().items() if path not in STATIC}
    assert not [path for path, content in made.items() if b"{%" in content or b"{{ " in content]


@pytest.mark.parametrize("url", ["https://status.example.org", "https://example.org/a%20b/status"])
def test_the_sitemap_lists_every_page_once_by_its_whole_address(url: str) -> None:
    files = files_of(url)
    listed = [each.text for each in ElementTree.fromstring(files["sitemap.xml"]).findall(LOCATIONS)]
    there = [f"{url}/{path.removesuffix('index.html')}" for path in files if is_page(path) and path != "404.html"]
    assert listed == sorted(there)
    assert f"Sitemap: {url}/sitemap.xml" in files["robots.txt"].decode()


def test_hosts_are_told_the_policy_and_the_types_of_the_feeds() -> None:
    headers = files_of()["_headers"].decode()
    assert f"Content-Security-Policy: {templates.CONTENT_SECURITY_POLICY}\n" in headers
    assert re.search(r"^/\*\.atom\n  Content-Type: application/atom\+xml; charset=utf-8$", headers, re.MULTILINE)
    assert re.search(r"^/\*\.rss\n  Content-Type: application/rss\+xml; charset=utf-8$", headers, re.MULTILINE)


def test_a_site_may_replace_one_file_of_the_theme() -> None:
    missing = b'{% extends "base.html" %}{% block main %}<h1>Lost?</h1>{% endblock %}'
    files = with_theme(**{"404.html": missing, "style.css": b"main {}"})
    assert read(files["404.html"]).one("h1").text == "Lost?"
    assert files["style.css"] == b"main {}"
    assert files["index.html"] == files_of()["index.html"]


@pytest.mark.parametrize("name", SHIPPED_THEMES)
def test_every_theme_that_is_shipped_makes_the_same_pages_with_the_same_numbers(name: str) -> None:
    themed = replace(made(), site=replace(made().site, theme=name))
    files = written(whole.render(themed, THEME | theme(name), rendered(themed), {}, {}, BESIDE))
    assert {path for path in files if path.endswith(".html")} == {path for path in files_of() if path.endswith(".html")}
    for path, content in files.items():
        if path.endswith(".html"):
            assert read(content).unbalanced == [], path
    assert files["api/v1/availability.json"] == files_of()["api/v1/availability.json"]
    styles = [each.attributes["href"] for each in read(files["index.html"]).all("link", rel="stylesheet")]
    assert styles == ["./style.css", *(["./layout.css"] if name != "default" else [])]


def test_a_sites_own_colours_are_asked_for_last() -> None:
    linked = read(with_theme(**{"custom.css": b":root { --link: #00f; }"})["index.html"]).all("link", rel="stylesheet")
    assert [each.attributes["href"] for each in linked] == ["./style.css", "./custom.css"]


@pytest.mark.parametrize(
    ("template", "message"),
    [
        (b"\n{{ site.nonsense }}", "404.html:2: 'statusgen.model.Site object' has no attribute 'nonsense'"),
        (b"\n{{ nonsense }}", "404.html:2: 'nonsense' is undefined"),
        (b"\n{% if %}", "404.html:2: Expected an expression, got 'end of statement block'"),
        (b'\n{% extends "none.html" %}', "404.html:2: none.html"),
        (b"\n{{ site.name|nonsense }}", "404.html:2: No filter named 'nonsense'."),
    ],
)
def test_a_template_that_cannot_be_used_is_named(template: bytes, message: str) -> None:
    with pytest.raises(SourceError) as refused:
        with_theme(**{"404.html": template})
    assert str(refused.value) == f"themes/default/{message}: correct the template"


def test_a_catalog_that_cannot_be_used_is_named_where_it_lies() -> None:
    german = replace(made(), site=replace(made().site, languages=("de",)))
    broken = {"locales/de.po": b'msgid "Today"\nmsgstr "%(x)s"\n'}
    with pytest.raises(SourceError, match=r"^themes/default/locales/de\.po:1: 'Today' has no '%\(x\)s': "):
        whole.render(german, THEME | broken, rendered(german), {}, {}, BESIDE)


def test_a_footnote_of_the_same_number_is_one_on_each_page() -> None:
    note = "a[^1]\n\n[^1]: b"
    told = replace(TOLD[0], updates=tuple(replace(each, text=note) for each in TOLD[0].updates))
    document = read(publish(take(events=[told]))["incidents/2026-11-20-api/index.html"])
    targets = [each.attributes["id"] for each in document.all("li") if "id" in each.attributes]
    assert len(targets) == len(set(targets)) == 2


def test_the_manifest_names_icons_that_are_there_in_their_size() -> None:
    manifest = json.loads(files_of()["site.webmanifest"])
    assert (manifest["name"], manifest["lang"], manifest["start_url"]) == ("Example", "en", "./")
    for icon in manifest["icons"]:
        header = files_of()[icon["src"]][:24]
        assert header[:8] == b"\x89PNG\r\n\x1a\n"
        sizes = [int.from_bytes(header[at : at + 4], "big") for at in (16, 20)]
        assert icon["sizes"] == f"{sizes[0]}x{sizes[1]}"


def test_the_scripts_and_styles_ask_for_nothing_from_elsewhere() -> None:
    for name in [name for name in STATIC if name.endswith((".css", ".js", ".svg"))]:
        text = THEME[name].decode("utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "http" not in text
        assert "@import" not in text
        assert "url(" not in re.sub(r"url\(#", "", text)


def test_files_are_the_same_whatever_order_the_theme_came_in() -> None:
    backwards = dict(reversed(THEME.items()))
    assert written(whole.render(made(), backwards, rendered(made()), {}, {}, BESIDE)) == files_of()


def test_the_same_snapshot_is_in_every_output() -> None:
    files = publish(take(ledger=rounds(api="uudd")))
    assert json.loads(files["api/v1/availability.json"])["components"]["api"]["state"] == "major_outage"
    assert b"icon-major_outage.svg" in files["index.html"]
    assert b"Major outage" in files["components/api/index.html"]


def test_a_text_that_was_not_rendered_is_not_published_raw() -> None:
    with pytest.raises(KeyError):
        whole.render(made(), THEME, {}, {}, {})
    assert placing.place("", "./", "./", "x") == ""
