"""Bad input to every command that writes or sends: one clear line, and nothing changes, here or on the forge."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from statusgen import cli
from tests.rehearsal.month import Month, stamp
from tests.rehearsal.receivers import mails_taken, posts_taken
from tests.rehearsal.stage import staged
from tests.sites import run_git

BRANCH = ("--branch", "incident/bad", "--push")
SAID = ("-m", "Something is wrong.")
OPEN = f"---\ntitle: Open\ncomponents: {{api: partial_outage}}\n---\n## Investigating · {stamp('1 07:00')}\nHm.\n"
SERIES = (
    "---\ntitle: Backup\ntype: maintenance\nscheduled: {from: 2026-11-19T03:00Z, until: 2026-11-19T04:00Z}\n"
    "components: [db]\nrepeats: {rule: FREQ=WEEKLY;BYDAY=TH, timezone: UTC}\n---\n"
)
WINDOW = ("--from", "2026-11-15T20:00Z", "--until", "2026-11-15T21:00Z")

CASES = [
    (("incident", "open", *SAID, *BRANCH), {}, 2),  # no title
    (("incident", "open", "A\nB", *SAID, *BRANCH), {}, 2),
    (("incident", "open", "A\x1b[31mB", *SAID, *BRANCH), {}, 2),
    (("incident", "open", "A", "-m", "", *BRANCH), {}, 2),
    (("incident", "open", "A", "-m", f"## Resolved · {stamp('1 09:00')}\nNot yet", *BRANCH), {}, 2),
    (("incident", "open", "A", *SAID, "--component", "apy=partial_outage", *BRANCH), {}, 1),
    (("incident", "open", "A", *SAID, "--component", "api=broken", *BRANCH), {}, 2),
    (("incident", "open", "A", *SAID, "--slug", "../../etc/passwd", *BRANCH), {}, 2),
    (("incident", "open", "A", *SAID, "--slug", "open", *BRANCH), {}, 1),
    (("incident", "open", "A", *SAID, "--started", "2026-11-02T00:00Z", *BRANCH), {}, 2),
    (("incident", "open", "A", *SAID, "--branch", "a..b", "--push"), {}, 2),
    (("incident", "open", "A", *SAID, "--branch", "-D", "--push"), {}, 2),
    (("incident", "open", "A", *SAID, "--branch", "status-data/helsinki", "--push"), {}, 2),
    (("incident", "open", "A", *SAID, "--branch", "main", "--push"), {}, 3),  # which is protected
    (("incident", "open", "A", "-F", "/nowhere/text.md", *BRANCH), {}, 3),
    (("incident", "open", "A", "--template", "none", *BRANCH), {}, 1),
    (("incident", "update", "nothing", *SAID, *BRANCH), {}, 1),
    (("incident", "update", "open", "--state", "fixed", *SAID, *BRANCH), {}, 2),
    (("incident", "update", "open", *SAID, "--next", "yesterday", *BRANCH), {}, 2),
    (("incident", "update", "open", *SAID, "--now", "2026-11-01T06:00Z", *BRANCH), {}, 1),
    (("incident", "update", "backup", *SAID, *BRANCH), {}, 1),
    (("incident", "publish", "open", *SAID, *BRANCH), {}, 1),
    (("incident", "resolve", "open", "-m", "---\ntitle: x\n---\n## \x00", *BRANCH), {}, 2),
    (("incident", "draft", "--branch", "main", "--commit"), {}, 2),
    (("maintenance", "schedule", "A", *WINDOW, *SAID, *BRANCH), {}, 2),  # of no component
    (("maintenance", "schedule", "A", "--component", "db", "--from", "2026-11-15T20:00Z", *SAID, *BRANCH), {}, 2),
    (("maintenance", "schedule", "A", "--component", "dbs", *WINDOW, *SAID, *BRANCH), {}, 1),
    (("maintenance", "schedule", "A", "--component", "db", *WINDOW[::-1], *SAID, *BRANCH), {}, 2),
    (("maintenance", "start", "open", *SAID, *BRANCH), {}, 1),
    (("maintenance", "complete", "backup", "--occurrence", "2026-11-20", *SAID, *BRANCH), {}, 2),
    (("maintenance", "cancel", "backup", *SAID, *BRANCH), {}, 2),  # which: one, or all of the series?
    (("maintenance", "verify", "nothing", *SAID, *BRANCH), {}, 1),
    (("maintenance", "update", "backup", *BRANCH), {}, 2),  # no text, and no terminal
    (("postmortem", "nothing", *BRANCH), {}, 1),
    (("postmortem", "backup", *BRANCH), {}, 1),
    (("postmortem", "open", "--date", "soon", *BRANCH), {}, 2),
    (("form", "--push"), {}, 2),
    (("form", "--push"), {"STATUS_ACTION": "opne", "STATUS_NAME": "A", "STATUS_MESSAGE": "B"}, 2),
    (("form", "--push"), {"STATUS_ACTION": "open", "STATUS_NAME": "A\nB", "STATUS_MESSAGE": "B"}, 2),
    (("form", "--push"), {"STATUS_ACTION": "resolve", "STATUS_NAME": "$(id)", "STATUS_MESSAGE": "B"}, 1),
    (("form", "--push", "--issue", "/nowhere.md"), {}, 3),
    (("notify", "--route", "nobody", "--push"), {}, 1),
    (("notify", "--push", "--dry-run", "--test"), {}, 2),
    (("notify", "--push"), {}, 1),  # no address is set
    (("diff", "nothing..main"), {}, 1),
    (("diff", "--", "--output=x"), {}, 1),
    (("completion", "cmd"), {}, 2),
]


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory, _own_git: None) -> Iterator[Month]:
    with staged(tmp_path_factory.mktemp("rehearsal") / "world") as play:
        play.at("1 08:00")
        play.ben.writes("ben/events", **{"incidents/open.md": OPEN, "incidents/backup.md": SERIES})
        play.month.accepts("ben/events")
        play.ann.up_to_date()
        yield play.month


def everything(month: Month) -> dict[str, Any]:
    """Return all that is to stay as it is: files, index and refs of the clone, refs of the forge."""
    clone, bare = month.ann.clone, month.forge.bare
    plain = (path for path in sorted(clone.rglob("*")) if path.is_file() and ".git" not in path.parts)
    found: dict[str, Any] = {str(path): path.read_bytes() for path in plain}
    found["refs"] = (
        run_git(clone, "for-each-ref"),
        run_git(clone, "symbolic-ref", "HEAD"),
        run_git(bare, "for-each-ref"),
    )
    found["index"], found["status"] = run_git(clone, "ls-files", "--stage"), run_git(clone, "status", "--porcelain")
    return found


@pytest.mark.parametrize(("words", "given", "code"), CASES, ids=[ascii(" ".join(row[0]))[:80] for row in CASES])
def test_bad_input_gets_one_line_and_changes_nothing(
    month: Month, words: tuple[str, ...], given: dict[str, str], code: int
) -> None:
    before = everything(month)
    done = month.program.run(*words, at=month.ann.clone, now=month.now, environment=given)
    assert done.code == code, done.said
    assert done.out.strip() == ""
    lines = done.err.rstrip("\n").split("\n")
    told = lines[-1]
    assert told.isprintable()
    assert told.lower().startswith("error: ") or ".md:" in told or words[0] == "form"
    assert all(line.startswith("error: ") for line in lines) or len(lines) == 1
    assert everything(month) == before
    assert not posts_taken(month.hooks)
    assert not mails_taken(month.mail)


def test_a_push_to_a_protected_main_says_so_and_changes_nothing(month: Month) -> None:
    before = everything(month)
    done = month.program.run("incident", "open", "A", *SAID, "--push", at=month.ann.clone, now=month.now)
    assert (done.code, done.out) == (3, "")
    assert "--branch" in done.err
    assert len(done.err.splitlines()) == 1
    assert everything(month) == before


def test_every_command_that_posts_or_sends_is_among_them() -> None:
    tried = {words[:2] if words[0] in ("incident", "maintenance") else words[:1] for words, _, _ in CASES}
    for group in ("incident", "maintenance"):
        writing = set(cli.commands.commands[group].commands) - {"list", "templates"}  # type: ignore[attr-defined]
        assert {(group, name) for name in writing} <= tried
    assert {("postmortem",), ("form",), ("notify",), ("diff",), ("completion",)} <= tried
