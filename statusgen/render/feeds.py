"""Atom and RSS: one entry per update, so that every update arrives once.

feedgen has defaults that must not reach a subscriber, so each is set here: it dates feeds and entries ``now``,
puts new entries first, and takes the last link for the RSS channel's.
"""

from __future__ import annotations

import html
import re

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator

from statusgen import periods
from statusgen.render.placing import Prose
from statusgen.render.words import Words
from statusgen.views import Entry, Snapshot

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 §2.2


def atom(snapshot: Snapshot, words: Words, prose: Prose) -> bytes:
    """Return ``/history.atom`` (RFC 4287)."""
    feed = _feed(snapshot, words, prose, "history.atom")
    text: bytes = feed.atom_str(pretty=True)
    return text


def rss(snapshot: Snapshot, words: Words, prose: Prose) -> bytes:
    """Return ``/history.rss`` (RSS 2.0)."""
    feed = _feed(snapshot, words, prose, "history.rss")
    text: bytes = feed.rss_str(pretty=True)
    return text


def _feed(snapshot: Snapshot, words: Words, prose: Prose, name: str) -> FeedGenerator:
    site, say = snapshot.site, words.language.say
    newest = max((entry.at for entry in snapshot.entries), default=snapshot.first)
    feed = FeedGenerator()
    feed.id(f"tag:{snapshot.authority}:/history")
    feed.title(_xml(say("%(site)s – incident history", site=site.name)))
    feed.description(_xml(site.description or say("Incidents and maintenance of %(site)s", site=site.name)))
    feed.author({"name": _xml(site.name)})
    feed.language(site.language)
    feed.generator("statusgen")
    feed.link(href=f"{site.url}/{name}", rel="self")
    feed.link(href=f"{site.url}/", rel="alternate")
    feed.updated(periods.moment(newest))
    feed.lastBuildDate(periods.moment(newest))
    for entry in snapshot.entries:
        feed.add_entry(_entry(snapshot, words, entry, prose), order="append")
    return feed


def _entry(snapshot: Snapshot, words: Words, entry: Entry, prose: Prose) -> FeedEntry:
    link = f"{snapshot.site.url}/incidents/{entry.event.slug}/#{entry.update.anchor}"
    made = FeedEntry()
    made.id(entry.update.tag)
    made.guid(entry.update.tag, permalink=False)
    made.title(_xml(f"[{words.phase(entry.update.phase)}] {entry.event.title}"))
    made.link(href=link, rel="alternate")
    made.content(_xml(_body(snapshot, words, entry, link, prose)), type="html")
    made.published(periods.moment(entry.at))
    made.updated(periods.moment(entry.at))
    made.category(term=entry.update.phase.value)
    return made


def _body(snapshot: Snapshot, words: Words, entry: Entry, link: str, prose: Prose) -> str:
    """Return the entry as HTML. Scrapers read its first line, ``Status: …``."""
    update, say = entry.update, words.language.say
    told = say("Status: %(phase)s", phase=words.phase(update.phase))
    lines = [f"<p><strong>{told}</strong></p>"]
    if update.affected:
        named = (f"{html.escape(name)} ({say(state.word.lower())})" for name, state in update.affected)
        told = say("Affected: %(components)s", components=words.language.listed(named))
        lines.append(f"<p>{told}</p>")
    if entry.event.scheduled:
        told = say("Scheduled: %(span)s", span=words.language.span(*entry.event.scheduled))
        lines.append(f"<p>{told}</p>")
    lines.append(prose(update.text, f"{snapshot.site.url}/", f"{snapshot.site.url}/", update.anchor))
    if update.next is not None:
        told = say("Next update by %(time)s", time=words.language.date_and_time(update.next))
        lines.append(f"<p>{told}</p>")
    lines.append(f'<p><a href="{html.escape(link)}">{words.language.date_and_time(update.at)}</a></p>')
    return "\n".join(lines)


def _xml(text: str) -> str:
    """Leave out what XML cannot hold: one such character would cost every subscriber the feed."""
    return _NOT_XML.sub("", text)
