"""How fast incidents were answered, told from their files: first response, updates, end (docs/numbers.md, 15 and 16).

Times to answer and between updates run in the hours that the severity's standard names. What is not written down is
not known here: this measures what the incident files tell, not tickets.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from statusgen import calendars, status
from statusgen.availability import Timeline, percent
from statusgen.calendars import ALWAYS, Hours
from statusgen.intervals import EMPTY, Intervals
from statusgen.model import Event, Incident, Phase
from statusgen.periods import DAY
from statusgen.promises import Severity, Standard, Support

_STEP = 14 * DAY  # looked at together
_FAR = 20 * 366 * DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An incident's instants, and seconds between them. None is what has not come yet, or what no probe has ``seen``.

    ``to_acknowledge`` and ``silence``, the longest between two updates and, while it is open, since the last one, count
    the hours of the standard only. The judgements are None without a severity, and where nothing is promised.
    """

    seen: int | None
    detected: int
    acknowledged: int | None
    mitigated: int | None
    resolved: int | None
    to_acknowledge: int | None
    to_resolve: int | None
    silence: int
    is_answered_in_time: bool | None
    is_told_in_time: bool | None


def detections(component: str, line: Timeline, events: Iterable[Event], until: int) -> dict[str, int]:
    """Return for each incident of a component the first failing sample of the confirmed trouble it is about, if any.

    That is trouble in the time of the incident, from where it began; time that an earlier incident covers is that
    one's. One of what was measured covers nothing: it adds to no number, nor takes from any.
    """
    found: dict[str, int] = {}
    covered = EMPTY
    incidents = (event for event in events if isinstance(event, Incident) and component in status.affected(event))
    for incident in sorted(incidents, key=lambda each: (each.started, each.slug)):
        end = status.end_of(incident, until) or until
        spans = (line.confirmed - covered).spans
        if first := next((start for start, stop in spans if stop > incident.started and start < end), None):
            found[incident.slug] = first
        if not incident.measured:
            covered |= Intervals([(incident.started, end)])
    return found


def respond(incident: Incident, seen: int | None, support: Support, now: int) -> Response:
    """Return how an incident was answered. ``seen`` is when probes first saw it, None if they did not (rule 15)."""
    standard = support.standard(incident.severity) if support.is_published and incident.severity else None
    hours = standard.hours if standard else ALWAYS
    told = [update.at for update in incident.updates if update.at <= now]
    acknowledged = _known(incident.acknowledged, now) or (told[0] if told else None)
    detected = _detected(incident, seen, acknowledged)
    monitored = [u.at for u in incident.updates if u.at <= now and u.phase in (Phase.MONITORING, Phase.RESOLVED)]
    resolved = status.end_of(incident, now)
    waited = None if acknowledged is None else seconds_in(hours, detected, acknowledged)
    spoken = [at for at in told if resolved is None or at <= resolved] + ([now] if resolved is None else [])
    silence = max((seconds_in(hours, earlier, later) for earlier, later in pairwise(spoken)), default=0)
    return Response(
        seen=seen,
        detected=detected,
        acknowledged=acknowledged,
        mitigated=monitored[0] if monitored else None,
        resolved=resolved,
        to_acknowledge=waited,
        to_resolve=None if resolved is None else max(0, resolved - incident.started),
        silence=silence,
        is_answered_in_time=None if standard is None or waited is None else waited <= standard.respond,
        is_told_in_time=None if standard is None else silence <= standard.update,
    )


def _detected(incident: Incident, seen: int | None, acknowledged: int | None) -> int:
    """Return when an incident was detected; what was answered before probes saw it, when it began."""
    if incident.detected is not None:
        return incident.detected
    if seen is None or (acknowledged is not None and acknowledged < seen):
        return incident.started
    return seen


def _known(instant: int | None, now: int) -> int | None:
    return instant if instant is not None and instant <= now else None


def seconds_in(hours: Hours, start: int, end: int) -> int:
    """Return the seconds of ``[start, end)`` in which somebody is there; 0 if it ends before it starts."""
    return calendars.open_seconds(hours, start, end) if start < end else 0


def after(hours: Hours, start: int, seconds: int) -> int | None:
    """Return the instant at which somebody has been there for so many seconds since ``start``, the first if several.

    None where that takes longer than ``_FAR``, which only hours do in which hardly ever somebody is there.
    """
    if seconds <= 0:
        return start
    begin, length = start, seconds
    while begin < start + _FAR:
        there = calendars.open_between(hours, begin, begin + length)
        if there.seconds >= seconds:
            return there.first(seconds).spans[-1][1]
        seconds -= there.seconds
        begin, length = begin + length, max(length, _STEP)
    return None


def due(incident: Incident, support: Support, now: int) -> int | None:
    """Return by when the next update of an open incident is promised, as told by ``now``; it may lie in the past.

    That is what the last update says itself, else so long after it as the severity's standard says, in its hours; an
    update in the same second is in time. None where nothing is promised: of a draft, and where the update says nothing,
    without a severity or published support.
    """
    told = [update for update in incident.updates if update.at <= now]
    if incident.draft or not told or not status.is_open(incident, now):
        return None
    if told[-1].next is not None:
        return told[-1].next
    if incident.severity is None or not support.is_published:
        return None
    standard = support.standard(incident.severity)
    return after(standard.hours, told[-1].at, standard.update)


# Months


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A severity's incidents of a month, by when they were detected, and how many were answered as promised.

    Mean times are in seconds, rounded up; None where nothing has come to that yet. ``slugs`` are the incidents behind
    the numbers.
    """

    month: str
    severity: Severity
    slugs: tuple[str, ...]
    answered_in_time: int
    told_in_time: int
    attainment: str | None
    to_acknowledge: int | None
    to_resolve: int | None


def months(
    support: Support, told: Iterable[tuple[str, Severity | None, Response]], first: int, now: int
) -> list[Answered]:
    """Return each month and severity in which there was an incident, the newest first; nothing without a promise."""
    if not support.is_published:
        return []
    by_row: dict[tuple[str, Severity], list[tuple[str, Response]]] = {}
    for slug, severity, response in told:
        if severity is not None:
            month = calendars.period_name(support.zone, 1, response.detected)
            by_row.setdefault((month, severity), []).append((slug, response))
    names = calendars.periods_between(support.zone, 1, first, now)
    rows = ((month, standard) for month in names for standard in support.standards)
    return [
        _answered(month, standard, by_row[month, standard.severity])
        for month, standard in rows
        if (month, standard.severity) in by_row
    ]


def _answered(month: str, standard: Standard, of: Sequence[tuple[str, Response]]) -> Answered:
    responses = [response for _, response in of]
    in_time = sum(1 for response in responses if response.is_answered_in_time)
    return Answered(
        month=month,
        severity=standard.severity,
        slugs=tuple(slug for slug, _ in of),
        answered_in_time=in_time,
        told_in_time=sum(1 for response in responses if response.is_told_in_time),
        attainment=percent(in_time, len(of)),
        to_acknowledge=_mean([r.to_acknowledge for r in responses if r.to_acknowledge is not None]),
        to_resolve=_mean([r.to_resolve for r in responses if r.to_resolve is not None]),
    )


def _mean(seconds: Sequence[int]) -> int | None:
    return -(-sum(seconds) // len(seconds)) if seconds else None
