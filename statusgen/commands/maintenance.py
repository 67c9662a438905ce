"""``statusgen maintenance``: schedule it, say how far it has come, call it off, and list it."""

from __future__ import annotations

import click

from statusgen import options, periods
from statusgen.commands import asked as of
from statusgen.commands.asked import Span, Terms, Words
from statusgen.errors import UsageError

_DATE = click.option("--occurrence", "date", default="", metavar="DATE", help="Which date of one that repeats.")


@click.group()
def maintenance() -> None:
    """Schedule maintenance, say how far it has come, call it off, and list it."""


@maintenance.command()
@click.argument("title", default="")
@of.concerned
@click.option("--from", "start", required=True, type=of.Ahead(), help="When the window opens: an instant, or in 2h.")
@click.option("--until", "end", type=options.Instant(), help="When it closes.")
@click.option("--for", "length", type=options.Duration(), help="How long it is instead, like 2h.")
@of.name
@of.draft
@of.worded
@of.posting
def schedule(
    terms: Terms,
    words: Words,
    title: str,
    concerned: tuple[str, ...],
    start: Span,
    end: int | None,
    length: int | None,
    name: str,
    draft: bool,
) -> None:
    """Schedule maintenance: write its file, with the announcement."""
    from statusgen.commands import posts
    from statusgen.model import Phase
    from statusgen.posting import acts, authoring, desks
    from statusgen.posting.wordings import Subject

    desk = posts.desk(terms)
    begin = authoring.minute(of.ahead(start, terms.now, "--from") or 0)
    window = (begin, _end(begin, end, length))
    known = Subject(
        title=authoring.title(title) if title else "",
        components=desks.components(desk.site, concerned, bare=True),
        started=begin,
        window=window,
    )
    subject, text = posts.said(desk, words, known, Phase.SCHEDULED)
    if not subject.components:
        raise UsageError("maintenance is of components: add --component ID")
    scheduling = authoring.Scheduling(
        title=subject.title,
        at=terms.now,
        text=text,
        components=tuple(id_ for id_, _ in subject.components),
        start=window[0],
        end=window[1],
        draft=draft,
    )
    posted = acts.schedule(desk, scheduling, name, dry=terms.dry)
    posts.tell(posted, terms, f"statusgen maintenance start {posted.slug}, then … complete {posted.slug}")


def _end(begin: int, end: int | None, length: int | None) -> int:
    if (end is None) == (length is None):
        raise UsageError("the window needs either --until INSTANT or --for DURATION")
    closes = of.shifted(begin, length, "--for") if length is not None else end
    assert closes is not None
    return closes - closes % periods.MINUTE


@maintenance.command()
@of.maintenance("in progress")
@_DATE
@of.following
@of.worded
@of.posting
def start(terms: Terms, words: Words, slug: str, date: str, following: Span | None) -> None:
    """Say that the work has begun."""
    _proceed(terms, words, slug, "in progress", date, following=following, default="The work has begun.")


@maintenance.command()
@of.maintenance("verifying")
@_DATE
@of.following
@of.worded
@of.posting
def verify(terms: Terms, words: Words, slug: str, date: str, following: Span | None) -> None:
    """Say that the work is done and is being looked at."""
    default = "The work is done, and we are looking at whether all is well."
    _proceed(terms, words, slug, "verifying", date, following=following, default=default)


@maintenance.command()
@of.maintenance("completed")
@_DATE
@of.worded
@of.posting
def complete(terms: Terms, words: Words, slug: str, date: str) -> None:
    """Say that it is over."""
    _proceed(terms, words, slug, "completed", date, default="The work is done.")


@maintenance.command()
@of.maintenance("cancelled")
@_DATE
@click.option("--series", is_flag=True, help="Of one that repeats, all dates from now on.")
@of.worded
@of.posting
def cancel(terms: Terms, words: Words, slug: str, date: str, series: bool) -> None:
    """Call it off."""
    if series and date:
        raise UsageError("--occurrence and --series exclude one another: use one of them")
    _proceed(terms, words, slug, "cancelled", date, series=series, default="It does not take place.")


@maintenance.command()
@of.maintenance()
@_DATE
@of.following
@of.worded
@of.posting
def update(terms: Terms, words: Words, slug: str, date: str, following: Span | None) -> None:
    """Say something about it; its state stays as it is."""
    _proceed(terms, words, slug, "", date, following=following)


def _proceed(
    terms: Terms,
    words: Words,
    slug: str,
    state: str,
    date: str,
    *,
    series: bool = False,
    following: Span | None = None,
    default: str = "",
) -> None:
    from statusgen.commands import posts
    from statusgen.model import Phase
    from statusgen.posting import acts, finding

    desk = posts.desk(terms)
    phase = Phase(state) if state else None
    desk, event = finding.find_maintenance(desk, slug, phase)
    one = acts.meant(event, date, series, terms.now)
    wish = acts.Wish(phase=phase, next=of.ahead(following, terms.now, "--next"))
    wish = posts.worded(desk, words, one, wish, default)
    terms, remarks = posts.moved(terms, desk, event.slug)
    posted = acts.proceed(desk, event.slug, wish, date=date, series=series, dry=terms.dry)
    posts.tell(posted, terms, remarks=remarks)


@maintenance.command("list")
@click.option("--all", "everything", is_flag=True, help="What is over, too.")
@click.option("--fetch", is_flag=True, help="Ask the remote first for what waits on branches incident/….")
@of.reading
def list_(terms: Terms, everything: bool, fetch: bool) -> None:
    """List maintenance: what goes on first, then what is ahead, and what waits on branches."""
    from statusgen.commands import posts

    nothing = "No maintenance goes on or is ahead."
    posts.show_list(terms, everything=everything, maintenance=True, nothing=nothing, fetch=fetch)
