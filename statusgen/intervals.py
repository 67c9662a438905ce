"""Sets of instants, as sorted, disjoint, half-open intervals of whole seconds.

Everything that lasts is one of these: known time, an outage, a maintenance window. ``|``, ``&`` and ``-`` are
those of plain sets; touching intervals are one interval, so equal sets compare equal.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence

Span = tuple[int, int]


class Intervals:
    """An immutable set of seconds."""

    __slots__ = ("spans",)

    spans: tuple[Span, ...]

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        """Take spans in any order, overlapping or empty ones included."""
        self.spans = tuple(_merged(sorted(span for span in spans if span[0] < span[1])))

    @classmethod
    def _normal(cls, spans: Iterable[Span]) -> Intervals:
        """Wrap spans that are already sorted, disjoint, apart and non-empty."""
        made = cls.__new__(cls)
        made.spans = tuple(spans)
        return made

    def __iter__(self) -> Iterator[Span]:
        return iter(self.spans)

    def __bool__(self) -> bool:
        return bool(self.spans)

    def __len__(self) -> int:
        return len(self.spans)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Intervals) and self.spans == other.spans

    def __hash__(self) -> int:
        return hash(self.spans)

    def __repr__(self) -> str:
        return f"Intervals({list(self.spans)})"

    def __contains__(self, instant: int) -> bool:
        return self.span_at(instant) is not None

    def __or__(self, other: Intervals) -> Intervals:
        if not self.spans or not other.spans:
            return self if self.spans else other
        return Intervals((*self.spans, *other.spans))

    def __and__(self, other: Intervals) -> Intervals:
        if not self.spans or not other.spans:
            return EMPTY
        return Intervals._normal(_common(self.spans, other.spans))

    def __sub__(self, other: Intervals) -> Intervals:
        if not self.spans or not other.spans:
            return self
        return Intervals._normal(_remaining(self.spans, other.spans))

    @property
    def seconds(self) -> int:
        """How long it all lasts."""
        return sum(end - start for start, end in self.spans)

    def span_at(self, instant: int) -> Span | None:
        """Return the interval that holds the instant."""
        index = bisect_right(self.spans, instant, key=lambda span: span[0]) - 1
        if index >= 0 and instant < self.spans[index][1]:
            return self.spans[index]
        return None

    def clip(self, start: int, end: int) -> Intervals:
        """Return the part within ``[start, end)``; cost follows the size of the part."""
        if end <= start or not self.spans:
            return EMPTY
        first = max(0, bisect_right(self.spans, (start, end)) - 1)
        last = bisect_right(self.spans, (end,))
        cut = [(max(a, start), min(b, end)) for a, b in self.spans[first:last]]
        return Intervals._normal([(a, b) for a, b in cut if a < b])

    def first(self, seconds: int) -> Intervals:
        """Return the first so many seconds of it."""
        kept: list[Span] = []
        for start, end in self.spans:
            if seconds > 0:
                kept.append((start, min(end, start + seconds)))
            seconds -= end - start
        return Intervals._normal(kept)

    def seconds_per_day(self) -> dict[int, int]:
        """Return seconds by UTC day, keyed by the day's first instant; days without any are absent."""
        days: dict[int, int] = {}
        for start, end in self.spans:
            while start < end:
                day = start - start % 86_400
                stop = min(end, day + 86_400)
                days[day] = days.get(day, 0) + stop - start
                start = stop
        return days


def union(sets: Iterable[Intervals]) -> Intervals:
    """Return every second that is in any of the sets."""
    return Intervals(span for each in sets for span in each.spans)


def majority(yes: Sequence[Intervals], voters: Sequence[Intervals]) -> Intervals:
    """Return the seconds at which more than half of the voters present are for it; ``yes[i]`` ⊆ ``voters[i]``."""
    return _counted(yes, voters, lambda in_favour, present: 2 * in_favour > present)


def at_least(count: int, voters: Sequence[Intervals]) -> Intervals:
    """Return the seconds that are in ``count`` or more of the sets."""
    return _counted((), voters, lambda _, present: present >= max(count, 1))


def _counted(yes: Sequence[Intervals], voters: Sequence[Intervals], holds: Callable[[int, int], bool]) -> Intervals:
    changes: dict[int, list[int]] = {}
    for column, sets in ((0, yes), (1, voters)):
        for span in (span for each in sets for span in each.spans):
            changes.setdefault(span[0], [0, 0])[column] += 1
            changes.setdefault(span[1], [0, 0])[column] -= 1
    spans: list[Span] = []
    in_favour = present = since = 0
    for instant, change in sorted(changes.items()):
        if holds(in_favour, present):
            spans.append((since, instant))
        in_favour, present, since = in_favour + change[0], present + change[1], instant
    return Intervals(spans)


def _merged(spans: Iterable[Span]) -> Iterator[Span]:
    current: Span | None = None
    for start, end in spans:
        if current is None:
            current = (start, end)
        elif start <= current[1]:
            current = (current[0], max(current[1], end))
        else:
            yield current
            current = (start, end)
    if current is not None:
        yield current


def _common(left: Sequence[Span], right: Sequence[Span]) -> Iterator[Span]:
    i = j = 0
    while i < len(left) and j < len(right):
        start, end = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if start < end:
            yield start, end
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1


def _remaining(spans: Sequence[Span], holes: Sequence[Span]) -> Iterator[Span]:
    j = 0
    for start, end in spans:
        while j < len(holes) and holes[j][1] <= start:
            j += 1
        k = j
        while k < len(holes) and holes[k][0] < end:
            if start < holes[k][0]:
                yield start, holes[k][0]
            start = max(start, holes[k][1])
            k += 1
        if start < end:
            yield start, end


EMPTY = Intervals()
