"""A person's own clone: what is checked out in it, and the few commands that work on that.

Their name, hooks and signing are used as they have them. What fails leaves the branch and the index as they were.
"""

from __future__ import annotations

from collections.abc import Sequence

from statusgen import git
from statusgen.errors import printable
from statusgen.git import Refused, Repository


def place_in(repository: Repository) -> str:
    """Return the path from the top of the repository to the folder, with a slash at its end; empty for the top."""
    return repository.run("rev-parse", "--show-prefix").decode("utf-8", "surrogateescape").rstrip("\n")


def checked_out(repository: Repository) -> str:
    """Return the name of the branch that is checked out, empty where none is."""
    return repository.line("symbolic-ref", "--quiet", "--short", "HEAD")


def checked_out_anywhere(repository: Repository) -> set[str]:
    """Return the refs of the branches that are checked out, here or in another working tree of the repository."""
    listed = repository.run("worktree", "list", "--porcelain").decode("utf-8", "surrogateescape").splitlines()
    return {line.removeprefix("branch ") for line in listed if line.startswith("branch ")}


def is_branch_name(repository: Repository, name: str) -> bool:
    """Tell whether a branch may have that name, which is no way of naming another one, like ``@{-1}``."""
    return name.isprintable() and repository.line("check-ref-format", "--branch", name) == name


def unfinished(repository: Repository) -> str:
    """Return what somebody began in this working tree and has not ended, like ``merge``; empty where there is none."""
    signs = {
        "MERGE_HEAD": "merge",
        "rebase-merge": "rebase",
        "rebase-apply": "rebase",
        "CHERRY_PICK_HEAD": "cherry-pick",
        "REVERT_HEAD": "revert",
    }
    asked = (argument for name in signs for argument in ("--git-path", name))
    found = repository.run("rev-parse", *asked).decode("utf-8", "surrogateescape").splitlines()
    places = zip(found, signs.values(), strict=True)
    return next((what for place, what in places if (repository.folder / place).exists()), "")


def is_ignored(repository: Repository, path: str) -> bool:
    """Tell whether git passes over a file, given by its path from the folder."""
    return bool(repository.line("check-ignore", "--", path))


def commit_only(repository: Repository, paths: Sequence[str], message: str, at: int) -> None:
    """Commit these files as they are in the working tree on the branch that is checked out, and nothing else.

    Hooks and signing are the person's own. Paths are from the folder; raise Refused, with the index as it was.
    """
    known = repository.run("--literal-pathspecs", "ls-files", "-z", "--", *paths).decode("utf-8", "surrogateescape")
    new = sorted(set(paths) - set(known.split("\0")))
    before = git.head(repository)
    try:
        if new:
            repository.run("--literal-pathspecs", "add", "--intent-to-add", "--", *new)
        how = ("commit", "--quiet", "--only", "--cleanup=whitespace", "-m", message)
        repository.run("--literal-pathspecs", *how, "--", *paths, more=git.dated(at), limit=git.HOOK_SECONDS)
    except Refused:
        if git.head(repository) != before:  # what comes after a commit failed, as a hook may
            return
        if new:
            repository.line("--literal-pathspecs", "reset", "--quiet", "--", *new)
        raise


def not_pushed(repository: Repository, tip: str) -> tuple[str, ...]:
    """Return what of a commit's history the remote was not seen to have, like ``463a9cf Mend it``, the newest first."""
    remote = git.remote_of(repository)
    listed = repository.run("log", "--format=%h %s", tip, "--not", f"--remotes={remote}").decode("utf-8", "replace")
    return tuple(printable(line) for line in listed.split("\n") if line)


def taken_back(repository: Repository, commit: str, paths: Sequence[str]) -> None:
    """Move the checked-out branch back to before a commit, and the index with it for these paths; files stay."""
    repository.run("update-ref", "-m", "statusgen: the remote did not take it", "HEAD", f"{commit}^", commit)
    repository.run("--literal-pathspecs", "reset", "--quiet", "--", *paths)


def forward(repository: Repository, commit: str) -> None:
    """Bring the checked-out branch and the working tree forward to a commit, or raise Refused and leave both."""
    repository.run("merge", "--quiet", "--ff-only", commit)
