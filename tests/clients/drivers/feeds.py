"""A Python reader of feeds, by name: each entry's title, link, and instant, and its identity."""

from __future__ import annotations

import calendar
import sys
from collections.abc import Callable
from urllib.request import urlopen

import atoma
import documents
import feedparser

Entry = list[object]


def by_feedparser(content: bytes, path: str) -> list[Entry]:
    feed = feedparser.parse(content)
    if feed.bozo:
        raise ValueError(f"{path}: {feed.bozo_exception}")
    return [[each.title, each.link, calendar.timegm(each.published_parsed), each.id] for each in feed.entries]


def by_atoma(content: bytes, path: str) -> list[Entry]:
    if path.endswith(".atom"):
        entries = atoma.parse_atom_bytes(content).entries
        return [[each.title.value, each.links[0].href, each.published.timestamp(), each.id_] for each in entries]
    if path.endswith(".rss"):
        items = atoma.parse_rss_bytes(content).items
        return [[each.title, each.link, each.pub_date.timestamp(), each.guid] for each in items]
    told = atoma.parse_json_feed_bytes(content).items
    return [[each.title, each.url, each.date_published.timestamp(), each.id_] for each in told]


READERS: dict[str, Callable[[bytes, str], list[Entry]]] = {"feedparser": by_feedparser, "atoma": by_atoma}
base, _, reader, *paths = sys.argv[1:]
feeds = {}
for path in paths:
    with urlopen(f"{base}/{path}") as answer:
        feeds[path] = READERS[reader](answer.read(), path)
documents.tell({"feeds": feeds})
