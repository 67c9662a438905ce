"""Ten thousand malformed incidents among a hundred good ones: every good one is there, every bad one is named.

The build runs as people start it, so that its memory is its own; a theme of one line a page keeps templates, which are
not what is measured, out of it.
"""

from __future__ import annotations

import json
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.sites import ROOT, bare_theme, write

BAD, GOOD = 10_000, 100
MOST_SECONDS = 60  # of CPU, of the program and its copies together: a machine that is busy takes longer
MOST_MEMORY = 500  # megabytes, of the program and its copies together
COMPONENTS = """\
site: {name: Acme Status, url: "https://status.acme.example", id: acme}
feed: {authority: "status.acme.example,2026"}
data: {branch: none}
components: [{id: api, name: API, since: 2026-01-01}]
"""
SOUND = """\
---
title: "{title}"
severity: sev2
components: {{api: partial_outage}}
---
## Investigating · {day} 10:06 UTC
We look into it, *{title}*.

## Resolved · {day} 11:15 UTC
Components: api operational
It is over.
"""
FAULTS = (  # what stands there, what stands there instead
    ("---\ntitle", "--\ntitle"),
    ("title:", "titel:"),
    ("title:", "title: [") ,
    ("sev2", "sev9"),
    ("sev2", "&a sev2"),
    ("sev2", "*a"),
    ("sev2", "!!python/name:os.system sev2"),
    ("{api: partial_outage}", "{nobody: partial_outage}"),
    ("{api: partial_outage}", "{api: broken}"),
    ("{api: partial_outage}", "[" * 500),
    ("severity: sev2", "severity: sev2\nseverity: sev2"),
    ("severity: sev2", "severity: sev2\nstarted: 2026-02-30T00:00Z"),
    ("severity: sev2", "severity: sev2\nstarted: 9999-12-31T23:59:59Z"),
    ("severity: sev2", "severity: sev2\nscheduled: {from: 2026-01-01 00:00 UTC, until: 2026-01-01 01:00 UTC}"),
    ("Investigating ·", "Wondering ·"),
    ("10:06 UTC", "10:06"),
    ("11:15 UTC", "25:15 UTC"),
    ("11:15 UTC", "09:15 UTC"),
    ("api operational", "api"),
    ("api operational", "db operational"),
    ("It is over.", "<<<<<<< HEAD"),
    ("It is over.", "```\nIt is over."),
    ("title", "ti\0tle"),
    ("We look", "\x1b[2J\udcff"),
)  # fmt: skip


@dataclass(frozen=True)
class Run:
    """A build: how it ended, what it said, seconds of CPU, and the most memory of it and its copies in megabytes."""

    out: Path
    bad: tuple[str, ...]
    code: int
    said: str
    took: float
    memory: float


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("many") / "site"
    write(folder, **{"components.yaml": COMPONENTS}, **bare_theme())
    write(folder, **{f"incidents/good-{i}.md": sound(i) for i in range(GOOD)})
    chance = random.Random("malformed incidents")
    for i in range(BAD):
        name = f"incidents/bad-{i}.md"
        (folder / name).write_bytes(malformed(chance, i))
    began = spent()
    code, said, memory = measured("build", "--now", "2026-11-21T12:00Z", "--out", "public", at=folder)
    took = spent() - began
    return Run(folder / "public", tuple(f"incidents/bad-{i}.md" for i in range(BAD)), code, said, took, memory)


def sound(number: int) -> str:
    return SOUND.format(title=f"Errors {number}", day=f"2026-{1 + number % 10:02}-{1 + number % 28:02}")


def malformed(chance: random.Random, number: int) -> bytes:
    """Return an incident with one fault of those there are in turn, and some more by chance."""
    text = sound(number)
    for there, instead in (FAULTS[number % len(FAULTS)], *chance.sample(FAULTS, number % 3)):
        text = text.replace(there, instead, 1)
    return text.encode("utf-8", "surrogateescape")


def measured(*arguments: str, at: Path) -> tuple[int, str, float]:
    """Run the program; return its exit code, what it said, and the most that it and its copies held at once, in MB."""
    most = 0.0
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "statusgen", *arguments],
            cwd=at,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        while process.poll() is None:
            most = max(most, sum(map(held, (process.pid, *children(process.pid)))))
            time.sleep(0.05)
        said.seek(0)
        return process.returncode, said.read(), most


def spent() -> float:
    """Return the seconds of CPU of all programs that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def children(process: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except OSError:
        return []


def held(process: int) -> float:
    """Return the memory that is a process's own share, in MB: what copies have in common counts once."""
    try:
        found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{process}/smaps_rollup").read_text(), re.MULTILINE)
    except OSError:
        return 0.0
    return int(found[1]) / 1_024 if found else 0.0


def test_every_good_incident_is_published(run: Run) -> None:
    told = json.loads((run.out / "api/v1/incidents.json").read_text())
    assert run.code == 0
    assert {f"good-{i}" for i in range(GOOD)} <= {path.name for path in (run.out / "incidents").iterdir()}
    assert told


def test_every_bad_one_is_named_with_its_line(run: Run) -> None:
    named = {found[1] for found in re.finditer(r"^(?:\w+: )?(incidents/bad-\d+\.md):\d+: \S", run.said, re.MULTILINE)}
    assert set(run.bad) - named == set()


def test_it_is_soon_over(run: Run) -> None:
    assert run.took < MOST_SECONDS


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="needs Linux to tell of memory")
def test_it_needs_little_memory(run: Run) -> None:
    assert 10 < run.memory < MOST_MEMORY
