"""Feeds: what RFC 4287 and RSS 2.0 ask for, what readers were found to need, and ids that never change."""

from __future__ import annotations

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

from statusgen.model import Event, Incident, Phase, Site, State
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


def both(made: Snapshot) -> tuple[bytes, bytes]:
    """Return Atom and RSS."""
    texts = rendered(made)

    def placed(text: str, root: str, home: str, prefix: str) -> str:
        return placing.place(texts[text].html, root, home, prefix)

    return feeds.atom(made, ENGLISH, placed), feeds.rss(made, ENGLISH, placed)


def atom(made: Snapshot) -> Element:
    return ElementTree.fromstring(both(made)[0])


def channel(made: Snapshot) -> Element:
    found = ElementTree.fromstring(both(made)[1]).find("channel")
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
    for text, version in zip(both(made), ("atom10", "rss20"), strict=True):
        parsed = feedparser.parse(text)
        assert (parsed.bozo, parsed.version) == (False, version)
        assert len(parsed.entries) == len(made.entries)
    assert len(atoma.parse_atom_bytes(both(made)[0]).entries) == len(made.entries)
    assert len(atoma.parse_rss_bytes(both(made)[1]).items) == len(made.entries)


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
    root = ElementTree.fromstring(both(made)[1])
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
    for each in both(made):
        parsed = feedparser.parse(each)
        assert (parsed.bozo, parsed.entries) == (False, [])


def test_characters_that_xml_cannot_hold_are_left_out() -> None:
    made = snapshot(CASES["hostile"])
    titles = [text(entry, f"{ATOM}title") for entry in atom(made).findall(f"{ATOM}entry")]
    assert "[Resolved] [31mred\x7f control" in titles
    assert "[Resolved] <script>alert(1)</script> & \"quotes\" ]]> 'x'" in titles
    assert "[Investigating] " in titles


def test_the_same_snapshot_makes_the_same_bytes(made: Snapshot) -> None:
    assert both(made) == both(made)
    assert both(made)[0].endswith(b"</feed>\n")


def test_nothing_but_what_was_written_decides_the_bytes() -> None:
    later = snapshot(now=NOW + 40 * MINUTE)
    assert both(later) == both(snapshot())


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
        ["Status: Scheduled", "Affected: Api (under maintenance)"],
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
        for link in document.all("a"):
            assert re.match(r"https://status\.example\.org/|#|$", link.attributes.get("href", ""))


def test_a_link_to_another_incident_leads_to_the_site() -> None:
    assert read(bodies(snapshot())[1]).all("a")[0].attributes["href"] == (
        "https://status.example.org/incidents/2026-11-01-web/"
    )


def test_the_category_is_the_state() -> None:
    (category,) = atom(snapshot()).findall(f"{ATOM}entry")[1].findall(f"{ATOM}category")
    assert category.get("term") == "identified"


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
