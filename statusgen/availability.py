"""From confirmed checks, incidents and maintenance to seconds, and from seconds to a percentage.

The rules are those of docs/numbers.md, 4 to 9. Everything is whole seconds until ``percent`` writes text, and
``percent`` cuts: no number on the page is ever better than what was measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

from statusgen import periods
from statusgen.intervals import EMPTY, Intervals, union
from statusgen.model import (
    CLOSED_PHASES,
    TROUBLE,
    Component,
    Correction,
    Event,
    Incident,
    Maintenance,
    Phase,
    State,
)
from statusgen.promises import MaintenanceRule, Policy
from statusgen.verdict import Measured

States = Mapping[State, Intervals]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """How a component was, second by second, up to an instant.

    ``trouble`` holds the worst of measured and declared, one disjoint set a state of ``TROUBLE``; it is what
    numbers are made of. ``shown`` holds what the page says at each second, one disjoint set a state. ``confirmed`` is
    all trouble that was measured, whatever became of it; ``corrected`` is where corrections have the last word.
    """

    known: Intervals
    trouble: States
    shown: States
    maintenance: Intervals
    excluded: Intervals
    confirmed: Intervals
    corrected: Intervals

    def state_at(self, instant: int) -> State:
        """Return the state the page shows for the instant."""
        return next((state for state, spans in self.shown.items() if instant in spans), State.UNKNOWN)

    def since(self, instant: int) -> int | None:
        """Return since when the state at the instant has lasted; None for an unknown one that was never known."""
        span = self.shown[state].span_at(instant) if (state := self.state_at(instant)) in self.shown else None
        if span is not None:
            return span[0]
        ends = [spans.clip(0, instant).spans[-1][1] for spans in self.shown.values() if spans.clip(0, instant)]
        return max(ends, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Seconds of a window, by what they were. ``known`` leaves out excluded maintenance; so do the troubles."""

    window: int = 0
    known: int = 0
    major: int = 0
    partial: int = 0
    degraded: int = 0
    maintenance: int = 0
    excluded: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(**{field.name: getattr(self, field.name) + getattr(other, field.name) for field in fields(Tally)})

    @property
    def down(self) -> int:
        """Seconds of outage, whole or partial, unweighted."""
        return self.major + self.partial

    def availability(self, policy: Policy) -> str | None:
        """Return the availability as text, None where nothing is known."""
        return percent(self.known * 1_000 - self.lost_ms(policy), self.known * 1_000)

    def lost_ms(self, policy: Policy) -> int:
        """Return the weighted downtime: thousandths of a second, as weights are per mille."""
        return self.major * policy.major + self.partial * policy.partial + self.degraded * policy.degraded

    @property
    def coverage(self) -> str | None:
        """Return known time in per cent of the window, excluded maintenance taken from both."""
        return percent(self.known, self.window - self.excluded)


def percent(part: int, whole: int, least: int = 2) -> str | None:
    """Write ``part / whole`` in per cent, cut to ``least`` decimals; None for an empty whole (rule 9).

    Where that gives nothing but nines, as many as are needed to show something else, at most five. "100" only for
    the whole.
    """
    if whole <= 0:
        return None
    if part >= whole:
        return "100"
    for decimals in range(least, max(least, 5) + 1):
        text = _cut(part, whole, decimals)
        if text != "99." + "9" * decimals:
            break
    return text


def _cut(part: int, whole: int, decimals: int) -> str:
    scale = 10**decimals
    integer, fraction = divmod(part * 100 * scale // whole, scale)
    return f"{integer}.{fraction:0{decimals}d}"


def timeline(
    component: Component,
    checks: Mapping[str, Measured],
    events: Iterable[Event],
    policy: Policy,
    until: int,
    corrections: Iterable[Correction] = (),
) -> Timeline:
    """Put together how a component was before the instant ``until``. ``checks`` are by check id.

    ``corrections`` are those of the component; where they speak, nothing else does (rule 5).
    """
    events = tuple(events)
    measured = {check: checks.get(check.id, Measured()) for check in component.checks}
    confirmed = dict.fromkeys(TROUBLE, EMPTY)
    for check, seen in measured.items():
        confirmed[check.down] |= seen.down
        confirmed[State.DEGRADED] |= seen.degraded - seen.down
    declared = _declared(component.id, events, until)
    windows = maintenance_windows(component.id, events, until)
    always = Intervals([(component.since, until)]) if component.since is not None and not component.checks else EMPTY
    known = union([always, *(seen.known for seen in measured.values()), *declared.values()])
    life = Intervals([(component.since or 0, until)])
    right = _Corrected.by(corrections)
    trouble = _worst_first({state: right.of(state, confirmed[state] | declared[state]) & life for state in TROUBLE})
    excluded = windows & life if policy.maintenance is MaintenanceRule.EXCLUDE else EMPTY
    visible = {state: right.of(state, (confirmed[state] - windows) | declared[state]) & life for state in TROUBLE}
    known = right.known(known) & life
    in_work = right.of(State.MAINTENANCE, windows | declared[State.MAINTENANCE]) & life
    return Timeline(
        known=known,
        trouble=trouble,
        shown=_worst_first(visible | {State.MAINTENANCE: in_work} | {State.OPERATIONAL: known}),
        maintenance=windows & life,
        excluded=excluded,
        confirmed=union(confirmed.values()) & life,
        corrected=right.spans & life,
    )


@dataclass(frozen=True, slots=True)
class _Corrected:
    """Where corrections speak, and what they say: disjoint sets, since contradicting ones are refused."""

    spans: Intervals
    states: States

    @classmethod
    def by(cls, corrections: Iterable[Correction]) -> _Corrected:
        states: dict[State, Intervals] = {}
        for each in corrections:
            states[each.state] = states.get(each.state, EMPTY) | Intervals([(each.start, each.end)])
        return cls(union(states.values()), states)

    def of(self, state: State, otherwise: Intervals) -> Intervals:
        return (otherwise - self.spans) | self.states.get(state, EMPTY)

    def known(self, otherwise: Intervals) -> Intervals:
        return (otherwise | self.spans) - self.states.get(State.UNKNOWN, EMPTY)


def _worst_first(states: States) -> States:
    """Return disjoint sets: where states overlap, the one named first has it."""
    taken = EMPTY
    disjoint: dict[State, Intervals] = {}
    for state, spans in states.items():
        disjoint[state] = spans - taken
        taken |= spans
    return disjoint


def _declared(component: str, events: Iterable[Event], until: int) -> dict[State, Intervals]:
    """Return what incidents say of a component, by state; operational is said too, since it makes time known.

    What was measured says nothing: it is in the samples already.
    """
    states = dict.fromkeys((*TROUBLE, State.MAINTENANCE, State.OPERATIONAL), EMPTY)
    for incident in events:
        if isinstance(incident, Incident) and not incident.measured:
            for start, end, state in declarations(incident, component, until):
                states[state] |= Intervals([(start, end)])
    return states


def declarations(incident: Incident, component: str, until: int) -> list[tuple[int, int, State]]:
    """Return the spans an incident declares for a component, in time order: start, end, state (rule 5).

    They begin at ``started``, change at updates' ``Components:`` lines and all end at Resolved.
    """
    changes: list[tuple[int, State | None]] = []
    if (first := dict(incident.components).get(component)) is not None:
        changes.append((incident.started, first))
    for update in incident.updates:
        if update.phase is Phase.RESOLVED:
            changes.append((update.at, None))
        elif (state := dict(update.components).get(component)) is not None:
            changes.append((update.at, state))
    ends = [at for at, _ in changes[1:]] + [until]
    spans = ((start, min(end, until), state) for (start, state), end in zip(changes, ends, strict=False))
    return [(start, end, state) for start, end, state in spans if state is not None and start < end]


def maintenance_windows(component: str, events: Iterable[Event], until: int) -> Intervals:
    """Return the time a component spent in planned maintenance before ``until`` (rule 6)."""
    planned = (event for event in events if isinstance(event, Maintenance) and component in event.components)
    windows = (actual_window(maintenance, until) for maintenance in planned)
    return Intervals(window for window in windows if window is not None).clip(0, until)


def actual_window(maintenance: Maintenance, until: int) -> tuple[int, int] | None:
    """Return scheduled window ∩ [actual start, completion or cancellation], as known before ``until``.

    What nobody wrote is taken from the schedule. Updates from ``until`` on are not known yet.
    """
    written = [update for update in maintenance.updates if update.at < until]
    over = next((i for i, update in enumerate(written) if update.phase in CLOSED_PHASES), len(written))
    begun = next((update.at for update in written[:over] if update.phase is Phase.IN_PROGRESS), maintenance.start)
    start = max(maintenance.start, begun)
    end = min([maintenance.end, *(update.at for update in written[over : over + 1])])
    return (start, end) if start < end else None


def tally(line: Timeline, component: Component, start: int, end: int) -> Tally:
    """Count the seconds of ``[start, end)``, clipped at the component's ``since``."""
    start = max(start, component.since or start)
    counted = {name: spans.seconds for name, spans in _counted(line, start, end).items()}
    return Tally(window=max(0, end - start), **counted)


def tallies_by_day(line: Timeline, component: Component, days: range, until: int) -> list[Tally]:
    """Count each UTC day, the day of ``until`` as far as ``until``.

    Days in a row in which nothing begins or ends have one and the same tally: cost follows what happened, not the days.
    """
    counted = _counted(line, days[0], until)
    since = component.since or 0
    edges = {periods.day_of(edge) for spans in counted.values() for span in spans for edge in span}
    edges |= {periods.day_of(since), periods.day_of(until)}

    def count(day: int) -> Tally:
        end = min(day + periods.DAY, until)
        seconds = {name: spans.clip(day, end).seconds for name, spans in counted.items()}
        return Tally(window=max(0, end - max(day, since)), **seconds)

    tallies: list[Tally] = []
    alike: Tally | None = None  # of the days since the last edge
    for day in days:
        if alike is None or day in edges:
            tallies.append(count(day))
            alike = None if day in edges else tallies[-1]
        else:
            tallies.append(alike)
    return tallies


def _counted(line: Timeline, start: int, end: int) -> dict[str, Intervals]:
    """Return what a tally counts within ``[start, end)``, by its field."""
    return {
        "known": line.known.clip(start, end) - line.excluded,
        "major": line.trouble[State.MAJOR].clip(start, end) - line.excluded,
        "partial": line.trouble[State.PARTIAL].clip(start, end) - line.excluded,
        "degraded": line.trouble[State.DEGRADED].clip(start, end) - line.excluded,
        "maintenance": line.maintenance.clip(start, end),
        "excluded": line.excluded.clip(start, end),
    }
