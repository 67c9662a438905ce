"""``statusgen build`` and ``run``: write the site, as it is or was, or after a round of probes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import click

from statusgen import options, paths, periods, printing
from statusgen.commands.probe import complain, interrupts
from statusgen.errors import Level, Problem, UsageError


@click.command("build")
@options.site
@options.out
@options.now
@options.strict
@click.option("--base-url", default="", help="Where the page will live, instead of site.url.")
@click.option("--fetch", is_flag=True, help="Fetch the ledger's branches from the remote first.")
@options.try_fetch
@click.option("--drafts", is_flag=True, help="Show drafts too: for previews.")
@click.option(
    "--as-of", type=options.Date(), help="The page as it was then, like 2026-11-01: only what was committed by then."
)
@options.previous
@options.replace
@options.as_json
@click.pass_obj
def build(
    world: options.World,
    folder: Path,
    out: Path | None,
    now: int | None,
    strict: bool,
    base_url: str,
    fetch: bool,
    try_fetch: bool,
    drafts: bool,
    as_of: int | None,
    previous: str,
    replace: bool,
    as_json: bool,
) -> None:
    """Write the site."""
    if as_of is not None and (fetch or try_fetch or previous or now is not None):
        raise UsageError("--as-of goes neither with --now, which it says itself, nor with --fetch or --previous")
    if as_of is not None and as_of > world.clock():
        raise UsageError(f"--as-of {periods.iso(as_of)} lies ahead: name an instant that is over")
    from statusgen import app

    target = folder / paths.PUBLIC if out is None else out
    if as_of is None:
        at = world.clock() if now is None else now
        built = app.build(
            folder,
            target,
            at,
            base_url=base_url,
            fetch=fetch,
            try_fetch=try_fetch,
            drafts=drafts,
            previous=previous,
            replace=replace,
            gate=world.gate,
        )
    else:
        built = app.build_as_of(folder, target, as_of, base_url=base_url, drafts=drafts, gate=world.gate)
    tell(target, built.counts, built.problems, built.notes, strict=strict, as_json=as_json)


def tell(
    target: Path,
    counts: Mapping[str, int],
    problems: Sequence[Problem],
    notes: Iterable[str],
    *,
    strict: bool = False,
    as_json: bool = False,
) -> None:
    """Say what was written and what is wrong; exit 1 where something was left out that must not be (``strict``)."""
    for line in (*map(printing.line, problems), *notes):
        click.echo(line, err=True)
    errors = sum(problem.level is Level.ERROR for problem in problems)
    if as_json:
        click.echo(json.dumps({"out": str(target), **counts}))
    else:
        said = f"; {printing.count(errors, 'error')}: what has one was left out" if errors else ""
        click.echo(f"{target}: " + ", ".join(f"{count} {what}" for what, count in counts.items()) + said)
    if strict and errors:
        sys.exit(1)


@click.command("run")
@options.site
@options.out
@options.location
@options.push
@options.allow_exec
@options.strict
@click.option("--base-url", default="", help="Where the page will live, instead of site.url.")
@options.previous
@options.replace
@click.pass_obj
def run(
    world: options.World,
    folder: Path,
    out: Path | None,
    location: str,
    push: bool,
    allow_exec: bool,
    strict: bool,
    base_url: str,
    previous: str,
    replace: bool,
) -> None:
    """Probe, then build."""
    from statusgen import probing

    prober = probing.prober(folder, world.environment, may_execute=allow_exec, gate=world.gate)
    to = probing.destination(folder, location)
    with interrupts() as over:
        session = probing.Session(prober=prober, clock=world.clock, over=over, tell=click.echo, complain=complain)
        session.once(probing.outbox(folder, to, push=push, jitter=world.jitter, gate=world.gate), as_json=False)
    if over.is_set():
        raise click.Abort
    from statusgen import app

    target = folder / paths.PUBLIC if out is None else out
    built = app.build(
        folder, target, world.clock(), base_url=base_url, previous=previous, replace=replace, gate=world.gate
    )
    tell(target, built.counts, built.problems, built.notes, strict=strict)
