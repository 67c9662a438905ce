"""Which commits changed the terms by which numbers are made, in real repositories."""

from __future__ import annotations

from pathlib import Path

import pytest

from statusgen.git import Repository
from statusgen.terms import amendments

from .sites import commit_all, run_git, write

BEFORE = """\
site: {name: Acme, url: "https://status.acme.example", id: acme}
probing: {interval: 5m}
components:
  - {id: api, name: API, check: "https://api.acme.example/"}
  - {id: web, name: Web, check: "https://www.acme.example/"}
sla:
  - {id: api, component: api, target: 99.9, period: month}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, **{"ops/components.yaml": BEFORE})
    commit_all(tmp_path)
    return tmp_path / "ops"


def listed(folder: Path) -> list[str]:
    found = amendments(Repository(folder), run_git(folder, "rev-parse", "HEAD"), "ops/")
    return [f"{each.path.removeprefix('components.yaml')} {each.term} {each.change}".strip() for each in found]


@pytest.mark.parametrize(
    ("old", "new", "terms"),
    [
        ("target: 99.9", "target: 99", ["sla 'api': target from 99.9 to 99"]),
        ("period: month", "period: quarter", ["sla 'api': period from month to quarter"]),
        ("period: month}", "period: month, from: 2026-11-01}", ["sla 'api': from from nothing to 2026-11-01"]),
        (
            "period: month}",
            "period: month, exclusions: {cap: 9h}}",
            ["sla 'api': exclusions.cap from nothing to 9 h"],
        ),
        (
            "period: month}",
            "period: month, weights: {partial_outage: 1}}",
            ["sla 'api': weights.partial_outage from 500 to 1"],
        ),
        ("interval: 5m", "interval: 15m", ["probing.interval from 5 min to 15 min"]),
        (
            "probing: {",
            "policy: {maintenance: count}\nprobing: {",
            ["policy.maintenance from exclude to count", "sla 'api': exclusions.maintenance from exclude to count"],
        ),
        (
            "name: API,",
            "name: API, since: 2026-11-01,",
            ["component 'api': since from nothing to 2026-11-01T00:00:00Z"],
        ),
        (
            'check: "https://api.acme.example/"',
            'checks: [{http: "https://api.acme.example/", id: api, interval: 1h}]',
            ["component 'api': checks from [api (major_outage)] to [api (major_outage, every 1 h)]"],
        ),
        ("name: API,", "name: The API,", []),
        ("id: acme}", "id: acme}\ndata: {branch: other}", ["data.branch from status-data to other"]),
        ("  - {id: web", "  - {id: shop, name: Shop}\n  - {id: web", []),
        ("target: 99.9", "target: 100", []),
    ],
)
def test_a_term_that_a_commit_changed_is_listed(folder: Path, old: str, new: str, terms: list[str]) -> None:
    write(folder, **{"components.yaml": BEFORE.replace(old, new)})
    commit_all(folder.parent)
    assert listed(folder) == terms


def test_a_promise_that_was_taken_away_is_one_line(folder: Path) -> None:
    write(folder, **{"components.yaml": BEFORE.partition("sla:")[0]})
    made = commit_all(folder.parent)
    (only,) = amendments(Repository(folder), made, "ops/")
    assert str(only).startswith("components.yaml: sla 'api' was taken away, ")
    assert str(only).endswith(f"(commit {made[:10]})")


def test_what_support_promises_is_a_term(folder: Path) -> None:
    for hours in ("1h", "5h"):
        write(folder, **{"components.yaml": f"{BEFORE}support: {{severities: {{sev1: {{respond: {hours}}}}}}}\n"})
        commit_all(folder.parent)
    assert listed(folder) == ["support: severities.sev1.respond from 1 h to 5 h"]


def test_declarations_and_corrections_that_were_changed_or_taken_away_are_listed(folder: Path) -> None:
    write(folder, **{"slo/a.yaml": "1", "corrections/b.yaml": "1", "corrections/README.md": "1"})
    commit_all(folder.parent)
    assert listed(folder) == []
    write(folder, **{"slo/a.yaml": "2", "corrections/README.md": "2"})
    (folder / "corrections/b.yaml").unlink()
    commit_all(folder.parent)
    assert listed(folder) == ["slo/a.yaml  was changed", "corrections/b.yaml  was taken away"]


def test_a_version_that_cannot_be_read_changes_nothing(folder: Path) -> None:
    for text in ("site: [", BEFORE.replace("99.9", "99.5")):
        write(folder, **{"components.yaml": text})
        commit_all(folder.parent)
    assert listed(folder) == ["sla 'api': target from 99.9 to 99.5"]
