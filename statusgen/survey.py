"""A component's numbers: state, windows, days, outages, latencies. One function a kind of number, all pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count

from statusgen import availability, budget, days, periods, response, shards, status
from statusgen.availability import Tally, Timeline
from statusgen.budget import Span
from statusgen.histogram import merged
from statusgen.latency import (
    CheckSeries,
    histograms,
    latencies,
    percentiles,
    percentiles_of,
    series_of_days,
    series_of_samples,
)
from statusgen.model import Check, Component, Correction, Details, Event, Incident, Maintenance, Probing, Site, State
from statusgen.outages import Histories, Seen, breakdowns, outages
from statusgen.promises import Objective, Policy
from statusgen.verdict import measure, vote
from statusgen.views import (
    EVENTS_OF_DAY,
    FAILURE_DAYS,
    LATENCY_WINDOWS,
    YEAR_DAYS,
    CheckNow,
    ComponentView,
    Day,
    Failure,
    GroupView,
    LatencyRow,
    ObjectiveView,
    Window,
)

WINDOWS = {name: int(name.removesuffix("h").removesuffix("d")) * unit for name, unit in (
    ("24h", periods.HOUR), ("7d", periods.DAY), ("30d", periods.DAY), ("90d", periods.DAY), ("365d", periods.DAY)
)}  # fmt: skip
EVENTS_SHOWN = 15


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
    checks = {check.id: _seen(check, seen, site.probing.of(check), now + 1) for check in component.checks}
    latest = sorted(_without_later(events, now), key=lambda event: (-status.begin_of(event, now), event.slug))
    measured = {check: each.together for check, each in checks.items()}
    line = availability.timeline(component, measured, events, site.policy, now + 1, corrections)
    account = _Windows(line, component, site.policy, corrections)
    return ComponentView(
        component=component,
        state=line.state_at(now),
        since=line.since(now),
        days=tuple(_days(line, component, events, site.policy, now)),
        windows=tuple(account.window(name, now - span, now) for name, span in WINDOWS.items()),
        months=tuple(account.month(name, now) for name in frame.months),
        outages=tuple(outages(line, component, checks, now)),
        latency=tuple(_latency(checks, now)),
        checks=tuple(_checks_now(checks, now)),
        events=tuple(event.slug for event in latest[:EVENTS_SHOWN]),
        older_events=max(0, len(latest) - EVENTS_SHOWN),
        corrections=corrections,
        detections=response.detections(component.id, line, events, now),
        reckonings={
            objective.id: budget.reckon(objective, component, line, events, spans, now)
            for objective, spans in frame.promised
            if component.id in objective.components
        },
        breakdowns=tuple(breakdowns(line, component, checks, now)),
    )


def _without_later(events: Iterable[Event], now: int) -> Iterator[Event]:
    """Yield events, of maintenance that repeats what began and the next occurrence alone."""
    ahead: set[str] = set()
    for event in sorted(events, key=lambda event: event.start if isinstance(event, Maintenance) else event.started):
        if isinstance(event, Maintenance) and event.series and event.start > now:
            if event.series in ahead:
                continue
            ahead.add(event.series)
        yield event


def _seen(check: Check, seen: Histories, probing: Probing, until: int) -> Seen:
    histories = {location: shards.of(history, check.id) for location, history in seen.items()}
    by_location = {
        location: measured
        for location, history in histories.items()
        if (measured := measure(history.days, check.id, probing, until)).known
    }
    return Seen(histories=histories, by_location=by_location, together=vote(by_location, probing.locations))


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


def _days(line: Timeline, component: Component, events: Iterable[Event], policy: Policy, now: int) -> Iterator[Day]:
    starts = periods.days_until(now, YEAR_DAYS)
    told = _events_by_day(events, starts, now)
    corrected = line.corrected.seconds_per_day()
    before: Tally | None = None
    for start, counted in zip(starts, availability.tallies_by_day(line, component, starts, now), strict=True):
        if counted is not before:  # most days of a year are like the one before
            state, percentage, before = _state_of_day(counted), counted.availability(policy), counted
        yield Day(
            start=start,
            state=state,
            tally=counted,
            availability=percentage,
            events=told.get(start, ()),
            is_corrected=start in corrected,
        )


def _events_by_day(events: Iterable[Event], days_told: range, now: int) -> dict[int, tuple[str, ...]]:
    """Return the slugs of events by the UTC days on which they went on until ``now``, the oldest first.

    An incident that was over in the second in which it began is one of that day.
    """
    found: dict[int, tuple[str, ...]] = {}
    for event in sorted(events, key=lambda event: (status.begin_of(event, now), event.slug)):
        begin, end = status.begin_of(event, now), status.end_of(event, now)
        until = now + 1 if end is None else max(end, begin + isinstance(event, Incident))
        if begin < until:
            for day in range(max(periods.day_of(begin), days_told[0]), until, periods.DAY):
                found[day] = (*found.get(day, ()), event.slug)[:EVENTS_OF_DAY]
    return found


def _state_of_day(counted: Tally) -> State:
    lengths = (
        (State.MAJOR, counted.major),
        (State.PARTIAL, counted.partial),
        (State.DEGRADED, counted.degraded),
        (State.MAINTENANCE, counted.maintenance),
        (State.OPERATIONAL, counted.known),
    )
    return next((state for state, seconds in lengths if seconds), State.UNKNOWN)


def _latency(checks: Mapping[str, Seen], now: int) -> Iterable[LatencyRow]:
    """Yield the percentiles of each check: of single answers over 24 hours, of whole UTC days over more."""
    for check, seen in checks.items():
        recent = tuple(chain.from_iterable(history.recent.get(check, ()) for history in seen.histories.values()))
        windows = [percentiles(latencies(recent, now - periods.DAY, now + 1))]
        firsts = [periods.days_until(now, WINDOWS[name] // periods.DAY)[0] for name in LATENCY_WINDOWS[1:]]
        counted = [days.since(history.days, min(firsts)) for history in seen.histories.values()]
        by_day = list(histograms(chain.from_iterable(counted), check))
        windows += [percentiles_of(merged(each for start, each in by_day if start >= first)) for first in firsts]
        if any(windows):
            series = CheckSeries(check=check, recent=series_of_samples(recent, now), daily=series_of_days(by_day, now))
            yield LatencyRow(check=check, windows=tuple(windows), series=series)


def _checks_now(checks: Mapping[str, Seen], now: int) -> Iterable[CheckNow]:
    """Yield each check's latest sample, whatever location it came from; how fast it was is news for a day."""
    for check, seen in checks.items():
        answers = (days.latest(history, check) for history in seen.histories.values())
        latest = max((sample for sample in answers if sample), key=lambda sample: sample.at, default=None)
        if latest is not None:
            yield CheckNow(
                check=check,
                at=latest.at,
                verdict=latest.verdict,
                latency=latest.latency if latest.at >= now - periods.DAY else None,
                reason=latest.reason,
                failure=_failure(check, seen.histories, now),
                details=_details(check, seen.histories),
            )


def _details(check: str, seen: Histories) -> Details | None:
    """Return where the time of a check's answer went, as it was recorded last, and when its certificate ends."""
    found = [history.details[check] for history in seen.values() if check in history.details]
    return days.latest_details(found)[1] if found else None


def _failure(check: str, seen: Histories, now: int) -> Failure | None:
    """Return a check's latest answer at any location that was not good; of several at once the first by reason."""
    since = now - FAILURE_DAYS * periods.DAY
    failures = (days.latest_failure(history.days, check, since) for history in seen.values())
    latest = min((each for each in failures if each), key=lambda each: (-each[0], each[1]), default=None)
    return Failure(at=latest[0], reason=latest[1]) if latest else None


def groups(site: Site, views: Mapping[str, ComponentView]) -> Iterable[GroupView]:
    """Yield the groups in their order, those without one last."""
    ids = _anchors(site.groups)
    for name in (*site.groups, ""):
        members = tuple(views[c.id] for c in site.components if c.group == name)
        if members:
            counted = sum((view.bars.tally for view in members), Tally())
            yield GroupView(
                id=ids.get(name, ""),
                name=name,
                state=status.worst([view.state for view in members]),
                components=members,
                availability=counted.availability(site.policy),
            )


def together(site: Site, views: Sequence[ComponentView]) -> Iterable[Window]:
    """Yield the windows of all components as if they were one: the mean by seconds, as of a group."""
    for windows in zip(*(view.windows for view in views), strict=True):
        counted = sum((window.tally for window in windows), Tally())
        yield Window(
            name=windows[0].name,
            start=min(window.start for window in windows),
            end=windows[0].end,
            tally=counted,
            availability=counted.availability(site.policy),
            coverage=counted.coverage,
            corrections=tuple(dict.fromkeys(slug for window in windows for slug in window.corrections)),
        )


def _anchors(names: Iterable[str]) -> dict[str, str]:
    """Return an id for each name: its letters, of any script, and digits; numbered where two would be the same."""
    made: dict[str, str] = {}
    for name in names:
        plain = "-".join(["group", *re.findall(r"[^\W_]+", name.casefold())])
        numbered = (f"{plain}-{number}" for number in count(2))
        made[name] = next(each for each in chain([plain], numbered) if each not in made.values())
    return made


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
