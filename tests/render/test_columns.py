"""Text in columns: what is wide, where lines break, and what never gets to a terminal."""

from __future__ import annotations

import pytest

from statusgen.render import columns


@pytest.mark.parametrize(
    ("text", "harmless"),
    [
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("a\x9b2Jb\x07\x00", "a2Jb"),
        ("\u202eevil\u202c \u2066x\u2069 \u200e\u200f\u061c", "evil x "),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("می\u200cروم", "می\u200cروم"),
        ("a\tb", "a   b"),
        ("a\r\nb\rc", "a\nbc"),
        ("a\u2028b", "a b"),
        ("half \ud800", "half "),
    ],
)
def test_what_steers_a_terminal_or_turns_the_direction_does_not_get_through(text: str, harmless: str) -> None:
    assert columns.clean(text) == harmless


def test_a_name_is_one_line() -> None:
    assert columns.line(" a\n# b\t c ") == "a # b c"


@pytest.mark.parametrize(
    ("text", "wide"),
    [("abc", 3), ("決済", 4), ("ﾊﾝ", 2), ("B\u0301", 1), ("می\u200cروم", 5), ("é", 1), ("Ａ", 2), ("", 0)],
)
def test_wide_characters_take_two_columns_and_marks_none(text: str, wide: int) -> None:
    assert columns.width(text) == wide


def test_lines_break_between_words_and_hang() -> None:
    assert columns.wrapped("- one two three four", 11, "  ") == ["- one two", "  three", "  four"]
    assert columns.wrapped("", 10) == [""]


def test_a_word_that_is_wider_than_the_room_stays_whole() -> None:
    assert columns.wrapped("see https://example.org/long for more", 10) == [
        "see",
        "https://example.org/long",
        "for more",
    ]


def test_wide_scripts_break_anywhere_but_before_their_stops() -> None:
    lines = columns.wrapped("決済サービスで障害が。API v2 は正常です", 10)
    assert lines == ["決済サービ", "スで障害", "が。API v2", "は正常です"]
    assert all(columns.width(line) <= 10 for line in lines)


@pytest.mark.parametrize(
    ("markdown", "quotation"),
    [
        ("one\ntwo", ["> one two"]),
        ("one\n\ntwo", ["> one", ">", "> two"]),
        ("# Heading\ntext", ["> # Heading", "> text"]),
        ("- first entry\n  goes on\n- second", ["> - first entry goes on", "> - second"]),
        ("1. a long entry of a list that wraps", ["> 1. a long entry of a", ">    list that wraps"]),
        (
            "```\ncode that is longer than the room\n```\nx",
            ["> ```", "> code that is longer than the room", "> ```", "> x"],
        ),
        ("    code that is longer than the room", [">     code that is longer than the room"]),
        ("| a | b |\n|---|---|", ["> | a | b |", "> |---|---|"]),
    ],
    ids=["a paragraph", "two", "a heading", "a list", "a long entry", "a fence", "an indented block", "a table"],
)
def test_markdown_keeps_its_form_in_a_quotation(markdown: str, quotation: list[str]) -> None:
    assert columns.quoted(markdown, 26, 20) == (quotation, True)


def test_a_long_text_is_cut_between_lines_and_says_so() -> None:
    assert columns.quoted("a\n\nb\n\nc", 20, 5) == (["> a", ">", "> b", ">", "> c"], True)
    assert columns.quoted("a\n\nb\n\nc", 20, 4) == (["> a", ">", "> b", "> …"], False)
