"""Clocks that are wrong, and days that are not like others: every sum is exact, and who can mend something is told.

What is reckoned on paper stands as a number. The rest is held against ``tests/reference.py``, second by second, of
rounds that went through lines of the ledger as a prober with such a clock would have written them.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from pathlib import Path

import pytest

from statusgen import app, archive, config, days, delivery, git, ledger, periods, snapshot
from statusgen.branches import Destination
from statusgen.model import History, Round, Sample, Site, Verdict
from statusgen.periods import DAY, HOUR, MINUTE, parse_instant
from statusgen.views import ComponentView
from tests import literals
from tests.sites import COMPONENTS, commit_all, write
from tests.test_scenarios import KNOWN, Scenario
from tests.weeks import PROVENANCE, WEEK, agree, taken, world

START = parse_instant("2026-11-14T00:00Z")
STEP = 5 * MINUTE
TO = Destination(prefix="status-data", location="default", site="acme", keep=8)
TEN_YEARS = 3_653 * DAY


def line(at: int, verdict: Verdict = Verdict.UP, checks: Iterable[str] = ("api",)) -> str:
    return ledger.encode(Round(at=at, answers=tuple((check, Sample(at, verdict, 42)) for check in checks)))


def read(lines: Iterable[str], now: int) -> tuple[History, tuple[str, ...]]:
    """Return the history that a day file for each day tells, and what is wrong with its lines."""
    texts: dict[str, str] = {}
    for each in lines:
        path = f"samples/{each[13:23]}.jsonl"
        texts[path] = ledger.append(texts.get(path, ""), [each])
    reading = ledger.decode(texts)
    return days.history((), reading.rounds, now + 1), tuple(map(str, reading.problems))


def view_of(of: Site, history: History, now: int) -> ComponentView:
    return literals.view(snapshot.take(of, (), {"here": history}, now, PROVENANCE))


# A prober's clock. Each function is a true instant's reading of it.

CLOCKS: dict[str, Callable[[int], int]] = {
    "right": lambda at: at,
    "a day back for three hours": lambda at: at - DAY if 2 * DAY < at - START < 2 * DAY + 3 * HOUR else at,
    "a day back from then on": lambda at: at - DAY if at - START > 3 * DAY else at,
    "ten years ahead for an hour": lambda at: at + TEN_YEARS if 0 <= at - START - 3 * DAY < HOUR else at,
    "back ten minutes each hour": lambda at: at - 10 * MINUTE if at // STEP % 12 < 2 else at,
    "standing still": lambda at: at // HOUR * HOUR,
    "leaping ahead and back": lambda at: at + (37 * MINUTE if at // STEP % 2 else 0),
    "stopped for twelve hours": lambda at: at + 12 * HOUR if at - START > 2 * DAY else at,
    "drifting": lambda at: at + (at - START) // 50,
}


@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_the_clock_of_a_prober_says_every_sum_is_that_of_the_reference(clock: str, seed: int) -> None:
    chance, of = random.Random(seed), world(seed)
    start, checks = of.begin, [check.id for check in of.site.checks]
    verdicts = (Verdict.UP, Verdict.UP, Verdict.UP, Verdict.DOWN, Verdict.DEGRADED)
    first: dict[int, str] = {}  # of what was written for an instant, the first stands
    lines: list[str] = []
    stretch = Verdict.UP
    for true in range(start, of.now, STEP):
        stretch = chance.choice(verdicts) if chance.random() < 0.1 else stretch
        at = CLOCKS[clock](true - start + START) - START + start
        if at >= start:
            lines.append(line(at, stretch, checks))
            first.setdefault(at, lines[-1])
    history, problems = read(lines, of.now)
    assert all("differs from an earlier line" in each for each in problems)
    told = [ledger.decode_line(first[at]) for at in sorted(first)]
    assert [at for day in history.days for at in day.rounds] == [at for at in sorted(first) if at <= of.now]
    seen = {"a": tuple(each for each in told if isinstance(each, Round))}
    agree(replace(of, seen=seen, site=replace(of.site, probing=replace(of.site.probing, locations=()))), clock)


def test_no_span_is_negative_and_none_is_counted_twice_while_a_clock_goes_to_and_fro() -> None:
    of = world(3)
    for name, clock in CLOCKS.items():
        lines = [line(clock(at - of.begin + START) - START + of.begin) for at in range(of.begin, of.now, STEP)]
        rounds = [round_ for each in lines if isinstance(round_ := ledger.decode_line(each), Round)]
        seen = {"a": sorted({round_.at: round_ for round_ in rounds if round_.at >= of.begin}.values(), key=_at)}
        for view in taken(replace(of, seen=seen)).components:
            tally = next(window for window in view.windows if window.name == "7d").tally
            assert all(getattr(tally, field.name) >= 0 for field in fields(tally)), name
            assert tally.known + tally.excluded <= tally.window <= WEEK, name


def _at(round_: Round) -> int:
    return round_.at


# Holes


@pytest.mark.parametrize(("hole", "before"), [(12 * HOUR, 288), (60 * DAY, 288), (DAY, 0), (14 * MINUTE, 288)])
def test_a_hole_is_neither_up_nor_down_and_to_the_second_as_long_as_it_is(hole: int, before: int) -> None:
    """Rounds every five minutes hold for 2.5 times that, 750 s, and the last one up to now, itself included."""
    earlier = [START + i * STEP for i in range(before)]
    after = (earlier[-1] if earlier else START) + hole
    later = [after + i * STEP for i in range(288)]
    now = later[-1]
    history, problems = read([line(at) for at in (*earlier, *later)], now)
    assert problems == ()
    of = literals.site(literals.component("api", "api", since=START))
    window = next(window for window in view_of(of, history, now).windows if window.name == "90d")
    known = 287 * STEP + (before and 287 * STEP + min(750, hole))
    assert (window.tally.known, window.tally.window) == (known, now - START)
    assert (window.tally.major, window.tally.partial, window.tally.degraded) == (0, 0, 0)


# Rounds of the future


@pytest.fixture
def site(tmp_path: Path) -> Path:
    write(tmp_path / "site", **{"components.yaml": COMPONENTS})
    commit_all(tmp_path / "site")
    return tmp_path / "site"


def record(site: Path, *instants: int) -> None:
    for at in instants:
        delivery.record(git.Repository(site), TO, [line(at)])


def test_a_round_of_the_future_holds_up_nothing_and_comes_in_when_its_time_has_come(site: Path) -> None:
    usual = [START + i * STEP for i in range(4)]
    future = usual[1] + TEN_YEARS
    record(site, *usual[:2], future, *usual[2:])
    of = config.read(COMPONENTS)
    seen = archive.read(site, of, usual[-1])
    assert [at for day in seen.seen["default"].days for at in day.rounds] == usual
    assert [day.rounds for day in seen.raw] == [4]
    then = archive.read(site, of, future)
    assert [at for day in then.seen["default"].days for at in day.rounds] == [*usual, future]


def test_days_are_summed_up_as_ever_after_a_round_of_the_future(site: Path) -> None:
    usual = [START + i * 6 * HOUR for i in range(8)]
    record(site, usual[0], usual[0] + TEN_YEARS, *usual[1:])
    seen = archive.read(site, config.read(COMPONENTS), usual[-1], thorough=True)
    assert [at for day in seen.seen["default"].days for at in day.rounds] == usual
    (problem,) = seen.problems
    assert str(problem) == (
        "status-data/default:samples/2036-11-14.jsonl:1: tells of a round at 2036-11-14T00:00:00Z, which is still "
        "to come: the prober's clock was ahead, or this one is behind, so see to the clocks; "
        "nothing counts before its time"
    )


def test_check_names_rounds_of_the_future_and_the_page_does_not_take_them_for_its_last(site: Path) -> None:
    record(site, START, START + STEP, START + 9 * MINUTE + STEP)
    assert [each for each in app.check(site, START + STEP, {}, require_secrets=False) if "to come" in str(each)] == []
    record(site, START + DAY, START + TEN_YEARS)
    told = [str(each) for each in app.check(site, START + STEP, {}, require_secrets=False) if "to come" in str(each)]
    assert len(told) == 1
    assert "tells of 2 rounds, the first one at 2026-11-15T00:00:00Z" in told[0]
    app.build(site, site / "public", START + STEP)
    told_of = [
        path.name for path in (site / "public").rglob("*.*") if path.is_file() and b"2036-11" in path.read_bytes()
    ]
    assert told_of == []


def test_a_clock_at_its_beginning_writes_what_is_named_and_passed_over() -> None:
    history, (problem,) = read([line(START), '{"v":1,"at":"1970-01-01T00:00:07Z","checks":{"api":["up",1]}}'], START)
    assert "has no instant like" in problem
    assert [at for day in history.days for at in day.rounds] == [START]


# Seconds and days that are not like others


@pytest.mark.parametrize("text", ["2026-06-30T23:59:60Z", "2026-12-31T23:59:60Z"])
def test_a_leap_second_is_no_instant_and_who_writes_one_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=f"'{text}' is not in the calendar: correct the date, the time or the zone"):
        parse_instant(text)
    _, (problem,) = read([f'{{"v":1,"at":"{text}","checks":{{"api":["up",1]}}}}'], START)
    assert "has no instant like 2026-11-21T10:05:03Z" in problem


@pytest.mark.parametrize(
    ("around", "name"),
    [
        ("2028-02-29T00:00Z", "a leap day"),
        ("2027-01-01T00:00Z", "the end of a year"),
        ("2026-03-29T01:00Z", "Berlin goes ahead"),
        ("2026-10-25T01:00Z", "Berlin goes back"),
    ],
)
def test_every_day_of_the_ledger_has_86_400_seconds(around: str, name: str) -> None:
    middle = parse_instant(around)
    first, now = periods.day_of(middle) - DAY, periods.day_of(middle) + 2 * DAY - 1
    history, _ = read([line(at) for at in range(first, now + 1, STEP)], now)
    view = view_of(literals.site(literals.component("api", "api", since=first)), history, now + 1)
    spans = [day.tally for day in view.days if day.tally.known]
    assert [(tally.window, tally.known) for tally in spans if tally.window == DAY] == [(DAY, DAY)] * 3, name


@pytest.mark.parametrize(
    ("zone", "month", "seconds"),
    [
        ("Europe/Berlin", "2026-03", 743 * HOUR),
        ("Europe/Berlin", "2026-10", 745 * HOUR),
        ("Australia/Lord_Howe", "2026-04", 720 * HOUR + 30 * MINUTE),
        ("Australia/Lord_Howe", "2026-10", 743 * HOUR + 30 * MINUTE),
        ("Pacific/Chatham", "2026-04", 721 * HOUR),
        ("Pacific/Chatham", "2026-09", 719 * HOUR),
        ("UTC", "2028-02", 29 * DAY),
    ],
)
def test_a_month_of_a_promise_is_as_long_as_the_clocks_of_its_zone_make_it(zone: str, month: str, seconds: int) -> None:
    old = replace(KNOWN, since=parse_instant("2026-01-01T00:00Z"))
    now = "2028-03-05T00:00Z" if month > "2027" else "2026-11-10T00:00Z"
    view = Scenario(name=month, expect={}, of=(old,), zone=zone, now=now).view()
    account = next(each for each in view.accounts if each.name == month)
    assert (account.tally.window, account.tally.known) == (seconds, seconds)
