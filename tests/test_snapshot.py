"""Taking the snapshot from literal sites, events and rounds: every number on the page, at one instant."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from statusgen.model import Check, Component, Phase, Probing, Question, Round, Sample, State, Verdict
from statusgen.outages import OUTAGES_SHOWN
from statusgen.periods import parse_instant
from statusgen.promises import Policy
from statusgen.snapshot import STALE_AFTER
from statusgen.survey import WINDOWS
from statusgen.views import BAR_DAYS, FEED_DAYS, FEED_LEAST, RECENT_DAYS, YEAR_DAYS, EventView, Snapshot

from .literals import (
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

UP, DEGRADED, DOWN = Verdict
HOLD = 5 * INTERVAL // 2  # how long an answer holds when nothing follows it


def event(made: Snapshot, slug: str) -> EventView:
    return next(each for each in made.events if each.slug == slug)


# State and since


def test_a_component_is_what_its_check_last_confirmed() -> None:
    assert view(take(ledger=rounds(api="uuuu"))).state is State.OPERATIONAL
    assert view(take(ledger=rounds(api="uudd"))).state is State.MAJOR
    assert view(take(ledger=rounds(api="uugg"))).state is State.DEGRADED
    assert view(take(ledger=rounds(api="uuud"))).state is State.OPERATIONAL  # one failure confirms nothing


def test_a_state_has_lasted_since_the_first_sample_that_led_to_it() -> None:
    assert view(take(ledger=rounds(api="uudd"))).since == NOW - INTERVAL
    assert view(take(ledger=rounds(api="uuuu"))).since == NOW - 3 * INTERVAL


def test_nobody_watching_is_unknown_since_the_last_answer_stopped_to_hold() -> None:
    made = take(ledger=rounds(NOW - HOUR, api="uuuu"))
    assert view(made).state is State.UNKNOWN
    assert view(made).since == NOW - HOUR + HOLD
    assert take().components[0].since is None


def test_the_worst_known_check_counts() -> None:
    made = take(site(component("web", "page", "cert")), ledger=rounds(page="uuuu", cert="uudd"))
    assert view(made, "web").state is State.MAJOR
    made = take(site(component("web", "page", "cert")), ledger=rounds(page="uugg", cert="----"))
    assert view(made, "web").state is State.DEGRADED


def test_a_check_may_mean_less_to_its_component() -> None:
    lesser = Component(id="api", name="API", checks=(Check(id="api", question=Question(), down=State.PARTIAL),))
    made = view(take(site(lesser), ledger=rounds(api="uudd")))
    assert (made.state, made.window("24h").tally.partial, made.window("24h").tally.major) == (
        State.PARTIAL,
        INTERVAL,
        0,
    )


def test_a_component_without_checks_is_known_from_its_first_day_and_otherwise_unknown() -> None:
    made = take(site(unchecked("desk", since=TODAY), unchecked("shop")))
    assert [each.state for each in made.components] == [State.OPERATIONAL, State.UNKNOWN]
    assert view(made, "desk").window("24h").tally.known == NOW - TODAY


def test_an_incident_declares_what_probes_do_not_see() -> None:
    told = incident("a", update(NOW - HOUR, Phase.INVESTIGATING), api=State.PARTIAL)
    made = view(take(events=[told], ledger=rounds(api="u" * 30)))
    assert (made.state, made.since) == (State.PARTIAL, NOW - HOUR)
    assert made.window("24h").tally.partial == HOUR


def test_what_an_incident_says_of_what_was_measured_is_shown_and_adds_nothing() -> None:
    start, end = NOW - 105 * MINUTE, NOW - 75 * MINUTE  # seen down at six rounds in a row
    ledger = rounds(api="u" * 300 + "d" * 6 + "u" * 16)
    said = resolved("a", start - HOUR, end + HOUR, api=State.PARTIAL)
    bare, told = take(ledger=ledger), take(events=[replace(said, measured=True)], ledger=ledger)
    made = view(told)
    assert [(each.start, each.end) for each in made.outages] == [(start, end)]
    assert made.window("24h").tally.down == end - start == 30 * MINUTE
    assert made.window("24h").availability == "97.91"
    assert (made.state, made.since, made.windows) == (view(bare).state, view(bare).since, view(bare).windows)
    assert [day.tally for day in made.days] == [day.tally for day in view(bare).days]
    assert told.windows == bare.windows
    event = told.events[0]
    assert (event.measured, event.impact, event.components) == (True, "major", (("Api", State.PARTIAL, "api"),))
    assert event.response is not None
    assert (event.response.seen, event.response.to_resolve) == (start, end - start + 2 * HOUR)


def test_an_incident_about_what_was_measured_makes_no_component_known_or_well() -> None:
    said = incident("a", update(NOW - HOUR, Phase.INVESTIGATING, api=State.OPERATIONAL), desk=State.MAJOR)
    parts = site(component("api"), unchecked("desk"))
    made = take(parts, [replace(said, measured=True)], rounds(api="u" * 20 + "ddd"))
    assert [(each.state, each.window("24h").tally.down) for each in made.components] == [
        (State.MAJOR, 10 * MINUTE),
        (State.UNKNOWN, 0),
    ]


# Windows


def test_the_windows_are_the_documented_ones_and_all_end_now() -> None:
    windows = view(take()).windows
    assert {each.name: each.tally.window for each in windows} == {
        "24h": DAY,
        "7d": 7 * DAY,
        "30d": 30 * DAY,
        "90d": 90 * DAY,
        "365d": 365 * DAY,
    }
    assert {each.end for each in windows} == {NOW}


def test_a_window_counts_what_lies_in_it() -> None:
    made = view(take(ledger=rounds(NOW - 30 * HOUR, api="uuddduu") + rounds(api="uuuuu")))
    day, week = made.window("24h"), made.window("7d")
    assert (day.tally.down, day.availability) == (0, "100")
    assert (week.tally.down, week.tally.known) == (3 * INTERVAL, 6 * INTERVAL + HOLD + 4 * INTERVAL)
    assert week.availability == "76.00"  # 900 of 3,750 s were down


def test_where_nothing_is_known_there_is_no_number() -> None:
    windows = view(take()).windows
    assert {(each.availability, each.coverage) for each in windows} == {(None, "0.00")}


def test_windows_are_clipped_at_the_day_from_which_a_component_counts() -> None:
    young = take(site(component("api", since=TODAY)), ledger=rounds(api="u" * 400))
    window = view(young).window("7d")
    assert (window.start, window.tally.window, window.coverage) == (TODAY, NOW - TODAY, "100")


def test_maintenance_is_left_out_of_known_time_or_counted_as_the_policy_says() -> None:
    planned = maintenance("m", NOW - HOUR, NOW - HOUR // 2)
    ledger = rounds(api="u" * 289)
    excluded = view(take(events=[planned], ledger=ledger)).window("24h")
    counting = replace(site(), policy=replace(Policy(), maintenance="count"))
    counted = view(take(counting, [planned], ledger)).window("24h")
    assert (excluded.tally.maintenance, excluded.tally.known, excluded.coverage) == (HOUR // 2, DAY - HOUR // 2, "100")
    assert (counted.tally.maintenance, counted.tally.known) == (HOUR // 2, DAY)


# Now


def test_now_cuts_samples_and_updates() -> None:
    ledger = rounds(api="uuuudd")
    told = resolved("a", NOW - INTERVAL, NOW, api=State.DEGRADED)
    whole, earlier = take(events=[told], ledger=ledger), take(events=[told], ledger=ledger, now=NOW - 1)
    assert (whole.checked, earlier.checked) == (NOW, NOW - INTERVAL)
    assert (view(whole).state, view(earlier).state) == (State.MAJOR, State.DEGRADED)
    assert (len(event(whole, "a").updates), len(event(earlier, "a").updates)) == (2, 1)
    assert (event(whole, "a").phase, event(earlier, "a").phase) == (Phase.RESOLVED, Phase.INVESTIGATING)


def test_what_comes_later_changes_nothing_that_is_said_of_now() -> None:
    past = rounds(NOW, api="uuuddduuuggguu")
    told = resolved("a", NOW - HOUR, NOW - MINUTE, api=State.PARTIAL)
    later = (
        resolved("b", NOW + HOUR, NOW + 2 * HOUR, api=State.MAJOR),
        maintenance("m", NOW + 1, NOW + 2, update(NOW + 1, Phase.IN_PROGRESS)),
    )
    future = rounds(NOW + 10 * INTERVAL, api="dddddddddd")
    assert take(events=[told], ledger=past) == take(events=[told, *later], ledger=past + future)


def test_an_incident_is_not_known_before_somebody_told_of_it() -> None:
    told = incident("a", update(NOW, Phase.INVESTIGATING), started=NOW - HOUR, api=State.MAJOR)
    before = take(events=[told], now=NOW - 1)
    assert (before.events, view(before).state) == ((), State.UNKNOWN)
    assert view(take(events=[told])).window("24h").tally.major == HOUR


def test_a_maintenance_that_nobody_announced_is_known_from_its_schedule() -> None:
    assert [each.slug for each in take(events=[maintenance("m", NOW + HOUR, NOW + 2 * HOUR)]).maintenance_ahead] == [
        "m"
    ]


def test_a_maintenance_is_ahead_now_and_past_by_the_clock() -> None:
    planned = maintenance("m", NOW, NOW + HOUR, update(NOW - DAY, Phase.SCHEDULED))

    def places(now: int) -> tuple[int, int, int]:
        made = take(events=[planned], now=now)
        return len(made.maintenance_ahead), len(made.maintenance_now), len(made.recent)

    assert [places(now) for now in (NOW - 1, NOW, NOW + HOUR - 1, NOW + HOUR)] == [
        (1, 0, 0),
        (0, 1, 0),
        (0, 1, 0),
        (0, 0, 1),
    ]


def test_a_maintenance_that_outlasts_its_window_is_said_to() -> None:
    begun = maintenance("m", NOW, NOW + HOUR, update(NOW, Phase.IN_PROGRESS))
    said = [event(take(events=[begun], now=now), "m").is_overdue for now in (NOW, NOW + HOUR - 1, NOW + HOUR)]
    assert said == [False, False, True]
    by_the_clock = maintenance("m", NOW, NOW + HOUR)
    assert not event(take(events=[by_the_clock], now=NOW + HOUR), "m").is_overdue
    assert take(events=[begun], now=NOW + HOUR).banner.state is State.UNKNOWN


def test_what_is_planned_is_no_history_yet() -> None:
    planned = maintenance("m", NOW + HOUR, NOW + 2 * HOUR)
    months = [take(events=[planned], now=now).months[0] for now in (NOW, NOW + HOUR)]
    assert [[each.slug for each in month.events] for month in months] == [[], ["m"]]


def test_maintenance_shows_while_it_lasts_and_hides_no_outage_once_it_is_over() -> None:
    planned = maintenance("m", NOW - HOUR, NOW + HOUR)
    ledger = rounds(NOW + 2 * HOUR, api="u" * 12 + "d" * 37)
    states = [view(take(events=[planned], ledger=ledger, now=at)).state for at in (NOW - 2 * HOUR, NOW, NOW + HOUR)]
    assert states == [State.OPERATIONAL, State.MAINTENANCE, State.MAJOR]


# Locations


def voting(*locations: str) -> Probing:
    return Probing(locations=locations)


def test_more_than_half_of_the_locations_decide() -> None:
    seen = {"a": rounds(api="uudd"), "b": rounds(api="uudd"), "c": rounds(api="uuuu")}
    assert view(take(ledger=seen)).state is State.MAJOR
    assert view(take(ledger=seen | {"b": rounds(api="uuuu")})).state is State.OPERATIONAL


def test_only_configured_locations_vote_and_one_of_two_is_not_enough() -> None:
    seen = {"a": rounds(api="uuuu"), "b": rounds(api="uuuu"), "x": rounds(api="uudd"), "y": rounds(api="uudd")}
    two = replace(site(), probing=voting("a", "b"))
    assert view(take(two, ledger=seen)).state is State.OPERATIONAL
    assert view(take(two, ledger={"a": seen["a"]})).state is State.UNKNOWN


def test_the_order_of_locations_makes_no_difference() -> None:
    seen = {"a": rounds(api="uudd"), "b": rounds(api="uuss"), "c": rounds(api="uuuu")}
    assert take(ledger=seen) == take(ledger=dict(sorted(seen.items(), reverse=True)))


def test_the_page_was_last_checked_when_the_latest_location_was() -> None:
    assert take(ledger={"a": rounds(NOW - HOUR, api="u"), "b": rounds(NOW - 1, api="u"), "c": ()}).checked == NOW - 1
    assert take().checked is None


def test_a_round_in_which_the_prober_failed_checked_nothing() -> None:
    assert take(ledger=rounds(api="uu!!")).checked == NOW - 2 * INTERVAL


def test_the_page_is_stale_when_rounds_stay_away() -> None:
    at = STALE_AFTER * INTERVAL
    assert STALE_AFTER == 3
    made = take(ledger=rounds(NOW - at, api="uuuu"))
    assert (made.stale_after, made.is_stale) == (at, False)
    assert take(ledger=rounds(NOW - at - 1, api="uuuu")).is_stale
    assert not take().is_stale  # nothing was ever checked: the page says so in other words


def test_rounds_every_minute_may_be_published_a_quarter_of_an_hour_later() -> None:
    every_minute = replace(site(), probing=Probing(interval=60))
    assert take(every_minute, ledger=rounds(NOW - 899, api="u")).is_stale is False
    assert take(every_minute, ledger=rounds(NOW - 901, api="u")).is_stale


def test_a_place_without_a_vote_does_not_make_the_page_look_fresh() -> None:
    seen = {"eu": rounds(NOW - HOUR, api="u"), "visitor": rounds(NOW - 1, api="u")}
    assert take(replace(site(), probing=voting("eu", "us")), ledger=seen).checked == NOW - HOUR


def test_sample_data_is_known_to_be_sample_data() -> None:
    real = rounds(api="uu")
    made = tuple(replace(each, late="sample") for each in rounds(NOW - HOUR, api="uuuu"))
    assert take(ledger=made + real).sample_until == NOW - HOUR
    assert take(ledger=real).sample_until is None


# Outages


def test_outages_come_newest_first_with_what_was_seen_first() -> None:
    made = view(take(ledger=rounds(api="uudduusduuddd")))
    assert [(each.seconds, each.reason) for each in made.outages] == [
        (2 * INTERVAL, "timeout"),
        (2 * INTERVAL, "status 503"),  # the first of two different answers
        (2 * INTERVAL, "timeout"),
    ]
    assert [each.end for each in made.outages] == [None, NOW - 5 * INTERVAL + INTERVAL, NOW - 8 * INTERVAL]


def test_an_outage_says_what_was_seen_though_several_checks_failed_in_the_same_round() -> None:
    made = take(site(component("web", "page", "shop")), ledger=rounds(page="uudd", shop="uuss"))
    assert [each.reason for each in view(made, "web").outages] == ["timeout"]


def test_an_outage_that_no_probe_saw_has_no_reason() -> None:
    made = view(take(events=[resolved("a", NOW - HOUR, NOW - MINUTE, api=State.PARTIAL)]))
    (outage,) = made.outages
    assert (outage.start, outage.end, outage.seconds) == (NOW - HOUR, NOW - MINUTE, 59 * MINUTE)
    assert (outage.state, outage.reason) == (State.PARTIAL, "")


def test_an_outage_that_ends_now_has_ended() -> None:
    told = resolved("a", NOW - HOUR, NOW, api=State.MAJOR)
    assert [each.end for each in view(take(events=[told])).outages] == [NOW]
    assert [each.end for each in view(take(events=[told], now=NOW - 1)).outages] == [None]


def test_an_outage_is_a_major_one_when_any_part_of_it_was() -> None:
    told = incident(
        "a",
        update(NOW - HOUR, Phase.INVESTIGATING, api=State.PARTIAL),
        update(NOW - MINUTE, Phase.IDENTIFIED, api=State.MAJOR),
    )
    assert [each.state for each in view(take(events=[told])).outages] == [State.MAJOR]


def test_the_outages_of_ninety_days_are_listed_and_of_those_before_only_the_latest() -> None:
    many = OUTAGES_SHOWN + 5
    made = view(take(ledger=rounds(api="uudd" * many)))
    assert len(made.outages) == many
    assert made.outages[0].end is None
    assert all(newer.start > older.start for newer, older in pairwise(made.outages))
    old = view(take(ledger=rounds(NOW - 91 * DAY, api="uudd" * many)))
    assert len(old.outages) == OUTAGES_SHOWN


# Checks and latencies


def test_a_check_shows_its_latest_answer_from_wherever_it_came() -> None:
    made = take(ledger={"a": rounds(NOW - MINUTE, api="ug"), "b": rounds(NOW - HOUR, api="us"), "c": rounds(api="!!")})
    (check,) = view(made).checks
    assert (check.at, check.verdict, check.latency) == (NOW - MINUTE, DEGRADED, 900)
    assert check.reason == "slow"


def test_a_check_that_was_never_answered_is_not_shown() -> None:
    assert view(take(ledger=rounds(other="uu"))).checks == ()


def test_latencies_are_those_of_complete_answers_in_each_window() -> None:
    old = rounds(NOW - 2 * DAY, api="gggg")
    (row,) = view(take(ledger=old + rounds(api="ussu"))).latency
    day, week = row.windows[0], row.windows[1]
    assert day is not None
    assert week is not None
    assert (day.count, day.p50, day.p99) == (2, 100, 100)
    assert (week.count, week.p50, week.p99) == (6, 927, 927)  # of whole days: the upper end of 900's bucket


def test_a_component_without_answers_has_no_latencies() -> None:
    assert view(take(ledger=rounds(api="dd"))).latency == ()


# Days


def test_there_is_a_year_of_days_the_last_one_being_today_and_the_bars_show_the_last_of_them() -> None:
    made = view(take(ledger=rounds(api="u" * 289)))
    days = made.days
    assert (len(days), len(made.bar_days)) == (YEAR_DAYS, BAR_DAYS) == (365, 90)
    assert made.bar_days == days[-90:]
    assert days[-1].start == TODAY
    assert all(later.start - earlier.start == DAY for earlier, later in pairwise(days))
    assert [each.state for each in days[-3:]] == [State.UNKNOWN, State.OPERATIONAL, State.OPERATIONAL]
    assert [each.is_quiet for each in days[-3:]] == [False, True, True]


@pytest.mark.parametrize(
    ("answers", "state", "down", "degraded", "availability"),
    [
        ("uuuu", State.OPERATIONAL, 0, 0, "100"),
        ("uudd", State.MAJOR, INTERVAL, 0, "66.66"),
        ("uugg", State.DEGRADED, 0, INTERVAL, "100"),
        ("----", State.UNKNOWN, 0, 0, None),
    ],
)
def test_a_day_has_its_worst_state(
    answers: str, state: State, down: int, degraded: int, availability: str | None
) -> None:
    day = view(take(ledger=rounds(api=answers))).days[-1]
    assert (day.state, day.availability) == (state, availability)
    assert (day.tally.down, day.tally.degraded) == (down, degraded)


def test_a_day_of_nothing_but_maintenance_is_one_of_maintenance() -> None:
    made = view(take(events=[maintenance("m", TODAY - DAY, TODAY)], ledger=rounds(api="u" * 600)))
    assert made.days[-2].state is State.MAINTENANCE
    assert (made.days[-2].tally.maintenance, made.days[-2].availability) == (DAY, None)


def test_days_add_up_to_the_window_of_the_bars() -> None:
    told = resolved("a", NOW - 40 * HOUR, NOW - 30 * HOUR, api=State.PARTIAL)
    made = view(take(events=[told], ledger=rounds(api="u" * 700 + "d" * 30 + "u" * 50)))
    for name in ("major", "partial", "known"):
        assert sum(getattr(day.tally, name) for day in made.bar_days) == getattr(made.bars.tally, name)
        assert sum(getattr(day.tally, name) for day in made.days) == getattr(made.window("365d").tally, name)


# Groups


def test_groups_stand_in_their_order_and_those_without_one_last() -> None:
    made = take(
        site(component("a", group="Two"), component("b"), component("c", group="One"), component("d", group="Two"))
    )
    assert [(group.name, [each.component.id for each in group.components]) for group in made.groups] == [
        ("Two", ["a", "d"]),
        ("One", ["c"]),
        ("", ["b"]),
    ]
    assert [each.component.id for each in made.components] == ["a", "b", "c", "d"]


def test_a_group_has_the_worst_state_and_the_mean_by_seconds() -> None:
    parts = site(component("a", group="One"), component("b", group="One"))
    (group,) = take(parts, ledger=rounds(a="uuuuuuuuu", b="uddduuuuu")).groups
    assert (group.state, group.availability) == (State.OPERATIONAL, "81.25")  # 3 of 16 intervals were down
    assert not group.needs_attention
    (group,) = take(parts, ledger=rounds(a="uuuu", b="uudd")).groups
    assert (group.state, group.needs_attention, group.affected) == (State.MAJOR, True, 1)
    (group,) = take(parts, ledger=rounds(a="uugg", b="uudd")).groups
    assert group.affected == 2


# Events


def test_events_come_newest_first_and_a_component_knows_its_own() -> None:
    told = [
        resolved("b", NOW - HOUR, NOW, api=State.PARTIAL),
        resolved("a", NOW - HOUR, NOW),
        resolved("c", NOW - 2 * HOUR, NOW, web=State.MAJOR),
    ]
    made = take(site(component("api"), component("web")), told)
    assert [each.slug for each in made.events] == ["a", "b", "c"]
    assert [each.events for each in made.components] == [("b",), ("c",)]


def test_an_open_incident_is_shown_as_grave_as_it_is_by_now() -> None:
    told = incident(
        "a", update(NOW - HOUR, Phase.INVESTIGATING), update(NOW, Phase.MONITORING, api=State.DEGRADED), api=State.MAJOR
    )
    shown = event(take(events=[told]), "a")
    assert (shown.state, shown.is_open, shown.end, shown.seconds) == (State.DEGRADED, True, None, None)
    assert take(events=[told]).lasting(shown) == HOUR
    assert shown.components == (("Api", State.MAJOR, "api"),)


def test_a_closed_incident_is_shown_as_grave_as_it_was() -> None:
    shown = event(take(events=[resolved("a", NOW - HOUR, NOW, api=State.MAJOR)]), "a")
    assert (shown.state, shown.is_open, shown.end, shown.seconds) == (State.MAJOR, False, NOW, HOUR)


def test_updates_come_newest_first_and_know_what_was_in_force() -> None:
    told = incident(
        "a",
        update(NOW - HOUR, Phase.INVESTIGATING),
        update(NOW - MINUTE, Phase.IDENTIFIED, web=State.DEGRADED),
        update(NOW, Phase.RESOLVED),
        api=State.MAJOR,
    )
    updates = event(take(site(component("api"), component("web")), [told]), "a").updates
    assert [each.components for each in updates] == [(), (("Web", State.DEGRADED),), ()]
    major, degraded, operational = State.MAJOR, State.DEGRADED, State.OPERATIONAL
    assert [each.affected for each in updates] == [
        (("Api", operational, "api", major), ("Web", operational, "web", degraded)),
        (("Api", major, "api", major), ("Web", degraded, "web", operational)),
        (("Api", major, "api", operational),),
    ]


def test_a_maintenance_changes_states_only_while_it_is_under_way() -> None:
    words = (Phase.SCHEDULED, Phase.IN_PROGRESS, Phase.VERIFYING, Phase.COMPLETED)
    told = maintenance("m", NOW - HOUR, NOW, *(update(NOW - (4 - i) * MINUTE, word) for i, word in enumerate(words)))
    updates = event(take(events=[told]), "m").updates
    on, off = State.MAINTENANCE, State.OPERATIONAL
    assert [(each.affected[0].before, each.affected[0].state) for each in updates] == [
        (on, off),
        (on, on),
        (off, on),
        (off, off),
    ]


def test_an_update_is_known_by_its_event_its_minute_and_its_place_within_it() -> None:
    at = parse_instant("2026-11-20T10:06:00Z")
    second = replace(update(at, Phase.IDENTIFIED), ordinal=2)
    updates = event(take(events=[incident("a", update(at, Phase.INVESTIGATING), second)]), "a").updates
    assert [each.anchor for each in updates] == ["update-20261120T1006Z-2", "update-20261120T1006Z"]
    assert updates[1].tag == "tag:status.example.org,2026:/incidents/a/20261120T1006Z"


# Recent days and months


def test_recent_days_are_those_on_which_something_closed_began() -> None:
    told = [
        resolved("a", TODAY + HOUR, TODAY + 2 * HOUR),
        resolved("b", TODAY + 3 * HOUR, TODAY + 4 * HOUR),
        resolved("c", TODAY - DAY, TODAY - DAY + HOUR),
        incident("open", update(TODAY, Phase.INVESTIGATING)),
        maintenance("ahead", NOW + HOUR, NOW + 2 * HOUR),
    ]
    recent = take(events=told).recent
    assert [(day, [each.slug for each in events]) for day, events in recent] == [
        (TODAY, ["b", "a"]),
        (TODAY - DAY, ["c"]),
    ]


def test_recent_is_what_ended_within_two_weeks_however_long_it_lasted() -> None:
    first = TODAY - (RECENT_DAYS - 1) * DAY
    assert RECENT_DAYS == 14
    old = resolved("old", first - HOUR, first - 1)
    last = resolved("last", first - 2 * HOUR, first)
    long = resolved("long", first - 10 * DAY, NOW - MINUTE)
    assert [each.slug for _, events in take(events=[old, long, last]).recent for each in events] == ["last", "long"]


def test_months_go_back_from_now_to_the_earliest_that_is_known_of() -> None:
    midnight = parse_instant("2026-10-01T00:00Z")
    told = [resolved("a", midnight - 1, midnight + HOUR), resolved("b", midnight, midnight + HOUR)]
    months = take(events=told, ledger=rounds(api="u")).months
    assert [month.name for month in months] == ["2026-11", "2026-10", "2026-09"]
    assert [[each.slug for each in month.events] for month in months] == [[], ["b"], ["a"]]
    assert [month.name for month in take().months] == ["2026-11"]


def test_a_month_counts_its_own_seconds_and_the_present_one_up_to_now() -> None:
    told = resolved("a", parse_instant("2026-10-31T23:00Z"), parse_instant("2026-11-01T02:00Z"), api=State.MAJOR)
    months = {month.name: month for month in take(events=[told]).months}
    lengths = {name: window.tally for name, month in months.items() for _, window in month.components}
    assert (lengths["2026-10"].window, lengths["2026-10"].major) == (31 * DAY, HOUR)
    assert (lengths["2026-11"].window, lengths["2026-11"].major) == (24 * DAY + 12 * HOUR, 2 * HOUR)


def test_a_month_leaves_out_components_that_did_not_count_yet() -> None:
    made = take(site(component("new", since=TODAY), component("old", since=TODAY - 40 * DAY)))
    assert [(m.name, [c.id for c, _ in m.components]) for m in made.months] == [
        ("2026-11", ["new", "old"]),
        ("2026-10", ["old"]),
    ]


# Feed entries


def test_every_update_is_one_entry_newest_first() -> None:
    told = [resolved("a", NOW - 3 * HOUR, NOW - HOUR), resolved("b", NOW - 2 * HOUR, NOW)]
    entries = take(events=told).entries
    assert [(entry.at, entry.event.slug) for entry in entries] == [
        (NOW, "b"),
        (NOW - HOUR, "a"),
        (NOW - 2 * HOUR, "b"),
        (NOW - 3 * HOUR, "a"),
    ]


def test_entries_of_the_same_instant_are_a_second_apart_in_order_of_slug_and_file() -> None:
    first, second = update(NOW - HOUR, Phase.INVESTIGATING, "1"), update(NOW - HOUR, Phase.IDENTIFIED, "2")
    told = [incident("b", first, replace(second, ordinal=2)), incident("a", first, replace(second, ordinal=2))]
    entries = take(events=told).entries
    assert [(entry.at - NOW + HOUR, entry.event.slug, entry.update.text) for entry in entries] == [
        (3, "b", "2"),
        (2, "b", "1"),
        (1, "a", "2"),
        (0, "a", "1"),
    ]
    assert take(events=told[::-1]).entries == entries


def test_no_entry_is_dated_in_the_future_nor_like_another() -> None:
    crowd = [incident(f"i{i}", update(NOW - i % 3, Phase.INVESTIGATING)) for i in range(30)]
    for now in (NOW - 2, NOW, NOW + 10, NOW + 60):
        instants = [entry.at for entry in take(events=crowd, now=now).entries]
        assert all(newer > older for newer, older in pairwise(instants))
        assert max(instants) <= now
    assert len(take(events=crowd, now=NOW + 60).entries) == 30  # those that had to wait came


def test_old_entries_go_but_never_below_the_least_number() -> None:
    old = [resolved(f"i{i:02}", NOW - 100 * DAY + i * HOUR, NOW - 99 * DAY + i * HOUR) for i in range(20)]
    made = take(events=old)
    entries = list(made.latest(made.entries))
    assert len(entries) == FEED_LEAST == 25
    assert [entry.at for entry in entries] == sorted(
        (each.updates[i].at for each in old for i in (0, 1)), reverse=True
    )[:25]


def test_everything_of_two_weeks_stays_in_the_feed() -> None:
    edge = NOW - FEED_DAYS * DAY
    told = [incident(f"i{i:02}", update(edge + i, Phase.RESOLVED)) for i in range(-5, 40)]
    assert FEED_DAYS == 14
    made = take(events=told)
    assert [entry.at for entry in made.latest(made.entries)] == [edge + i for i in range(39, -1, -1)]


def test_everything_of_what_is_open_or_ahead_stays_in_the_feed() -> None:
    ago = NOW - 60 * DAY
    still = incident("still", update(ago, Phase.INVESTIGATING), update(ago + 1, Phase.MONITORING))
    planned = maintenance("planned", NOW + DAY, NOW + 2 * DAY, update(ago + 2, Phase.SCHEDULED))
    over = resolved("over", ago + 3, ago + 4)
    crowd = [incident(f"i{i:02}", update(NOW - i, Phase.RESOLVED)) for i in range(30)]
    made = take(events=[still, planned, over, *crowd])
    slugs = [entry.event.slug for entry in made.latest(made.entries)]
    assert slugs[30:] == ["planned", "still", "still"]


# Identity


def test_the_feeds_authority_is_the_configured_one_else_the_host_and_a_year_that_never_moves() -> None:
    told = resolved("a", parse_instant("2024-12-31T23:59Z"), NOW)
    assert take(events=[told]).authority == "status.example.org,2026"
    assert take(events=[told], now=NOW + 3 * 365 * DAY).authority == "status.example.org,2026"
    assert take(site(authority="example.org,2019"), [told]).authority == "example.org,2019"
    assert take().authority == "status.example.org,2026"


def test_the_same_arguments_make_the_same_snapshot() -> None:
    told = [resolved("a", NOW - HOUR, NOW, api=State.PARTIAL), maintenance("m", NOW, NOW + HOUR)]
    ledger = rounds(api="uudduuggss!uu")
    assert take(events=told, ledger=ledger) == take(events=tuple(told), ledger=list(ledger))


def test_the_earliest_instant_known_of_is_never_later_than_now() -> None:
    assert take().first == NOW
    assert take(ledger=rounds(NOW - DAY, api="u")).first == NOW - DAY
    assert take(site(component("api", since=NOW + DAY))).first == NOW
    assert take(site(component("api", since=TODAY - DAY))).first == TODAY - DAY
    assert take(events=[incident("a", update(NOW, Phase.INVESTIGATING), started=NOW - HOUR)]).first == NOW - HOUR


def test_an_empty_site_is_a_snapshot_too() -> None:
    made = take(replace(site(), components=()))
    assert (made.groups, made.events, made.entries, made.banner.state) == ((), (), (), State.UNKNOWN)
    assert [month.components for month in made.months] == [()]


def test_answers_to_checks_that_nobody_configured_are_passed_over() -> None:
    stray = Round(at=NOW, answers=(("gone", Sample(NOW, DOWN)), ("api", Sample(NOW, UP, 5))))
    made = take(ledger=[stray])
    assert (made.banner.state, made.banner.affected, made.banner.unknown) == (State.OPERATIONAL, 0, 0)
    assert set(WINDOWS) == {window.name for window in view(made).windows}
