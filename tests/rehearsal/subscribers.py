"""Somebody who reads the feeds after every publish, and remembers what was there: each update has to come once."""

from __future__ import annotations

import json
from calendar import timegm
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import feedparser

from statusgen import periods

FORMATS = ("history.atom", "history.rss", "feed.json")


class Seen(NamedTuple):
    """An entry as a reader gets it; ``at`` is an epoch second."""

    id: str
    at: int
    title: str


@dataclass
class Subscriber:
    """Three readers, one a format. ``known`` are ids and dates."""

    known: dict[str, dict[str, int]] = field(default_factory=lambda: {form: {} for form in FORMATS})

    def polls(self, live: Path) -> list[str]:
        """Return the titles of what is new, in all formats the same; what was known is as it was."""
        new: list[list[str]] = []
        for form in FORMATS:
            known, entries = self.known[form], read(live / form)
            assert len({entry.id for entry in entries}) == len(entries), f"{form} has an id twice"
            oldest = min((entry.at for entry in entries), default=0)
            lost = {id_ for id_, at in known.items() if at > oldest} - {entry.id for entry in entries}
            assert not lost, f"{form} lost {lost}"  # a feed may leave out what is older than all that it holds
            for entry in entries:
                assert known.get(entry.id, entry.at) == entry.at, f"{entry} of {form} came again under another date"
            new.append(sorted(entry.title for entry in entries if entry.id not in known))
            known |= {entry.id: entry.at for entry in entries}
        assert new[0] == new[1] == new[2], new
        return new[0]


def read(place: Path) -> list[Seen]:
    if place.suffix == ".json":
        items = json.loads(place.read_bytes())["items"]
        return [Seen(item["id"], periods.parse_instant(item["date_modified"]), item["title"]) for item in items]
    parsed = feedparser.parse(place.read_bytes())
    assert not parsed.bozo, parsed
    return [
        Seen(entry.id, timegm(entry.updated_parsed if "updated" in entry else entry.published_parsed), entry.title)
        for entry in parsed.entries
    ]
