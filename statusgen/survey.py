"""A component's numbers: state, windows, days, outages, latencies. One function a kind of number, all pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

from statusgen import availability, budget, days, periods, response, status
from statusgen.availability import Tally, Timeline
from statusgen.budget import Span
from statusgen.histogram import merged
from statusgen.latency import histograms, latencies, percentiles, percentiles_of
from statusgen.model import Component, Correction, Event, History, Probing, Site, State
from statusgen.promises import Objective, Policy
from statusgen.reasons import sentence
from statusgen.verdict import Measured, measure, vote
from statusgen.views import (
    BAR_DAYS,
    LATENCY_WINDOWS,
    CheckNow,
    ComponentView,
    Day,
    GroupView,
    LatencyRow,
    ObjectiveView,
    Outage,
    Window,
)

WINDOWS = {name: int(name.removesuffix("h").removesuffix("d")) * unit for name, unit in (
    ("24h", periods.HOUR), ("7d", periods.DAY), ("30d", periods.DAY), ("90d", periods.DAY), ("365d", periods.DAY)
)}  # fmt: skip
OUTAGES_SHOWN = 20
EVENTS_SHOWN = 15

Histories = Mapping[str, History]  # by location


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What all components are surveyed in: the site, what was seen, the instant, and the periods that are told of."""

    site: Site
    seen: Histories
    now: int
    months: tuple[str, ...] = ()
    promised: tuple[tuple[Objective, tuple[Span, ...]], ...] = ()


def survey(
    frame: Frame, component: Component, events: tuple[Event, ...], corrections: tuple[Correction, ...]
) -> ComponentView:
    """Return a component with all its numbers. ``events`` and ``corrections`` are those that name it."""
    site, seen, now = frame.site, frame.seen, frame.now
    checks = {check.id: _measured(check.id, seen, site.probing, now + 1) for check in component.checks}
    latest = sorted(events, key=lambda event: (-status.begin_of(event, now), event.slug))
    line = availability.timeline(component, checks, events, site.policy, now + 1, corrections)
    account = _Windows(line, component, site.policy, corrections)
    return ComponentView(
        component=component,
        state=line.state_at(now),
        since=line.since(now),
        days=tuple(_days(line, component, site.policy, now)),
        windows=tuple(account.window(name, now - span, now) for name, span in WINDOWS.items()),
        months=tuple(account.month(name, now) for name in frame.months),
        outages=tuple(_outages(line, component, seen, now)),
        latency=tuple(_latency(component, seen, now)),
        checks=tuple(_checks_now(component, seen, now)),
        events=tuple(event.slug for event in latest[:EVENTS_SHOWN]),
        older_events=max(0, len(latest) - EVENTS_SHOWN),
        corrections=corrections,
        detections=response.detections(component.id, line, events, now),
        reckonings={
            objective.id: budget.reckon(objective, component, line, events, spans, now)
            for objective, spans in frame.promised
            if component.id in objective.components
        },
    )


def _measured(check: str, seen: Histories, probing: Probing, until: int) -> Measured:
    by_location = {
        location: measured
        for location, history in seen.items()
        if (measured := measure(history.days, check, probing, until)).known
    }
    return vote(by_location, probing.locations)


@dataclass(frozen=True, slots=True)
class _Windows:
    """Makes a component's windows: any stretch of time, and what its seconds come to."""

    line: Timeline
    component: Component
    policy: Policy
    corrections: tuple[Correction, ...]

    def window(self, name: str, start: int, end: int) -> Window:
        counted = availability.tally(self.line, self.component, start, end)
        return Window(
            name=name,
            start=max(start, self.component.since or start),
            end=end,
            tally=counted,
            availability=counted.availability(self.policy),
            coverage=counted.coverage,
            corrections=tuple(each.slug for each in self.corrections if each.start < end and start < each.end),
        )

    def month(self, name: str, now: int) -> Window:
        start, end = periods.month_span(name)
        return self.window(name, start, min(end, now))


def _days(line: Timeline, component: Component, policy: Policy, now: int) -> Iterable[Day]:
    starts = periods.days_until(now, BAR_DAYS)
    for start, counted in zip(starts, availability.tallies_by_day(line, component, starts, now), strict=True):
        state = _state_of_day(counted)
        percentage = counted.availability(policy)
        is_corrected = bool(line.corrected.clip(start, start + periods.DAY))
        text = _sentence_of_day(start, state, counted, percentage) + (", corrected" if is_corrected else "")
        yield Day(
            start=start, state=state, tally=counted, availability=percentage, sentence=text, is_corrected=is_corrected
        )


def _state_of_day(counted: Tally) -> State:
    lengths = (
        (State.MAJOR, counted.major),
        (State.PARTIAL, counted.partial),
        (State.DEGRADED, counted.degraded),
        (State.MAINTENANCE, counted.maintenance),
        (State.OPERATIONAL, counted.known),
    )
    return next((state for state, seconds in lengths if seconds), State.UNKNOWN)


def _sentence_of_day(start: int, state: State, counted: Tally, percentage: str | None) -> str:
    parts = [state.word.lower()]
    if counted.down:
        parts.append(f"{periods.duration(counted.down, up=True)} down")
    if counted.degraded:
        parts.append(f"{periods.duration(counted.degraded, up=True)} degraded")
    if counted.maintenance:
        parts.append(f"{periods.duration(counted.maintenance)} of maintenance")
    if percentage is not None:
        parts.append(f"{percentage} %")
    return f"{periods.date(start)}: {', '.join(parts)}"


def _outages(line: Timeline, component: Component, seen: Histories, now: int) -> Iterable[Outage]:
    """Yield the latest outages, newest first."""
    down = line.trouble[State.MAJOR] | line.trouble[State.PARTIAL]
    for start, end in reversed(down.spans[-OUTAGES_SHOWN:]):
        whole = bool(line.trouble[State.MAJOR].clip(start, end))
        yield Outage(
            start=start,
            end=None if end > now else end,
            seconds=min(end, now) - start,
            state=State.MAJOR if whole else State.PARTIAL,
            reason=_reason(component, seen, start, end),
        )


def _reason(component: Component, seen: Histories, start: int, end: int) -> str:
    """Return what the first failing sample of an outage said, as a sentence; empty if no probe saw it."""
    failing = [
        failure
        for history in seen.values()
        for check in component.checks
        if (failure := days.first_failure(history.days, check.id, start, end))
    ]
    return sentence(min(failing, key=lambda failure: failure[0])[1]) if failing else ""


def _latency(component: Component, seen: Histories, now: int) -> Iterable[LatencyRow]:
    """Yield the percentiles of each check: of single answers over 24 hours, of whole UTC days over more."""
    for check in component.checks:
        recent = chain.from_iterable(history.recent.get(check.id, ()) for history in seen.values())
        windows = [percentiles(latencies(recent, now - periods.DAY, now + 1))]
        firsts = [periods.days_until(now, WINDOWS[name] // periods.DAY)[0] for name in LATENCY_WINDOWS[1:]]
        counted = [days.since(history.days, min(firsts)) for history in seen.values()]
        by_day = list(histograms(chain.from_iterable(counted), check.id))
        windows += [percentiles_of(merged(each for start, each in by_day if start >= first)) for first in firsts]
        if any(windows):
            yield LatencyRow(check=check.id, windows=tuple(windows))


def _checks_now(component: Component, seen: Histories, now: int) -> Iterable[CheckNow]:
    """Yield each check's latest answer, whatever location it came from; how fast it was is news for a day."""
    for check in component.checks:
        answers = (days.latest(history, check.id) for history in seen.values())
        latest = max((sample for sample in answers if sample), key=lambda sample: sample.at, default=None)
        if latest is not None and latest.verdict is not None:
            yield CheckNow(
                check=check.id,
                at=latest.at,
                verdict=latest.verdict,
                latency=latest.latency if latest.at >= now - periods.DAY else None,
                sentence=sentence(latest.reason),
            )


def groups(site: Site, views: Mapping[str, ComponentView]) -> Iterable[GroupView]:
    """Yield the groups in their order, those without one last."""
    for name in (*site.groups, ""):
        members = tuple(views[c.id] for c in site.components if c.group == name)
        if members:
            counted = sum((view.bars.tally for view in members), Tally())
            yield GroupView(
                name=name,
                state=status.worst([view.state for view in members]),
                components=members,
                availability=counted.availability(site.policy),
            )


def objective(
    frame: Frame, promised: Objective, spans: tuple[Span, ...], views: Mapping[str, ComponentView]
) -> ObjectiveView:
    """Return how an objective stands, from what was reckoned of its components."""
    members = [views[component] for component in promised.components]
    reckonings = [view.reckonings[promised.id] for view in members]
    corrections = {each.slug: each for view in members for each in view.corrections}
    told = [(each.slug, each.start, each.end) for each in corrections.values()]
    accounts = tuple(budget.accounts(promised, spans, reckonings, told, frame.now))
    is_present = bool(accounts) and accounts[0].is_open
    return ObjectiveView(
        objective=promised,
        accounts=accounts,
        burn=budget.burns(promised, reckonings),
        ends=budget.ends(promised, accounts[0], reckonings, frame.now) if is_present else None,
    )
