"""What a report tells of a month, a quarter or a year: a choice from the snapshot, nothing worked out anew but sums."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from statusgen import calendars, periods
from statusgen.availability import Tally
from statusgen.budget import Account
from statusgen.model import Component
from statusgen.promises import Objective
from statusgen.response import Answered
from statusgen.views import ComponentView, EventView, ObjectiveView, Snapshot, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Availability of components in a period of UTC months, objectives' accounts that meet it, and incidents."""

    period: str
    site: str
    is_open: bool
    components: tuple[tuple[str, Window], ...]
    objectives: tuple[tuple[Objective, Account], ...]
    answered: tuple[Answered, ...]
    incidents: tuple[EventView, ...]


def latest(now: int) -> str:
    """Return the last month that is over, in UTC."""
    return calendars.period_name("UTC", 1, calendars.period_span("UTC", calendars.period_name("UTC", 1, now))[0] - 1)


def report(snapshot: Snapshot, period: str, chosen: Collection[str] = ()) -> Report:
    """Return the report of a period like ``2026-10``, ``2026-Q3`` or ``2026``; of all components if none is chosen.

    A component that counts only from a later day on is left out. Raise ValueError with the remedy if it was chosen, and
    for a period that is none.
    """
    start, end = calendars.period_span("UTC", period)
    if start > snapshot.now:
        raise ValueError(f"'{period}' lies ahead: name a period that has begun")
    months = calendars.months_of(period)
    asked = [view for view in snapshot.components if not chosen or view.component.id in chosen]
    views = [view for view in asked if (view.component.since or 0) < min(end, snapshot.now)]
    if chosen and len(views) < len(asked):
        raise ValueError(_later(next(view.component for view in asked if view not in views), period))
    zone = snapshot.site.support.zone
    within = {event.slug: event for event in snapshot.incidents if _month(zone, event) in months}
    told = [event for event in within.values() if not chosen or {id_ for _, _, id_ in event.components} & set(chosen)]
    return Report(
        period=period,
        site=snapshot.site.name,
        is_open=start <= snapshot.now < end,
        components=tuple((view.component.id, _summed(view, snapshot, period, months)) for view in views),
        objectives=tuple(_accounts(snapshot.objectives, period, chosen)),
        answered=() if chosen else tuple(row for row in snapshot.answered if row.month in months),
        incidents=tuple(told),
    )


def _later(component: Component, period: str) -> str:
    begins = periods.iso_day(component.since or 0)
    return f"'{period}' has nothing of component '{component.id}', which counts from {begins}: name a later period"


def _month(zone: str, event: EventView) -> str:
    assert event.response is not None
    return calendars.period_name(zone, 1, event.response.detected)


def _summed(view: ComponentView, snapshot: Snapshot, period: str, months: Collection[str]) -> Window:
    """Return a component's window of the period, its months' seconds together."""
    start, end = calendars.period_span("UTC", period)
    parts = [window for window in view.months if window.name in months]
    counted = sum((window.tally for window in parts), Tally())
    return Window(
        name=period,
        start=max(start, view.component.since or start),
        end=min(end, snapshot.now),
        tally=counted,
        availability=counted.availability(snapshot.policy),
        coverage=counted.coverage,
        corrections=tuple(dict.fromkeys(slug for window in parts for slug in window.corrections)),
    )


def _accounts(
    views: Iterable[ObjectiveView], period: str, chosen: Collection[str]
) -> Iterable[tuple[Objective, Account]]:
    """Yield accounts of calendar periods that the report's meets, and of days that end in it, the oldest first."""
    for view in views:
        objective = view.objective
        if chosen and not set(objective.components) & set(chosen):
            continue
        start, end = calendars.period_span(objective.zone, period)
        for account in reversed(view.accounts):
            ends = account.end <= end if objective.period.days else account.start < end
            if ends and account.end > start:
                yield objective, account
