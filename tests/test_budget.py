"""Objectives against a reference that works second by second, on histories made at random; and what no number tells."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace

import pytest

from statusgen import days, snapshot
from statusgen.availability import Tally
from statusgen.budget import Account, Reckoning, Span, accounts, burns, ends, spans
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
from statusgen.promises import Credit, Kind, MaintenanceRule, Objective, Period, Policy, Share
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
        interval=chance.choice((60, 120, 300, 300, 600, 900, 1_200, 1_800, 3_600)),
        confirm=chance.choice((1, 2, 2, 3)),
        recover=chance.choice((1, 2, 2, 3)),
        locations=chance.choice(((), places, ("a", "b"), ("a", "elsewhere"), ("c",))) if len(places) > 1 else (),
    )
    components = tuple(_component(chance, name, begin) for name in names)
    checks = [check.id for component in components for check in component.checks]
    truth = {check: _instants(chance, begin, now, 2 * chance.randrange(1, 6)) for check in checks}
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
        seen={place: tuple(_rounds(chance, probing.interval, truth, (begin, now))) for place in places},
        events=_events(chance, names, begin, now),
        corrections=tuple(_corrections(chance, names, begin, now)),
    )


def _component(chance: random.Random, name: str, begin: int) -> Component:
    downs = [chance.choice((State.MAJOR, State.MAJOR, State.PARTIAL, State.DEGRADED)) for _ in range(2)]
    checks = tuple(Check(id=f"{name}-{i}", question=Question(), down=down) for i, down in enumerate(downs))
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
    slowness = chance.choice((1, 1, 2, 6))  # of what runs the prober, against what was configured
    at = span[0] + chance.randrange(interval)
    stop = span[0] + chance.choice((DAY, 2 * DAY)) if interval < 300 else span[1] + HOUR
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
        if chance.random() > noise / 4:
            yield check, Sample(at, verdict)


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
    """Compare every number of a history to the second; return what occurred in it."""
    of = world(seed)
    made = taken(of)
    for view in made.components:
        window = next(window for window in view.windows if window.name == "7d")
        plain = replace(of.site.objectives[0], policy=of.site.policy, zone="UTC", begins=None)
        expect = reference.tally(of, view.component, plain, of.now - WEEK, of.now)
        lost = {"used_ms": window.tally.lost_ms(of.site.policy)}
        assert {field.name: getattr(window.tally, field.name) for field in fields(Tally)} | lost == expect, seed
    occurred: Counter[str] = Counter()
    for view in made.objectives:
        for account in view.accounts:
            start, end = bounds(view.objective, account.name, of.now)
            expect = reference.account(of, view.objective, start, end)
            assert numbers(account) == expect, (seed, account.name)
            occurred += _occurred(of, view.objective, account)
    return occurred


FEATURES = (
    "unknown", "major", "partial", "degraded", "excluded", "capped", "counted", "overrun", "announced late",
    "short", "corrected", "corrected to unknown", "missed", "met", "no data", "prober error", "born", "begun", "voted",
    "cancelled", "months", "open",
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
        "born": any(component.since for component in of.site.components),
        "begun": objective.begins and account.start == objective.begins,
        "voted": len(of.site.probing.locations) > 1 or (len(of.seen) > 1 and not of.site.probing.locations),
        "cancelled": any(update.phase is Phase.CANCELLED for _, update in last),
        "months": not account.is_open,
        "open": account.is_open,
    }
    return Counter(name for name, is_so in found.items() if is_so)


def _is_capped(of: World, component: Component, objective: Objective) -> bool:
    life, without = reference.lived(of, component).life, replace(objective.policy, cap=None)
    both = (reference.left_out(of, component.id, each, objective.zone, life) for each in (objective.policy, without))
    return len(set(both)) == 2


def _is_short(of: World, component: Component, policy: Policy) -> bool:
    trouble = reference.lived(of, component).trouble
    return bool(reference.short(trouble[State.MAJOR] | trouble[State.PARTIAL], policy.least_outage))


@pytest.mark.parametrize("first", range(0, 60, 20))
def test_a_random_week_comes_to_what_the_reference_counts(first: int) -> None:
    occurred = sum((compare(seed) for seed in range(first, first + 20)), Counter())
    assert set(FEATURES) - occurred.keys() == set(), "what does not occur is not tested"


# What no number tells


NOV, DEC = parse_instant("2026-11-01T00:00Z"), parse_instant("2026-12-01T00:00Z")
NOW = parse_instant("2026-12-10T12:00Z")
NOVEMBER = Span("2026-11", NOV, DEC, False)
DECEMBER = Span("2026-12", DEC, DEC + 31 * DAY, True)


MONTH = Period(months=1)


def objective(period: Period = MONTH, begins: int | None = None, zone: str = "UTC") -> Objective:
    return Objective(
        id="promise",
        kind=Kind.SLA,
        name="Promise",
        components=("api",),
        target=Share.parse("99.9"),
        period=period,
        zone=zone,
        begins=begins,
        credits=(Credit(below=Share.parse("99.9"), percent="5"), Credit(below=Share.parse("99"), percent="10")),
    )


def names(of: Objective, first: int, now: int = NOW) -> list[str]:
    return [span.name for span in spans(of, first, now)]


def test_periods_go_back_to_the_first_thing_known_the_present_one_first() -> None:
    assert spans(objective(), NOV + 5, NOW) == [DECEMBER, NOVEMBER]
    assert names(objective(), NOV - 1) == ["2026-12", "2026-11", "2026-10"]
    assert spans(objective(), NOV, DEC)[1] == NOVEMBER, "a month is over with its last second"
    assert names(objective(Period(months=3)), NOV) == ["2026-Q4"]
    assert names(objective(Period(months=12)), NOV - 400 * DAY) == ["2026", "2025"]


def test_rolling_days_end_now_and_with_each_month_that_is_over() -> None:
    found = spans(objective(Period(days=28)), NOV - DAY, NOW)
    assert found == [
        Span("28d", NOW - 28 * DAY, NOW, True),
        Span("28d to the end of 2026-11", DEC - 28 * DAY, DEC, False),
        Span("28d to the end of 2026-10", NOV - 28 * DAY, NOV, False),
    ]


def test_months_of_rolling_days_are_those_of_the_zone() -> None:
    berlin = spans(objective(Period(days=7), zone="Europe/Berlin"), NOV, NOW)
    assert [(span.name, span.end) for span in berlin[1:]] == [("7d to the end of 2026-11", DEC - HOUR)]


def test_nothing_comes_before_the_promise_begins() -> None:
    assert names(objective(begins=DEC), NOV) == ["2026-12"]
    assert names(objective(begins=NOV - 90 * DAY), NOV) == ["2026-12", "2026-11"]
    assert names(objective(begins=NOW), NOV) == ["2026-12"]
    assert names(objective(begins=NOW + 1), NOV) == []
    assert names(objective(Period(days=28), begins=NOW + 1), NOV) == []


def reckoning(*tallies: Tally, to_come: tuple[int, ...] = (0, 0), burn: Tally | None = None) -> Reckoning:
    return Reckoning(tallies=tallies, to_come=to_come, burn=(burn or Tally(),) * 3)


def known(seconds: int, major: int = 0) -> Tally:
    return Tally(window=seconds, known=seconds, major=major)


def test_a_period_in_which_there_is_nothing_has_no_account() -> None:
    told = list(accounts(objective(), [DECEMBER, NOVEMBER], [reckoning(known(DAY), Tally())], (), NOW))
    assert [account.name for account in told] == ["2026-12"]
    ahead = reckoning(Tally(), Tally(), to_come=(DAY, 0))
    assert [account.name for account in accounts(objective(), [DECEMBER, NOVEMBER], [ahead], (), NOW)] == ["2026-12"]
    blind = reckoning(Tally(window=DAY), Tally(window=DAY))
    assert [account.is_met for account in accounts(objective(), [DECEMBER, NOVEMBER], [blind], (), NOW)] == [None, None]


def test_an_account_begins_with_the_promise_and_is_open_only_in_the_present() -> None:
    of, both = objective(begins=NOV + 5 * DAY), reckoning(known(DAY), known(DAY))
    present, past = accounts(of, [DECEMBER, NOVEMBER], [both], (), NOW)
    assert (present.start, present.end, present.is_open) == (DEC, DEC + 31 * DAY, True)
    assert (past.start, past.end, past.is_open) == (NOV + 5 * DAY, DEC, False)


def test_an_account_names_the_corrections_that_touch_its_time() -> None:
    told = (
        ("before", NOV - 10, NOV),
        ("first", NOV - 10, NOV + 1),
        ("across", DEC - 1, DEC + 1),
        ("after", DEC, DEC + 5),
        ("ahead", NOW, NOW + 5),
    )
    both = reckoning(known(DAY), known(DAY))
    present, past = accounts(objective(), [DECEMBER, NOVEMBER], [both], told, NOW)
    assert past.corrections == ("first", "across")
    assert present.corrections == ("across", "after")
    late = accounts(objective(begins=DEC - 1), [DECEMBER, NOVEMBER], [both], told, NOW)
    assert [account.corrections for account in late] == [("across", "after"), ("across",)]


@pytest.mark.parametrize(
    ("major", "credit"), [(0, None), (1_000, None), (1_001, "5"), (10_000, "5"), (10_001, "10"), (10**6, "10")]
)
def test_the_credit_is_that_of_the_lowest_tier_it_stays_below(major: int, credit: str | None) -> None:
    (account,) = accounts(objective(), [NOVEMBER], [reckoning(known(10**6, major), to_come=(0,))], (), NOW)
    assert account.credit == credit


def test_without_tiers_or_knowledge_there_is_no_credit() -> None:
    lost = reckoning(known(10**6, 10**6), to_come=(0,))
    (account,) = accounts(replace(objective(), credits=()), [NOVEMBER], [lost], (), NOW)
    assert account.credit is None
    (account,) = accounts(objective(), [NOVEMBER], [reckoning(Tally(window=5), to_come=(0,))], (), NOW)
    assert account.credit is None


def test_what_is_allowed_is_cut_to_milliseconds() -> None:
    of = replace(objective(), target=Share.parse("99.999"))
    (account,) = accounts(of, [NOVEMBER], [reckoning(known(199), to_come=(0,))], (), NOW)
    assert account.allowed_ms == 1  # 1.99
    (account,) = accounts(of, [NOVEMBER], [reckoning(known(199), to_come=(1,))], (), NOW)
    assert account.allowed_ms == 2


def test_attained_has_as_many_decimals_as_the_target() -> None:
    of = replace(objective(), target=Share.parse("99.9000"))
    (account,) = accounts(of, [NOVEMBER], [reckoning(known(10**6, 3), to_come=(0,))], (), NOW)
    assert account.attained == "99.9997"
    (account,) = accounts(of, [NOVEMBER], [reckoning(known(10**6, 10_000), to_come=(0,))], (), NOW)
    assert account.attained == "99.0000"


@pytest.mark.parametrize(("major", "percent"), [(0, 0), (1, 1), (500, 50), (501, 51), (1_000, 100), (1_001, 101)])
def test_the_share_of_the_budget_is_rounded_up(major: int, percent: int) -> None:
    (account,) = accounts(objective(), [NOVEMBER], [reckoning(known(10**6, major), to_come=(0,))], (), NOW)
    assert account.used_percent == percent


def test_burning_is_told_of_three_windows_and_is_none_where_nothing_is_known() -> None:
    quiet = reckoning(known(DAY), burn=known(3_600, 9))
    assert [(burn.window, burn.rate) for burn in burns(objective(), [quiet])] == [
        ("1h", "2.50"),
        ("6h", "2.50"),
        ("3d", "2.50"),
    ]
    assert [burn.rate for burn in burns(objective(), [reckoning()])] == [None] * 3
    assert [burn.rate for burn in burns(objective(), [quiet, reckoning(burn=known(5_400))])] == ["1.00"] * 3
    assert [burn.rate for burn in burns(objective(), [reckoning(burn=known(10**6, 1))])] == ["0.01"] * 3  # 0.001


def foretold(major: int, lost: int, of: Objective) -> int | None:
    """Return when the budget of a December of 31 days ends, so much of which is gone and goes in three days."""
    member = reckoning(known(NOW - DEC, major), to_come=(DEC + 31 * DAY - NOW,), burn=known(3 * DAY, lost))
    (account,) = accounts(of, [DECEMBER], [member], (), NOW)
    return ends(of, account, [member], NOW)


def test_the_end_of_a_budget_is_foretold_from_the_last_three_days() -> None:
    allowed_ms = 31 * DAY  # a thousandth, in milliseconds
    left_ms = allowed_ms - 1_000_000
    assert foretold(1_000, 600, objective()) == NOW + left_ms * 3 * DAY // 600_000
    assert foretold(1_000, 0, objective()) is None
    assert foretold(2_679, 600, objective()) is None  # 2,678.4 are allowed
    assert foretold(1_000, 1, objective()) is None  # it lasts beyond December


def test_a_budget_that_is_just_used_up_ends_now() -> None:
    of = replace(objective(), target=Share.parse("90"))
    assert foretold(31 * DAY // 10, 600, of) == NOW


def test_the_end_lies_before_the_period_is_over() -> None:
    of = replace(objective(), target=Share.parse("50"))
    left = DEC + 31 * DAY - NOW
    used = 31 * DAY // 2 - left // 2  # what is left of the budget is half the time left
    assert foretold(used, 3 * DAY // 2, of) is None  # exactly until the end
    assert foretold(used + 1, 3 * DAY // 2, of) == DEC + 31 * DAY - 2
