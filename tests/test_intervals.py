"""The algebra is checked against plain sets of instants, exhaustively in a world small enough to be all cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import combinations, pairwise, permutations, product

import pytest

from statusgen.intervals import EMPTY, Intervals, at_least, majority, union

WORLD = range(6)
QUARTER = 21_600  # a quarter of a day, so that none straddles midnight
DAY = 86_400


def subsets(world: Iterable[int]) -> Iterator[frozenset[int]]:
    instants = tuple(world)
    for size in range(len(instants) + 1):
        yield from map(frozenset, combinations(instants, size))


def intervals(instants: Iterable[int]) -> Intervals:
    return Intervals((instant, instant + 1) for instant in instants)


def instants(some: Intervals) -> set[int]:
    return {instant for start, end in some for instant in range(start, end)}


def is_normal(some: Intervals) -> bool:
    """Sorted, non-empty and apart: so that equal sets have equal spans."""
    return all(start < end for start, end in some) and all(a[1] < b[0] for a, b in pairwise(some))


SETS = [(naive, intervals(naive)) for naive in subsets(WORLD)]


def test_the_algebra_is_that_of_plain_sets() -> None:
    for (naive_a, a), (naive_b, b) in product(SETS, repeat=2):
        assert instants(a | b) == naive_a | naive_b
        assert instants(a & b) == naive_a & naive_b
        assert instants(a - b) == naive_a - naive_b


def test_every_result_is_in_normal_form() -> None:
    for (_, a), (_, b) in product(SETS, repeat=2):
        assert is_normal(a | b)
        assert is_normal(a & b)
        assert is_normal(a - b)


def test_sets_are_equal_exactly_when_their_instants_are() -> None:
    for (naive_a, a), (naive_b, b) in product(SETS, repeat=2):
        assert (a == b) == (naive_a == naive_b)
        assert a != b or hash(a) == hash(b)


def test_spans_may_come_in_any_order_overlapping_touching_or_empty() -> None:
    every_span = [(start, end) for start, end in product(range(5), repeat=2)]  # reversed ones are empty
    for spans in product(every_span, repeat=3):
        made = Intervals(spans)
        assert instants(made) == {instant for start, end in spans for instant in range(start, end)}
        assert is_normal(made)


def test_the_order_of_spans_does_not_matter() -> None:
    spans = [(0, 2), (1, 3), (3, 4), (6, 9), (7, 8)]
    assert {Intervals(order) for order in permutations(spans)} == {Intervals([(0, 4), (6, 9)])}


def test_clip_keeps_what_is_within_a_half_open_window() -> None:
    for (naive, some), start, end in product(SETS, range(-1, 8), range(-1, 8)):
        clipped = some.clip(start, end)
        assert instants(clipped) == naive & set(range(start, end))
        assert is_normal(clipped)


def test_span_at_is_the_span_that_holds_the_instant() -> None:
    for (naive, some), instant in product(SETS, range(-1, 8)):
        span = some.span_at(instant)
        assert (instant in some) == (instant in naive)
        assert (span is not None) == (instant in naive)
        assert span is None or (span in some.spans and span[0] <= instant < span[1])


def test_seconds_length_and_truth_are_those_of_the_set() -> None:
    for naive, some in SETS:
        assert some.seconds == len(naive)
        assert bool(some) == bool(naive)
        assert len(some) == len(list(some)) == sum(instant - 1 not in naive for instant in naive)


def test_union_of_any_number_of_sets_is_what_is_in_any() -> None:
    small = list(subsets(range(3)))
    for count in range(4):
        for chosen in product(small, repeat=count):
            together = union(map(intervals, chosen))
            assert instants(together) == set().union(*chosen)
            assert is_normal(together)


def test_at_least_counts_the_sets_that_hold_an_instant() -> None:
    for chosen, count in product(product(subsets(range(4)), repeat=3), range(5)):
        voters = [intervals(naive) for naive in chosen]
        held = Counter(instant for naive in chosen for instant in naive)
        found = at_least(count, voters)
        assert instants(found) == {instant for instant in held if held[instant] >= count}
        assert is_normal(found)


@pytest.mark.parametrize(("voters", "world"), [(1, range(5)), (2, range(4)), (3, range(3)), (4, range(2))])
def test_a_majority_is_more_than_half_of_the_voters_present(voters: int, world: range) -> None:
    ballots = [(yes, present) for present in subsets(world) for yes in subsets(present)]
    for cast in product(ballots, repeat=voters):
        present = Counter(instant for _, there in cast for instant in there)
        in_favour = Counter(instant for yes, _ in cast for instant in yes)
        found = majority([intervals(yes) for yes, _ in cast], [intervals(there) for _, there in cast])
        assert instants(found) == {instant for instant in world if 2 * in_favour[instant] > present[instant]}
        assert is_normal(found)


def test_nobody_voting_decides_nothing() -> None:
    assert majority([], []) == at_least(1, []) == union([]) == EMPTY


def test_seconds_are_counted_by_utc_day_and_quiet_days_are_absent() -> None:
    for shift, (naive, _) in product(range(-4, 4), SETS):
        quarters = [shift + quarter for quarter in naive]
        some = Intervals((quarter * QUARTER, (quarter + 1) * QUARTER) for quarter in quarters)
        expected = Counter(quarter // 4 * DAY for quarter in quarters)
        assert some.seconds_per_day() == {day: count * QUARTER for day, count in expected.items()}


def test_a_day_begins_with_its_first_second() -> None:
    assert Intervals([(DAY - 1, DAY + 1)]).seconds_per_day() == {0: 1, DAY: 1}
    assert Intervals([(DAY, 2 * DAY)]).seconds_per_day() == {DAY: DAY}


def test_nothing_changes_the_sets_an_operation_is_given() -> None:
    a, b = Intervals([(0, 4)]), Intervals([(2, 3)])
    assert (a | b, a & b, a - b) == (a, b, Intervals([(0, 2), (3, 4)]))
    assert (a.spans, b.spans) == (((0, 4),), ((2, 3),))


def test_it_is_written_as_its_spans_and_equals_nothing_else() -> None:
    assert repr(Intervals([(3, 4), (0, 1)])) == "Intervals([(0, 1), (3, 4)])"
    assert Intervals([(0, 1)]) != ((0, 1),)
