"""Pages: well-formed, safe, linked, and showing the numbers of the API and no others."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from itertools import pairwise
from posixpath import normpath
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import pytest

from statusgen.availability import percent
from statusgen.model import Check, Component, Event, Phase, Postmortem, Probing, Question, Site, State
from statusgen.model import Document as Further
from statusgen.periods import iso_day
from statusgen.promises import Channel, Credit, Link, MaintenanceRule, Plan, Policy, Share, Support
from statusgen.render import prose
from statusgen.render import site as whole
from statusgen.render.templates import CONTENT_SECURITY_POLICY
from statusgen.views import Snapshot

from .. import test_reports as promised
from ..literals import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    component,
    incident,
    maintenance,
    resolved,
    rounds,
    site,
    take,
    unchecked,
    update,
)
from .published import BESIDE, ENGLISH, THEME, Document, Element, is_page, publish, read, rendered, written

IMAGES = {"incidents/graph.png": b"\x89PNG\r\n\x1a\n"}
TEXT = "## Head\n\nSee [the other](b-done.md)[^1].\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n### Below\n\n[^1]: A note.\n"
OPEN = incident(
    "a-open",
    update(NOW - HOUR, Phase.INVESTIGATING, TEXT),
    update(NOW - HOUR // 2, Phase.IDENTIFIED, TEXT, web=State.DEGRADED),
    title="Errors of the API",
    started=NOW - HOUR - MINUTE,
    api=State.PARTIAL,
)
DONE = replace(
    resolved("b-done", NOW - 3 * DAY, NOW - 3 * DAY + HOUR, title="Pages were slow", web=State.DEGRADED),
    introduction=f"# Before all\n\n![Graph](graph.png)\n\n{TEXT}",
    detected=NOW - 3 * DAY - MINUTE,
    acknowledged=NOW - 3 * DAY + MINUTE,
    postmortem=Postmortem(
        path="incidents/b-done.postmortem.md",
        title="What we learnt",
        text=TEXT + "\n![G](graph.png)",
        at=NOW - DAY,
        authors=("Kim", "Robin"),
    ),
)
EVENTS: tuple[Event, ...] = (
    OPEN,
    replace(OPEN, slug="a-too", title="As well", severity=None),  # its updates bear the same instants
    DONE,
    maintenance("m-now", NOW - HOUR, NOW + HOUR, update(NOW - DAY, Phase.SCHEDULED, TEXT), on=("db",)),
    maintenance("m-ahead", NOW + DAY, NOW + 2 * DAY, update(NOW - DAY, Phase.SCHEDULED, TEXT), on=("db", "web")),
    replace(maintenance("m-quiet", NOW + 3 * DAY, NOW + 3 * DAY + HOUR, on=("db",)), introduction=TEXT),
    maintenance("m-past", NOW - 40 * DAY, NOW - 40 * DAY + HOUR, on=("db",)),
    maintenance("m-off", NOW + DAY, NOW + 2 * DAY, update(NOW - HOUR, Phase.CANCELLED, "No."), on=("db",)),
    replace(resolved("z-draft", NOW - 2 * DAY, NOW - DAY, title="A draft"), draft=True),
)
SITE = replace(
    site(
        component("api", group="Platform"),
        component("web", "page", "cert", group="Platform"),
        component("db", group="Data"),
        component("new", group="Data", since=NOW - 2 * DAY),
        unchecked("desk", since=NOW - 200 * DAY),
        unchecked("shop"),
        name="Example Status",
    ),
    repository="https://git.example.org/status",
    notice="A notice.",
    description="How we are.",
)
LEDGER = rounds(
    api="u" * 900 + "ssss" + "u" * 300 + "-" * 40 + "u" * 30 + "dd",
    page="u" * 700 + "ggg" + "u" * 572,
    cert="u" * 1275,
    db="u" * 1276,
    new="u" * 300,
)
SCRIPTS = {"site.js", "find.js", "hours.js"}
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)> {{ 7 * 7 }} &amp; \u202egnp.exe"


def rich(of: Site = SITE, events: tuple[Event, ...] = EVENTS) -> Snapshot:
    return take(of, events, LEDGER)


def long() -> Snapshot:
    title = "long " * 60
    of = replace(SITE, name=title, notice=title, description=title)
    parts = tuple(replace(each, name=title, description=title, group=title) for each in SITE.components)
    told = tuple(replace(each, title=title) for each in EVENTS)
    return rich(replace(of, groups=(title,), components=parts), told)


def hostile() -> Snapshot:
    of = replace(SITE, name=HOSTILE, notice=HOSTILE, description=HOSTILE, groups=(HOSTILE,), language="ar")
    parts = tuple(replace(each, name=HOSTILE, description=HOSTILE, group=HOSTILE) for each in SITE.components)
    learnt = Postmortem(path="x", title=HOSTILE, text=HOSTILE, at=NOW, authors=(HOSTILE,))
    told = (
        *(replace(each, title=HOSTILE) for each in EVENTS),
        replace(resolved("h", NOW - HOUR, NOW, title=HOSTILE), introduction=HOSTILE, postmortem=learnt),
    )
    return rich(replace(of, components=parts), told)


def elsewhere() -> Snapshot:
    counted = Policy(maintenance=MaintenanceRule.COUNT)
    return rich(replace(SITE, url="https://example.org/teams/status", repository="", policy=counted))


MAKERS: dict[str, Callable[[], Snapshot]] = {
    "rich": rich,
    "under a path": elsewhere,
    "no component": lambda: take(replace(site(), components=())),
    "one component": lambda: take(ledger=rounds(api="uuuu")),
    "no data": take,
    "stale": lambda: take(ledger=[replace(each, late="sample") for each in rounds(NOW - DAY, api="u" * 300)]),
    "long": long,
    "hostile": hostile,
}


@cache
def snapshot(name: str) -> Snapshot:
    return MAKERS[name]()


@cache
def files(name: str) -> dict[str, bytes]:
    return publish(snapshot(name), IMAGES)


@cache
def page(name: str, path: str = "index.html") -> Document:
    return read(files(name)[path])


@pytest.fixture(scope="module", params=MAKERS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def documents(name: str) -> dict[str, Document]:
    """Return a site's pages by path."""
    return {path: page(name, path) for path in files(name) if is_page(path)}


def texts(found: list[Element]) -> list[str]:
    return [" ".join(each.text.split()) for each in found]


def title(document: Document) -> str:
    return next(each.text for each in document.all("title") if each.inside == ("html", "head"))


def classed(document: Document, tag: str, word: str) -> list[Element]:
    return [each for each in document.all(tag) if word in each.attributes.get("class", "").split()]


# Every page


def test_there_is_a_page_for_everything() -> None:
    paths = {path for path in files("rich") if is_page(path)}
    assert paths == {
        "index.html",
        "404.html",
        *(f"{name}/index.html" for name in ("badges", "corrections", "history", "maintenance", "policy")),
        *(f"{name}/index.html" for name in ("subscribe", "uptime")),
        *(f"components/{each.id}/index.html" for each in SITE.components),
        *(f"incidents/{each.slug}/index.html" for each in EVENTS),
        *(f"history/2026-{month}/index.html" for month in ("05", "06", "07", "08", "09", "10", "11")),
    }


def test_every_page_has_one_heading_a_title_and_a_language(name: str, documents: dict[str, Document]) -> None:
    for path, document in documents.items():
        assert files(name)[path].startswith(b"<!doctype html>\n<html lang=")
        assert document.one("html").attributes["lang"] == snapshot(name).site.language
        assert document.one("h1").text.strip(), path
        assert title(document).strip()
        assert document.one("main")
        assert document.one("meta", name="description").attributes["content"].strip()
        assert document.one("meta", name="viewport")


def test_every_page_is_well_formed_and_its_ids_are_its_own(documents: dict[str, Document]) -> None:
    for path, document in documents.items():
        assert document.unbalanced == [], path
        ids = [each.attributes["id"] for each in document.elements if "id" in each.attributes]
        assert len(ids) == len(set(ids)), path


def test_no_page_skips_a_level_of_headings(documents: dict[str, Document]) -> None:
    for path, document in documents.items():
        levels = [int(each.tag[1]) for each in document.elements if re.fullmatch("h[1-6]", each.tag)]
        assert levels[0] == 1, path
        assert all(deeper <= level + 1 for level, deeper in pairwise(levels)), path


def test_every_page_has_the_policy_and_nothing_that_breaks_it(documents: dict[str, Document]) -> None:
    for path, document in documents.items():
        head = [each for each in document.elements if each.inside == ("html", "head")]
        assert head[2].attributes == {
            "http-equiv": "Content-Security-Policy",
            "content": CONTENT_SECURITY_POLICY,
        }, path
        assert {each.tag for each in head[:2]} == {"meta"}  # it holds for what follows it
        assert document.all("style") == document.all("iframe") == []
        assert not [form for form in document.all("form") if {"action", "method"} & form.attributes.keys()], path
        for script in document.all("script"):
            assert script.attributes["src"].rpartition("/")[2] in SCRIPTS
            assert script.text == ""
        for element in document.elements:
            assert not [each for each in element.attributes if each == "style" or each.startswith("on")], path


def test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere() -> None:
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert CONTENT_SECURITY_POLICY.startswith("default-src 'none'; ")
    fetched = CONTENT_SECURITY_POLICY.partition("; require-trusted-types-for ")[0]
    sources = set(re.findall(r"'[a-z-]+'|https?:\S*|\*", fetched))
    assert sources == {"'none'", "'self'"}


def addresses(document: Document) -> Iterator[str]:
    for element in document.elements:
        for attribute in ("href", "src"):
            if attribute in element.attributes:
                yield element.attributes[attribute]


def test_every_link_leads_to_a_file_and_a_place_that_exist(name: str, documents: dict[str, Document]) -> None:
    base = f"{snapshot(name).site.url}/"
    anchors = {path: {e.attributes.get("id") for e in document.elements} for path, document in documents.items()}
    for path, document in documents.items():
        here = f"{base}no/such/page" if path == "404.html" else base + path.removesuffix("index.html")
        for address in addresses(document):
            target, _, anchor = urljoin(here, address).partition("#")
            if not target.startswith(base):
                elsewhere = ("https://git.example.org/status", base.replace("https:", "webcal:"))
                assert target.startswith(elsewhere), (path, address)
                continue
            found = unquote(target.removeprefix(base))
            found += "index.html" if found.endswith("/") or not found else ""
            found = path if target == here else found
            assert found in files(name), (path, address)
            assert not anchor or anchor in anchors[found], (path, address)


def test_pages_work_wherever_the_folder_is_put(name: str, documents: dict[str, Document]) -> None:
    for path, document in documents.items():
        for address in addresses(document):
            if path != "404.html" and not urlsplit(address).scheme:
                assert not address.startswith("/")
                assert not normpath(f"{path.rpartition('/')[0]}/{address}").startswith("..")


def test_every_image_has_a_description_and_every_drawing_too(documents: dict[str, Document]) -> None:
    for document in documents.values():
        assert all(each.attributes.get("alt") for each in document.all("img"))
        for drawing in document.all("svg"):
            whole_ = [each.attributes for each in (drawing, *drawing.parents)]
            said = [each["aria-label"] for each in whole_ if each.get("role") == "img"]
            assert drawing.attributes.get("aria-hidden") == "true" or "".join(said).strip()


def test_the_address_of_a_page_is_its_own_and_a_missing_page_has_none(
    name: str, documents: dict[str, Document]
) -> None:
    for path, document in documents.items():
        expected = [] if path == "404.html" else [f"{snapshot(name).site.url}/{path.removesuffix('index.html')}"]
        assert [each.attributes["href"] for each in document.all("link", rel="canonical")] == expected


def test_every_page_names_the_feeds(documents: dict[str, Document]) -> None:
    for document in documents.values():
        kinds = {each.attributes["type"] for each in document.all("link", rel="alternate")}
        assert kinds == {"application/atom+xml", "application/rss+xml", "application/feed+json"}


def test_every_instant_on_a_page_is_one_a_machine_can_read(documents: dict[str, Document]) -> None:
    for document in documents.values():
        for each in document.all("time"):
            if each.is_within("chart-table"):  # whose heads name UTC
                assert re.fullmatch(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?", each.attributes["datetime"])
            else:
                assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", each.attributes["datetime"])
                assert "UTC" in (each.parents[-1] if each.is_within("span") else each).text


def test_the_same_snapshot_makes_the_same_pages() -> None:
    assert publish(rich(), IMAGES) == files("rich")


# Numbers


def api(name: str) -> Any:
    return json.loads(files(name)["api/v1/availability.json"])["components"]


def shown(part: str | None) -> str:
    return "—" if part is None else f"{part} %"


def observed(window: dict[str, int]) -> str | None:
    """Return the coverage that the API's seconds amount to, where maintenance is excluded."""
    return percent(window["known_seconds"], window["window_seconds"] - window["maintenance_seconds"])


def numbers(window: dict[str, Any]) -> str:
    covered = observed(window)
    if window["availability"] is None:
        return "no data"
    known = f"{shown(window['availability'])} uptime in 90 days"
    return known if covered in (None, "100") else f"{known} observed {covered} % of the time"


def test_every_number_on_the_home_page_is_the_apis() -> None:
    document = page("rich")
    links = [each for each in document.all("a") if "h3" in each.inside and "components/" in each.attributes["href"]]
    ids = [each.attributes["href"].split("/")[-2] for each in links]
    assert sorted(ids) == sorted(api("rich"))
    expected = [numbers(api("rich")[id]["windows"]["90d"]) for id in ids]
    assert texts(classed(document, "span", "numbers")) == expected
    assert len({*expected}) > 4  # they are not all alike
    rows = [
        each for each in classed(document, "span", "state") if "summary" not in each.inside and "li" not in each.inside
    ]
    assert texts(rows) == [State(api("rich")[id]["state"]).word for id in ids]


def test_a_groups_number_is_that_of_its_components_seconds() -> None:
    summaries = texts(page("rich").all("summary"))
    for group, summary in zip(("Platform", "Data"), summaries, strict=True):
        windows = [api("rich")[each.id]["windows"]["90d"] for each in SITE.components if each.group == group]
        known = sum(each["known_seconds"] for each in windows)
        lost = sum(1_000 * each["major_seconds"] + 500 * each["partial_seconds"] for each in windows)
        assert summary.startswith(f"{group} 2 ")
        assert f" · {percent(1_000 * known - lost, 1_000 * known)} % " in summary


def test_every_number_on_a_components_page_is_the_apis() -> None:
    for id, known in api("rich").items():
        document = page("rich", f"components/{id}/index.html")
        table = [each.text for each in document.all("td") if "n" in each.attributes.get("class", "").split()]
        for i, window in enumerate(known["windows"].values()):
            cells = table[5 * i : 5 * i + 5]
            assert (cells[0], cells[4]) == (shown(window["availability"]), shown(observed(window)))
            assert [cell != "–" for cell in cells[1:4]] == [
                bool(window[f"{kind}_seconds"]) for kind in ("down", "degraded", "maintenance")
            ]
        assert texts(classed(document, "span", "state"))[0] == State(known["state"]).word


def test_the_banner_counts_what_the_api_says() -> None:
    states = [State(each["state"]) for each in api("rich").values()]
    troubled = sum(each in (State.MAJOR, State.PARTIAL, State.DEGRADED) for each in states)
    assert page("rich").one("h1").text == f"Partial outage: {troubled} of {len(states)} components affected"


def test_a_number_of_which_nothing_is_known_is_no_number() -> None:
    assert texts(classed(page("no data"), "span", "numbers")) == ["no data"]
    assert "100 %" not in files("no data")["index.html"].decode().partition("<footer")[0]


# What the home page shows


def test_an_open_incident_stands_above_the_components_with_its_latest_update() -> None:
    html = files("rich")["index.html"].decode()
    assert html.index("Errors of the API") < html.index('class="components"')
    assert [each.text for each in page("rich").all("h2")] == [
        "Errors of the API",
        "As well",
        "Upgrade",
        "Scheduled maintenance",
        "Components",
        "Recent incidents",
    ]
    cards = classed(page("rich"), "section", "card")
    assert "All 2 updates" in cards[0].text


def test_what_closed_lately_and_what_is_ahead_are_listed() -> None:
    rows = texts(classed(page("rich"), "li", "event"))
    assert [row.partition(" · ")[0] for row in rows] == [
        "Upgrade Scheduled",
        "Upgrade Scheduled",
        "Upgrade Cancelled",
        "A draft Draft",
        "Pages were slow Resolved",
    ]


def test_a_group_with_trouble_is_open_and_a_calm_one_is_not() -> None:
    calm = take(site(component("a", group="One"), component("b", group="Two")), ledger=rounds(a="uudd", b="uuuu"))
    groups = read(publish(calm)["index.html"]).all("details")
    assert ["open" in each.attributes for each in groups] == [True, False]
    alone = take(site(component("a", group="One")), ledger=rounds(a="uuuu"))
    assert ["open" in each.attributes for each in read(publish(alone)["index.html"]).all("details")] == [True]


def test_the_bars_draw_trouble_and_a_hatch_for_days_without_data() -> None:
    document = page("one component")
    (hatch,) = [each for each in document.all("rect") if each.attributes.get("class") == "mark unknown"]
    assert hatch.text == "28 Aug 2026 – 24 Nov 2026: no data"
    marks = [each for each in page("rich").all("rect") if each.attributes.get("class") == "mark major_outage"]
    assert [mark.text.partition(",")[0] for mark in marks] == ["24 Nov 2026: major outage", "25 Nov 2026: major outage"]


def test_the_bars_say_in_words_how_many_days_there_are_of_each_kind() -> None:
    labels = [each.attributes["aria-label"] for each in page("one component").all("svg", role="img")]
    assert labels == ["Last 90 days: 1 without trouble, 89 without data, 0 to look at"]


def test_an_empty_site_says_what_to_do() -> None:
    document = page("no component")
    assert "No components yet" in document.one("main").text
    assert document.one("h1").text == "No data: the state is unknown"


@pytest.mark.parametrize(("name", "hidden"), [("stale", False), ("one component", True)])
def test_every_page_says_by_itself_when_its_data_is_old(name: str, hidden: bool) -> None:
    for path in [path for path in files(name) if is_page(path)]:
        stale, whole_ = page(name, path).one("p", id="stale"), page(name, path).one("html").attributes
        assert stale.text.startswith("Monitoring is delayed")
        assert whole_["data-status"].endswith("status.json")  # which tells a script when the last check was
        if is_live(name, path):
            assert ("hidden" in stale.attributes) is hidden
            assert whole_["data-checked"] == ("2026-11-25T12:00:00Z" if hidden else "2026-11-24T12:00:00Z")
        else:
            assert "hidden" in stale.attributes
            assert "data-checked" not in whole_


def is_live(name: str, path: str) -> bool:
    """Tell whether a page shows the present: home, components, uptime, rules, promises, open incidents, this month."""
    made = snapshot(name)
    event = next((each for each in made.events if path == f"incidents/{each.slug}/index.html"), None)
    this_month = f"history/{iso_day(made.now)[:7]}/index.html"
    present = ("index.html", this_month, *(f"{each}/index.html" for each in ("uptime", "policy", "sla", "support")))
    return path in present or path.startswith("components/") or bool(event and event.is_open)


def test_a_page_that_was_never_checked_says_so_and_not_that_it_is_old() -> None:
    assert "hidden" in page("no data").one("p", id="stale").attributes
    assert "No probe has reported yet" in page("no data").one("main").text
    assert "Nothing has been checked yet." in page("no data").one("footer").text


def test_sample_data_is_called_so_on_every_page() -> None:
    for path, content in files("stale").items():
        if is_page(path):
            assert "is sample data, not measured" in read(content).one("footer").text
    assert "sample data" not in page("rich").one("footer").text


# What other pages show


def test_an_incidents_page_tells_its_updates_newest_first_each_with_its_anchor() -> None:
    document = page("rich", "incidents/a-open/index.html")
    assert [each.attributes["id"] for each in document.all("article")] == [
        "update-20261125T1130Z",
        "update-20261125T1100Z",
    ]
    assert texts(document.all("h1")) == ["Errors of the API"]
    assert "Duration so far" in document.one("main").text


def test_a_promise_that_was_not_kept_is_told_as_one_wherever_it_stands() -> None:
    for late, sentence in ((60, "Next update was due by"), (0, "Next update by"), (-60, "Next update by")):
        said = replace(update(NOW - HOUR, Phase.INVESTIGATING), next=NOW - late)
        made = publish(take(site(component("api")), [incident("broken", said, api=State.PARTIAL)], rounds(api="uudd")))
        for path in ("", "components/api/", "incidents/broken/"):
            (due,) = classed(read(made[f"{path}index.html"]), "p", "due")
            assert due.text.startswith(sentence), path
            assert "Next update" not in "".join(texts(classed(read(made[f"{path}index.html"]), "p", "facts")))


def test_an_incident_that_goes_on_begins_with_what_is_hit_and_when_more_will_be_said() -> None:
    document = page("rich", "incidents/a-open/index.html")
    order = [each.text for each in document.all("dt")] + texts(document.all("h2"))
    assert order == ["Affected", "Detected", "First response", "Duration so far", "Updates", "Timeline"]
    html = files("rich")["incidents/a-open/index.html"].decode()
    places = [html.index(text) for text in ("Affected", "Updates</h2>", "Timeline</h2>", "Detected")]
    assert places == sorted(places)


def test_a_components_page_lists_its_own_events_and_no_others() -> None:
    document = page("rich", "components/web/index.html")
    listed = [each.attributes["href"] for each in document.all("a") if each.is_within("event")]
    slugs = [address.split("/")[-2] for address in listed if not address.endswith("#postmortem")]
    assert slugs == ["m-ahead", "a-open", "a-too", "b-done"]


def test_a_post_mortem_stands_on_its_incidents_page() -> None:
    document = page("rich", "incidents/b-done/index.html")
    learnt = document.one("section", id="postmortem")
    assert learnt.text.split("\n")[1:3] == ["What we learnt", "24 Nov 2026 · Kim, Robin"]
    assert [each.attributes["src"] for each in document.all("img")] == ["../../incidents/graph.png"] * 2
    assert "A draft" not in document.one("h1").text


def test_a_draft_is_called_so() -> None:
    assert "This is a draft" in page("rich", "incidents/z-draft/index.html").one("main").text
    assert "This is a draft" not in page("rich", "incidents/b-done/index.html").one("main").text


def test_a_post_mortem_that_is_a_draft_says_so_on_its_page_and_is_told_of_nowhere_else() -> None:
    assert DONE.postmortem
    draft = replace(DONE, postmortem=replace(DONE.postmortem, draft=True))
    files = publish(rich(events=(draft,)))
    learnt = read(files["incidents/b-done/index.html"]).one("section", id="postmortem")
    assert "This is a draft: it is shown in previews only." in learnt.text
    assert "What we learnt" not in files["history.atom"].decode() + files["api/v1/incidents.json"].decode()


def test_what_is_over_bears_no_sign_of_trouble_and_what_goes_on_does() -> None:
    for slug, sign in (("b-done", "operational"), ("a-open", "partial_outage"), ("m-off", "under_maintenance")):
        signs = (each for each in page("rich", f"incidents/{slug}/index.html").all("svg") if each.is_within("lead"))
        assert [each.attributes["class"] for each in signs] == [f"icon {sign}"], slug


def test_an_incident_names_its_components_worst_first() -> None:
    worse = resolved("w", NOW - 3 * DAY, NOW - 2 * DAY, api=State.DEGRADED, web=State.MAJOR, db=State.PARTIAL)
    better = incident(
        "b",
        update(NOW - DAY, Phase.INVESTIGATING),
        update(NOW - HOUR, Phase.IDENTIFIED, web=State.DEGRADED),
        api=State.PARTIAL,
        web=State.MAJOR,
    )
    told = {event.slug: [id_ for _, _, id_ in event.affected] for event in rich(events=(worse, better)).events}
    assert told == {"w": ["web", "db", "api"], "b": ["api", "web"]}


def test_an_answer_at_once_is_told_without_how_long_it_took() -> None:
    at = NOW - 3 * DAY
    for acknowledged, said in ((at, False), (at + MINUTE, True)):
        event = replace(resolved("i", at, at + HOUR, web=State.DEGRADED), detected=at, acknowledged=acknowledged)
        text = read(publish(rich(events=(event,)))["incidents/i/index.html"]).one("main").text
        assert "First response" in text
        assert ("after 1 min" in text, "after 0" in text) == (said, False)


def test_neighbouring_incidents_and_months_are_linked() -> None:
    document = page("rich", "history/2026-10/index.html")
    around = [each for each in document.all("a") if "nav" in each.inside and "main" in each.inside]
    assert texts(around) == ["← September 2026", "November 2026 →"]
    assert "← May 2026" in texts(page("rich", "history/2026-06/index.html").all("a"))
    newest = page("rich", "history/2026-11/index.html")
    assert [t for t in texts(newest.all("a")) if t.endswith("→")] == []


def test_the_maintenance_page_has_what_is_now_ahead_and_past() -> None:
    document = page("rich", "maintenance/index.html")
    assert texts(document.all("h2")) == ["Upgrade", "Ahead", "Past"]
    assert [each.text for each in classed(document, "span", "phase")] == ["In progress", "Scheduled", "Scheduled"]
    assert len(classed(document, "li", "event")) == 2


@pytest.mark.parametrize(("name", "sentence"), [("rich", "is left out"), ("under a path", "is not left out")])
def test_the_policy_page_states_the_policy_in_force(name: str, sentence: str) -> None:
    text = " ".join(page(name, "policy/index.html").one("main").text.split())
    assert f"Planned maintenance {sentence}" in text
    assert "Every check is asked each 5 min" in text
    assert "Major outages count fully, partial ones half, degraded performance not at all." in text
    assert "build.json: the commits this page was made from" in text


def test_the_policy_page_says_how_often_each_location_looked() -> None:
    ledger = {"eu": rounds(api="uu!uuu"), "us": rounds(api="uuuuu"), "mars": ()}
    of = replace(site(), probing=Probing(locations=("us", "eu", "mars")))
    document = read(publish(take(of, ledger=ledger))["policy/index.html"])
    rows = tables(document)
    assert rows[:4] == [
        ["Over", "Rounds", "Median", "95 % within", "Longest", "Observed"],
        ["us last round 25 Nov 2026, 12:00 UTC"],
        ["24 hours", "5", "5 min", "5 min", "5 min", "100 %"],
        ["7 days", "5", "5 min", "5 min", "5 min", "100 %"],
    ]
    assert rows[5] == ["24 hours", "61 failed", "5 min", "10 min", "10 min", "80.00 %"]
    assert rows[7:9] == [["mars no round yet"], ["24 hours", "0", "—", "—", "—", "0.00 %"]]


def test_the_policy_page_says_which_targets_tell_that_the_prober_is_offline_and_what_is_asked_at_its_own_pace() -> None:
    checks = [Check(id=f"c{i}", question=Question(), interval=every) for i, every in enumerate((0, HOUR, HOUR, DAY))]
    of = replace(
        site(Component(id="api", name="API", checks=tuple(checks))), probing=Probing(controls=("a:1", "b:2", "c:3"))
    )
    told = " ".join(read(publish(take(of))["policy/index.html"]).one("main").text.split())
    assert "Checks with an interval of their own: 2 checks each 1 h, 1 check each 1 d." in told
    assert "unless 2 of a:1, b:2, c:3 can be reached" in told
    assert "Nothing has been checked yet." not in told
    plain = " ".join(read(publish(take())["policy/index.html"]).one("main").text.split())
    assert "interval of their own" not in plain
    assert "can be reached" not in plain


def test_the_uptime_page_says_how_often_rounds_come_at_the_slowest_location() -> None:
    slow = [each for i, each in enumerate(rounds(api="u" * 9)) if i % 2 == 0]
    made = publish(take(ledger={"eu": slow, "us": rounds(api="u" * 9)}))
    assert "Time between two rounds, median of 24 hours: 10 min." in read(made["uptime/index.html"]).one("main").text
    assert "Time between" not in read(publish(take())["uptime/index.html"]).one("main").text


def test_a_check_that_could_not_be_asked_is_unknown_and_says_why() -> None:
    made = publish(take(ledger=rounds(api="ub")))
    (row,) = [each for each in tables(read(made["components/api/index.html"])) if each[0] == "api"]
    assert row[1].startswith("unknownA bot wall answered in place of the service25 Nov 2026")
    (check,) = json.loads(made["api/v1/components.json"])["components"][0]["checks"]
    assert (check["verdict"], check["latency_ms"], check["reason"]) == ("unknown", None, "blocked")


def test_a_missing_page_finds_the_style_however_deep_it_is_asked_for() -> None:
    for name, root in (("rich", "/"), ("under a path", "/teams/status/")):
        found = [each for each in addresses(page(name, "404.html")) if not each.startswith(("http", "#"))]
        assert all(each.startswith(root) for each in found)
        assert f"{root}style.css" in found


# What people wrote


def test_hostile_texts_are_shown_and_nothing_more() -> None:
    for path, content in files("hostile").items():
        if path.endswith(".html"):
            document = read(content)
            images = {each.attributes["src"] for each in document.all("img") if path != "badges/index.html"}
            assert images <= {"../../incidents/graph.png"}
            assert {each.attributes["src"].rpartition("/")[2] for each in document.all("script")} <= SCRIPTS, path
            assert b"49" not in content.partition(b"<main")[0], path
            assert "<script>alert(1)</script>\"'>" in title(document), path


def test_names_from_elsewhere_do_not_turn_the_text_around_them() -> None:
    for path in ("index.html", "incidents/a-open/index.html", "components/api/index.html"):
        follows = [pair for pair in pairwise(page("hostile", path).elements) if pair[0].text.startswith(HOSTILE)]
        links = [inner for link, inner in follows if link.tag == "a" and link.attributes.get("class") != "brand"]
        assert {inner.tag for inner in links} == {"bdi"}


def test_a_title_of_three_hundred_characters_stays_whole() -> None:
    assert page("long", "incidents/a-open/index.html").one("h1").text == "long " * 60


# What is promised, and what was set right

ROADMAP = Further(
    slug="roadmap", path="pages/roadmap.md", title="Roadmap", text="## Soon\n\nMore.", notice="No promise."
)
CHANNELS = (
    Channel(name="Forum", description="Ask others", link="https://forum.example"),
    Channel(name="Phone", link="tel:+49 30 1", hours=promised.HOURS),
)
PLANS = (Plan(name="Free", description="For all", channels=("Forum",)), Plan(name="Paid", channels=("Forum", "Phone")))
RULED = replace(
    promised.objective("ruled", promised.MONTH, "desk", target="99.5", zone="Asia/Tokyo"),
    policy=Policy(major=900, partial=400, degraded=100, announced=48 * HOUR, cap=4 * HOUR, least_outage=MINUTE),
    credits=(Credit(below=Share.parse("99.5"), percent="12.5"),),
)
LENIENT = replace(
    promised.objective("lenient", promised.YEAR, "desk"), policy=Policy(maintenance=MaintenanceRule.COUNT)
)
PROMISED = replace(
    promised.SITE,
    objectives=(*promised.SITE.objectives, RULED, LENIENT),
    support=replace(promised.HELP, channels=CHANNELS, plans=PLANS),
    repository="https://git.example.org/status",
)


@cache
def kept() -> tuple[Snapshot, dict[str, bytes]]:
    """Return a site that promises something, and its files."""
    made = promised.told(PROMISED, documents=(ROADMAP,), corrections=(*promised.CORRECTIONS, LATELY))
    return made, publish_all(made)


LATELY = promised.corrected("2026-11-25-both", NOW - 2 * HOUR, NOW - HOUR, "api", "desk", state=State.PARTIAL)


def publish_all(made: Snapshot) -> dict[str, bytes]:
    """Return the site's files with further pages."""
    rendered_ = rendered(made) | {each.text: prose.render(each.text, {}) for each in made.documents}
    return written(whole.render(made, THEME, rendered_, {}, {}, BESIDE))


def kept_page(path: str) -> Document:
    return read(kept()[1][path])


def tables(document: Document) -> list[list[str]]:
    """Return the cells of every row of every table."""
    found: list[list[str]] = []
    for each in document.elements:
        if each.tag == "tr":
            found.append([])
        elif each.tag in ("td", "th") and found:
            found[-1].append(" ".join(each.text.split()))
    return found


@pytest.mark.parametrize(
    ("of", "documents", "expected"),
    [
        (PROMISED, (ROADMAP,), {"corrections", "roadmap", "sla", "support"}),
        (replace(PROMISED, objectives=()), (), {"corrections", "support"}),
        (replace(PROMISED, support=Support()), (), {"corrections", "sla"}),
        (replace(PROMISED, support=Support(), objectives=()), (ROADMAP,), {"corrections", "roadmap"}),
    ],
)
def test_there_is_a_page_of_what_is_promised_and_of_nothing_else(
    of: Site, documents: tuple[Further, ...], expected: set[str]
) -> None:
    files = publish_all(promised.told(of, documents=documents))
    known = {"corrections", "roadmap", "sla", "support"}
    assert {path.removesuffix("/index.html") for path in files} & known == expected
    links = {each.attributes["href"].strip("./") for each in read(files["index.html"]).all("a")}
    assert links & (known - {"corrections"}) == expected - {"corrections"}


def test_every_page_of_promises_is_well_formed_linked_and_safe() -> None:
    made, files = kept()
    base = f"{made.site.url}/"
    documents = {path: read(content) for path, content in files.items() if path.endswith(".html")}
    anchors = {path: {each.attributes.get("id") for each in of.elements} for path, of in documents.items()}
    for path, document in documents.items():
        assert document.unbalanced == [], path
        ids = [each.attributes["id"] for each in document.elements if "id" in each.attributes]
        assert len(ids) == len(set(ids)), path
        for address in addresses(document):
            target, _, anchor = urljoin(base + path.removesuffix("index.html"), address).partition("#")
            if target.startswith(base) and path != "404.html":
                found = target.removeprefix(base)
                found = path if not found and address.startswith("#") else found
                found += "index.html" if found.endswith("/") or not found else ""
                assert found in files, (path, address)
                assert not anchor or anchor in anchors[found], (path, address)


def test_the_table_of_service_levels_has_the_numbers_of_the_api() -> None:
    document = kept_page("sla/index.html")
    told = json.loads(kept()[1]["api/v1/sla.json"])["objectives"]
    rows = [row for row in tables(document) if row[0] not in ("Period", "Service level")]
    for each in told:
        present = each["periods"][0]
        head = rows.pop(0)
        assert head[:2] == [f"{each['name']} {each['kind'].upper()}", f"{each['target']} %"]
        assert head[2].removesuffix(" corrected") == shown(present["availability"])
    for each in told:
        for period in each["periods"][:13]:
            row = rows.pop(0)
            touched = " corrected" if period["corrections"] else ""
            assert row[1] == shown(period["availability"]) + touched
            assert row[-1] == shown(period["coverage"])
            if each["service_credits"]:
                due = f"{period['credit']} %{'if it ended now' if period['is_open'] else ''}"
                assert row[5] == (due if period["credit"] else "–")
            verdict = {None: ("not known",), True: ("kept", "on target"), False: ("missed", "off target")}
            assert row[2] in verdict[period["is_met"]]
    assert rows == []


def test_of_a_period_nothing_is_known_of_there_is_a_dash_and_never_100() -> None:
    files = publish_all(promised.told(replace(PROMISED, objectives=PROMISED.objectives[:1]), (), (), (), ()))
    document = read(files["sla/index.html"])
    rows = [row for row in tables(document) if len(row) > 5][1:]
    assert rows
    for row in rows:
        assert (row[1], row[2], row[3]) == ("—", "not known", "–")
    assert "100" not in re.sub("[a-z-]*1000?[a-z]*", "", document.one("main").text)
    assert "No incident with a severity on record." in read(files["support/index.html"]).one("main").text


def corrected_rows(path: str) -> dict[str, list[str]]:
    """Return where the links beside numbers lead, by the first cell of their row."""
    found: dict[str, list[str]] = {}
    head = ""
    for each in kept_page(path).elements:
        head = " ".join(each.text.split()) if each.tag == "th" else head
        if each.attributes.get("class") == "corrected":
            assert each.text == "corrected"
            found.setdefault(head, []).append(each.attributes["href"].partition("#")[2])
    return found


def test_beside_every_number_that_a_correction_touches_stands_a_link_to_it() -> None:
    made, files = kept()
    for view in made.components:
        found = corrected_rows(f"components/{view.component.id}/index.html")
        bars = [view.bars.corrections[0]] if view.bars.corrections else []
        assert found.pop("", []) == bars  # the bar, above the table
        levels = [each for each in made.objectives if view.component.id in each.objective.components and each.present]
        below = [slug for each in levels for slug in (each.present.corrections if each.present else ())[:1]]
        windows = {ENGLISH.window(each.name): [each.corrections[0]] for each in view.windows if each.corrections}
        last = list(windows)[-1:]  # below which the service levels stand
        assert found == windows | {label: [*windows[label], *below] for label in last}
    names = {view.component.id: view.component.name for view in made.components}
    for month in made.months:
        expected = {names[each.id]: [window.corrections[0]] for each, window in month.components if window.corrections}
        assert corrected_rows(f"history/{month.name}/index.html") == expected, month.name
    assert corrected_rows("history/2026-10/index.html") == {"Api": ["2026-10-10-api"]}
    assert corrected_rows("history/2026-11/index.html") == {"Api": ["2026-11-25-both"], "Desk": ["2026-11-25-both"]}
    home = [each for each in read(files["index.html"]).all("a") if each.attributes.get("class") == "corrected"]
    assert len(home) == sum(1 for view in made.components if view.bars.corrections) == 2
    listed = {each.attributes["id"] for each in kept_page("corrections/index.html").all("section")}
    assert listed == {"2026-10-10-api", "2026-11-25-both"}


def test_the_page_of_corrections_says_what_was_set_and_why() -> None:
    cards = texts(classed(kept_page("corrections/index.html"), "section", "card"))
    assert cards[0].startswith("25 Nov 2026, 10:00 – 11:00 UTC Partial outage Api, Desk · 1 h The prober was wrong.")
    none = publish_all(promised.told(PROMISED, corrections=()))["corrections/index.html"]
    assert "None: every number is as measured and declared." in read(none).one("main").text


def test_the_policy_page_prints_each_objectives_own_rules() -> None:
    rows = {row[0]: row[1:] for row in tables(kept_page("policy/index.html"))}
    assert rows["ruled SLA"] == [
        "Promised: 99.5 % of each month, Asia/Tokyo",
        "Planned maintenance does not count if announced 2 d ahead. At most 4 h of it a month are left out. "
        "Outages shorter than 1 min do not count. "
        "Major outages count 90 %, partial ones 40 %, degraded performance 10 %.",
        "12.5 % below 99.5 %",
    ]
    assert rows["lenient SLA"] == [
        "Promised: 99.9 % of each year, UTC",
        "Maintenance counts. Major outages count fully, partial ones half, degraded performance not at all.",
        "–",
    ]
    assert rows["api-28d SLO"][0] == "Aimed at: 99 % of the last 28 days"
    assert rows["api-28d SLO"][1].startswith("Planned maintenance does not count. Major outages count fully")


def test_the_support_page_can_be_read_without_a_script_and_its_hours_by_one() -> None:
    document = kept_page("support/index.html")
    (now,) = classed(document, "span", "open-now")
    assert "hidden" in now.attributes
    assert json.loads(now.attributes["data-week"]) == [[list(span) for span in day] for day in promised.HOURS.week]
    assert (now.attributes["data-zone"], now.attributes["data-holidays"]) == ("Europe/Berlin", "2026-12-25")
    text = " ".join(document.one("main").text.split())
    assert "Monday – Friday09:00 – 17:00 Europe/Berlin Saturday – Sundayclosed" in text
    assert "Closed on 25 Dec 2026." in text
    rows = tables(document)
    assert ["Channel", "Free", "Paid", "Hours"] in rows
    assert ["Phone", "–not included", "✓included", "Office"] in rows
    assert ["October 2026", "sev2", "1", "1 · 100 %", "1", "0 s", "1 h"] in rows


def test_a_further_page_has_its_title_its_notice_and_its_text() -> None:
    text = " ".join(kept_page("roadmap/index.html").one("main").text.split())
    assert text.endswith(" Roadmap No promise. Soon More. Every change to this page")


def scribbled(text: str) -> dict[str, bytes]:
    """Return the files of a site in which everything that people can write is a text."""
    channels = tuple(replace(each, name=text, description=text) for each in CHANNELS)
    hours = replace(promised.HOURS, id=text)
    help_ = replace(
        PROMISED.support,
        channels=tuple(replace(each, hours=hours) for each in channels),
        plans=(Plan(name=text, description=text, channels=(text,)),),
        links=(Link(name=text, link="https://d.example"),),
        hours=(hours,),
        standards=tuple(replace(each, definition=text, hours=hours) for each in PROMISED.support.standards),
    )
    of = replace(
        PROMISED,
        name=text,
        description=text,
        support=help_,
        components=tuple(replace(each, name=text, description=text) for each in PROMISED.components),
        objectives=tuple(replace(each, name=text) for each in PROMISED.objectives),
    )
    events = tuple(replace(each, title=text) for each in promised.EVENTS)
    right = tuple(replace(each, reason=text, link="https://x.example/?a=\"'<b>") for each in promised.CORRECTIONS)
    page_ = replace(ROADMAP, title=text, notice=text, description=text, text=text)
    return publish_all(promised.told(of, events, right, (page_,)))


def test_hostile_promises_are_shown_and_nothing_more() -> None:
    files = scribbled(HOSTILE)
    for path in ("sla", "support", "corrections", "roadmap", "policy", "components/api", "history/2026-10"):
        content = files[f"{path}/index.html"]
        document = read(content)
        assert b"<script>alert" not in content
        assert document.unbalanced == [], path
        assert document.all("img") == []
        assert {each.attributes["src"].rpartition("/")[2] for each in document.all("script")} <= SCRIPTS
        assert not [name for each in document.elements for name in each.attributes if name.startswith("on")]
        assert "49" not in document.one("h1").text
    assert read(files["corrections/index.html"]).one("p", class_="reason").text == HOSTILE
    assert read(files["roadmap/index.html"]).one("p", role="note").text == HOSTILE


def test_promises_with_names_of_three_hundred_characters_stay_whole() -> None:
    long_name = "long " * 59 + "names"
    files = scribbled(long_name)
    for path in ("sla", "support", "corrections", "roadmap"):
        assert long_name in files[f"{path}/index.html"].decode()
        assert read(files[f"{path}/index.html"]).unbalanced == []
