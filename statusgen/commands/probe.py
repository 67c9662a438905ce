"""``statusgen probe``, ``beat`` and ``compact``: what writes to the ledger, and to the branches of heartbeats."""

from __future__ import annotations

import contextlib
import shlex
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import click

from statusgen import options, periods
from statusgen.errors import UsageError


def _program(_: click.Context, __: click.Parameter, command: str) -> str:
    """Refuse what is no command before a round is recorded; empty stands for none."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise click.BadParameter(f"'{command}' cannot be taken apart: {str(error).lower()}") from None
    if command and not words:
        raise click.BadParameter(f"'{command}' names no program: write one, like 'gh workflow run publish.yml'")
    return command


@click.command("probe")
@options.site
@options.location
@options.push
@options.as_json
@options.allow_exec
@click.option("--dry-run", is_flag=True, help="Print what was seen and record nothing.")
@click.option("--shard", type=options.Share(), default="1/1", help="Ask only this share of the checks, like 2/5.")
@click.option("--watch", type=options.Duration(), help="Probe again and again for so long, like 50m.")
@click.option("--every", type=options.Duration(), help="With --watch: time between rounds; default: probing.interval.")
@click.option(
    "--commit-every",
    type=options.Duration(),
    default="10m",
    show_default=True,
    help="With --watch: how long rounds wait to be committed together. What changed is committed at once.",
)
@click.option(
    "--then",
    default="",
    metavar="COMMAND",
    callback=_program,
    help="With --watch: run this program after each commit.",
)
@click.pass_obj
def probe(
    world: options.World,
    folder: Path,
    location: str,
    push: bool,
    as_json: bool,
    allow_exec: bool,
    dry_run: bool,
    shard: tuple[int, int],
    watch: int | None,
    every: int | None,
    commit_every: int,
    then: str,
) -> None:
    """Ask every check that is due and append the round to the ledger."""
    from statusgen import ledger, probing
    from statusgen.prober import Shard

    share = Shard(*shard)
    if dry_run and watch:
        raise UsageError("--dry-run records nothing, so it goes without --watch")
    if not watch and (every or then):
        raise UsageError("--every and --then go with --watch only, like --watch 50m --every 60s")
    if commit_every > ledger.PROMPT:
        raise UsageError(
            f"--commit-every is at most {periods.duration(ledger.PROMPT)}: later, rounds are marked as late"
        )
    prober = probing.prober(
        folder, world.environment, shard=share, may_execute=allow_exec, every=every or 0, gate=world.gate
    )
    with interrupts() as over:
        session = probing.Session(prober=prober, clock=world.clock, over=over, tell=click.echo, complain=complain)
        if dry_run:
            session.dry(as_json)
        else:
            to = probing.destination(folder, location, share)
            outbox = probing.outbox(folder, to, push=push, jitter=world.jitter, gate=world.gate)
            if watch:
                session.watch(outbox, watch, commit_every, then)
            else:
                session.once(outbox, as_json)
    if over.is_set() and not watch:
        raise click.Abort


def complain(text: str) -> None:
    click.echo(text, err=True)


@contextlib.contextmanager
def interrupts() -> Iterator[threading.Event]:
    """Give what is set by the first Ctrl-C, SIGTERM or hang-up; the same a second time ends the program at once.

    What is ignored, as a hang-up under nohup, stays so.
    """
    over = threading.Event()

    def first(number: int, _frame: object) -> None:
        over.set()
        signal.signal(number, signal.default_int_handler)

    heard = [
        each for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) if signal.getsignal(each) != signal.SIG_IGN
    ]
    before = {number: signal.signal(number, first) for number in heard}
    try:
        yield over
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@click.command("beat")
@options.site
@options.now
@click.argument("name")
@click.option("--failed", is_flag=True, help="Say that the job failed.")
@click.option("--push/--no-push", default=True, show_default=True, help="Push to the remote, if there is one.")
@click.pass_obj
def beat(world: options.World, folder: Path, now: int | None, name: str, failed: bool, push: bool) -> None:
    """Give a sign of life for a heartbeat check, on branch status-beats/NAME."""
    from statusgen import beats, probing

    sign = beats.Beat(world.clock() if now is None else now, failed)
    pushed = probing.beat(folder, name, sign, push=push, jitter=world.jitter, gate=world.gate)
    place = "the remote" if pushed else "this repository"
    click.echo(f"{beats.encode(sign).strip()} on branch {beats.PREFIX}/{name} of {place}")


@click.command("compact")
@options.site
@options.location
@options.push
@options.now
@click.pass_obj
def compact(world: options.World, folder: Path, location: str, push: bool, now: int | None) -> None:
    """Sum up closed days of the ledger, and drop rounds beyond the retention from its tree.

    After a probe this is done by itself. No number changes, and nothing leaves git's history.
    """
    from statusgen import archive, probing

    to = probing.destination(folder, location)
    at = world.clock() if now is None else now
    count = archive.compact(folder, to, at, push=push, jitter=world.jitter, gate=world.gate)
    click.echo(f"Summed up {count} day{'' if count == 1 else 's'}." if count else "Nothing to sum up.")
