"""Incidents that the program writes about outages: what the files should become, given what was measured.

A pure function of the snapshot and of the texts there are: run again on its own result it changes nothing, and a run
that was killed before its result was kept costs nothing but time. ``docs/drafts.md`` has the rules.

The program touches a file as long as its stamp fits (``drafts``). One that a person wrote or changed is theirs: it is
only looked at to see what is told of already.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from statusgen import incidents, status
from statusgen.drafting import drafts
from statusgen.errors import SourceError
from statusgen.intervals import Intervals, union
from statusgen.model import DraftMode, Drafts, Incident, Phase, State
from statusgen.posting import authoring
from statusgen.posting.authored import Texts
from statusgen.posting.authoring import Addition, Opening
from statusgen.render.drafted import Drafted
from statusgen.views import ComponentView, Snapshot

_DOWN = (State.MAJOR, State.PARTIAL)
_UP = (State.OPERATIONAL, State.DEGRADED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """How a component is: ``outages`` are those that count, outside maintenance; ``down`` since when the one that goes
    on counts, ``overrun`` whether that is the end of a window, ``well`` since when it is operational. None where not.
    """

    id: str
    name: str
    state: State
    outages: Intervals
    down: int | None
    overrun: bool
    well: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file that tells of an incident."""

    path: str
    text: str
    incident: Incident
    is_gone: bool = False

    @property
    def is_ours(self) -> bool:
        return self.incident.automatic and not self.is_gone

    @property
    def last(self) -> Phase:
        return self.incident.updates[-1].phase

    @property
    def goes_on(self) -> bool:
        """Whether the program has more to say in it."""
        return self.is_ours and self.last is not Phase.RESOLVED

    def covers(self, component: str, start: int, now: int, settle: int) -> bool:
        """Tell whether an outage of a component that began at ``start`` and goes on is told of here.

        It is while the file is open. A person who closed it has decided about what went on then; what we closed was
        quiet, and an outage that began in that quiet is another one. Of a file that is gone, what it told of is.
        """
        if component not in status.affected(self.incident):
            return False
        if status.is_open(self.incident, now):
            return not self.is_gone or start <= self.incident.updates[-1].at + settle
        end = status.end_of(self.incident, now)
        return end is not None and start < end - (settle if self.is_ours else 0)


def reconcile(snapshot: Snapshot, texts: Texts, voice: Drafted, gone: Texts | None = None) -> dict[str, str]:
    """Return the files to write, whole, by path: new ones, and ours with what is to be added.

    ``texts`` are all files below incidents/, those of drafts on their branches included; ``gone`` those that we wrote
    and a person took away, as they were last.
    """
    rules = snapshot.site.drafts
    if rules.mode is DraftMode.OFF:
        return {}
    seen = {view.component.id: _present(view, snapshot) for view in snapshot.components if view.component.checks}
    files = (*read(texts), *read(gone or {}, is_gone=True))
    taken = {path.rpartition("/")[2].partition(".")[0] for path in (*texts, *(gone or {}))}
    return _Writer(now=snapshot.now, rules=rules, voice=voice, seen=seen, files=files, taken=taken).written()


def read(texts: Texts, *, is_gone: bool = False) -> Iterator[File]:
    """Yield the incidents among files; one that cannot be read tells nothing."""
    for path, text in sorted(texts.items()):
        if not incidents.is_postmortem(path):
            with suppress(SourceError):
                event = authoring.read(text, path)
                if isinstance(event, Incident):
                    yield File(path=path, text=text, incident=event, is_gone=is_gone)


def _present(view: ComponentView, snapshot: Snapshot) -> Present:
    now, id_ = snapshot.now, view.component.id
    lanes = (lane for event in snapshot.events if event.is_maintenance for lane in event.lanes if lane.id == id_)
    windows = Intervals((start, now + 1 if end is None else end) for lane in lanes for start, end, _ in lane.spans)
    found = Intervals((each.start, now + 1 if each.end is None else each.end) for each in view.outages)
    counting = found - windows
    is_told_by_people = any(each.start <= now < each.end for each in view.corrections)
    down = None if is_told_by_people or view.state not in _DOWN else counting.span_at(now)
    return Present(
        id=id_,
        name=view.component.name,
        state=view.state,
        outages=counting,
        down=down[0] if down else None,
        overrun=down is not None and down[0] - 1 in found,
        well=view.since if view.state is State.OPERATIONAL else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Writer:
    """Writes what is to be said now, at most one update a file. ``seen`` are the components that are monitored."""

    now: int
    rules: Drafts
    voice: Drafted
    seen: Mapping[str, Present]
    files: tuple[File, ...]
    taken: Collection[str]

    def written(self) -> dict[str, str]:
        going = (each for each in self.files if each.goes_on)
        mine = sorted(going, key=lambda each: (each.incident.started, each.path))
        new = self._untold()
        host = next((file for file in reversed(mine) if self._is_joined(file)), None) if new else None
        said = {file.path: self._addition(file, new if file is host else ()) for file in mine}
        changed = {
            file.path: drafts.stamped(authoring.updated(file.text, addition, file.path))
            for file in mine
            if (addition := said[file.path])
        }
        return changed if host or not new else {**changed, **self._opened(new)}

    def _is_joined(self, file: File) -> bool:
        """Tell whether what fails now belongs to a file: what failed there does, or did until a moment ago.

        A draft may be looked at by nobody: what is to be published never hides in one, and another draft is begun once
        nothing was said in it for a while.
        """
        moment = self.now - self.rules.settle
        if self.rules.mode is DraftMode.DRAFT and file.incident.updates[-1].at < moment:
            return False
        if self.rules.mode is DraftMode.PUBLISH and file.incident.draft:
            return False
        ends = (end for each in self._known(file) for _, end in each.outages.spans)
        return any(each.down is not None for each in self._known(file)) or max(ends, default=moment) > moment

    def _known(self, file: File) -> list[Present]:
        """Return the components of a file that are monitored still."""
        return [self.seen[id_] for id_ in status.affected(file.incident) if id_ in self.seen]

    def _untold(self) -> tuple[Present, ...]:
        """Return the components in an outage that no file tells of, once that of one of them has lasted long enough."""
        down = [(each, each.down) for each in self.seen.values() if each.down is not None]
        untold = [(each, start) for each, start in down if not self._is_told(each.id, start)]
        is_due = any(self.now - start >= self.rules.after for _, start in untold)
        return tuple(each for each, _ in untold) if is_due else ()

    def _is_told(self, component: str, start: int) -> bool:
        return any(file.covers(component, start, self.now, self.rules.settle) for file in self.files)

    def _opened(self, new: Sequence[Present]) -> dict[str, str]:
        first = min(new, key=lambda each: each.down or 0)
        started = first.down or 0
        names, whole = _names(new), _is_whole(new)
        title = self.voice.title(names, whole)
        say = self.voice.overrun if first.overrun else self.voice.found
        opening = Opening(
            title=title,
            at=self.now,
            text=say(names, whole, started),
            components=tuple((each.id, each.state) for each in new),
            started=started,
            draft=self.rules.mode is DraftMode.DRAFT,
            extra=(("measured", "true"), ("automatic", drafts.NONE_YET)),
        )
        path = f"{incidents.FOLDER}/{authoring.slug(title, started, self.taken)}.md"
        return {path: drafts.stamped(authoring.opened(opening, path))}

    def _addition(self, file: File, new: Sequence[Present]) -> Addition | None:
        """Return what is to be added to a file of ours, None for nothing."""
        known = self._known(file)
        if authoring.minute(self.now) < authoring.minute(file.incident.updates[-1].at):
            return None  # this clock is behind the one that wrote it
        if not known:
            return self._said(file, Phase.RESOLVED, self.voice.unwatched(), ())
        if new:
            text = self.voice.joined(_names(new), _is_whole(new))
            return self._said(file, Phase.INVESTIGATING, text, (*known, *new))
        if down := [each for each in known if each.down is not None]:
            return self._failing(file, known, down)
        if any(each.state not in _UP for each in known):
            return None  # nobody knows how it is, or it is being worked on
        return self._calm(file, known)

    def _failing(self, file: File, known: Sequence[Present], down: Sequence[Present]) -> Addition | None:
        """Say that it fails again: once, as it is said once that it works; the rest is told when it is over."""
        if file.last is not Phase.MONITORING:
            return None
        since = min(each.down for each in down if each.down is not None)
        text = self.voice.again(_names(down), _is_whole(down), since, self.rules.settle)
        return self._said(file, Phase.INVESTIGATING, text, known)

    def _calm(self, file: File, known: Sequence[Present]) -> Addition | None:
        began = [span for span in union(each.outages for each in known).spans if span[1] > file.incident.started]
        since = max((end for _, end in began), default=file.incident.started)
        well = max(self.now if each.well is None else each.well for each in known)
        if all(each.well is not None for each in known) and self.now - max(well, since) >= self.rules.settle:
            seconds = sum(end - start for start, end in began)
            text = self.voice.resolved(since, len(began), seconds) if began else self.voice.corrected()
            return self._said(file, Phase.RESOLVED, text, ())
        if began and all(update.phase is Phase.INVESTIGATING for update in file.incident.updates):
            return self._said(file, Phase.MONITORING, self.voice.monitoring(since), known)
        return None

    def _said(self, file: File, phase: Phase, text: str, present: Iterable[Present]) -> Addition:
        """Return an update with the states that are others than were told last."""
        told = dict(file.incident.components)
        for update in file.incident.updates:
            told |= dict(update.components)
        measured = ((each.id, each.state) for each in present if each.state in (*_DOWN, *_UP))
        changes = tuple((id_, state) for id_, state in measured if told.get(id_) is not state)
        return Addition(at=self.now, phase=phase, text=text, components=changes)


def _names(components: Iterable[Present]) -> list[str]:
    return [each.name for each in components]


def _is_whole(components: Iterable[Present]) -> bool:
    return any(each.state is State.MAJOR for each in components)
