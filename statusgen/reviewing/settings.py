"""What differs between two configurations, key by key, whatever their types are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from pathlib import PurePath

_MOST = 200  # letters of a value that are shown
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
        yield Setting(place=place, before=_text(before), after=_text(after))
        return
    for key in dict.fromkeys((*old, *new)):
        inner = f"{place}.{key}".lstrip(".")
        if key in old and key in new:
            yield from settings(old[key], new[key], inner)
        elif key in old:
            yield Setting(place=inner, before=_text(old[key]), after=None)
        else:
            yield Setting(place=inner, before=None, after=_text(new[key]))
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


def _text(value: object) -> str | None:
    if value is None:
        return None
    if name := _name(value):
        return name
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, tuple):
        text = ", ".join(str(_text(each)) for each in value)
    else:
        text = value.name if isinstance(value, PurePath) else str(value)
    return text if len(text) <= _MOST else f"{text[:_MOST]}…"
