"""A run that is killed at any point, or whose git fails at any point: nothing is lost, doubled, or left half done.

A run without a fault is looked at before each of its changes to a file and before each start of git. SIGKILL leaves
the disk as it is, so it leaves the same at the next event if nothing lasting has changed in between: of such events the
first is where a run is killed. Some are killed once more after each git that leaves something, and each git of a run
fails in turn.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from . import aftermath
from .aftermath import Reference
from .harness import Runner, files_of
from .injection import Fault
from .worlds import OPERATIONS, World

GIT_FAILS_IN = ("recording", "publishing", "publishing on a new day", "compacting", "building")
WITH_AFTER = ("recording", "publishing on a new day", "compacting")
LASTING = (" hash-object ", " write-tree ", " commit-tree ", " update-ref ", " fetch ")


@pytest.fixture(scope="session")
def seen() -> set[Any]:
    """What faults left behind that was looked into already."""
    return set()


@pytest.fixture
def befall(
    runner: Runner, fresh: Callable[[str], World], reference: Callable[[str], Reference], seen: set[Any]
) -> Callable[[str, Fault], int]:
    """Let a fault befall an operation, look into what it leaves, and return the code that the run ended with."""

    def look(name: str, fault: Fault) -> int:
        expected, world = reference(name), fresh(name)
        done = OPERATIONS[name].run(runner, world, fault)
        left = files_of(world.folder)
        promised = {*OPERATIONS[name].adds} if done.code == 0 or "nothing is lost" in done.said else set()
        state = (name, frozenset(promised), frozenset(left.items()))
        if state not in seen:
            seen.add(state)
            what = f"{name}, {fault}: {done.said}"
            assert "Traceback" not in done.said, what
            if done.code:
                aftermath.pages_are_old_or_new(left, expected, what)
            aftermath.nothing_is_lost(world, left, promised, expected, what)
            aftermath.the_next_run_puts_everything_right(world, expected, runner, what)
        return done.code

    return look


def counted(name: str, kind: str, runner: Runner, world: World) -> list[tuple[Fault, str]]:
    """Return every fault of a kind that can befall an operation, each with the state of the disk before it."""
    done = OPERATIONS[name].run(runner, world, Fault(kind))
    assert done.code == 0, done.said
    faults = [Fault(kind, at, event) for at, event in enumerate(done.events, 1)]
    return list(zip(faults, done.states or done.events, strict=True))


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_run_that_is_killed_before_any_of_its_events_loses_nothing(
    name: str, runner: Runner, fresh: Callable[[str], World], befall: Callable[[str, Fault], int]
) -> None:
    faults = counted(name, "change", runner, fresh(name))
    states = ["", *(state for _, state in faults)]
    different = [fault for (fault, state), last in zip(faults, states, strict=False) if state != last]
    assert [befall(name, fault) for fault in different] == [-9] * len(different)


@pytest.mark.parametrize("name", WITH_AFTER)
def test_a_run_that_is_killed_after_any_git_that_leaves_something_loses_nothing(
    name: str, runner: Runner, fresh: Callable[[str], World], befall: Callable[[str, Fault], int]
) -> None:
    world = fresh(name)
    faults = [fault for fault, _ in counted(name, "after", runner, world)]
    here = [fault for fault in faults if fault.event.startswith(f"{world.site} ")]
    lasting = [fault for fault in here if any(verb in fault.event for verb in LASTING)]
    lasting += [fault for fault in faults if " push " in fault.event]
    assert [befall(name, fault) for fault in lasting] == [-9] * len(lasting)


@pytest.mark.parametrize("name", GIT_FAILS_IN)
def test_a_run_whose_git_fails_at_any_call_says_so_or_does_without_and_loses_nothing(
    name: str, runner: Runner, fresh: Callable[[str], World], befall: Callable[[str, Fault], int]
) -> None:
    world = fresh(name)
    faults = [fault for fault, _ in counted(name, "git", runner, world)]
    if name == "publishing on a new day":  # until its push it is one that publishes, and pushes twice in the same way
        pushed = next(i for i, fault in enumerate(faults) if " push " in fault.event)
        faults = [fault for fault in faults[pushed:] if fault.event.startswith(f"{world.site} ")]
    assert {befall(name, fault) for fault in faults} <= {0, 3}


def test_a_page_that_no_build_makes_any_more_goes_although_one_was_killed_before_it_removed_it(
    runner: Runner, fresh: Callable[[str], World]
) -> None:
    faults = [fault for fault, _ in counted("building", "change", runner, fresh("building"))]
    removal = next(fault for fault in faults if fault.event.startswith("os.remove"))
    world = fresh("building")
    old = next((world.site / "public/incidents").glob("*-old"))
    assert OPERATIONS["building"].run(runner, world, removal).is_killed
    assert OPERATIONS["building"].run(runner, world).code == 0
    assert not old.exists()
