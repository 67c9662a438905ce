"""The rules for numbers a second time, slow and second by second (docs/numbers.md, 1 to 8 and 11 to 13).

Nothing of the program's arithmetic is used. A set of seconds is an ``int`` of which bit i is the second ``begin`` + i;
what a check says at one location is a text of one letter a second, made by a loop over its samples.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise, product
from zoneinfo import ZoneInfo

from statusgen.model import (
    Check,
    Component,
    Correction,
    Event,
    Incident,
    Maintenance,
    Phase,
    Probing,
    Round,
    Site,
    State,
    Verdict,
)
from statusgen.promises import MaintenanceRule, Objective, Policy

DAY = 86_400
Seconds = int  # a set of them
Heard = Sequence[
    tuple[int, Verdict | None]
]  # instant and answer; None: it could not be told, or the prober itself failed
WORST_FIRST = (State.MAJOR, State.PARTIAL, State.DEGRADED)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class World:
    """All there is to know at ``now``. Nothing happened before ``begin``."""

    begin: int
    now: int
    site: Site
    seen: Mapping[str, Sequence[Round]]
    events: Sequence[Event] = ()
    corrections: Sequence[Correction] = ()

    @property
    def length(self) -> int:
        """How many seconds have begun, the present one included."""
        return self.now + 1 - self.begin

    def span(self, start: int, end: int) -> Seconds:
        first, last = max(start - self.begin, 0), min(end - self.begin, self.length)
        return (1 << last) - (1 << first) if first < last else 0


def stretches(seconds: Seconds) -> Iterator[tuple[int, int]]:
    """Yield where sets of seconds without a hole begin and end, counted from ``begin``."""
    while seconds:
        start = (seconds & -seconds).bit_length() - 1
        following = ~(seconds >> start)
        end = start + (following & -following).bit_length() - 1
        yield start, end
        seconds = seconds >> end << end


# Rules 1 to 3: what a check says


def heard(rounds: Sequence[Round], check: str, now: int) -> Heard:
    told = [round_ for round_ in rounds if round_.at <= now]
    answers = [(round_.at, None if round_.prober_error else dict(round_.answers).get(check)) for round_ in told]
    return [
        (at, answer.verdict if answer else None)
        for (at, answer), round_ in zip(answers, told, strict=True)
        if answer or round_.prober_error
    ]


def holds(samples: Heard, interval: int) -> list[int]:
    """Rule 1: how long each sample holds at most."""
    gaps: dict[int, list[int]] = defaultdict(list)
    for at, following in pairwise([at for at, said in samples if said is not None]):
        gaps[at // DAY].append(following - at)
    medians = {day: sorted(of_day)[(len(of_day) - 1) // 2] for day, of_day in gaps.items()}
    longest = {day: int(max(2.5 * interval, min(2.5 * median, 3_600))) for day, median in medians.items()}
    return [longest.get(at // DAY, int(2.5 * interval)) for at, _ in samples]


def filtered(
    samples: Heard, held: Sequence[int], probing: Probing, fails: Callable[[Verdict | None], bool]
) -> list[bool | None]:
    """Rule 2: whether failing is the confirmed state from each sample on; None before anything is confirmed."""
    state: bool | None = None
    settled: list[bool | None] = []
    row: list[int] = []  # the samples in a row that contradict the state
    for i, (at, said) in enumerate(samples):
        settled.append(state)
        is_after_gap = i > 0 and (samples[i - 1][1] is None or at - samples[i - 1][0] > held[i - 1])
        if said is None or is_after_gap or (row and fails(said) is not fails(samples[row[-1]][1])):
            row = []
        if said is None:
            continue
        if fails(said) is state:
            row = []
            continue
        row.append(i)
        if len(row) == (probing.confirm if fails(said) else 1 if state is None else probing.recover):
            state = fails(said)
            settled[row[0] :] = [state] * (len(settled) - row[0])
            row = []
    return settled


def line(world: World, rounds: Sequence[Round], check: Check) -> bytes:
    """Return a letter a second: up, degraded (``g``), down, or ``.`` for unknown."""
    probing, samples = world.site.probing, heard(rounds, check.id, world.now)
    held = holds(samples, check.interval or probing.interval)
    worse = filtered(samples, held, probing, lambda said: said is not Verdict.UP)
    down = filtered(samples, held, probing, lambda said: said is Verdict.DOWN)
    letters = bytearray(b"." * world.length)
    nexts = [at for at, _ in samples[1:]] + [world.now + 1]
    for (at, said), hold, following, *settled in zip(samples, held, nexts, worse, down, strict=True):
        if said is not None and None not in settled:
            end = min(at + hold, following)
            letters[at - world.begin : end - world.begin] = b"ugd"[sum(settled) : sum(settled) + 1] * (end - at)
    return bytes(letters)


ONLY = {word: bytes(ord("1" if chr(code) == word else "0") for code in range(256)) for word in "ugd"}


def voted(world: World, check: Check) -> dict[str, Seconds]:
    """Rule 3: the seconds in which a check is up, degraded (``g``) and down."""
    voters = world.site.probing.locations
    lines = [line(world, world.seen[place], check)[::-1] for place in voters or world.seen if place in world.seen]
    said = [{word: int(each.translate(only), 2) for word, only in ONLY.items()} for each in lines]
    always = world.span(world.begin, world.now + 1)
    for each in said:
        each["."] = always & ~(each["u"] | each["g"] | each["d"])
    result = dict.fromkeys("ugd", 0)
    for words in product("ugd.", repeat=len(lines)):
        knowing = [word for word in words if word != "."]
        if not knowing or (len(voters) > 1 and len(knowing) == 1):
            continue
        seconds = always
        for each, word in zip(said, words, strict=True):
            seconds &= each[word]
        levels = (level for level in ("d", "dg") if 2 * sum(word in level for word in knowing) > len(knowing))
        result[next(levels, "u")[-1]] |= seconds
    return result


# Rules 4 to 6: what a component is


@dataclass(frozen=True, slots=True)
class Lived:
    """A component's seconds. ``trouble`` is one state a second, whether maintenance is left out or not."""

    life: Seconds
    known: Seconds
    trouble: Mapping[State, Seconds]


@lru_cache(maxsize=2)
def lived(world: World, component: Component) -> Lived:
    """Rules 4 and 5: the worst of what is measured and declared, or what a correction says."""
    life = world.span(component.since or world.begin, world.now + 1)
    at = said_of(world, component)
    if component.since and not component.checks:
        at[State.OPERATIONAL] |= life
    corrected = [each for each in world.corrections if component.id in each.components]
    for each in corrected:
        for state in State:
            at[state] &= ~world.span(each.start, each.end)
    for each in corrected:
        at[each.state] |= world.span(each.start, each.end)
    known, taken, trouble = 0, 0, {}
    for state in State:
        known |= 0 if state is State.UNKNOWN else at[state]
    for state in WORST_FIRST:
        trouble[state] = at[state] & life & ~taken
        taken |= at[state]
    return Lived(life, known & life, trouble)


def said_of(world: World, component: Component) -> dict[State, Seconds]:
    """Return in which seconds checks or incidents say each state; they may overlap."""
    at: dict[State, Seconds] = dict.fromkeys(State, 0)
    for check in component.checks:
        said = voted(world, check)
        for state, word in ((State.OPERATIONAL, "u"), (State.DEGRADED, "g"), (check.down, "d")):
            at[state] |= said[word]
    for incident in world.events:
        if isinstance(incident, Incident) and incident.updates[0].at <= world.now:
            for start, end, state in declared(incident, component.id, world.now):
                at[state] |= world.span(start, end)
    return at


def declared(incident: Incident, component: str, now: int) -> Iterator[tuple[int, int, State]]:
    """Rule 5: what an incident says of a component; updates later than ``now`` are not known."""
    start, state = incident.started, dict(incident.components).get(component)
    for update in (update for update in incident.updates if update.at <= now):
        said = None if update.phase is Phase.RESOLVED else dict(update.components).get(component, state)
        if state:
            yield start, update.at, state
        start, state = update.at, said
    if state:
        yield start, now + 1, state


def left_out(world: World, component: str, policy: Policy, zone: str, life: Seconds) -> Seconds:
    """Rules 6 and 11: the maintenance that does not count; nothing outside ``life`` does, for the cap neither."""
    if policy.maintenance is MaintenanceRule.COUNT:
        return 0
    planned = [event for event in world.events if isinstance(event, Maintenance) and component in event.components]
    seconds = 0
    for event in planned:
        first = event.updates[0].at if event.updates else None
        if not policy.announced or (first is not None and first + policy.announced <= event.start):
            seconds |= window(world, event) & life
    if policy.cap is None:
        return seconds
    kept, used = 0, defaultdict[tuple[int, int], int](int)
    for first_second, last in stretches(seconds):
        for start, end, month in _by_month(world.begin + first_second, world.begin + last, zone):
            counted = min(end - start, policy.cap - used[month])
            used[month] += counted
            kept |= world.span(start, start + counted)
    return kept


def window(world: World, planned: Maintenance) -> Seconds:
    """Rule 6: scheduled window ∩ [actual start, completion or cancellation]."""
    told = [update for update in planned.updates if update.at <= world.now]
    if planned.updates and not told:
        return 0  # nobody has heard of it yet
    start, end = planned.start, planned.end
    for i, update in enumerate(told):
        if update.phase in (Phase.COMPLETED, Phase.CANCELLED):
            end = min(end, update.at)
            break
        if update.phase is Phase.IN_PROGRESS and Phase.IN_PROGRESS not in [each.phase for each in told[:i]]:
            start = max(start, update.at)
    return world.span(start, end)


def _by_month(start: int, end: int, zone: str) -> Iterator[tuple[int, int, tuple[int, int]]]:
    while start < end:
        local = datetime.fromtimestamp(start, ZoneInfo(zone))
        until = min(end, month_end(zone, local.year, local.month))
        yield start, until, (local.year, local.month)
        start = until


def month_end(zone: str, year: int, month: int) -> int:
    following = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    before, after = following - timedelta(days=2), following + timedelta(days=2)
    low, high = int(before.timestamp()), int(after.timestamp())
    while low < high:  # the first second in which the calendar on the wall shows the next month
        middle = (low + high) // 2
        wall = datetime.fromtimestamp(middle, ZoneInfo(zone))
        low, high = (low, middle) if (wall.year, wall.month) > (year, month) else (middle + 1, high)
    return low


# Rules 7, 8 and 11 to 13: what it comes to


def short(outages: Seconds, known: Seconds, least: int) -> Seconds:
    """Return the outages that last less than ``least``; what nothing is known of does not end one."""
    found = 0
    for start, end in stretches(outages | ~known & ((1 << outages.bit_length()) - 1) if least else 0):
        told = outages & ((1 << end) - (1 << start))
        if told and told.bit_length() - ((told & -told).bit_length() - 1) < least:
            found |= told
    return found


def tally(world: World, component: Component, objective: Objective, start: int, end: int) -> dict[str, int]:
    """Return the seconds of ``[start, end)`` by what they were, and the downtime they weigh in milliseconds."""
    told, policy, start = lived(world, component), objective.policy, max(start, objective.begins or start)
    here = world.span(start, end)
    life = told.life & world.span(objective.begins or world.begin, world.now + 1)
    excluded = left_out(world, component.id, policy, objective.zone, life)
    maintenance = left_out(world, component.id, Policy(), "UTC", life)
    ignored = short(told.trouble[State.MAJOR] | told.trouble[State.PARTIAL], told.known, policy.least_outage)
    major, partial = (told.trouble[state] & ~ignored for state in (State.MAJOR, State.PARTIAL))
    degraded = told.trouble[State.DEGRADED]
    sets = {"known": told.known, "major": major, "partial": partial, "degraded": degraded}
    found = {name: (seconds & ~excluded & here).bit_count() for name, seconds in sets.items()}
    found["window"] = max(0, end - max(start, component.since or start))
    found["maintenance"] = (maintenance & here).bit_count()
    found["excluded"] = (excluded & here).bit_count()
    weights = (("major", policy.major), ("partial", policy.partial), ("degraded", policy.degraded))
    return found | {"used_ms": sum(found[name] * weight for name, weight in weights)}


def account(world: World, objective: Objective, start: int, end: int) -> dict[str, int]:
    """Rules 12 and 13 on top: what is allowed, and whether the target is reached (-1: nobody knows)."""
    begins, total = objective.begins or start, defaultdict[str, int](int)
    for component in (each for each in world.site.components if each.id in objective.components):
        of = tally(world, component, objective, start, min(end, world.now))
        for name, count in of.items():
            total[name] += count
        total["to_come"] += max(0, end - max(start, begins, component.since or start, world.now))
    target = Fraction(objective.target.text) / 100
    allowed = int((1 - target) * 1_000 * (total["known"] + total["to_come"]))
    known_ms = 1_000 * total["known"]
    is_met = Fraction(known_ms - total["used_ms"], known_ms) >= target if known_ms else -1
    del total["to_come"]
    return {**total, "allowed_ms": allowed, "is_met": int(is_met)}
