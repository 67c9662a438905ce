"""Rendered Markdown as plain text."""

from __future__ import annotations

import pytest

from statusgen.render.prose import render
from statusgen.render.untagged import untagged


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("", ""),
        ("One *two* **three** `four`.", "One two three four."),
        ("One\ntwo.\n\nThree.", "One two.\n\nThree."),
        ("One  \ntwo.", "One\ntwo."),
        ("Before:\n\n- one\n- two\n\nAfter.", "Before:\n\n- one\n- two\n\nAfter."),
        ("- one\n\n- two", "- one\n\n- two"),
        ("1. one\n2. two", "- one\n- two"),
        ("> quoted\n\nnot", "quoted\n\nnot"),
        ("```\na  b\n  c\n```", "a  b\n  c"),
        ("[cause](https://example.org/x)", "cause (https://example.org/x)"),
        ("<https://example.org/x>", "https://example.org/x"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "a | b\n1 | 2"),
        ("### Cause\n\nWe slept.", "Cause\n\nWe slept."),
        ("1 < 2 & 3 > 2", "1 < 2 & 3 > 2"),
        ("<b>bold</b>", "<b>bold</b>"),
    ],
)
def test_markdown_reads_as_somebody_would_have_typed_it(markdown: str, text: str) -> None:
    assert untagged(render(markdown, {}).html) == text


def test_a_wall_of_blanks_is_as_long_as_any_other_text() -> None:
    wall = (
        "```\nx" + " " * 60_000 + "y\n```"
    )  # which a pattern that looks for blanks before a line break reads for minutes
    assert untagged(render(wall, {}).html) == "x" + " " * 60_000 + "y"


def test_characters_that_no_calendar_may_hold_are_left_out() -> None:
    assert untagged("<p>a\x07b\x1b[31mc\x7f</p>") == "ab[31mc"
