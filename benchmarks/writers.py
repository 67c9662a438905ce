"""Do rounds get lost when many probes push at once, and how long do they wait for each other?

    python -m benchmarks.writers --writers 8 --rounds 50

Every writer is a process with a clone of its own; all push to one bare repository without a pause, first to a branch
each, then to the same one. Refused pushes are counted from outside: git writes a trace of the commands it runs.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import measure, sites
from statusgen.errors import WorldError
from statusgen.git import Repository

_CHECKS = 20
_PUSH = "built-in: git push "


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """What one process does. Rounds of different writers begin at different seconds."""

    number: int
    clone: Path
    trace: Path
    location: str
    rounds: int


def work(writer: Writer) -> int:
    """Record and push all rounds without a pause; return how many calls ended with their round still waiting."""
    os.environ["GIT_TRACE"] = str(writer.trace)
    site = sites.site_of(writer.clone)
    checks = [check.id for check in site.checks]
    first = sites.NOW + writer.number * 10
    last = first + writer.rounds * sites.INTERVAL
    jitter = random.Random(writer.number).random
    waiting = 0
    for round_ in sites.rounds(checks, first, last, sites.INTERVAL, seed=writer.number):
        try:
            sites.record(writer.clone, round_, writer.location, push=True, jitter=jitter)
        except WorldError:
            waiting += 1
    return waiting


def run(folder: Path, locations: Sequence[str], rounds: int) -> tuple[str, ...]:
    """Let a writer per location push; return the table's row. Naming a location twice lets two share it."""
    sites.write(folder / "site", components=_CHECKS, incidents=0, now=sites.NOW)
    here = Repository(folder)
    here.run("clone", "--quiet", "--bare", "site", "remote.git")
    jobs = []
    for number, location in enumerate(locations):
        here.run("clone", "--quiet", "remote.git", f"clone{number}")
        paths = {"clone": folder / f"clone{number}", "trace": folder / f"trace{number}"}
        jobs.append(Writer(number=number, location=location, rounds=rounds, **paths))
    started = time.monotonic()
    with multiprocessing.get_context("spawn").Pool(len(jobs)) as pool:
        waiting = sum(pool.map(work, jobs, chunksize=1))
    wall = time.monotonic() - started
    pushes = sum(job.trace.read_text("utf-8").count(_PUSH) for job in jobs)
    accepted, copies = arrived(Repository(folder / "remote.git"))
    total = rounds * len(jobs)
    once = sum(1 for count in copies.values() if count == 1)
    left = sum(len(list(job.clone.glob(".git/statusgen/queue/**/*.jsonl"))) for job in jobs)
    several = sum(1 for count in copies.values() if count > 1)
    seconds = (f"{wall:.1f}", f"{wall / total * 1_000:.0f}")
    return (*seconds, f"{once} of {total}", str(several), str(left), str(pushes - accepted), str(waiting))


def arrived(remote: Repository) -> tuple[int, Counter[str]]:
    """Return how many pushes the remote accepted, one commit each, and how often it holds each round's instant."""
    commits = 0
    instants: Counter[str] = Counter()
    for branch in remote.run("for-each-ref", "--format=%(refname)", "refs/heads/status-data/").decode().split():
        commits += int(remote.run("rev-list", "--count", branch))
        lines = remote.run("grep", "-h", "", branch, "--", "samples").decode().splitlines()
        instants.update(json.loads(line)["at"] for line in lines)
    return commits, instants


COLUMNS = (
    "wall s",
    "ms per round",
    "rounds there once",
    "more than once",
    "still queued",
    "pushes refused",
    "calls that gave up",
)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.writers", description="Let many probes push at once.")
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=50, help="per writer")
    given = parser.parse_args(arguments)
    own = [f"place{number}" for number in range(given.writers)]
    found = []
    for name, locations in (("a branch each", own), ("one branch for all", ["default"] * given.writers)):
        with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
            found.append((name, *run(Path(folder), locations, given.rounds)))
    print(f"{given.writers} writers, {given.rounds} rounds each, without a pause\n")
    print(measure.table(("they push to", *COLUMNS), found))


if __name__ == "__main__":
    main()
