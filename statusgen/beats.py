"""Signs of life: one line that a job leaves behind when it has run, and the branches of git that hold it.

The line is an instant and, where the job says of itself that it failed, that word: ``2026-11-21T10:05:03Z failed``. A
branch holds it in the file ``beat`` of one commit without a parent, which the next beat replaces: nothing grows.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

from statusgen import git, periods
from statusgen.errors import WorldError
from statusgen.git import Refused, Repository

PREFIX = "status-beats"
FILE = "beat"
MOST = 1_024  # bytes of a beat: what is longer is something else
TRIES = 6
_PROTECTED = ("declined", "protected", "non-fast-forward")  # what remotes say that will never take it
_FAILED = " failed"


class Beat(NamedTuple):
    """When a job gave a sign of life, and whether it said of itself that it failed."""

    at: int
    failed: bool = False


def encode(beat: Beat) -> str:
    return f"{periods.iso(beat.at)}{_FAILED if beat.failed else ''}\n"


def decode(text: str) -> Beat:
    """Return what the first line says, in whatever zone; raise ValueError, which does not repeat it, if it is none."""
    line = text.partition("\n")[0].rstrip()
    moment = line[: -len(_FAILED)] if line.lower().endswith(_FAILED) else line
    try:
        return Beat(periods.parse_instant(moment), moment != line)
    except ValueError:
        raise ValueError("its first line is no instant like 2026-11-21T10:05:03Z") from None


def read(repository: Repository, branch: str) -> str:
    """Return what a branch of the remote holds, or one of this repository where there is no remote; raise Refused."""
    ref = f"refs/heads/{branch}"
    if not git.remote_of(repository):
        return _text(repository, git.tip(repository, ref))
    with git.scratch(repository) as scratch:
        scratch.run("fetch", "--no-tags", "--depth=1", "origin", f"{ref}:{ref}")
        return _text(scratch, git.tip(scratch, ref))


def _text(repository: Repository, tip: str) -> str:
    if not tip:
        raise Refused("there is no such branch")
    blob = git.blobs(repository, tip, FILE).get(FILE, "")  # no link
    if not blob:
        raise Refused(f"holds no file '{FILE}'")
    if int(repository.line("cat-file", "-s", blob) or 0) > MOST:
        raise Refused(f"holds a file '{FILE}' of more than {MOST} bytes")
    return git.read_blobs(repository, {FILE: blob})[FILE]


def send(repository: Repository, name: str, beat: Beat, *, push: bool, jitter: Callable[[], float]) -> bool:
    """Put a beat in the place of the last one; tell whether that was on the remote.

    ``jitter`` gives numbers from 0 to 1, for the waits when several beat at once. Raise WorldError where it cannot.
    """
    there = push and git.remote_of(repository) != ""
    try:
        (_replace_there if there else _replace_here)(repository, f"refs/heads/{PREFIX}/{name}", beat, jitter)
    except Refused as error:
        raise WorldError(f"cannot {'push' if there else 'write'} {PREFIX}/{name}: {_explained(error)}") from None
    return there


def _replace_here(repository: Repository, ref: str, beat: Beat, _jitter: Callable[[], float]) -> None:
    repository.run("update-ref", "-m", "statusgen beat", ref, _commit(repository, beat))


def _replace_there(repository: Repository, ref: str, beat: Beat, jitter: Callable[[], float]) -> None:
    with git.scratch(repository) as scratch:
        commit = _commit(scratch, beat)
        for tries in range(1, TRIES + 1):
            try:
                scratch.run("push", "--quiet", "--no-verify", "--force", "origin", f"{commit}:{ref}")
                return
            except Refused as error:
                if tries == TRIES or _is_protected(error) or not git.lost_a_race(str(error)):
                    raise
            time.sleep(0.1 * 2**tries * jitter())


def _commit(repository: Repository, beat: Beat) -> str:
    return git.commit_files(repository, "", {FILE: encode(beat)}, "Beat", beat.at)


def _is_protected(error: Refused) -> bool:
    return any(word in str(error) for word in _PROTECTED)


def _explained(error: Refused) -> str:
    if _is_protected(error):
        return (
            f"{error}\nThe remote protects that branch: allow force-pushes to {PREFIX}/*, they have no history to lose."
        )
    return f"{error}\nNothing was changed: the job's next beat makes good for this one."
