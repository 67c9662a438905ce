"""How near an end may come: that of a certificate, or of a domain's registration.

An end that is near is no degradation to customers: by default it is a notice beside a check that is up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from statusgen import periods, shape
from statusgen.model import Verdict
from statusgen.probes.kind import Judgement
from statusgen.shape import Key

_BEFORE = shape.seconds("1h", "365d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiry:
    """Seconds before an end from which on it is a notice, a degradation, a failure; 0: never."""

    warn_before: int = 14 * periods.DAY
    degraded_before: int = 0
    down_before: int = 0

    def __post_init__(self) -> None:
        if self.down_before and 0 < self.degraded_before <= self.down_before:
            raise ValueError("'degraded_before' must be longer than 'down_before', or it never is")


def judge(expiry: Expiry, end: int | None, at: int, ending: str, ended: str) -> Judgement:
    """Judge an end by how far it is from ``at``; ``ending`` and ``ended`` are the reasons to give.

    An end that is not known is a doubt where more than a notice depends on it.
    """
    if end is None:
        return (None, "unclear") if expiry.degraded_before or expiry.down_before else (Verdict.UP, "")
    left = end - at
    if left <= 0:
        return Verdict.DOWN, ended
    if left < expiry.down_before:
        return Verdict.DOWN, ending
    if left < expiry.degraded_before:
        return Verdict.DEGRADED, ending
    return Verdict.UP, ending if left < expiry.warn_before else ""


def keys(subject: str, warn: str = "14d") -> Mapping[str, Key[Any]]:
    """Return the keys of an ``Expiry``. ``subject`` is what ends; ``warn`` the default, in words."""
    return {
        "warn_before": Key(shape=_BEFORE, doc=f"Notice when the {subject} ends sooner than this; default {warn}."),
        "degraded_before": Key(shape=_BEFORE, doc=f"Degraded when the {subject} ends sooner; default: never."),
        "down_before": Key(shape=_BEFORE, doc=f"Down when the {subject} ends sooner; default: when it has ended."),
    }
