"""Page, API, feed, badge, metric and calendar never disagree: all that is published says what the snapshot says.

Each document is read as its own readers would, and every state, number and update in it is compared.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any
from xml.etree import ElementTree

import atoma
import feedparser
import icalendar
import pytest
from prometheus_client.parser import text_string_to_metric_families

from statusgen.model import State
from statusgen.periods import duration, iso, moment
from statusgen.views import Entry, EventView, Snapshot, Window

from .literals import rounds, take
from .render.published import Document, publish, read
from .test_documents_golden import SITUATIONS

NO_WORD = {"unknown": "operational"}  # of the Status API


@cache
def snapshot(situation: str) -> Snapshot:
    of, events, answers = SITUATIONS[situation]
    return take(of, events, rounds(**answers) if answers else ())


@cache
def files(situation: str) -> dict[str, bytes]:
    return publish(snapshot(situation))


@pytest.fixture(params=SITUATIONS)
def situation(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def document(situation: str, path: str) -> Any:
    return json.loads(files(situation)[path])


def page(situation: str, path: str) -> Document:
    return read(files(situation)[path])


def percent(number: str | None) -> str:
    return "no data" if number is None else f"{number} %"


# States


def test_every_output_gives_each_component_the_same_state(situation: str) -> None:
    expected = {view.component.id: view.state.value for view in snapshot(situation).components}
    summary = document(situation, "api/v2/summary.json")["components"]
    present = document(situation, "status.json")["components"]
    metrics = [each for each in samples(situation) if each[0] == "statuspage_component_state" and each[2] == 1]
    says = {
        "v1 components": {
            each["id"]: each["state"] for each in document(situation, "api/v1/components.json")["components"]
        },
        "v1 availability": {
            id: each["state"] for id, each in document(situation, "api/v1/availability.json")["components"].items()
        },
        "status.json": {id: present.get(id, "operational") for id in expected},
        "metrics": {labels["component"]: labels["state"] for _, labels, _ in metrics},
        "home": states_on_home(situation),
        "component pages": {id: state_on_page(situation, f"components/{id}/index.html") for id in expected},
        "badges": {id: state_of_word(document(situation, f"badges/{id}.json")["message"]) for id in expected},
        "images": {id: state_of_word(title(situation, f"badges/{id}.svg").rpartition(": ")[2]) for id in expected},
        "text": {id: states_in_text(situation)[name_of(situation, id)] for id in expected},
    }
    assert says == dict.fromkeys(says, expected)
    assert {row["id"]: row["status"] for row in summary if not row["group"]} == {
        id: NO_WORD.get(state, state) for id, state in expected.items()
    }


def states_on_home(situation: str) -> dict[str, str]:
    """Return the state that stands beside each component's link."""
    elements = page(situation, "index.html").elements
    found, current = {}, ""
    for element in elements:
        if element.tag == "a" and element.attributes.get("href", "").startswith("./components/"):
            current = element.attributes["href"].split("/")[2]
        elif element.tag == "span" and "state" in element.classes and current:
            found.setdefault(current, state_of_word(element.text.strip()))
    return found


def state_on_page(situation: str, path: str) -> str:
    spans = [each for each in page(situation, path).all("span") if "state" in each.classes]
    return state_of_word(spans[0].text.strip())


def state_of_word(word: str) -> str:
    return next(state.value for state in State if state.word == word)


def name_of(situation: str, id: str) -> str:
    return next(view.component.name for view in snapshot(situation).components if view.component.id == id)


def states_in_text(situation: str) -> dict[str, str]:
    """Return the states of the plain text's table by name; groups as well."""
    words = "|".join(state.word for state in State)
    rows = re.findall(rf"^    ({words}) +\S.*? {{2,}}(\S.*)$", files(situation)["status.txt"].decode(), re.MULTILINE)
    return {name: state_of_word(word) for word, name in rows}


def samples(situation: str) -> list[tuple[str, dict[str, str], float]]:
    families = text_string_to_metric_families(files(situation)["metrics.txt"].decode())
    return [(each.name, each.labels, each.value) for family in families for each in family.samples]


def title(situation: str, path: str) -> str:
    root = ElementTree.fromstring(files(situation)[path])
    return root.findtext("{http://www.w3.org/2000/svg}title") or ""


def test_every_output_gives_the_whole_page_the_same_state(situation: str) -> None:
    made = snapshot(situation)
    banner = read(files(situation)["index.html"]).one("h1").text
    assert document(situation, "status.json")["state"] == made.banner.state.value
    assert document(situation, "status.json")["sentence"] == banner
    assert f"> {banner}\n" in files(situation)["status.txt"].decode()
    assert document(situation, "api/v1/components.json")["state"] == made.banner.state.value
    assert document(situation, "api/v1/availability.json")["state"] == made.banner.state.value
    status = document(situation, "api/v2/status.json")["status"]
    assert status == document(situation, "api/v2/summary.json")["status"]
    assert status["indicator"] == document(situation, "api/v1/components.json")["impact"] == made.impact.value
    found = {name: labels for name, labels, value in samples(situation) if value == 1}
    assert found["statuspage_state"]["state"] == made.banner.state.value
    assert found["statuspage_impact"]["impact"] == made.impact.value
    assert state_of_word(document(situation, "badge.json")["message"]) == made.banner.state.value


# Numbers


def test_every_output_gives_each_window_the_same_number(situation: str) -> None:
    found = samples(situation)
    for view in snapshot(situation).components:
        id = view.component.id
        api = document(situation, "api/v1/availability.json")["components"][id]["windows"]
        cells = [
            each.text
            for each in page(situation, f"components/{id}/index.html").all("td")
            if "n" in each.attributes.get("class", "").split()
        ]
        for i, window in enumerate(view.windows):
            assert api[window.name]["availability"] == window.availability
            assert api[window.name]["coverage"] == window.coverage
            badge = f"badges/{id}/uptime-{window.name}"
            assert document(situation, f"{badge}.json")["message"] == percent(window.availability)
            assert title(situation, f"{badge}.svg").endswith(f": {percent(window.availability)}")
            shown = cells[5 * i]
            assert shown == ("—" if window.availability is None else percent(window.availability))
            assert metric(found, "statuspage_component_availability_ratio", id, window) == ratio(window.availability)
            assert metric(found, "statuspage_component_coverage_ratio", id, window) == ratio(window.coverage)
        assert bars_on_home(situation)[id].startswith(percent(view.bars.availability))
        told = "—" if view.bars.availability is None else percent(view.bars.availability)
        assert told in line_of(situation, view.component.name)


def metric(found: list[tuple[str, dict[str, str], float]], name: str, id: str, window: Window) -> float | None:
    wanted = {"component": id, "window": window.name}
    values = [value for each, labels, value in found if each == name and wanted.items() <= labels.items()]
    return values[0] if values else None


def ratio(number: str | None) -> float | None:
    return None if number is None else pytest.approx(float(number) / 100, abs=1e-9)


def line_of(situation: str, name: str) -> str:
    lines = files(situation)["status.txt"].decode().splitlines()
    return next(line for line in lines if line.startswith("    ") and line.rstrip().endswith(f"  {name}"))


def bars_on_home(situation: str) -> dict[str, str]:
    """Return the number that stands under each component's bar."""
    found, current = {}, ""
    for element in page(situation, "index.html").elements:
        if element.tag == "a" and element.attributes.get("href", "").startswith("./components/"):
            current = element.attributes["href"].split("/")[2]
        elif element.tag == "span" and "numbers" in element.classes and current:
            found.setdefault(current, element.text.strip())
    return found


def test_every_output_gives_the_same_response_times(situation: str) -> None:
    for view in snapshot(situation).components:
        id = view.component.id
        told = "no data" if view.response_ms is None else f"{view.response_ms} ms"
        assert document(situation, f"badges/{id}/response-time.json")["message"] == told
        (api,) = [each for each in document(situation, "api/v1/components.json")["components"] if each["id"] == id]
        assert api["response_ms"] == view.response_ms
        medians = [each["latency"]["24h"]["p50_ms"] for each in api["checks"] if each["latency"]["24h"]]
        assert max(medians, default=None) == view.response_ms


def test_every_output_says_the_same_of_how_often_the_monitor_looked(situation: str) -> None:
    made, monitor, found = snapshot(situation), document(situation, "api/v1/monitor.json"), samples(situation)
    assert monitor["last_round_at"] == document(situation, "build.json")["last_round_at"]
    assert [each["location"] for each in monitor["locations"]] == [each.location for each in made.cadences]
    cells = [each.text.strip() for each in page(situation, "policy/index.html").all("td")]
    shown = iter(cells if made.cadences else ())
    for cadence, told in zip(made.cadences, monitor["locations"], strict=True):
        assert told["last_round_at"] == (None if cadence.last is None else iso(cadence.last))
        for pace in cadence.paces:
            api, gaps = told["windows"][pace.name], (pace.median, pace.p95, pace.longest)
            assert (api["rounds"], api["failed_rounds"], api["coverage"]) == (pace.rounds, pace.failed, pace.coverage)
            assert tuple(api[f"{name}_gap_seconds"] for name in ("median", "p95", "longest")) == gaps
            wanted = {"location": cadence.location, "window": pace.name}
            of = [
                (name.removeprefix("statuspage_monitor_"), labels, v)
                for name, labels, v in found
                if wanted.items() <= labels.items()
            ]
            assert [v for name, _, v in of if name == "rounds"] == [pace.rounds]
            assert [v for name, _, v in of if name == "rounds_failed"] == [pace.failed]
            assert [v for name, _, v in of if name == "coverage_ratio"] == [ratio(pace.coverage)][: bool(pace.coverage)]
            quantiles = {labels["quantile"]: v for name, labels, v in of if name == "gap_seconds"}
            assert tuple(quantiles.get(each) for each in ("0.5", "0.95", "1")) == gaps
            assert [next(shown) for _ in range(5)] == [
                str(pace.rounds),
                *("—" if gap is None else duration(gap, up=True, fine=True) for gap in gaps),
                "—" if pace.coverage is None else percent(pace.coverage),
            ]


# What was said


def entries(situation: str) -> list[Entry]:
    made = snapshot(situation)
    return list(made.latest(made.entries))


def test_every_feed_holds_the_same_updates_with_the_same_ids_and_dates(situation: str) -> None:
    expected = [(entry.update.tag, moment(entry.at)) for entry in entries(situation)]
    atom = atoma.parse_atom_bytes(files(situation)["history.atom"]).entries
    rss = atoma.parse_rss_bytes(files(situation)["history.rss"]).items
    json_feed = document(situation, "feed.json")["items"]
    assert [(each.id_, each.published) for each in atom] == expected
    assert [(each.guid, each.pub_date) for each in rss] == expected
    assert [(each["id"], each["date_published"]) for each in json_feed] == [
        (entry.update.tag, iso(entry.at)) for entry in entries(situation)
    ]


def told_of(event: EventView) -> list[tuple[str, str]]:
    """Return each update's anchor and state, newest first."""
    return [(update.anchor, update.phase.value.replace(" ", "_")) for update in event.told]


def test_every_output_tells_the_same_of_each_event(situation: str) -> None:
    for event in snapshot(situation).events:
        v1 = {each["slug"]: each for path in months(situation) for each in document(situation, path)["incidents"]}
        html = page(situation, f"incidents/{event.slug}/index.html")
        anchors = [each.attributes["id"] for each in html.elements if "id" in each.attributes]
        feed = feedparser.parse(files(situation)[f"incidents/{event.slug}/history.atom"]).entries
        assert [anchor for anchor in anchors if anchor.startswith("update-")] == [
            update.anchor for update in event.updates
        ]
        assert [(each.link.partition("#")[2], each.tags[0].term) for each in feed] == told_of(event)
        assert [(each["anchor"], each["phase"]) for each in v1[event.slug]["updates"]] == [
            (update.anchor, update.phase.value.replace(" ", "_")) for update in event.updates
        ]
        assert v1[event.slug]["phase"] == event.phase.value.replace(" ", "_")
        assert v1[event.slug]["impact"] == event.impact.value


def months(situation: str) -> list[str]:
    return [path for path in files(situation) if re.fullmatch(r"api/v1/incidents(/\d{4}-\d\d)?\.json", path)]


def test_the_status_api_tells_of_the_same_events_as_the_page(situation: str) -> None:
    made = snapshot(situation)
    summary = document(situation, "api/v2/summary.json")
    assert [each["id"] for each in summary["incidents"]] == [event.slug for event in made.open_incidents]
    ahead = document(situation, "api/v2/scheduled-maintenances/upcoming.json")["scheduled_maintenances"]
    active = document(situation, "api/v2/scheduled-maintenances/active.json")["scheduled_maintenances"]
    assert sorted(each["id"] for each in ahead) == sorted(event.slug for event in made.maintenance_ahead)
    assert [each["id"] for each in active] == [event.slug for event in made.maintenance_now]
    by_slug = {event.slug: event for event in made.events}
    every = [
        *document(situation, "api/v2/incidents.json")["incidents"],
        *document(situation, "api/v2/scheduled-maintenances.json")["scheduled_maintenances"],
    ]
    for each in every:
        event = by_slug[each["id"]]
        assert (each["name"], each["impact"]) == (event.title, event.impact.value)
        assert len(each["incident_updates"]) == len(event.told)
        assert each["resolved_at"] == (None if event.end is None else iso(event.end).replace("Z", ".000Z"))
    open_ones = {labels["incident_id"] for name, labels, _ in samples(situation) if name == "statuspage_incident_info"}
    assert open_ones == {event.slug for event in made.open_incidents}


def test_the_calendar_has_every_window_that_the_page_has(situation: str) -> None:
    calendar = icalendar.Calendar.from_ical(files(situation)["maintenance.ics"])
    found = {str(event["uid"]).partition("@")[0]: event for event in calendar.walk("VEVENT")}
    planned = {event.slug: event for event in snapshot(situation).planned}
    assert found.keys() == planned.keys()
    for slug, event in planned.items():
        assert event.scheduled is not None
        assert (found[slug].decoded("dtstart"), found[slug].decoded("dtend")) == tuple(map(moment, event.scheduled))
        assert str(found[slug]["status"]) == ("CANCELLED" if event.phase.value == "cancelled" else "CONFIRMED")


def test_the_feed_of_events_has_each_once(situation: str) -> None:
    held = {entry.id.rpartition("/")[2] for entry in feedparser.parse(files(situation)["incidents.atom"]).entries}
    newest = {entry.event.slug for entry in entries(situation)}
    assert newest <= held
