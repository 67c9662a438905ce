"""The program's own JSON: ``/api/v1/*.json`` and ``/build.json``. ``docs/api.md`` describes them."""

from __future__ import annotations

import json
from collections.abc import Sequence

from statusgen import periods
from statusgen.render import sla as levels
from statusgen.views import ComponentView, Snapshot, Window


def availability(snapshot: Snapshot) -> bytes:
    """Return every component's state and windows. Percentages are text, cut, null where nothing is known."""
    return _document(
        {
            "generated_at": periods.iso(snapshot.now),
            "components": {view.component.id: _component(view) for view in snapshot.components},
        }
    )


def _component(view: ComponentView) -> dict[str, object]:
    return {"state": view.state.value, "windows": {window.name: _window(window) for window in view.windows}}


def _window(window: Window) -> dict[str, object]:
    return {
        "window_seconds": window.tally.window,
        "known_seconds": window.tally.known,
        "down_seconds": window.tally.down,
        "major_seconds": window.tally.major,
        "partial_seconds": window.tally.partial,
        "degraded_seconds": window.tally.degraded,
        "maintenance_seconds": window.tally.maintenance,
        "availability": window.availability,
        "coverage": window.coverage,
        "corrections": list(window.corrections),
    }


def uptime(snapshot: Snapshot, months: Sequence[str]) -> bytes:
    """Return every component's months as CSV, of those named."""
    rows = [
        {"component": view.component.id, "month": window.name, **_window(window)}
        for view in snapshot.components
        for window in reversed(view.months)
        if window.name in months and window.tally.window
    ]
    return levels.table(rows)


def sla(snapshot: Snapshot) -> bytes:
    """Return every objective with its periods, how incidents were answered, and the corrections."""
    return _document(levels.document(snapshot))


def build(snapshot: Snapshot) -> bytes:
    """Return what the site was made from, so that anybody can make it again."""
    made = snapshot.provenance
    return _document(
        {
            "generated_at": periods.iso(snapshot.now),
            "last_round_at": None if snapshot.checked is None else periods.iso(snapshot.checked),
            "statusgen": made.version,
            "url": snapshot.site.url,
            "commit": made.commit or None,
            "uncommitted": list(made.uncommitted),
            "drafts": made.drafts,
            "data": dict(made.branches),
            "left_out": list(made.left_out),
        }
    )


def _document(content: dict[str, object]) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()
