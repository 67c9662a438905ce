"""Histograms of latencies that can be added up: the days of a month make the month's percentiles.

Buckets are as wide as a sixteenth of what they hold, as in HdrHistogram: up to 31 ms each millisecond has its own, then
every power of two has sixteen. A percentile is told as the upper end of its bucket, so it is never better than what
was measured, and at most a sixteenth (6.25 %) worse.

    37:3 40 200 80:1      3 in bucket 37, 40 in 38, 200 in 39, and 1 in bucket 80

``encode`` and ``decode`` are a pair.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

Histogram = dict[int, int]  # count by bucket

MOST = 1 << 40  # milliseconds: beyond this nothing is a latency
MOST_COUNTED = 86_400  # of a bucket on a day: a round a second


def bucket_of(milliseconds: int) -> int:
    """Return the bucket of a latency."""
    shift = max(milliseconds.bit_length() - 5, 0)
    return 16 * shift + (milliseconds >> shift)


LAST = bucket_of(MOST)


def upper_end(bucket: int) -> int:
    """Return the largest latency in the bucket, in milliseconds."""
    shift = max(bucket // 16 - 1, 0)
    return (((bucket - 16 * shift) + 1) << shift) - 1


def merged(histograms: Iterable[Mapping[int, int]]) -> Histogram:
    """Return the sum of histograms."""
    total: Histogram = {}
    for each in histograms:
        for bucket, count in each.items():
            total[bucket] = total.get(bucket, 0) + count
    return total


def percentile(histogram: Mapping[int, int], per_cent: int) -> int:
    """Return what so many per cent of the latencies took at most, in milliseconds. The histogram is not empty."""
    rank = max(-(-sum(histogram.values()) * per_cent // 100), 1)
    for bucket in sorted(histogram):
        rank -= histogram[bucket]
        if rank <= 0:
            break
    return upper_end(bucket)


def encode(histogram: Mapping[int, int]) -> str:
    """Write a histogram: the counts in the order of buckets, a bucket's number where one does not follow the last."""
    words = []
    following = None
    for bucket in sorted(histogram):
        count = histogram[bucket]
        words.append(str(count) if bucket == following else f"{bucket}:{count}")
        following = bucket + 1
    return " ".join(words)


def read(text: str) -> Histogram:
    """Read a histogram, an empty one where it cannot be read: ``statusgen check`` names it."""
    try:
        return decode(text)
    except ValueError:
        return {}


def decode(text: str) -> Histogram:
    """Read a histogram; ValueError for what is none."""
    if not text.isascii():
        raise ValueError("a histogram is made of digits, colons and blanks")
    found: Histogram = {}
    bucket = -1
    for word in text.split():
        start, colon, count = word.rpartition(":") if ":" in word else ("", "", word)
        if not count.isdecimal() or (colon and not start.isdecimal()):
            raise ValueError(f"'{word[:20]}' is no count")
        if not colon and bucket < 0:
            raise ValueError("the first count has no bucket")
        bucket = int(start) if colon else bucket + 1
        if bucket > LAST:
            raise ValueError(f"there is no bucket {bucket}")
        if int(count) > MOST_COUNTED:
            raise ValueError(f"a day has no {count[:20]} rounds")
        found[bucket] = found.get(bucket, 0) + int(count)
    return found
