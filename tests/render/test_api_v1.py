"""The program's own JSON: its keys are a promise."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from statusgen.errors import Problem
from statusgen.model import Phase, State
from statusgen.render import api_v1
from statusgen.views import Provenance, Snapshot

from ..literals import DAY, HOUR, INTERVAL, NOW, component, incident, maintenance, rounds, site, take, unchecked, update

WINDOWS = {"24h": DAY, "7d": 7 * DAY, "30d": 30 * DAY, "90d": 90 * DAY, "365d": 365 * DAY}


def availability(made: Snapshot) -> Any:
    return json.loads(api_v1.availability(made))


def build(made: Snapshot) -> Any:
    return json.loads(api_v1.build(made))


def test_every_component_has_its_state_and_every_window() -> None:
    made = availability(take(site(component("api"), unchecked("desk")), ledger=rounds(api="uudd")))
    assert list(made) == ["generated_at", "components", "state", "windows"]
    assert made["generated_at"] == "2026-11-25T12:00:00Z"
    assert {id: each["state"] for id, each in made["components"].items()} == {"api": "major_outage", "desk": "unknown"}
    for each in made["components"].values():
        assert {name: window["window_seconds"] for name, window in each["windows"].items()} == WINDOWS


def test_a_window_is_whole_seconds_and_a_percentage_as_text() -> None:
    told = incident(
        "a", update(NOW - HOUR, Phase.INVESTIGATING), update(NOW - HOUR // 2, Phase.RESOLVED), api=State.PARTIAL
    )
    planned = maintenance("m", NOW - 3 * HOUR, NOW - 2 * HOUR)
    made = availability(take(events=[told, planned], ledger=rounds(api="u" * 280 + "ddduuugggu")))
    assert made["components"]["api"]["windows"]["24h"] == {
        "window_seconds": DAY,
        "known_seconds": DAY - HOUR,
        "down_seconds": HOUR // 2,
        "major_seconds": 3 * INTERVAL,
        "partial_seconds": HOUR // 2 - 3 * INTERVAL,
        "degraded_seconds": 3 * INTERVAL,
        "maintenance_seconds": HOUR,
        "excluded_seconds": HOUR,
        "availability": "98.36",
        "coverage": "100",
        "corrections": [],
    }


def test_the_page_has_a_state_and_windows_of_all_components_together() -> None:
    made = availability(take(site(component("api"), component("web")), ledger=rounds(api="uudd", web="uuuu")))
    assert made["state"] == "partial_outage"
    parts = [each["windows"]["24h"]["known_seconds"] for each in made["components"].values()]
    assert made["windows"]["24h"]["known_seconds"] == sum(parts)
    assert made["windows"].keys() == WINDOWS.keys()


def test_the_index_leads_to_every_document_that_there_is_one_of() -> None:
    made = api_v1.files(take(), {}, api_v1.Beside(openapi="{}"))
    named = json.loads(api_v1.index(take()))["documents"].values()
    assert {f"api/v1/{path}" for path in named if not path.startswith("../")} == {
        path for path in made if path.count("/") == 2 and path != "api/v1/index.json"
    }


def test_where_nothing_is_known_the_availability_is_null() -> None:
    windows = availability(take())["components"]["api"]["windows"]
    assert {(each["known_seconds"], each["availability"]) for each in windows.values()} == {(0, None)}


def test_a_site_without_components_has_an_empty_document() -> None:
    assert availability(take(replace(site(), components=())))["components"] == {}


def test_the_build_says_what_it_was_made_from() -> None:
    made = replace(
        take(ledger=rounds(api="uu")),
        provenance=Provenance(
            version="1.2.3",
            commit="c0ffee",
            branches=(("status-data/a", "beef"),),
            samples=(("status-data/a", 2),),
            left_out=(Problem(path="incidents/x.md", line=3, message="is wrong"), Problem(path="y.png", message="too")),
            uncommitted=("components.yaml",),
            drafts=True,
        ),
    )
    assert build(made) == {
        "generated_at": "2026-11-25T12:00:00Z",
        "last_round_at": "2026-11-25T12:00:00Z",
        "statusgen": "1.2.3",
        "url": "https://status.example.org",
        "site": take().site.id,
        "commit": "c0ffee",
        "uncommitted": ["components.yaml"],
        "drafts": True,
        "data": {"status-data/a": "beef"},
        "samples": {"status-data/a": 2},
        "left_out": [
            {"path": "incidents/x.md", "line": 3, "message": "is wrong"},
            {"path": "y.png", "line": 1, "message": "too"},
        ],
    }


def test_what_is_not_known_of_the_build_is_null() -> None:
    made = build(replace(take(), provenance=Provenance(version="1.2.3")))
    assert (made["commit"], made["last_round_at"], made["data"], made["left_out"]) == (None, None, {}, [])


def test_documents_are_utf_8_and_end_with_a_line_break() -> None:
    for text in (api_v1.availability(take()), api_v1.build(take())):
        assert text.decode("utf-8").endswith("}\n")
    assert api_v1.availability(take()) == api_v1.availability(take())
