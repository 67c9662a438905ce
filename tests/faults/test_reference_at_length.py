"""A thousand weeks made at random come to what the reference counts, to the second (tests/reference.py)."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.weeks import FEATURES, compare

CHUNK, WEEKS = 100, 1_000


@pytest.mark.parametrize("first", range(1_000, 1_000 + WEEKS, CHUNK))
def test_random_weeks_come_to_what_the_reference_counts(first: int) -> None:
    occurred: Counter[str] = Counter()
    for seed in range(first, first + CHUNK):
        occurred += compare(seed)
    assert {name: occurred[name] for name in FEATURES if occurred[name] < 3} == {}, "what hardly occurs is not tested"
