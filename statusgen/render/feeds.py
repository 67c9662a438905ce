"""The feeds: one entry per update, so that every update arrives once; and what each says, whatever its format.

Readers tell entries apart by id, by date, or by both. So ids hang on the file's name and the update's time alone, dates
differ and lie in the past, and correcting a text changes neither. ``/incidents.atom`` is for programs that want one
entry per event instead, at the time of its latest update.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial

from statusgen.digests import digest
from statusgen.model import Phase
from statusgen.render import feed, notation
from statusgen.render.feed import Feed, Item
from statusgen.render.output import Output
from statusgen.render.placing import Prose
from statusgen.render.words import Words
from statusgen.views import Entry, EventView, Snapshot, UpdateView

FORMATS = ("history.atom", "history.rss", "feed.json")
OF_EVENTS = FORMATS[:1]  # one that every reader takes: there may be ten thousand of them
BY_INCIDENT = "incidents.atom"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Subject:
    """What a feed is about: a name for its title, and the entries that it holds, newest first."""

    folder: str
    name: str
    entries: tuple[Entry, ...]
    formats: tuple[str, ...] = FORMATS


def files(snapshot: Snapshot, words: Words, prose: Prose, told: Mapping[str, str], catalog: str) -> dict[str, Output]:
    """Return every feed by its path.

    ``told`` stands for each event by its slug and for all that its texts hang on, ``catalog`` for the language.
    """
    site = snapshot.site
    common = digest(site.name, site.url, site.description, site.language, snapshot.authority, catalog)
    writer = _Writer(snapshot, words, prose)
    subjects = {subject.folder: subject for subject in _subjects(snapshot)}
    latest = lru_cache(maxsize=1)(lambda folder: writer.feed(subjects[folder]))  # for all of its formats in a row
    made: dict[str, Output] = {}
    for folder, subject in subjects.items():
        key = digest(common, subject.name, _marks(snapshot, subject.entries, told))
        make = partial(latest, folder)
        made |= {f"{folder}{name}": _output(snapshot, key, f"{folder}{name}", make) for name in subject.formats}
    entries = tuple(_latest_of_each(snapshot))
    key = digest(common, _marks(snapshot, entries, told))
    return {**made, BY_INCIDENT: _output(snapshot, key, BY_INCIDENT, partial(writer.by_incident, entries))}


def _marks(snapshot: Snapshot, entries: Iterable[Entry], told: Mapping[str, str]) -> object:
    """Return what stands for entries; a feed without any is dated at the first instant known."""
    return [(entry.at, entry.update.tag, told[entry.event.slug]) for entry in entries] or snapshot.first


def _output(snapshot: Snapshot, key: str, path: str, make: Callable[[], Feed]) -> Output:
    return Output(digest("feed", path, key), lambda: _written(snapshot, make(), path))


def _written(snapshot: Snapshot, made: Feed, path: str) -> bytes:
    if path.endswith(".json"):
        return feed.as_json(snapshot, made, path)
    from statusgen.render import feed_xml  # its library takes longer to import than most builds to find it not needed

    return feed_xml.rss(snapshot, made, path) if path.endswith(".rss") else feed_xml.atom(snapshot, made, path)


# Which there are


def _subjects(snapshot: Snapshot) -> Iterator[_Subject]:
    yield _Subject(folder="", name="", entries=tuple(snapshot.latest(snapshot.entries)))
    of_component: dict[str, list[Entry]] = {view.component.id: [] for view in snapshot.components}
    of_event: dict[str, list[Entry]] = {}
    for entry in snapshot.entries:
        of_event.setdefault(entry.event.slug, []).append(entry)
        for _, _, component in entry.event.components:
            of_component[component].append(entry)
    for view in snapshot.components:
        told = tuple(snapshot.latest(of_component[view.component.id]))
        yield _Subject(folder=f"components/{view.component.id}/", name=view.component.name, entries=told)
    for event in snapshot.events:
        if not event.draft:
            told = tuple(of_event.get(event.slug, ()))
            yield _Subject(folder=event.folder, name=event.title, entries=told, formats=OF_EVENTS)


def _latest_of_each(snapshot: Snapshot) -> Iterator[Entry]:
    """Yield the newest entry of each event, newest first, as many as a feed holds."""
    seen: set[str] = set()
    newest = []
    for entry in snapshot.entries:
        if entry.event.slug not in seen:
            seen.add(entry.event.slug)
            newest.append(entry)
    yield from snapshot.latest(newest)


# What they say


@dataclass(frozen=True, slots=True)
class _Writer:
    """Says what entries hold, in the language of the site."""

    snapshot: Snapshot
    words: Words
    prose: Prose

    def feed(self, subject: _Subject) -> Feed:
        items = tuple(self.item(entry) for entry in subject.entries)
        return self.made(subject.folder, subject.name, items, f"/{subject.folder}history")

    def by_incident(self, entries: tuple[Entry, ...]) -> Feed:
        return self.made("", "", tuple(self.whole(entry) for entry in entries), "/incidents")

    def made(self, folder: str, name: str, items: tuple[Item, ...], identity: str) -> Feed:
        say, site = self.words.language.say, self.snapshot.site
        title = say("%(site)s – incident history", site=f"{site.name}: {name}" if name else site.name)
        return Feed(
            folder=folder,
            id=f"tag:{self.snapshot.authority}:{identity}",
            title=title,
            description=site.description or say("Incidents and maintenance of %(site)s", site=site.name),
            updated=max((item.at for item in items), default=self.snapshot.first),
            items=items,
        )

    def item(self, entry: Entry) -> Item:
        """Return an update as an entry. Scrapers read the first line of its body, ``Status: …``."""
        event, update, say = entry.event, entry.update, self.words.language.say
        link = f"{self.page(event)}#{update.anchor}"
        status = say("Status: %(phase)s", phase=self.words.phase(update.phase))
        when = self.words.language.date_and_time(update.at)
        lines = [f"<p><strong>{html.escape(status)}</strong></p>", *self.facts(event, update), self.text(event, update)]
        if update.next is not None:
            following = say("Next update by %(time)s", time=self.words.language.date_and_time(update.next))
            lines.append(f"<p>{html.escape(following)}</p>")
        lines.append(f'<p><a href="{html.escape(link)}">{html.escape(when)}</a></p>')
        return Item(
            id=update.tag,
            at=entry.at,
            title=f"[{self.words.phase(update.phase)}] {event.title}",
            link=link,
            body="\n".join(lines),
            tags=(notation.phase(update.phase), *(each.id for each in update.affected)),
        )

    def facts(self, event: EventView, update: UpdateView) -> Iterator[str]:
        """Yield which components it is about, with their states once there is more than a plan, and the window."""
        say = self.words.language.say
        if update.affected:
            plan = update.phase is Phase.SCHEDULED
            named = (each.name if plan else f"{each.name} ({say(each.state.word.lower())})" for each in update.affected)
            whom = say("Affected: %(components)s", components=self.words.language.listed(named))
            yield f"<p>{html.escape(whom)}</p>"
        if event.scheduled:
            when = say("Scheduled: %(span)s", span=self.words.language.span(*event.scheduled))
            yield f"<p>{html.escape(when)}</p>"

    def text(self, event: EventView, update: UpdateView) -> str:
        """Return the text; its footnotes lead to the page, as readers put many entries into one document."""
        root = f"{self.snapshot.site.url}/"
        placed = self.prose(update.text, root, root, update.anchor)
        return placed.replace('href="#', f'href="{html.escape(self.page(event))}#')

    def page(self, event: EventView) -> str:
        return f"{self.snapshot.site.url}/{event.folder}"

    def whole(self, entry: Entry) -> Item:
        """Return an event as one entry at the time of its newest update: every update in it, newest first."""
        event = entry.event
        lines = [line for line in self.facts(event, entry.update) if event.is_maintenance]
        for update in event.told:
            when = html.escape(self.words.language.date_and_time(update.at))
            phase = html.escape(self.words.phase(update.phase))
            lines.append(f"<p><small>{when}</small><br><strong>{phase}</strong></p>\n{self.text(event, update)}")
        return Item(
            id=f"tag:{self.snapshot.authority}:/incidents/{event.slug}",
            at=entry.at,
            title=event.title,
            link=self.page(event),
            body="\n".join(lines),
            tags=(notation.phase(event.phase), *(component for _, _, component in event.components)),
        )
