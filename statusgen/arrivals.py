"""When what people wrote came to the repository: an update that tells of an earlier hour than its commit shows here.

Posting late is no fault, so it is listed, not accused. Only maintenance that is left out because it was announced in
time has to have been in the repository by then. What the first commit of all brought is older and not judged.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from statusgen import frontmatter, git, history, incidents, occurrences, periods, source, updates
from statusgen.errors import SourceError
from statusgen.history import Commit
from statusgen.model import Event, Maintenance, Phase
from statusgen.promises import MaintenanceRule, Objective
from statusgen.shape import Notes

TOLERANCE = periods.HOUR


class Said(NamedTuple):
    """An instant that a file tells of, and what it says happened then."""

    what: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """An instant that came to the repository late: in the commit of instant ``came``."""

    path: str
    said: Said
    came: int
    commit: str

    def __str__(self) -> str:
        late = periods.duration(self.came - self.said.at)
        return (
            f"{self.path}: '{self.said.what}' of {periods.date_and_time(self.said.at)} came to the repository "
            f"{late} later (commit {self.commit[:10]})"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """An instant that a file once told of and no longer does."""

    path: str
    said: Said
    commit: str

    def __str__(self) -> str:
        when = periods.date_and_time(self.said.at)
        return f"{self.path}: '{self.said.what}' of {when} was taken out or dated anew (commit {self.commit[:10]})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """What came late, what was taken out, announcements not there in time, and how much is older than the history."""

    late: tuple[Arrival, ...]
    withdrawn: tuple[Withdrawal, ...]
    unannounced: tuple[str, ...]
    older: int


@dataclass(slots=True)
class _Walk:
    """What is known after the commits so far: when each instant came, each file's versions, what was taken out.

    An instant that the first commit brought came in None.
    """

    root: str
    came: dict[str, dict[Said, Commit | None]] = field(default_factory=dict)
    versions: dict[str, list[tuple[Commit, str]]] = field(default_factory=dict)
    withdrawn: list[Withdrawal] = field(default_factory=list)


def arrivals(
    repository: git.Repository, tip: str, folder: str, events: Iterable[Event], objectives: Iterable[Objective]
) -> Arrivals:
    """Walk the history of the incidents' ``folder``, from the top of the repository; WorldError where it is cut off.

    Judged are the ``events`` of a site and, by its objectives, how its maintenance was announced: of that which repeats
    every occurrence.
    """
    events = tuple(events)
    repository = history.as_written(repository)
    history.refuse_cut_off(repository, folder, tip)
    walk = _Walk(repository.line("rev-list", "--first-parent", "--max-parents=0", tip))
    for commit in history.commits(repository, tip, f"{folder}/", lambda path: path.endswith(".md")):
        _follow(walk, commit, list(history.texts(repository, [change.new for change in commit.changes])))
    chosen = {event.path.partition("/")[2]: event for event in events if event.path.partition("/")[2] in walk.versions}
    present = {path: _said(walk.versions[path][-1][1], path) for path in chosen}
    mine = [(path, said, walk.came[path][said]) for path in chosen for said in present[path]]
    late = (
        Arrival(path=chosen[path].path, said=said, came=by.at, commit=by.id)
        for path, said, by in mine
        if by is not None
    )
    return Arrivals(
        late=tuple(each for each in sorted(late, key=_place) if each.came - each.said.at > TOLERANCE),
        withdrawn=tuple(
            each for each in walk.withdrawn if each.said not in present.get(each.path.partition("/")[2], ())
        ),
        unannounced=tuple(_unannounced(walk, events, tuple(objectives))),
        older=sum(1 for _, _, by in mine if by is None),
    )


def _place(arrival: Arrival) -> tuple[str, int, str]:
    return arrival.path, arrival.said.at, arrival.said.what


def _follow(walk: _Walk, commit: Commit, texts: list[str]) -> None:
    """Note what a commit brings and takes. A file that took another's place in it, as a new name does, goes on."""
    new = {change.path: text for change, text in zip(commit.changes, texts, strict=True) if change.new}
    fresh = {said for change in commit.changes if change.new and not change.old for said in _said(new[change.path], "")}
    gone: dict[Said, Commit | None] = {}
    earlier: list[tuple[Commit, str]] = []
    for change in commit.changes:
        stays = set(_said(new[change.path], "")) if change.new else fresh
        walk.withdrawn += _taken_out(walk, change.path, stays, commit)
        if not change.new:
            gone |= walk.came.pop(change.path, {})
            earlier += walk.versions.pop(change.path, [])
    for path, text in new.items():
        known = walk.came.setdefault(path, dict(gone))
        for said in _said(text, path):
            known.setdefault(said, None if commit.id == walk.root else commit)
        walk.versions.setdefault(path, list(earlier)).append((commit, text))


def _taken_out(walk: _Walk, path: str, stays: Collection[Said], commit: Commit) -> Iterator[Withdrawal]:
    """Yield what a file no longer tells of; what was wrong for an hour at most, or a draft, nobody need know of."""
    if path not in walk.versions or _is_draft(text := walk.versions[path][-1][1], path):
        return
    for said in _said(text, path):
        by = walk.came[path].get(said)
        if said not in stays and (by is None or commit.at - by.at > TOLERANCE):
            yield Withdrawal(path=f"{incidents.FOLDER}/{path}", said=said, commit=commit.id)


def _said(text: str, path: str) -> list[Said]:
    """Return the instants that a file tells of: its updates, and when trouble began, was noticed and answered."""
    front = _front(text, path)
    window = front.get("scheduled")
    bounds = window.entries if isinstance(window, source.Mapping) else {}
    fields = [(name, front.get(name)) for name in ("started", "reported", "detected", "acknowledged")]
    fields += [(f"scheduled {name}", bounds.get(name)) for name in ("from", "until")]
    dated = ((name, _instant(node)) for name, node in fields)
    told = [Said(name, at) for name, at in dated if at is not None]
    return told + [Said(phase.word, at) for phase, at in updates.headings(text)]


def _is_draft(text: str, path: str) -> bool:
    draft = _front(text, path).get("draft")
    return isinstance(draft, source.Scalar) and draft.text == "true"


def _unannounced(walk: _Walk, events: Iterable[Event], objectives: tuple[Objective, ...]) -> Iterator[str]:
    """Yield maintenance that counts as announced in time by its file, and was not in the repository by then."""
    for event in events:
        path = event.path.partition("/")[2]
        if not isinstance(event, Maintenance) or event.first_told is None or path not in walk.versions:
            continue
        demands = [o.policy.announced for o in objectives if _concerns(o, event)]
        met = [ahead for ahead in demands if event.is_announced(ahead)]
        if met and (problem := _late_announcement(walk.versions[path], walk.root, event, event.start - max(met))):
            yield problem


def _concerns(objective: Objective, maintenance: Maintenance) -> bool:
    policy = objective.policy
    leaves_out = policy.announced > 0 and policy.maintenance is MaintenanceRule.EXCLUDE
    return leaves_out and bool(set(objective.components) & set(maintenance.components))


def _late_announcement(
    versions: list[tuple[Commit, str]], root: str, maintenance: Maintenance, deadline: int
) -> str | None:
    """Return what is wrong with an announcement; nothing where the version of the deadline told of the same window."""
    there = [text for commit, text in versions if commit.at <= deadline + TOLERANCE]
    if versions[0][0].id == root and not there:
        return None
    window = _window_of_series if maintenance.series else _window
    told = window(there[-1], maintenance) if there else None
    if told and told[0] <= maintenance.start and maintenance.end <= told[1]:
        return None
    return (
        f"{maintenance.path}: is left out of service levels as announced by {periods.date_and_time(deadline)}, "
        "and the repository did not hold this window by then"
    )


def _window(text: str, now: Maintenance) -> tuple[int, int] | None:
    """Return the window that an earlier version of a maintenance told of, for all the components that it names now."""
    front = _front(text, now.path)
    window, named = front.get("scheduled"), front.get("components")
    if _is_draft(text, now.path) or any(phase is Phase.CANCELLED for phase, _ in updates.headings(text)):
        return None
    if not isinstance(window, source.Mapping) or not set(now.components) <= _words(named):
        return None
    bounds = [_instant(window.entries.get(bound)) for bound in ("from", "until")]
    return None if None in bounds else (bounds[0] or 0, bounds[1] or 0)


def _window_of_series(text: str, now: Maintenance) -> tuple[int, int] | None:
    """Return the same for an occurrence: the window that an earlier version of its series told of, if it covers it."""
    known = {*now.components, *_words(_front(text, now.path).get("components"))}
    try:
        told = occurrences.told(incidents.read_event(text, now.path, known, Notes(now.path)), now.start)
    except SourceError:
        return None
    for each in told:
        if isinstance(each, Maintenance) and each.start <= now.start and now.end <= each.end:
            is_on = not each.draft and all(update.phase is not Phase.CANCELLED for update in each.updates)
            return (each.start, each.end) if is_on and set(now.components) <= set(each.components) else None
    return None


def _front(text: str, path: str) -> Mapping[str, source.Node]:
    """Return the front matter's entries of whatever a version held; nothing where it has none that can be read."""
    try:
        front, _, _ = frontmatter.split(text, path)
    except SourceError:
        return {}
    return front.entries if isinstance(front, source.Mapping) else {}


def _words(node: source.Node | None) -> set[str]:
    if isinstance(node, source.Mapping):
        return set(node.entries)
    return (
        {item.text for item in node.items if isinstance(item, source.Scalar)}
        if isinstance(node, source.Sequence)
        else set()
    )


def _instant(node: source.Node | None) -> int | None:
    try:
        return periods.parse_instant(node.text) if isinstance(node, source.Scalar) else None
    except ValueError:
        return None
