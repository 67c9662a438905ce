"""How fast incidents were answered: what counts as detected, whose hours run, and what a month comes to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from statusgen.availability import Timeline, timeline
from statusgen.calendars import Hours, parse_spans
from statusgen.intervals import Intervals
from statusgen.model import Check, Component, Event, Incident, Phase, Question, State
from statusgen.periods import DAY, HOUR, MINUTE, parse_instant
from statusgen.promises import Policy, Severity, Standard, Support
from statusgen.response import Response, after, detections, due, months, respond, seconds_in
from statusgen.verdict import Measured
from tests.literals import incident, maintenance, resolved, rounds, site, take, update

START = parse_instant("2026-11-20T10:00Z")  # a Friday
FAR = START + 30 * DAY
API = Component(id="api", name="API", checks=(Check(id="api", question=Question()),))
OFFICE = Hours(
    id="office",
    zone="Europe/Berlin",
    week=(parse_spans("09:00-17:00"),) * 5 + ((),) * 2,
    holidays=("2026-12-25",),
)


def supported(hours: Hours | None = None, respond: int = HOUR, update: int = 2 * HOUR) -> Support:
    standards = tuple(
        Standard(
            severity=severity, definition="", respond=respond, update=update, **({"hours": hours} if hours else {})
        )
        for severity in Severity
    )
    return Support(is_published=True, standards=standards)


ALWAYS_THERE = supported()


def answered(of: Incident, seen: int | None = None, support: Support = ALWAYS_THERE, now: int = FAR) -> Response:
    return respond(of, seen, support, now)


def told(*minutes: int, last: Phase = Phase.RESOLVED) -> Incident:
    """Return an incident that began at ``START`` with updates so many minutes later."""
    *earlier, end = [START + each * MINUTE for each in minutes]
    phases = [Phase.INVESTIGATING, *[Phase.IDENTIFIED] * len(earlier)]
    updates = [update(at, phase) for at, phase in zip(earlier, phases, strict=False)]
    return incident("i", *updates, update(end, last), started=START, api=State.MAJOR)


# Rule 15: instants


def test_a_field_says_when_it_was_detected_before_probes_do_and_probes_before_its_start() -> None:
    of = told(10, 60)
    assert answered(of).detected == START
    assert answered(of, seen=START + 60).detected == START + 60
    assert answered(replace(of, detected=START + 90), seen=START + 60).detected == START + 90


def test_epoch_seconds_are_never_taken_for_nothing() -> None:
    assert answered(replace(told(10, 60), detected=0)).detected == 0


def test_acknowledged_is_the_field_or_else_the_first_update() -> None:
    of = told(10, 60)
    assert answered(of).to_acknowledge == 10 * MINUTE
    assert answered(replace(of, acknowledged=START + 4 * MINUTE)).to_acknowledge == 4 * MINUTE
    assert answered(replace(of, acknowledged=START + 40 * MINUTE)).to_acknowledge == 40 * MINUTE


def test_what_was_acknowledged_before_it_was_detected_took_no_time() -> None:
    assert answered(replace(told(10, 60), detected=START + 20 * MINUTE)).to_acknowledge == 0


def test_mitigated_is_the_first_monitoring_or_resolved() -> None:
    watched = incident(
        "i",
        update(START, Phase.INVESTIGATING),
        update(START + HOUR, Phase.MONITORING),
        update(START + 2 * HOUR, Phase.RESOLVED),
    )
    assert answered(watched).mitigated == START + HOUR
    assert answered(told(10, 60)).mitigated == START + HOUR
    assert answered(told(10, 60, last=Phase.IDENTIFIED)).mitigated is None


def test_time_to_resolve_runs_from_the_start_day_and_night() -> None:
    weekend = told(10, 3 * 24 * 60)
    found = answered(replace(weekend, detected=START + HOUR), support=supported(OFFICE))
    assert found.to_resolve == 3 * DAY
    assert found.resolved == START + 3 * DAY


def test_an_open_incident_has_no_end_and_is_judged_by_what_it_has() -> None:
    found = answered(told(10, 30, last=Phase.IDENTIFIED), now=START + 40 * MINUTE)
    assert (found.resolved, found.to_resolve, found.mitigated) == (None, None, None)
    assert found.silence == 20 * MINUTE
    assert found.is_answered_in_time
    assert found.is_told_in_time


def test_an_open_incident_is_as_silent_as_it_has_been_since_its_last_update() -> None:
    found = answered(told(10, 30, last=Phase.IDENTIFIED), now=START + 30 * DAY)
    assert found.silence == 30 * DAY - 30 * MINUTE
    assert not found.is_told_in_time


def test_what_comes_after_now_is_not_known() -> None:
    of = told(10, 60, 90)
    assert answered(of, now=START + 70 * MINUTE) == answered(
        replace(of, updates=of.updates[:2]), now=START + 70 * MINUTE
    )
    unanswered = answered(of, now=START + 5 * MINUTE)
    assert (unanswered.acknowledged, unanswered.to_acknowledge, unanswered.is_answered_in_time) == (None, None, None)
    early = replace(of, acknowledged=START + 30 * MINUTE)
    assert answered(early, now=START + 20 * MINUTE).acknowledged == START + 10 * MINUTE


# Judgements


@pytest.mark.parametrize(("minutes", "in_time"), [(59, True), (60, True), (61, False)])
def test_an_answer_is_in_time_up_to_the_last_second(minutes: int, in_time: bool) -> None:
    assert answered(told(minutes, 70)).is_answered_in_time is in_time


@pytest.mark.parametrize(("minutes", "in_time"), [(130, True), (131, False)])
def test_silence_is_too_long_from_the_next_second_on(minutes: int, in_time: bool) -> None:
    found = answered(told(10, minutes, minutes + 1))
    assert found.silence == (minutes - 10) * MINUTE
    assert found.is_told_in_time is in_time


def test_the_longest_silence_is_anywhere_between_two_updates_and_none_with_one() -> None:
    assert answered(told(0, 5, 100, 110)).silence == 95 * MINUTE
    assert answered(told(10)).silence == 0


def test_what_is_added_after_the_end_is_no_silence() -> None:
    of = told(10, 60)
    later = replace(of, updates=(*of.updates, update(START + 5 * DAY, Phase.RESOLVED, "Lessons.")))
    assert answered(later) == answered(of)


def test_without_a_severity_there_is_nothing_to_judge_but_times_are_told() -> None:
    found = answered(replace(told(90, 600), severity=None), support=supported(OFFICE))
    assert (found.is_answered_in_time, found.is_told_in_time) == (None, None)
    assert (found.to_acknowledge, found.silence) == (90 * MINUTE, 510 * MINUTE)


def test_each_severity_has_its_own_standard() -> None:
    of = replace(told(4 * 60, 5 * 60))
    in_time = [
        answered(replace(of, severity=each), support=Support(is_published=True)).is_answered_in_time
        for each in Severity
    ]
    assert in_time == [False, True, True]  # three hours, eight, two days


# Hours


@pytest.mark.parametrize(
    ("start", "end", "seconds"),
    [
        ("2026-11-20T10:00Z", "2026-11-20T11:00Z", HOUR),
        ("2026-11-20T15:30Z", "2026-11-20T20:00Z", 30 * MINUTE),  # until 17:00 in Berlin
        ("2026-11-20T15:30Z", "2026-11-23T08:15Z", 45 * MINUTE),  # Friday evening to Monday morning
        ("2026-11-21T10:00Z", "2026-11-22T10:00Z", 0),  # Saturday
        ("2026-12-24T15:00Z", "2026-12-28T09:00Z", 2 * HOUR),  # Christmas and a weekend
        ("2026-10-23T14:00Z", "2026-10-26T09:00Z", 2 * HOUR),  # in summer until 15:00 UTC, in winter from 08:00 UTC
        ("2026-11-20T11:00Z", "2026-11-20T10:00Z", 0),
    ],
)
def test_the_clock_stands_still_while_nobody_is_there(start: str, end: str, seconds: int) -> None:
    assert seconds_in(OFFICE, parse_instant(start), parse_instant(end)) == seconds


def test_answers_and_silence_count_the_hours_of_the_standard() -> None:
    friday = START + 5 * HOUR + 30 * MINUTE  # 16:30 in Berlin
    monday = START + 3 * DAY - 2 * HOUR + 15 * MINUTE  # 09:15 in Berlin
    of = incident("i", update(monday, Phase.IDENTIFIED), update(monday + DAY, Phase.RESOLVED), started=friday)
    found = answered(of, support=supported(OFFICE))
    assert found.to_acknowledge == 45 * MINUTE
    assert found.silence == 8 * HOUR
    assert found.is_answered_in_time
    assert not found.is_told_in_time
    assert answered(of).to_acknowledge == monday - friday


# What probes saw


def line(*outages: tuple[int, int], degraded: tuple[tuple[int, int], ...] = ()) -> Timeline:
    """Return how the API was: trouble in minutes from ``START``, known for all the rest."""
    down = Intervals((START + a * MINUTE, START + b * MINUTE) for a, b in outages)
    slow = down | Intervals((START + a * MINUTE, START + b * MINUTE) for a, b in degraded)
    seen = Measured(known=Intervals([(START - DAY, FAR)]), degraded=slow, down=down)
    return timeline(API, {"api": seen}, (), Policy(), FAR)


def minute(instant: int) -> float:
    return (instant - START) / MINUTE


def about(slug: str, start: int, end: int | None, **states: State) -> Incident:
    first = update(START + start * MINUTE, Phase.INVESTIGATING)
    last = () if end is None else (update(START + end * MINUTE, Phase.RESOLVED),)
    return incident(slug, first, *last, **(states or {"api": State.MAJOR}))


def detected(of: Timeline, *events: Event) -> dict[str, float]:
    return {slug: minute(at) for slug, at in detections("api", of, events, FAR).items()}


def test_trouble_is_dated_to_where_it_began_even_before_the_incident() -> None:
    assert detected(line((5, 40)), about("a", 20, 60)) == {"a": 5}
    assert detected(line((25, 40)), about("a", 20, 60)) == {"a": 25}
    assert detected(line(degraded=((7, 40),)), about("a", 20, 60)) == {"a": 7}


def test_trouble_that_was_over_or_came_later_is_not_what_an_incident_is_about() -> None:
    assert detected(line((5, 20), (60, 70)), about("a", 20, 60)) == {}
    assert detected(line((5, 21), (59, 70)), about("a", 20, 60)) == {"a": 5}
    assert detected(line((59, 70)), about("a", 20, 60)) == {"a": 59}


def test_an_open_incident_is_about_all_that_comes() -> None:
    assert detected(line((500, 600)), about("a", 20, None)) == {"a": 500}


def test_time_that_an_earlier_incident_covers_is_of_that_one() -> None:
    both = (about("a", 30, 90), about("b", 10, 40))
    assert detected(line((15, 35), (50, 60)), *both) == {"b": 15, "a": 50}
    assert detected(line((15, 35)), *both) == {"b": 15}


def test_an_incident_about_what_was_measured_covers_no_time() -> None:
    drafted = replace(about("b", 10, 40), measured=True)
    assert detected(line((15, 35), (50, 60)), about("a", 30, 90), drafted) == {"b": 15, "a": 15}


def test_of_two_that_began_together_the_first_by_name_has_the_trouble() -> None:
    assert detected(line((5, 15)), about("b", 10, 20), about("a", 10, 20)) == {"a": 5}


def test_incidents_of_other_components_and_maintenance_say_nothing_of_this_one() -> None:
    planned = maintenance("m", START, START + HOUR)
    assert detected(line((5, 15)), about("b", 10, 20, web=State.MAJOR), planned) == {}
    later_named = incident(
        "u", update(START, Phase.INVESTIGATING), update(START + MINUTE, Phase.IDENTIFIED, api=State.MAJOR)
    )
    assert detected(line((5, 15)), later_named) == {"u": 5}


def test_on_the_page_an_incident_was_detected_by_the_first_failing_sample() -> None:
    now = START + HOUR
    made = take(
        site(),
        [resolved("i", now - 12 * MINUTE, now - 5 * MINUTE, api=State.MAJOR)],
        rounds(now, api="uuuuuuuudduuu"),
        now,
    )
    (event,) = made.events
    assert event.response is not None
    assert minute(event.response.detected) == 40  # rounds at 0, 5, …: the ninth failed first
    assert event.response.to_acknowledge == 8 * MINUTE


# Rule 16: months


def response(
    detected: str, waited: int | None = None, ended: int | None = None, in_time: bool | None = None
) -> Response:
    return Response(
        seen=None,
        detected=parse_instant(detected),
        acknowledged=None,
        mitigated=None,
        resolved=None,
        to_acknowledge=waited,
        to_resolve=ended,
        silence=0,
        is_answered_in_time=in_time,
        is_told_in_time=in_time,
    )


FIRST, LAST = parse_instant("2026-09-01T00:00Z"), parse_instant("2026-11-30T00:00Z")
SUPPORT = Support(is_published=True, zone="Europe/Berlin")


def test_an_incident_belongs_to_the_month_in_which_it_was_detected_on_the_wall() -> None:
    rows = months(
        SUPPORT,
        [("a", Severity.SEV1, response("2026-10-31T22:59Z")), ("b", Severity.SEV1, response("2026-10-31T23:00Z"))],
        FIRST,
        LAST,
    )
    assert [(row.month, row.slugs) for row in rows] == [("2026-11", ("b",)), ("2026-10", ("a",))]


def test_rows_are_newest_first_by_severity_and_only_where_something_happened() -> None:
    told = [
        ("old", Severity.SEV2, response("2026-09-05T00:00Z")),
        ("minor", Severity.SEV3, response("2026-11-05T00:00Z")),
        ("grave", Severity.SEV1, response("2026-11-06T00:00Z")),
        ("unranked", None, response("2026-10-06T00:00Z")),
    ]
    rows = months(SUPPORT, told, FIRST, LAST)
    assert [(row.month, row.severity, row.slugs) for row in rows] == [
        ("2026-11", Severity.SEV1, ("grave",)),
        ("2026-11", Severity.SEV3, ("minor",)),
        ("2026-09", Severity.SEV2, ("old",)),
    ]


def test_attainment_is_cut_and_means_are_rounded_up() -> None:
    told = [
        ("a", Severity.SEV1, response("2026-11-01T00:00Z", waited=10, ended=100, in_time=True)),
        ("b", Severity.SEV1, response("2026-11-02T00:00Z", waited=11, ended=None, in_time=True)),
        ("c", Severity.SEV1, response("2026-11-03T00:00Z", waited=11, ended=101, in_time=False)),
    ]
    (row,) = months(SUPPORT, told, FIRST, LAST)
    assert (row.answered_in_time, row.told_in_time, row.attainment) == (2, 2, "66.66")
    assert row.to_acknowledge == 11  # 32 / 3 = 10.67
    assert row.to_resolve == 101  # 201 / 2 = 100.5


def test_what_nobody_answered_yet_is_not_in_time_and_has_no_mean() -> None:
    (row,) = months(SUPPORT, [("a", Severity.SEV1, response("2026-11-01T00:00Z"))], FIRST, LAST)
    assert (row.answered_in_time, row.attainment, row.to_acknowledge, row.to_resolve) == (0, "0.00", None, None)


def test_where_nothing_is_promised_nothing_is_judged() -> None:
    found = answered(told(10, 60, 90), support=Support())
    assert (found.is_answered_in_time, found.is_told_in_time) == (None, None)
    assert found.to_acknowledge is not None
    assert months(Support(), [("a", Severity.SEV1, found)], START - DAY, START + DAY) == []


def test_what_was_answered_before_probes_saw_it_was_detected_when_it_began() -> None:
    of = told(10, 60)
    assert answered(of, seen=START + 9 * MINUTE).detected == START + 9 * MINUTE
    assert answered(of, seen=START + 11 * MINUTE).detected == of.started


# By when the next update is promised


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-20T10:00Z", 2, "2026-11-20T12:00Z"),
        ("2026-11-20T15:00Z", 1, "2026-11-20T16:00Z"),  # at the very end of a Friday in Berlin
        ("2026-11-20T15:00Z", 2, "2026-11-23T09:00Z"),  # the second hour is one of Monday
        ("2026-11-21T12:00Z", 1, "2026-11-23T09:00Z"),
        ("2026-11-20T03:00Z", 8, "2026-11-20T16:00Z"),
        ("2026-11-20T10:00Z", 80, "2026-12-04T10:00Z"),  # two weeks of 40 hours
        ("2026-12-24T15:00Z", 2, "2026-12-28T09:00Z"),  # Christmas, a Friday, and a weekend
        ("2026-03-27T15:00Z", 2, "2026-03-30T08:00Z"),  # clocks are put forward on Sunday
        ("2026-10-23T14:00Z", 2, "2026-10-26T09:00Z"),  # and back
    ],
)
def test_so_many_hours_later_is_when_somebody_has_been_there_for_them(start: str, hours: int, end: str) -> None:
    assert after(OFFICE, parse_instant(start), hours * HOUR) == parse_instant(end)


def test_hours_that_run_always_are_plain_time() -> None:
    assert after(Hours(id="x"), START, 100 * DAY + 1) == START + 100 * DAY + 1
    assert after(OFFICE, START, 0) == START


def test_the_night_in_which_clocks_change_is_as_long_as_it_is() -> None:
    nights = Hours(id="nights", zone="Europe/Berlin", week=(parse_spans("01:00-04:00"),) * 7)
    short, long = parse_instant("2026-03-29T00:00Z"), parse_instant("2026-10-24T23:00Z")
    assert after(nights, short, 2 * HOUR) == short + 2 * HOUR
    assert after(nights, short, 2 * HOUR + 1) == parse_instant("2026-03-29T23:00:01Z")
    assert after(nights, long, 4 * HOUR) == long + 4 * HOUR


def test_it_is_the_first_instant_by_which_so_many_seconds_ran() -> None:
    for start in range(START - 3 * DAY, START + 3 * DAY, 10_007):
        for seconds in (1, HOUR, 9 * HOUR, 33 * HOUR):
            end = after(OFFICE, start, seconds)
            assert end is not None
            assert (seconds_in(OFFICE, start, end), seconds_in(OFFICE, start, end - 1)) == (seconds, seconds - 1)


def test_where_nobody_ever_is_nothing_is_due() -> None:
    assert after(Hours(id="x", week=((),) * 7), START, 1) is None


def test_the_next_update_is_due_as_long_after_the_last_one_as_is_promised() -> None:
    of = told(0, 60, last=Phase.MONITORING)
    assert due(of, supported(update=2 * HOUR), FAR) == START + 3 * HOUR
    assert due(of, supported(update=2 * HOUR), START + 59 * MINUTE) == START + 2 * HOUR  # the second is not known yet
    assert due(of, supported(OFFICE, update=8 * HOUR), FAR) == parse_instant("2026-11-23T11:00Z")


def test_what_the_last_update_promises_itself_comes_before_the_standard() -> None:
    of = told(0, 60, last=Phase.MONITORING)
    promised = replace(of, severity=None, updates=(*of.updates[:-1], replace(of.updates[-1], next=START + 5 * HOUR)))
    assert due(promised, ALWAYS_THERE, FAR) == START + 5 * HOUR
    assert due(promised, ALWAYS_THERE, START + 59 * MINUTE) is None  # the update that says it is not known yet


def test_an_update_is_due_of_an_open_incident_with_a_severity_that_is_no_draft() -> None:
    of = told(0, 60, last=Phase.MONITORING)
    assert due(told(0, 60), ALWAYS_THERE, FAR) is None
    assert due(replace(of, draft=True), ALWAYS_THERE, FAR) is None
    assert due(replace(of, severity=None), ALWAYS_THERE, FAR) is None
    assert due(of, replace(ALWAYS_THERE, is_published=False), FAR) is None


def test_what_is_done_by_the_instant_it_was_due_is_in_time() -> None:
    first = told(0, last=Phase.INVESTIGATING)
    by = due(first, supported(OFFICE, update=3 * HOUR), FAR)
    assert by is not None
    for late, in_time in ((0, True), (1, False)):
        minutes = (by - START) // MINUTE
        of = replace(told(0, minutes), updates=(*first.updates, update(by + late, Phase.RESOLVED)))
        assert answered(of, support=supported(OFFICE, update=3 * HOUR)).is_told_in_time is in_time
