"""YAML as text with places: what is kept, what is refused, and that both of PyYAML's parsers say the same."""

from __future__ import annotations

import contextlib

import pytest
import yaml

from statusgen import source
from statusgen.errors import SourceError
from statusgen.source import Mapping, Scalar, Sequence

LOADERS = (yaml.SafeLoader, getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def refusal(text: str, first_line: int = 1, loader: type = LOADERS[-1]) -> str:
    with pytest.raises(SourceError) as refused:
        source.parse(text, "a.yaml", first_line, loader)
    (problem,) = refused.value.problems
    return str(problem)


def mapping(text: str) -> Mapping:
    node = source.parse(text, "a.yaml")
    assert isinstance(node, Mapping)
    return node


def test_every_value_knows_its_line() -> None:
    assert source.parse("site:\n  name: Acme\nlist:\n  - a\n  - {b: c}\n", "a.yaml") == Mapping(
        {
            "site": Mapping({"name": Scalar("Acme", True, 2)}, {"name": 2}, 2),
            "list": Sequence((Scalar("a", True, 4), Mapping({"b": Scalar("c", True, 5)}, {"b": 5}, 5)), 4),
        },
        {"site": 1, "list": 3},
        1,
    )


def test_lines_count_from_where_the_text_stands_in_its_file() -> None:
    node = source.parse("title: x\nseverity: y\n", "a.md", first_line=2)
    assert isinstance(node, Mapping)
    assert (node.line, node.lines) == (2, {"title": 2, "severity": 3})
    assert refusal("a: 1\na: 2\n", first_line=2) == "a.yaml:3: key 'a' stands twice (first on line 2): remove one"


@pytest.mark.parametrize(
    "word", ["no", "012", "0x1F", "12:30", "1_000", "2026-02-30", "1e3", ".inf", "NaN", "true", "=", "<<"]
)
def test_a_scalar_stays_as_it_was_written(word: str) -> None:
    assert mapping(f"a: {word}\n").entries["a"] == Scalar(word, True, 1)


def test_nothing_is_null_only_without_quotes() -> None:
    words = ["", "~", "null", "Null", "NULL", "''", '""', "'null'", '"~"', "none"]
    found = [mapping(f"a: {word}\n").entries["a"] for word in words]
    assert [isinstance(each, Scalar) and each.is_null for each in found] == [True] * 5 + [False] * 5


def test_texts_may_be_quoted_folded_or_literal() -> None:
    text = "a: \"x\\ty\\u00e9\"\nb: 'it''s'\nc: |\n  one\n  two\nd: >\n  one\n  two\n"
    found = {key: node.text for key, node in mapping(text).entries.items() if isinstance(node, Scalar)}
    assert found == {"a": "x\ty\u00e9", "b": "it's", "c": "one\ntwo\n", "d": "one two\n"}


def test_a_file_without_a_document_is_an_empty_map() -> None:
    for text in ("", "\n\n", "# only a comment\n"):
        assert source.parse(text, "a.yaml", 5) == Mapping({}, {}, 5)


def test_a_byte_order_mark_and_windows_line_ends_are_no_matter() -> None:
    node = mapping("\ufeffa: 1\r\nb:\r\n  - 2\r\n")
    assert (list(node.entries), node.lines) == (["a", "b"], {"a": 1, "b": 2})
    assert refusal("a: 1\r\nb: \x07\r\n") == "a.yaml:2: character U+0007 is not allowed: remove it"


def test_one_document_may_have_its_marks() -> None:
    assert mapping("%YAML 1.2\n---\na: 1\n...\n").lines == {"a": 3}


BROKEN = [
    ("a:\n\tb: 1\n", "a.yaml:2: 'b: 1' is not valid YAML: indent with spaces, not with a tab"),
    ("a: 1\n\tb: 2\n", "a.yaml:2: 'b: 2' is not valid YAML: indent with spaces, not with a tab"),
    ("a: 'x\nb: 2\n", "a.yaml:1: 'a: 'x' is not valid YAML: close the quote"),
    ('b: 1\na: "x\n\n\n', "a.yaml:2: 'a: \"x' is not valid YAML: close the quote"),
    ("a: [b, c\nd: 1\n", "a.yaml:1: 'a: [b, c' is not valid YAML: close the bracket, or put a comma between its parts"),
    ("a: {b: c\nd: 1\n", "a.yaml:1: 'a: {b: c' is not valid YAML: close the bracket, or put a comma between its parts"),
    ("a: b: c\n", "a.yaml:1: 'a: b: c' is not valid YAML: put the text in quotes, or mend the indentation"),
    ("a: 1\n  b: 2\n", "a.yaml:2: 'b: 2' is not valid YAML: put the text in quotes, or mend the indentation"),
    (
        "a:\n  b: 1\n c: 2\n",
        "a.yaml:3: 'c: 2' is not valid YAML: mend the indentation, or put the whole text in quotes",
    ),
    ("- a\nb: 1\n", "a.yaml:2: 'b: 1' is not valid YAML: mend the indentation, or put the whole text in quotes"),
    ('a: "x" y\n', "a.yaml:1: 'a: \"x\" y' is not valid YAML: mend the indentation, or put the whole text in quotes"),
    ("a: [\n\n", "a.yaml:1: 'a: [' is not valid YAML: it ends too early: close the bracket, or put the text in quotes"),
    ("a: @x\n", "a.yaml:1: 'a: @x' is not valid YAML: put the text in quotes"),
    ("a: `x`\n", "a.yaml:1: 'a: `x`' is not valid YAML: put the text in quotes"),
    ("a: %x\n", "a.yaml:1: 'a: %x' is not valid YAML: put the text in quotes"),
    ("a: *\n", "a.yaml:1: 'a: *' is not valid YAML: put the text in quotes"),
    ("a: & b\n", "a.yaml:1: 'a: & b' is not valid YAML: put the text in quotes"),
    ("a: !x!y z\n", "a.yaml:1: 'a: !x!y z' is not valid YAML: put the text in quotes"),
    ("a: ,b\n", "a.yaml:1: 'a: ,b' is not valid YAML: put the text in quotes"),
    ("a: |b\n", "a.yaml:1: 'a: |b' is not valid YAML: put the text in quotes"),
    (
        "a: 1\nb\nc: 2\n",
        "a.yaml:2: 'b' is not valid YAML: write 'key: value', or put a text of several lines in quotes",
    ),
    (
        'a: "C:\\q"\n',
        "a.yaml:1: 'a: \"C:\\q\"' is not valid YAML: "
        "write \\\\ for a backslash within double quotes, or use single quotes",
    ),
    (
        'a: "b\n  \\q"\n',
        "a.yaml:2: '\\q\"' is not valid YAML: write \\\\ for a backslash within double quotes, or use single quotes",
    ),
    ("a: b\n  c: d\n", "a.yaml:2: 'c: d' is not valid YAML: put the text in quotes, or mend the indentation"),
    ("%YAML 3.0\n---\na: 1\n", "a.yaml:1: '%YAML 3.0' is not valid YAML: compare it with the lines around it"),
    ("a: 1\n---\nb: 2\n", "a.yaml:2: a second YAML document begins here: keep one per file"),
    ("? [a]\n: b\n", "a.yaml:1: a key must be a word, not a list or a map: put it in quotes"),
    ("? {a: b}\n: c\n", "a.yaml:1: a key must be a word, not a list or a map: put it in quotes"),
    ("a: 1\nb: {c: 1, c: 2}\n", "a.yaml:2: key 'c' stands twice (first on line 2): remove one"),
    ("a: 1\n'a': 2\n", "a.yaml:2: key 'a' stands twice (first on line 1): remove one"),
    ("a: &x 1\n", "a.yaml:1: anchor '&x' is not allowed: remove it, or put the text in quotes"),
    ("&x a: 1\n", "a.yaml:1: anchor '&x' is not allowed: remove it, or put the text in quotes"),
    ("a: &x\n  - 1\n", "a.yaml:1: anchor '&x' is not allowed: remove it, or put the text in quotes"),
    ("a: *x\n", "a.yaml:1: alias '*x' is not allowed: write the value out, or put it in quotes"),
    ("*x : 1\n", "a.yaml:1: alias '*x' is not allowed: write the value out, or put it in quotes"),
    ("a: !!str 1\n", "a.yaml:1: tag '!!str' is not allowed: remove it, or put the text in quotes"),
    ("a: !important\n", "a.yaml:1: tag '!important' is not allowed: remove it, or put the text in quotes"),
    ("a: !!set {b}\n", "a.yaml:1: tag '!!set' is not allowed: remove it, or put the text in quotes"),
    ("a: !!seq [b]\n", "a.yaml:1: tag '!!seq' is not allowed: remove it, or put the text in quotes"),
    ("a: 1\nb: x\x00\n", "a.yaml:2: character U+0000 is not allowed: remove it"),
    ("a: x\x85\n", "a.yaml:1: character U+0085 is not allowed: remove it"),
    ("a: 1\rb: x\u2028\r", "a.yaml:2: character U+2028 is not allowed: remove it"),
    ("a: \ud800\n", "a.yaml:1: character U+D800 is not allowed: remove it"),
]


@pytest.mark.parametrize("loader", LOADERS, ids=("python", "libyaml"))
@pytest.mark.parametrize(("text", "message"), BROKEN)
def test_what_is_broken_is_named_with_its_line_and_remedy(text: str, message: str, loader: type) -> None:
    assert refusal(text, loader=loader) == message


def test_half_a_character_is_refused_by_both_parsers() -> None:
    for loader in LOADERS:
        assert refusal('a: 1\nb: "\\ud800"\n', loader=loader).startswith("a.yaml:2: ")


def test_a_long_line_is_quoted_in_part() -> None:
    assert refusal(f"a: b: {'c' * 100}\n") == (
        f"a.yaml:1: 'a: b: {'c' * 54}' is not valid YAML: put the text in quotes, or mend the indentation"
    )


def test_nesting_may_be_twenty_levels_deep_and_no_deeper() -> None:
    assert source.parse("[" * 20 + "]" * 20, "a.yaml")
    assert refusal("[" * 21 + "]" * 21) == "a.yaml:1: is nested deeper than 20 levels: make it flatter"


def test_a_word_in_the_innermost_map_or_list_is_a_level_too() -> None:
    for opening, closing in (("[", "]"), ("{a: ", "}")):
        assert source.parse(opening * 19 + "b" + closing * 19, "a.yaml")
        assert (
            refusal(opening * 20 + "b" + closing * 20) == "a.yaml:1: is nested deeper than 20 levels: make it flatter"
        )


def test_bottomless_nesting_is_refused_as_fast_as_any() -> None:
    for opening in ("[", "{a: ", "- "):
        assert refusal(opening * 50_000) == "a.yaml:1: is nested deeper than 20 levels: make it flatter"


def test_a_file_may_have_256_kilobytes_and_no_more() -> None:
    fits = "a: " + "\u00e9" * (128 * 1024 - 2) + "\n"
    assert len(fits.encode()) == source.MAX_BYTES
    assert source.parse(fits, "a.yaml")
    assert refusal(fits + "\n") == "a.yaml:1: is larger than 256 KB: make it shorter"


def test_a_file_may_have_fifty_thousand_values_and_no_more() -> None:
    assert source.parse("[" + "1," * 49_999 + "]", "a.yaml")
    assert refusal("[" + "1," * 50_000 + "]") == "a.yaml:1: has more than 50000 values: make it shorter"


@pytest.mark.parametrize(
    "text", ["[", "a: [", "a: [b", "{", "a: {b: ", "'", '"', "|", "- ", "? ", ": ", "!", "&", "*", "%", "@", "`"]
)
@pytest.mark.parametrize("loader", LOADERS)
def test_a_text_that_breaks_off_is_read_or_named_and_nothing_worse(text: str, loader: type) -> None:
    with contextlib.suppress(SourceError):
        source.parse(text, "a.yaml", loader=loader)
