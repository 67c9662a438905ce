"""The pipelines: read → model → compute → render → write, and probe → ledger.

Each function is what one command does, with the clock and every choice as an argument. Printing is left to
``cli``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from statusgen import (
    __version__,
    archive,
    branches,
    cache,
    chronicle,
    config,
    files,
    git,
    incidents,
    lint,
    snapshot,
    workers,
)
from statusgen.archive import Measurements, repository_of
from statusgen.branches import Destination
from statusgen.errors import Level, Problem, SourceError, StatusgenError, UsageError, WorldError
from statusgen.incidents import Memory
from statusgen.model import Event, Round, Site
from statusgen.render.output import Output
from statusgen.render.placing import Rendered
from statusgen.views import Provenance


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What people wrote, as far as it can be used, and what is wrong with the rest."""

    site: Site
    events: tuple[Event, ...]
    images: Mapping[str, bytes]
    theme: Mapping[str, bytes]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What a build wrote and what it left out."""

    written: files.Written
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """A round before it is recorded. ``crashed`` are checks whose probe itself failed: they have no sample."""

    site: Site
    round: Round
    crashed: tuple[str, ...]


def read_content(folder: Path, memory: Memory, *, drafts: bool) -> Content:
    """Read a site's working tree. Raise SourceError when ``components.yaml`` or the theme cannot be used."""
    site = config.read(files.read_text(folder, config.PATH))
    found = files.read_incidents(folder, incidents.FOLDER)
    reading = incidents.read_all(found.texts, [component.id for component in site.components], memory)
    return Content(
        site=site,
        events=tuple(event for event in reading.events if drafts or not event.draft),
        images=found.images,
        theme=_theme(folder, site),
        problems=(*found.problems, *reading.problems),
    )


def _theme(folder: Path, site: Site) -> dict[str, bytes]:
    """Return the theme's files by name: the site's own over the default's."""
    own = f"themes/{site.theme}"
    if site.theme != "default" and not (folder / own).is_dir():
        message = f"theme '{site.theme}' has no folder: create {own}/ or remove the key 'theme'"
        raise SourceError([Problem(path=config.PATH, message=message)])
    return files.read_tree(files.shipped("themes/default"), "") | files.read_tree(folder, own)


def render(
    folder: Path, content: Content, now: int, memory: Memory, *, thorough: bool = False
) -> tuple[dict[str, bytes | Output], tuple[Problem, ...]]:
    """Return the site's files at ``now``, and every problem met on the way; a thorough look finds more of them."""
    from statusgen.render import site as whole

    measured = archive.read(folder, content.site, now, thorough=thorough)
    rendered, failed = _rendered(content, memory)
    problems = [*content.problems, *measured.problems]
    events: list[Event] = []
    for event in content.events:
        faults = {failed[text] for text in _texts(event) if text in failed}
        problems += [Problem(path=event.path, line=1, message=fault) for fault in sorted(faults)]
        events += [] if faults else [event]
    made = snapshot.take(content.site, events, measured.seen, now, _provenance(folder, measured, problems))
    return whole.render(made, content.theme, rendered, content.images, memory), tuple(problems)


def _rendered(content: Content, memory: Memory) -> tuple[dict[str, Rendered], dict[str, str]]:
    """Return every text of the events, rendered, and what is wrong with those that cannot be."""
    links = _links(content)
    texts = list(dict.fromkeys(text for event in content.events for text in _texts(event)))
    keys = {text: f"prose {hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}" for text in texts}
    known: dict[str, Rendered] = {}
    for text, key in keys.items():
        remembered = Rendered(*memory.get(key, ("", {"": ""})))
        if all(links.get(name) == place for name, place in remembered.asked.items()):
            known[text] = remembered
    if len(known) == len(texts):
        return known, {}
    from statusgen.render import prose

    def attempt(text: str) -> Rendered | str:
        try:
            return prose.render(text, links)
        except prose.ProseError as error:
            return str(error)

    unknown = [text for text in texts if text not in known]
    results = dict(zip(unknown, workers.spread(attempt, unknown), strict=True))
    failed = {text: result for text, result in results.items() if isinstance(result, str)}
    found = {text: result for text, result in results.items() if not isinstance(result, str)}
    memory.update({keys[text]: result for text, result in found.items()})
    return known | found, failed


def _links(content: Content) -> dict[str, str]:
    """Return what Markdown in ``incidents/`` may point at, by name, with its place on the site."""
    pages = {f"{event.slug}.md": f"{incidents.FOLDER}/{event.slug}/" for event in content.events}
    return pages | {name.removeprefix(f"{incidents.FOLDER}/"): name for name in content.images}


def _texts(event: Event) -> list[str]:
    postmortem = [event.postmortem.text] if event.postmortem else []
    return [event.introduction, *(update.text for update in event.updates), *postmortem]


def _provenance(folder: Path, measured: Measurements, problems: Iterable[Problem]) -> Provenance:
    bad = sorted({problem.path for problem in problems if problem.level is Level.ERROR})
    return Provenance(
        version=__version__,
        commit=_commit(folder),
        branches=measured.tips,
        left_out=tuple(bad),
    )


def _commit(folder: Path) -> str:
    """Return the commit that is checked out, empty where there is none, or no git to ask: the page does without."""
    try:
        repository = git.open_repository(folder)
    except WorldError:
        return ""
    return git.head(repository) if repository else ""


def build(folder: Path, out: Path, now: int, *, base_url: str = "", fetch: bool = False, drafts: bool = False) -> Built:
    """Write the site. What is wrong with one file leaves that file out; the rest is published."""
    memory = cache.Cache(_cache_folder(folder))
    content = read_content(folder, memory, drafts=drafts)
    if base_url:
        content = replace(
            content, site=_moved(content.site, base_url, chronicle.authority(content.site, content.events, now))
        )
    if fetch and content.site.branch:
        branches.fetch(repository_of(folder), content.site.branch)
    made, problems = render(folder, content, now, memory)
    written = files.write_site(out, folder, {path: _later(file, memory) for path, file in made.items()})
    for path, file in made.items():
        if isinstance(file, Output) and file.key:
            memory[f"file {file.key}"] = written.hashes[path]
    memory.save()
    return Built(written=written, problems=problems)


def _later(file: bytes | Output, memory: Memory) -> bytes | files.Later:
    if isinstance(file, bytes):
        return file
    return files.Later(memory.get(f"file {file.key}", "") if file.key else "", file.make)


def _cache_folder(folder: Path) -> Path | None:
    """Return where to remember what was worked out: with the repository, so nowhere without one."""
    try:
        repository = git.open_repository(folder)
    except WorldError:
        return None
    return git.private_folder(repository) / "cache" if repository else None


def _moved(site: Site, base_url: str, authority: str) -> Site:
    """Return the site at another address, its feeds' ids unmoved."""
    try:
        return replace(site, url=config.site_url(base_url), authority=authority)
    except ValueError as error:
        raise UsageError(f"--base-url {error}") from None


def check(folder: Path, now: int, environment: Mapping[str, str], *, require_secrets: bool) -> tuple[Problem, ...]:
    """Return everything that is wrong with what a pull request can change; the site is rendered and thrown away."""
    try:
        memory = cache.Cache(_cache_folder(folder))
        content = read_content(folder, memory, drafts=True)
        made, problems = render(folder, content, now, memory, thorough=True)
        for file in made.values():
            if isinstance(file, Output) and f"file {file.key}" not in memory:
                file.make()
    except SourceError as error:
        return error.problems
    more = [*lint.unset_secrets(content.site, environment, require_secrets), *lint.doubts(content.events, now)]
    return tuple(sorted([*problems, *more], key=lambda problem: (problem.path, problem.line)))


def probe(folder: Path, clock: Callable[[], int], environment: Mapping[str, str]) -> Probed:
    """Ask every check once; the round is dated when it began."""
    from statusgen import probes
    from statusgen.probes.kind import World

    site = _site(folder)
    if not site.checks:
        raise StatusgenError("components.yaml has no check: add 'check: https://…' to a component")
    _refuse_unset(site, environment)
    at = clock()
    samples = probes.ask_all(site.checks, at, site.probing, World(environment, folder))
    crashed = tuple(check.id for check in site.checks if check.id not in samples)
    return Probed(site=site, round=Round(at=at, answers=tuple(samples.items())), crashed=crashed)


def _refuse_unset(site: Site, environment: Mapping[str, str]) -> None:
    for name in config.secrets(site):
        if name not in environment:
            raise StatusgenError(f"environment variable '{name}' is not set, and a check in components.yaml needs it")
        if any(ord(character) < 32 for character in environment[name]):
            raise StatusgenError(f"environment variable '{name}' holds a line break or a control character: remove it")


def destination(folder: Path, location: str) -> Destination:
    """Return where rounds from a location go; refuse what cannot work."""
    try:
        config.slug(location)
    except ValueError as error:
        raise UsageError(f"--location {error}") from None
    site = _site(folder)
    if site.branch:
        repository_of(folder)
    return Destination(prefix=site.branch, location=location, site=site.id, keep=site.retention)


def record(folder: Path, probed: Probed, to: Destination, *, push: bool, jitter: Callable[[], float]) -> int:
    """Append a round to the ledger; return how many older rounds a push delivered with it."""
    return archive.record(folder, to, probed.round, push=push, jitter=jitter)


def compact(folder: Path, to: Destination, now: int, *, push: bool, jitter: Callable[[], float]) -> int:
    """Sum up closed days and drop day files beyond the retention; return how many day files that concerned."""
    return archive.compact(folder, to, now, push=push, jitter=jitter)


def _site(folder: Path) -> Site:
    return config.read(files.read_text(folder, config.PATH))
