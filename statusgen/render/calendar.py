"""A maintenance as a file for calendars (RFC 5545)."""

from __future__ import annotations

from statusgen import periods
from statusgen.digests import digest
from statusgen.model import Phase
from statusgen.render.output import Output
from statusgen.views import EventView, Snapshot


def output(snapshot: Snapshot, event: EventView) -> Output:
    """Return the file; it changes only when the event or the site does."""
    return Output(digest("calendar", snapshot.site, snapshot.authority, event), lambda: _made(snapshot, event))


def _made(snapshot: Snapshot, event: EventView) -> bytes:
    from icalendar import Calendar, Event  # 60 ms that most builds do without

    assert event.scheduled is not None
    told = event.updates[0].at if event.updates else event.scheduled[0]
    link = f"{snapshot.site.url}/incidents/{event.slug}/"
    entry = Event()
    entry.add("uid", f"{event.slug}@{snapshot.authority.partition(',')[0]}")
    entry.add("dtstamp", periods.moment(told))
    entry.add("sequence", len(event.updates))
    entry.add("dtstart", periods.moment(event.scheduled[0]))
    entry.add("dtend", periods.moment(event.scheduled[1]))
    entry.add("summary", f"{snapshot.site.name}: {event.title}")
    entry.add("description", link)
    entry.add("url", link)
    entry.add("status", "CANCELLED" if event.phase is Phase.CANCELLED else "CONFIRMED")
    entry.add("transp", "TRANSPARENT")
    made = Calendar()
    made.add("prodid", "-//statusgen//maintenance//EN")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add_component(entry)
    content: bytes = made.to_ical()
    return content
