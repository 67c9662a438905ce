"""Rules of RFC 5545 by which something repeats: ``FREQ=WEEKLY;BYDAY=SU`` to what clocks show, and nothing about zones.

Of the standard's parts those are read that choose days. Work is bounded: rules end with the year 2099, and one that
never comes true is found out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice, takewhile
from typing import Literal

from statusgen import periods
from statusgen.errors import did_you_mean

_FREQUENCIES: Mapping[str, Literal[0, 1, 2, 3]] = {"YEARLY": 0, "MONTHLY": 1, "WEEKLY": 2, "DAILY": 3}  # dateutil's
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_BY_DAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
_UNTIL = re.compile(r"(20\d\d)(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)Z)?", re.ASCII)
_LAST_YEAR = 2099
_LATER = 7_600  # years: the calendar repeats after 400, and dateutil gives up a rule in vain only after the year 9999
_NEAR = 9  # years: between two leap days there may be eight


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule as it was written. Days of the week are numbers from Monday, 0, each with which of them, 0 for all.

    ``until`` is a local date or, in full, an instant; empty for neither.
    """

    frequency: str
    interval: int = 1
    days: tuple[tuple[int, int], ...] = ()
    month_days: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()
    count: int | None = None
    until: str = ""
    week_start: int = 0


# Reading


def parse(text: str) -> Rule:
    """Return what ``FREQ=WEEKLY;BYDAY=SU`` says; raise ValueError with the remedy."""
    values: dict[str, object] = {}
    for part in text.upper().split(";"):
        name, equals, value = part.strip().partition("=")
        if name not in _PARTS:
            raise ValueError(f"'{name}' is no part of a rule here{did_you_mean(name, _PARTS)}: leave it out")
        key, read = _PARTS[name]
        if not equals or not value:
            raise ValueError(f"'{part}' has no value: write it like BYDAY=SU, or leave it out")
        if key in values:
            raise ValueError(f"'{name}' stands there twice: leave one out")
        values[key] = read(name, value)
    if "frequency" not in values:
        raise ValueError(f"'{text}' does not say how often: begin with FREQ=WEEKLY; or the like")
    rule = Rule(**values)  # type: ignore[arg-type]  # each value is what its part was read as
    _refuse_misfits(rule)
    return rule


def checked(text: str) -> str:
    """Return a rule's text in one form; raise ValueError with the remedy for what is none."""
    parse(text)
    return ";".join(part.strip() for part in text.upper().split(";"))


def _refuse_misfits(rule: Rule) -> None:
    """Refuse parts that mean nothing together (RFC 5545 §3.3.10)."""
    if rule.count is not None and rule.until:
        raise ValueError("'COUNT' and 'UNTIL' stand there both: leave one out")
    if rule.frequency in ("DAILY", "WEEKLY") and (numbered := next((day for day in rule.days if day[0]), None)):
        written = f"{numbered[0]}{_DAYS[numbered[1]]}"
        raise ValueError(f"'{written}' has a number, which belongs to FREQ=MONTHLY or FREQ=YEARLY: leave it out")
    of_months = rule.frequency == "MONTHLY" or rule.months
    if of_months and (beyond := next((day for day in rule.days if abs(day[0]) > 5), None)):
        written = f"{beyond[0]}{_DAYS[beyond[1]]}"
        raise ValueError(f"'{written}' never comes true, as a month has five at most: write a number from -5 to 5")
    if rule.frequency == "WEEKLY" and rule.month_days:
        raise ValueError("'BYMONTHDAY' means nothing in FREQ=WEEKLY: write FREQ=MONTHLY, or leave it out")
    if rule.positions and not (rule.days or rule.month_days or rule.months):
        raise ValueError("'BYSETPOS' chooses from what other parts give: add BYDAY or the like, or leave it out")
    if rule.positions and rule.frequency == "DAILY":
        raise ValueError("'BYSETPOS' means nothing in FREQ=DAILY: leave it out")


def _frequency(_: str, value: str) -> str:
    if value not in _FREQUENCIES:
        raise ValueError(f"'{value}' is no frequency here{did_you_mean(value, _FREQUENCIES)}")
    return value


def _number(least: int, most: int) -> Callable[[str, str], int]:
    def read(name: str, value: str) -> int:
        if not re.fullmatch(r"[+-]?[0-9]{1,5}", value) or not least <= int(value) <= most or not int(value):
            but = ", not 0" if least < 0 else ""
            raise ValueError(f"'{name}={value}' is out of range: write a number from {least} to {most}{but}")
        return int(value)

    return read


def _numbers(least: int, most: int) -> Callable[[str, str], tuple[int, ...]]:
    each = _number(least, most)
    return lambda name, value: tuple(each(name, part) for part in value.split(","))


def _by_day(name: str, value: str) -> tuple[tuple[int, int], ...]:
    days = []
    for part in value.split(","):
        found = _BY_DAY.fullmatch(part)
        if not found or (found[1] and not 1 <= abs(int(found[1])) <= 53):
            raise ValueError(f"'{part}' in {name} is no day: write MO, TU, WE, TH, FR, SA or SU, or -1FR for the last")
        days.append((int(found[1] or 0), _DAYS.index(found[2])))
    return tuple(days)


def _week_start(name: str, value: str) -> int:
    if value not in _DAYS:
        raise ValueError(f"'{name}={value}' is no day{did_you_mean(value, _DAYS)}")
    return _DAYS.index(value)


def _until(name: str, value: str) -> str:
    found = _UNTIL.fullmatch(value)
    try:
        if not found:
            raise ValueError
        datetime(*(int(digits or 0) for digits in found.groups()))  # type: ignore[arg-type]  # noqa: DTZ001
    except ValueError:
        raise ValueError(f"'{name}={value}' is none: write a date like 20271231, or 20271231T230000Z") from None
    return value


_PARTS: dict[str, tuple[str, Callable[[str, str], object]]] = {
    "FREQ": ("frequency", _frequency),
    "INTERVAL": ("interval", _number(1, 999)),
    "BYDAY": ("days", _by_day),
    "BYMONTHDAY": ("month_days", _numbers(-31, 31)),
    "BYMONTH": ("months", _numbers(1, 12)),
    "BYSETPOS": ("positions", _numbers(-366, 366)),
    "COUNT": ("count", _number(1, 10_000)),
    "UNTIL": ("until", _until),
    "WKST": ("week_start", _week_start),
}


# Expanding


def is_over(rule: Rule, day: datetime, start: int) -> bool:
    """Tell whether an occurrence, by what its clock shows and its instant, comes after the last one."""
    last = last_of(rule)
    if last is None:
        return False
    return start > last if "T" in rule.until else f"{day:%Y%m%d}" > rule.until


def last_of(rule: Rule) -> int | None:
    """Return up to when a rule holds: the instant, or the UTC midnight of the last day; None if it goes on."""
    found = _UNTIL.fullmatch(rule.until)
    if found is None:
        return None
    year, month, day, hour, minute, second = (digits or "00" for digits in found.groups())
    return periods.parse_instant(f"{year}-{month}-{day}T{hour}:{minute}:{second}Z")


def clocks(rule: Rule, first: datetime) -> Iterator[datetime]:
    """Yield what the clock shows at each occurrence, the first included if it is one, as many as there are to be."""
    return islice(_since(first, rule, first), rule.count)


def nearest(rule: Rule, first: datetime) -> datetime | None:
    """Return what the clock may show at a first occurrence: ``first`` if it can be, else the nearest that can.

    None for a rule that never comes true.
    """
    every = replace(rule, interval=1)  # the interval is counted from the first one
    earlier = None
    for clock in _since(first.replace(year=first.year - _NEAR, month=1, day=1), every, first):
        if clock >= first:
            return min([clock, earlier or clock], key=lambda each: abs(each - first))
        earlier = clock
    return earlier


def _since(begin: datetime, rule: Rule, first: datetime) -> Iterator[datetime]:
    """Yield what the clock shows from ``begin`` on; what the rule leaves open is taken from the first."""
    from dateutil.rrule import rrule, weekday  # 15 ms that a site without such maintenance does without

    start = begin
    if rule.frequency == "WEEKLY":  # else BYSETPOS would choose from what is left of the first week
        start -= timedelta(days=(begin.weekday() - rule.week_start) % 7)
    days, month_days, months = rule.days, rule.month_days, rule.months
    if not (days or month_days) and rule.frequency == "WEEKLY":
        days = ((0, first.weekday()),)
    elif not (days or month_days) and rule.frequency in ("MONTHLY", "YEARLY"):
        month_days = (first.day,)
        months = months or ((first.month,) if rule.frequency == "YEARLY" else ())
    found = rrule(
        _FREQUENCIES[rule.frequency],
        dtstart=start.replace(year=start.year + _LATER),
        interval=rule.interval,
        wkst=rule.week_start,
        byweekday=[weekday(day, number or None) for number, day in days] or None,
        bymonthday=month_days or None,
        bymonth=months or None,
        bysetpos=rule.positions or None,
    )
    later = takewhile(lambda each: each.year <= _LAST_YEAR + _LATER, found)
    shown = (each.replace(year=each.year - _LATER) for each in later)
    return (clock for clock in shown if clock >= begin)
