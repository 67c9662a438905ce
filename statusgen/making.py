"""From what was read to the snapshot and the files of the site, each no more than has changed."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from statusgen import (
    __version__,
    archive,
    cache,
    chronicle,
    config,
    files,
    frontmatter,
    incidents,
    occurrences,
    snapshot,
    workers,
)
from statusgen.errors import Level, Problem, UsageError
from statusgen.incidents import Memory
from statusgen.model import Document, Event, Incident, Site
from statusgen.render import site as whole
from statusgen.render.api_samples import SampleDay
from statusgen.render.api_v1 import Beside
from statusgen.render.output import Output
from statusgen.render.placing import Rendered
from statusgen.secret import NO_SECRETS, Gate
from statusgen.sources import Sources, Wishes, cache_folder, read
from statusgen.views import Provenance, Snapshot


@dataclass(frozen=True, slots=True)
class Taken:
    """The snapshot, every text of it rendered, and the events as they were written."""

    snapshot: Snapshot
    rendered: Mapping[str, Rendered]
    events: tuple[Event, ...]
    raw: tuple[archive.RawDay, ...] = ()

    @property
    def seen(self) -> dict[str, int]:
        """When probes first saw what an incident is about, by its slug."""
        told = ((event.slug, event.response) for event in self.snapshot.events)
        return {slug: response.seen for slug, response in told if response and response.seen is not None}


def files_of(taken: Taken, sources: Sources, memory: Memory) -> dict[str, bytes | Output]:
    """Return the site's files, made or to be made."""
    return whole.render(taken.snapshot, sources.theme, taken.rendered, sources.images, memory, _beside(taken.raw))


def _beside(raw: Iterable[archive.RawDay]) -> Beside:
    """Return what is published beside the snapshot."""
    days = (SampleDay(location=r.location, start=r.start, rounds=r.rounds, file=Output(r.key, r.read)) for r in raw)
    return Beside(openapi=files.read_text(files.shipped(""), "openapi.json"), samples=tuple(days))


def render(
    sources: Sources, now: int, memory: Memory, wishes: Wishes
) -> tuple[dict[str, bytes | Output], tuple[Problem, ...]]:
    """Return the site's files at ``now``, and every problem met on the way."""
    taken, problems = take(sources, now, memory, wishes)
    return files_of(taken, sources, memory), problems


def take(
    sources: Sources, now: int, memory: Memory, wishes: Wishes, *, thorough: bool = False
) -> tuple[Taken, tuple[Problem, ...]]:
    """Return the snapshot at ``now``, and every problem met on the way; a thorough look finds more of them."""
    reading = _events(sources, memory)
    events = reading.events if wishes.drafts else tuple(_published(reading.events))
    site = sources.site
    if wishes.base_url:
        site = _moved(site, wishes.base_url, chronicle.authority(site))
    place = sources.home if site.branch else sources.folder
    measured = archive.read(place, site, now, thorough=thorough, at=sources.tips)
    rendered, failed = _rendered(events, sources, memory, now)
    problems = [*sources.problems, *reading.problems, *measured.problems, *_too_slow(events, sources.documents, failed)]
    provenance = Provenance(
        version=__version__,
        commit=sources.commit,
        branches=measured.tips,
        samples=measured.samples,
        left_out=tuple(_left_out(problems, {} if wishes.drafts else sources.texts, events)),
        uncommitted=sources.uncommitted,
        drafts=wishes.drafts,
    )
    usable = [rest for event in events if (rest := without(event, failed))] if failed else events
    made = snapshot.take(
        site,
        usable,
        measured.seen,
        now,
        provenance,
        partial(workers.spread, seconds=0.01),
        corrections=sources.corrections,
        documents=[document for document in sources.documents if document.text not in failed],
    )
    return Taken(made, rendered, events, measured.raw), tuple(problems)


def _published(events: Iterable[Event]) -> Iterator[Event]:
    """Yield the events that are no drafts, each without a post-mortem that is one."""
    for event in events:
        if not event.draft:
            yield replace(event, postmortem=None) if event.postmortem and event.postmortem.draft else event


def _left_out(problems: Iterable[Problem], texts: Mapping[str, str], shown: Iterable[Event]) -> Iterator[Problem]:
    """Yield what is to be said in public of files with errors: nothing of drafts, which some of ``texts`` may be."""
    errors = {problem for problem in problems if problem.level is Level.ERROR}
    doubtful = {problem.path for problem in errors} & texts.keys() - {event.path for event in shown}
    kept_back = {path for path in doubtful if frontmatter.is_kept_back(texts[path])}
    for problem in sorted(errors, key=lambda error: (error.path, error.line, error.message)):
        if problem.path not in kept_back:
            yield problem


def _moved(site: Site, base_url: str, authority: str) -> Site:
    """Return the site at another address, its feeds' ids unmoved."""
    try:
        return replace(site, url=config.site_url(base_url), authority=authority)
    except ValueError as error:
        raise UsageError(f"--base-url {error}") from None


# Prose


def _rendered(
    events: tuple[Event, ...], sources: Sources, memory: Memory, now: int
) -> tuple[dict[str, Rendered], dict[str, str]]:
    """Return every text of events and pages, rendered, and what is wrong with those that cannot be."""
    links = _links(events, sources.documents, sources.images, now)
    texts = list(dict.fromkeys((*(t for e in events for t in _texts(e)), *(d.text for d in sources.documents))))
    keys = {text: f"prose {hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}" for text in texts}
    known: dict[str, Rendered] = {}
    for text, key in keys.items():
        remembered = Rendered(*memory.get(key, ("", {"": ""})))
        if all(links.get(name) == place for name, place in remembered.asked.items()):
            known[text] = remembered
    if len(known) == len(texts):
        return known, {}
    from statusgen.render import prose  # 40 ms that a build without new texts does without

    def attempt(text: str) -> Rendered | str:
        try:
            return prose.render(text, links)
        except prose.ProseError as error:
            return str(error)

    unknown = [text for text in texts if text not in known]
    results = dict(zip(unknown, workers.spread(attempt, unknown, seconds=0.0002), strict=True))
    failed = {text: result for text, result in results.items() if isinstance(result, str)}
    found = {text: result for text, result in results.items() if not isinstance(result, str)}
    memory.update({keys[text]: result for text, result in found.items()})
    return known | found, failed


def _too_slow(events: Iterable[Event], pages: Iterable[Document], failed: Mapping[str, str]) -> Iterator[Problem]:
    told = [(page.path, 1, page.text) for page in pages]
    for event in events:
        told += [(event.path, 1, event.introduction), *((event.path, each.line, each.text) for each in event.updates)]
        told += [(found.path, found.line, found.text)] if (found := event.postmortem) else []
    for path, line, text in told:
        if text in failed:
            yield Problem(path=path, line=line, message=failed[text])


def without(event: Event, failed: Collection[str]) -> Event | None:
    """Return an event without the texts that could not be rendered, by the same rule as ``incidents`` reads one."""
    if event.postmortem and event.postmortem.text in failed:
        event = replace(event, postmortem=None)
    if isinstance(event, Incident):
        event = replace(event, updates=tuple(update for update in event.updates if update.text not in failed))
    is_told = bool(event.updates) or not isinstance(event, Incident)
    return event if is_told and not any(text in failed for text in _texts(event)) else None


def _links(events: Iterable[Event], pages: Iterable[Document], images: Iterable[str], now: int) -> dict[str, str]:
    """Return what Markdown may point at, as seen from its folder, with its place on the site.

    Names in one folder and those in the other hardly ever meet, as incidents' begin with dates; if so, incidents win.
    Maintenance that repeats is found where its present or next occurrence is.
    """
    found: dict[str, str] = {}
    for page in pages:
        found |= dict.fromkeys((f"{page.slug}.md", f"../{page.path}"), f"{page.slug}/")
    for name in images:
        found |= dict.fromkeys((name.partition("/")[2], f"../{name}"), name)
    for event in events:
        if shown := occurrences.foremost(event, now):
            found |= dict.fromkeys((f"{event.slug}.md", f"../{event.path}"), f"{incidents.FOLDER}/{shown.slug}/")
    return found


def _texts(event: Event) -> list[str]:
    postmortem = [event.postmortem.text] if event.postmortem else []
    return [event.introduction, *(update.text for update in event.updates), *postmortem]


def _events(sources: Sources, memory: Memory) -> incidents.Reading:
    known = [component.id for component in sources.site.components]
    return incidents.read_all(sources.texts, known, memory, partial(workers.spread, seconds=0.0004))


def examine(folder: Path, now: int, gate: Gate = NO_SECRETS) -> tuple[Sources, Taken, tuple[Problem, ...]]:
    """Render everything, drafts included, and write nothing; return what was read and made, and every problem met."""
    memory = cache.Cache(cache_folder(folder))
    sources = read(folder, gate=gate)
    taken, problems = take(sources, now, memory, Wishes(drafts=True), thorough=True)
    for file in files_of(taken, sources, memory).values():
        if isinstance(file, Output) and f"file {file.key}" not in memory:
            file.make()
    return sources, taken, problems
