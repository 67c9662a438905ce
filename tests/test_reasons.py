"""The closed vocabulary of reasons."""

from __future__ import annotations

import pytest

from statusgen import reasons


def test_every_reason_is_known_and_has_a_sentence() -> None:
    for reason, sentence in reasons.REASONS.items():
        assert reasons.known(reason)
        assert reasons.sentence(reason) == sentence
        assert reason == reason.lower()
        assert sentence[0].isupper()
        assert not sentence.endswith(".")


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("status 503", "The server answered with status 503"),
        ("status 7", "The server answered with status 7"),
        ("exit 2", "The program ended with code 2"),
    ],
)
def test_a_numbered_reason_says_its_number(reason: str, sentence: str) -> None:
    assert reasons.known(reason)
    assert reasons.sentence(reason) == sentence


def test_what_is_told_is_a_sentence_to_translate_and_its_number_apart() -> None:
    assert reasons.told("status 503") == ("The server answered with status %(code)s", {"code": "503"})
    assert reasons.told("exit 2") == ("The program ended with code %(code)s", {"code": "2"})
    assert reasons.told("timeout") == ("No complete answer within the timeout", {})
    assert reasons.told("new_in_version_9") == reasons.told("") == ("", {})


def test_no_reason_needs_no_sentence() -> None:
    assert reasons.known("")
    assert reasons.sentence("") == ""


@pytest.mark.parametrize(
    "reason",
    ["status", "status 5030", "status -1", "status 503 ", "exit code", "Timeout", "https://x", "new_in_version_9"],
)
def test_a_word_outside_the_vocabulary_is_unknown_and_shown_as_nothing(reason: str) -> None:
    assert not reasons.known(reason)
    assert reasons.sentence(reason) == ""


def test_what_could_be_a_reason_of_some_version_is_a_short_word_and_perhaps_a_number() -> None:
    for reason in (*reasons.REASONS, "status 503", "new_in_version_9", "x" * 40):
        assert reasons.shaped(reason) == reason
    for text in ("x" * 41, "x" * 1_000_000, "status 5030", "two words", "<b>", "\ud800", "a\n", "", None, 5):
        assert reasons.shaped(text) == ""
