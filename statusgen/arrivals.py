"""When what people wrote came to the repository: an update that tells of an earlier hour than its commit shows here.

Posting late is no fault, so it is listed, not accused. Only maintenance that is left out because it was announced in
time has to have been in the repository by then. What the first commit of all brought is older and not judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from statusgen import git, history, incidents, periods, source, updates
from statusgen.errors import SourceError
from statusgen.history import Commit
from statusgen.model import Event, Maintenance
from statusgen.promises import MaintenanceRule, Objective

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
class Arrivals:
    """What came late, announcements that were not there in time, and how much is older than the history."""

    late: tuple[Arrival, ...]
    unannounced: tuple[str, ...]
    older: int


@dataclass(slots=True)
class _Walk:
    """What is known after the commits so far: when each instant came, and each file's versions.

    An instant that the first commit brought came in None.
    """

    root: str
    came: dict[str, dict[Said, Commit | None]] = field(default_factory=dict)
    versions: dict[str, list[tuple[Commit, str]]] = field(default_factory=dict)


def arrivals(
    repository: git.Repository, tip: str, folder: str, events: Iterable[Event], objectives: Iterable[Objective]
) -> Arrivals:
    """Walk the history of the incidents' ``folder``, from the top of the repository; WorldError where it is cut off.

    Judged are the ``events`` of a site and, by its objectives, how its maintenance was announced.
    """
    repository = history.as_written(repository)
    history.refuse_cut_off(repository, folder, tip)
    root = repository.line("rev-list", "--first-parent", "--max-parents=0", tip)
    walk = _Walk(root)
    for commit in history.commits(repository, tip, f"{folder}/", lambda path: path.endswith(".md")):
        _follow(walk, commit, list(history.texts(repository, [change.new for change in commit.changes])))
    chosen = {event.path.partition("/")[2]: event for event in events}
    told = [(path, said, by) for path, known in walk.came.items() if path in chosen for said, by in known.items()]
    present = {path: _said(walk.versions[path][-1][1], path) for path in chosen if path in walk.versions}
    mine = [(path, said, by) for path, said, by in told if said in present.get(path, ())]
    late = [
        Arrival(path=chosen[path].path, said=said, came=by.at, commit=by.id)
        for path, said, by in mine
        if by is not None and by.at - said.at > TOLERANCE
    ]
    return Arrivals(
        late=tuple(sorted(late, key=lambda each: (each.path, each.said.at))),
        unannounced=tuple(_unannounced(walk, chosen, tuple(objectives))),
        older=sum(1 for _, _, by in mine if by is None),
    )


def _follow(walk: _Walk, commit: Commit, texts: list[str]) -> None:
    """Note what a commit brings. A file that took another's place in it, as a new name does, goes on with its times."""
    gone: dict[Said, Commit | None] = {}
    for change in commit.changes:
        if not change.new:
            gone |= walk.came.pop(change.path, {})
    for change, text in zip(commit.changes, texts, strict=True):
        if change.new:
            known = walk.came.setdefault(change.path, {} if change.old else dict(gone))
            for said in _said(text, change.path):
                known.setdefault(said, None if commit.id == walk.root else commit)
            walk.versions.setdefault(change.path, []).append((commit, text))


def _said(text: str, path: str) -> list[Said]:
    """Return the instants that a file tells of: its updates, and when it says that somebody noticed or answered."""
    front = _front(text, path)
    fields = [(name, _instant(front.get(name))) for name in ("reported", "detected", "acknowledged")]
    told = [Said(name, at) for name, at in fields if at is not None]
    return told + [Said(phase.word, at) for phase, at in updates.headings(text)]


def _unannounced(walk: _Walk, chosen: Mapping[str, Event], objectives: tuple[Objective, ...]) -> Iterator[str]:
    """Yield maintenance that counts as announced in time by its file, and was not in the repository by then."""
    for path, event in chosen.items():
        if not isinstance(event, Maintenance) or not event.updates or path not in walk.versions:
            continue
        demands = [o.policy.announced for o in objectives if _concerns(o, event)]
        met = [ahead for ahead in demands if event.updates[0].at <= event.start - ahead]
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
    there = [text for commit, text in versions if commit.at <= deadline]
    if versions[0][0].id == root and not there:
        return None
    told = _window(there[-1], maintenance) if there else None
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
    if not isinstance(window, source.Mapping) or not set(now.components) <= _words(named):
        return None
    bounds = [_instant(window.entries.get(bound)) for bound in ("from", "until")]
    return None if None in bounds else (bounds[0] or 0, bounds[1] or 0)


def _front(text: str, path: str) -> Mapping[str, source.Node]:
    """Return the front matter's entries of whatever a version held; nothing where it has none that can be read."""
    try:
        front, _, _ = incidents.split(text, path)
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
