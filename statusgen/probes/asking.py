"""Asking: one check until it is up or every try is used, and all checks of a round at once.

A probe never raises for a failing target: what it could not get is a sample with a reason. A probe that crashes loses
its own sample and nobody else's. All of it runs in daemon threads, so that the process ends when it has what it came
for, whatever a target does.
"""

from __future__ import annotations

import contextlib
import importlib
import itertools
import queue
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from statusgen import periods
from statusgen.model import Check, Details, Limits, Observation, Probing, Question, Round, Sample, Verdict
from statusgen.probes import KINDS
from statusgen.probes.dial import Deadline, Unanswered, Unknown
from statusgen.probes.kind import Kind, World

_KIND_OF: dict[type[Question], Kind[Any]] = {kind.question: kind for kind in KINDS}
MAX_AT_ONCE = 1_000
BUSY = 0.8
MOST_DETAILED = 100


class Answer(NamedTuple):
    """A sample and how it came about, as far as the try that it is of came."""

    sample: Sample
    details: Details | None = None


def prepare(checks: Iterable[Check]) -> None:
    """Do what would otherwise fall into the time that the first probes measure."""
    by_kind: dict[type[Question], list[Question]] = {}
    for check in checks:
        by_kind.setdefault(type(check.question), []).append(check.question)
    for kind, asked in by_kind.items():
        _KIND_OF[kind].prepare(asked)


def ask(check: Check, at: int, probing: Probing, world: World, turnstile: Turnstile | None = None) -> Answer:
    """Ask until it is up or every re-probe is used; return the best answer, dated ``at``.

    Latency and details are those of the try it came from; a failing one's say how long it took to answer wrongly. What
    cannot be told is not asked again, and does not make good what failed before.
    """
    best = _ask_once(check, at, probing, world)
    for delay_ms in probing.reprobe_ms:
        if best.sample.verdict in (Verdict.UP, None):
            break
        time.sleep(delay_ms / 1_000)
        if turnstile:
            turnstile.pass_through()
        again = _ask_once(check, at, probing, world)
        best = again if _gravity(again.sample) < _gravity(best.sample) else best
    return best


def _gravity(sample: Sample) -> int:
    return sample.verdict.value if sample.verdict else len(Verdict)


def _ask_once(check: Check, at: int, probing: Probing, world: World) -> Answer:
    question = check.question
    deadline = Deadline(question.timeout_ms or probing.timeout_ms)
    try:
        with deadline.enforced():
            seen = _KIND_OF[type(question)].probe(question, deadline, world)
            deadline.left()
        sample = judge(check, seen, deadline.details(), at)
    except Unanswered as failure:
        sample = Sample(at, Verdict.DOWN, None, failure.reason)
    except Unknown as doubt:
        return Answer(Sample(at, None, None, doubt.reason))
    return Answer(_inverted(sample) if question.inverted else sample, deadline.details())


def judge(check: Check, seen: Observation, details: Details | None, at: int) -> Sample:
    """Turn what a probe saw into a sample; the kind's own judgement first, then the limits."""
    question = check.question
    verdict, reason = _KIND_OF[type(question)].judge(question, seen, at)
    if verdict in (Verdict.UP, Verdict.DEGRADED) and _is_above(question.down_above, seen, details):
        return Sample(at, Verdict.DOWN, seen.latency, "slow")
    if verdict is Verdict.UP and _is_above(question.degraded_above, seen, details):
        return Sample(at, Verdict.DEGRADED, seen.latency, "slow")
    return Sample(at, verdict, None if verdict is None else seen.latency, reason)


def _is_above(limits: Limits, seen: Observation, details: Details | None) -> bool:
    took = ((seen.latency if phase == "total" else getattr(details, phase, None), most) for phase, most in limits)
    return any(ms is not None and ms > most for ms, most in took)


def _inverted(sample: Sample) -> Sample:
    if sample.verdict is Verdict.DOWN:
        return Sample(sample.at, Verdict.UP, sample.latency)
    return sample if sample.verdict is None else Sample(sample.at, Verdict.DOWN, sample.latency, "inverted")


def round_of(at: int, answers: Mapping[str, Answer], interval: int) -> Round:
    """Return the round as it is recorded, with the details of what is not up, and once an hour with all.

    Which round that is needs no memory: it is the one that began no longer than an interval (seconds) after the hour.
    Of a crowd that fails, the first tell how: in every round of a long outage they would be most of the ledger.
    """
    hourly = at // periods.HOUR != (at - interval) // periods.HOUR
    told = [(check, details) for check, (_, details) in answers.items() if details]
    failed = [(check, details) for check, details in told if answers[check].sample.verdict is not Verdict.UP]
    return Round(
        at=at,
        answers=tuple((check, sample) for check, (sample, _) in answers.items()),
        details=tuple(told if hourly else failed[:MOST_DETAILED]),
    )


def ask_all(checks: Sequence[Check], at: int, probing: Probing, world: World) -> Iterator[tuple[str, Answer | None]]:
    """Ask every check at once; yield the answers by check id as they come. That of a crashed probe is None.

    Each is asked in a thread of its own, as far as there may be so many, and each try begins at a turnstile.
    """
    prepare(checks)
    turnstile = Turnstile()
    waiting: queue.SimpleQueue[Check] = queue.SimpleQueue()
    answers: queue.SimpleQueue[tuple[str, Answer | None]] = queue.SimpleQueue()
    for check in checks:
        waiting.put(check)

    def work() -> None:
        with contextlib.suppress(queue.Empty):
            for number in itertools.count():
                check = waiting.get_nowait()
                if number:
                    turnstile.pass_through()
                answers.put((check.id, _ask_safely(check, at, probing, world, turnstile)))

    for number in range(min(most_at_once(), len(checks))):
        turnstile.pass_through()
        try:
            threading.Thread(target=work, daemon=True, name=f"probe {number}").start()
        except RuntimeError:  # there may be no more threads: those there are ask the rest
            if number == 0:
                raise
            break
    for _ in checks:
        yield answers.get()


def most_at_once() -> int:
    """Return how many threads there may be, as each has files open: its socket, a copy to shut it, an address asked."""
    resource = importlib.import_module("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            soft = hard
    return MAX_AT_ONCE if soft == resource.RLIM_INFINITY else max(1, min(MAX_AT_ONCE, (soft - 100) // 4))


class Turnstile:
    """Lets tries begin one by one, no faster than the processor can follow.

    A thread that has its answer and waits for the processor measures the prober instead of the target. So a try
    begins only while this process has used less than ``BUSY`` of a processor since the one before.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._then, self._used = time.monotonic(), time.process_time()
        self._ahead = 0.0  # seconds of waiting that the processor time used is worth

    def pass_through(self) -> None:
        """Wait for one's turn."""
        with self._lock:
            while (ahead := self._told()) > 0:
                time.sleep(ahead)

    def _told(self) -> float:
        now, used = time.monotonic(), time.process_time()
        self._ahead = max(0.0, self._ahead + (used - self._used) / BUSY - (now - self._then))
        self._then, self._used = now, used
        return self._ahead


def _ask_safely(check: Check, at: int, probing: Probing, world: World, turnstile: Turnstile) -> Answer | None:
    answer = attempt(check, at, probing, world, turnstile)
    if isinstance(answer, Exception):
        sys.stderr.write(f"probe of '{check.id}' crashed: {type(answer).__name__}; no sample was taken\n")
        return None
    return answer


def attempt(
    check: Check, at: int, probing: Probing, world: World, turnstile: Turnstile | None = None
) -> Answer | Exception:
    """Ask, and return what was raised if there is a bug in the probe: it must not lose the others' samples."""
    try:
        return ask(check, at, probing, world, turnstile)
    except Exception as error:  # noqa: BLE001  the one place
        return error
