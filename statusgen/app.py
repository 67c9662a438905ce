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
from statusgen.secret import NO_SECRETS, Gate
from statusgen.sources import Wishes
from statusgen.succession import Previous


def build(
    folder: Path,
    out: Path,
    now: int,
    *,
    base_url: str = "",
    fetch: bool = False,
    try_fetch: bool = False,
    drafts: bool = False,
    previous: str = "",
    replace: bool = False,
    gate: Gate = NO_SECRETS,
) -> Built:
    """Write the site. What is wrong with one file leaves that file out; the rest is published.

    What is at ``previous`` is replaced by no less, unless ``replace`` says so.
    """
    before = Previous(place=previous, anyway=replace) if previous else None
    wishes = Wishes(base_url=base_url, drafts=drafts)
    return building.build(folder, out, now, wishes, fetch=fetch, try_fetch=try_fetch, previous=before, gate=gate)


def build_as_of(
    folder: Path, out: Path, at: int, *, base_url: str = "", drafts: bool = False, gate: Gate = NO_SECRETS
) -> Built:
    """Write the site as it was at an instant."""
    return building.build_as_of(folder, out, at, Wishes(base_url=base_url, drafts=drafts), gate=gate)


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


def check(
    folder: Path, now: int, environment: Mapping[str, str], *, require_secrets: bool, gate: Gate = NO_SECRETS
) -> tuple[Problem, ...]:
    """Return everything that is wrong with what a pull request can change; the site is rendered and thrown away."""
    try:
        from statusgen import checking, making

        read, taken, problems = making.examine(folder, now, gate)
    except SourceError as error:
        return error.problems
    unset = lint.unset_secrets(read.site, environment, require_secrets, checking.places(read.folder))
    return checking.complaints(read, taken, taken.events, [*problems, *unset], now)


def translate(folder: Path, code: str) -> Path:
    """Write a language's catalog with every text of the site's theme in it; return where it is."""
    from statusgen import checking
    from statusgen.render import catalogs
    from statusgen.render.language import FOLDER

    try:
        code = names.language_tag(code)
    except ValueError as error:
        raise UsageError(str(error)) from None
    read = sources.read(folder)
    place = folder / "themes" / read.site.theme / f"{FOLDER}{code}.po"
    files.write(place, catalogs.updated(checking.said(read.theme), code))
    return place
