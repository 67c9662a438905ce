"""Shards: several runners that share a location, each with checks and a branch of its own.

Their histories stay apart: what one of them says of itself, that it was offline or was not there, is nothing about the
others' checks, and together they would have a round for every few checks. Whatever is asked about a check is asked of
its own shard.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, groupby

from statusgen.days import joined, latest_details
from statusgen.model import Day, History, Round, Sample


def together(shards: Iterable[History]) -> History:
    """Return the history of a location from those of its shards, which stay apart."""
    several = tuple(shards)
    return several[0] if len(several) == 1 else History(shards=several)


def without_errors(rounds: Sequence[Round]) -> Iterator[Round]:
    """Tell the errors of a shard's prober as what they are to its checks: nothing could be told of any of them."""
    checks = dict.fromkeys(check for round_ in rounds for check, _ in round_.answers)
    for round_ in rounds:
        at, error = round_.at, round_.prober_error
        told = tuple((check, Sample(at, None, None, error)) for check in checks) if error else round_.answers
        yield replace(round_, answers=told, prober_error="")


def interleaved(shards: Iterable[Iterable[Round]]) -> Iterator[Round]:
    """Yield the rounds of shards in time order, those of one instant as one; the first answer of a check stands."""
    ordered = sorted(chain.from_iterable(shards), key=lambda round_: round_.at)
    for _, each in groupby(ordered, lambda round_: round_.at):
        first, *others = each
        for other in others:
            answers = {**dict(other.answers), **dict(first.answers)}
            details = {**dict(other.details), **dict(first.details)}
            first = replace(
                first, answers=tuple(answers.items()), details=tuple(details.items()), late=first.late or other.late
            )
        yield first


def of(history: History, check: str) -> History:
    """Return the part of a history that is about a check: its shard's, where a location has several.

    A check that was moved from one shard to another has days of both; of the check alone, and without those on which a
    shard did not ask it.
    """
    owners = [part for part in history.parts if any(check in day.checks for day in reversed(part.days))]
    if len(owners) < 2:
        return owners[0] if owners else History()
    by_start: dict[int, Day] = {}
    for day in (_only(day, check) for owner in owners for day in owner.days if check in day.checks):
        by_start[day.start] = joined(by_start[day.start], day) if day.start in by_start else day
    recent = sorted(chain.from_iterable(owner.recent.get(check, ()) for owner in owners), key=lambda sample: sample.at)
    details = [owner.details[check] for owner in owners if check in owner.details]
    return History(
        days=tuple(by_start[start] for start in sorted(by_start)),
        recent={check: recent} if recent else {},
        details={check: latest_details(details)} if details else {},
    )


def _only(day: Day, check: str) -> Day:
    told = {check: day.latencies[check]} if check in day.latencies else {}
    return replace(day, checks={check: day.checks[check]}, latencies=told)
