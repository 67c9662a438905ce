"""Which files the program's drafts are: the latest version of each on any branch, and those a person took away."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping

from statusgen.drafting import drafts
from statusgen.git import Refused, Repository
from statusgen.periods import DAY
from statusgen.posting import authored, clone, waiting
from statusgen.posting.authored import Texts

REMEMBERED = 90 * DAY  # that an incident which somebody took away is looked back for


def versions(repository: Repository, main: str) -> list[tuple[str, Texts]]:
    """Return what each branch says that ``main`` does not, with the branch's name."""
    place = clone.place_in(repository)
    if not main:
        return []
    return [(name, waiting.said(repository, place, name, tip, main)) for name, tip in waiting.tips(repository)]


def branch_with(path: str, others: Iterable[tuple[str, Texts]]) -> str:
    """Return the branch on which a file waits: that of its name, else the one on which a person renamed it."""
    own, names = waiting.branch_of(path), [name for name, texts in others if path in texts]
    return own if own in names or not names else names[0]


def overlaid(main: Texts, others: Iterable[tuple[str, Texts]]) -> dict[str, str]:
    """Return the latest version of each file: what a person changed, else what the program has written most in."""
    found = dict(main)
    for _, texts in others:
        for path, text in texts.items():
            found[path] = later(found[path], text) if path in found else text
    return found


def later(one: str, other: str) -> str:
    """Return the later of two versions of a file: the program only appends, and what a person changed came after."""
    first, second = drafts.is_ours(one), drafts.is_ours(other)
    if first and second:
        return max(one, other, key=len)
    return other if first else one


def taken_away(repository: Repository, main: str, now: int) -> dict[str, str]:
    """Return the files with a stamp that commits of the last days took away, as they were before.

    A shallow clone knows of no commit but those that it has.
    """
    place, found = clone.place_in(repository), {}
    since = f"--since={now - REMEMBERED}"
    how = ("log", "--diff-filter=D", "--no-renames", "--name-only", "-z", "--format=%x01%H", since)
    tips = [*([main] if main else []), *(tip for _, tip in waiting.tips(repository))]
    if not tips:
        return {}
    folder = f":(top,literal){place}{authored.FOLDER}"
    listed = repository.run(*how, *tips, "--", folder).decode("utf-8", "surrogateescape")
    for commit, *paths in (entry.strip("\n").split("\0") for entry in listed.split("\1") if entry):
        for path in (each.lstrip("\n") for each in paths):
            if path.endswith(".md") and path.removeprefix(place) not in found:
                with contextlib.suppress(Refused):
                    text = repository.run("cat-file", "blob", f"{commit}^:{path}").decode("utf-8", "replace")
                    if drafts.is_stamped(text):
                        found[path.removeprefix(place)] = text
    return found


def without(found: Mapping[str, str], present: Texts) -> dict[str, str]:
    """Return what was taken away and is not there again."""
    return {path: text for path, text in found.items() if path not in present}
