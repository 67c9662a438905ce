"""A component's outages, each with what was seen of it and how exactly its ends are known.

A probe sees from time to time: what it found down at ``start`` and not at the sample before really broke somewhere
between the two, and what it found well at ``end`` was mended somewhere after the last failing sample before. These are
the bounds ``started_after`` and ``ended_after``.

A bound is told where at that very instant the confirmed trouble of one or more checks begins or ends, and with each of
these checks that of one or more locations, with nothing unknown there since the sample before. Of several locations the
earliest such sample counts; of several checks the earliest at the start, which the first of them made, and the latest
at the end, which the last of them made. Where anything of that is missing the bound is None: the instant was declared
or set right, or comes from a gap or from which locations were known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from statusgen import days, periods
from statusgen.availability import Timeline
from statusgen.intervals import EMPTY, Intervals, union
from statusgen.model import LATENCY_DAYS, Component, History, State
from statusgen.verdict import Measured
from statusgen.views import Breakdown, Outage

OUTAGES_SHOWN = 20
BREAKDOWN_DAYS = 8

_OUTAGE = (State.MAJOR, State.PARTIAL)

Histories = Mapping[str, History]  # by location


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was seen of a check at each location, and what that confirms: at those that know anything, and together."""

    histories: Histories
    by_location: Mapping[str, Measured]
    together: Measured


def outages(line: Timeline, component: Component, checks: Mapping[str, Seen], now: int) -> Iterator[Outage]:
    """Yield the outages of the last ``LATENCY_DAYS``, and the latest before, newest first. ``checks`` are by id."""
    down = line.trouble[State.MAJOR] | line.trouble[State.PARTIAL]
    causes = {check.id: checks[check.id] for check in component.checks if check.down in _OUTAGE}
    recent = down.clip(now - LATENCY_DAYS * periods.DAY, now + 1).spans
    for start, end in reversed(down.spans[-max(OUTAGES_SHOWN, len(recent)) :]):
        whole = bool(line.trouble[State.MAJOR].clip(start, end))
        is_over = end <= now
        yield Outage(
            start=start,
            end=end if is_over else None,
            seconds=min(end, now) - start,
            state=State.MAJOR if whole else State.PARTIAL,
            reason=_reason(checks, start, end),
            started_after=None if start in line.corrected else _bound(causes, start, _begins, min),
            ended_after=None if not is_over or end - 1 in line.corrected else _bound(causes, end, _ends, max),
        )


def breakdowns(line: Timeline, component: Component, checks: Mapping[str, Seen], now: int) -> Iterator[Breakdown]:
    """Yield the outages of the last days that probes confirmed and nobody set right, oldest first."""
    causes = {check.id: check.down for check in component.checks if check.down in _OUTAGE}
    lasting = union(_lasting(checks[check].together, now) for check in causes) - line.corrected
    major = union(checks[check].together.down for check, state in causes.items() if state is State.MAJOR)
    for start, end in lasting.clip(now - BREAKDOWN_DAYS * periods.DAY, now + 1).spans:
        shown = (Intervals([(start, end)]) - line.maintenance).spans
        yield Breakdown(
            start=start,
            end=end if end <= now else None,
            shown=shown[0][0] if shown else None,
            state=State.MAJOR if major.clip(start, end) else State.PARTIAL,
            reason=_reason(checks, start, end),
        )


def _lasting(measured: Measured, now: int) -> Intervals:
    """Return when a check was down, and when nothing was known between two such times, or since the last one."""
    if not measured.down:
        return EMPTY
    unknown = Intervals([(measured.down.spans[0][0], now + 1)]) - measured.known
    stretches = ((end, measured.down.clip(start, end).spans) for start, end in (measured.down | unknown).spans)
    return Intervals((down[0][0], end if end > now else down[-1][1]) for end, down in stretches if down)


def _reason(checks: Mapping[str, Seen], start: int, end: int) -> str:
    """Return what the first failing sample of an outage gave as its reason; empty if no probe saw it."""
    failing = [
        failure
        for check, seen in checks.items()
        for history in seen.histories.values()
        if (failure := days.first_failure(history.days, check, start, end))
    ]
    return min(failing, key=lambda failure: failure[0])[1] if failing else ""


def _begins(measured: Measured, instant: int) -> bool:
    return instant in measured.down and instant - 1 not in measured.down


def _ends(measured: Measured, instant: int) -> bool:
    return instant not in measured.down and instant - 1 in measured.down


def _bound(
    causes: Mapping[str, Seen],
    instant: int,
    turns: Callable[[Measured, int], bool],
    of_checks: Callable[[Iterable[int]], int],
) -> int | None:
    """Return the sample after which an outage really began or ended, ``turns`` at ``instant``; None if none tells."""
    found: list[int | None] = []
    for check, cause in causes.items():
        if turns(cause.together, instant):
            turned = [place for place, measured in cause.by_location.items() if turns(measured, instant)]
            told = [_before(cause.by_location[place], cause.histories[place], check, instant) for place in turned]
            found.append(_unless_missing(told, min))
    return _unless_missing(found, of_checks)


def _before(measured: Measured, history: History, check: str, instant: int) -> int | None:
    """Return a check's sample before the one at ``instant``, None where its location knew nothing in between."""
    span = measured.known.span_at(instant)
    before = days.answered_before(history.days, check, instant)
    return before if span is not None and before is not None and span[0] <= before else None


def _unless_missing(found: Iterable[int | None], of: Callable[[Iterable[int]], int]) -> int | None:
    told = list(found)
    known = [each for each in told if each is not None]
    return of(known) if known and len(known) == len(told) else None
