"""What was announced, and what waits to be, as the text of ``notices.json``: one entry for each address of a route.

The file holds keys, instants and names of routes, never an address or a text. It is small: what is not remembered any
more (``announcing.pruned``) leaves it. Same facts, same text.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from statusgen.errors import StatusgenError
from statusgen.names import called
from statusgen.notifying.announcing import Announced, Notice, Spell, event_of, pruned, recorded, remembered_since
from statusgen.views import Snapshot

VERSION = 1
FILE = "notices.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Of one address: what was announced, and since when what waits to be, by key.

    ``failing`` is since when it has taken nothing, None while it takes what it is given. ``heard`` are the events that
    it was sent something of, with when that was last; what its filters held back is ``announced`` all the same.
    """

    announced: Announced = field(default_factory=Announced)
    waiting: Mapping[str, int] = field(default_factory=dict)
    failing: int | None = None
    heard: Mapping[str, int] = field(default_factory=dict)

    def with_sent(self, notices: Collection[Notice], now: int) -> Entry:
        """Return the entry once the address took notices."""
        events = dict.fromkeys((name for each in notices if (name := event_of(each))), now)
        return replace(self.with_told(notices, now), heard={**self.heard, **events})

    def with_told(self, notices: Iterable[Notice], now: int) -> Entry:
        """Return the entry once nothing is to be done about notices any more."""
        announced, told = self.announced, set()
        for notice in notices:
            announced = recorded(announced, notice, now)
            told.add(notice.key)
        waiting = {key: since for key, since in self.waiting.items() if key not in told}
        return replace(self, announced=announced, waiting=waiting)

    def with_waiting(self, notices: Iterable[Notice], now: int) -> Entry:
        """Return the entry with what waits now, and nothing else."""
        return replace(self, waiting={notice.key: self.waiting.get(notice.key, now) for notice in notices})

    def joined(self, other: Entry) -> Entry:
        """Return what either of two records of an address knows: what one of them has as told was told."""
        keys = {**self.announced.keys, **other.announced.keys}
        spells = {(each.subject, each.start): each for each in self.announced.spells}
        spells |= {
            (each.subject, each.start): each
            for each in other.announced.spells
            if each.until is not None or (each.subject, each.start) not in spells
        }
        since = {key: min(at, other.waiting.get(key, at)) for key, at in self.waiting.items()}
        failing = None if None in (self.failing, other.failing) else self.failing
        return Entry(
            announced=Announced(keys=keys, spells=tuple(spells.values())),
            waiting={key: at for key, at in {**other.waiting, **since}.items() if key not in keys},
            failing=failing,
            heard={**self.heard, **other.heard},
        )

    def tidied(self, snapshot: Snapshot, since: int) -> Entry:
        """Return the entry without what is no longer needed, and was not since an instant."""
        alive = {event.slug for event in snapshot.events if not event.is_over or event.updated >= since}
        heard = {name: at for name, at in self.heard.items() if at >= since or name in alive}
        return replace(self, announced=pruned(self.announced, snapshot), heard=heard)


@dataclass(frozen=True, slots=True, kw_only=True)
class Logbook:
    """All entries, by the name of the address; ``begun`` is when something was last about to be sent.

    No two runs begin at the same instant by it, so it tells a run that another one has begun since.
    """

    site: str
    begun: int = 0
    entries: Mapping[str, Entry] = field(default_factory=dict)

    def with_entry(self, name: str, entry: Entry) -> Logbook:
        return replace(self, entries={**self.entries, name: entry})

    def joined(self, other: Logbook) -> Logbook:
        """Return what either of two records of the site knows."""
        both = {
            name: entry.joined(other.entries[name]) for name, entry in self.entries.items() if name in other.entries
        }
        return replace(self, begun=max(self.begun, other.begun), entries={**self.entries, **other.entries, **both})

    def tidied(self, snapshot: Snapshot, used: Iterable[str]) -> Logbook:
        """Return the logbook without what is no longer needed: of addresses in use, and of those that were lately."""
        names, since = set(used), remembered_since(snapshot)
        kept = {name: entry.tidied(snapshot, since) for name, entry in self.entries.items()}
        return replace(self, entries={name: e for name, e in kept.items() if name in names or _latest(e) >= since})


def _latest(entry: Entry) -> int:
    spells = (spell.start if spell.until is None else spell.until for spell in entry.announced.spells)
    return max((*entry.announced.keys.values(), *spells), default=0)


def encode(book: Logbook) -> str:
    """Write a logbook, a line for each fact."""
    content = {
        "v": VERSION,
        "site": book.site,
        "begun": book.begun,
        "entries": {name: _written(entry) for name, entry in book.entries.items()},
    }
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _written(entry: Entry) -> dict[str, object]:
    spells = sorted(entry.announced.spells, key=lambda each: (each.subject, each.start))
    return {
        "keys": dict(entry.announced.keys),
        "spells": [f"{each.subject} {each.start} {'' if each.until is None else each.until}" for each in spells],
        "waiting": dict(entry.waiting),
        "failing": entry.failing,
        "heard": dict(entry.heard),
    }


def decode(text: str, site: str, place: str = FILE) -> Logbook:
    """Read the logbook of a site; an empty text is that of a site that has announced nothing yet.

    Raise StatusgenError for what cannot be read, and for another site's: taken for none, it would be lost. ``place`` is
    where it lies, for people.
    """
    if not text:
        return Logbook(site=site)
    try:
        content = json.loads(text)
        json.dumps(content, ensure_ascii=False).encode()  # half a character could not be written again
        if isinstance(content["v"], int) and content["v"] > VERSION:
            raise StatusgenError(
                f"the record of what was announced, {place}, was written by a newer statusgen: update the program"
            )
        if content["v"] != VERSION:
            raise ValueError
        entries = {str(name): _read(entry) for name, entry in content["entries"].items()}
        book = Logbook(site=str(content["site"]), begun=int(content["begun"]), entries=entries)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        remedy = "take its last good version from the history, or delete it to begin anew"
        raise StatusgenError(f"the record of what was announced, {place}, cannot be read: {remedy}") from None
    if book.site != site:
        remedy = f"delete {place} to announce this site anew"
        raise StatusgenError(f"what was announced belongs to site '{called(book.site)}', this is '{site}': {remedy}")
    return book


def _read(entry: Mapping[str, object]) -> Entry:
    keys, spells, waiting, failing = (entry[name] for name in ("keys", "spells", "waiting", "failing"))
    heard = entry.get("heard", {})  # which earlier versions did not write
    if not (isinstance(keys, dict) and isinstance(spells, list) and isinstance(waiting, dict)):
        raise TypeError
    if not isinstance(heard, dict):
        raise TypeError
    return Entry(
        announced=Announced(
            keys={str(key): int(at) for key, at in keys.items()}, spells=tuple(_spell(str(each)) for each in spells)
        ),
        waiting={str(key): int(at) for key, at in waiting.items()},
        failing=failing if isinstance(failing, int) else None,
        heard={str(name): int(at) for name, at in heard.items()},
    )


def _spell(text: str) -> Spell:
    subject, start, until = text.split(" ")
    return Spell(subject=subject, start=int(start), until=int(until) if until else None)
