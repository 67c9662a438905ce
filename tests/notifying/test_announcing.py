"""What is to be announced, by literals: two snapshots, or a hundred in a row, and what subscribers get."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

import pytest

from statusgen.model import Details, Event, Phase, Site, State
from statusgen.notifying import announcing
from statusgen.notifying.announcing import (
    Announced,
    Broken,
    Notice,
    Spending,
    Spent,
    Told,
    Work,
    baseline,
    due,
    recorded,
)
from statusgen.promises import Kind, Objective, Period, Severity, Share
from statusgen.routes import NoticeKind, Route
from statusgen.views import CheckNow, Snapshot

from ..literals import (
    DAY,
    HOUR,
    INTERVAL,
    MINUTE,
    NOW,
    component,
    incident,
    maintenance,
    resolved,
    rounds,
    site,
    take,
    unchecked,
    update,
)

NOTHING = Announced()


def at(minutes: int) -> int:
    return NOW + minutes * MINUTE


def snapshot(*events: Event, now: int = NOW, of: Site | None = None, **answers: str) -> Snapshot:
    """Return a snapshot; without answers of components that nobody probes."""
    answered = rounds(now, **answers) if answers else ()
    return take(
        of or site(*([component(id) for id in answers] or [unchecked("api", NOW - 90 * DAY)])), events, answered, now
    )


def told(notices: Iterable[Notice]) -> list[str]:
    return [f"{notice.kind} {_what(notice)}".strip() for notice in notices]


def _what(notice: Notice) -> str:
    match notice.about:
        case Told(update=update):
            return f"{update.phase}"
        case Work(stage=stage):
            return stage
        case Broken(view=view, end=end):
            return view.component.id + ("" if end is None or notice.kind is NoticeKind.RECOVERY else " over")
        case Spent(spending=spending):
            return spending
    return notice.key


def after(announced: Announced, made: Snapshot) -> Announced:
    """Return what is known once all that is due was told."""
    for notice in due(made, announced):
        announced = recorded(announced, notice, made.now)
    return announced


def course(snapshots: Iterable[Snapshot], announced: Announced | None = None) -> list[list[str]]:
    """Return what each snapshot tells, one after the other; the first is what there was before."""
    found = []
    for made in snapshots:
        if announced is None:
            announced = baseline(made)
        found.append(told(due(made, announced)))
        announced = after(announced, made)
    return found


# What people wrote


def test_each_update_is_told_once_in_order() -> None:
    first, second = update(at(-20), Phase.INVESTIGATING), update(at(-10), Phase.IDENTIFIED)
    whole = incident("a", first, second, api=State.PARTIAL)
    assert course([snapshot(), snapshot(whole), snapshot(whole)]) == [
        [],
        ["incident investigating", "incident identified"],
        [],
    ]


def test_an_edit_of_a_text_is_not_told_again() -> None:
    before = incident("a", update(at(-20), Phase.INVESTIGATING, "Eror rates"))
    mended = incident("a", update(at(-20), Phase.INVESTIGATING, "Error rates"), title="Another title")
    assert course([snapshot(before), snapshot(mended)]) == [[], []]


def test_a_new_update_that_is_dated_in_the_past_is_told() -> None:
    now = update(at(-10), Phase.MONITORING)
    before = incident("a", now)
    completed = incident("a", update(at(-3 * 24 * 60), Phase.INVESTIGATING), now)
    assert course([snapshot(before), snapshot(completed)]) == [[], ["incident investigating"]]


def test_an_import_of_old_incidents_tells_nothing() -> None:
    old = [resolved(f"i{i}", NOW - (8 + i) * DAY, NOW - (8 + i) * DAY + HOUR, api=State.MAJOR) for i in range(40)]
    assert course([snapshot(), snapshot(*old)]) == [[], []]


def test_a_first_run_tells_nothing_and_goes_on_from_there() -> None:
    open_ = incident("a", update(at(-20), Phase.INVESTIGATING), api=State.MAJOR)
    further = replace(open_, updates=(*open_.updates, update(at(3), Phase.RESOLVED)))
    assert course([snapshot(open_), snapshot(further, now=at(5))]) == [[], ["incident resolved"]]


def test_a_site_that_moves_to_another_host_tells_nothing_again() -> None:
    open_ = incident("a", update(at(-20), Phase.INVESTIGATING), api=State.MAJOR)
    moved = site(unchecked("api", NOW - 90 * DAY), url="https://status.elsewhere.example")
    assert course([snapshot(open_), snapshot(open_, of=moved)]) == [[], []]


def test_drafts_are_told_to_nobody() -> None:
    draft = replace(incident("a", update(at(-20), Phase.INVESTIGATING)), draft=True)
    assert told(due(snapshot(draft), NOTHING)) == []


# Outages


def test_an_outage_is_told_when_it_is_confirmed_and_when_it_is_over() -> None:
    lines = ["uuuu", "uuuud", "uuuudd", "uuuuddd", "uuuudddu", "uuuuddduu", "uuuuddduuu"]
    snapshots = [snapshot(api=line, now=NOW + i * INTERVAL) for i, line in enumerate(lines)]
    assert course(snapshots) == [[], [], ["outage api"], [], [], ["recovery api"], []]


def test_an_outage_that_began_and_ended_between_two_runs_is_told_once_as_over() -> None:
    assert course([snapshot(api="uuuu"), snapshot(api="uuuudduuu", now=NOW + 5 * INTERVAL)]) == [
        [],
        ["outage api over"],
    ]
    later = snapshot(api="uuuudduuuuuu", now=NOW + 8 * INTERVAL)
    assert (
        told(due(later, after(baseline(snapshot(api="uuuu")), snapshot(api="uuuudduuu", now=NOW + 5 * INTERVAL)))) == []
    )


def test_late_samples_that_move_the_start_of_an_outage_make_no_second_one() -> None:
    begun = snapshot(api="uuuuuddd")
    for moved in ("uuudddddd", "uuuuuuddd", "uuuduuudd"):
        assert course(
            [snapshot(api="uuuu", now=NOW - 4 * INTERVAL), begun, snapshot(api=moved, now=NOW + INTERVAL)]
        ) == [
            [],
            ["outage api"],
            [],
        ]


def test_an_outage_whose_data_end_is_not_over() -> None:
    silent = snapshot(api="uuuudd--------", now=NOW + 8 * INTERVAL)
    back = snapshot(api="uuuudd--------uu", now=NOW + 10 * INTERVAL)
    told_of = course([snapshot(api="uuuu", now=NOW - 2 * INTERVAL), snapshot(api="uuuudd"), silent, back])
    assert told_of[:2] == [[], ["outage api"]]
    assert "recovery api" not in told_of[2]
    assert "recovery api" in told_of[3]


def test_an_outage_of_one_check_is_not_over_while_nothing_is_known_of_that_check() -> None:
    of = site(component("api", "a", "b"))
    lines = ("uuuu", "uuuudd", "uuuudd--------", "uuuudd--------uu")
    snapshots = [
        take(of, (), rounds(NOW + len(line) * INTERVAL, a=line, b="u" * len(line)), NOW + len(line) * INTERVAL)
        for line in lines
    ]
    assert course(snapshots) == [[], ["outage api"], [], ["recovery api"]]


def test_a_ledger_that_is_lost_is_no_recovery() -> None:
    lost = take(site(), (), (), NOW + INTERVAL)
    assert course([snapshot(api="uuuu", now=NOW - 2 * INTERVAL), snapshot(api="uuuudd"), lost]) == [
        [],
        ["outage api"],
        [],
    ]


def test_an_outage_within_maintenance_is_told_only_once_it_outlives_the_window() -> None:
    work = maintenance("up", NOW - 30 * MINUTE, NOW + 12 * MINUTE)
    down = "uuuuuudddd"
    within = snapshot(work, api=down)
    beyond = snapshot(work, api=f"{down}ddd", now=NOW + 3 * INTERVAL)
    assert (
        told(each for each in due(within, baseline(snapshot(work, api="uuu"))) if each.kind is NoticeKind.OUTAGE) == []
    )
    assert "outage api" in told(due(beyond, after(baseline(snapshot(work, api="uuu")), within)))


def test_an_outage_that_maintenance_ended_is_not_told() -> None:
    work = maintenance("up", NOW - 60 * MINUTE, NOW - 10 * MINUTE)
    after_it = snapshot(work, api="uuuuddduuuuu")
    assert "outage api over" not in told(due(after_it, Announced()))


def test_what_an_incident_declares_alone_is_no_outage() -> None:
    declared = incident("a", update(at(-60), Phase.INVESTIGATING), api=State.MAJOR)
    assert told(due(snapshot(declared, api="uuuuuuuuuu"), NOTHING)) == ["incident investigating"]


def test_flapping_back_within_a_run_tells_nothing_new() -> None:
    assert course(
        [
            snapshot(api="uuuu", now=NOW - 2 * INTERVAL),
            snapshot(api="uuuudd"),
            snapshot(api="uuuudduudd", now=NOW + 4 * INTERVAL),
            snapshot(api="uuuudduudduu", now=NOW + 6 * INTERVAL),
        ]
    ) == [[], ["outage api"], [], ["recovery api"]]


# Maintenance


def test_maintenance_that_nobody_speaks_of_is_told_by_the_clock() -> None:
    work = maintenance("up", NOW + 2 * DAY, NOW + 2 * DAY + HOUR)
    instants = (NOW, NOW + DAY, NOW + DAY + HOUR, NOW + 2 * DAY, NOW + 2 * DAY + HOUR, NOW + 2 * DAY + 2 * HOUR)
    assert course(snapshot(work, now=now) for now in instants) == [
        [],
        ["maintenance soon"],
        [],
        ["maintenance started"],
        ["maintenance done"],
        [],
    ]


def test_maintenance_that_is_announced_late_is_not_called_near_besides() -> None:
    work = maintenance("up", NOW + 3 * HOUR, NOW + 4 * HOUR, update(at(-5), Phase.SCHEDULED))
    assert told(due(snapshot(work), NOTHING)) == ["maintenance scheduled"]


def test_what_somebody_wrote_of_maintenance_is_told_once() -> None:
    updates = (
        update(NOW - 3 * DAY, Phase.SCHEDULED),
        update(NOW + 1, Phase.IN_PROGRESS),
        update(NOW + HOUR, Phase.COMPLETED),
    )
    work = maintenance("up", NOW, NOW + HOUR, *updates)
    instants = (NOW - 2 * DAY, NOW - HOUR, NOW + 60, NOW + HOUR, NOW + 2 * HOUR)
    assert course(snapshot(work, now=now) for now in instants) == [
        [],
        ["maintenance soon"],
        ["maintenance in progress"],
        ["maintenance completed"],
        [],
    ]


def test_an_update_without_a_text_says_nothing_that_the_clock_has_not_said() -> None:
    said = (update(NOW - 3 * DAY, Phase.SCHEDULED), update(NOW + 9 * MINUTE, Phase.IN_PROGRESS, ""))
    late = maintenance("up", NOW, NOW + HOUR, *said)
    assert course(snapshot(late, now=now) for now in (NOW - 2 * DAY, NOW + MINUTE, NOW + 10 * MINUTE)) == [
        [],
        ["maintenance started"],
        [],
    ]


def test_maintenance_that_is_called_off_is_told() -> None:
    planned = maintenance("up", NOW + 2 * DAY, NOW + 3 * DAY, update(at(-60), Phase.SCHEDULED))
    off = replace(planned, updates=(*planned.updates, update(at(-1), Phase.CANCELLED)))
    later = snapshot(off, now=NOW + 2 * DAY + HOUR)
    assert course([snapshot(planned), snapshot(off), later]) == [[], ["maintenance cancelled"], []]


# What runs out


def _ending(made: Snapshot, reason: str, days: int | None) -> Snapshot:
    """Return a snapshot whose check notices that a certificate ends in so many days."""
    end = None if days is None else made.now + days * DAY - HOUR
    check = CheckNow(
        check="api",
        at=made.now,
        verdict=None,
        latency=None,
        reason=reason,
        details=Details(certificate_end=end),
    )
    group = made.groups[0]
    view = replace(group.components[0], checks=(check,))
    return replace(made, groups=(replace(group, components=(view,)),))


def test_a_certificate_is_told_of_when_it_is_noticed_and_at_three_days_and_one() -> None:
    announced, found = baseline(snapshot()), []
    for day in range(14):
        made = _ending(snapshot(now=NOW + day * DAY), "tls_expiring", 14 - day)
        found += [(day, each.key.rpartition("/")[2]) for each in due(made, announced)]
        announced = after(announced, made)
    assert found == [(0, "soon"), (11, "3d"), (13, "1d")]


def test_a_renewed_certificate_is_no_news_and_its_next_end_is() -> None:
    announced = after(baseline(snapshot()), _ending(snapshot(), "tls_expiring", 10))
    assert due(snapshot(), announced) == ()
    assert told(due(_ending(snapshot(now=NOW + 80 * DAY), "tls_expiring", 10), announced)) != []


def test_a_domain_is_told_of_again_a_year_later() -> None:
    first = _ending(snapshot(), "domain_expiring", None)
    announced = after(baseline(snapshot()), first)
    assert due(first, announced) == ()
    later = snapshot(now=NOW + 330 * DAY)
    again = _ending(snapshot(now=NOW + 365 * DAY), "domain_expiring", None)
    assert len(due(again, announcing.pruned(announced, later))) == 1


@pytest.mark.parametrize("answers", [{}, {"api": "u" * 10 + "ddd"}])
def test_a_clock_that_jumps_ahead_forgets_nothing_and_repeats_nothing(answers: dict[str, str]) -> None:
    events = (incident("a", update(at(-20), Phase.INVESTIGATING), api=State.MAJOR),)
    line = rounds(NOW, **answers) if answers else ()
    of = site(component("api") if answers else unchecked("api", NOW - 90 * DAY))
    present, ahead = (take(of, events, line, now) for now in (NOW, NOW + 3_650 * DAY))
    announced = after(baseline(snapshot(of=of)), present)
    for _ in range(2):
        announced = announcing.pruned(after(announced, ahead), ahead)
    first = announcing.pruned(baseline(ahead), ahead)  # and a first run under such a clock
    for known in (announced, first):
        assert [each.kind for each in due(present, known) if each.kind is not NoticeKind.SILENCE] == []


# Budgets


def _aiming(target: str = "99.9") -> Site:
    aim = Objective(
        id="aim", kind=Kind.SLO, name="API", components=("api",), target=Share.parse(target), period=Period(days=28)
    )
    return replace(site(component("api")), objectives=(aim,))


def test_a_budget_that_goes_fast_is_told_once_and_then_that_it_is_gone() -> None:
    of = _aiming("99")
    budgets = [
        [each for each in line if each.startswith("budget")]
        for line in course(
            snapshot(of=of, api=line, now=NOW + len(line) * INTERVAL)
            for line in (
                "u" * 3_000,
                "u" * 3_000 + "dddddd",
                "u" * 3_000 + "ddddddd",
                "u" * 3_000 + "d" * 40,
                "u" * 3_000 + "d" * 45,
            )
        )
    ]
    assert budgets == [[], ["budget fast"], [], ["budget exhausted"], []]


def test_a_budget_that_was_told_to_go_fast_is_not_told_to_go_slowly() -> None:
    made = snapshot(of=_aiming("99"), api="u" * 3_000 + "d" * 10 + "u" * 80)
    [slow] = [each for each in due(made, NOTHING) if each.kind is NoticeKind.BUDGET]
    assert isinstance(slow.about, Spent)
    assert slow.about.spending is Spending.SLOW
    fast = Announced(keys={slow.key.replace("slow", "fast"): NOW})
    assert not [each for each in due(made, fast) if each.kind is NoticeKind.BUDGET]


# Silence


def test_a_silent_monitor_is_told_once_and_that_it_is_back() -> None:
    heard = snapshot(api="uuuu")

    def unheard(now: int) -> Snapshot:
        return take(site(), (), rounds(NOW, api="uuuu"), now)

    lines = course(
        [heard, unheard(NOW + 2 * HOUR), unheard(NOW + 3 * HOUR), snapshot(api="u" * 48, now=NOW + 4 * HOUR)]
    )
    assert [len(line) for line in lines] == [0, 1, 0, 1]
    assert all(line.startswith("silence") for each in lines for line in each)


# Routes


def test_routes_choose_by_kind_component_and_severity() -> None:
    [notice] = due(snapshot(incident("a", update(at(-20), Phase.INVESTIGATING), api=State.PARTIAL)), NOTHING)
    for route, is_wanted in (
        (Route(name="r"), True),
        (Route(name="r", kinds=(NoticeKind.OUTAGE,)), False),
        (Route(name="r", components=("web",)), False),
        (Route(name="r", components=("web", "api")), True),
        (Route(name="r", severities=(Severity.SEV1,)), False),
        (Route(name="r", severities=(Severity.SEV2,)), True),
    ):
        assert announcing.wanted(route, notice) is is_wanted


@pytest.mark.parametrize(
    ("state", "stands_for"),
    [
        (State.MAJOR, Severity.SEV1),
        (State.PARTIAL, Severity.SEV2),
        (State.DEGRADED, Severity.SEV3),
        (State.OPERATIONAL, None),
        (None, None),
    ],
)
def test_an_incident_without_a_severity_goes_by_its_worst_declared_state(
    state: State | None, stands_for: Severity | None
) -> None:
    states = {"api": State.OPERATIONAL, "web": state} if state else {}
    of = site(unchecked("api", NOW - 90 * DAY), unchecked("web", NOW - 90 * DAY))
    unranked = replace(
        incident("a", update(at(-20), Phase.INVESTIGATING)), components=tuple(states.items()), severity=None
    )
    [notice] = due(snapshot(unranked, of=of), NOTHING)
    for severity in Severity:
        route = Route(name="r", severities=(severity,))
        assert announcing.wanted(route, notice) is (stands_for in (None, severity))
        assert announcing.held_back_by(route, notice) == ("" if stands_for in (None, severity) else str(stands_for))


def test_a_severity_that_somebody_wrote_counts_whatever_the_states_are() -> None:
    mild = replace(incident("a", update(at(-20), Phase.INVESTIGATING), api=State.MAJOR), severity=Severity.SEV3)
    [notice] = due(snapshot(mild), NOTHING)
    assert announcing.held_back_by(Route(name="r", severities=(Severity.SEV1,)), notice) == "sev3"


def test_maintenance_passes_every_severity() -> None:
    work = maintenance("m", NOW + HOUR, NOW + 2 * HOUR, update(at(-20), Phase.SCHEDULED))
    assert all(
        announcing.wanted(Route(name="r", severities=(Severity.SEV1,)), notice)
        for notice in due(snapshot(work), NOTHING)
    )


def test_the_newest_event_is_the_one_spoken_of_last_that_a_route_wants() -> None:
    older = incident("a", update(at(-40), Phase.INVESTIGATING), update(at(-30), Phase.IDENTIFIED), api=State.MAJOR)
    newer = incident("b", update(at(-20), Phase.INVESTIGATING), api=State.DEGRADED)
    older, newer = replace(older, severity=Severity.SEV1), replace(newer, severity=Severity.SEV3)
    draft = replace(incident("c", update(at(-10), Phase.INVESTIGATING), api=State.MAJOR), draft=True)
    made = snapshot(older, newer, draft)
    assert [notice.at for notice in announcing.newest(made)] == [at(-20)]
    grave = Route(name="r", severities=(Severity.SEV1,))
    assert [notice.at for notice in announcing.newest(made, grave)] == [at(-40), at(-30)]
    assert announcing.newest(made, Route(name="r", kinds=(NoticeKind.OUTAGE,))) == ()


def test_a_route_for_a_component_hears_what_concerns_all() -> None:
    [notice] = due(snapshot(incident("a", update(at(-20), Phase.INVESTIGATING))), NOTHING)
    assert announcing.wanted(Route(name="r", components=("web",)), notice)


# All of it


@pytest.mark.parametrize("seed", range(12))
def test_random_histories_tell_each_update_once_and_each_outage_with_one_end(seed: int) -> None:
    """Outages and recoveries take turns, each update comes once, and a second look at a snapshot tells nothing."""
    chance = random.Random(seed)
    line, updates, announced = "uuuu", [], None
    known_before: set[str] = set()
    heard: list[Notice] = []
    for step in range(40):
        line += chance.choice("uuuudd-") * chance.randint(1, 4)
        now = NOW + step * 10 * MINUTE
        if chance.random() < 0.3:
            updates.append(update(now - chance.randint(0, 30) * MINUTE, Phase.IDENTIFIED, f"{step}"))
        updates = list({each.at: each for each in sorted(updates, key=lambda each: each.at)}.values())
        events = [incident("a", *updates, api=State.DEGRADED)] if updates else []
        made = snapshot(*events, api=line, now=now)
        if announced is None:
            announced = baseline(made)
            known_before = set(announced.keys)
        heard += due(made, announced)
        announced = announcing.pruned(after(announced, made), made)
        assert due(made, announced) == ()
    keys = [each.key for each in heard]
    assert len(set(keys)) == len(keys)
    written = {announcing.key_of(each) for each in made.events[0].updates}
    assert {each.key for each in heard if isinstance(each.about, Told)} == written - known_before
    turns = [each.kind for each in heard if isinstance(each.about, Broken) and not _is_brief(each)]
    assert all(one is not other for one, other in pairwise(turns))


def _is_brief(notice: Notice) -> bool:
    return notice.kind is NoticeKind.OUTAGE and isinstance(notice.about, Broken) and notice.about.end is not None
