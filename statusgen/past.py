"""The repository as it was: the commit of an instant, its files on the disk, the ledger's tips of the time.

An instant's commit is the newest along first parents whose committer date is not later; what merges brought in counts
from the merge on. Files are put into a temporary folder, links as links, so that they are refused there as they would
be here.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from statusgen import branches, git, periods
from statusgen.branches import Tip
from statusgen.errors import StatusgenError, WorldError
from statusgen.git import Repository


def commit_at(repository: Repository, ref: str, at: int) -> str:
    """Return the commit that a ref had at an instant, empty if it had none yet.

    Raise WorldError where a shallow clone does not reach back so far.
    """
    found = repository.line("rev-list", "--first-parent", "--max-count=1", f"--before=@{at}", ref, "--")
    if not found and git.is_shallow(repository):
        raise WorldError(
            f"this clone is shallow and does not know what was there on {periods.date_and_time(at)}: "
            "run 'git fetch --unshallow'"
        )
    return found


def tips_at(repository: Repository, prefix: str, at: int) -> list[Tip]:
    """Return what the ledger's branches pointed at then; without those that did not exist."""
    past = (tip._replace(commit=commit_at(repository, tip.commit, at)) for tip in branches.tips(repository, prefix))
    return [tip for tip in past if tip.commit]


def resolve(repository: Repository, commit: str) -> str:
    """Return the full id of a commit that a person, or a page, named; StatusgenError if it is not there.

    A branch that this clone lacks may be the remote's, as one that was pushed without being checked out.
    """
    found = git.tip(repository, commit) if commit and not commit.startswith("-") else ""
    if commit and not found and (remote := git.remote_of(repository)):
        found = git.tip(repository, f"refs/remotes/{remote}/{commit}")
    if not found:
        if git.is_shallow(repository):
            raise WorldError(f"commit '{commit}' is not in this clone, which is shallow: run 'git fetch --unshallow'")
        raise StatusgenError(f"commit '{commit}' is not in this repository: run 'git fetch', or correct the name")
    return found


def head_at(repository: Repository, at: int) -> str:
    """Return the commit that was checked out then; StatusgenError if there was none yet."""
    commit = commit_at(repository, "HEAD", at)
    if not commit:
        raise StatusgenError(f"there was no commit yet on {periods.date_and_time(at)}: name a later instant")
    return commit


@contextlib.contextmanager
def checked_out(repository: Repository, commit: str, names: Iterable[str]) -> Iterator[Path]:
    """Give a temporary folder with files and folders of the site, by their names, as of a commit."""
    above = repository.line("rev-parse", "--show-prefix")  # of the site within its repository
    paths = [above + name for name in names]
    with tempfile.TemporaryDirectory(prefix="statusgen-") as folder:
        plain = git.read_blobs(repository, git.blobs(repository, commit, *paths))
        links = git.read_blobs(repository, git.blobs(repository, commit, *paths, mode=git.LINK))
        for path, content in (*plain.items(), *links.items()):
            place = Path(folder) / path.removeprefix(above)
            place.parent.mkdir(parents=True, exist_ok=True)
            if path in links:
                place.symlink_to(content)
            else:
                place.write_bytes(content.encode("utf-8", "surrogateescape"))
        yield Path(folder)
