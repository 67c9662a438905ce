"""A system that fails: each write, fsync, rename and other call in turn. The run says so, and leaves nothing half done.

What happens then while a page is put in its place, ``test_swap`` tells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from . import aftermath
from .aftermath import Reference
from .harness import Done, Runner, files_of
from .injection import Fault
from .worlds import OPERATIONS, World, copied

DISK_IS_FULL = ("write", "ENOSPC", True)
FAULTS = [DISK_IS_FULL, ("fsync", "EIO", False), ("rename", "EIO", False), ("change", "EACCES", False)]


def faults(done: Done, kind: str, error: str, lasts: bool) -> Iterator[Fault]:
    """Yield what can befall a run, given a run in which such events were counted."""
    for number, (place, event) in enumerate(zip(done.places, done.events, strict=True), 1):
        yield Fault(kind, number, f"{place} {event}", error, lasts)


@pytest.mark.parametrize("name", ["recording", "publishing", "compacting", "recording in the tree", "building"])
def test_a_call_that_fails_is_told_in_a_line_and_nothing_is_lost_or_half_done(
    name: str, runner: Runner, ready: Callable[[str], World], reference: Callable[[str], Reference], tmp_path: Path
) -> None:
    expected, before = reference(name), files_of(ready(name).folder)
    seen: list[object] = []
    world = copied(ready(name), tmp_path / "world")
    for kind, error, lasts in FAULTS:
        whole = OPERATIONS[name].run(runner, copied(ready(name), tmp_path / "world"), Fault(kind))
        world = copied(ready(name), tmp_path / "world")
        for fault in () if name == "building" and kind == "change" else faults(whole, kind, error, lasts):
            done = OPERATIONS[name].run(runner, world, fault)
            what = f"{name}, {fault}: {done.said}"
            assert done.code in (0, 3), what
            assert "Traceback" not in done.said, what
            assert not done.code or done.said.startswith("error: "), what
            left = files_of(world.folder)
            promised = {*OPERATIONS[name].adds} if done.code == 0 or "nothing is lost" in done.said else set()
            if (state := (promised, left)) not in seen:
                seen.append(state)
                aftermath.nothing_is_lost(world, left, promised, expected, what)
                aftermath.pages_are_old_or_new(left, expected, what)
                aftermath.the_next_run_puts_everything_right(world, expected, runner, what)
            if left != before:
                world = copied(ready(name), tmp_path / "world")
