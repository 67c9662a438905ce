"""Locks that somebody else's git has left behind: the program does without them, or says which one is in its way."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.sites import run_git

from .aftermath import days_of, instants, known, waiting
from .harness import Runner
from .worlds import BRANCH, EARLIER, NEXT, TRACKING, World

REMEDY = "if none is, remove that .lock file"
LOCKS = {
    "index": "site/.git/index.lock",
    "shallow": "site/.git/shallow.lock",
    "packed refs": "site/.git/packed-refs.lock",
    "HEAD": "site/.git/HEAD.lock",
    "branch": f"site/.git/refs/heads/{BRANCH}.lock",
    "tracking": f"site/.git/{TRACKING}.lock",
    "remote's branch": f"remote.git/refs/heads/{BRANCH}.lock",
}
IN_THE_WAY = {  # of which command
    ("recording", "branch"),
    ("publishing", "remote's branch"),
    ("fetching", "tracking"),
    ("fetching a shallow clone", "shallow"),
    ("fetching a shallow clone", "tracking"),
}
COMMANDS: dict[str, tuple[object, ...]] = {
    "recording": ("record", NEXT),
    "publishing": ("record", "--push", NEXT),
    "fetching": ("build", "--fetch", "--now", "2026-11-02T12:30Z"),
    "fetching a shallow clone": ("build", "--fetch", "--now", "2026-11-02T12:30Z"),
    "building": ("build", "--now", "2026-11-02T12:30Z"),
}
ROUNDS = [*EARLIER[-2:], EARLIER[-1] + 60]


@pytest.fixture
def world(fresh: Callable[[str], World], request: pytest.FixtureRequest) -> World:
    """A site of whose rounds one is pushed, one recorded, and one waits in the queue."""
    return fresh("publishing")


def shallow(world: World) -> None:
    """Put a shallow clone that knows nothing of the ledger in the place of the site."""
    queue = [path.read_bytes() for path in waiting(world)]
    world.site.rename(world.folder / "deep")
    run_git(world.folder, "clone", "--quiet", "--depth=1", f"file://{world.remote}", "site")
    run_git(world.site, "fetch", "--quiet", "--depth=1", "origin", f"refs/heads/{BRANCH}:{TRACKING}")
    deeper = world.folder / "deep"
    run_git(deeper, "push", "--quiet", "origin", f"{BRANCH}:{BRANCH}")  # so that there is something to fetch
    (world.queue / BRANCH).mkdir(parents=True)
    for number, content in enumerate(queue):
        (world.queue / BRANCH / f"{number}.jsonl").write_bytes(content)


@pytest.mark.parametrize(
    ("command", "locks"),
    [(command, [lock]) for command, lock in sorted(IN_THE_WAY)]
    + [(command, [lock for lock in LOCKS if (command, lock) not in IN_THE_WAY]) for command in COMMANDS],
)
def test_locks_are_no_hindrance_or_are_named_with_the_remedy_and_lose_nothing(
    command: str, locks: list[str], world: World, runner: Runner
) -> None:
    if command == "fetching a shallow clone":
        shallow(world)
    elif command == "fetching":
        elsewhere(world, runner)
    for lock in locks:
        (world.folder / LOCKS[lock]).parent.mkdir(parents=True, exist_ok=True)
        (world.folder / LOCKS[lock]).touch()
    done = runner.run(*COMMANDS[command], at=world.site)
    assert done.code == (3 if (command, locks[0]) in IN_THE_WAY else 0), done.said
    if done.code:
        assert LOCKS[locks[0]].rpartition("/")[2] in done.said
        assert REMEDY in done.said
    promised = {NEXT} if command == "publishing" or (command == "recording" and not done.code) else set()
    assert {*ROUNDS} | promised <= known(world)
    for lock in locks:
        (world.folder / LOCKS[lock]).unlink()
    assert runner.run("record", "--push", NEXT, at=world.site).code == 0
    assert waiting(world) == []
    for folder in (world.site, world.remote):
        assert instants(days_of(folder, NEXT)) == [*ROUNDS, NEXT]


def elsewhere(world: World, runner: Runner) -> None:
    """Publish from another clone, so that there is something to fetch."""
    run_git(world.folder, "clone", "--quiet", str(world.remote), "other/site")
    done = runner.run("record", "--push", EARLIER[-1], at=world.folder / "other/site")
    assert done.code == 0, done.said
