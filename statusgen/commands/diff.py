"""``statusgen diff``: what a change does to the page, to subscribers and to the numbers."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from statusgen import options


@click.command("diff")
@options.site
@options.present
@click.argument("commits", metavar="[BASE..HEAD]", default="")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "md", "json"]),
    default="text",
    show_default=True,
    help="Text for people, Markdown for the summary of a pull request, or JSON.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--fetch", is_flag=True, help="Fetch the ledger's branches from the remote first.")
@click.option("--drafts", is_flag=True, help="Take drafts for published.")
def diff(folder: Path, now: int, commits: str, form: str, as_json: bool, fetch: bool, drafts: bool) -> None:
    """Say what changes between two commits: what subscribers will receive, the page, and which numbers move.

    With BASE alone, between that and the working tree; without any, since this branch left the remote's main branch.
    BASE...HEAD compares with where the two parted, as git has it.
    """
    from statusgen.errors import SourceError
    from statusgen.render import changed
    from statusgen.reviewing import review
    from statusgen.reviewing.changes import Found

    form = "json" if as_json else form
    if lacking := review.taken_back(folder, commits):
        click.echo(lacking, err=True)
    try:
        changes = review.review(folder, commits, now, fetch=fetch, drafts=drafts)
    except SourceError as error:
        if form == "json":
            raise
        click.echo(changed.refused([Found(problem=each, is_new=True) for each in error.problems], form), nl=False)
        sys.exit(error.exit_code)
    click.echo(changed.FORMATS[form](changes), nl=False)
