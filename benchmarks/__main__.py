"""Run all benchmarks and print a Markdown table for each.

python -m benchmarks [--quick] [--large] [--hugo HUGO --cstate CLONE]
"""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Callable, Sequence

from benchmarks import builds, demo, growth, pages, probing, promises, scaling, writers, years

Script = Callable[[Sequence[str]], None]


def scripts(given: argparse.Namespace) -> dict[str, tuple[Script, list[str]]]:
    """Return every script with its arguments, by the heading of its table."""
    quick = given.quick
    peer = [f"--hugo={given.hugo}", f"--cstate={given.cstate}"] if given.hugo and given.cstate else []
    large = ["--large"] if given.large else []
    return {
        "The demonstration": (demo.main, ["--times=2"] if quick else []),
        "Builds": (builds.main, [*peer, *(["--incidents=100", "--days=7", "--times=2"] if quick else large)]),
        "Years": (years.main, ["--components=10", "--times=2"] if quick else []),
        "Promises": (promises.main, ["--components=5", "--days=40", "--audited=3", "--times=1"] if quick else []),
        "Pages": (pages.main, [*peer, *(["--components", "20"] if quick else [])]),
        "Growth": (growth.main, ["--days=0.25"] if quick else []),
        "Probing": (probing.main, ["--targets=60", "--times=1"] if quick else []),
        "Scaling": (scaling.main, ["--most=10"] if quick else []),
        "Writers": (writers.main, ["--writers=4", "--rounds=5"] if quick else []),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks", description="Run all benchmarks.")
    parser.add_argument("--quick", action="store_true", help="small sizes and few runs: to see that all works")
    builds.add_options(parser)
    given = parser.parse_args()
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} processors")
    for heading, (script, arguments) in scripts(given).items():
        print(f"\n## {heading}\n", flush=True)
        script(arguments)


if __name__ == "__main__":
    main()
