"""Weeks made at random, in which everything can happen, counted by the program and by the reference."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace

from statusgen import days, snapshot
from statusgen.availability import Tally
from statusgen.budget import Account
from statusgen.model import (
    Check,
    Component,
    Correction,
    Event,
    Maintenance,
    Phase,
    Probing,
    Question,
    Round,
    Sample,
    Site,
    State,
    Update,
    Verdict,
)
from statusgen.periods import DAY, HOUR, parse_instant
from statusgen.promises import Kind, MaintenanceRule, Objective, Period, Policy, Share
from statusgen.views import Provenance, Snapshot
from tests import literals, reference
from tests.reference import World

WEEK = 7 * DAY
PROVENANCE = Provenance(version="0", commit="c0ffee" * 6, branches=())
MONTH_ENDS = ("2026-03-28T00:00Z", "2026-10-29T00:00Z", "2028-02-26T00:00Z", "2026-04-02T00:00Z", "2026-12-27T00:00Z")
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")
TROUBLES = (State.MAJOR, State.PARTIAL, State.DEGRADED)


# Histories at random


def world(seed: int) -> World:
    """Return a week in which everything can happen; most weeks have a month's end or a change of the clocks."""
    chance = random.Random(seed)
    begin = parse_instant(chance.choice(MONTH_ENDS)) + chance.randrange(DAY)
    now = begin + WEEK - chance.randrange(DAY)
    names = ("api", "web")[: chance.choice((1, 1, 2))]
    places = ("a", "b", "c")[: chance.choice((1, 1, 2, 3))]
    probing = Probing(
        interval=chance.choice((60, 120, 300, 600, 900, 1_200, 1_800, 3_600)),
        confirm=chance.choice((1, 2, 2, 3)),
        recover=chance.choice((1, 2, 2, 3)),
        locations=chance.choice(((), places, ("a", "b"), ("a", "elsewhere"), ("c",))) if len(places) > 1 else (),
    )
    components = tuple(_component(chance, name, begin) for name in names)
    checks = [check for component in components for check in component.checks]
    truth = {check.id: _instants(chance, begin, now, 2 * chance.randrange(1, 6)) for check in checks}
    return World(
        begin=begin,
        now=now,
        site=Site(
            name="Example",
            url="https://status.example.org",
            id="example",
            probing=probing,
            policy=Policy(maintenance=chance.choice(tuple(MaintenanceRule)), degraded=chance.choice((0, 100))),
            components=components,
            objectives=tuple(_objectives(chance, names, begin)),
        ),
        seen={
            place: tuple(_sparse(checks, _rounds(chance, probing.interval, truth, (begin, now)))) for place in places
        },
        events=_events(chance, names, begin, now),
        corrections=tuple(_corrections(chance, names, begin, now)),
    )


def _component(chance: random.Random, name: str, begin: int) -> Component:
    downs = [chance.choice((State.MAJOR, State.MAJOR, State.PARTIAL, State.DEGRADED)) for _ in range(2)]
    intervals = [chance.choice((0, 0, 0, 60, 1_800, HOUR, 6 * HOUR, DAY)) for _ in downs]
    checks = tuple(
        Check(id=f"{name}-{i}", question=Question(), down=down, interval=interval)
        for i, (down, interval) in enumerate(zip(downs, intervals, strict=True))
    )
    since = begin + chance.randrange(4 * DAY) if chance.random() < 0.3 else None
    return Component(id=name, name=name, since=since, checks=checks[: chance.choice((0, 1, 1, 1, 2, 2))])


def _objectives(chance: random.Random, names: tuple[str, ...], begin: int) -> Iterator[Objective]:
    policy = Policy(
        maintenance=chance.choice((MaintenanceRule.EXCLUDE, MaintenanceRule.EXCLUDE, MaintenanceRule.COUNT)),
        partial=chance.choice((500, 333)),
        degraded=chance.choice((0, 1, 250)),
        announced=chance.choice((0, HOUR, DAY)),
        cap=chance.choice((None, 0, 1_800, 2 * HOUR, 6 * HOUR)),
        least_outage=chance.choice((0, 0, 60, 301, 1_800, 2 * HOUR)),
    )
    target, zone = Share.parse(chance.choice(("99", "99.9", "95.5", "99.999"))), chance.choice(ZONES)
    begins = begin + chance.randrange(6 * DAY) if chance.random() < 0.3 else None
    for period in (Period(months=chance.choice((1, 1, 3, 12))), Period(days=chance.choice((1, 3, 7)))):
        yield Objective(
            id=f"o{period.months}",
            kind=Kind.SLA,
            name="Promise",
            components=names,
            target=target,
            period=period,
            zone=zone,
            begins=begins,
            policy=policy,
        )


def _instants(chance: random.Random, start: int, end: int, count: int) -> list[int]:
    return sorted(chance.randrange(start, end) for _ in range(count))


def _rounds(
    chance: random.Random, interval: int, truth: dict[str, list[int]], span: tuple[int, int]
) -> Iterator[Round]:
    """Yield rounds that waver about the truth, come late, fail and stay away; not every check is asked each time."""
    jitter = chance.choice((0, interval // 10, interval))
    noise, failures, gaps = chance.choice((0, 0.02, 0.3)), chance.choice((0, 0.01)), chance.choice((0, 0.003, 0.02))
    slowness = chance.choice((1, 2, 6))  # of what runs the prober, against what was configured
    at = span[0] + chance.randrange(interval)
    stop = span[0] + chance.choice((DAY // 2, DAY)) if interval < 300 else span[1] + HOUR
    while at < stop:
        if chance.random() < failures:
            yield Round(at=at, prober_error="offline")
        else:
            yield Round(at=at, answers=tuple(_answers(chance, at, truth, noise)))
        at += max(1, slowness * interval + chance.randint(-jitter // 2, jitter))
        if chance.random() < gaps:
            at += chance.randrange(12 * HOUR)


def _answers(chance: random.Random, at: int, truth: dict[str, list[int]], noise: float) -> Iterator[tuple[str, Sample]]:
    for check, turns in truth.items():
        turn = bisect_right(turns, at)
        verdict = Verdict.UP if turn % 2 == 0 else Verdict.DOWN if turn % 4 == 1 else Verdict.DEGRADED
        if chance.random() < noise:
            verdict = chance.choice(tuple(Verdict))
        if chance.random() < noise / 4:
            yield check, Sample(at, None, None, chance.choice(("blocked", "unsupported")))
        elif chance.random() > noise / 4:
            yield check, Sample(at, verdict)


def _sparse(checks: Sequence[Check], rounds: Iterator[Round]) -> Iterator[Round]:
    """Take the answers away that come before their check is due again."""
    asked: dict[str, int] = {}
    due = {check.id: check.interval for check in checks}
    for round_ in rounds:
        answers = [each for each in round_.answers if round_.at - asked.get(each[0], -DAY) >= due[each[0]]]
        asked |= {check: round_.at for check, _ in answers}
        yield replace(round_, answers=tuple(answers))


def _events(chance: random.Random, names: Sequence[str], begin: int, now: int) -> tuple[Event, ...]:
    incidents = (_incident(chance, f"i{i}", names, (begin, now)) for i in range(chance.randrange(4)))
    maintenance = (_maintenance(chance, f"m{i}", names, (begin, now)) for i in range(chance.randrange(6)))
    return (*incidents, *maintenance)


def _incident(chance: random.Random, slug: str, names: Sequence[str], span: tuple[int, int]) -> Event:
    first = chance.randrange(*span)
    length = chance.choice((30, 600, HOUR, 6 * HOUR, 2 * DAY))
    phases = [Phase.INVESTIGATING, Phase.IDENTIFIED, Phase.MONITORING, Phase.RESOLVED][: chance.choice((1, 3, 4, 4, 4))]
    at = sorted([first, *(first + chance.randrange(length) for _ in phases[1:])])
    said = (*TROUBLES, State.MAINTENANCE, State.OPERATIONAL)
    updates = (
        Update(at=at_, phase=phase, text="x", components=((chance.choice(names), chance.choice(said)),) * (i % 2))
        for i, (at_, phase) in enumerate(zip(at, phases, strict=True))
    )
    started = max(span[0], first - chance.choice((0, 60, HOUR)))
    states = {name: chance.choice(TROUBLES) for name in names[: chance.choice((1, 1, 2))]}
    return literals.incident(slug, *updates, started=started, **states)


def _maintenance(chance: random.Random, slug: str, names: Sequence[str], span: tuple[int, int]) -> Maintenance:
    start = chance.randrange(span[0], span[1] + HOUR)
    end = start + chance.choice((60, 1_800, 2 * HOUR, 5 * HOUR))
    told = [(start - chance.choice((0, HOUR - 1, HOUR, DAY, 2 * DAY)), Phase.SCHEDULED)]
    if chance.random() < 0.6:
        told.append((start + chance.randint(-600, 1_000), Phase.IN_PROGRESS))
        told.append((end + chance.randint(-1_500, 3_000), chance.choice((Phase.COMPLETED, Phase.CANCELLED))))
    told = sorted(told)[: chance.choice((0, 1, 2, 3, 3, 3))]
    updates = (Update(at=at, phase=phase, text="x") for at, phase in told)
    return literals.maintenance(slug, start, end, *updates, on=tuple(names[: chance.choice((1, 2))]))


def _corrections(chance: random.Random, names: Sequence[str], begin: int, now: int) -> Iterator[Correction]:
    """Yield corrections of different times: those that contradict each other are refused when they are read."""
    cuts = iter(_instants(chance, begin, now, 2 * chance.randrange(4)))
    for i, (start, end) in enumerate(zip(cuts, cuts, strict=True)):
        until = min(end, start + chance.choice((100, HOUR, DAY)))
        state = chance.choice((State.OPERATIONAL, State.UNKNOWN, *TROUBLES))
        on = tuple(chance.sample(names, chance.randint(1, len(names))))
        yield Correction(slug=f"c{i}", path="", components=on, start=start, end=until, state=state, reason="x")


# What the program and the reference make of them


def taken(of: World) -> Snapshot:
    seen = {place: days.history((), rounds, of.now + 1) for place, rounds in of.seen.items()}
    return snapshot.take(of.site, of.events, seen, of.now, PROVENANCE, corrections=of.corrections)


def numbers(account: Account) -> dict[str, int]:
    told = {field.name: getattr(account.tally, field.name) for field in fields(Tally)}
    is_met = -1 if account.is_met is None else int(account.is_met)
    return {**told, "used_ms": account.used_ms, "allowed_ms": account.allowed_ms, "is_met": is_met}


def bounds(objective: Objective, name: str, now: int) -> tuple[int, int]:
    """Return the span of a period by its name, found by looking for where the month on the wall changes."""
    if "d" in name:
        length = objective.period.days * DAY
        end = now if name.endswith("d") else _month(objective.zone, name[-7:])[1]
        return end - length, end
    first = {1: name, 3: f"{name[:4]}-{3 * int(name[-1]) - 2:02}", 12: f"{name[:4]}-01"}[objective.period.months]
    last = f"{name[:4]}-{int(first[5:]) + objective.period.months - 1:02}"
    return _month(objective.zone, first)[0], _month(objective.zone, last)[1]


def _month(zone: str, name: str) -> tuple[int, int]:
    year, month = int(name[:4]), int(name[5:])
    before = (year - 1, 12) if month == 1 else (year, month - 1)
    return reference.month_end(zone, *before), reference.month_end(zone, year, month)


def compare(seed: int) -> Counter[str]:
    """Compare every number of a random history to the second; return what occurred in it."""
    return agree(world(seed), seed)


def agree(of: World, name: object) -> Counter[str]:
    """Compare every number of a history to the second; return what occurred in it."""
    made = taken(of)
    for view in made.components:
        window = next(window for window in view.windows if window.name == "7d")
        plain = replace(of.site.objectives[0], policy=of.site.policy, zone="UTC", begins=None)
        expect = reference.tally(of, view.component, plain, of.now - WEEK, of.now)
        lost = {"used_ms": window.tally.lost_ms(of.site.policy)}
        assert {field.name: getattr(window.tally, field.name) for field in fields(Tally)} | lost == expect, name
    occurred: Counter[str] = Counter()
    for view in made.objectives:
        for account in view.accounts:
            start, end = bounds(view.objective, account.name, of.now)
            expect = reference.account(of, view.objective, start, end)
            assert numbers(account) == expect, (name, account.name)
            occurred += _occurred(of, view.objective, account)
    return occurred


FEATURES = (
    "unknown", "major", "partial", "degraded", "excluded", "capped", "counted", "overrun", "announced late",
    "short", "corrected", "corrected to unknown", "missed", "met", "no data", "prober error", "not told",
    "own interval", "born", "begun", "voted", "cancelled", "months", "open",
)  # fmt: skip


def _occurred(of: World, objective: Objective, account: Account) -> Counter[str]:
    tally, policy = account.tally, objective.policy
    planned = [event for event in of.events if isinstance(event, Maintenance)]
    last = [(event, event.updates[-1]) for event in planned if event.updates]
    found = {
        "unknown": tally.window > tally.known + tally.excluded,
        "major": tally.major,
        "partial": tally.partial,
        "degraded": tally.degraded,
        "excluded": tally.excluded,
        "capped": policy.cap and any(_is_capped(of, component, objective) for component in of.site.components),
        "counted": tally.maintenance and policy.maintenance is MaintenanceRule.COUNT,
        "overrun": any(event.end < update.at < of.now for event, update in last),
        "announced late": tally.maintenance and policy.announced and policy.cap is None and not tally.excluded,
        "short": policy.least_outage and any(_is_short(of, component, policy) for component in of.site.components),
        "corrected": account.corrections,
        "corrected to unknown": any(each.state is State.UNKNOWN for each in of.corrections),
        "missed": account.is_met is False,
        "met": account.is_met,
        "no data": account.is_met is None,
        "prober error": any(each.prober_error for rounds in of.seen.values() for each in rounds),
        "not told": any(sample.verdict is None for sample in _samples(of)),
        "own interval": any(check.interval for component in of.site.components for check in component.checks),
        "born": any(component.since for component in of.site.components),
        "begun": objective.begins and account.start == objective.begins,
        "voted": len(of.site.probing.locations) > 1 or (len(of.seen) > 1 and not of.site.probing.locations),
        "cancelled": any(update.phase is Phase.CANCELLED for _, update in last),
        "months": not account.is_open,
        "open": account.is_open,
    }
    return Counter(name for name, is_so in found.items() if is_so)


def _samples(of: World) -> Iterator[Sample]:
    return (sample for rounds in of.seen.values() for round_ in rounds for _, sample in round_.answers)


def _is_capped(of: World, component: Component, objective: Objective) -> bool:
    life, without = reference.lived(of, component).life, replace(objective.policy, cap=None)
    both = (reference.left_out(of, component.id, each, objective.zone, life) for each in (objective.policy, without))
    return len(set(both)) == 2


def _is_short(of: World, component: Component, policy: Policy) -> bool:
    lived = reference.lived(of, component)
    outages = lived.trouble[State.MAJOR] | lived.trouble[State.PARTIAL]
    return bool(reference.short(outages, lived.known, policy.least_outage))
