"""A disk that is full: the program says so, everything is as it was, and all is well once there is space."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sites import ROOT

from .worlds import World


@pytest.fixture(scope="module")
def namespace(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return the start of a command that runs where disks can be mounted."""
    started = ["unshare", "--map-root-user", "--mount"]
    mount = ["mount", "-t", "tmpfs", "-o", "size=8k", "statusgen", str(tmp_path_factory.mktemp("mount"))]
    if not shutil.which("unshare") or subprocess.run([*started, *mount], capture_output=True, check=False).returncode:
        pytest.skip("this machine allows no user namespaces, in which a small disk can be mounted")
    return started


@pytest.mark.parametrize(
    "names",
    [["recording", "compacting", "publishing"], ["recording in the tree", "compacting in the tree", "building"]],
    ids=", ".join,
)
def test_on_a_full_disk_nothing_is_lost_and_what_has_failed_works_once_there_is_space(
    names: list[str], namespace: list[str], ready: Callable[[str], World], tmp_path: Path
) -> None:
    worlds = tmp_path / "worlds"
    for name in names:
        shutil.copytree(ready(name).folder, worlds / name)
    done = subprocess.run(
        [*namespace, sys.executable, "-m", "tests.faults.full_disk", worlds, tmp_path, *names],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
