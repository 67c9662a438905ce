"""OpenSLO documents: what is taken over, and what is passed over. What is wrong with one is in ``bad/``."""

from __future__ import annotations

import pytest

from statusgen import config, openslo
from statusgen.errors import Level
from statusgen.model import Site
from statusgen.openslo import Reading
from statusgen.promises import Kind, MaintenanceRule, Objective, Period, Policy, Share

SITE = """\
site: {name: Acme Status, url: https://status.acme.example}
policy: {maintenance: count, weights: {partial_outage: 300}}
components:
  - {id: api, name: API, group: Platform, check: https://api.acme.example/health}
  - {id: web, name: Web, group: Platform, check: https://acme.example/}
  - {id: shop, name: Shop, group: api, check: https://shop.acme.example/}
"""
MONTH = "{duration: 1M, isRolling: false}"


def site(more: str = "") -> Site:
    return config.read(SITE + more)


def document(
    *,
    metadata: str = "{name: checkout}",
    service: str = "api",
    window: str = MONTH,
    objective: str = "{targetPercent: 99.9}",
    more: str = "",
) -> str:
    head = f"apiVersion: openslo/v1\nkind: SLO\nmetadata: {metadata}\nspec:\n  service: {service}\n"
    return f"{head}  timeWindow: [{window}]\n  objectives: [{objective}]\n{more}"


def read(*texts: str, of: str = "") -> Reading:
    return openslo.read_all({f"slo/{i}.yaml": text for i, text in enumerate(texts)}, site(of))


def only(text: str) -> Objective:
    reading = read(text)
    assert reading.problems == ()
    (objective,) = reading.objectives
    return objective


def test_a_document_is_an_objective_with_the_policy_of_the_site() -> None:
    assert only(document()) == Objective(
        id="checkout",
        kind=Kind.SLO,
        name="API",
        components=("api",),
        target=Share(text="99.9", part=999, whole=1_000),
        period=Period(months=1),
        policy=Policy(maintenance=MaintenanceRule.COUNT, partial=300),
    )


def test_it_is_the_same_that_components_yaml_would_say() -> None:
    (own,) = site("slo: [{id: checkout, component: api, target: 99.9, period: month}]\n").objectives
    assert only(document()) == own


def test_a_display_name_is_what_customers_read() -> None:
    assert only(document(metadata="{name: checkout, displayName: Checkout}")).name == "Checkout"


def test_a_service_is_a_component_or_else_a_group() -> None:
    group = only(document(service="Platform"))
    assert (group.group, group.components, group.name) == ("Platform", ("api", "web"), "Platform")
    component = only(document(service="api"))
    assert (component.group, component.components) == ("", ("api",))


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("{target: 0.999}", "99.9"),
        ("{target: .999}", "99.9"),
        ("{target: '0.9990'}", "99.90"),
        ("{target: 0.99}", "99"),
        ("{target: 0.9}", "90"),
        ("{target: 0.05}", "5"),
        ("{target: 0.0005}", "0.05"),
        ("{target: 0.99999999}", "99.999999"),
        ("{targetPercent: 99.90}", "99.90"),
        ("{targetPercent: 99}", "99"),
        ("{displayName: Good, targetPercent: 99.5}", "99.5"),
    ],
)
def test_a_target_keeps_the_digits_that_were_written(written: str, text: str) -> None:
    assert only(document(objective=written)).target == Share.parse(text)


@pytest.mark.parametrize("text", ["1", "1.0", "1.5", "0", "0.0", "0.000", "-0.5", "99.9", "0.123456789", "0,99", ".٩"])
def test_what_is_no_share_of_one_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=f"^'{text}' is not a target: write a share of one like 0.999"):
        openslo._share_of_one(text)


@pytest.mark.parametrize(
    ("window", "period", "zone"),
    [
        ("{duration: 1M, isRolling: false}", Period(months=1), "UTC"),
        ("{duration: 1M, isRolling: false, calendar: {timeZone: Asia/Tokyo}}", Period(months=1), "Asia/Tokyo"),
        ("{duration: 1M, calendar: {startTime: 2026-01-01, timeZone: UTC}}", Period(months=1), "UTC"),
        ("{duration: 1Q, isRolling: false}", Period(months=3), "UTC"),
        ("{duration: 3M, isRolling: false}", Period(months=3), "UTC"),
        ("{duration: 1Y, isRolling: false}", Period(months=12), "UTC"),
        ("{duration: 12M, isRolling: false}", Period(months=12), "UTC"),
        ("{duration: 28d, isRolling: true}", Period(days=28), "UTC"),
        ("{duration: 28d}", Period(days=28), "UTC"),
        ("{duration: 4w, isRolling: true}", Period(days=28), "UTC"),
        ("{duration: 52w}", Period(days=364), "UTC"),
        ("{duration: 366d}", Period(days=366), "UTC"),
    ],
)
def test_a_window_is_of_the_calendar_or_the_last_days(window: str, period: Period, zone: str) -> None:
    objective = only(document(window=window))
    assert (objective.period, objective.zone) == (period, zone)


@pytest.mark.parametrize("method", ["Timeslices", "RatioTimeslices"])
def test_what_counts_time_is_taken_as_it_is(method: str) -> None:
    assert only(document(more=f"  budgetingMethod: {method}\n")) == only(document())


def test_what_counts_occurrences_is_taken_with_a_warning() -> None:
    reading = read(document(more="  budgetingMethod: Occurrences\n"))
    assert reading.objectives == (only(document()),)
    (warning,) = reading.problems
    assert (warning.level, warning.path, warning.line) == (Level.WARNING, "slo/0.yaml", 8)


def test_indicators_and_alerts_are_passed_over_whatever_they_hold() -> None:
    more = """\
  description: Of no consequence here.
  indicatorRef: availability
  indicator: {metadata: {name: good}, spec: {ratioMetric: {counter: true, good: {metricSource: {type: [x]}}}}}
  alertPolicies: [{alertPolicyRef: page}, 1, null]
"""
    metadata = "{name: checkout, labels: {team: [a, b]}, annotations: {a: b}}"
    slices = "{targetPercent: 99.9, timeSliceTarget: 0.95, timeSliceWindow: 1m}"
    assert only(document(metadata=metadata, more=more)) == only(document())
    reading = read(document(metadata=metadata, objective=slices, more=more))
    assert reading.objectives == read(document()).objectives
    assert [(each.level, each.line, each.message) for each in reading.problems] == [
        (Level.WARNING, 7, f"'{key}' is passed over: every second counts by itself")
        for key in ("timeSliceTarget", "timeSliceWindow")
    ]


@pytest.mark.parametrize("start", ["2026-01-15 00:00:00", "2026-01-01 12:30:00", "soon"])
def test_periods_of_a_calendar_begin_with_a_month(start: str) -> None:
    calendar = f'{{duration: 1M, isRolling: false, calendar: {{startTime: "{start}", timeZone: UTC}}}}'
    (problem,) = read(document(window=calendar)).problems
    assert f"'{start}' is not where a period of the calendar begins: write the first of a month" in problem.message


def test_a_bad_document_does_not_keep_a_good_one_out() -> None:
    reading = read(document(service="nowhere"), document())
    assert [objective.id for objective in reading.objectives] == ["checkout"]
    assert [problem.path for problem in reading.problems] == ["slo/0.yaml"]


def test_a_document_that_is_refused_leaves_its_id_to_another() -> None:
    reading = read(document(window="{duration: 1M, isRolling: true}"), document())
    assert len(reading.objectives) == 1
    assert [problem.path for problem in reading.problems] == ["slo/0.yaml"]


def test_an_id_of_components_yaml_is_taken() -> None:
    reading = read(document(), of="sla: [{id: checkout, component: web, target: 99, period: year}]\n")
    assert reading.objectives == ()
    assert "is declared in components.yaml already" in reading.problems[0].message


def test_all_that_is_wrong_with_a_document_is_told_once() -> None:
    reading = read(document(window="{duration: 60w, isRolling: false}", more="  budgetingMethod: Occurrences\n"))
    assert [problem.message.partition(":")[0] for problem in reading.problems] == [
        "a calendar has no period of 60w",
        "'60w' is longer than 366 days",
    ]
