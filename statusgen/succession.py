"""May a new site take the place of the one that is live? Not, unless it is told to, where something would be lost.

``build --previous`` holds what the live site says of itself against what the new one would say. A page that is newer
stays, and so does one that was made from more: from branches or commits of the ledger that are not here, from more
samples, from a later commit of the repository.

A site that is away, or whose ``build.json`` nobody can read, is no obstacle: the page must not stay away with it, and
whoever can put such a file there can put anything there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from statusgen import branches, claims, files, git, periods
from statusgen.claims import BUILD, Claim
from statusgen.errors import StatusgenError, WorldError
from statusgen.git import Repository
from statusgen.printing import count

LIVE = "live"  # instead of an address: the one that the new site will have
LARGEST = 1024 * 1024
SECONDS = 20
SHOWN = 20  # obstacles; what the live site says of itself may be anything

_TIPS = 2  # of a branch: the clone's own and the remote's
_REMEDY = "Nothing was written. '--replace' takes this page for that one all the same."


@dataclass(frozen=True, slots=True, kw_only=True)
class Previous:
    """The site to be replaced, at an address or in a folder; ``anyway`` whatever would be lost."""

    place: str
    anyway: bool = False


def admitted(
    previous: Previous, content: bytes, folder: Path, prefix: str, seconds: float = SECONDS
) -> tuple[str, ...]:
    """Return what a person is to know of the site that is replaced; raise WorldError where it has to stay.

    ``content`` is the new site's ``build.json``, ``folder`` where its repository is, ``prefix`` that of its branches. A
    host may take so many ``seconds`` to answer.
    """
    here = claims.parsed(content, BUILD)
    place = here.url if previous.place == LIVE else previous.place
    there = _said(place, seconds)
    if isinstance(there, str):
        return (there,)
    successor = _Successor(here=here, there=there, prefix=prefix, repository=_repository(folder))
    obstacles = [f"{place}: {each}" for each in islice(successor.obstacles(), SHOWN)]
    if obstacles and not previous.anyway:
        raise WorldError("\n".join([*obstacles, _REMEDY]))
    return (*(f"replaced all the same: {each}" for each in obstacles), *successor.untold())


def _repository(folder: Path) -> Repository | None:
    """Return the repository, None where there is none, or no git to ask: a ledger in the working tree needs neither."""
    try:
        found = git.open_repository(folder)
    except WorldError:
        return None
    return found and git.settled(found)


def _said(place: str, seconds: float) -> Claim | str:
    """Return what a site says of itself, or why that is not known."""
    try:
        content = _read(place, seconds)
        if content is None:
            return f"{place}: no page there yet, nothing to compare with"
        return claims.parsed(content, place)
    except StatusgenError as error:
        return f"not compared with what is live: {error}"


def _read(place: str, seconds: float) -> bytes | None:
    if not place.startswith(("http://", "https://")):
        return files.read_bytes(Path(place), BUILD, LARGEST)
    from statusgen import web  # 80 ms that a build without an address does without

    with web.session() as session:
        return web.read(session, f"{place.rstrip('/')}/{BUILD}", largest=LARGEST, seconds=seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Successor:
    """What the new site says of itself, and what the one that is live does."""

    here: Claim
    there: Claim
    prefix: str
    repository: Repository | None

    def obstacles(self) -> Iterator[str]:
        """Yield what would be lost. Of a newer page, or somebody else's, the rest is not asked."""
        here, there = self.here, self.there
        if there.site not in ("", here.site):
            yield f"the page of site {_quoted(there.site)}, this is {_quoted(here.site)}: name another --previous"
        elif there.now > here.now:
            yield (
                f"made {periods.iso(there.now)}, later than this one of {periods.iso(here.now)}: "
                "build again from what is newest now, or set the clock right"
            )
        else:
            yield from self._of_commit()
            names = (branches.bare(name, self.prefix) for name in chain(there.data, there.samples))
            yield from filter(None, map(self._of_branch, sorted(set(names))))

    def _of_commit(self) -> Iterator[str]:
        """Complain of a commit that history is known to have left behind, or that a whole clone does not know."""
        here, there = self.here.commit, self.there.commit
        if not (self.repository and here and there) or here == there:
            return
        if git.is_ancestor(self.repository, here, there):
            yield f"made from commit {there[:10]}, which comes after {here[:10]}, the one that is checked out: git pull"
        elif not git.is_shallow(self.repository) and not git.tip(self.repository, there):
            yield f"made from commit {there[:10]}, which this clone does not have and which may be newer: git pull"

    def _of_branch(self, name: str) -> str:
        """Return what would be lost of a branch, or folder, of the ledger; nothing if nothing would be."""
        ours, theirs = self._commits(self.here, name), self._commits(self.there, name)
        if name not in self.here.samples:
            return (
                f"made from {_quoted(name)} with {self._told(self.there, name)}, which is not here: fetch it "
                "(--fetch), or push it back from a clone that has it; a fork needs its own site.url and site.id"
            )
        is_lost = any(self._is_part(commit, ours) is False for commit in theirs)
        if not is_lost and self.here.samples[name] >= self.there.samples.get(name, 0):
            return ""
        why = "that commit is not part of this one" if is_lost else "samples were taken out"
        return (
            f"made from {_quoted(name)} with {self._told(self.there, name)}, here it is {self._told(self.here, name)}, "
            f"and {why}: fetch what is newest (--fetch), or push the old tip back from a clone that has it"
        )

    def untold(self) -> Iterator[str]:
        """Yield what could not be compared."""
        for name in sorted(self.here.samples):
            ours = self._commits(self.here, name)
            for commit in self._commits(self.there, name):
                if self._is_part(commit, ours) is None:
                    yield f"{name}: only its samples are compared, as this clone is shallow (git fetch --unshallow)"

    def _commits(self, claim: Claim, name: str) -> list[str]:
        found = (commit for told, commit in claim.data.items() if branches.bare(told, self.prefix) == name)
        return list(islice(found, _TIPS))

    def _told(self, claim: Claim, name: str) -> str:
        held = count(claim.samples.get(name, 0), "sample")
        return " and ".join([*(f"commit {commit[:10]}" for commit in self._commits(claim, name)), held])

    def _is_part(self, commit: str, of: Collection[str]) -> bool | None:
        """Tell whether a commit is part of the history of one of others; None where a shallow clone cannot."""
        if commit in of or self._is_any((commit, each) for each in of):
            return True
        if self.repository and git.is_shallow(self.repository) and not self._is_any((each, commit) for each in of):
            return None
        return False

    def _is_any(self, pairs: Iterable[tuple[str, str]]) -> bool:
        return any(git.is_ancestor(self.repository, *pair) for pair in pairs) if self.repository else False


def _quoted(name: str) -> str:
    """Return a name as it may be printed, whatever a stranger made of it."""
    return f"{name[:100]!r}"
