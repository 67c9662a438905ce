"""Shapes: one definition that reads a value, says what is wrong with it and prints its JSON Schema."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pytest

from statusgen import shape, source
from statusgen.errors import Level
from statusgen.shape import Key, Many, Notes, Pairs, Record, Rejected, Shape
from tests.machine import within


class Colour(StrEnum):
    RED = "red"
    DARK_BLUE = "dark_blue"


@dataclass(frozen=True)
class Paint:
    colour: Colour
    litres: int = 1


def read(wanted: Shape[Any], text: str) -> Any:
    """Return the value that stands under the key ``x``."""
    node = source.parse(f"x: {text}\n", "a.yaml")
    assert isinstance(node, source.Mapping)
    return wanted.read(node.entries["x"], "x", Notes("a.yaml"))


def refusals(wanted: Shape[Any], text: str) -> list[str]:
    node = source.parse(f"x: {text}\n", "a.yaml")
    assert isinstance(node, source.Mapping)
    notes = Notes("a.yaml")
    with pytest.raises(Rejected):
        wanted.read(node.entries["x"], "x", notes)
    return [str(problem) for problem in notes.errors]


PAINT = Record(
    Paint,
    {
        "colour": Key(shape=shape.choice(Colour), doc="Its colour.", required=True),
        "litres": Key(shape=shape.integer(1, 9), doc="How much of it."),
    },
)


# Words


def test_a_text_is_one_line_without_invisible_characters() -> None:
    assert read(shape.text(), "  two   words ") == "two words"
    assert read(shape.text(), '"a\\tb\\nc\\u2028d"') == "a b c d"
    assert read(shape.text(), '"a\\u202eb\\u200bc\\u2066d\\0\\x1b\\ufeff"') == "abcd"


def test_joiners_stay_because_some_scripts_and_emoji_need_them() -> None:
    for word in ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\U0001f469\u200d\U0001f692"):
        assert shape.clean(word) == word


def test_a_text_is_written_in_one_way() -> None:
    assert shape.clean("u\u0308ber") == shape.prose("u\u0308ber") == "\xfcber"


@pytest.mark.parametrize("text", ["\u3164", "\u200d\ufe0f", " \xad \u180e", "\U000e0041\U000e007f", "\ufdd0\U0001fffe"])
def test_what_nobody_sees_is_no_text(text: str) -> None:
    assert refusals(shape.text(9, ".+", "a name"), f'"{text}"') == ["a.yaml:1: 'x': is empty: write a name"]


def test_prose_keeps_its_lines_and_what_scripts_need_and_nothing_that_deceives() -> None:
    kept = "a\n\tb\n\nשלום\u200f, \u0645\u06cc\u200c\u062e \U0001f469\u200d\U0001f692 a\u200bb\xad"
    assert shape.prose(kept) == kept
    for character in "\0\x1b\x85\u202a\u202e\u2066\u2069\ud800\ufeff\ufffe\ufdd0\U000e0041\U0010ffff":
        assert shape.prose(f"a{character}b") == "ab", ascii(character)


def test_a_text_may_keep_its_lines() -> None:
    assert read(shape.text(lines=True), "|\n  one\n   two\n") == "one\n two\n"


def test_a_text_has_a_limit_in_characters() -> None:
    assert read(shape.text(3), "äöü") == "äöü"
    assert refusals(shape.text(3), "äöüß") == ["a.yaml:1: 'x': is 4 characters long: at most 3 are allowed"]


def test_a_text_may_have_to_match_a_pattern_whole() -> None:
    word = shape.text(9, "[a-z]+", "a small word")
    assert read(word, "abc") == "abc"
    assert refusals(word, "abc1") == ["a.yaml:1: 'x': 'abc1' is not a small word"]
    assert refusals(word, '""') == ["a.yaml:1: 'x': is empty: write a small word"]


def test_a_secret_stands_only_where_it_may() -> None:
    assert read(shape.text(secrets=True), "Bearer ${env:TOKEN}") == "Bearer ${env:TOKEN}"
    assert refusals(shape.text(secrets=True), "Bearer ${TOKEN}") == [
        "a.yaml:1: 'x': '${TOKEN}' is not a secret's reference: write ${env:NAME}"
    ]
    assert refusals(shape.text(), "a ${env:TOKEN}") == [
        "a.yaml:1: 'x': 'a ${env:TOKEN}' refers to a secret: one may stand only in a URL's query, a header or a body"
    ]


def test_a_value_that_is_missing_or_no_word_is_refused_by_what_is_wanted() -> None:
    assert refusals(shape.integer(1, 5), "") == [
        "a.yaml:1: 'x' has no value: write a whole number from 1 to 5 or remove the key"
    ]
    assert refusals(shape.flag(), "[true]") == ["a.yaml:1: 'x' must be true or false, not a list"]
    assert refusals(shape.day(), "{a: b}") == ["a.yaml:1: 'x' must be a date like 2026-01-05, not a map"]


def test_a_choice_is_made_in_any_case() -> None:
    for word in ("dark_blue", "Dark_Blue", "DARK_BLUE", '" dark_blue "'):
        assert read(shape.choice(Colour), word) is Colour.DARK_BLUE


def test_a_choice_is_offered_as_its_words_are_written() -> None:
    methods = shape.choice(("GET", "POST"))
    assert read(methods, "post") == "POST"
    assert methods.schema() == {"enum": ["GET", "POST"]}
    assert refusals(methods, "PSOT") == ["a.yaml:1: 'x': 'PSOT' is not known (did you mean 'POST'?)"]
    assert refusals(methods, "list") == ["a.yaml:1: 'x': 'list' is not known (one of: GET, POST)"]


def test_an_integer_is_decimal_and_within_its_bounds() -> None:
    assert [read(shape.integer(1, 20), word) for word in ("1", "20", "007", '"5"')] == [1, 20, 7, 5]
    for word in ("0", "21", "-1", "+1", "1.0", "0x1", "1_0", "1e1", "٥", "two", "9999999999"):
        assert refusals(shape.integer(1, 20), word) == [f"a.yaml:1: 'x': '{word}' is not a whole number from 1 to 20"]


def test_a_flag_is_true_or_false_and_nothing_that_looks_so() -> None:
    assert [read(shape.flag(), word) for word in ("true", "false")] == [True, False]
    for word in ("yes", "no", "on", "True", "1"):
        assert refusals(shape.flag(), word) == [f"a.yaml:1: 'x': '{word}' is neither true nor false: write one of them"]


def test_durations_are_seconds_or_milliseconds_within_bounds() -> None:
    assert [read(shape.seconds("10s", "1h"), word) for word in ("10s", "10000ms", "5m", "1h")] == [10, 10, 300, 3_600]
    assert [read(shape.milliseconds("0ms", "2m"), word) for word in ("0ms", "1s", "2m")] == [0, 1_000, 120_000]
    for word in ("9s", "2h"):
        assert refusals(shape.seconds("10s", "1h"), word) == [f"a.yaml:1: 'x': '{word}' is not between 10s and 1h"]


def test_a_duration_in_seconds_is_not_cut_in_silence() -> None:
    assert refusals(shape.seconds("10s", "1h"), "10500ms") == [
        "a.yaml:1: 'x': '10500ms' is not a whole number of seconds: round it"
    ]


def test_instants_and_days_are_read_as_such() -> None:
    assert read(shape.instant(), "2026-11-20T12:00Z") == read(shape.day(), "2026-11-20") + 43_200
    assert refusals(shape.instant(), "2026-11-20 12:00") == [
        "a.yaml:1: 'x': '2026-11-20 12:00' has no time zone: write '2026-11-20 12:00 UTC'"
    ]


# Lists and maps


def test_a_list_is_read_in_its_order() -> None:
    assert read(Many(shape.integer(0, 9)), "[3, 1, 2]") == (3, 1, 2)
    assert read(Many(shape.integer(0, 9)), "[]") == ()


def test_one_value_stands_for_a_list_of_it_only_where_that_is_said() -> None:
    assert read(Many(shape.integer(0, 9), single=True), "3") == (3,)
    for wanted, text in ((Many(shape.text()), "a"), (Many(shape.text(), single=True), ""), (Many(shape.text()), "{}")):
        assert refusals(wanted, text) == ["a.yaml:1: 'x' must be a list, like [a, b]"]


def test_a_list_has_its_bounds() -> None:
    wanted = Many(shape.text(), least=1, most=2)
    assert [len(read(wanted, text)) for text in ("[a]", "[a, b]")] == [1, 2]
    assert refusals(wanted, "[]") == ["a.yaml:1: the number of entries in 'x' is 0: 1 to 2 are allowed"]
    assert refusals(wanted, "[a, b, c]") == ["a.yaml:1: the number of entries in 'x' is 3: 1 to 2 are allowed"]


def test_every_bad_entry_of_a_list_is_named_with_its_line() -> None:
    assert refusals(Many(shape.integer(0, 9)), "\n  - 1\n  - a\n  - 2\n  - b") == [
        "a.yaml:3: 'x': 'a' is not a whole number from 0 to 9",
        "a.yaml:5: 'x': 'b' is not a whole number from 0 to 9",
    ]


def test_pairs_are_read_in_the_order_written() -> None:
    pairs = Pairs(shape.text(9, "[a-z]+", "a word"), shape.integer(0, 9))
    assert read(pairs, "{b: 1, a: 2}") == (("b", 1), ("a", 2))
    assert refusals(pairs, "[a]") == ["a.yaml:1: 'x' must be a map, like {key: value}"]
    assert refusals(pairs, "\n  A: 1\n  b: ten\n  c: 3") == [
        "a.yaml:2: 'x': 'A' is not a word",
        "a.yaml:3: 'x.b': 'ten' is not a whole number from 0 to 9",
    ]


# Records


def test_a_record_is_made_of_the_keys_that_are_present() -> None:
    assert read(PAINT, "{colour: red}") == Paint(Colour.RED)
    assert read(PAINT, "{litres: 2, colour: red}") == Paint(Colour.RED, 2)


def test_all_problems_of_a_record_are_named_together() -> None:
    assert refusals(PAINT, "\n  color: red\n  litres: 10\n  shade: 1") == [
        "a.yaml:2: unknown key 'color' in 'x' (did you mean 'colour'?)",
        "a.yaml:3: 'litres': '10' is not a whole number from 1 to 9",
        "a.yaml:4: unknown key 'shade' in 'x' (one of: colour, litres)",
    ]


def test_a_required_key_is_asked_for_by_what_it_is_for() -> None:
    assert refusals(PAINT, "{litres: 2}") == ["a.yaml:1: 'x' has no 'colour': add it (its colour)"]
    acronym: Record[dict[str, str]] = Record(dict, {"url": Key(shape=shape.text(), doc="URL to ask.", required=True)})
    assert refusals(acronym, "{}") == ["a.yaml:1: 'x' has no 'url': add it (URL to ask)"]


def test_a_record_is_a_map() -> None:
    for text in ("", "red", "[red]"):
        assert refusals(PAINT, text) == ["a.yaml:1: 'x' must be a map with the keys colour, litres"]


def test_what_does_not_fit_together_is_a_problem_of_the_record() -> None:
    def never(**_: int) -> int:
        raise ValueError("needs more thought")

    wanted = Record(never, {"a": Key(shape=shape.integer(0, 9), doc="A number.")})
    assert refusals(wanted, "{a: 1}") == ["a.yaml:1: 'x': needs more thought"]
    assert refusals(wanted, "{a: b}") == ["a.yaml:1: 'a': 'b' is not a whole number from 0 to 9"]


def test_a_record_may_have_a_short_form() -> None:
    short = shape.Parsed(lambda word: Paint(Colour(word)), "a colour", {"type": "string"})
    wanted: Record[Paint] = Record(Paint, PAINT.keys, short=short)
    assert read(wanted, "red") == read(wanted, "{colour: red}") == Paint(Colour.RED)
    assert refusals(wanted, "") == ["a.yaml:1: 'x' has no value: write a colour or remove the key"]


def test_a_warning_is_noted_and_is_no_error() -> None:
    notes = Notes("a.yaml")
    notes.warn(3, "mind the gap")
    assert [(str(problem), problem.level) for problem in notes.problems] == [("a.yaml:3: mind the gap", Level.WARNING)]
    assert notes.errors == ()


# JSON Schema


def test_a_schema_says_what_the_reader_asks_for() -> None:
    assert PAINT.schema() == {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "colour": {"enum": ["red", "dark_blue"], "description": "Its colour."},
            "litres": {"type": "integer", "minimum": 1, "maximum": 9, "description": "How much of it."},
        },
        "required": ["colour"],
    }
    assert shape.text(9, "[a-z]+").schema() == {"type": "string", "maxLength": 9, "pattern": "^(?:[a-z]+)$"}
    assert Many(shape.flag(), least=1, most=5).schema() == {
        "type": "array",
        "items": {"type": "boolean"},
        "minItems": 1,
        "maxItems": 5,
    }
    assert Pairs(shape.text(9, "[a-z]+"), shape.flag()).schema() == {
        "type": "object",
        "additionalProperties": {"type": "boolean"},
        "propertyNames": {"pattern": "^(?:[a-z]+)$"},
    }


def test_a_short_form_is_an_alternative_in_the_schema() -> None:
    numbers = Many(shape.integer(0, 9), single=True).schema()
    assert numbers["anyOf"] == [Many(shape.integer(0, 9)).schema(), shape.integer(0, 9).schema()]
    short: Record[object] = Record(Paint, PAINT.keys, short=shape.choice(Colour))
    assert short.schema() == {"anyOf": [{"enum": ["red", "dark_blue"]}, PAINT.schema()]}


def test_what_was_meant_is_said_of_the_first_unknown_words_of_a_file() -> None:
    notes = Notes("a.yaml")
    known = frozenset(f"component-number-{number}" for number in range(500))
    wrong = [f"componet-number-{number}" for number in range(100, 200)]
    said = [notes.meant(word, known) for word in wrong]
    assert said[0] == " (did you mean 'component-number-100'?)"
    assert [bool(each) for each in said] == [True] * 10 + [False] * 90
    assert notes.meant(wrong[0], known) == said[0]


def test_thousands_of_unknown_words_take_no_time() -> None:
    notes = Notes("a.yaml")
    known = frozenset(f"component-number-{number}" for number in range(500))
    with within(seconds=1):
        for number in range(5_000):
            notes.meant(f"componetnumbr-{number}", known)
