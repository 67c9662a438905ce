"""What is to be announced: a snapshot compared with what was announced before. Pure: nobody is told anything here.

A notice is known by its key, which hangs on what never changes: the part of an update's tag in feeds that is not the
host, the window of a maintenance, the end of a certificate, the period of an objective. What begins and ends, as an
outage or a silence of the monitor, is known as a spell instead: late samples may move its start, and it stays the same.

Nothing that is long over is news: an import must not send a year of incidents. So ``due`` never gives an update older
than ``FRESH``, nor anything else that was over before ``RECENT``; a first run records what is (``baseline``) and tells
nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from statusgen import periods
from statusgen.budget import Burn
from statusgen.model import Phase, State
from statusgen.periods import DAY
from statusgen.promises import Severity
from statusgen.routes import NoticeKind, Route
from statusgen.views import Breakdown, ComponentView, EventView, ObjectiveView, Snapshot, UpdateView

FRESH = 7 * DAY  # updates older than this when they are first seen are not told
RECENT = DAY  # what is over for longer when it is first seen is not told
KEPT = 30 * DAY  # that is remembered after it was last found
LAST_DAYS = (1, 3)  # before an end, when it is told of again

MONITOR = ""  # whose spells are silences


class Stage(StrEnum):
    """How far a maintenance has come by the clock, without a word of anybody."""

    SOON = "soon"
    STARTED = "started"
    DONE = "done"


class Spending(StrEnum):
    """How a budget goes, the gravest first."""

    EXHAUSTED = "exhausted"
    FAST = "fast"
    SLOW = "slow"


# What notices are about


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Somebody wrote an update, or published a post-mortem."""

    event: EventView
    update: UpdateView


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A maintenance comes near, begins or ends by the clock."""

    event: EventView
    stage: Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """Probes saw a component down, or well again: ``end`` is None while it lasts.

    ``state`` and ``reason`` are those of the outage; ``end`` of an outage that turned out to be none is when that was
    found.
    """

    view: ComponentView
    start: int
    end: int | None
    state: State
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A certificate, or a domain's registration (``reason`` says which), ends soon; None: not known when."""

    view: ComponentView
    check: str
    reason: str
    end: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """An error budget goes fast, or is gone. ``burn`` is the window that shows it, None for one that is gone."""

    objective: ObjectiveView
    spending: Spending
    burn: Burn | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Nothing was checked since ``start``; ``end`` is when it was again, None while it lasts."""

    start: int
    end: int | None


About = Told | Work | Broken | Ending | Spent | Silence


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something to tell once. ``key`` is the same whenever it is found again, ``at`` is when it happened.

    ``components`` are ids; none: it is about the page as a whole. ``severity`` is the one that routes go by
    (``severity_for_routes``), None for what passes each of them.
    """

    kind: NoticeKind
    key: str
    at: int
    components: tuple[str, ...]
    severity: Severity | None = None
    about: About


# What was announced


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """Something that lasts and was told of: the outage of a component, or a silence of the monitor (``MONITOR``).

    ``until`` is when it was over, None while it has not been told that it is.
    """

    subject: str
    start: int
    until: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """What is known to those who are told: keys, with when each was recorded, and spells."""

    keys: Mapping[str, int] = field(default_factory=dict)
    spells: tuple[Spell, ...] = ()


def due(
    snapshot: Snapshot, announced: Announced, ahead: int = DAY, waiting: Collection[str] = ()
) -> tuple[Notice, ...]:
    """Return what is to be told of a snapshot and was not, the oldest first.

    ``ahead`` is how many seconds before its window a maintenance is told of as near. What was due already and is
    ``waiting``, by its key, stays so however old it grows.
    """
    known = _known_by_key(snapshot, ahead)
    found = (*_new(known, announced, waiting, snapshot.now), *_spells(snapshot, announced, waiting))
    return tuple(sorted(found, key=lambda notice: (notice.at, notice.key)))


def wanted(route: Route, notice: Notice, heard: Collection[str] = ()) -> bool:
    """Tell whether a route is for a notice, ``heard`` being the events that it was sent something of."""
    return not held_back_by(route, notice, heard)


def held_back_by(route: Route, notice: Notice, heard: Collection[str] = ()) -> str:
    """Return what of a notice keeps it from a route: its kind, its components or its severity; empty if nothing does.

    What names no component is for routes of any, and what has no severity for those of all. Who ``heard`` of an event
    hears how it goes on, though its severity or components were corrected since.
    """
    if notice.kind not in route.kinds:
        return notice.kind
    if event_of(notice) in heard:
        return ""
    if route.components and notice.components and not set(route.components) & set(notice.components):
        return ", ".join(notice.components)
    is_grave_enough = notice.severity is None or not route.severities or notice.severity in route.severities
    return "" if is_grave_enough else str(notice.severity)


STANDS_FOR = {State.MAJOR: Severity.SEV1, State.PARTIAL: Severity.SEV2, State.DEGRADED: Severity.SEV3}


def severity_for_routes(event: EventView) -> Severity | None:
    """Return the severity by which routes choose an incident: its own, else what its worst declared state stands for.

    None, where it declares no such state, passes every route: who is in doubt tells. It is published nowhere.
    """
    if event.is_maintenance or event.severity:
        return event.severity
    worst = max((state for _, state, _ in event.components), key=lambda state: state.gravity, default=State.UNKNOWN)
    return STANDS_FOR.get(worst)


def newest(snapshot: Snapshot, route: Route | None = None) -> tuple[Notice, ...]:
    """Return what was written of the event that was spoken of last, the oldest first: of those that a route wants."""
    told = [notice for event in snapshot.events if not event.draft for notice in _updates(event)]
    fitting = [notice for notice in told if route is None or wanted(route, notice)]
    last = max(fitting, key=lambda notice: (notice.at, notice.key), default=None)
    same = (each for each in fitting if last and event_of(each) == event_of(last))
    return tuple(sorted(same, key=lambda notice: (notice.at, notice.key)))


def events_wanted(snapshot: Snapshot, route: Route) -> set[str]:
    """Return the events of which a route wants something that was written, as they are now."""
    told = (notice for event in snapshot.events if not event.draft for notice in _updates(event))
    return {event_of(notice) for notice in told if wanted(route, notice)}


def event_of(notice: Notice) -> str:
    """Return the name of the event that a notice is of, empty for what probes saw."""
    return notice.about.event.slug if isinstance(notice.about, Told | Work) else ""


def baseline(snapshot: Snapshot, ahead: int = DAY) -> Announced:
    """Return what there is as if all of it had been told: where a first run begins, or a comparison."""
    spells = [
        Spell(subject=view.component.id, start=each.start, until=each.end)
        for view in snapshot.components
        for each in view.breakdowns
        if each.shown is not None
    ]
    if snapshot.is_stale and snapshot.checked is not None:
        spells.append(Spell(subject=MONITOR, start=snapshot.checked))
    return Announced(keys=dict.fromkeys(_keys(snapshot, ahead), snapshot.now), spells=tuple(spells))


def recorded(announced: Announced, notice: Notice, now: int) -> Announced:
    """Return what is known once a notice was told."""
    about = notice.about
    if isinstance(about, Broken | Silence):
        subject = about.view.component.id if isinstance(about, Broken) else MONITOR
        others = (each for each in announced.spells if (each.subject, each.start) != (subject, about.start))
        spell = Spell(subject=subject, start=about.start, until=about.end)
        return replace(announced, spells=(*others, spell))
    return replace(announced, keys={**announced.keys, notice.key: now})


def pruned(announced: Announced, snapshot: Snapshot) -> Announced:
    """Return what need be remembered still: what may be found again, and all of the last days."""
    since, found = remembered_since(snapshot), set(_keys(snapshot, ahead=KEPT))
    keys = {key: at for key, at in announced.keys.items() if at >= since or key in found}
    known = {MONITOR, *(view.component.id for view in snapshot.components)}
    spells = tuple(each for each in announced.spells if _last(each, each.subject in known, since) >= since)
    return replace(announced, keys=keys, spells=spells)


def remembered_since(snapshot: Snapshot) -> int:
    """Return the instant since which all is remembered: days before the last that anybody saw or said.

    Not before the clock's: one that jumps ahead for a moment would forget all, and what was told would be told again.
    """
    said = (update.at for event in snapshot.events if not event.draft for update in event.told)
    seen = () if snapshot.checked is None else (snapshot.checked,)
    return min(snapshot.now, max((*said, *seen), default=snapshot.now)) - KEPT


def _last(spell: Spell, is_known: bool, since: int) -> int:
    """Return when a spell was last of interest: one that lasts, of a component that there is, still is."""
    return spell.until if spell.until is not None else since if is_known else spell.start


# What is known by its key


def _keys(snapshot: Snapshot, ahead: int) -> Iterator[str]:
    """Yield the keys of all that a snapshot tells, but of what is long over."""
    since = remembered_since(snapshot)
    yield from (notice.key for notice in _known_by_key(snapshot, ahead) if notice.at >= since)


def _known_by_key(snapshot: Snapshot, ahead: int) -> Iterator[Notice]:
    for event in snapshot.events:
        if not event.draft:
            yield from _updates(event)
            if event.is_maintenance:
                yield from _by_the_clock(event, snapshot.now, ahead)
    for view in snapshot.components:
        yield from _endings(view, snapshot.now)
    for objective in snapshot.objectives:
        yield from _budgets(objective, snapshot.now)


def _new(found: Iterable[Notice], announced: Announced, waiting: Collection[str], now: int) -> Iterator[Notice]:
    for notice in found:
        is_news = notice.key in waiting or _is_news(notice, now)
        if notice.key not in announced.keys and is_news and not _is_implied(notice, announced):
            yield notice


def _is_news(notice: Notice, now: int) -> bool:
    if isinstance(notice.about, Work) and notice.about.stage is Stage.SOON:
        return True
    return now - notice.at <= (FRESH if isinstance(notice.about, Told) else RECENT)


def _is_implied(notice: Notice, announced: Announced) -> bool:
    """Tell whether as much was told already.

    What the clock has told, and somebody wrote later without a text; or that a budget went even faster.
    """
    match notice.about:
        case Told(event=event, update=update) if event.is_maintenance and not update.text.strip():
            stage = _STAGES.get(update.phase)
            return stage is not None and _key_of_work(event, stage) in announced.keys
        case Spent(objective=view, spending=spending) if view.present:
            graver = tuple(Spending)[: tuple(Spending).index(spending)]
            return any(_key_of_budget(each, view.objective.id, view.present.name) in announced.keys for each in graver)
    return False


def _updates(event: EventView) -> Iterator[Notice]:
    kind = NoticeKind.MAINTENANCE if event.is_maintenance else NoticeKind.INCIDENT
    for update in event.told:
        yield Notice(
            kind=kind,
            key=key_of(update),
            at=update.at,
            components=_named(event),
            severity=severity_for_routes(event),
            about=Told(event=event, update=update),
        )


def key_of(update: UpdateView) -> str:
    """Return the part of an update's tag that a site keeps when it moves to another host."""
    return update.tag.rpartition(":/")[2]


def _named(event: EventView) -> tuple[str, ...]:
    return tuple(component for _, _, component in event.components)


_STAGES = {Phase.IN_PROGRESS: Stage.STARTED, Phase.COMPLETED: Stage.DONE}


def _by_the_clock(event: EventView, now: int, ahead: int) -> Iterator[Notice]:
    """Yield what nobody wrote of a maintenance. Near is told where the last word came before that, or none did."""
    assert event.scheduled is not None, "a maintenance has a window"
    start, end = event.scheduled
    if event.is_upcoming:
        word = max((each.at for each in event.updates), default=None)
        if start - ahead <= now and (word is None or word <= start - ahead):
            yield _work(event, Stage.SOON, max(start - ahead, 0))
    elif event.phase in _STAGES and not (event.updates and event.updates[0].phase is event.phase):
        stage = _STAGES[event.phase]
        yield _work(event, stage, start if stage is Stage.STARTED else end)


def _work(event: EventView, stage: Stage, at: int) -> Notice:
    return Notice(
        kind=NoticeKind.MAINTENANCE,
        key=_key_of_work(event, stage),
        at=at,
        components=_named(event),
        about=Work(event=event, stage=stage),
    )


def _key_of_work(event: EventView, stage: Stage) -> str:
    """Return the key of a stage of a window: one that is moved has stages of its own."""
    assert event.scheduled is not None, "a maintenance has a window"
    return f"{stage}/{event.slug}/{periods.compact(event.scheduled[0])}"


_ENDINGS = ("tls_expiring", "domain_expiring")


def _endings(view: ComponentView, now: int) -> Iterator[Notice]:
    for check in view.checks:
        if check.reason not in _ENDINGS:
            continue
        end = check.details.certificate_end if check.details and check.reason == "tls_expiring" else None
        left = None if end is None else max(0, -(-(end - now) // DAY))
        step = next((days for days in LAST_DAYS if left is not None and left <= days), 0)
        day = "" if end is None else periods.iso_day(end)
        yield Notice(
            kind=NoticeKind.EXPIRY,
            key=f"{check.reason}/{check.check}/{day}/{f'{step}d' if step else 'soon'}",
            at=now,
            components=(view.component.id,),
            about=Ending(view=view, check=check.check, reason=check.reason, end=end),
        )


FAST_BURN = {"1h": 1_440, "6h": 600}  # hundredths; the SRE Workbook's thresholds (chapter 5, table 5-8)
SLOW_BURN = {"3d": 100}


def _budgets(view: ObjectiveView, now: int) -> Iterator[Notice]:
    """Yield how the budget of the present period goes: that it is gone, else that it goes fast, else slowly."""
    account = view.present
    if account is None:
        return
    burn = {spending: _burning(view, limits) for spending, limits in _BURNS.items()}
    found = next((spending for spending, each in burn.items() if each), None)
    if account.used_ms and account.remaining_ms <= 0:
        found = Spending.EXHAUSTED
    if found is not None:
        yield Notice(
            kind=NoticeKind.BUDGET,
            key=_key_of_budget(found, view.objective.id, account.name),
            at=now,
            components=tuple(view.objective.components),
            about=Spent(objective=view, spending=found, burn=burn.get(found)),
        )


_BURNS = {Spending.FAST: FAST_BURN, Spending.SLOW: SLOW_BURN}


def _key_of_budget(spending: Spending, objective: str, period: str) -> str:
    return f"{spending}/{objective}/{period}"


def _burning(view: ObjectiveView, limits: Mapping[str, int]) -> Burn | None:
    """Return the first window whose rate has reached its limit."""
    told = (burn for burn in view.burn if burn.window in limits)
    return next((burn for burn in told if (burn.hundredths or 0) >= limits[burn.window]), None)


# What begins and ends


def _spells(snapshot: Snapshot, announced: Announced, waiting: Collection[str]) -> Iterator[Notice]:
    by_subject: dict[str, list[Spell]] = {}
    for spell in announced.spells:
        by_subject.setdefault(spell.subject, []).append(spell)
    for view in snapshot.components:
        yield from _outages(view, by_subject.get(view.component.id, []), waiting, snapshot.now)
    yield from _silences(snapshot, by_subject.get(MONITOR, []))


def _outages(view: ComponentView, told: list[Spell], waiting: Collection[str], now: int) -> Iterator[Notice]:
    """Yield what is to be told of a component's outages. One that was told of goes on until all of it is over."""
    open_ = next((spell for spell in told if spell.until is None), None)
    lasting = next((each for each in view.breakdowns if each.end is None), None)
    if open_ is not None:
        if lasting is None and view.state is not State.UNKNOWN:
            yield _recovery(view, open_, now)
        told = [replace(spell, until=now) if spell is open_ else spell for spell in told]
    for each in view.breakdowns:
        if each.shown is None or (each.end is None and open_ is not None):
            continue
        overlapping = [spell for spell in told if _overlap(spell, each)]
        if each.end is None:
            start = max([each.start, *(spell.until or 0 for spell in overlapping)])
            yield _outage(view, each, start)
        elif not overlapping and (now - each.end <= RECENT or _outage(view, each, each.start).key in waiting):
            yield _outage(view, each, each.start)


def _overlap(spell: Spell, breakdown: Breakdown) -> bool:
    starts_before = breakdown.end is None or spell.start <= breakdown.end
    return starts_before and (spell.until is None or breakdown.start <= spell.until)


def _outage(view: ComponentView, seen: Breakdown, start: int) -> Notice:
    about = Broken(view=view, start=start, end=seen.end, state=seen.state, reason=seen.reason)
    return _of_component(NoticeKind.OUTAGE, about, seen.shown if seen.end is None and seen.shown else start)


def _recovery(view: ComponentView, spell: Spell, now: int) -> Notice:
    """Return that a component is well again; where nothing is left of the outage, from now on."""
    seen = [each for each in view.breakdowns if each.end is not None and each.end >= spell.start]
    end = max((each.end for each in seen if each.end is not None), default=now)
    state = max((each.state for each in seen), key=lambda state: state.gravity, default=State.MAJOR)
    about = Broken(view=view, start=spell.start, end=end, state=state, reason="")
    return _of_component(NoticeKind.RECOVERY, about, end)


def _of_component(kind: NoticeKind, about: Broken, at: int) -> Notice:
    id_ = about.view.component.id
    return Notice(kind=kind, key=f"{kind}/{id_}/{periods.iso(about.start)}", at=at, components=(id_,), about=about)


def _silences(snapshot: Snapshot, told: list[Spell]) -> Iterator[Notice]:
    open_ = next((spell for spell in told if spell.until is None), None)
    checked = snapshot.checked
    if checked is None or snapshot.is_stale is (open_ is not None):
        return
    start, end = (checked, None) if open_ is None else (open_.start, checked)
    yield Notice(
        kind=NoticeKind.SILENCE,
        key=f"{'back' if end else 'silence'}/{periods.iso(start)}",
        at=checked + snapshot.stale_after if end is None else checked,
        components=(),
        about=Silence(start=start, end=end),
    )
