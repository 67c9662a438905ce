"""Runs at the same time, from several clones and in one: every round is there once."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from statusgen import git, ledger, periods
from tests.sites import run_git

from .aftermath import days_of, instants, tree_of, waiting
from .harness import Runner
from .worlds import BRANCH, DAYS, EARLIER, NEXT_DAY, World

WRITERS, ROUNDS = 4, 5


@pytest.fixture
def world(fresh: Callable[[str], World]) -> World:
    return fresh("publishing on a new day")


def clones(world: World, count: int) -> list[Path]:
    for number in range(count):
        run_git(world.folder, "clone", "--quiet", str(world.remote), f"clone{number}")
    return [world.folder / f"clone{number}" for number in range(count)]


def together(runner: Runner, world: World, programs: Sequence[Sequence[Sequence[object]]]) -> None:
    done = runner.run_at_once(programs, at=world.site)
    assert [each.code for each in done] == [0] * len(programs), [each.said for each in done]


def lines_of(folder: Path, branch: str) -> list[str]:
    """Return the instants in the lines of a branch's day files."""
    texts = git.read_files(git.Repository(folder), branch, ledger.is_day_file)
    return [json.loads(line)["at"] for text in texts.values() for line in text.splitlines()]


def test_writers_with_a_location_each_never_meet(world: World, runner: Runner) -> None:
    programs = [
        [("record", "--push", "--site", clone, "--location", f"at-{n}", NEXT_DAY + i * 60) for i in range(ROUNDS)]
        for n, clone in enumerate(clones(world, WRITERS))
    ]
    together(runner, world, programs)
    for number in range(WRITERS):
        written = lines_of(world.remote, f"status-data/at-{number}")
        assert written == [periods.iso(NEXT_DAY + i * 60) for i in range(ROUNDS)]
        assert run_git(world.remote, "rev-list", "--count", f"status-data/at-{number}") == str(ROUNDS)
    run_git(world.remote, "fsck", "--strict")


@pytest.mark.parametrize("own_clones", [True, False], ids=["from clones of their own", "in one clone"])
def test_writers_of_one_location_lose_nothing_and_double_nothing_while_a_new_day_begins(
    own_clones: bool, world: World, runner: Runner
) -> None:
    folders = clones(world, WRITERS) if own_clones else [world.site] * WRITERS
    rounds = [NEXT_DAY + i * 60 for i in range(WRITERS * (ROUNDS if own_clones else 2))]
    programs = [
        [("record", "--push", "--jitter", 0.2, "--site", folder, at) for at in rounds[n::WRITERS]]
        for n, folder in enumerate(folders)
    ]
    together(runner, world, programs)
    assert instants(days_of(world.remote, rounds[-1])) == [*EARLIER, *rounds]
    assert max(Counter(lines_of(world.remote, BRANCH)).values()) == 1
    assert [path for path in tree_of(world.remote) if path < "site"] == [
        *("days/2026-10.jsonl", "days/2026-11.jsonl"),
        *(ledger.day_path(day) for day in (DAYS[-1], NEXT_DAY)),
    ]
    assert waiting(world) == []
    run_git(world.remote, "fsck", "--strict")


@pytest.mark.parametrize("push", [["--push"], []], ids=["on the remote", "here"])
def test_recording_over_the_end_of_a_day_and_compacting_at_once_lose_nothing(
    push: list[str], fresh: Callable[[str], World], runner: Runner
) -> None:
    world = fresh("publishing on a new day" if push else "compacting")
    rounds = [NEXT_DAY - 43_200 + (i - 6) * 60 for i in range(9 if push else 12)]
    now = periods.iso(NEXT_DAY)
    programs: list[list[tuple[object, ...]]] = [
        [("record", *push, "--jitter", 0.1, at) for at in rounds[n::3]] for n in range(3)
    ]
    together(runner, world, [*programs, [("compact", *push, "--now", now)] * 3])
    folder = world.remote if push else world.site
    assert instants(days_of(folder, NEXT_DAY)) == [*EARLIER, *rounds]
    assert max(Counter(lines_of(folder, BRANCH)).values()) == 1
    before = run_git(folder, "rev-parse", BRANCH)
    assert runner.run("compact", *push, "--now", now, at=world.site).code == 0
    assert run_git(folder, "rev-parse", BRANCH) == before or not push
    assert instants(days_of(folder, NEXT_DAY)) == [*EARLIER, *rounds]
