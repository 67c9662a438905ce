"""How far an event has come, and the one sentence that says how everything is."""

from __future__ import annotations

from itertools import product

import pytest

from statusgen import status
from statusgen.model import INCIDENT_PHASES, Phase, State, Update

from .literals import HOUR, MINUTE, NOW, incident, maintenance, resolved, update

UNKNOWN, UP, MAINTENANCE, DEGRADED, PARTIAL, MAJOR = State
START, END = NOW, NOW + 2 * HOUR
SAID = NOW - 24 * HOUR  # when it was announced

# How far it has come


@pytest.mark.parametrize("phase", INCIDENT_PHASES)
def test_an_incident_has_come_as_far_as_its_last_update(phase: Phase) -> None:
    event = incident("a", update(NOW - HOUR, Phase.INVESTIGATING), update(NOW, phase))
    assert status.phase_of(event, NOW) is phase
    assert status.phase_of(event, NOW - 1) is Phase.INVESTIGATING


def test_an_incident_without_an_update_yet_is_being_investigated() -> None:
    assert status.phase_of(resolved("a", NOW, NOW + 1), NOW - 1) is Phase.INVESTIGATING


@pytest.mark.parametrize(
    ("now", "phase"),
    [
        (START - 1, Phase.SCHEDULED),
        (START, Phase.IN_PROGRESS),
        (END - 1, Phase.IN_PROGRESS),
        (END, Phase.COMPLETED),
    ],
)
@pytest.mark.parametrize("updates", [(), (update(SAID, Phase.SCHEDULED),)])
def test_what_nobody_wrote_about_a_maintenance_is_told_by_the_clock(
    updates: tuple[Update, ...], now: int, phase: Phase
) -> None:
    assert status.phase_of(maintenance("m", START, END, *updates), now) is phase


@pytest.mark.parametrize("phase", [Phase.IN_PROGRESS, Phase.VERIFYING])
def test_a_maintenance_that_was_begun_goes_on_until_somebody_says_it_is_over(phase: Phase) -> None:
    event = maintenance("m", START, END, update(SAID, Phase.SCHEDULED), update(START, phase))
    assert status.phase_of(event, END + HOUR) is phase
    assert status.is_open(event, END + HOUR)
    assert status.end_of(event, END + HOUR) is None


def test_a_maintenance_that_was_cancelled_is_not_begun_by_the_clock() -> None:
    event = maintenance("m", START, END, update(SAID, Phase.CANCELLED))
    assert {status.phase_of(event, now) for now in (SAID, START, END)} == {Phase.CANCELLED}
    assert status.end_of(event, START) == SAID


def test_what_is_scheduled_or_closed_is_not_open() -> None:
    planned = maintenance("m", START, END)
    assert [status.is_open(planned, now) for now in (START - 1, START, END - 1, END)] == [False, True, True, False]
    assert [status.is_open(resolved("a", NOW, END), now) for now in (NOW, END - 1, END)] == [True, True, False]


# When it began and ended


def test_an_incident_ends_with_its_resolution_and_not_before_it_is_known() -> None:
    event = resolved("a", NOW - HOUR, NOW)
    assert status.end_of(event, NOW) == NOW
    assert status.end_of(event, NOW - 1) is None


def test_what_is_added_after_the_resolution_does_not_make_an_incident_longer() -> None:
    event = incident(
        "a",
        update(NOW - 3 * HOUR, Phase.MONITORING),
        update(NOW - 2 * HOUR, Phase.RESOLVED),
        update(NOW, Phase.RESOLVED),
    )
    assert status.end_of(event, NOW) == NOW - 2 * HOUR


def test_an_incident_that_came_back_ends_with_its_last_resolution() -> None:
    phases = (Phase.INVESTIGATING, Phase.RESOLVED, Phase.INVESTIGATING, Phase.RESOLVED)
    event = incident("a", *(update(NOW - (3 - i) * HOUR, phase) for i, phase in enumerate(phases)))
    assert status.end_of(event, NOW) == NOW
    assert status.end_of(event, NOW - HOUR) is None
    assert status.end_of(event, NOW - 2 * HOUR) == NOW - 2 * HOUR


def test_a_maintenance_of_which_nobody_wrote_the_end_ends_by_the_schedule() -> None:
    assert status.end_of(maintenance("m", START, END), END) == END
    assert status.end_of(maintenance("m", START, END), END - 1) is None


def test_a_maintenance_begins_when_it_was_begun_though_never_before_its_window() -> None:
    late = maintenance("m", START, END, update(START + 10 * MINUTE, Phase.IN_PROGRESS))
    early = maintenance("m", START, END, update(START - 10 * MINUTE, Phase.IN_PROGRESS))
    assert status.begin_of(late, START + 10 * MINUTE) == START + 10 * MINUTE
    assert status.begin_of(late, START + 10 * MINUTE - 1) == START
    assert status.begin_of(early, END) == START
    assert status.begin_of(maintenance("m", START, END, update(SAID, Phase.CANCELLED)), END) == START
    assert status.begin_of(maintenance("m", START, END), SAID) == START


def test_an_incident_begins_when_it_started_not_when_it_was_told() -> None:
    assert status.begin_of(incident("a", update(NOW, Phase.IDENTIFIED), started=NOW - HOUR), NOW) == NOW - HOUR


# What it touches


def test_an_incident_touches_components_with_the_worst_state_it_gave_them() -> None:
    event = incident(
        "a",
        update(NOW, Phase.INVESTIGATING, api=MAJOR),
        update(NOW, Phase.IDENTIFIED, api=DEGRADED, web=DEGRADED),
        update(NOW, Phase.RESOLVED, api=UP, web=UP),
        api=PARTIAL,
    )
    assert status.affected(event) == {"api": MAJOR, "web": DEGRADED}


def test_a_maintenance_puts_its_components_under_maintenance() -> None:
    assert status.affected(maintenance("m", START, END, on=("api", "web"))) == {"api": MAINTENANCE, "web": MAINTENANCE}


def test_the_worst_state_is_one_of_them_and_none_is_graver() -> None:
    for states in product(State, repeat=3):
        worst = status.worst(states)
        assert worst in states
        assert all(each.gravity <= worst.gravity for each in states)
    assert status.worst([]) is UNKNOWN


# The banner


@pytest.mark.parametrize(
    ("states", "state", "affected", "major", "maintenance", "unknown"),
    [
        ([UP, UP], UP, 0, 0, 0, 0),
        ([UP, UNKNOWN], UP, 0, 0, 0, 1),
        ([UNKNOWN, UNKNOWN], UNKNOWN, 0, 0, 0, 2),
        ([], UNKNOWN, 0, 0, 0, 0),
        ([UP, MAINTENANCE], MAINTENANCE, 0, 0, 1, 0),
        ([UP, DEGRADED, MAINTENANCE], DEGRADED, 1, 0, 1, 0),
        ([UP, PARTIAL, DEGRADED], PARTIAL, 2, 0, 0, 0),
        ([UP, MAJOR], PARTIAL, 1, 1, 0, 0),
        ([PARTIAL, MAJOR], MAJOR, 2, 1, 0, 0),
        ([MAJOR, MAJOR], MAJOR, 2, 2, 0, 0),
        ([MAJOR, UNKNOWN], PARTIAL, 1, 1, 0, 1),
        ([MAJOR, MAINTENANCE, DEGRADED], PARTIAL, 2, 1, 1, 0),
        ([MAJOR, DEGRADED], MAJOR, 2, 1, 0, 0),
    ],
)
def test_the_banner_says_how_bad_it_is_and_of_how_many(
    states: list[State], state: State, affected: int, major: int, maintenance: int, unknown: int
) -> None:
    made = status.banner(states, 0)
    assert (made.state, made.total) == (state, len(states))
    assert (made.affected, made.major, made.maintenance, made.unknown) == (affected, major, maintenance, unknown)


def test_the_banner_counts_what_goes_on_whatever_it_touches() -> None:
    calm = status.banner([UP], 2, 1)
    assert (calm.state, calm.open_incidents, calm.open_maintenance) == (UP, 2, 1)
    nobody_knows = status.banner([UNKNOWN], 3)
    assert (nobody_knows.state, nobody_knows.open_incidents, nobody_knows.open_maintenance) == (UNKNOWN, 3, 0)


def test_the_banner_is_as_grave_as_the_worst_component_but_major_only_if_all_are_touched() -> None:
    for states in product(State, repeat=3):
        banner = status.banner(states, 0)
        is_partial = status.worst(states) is MAJOR and banner.affected < 3
        assert banner.state is (PARTIAL if is_partial else status.worst(states))
        assert (banner.affected > 0) is (banner.state in (MAJOR, PARTIAL, DEGRADED))
