"""``/status.json``: the little that an open page asks for once a minute, in the language of the page.

Its ``id`` stands for what live pages show of the present; while it stays the same, only the last check is newer.
"""

from __future__ import annotations

import json
from dataclasses import replace

from statusgen import periods
from statusgen.digests import digest
from statusgen.model import State
from statusgen.render.words import Words
from statusgen.views import EventView, Snapshot

ID_LENGTH = 16


def identity(snapshot: Snapshot) -> str:
    """Return what stands for states and events of the present, and for the hour, as charts and bars go on with it."""
    states = [(view.component.id, view.state, view.since) for view in snapshot.components]
    incidents = tuple(_steady(event) for event in snapshot.open_incidents)
    present = (incidents, snapshot.maintenance_now, snapshot.maintenance_ahead, snapshot.recent)
    rest = (snapshot.corrections, snapshot.now // periods.HOUR, snapshot.provenance.version)
    return digest(snapshot.site, snapshot.banner, states, present, rest)[:ID_LENGTH]


def _steady(event: EventView) -> EventView:
    """Return an event without what grows by itself while it is open."""
    return replace(event, response=replace(event.response, silence=0)) if event.response else event


def document(snapshot: Snapshot, words: Words) -> bytes:
    """Return the document; ``components`` are those that are not operational, ``open`` the events that go on."""
    states = ((view.component.id, view.state) for view in snapshot.components)
    content = {
        "id": identity(snapshot),
        "checked": None if snapshot.checked is None else periods.iso(snapshot.checked),
        "stale_after": snapshot.stale_after,
        "state": snapshot.banner.state.value,
        "sentence": words.banner(snapshot.banner),
        "components": {id_: state.value for id_, state in states if state is not State.OPERATIONAL},
        "open": [event.slug for event in (*snapshot.open_incidents, *snapshot.maintenance_now)],
    }
    return (json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n").encode()
