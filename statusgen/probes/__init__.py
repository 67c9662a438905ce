"""Every kind of check, and asking them.

A probe never raises for a failing target: what it could not get is an observation with a reason. A probe that
crashes loses its own sample and nobody else's. All of it runs in daemon threads, so that the process ends when
it has what it came for, whatever a target does.
"""

from __future__ import annotations

import queue
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from statusgen import periods
from statusgen.model import Check, Details, Observation, Probing, Round, Sample, Verdict
from statusgen.probes import dns, http, tcp, tls
from statusgen.probes.dial import Deadline, Unanswered
from statusgen.probes.kind import Kind, World

KINDS: tuple[Kind[Any], ...] = (http.KIND, tcp.KIND, dns.KIND, tls.KIND)  # the only registry
_KIND_OF = {kind.question: kind for kind in KINDS}
MAX_AT_ONCE = 64


class Answer(NamedTuple):
    """A sample and how it came about, as far as the try that it is of came."""

    sample: Sample
    details: Details | None = None


def ask(check: Check, at: int, probing: Probing, world: World) -> Answer:
    """Ask until it is up or every re-probe is used; return the best answer, dated ``at``.

    Latency and details are those of the try it came from; a failing one's say how long it took to answer wrongly.
    """
    best = _ask_once(check, at, probing, world)
    for delay_ms in probing.reprobe_ms:
        if best.sample.verdict is Verdict.UP:
            break
        time.sleep(delay_ms / 1_000)
        again = _ask_once(check, at, probing, world)
        best = again if _gravity(again.sample) < _gravity(best.sample) else best
    return best


def _gravity(sample: Sample) -> int:
    return sample.verdict.value if sample.verdict else 0


def _ask_once(check: Check, at: int, probing: Probing, world: World) -> Answer:
    kind = _KIND_OF[type(check.question)]
    deadline = Deadline(check.question.timeout_ms or probing.timeout_ms)
    try:
        with deadline.enforced():
            seen = kind.probe(check.question, deadline, world)
            deadline.left()
    except Unanswered as failure:
        return Answer(Sample(at, Verdict.DOWN, None, failure.reason), deadline.details())
    return Answer(judge(check, seen, at), deadline.details())


def judge(check: Check, seen: Observation, at: int) -> Sample:
    """Turn what a probe saw into a sample; the kind's own judgement first, then the latency threshold."""
    verdict, reason = _KIND_OF[type(check.question)].judge(check.question, seen, at)
    threshold = check.question.degraded_above_ms
    if verdict is Verdict.UP and threshold is not None and (seen.latency or 0) > threshold:
        return Sample(at, Verdict.DEGRADED, seen.latency, "slow")
    return Sample(at, verdict, seen.latency, reason)


def round_of(at: int, answers: Mapping[str, Answer], interval: int) -> Round:
    """Return the round as it is recorded, with the details of what is not up, and once an hour with all.

    Which round that is needs no memory: it is the one that began no longer than an interval (seconds) after the hour.
    """
    hourly = at // periods.HOUR != (at - interval) // periods.HOUR
    return Round(
        at=at,
        answers=tuple((check, sample) for check, (sample, _) in answers.items()),
        details=tuple(
            (check, details)
            for check, (sample, details) in answers.items()
            if details and (hourly or sample.verdict is not Verdict.UP)
        ),
    )


def ask_all(checks: Iterable[Check], at: int, probing: Probing, world: World) -> dict[str, Answer]:
    """Ask every check at once; return answers by check id, in the order given. A crashed probe's is missing."""
    checks = tuple(checks)
    for question in {type(check.question) for check in checks}:
        _KIND_OF[question].prepare()
    waiting: queue.SimpleQueue[Check] = queue.SimpleQueue()
    answers: queue.SimpleQueue[tuple[str, Answer | None]] = queue.SimpleQueue()
    for check in checks:
        waiting.put(check)

    def work() -> None:
        while True:
            try:
                check = waiting.get_nowait()
            except queue.Empty:
                return
            answers.put((check.id, _ask_safely(check, at, probing, world)))

    for number in range(min(MAX_AT_ONCE, len(checks))):
        threading.Thread(target=work, daemon=True, name=f"probe {number}").start()
    found = dict(answers.get() for _ in checks)
    return {check.id: answer for check in checks if (answer := found[check.id]) is not None}


def _ask_safely(check: Check, at: int, probing: Probing, world: World) -> Answer | None:
    try:
        return ask(check, at, probing, world)
    except Exception as error:  # noqa: BLE001  the one place: a bug in one probe must not lose the others' samples
        sys.stderr.write(f"probe of '{check.id}' crashed: {type(error).__name__}; no sample was taken\n")
        return None
