"""What branches ``incident/…`` say that the main branch does not, until a person merges them. Read only.

Branches of this clone and those it has seen of the remote's count alike; ``fetch`` renews the latter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

from statusgen import git
from statusgen.errors import StatusgenError, WorldError
from statusgen.git import Refused, Repository
from statusgen.posting import authored, clone, topics
from statusgen.posting.topics import Topic
from statusgen.posting.worktree import told

PREFIX = "incident/"
DEPTHS = (50, 1000)  # commits that are fetched, one after the other, until it is clear where branches left main


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A file on a branch that nobody has merged; without ``is_here`` the branch was only seen of the remote."""

    text: str
    branch: str
    is_here: bool


class Pending(NamedTuple):
    """The texts that branches begin from, and by branch those that it has otherwise."""

    texts: dict[str, str]
    branches: dict[str, dict[str, str]]


def branch_of(path: str) -> str:
    """Return the branch on which a file waits for a person."""
    return PREFIX + path.rpartition("/")[2].removesuffix(".md")


def said(repository: Repository, place: str, name: str, tip: str, main: str) -> dict[str, str]:
    """Return the texts that a branch has otherwise than main, and than main ever had since the branch left it.

    What main changed or took away since then is not the branch's. Where it is not known because the history of a
    shallow clone ends before, only the file counts that the branch is named after.
    """
    begin = repository.line("merge-base", main, tip)
    if begin == tip:
        return {}
    texts = authored.unlike(repository, place, tip, main, begin)
    return texts if begin else {path: text for path, text in texts.items() if branch_of(path) == name}


def branches_here(repository: Repository) -> dict[str, str]:
    """Return the tips of this clone's own branches, by name."""
    return _refs(repository, f"refs/heads/{PREFIX}", 2)


def branches_seen(repository: Repository) -> dict[str, str]:
    """Return the tips of the remote's branches by name, as this clone last heard of them."""
    remote = git.remote_of(repository)
    return _refs(repository, f"refs/remotes/{remote}/{PREFIX}", 3) if remote else {}


def tips(repository: Repository) -> list[tuple[str, str]]:
    """Return the names of branches with their tips: both where the remote's is another."""
    return sorted({*branches_here(repository).items(), *branches_seen(repository).items()})


def _refs(repository: Repository, space: str, depth: int) -> dict[str, str]:
    """Return tips by the names of refs, of which the first ``depth`` parts are left out."""
    listed = repository.run("for-each-ref", f"--format=%(objectname) %(refname:lstrip={depth})", space)
    pairs = (line.partition(" ") for line in listed.decode("utf-8", "surrogateescape").split("\n") if line)
    return {name: tip for tip, _, name in pairs}


def fetch(repository: Repository) -> None:
    """Bring what this clone knows of the remote's branches up to date, those that are gone there included.

    A shallow clone gets some of the history of what is checked out as well: it tells what was taken away.
    """
    remote = git.remote_of(repository)
    if not remote:
        return
    pattern = f"refs/heads/{PREFIX}*"
    refs = [f"+{pattern}:refs/remotes/{remote}/{PREFIX}*"]
    try:
        is_shallow = git.is_shallow(repository)
        if is_shallow:
            mains = (f"refs/heads/{clone.checked_out(repository)}", "HEAD")
            listed = repository.run("ls-remote", remote, pattern, *mains).decode("utf-8", "replace").split()
            refs += [name for name in mains if name in listed][:1]
            is_shallow = bool(listed)  # git takes it for an error where there are none
        clear = partial(_is_clear, repository, clone.place_in(repository), git.head(repository))
        _bring(repository, remote, refs, clear if is_shallow else None)
    except Refused as error:
        raise WorldError(f"cannot fetch {PREFIX}* from {remote}: {told(error)}") from None


def _bring(repository: Repository, remote: str, refs: Iterable[str], is_clear: Callable[[], bool] | None) -> None:
    """Fetch branches: with all of their history, or with as much as makes something clear, within reason."""
    fetching = ("fetch", "--no-tags", "--prune", "--no-write-fetch-head", "--stdin")
    wanted = "\n".join(refs).encode()
    if not is_clear:
        repository.run(*fetching, remote, stdin=wanted)
        return
    for depth in DEPTHS:
        repository.run(*fetching, f"--depth={depth}", remote, stdin=wanted)
        if is_clear():
            return


def _is_clear(repository: Repository, place: str, main: str) -> bool:
    """Tell whether it is known of each branch that has what main has not where it left main."""
    return all(
        repository.line("merge-base", main, tip) or not authored.unlike(repository, place, tip, main, "")
        for _, tip in tips(repository)
    )


def unmerged(folder: Path, *, asks: bool) -> dict[str, Waiting]:
    """Return what lies on branches and was not merged as far as this clone knows, by path; ``asks`` the remote."""
    repository = git.open_repository(folder)
    if not repository or not (main := git.head(repository)):
        return {}
    if asks:
        fetch(repository)
    place, merged, found = clone.place_in(repository), _merged(repository), dict[str, Waiting]()
    for name, (tip, is_here) in _newest(repository).items():
        for path, text in said(repository, place, name, tip, main).items():
            if f"{place}{path}" not in merged and (path not in found or name == branch_of(path)):
                found[path] = Waiting(text=text, branch=name, is_here=is_here)
    return found


def _newest(repository: Repository) -> dict[str, tuple[str, bool]]:
    """Return by the name of each branch its tip, and whether this clone has it: what is pushed is read where that is
    further on.
    """
    here, there = branches_here(repository), branches_seen(repository)
    found = {}
    for name in sorted({*here, *there}):
        own, seen = here.get(name, ""), there.get(name, "")
        is_behind = not own or bool(seen and git.is_ancestor(repository, own, seen))
        found[name] = (seen if is_behind else own, bool(own))
    return found


def _merged(repository: Repository) -> set[str]:
    """Return the paths of the files that the remote has where this clone's branch, or its main one, is pushed to."""
    remote = git.remote_of(repository)
    names = ("HEAD", clone.checked_out(repository)) if remote else ()
    there = {git.tip(repository, f"refs/remotes/{remote}/{name}") for name in names if name}
    folder = f"{clone.place_in(repository)}{authored.FOLDER}/"
    return {path for tip in there if tip for path in git.blobs(repository, tip, folder)}


def here(repository: Repository, base: str) -> Pending:
    """Return what local branches say that their beginning, HEAD or ``base``, does not."""
    return _pending(repository, clone.place_in(repository), git.tip(repository, base or "HEAD"))


def there(repository: Repository, base: str) -> Pending:
    """Return what the remote's branches say that its main branch, or ``base``, does not."""
    with topics.scratch_of(repository) as scratch:
        try:
            seen = topics.listed(scratch)
            begin = topics.main_of(repository, scratch, Topic(name="", base=base), seen)
            heads = [ref for ref in seen.tips if ref.startswith(f"refs/heads/{PREFIX}")]
            if heads:
                refs = sorted({*heads, *(ref for ref, tip in seen.tips.items() if tip == begin)})
                clear = partial(_is_clear, scratch, clone.place_in(repository), begin)
                is_whole = not topics.is_without_history(scratch)
                _bring(scratch, "origin", (f"+{ref}:{ref}" for ref in refs), None if is_whole else clear)
        except Refused as error:
            raise WorldError(f"cannot fetch from the remote: {told(error)}") from None
        return _pending(scratch, clone.place_in(repository), begin)


def _pending(repository: Repository, place: str, begin: str) -> Pending:
    if not begin:
        raise StatusgenError(topics.no_beginning("", "this repository"))
    texts = authored.in_commit(repository, place, begin)
    tips = sorted(branches_here(repository).items())
    return Pending(texts, {name: said(repository, place, name, tip, begin) for name, tip in tips})
