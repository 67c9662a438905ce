"""How long do ``--help`` and a build of the demonstration take? Prints CPU and wall seconds of whole processes.

    python benchmarks/build_demo.py [RUNS]

Makes the demonstration in a temporary folder first. The figures go to ``docs/benchmarks.md``.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def measure(arguments: list[str]) -> tuple[float, float]:
    """Run statusgen once; return CPU and wall seconds of the process and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.monotonic()
    subprocess.run([sys.executable, "-m", "statusgen", *arguments], check=True, capture_output=True)
    wall = time.monotonic() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


def report(name: str, arguments: list[str], runs: int) -> None:
    measure(arguments)
    cpu, wall = zip(*(measure(arguments) for _ in range(runs)), strict=True)
    spread = f"{min(wall):.2f}–{max(wall):.2f}"
    print(f"| {name} | {statistics.median(cpu):.2f} | {statistics.median(wall):.2f} | {spread} |")


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "demo"
        cpu, wall = measure(["demo", str(site)])
        print("| what | CPU s | wall s | wall min–max |\n|---|---|---|---|")
        print(f"| `demo` (once) | {cpu:.2f} | {wall:.2f} | |")
        report("`--help`", ["--help"], runs)
        report("`build` of the demonstration", ["build", "--site", str(site)], runs)
        report("`check` of the demonstration", ["check", "--site", str(site)], runs)


if __name__ == "__main__":
    main()
