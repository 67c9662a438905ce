"""What a site says of itself in ``build.json``, and whether the repository agrees with it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from statusgen import __version__, branches, config, git, past, periods
from statusgen.branches import Branch
from statusgen.errors import StatusgenError
from statusgen.git import Repository
from statusgen.model import Site

BUILD = "build.json"
DELAY = periods.HOUR  # that a build may take to hear of a round

_COMMIT = re.compile(r"[0-9a-f]{4,64}")

Read = Callable[[str], bytes | None]  # a path on the site → its content, None where there is none


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a site says that it was made from: ``data`` are its ledger's branches and their commits.

    ``samples`` tells how many there were, by branch, or folder where the ledger lies in the working tree. Those and
    ``site``, its id, are empty where an earlier version made it. Names are as strangers wrote them.
    """

    now: int
    version: str
    url: str
    commit: str
    uncommitted: tuple[str, ...]
    left_out: tuple[str, ...]
    drafts: bool
    data: Mapping[str, str]
    site: str = ""
    samples: Mapping[str, int] = field(default_factory=dict)


def claimed(read: Read, place: str) -> Claim:
    """Return what the site says of itself; StatusgenError where nothing there says it."""
    content = read(BUILD)
    if content is None:
        raise StatusgenError(f"{place} has no {BUILD}: build the site first, or name where it is")
    return parsed(content, place)


def parsed(content: bytes, place: str) -> Claim:
    """Return what a site's ``build.json`` says; StatusgenError where it is none."""
    try:
        said = json.loads(content)
        return Claim(
            now=periods.parse_instant(str(said["generated_at"])),
            version=str(said["statusgen"]),
            url=config.site_url(str(said["url"])),
            commit=_commit(said["commit"] or ""),
            uncommitted=tuple(map(str, said["uncommitted"])),
            left_out=tuple(dict.fromkeys(map(_path, said["left_out"]))),
            drafts=said["drafts"] is True,
            data={str(name): _commit(commit) for name, commit in said["data"].items()},
            site=str(said.get("site", "")),
            samples={str(name): int(count) for name, count in said.get("samples", {}).items()},
        )
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        raise StatusgenError(f"{place}/{BUILD} cannot be read: it was not written by statusgen {__version__}") from None


def _path(left_out: object) -> str:
    """Return the file that was left out; earlier versions said nothing else of it."""
    return str(left_out["path"] if isinstance(left_out, dict) else left_out)


def _commit(text: object) -> str:
    """Return a commit's id as it is, or nothing; ValueError for what git would take for something else."""
    if text == "" or (isinstance(text, str) and _COMMIT.fullmatch(text)):
        return text
    raise ValueError(text)


def complaints(repository: Repository, claim: Claim, site: Site) -> Iterator[str]:
    """Yield what is wrong with what a site says of itself. A shallow clone says nothing of history."""
    if claim.uncommitted:
        yield f"the site was built with changes that no commit holds: {', '.join(claim.uncommitted)}"
    if claim.left_out:
        yield f"the site leaves out files that have errors: {', '.join(claim.left_out)}"
    if claim.drafts:
        yield "the site was built with drafts, which tell of what has not been published"
    if git.is_shallow(repository):
        return
    yield from _unreviewed(repository, claim)
    if site.branch:
        yield from _of_ledger(repository, claim, site)
    if site.branch and site.checks and not claim.data:
        yield "the site has checks and was built without any ledger: nothing that was measured is part of it"


def _unreviewed(repository: Repository, claim: Claim) -> Iterator[str]:
    """Complain of a commit that is neither part of what is checked out nor of the remote's own branch."""
    main = ["HEAD", f"refs/remotes/{git.remote_of(repository)}/HEAD"]
    tips = [tip for tip in (git.tip(repository, ref) for ref in main) if tip]
    if claim.commit and not any(git.is_ancestor(repository, claim.commit, tip) for tip in tips):
        where = ", ".join(git.holding(repository, claim.commit)) or "no branch"
        yield f"commit {claim.commit[:10]}, of which the site is made, is not part of the branch here, but on {where}"


def _of_ledger(repository: Repository, claim: Claim, site: Site) -> Iterator[str]:
    """Complain of branches that were rewritten since, and of what there was to know and is not part of the site."""
    known = list(branches.tips(repository, site.branch))
    told = [branches.tip_named(name, site.branch, commit) for name, commit in claim.data.items()]
    for tip in told if known else ():
        alike = [each.commit for each in known if each.location == tip.location]
        if not any(git.is_ancestor(repository, tip.commit, each) for each in alike):
            yield f"{tip.name} was rewritten: it no longer holds commit {tip.commit[:10]}, which the site was made from"
    for branch in branches.read(repository, known):
        if not branches.left_out(branch, site.id):
            alike = [tip.commit for tip in told if tip.location == branch.location]
            yield from _missing(repository, branch, alike, claim.now - DELAY)


def _missing(repository: Repository, branch: Branch, told: Sequence[str], at: int) -> Iterator[str]:
    """Complain of what a branch held at an instant and none of the commits that were told does."""
    then = past.commit_at(repository, branch.commit, at)
    if then and not any(git.is_ancestor(repository, then, commit) for commit in told):
        part = f"ends before commit {then[:10]}" if told else "is no part of it"
        yield f"{branch.name} {part}, though it was there an hour before the site was built"
