"""What the clock and the environment make doubtful."""

from __future__ import annotations

from dataclasses import replace

import pytest

from statusgen import lint
from statusgen.calendars import Hours
from statusgen.errors import Level, Problem
from statusgen.model import (
    Check,
    Component,
    Correction,
    Event,
    Incident,
    Maintenance,
    Phase,
    Postmortem,
    Site,
    State,
    Update,
)
from statusgen.periods import DAY, HOUR, MINUTE, parse_instant
from statusgen.probes.http import HttpCheck
from statusgen.promises import STANDARDS, Severity, Support

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


# What was promised

OFFICE = Hours(id="office", zone="Europe/Berlin", week=(*(((9 * HOUR, 17 * HOUR),),) * 5, (), ()))
FRIDAY = parse_instant("2026-11-20 16:00 UTC")  # when the office closes
MONDAY = parse_instant("2026-11-23 08:00 UTC")  # when it opens


def promised(
    *events: Event, at: int, support: Support | None = None, corrections: tuple[Correction, ...] = ()
) -> list[Problem]:
    return list(lint.promises(support or Support(), events, corrections, at))


def incident(*phases: tuple[int, Phase], severity: Severity | None = Severity.SEV1) -> Incident:
    """Return an incident with an update at each instant, each two lines after the one before, from line 5 on."""
    updates = tuple(Update(at=at, phase=phase, text="", line=5 + 2 * i) for i, (at, phase) in enumerate(phases))
    return Incident(
        slug="i", path="incidents/i.md", title="I", started=phases[0][0], updates=updates, severity=severity
    )


def in_office_hours(severity: Severity) -> Support:
    standards = tuple(replace(each, hours=OFFICE) if each.severity is severity else each for each in STANDARDS)
    return Support(is_published=True, standards=standards)


OPEN = incident((NOW - 3 * HOUR, Phase.INVESTIGATING), (NOW, Phase.IDENTIFIED))


def test_an_open_incident_may_be_silent_as_long_as_was_promised() -> None:
    assert promised(OPEN, at=NOW + 2 * HOUR) == []


def test_an_open_incident_that_is_silent_for_longer_is_named_at_its_last_update() -> None:
    assert promised(OPEN, at=NOW + 2 * HOUR + MINUTE) == [
        Problem(
            path="incidents/i.md",
            line=7,
            level=Level.WARNING,
            message="is open and has been silent for 2 h 1 min: sev1 is to have an update every 2 h, so add one",
        )
    ]


@pytest.mark.parametrize(("severity", "hours"), [(Severity.SEV1, 2), (Severity.SEV2, 8), (Severity.SEV3, 48)])
def test_each_severity_has_its_own_cadence(severity: Severity, hours: int) -> None:
    silent = incident((NOW, Phase.INVESTIGATING), severity=severity)
    assert promised(silent, at=NOW + hours * HOUR) == []
    assert len(promised(silent, at=NOW + hours * HOUR + 1)) == 1


def test_an_update_in_the_future_breaks_no_silence() -> None:
    ahead = incident((NOW, Phase.INVESTIGATING), (NOW + 4 * HOUR, Phase.RESOLVED))
    assert [problem.line for problem in promised(ahead, at=NOW + 3 * HOUR)] == [5]


def test_an_incident_that_is_yet_to_begin_is_not_silent() -> None:
    assert promised(incident((NOW + HOUR, Phase.INVESTIGATING)), at=NOW) == []


def test_in_support_hours_silence_over_a_weekend_is_none() -> None:
    support = in_office_hours(Severity.SEV2)
    silent = incident((FRIDAY - HOUR, Phase.INVESTIGATING), severity=Severity.SEV2)
    assert promised(silent, at=MONDAY, support=support) == []
    assert promised(silent, at=MONDAY + 7 * HOUR, support=support) == []
    (problem,) = promised(silent, at=MONDAY + 7 * HOUR + 60, support=support)
    assert problem.message.startswith("is open and has been silent for 8 h 1 min: ")


def test_around_the_clock_a_weekend_is_as_any_other_day() -> None:
    silent = incident((FRIDAY - HOUR, Phase.INVESTIGATING), severity=Severity.SEV2)
    assert len(promised(silent, at=FRIDAY + 8 * HOUR)) == 1


def test_a_sev1_without_post_mortem_is_named_from_when_it_is_due() -> None:
    over = incident((NOW - HOUR, Phase.INVESTIGATING), (NOW, Phase.RESOLVED))
    assert promised(over, at=NOW + 7 * DAY) == []
    assert promised(over, at=NOW + 7 * DAY + 1) == [
        Problem(
            path="incidents/i.md",
            line=1,
            level=Level.WARNING,
            message="has no post-mortem, and sev1 is to have one within 7 d: add incidents/i.postmortem.md",
        )
    ]


def test_a_post_mortem_is_due_when_the_site_says() -> None:
    over = incident((NOW, Phase.RESOLVED), severity=Severity.SEV3)
    within = tuple(replace(each, postmortem=5 * DAY) for each in STANDARDS)
    (problem,) = promised(over, at=NOW + 6 * DAY, support=Support(standards=within))
    assert "sev3 is to have one within 5 d" in problem.message


def test_a_post_mortem_that_is_there_is_not_asked_for() -> None:
    over = incident((NOW, Phase.RESOLVED))
    told = Postmortem(path="incidents/i.postmortem.md", title="Why", text="Because.")
    assert promised(replace(over, postmortem=told), at=NOW + 30 * DAY) == []


QUIET = [
    incident((NOW, Phase.RESOLVED), severity=Severity.SEV2),
    incident((NOW, Phase.RESOLVED), severity=Severity.SEV3),
    incident((NOW, Phase.RESOLVED), severity=None),
    incident((NOW, Phase.INVESTIGATING), severity=None),
    replace(incident((NOW, Phase.INVESTIGATING)), draft=True),
    replace(incident((NOW, Phase.RESOLVED)), draft=True),
    MAINTENANCE,
]


@pytest.mark.parametrize("event", QUIET)
def test_nothing_is_promised_of_what_has_no_severity_or_is_a_draft_or_is_over(event: Event) -> None:
    assert promised(event, at=NOW + 365 * DAY) == []


def test_a_correction_of_what_has_not_happened_yet_is_named() -> None:
    made = Correction(
        slug="c",
        path="corrections/c.yaml",
        components=("api",),
        start=NOW,
        end=NOW + HOUR,
        state=State.UNKNOWN,
        reason="R",
    )
    assert promised(at=NOW + HOUR, corrections=(made,)) == []
    assert promised(at=NOW, corrections=(made,)) == [
        Problem(
            path="corrections/c.yaml",
            level=Level.WARNING,
            message="corrects what has not happened yet (until 15 Jan 2027, 09:00 UTC): shorten it",
        )
    ]
