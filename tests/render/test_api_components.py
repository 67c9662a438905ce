"""Components for programs: how they are now, and a past that does not change with every round."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from statusgen.model import Details, Phase, Round, Sample, State, Verdict
from statusgen.render import api_components
from statusgen.render.output import Output
from statusgen.views import Snapshot

from ..literals import (
    DAY,
    HOUR,
    INTERVAL,
    MINUTE,
    NOW,
    TODAY,
    component,
    incident,
    resolved,
    rounds,
    site,
    take,
    unchecked,
    update,
)


def read(made: Snapshot, path: str) -> Any:
    file = api_components.files(made)[path]
    return json.loads(file.make() if isinstance(file, Output) else file)


def key(made: Snapshot, path: str) -> str:
    file = api_components.files(made)[path]
    assert isinstance(file, Output)
    assert file.key
    return file.key


def only(made: Snapshot) -> Any:
    (found,) = read(made, "components.json")["components"]
    return found


def test_a_component_has_its_state_its_checks_and_where_more_is() -> None:
    made = only(take(ledger=rounds(api="uudd")))
    (check,) = made.pop("checks")
    assert made == {
        "id": "api",
        "name": "Api",
        "group": None,
        "description": None,
        "link": None,
        "url": "https://status.example.org/components/api/",
        "state": "major_outage",
        "since": "2026-11-25T11:55:00Z",
        "counts_from": None,
        "response_ms": 100,
        "documents": {"days": "components/api/days.json", "latency": "components/api/latency.json"},
    }
    assert {name: check[name] for name in ("id", "verdict", "at", "latency_ms", "reason", "last_failure")} == {
        "id": "api",
        "verdict": "down",
        "at": "2026-11-25T12:00:00Z",
        "latency_ms": None,
        "reason": "timeout",
        "last_failure": {"at": "2026-11-25T12:00:00Z", "reason": "timeout"},
    }
    assert check["latency"]["24h"] == {"count": 2, "p50_ms": 100, "p95_ms": 100, "p99_ms": 100}


def test_details_tell_where_the_time_went() -> None:
    details = Details(dns=4, connect=21, certificate_end=NOW + 90 * DAY)
    answer = Sample(NOW, Verdict.UP, 30)
    (check,) = only(take(ledger=[Round(at=NOW, answers=(("api", answer),), details=(("api", details),))]))["checks"]
    phases = {"dns_ms": 4, "connect_ms": 21, "tls_ms": None, "first_byte_ms": None, "transfer_ms": None}
    assert (check["phases"], check["certificate_end"]) == (phases, "2027-02-23T12:00:00Z")


def test_groups_name_their_components() -> None:
    made = take(site(component("api", group="All"), unchecked("desk")), ledger=rounds(api="uu"))
    (group,) = read(made, "components.json")["groups"]
    assert (group["name"], group["state"], group["components"]) == ("All", "operational", ["api"])


def test_a_day_that_is_over_is_told_in_seconds() -> None:
    seen = rounds(api="u" * 200 + "ddd" + "u" * 150)  # the outage is of yesterday
    (day,) = read(take(ledger=seen), "components/api/days.json")["days"]
    assert (day["date"], day["state"], day["major_seconds"]) == ("2026-11-24", "major_outage", 3 * INTERVAL)
    assert day["known_seconds"] < day["window_seconds"] == DAY
    assert day["is_corrected"] is False


def test_days_of_which_nothing_is_known_are_left_out_but_not_what_went_on_then() -> None:
    assert read(take(), "components/api/days.json")["days"] == []
    named = incident("a", update(NOW - 3 * DAY, Phase.INVESTIGATING), update(NOW - 2 * DAY, Phase.RESOLVED))
    told = replace(named, components=(("api", State.OPERATIONAL),))
    days = read(take(events=[told]), "components/api/days.json")["days"]
    assert {day["date"]: day["events"] for day in days} == {"2026-11-22": ["a"], "2026-11-23": ["a"]}


def test_days_change_with_the_day_and_with_what_is_said_of_them_and_not_with_a_round() -> None:
    path, seen = "components/api/days.json", rounds(api="u" * 300)
    first = key(take(ledger=seen), path)
    later = take(ledger=(*seen, *rounds(NOW + INTERVAL, api="d")), now=NOW + INTERVAL)
    assert key(later, path) == first
    assert key(take(ledger=seen, now=TODAY + DAY), path) != first
    assert key(take(events=[resolved("a", TODAY - HOUR, TODAY, api=State.PARTIAL)], ledger=seen), path) != first
    assert key(take(events=[resolved("a", TODAY - HOUR, TODAY, api=State.OPERATIONAL)], ledger=seen), path) != first


def test_the_key_of_days_stands_for_what_they_are() -> None:
    ledgers = ["u" * 300, "u" * 100 + "ddd" + "u" * 197, "u" * 90 + "dddd" + "u" * 206, "g" * 300, "-" * 10 + "u" * 290]
    made = [take(ledger=rounds(api=each)) for each in ledgers]
    keys = {key(each, "components/api/days.json") for each in made}
    files = {json.dumps(read(each, "components/api/days.json")) for each in made}
    assert len(keys) == len(files) == len(ledgers)


def test_a_quiet_day_with_an_event_or_a_correction_is_another_one() -> None:
    view = take().components[0]
    day = view.days[100]
    others = (day, day._replace(events=("a",)), day._replace(is_corrected=True))
    made = [
        api_components.days(replace(view, days=(*view.days[:100], other, *view.days[101:])), "") for other in others
    ]
    assert len({each.key for each in made}) == 3
    assert [len(json.loads(each.make())["days"]) for each in made] == [0, 1, 0]


def test_hours_and_days_of_response_times_are_those_that_are_over() -> None:
    seen = rounds(NOW + 10 * MINUTE, api="u" * 300)
    (check,) = read(take(ledger=seen, now=NOW + 10 * MINUTE), "components/api/latency.json")["checks"]
    assert check["id"] == "api"
    assert [point["start"] for point in check["days"]] == ["2026-11-24T00:00:00Z"]
    assert [point["start"] for point in check["hours"]][-1] == "2026-11-25T11:00:00Z"
    assert check["hours"][-1] == {
        "start": "2026-11-25T11:00:00Z",
        "count": 12,
        "p50_ms": 100,
        "p95_ms": 100,
        "p99_ms": 100,
    }


def test_response_times_change_with_the_hour_and_not_with_a_round() -> None:
    path, seen = "components/api/latency.json", rounds(NOW + HOUR, api="u" * 300)
    first = key(take(ledger=seen, now=NOW), path)
    assert key(take(ledger=seen, now=NOW + HOUR - 1), path) == first
    assert key(take(ledger=seen, now=NOW + HOUR), path) != first
    slower = tuple(replace(each, answers=(("api", Sample(each.at, Verdict.UP, 101)),)) for each in seen)
    assert key(take(ledger=slower, now=NOW), path) != first


def test_outages_of_all_components_come_newest_first_with_what_bounds_them() -> None:
    made = take(site(component("api"), component("web")), ledger=rounds(api="uudduuu", web="uuuuudd"))
    first, second = read(made, "outages.json")["outages"]
    assert first == {
        "component": "web",
        "start": "2026-11-25T11:55:00Z",
        "end": None,
        "seconds": None,
        "state": "major_outage",
        "reason": "timeout",
        "started_after": "2026-11-25T11:50:00Z",
        "ended_after": None,
    }
    assert (second["component"], second["seconds"]) == ("api", 2 * INTERVAL)
    assert second["ended_after"] == "2026-11-25T11:45:00Z"


def test_outages_change_when_one_begins_or_ends_and_not_while_it_lasts() -> None:
    seen = rounds(NOW + 4 * INTERVAL, api="uuudddduu")
    keys = [key(take(ledger=seen, now=NOW + i * INTERVAL), "outages.json") for i in range(-1, 5)]
    assert keys[1] == keys[2]
    assert len(set(keys)) == 3
