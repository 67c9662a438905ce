"""The ledger: what probes saw, one file per UTC day, one JSON line per round.

    samples/2026-11-21.jsonl
    {"v":1,"at":"2026-11-21T10:05:03Z","checks":{"api":["up",183],"web":["down",null,"timeout"]}}
    {"v":1,"at":"2026-11-21T10:10:04Z","prober_error":"offline"}
    {"v":1,"at":"2026-11-21T11:00:01Z","checks":{"api":["up",183,"",{"dns":4,"connect":21,"first_byte":158}]}}

``encode`` and ``decode`` are a pair. Reading never fails: a bad line is left out, counted and named, everything
after it is read. Keys and array elements that this version does not know are passed over. ``docs/ledger.md``
is the format's description for others who read or write it.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from statusgen import periods, reasons
from statusgen.errors import Problem
from statusgen.histogram import MOST
from statusgen.model import Details, Round, Sample, Verdict, verdict_word
from statusgen.shape import Notes

VERSION = 1
MAX_LINE = 1024 * 1024
MOST_OF_AN_INSTANT = 100  # lines that are joined: a location has a few shards at most
FOLDER = "samples"
Late = Literal["queued", "imported", "sample"]
LATE: tuple[Late, ...] = get_args(Late)
PROMPT = 15 * periods.MINUTE  # within which a round may wait for others, to be appended together

_DAY_FILE = re.compile(rf"(?:.*/)?{FOLDER}/\d{{4}}-\d\d-\d\d\.jsonl")
_AT = re.compile(r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ", re.ASCII)
_VERDICTS = {verdict_word(verdict): verdict for verdict in (*Verdict, None)}
_PHASES = ("dns", "connect", "tls", "first_byte", "transfer")
_LONGEST_PHASE = 2**40  # milliseconds
_SHARD = re.compile(r"(.+)\.\d+-of-\d+")
_json = json.JSONDecoder()


def location_of(branch: str) -> str:
    """Return the location of a branch's name below the prefix: shards of one location are that location."""
    shard = _SHARD.fullmatch(branch)
    return shard[1] if shard else branch


def day_path(at: int) -> str:
    """Return the file a round belongs to."""
    return f"{FOLDER}/{periods.iso_day(at)}.jsonl"


def is_day_file(path: str) -> bool:
    """Tell whether a path, below whatever folder, is one of the ledger's files."""
    return _DAY_FILE.fullmatch(path) is not None


def day_of_file(path: str) -> int | None:
    """Return the first instant of the day that a file is for; None if it is for none."""
    return _instant(f"{path[-16:-6]}T00:00:00Z") if is_day_file(path) else None


def encode(round_: Round) -> str:
    """Write a round as its line, without the line break. Keys stand in a fixed order."""
    line: dict[str, object] = {"v": VERSION, "at": periods.iso(round_.at)}
    if round_.late:
        line["late"] = round_.late
    if round_.prober_error:
        line["prober_error"] = round_.prober_error
    else:
        details = dict(round_.details)
        line["checks"] = {check: _answer(sample, details.get(check)) for check, sample in round_.answers}
    return json.dumps(line, separators=(",", ":"), ensure_ascii=True)


def _answer(sample: Sample, details: Details | None) -> list[object]:
    assert sample.verdict is not None or sample.reason
    answer: list[object] = [verdict_word(sample.verdict), sample.latency]
    if details and (told := _told(details)):
        return [*answer, sample.reason, told]
    return [*answer, sample.reason] if sample.reason else answer


def _told(details: Details) -> dict[str, object]:
    told: dict[str, object] = {name: ms for name in _PHASES if (ms := getattr(details, name)) is not None}
    if details.certificate_end is not None:
        told["certificate_end"] = periods.iso(details.certificate_end)
    return told


def append(text: str, lines: Iterable[str]) -> str:
    """Return the file with lines added. A last line that a crash cut off is closed first, never joined."""
    start = text if not text or text.endswith("\n") else text + "\n"
    return start + "".join(f"{line}\n" for line in lines)


def missing(lines: Iterable[str], text: str) -> list[str]:
    """Return those lines whose round the file does not hold yet; ``late`` makes no difference."""
    present = {_without_late(line) for line in text.split("\n")}
    return [line for line in lines if line.strip() and _without_late(line) not in present]


def mark_late(line: str, why: Late) -> str:
    """Return the line saying that it was appended late; one that says so already stays.

    What this version does not know of stays too.
    """
    decoded = decode_line(line)
    if isinstance(decoded, str) or decoded.late:
        return line
    head = {"v": VERSION, "at": periods.iso(decoded.at), "late": why}
    told = json.loads(line.strip())  # of more blanks than JSON knows, as where it was decoded
    return json.dumps(head | {key: value for key, value in told.items() if key != "late"}, separators=(",", ":"))


def _without_late(line: str) -> str:
    return re.sub(r'"late":"[a-z]+",', "", line.strip())


@dataclass(frozen=True, slots=True)
class Reading:
    """Rounds in time order, each instant once, and what was wrong with other lines."""

    rounds: tuple[Round, ...]
    problems: tuple[Problem, ...]


def decode(files: Mapping[str, str]) -> Reading:
    """Read day files of one location by their paths, in the order given.

    Byte-identical lines count once. Of two answers by the same check at the same instant the first in the file
    stands; the other is a problem if it differs.
    """
    problems: list[Problem] = []
    by_instant: dict[int, Round] = {}
    joined: Counter[int] = Counter()
    for path, text in files.items():
        seen: set[str] = set()
        notes = Notes(path)
        for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
            if line in seen or not line.strip():
                continue
            seen.add(line)
            decoded = decode_line(line)
            if isinstance(decoded, str):
                notes.warn(number, decoded)
                continue
            earlier = by_instant.get(decoded.at)
            if earlier is None:
                by_instant[decoded.at] = decoded
            elif joined[decoded.at] < MOST_OF_AN_INSTANT:
                joined[decoded.at] += 1
                by_instant[decoded.at] = _joined(earlier, decoded, number, notes)
            else:
                notes.warn(number, f"is one of more than {MOST_OF_AN_INSTANT} of its instant and was passed over")
        problems += notes.of_lines
    return Reading(tuple(by_instant[at] for at in sorted(by_instant)), tuple(problems))


def _joined(first: Round, second: Round, line: int, notes: Notes) -> Round:
    """Join rounds of one instant (two shards, or a line written twice): the first answer of each check stands."""
    if first.prober_error and second.prober_error:
        return first
    answers = dict(first.answers)
    conflicts = [check for check, sample in second.answers if check in answers and answers[check] != sample]
    if conflicts:
        named = ", ".join(map(repr, conflicts))
        notes.warn(line, f"differs from an earlier line of the same instant for {named}: the first stands")
    merged = {**dict(second.answers), **answers}
    return Round(
        at=first.at,
        answers=tuple(merged.items()),
        late=first.late or second.late,
        details=_joined_details(first, second, merged) if second.details else first.details,
    )


def _joined_details(first: Round, second: Round, answers: Mapping[str, Sample]) -> tuple[tuple[str, Details], ...]:
    """Return the first details of each check; those of an answer that does not stand do not stand either."""
    theirs = dict(second.answers)
    standing = {check: details for check, details in second.details if answers[check] == theirs[check]}
    return tuple({**standing, **dict(first.details)}.items())


def decode_line(line: str) -> Round | str:
    """Return the round, or what is wrong with the line. What is wrong with one answer loses that answer only."""
    if len(line) > MAX_LINE:
        return f"is longer than {MAX_LINE} characters and was passed over"
    try:
        raw = _value(line.strip())
    except (ValueError, RecursionError):
        return "is not JSON and was passed over (a write that was cut off leaves such a line; it can be deleted)"
    if not isinstance(raw, dict):
        return "is not a JSON object and was passed over"
    at = _instant(raw.get("at"))
    if at is None:
        return f"has no instant like 2026-11-21T10:05:03Z but {json.dumps(raw.get('at'))[:40]}, and was passed over"
    if raw.get("v") != VERSION:
        return f"is of format {json.dumps(raw.get('v'))[:20]}, which this version cannot read, and was passed over"
    late = reasons.shaped(raw.get("late"))
    if isinstance(error := raw.get("prober_error"), str):
        return Round(at=at, prober_error=reasons.shaped(error) or "unknown", late=late)
    checks = raw.get("checks")
    if not isinstance(checks, dict):
        return "has neither checks nor prober_error and was passed over"
    details: list[tuple[str, Details]] = []
    return Round(at=at, answers=tuple(_samples(at, checks, details)), late=late, details=tuple(details))


def _value(line: str) -> object:
    """Return the line's one JSON value; half of the time ``json.loads`` takes goes into looking for blanks."""
    value, end = _json.raw_decode(line)
    if end != len(line):
        raise ValueError("more than one value")
    return value


def _samples(at: int, checks: dict[str, object], details: list[tuple[str, Details]]) -> list[tuple[str, Sample]]:
    """Return the answers that can be read; add their details, which few have.

    The loop of the whole program: a year of it is a million turns.
    """
    samples = []
    for check, answer in checks.items():
        if type(answer) is not list:
            continue
        try:
            verdict = _VERDICTS[answer[0]]
        except (KeyError, IndexError, TypeError):  # a word of a later version, nothing, not a word
            continue
        size = len(answer)
        latency = answer[1] if size > 1 else None
        if type(latency) is not int or not 0 <= latency <= MOST:
            latency = None
        reason = reasons.shaped(answer[2]) if size > 2 else ""
        if verdict is None and not reason:
            continue
        if size > 3 and (found := _details(answer[3])):
            details.append((check, found))
        samples.append((check, tuple.__new__(Sample, (at, verdict, latency, reason))))  # twice as fast as Sample(…)
    return samples


def _details(told: object) -> Details | None:
    """Return what can be read of an answer's details; None where nothing can."""
    if not isinstance(told, dict):
        return None
    numbers = {name: ms for name in _PHASES if type(ms := told.get(name)) is int and 0 <= ms <= _LONGEST_PHASE}
    end = _instant(told.get("certificate_end"))
    return Details(**numbers, certificate_end=end) if numbers or end is not None else None


_midnights: dict[str, int | None] = {}


def _instant(text: object) -> int | None:
    """Read the ledger's own form of an instant; a day's midnight is worked out once."""
    if type(text) is not str or not _AT.fullmatch(text):
        return None
    day = text[:10]
    if day not in _midnights:
        try:
            _midnights[day] = periods.parse_date(day)
        except ValueError:
            _midnights[day] = None
    midnight = _midnights[day]
    return None if midnight is None else midnight + int(text[11:13]) * 3_600 + int(text[14:16]) * 60 + int(text[17:19])
