"""What commands print: lines for people and for programs, from what ``app`` returns."""

from __future__ import annotations

import json
import os
import re
import stat
from collections import Counter
from collections.abc import Iterable, Sequence
from traceback import walk_tb
from typing import Any, TextIO

from statusgen import __version__, periods, reasons
from statusgen.digests import digest
from statusgen.errors import Level, Problem
from statusgen.model import Round, Verdict, verdict_word
from statusgen.secret import Gate

MOST_NAMED = 5
MOST_ANNOTATED = 10  # of a level, that GitHub shows of a step
_TITLES = {
    Level.ERROR: "Left out of the page",
    Level.WARNING: "Doubtful",
    Level.NOTICE: "Good to know",
}
_SEVERITIES = {Level.ERROR: "blocker", Level.WARNING: "minor", Level.NOTICE: "info"}  # GitLab's words
_OFFLINE = (
    "the prober itself was offline, so this round is a gap: too few of the targets in probing.preflight took a "
    "connection; name some there that it can reach, or write 'preflight: none'"
)

_OURS = tuple(f"::{level}" for level in Level)
_COMMAND = re.compile(r"^([^\S\n]*):(?=:)", re.MULTILINE)  # GitHub's runner trims a line before it looks at it
_NOT_OURS = re.compile(rf"^(?!::(?:{'|'.join(Level)})(?: |::))([^\S\n]*):(?=:)", re.MULTILINE)
_FOR_TERMINALS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e]|\r(?!\n)")


class Screen:
    """A stream of text on which no secret appears, whoever said it: a server, git, a library, a bug of ours.

    Nor does what moves a terminal's cursor, names its window or turns the direction of a line, which strangers may have
    written: it appears as an escape of JSON. Where it ``is_obeyed``, as the log of a workflow, so do the beginnings of
    commands, but of our own; not in a file, in which a program may look for every byte of a table.
    """

    def __init__(self, stream: TextIO, gate: Gate, *, is_obeyed: bool = False) -> None:
        self._stream, self._gate = stream, gate
        self._is_obeyed = is_obeyed and not _is_file(stream)

    def write(self, text: str) -> int:
        shown = _FOR_TERMINALS.sub(lambda odd: f"\\u{ord(odd[0]):04x}", self._gate.hidden(text))
        return self._stream.write(_without_commands(shown) if self._is_obeyed else shown)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _is_file(stream: TextIO) -> bool:
    try:
        return stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError):  # closed, or none that the system knows
        return False


def _without_commands(text: str) -> str:
    """Return a text that holds no workflow commands but our own, which are at the beginning of all that is written."""
    commands = _NOT_OURS if text.startswith(_OURS) else _COMMAND
    return commands.sub(r"\1\\u003a", _harmless(text))


def problems(found: Iterable[Problem], form: str) -> list[str]:
    """Lay out problems as text for people, as annotations for GitHub Actions, as a report for GitLab, or as JSON."""
    found = tuple(found)
    if form == "json":
        rows = [{"path": p.path, "line": max(p.line, 1), "level": p.level, "message": p.message} for p in found]
        return [json.dumps(rows, ensure_ascii=False, indent=1)]
    if form == "github":
        return _annotations(found)
    if form == "gitlab":
        return [json.dumps(_code_quality(found), ensure_ascii=False, indent=1)]
    counted = Counter(problem.level for problem in found)
    told = [count(counted[level], level.value) for level in Level if level is not Level.NOTICE or counted[level]]
    return [*map(line, found), ", ".join(told)]


def line(problem: Problem) -> str:
    """Write a problem in one line."""
    return str(problem) if problem.level is Level.ERROR else f"{problem} [{problem.level}]"


def fault(error: Exception) -> str:
    """Say in one line where the program itself failed, and not at what: that may be anybody's text, or a secret."""
    if isinstance(error, OSError):
        return str(error)
    if isinstance(error, MemoryError):
        return "the machine has no memory left: give it more, or a site with less in it"
    frames = [(frame.f_globals.get("__name__", ""), number) for frame, number in walk_tb(error.__traceback__)]
    module, number = next((place for place in reversed(frames) if place[0].startswith("statusgen")), frames[-1])
    what = f"{type(error).__name__} in {module}, line {number}"
    return f"statusgen {__version__} failed by a fault of its own ({what}): report it; STATUSGEN_TRACEBACK=1 says more"


def _annotations(found: Sequence[Problem]) -> list[str]:
    """Write as many workflow commands as GitHub shows of a step, and what is left as lines of its log."""
    shown: list[Problem] = []
    for level in Level:
        shown += [problem for problem in found if problem.level is level][:MOST_ANNOTATED]
    rest = [problem for problem in found if problem not in shown]
    lines = [_annotation(problem) for problem in shown] + [_harmless(line(problem)) for problem in rest]
    if rest:
        counted = Counter(problem.level for problem in rest)
        told = ", ".join(count(counted[level], level.value) for level in Level if counted[level])
        lines.append(f"Without an annotation, since GitHub shows {MOST_ANNOTATED} of a kind: {told}.")
    return lines


def _annotation(problem: Problem) -> str:
    """Write a GitHub workflow command; its text escapes %, CR and LF, its properties also , and :."""
    properties = f"file={_property(problem.path)},line={max(problem.line, 1)},title={_property(_TITLES[problem.level])}"
    return f"::{problem.level} {properties}::{_value(problem.message)}"


def remark(level: Level, text: str) -> str:
    """Write a workflow command that is about no file."""
    return f"::{level}::{_value(text)}"


def _value(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _value(text).replace(",", "%2C").replace(":", "%3A")


def _harmless(text: str) -> str:
    """Return a text without workflow commands of the old form, which stand anywhere in a line. JSON says the same."""
    return text.replace("##[", r"##\u005b")


def _code_quality(found: Iterable[Problem]) -> list[dict[str, object]]:
    """Return a report for GitLab; by its fingerprint it knows a problem again, so what is found twice has two."""
    seen: Counter[tuple[str, str]] = Counter()
    rows: list[dict[str, object]] = []
    for problem in found:
        key = (problem.path, problem.message)
        seen[key] += 1
        rows.append(
            {
                "description": problem.message,
                "check_name": f"statusgen-{problem.level}",
                "fingerprint": digest(*key, seen[key]),
                "severity": _SEVERITIES[problem.level],
                "location": {"path": problem.path, "lines": {"begin": max(problem.line, 1)}},
            }
        )
    return rows


def table(round_: Round, crashed: Iterable[str]) -> list[str]:
    """Lay out a round for people: check, verdict, latency, what was seen."""
    if round_.prober_error:
        return [_OFFLINE]
    width = max((len(check) for check in [*dict(round_.answers), *crashed]), default=0)
    rows = []
    for check, sample in round_.answers:
        word = verdict_word(sample.verdict)
        latency = "" if sample.latency is None else f"{sample.latency} ms"
        rows.append(f"{check:<{width}}  {word:<8}  {latency:>8}  {reasons.sentence(sample.reason)}".rstrip())
    return rows + [f"{check:<{width}}  no sample: its probe crashed" for check in crashed]


def summary(round_: Round, crashed: Iterable[str]) -> str:
    """Say in a line what a round of many saw: how many checks are up, and which are not."""
    if round_.prober_error:
        return f"{time_of_day(round_.at)} {_OFFLINE}"
    found = Counter(verdict_word(sample.verdict) for _, sample in round_.answers)
    counts = ", ".join(f"{found[word]} {word}" for word in map(verdict_word, (*Verdict, None)) if found[word])
    bad = ((check, sample) for check, sample in round_.answers if sample.verdict is not Verdict.UP)
    named = [f"{check}: {sample.reason or verdict_word(sample.verdict)}" for check, sample in bad]
    named += [f"{check}: its probe crashed" for check in crashed]
    more = f", and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
    return f"{time_of_day(round_.at)} {counts}" + (f" ({', '.join(named[:MOST_NAMED])}{more})" if named else "")


def time_of_day(instant: int) -> str:
    """Write an instant of today, like ``10:05:03Z``."""
    return periods.iso(instant)[11:]


def count(number: int, what: str) -> str:
    """Write ``1 round`` or ``2 rounds``."""
    return f"{number} {what}{'' if number == 1 else 's'}"
