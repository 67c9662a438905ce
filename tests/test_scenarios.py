"""Objectives by hand: each row a small history, and what it comes to, reckoned on paper.

Seconds, and milliseconds where it says so. Without a word of something else it is November 2026 in UTC, 30 days or
2,592,000 s of a component that is known throughout, looked back at from 2 December; the target is 99.9 %, which allows
2,592 s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace

import pytest

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
    State,
)
from statusgen.periods import DAY, HOUR, MINUTE, parse_instant
from statusgen.promises import Credit, Kind, MaintenanceRule, Objective, Period, Policy, Share
from statusgen.views import ObjectiveView, Provenance
from tests import literals
from tests.literals import component, maintenance, resolved, site, unchecked, update

at = parse_instant
NOV, DEC = at("2026-11-01T00:00Z"), at("2026-12-01T00:00Z")
MONTH, QUARTER, YEAR = Period(months=1), Period(months=3), Period(months=12)
KNOWN = unchecked("api", since=NOV)
PROBED = component("api", since=NOV)
OLD = unchecked("api", since=at("2026-01-01T00:00Z"))
MAJOR, PARTIAL, DEGRADED = State.MAJOR, State.PARTIAL, State.DEGRADED
TIERS = (Credit(below=Share.parse("99.9"), percent="5"), Credit(below=Share.parse("99"), percent="10"))
LORD_HOWE, BERLIN = "Australia/Lord_Howe", "Europe/Berlin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A history and what is expected of it: by period, the numbers that matter; ``burn`` and ``ends`` besides."""

    name: str
    expect: dict[str, dict[str, object]]
    of: tuple[Component, ...] = (KNOWN,)
    events: tuple[Event, ...] = ()
    rounds: tuple[Round, ...] = ()
    places: tuple[tuple[str, tuple[Round, ...]], ...] = ()
    voters: tuple[str, ...] = ()
    corrections: tuple[Correction, ...] = ()
    now: str = "2026-12-02T00:00Z"
    target: str = "99.9"
    period: Period = MONTH
    zone: str = "UTC"
    begins: str = ""
    policy: Policy = field(default_factory=Policy)
    credits: tuple[Credit, ...] = ()
    burn: tuple[str | None, ...] = ()
    ends: str | None = None

    def objective(self) -> Objective:
        return Objective(
            id="promise",
            kind=Kind.SLA,
            name="Promise",
            components=tuple(each.id for each in self.of),
            target=Share.parse(self.target),
            period=self.period,
            zone=self.zone,
            begins=at(self.begins) if self.begins else None,
            policy=self.policy,
            credits=self.credits,
        )

    def view(self) -> ObjectiveView:
        now = at(self.now)
        of = replace(site(*self.of), objectives=(self.objective(),), probing=Probing(locations=self.voters))
        places = self.places or ((("here", self.rounds),) if self.rounds else ())
        seen = {place: days.history((), rounds, now + 1) for place, rounds in places}
        provenance = Provenance(version="0", commit="c0ffee" * 6, branches=())
        return snapshot.take(of, self.events, seen, now, provenance, corrections=self.corrections).objectives[0]


def numbers(account: Account) -> dict[str, object]:
    judged = (
        "attained",
        "coverage",
        "is_met",
        "allowed_ms",
        "used_ms",
        "remaining_ms",
        "credit",
        "short",
        "corrections",
    )
    tally = {each.name: getattr(account.tally, each.name) for each in fields(Tally)}
    return tally | {name: getattr(account, name) for name in (*judged, "corrections")}


def probed(start: int, end: int, *turns: tuple[str, str, str], check: str = "api") -> Iterator[Round]:
    """Yield rounds five minutes apart in ``[start, end)``, good but in the turns: from, until, letter."""
    told = [(at(first), at(last), letter) for first, last, letter in turns]
    for instant in range(start, end, 5 * MINUTE):
        letter = next((letter for first, last, letter in told if first <= instant < last), "u")
        if letter != "-":
            yield from literals.rounds(instant, **{check: letter})


def month(*turns: tuple[str, str, str]) -> tuple[Round, ...]:
    return tuple(probed(NOV, DEC + DAY, *turns))


def offline(rounds: Iterable[Round], is_so: Callable[[int], bool]) -> tuple[Round, ...]:
    """Return rounds in which the prober was offline where a function of the second of the hour says so."""
    return tuple(Round(at=each.at, prober_error="offline") if is_so(each.at % HOUR) else each for each in rounds)


def together(*each: Iterable[Round]) -> tuple[Round, ...]:
    """Return rounds with the answers of several checks."""
    answers: dict[int, tuple[tuple[str, Sample], ...]] = {}
    for round_ in (round_ for rounds in each for round_ in rounds):
        answers[round_.at] = answers.get(round_.at, ()) + round_.answers
    return tuple(Round(at=instant, answers=answers[instant]) for instant in sorted(answers))


def daily(*without: str, bad: tuple[str, ...] = ()) -> tuple[Round, ...]:
    """Return a round at each midnight of the month, in which a check is asked that is so once a day."""
    skipped, failing = [at(f"{day}T00:00Z") for day in without], [at(f"{day}T00:00Z") for day in bad]
    instants = [instant for instant in range(NOV, DEC + DAY, DAY) if instant not in skipped]
    return tuple(each for i in instants for each in literals.rounds(i, cert="d" if i in failing else "u"))


def down(start: str, seconds: int, state: State = MAJOR, slug: str = "i", on: str = "api") -> Event:
    return resolved(slug, at(start), at(start) + seconds, **{on: state})


def planned(start: str, end: str, *told: tuple[str, Phase], slug: str = "m") -> Maintenance:
    return maintenance(slug, at(start), at(end), *(update(at(when), phase) for when, phase in told))


def corrected(start: str, end: str, state: State) -> tuple[Correction, ...]:
    return (
        Correction(slug="c", path="c.yaml", components=("api",), start=at(start), end=at(end), state=state, reason="x"),
    )


def nov(**numbers: object) -> dict[str, dict[str, object]]:
    return {"2026-11": numbers}


COUNT = MaintenanceRule.COUNT
SCHEDULED, IN_PROGRESS, COMPLETED = Phase.SCHEDULED, Phase.IN_PROGRESS, Phase.COMPLETED
TWO_NIGHTS = (
    planned("2026-11-10T02:00Z", "2026-11-10T04:00Z", slug="m1"),
    planned("2026-11-20T02:00Z", "2026-11-20T04:00Z", slug="m2"),
)

LENGTHS: Sequence[Scenario] = (
    Scenario(
        name="a quiet month",
        expect=nov(known=2_592_000, used_ms=0, allowed_ms=2_592_000, attained="100", coverage="100", is_met=True),
    ),
    Scenario(
        name="March in Berlin has 743 hours",
        of=(OLD,),
        zone=BERLIN,
        expect={
            "2026-03": {"window": 2_674_800, "known": 2_674_800, "allowed_ms": 2_674_800},  # 743 * 3,600
            "2026-04": {"known": 2_592_000},
        },
    ),
    Scenario(
        name="October in Berlin has 745 hours",
        of=(OLD,),
        zone=BERLIN,
        expect={"2026-10": {"window": 2_682_000, "known": 2_682_000, "allowed_ms": 2_682_000}},  # 745 * 3,600
    ),
    Scenario(
        name="the clocks of Lord Howe move by half an hour",
        of=(OLD,),
        zone=LORD_HOWE,
        expect={"2026-04": {"known": 2_593_800}, "2026-10": {"known": 2_676_600}},  # 720.5 and 743.5 hours
    ),
    Scenario(
        name="February of a leap year",
        of=(unchecked("api", since=at("2028-01-01T00:00Z")),),
        now="2028-03-02T00:00Z",
        target="99.99",
        expect={"2028-02": {"known": 2_505_600, "allowed_ms": 250_560}},  # 29 * 86,400; a ten-thousandth of it
    ),
    Scenario(
        name="a quarter with a change of the clocks",
        of=(OLD,),
        zone=BERLIN,
        period=QUARTER,
        expect={
            "2026-Q1": {"known": 7_768_800},  # 90 days less the hour, and less the hour before since, at 00:00 UTC
            "2026-Q2": {"known": 7_862_400},  # 91 days
            "2026-Q3": {"known": 7_948_800},  # 92 days
        },
    ),
    Scenario(
        name="a leap year",
        of=(unchecked("api", since=at("2028-01-01T00:00Z")),),
        now="2029-01-01T00:00Z",
        period=YEAR,
        target="99.99",
        expect={
            "2028": {"known": 31_622_400, "allowed_ms": 3_162_240},  # 366 * 86,400
            "2029": {"known": 0, "attained": None, "is_met": None, "allowed_ms": 3_153_600},  # 365 days to come
        },
    ),
    Scenario(
        name="the last 28 days, and those to the end of the month before",
        period=Period(days=28),
        of=(OLD,),
        events=(down("2026-11-03T23:50Z", 1_200),),
        expect={
            "28d": {"known": 2_419_200, "major": 600, "allowed_ms": 2_419_200},  # from 4 November on: half of it
            "28d to the end of 2026-11": {"known": 2_419_200, "major": 1_200},  # from 3 November on
            "28d to the end of 2026-10": {"known": 2_419_200, "major": 0},
        },
    ),
    Scenario(
        name="a component born mid-month",
        of=(unchecked("api", since=at("2026-11-16T12:00Z")),),
        expect=nov(window=1_252_800, known=1_252_800, allowed_ms=1_252_800, coverage="100"),  # 14.5 days
    ),
    Scenario(
        name="a promise from the middle of the month",
        begins="2026-11-21T00:00Z",
        events=(down("2026-11-05T00:00Z", 7_200), down("2026-11-20T23:50Z", 900, slug="j")),
        expect=nov(known=864_000, major=300, used_ms=300_000, allowed_ms=864_000),  # 10 days; 300 of the 900 s
    ),
    Scenario(
        name="what is still to come of a month is allowed for",
        now="2026-11-20T00:00Z",
        expect=nov(known=1_641_600, window=1_641_600, allowed_ms=2_592_000, attained="100"),  # 19 days and 11 to come
    ),
    Scenario(
        name="what is still to come of a component begins with its birth",
        now="2026-11-20T00:00Z",
        of=(KNOWN, unchecked("web", since=at("2026-11-26T00:00Z"))),
        expect=nov(known=1_641_600, allowed_ms=3_024_000),  # 19 days, and 11 and 5 to come
    ),
)

OUTAGES: Sequence[Scenario] = (
    Scenario(
        name="a major outage of twenty minutes",
        events=(down("2026-11-20T10:00Z", 1_200),),
        expect=nov(major=1_200, used_ms=1_200_000, remaining_ms=1_392_000, attained="99.95"),  # 99.95370
    ),
    Scenario(
        name="a partial outage weighs half",
        events=(down("2026-11-20T10:00Z", 601, PARTIAL),),
        expect=nov(partial=601, used_ms=300_500, remaining_ms=2_291_500),
    ),
    Scenario(
        name="degraded time weighs what the policy says",
        events=(down("2026-11-20T10:00Z", 3_600, DEGRADED),),
        policy=Policy(degraded=250),
        expect=nov(degraded=3_600, used_ms=900_000),  # 3,600 * 250
    ),
    Scenario(
        name="degraded time weighs nothing by itself",
        events=(down("2026-11-20T10:00Z", 3_600, DEGRADED),),
        expect=nov(degraded=3_600, used_ms=0, attained="100"),
    ),
    Scenario(
        name="an incident that is still open",
        events=(literals.incident("i", update(at("2026-11-19T23:00Z"), Phase.INVESTIGATING), api=MAJOR),),
        now="2026-11-20T00:00Z",
        # 1,641,600 s known; 3,600 of 2,592 allowed for the whole month
        expect=nov(major=3_600, used_ms=3_600_000, remaining_ms=-1_008_000, attained="99.78", is_met=False),
    ),
    Scenario(
        name="a declared outage across the month's end",
        events=(down("2026-11-30T23:50Z", 1_800),),
        expect={"2026-11": {"major": 600}, "2026-12": {"major": 1_200}},
    ),
    Scenario(
        name="a measured outage across the month's end",
        of=(PROBED,),
        rounds=month(("2026-11-30T23:50Z", "2026-12-01T00:20Z", "d")),
        expect={"2026-11": {"known": 2_592_000, "major": 600}, "2026-12": {"known": 86_400, "major": 1_200}},
    ),
    Scenario(
        name="a measured outage across the end of the month in Berlin, an hour earlier",
        of=(PROBED,),
        zone=BERLIN,
        rounds=month(("2026-11-30T22:50Z", "2026-11-30T23:20Z", "d")),
        expect={"2026-11": {"major": 600}, "2026-12": {"major": 1_200}},
    ),
    Scenario(
        name="a failure that is not confirmed",
        of=(PROBED,),
        rounds=month(("2026-11-20T10:00Z", "2026-11-20T10:05Z", "d")),
        expect=nov(known=2_592_000, major=0, attained="100"),
    ),
    Scenario(
        name="where an incident and probes disagree the worst counts, never the sum",
        of=(PROBED,),
        rounds=month(("2026-11-20T10:10Z", "2026-11-20T10:20Z", "d")),
        events=(down("2026-11-20T10:00Z", 1_800, PARTIAL),),
        expect=nov(major=600, partial=1_200, used_ms=1_200_000),  # 600 + 1,200 / 2
    ),
    Scenario(
        name="an incident cannot talk down what probes saw",
        of=(PROBED,),
        rounds=month(("2026-11-20T10:00Z", "2026-11-20T10:20Z", "d")),
        events=(down("2026-11-20T10:00Z", 1_200, State.OPERATIONAL),),
        expect=nov(major=1_200),
    ),
    Scenario(
        name="an outage just long enough",
        events=(down("2026-11-20T10:00Z", 300),),
        policy=Policy(least_outage=300),
        expect=nov(major=300, used_ms=300_000),
    ),
    Scenario(
        name="an outage a second too short",
        events=(down("2026-11-20T10:00Z", 299),),
        policy=Policy(least_outage=300),
        expect=nov(major=0, used_ms=0, attained="100", known=2_592_000),
    ),
    Scenario(
        name="an outage just long enough across the month's end",
        events=(down("2026-11-30T23:59Z", 300),),
        policy=Policy(least_outage=300),
        expect={"2026-11": {"major": 60}, "2026-12": {"major": 240}},
    ),
    Scenario(
        name="an outage a second too short across the month's end",
        events=(down("2026-11-30T23:59Z", 299),),
        policy=Policy(least_outage=300),
        expect={"2026-11": {"major": 0}, "2026-12": {"major": 0}},
    ),
    Scenario(
        name="partial and major in a row are one outage",
        events=(down("2026-11-20T10:00Z", 200, PARTIAL), down("2026-11-20T10:03:20Z", 100, slug="j")),
        policy=Policy(least_outage=300),
        expect=nov(partial=200, major=100, used_ms=200_000),  # 200 / 2 + 100
    ),
    Scenario(
        name="an outage is as long as it is, whatever of it lies in maintenance",
        events=(down("2026-11-20T10:00Z", 900), planned("2026-11-20T09:00Z", "2026-11-20T10:11Z")),
        policy=Policy(least_outage=300),
        expect=nov(excluded=4_260, major=240, used_ms=240_000),  # 71 min; 900 - 660 = 240, of an outage of 900
    ),
    Scenario(
        name="an outage too short is so with the part that lies in maintenance",
        events=(down("2026-11-20T10:00Z", 299), planned("2026-11-20T09:00Z", "2026-11-20T10:01Z")),
        policy=Policy(least_outage=300),
        expect=nov(excluded=3_660, major=0, short=239),  # 61 min; 299 - 60
    ),
    Scenario(
        name="degraded time may be as short as it likes",
        events=(down("2026-11-20T10:00Z", 60, DEGRADED),),
        policy=Policy(least_outage=300, degraded=1_000),
        expect=nov(degraded=60, used_ms=60_000),
    ),
)

MAINTENANCE: Sequence[Scenario] = (
    Scenario(
        name="the example of docs/sla.md",
        zone=BERLIN,
        of=(OLD,),
        policy=Policy(announced=3 * DAY),
        events=(
            planned("2026-11-10T02:00Z", "2026-11-10T04:00Z", ("2026-11-07T02:00Z", SCHEDULED)),
            down("2026-11-12T10:00Z", 1_200),
            down("2026-11-13T10:00Z", 600, PARTIAL, slug="j"),
        ),
        expect=nov(
            known=2_584_800,
            allowed_ms=2_584_800,
            used_ms=1_500_000,
            remaining_ms=1_084_800,
            attained="99.94",
            is_met=True,
        ),
    ),
    Scenario(
        name="maintenance that overruns",
        events=(
            planned(
                "2026-11-10T02:00Z",
                "2026-11-10T04:00Z",
                ("2026-11-10T02:00Z", IN_PROGRESS),
                ("2026-11-10T05:00Z", COMPLETED),
            ),
            down("2026-11-10T03:00Z", 7_200),
        ),
        expect=nov(excluded=7_200, known=2_584_800, major=3_600, coverage="100"),  # 04:00 to 05:00 counts
    ),
    Scenario(
        name="maintenance that began late and was done early",
        events=(
            planned(
                "2026-11-10T02:00Z",
                "2026-11-10T04:00Z",
                ("2026-11-10T02:30Z", IN_PROGRESS),
                ("2026-11-10T03:30Z", COMPLETED),
            ),
        ),
        expect=nov(excluded=3_600, maintenance=3_600, known=2_588_400),
    ),
    Scenario(
        name="maintenance that was called off",
        events=(planned("2026-11-10T02:00Z", "2026-11-10T04:00Z", ("2026-11-09T02:00Z", Phase.CANCELLED)),),
        expect=nov(excluded=0, maintenance=0, known=2_592_000),
    ),
    Scenario(
        name="maintenance announced just in time",
        events=(planned("2026-11-10T02:00Z", "2026-11-10T04:00Z", ("2026-11-07T02:00Z", SCHEDULED)),),
        policy=Policy(announced=3 * DAY),
        expect=nov(excluded=7_200),
    ),
    Scenario(
        name="maintenance announced a second too late",
        events=(planned("2026-11-10T02:00Z", "2026-11-10T04:00Z", ("2026-11-07T02:00:01Z", SCHEDULED)),),
        policy=Policy(announced=3 * DAY),
        expect=nov(excluded=0, maintenance=7_200, known=2_592_000),
    ),
    Scenario(
        name="maintenance that nobody announced",
        events=(planned("2026-11-10T02:00Z", "2026-11-10T04:00Z"),),
        policy=Policy(announced=1),
        expect=nov(excluded=0),
    ),
    Scenario(
        name="maintenance that needs no announcement",
        events=(planned("2026-11-10T02:00Z", "2026-11-10T04:00Z"),),
        expect=nov(excluded=7_200),
    ),
    Scenario(
        name="the cap of a month goes to the earliest",
        events=(*TWO_NIGHTS, down("2026-11-20T02:00Z", 7_200)),
        policy=Policy(cap=3 * HOUR),
        expect=nov(maintenance=14_400, excluded=10_800, major=3_600),  # 2 h of the first, 1 of the second
    ),
    Scenario(
        name="a cap of nothing leaves nothing out",
        events=TWO_NIGHTS,
        policy=Policy(cap=0),
        expect=nov(excluded=0, maintenance=14_400),
    ),
    Scenario(
        name="windows that overlap are left out once",
        events=(*TWO_NIGHTS[:1], planned("2026-11-10T03:00Z", "2026-11-10T05:00Z", slug="m3")),
        policy=Policy(cap=3 * HOUR),
        expect=nov(excluded=10_800, maintenance=10_800),
    ),
    Scenario(
        name="each month has its own cap, for one window too",
        events=(planned("2026-11-30T22:00Z", "2026-12-01T02:00Z"),),
        policy=Policy(cap=HOUR),
        expect={"2026-11": {"excluded": 3_600, "maintenance": 7_200}, "2026-12": {"excluded": 3_600}},
    ),
    Scenario(
        name="a month of the cap is one of the contract's zone",
        zone=BERLIN,
        of=(OLD,),
        events=(planned("2026-11-30T22:00Z", "2026-12-01T02:00Z"), down("2026-11-30T22:00Z", 4 * HOUR)),
        policy=Policy(cap=2 * HOUR),
        expect={"2026-11": {"excluded": 3_600, "major": 0}, "2026-12": {"excluded": 7_200, "major": 3_600}},
    ),
    Scenario(
        name="a window in the first hour of a month in Berlin has that month's cap",
        zone=BERLIN,
        of=(OLD,),
        events=(planned("2026-11-30T23:10Z", "2026-11-30T23:50Z"),),
        policy=Policy(cap=2 * HOUR),
        expect={"2026-11": {"excluded": 0}, "2026-12": {"excluded": 2_400}},
    ),
    Scenario(
        name="a quarter has the caps of its months",
        period=QUARTER,
        events=(*TWO_NIGHTS, planned("2026-12-01T02:00Z", "2026-12-01T04:00Z", slug="m3")),
        policy=Policy(cap=HOUR),
        expect={"2026-Q4": {"maintenance": 21_600, "excluded": 7_200}},
    ),
    Scenario(
        name="what came before the promise takes nothing from its cap",
        begins="2026-11-15T00:00Z",
        events=TWO_NIGHTS,
        policy=Policy(cap=2 * HOUR),
        expect=nov(maintenance=7_200, excluded=7_200),
    ),
    Scenario(
        name="maintenance that counts",
        events=(*TWO_NIGHTS, down("2026-11-10T02:00Z", 600)),
        policy=Policy(maintenance=COUNT),
        expect=nov(excluded=0, maintenance=14_400, known=2_592_000, major=600),
    ),
)

KNOWLEDGE: Sequence[Scenario] = (
    Scenario(
        name="a day without rounds allows nothing",
        of=(PROBED,),
        rounds=month(("2026-11-10T12:05Z", "2026-11-11T12:00Z", "-")),
        # the round at 12:00 holds for 750 s: 85,650 s are unknown; 2,506,350 / 2,592,000 = 96.6956 %
        expect=nov(known=2_506_350, allowed_ms=2_506_350, coverage="96.69", attained="100", is_met=True),
    ),
    Scenario(
        name="the only round of a day holds for an hour",
        of=(PROBED,),
        rounds=month(("2026-11-10T00:05Z", "2026-11-11T00:00Z", "-")),
        # the one gap of that day is its own median: min(2.5 * 86,400, 3,600); 82,800 s are unknown
        expect=nov(known=2_509_200),
    ),
    Scenario(
        name="a month of which nothing is known",
        of=(PROBED,),
        expect=nov(
            window=2_592_000, known=0, attained=None, coverage="0.00", is_met=None, allowed_ms=0, used_ms=0, credit=None
        ),
        credits=TIERS,
        burn=(None, None, None),
    ),
    Scenario(
        name="a month that is one maintenance has no coverage at all",
        events=(planned("2026-11-01T00:00Z", "2026-12-01T00:00Z"),),
        expect=nov(known=0, excluded=2_592_000, attained=None, coverage=None, is_met=None),
    ),
    Scenario(
        name="a prober's own failure ends what was held",
        of=(PROBED,),
        rounds=month(("2026-11-10T00:00Z", "2026-11-10T00:10Z", "!")),
        expect=nov(known=2_591_400, major=0),  # the rounds at 00:00 and 00:05, until 00:10
    ),
    Scenario(
        name="a group of which one is unknown half the time",
        of=(KNOWN, component("web", since=NOV)),
        rounds=tuple(probed(NOV, at("2026-11-16T00:00Z"), check="web")),
        events=(down("2026-11-05T00:00Z", 3_600, on="web"),),
        # 2,592,000, and from the web's last round at 23:55 750 s: 1,296,450; of 5,184,000 are that 75.0086 %
        expect=nov(known=3_888_450, allowed_ms=3_888_450, used_ms=3_600_000, coverage="75.00", attained="99.90"),
    ),
    Scenario(
        name="a correction to operational",
        of=(PROBED,),
        rounds=month(("2026-11-20T10:00Z", "2026-11-20T11:00Z", "d")),
        corrections=corrected("2026-11-20T10:10Z", "2026-11-20T10:40Z", State.OPERATIONAL),
        expect=nov(major=1_800, known=2_592_000, corrections=("c",)) | {"2026-12": {"corrections": ()}},
    ),
    Scenario(
        name="a correction to unknown",
        of=(PROBED,),
        rounds=month(("2026-11-20T10:00Z", "2026-11-20T11:00Z", "d")),
        corrections=corrected("2026-11-20T10:10Z", "2026-11-20T10:40Z", State.UNKNOWN),
        expect=nov(major=1_800, known=2_590_200, allowed_ms=2_590_200),
    ),
    Scenario(
        name="a correction to major outage",
        corrections=corrected("2026-11-20T10:00Z", "2026-11-20T10:20Z", MAJOR),
        expect=nov(major=1_200, used_ms=1_200_000),
    ),
    Scenario(
        name="a correction inside maintenance that is left out",
        events=(planned("2026-11-10T02:00Z", "2026-11-10T04:00Z"),),
        corrections=corrected("2026-11-10T03:50Z", "2026-11-10T04:05Z", MAJOR),
        expect=nov(major=300, excluded=7_200, known=2_584_800, corrections=("c",)),  # only after 04:00
    ),
    Scenario(
        name="a correction makes an unknown time known",
        of=(PROBED,),
        corrections=corrected("2026-11-20T00:00Z", "2026-11-21T00:00Z", State.OPERATIONAL),
        expect=nov(known=86_400, allowed_ms=86_400, attained="100", coverage="3.33"),  # a thirtieth
    ),
)

DAILY = Check(id="cert", question=Question(), interval=DAY)
CERTIFIED = Component(id="api", name="API", since=NOV, checks=(DAILY,))
BOTH = Component(id="api", name="API", since=NOV, checks=(Check(id="api", question=Question()), DAILY))
WALL = ("2026-11-20T10:00Z", "2026-11-20T12:00Z", "b")

UNTOLD: Sequence[Scenario] = (
    Scenario(
        name="a check behind a bot wall for two hours is unknown for two hours",
        of=(PROBED,),
        rounds=month(WALL),
        expect=nov(known=2_584_800, allowed_ms=2_584_800, major=0, attained="100", coverage="99.72"),  # 30 days - 2 h
    ),
    Scenario(
        name="what is not known of one check is known of another",
        of=(component("api", "api", "web", since=NOV),),
        rounds=together(month(WALL), probed(NOV, DEC + DAY, check="web")),
        expect=nov(known=2_592_000, coverage="100"),
    ),
    Scenario(
        name="a bot wall amid an outage does not end it and is none of it",
        of=(PROBED,),
        rounds=month(
            ("2026-11-20T09:50Z", "2026-11-20T10:00Z", "d"), WALL, ("2026-11-20T12:00Z", "2026-11-20T12:05Z", "d")
        ),
        expect=nov(known=2_584_800, major=900),  # 09:50 to 10:00, and the one at 12:00 until the good one after it
    ),
    Scenario(
        name="a bot wall between two failures starts the count anew",
        of=(PROBED,),
        rounds=month(
            ("2026-11-20T09:55Z", "2026-11-20T10:00Z", "d"),
            ("2026-11-20T10:00Z", "2026-11-20T10:05Z", "b"),
            ("2026-11-20T10:05Z", "2026-11-20T10:10Z", "d"),
        ),
        expect=nov(known=2_591_700, major=0),
    ),
    Scenario(
        name="a check that is asked once a day holds from one day to the next, and for a day that is skipped",
        of=(CERTIFIED,),
        rounds=daily("2026-11-20"),
        expect=nov(known=2_592_000, coverage="100"),
    ),
    Scenario(
        name="after two and a half days a check that is asked once a day is unknown",
        of=(CERTIFIED,),
        rounds=daily("2026-11-20", "2026-11-21", "2026-11-22"),
        expect=nov(known=2_462_400),  # that of the 19th holds until noon of the 21st: a day and a half are unknown
    ),
    Scenario(
        name="a daily check beside one that is asked every five minutes",
        of=(BOTH,),
        rounds=together(
            month(("2026-11-11T06:00Z", "2026-11-11T06:10Z", "d")), daily(bad=("2026-11-10", "2026-11-11"))
        ),
        expect=nov(known=2_592_000, major=172_800),  # two days, of which the ten minutes are a part
    ),
    Scenario(
        name="a daily check that failed once did not fail",
        of=(BOTH,),
        rounds=together(month(), daily(bad=("2026-11-10",))),
        expect=nov(known=2_592_000, major=0),
    ),
)

# Two locations, rounds every five minutes at the same instants; both see the outage from 10:15 to 11:15, or only one.
# The controls of eu are flaky: it is offline in the second half of each hour, or in every other round.

SEEN = ("2026-11-20T10:15Z", "2026-11-20T11:15Z", "d")
EU = offline(month(SEEN), lambda second: second >= HOUR // 2)
EU_FINE = offline(month(), lambda second: second >= HOUR // 2)
EU_FLICKERS = offline(month(SEEN), lambda second: second // 300 % 2 == 1)
US = month(SEEN)
VOTERS = ("eu", "us")

PLACES: Sequence[Scenario] = (
    Scenario(
        name="two locations vote, and half of the time there is only one of them",
        of=(PROBED,),
        places=(("eu", EU), ("us", US)),
        voters=VOTERS,
        # 15 days; 10:15 to 10:30 and 11:00 to 11:15: in between one of two alone knows nothing
        expect=nov(
            known=1_296_000, major=1_800, used_ms=1_800_000, allowed_ms=1_296_000, coverage="50.00", is_met=False
        ),
    ),
    Scenario(
        name="where every location there is votes, one alone decides",
        of=(PROBED,),
        places=(("eu", EU), ("us", US)),
        expect=nov(known=2_592_000, major=3_600, coverage="100"),
    ),
    Scenario(
        name="what one of two locations sees is no majority",
        of=(PROBED,),
        places=(("eu", EU_FINE), ("us", US)),
        voters=VOTERS,
        expect=nov(known=1_296_000, major=0, attained="100"),
    ),
    Scenario(
        name="what one of two locations sees counts while the other one knows nothing",
        of=(PROBED,),
        places=(("eu", EU_FINE), ("us", US)),
        expect=nov(known=2_592_000, major=1_800),  # 10:30 to 11:00
    ),
    Scenario(
        name="what is never confirmed for want of two rounds in a row is no majority either",
        of=(PROBED,),
        places=(("eu", EU_FLICKERS), ("us", US)),
        # each good round of eu holds for 300 s, and says what was before; us alone decides in the other 300
        expect=nov(known=2_592_000, major=1_800),
    ),
    Scenario(
        name="an outage of the prober is none of the target",
        of=(PROBED,),
        places=(("eu", offline(month(), lambda _: True)), ("us", US)),
        expect=nov(known=2_592_000, major=3_600),
    ),
    Scenario(
        name="one of two voters that is never there leaves nothing known",
        of=(PROBED,),
        places=(("eu", offline(month(), lambda _: True)), ("us", US)),
        voters=VOTERS,
        expect=nov(known=0, major=0, attained=None, coverage="0.00", is_met=None),
    ),
)

JUDGEMENTS: Sequence[Scenario] = (
    Scenario(
        name="exactly the target",
        events=(down("2026-11-20T10:00Z", 2_592),),
        credits=TIERS,
        expect=nov(attained="99.90", is_met=True, remaining_ms=0, credit=None),
    ),
    Scenario(
        name="a second below the target",
        events=(down("2026-11-20T10:00Z", 2_593),),
        credits=TIERS,
        expect=nov(attained="99.89", is_met=False, remaining_ms=-1_000, credit="5"),  # 99.89996
    ),
    Scenario(
        name="exactly the limit of the second tier",
        events=(down("2026-11-20T10:00Z", 25_920),),
        credits=TIERS,
        expect=nov(attained="99.00", is_met=False, credit="5"),
    ),
    Scenario(
        name="a second below the second tier",
        events=(down("2026-11-20T10:00Z", 25_921),),
        credits=TIERS,
        expect=nov(attained="98.99", is_met=False, credit="10"),
    ),
    Scenario(
        name="five nines, and a second too much",
        events=(down("2026-11-20T10:00Z", 26),),
        target="99.999",
        expect=nov(allowed_ms=25_920, used_ms=26_000, remaining_ms=-80, attained="99.998", is_met=False),  # 99.998997
    ),
    Scenario(
        name="five nines, just kept",
        events=(down("2026-11-20T10:00Z", 25),),
        target="99.999",
        expect=nov(allowed_ms=25_920, remaining_ms=920, attained="99.9990", is_met=True),  # 99.9990355
    ),
    Scenario(
        name="a single second is no hundred",
        events=(down("2026-11-20T10:00Z", 1),),
        expect=nov(attained="99.99996", is_met=True),  # 99.99996142
    ),
    Scenario(
        name="the budget ends within the month",
        now="2026-11-15T00:00Z",
        target="99.5",
        events=(down("2026-11-13T00:00Z", 3_600),),
        # 12,960 s allowed, 9,360 left; an hour in three days: 9,360 * 72 = 673,920 s = 7 d 19 h 12 min
        expect=nov(allowed_ms=12_960_000, remaining_ms=9_360_000),
        burn=("0.00", "0.00", "2.78"),  # 3,600 / 259,200 / 0.005 = 2.7777…
        ends="2026-11-22T19:12Z",
    ),
    Scenario(
        name="the budget lasts to the end of the month",
        now="2026-11-15T00:00Z",
        target="99",
        events=(down("2026-11-13T00:00Z", 3_600),),
        expect=nov(remaining_ms=22_320_000),  # 22,320 * 72 = 18.6 days, and only 16 are to come
        burn=("0.00", "0.00", "1.39"),  # 1.3888…
    ),
    Scenario(
        name="of a budget that is used up nothing is foretold",
        now="2026-11-15T00:00Z",
        events=(down("2026-11-13T00:00Z", 3_600),),
        expect=nov(remaining_ms=-1_008_000),
        burn=("0.00", "0.00", "13.89"),  # 13.888…
    ),
    Scenario(
        name="burn rates are rounded up",
        now="2026-11-15T00:00Z",
        events=(down("2026-11-14T23:30Z", 18),),
        expect=nov(used_ms=18_000),
        burn=("5.00", "0.84", "0.07"),  # 18 / 3,600, / 21,600 and / 259,200 of a thousandth: 5, 0.8333…, 0.0694…
    ),
    Scenario(
        name="nothing burnt before the promise began",
        now="2026-11-15T00:00Z",
        begins="2026-11-14T00:00Z",
        events=(down("2026-11-13T00:00Z", 3_600), down("2026-11-14T00:00Z", 72, slug="j")),
        # 17 days: 1,468.8 s allowed, 1,396.8 left; 72 s in the one day of the three that counts
        expect=nov(used_ms=72_000, allowed_ms=1_468_800),
        burn=("0.00", "0.00", "0.84"),  # 72 / 86,400 of a thousandth: 0.8333…
    ),
    Scenario(
        name="the budget of rolling days ends within as many days",
        now="2026-11-29T00:00Z",
        period=Period(days=28),
        target="99.5",
        events=(down("2026-11-27T00:00Z", 3_600),),
        # 12,096 s allowed, 8,496 left; * 72 = 611,712 s = 7 d 1 h 55 min 12 s
        expect={"28d": {"allowed_ms": 12_096_000, "remaining_ms": 8_496_000}},
        burn=("0.00", "0.00", "2.78"),
        ends="2026-12-06T01:55:12Z",
    ),
    Scenario(
        name="two components use a budget together",
        now="2026-11-15T00:00Z",
        target="99.5",
        of=(KNOWN, unchecked("web", since=NOV)),
        events=(down("2026-11-13T00:00Z", 3_600), down("2026-11-14T00:00Z", 3_600, slug="j", on="web")),
        # 2 * 12,960 allowed, 18,720 left, two hours in three days: as for one
        expect=nov(known=2_419_200, allowed_ms=25_920_000, remaining_ms=18_720_000),
        burn=("0.00", "0.00", "2.78"),
        ends="2026-11-22T19:12Z",
    ),
)

SCENARIOS = (*LENGTHS, *OUTAGES, *MAINTENANCE, *KNOWLEDGE, *UNTOLD, *PLACES, *JUDGEMENTS)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_history_comes_to_what_was_reckoned_by_hand(scenario: Scenario) -> None:
    view = scenario.view()
    by_name = {account.name: numbers(account) for account in view.accounts}
    found = {name: {key: by_name[name][key] for key in wanted} for name, wanted in scenario.expect.items()}
    assert found == scenario.expect
    if scenario.burn:
        assert tuple(burn.rate for burn in view.burn) == scenario.burn
        assert view.ends == (at(scenario.ends) if scenario.ends else None)


def test_what_is_remaining_is_what_is_allowed_without_what_is_used() -> None:
    for scenario in SCENARIOS[:20]:
        for account in scenario.view().accounts:
            assert account.remaining_ms == account.allowed_ms - account.used_ms
            if not account.is_open and account.is_met is not None:
                assert (account.remaining_ms >= 0) == account.is_met
