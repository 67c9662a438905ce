"""What branches of incidents say that main does not, however much of the history a clone has."""

from __future__ import annotations

from pathlib import Path

import pytest

from statusgen import git
from statusgen.posting import waiting

from ..sites import clone, commit_all, run_git, write

OLD, NEW, RENAMED = "incidents/old.md", "incidents/new.md", "incidents/renamed.md"
BRANCH = "incident/new"
SHALLOW = "--depth=1"
TEXT = "---\ntitle: Old\n---\n## Investigating · 2026-11-21 11:00 UTC\nWe look.\n"


@pytest.fixture
def writer(remote: Path) -> Path:
    """Return a clone that pushed a branch with two files of its own, and then took the third away on main."""
    folder = clone(remote, "writer")
    write(folder, **{OLD: TEXT})
    commit_all(folder)
    run_git(folder, "switch", "--quiet", "--create", BRANCH)
    write(folder, **{NEW: TEXT, RENAMED: TEXT})
    commit_all(folder)
    run_git(folder, "switch", "--quiet", "main")
    run_git(folder, "rm", "--quiet", OLD)
    commit_all(folder)
    run_git(folder, "push", "--quiet", "origin", "main", BRANCH)
    return folder


def said(folder: Path) -> list[str]:
    return [*waiting.unmerged(folder, asks=False)]


def grow(folder: Path, count: int) -> None:
    """Push so many commits to main."""
    commits = (f"commit refs/heads/main\ncommitter A <a@b> {i} +0000\ndata 1\nx\n" for i in range(count))
    (folder / "stream").write_text("".join(commits).replace("data 1\nx\n", "data 1\nx\nfrom refs/heads/main^0\n", 1))
    with (folder / "stream").open("rb") as stream:
        git.Repository(folder).run("fast-import", "--quiet", "--force", stdin=stream.read())
    run_git(folder, "push", "--quiet", "origin", "main")


@pytest.mark.parametrize("depth", [[], [SHALLOW]])
@pytest.mark.parametrize("commits", [0, 100])
def test_what_main_took_away_is_not_said_by_a_branch_that_is_older(
    remote: Path, writer: Path, depth: list[str], commits: int
) -> None:
    grow(writer, commits)
    folder = clone(remote, "other", *depth)
    waiting.fetch(git.Repository(folder))
    assert said(folder) == [NEW, RENAMED]


def test_where_no_branch_is_checked_out_it_is_the_remotes_main_one_that_is_asked(remote: Path, writer: Path) -> None:
    grow(writer, 100)
    folder = clone(remote, "other", SHALLOW)
    run_git(folder, "switch", "--quiet", "--detach")
    waiting.fetch(git.Repository(folder))
    assert said(folder) == [NEW, RENAMED]


def test_no_more_history_is_fetched_for_a_branch_that_was_merged_into_one_commit_and_kept(
    remote: Path, writer: Path
) -> None:
    run_git(writer, "switch", "--quiet", BRANCH)
    run_git(writer, "merge", "--quiet", "-m", "As main is by now", "main")
    run_git(writer, "push", "--quiet", "origin", BRANCH)
    run_git(writer, "switch", "--quiet", "main")
    run_git(writer, "merge", "--quiet", "--squash", BRANCH)
    run_git(writer, "commit", "--quiet", "-m", "Squashed")
    grow(writer, 100)
    folder = clone(remote, "other", SHALLOW)
    waiting.fetch(git.Repository(folder))
    assert run_git(folder, "rev-list", "--count", "HEAD") == str(waiting.DEPTHS[0])
    assert said(folder) == []


def test_where_a_branch_left_main_is_not_known_only_the_file_of_its_name_counts(remote: Path, writer: Path) -> None:
    folder = clone(remote, "other", SHALLOW)
    run_git(folder, "fetch", "--quiet", SHALLOW, "origin", f"+refs/heads/{BRANCH}:refs/remotes/origin/{BRANCH}")
    assert said(folder) == [NEW]


@pytest.mark.parametrize("depth", [[], [SHALLOW]])
def test_a_fetch_forgets_branches_that_are_gone_and_takes_none_for_no_error(
    remote: Path, writer: Path, depth: list[str]
) -> None:
    folder = clone(remote, "other", *depth)
    waiting.fetch(git.Repository(folder))
    run_git(remote, "branch", "-D", BRANCH)
    run_git(folder, "switch", "--quiet", "--detach")
    waiting.fetch(git.Repository(folder))
    assert said(folder) == []
