"""Regular expressions of those who configure a check."""

from __future__ import annotations

import sys
import threading

import pytest

from statusgen.probes import patterns
from statusgen.probes.dial import Deadline
from statusgen.probes.patterns import BYTES_PATTERN, PATTERN
from statusgen.shape import Parsed

BOTH = pytest.mark.parametrize("shape", [PATTERN, BYTES_PATTERN])


@BOTH
@pytest.mark.parametrize("count", [101, 420, 1_999])
def test_groups_without_end_are_refused_with_the_remedy(shape: Parsed[str], count: int) -> None:
    for text in ("(" * count + "a" + ")" * count, "(a)" * count, "(?V1)" + "[" * count + "a" + "]" * count, "([" * 51):
        with pytest.raises(ValueError, match=r"^(has \d+ of '\(' and '\[': at most 100|is \d+ characters long: )"):
            shape.parse(text)


@BOTH
def test_a_text_of_pages_is_refused_and_what_is_wrong_with_it_quotes_its_beginning(shape: Parsed[str]) -> None:
    assert shape.parse("a" * 4_000)
    with pytest.raises(ValueError, match=r"^is 4001 characters long: at most 4000 are allowed$"):
        shape.parse("a" * 4_001)
    with pytest.raises(ValueError, match=rf"^'\({'a' * 59}…' is not a regular expression \(missing \)"):
        shape.parse("(" + "a" * 3_000)


@pytest.mark.parametrize("text", ["(?:" * 100 + "a|b" + ")*" * 100, "(?V1)" + "[^c&&" * 98 + "[a]" + "]" * 98])
def test_what_is_accepted_can_be_held_against_a_text_where_little_stack_is_left(text: str) -> None:
    found: list[bool] = []

    def deep(frames: int) -> None:
        if frames:
            deep(frames - 1)
        else:
            found.append(patterns.matches(PATTERN.parse(text), "ba", Deadline(5_000)))

    thread = threading.Thread(target=deep, args=(sys.getrecursionlimit() - 800,))
    thread.start()
    thread.join()
    assert found == [True]
