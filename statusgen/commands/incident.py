"""``statusgen incident``: open, update and resolve incidents, and list them and the templates."""

from __future__ import annotations

from typing import Any

import click

from statusgen.commands import asked as of
from statusgen.commands.asked import Span, Terms, Words
from statusgen.commands.draft import draft as draft_of_outages


@click.group(cls=of.Guessing)
def incident() -> None:
    """Open, update and resolve incidents, and list them."""


incident.add_command(draft_of_outages)


@incident.command("open")
@click.argument("title", default="")
@of.affected
@click.option("--severity", type=click.Choice(["sev1", "sev2", "sev3"], case_sensitive=False), help="How grave it is.")
@of.state
@click.option("--started", type=of.Ahead(), help="When it began: an instant, or how long ago, like 20m; default: now.")
@click.option("--detected", type=of.Ahead(), help="When it was noticed: an instant, or how long ago.")
@of.following
@of.name
@of.draft
@of.worded
@of.posting
def open_(
    terms: Terms,
    words: Words,
    title: str,
    affected: tuple[str, ...],
    severity: str | None,
    state: str | None,
    started: Span | None,
    detected: Span | None,
    following: Span | None,
    name: str,
    draft: bool,
) -> None:
    """Open an incident: write its file, with a first update. It is investigating unless --state says another.

    A component is operational, degraded_performance, partial_outage, major_outage or under_maintenance. Without --push
    nothing is published: the file is written here, and --commit commits it.

    \b
    statusgen incident open "API errors" --component api=partial_outage --next 30m -m "Some requests fail." --push
    """
    from statusgen.commands import posts
    from statusgen.model import Phase
    from statusgen.posting import acts, authoring, desks, finding
    from statusgen.posting.wordings import Subject
    from statusgen.promises import Severity

    desk = posts.desk(terms)
    began = of.ago(started, terms.now, "--started")
    known = Subject(
        title=authoring.title(title) if title else "",
        severity=Severity(severity.lower()) if severity else None,
        components=desks.components(desk.site, affected),
        phase=Phase(state.lower()) if state else None,
        started=terms.now if began is None else began,
        next=of.ahead(following, terms.now, "--next"),
    )
    template = posts.components_of(desk, words)
    remarks = finding.named_already(desk, [id_ for id_, _ in known.components or template], is_another=bool(name))
    subject, text = posts.said(desk, words, known, Phase.INVESTIGATING)
    opening = authoring.Opening(
        title=subject.title,
        at=terms.now,
        text=text,
        phase=subject.phase or Phase.INVESTIGATING,
        severity=subject.severity,
        components=subject.components,
        started=began,
        detected=of.ago(detected, terms.now, "--detected"),
        next=subject.next,
        draft=draft,
    )
    posted = acts.open_incident(desk, opening, name, dry=terms.dry)
    is_over = opening.phase is Phase.RESOLVED
    then = "" if is_over else f"statusgen incident update {posted.slug}, then … resolve {posted.slug}"
    posts.tell(posted, terms, then, remarks if posted.text else ())


@incident.command()
@of.slug()
@of.state
@of.affected
@of.following
@of.worded
@of.posting
def update(
    terms: Terms, words: Words, slug: str, state: str | None, affected: tuple[str, ...], following: Span | None
) -> None:
    """Append an update to an incident; without a name to the one that is open."""
    from statusgen.posting import acts

    _append(acts.update, terms, words, slug, state, affected, following)


@incident.command()
@of.slug()
@of.affected
@of.worded
@of.posting
def resolve(terms: Terms, words: Words, slug: str, affected: tuple[str, ...]) -> None:
    """End an incident; without a name the one that is open."""
    from statusgen.posting import acts

    _append(acts.resolve, terms, words, slug, "resolved", affected, None)


def _append(
    post: Any,
    terms: Terms,
    words: Words,
    slug: str,
    state: str | None,
    affected: tuple[str, ...],
    following: Span | None,
) -> None:
    from statusgen.commands import posts
    from statusgen.model import Phase
    from statusgen.posting import acts, desks, finding

    desk = posts.desk(terms)
    desk, event = finding.locate(desk, slug, ends=state == "resolved")
    wish = acts.Wish(
        phase=Phase(state.lower()) if state else None,
        components=desks.components(desk.site, affected),
        next=of.ahead(following, terms.now, "--next"),
    )
    wish = posts.worded(desk, words, event, wish)
    terms, remarks = posts.moved(terms, desk, event.slug)
    posts.tell(post(desk, event.slug, wish, dry=terms.dry), terms, remarks=remarks)


@incident.command()
@of.slug(drafts=True)
@of.state
@of.worded
@of.posting
def publish(terms: Terms, words: Words, slug: str, state: str | None) -> None:
    """Make a draft public where it lies; without a name the only one.

    It takes 'draft: true' out of the file, and hands a draft about an outage over to you; a text becomes an update.
    """
    from statusgen.commands import posts
    from statusgen.model import Phase
    from statusgen.posting import acts, finding

    desk, event = finding.locate(posts.desk(terms), slug, drafts=True)
    is_said = words.edit or bool(words.template) or (words.message, words.file, state) != (None, None, None)
    wish = acts.Wish(phase=Phase(state.lower()) if state else None)
    made = posts.worded(desk, words, event, wish) if is_said else None
    terms, remarks = posts.moved(terms, desk, event.slug)
    posted = acts.publish(desk, event.slug, made, dry=terms.dry)
    public = f"It is public once branch {desk.place.branch} is merged." if desk.place.branch else ""
    posts.tell(posted, terms, remarks=(*remarks, *([public] if public else [])))


@incident.command("list")
@click.option("--all", "everything", is_flag=True, help="Those that are resolved, too.")
@click.option("--fetch", is_flag=True, help="Ask the remote first for what waits on branches incident/….")
@of.reading
def list_(terms: Terms, everything: bool, fetch: bool) -> None:
    """List incidents: the open ones first, each with when its next update is due, and what waits on branches."""
    from statusgen.commands import posts

    posts.show_list(terms, everything=everything, maintenance=False, nothing="No incident is open.", fetch=fetch)


@incident.command()
@of.reading
def templates(terms: Terms) -> None:
    """List the templates of messages that the site has."""
    from statusgen.commands import posts

    posts.show_templates(terms)
