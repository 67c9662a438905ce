"""What is made to take long or much takes neither, two seconds of CPU and 200 MB, and the rest is published.

Each shape is put into a small site, which is checked and built by the program's own entries, within this process.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from statusgen import app, periods
from statusgen.errors import Problem
from tests.machine import within
from tests.sites import bare_theme, write

from . import shapes

MOST_SECONDS = 2.0  # of CPU
MOST_MEMORY = 200  # megabytes more than before
NOW = periods.parse_instant("2026-11-21T12:07Z")
GOOD = "incidents/2026-11-19-good.md"
GOOD_TEXT = "---\ntitle: Errors\n---\n## Investigating · 2026-11-19 10:06 UTC\nWe look into it.\n"


def forgotten() -> float:
    """Let the kernel measure anew how much memory this process held at most; return what it holds."""
    if os.access("/proc/self/clear_refs", os.W_OK):
        Path("/proc/self/clear_refs").write_text("5")
    return peak()


def peak() -> float:
    """Return the most that this process held at once, in MB; 0 where the system does not tell."""
    status = Path("/proc/self/status")
    found = re.search(r"^VmHWM:\s+(\d+) kB", status.read_text(), re.MULTILINE) if status.exists() else None
    return int(found[1]) / 1_024 if found else 0.0


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small site that has been built once, so that no case pays for imports."""
    folder = tmp_path_factory.mktemp("denial") / "site"
    write(folder, **{"components.yaml": shapes.COMPONENTS, GOOD: GOOD_TEXT}, **bare_theme())
    examined(folder)
    return folder


@pytest.fixture
def site(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "site"))


def examined(folder: Path) -> tuple[Problem, ...]:
    """Read, compute and render all of it, as ``check`` does."""
    return app.check(folder, NOW, {}, require_secrets=False)


@pytest.mark.parametrize("shape", [pytest.param(files, id=name) for name, files in shapes.every()])
def test_no_shape_takes_long_or_much_or_spoils_its_neighbours(shape: shapes.Files, site: Path) -> None:
    write(site, **shape)
    before = forgotten()
    with within(MOST_SECONDS):
        problems = examined(site)
    assert peak() - before < MOST_MEMORY
    assert not [str(problem) for problem in problems if problem.path == GOOD]


def test_beside_many_of_them_the_rest_is_published(site: Path) -> None:
    every = [files for _, files in shapes.yaml() if "components.yaml" not in files]
    bombs = shapes.together(*every[::6])
    write(site, **bombs)
    written = app.build(site, site / "public", NOW)
    assert (site / "public/incidents/2026-11-19-good/index.html").is_file()
    assert GOOD not in {problem.path for problem in written.problems}
