"""What people wrote for a site: read from its folder, or from a copy of it as of an earlier commit."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from statusgen import branches, config, corrections, documents, files, git, incidents, openslo, past
from statusgen.archive import repository_of
from statusgen.branches import Tip
from statusgen.errors import Problem, SourceError, WorldError, printable
from statusgen.model import Correction, Document, Site
from statusgen.secret import NO_SECRETS, REMEDY, Gate

SHIPPED_THEMES = ("default", "dense")
INPUTS = (config.PATH, incidents.FOLDER, corrections.FOLDER, documents.FOLDER, openslo.FOLDER, "themes", branches.DATA)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """How a site is to be built: at which address, and whether drafts are shown."""

    base_url: str = ""
    drafts: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What people wrote, and where it was read: what lies in ``folder``, as of ``commit``, empty where there is none.

    ``home`` is the site's own folder, whose repository holds the ledger; ``tips`` are its branches' if not the present
    ones. ``uncommitted`` are the paths in which the folder differs from the commit.
    """

    site: Site
    texts: Mapping[str, str]
    corrections: tuple[Correction, ...]
    documents: tuple[Document, ...]
    images: Mapping[str, bytes]
    theme: Mapping[str, bytes]
    problems: tuple[Problem, ...]
    home: Path
    folder: Path
    commit: str
    uncommitted: tuple[str, ...]
    tips: tuple[Tip, ...] | None


def read(
    folder: Path,
    *,
    home: Path | None = None,
    commit: str | None = None,
    tips: tuple[Tip, ...] | None = None,
    gate: Gate = NO_SECRETS,
) -> Sources:
    """Read a site's files. Raise SourceError when ``components.yaml`` or the theme cannot be used, or for a secret.

    Files of an earlier ``commit``, put into a ``folder``, are those of the site in ``home``, its ledger as of ``tips``.
    """
    site = config.read(files.read_text(folder, config.PATH))
    prose = files.read_prose(folder, incidents.FOLDER)
    pages = files.read_prose(folder, documents.FOLDER)
    declared, corrected = files.read_yaml(folder, openslo.FOLDER), files.read_yaml(folder, corrections.FOLDER)
    for texts in (prose.texts, pages.texts, declared.texts, corrected.texts):
        _refuse_secrets(texts, gate)
    objectives = openslo.read_all(declared.texts, site)
    known = [component.id for component in site.components]
    right = corrections.read_all(corrected.texts, known)
    further = documents.read_all(pages.texts, site.languages)
    refused = (each.problems for each in (prose, pages, declared, corrected, objectives, right, further))
    return Sources(
        site=replace(site, objectives=(*site.objectives, *objectives.objectives)),
        texts=prose.texts,
        corrections=right.corrections,
        documents=further.documents,
        images=prose.images | pages.images,
        theme=_theme(folder, site),
        problems=tuple(problem for problems in refused for problem in problems),
        home=home or folder,
        folder=folder,
        commit=_commit(folder) if commit is None else commit,
        uncommitted=_uncommitted(folder, site) if commit is None else (),
        tips=tips,
    )


def _refuse_secrets(texts: Mapping[str, str], gate: Gate) -> None:
    """Raise SourceError, which names the line, for a text that holds a secret: it is on its way to page and mails.

    Not for ``components.yaml``, most of which goes nowhere: what of it would be published is refused then.
    """
    for path, text in texts.items():
        if name := gate.found(text.encode("utf-8", "surrogatepass")):
            lines = enumerate(text.encode("utf-8", "surrogatepass").split(b"\n"), 1)
            line = next((number for number, content in lines if gate.found(content)), 1)
            message = f"holds the secret '{name}', and nothing was written: {REMEDY}"
            raise SourceError([Problem(path=path, line=line, message=message)])


@contextlib.contextmanager
def as_of(
    folder: Path, commit: str, tips: Callable[[str], Iterable[Tip]], gate: Gate = NO_SECRETS
) -> Iterator[Sources]:
    """Give what the site's files were in a commit; ``tips`` tells of a branch prefix what the ledger was then.

    What is read of them later, as the ledger of a site that keeps it there, lasts as long as the block.
    """
    with past.checked_out(repository_of(folder), commit, INPUTS) as then:
        prefix = config.read(files.read_text(then, config.PATH)).branch
        yield read(then, home=folder, commit=commit, tips=tuple(tips(prefix)) if prefix else (), gate=gate)


def _theme(folder: Path, site: Site) -> dict[str, bytes]:
    """Return the theme's files by name: its own over the default's, of each the site's over those shipped."""
    own = f"themes/{site.theme}"
    if site.theme not in SHIPPED_THEMES and not (folder / own).is_dir():
        shipped = ", ".join(SHIPPED_THEMES)
        message = f"theme '{site.theme}' has no folder: create {own}/, or take one of those shipped: {shipped}"
        raise SourceError([Problem(path=config.PATH, message=message)])
    found: dict[str, bytes] = {}
    for name in dict.fromkeys(("default", site.theme)):
        if name in SHIPPED_THEMES:
            found |= files.read_tree(files.shipped(f"themes/{name}"), "")
        found |= files.read_tree(folder, f"themes/{name}")
    return found


def _commit(folder: Path) -> str:
    """Return the commit that is checked out, empty where there is none, or no git to ask: the page does without."""
    try:
        repository = git.open_repository(folder)
    except WorldError:
        return ""
    return git.head(repository) if repository else ""


def _uncommitted(folder: Path, site: Site) -> tuple[str, ...]:
    """Return the paths of what the site is made of that differ from the commit."""
    try:
        repository = git.open_repository(folder)
        names = [name for name in INPUTS if not (site.branch and name == branches.DATA)]
        found = git.uncommitted(repository, names) if repository and git.head(repository) else ()
        return tuple(map(printable, found))
    except WorldError:
        return ()


def cache_folder(folder: Path) -> Path | None:
    """Return where to remember what was worked out: with the repository, so nowhere without one."""
    try:
        repository = git.open_repository(folder)
    except WorldError:
        return None
    return git.private_folder(repository) / "cache" if repository else None
