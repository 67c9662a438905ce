"""The month, day by day. Each function is a step: what people did, what the machine did, and what subscribers got.

Downtime is worked out by hand beside what causes it. Rounds come every quarter of an hour, and two in a row confirm: so
what breaks at 09:00 and is mended at 10:00 is down from the round at 09:00 up to the one at 10:00, as soon as the
second round of either kind has been made.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.rehearsal.month import stamp
from tests.rehearsal.play import Play

Step = Callable[[Play], None]
API = "incidents/2026-11-03-elevated-api-errors.md"
SLUG = "2026-11-03-elevated-api-errors"


def the_repository_is_new(play: Play) -> None:
    """Nothing was probed yet: a pull request is checked all the same, and a page goes online."""
    play.ben.writes("ben/about", **{"pages/about.md": "---\ntitle: About\n---\nWho we are.\n"})
    pull = play.month.proposes("ben/about")
    play.month.reviews(pull)
    play.month.merges(pull)
    play.publish_by_workflow()


def the_first_rounds_are_made(play: Play) -> None:
    """Nothing happened yet: notify wrote down what there was, and tells nobody."""
    play.at("1 08:00")
    play.publish()


def a_maintenance_is_scheduled(play: Play) -> None:
    """Ann plans the upgrade of the database from her terminal; the database's own subscribers hear of it too."""
    play.at("2 14:00")
    window = ("--from", "2026-11-15T20:00Z", "--until", "2026-11-15T21:00Z")
    text = ("-m", "Writing waits for up to an hour.")
    where = ("--branch", "maintenance/db", "--push")
    play.ann.runs("maintenance", "schedule", "Database upgrade", "--component", "db", *window, *text, *where)
    play.month.accepts("maintenance/db")
    play.publish("[Scheduled] Database upgrade")


def an_incident_is_opened_from_a_terminal(play: Play) -> None:
    """At 3 a.m. it would take a minute: a command, a pull request that says what subscribers will get, a merge."""
    play.at("3 09:12")
    opening = ("--component", "api=partial_outage", "--severity", "sev2", "--started", "2026-11-03T09:00Z")
    text = ("-m", "About a fifth of requests to the API fail.")
    where = ("--branch", "incident/api", "--push")
    play.ann.runs("incident", "open", "Elevated API errors", *opening, *text, *where)
    play.month.counted("api", "3 09:00", "3 10:25", "partial")
    pull = play.month.proposes("incident/api", "Elevated API errors")
    run = play.month.reviews(pull)
    assert "About a fifth of requests to the API fail." in run.summary
    assert "Elevated API errors" in play.previewed(f"incidents/{SLUG}/index.html")
    play.month.merges(pull)
    play.publish_by_workflow("[Investigating] Elevated API errors")


def it_is_updated_by_a_command(play: Play) -> None:
    """Ann knows the cause; the second branch begins from what is on main by now."""
    play.at("3 09:31")
    text = ("-m", "A release of 08:55 is the cause.", "--next", "30m")
    play.ann.runs("incident", "update", SLUG, "--state", "identified", *text, "--branch", "incident/api-2", "--push")
    play.month.accepts("incident/api-2")
    play.publish("[Identified] Elevated API errors")


def it_is_updated_by_hand(play: Play) -> None:
    """Ben appends to the file in an editor and opens a pull request."""
    play.at("3 09:52")
    update = f"\n## Identified · {stamp('3 09:50')}\nThe release is being rolled back.\n"
    play.ben.appends("ben/rollback", API, update)
    pull = play.month.proposes("ben/rollback")
    assert "The release is being rolled back." in play.month.reviews(pull).summary
    play.month.merges(pull)
    play.publish("[Identified] Elevated API errors")


def it_is_updated_by_the_form(play: Play) -> None:
    """From the forge's app on a phone; the text looks like what a shell would run, and is text."""
    play.at("3 10:05")
    text = "Errors are down to 2 % - $(touch pwned) `id` ${HOME}; we watch."
    pull = play.month.fills_in(action="update", name=SLUG, state="monitoring", message=text)
    play.month.reviews(pull)
    play.month.merges(pull)
    play.publish("[Monitoring] Elevated API errors")


def it_is_resolved_by_the_form(play: Play) -> None:
    """The same form ends it."""
    play.at("3 10:25")
    pull = play.month.fills_in(action="resolve", name=SLUG, message="The faulty release is rolled back.")
    play.month.merges(pull)
    play.publish_by_workflow("[Resolved] Elevated API errors")


def two_people_update_at_once(play: Play) -> None:
    """Ann and Ben push to the same branch at the same moment: both updates arrive."""
    play.at("6 08:00")
    opening = ("--component", "web=degraded_performance", "--severity", "sev3", "--slug", "slow-search")
    where = ("--branch", "incident/search", "--push")
    play.ben.runs("incident", "open", "Search is slow", *opening, "-m", "Results take 5 s.", *where)
    play.month.accepts("incident/search")
    play.publish("[Investigating] Search is slow", letters=())
    play.at("6 09:00")
    texts = ("The index is being rebuilt.", "Half of the index is rebuilt.")
    update = ("incident", "update", "slow-search", "--state", "identified", "--branch", "incident/rebuild", "--push")
    play.at_once([(*update, "-m", text) for text in texts])
    play.month.accepts("incident/rebuild")
    source = play.month.source("incidents/slow-search.md")
    assert [source.count(text) for text in texts] == [1, 1]
    play.at("6 09:02")
    play.publish("[Identified] Search is slow", "[Identified] Search is slow", letters=())
    play.at("6 10:10")
    where = ("--branch", "incident/fast", "--push")
    play.ben.runs("incident", "resolve", "slow-search", "-m", "All is fast again.", *where)
    play.month.accepts("incident/fast")
    play.publish("[Resolved] Search is slow", letters=())


def an_outage_flaps(play: Play) -> None:
    """Twelve outages of half an hour each: the machine drafts one incident, and subscribers hear nothing of it."""
    for hour in range(6, 18):
        play.month.breaks("api", f"8 {hour:02}:00", f"8 {hour:02}:30")
        play.month.counted("api", f"8 {hour:02}:00", f"8 {hour:02}:30", "major")
    for hour in range(6, 18):
        for minute in (20, 50):
            play.at(f"8 {hour:02}:{minute}")
            play.month.drafts(play.month.server)
            assert play.month.notifies(play.month.server).code == 0
    play.at("8 18:46")
    (branch,) = play.drafted()
    play.publish(operators=("[Major outage] API", "[Operational] API") * 12)
    text = play.month.source(f"incidents/{branch.removeprefix('incident/')}.md", branch)
    assert text.count("\n## Resolved") == 1
    assert "12" in text


def the_draft_is_merged_as_it_is(play: Play) -> None:
    """Nobody was awake: in the morning Ben takes ``draft: true`` out, and what it says adds nothing to the numbers."""
    play.at("9 08:30")
    (branch,) = play.drafted()
    title = play.takes_over(play.ben, branch, "Written by our monitoring, and read by us.")
    play.month.merges(play.pull_of(branch))
    play.deletes(branch)
    phases = play.phases(title)
    play.publish(*(f"[{phase}] {title}" for phase in phases), edited=True)


def a_person_takes_over_a_draft(play: Play) -> None:
    """In the middle of the second outage Ann edits the draft: the machine says no more in it, and opens no other."""
    play.month.breaks("web", "10 04:00", "10 06:00")
    play.month.counted("web", "10 04:00", "10 06:00", "major")
    play.at("10 04:20")
    play.publish(operators=("[Major outage] Website",))
    (branch,) = play.drafted()
    play.at("10 05:00")
    title = play.takes_over(play.ann, branch, "A certificate of ours is not trusted any more.")
    play.month.merges(play.pull_of(branch))
    play.publish(*(f"[{phase}] {title}" for phase in play.phases(title)), edited=True)
    play.at("10 05:20")
    play.publish()
    play.at("10 06:20")
    play.publish(operators=("[Operational] Website",))
    play.at("10 07:30")
    play.publish()
    slug = branch.removeprefix("incident/")
    play.ann.runs("incident", "resolve", slug, "-m", "It is renewed.", "--branch", "ann/renewed", "--push")
    play.month.accepts("ann/renewed")
    play.publish(f"[Resolved] {title}")


def a_maintenance_window_is_outlived(play: Play) -> None:
    """An outage within a window is nobody's news; that it outlives the window is."""
    play.at("11 09:00")
    text = (
        "---\ntitle: New load balancers\ntype: maintenance\ncomponents: [api]\n"
        "scheduled: {from: 2026-11-12T22:00Z, until: 2026-11-12T23:00Z}\n---\n"
        f"## Scheduled · {stamp('11 08:58')}\nThe API pauses.\n"
    )
    play.ben.writes("ben/balancers", **{"incidents/2026-11-12-balancers.md": text})
    pull = play.month.proposes("ben/balancers")
    play.month.reviews(pull)
    play.month.merges(pull)
    play.publish("[Scheduled] New load balancers")
    play.month.breaks("api", "12 22:15", "12 23:45")
    play.month.counted("api", "12 22:00", "12 23:00", "excluded")
    play.month.counted("api", "12 23:00", "12 23:45", "major")
    play.at("12 08:00")
    play.publish(by_clock=("[Scheduled] New load balancers",))
    play.at("12 22:50")
    play.publish(by_clock=("[In progress] New load balancers",))
    assert not play.drafted()
    play.at("12 23:20")
    play.publish(by_clock=("[Completed] New load balancers",), operators=("[Major outage] API",))
    (branch,) = play.drafted()
    play.at("13 00:05")
    play.publish(operators=("[Operational] API",))
    play.at("13 01:00")
    play.publish()
    play.month.closes(branch)
    play.at("13 02:00")
    play.publish()
    assert not play.drafted()


def a_maintenance_overruns(play: Play) -> None:
    """Begun by a command, longer than its window, completed by a command."""
    play.month.counted("db", "15 20:02", "15 21:00", "excluded")  # from when it really began to the window's end
    play.at("14 21:00")
    play.publish(by_clock=("[Scheduled] Database upgrade",))
    play.at("15 20:02")
    play.maintenance("start", "database-upgrade", "The upgrade begins.")
    play.publish("[In progress] Database upgrade")
    play.at("15 21:20")
    play.publish()
    play.at("15 21:40")
    play.maintenance("complete", "database-upgrade", "The upgrade is done.")
    play.publish("[Completed] Database upgrade")


def a_maintenance_is_cancelled(play: Play) -> None:
    """Scheduled by Ann, cancelled two days later: its window counts as any other time."""
    play.at("16 09:00")
    window = ("--from", "2026-11-18T20:00Z", "--until", "2026-11-18T22:00Z")
    where = ("--branch", "maintenance/disks", "--push")
    play.ann.runs("maintenance", "schedule", "New disks", "--component", "web", *window, "-m", "We swap disks.", *where)
    play.month.accepts("maintenance/disks")
    play.publish("[Scheduled] New disks")
    play.at("17 09:00")
    play.maintenance("cancel", "new-disks", "The disks are late.")
    play.publish("[Cancelled] New disks")


def an_occurrence_is_cancelled(play: Play) -> None:
    """A series by hand, of which one date is called off by a command and the others take place."""
    play.at("17 10:00")
    text = (
        "---\ntitle: Weekly backup\ntype: maintenance\nscheduled: {from: 2026-11-19T03:00Z, until: 2026-11-19T04:00Z}\n"
        "components: [db]\nrepeats: {rule: FREQ=WEEKLY;BYDAY=TH, timezone: UTC}\n---\n"
        f"## Scheduled · {stamp('17 09:55')}\nWriting waits for minutes.\n"
    )
    play.ben.writes("ben/backup", **{"incidents/weekly-backup.md": text})
    pull = play.month.proposes("ben/backup")
    play.month.reviews(pull)
    play.month.merges(pull)
    play.publish("[Scheduled] Weekly backup")
    play.month.counted("db", "19 03:00", "19 04:00", "excluded")
    play.at("18 12:00")
    play.publish(by_clock=("[Scheduled] Weekly backup",))
    play.at("19 03:10")
    play.publish(by_clock=("[In progress] Weekly backup",))
    play.at("19 04:10")
    play.publish(by_clock=("[Completed] Weekly backup",))
    play.at("20 09:00")
    where = ("--branch", "maintenance/no-backup", "--push")
    date = ("--occurrence", "2026-11-26")
    play.ann.runs("maintenance", "cancel", "weekly-backup", *date, "-m", "There is nothing to keep.", *where)
    play.month.accepts("maintenance/no-backup")
    play.publish("[Cancelled] Weekly backup")


def a_postmortem_is_added(play: Play) -> None:
    """Written from the template on a branch, finished by hand, published with a merge."""
    play.at("20 14:00")
    play.ann.runs("postmortem", SLUG, "--date", "2026-11-20T14:00Z", "--branch", "postmortem/api", "--push")
    play.ann.git("fetch", "--quiet", "origin")
    play.ann.git("checkout", "--quiet", "-B", "postmortem/api", "origin/postmortem/api")
    path = API.replace(".md", ".postmortem.md")
    text = play.ann.reads(path)
    for word in ("timeline", "root cause", "action items", "About a fifth of requests"):
        assert word.lower() in text.lower(), word
    front = text[: text.index("---\n", 4) + 4].replace("draft: true\n", "")
    (play.ann.clone / path).write_text(f"{front}\n## What we learnt\nReleases wait for a canary now.\n", "utf-8")
    play.ann.git("commit", "--quiet", "-am", "Finish the post-mortem")
    play.ann.git("push", "--quiet", "origin", "postmortem/api")
    pull = play.month.proposes("postmortem/api")
    play.month.reviews(pull)
    play.month.merges(pull)
    play.publish("[Postmortem] Elevated API errors")
    assert "Releases wait for a canary now." in play.month.read(f"incidents/{SLUG}/index.html")


def history_is_set_right(play: Play) -> None:
    """The outage of the 10th began an hour later than probes thought: a correction, by pull request."""
    play.at("20 16:00")
    text = (
        "components: [web]\nfrom: 2026-11-10T04:00Z\nto: 2026-11-10T05:00Z\nset: operational\n"
        "reason: The probers' own trust store was too old for an hour.\n"
    )
    play.ben.writes("ben/trust-store", **{"corrections/2026-11-10-web.yaml": text})
    pull = play.month.proposes("ben/trust-store")
    summary = play.month.reviews(pull).summary
    assert "Website" in summary
    play.month.merges(pull)
    play.month.takes_back("web", "10 04:00", "10 05:00")
    play.publish()


def a_pull_request_with_errors(play: Play) -> None:
    """Three mistakes in one file: each is named with its line, and nothing changes anywhere."""
    play.at("21 07:00")
    text = (
        "---\n"
        "title: Broken\n"
        "components: {apy: partial_outage}\n"
        "---\n"
        f"## Identified · {stamp('21 06:50')}\n"
        "We use the key AKIAIOSFODNN7EXAMPLE to look.\n"
        "\n"
        f"## Investigating · {stamp('21 06:40')}\n"
        "Earlier than the one above.\n"
    )
    play.ben.writes("ben/broken", **{"incidents/2026-11-21-broken.md": text})
    run = play.month.reviews(play.month.proposes("ben/broken"), "failure")
    for line in (3, 8):
        assert f"::error file=incidents/2026-11-21-broken.md,line={line}" in run.log, run.log
    assert "apy" in run.log
    assert "line=6" in run.log, run.log
    play.publish()


def a_pull_request_from_a_fork(play: Play) -> None:
    """Eve's fork is checked like any other, by a job that has no secret and can write nothing."""
    play.at("21 07:30")
    fork = play.forks("eve")
    front = "---\ntitle: A stranger's news\ncomponents: {web: major_outage}\n---\n"
    text = f"{front}## Investigating · {stamp('21 07:25')}\nBuy.\n"
    fork.writes("eve/news", **{"incidents/2026-11-21-news.md": text})
    before = play.month.forge.branches()
    pull = play.month.forge.open_pull("eve/news", "News", of=fork.clone)
    run = play.month.reviews(pull)
    assert "A stranger's news" in run.summary
    assert play.month.forge.branches() == before
    play.publish()


def the_mail_server_is_down_for_a_day(play: Play) -> None:
    """What goes by mail waits; what goes elsewhere does not, and the page is built."""
    play.month.mail.stop()
    play.at("22 10:00")
    fields = {
        "name": "Logins fail",
        "severity": "sev1",
        "components": "web=partial_outage",
        "message": "Some cannot log in.",
    }
    pull = play.month.fills_in(action="open", **fields)
    play.month.merges(pull)
    play.month.counted("web", "22 10:00", "22 11:00", "partial")
    play.publish("[Investigating] Logins fail", letters=())
    play.at("22 11:00")
    (slug,) = play.slugs("Logins fail")
    play.month.merges(play.month.fills_in(action="resolve", name=slug, message="All can."))
    play.publish("[Resolved] Logins fail", letters=())
    play.at("23 10:05")
    play.month.mail.start()
    play.publish(letters=("[Investigating] Logins fail", "[Resolved] Logins fail"))


def a_runner_is_killed_while_it_tells(play: Play) -> None:
    """Killed when the first message had arrived and before that was written down: that one may come twice."""
    play.at("24 12:00")
    opening = ("--component", "api=degraded_performance", "--severity", "sev2", "--slug", "slow-api")
    where = ("--branch", "incident/slow-api", "--push")
    play.ann.runs("incident", "open", "The API is slow", *opening, "-m", "It takes 3 s.", *where)
    play.month.accepts("incident/slow-api")
    play.killed_while_telling("[Investigating] The API is slow")
    play.publish("[Investigating] The API is slow", repeats=1)
    play.at("24 13:00")
    play.ann.runs("incident", "resolve", "slow-api", "-m", "It is fast.", "--branch", "incident/fast-api", "--push")
    play.month.accepts("incident/fast-api")
    play.publish("[Resolved] The API is slow")


def a_runner_is_killed_while_it_drafts(play: Play) -> None:
    """Killed when the draft had been pushed: the next run finds it, and there is one."""
    play.month.breaks("web", "25 02:00", "25 03:00")
    play.month.counted("web", "25 02:00", "25 03:00", "major")
    play.at("25 02:20")
    play.killed_while_drafting()
    play.publish(operators=("[Major outage] Website",))
    (branch,) = play.drafted()
    assert not play.unasked()
    play.at("25 03:20")
    play.publish(operators=("[Operational] Website",))
    assert play.drafted() == [branch]
    play.at("25 04:00")
    play.publish()
    play.month.closes(branch)
    play.publish()
    assert not play.drafted()


def the_monitor_is_silent(play: Play) -> None:
    """Nobody probes for six hours: that is told once, and again when rounds are made; unknown time is not downtime."""
    play.month.is_silent("26 03:00", "26 09:00")
    play.at("26 06:00")
    play.publish(operators=("Monitoring is silent",))
    play.at("26 09:20")
    play.publish(operators=("Monitoring is back",))


def the_month_ends(play: Play) -> None:
    """What the report says, worked out by hand once more, and as a whole.

    Silence: the round of the 26th, 02:45, holds for 2.5 intervals, up to 03:22:30; then nothing is known up to 09:00,
    20,250 s. The API: 12 flaps of 1,800 s and 2,700 s after the window; half of the 5,100 s of the 3rd. The website:
    3,600 s of the 10th, as many of the 25th, and half of those of the 22nd.
    """
    play.at("30 23:59")
    play.publish_by_workflow()
    whole = 30 * 86_400 - 60
    known = whole - 20_250
    play.reports("api", major_seconds=24_300, partial_seconds=5_100, excluded_seconds=3_600, degraded_seconds=3_600)
    play.reports("api", known_seconds=known - 3_600, availability="98.95")  # 1 - 26,850 / 2,568,090
    play.reports("web", major_seconds=7_200, partial_seconds=3_600, excluded_seconds=0, degraded_seconds=7_800)
    play.reports("web", known_seconds=known, availability="99.65")  # 1 - 9,000 / 2,571,690
    play.reports("db", excluded_seconds=3_480 + 3_600, known_seconds=whole - 7_080, availability="100")


STEPS: tuple[Step, ...] = (
    the_repository_is_new,
    the_first_rounds_are_made,
    a_maintenance_is_scheduled,
    an_incident_is_opened_from_a_terminal,
    it_is_updated_by_a_command,
    it_is_updated_by_hand,
    it_is_updated_by_the_form,
    it_is_resolved_by_the_form,
    two_people_update_at_once,
    an_outage_flaps,
    the_draft_is_merged_as_it_is,
    a_person_takes_over_a_draft,
    a_maintenance_window_is_outlived,
    a_maintenance_overruns,
    a_maintenance_is_cancelled,
    an_occurrence_is_cancelled,
    a_postmortem_is_added,
    history_is_set_right,
    a_pull_request_with_errors,
    a_pull_request_from_a_fork,
    the_mail_server_is_down_for_a_day,
    a_runner_is_killed_while_it_tells,
    a_runner_is_killed_while_it_drafts,
    the_monitor_is_silent,
    the_month_ends,
)
