"""How much does a repository grow with what probes see?

    python -m benchmarks.growth --days 7

Records rounds of 20 checks every five minutes one by one, as probes do, and counts bytes of files: as they lie
there, packed, and as others get them.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks import measure, sites
from statusgen import periods
from statusgen.git import Repository

_KEEP_PACKS = ("-c", "fetch.unpackLimit=1")  # what was transferred stays as it came
_CHECKS = 20


def size(folder: Path, pattern: str = "*") -> int:
    """Return the bytes of the files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob(pattern) if path.is_file())


def copies(folder: Path, repository: Repository) -> Iterator[tuple[str, Path]]:
    """Yield what was done and the objects it left: in the repository, in a clone, after a fetch as in CI."""
    objects = folder / "site/.git/objects"
    yield "recorded, not packed", objects
    repository.run("repack", "-a", "-d", "-f", "--quiet")
    yield "packed (`git repack -adf`)", objects
    url = (folder / "site").as_uri()
    Repository(folder).run("clone", "--quiet", "--bare", url, "clone")
    yield "`git clone --bare`", folder / "clone/objects"
    Repository(folder).run("init", "--quiet", "--bare", "shallow")
    branch = f"refs/heads/status-data/{sites.LOCATION}"
    Repository(folder / "shallow").run(*_KEEP_PACKS, "fetch", "--quiet", "--depth=1", url, branch)
    yield "`git fetch --depth=1` of the data branch", folder / "shallow/objects"


def fill(folder: Path, count: int) -> float:
    """Make a site and record so many rounds; return the seconds that one took."""
    sites.write(folder / "site", components=_CHECKS, incidents=0, now=sites.NOW)
    days = -(-count * sites.INTERVAL // periods.DAY)
    started = time.monotonic()
    for round_ in itertools.islice(sites.history(folder / "site", days=days, now=sites.NOW), count):
        sites.record(folder / "site", round_)
    return (time.monotonic() - started) / count


def rows(folder: Path, answers: int) -> Iterator[tuple[str, ...]]:
    """Yield the table's rows."""
    for name, objects in copies(folder, Repository(folder / "site")):
        total, packs = size(objects), size(objects, "*.pack")
        yield name, f"{total:,}", f"{packs:,}", f"{total / answers:.2f}"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.growth", description="Measure what the ledger takes.")
    parser.add_argument("--days", type=float, default=7)
    count = int(parser.parse_args(arguments).days * periods.DAY / sites.INTERVAL)
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        each = fill(Path(folder), count)
        found = list(rows(Path(folder), count * _CHECKS))
    print(f"{count:,} rounds of {_CHECKS} checks, a commit each, {each * 1_000:.0f} ms to record one\n")
    print(measure.table(("what", "bytes", "of them in packs", "bytes per answer"), found))


if __name__ == "__main__":
    main()
