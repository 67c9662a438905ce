"""Maintenance for calendars (RFC 5545, RFC 7986): one to subscribe to, one a component, and a file a maintenance.

Nothing in them hangs on when they were made, so that calendars see a change only where there is one. An occurrence of
maintenance that repeats is an event of its own, in UTC: no calendar has to know its rule or its zone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from statusgen import periods
from statusgen.digests import digest
from statusgen.model import Phase
from statusgen.render.output import Output
from statusgen.render.placing import Prose
from statusgen.render.untagged import untagged
from statusgen.render.words import Words
from statusgen.views import EventView, Snapshot

NAME = "maintenance.ics"
KEPT = 365 * periods.DAY  # that a window stays in the calendars after its end
_UTC = (
    *("BEGIN:VTIMEZONE", "TZID:Etc/UTC", "BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0000"),
    *("TZOFFSETTO:+0000", "END:STANDARD", "END:VTIMEZONE"),
)


def files(snapshot: Snapshot, words: Words, prose: Prose, told: Mapping[str, str], catalog: str) -> dict[str, Output]:
    """Return every calendar by its path.

    ``told`` stands for each event by its slug and for all that its texts hang on, ``catalog`` for the language.
    """
    writer = _Writer(snapshot, words, prose)
    common = digest("calendar", snapshot.site.name, snapshot.site.url, snapshot.authority, catalog)

    def output(name: str, events: Sequence[EventView]) -> Output:
        key = digest(common, name, [(told[event.slug], snapshot.begun(event)) for event in events])
        return Output(key, partial(writer.calendar, name, events))

    kept = [event for event in snapshot.planned if _is_kept(event, snapshot.now)]
    own: dict[str, list[EventView]] = {view.component.id: [] for view in snapshot.components}
    for event in kept:
        for _, _, component in event.components:
            own[component].append(event)
    made = {NAME: output("", kept)}
    for view in snapshot.components:
        made[f"components/{view.component.id}/{NAME}"] = output(view.component.name, own[view.component.id])
    return made | {f"incidents/{event.slug}/event.ics": output(event.title, [event]) for event in snapshot.planned}


def _is_kept(event: EventView, now: int) -> bool:
    assert event.scheduled is not None
    return event.scheduled[1] > now - KEPT


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes calendars by the library, which takes 60 ms to import: most builds do without."""

    snapshot: Snapshot
    words: Words
    prose: Prose

    def calendar(self, name: str, events: Sequence[EventView]) -> bytes:
        from icalendar import Calendar, vText

        title = self.words.language.say("%(site)s – maintenance", site=self.snapshot.site.name)
        made = Calendar()
        made.add("prodid", "-//statusgen//maintenance//EN")
        made.add("version", "2.0")
        made.add("method", "PUBLISH")
        made.add("name", vText(f"{title}: {name}" if name else title))
        made.add("x-wr-calname", vText(f"{title}: {name}" if name else title))
        made.add("refresh-interval", periods.moment(periods.HOUR) - periods.moment(0), parameters={"value": "DURATION"})
        made.add("x-published-ttl", "PT1H")
        for component in self.components(events):
            made.add_component(component)
        content: bytes = made.to_ical()
        return content

    def components(self, events: Sequence[EventView]) -> Iterator[Any]:
        """Yield the events; without any the zone that they would be in, as a calendar must hold something (§3.6)."""
        from icalendar import Timezone

        yield from map(self.event, sorted(events, key=lambda event: (event.scheduled or (0, 0), event.slug)))
        if not events:
            yield Timezone.from_ical("\r\n".join(_UTC))

    def event(self, event: EventView) -> Any:
        from icalendar import Event

        assert event.scheduled is not None
        link = f"{self.snapshot.site.url}/{event.folder}"
        root = f"{self.snapshot.site.url}/"
        latest = [untagged(self.prose(update.text, root, root, update.anchor)) for update in event.updates[:1]]
        entry = Event()
        entry.add("uid", f"{event.slug}@{self.snapshot.authority.partition(',')[0]}")
        latest_word = periods.moment(max(event.updated if event.revision else 0, self.snapshot.begun(event)))
        entry.add("dtstamp", latest_word)
        entry.add("last-modified", latest_word)
        entry.add("sequence", event.revision)
        entry.add("dtstart", periods.moment(event.scheduled[0]))
        entry.add("dtend", periods.moment(event.scheduled[1]))
        entry.add("summary", f"{self.snapshot.site.name}: {event.title}")
        entry.add("description", "\n\n".join([*self.affected(event), *latest, link]))
        entry.add("url", link)
        entry.add("status", "CANCELLED" if event.phase is Phase.CANCELLED else "CONFIRMED")
        entry.add("transp", "TRANSPARENT")
        entry.add("categories", [name for name, _, _ in event.components])
        return entry

    def affected(self, event: EventView) -> Iterable[str]:
        names = self.words.language.listed(name for name, _, _ in event.components)
        return [self.words.language.say("Affected: %(components)s", components=names)] if event.components else []
