"""The prober of one place: which checks are its own, which of them are due, and asking them, round after round.

It reads ``components.yaml`` again before each round, so one that runs for weeks follows the site. What cannot be read
leaves it with what it had.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from statusgen import config, files, periods, secret
from statusgen.errors import StatusgenError
from statusgen.model import Check, Round, Sample, Site
from statusgen.probes import rounds
from statusgen.probes.kind import World
from statusgen.probes.rounds import Taken
from statusgen.secret import NO_SECRETS, Gate

AGAIN = periods.HOUR  # until a check that could not be told is asked again, if its own interval is longer


@dataclass(frozen=True, slots=True)
class Shard:
    """One of several runners at a location, each of which asks its own share of the checks; counted from 1."""

    number: int = 1
    count: int = 1

    def has(self, check: str) -> bool:
        """Tell whether a check is one of its own, which hangs on the check's id alone."""
        return zlib.crc32(check.encode()) % self.count == self.number - 1

    @property
    def name(self) -> str:
        """The end of its branch's name; empty for the only one."""
        return f"{self.number}-of-{self.count}" if self.count > 1 else ""


WHOLE = Shard()


@dataclass(kw_only=True)
class Prober:
    """Asks a site's checks from one place. ``said`` is each check's last sample, as far as anybody knows.

    ``every`` is how many seconds there are between rounds, if not the site's interval. The ``gate`` learns of the
    secrets that the site comes to have.
    """

    folder: Path
    environment: Mapping[str, str]
    shard: Shard = WHOLE
    may_execute: bool = False
    logs: Path | None = None
    every: int = 0
    gate: Gate = NO_SECRETS
    said: dict[str, Sample] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._text = files.read_text(self.folder, config.PATH)
        self.site = self._usable(self._text)

    @property
    def interval(self) -> int:
        """Seconds between rounds."""
        return self.every or self.site.probing.interval

    @property
    def checks(self) -> list[Check]:
        """The checks that are this prober's own."""
        return [check for check in self.site.checks if self.shard.has(check.id)]

    def ask(self, at: int, is_over: Callable[[], bool] = rounds.never) -> Taken:
        """Ask the checks that are due, dated ``at``; what could not be known before it ``is_over`` is left out."""
        due = [check for check in self.checks if self._is_due(check, at)]
        world = World(self.environment, self.folder, at, self.may_execute, self.logs)
        taken = rounds.take(due, replace(self.site.probing, interval=self.interval), world, is_over)
        self.said |= dict(taken.round.answers)
        if taken.round.prober_error:
            self.said.clear()  # from here on nothing is known of any check, so none waits for its own interval
        return taken

    def reload(self) -> str:
        """Read ``components.yaml`` again if it has changed; return why the old one stays, if it does."""
        try:
            text = files.read_text(self.folder, config.PATH)
            if text != self._text:
                self.site, self._text = self._usable(text), text
        except StatusgenError as error:
            return f"components.yaml was not read again: {error}"
        return ""

    def _is_due(self, check: Check, at: int) -> bool:
        """Tell whether to ask a check: one with an interval of its own when that has passed, within half a round.

        What could not be told the last time is asked again sooner.
        """
        last = self.said.get(check.id)
        if not check.interval or last is None or at < last.at:
            return True
        pause = check.interval if last.verdict is not None else min(check.interval, AGAIN)
        return at >= last.at + pause - self.interval // 2

    def _usable(self, text: str) -> Site:
        self.gate.heed(text)
        site = config.read(text)
        if not site.checks:
            raise StatusgenError("components.yaml has no check: add 'check: https://…' to a component")
        for problem in _unset(site, self.environment):
            raise StatusgenError(problem)
        return site


def _unset(site: Site, environment: Mapping[str, str]) -> Iterator[str]:
    for name in config.secrets(site):
        if name not in environment:
            yield f"environment variable '{name}' is not set, and a check in components.yaml needs it"
        elif not secret.is_sendable(environment[name]):
            yield f"environment variable '{name}' holds a line break or a control character: remove it"


def verdicts(round_: Round) -> dict[str, object]:
    """Return what each check says, by its id; of a prober's error, that alone."""
    if round_.prober_error:
        return {"": round_.prober_error}
    return {check: sample.verdict for check, sample in round_.answers}
