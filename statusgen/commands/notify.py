"""``statusgen notify``: tell subscribers what changed."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from statusgen import options
from statusgen.errors import UsageError, WorldError


@click.command("notify")
@options.site
@options.present
@options.push
@click.option("--fetch", is_flag=True, help="Fetch the ledger's branches, and what was announced, first.")
@options.try_fetch
@click.option("--route", "routes", multiple=True, help="Name of a route; may be repeated. Default: all.")
@click.option("--dry-run", is_flag=True, help="Print what would be sent, send and record nothing. Needs no secrets.")
@click.option("--test", "trial", is_flag=True, help="Send a message that says it is a test, and record nothing.")
@options.as_json
@click.pass_obj
def notify(
    world: options.World,
    folder: Path,
    now: int,
    push: bool,
    fetch: bool,
    try_fetch: bool,
    routes: tuple[str, ...],
    dry_run: bool,
    trial: bool,
    as_json: bool,
) -> None:
    """Send what changed since the last time to the routes of 'notifications', each notice once.

    Exits with 0 if all was sent or nothing was to be, 1 if an address is not usable, 3 if one could not be reached.
    """
    from statusgen.notifying import sending

    if dry_run and trial:
        raise UsageError("--dry-run sends nothing and --test does: choose one")
    orders = sending.Orders(
        folder=folder,
        now=now,
        clock=world.clock,
        jitter=world.jitter,
        environment=world.environment,
        gate=world.gate,
        routes=routes,
        push=push,
        fetch=fetch,
        try_fetch=try_fetch,
    )
    act = sending.preview if dry_run else sending.try_out if trial else sending.announce
    report = act(orders)
    if as_json:
        click.echo(json.dumps(asdict(report), ensure_ascii=False, indent=1))
    else:
        for line in report.lines(dry_run=dry_run):
            click.echo(line)
    for line in (*report.left_out, *report.notes):
        click.echo(line, err=True)
    for line in (*report.given_up, *report.failures, *report.faults):
        click.echo(f"error: {line}", err=True)
    if report.faults:
        sys.exit(1)
    if report.failures:
        sys.exit(WorldError.exit_code)
