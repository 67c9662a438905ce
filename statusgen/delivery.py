"""Writing to the ledger's branches: recording here, publishing to the remote, summing up closed days.

A push is the acknowledgement: until the remote has accepted it, a round also lies in a queue below ``.git/statusgen``,
and the next run delivers it. A lost race is evaluated again on the new tip, never merged as text. Every change is one
commit made beside the working tree, so a run that is killed leaves either all of it or nothing.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from statusgen import compaction, files, git, ledger, periods, rollup
from statusgen.branches import OWNER, REWRITTEN, Destination, explained, fetch_into, own_history, owner_of
from statusgen.errors import StatusgenError, WorldError
from statusgen.git import Refused, Repository
from statusgen.names import called
from statusgen.rollup import Rolled

TRIES = 12
KEPT_UNTIL_DELIVERED = 36_500  # days

Change = Callable[[Repository, str], tuple[str, int]]  # on top of a tip: the new commit, and how much is new


def queue(repository: Repository, to: Destination, line: str) -> Path:
    """Write a round to the disk, where it waits to be recorded or published by whatever run comes first."""
    place = _queue(repository, to) / f"{secrets.token_hex(8)}.jsonl"
    files.write(place, f"{line}\n".encode())
    return place


def record(repository: Repository, to: Destination, lines: Sequence[str]) -> None:
    """Append rounds to the local branch, which is made at first use, and sum up what is due.

    What waits in the queue is appended with them, marked as late, unless it is one of them.
    """
    to = _undelivered(repository, to)
    waiting = _waiting(_queue(repository, to))
    late = _late(waiting.values(), lines)
    _grow_here(repository, to, lambda place, tip: _with_rounds(place, tip, to, [*late, *lines], ()))
    for path in waiting:
        path.unlink(missing_ok=True)
    _compact_if_due(
        repository, to, git.tip(repository, to.ref), lines, lambda change: _grow_here(repository, to, change)
    )


def publish(repository: Repository, to: Destination, lines: Sequence[str], jitter: Callable[[], float]) -> int:
    """Append rounds to the remote's branch and return how many older ones were delivered with them.

    They are queued first, unless they are already. When the remote cannot be reached they stay there, with all others
    that wait, and WorldError says so. ``jitter`` gives numbers from 0 to 1, for the waits between tries. What is due is
    summed up.
    """
    queued = {_alike(text.rstrip("\n")) for text in _waiting(_queue(repository, to)).values()}
    for line in lines:
        if _alike(line) not in queued:
            queue(repository, to, line)
    waiting = _waiting(_queue(repository, to))
    local = git.tip(repository, to.ref)
    try:
        texts, rolled = _recorded_only(repository, local, to)
        late = _late((*waiting.values(), *texts), lines)
        added = _grow_there(
            repository, to, lambda place, tip: _with_rounds(place, tip, to, [*late, *lines], rolled), jitter
        )
    except Refused as error:
        raise WorldError(_still_queued(to, len(waiting), _queue(repository, to), error)) from None
    for path in waiting:
        path.unlink(missing_ok=True)
    _follow(repository, to, local)
    tip = git.tip(repository, to.tracking(repository))
    _compact_if_due(repository, to, tip, lines, lambda change: _grow_there(repository, to, change, jitter))
    return max(added - len(lines), 0)


def compact(repository: Repository, to: Destination, now: int, *, push: bool, jitter: Callable[[], float]) -> int:
    """Sum up closed days of a branch, drop day files beyond what it keeps, and return how many files that concerned."""

    def change(place: Repository, tip: str) -> tuple[str, int]:
        return _compacted(place, tip, to, now)

    if not (push and git.remote_of(repository)):
        to = _undelivered(repository, to)
        return _grow_here(repository, to, change) if git.tip(repository, to.ref) else 0
    try:
        count = _grow_there(repository, to, change, jitter)
    except Refused as error:
        raise WorldError(f"cannot push {to.name}: {explained(error)}") from None
    _follow(repository, to, "")
    return count


def _undelivered(repository: Repository, to: Destination) -> Destination:
    """Return the destination for what is not pushed yet: while the remote lacks them, no rounds leave the tree.

    Summed days alone would arrive there, without a sample in its history to prove them.
    """
    return replace(to, keep=KEPT_UNTIL_DELIVERED) if git.remote_of(repository) else to


# The queue


def _queue(repository: Repository, to: Destination) -> Path:
    return git.private_folder(repository) / "queue" / to.name


def _waiting(queue: Path) -> dict[Path, str]:
    """Return the rounds of the queue by file; one that another run has delivered meanwhile is gone."""
    found = {}
    for path in sorted(queue.glob("*.jsonl")):
        with contextlib.suppress(FileNotFoundError):
            found[path] = path.read_text("utf-8", "replace")
    return found


def _alike(line: str) -> str:
    """Return what a round is known by, late or not: a run that was killed may have queued this very one."""
    return ledger.mark_late(line, "queued")


def _late(texts: Iterable[str], lines: Sequence[str]) -> list[str]:
    """Return the rounds in texts that are not among the lines, marked as late, in the order of their instants."""
    known = {ledger.mark_late(line, "queued") for line in lines}
    found = {ledger.mark_late(each, "queued") for text in texts for each in text.split("\n")}
    return sorted(found - known)  # as text, which begins with the instant


def _still_queued(to: Destination, count: int, queue: Path, error: Refused) -> str:
    waits = "1 round waits" if count == 1 else f"{count} rounds wait"
    return (
        f"cannot push {to.name}: {explained(error)}\n"
        f"{waits} in {queue}; nothing is lost, the next 'statusgen probe --push' delivers what waits"
    )


def _recorded_only(repository: Repository, local: str, to: Destination) -> tuple[list[str], list[Rolled]]:
    """Return day files and summed days of the local branch, where it may hold what was recorded without a push."""
    if not local or local == git.tip(repository, to.tracking(repository)):
        return [], []
    texts = git.read_files(repository, local, lambda path: ledger.is_day_file(path) or rollup.is_month_file(path))
    months = {path: text for path, text in texts.items() if rollup.is_month_file(path)}
    return [text for path, text in texts.items() if path not in months], rollup.decode(months)[0]


# Where branches grow


def _grow_here(repository: Repository, to: Destination, change: Change) -> int:
    """Move the local branch to what ``change`` makes of it, evaluating again whenever somebody was faster."""
    for _ in range(TRIES):
        local = git.tip(repository, to.ref)
        tip = local or git.tip(repository, to.tracking(repository))
        commit, count = change(repository, tip)
        if commit == tip:
            return count
        try:
            repository.run("update-ref", "-m", "statusgen", to.ref, commit, local or "0" * len(commit))
            return count
        except Refused as error:
            refused = error
    raise WorldError(f"cannot move branch {to.name}: {explained(refused)}")


def _grow_there(repository: Repository, to: Destination, change: Change, jitter: Callable[[], float]) -> int:
    """Push what ``change`` makes of the remote's branch, evaluating again on the new tip when somebody was faster."""
    tries = 0
    while True:
        with git.scratch(repository) as scratch:
            tip = _remote_tip(repository, scratch, to)
            commit, count = change(scratch, tip)
            if commit == tip:
                return count
            try:
                scratch.run("push", "--quiet", "--no-verify", "origin", f"{commit}:{to.ref}")
                return count
            except Refused as error:
                tries += 1
                if tries == TRIES or not git.lost_a_race(str(error)):
                    raise
        time.sleep(min(10.0, 0.1 * 2**tries) * jitter())


def _remote_tip(repository: Repository, scratch: Repository, to: Destination) -> str:
    """Bring the remote branch's tip into the scratch repository and return it, empty where there is none yet.

    What this clone has seen of the branch must be part of it, which a shallow clone cannot tell.
    """
    seen = "" if git.is_shallow(repository) else git.tip(repository, to.tracking(repository))
    listed = scratch.run("ls-remote", "origin", to.ref).decode().split()
    if seen:
        git.borrow(scratch, repository)
    if not listed:
        if seen and _owner(scratch, seen) in ("", to.site):
            raise Refused(f"the remote has no such branch any more. {REWRITTEN}")
        return ""
    if seen == listed[0]:
        return seen
    if seen:
        scratch.run("update-ref", to.ref, seen)
    shallow = [] if seen else ["--depth=1"]
    scratch.run("fetch", "--no-tags", *shallow, "origin", f"{to.ref}:{to.ref}")
    return git.tip(scratch, to.ref)


def _owner(repository: Repository, tip: str) -> str:
    return owner_of(git.read_files(repository, tip, OWNER.__eq__).get(OWNER, "")) if tip else ""


def _follow(repository: Repository, to: Destination, local: str) -> None:
    """Let the site's own clone see what was pushed. Failing is no loss: ``build --fetch`` does the same.

    The local branch moves only from ``local``, all of which was delivered: what another run has recorded on top of
    it meanwhile is for the next push.
    """
    tracking = to.tracking(repository)
    try:
        fetch_into(repository, git.remote_of(repository), f"{to.ref}:{tracking}")
        if local:
            repository.run("update-ref", "-m", "statusgen probe --push", to.ref, tracking, local)
    except Refused:
        return


# What is changed


def _with_rounds(
    repository: Repository, tip: str, to: Destination, lines: Iterable[str], rolled: Iterable[Rolled]
) -> tuple[str, int]:
    """Return a commit on top of ``tip`` that holds the lines and summed days too, and how many lines are new."""
    by_day: dict[str, dict[str, str]] = {}
    newest = 0
    for line in lines:
        if not isinstance(decoded := ledger.decode_line(line), str):
            by_day.setdefault(ledger.day_path(decoded.at), {}).setdefault(_alike(line), line)
            newest = max(newest, decoded.at)
    present = _texts(repository, tip, {*by_day, *(rollup.month_path(each.day.start) for each in rolled)})
    _refuse_foreign(owner_of(present.get(OWNER, "")), to)
    new = {path: _unheard(path, list(each.values()), present) for path, each in by_day.items()}
    added = sum(map(len, new.values()))
    changed: dict[str, str | None] = {**compaction.with_days(present, rolled)}
    changed |= {path: ledger.append(present.get(path, ""), each) for path, each in new.items() if each}
    if not changed:
        return tip, 0
    if OWNER not in present:
        changed[OWNER] = json.dumps({"v": 1, "site": to.site}) + "\n"
    return git.commit_files(repository, tip, changed, f"Probe from {to.location}", newest), added


def _texts(repository: Repository, tip: str, wanted: set[str]) -> dict[str, str]:
    """Return the branch's files of those names, and for a day file that is not there what its month file says."""
    if not tip:
        return {}
    ids = git.blobs(repository, tip)
    days = {path: ledger.day_of_file(path) for path in wanted - ids.keys()}
    wanted = {OWNER, *wanted, *(rollup.month_path(start) for start in days.values() if start is not None)}
    return git.read_blobs(repository, {path: ids[path] for path in sorted(wanted & ids.keys())})


def _unheard(path: str, lines: list[str], present: dict[str, str]) -> list[str]:
    """Return the lines that neither the day file holds nor, where that was dropped, the summed day tells of."""
    start = ledger.day_of_file(path)
    if path in present or start is None:
        return ledger.missing(lines, present.get(path, ""))
    return compaction.unheard(ledger.missing(lines, ""), present.get(rollup.month_path(start), ""), start)


def _refuse_foreign(owner: str, to: Destination) -> None:
    if owner and owner != to.site:
        whose = f"belongs to site '{called(owner)}', this is '{to.site}'"
        raise StatusgenError(f"branch {to.name} {whose}: {own_history(owner)}")


# Compaction


def _compact_if_due(
    repository: Repository, to: Destination, tip: str, lines: Sequence[str], grow: Callable[[Change], int]
) -> None:
    """Sum up what the rounds just recorded have closed. Failing is no loss: the next run finds it due again."""
    now = max((each.at for line in lines if not isinstance(each := ledger.decode_line(line), str)), default=0)
    with contextlib.suppress(StatusgenError):
        if tip and _due(repository, tip, to, now)[0]:
            grow(lambda place, newer: _compacted(place, newer, to, now))


def _due(
    repository: Repository, tip: str, to: Destination, now: int
) -> tuple[compaction.Due, dict[str, str], dict[str, str]]:
    """Return what is due on a branch, git's ids of its files, and the month files that it concerns."""
    ids = git.blobs(repository, tip) if tip else {}
    starts = {start for path in ids if (start := ledger.day_of_file(path)) is not None}
    months = git.read_blobs(repository, {p: ids[p] for p in sorted(set(map(rollup.month_path, starts)) & ids.keys())})
    days = {path: blob for path, blob in ids.items() if ledger.is_day_file(path)}
    return compaction.due(days, rollup.decode(months)[0], periods.day_of(now), to.keep), ids, months


def _compacted(repository: Repository, tip: str, to: Destination, now: int) -> tuple[str, int]:
    """Return a commit on top of ``tip`` with closed days summed up, and how many day files that concerned."""
    due, ids, months = _due(repository, tip, to, now)
    if not due:
        return tip, 0
    _refuse_foreign(_owner(repository, tip), to)
    texts = git.read_blobs(repository, {path: ids[path] for path in due.sum})
    changed: dict[str, str | None] = {**compaction.rolled_up(months, texts, ids), **dict.fromkeys(due.drop)}
    if not changed:
        return tip, 0
    message = f"Sum up closed days of {to.location}"
    return git.commit_files(repository, tip, changed, message, now), len({*due.sum, *due.drop})
