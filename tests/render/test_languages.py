"""A site in two languages: the same pages twice, each whole in its language, on the same files."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from urllib.parse import urljoin
from xml.etree import ElementTree

import pytest

from statusgen.model import Phase, State
from statusgen.render import prose
from statusgen.render import site as whole
from statusgen.views import Snapshot

from .. import test_reports as promised
from ..literals import DAY, HOUR, NOW, component, incident, maintenance, resolved, rounds, site, take, unchecked, update
from .published import FRAME, STATIC, THEME, Document, is_page, publish, read, rendered, written

URL = "https://status.example.org"
IMAGES = {"incidents/graph.png": b"\x89PNG"}
TEXT = "As [before](b.md), ![g](graph.png)."
SITE = replace(
    site(component("api", group="Core", name="Public API"), unchecked("desk"), url=URL),
    languages=("de", "ar"),
    notice="A notice.",
    description="How we are.",
)
EVENTS = (
    incident("a", update(NOW - HOUR, Phase.INVESTIGATING, TEXT), title="Errors", api=State.PARTIAL),
    resolved("b", NOW - 40 * DAY, NOW - 40 * DAY + HOUR, title="Slow", api=State.DEGRADED),
    maintenance("m", NOW + DAY, NOW + DAY + HOUR, update(NOW - DAY, Phase.SCHEDULED, TEXT)),
)


def snapshot() -> Snapshot:
    return take(SITE, EVENTS, rounds(api="u" * 400 + "dd"))


@cache
def files() -> dict[str, bytes]:
    return publish(snapshot(), IMAGES)


@cache
def pages(folder: str = "") -> dict[str, Document]:
    """Return the pages of a language by their paths within its folder."""
    found = {path: content for path, content in files().items() if is_page(path)}
    codes = tuple(f"{code}/" for code in SITE.languages)
    return {
        path.removeprefix(folder): read(content)
        for path, content in found.items()
        if (path.startswith(folder) if folder else not path.startswith(codes))
    }


def test_every_page_but_the_missing_one_is_there_in_every_language() -> None:
    assert set(pages("de/")) == set(pages("ar/")) == set(pages()) - {"404.html"}
    assert len(pages()) >= 15


def test_only_pages_and_what_scripts_say_stand_in_the_folder_of_a_language() -> None:
    others = {path for path in files() if path.startswith("de/") and not is_page(path)}
    assert others == {f"de/{FRAME}", "de/status.json", "de/status.txt", "de/history/search.json"}


@pytest.mark.parametrize(
    ("folder", "code", "direction"), [("", "en", "ltr"), ("de/", "de", "ltr"), ("ar/", "ar", "rtl")]
)
def test_a_page_names_its_language_and_its_direction(folder: str, code: str, direction: str) -> None:
    for path, document in pages(folder).items():
        attributes = document.one("html").attributes
        assert (attributes["lang"], attributes["dir"]) == (code, direction), path


@pytest.mark.parametrize("folder", ["", "de/", "ar/"])
def test_a_page_names_itself_and_the_same_page_in_every_language(folder: str) -> None:
    for path, document in pages(folder).items():
        place = path.removesuffix("index.html")
        alternates = {
            each.attributes["hreflang"]: each.attributes["href"]
            for each in document.all("link", rel="alternate")
            if "hreflang" in each.attributes
        }
        if path == "404.html":
            assert alternates == {}
            continue
        assert document.one("link", rel="canonical").attributes["href"] == f"{URL}/{folder}{place}"
        assert alternates == {
            "x-default": f"{URL}/{place}",
            "en": f"{URL}/{place}",
            "de": f"{URL}/de/{place}",
            "ar": f"{URL}/ar/{place}",
        }


@pytest.mark.parametrize("folder", ["", "de/", "ar/"])
def test_every_link_leads_to_a_file_and_pages_lead_to_pages_of_their_language(folder: str) -> None:
    for path, document in pages(folder).items():
        if path == "404.html":
            continue
        here = f"{URL}/{folder}{path.removesuffix('index.html')}"
        for element in (each for each in document.all("a") if not each.attributes["href"].startswith("webcal:")):
            target = urljoin(here, element.attributes["href"]).partition("#")[0].partition("?")[0]
            name = target.removeprefix(f"{URL}/")
            assert name + ("index.html" if name.endswith("/") or not name else "") in files(), (path, target)
            if target.endswith("/") and "hreflang" not in element.attributes:
                language = name.partition("/")[0]
                assert (language if language in SITE.languages else "") == folder.strip("/"), (path, target)


@pytest.mark.parametrize("folder", ["", "de/"])
def test_styles_scripts_images_and_icons_come_from_the_root(folder: str) -> None:
    for path, document in pages(folder).items():
        here = f"{URL}/{folder}{path.removesuffix('index.html')}"
        linked = [each for each in document.all("link") if each.attributes["rel"] not in ("canonical", "alternate")]
        for each in (*document.all("script"), *document.all("img"), *linked):
            address = each.attributes.get("src") or each.attributes["href"]
            name = urljoin(here, address).removeprefix(f"{URL}/")
            assert name in files(), (path, address)
            assert not name.startswith("de/")


def test_a_page_tells_scripts_where_its_root_and_its_status_are() -> None:
    for folder in ("", "de/"):
        for path, document in pages(folder).items():
            if path != "404.html":
                here = f"{URL}/{folder}{path.removesuffix('index.html')}"
                attributes = document.one("html").attributes
                assert urljoin(here, attributes["data-root"]) == f"{URL}/"
                assert urljoin(here, attributes["data-status"]) == f"{URL}/{folder}status.json"


def test_the_page_of_a_language_leads_to_the_others() -> None:
    nav = [each for each in pages("de/")["uptime/index.html"].all("a") if "hreflang" in each.attributes]
    assert [(each.text, each.attributes["lang"], each.attributes["href"]) for each in nav] == [
        ("English", "en", "../../uptime/"),
        ("Deutsch", "de", "../../de/uptime/"),
        ("العربية", "ar", "../../ar/uptime/"),
    ]
    assert [each.attributes["hreflang"] for each in nav if "aria-current" in each.attributes] == ["de"]


def test_a_site_of_one_language_does_not_speak_of_languages() -> None:
    alone = publish(take(replace(SITE, languages=()), EVENTS), IMAGES)
    for path, content in alone.items():
        if path.endswith(".html"):
            assert b"hreflang" not in content, path


AUTHORED = ("Errors", "Slow", "Upgrade", "Core", "Public API", "Desk", "A notice.")


def test_what_people_wrote_says_its_own_language_where_the_page_has_another() -> None:
    for path, document in pages("de/").items():
        for each in document.elements:
            if each.tag in ("bdi", "h1") and each.text in AUTHORED:
                around = [parent.attributes.get("lang") for parent in (*each.parents[1:], each)]
                children = [e for e in document.elements if each in e.parents and e.text == each.text]
                assert "en" in [*around, *(child.attributes.get("lang") for child in children)], (path, each.text)
        for each in document.elements:
            if "prose" in each.classes or "notice" in each.classes:
                assert each.attributes.get("lang") == "en", path


def test_where_the_page_has_the_language_of_the_site_nothing_says_it_again() -> None:
    for document in pages().values():
        said = [each for each in document.elements if "lang" in each.attributes and "hreflang" not in each.attributes]
        assert [each.tag for each in said] == ["html"]


def test_only_pages_of_the_present_are_renewed_by_themselves() -> None:
    live = {path for path, document in pages("de/").items() if "data-live" in document.one("main").attributes}
    assert live == {
        "index.html",
        "uptime/index.html",
        "policy/index.html",
        "components/api/index.html",
        "components/desk/index.html",
        "incidents/a/index.html",
        "history/2026-11/index.html",
    }
    for path, document in pages("de/").items():
        attributes = document.one("html").attributes
        assert ("data-id" in attributes) == (path in live)
        if path in live:
            assert attributes["data-id"] == json.loads(files()["status.json"])["id"]


def test_the_present_is_said_in_each_language() -> None:
    for folder in ("", "de/", "ar/"):
        said = json.loads(files()[f"{folder}status.json"])["sentence"]
        assert pages(folder)["index.html"].one("h1").text == said
    assert len({files()[f"{folder}status.json"] for folder in ("", "de/", "ar/")}) == 3


def test_the_sitemap_holds_the_pages_of_every_language() -> None:
    locations = ElementTree.fromstring(files()["sitemap.xml"]).iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")
    listed = [each.text for each in locations]
    assert len(listed) == 3 * (len(pages()) - 1)
    assert f"{URL}/de/incidents/a/" in listed


def test_feeds_and_documents_are_there_once_and_in_the_language_of_the_site() -> None:
    once = [path for path in files() if path.endswith((".atom", ".rss", ".csv", ".ics", "feed.json"))]
    assert {"history.atom", "history.rss", "feed.json", "maintenance.ics", "uptime/availability.csv"} <= set(once)
    assert not [path for path in once if path.startswith(("de/", "ar/"))]
    german = publish(take(replace(SITE, language="de", languages=()), EVENTS), IMAGES)
    assert b"<language>de</language>" in german["history.rss"]
    assert german["history.rss"] != files()["history.rss"]


def test_every_page_is_well_formed_in_every_language() -> None:
    for folder in ("de/", "ar/"):
        for path, document in pages(folder).items():
            assert document.unbalanced == [], path
            ids = [each.attributes["id"] for each in document.elements if "id" in each.attributes]
            assert len(ids) == len(set(ids)), path


def test_a_translated_catalog_leaves_no_english_text_on_the_page_of_a_language() -> None:
    english, german = pages()["policy/index.html"], pages("de/")["policy/index.html"]
    ours = {each.text for each in english.all("li") if "main" in each.inside}
    assert ours & {each.text for each in german.all("li") if "main" in each.inside} == set()


def test_promises_are_told_in_each_language_with_the_same_numbers() -> None:
    made = promised.told(replace(promised.SITE, languages=("de",)))
    texts = rendered(made) | {each.text: prose.render(each.text, {}) for each in made.documents}
    found = written(whole.render(made, THEME, texts, {}, {}))
    for path in ("sla/index.html", "support/index.html", "corrections/index.html"):
        english, german = read(found[path]), read(found[f"de/{path}"])
        assert german.unbalanced == []
        assert german.one("h1").text != english.one("h1").text or path.startswith("support")
        numbers = [[c for c in each.text if c.isdigit()] for each in english.all("td") if "n" in each.classes]
        assert numbers == [[c for c in each.text if c.isdigit()] for each in german.all("td") if "n" in each.classes]


def test_another_catalog_makes_other_keys_for_what_it_is_said_in() -> None:
    made = snapshot()
    changed = THEME | {"locales/de.po": THEME["locales/de.po"] + b'\nmsgid "zz"\nmsgstr "zz"\n'}
    before, after = (whole.render(made, theme, rendered(made, IMAGES), IMAGES, {}) for theme in (THEME, changed))
    for path in ("de/history/search.json", "de/history/index.html", "history.atom"):
        assert before[path].key != after[path].key, path  # type: ignore[union-attr]


def test_files_of_the_theme_are_published_once_and_catalogs_not_at_all() -> None:
    assert set(files()) >= STATIC
    assert [path for path in files() if path.endswith(".po")] == []
