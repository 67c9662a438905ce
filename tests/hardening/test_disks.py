"""Disks that say no: read-only, forbidden, used up, elsewhere, or with a file where a folder must be.

A disk cannot be made to say no to root by permissions alone, so folders are mounted read-only, or with few inodes, in a
namespace of the tests' own (``mounted``).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.faults.harness import Runner
from tests.faults.worlds import NEXT, OPERATIONS, World, copied
from tests.sites import ROOT

OTHER_DISKS = ("/dev/shm", "/var/tmp")
COMMANDS: dict[str, tuple[object, ...]] = {
    "recording": ("record", NEXT),
    "publishing": ("record", "--push", NEXT),
    "compacting": ("compact", "--now", "2026-11-03T12:00Z"),
    "building": ("build", "--now", "2026-11-02T12:05Z"),
    "recording in the tree": ("record", NEXT),
}


def read_only(place: str) -> str:
    return f'mount --bind "{place}" "{place}" && mount -o remount,bind,ro "{place}"'


READ_ONLY = {  # operation and place: what is said
    ("recording", "site"): "Read-only file system",
    ("recording", "site/.git"): "Read-only file system",
    ("recording in the tree", "site"): "Read-only file system",
    ("recording in the tree", "site/data"): "Read-only file system",
    ("publishing", "site/.git"): "Read-only file system",
    ("publishing", "remote.git"): "cannot push status-data/default",
    ("compacting", "site/.git"): "ead-only file system",
    ("building", "site"): "cannot write public: Read-only file system",
    ("building", "site/public"): "cannot write public: Read-only file system",
}
FEW_INODES = "mkdir disk && mount -t tmpfs -o nr_inodes=$(($(find site/public | wc -l) + 3)) statusgen disk"
OTHERS = {  # mount, what follows the command, and what is looked at
    "few inodes": (f"{FEW_INODES} && cp -r site/public/. disk", ("--out", "../disk"), "disk"),
    "a repository to read": (read_only("site"), ("--out", "../out"), "site"),
    "a page that is a disk": (
        f"{read_only('site/.git')} && mount -t tmpfs statusgen site/public",
        (),
        "site/incidents",
    ),
}


@pytest.fixture(scope="session")
def ready(tmp_path_factory: pytest.TempPathFactory, _own_git: None) -> Callable[[str], World]:
    """Return the world that is ready for an operation; it is to be copied and never changed."""
    return cache(lambda name: OPERATIONS[name].make(tmp_path_factory.mktemp("ready") / "world"))


@pytest.fixture
def world(ready: Callable[[str], World], tmp_path: Path) -> Callable[[str], World]:
    return lambda name: copied(ready(name), tmp_path / "world")


@pytest.fixture(scope="session")
def runner(tmp_path_factory: pytest.TempPathFactory, _own_git: None) -> Iterator[Runner]:
    running = Runner(tmp_path_factory.mktemp("runner"))
    yield running
    running.close()


@pytest.fixture(scope="module")
def mounted(ready: Callable[[str], World], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Run all that needs a disk of its own, and return how each ended."""
    folder = tmp_path_factory.mktemp("mounted")
    started = ["unshare", "--map-root-user", "--mount"]
    mount = ["mount", "-t", "tmpfs", "-o", "size=8k", "statusgen", str(folder)]
    if not shutil.which("unshare") or subprocess.run([*started, *mount], capture_output=True, check=False).returncode:
        pytest.skip("this machine allows no user namespaces, in which a read-only disk can be mounted")
    cases = [case(ready, name, place, read_only(place), (), "remote.git") for name, place in READ_ONLY]
    cases += [case(ready, "building", name, *how) for name, how in OTHERS.items()]
    done = subprocess.run(
        [*started, sys.executable, "-m", "tests.hardening.mounted", folder],
        input=json.dumps(cases),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def case(
    ready: Callable[[str], World], operation: str, name: str, mount: str, more: tuple[str, ...], looked_at: str
) -> dict[str, object]:
    return {
        "name": f"{operation}, {name}".replace("/", "-"),
        "world": str(ready(operation).folder),
        "mount": mount,
        "command": [str(word) for word in (*COMMANDS[operation], *more)],
        "looked_at": "site/public" if operation == "building" and looked_at == "remote.git" else looked_at,
    }


# Read-only and used up


@pytest.mark.parametrize(("operation", "place"), READ_ONLY)
def test_a_disk_that_is_read_only_is_named_in_a_line_and_nothing_changes(
    operation: str, place: str, mounted: Any
) -> None:
    done = mounted[f"{operation}, {place}".replace("/", "-")]
    assert (done["code"], done["said"].startswith("error: ")) == (3, True), done["said"]
    assert READ_ONLY[operation, place] in done["said"]
    assert "Traceback" not in done["said"]
    assert done["is_kept"]


def test_a_disk_without_an_inode_left_is_told_like_one_that_is_full_and_the_old_page_stays(mounted: Any) -> None:
    done = mounted["building, few inodes"]
    assert (done["code"], done["said"]) == (3, "error: cannot write ../disk: No space left on device\n")
    assert done["is_kept"]


def test_a_page_is_built_from_a_repository_that_is_read_only(mounted: Any) -> None:
    assert mounted["building, a repository to read"]["code"] == 0, mounted["building, a repository to read"]["said"]


def test_a_folder_that_is_a_disk_of_its_own_can_be_exchanged_with_none_and_is_written_file_by_file(
    mounted: Any,
) -> None:
    done = mounted["building, a page that is a disk"]
    assert (done["code"], "0 removed, 0 unchanged" in done["said"]) == (0, True), done["said"]


# Forbidden


@pytest.mark.parametrize("name", ["recording", "publishing", "building"])
def test_what_may_not_be_written_is_named(name: str, world: Callable[[str], World], runner: Runner) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    there = world(name)
    place = there.site / ("public" if name == "building" else ".git")
    place.chmod(0o500)
    done = runner.run(*COMMANDS[name], at=there.site)
    place.chmod(0o700)
    assert (done.code, done.said.startswith("error: ")) == (3, True), done.said
    assert "ermission denied" in done.said


# A file where a folder must be


def test_a_file_where_the_page_must_go_is_named(world: Callable[[str], World], runner: Runner) -> None:
    there = world("building")
    shutil.rmtree(there.site / "public")
    (there.site / "public").write_text("precious")
    done = runner.run(*COMMANDS["building"], at=there.site)
    assert (done.code, done.said) == (2, "error: --out public is not a folder: choose another\n")
    assert (there.site / "public").read_text() == "precious"


@pytest.mark.parametrize("place", ["data", "data/default", "data/default/samples"])
def test_a_file_where_the_ledger_must_go_is_named_and_stays(
    place: str, world: Callable[[str], World], runner: Runner
) -> None:
    there = world("recording in the tree")
    shutil.rmtree(there.site / place)
    (there.site / place).write_text("precious")
    done = runner.run(*COMMANDS["recording in the tree"], at=there.site)
    assert done.code in (1, 3), done.said
    assert place in done.said
    assert "Traceback" not in done.said
    assert (there.site / place).read_text() == "precious"


def test_a_file_where_rounds_must_wait_is_named_and_the_next_run_delivers(
    world: Callable[[str], World], runner: Runner
) -> None:
    there = world("publishing")
    queue = there.site / ".git/statusgen/queue"
    queue.rename(queue.with_name("away"))
    queue.write_text("precious")
    done = runner.run(*COMMANDS["publishing"], at=there.site)
    assert (done.code, done.said.startswith("error: cannot write ")) == (3, True), done.said
    queue.unlink()
    queue.with_name("away").rename(queue)
    assert runner.run(*COMMANDS["publishing"], at=there.site).code == 0


def test_a_page_on_another_disk_is_built_as_ever(world: Callable[[str], World], runner: Runner) -> None:
    there = world("building")
    other = (place for place in map(Path, OTHER_DISKS) if place.is_dir())
    elsewhere = next((place for place in other if place.stat().st_dev != there.site.stat().st_dev), None)
    if elsewhere is None:
        pytest.skip("this machine has one disk only")
    out = elsewhere / f"statusgen-{os.getpid()}"
    try:
        done = runner.run(*COMMANDS["building"], "--out", out / "public", at=there.site)
        assert done.code == 0, done.said
        assert sorted(path.name for path in out.iterdir()) == ["public"]
    finally:
        shutil.rmtree(out, ignore_errors=True)
