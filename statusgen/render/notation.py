"""How our own JSON is written: words, instants, seconds, and what has a line of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping

from statusgen import periods
from statusgen.availability import Tally
from statusgen.model import Phase

Row = dict[str, object]

_LINE = ",\n"


def document(content: Mapping[str, object]) -> bytes:
    """Write a document: a line for each key, and for each element of a list or a map that stands at the top.

    So two versions can be compared line by line, and the rest is left to the encoder that is written in C.
    """
    lines = _LINE.join(f"{_short(key)}: {_long(value)}" for key, value in content.items())
    return f"{{\n{lines}\n}}\n".encode()


def _long(value: object) -> str:
    if isinstance(value, dict) and value:
        lines = _LINE.join(f"  {_short(key)}: {_short(each)}" for key, each in value.items())
        return f"{{\n{lines}\n}}"
    if isinstance(value, list) and value:
        return f"[\n  {f'{_LINE}  '.join(map(_short, value))}\n]"
    return _short(value)


def _short(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def iso(instant: int | None) -> str | None:
    """Return an instant as text, None where there is none."""
    return None if instant is None else periods.iso(instant)


def phase(of: Phase) -> str:
    """Return a phase as one word, as the Status API writes it."""
    return of.value.replace(" ", "_")


def seconds(tally: Tally) -> Row:
    """Return the seconds of a stretch of time by what they were."""
    return {
        "window_seconds": tally.window,
        "known_seconds": tally.known,
        "down_seconds": tally.down,
        "major_seconds": tally.major,
        "partial_seconds": tally.partial,
        "degraded_seconds": tally.degraded,
        "maintenance_seconds": tally.maintenance,
        "excluded_seconds": tally.excluded,
    }
