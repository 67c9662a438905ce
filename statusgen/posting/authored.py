"""The files that people write incidents in: as texts, from the working tree or from a commit, and what is made of them.

What cannot be read is passed over, because one bad file must not keep anybody from posting about something else; it
is refused when it would be written to.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from statusgen import files, git, incidents
from statusgen.errors import Problem, SourceError
from statusgen.git import Repository

FOLDER = incidents.FOLDER

Texts = Mapping[str, str]  # the site's files below incidents/, by path from the site's folder
Change = Callable[[Texts], Mapping[str, str]]  # whole texts of new and changed files; pure; may raise StatusgenError


def in_folder(folder: Path) -> dict[str, str]:
    """Return the texts of the working tree."""
    texts = {}
    for name in filter(_is_ours, files.names(folder, FOLDER)):
        with contextlib.suppress(SourceError):
            texts[name] = files.read_text(folder, name)
    return texts


def in_commit(repository: Repository, place: str, commit: str) -> dict[str, str]:
    """Return the texts of a commit; ``place`` is the site's folder from the top, with a slash at its end."""
    chosen = _blobs(repository, place, commit)
    texts = git.read_blobs(repository, {path: chosen[path] for path in sorted(chosen) if _is_ours(path)})
    return {path: text for path, text in texts.items() if _is_text(text)}


def unlike(repository: Repository, place: str, commit: str, main: str, begin: str) -> dict[str, str]:
    """Return the texts of a commit that main lacks, or has otherwise, and had not since ``begin``, empty for unknown.

    What main had in between, as by merging it into one commit, and took away or changed, is old on a branch.
    """
    here, there = _blobs(repository, place, commit), _blobs(repository, place, main)
    chosen = {path: blob for path, blob in here.items() if there.get(path) != blob and _is_ours(path)}
    if begin and chosen:
        known = _blobs(repository, place, begin).items() | _had(repository, place, begin, main)
        chosen = {path: blob for path, blob in chosen.items() if (path, blob) not in known}
    texts = git.read_blobs(repository, {path: chosen[path] for path in sorted(chosen)})
    return {path: text for path, text in texts.items() if _is_text(text)}


def _had(repository: Repository, place: str, begin: str, main: str) -> set[tuple[str, str]]:
    """Return the files, as path and id, that commits made since another one."""
    how = ("log", "--format=", "--raw", "--no-abbrev", "--no-renames", "-z", f"{begin}..{main}", "--")
    listed = repository.run(*how, f":(top,literal){place}{FOLDER}").decode("utf-8", "surrogateescape")
    entries = [entry for entry in listed.split("\0") if entry]  # in turn modes and ids, and a path
    return {(path.removeprefix(place), meta.split()[3]) for meta, path in zip(entries[::2], entries[1::2], strict=True)}


def changed_in_folder(folder: Path, change: Change) -> tuple[dict[str, str], dict[str, str]]:
    """Return the texts of the working tree, and of the files that a change makes or alters; write nothing."""
    texts = in_folder(folder)
    there = {*files.names(folder, FOLDER)}
    return texts, _altered(change, texts, there)


def changed_in_commit(repository: Repository, place: str, commit: str, change: Change) -> dict[str, str]:
    """Return the texts of the files that a change makes or alters, compared with a commit."""
    links = git.blobs(repository, commit, f"{place}{FOLDER}", mode=git.LINK)
    if f"{place}{FOLDER}" in links:
        raise _refused(FOLDER, "is a symbolic link: put the folder itself there")
    there = {*_blobs(repository, place, commit), *(path.removeprefix(place) for path in links)}
    return _altered(change, in_commit(repository, place, commit), there)


def _blobs(repository: Repository, place: str, commit: str) -> dict[str, str]:
    """Return the ids of a commit's files below incidents/, by path from the site's folder."""
    found = git.blobs(repository, commit, f"{place}{FOLDER}/")
    return {path.removeprefix(place): blob for path, blob in found.items()}


def _is_ours(path: str) -> bool:
    return path.count("/") == 1 and path.endswith(".md") and path != f"{FOLDER}/README.md"


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _altered(change: Change, texts: dict[str, str], there: Iterable[str]) -> dict[str, str]:
    """Return what a change makes of texts, without what is so already; refuse what may not be written."""
    wanted = {path: text for path, text in sorted(change(texts).items()) if texts.get(path) != text}
    taken = {path.casefold(): path for path in there}
    for path, text in wanted.items():
        name = path.removeprefix(f"{FOLDER}/")
        if not (_is_ours(path) and path.isprintable()) or name.startswith(".") or "\\" in name:
            raise _refused(path, f"is no place for an incident: it belongs into {FOLDER}/, as a name that ends in .md")
        if path not in texts and (other := taken.get(path.casefold())):
            raise _refused(other, "is there already: choose another name, or mend it if it is no text")
        if not _is_text(text):
            raise _refused(path, "would hold characters that UTF-8 cannot: leave them out")
        if len(text.encode()) > files.MAX_TEXT:
            raise _refused(path, f"would be larger than {files.MAX_TEXT // 1024} KB: begin another file")
    return wanted


def _refused(path: str, message: str) -> SourceError:
    return SourceError([Problem(path=path, message=message)])
