"""Two versions of a published file: what counts as a number, what differs, and files made to hold a reader up."""

from __future__ import annotations

import time

import pytest

from statusgen import comparing

QUICK = 3  # seconds, on a machine that may be busy; what is not linear takes minutes


def told(path: str, published: str, recomputed: str) -> list[str]:
    """Return the differences of two versions, as a person reads them."""
    return [str(each) for each in comparing.differences(path, published.encode(), recomputed.encode())]


def page(published: str, recomputed: str) -> list[str]:
    return told("index.html", published, recomputed)


# What counts.


@pytest.mark.parametrize(
    ("path", "content", "count"),
    [
        ("a.json", '{"a": 1, "b": "99.9", "c": [true, null, "x", 2.5], "d": {}, "e": "at 10:02"}', 4),
        ("a.json", "[]", 0),
        ("a.jsonl", '{"at": 1}\n{"at": 2}\n', 2),
        ("a.csv", "period,known\r\n2026-11,12\r\n2026-10,\r\n", 3),
        ("a.html", '<p class="n1">99.9 % of 30 days <b>7</b></p><script>8</script><!-- 9 -->', 3),
        ("a.html", '<svg aria-label="90 days, 3 without data"></svg>', 2),
        ("a.atom", "<entry><id>x</id><title>12 errors</title></entry>", 1),
        ("style.css", "p {margin: 3px}", 0),
    ],
)
def test_numbers_are_counted_where_a_person_or_a_program_reads_them(path: str, content: str, count: int) -> None:
    assert comparing.numbers(path, content.encode()) == count


@pytest.mark.parametrize(
    ("path", "is_read"),
    [
        ("a.json", True),
        ("a/b.jsonl", True),
        ("a/b.csv", True),
        ("a.rss", True),
        ("icon.svg", False),
        ("robots.txt", False),
    ],
)
def test_files_without_numbers_are_not_compared(path: str, is_read: bool) -> None:
    assert comparing.is_read(path) is is_read
    assert bool(told(path, '{"a": 1}', '{"a": 2}')) is is_read


# JSON and CSV.


def test_lines_of_json_are_compared_line_by_line() -> None:
    assert told("a.jsonl", "[1]\n[3]\n", "[1]\n[2]\n[3]\n") == [
        "a.jsonl: line 2: published [3], recomputed [2]",
        "a.jsonl: line 3: published , recomputed [3]",
        "a.jsonl: line 4: published nothing, recomputed ",
    ]


def test_in_json_every_value_counts_and_is_named_by_its_place() -> None:
    assert told("a.json", '{"a": {"b": [1, {"c": "x"}]}, "d": null}', '{"d": 0, "a": {"b": [1, {"c": "y"}, 2]}}') == [
        "a.json: d: published null, recomputed 0",
        'a.json: a.b[1].c: published "x", recomputed "y"',
        "a.json: a.b[2]: published nothing, recomputed 2",
    ]


def test_in_json_neither_order_nor_white_space_counts_but_the_type_does() -> None:
    assert told("a.json", '{"a":1,"b":[]}', '{\n "b": [], "a": 1}') == []
    assert told("a.json", '{"a": "1"}', '{"a": 1}') == ['a.json: a: published "1", recomputed 1']
    assert told("a.json", '{"a": {}}', '{"a": []}') == ["a.json: a: published {}, recomputed []"]


def test_a_value_that_is_published_besides_is_a_difference_and_hides_none() -> None:
    assert told("a.json", '{"a": {"b": 9}, "a.b": 1}', '{"a": {"b": 1}}') == [
        "a.json: a.b: published 9, recomputed 1",
        'a.json: "a.b": published 1, recomputed nothing',
    ]


def test_cells_of_csv_are_named_by_line_and_column_and_quotes_do_not_count() -> None:
    assert told("a.csv", 'a,b\r\n"1",2\r\n', "a,b\r\n1,3\r\n") == [
        "a.csv: line 2, column 2 (b): published 2, recomputed 3"
    ]


def test_a_column_that_is_published_besides_hides_no_other_of_its_name() -> None:
    assert told("a.csv", "a,b,a\n9,2,1\n", "a,b\n1,2\n")[0] == "a.csv: line 2, column 1 (a): published 9, recomputed 1"


@pytest.mark.parametrize(
    ("path", "broken"),
    [
        ("a.json", '{"a": '),
        ("a.json", "<html>not found</html>"),
        ("a.json", ""),
        ("a.json", "[" * 100_000),
        ("a.json", "9" * 10_000),
        ("a.csv", "a\rb\n"),
        ("a.csv", '"' + "x" * 200_000),
    ],
)
def test_what_cannot_be_read_is_one_difference(path: str, broken: str) -> None:
    assert told(path, broken, "1") == [f"{path}: published what cannot be read, recomputed another text"]


def test_bytes_that_are_no_utf_8_are_a_difference() -> None:
    assert len(comparing.differences("a.json", b'{"a": "\xff"}', b'{"a": 1}')) == 1
    assert len(comparing.differences("a.html", b"<p>\xff</p>", b"<p>1</p>")) == 1


def test_a_file_with_many_differences_is_cut_off() -> None:
    published, recomputed = (str(list(range(start, start + 100))) for start in (0, 1_000))
    assert len(told("a.json", published, recomputed)) == 20


# Pages.


def test_markup_does_not_count() -> None:
    assert page("<P CLASS=a>99.9 %<br/>up</p><!-- 1 > 2 -->", '<div title="a > b"><p>99.9\n %</p> up</div>') == []


@pytest.mark.parametrize("tag", ["script", "style", "SCRIPT"])
def test_scripts_and_styles_are_not_read_and_what_follows_them_is(tag: str) -> None:
    assert page(f"<{tag} async>if (a < 1) b = '</p> 99 %';</{tag}><p>98 %</p>", "<p>98 %</p>") == []
    assert len(page(f"<{tag}>x</{tag}><p>99 %</p>", "<p>98 %</p>")) == 1


def test_words_and_numbers_count_each_with_those_before_it() -> None:
    assert page("<p>All of it is up: 99.99 % of it</p>", "<p>All of it is down: 98.2 % of it</p>") == [
        "index.html: after 'All of it is': published 'up: 99.99', recomputed 'down: 98.2'"
    ]
    assert page("Up", "Down") == ["index.html: at the beginning: published 'Up', recomputed 'Down'"]


def test_what_was_left_out_or_put_in_is_said_to_be_nothing_there() -> None:
    assert page("<p>one three</p>", "<p>one <b>two</b> three</p>") == [
        "index.html: after 'one': published nothing, recomputed 'two'"
    ]
    assert page("one two", "one") == ["index.html: after 'one': published 'two', recomputed nothing"]


def test_each_of_several_differences_is_named() -> None:
    found = page("a 1 b c d 2 e f g h 3", "a 4 b c d 5 e f g h 6")
    assert [each.partition("published ")[2] for each in found] == [
        "'1', recomputed '4'",
        "'2', recomputed '5'",
        "'3', recomputed '6'",
    ]


def test_labels_that_are_read_aloud_count() -> None:
    assert page('<svg aria-label="3 days"></svg>', '<svg aria-label="4 days"></svg>') == [
        "index.html: at the beginning: published '3', recomputed '4'"
    ]
    assert page("<svg aria-label='3 &lt; 4'></svg>", '<svg role="img" aria-label="3 &#60; 4">') == []


def test_characters_count_and_not_how_they_are_written() -> None:
    assert page("<p>a &amp; b — c</p>", "<p>a &#38; b &mdash; c</p>") == []
    assert len(page("<p>&lt;b&gt;</p>", "<p><b></p>")) == 1


def test_a_long_text_is_quoted_in_part_and_a_long_stretch_is_one_difference() -> None:
    (found,) = page(" ".join(f"a{i} same" for i in range(2_000)), " ".join(f"b{i} same" for i in range(2_000)))
    assert len(found) < 300


@pytest.mark.parametrize(
    "hostile",
    [
        *("<", "<a ", "<!", "<!--", "<!-- >", "<![CDATA[ >", "</", "<?", "&#", "<a b='", "<a b=' >", "<a b=\"' >"),
        *("<script>", "<style ", "<a aria-label=", "same ", "other same ", "a" * 10, "<div>"),
    ],
)
def test_a_page_made_to_hold_the_reader_up_ends_quickly(hostile: str) -> None:
    started = time.monotonic()
    page(hostile * 50_000, "<p>" + "same " * 5_000 + "</p>")
    page("<a " + hostile * 50_000 + ">", "<p>all is well</p>")
    assert time.monotonic() - started < QUICK


def test_a_comment_or_a_script_that_is_not_closed_goes_on_to_the_end() -> None:
    for start in ("<!--", "<script>", "<style>"):
        assert page(f"<p>a</p>{start}<p>b</p>", "<p>a</p><p>b</p>") == [
            "index.html: after 'a': published nothing, recomputed 'b'"
        ]


def test_what_decides_how_a_page_looks_and_acts_is_the_themes_to_the_last_byte() -> None:
    assert told("style.css", "a{}", "a{ }") == ["style.css: published another text, recomputed the theme's"]
    assert told("site.js", "x", "y") == ["site.js: published another text, recomputed the theme's"]
    assert told("site.js", "x", "x") == []


def test_a_key_that_stands_twice_cannot_be_read() -> None:
    assert told("a.json", '{"a": 1, "a": 2}', '{"a": 2}') == [
        "a.json: published what cannot be read, recomputed another text"
    ]


def test_instants_for_scripts_and_the_page_s_policy_are_words_too() -> None:
    before = '<time datetime="2026-11-20T10:00Z" data-after="900">x</time><meta content="default-src none">'
    for old, new in (("10:00", "11:00"), ("900", "9000"), ("none", "all")):
        assert told("a.html", before.replace(old, new), before)
