"""Proof that a ledger was not tampered with: its history is read from the first commit to the last.

A day file only grows at its end, until it leaves the tree for a summed day that is of git's very id of it. A commit is
dated by its newest round, so a round that is written later says so. Summed days are what the raw samples add up to, all
of which git still has. Nothing is believed: texts are compared whole, ``git replace`` is passed by, and history that is
cut off is refused, not accused.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import islice, zip_longest

from statusgen import compaction, days, git, history, ledger, periods, rollup
from statusgen.branches import OWNER, owner_of
from statusgen.errors import StatusgenError, printable
from statusgen.history import Change, Commit
from statusgen.model import Day
from statusgen.rollup import Rolled

TOLERANCE = periods.HOUR  # of clocks, and between a round and its commit
OUT_OF_ORDER = 15 * periods.MINUTE  # runs that meet in a push may write that much out of order
COMMITTED_LATE = "committed later"  # in a folder, where commits are up to people

_BATCH = 1_000  # commits whose changes are in memory at a time
_COMPARED = 3_000  # lines; of longer texts only the first difference is named
_DONE = {"replace": "edited", "delete": "removed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something in a ledger's history that should not be there, and the commit (of instant ``at``) that brought it.

    ``line`` counts from 1, 0 is the file as a whole. What was edited or removed is named by its line in the file as it
    was before. What is wrong with a summed day is wrong with the ledger as it is now: ``commit`` is its last one.
    """

    branch: str
    commit: str
    at: int
    path: str
    line: int
    message: str

    def __str__(self) -> str:
        place = printable(":".join(filter(None, (self.branch, self.path, str(self.line or "")))))
        return f"{place}: {self.message} (commit {self.commit[:10]} of {periods.date_and_time(self.at)})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """Rounds that were written late and say why: how many, from when to when, by how many seconds at most."""

    branch: str
    why: str
    count: int
    first: int
    last: int
    most: int

    @classmethod
    def of(cls, branch: str, why: str, rounds: Sequence[tuple[int, int]]) -> Late:
        """Return rounds, given by instant and seconds that they came late, in sum."""
        ats = [at for at, _ in rounds]
        most = max(behind for _, behind in rounds)
        return cls(branch=branch, why=why, count=len(ats), first=min(ats), last=max(ats), most=max(most, 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What was read, and what was found. ``days`` are summed days that were compared with their raw samples."""

    commits: int
    rounds: int
    days: int
    findings: tuple[Finding, ...]
    late: tuple[Late, ...]


@dataclass(slots=True, kw_only=True)
class _Walk:
    """What is known after the commits so far. Paths are those below ``folder``, which is empty or ends in a slash.

    ``newest_of`` are the newest rounds by file, ``tree`` are git's ids of the ledger's files, ``lives`` the last ids of
    each day file, one a time it was there.
    """

    repository: git.Repository
    branch: str
    folder: str
    last: Commit
    commits: int = 0
    rounds: int = 0
    newest: int = 0
    owner: str = ""
    tree: dict[str, str] = field(default_factory=dict)
    lives: dict[str, list[str]] = field(default_factory=dict)
    late: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    newest_of: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def found(self, path: str, line: int, message: str) -> None:
        path = self.folder + path if path else ""
        id_, at, _ = self.last
        self.findings.append(Finding(branch=self.branch, commit=id_, at=at, path=path, line=line, message=message))

    def text(self, path: str) -> str:
        """Return a file as it is by now, empty where there is none."""
        chosen = {path: self.tree[path]} if path in self.tree else {}
        return git.read_blobs(self.repository, chosen).get(path, "")


def audit(repository: git.Repository, name: str, tip: str, folder: str = "") -> Audit:
    """Walk one ledger's history from its first commit to ``tip``; WorldError where it is cut off.

    ``folder`` is where the ledger lies, from the top of the repository; empty for a branch of its own. Commits of a
    folder are people's: a round that they commit late is counted as such and no finding.
    """
    repository = history.as_written(repository)
    history.refuse_cut_off(repository, name, tip)
    folder = f"{folder.rstrip('/')}/" if folder else ""
    walk = _Walk(repository=repository, branch=name, folder=folder, last=Commit(tip, 0, []))
    commits = history.commits(repository, tip, folder, _is_ours)
    while batch := list(islice(commits, _BATCH)):
        _follow(walk, batch)
    compared = _compare_days(walk)
    late = (Late.of(name, why, rounds) for why, rounds in walk.late.items())
    return Audit(
        commits=walk.commits,
        rounds=walk.rounds,
        days=compared,
        findings=tuple(walk.findings),
        late=tuple(sorted(late, key=lambda each: each.why)),
    )


def _is_ours(path: str) -> bool:
    return path == OWNER or ledger.is_day_file(path) or rollup.is_month_file(path)


def _follow(walk: _Walk, commits: Sequence[Commit]) -> None:
    written = [each for commit in commits for each in commit.changes if each.new and ledger.is_day_file(each.path)]
    texts = history.texts(walk.repository, [blob for each in written for blob in (each.old, each.new)])
    for commit in commits:
        walk.last, walk.commits = commit, walk.commits + 1
        _check_date(walk)
        for change in commit.changes:
            if change.new and ledger.is_day_file(change.path):
                _check_day_file(walk, change, next(texts), next(texts))
        for change in commit.changes:
            walk.tree.pop(change.path, None)
            walk.tree |= {change.path: change.new} if change.new else {}
        for change in commit.changes:
            if change.path == OWNER:
                _check_owner(walk)
            elif not change.new:
                _check_dropped(walk, change)


# What a commit may do


def _check_date(walk: _Walk) -> None:
    _, at, changes = walk.last
    if at < walk.newest - TOLERANCE:
        ago = periods.duration(walk.newest - at)
        walk.found(changes[0].path if changes else "", 0, f"the commit is dated {ago} before one that it follows")
        walk.newest = at
    walk.newest = max(walk.newest, at)


def _check_owner(walk: _Walk) -> None:
    owner = owner_of(walk.text(OWNER))
    if walk.owner and owner != walk.owner:
        walk.found(OWNER, 0, f"named site {walk.owner!a} as the owner, and now {ascii(owner) if owner else 'none'}")
    walk.owner = owner or walk.owner


def _check_dropped(walk: _Walk, change: Change) -> None:
    start = ledger.day_of_file(change.path)
    if start is None:
        return
    month = rollup.month_path(start)
    told, _ = rollup.decode({month: walk.text(month)})
    if not any(each.day.start == start and each.of == change.old for each in told):
        walk.found(change.path, 0, f"was deleted, and no day in {walk.folder}{month} was summed up from it as it was")


def _check_day_file(walk: _Walk, change: Change, old: str, new: str) -> None:
    lives = walk.lives.setdefault(change.path, [])
    lives[-1 if change.old else len(lives) :] = [change.new]
    closed, first = ledger.append(old, ()), 1
    if new.startswith(closed):
        added = _lines(new[len(closed) :])
        first += closed.count("\n")
    else:
        lines = _lines(new)
        added = _check_edits(walk, change.path, _lines(old), lines)
        first += len(lines) - len(added)
    heard = frozenset() if change.old else _heard(walk, change.path, added)
    for number, line in enumerate(added, first):
        _check_round(walk, change.path, number, line, heard)


def _lines(text: str) -> list[str]:
    """Return the lines with their breaks, which the last may lack."""
    return list(io.StringIO(text, newline="\n"))


def _check_edits(walk: _Walk, path: str, old: list[str], new: list[str]) -> list[str]:
    """Name each run of lines that were edited, removed or put in, and return those that were added at the end."""
    same = next(i for i, (before, after) in enumerate(zip_longest(old, new)) if before != after)
    old, new = old[same:], new[same:]
    if max(len(old), len(new)) > _COMPARED:
        walk.found(path, same + 1, f"{_named((old or new)[0])} and what follows was changed")
        return []
    for kind, i, until, j, end in SequenceMatcher(None, old, new).get_opcodes():
        if kind == "insert" and i == len(old):
            return new[j:]
        if kind == "insert":
            walk.found(path, same + j + 1, f"{_named(new[j], end - j)} was put in before the end of the file")
        elif kind != "equal":
            walk.found(path, same + i + 1, f"{_named(old[i], until - i)} was {_DONE[kind]}")
    return []


def _named(line: str, count: int = 1) -> str:
    decoded = ledger.decode_line(line)
    name = f"line {line.strip()[:40]!a}" if isinstance(decoded, str) else f"the round of {periods.iso(decoded.at)}"
    return f"{name} with {count - 1} more after it" if count > 1 else name


def _heard(walk: _Walk, path: str, lines: list[str]) -> Collection[str]:
    """Return the lines of a new day file that tell nothing that its summed day does not: nobody delivers those."""
    start = ledger.day_of_file(path)
    if start is None:
        return frozenset()
    return {*lines}.difference(compaction.unheard(lines, walk.text(rollup.month_path(start)), start))


def _check_round(walk: _Walk, path: str, number: int, line: str, heard: Collection[str]) -> None:
    """Count a round; one that is not of about the time of its commit has to say that it is late."""
    round_ = ledger.decode_line(line)
    if isinstance(round_, str):
        return
    walk.rounds += 1
    behind = walk.last.at - round_.at
    before = walk.newest_of.get(path, round_.at) - round_.at
    walk.newest_of[path] = round_.at + max(before, 0)
    why = round_.late or (COMMITTED_LATE if walk.folder and behind > TOLERANCE else "")
    if why:
        walk.late.setdefault(why, []).append((round_.at, behind))
    if line in heard:
        walk.found(path, number, f"{_named(line)} was written again after the day was summed up and dropped")
    if behind < -TOLERANCE:
        walk.found(path, number, f"{_named(line)} is {periods.duration(-behind)} younger than its commit")
    elif behind > TOLERANCE and not why:
        walk.found(path, number, f"{_named(line)} was written {periods.duration(behind)} later and is not marked late")
    elif before > OUT_OF_ORDER and not why:
        told = f"is {periods.duration(before)} older than a round above it and not marked late"
        walk.found(path, number, f"{_named(line)} {told}")


# Summed days


def _compare_days(walk: _Walk) -> int:
    """Compare the summed days with what all raw samples in history add up to; return how many there were."""
    expected = {each.day.start: each.day for each in rollup.decode(_added_up(walk))[0]}
    told: list[int] = []
    for path, number, rolled in _summed_days(walk):
        start = rolled.day.start
        told.append(start)
        raw = expected.get(start)
        wrong = (
            next(days.differences(_up_to_date(walk, rolled), raw), "") if raw else "has no raw sample in this history"
        )
        if wrong:
            walk.found(path, number, f"{periods.date(start)} {wrong}")
    named = {each.path for each in walk.findings}
    for path in sorted(walk.lives.keys() - walk.tree.keys()):
        day = ledger.day_of_file(path)
        if day is not None and day not in told and walk.folder + path not in named:
            walk.found(path, 0, f"was summed up and dropped, and {walk.folder}{rollup.month_path(day)} has no such day")
    return len(told)


def _summed_days(walk: _Walk) -> Iterator[tuple[str, int, Rolled]]:
    """Yield the summed days that can be read with the file and line they stand in."""
    for path in sorted(filter(rollup.is_month_file, walk.tree)):
        for number, line in enumerate(walk.text(path).split("\n"), 1):
            yield from ((path, number, rolled) for rolled in rollup.decode({path: line})[0])


def _added_up(walk: _Walk) -> dict[str, str]:
    """Return month files made anew of all raw samples, as compaction would have made them."""
    months: dict[str, str] = {}
    raw = [(path, blob) for path in sorted(walk.lives) for blob in walk.lives[path]]
    for (path, blob), text in zip(raw, history.texts(walk.repository, [blob for _, blob in raw]), strict=True):
        try:
            months |= compaction.rolled_up(months, {path: text}, {path: blob})
        except StatusgenError as error:
            walk.found(path, 0, str(error))
    return months


def _up_to_date(walk: _Walk, rolled: Rolled) -> Day:
    """Return a summed day with what its file has got since, as compaction will."""
    path = ledger.day_path(rolled.day.start)
    if walk.tree.get(path, rolled.of) == rolled.of:
        return rolled.day
    rounds = ledger.decode({path: walk.text(path)}).rounds
    return days.with_rounds(rolled.day, [each for each in rounds if periods.day_of(each.at) == rolled.day.start])
