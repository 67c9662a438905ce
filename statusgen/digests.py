"""Hashes that stand for values: equal values, equal digests."""

from __future__ import annotations

import hashlib


def digest(*inputs: object) -> str:
    """Return a SHA-256 in hex of values that print all they hold, as text, tuples and frozen dataclasses do."""
    return hashlib.sha256(repr(inputs).encode("utf-8", "surrogatepass")).hexdigest()
