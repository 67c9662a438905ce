"""Shell completion: it knows the repository, and says nothing where there is none or it is broken."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ..sites import INCIDENT_TEXT, NOW_TEXT, ROOT, Run, commit_all, run_git, write

Complete = Callable[..., list[str]]

OPEN = INCIDENT_TEXT.partition("\n## Resolved")[0]
MAINTENANCE = "---\ntitle: U\ntype: maintenance\ncomponents: [api]\n" + (
    "scheduled: {from: 2026-12-01T05:00Z, until: 2026-12-01T07:00Z}\n---\n"
)


SERIES = (
    MAINTENANCE.replace("12-01T05", "11-15T02")
    .replace("12-01T07", "11-15T04")
    .replace("title:", "repeats: {rule: FREQ=DAILY;INTERVAL=15, timezone: UTC}\ntitle:")
) + "## Completed · 2026-11-15 03:00 UTC\nOccurrence: 2026-11-15\nDone.\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell_calls_the_program(site: Path, run: Run, shell: str) -> None:
    ran = run("completion", shell, at=site)
    assert (ran.code, ran.err) == (0, "")
    assert f"_STATUSGEN_COMPLETE={shell}_complete" in ran.out
    if shutil.which(shell):
        checked = subprocess.run([shell, "-n"], input=ran.out, capture_output=True, text=True, check=False)
        assert (checked.returncode, checked.stderr) == (0, "")


def test_another_shell_is_refused(site: Path, run: Run) -> None:
    assert run("completion", "cmd", at=site).code == 2


@pytest.fixture
def complete(run: Run, monkeypatch: pytest.MonkeyPatch) -> Complete:
    """Return what a shell offers for the last of some words."""

    def complete(site: Path, *words: str) -> list[str]:
        monkeypatch.setenv("_STATUSGEN_COMPLETE", "bash_complete")
        monkeypatch.setenv("COMP_WORDS", " ".join(("statusgen", *words)))
        monkeypatch.setenv("COMP_CWORD", str(len(words)))
        ran = run(at=site)
        assert ran.err == ""
        return [line.partition(",")[2] for line in ran.out.splitlines() if line]

    return complete


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("incident", "open", "--component", "a"), ["api="]),
        (("incident", "open", "--component", "api=par"), ["api=partial_outage"]),
        (("maintenance", "schedule", "--component", ""), ["api", "support"]),
        (("incident", "open", "--state", "m"), ["monitoring"]),
        (("incident", "open", "--severity", ""), ["sev1", "sev2", "sev3"]),
        (("incident", "open", "--template", ""), ["database"]),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, tuple) else "",
)
def test_names_come_from_the_repository(
    site: Path, complete: Complete, words: tuple[str, ...], offered: list[str]
) -> None:
    write(site, **{"templates/database.md": "Text.\n", "templates/postmortem.md": "Text.\n"})
    assert complete(site, *words) == offered


@pytest.mark.parametrize(
    ("command", "now", "offered"),
    [
        ("incident resolve", NOW_TEXT, ["going-on", "hidden"]),
        ("incident update", NOW_TEXT, ["going-on", "hidden"]),
        ("incident publish", NOW_TEXT, ["hidden"]),
        ("postmortem", NOW_TEXT, ["2026-11-20-api-errors", "going-on", "hidden"]),
        ("maintenance start", NOW_TEXT, ["series", "upgrade"]),
        ("maintenance start", "2026-11-30T01:30Z", ["series"]),
        ("maintenance complete", "2026-12-01T06:00Z", ["upgrade"]),
        ("maintenance update", "2026-12-01T06:00Z", ["series", "upgrade"]),
        ("maintenance cancel", "2026-12-01T08:00Z", ["series"]),
    ],
)
def test_what_is_offered_is_what_makes_sense_now(
    site: Path, complete: Complete, command: str, now: str, offered: list[str]
) -> None:
    hidden = OPEN.replace("title:", "draft: true\ntitle:")
    texts = {"going-on": OPEN, "hidden": hidden, "upgrade": MAINTENANCE, "series": SERIES}
    write(site, **{f"incidents/{name}.md": text for name, text in texts.items()})
    assert complete(site, *command.split(), "--now", now, "") == offered


def test_what_waits_on_a_branch_is_named_as_well(site: Path, complete: Complete) -> None:
    run_git(site, "switch", "--quiet", "--create", "incident/waits")
    write(site, **{"incidents/waits.md": OPEN})
    commit_all(site)
    run_git(site, "switch", "--quiet", "main")
    assert complete(site, "incident", "update", "") == ["waits"]
    assert "waits" in complete(site, "postmortem", "")


BREAKS = " \t\n\"'@><=;|&(:"  # where bash splits words, unless somebody tells it otherwise
STATES = ["major_outage", "under_maintenance"]


@pytest.fixture
def tab(site: Path, tmp_path: Path, run: Run) -> Complete:
    """Press Tab in bash at the end of a line, whose last words are given as readline splits them; return the answers,
    and which options of completion were set meanwhile.
    """
    program = tmp_path / "bin/statusgen"
    write(tmp_path, **{"bin/statusgen": f'#!/bin/sh\nexec {sys.executable} -m statusgen "$@"\n'})
    program.chmod(0o755)
    script = run("completion", "bash", at=site).out

    def tab(line: str, *words: str, breaks: str = BREAKS, point: int | None = None) -> list[str]:
        split = ["statusgen", *words]
        quoted = " ".join(shlex.quote(word) for word in split)
        pressed = f"""
            compopt() {{ echo "$@"; }}
            COMP_LINE={shlex.quote(line)} COMP_POINT={len(line) if point is None else point}
            COMP_WORDS=({quoted}) COMP_CWORD={len(split) - 1} COMP_WORDBREAKS={shlex.quote(breaks)}
            _statusgen_completion statusgen; printf '<%s>\\n' "${{COMPREPLY[@]}}"
        """
        path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
        environment = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)}
        command = ["bash", "-c", script + pressed]
        done = subprocess.run(command, cwd=site, env=environment, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout.splitlines()

    return tab


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not installed")
def test_bash_completes_a_component_and_then_its_state(tab: Complete) -> None:
    opening = "statusgen incident open 'It fails' --component"
    words = ("incident", "open", "'It fails'", "--component")
    assert tab(f"{opening} ap", *words, "ap") == ["-o nospace", "<api=>"]
    assert tab(f"{opening} api=ma", *words, "api", "=", "ma") == ["<major_outage>"]
    assert {f"<{state}>" for state in STATES} < {*tab(f"{opening} api=", *words, "api", "=")}
    assert tab(f"{opening}=api=ma", *words, "=", "api", "=", "ma") == ["<major_outage>"]
    assert tab(f"{opening}=ap", *words, "=", "ap") == ["-o nospace", "<api=>"]
    assert tab(f"{opening} api=major_outage --state m", *words, "api", "=", "major_outage", "--state", "m") == [
        "<monitoring>"
    ]
    assert tab(f"{opening} api=major --next 30m", *words, "api", "=", "major", point=len(opening) + 7) == [
        "<major_outage>"
    ]


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not installed")
def test_bash_may_be_told_not_to_split_words_there(tab: Complete) -> None:
    breaks = BREAKS.replace("=", "")
    opening, words = "statusgen incident open", ("incident", "open")
    assert tab(f"{opening} --component api=ma", *words, "--component", "api=ma", breaks=breaks) == [
        "<api=major_outage>"
    ]
    assert tab(f"{opening} --component=api=ma", *words, "--component=api=ma", breaks=breaks) == [
        "<--component=api=major_outage>"
    ]


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not installed")
def test_bash_completes_the_rest_as_before(tab: Complete) -> None:
    assert tab("statusgen incident  ", "incident", "")[:2] == ["<draft>", "<list>"]
    assert tab("statusgen incident list --site ", "incident", "list", "--site", "") == ["-o dirnames", "<>"]


@pytest.mark.parametrize("broken", ["", "components: [", "site: {name: x}\n"])
def test_nothing_is_said_where_the_site_cannot_be_read(site: Path, complete: Complete, broken: str) -> None:
    (site / "components.yaml").write_text(broken)
    assert complete(site, "incident", "open", "--component", "") == []
    assert complete(site, "incident", "resolve", "") == []
    (site / "components.yaml").unlink()
    assert complete(site, "incident", "resolve", "") == []


def test_another_site_is_completed_from_its_own_folder(site: Path, complete: Complete, tmp_path: Path) -> None:
    assert complete(tmp_path, "incident", "open", "--site", str(site), "--component", "") == ["api=", "support="]
