"""What is made when a text cannot be rendered, and what is said in public of what was left out."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from statusgen import app, incidents, making
from statusgen.model import Incident, Maintenance

from .sites import INCIDENT_TEXT, NOW, write

PATHS = ("incidents/a.md", "incidents/a.postmortem.md", "incidents/b.md")
MAINTENANCE = """\
---
title: Upgrade
type: maintenance
scheduled: {from: 2026-12-01 22:00 UTC, until: 2026-12-02 00:00 UTC}
components: [api]
---
## Scheduled · 2026-11-20 09:00 UTC
We upgrade.
"""
READ = incidents.read_all(dict(zip(PATHS, (INCIDENT_TEXT, "Learnt.\n", MAINTENANCE), strict=True)), ("api",)).events


def test_of_an_incident_only_what_cannot_be_rendered_is_left_out() -> None:
    event = READ[0]
    assert isinstance(event, Incident)
    first, last = (update.text for update in event.updates)
    assert making.without(event, {"else"}) == event
    assert making.without(event, {"Learnt."}) == replace(event, postmortem=None)
    assert making.without(event, {last}) == replace(event, updates=event.updates[:1])
    assert making.without(event, {first, last}) is None
    assert making.without(replace(event, introduction="slow"), {"slow"}) is None


def test_a_maintenance_is_left_out_whole() -> None:
    event = READ[1]
    assert isinstance(event, Maintenance)
    assert making.without(replace(event, updates=()), {"else"}) == replace(event, updates=())
    assert making.without(event, {"We upgrade."}) is None


def test_nothing_is_said_of_a_draft_that_cannot_be_read_unless_drafts_are_shown(site: Path) -> None:
    write(
        site,
        **{"incidents/secret.md": INCIDENT_TEXT.replace("title:", "draft: true\ntitle:").replace("sev2", "merger")},
    )
    for drafts, told in ((False, []), (True, ["incidents/secret.md"])):
        built = app.build(site, site / "public", NOW, drafts=drafts)
        assert [problem.path for problem in built.problems] == ["incidents/secret.md"]
        said = json.loads((site / "public/build.json").read_text("utf-8"))["left_out"]
        assert [each["path"] for each in said] == told


def test_what_is_missing_of_a_published_incident_is_said_whatever_its_comments_are(site: Path) -> None:
    text = INCIDENT_TEXT.replace("severity: sev2", "severity: sev9 # was {draft: true} until the review")
    write(site, **{"incidents/public.md": text})
    app.build(site, site / "public", NOW)
    (said,) = json.loads((site / "public/build.json").read_text("utf-8"))["left_out"]
    assert (said["path"], said["line"]) == ("incidents/public.md", 3)
