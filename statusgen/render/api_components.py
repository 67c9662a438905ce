"""Components for programs: how they are, their days, their response times, their outages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain, pairwise
from operator import attrgetter

from statusgen import periods
from statusgen.digests import digest
from statusgen.latency import Latency, Point
from statusgen.model import Details, State, verdict_word
from statusgen.render import notation
from statusgen.render.notation import Row, iso
from statusgen.render.output import Output
from statusgen.views import (
    LATENCY_WINDOWS,
    CheckNow,
    ComponentView,
    Day,
    Failure,
    GroupView,
    LatencyRow,
    Outage,
    Snapshot,
)

Points = list[tuple[int, int, int, int, int]]  # start, count, and the percentiles; only where there was an answer
Series = list[tuple[str, Points, Points]]  # check, hours, days

_SECONDS = attrgetter("window", "known", "major", "partial", "degraded", "maintenance", "excluded")
_OUTAGE = attrgetter("start", "end", "seconds", "state", "reason", "started_after", "ended_after")


def files(snapshot: Snapshot) -> dict[str, bytes | Output]:
    """Return the documents by their path below that of all."""
    made: dict[str, bytes | Output] = {"components.json": components(snapshot), "outages.json": outages(snapshot)}
    policy = digest(snapshot.policy)
    for view in snapshot.components:
        made[f"components/{view.component.id}/days.json"] = days(view, policy)
        made[f"components/{view.component.id}/latency.json"] = latency(view)
    return made


# The present


def components(snapshot: Snapshot) -> bytes:
    """Return how everything is right now."""
    return notation.document(
        {
            "generated_at": periods.iso(snapshot.now),
            "last_round_at": iso(snapshot.checked),
            "state": snapshot.banner.state.value,
            "impact": snapshot.impact.value,
            "response_ms": snapshot.response_ms,
            "groups": [_group(group) for group in snapshot.groups if group.name],
            "components": [_component(snapshot, view) for view in snapshot.components],
        }
    )


def _group(group: GroupView) -> Row:
    return {
        "id": group.id,
        "name": group.name,
        "state": group.state.value,
        "availability": group.availability,
        "components": [view.component.id for view in group.components],
    }


def _component(snapshot: Snapshot, view: ComponentView) -> Row:
    of = view.component
    rows = {row.check: row for row in view.latency}
    return {
        "id": of.id,
        "name": of.name,
        "group": of.group or None,
        "description": of.description or None,
        "link": of.link or None,
        "url": f"{snapshot.site.url}/components/{of.id}/",
        "state": view.state.value,
        "since": iso(view.since),
        "counts_from": iso(of.since),
        "response_ms": view.response_ms,
        "checks": [_check(check, rows.get(check.check)) for check in view.checks],
        "documents": {name: f"components/{of.id}/{name}.json" for name in ("days", "latency")},
    }


def _check(check: CheckNow, row: LatencyRow | None) -> Row:
    windows = row.windows if row else (None,) * len(LATENCY_WINDOWS)
    return {
        "id": check.check,
        "verdict": verdict_word(check.verdict),
        "at": periods.iso(check.at),
        "latency_ms": check.latency,
        "reason": check.reason or None,
        "last_failure": _failure(check.failure) if check.failure else None,
        "phases": _phases(check.details) if check.details else None,
        "certificate_end": iso(check.details.certificate_end) if check.details else None,
        "latency": {name: _latency(each) for name, each in zip(LATENCY_WINDOWS, windows, strict=True)},
    }


def _failure(failure: Failure) -> Row:
    return {"at": periods.iso(failure.at), "reason": failure.reason or None}


def _phases(details: Details) -> Row:
    return {
        "dns_ms": details.dns,
        "connect_ms": details.connect,
        "tls_ms": details.tls,
        "first_byte_ms": details.first_byte,
        "transfer_ms": details.transfer,
    }


def _latency(told: Latency | None) -> Row | None:
    return _percentiles(told.count, told.p50, told.p95, told.p99) if told else None


def _percentiles(count: int, p50: int, p95: int, p99: int) -> Row:
    return {"count": count, "p50_ms": p50, "p95_ms": p95, "p99_ms": p99}


# The past


def outages(snapshot: Snapshot) -> Output:
    """Return the outages of all components, newest first. One that lasts has no seconds yet."""
    told = [(view.component.id, outage) for view in snapshot.components for outage in view.outages]
    told.sort(key=lambda each: -each[1].start)
    key = digest("outages", [(id_, _steady(outage)) for id_, outage in told])
    return Output(key, lambda: notation.document({"outages": [_outage(id_, outage) for id_, outage in told]}))


def _steady(outage: Outage) -> tuple[object, ...]:
    """Return what an outage tells, without what grows by itself while it lasts."""
    told: tuple[object, ...] = _OUTAGE(outage)
    return told if outage.end is not None else (told[0], *told[3:])


def _outage(component: str, outage: Outage) -> Row:
    return {
        "component": component,
        "start": periods.iso(outage.start),
        "end": iso(outage.end),
        "seconds": None if outage.end is None else outage.seconds,
        "state": outage.state.value,
        "reason": outage.reason or None,
        "started_after": iso(outage.started_after),
        "ended_after": iso(outage.ended_after),
    }


def days(view: ComponentView, policy: str) -> Output:
    """Return the UTC days of the last year that are over. ``policy`` stands for how seconds become percentages."""
    over = view.days[:-1]
    key = digest("days", view.component.id, policy, list(_turns(over)))
    return Output(key, partial(_days, view.component.id, over))


def _turns(over: Sequence[Day]) -> Iterator[tuple[object, ...]]:
    """Yield the first day, and those that are not like the one before: most are, and share its tally."""
    turns = (
        day
        for before, day in pairwise(over)
        if day.tally is not before.tally or day.events != before.events or day.is_corrected is not before.is_corrected
    )
    for day in (*over[:1], *turns):
        yield day.start, _SECONDS(day.tally), day.events, day.is_corrected


def _days(component: str, over: Sequence[Day]) -> bytes:
    told = [_day(day) for day in over if day.state is not State.UNKNOWN or day.events]
    return notation.document({"component": component, "days": told})


def _day(day: Day) -> Row:
    return {
        "date": periods.iso_day(day.start),
        "state": day.state.value,
        **notation.seconds(day.tally),
        "availability": day.availability,
        "is_corrected": day.is_corrected,
        "events": list(day.events),
    }


def latency(view: ComponentView) -> Output:
    """Return each check's response times by the hour and by the day, of those that are over."""
    told: Series = [
        (row.check, _points(row.series.recent[:-1]), _points(row.series.daily[:-1])) for row in view.latency
    ]
    flat = [(check, *chain.from_iterable(hours), "", *chain.from_iterable(by_day)) for check, hours, by_day in told]
    return Output(digest("latency", view.component.id, flat), partial(_series, view.component.id, told))


def _points(over: Sequence[Point]) -> Points:
    return [(each.start, told.count, told.p50, told.p95, told.p99) for each in over if (told := each.latency)]


def _series(component: str, told: Series) -> bytes:
    checks = [{"id": check, "hours": _rows(hours), "days": _rows(by_day)} for check, hours, by_day in told]
    return notation.document({"component": component, "checks": checks})


def _rows(points: Points) -> list[Row]:
    return [{"start": periods.iso(start), **_percentiles(*percentiles)} for start, *percentiles in points]
