"""The keys ``slo`` and ``sla``: what each of them means. What is wrong with one is in ``bad/``."""

from __future__ import annotations

from typing import Any

import pytest

from statusgen import config, names, objectives, periods
from statusgen.model import Site
from statusgen.promises import Kind, MaintenanceRule, Objective, Period, Policy, Share

SITE = """\
site: {name: Acme Status, url: https://status.acme.example}
components:
  - {id: api, name: API, group: Platform, check: https://api.acme.example/health}
  - {id: web, name: Web, check: https://acme.example/}
  - {id: queue, name: Queue, group: Platform, check: {tcp: "queue.acme.example:5672"}}
"""
LEAST = "id: api-month, component: api, target: 99.9, period: month"


def site(more: str, kind: str = "sla", policy: str = "") -> Site:
    return config.read(f"{SITE}{policy}{kind}: [{{{more}}}]\n")


def read(more: str = LEAST, kind: str = "sla", policy: str = "") -> Objective:
    (objective,) = site(more, kind, policy).objectives
    return objective


def share(text: str) -> Share:
    return Share.parse(text)


# Defaults


def test_four_keys_are_enough() -> None:
    assert read() == Objective(
        id="api-month",
        kind=Kind.SLA,
        name="API",
        components=("api",),
        target=Share(text="99.9", part=999, whole=1_000),
        period=Period(months=1),
        group="",
        zone="UTC",
        begins=None,
        policy=Policy(),
        credits=(),
    )


def test_a_site_without_either_list_has_no_objectives() -> None:
    assert config.read(SITE).objectives == ()


@pytest.mark.parametrize("kind", Kind)
def test_the_list_tells_what_kind_it_is(kind: Kind) -> None:
    assert read(kind=kind).kind is kind


def test_what_is_promised_stands_before_what_is_aimed_at() -> None:
    both = f"{SITE}slo: [{{id: aim, component: api, target: 99.95, period: 28d}}]\nsla: [{{{LEAST}}}]\n"
    assert [objective.id for objective in config.read(both).objectives] == ["api-month", "aim"]


# What it is about


def test_it_has_the_name_it_is_given() -> None:
    assert read(f"{LEAST}, name: API in Europe").name == "API in Europe"


def test_a_group_is_all_its_components_in_their_order() -> None:
    objective = read("id: platform, group: Platform, target: 99.9, period: month")
    assert (objective.name, objective.group, objective.components) == ("Platform", "Platform", ("api", "queue"))


# Targets


@pytest.mark.parametrize(
    ("written", "text", "part", "whole"),
    [
        ("99.9", "99.9", 999, 1_000),
        ('"99.90"', "99.90", 9_990, 10_000),
        ("99.90", "99.90", 9_990, 10_000),
        ("99.9 %", "99.9", 999, 1_000),
        ("99.9%", "99.9", 999, 1_000),
        ('" 99.9\t% "', "99.9", 999, 1_000),
        ("99", "99", 99, 100),
        ("99.999999", "99.999999", 99_999_999, 100_000_000),
        ("0.5", "0.5", 5, 1_000),
        ("0.000001", "0.000001", 1, 100_000_000),
    ],
)
def test_a_target_keeps_the_digits_that_were_written(written: str, text: str, part: int, whole: int) -> None:
    target = read(f"id: a, component: api, target: {written}, period: month").target
    assert target == Share(text=text, part=part, whole=whole)
    assert target.decimals == len(text.partition(".")[2])


@pytest.mark.parametrize(
    "text",
    ["", "0.000", "100.000", "100 %", "101", "-1", "+99", "1e1", "99.", ".9", "99.1234567", "٩٩", "99.9 % %", "99 9"],
)
def test_what_is_no_percentage_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^'.*' (is not a percentage|leaves no second)"):
        share(text)


def test_shares_compare_as_the_numbers_they_are() -> None:
    assert share("99.90").is_at_most(share("99.9"))
    assert share("99.9").is_at_most(share("99.90"))
    assert share("99.89").is_at_most(share("99.9"))
    assert not share("99.91").is_at_most(share("99.9"))


def test_a_share_is_reached_to_the_second() -> None:
    assert share("99.9").is_reached_by(999, 1_000)
    assert share("99.9").is_reached_by(2_589_408, 2_592_000)
    assert not share("99.9").is_reached_by(2_589_407, 2_592_000)


# Periods


@pytest.mark.parametrize(
    ("written", "period", "word"),
    [
        ("month", Period(months=1), "month"),
        ("quarter", Period(months=3), "quarter"),
        ("year", Period(months=12), "year"),
        ("28d", Period(days=28), "last 28 days"),
        ("1 d", Period(days=1), "last day"),
        ("366d", Period(days=366), "last 366 days"),
    ],
)
def test_periods_are_of_the_calendar_or_the_last_days(written: str, period: Period, word: str) -> None:
    assert read(f"id: a, component: api, target: 99.9, period: {written}").period == period
    assert period.word == word


@pytest.mark.parametrize("text", ["", "0d", "367d", "28", "4w", "Month", "months", "-1d", "2٨d", "028d"])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a period: write month, quarter, year, or days like 28d"):
        objectives.parse_period(text)


@pytest.mark.parametrize(
    ("zone", "instant"),
    [
        ("UTC", "2026-07-01 00:00 UTC"),
        ("Europe/Berlin", "2026-06-30 22:00 UTC"),
        ("America/New_York", "2026-07-01 04:00 UTC"),
    ],
)
def test_the_first_day_of_a_promise_begins_at_midnight_in_its_zone(zone: str, instant: str) -> None:
    objective = read(f"{LEAST}, zone: {zone}, from: 2026-07-01")
    assert (objective.zone, objective.begins) == (zone, periods.parse_instant(instant))


# Credits


def test_credits_keep_what_was_written_the_highest_first() -> None:
    tiers = "{below: 99.90, credit: 10}, {below: 99 %, credit: '25 %'}, {below: 95, credit: 100}"
    credits = read(f"{LEAST}, service_credits: [{tiers}]").credits
    assert [(credit.below.text, credit.percent) for credit in credits] == [("99.90", "10"), ("99", "25"), ("95", "100")]


def test_no_credit_at_all_may_be_written_as_an_empty_list() -> None:
    assert read(f"{LEAST}, service_credits: []").credits == ()


@pytest.mark.parametrize("percent", ["0", "0.00", "100.01", "101", "-5", "5.123", "ten", "", "١٠"])
def test_what_is_no_credit_is_refused(percent: str) -> None:
    with pytest.raises(ValueError, match=r"is not a credit: write per cent of the fee, at most 100"):
        objectives._credit_percent(percent)


# What does not count


def test_exclusions_narrow_what_is_left_out() -> None:
    excluded = "exclusions: {maintenance: count, announced: 48h, cap: 4h, least_outage: 1m}"
    assert read(f"{LEAST}, {excluded}").policy == Policy(
        maintenance=MaintenanceRule.COUNT, announced=48 * 3_600, cap=4 * 3_600, least_outage=60
    )


def test_a_cap_of_nothing_is_not_the_same_as_no_cap() -> None:
    assert read(f"{LEAST}, exclusions: {{cap: 0s}}").policy.cap == 0


POLICY = "policy: {maintenance: count, weights: {major_outage: 900, partial_outage: 300, degraded_performance: 50}}\n"


def test_an_objective_has_the_policy_of_the_site() -> None:
    assert read(policy=POLICY).policy == Policy(maintenance=MaintenanceRule.COUNT, major=900, partial=300, degraded=50)


def test_an_objective_says_otherwise_than_the_policy_key_by_key() -> None:
    assert read(f"{LEAST}, exclusions: {{maintenance: exclude}}", policy=POLICY).policy == Policy(
        maintenance=MaintenanceRule.EXCLUDE, major=900, partial=300, degraded=50
    )


def test_weights_of_its_own_begin_with_the_programs_and_not_with_the_policys() -> None:
    policy = read(f"{LEAST}, weights: {{degraded_performance: 100}}", policy=POLICY).policy
    assert (policy.major, policy.partial, policy.degraded) == (1_000, 500, 100)


def test_the_policy_of_the_site_is_not_that_of_its_objectives() -> None:
    assert site(f"{LEAST}, exclusions: {{announced: 48h}}, weights: {{major_outage: 1}}").policy == Policy()


# The schema


def _keys(kind: Kind) -> dict[str, Any]:
    schema: Any = objectives.listed(kind).schema()
    return dict(schema["items"]["properties"])


def test_only_a_promise_has_credits() -> None:
    assert _keys(Kind.SLA).keys() - _keys(Kind.SLO).keys() == {"service_credits"}
    assert _keys(Kind.SLO).keys() <= _keys(Kind.SLA).keys()


def test_zones_have_a_city_or_are_utc() -> None:
    known = [names.ZONE.parse(zone) for zone in ("UTC", "Europe/Berlin", "America/Argentina/Ushuaia", "Asia/Kolkata")]
    assert known == ["UTC", "Europe/Berlin", "America/Argentina/Ushuaia", "Asia/Kolkata"]
    for zone in ("utc", "EST", "europe/berlin", "+01:00", "../etc/passwd", ""):
        with pytest.raises(ValueError, match="is not a time zone"):
            names.ZONE.parse(zone)
