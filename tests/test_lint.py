"""What the clock and the environment make doubtful."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from statusgen import lint
from statusgen.calendars import Hours
from statusgen.config import NOWHERE, Places
from statusgen.errors import Level, Problem
from statusgen.model import (
    Check,
    Component,
    Correction,
    Disclosure,
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

from . import literals

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


def learnt(told: Postmortem) -> list[Problem]:
    return list(lint.postmortems([replace(incident((NOW, Phase.RESOLVED)), postmortem=told)]))


def test_what_is_to_do_in_a_published_post_mortem_is_an_error() -> None:
    text = "## Summary\n\nTODO: write it.\n\n| TODO | Ann |\n\nThe TODOs of others are not ours."
    told = Postmortem(path="incidents/i.postmortem.md", title="Why", text=text, at=NOW, line=5)
    (problem,) = learnt(told)
    assert (problem.level, str(problem)) == (
        Level.ERROR,
        "incidents/i.postmortem.md:7: is no draft and says TODO 2 times: finish it, remove what is not needed, or keep "
        "it off the page with 'draft: true'",
    )
    assert learnt(replace(told, text="Done.")) == []


def test_a_post_mortem_that_is_a_draft_may_be_unfinished_and_undated() -> None:
    assert learnt(Postmortem(path="incidents/i.postmortem.md", title="Why", text="TODO", draft=True)) == []


def test_what_a_post_mortem_quotes_as_code_is_nothing_to_do() -> None:
    quoted = "Somebody left `# TODO` there:\n\n```python\n# TODO: retry\n```\n\n~~~\nTODO\n~~~\n"
    told = Postmortem(path="incidents/i.postmortem.md", title="Why", text=quoted, at=NOW)
    assert learnt(told) == []
    (problem,) = learnt(replace(told, text=f"{quoted}\nTODO"))
    assert (problem.line, "says TODO once" in problem.message) == (11, True)


def test_a_post_mortem_is_due_when_the_site_says() -> None:
    over = incident((NOW, Phase.RESOLVED), severity=Severity.SEV3)
    within = tuple(replace(each, postmortem=5 * DAY) for each in STANDARDS)
    (problem,) = promised(over, at=NOW + 6 * DAY, support=Support(standards=within))
    assert "sev3 is to have one within 5 d" in problem.message


def test_a_post_mortem_that_is_there_is_not_asked_for() -> None:
    over = incident((NOW, Phase.RESOLVED))
    told = Postmortem(path="incidents/i.postmortem.md", title="Why", text="Because.")
    assert promised(replace(over, postmortem=told), at=NOW + 30 * DAY) == []


def test_a_post_mortem_that_is_due_and_a_draft_is_asked_for() -> None:
    told = Postmortem(path="incidents/i.postmortem.md", title="Why", text="Because.", draft=True)
    over = replace(incident((NOW, Phase.RESOLVED)), postmortem=told)
    assert promised(over, at=NOW + 7 * DAY) == []
    (problem,) = promised(over, at=NOW + 7 * DAY + 1)
    assert (problem.level, str(problem)) == (
        Level.WARNING,
        "incidents/i.postmortem.md:1: is still a draft, and sev1 is to have one within 7 d: finish it and take 'draft: "
        "true' out",
    )


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


# Where it lives, and who is to be told of what

ACME = Site(name="Acme", url="https://status.acme.example", id="acme", authority="status.acme.example,2026")


def at(url: str) -> list[Problem]:
    return list(lint.address(replace(ACME, url=url), "acme.example,2026"))


def test_an_address_of_its_own_is_not_doubtful() -> None:
    assert at("https://status.acme.example") == at("https://acme.github.io") == []


def test_a_path_is_doubtful_since_programs_for_the_status_api_look_at_the_root() -> None:
    (found,) = at("https://acme.example:8443/status")
    assert found.level is Level.WARNING
    assert str(found) == (
        "components.yaml:1: 'url' has the path '/status', and programs for the Status API ask for "
        "https://acme.example:8443/api/v2/…: give the page a host of its own, or see 'Below a path' in "
        "docs/publishing.md"
    )
    publishing = (Path(__file__).parent.parent / "docs/publishing.md").read_text("utf-8")
    assert "\n## Below a path\n" in publishing


@pytest.mark.parametrize("host", ["acme.github.io", "acme.gitlab.io"])
def test_a_path_that_the_host_gives_is_only_mentioned(host: str) -> None:
    assert [problem.level for problem in at(f"https://{host}/status")] == [Level.NOTICE]


def test_a_ledger_that_hangs_on_the_address_is_mentioned_with_what_keeps_it() -> None:
    (found,) = lint.address(replace(ACME, id="status-acme-example", is_named=False), "status.acme.example,2026")
    assert found.level is Level.NOTICE
    assert str(found) == (
        "components.yaml:1: 'site' has no 'id': what probes saw belongs to an id made from 'url', and if that changes "
        "it is another site's: add 'id: status-acme-example'"
    )


def test_a_ledger_in_the_working_tree_belongs_to_whoever_has_it() -> None:
    assert list(lint.address(replace(ACME, is_named=False, branch=""), "status.acme.example,2026")) == []


def test_a_feed_whose_ids_hang_on_the_address_is_mentioned_with_what_keeps_them() -> None:
    (found,) = lint.address(replace(ACME, authority=""), "status.acme.example,2026")
    assert found.level is Level.NOTICE
    assert str(found) == (
        "components.yaml:1: 'feed' has no 'authority': ids of feed entries hang on the host of 'url', and if that "
        "changes every entry is sent again: add 'feed: {authority: \"status.acme.example,2026\"}'"
    )


def vouched(expires: int, url: str = ACME.url) -> list[str]:
    told = Disclosure(contact=("mailto:security@acme.example",), expires=expires)
    return [str(problem) for problem in lint.contacts(replace(ACME, url=url, disclosure=told), NOW)]


def test_a_security_txt_of_less_than_a_year_is_not_doubtful() -> None:
    assert vouched(NOW + 30 * DAY) == vouched(NOW + 366 * DAY) == []
    assert list(lint.contacts(ACME, NOW)) == []


@pytest.mark.parametrize(
    ("expires", "when"),
    [
        (NOW + 30 * DAY - 1, "expires on 14 Feb 2027, 07:59 UTC"),
        (NOW + 1, "expires on 15 Jan 2027, 08:00 UTC"),
        (NOW, "has expired on 15 Jan 2027, 08:00 UTC"),
    ],
)
def test_a_security_txt_that_expires_soon_or_has_is_doubtful(expires: int, when: str) -> None:
    remedy = "look through 'security' and set a new date, less than a year ahead"
    assert vouched(expires) == [f"components.yaml:1: 'security' {when}: {remedy}"]


def test_a_security_txt_that_lasts_too_long_is_doubtful() -> None:
    assert vouched(NOW + 366 * DAY + 1) == [
        "components.yaml:1: 'security' expires on 16 Jan 2028, and RFC 9116 wants less than a year: set an earlier date"
    ]


def test_a_security_txt_below_a_path_is_looked_for_elsewhere() -> None:
    assert vouched(NOW + 90 * DAY, "https://acme.example/status") == [
        "components.yaml:1: 'security' is looked for at https://acme.example/.well-known/security.txt, and 'url' has a "
        "path: copy the file there"
    ]


def test_a_postmortem_without_a_date_is_doubtful_since_no_feed_announces_it() -> None:
    written = Postmortem(path="incidents/i.postmortem.md", title="Post-mortem", text="Text.")
    assert [str(problem) for problem in lint.postmortems([replace(OPEN, postmortem=written), MAINTENANCE])] == [
        "incidents/i.postmortem.md:1: has no date, so no feed announces it: add 'date' to its front matter, like "
        "'date: 2026-11-25'"
    ]
    assert list(lint.postmortems([replace(OPEN, postmortem=replace(written, at=NOW))])) == []


# What incidents say and what probes see


def doubted(*events: Incident, answers: str, until: int = 0, places: Places = NOWHERE) -> list[Problem]:
    """Return what contradicts an hour or more of answers of one check, ``until`` seconds before now."""
    made = literals.take(events=events, ledger=literals.rounds(literals.NOW - until, api=answers))
    return list(lint.contradictions(made, events, places))


def declared(minutes: int, state: State = State.MAJOR, *later: Update) -> Incident:
    """Return an open incident that began so many minutes ago."""
    began = literals.NOW - minutes * MINUTE
    return replace(
        incident((began, Phase.INVESTIGATING)),
        components=(("api", state),),
        updates=(Update(at=began, phase=Phase.INVESTIGATING, text="", line=7), *later),
    )


WELL, LATELY = "u" * 24, "d" * 6 + "u" * 3


def test_an_outage_that_is_declared_of_what_probes_see_up_is_doubtful_at_the_last_update() -> None:
    assert doubted(declared(40), answers=WELL) == [
        Problem(
            path="incidents/i.md",
            line=7,
            level=Level.WARNING,
            message="declares a major outage of 'api', and probes have seen it up for 30 min or more: add an update "
            "with 'Components: api operational', or one that says what is broken",
        )
    ]


def test_an_outage_of_which_probes_know_little_is_not_doubtful() -> None:
    assert doubted(declared(29), answers=WELL) == []  # it has just been said
    assert doubted(declared(40), answers=LATELY) == []  # it has just come back
    assert doubted(declared(40), answers=WELL, until=2 * HOUR) == []  # nobody has looked since
    assert doubted(declared(40), answers="u" * 20 + "dddd") == []
    assert doubted(declared(40, State.DEGRADED), answers=WELL) == []  # no outage is declared
    recovered = Update(at=literals.NOW - 60, phase=Phase.MONITORING, text="", components=(("api", State.OPERATIONAL),))
    assert doubted(declared(40, State.MAJOR, recovered), answers=WELL) == []
    over = Update(at=literals.NOW - 60, phase=Phase.RESOLVED, text="")
    assert doubted(declared(40, State.MAJOR, over), answers=WELL) == []


def test_a_draft_is_measured_by_nothing_while_nobody_sees_it() -> None:
    assert doubted(replace(declared(40), draft=True), answers=WELL) != []


def test_an_outage_of_which_nobody_says_anything_is_doubtful() -> None:
    assert doubted(answers="u" * 20 + "dddd" + "d") == [
        Problem(
            path="components.yaml",
            line=1,
            level=Level.WARNING,
            message="component 'api' has been down for 20 min, and no open incident names it: open an incident, "
            "so that people know that you know",
        )
    ]


def test_a_component_is_named_on_its_own_line() -> None:
    places = Places("site: {}\ncomponents:\n  - id: api\n    name: API\n")
    (found,) = doubted(answers="u" * 20 + "ddddd", places=places)
    assert found.line == 3


def test_an_outage_that_is_short_or_spoken_of_or_over_is_not_doubtful() -> None:
    assert doubted(answers="u" * 20 + "dddd") == []  # 15 minutes
    assert doubted(declared(5), answers="u" * 20 + "ddddd") == []
    assert doubted(replace(declared(5), draft=True), answers="u" * 20 + "ddddd") == []
    assert doubted(answers="u" * 10 + "ddddd" + "uuuu") == []
