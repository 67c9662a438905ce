"""Service levels for programs: every field is the snapshot's, and CSV holds nothing a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from typing import Any

import pytest

from statusgen.periods import iso
from statusgen.promises import Support
from statusgen.render import api_v1, sla

from ..test_reports import CORRECTIONS, EVENTS, SITE, told

MADE = told()
NUMBER = re.compile(r"-?\d+(\.\d+)?")


def document() -> Any:
    return json.loads(api_v1.sla(MADE))


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def test_every_field_of_a_period_is_the_snapshots() -> None:
    assert [each["id"] for each in document()["objectives"]] == [view.objective.id for view in MADE.objectives]
    for told_, view in zip(document()["objectives"], MADE.objectives, strict=True):
        assert len(told_["periods"]) == len(view.accounts) > 0
        for period, account in zip(told_["periods"], view.accounts, strict=True):
            tally = account.tally
            assert period == {
                "period": account.name,
                "start": iso(account.start),
                "end": iso(account.end),
                "is_open": account.is_open,
                "window_seconds": tally.window,
                "known_seconds": tally.known,
                "major_seconds": tally.major,
                "partial_seconds": tally.partial,
                "degraded_seconds": tally.degraded,
                "excluded_seconds": tally.excluded,
                "short_seconds": account.short,
                "availability": account.attained,
                "coverage": account.coverage,
                "is_met": account.is_met,
                "allowed_ms": account.allowed_ms,
                "used_ms": account.used_ms,
                "remaining_ms": account.allowed_ms - account.used_ms,
                "credit": account.credit,
                "corrections": list(account.corrections),
            }
        assert told_["burn"] == {burn.window: burn.rate for burn in view.burn}
        assert told_["budget_ends_at"] == (None if view.ends is None else iso(view.ends))


def test_what_was_declared_is_told_with_it() -> None:
    month, quarter, days, _ = document()["objectives"]
    assert {key: month[key] for key in list(month)[:11]} == {
        "id": "api-month",
        "kind": "sla",
        "name": "api-month",
        "components": ["api"],
        "group": None,
        "target": "99.9",
        "period": "month",
        "zone": "Europe/Berlin",
        "from": None,
        "service_credits": [{"below": "99.9", "credit": "10"}],
        "exclusions": {
            "maintenance": "exclude",
            "announced_seconds": 0,
            "cap_seconds": None,
            "least_outage_seconds": 0,
        },
    }
    assert month["weights"] == {"major_outage": 1_000, "partial_outage": 500, "degraded_performance": 0}
    assert (quarter["components"], quarter["period"], days["period"]) == (["api", "desk"], "quarter", "last 28 days")


def test_responses_incidents_standards_and_corrections_are_told() -> None:
    found = document()
    assert list(found) == ["generated_at", "objectives", "standards", "responses", "incidents", "corrections"]
    assert [each["severity"] for each in found["standards"]] == ["sev1", "sev2", "sev3"]
    assert [each["incidents"] for each in found["responses"]] == [list(row.slugs) for row in MADE.answered]
    by_slug = {event.slug: event.response for event in MADE.events}
    assert [each["slug"] for each in found["incidents"]] == ["edge", "unranked", "oct"]  # and no draft
    for each in found["incidents"]:
        response = by_slug[each["slug"]]
        assert response is not None
        assert each["detected_at"] == iso(response.detected)
        assert each["seconds_to_resolve"] == response.to_resolve
        assert each["is_answered_in_time"] == response.is_answered_in_time
    assert found["corrections"] == [
        {
            "id": "2026-10-10-api",
            "components": ["api"],
            "from": "2026-10-10T10:00:00Z",
            "to": "2026-10-10T10:30:00Z",
            "set": "operational",
            "reason": "The prober was wrong.",
            "link": None,
        }
    ]


def test_a_period_of_which_nothing_is_known_has_null_and_never_100() -> None:
    periods = document()["objectives"][0]["periods"]
    unknown = [each for each in periods if not each["known_seconds"]]
    assert len(unknown) > 3
    for each in unknown:
        assert (each["availability"], each["is_met"], each["credit"], each["used_ms"]) == (None, None, None, 0)


def test_a_number_that_a_correction_touches_names_it_and_no_other_does() -> None:
    touched = [
        (view["id"], each["period"])
        for view in document()["objectives"]
        for each in view["periods"]
        if each["corrections"]
    ]
    assert touched == [
        ("api-month", "2026-10"),
        ("both-quarter", "2026-Q4"),
        ("api-28d", "28d to the end of 2026-10"),
    ]


# CSV


def test_there_is_a_table_an_objective_and_two_of_support_where_it_is_published() -> None:
    tables = [f"sla/{id}.csv" for id in ("api-month", "both-quarter", "api-28d", "desk-year")]
    assert list(sla.tables(MADE)) == [*tables, "support/responses.csv", "support/incidents.csv"]
    assert list(sla.tables(told(replace(SITE, support=Support())))) == tables
    assert sla.tables(told(replace(SITE, support=Support(), objectives=()))) == {}


def test_csv_has_the_names_and_values_of_json() -> None:
    tables, found = sla.tables(MADE), document()
    known = {f"sla/{each['id']}.csv": each["periods"] for each in found["objectives"]}
    known |= {"support/responses.csv": found["responses"], "support/incidents.csv": found["incidents"]}
    for path, content in tables.items():
        assert [list(row) for row in rows(content)] == [list(each) for each in known[path]], path
        for row, each in zip(rows(content), known[path], strict=True):
            assert list(row.values()) == [_written(value) for value in each.values()]


def _written(value: object) -> str:
    if isinstance(value, list):
        return " ".join(value)
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def test_csv_is_that_of_rfc_4180() -> None:
    for content in sla.tables(MADE).values():
        assert content.endswith(b"\r\n")
        assert content.count(b"\n") == content.count(b"\r") == content.count(b"\r\n")
        lines = list(csv.reader(io.StringIO(content.decode(), newline=""), strict=True))
        assert len({len(line) for line in lines}) == 1
    assert sla.table([{"a": 'say "x", y', "b": "1\n2"}]) == b'a,b\r\n"say ""x"", y","1\n2"\r\n'
    assert sla.table([]) == b""


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", '<script>"</script>'])
def test_no_cell_can_be_taken_for_a_formula_whatever_people_write(text: str) -> None:
    parts = tuple(replace(each, name=text, description=text) for each in SITE.components)
    promised = tuple(replace(each, name=text, group=text) for each in SITE.objectives)
    events = tuple(replace(each, title=text) for each in EVENTS)
    corrections = tuple(replace(each, reason=text) for each in CORRECTIONS)
    made = told(replace(SITE, name=text, components=parts, objectives=promised), events, corrections)
    for content in sla.tables(made).values():
        for line in csv.reader(io.StringIO(content.decode(), newline="")):
            assert not [cell for cell in line if cell[:1] in ("=", "+", "-", "@", "\t") and not NUMBER.fullmatch(cell)]
