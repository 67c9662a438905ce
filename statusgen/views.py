"""What the page shows, as frozen types: the snapshot and its parts.

Every number and state that any page, feed, badge or document shows is a field here, worked out once by
``snapshot.take``; what renders may lay them out and write instants as text, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from statusgen import periods
from statusgen.availability import Tally
from statusgen.budget import Account, Burn, Reckoning
from statusgen.cadence import Cadence
from statusgen.errors import Problem
from statusgen.latency import CheckSeries, Latency
from statusgen.model import (
    TROUBLE,
    Component,
    Correction,
    Details,
    Document,
    Impact,
    Phase,
    Postmortem,
    Repeats,
    Site,
    State,
    Verdict,
)
from statusgen.promises import Objective, Policy, Severity
from statusgen.response import Answered, Response
from statusgen.status import Banner

BAR_DAYS = 90
YEAR_DAYS = 365
EVENTS_OF_DAY = 5
FAILURE_DAYS = 90
LATENCY_WINDOWS = ("24h", "7d", "30d", "90d")
RECENT_DAYS = 14
FEED_LEAST = 25
FEED_DAYS = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What the snapshot was made from: program version, the repository's commit, the ledger branches' tips.

    ``samples`` is how many each of them holds, or each folder of ``data/``.
    ``left_out`` is what was wrong with files that are not part of it, or of incidents not with every update;
    ``uncommitted`` names those that differ from the commit. ``drafts`` tells that they are shown.
    """

    version: str
    commit: str = ""
    branches: tuple[tuple[str, str], ...] = ()
    samples: tuple[tuple[str, int], ...] = ()
    left_out: tuple[Problem, ...] = ()
    uncommitted: tuple[str, ...] = ()
    drafts: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A stretch of time up to now, or a month. Percentages are text, None where nothing is known.

    ``corrections`` are the slugs of those that touch it.
    """

    name: str
    start: int
    end: int
    tally: Tally
    availability: str | None
    coverage: str | None
    corrections: tuple[str, ...] = ()


class Day(NamedTuple):
    """One UTC day of a component and its worst state. A tuple, because every component has a year of them.

    ``events`` are the slugs of incidents and maintenances that name the component and went on during the day, the
    oldest first, ``EVENTS_OF_DAY`` at most.
    """

    start: int
    state: State
    tally: Tally
    availability: str | None
    events: tuple[str, ...] = ()
    is_corrected: bool = False

    @property
    def is_quiet(self) -> bool:
        """A day of which there is nothing to say: the page need not draw it one by one."""
        return self.state is State.OPERATIONAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A maximal stretch of outage, measured or declared. ``end`` is None while it lasts.

    ``reason`` is the code that the first failing sample gave, empty where no probe saw one. What was measured really
    began in ``(started_after, start]`` and ended in ``(ended_after, end]``; None where samples do not tell it
    (``outages``).
    """

    start: int
    end: int | None
    seconds: int
    state: State
    reason: str
    started_after: int | None = None
    ended_after: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown:
    """An outage as probes confirmed it, whatever was declared. ``end`` is None while nothing shows that it is over:
    time of which nothing is known ends none. ``shown`` is its first instant outside of maintenance, None without one.
    """

    start: int
    end: int | None
    shown: int | None
    state: State
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyRow:
    """Percentiles of one check over the windows of ``LATENCY_WINDOWS``, and how they came about over time."""

    check: str
    windows: tuple[Latency | None, ...]
    series: CheckSeries


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An answer that was not good: when, and the code of the reason."""

    at: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckNow:
    """A check's latest sample; ``reason`` is its code, empty when there is nothing to say.

    Without a verdict it could not be told how the target was, and the reason says why.

    ``failure`` is its latest answer that was not good, None without one in the last ``FAILURE_DAYS`` times 24 hours.
    ``details`` are the latest that were recorded, which is once an hour and at a failure.
    """

    check: str
    at: int
    verdict: Verdict | None
    latency: int | None
    reason: str
    failure: Failure | None = None
    details: Details | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentView:
    """A component with all its numbers. ``since`` is when its state began, None if it never had one.

    ``days`` are the last ``YEAR_DAYS``, today last; of those before the component counts nothing is known. ``events``
    are the slugs of the latest, newest first; ``older_events`` is how many more there are. ``detections`` are when
    probes first saw what an incident is about, by its slug; ``reckonings`` its seconds by objective; ``breakdowns`` are
    the outages that probes confirmed in the last days, oldest first.
    """

    component: Component
    state: State
    since: int | None
    days: tuple[Day, ...]
    windows: tuple[Window, ...]
    months: tuple[Window, ...]
    outages: tuple[Outage, ...]
    latency: tuple[LatencyRow, ...]
    checks: tuple[CheckNow, ...]
    events: tuple[str, ...]
    older_events: int
    corrections: tuple[Correction, ...]
    detections: Mapping[str, int]
    reckonings: Mapping[str, Reckoning]
    breakdowns: tuple[Breakdown, ...] = ()

    def window(self, name: str) -> Window:
        """Return the window of that name."""
        return next(window for window in self.windows if window.name == name)

    @property
    def bar_days(self) -> tuple[Day, ...]:
        """The days that the bars show, today last."""
        return self.days[-BAR_DAYS:]

    @property
    def bars(self) -> Window:
        """The window that the bars show."""
        return self.window(f"{BAR_DAYS}d")

    @property
    def response_ms(self) -> int | None:
        """The median of the last 24 hours of the check that was slowest, in milliseconds; None without an answer."""
        return max((row.windows[0].p50 for row in self.latency if row.windows[0]), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupView:
    """Components shown together; ``name`` is empty for those without a group.

    ``id`` is fit for an anchor and no other group's; empty where the name is.
    """

    id: str
    name: str
    state: State
    components: tuple[ComponentView, ...]
    availability: str | None

    @property
    def corrections(self) -> tuple[str, ...]:
        """The corrections that touch its availability."""
        return tuple(dict.fromkeys(slug for view in self.components for slug in view.bars.corrections))

    @property
    def affected(self) -> int:
        """How many of its components are in trouble."""
        return sum(1 for view in self.components if view.state in TROUBLE)

    @property
    def needs_attention(self) -> bool:
        return self.state in TROUBLE or self.state is State.MAINTENANCE


class Affected(NamedTuple):
    """A component of an event by name and id: what it was declared to be after an update, and before."""

    name: str
    state: State
    id: str
    before: State


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateView:
    """An update with its identity: ``anchor`` on its page and ``tag`` in feeds never change.

    ``components`` are the states it changed, ``affected`` all that were in force after it; ``next`` is by when it
    promised the next one.
    """

    anchor: str
    tag: str
    at: int
    phase: Phase
    text: str
    components: tuple[tuple[str, State], ...]
    affected: tuple[Affected, ...]
    next: int | None = None

    @property
    def states(self) -> dict[str, State]:
        """The states in force after it, by component."""
        return {each.id: each.state for each in self.affected}


Spans = tuple[tuple[int, int | None, State], ...]  # start, end (None while it goes on), state


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """What an event declares of a component, by name and id, over its time: spans in order.

    Spans that touch differ in state; time in which the component is said to be operational is left out.
    """

    component: str
    id: str
    spans: Spans


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """An incident or a maintenance. ``end`` and ``seconds`` are None while it is open or ahead; so the view of one that
    is not touched stays the same. Updates come newest first.

    ``response`` is None for a maintenance. ``components`` are name, worst state given and id; ``state`` is the worst of
    now while it is open, then of all. ``lanes`` are of the same components in the same order.

    ``due`` is the instant by which an open incident is promised another update, in the past where that is late; None
    where nothing is promised.

    ``series`` is the name of the file of a maintenance that repeats, of which this is one occurrence; ``repeats`` tells
    how. Of an incident that says only what was ``measured`` nothing is counted; an ``automatic`` one is the program's.

    ``created`` is when it was first told of, ``updated`` when last, ``revision`` how often, what was said of a whole
    series included; ``learnt`` is the post-mortem as an update, None where there is none or it does not say when it was
    published.
    """

    slug: str
    path: str
    title: str
    is_maintenance: bool
    draft: bool
    phase: Phase
    state: State
    impact: Impact
    is_open: bool
    is_upcoming: bool
    is_overdue: bool
    created: int
    updated: int
    revision: int
    start: int
    end: int | None
    seconds: int | None
    severity: Severity | None
    detected: int | None
    acknowledged: int | None
    response: Response | None
    introduction: str
    components: tuple[tuple[str, State, str], ...]
    lanes: tuple[Lane, ...]
    due: int | None
    updates: tuple[UpdateView, ...]
    postmortem: Postmortem | None
    learnt: UpdateView | None
    scheduled: tuple[int, int] | None
    series: str = ""
    repeats: Repeats | None = None
    measured: bool = False
    automatic: bool = False

    @property
    def folder(self) -> str:
        """Where its page is, from the root of the site."""
        return f"incidents/{self.slug}/"

    @property
    def is_over(self) -> bool:
        """Neither open nor ahead."""
        return not (self.is_open or self.is_upcoming)

    @property
    def affected(self) -> tuple[tuple[str, State, str], ...]:
        """Its components as ``components``, worst first: in an open incident as they are now, else at their worst."""
        is_incident = self.is_open and not self.is_maintenance
        present = self.updates[0].states if is_incident and self.updates else {}
        shown = ((name, present.get(id_, state), id_) for name, state, id_ in self.components)
        return tuple(sorted(shown, key=lambda each: -each[1].gravity))

    @property
    def texts(self) -> Iterator[str]:
        """Everything in Markdown that was written of it."""
        yield self.introduction
        yield from (update.text for update in self.updates)
        if self.postmortem:
            yield self.postmortem.text

    @property
    def told(self) -> tuple[UpdateView, ...]:
        """Everything that was told of it, the post-mortem included, newest first."""
        return tuple(sorted((*((self.learnt,) if self.learnt else ()), *self.updates), key=lambda each: -each.at))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An update as a feed gives it. ``at`` differs from every other entry's and is never in the future."""

    at: int
    event: EventView
    update: UpdateView


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A calendar month in UTC: what happened, and what it did to each component."""

    name: str
    events: tuple[EventView, ...]
    components: tuple[tuple[Component, Window], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectiveView:
    """An objective and how it stands: its accounts by period, the present one first.

    ``ends`` is when the budget of the present period ends if the last three days go on, None if it lasts.
    """

    objective: Objective
    accounts: tuple[Account, ...]
    burn: tuple[Burn, ...]
    ends: int | None

    @property
    def present(self) -> Account | None:
        return next((account for account in self.accounts if account.is_open), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Everything. Events come newest first, groups and components in the order of ``components.yaml``.

    ``impact`` is what users feel of all together; ``windows`` are of all components as if they were one group.
    ``entries`` are all updates that feeds may hold, newest first.
    """

    site: Site
    now: int
    provenance: Provenance
    authority: str
    banner: Banner
    impact: Impact
    checked: int | None
    stale_after: int
    cadences: tuple[Cadence, ...]
    sample_until: int | None
    first: int
    groups: tuple[GroupView, ...]
    windows: tuple[Window, ...]
    events: tuple[EventView, ...]
    months: tuple[Month, ...]
    entries: tuple[Entry, ...]
    policy: Policy
    objectives: tuple[ObjectiveView, ...]
    answered: tuple[Answered, ...]
    corrections: tuple[Correction, ...]
    documents: tuple[Document, ...]

    @property
    def components(self) -> tuple[ComponentView, ...]:
        by_id = {view.component.id: view for group in self.groups for view in group.components}
        return tuple(by_id[component.id] for component in self.site.components)

    @property
    def usual_gap(self) -> int | None:
        """The median of the seconds between two rounds over 24 hours, of several locations the longest."""
        return max((gap for each in self.cadences if (gap := each.paces[0].median) is not None), default=None)

    def begun(self, event: EventView) -> int:
        """Return when an event was first told of; of a plan that nobody announced, the first instant that is known."""
        return event.created if event.created <= self.now else min(self.first, self.now)

    def lasting(self, event: EventView) -> int:
        """Return the seconds for which an event that is still open has lasted."""
        return self.now - event.start

    @property
    def incidents(self) -> tuple[EventView, ...]:
        """The incidents that numbers about responses are made of: all that are no drafts."""
        return tuple(event for event in self.events if event.response is not None and not event.draft)

    @property
    def open_incidents(self) -> tuple[EventView, ...]:
        return tuple(event for event in self.events if event.is_open and not event.is_maintenance)

    @property
    def maintenance_now(self) -> tuple[EventView, ...]:
        return tuple(event for event in self.events if event.is_open and event.is_maintenance)

    @property
    def maintenance_ahead(self) -> tuple[EventView, ...]:
        return tuple(reversed([event for event in self.events if event.is_upcoming]))

    @property
    def maintenance_next(self) -> tuple[EventView, ...]:
        """The maintenances ahead, of each that repeats only the next occurrence."""
        found: dict[str, EventView] = {}
        for event in self.maintenance_ahead:
            found.setdefault(event.series or event.slug, event)
        return tuple(found.values())

    @property
    def planned(self) -> tuple[EventView, ...]:
        """The maintenances that calendars may know of: all that are no drafts."""
        return tuple(event for event in self.events if event.is_maintenance and not event.draft)

    @property
    def response_ms(self) -> int | None:
        """The response time of the component that is slowest, in milliseconds; None without an answer."""
        return max((view.response_ms for view in self.components if view.response_ms is not None), default=None)

    @property
    def changed(self) -> int:
        """The newest instant at which an event was told of or a component's state began."""
        began = (view.since for view in self.components if view.since is not None)
        told = (event.updated for event in self.events if event.updated <= self.now)
        return max((*began, *told), default=self.first)

    def latest(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """Yield of entries, newest first, what a feed holds.

        Everything of events that are open or ahead and of the last ``FEED_DAYS``, and at least ``FEED_LEAST``.
        """
        since = self.now - FEED_DAYS * periods.DAY
        for i, entry in enumerate(entries):
            if i < FEED_LEAST or entry.at >= since or not entry.event.is_over:
                yield entry

    @property
    def recent(self) -> tuple[tuple[int, tuple[EventView, ...]], ...]:
        """What ended within the last ``RECENT_DAYS``, by the day it began (or was called off before), newest first."""
        first = periods.days_until(self.now, RECENT_DAYS)[0]
        closed = [event for event in self.events if event.end is not None and event.end >= first]
        began = {event.slug: periods.day_of(min(event.start, event.end or event.start)) for event in closed}
        days = sorted(set(began.values()), reverse=True)
        return tuple((day, tuple(event for event in closed if began[event.slug] == day)) for day in days)

    @property
    def is_young(self) -> bool:
        """Tell whether the bars begin before anything is known."""
        return self.checked is not None and self.now - self.first < BAR_DAYS * periods.DAY

    @property
    def is_stale(self) -> bool:
        return self.checked is not None and self.now - self.checked > self.stale_after
