"""What does it cost to report a month, and to audit a year?

    python -m benchmarks.promises

The report's peer is the same report from single rounds, as every program without summed days has to make it. The audit
reads a branch with a commit a round, as probes make it.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks import measure, sites, years
from statusgen import branches, git, ledger, periods

_PERIOD = "2026-10"


def write(folder: Path, components: int, count: int, raw: bool) -> None:
    """Make a site with an SLA a component and so many days of history, summed up or as single rounds."""
    if raw:
        sites.write(folder, components=components, incidents=0, now=sites.NOW)
        last = periods.day_of(sites.NOW)
        checks = [check.id for check in sites.site_of(folder).checks]
        made = sites.rounds(checks, last - count * periods.DAY, sites.NOW, sites.INTERVAL, sites.SEED)
        texts: dict[str, str | None] = {branches.OWNER: '{"v": 1, "site": "bench"}\n'}
        for round_ in made:
            path = ledger.day_path(round_.at)
            texts[path] = (texts.get(path) or "") + f"{ledger.encode(round_)}\n"
        repository = git.Repository(folder)
        commit = git.commit_files(repository, "", texts, "Sample history", sites.NOW)
        repository.run("update-ref", f"refs/heads/status-data/{sites.LOCATION}", commit)
    else:
        years.write(folder, components, count)
    with (folder / "components.yaml").open("a") as file:
        file.write("sla:\n")
        file.writelines(
            f"  - {{id: sla-{i}, component: c{i:03}, target: 99.9, period: month, zone: Europe/Berlin}}\n"
            for i in range(1, components + 1)
        )
    sites.commit_all(folder, sites.NOW)


def write_commits(folder: Path, count: int) -> None:
    """Make a site with ten components, and a ledger branch with a commit for each round of so many days."""
    sites.write(folder, components=10, incidents=0, now=sites.NOW)
    checks = [check.id for check in sites.site_of(folder).checks]
    last = periods.day_of(sites.NOW)
    made = sites.rounds(checks, last - count * periods.DAY, sites.NOW, sites.INTERVAL, sites.SEED)
    ref = f"refs/heads/status-data/{sites.LOCATION}"
    with subprocess.Popen(["git", "fast-import", "--quiet"], cwd=folder, stdin=subprocess.PIPE) as importer:
        assert importer.stdin is not None
        texts: dict[str, str] = {}
        for round_ in made:
            path = ledger.day_path(round_.at)
            texts = {path: texts.get(path, "") + f"{ledger.encode(round_)}\n"}
            content = texts[path].encode()
            head = f"commit {ref}\ncommitter bench <bench@localhost> {round_.at} +0000\ndata 5\nProbe\n"
            importer.stdin.write(head.encode() + f"M 100644 inline {path}\ndata {len(content)}\n".encode() + content)
        owner = b'{"v": 1, "site": "bench"}\n'
        importer.stdin.write(
            f"commit {ref}\ncommitter bench <bench@localhost> {round_.at} +0000\ndata 5\nOwner\n".encode()
        )
        importer.stdin.write(f"M 100644 inline {branches.OWNER}\ndata {len(owner)}\n".encode() + owner)


def _report(folder: Path) -> list[str]:
    now = periods.iso(sites.NOW)
    return [sys.executable, "-m", "statusgen", "report", f"--site={folder}", f"--now={now}", f"--period={_PERIOD}"]


def rows(folder: Path, components: int, days: int, audited: int, times: int) -> Iterator[tuple[str, ...]]:
    """Yield a row for each way to make the report, then one for the audit."""
    made = {"report from summed days": folder / "summed", "report from single rounds": folder / "raw"}
    for place in made.values():
        arguments = ["--make", str(place), str(components), str(days)]
        measure.run([sys.executable, "-m", "benchmarks.promises", *arguments])
    cases: dict[str, measure.Case] = {name: lambda place=place: _report(place) for name, place in made.items()}  # type: ignore[misc]
    for name, runs in measure.in_turns(cases, times, once=["report from single rounds"]).items():
        yield f"{name}, {days} days of {components} checks", *measure.cells(runs)
    place = folder / "commits"
    measure.run([sys.executable, "-m", "benchmarks.promises", "--make", str(place), "10", str(audited)])
    measure.run([sys.executable, "-m", "statusgen", "build", f"--site={place}", f"--now={periods.iso(sites.NOW)}"])
    run = measure.run([sys.executable, "-m", "statusgen", "verify", f"--site={place}"])
    yield f"verify, {audited * 288} commits of 10 checks", *measure.cells([run])


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.promises", description="Measure reports and audits.")
    parser.add_argument("--make", nargs=3, metavar=("FOLDER", "COMPONENTS", "DAYS"), help="only make a site")
    parser.add_argument("--components", type=int, default=100)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--audited", type=int, default=365, help="days of the audited ledger")
    parser.add_argument("--times", type=int, default=5, help="runs that count, after one that does not")
    given = parser.parse_args(arguments)
    if given.make:
        folder = Path(given.make[0])
        shutil.rmtree(folder, ignore_errors=True)
        if folder.name == "commits":
            write_commits(folder, int(given.make[2]))
        else:
            write(folder, int(given.make[1]), int(given.make[2]), raw=folder.name == "raw")
        return
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder_:
        made = list(rows(Path(folder_), given.components, given.days, given.audited, given.times))
    print(measure.table(("what", *measure.COLUMNS), made))


if __name__ == "__main__":
    main()
