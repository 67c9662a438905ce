"""Committing what people wrote on a branch beside the working tree, which stays as it is with its index and HEAD.

Here that is a commit and a moved ref. With a push it is made in a scratch repository on the remote's newest tip, and
nothing changes here before the remote has accepted it. The person's hooks, which look at working trees, do not run.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from statusgen import beats, git
from statusgen.branches import notices_of
from statusgen.errors import StatusgenError, UsageError, WorldError
from statusgen.git import Refused, Repository
from statusgen.posting import authored, clone
from statusgen.posting.authored import Change
from statusgen.posting.worktree import Written, told

TRIES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A branch, and what a new one begins from: by default the remote's main branch, or HEAD without a push."""

    name: str
    base: str = ""

    @property
    def ref(self) -> str:
        return f"refs/heads/{self.name}"

    def tracking(self, repository: Repository) -> str:
        return f"refs/remotes/{git.remote_of(repository)}/{self.name}"


class Seen(NamedTuple):
    """What a remote says it has: its main branch, and the branches of interest by ref."""

    main: str
    tips: dict[str, str]


def refuse_bad_name(repository: Repository, name: str, prefix: str) -> None:
    """Refuse what is no name of a branch, and branches on which the program keeps what it measures."""
    if not clone.is_branch_name(repository, name):
        raise UsageError(
            f"{name!r} is no name for a branch: use letters, digits, '-' and '/', like incident/2026-11-20"
        )
    for whole in ("refs", git.remote_of(repository)):
        if whole and name.startswith(f"{whole}/"):
            raise UsageError(f"{name!r} would be taken for another branch: write it without {whole}/")
    for taken in (*((prefix, notices_of(prefix)) if prefix else ()), beats.PREFIX):
        if f"{name}/".casefold().startswith(f"{taken}/".casefold()):
            raise UsageError(f"branch {name} is the program's own: choose a name that does not begin with {taken}")


def texts_here(repository: Repository, topic: Topic) -> dict[str, str]:
    """Return the texts of the branch, or of what it would begin from."""
    return authored.in_commit(repository, clone.place_in(repository), _begin_here(repository, topic))


def texts_there(repository: Repository, topic: Topic) -> dict[str, str]:
    """Return the texts of the remote's branch, or of what it would begin from."""
    with scratch_of(repository) as scratch:
        return authored.in_commit(scratch, clone.place_in(repository), _begin_there(repository, scratch, topic))


def text_as_seen(repository: Repository, topic: Topic, path: str) -> str:
    """Return a file, by its path from the folder, as the remote was last seen to have it; empty where it was not."""
    for ref in (topic.tracking(repository), f"refs/remotes/{git.remote_of(repository)}/HEAD"):
        with contextlib.suppress(Refused):
            return repository.run("cat-file", "blob", f"{ref}:./{path}").decode("utf-8", "replace")
    return ""


def commit(repository: Repository, topic: Topic, change: Change, message: str, at: int) -> Written:
    """Commit what a change comes to on the local branch, evaluating again when somebody else was faster."""
    if topic.ref in clone.checked_out_anywhere(repository):
        remedy = "use --commit without --branch there, or --push"
        raise UsageError(f"branch {topic.name} is checked out: {remedy}")
    place = clone.place_in(repository)
    for _ in range(TRIES):
        local, begin = git.tip(repository, topic.ref), _begin_here(repository, topic)
        made, written = _made(repository, place, begin, change, message, at)
        if not made:
            return written
        try:
            repository.run("update-ref", "-m", "statusgen", topic.ref, made, local or "0" * len(made))
            return written
        except Refused as error:
            refused = error
            if git.tip(repository, topic.ref) == local:
                break
    raise WorldError(f"cannot move branch {topic.name}: {told(refused)}")


def push(
    repository: Repository, topic: Topic, change: Change, message: str, at: int, jitter: Callable[[], float]
) -> Written:
    """Push what a change makes of the remote's branch, evaluating again on the new tip when somebody was faster."""
    place, tries = clone.place_in(repository), 0
    while True:
        with scratch_of(repository) as scratch:
            begin = _begin_there(repository, scratch, topic)
            others = clone.not_pushed(repository, begin) if _is_ahead(repository, scratch, topic, begin) else ()
            made, written = _made(scratch, place, begin, change, message, at)
            if not made:
                return written
            try:
                _deliver(scratch, topic, made)
                _follow(repository, topic)
                return Written(paths=written.paths, commit=made, is_pushed=True, others=others)
            except Refused as error:
                tries += 1
                if tries == TRIES or not git.lost_a_race(str(error)):
                    raise WorldError(_refusal(topic, error)) from None
        time.sleep(min(10.0, 0.1 * 2**tries) * jitter())


def deliver(repository: Repository, topic: Topic) -> Written:
    """Push what the remote lacks of the local branch; without a commit where it has all."""
    with scratch_of(repository) as scratch:
        begin = _begin_there(repository, scratch, topic)
        if not _is_ahead(repository, scratch, topic, begin):
            return Written()
        others = clone.not_pushed(repository, begin)[1:]
        try:
            _deliver(scratch, topic, begin)
        except Refused as error:
            raise WorldError(_refusal(topic, error)) from None
        _follow(repository, topic)
        return Written(commit=begin, is_pushed=True, others=others)


def _made(repository: Repository, place: str, begin: str, change: Change, message: str, at: int) -> tuple[str, Written]:
    """Return a commit with what a change comes to, empty where it comes to nothing, and what is in it."""
    altered = authored.changed_in_commit(repository, place, begin, change)
    if not altered:
        return "", Written()
    whole: dict[str, str | None] = {f"{place}{path}": text for path, text in altered.items()}
    made = git.commit_files(repository, begin, whole, message, at)
    return made, Written(paths=tuple(sorted(altered)), commit=made)


def _refusal(topic: Topic, error: Refused) -> str:
    return (
        f"cannot push {topic.name}, and nothing was changed: {told(error)}. Where the branch is protected, use "
        "--branch NAME with another name and open a pull request"
    )


# Here


def _begin_here(repository: Repository, topic: Topic) -> str:
    """Return the commit to go on from: of the local branch, the remote-tracking one, or what a new one begins from."""
    local = git.tip(repository, topic.ref)
    seen = git.tip(repository, topic.tracking(repository)) if git.remote_of(repository) else ""
    if local and not (seen and git.is_ancestor(repository, local, seen)):
        return local
    if seen:
        return seen
    if begin := git.tip(repository, topic.base or "HEAD"):
        return begin
    raise StatusgenError(no_beginning(topic.base, "this repository"))


def no_beginning(base: str, where: str) -> str:
    if base:
        return f"there is no branch or commit '{base}' in {where} to begin a branch from"
    return f"there is no commit in {where} yet to begin a branch from: commit the site first"


# There


@contextlib.contextmanager
def scratch_of(repository: Repository) -> Iterator[Repository]:
    """Give a scratch repository that knows what the site's own knows; of a partial one, which lacks files, nothing."""
    with git.scratch(repository) as scratch:
        if not _is_partial(repository):
            git.borrow_all(scratch, repository)
        yield scratch


def _is_partial(repository: Repository) -> bool:
    return bool(repository.line("config", "--get-regexp", r"^remote\..*\.promisor$"))


def _begin_there(repository: Repository, scratch: Repository, topic: Topic) -> str:
    """Return the commit to go on from, brought into the scratch repository: the remote's, or one ahead of it."""
    try:
        return _newest(repository, scratch, topic)
    except Refused as error:
        raise WorldError(f"cannot fetch {topic.name}, and nothing was changed: {told(error)}") from None


def _newest(repository: Repository, scratch: Repository, topic: Topic) -> str:
    seen, pending = listed(scratch), undelivered(repository, topic)
    if topic.ref not in seen.tips:
        return pending or main_of(repository, scratch, topic, seen)
    theirs = _brought(scratch, topic.ref, is_whole=bool(pending))
    if not pending or git.is_ancestor(scratch, pending, theirs):
        return theirs
    if git.is_ancestor(scratch, theirs, pending):
        return pending
    raise StatusgenError(
        f"branch {topic.name} has commits here that the remote lacks, and the other way round: "
        f"'git pull --rebase {git.remote_of(repository)} {topic.name}' on it first, or use --branch with another name"
    )


def undelivered(repository: Repository, topic: Topic) -> str:
    """Return the tip of the local branch where it may hold what the remote never had."""
    local, seen = git.tip(repository, topic.ref), git.tip(repository, topic.tracking(repository))
    return "" if local and seen and git.is_ancestor(repository, local, seen) else local


def _is_ahead(repository: Repository, scratch: Repository, topic: Topic, begin: str) -> bool:
    """Tell whether what is gone on from is the local branch, with commits that the remote lacks."""
    return begin == undelivered(repository, topic) and begin != git.tip(scratch, topic.ref)


def main_of(repository: Repository, scratch: Repository, topic: Topic, seen: Seen) -> str:
    """Return what a new branch begins from."""
    ref = f"refs/heads/{topic.base}" if topic.base else seen.main
    if ref in seen.tips:
        return _brought(scratch, ref, is_whole=False)
    if topic.base and (begin := git.tip(repository, topic.base)):
        return begin
    raise StatusgenError(no_beginning(topic.base, "the remote"))


def listed(scratch: Repository) -> Seen:
    listed = scratch.run("ls-remote", "--symref", "origin").decode("utf-8", "replace").splitlines()
    pairs = [line.partition("\t") for line in listed]
    main = next((value.removeprefix("ref: ") for value, _, name in pairs if name == "HEAD" and "ref: " in value), "")
    return Seen(main, {name: value for value, _, name in pairs if name.startswith("refs/heads/")})


def _brought(scratch: Repository, ref: str, *, is_whole: bool) -> str:
    """Fetch a branch; of a shallow clone's without its history, unless that is to be compared."""
    depth = [] if is_whole or not is_without_history(scratch) else ["--depth=1"]
    scratch.run("fetch", "--no-tags", *depth, "origin", f"+{ref}:{ref}")
    return git.tip(scratch, ref)


def is_without_history(scratch: Repository) -> bool:
    """Tell whether next to nothing of history is here, all of which a fetch would bring unless it is kept from it."""
    borrows = (scratch.folder / "objects/info/alternates").exists()
    return not borrows or git.is_shallow(scratch)


def _deliver(scratch: Repository, topic: Topic, made: str) -> None:
    """Push, and take it for done if the remote has the commit, whatever became of its answer."""
    try:
        scratch.run("push", "--quiet", "--no-verify", "origin", f"{made}:{topic.ref}")
    except Refused:
        if not scratch.line("ls-remote", "origin", topic.ref).startswith(made):
            raise


def _follow(repository: Repository, topic: Topic) -> None:
    """Let this clone see what was pushed, and its own branch of that name, unless it is checked out. No loss if not."""
    local, tracking = git.tip(repository, topic.ref), topic.tracking(repository)
    with contextlib.suppress(Refused):
        refspec = f"+{topic.ref}:{tracking}"
        repository.run("fetch", "--no-tags", "--no-write-fetch-head", git.remote_of(repository), refspec)
        if local and topic.ref not in clone.checked_out_anywhere(repository):
            repository.run("update-ref", "-m", "statusgen: pushed", topic.ref, tracking, local)
