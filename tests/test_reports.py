"""What a report tells of a period: sums of the snapshot's own numbers, and what lies in it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from statusgen import calendars, days, reports, snapshot
from statusgen.calendars import Hours
from statusgen.model import Correction, Document, Event, Round, Site, State
from statusgen.periods import DAY, HOUR, parse_instant
from statusgen.promises import Credit, Kind, Link, Objective, Period, Policy, Severity, Share, Support
from statusgen.views import Provenance, Snapshot

from .literals import NOW, component, incident, resolved, rounds, site, unchecked, update

ORDINARY = Policy()
MONTH, QUARTER, YEAR = (Period(months=months) for months in (1, 3, 12))


def objective(id: str, period: Period, *components: str, target: str = "99.9", zone: str = "UTC") -> Objective:
    parts = components or ("api",)
    kind = Kind.SLO if period.days else Kind.SLA
    return Objective(id=id, kind=kind, name=id, components=parts, target=Share.parse(target), period=period, zone=zone)


def corrected(slug: str, start: int, end: int, *components: str, state: State = State.OPERATIONAL) -> Correction:
    return Correction(
        slug=slug,
        path=f"corrections/{slug}.yaml",
        components=components or ("api",),
        start=start,
        end=end,
        state=state,
        reason="The prober was wrong.",
        link="",
    )


PROMISED = (
    replace(
        objective("api-month", MONTH, zone="Europe/Berlin"), credits=(Credit(below=Share.parse("99.9"), percent="10"),)
    ),
    objective("both-quarter", QUARTER, "api", "desk", target="99.95"),
    objective("api-28d", Period(days=28), target="99"),
    objective("desk-year", YEAR, "desk"),
)
HOURS = Hours(id="office", zone="Europe/Berlin", week=(((32_400, 61_200),),) * 5 + ((),) * 2, holidays=("2026-12-25",))
HELP = Support(
    is_published=True, zone="Europe/Berlin", hours=(HOURS,), links=(Link(name="Guides", link="https://d.example"),)
)
SITE = replace(
    site(component("api"), unchecked("desk", since=parse_instant("2026-05-15T00:00Z")), name="Acme Status"),
    objectives=PROMISED,
    support=HELP,
)
OCTOBER = parse_instant("2026-10-10T10:00Z")
EVENTS: tuple[Event, ...] = (
    resolved("oct", OCTOBER, OCTOBER + HOUR, api=State.MAJOR),
    resolved("edge", parse_instant("2026-10-31T23:30Z"), parse_instant("2026-11-01T00:30Z"), desk=State.PARTIAL),
    replace(resolved("draft", OCTOBER, OCTOBER + HOUR), draft=True),
    replace(resolved("unranked", OCTOBER + DAY, OCTOBER + DAY + 600, desk=State.DEGRADED), severity=None),
)
CORRECTIONS = (corrected("2026-10-10-api", OCTOBER, OCTOBER + 1_800),)


def told(
    of: Site = SITE,
    events: tuple[Event, ...] = EVENTS,
    corrections: tuple[Correction, ...] = CORRECTIONS,
    documents: tuple[Document, ...] = (),
    seen: tuple[Round, ...] | None = None,
    now: int = NOW,
) -> Snapshot:
    """Take the snapshot of a site with everything that can be promised; at ``NOW`` it is 25 November 2026, noon."""
    made = Provenance(version="0", commit="c0ffee" * 6, branches=())
    found = rounds(now, api="uuuudduuuu") if seen is None else seen
    by_location = {"here": days.history((), found, now + 1)}
    return snapshot.take(of, events, by_location, now, made, corrections=corrections, documents=documents)


def test_the_last_month_is_the_one_that_is_over() -> None:
    assert reports.latest(NOW) == "2026-10"
    first = parse_instant("2027-01-01T00:00Z")
    assert (reports.latest(first - 1), reports.latest(first)) == ("2026-11", "2026-12")


@pytest.mark.parametrize("period", ["2026-10", "2026-11", "2026-Q2", "2026-Q3", "2026-Q4", "2026"])
def test_a_period_has_its_months_seconds_together(period: str) -> None:
    made = told()
    for (id_, window), view in zip(reports.report(made, period).components, made.components, strict=True):
        parts = [each.tally for each in view.months if each.name in calendars.months_of(period)]
        assert id_ == view.component.id
        for kind in ("window", "known", "major", "partial", "degraded", "maintenance"):
            assert getattr(window.tally, kind) == sum(getattr(part, kind) for part in parts), kind
        assert window.availability == window.tally.availability(ORDINARY)


def test_a_month_is_the_months_own_numbers_and_corrections() -> None:
    made = told()
    (_, window), _ = reports.report(made, "2026-10").components
    assert window == next(each for each in made.components[0].months if each.name == "2026-10")
    assert window.corrections == ("2026-10-10-api",)
    assert window.tally.major == 1_800


def test_a_component_is_counted_from_its_beginning_and_left_out_of_periods_before() -> None:
    _, (_, desk) = reports.report(told(), "2026-Q2").components
    assert (desk.start, desk.end) == (parse_instant("2026-05-15T00:00Z"), parse_instant("2026-07-01T00:00Z"))
    assert (desk.tally.known, desk.availability, desk.coverage) == (47 * DAY, "100", "100")
    assert [id_ for id_, _ in reports.report(told(), "2026-04").components] == ["api"]
    ahead = replace(SITE, components=(component("api"), unchecked("desk", since=NOW)))
    assert [id_ for id_, _ in reports.report(told(ahead), "2026-11").components] == ["api"]
    assert [id_ for id_, _ in reports.report(told(ahead, now=NOW + 1), "2026-11").components] == ["api", "desk"]


def test_a_component_that_was_chosen_and_counts_from_a_later_day_on_is_refused() -> None:
    later = "'2026-04' has nothing of component 'desk', which counts from 2026-05-15: name a later period"
    for chosen in (["desk"], ["api", "desk"]):
        with pytest.raises(ValueError, match=later):
            reports.report(told(), "2026-04", chosen)


@pytest.mark.parametrize(
    ("period", "is_open"),
    [("2026-10", False), ("2026-11", True), ("2026-Q3", False), ("2026-Q4", True), ("2026", True)],
)
def test_a_period_that_goes_on_is_open(period: str, is_open: bool) -> None:
    assert reports.report(told(), period).is_open is is_open


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        (
            "2026-10",
            [
                ("api-month", "2026-10"),
                ("both-quarter", "2026-Q4"),
                ("api-28d", "28d to the end of 2026-10"),
                ("desk-year", "2026"),
            ],
        ),
        (
            "2026-11",
            [("api-month", "2026-11"), ("both-quarter", "2026-Q4"), ("api-28d", "28d"), ("desk-year", "2026")],
        ),
        ("2025", []),
    ],
)
def test_objectives_whose_periods_meet_the_reports_are_told(period: str, expected: list[tuple[str, str]]) -> None:
    found = reports.report(told(), period).objectives
    assert [(each.id, account.name) for each, account in found] == expected


def test_of_a_quarter_every_month_is_told_the_oldest_first() -> None:
    found = [account.name for each, account in reports.report(told(), "2026-Q3").objectives if each.id == "api-month"]
    assert found == ["2026-07", "2026-08", "2026-09"]
    rolling = [account.name for each, account in reports.report(told(), "2026-Q3").objectives if each.id == "api-28d"]
    assert rolling == [f"28d to the end of 2026-0{month}" for month in (7, 8, 9)]


def test_accounts_are_the_snapshots_own() -> None:
    made = told()
    own = {account for view in made.objectives for account in view.accounts}
    assert {account for _, account in reports.report(made, "2026-Q4").objectives} <= own


def test_incidents_belong_to_the_month_in_which_they_were_detected_by_the_zone_of_support() -> None:
    made = told()  # half past eleven in London is half past midnight in Berlin
    assert [event.slug for event in reports.report(made, "2026-10").incidents] == ["unranked", "oct"]
    assert [event.slug for event in reports.report(made, "2026-11").incidents] == ["edge"]
    assert [row.slugs for row in reports.report(made, "2026-10").answered] == [("oct",)]
    assert [row.month for row in reports.report(made, "2026-Q4").answered] == ["2026-11", "2026-10"]


def test_of_chosen_components_only_what_is_about_them_is_told() -> None:
    found = reports.report(told(), "2026-10", ["desk"])
    assert [id_ for id_, _ in found.components] == ["desk"]
    assert [each.id for each, _ in found.objectives] == ["both-quarter", "desk-year"]
    assert [event.slug for event in found.incidents] == ["unranked"]
    assert found.answered == ()  # which counts the incidents of all


def test_an_open_incident_is_told_as_far_as_it_is_known() -> None:
    opened = incident("now", update(NOW - HOUR, EVENTS[0].updates[0].phase), api=State.MAJOR)
    (event,) = reports.report(told(events=(opened,)), "2026-11").incidents
    assert event.response is not None
    assert (event.severity, event.response.to_resolve) == (Severity.SEV2, None)


@pytest.mark.parametrize("period", ["", "2026-13", "2026-Q5", "October", "2026-10-10", "0000", "28d", "２０２６"])
def test_what_is_no_period_is_refused(period: str) -> None:
    with pytest.raises(ValueError, match=r"is not|write|like"):
        reports.report(told(), period)


def test_a_period_that_has_not_begun_is_refused() -> None:
    for ahead in ("2026-12", "2027-Q1", "2027"):
        with pytest.raises(ValueError, match=f"'{ahead}' lies ahead: name a period that has begun"):
            reports.report(told(), ahead)
