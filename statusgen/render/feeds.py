"""Atom and RSS: one entry per update, so that every update arrives once.

feedgen has defaults that must not reach a subscriber, so each is set here: it dates feeds and entries ``now``,
puts new entries first, and takes the last link for the RSS channel's.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator

from statusgen import periods
from statusgen.views import Entry, Snapshot

Prose = Callable[[str, str, str], str]  # text, way to the root, prefix of footnotes → HTML

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 §2.2


def atom(snapshot: Snapshot, prose: Prose) -> bytes:
    """Return ``/history.atom`` (RFC 4287)."""
    feed = _feed(snapshot, prose, "history.atom")
    text: bytes = feed.atom_str(pretty=True)
    return text


def rss(snapshot: Snapshot, prose: Prose) -> bytes:
    """Return ``/history.rss`` (RSS 2.0)."""
    feed = _feed(snapshot, prose, "history.rss")
    text: bytes = feed.rss_str(pretty=True)
    return text


def _feed(snapshot: Snapshot, prose: Prose, name: str) -> FeedGenerator:
    site = snapshot.site
    newest = max((entry.at for entry in snapshot.entries), default=snapshot.first)
    feed = FeedGenerator()
    feed.id(f"tag:{snapshot.authority}:/history")
    feed.title(_xml(f"{site.name} – incident history"))
    feed.description(_xml(site.description or f"Incidents and maintenance of {site.name}"))
    feed.author({"name": _xml(site.name)})
    feed.language(site.language)
    feed.generator("statusgen")
    feed.link(href=f"{site.url}/{name}", rel="self")
    feed.link(href=f"{site.url}/", rel="alternate")
    feed.updated(periods.moment(newest))
    feed.lastBuildDate(periods.moment(newest))
    for entry in snapshot.entries:
        feed.add_entry(_entry(snapshot, entry, prose), order="append")
    return feed


def _entry(snapshot: Snapshot, entry: Entry, prose: Prose) -> FeedEntry:
    link = f"{snapshot.site.url}/incidents/{entry.event.slug}/#{entry.update.anchor}"
    made = FeedEntry()
    made.id(entry.update.tag)
    made.guid(entry.update.tag, permalink=False)
    made.title(_xml(f"[{entry.update.phase.word}] {entry.event.title}"))
    made.link(href=link, rel="alternate")
    made.content(_xml(_body(snapshot, entry, link, prose)), type="html")
    made.published(periods.moment(entry.at))
    made.updated(periods.moment(entry.at))
    made.category(term=entry.update.phase.value)
    return made


def _body(snapshot: Snapshot, entry: Entry, link: str, prose: Prose) -> str:
    """Return the entry as HTML. Scrapers read its first line, ``Status: …``."""
    update = entry.update
    lines = [f"<p><strong>Status: {update.phase.word}</strong></p>"]
    if update.affected:
        named = (f"{html.escape(name)} ({state.word.lower()})" for name, state in update.affected)
        lines.append(f"<p>Affected: {', '.join(named)}</p>")
    if entry.event.scheduled:
        lines.append(f"<p>Scheduled: {periods.span_of_time(*entry.event.scheduled)}</p>")
    lines.append(prose(update.text, f"{snapshot.site.url}/", update.anchor))
    lines.append(f'<p><a href="{html.escape(link)}">{periods.date_and_time(update.at)}</a></p>')
    return "\n".join(lines)


def _xml(text: str) -> str:
    """Leave out what XML cannot hold: one such character would cost every subscriber the feed."""
    return _NOT_XML.sub("", text)
