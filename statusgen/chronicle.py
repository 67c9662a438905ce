"""Incidents and maintenance as the page tells them, by event, by month, and update by update for the feeds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from statusgen import availability, periods, response, status
from statusgen.config import host_of
from statusgen.model import CLOSED_PHASES, Event, Incident, Maintenance, Phase, Site, State
from statusgen.views import Affected, ComponentView, Entry, EventView, Lane, Month, Spans, UpdateView

AUTHORITY_SINCE = 2026  # the year of the default authority: it must not hang on what is written or when
_FOREVER = 1 << 62


def told(
    site: Site, events: Iterable[Event], views: Iterable[ComponentView], authority: str, now: int
) -> list[EventView]:
    """Return the events, newest first, each with when probes first saw what it is about."""
    seen: dict[str, int] = {}
    for slug, at in (found for view in views for found in view.detections.items()):
        seen[slug] = min(at, seen.get(slug, at))
    made = [tell(site, event, authority, now, seen.get(event.slug)) for event in events]
    return sorted(made, key=lambda event: (-event.start, event.slug))


def tell(site: Site, event: Event, authority: str, now: int, seen: int | None = None) -> EventView:
    """Return an event as of ``now``; its updates are those known by then. ``seen`` is when probes first saw it."""
    names = {component.id: component.name for component in site.components}
    told = tuple(_updates(event, authority, names))
    learnt = _learnt(event, authority, told, now)
    is_open = status.is_open(event, now)
    named = status.affected(event)
    incident, work = (event, None) if isinstance(event, Incident) else (None, event)
    present = [each.state for each in told[-1].affected] if is_open and told and incident else list(named.values())
    phase = status.phase_of(event, now)
    start, end = status.begin_of(event, now), status.end_of(event, now)
    announced = work.first_told if work else told[0].at if told else None
    first = start if announced is None else announced
    own = {each.at for each in told}
    noted = [at for at in work.notices if at not in own] if work else []
    return EventView(
        slug=event.slug,
        path=event.path,
        title=event.title,
        is_maintenance=incident is None,
        draft=event.draft,
        phase=phase,
        state=status.worst(present),
        impact=status.impact(event),
        is_open=is_open,
        is_upcoming=phase is Phase.SCHEDULED,
        is_overdue=work is not None and is_open and work.end <= now,
        created=first,
        updated=max((*noted, *(each.at for each in (*told, learnt) if each)), default=first),
        revision=len(told) + len(noted),
        start=start,
        end=end,
        seconds=None if end is None else max(0, end - start),
        severity=incident.severity if incident else None,
        detected=incident.detected if incident else None,
        acknowledged=incident.acknowledged if incident else None,
        response=response.respond(incident, seen, site.support, now) if incident else None,
        introduction=event.introduction,
        components=tuple((names[component], state, component) for component, state in named.items()),
        lanes=tuple(
            Lane(component=names[component], id=component, spans=_spans(event, component, now)) for component in named
        ),
        due=response.due(incident, site.support, now) if incident else None,
        updates=told[::-1],
        postmortem=event.postmortem,
        learnt=learnt,
        scheduled=(work.start, work.end) if work else None,
        series=work.series if work else "",
        repeats=work.repeats if work else None,
        measured=incident.measured if incident else False,
        automatic=incident.automatic if incident else False,
    )


def _spans(event: Event, component: str, now: int) -> Spans:
    """Return what an event declares of a component over its time; nothing of work that was called off before."""
    if isinstance(event, Incident):
        return tuple(_declared(event, component))
    window = availability.actual_window(event, _FOREVER)
    if window is None:
        return ()
    goes_on = status.is_open(event, now) and window[0] <= now < window[1]
    return ((window[0], None if goes_on else window[1], State.MAINTENANCE),)


def _declared(incident: Incident, component: str) -> Iterator[tuple[int, int | None, State]]:
    """Yield the trouble that an incident declares of a component: of a closed one, nothing depends on the present."""
    spans: list[tuple[int, int, State]] = []
    for start, end, state in availability.declarations(incident, component, _FOREVER):
        if spans and spans[-1][1:] == (start, state):
            start = spans.pop()[0]
        spans.append((start, end, state))
    for start, end, state in spans:
        if state is not State.OPERATIONAL:
            yield start, None if end == _FOREVER else end, state


def _updates(event: Event, authority: str, names: Mapping[str, str]) -> Iterator[UpdateView]:
    """Yield the updates, oldest first, each with the states in force after it."""
    begun = dict(event.components) if isinstance(event, Incident) else {}
    named = event.components if isinstance(event, Maintenance) else tuple(begun)
    states = dict.fromkeys(named, State.OPERATIONAL)
    file = event.series or event.slug if isinstance(event, Maintenance) else event.slug  # whatever occurrence it is of
    for update in event.updates:
        before, states = states, {**states, **begun, **dict(update.components)}
        begun = {}
        if isinstance(event, Maintenance):
            is_on = update.phase in (Phase.IN_PROGRESS, Phase.VERIFYING)
            states = dict.fromkeys(states, State.MAINTENANCE if is_on else State.OPERATIONAL)
        elif update.phase in CLOSED_PHASES:
            states = dict.fromkeys(states, State.OPERATIONAL)
        key = periods.compact(update.at) + (f"-{update.ordinal}" if update.ordinal > 1 else "")
        yield UpdateView(
            anchor=f"update-{key}",
            tag=f"tag:{authority}:/incidents/{file}/{key}",
            at=update.at,
            phase=update.phase,
            text=update.text,
            components=tuple((names[component], state) for component, state in update.components),
            affected=tuple(
                Affected(names[component], state, component, before.get(component, State.OPERATIONAL))
                for component, state in states.items()
            ),
            next=update.next,
        )


def _learnt(event: Event, authority: str, told: tuple[UpdateView, ...], now: int) -> UpdateView | None:
    """Return the post-mortem as an update, none of a draft. One that tells only its day is told when that is over.

    Readers that know dates alone take nothing that is dated before what they have seen, so it must not be dated at the
    beginning of a day on which there may have been updates.
    """
    written = event.postmortem
    if written is None or written.draft or written.at is None:
        return None
    at = written.at if written.at % periods.DAY else written.at + periods.DAY - 1
    if at > now:
        return None
    affected = next((update.affected for update in reversed(told) if update.at <= at), ())
    return UpdateView(
        anchor="postmortem",
        tag=f"tag:{authority}:/incidents/{event.slug}/postmortem",
        at=at,
        phase=Phase.POSTMORTEM,
        text=written.text,
        components=(),
        affected=tuple(each._replace(before=each.state) for each in affected),
    )


def authority(site: Site) -> str:
    """Return who vouches for the feeds' ids (RFC 4151): as configured, else the host and a year that never moves."""
    return site.authority or f"{host_of(site.url)},{AUTHORITY_SINCE}"


def months(
    site: Site, views: Mapping[str, ComponentView], events: tuple[EventView, ...], first: int, now: int
) -> Iterable[Month]:
    for name in periods.months_between(first, now):
        start, end = periods.month_span(name)
        windows = ((c, next(w for w in views[c.id].months if w.name == name)) for c in site.components)
        yield Month(
            name=name,
            events=tuple(event for event in events if start <= event.start < end and not event.is_upcoming),
            components=tuple((component, window) for component, window in windows if window.tally.window),
        )


def entries(events: Iterable[EventView], now: int) -> list[Entry]:
    """Return every update but drafts' as an entry of feeds, newest first, each at an instant of its own.

    Of updates in the same second the later one in (slug, file) order is put a second later, as readers drop equal
    dates; one that would so come to lie in the future waits for the next build.
    """
    published = [event for event in events if not event.draft]
    updates = [(update.at, event.slug, -i, event, update) for event in published for i, update in enumerate(event.told)]
    dated: list[Entry] = []
    for at, _, _, event, update in sorted(updates, key=lambda row: row[:3]):
        unique = max(at, dated[-1].at + 1) if dated else at
        dated.append(Entry(at=unique, event=event, update=update))
    return [entry for entry in reversed(dated) if entry.at <= now]


def answered(site: Site, events: Iterable[EventView], first: int, now: int) -> list[response.Answered]:
    """Return how incidents were answered, by month and severity; drafts have not happened yet."""
    incidents = [(e.slug, e.severity, e.response) for e in events if e.response is not None and not e.draft]
    first = min([first, *(each.detected for _, _, each in incidents)])
    return response.months(site.support, incidents, first, now)
