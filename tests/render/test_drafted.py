"""The sentences of incidents that the program writes, in English and for translators."""

from __future__ import annotations

from statusgen.files import read_tree, shipped
from statusgen.periods import HOUR, parse_instant
from statusgen.render import catalogs
from statusgen.render.drafted import Drafted
from statusgen.render.language import Language

VOICE = Drafted(Language("en"))
NOON = parse_instant("2026-11-25T12:00Z")
TWO, SIX = ["API", "Web"], [f"Part {i}" for i in range(6)]


def test_a_title_names_one_or_two_and_counts_more() -> None:
    assert [VOICE.title(names, True) for names in (["API"], TWO, SIX)] == [
        "API is unavailable",
        "API and Web are unavailable",
        "6 components are unavailable",
    ]
    assert [VOICE.title(names, False) for names in (["API"], TWO, SIX)] == [
        "API is partly unavailable",
        "API and Web are partly unavailable",
        "6 components are partly unavailable",
    ]


def test_a_sentence_names_up_to_five() -> None:
    assert VOICE.joined(SIX[:5], True).startswith("Our monitoring now finds Part 0, Part 1, Part 2, Part 3, Part 4 un")
    assert VOICE.joined(SIX, False).startswith("Our monitoring now finds 6 components partly unavailable as well.")


def test_what_it_was_is_told_in_the_end() -> None:
    calm = "Our monitoring has found no outage since 25 Nov 2026, 12:00 UTC."
    assert VOICE.resolved(NOON, 1, HOUR) == f"{calm} Before, it found 1 outage, which took 1 h."
    assert VOICE.resolved(NOON, 3, HOUR) == f"{calm} Before, it found 3 outages, which took 1 h together."


def test_every_sentence_can_be_translated() -> None:
    theme = read_tree(shipped("themes/default"), "") | read_tree(shipped("render"), "", catalogs.SAYING.__contains__)
    texts = {text if isinstance(text, str) else text[0] for text in catalogs.texts(theme)}
    assert {
        "%(name)s is partly unavailable",
        "%(num)s component is unavailable",
        "Our monitoring has found %(names)s unavailable since %(time)s.",
        "Our monitoring has found %(names)s partly unavailable again since %(time)s.",
        "Our monitoring now finds %(names)s unavailable as well.",
        "We write again when there was no outage for %(duration)s.",
        "The maintenance was planned until %(time)s.",
        "Before, it found %(num)s outage, which took %(duration)s.",
        "What our monitoring found has been corrected: there was no outage.",
        "What this incident is about is no longer monitored, so we close it here.",
    } <= texts
