"""From a repository to its site: read, compute, render, write, each no more than has changed.

What was worked out is remembered in ``cache``. A build whose inputs are all those of the one before, and whose folder
still holds what that one wrote, ends there, and loads nothing of what renders.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from statusgen import archive, branches, cache, past, public, sources, succession
from statusgen.archive import repository_of
from statusgen.claims import BUILD
from statusgen.digests import digest
from statusgen.errors import Level, Problem
from statusgen.incidents import Memory
from statusgen.render.output import Output
from statusgen.secret import NO_SECRETS, Gate
from statusgen.sources import Sources, Wishes
from statusgen.succession import Previous


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What a build wrote and what it left out; ``notes`` are about the site that it replaced."""

    written: public.Written
    problems: tuple[Problem, ...]
    notes: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """How many files were changed, removed, and left as they were."""
        written = self.written
        return {"changed": len(written.changed), "removed": len(written.removed), "unchanged": written.unchanged}


def build(
    folder: Path,
    out: Path,
    now: int,
    wishes: Wishes,
    *,
    fetch: bool = False,
    try_fetch: bool = False,
    previous: Previous | None = None,
    gate: Gate = NO_SECRETS,
) -> Built:
    """Write the site. What is wrong with one file leaves that file out; the rest is published.

    Raise WorldError, and leave what is in ``out``, where the ``previous`` site must not be replaced by this one; and
    where the ledger cannot be fetched, but for ``try_fetch`` of a remote that is away.
    """
    read, away = sources.read(folder, gate=gate), ""
    if try_fetch and read.site.branch:
        away = branches.fetch_if_reached(repository_of(folder), read.site.branch)
    elif fetch and read.site.branch:
        branches.fetch(repository_of(folder), read.site.branch)
    built = _write(read, out, now, wishes, gate, previous)
    return replace(built, notes=(away, *built.notes)) if away else built


def build_as_of(folder: Path, out: Path, at: int, wishes: Wishes, *, gate: Gate = NO_SECRETS) -> Built:
    """Write the site as it was at an instant: only what was committed, sampled and said by then."""
    repository = repository_of(folder)
    commit = past.head_at(repository, at)
    with sources.as_of(folder, commit, lambda prefix: past.tips_at(repository, prefix, at), gate) as then:
        return _write(then, out, at, wishes, gate)


def _write(read: Sources, out: Path, now: int, wishes: Wishes, gate: Gate, previous: Previous | None = None) -> Built:
    place = sources.cache_folder(read.home)
    last = cache.Cache(place, "last")
    inputs = digest(now, wishes, replace(read, home=Path(), folder=Path()), _ledger(read))
    if previous is None and (before := _built_before(out, read.home, last.get(inputs), gate)) is not None:
        return before
    memory = cache.Cache(place)
    from statusgen import making  # 60 ms that a build without changes does without

    made, problems = making.render(read, now, memory, wishes)
    notes: list[str] = []

    def admit() -> None:
        if previous:
            said = made[BUILD]
            content = said if isinstance(said, bytes) else said.make()
            notes.extend(succession.admitted(previous, content, read.home, read.site.branch))

    wanted = {path: _later(file, memory) for path, file in made.items()}
    written = public.write_site(out, read.home, wanted, admit, gate)
    for path, file in made.items():
        if isinstance(file, Output) and file.key:
            memory[f"file {file.key}"] = written.hashes[path]
    memory.save()
    last[inputs] = [written.manifest, [[p.path, p.line, p.message, p.level] for p in problems]]
    last.save()
    return Built(written=written, problems=problems, notes=tuple(notes))


def _ledger(read: Sources) -> object:
    """Return what stands for the whole ledger that is read."""
    return read.tips if read.tips is not None else archive.state(read.folder, read.site)


def _built_before(out: Path, folder: Path, remembered: list[object] | None, gate: Gate) -> Built | None:
    """Return an earlier build of the same inputs, if the folder still holds all of it."""
    if remembered is None:
        return None
    manifest, problems = remembered
    assert isinstance(manifest, str)
    assert isinstance(problems, list)
    if (written := public.written_before(out, folder, manifest, gate)) is None:
        return None
    told = (Problem(path=path, line=line, message=text, level=Level(level)) for path, line, text, level in problems)
    return Built(written=written, problems=tuple(told))


def _later(file: bytes | Output, memory: Memory) -> bytes | public.Later:
    if isinstance(file, bytes):
        return file
    return public.Later(memory.get(f"file {file.key}", "") if file.key else "", file.make)
