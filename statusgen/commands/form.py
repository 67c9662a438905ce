"""``statusgen form``: what somebody filled in on a forge's page, posted."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from statusgen import options
from statusgen.errors import Level, SourceError, StatusgenError, UsageError, WorldError


@click.command()
@options.site
@options.present
@click.option(
    "--issue",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Read the fields from the text of an issue, or from GitHub's event about it, a file that ends in .json.",
)
@click.option("--branch", default="", help="Commit there; default: STATUS_BRANCH, else the incident's own branch.")
@options.push
@click.option(
    "--format",
    "layout",
    type=click.Choice(["text", "github", "json"]),
    default="text",
    show_default=True,
    help="A line for people, JSON with annotations of what is wrong for GitHub Actions, or JSON.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.pass_obj
def form(
    world: options.World,
    folder: Path,
    now: int,
    issue: Path | None,
    branch: str,
    push: bool,
    layout: str,
    as_json: bool,
) -> None:
    """Post what a form says: variables like STATUS_ACTION and STATUS_MESSAGE, or an issue.

    It commits on branch incident/NAME, for a pull request, or on the branch that STATUS_BRANCH names.
    """
    from statusgen import printing
    from statusgen.posting import desks, filing
    from statusgen.posting import form as forms
    from statusgen.posting.proposals import Place

    layout = "json" if as_json else layout
    try:
        fields = forms.from_issue(_body(issue)) if issue else forms.from_environment(world.environment)
        request = forms.request(fields, now)
        on = branch or world.environment.get("STATUS_BRANCH", "")
        place = Place(folder=folder, branch=on, push=push, gate=world.gate)
        filed = filing.file(desks.at(place, now, world.jitter), request)
    except StatusgenError as error:
        if layout != "github":
            raise
        for line in [str(each) for each in error.problems] if isinstance(error, SourceError) else [str(error)]:
            click.echo(printing.remark(Level.ERROR, line), err=True)
        sys.exit(error.exit_code)
    row = {"slug": filed.slug, "title": filed.title, "branch": filed.branch, "commit": filed.commit, "link": filed.link}
    for warning in filed.warnings:
        click.echo(
            printing.remark(warning.level, str(warning)) if layout == "github" else printing.line(warning), err=True
        )
    click.echo(_laid_out(row, layout, push=push))


def _laid_out(row: Mapping[str, str], layout: str, *, push: bool) -> str:
    if layout != "text":
        return json.dumps(row, ensure_ascii=False)
    if not row["commit"]:
        where = f" on branch {row['branch']}" if row["branch"] else ""
        return f"{row['slug']}: that is said already{where}, nothing was changed"
    done = "pushed" if push else "committed"
    return f"{done} {row['slug']} as {row['commit'][:10]} on branch {row['branch']}" + (
        f"\nOpen the pull request: {row['link']}" if row["link"] else ""
    )


def _body(issue: Path) -> str:
    """Return the text of an issue from a file, or from the event that tells of it; raise StatusgenError."""
    from statusgen import files

    try:
        with issue.open("rb") as opened:
            content = opened.read(4 * files.MAX_TEXT + 1)
    except (OSError, ValueError) as error:
        raise WorldError(f"--issue {issue} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    try:
        text = content.decode("utf-8")
        if issue.suffix != ".json":
            return text
        body = json.loads(text)["issue"]["body"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise UsageError(f"--issue {issue} holds neither the text of an issue nor an event about one") from None
    if not isinstance(body, str):
        raise UsageError("the issue is empty: fill in the form 'incident'")
    return body
