"""Feeds: what RFC 4287 and RSS 2.0 ask for, what readers were found to need, and ids that never change."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from itertools import pairwise
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import atoma
import feedparser
import pytest

from statusgen.model import Event, Incident, Phase, Postmortem, Site, State
from statusgen.periods import parse_instant
from statusgen.render import feeds, placing
from statusgen.views import Snapshot

from ..literals import DAY, HOUR, MINUTE, NOW, component, incident, maintenance, resolved, rounds, site, take, update
from .published import ENGLISH, read, rendered

ATOM = "{http://www.w3.org/2005/Atom}"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
TOLD = incident(
    "2026-11-20-api",
    update(
        NOW - 3 * HOUR, Phase.INVESTIGATING, "A fifth of *requests* fail[^1].\n\n[^1]: Only in Europe.", api=State.MAJOR
    ),
    update(NOW - 2 * HOUR, Phase.IDENTIFIED, "See [the last time](2026-11-01-web.md)."),
    update(NOW - HOUR, Phase.RESOLVED, "Over & done."),
    title="Elevated API errors",
)
EARLIER = resolved("2026-11-01-web", NOW - 24 * DAY, NOW - 24 * DAY + HOUR, title="Slow pages", web=State.DEGRADED)
PLANNED = maintenance("upgrade", NOW + DAY, NOW + DAY + HOUR, update(NOW - DAY, Phase.SCHEDULED, "We upgrade."))
EVENTS: tuple[Event, ...] = (TOLD, EARLIER, PLANNED)
SITE = site(component("api"), component("web"), name="Acme & Söhne Status")


def snapshot(events: Iterable[Event] = EVENTS, of: Site = SITE, now: int = NOW) -> Snapshot:
    return take(of, events, rounds(api="uu"), now)


def every(made: Snapshot) -> dict[str, bytes]:
    """Return every feed by its path."""
    texts = rendered(made)

    def placed(text: str, root: str, home: str, prefix: str) -> str:
        return placing.place(texts[text].html, root, home, prefix)

    told = {event.slug: event.slug for event in made.events}
    files = feeds.files(made, ENGLISH, placed, told, "")
    return {path: file.make() for path, file in files.items()}


def atom(made: Snapshot) -> Element:
    return ElementTree.fromstring(every(made)["history.atom"])


def channel(made: Snapshot) -> Element:
    found = ElementTree.fromstring(every(made)["history.rss"]).find("channel")
    assert found is not None
    return found


def text(parent: Element, name: str) -> str:
    (found,) = parent.findall(name)
    return found.text or ""


def instant(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


CASES = {
    "": EVENTS,
    "empty": (),
    "one": (TOLD,),
    "same minute": tuple(resolved(f"i{i}", NOW - HOUR, NOW) for i in range(9)),
    "many": tuple(resolved(f"i{i:03}", NOW - i * HOUR - 60, NOW - i * HOUR) for i in range(40)),
    "hostile": (
        resolved("a", NOW - HOUR, NOW, title="<script>alert(1)</script> & \"quotes\" ]]> 'x'"),
        resolved("b", NOW - HOUR, NOW - 1, title="\x00\x08\x1b[31mred\x7f\ufffe\uffff\ud800 control"),
        resolved("c", NOW - HOUR, NOW - 2, title="\u202eright to left\u2066 💥 " + "long " * 60),
        incident("d", update(NOW - 3, Phase.INVESTIGATING, "\x00\x0b <b>x</b> ]]> \ufffe ``` \x1b"), title="\x01"),
    ),
}  # fmt: skip


@pytest.fixture(params=CASES.values(), ids=CASES.keys())
def made(request: pytest.FixtureRequest) -> Snapshot:
    return snapshot(request.param)


# What the formats ask for


def test_feeds_parse_without_complaint(made: Snapshot) -> None:
    held = len(list(made.latest(made.entries)))
    for path, text in every(made).items():
        if path.endswith((".atom", ".rss")):
            parsed = feedparser.parse(text)
            assert (path, parsed.bozo, parsed.version) == (path, False, "atom10" if path.endswith("atom") else "rss20")
            read_by_atoma = (
                atoma.parse_atom_bytes(text).entries if path.endswith("atom") else atoma.parse_rss_bytes(text).items
            )
            assert len(read_by_atoma) == len(parsed.entries)
    assert len(feedparser.parse(every(made)["history.atom"]).entries) == held
    assert len(feedparser.parse(every(made)["history.rss"]).entries) == held


def test_an_atom_feed_has_what_rfc_4287_requires(made: Snapshot) -> None:
    feed = atom(made)
    assert feed.tag == f"{ATOM}feed"
    assert text(feed, f"{ATOM}id") == f"tag:{made.authority}:/history"
    assert text(feed, f"{ATOM}title") == "Acme & Söhne Status – incident history"
    assert text(feed, f"{ATOM}author/{ATOM}name") == "Acme & Söhne Status"
    assert instant(text(feed, f"{ATOM}updated")) <= NOW
    links = [(link.get("rel"), link.get("href")) for link in feed.findall(f"{ATOM}link")]
    assert sorted(links, key=str) == [
        ("alternate", "https://status.example.org/"),
        ("self", "https://status.example.org/history.atom"),
    ]
    assert feed.get(XML_LANG) == "en"
    for entry in feed.findall(f"{ATOM}entry"):
        assert text(entry, f"{ATOM}id").startswith("tag:status.example.org,2026:/incidents/")
        assert text(entry, f"{ATOM}title").startswith("[")
        assert text(entry, f"{ATOM}updated") == text(entry, f"{ATOM}published")
        assert [link.get("rel", "alternate") for link in entry.findall(f"{ATOM}link")] == ["alternate"]
        (content,) = entry.findall(f"{ATOM}content")
        assert content.get("type") == "html"


def test_an_rss_feed_has_what_rss_2_requires(made: Snapshot) -> None:
    root = ElementTree.fromstring(every(made)["history.rss"])
    assert (root.tag, root.get("version")) == ("rss", "2.0")
    feed = channel(made)
    assert text(feed, "title") == "Acme & Söhne Status – incident history"
    assert text(feed, "link") == "https://status.example.org/"
    assert text(feed, "description")
    assert text(feed, "language") == "en"
    assert parsedate_to_datetime(text(feed, "lastBuildDate")).timestamp() <= NOW
    links = [(link.get("rel"), link.get("href")) for link in feed.findall(f"{ATOM}link")]
    assert links == [("self", "https://status.example.org/history.rss")]
    for item in feed.findall("item"):
        (guid,) = item.findall("guid")
        assert guid.get("isPermaLink") == "false"
        assert text(item, "title")
        assert text(item, "description")
        assert text(item, "link").startswith("https://status.example.org/incidents/")
        assert parsedate_to_datetime(text(item, "pubDate")).utcoffset() is not None


def test_both_feeds_hold_the_same_entries(made: Snapshot) -> None:
    entries, items = atom(made).findall(f"{ATOM}entry"), channel(made).findall("item")
    assert [text(each, f"{ATOM}id") for each in entries] == [text(each, "guid") for each in items]
    assert [text(each, f"{ATOM}title") for each in entries] == [text(each, "title") for each in items]
    assert [text(each, f"{ATOM}content") for each in entries] == [text(each, "description") for each in items]
    assert [instant(text(each, f"{ATOM}published")) for each in entries] == [
        int(parsedate_to_datetime(text(each, "pubDate")).timestamp()) for each in items
    ]


# What readers need


def test_dates_are_unique_newest_first_and_never_in_the_future(made: Snapshot) -> None:
    dates = [instant(text(entry, f"{ATOM}published")) for entry in atom(made).findall(f"{ATOM}entry")]
    assert all(newer > older for newer, older in pairwise(dates))
    assert all(date <= NOW for date in dates)
    assert instant(text(atom(made), f"{ATOM}updated")) == max(dates, default=made.first)


def test_ids_are_unique(made: Snapshot) -> None:
    ids = [text(entry, f"{ATOM}id") for entry in atom(made).findall(f"{ATOM}entry")]
    assert len(ids) == len(set(ids))


def test_the_feeds_of_an_empty_site_are_valid_and_empty() -> None:
    made = take(replace(SITE, components=()), ())
    files = every(made)
    assert sorted(files) == ["feed.json", "history.atom", "history.rss", "incidents.atom"]
    for path in ("history.atom", "history.rss", "incidents.atom"):
        parsed = feedparser.parse(files[path])
        assert (parsed.bozo, parsed.entries) == (False, [])


def test_characters_that_xml_cannot_hold_are_left_out() -> None:
    made = snapshot(CASES["hostile"])
    titles = [text(entry, f"{ATOM}title") for entry in atom(made).findall(f"{ATOM}entry")]
    assert "[Resolved] [31mred\x7f control" in titles
    assert "[Resolved] <script>alert(1)</script> & \"quotes\" ]]> 'x'" in titles
    assert "[Investigating] " in titles


def test_the_same_snapshot_makes_the_same_bytes(made: Snapshot) -> None:
    assert every(made) == every(made)
    assert every(made)["history.atom"].endswith(b"</feed>\n")


def test_nothing_but_what_was_written_decides_the_bytes() -> None:
    later = snapshot(now=NOW + 40 * MINUTE)
    assert every(later) == every(snapshot())


# What an entry says


def test_every_update_is_one_entry_with_its_state_in_the_title() -> None:
    titles = [text(entry, f"{ATOM}title") for entry in atom(snapshot()).findall(f"{ATOM}entry")]
    assert titles == [
        "[Resolved] Elevated API errors",
        "[Identified] Elevated API errors",
        "[Investigating] Elevated API errors",
        "[Scheduled] Upgrade",
        "[Resolved] Slow pages",
        "[Investigating] Slow pages",
    ]


def bodies(made: Snapshot) -> list[str]:
    return [text(entry, f"{ATOM}content") for entry in atom(made).findall(f"{ATOM}entry")]


def test_a_body_begins_with_the_status_and_what_is_affected() -> None:
    assert [[each.text for each in read(body).all("p")[:2]] for body in bodies(snapshot())[:4]] == [
        ["Status: Resolved", "Affected: Api (operational)"],
        ["Status: Identified", "Affected: Api (major outage)"],
        ["Status: Investigating", "Affected: Api (major outage)"],
        ["Status: Scheduled", "Affected: Api"],
    ]
    assert bodies(snapshot())[0].startswith("<p><strong>Status: Resolved</strong></p>\n")


def test_a_maintenance_says_when() -> None:
    assert read(bodies(snapshot())[3]).all("p")[2].text == "Scheduled: 26 Nov 2026, 12:00 – 13:00 UTC"


def test_a_body_ends_with_a_link_to_its_place_in_the_timeline() -> None:
    for entry in atom(snapshot()).findall(f"{ATOM}entry"):
        (link,) = entry.findall(f"{ATOM}link")
        last = read(text(entry, f"{ATOM}content")).all("a")[-1]
        assert last.attributes["href"] == link.get("href")
        assert re.fullmatch(
            r"https://status\.example\.org/incidents/[a-z0-9-]+/#update-\d{8}T\d{4}Z", last.attributes["href"]
        )


def test_every_address_in_a_body_is_whole_and_its_html_is_balanced(made: Snapshot) -> None:
    for body in bodies(made):
        document = read(body)
        assert document.unbalanced == []
        for href in (link.attributes["href"] for link in document.all("a") if "href" in link.attributes):
            assert re.match(r"https://status\.example\.org/", href)


def test_a_link_to_another_incident_leads_to_the_site() -> None:
    assert read(bodies(snapshot())[1]).all("a")[0].attributes["href"] == (
        "https://status.example.org/incidents/2026-11-01-web/"
    )


def test_the_categories_are_the_state_and_the_components() -> None:
    categories = atom(snapshot()).findall(f"{ATOM}entry")[1].findall(f"{ATOM}category")
    assert [each.get("term") for each in categories] == ["identified", "api"]


def test_names_in_a_body_are_escaped() -> None:
    hostile = replace(component("api"), name="<img src=x onerror=alert(1)>")
    (body,) = bodies(snapshot([incident("a", update(NOW, Phase.INVESTIGATING), api=State.MAJOR)], site(hostile)))
    assert read(body).all("img") == []
    assert "<img src=x onerror=alert(1)> (major outage)" in read(body).all("p")[1].text


# Identity


def ids(made: Snapshot) -> dict[str, str]:
    """Return the id of each entry by its date."""
    return {text(each, f"{ATOM}published"): text(each, f"{ATOM}id") for each in atom(made).findall(f"{ATOM}entry")}


def test_an_id_is_made_of_what_never_changes() -> None:
    assert list(ids(snapshot([TOLD])).values()) == [
        "tag:status.example.org,2026:/incidents/2026-11-20-api/20261125T1100Z",
        "tag:status.example.org,2026:/incidents/2026-11-20-api/20261125T1000Z",
        "tag:status.example.org,2026:/incidents/2026-11-20-api/20261125T0900Z",
    ]


def test_ids_do_not_depend_on_titles_texts_order_or_now() -> None:
    before = ids(snapshot())
    reworded = tuple(replace(update, text="Corrected.") for update in TOLD.updates)
    assert ids(snapshot([replace(TOLD, title="Renamed", updates=reworded), EARLIER, PLANNED])) == before
    assert ids(snapshot(EVENTS[::-1])) == before
    assert ids(snapshot(now=NOW + 400 * DAY)) == before
    assert ids(snapshot(now=NOW - HOUR)) == {date: id for date, id in before.items() if instant(date) <= NOW - HOUR}


def test_ids_do_not_depend_on_the_address_once_the_authority_is_fixed() -> None:
    fixed = replace(SITE, authority="status.example.org,2026")
    moved = replace(fixed, url="http://localhost:8000/preview")
    assert ids(snapshot(of=moved)) == ids(snapshot(of=fixed)) == ids(snapshot())


def test_a_new_update_changes_no_entry_that_was_there() -> None:
    def entries(event: Incident) -> list[bytes]:
        return [ElementTree.tostring(each) for each in atom(snapshot([event])).findall(f"{ATOM}entry")]

    before = replace(TOLD, updates=TOLD.updates[:-1])
    assert entries(TOLD)[1:] == entries(before)


def test_two_updates_within_a_minute_have_two_ids() -> None:
    at = parse_instant("2026-11-20T10:06Z")
    twice = incident("a", update(at, Phase.INVESTIGATING), replace(update(at, Phase.RESOLVED), ordinal=2))
    assert ids(snapshot([twice])) == {
        "2026-11-20T10:06:00+00:00": "tag:status.example.org,2026:/incidents/a/20261120T1006Z",
        "2026-11-20T10:06:01+00:00": "tag:status.example.org,2026:/incidents/a/20261120T1006Z-2",
    }


# Other feeds


def titles(content: bytes) -> list[str]:
    if content.startswith(b"{"):
        return [item["title"] for item in json.loads(content)["items"]]
    return [entry.title for entry in feedparser.parse(content).entries]


def test_there_are_feeds_of_the_page_of_each_component_and_of_each_event() -> None:
    formats = ("history.atom", "history.rss", "feed.json")
    components = [f"{folder}{name}" for folder in ("", "components/api/", "components/web/") for name in formats]
    events = [f"incidents/{event.slug}/history.atom" for event in EVENTS]
    assert sorted(every(snapshot())) == sorted(["incidents.atom", *components, *events])


@pytest.mark.parametrize("name", ["history.atom", "history.rss", "feed.json"])
def test_a_components_feed_holds_what_names_it_and_an_events_what_was_said_of_it(name: str) -> None:
    files = every(snapshot())
    assert titles(files[f"components/web/{name}"]) == ["[Resolved] Slow pages", "[Investigating] Slow pages"]
    assert titles(files["incidents/2026-11-20-api/history.atom"]) == titles(files[name])[:3]
    assert titles(files["incidents/upgrade/history.atom"]) == ["[Scheduled] Upgrade"]


def test_an_entry_has_the_same_id_and_date_in_every_feed_that_holds_it() -> None:
    found: dict[str, set[str]] = {}
    for path, content in every(snapshot()).items():
        if path.endswith("history.atom"):
            for entry in feedparser.parse(content).entries:
                found.setdefault(entry.id, set()).add(entry.published)
    assert len(found) == 6
    assert all(len(dates) == 1 for dates in found.values())


def test_feeds_have_ids_and_links_of_their_own() -> None:
    files = every(snapshot())
    parsed = {path: feedparser.parse(content).feed for path, content in files.items() if path.endswith(".atom")}
    assert len({feed.id for feed in parsed.values()}) == len(parsed)
    assert parsed["components/web/history.atom"].id == "tag:status.example.org,2026:/components/web/history"
    for path, feed in parsed.items():
        links = {link.rel: link.href for link in feed.links}
        assert links["self"] == f"https://status.example.org/{path}"
        assert links["alternate"] == f"https://status.example.org/{path.rpartition('/')[0]}/".replace("org//", "org/")


def test_a_json_feed_has_what_version_1_1_requires(made: Snapshot) -> None:
    feed = json.loads(every(made)["feed.json"])
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["title"] == "Acme & Söhne Status – incident history"
    assert (feed["home_page_url"], feed["feed_url"]) == (
        "https://status.example.org/",
        "https://status.example.org/feed.json",
    )
    assert feed["authors"] == [{"name": "Acme & Söhne Status", "url": "https://status.example.org/"}]
    atoms = atom(made).findall(f"{ATOM}entry")
    assert [item["id"] for item in feed["items"]] == [text(entry, f"{ATOM}id") for entry in atoms]
    for item in feed["items"]:
        assert item["content_html"].startswith("<p><strong>Status: ")
        assert item["url"].startswith("https://status.example.org/incidents/")
        assert item["date_published"] == item["date_modified"]
        assert isinstance(item["tags"], list)


def test_programs_that_want_it_get_one_entry_per_event_at_its_newest_update() -> None:
    entries = feedparser.parse(every(snapshot())["incidents.atom"]).entries
    assert [(entry.title, entry.id.partition(":/")[2]) for entry in entries] == [
        ("Elevated API errors", "incidents/2026-11-20-api"),
        ("Upgrade", "incidents/upgrade"),
        ("Slow pages", "incidents/2026-11-01-web"),
    ]
    assert entries[0].published == entries[0].updated == "2026-11-25T11:00:00+00:00"
    phases = [strong.text for strong in read(entries[0].content[0].value).all("strong")]
    assert phases == ["Resolved", "Identified", "Investigating"]


def test_a_post_mortem_is_an_entry_once_it_says_when_it_was_published() -> None:
    def titles_with(at: int | None, now: int = NOW) -> list[str]:
        learnt = Postmortem(path="x", title="Why", text="We *learnt*.", at=at)
        return titles(every(snapshot([replace(TOLD, postmortem=learnt)], now=now))["history.atom"])

    assert titles_with(None) == titles_with(NOW + 1) == titles(every(snapshot([TOLD]))["history.atom"])
    assert titles_with(NOW - 1)[0] == "[Postmortem] Elevated API errors"
    today = parse_instant("2026-11-25T00:00Z")  # a day: told of when it is over
    assert "[Postmortem]" not in titles_with(today)[0]
    assert titles_with(today, now=today + DAY)[0] == "[Postmortem] Elevated API errors"


def test_drafts_are_in_no_feed() -> None:
    files = every(snapshot([replace(TOLD, draft=True), EARLIER]))
    assert not [path for path in files if "2026-11-20-api" in path]
    assert not [path for path, content in files.items() if b"Elevated" in content]
