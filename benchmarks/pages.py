"""What does a visitor load: bytes of the home page with its styles and scripts, by number of components.

    python -m benchmarks.pages [--hugo HUGO --cstate CLONE]

Every component has ninety days of history with about one outage a month, which the peer does not know; groups hold
about sixteen. Sizes are in kilobytes (1,000 bytes) after ``gzip -9``, each file by itself, as hosts send them.
"""

from __future__ import annotations

import argparse
import gzip
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks import measure, peer, sites, years
from statusgen import app, config, files

DAYS = 90
IN_GROUP = 16
COLUMNS = ("components", "page", "by itself", "with its styles", "and its scripts")

_STYLE = re.compile(r'<link[^>]*rel="?stylesheet"?[^>]*>')
_SCRIPT = re.compile(r"<script[^>]*src=[^>]*>")
_ADDRESS = re.compile(r"""(?:href|src)=["']?([^"' >]+)""")


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


def rows(place: Path, components: int, theme: str, hugo: Path | None, cstate: Path | None) -> Iterator[tuple[str, ...]]:
    """Build a site, and the peer's of the same components; yield a row for each page that is measured."""
    folder, out = place / "site", place / "out"
    write(folder, components, theme)
    app.build(folder, out, sites.NOW)
    yield (f"{components:,}", f"home, {theme}", *sizes(out, "index.html"))
    if theme == "default":
        yield (f"{components:,}", "a component, default", *sizes(out, "components/c001/index.html"))
    if hugo and cstate and theme == "default":
        peer.write(place / "peer", folder, cstate, repaired=False)
        subprocess.run(peer.command(hugo, place / "peer", place / "peer-out"), check=True)
        yield (f"{components:,}", "home, cState", *sizes(place / "peer-out", "index.html"))
    shutil.rmtree(place)


def sizes(out: Path, name: str) -> tuple[str, ...]:
    """Return the size of a page, with its styles, and with its scripts as well."""
    html = (out / name).read_text("utf-8")
    total, told = 0, []
    for paths in ([out / name], _named(_STYLE, html, out, name), _named(_SCRIPT, html, out, name)):
        total += sum(len(gzip.compress(path.read_bytes(), 9, mtime=0)) for path in paths)
        told.append(f"{total / 1_000:.1f} KB")
    return tuple(told)


def _named(tag: re.Pattern[str], html: str, out: Path, name: str) -> list[Path]:
    """Return the files of the site that tags of a page name; what lies elsewhere is not counted."""
    found = [address[1] for each in tag.findall(html) if (address := _ADDRESS.search(each))]
    paths = [urlsplit(address).path for address in found]
    places = [out / path.lstrip("/") if path.startswith("/") else (out / name).parent / path for path in paths]
    return [place for place in places if place.exists()]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.pages", description="Measure what a visitor loads.")
    parser.add_argument("--components", type=int, nargs="*", default=[20, 100, 1_000])
    parser.add_argument("--hugo", type=Path)
    parser.add_argument("--cstate", type=Path)
    given = parser.parse_args(arguments)
    made: list[tuple[str, ...]] = []
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        for count in given.components:
            made += rows(Path(folder) / "each", count, "default", given.hugo, given.cstate)
        made += rows(Path(folder) / "each", given.components[-1], "dense", None, None)
    print(measure.table(COLUMNS, made))


if __name__ == "__main__":
    main()
