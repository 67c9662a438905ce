"""The program's own JSON: ``/api/v1/`` and ``/build.json``. ``docs/api.md`` and ``openapi.json`` describe it.

A document of the present has ``generated_at`` and changes with every round. All others get a key that stands for what
they tell, so that they are made, and change, only when that does.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from statusgen import periods
from statusgen.cadence import Cadence, Pace
from statusgen.digests import digest
from statusgen.render import api_components, api_incidents, api_samples, notation
from statusgen.render import sla as levels
from statusgen.render.api_samples import SampleDay
from statusgen.render.output import Output
from statusgen.views import ComponentView, Snapshot, Window

FOLDER = "api/v1/"
DOCUMENTS = {  # as seen from the index
    "openapi": "openapi.json",
    "components": "components.json",
    "availability": "availability.json",
    "outages": "outages.json",
    "incidents": "incidents.json",
    "sla": "sla.json",
    "samples": "samples.json",
    "monitor": "monitor.json",
    "status": "../../status.json",
    "build": "../../build.json",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What is published beside the snapshot: the description of all documents, as JSON, and days of samples."""

    openapi: str = ""
    samples: tuple[SampleDay, ...] = ()


NOTHING = Beside()


def files(snapshot: Snapshot, told: Mapping[str, str], beside: Beside) -> dict[str, bytes | Output]:
    """Return the documents by path. ``told`` stands for each event by its slug."""
    made: dict[str, bytes | Output] = {
        "index.json": index(snapshot),
        "availability.json": availability(snapshot),
        "sla.json": sla(snapshot),
        "monitor.json": monitor(snapshot),
        **api_components.files(snapshot),
        **api_incidents.files(snapshot, told),
        **api_samples.files(snapshot, beside.samples),
    }
    if beside.openapi:
        made["openapi.json"] = _openapi(snapshot.site.url, beside.openapi)
    return {f"{FOLDER}{path}": file for path, file in made.items()}


def index(snapshot: Snapshot) -> bytes:
    """Return where the documents are, as seen from this one."""
    return notation.document({"name": snapshot.site.name, "url": snapshot.site.url, "documents": DOCUMENTS})


def _openapi(url: str, text: str) -> Output:
    """Return the description of the documents, saying where they are served."""

    def make() -> bytes:
        described = json.loads(text) | {"servers": [{"url": url}]}
        return notation.indented(described)

    return Output(digest("openapi", url, text), make)


def availability(snapshot: Snapshot) -> bytes:
    """Return the states and windows of the page and of every component.

    Percentages are text, cut, null where nothing is known.
    """
    return notation.document(
        {
            "generated_at": periods.iso(snapshot.now),
            "components": {view.component.id: _component(view) for view in snapshot.components},
            "state": snapshot.banner.state.value,
            "windows": _windows(snapshot.windows),
        }
    )


def _component(view: ComponentView) -> notation.Row:
    return {"state": view.state.value, "windows": _windows(view.windows)}


def _windows(windows: Sequence[Window]) -> notation.Row:
    return {window.name: _window(window) for window in windows}


def _window(window: Window) -> notation.Row:
    return {
        **notation.seconds(window.tally),
        "availability": window.availability,
        "coverage": window.coverage,
        "corrections": list(window.corrections),
    }


def uptime(snapshot: Snapshot, months: Sequence[str]) -> bytes:
    """Return every component's months as CSV, of those named."""
    rows: list[notation.Row] = [
        {"component": view.component.id, "month": window.name, **_window(window)}
        for view in snapshot.components
        for window in reversed(view.months)
        if window.name in months and window.tally.window
    ]
    return levels.table(rows)


def sla(snapshot: Snapshot) -> bytes:
    """Return every objective with its periods, how incidents were answered, and the corrections."""
    return notation.document(levels.document(snapshot))


def monitor(snapshot: Snapshot) -> bytes:
    """Return how often each location looked, and what the site says about how often it should."""
    probing = snapshot.site.probing
    return notation.document(
        {
            "generated_at": periods.iso(snapshot.now),
            "last_round_at": notation.iso(snapshot.checked),
            "stale_after_seconds": snapshot.stale_after,
            "interval_seconds": probing.interval,
            "intervals": {check.id: check.interval for check in snapshot.site.checks if check.interval},
            "confirm": probing.confirm,
            "recover": probing.recover,
            "voters": list(probing.locations),
            "locations": [_cadence(each) for each in snapshot.cadences],
        }
    )


def _cadence(cadence: Cadence) -> notation.Row:
    return {
        "location": cadence.location,
        "last_round_at": notation.iso(cadence.last),
        "windows": {pace.name: _pace(pace) for pace in cadence.paces},
    }


def _pace(pace: Pace) -> notation.Row:
    return {
        "window_seconds": pace.end - pace.start,
        "watched_seconds": pace.watched,
        "coverage": pace.coverage,
        "rounds": pace.rounds,
        "failed_rounds": pace.failed,
        "median_gap_seconds": pace.median,
        "p95_gap_seconds": pace.p95,
        "longest_gap_seconds": pace.longest,
    }


def build(snapshot: Snapshot) -> bytes:
    """Return what the site was made from, so that anybody can make it again."""
    made = snapshot.provenance
    return notation.document(
        {
            "generated_at": periods.iso(snapshot.now),
            "last_round_at": notation.iso(snapshot.checked),
            "statusgen": made.version,
            "url": snapshot.site.url,
            "site": snapshot.site.id,
            "commit": made.commit or None,
            "uncommitted": list(made.uncommitted),
            "drafts": made.drafts,
            "data": dict(made.branches),
            "samples": dict(made.samples),
            "left_out": [{"path": e.path, "line": max(e.line, 1), "message": e.message} for e in made.left_out],
        }
    )
