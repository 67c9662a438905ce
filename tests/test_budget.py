"""Objectives against a reference that works second by second, on histories made at random; and what no number tells."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from statusgen.availability import Tally
from statusgen.budget import Reckoning, Span, accounts, burns, ends, spans
from statusgen.periods import DAY, HOUR, parse_instant
from statusgen.promises import Credit, Kind, Objective, Period, Share
from tests.weeks import FEATURES, compare


@pytest.mark.parametrize("first", range(0, 60, 20))
def test_a_random_week_comes_to_what_the_reference_counts(first: int) -> None:
    occurred = sum((compare(seed) for seed in range(first, first + 20)), Counter())
    assert set(FEATURES) - occurred.keys() == set(), "what does not occur is not tested"


# What no number tells


NOV, DEC = parse_instant("2026-11-01T00:00Z"), parse_instant("2026-12-01T00:00Z")
NOW = parse_instant("2026-12-10T12:00Z")
NOVEMBER = Span("2026-11", NOV, DEC, False)
DECEMBER = Span("2026-12", DEC, DEC + 31 * DAY, True)


MONTH = Period(months=1)


def objective(period: Period = MONTH, begins: int | None = None, zone: str = "UTC") -> Objective:
    return Objective(
        id="promise",
        kind=Kind.SLA,
        name="Promise",
        components=("api",),
        target=Share.parse("99.9"),
        period=period,
        zone=zone,
        begins=begins,
        credits=(Credit(below=Share.parse("99.9"), percent="5"), Credit(below=Share.parse("99"), percent="10")),
    )


def names(of: Objective, first: int, now: int = NOW) -> list[str]:
    return [span.name for span in spans(of, first, now)]


def test_periods_go_back_to_the_first_thing_known_the_present_one_first() -> None:
    assert spans(objective(), NOV + 5, NOW) == [DECEMBER, NOVEMBER]
    assert names(objective(), NOV - 1) == ["2026-12", "2026-11", "2026-10"]
    assert spans(objective(), NOV, DEC)[1] == NOVEMBER, "a month is over with its last second"
    assert names(objective(Period(months=3)), NOV) == ["2026-Q4"]
    assert names(objective(Period(months=12)), NOV - 400 * DAY) == ["2026", "2025"]


def test_rolling_days_end_now_and_with_each_month_that_is_over() -> None:
    found = spans(objective(Period(days=28)), NOV - DAY, NOW)
    assert found == [
        Span("28d", NOW - 28 * DAY, NOW, True),
        Span("28d to the end of 2026-11", DEC - 28 * DAY, DEC, False),
        Span("28d to the end of 2026-10", NOV - 28 * DAY, NOV, False),
    ]


def test_months_of_rolling_days_are_those_of_the_zone() -> None:
    berlin = spans(objective(Period(days=7), zone="Europe/Berlin"), NOV, NOW)
    assert [(span.name, span.end) for span in berlin[1:]] == [("7d to the end of 2026-11", DEC - HOUR)]


def test_nothing_comes_before_the_promise_begins() -> None:
    assert names(objective(begins=DEC), NOV) == ["2026-12"]
    assert names(objective(begins=NOV - 90 * DAY), NOV) == ["2026-12", "2026-11"]
    assert names(objective(begins=NOW), NOV) == ["2026-12"]
    assert names(objective(begins=NOW + 1), NOV) == []
    assert names(objective(Period(days=28), begins=NOW + 1), NOV) == []


def reckoning(*tallies: Tally, to_come: tuple[int, ...] = (0, 0), burn: Tally | None = None) -> Reckoning:
    return Reckoning(tallies=tallies, short=(0,) * len(tallies), to_come=to_come, burn=(burn or Tally(),) * 3)


def known(seconds: int, major: int = 0) -> Tally:
    return Tally(window=seconds, known=seconds, major=major)


def test_a_period_in_which_there_is_nothing_has_no_account() -> None:
    told = list(accounts(objective(), [DECEMBER, NOVEMBER], [reckoning(known(DAY), Tally())], (), NOW))
    assert [account.name for account in told] == ["2026-12"]
    ahead = reckoning(Tally(), Tally(), to_come=(DAY, 0))
    assert [account.name for account in accounts(objective(), [DECEMBER, NOVEMBER], [ahead], (), NOW)] == ["2026-12"]
    blind = reckoning(Tally(window=DAY), Tally(window=DAY))
    assert [account.is_met for account in accounts(objective(), [DECEMBER, NOVEMBER], [blind], (), NOW)] == [None, None]


def test_an_account_begins_with_the_promise_and_is_open_only_in_the_present() -> None:
    of, both = objective(begins=NOV + 5 * DAY), reckoning(known(DAY), known(DAY))
    present, past = accounts(of, [DECEMBER, NOVEMBER], [both], (), NOW)
    assert (present.start, present.end, present.is_open) == (DEC, DEC + 31 * DAY, True)
    assert (past.start, past.end, past.is_open) == (NOV + 5 * DAY, DEC, False)


def test_an_account_names_the_corrections_that_touch_its_time() -> None:
    told = (
        ("before", NOV - 10, NOV),
        ("first", NOV - 10, NOV + 1),
        ("across", DEC - 1, DEC + 1),
        ("after", DEC, DEC + 5),
        ("ahead", NOW, NOW + 5),
    )
    both = reckoning(known(DAY), known(DAY))
    present, past = accounts(objective(), [DECEMBER, NOVEMBER], [both], told, NOW)
    assert past.corrections == ("first", "across")
    assert present.corrections == ("across", "after")
    late = accounts(objective(begins=DEC - 1), [DECEMBER, NOVEMBER], [both], told, NOW)
    assert [account.corrections for account in late] == [("across", "after"), ("across",)]


@pytest.mark.parametrize(
    ("major", "credit"), [(0, None), (1_000, None), (1_001, "5"), (10_000, "5"), (10_001, "10"), (10**6, "10")]
)
def test_the_credit_is_that_of_the_lowest_tier_it_stays_below(major: int, credit: str | None) -> None:
    (account,) = accounts(objective(), [NOVEMBER], [reckoning(known(10**6, major), to_come=(0,))], (), NOW)
    assert account.credit == credit


def test_without_tiers_or_knowledge_there_is_no_credit() -> None:
    lost = reckoning(known(10**6, 10**6), to_come=(0,))
    (account,) = accounts(replace(objective(), credits=()), [NOVEMBER], [lost], (), NOW)
    assert account.credit is None
    (account,) = accounts(objective(), [NOVEMBER], [reckoning(Tally(window=5), to_come=(0,))], (), NOW)
    assert account.credit is None


def test_what_is_allowed_is_cut_to_milliseconds() -> None:
    of = replace(objective(), target=Share.parse("99.999"))
    (account,) = accounts(of, [NOVEMBER], [reckoning(known(199), to_come=(0,))], (), NOW)
    assert account.allowed_ms == 1  # 1.99
    (account,) = accounts(of, [NOVEMBER], [reckoning(known(199), to_come=(1,))], (), NOW)
    assert account.allowed_ms == 2


def test_attained_has_as_many_decimals_as_the_target() -> None:
    of = replace(objective(), target=Share.parse("99.9000"))
    (account,) = accounts(of, [NOVEMBER], [reckoning(known(10**6, 3), to_come=(0,))], (), NOW)
    assert account.attained == "99.9997"
    (account,) = accounts(of, [NOVEMBER], [reckoning(known(10**6, 10_000), to_come=(0,))], (), NOW)
    assert account.attained == "99.0000"


@pytest.mark.parametrize(("major", "percent"), [(0, 0), (1, 1), (500, 50), (501, 51), (1_000, 100), (1_001, 101)])
def test_the_share_of_the_budget_is_rounded_up(major: int, percent: int) -> None:
    (account,) = accounts(objective(), [NOVEMBER], [reckoning(known(10**6, major), to_come=(0,))], (), NOW)
    assert account.used_percent == percent


def test_burning_is_told_of_three_windows_and_is_none_where_nothing_is_known() -> None:
    quiet = reckoning(known(DAY), burn=known(3_600, 9))
    assert [(burn.window, burn.rate) for burn in burns(objective(), [quiet])] == [
        ("1h", "2.50"),
        ("6h", "2.50"),
        ("3d", "2.50"),
    ]
    assert [burn.rate for burn in burns(objective(), [reckoning()])] == [None] * 3
    assert [burn.rate for burn in burns(objective(), [quiet, reckoning(burn=known(5_400))])] == ["1.00"] * 3
    assert [burn.rate for burn in burns(objective(), [reckoning(burn=known(10**6, 1))])] == ["0.01"] * 3  # 0.001


def foretold(major: int, lost: int, of: Objective) -> int | None:
    """Return when the budget of a December of 31 days ends, so much of which is gone and goes in three days."""
    member = reckoning(known(NOW - DEC, major), to_come=(DEC + 31 * DAY - NOW,), burn=known(3 * DAY, lost))
    (account,) = accounts(of, [DECEMBER], [member], (), NOW)
    return ends(of, account, [member], NOW)


def test_the_end_of_a_budget_is_foretold_from_the_last_three_days() -> None:
    allowed_ms = 31 * DAY  # a thousandth, in milliseconds
    left_ms = allowed_ms - 1_000_000
    assert foretold(1_000, 600, objective()) == NOW + left_ms * 3 * DAY // 600_000
    assert foretold(1_000, 0, objective()) is None
    assert foretold(2_679, 600, objective()) is None  # 2,678.4 are allowed
    assert foretold(1_000, 1, objective()) is None  # it lasts beyond December


def test_a_budget_that_is_just_used_up_ends_now() -> None:
    of = replace(objective(), target=Share.parse("90"))
    assert foretold(31 * DAY // 10, 600, of) == NOW


def test_the_end_lies_before_the_period_is_over() -> None:
    of = replace(objective(), target=Share.parse("50"))
    left = DEC + 31 * DAY - NOW
    used = 31 * DAY // 2 - left // 2  # what is left of the budget is half the time left
    assert foretold(used, 3 * DAY // 2, of) is None  # exactly until the end
    assert foretold(used + 1, 3 * DAY // 2, of) == DEC + 31 * DAY - 2
