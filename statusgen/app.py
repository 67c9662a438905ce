"""The pipeline read → model → compute → render → write.

Each function is what one command does, with the clock and every choice as an argument. Printing is left to
``cli``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from statusgen import (
    building,
    cache,
    files,
    lint,
    names,
    sources,
)
from statusgen.building import Built
from statusgen.errors import Problem, SourceError, StatusgenError, UsageError, did_you_mean
from statusgen.sources import Wishes


def build(folder: Path, out: Path, now: int, *, base_url: str = "", fetch: bool = False, drafts: bool = False) -> Built:
    """Write the site. What is wrong with one file leaves that file out; the rest is published."""
    return building.build(folder, out, now, Wishes(base_url=base_url, drafts=drafts), fetch=fetch)


def build_as_of(folder: Path, out: Path, at: int, *, base_url: str = "", drafts: bool = False) -> Built:
    """Write the site as it was at an instant."""
    return building.build_as_of(folder, out, at, Wishes(base_url=base_url, drafts=drafts))


def report(folder: Path, now: int, period: str, chosen: Collection[str], form: str) -> tuple[str, tuple[Problem, ...]]:
    """Return a report as text in one of ``FORMATS``, and the problems of the files that are not part of it."""
    from statusgen import making, reports
    from statusgen.render.report import FORMATS

    read = sources.read(folder)
    known = [component.id for component in read.site.components]
    for id_ in chosen:
        if id_ not in known:
            raise StatusgenError(f"there is no component '{id_}'{did_you_mean(id_, known)}: correct the name")
    taken, problems = making.take(read, now, cache.Cache(sources.cache_folder(folder)), Wishes())
    try:
        return FORMATS[form](reports.report(taken.snapshot, period or reports.latest(now), chosen)), problems
    except ValueError as error:
        raise UsageError(f"--period {error}") from None


def check(folder: Path, now: int, environment: Mapping[str, str], *, require_secrets: bool) -> tuple[Problem, ...]:
    """Return everything that is wrong with what a pull request can change; the site is rendered and thrown away."""
    try:
        from statusgen import making
        from statusgen.render import catalogs

        read, taken, problems = making.examine(folder, now)
    except SourceError as error:
        return error.problems
    more = [
        *catalogs.complaints(
            _said(read.theme), f"themes/{read.site.theme}", (read.site.language, *read.site.languages)
        ),
        *lint.unset_secrets(read.site, environment, require_secrets),
        *lint.address(read.site, taken.snapshot.authority),
        *lint.contacts(read.site, now),
        *lint.postmortems(taken.events),
        *lint.doubts(taken.events, now),
        *lint.late_notices(taken.events, taken.seen),
        *lint.promises(read.site.support, taken.events, read.corrections, now),
    ]
    return tuple(sorted([*problems, *more], key=lambda problem: (problem.path, problem.line)))


def translate(folder: Path, code: str) -> Path:
    """Write a language's catalog with every text of the site's theme in it; return where it is."""
    from statusgen.render import catalogs
    from statusgen.render.language import FOLDER

    try:
        code = names.language_tag(code)
    except ValueError as error:
        raise UsageError(str(error)) from None
    read = sources.read(folder)
    place = folder / "themes" / read.site.theme / f"{FOLDER}{code}.po"
    files.write(place, catalogs.updated(_said(read.theme), code))
    return place


def _said(theme: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return all files that hold texts of pages: the theme's, and the program's own."""
    from statusgen.render.catalogs import SAYING

    return {**theme, **files.read_tree(files.shipped("render"), "", SAYING.__contains__)}
