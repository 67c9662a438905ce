"""How often the monitor itself looked, so that whoever reads a number can tell what it rests on.

A round counts as a look where the prober was well; how long one holds is rule 1 of ``docs/numbers.md``, with the site's
interval. Pure arithmetic on instants.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from statusgen import days, periods
from statusgen.availability import percent
from statusgen.model import Day, History, Site
from statusgen.verdict import longest_hold

SPANS = (("24h", periods.DAY), ("7d", 7 * periods.DAY))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often a location looked in a window up to ``end``, clipped at its very first round.

    ``rounds`` are all that it made, ``failed`` those of them in which the prober itself failed. Gaps are those between
    two looks of which the later one lies in the window, in seconds; ``longest`` may be the one that goes on at ``end``.
    None where there is no gap. ``watched`` are the seconds of the window in which the last look still held,
    ``coverage`` is their share as text, None for an empty window.
    """

    name: str
    start: int
    end: int
    rounds: int
    failed: int
    median: int | None
    p95: int | None
    longest: int | None
    watched: int
    coverage: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """How often a location looked: the instant of its last look, None without any, and its paces by window."""

    location: str
    last: int | None
    paces: tuple[Pace, ...]


def cadences(site: Site, seen: Mapping[str, History], now: int) -> tuple[Cadence, ...]:
    """Return the cadence of each location that has a say: the voters, else every one that there is.

    Where runners share a location, each check is looked at as often as its own runner comes, not as often as any of
    them. So of those that have a check to look at, the one that watched least is told of, window by window.
    """
    voters = site.probing.locations or sorted(seen)
    told = ((location, _runners(site, seen.get(location, History()).parts)) for location in voters)
    return tuple(_cadence(location, runners, site.probing.interval, now) for location, runners in told)


def _runners(site: Site, parts: Sequence[History]) -> list[Sequence[Day]]:
    """Return the days of each runner, of several only those that were the last to ask one of the site's checks."""
    if len(parts) == 1:
        return [parts[0].days]
    latest: dict[str, tuple[int, int]] = {}  # by check, the last round of the last day on which it was asked, and whose
    for i, part in enumerate(parts):
        for day in part.days:
            latest |= {check: max(latest.get(check, (0, 0)), (day.rounds[-1], i)) for check in day.checks}
    asking = {latest[check.id][1] for check in site.checks if check.id in latest}
    return [parts[i].days for i in sorted(asking)] or [()]


def _cadence(location: str, runners: Sequence[Sequence[Day]], interval: int, now: int) -> Cadence:
    lasts = [days.checked(told) for told in runners]
    paces = [[pace(told, name, span, interval, now) for told in runners] for name, span in SPANS]
    return Cadence(
        location=location,
        last=min((last for last in lasts if last is not None), default=None),
        paces=tuple(min(of_window, key=_merit) for of_window in paces),
    )


def _merit(pace: Pace) -> tuple[int, ...]:
    """Order paces, the worst first: by millionths of the window that were watched, then by gaps."""
    share = 1_000_000 * pace.watched // max(1, pace.end - pace.start)
    return share, *(-gap if gap is not None else 0 for gap in (pace.median, pace.p95, pace.longest))


def pace(told: Sequence[Day], name: str, span: int, interval: int, now: int) -> Pace:
    """Return how often rounds came in the ``span`` seconds up to ``now``, after which ``told`` has none."""
    start = max(now - span, told[0].rounds[0]) if told else now - span
    rounds = list(_rounds(told, start))
    looks = [at for at, is_well in rounds if is_well]
    gaps = sorted(later - earlier for earlier, later in pairwise(looks) if later >= start)
    within = [is_well for at, is_well in rounds if at >= start]
    watched = _watched(rounds, start, now, interval)
    return Pace(
        name=name,
        start=start,
        end=now,
        rounds=len(within),
        failed=within.count(False),
        median=_ranked(gaps, 50),
        p95=_ranked(gaps, 95),
        longest=max([*gaps, now - looks[-1]]) if looks else None,
        watched=watched,
        coverage=percent(watched, now - start),
    )


def _rounds(told: Sequence[Day], start: int) -> Iterator[tuple[int, bool]]:
    """Yield instants of rounds and whether the prober was well, from the day of the last look before ``start`` on."""
    before = [day for day in told if day.start <= start]
    looked = (day for day in reversed(before) if any(is_well and at < start for at, is_well in days.looks(day)))
    first = next((day.start for day in looked), start)
    return (each for day in days.since(told, periods.day_of(first)) for each in days.looks(day))


def _watched(rounds: Sequence[tuple[int, bool]], start: int, end: int, interval: int) -> int:
    """Return the seconds of ``[start, end)`` for which the last look held (rule 1); a failed round ends it."""
    gaps: dict[int, list[int]] = {}
    for earlier, later in pairwise(at for at, is_well in rounds if is_well):
        gaps.setdefault(periods.day_of(earlier), []).append(later - earlier)
    holds = {day: longest_hold(of_day, interval) for day, of_day in gaps.items()}
    alone = longest_hold([], interval)
    watched = 0
    for (at, is_well), (following, _) in pairwise([*rounds, (end, True)]):
        until = min(following, at + holds.get(periods.day_of(at), alone))
        watched += max(0, until - max(at, start)) if is_well else 0
    return watched


def _ranked(ordered: Sequence[int], share: int) -> int | None:
    """Return the shortest that so many per cent do not exceed (nearest rank; of 50 the lower median)."""
    return ordered[-(-len(ordered) * share // 100) - 1] if ordered else None
