"""What can go wrong, as one tree.

    StatusgenError            exit 1   what is in the repository is wrong, or a name that is not in it
    ├── SourceError           exit 1   a file a person wrote: carries every problem found in it
    ├── UsageError            exit 2   malformed arguments
    └── WorldError            exit 3   network, git remote, a disk that is full

``cli.main`` alone turns them into text and an exit code.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

MOST_SAID = 600  # characters of a message
MOST_QUOTED = 60  # characters of somebody's words within one


class Level(StrEnum):
    """How grave a problem is: an error keeps the file it is in from being published."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


def printable(text: str) -> str:
    """Return a text in one line that a terminal or a log can show, whatever is in it."""
    return text if text.isprintable() else "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


def excerpt(text: str) -> str:
    """Return the beginning of somebody's words, to be quoted within a message."""
    return printable(text if len(text) <= MOST_QUOTED else f"{text[:MOST_QUOTED]}…")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something wrong at a place a person can go to. ``line`` counts from 1; 0 means the file as a whole.

    Path and message may be what strangers wrote: they become one line, not a long one, of print.
    """

    path: str
    line: int = 0
    message: str
    level: Level = Level.ERROR

    def __post_init__(self) -> None:
        for name in ("path", "message"):
            object.__setattr__(self, name, printable(getattr(self, name)))
        if len(self.message) > MOST_SAID:
            object.__setattr__(self, "message", f"{self.message[: MOST_SAID - 100]} … {self.message[-100:]}")

    def __str__(self) -> str:
        return f"{self.path}:{max(self.line, 1)}: {self.message}"


class StatusgenError(Exception):
    """The root: every error that a person can cause and mend."""

    exit_code = 1


class SourceError(StatusgenError):
    """A file that cannot be used as it stands."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class UsageError(StatusgenError):
    """The arguments do not make sense together."""

    exit_code = 2


class WorldError(StatusgenError):
    """The repository is right and the world is not: network, remote, disk."""

    exit_code = 3


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that was probably meant, whatever its case."""
    words = {each.lower(): each for each in sorted(known)}
    near = difflib.get_close_matches(word.lower(), words, n=1, cutoff=0.6)
    return words[near[0]] if near else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `` (did you mean 'x'?)``, or the known words if few and none is near, or nothing."""
    words = sorted(set(known))
    if near := nearest(word, words):
        return f" (did you mean '{near}'?)"
    return f" (one of: {', '.join(words)})" if 0 < len(words) <= 12 else ""
