"""How long do ``--help``, the demonstration, and a build and a check of it take?

python -m benchmarks.demo --times 9
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks import measure


def rows(folder: Path, times: int) -> list[tuple[str, ...]]:
    """Make the demonstration and return the table's rows."""
    site = folder / "demo"
    program = [sys.executable, "-m", "statusgen"]
    made = measure.run([*program, "demo", str(site)])
    cases: dict[str, measure.Case] = {
        "`--help`": lambda: [*program, "--help"],
        "`build` of the demonstration": lambda: [*program, "build", "--site", str(site)],
        "`check` of the demonstration": lambda: [*program, "check", "--site", str(site)],
    }
    runs = {"`demo`": [made]} | measure.in_turns(cases, times)
    return [(name, *measure.cells(each)) for name, each in runs.items()]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.demo", description="Time the demonstration.")
    parser.add_argument("--times", type=int, default=9, help="runs that count, after one that does not")
    times = parser.parse_args(arguments).times
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        print(measure.table(("command", *measure.COLUMNS), rows(Path(folder), times)))


if __name__ == "__main__":
    main()
