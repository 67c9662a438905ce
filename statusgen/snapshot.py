"""Taking the snapshot: the whole page at one instant, from configuration, incidents and ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from statusgen import budget, cadence, chronicle, days, ledger, occurrences, periods, status, survey
from statusgen.model import Component, Correction, Document, Event, History, Incident, Maintenance, Site
from statusgen.views import ComponentView, Provenance, Snapshot

Spread = Callable[[Callable[[Component], ComponentView], Sequence[Component]], list[ComponentView]]

STALE_AFTER = 3  # intervals without a round, but no sooner than rounds may be published


def _one_by_one(view: Callable[[Component], ComponentView], components: Sequence[Component]) -> list[ComponentView]:
    return [view(component) for component in components]


def take(
    site: Site,
    events: Iterable[Event],
    seen: Mapping[str, History],
    now: int,
    provenance: Provenance,
    spread: Spread = _one_by_one,
    corrections: Iterable[Correction] = (),
    documents: Iterable[Document] = (),
) -> Snapshot:
    """Work out the page at ``now``. ``seen`` holds what each location saw up to then.

    Updates later than ``now`` are not known yet; of maintenance that repeats every occurrence is told.
    ``spread`` surveys components, on all processors if it can.
    """
    begun = (_as_of(event, now) for event in events if _has_begun(event, now))
    known = tuple(each for event in begun for each in occurrences.told(event, now))
    seen = dict(sorted(seen.items()))
    parts = [part for history in seen.values() for part in history.parts]
    first = _first(site, known, parts, now)
    of = status.by_component(known)
    corrections = tuple(sorted(corrections, key=lambda each: (each.start, each.slug)))
    frame = survey.Frame(
        site=site,
        seen=seen,
        now=now,
        months=tuple(periods.months_between(first, now)),
        promised=tuple((objective, tuple(budget.spans(objective, first, now))) for objective in site.objectives),
    )

    def view(component: Component) -> ComponentView:
        own = tuple(each for each in corrections if component.id in each.components)
        return survey.survey(frame, component, of.get(component.id, ()), own)

    views = {made.component.id: made for made in spread(view, site.components)}
    voters = [history for place, history in seen.items() if place in (site.probing.locations or seen)]
    authority = chronicle.authority(site)
    told = tuple(chronicle.told(site, known, views.values(), authority, now))
    is_open = [event.is_maintenance for event in told if event.is_open]
    banner = status.banner([view.state for view in views.values()], is_open.count(False), is_open.count(True))
    return Snapshot(
        site=site,
        now=now,
        provenance=provenance,
        authority=authority,
        banner=banner,
        impact=status.impact_of_page(banner),
        checked=_latest(days.checked(part.days) for place in voters for part in place.parts),
        stale_after=max(STALE_AFTER * site.probing.interval, ledger.PROMPT),
        cadences=cadence.cadences(site, seen, now),
        sample_until=_latest(days.sample_until(part.days) for part in parts),
        first=first,
        groups=tuple(survey.groups(site, views)),
        windows=tuple(survey.together(site, list(views.values()))),
        events=told,
        months=tuple(chronicle.months(site, views, told, first, now)),
        entries=tuple(chronicle.entries(told, now)),
        policy=site.policy,
        objectives=tuple(survey.objective(frame, *promised, views) for promised in frame.promised),
        answered=tuple(chronicle.answered(site, told, first, now)),
        corrections=corrections,
        documents=tuple(documents),
    )


def _has_begun(event: Event, now: int) -> bool:
    """Tell whether an event can be known at ``now``: an incident from its first update on, a maintenance always."""
    if isinstance(event, Maintenance) and not event.updates:
        return True
    return event.updates[0].at <= now


def _as_of(event: Event, now: int) -> Event:
    updates = tuple(update for update in event.updates if update.at <= now)
    return event if len(updates) == len(event.updates) else replace(event, updates=updates)


def _latest(instants: Iterable[int | None]) -> int | None:
    return max((instant for instant in instants if instant is not None), default=None)


def _first(site: Site, events: Iterable[Event], seen: Iterable[History], now: int) -> int:
    """Return the earliest instant that anything is known of."""
    instants = [history.days[0].rounds[0] for history in seen if history.days]
    instants += [event.started if isinstance(event, Incident) else event.start for event in events]
    instants += [component.since for component in site.components if component.since is not None]
    return min([*instants, now])
