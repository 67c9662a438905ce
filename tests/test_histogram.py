"""Histograms of latencies: buckets of a sixteenth, a text that is a pair, percentiles by nearest rank."""

from __future__ import annotations

import random
from collections import Counter
from itertools import chain, pairwise

import pytest

from statusgen import histogram

POWERS = [1 << n for n in range(3, 41)]
AROUND_POWERS = sorted({max(power + off, 0) for power in POWERS for off in (-17, -2, -1, 0, 1, 2, 17)})
LATENCIES = [*range(5_001), *(each for each in AROUND_POWERS if each > 5_000)]


def random_histogram(chance: random.Random, buckets: int = 120) -> dict[int, int]:
    chosen = sorted(chance.sample(range(buckets), chance.randrange(12)))
    return {bucket: chance.choice((1, 2, 9, 4_000)) for bucket in chosen}


def expanded(counts: dict[int, int]) -> list[int]:
    """Return every latency that a histogram tells of, as it tells of it."""
    return sorted(chain.from_iterable([histogram.upper_end(bucket)] * count for bucket, count in counts.items()))


# Buckets.


def test_every_latency_lies_in_its_bucket_and_in_no_other() -> None:
    for each in LATENCIES:
        bucket = histogram.bucket_of(each)
        below = histogram.upper_end(bucket - 1) if bucket else -1
        assert below < each <= histogram.upper_end(bucket), each


def test_the_upper_end_of_a_bucket_is_in_it() -> None:
    for bucket in range(histogram.bucket_of(histogram.MOST) + 1):
        assert histogram.bucket_of(histogram.upper_end(bucket)) == bucket


def test_a_longer_latency_is_never_in_an_earlier_bucket_and_no_bucket_is_left_out() -> None:
    buckets = [histogram.bucket_of(each) for each in range(5_001)]
    assert {later - earlier for earlier, later in pairwise(buckets)} == {0, 1}
    assert sorted(map(histogram.bucket_of, LATENCIES)) == [histogram.bucket_of(each) for each in LATENCIES]


def test_what_is_told_is_never_less_than_what_was_measured_and_at_most_a_sixteenth_more() -> None:
    for each in LATENCIES:
        told = histogram.upper_end(histogram.bucket_of(each))
        assert each <= told
        assert 16 * (told - each) <= each, each


def test_up_to_31_ms_a_latency_is_told_as_it_was() -> None:
    assert [histogram.upper_end(histogram.bucket_of(each)) for each in range(32)] == list(range(32))
    assert histogram.upper_end(histogram.bucket_of(32)) == 33


def test_a_bucket_is_the_sixteenth_of_a_power_of_two_that_the_documentation_says() -> None:
    for bucket in range(32, 400):
        power = 2 ** (bucket // 16 + 3)
        first = power + (bucket % 16) * power // 16
        assert histogram.bucket_of(first) == bucket
        assert histogram.upper_end(bucket) == first + power // 16 - 1


# Text.


def test_counts_that_follow_one_another_need_no_bucket() -> None:
    assert histogram.encode({80: 1, 38: 40, 37: 3, 39: 200}) == "37:3 40 200 80:1"
    assert histogram.decode("37:3 40 200 80:1") == {37: 3, 38: 40, 39: 200, 80: 1}


def test_nothing_is_written_as_nothing() -> None:
    assert histogram.encode({}) == ""
    assert histogram.decode("") == {}


def test_decoding_undoes_encoding() -> None:
    chance = random.Random(1)
    for _ in range(500):
        counts = random_histogram(chance, buckets=chance.choice((15, 40, 500)))
        text = histogram.encode(counts)
        assert histogram.decode(text) == histogram.read(text) == counts
        assert histogram.encode(dict(reversed(counts.items()))) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("3", "the first count has no bucket"),
        ("x", "'x' is no count"),
        ("37:", "'37:' is no count"),
        (":3", "':3' is no count"),
        ("37:-1", "'37:-1' is no count"),
        ("-37:1", "'-37:1' is no count"),
        ("37:1.5", "'37:1.5' is no count"),
        ("37:1 2:3:4", "'2:3:4' is no count"),
        ("37:²", "a histogram is made of digits, colons and blanks"),
        ("３:1", "a histogram is made of digits, colons and blanks"),
        ("37:1,2", "'37:1,2' is no count"),
        ("x" * 99, f"'{'x' * 20}' is no count"),
        ("593:1", "there is no bucket 593"),
        ("592:1 1", "there is no bucket 593"),
        ("999999999999:1", "there is no bucket 999999999999"),
    ],
)
def test_a_text_that_is_no_histogram_is_refused_in_words(text: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        histogram.decode(text)
    assert str(caught.value) == message
    assert histogram.read(text) == {}


def test_a_count_without_end_is_refused_too() -> None:
    with pytest.raises(ValueError):
        histogram.decode(f"37:{'9' * 10_000}")
    with pytest.raises(ValueError):
        histogram.decode(f"{'9' * 10_000}:1")


def test_the_longest_latency_there_is_can_be_written_and_read() -> None:
    counts = {histogram.bucket_of(histogram.MOST): 1}
    assert histogram.decode(histogram.encode(counts)) == counts


# Numbers.


def test_a_percentile_is_that_of_the_nearest_rank() -> None:
    chance = random.Random(2)
    for _ in range(150):
        counts = {bucket: min(count, 9) for bucket, count in random_histogram(chance).items()} or {7: 1}
        ordered = expanded(counts)
        for per_cent in (0, 1, 33, 50, 95, 99, 100):
            rank = max(1, -(-len(ordered) * per_cent // 100))  # at least so many per cent are not longer
            assert histogram.percentile(counts, per_cent) == ordered[rank - 1]


def test_the_percentile_of_a_single_latency_is_its_bucket() -> None:
    assert [histogram.percentile({37: 1}, per_cent) for per_cent in (1, 50, 99, 100)] == [43] * 4


def test_histograms_are_added_up() -> None:
    chance = random.Random(3)
    for _ in range(100):
        several = [random_histogram(chance) for _ in range(chance.randrange(4))]
        total: Counter[int] = Counter()
        for each in several:
            total.update(each)
        assert histogram.merged(several) == total


def test_adding_up_changes_nothing_that_is_added() -> None:
    one, two = {3: 1}, {3: 2, 4: 1}
    assert histogram.merged([one, two]) == {3: 3, 4: 1}
    assert (one, two) == ({3: 1}, {3: 2, 4: 1})


def test_more_than_a_day_has_seconds_is_no_count() -> None:
    """Sums of numbers with thousands of digits cannot be written down."""
    assert histogram.decode("37:86400") == {37: 86_400}
    for many in ("86401", "9" * 4_300):
        with pytest.raises(ValueError, match="a day has no"):
            histogram.decode(f"37:{many}")
