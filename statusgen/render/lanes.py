"""How an event went on, as a strip a component: the spans of its states side by side on one axis of time."""

from __future__ import annotations

from dataclasses import dataclass

from statusgen.model import State
from statusgen.views import EventView, Lane

WIDTH = 1_000  # of the drawing, whatever time that is
LEAST = 6  # so that a minute in a day is seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A span of one state; ``end`` is None while it lasts."""

    state: State
    start: int
    end: int | None
    x: int
    width: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """All lanes of an event on the axis from ``start`` to ``end``."""

    start: int
    end: int
    lanes: tuple[tuple[Lane, tuple[Piece, ...]], ...]


def strip(event: EventView, now: int | None = None) -> Strip | None:
    """Return what to draw of an event; None where it named no component or took no time.

    ``now`` is needed for one that is still open, and ends the axis.
    """
    spans = [span for lane in event.lanes for span in lane.spans]
    ends = [now if end is None else end for _, end, _ in spans]
    start = min((span[0] for span in spans), default=0)
    known = [end for end in (*ends, now if event.is_open else None) if end is not None]
    if None in ends or (end := max(known, default=0)) <= start:
        return None
    told = (lane for lane in event.lanes if lane.spans)
    drawn = tuple((lane, tuple(_piece(span, start, end) for span in lane.spans)) for lane in told)
    return Strip(start=start, end=end, lanes=drawn)


def _piece(span: tuple[int, int | None, State], start: int, end: int) -> Piece:
    first, last, state = span
    x = (first - start) * WIDTH // (end - start)
    width = max(LEAST, ((end if last is None else last) - first) * WIDTH // (end - start))
    return Piece(
        state=state, start=first, end=last, x=min(x, WIDTH - LEAST), width=min(width, WIDTH - min(x, WIDTH - LEAST))
    )
