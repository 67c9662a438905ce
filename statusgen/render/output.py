"""A file of the site before it is made, and the key that stands for all that goes into it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Output:
    """A file to be made. Equal keys make equal bytes; without a key it is made every time."""

    key: str
    make: Callable[[], bytes]
