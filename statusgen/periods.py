"""Instants, durations and calendars, and their one text form each.

Inside the program an instant is an ``int`` of epoch seconds in UTC and a duration an ``int`` of seconds (or of
milliseconds where it says so). ``datetime`` appears in this module only. Instants are read as RFC 3339 with a
zone, seconds optional; a time without a zone is refused, because nobody can say which hour it means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

MINUTE, HOUR, DAY = 60, 3_600, 86_400
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MONTHS_IN_FULL = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

Parts = tuple[tuple[int | str, str], ...]  # numbers and their units, the largest first

_UNITS_MS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_DURATION = re.compile(r"(\d{1,9})\s*(ms|s|m|h|d)", re.ASCII)
_INSTANT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,6})?)?\s*(Z|UTC|GMT|[+-]\d\d:?\d\d)",
    re.ASCII | re.IGNORECASE,
)
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_EARLIEST, _LATEST = 946_684_800, 4_102_444_800  # the years 2000 to 2099: anything else is a slip of the keyboard


def parse_duration(text: str) -> int:
    """Return milliseconds of ``800ms``, ``10s``, ``5m``, ``2h`` or ``14d``; raise ValueError with the remedy."""
    found = _DURATION.fullmatch(text.strip())
    if not found:
        raise ValueError(f"'{text}' is not a duration: write a number and a unit, like 800ms, 10s, 5m, 2h or 14d")
    return int(found[1]) * _UNITS_MS[found[2]]


def write_duration(milliseconds: int) -> str:
    """Write ``5m`` or ``90s``, as ``parse_duration`` reads it: a whole number of the largest unit that fits."""
    units = reversed(_UNITS_MS.items())
    return next((f"{milliseconds // ms}{unit}" for unit, ms in units if milliseconds and not milliseconds % ms), "0s")


def parse_instant(text: str) -> int:
    """Return the epoch seconds of ``2026-11-20T10:02Z`` or ``2026-11-20 10:02 UTC``; ValueError with the remedy."""
    found = _INSTANT.fullmatch(text.strip())
    if not found:
        if _INSTANT.fullmatch(text.strip() + "Z"):
            raise ValueError(f"'{text}' has no time zone: write '{text.strip()} UTC'")
        raise ValueError(f"'{text}' is not an instant: write it like 2026-11-20 10:02 UTC or 2026-11-20T10:02Z")
    return _on_calendar(text, [int(digits or 0) for digits in found.groups()[:6]], found[7])


def parse_date(text: str) -> int:
    """Return the first instant of the UTC day ``2026-01-05``; an instant is taken as well."""
    if found := _DATE.fullmatch(text.strip()):
        return _on_calendar(text, [int(digits) for digits in found.groups()], "Z")
    if ":" in text:
        return parse_instant(text)
    raise ValueError(f"'{text}' is not a date: write it like 2026-01-05")


def _on_calendar(text: str, fields: Sequence[int], zone: str) -> int:
    """Return the instant of year, month, day and so on; ``text`` is what was written, for messages."""
    year, month, day, hour, minute, second = (*fields, 0, 0, 0)[:6]
    try:
        instant = int(datetime(year, month, day, hour, minute, second, tzinfo=_zone(zone)).timestamp())
    except ValueError:  # its own text differs between versions of Python
        raise ValueError(f"'{text}' is not in the calendar: correct the date, the time or the zone") from None
    if not _EARLIEST <= instant < _LATEST:
        raise ValueError(f"'{text}' is not between the years 2000 and 2099: correct the year")
    return instant


def shifted(instant: int, seconds: int) -> int:
    """Return the instant so many seconds later, earlier for less than none.

    Raise ValueError with the remedy beyond the years that instants may have: some cannot even be written.
    """
    if not _EARLIEST <= instant + seconds < _LATEST:
        far = f"{duration(abs(seconds))} {'before' if seconds < 0 else 'after'} {date_and_time(instant)}"
        raise ValueError(f"{far} is not between the years 2000 and 2099: give a shorter duration, or an instant")
    return instant + seconds


def _zone(text: str) -> timezone:
    if text.upper() in ("Z", "UTC", "GMT"):
        return UTC
    digits = text[1:].replace(":", "")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > 14 or minutes > 59:
        raise ValueError
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(offset if text[0] == "+" else -offset)


def moment(instant: int) -> datetime:
    """Return the aware datetime that libraries ask for."""
    return datetime.fromtimestamp(instant, UTC)


def day_of(instant: int) -> int:
    """Return the first instant of the UTC day."""
    return instant - instant % DAY


def days_until(instant: int, count: int) -> range:
    """Return the first instants of the last ``count`` UTC days, oldest first, the instant's own day last."""
    today = day_of(instant)
    return range(today - (count - 1) * DAY, today + 1, DAY)


def month_of(instant: int) -> str:
    """Return the UTC month as ``2026-11``."""
    return f"{moment(instant):%Y-%m}"


@lru_cache(maxsize=4096)
def month_span(month: str) -> tuple[int, int]:
    """Return the half-open span of a UTC month written ``2026-11``."""
    year, number = int(month[:4]), int(month[5:])
    start = datetime(year, number, 1, tzinfo=UTC)
    end = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC)
    return int(start.timestamp()), int(end.timestamp())


def months_between(first: int, last: int) -> Iterator[str]:
    """Yield the UTC months from the one of ``last`` back to the one of ``first``."""
    month = month_of(last)
    while month >= month_of(first):
        yield month
        month = month_of(month_span(month)[0] - 1)


# Text. None of it depends on a locale: month names are ours.


def iso(instant: int) -> str:
    """Write ``2026-11-20T10:02:00Z`` (RFC 3339)."""
    return f"{moment(instant):%Y-%m-%dT%H:%M:%SZ}"


def iso_day(instant: int) -> str:
    """Write ``2026-11-20``."""
    return f"{moment(instant):%Y-%m-%d}"


def compact(instant: int) -> str:
    """Write ``20261120T1002Z``: fit for an anchor."""
    return f"{moment(instant):%Y%m%dT%H%MZ}"


def clock(instant: int) -> str:
    """Write ``10:02``."""
    return f"{moment(instant):%H:%M}"


def date(instant: int) -> str:
    """Write ``20 Nov 2026``."""
    day = moment(instant)
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def date_and_time(instant: int) -> str:
    """Write ``20 Nov 2026, 10:02 UTC``."""
    return f"{date(instant)}, {clock(instant)} UTC"


def month_name(month: str) -> str:
    """Write ``November 2026`` for ``2026-11``."""
    return f"{MONTHS_IN_FULL[int(month[5:]) - 1]} {month[:4]}"


def span_of_time(start: int, end: int) -> str:
    """Write ``20 Nov 2026, 10:02 – 11:15 UTC``, with both dates where they differ."""
    if day_of(start) == day_of(end):
        return f"{date(start)}, {clock(start)} – {clock(end)} UTC"
    return f"{date(start)}, {clock(start)} – {date(end)}, {clock(end)} UTC"


def duration_parts(seconds: int, up: bool = False, fine: bool = False) -> Parts:
    """Return a duration's two largest units, ``d``, ``h``, ``min`` or ``s``, cut or rounded ``up``.

    From ten minutes on seconds are left out, unless it is to be ``fine``.
    """
    if up:
        step = HOUR if seconds >= DAY else MINUTE if seconds >= (HOUR if fine else 10 * MINUTE) else 1
        seconds = -(-seconds // step) * step
    days, rest = divmod(seconds, DAY)
    hours, rest = divmod(rest, HOUR)
    minutes, secs = divmod(rest, MINUTE)
    units = ((days, "d"), (hours, "h"), (minutes, "min"), (secs, "s"))
    first = next((i for i, (count, _) in enumerate(units) if count), 3)
    kept = units[first : first + (1 if first == 2 and minutes >= 10 and not fine else 2)]
    return tuple((count, unit) for count, unit in kept if count) or ((0, "s"),)


def duration(seconds: int, up: bool = False, fine: bool = False) -> str:
    """Write the parts of a duration: ``2 d 3 h``, ``1 h 13 min``, ``14 min`` or ``45 s``."""
    return _text(duration_parts(seconds, up, fine))


def _text(parts: Parts) -> str:
    return " ".join(f"{count} {unit}" for count, unit in parts)


def hours_parts(seconds: int) -> Parts:
    """Return hours that are no part of a day, and minutes: 48 h, not two days."""
    whole, rest = divmod(seconds, HOUR)
    return tuple(part for part in ((whole, "h"), (rest // MINUTE, "min")) if part[0]) or ((0, "min"),)


def budget_parts(milliseconds: int, up: bool = False) -> Parts:
    """Return a budget as the parts of a duration, below a minute with the fraction of a second it has."""
    if milliseconds < MINUTE * 1_000 and milliseconds % 1_000:
        return ((f"{milliseconds // 1_000}.{milliseconds % 1_000:03}".rstrip("0"), "s"),)
    return duration_parts(-(-milliseconds // 1_000) if up else milliseconds // 1_000, up, fine=True)


def budget(milliseconds: int, up: bool = False) -> str:
    """Write a budget: as a duration, and below a minute with the parts of a second it has, ``25.92 s``."""
    return _text(budget_parts(milliseconds, up))


def period_name(name: str) -> str:
    """Write ``November 2026``, ``3rd quarter of 2026``, ``2026`` or ``last 28 days`` for the name of a period."""
    if "d to the end of " in name:
        days, _, month = name.partition("d to the end of ")
        return f"{days} days to the end of {month_name(month)}"
    if name.endswith("d"):
        return f"last {name.removesuffix('d')} days"
    if "Q" in name:
        return f"{('1st', '2nd', '3rd', '4th')[int(name[-1]) - 1]} quarter of {name[:4]}"
    return month_name(name) if "-" in name else name


def latency_parts(milliseconds: int) -> Parts:
    """Return a latency or a threshold as 183 ms, 3 s or 1.52 s, never as less than it was."""
    if milliseconds < 1_000:
        return ((milliseconds, "ms"),)
    whole, rest = divmod(-(-milliseconds // 10), 100)
    return ((f"{whole}.{rest:02}".rstrip("0") if rest else whole, "s"),)
