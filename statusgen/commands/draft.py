"""``statusgen incident draft``: incidents about outages that nobody has posted about."""

from __future__ import annotations

import json
from pathlib import Path

import click

from statusgen import options
from statusgen.errors import UsageError


@click.command()
@options.site
@options.present
@click.option("--branch", default="", help="The branch that the page is made from, like main: publish there.")
@click.option("--commit", is_flag=True, help="Commit what is published on the branch that is checked out.")
@click.option("--push/--no-push", default=False, help="Push to the remote.")
@click.option("--fetch", is_flag=True, help="Fetch the ledger and drafts from the remote first.")
@click.option("--dry-run", is_flag=True, help="Print what would be written, and write nothing.")
@options.as_json
@click.pass_obj
def draft(
    world: options.World,
    folder: Path,
    now: int,
    branch: str,
    commit: bool,
    push: bool,
    fetch: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Write, continue and close incidents about outages, as 'drafts' in components.yaml wants it."""
    from statusgen.drafting import autopilot
    from statusgen.drafting.autopilot import Wanted
    from statusgen.model import DraftMode

    if branch and commit:
        raise UsageError("--commit goes to the branch that is checked out, --branch to another: keep one")
    mode = autopilot.mode_of(folder)
    wanted = Wanted(branch=branch, commit=commit, push=push, fetch=fetch, dry=dry_run, gate=world.gate)
    posted = autopilot.post(folder, now, wanted, world.jitter)
    if as_json:
        click.echo(
            json.dumps({"mode": mode.value, "incidents": [autopilot.row(each) for each in posted]}, ensure_ascii=False)
        )
    elif mode is DraftMode.OFF:
        click.echo("Nothing to do: 'drafts' in components.yaml is off.")
    elif not posted:
        click.echo("Nothing to say.")
    else:
        click.echo("\n".join(autopilot.line(each, dry_run) for each in posted))
