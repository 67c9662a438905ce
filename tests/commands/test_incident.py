"""``statusgen incident``: what it writes and where, what it prints, and that what it refuses changes nothing."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ..sites import COMPONENTS, INCIDENT, INCIDENT_TEXT, NOW_TEXT, ROOT, Run, clone, commit_all, hook, run_git, write
from .conftest import everything

OPEN = "incidents/2026-11-21-search-is-slow.md"
OPEN_TEXT = """\
---
title: Search is slow
severity: sev3
started: 2026-11-21T11:00Z
components: {api: degraded_performance}
---
## Investigating · 2026-11-21 11:05 UTC
Searching takes long.
"""
TEMPLATE = """\
---
title: Trouble with the database
severity: sev1
state: identified
components: {api: major_outage}
next: 20m
---
{components} cannot reach the database since {started}. The next update follows by {next}.
"""
NOW = ("--now", NOW_TEXT)
OPENING = ("incident", "open", "API: errors #1", "--component", "api=partial_outage", "-m", "A fifth fails.", *NOW)


def test_opening_writes_the_file_that_a_person_would(site: Path, run: Run) -> None:
    ran = run(*OPENING, "--severity", "sev2", "--started", "20m", "--next", "30m", at=site)
    path = "incidents/2026-11-21-api-errors-1.md"
    assert (site / path).read_text("utf-8") == (
        '---\ntitle: "API: errors #1"\nseverity: sev2\nstarted: 2026-11-21T11:40Z\n'
        "components: {api: partial_outage}\n---\n"
        "## Investigating · 2026-11-21 12:00 UTC\nNext update: 2026-11-21 12:30 UTC\nA fifth fails.\n"
    )
    assert ran.code == 0
    assert ran.err == ""
    assert ran.out.splitlines()[0] == f"wrote {path}"
    assert len(ran.out.splitlines()) <= 4
    assert run("check", *NOW, at=site).code == 0


def test_an_update_and_the_end_are_appended(site: Path, run: Run) -> None:
    write(site, **{OPEN: OPEN_TEXT})
    assert run("incident", "update", "--state", "identified", "-m", "It is the index.", *NOW, at=site).code == 0
    late = ("--now", "2026-11-21T12:20Z")
    changed = ("--component", "api=operational", "--next", "2026-11-21T13:00Z")
    assert run("incident", "update", "search", *changed, "-m", "Built anew.", *late, at=site).code == 0
    assert run("incident", "resolve", "Search", "-m", "All is well.", "--now", "2026-11-21T12:40Z", at=site).code == 0
    assert (site / OPEN).read_text("utf-8") == OPEN_TEXT + (
        "\n## Identified · 2026-11-21 12:00 UTC\nIt is the index.\n"
        "\n## Identified · 2026-11-21 12:20 UTC\nComponents: api operational\n"
        "Next update: 2026-11-21 13:00 UTC\nBuilt anew.\n"
        "\n## Resolved · 2026-11-21 12:40 UTC\nAll is well.\n"
    )


def test_a_file_with_windows_line_ends_keeps_them(site: Path, run: Run) -> None:
    before = OPEN_TEXT.replace("\n", "\r\n").encode().rstrip()
    (site / OPEN).write_bytes(before)
    assert run("incident", "resolve", "-m", "All\nis well.", *NOW, at=site).code == 0
    added = "\r\n\r\n## Resolved · 2026-11-21 12:00 UTC\r\nAll\r\nis well.\r\n"
    assert (site / OPEN).read_bytes() == before + added.encode()


def test_what_is_resolved_is_opened_again_with_what_is_affected(site: Path, run: Run) -> None:
    again = ("incident", "update", "2026-11-20-api-errors", "--state", "investigating", "-m", "Again.", *NOW)
    ran = run(*again, "--component", "api=partial_outage", at=site)
    assert ran.code == 0
    assert (site / INCIDENT).read_text("utf-8").startswith(INCIDENT_TEXT)


def test_the_text_comes_from_a_file_or_from_standard_input(site: Path, run: Run) -> None:
    write(site, **{"said.txt": "From a file.\n\nTwo paragraphs.\n"})
    title = ("incident", "open", "Trouble", "--slug", "trouble", *NOW)
    assert run(*title, "-F", "said.txt", at=site).code == 0
    assert run("incident", "update", "-F", "-", *NOW, at=site, stdin="Von außen.\n".encode()).code == 0
    told = (site / "incidents/trouble.md").read_text("utf-8")
    assert told.endswith(
        "UTC\nFrom a file.\n\nTwo paragraphs.\n\n## Investigating · 2026-11-21 12:00 UTC\nVon außen.\n"
    )


def test_a_template_says_what_goes_without_saying(site: Path, run: Run) -> None:
    write(site, **{"templates/database.md": TEMPLATE})
    assert run("incident", "open", "--template", "database", *NOW, at=site).code == 0
    assert (site / "incidents/2026-11-21-trouble-with-the-database.md").read_text("utf-8") == (
        "---\ntitle: Trouble with the database\nseverity: sev1\nstarted: 2026-11-21T12:00Z\n"
        "components: {api: major_outage}\n---\n## Identified · 2026-11-21 12:00 UTC\n"
        "Next update: 2026-11-21 12:20 UTC\nAPI cannot reach the database since 2026-11-21 12:00 UTC. "
        "The next update follows by 2026-11-21 12:20 UTC.\n"
    )


def test_the_command_line_goes_before_a_template(site: Path, run: Run) -> None:
    write(site, **{"templates/database.md": TEMPLATE})
    given = ("--component", "api=degraded_performance", "--severity", "sev3", "--state", "monitoring", "--next", "1h")
    ran = run("incident", "open", "Another", "--template", "database", *given, "--slug", "x", *NOW, at=site)
    assert ran.code == 0
    text = (site / "incidents/x.md").read_text("utf-8")
    for said in ("title: Another\n", "severity: sev3\n", "{api: degraded_performance}", "## Monitoring", "13:00 UTC"):
        assert said in text


def test_templates_are_listed(site: Path, run: Run) -> None:
    write(site, **{"templates/database.md": TEMPLATE, "templates/bad.md": "{nonsense}", "templates/plain.md": "Hm.\n"})
    ran = run("incident", "templates", *NOW, at=site)
    assert ran.out == "database  Trouble with the database\nplain  Hm.\n"
    assert ran.err.startswith("templates/bad.md:1: '{nonsense}' is no field")
    assert [row["name"] for row in json.loads(run("incident", "templates", "--json", at=site).out)] == [
        "database",
        "plain",
    ]


def test_open_incidents_are_listed_with_what_is_due(site: Path, run: Run) -> None:
    write(
        site,
        **{OPEN: OPEN_TEXT.replace("long.", "long.\n").replace("UTC\nS", "UTC\nNext update: 2026-11-21 11:30 UTC\nS")},
    )
    write(site, **{"incidents/hidden.md": OPEN_TEXT.replace("severity: sev3", "draft: true").replace("11:0", "11:5")})
    ran = run("incident", "list", *NOW, at=site)
    assert ran.out == (
        "hidden  investigating, since 21 Nov 2026, 11:50 UTC (10 min), draft\n"
        "    Search is slow; api degraded_performance\n"
        "2026-11-21-search-is-slow  investigating, since 21 Nov 2026, 11:00 UTC (1 h), sev3\n"
        "    Search is slow; api degraded_performance; next update by 21 Nov 2026, 11:30 UTC (30 min overdue)\n"
    )
    rows = json.loads(run("incident", "list", "--all", "--json", *NOW, at=site).out)
    assert [(row["slug"], row["state"], row["draft"]) for row in rows] == [
        ("hidden", "investigating", True),
        ("2026-11-21-search-is-slow", "investigating", False),
        ("2026-11-20-api-errors", "resolved", False),
    ]
    assert rows[2]["ended"] == "2026-11-20T11:15:00Z"


def test_a_list_goes_on_without_a_file_with_an_error(site: Path, run: Run) -> None:
    write(site, **{OPEN: OPEN_TEXT.replace("Investigating", "Investigatin")})
    ran = run("incident", "list", *NOW, at=site)
    assert ran.out == "No incident is open, as far as the files above can be read.\n"
    assert ran.err.startswith(f"{OPEN}:7: 'Investigatin' is no state")


def test_a_dry_run_prints_what_would_be_written(site: Path, run: Run) -> None:
    before = everything(site)
    ran = run(*OPENING, "--dry-run", at=site)
    assert "would write to incidents/2026-11-21-api-errors-1.md:\n\n---\ntitle:" in ran.out
    row = json.loads(run(*OPENING, "--dry-run", "--json", at=site).out)
    assert (row["slug"], row["commit"], row["pushed"]) == ("2026-11-21-api-errors-1", "", False)
    assert row["text"].endswith("A fifth fails.\n")
    assert everything(site) == before


def test_it_is_committed_where_it_was_asked_to_be(site: Path, remote: Path, run: Run) -> None:
    own = clone(remote, "own")
    row = json.loads(run(*OPENING, "--commit", "--json", at=own).out)
    assert row["commit"] == run_git(own, "rev-parse", "main")
    there = json.loads(run(*OPENING, "--slug", "other", "--branch", "incident/other", "--push", "--json", at=own).out)
    assert there["pushed"]
    assert there["commit"] == run_git(remote, "rev-parse", "incident/other")
    assert run_git(remote, "show", "--format=", "--name-only", "incident/other") == "incidents/other.md"
    assert run_git(own, "status", "--porcelain") == ""
    assert set(row) == {"slug", "path", "branch", "commit", "pushed", "link"}


@pytest.mark.parametrize("where", [(), ("--commit",)], ids=["", "--commit"])
@pytest.mark.parametrize("name", ["", "a site's folder"], ids=["here", "elsewhere"])
def test_what_is_printed_as_the_next_step_publishes_it(
    remote: Path, run: Run, name: str, where: tuple[str, ...]
) -> None:
    own = clone(remote, name or "own", "--origin", "upstream")
    at, site = (own.parent, ("--site", name)) if name else (own, ())
    ran = run(*OPENING, "--slug", "it", *where, *site, at=at)
    assert ("each with --site" in ran.out) == bool(name)
    (step,) = (line.removeprefix("Next: ") for line in ran.out.splitlines() if line.startswith("Next: "))
    script = f'statusgen() {{ {sys.executable} -m statusgen "$@"; }}\n{step}\n'
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(["bash", "-c", script], cwd=at, env=environment, text=True, capture_output=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert run_git(remote, "show", "--format=", "--name-only", "main") == "incidents/it.md"


def test_where_nothing_can_be_pushed_to_no_step_says_so(site: Path, run: Run) -> None:
    assert "\nNext: statusgen check\n" in run(*OPENING, "--commit", at=site).out
    shutil.rmtree(site / ".git")
    assert "\nNext: statusgen check\n" in run(*OPENING, "--slug", "other", at=site).out


def test_an_update_goes_on_where_the_incident_was_opened(remote: Path, run: Run) -> None:
    own = clone(remote, "own")
    there = ("--branch", "incident/x", "--push")
    assert run(*OPENING, "--slug", "x", *there, at=own).code == 0
    ran = run("incident", "resolve", "x", "-m", "Over.", *there, *NOW, at=own)
    assert (ran.code, ran.err) == (0, "")
    assert run_git(remote, "show", "incident/x:incidents/x.md").endswith("12:00 UTC\nOver.")
    assert not (own / "incidents/x.md").exists()


def test_an_update_that_comes_second_stands_below_the_first(remote: Path, run: Run) -> None:
    one, other = clone(remote, "one"), clone(remote, "other")
    assert run(*OPENING, "--slug", "x", "--push", at=one).code == 0
    run_git(other, "pull", "--quiet")
    first = run("incident", "update", "--state", "identified", "-m", "First.", "--push", *NOW, at=one)
    second = run("incident", "update", "-m", "Second.", "--push", *NOW, at=other)
    assert (first.code, second.code, second.err) == (0, 0, "")
    assert run_git(remote, "show", "main:incidents/x.md").endswith(
        "## Identified · 2026-11-21 12:00 UTC\nFirst.\n\n## Identified · 2026-11-21 12:00 UTC\nSecond."
    )


def test_what_somebody_else_resolved_meanwhile_is_not_resolved_twice(remote: Path, run: Run) -> None:
    one, other = clone(remote, "one"), clone(remote, "other")
    assert run(*OPENING, "--slug", "x", "--push", at=one).code == 0
    run_git(other, "pull", "--quiet")
    assert run("incident", "resolve", "-m", "Over.", "--push", *NOW, at=one).code == 0
    before = everything(other, remote)
    for text, said in (
        ("Over.", "x says so since 2026-11-21 12:00 UTC"),
        ("All is well.", "x is resolved since 21 Nov"),
    ):
        late = run("incident", "resolve", "x", "-m", text, "--push", *NOW, at=other)
        assert (late.code, late.out, said in late.err) == (1, "", True)
    fetched = {key for key, value in everything(other, remote).items() if before.get(key) != value}
    assert fetched <= {f"{other} refs"}  # what the remote has is known now


def test_a_site_that_is_in_no_repository_is_written_to(tmp_path: Path, run: Run) -> None:
    write(tmp_path, **{"components.yaml": COMPONENTS})
    assert run(*OPENING, at=tmp_path).code == 0
    refused = run(*OPENING, "--commit", at=tmp_path)
    assert (refused.code, "lies in no git repository" in refused.err) == (2, True)


def test_what_check_would_warn_of_is_said(site: Path, run: Run) -> None:
    joe = ("-m", "Ask joe.doe@corp.acme-inc.com", "--component", "api=partial_outage")
    ran = run("incident", "open", "X", *joe, *NOW, at=site)
    assert ran.code == 0
    assert ran.err.startswith("incidents/2026-11-21-x.md:7: ")
    assert "[warning]" in ran.err


def test_an_incident_that_breaks_nothing_is_a_doubt(site: Path, run: Run) -> None:
    ran = run("incident", "open", "API is down", "-m", "It is down.", *NOW, at=site)
    assert (ran.code, len(ran.err.splitlines())) == (0, 1)
    assert ran.err.startswith("no component is affected, so the page shows none as broken: ")
    assert "'statusgen incident update 2026-11-21-api-is-down --component ID=STATE' adds one" in ran.err
    assert "\nLater: statusgen incident update" in ran.out


@pytest.mark.parametrize(
    "more", [("--draft",), ("--state", "resolved"), ("--component", "api=major_outage")], ids=" ".join
)
def test_an_incident_that_is_to_break_nothing_is_none(site: Path, run: Run, more: tuple[str, ...]) -> None:
    ran = run("incident", "open", "API is down", "-m", "It is down.", *more, *NOW, at=site)
    assert (ran.code, ran.err, "Later: " in ran.out) == (0, "", "resolved" not in more)


# What is given twice, and what must not get out.


def test_a_command_that_is_given_twice_posts_once(remote: Path, run: Run) -> None:
    first, second = clone(remote, "first"), clone(remote, "second")
    update = ("incident", "update", "api-errors-1", "--state", "identified", "-m", "It is the index.", *NOW, "--push")
    for command, said in (
        (OPENING, "2026-11-21-api-errors-1 has this title already, and is not over"),
        (update, "says so"),
    ):
        assert run(*command, "--push", at=first).code == 0
        before = everything(remote)
        for again in (first, second):
            ran = run(*command, "--push", at=again)
            assert (ran.code, len(ran.err.splitlines()), said in ran.err) == (1, 1, True)
        assert everything(remote) == before
    assert run(*OPENING, "--slug", "another", at=first).code == 0


@pytest.mark.parametrize("promise", [(), ("--next", "30m")], ids=" ".join)
def test_the_same_words_are_an_update_later(site: Path, run: Run, promise: tuple[str, ...]) -> None:
    write(site, **{OPEN: OPEN_TEXT})
    update = ("incident", "update", "search", "-m", "We go on.", *promise)
    assert run(*update, *NOW, at=site).code == 0
    ran = run(*update, "--now", "2026-11-21T12:10Z", at=site)
    assert (ran.code, "says so since 2026-11-21 12:00 UTC: nothing was changed" in ran.err) == (1, True)
    assert run(*update, "--component", "api=operational", "--now", "2026-11-21T12:10Z", at=site).code == 0
    assert run(*update, "--now", "2026-11-21T12:30Z", at=site).code == 0


RESOLVE = ("incident", "resolve", "-m", "Done.", *NOW)
FORGOTTEN = {  # commands that are given twice, first without --push
    "open": (OPENING, 0),
    "update": (("incident", "update", "--state", "identified", "-m", "Found it.", "--next", "30m", *NOW), 1),
    "resolve": (RESOLVE, 1),
    "resolve by name": (("incident", "resolve", "search", "-m", "Done.", *NOW), 1),
}


@pytest.mark.parametrize("first", [(), ("--commit",), ("--branch", "incident/x")], ids=" ".join)
@pytest.mark.parametrize("name", FORGOTTEN)
def test_a_forgotten_push_is_made_up_for(remote: Path, run: Run, name: str, first: tuple[str, ...]) -> None:
    page = clone(remote, "page")
    command, begun = FORGOTTEN[name]
    if begun:
        write(page, **{OPEN: OPEN_TEXT})
        commit_all(page, "Open")
        run_git(page, "push", "--quiet")
    assert run(*command, *first, at=page).code == 0
    path = OPEN if begun else "incidents/2026-11-21-api-errors-1.md"
    where = first if "--branch" in first else ()
    branch = "incident/x" if where else "main"
    said = run_git(page, "show", f"{branch}:{path}") if first else (page / path).read_text("utf-8").rstrip("\n")
    ran = run(*command, *where, "--push", at=page)
    assert (ran.code, ran.err) == (0, f"{Path(path).stem} says so already: it goes there as it is\n")
    assert ran.out.startswith(f"pushed {path} as ")
    assert run_git(remote, "show", f"{branch}:{path}") == said
    assert run_git(page, "status", "--porcelain") == ""
    before = everything(page, remote)
    assert run(*command, *where, "--push", at=page).code == 1
    assert everything(page, remote) == before


def test_what_a_push_takes_along_is_named(remote: Path, run: Run) -> None:
    page = clone(remote, "page")
    write(page, **{"notes.txt": "Mine"})
    mine = commit_all(page, "My\tplan")[:7]
    ran = run(*OPENING, "--push", at=page)
    assert (ran.code, ran.err) == (0, f"with 1 commit that was not pushed before: {mine} My\\tplan\n")
    for number in range(5):
        write(page, **{"notes.txt": str(number)})
        commit_all(page, f"Plan {number}")
    ran = run("incident", "update", "errors-1", "-m", "We look.", "--push", *NOW, at=page)
    assert ran.err.startswith("with 5 commits that were not pushed before: ")
    assert [part[-6:] for part in ran.err.rstrip().split(",")] == ["Plan 4", "Plan 3", "2 more"]
    assert run("incident", "update", "errors-1", "-m", "Yes.", "--push", *NOW, at=page).err == ""


def test_what_a_push_to_a_branch_takes_along_is_named(remote: Path, run: Run) -> None:
    page = clone(remote, "page")
    there = ("--branch", "incident/x")
    assert run(*OPENING, *there, at=page).code == 0
    opened = run_git(page, "rev-parse", "--short", "incident/x")
    assert run("incident", "update", "errors-1", "-m", "We look.", *there, *NOW, at=page).code == 0
    ran = run("incident", "update", "errors-1", "-m", "We look.", *there, "--push", *NOW, at=page)
    named = f"with 1 commit that was not pushed before: {opened} Open incident: API: errors #1\n"
    assert ran.err == f"2026-11-21-api-errors-1 says so already: it goes there as it is\n{named}"
    assert run("incident", "update", "errors-1", "-m", "More.", *there, *NOW, at=page).code == 0
    more = run_git(page, "rev-parse", "--short", "incident/x")
    ran = run("incident", "update", "errors-1", "-m", "Even more.", *there, "--push", *NOW, at=page)
    assert ran.err == f"with 1 commit that was not pushed before: {more} 2026-11-21-api-errors-1: update\n"
    assert run("incident", "update", "errors-1", "-m", "The end.", *there, "--push", *NOW, at=page).err == ""


def test_a_forgotten_commit_is_made_up_for(site: Path, run: Run) -> None:
    assert run(*OPENING, at=site).code == 0
    assert run(*OPENING, "--commit", at=site).out.startswith("committed incidents/2026-11-21-api-errors-1.md as ")
    assert run_git(site, "show", "--format=%s", "--name-only") == (
        "Open incident: API: errors #1\n\nincidents/2026-11-21-api-errors-1.md"
    )
    before = everything(site)
    ran = run(*OPENING, "--commit", at=site)
    assert (ran.code, "has this title already, and is not over" in ran.err) == (1, True)
    assert run(*OPENING[:-3], "Other words.", *NOW, "--commit", at=site).code == 1
    assert everything(site) == before


def test_the_remedy_for_branches_that_have_each_gone_on_helps(remote: Path, run: Run) -> None:
    one, other = clone(remote, "one"), clone(remote, "other")
    assert run(*OPENING, "--push", at=one).code == 0
    write(other, **{"notes.txt": "Mine"})
    commit_all(other, "Mine")
    update = ("incident", "update", "api-errors-1", "-m", "We look.", "--push", *NOW)
    ran = run(*update, at=other)
    assert (ran.code, "branch main has commits here that the remote lacks" in ran.err) == (1, True)
    assert "'git pull --rebase origin main' on it first, or use --branch with another name" in ran.err
    run_git(other, "pull", "--quiet", "--rebase", "origin", "main")
    assert run(*update, at=other).code == 0


def test_what_is_made_up_for_and_refused_is_as_before(remote: Path, run: Run) -> None:
    page = clone(remote, "page")
    assert run(*OPENING, at=page).code == 0
    hook(remote, "pre-receive", "exit 1")
    before = everything(page, remote)
    ran = run(*OPENING, "--push", at=page)
    assert (ran.code, "cannot push main, and nothing was changed" in ran.err) == (3, True)
    assert everything(page, remote) == before
    assert run(*OPENING, "--commit", at=page).code == 0
    before = everything(page, remote)
    ran = run(*OPENING, "--push", at=page)
    assert (ran.code, f"The commit {run_git(page, 'rev-parse', 'HEAD')[:10]} is on your branch" in ran.err) == (3, True)
    assert everything(page, remote) == before


def test_a_secret_is_not_made_up_for(remote: Path, run: Run) -> None:
    page = clone(remote, "page")
    leaking = (*OPENING[:-3], "pw: password=hunter2hunter2x", *NOW)
    assert run(*leaking, at=page).code == 0
    before = everything(page, remote)
    ran = run(*leaking, "--push", at=page)
    assert (ran.code, "nothing was pushed" in ran.err) == (1, True)
    assert everything(page, remote) == before


@pytest.mark.parametrize("where", [("--push",), ("--push", "--branch", "incident/x")], ids=" ".join)
def test_what_looks_like_a_secret_is_not_pushed(remote: Path, run: Run, where: tuple[str, ...]) -> None:
    page = clone(remote, "page")
    before = everything(page, remote)
    secret = "AKIAABCDEFGHIJKLMNOP"
    ran = run(*OPENING[:-3], "The key " + secret, *NOW, *where, at=page)
    assert (ran.code, len(ran.err.splitlines())) == (1, 1)
    assert "what looks like an AWS access key, and nothing was pushed: take it out" in ran.err
    assert secret not in ran.err
    assert everything(page, remote) == before


def test_a_secret_that_was_public_before_keeps_nobody_from_posting(remote: Path, run: Run) -> None:
    page = clone(remote, "page")
    write(page, **{OPEN: OPEN_TEXT + "AKIAABCDEFGHIJKLMNOP\n"})
    commit_all(page, "By hand")
    run_git(page, "push", "--quiet")
    for where in ((), ("--branch", "incident/x")):
        ran = run("incident", "update", "search", "-m", f"We revoked a key {where}.", *NOW, "--push", *where, at=page)
        assert ran.code == 0


@pytest.mark.parametrize("where", [(), ("--branch", "incident/x")], ids=" ".join)
def test_a_secret_that_was_only_committed_does_not_go_along(remote: Path, run: Run, where: tuple[str, ...]) -> None:
    page = clone(remote, "page")
    write(page, **{OPEN: OPEN_TEXT})
    commit_all(page, "By hand")
    run_git(page, "push", "--quiet")
    leaking = run(
        "incident", "update", "search", "-m", "pw: password=hunter2hunter2x", *(where or ("--commit",)), *NOW, at=page
    )
    assert (leaking.code, "[warning]" in leaking.err) == (0, True)
    before = everything(page, remote)
    ran = run("incident", "update", "search", "-m", "All fine.", "--push", *where, *NOW, at=page)
    assert ran.code == 1
    assert f"line 11 of {OPEN} has what looks like a password or a token, and nothing was pushed" in ran.err
    assert everything(page, remote) == before


@pytest.mark.parametrize("text", ["---\ntitle: [broken", "Plain.\n"])
def test_a_file_that_is_broken_here_alone_says_so(remote: Path, run: Run, text: str) -> None:
    page = clone(remote, "page")
    write(page, **{INCIDENT: text})
    ran = run("incident", "update", "api-errors", "--state", "resolved", "-m", "Over.", "--push", *NOW, at=page)
    assert (ran.code, len(ran.err.splitlines()), ran.err.startswith(f"{INCIDENT}:")) == (1, 1, True)


# An editor.


def at_a_terminal(folder: Path, editor: str, *arguments: str) -> tuple[int, str]:
    """Run a command at a terminal with an editor, a line of shell; return its exit code and what was on the screen."""
    script = folder / "editor.sh"
    script.write_text(f"#!/bin/sh\n{editor}\n")
    script.chmod(0o755)
    leader, follower = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "VISUAL": str(script), "EDITOR": "false", "TERM": "dumb"}
    process = subprocess.Popen(
        [sys.executable, "-m", "statusgen", *arguments],
        cwd=folder,
        env=environment,
        stdin=follower,
        stdout=follower,
        stderr=follower,
    )
    os.close(follower)
    screen = b""
    while True:
        try:
            got = os.read(leader, 4096)
        except OSError:
            break
        if not got:
            break
        screen += got
    os.close(leader)
    script.unlink()
    return process.wait(30), screen.decode().replace("\r\n", "\n")


BARE = ("incident", "open", "Trouble", "--slug", "trouble", *NOW)
TITLE = (*BARE, "--component", "api=partial_outage")


def test_without_a_text_an_editor_opens(site: Path) -> None:
    code, screen = at_a_terminal(site, """sleep 0.01; { echo 'Typed.'; cat "$1"; } > t && mv t "$1" """, *TITLE)
    assert (code, screen.splitlines()[0]) == (0, "wrote incidents/trouble.md")
    assert (site / "incidents/trouble.md").read_text("utf-8").endswith("12:00 UTC\nTyped.\n")


@pytest.mark.parametrize("editor", ["true", ': > "$1"', 'touch "$1"'], ids=["left alone", "emptied", "saved as it was"])
def test_a_text_that_nobody_wrote_posts_nothing(site: Path, editor: str) -> None:
    before = everything(site)
    code, screen = at_a_terminal(site, editor, *TITLE)
    assert (code, screen) == (1, "error: nothing was posted: the text was left as it was, or is empty\n")
    assert everything(site) == before


def test_what_was_typed_and_cannot_be_posted_is_kept(site: Path) -> None:
    editor = """{ echo 'Typed.'; cat "$1"; } > t && mv t "$1" """
    code, screen = at_a_terminal(site, f"sleep 0.01; {editor}", *BARE, "--push")
    kept, line = screen.splitlines()
    assert (code, line.startswith("error: --push needs a remote")) == (2, True)
    file = Path(kept.removeprefix("What you typed is kept, try again with -F "))
    assert file.read_text("utf-8").strip() == "Typed."
    file.unlink()


def test_an_editor_that_fails_says_how_to_do_without(site: Path) -> None:
    code, screen = at_a_terminal(site, "exit 1", *TITLE)
    assert (code, screen.count("\n"), "set EDITOR, or give it with -m TEXT" in screen) == (3, 1, True)


def test_a_template_can_be_changed_first(site: Path) -> None:
    write(site, **{"templates/database.md": TEMPLATE})
    code, _ = at_a_terminal(site, """sed -i s/cannot/can/ "$1" """, *TITLE, "--template", "database", "--edit")
    assert code == 0
    assert "API can reach" in (site / "incidents/trouble.md").read_text("utf-8")


# What is refused.

SAID = ("-m", "Said.")
EACH = (
    "names several: write --component once for each: "
    "--component api=major_outage --component support=degraded_performance"
)
FAR = "21 Nov 2026, 12:00 UTC is not between the years 2000 and 2099: give a shorter duration"
REFUSED = [
    (("open", "X", *SAID, "--component", "api"), 2, "--component api needs a state, like api=partial_outage: one of"),
    (("open", "X", *SAID, "--component", "api="), 2, "--component api needs a state"),
    (("open", "X", *SAID, "--component", "api=partial"), 2, "no such state"),
    (("open", "X", *SAID, "--component", "api=unknown"), 2, "no such state"),
    (("open", "X", *SAID, "--component", "apj=operational"), 1, "component 'apj' is not in components.yaml (did you"),
    (("open", "X", *SAID, "--component", "a\nb=operational"), 1, "component 'a\\nb' is not in components.yaml"),
    (("open", "X", *SAID, *("--component", "api=operational") * 2), 2, "--component api stands twice"),
    (("open", "X", *SAID, "--component", "api=major_outage,support=degraded_performance"), 2, EACH),
    (("open", "X", *SAID, "--component", "api=major_outage support=degraded_performance"), 2, EACH),
    (("open", "X", *SAID, "--component", "api,support=up"), 2, "once for each: --component api --component support=up"),
    (("open", "X"), 2, "there is no text, and no terminal to open an editor in"),
    (("open", "X", "-m", ""), 2, "the text is empty"),
    (("open", "X", "-F", "nowhere.txt"), 3, "-F 'nowhere.txt' cannot be read: No such file or directory"),
    (("open", "X", "-F", "latin.txt"), 2, "-F 'latin.txt' is not UTF-8 text"),
    (("open", "X", "-F", "."), 3, "-F '.' cannot be read"),
    (("open", "X", "-F", "a\0b"), 3, "cannot be read"),
    (("open", "X", *SAID, "-F", "x"), 2, "-m and -F both give the text"),
    (("open", "X", *SAID, "--template", "x"), 2, "-m and --template both give the text"),
    (("open", *SAID), 2, "there is no title"),
    (("open", "a\nb", *SAID), 2, "a title is one line"),
    (("open", "a\x1bb", *SAID), 2, "a title cannot have the character U+001B"),
    (("open", "x" * 301, *SAID), 2, "the title is 301 characters long"),
    (("open", "X", "-m", "a\n## Resolved · 2026-11-21 12:00 UTC"), 2, "the text has a heading with ##"),
    (("open", "X", "-m", "Components: api operational"), 2, "the text begins with 'Components:'"),
    (("open", "X", "-m", "```\nx"), 2, "a code block begins here and never ends"),
    (("open", "X", *SAID, "--slug", "../x"), 2, "--slug '../x' is not an id"),
    (("open", "X", *SAID, "--slug", "nul"), 2, "--slug 'nul' is a name that some systems reserve"),
    (("open", "X", *SAID, "--slug", "2026-11-20-api-errors"), 1, "2026-11-20-api-errors.md exists already"),
    (("open", "X", *SAID, "--severity", "sev9"), 2, "sev9"),
    (("open", "X", *SAID, "--state", "completed"), 2, "completed"),
    (("open", "X", *SAID, "--next", "soon"), 2, "'soon' is not an instant"),
    (("open", "X", *SAID, "--next", "2026-11-21T11:00Z"), 2, "would not be after this one"),
    (("open", "X", *SAID, "--next", "10s"), 2, "would not be after this one"),
    (("open", "X", *SAID, "--next", "999999999d"), 2, f"--next: 999999999 d after {FAR}"),
    (("open", "X", *SAID, "--started", "999999999d"), 2, f"--started: 999999999 d before {FAR}"),
    (("update", "search", *SAID, "--next", "999999999d"), 2, f"--next: 999999999 d after {FAR}"),
    (("open", "X", *SAID, "--started", "2026-11-22T11:00Z"), 2, "cannot have started on 22 Nov 2026, 11:00 UTC"),
    (("open", "X", *SAID, "--started", "2026-11-21 11:00"), 2, "has no time zone"),
    (("open", "X", "--template", "nothing"), 1, "there is no template 'nothing' in templates/"),
    (("open", "X", "--template", "../x"), 1, "there is no template '../x'"),
    (("open", "X", "--template", "bad"), 1, "templates/bad.md:1: '{nonsense}' is no field"),
    (("open", "X", "--template", "promise"), 1, "templates/promise.md:1: '{next}' has no value here: add --next 30m"),
    (("open", "X", "--template", "bare"), 2, "names 'api' without a state"),
    (("open", "X", "--template", "postmortem"), 1, "there is no template 'postmortem'"),
    (("open", "X", *SAID, "--branch", "a..b"), 2, "a..b"),
    (("open", "X", *SAID, "--push"), 2, "--push needs a remote"),
    (("update", *SAID), 1, "which incident is meant cannot be told while incidents/broken.md:7 cannot be read ('Inv"),
    (("update", "nothing", *SAID), 1, "there is nothing named 'nothing'; open incidents: search, other"),
    (("update", "serach", *SAID), 1, "there is nothing named 'serach' (did you mean 'search'?)"),
    (("update", "h", *SAID), 1, "'h' is part of several names"),
    (("update", "a\nb", *SAID), 1, "there is nothing named 'a\\nb'"),
    (("update", "broken", *SAID), 1, "incidents/broken.md:7: 'Investigatin' is no state of an update"),
    (
        ("update", "late", *SAID),
        1,
        "incidents/late.md:7: has an update of 2026-11-21 13:05 UTC, which is later than now",
    ),
    (
        ("update", "2026-11-20-api-errors", *SAID, "--state", "identified"),
        1,
        "is resolved since 20 Nov 2026, 11:15 UTC",
    ),
    (("update", "upgrade", *SAID), 1, "upgrade is a maintenance: use 'statusgen maintenance'"),
    (("update", "search", *SAID, "--component", "nope=operational"), 1, "component 'nope' is not in components.yaml"),
    (("update", "search", "-m", "## x"), 2, "the text has a heading with ##"),
    (("resolve", "2026-11-20-api-errors", *SAID), 1, "2026-11-20-api-errors is resolved since"),
    (("resolve", "search"), 2, "there is no text"),
    (("resolve", "../../etc/passwd", *SAID), 1, "there is nothing named '../../etc/passwd'"),
]
OTHERS = {
    "incidents/search.md": OPEN_TEXT,
    "incidents/other.md": OPEN_TEXT,
    "incidents/broken.md": OPEN_TEXT.replace("Investigating", "Investigatin"),
    "incidents/late.md": OPEN_TEXT.replace("11:05", "13:05")
    .replace("components", "draft: true\ncomponents")
    .replace("draft: true\n", ""),
    "incidents/upgrade.md": (
        "---\ntitle: Upgrade\ntype: maintenance\ncomponents: [api]\n"
        "scheduled: {from: 2026-12-01T05:00Z, until: 2026-12-01T07:00Z}\n---\n"
        "## Scheduled · 2026-11-20 09:00 UTC\nSo.\n"
    ),
    "templates/bad.md": "{nonsense}\n",
    "templates/promise.md": "Until {next}.\n",
    "templates/bare.md": "---\ncomponents: [api]\n---\nHm.\n",
    "templates/postmortem.md": "{timeline}\n",
}


@pytest.mark.parametrize(("arguments", "code", "said"), REFUSED, ids=[" ".join(map(ascii, row[0])) for row in REFUSED])
def test_what_is_refused_gets_a_clear_line_and_changes_nothing(
    site: Path, run: Run, arguments: tuple[str, ...], code: int, said: str
) -> None:
    others = {path: text for path, text in OTHERS.items() if path != "incidents/late.md" or "late" in arguments}
    write(site, **others)
    (site / "latin.txt").write_bytes(b"\xe4")
    commit_all(site, "More")
    before = everything(site)
    for where in ((), ("--branch", "incident/new")):
        if "--branch" in arguments and where:
            continue
        ran = run("incident", *arguments, *where, *NOW, at=site)
        assert (ran.code, ran.out) == (code, "")
        line = ran.err.splitlines()[-1]
        assert said in line
        assert line.isprintable()
        assert len(ran.err.splitlines()) == 1
    assert everything(site) == before
