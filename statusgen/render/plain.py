"""``/status.txt``: the present of the page in a terminal of 80 columns, which is Markdown as well.

It begins like an ``llms.txt``: a heading with the name, a quotation with the sentence. What people wrote stands in
quotations, so that no heading or fence in it reaches beyond them. Rows begin with what has a known width and end with
the name, so columns stay columns whatever script a name is in. Nothing that steers a terminal or turns the direction
of writing gets through.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from statusgen.model import State
from statusgen.render.columns import line, quoted, width, wrapped
from statusgen.render.language import N_
from statusgen.render.words import Words
from statusgen.views import BAR_DAYS, RECENT_DAYS, EventView, GroupView, Snapshot

WIDTH = 78
ROWS = 60  # components that are listed one by one; of more, only those that are not operational
ROWS_OF_GROUP = 20  # of those, in one group
EVENTS = 5  # recent ones, and planned ones, that are listed
LINES = 14  # of an update


def document(snapshot: Snapshot, words: Words, folder: str = "") -> bytes:
    """Return the file; ``folder`` is where the pages of its language are."""
    writer = _Writer(snapshot, words, f"{snapshot.site.url}/{folder}")
    return ("\n".join(writer.lines()).rstrip("\n") + "\n").encode()


# The document


@dataclass(frozen=True, slots=True)
class _Writer:
    """Lays out the snapshot in a language; ``home`` is the address of its pages."""

    snapshot: Snapshot
    words: Words
    home: str

    def lines(self) -> Iterator[str]:
        yield f"# {line(self.snapshot.site.name)}"
        yield ""
        yield from (f"> {each}" for each in wrapped(self.words.banner(self.snapshot.banner), WIDTH - 2))
        yield ""
        yield from self.remarks()
        yield from self.present()
        yield from self.components()
        yield from self.past()
        yield from self.links()

    def remarks(self) -> Iterator[str]:
        say, language, snapshot = self.words.language.say, self.words.language, self.snapshot
        if snapshot.checked is None:
            told = [say("Nothing has been checked yet.")]
        else:
            until = language.date_and_time(snapshot.checked + snapshot.stale_after)
            told = [
                say("Last checked %(time)s.", time=language.date_and_time(snapshot.checked)),
                say("After %(time)s this may be out of date.", time=until),
            ]
        if snapshot.is_stale:
            told.append(say("Monitoring is delayed: this may be out of date."))
        yield from self.paragraph(" ".join(told))
        if snapshot.sample_until is not None:
            time = language.date_and_time(snapshot.sample_until)
            yield from self.paragraph(say("Until %(time)s the history shown is sample data, not measured.", time=time))
        if snapshot.site.notice:
            yield from self.paragraph(line(snapshot.site.notice))

    def paragraph(self, text: str) -> Iterator[str]:
        yield from wrapped(text, WIDTH)
        yield ""

    def heading(self, text: str) -> Iterator[str]:
        yield f"## {text}"
        yield ""

    def row(self, text: str) -> list[str]:
        return wrapped(f"- {text}", WIDTH, "  ")

    # What goes on and lies ahead

    def present(self) -> Iterator[str]:
        say, snapshot = self.words.language.say, self.snapshot
        for title, events in (
            (say("Incidents"), snapshot.open_incidents),
            (say("Maintenance in progress"), snapshot.maintenance_now),
        ):
            if events:
                yield from self.heading(title)
            for event in events:
                yield from self.event(event)
        if snapshot.maintenance_next:
            yield from self.heading(say("Scheduled maintenance"))
            yield from self.listed(snapshot.maintenance_next, "maintenance/")

    def event(self, event: EventView) -> Iterator[str]:
        say, language = self.words.language.say, self.words.language
        yield f"### {line(event.title)}"
        yield ""
        yield from self.row(self.facts(event))
        if event.components:
            named = (f"{line(each)} ({say(state.word.lower())})" for each, state in _affected(event))
            yield from self.row(say("Affected: %(components)s", components=language.listed(named)))
        if event.due is not None:
            time = language.date_and_time(event.due)
            late, ahead = N_("Next update was due by %(time)s"), N_("Next update by %(time)s")
            yield from self.row(say(late if event.due < self.snapshot.now else ahead, time=time))
        yield f"- {self.home}{event.folder}"
        yield ""
        yield from self.latest(event)

    def latest(self, event: EventView) -> Iterator[str]:
        """Yield what was said last, else what an event is introduced with."""
        text = event.updates[0].text if event.updates else event.introduction
        if not text.strip():
            return
        if event.updates:
            update = event.updates[0]
            yield f"{self.words.phase(update.phase)} · {self.words.language.date_and_time(update.at)}"
            yield ""
        lines, is_whole = quoted(text, WIDTH, LINES)
        yield from lines
        yield ""
        if not is_whole:
            yield f"{self.words.language.say('Details')}: {self.home}{event.folder}"
            yield ""

    def facts(self, event: EventView) -> str:
        say, language = self.words.language.say, self.words.language
        facts = [say("Draft")] if event.draft else []
        facts.append(self.words.phase(event.phase))
        if event.scheduled:
            facts.append(language.span(*event.scheduled))
        elif event.end is None or event.seconds is None:
            facts.append(say("since %(time)s", time=language.date_and_time(event.start)))
        else:
            facts += (language.span(event.start, event.end), language.duration(event.seconds, up=True))
        if event.is_overdue:
            facts.append(say("goes on longer than planned"))
        return " · ".join(facts)

    def listed(self, events: Sequence[EventView], more: str) -> Iterator[str]:
        for event in events[:EVENTS]:
            yield from self.row(line(event.title))
            yield from (f"  {each}" for each in wrapped(self.facts(event), WIDTH - 2))
            yield f"  {self.home}{event.folder}"
        if len(events) > EVENTS:
            rest = self.words.language.say("and %(count)s more", count=len(events) - EVENTS)
            yield f"- {rest}: {self.home}{more}"
        yield ""

    # Components

    def components(self) -> Iterator[str]:
        say, groups = self.words.language.say, self.snapshot.groups
        if not any(group.components for group in groups):
            return
        yield from self.heading(f"{say('Components')} · {say('Availability')} ({self.words.window(f'{BAR_DAYS}d')})")
        rows = [row for group in groups for row in self.group(group)]
        first, second = max(width(row[0]) for row in rows), max(width(row[1]) for row in rows)
        for state, share, name in rows:
            filled = state + " " * (first - width(state))
            yield f"    {filled}  {' ' * (second - width(share))}{share}  {name}".rstrip()
        yield ""

    def group(self, group: GroupView) -> Iterator[tuple[str, str, str]]:
        """Yield the rows of a group: its own, and those of its components, indented."""
        is_long = len(self.snapshot.site.components) > ROWS
        inset = "  " if group.name else ""
        if group.name or is_long:
            yield self.words.state(group.state), self.share(group.availability), self.name(group, is_long)
        shown = [view for view in group.components if view.state is not State.OPERATIONAL or not is_long]
        kept = shown[:ROWS_OF_GROUP] if is_long else shown
        for view in kept:
            yield self.words.state(view.state), self.share(view.bars.availability), inset + line(view.component.name)
        if len(shown) > len(kept):
            yield "", "", inset + self.words.language.say("and %(count)s more", count=len(shown) - len(kept))

    def name(self, group: GroupView, is_long: bool) -> str:
        name = line(group.name)
        return f"{name} ({self.counted(group)})" if name and is_long else name or self.counted(group)

    def counted(self, group: GroupView) -> str:
        language, count = self.words.language, len(group.components)
        number = language.number(count)
        if not group.affected:
            return language.count("%(count)s component", "%(count)s components", count, count=number)
        part = language.number(group.affected)
        return language.count(
            "%(part)s of %(count)s affected", "%(part)s of %(count)s affected", count, part=part, count=number
        )

    def share(self, percentage: str | None) -> str:
        return self.words.language.percent(percentage)

    # The past, and where there is more

    def past(self) -> Iterator[str]:
        say = self.words.language.say
        yield from self.heading(say("Recent incidents"))
        events = [event for _, events in self.snapshot.recent for event in events]
        if events:
            yield from self.listed(events, "history/")
        elif self.snapshot.open_incidents:
            yield from self.paragraph(say("No other incidents in the last %(count)s days.", count=RECENT_DAYS))
        else:
            yield from self.paragraph(say("No incidents in the last %(count)s days.", count=RECENT_DAYS))

    def links(self) -> Iterator[str]:
        say, url = self.words.language.say, self.snapshot.site.url
        yield from self.heading(say("Details"))
        yield f"- {say('Status')}: {self.home}"
        yield f"- {say('History')}: {self.home}history/"
        yield f"- Atom: {url}/history.atom"
        yield f"- RSS: {url}/history.rss"
        yield f"- Status API: {url}/api/v2/summary.json"
        yield f"- Prometheus: {url}/metrics.txt"


def _affected(event: EventView) -> Iterator[tuple[str, State]]:
    """Yield the components in trouble, with their states: of an open incident those of now."""
    present = event.updates[0].states if event.is_open and event.updates and not event.is_maintenance else {}
    for name, state, id_ in event.components:
        if present.get(id_, state) is not State.OPERATIONAL:
            yield name, present.get(id_, state)
