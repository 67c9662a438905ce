"""What is wrong with what a pull request can change: errors of reading, and all that is doubtful beyond them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from statusgen import config, documents, files, git, leaks, lint, paths
from statusgen.errors import Level, Problem, SourceError
from statusgen.making import Taken
from statusgen.model import Event
from statusgen.posting import messages
from statusgen.render import catalogs
from statusgen.sources import Sources


def complaints(
    read: Sources, taken: Taken, events: Iterable[Event], problems: Iterable[Problem], now: int
) -> tuple[Problem, ...]:
    """Return the problems met on the way and everything doubtful, by file and line. ``events`` include drafts."""
    events, where = tuple(events), places(read.folder)
    found = [
        *problems,
        *catalogs.complaints(said(read.theme), f"themes/{read.site.theme}", (read.site.language, *read.site.languages)),
        *lint.address(read.site, taken.snapshot.authority, where),
        *lint.contacts(read.site, now, where),
        *lint.postmortems(events),
        *lint.doubts(events, now),
        *lint.late_notices(events, taken.seen),
        *lint.promises(read.site.support, events, read.corrections, now),
        *lint.contradictions(taken.snapshot, events, where),
        *_leaks(read),
        *_published_as_they_are(read.folder),
        *_templates(read),
    ]
    return in_order(found)


def places(folder: Path) -> config.Places:
    """Return where things stand in a site's configuration."""
    return config.Places(_configuration(folder))


def in_order(found: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(found, key=lambda problem: (problem.path, problem.line)))


def said(theme: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return all files that hold texts of pages: the theme's, and the program's own."""
    return {**theme, **files.read_tree(files.shipped("render"), "", catalogs.SAYING.__contains__)}


def _leaks(read: Sources) -> Iterator[Problem]:
    """Yield what should not be public in texts as they were written, drafts included: the repository may be public."""
    public = leaks.addresses(_configuration(read.folder))
    pages = files.read_prose(read.folder, documents.FOLDER).texts
    for path, text in {**read.texts, **pages}.items():
        yield from leaks.found(path, text, public)


def _published_as_they_are(folder: Path) -> Iterator[Problem]:
    """Yield a warning of files that somebody committed where builds write: they would be published unseen."""
    repository = git.open_repository(folder)
    listed = repository.run("ls-files", "-z", "--", paths.PUBLIC).decode("utf-8", "replace") if repository else ""
    first, *others = listed.rstrip("\0").split("\0")
    if first:
        more = f", as are {len(others)} more files" if len(others) > 1 else ", as is another file" if others else ""
        message = f"is committed{more}: a host publishes it with the page, as it is; take it out by git rm"
        yield Problem(path=first, message=message, level=Level.WARNING)


def _templates(read: Sources) -> tuple[Problem, ...]:
    """Return what is wrong with the templates of messages."""
    folder = files.read_markdown(read.folder, messages.FOLDER)
    known = [component.id for component in read.site.components]
    return (*folder.problems, *messages.read_all(folder.texts, known).problems)


def _configuration(folder: Path) -> str:
    try:
        return files.read_text(folder, config.PATH)
    except SourceError:
        return ""
