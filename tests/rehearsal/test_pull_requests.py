"""check.yml as a forge runs it: on the merge of a pull request, from this repository or a stranger's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ..forge import Forge
from ..sites import (
    COMPONENTS,
    INCIDENT,
    INCIDENT_TEXT,
    NOW,
    ROOT,
    bare_theme,
    commit_all,
    record,
    rounds,
    run_git,
    write,
)

OUTAGE = INCIDENT_TEXT.partition("\n## Resolved")[0].replace("2026-11-20", "2026-11-21") + "\n"
OUTAGE_PATH = "incidents/2026-11-21-api-errors.md"


@pytest.fixture
def forge(tmp_path: Path) -> Forge:
    """Return a forge with a page whose workflow is the one that is shipped, and two hours of samples."""
    site = tmp_path / "site"
    shipped = {path: (ROOT / path).read_text("utf-8") for path in ("action.yml", ".github/workflows/check.yml")}
    write(site, **{"components.yaml": COMPONENTS, INCIDENT: INCIDENT_TEXT}, **bare_theme(), **shipped)
    commit_all(site)
    record(site, list(rounds(NOW - 7_200, NOW - 300)))
    made = Forge(tmp_path / "forge", of=site)
    run_git(site, "push", "--quiet", str(made.bare), "status-data/default")
    return made


def proposed(forge: Forge, *, by: str = "", **texts: str) -> int:
    """Open a pull request with these files, by a branch or from somebody's fork, and return its number."""
    clone = forge.clone(by or "ann")
    write(clone, **texts)
    commit_all(clone)
    if by:
        return forge.open_pull("main", of=clone)
    run_git(clone, "push", "--quiet", "origin", "HEAD:topic")
    return forge.open_pull("topic")


def test_a_good_pull_request_gets_a_summary_and_a_preview(forge: Forge) -> None:
    run = forge.run("check.yml", event="pull_request", pull=proposed(forge, **{OUTAGE_PATH: OUTAGE}), now=NOW)
    assert run.result == "success", run.log
    assert "### Investigating · 21 Nov 2026, 10:06 UTC\n\n- Incident (sev2): `Elevated API errors`\n" in run.summary
    assert "```text\nAbout a fifth of requests to the API fail.\n```" in run.summary
    known_before = r"\| `API` \| `24h` \| 100 % \| [\d.]+ % \| \+\d+ s \("  # from the ledger, which was fetched
    assert re.search(known_before, run.summary)
    assert "2026-11-21-api-errors" in previewed(forge)


def test_before_the_first_probe_there_is_no_ledger_to_fetch_and_nothing_is_wrong(forge: Forge) -> None:
    run_git(forge.bare, "update-ref", "-d", "refs/heads/status-data/default")
    run = forge.run("check.yml", event="pull_request", pull=proposed(forge, **{OUTAGE_PATH: OUTAGE}), now=NOW)
    assert run.result == "success", run.log


def previewed(forge: Forge) -> str:
    """Return the paths of all that was uploaded."""
    return "\n".join(str(path) for path in forge.folder.rglob("*") if "/preview/" in str(path))


def test_a_pull_request_with_an_error_fails_and_has_its_summary_and_preview_all_the_same(forge: Forge) -> None:
    bad = OUTAGE.replace("api: partial", "apy: partial")
    run = forge.run("check.yml", event="pull_request", pull=proposed(forge, **{OUTAGE_PATH: bad}), now=NOW)
    assert run.result == "failure"
    assert f"::error file={OUTAGE_PATH},line=5,title=Left out of the page::component 'apy' is not in" in run.log
    assert run.summary.startswith("## 1 error: what has errors is left out of the page\n\n- Error (new): ")
    assert "index.html" in previewed(forge)


def test_what_is_no_site_any_more_says_so_in_the_summary(forge: Forge) -> None:
    run = forge.run(
        "check.yml", event="pull_request", pull=proposed(forge, **{"components.yaml": "site: {}\n"}), now=NOW
    )
    assert run.result == "failure"
    assert run.summary.startswith("## This change cannot be published")


def test_of_an_old_branch_only_what_it_brings_is_told_and_a_draft_is_in_the_preview_alone(forge: Forge) -> None:
    number = proposed(forge, **{OUTAGE_PATH: OUTAGE.replace("title:", "draft: true\ntitle:")})
    clone = forge.clone("ben")
    write(clone, **{"incidents/2026-11-21-other.md": OUTAGE.replace("Elevated", "Other")})
    commit_all(clone)
    run_git(clone, "push", "--quiet", "origin", "HEAD:main")
    run = forge.run("check.yml", event="pull_request", pull=number, now=NOW)
    assert run.result == "success", run.log
    assert "Draft, in the preview only: `Elevated API errors`" in run.summary
    assert "No number moves." in run.summary
    assert "Other" not in run.summary
    assert "2026-11-21-api-errors" in previewed(forge)


def test_a_strangers_pull_request_cannot_write_its_summary_and_changes_nothing(forge: Forge) -> None:
    before = run_git(forge.bare, "for-each-ref", "refs/heads")
    evil = OUTAGE.replace("Elevated API errors", '"`x` <b>@all</b> ::error::x"').replace("About", "<!-- ::error::x")
    number = proposed(forge, by="mallory", **{OUTAGE_PATH: evil})
    run = forge.run("check.yml", event="pull_request", pull=number, now=NOW)
    assert run.result == "success", run.log
    assert "``" in run.summary
    assert not re.search(r"^::", run.summary, re.MULTILINE)
    assert not re.search(r"^::error", run.log, re.MULTILINE)
    assert run_git(forge.bare, "for-each-ref", "refs/heads") == before
