"""Compaction: which day files are to be summed up or dropped from the tree, and the month files that result.

Pure: what is read is given, what is to be written is returned. Nothing is dropped that a month file does not tell of,
and nothing leaves git's history. Doing it twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce

from statusgen import days, ledger, periods, rollup
from statusgen.errors import StatusgenError
from statusgen.model import Round
from statusgen.rollup import Rolled


@dataclass(frozen=True, slots=True)
class Due:
    """What compaction has to do: day files to sum up, and day files that leave the tree after that."""

    sum: tuple[str, ...]
    drop: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.sum or self.drop)


def due(ids: Mapping[str, str], rolled: Iterable[Rolled], today: int, keep: int) -> Due:
    """Return what is due for day files given by path with git's id. ``keep`` is how many days stay, today included.

    Days are counted back from the newest file, so that a prober that stopped loses nothing of its last days; a file
    dated after ``today`` comes from a clock that was wrong and is let be.
    """
    starts = {path: start for path in ids if (start := ledger.day_of_file(path)) is not None and start <= today}
    newest = max(starts.values(), default=today)
    summed = {each.day.start: each.of for each in rolled}
    closed = sorted(path for path, start in starts.items() if start < newest)
    return Due(
        sum=tuple(path for path in closed if summed.get(starts[path]) != ids[path]),
        drop=tuple(path for path in closed if starts[path] <= newest - keep * periods.DAY),
    )


def rolled_up(months: Mapping[str, str], day_files: Mapping[str, str], ids: Mapping[str, str]) -> dict[str, str]:
    """Return the month files that change when day files, given by path, are summed up into them.

    Lines that cannot be read stay. Raises StatusgenError for a day that would not read back as it is.
    """
    changed = dict(months)
    for path, text in sorted(day_files.items()):
        own = ledger.day_of_file(path)
        rounds = ledger.decode({path: text}).rounds
        by_day: dict[int, list[Round]] = {} if own is None else {own: []}
        for round_ in rounds:
            by_day.setdefault(periods.day_of(round_.at), []).append(round_)
        for start, of_day in by_day.items():
            month = rollup.month_path(start)
            told, others = _parted(changed.get(month, ""), start)
            before = reduce(days.joined, (rolled.day for rolled in told)) if told else days.empty(start)
            of = ids[path] if start == own else next((rolled.of for rolled in told), "")
            changed[month] = _month(others, Rolled(days.with_rounds(before, of_day), of))
    return {month: text for month, text in changed.items() if text != months.get(month)}


def with_days(months: Mapping[str, str], rolled: Iterable[Rolled]) -> dict[str, str]:
    """Return the month files that change when days summed up elsewhere are joined to them."""
    changed = {path: text for path, text in months.items() if rollup.is_month_file(path)}
    for each in rolled:
        month = rollup.month_path(each.day.start)
        told, others = _parted(changed.get(month, ""), each.day.start)
        if each not in told:
            day = reduce(days.joined, (*(present.day for present in told), each.day))
            changed[month] = _month(others, Rolled(day, told[0].of if told else each.of))
    return {month: text for month, text in changed.items() if text != months.get(month)}


def unheard(lines: list[str], month: str, start: int) -> list[str]:
    """Return the lines of a day with something that its summed day does not tell of yet."""
    told, _ = _parted(month, start)
    if not told:
        return lines
    before = reduce(days.joined, (rolled.day for rolled in told))
    decoded = ((line, ledger.decode_line(line)) for line in lines)
    return [
        line for line, each in decoded if isinstance(each, Round) and days.with_rounds(before, [each]) is not before
    ]


def _parted(text: str, start: int) -> tuple[list[Rolled], list[str]]:
    """Return what a month file tells of a day, and its other lines, with those that are passed over."""
    told: list[Rolled] = []
    others: list[str] = []
    allowance = rollup.Allowance()
    for line in filter(None, text.split("\n")):
        found = rollup.decode_line(line)[0] if rollup.day_of_line(line) == periods.iso_day(start) else None
        if found and not allowance.refusal(found.day):
            told.append(found)
        else:
            others.append(line)
    return told, others


def _month(others: list[str], summed: Rolled) -> str:
    return "".join(f"{line}\n" for line in sorted([*others, _encoded(summed)], key=rollup.day_of_line))


def _encoded(summed: Rolled) -> str:
    line = rollup.encode(summed)
    if rollup.decode_line(line) != (summed, []):
        raise StatusgenError(f"{periods.date(summed.day.start)} cannot be summed up as it is: please report this")
    return line
