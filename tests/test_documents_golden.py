"""Everything that programs read, as files, in five situations: ``golden_documents/<situation>``.

``pytest --update-golden`` writes them anew; review the difference. Pages are compared elsewhere (``test_golden``); of
the files of single incidents and components, which are alike, those of the first are kept.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from statusgen import __version__
from statusgen.model import Component, Event, Phase, Postmortem, Site, State
from statusgen.promises import Severity

from .literals import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    component,
    incident,
    maintenance,
    resolved,
    rounds,
    site,
    take,
    unchecked,
    update,
)
from .render.published import STATIC, publish

FOLDER = Path(__file__).parent / "golden_documents"
SITE = replace(
    site(
        component("api", name="API", group="Platform"),
        component("web", name="Web shop", group="Platform"),
        unchecked("desk", NOW - 40 * DAY),
        name="Acme & Söhne",
        authority="status.example.org,2026",
    ),
    description="How Acme is",
)
QUIET = {"api": "uuuu", "web": "uuuu"}
OPEN = incident(
    "2026-11-25-api",
    update(NOW - 40 * MINUTE, Phase.INVESTIGATING, "A fifth of *requests* fails."),
    update(NOW - 10 * MINUTE, Phase.IDENTIFIED, "See [the last time](2026-11-01-web.md).", web=State.DEGRADED),
    title="Elevated API errors",
    api=State.PARTIAL,
)
OVER = replace(
    resolved("2026-11-01-web", NOW - 24 * DAY, NOW - 24 * DAY + HOUR, title="Slow pages", web=State.DEGRADED),
    postmortem=Postmortem(path="x", title="Why", text="We **learnt**.", at=NOW - 20 * DAY + 5),
    severity=Severity.SEV3,
)
NOW_ON = maintenance(
    "upgrade",
    NOW - HOUR,
    NOW + HOUR,
    update(NOW - 5 * DAY, Phase.SCHEDULED, "We upgrade."),
    update(NOW - HOUR, Phase.IN_PROGRESS, "It begins."),
)
AHEAD = maintenance("move", NOW + DAY, NOW + DAY + HOUR, update(NOW - DAY, Phase.SCHEDULED, "We move."))
OFF = replace(
    maintenance("patch", NOW + 2 * DAY, NOW + 2 * DAY + HOUR, update(NOW - 2 * DAY, Phase.SCHEDULED)),
    updates=(update(NOW - 2 * DAY, Phase.SCHEDULED), update(NOW - DAY, Phase.CANCELLED, "Not needed.")),
)
SIXTY = tuple(
    resolved(f"2026-old-{i:02}", NOW - (i + 1) * DAY, NOW - (i + 1) * DAY + (i + 1) * MINUTE, api=State.PARTIAL)
    for i in range(60)
)
SITUATIONS: Mapping[str, tuple[Site, tuple[Event, ...], Mapping[str, str]]] = {
    "empty": (replace(SITE, components=(), groups=()), (), {}),
    "green": (SITE, (OVER,), QUIET),
    "outage": (SITE, (OPEN, OVER), {"api": "uddd", "web": "uuuu"}),
    "maintenance": (SITE, (NOW_ON, AHEAD, OFF), QUIET),
    "sixty": (SITE, SIXTY, QUIET),
}


@cache
def documents(situation: str) -> dict[str, bytes]:
    """Return what is compared, without the version and what hangs on it."""
    of, events, answers = SITUATIONS[situation]
    made = take(of, events, rounds(**answers) if answers else ())
    version = re.compile(rb"(statusgen\W{1,4})" + re.escape(__version__.encode()) + rb"\b")
    identity = re.compile(rb'("id": ?)"[0-9a-f]{16}"')
    return {
        path: identity.sub(rb'\1"IDENTITY"', version.sub(rb"\1VERSION", content))
        for path, content in publish(made).items()
        if path not in STATIC and not path.endswith(".html") and not _is_one_of_many(path, events, of.components)
    }


def _is_one_of_many(path: str, events: tuple[Event, ...], components: tuple[Component, ...]) -> bool:
    others = [f"/{event.slug}/" for event in events[1:]] + [f"/{each.id}" for each in components[1:]]
    return any(other in f"/{path}" for other in others)


@pytest.mark.parametrize("situation", SITUATIONS)
def test_every_document_is_as_it_was_before(situation: str, request: pytest.FixtureRequest) -> None:
    made, folder = documents(situation), FOLDER / situation
    if request.config.getoption("--update-golden"):
        shutil.rmtree(folder, ignore_errors=True)
        for path, content in made.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
    expected = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert sorted(made) == sorted(expected)
    for path, content in made.items():
        assert content.decode("utf-8", "replace") == expected[path].decode("utf-8", "replace"), path
