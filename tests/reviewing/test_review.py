"""What a change does, from commits to words: in real repositories, as a reviewer would ask."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from statusgen.errors import Level, SourceError, StatusgenError, UsageError, WorldError
from statusgen.model import Check, Component, State, Verdict
from statusgen.periods import DAY
from statusgen.probes.http import HttpCheck
from statusgen.render import changed
from statusgen.reviewing import review
from statusgen.reviewing.changes import Changes, Happening
from statusgen.reviewing.settings import settings
from tests.machine import within

from ..sites import (
    COMPONENTS,
    INCIDENT,
    INCIDENT_TEXT,
    NOW,
    clone,
    commit_all,
    record,
    rounds,
    run_git,
    write,
)

OUTAGE = """\
---
title: Support desk is closed
severity: sev1
started: 2026-11-21T11:00Z
components: {support: major_outage}
---
## Investigating · 2026-11-21 11:06 UTC
Nobody answers.
"""
OUTAGE_PATH = "incidents/2026-11-21-desk.md"
DRAFT = OUTAGE.replace("title:", "draft: true\ntitle:")
WORK = """\
---
title: Database upgrade
type: maintenance
scheduled: {from: 2026-11-28T02:00Z, until: 2026-11-28T04:00Z}
components: [api]
---
## Scheduled · 2026-11-21 09:00 UTC
We upgrade.
"""


def reviewed(site: Path, commits: str = "HEAD", *, drafts: bool = False) -> Changes:
    return review.review(site, commits, NOW, drafts=drafts)


def appended(text: str, more: str) -> str:
    return f"{text}\n{more}"


def test_nothing_changes_between_a_commit_and_itself(site: Path) -> None:
    made = reviewed(site, "HEAD..HEAD")
    assert made.is_nothing
    assert changed.as_text(made) == changed.as_markdown(made) == "Nothing that anybody sees changes.\n"


def test_a_new_incident_is_sent_shown_and_counted(site: Path) -> None:
    write(site, **{OUTAGE_PATH: OUTAGE})
    commit_all(site)
    made = reviewed(site, "HEAD^..HEAD")
    (sent,) = made.sent
    assert (sent.event.title, sent.is_fed) == ("Support desk is closed", True)
    assert sent.after is not None
    assert (sent.after.text, sent.after.states) == ("Nobody answers.", {"support": State.MAJOR})
    assert (made.edited, made.withdrawn, made.drafts, made.settings, made.files) == ((), (), (), (), ())
    (event,) = made.events
    assert event.happenings == (Happening.OPENED,)
    (component,) = made.components
    assert component.states == (State.OPERATIONAL, State.MAJOR)
    assert made.banner is not None
    assert [each.state for each in made.banner] == [State.OPERATIONAL, State.PARTIAL]


def test_numbers_move_by_exactly_the_seconds_that_are_declared(site: Path) -> None:
    write(site, **{OUTAGE_PATH: OUTAGE})
    made = reviewed(site)
    moved = {(each.id, each.window): each for each in made.movements}
    assert {(id_, window) for id_, window in moved if id_} == {
        ("support", window) for window in ("24h", "7d", "30d", "90d", "365d", "2026-11")
    }
    assert {each.down for each in moved.values()} == {3_600}
    assert {each.known for each in moved.values()} == {0}
    day = moved["support", "24h"]
    assert (day.before.percent, day.after.percent) == ("100", "95.83")


def test_an_update_that_declares_nothing_moves_no_number(site: Path) -> None:
    write(site, **{INCIDENT: appended(INCIDENT_TEXT, "## Resolved · 2026-11-20 12:15 UTC\nIt was a cable.\n")})
    made = reviewed(site)
    assert len(made.sent) == 1
    assert made.movements == ()
    assert "- No number moves." in changed.as_text(made)


def test_a_correction_moves_numbers_back(site: Path) -> None:
    span = "from: 2026-11-20T10:02Z\nto: 2026-11-20T11:15Z\n"
    write(site, **{"corrections/c.yaml": f"components: [api]\n{span}set: operational\nreason: It was up.\n"})
    made = reviewed(site)
    assert [each.thing.reason for each in made.corrections] == ["It was up."]
    assert {each.down for each in made.movements} == {-73 * 60}


def test_a_service_level_moves_with_its_budget_and_credit(site: Path) -> None:
    credited = "service_credits: [{below: 99.9, credit: 10}, {below: 60, credit: 25}]"
    level = f"sla:\n  - {{id: promise, component: api, target: 99.9, period: month, {credited}}}\n"
    write(site, **{"components.yaml": COMPONENTS + level})
    commit_all(site)
    write(site, **{OUTAGE_PATH: OUTAGE.replace("support", "api")})
    made = reviewed(site)
    (moved,) = [each for each in made.movements if each.id == "promise"]
    assert (moved.window, moved.down) == ("2026-11", 3_600)
    assert (moved.before.credit, moved.after.credit) == ("10", "25")
    assert moved.before.left_ms is not None
    assert moved.after.left_ms == moved.before.left_ms - 3_600_000
    assert "81.08 % (missed)  50.00 % (missed)  +3600 s (1 h)" in changed.as_text(made)


def test_the_ledger_is_the_same_on_both_sides_and_what_probes_see_is_no_change(site: Path) -> None:
    write(site, **{"incidents/README.md": "Incidents\n"})
    commit_all(site)
    record(site, list(rounds(NOW - 240, NOW, 60, Verdict.DOWN)))
    made = reviewed(site, "HEAD^..HEAD")
    assert (made.movements, made.components, made.banner) == ((), (), None)


def test_what_is_edited_is_shown_as_such_and_not_as_sent(site: Path) -> None:
    write(site, **{INCIDENT: INCIDENT_TEXT.replace("a fifth", "a third")})
    made = reviewed(site)
    (edited,) = made.edited
    assert made.sent == made.withdrawn == ()
    assert edited.before is not None
    assert edited.after is not None
    assert ("fifth" in edited.before.text, "third" in edited.after.text) == (True, True)
    text = changed.as_text(made)
    assert "not sent again" in text
    assert "    | -About a fifth of requests to the API fail.\n    | +About a third" in text


def test_what_is_taken_back_stays_with_those_who_have_it(site: Path) -> None:
    write(site, **{INCIDENT: INCIDENT_TEXT.partition("\n## Resolved")[0] + "\n"})
    made = reviewed(site)
    (withdrawn,) = made.withdrawn
    assert (withdrawn.before, withdrawn.after) != (None, None)
    assert {Happening.REOPENED, Happening.SHORTENED} <= set(made.events[0].happenings)
    assert "Warning: Resolved, 20 Nov 2026, 11:15 UTC, of Elevated API errors: withdrawn" in changed.as_text(made)


def test_a_file_of_another_name_breaks_an_address_and_is_sent_again(site: Path) -> None:
    run_git(site, "mv", INCIDENT, "incidents/2026-11-20-other.md")
    made = reviewed(site)
    (event,) = made.events
    assert event.happenings == (Happening.MOVED,)
    assert (len(made.sent), len(made.withdrawn)) == (2, 2)
    assert "Warning: incident incidents/2026-11-20-api-errors.md → incidents/2026-11-20-other.md: its old" in (
        changed.as_text(made)
    )


def test_another_title_is_named_and_edits_what_was_sent(site: Path) -> None:
    write(site, **{INCIDENT: INCIDENT_TEXT.replace("Elevated", "Many")})
    made = reviewed(site)
    assert made.events[0].happenings == (Happening.RENAMED,)
    assert len(made.edited) == 2
    assert "    | -Title: Elevated API errors\n    | +Title: Many API errors" in changed.as_text(made)


def test_an_incident_that_ends_is_closed(site: Path) -> None:
    write(site, **{OUTAGE_PATH: OUTAGE})
    commit_all(site)
    write(site, **{OUTAGE_PATH: appended(OUTAGE, "## Resolved · 2026-11-21 11:30 UTC\nThey are back.\n")})
    (event,) = reviewed(site).events
    assert Happening.CLOSED in event.happenings
    assert Happening.UPDATED in event.happenings


def test_a_draft_is_in_the_preview_only_unless_it_is_taken_for_published(site: Path) -> None:
    write(site, **{OUTAGE_PATH: DRAFT})
    made = reviewed(site)
    assert (made.sent, made.movements, made.banner) == ((), (), None)
    assert [each.title for each in made.drafts] == ["Support desk is closed"]
    assert "Draft, in the preview only: Support desk is closed (incidents/2026-11-21-desk.md)" in changed.as_text(made)
    as_if = reviewed(site, drafts=True)
    assert len(as_if.sent) == 1
    assert {each.down for each in as_if.movements} == {3_600}


def test_a_draft_that_is_published_is_sent(site: Path) -> None:
    write(site, **{OUTAGE_PATH: DRAFT})
    commit_all(site)
    write(site, **{OUTAGE_PATH: OUTAGE})
    made = reviewed(site)
    assert (len(made.sent), made.drafts) == (1, ())


def test_calendars_gain_and_lose_windows(site: Path) -> None:
    path = "incidents/2026-11-28-db.md"
    write(site, **{path: WORK})
    (planned,) = reviewed(site).planned
    assert (len(planned.gained), planned.lost) == (1, ())
    commit_all(site)
    write(site, **{path: WORK.replace("T02:00Z", "T03:00Z")})
    made = reviewed(site)
    (planned,) = made.planned
    assert (len(planned.gained), len(planned.lost)) == (1, 1)
    assert made.events[0].happenings == (Happening.RESCHEDULED,)
    said = "gains 28 Nov 2026, 03:00 – 04:00 UTC; loses 28 Nov 2026, 02:00 – 04:00 UTC"
    assert f"- Database upgrade: {said}" in changed.as_text(made)


@pytest.mark.parametrize("components", ["[support]", "[api, support]"])
def test_maintenance_of_other_components_is_named(site: Path, components: str) -> None:
    work = WORK.partition("## ")[0] + "We upgrade.\n"
    write(site, **{(path := "incidents/2026-11-28-db.md"): work})
    commit_all(site)
    write(site, **{path: work.replace("[api]", components)})
    made = reviewed(site)
    assert made.events[0].happenings == (Happening.CONCERNED,)
    assert "Maintenance Database upgrade: other components" in changed.as_text(made)


@pytest.mark.parametrize("key", ["detected: 2026-11-21T11:02Z", "acknowledged: 2026-11-21T11:03Z", "measured: true"])
def test_details_of_an_incident_that_nothing_else_tells_of_are_no_nothing(site: Path, key: str) -> None:
    write(site, **{OUTAGE_PATH: OUTAGE})
    commit_all(site)
    write(site, **{OUTAGE_PATH: OUTAGE.replace("started:", f"{key}\nstarted:")})
    made = reviewed(site)
    assert made.events[0].happenings == (Happening.DETAILED,)
    assert "Incident Support desk is closed: details changed" in changed.as_text(made)


def test_maintenance_that_repeats_is_one_event_with_many_windows(site: Path) -> None:
    write(
        site,
        **{
            "incidents/2026-11-28-db.md": WORK.replace(
                "components:", "repeats: {rule: FREQ=WEEKLY, timezone: UTC}\ncomponents:"
            )
        },
    )
    made = reviewed(site)
    (planned,) = made.planned
    assert len(planned.gained) > 3
    assert len(made.events) == 1


def test_a_post_mortem_is_sent_and_explains(site: Path) -> None:
    text = "---\ntitle: What happened\ndate: 2026-11-20\n---\nA cable.\n"
    write(site, **{INCIDENT.replace(".md", ".postmortem.md"): text})
    made = reviewed(site)
    assert [sent.after and sent.after.text for sent in made.sent] == ["A cable."]
    assert made.events[0].happenings == (Happening.EXPLAINED,)


def test_a_component_that_goes_leaves_its_incidents_to_history(site: Path) -> None:
    write(site, **{"components.yaml": COMPONENTS.replace("id: api, name", "id: web, name")})
    made = reviewed(site)
    told = {each.view.component.id: (each.before is None, each.after is None) for each in made.components}
    assert told == {"web": (True, False), "api": (False, True)}
    assert made.events[0].happenings == (Happening.STATED,)
    assert made.events[0].after is not None
    assert made.events[0].after.components == ()
    assert made.withdrawn == ()
    assert {(error.problem.path, error.is_new) for error in made.errors} == {(INCIDENT, True)}
    text = changed.as_text(made)
    assert text.startswith("2 errors: what has errors is left out of the page\n")
    assert "Warning: component removed: API (api)" in text


def test_a_component_of_another_name_is_renamed(site: Path) -> None:
    write(site, **{"components.yaml": COMPONENTS.replace("name: API", "name: Interface")})
    text = changed.as_text(reviewed(site))
    assert "- Component renamed: API → Interface\n" in text
    assert "Setting" not in text


def test_settings_pages_and_files_of_the_theme_are_named(site: Path) -> None:
    write(
        site,
        **{
            "components.yaml": COMPONENTS.replace("name: Acme Status", "name: Acme, languages: [de]").replace(
                "timeout: 300ms", "timeout: 900ms"
            ),
            "pages/roadmap.md": "---\ntitle: Roadmap\n---\nSoon.\n",
            "themes/default/page.html": "<title>other</title>\n",
        },
    )
    made = reviewed(site)
    assert [(each.place, each.before, each.after) for each in made.settings] == [
        ("site.name", "Acme Status", "Acme"),
        ("site.languages", None, "de"),
        ("probing.timeout", "300ms", "900ms"),
    ]
    assert "- Setting site.languages: — → de\n" in changed.as_text(made)
    assert [each.thing.title for each in made.pages] == ["Roadmap"]
    assert made.files == ("themes/default/page.html",)


def test_settings_are_told_as_they_are_written_in_files(site: Path) -> None:
    write(
        site,
        **{
            "components.yaml": COMPONENTS.replace(
                "timeout: 300ms, reprobe: [50ms]", "timeout: 300ms, reprobe: [1s, 2s], interval: 90m"
            )
            + "drafts: {mode: draft, after: 5m}\ndata: {retention: 14d}\n"
        },
    )
    assert {(each.place, each.before, each.after) for each in reviewed(site).settings} == {
        ("probing.interval", "5m", "90m"),
        ("probing.reprobe", "50ms", "1s, 2s"),
        ("drafts.mode", "off", "draft"),
        ("drafts.after", "0s", "5m"),
        ("data.retention", "8d", "14d"),
    }


def test_settings_of_a_component_are_told_as_they_are_written_in_files() -> None:
    asked = Check(id="api", question=HttpCheck(url="https://a.example/"))
    slow = replace(asked.question, degraded_above=(("total", 1_500), ("tls", 60_000)), timeout_ms=3_000, inverted=True)
    before = Component(id="api", name="API", checks=(asked,))
    after = replace(before, checks=(replace(asked, question=slow, interval=3_600),), since=20_000 * DAY)
    assert {(each.place, each.before, each.after) for each in settings(before, after)} == {
        ("since", None, "2024-10-04"),
        ("checks.api.interval", None, "1h"),
        ("checks.api.question.timeout", None, "3s"),
        ("checks.api.question.degraded_above", None, "total: 1500ms, tls: 1m"),
        ("checks.api.question.inverted", "false", "true"),
    }


def test_what_is_over_is_told_with_the_worst_that_it_was(site: Path) -> None:
    over = appended(OUTAGE, "## Resolved · 2026-11-21 11:30 UTC\nComponents: support operational\nThey answer.\n")
    write(site, **{OUTAGE_PATH: over})
    said = "- Incident Support desk is closed: opened, closed (resolved, worst: major outage)\n"
    assert said in changed.as_text(reviewed(site))


def test_another_authority_sends_everything_again_and_says_so(site: Path) -> None:
    write(site, **{"components.yaml": COMPONENTS.replace("example,2026", "example,2027")})
    made = reviewed(site)
    assert (len(made.sent), len(made.withdrawn)) == (2, 2)
    assert "Warning: ids of feed entries change, and every entry is sent again" in changed.as_text(made)


@pytest.mark.parametrize("is_above", [True, False])
def test_an_update_above_a_told_one_of_the_same_minute_is_warned_of(site: Path, is_above: bool) -> None:
    told, found = (
        "## Investigating · 2026-11-20 12:06 UTC\nWe look.\n",
        "## Identified · 2026-11-20 12:06 UTC\nA cable.\n",
    )
    write(site, **{INCIDENT: appended(INCIDENT_TEXT, told)})
    commit_all(site)
    both = f"{found}\n{told}" if is_above else f"{told}\n{found}"
    write(site, **{INCIDENT: appended(INCIDENT_TEXT, both)})
    said = [each.problem.message for each in reviewed(site).found if "same minute" in each.problem.message]
    wrong = "'Identified' stands above 'Investigating' of the same minute, 2026-11-20T12:06:00Z, which was told: "
    assert [each.startswith(wrong) for each in said] == [True] * is_above


def test_a_told_update_that_is_worded_otherwise_is_not_warned_of(site: Path) -> None:
    added = "\n\n## Identified · 2026-11-20 10:06 UTC\nA cable.\n\n## Resolved"
    write(site, **{INCIDENT: INCIDENT_TEXT.replace("About a", "A").replace("\n\n## Resolved", added)})
    assert "same minute" not in changed.as_text(reviewed(site))


def test_what_was_wrong_before_is_not_new(site: Path) -> None:
    write(site, **{"incidents/bad.md": "---\ntitle: x\n"})
    commit_all(site)
    write(site, **{"incidents/worse.md": "---\ntitle: x\n"})
    found = {each.problem.path: each.is_new for each in reviewed(site).errors}
    assert found == {"incidents/bad.md": False, "incidents/worse.md": True}


def test_routes_are_told_what_they_will_get_in_those_words(site: Path) -> None:
    routes = """\
notifications:
  - {name: all, webhook: "https://hooks.acme.example/status"}
  - {name: api-only, webhook: "https://hooks.acme.example/api", components: [api]}
"""
    write(site, **{"components.yaml": COMPONENTS + routes})
    commit_all(site)
    write(site, **{OUTAGE_PATH: OUTAGE})
    (message,) = reviewed(site).messages
    assert (message.routes, message.kind) == (("all",), "incident")
    assert "Support desk is closed" in message.title
    assert message.text.startswith("Nobody answers.\n")


def test_who_was_told_of_an_incident_gets_its_end_though_the_same_change_corrects_it(site: Path) -> None:
    route = '{name: grave, webhook: "https://hooks.acme.example/status", severities: [sev2]}'
    write(site, **{"components.yaml": f"{COMPONENTS}notifications: [{route}]\n"})
    begun = INCIDENT_TEXT.partition("\n## Resolved")[0]
    write(site, **{INCIDENT: begun})
    commit_all(site)
    write(site, **{INCIDENT: INCIDENT_TEXT.replace("sev2", "sev3")})
    (message,) = reviewed(site).messages
    assert (message.routes, message.title) == (("grave",), "[Resolved] Elevated API errors")


# Which commits


def test_a_site_that_is_new_is_compared_with_nothing(tmp_path: Path) -> None:
    write(tmp_path, **{"README.md": "A status page\n"})
    commit_all(tmp_path)
    write(tmp_path, **{"components.yaml": COMPONENTS, INCIDENT: INCIDENT_TEXT})
    made = reviewed(tmp_path)
    assert made.is_first
    assert (len(made.sent), len(made.components), made.movements) == (2, 2, ())
    assert "There was no site before" in changed.as_text(made)


def test_a_site_that_will_be_none_is_an_error(site: Path) -> None:
    write(site, **{"components.yaml": "site: {nam: x}\n"})
    with pytest.raises(SourceError):
        reviewed(site)
    commit_all(site)
    with pytest.raises(SourceError):
        reviewed(site, "HEAD^..HEAD")


def test_a_site_that_was_none_is_compared_with_nothing(site: Path) -> None:
    write(site, **{"components.yaml": "site: {nam: x}\n"})
    commit_all(site)
    write(site, **{"components.yaml": COMPONENTS})
    assert reviewed(site).is_first


def test_three_dots_compare_with_where_the_two_parted(site: Path) -> None:
    run_git(site, "checkout", "--quiet", "-b", "topic")
    write(site, **{OUTAGE_PATH: OUTAGE})
    commit_all(site)
    run_git(site, "checkout", "--quiet", "main")
    write(site, **{"incidents/2026-11-28-db.md": WORK})
    commit_all(site)
    assert [len(reviewed(site, each).sent) for each in ("main...topic", "main..topic", "topic..main")] == [1, 1, 1]
    assert [len(reviewed(site, each).withdrawn) for each in ("main...topic", "main..topic")] == [0, 1]
    assert reviewed(site, "...topic").sent == reviewed(site, "main...topic").sent


def test_without_a_word_it_is_what_came_since_the_remotes_main(site: Path) -> None:
    with pytest.raises(UsageError, match="no remote's main branch"):
        reviewed(site, "")
    run_git(site.parent, "clone", "--quiet", "--bare", str(site), "remote.git")
    copy = clone(site.parent / "remote.git", "copy")
    write(copy, **{OUTAGE_PATH: OUTAGE})
    commit_all(copy)
    write(copy, **{"incidents/2026-11-28-db.md": WORK})
    assert len(reviewed(copy, "").sent) == 2


@pytest.mark.parametrize(
    "commits", ["nowhere", "nowhere..HEAD", "HEAD..nowhere", "HEAD...nowhere", "--help", "-..HEAD"]
)
def test_a_commit_that_is_not_there_is_named(site: Path, commits: str) -> None:
    with pytest.raises(StatusgenError, match="is not in this repository"):
        reviewed(site, commits)


def test_a_shallow_clone_says_that_it_cannot_tell(site: Path) -> None:
    write(site, **{OUTAGE_PATH: OUTAGE})
    commit_all(site)
    run_git(site.parent, "clone", "--quiet", "--bare", str(site), "remote.git")
    copy = clone(site.parent / "remote.git", "copy", "--depth=1")
    with pytest.raises(WorldError, match="shallow"):
        reviewed(copy, "HEAD^..HEAD")


def test_a_ledger_in_the_tree_is_the_one_that_will_be(tmp_path: Path) -> None:
    write(tmp_path, **{"components.yaml": COMPONENTS + "data: {branch: none}\n"})
    commit_all(tmp_path)
    lines = "".join(f"{line}\n" for line in rounds(NOW - 7_200, NOW - 300))
    write(tmp_path, **{"data/default/samples/2026-11-21.jsonl": lines})
    write(tmp_path, **{"incidents/README.md": "Incidents\n"})
    made = reviewed(tmp_path)
    assert made.movements == ()
    assert made.is_nothing


def test_a_change_touches_nothing(site: Path) -> None:
    write(site, **{OUTAGE_PATH: OUTAGE})
    before = (run_git(site, "status", "--porcelain"), run_git(site, "for-each-ref"))
    reviewed(site)
    assert (run_git(site, "status", "--porcelain"), run_git(site, "for-each-ref")) == before


def test_a_hundred_incidents_take_seconds(site: Path) -> None:
    for i in range(100):
        write(site, **{f"incidents/2026-11-20-api-{i:03}.md": INCIDENT_TEXT})
    commit_all(site)
    write(site, **{OUTAGE_PATH: OUTAGE})
    with within(seconds=3):
        assert len(reviewed(site).sent) == 1


def test_warnings_of_a_change_are_those_of_the_check(site: Path) -> None:
    write(site, **{OUTAGE_PATH: OUTAGE.replace("Nobody answers.", "password=hunter2hunter2")})
    (found,) = [each for each in reviewed(site).found if each.is_new]
    assert (found.problem.level, found.problem.line) == (Level.WARNING, 8)
