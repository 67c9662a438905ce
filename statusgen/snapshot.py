"""Taking the snapshot: the whole page at one instant, from configuration, incidents and ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from statusgen import chronicle, status, survey
from statusgen.ledger import samples_by_check
from statusgen.model import Event, Incident, Maintenance, Round, Site
from statusgen.views import Provenance, Snapshot

STALE_AFTER = 3  # intervals without a round


def take(
    site: Site, events: Iterable[Event], ledger: Mapping[str, Iterable[Round]], now: int, provenance: Provenance
) -> Snapshot:
    """Work out the page at ``now``. ``ledger`` holds each location's rounds in time order.

    Rounds and updates later than ``now`` are not known yet.
    """
    known = tuple(_as_of(event, now) for event in events if _has_begun(event, now))
    rounds = {location: [r for r in each if r.at <= now] for location, each in sorted(ledger.items())}
    samples = {location: samples_by_check(each) for location, each in rounds.items()}
    first = _first(site, known, rounds, now)
    views = {component.id: survey.survey(site, component, known, samples, first, now) for component in site.components}
    authority = chronicle.authority(site, known, now)
    told = tuple(
        sorted((chronicle.tell(site, event, authority, now) for event in known), key=lambda e: (-e.start, e.slug))
    )
    is_open = [event.is_maintenance for event in told if event.is_open]
    return Snapshot(
        site=site,
        now=now,
        provenance=provenance,
        authority=authority,
        banner=status.banner([view.state for view in views.values()], is_open.count(False), is_open.count(True)),
        checked=max((r.at for each in rounds.values() for r in each if not r.prober_error), default=None),
        stale_after=STALE_AFTER * site.probing.interval,
        sample_until=max((r.at for each in rounds.values() for r in each if r.late == "sample"), default=None),
        first=first,
        groups=tuple(survey.groups(site, views)),
        events=told,
        months=tuple(chronicle.months(site, views, told, first, now)),
        entries=tuple(chronicle.entries(told, now)),
        policy=site.policy,
    )


def _has_begun(event: Event, now: int) -> bool:
    """Tell whether an event can be known at ``now``: an incident from its first update on, a maintenance always."""
    if isinstance(event, Maintenance) and not event.updates:
        return True
    return event.updates[0].at <= now


def _as_of(event: Event, now: int) -> Event:
    updates = tuple(update for update in event.updates if update.at <= now)
    return event if len(updates) == len(event.updates) else replace(event, updates=updates)


def _first(site: Site, events: Iterable[Event], rounds: Mapping[str, list[Round]], now: int) -> int:
    """Return the earliest instant that anything is known of."""
    instants = [each[0].at for each in rounds.values() if each]
    instants += [event.started if isinstance(event, Incident) else event.start for event in events]
    instants += [component.since for component in site.components if component.since is not None]
    return min([*instants, now])
