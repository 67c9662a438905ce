"""A report as text for a terminal, Markdown for a mail, CSV for a spreadsheet or JSON for a program."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from statusgen import periods
from statusgen.budget import Account
from statusgen.promises import Objective
from statusgen.render import sla
from statusgen.render.notation import Row
from statusgen.reports import Report
from statusgen.views import EventView, Window

Cells = Sequence[str]

_NOTHING = "—"


def as_json(report: Report) -> str:
    """Return everything the report tells, with the fields of ``api/v1/sla.json``."""
    document = {
        "period": report.period,
        "is_open": report.is_open,
        "components": [_component(id_, window) for id_, window in report.components],
        "objectives": [_objective(*each) for each in report.objectives],
        "responses": [sla.answered(row) for row in report.answered],
        "incidents": [sla.incident(event) for event in report.incidents],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def as_csv(report: Report) -> str:
    """Return a row a component, then a row an account; a column that a row has no word for stays empty."""
    rows = [
        *({"kind": "component", **_component(id_, window)} for id_, window in report.components),
        *(_objective(*each) for each in report.objectives),
    ]
    columns = dict.fromkeys(key for row in reversed(rows) for key in row)
    return sla.table([{key: row.get(key) for key in columns} for row in rows]).decode()


def _component(id_: str, window: Window) -> Row:
    return {
        "id": id_,
        "period": window.name,
        "start": periods.iso(window.start),
        "end": periods.iso(window.end),
        **sla.seconds(window.tally),
        "availability": window.availability,
        "coverage": window.coverage,
        "corrections": list(window.corrections),
    }


def _objective(objective: Objective, account: Account) -> Row:
    head = {"kind": objective.kind.value, "id": objective.id, "target": objective.target.text}
    return {**head, **sla.account(account)}


def as_text(report: Report) -> str:
    """Return tables with aligned columns."""
    return _tables(report, _aligned, lambda heading: f"{heading}\n")


def as_markdown(report: Report) -> str:
    """Return tables in Markdown."""
    return _tables(report, _piped, lambda heading: f"## {heading.replace('<', '&lt;')}\n")


FORMATS: dict[str, Callable[[Report], str]] = {"text": as_text, "json": as_json, "csv": as_csv, "md": as_markdown}


def _tables(report: Report, table: Callable[[Sequence[Cells]], str], heading: Callable[[str], str]) -> str:
    so_far = ", so far" if report.is_open else ""
    parts = [heading(f"{report.site}: {periods.period_name(report.period)}{so_far}")]
    parts.append(table([_COMPONENT_HEAD, *(_component_cells(id_, window) for id_, window in report.components)]))
    if report.objectives:
        parts += [heading("Service levels"), table([_ACCOUNT_HEAD, *(_account_cells(*e) for e in report.objectives)])]
    if report.incidents:
        parts += [heading("Response times"), table([_INCIDENT_HEAD, *map(_incident_cells, report.incidents)])]
    corrected = sorted({slug for _, window in report.components for slug in window.corrections})
    if corrected:
        parts.append(f"Touched by corrections: {', '.join(corrected)}\n")
    return "\n".join(parts)


_COMPONENT_HEAD = ("component", "availability", "down", "degraded", "maintenance", "observed")
_ACCOUNT_HEAD = ("service level", "period", "target", "attained", "kept", "used", "allowed", "credit", "observed")
_INCIDENT_HEAD = ("incident", "severity", "detected", "first response", "in time", "longest silence", "end")


def _component_cells(id_: str, window: Window) -> Cells:
    tally = window.tally
    return (
        id_,
        _percent(window.availability),
        periods.duration(tally.down, up=True),
        periods.duration(tally.degraded, up=True),
        periods.duration(tally.maintenance),
        _percent(window.coverage),
    )


def _account_cells(objective: Objective, account: Account) -> Cells:
    return (
        f"{objective.id} ({objective.kind})",
        account.name,
        f"{objective.target.text} %",
        _percent(account.attained),
        _judged(account.is_met) + (", so far" if account.is_open and account.is_met is not None else ""),
        periods.budget(account.used_ms, up=True),
        periods.budget(account.allowed_ms),
        _percent(account.credit) if account.credit else "–",
        _percent(account.coverage),
    )


def _incident_cells(event: EventView) -> Cells:
    response = event.response
    assert response is not None
    return (
        event.slug,
        event.severity.value if event.severity else "–",
        periods.iso(response.detected),
        _lasted(response.to_acknowledge),
        _judged(response.is_answered_in_time),
        _lasted(response.silence),
        _lasted(response.to_resolve),
    )


def _percent(text: str | None) -> str:
    return _NOTHING if text is None else f"{text} %"


def _judged(value: bool | None) -> str:
    return _NOTHING if value is None else "yes" if value else "no"


def _lasted(seconds: int | None) -> str:
    return _NOTHING if seconds is None else periods.duration(seconds, up=True)


def _aligned(rows: Sequence[Cells]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)
    return "".join(f"{line}\n" for line in lines)


def _piped(rows: Sequence[Cells]) -> str:
    lines = [rows[0], ["---"] * len(rows[0]), *rows[1:]]
    return "".join(f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |\n" for cells in lines)
