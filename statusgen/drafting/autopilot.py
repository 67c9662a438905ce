"""Posting about outages while nobody does: reads what was measured, and brings ``drafting``'s files to their places.

A draft goes on a branch of its own, ``incident/<slug>``, for a person to merge; what is published goes where
``Wanted`` says. Every write is evaluated again on the texts that are really there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from statusgen import branches, cache, git, making, sources
from statusgen.drafting import drafts, pending, reconciling
from statusgen.errors import UsageError
from statusgen.git import Repository
from statusgen.model import DraftMode, Drafts, Incident, Phase
from statusgen.periods import DAY
from statusgen.posting import authoring, proposals, waiting
from statusgen.posting.authored import Texts
from statusgen.posting.proposals import Place
from statusgen.render.drafted import Drafted
from statusgen.render.language import language
from statusgen.secret import NO_SECRETS, Gate
from statusgen.sources import Sources, Wishes
from statusgen.views import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Where incidents go. ``branch`` is that of the page: what is published goes there, and drafts begin there.

    Without ``branch``, ``commit`` and ``push`` what is published is written into the working tree. ``fetch`` asks the
    remote first for what was measured and for drafts; so does ``push`` for drafts.
    """

    branch: str = ""
    commit: bool = False
    push: bool = False
    fetch: bool = False
    dry: bool = False
    gate: Gate = NO_SECRETS


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """An incident that the program opened or went on with; ``text`` is all of it, ``commit`` empty without one.

    ``waits``: nothing was to be done about it; it is a draft of the last day on a branch that nobody has merged yet.
    """

    path: str
    title: str
    phase: Phase
    at: int
    is_new: bool
    is_draft: bool
    text: str
    branch: str = ""
    commit: str = ""
    is_pushed: bool = False
    link: str = ""
    waits: bool = False


def mode_of(folder: Path) -> DraftMode:
    """Return what the site wants of outages without an incident."""
    return sources.read(folder).site.drafts.mode


def post(folder: Path, now: int, wanted: Wanted, jitter: Callable[[], float]) -> list[Outcome]:
    """Open, continue and close the incidents of the program, each where it belongs; nothing for mode off."""
    read = sources.read(folder)
    if read.site.drafts.mode is DraftMode.OFF:
        return []
    repository = git.open_repository(folder)
    if repository is None and (wanted.branch or wanted.commit or wanted.push or wanted.fetch):
        raise UsageError(f"{folder} lies in no git repository: leave --branch, --commit, --push and --fetch out")
    if read.site.drafts.mode is DraftMode.PUBLISH and wanted.push and not (wanted.branch or wanted.commit):
        wanted = replace(wanted, branch=_published_on(read.site.drafts))
    if repository and wanted.fetch and read.site.branch:
        branches.fetch(repository, read.site.branch)
    if repository and (wanted.fetch or wanted.push):
        waiting.fetch(repository)
    return _Pilot.of(read, repository, now, wanted, jitter).post()


def _published_on(rules: Drafts) -> str:
    """Return the branch that a push publishes on; raise UsageError where none is configured: main is not a default."""
    if not rules.branch:
        raise UsageError(
            "drafts are to be published, and nothing says on which branch: write drafts: {mode: publish, branch: main} "
            "in components.yaml, or add --branch main (in workflows set the variable STATUS_BRANCH)"
        )
    return rules.branch


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pilot:
    """What one run hangs on: ``others`` are the files of drafts by branch, ``gone`` those that a person took away,
    ``pushed`` the names of the branches that the remote has.
    """

    folder: Path
    snapshot: Snapshot
    voice: Drafted
    main: Place
    others: list[tuple[str, Texts]]
    gone: Texts
    pushed: frozenset[str]
    now: int
    wanted: Wanted
    jitter: Callable[[], float]

    @classmethod
    def of(
        cls, read: Sources, repository: Repository | None, now: int, wanted: Wanted, jitter: Callable[[], float]
    ) -> _Pilot:
        memory = cache.Cache(sources.cache_folder(read.folder))
        taken, _ = making.take(read, now, memory, Wishes())
        voice = Drafted(language(read.site.language, read.theme, memory, f"themes/{read.site.theme}/"))
        memory.save()
        publishes = read.site.drafts.mode is DraftMode.PUBLISH
        main = Place(folder=read.folder, gate=wanted.gate)
        if publishes:
            main = replace(main, commit=wanted.commit, branch=wanted.branch, push=wanted.push)
        tip = git.head(repository) if repository else ""
        return cls(
            folder=read.folder,
            snapshot=taken.snapshot,
            voice=voice,
            main=main,
            others=pending.versions(repository, tip) if repository else [],
            gone=pending.taken_away(repository, tip, now) if repository else {},
            pushed=frozenset(waiting.branches_seen(repository)) if repository else frozenset(),
            now=now,
            wanted=wanted,
            jitter=jitter,
        )

    def post(self) -> list[Outcome]:
        main = proposals.texts(self.main)
        texts = pending.overlaid(main, self.others)
        made = self._reconciled(texts)
        rest = [path for path in sorted(texts) if path not in main and path not in made]
        return [
            *(self._outcome(path, text, texts) for path, text in sorted(made.items())),
            *self._waiting(rest, texts),
        ]

    def _waiting(self, paths: Iterable[str], texts: Texts) -> Iterator[Outcome]:
        """Yield drafts of the last day that wait: a run that was killed may have told nobody of them."""
        for path in paths:
            if not drafts.is_ours(texts[path]):
                continue
            told, branch = self._told(path, texts[path], texts), pending.branch_with(path, self.others)
            if told.is_draft and told.at > self.now - DAY:
                yield replace(told, branch=branch, is_pushed=branch in self.pushed, waits=True)

    def _reconciled(self, texts: Texts) -> dict[str, str]:
        return reconciling.reconcile(self.snapshot, texts, self.voice, pending.without(self.gone, texts))

    def _outcome(self, path: str, text: str, texts: Texts) -> Outcome:
        told = self._told(path, text, texts)
        return told if self.wanted.dry else self._written(told, texts)

    def _told(self, path: str, text: str, texts: Texts) -> Outcome:
        event = authoring.read(text, path)
        assert isinstance(event, Incident)
        return Outcome(
            path=path,
            title=event.title,
            phase=event.updates[-1].phase,
            at=event.updates[-1].at,
            is_new=path not in texts,
            is_draft=event.draft,
            text=text,
        )

    def _written(self, told: Outcome, texts: Texts) -> Outcome:
        """Write one file where it belongs, as it comes out of the texts that are there by then."""

        place = self._place(told)

        def change(present: Texts) -> dict[str, str]:
            is_main = place is self.main
            known = pending.overlaid(present, self.others) if is_main else pending.overlaid(texts, [("", present)])
            return {path: text for path, text in self._reconciled(known).items() if path == told.path}

        done = proposals.propose(place, change, _message(told), self.now, jitter=self.jitter)
        return replace(told, branch=done.branch, commit=done.commit, is_pushed=done.pushed, link=done.link)

    def _place(self, told: Outcome) -> Place:
        """Return where a file belongs: on the branch that is published from only what is to be published at once."""
        if self.snapshot.site.drafts.mode is DraftMode.PUBLISH and not told.is_draft:
            return self.main
        branch = pending.branch_with(told.path, self.others)
        return Place(
            folder=self.folder,
            branch=branch,
            push=self.wanted.push,
            base=self.wanted.branch,
            gate=self.wanted.gate,
        )


def _message(told: Outcome) -> str:
    if told.is_new:
        return f"{'Draft' if told.is_draft else 'Open'} an incident: {told.title}"
    return f"{told.phase.word}: {told.title}"


def row(outcome: Outcome) -> dict[str, object]:
    """Return what became of an incident, for JSON."""
    return {
        "path": outcome.path,
        "slug": outcome.path.rpartition("/")[2].removesuffix(".md"),
        "title": outcome.title,
        "phase": outcome.phase.value,
        "is_new": outcome.is_new,
        "is_draft": outcome.is_draft,
        "waits": outcome.waits,
        "branch": outcome.branch,
        "commit": outcome.commit,
        "pushed": outcome.is_pushed,
        "link": outcome.link,
        "text": outcome.text,
    }


def line(outcome: Outcome, is_dry: bool) -> str:
    """Return what became of an incident, for people; of what would be written all of it."""
    if outcome.waits:
        return f"{outcome.path} (a draft), {outcome.phase}, waits on branch {outcome.branch}"
    did = "opened" if outcome.is_new else "continued"
    kind = " (a draft)" if outcome.is_draft else ""
    if is_dry:
        return f"{outcome.path}{kind} would be {did}, {outcome.phase}:\n{outcome.text}"
    place = f" on branch {outcome.branch}" if outcome.branch else ""
    link = f": {outcome.link}" if outcome.link else ""
    return f"{did} {outcome.path}{kind}, {outcome.phase}{place}{link}"
