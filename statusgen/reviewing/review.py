"""What a change to the repository does: the site of two commits, or of a commit and the working tree, side by side.

Both are taken at the same instant from the same ledger, so that whatever differs comes of what people wrote.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path

from statusgen import branches, cache, checking, chronicle, git, incidents, making, occurrences, past, sources
from statusgen.archive import repository_of
from statusgen.branches import Tip
from statusgen.errors import SourceError, StatusgenError, UsageError, WorldError, printable
from statusgen.git import Repository
from statusgen.incidents import Memory
from statusgen.making import Taken
from statusgen.model import Event
from statusgen.notifying import announcing
from statusgen.notifying.announcing import Notice
from statusgen.render.language import language
from statusgen.render.notices import told
from statusgen.render.placing import Rendered, place
from statusgen.render.words import Words
from statusgen.reviewing.changes import Changes, Preview, Side, compare
from statusgen.sources import Sources, Wishes
from statusgen.views import Snapshot

WORKING_TREE = ""
_MAIN = ("main", "master")


@dataclass(frozen=True, slots=True)
class Range:
    """Two commits by their ids; ``head`` is empty for the working tree."""

    base: str
    head: str


def review(folder: Path, text: str, now: int, *, fetch: bool = False, drafts: bool = False) -> Changes:
    """Return what changes between two commits. ``text`` is as git has it: ``A..B``, ``A...B`` or ``A``.

    Without it, what came since this branch left the remote's main branch, the working tree included. ``drafts`` takes
    drafts for published. Raise SourceError where what will be is no site at all.
    """
    repository = repository_of(folder)
    wanted = span(repository, text)
    tips = _tips(repository, fetch)
    memory = cache.Cache(sources.cache_folder(folder))
    with contextlib.ExitStack() as stack:
        if wanted.head:
            after = stack.enter_context(sources.as_of(folder, wanted.head, tips))
        else:
            read = sources.read(folder)
            after = replace(read, tips=tips(read.site.branch) if read.site.branch else ())
        try:
            before = stack.enter_context(sources.as_of(folder, wanted.base, tips))
        except SourceError:
            before = None
        if before and not before.site.branch:
            before = replace(before, folder=after.folder)  # the ledger that lies in the tree: what it will be
        new, taken = _side(after, now, memory, drafts)
        if before is None:
            return compare(None, new)
        old, _ = _side(before, now, memory, drafts)
        return compare(old, new, _messages(old.snapshot, taken, after, memory))


def _tips(repository: Repository, fetch: bool) -> Callable[[str], tuple[Tip, ...]]:
    """Return what gives the ledger's tips by their prefix: the same whenever it is asked."""

    @lru_cache
    def tips(prefix: str) -> tuple[Tip, ...]:
        if fetch:
            branches.fetch(repository, prefix)
        return tuple(branches.tips(repository, prefix))

    return tips


def _messages(before: Snapshot, taken: Taken, read: Sources, memory: Memory) -> Iterator[Preview]:
    """Yield what goes through the site's routes when the change is published, each message once."""
    routes: dict[str, list[str]] = {}
    notices: dict[str, Notice] = {}
    for route in taken.snapshot.site.routes:
        heard = announcing.events_wanted(before, route)
        for notice in announcing.due(taken.snapshot, announcing.baseline(before, route.ahead), route.ahead):
            if announcing.wanted(route, notice, heard):
                notices[notice.key] = notice
                routes.setdefault(notice.key, []).append(route.name)
    words = Words(language(read.site.language, read.theme, memory, f"themes/{read.site.theme}/"))
    for key, notice in notices.items():
        title, text = told(notice, taken.snapshot, words, partial(_placed, taken.rendered))
        yield Preview(routes=tuple(routes[key]), kind=notice.kind, title=title, text=text)


def _placed(rendered: Mapping[str, Rendered], text: str, root: str, home: str, prefix: str) -> str:
    return place(rendered[text].html, root, home, prefix)


def _side(read: Sources, now: int, memory: Memory, drafts: bool) -> tuple[Side, Taken]:
    taken, problems = making.take(read, now, memory, Wishes(drafts=drafts))
    hidden = () if drafts else _drafts(read, memory)
    shown = (each for event in hidden for each in occurrences.told(event, now)[:1])
    authority = taken.snapshot.authority
    side = Side(
        snapshot=taken.snapshot,
        drafts=tuple(chronicle.tell(read.site, event, authority, now) for event in shown),
        problems=checking.complaints(read, taken, (*taken.events, *hidden), problems, now),
        files=_files(read),
    )
    return side, taken


def _drafts(read: Sources, memory: Memory) -> tuple[Event, ...]:
    known = [component.id for component in read.site.components]
    return tuple(event for event in incidents.read_all(read.texts, known, memory).events if event.draft)


def _files(read: Sources) -> dict[str, str]:
    """Return digests of the theme's files, without those that only came with the program, and of images, by path."""
    own = {f"themes/{read.site.theme}/{name}": content for name, content in read.theme.items()}
    return {path: hashlib.sha256(content).hexdigest() for path, content in (own | dict(read.images)).items()}


# Which commits


def span(repository: Repository, text: str) -> Range:
    """Return the commits that a person named."""
    if not text:
        return Range(_fork(repository, _main(repository), past.resolve(repository, "HEAD")), WORKING_TREE)
    if "..." in text:
        base, _, head = text.partition("...")
        ends = [past.resolve(repository, each or "HEAD") for each in (base, head)]
        return Range(_fork(repository, *ends), ends[1])
    base, dots, head = text.partition("..")
    if dots:
        return Range(past.resolve(repository, base or "HEAD"), past.resolve(repository, head or "HEAD"))
    return Range(past.resolve(repository, base), WORKING_TREE)


def taken_back(folder: Path, text: str) -> str:
    """Return a line about commits of A that B lacks, which ``A..B`` takes for taken back; empty without any."""
    base, _, head = (each or "HEAD" for each in text.partition(".."))
    if ".." not in text or "..." in text:
        return ""
    repository = repository_of(folder)
    wanted = span(repository, text)
    count = int(repository.line("rev-list", "--count", f"{wanted.head}..{wanted.base}", "--") or 0)
    if not count:
        return ""
    lacking, them = ("1 commit", "it") if count == 1 else (f"{count} commits", "them")
    verb = "counts" if count == 1 else "count"
    said = f"{base} has {lacking} that {head} lacks, which {verb} as taken back here: {base}...{head} leaves {them} out"
    return printable(said)


def _main(repository: Repository) -> str:
    """Return the tip of the remote's main branch as this clone knows it."""
    remote = git.remote_of(repository)
    named = repository.line("symbolic-ref", "--quiet", f"refs/remotes/{remote}/HEAD") if remote else ""
    names = [named, *(f"refs/remotes/{remote}/{name}" for name in _MAIN if remote)]
    if found := next((tip for name in names if name and (tip := git.tip(repository, name))), ""):
        return found
    raise UsageError("there is no remote's main branch to compare with: name a commit, like 'statusgen diff HEAD'")


def _fork(repository: Repository, one: str, other: str) -> str:
    """Return the newest commit that two have in common."""
    if found := repository.line("merge-base", one, other):
        return found
    if git.is_shallow(repository):
        raise WorldError("this clone is shallow and does not know where the two parted: run 'git fetch --unshallow'")
    raise StatusgenError(f"commits {one[:10]} and {other[:10]} have no history in common: name others")
