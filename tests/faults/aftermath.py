"""What must be true of a world after a fault, and after the next run without one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from statusgen import archive, config, git, ledger, periods, rollup
from statusgen.model import Day
from tests.faults.harness import Runner, files_of
from tests.faults.worlds import COMPONENTS, EARLIER, HEAD_REF, TRACKING, Operation, World, copied
from tests.sites import run_git

LATER = EARLIER[-1] + 7 * periods.DAY


def told_in(texts: dict[str, str]) -> set[tuple[int, str]]:
    """Return the rounds that day files and month files tell of, each with what its check said."""
    of_days = ledger.decode({path: text for path, text in texts.items() if ledger.is_day_file(path)})
    months, problems = rollup.decode({path: text for path, text in texts.items() if rollup.is_month_file(path)}, True)
    assert (*of_days.problems, *problems) == ()
    found = {(each.at, sample.verdict.word) for each in of_days.rounds for _, sample in each.answers if sample.verdict}
    for rolled in months:
        spoken = [stretch for stretch in rolled.day.checks["api"] for _ in range(stretch.rounds)]
        found |= {(at, s.verdict.word) for at, s in zip(rolled.day.rounds, spoken, strict=True) if s.verdict}
    return found


def known(world: World) -> set[int]:
    """Return the instants of every round that lies anywhere: on a branch here or there, in the queue, in ``data/``."""
    places = [(world.site, HEAD_REF), (world.site, TRACKING), (world.remote, HEAD_REF)]
    texts: dict[str, str] = {}
    for number, (folder, ref) in enumerate(places):
        if folder.exists() and (tip := git.tip(git.Repository(folder), ref)):
            of_ref = git.read_files(git.Repository(folder), tip, lambda path: path.endswith(".jsonl"))
            texts |= {f"{number}/{path}": text for path, text in of_ref.items()}
    loose = [*world.queue.rglob("*.jsonl"), *(world.site / "data").rglob("*.jsonl")]
    for number, path in enumerate(path for path in loose if ".statusgen-" not in str(path)):
        name = f"samples/{path.name}" if path.is_relative_to(world.queue) else path.relative_to(world.site).as_posix()
        queued = f"queue{number}/samples/2026-01-01.jsonl"
        texts[queued if path.is_relative_to(world.queue) else name] = path.read_text()
    found = told_in(texts)
    assert {word for _, word in found} <= {"up"}
    return {at for at, _ in found}


def waiting(world: World) -> list[Path]:
    """Return the files of the queue, but for those that somebody did not get to put there."""
    return [path for path in sorted(world.queue.rglob("*.jsonl")) if ".statusgen-" not in path.parent.name]


def days_of(folder: Path, now: int) -> list[Day]:
    """Return what a repository's ledger tells, as a page is made of it, but for what was late."""
    components = folder / "components.yaml"
    site = config.read(components.read_text() if components.exists() else COMPONENTS)
    read = archive.read(folder, site, now, thorough=True)
    assert read.problems == ()
    assert set(read.seen) <= {"default"}
    return [replace(day, late=()) for history in read.seen.values() for day in history.days]


def instants(days: Iterable[Day]) -> list[int]:
    return [at for day in days for at in day.rounds]


def tree_of(folder: Path) -> dict[str, list[str]]:
    """Return the lines of a branch's files, but for what was late, how they are ordered, and of which id they tell."""
    found = git.Repository(folder)
    tip = git.tip(found, HEAD_REF)
    texts = git.read_files(found, tip, bool) if tip else {}
    return {path: sorted(map(_timeless, text.splitlines())) for path, text in texts.items()}


def _timeless(text: str) -> str:
    text = re.sub(r'"of":"[0-9a-f]*"', '"of":""', text)
    return re.sub(r'"late":"[^"]*",', "", text)


def ledger_of(world: World) -> Path:
    """Return the repository whose branch counts: the remote's where there is one."""
    return world.remote if world.remote.exists() else world.site


def a_persons_own(files: dict[str, str]) -> dict[str, str]:
    """Return those of a world's files that an operation has no business with: the tree, the index, HEAD, main."""
    kept = ("site/.git/index", "site/.git/HEAD", "site/.git/refs/heads/main", "site/.git/config")
    ours = ("site/.git/", "site/data/", "site/public/", "site/.statusgen-", "remote.git/")
    return {name: digest for name, digest in files.items() if name in kept or not name.startswith(ours)}


def fsck(world: World) -> None:
    for folder in (world.site, world.remote):
        if folder.exists():
            assert "error" not in run_git(folder, "fsck", "--strict", "--no-dangling")


class Reference:
    """An operation's run without a fault: what was before, what is after, and how many events there are."""

    def __init__(self, operation: Operation, made: World, runner: Runner, folder: Path) -> None:
        self.operation = operation
        self.before = files_of(made.folder)
        self.earlier = known(made)
        self.world = copied(made, folder)
        done = operation.run(runner, self.world)
        assert (done.code, "Traceback" in done.said) == (0, False), done.said
        self.after = files_of(self.world.folder)
        self.days = days_of(self.world.site, LATER)
        self.tree = tree_of(ledger_of(self.world))
        assert instants(self.days) == sorted({*self.earlier, *operation.adds})


def nothing_is_lost(world: World, left: dict[str, str], promised: set[int], expected: Reference, what: str) -> None:
    """Look for every earlier round and those that the program said are safe, and for what is none of its business."""
    fsck(world)
    assert expected.earlier | promised <= known(world) <= expected.earlier | set(expected.operation.adds), what
    assert a_persons_own(left) == a_persons_own(expected.before), what


def the_next_run_puts_everything_right(world: World, expected: Reference, runner: Runner, what: str) -> None:
    """Run the operation once more: the ledger is that of a run without a fault, and so is the page."""
    done = expected.operation.run(runner, world)
    assert done.code == 0, f"{what}, then {done.said}"
    assert days_of(world.site, LATER) == expected.days, what
    assert tree_of(ledger_of(world)) == expected.tree, what
    assert waiting(world) == [], what
    after = files_of(world.folder)
    assert a_persons_own(after) == a_persons_own(expected.before), what
    assert published(after) == published(expected.after), what


def pages_are_old_or_new(left: dict[str, str], expected: Reference, what: str) -> None:
    """Look at what is published: all of it is as it was, or all of it is as it is to be."""
    assert published(left) in (published(expected.before), published(expected.after)), what


def published(files: dict[str, str]) -> dict[str, str]:
    return {name: digest for name, digest in files.items() if name.startswith("site/public/")}
