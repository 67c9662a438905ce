"""What do years of history cost: time and memory of a build, and bytes of the data branch's tree?

    python -m benchmarks.years

Days of three years are thirty made-up days that repeat: the program sums up and reads each by itself, so nothing is
saved by that but the time to make them up.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks import measure, sites
from benchmarks.builds import Ours
from statusgen import branches, days, git, ledger, periods, rollup
from statusgen.model import RETENTION, Day, Round
from statusgen.rollup import Rolled

_TEMPLATE = 30  # days


def tree(checks: Sequence[str], count: int, interval: int) -> dict[str, str]:
    """Return the files of a data branch after so many days up to now, of which all but the newest are summed up."""
    last = periods.day_of(sites.NOW)
    made = list(sites.rounds(checks, last - _TEMPLATE * periods.DAY, sites.NOW, interval, sites.SEED))
    template = days.history((), made, sites.NOW).days
    months: dict[str, list[str]] = {}
    raw: dict[str, list[str]] = {}
    for round_ in _newest(made, last):
        raw.setdefault(ledger.day_path(round_.at), []).append(ledger.encode(round_))
    files = {path: ledger.append("", lines) for path, lines in raw.items()}
    by_start = {day.start: day for day in template}
    for start in range(last - (count - 1) * periods.DAY, last, periods.DAY):
        day = by_start.get(start) or _moved(template[start // periods.DAY % _TEMPLATE], start)
        of = git.blob_id(files.get(ledger.day_path(start), "").encode())
        months.setdefault(rollup.month_path(start), []).append(rollup.encode(Rolled(day, of)))
    return files | {path: "".join(f"{line}\n" for line in lines) for path, lines in months.items()}


def _moved(day: Day, start: int) -> Day:
    by = start - day.start
    return replace(day, start=start, rounds=tuple(at + by for at in day.rounds))


def _newest(made: Sequence[Round], last: int) -> Iterator[Round]:
    first = last - (RETENTION - 1) * periods.DAY
    return (round_ for round_ in made if round_.at >= first)


def write(folder: Path, components: int, count: int) -> None:
    """Make a site with so many days of five-minute rounds, as compaction leaves them."""
    sites.write(folder, components=components, incidents=0, now=sites.NOW)
    site = sites.site_of(folder)
    files = tree([check.id for check in site.checks], count, sites.INTERVAL)
    files[branches.OWNER] = f'{{"v": 1, "site": "{site.id}"}}\n'
    repository = git.Repository(folder)
    commit = git.commit_files(repository, "", files, "Sample history", sites.NOW)
    repository.run("update-ref", f"refs/heads/{site.branch}/{sites.LOCATION}", commit)


def builds(folder: Path, components: int, times: int) -> list[tuple[str, ...]]:
    """Return rows for a site with ninety days and one with three years."""
    cases: dict[str, measure.Case] = {}
    for name, count in (("90 days", 90), ("3 years", 3 * 365)):
        place = folder / str(count)
        measure.run([sys.executable, "-m", "benchmarks.years", "--make", str(place), str(components), str(count)])
        ours = Ours(place, folder / f"{count}-out")
        cases[f"{name}, cold"] = ours.cold
        cases[f"{name}, after one round"] = ours.probed
    return [(name, *measure.cells(runs)) for name, runs in measure.in_turns(cases, times).items()]


def sizes() -> list[tuple[str, ...]]:
    """Return rows with the bytes of a data branch's files after a year."""
    rows: list[tuple[str, ...]] = []
    for name, interval, prefix in (
        ("every 5 minutes, ids of 4 letters", 300, "c"),
        ("every minute, ids of 4 letters", 60, "c"),
        ("every minute, ids of 9 letters", 60, "check-"),
    ):
        files = tree([f"{prefix}{number:03}" for number in range(1, 101)], 365, interval)
        whole = sum(map(len, files.values()))
        summed = sum(len(text) for path, text in files.items() if rollup.is_month_file(path))
        rows.append((name, f"{whole / 1e6:.1f} MB", f"{summed / 1e6:.1f} MB", f"{len(files)}"))
    return rows


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.years", description="Measure what years cost.")
    parser.add_argument("--make", nargs=3, metavar=("FOLDER", "COMPONENTS", "DAYS"), help="only make a site")
    parser.add_argument("--components", type=int, default=100)
    parser.add_argument("--times", type=int, default=5, help="runs that count, after one that does not")
    given = parser.parse_args(arguments)
    if given.make:
        shutil.rmtree(given.make[0], ignore_errors=True)
        write(Path(given.make[0]), int(given.make[1]), int(given.make[2]))
        return
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        rows = builds(Path(folder), given.components, given.times)
    print(f"{given.components} components with a check each, five-minute rounds\n")
    print(measure.table(("history, build", *measure.COLUMNS), rows))
    print("\nThe data branch's tree after a year of 100 checks, with single rounds of the last 8 days:\n")
    print(measure.table(("rounds", "all files", "of them summed days", "files"), sizes()))


if __name__ == "__main__":
    main()
