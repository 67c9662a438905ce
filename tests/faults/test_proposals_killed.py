"""Posting that is killed at any point: files and refs are old or new, never half, and posting again works."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sites import COMPONENTS, NOW_TEXT, clone, commit_all, run_git, write

from .harness import Done, Runner
from .injection import Fault

SLUG = "2026-11-20-api-errors"
PATH = f"incidents/{SLUG}.md"
TEXT = """\
---
title: Elevated API errors
started: 2026-11-20T10:02Z
---
## Investigating · 2026-11-20 10:06 UTC
About a fifth of requests to the API fail.
"""
ADDED = "\n## Identified · 2026-11-21 12:00 UTC\nAn index is missing.\n"
BRANCH = f"incident/{SLUG}"
PLACES = {
    "the working tree": (),
    "a commit": ("--commit",),
    "a push": ("--push",),
    "a branch": ("--branch", BRANCH),
    "a branch that is pushed": ("--branch", BRANCH, "--push"),
}


@pytest.fixture
def fresh(tmp_path: Path) -> Callable[[], Path]:
    """Return a clone of a page with an open incident, beside its remote, and in the place of the last."""
    start, world = tmp_path / "start", tmp_path / "world"
    write(start, **{"components.yaml": COMPONENTS, PATH: TEXT})
    commit_all(start)
    world.mkdir()
    run_git(tmp_path, "clone", "--quiet", "--bare", "start", "world/remote.git")
    clone(world / "remote.git", "site")
    world.rename(tmp_path / "ready")

    def make() -> Path:
        shutil.rmtree(world, ignore_errors=True)
        shutil.copytree(tmp_path / "ready", world)
        return world / "site"

    return make


def post(runner: Runner, site: Path, where: tuple[str, ...], fault: Fault | None = None) -> Done:
    words = ("incident", "update", SLUG, "--state", "identified", "-m", "An index is missing.", "--now", NOW_TEXT)
    return runner.run(*words, *where, at=site, fault=fault)


def versions(site: Path) -> dict[str, str]:
    """Return the file wherever it is: in the working tree, and at every ref here and of the remote."""
    found = {"file": (site / PATH).read_text("utf-8")}
    for repository in (site, site.parent / "remote.git"):
        for ref in run_git(repository, "for-each-ref", "--format=%(refname)").split():
            found[f"{repository.name} {ref}"] = run_git(repository, "show", f"{ref}:{PATH}") + "\n"
    return found


def numbers(whole: Done, kind: str) -> list[int]:
    """Return the events at which a run is to fail; of those before which the disk is the same, the first."""
    states = whole.states if kind == "change" else range(len(whole.events))
    return sorted({state: number for number, state in reversed(list(enumerate(states, 1)))}.values())


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("the working tree", "change"),
        ("a commit", "change"),
        ("a commit", "git"),
        ("a branch that is pushed", "change"),
    ],
)
def test_posting_that_is_killed_leaves_the_old_or_the_new(
    fresh: Callable[[], Path], runner: Runner, place: str, kind: str
) -> None:
    where = PLACES[place]
    whole = post(runner, fresh(), where, Fault(kind))
    assert whole.code == 0, whole.said
    for number in numbers(whole, kind):
        site = fresh()
        done = post(runner, site, where, Fault(kind, number))
        what = f"{place}, {kind} {number}: {whole.events[number - 1]}: {done.said}"
        left = versions(site)
        assert set(left.values()) <= {TEXT, TEXT + ADDED}, what
        assert "Traceback" not in done.said, what
        run_git(site, "fsck", "--no-dangling")
        if where not in ((), ("--commit",), ("--push",)):
            assert left["file"] == TEXT, what
            assert run_git(site, "status", "--porcelain") == "", what
        if kind == "git" and done.code and "is on your branch" not in done.said:
            assert set(left.values()) == {TEXT}, what
            assert run_git(site, "status", "--porcelain") == "", what
        again = post(runner, site, where)
        if again.code:  # what was killed had posted it: it is not posted twice
            told = "commit or stash them first" in again.said or "nothing was changed" in again.said
            assert told, f"{what}\n{again.said}"
            assert TEXT + ADDED in left.values(), what
            assert versions(site) == left, what
        final = versions(site)["file"]
        assert final.startswith(TEXT), what
