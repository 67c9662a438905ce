"""What an open page asks for: its id changes when the page would, and at no other time."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from statusgen.model import Event, Phase, Round, Site, State
from statusgen.render import live
from statusgen.render.language import language
from statusgen.render.words import Words
from statusgen.views import Snapshot

from ..literals import DAY, HOUR, NOW, component, incident, maintenance, resolved, rounds, site, take, update
from .published import ENGLISH, THEME

SITE = site(component("api"), component("web"))
GOOD = rounds(api="uuuu", web="uuuu")
STARTED = incident("a", update(NOW - HOUR, Phase.INVESTIGATING), api=State.PARTIAL)


def snapshot(events: Iterable[Event] = (), ledger: Iterable[Round] = GOOD, of: Site = SITE, now: int = NOW) -> Snapshot:
    return take(of, events, ledger, now)


def told(made: Snapshot) -> Any:
    return json.loads(live.document(made, ENGLISH))


BEFORE = live.identity(snapshot([STARTED]))


@pytest.mark.parametrize(
    "after",
    [
        snapshot(),
        snapshot([replace(STARTED, title="Slow")]),
        snapshot([replace(STARTED, updates=(*STARTED.updates, update(NOW - 60, Phase.IDENTIFIED)))]),
        snapshot([replace(STARTED, updates=(replace(STARTED.updates[0], text="Something else."),))]),
        snapshot([STARTED, resolved("b", NOW - DAY, NOW - DAY + HOUR)]),
        snapshot([STARTED, maintenance("m", NOW + HOUR, NOW + 2 * HOUR)]),
        snapshot([STARTED, maintenance("m", NOW - HOUR, NOW + 2 * HOUR)]),
        snapshot([STARTED], rounds(api="uuuu", web="uudd")),
        snapshot([STARTED], rounds(api="uuuu", web="uugg")),
        snapshot([STARTED], of=replace(SITE, notice="A notice.")),
    ],
    ids=[
        *("an incident ended", "a title", "an update", "a text", "an incident", "planned work", "work"),
        *("a state", "a state that is better", "a notice"),
    ],
)
def test_the_id_changes_with_whatever_the_page_shows_of_the_present(after: Snapshot) -> None:
    assert live.identity(after) != BEFORE


def test_the_id_stays_while_only_the_last_check_and_the_sums_are_newer() -> None:
    longer = rounds(NOW + 300, api="uuuuu", web="uuuuu")
    before, after = snapshot([STARTED]), snapshot([STARTED], longer, now=NOW + 300)
    assert before.checked != after.checked
    assert before.components[0].windows != after.components[0].windows
    assert live.identity(after) == live.identity(before) == BEFORE
    assert told(after) == {**told(before), "checked": "2026-11-25T12:05:00Z"}


def test_the_document_is_small_and_holds_what_a_page_needs() -> None:
    made = snapshot([STARTED])
    assert told(made) == {
        "id": BEFORE,
        "checked": "2026-11-25T12:00:00Z",
        "stale_after": made.stale_after,
        "state": "partial_outage",
        "sentence": "Partial outage: 1 of 2 components affected",
        "components": {"api": "partial_outage"},
        "open": ["a"],
    }
    assert len(live.document(made, ENGLISH)) < 300


def test_only_components_in_trouble_are_listed() -> None:
    made = snapshot([], rounds(api="uudd", web="uuuu"))
    assert told(made)["components"] == {"api": "major_outage"}
    assert told(snapshot())["components"] == {}


def test_a_site_that_was_never_checked_says_so() -> None:
    assert told(take())["checked"] is None
    assert told(take())["state"] == "unknown"


def test_the_sentence_is_in_the_language_of_the_page_and_the_id_the_same_in_all() -> None:
    german = json.loads(live.document(snapshot(), Words(language("de", THEME, {}))))
    assert german["sentence"] != told(snapshot())["sentence"]
    assert {**german, "sentence": ""} == {**told(snapshot()), "sentence": ""}
