"""What an event declares over its time, and by when it is to be told of again."""

from __future__ import annotations

from dataclasses import replace

from statusgen.model import Event, Phase, State
from statusgen.promises import Support
from statusgen.views import EventView, Lane, Spans
from tests.literals import HOUR, MINUTE, NOW, component, incident, maintenance, resolved, site, take, update

MAJOR, PARTIAL, DEGRADED, UP = State.MAJOR, State.PARTIAL, State.DEGRADED, State.OPERATIONAL
SITE = site(component("api", name="The API"), component("web"))
START = NOW - 2 * HOUR


def told(event: Event, now: int = NOW) -> EventView:
    (made,) = take(SITE, [event], now=now).events
    return made


def lanes(event: Event, now: int = NOW) -> dict[str, Spans]:
    return {lane.id: lane.spans for lane in told(event, now).lanes}


# Lanes


def test_every_component_that_an_event_names_has_a_lane_with_its_name() -> None:
    event = resolved("a", START, NOW, api=MAJOR, web=UP)
    assert told(event).lanes == (
        Lane(component="The API", id="api", spans=((START, NOW, MAJOR),)),
        Lane(component="Web", id="web", spans=()),
    )


def test_a_lane_changes_with_updates_and_leaves_out_what_was_well() -> None:
    event = incident(
        "a",
        update(START, Phase.INVESTIGATING),
        update(START + 10 * MINUTE, Phase.IDENTIFIED, api=PARTIAL, web=DEGRADED),
        update(START + 20 * MINUTE, Phase.MONITORING, api=UP),
        update(START + 30 * MINUTE, Phase.IDENTIFIED, api=MAJOR),
        update(START + 40 * MINUTE, Phase.RESOLVED),
        api=MAJOR,
    )
    ten, twenty, thirty, forty = (START + minutes * MINUTE for minutes in (10, 20, 30, 40))
    assert lanes(event) == {
        "api": ((START, ten, MAJOR), (ten, twenty, PARTIAL), (thirty, forty, MAJOR)),
        "web": ((ten, forty, DEGRADED),),
    }


def test_a_state_that_is_said_again_is_one_span() -> None:
    again = update(START + MINUTE, Phase.IDENTIFIED, api=MAJOR)
    event = incident("a", update(START, Phase.INVESTIGATING), again, update(NOW, Phase.RESOLVED), api=MAJOR)
    assert lanes(event) == {"api": ((START, NOW, MAJOR),)}


def test_an_incident_that_came_back_has_a_hole_in_its_lane() -> None:
    phases = (Phase.INVESTIGATING, Phase.RESOLVED, Phase.INVESTIGATING, Phase.RESOLVED)
    states: tuple[dict[str, State], ...] = ({}, {}, {"api": MAJOR}, {})
    updates = [update(START + i * MINUTE, phase, **states[i]) for i, phase in enumerate(phases)]
    assert lanes(incident("a", *updates, api=MAJOR)) == {
        "api": ((START, START + MINUTE, MAJOR), (START + 2 * MINUTE, START + 3 * MINUTE, MAJOR))
    }


def test_what_an_open_incident_said_last_goes_on() -> None:
    event = incident("a", update(START, Phase.INVESTIGATING), update(NOW, Phase.IDENTIFIED, web=PARTIAL), api=MAJOR)
    assert lanes(event) == {"api": ((START, None, MAJOR),), "web": ((NOW, None, PARTIAL),)}
    well = incident("a", update(START, Phase.INVESTIGATING), update(NOW, Phase.MONITORING, api=UP), api=MAJOR)
    assert lanes(well) == {"api": ((START, NOW, MAJOR),)}


def test_maintenance_is_one_span_of_what_was_worked_or_is_planned() -> None:
    ahead = maintenance("m", NOW + HOUR, NOW + 2 * HOUR)
    assert lanes(ahead) == {"api": ((NOW + HOUR, NOW + 2 * HOUR, State.MAINTENANCE),)}
    begun, over = update(START + MINUTE, Phase.IN_PROGRESS), update(NOW - HOUR, Phase.COMPLETED)
    done = maintenance("m", START, NOW, begun, over)
    assert lanes(done) == {"api": ((START + MINUTE, NOW - HOUR, State.MAINTENANCE),)}
    called_off = maintenance("m", START, NOW, update(START - HOUR, Phase.CANCELLED), on=("api", "web"))
    assert lanes(called_off) == {"api": (), "web": ()}


def test_maintenance_goes_on_while_it_is_worked_on_within_its_window() -> None:
    on = maintenance("m", START, NOW + 1, update(START, Phase.IN_PROGRESS))
    assert lanes(on) == {"api": ((START, None, State.MAINTENANCE),)}
    assert lanes(on, NOW + 1) == {"api": ((START, NOW + 1, State.MAINTENANCE),)}  # what overruns is no maintenance
    early = maintenance("m", NOW + 1, NOW + HOUR, update(NOW, Phase.IN_PROGRESS))
    assert lanes(early) == {"api": ((NOW + 1, NOW + HOUR, State.MAINTENANCE),)}


def test_what_is_closed_is_told_alike_at_any_later_instant() -> None:
    events: list[Event] = [
        resolved("a", START, NOW - HOUR, api=MAJOR),
        incident("a", update(START, Phase.RESOLVED), update(NOW - HOUR, Phase.RESOLVED), started=START - 1, api=MAJOR),
        maintenance("m", START, NOW - HOUR),
        maintenance("m", START, NOW + HOUR, update(NOW - HOUR, Phase.COMPLETED)),
        maintenance("m", START, NOW - HOUR, update(START, Phase.IN_PROGRESS), update(NOW, Phase.COMPLETED)),
    ]
    for event in events:
        assert told(event) == told(event, NOW + 1) == told(event, NOW + 1000 * HOUR)


# Due


def test_an_open_incident_says_by_when_the_next_update_is_promised() -> None:
    of = replace(SITE, support=Support(is_published=True))
    event = incident("a", update(START, Phase.INVESTIGATING), api=MAJOR)
    for now in (NOW, NOW + 100 * HOUR):
        (made,) = take(of, [event], now=now).events
        assert made.due == START + 8 * HOUR
    (closed, planned) = take(of, [resolved("b", START, NOW, api=MAJOR), maintenance("m", START, NOW + HOUR)]).events
    assert (closed.due, planned.due) == (None, None)
    assert told(event).due is None  # support is not published
