"""How near an end may come."""

from __future__ import annotations

import pytest

from statusgen.model import Verdict
from statusgen.periods import DAY, HOUR
from statusgen.probes.expiry import Expiry, judge

UP, DEGRADED, DOWN = Verdict
AT = 1_795_000_000
STRICT = Expiry(warn_before=30 * DAY, degraded_before=7 * DAY, down_before=DAY)


@pytest.mark.parametrize(
    ("left", "judgement"),
    [
        (31 * DAY, (UP, "")),
        (30 * DAY, (UP, "")),
        (30 * DAY - 1, (UP, "ending")),
        (7 * DAY, (UP, "ending")),
        (7 * DAY - 1, (DEGRADED, "ending")),
        (DAY, (DEGRADED, "ending")),
        (DAY - 1, (DOWN, "ending")),
        (1, (DOWN, "ending")),
        (0, (DOWN, "ended")),
        (-DAY, (DOWN, "ended")),
    ],
)
def test_each_threshold_counts_from_its_own_second(left: int, judgement: tuple[Verdict, str]) -> None:
    assert judge(STRICT, AT + left, AT, "ending", "ended") == judgement


@pytest.mark.parametrize(
    ("left", "judgement"), [(14 * DAY, (UP, "")), (HOUR, (UP, "ending")), (1, (UP, "ending")), (0, (DOWN, "ended"))]
)
def test_by_default_an_end_that_is_near_is_a_notice(left: int, judgement: tuple[Verdict, str]) -> None:
    assert judge(Expiry(), AT + left, AT, "ending", "ended") == judgement


def test_an_end_that_is_not_known_is_a_doubt_where_more_than_a_notice_depends_on_it() -> None:
    assert judge(Expiry(), None, AT, "ending", "ended") == (UP, "")
    assert judge(Expiry(degraded_before=DAY), None, AT, "ending", "ended") == (None, "unclear")
    assert judge(Expiry(down_before=DAY), None, AT, "ending", "ended") == (None, "unclear")


def test_thresholds_that_could_never_count_are_refused() -> None:
    with pytest.raises(ValueError, match="'degraded_before' must be longer"):
        Expiry(degraded_before=DAY, down_before=DAY)
    Expiry(degraded_before=DAY)
    Expiry(down_before=DAY)
