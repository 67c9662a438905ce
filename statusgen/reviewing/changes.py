"""What a change to the repository does: two snapshots of the same instant, and what tells them apart.

Updates are told apart as feeds do it, by their tags: what has a tag that was not there before is sent, what has one
that was there is not sent again, whatever its text says now.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Generic, TypeVar

from statusgen import periods
from statusgen.errors import Level, Problem
from statusgen.model import Correction, Document, Site, State
from statusgen.reviewing.movements import Movement, movements
from statusgen.reviewing.settings import Setting, settings
from statusgen.status import Banner
from statusgen.views import ComponentView, EventView, Snapshot, UpdateView

Thing = TypeVar("Thing")
_OF_SITE = ("name", "url", "id", "description", "language", "languages", "repository", "notice")
_KEYS = {  # what components.yaml calls a field of ``Site``, where that is something else
    **{name: f"site.{name}" for name in _OF_SITE},
    "theme": "theme.name",
    "authority": "feed.authority",
    "branch": "data.branch",
    "retention": "data.retention",
    "disclosure": "security",
    "routes": "notifications",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """The site before or after: its snapshot, its drafts, what is wrong, digests of its theme and images by path."""

    snapshot: Snapshot
    drafts: tuple[EventView, ...] = ()
    problems: tuple[Problem, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What is sent through routes of ``notifications``, by their names, in the words in which it is sent."""

    routes: tuple[str, ...]
    kind: str
    title: str
    text: str


class Happening(StrEnum):
    """What becomes of an incident or a maintenance."""

    OPENED = "opened"
    ANNOUNCED = "announced"
    REMOVED = "removed"
    MOVED = "moved"
    RENAMED = "renamed"
    UPDATED = "updated"
    SHORTENED = "shortened"
    BEGUN = "begun"
    CLOSED = "closed"
    REOPENED = "reopened"
    RESCHEDULED = "rescheduled"
    RANKED = "ranked"
    STATED = "stated"
    CONCERNED = "concerned"
    EXPLAINED = "explained"
    REWORDED = "reworded"
    DETAILED = "detailed"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventChange:
    """An event before and after, None where it is not there, and what happened to it."""

    before: EventView | None
    after: EventView | None
    happenings: tuple[Happening, ...]

    @property
    def event(self) -> EventView:
        found = self.after or self.before
        assert found, "it is there before or after"
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateChange:
    """An update that is new, edited (``before`` and ``after``) or withdrawn (``before`` alone), and the event it is of.

    ``is_fed`` tells whether feeds hold it: what is long past they do not tell of any more. ``title`` is what the event
    was called before.
    """

    event: EventView
    before: UpdateView | None
    after: UpdateView | None
    is_fed: bool = True
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """Windows of maintenance that calendars gain and lose, by the event that they are of."""

    event: EventView
    gained: tuple[tuple[int, int], ...]
    lost: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentChange:
    """A component that comes, goes, or is called or found otherwise; None where it is not there."""

    before: ComponentView | None
    after: ComponentView | None

    @property
    def view(self) -> ComponentView:
        found = self.after or self.before
        assert found, "it is there before or after"
        return found

    @property
    def states(self) -> tuple[State, State] | None:
        """Its state before and after, None where that is the same or there are not both."""
        pair = (self.before.state, self.after.state) if self.before and self.after else None
        return pair if pair and pair[0] is not pair[1] else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap(Generic[Thing]):
    """Something that came (``before`` is None), went or became something else."""

    before: Thing | None
    after: Thing | None

    @property
    def thing(self) -> Thing:
        found = self.after if self.before is None or self.after is not None else self.before
        assert found is not None, "it is there before or after"
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Something wrong with what will be, and whether it was not wrong before."""

    problem: Problem
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Everything that a change does. ``is_first`` tells that there was no site to compare with."""

    after: Snapshot
    is_first: bool
    sent: tuple[UpdateChange, ...]
    edited: tuple[UpdateChange, ...]
    withdrawn: tuple[UpdateChange, ...]
    planned: tuple[Planned, ...]
    messages: tuple[Preview, ...]
    banner: tuple[Banner, Banner] | None
    components: tuple[ComponentChange, ...]
    events: tuple[EventChange, ...]
    drafts: tuple[EventView, ...]
    pages: tuple[Swap[Document], ...]
    settings: tuple[Setting, ...]
    files: tuple[str, ...]
    corrections: tuple[Swap[Correction], ...]
    movements: tuple[Movement, ...]
    found: tuple[Found, ...]

    @property
    def is_nothing(self) -> bool:
        """Tell whether nothing that anybody sees changes, and nothing goes wrong that did not before."""
        kept = (f.name for f in fields(self) if f.name not in ("after", "is_first", "found"))
        return not any(getattr(self, name) for name in kept) and not any(each.is_new for each in self.found)

    @property
    def errors(self) -> tuple[Found, ...]:
        return tuple(each for each in self.found if each.problem.level is Level.ERROR)


def compare(before: Side | None, after: Side, messages: Iterable[Preview] = ()) -> Changes:
    """Return what a change does; both snapshots are of the same instant and ledger. ``messages`` are sent for it."""
    old = before or _nothing(after)
    was, will = old.snapshot, after.snapshot
    sent, edited, withdrawn = _updates(was, will)
    components = tuple(_components(was, will))
    return Changes(
        after=will,
        is_first=before is None,
        sent=sent,
        edited=edited,
        withdrawn=withdrawn,
        planned=tuple(_planned(was, will)),
        messages=tuple(messages),
        banner=(was.banner, will.banner) if before and was.banner != will.banner else None,
        components=components,
        events=tuple(_events(was, will)),
        drafts=tuple(each for each in after.drafts if each not in old.drafts),
        pages=_swapped({each.slug: each for each in was.documents}, {each.slug: each for each in will.documents}),
        settings=tuple(_settings(was, will)) if before else (),
        files=tuple(sorted(p for p in {*old.files, *after.files} if old.files.get(p) != after.files.get(p))),
        corrections=_swapped({each.slug: each for each in was.corrections}, {e.slug: e for e in will.corrections}),
        movements=tuple(movements(was, will)) if before else (),
        found=tuple(_found(old.problems, (*after.problems, *_overtaken(was, will)))),
    )


def _nothing(after: Side) -> Side:
    """Return the side of a site that does not exist yet, with the files that every site has."""
    bare = _bare(after.snapshot)
    empty = replace(after.snapshot, site=bare, groups=(), events=(), entries=(), documents=(), corrections=())
    return Side(snapshot=empty, files=after.files)


def _bare(snapshot: Snapshot) -> Site:
    return replace(snapshot.site, components=(), groups=(), objectives=())


# What subscribers receive


Trio = tuple[tuple[UpdateChange, ...], tuple[UpdateChange, ...], tuple[UpdateChange, ...]]


def _updates(was: Snapshot, will: Snapshot) -> Trio:
    """Return the updates that are new, edited and withdrawn, newest first."""
    old, new = _told(was), _told(will)
    fed = {entry.update.tag for entry in will.latest(will.entries)}
    sent = [
        UpdateChange(event=event, before=None, after=update, is_fed=tag in fed or event.draft)
        for tag, (event, update) in new.items()
        if tag not in old
    ]
    edited = [
        UpdateChange(event=event, before=old[tag][1], after=update, is_fed=tag in fed, title=old[tag][0].title)
        for tag, (event, update) in new.items()
        if tag in old and _essence(*old[tag]) != _essence(event, update)
    ]
    gone = [each for tag, each in old.items() if tag not in new]
    withdrawn = [UpdateChange(event=event, before=update, after=None) for event, update in gone]
    return tuple(sent), tuple(edited), tuple(withdrawn)


def _told(snapshot: Snapshot) -> dict[str, tuple[EventView, UpdateView]]:
    """Return what was told by tag, newest first; drafts only where they are shown, so as if they were published."""
    told = [(update, event) for event in snapshot.events for update in event.told if update.at <= snapshot.now]
    return {update.tag: (event, update) for update, event in sorted(told, key=lambda each: -each[0].at)}


def _overtaken(was: Snapshot, will: Snapshot) -> Iterator[Problem]:
    """Yield updates that are put above one of the same minute that was told: they get its tag, and it a new one."""
    old = {event.slug: event for event in was.events if not event.draft}
    for event in will.events:
        told = _by_minute(old[event.slug]) if event.slug in old else {}
        for minute, updates in _by_minute(event).items():
            pairs = zip(told.get(minute, ()), updates, strict=False)
            one, other = next((pair for pair in pairs if _words(pair[0]) != _words(pair[1])), (None, None))
            if one and other and _words(one) in map(_words, updates[updates.index(other) :]):
                message = (
                    f"'{other.phase.word}' stands above '{one.phase.word}' of the same minute, {periods.iso(one.at)}, "
                    "which was told: subscribers would get that one again and this one never: write it below, "
                    "or a minute later"
                )
                yield Problem(path=event.path, message=message, level=Level.WARNING)


def _by_minute(event: EventView) -> dict[int, list[UpdateView]]:
    """Return the updates of each minute, in the order in which they are numbered there."""
    found: dict[int, list[UpdateView]] = {}
    for update in reversed(event.updates):
        found.setdefault(update.at // periods.MINUTE, []).append(update)
    return found


def _words(update: UpdateView) -> object:
    return update.phase, update.text


def _essence(event: EventView, update: UpdateView) -> object:
    """Return what a subscriber reads of an update."""
    return event.title, update.phase, update.text, update.components, update.affected, update.next


def _planned(was: Snapshot, will: Snapshot) -> Iterator[Planned]:
    old, new = _windows(was), _windows(will)
    for key in dict.fromkeys((*new, *old)):
        event = (new.get(key) or old[key])[0]
        before, after = (set(each[key][1]) if key in each else set() for each in (old, new))
        if before != after:
            yield Planned(event=event, gained=tuple(sorted(after - before)), lost=tuple(sorted(before - after)))


def _windows(snapshot: Snapshot) -> dict[str, tuple[EventView, list[tuple[int, int]]]]:
    """Return the windows that calendars show of each maintenance, those of one that repeats together."""
    found: dict[str, tuple[EventView, list[tuple[int, int]]]] = {}
    for event in snapshot.events:
        if event.scheduled and not (event.draft and not snapshot.provenance.drafts):
            found.setdefault(event.series or event.slug, (event, []))[1].append(event.scheduled)
    return found


# What changes on the page


def _components(was: Snapshot, will: Snapshot) -> Iterator[ComponentChange]:
    old, new = ({view.component.id: view for view in each.components} for each in (was, will))
    for id_ in dict.fromkeys((*new, *old)):
        before, after = old.get(id_), new.get(id_)
        if not (before and after) or (before.component.name, before.state) != (after.component.name, after.state):
            yield ComponentChange(before=before, after=after)


def _events(was: Snapshot, will: Snapshot) -> Iterator[EventChange]:
    old, new = _foremost(was.events), _foremost(will.events)
    gone = {key: event for key, event in old.items() if key not in new}
    for key, event in new.items():
        before = old.get(key) or _moved(gone, event)
        if before is None:
            what = Happening.ANNOUNCED if event.is_maintenance else Happening.OPENED
            closed = (Happening.CLOSED,) if event.is_over else ()
            yield EventChange(before=None, after=event, happenings=(what, *closed))
        elif happenings := tuple(_happenings(before, event)):
            yield EventChange(before=before, after=event, happenings=happenings)
    for event in gone.values():
        yield EventChange(before=event, after=None, happenings=(Happening.REMOVED,))


def _foremost(events: Iterable[EventView]) -> dict[str, EventView]:
    """Return the events by the name of their file; of one that repeats what goes on, else is next, else was last."""
    found: dict[str, EventView] = {}
    for event in events:
        key = event.series or event.slug
        kept = found.get(key)
        if kept is None or event.is_open or (event.is_upcoming and not kept.is_open):
            found[key] = event
    return found


def _moved(gone: dict[str, EventView], event: EventView) -> EventView | None:
    """Return, and take away, the event that is gone and that another seems to be under a new name."""
    told = {(update.at, update.text) for update in event.updates}
    for key, old in gone.items():
        same = told & {(update.at, update.text) for update in old.updates}
        if same or (old.title, old.start) == (event.title, event.start):
            return gone.pop(key)
    return None


def _happenings(before: EventView, after: EventView) -> Iterator[Happening]:
    old, new = ({update.anchor: update.text for update in each.updates} for each in (before, after))
    tests = (
        (Happening.MOVED, (before.series or before.slug) != (after.series or after.slug)),
        (Happening.RENAMED, before.title != after.title),
        (Happening.UPDATED, bool(new.keys() - old.keys())),
        (Happening.SHORTENED, bool(old.keys() - new.keys())),
        (Happening.BEGUN, before.is_upcoming and after.is_open),
        (Happening.CLOSED, not before.is_over and after.is_over),
        (Happening.REOPENED, before.is_over and not after.is_over),
        (Happening.RESCHEDULED, before.slug == after.slug and before.scheduled != after.scheduled),
        (Happening.RANKED, before.severity != after.severity),
        (Happening.STATED, not after.is_maintenance and before.lanes != after.lanes),
        (Happening.CONCERNED, after.is_maintenance and _ids(before) != _ids(after)),
        (Happening.EXPLAINED, before.postmortem is None and after.postmortem is not None),
        (
            Happening.REWORDED,
            _is_reworded(before, after) or any(new.get(key, text) != text for key, text in old.items()),
        ),
    )
    found = [what for what, is_so in tests if is_so]
    yield from found or [Happening.DETAILED] * (_details(before) != _details(after))


def _ids(event: EventView) -> set[str]:
    return {id_ for _, _, id_ in event.components}


def _details(event: EventView) -> object:
    """Return what is shown of an event, or counted, besides what has a happening of its own."""
    told = [(each.at, each.phase, each.next, [(a.id, a.state) for a in each.affected]) for each in event.told]
    return event.phase, event.start, event.end, event.detected, event.acknowledged, event.measured, told


def _is_reworded(before: EventView, after: EventView) -> bool:
    """Tell whether something that was written already says something else now, updates aside."""
    learnt = [each.postmortem.text for each in (before, after) if each.postmortem]
    return before.introduction != after.introduction or len(set(learnt)) > 1


def _settings(was: Snapshot, will: Snapshot) -> Iterator[Setting]:
    """Yield the keys that changed; of components that are in both."""
    for found in settings(_bare(was), _bare(will)):
        key, dot, rest = found.place.partition(".")
        yield replace(found, place=f"{_KEYS.get(key, key)}{dot}{rest}")
    yield from settings(_rest(was), _rest(will))
    old, new = ({each.id: each for each in snapshot.site.components} for snapshot in (was, will))
    for id_ in new:
        if id_ in old:
            named = replace(old[id_], name=new[id_].name)  # of which is told elsewhere
            yield from settings(named, new[id_], f"components.{id_}")


def _rest(snapshot: Snapshot) -> Mapping[str, object]:
    return {"groups": snapshot.site.groups, "objectives": snapshot.site.objectives}


def _swapped(old: Mapping[str, Thing], new: Mapping[str, Thing]) -> tuple[Swap[Thing], ...]:
    keys = dict.fromkeys((*new, *old))
    pairs = ((old.get(key), new.get(key)) for key in keys)
    return tuple(Swap(before=before, after=after) for before, after in pairs if before != after)


def _found(old: Iterable[Problem], new: Iterable[Problem]) -> Iterator[Found]:
    """Yield what is wrong; lines may move without anything going wrong anew."""
    known = [(each.path, each.message) for each in old]
    for problem in new:
        key = (problem.path, problem.message)
        yield Found(problem=problem, is_new=key not in known)
        if key in known:
            known.remove(key)
