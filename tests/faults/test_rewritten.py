"""A branch that was rewritten on the remote, clones that know little, and remotes that say no."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from statusgen import git
from tests.sites import hook, run_git

from .aftermath import days_of, files_of, instants, known, waiting
from .harness import Runner
from .worlds import BRANCH, EARLIER, HEAD_REF, NEXT, NEXT_DAY, TRACKING, World, line

NOW = "2026-11-03T12:30Z"
COMMANDS: dict[str, tuple[object, ...]] = {
    "publishing": ("record", "--push", NEXT_DAY),
    "compacting": ("compact", "--push", "--now", NOW),
    "fetching": ("build", "--fetch", "--now", NOW),
}


def back(world: World) -> None:
    run_git(world.remote, "update-ref", HEAD_REF, f"{HEAD_REF}~2")


def unrelated(world: World) -> None:
    texts = {"samples/2026-11-02.jsonl": f"{line(EARLIER[-1])}\n", "site.json": '{"v": 1, "site": "acme"}\n'}
    other = git.commit_files(git.Repository(world.remote), "", texts, "Another history", EARLIER[-1])
    run_git(world.remote, "update-ref", HEAD_REF, other)


def deleted(world: World) -> None:
    run_git(world.remote, "update-ref", "-d", HEAD_REF)


REWRITES = {"forced back": back, "replaced": unrelated, "deleted": deleted}


@pytest.fixture
def world(fresh: Callable[[str], World]) -> World:
    """A site that has seen four days of its branch on the remote, and recorded nothing of its own."""
    return fresh("publishing on a new day")


def refs(world: World) -> list[str]:
    return [run_git(folder, "for-each-ref") for folder in (world.site, world.remote)]


def remedies(said: str) -> list[str]:
    """Return the commands that a message tells people to run."""
    return re.findall(r"'(git [^']*)'", said)


@pytest.mark.parametrize("rewrite", REWRITES)
def test_a_branch_that_was_rewritten_is_refused_with_the_remedies_and_nothing_changes(
    rewrite: str, world: World, runner: Runner
) -> None:
    REWRITES[rewrite](world)
    before = refs(world)
    for command in COMMANDS.values():
        done = runner.run(*command, at=world.site)
        assert done.code == 3, done.said
        assert "The remote's branch was rewritten" in done.said
        assert BRANCH in done.said
        ref = "refs/remotes/origin/BRANCH"
        assert remedies(done.said) == [f"git log {ref}", f"git update-ref -d {ref}"]
        assert refs(world) == before
        assert len(waiting(world)) == 1
        assert known(world) == {*EARLIER, NEXT_DAY}
    assert not (world.site / "public").exists()


@pytest.mark.parametrize("rewrite", REWRITES)
def test_a_rewrite_that_was_a_mistake_is_undone_with_the_tip_that_the_clone_has_seen(
    rewrite: str, world: World, runner: Runner
) -> None:
    REWRITES[rewrite](world)
    assert runner.run(*COMMANDS["publishing"], at=world.site).code == 3
    tip = run_git(world.site, "log", "-1", "--format=%H", TRACKING)
    force = ["--force"] if rewrite == "replaced" else []
    run_git(world.site, "push", "--quiet", *force, "origin", f"{tip}:{HEAD_REF}")
    done = runner.run("record", "--push", NEXT_DAY + 60, at=world.site)
    assert (done.code, waiting(world)) == (0, []), done.said
    for folder in (world.site, world.remote):
        assert instants(days_of(folder, NEXT_DAY + 60)) == [*EARLIER, NEXT_DAY, NEXT_DAY + 60]


@pytest.mark.parametrize(
    ("rewrite", "left"), [("forced back", EARLIER[:-2]), ("replaced", EARLIER[-1:]), ("deleted", [])]
)
def test_a_rewrite_that_was_meant_is_taken_as_it_is_once_the_clone_has_forgotten_what_it_saw(
    rewrite: str, left: list[int], world: World, runner: Runner
) -> None:
    REWRITES[rewrite](world)
    assert runner.run(*COMMANDS["publishing"], at=world.site).code == 3
    run_git(world.site, "update-ref", "-d", TRACKING)
    for command in reversed(COMMANDS.values()):
        done = runner.run(*command, at=world.site)
        assert done.code == 0, done.said
    assert waiting(world) == []
    for folder in (world.site, world.remote):
        assert instants(days_of(folder, NEXT_DAY)) == [*left, NEXT_DAY]


# Clones that know little.


@pytest.mark.parametrize("options", [["--depth=1"], ["--single-branch"]])
def test_a_clone_that_knows_little_publishes_compacts_and_builds(
    options: list[str], world: World, runner: Runner
) -> None:
    run_git(world.folder, "clone", "--quiet", *options, f"file://{world.remote}", "clone/site")
    clone = world.folder / "clone/site"
    for command in (*COMMANDS.values(), ("record", "--push", NEXT_DAY + 60)):
        done = runner.run(*command, at=clone)
        assert done.code == 0, done.said
    for folder in (clone, world.remote):
        assert instants(days_of(folder, NEXT_DAY + 60)) == [*EARLIER, NEXT_DAY, NEXT_DAY + 60]
    assert int(run_git(world.remote, "rev-list", "--count", HEAD_REF)) > len(EARLIER)


# Remotes that say no.


def test_a_remote_that_cannot_be_read_for_a_while_gets_every_round_with_its_own_instant(
    world: World, runner: Runner
) -> None:
    rounds = [NEXT, NEXT + 60, NEXT_DAY]
    readable = world.remote / "objects"
    away = readable.rename(world.remote / "objects.away")
    for count, at in enumerate(rounds, 1):
        done = runner.run("record", "--push", at, at=world.site)
        assert (done.code, len(waiting(world))) == (3, count), done.said
    away.rename(readable)
    done = runner.run("record", "--push", NEXT_DAY + 60, at=world.site)
    assert (done.code, waiting(world)) == (0, []), done.said
    assert instants(days_of(world.remote, NEXT_DAY + 60)) == [*EARLIER, *rounds, NEXT_DAY + 60]


def test_a_remote_that_refuses_pushes_to_main_does_not_mind_the_ledger(world: World, runner: Runner) -> None:
    refuse = 'while read -r _ _ ref; do [ "$ref" != refs/heads/main ] || { echo protected >&2; exit 1; }; done'
    hook(world.remote, "pre-receive", refuse)
    before = files_of(world.folder)["site/.git/index"]
    done = runner.run("record", "--push", NEXT_DAY, at=world.site)
    assert done.code == 0, done.said
    assert instants(days_of(world.remote, NEXT_DAY)) == [*EARLIER, NEXT_DAY]
    assert BRANCH in run_git(world.remote, "for-each-ref")
    assert files_of(world.folder)["site/.git/index"] == before
