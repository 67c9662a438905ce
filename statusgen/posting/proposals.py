"""Where a change to what people wrote goes: the working tree, a commit, a branch, a push.

A change is a pure function from the texts there are to the texts to write, so that it can be evaluated again on what
somebody else pushed meanwhile. When it fails nothing is written anywhere.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from statusgen import config, files, git
from statusgen.errors import StatusgenError, UsageError
from statusgen.git import Refused, Repository
from statusgen.posting import authored, clone, forges, topics, waiting, worktree
from statusgen.posting.authored import Change, Texts
from statusgen.posting.topics import Topic
from statusgen.posting.waiting import Pending
from statusgen.posting.worktree import Written
from statusgen.secret import NO_SECRETS, Gate

__all__ = ["Change", "Pending", "Place", "Proposed", "Texts", "deliver", "pending", "propose", "texts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a change goes: with none of ``commit``, ``branch`` and ``push`` into the working tree, uncommitted.

    ``commit`` commits exactly its files on the branch that is checked out. ``branch`` commits there instead, and leaves
    the working tree, the index and the checked-out branch alone. ``push`` implies a commit. ``base`` is what a new
    branch begins from: by default the remote's main branch with ``push``, else HEAD. What the ``gate`` does not let
    through gets to none of these.
    """

    folder: Path
    commit: bool = False
    branch: str = ""
    push: bool = False
    base: str = ""
    gate: Gate = NO_SECRETS


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """What became of a change: paths from the site's folder, and the commit; both empty where it was so already.

    ``link`` is the forge's page on which a pull request is opened from the branch, empty if there is none. ``is_main``
    tells that it is the branch such a one would go into. ``with_earlier``: the commit holds, too, what was written into
    these files before and nobody had committed. ``others`` were pushed along, like ``463a9cf Mend it``.
    """

    paths: tuple[str, ...]
    commit: str
    branch: str
    pushed: bool
    link: str
    is_main: bool = False
    with_earlier: bool = False
    others: tuple[str, ...] = ()


def texts(place: Place) -> dict[str, str]:
    """Return what a change would be given now.

    With a push from the working tree that is what the remote has, too, though nothing of it is brought here yet.
    """
    if not (place.branch or place.push):
        return authored.in_folder(place.folder)
    repository, topic = _prepared(place)
    if not place.branch:
        worktree.refuse_unready(repository)
        there = topics.texts_there(repository, Topic(name=clone.checked_out(repository)))
        return {**authored.in_folder(place.folder), **there}
    return topics.texts_there(repository, topic) if place.push else topics.texts_here(repository, topic)


def pending(place: Place) -> Pending:
    """Return the texts that new branches begin from, and what the branches of incidents say otherwise, by branch.

    Of the remote with ``push``, else of this repository.
    """
    repository, _ = _prepared(place)
    find = waiting.there if place.push else waiting.here
    return find(repository, place.base)


def propose(place: Place, change: Change, message: str, now: int, *, jitter: Callable[[], float]) -> Proposed:
    """Bring a change to its place; ``jitter`` gives numbers from 0 to 1, for the waits between tries to push."""
    change = _without_secrets(change, place, message)
    if not (place.commit or place.branch or place.push):
        return _proposed(worktree.write(place.folder, change))
    repository, topic = _prepared(place)
    subject, branch = _one_line(message), place.branch or clone.checked_out(repository)
    if place.branch:
        if place.push:
            written = topics.push(repository, topic, change, subject, now, jitter)
        else:
            written = topics.commit(repository, topic, change, subject, now)
    else:
        act = worktree.push if place.push else worktree.commit
        written = act(repository, change, subject, now)
    return _placed(place, repository, _proposed(written, branch))


def deliver(place: Place, path: str, message: str, now: int) -> Proposed:
    """Bring a file as it stands to its place, once a change to it came to nothing; no commit where it is there."""
    repository, topic = _prepared(place)
    if not place.branch:
        written = worktree.deliver(repository, path, _one_line(message), now, pushes=place.push)
    else:
        written = topics.deliver(repository, topic) if place.push else Written()
    return _placed(place, repository, _proposed(written, place.branch or clone.checked_out(repository)))


def _placed(place: Place, repository: Repository, made: Proposed) -> Proposed:
    base = _base(place, repository, made.branch)
    return replace(made, link=_link(place, repository, made.branch, base), is_main=made.branch == base)


def _without_secrets(change: Change, place: Place, message: str) -> Change:
    """Return the change as one that raises StatusgenError where a secret would be written."""

    def looked_at(texts: Texts) -> Mapping[str, str]:
        altered = change(texts)
        for path, text in altered.items():
            place.gate.refuse(f"{path}\n{text}".encode("utf-8", "replace"), path)
        return altered

    place.gate.refuse(f"{place.branch}\n{message}".encode("utf-8", "replace"), "the commit")
    return looked_at


def _proposed(written: Written, branch: str = "") -> Proposed:
    made = Proposed(paths=written.paths, commit=written.commit, branch=branch, pushed=written.is_pushed, link="")
    return replace(made, with_earlier=written.with_earlier, others=written.others)


def _prepared(place: Place) -> tuple[Repository, Topic]:
    """Return the repository and the branch, once it is clear that they can be used."""
    if not place.folder.is_dir():
        raise UsageError(f"there is no folder {place.folder}")
    repository = git.open_repository(place.folder)
    if not repository:
        raise UsageError(
            f"{place.folder} lies in no git repository: git init, or leave --commit, --branch and --push out"
        )
    repository = git.settled(repository)
    if place.branch:
        topics.refuse_bad_name(repository, place.branch, _settings(place.folder)[0])
    if place.push and not git.remote_of(repository):
        raise UsageError("--push needs a remote, one alone or one named origin: git remote add origin URL")
    return git.of_a_person(repository), Topic(name=place.branch, base=place.base)


def _settings(folder: Path) -> tuple[str, str]:
    """Return the prefix of the ledger's branches and the repository's web address, as far as the site says them."""
    with contextlib.suppress(StatusgenError):
        site = config.read(files.read_text(folder, config.PATH))
        return site.branch, site.repository or ""
    return "", ""


def _one_line(message: str) -> str:
    """Return a message as the subject of a commit, whatever is in it."""
    whole = "".join(letter if letter.isprintable() else " " for letter in message)
    return " ".join(whole.split())[:200] or "Change what is said about incidents"


def public(place: Place, path: str, text: str) -> str:
    """Return what the remote is known to have of a file that is ``text`` at the place; nothing of what is new there."""
    repository = git.open_repository(place.folder)
    if not (repository and text):
        return ""
    topic = Topic(name=place.branch or clone.checked_out(repository))
    is_theirs = place.branch and not topics.undelivered(repository, topic)
    return text if is_theirs else topics.text_as_seen(repository, topic, path)


def _base(place: Place, repository: Repository, branch: str) -> str:
    """Return the branch that pull requests go into; where git does not tell, what is named as such a one mostly is."""
    with contextlib.suppress(Refused):
        here = f"refs/remotes/{git.remote_of(repository)}/"
        known = place.base or repository.line("symbolic-ref", "--quiet", f"{here}HEAD").removeprefix(here)
        return known or (branch if branch in ("main", "master") else "")
    return ""


def _link(place: Place, repository: Repository, branch: str, base: str) -> str:
    """Return the page on which a pull request from a branch is opened, empty for the branch that it would go into.

    What is done is done: where git does not tell, there is no link.
    """
    with contextlib.suppress(Refused):
        remote = git.remote_of(repository)
        if branch != base:
            address = forges.web_address(repository.line("remote", "get-url", remote)) if remote else ""
            return forges.proposal(address or _settings(place.folder)[1].rstrip("/"), branch, base)
    return ""
