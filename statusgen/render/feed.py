"""A feed before its format is chosen, and as JSON. Atom and RSS are written by ``feed_xml``."""

from __future__ import annotations

from dataclasses import dataclass

from statusgen import periods
from statusgen.render import notation
from statusgen.views import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An entry of a feed, ready to be written: instants in epoch seconds, ``body`` as HTML with whole addresses."""

    id: str
    at: int
    title: str
    link: str
    body: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed before its format is chosen. ``folder`` is where it and the page that it follows are."""

    folder: str
    id: str
    title: str
    description: str
    updated: int
    items: tuple[Item, ...]


def as_json(snapshot: Snapshot, feed: Feed, path: str) -> bytes:
    """Return a feed as JSON (JSON Feed 1.1)."""
    site = snapshot.site
    content = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": f"{site.url}/{feed.folder}",
        "feed_url": f"{site.url}/{path}",
        "description": feed.description,
        "language": site.language,
        "authors": [{"name": site.name, "url": f"{site.url}/"}],
        "items": [
            {
                "id": item.id,
                "url": item.link,
                "title": item.title,
                "content_html": item.body,
                "date_published": periods.iso(item.at),
                "date_modified": periods.iso(item.at),
                "tags": list(item.tags),
            }
            for item in feed.items
        ],
    }
    return notation.indented(content)
