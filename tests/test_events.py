"""Events as plain JSON values and back."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from statusgen import events
from statusgen.model import Event, Phase, Postmortem, Recurrence, State

from .literals import NOW, incident, maintenance, resolved, update

TOLD = (
    resolved("a", NOW - 60, NOW, title="Errors \ud800 ☃", api=State.PARTIAL),
    replace(
        incident("b", update(NOW, Phase.IDENTIFIED, "**Text**\n", web=State.MAJOR), web=State.DEGRADED),
        severity=None,
        detected=NOW - 9,
        acknowledged=NOW - 3,
        introduction="Before.",
        draft=True,
        measured=True,
        automatic=True,
    ),
    maintenance("c", NOW, NOW + 60, replace(update(NOW, Phase.SCHEDULED), ordinal=2, line=7), on=("api", "web")),
    maintenance("d", NOW, NOW + 60),
    replace(
        maintenance("e", NOW, NOW + 60, replace(update(NOW, Phase.CANCELLED), occurrence="2026-12-06")),
        recurrence=Recurrence(rule="FREQ=DAILY", zone="Europe/Berlin", exceptions=("2026-12-27", "2026-12-28")),
    ),
)


@pytest.mark.parametrize("event", TOLD, ids=lambda event: event.slug)
def test_decoding_undoes_encoding(event: Event) -> None:
    assert events.decode(json.loads(json.dumps(events.encode(event)))) == event


def test_a_post_mortem_is_decoded_as_it_was() -> None:
    for learnt in (
        Postmortem(path="incidents/a.postmortem.md", title="What we learnt", text="A lot.", at=NOW, authors=("Kim",)),
        Postmortem(path="incidents/a.postmortem.md", title="", text="A lot.", draft=True, line=7),
    ):
        assert events.decode_postmortem(json.loads(json.dumps(events.encode_postmortem(learnt)))) == learnt
