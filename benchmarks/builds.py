"""How long does a build take, by number of incidents, and how long does the peer's?

    python -m benchmarks.builds --incidents 100 --incidents 1000 [--hugo HUGO --cstate CLONE]

Ours renders 90 days of five-minute rounds of 20 checks besides, which the peer does not know.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import measure, peer, sites
from statusgen import git, periods

SIZES = (100, 1_000)
LARGE = (5_000, 10_000)
_SQUARE_ONCE, _SQUARE_NEVER = 1_000, 5_000  # incidents: above, the peer as shipped is run once, or not at all


@dataclass(slots=True)
class Ours:
    """A site of ours, built into one folder again and again while its clock goes on."""

    folder: Path
    out: Path
    now: int = sites.NOW

    def cold(self) -> Sequence[str]:
        """Nothing there from an earlier build."""
        shutil.rmtree(self.out, ignore_errors=True)
        for left in git.private_folder(git.Repository(self.folder)).glob("cache*"):
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        return self.same()

    def probed(self) -> Sequence[str]:
        """An interval later, one round more."""
        self.now += sites.INTERVAL
        site = sites.site_of(self.folder)
        at = self.now - sites.NEWEST
        (round_,) = sites.rounds([check.id for check in site.checks], at, at + 1, sites.INTERVAL, seed=at)
        sites.record(self.folder, round_)
        return self.same()

    def later(self) -> Sequence[str]:
        """An interval later, no round more."""
        self.now += sites.INTERVAL
        return self.same()

    def same(self) -> Sequence[str]:
        """Build at the same instant."""
        paths = ("--site", str(self.folder), "--out", str(self.out))
        return [sys.executable, "-m", "statusgen", "build", *paths, "--now", periods.iso(self.now)]


@dataclass(frozen=True, slots=True)
class Peer:
    """A site of the peer's, always built from nothing: Hugo has no other way."""

    hugo: Path
    folder: Path
    out: Path

    def cold(self) -> Sequence[str]:
        shutil.rmtree(self.out, ignore_errors=True)
        return peer.command(self.hugo, self.folder, self.out)


SHIPPED = "cState as shipped, cold"
REPAIRED = "cState repaired, cold"


def compare(folder: Path, incidents: int, given: argparse.Namespace) -> list[tuple[str, ...]]:
    """Return the table's rows for so many incidents; sites are made in ``folder``."""
    ours = Ours(folder / "ours", folder / "ours-out")
    numbers = {"--incidents": incidents, "--components": given.components, "--days": given.days}
    options = [word for option, number in numbers.items() for word in (option, str(number))]
    _make("sites", str(ours.folder), *options)
    cases: dict[str, measure.Case] = {"cold": ours.cold}
    cases |= _peers(folder, ours.folder, incidents, given)
    cases |= {"nothing changed": ours.same, "after one round": ours.probed, "300 s later, no round": ours.later}
    once = [SHIPPED] if incidents > _SQUARE_ONCE else []
    runs = measure.in_turns(cases, given.times, once)
    return [(f"{incidents:,}", name, *measure.cells(each)) for name, each in runs.items()]


def _make(script: str, *arguments: str) -> None:
    """Run a script that makes a site as a process of its own: the one that measures must stay small."""
    measure.run([sys.executable, "-m", f"benchmarks.{script}", *arguments])


def _peers(folder: Path, ours: Path, incidents: int, given: argparse.Namespace) -> dict[str, measure.Case]:
    if not (given.hugo and given.cstate):
        return {}
    cases: dict[str, measure.Case] = {}
    for name, place in ((SHIPPED, "shipped"), (REPAIRED, "repaired")):
        if name == SHIPPED and incidents > _SQUARE_NEVER:
            continue
        repaired = ["--repaired"] if name == REPAIRED else []
        _make("peer", str(folder / place), str(ours), str(given.cstate), *repaired)
        cases[name] = Peer(given.hugo, folder / place, folder / f"{place}-out").cold
    return cases


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what ``python -m benchmarks`` passes on."""
    parser.add_argument("--large", action="store_true", help="5,000 and 10,000 incidents too")
    parser.add_argument("--hugo", type=Path, help="Hugo's binary, for the peer's rows")
    parser.add_argument("--cstate", type=Path, help="clone of cState's example site, for the peer's rows")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.builds", description="Time builds.")
    add_options(parser)
    parser.add_argument("--incidents", type=int, action="append", help="how many; may be given several times")
    parser.add_argument("--components", type=int, default=20)
    parser.add_argument("--days", type=int, default=90, help="days of rounds; 0: no ledger")
    parser.add_argument("--times", type=int, default=5, help="runs that count, after one that does not")
    given = parser.parse_args(arguments)
    rows = []
    for incidents in given.incidents or (*SIZES, *(LARGE if given.large else ())):
        with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
            rows += compare(Path(folder), incidents, given)
    print(f"{given.components} components with a check each, {given.days} days of five-minute rounds\n")
    print(measure.table(("incidents", "build", *measure.COLUMNS), rows))
    if not (given.hugo and given.cstate):
        print("\nThe peer was left out: it needs --hugo and --cstate.")


if __name__ == "__main__":
    main()
