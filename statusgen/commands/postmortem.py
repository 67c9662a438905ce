"""``statusgen postmortem``: begin the post-mortem of an incident."""

from __future__ import annotations

import click

from statusgen import options
from statusgen.commands import asked as of
from statusgen.commands.asked import Terms


@click.command()
@of.slug(every=True, required=True)
@click.option("--author", "authors", multiple=True, metavar="NAME", help="Who writes it; may be repeated.")
@click.option("--date", "at", type=options.Date(), help="When it is published, like 2026-11-25: feeds tell of it then.")
@of.posting
def postmortem(terms: Terms, slug: str, authors: tuple[str, ...], at: int | None) -> None:
    """Begin the post-mortem of an incident, a draft, with what its file tells filled in."""
    from statusgen.commands import posts
    from statusgen.posting import acts, finding

    desk, event = finding.locate(posts.desk(terms), slug, every=True)
    terms, remarks = posts.moved(terms, desk, event.slug)
    posts.tell(acts.postmortem(desk, event.slug, at, authors, dry=terms.dry), terms, remarks=remarks)
    if not (terms.dry or terms.as_json):
        dated, undated = (
            "taking 'draft: true' out",
            "putting its day in the place of 'draft: true', like 'date: 2026-11-25'",
        )
        click.echo(f"It is a draft, which previews alone show: publish it by {dated if at else undated}.")
