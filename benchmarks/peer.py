"""The peer: the same incidents as a Hugo site with the theme cState.

    python -m benchmarks.peer FOLDER OURS CLONE [--repaired]

Needs a Hugo binary and a clone of cState's example site with its theme (``git clone --recurse-submodules
https://github.com/cstate/example``). Two changes to what cState ships:

- ``layouts/_default/small.html`` is added to the site: Hugo from 0.164 on refuses to build cState 6.0.1 without.
- In a *repaired* site, the theme lacks the fifteen lines of ``REPAIRED`` that look through all incidents for every
  incident and use nothing of what they find. They make the build's time grow with the square of the incidents.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import yaml

from benchmarks import sites
from statusgen import incidents, periods, sources
from statusgen.model import Incident, Site
from statusgen.promises import Severity

REPAIRED = ("single.html", "issue.html", "small.html")  # in themes/cstate/layouts/issues, five lines each
_NEEDLESS = ("{{ $incidents := ", "{{ $active := ", "{{ $isNotice := ", "{{ $isDisrupted := ", "{{ $isDown := ")
_SEVERITIES = {Severity.SEV1: "down", Severity.SEV2: "disrupted", Severity.SEV3: "disrupted"}
_NOT_COPIED = shutil.ignore_patterns(".git", ".hugo_build.lock", "public", "resources", "exampleSite")


def write(folder: Path, ours: Path, example: Path, *, repaired: bool) -> None:
    """Make the peer's site in a new repository from the incidents of ``ours`` and the clone of the example site."""
    theme = example / "themes/cstate/layouts/issues"
    if not theme.is_dir():
        raise FileNotFoundError(f"{theme} is missing: clone cState's example site with --recurse-submodules")
    shutil.copytree(example, folder, ignore=_NOT_COPIED)
    (folder / "layouts/_default").mkdir(parents=True, exist_ok=True)
    (folder / "layouts/_default/small.html").write_text("{{ .Title }}\n", "utf-8")
    if repaired:
        _repair(folder / "themes/cstate/layouts/issues")
    read = sources.read(ours)
    _configure(folder / "config.yml", read.site)
    shutil.rmtree(folder / "content/issues")
    (folder / "content/issues").mkdir()
    names = {component.id: component.name for component in read.site.components}
    for event in incidents.read_all(read.texts, names).events:
        if isinstance(event, Incident):
            (folder / f"content/issues/{event.slug}.md").write_text(issue(event, names), "utf-8")
    sites.commit_all(folder, sites.NOW)


def _repair(layouts: Path) -> None:
    """Take the needless lines out; refuse a theme in which they are not what they were."""
    removed = 0
    for name in REPAIRED:
        lines = (layouts / name).read_text("utf-8").splitlines(keepends=True)
        kept = [line for line in lines if not line.startswith(_NEEDLESS)]
        removed += len(lines) - len(kept)
        (layouts / name).write_text("".join(kept), "utf-8")
    if removed != len(_NEEDLESS) * len(REPAIRED):
        raise ValueError(f"the theme has {removed} of the 15 needless lines: look at it again")


def _configure(path: Path, site: Site) -> None:
    """Name our components in the example's configuration and leave everything else as it is shipped."""
    settings = yaml.safe_load(path.read_text("utf-8"))
    settings["title"] = site.name
    settings["params"]["categories"] = [{"name": "Services"}]
    settings["params"]["systems"] = [{"name": each.name, "category": "Services"} for each in site.components]
    path.write_text(yaml.safe_dump(settings, sort_keys=False, allow_unicode=True), "utf-8")


def issue(incident: Incident, names: dict[str, str]) -> str:
    """Write an incident as cState has it: all updates newest first, each with its instant."""
    last = incident.updates[-1]
    resolved = last.phase.word == "Resolved"
    severity = _SEVERITIES[incident.severity] if incident.severity else "disrupted"
    front = [
        f"title: {json.dumps(incident.title)}",
        f"date: {_written(incident.started)}",
        f"resolved: {json.dumps(resolved)}",
        *([f"resolvedWhen: {_written(last.at)}"] if resolved else []),
        f"severity: {severity}",
        f"affected: {json.dumps([names[component] for component, _ in incident.components])}",
        "section: issue",
    ]
    updates = [
        f'*{update.phase.word}* - {update.text.strip()} {{{{< track "{_written(update.at)}" >}}}}\n'
        for update in reversed(incident.updates)
    ]
    return "\n".join(["---", *front, "---", "", *updates])


def _written(at: int) -> str:
    """Write ``2026-11-20 10:02:00``, as cState's documentation does."""
    return periods.iso(at).replace("T", " ").removesuffix("Z")


def command(hugo: Path, folder: Path, out: Path) -> list[str]:
    """Return the command that builds a site."""
    return [str(hugo), "--source", str(folder), "--destination", str(out), "--quiet"]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.peer", description="Make the peer's site from one of ours.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("ours", type=Path)
    parser.add_argument("example", type=Path, help="clone of cState's example site")
    parser.add_argument("--repaired", action="store_true")
    given = parser.parse_args(arguments)
    write(given.folder, given.ours, given.example, repaired=given.repaired)


if __name__ == "__main__":
    main()
