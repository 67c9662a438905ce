"""git's history as it was written: commits along first parents, what each changed, and the texts before and after.

No setting of a person changes what is read, ``git replace`` is passed by, and history that a shallow clone cuts off is
refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby, repeat
from typing import IO, NamedTuple

from statusgen import git
from statusgen.errors import WorldError

_LAST_DATE = 4_102_444_800  # a commit may bear any date: what cannot be written down is of the year 2100
_AS_WRITTEN = ("core.useReplaceRefs", "false")
_LOG = (  # with every option that a person's own settings could turn round
    *("log", "-z", "--first-parent", "--reverse", "--raw", "--no-abbrev", "--root", "--format=%H %ct"),
    *("--diff-merges=first-parent", "--no-renames", "--no-relative", "-O/dev/null", "--no-show-signature"),
    *("--no-color", "--no-decorate", "--no-notes", "--no-follow", "--encoding=UTF-8"),
)


class Change(NamedTuple):
    """A file in a commit: git's ids of it before and after, empty where there is none."""

    path: str
    old: str
    new: str


class Commit(NamedTuple):
    id: str
    at: int
    changes: list[Change]


def as_written(repository: git.Repository) -> git.Repository:
    """Return the repository without replacements of objects that somebody put in place."""
    return replace(repository, settings=(*repository.settings, _AS_WRITTEN))


def refuse_cut_off(repository: git.Repository, name: str, tip: str) -> None:
    """Refuse a first commit that names a parent: it is only the first that a shallow clone has."""
    first = repository.line("rev-list", "--first-parent", "--max-parents=0", tip)
    if first and b"\nparent " in repository.run("cat-file", "commit", first).partition(b"\n\n")[0]:
        raise WorldError(
            f"{name} cannot be verified: what came before commit {first[:10]} is not in this clone, which is shallow: "
            "run 'git fetch --unshallow', then try again"
        )


def commits(repository: git.Repository, tip: str, folder: str, wanted: Callable[[str], bool]) -> Iterator[Commit]:
    """Yield the commits along first parents, oldest first, with the ``wanted`` files below a folder that they change.

    ``folder`` is the path from the top, empty or with a slash at its end; those of files are told without it.
    """
    commit = None
    only = [f":(top,literal){folder.rstrip('/')}"] if folder else []
    with repository.stream(*_LOG, tip, "--", *only) as printed:
        words = _words(printed)
        for word in filter(None, words):
            if commit and word.startswith(":"):
                commit.changes.extend(_changes(word, next(words).removeprefix(folder), wanted))
                continue
            if commit:
                yield commit
            name, _, date = word.partition(" ")
            commit = Commit(name, min(int(date), _LAST_DATE) if date.isdecimal() else 0, [])
    if commit:
        yield commit


def _words(printed: IO[bytes]) -> Iterator[str]:
    """Yield what stands between null bytes."""
    rest = b""
    while chunk := printed.read(65_536):
        *whole, rest = (rest + chunk).split(b"\0")
        yield from (word.decode("utf-8", "surrogateescape").removeprefix("\n") for word in whole)


def _changes(raw: str, path: str, wanted: Callable[[str], bool]) -> Iterator[Change]:
    """Yield what ``:100644 100644 OLD NEW M`` says of a file. To those who read it a link is none."""
    before, after, old, new, _ = raw[1:].split(" ")
    old, new = old if before.startswith("100") else "", new if after.startswith("100") else ""
    if old != new and wanted(path):
        yield Change(path, old, new)


def texts(repository: git.Repository, ids: Sequence[str]) -> Iterator[str]:
    """Yield the texts of blobs, "" for no id; one asked for several times in a row is read once."""
    runs = [(blob, len(list(same))) for blob, same in groupby(ids)]
    read = git.each_blob(repository, [blob for blob, _ in runs if blob])
    for blob, count in runs:
        yield from repeat(next(read) if blob else "", count)
