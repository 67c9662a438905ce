"""Incidents that lie on branches ``incident/…`` until a person merges them, and those that a person took away.

Read only. Branches of this clone and those it has seen of the remote's count alike; ``fetch`` renews the latter.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from statusgen import git
from statusgen.drafting import drafts
from statusgen.errors import WorldError
from statusgen.git import Refused, Repository
from statusgen.periods import DAY
from statusgen.posting import authored, clone
from statusgen.posting.authored import Texts

PREFIX = "incident/"
REMEMBERED = 90 * DAY  # that an incident which somebody took away is looked back for


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A file on a branch that nobody has merged; without ``is_here`` the branch was only seen of the remote."""

    text: str
    branch: str
    is_here: bool


def branch_of(path: str) -> str:
    """Return the branch on which a file waits for a person."""
    return PREFIX + path.rpartition("/")[2].removesuffix(".md")


def fetch(repository: Repository) -> None:
    """Bring what this clone knows of the remote's branches up to date, those that are gone there included."""
    remote = git.remote_of(repository)
    if not remote:
        return
    refs = f"+refs/heads/{PREFIX}*:refs/remotes/{remote}/{PREFIX}*"
    try:
        is_any = bool(repository.run("ls-remote", remote, f"refs/heads/{PREFIX}*").strip())
        shallow = ["--depth=1"] if is_any and git.is_shallow(repository) else []  # of none, git takes it for an error
        repository.run("fetch", "--no-tags", "--prune", "--no-write-fetch-head", *shallow, remote, refs)
    except Refused as error:
        raise WorldError(f"cannot fetch {PREFIX}* from {remote}: {error}") from None


def pushed(repository: Repository) -> frozenset[str]:
    """Return the names of the branches that the remote had when this clone last heard of it."""
    remote = git.remote_of(repository)
    return frozenset(_refs(repository, f"refs/remotes/{remote}/{PREFIX}", 3))


def waiting(folder: Path, *, asks: bool) -> dict[str, Waiting]:
    """Return what lies on branches and was not merged as far as this clone knows, by path; ``asks`` the remote."""
    repository = git.open_repository(folder)
    if not repository or not (main := git.head(repository)):
        return {}
    if asks:
        fetch(repository)
    place, merged, found = clone.place_in(repository), _merged(repository), dict[str, Waiting]()
    for name, (tip, is_here) in _newest(repository).items():
        begin = repository.line("merge-base", main, tip) or main
        for path, text in authored.unlike(repository, place, tip, begin).items():
            if f"{place}{path}" not in merged and (path not in found or name == branch_of(path)):
                found[path] = Waiting(text=text, branch=name, is_here=is_here)
    return found


def _newest(repository: Repository) -> dict[str, tuple[str, bool]]:
    """Return by the name of each branch its tip, and whether this clone has it: what is pushed is read where that is
    further on.
    """
    here = _refs(repository, f"refs/heads/{PREFIX}", 2)
    remote = git.remote_of(repository)
    there = _refs(repository, f"refs/remotes/{remote}/{PREFIX}", 3) if remote else {}
    found = {}
    for name in sorted({*here, *there}):
        own, seen = here.get(name, ""), there.get(name, "")
        is_behind = not own or bool(seen and git.is_ancestor(repository, own, seen))
        found[name] = (seen if is_behind else own, bool(own))
    return found


def _refs(repository: Repository, space: str, depth: int) -> dict[str, str]:
    """Return tips by the names of refs, of which the first ``depth`` parts are left out."""
    listed = repository.run("for-each-ref", f"--format=%(objectname) %(refname:lstrip={depth})", space)
    pairs = (line.partition(" ") for line in listed.decode("utf-8", "surrogateescape").split("\n") if line)
    return {name: tip for tip, _, name in pairs}


def _merged(repository: Repository) -> set[str]:
    """Return the paths of the files that the remote has where this clone's branch, or its main one, is pushed to."""
    remote = git.remote_of(repository)
    names = ("HEAD", clone.checked_out(repository)) if remote else ()
    tips = {git.tip(repository, f"refs/remotes/{remote}/{name}") for name in names if name}
    folder = f"{clone.place_in(repository)}{authored.FOLDER}/"
    return {path for tip in tips if tip for path in git.blobs(repository, tip, folder)}


def versions(repository: Repository, main: str) -> list[Texts]:
    """Return what each branch has otherwise than where it left ``main``; a shallow clone compares with its tip."""
    place = clone.place_in(repository)
    if not main:
        return []
    begun = {tip: repository.line("merge-base", main, tip) or main for tip in _tips(repository)}
    return [authored.unlike(repository, place, tip, begin) for tip, begin in begun.items() if begin != tip]


def _tips(repository: Repository) -> list[str]:
    here, remote = _refs(repository, f"refs/heads/{PREFIX}", 2), git.remote_of(repository)
    there = _refs(repository, f"refs/remotes/{remote}/{PREFIX}", 3) if remote else {}
    return sorted({*here.values(), *there.values()})


def overlaid(main: Texts, others: Iterable[Texts]) -> dict[str, str]:
    """Return the latest version of each file: what a person changed, else what the program has written most in."""
    found = dict(main)
    for texts in others:
        for path, text in texts.items():
            found[path] = later(found[path], text) if path in found else text
    return found


def later(one: str, other: str) -> str:
    """Return the later of two versions of a file: the program only appends, and what a person changed came after."""
    first, second = drafts.is_ours(one), drafts.is_ours(other)
    if first and second:
        return max(one, other, key=len)
    return other if first else one


def taken_away(repository: Repository, main: str, now: int) -> dict[str, str]:
    """Return the files with a stamp that commits of the last days took away, as they were before.

    A shallow clone knows of no commit but its own.
    """
    place, found = clone.place_in(repository), {}
    since = f"--since={now - REMEMBERED}"
    how = ("log", "--diff-filter=D", "--no-renames", "--name-only", "-z", "--format=%x01%H", since)
    tips = [*([main] if main else []), *_tips(repository)]
    if not tips:
        return {}
    folder = f":(top,literal){place}{authored.FOLDER}"
    listed = repository.run(*how, *tips, "--", folder).decode("utf-8", "surrogateescape")
    for commit, *paths in (entry.strip("\n").split("\0") for entry in listed.split("\1") if entry):
        for path in (each.lstrip("\n") for each in paths):
            if path.endswith(".md") and path.removeprefix(place) not in found:
                with contextlib.suppress(Refused):
                    text = repository.run("cat-file", "blob", f"{commit}^:{path}").decode("utf-8", "replace")
                    if drafts.is_stamped(text):
                        found[path.removeprefix(place)] = text
    return found


def without(found: Mapping[str, str], present: Texts) -> dict[str, str]:
    """Return what was taken away and is not there again."""
    return {path: text for path, text in found.items() if path not in present}
