"""Service levels for programs: ``/api/v1/sla.json`` and the CSV files beside the tables (RFC 4180).

``docs/api.md`` describes them. CSV holds ids, instants and numbers only, nothing that a spreadsheet could take for a
formula.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from statusgen import periods
from statusgen.availability import Tally
from statusgen.budget import Account
from statusgen.model import Correction
from statusgen.promises import Objective, Standard
from statusgen.render.notation import Row, iso
from statusgen.response import Answered, Response
from statusgen.views import EventView, ObjectiveView, Snapshot


def document(snapshot: Snapshot) -> Row:
    """Return every objective with its periods, how incidents were answered, and the corrections."""
    support = snapshot.site.support
    return {
        "generated_at": periods.iso(snapshot.now),
        "objectives": [_objective(view) for view in snapshot.objectives],
        "standards": [_standard(standard) for standard in support.standards] if support.is_published else [],
        "responses": [answered(row) for row in snapshot.answered],
        "incidents": [incident(event) for event in snapshot.incidents],
        "corrections": [_correction(each) for each in snapshot.corrections],
    }


def _objective(view: ObjectiveView) -> Row:
    return {
        **_promise(view.objective),
        "periods": [account(each) for each in view.accounts],
        "burn": {burn.window: burn.rate for burn in view.burn},
        "budget_ends_at": iso(view.ends),
    }


def _promise(objective: Objective) -> Row:
    policy = objective.policy
    return {
        "id": objective.id,
        "kind": objective.kind.value,
        "name": objective.name,
        "components": list(objective.components),
        "group": objective.group or None,
        "target": objective.target.text,
        "period": objective.period.word,
        "zone": objective.zone,
        "from": iso(objective.begins),
        "service_credits": [{"below": each.below.text, "credit": each.percent} for each in objective.credits],
        "exclusions": {
            "maintenance": policy.maintenance.value,
            "announced_seconds": policy.announced,
            "cap_seconds": policy.cap,
            "least_outage_seconds": policy.least_outage,
        },
        "weights": {
            "major_outage": policy.major,
            "partial_outage": policy.partial,
            "degraded_performance": policy.degraded,
        },
    }


def account(of: Account) -> Row:
    """Return a period's account: seconds, budget in milliseconds, percentages as text."""
    return {
        "period": of.name,
        "start": periods.iso(of.start),
        "end": periods.iso(of.end),
        "is_open": of.is_open,
        **seconds(of.tally),
        "short_seconds": of.short,
        "availability": of.attained,
        "coverage": of.coverage,
        "is_met": of.is_met,
        "allowed_ms": of.allowed_ms,
        "used_ms": of.used_ms,
        "remaining_ms": of.remaining_ms,
        "credit": of.credit,
        "corrections": list(of.corrections),
    }


def seconds(tally: Tally) -> Row:
    """Return the seconds that an availability is made of, by what they were."""
    return {
        "window_seconds": tally.window,
        "known_seconds": tally.known,
        "major_seconds": tally.major,
        "partial_seconds": tally.partial,
        "degraded_seconds": tally.degraded,
        "excluded_seconds": tally.excluded,
    }


def _standard(standard: Standard) -> Row:
    return {
        "severity": standard.severity.value,
        "definition": standard.definition,
        "respond_seconds": standard.respond,
        "update_seconds": standard.update,
        "hours": standard.hours.id,
        "postmortem_seconds": standard.postmortem,
    }


def answered(row: Answered) -> Row:
    """Return how a severity's incidents of a month were answered."""
    return {
        "month": row.month,
        "severity": row.severity.value,
        "incidents": list(row.slugs),
        "answered_in_time": row.answered_in_time,
        "told_in_time": row.told_in_time,
        "attainment": row.attainment,
        "mean_seconds_to_acknowledge": row.to_acknowledge,
        "mean_seconds_to_resolve": row.to_resolve,
    }


def incident(event: EventView) -> Row:
    """Return an incident's instants and the seconds between them."""
    response = event.response
    assert response is not None
    return {"slug": event.slug, "severity": event.severity.value if event.severity else None, **answer(response)}


def answer(response: Response) -> Row:
    """Return how an incident was answered."""
    return {
        "first_failing_at": iso(response.seen),
        "detected_at": periods.iso(response.detected),
        "acknowledged_at": iso(response.acknowledged),
        "mitigated_at": iso(response.mitigated),
        "resolved_at": iso(response.resolved),
        "seconds_to_acknowledge": response.to_acknowledge,
        "seconds_to_resolve": response.to_resolve,
        "longest_silence_seconds": response.silence,
        "is_answered_in_time": response.is_answered_in_time,
        "is_told_in_time": response.is_told_in_time,
    }


def _correction(correction: Correction) -> Row:
    return {
        "id": correction.slug,
        "components": list(correction.components),
        "from": periods.iso(correction.start),
        "to": periods.iso(correction.end),
        "set": correction.state.value,
        "reason": correction.reason,
        "link": correction.link or None,
    }


# CSV


def tables(snapshot: Snapshot) -> dict[str, bytes]:
    """Return the CSV files by path: a table an objective, one of responses by month, one of incidents."""
    made = {
        f"sla/{view.objective.id}.csv": table([account(each) for each in view.accounts]) for view in snapshot.objectives
    }
    if snapshot.site.support.is_published:
        made["support/responses.csv"] = table([answered(row) for row in snapshot.answered])
        made["support/incidents.csv"] = table([incident(event) for event in snapshot.incidents])
    return made


def table(rows: Sequence[Row]) -> bytes:
    """Write rows with the same keys as CSV, a list as words; nothing for no rows."""
    text = io.StringIO()
    if rows:
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\r\n")
        writer.writeheader()
        writer.writerows({key: _cell(value) for key, value in row.items()} for row in rows)
    return text.getvalue().encode()


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return " ".join(map(str, value)) if isinstance(value, list) else value
