"""The Status API v2: every field that Statuspage's own documents have, and eight documents that tell one story."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from statusgen.model import Event, Impact, Incident, Phase, Postmortem, Site, State
from statusgen.periods import iso
from statusgen.promises import Severity
from statusgen.render import api_v2, placing
from statusgen.render.output import Output
from statusgen.views import Snapshot

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
from .published import rendered

PAGE = {"id", "name", "url", "time_zone", "updated_at"}
COMPONENT = {
    *("id", "name", "status", "created_at", "updated_at", "position", "description", "showcase", "start_date"),
    *("group_id", "page_id", "group", "only_show_if_degraded"),
}
INCIDENT = {
    *("id", "name", "status", "created_at", "updated_at", "monitoring_at", "resolved_at", "impact", "shortlink"),
    *("started_at", "page_id", "incident_updates", "components", "reminder_intervals"),
}
MAINTENANCE = {*INCIDENT, "scheduled_for", "scheduled_until"}
UPDATE = {
    *("id", "status", "body", "incident_id", "created_at", "updated_at", "display_at", "affected_components"),
    *("deliver_notifications", "custom_tweet", "tweet_id"),
}
AFFECTED = {"code", "name", "old_status", "new_status"}
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
STATES = {"operational", "degraded_performance", "partial_outage", "major_outage", "under_maintenance"}
DOCUMENTS = [
    *("summary", "status", "components", "incidents", "incidents/unresolved", "scheduled-maintenances"),
    *("scheduled-maintenances/upcoming", "scheduled-maintenances/active"),
]

SITE = site(component("api", group="Core"), component("web", group="Core"), component("mail"))
TOLD = incident(
    "2026-11-25-api",
    update(NOW - 3 * HOUR, Phase.INVESTIGATING, "A *fifth* of requests fails.\n\n- in Europe\n- in Asia"),
    update(NOW - 2 * HOUR, Phase.IDENTIFIED, "See [the cause](https://example.org/x).", web=State.DEGRADED),
    update(NOW - HOUR, Phase.MONITORING, "It goes down.", api=State.PARTIAL),
    title="Errors",
    api=State.MAJOR,
)
LEARNT = replace(
    resolved("2026-11-01-web", NOW - 24 * DAY, NOW - 24 * DAY + HOUR, title="Slow pages", web=State.DEGRADED),
    postmortem=Postmortem(path="x", title="Why", text="We learnt.", at=NOW - 20 * DAY + 5),
)
AHEAD = maintenance("upgrade", NOW + DAY, NOW + DAY + HOUR, update(NOW - DAY, Phase.SCHEDULED, "We upgrade."))
ON = maintenance("patch", NOW - MINUTE, NOW + HOUR)
OFF = maintenance(
    "move", NOW + DAY, NOW + 2 * DAY, update(NOW - DAY, Phase.SCHEDULED), update(NOW, Phase.CANCELLED, "Not now.")
)
EVENTS: tuple[Event, ...] = (TOLD, LEARNT, AHEAD, ON, OFF)
OVER_IT = resolved("over", NOW - 3 * DAY, NOW - 2 * DAY)
MANY = tuple(resolved(f"i{i:02}", NOW - (i + 1) * DAY, NOW - (i + 1) * DAY + HOUR) for i in range(60))
OLDEST = incident("oldest", update(NOW - 90 * DAY, Phase.INVESTIGATING), api=State.DEGRADED)


def documents(made: Snapshot) -> dict[str, Any]:
    """Return the documents by name, each as a program reads it."""
    return {
        path.removeprefix("api/v2/").removesuffix(".json"): json.loads(file.make())
        for path, file in outputs(made).items()
    }


def outputs(made: Snapshot) -> dict[str, Output]:
    texts = rendered(made)

    def placed(text: str, root: str, home: str, prefix: str) -> str:
        return placing.place(texts[text].html, root, home, prefix)

    return api_v2.files(made, placed, {event.slug: event.slug for event in made.events})


def snapshot(events: Iterable[Event] = EVENTS, of: Site = SITE, now: int = NOW, **answers: str) -> Snapshot:
    return take(of, events, rounds(**(answers or {"api": "uu", "web": "uu", "mail": "uu"})), now)


CASES = {
    "nothing": take(replace(SITE, components=(), groups=()), ()),
    "quiet": snapshot(()),
    "eventful": snapshot(),
    "down": snapshot((), api="dddd", web="dddd", mail="dddd"),
    "many": snapshot((*MANY, OLDEST)),
}


@pytest.fixture(params=CASES.values(), ids=CASES.keys())
def made(request: pytest.FixtureRequest) -> Snapshot:
    return request.param  # type: ignore[no-any-return]


def every(name: str, document: Any) -> Iterator[dict[str, Any]]:
    """Yield every object that stands under a key, at any depth."""
    if isinstance(document, dict):
        for key, value in document.items():
            if key == name:
                yield from (value if isinstance(value, list) else [value])
            yield from every(name, value)
    elif isinstance(document, list):
        for value in document:
            yield from every(name, value)


# What clients read


def test_there_are_the_eight_documents_and_each_begins_with_the_page(made: Snapshot) -> None:
    found = documents(made)
    assert sorted(found) == sorted(DOCUMENTS)
    assert {name: list(document) for name, document in found.items()} == {
        "summary": ["page", "components", "incidents", "scheduled_maintenances", "status"],
        "status": ["page", "status"],
        "components": ["page", "components"],
        "incidents": ["page", "incidents"],
        "incidents/unresolved": ["page", "incidents"],
        "scheduled-maintenances": ["page", "scheduled_maintenances"],
        "scheduled-maintenances/upcoming": ["page", "scheduled_maintenances"],
        "scheduled-maintenances/active": ["page", "scheduled_maintenances"],
    }
    assert all(document["page"] == found["summary"]["page"] for document in found.values())


def test_every_object_has_every_field_and_no_other(made: Snapshot) -> None:
    for document in documents(made).values():
        assert set(document["page"]) == PAGE
        for row in every("components", document):
            if isinstance(row, dict):
                assert set(row) == (COMPONENT | {"components"} if row["group"] else COMPONENT)
        assert all(set(each) == INCIDENT for each in every("incidents", document))
        assert all(set(each) == MAINTENANCE for each in every("scheduled_maintenances", document))
        assert all(set(each) == UPDATE for each in every("incident_updates", document))
        assert all(set(each) == AFFECTED for each in every("affected_components", document) if each)


def test_words_and_instants_are_those_of_the_api(made: Snapshot) -> None:
    for document in documents(made).values():
        told = json.dumps(document)
        assert not re.findall(r'_at": "(?!\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z")', told)
        for row in every("components", document):
            assert isinstance(row, str) or row["status"] in STATES
        for each in every("incidents", document):
            assert each["status"] in {"investigating", "identified", "monitoring", "resolved", "postmortem"}
            assert each["impact"] in {"none", "minor", "major", "critical"}
        for each in every("scheduled_maintenances", document):
            assert each["status"] in {"scheduled", "in_progress", "verifying", "completed"}
            assert each["impact"] == "maintenance"
            assert INSTANT.fullmatch(each["scheduled_for"])
            assert INSTANT.fullmatch(each["scheduled_until"])


def test_documents_tell_one_story(made: Snapshot) -> None:
    found = documents(made)
    summary = found["summary"]
    assert summary["status"] == found["status"]["status"]
    assert summary["components"] == found["components"]["components"]
    assert summary["incidents"] == found["incidents/unresolved"]["incidents"]
    ahead = found["scheduled-maintenances/upcoming"]["scheduled_maintenances"]
    active = found["scheduled-maintenances/active"]["scheduled_maintenances"]
    assert sorted(each["id"] for each in summary["scheduled_maintenances"]) == sorted(
        each["id"] for each in (*ahead, *active)
    )
    assert all(each in found["incidents"]["incidents"] for each in summary["incidents"])
    assert all(each in found["scheduled-maintenances"]["scheduled_maintenances"] for each in (*ahead, *active))
    assert {each["status"] for each in ahead} <= {"scheduled"}
    assert {each["status"] for each in active} <= {"in_progress", "verifying"}
    assert {each["status"] for each in summary["incidents"]} <= {"investigating", "identified", "monitoring"}


def test_a_component_within_an_incident_is_that_of_the_list(made: Snapshot) -> None:
    found = documents(made)
    listed = {row["id"]: row for row in found["components"]["components"]}
    for document in found.values():
        for event in (*every("incidents", document), *every("scheduled_maintenances", document)):
            assert all(row == listed[row["id"]] for row in event["components"])


def test_no_document_holds_more_than_fifty_and_what_is_open_never_falls_out() -> None:
    found = documents(CASES["many"])
    assert len(found["incidents"]["incidents"]) == 50
    assert found["incidents"]["incidents"][-1]["id"] == "oldest"
    assert [each["id"] for each in found["incidents/unresolved"]["incidents"]] == ["oldest"]


def test_what_is_open_or_ahead_is_there_however_much_there_is() -> None:
    crowd = [maintenance(f"m{i:02}", NOW + (i + 1) * HOUR, NOW + (i + 2) * HOUR) for i in range(60)]
    made = documents(snapshot([*crowd, ON, maintenance("past", NOW - DAY, NOW - HOUR)]))
    assert len(made["summary"]["scheduled_maintenances"]) == 61
    assert [each["id"] for each in made["scheduled-maintenances/active"]["scheduled_maintenances"]] == ["patch"]
    assert "past" not in {each["id"] for each in made["scheduled-maintenances"]["scheduled_maintenances"]}


def test_a_document_has_another_key_whenever_it_says_something_else() -> None:
    renamed = site(component("api", group="CORE"), component("web", group="CORE"), component("mail"))
    before, after = outputs(snapshot()), outputs(snapshot(of=renamed))
    assert [path for path in before if before[path].make() != after[path].make()]
    assert not [
        path for path in before if before[path].key == after[path].key and before[path].make() != after[path].make()
    ]


# Components and groups


def test_a_group_is_a_row_before_its_components_with_their_worst_status() -> None:
    rows = documents(snapshot((), api="uu", web="dddd", mail="uu"))["components"]["components"]
    assert [(row["id"], row["group"], row["status"], row["group_id"], row["position"]) for row in rows] == [
        ("group_core", True, "major_outage", None, 1),
        ("api", False, "operational", "group_core", 1),
        ("web", False, "major_outage", "group_core", 2),
        ("mail", False, "operational", None, 2),
    ]
    assert rows[0]["components"] == ["api", "web"]


def test_a_groups_id_is_never_a_components() -> None:
    crowd = site(component("api", group="Core"), component("group-core"), component("group-core-2", group="core"))
    star = site(component("api", group="★"), component("group"))
    assert [row["id"] for row in documents(take(star))["components"]["components"]] == ["group_", "api", "group"]
    rows = documents(take(crowd))["components"]["components"]
    assert len({row["id"] for row in rows}) == len(rows) == 5


def test_what_nothing_is_known_of_reads_operational_and_says_so() -> None:
    rows = documents(take(SITE))["components"]["components"]
    assert [(row["status"], row["description"]) for row in rows if not row["group"]] == [
        ("operational", "No data: nothing is known of its state.")
    ] * 3
    assert documents(take(SITE))["status"]["status"] == {"indicator": "none", "description": "Status Unknown"}


def test_a_component_tells_since_when_it_counts_and_is_as_it_is() -> None:
    since = NOW - 10 * DAY
    (row,) = documents(take(site(unchecked("api", since))))["components"]["components"]
    assert (row["created_at"], row["start_date"]) == (iso(since).replace("Z", ".000Z"), iso(since)[:10])
    assert (row["description"], row["showcase"], row["page_id"]) == (None, False, "example")


# Incidents


def found(document: str, slug: str, of: Snapshot | None = None) -> dict[str, Any]:
    told = documents(of or CASES["eventful"])[document]
    return next(each for each in told.get("incidents", told.get("scheduled_maintenances")) if each["id"] == slug)


def test_updates_come_newest_first_with_old_and_new_states() -> None:
    updates = found("incidents", "2026-11-25-api")["incident_updates"]
    assert [each["status"] for each in updates] == ["monitoring", "identified", "investigating"]
    assert [
        [(each["code"], each["name"], each["old_status"], each["new_status"]) for each in told["affected_components"]]
        for told in updates
    ] == [
        [
            ("api", "Core - Api", "major_outage", "partial_outage"),
            ("web", "Core - Web", "degraded_performance", "degraded_performance"),
        ],
        [
            ("api", "Core - Api", "major_outage", "major_outage"),
            ("web", "Core - Web", "operational", "degraded_performance"),
        ],
        [("api", "Core - Api", "operational", "major_outage")],
    ]


def test_bodies_are_plain_text() -> None:
    updates = found("incidents", "2026-11-25-api")["incident_updates"]
    assert [each["body"] for each in updates] == [
        "It goes down.",
        "See the cause (https://example.org/x).",
        "A fifth of requests fails.\n\n- in Europe\n- in Asia",
    ]


def test_an_incident_tells_when_it_began_was_watched_and_ended() -> None:
    told = found("incidents", "2026-11-25-api")
    assert (told["created_at"], told["monitoring_at"], told["resolved_at"]) == (
        "2026-11-25T09:00:00.000Z",
        "2026-11-25T11:00:00.000Z",
        None,
    )
    assert (told["status"], told["impact"]) == ("monitoring", "critical")
    assert told["shortlink"] == "https://status.example.org/incidents/2026-11-25-api/"


def test_a_post_mortem_is_the_last_update_and_the_status() -> None:
    told = found("incidents", "2026-11-01-web")
    assert (told["status"], told["impact"]) == ("postmortem", "minor")
    assert [each["status"] for each in told["incident_updates"]] == ["postmortem", "resolved", "investigating"]
    assert told["incident_updates"][0]["body"] == "We learnt."
    assert told["updated_at"] == told["incident_updates"][0]["created_at"]
    assert told["resolved_at"] == told["incident_updates"][1]["created_at"]


def test_an_incident_that_is_open_again_is_unresolved_whatever_was_learnt_before() -> None:
    again = replace(LEARNT, updates=(*LEARNT.updates, update(NOW - HOUR, Phase.INVESTIGATING, web=State.PARTIAL)))
    told = found("incidents/unresolved", "2026-11-01-web", snapshot([again]))
    assert told["status"] == "investigating"
    assert [each["status"] for each in told["incident_updates"]][:2] == ["investigating", "postmortem"]
    (affected,) = told["incident_updates"][1]["affected_components"]
    assert affected["new_status"] == "operational"  # as it was when it was published


def test_ids_of_updates_are_unique_and_hang_on_nothing_that_changes() -> None:
    ids = [each["id"] for each in every("incident_updates", documents(CASES["eventful"])["incidents"])]
    assert len(ids) == len(set(ids))
    assert ids[0] == "2026-11-25-api-20261125T1100Z"


@pytest.mark.parametrize(
    ("severity", "impact"), [(Severity.SEV1, "critical"), (Severity.SEV2, "major"), (Severity.SEV3, "minor")]
)
def test_without_components_the_severity_tells_the_impact(severity: Severity, impact: str) -> None:
    told = replace(incident("a", update(NOW, Phase.INVESTIGATING)), severity=severity)
    assert found("incidents", "a", snapshot([told]))["impact"] == impact


def test_drafts_are_left_out() -> None:
    draft = replace(TOLD, draft=True)
    assert documents(snapshot([draft]))["incidents"]["incidents"] == []


# Maintenance


def test_a_maintenance_that_nobody_wrote_of_has_an_update_all_the_same() -> None:
    told = found("scheduled-maintenances/active", "patch")
    assert told["status"] == "in_progress"
    assert [(each["status"], each["body"], each["created_at"]) for each in told["incident_updates"]] == [
        ("in_progress", "The scheduled maintenance has begun.", told["scheduled_for"])
    ]
    ahead = snapshot([OVER_IT, replace(ON, start=NOW + HOUR, end=NOW + 2 * HOUR)])
    (update_,) = found("scheduled-maintenances/upcoming", "patch", ahead)["incident_updates"]
    assert (update_["status"], update_["body"]) == ("scheduled", "Upgrade")
    assert update_["created_at"] == iso(NOW - 3 * DAY).replace(
        "Z", ".000Z"
    )  # the first instant known, not the window's


@pytest.mark.parametrize(
    ("now", "status", "at"),
    [
        (AHEAD.start - 1, "scheduled", NOW - DAY),
        (AHEAD.start, "in_progress", AHEAD.start),
        (AHEAD.end, "completed", AHEAD.end),
    ],
)
def test_what_begins_and_ends_by_the_clock_has_an_update_that_says_so(now: int, status: str, at: int) -> None:
    told = found("scheduled-maintenances", "upgrade", snapshot([AHEAD], now=now))
    newest = told["incident_updates"][0]
    assert (told["status"], newest["status"]) == (status, status)
    assert told["updated_at"] == newest["created_at"] == iso(at).replace("Z", ".000Z")
    assert told["incident_updates"][-1]["body"] == "We upgrade."


def test_a_cancelled_maintenance_reads_completed_with_a_note() -> None:
    told = found("scheduled-maintenances", "move")
    assert told["status"] == "completed"
    assert told["incident_updates"][0]["body"] == "This maintenance was cancelled.\n\nNot now."


def test_a_plan_changes_no_state_yet() -> None:
    (told,) = found("scheduled-maintenances/upcoming", "upgrade")["incident_updates"][0]["affected_components"]
    assert (told["old_status"], told["new_status"]) == ("operational", "operational")


# The rollup

ONE = site(component("api"))


@pytest.mark.parametrize(
    ("answers", "events", "expected"),
    [
        ("uuuu", (), ("none", "All Systems Operational")),
        ("gggg", (), ("minor", "Partially Degraded Service")),
        ("dddd", (), ("critical", "Major System Outage")),
        ("uuuu", (ON,), ("maintenance", "Service Under Maintenance")),
        (
            "uuuu",
            (incident("a", update(NOW, Phase.INVESTIGATING), api=State.PARTIAL),),
            ("major", "Partial System Outage"),
        ),
        ("uuuu", (incident("a", update(NOW, Phase.INVESTIGATING)),), ("minor", "Minor Service Outage")),
    ],
)
def test_a_page_of_one_component_has_the_sentence_of_its_state(
    answers: str, events: tuple[Event, ...], expected: tuple[str, str]
) -> None:
    status = documents(take(ONE, events, rounds(api=answers)))["status"]["status"]
    assert (status["indicator"], status["description"]) == expected


def test_a_page_without_components_is_operational_unless_an_incident_is_open() -> None:
    nothing = replace(SITE, components=(), groups=())
    open_one = replace(incident("a", update(NOW, Phase.INVESTIGATING)), severity=None)
    assert documents(take(nothing))["status"]["status"]["description"] == "All Systems Operational"
    assert documents(take(nothing, [open_one]))["status"]["status"] == {
        "indicator": "minor",
        "description": "Minor Service Outage",
    }


def test_an_outage_is_critical_only_where_nothing_is_left_untouched() -> None:
    some, whole = snapshot((), api="dddd", web="uu", mail="uu"), CASES["down"]
    assert documents(some)["status"]["status"] == {"indicator": "major", "description": "Partial System Outage"}
    assert documents(whole)["status"]["status"] == {"indicator": "critical", "description": "Major System Outage"}
    assert (some.impact, whole.impact) == (Impact.MAJOR, Impact.CRITICAL)


def test_the_page_is_as_new_as_its_newest_change_whatever_the_clock_says() -> None:
    told: Incident = resolved("a", NOW - 3 * DAY, NOW - 2 * DAY)
    pages = [documents(take(ONE, [told], now=now))["status"]["page"] for now in (NOW, NOW + HOUR)]
    assert pages[0] == pages[1]
    assert pages[0]["updated_at"] == iso(NOW - 2 * DAY).replace("Z", ".000Z")
