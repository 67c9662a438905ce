"""From one check's samples to what was confirmed: holding, confirming, voting (docs/numbers.md, rules 1 to 3).

Pure arithmetic on instants. Nothing here knows what a component or an incident is.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise, repeat, zip_longest
from typing import NamedTuple

from statusgen import periods
from statusgen.intervals import EMPTY, Intervals, Span, at_least, majority, union
from statusgen.model import Day, Probing, Verdict

LONGEST_MEDIAN_HOLD = 3_600


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What is confirmed about a check. ``down`` ⊆ ``degraded`` (degraded or worse) ⊆ ``known``."""

    known: Intervals = EMPTY
    degraded: Intervals = EMPTY
    down: Intervals = EMPTY


class _Run(NamedTuple):
    """Samples in a row that say the same, none further from the next than every sample holds."""

    verdict: Verdict | None  # None: the prober failed or could not tell, so nothing is known from here on
    first: int
    last: int
    samples: int


def measure(days: Sequence[Day], check: str, probing: Probing, until: int) -> Measured:
    """Return what one location's days, in order and cut at ``until``, confirm of a check before that instant."""
    runs = _runs(days, check, _least_hold(probing.interval))
    ends = _ends(runs, days, check, probing.interval, until)
    degraded = _confirm(runs, ends, probing, lambda verdict: verdict is not Verdict.UP)
    down = _confirm(runs, ends, probing, lambda verdict: verdict is Verdict.DOWN)
    known: list[Span] = []
    bad: list[Span] = []
    worst: list[Span] = []
    for run, end, is_bad, is_worst in zip(runs, ends, degraded, down, strict=True):
        if is_bad is None or is_worst is None:
            continue
        known.append((run.first, end))
        if is_bad:
            bad.append((run.first, end))
        if is_worst:
            worst.append((run.first, end))
    return Measured(known=Intervals(known), degraded=Intervals(bad), down=Intervals(worst))


def _runs(days: Sequence[Day], check: str, hold: int) -> list[_Run]:
    """Return a check's samples as runs: a quiet year is one of them, not a hundred thousand samples."""
    runs: list[_Run] = []
    verdict, first, last, samples = None, 0, -1, 0  # of the run that goes on: the loop over years makes no objects
    for day in days:
        stretches = day.checks.get(check, ())
        if len(stretches) == 1 and day.longest <= hold and not day.errors:
            ((count, said, _),) = stretches
            if said is verdict is not None and samples and day.rounds[0] - last <= hold:
                last, samples = day.rounds[-1], samples + count
                continue
        for said, begin, end, count in _pieces(day, check, hold):
            if said is verdict and samples and begin - last <= hold:
                last, samples = end, samples + count
                continue
            if samples:
                runs.append(_Run(verdict, first, last, samples))
            verdict, first, last, samples = said, begin, end, count
    return [*runs, _Run(verdict, first, last, samples)] if samples else runs


def _pieces(day: Day, check: str, hold: int) -> Iterator[tuple[Verdict | None, int, int, int]]:
    """Yield verdict, first and last instant and count of a day's samples that say the same and are close enough."""
    if day.longest > hold or day.errors:
        yield from ((verdict, at, at, 1) for at, verdict in _samples(day, check))
        return
    begin = 0
    for count, verdict, reason in day.checks.get(check, ()):
        if verdict is not None or reason:
            yield verdict, day.rounds[begin], day.rounds[begin + count - 1], count
        begin += count


def _samples(day: Day, check: str) -> Iterator[tuple[int, Verdict | None]]:
    """Yield instant and verdict of a check's samples; a round in which the prober failed is one for every check."""
    stretches = day.checks.get(check, ())
    said = chain.from_iterable(repeat((each.verdict, each.is_told), each.rounds) for each in stretches)
    errors = chain.from_iterable(repeat(word, count) for count, word in day.errors)
    nothing = repeat((None, False))
    for at, (verdict, is_told), error in zip(day.rounds, chain(said, nothing), chain(errors, repeat("")), strict=False):
        if is_told or error:
            yield at, verdict


def _ends(runs: Sequence[_Run], days: Sequence[Day], check: str, interval: int, until: int) -> list[int]:
    """Return until when each run holds: to the next one, or as long as its last sample does (rule 1)."""
    holds: dict[int, int] = {}
    ends = []
    for run, following in zip_longest(runs, runs[1:]):
        end = following.first if following else until
        if end - run.last > _least_hold(interval):
            start = periods.day_of(run.last)
            if start not in holds:
                holds[start] = max_gap(days, check, start, interval)
            end = min(end, run.last + holds[start])
        ends.append(min(end, until))
    return ends


def max_gap(days: Sequence[Day], check: str, start: int, interval: int) -> int:
    """Return how many seconds a check's samples of the UTC day that begins at ``start`` hold at most (rule 1).

    max(2.5 × interval, min(2.5 × median, 3600)), where the median is the lower one of the check's gaps whose
    earlier sample lies in that day; without any, the configured interval stands in for it.
    """
    answered: list[int] = []
    for day in days[bisect_left(days, start, key=lambda day: day.start) :]:
        found = [at for at, verdict in _samples(day, check) if verdict is not None]
        answered += found if day.start == start else found[:1]
        if found and day.start > start:
            break
    return longest_hold([later - earlier for earlier, later in pairwise(answered)], interval)


def longest_hold(gaps: Sequence[int], interval: int) -> int:
    """Return how long a sample holds at most, given a day's gaps in seconds and the configured interval (rule 1)."""
    median = sorted(gaps)[(len(gaps) - 1) // 2] if gaps else interval
    return max(_least_hold(interval), min(5 * median // 2, LONGEST_MEDIAN_HOLD))


def _least_hold(interval: int) -> int:
    return 5 * interval // 2


def _confirm(
    runs: Sequence[_Run], ends: Sequence[int], probing: Probing, fails: Callable[[Verdict], bool]
) -> list[bool | None]:
    """Return for each run whether the failing state is confirmed; None before anything is (rule 2).

    ``confirm`` failing samples in a row flip it, back-dated to the first of them; ``recover`` good ones flip it
    back; the very first good sample needs no company. A gap between two samples starts the count anew and leaves
    the state as it was.
    """
    said = [None if run.verdict is None else fails(run.verdict) for run in runs]
    settled: list[bool | None] = []
    state: bool | None = None
    row: list[int] = []  # indices of the runs in a row that speak against the state
    count = 0  # of samples in them
    for i, failing in enumerate(said):
        settled.append(None if failing is None else state)
        if failing is None or failing is state:
            row = []
            continue
        if row and (said[row[-1]] is not failing or ends[row[-1]] < runs[i].first):
            row = []
        count = runs[i].samples + (count if row else 0)
        row.append(i)
        if count >= (probing.confirm if failing else probing.recover if state is not None else 1):
            state = failing
            for j in row:
                settled[j] = state
            row = []
    return settled


def vote(by_location: Mapping[str, Measured], voters: Sequence[str]) -> Measured:
    """Return what more than half of the locations known at each instant say, level by level (rule 3).

    ``voters`` are the configured locations, empty for every one there is. With two or more configured, time that
    only one of them knows is unknown.
    """
    present = [by_location[name] for name in (voters or sorted(by_location)) if name in by_location]
    if len(present) == 1 and len(voters) < 2:
        return present[0]
    knowing = [measured.known for measured in present]
    known = at_least(2, knowing) if len(voters) > 1 else union(knowing)
    return Measured(
        known=known,
        degraded=majority([measured.degraded for measured in present], knowing) & known,
        down=majority([measured.down for measured in present], knowing) & known,
    )
