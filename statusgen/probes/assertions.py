"""What the answer to a web request must be like: its status, its headers, its text, values of its JSON.

What is missing, of another type, or not found out in time never passes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from statusgen import shape
from statusgen.model import Verdict
from statusgen.probes import json_path, patterns
from statusgen.probes.dial import Deadline
from statusgen.shape import Key, Record

Statuses = tuple[int, int]  # the first and the last one of a range
SUCCESS: Statuses = (200, 299)


def is_expected(status: int, expected: Iterable[Statuses]) -> bool:
    return any(first <= status <= last for first, last in expected)


def _statuses(raw: str) -> Statuses:
    """Read ``404``, ``3xx`` or ``200-299``."""
    text = raw.strip().lower()
    if re.fullmatch(r"[1-5]xx", text):
        return int(text[0]) * 100, int(text[0]) * 100 + 99
    if (numbers := re.fullmatch(r"([1-5]\d\d)(?:\s*-\s*([1-5]\d\d))?", text, re.ASCII)) is None:
        raise ValueError(f"'{raw}' is not a status: write 404, 3xx or 200-299")
    first, last = int(numbers[1]), int(numbers[2] or numbers[1])
    if last < first:
        raise ValueError(f"'{raw}' ends before it begins: write {last}-{first}")
    return first, last


STATUSES = shape.Many(
    shape.Parsed(_statuses, "a status like 404, 3xx or 200-299", {"type": ["integer", "string"]}), single=True, least=1
)


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonDemand:
    """What the values at a path must be; there must be one at least. Not met, it is ``otherwise``."""

    path: str
    equal: str | None = None
    unequal: str | None = None
    pattern: str = ""
    above: Decimal | None = None
    below: Decimal | None = None
    otherwise: Verdict = Verdict.DOWN


def has_headers(
    demands: Iterable[tuple[str, str]], values_of: Callable[[str], Iterable[str]], deadline: Deadline
) -> bool:
    """Tell whether each header is there and one of its values matches."""
    return all(any(patterns.matches(wanted, value, deadline) for value in values_of(name)) for name, wanted in demands)


def unmet_json(demands: Iterable[JsonDemand], body: str, deadline: Deadline) -> Verdict | None:
    """Return the worst of what unmet demands lead to; None where all are met. Raises Unknown without the library."""
    try:
        document = json_path.decoded(body)
    except ValueError:
        return max((demand.otherwise for demand in demands), key=lambda verdict: verdict.value, default=None)
    unmet = [demand.otherwise for demand in demands if not _is_met(demand, document, deadline)]
    return max(unmet, key=lambda verdict: verdict.value, default=None)


def _is_met(demand: JsonDemand, document: object, deadline: Deadline) -> bool:
    values = json_path.values(demand.path, document, deadline.left())
    return bool(values) and all(_is_right(demand, value, deadline) for value in values or ())


def _is_right(demand: JsonDemand, value: object, deadline: Deadline) -> bool:
    if demand.equal is not None and _equals(value, demand.equal) is not True:
        return False
    if demand.unequal is not None and _equals(value, demand.unequal) is not False:
        return False
    if demand.pattern and not _matches(value, demand.pattern, deadline):
        return False
    return _is_within(value, demand.above, demand.below)


def _equals(value: object, wanted: str) -> bool | None:
    """Compare a string by its text, a number as a number, and ``true``, ``false`` and ``null`` as such.

    None for objects and arrays: nothing that stands in a configuration is like them.
    """
    if isinstance(value, str):
        return value == wanted
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value] == wanted
    number = _number(value)
    return None if number is None else number == _written(wanted)


def _matches(value: object, wanted: str, deadline: Deadline) -> bool:
    return isinstance(value, str) and patterns.matches(wanted, value, deadline)


def _is_within(value: object, above: Decimal | None, below: Decimal | None) -> bool:
    if above is None and below is None:
        return True
    number = _number(value)
    return number is not None and (above is None or number > above) and (below is None or number < below)


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return Decimal(repr(value))


def _written(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _limit(raw: str) -> Decimal:
    if (number := _written(raw)) is None:
        raise ValueError(f"'{raw}' is not a number")
    return number


def _demand(**keys: object) -> JsonDemand:
    names = {"is": "equal", "is_not": "unequal", "matches": "pattern", "else": "otherwise"}
    return JsonDemand(**{names.get(name, name): value for name, value in keys.items()})  # type: ignore[arg-type]


def _word(verdict: Verdict) -> str:
    return verdict.word


_OTHERWISE: shape.Shape[Verdict] = shape.choice((Verdict.DOWN, Verdict.DEGRADED), _word)
_TEXT = shape.text(2_000, lines=True)
_NUMBER = shape.Parsed(_limit, "a number", {"type": "number"})
JSON = shape.Many(
    Record(
        _demand,
        {
            "path": Key(
                shape=shape.Parsed(json_path.parse, "a JSONPath", {"type": "string", "pattern": r"^\$"}),
                doc="JSONPath (RFC 9535) of one value or several, which must all be right; none is wrong.",
                required=True,
            ),
            "is": Key(shape=_TEXT, doc="What it must be: a text, a number, true, false or 'null'."),
            "is_not": Key(shape=_TEXT, doc="What it must not be; it must be there all the same."),
            "matches": Key(shape=patterns.PATTERN, doc="Regular expression that a text must match somewhere."),
            "above": Key(shape=_NUMBER, doc="Number that it must be greater than."),
            "below": Key(shape=_NUMBER, doc="Number that it must be less than."),
            "else": Key(
                shape=_OTHERWISE,
                doc="What it is otherwise, down or degraded; default down.",
            ),
        },
    ),
    least=1,
    most=100,
)
