"""Days summed up, as text, so that cost follows the number of days and not of samples.

    days/2026-11.jsonl
    {"v":1,"day":"2026-11-20","of":"9c1f…","rounds":"3 300 301","checks":{"api":"2 up, 1 down timeout"},"latencies":{…}}

A line is a day at one location: the instants of its rounds (seconds after midnight, then from one to the next), each
check's verdicts as runs over those rounds, and a histogram of its latencies. Nothing but single latencies is lost, so
thresholds, locations and policy can still change, and numbers are the same before and after. ``of`` is git's id of the
day file that was summed: where it still is the file's, the file need not be read.

``encode`` and ``decode`` are a pair; ``docs/ledger.md`` is the format's description for others.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from statusgen import histogram, periods, reasons
from statusgen.errors import Problem
from statusgen.model import Day, Runs, Stretch, Verdict, verdict_word
from statusgen.shape import Notes

VERSION = 1
MAX_LINE = 16 * 1024 * 1024
MOST_OF_A_DAY = 16  # lines about one day, each of which is joined to the others
MOST_SAMPLES = (
    20_000_000  # gone through to join them: 2,000 checks every ten seconds, or 1,000 each minute in four lines
)
FOLDER = "days"

_MONTH_FILE = re.compile(rf"(?:.*/)?{FOLDER}/\d{{4}}-\d\d\.jsonl")
_DAY = re.compile(r'\{"v":1,"day":"([\d-]{10})"')
_LATENCIES = ',"latencies":{'
_VERDICTS = {verdict_word(verdict): verdict for verdict in (*Verdict, None)}
_NOTHING = "-"


@dataclass(frozen=True, slots=True)
class Rolled:
    """A day as it stands in a file, and git's id of the day file it was summed from; empty if not known."""

    day: Day
    of: str


class Allowance:
    """What may be joined of each day: so many lines, and so many samples, as they are gone through one by one.

    A line is short that tells of millions. With each line, all that was told before is gone through again.
    """

    def __init__(self) -> None:
        self._lines: Counter[int] = Counter()
        self._told: Counter[int] = Counter()
        self._cost: Counter[int] = Counter()

    def refusal(self, day: Day) -> str:
        """Count the day in, and return nothing; or do not, and return why it is too much."""
        if self._lines[day.start] >= MOST_OF_A_DAY:
            return f"is one of more than {MOST_OF_A_DAY} of its day and was passed over"
        told = self._told[day.start] + len(day.rounds) * len(day.checks)
        if self._cost[day.start] + told > MOST_SAMPLES:
            return f"makes more than {MOST_SAMPLES} samples of its day to join and was passed over"
        self._lines[day.start] += 1
        self._told[day.start] = told
        self._cost[day.start] += told
        return ""


def month_path(start: int) -> str:
    """Return the file that a day belongs to."""
    return f"{FOLDER}/{periods.iso_day(start)[:7]}.jsonl"


def is_month_file(path: str) -> bool:
    """Tell whether a path, below whatever folder, is one of the files of summed days."""
    return _MONTH_FILE.fullmatch(path) is not None


def encode(rolled: Rolled) -> str:
    """Write a day as its line, without the line break. Keys stand in a fixed order, checks by name."""
    day = rolled.day
    gaps = [later - earlier for earlier, later in zip((day.start, *day.rounds), day.rounds, strict=False)]
    line: dict[str, object] = {"v": VERSION, "day": periods.iso_day(day.start), "of": rolled.of}
    line["rounds"] = " ".join(map(str, gaps))
    if day.errors:
        line["errors"] = _text(day.errors)
    if day.late:
        line["late"] = _text(day.late)
    line["checks"] = {check: _text(map(_word, day.checks[check])) for check in sorted(day.checks)}
    line["latencies"] = {check: day.latencies[check] for check in sorted(day.latencies)}
    return json.dumps(line, separators=(",", ":"), ensure_ascii=True)


def _text(runs: Iterable[tuple[int, str]]) -> str:
    return ", ".join(f"{count} {word or _NOTHING}" for count, word in runs)


def _word(stretch: Stretch) -> tuple[int, str]:
    if not stretch.is_told:
        return stretch.rounds, ""
    word = verdict_word(stretch.verdict)
    return stretch.rounds, f"{word} {stretch.reason}" if stretch.reason else word


@lru_cache(maxsize=4096)
def _runs(text: str) -> Runs:
    """Read runs. Most days of most checks are the same text."""
    runs = []
    for part in text.split(", "):
        count, _, word = part.partition(" ")
        if not (count.isascii() and count.isdecimal() and int(count) and word):
            raise ValueError(f"{part[:40]!r} is not a count and a word")
        runs.append((int(count), "" if word == _NOTHING else word))
    return tuple(runs)


@lru_cache(maxsize=4096)
def _stretches(text: str, count: int) -> tuple[Stretch, ...]:
    """Read what a check said in ``count`` rounds.

    A verdict of a later version is passed over, and so is what cannot be a reason, as in the ledger.
    """
    stretches = []
    for length, word in _counted(text, count):
        verdict, _, reason = word.partition(" ")
        is_known = verdict in _VERDICTS
        stretches.append(
            Stretch(length, _VERDICTS[verdict], reasons.shaped(reason)) if is_known else Stretch(length, None)
        )
    return tuple(stretches)


def _errors(text: object, count: int) -> Runs:
    """Read in which of ``count`` rounds the prober was broken: by what cannot be a reason, it was all the same."""
    return tuple((length, word and (reasons.shaped(word) or "unknown")) for length, word in _counted(text, count))


def _late(text: object, count: int) -> Runs:
    return tuple((length, reasons.shaped(word)) for length, word in _counted(text, count))


def _counted(text: object, count: int) -> Runs:
    runs = _runs(text) if isinstance(text, str) else ()
    if (told := sum(length for length, _ in runs)) != count:
        raise ValueError(f"tells of {told} rounds instead of {count}")
    return runs


def decode(
    files: Mapping[str, str], thorough: bool = False, latencies_from: int = 0
) -> tuple[list[Rolled], list[Problem]]:
    """Read month files by their paths. A line that cannot be read is left out and named, and so is a check in it.

    ``thorough`` looks into the histograms too, which are otherwise read when they are needed. Those of days before
    ``latencies_from`` may be passed over: they are half of what there is to read.
    """
    until = periods.iso_day(latencies_from)
    found: list[Rolled] = []
    problems: list[Problem] = []
    allowance, seen = Allowance(), set[str]()
    for path, text in files.items():
        notes = Notes(path)
        for number, line in enumerate(text.split("\n"), 1):
            if not line.strip():
                continue
            is_old = "" < day_of_line(line) < until
            rolled, complaints = decode_line(_without_latencies(line) if is_old else line, thorough)
            if rolled and line not in seen and (refusal := allowance.refusal(rolled.day)):
                rolled, complaints = None, [refusal]
            if rolled:
                found.append(rolled)
                seen.add(line)
            for each in complaints:
                notes.warn(number, each)
        problems += notes.of_lines
    return found, problems


def day_of_line(line: str) -> str:
    """Return the day that a line is of, as ``2026-11-20``, without reading it all; empty where that does not show."""
    found = _DAY.match(line)
    return found[1] if found else ""


def _without_latencies(line: str) -> str:
    """Return the line without its last key's value, where that stands as ``encode`` writes it."""
    head, key, _ = line.rpartition(_LATENCIES)
    return f"{head}{key}}}}}" if key and line.endswith("}}") else line


def decode_line(line: str, thorough: bool = False) -> tuple[Rolled | None, list[str]]:
    """Return the day, None if there is none to be read, and what is wrong with it."""
    if len(line) > MAX_LINE:
        return None, [f"is longer than {MAX_LINE} characters and was passed over"]
    try:
        raw = json.loads(line)
        if not isinstance(raw, dict) or raw.get("v") != VERSION:
            return None, ["is no summed day of a format that this version can read, and was passed over"]
        start = periods.parse_date(str(raw["day"]))
        rounds = _instants(start, raw["rounds"])
        errors = _errors(raw["errors"], len(rounds)) if "errors" in raw else ()
        late = _late(raw["late"], len(rounds)) if "late" in raw else ()
        checks, latencies = raw["checks"], raw["latencies"]
        if periods.iso_day(start) != raw["day"] or not (isinstance(checks, dict) and isinstance(latencies, dict)):
            raise ValueError(line)
    except (ValueError, KeyError, TypeError, RecursionError):
        return None, ["is not a summed day and was passed over ('statusgen compact' writes days of its day files anew)"]
    complaints: list[str] = []
    readable = _readable(checks, len(rounds), complaints)
    of = raw.get("of") if not complaints else ""  # what was not read whole is to be summed up anew
    is_whole = latencies.keys() <= readable.keys() and set(map(type, latencies.values())) <= {str}
    if thorough or not is_whole:
        unreadable = _unreadable(latencies, thorough)
        complaints += [f"check {check!r} has no histogram that can be read" for check in unreadable]
    day = Day(
        start=start,
        rounds=rounds,
        checks=readable,
        errors=errors,
        late=late,
        latencies=latencies if is_whole else _texts(latencies, readable),
    )
    return Rolled(day, of if isinstance(of, str) else ""), complaints


def _instants(start: int, text: object) -> tuple[int, ...]:
    if text == "":
        return ()  # a day file without a round that can be read
    if not isinstance(text, str) or not text.replace(" ", "").isdecimal() or not text.isascii():
        raise ValueError(text)
    gaps = list(map(int, text.split()))
    if not all(gaps[1:]) or sum(gaps) >= periods.DAY:
        raise ValueError(text)
    return tuple(accumulate(gaps, initial=start))[1:]


def _readable(checks: Mapping[str, object], count: int, complaints: list[str]) -> Mapping[str, tuple[Stretch, ...]]:
    """Return what checks said; a check that cannot be read is left out and complained of."""
    known = _Known(count)
    try:
        return {check: known[text] for check, text in checks.items()}  # type: ignore[index]  # TypeError for no text
    except (ValueError, TypeError):
        readable = {}
    for check, text in checks.items():
        try:
            readable[check] = _stretches(text if isinstance(text, str) else "", count)
        except ValueError as error:
            complaints.append(f"check {check!r} was passed over: {error}")
    return readable


class _Known(dict[str, tuple[Stretch, ...]]):
    """Stretches over so many rounds by their text: most checks of a day say the same."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __missing__(self, text: str) -> tuple[Stretch, ...]:
        if not isinstance(text, str):
            raise TypeError(text)
        stretches = self[text] = _stretches(text, self._count)
        return stretches


def _texts(latencies: Mapping[str, object], checks: Mapping[str, object]) -> dict[str, str]:
    return {check: text for check, text in latencies.items() if check in checks and isinstance(text, str)}


def _unreadable(latencies: Mapping[str, object], thorough: bool) -> Iterator[str]:
    for check, text in latencies.items():
        try:
            if not isinstance(text, str):
                yield check
            elif thorough:
                histogram.decode(text)
        except ValueError:
            yield check
