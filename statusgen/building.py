"""From a repository to its site: read, compute, render, write, each no more than has changed.

What was worked out is remembered in ``cache``. A build whose inputs are all those of the one before, and whose folder
still holds what that one wrote, ends there, and loads nothing of what renders.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from statusgen import __version__, archive, branches, cache, config, files, git, incidents, public, workers
from statusgen.archive import repository_of
from statusgen.digests import digest
from statusgen.errors import Level, Problem, SourceError, UsageError, WorldError
from statusgen.incidents import Memory
from statusgen.model import Event, Site
from statusgen.render.output import Output
from statusgen.render.placing import Rendered


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What people wrote, as it lies there. ``commit`` is what is checked out, empty where there is none."""

    site: Site
    texts: Mapping[str, str]
    images: Mapping[str, bytes]
    theme: Mapping[str, bytes]
    problems: tuple[Problem, ...]
    commit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What a build wrote and what it left out."""

    written: public.Written
    problems: tuple[Problem, ...]


def build(folder: Path, out: Path, now: int, *, base_url: str = "", fetch: bool = False, drafts: bool = False) -> Built:
    """Write the site. What is wrong with one file leaves that file out; the rest is published."""
    place = _cache_folder(folder)
    last = cache.Cache(place, "last")
    sources = read(folder)
    if fetch and sources.site.branch:
        branches.fetch(repository_of(folder), sources.site.branch)
    inputs = digest(now, base_url, drafts, sources, archive.state(folder, sources.site))
    if (before := _built_before(out, folder, last.get(inputs))) is not None:
        return before
    memory = cache.Cache(place)
    made, problems = render(folder, sources, now, memory, base_url=base_url, drafts=drafts)
    written = public.write_site(out, folder, {path: _later(file, memory) for path, file in made.items()})
    for path, file in made.items():
        if isinstance(file, Output) and file.key:
            memory[f"file {file.key}"] = written.hashes[path]
    memory.save()
    last[inputs] = [written.manifest, [[p.path, p.line, p.message, p.level] for p in problems]]
    last.save()
    return Built(written=written, problems=problems)


def _built_before(out: Path, folder: Path, remembered: list[object] | None) -> Built | None:
    """Return an earlier build of the same inputs, if the folder still holds all of it."""
    if remembered is None:
        return None
    manifest, problems = remembered
    assert isinstance(manifest, str)
    assert isinstance(problems, list)
    if (written := public.written_before(out, folder, manifest)) is None:
        return None
    told = (Problem(path=path, line=line, message=text, level=Level(level)) for path, line, text, level in problems)
    return Built(written=written, problems=tuple(told))


def _later(file: bytes | Output, memory: Memory) -> bytes | public.Later:
    if isinstance(file, bytes):
        return file
    return public.Later(memory.get(f"file {file.key}", "") if file.key else "", file.make)


def _cache_folder(folder: Path) -> Path | None:
    """Return where to remember what was worked out: with the repository, so nowhere without one."""
    try:
        repository = git.open_repository(folder)
    except WorldError:
        return None
    return git.private_folder(repository) / "cache" if repository else None


def examine(folder: Path, now: int) -> tuple[Site, tuple[Event, ...], tuple[Problem, ...]]:
    """Render everything, drafts included, and write nothing; return site, events and every problem met."""
    memory = cache.Cache(_cache_folder(folder))
    sources = read(folder)
    made, problems = render(folder, sources, now, memory, drafts=True, thorough=True)
    for file in made.values():
        if isinstance(file, Output) and f"file {file.key}" not in memory:
            file.make()
    return sources.site, _events(sources, memory).events, problems


def read(folder: Path) -> Sources:
    """Read a site's working tree. Raise SourceError when ``components.yaml`` or the theme cannot be used."""
    site = config.read(files.read_text(folder, config.PATH))
    found = files.read_incidents(folder, incidents.FOLDER)
    return Sources(
        site=site,
        texts=found.texts,
        images=found.images,
        theme=_theme(folder, site),
        problems=found.problems,
        commit=_commit(folder),
    )


def _theme(folder: Path, site: Site) -> dict[str, bytes]:
    """Return the theme's files by name: the site's own over the default's."""
    own = f"themes/{site.theme}"
    if site.theme != "default" and not (folder / own).is_dir():
        message = f"theme '{site.theme}' has no folder: create {own}/ or remove the key 'theme'"
        raise SourceError([Problem(path=config.PATH, message=message)])
    return files.read_tree(files.shipped("themes/default"), "") | files.read_tree(folder, own)


def _commit(folder: Path) -> str:
    """Return the commit that is checked out, empty where there is none, or no git to ask: the page does without."""
    try:
        repository = git.open_repository(folder)
    except WorldError:
        return ""
    return git.head(repository) if repository else ""


def _events(sources: Sources, memory: Memory) -> incidents.Reading:
    known = [component.id for component in sources.site.components]
    return incidents.read_all(sources.texts, known, memory, partial(workers.spread, seconds=0.0004))


def render(
    folder: Path,
    sources: Sources,
    now: int,
    memory: Memory,
    *,
    base_url: str = "",
    drafts: bool = False,
    thorough: bool = False,
) -> tuple[dict[str, bytes | Output], tuple[Problem, ...]]:
    """Return the site's files at ``now``, and every problem met on the way; a thorough look finds more of them."""
    from statusgen import chronicle, snapshot  # 60 ms that a build without changes does without
    from statusgen.render import site as whole
    from statusgen.views import Provenance

    reading = _events(sources, memory)
    events = tuple(event for event in reading.events if drafts or not event.draft)
    site = sources.site
    if base_url:
        site = _moved(site, base_url, chronicle.authority(site, events, now))
    measured = archive.read(folder, site, now, thorough=thorough)
    rendered, failed = _rendered(events, sources.images, memory)
    problems = [*sources.problems, *reading.problems, *measured.problems, *_too_slow(events, failed)]
    provenance = Provenance(
        version=__version__,
        commit=sources.commit,
        branches=measured.tips,
        left_out=tuple(sorted({problem.path for problem in problems if problem.level is Level.ERROR})),
    )
    usable = [event for event in events if failed.keys().isdisjoint(_texts(event))]
    spread = partial(workers.spread, seconds=0.01)
    made = snapshot.take(site, usable, measured.seen, now, provenance, spread)
    return whole.render(made, sources.theme, rendered, sources.images, memory), tuple(problems)


def _moved(site: Site, base_url: str, authority: str) -> Site:
    """Return the site at another address, its feeds' ids unmoved."""
    try:
        return replace(site, url=config.site_url(base_url), authority=authority)
    except ValueError as error:
        raise UsageError(f"--base-url {error}") from None


# Prose


def _rendered(
    events: Iterable[Event], images: Iterable[str], memory: Memory
) -> tuple[dict[str, Rendered], dict[str, str]]:
    """Return every text of the events, rendered, and what is wrong with those that cannot be."""
    events = tuple(events)
    links = _links(events, images)
    texts = list(dict.fromkeys(text for event in events for text in _texts(event)))
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


def _too_slow(events: Iterable[Event], failed: Mapping[str, str]) -> Iterable[Problem]:
    for event in events:
        for fault in sorted({failed[text] for text in _texts(event) if text in failed}):
            yield Problem(path=event.path, line=1, message=fault)


def _links(events: Iterable[Event], images: Iterable[str]) -> dict[str, str]:
    """Return what Markdown in ``incidents/`` may point at, by name, with its place on the site."""
    pages = {f"{event.slug}.md": f"{incidents.FOLDER}/{event.slug}/" for event in events}
    return pages | {name.removeprefix(f"{incidents.FOLDER}/"): name for name in images}


def _texts(event: Event) -> list[str]:
    postmortem = [event.postmortem.text] if event.postmortem else []
    return [event.introduction, *(update.text for update in event.updates), *postmortem]
