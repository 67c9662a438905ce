"""The ledger's branches in git: one per location, found and fetched without a checkout; ``delivery`` writes them.

Reading takes the union of local and remote-tracking branches. ``site.json`` on a branch names the site that owns it,
so that a fork does not go on with its upstream's history as its own. A branch only ever grows: one whose remote no
longer holds what this clone has seen is refused, because history that can be rewritten proves nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from statusgen import git
from statusgen.errors import WorldError, excerpt
from statusgen.git import Refused, Repository
from statusgen.ledger import location_of
from statusgen.model import RETENTION
from statusgen.names import called, is_id, is_reserved

DATA = "data"  # where the ledger lies when it is kept in the working tree
OWNER = "site.json"
REWRITTEN = (
    "The remote's branch was rewritten: it no longer holds what this clone has seen of it, and nothing was changed. "
    "If that was not meant, 'git log refs/remotes/origin/BRANCH' here has the tip to push back; if it was, "
    "'git update-ref -d refs/remotes/origin/BRANCH', and this clone takes the branch as it is now."
)


class Away(WorldError):  # noqa: N818 - what is so
    """The remote did not answer when it was asked what it has: what is here is as good as it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A ledger branch: its location, the tip it was read at, git's ids of its files, and the site that owns it.

    ``name`` is how a person finds it: with the remote's name before it where it is remote-tracking.
    """

    name: str
    location: str
    commit: str
    ids: dict[str, str]
    owner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where rounds go: a branch below the prefix, owned by a site, with so many day files in its tree.

    Without a prefix, a folder of the working tree. ``shard`` is like ``2-of-5`` where runners share the location.
    """

    prefix: str
    location: str
    site: str
    keep: int = RETENTION
    shard: str = ""

    @property
    def name(self) -> str:
        return f"{self.prefix or DATA}/{self.location}{self.shard and f'.{self.shard}'}"

    @property
    def ref(self) -> str:
        return f"refs/heads/{self.name}"

    def tracking(self, repository: Repository) -> str:
        return f"refs/remotes/{git.remote_of(repository)}/{self.name}"


def fetch(repository: Repository, prefix: str) -> None:
    """Bring the branches up to date by an explicit refspec; a checkout in CI has neither them nor one.

    Raise Away where the remote does not answer, and another WorldError for what is wrong with its branches.
    """
    remote = git.remote_of(repository)
    if not remote:
        raise WorldError("--fetch needs a remote, and the repository has none: git remote add origin URL")
    try:
        listed = repository.run("ls-remote", remote, f"refs/heads/{prefix}/*")
    except Refused as error:
        raise Away(f"cannot fetch {prefix}/* from {remote}: {explained(error)}") from None
    try:
        _refuse_deleted(repository, remote, prefix, listed)
        if listed.strip() or not git.is_shallow(repository):
            fetch_into(repository, remote, f"refs/heads/{prefix}/*:refs/remotes/{remote}/{prefix}/*")
    except Refused as error:
        raise WorldError(f"cannot fetch {prefix}/* from {remote}: {explained(error)}") from None


def fetch_if_reached(repository: Repository, prefix: str) -> str:
    """Bring the branches up to date, and return what is to be said where the remote is away; empty if it is not."""
    try:
        fetch(repository, prefix)
    except Away as error:
        return f"{error}\nThe remote is away: went on with what is here."
    return ""


def _refuse_deleted(repository: Repository, remote: str, prefix: str, printed: bytes) -> None:
    """Refuse to go on with branches that the remote has no more, of which a fetch says nothing."""
    space = f"refs/remotes/{remote}/"
    seen = _lines(repository.run("for-each-ref", "--format=%(refname:lstrip=3)", f"{space}{prefix}/"))
    if not seen or git.is_shallow(repository):
        return
    listed = {line.partition("\t")[2] for line in _lines(printed)}
    if gone := [name for name in seen if f"refs/heads/{name}" not in listed]:
        raise Refused(f"the remote has no branch {', '.join(gone)} any more. {REWRITTEN}")


def notices_of(prefix: str) -> str:
    """Return the branch on which is kept what was announced: ``status-notices`` beside ``status-data``."""
    return f"{prefix.removesuffix('-data')}-notices"


def fetch_into(repository: Repository, remote: str, refspec: str) -> None:
    """Fetch, refusing to go back; a shallow clone cannot tell, and takes what is there.

    Not quietly, or git would keep to itself which branch it refused.
    """
    shallow = git.is_shallow(repository)
    depth = ["--depth=1"] if shallow else []
    repository.run("fetch", "--no-tags", *depth, remote, f"+{refspec}" if shallow else refspec)


def explained(error: Refused) -> str:
    """Return what git said, with what to do about it where git does not say."""
    said = str(error)
    if "non-fast-forward" in said:
        return f"{said}\n{REWRITTEN}"
    if ".lock" in said and "File exists" in said:
        return f"{said}\nAnother git may be at work, or one was killed: if none is, remove that .lock file."
    return said


class Tip(NamedTuple):
    """What a branch points at. ``name`` is how a person finds it, with the remote's before it where it is one."""

    name: str
    location: str
    commit: str


def read(repository: Repository, tips: Iterable[Tip]) -> list[Branch]:
    """Return the branches, sorted; a local and a remote-tracking one of the same name are two unless equal."""
    found = {(tip.location, tip.commit): tip.name for tip in tips}
    return [_branch(repository, Tip(name, *place)) for place, name in sorted(found.items())]


def tip_named(name: str, prefix: str, commit: str) -> Tip:
    """Return a tip by the name that a person was told."""
    return Tip(name, location_of(name.partition(f"{prefix}/")[2]), commit)


def bare(name: str, prefix: str) -> str:
    """Return a branch's name without that of the remote."""
    return name[max(name.find(f"{prefix}/"), 0) :] if prefix else name


def tips(repository: Repository, prefix: str) -> Iterator[Tip]:
    """Yield the tips of the remote-tracking branches, then of the local ones."""
    remote = git.remote_of(repository)
    for shown, space in ((f"{remote}/", f"refs/remotes/{remote}/"), ("", "refs/heads/")):
        listed = _lines(repository.run("for-each-ref", "--format=%(objectname) %(refname)", f"{space}{prefix}/"))
        for commit, _, ref in (line.partition(" ") for line in listed):
            location = location_of(ref.removeprefix(f"{space}{prefix}/"))
            yield Tip(shown + ref.removeprefix(space), location, commit)


def _lines(printed: bytes) -> list[str]:
    """Return lines of git's: a branch may be called by whatever is no ASCII, even no UTF-8, or by other line breaks."""
    return [line for line in printed.decode("utf-8", "replace").split("\n") if line]


def _branch(repository: Repository, tip: Tip) -> Branch:
    ids = git.blobs(repository, tip.commit)
    owner = owner_of(git.read_blobs(repository, {OWNER: ids[OWNER]})[OWNER]) if OWNER in ids else ""
    return Branch(name=tip.name, location=tip.location, commit=tip.commit, ids=ids, owner=owner)


def left_out(branch: Branch, site: str) -> str:
    """Return why a branch is no part of the site's ledger, and what to do about it; empty if it is one."""
    if branch.owner and branch.owner != site:
        whose = f"belongs to site '{called(branch.owner)}', this is '{site}'"
        return f"{whose}, so it was left out: {own_history(branch.owner)}"
    return misnamed(branch.location)


def misnamed(location: str) -> str:
    """Return what is wrong with a location that no prober can have, whose name the page has no place for; or nothing.

    Whoever can push to a data branch can make others, called by whatever git takes for a name.
    """
    if is_id(location) and not is_reserved(location):
        return ""
    name = excerpt(location)
    return f"'{name}' is no location's name, which is an id, so it was left out: rename it, or delete it"


def own_history(owner: str) -> str:
    """Return what to do about a branch that came along with a fork. No site can go on with one whose owner is no id."""
    begin = (
        "to begin a history of your own, set data.branch to a prefix of your own, like 'own-data', "
        "or delete the branch here"
    )
    return f"{begin}; to go on with this one, set site.id to '{owner}'" if is_id(owner) else begin


def owner_of(text: str) -> str:
    """Return the site that ``site.json`` names, empty where it names none."""
    try:
        site = json.loads(text)["site"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return site if isinstance(site, str) else ""
