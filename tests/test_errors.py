"""Problems as a person reads them, and the exit codes of the tree."""

from __future__ import annotations

from statusgen.errors import (
    Problem,
    SourceError,
    StatusgenError,
    UsageError,
    WorldError,
    did_you_mean,
    excerpt,
    nearest,
)


def test_a_problem_is_written_as_path_line_and_message() -> None:
    assert str(Problem(path="a.yaml", line=12, message="is odd")) == "a.yaml:12: is odd"


def test_a_problem_of_a_whole_file_points_at_its_first_line() -> None:
    assert str(Problem(path="a.yaml", message="is odd")) == "a.yaml:1: is odd"


def test_a_problem_is_one_line_of_print_whatever_strangers_wrote() -> None:
    problem = Problem(path="data/\u202e\n::error::ü", message="\x1b[2J" + "x" * 10_000)
    assert problem.path == r"data/\u202e\n::error::ü"
    assert problem.message.startswith(r"\x1b[2Jxxx")
    assert str(problem).isprintable()
    assert len(problem.message) < 1_000


def test_what_is_quoted_is_one_short_line_of_print() -> None:
    assert excerpt("acme") == "acme"
    assert excerpt("x" * 60) == "x" * 60
    assert excerpt("x" * 61) == "x" * 60 + "…"
    assert excerpt("a\n::error::\x1b[2J") == r"a\n::error::\x1b[2J"


def test_a_source_error_tells_every_problem_on_its_own_line() -> None:
    error = SourceError(Problem(path="a.yaml", line=line, message="is odd") for line in (3, 5))
    assert str(error) == "a.yaml:3: is odd\na.yaml:5: is odd"
    assert [problem.line for problem in error.problems] == [3, 5]


def test_exit_codes_tell_the_repository_the_arguments_and_the_world_apart() -> None:
    errors = (StatusgenError("x"), SourceError(()), UsageError("x"), WorldError("x"))
    assert [error.exit_code for error in errors] == [1, 1, 2, 3]


def test_the_nearest_word_is_found_in_any_case_and_given_as_it_is_known() -> None:
    assert nearest("psot", ("GET", "POST")) == "POST"
    assert nearest("ULR", ("url", "method")) == "url"
    assert nearest("xyz", ("url", "method")) is None
    assert nearest("url", ()) is None


def test_a_word_is_suggested_if_one_is_near() -> None:
    assert did_you_mean("ulr", ("url", "method")) == " (did you mean 'url'?)"


def test_few_words_are_all_offered_if_none_is_near() -> None:
    assert did_you_mean("xyz", ("b", "a", "b")) == " (one of: a, b)"
    assert did_you_mean("xyz", ("a",)) == " (one of: a)"


def test_many_words_are_not() -> None:
    words = [f"word{number}" for number in range(13)]
    assert did_you_mean("xyz", words[:12]).startswith(" (one of: ")
    assert did_you_mean("xyz", words) == ""
    assert did_you_mean("xyz", ()) == ""
