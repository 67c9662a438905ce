"""One round: is the prober online, what do all checks say, is it still online.

A round runs in copies of the process that are killed when its time is up, so it ends then, whatever a target does to a
probe; without a thread of its own this process can be copied again for the next one. What probes leave behind goes
with them: threads that hang in name resolution, sockets, memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from statusgen import workers
from statusgen.model import Check, Probing, Round, Sample, Verdict
from statusgen.probes import asking
from statusgen.probes.asking import Answer
from statusgen.probes.kind import World, host_and_port
from statusgen.probes.rehearsal import rehearse
from statusgen.probes.tcp import TcpCheck

LEAST_OF_A_COPY = 100  # checks: for fewer a further process does not pay
CONTROL_MS = 3_000
SLACK = 5.0  # seconds that a round may take beyond what its probes may
STARTING = 0.02  # seconds that beginning one more probe may take on a slow machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A round before it is recorded. ``crashed`` are checks whose probe itself failed: they have no sample."""

    round: Round
    crashed: tuple[str, ...] = ()

    @property
    def tells(self) -> bool:
        """Whether there is anything to record."""
        return bool(self.round.answers or self.round.prober_error or self.crashed)


def never() -> bool:
    """Tell that it is not over: what is asked of a round that nobody interrupts."""
    return False


def take(
    checks: Sequence[Check],
    probing: Probing,
    world: World,
    is_over: Callable[[], bool] = never,
) -> Taken:
    """Ask every check once, at ``world.at``. Where the prober was offline, the round is a gap.

    When it ``is_over`` before its end, the round has what was known by then.
    """
    if not is_online(probing, world, is_over):
        return Taken(round=Round(at=world.at, prober_error="" if is_over() else "offline"))
    asking.prepare(checks)
    found = dict(_asked(checks, probing, world, is_over))
    doubtful = {check.id for check in checks if _is_doubtful(check, found.get(check.id))}
    if is_over():  # there is no time to ask again
        found = {check: answer for check, answer in found.items() if check not in doubtful or not probing.controls}
    elif doubtful and not is_online(probing, world, is_over):
        return Taken(round=Round(at=world.at, prober_error="offline"))
    skipped = None if is_over() else Answer(Sample(world.at, None, None, "skipped"))
    told = {check.id: found.get(check.id, skipped) for check in checks}
    answers = {check: answer for check, answer in told.items() if answer is not None}
    crashed = tuple(check for check, answer in found.items() if answer is None)
    return Taken(round=asking.round_of(world.at, answers, probing.interval), crashed=crashed)


def is_online(probing: Probing, world: World, is_over: Callable[[], bool] = never) -> bool:
    """Tell whether enough of the controls take a connection before it ``is_over``; nobody doubts it without any."""
    controls = [
        Check(id=control, question=TcpCheck(host=host, port=port, timeout_ms=CONTROL_MS))
        for control in probing.controls
        for host, port in [host_and_port(control)]
    ]
    missing = probing.quorum if controls else 0
    patient = Probing(reprobe_ms=(1_000,))
    answers = _asked(controls, patient, world, is_over) if missing else iter(())
    while missing and (answer := next(answers, None)):
        missing -= answer[1] is not None and answer[1].sample.verdict is Verdict.UP
    return not missing


def _is_doubtful(check: Check, answer: Answer | None) -> bool:
    """Tell whether a check is as it would be too, if the prober had gone offline meanwhile."""
    as_offline = Verdict.UP if check.question.inverted else Verdict.DOWN
    return answer is not None and answer.sample.verdict is as_offline


def _asked(
    checks: Sequence[Check], probing: Probing, world: World, is_over: Callable[[], bool]
) -> Iterator[tuple[str, Answer | None]]:
    def ask(part: Sequence[Check]) -> Iterator[tuple[str, Answer | None]]:
        rehearse(part)
        return asking.ask_all(part, world.at, probing, world)

    if not workers.can_copy():
        return ask(checks)
    count = max(1, min(workers.processors(), len(checks) // LEAST_OF_A_COPY))
    parts = [checks[i::count] for i in range(count)]
    return workers.streamed(ask, parts, budget(checks, probing), is_over)


def budget(checks: Sequence[Check], probing: Probing) -> float:
    """Return the seconds that a round takes at most: those of its longest check, as often as it takes turns."""
    tries = 1 + len(probing.reprobe_ms)
    longest = max((check.question.timeout_ms or probing.timeout_ms for check in checks), default=0)
    turns = -(-len(checks) // asking.most_at_once())
    return turns * (tries * longest + sum(probing.reprobe_ms)) / 1_000 + STARTING * len(checks) + SLACK
