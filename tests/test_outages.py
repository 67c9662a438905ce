"""What is known of when an outage really began and ended, against a reading of the samples one by one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import product

from statusgen import days, outages
from statusgen.availability import timeline
from statusgen.model import Check, Component, Correction, Event, Phase, Probing, Question, Round, State
from statusgen.outages import Seen
from statusgen.promises import Policy
from statusgen.verdict import measure, vote
from statusgen.views import Outage
from tests.literals import INTERVAL, MINUTE, NOW, component, incident, resolved, rounds, update

API = component("api")


def found(
    ledger: Mapping[str, tuple[Round, ...]],
    of: Component = API,
    events: tuple[Event, ...] = (),
    corrections: tuple[Correction, ...] = (),
) -> list[Outage]:
    """Return a component's outages, newest first."""
    seen = {place: days.history((), each, NOW + 1) for place, each in ledger.items()}
    checks = {}
    for check in of.checks:
        measured = {place: measure(history.days, check.id, Probing(), NOW + 1) for place, history in seen.items()}
        checks[check.id] = Seen(histories=seen, by_location=measured, together=vote(measured, ()))
    together = {check: each.together for check, each in checks.items()}
    line = timeline(of, together, events, Policy(), NOW + 1, corrections)
    return list(outages.outages(line, of, checks, NOW))


def bounds(of: list[Outage]) -> list[tuple[int | None, int | None]]:
    """Return how many seconds before now each outage began and ended at the earliest."""
    ends = ((each.started_after, each.ended_after) for each in of)
    return [(began and NOW - began, ended and NOW - ended) for began, ended in ends]


def test_an_outage_began_after_the_last_good_sample_and_ended_after_the_last_bad_one() -> None:
    (outage,) = found({"a": rounds(api="uuuddduu")})
    assert (outage.start, outage.end) == (NOW - 4 * INTERVAL, NOW - INTERVAL)
    assert bounds([outage]) == [(5 * INTERVAL, 2 * INTERVAL)]


def test_an_outage_that_goes_on_has_not_ended_after_anything() -> None:
    assert bounds(found({"a": rounds(api="uudd")})) == [(2 * INTERVAL, None)]


def test_every_line_of_samples_gives_the_bounds_that_can_be_read_off_it() -> None:
    for letters in map("".join, product("udg-!", repeat=5)):
        line = "uuuu" + letters + "uu"
        for outage in found({"a": rounds(api=line)}):
            assert outage.started_after == before(line, outage.start, "d", "ug"), line
            assert outage.ended_after == (outage.end and before(line, outage.end, "ug", "d")), line


def before(line: str, instant: int, there: str, earlier: str) -> int | None:
    """Return the last answer before an instant at which one of ``there`` stands, if it is one of ``earlier``.

    What is further away than samples hold, or beyond a round in which the prober failed, tells nothing.
    """
    first = NOW - (len(line) - 1) * INTERVAL
    index, rest = divmod(instant - first, INTERVAL)
    if rest or line[index] not in there:
        return None
    last = next(i for i in range(index - 1, -1, -1) if line[i] != "-")
    return first + last * INTERVAL if line[last] in earlier and index - last <= 2 else None


def test_declared_ends_have_no_bounds() -> None:
    declared = resolved("a", NOW - 50 * MINUTE, NOW - 20 * MINUTE, api=State.MAJOR)
    assert bounds(found({"a": rounds(api="u" * 20)}, events=(declared,))) == [(None, None)]
    seen_later = incident("a", update(NOW - 12 * MINUTE, Phase.INVESTIGATING), api=State.MAJOR)
    assert bounds(found({"a": rounds(api="uuuuuudd")}, events=(seen_later,))) == [(None, None)]


def test_ends_that_were_set_right_have_no_bounds() -> None:
    ledger = {"a": rounds(api="uuuudddduuu")}
    (measured,) = found(ledger)
    assert measured.end is not None
    whole = Correction(
        slug="c",
        path="c.yaml",
        components=("api",),
        start=measured.start,
        end=measured.end,
        state=State.PARTIAL,
        reason="x",
    )
    assert bounds(found(ledger, corrections=(whole,))) == [(None, None)]
    early = replace(whole, end=measured.start + 1)
    assert [each.started_after for each in found(ledger, corrections=(early,))] == [None]
    assert [each.ended_after for each in found(ledger, corrections=(early,))] == [measured.ended_after]


def test_an_outage_from_the_first_sample_on_has_no_bound_at_its_start() -> None:
    assert bounds(found({"a": rounds(api="dddduu")})) == [(None, 2 * INTERVAL)]


def shifted(seconds: int, **answers: str) -> tuple[Round, ...]:
    return rounds(NOW - seconds, **answers)


def test_the_location_whose_voice_decides_gives_the_bounds() -> None:
    ledger = {
        "a": shifted(20, api="uuudddddd"),
        "b": shifted(10, api="uuuudddduu"[1:]),
        "c": shifted(0, api="uuuuuuuuu"),
    }
    (outage,) = found(ledger)
    assert (outage.start, outage.started_after) == (NOW - 10 - 5 * INTERVAL, NOW - 10 - 6 * INTERVAL)
    assert (outage.end, outage.ended_after) == (NOW - 10 - INTERVAL, NOW - 10 - 2 * INTERVAL)


def test_a_vote_that_changes_because_a_location_falls_silent_has_no_bound() -> None:
    ledger = {"a": shifted(20, api="uuudddddddddd"), "b": shifted(10, api="uuuuu--------")}
    assert [each.started_after for each in found(ledger)] == [None]


def test_of_locations_with_the_same_instant_the_earliest_sample_counts() -> None:
    ledger = {"a": rounds(api="uuuudd"), "b": rounds(api="uuu-dd")}
    assert bounds(found(ledger)) == [(3 * INTERVAL, None)]


def test_the_first_of_several_checks_begins_an_outage_and_the_last_one_ends_it() -> None:
    web = component("web", "page", "shop")
    ledger = {"a": rounds(page="uuuudddduu", shop="uuu-ddd-uu")}
    assert bounds(found(ledger, web)) == [(7 * INTERVAL, 2 * INTERVAL)]


def test_a_check_whose_failure_is_no_outage_does_not_count() -> None:
    checks = tuple(
        Check(id=id, question=Question(), down=state) for id, state in (("page", State.MAJOR), ("cdn", State.DEGRADED))
    )
    ledger = {"a": rounds(page="uuuudd", cdn="uuu-dd")}
    assert bounds(found(ledger, replace(API, checks=checks))) == [(2 * INTERVAL, None)]


def test_a_check_that_was_not_known_before_may_have_failed_long_since() -> None:
    web = component("web", "page", "shop")
    assert bounds(found({"a": rounds(page="uuuudd", shop="----dd")}, web)) == [(None, None)]
