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
from collections.abc import Iterable
from typing import Any

from statusgen.model import Check, Observation, Probing, Sample, Verdict
from statusgen.probes import dns, http, tcp, tls
from statusgen.probes.dial import Deadline, Unanswered
from statusgen.probes.kind import Kind, World

KINDS: tuple[Kind[Any], ...] = (http.KIND, tcp.KIND, dns.KIND, tls.KIND)  # the only registry
_KIND_OF = {kind.question: kind for kind in KINDS}
MAX_AT_ONCE = 64


def ask(check: Check, at: int, probing: Probing, world: World) -> Sample:
    """Ask until it is up or every re-probe is used; return the best answer, dated ``at``.

    The latency is that of the try it came from; a failing one's says how long it took to answer wrongly.
    """
    best = _ask_once(check, at, probing, world)
    for delay_ms in probing.reprobe_ms:
        if best.verdict is Verdict.UP:
            break
        time.sleep(delay_ms / 1_000)
        again = _ask_once(check, at, probing, world)
        best = again if _gravity(again) < _gravity(best) else best
    return best


def _gravity(sample: Sample) -> int:
    return sample.verdict.value if sample.verdict else 0


def _ask_once(check: Check, at: int, probing: Probing, world: World) -> Sample:
    kind = _KIND_OF[type(check.question)]
    deadline = Deadline(check.question.timeout_ms or probing.timeout_ms)
    try:
        with deadline.enforced():
            seen = kind.probe(check.question, deadline, world)
            deadline.left()
    except Unanswered as failure:
        return Sample(at, Verdict.DOWN, None, failure.reason)
    return judge(check, seen, at)


def judge(check: Check, seen: Observation, at: int) -> Sample:
    """Turn what a probe saw into a sample; the kind's own judgement first, then the latency threshold."""
    verdict, reason = _KIND_OF[type(check.question)].judge(check.question, seen, at)
    threshold = check.question.degraded_above_ms
    if verdict is Verdict.UP and threshold is not None and (seen.latency or 0) > threshold:
        return Sample(at, Verdict.DEGRADED, seen.latency, "slow")
    return Sample(at, verdict, seen.latency, reason)


def ask_all(checks: Iterable[Check], at: int, probing: Probing, world: World) -> dict[str, Sample]:
    """Ask every check at once; return samples by check id, in the order given. A crashed probe's is missing."""
    checks = tuple(checks)
    for question in {type(check.question) for check in checks}:
        _KIND_OF[question].prepare()
    waiting: queue.SimpleQueue[Check] = queue.SimpleQueue()
    answers: queue.SimpleQueue[tuple[str, Sample | None]] = queue.SimpleQueue()
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
    return {check.id: sample for check in checks if (sample := found[check.id]) is not None}


def _ask_safely(check: Check, at: int, probing: Probing, world: World) -> Sample | None:
    try:
        return ask(check, at, probing, world)
    except Exception as error:  # noqa: BLE001  the one place: a bug in one probe must not lose the others' samples
        sys.stderr.write(f"probe of '{check.id}' crashed: {type(error).__name__}; no sample was taken\n")
        return None
