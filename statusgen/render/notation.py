"""How what programs read is written: JSON and its words, instants and seconds, and what XML cannot hold."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from statusgen import periods
from statusgen.availability import Tally
from statusgen.model import Phase

Row = dict[str, object]

NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 §2.2

_LINE = ",\n"


def document(content: Mapping[str, object]) -> bytes:
    """Write a document: a line for each key, and for each element of a list or a map that stands at the top.

    So two versions can be compared line by line, and the rest is left to the encoder that is written in C. Half of a
    pair of surrogates, which no text in UTF-8 can hold, becomes a question mark.
    """
    lines = _LINE.join(f"{_short(key)}: {_long(value)}" for key, value in content.items())
    return f"{{\n{lines}\n}}\n".encode("utf-8", "replace")


def indented(content: Mapping[str, object]) -> bytes:
    """Write a document in a format of others, whose readers have habits of their own."""
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")


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
