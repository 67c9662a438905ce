"""Values of a JSON document by their JSONPath (RFC 9535), found in bounded time.

The document is a stranger's, and a path with ``..`` or a filter may have to go through all of it again and again, so
that what is gone through looks at the clock. The functions ``match`` and ``search`` are left out: they could not.
"""

from __future__ import annotations

import functools
import json
import time
from collections.abc import Iterator
from typing import Any

from statusgen.errors import excerpt
from statusgen.probes import extras

MODULE = "jsonpath_rfc9535"
MOST_LONG = 4_000  # characters
_SECONDS = 1.0  # a path that takes longer leads nowhere


class _Late(Exception):  # noqa: N818  an outcome
    """The time is up."""


def parse(text: str) -> str:
    """Check a path; raise ValueError with what is wrong. Without the library it is taken as it stands."""
    if len(text) > MOST_LONG:
        raise ValueError(f"is {len(text)} characters long: at most {MOST_LONG} are allowed")
    try:
        from jsonpath_rfc9535 import JSONPathError
    except ImportError:
        return text
    try:
        _compiled(text)
    except JSONPathError as error:
        raise _wrong(text, str(error).splitlines()[0]) from None
    except RecursionError:
        raise _wrong(text, "nested too deeply") from None
    except (OverflowError, ValueError):  # as Python says of a number that it cannot hold
        raise _wrong(text, "a number in it is too large") from None
    return text


def _wrong(path: str, why: str) -> ValueError:
    return ValueError(f"'{excerpt(path)}' is not a JSONPath ({why}): write one like $.status")


def decoded(text: str) -> object:
    """Return a JSON document; raise ValueError for what is none, or is nested too deeply to be read."""
    try:
        return json.loads(text, parse_constant=_refused)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _refused(constant: str) -> object:
    raise ValueError(f"{constant} is no JSON")


def values(path: str, document: object, seconds: float) -> list[object] | None:
    """Return the values at the path; None where they could not be found in time. Raises Unknown without the library."""
    extras.need(MODULE, "the key 'json' of check kind 'http'", "json")
    from jsonpath_rfc9535 import JSONPathError

    clock = _Clock(min(_SECONDS, seconds))
    try:
        query = _compiled(path)
        return [node.value for node in query.find(document if query.singular_query() else clock.on(document))]
    except (_Late, RecursionError, OverflowError, ValueError, JSONPathError):  # it was read without the library
        return None


@functools.lru_cache(maxsize=4_096)
def _compiled(path: str) -> Any:
    from jsonpath_rfc9535 import JSONPathEnvironment

    environment = JSONPathEnvironment()
    for name in ("match", "search"):
        del environment.function_extensions[name]
    return environment.compile(path)


class _Clock:
    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds

    def tick(self) -> None:
        if time.monotonic() > self._ends:
            raise _Late

    def on(self, value: object) -> object:
        """Return the same value, of objects and arrays that look at the clock."""
        self.tick()
        if isinstance(value, dict):
            return _Object(self, {name: self.on(member) for name, member in value.items()})
        return _Array(self, [self.on(element) for element in value]) if isinstance(value, list) else value


class _Object(dict[str, object]):
    def __init__(self, clock: _Clock, members: dict[str, object]) -> None:
        super().__init__(members)
        self._clock = clock

    def items(self) -> Iterator[tuple[str, object]]:  # type: ignore[override]
        for member in super().items():
            self._clock.tick()
            yield member


class _Array(list[object]):
    def __init__(self, clock: _Clock, elements: list[object]) -> None:
        super().__init__(elements)
        self._clock = clock

    def __iter__(self) -> Iterator[object]:
        for element in super().__iter__():
            self._clock.tick()
            yield element
