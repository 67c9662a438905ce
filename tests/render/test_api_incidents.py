"""Incidents for programs: everything that was said, once in the latest and once in its month."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from statusgen.digests import digest
from statusgen.model import Event, Phase, Postmortem, State
from statusgen.render import api_incidents
from statusgen.views import Snapshot

from ..literals import DAY, HOUR, NOW, incident, maintenance, resolved, rounds, take, update


def keys(made: Snapshot) -> dict[str, str]:
    told = {event.slug: digest(event) for event in made.events}
    return {path: file.key for path, file in api_incidents.files(made, told).items()}


def files(*events: Event, now: int = NOW) -> dict[str, Any]:
    made = take(events=events, ledger=rounds(api="uu"), now=now)
    told = dict.fromkeys((event.slug for event in made.events), "")
    return {path: json.loads(file.make()) for path, file in api_incidents.files(made, told).items()}


def slugs(told: Iterable[Any]) -> list[str]:
    return [each["slug"] for each in told]


def test_an_incident_is_told_with_all_its_updates_newest_first() -> None:
    written = incident(
        "2026-11-25-api",
        update(NOW - HOUR, Phase.INVESTIGATING, "**Half** of it fails."),
        update(NOW - HOUR // 2, Phase.RESOLVED, "Mended.", api=State.OPERATIONAL),
        api=State.PARTIAL,
    )
    learnt = Postmortem(path="p.md", title="What it was", text="A *valve*.", at=NOW, authors=("Ada",))
    (told,) = files(replace(written, postmortem=learnt))["incidents.json"]["incidents"]
    response = told.pop("response")
    assert (response["detected_at"], response["seconds_to_resolve"]) == ("2026-11-25T11:00:00Z", HOUR // 2)
    tag = "tag:status.example.org,2026:/incidents/2026-11-25-api"
    before, after = ({"id": "api", "name": "Api", "state": state} for state in ("partial_outage", "operational"))
    assert told == {
        "slug": "2026-11-25-api",
        "url": "https://status.example.org/incidents/2026-11-25-api/",
        "type": "incident",
        "title": "Errors",
        "phase": "resolved",
        "impact": "major",
        "severity": "sev2",
        "state": "partial_outage",
        "is_open": False,
        "is_upcoming": False,
        "is_overdue": False,
        "is_measured": False,
        "is_automatic": False,
        "series": None,
        "created_at": "2026-11-25T11:00:00Z",
        "updated_at": "2026-11-25T12:00:00Z",
        "started_at": "2026-11-25T11:00:00Z",
        "ended_at": "2026-11-25T11:30:00Z",
        "seconds": HOUR // 2,
        "scheduled_start": None,
        "scheduled_end": None,
        "next_update_at": None,
        "introduction": None,
        "components": [before],
        "updates": [
            {
                "id": f"{tag}/20261125T1130Z",
                "anchor": "update-20261125T1130Z",
                "at": "2026-11-25T11:30:00Z",
                "phase": "resolved",
                "text": "Mended.",
                "affected": [{**after, "before": "partial_outage"}],
                "next_update_at": None,
            },
            {
                "id": f"{tag}/20261125T1100Z",
                "anchor": "update-20261125T1100Z",
                "at": "2026-11-25T11:00:00Z",
                "phase": "investigating",
                "text": "**Half** of it fails.",
                "affected": [{**before, "before": "operational"}],
                "next_update_at": None,
            },
        ],
        "postmortem": {"title": "What it was", "at": "2026-11-25T12:00:00Z", "authors": ["Ada"], "text": "A *valve*."},
    }


def test_a_maintenance_has_its_window_and_no_response() -> None:
    planned = maintenance("m", NOW - HOUR, NOW + HOUR, update(NOW - HOUR, Phase.IN_PROGRESS))
    (told,) = files(planned)["incidents.json"]["incidents"]
    assert (told["type"], told["phase"], told["is_open"], told["response"]) == (
        "maintenance",
        "in_progress",
        True,
        None,
    )
    assert (told["scheduled_start"], told["scheduled_end"]) == ("2026-11-25T11:00:00Z", "2026-11-25T13:00:00Z")
    assert (told["ended_at"], told["seconds"]) == (None, None)


def test_the_latest_are_those_open_or_ahead_and_fifty_more() -> None:
    old = [resolved(f"old-{i:02}", NOW - i * DAY, NOW - i * DAY + HOUR) for i in range(1, 60)]
    still = incident("still", update(NOW - 300 * DAY, Phase.INVESTIGATING, api=State.PARTIAL))
    ahead = maintenance("ahead", NOW + 40 * DAY, NOW + 41 * DAY)
    told = files(*old, still, ahead)["incidents.json"]
    assert slugs(told["incidents"]) == ["ahead", *(f"old-{i:02}" for i in range(1, 51)), "still"]
    assert {each["month"]: each["incidents"] for each in told["months"]} == {
        "2027-01": 1, "2026-11": 24, "2026-10": 31, "2026-09": 4, "2026-01": 1
    }  # fmt: skip


def test_every_month_has_a_document_with_all_that_began_in_it() -> None:
    made = files(resolved("a", NOW - DAY, NOW), resolved("b", NOW - 40 * DAY, NOW - 39 * DAY))
    assert made.keys() == {"incidents.json", "incidents/2026-11.json", "incidents/2026-10.json"}
    assert [each["document"] for each in made["incidents.json"]["months"]] == list(made)[1:]
    assert slugs(made["incidents/2026-10.json"]["incidents"]) == ["b"]
    assert made["incidents/2026-11.json"]["incidents"] == made["incidents.json"]["incidents"][:1]


def test_drafts_are_told_nowhere() -> None:
    draft = replace(resolved("secret", NOW - DAY, NOW), draft=True)
    assert files(draft) == {"incidents.json": {"incidents": [], "months": []}}


def test_a_month_changes_only_when_something_in_it_does() -> None:
    a, b = resolved("a", NOW - DAY, NOW), resolved("b", NOW - 40 * DAY, NOW - 39 * DAY)
    first = keys(take(events=[a, b]))
    assert keys(take(events=[a, b], ledger=rounds(NOW + HOUR, api="uu"), now=NOW + HOUR)) == first
    changed = keys(take(events=[replace(a, title="Other errors"), b]))
    assert {path for path in first if changed[path] != first[path]} == {"incidents.json", "incidents/2026-11.json"}


def test_the_latest_change_when_an_older_month_does() -> None:
    old = [resolved(f"old-{i:02}", NOW - i * DAY, NOW - i * DAY + HOUR) for i in range(1, 60)]
    assert keys(take(events=old))["incidents.json"] != keys(take(events=old[:-1]))["incidents.json"]
