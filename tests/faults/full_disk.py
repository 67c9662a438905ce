"""Operations on a disk that is ever less full, in a namespace in which a small disk can be mounted.

Run as ``unshare -rm python -m tests.faults.full_disk WORLDS PLACE OPERATION…``, by ``test_full_disk``. WORLDS holds a
world for each operation.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.faults import aftermath
from tests.faults.aftermath import Reference
from tests.faults.harness import Runner, files_of
from tests.faults.worlds import OPERATIONS, World, copied

BLOCK = 4096
SIZE = 8 * 1024 * 1024


def main(worlds: Path, place: Path, names: list[str]) -> None:
    disk, beside = place / "disk", place / "beside"
    disk.mkdir()
    beside.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "statusgen", str(disk)], check=True)
    runner = Runner(beside)
    try:
        for name in names:
            for temporary in (beside / "tmp", None) if name == "recording" else (beside / "tmp",):
                expected = Reference(OPERATIONS[name], World(worlds / name), runner, beside / "reference")
                failed = shrink(name, World(worlds / name), expected, runner, disk, temporary)
                assert failed, f"{name}: no disk was too small"
    finally:
        runner.close()


def shrink(name: str, ready: World, expected: Reference, runner: Runner, disk: Path, temporary: Path | None) -> int:
    """Run an operation with no block left, then with ever more, until it is done; return how often it failed.

    The more there are, the more are added: what each single write that fails comes to, ``test_failures`` tells.
    """
    failed = free = 0
    while True:
        world = copied(ready, disk / "world")
        (world.folder / "tmp").mkdir()
        fill(disk / "filler", free * BLOCK)
        done = expected.operation.run(runner, world, temporary=temporary)
        (disk / "filler").unlink()
        what = f"{name}, {free} blocks left: {done.said}"
        assert done.code in (0, 3), what
        assert "Traceback" not in done.said, what
        if done.code:
            assert done.said.startswith("error: "), what
            assert "No space left on device" in done.said or "write" in done.said, what
        left = files_of(world.folder)
        promised = {*expected.operation.adds} if done.code == 0 or "nothing is lost" in done.said else set()
        aftermath.nothing_is_lost(world, left, promised, expected, what)
        if done.code:
            assert aftermath.published(left) == aftermath.published(expected.before), what
        aftermath.the_next_run_puts_everything_right(world, expected, runner, what)
        if not done.code:
            return failed
        failed, free = failed + 1, free + 1 + free // 4


def fill(filler: Path, free: int) -> None:
    """Write a file until the disk is full, then give back so many bytes."""
    with filler.open("wb") as file:
        usage = os.statvfs(filler.parent)
        os.posix_fallocate(file.fileno(), 0, max(usage.f_bavail * usage.f_frsize - free, 1))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
