"""The action and the workflows, from their files: what they take, when they run, and what each job may do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from . import markdown

ROOT = Path(__file__).parent.parent
_JOB = re.compile(r"^  ([\w-]+):\n((?: {4}.*\n|\n)+)", re.MULTILINE)
_MAY = re.compile(r"^      ([\w-]+): (read|write)(?: # (.+))?$", re.MULTILINE)


def page() -> str:
    """Return the page about them."""
    action = (ROOT / "action.yml").read_text("utf-8")
    parts = [
        "# The action and the workflows",
        "[Publishing](../publishing.md) says how they are set up, and what other hosts use instead.",
        markdown.MADE,
        "## action.yml",
        _introduction(action),
        markdown.table(("input", "what it is", "default"), _inputs(yaml.safe_load(action)["inputs"])),
    ]
    for path in sorted((ROOT / ".github/workflows").glob("*.yml")):
        parts += [f"## {path.name}", *_workflow(path.read_text("utf-8"))]
    return markdown.text(parts)


def _workflow(text: str) -> Iterator[str]:
    parsed: dict[Any, Any] = yaml.safe_load(text)
    triggers: dict[str, Any] = parsed[True]  # YAML 1.1 takes the key `on` for this
    yield _introduction(text)
    yield f"It runs on {', '.join(map(markdown.code, triggers))}."
    if inputs := (triggers.get("workflow_dispatch") or {}).get("inputs"):
        yield markdown.table(("input", "what it is", "default"), _inputs(inputs))
    yield markdown.table(("job", "what it may do", "ends after"), _jobs(text, parsed["jobs"]))


def _jobs(text: str, jobs: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for name, lines in _JOB.findall(text[text.index("\njobs:") :]):
        may = [f"`{what}: {how}`{f' ({markdown.plain(why)})' if why else ''}" for what, how, why in _MAY.findall(lines)]
        yield f"`{name}`", ", ".join(may) or "nothing", f"{jobs[name]['timeout-minutes']} min"


def _inputs(inputs: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for name, each in inputs.items():
        default = str(each.get("default") or "")
        yield f"`{name}`", markdown.plain(each["description"]), markdown.code(default) if default else ""


def _introduction(text: str) -> str:
    comment = re.match(r"(?:#.*\n)+", text)
    return markdown.plain(re.sub(r"^# ?", "", comment[0], flags=re.MULTILINE)) if comment else ""
