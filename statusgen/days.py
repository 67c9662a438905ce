"""Adding up: from rounds to days, and from several accounts of a day to one.

A day that was summed keeps every verdict and the instant of every round, so whatever is made of rounds can be made of
days, to the second. Only single latencies become histograms. Pure arithmetic; ``rollup`` writes days down.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, groupby, repeat

from statusgen import histogram, periods
from statusgen.model import GOOD, Day, Details, History, Round, Runs, Sample, Stretch, Verdict, verdict_word


def _summed(start: int, rounds: Sequence[Round]) -> Day:
    told: dict[str, list[tuple[int, Sample]]] = {}
    for i, round_ in enumerate(rounds):
        for check, sample in round_.answers:
            told.setdefault(check, []).append((i, sample))
    return Day(
        start=start,
        rounds=tuple(round_.at for round_ in rounds),
        checks={check: tuple(_in_a_row(each, len(rounds))) for check, each in told.items()},
        errors=_grouped([round_.prober_error for round_ in rounds]),
        late=_grouped([round_.late for round_ in rounds]),
        latencies={check: text for check, each in told.items() if (text := _latencies(each))},
    )


def _in_a_row(told: Iterable[tuple[int, Sample]], count: int) -> Iterator[Stretch]:
    """Yield a check's answers, given by the index of their round, as stretches over ``count`` rounds."""
    following = 0
    likes = groupby(enumerate(told), lambda each: (each[1][1][1], each[1][1][3], each[1][0] - each[0]))
    for (verdict, reason, _), each in likes:
        indices = [index for _, (index, _) in each]
        if indices[0] > following:
            yield Stretch(indices[0] - following, None)
        yield Stretch(len(indices), verdict, reason)
        following = indices[-1] + 1
    if count > following:
        yield Stretch(count - following, None)


def since(days: Sequence[Day], start: int) -> Sequence[Day]:
    """Return the days from ``start`` on."""
    return days[bisect_left(days, start, key=lambda day: day.start) :]


def answers(day: Day, check: str) -> dict[int, Sample]:
    """Return a check's samples by the instant of the round; latencies are not known any more."""
    found: dict[int, Sample] = {}
    index = 0
    for count, verdict, reason in day.checks.get(check, ()):
        if verdict is not None or reason:
            found |= {at: Sample(at, verdict, None, reason) for at in day.rounds[index : index + count]}
        index += count
    return found


def samples(days: Iterable[Day]) -> int:
    """Return how many samples there are of all checks."""
    told = chain.from_iterable(chain.from_iterable(day.checks.values()) for day in days)
    return sum(rounds for rounds, verdict, reason in told if verdict is not None or reason)


def looks(day: Day) -> Iterator[tuple[int, bool]]:
    """Yield the instant of each round and whether the prober itself was well in it."""
    return ((at, not error) for at, error in _by_round(day, day.errors))


def checked(days: Sequence[Day]) -> int | None:
    """Return when the last round was in which the prober itself was well; None without any."""
    instants = (at for day in reversed(days) for at, is_well in reversed(list(looks(day))) if is_well)
    return next(instants, None)


def failed_since(days: Sequence[Day], instant: int) -> bool:
    """Tell whether the prober itself failed in a round after an instant."""
    recent = since(days, periods.day_of(instant))
    return any(error and at > instant for day in recent for at, error in _by_round(day, day.errors))


def sample_until(days: Sequence[Day]) -> int | None:
    """Return the last instant that is made up, as in a demonstration; None where nothing is."""
    late = (each for day in reversed(days) if day.late for each in reversed(list(_by_round(day, day.late))))
    return next((at for at, word in late if word == "sample"), None)


def first_failure(days: Sequence[Day], check: str, start: int, end: int) -> tuple[int, str] | None:
    """Return instant and reason of the first sample in ``[start, end)`` that says down; None if none does."""
    for day in since(days, periods.day_of(start)):
        if day.start >= end:
            break
        after, before = bisect_left(day.rounds, start), bisect_left(day.rounds, end)
        index = 0
        for count, verdict, reason in day.checks.get(check, ()):
            first, index = max(index, after), index + count
            if verdict is Verdict.DOWN and first < min(index, before):
                return day.rounds[first], reason
    return None


def latest(history: History, check: str) -> Sample | None:
    """Return a check's latest sample, with its latency where its round is still there one by one."""
    for day in reversed(history.days):
        index = len(day.rounds)
        for count, verdict, reason in reversed(day.checks.get(check, ())):
            if verdict is None and not reason:
                index -= count
                continue
            last = Sample(day.rounds[index - 1], verdict, None, reason)
            samples = reversed(history.recent.get(check, ()))
            return next((sample for sample in samples if sample._replace(latency=None) == last), last)
    return None


def answered_before(days: Sequence[Day], check: str, instant: int) -> int | None:
    """Return the instant of a check's last answer before another instant; None if there is none."""
    for i in range(bisect_left(days, instant, key=lambda day: day.start) - 1, -1, -1):
        day, index, last = days[i], 0, -1
        before = bisect_left(day.rounds, instant)
        for count, verdict, _ in day.checks.get(check, ()):
            if verdict is not None and index < before:
                last = min(index + count, before) - 1
            index += count
        if last >= 0:
            return day.rounds[last]
    return None


def latest_failure(days: Sequence[Day], check: str, start: int) -> tuple[int, str] | None:
    """Return instant and reason of the last sample from ``start`` on that says down or degraded; None if none does."""
    for day in reversed(since(days, periods.day_of(start))):
        index = len(day.rounds)
        for count, verdict, reason in reversed(day.checks.get(check, ())):
            if verdict is not None and verdict is not Verdict.UP:
                at = day.rounds[index - 1]
                return (at, reason) if at >= start else None
            index -= count
    return None


def _latencies(told: Iterable[tuple[int, Sample]]) -> str:
    """Return the histogram of good answers: a wrong answer that came fast is no speed."""
    counts: dict[int, int] = {}
    for _, (_, verdict, latency, _) in told:
        if latency is not None and latency <= histogram.MOST and verdict in GOOD:
            bucket = histogram.bucket_of(latency)
            counts[bucket] = counts.get(bucket, 0) + 1
    return histogram.encode(counts)


def _grouped(words: Sequence[str]) -> Runs:
    """Return the words as runs, none at all where none says anything."""
    return tuple((len(list(each)), word) for word, each in groupby(words)) if any(words) else ()


def joined(first: Day, second: Day) -> Day:
    """Return what two accounts of one day say together (shards, a clone's own branch and the remote's, late rounds).

    Of two answers by one check in one round the first day's stands. A round is an error where nothing else is said
    of it. Where both tell of some of a check's answers, the histogram of the one that tells of more stands: adding
    them would count answers twice.
    """
    if first == second:
        return first
    rounds = tuple(sorted({*first.rounds, *second.rounds}))
    index = {at: i for i, at in enumerate(rounds)}
    checks: dict[str, tuple[Stretch, ...]] = {}
    latencies: dict[str, str] = {}
    known: dict[tuple[object, object], tuple[tuple[Stretch, ...], bool, bool]] = {}  # most checks say the same
    for check in {**first.checks, **second.checks}:
        said = first.checks.get(check), second.checks.get(check)
        if said not in known:
            ours, theirs = answers(first, check), answers(second, check)
            found = sorted((theirs | ours).items())
            stretches = tuple(_in_a_row(((index[at], sample) for at, sample in found), len(rounds)))
            known[said] = stretches, ours.keys().isdisjoint(theirs), len(theirs) > len(ours)
        checks[check], is_apart, is_theirs = known[said]
        of_check = first.latencies.get(check, ""), second.latencies.get(check, "")
        if is_apart:
            latencies[check] = histogram.encode(histogram.merged(map(histogram.read, of_check)))
        else:
            latencies[check] = of_check[is_theirs]
    errors, late = dict(_by_round(second, second.errors)), dict(_by_round(second, second.late))
    for at, error in _by_round(first, first.errors):
        errors[at] = error if errors.get(at, error) else ""
    late |= {at: word for at, word in _by_round(first, first.late) if word or at not in late}
    return Day(
        start=first.start,
        rounds=rounds,
        checks=checks,
        errors=_grouped([errors[at] for at in rounds]),
        late=_grouped([late[at] for at in rounds]),
        latencies={check: text for check, text in latencies.items() if text},
    )


def _by_round(day: Day, runs: Runs) -> Iterator[tuple[int, str]]:
    """Yield each round's instant and word, "" where no round has one."""
    return zip(day.rounds, chain(_words(runs), repeat("")), strict=False)


def _words(runs: Runs) -> Iterator[str]:
    return chain.from_iterable(repeat(word, count) for count, word in runs)


def history(
    rolled: Iterable[Day], rounds: Sequence[Round], until: int, complete: Collection[int] = frozenset()
) -> History:
    """Put together what one location saw before ``until``, from summed days and rounds in time order.

    A round that a summed day tells of already counts once. ``complete`` are the starts of days of which the summed
    one is known to tell all, which saves looking.
    """
    rounds = rounds[: bisect_left(rounds, until, key=lambda round_: round_.at)]
    by_start: dict[int, Day] = {}
    for day in rolled:
        by_start[day.start] = joined(by_start[day.start], day) if day.start in by_start else day
    whole = by_start
    by_start = {start: cut for start, day in whole.items() if (cut := _cut(day, until)).rounds}
    for start, each in groupby(rounds, lambda round_: periods.day_of(round_.at)):
        is_cut = start in by_start and by_start[start] is not whole[start]
        if start in complete and start in by_start and not is_cut:
            continue
        there = list(each)
        day = with_rounds(by_start.get(start, empty(start)), there)
        by_start[start] = replace(day, latencies=_summed(start, there).latencies) if is_cut else day
    newest = periods.day_of(until - 1) - periods.DAY
    recent = rounds[bisect_left(rounds, newest, key=lambda round_: round_.at) :]
    return History(
        days=tuple(by_start[start] for start in sorted(by_start)),
        recent=_by_check(recent),
        details=_details_by_check(recent),
    )


def _details_by_check(rounds: Iterable[Round]) -> dict[str, tuple[int, Details]]:
    found: dict[str, list[tuple[int, Details]]] = {}
    for round_ in rounds:
        for check, details in round_.details:
            found.setdefault(check, []).append((round_.at, details))
    return {check: latest_details(each) for check, each in found.items()}


def latest_details(found: Collection[tuple[int, Details]]) -> tuple[int, Details]:
    """Return the latest of a check's details, by the instants of their rounds, with the certificate's end known last.

    An answer that fails before the handshake knows of no certificate; that does not take away the one that is there.
    """
    at, latest = max(found, key=lambda each: each[0])
    ends = [(each[0], end) for each in found if (end := each[1].certificate_end) is not None]
    if latest.certificate_end is not None or not ends:
        return at, latest
    return at, replace(latest, certificate_end=max(ends, key=lambda each: each[0])[1])


def _by_check(rounds: Iterable[Round]) -> dict[str, list[Sample]]:
    """Return each check's samples in time order."""
    found: dict[str, list[Sample]] = {}
    for round_ in rounds:
        for check, sample in round_.answers:
            found.setdefault(check, []).append(sample)
    return found


def empty(start: int) -> Day:
    """Return a day of which nothing is known."""
    return Day(start=start, rounds=(), checks={})


def with_rounds(day: Day, rounds: Sequence[Round]) -> Day:
    """Return a summed day with those of its rounds that it does not tell of yet."""
    if not day.rounds:
        return _summed(day.start, rounds)
    errors = dict(_by_round(day, day.errors))
    asked = {check: answers(day, check).keys() for check in {check for round_ in rounds for check, _ in round_.answers}}
    new = []
    for round_ in rounds:
        unheard = tuple(each for each in round_.answers if round_.at not in asked.get(each[0], ()))
        if unheard or round_.at not in errors or (errors[round_.at] and not round_.prober_error):
            new.append(replace(round_, answers=unheard))
    if not new:
        return day
    return joined(day, _summed(day.start, new))


def _cut(day: Day, until: int) -> Day:
    """Return what was known of a day before ``until``; its latencies, which cannot be taken apart, are left out."""
    count = bisect_left(day.rounds, until)
    if count == len(day.rounds):
        return day
    return Day(
        start=day.start,
        rounds=day.rounds[:count],
        checks={check: tuple(_first(stretches, count)) for check, stretches in day.checks.items()},
        errors=tuple((n, word) for n, _, word in _first([Stretch(n, None, word) for n, word in day.errors], count)),
        late=tuple((n, word) for n, _, word in _first([Stretch(n, None, word) for n, word in day.late], count)),
    )


def _first(stretches: Iterable[Stretch], count: int) -> Iterator[Stretch]:
    """Yield the stretches of the first ``count`` rounds."""
    for stretch in stretches:
        if count <= 0:
            return
        yield stretch._replace(rounds=min(stretch.rounds, count))
        count -= stretch.rounds


def differences(told: Day, raw: Day) -> Iterator[str]:
    """Yield in what a summed day is not what its samples add up to.

    It may leave out that a round was late: what a clone summed up before it delivered the rounds does.
    """
    for at in sorted({*told.rounds} ^ {*raw.rounds}):
        said = "leaves out the round of" if at in raw.rounds else "has no raw sample in this history of its round of"
        yield f"{said} {periods.iso(at)}"
    for check in sorted({*told.checks, *raw.checks}):
        ours, theirs = answers(told, check), answers(raw, check)
        for at in sorted(at for at in {**ours, **theirs} if ours.get(at) != theirs.get(at)):
            yield f"says {check!a} was {_word(ours.get(at))} at {periods.iso(at)}, the sample {_word(theirs.get(at))}"
        if not _has_latencies(told, raw, check):
            yield f"has other latencies of {check!a} than its samples"
    if told.errors != raw.errors:
        yield "has other errors of the prober than its samples"
    if {word for _, word in told.late} - {word for _, word in raw.late} - {""}:
        yield "says of other rounds that they were late than its samples"


def _word(sample: Sample | None) -> str:
    return f"{verdict_word(sample.verdict)} {sample.reason}".strip() if sample else "not asked"


def _has_latencies(told: Day, raw: Day, check: str) -> bool:
    """Tell whether a check's latencies are those of the samples.

    Two clones may have summed up a day in which rounds were queued; joined, they tell of some latencies only.
    """
    said, is_so = told.latencies.get(check, ""), raw.latencies.get(check, "")
    if said == is_so or not said or not any(word == "queued" for _, word in raw.late):
        return said == is_so
    counts = histogram.read(is_so)
    return all(count <= counts.get(bucket, 0) for bucket, count in histogram.read(said).items())
