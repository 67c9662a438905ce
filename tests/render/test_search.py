"""The index for the search on the history page."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from statusgen.model import Phase, State
from statusgen.render import search
from statusgen.render.language import language
from statusgen.render.words import Words
from statusgen.views import Snapshot

from ..literals import DAY, HOUR, NOW, component, incident, maintenance, resolved, rounds, site, take, update
from .published import ENGLISH, THEME

SITE = site(component("api", name="Public API"), component("web"))
TOLD = (
    resolved("2026-11-20-errors", NOW - 5 * DAY, NOW - 5 * DAY + HOUR, title="Errors", api=State.PARTIAL),
    incident("open", update(NOW, Phase.INVESTIGATING, "**Requests** fail, see [this](a.md):\n\n> `HTTP 503`")),
    maintenance("work", NOW + DAY, NOW + DAY + HOUR, on=("web",)),
)


def snapshot(*events: object) -> Snapshot:
    return take(SITE, events or TOLD, rounds(api="uu", web="uu"))  # type: ignore[arg-type]


def rows(made: Snapshot, words: Words = ENGLISH) -> Any:
    return json.loads(search.output(made, words, "").make())


def test_every_event_is_a_row_newest_first() -> None:
    assert [row["slug"] for row in rows(snapshot())] == ["work", "open", "2026-11-20-errors"]


def test_a_row_has_what_a_result_shows() -> None:
    assert rows(snapshot())[2] == {
        "slug": "2026-11-20-errors",
        "title": "Errors",
        "state": "partial_outage",
        "facts": "Resolved · 20 Nov 2026 · 1 h",
        "components": ["api"],
        "text": "errors 2026-11-20-errors sev2 november 2026 public api something is said. something is said. ",
    }


def test_what_goes_on_has_no_length() -> None:
    assert rows(snapshot())[1]["facts"] == "Investigating · 25 Nov 2026"


def test_an_event_is_found_by_its_words_without_markup() -> None:
    assert rows(snapshot())[1]["text"].split()[5:] == ["requests", "fail,", "see", "this", "a.md", ":", "http", "503"]


def test_a_long_text_is_cut_but_never_within_the_title() -> None:
    told = incident("long", update(NOW, Phase.INVESTIGATING, "word " * 1_000), title="t" * 500)
    text = rows(snapshot(told))[0]["text"]
    assert text.startswith("t" * 500 + " long ")
    assert 0 < text.count("word") < search.LETTERS


def test_of_many_updates_the_newest_are_found() -> None:
    said = (update(NOW - 100 + i, Phase.INVESTIGATING, f"number{i} " + "words " * 9) for i in range(90))
    text = rows(snapshot(incident("many", *said)))[0]["text"]
    assert "number89" in text
    assert "number0 " not in text


def test_facts_are_said_in_the_language_of_the_page() -> None:
    german = rows(snapshot(), Words(language("de", THEME, {})))
    assert german[2]["facts"].endswith(" · 20. Nov. 2026 · 1\xa0h")
    assert [row["text"] for row in german] == [row["text"] for row in rows(snapshot())]


def test_no_events_are_an_empty_list() -> None:
    assert json.loads(search.output(take(), ENGLISH, "").make()) == []


def test_the_index_is_made_again_only_when_an_event_or_the_language_changes() -> None:
    key = search.output(snapshot(), ENGLISH, "a").key
    assert search.output(take(SITE, TOLD, rounds(api="dd", web="uu")), ENGLISH, "a").key == key
    assert search.output(snapshot(), ENGLISH, "b").key != key
    assert search.output(snapshot(replace(TOLD[0], title="Else"), *TOLD[1:]), ENGLISH, "a").key != key
