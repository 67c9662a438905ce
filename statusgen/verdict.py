"""From one check's samples to what was confirmed: holding, confirming, voting (docs/numbers.md, rules 1 to 3).

Pure arithmetic on instants. Nothing here knows what a component or an incident is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from statusgen import periods
from statusgen.intervals import EMPTY, Intervals, Span, at_least, majority, union
from statusgen.model import Probing, Sample, Verdict

LONGEST_MEDIAN_HOLD = 3_600


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What is confirmed about a check. ``down`` ⊆ ``degraded`` (degraded or worse) ⊆ ``known``."""

    known: Intervals = EMPTY
    degraded: Intervals = EMPTY
    down: Intervals = EMPTY


def measure(samples: Sequence[Sample], probing: Probing, until: int) -> Measured:
    """Return what one location's samples of one check, in time order, confirm before the instant ``until``."""
    samples = [sample for sample in samples if sample.at < until]
    holds = max_gaps(samples, probing.interval)
    degraded = _confirm(samples, holds, probing, lambda verdict: verdict is not Verdict.UP)
    down = _confirm(samples, holds, probing, lambda verdict: verdict is Verdict.DOWN)
    known: list[Span] = []
    bad: list[Span] = []
    worst: list[Span] = []
    for i, sample in enumerate(samples):
        if degraded[i] is None or down[i] is None:
            continue
        following = samples[i + 1].at if i + 1 < len(samples) else until
        span = (sample.at, min(following, sample.at + holds[i], until))
        _extend(known, span)
        if degraded[i]:
            _extend(bad, span)
        if down[i]:
            _extend(worst, span)
    return Measured(known=Intervals(known), degraded=Intervals(bad), down=Intervals(worst))


def _extend(spans: list[Span], span: Span) -> None:
    """Add a span, joining it to the last one where they touch: a quiet year is one span, not a hundred thousand."""
    if spans and spans[-1][1] == span[0]:
        spans[-1] = (spans[-1][0], span[1])
    else:
        spans.append(span)


def max_gaps(samples: Sequence[Sample], interval: int) -> list[int]:
    """Return for each sample how many seconds it holds at most (rule 1).

    max(2.5 × interval, min(2.5 × median, 3600)), where the median is the lower one of the check's gaps whose
    earlier sample lies in the same UTC day; without any, the configured interval stands in for it.
    """
    by_day: dict[int, list[int]] = {}
    answered = [sample.at for sample in samples if sample.verdict is not None]
    for earlier, later in pairwise(answered):
        by_day.setdefault(earlier // periods.DAY, []).append(later - earlier)
    hold_of = {day: _hold(interval, sorted(gaps)[(len(gaps) - 1) // 2]) for day, gaps in by_day.items()}
    default = _hold(interval, interval)
    return [hold_of.get(sample.at // periods.DAY, default) for sample in samples]


def _hold(interval: int, median: int) -> int:
    return max(5 * interval // 2, min(5 * median // 2, LONGEST_MEDIAN_HOLD))


def _confirm(
    samples: Sequence[Sample], holds: Sequence[int], probing: Probing, fails: Callable[[Verdict], bool]
) -> list[bool | None]:
    """Return for each sample whether the failing state is confirmed; None before anything is (rule 2).

    ``confirm`` failing samples in a row flip it, back-dated to the first of them; ``recover`` good ones flip it
    back; the very first good sample needs no company. A gap between two samples starts the count anew and leaves
    the state as it was.
    """
    said = [None if sample.verdict is None else fails(sample.verdict) for sample in samples]
    if True not in said:
        return said  # nothing to confirm: what most checks are like most days
    settled: list[bool | None] = []
    state: bool | None = None
    row: list[int] = []  # indices of the samples in a row that speak against the state
    for i, failing in enumerate(said):
        settled.append(None if failing is None else state)
        if failing is None or failing is state:
            row = []
            continue
        if row and (said[row[-1]] is not failing or samples[i].at - samples[row[-1]].at > holds[row[-1]]):
            row = []
        row.append(i)
        if len(row) >= (probing.confirm if failing else probing.recover if state is not None else 1):
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
