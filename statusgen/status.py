"""The present: how far an event has come, and how everything is, in counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile

from statusgen.availability import actual_window
from statusgen.model import CLOSED_PHASES, TROUBLE, Event, Impact, Incident, Maintenance, Phase, State
from statusgen.promises import Severity

_IMPACT_OF_STATE = {
    State.UNKNOWN: Impact.NONE,
    State.OPERATIONAL: Impact.NONE,
    State.MAINTENANCE: Impact.MAINTENANCE,
    State.DEGRADED: Impact.MINOR,
    State.PARTIAL: Impact.MAJOR,
    State.MAJOR: Impact.CRITICAL,
}
_IMPACT_OF_SEVERITY = {
    Severity.SEV1: Impact.CRITICAL,
    Severity.SEV2: Impact.MAJOR,
    Severity.SEV3: Impact.MINOR,
    None: Impact.MINOR,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Banner:
    """The worst there is, and its scope: how many of ``total`` components are so, and how many events go on.

    ``affected`` are those in any state of ``TROUBLE``, ``major`` among them those in a major outage. ``state`` is
    unknown only where nothing is known of any component.
    """

    state: State
    total: int
    affected: int
    major: int
    maintenance: int
    unknown: int
    open_incidents: int
    open_maintenance: int


def phase_of(event: Event, now: int) -> Phase:
    """Return how far an event has come. What nobody wrote about a maintenance is told by the clock.

    A maintenance whose author wrote "in progress" goes on until they write that it is over: what overruns is
    not finished by the schedule.
    """
    written = [update.phase for update in event.updates if update.at <= now]
    if isinstance(event, Incident):
        return written[-1] if written else Phase.INVESTIGATING
    if written and written[-1] is not Phase.SCHEDULED:
        return written[-1]
    if now < event.start:
        return Phase.SCHEDULED
    return Phase.IN_PROGRESS if now < event.end else Phase.COMPLETED


def is_open(event: Event, now: int) -> bool:
    """Tell whether an incident still goes on, or a maintenance is being worked on."""
    phase = phase_of(event, now)
    return phase not in CLOSED_PHASES and phase is not Phase.SCHEDULED


def end_of(event: Event, now: int) -> int | None:
    """Return when an event ended; None while it is open or ahead. A cancelled maintenance ended when called off.

    What is added after it was closed, under the same heading, does not make it longer.
    """
    if phase_of(event, now) not in CLOSED_PHASES:
        return None
    known = [update for update in event.updates if update.at <= now]
    closing = list(takewhile(lambda update: update.phase in CLOSED_PHASES, reversed(known)))
    if closing:
        return closing[-1].at
    return event.end if isinstance(event, Maintenance) else None


def begin_of(event: Event, now: int) -> int:
    """Return when an event began, or will."""
    if isinstance(event, Incident):
        return event.started
    window = actual_window(event, now + 1)
    return window[0] if window else event.start


def affected(event: Event) -> dict[str, State]:
    """Return the components an event names with the worst state it gave them."""
    if isinstance(event, Maintenance):
        return dict.fromkeys(event.components, State.MAINTENANCE)
    found: dict[str, State] = {}
    for component, state in (*event.components, *(change for update in event.updates for change in update.components)):
        found[component] = worst([state, found.get(component, State.UNKNOWN)])
    return found


def by_component(events: Iterable[Event]) -> dict[str, tuple[Event, ...]]:
    """Return the events that name each component, in the order given."""
    found: dict[str, list[Event]] = {}
    for event in events:
        for component in affected(event):
            found.setdefault(component, []).append(event)
    return {component: tuple(of_component) for component, of_component in found.items()}


def worst(states: Sequence[State]) -> State:
    """Return the gravest state; maintenance never hides trouble, and unknown never hides what is known."""
    return max(states, key=lambda state: state.gravity, default=State.UNKNOWN)


def _of_page(states: Sequence[State]) -> State:
    """Return the state of all together: an outage is a major one only if it leaves nothing untouched."""
    if State.MAJOR in states and any(state not in TROUBLE for state in states):
        return State.PARTIAL
    return worst(states)


def banner(states: Sequence[State], open_incidents: int, open_maintenance: int = 0) -> Banner:
    """Return the page's present for its components' states and how many incidents and maintenances go on."""
    return Banner(
        state=_of_page(states),
        total=len(states),
        affected=sum(1 for state in states if state in TROUBLE),
        major=states.count(State.MAJOR),
        maintenance=states.count(State.MAINTENANCE),
        unknown=states.count(State.UNKNOWN),
        open_incidents=open_incidents,
        open_maintenance=open_maintenance,
    )


def impact(event: Event) -> Impact:
    """Return what users felt of an event at its worst: by its components' states, without any by its severity."""
    if isinstance(event, Maintenance):
        return Impact.MAINTENANCE
    named = affected(event)
    return _IMPACT_OF_STATE[worst(list(named.values()))] if named else _IMPACT_OF_SEVERITY[event.severity]


def impact_of_page(banner: Banner) -> Impact:
    """Return what users feel of all together: of an open incident at least something, whatever components say."""
    found = _IMPACT_OF_STATE[banner.state]
    least = Impact.MINOR if banner.open_incidents else Impact.NONE
    return max(found, least, key=lambda each: each.gravity)
