"""Badges: every one says what the snapshot says, can be read on any page, and survives any name."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from itertools import combinations
from xml.etree import ElementTree

import pytest
from markdown import markdown

from statusgen.model import State
from statusgen.render import badges, widths
from statusgen.render import site as whole
from statusgen.render.language import language
from statusgen.render.words import Words
from statusgen.views import ComponentView, Snapshot

from ..literals import component, rounds, site, take, unchecked
from .published import ENGLISH, STATIC, THEME, publish, read
from .test_tokens import DIFFERENCE_LEAST, EYES, TEXT_LEAST, colours, contrast, difference, linear, seen

SVG = "{http://www.w3.org/2000/svg}"
SITE = site(component("api", name="Public API"), component("web"), component("db"), unchecked("desk"))
HOSTILE = "<script>alert(1)</script>\"'><img src=x> {{ 7 * 7 }} %(x)s &amp; ]]> \x01\ufffe"
NAMES = (
    HOSTILE,
    "%s {0} {name}",
    "مدفوعات",
    "שירות",
    "決済サービス",
    "A\u0301\u0308" * 40,
    "👩‍💻" * 30,
    "W" * 120,
    "i" * 120,
)


@cache
def snapshot() -> Snapshot:
    return take(SITE, (), rounds(api="u" * 30 + "dd", web="u" * 30 + "gg", db="u" * 32))


@cache
def files(words: Words = ENGLISH) -> dict[str, bytes]:
    return {path: output.make() for path, output in badges.files(snapshot(), words).items()}


@cache
def published() -> dict[str, bytes]:
    return publish(snapshot())


def told(path: str) -> tuple[str, str]:
    """Return label and message of a badge, which its image and its JSON agree on."""
    content = json.loads(files()[f"{path}.json"])
    image = ElementTree.fromstring(files()[f"{path}.svg"])
    assert image.findtext(f"{SVG}title") == image.get("aria-label") == f"{content['label']}: {content['message']}"
    return content["label"], content["message"]


def named(name: str, message: str = "Operational") -> ElementTree.Element:
    """Return the image of a badge with that name."""
    short = widths.cut(name, badges.NAME_WIDTH)
    colour = badges.COLOURS[State.OPERATIONAL]
    return ElementTree.fromstring(badges.svg(badges.Badge(name, message, colour, short)))


def texts(image: ElementTree.Element) -> list[ElementTree.Element]:
    return image.findall(f"{SVG}g/{SVG}text")


# What they say


def test_there_is_an_image_and_a_document_for_the_page_and_every_component() -> None:
    numbers = [*(f"uptime-{window.name}" for window in snapshot().windows), "response-time"]
    places = ["badge", *(f"badges/{view.component.id}" for view in snapshot().components)]
    paths = {path for place in places for path in (place, *(f"{place}/{number}" for number in numbers))}
    assert files().keys() == {f"{path}.{kind}" for path in paths for kind in ("svg", "json")}
    assert {*files()} <= {*published()}


def expected(view: ComponentView | Snapshot, place: str) -> list[tuple[str, str | None]]:
    """Return path and message of all badges of a component, or of the page, as the snapshot has them."""
    state = view.banner.state if isinstance(view, Snapshot) else view.state
    response = None if view.response_ms is None else ENGLISH.language.latency(view.response_ms)
    windows = [
        (f"{place}/uptime-{each.name}", f"{each.availability} %" if each.availability else None)
        for each in view.windows
    ]
    return [(place, state.word), *windows, (f"{place}/response-time", response)]


def test_every_badge_says_what_the_snapshot_says() -> None:
    views = [(snapshot(), "badge"), *((view, f"badges/{view.component.id}") for view in snapshot().components)]
    found = [pair for view, place in views for pair in expected(view, place)]
    assert len(found) * 2 == len(files())
    assert {path: told(path)[1] for path, _ in found} == {path: message or "no data" for path, message in found}
    assert {message for _, message in found} >= {
        None,
        "Partial outage",
        "Major outage",
        "Degraded performance",
        "100 %",
    }


def test_labels_name_what_it_is_of() -> None:
    paths = ("badge", "badges/api", "badges/api/uptime-24h", "badges/api/uptime-30d", "badges/api/response-time")
    assert [told(path)[0] for path in paths] == [
        *("Example", "Public API"),
        *("Public API uptime, 24 hours", "Public API uptime, 30 days", "Public API response time"),
    ]


def test_what_nothing_is_known_of_is_no_number() -> None:
    assert told("badges/desk") == ("Desk", "No data")
    assert told("badges/desk/uptime-90d")[1] == told("badges/desk/response-time")[1] == "no data"
    made = badges.files(take(replace(site(), components=())), ENGLISH)
    assert json.loads(made["badge.json"].make())["message"] == "No data"


def test_badges_speak_the_language_of_the_site() -> None:
    german = Words(language("de", THEME, {}))
    assert json.loads(files(german)["badges/api.json"])["message"] == german.state(State.MAJOR) != "Major outage"
    in_german = publish(replace(snapshot(), site=replace(SITE, language="de", languages=("en",))))
    assert in_german["badges/api.svg"] == files(german)["badges/api.svg"]
    assert not [path for path in in_german if path.startswith("en/badge") and not path.endswith(".html")]


# What shields.io takes


def test_documents_hold_what_shields_knows_and_nothing_else() -> None:
    for path, content in files().items():
        if path.endswith(".json"):
            document = json.loads(content)
            assert {name: type(value) for name, value in document.items()} == {
                "schemaVersion": int,
                "label": str,
                "message": str,
                "color": str,
                "isError": bool,
                "cacheSeconds": int,
            }
            assert (document["schemaVersion"], document["cacheSeconds"]) == (1, 300)
            assert document["message"]
            assert document["color"] in {*badges.COLOURS.values(), badges.OF_NUMBERS}


def test_an_outage_is_an_error_and_nothing_else_is() -> None:
    errors = {path for path, content in files().items() if path.endswith(".json") and json.loads(content)["isError"]}
    assert errors == {"badge.json", "badges/api.json"}


# How they look


def test_every_image_is_whole_and_as_high_as_others() -> None:
    for path, content in files().items():
        if path.endswith(".svg"):
            image = ElementTree.fromstring(content)
            assert (image.get("role"), image.get("height")) == ("img", "20")
            assert not [each for each in image.iter() if {"id", "style", "href"} & each.attrib.keys()], path
            assert len(content) < 1_000


@pytest.mark.parametrize("name", NAMES)
def test_a_text_fits_into_its_half_whatever_the_font(name: str) -> None:
    image = named(name)
    width = int(image.get("width") or 0)
    start = 0.0
    for text in texts(image):
        room = 2 * (float(text.get("x") or 0) - start)
        assert widths.width(text.text or "") <= room - 12
        assert widths.joins(text.text or "") or int(text.get("textLength") or 0) == room - 12
        start += room
    assert start == width < badges.NAME_WIDTH + 100


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_shown_as_it_is_and_told_whole(name: str) -> None:
    image = named(name)
    readable = name.replace("\x01", "\ufffd").replace("\ufffe", "\ufffd")
    assert image.findtext(f"{SVG}title") == f"{readable}: Operational"
    shown = texts(image)[0].text or ""
    assert readable.startswith(shown.removesuffix("…"))
    assert (shown == readable) is (widths.width(name) <= badges.NAME_WIDTH)
    assert {each.tag.removeprefix(SVG) for each in image.iter()} == {"svg", "title", "path", "g", "text"}


def test_a_long_name_is_cut_and_what_the_number_is_stays() -> None:
    made = badges.files(take(site(component("api", name="Name " * 20))), ENGLISH)
    (label, _) = texts(ElementTree.fromstring(made["badges/api/uptime-90d.svg"].make()))
    assert (label.text or "").endswith("… uptime, 90 days")
    assert json.loads(made["badges/api/uptime-90d.json"].make())["label"] == "Name " * 20 + " uptime, 90 days"


def test_letters_that_are_no_part_of_others_have_the_widths_of_the_font() -> None:
    assert widths.width("All systems operational") == pytest.approx(128.7)
    assert widths.width("決済") == 22
    assert widths.width("e\u0301") == widths.width("e")
    assert widths.width("\u0939") == widths.AVERAGE / 10
    assert widths.cut("e\u0301" * 60, 60) == "e\u0301" * 7 + "…"


@pytest.mark.parametrize("ground", [*badges.COLOURS.values(), badges.OF_NUMBERS, badges.OF_LABELS])
def test_letters_can_be_read_on_every_ground(ground: str) -> None:
    badge = badges.Badge("Name", "Message", ground, "Name")
    label, message = texts(ElementTree.fromstring(badges.svg(badge)))
    assert contrast(linear(message.get("fill") or ""), linear(ground)) >= TEXT_LEAST
    assert contrast(linear(label.get("fill") or ""), linear(badges.OF_LABELS)) >= TEXT_LEAST


def test_the_colours_of_states_are_those_of_the_page() -> None:
    tokens = ("none-line", "operational", "maintenance", "degraded", "partial", "major")
    assert [linear(colour) for colour in badges.COLOURS.values()] == [colours("light")[token] for token in tokens]
    assert list(badges.COLOURS) == list(State)


@pytest.mark.parametrize("eyes", EYES)
def test_a_number_does_not_look_like_a_state(eyes: str) -> None:
    grounds = [badges.OF_NUMBERS, *(colour for state, colour in badges.COLOURS.items() if state is not State.UNKNOWN)]
    for one, other in combinations(grounds, 2):
        assert difference(seen(eyes, linear(one)), seen(eyes, linear(other))) >= DIFFERENCE_LEAST


# When they are made


def test_a_badge_is_made_when_what_it_says_changes_and_at_no_other_time() -> None:
    before, later = (
        badges.files(snapshot(), ENGLISH),
        badges.files(replace(snapshot(), now=snapshot().now + 60), ENGLISH),
    )
    assert {path: output.key for path, output in before.items()} == {path: each.key for path, each in later.items()}
    keys = [output.key for output in before.values()]
    assert all(keys)
    contents = {output.key: output.make() for output in before.values()}
    assert all(contents[output.key] == output.make() for output in before.values())
    well = badges.files(take(SITE, (), rounds(api="u" * 32, web="u" * 30 + "gg", db="u" * 32)), ENGLISH)
    changed = {path for path in before if before[path].key != well[path].key}
    assert {"badge.svg", "badges/api.svg", "badges/api.json", "badges/api/uptime-90d.svg"} <= changed
    assert not [path for path in changed if path.startswith(("badges/web", "badges/db", "badges/desk"))]


# The page


def test_the_page_shows_badges_that_are_there_and_snippets_with_the_sites_address() -> None:
    made = published()
    page = read(made["badges/index.html"])
    for image in page.all("img"):
        assert image.attributes["height"] == "20"
        assert image.attributes["src"].removeprefix("../") in made
        assert image.attributes["alt"] not in {state.word for state in State}
    snippets = [each.text for each in page.all("pre")]
    assert snippets == [
        "[![Example](https://status.example.org/badge.svg)](https://status.example.org/)",
        '<a href="https://status.example.org/">'
        '<img src="https://status.example.org/badge.svg" alt="Example" height="20"></a>',
        "[![Public API](https://status.example.org/badges/api.svg)](https://status.example.org/components/api/)",
        '<a href="https://status.example.org/components/api/">'
        '<img src="https://status.example.org/badges/api/uptime-90d.svg" alt="Public API" height="20"></a>',
        "https://img.shields.io/endpoint?url=https%3A%2F%2Fstatus.example.org%2Fbadge.json",
        '<iframe src="https://status.example.org/embed/" title="Status of Example" width="100%" height="140" '
        'style="border:0"></iframe>',
        '<script src="https://status.example.org/embed.js" async></script>',
    ]
    assert [each.text for each in page.all("code") if each.inside[-1] == "td"][-4:] == ["api", "web", "db", "desk"]
    assert {"embed.js", "embed.css"} <= STATIC


def test_the_page_of_a_language_leads_to_what_is_in_it() -> None:
    page = read(publish(replace(snapshot(), site=replace(SITE, languages=("de",))))["de/badges/index.html"])
    snippets = "\n".join(each.text for each in page.all("pre"))
    assert '<iframe src="https://status.example.org/de/embed/"' in snippets
    assert '<script src="https://status.example.org/embed.js" data-language="de"' in snippets
    assert "](https://status.example.org/de/)" in snippets


@pytest.mark.parametrize("name", ["[a](b)", "a\\]", "*a* _b_ `c`", "<b>", "A & B &amp; C"])
def test_a_name_stays_a_name_in_markdown_and_in_html(name: str) -> None:
    link = read(markdown(badges.markdown(name, "https://e.example/a.svg", "https://e.example/")))
    assert link.one("img").attributes["alt"] == name
    assert link.one("img").attributes["src"] == "https://e.example/a.svg"
    assert (
        read(badges.markup(name, "https://e.example/a.svg", "https://e.example/")).one("img").attributes["alt"] == name
    )


def test_many_components_make_a_small_page() -> None:
    parts = [component(f"component-{number}", name=f"Component number {number}") for number in range(200)]
    made = take(site(*parts))
    page = whole.render(made, THEME, {}, {}, {})["badges/index.html"]
    content = page if isinstance(page, bytes) else page.make()
    assert len(content) < 40_000
    assert "open" not in read(content).one("details").attributes


def test_the_page_stays_as_it_is_while_states_change() -> None:
    before, after = snapshot(), take(SITE, (), rounds(api="uuuu"))
    keys = [getattr(whole.render(made, THEME, {}, {}, {})["badges/index.html"], "key", "") for made in (before, after)]
    assert keys[0] == keys[1] != ""
