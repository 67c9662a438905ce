"""Timelines and tallies against a naive model that looks at one instant at a time, and percentages that only cut."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache
from itertools import combinations_with_replacement, product, takewhile
from typing import NamedTuple

import pytest

from statusgen.availability import (
    Tally,
    Timeline,
    actual_window,
    declarations,
    maintenance_windows,
    percent,
    tallies_by_day,
    tally,
    timeline,
)
from statusgen.intervals import Intervals
from statusgen.model import (
    Check,
    Component,
    Event,
    Incident,
    Maintenance,
    Phase,
    Question,
    State,
    Update,
)
from statusgen.promises import MaintenanceRule, Policy
from statusgen.verdict import Measured

DAY = 86_400
TICK = DAY // 4  # every boundary in such a world lies on one
BASE = 20_000 * DAY
NOW = 10  # in ticks: half past two days
EXCLUDE, COUNT = Policy(), Policy(maintenance=MaintenanceRule.COUNT)

_PATTERN = {"u": 1, "g": 2, "d": 3}  # up, degraded, down; anything else is unknown


def at(tick: int) -> int:
    return BASE + tick * TICK


def measured(pattern: str) -> Measured:
    def when(least: int) -> Intervals:
        return Intervals((at(i), at(i + 1)) for i, word in enumerate(pattern) if _PATTERN.get(word, 0) >= least)

    return Measured(known=when(1), degraded=when(2), down=when(3))


class World(NamedTuple):
    """A component, what its checks saw (by check), what people wrote, and the rule."""

    component: Component
    patterns: dict[str, str]
    events: tuple[Event, ...]
    policy: Policy

    def timeline(self) -> Timeline:
        checks = {check: measured(pattern) for check, pattern in self.patterns.items()}
        return timeline(self.component, checks, iter(self.events), self.policy, at(NOW))


def component(*checks: tuple[str, State], since: int | None = None) -> Component:
    made = tuple(Check(id=id, question=Question(), down=down) for id, down in checks)
    return Component(id="api", name="API", since=None if since is None else at(since), checks=made)


def update(tick: int, phase: Phase, **components: State) -> Update:
    return Update(at=at(tick), phase=phase, text="", components=tuple(components.items()))


def incident(started: int, *updates: Update, **components: State) -> Incident:
    words = tuple(components.items())
    return Incident(slug="i", path="", title="", started=at(started), updates=updates, components=words)


def maintenance(start: int, end: int, *updates: Update, components: tuple[str, ...] = ("api",)) -> Maintenance:
    return Maintenance(
        slug="m", path="", title="", start=at(start), end=at(end), components=components, updates=updates
    )


# The naive model: what the rules say of one tick.


class Moment(NamedTuple):
    """What holds during one tick. ``trouble`` is None where there is none."""

    alive: bool
    known: bool
    trouble: State | None
    shown: State
    window: bool


def declared_at(incident: Incident, tick: int) -> State | None:
    """Return what the last word on the component was by then."""
    state = dict(incident.components).get("api") if incident.started <= at(tick) else None
    for entry in incident.updates:
        if entry.at <= at(tick):
            state = None if entry.phase is Phase.RESOLVED else dict(entry.components).get("api", state)
    return state


def in_window(planned: Maintenance, tick: int, now: int) -> bool:
    """Tell whether it was scheduled then, had begun and was not over."""
    written = [entry for entry in planned.updates if entry.at < at(now)]
    before = list(takewhile(lambda entry: entry.phase not in (Phase.COMPLETED, Phase.CANCELLED), written))
    begun = [entry.at for entry in before if entry.phase is Phase.IN_PROGRESS][:1]
    over = [entry.at for entry in written[len(before) :]][:1]
    scheduled = "api" in planned.components and planned.start <= at(tick) < planned.end
    return scheduled and all(begin <= at(tick) for begin in begun) and all(at(tick) < end for end in over)


def measured_at(world: World, tick: int) -> State | None:
    """Return the worst of the known checks."""
    said = {}
    for check in world.component.checks:
        word = dict(enumerate(world.patterns.get(check.id, ""))).get(tick, "")
        said[check.id] = {"u": State.OPERATIONAL, "g": State.DEGRADED, "d": check.down}.get(word)
    return max((state for state in said.values() if state), key=lambda state: state.gravity, default=None)


def moment(world: World, tick: int) -> Moment:
    since = world.component.since
    alive = tick < NOW and (since is None or at(tick) >= since)
    if not alive:
        return Moment(False, False, None, State.UNKNOWN, False)
    seen = measured_at(world, tick)
    said = [state for one in world.events if isinstance(one, Incident) and (state := declared_at(one, tick))]
    window = any(in_window(one, tick, NOW) for one in world.events if isinstance(one, Maintenance))
    always = since is not None and not world.component.checks
    known = seen is not None or bool(said) or always
    visible = [*said, State.MAINTENANCE] if window else [*said, *([seen] if seen else [])]
    shown = worst(visible, State.OPERATIONAL if known else State.UNKNOWN)
    trouble = worst([*said, *([seen] if seen else [])], State.UNKNOWN)
    return Moment(True, known, trouble if trouble.gravity > State.MAINTENANCE.gravity else None, shown, window)


def worst(states: Sequence[State], otherwise: State) -> State:
    return max([*states, otherwise], key=lambda state: state.gravity)


def naive_tally(world: World, moments: Mapping[int, Moment], start: int, end: int) -> Tally:
    total = Tally()
    for tick in range(start, end):
        one = moments[tick]
        excluded = one.window and world.policy.maintenance is MaintenanceRule.EXCLUDE
        counts = not excluded
        total += Tally(
            window=TICK * (world.component.since is None or at(tick) >= world.component.since),
            known=TICK * (one.known and counts),
            major=TICK * (one.trouble is State.MAJOR and counts),
            partial=TICK * (one.trouble is State.PARTIAL and counts),
            degraded=TICK * (one.trouble is State.DEGRADED and counts),
            maintenance=TICK * one.window,
            excluded=TICK * excluded,
        )
    return total


CHECKS: tuple[tuple[tuple[tuple[str, State], ...], dict[str, str]], ...] = (
    ((), {}),
    ((("a", State.MAJOR),), {}),
    ((("a", State.MAJOR),), {"a": "uuggddu.dd"}),
    ((("a", State.MAJOR), ("b", State.PARTIAL)), {"a": "uddgu..uuu", "b": "duddgg.u.d"}),
    ((("a", State.DEGRADED), ("b", State.PARTIAL)), {"a": "dddddddddd", "b": ".gudgud.gu"}),
)
INCIDENTS: tuple[tuple[Incident, ...], ...] = (
    (),
    (incident(1, api=State.MAJOR),),
    (incident(2, update(4, Phase.IDENTIFIED, api=State.PARTIAL), update(7, Phase.RESOLVED), api=State.MAJOR),),
    (incident(1, update(3, Phase.MONITORING, api=State.OPERATIONAL), update(8, Phase.RESOLVED), api=State.DEGRADED),),
    (incident(0, update(5, Phase.IDENTIFIED, api=State.MAINTENANCE), web=State.MAJOR),),
    (incident(0, update(6, Phase.RESOLVED), web=State.MAJOR),),
    (
        incident(1, update(6, Phase.RESOLVED, api=State.OPERATIONAL), api=State.DEGRADED),
        incident(4, update(8, Phase.RESOLVED), api=State.PARTIAL),
    ),
    (incident(12, api=State.MAJOR), incident(8, update(11, Phase.RESOLVED), api=State.DEGRADED)),
)
MAINTENANCES: tuple[tuple[Maintenance, ...], ...] = (
    (),
    (maintenance(2, 6),),
    (maintenance(2, 6, components=("web",)),),
    (maintenance(2, 6, update(3, Phase.IN_PROGRESS), update(4, Phase.IN_PROGRESS), update(5, Phase.COMPLETED)),),
    (maintenance(3, 5, update(2, Phase.IN_PROGRESS), update(8, Phase.COMPLETED)),),
    (maintenance(2, 6, update(1, Phase.CANCELLED)),),
    (maintenance(2, 6, update(2, Phase.SCHEDULED), update(4, Phase.CANCELLED)),),
    (maintenance(1, 4), maintenance(3, 5, update(4, Phase.VERIFYING)), maintenance(8, 14)),
    (maintenance(7, 12, update(11, Phase.IN_PROGRESS)),),
)


def worlds() -> Iterator[World]:
    choices = product(CHECKS, (None, 3, 8, 11), INCIDENTS, MAINTENANCES, (EXCLUDE, COUNT))
    for (checks, patterns), since, incidents, maintenances, policy in choices:
        yield World(component(*checks, since=since), patterns, (*incidents, *maintenances), policy)


@cache
def cases() -> list[tuple[World, Timeline, dict[int, Moment]]]:
    """Return every world with what the program and what the naive model make of it."""
    return [(world, world.timeline(), {tick: moment(world, tick) for tick in range(-4, NOW + 2)}) for world in worlds()]


def test_every_second_of_a_timeline_is_that_of_the_naive_model() -> None:
    for world, line, moments in cases():
        for tick, expect in moments.items():
            trouble = [state for state, spans in line.trouble.items() if at(tick) in spans]
            assert trouble == ([expect.trouble] if expect.trouble else []), (tick, world)
            assert line.state_at(at(tick)) is expect.shown, (tick, world)
            assert (at(tick) in line.known) == expect.known, (tick, world)
            assert (at(tick) in line.maintenance) == expect.window, (tick, world)


def test_what_is_shown_is_one_state_at_a_time() -> None:
    for world, line, _ in cases():
        for states in (line.shown, line.trouble):
            together = Intervals(span for spans in states.values() for span in spans)
            assert together.seconds == sum(spans.seconds for spans in states.values()), world


def test_every_tally_is_that_of_the_naive_model() -> None:
    for world, line, moments in cases():
        for start, end in ((-2, NOW), (3, 5), (9, NOW), (6, 6)):
            expect = naive_tally(world, moments, start, end)
            assert tally(line, world.component, at(start), at(end)) == expect, (start, world)


def test_the_days_of_a_window_are_those_of_the_naive_model_and_sum_up_to_it() -> None:
    days = range(at(-4), at(NOW), DAY)
    for world, line, moments in cases():
        by_day = tallies_by_day(line, world.component, days, at(NOW))
        assert by_day == [naive_tally(world, moments, tick, min(tick + 4, NOW)) for tick in (-4, 0, 4, 8)], world
        assert sum(by_day, Tally()) == tally(line, world.component, days[0], at(NOW)), world


def test_each_day_of_a_long_time_counts_what_lies_in_it() -> None:
    chance = random.Random(1)
    days = range(BASE, BASE + 60 * DAY, DAY)
    for _ in range(60):
        until = days[-1] + chance.randrange(1, DAY)
        since = chance.choice((None, BASE - DAY, days[20], days[20] + 5, until))
        component, life = Component(id="api", name="API", since=since), Intervals([(since or 0, until)])
        known, major, partial, degraded, maintenance = (_at_random(chance, days) & life for _ in range(5))
        trouble = {State.MAJOR: major, State.PARTIAL: partial - major, State.DEGRADED: degraded - major - partial}
        excluded = chance.choice((Intervals(), maintenance))
        nothing = Intervals()
        line = Timeline(
            known=known,
            trouble=trouble,
            shown={},
            maintenance=maintenance,
            excluded=excluded,
            confirmed=nothing,
            corrected=nothing,
        )
        naive = [tally(line, component, day, min(day + DAY, until)) for day in days]
        assert tallies_by_day(line, component, days, until) == naive


def _at_random(chance: random.Random, days: range) -> Intervals:
    """Return a few spans, of which some begin or end with a day, and some long before or after all days."""
    lengths = (1, 3_600, DAY, 10 * DAY, 80 * DAY)
    starts = [chance.choice(days) + chance.choice((0, 0, chance.randrange(DAY), -30 * DAY)) for _ in range(4)]
    return Intervals((start, start + chance.choice(lengths)) for start in starts)


def test_trouble_and_excluded_time_never_exceed_what_they_are_part_of() -> None:
    for world, line, _ in cases():
        counted = tally(line, world.component, at(0), at(NOW))
        assert counted.down + counted.degraded <= counted.known <= counted.window - counted.excluded, world


UPDATES: tuple[tuple[Phase, dict[str, State]], ...] = (
    (Phase.INVESTIGATING, {}),
    (Phase.IDENTIFIED, {"api": State.PARTIAL}),
    (Phase.MONITORING, {"api": State.OPERATIONAL, "web": State.MAJOR}),
    (Phase.RESOLVED, {"api": State.OPERATIONAL}),
)


def test_declarations_begin_at_started_change_with_updates_and_end_at_resolved() -> None:
    firsts: tuple[dict[str, State], ...] = ({}, {"web": State.MAJOR}, {"api": State.MAJOR})
    for first, ticks, kinds in product(
        firsts, combinations_with_replacement((2, 3, 5, 8), 3), product(UPDATES, repeat=3)
    ):
        updates = [update(tick, phase, **states) for tick, (phase, states) in zip(ticks, kinds, strict=True)]
        one = incident(2, *updates, **first)
        spans = declarations(one, "api", at(7))
        for tick in range(8):
            said = [state for start, end, state in spans if start <= at(tick) < end]
            expect = declared_at(one, tick) if tick < 7 else None
            assert said == ([expect] if expect else []), (tick, one)


def test_a_window_is_what_was_scheduled_from_the_actual_start_to_the_end() -> None:
    phases = (Phase.SCHEDULED, Phase.IN_PROGRESS, Phase.VERIFYING, Phase.COMPLETED, Phase.CANCELLED)
    for ticks, kinds in product(combinations_with_replacement((1, 2, 4, 5, 8), 3), product(phases, repeat=3)):
        planned = maintenance(2, 6, *(update(tick, phase) for tick, phase in zip(ticks, kinds, strict=True)))
        for now in (1, 5, 9):
            window = actual_window(planned, at(now))
            for tick in range(9):
                inside = window is not None and window[0] <= at(tick) < window[1]
                assert inside == in_window(planned, tick, now), (tick, now, planned)


def test_a_second_note_in_progress_does_not_move_the_start() -> None:
    planned = maintenance(2, 6, update(2, Phase.IN_PROGRESS), update(5, Phase.IN_PROGRESS))
    assert actual_window(planned, at(9)) == (at(2), at(6))


def test_what_overruns_a_maintenance_counts() -> None:
    world = World(
        component(("a", State.MAJOR)),
        {"a": "uudddddddd"},
        (maintenance(2, 5, update(2, Phase.IN_PROGRESS), update(8, Phase.COMPLETED)),),
        EXCLUDE,
    )
    counted = tally(world.timeline(), world.component, at(0), at(NOW))
    assert (counted.major, counted.known, counted.maintenance) == (5 * TICK, 7 * TICK, 3 * TICK)


def test_a_maintenance_hides_what_probes_see_but_not_what_people_say_and_nothing_once_it_is_over() -> None:
    checks, patterns = component(("a", State.MAJOR)), {"a": "dddddddddd"}
    planned = maintenance(2, 6)
    during = World(checks, patterns, (planned,), EXCLUDE).timeline()
    assert [during.state_at(at(tick)) for tick in (1, 2, 5, 6)] == [
        State.MAJOR,
        State.MAINTENANCE,
        State.MAINTENANCE,
        State.MAJOR,
    ]
    said = World(checks, patterns, (planned, incident(3, api=State.PARTIAL)), EXCLUDE).timeline()
    assert said.state_at(at(4)) is State.PARTIAL


def test_windows_of_a_component_are_joined_and_end_now() -> None:
    events = (maintenance(1, 4), maintenance(3, 6), maintenance(9, 14), incident(0, api=State.MAJOR))
    assert maintenance_windows("api", events, at(NOW)) == Intervals([(at(1), at(6)), (at(9), at(NOW))])
    assert maintenance_windows("web", events, at(NOW)) == Intervals()


def test_a_component_without_checks_is_known_from_its_since_and_else_unknown() -> None:
    known = World(component(since=3), {}, (), EXCLUDE)
    assert tally(known.timeline(), known.component, at(0), at(NOW)) == Tally(window=7 * TICK, known=7 * TICK)
    unknown = World(component(), {}, (), EXCLUDE)
    counted = tally(unknown.timeline(), unknown.component, at(0), at(NOW))
    assert counted == Tally(window=NOW * TICK)
    assert (counted.availability(EXCLUDE), counted.coverage) == (None, "0.00")


def test_the_state_lasts_since_its_span_began() -> None:
    line = World(component(("a", State.MAJOR)), {"a": "..uuddu..."}, (), EXCLUDE).timeline()
    assert line.since(at(3)) == at(2)
    assert line.since(at(5)) == at(4)
    assert line.since(at(9)) == at(7)  # unknown since the last known second
    assert line.since(at(1)) is None


def test_a_group_is_the_mean_of_its_components_by_seconds() -> None:
    all_day = Tally(window=4 * TICK, known=4 * TICK, major=TICK, excluded=0)
    new = Tally(window=TICK, known=TICK, degraded=TICK, maintenance=5, excluded=7)
    both = all_day + new
    assert both == Tally(window=5 * TICK, known=5 * TICK, major=TICK, degraded=TICK, maintenance=5, excluded=7)
    assert both.availability(EXCLUDE) == "80.00"  # four of five quarters, not the mean of 75 and 100


def test_states_weigh_as_the_policy_says() -> None:
    counted = Tally(window=10_000, known=8_000, major=100, partial=300, degraded=1_000, excluded=2_000)
    assert counted.down == 400
    assert counted.availability(Policy()) == percent(8_000 - 100 - 150, 8_000)
    assert counted.availability(Policy(major=1_000, partial=1_000, degraded=250)) == percent(8_000 - 650, 8_000)
    assert counted.availability(Policy(major=0, partial=333, degraded=0)) == percent(8_000_000 - 99_900, 8_000_000)
    assert counted.coverage == "100"


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (0, 0, None),
        (0, 5, "0.00"),
        (5, 5, "100"),
        (2, 3, "66.66"),  # cut, never rounded
        (1, 3, "33.33"),
        (9_998_999, 10_000_000, "99.98"),
        (9_999, 10_000, "99.990"),  # 99.99 alone is also what 99.999 looks like
        (99_985, 100_000, "99.98"),
        (99_994, 100_000, "99.994"),
        (999_985, 1_000_000, "99.998"),
        (999_990, 1_000_000, "99.9990"),
        (9_999_985, 10_000_000, "99.9998"),
        (9_999_999, 10_000_000, "99.99999"),
        (99_999_989, 100_000_000, "99.99998"),
        (10**12 - 1, 10**12, "99.99999"),  # five decimals at most, and never 100
        (9_995, 100_000, "9.99"),  # only what begins with 99.99 wants more
        (995, 100_000, "0.99"),
        (31_535_999, 31_536_000, "99.99999"),  # a second in a year
        (86_399, 86_400, "99.998"),  # a second in a day
        (2_591_999, 2_592_000, "99.99996"),  # a second in 30 days
    ],
)
def test_a_percentage_is_cut_to_what_tells_it_apart(part: int, whole: int, text: str | None) -> None:
    assert percent(part, whole) == text


def test_no_percentage_is_better_than_what_was_measured() -> None:
    wholes = (1, 2, 3, 7, 60, 97, 10_000, 86_400, 10**7, 31_536_000)
    pairs = [(part, whole) for whole in wholes for part in range(whole - min(whole, 250), whole + 1)]
    for part, whole in [*pairs, *((part, 1_009) for part in range(1_010))]:
        text, exact = percent(part, whole), Fraction(100 * part, whole)
        assert text is not None
        assert Fraction(text) <= exact < Fraction(text) + Fraction(1, 10 ** len(text.partition(".")[2]))
        assert (text == "100") == (part == whole)
        assert text == "100" or len(text.partition(".")[2]) >= 2
        assert (len(text) > 5) == (text.startswith("99.99") and text != "99.99")
