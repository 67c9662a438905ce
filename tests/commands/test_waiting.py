"""Posting about what is elsewhere: drafts on branches, files that nobody committed; and slips of the hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from statusgen.drafting import drafts

from ..sites import INCIDENT, INCIDENT_TEXT, NOW_TEXT, Run, clone, commit_all, run_git, write
from .conftest import everything

NOW = ("--now", NOW_TEXT)
SLUG = "2026-11-21-api-is-unavailable"
PATH, BRANCH = f"incidents/{SLUG}.md", f"incident/{SLUG}"
DRAFT = drafts.stamped(f"""\
---
title: API is unavailable
started: 2026-11-21T11:00Z
components: {{api: major_outage}}
draft: true
measured: true
automatic: {drafts.NONE_YET}
---
## Investigating · 2026-11-21 11:05 UTC
Our monitoring has found API unavailable.
""")
OPEN = ("incident", "open", "Trouble", "--slug", "trouble", "-m", "It fails.", *NOW)
MORE = ("incident", "update", "trouble", "-m", "More.", *NOW)


def on_a_branch(folder: Path) -> None:
    """Commit a draft on its branch, and go back to main."""
    run_git(folder, "switch", "--quiet", "--create", BRANCH)
    write(folder, **{PATH: DRAFT})
    commit_all(folder, "Draft")
    run_git(folder, "switch", "--quiet", "main")


@pytest.fixture
def own(remote: Path) -> Path:
    """Return a clone with a draft on a branch that it has not pushed."""
    folder = clone(remote, "own")
    on_a_branch(folder)
    return folder


@pytest.fixture
def other(remote: Path) -> Path:
    """Return a clone that has not heard of a draft that the remote has on a branch."""
    folder, another = clone(remote, "other"), clone(remote, "another")
    on_a_branch(another)
    run_git(another, "push", "--quiet", "origin", BRANCH)
    return folder


# Drafts on branches.


def test_a_draft_on_a_branch_is_listed(own: Path, run: Run) -> None:
    first = f"{SLUG}  investigating, since 21 Nov 2026, 11:00 UTC (1 h), draft, on branch {BRANCH}, automatic\n"
    assert run("incident", "list", *NOW, at=own).out.startswith(first)


def test_a_draft_of_the_remote_is_listed_once_it_is_asked(other: Path, run: Run) -> None:
    assert run("incident", "list", *NOW, at=other).out == "No incident is open.\n"
    assert f"on branch {BRANCH}" in run("incident", "list", "--fetch", *NOW, at=other).out


def test_a_draft_that_ended_while_it_waited_is_listed_still(own: Path, run: Run) -> None:
    run_git(own, "switch", "--quiet", BRANCH)
    ended = DRAFT + "\n## Resolved · 2026-11-21 11:30 UTC\nComponents: api operational\nIt works.\n"
    write(own, **{PATH: ended})
    commit_all(own, "Ended")
    run_git(own, "switch", "--quiet", "main")
    (line, *_) = run("incident", "list", *NOW, at=own).out.splitlines()
    assert line.startswith(f"{SLUG}  resolved")
    assert f"draft, on branch {BRANCH}" in line


def test_what_the_remote_has_merged_waits_no_more(remote: Path, other: Path, run: Run) -> None:
    run_git(remote, "update-ref", "refs/heads/main", BRANCH)
    run_git(other, "fetch", "--quiet")
    assert run("incident", "list", *NOW, at=other).out == "No incident is open.\n"


SWAP = """\
---
title: Swap
type: maintenance
scheduled: {from: 2026-12-03 05:00 UTC, until: 2026-12-03 06:00 UTC}
components: [api]
---
## Scheduled · 2026-11-20 12:00 UTC
We swap it.
"""


def test_maintenance_that_waits_is_meant_by_its_name_and_not_its_neighbour(own: Path, run: Run) -> None:
    west, all_ = "2026-12-03-swap-west", "2026-12-03-swap"
    write(own, **{f"incidents/{west}.md": SWAP})
    commit_all(own, "West")
    run_git(own, "switch", "--quiet", "--create", f"incident/{all_}")
    write(own, **{f"incidents/{all_}.md": SWAP})
    commit_all(own, "All")
    run_git(own, "switch", "--quiet", "main")
    assert f"{all_}  scheduled, from 3 Dec 2026, 05:00 UTC, on branch incident/{all_}\n" in (
        run("maintenance", "list", *NOW, at=own).out
    )
    ran = run("maintenance", "cancel", all_, "--commit", *NOW, at=own)
    assert ran.code == 0
    assert f"{all_} waits on branch incident/{all_}, and this goes there" in ran.err + ran.out
    assert "Cancelled" in run_git(own, "show", f"incident/{all_}:incidents/{all_}.md")
    assert "Cancelled" not in (own / f"incidents/{west}.md").read_text("utf-8")


@pytest.mark.parametrize("name", ["api", SLUG, ""])
def test_an_update_goes_to_the_branch_of_a_draft(own: Path, run: Run, name: str) -> None:
    before = run_git(own, "rev-parse", "main")
    ran = run("incident", "update", *filter(None, [name]), "-m", "We look.", *NOW, at=own)
    assert (ran.code, ran.err) == (0, f"{SLUG} waits on branch {BRANCH}, and this goes there\n")
    assert run_git(own, "show", f"{BRANCH}:{PATH}").endswith("12:00 UTC\nWe look.")
    assert (run_git(own, "rev-parse", "main"), run_git(own, "status", "--porcelain")) == (before, "")


def test_a_draft_that_only_the_remote_has_is_resolved_there_with_a_push(remote: Path, other: Path, run: Run) -> None:
    run_git(other, "fetch", "--quiet")
    before = everything(other, remote)
    refused = run("incident", "resolve", "api", "-m", "Over.", *NOW, at=other)
    assert (refused.code, f"waits on branch {BRANCH} of the remote, not here: add --push" in refused.err) == (2, True)
    assert everything(other, remote) == before
    assert run("incident", "resolve", "api", "-m", "Over.", "--push", *NOW, at=other).code == 0
    assert run_git(remote, "show", f"{BRANCH}:{PATH}").endswith("12:00 UTC\nOver.")


def test_what_is_here_goes_by_its_name_before_what_waits(own: Path, run: Run) -> None:
    assert run(*OPEN, at=own).code == 0
    assert run(*MORE, at=own).err == ""


@pytest.mark.parametrize("command", ["update", "resolve"])
def test_without_a_name_what_waits_counts_as_well(remote: Path, other: Path, run: Run, command: str) -> None:
    assert run(*OPEN, "--push", at=other).code == 0
    before = everything(remote)
    ran = run("incident", command, "-m", "More.", "--push", *NOW, at=other)
    assert (ran.code, ran.err) == (1, f"error: name one of the open incidents: trouble, {SLUG}\n")
    assert everything(remote) == before


def test_a_post_mortem_of_what_waits_goes_to_its_branch(own: Path, run: Run) -> None:
    ran = run("postmortem", "unavailable", *NOW, at=own)
    assert (ran.code, ran.err) == (0, f"{SLUG} waits on branch {BRANCH}, and this goes there\n")
    assert "title: " in run_git(own, "show", f"{BRANCH}:{PATH.removesuffix('.md')}.postmortem.md")


def test_an_automatic_draft_is_not_doubled(remote: Path, other: Path, run: Run) -> None:
    before = everything(remote)
    opening = ("incident", "open", "API down", "--component", "api=major_outage", "-m", "Down.", "--push", *NOW)
    refused = run(*opening, at=other)
    assert (refused.code, len(refused.err.splitlines())) == (1, 1)
    assert f"API is named by the open draft {SLUG} (on branch {BRANCH})" in refused.err
    assert f"'statusgen incident publish {SLUG}', or add --slug NAME" in refused.err
    assert everything(remote) == before
    assert run(*opening, "--slug", "api-down", at=other).code == 0


def test_opening_names_the_open_incident_of_the_same_component(site: Path, run: Run) -> None:
    assert run(*OPEN, "--component", "api=partial_outage", at=site).code == 0
    ran = run("incident", "open", "Else", "--component", "api=partial_outage", "-m", "Else.", *NOW, at=site)
    assert ran.code == 0
    line = "API is named by the open incident trouble: 'statusgen incident update trouble' adds to it\n"
    assert ran.err == line


# Files that cannot be read.

TORN = {"incidents/2026-11-21-checkout-fails.md": "---\ntitle: [broken\n---\n"}
WHY = "incidents/2026-11-21-checkout-fails.md:2: "
WHICH = "which incident is meant cannot be told while incidents/2026-11-21-checkout-fails.md:2 cannot be read ("


def refused(site: Path, run: Run, *arguments: str) -> str:
    """Return in which words something is refused, which changes nothing."""
    before = everything(site)
    ran = run(*arguments, *NOW, at=site)
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (1, "", 1)
    assert everything(site) == before
    return ran.err.strip()


@pytest.mark.parametrize("command", ["update", "resolve"])
def test_without_a_name_nothing_is_said_while_a_file_cannot_be_read(site: Path, run: Run, command: str) -> None:
    assert run(*OPEN, "--commit", at=site).code == 0
    write(site, **TORN)
    said = refused(site, run, "incident", command, "-m", "Over.", "--commit")
    assert (said.startswith(f"error: {WHICH}"), said.endswith("): mend it, or name the incident")) == (True, True)
    assert run("incident", command, "trouble", "-m", "Over.", "--commit", *NOW, at=site).code == 0


def test_a_part_of_a_name_finds_the_file_that_cannot_be_read(site: Path, run: Run) -> None:
    assert run(*OPEN, at=site).code == 0
    write(site, **TORN)
    for name in ("checkout", "Checkout-fails", "2026-11-21-checkout-fails"):
        assert refused(site, run, "incident", "update", name, "-m", "More.").startswith(WHY)


def test_a_part_that_fits_what_cannot_be_read_as_well_is_not_enough(site: Path, run: Run) -> None:
    assert run(*OPEN[:4], "2026-11-21-checkout-is-slow", *OPEN[5:], at=site).code == 0
    write(site, **TORN)
    said = refused(site, run, "incident", "resolve", "checkout", "-m", "Over.")
    assert (said.startswith(f"error: {WHICH}"), said.endswith("): mend it, or give more of its name")) == (True, True)
    assert run("incident", "resolve", "is-slow", "-m", "Over.", *NOW, at=site).code == 0


def test_maintenance_is_not_told_apart_from_what_cannot_be_read_either(site: Path, run: Run) -> None:
    planning = ("maintenance", "schedule", "Upgrade", "--component", "api", "--from", "30m", "--for", "1h", "-m", "So.")
    assert run(*planning, *NOW, at=site).code == 0
    write(site, **TORN)
    said = refused(site, run, "maintenance", "start")
    assert said.startswith(f"error: {WHICH.replace('incident is', 'maintenance is')}")
    assert run("maintenance", "start", "upgrade", *NOW, at=site).code == 0


def test_a_file_that_is_no_text_cannot_be_read_either(site: Path, run: Run) -> None:
    assert run(*OPEN, at=site).code == 0
    (site / "incidents/latin.md").write_bytes(b"\xe4")
    assert "while incidents/latin.md:1 cannot be read (" in refused(site, run, "incident", "resolve", "-m", "Over.")
    assert run("incident", "list", *NOW, at=site).err.startswith("incidents/latin.md:1: ")


def test_what_cannot_be_read_on_a_branch_may_be_meant_as_well(own: Path, run: Run) -> None:
    assert run(*OPEN, at=own).code == 0
    run_git(own, "branch", "--quiet", "--move", BRANCH, "incident/torn")
    run_git(own, "switch", "--quiet", "incident/torn")
    write(own, **{PATH: "---\ntitle: [broken\n---\n"})
    commit_all(own, "Tear")
    run_git(own, "switch", "--quiet", "main")
    assert "cannot be read (on branch incident/torn: " in refused(own, run, "incident", "resolve", "-m", "Over.")


def test_a_list_names_what_cannot_be_read_on_a_branch(own: Path, run: Run) -> None:
    run_git(own, "switch", "--quiet", BRANCH)
    write(own, **{PATH: "---\ntitle: [broken\n---\n"})
    commit_all(own, "Tear")
    run_git(own, "switch", "--quiet", "main")
    listed = run("incident", "list", *NOW, at=own)
    assert listed.err.startswith(f"{PATH}:")
    assert f": on branch {BRANCH}: " in listed.err
    assert listed.out == "No incident is open, as far as the files above can be read.\n"


@pytest.mark.parametrize(
    "texts",
    [
        {"incidents/trouble.postmortem.md": ""},
        {"incidents/2026-11-20-api-errors.md": INCIDENT_TEXT.replace("sev2", "sev9")},
    ],
    ids=["a post-mortem", "only a key"],
)
def test_what_leaves_no_incident_out_keeps_nobody_from_posting(site: Path, run: Run, texts: dict[str, str]) -> None:
    write(site, **texts)
    assert run("check", *NOW, at=site).code == 1
    assert run(*OPEN, at=site).code == 0
    assert run("incident", "update", "-m", "More.", *NOW, at=site).code == 0


# Publishing.


def test_publishing_takes_out_what_kept_a_draft_back(site: Path, run: Run) -> None:
    write(site, **{PATH: DRAFT})
    assert run("incident", "publish", *NOW, at=site).code == 0
    kept = [line for line in DRAFT.splitlines() if not line.startswith(("draft:", "automatic:"))]
    assert (site / PATH).read_text("utf-8").splitlines() == kept
    again = run("incident", "publish", SLUG, *NOW, at=site)
    assert (again.code, f"{SLUG} is no draft" in again.err) == (1, True)


def test_publishing_on_a_branch_says_something_as_well(remote: Path, other: Path, run: Run) -> None:
    ran = run("incident", "publish", "api", "--state", "identified", "-m", "A disk.", "--push", *NOW, at=other)
    assert (ran.code, f"It is public once branch {BRANCH} is merged." in ran.err) == (0, True)
    text = run_git(remote, "show", f"{BRANCH}:{PATH}")
    assert "draft:" not in text
    assert "measured: true" in text
    assert text.endswith("## Identified · 2026-11-21 12:00 UTC\nA disk.")


def test_what_was_published_without_a_push_is_pushed_when_it_is_asked_for(remote: Path, own: Path, run: Run) -> None:
    publish = ("incident", "publish", SLUG, "--branch", BRANCH, "-m", "A disk.", *NOW)
    assert run(*publish, at=own).code == 0
    other = run(*publish[:-4], "-m", "A fan.", *NOW, "--push", at=own)
    assert (other.code, f"{SLUG} is no draft" in other.err) == (1, True)
    ran = run(*publish, "--push", at=own)
    assert (ran.code, f"{SLUG} says so already: it goes there as it is" in ran.err) == (0, True)
    assert run_git(remote, "show", f"{BRANCH}:{PATH}").endswith("\nA disk.")
    assert run(*publish, "--push", at=own).code == 1


def test_publishing_looks_for_secrets_in_all_that_becomes_public(own: Path, run: Run) -> None:
    run_git(own, "switch", "--quiet", BRANCH)
    write(own, **{PATH: DRAFT + "AKIAABCDEFGHIJKLMNOP\n"})
    commit_all(own)
    ran = run("incident", "publish", "--push", *NOW, at=own)
    assert (ran.code, "what looks like an AWS access key" in ran.err) == (1, True)


# What was not committed yet.


def test_a_push_takes_along_a_file_that_was_not_committed(remote: Path, run: Run) -> None:
    page, somebody = clone(remote, "page"), clone(remote, "somebody")
    assert run(*OPEN, at=page).code == 0
    write(somebody, **{"incidents/theirs.md": "---\ntitle: Theirs\n---\n"})
    commit_all(somebody)
    run_git(somebody, "push", "--quiet")
    ran = run(*MORE, "--push", at=page)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines()[0].endswith("to branch main, with what was not committed yet")
    assert "The page follows with the next build: https://status.acme.example/incidents/trouble/" in ran.out
    assert run_git(remote, "show", "main:incidents/trouble.md").endswith("UTC\nMore.")
    assert run_git(page, "status", "--porcelain") == ""


def test_a_commit_takes_along_an_update_that_was_not_committed(site: Path, run: Run) -> None:
    assert run(*OPEN, "--commit", at=site).code == 0
    assert run("incident", "update", "trouble", "-m", "First.", *NOW, at=site).code == 0
    ran = run(*MORE, "--commit", at=site)
    assert (ran.code, "with what was not committed yet" in ran.out) == (0, True)
    told = run_git(site, "show", "HEAD:incidents/trouble.md")
    assert "First." in told
    assert told.endswith("More.")


def test_other_unfinished_work_is_not_committed(site: Path, run: Run) -> None:
    assert run(*OPEN, "--commit", at=site).code == 0
    path = site / "incidents/trouble.md"
    path.write_text(path.read_text("utf-8") + "A word more.\n", "utf-8")
    before = everything(site)
    ran = run(*MORE, "--commit", at=site)
    remedy = "git commit -m 'Correct incidents/trouble.md' -- incidents/trouble.md"
    assert (ran.code, remedy in ran.err) == (1, True)
    assert everything(site) == before
    run_git(site, "commit", "-m", "Correct incidents/trouble.md", "--", "incidents/trouble.md")
    assert run(*MORE, "--commit", at=site).code == 0


def test_a_secret_in_what_goes_along_is_not_pushed(remote: Path, run: Run) -> None:
    page = clone(remote, "page")
    assert run(*OPEN[:-3], "AKIAABCDEFGHIJKLMNOP", *NOW, at=page).code == 0
    before = everything(page, remote)
    ran = run(*MORE, "--push", at=page)
    assert (ran.code, "what looks like an AWS access key" in ran.err) == (1, True)
    assert everything(page, remote) == before


# Slips of the hand.

CLOSED = INCIDENT.removeprefix("incidents/").removesuffix(".md")
SAID = ("-m", "Said.")
REFUSED = [
    (("resolve", "login", *SAID, "--component", "api=major_outage"), "api=major_outage: what is resolved leaves"),
    (("update", "login", *SAID, "--state", "resolved", "--component", "api=major_outage"), "what is resolved leaves"),
    (("update", CLOSED, *SAID), "add --state investigating to open it again, or --state resolved to add a last word"),
    (("open", "X", *SAID, "--started", "400d"), "more than 30 days ago: give the instant, like 2025-10-17T12:00Z"),
    (("open", "X", *SAID, "--started", "02:40"), "write 2026-11-21T02:40Z, or how long ago, like 20m"),
    (("open", "X", *SAID, "--started", "13:40"), "write 2026-11-20T13:40Z"),
    (("open", "X", *SAID, "--next", "2:40"), "write 2026-11-22T02:40Z, or how far ahead, like 30m"),
    (("open", "X", *SAID, "--next", "30"), "'30' has no unit: write 30m for minutes"),
    (("open", "X", *SAID, "--component", "api=down"), "(did you mean 'api=major_outage'?)"),
    (("open", "X", *SAID, "--component", "api=major"), "(did you mean 'api=major_outage'?)"),
    (("update", "logn", *SAID), "(did you mean '2026-11-21-login-fails'?)"),
    (("close", "login"), "did you mean 'statusgen incident resolve'?"),
    (("updaet", "login"), "did you mean 'statusgen incident update'?"),
]


@pytest.mark.parametrize(("arguments", "said"), REFUSED, ids=[" ".join(row[0]) for row in REFUSED])
def test_a_slip_of_the_hand_is_told_what_was_meant(site: Path, run: Run, arguments: tuple[str, ...], said: str) -> None:
    title = ("incident", "open", "Login fails", "--slug", "2026-11-21-login-fails", *SAID, *NOW)
    assert run(*title, at=site).code == 0
    before = everything(site)
    present = () if arguments[0] in ("close", "updaet") else NOW
    ran = run("incident", arguments[0], *present, *arguments[1:], at=site)
    assert (ran.code in (1, 2), said in ran.err) == (True, True), ran.err
    assert everything(site) == before


def test_nothing_is_meant_by_a_word_that_is_like_none(site: Path, run: Run) -> None:
    """A name with two dashes in a row has an empty word."""
    assert run("incident", "open", "Login fails", "--slug", "login--fails", *SAID, *NOW, at=site).code == 0
    ran = run("incident", "update", "zebra", *SAID, *NOW, at=site)
    assert (ran.code, ran.err) == (1, "error: there is nothing named 'zebra'; open incidents: login--fails\n")


def test_the_help_of_opening_says_what_one_needs_to_know(site: Path, run: Run) -> None:
    told = run("incident", "open", "--help", at=site).out
    for word in ("degraded_performance", "Without --push", "investigating", "--component api=partial_outage"):
        assert word in " ".join(told.split())
