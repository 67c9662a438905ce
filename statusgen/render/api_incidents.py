"""Incidents and maintenance for programs: the latest, and all of them by month. Drafts are left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import groupby

from statusgen import periods
from statusgen.digests import digest
from statusgen.render import notation, sla
from statusgen.render.notation import Row, iso
from statusgen.render.output import Output
from statusgen.views import EventView, Snapshot, UpdateView

LATEST = 50

Months = list[tuple[str, list[EventView]]]


def files(snapshot: Snapshot, told: Mapping[str, str]) -> dict[str, Output]:
    """Return the documents by their path below that of all. ``told`` stands for each event by its slug."""
    public = [event for event in snapshot.events if not event.draft]
    months = [(name, list(each)) for name, each in groupby(public, lambda event: periods.month_of(event.start))]
    over = [event.slug for event in public if event.is_over]
    older = frozenset(over[LATEST:])
    latest = [event for event in public if event.slug not in older]
    url = snapshot.site.url

    def key(events: Sequence[EventView], *more: object) -> str:
        return digest("incidents", url, [told[event.slug] for event in events], *more)

    counts = [(name, len(events)) for name, events in months]
    made = {"incidents.json": Output(key(latest, counts), partial(_latest, url, latest, counts))}
    for name, events in months:
        made[f"incidents/{name}.json"] = Output(key(events), partial(_month, url, name, events))
    return made


def _latest(url: str, events: Sequence[EventView], counts: Sequence[tuple[str, int]]) -> bytes:
    months = [{"month": name, "incidents": count, "document": f"incidents/{name}.json"} for name, count in counts]
    return notation.document({"incidents": [_event(url, event) for event in events], "months": months})


def _month(url: str, name: str, events: Sequence[EventView]) -> bytes:
    return notation.document({"month": name, "incidents": [_event(url, event) for event in events]})


def _event(url: str, event: EventView) -> Row:
    learnt = None if event.postmortem and event.postmortem.draft else event.postmortem
    return {
        "slug": event.slug,
        "url": f"{url}/{event.folder}",
        "type": "maintenance" if event.is_maintenance else "incident",
        "title": event.title,
        "phase": notation.phase(event.phase),
        "impact": event.impact.value,
        "severity": event.severity.value if event.severity else None,
        "state": event.state.value,
        "is_open": event.is_open,
        "is_upcoming": event.is_upcoming,
        "is_overdue": event.is_overdue,
        "is_measured": event.measured,
        "is_automatic": event.automatic,
        "series": event.series or None,
        **_instants(event),
        "introduction": event.introduction or None,
        "components": [{"id": id_, "name": name, "state": state.value} for name, state, id_ in event.components],
        "response": sla.answer(event.response) if event.response else None,
        "updates": [_update(update) for update in event.updates],
        "postmortem": {
            "title": learnt.title,
            "at": iso(learnt.at),
            "authors": list(learnt.authors),
            "text": learnt.text,
        }
        if learnt
        else None,
    }


def _instants(event: EventView) -> Row:
    scheduled = event.scheduled or (None, None)
    return {
        "created_at": periods.iso(event.created),
        "updated_at": periods.iso(event.updated),
        "started_at": periods.iso(event.start),
        "ended_at": iso(event.end),
        "seconds": event.seconds,
        "scheduled_start": iso(scheduled[0]),
        "scheduled_end": iso(scheduled[1]),
        "next_update_at": iso(event.due),
    }


def _update(update: UpdateView) -> Row:
    return {
        "id": update.tag,
        "anchor": update.anchor,
        "at": periods.iso(update.at),
        "phase": notation.phase(update.phase),
        "text": update.text,
        "affected": [
            {"id": each.id, "name": each.name, "state": each.state.value, "before": each.before.value}
            for each in update.affected
        ],
        "next_update_at": iso(update.next),
    }
