"""Calendars in a zone: the months, quarters and years of a contract, and the hours in which somebody is there.

A day is what people of the zone call one, 23, 24 or 25 hours long. Spans are half-open, in epoch seconds. Zones are
those of the IANA database, by name, as the package ``tzdata`` has them: a machine's own may be years older, and the
same inputs are to give the same bytes everywhere.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones, reset_tzpath

from statusgen.errors import did_you_mean, excerpt
from statusgen.intervals import Intervals, Span

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_NAME = re.compile(r"(\d{4})(?:-(?:(0[1-9]|1[0-2])|Q([1-4])))?", re.ASCII)
_HOURS = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)\s*[-–]\s*([01]?\d|2[0-4]):([0-5]\d)", re.ASCII)
_DAY_SECONDS = 86_400
_MOST_SPANS = 24  # of a day: what is told of years costs as much again for each
_STRETCH = 91 * _DAY_SECONDS  # remembered as a whole: a hundred in 26 years


def zone_named(text: str) -> str:
    """Check a zone's name, like ``Europe/Berlin``; raise ValueError with the remedy."""
    try:
        if "/" in text or text == "UTC":
            _zone(text)
            return text
    except (ValueError, OSError, LookupError):  # of a path that leads elsewhere, a folder, a name that is not there
        pass
    raise ValueError(f"'{text}' is not a time zone{did_you_mean(text, _zones())}: write one like Europe/Berlin")


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    reset_tzpath(to=[])
    return ZoneInfo(name)


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    reset_tzpath(to=[])
    return frozenset(name for name in available_timezones() if "/" in name or name == "UTC")


def period_span(zone: str, name: str) -> Span:
    """Return the span of ``2026-11``, ``2026-Q4`` or ``2026`` in a zone; raise ValueError with the remedy."""
    found = _NAME.fullmatch(name)
    if not found or not 1990 <= int(found[1]) < 2110:
        raise ValueError(f"'{name}' is not a period: write a month like 2026-11, a quarter like 2026-Q4 or a year")
    months = 1 if found[2] else 3 if found[3] else 12
    first = int(found[2] or 1) + (int(found[3]) - 1) * 3 if found[3] else int(found[2] or 1)
    year = int(found[1])
    return _first_of(zone, year, first), _first_of(
        zone, year + (first + months - 1) // 12, (first + months - 1) % 12 + 1
    )


@lru_cache(maxsize=4096)
def _first_of(zone: str, year: int, month: int) -> int:
    return _instant(zone, date(year, month, 1), 0)


def period_name(zone: str, months: int, instant: int) -> str:
    """Return the name of the month, quarter or year (1, 3 or 12 ``months``) in which an instant lies."""
    day = _local(zone, instant)
    if months == 1:
        return f"{day.year}-{day.month:02}"
    return f"{day.year}-Q{(day.month + 2) // 3}" if months == 3 else str(day.year)


def periods_between(zone: str, months: int, first: int, last: int) -> Iterator[str]:
    """Yield the names of the periods from the one of ``last`` back to the one of ``first``."""
    while last >= first:
        name = period_name(zone, months, last)
        yield name
        last = period_span(zone, name)[0] - 1


def months_of(name: str) -> tuple[str, ...]:
    """Return the months of a period by its name: ``2026-07``, ``2026-08`` and ``2026-09`` of ``2026-Q3``."""
    start, end = period_span("UTC", name)
    return tuple(reversed(list(periods_between("UTC", 1, start, end - 1))))


def day_start(zone: str, text: str) -> int:
    """Return the first instant of a day like ``2026-12-25`` in a zone; raise ValueError with the remedy."""
    return _instant(zone, _date(text), 0)


def day_text(instant: int, zone: str) -> str:
    """Write the day of an instant in a zone, ``2026-01-01``."""
    return _local(zone, instant).date().isoformat()


def wall_clock(zone: str, instant: int) -> datetime:
    """Return what the clocks of a zone show at an instant, without the zone."""
    return _local(zone, instant).replace(tzinfo=None, fold=0)


def instant_at(zone: str, clock: datetime) -> int:
    """Return the instant at which the clocks of a zone show something, which has no zone itself.

    What they leave out is read with the offset before the change, of what they show twice it is the first (PEP 495).
    """
    return int(clock.replace(tzinfo=_zone(zone), fold=0).timestamp())


def _date(text: str) -> date:
    try:
        if not re.fullmatch(r"20\d\d-\d\d-\d\d", text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"'{text}' is not a date: write it like 2026-12-25") from None


def _instant(zone: str, day: date, seconds: int) -> int:
    """Return the instant at which the clocks of a zone show so many seconds of a day.

    A time that the clocks leave out is one after the change, one that they show twice is the first (PEP 495).
    """
    day += timedelta(days=seconds // _DAY_SECONDS)
    hours, rest = divmod(seconds % _DAY_SECONDS, 3_600)
    at = time(hours, rest // 60, rest % 60)
    return int(datetime.combine(day, at, _zone(zone)).timestamp())


def _local(zone: str, instant: int) -> datetime:
    return datetime.fromtimestamp(instant, _zone(zone))


# Hours


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """When somebody is there: for each day of the week, from Monday on, spans in seconds of that day's clock.

    ``holidays`` are days, as ``2026-12-25``, on which nobody is.
    """

    id: str
    zone: str = "UTC"
    week: tuple[tuple[Span, ...], ...] = (((0, _DAY_SECONDS),),) * 7
    holidays: tuple[str, ...] = ()

    @property
    def is_always(self) -> bool:
        return not self.holidays and all(day == ((0, _DAY_SECONDS),) for day in self.week)

    @property
    def runs(self) -> tuple[tuple[int, int, str], ...]:
        """Days that are alike in a row, the first and the last of them, Monday 0, and their hours, "" for none."""
        edges = [i for i in range(7) if i == 0 or self.week[i] != self.week[i - 1]]
        return tuple((first, last - 1, _spans(self.week[first])) for first, last in pairwise([*edges, 7]))

    @property
    def rows(self) -> tuple[tuple[str, str], ...]:
        """The week in English: days, and their hours."""
        return tuple((_days(first, last), spans or _CLOSED) for first, last, spans in self.runs)


ALWAYS = Hours(id="always")
_CLOSED = "closed"


def _days(first: int, last: int) -> str:
    names = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    return names[first] if first == last else f"{names[first]} – {names[last]}"


def _spans(spans: tuple[Span, ...]) -> str:
    """Write ``09:00 – 12:00, 13:00 – 17:00``; empty for none."""
    return ", ".join(f"{_clock(start)} – {_clock(end)}" for start, end in spans)


def _clock(seconds: int) -> str:
    return f"{seconds // 3_600:02}:{seconds % 3_600 // 60:02}"


def parse_days(text: str) -> tuple[int, ...]:
    """Return the days of the week, Monday 0, that ``mon-fri``, ``sat`` or ``sat, sun`` names; ValueError otherwise."""
    found: list[int] = []
    for part in text.lower().split(","):
        first, dash, last = part.strip().partition("-")
        last = last if dash else first
        if first not in WEEK or last not in WEEK or WEEK.index(last) < WEEK.index(first):
            raise ValueError(f"'{text}' is not days of the week: write mon-fri, sat or 'sat, sun'")
        found += range(WEEK.index(first), WEEK.index(last) + 1)
    return tuple(found)


def parse_spans(text: str) -> tuple[Span, ...]:
    """Return the spans of ``09:00-12:00, 13:00-17:00`` or ``closed`` in seconds of a day; ValueError otherwise."""
    spans: list[Span] = []
    if text == "closed":
        return ()
    if (count := text.count(",") + 1) > _MOST_SPANS:
        raise ValueError(f"'{excerpt(text)}' has {count} spans: write at most {_MOST_SPANS} for a day, joining some")
    for part in text.split(","):
        found = _HOURS.fullmatch(part.strip())
        hours = [int(digits) for digits in found.groups()] if found else [0] * 4
        start, end = hours[0] * 3_600 + hours[1] * 60, hours[2] * 3_600 + hours[3] * 60
        if not start < end <= _DAY_SECONDS:
            raise ValueError(f"'{text}' is not hours of a day: write 09:00-17:00, or 09:00-12:00, 13:00-17:00")
        spans.append((start, end))
    if any(later[0] < earlier[1] for earlier, later in pairwise(spans)):
        raise ValueError(f"'{text}' overlaps itself: write the hours in order, each once")
    return tuple(spans)


def open_between(hours: Hours, start: int, end: int) -> Intervals:
    """Return when somebody is there within ``[start, end)``: while the clocks of the zone show a time of the hours.

    Where clocks are put back, a time that they show twice counts twice; where they are put forward, one that they leave
    out does not count.
    """
    return Intervals(_open(hours, start, end)).clip(start, end)


def open_seconds(hours: Hours, start: int, end: int) -> int:
    """Return how long ``open_between`` is, of decades too: each stretch of time is added up once, a day at a time."""
    first, last = -(-start // _STRETCH), end // _STRETCH
    if hours.is_always or first >= last:
        return _lasting(hours, start, end)
    whole = sum(_of_stretch(hours, number) for number in range(first, last))
    return _lasting(hours, start, first * _STRETCH) + whole + _lasting(hours, last * _STRETCH, end)


@lru_cache(maxsize=4096)
def _of_stretch(hours: Hours, number: int) -> int:
    return _lasting(hours, number * _STRETCH, (number + 1) * _STRETCH)


def _lasting(hours: Hours, start: int, end: int) -> int:
    return sum(max(0, min(b, end) - max(a, start)) for a, b in _open(hours, start, end))


def _open(hours: Hours, start: int, end: int) -> Iterator[Span]:
    """Yield when somebody is there on each day of ``[start, end)``, in order; none overlaps another."""
    if hours.is_always:
        yield start, end
        return
    day, last = _local(hours.zone, start).date(), _local(hours.zone, end).date()
    holidays = frozenset(hours.holidays)
    while day <= last:
        if day.isoformat() not in holidays:
            yield from _shown(hours.zone, day, hours.week[day.weekday()])
        day += timedelta(days=1)


def _shown(zone: str, day: date, week: tuple[Span, ...]) -> Iterator[Span]:
    """Yield when the clocks of a zone show certain times of a day; at most one change of the clocks falls into it."""
    begin, end = _instant(zone, day, 0), _instant(zone, day, _DAY_SECONDS)
    usual = _ahead(zone, begin)
    if _ahead(zone, end - 1) == usual:
        change = end
    else:
        change = begin + bisect_left(range(begin, end), True, key=lambda at: _ahead(zone, at) != usual)
    midnight = int(datetime.combine(day, time(), UTC).timestamp())
    for first, last in ((begin, change), (change, end)):
        ahead = _ahead(zone, first)
        moved = ((midnight + a - ahead, midnight + b - ahead) for a, b in week)
        yield from ((max(a, first), min(b, last)) for a, b in moved if first < last)


def _ahead(zone: str, instant: int) -> int:
    """Return by how many seconds a zone is ahead of UTC."""
    offset = _local(zone, instant).utcoffset()
    assert offset is not None
    return int(offset.total_seconds())
