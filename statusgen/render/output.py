"""A file of the site before it is made, and the key that stands for all that goes into it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Output:
    """A file to be made. Equal keys make equal bytes; without a key it is made every time."""

    key: str
    make: Callable[[], bytes]


def digest(*inputs: object) -> str:
    """Return a hash of values that print all they hold, as frozen dataclasses do."""
    return hashlib.sha256(repr(inputs).encode("utf-8", "surrogatepass")).hexdigest()
