"""What differs between two configurations, key by key, whatever their types are.

A number says nothing of its unit, so the keys that hold durations and days stand here, and are written as in files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from pathlib import PurePath

from statusgen import periods

_MOST = 200  # letters of a value that are shown
_UNITS = {  # of a number under a key, in milliseconds
    **dict.fromkeys(("timeout_ms", "reprobe_ms", "degraded_above", "down_above"), 1),
    **dict.fromkeys(("interval", "within", "warn_before", "degraded_before", "down_before", "after", "settle"), 1_000),
    **dict.fromkeys(("announced", "cap", "least_outage", "respond", "update", "postmortem", "ahead"), 1_000),
    "retention": periods.DAY * 1_000,
}
_UNSET_AT_ZERO = ("timeout_ms", "interval", "degraded_before", "down_before", "ip")
_INSTANTS = ("since", "begins", "expires")
Keyed = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A value before and after, as text, None where there was or is none. ``place`` is like ``policy.partial``."""

    place: str
    before: str | None
    after: str | None


def settings(before: object, after: object, place: str = "") -> Iterator[Setting]:
    """Yield where two values differ; of what has parts, the innermost that do."""
    if before == after:
        return
    old, new = _parts(before), _parts(after)
    if old is None or new is None:
        key = place.rpartition(".")[2]
        yield Setting(place=place.removesuffix("_ms"), before=_text(before, key), after=_text(after, key))
        return
    for key in dict.fromkeys((*old, *new)):
        inner = f"{place}.{key}".lstrip(".")
        if key in old and key in new:
            yield from settings(old[key], new[key], inner)
        elif key in old:
            yield Setting(place=inner, before=_text(old[key], key), after=None)
        else:
            yield Setting(place=inner, before=None, after=_text(new[key], key))
    if list(old) != list(new) and set(old) == set(new):
        yield Setting(place=place, before=", ".join(old), after=", ".join(new))


def _parts(value: object) -> Keyed | None:
    """Return the parts of a value by their names; None for what has none."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): each for key, each in value.items()}
    if isinstance(value, tuple):
        named = {name: each for each in value if (name := _name(each))}
        return named if len(named) == len(value) else None
    return None


def _name(value: object) -> str:
    """Return by what an element of a list is known among the others, empty where by nothing."""
    if not is_dataclass(value):
        return ""
    found = (getattr(value, key, None) for key in ("id", "name", "severity"))
    return next((str(each) for each in found if each), "")


def _text(value: object, key: str) -> str | None:
    """Write a value as in files, None for nothing; ``key`` is what it stands under, which tells its unit."""
    if value is None:
        return None
    if name := _name(value):
        return name
    if isinstance(value, bool | Enum):
        return str(value.value if isinstance(value, Enum) else value).lower()
    if isinstance(value, int):
        return _number(value, key)
    if isinstance(value, tuple):
        text = ", ".join(_listed(each, key) for each in value)
    else:
        text = value.name if isinstance(value, PurePath) else str(value)
    return (text if len(text) <= _MOST else f"{text[:_MOST]}…") or None


def _number(value: int, key: str) -> str | None:
    if not value and key in _UNSET_AT_ZERO:
        return None
    if key in _UNITS:
        return periods.write_duration(value * _UNITS[key])
    if key in _INSTANTS:
        return periods.iso(value) if value % periods.DAY else periods.iso_day(value)
    return str(value)


def _listed(each: object, key: str) -> str:
    """Write an element of a list, a pair of a name and a value as in a map."""
    if isinstance(each, tuple) and len(each) == 2 and isinstance(each[0], str):
        return f"{each[0]}: {_text(each[1], key) or ''}"
    return _text(each, key) or ""
