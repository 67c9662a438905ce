"""What commands print: lines for people and for programs, from what ``app`` returns."""

from __future__ import annotations

import json
from collections.abc import Iterable

from statusgen import reasons
from statusgen.errors import Level, Problem
from statusgen.model import Round


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
    width = max((len(check) for check in [*dict(round_.answers), *crashed]), default=0)
    rows = []
    for check, sample in round_.answers:
        word = sample.verdict.word if sample.verdict else ""
        latency = "" if sample.latency is None else f"{sample.latency} ms"
        rows.append(f"{check:<{width}}  {word:<8}  {latency:>8}  {reasons.sentence(sample.reason)}".rstrip())
    return rows + [f"{check:<{width}}  no sample: its probe crashed" for check in crashed]


def count(number: int, what: str) -> str:
    """Write ``1 round`` or ``2 rounds``."""
    return f"{number} {what}{'' if number == 1 else 's'}"
