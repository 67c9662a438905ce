"""Bounds of seconds of CPU, which mean the same on a machine that is slow or busy as on one that is not."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

import yaml

_TEXT = "".join(f"key{i}: {{a: [1, 2, 'b'], c: word}}\n" for i in range(100))
_USUAL = 0.02  # seconds that reading the text takes where the bounds were set, with Python 3.11


def spent() -> float:
    """Return the seconds of CPU of this process and of those of its children that have ended."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def slowness() -> float:
    """Return how many times slower than usual this machine is at the moment, the worst of a few looks; 1 at least."""
    looks = []
    for _ in range(5):
        began = spent()
        for _ in range(3):  # clocks of processes may tick a hundred times a second
            yaml.compose(_TEXT, Loader=yaml.SafeLoader)
        looks.append((spent() - began) / 3)
    return max(1.0, *(look / _USUAL for look in looks))


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    """Fail if what is done inside takes so many seconds of CPU, at the usual speed."""
    began = spent()
    yield
    took = spent() - began
    assert took < seconds or took < seconds * slowness(), f"took {took:.2f} s of CPU"
