"""Sentences: what a page says of the present, of a day, of what was seen, and of what is promised."""

from __future__ import annotations

from dataclasses import replace

import pytest

from statusgen.availability import Tally
from statusgen.calendars import ALWAYS, Hours
from statusgen.model import Event, Phase, Repeats, State, Verdict
from statusgen.periods import DAY, HOUR, MINUTE, parse_instant
from statusgen.promises import Kind, MaintenanceRule, Period, Policy
from statusgen.render.language import language
from statusgen.render.words import Words
from statusgen.status import Banner
from statusgen.views import Day

from .. import test_reports as promised
from ..literals import NOW, incident, maintenance, take, update
from .published import ENGLISH, THEME

GERMAN = Words(language("de", THEME, {}))
CALM = Banner(
    state=State.OPERATIONAL,
    total=12,
    affected=0,
    major=0,
    maintenance=0,
    unknown=0,
    open_incidents=0,
    open_maintenance=0,
)


def banner(state: State, **counts: int) -> Banner:
    return replace(CALM, state=state, **counts)


# The present


@pytest.mark.parametrize(
    ("of", "sentence"),
    [
        (CALM, "All systems operational"),
        (replace(CALM, total=1), "All systems operational"),
        (banner(State.MAJOR, total=1, affected=1, major=1), "Major outage of the service"),
        (banner(State.MAJOR, affected=12, major=12), "Major outage"),
        (banner(State.MAJOR, affected=12, major=3), "Major outage: 12 of 12 components affected"),
        (banner(State.PARTIAL, affected=3, major=3), "Partial outage: 3 of 12 components affected"),
        (banner(State.PARTIAL, affected=1), "Partial outage: 1 of 12 components affected"),
        (banner(State.PARTIAL, affected=12), "Partial outage: 12 of 12 components affected"),
        (banner(State.PARTIAL, total=1, affected=1), "Partial outage: 1 of 1 component affected"),
        (banner(State.DEGRADED, affected=2), "Degraded performance: 2 of 12 components affected"),
        (banner(State.DEGRADED, total=1, affected=1), "Degraded performance: 1 of 1 component affected"),
        (banner(State.MAINTENANCE, maintenance=2, open_maintenance=1), "Maintenance in progress: 2 of 12 components"),
        (banner(State.MAINTENANCE, total=1, maintenance=1), "Maintenance in progress: 1 of 1 component"),
        (banner(State.UNKNOWN, unknown=12), "No data: the state is unknown"),
        (banner(State.UNKNOWN, total=0), "No data: the state is unknown"),
        (banner(State.UNKNOWN, unknown=12, open_incidents=2), "No data: the state is unknown"),
        (banner(State.OPERATIONAL, open_incidents=1), "Systems operational, 1 incident is open"),
        (banner(State.OPERATIONAL, open_incidents=2), "Systems operational, 2 incidents are open"),
        (banner(State.OPERATIONAL, open_maintenance=1), "Systems operational, maintenance goes on"),
        (banner(State.OPERATIONAL, unknown=2), "10 of 12 components operational, no data on the rest"),
        (
            banner(State.OPERATIONAL, total=1_500, unknown=1),
            "1,499 of 1,500 components operational, no data on the rest",
        ),
    ],
)
def test_the_banner_says_how_everything_is_with_its_scope(of: Banner, sentence: str) -> None:
    assert ENGLISH.banner(of) == sentence


@pytest.mark.parametrize("state", [State.DEGRADED, State.PARTIAL, State.MAJOR])
def test_maintenance_never_hides_trouble(state: State) -> None:
    sentence = ENGLISH.banner(banner(state, affected=1, maintenance=11, open_maintenance=3))
    assert "1 of 12 components affected" in sentence
    assert "aintenance" not in sentence


def test_open_incidents_go_before_what_is_unknown_and_before_maintenance() -> None:
    told = ENGLISH.banner(banner(State.OPERATIONAL, open_incidents=1, open_maintenance=1, unknown=3))
    assert told == "Systems operational, 1 incident is open"


def test_states_phases_and_verdicts_have_their_words() -> None:
    assert [ENGLISH.state(state) for state in State] == [state.word for state in State]
    assert [ENGLISH.phase(phase) for phase in Phase] == [phase.word for phase in Phase]
    assert [ENGLISH.verdict(verdict) for verdict in Verdict] == [verdict.word for verdict in Verdict]


def test_another_language_says_all_of_it() -> None:
    told = [GERMAN.banner(CALM), *map(GERMAN.state, State), *map(GERMAN.phase, Phase), GERMAN.reason("status 503")]
    assert not set(told) & {ENGLISH.banner(CALM), *(each.word for each in (*State, *Phase))} - {"Problem", "Postmortem"}
    assert "503" in told[-1]


# The past


def day(state: State, availability: str | None, is_corrected: bool = False, **seconds: int) -> Day:
    return Day(
        start=parse_instant("2026-07-12T00:00Z"),
        state=state,
        tally=Tally(window=DAY, known=DAY, **seconds),
        availability=availability,
        is_corrected=is_corrected,
    )


@pytest.mark.parametrize(
    ("of", "sentence"),
    [
        (day(State.OPERATIONAL, "100"), "12 Jul 2026: operational, 100 %"),
        (
            day(State.PARTIAL, "99.02", partial=14 * MINUTE),
            "12 Jul 2026: partial outage, 14 min down, 99.02 %",
        ),
        (
            day(State.MAJOR, "95.8", major=30 * MINUTE, partial=30 * MINUTE, degraded=90),
            "12 Jul 2026: major outage, 1 h down, 1 min 30 s degraded, 95.8 %",
        ),
        (day(State.MAINTENANCE, None, maintenance=DAY), "12 Jul 2026: under maintenance, 1 d of maintenance"),
        (
            day(State.DEGRADED, "100", is_corrected=True, degraded=14 * MINUTE + 1),
            "12 Jul 2026: degraded performance, 15 min degraded, 100 %, corrected",
        ),
        (day(State.UNKNOWN, None), "12 Jul 2026: no data"),
    ],
)
def test_a_day_is_said_with_its_state_its_trouble_and_its_availability(of: Day, sentence: str) -> None:
    assert ENGLISH.day(of) == sentence


def test_days_without_data_are_said_with_their_first_and_last() -> None:
    first = parse_instant("2026-07-12T00:00Z")
    assert ENGLISH.empty(first, first) == "12 Jul 2026: no data"
    assert ENGLISH.empty(first, first + 30 * DAY) == "12 Jul 2026 – 11 Aug 2026: no data"


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("status 503", "The server answered with status 503"),
        ("exit 2", "The program ended with code 2"),
        ("timeout", "No complete answer within the timeout"),
        ("new_in_version_9", ""),
        ("", ""),
    ],
)
def test_a_reason_is_said_and_a_word_of_a_newer_version_is_not(reason: str, sentence: str) -> None:
    assert ENGLISH.reason(reason) == sentence


def test_an_event_is_an_incident_or_maintenance() -> None:
    told: list[Event] = [incident("a", update(NOW, Phase.INVESTIGATING)), maintenance("b", NOW, NOW + HOUR)]
    assert sorted(ENGLISH.event(event) for event in take(events=told).events) == ["Incident", "Maintenance"]


# Periods and promises


@pytest.mark.parametrize(
    ("name", "words"), [("24h", "24 hours"), ("1h", "1 hour"), ("7d", "7 days"), ("1d", "1 day"), ("365d", "365 days")]
)
def test_a_window_is_said_with_its_length(name: str, words: str) -> None:
    assert ENGLISH.window(name) == words


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("2026-11", "November 2026"),
        ("2026Q3", "2026, quarter 3"),
        ("2026", "2026"),
        ("28d", "the last 28 days"),
        ("1d", "the last day"),
        ("28d to the end of 2026-10", "28 days to the end of October 2026"),
    ],
)
def test_a_period_is_named(name: str, words: str) -> None:
    assert ENGLISH.period_named(name) == words


@pytest.mark.parametrize(
    ("period", "sentence"),
    [
        (Period(months=1), "Aimed at: 99.9 % of each month"),
        (Period(months=3), "Aimed at: 99.9 % of each quarter"),
        (Period(months=12), "Aimed at: 99.9 % of each year"),
        (Period(days=28), "Aimed at: 99.9 % of the last 28 days"),
        (Period(days=1), "Aimed at: 99.9 % of the last day"),
    ],
)
def test_an_objective_is_aimed_at_over_its_period(period: Period, sentence: str) -> None:
    assert ENGLISH.promise(replace(promised.objective("x", period), kind=Kind.SLO)) == sentence


def test_an_agreement_is_promised() -> None:
    told = replace(promised.objective("x", promised.MONTH), kind=Kind.SLA)
    assert ENGLISH.promise(told) == "Promised: 99.9 % of each month"


@pytest.mark.parametrize(
    ("policy", "sentence"),
    [
        (Policy(), "Planned maintenance does not count."),
        (
            Policy(announced=2 * DAY, cap=4 * HOUR, least_outage=MINUTE),
            "Planned maintenance does not count if announced 2 d ahead. At most 4 h of it a month are left out. "
            "Outages shorter than 1 min do not count.",
        ),
        (Policy(maintenance=MaintenanceRule.COUNT, cap=HOUR), "Maintenance counts."),
    ],
)
def test_terms_say_what_is_left_out_and_what_trouble_weighs(policy: Policy, sentence: str) -> None:
    weights = "Major outages count fully, partial ones half, degraded performance not at all."
    told = replace(promised.objective("x", promised.MONTH), policy=policy)
    assert ENGLISH.terms(told) == f"{sentence} {weights}"


def test_weights_that_are_not_the_usual_are_told_in_per_cent() -> None:
    told = ENGLISH.weights(Policy(major=900, partial=505, degraded=1))
    assert told == "Major outages count 90 %, partial ones 50.5 %, degraded performance 0.1 %."


@pytest.mark.parametrize(
    ("rule", "first", "sentence"),
    [
        ("FREQ=DAILY", "2026-12-06", "Repeats daily at 02:00 (BERLIN)"),
        ("FREQ=DAILY;INTERVAL=3", "2026-12-06", "Repeats every 3 days at 02:00 (BERLIN)"),
        ("FREQ=WEEKLY;BYDAY=SU", "2026-12-06", "Repeats weekly on Sunday at 02:00 (BERLIN)"),
        ("FREQ=WEEKLY", "2026-12-08", "Repeats weekly on Tuesday at 02:00 (BERLIN)"),
        (
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,WE",
            "2026-12-06",
            "Repeats every 2 weeks on Sunday, Wednesday at 02:00 (BERLIN)",
        ),
        ("FREQ=MONTHLY", "2026-12-06", "Repeats monthly on day 6 at 02:00 (BERLIN)"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "2026-12-31", "Repeats monthly on the last day of the month at 02:00 (BERLIN)"),
        ("FREQ=MONTHLY;BYDAY=-1FR", "2026-12-25", "Repeats monthly on the last Friday at 02:00 (BERLIN)"),
        (
            "FREQ=MONTHLY;INTERVAL=3;BYDAY=1SU,3SU",
            "2026-12-06",
            "Repeats every 3 months on the first Sunday, the third Sunday at 02:00 (BERLIN)",
        ),
        ("FREQ=YEARLY", "2026-12-06", "Repeats yearly on 6 Dec at 02:00 (BERLIN)"),
        ("FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=6", "2026-12-06", "Repeats yearly on 6 Dec at 02:00 (BERLIN)"),
        ("FREQ=DAILY;COUNT=4", "2026-12-06", "Repeats daily at 02:00 (BERLIN), 4 times"),
        ("FREQ=DAILY;UNTIL=20271231", "2026-12-06", "Repeats daily at 02:00 (BERLIN), until 31 Dec 2027"),
        (
            "FREQ=DAILY;UNTIL=20271231T120000Z",
            "2026-12-06",
            "Repeats daily at 02:00 (BERLIN), until 31 Dec 2027, 12:00 UTC",
        ),
        (
            "FREQ=MONTHLY;BYDAY=SU;BYSETPOS=1",
            "2026-12-06",
            "Repeats by the rule FREQ=MONTHLY;BYDAY=SU;BYSETPOS=1 (BERLIN)",
        ),
        ("FREQ=WEEKLY;BYMONTH=12", "2026-12-06", "Repeats by the rule FREQ=WEEKLY;BYMONTH=12 (BERLIN)"),
        ("FREQ=MONTHLY;BYMONTHDAY=-2", "2026-12-30", "Repeats by the rule FREQ=MONTHLY;BYMONTHDAY=-2 (BERLIN)"),
        ("FREQ=MONTHLY;BYDAY=SU", "2026-12-06", "Repeats by the rule FREQ=MONTHLY;BYDAY=SU (BERLIN)"),
        ("FREQ=YEARLY;BYMONTHDAY=6", "2026-12-06", "Repeats by the rule FREQ=YEARLY;BYMONTHDAY=6 (BERLIN)"),
        ("FREQ=YEARLY;BYDAY=1SU", "2027-01-03", "Repeats by the rule FREQ=YEARLY;BYDAY=1SU (BERLIN)"),
        ("FREQ=DAILY;BYDAY=MO", "2026-12-07", "Repeats by the rule FREQ=DAILY;BYDAY=MO (BERLIN)"),
    ],
)
def test_how_a_maintenance_repeats_is_said_where_there_is_a_sentence(rule: str, first: str, sentence: str) -> None:
    start = parse_instant(f"{first}T02:00+01:00")
    told = ENGLISH.repeats(Repeats(rule=rule, zone="Europe/Berlin", first=start))
    assert told == sentence.replace("BERLIN", "Europe/Berlin")


def test_a_week_is_said_with_days_alike_in_a_row() -> None:
    office = Hours(id="office", week=(((9 * HOUR, 17 * HOUR),),) * 5 + ((), ((0, 24 * HOUR),)))
    assert ENGLISH.week(office) == (
        ("Monday – Friday", "09:00 – 17:00"),
        ("Saturday", "closed"),
        ("Sunday", "00:00 – 24:00"),
    )
    assert [days for days, _ in GERMAN.week(office)] == ["Montag – Freitag", "Samstag", "Sonntag"]
    assert ENGLISH.week(ALWAYS) == (("Monday – Sunday", "00:00 – 24:00"),)
