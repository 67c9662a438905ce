"""The course of an event as strips: nothing outside of the drawing, and short trouble is seen."""

from __future__ import annotations

from dataclasses import replace

from statusgen.model import State
from statusgen.periods import DAY, HOUR, MINUTE, parse_instant
from statusgen.render.lanes import LEAST, WIDTH, Piece, Strip, strip
from statusgen.views import EventView, Lane, Spans

from ..literals import NOW, resolved, take

START = parse_instant("2026-11-20T10:00Z")
VIEW = take(events=[resolved("a", NOW - HOUR, NOW)]).events[0]


def event(*lanes: Spans) -> EventView:
    named = tuple(Lane(component=f"C{i}", id=f"c{i}", spans=spans) for i, spans in enumerate(lanes))
    return replace(VIEW, lanes=named)


def drawn(of: EventView, now: int | None = None) -> Strip:
    made = strip(of, now)
    assert made is not None
    return made


def pieces(made: Strip) -> list[list[tuple[int, int]]]:
    return [[(piece.x, piece.width) for piece in drawn] for _, drawn in made.lanes]


def test_spans_share_one_axis_from_the_first_to_the_last() -> None:
    made = drawn(
        event(
            ((START, START + HOUR, State.MAJOR), (START + HOUR, START + 4 * HOUR, State.DEGRADED)),
            ((START + 2 * HOUR, START + 3 * HOUR, State.PARTIAL),),
        )
    )
    assert (made.start, made.end) == (START, START + 4 * HOUR)
    assert pieces(made) == [[(0, 250), (250, 750)], [(500, 250)]]
    assert made.lanes[0][1][0] == Piece(state=State.MAJOR, start=START, end=START + HOUR, x=0, width=250)
    assert [lane.component for lane, _ in made.lanes] == ["C0", "C1"]


def test_a_minute_of_a_day_is_seen() -> None:
    made = drawn(event(((START, START + DAY, State.DEGRADED),), ((START + HOUR, START + HOUR + MINUTE, State.MAJOR),)))
    assert pieces(made)[1] == [(41, LEAST)]


def test_a_minute_at_the_very_end_is_seen_as_well() -> None:
    end = START + 7 * DAY
    made = drawn(event(((START, end, State.DEGRADED),), ((end - MINUTE, end, State.MAJOR),)))
    assert pieces(made)[1] == [(WIDTH - LEAST, LEAST)]


def test_no_piece_leaves_the_drawing() -> None:
    for length in (1, 59, HOUR, 3 * DAY):
        for first in range(0, length, max(1, length // 97)):
            spans = ((START, START + length, State.MAJOR),), ((START + first, START + length, State.PARTIAL),)
            for x, width in (each for row in pieces(drawn(event(*spans))) for each in row):
                assert 0 <= x <= WIDTH - LEAST
                assert LEAST <= width <= WIDTH - x


def test_what_goes_on_needs_the_present_which_ends_the_axis() -> None:
    goes_on = event(((START, None, State.MAJOR),), ((START, START + HOUR, State.DEGRADED),))
    assert strip(goes_on) is None
    made = drawn(goes_on, START + 4 * HOUR)
    assert (made.end, pieces(made)) == (START + 4 * HOUR, [[(0, WIDTH)], [(0, 250)]])
    assert made.lanes[0][1][0].end is None


def test_the_present_moves_nothing_of_what_is_over() -> None:
    over = event(((START, START + HOUR, State.MAJOR),))
    assert strip(over) == strip(over, NOW)


def test_an_event_that_named_nothing_or_took_no_time_is_not_drawn() -> None:
    assert strip(event()) is None
    assert strip(event(())) is None
    assert strip(event(((START, START, State.MAJOR),))) is None
    assert strip(event(((START, None, State.MAJOR),)), START) is None
