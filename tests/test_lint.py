"""What the clock and the environment make doubtful."""

from __future__ import annotations

from statusgen import lint
from statusgen.errors import Level
from statusgen.model import Check, Component, Incident, Maintenance, Phase, Site, Update
from statusgen.probes.http import HttpCheck

NOW = 1_800_000_000
MAINTENANCE = Maintenance(
    slug="m", path="incidents/m.md", title="M", start=NOW - 7_200, end=NOW - 3_600, components=("api",)
)


def said(*events: Incident | Maintenance) -> list[str]:
    return [str(problem) for problem in lint.doubts(events, NOW)]


def with_updates(*updates: Update) -> Maintenance:
    return Maintenance(
        slug="m",
        path="incidents/m.md",
        title="M",
        start=NOW - 7_200,
        end=NOW - 3_600,
        components=("api",),
        updates=updates,
    )


def test_a_maintenance_that_the_clock_ends_is_not_doubtful() -> None:
    assert said(MAINTENANCE) == []
    assert said(with_updates(Update(at=NOW - 90_000, phase=Phase.SCHEDULED, text=""))) == []


def test_a_maintenance_that_somebody_began_and_nobody_ended_is_doubtful() -> None:
    began = with_updates(Update(at=NOW - 7_200, phase=Phase.IN_PROGRESS, text="", line=7))
    assert said(began) == [
        "incidents/m.md:1: is over by the schedule and still in progress: add '## Completed · <time> UTC'"
    ]


def test_a_maintenance_announced_after_it_began_is_doubtful() -> None:
    late = with_updates(Update(at=NOW - 7_100, phase=Phase.SCHEDULED, text="", line=9))
    assert said(late) == [
        "incidents/m.md:9: is announced after its window opened: "
        "a window is left out of availability because it was planned"
    ]


def test_an_update_in_the_future_is_doubtful() -> None:
    ahead = Update(at=NOW + 60, phase=Phase.INVESTIGATING, text="", line=5)
    incident = Incident(slug="i", path="incidents/i.md", title="I", started=NOW, updates=(ahead,))
    assert said(incident) == [
        "incidents/i.md:5: is dated 15 Jan 2027, 08:01 UTC, which is in the future: it is shown from then on"
    ]


def test_a_secret_that_is_not_set_is_a_notice_and_an_error_where_it_is_required() -> None:
    question = HttpCheck(url="https://a.example/?key=${env:API_KEY}")
    site = Site(
        name="S",
        url="https://s.example",
        id="s",
        components=(Component(id="a", name="A", checks=(Check(id="a", question=question),)),),
    )
    assert [problem.level for problem in lint.unset_secrets(site, {}, False)] == [Level.NOTICE]
    assert [problem.level for problem in lint.unset_secrets(site, {}, True)] == [Level.ERROR]
    assert list(lint.unset_secrets(site, {"API_KEY": "x"}, True)) == []
