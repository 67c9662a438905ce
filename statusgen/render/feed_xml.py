"""Feeds as Atom and RSS.

feedgen has defaults that must not reach a subscriber, so each is set here: it dates feeds and entries ``now``,
puts new entries first, and takes the last link for the RSS channel's.
"""

from __future__ import annotations

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator

from statusgen import periods
from statusgen.render.feed import Feed, Item
from statusgen.render.notation import NOT_XML
from statusgen.views import Snapshot


def atom(snapshot: Snapshot, feed: Feed, path: str) -> bytes:
    """Return a feed as Atom (RFC 4287); ``path`` is where it will be."""
    text: bytes = _generator(snapshot, feed, path).atom_str(pretty=True)
    return text


def rss(snapshot: Snapshot, feed: Feed, path: str) -> bytes:
    """Return a feed as RSS 2.0; ``path`` is where it will be."""
    text: bytes = _generator(snapshot, feed, path).rss_str(pretty=True)
    return text


def _generator(snapshot: Snapshot, feed: Feed, path: str) -> FeedGenerator:
    site = snapshot.site
    made = FeedGenerator()
    made.id(feed.id)
    made.title(_xml(feed.title))
    made.description(_xml(feed.description))
    made.author({"name": _xml(site.name)})
    made.language(site.language)
    made.generator("statusgen")
    made.link(href=f"{site.url}/{path}", rel="self")
    made.link(href=f"{site.url}/{feed.folder}", rel="alternate")
    made.updated(periods.moment(feed.updated))
    made.lastBuildDate(periods.moment(feed.updated))
    for item in feed.items:
        made.add_entry(_entry(item), order="append")
    return made


def _entry(item: Item) -> FeedEntry:
    made = FeedEntry()
    made.id(item.id)
    made.guid(item.id, permalink=False)
    made.title(_xml(item.title) or item.link)
    made.link(href=item.link, rel="alternate")
    made.content(_xml(item.body), type="html")
    made.published(periods.moment(item.at))
    made.updated(periods.moment(item.at))
    for tag in item.tags:
        made.category(term=tag)
    return made


def _xml(text: str) -> str:
    """Leave out what XML cannot hold: one such character would cost every subscriber the feed."""
    return NOT_XML.sub("", text)
