"""``/history/search.json``: every event in a few words, for the search on the history page."""

from __future__ import annotations

import json
import re

from statusgen import periods
from statusgen.digests import digest
from statusgen.render.output import Output
from statusgen.render.words import Words
from statusgen.views import EventView, Snapshot

LETTERS = 400  # of an event's texts

_MARKS = re.compile(r"[\s#*_`>\[\]()|]+")


def output(snapshot: Snapshot, words: Words, catalog: str) -> Output:
    """Return the index, newest first. ``catalog`` stands for everything that the language says."""
    return Output(digest("search", catalog, snapshot.events), lambda: _index(snapshot, words))


def _index(snapshot: Snapshot, words: Words) -> bytes:
    rows = ",\n".join(_row(event, words) for event in snapshot.events)
    return f"[{rows}]\n".encode()


def _row(event: EventView, words: Words) -> str:
    facts = [words.phase(event.phase), words.language.date(event.start)]
    if event.seconds is not None:
        facts.append(words.language.duration(event.seconds, up=True))
    content = {
        "slug": event.slug,
        "title": event.title,
        "state": event.state.value,
        "facts": " · ".join(facts),
        "components": [id_ for _, _, id_ in event.components],
        "text": _text(event, words),
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _text(event: EventView, words: Words) -> str:
    """Return the words that an event is found by, of its texts the newest."""
    names = (name for name, _, _ in event.components)
    when = words.language.month_name(periods.month_of(event.start))
    known = (event.title, event.slug, event.severity or "", when, *names)
    texts = (*(update.text for update in event.updates), event.introduction)
    told = _MARKS.sub(" ", " ".join(texts))[:LETTERS]
    return f"{' '.join(known)} {told}".lower()
