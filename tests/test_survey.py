"""A component's days, its checks' failures, and its group's anchor."""

from __future__ import annotations

from dataclasses import replace

from statusgen.model import Check, Component, Event, Phase, Question, Round, Sample, State
from statusgen.views import EVENTS_OF_DAY, FAILURE_DAYS, YEAR_DAYS, ComponentView, Failure
from tests.literals import (
    DAY,
    HOUR,
    INTERVAL,
    MINUTE,
    NOW,
    TODAY,
    component,
    incident,
    maintenance,
    resolved,
    rounds,
    site,
    take,
    unchecked,
    update,
    view,
)


def told_by_day(made: ComponentView) -> dict[int, tuple[str, ...]]:
    """Return the events of days that have some; days count back from today, 0."""
    return {(TODAY - day.start) // DAY: day.events for day in made.days if day.events}


def of_events(*events: Event, now: int = NOW) -> dict[int, tuple[str, ...]]:
    return told_by_day(view(take(events=events, now=now)))


# Events of a day


def test_a_day_tells_of_what_went_on_then_and_the_next_one_of_what_went_on_still() -> None:
    assert of_events(resolved("a", TODAY - 2 * DAY + HOUR, TODAY - DAY + 1)) == {}
    named = resolved("a", TODAY - 2 * DAY + HOUR, TODAY - DAY + 1, api=State.OPERATIONAL)
    assert of_events(named) == {2: ("a",), 1: ("a",)}


def test_what_ends_with_a_day_is_not_one_of_the_next() -> None:
    assert of_events(resolved("a", TODAY - DAY + HOUR, TODAY, api=State.MAJOR)) == {1: ("a",)}
    assert of_events(resolved("a", TODAY - DAY, TODAY - DAY, api=State.MAJOR)) == {1: ("a",)}  # over at once


def test_an_open_incident_is_one_of_every_day_until_now() -> None:
    told = incident("a", update(TODAY - 2 * DAY, Phase.INVESTIGATING), api=State.DEGRADED)
    assert of_events(told) == {2: ("a",), 1: ("a",), 0: ("a",)}
    long_since = incident("a", update(TODAY - 900 * DAY, Phase.INVESTIGATING), api=State.DEGRADED)
    assert len(of_events(long_since)) == YEAR_DAYS


def test_maintenance_is_one_of_the_days_on_which_it_was_done() -> None:
    done = maintenance("m", TODAY - DAY, TODAY + HOUR, update(TODAY - HOUR, Phase.COMPLETED))
    called_off = maintenance("n", TODAY - DAY, TODAY, update(TODAY - 2 * DAY, Phase.CANCELLED))
    ahead = maintenance("o", NOW + HOUR, NOW + 2 * HOUR)
    announced_as_begun = maintenance("p", NOW + HOUR, NOW + 2 * HOUR, update(NOW, Phase.IN_PROGRESS))
    assert of_events(done, called_off, ahead, announced_as_begun) == {1: ("m",)}
    overrun = maintenance("m", TODAY - DAY, TODAY - HOUR, update(TODAY - DAY, Phase.IN_PROGRESS))
    assert of_events(overrun) == {1: ("m",), 0: ("m",)}


def test_the_oldest_come_first_and_no_more_than_a_few() -> None:
    many = [resolved(f"e{9 - i}", TODAY + i * MINUTE, NOW, api=State.DEGRADED) for i in range(EVENTS_OF_DAY + 2)]
    assert of_events(*reversed(many)) == {0: ("e9", "e8", "e7", "e6", "e5")}
    together = [resolved(slug, TODAY, NOW, api=State.DEGRADED) for slug in ("b", "a")]
    assert of_events(*together) == {0: ("a", "b")}


def test_an_event_is_told_on_the_days_of_the_components_that_it_names() -> None:
    made = take(site(component("api"), component("web")), [resolved("a", TODAY, NOW, web=State.MAJOR)])
    assert [told_by_day(each) for each in made.components] == [{}, {0: ("a",)}]


# Days before there was anything


def test_days_before_a_component_counts_are_unknown_and_have_no_seconds() -> None:
    days = view(take(site(unchecked("api", since=TODAY - DAY + HOUR)))).days
    assert [each.tally.window for each in days[-3:]] == [0, DAY - HOUR, NOW - TODAY]
    assert {(each.state, each.tally.window, each.availability) for each in days[:-2]} == {(State.UNKNOWN, 0, None)}


# Failures


def failure(*letters: str, until: int = NOW) -> Failure | None:
    places = {f"place{i}": rounds(until, api=line) for i, line in enumerate(letters)}
    (check,) = view(take(ledger=places)).checks
    return check.failure


def test_a_check_tells_of_its_latest_answer_that_was_not_good() -> None:
    assert failure("udsu") == Failure(at=NOW - INTERVAL, reason="status 503")
    assert failure("usgu") == Failure(at=NOW - INTERVAL, reason="slow")
    assert failure("uuud") == Failure(at=NOW, reason="timeout")
    assert failure("uu!u") is None


def test_the_latest_failure_may_be_of_any_location() -> None:
    assert failure("udu", "duu", "uuu") == Failure(at=NOW - INTERVAL, reason="timeout")
    assert failure("dd", "ss") == Failure(at=NOW, reason="status 503")  # of several at once the first by its word


def test_a_failure_is_forgotten_after_a_while() -> None:
    span = FAILURE_DAYS * DAY
    for age, is_told in ((span, True), (span + 1, False)):
        ledger = (*rounds(NOW - age, api="d"), *rounds(api="u"))
        assert (view(take(ledger=ledger)).checks[0].failure is not None) is is_told


def test_a_checks_reason_is_the_code_as_the_ledger_has_it() -> None:
    assert view(take(ledger=rounds(api="us"))).checks[0].reason == "status 503"
    assert view(take(ledger=rounds(api="uu"))).checks[0].reason == ""


def test_a_check_that_could_not_be_asked_says_why_and_keeps_its_last_failure() -> None:
    blocked = Round(at=NOW, answers=(("api", Sample(NOW, None, None, "blocked")),))
    made = view(take(ledger=(*rounds(NOW - INTERVAL, api="uds"), blocked)))
    (check,) = made.checks
    assert (check.at, check.verdict, check.latency, check.reason) == (NOW, None, None, "blocked")
    assert check.failure == Failure(at=NOW - INTERVAL, reason="status 503")
    assert made.state is State.UNKNOWN


def test_a_check_that_is_asked_once_a_day_is_known_all_day_beside_one_that_is_asked_in_every_round() -> None:
    often, daily = (Check(id=id, question=Question(), interval=every) for id, every in (("often", 0), ("daily", DAY)))
    of = site(Component(id="api", name="API", checks=(often, daily)))
    asked = rounds(NOW, often="u" * 400, daily="d" + "-" * 287 + "d" + "-" * 111)
    made = view(take(of, ledger=asked))
    assert made.state is State.MAJOR
    assert made.since == NOW - 399 * INTERVAL  # both failures are confirmed: a day is no gap for it
    without = replace(of, components=(replace(of.components[0], checks=(often, replace(daily, interval=0))),))
    assert view(take(without, ledger=asked)).state is State.OPERATIONAL  # else it would be one


# Groups


def ids(*names: str) -> list[str]:
    parts = [component(f"c{i}", group=name) for i, name in enumerate(names)]
    return [group.id for group in take(site(*parts)).groups]


def test_a_group_has_an_anchor_made_of_its_name_and_what_is_in_none_has_none() -> None:
    assert ids("Core services", "EU-West (2)", "") == ["group-core-services", "group-eu-west-2", ""]
    assert ids("Grundgerüst", "支払い") == ["group-grundgerüst", "group-支払い"]


def test_no_two_groups_have_the_same_anchor() -> None:
    assert ids("API", "Api!", "api 2", "!!", "?") == ["group-api", "group-api-2", "group-api-2-2", "group", "group-2"]
    two = replace(site(component("a", group="B"), component("b", group="A")))
    assert [group.id for group in take(two).groups] == ["group-b", "group-a"]
