"""What commands print: lines for people and for programs, from what ``app`` returns."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable

from statusgen import periods, reasons
from statusgen.errors import Level, Problem
from statusgen.model import Round, Verdict, verdict_word

MOST_NAMED = 5
_OFFLINE = (
    "the prober itself was offline, so this round is a gap: too few of the targets in probing.preflight took a "
    "connection; name some there that it can reach, or write 'preflight: none'"
)


def problems(found: Iterable[Problem], form: str) -> list[str]:
    """Lay out problems as text for people, as annotations for GitHub Actions, or as JSON."""
    found = tuple(found)
    if form == "json":
        rows = [{"path": p.path, "line": max(p.line, 1), "level": p.level, "message": p.message} for p in found]
        return [json.dumps(rows, ensure_ascii=False, indent=1)]
    if form == "github":
        return [_annotation(problem) for problem in found]
    errors = sum(1 for problem in found if problem.level is Level.ERROR)
    summary = f"{count(errors, 'error')}, {count(len(found) - errors, 'warning')}"
    return [*map(line, found), summary]


def line(problem: Problem) -> str:
    return str(problem) if problem.level is Level.ERROR else f"{problem} [{problem.level}]"


def _annotation(problem: Problem) -> str:
    """Write a GitHub workflow command; its text escapes %, CR and LF, its properties also , and :."""
    message = problem.message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    path = problem.path.replace("%", "%25").replace(",", "%2C").replace(":", "%3A")
    return f"::{problem.level} file={path},line={max(problem.line, 1)}::{message}"


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
