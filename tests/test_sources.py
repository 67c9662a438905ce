"""What people wrote for a site, read together: every folder, what is wrong in any, and the examples of the docs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from statusgen import config, git, source, sources
from statusgen.errors import SourceError
from statusgen.model import DraftMode
from statusgen.sources import Sources

from .pictures import PNG
from .sites import COMPONENTS, INCIDENT, INCIDENT_TEXT, ROOT, commit_all, run_git, write

CORRECTION = """\
components: [api]
from: 2026-11-20 10:02 UTC
to: 2026-11-20 10:31 UTC
set: operational
reason: The prober's own resolver had failed.
"""
OPENSLO = """\
apiVersion: openslo/v1
kind: SLO
metadata: {name: checkout}
spec:
  service: api
  timeWindow: [{duration: 28d, isRolling: true}]
  objectives: [{targetPercent: 99.9}]
"""


def read(folder: Path, **texts: str) -> Sources:
    write(folder, **{"components.yaml": COMPONENTS, **texts})
    return sources.read(folder)


def test_a_site_is_read_from_all_its_folders(tmp_path: Path) -> None:
    write(tmp_path, **{"pages/README.md": "# Not published", "slo/README.md": "# Nor this"})
    (tmp_path / "pages/plan.png").write_bytes(PNG)
    found = read(
        tmp_path,
        **{
            "components.yaml": f"{COMPONENTS}slo: [{{id: own, component: api, target: 99, period: month}}]\n",
            INCIDENT: INCIDENT_TEXT,
            "corrections/a.yaml": CORRECTION,
            "corrections/b.yml": CORRECTION,
            "slo/checkout.yaml": OPENSLO,
            "pages/roadmap.md": "Soon.\n",
            "themes/default/style.css": "p {}",
        },
    )
    assert found.problems == ()
    assert list(found.texts) == [INCIDENT]
    assert [correction.slug for correction in found.corrections] == ["a", "b"]
    assert [objective.id for objective in found.site.objectives] == ["own", "checkout"]
    assert [page.slug for page in found.documents] == ["roadmap"]
    assert found.images == {"pages/plan.png": PNG}
    assert found.theme["style.css"] == b"p {}"
    assert found.theme["index.html"]
    assert (found.home, found.folder, found.tips) == (tmp_path, tmp_path, None)


def test_outside_of_a_repository_there_is_no_commit_and_nothing_to_differ_from(tmp_path: Path) -> None:
    found = read(tmp_path)
    assert (found.commit, found.uncommitted) == ("", ())
    assert sources.cache_folder(tmp_path) is None


def test_what_differs_from_the_commit_is_told_if_the_site_is_made_of_it(tmp_path: Path) -> None:
    read(tmp_path, **{"notes.txt": "old", "pages/a.md": "Text.\n", "pages/b.md": "Text.\n"})
    commit = commit_all(tmp_path)
    (tmp_path / "pages/b.md").unlink()
    found = read(tmp_path, **{"notes.txt": "new", "pages/a.md": "Other.\n", "corrections/a.yaml": CORRECTION})
    assert found.commit == commit
    assert found.uncommitted == ("corrections/a.yaml", "pages/a.md", "pages/b.md")


def test_what_is_wrong_in_one_folder_leaves_the_others_alone(tmp_path: Path) -> None:
    bad = {
        "corrections/bad.yaml": "[]\n",
        "corrections/notes.txt": "",
        "pages/support.md": "Text.\n",
        "slo/bad.yaml": "kind: SLI\n",
        "incidents/deep/er.md": INCIDENT_TEXT,
    }
    found = read(tmp_path, **bad, **{"corrections/good.yaml": CORRECTION, "pages/good.md": "Text.\n"})
    assert {problem.path for problem in found.problems} == set(bad)
    assert [correction.slug for correction in found.corrections] == ["good"]
    assert [page.slug for page in found.documents] == ["good"]


def test_a_theme_that_is_shipped_needs_no_folder_and_a_folder_of_its_name_goes_before_it(tmp_path: Path) -> None:
    dense = f"{COMPONENTS}theme: {{name: dense}}\n"
    plain, shipped = read(tmp_path).theme, read(tmp_path, **{"components.yaml": dense}).theme
    own = read(tmp_path, **{"components.yaml": dense, "themes/dense/layout.css": "p {}"}).theme
    assert "layout.css" in shipped.keys() - plain.keys()
    assert shipped["style.css"] == plain["style.css"]
    assert own == {**shipped, "layout.css": b"p {}"}


def test_catalogs_of_the_sites_own_theme_are_read_from_its_folder(tmp_path: Path) -> None:
    found = read(tmp_path, **{"components.yaml": COMPONENTS, "themes/default/locales/nl.po": "own"}).theme
    assert found["locales/nl.po"] == b"own"
    assert {"locales/de.po", "locales/ar.po"} <= found.keys()


def test_a_theme_without_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="theme 'dark' has no folder: create themes/dark/"):
        read(tmp_path, **{"components.yaml": f"{COMPONENTS}theme: {{name: dark}}\n"})


def test_a_commit_is_read_without_touching_what_is_there_now(tmp_path: Path) -> None:
    read(tmp_path, **{"pages/a.md": "Text.\n", "corrections/a.yaml": CORRECTION})
    commit = commit_all(tmp_path)
    write(tmp_path, **{"components.yaml": "nonsense", "pages/b.md": "Text.\n"})
    (tmp_path / "pages/a.md").unlink()
    asked: list[str] = []
    with sources.as_of(tmp_path, commit, lambda prefix: asked.append(prefix) or []) as then:
        assert [page.slug for page in then.documents] == ["a"]
        assert (then.home, then.commit, then.uncommitted, then.tips) == (tmp_path, commit, (), ())
        assert then.folder != tmp_path
    assert asked == ["status-data"]
    assert not then.folder.exists()
    assert sources.cache_folder(tmp_path) == git.private_folder(git.Repository(tmp_path)) / "cache"
    assert run_git(tmp_path, "status", "--porcelain").split() == [
        "M",
        "components.yaml",
        "D",
        "pages/a.md",
        "??",
        "pages/b.md",
    ]


# The examples of the documentation

DOCS = ROOT / "docs"
BASE = """\
site: {name: Acme Status, url: https://status.acme.example}
components:
  - {id: api, name: API, group: Front, check: "https://api.acme.example/health"}
  - {id: checkout, name: Checkout, group: Front, check: "https://acme.example/checkout"}
"""


def examples(page: str) -> list[str]:
    return re.findall(r"^```yaml\n(.*?)^```", (DOCS / page).read_text("utf-8"), re.DOTALL | re.MULTILINE)


def placed(page: str, text: str) -> dict[str, str]:
    """Return the files of a site that holds an example where its page says that it stands."""
    if "apiVersion:" in text:
        return {"components.yaml": BASE, "slo/checkout.yaml": text}
    if page == "corrections.md":
        return {"components.yaml": BASE, "corrections/2026-11-20-api.yaml": text}
    if text.startswith("components:"):
        return {"components.yaml": BASE.partition("components:")[0] + text}
    return {"components.yaml": text if "\nsite:" in text else BASE + text}


EXAMPLES = [(page, text) for page in ("configuration.md", "sla.md", "corrections.md") for text in examples(page)]


@pytest.mark.parametrize(("page", "text"), EXAMPLES)
def test_every_example_is_read_without_a_problem(page: str, text: str, tmp_path: Path) -> None:
    files = placed(page, text)
    write(tmp_path, **files)
    found = sources.read(tmp_path, commit="")
    assert found.problems == ()
    told = found.site
    posting = (told.routes, told.drafts.mode is not DraftMode.OFF)
    read = (told.objectives, told.support.is_published, found.corrections, told.disclosure, "\nsite:" in text, *posting)
    assert any(read) or (text.startswith("components:") and told.checks)


def test_there_are_examples_of_everything() -> None:
    assert [page for page, _ in EXAMPLES] == [*["configuration.md"] * 8, "sla.md", "corrections.md"]


@pytest.mark.parametrize("text", [placed(*example)["components.yaml"] for example in EXAMPLES])
def test_editors_find_nothing_wrong_with_any_example(text: str) -> None:
    assert faults(source.parse(text, config.PATH), config.schema()) == []


@pytest.mark.parametrize(
    "wrong",
    [
        "slo: [{id: a, component: api, target: 99.9, peroid: month}]",
        "slo: [{id: a, component: api, target: '99,9', period: month}]",
        "slo: [{id: a, component: api, target: 99.9, period: week}]",
        "slo: [{id: A, component: api, target: 99.9, period: month}]",
        "slo: {}",
        "support: {hours: {standard: sometimes}}",
        "support: {channels: [{name: Chat, link: 'javascript:alert(1)'}]}",
        "support: {severities: {sev4: {}}}",
    ],
)
def test_editors_find_what_the_program_refuses(wrong: str) -> None:
    assert faults(source.parse(f"{BASE}{wrong}\n", config.PATH), config.schema())
    with pytest.raises(SourceError):
        config.read(f"{BASE}{wrong}\n")


def faults(node: source.Node, schema: Mapping[str, Any]) -> list[str]:
    """Return what JSON Schema (draft 2020-12), as far as we use it, finds wrong with a file."""
    if "anyOf" in schema:
        tried = [faults(node, each) for each in schema["anyOf"]]
        return [] if [] in tried else tried[-1]
    if isinstance(node, source.Mapping):
        return _faults_of_map(node, schema)
    if isinstance(node, source.Sequence):
        few = not schema.get("minItems", 0) <= len(node.items) <= schema.get("maxItems", 0)
        wrong = schema.get("type") != "array" or few
        return (
            [f"line {node.line}"]
            if wrong
            else [found for item in node.items for found in faults(item, schema["items"])]
        )
    return [] if _is_allowed(node.text, schema) else [f"line {node.line}: {node.text}"]


def _faults_of_map(node: source.Mapping, schema: Mapping[str, Any]) -> list[str]:
    if schema.get("type") != "object":
        return [f"line {node.line}"]
    properties, others = schema.get("properties", {}), schema["additionalProperties"]
    found = [f"line {node.line}: no {key}" for key in schema.get("required", ()) if key not in node.entries]
    for key, value in node.entries.items():
        allowed = properties.get(key, others)
        named = re.search(schema.get("propertyNames", {}).get("pattern", ""), key)
        found += faults(value, allowed) if allowed is not False and named else [f"line {node.line}: {key}"]
    return found


def _is_allowed(text: str, schema: Mapping[str, Any]) -> bool:
    kinds = schema.get("type", "string")
    if kinds in ("object", "array"):
        return False
    if kinds == "integer":
        return text.isdecimal() and schema["minimum"] <= int(text) <= schema["maximum"]
    if kinds == "boolean":
        return text in ("true", "false")
    matches = re.search(schema.get("pattern", ""), text) is not None
    return matches and text in schema.get("enum", [text]) and text == schema.get("const", text)
