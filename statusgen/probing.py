"""The pipeline probe → ledger: what ``statusgen probe`` and ``beat`` do, and what a probe says.

Each function is what one command does, with the clock and every choice as an argument.
"""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event

from statusgen import archive, beats, branches, config, days, files, git, ledger, names, printing, programs, shards
from statusgen.archive import Outbox
from statusgen.beats import Beat
from statusgen.branches import Destination
from statusgen.errors import StatusgenError, UsageError, WorldError
from statusgen.model import History
from statusgen.prober import WHOLE, Prober, Shard
from statusgen.probes.rounds import Taken
from statusgen.secret import NO_SECRETS, Gate
from statusgen.watching import Watch

THEN_SECONDS = 60  # that a program may take between two rounds


def prober(
    folder: Path,
    environment: Mapping[str, str],
    *,
    shard: Shard = WHOLE,
    may_execute: bool = False,
    every: int = 0,
    gate: Gate = NO_SECRETS,
) -> Prober:
    """Return the prober of a site. What programs print that it starts goes into files beside the repository's own."""
    asker = Prober(folder=folder, environment=environment, shard=shard, may_execute=may_execute, every=every, gate=gate)
    if may_execute and asker.site.branch and (repository := git.open_repository(folder)):
        asker.logs = git.private_folder(repository) / "logs"
    return asker


def remember(asker: Prober, to: Destination, now: int, *, fetch: bool) -> None:
    """Tell a prober from the ledger what its checks said last, where some have an interval of their own.

    Without the remote's branch it asks them all: once too often is no harm. So it does with a check of which nothing is
    known any more, since the prober has failed meanwhile.
    """
    if not any(check.interval for check in asker.checks):
        return
    repository = git.open_repository(asker.folder) if asker.site.branch else None
    if repository and fetch and git.remote_of(repository):
        with contextlib.suppress(WorldError):
            branches.fetch(repository, asker.site.branch)
    history = archive.read(asker.folder, asker.site, now).seen.get(to.location)
    for check in asker.checks:
        of_check = shards.of(history, check.id) if history else History()
        last = days.latest(of_check, check.id)
        if last and not days.failed_since(of_check.days, last.at):
            asker.said[check.id] = last


def beat(
    folder: Path, name: str, sign: Beat, *, push: bool, jitter: Callable[[], float], gate: Gate = NO_SECRETS
) -> bool:
    """Give a sign of life on a branch of the repository; tell whether that was on the remote."""
    try:
        names.slug(name)
    except ValueError as error:
        raise UsageError(f"NAME {error}") from None
    repository = git.open_repository(folder)
    if repository is None:
        raise StatusgenError(f"{folder} is not in a git repository: name a clone of the status page's with --site DIR")
    return beats.send(replace(repository, gate=gate), name, sign, push=push, jitter=jitter)


def destination(folder: Path, location: str, shard: Shard = WHOLE) -> Destination:
    """Return where rounds from a location go; refuse what cannot work."""
    try:
        names.slug(location)
    except ValueError as error:
        raise UsageError(f"--location {error}") from None
    site = config.read(files.read_text(folder, config.PATH))
    if site.branch:
        archive.repository_of(folder)
    return Destination(prefix=site.branch, location=location, site=site.id, keep=site.retention, shard=shard.name)


def outbox(
    folder: Path, to: Destination, *, push: bool, jitter: Callable[[], float], gate: Gate = NO_SECRETS
) -> Outbox:
    """Return the way of rounds into the ledger."""
    return Outbox(folder=folder, to=to, push=push, jitter=jitter, gate=gate)


def run_after(command: str, folder: Path, environment: Mapping[str, str]) -> str:
    """Run a program whose output is nobody's, and return what went wrong; empty when nothing did."""
    try:
        with programs.started(shlex.split(command), folder, environment, stderr=programs.MERGED) as program:
            said, _ = program.communicate(timeout=THEN_SECONDS)
    except (OSError, ValueError) as error:
        return f"'{command}' could not be run: {error}"
    except programs.TimeUp:
        return f"'{command}' did not end within {THEN_SECONDS} s"
    last = said.decode("utf-8", "replace").strip().rpartition("\n")[2]
    return f"'{command}' ended with code {program.returncode}: {last}" if program.returncode else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One run of a prober. ``over`` is set when somebody wants it to end; ``tell`` and ``complain`` print a text."""

    prober: Prober
    clock: Callable[[], int]
    over: Event
    tell: Callable[[str], object]
    complain: Callable[[str], object]

    def dry(self, as_json: bool) -> None:
        """Take one round, and record nothing."""
        self._show(self.prober.ask(self.clock(), self.over.is_set), as_json)
        self.complain("Nothing was recorded (--dry-run).")

    def once(self, outbox: Outbox, as_json: bool) -> None:
        """Take one round and record it: if it is over before its end, what was known by then."""
        self._remember(outbox)
        taken = self.prober.ask(self.clock(), self.over.is_set)
        if not taken.tells:
            return
        self._show(taken, as_json)
        outbox.put(taken.round)
        older, to = outbox.send(), outbox.to
        self.complain(f"Recorded {f'on branch {to.name}' if to.prefix else f'in {to.name}'}")
        if older:
            self.complain(f"Delivered {printing.count(older, 'earlier round')} as well.")

    def watch(self, outbox: Outbox, lasting: int, commit_every: int, then: str) -> None:
        """Take rounds for so many seconds; run ``then`` whenever some of them came into the ledger."""
        self._remember(outbox)

        def sent(rounds: int, older: int) -> None:
            with_older = f" and {printing.count(older, 'earlier round')}" if older else ""
            self._note(f"recorded {printing.count(rounds, 'round')}{with_older} on {outbox.to.name}")
            if then and (problem := run_after(then, self.prober.folder, self.prober.environment)):
                self._note(problem)

        Watch(
            prober=self.prober,
            outbox=outbox,
            clock=self.clock,
            wait=self.over.wait,
            is_over=self.over.is_set,
            lasting=lasting,
            commit_every=commit_every,
            heard=lambda taken: self.tell(printing.summary(taken.round, taken.crashed)),
            sent=sent,
            complain=self._note,
        ).run()

    def _remember(self, outbox: Outbox) -> None:
        voters = self.prober.site.probing.locations
        if voters and outbox.to.location not in voters:
            self.complain(f"'{outbox.to.location}' is not in probing.locations, so what is seen here has no vote")
        remember(self.prober, outbox.to, self.clock(), fetch=outbox.push)

    def _note(self, text: str) -> None:
        self.complain(f"{printing.time_of_day(self.clock())} {text}")

    def _show(self, taken: Taken, as_json: bool) -> None:
        self.tell(ledger.encode(taken.round) if as_json else "\n".join(printing.table(taken.round, taken.crashed)))
