"""What ``statusgen form`` does: find out what a request is about, post it, and say on which branch it is.

Each incident has a branch ``incident/<name>`` for its pull request, which takes one request after the other until it is
merged; then the next one begins another, ``incident/<name>-2``. What was said a moment ago, as when somebody pressed
the button twice or a run was repeated, is not said again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from statusgen import incidents, occurrences
from statusgen.errors import Problem, StatusgenError, UsageError
from statusgen.incidents import Reading
from statusgen.model import Event, Maintenance, Phase, Update
from statusgen.posting import acts, authoring, desks, finding, form, progress, proposals, waiting
from statusgen.posting.acts import Wish
from statusgen.posting.authoring import Opening, Scheduling
from statusgen.posting.desks import Desk
from statusgen.posting.form import Action, Request
from statusgen.posting.writing import Posted


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """What became of a request. Without a commit it was said already; without a branch too, and is merged."""

    slug: str
    title: str
    branch: str
    commit: str
    link: str
    warnings: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Board:
    """Everything that is known at present, by path: what is merged, and what open branches say beyond that."""

    merged: dict[str, str]
    texts: dict[str, str]
    branches: dict[str, dict[str, str]]


def file(desk: Desk, request: Request) -> Filed:
    """Post a request; the desk's branch takes it, or where it has none the incident's own."""
    board = _board(desk)
    event = _meant(_reading(desk, board), request, desk.now)
    try:
        return _file(desk, request, board, event)
    except StatusgenError:
        newer = _board(desk)  # where two begin the same at once, the second one adds to what the first has begun
        if event or not (now_there := _meant(_reading(desk, newer), request, desk.now)):
            raise
        return _file(desk, request, newer, now_there)


def _reading(desk: Desk, board: _Board) -> Reading:
    return incidents.read_all(board.texts, [component.id for component in desk.site.components])


def _file(desk: Desk, request: Request, board: _Board, event: Event | None) -> Filed:
    slug = event.slug if event else _new_slug(board, request, desk.now)
    branch = desk.place.branch or _branch(board, slug)
    title = event.title if event else authoring.title(request.name)
    if event and _is_said(event, request, desk):
        where = branch if desk.place.branch or branch in board.branches else ""
        return Filed(slug=slug, title=title, branch=where, commit="", link="")
    posted = _posted(replace(desk, place=replace(desk.place, branch=branch)), request, event, slug)
    assert posted.proposed is not None
    made = posted.proposed
    return Filed(slug=slug, title=title, branch=branch, commit=made.commit, link=made.link, warnings=posted.warnings)


def _board(desk: Desk) -> _Board:
    if desk.place.branch:
        texts = proposals.texts(desk.place)
        return _Board(merged=texts, texts=texts, branches={})
    merged, branches = proposals.pending(desk.place)
    texts = dict(merged)
    for branch in branches.values():
        texts |= {path: text for path, text in branch.items() if _goes_on(text, texts.get(path))}
    return _Board(merged=merged, texts=texts, branches=branches)


def _goes_on(text: str, known: str | None) -> bool:
    return known is None or text.startswith(known.rstrip("\r\n"))


def _branch(board: _Board, slug: str) -> str:
    """Return the branch whose pull request is open for an incident, or a new one."""
    path = f"{incidents.FOLDER}/{slug}.md"
    for name in authoring.numbered(waiting.branch_of(path)):
        if name not in board.branches:
            return name
        said = board.branches[name].get(path)
        if said is not None and _goes_on(said, board.merged.get(path)):
            return name
    raise AssertionError("numbers do not end")


# What is meant


def _meant(reading: Reading, request: Request, now: int) -> Event | None:
    """Return the event that a request is about, None for a new one; raise StatusgenError where that is not clear."""
    events = reading.events
    if request.action in (Action.OPEN, Action.SCHEDULE):
        return _same(events, request, now)
    is_maintenance = request.action in form.FOR_MAINTENANCE
    finding.refuse_unread(reading, request.name, "maintenance" if is_maintenance else "incident")
    if is_maintenance:
        series, _ = _dated(events, request.name)
        return series or progress.chosen(
            events, request.name, lambda event: _is_ahead(event, now), "maintenance windows that are not over"
        )
    return progress.chosen(events, request.name, lambda event: progress.is_open(event, now), "open incidents")


def _is_ahead(event: Event, now: int) -> bool:
    return progress.can_come_to(event, None, now)


def _dated(events: tuple[Event, ...], name: str) -> tuple[Maintenance | None, str]:
    """Return the series and the date that a name like ``backup-2026-12-06`` means; None for any other name."""
    address = name.strip().lower()
    series = (event for event in events if isinstance(event, Maintenance))
    found = next((event for event in series if occurrences.is_occurrence(event, address)), None)
    return found, address[1 - occurrences.DATE_LENGTH :] if found else ""


def _same(events: tuple[Event, ...], request: Request, now: int) -> Event | None:
    """Return what was begun under the same title and is not over: a second form does not begin it again."""
    title = authoring.title(request.name).casefold()
    is_meant = progress.is_open if request.action is Action.OPEN else _is_ahead
    return next((event for event in events if event.title.casefold() == title and is_meant(event, now)), None)


def _new_slug(board: _Board, request: Request, now: int) -> str:
    taken = {path.removeprefix(f"{incidents.FOLDER}/").removesuffix(".md").casefold() for path in board.texts}
    taken |= {name.removeprefix(waiting.PREFIX) for name in board.branches}
    return authoring.slug(request.name, request.window[0] if request.window else now, taken)


def _is_said(event: Event, request: Request, desk: Desk) -> bool:
    """Tell whether the event's last update says what is asked for, just now, or its first what it was begun with."""
    begins = request.action in (Action.OPEN, Action.SCHEDULE)
    if not begins and not progress.is_just_told(event, desk.now):
        return False
    ends = [*event.updates[:1], *event.updates[-1:]] if request.action is Action.OPEN else event.updates[-1:]
    return any(_says(update, request, desk) for update in ends)


def _says(update: Update, request: Request, desk: Desk) -> bool:
    wish = _wish(desk, request)
    is_first = request.action in (Action.OPEN, Action.SCHEDULE)
    same = update.text.strip() == authoring.of_update(wish.text).strip() and wish.phase in (None, update.phase)
    return same and (is_first or update.components == wish.components)


# Posting


def _posted(desk: Desk, request: Request, event: Event | None, slug: str) -> Posted:
    if request.action is Action.SCHEDULE:
        if event:
            raise StatusgenError(f"{event.slug} is that maintenance already: choose another title, or edit its file")
        return acts.schedule(desk, _scheduling(desk, request), slug)
    if request.action in form.FOR_MAINTENANCE:
        _, date = _dated((event,) if event else (), request.name)
        if request.action is Action.CANCEL and isinstance(event, Maintenance) and event.recurrence and not date:
            example = occurrences.slug(slug, "2026-12-06")
            raise UsageError(f"{slug} repeats: name the date that is called off along with it, like {example}")
        return acts.proceed(desk, slug, _wish(desk, request), date=date)
    if not event:
        return acts.open_incident(desk, _opening(desk, request), slug)
    if request.action is Action.RESOLVE:
        return acts.resolve(desk, slug, _wish(desk, request))
    return acts.update(desk, slug, _wish(desk, request))


def _wish(desk: Desk, request: Request) -> Wish:
    phase = form.FOR_MAINTENANCE.get(request.action, request.phase)
    if request.action is Action.RESOLVE:
        phase = Phase.RESOLVED
    states = () if request.action is Action.SCHEDULE else desks.components(desk.site, request.components)
    return Wish(text=request.text, phase=phase, components=states, next=request.next)


def _opening(desk: Desk, request: Request) -> Opening:
    return Opening(
        title=request.name,
        at=desk.now,
        text=request.text,
        phase=request.phase or Phase.INVESTIGATING,
        severity=request.severity,
        components=desks.components(desk.site, request.components),
        next=request.next,
    )


def _scheduling(desk: Desk, request: Request) -> Scheduling:
    if not request.window:
        raise UsageError("a maintenance needs a window")
    start, end = request.window
    chosen = tuple(id_ for id_, _ in desks.components(desk.site, request.components, bare=True))
    return Scheduling(title=request.name, at=desk.now, text=request.text, components=chosen, start=start, end=end)
