"""What does a visitor load: bytes of the home page with its style and script, by number of components.

    python -m benchmarks.pages

Every component has ninety days of history with about one outage a month; groups hold about sixteen.
"""

from __future__ import annotations

import argparse
import gzip
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks import measure, sites, years
from statusgen import app, config, files

DAYS = 90
IN_GROUP = 16
COLUMNS = ("components", "home page", "with its style", "and its script", "a component's page", "theme")


def write(folder: Path, components: int, theme: str = "default") -> None:
    """Make a site with so many components in groups and ninety days of history."""
    years.write(folder, components, DAYS)
    path = folder / config.PATH
    lines = path.read_text("utf-8").split("\n")
    first = next(i for i, line in enumerate(lines) if line.startswith("components:")) + 1
    for i in range(first, first + components):
        lines[i] = lines[i].replace("{id:", f"{{group: Region {(i - first) // IN_GROUP + 1:02}, id:")
    lines.insert(1, f"theme: {{name: {theme}}}")
    files.write(path, "\n".join(lines).encode())


def row(place: Path, components: int, theme: str) -> tuple[str, ...]:
    """Build a site and return its row, in kilobytes (1,000 bytes) after gzip -9."""
    folder, out = place / "site", place / "out"
    write(folder, components, theme)
    app.build(folder, out, sites.NOW)
    home, script = _packed(out / "index.html"), _packed(out / "site.js")
    style = sum(_packed(out / name) for name in ("style.css", "layout.css") if (out / name).exists())
    component = _packed(out / "components/c001/index.html")
    shutil.rmtree(place)
    sizes = (home, home + style, home + style + script, component)
    return (f"{components:,}", *(f"{size / 1_000:.1f} KB" for size in sizes), theme)


def _packed(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 9, mtime=0))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.pages", description="Measure what a visitor loads.")
    parser.add_argument("--components", type=int, nargs="*", default=[20, 100, 1_000])
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        rows = [row(Path(folder) / "each", count, "default") for count in given.components]
        rows.append(row(Path(folder) / "each", given.components[-1], "dense"))
    print(measure.table(COLUMNS, rows))


if __name__ == "__main__":
    main()
