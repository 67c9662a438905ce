"""Runs of the program on disks that are mounted for them, in a namespace in which that is allowed.

Run as ``unshare -rm python -m tests.hardening.mounted FOLDER < cases``; the answers are printed. A case is a world, a
shell's command that mounts something in it, a command of the program, and a folder that is looked at before and after.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.faults.harness import Runner
from tests.faults.worlds import World, copied
from tests.test_public import held


def answer(case: Any, runner: Runner, folder: Path) -> dict[str, object]:
    world = copied(World(Path(case["world"])), folder / case["name"])
    subprocess.run(["sh", "-ec", case["mount"]], cwd=world.folder, check=True)
    before = held(world.folder / case["looked_at"])
    done = runner.run(*case["command"], at=world.site, temporary=folder / "tmp")
    return {"code": done.code, "said": done.said, "is_kept": held(world.folder / case["looked_at"]) == before}


def main(folder: Path) -> None:
    runner = Runner(folder)
    print(json.dumps({case["name"]: answer(case, runner, folder) for case in json.load(sys.stdin)}))  # noqa: T201
    runner.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
