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
    return [f"{each.term}{' gone' if each.is_gone else ''}" for each in found]


@pytest.mark.parametrize(
    ("old", "new", "terms"),
    [
        ("target: 99.9", "target: 99", ["sla 'api': target"]),
        ("period: month", "period: quarter", ["sla 'api': period"]),
        ("period: month}", "period: month, from: 2026-11-01}", ["sla 'api': begins"]),
        ("period: month}", "period: month, exclusions: {cap: 9h}}", ["sla 'api': cap"]),
        ("period: month}", "period: month, weights: {partial_outage: 1}}", ["sla 'api': partial"]),
        ("interval: 5m", "interval: 15m", ["'probing.interval'"]),
        (
            "probing: {",
            "policy: {maintenance: count}\nprobing: {",
            ["'policy' (maintenance)", "sla 'api': maintenance"],
        ),
        ("name: API,", "name: API, since: 2026-11-01,", ["component 'api': since"]),
        ("name: API,", "name: The API,", []),
        ("id: acme}", "id: acme}\ndata: {branch: other}", ["'data.branch'"]),
        ("  - {id: web", "  - {id: shop, name: Shop}\n  - {id: web", []),
        ("target: 99.9", "target: 100", []),
    ],
)
def test_a_term_that_a_commit_changed_is_listed(folder: Path, old: str, new: str, terms: list[str]) -> None:
    write(folder, **{"components.yaml": BEFORE.replace(old, new)})
    commit_all(folder.parent)
    assert listed(folder) == terms


def test_a_promise_that_was_taken_away_is_listed_as_such(folder: Path) -> None:
    write(folder, **{"components.yaml": BEFORE.partition("sla:")[0]})
    made = commit_all(folder.parent)
    assert {line.partition(":")[0] for line in listed(folder)} == {"sla 'api'"}
    assert all(line.endswith(" gone") for line in listed(folder))
    first = next(amendments(Repository(folder), made, "ops/"))
    assert str(first).startswith("components.yaml: sla 'api': target was taken away on ")
    assert str(first).endswith(f"(commit {made[:10]})")


def test_a_version_that_cannot_be_read_changes_nothing(folder: Path) -> None:
    for text in ("site: [", BEFORE.replace("99.9", "99.5")):
        write(folder, **{"components.yaml": text})
        commit_all(folder.parent)
    assert listed(folder) == ["sla 'api': target"]
