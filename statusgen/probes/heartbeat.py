"""Read when a job last gave a sign of life, in a file or on a branch of git.

What was never seen, cannot be read or lies in the future tells nothing about the job: no verdict, which is a gap and no
outage. The time of a file is not looked at, since a checkout makes every file new.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from statusgen import beats, files, git, periods, shape
from statusgen.errors import SourceError, WorldError
from statusgen.model import Observation, Question, Verdict
from statusgen.probes.dial import Deadline, Unanswered, Unknown
from statusgen.probes.kind import PATH, Judgement, Kind, World, questions, say_once
from statusgen.shape import Key

AHEAD = 5 * periods.MINUTE  # that the clock of the job may be ahead of the prober's
_RESERVE = 0.1  # seconds to tidy up in: that git was slow is no fault of the job, and must not be a timeout


@dataclass(frozen=True, slots=True, kw_only=True)
class HeartbeatCheck(Question):
    """A job that must be heard of every ``within`` seconds, in a ``file`` or on a ``branch``: one of them is empty."""

    within: int
    file: str = ""
    branch: str = ""

    def __post_init__(self) -> None:
        if bool(self.file) == bool(self.branch):
            raise ValueError("needs exactly one of 'file' and 'branch': where the job leaves its sign of life")


def probe(check: HeartbeatCheck, deadline: Deadline, world: World) -> Observation:
    """Return when the last sign of life is too old; unmet is that the job failed."""
    try:
        text = _in_file(check.file, world.base) if check.file else _on_branch(check.branch, deadline, world.base)
        beat = beats.decode(text)
    except (SourceError, WorldError, ValueError) as error:
        say_once(f"heartbeat in '{check.file or check.branch}'", str(error))
    except Unanswered:
        say_once(f"heartbeat in '{check.branch}'", "the remote did not answer in time")
    else:
        return Observation(expires=beat.at + check.within, unmet="failed" if beat.failed else "")
    raise Unknown("unclear")


def _in_file(path: str, base: Path) -> str:
    folder, name = (Path("/"), path[1:]) if path.startswith("/") else (base, path)
    content = files.read_bytes(folder, name, files.MAX_TEXT)
    if content is None:
        raise ValueError("does not exist yet")
    return content.decode("utf-8", "replace")


def _on_branch(branch: str, deadline: Deadline, base: Path) -> str:
    repository = git.open_repository(base, lambda: max(deadline.left() - _RESERVE, 0.0))
    if repository is None:
        raise ValueError("the site is not in a git repository")
    return beats.read(repository, branch)


def judge(check: HeartbeatCheck, seen: Observation, at: int) -> Judgement:
    """A failed job that was not heard of since is stale."""
    assert seen.expires is not None
    if seen.expires - check.within > at + AHEAD:
        return None, "unclear"
    if seen.expires < at:
        return Verdict.DOWN, "stale"
    return (Verdict.DOWN, seen.unmet) if seen.unmet else (Verdict.UP, "")


KIND = Kind(
    name="heartbeat",
    question=HeartbeatCheck,
    doc="A job that must give a sign of life in time, in a file or on a branch.",
    record=questions(
        HeartbeatCheck,
        {
            "within": Key(
                shape=shape.seconds("10s", "400d"), doc="Longest time between two signs of life.", required=True
            ),
            "file": Key(shape=PATH, doc="File whose first line is the instant; relative to the site, or absolute."),
            "branch": Key(
                shape=shape.text(
                    200,
                    r"(?!.*(?:\.\.|\.lock(?:/|$)|\./|\.$))[A-Za-z0-9_][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)*",
                    "a branch, like status-beats/backup",
                ),
                doc="Branch of the remote, or of the repository where it has none, that 'statusgen beat' writes.",
            ),
        },
        dials=False,
    ),
    probe=probe,
    judge=judge,
)
