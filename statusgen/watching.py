"""Watching: rounds one after the other, in one run that hands over to the next.

Each round is on the disk before the next one begins. They go into the ledger together every few minutes, and at once
when a check says something else than before, so that the page learns of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from statusgen.archive import Outbox
from statusgen.errors import WorldError
from statusgen.model import Round, Verdict
from statusgen.prober import Prober, verdicts
from statusgen.probes.rounds import Taken

TRIES = 3  # to deliver what is left at the end, when nobody comes after
PAUSE = 1.0  # seconds between them
AGAIN = 60  # seconds until the next try while the remote cannot be reached


@dataclass(kw_only=True)
class Watch:
    """A run of rounds. Instants are epoch seconds, durations seconds.

    ``wait`` waits for so many seconds, or less if it is over; ``is_over`` tells whether somebody asked for an end.
    ``heard`` is told of every round, ``sent`` of rounds that came into the ledger: how many, and how many older ones.
    ``complain`` is told of what went wrong and did not end the watch.
    """

    prober: Prober
    outbox: Outbox
    clock: Callable[[], int]
    wait: Callable[[float], object]
    is_over: Callable[[], bool]
    lasting: int
    commit_every: int
    heard: Callable[[Taken], object]
    sent: Callable[[int, int], None]
    complain: Callable[[str], None]
    _said: dict[str, tuple[object, int]] = field(default_factory=dict)  # by check, and how many rounds in a row
    _due: int = 0  # when what waits is to be sent

    def run(self) -> None:
        """Probe until the time is over, and leave nothing behind that is not in the ledger.

        Raises WorldError if at last the remote could not be reached; the rounds then wait on the disk.
        """
        following = start = self.clock()
        while not self.is_over() and following < start + self.lasting:
            self._round(self.clock())
            following = self._next(following, now := self.clock())
            if following < start + self.lasting:
                self.wait(max(0, following - now))
                if problem := self.prober.reload():
                    self.complain(problem)
        self._finish()

    def _round(self, at: int) -> None:
        try:
            taken = self.prober.ask(at, self.is_over)
        except OSError as error:  # no process to be had, no descriptor: the next round may have them
            self.complain(f"no round could be taken: {error}")
            return
        if not taken.tells:
            return  # nothing was due, or it was over before anything was known
        self.outbox.put(taken.round)
        self.heard(taken)
        if self._is_news(taken.round) or not at < self._due <= at + self.commit_every:
            self._send(at)

    def _next(self, following: int, now: int) -> int:
        """Return when the next round begins: in step with the first one, and rounds that would be over are left out."""
        every = self.prober.interval
        missed = max(0, now - following) // every
        return min(following + (missed + 1) * every, now + every)

    def _is_news(self, round_: Round) -> bool:
        """Tell whether the page may change: by another verdict of a check, and by each that goes to confirm it.

        So it may when the prober was offline, and when it is back.
        """
        is_back = not round_.prober_error and self._said.pop("", None) is not None
        if round_.prober_error:  # it is a gap, after which confirming begins anew
            self._said = {check: said for check, said in self._said.items() if not check}
        news = [self._is_told_anew(check, verdict) for check, verdict in verdicts(round_).items()]
        return is_back or any(news)

    def _is_told_anew(self, check: str, verdict: object) -> bool:
        """Tell whether a verdict is new, or one of so many by which the numbers come to believe it (rule 2)."""
        probing = self.prober.site.probing
        needed = probing.recover if verdict is Verdict.UP else probing.confirm
        is_first = check not in self._said
        last, times = self._said.get(check, (verdict, 0))
        times = times + 1 if last == verdict else 1
        if is_first and verdict is Verdict.UP:
            times = needed  # the very first good sample needs no company
        self._said[check] = verdict, times
        return is_first or times <= (needed if check else 1)

    def _send(self, now: int) -> None:
        count = len(self.outbox.waiting)
        try:
            older = self.outbox.send()
        except WorldError as error:
            self._due = now + min(AGAIN, self.commit_every)
            self.complain(str(error))
            return
        self._due = now + self.commit_every
        self.sent(count, older)

    def _finish(self) -> None:
        """Send the rest. A Ctrl-C also ends the git that was at it, so it is tried again."""
        for left in reversed(range(TRIES)):
            if not self.outbox.waiting:
                return
            count = len(self.outbox.waiting)
            try:
                self.sent(count, self.outbox.send())
            except WorldError:
                if not left:
                    raise
                time.sleep(PAUSE)
