"""Changing what people wrote in the working tree, committing it on the branch that is checked out, and pushing that.

All files of a change are written or none. One change at a time: who comes second sees what the first one wrote.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from statusgen import files, git
from statusgen.errors import StatusgenError, UsageError, WorldError
from statusgen.git import Refused, Repository
from statusgen.posting import authored, clone
from statusgen.posting.authored import Change

TRIES = 5
_DECLINED = "[remote rejected]"  # said of a ref by a remote that was reached and did not move it


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What was written, by path from the site's folder, the commit that holds it, and whether that was pushed.

    ``with_earlier``: the commit holds, too, what was written into these files before and nobody had committed.
    ``others`` are commits that were pushed along, like ``463a9cf Mend it``.
    """

    paths: tuple[str, ...] = ()
    commit: str = ""
    is_pushed: bool = False
    with_earlier: bool = False
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Edit:
    """Texts before a change, and the files that it makes or alters."""

    before: Mapping[str, str]
    after: Mapping[str, str]

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(sorted(self.after))


def write(folder: Path, change: Change) -> Written:
    """Write what a change comes to, committing nothing."""
    with _alone(folder):
        edit = _edit(folder, change)
        with _written(folder, edit):
            return Written(paths=edit.paths)


def commit(repository: Repository, change: Change, message: str, at: int) -> Written:
    """Commit what a change comes to on the branch that is checked out, with its files and no others."""
    refuse_unready(repository)
    with _alone(repository.folder):
        return _committed(repository, _edit(repository.folder, change), message, at)


def push(repository: Repository, change: Change, message: str, at: int) -> Written:
    """Commit and push. Where somebody else's push was first, the change is evaluated again on what they pushed."""
    refuse_unready(repository)
    remote, branch = git.remote_of(repository), clone.checked_out(repository)
    with _alone(repository.folder):
        for _ in range(TRIES):
            if not _caught_up(repository, remote, branch, change):
                return Written()
            edit, others = _edit(repository.folder, change), clone.not_pushed(repository, "HEAD")
            written = _committed(repository, edit, message, at)
            if not written.commit:
                return written
            try:
                _pushed(repository, remote, branch, written.commit)
                return replace(written, is_pushed=True, others=others)
            except Refused as error:
                refused = error
                is_race = git.lost_a_race(str(error)) and _was_behind(repository, remote, branch)
                if not is_race and _DECLINED not in str(error):
                    raise WorldError(_kept(branch, written.commit, error)) from None
                _take_back(repository, written, edit)
                if not is_race:
                    break
    raise WorldError(_declined(branch, refused))


def deliver(repository: Repository, path: str, message: str, at: int, *, pushes: bool) -> Written:
    """Commit a file as it is, and with ``pushes`` push the branch; without a commit where nothing was left to do.

    What the remote has must be known by now; where this clone lacks some of that, nothing is left to do.
    """
    refuse_unready(repository)
    remote, branch = git.remote_of(repository), clone.checked_out(repository)
    theirs = git.tip(repository, f"refs/remotes/{remote}/{branch}")
    if pushes and theirs and not git.is_ancestor(repository, theirs, git.head(repository)):
        return Written()
    with _alone(repository.folder):
        kept = {path: files.read_text(repository.folder, path)}
        edit = _Edit(before=kept, after=kept)
        is_new = bool(git.uncommitted(repository, [f":(literal){path}"]))
        others = clone.not_pushed(repository, "HEAD")[0 if is_new else 1 :]
        written = _committed(repository, edit, message, at) if is_new else Written()
        ours = git.head(repository)
        if not pushes or ours == theirs:
            return written
        try:
            _pushed(repository, remote, branch, ours)
        except Refused as error:
            if is_undone := is_new and (_DECLINED in str(error) or git.lost_a_race(str(error))):
                _take_back(repository, written, edit)
            raise WorldError(_declined(branch, error) if is_undone else _kept(branch, ours, error)) from None
        return replace(written, paths=edit.paths, commit=ours, is_pushed=True, others=others)


def refuse_unready(repository: Repository) -> None:
    """Refuse a working tree on which nothing can be committed now, with the remedy."""
    if began := clone.unfinished(repository):
        raise StatusgenError(f"a {began} is not finished: finish it (git status says how), or use --branch NAME")
    if not (branch := clone.checked_out(repository)):
        raise StatusgenError("no branch is checked out (detached HEAD): git switch BRANCH, or use --branch NAME")
    if not git.head(repository):
        raise StatusgenError(f"branch {branch} has no commit yet: commit the site first")


# Files


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    if not folder.is_dir():
        raise UsageError(f"there is no folder {folder}")
    with files.alone(folder):
        yield


def _edit(folder: Path, change: Change) -> _Edit:
    before, after = authored.changed_in_folder(folder, change)
    return _Edit(before=before, after=after)


@contextlib.contextmanager
def _written(folder: Path, edit: _Edit) -> Iterator[None]:
    """Have the files written while inside; when anything fails there, they are put back as they were."""
    is_new = not (folder / authored.FOLDER).exists()
    done: list[str] = []
    is_well = False
    try:
        for path, text in edit.after.items():
            _refuse_moved(folder, path, edit.before.get(path))
            done.append(path)
            files.write(folder / path, text.encode())
        yield
        is_well = True
    finally:
        if not is_well:
            _restore(folder, edit.before, done)
        if not is_well and is_new:
            with contextlib.suppress(OSError):
                (folder / authored.FOLDER).rmdir()


def _refuse_moved(folder: Path, path: str, before: str | None) -> None:
    """Refuse to write over what somebody saved since the file was read."""
    present = files.read_bytes(folder, path)
    if present != (None if before is None else before.encode()):
        raise WorldError(f"{path} was changed by somebody else just now: try again")


def _restore(folder: Path, texts: Mapping[str, str], paths: Iterable[str]) -> None:
    for path in paths:
        before = texts.get(path)
        present = files.read_bytes(folder, path)
        if before is not None and present != before.encode():
            files.write(folder / path, before.encode())
        elif before is None and present is not None:
            (folder / path).unlink()


# Commits


def _committed(repository: Repository, edit: _Edit, message: str, at: int) -> Written:
    if not edit.after:
        return Written()
    is_more = _takes_along(repository, edit)
    with _written(repository.folder, edit):
        try:
            clone.commit_only(repository, edit.paths, message, at)
        except Refused as error:
            raise WorldError(f"git did not commit, and the files are as before: {told(error)}") from None
    return Written(paths=edit.paths, commit=git.head(repository), with_earlier=is_more)


def _takes_along(repository: Repository, edit: _Edit) -> bool:
    """Tell whether files have what is not committed yet and goes along: all of a new one, and updates appended.

    Refuse to commit other unfinished work of a person's on the same files with the change.
    """
    is_more = False
    if git.uncommitted(repository, [f":(literal){path}" for path in edit.paths]):
        for path in edit.paths:
            earlier = _committed_texts(repository, path)
            if not all(_goes_on(edit.before.get(path), text) for text in earlier):
                raise StatusgenError(
                    f"{path} has changes that are not committed: commit them, git commit -m 'Correct {path}' -- "
                    f"{path}, and try again"
                )
            is_more = is_more or path in edit.before
    for path in edit.paths:
        if clone.is_ignored(repository, path):
            raise StatusgenError(f"git ignores {path}: take it out of .gitignore")
    return is_more


def _committed_texts(repository: Repository, path: str) -> list[str]:
    """Return a file, by its path from the folder, as it is in the commit and in the index, where it is in them."""
    places = (f"HEAD:./{path}", f":./{path}")
    found = [repository.line("rev-parse", "--verify", "--quiet", place) for place in places]
    return [repository.run("cat-file", "blob", blob).decode("utf-8", "replace") for blob in sorted({*found}) if blob]


def _goes_on(text: str | None, earlier: str) -> bool:
    """Tell whether a text is an earlier one, as it was or with updates appended; nothing was added in a new file."""
    if text is None:
        return False
    begin, whole = earlier.replace("\r\n", "\n"), text.replace("\r\n", "\n")
    added = whole.removeprefix(begin).lstrip()
    return not begin or (whole.startswith(begin) and (not added or added.startswith("## ")))


def told(error: Refused) -> str:
    """Return what git said in one line, without control characters."""
    line = " ".join(str(error).split())
    return "".join(letter for letter in line if letter.isprintable())


# Pushes


def _caught_up(repository: Repository, remote: str, branch: str, change: Change) -> bool:
    """Bring the branch forward to what the remote has, unless the change says no to that, or it is so there already."""
    try:
        theirs = _fetched(repository, remote, branch)
    except Refused as error:
        raise WorldError(f"cannot reach {remote}, and nothing was written: {told(error)}") from None
    ours = git.head(repository)
    if not theirs or git.is_ancestor(repository, theirs, ours):
        return True
    if not git.is_ancestor(repository, ours, theirs):
        raise StatusgenError(
            f"branch {branch} has commits that {remote} lacks, and the other way round: "
            f"'git pull --rebase {remote} {branch}' first, or use --branch NAME"
        )
    new = _not_committed(repository, ours)
    place = clone.place_in(repository)
    if not authored.changed_in_commit(repository, place, theirs, lambda texts: change({**new, **texts})):
        return False
    try:
        clone.forward(repository, theirs)
    except Refused as error:
        raise WorldError(f"cannot bring {branch} up to date, git pull says more: {told(error)}") from None
    return True


def _not_committed(repository: Repository, commit: str) -> dict[str, str]:
    """Return the files of the working tree that a commit lacks: a push takes the one that it is about along."""
    known = authored.in_commit(repository, clone.place_in(repository), commit)
    return {path: text for path, text in authored.in_folder(repository.folder).items() if path not in known}


def _fetched(repository: Repository, remote: str, branch: str) -> str:
    """Return the tip of the remote's branch, brought here; empty where it has none."""
    if not repository.run("ls-remote", remote, f"refs/heads/{branch}"):
        return ""
    tracking = f"refs/remotes/{remote}/{branch}"
    repository.run("fetch", "--no-tags", "--no-write-fetch-head", remote, f"+refs/heads/{branch}:{tracking}")
    return git.tip(repository, tracking)


def _pushed(repository: Repository, remote: str, branch: str, commit: str) -> None:
    """Push, and take it for done if the remote has the commit, whatever became of its answer."""
    ref = f"refs/heads/{branch}"
    try:
        repository.run("push", "--quiet", remote, f"{commit}:{ref}", limit=git.HOOK_SECONDS)
    except Refused:
        if not repository.line("ls-remote", remote, ref).startswith(commit):
            raise


def _take_back(repository: Repository, written: Written, edit: _Edit) -> None:
    """Leave the branch, the index and the files as they were before a commit that the remote did not take."""
    clone.taken_back(repository, written.commit, written.paths)
    _restore(repository.folder, edit.before, edit.paths)


def _was_behind(repository: Repository, remote: str, branch: str) -> bool:
    """Tell whether the remote went on from where our last commit began, so that this can be made again on top."""
    with contextlib.suppress(Refused):
        theirs = _fetched(repository, remote, branch)
        return bool(theirs) and git.is_ancestor(repository, f"{git.head(repository)}^", theirs)
    return False


def _kept(branch: str, commit: str, error: Refused) -> str:
    """Say where a commit is of which nobody knows whether the remote has it, or that a hook here held back."""
    return (
        f"cannot push {branch}: {told(error)}. The commit {commit[:10]} is on your branch {branch}: git push when that "
        "is mended"
    )


def _declined(branch: str, error: Refused) -> str:
    return (
        f"cannot push {branch}, and nothing was changed: {told(error)}. Where the branch is protected, use --branch "
        "NAME and open a pull request"
    )
