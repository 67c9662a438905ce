"""Sites to measure on: made up, and the same for everybody.

    python -m benchmarks.sites FOLDER --incidents 1000 --days 90

``write`` makes what people write, ``rounds`` what probes see, ``write_ledger`` puts that on the data branch in one
commit, ``record`` by the way every probe takes. Instants are epoch seconds.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from benchmarks import prose
from statusgen import archive, branches, config, files, git, ledger, periods, probing
from statusgen.model import Round, Sample, Site, Verdict

NOW = periods.parse_instant("2026-11-20 12:00 UTC")
INTERVAL = 300  # seconds between rounds
NEWEST = 10  # seconds from the newest round to now
LOCATION = "default"
SEED = 20_260_101

_HISTORY = 3 * 365 * periods.DAY  # incidents are spread over it
_JITTER = 2  # seconds a round may begin late
_BETWEEN_OUTAGES = 30 * periods.DAY  # of one check, on average
_OUTAGE = (2, 20)  # rounds
_REASONS = ("timeout", "status 503")
_SITE = """\
site: {name: Benchmark Status, url: "https://status.bench.example", id: bench}
feed: {authority: "status.bench.example,2026"}
probing: {interval: 5m}
components:
"""


def write(folder: Path, *, components: int, incidents: int, now: int) -> None:
    """Make a site in a new repository: components with a check each, incidents evenly over three years before now."""
    ids = [f"c{number:03}" for number in range(1, components + 1)]
    rows = [f'  - {{id: {id}, name: Service {id}, check: "https://{id}.bench.example/health"}}\n' for id in ids]
    files.write(folder / config.PATH, (_SITE + "".join(rows)).encode())
    for number in range(incidents):
        started = now - _HISTORY * (incidents - number) // incidents
        path, text = prose.incident(number, ids, started, is_open=number >= incidents - 2)
        files.write(folder / path, text.encode())
    commit_all(folder, now)


def commit_all(folder: Path, at: int) -> None:
    """Make the folder a repository with one commit, dated ``at``."""
    repository = git.Repository(folder)
    dated = {"GIT_AUTHOR_DATE": f"{at} +0000", "GIT_COMMITTER_DATE": f"{at} +0000"}
    repository.run("init", "--quiet")
    repository.run("symbolic-ref", "HEAD", "refs/heads/main")
    repository.run("add", "--all")
    unsigned = ("-c", "commit.gpgSign=false")
    repository.run(*unsigned, "commit", "--quiet", "--no-verify", "--message", "Site to measure on", more=dated)


def site_of(folder: Path) -> Site:
    """Read a site's ``components.yaml``."""
    return config.read(files.read_text(folder, config.PATH))


def rounds(checks: Sequence[str], first: int, last: int, interval: int, seed: int) -> Iterator[Round]:
    """Yield a round per interval from ``first`` up to and without ``last``, each up to two seconds late."""
    chance = random.Random(seed)
    series = [_answers(random.Random(f"{seed} {check}"), interval) for check in checks]
    for start, *answers in zip(range(first, last, interval), *series, strict=False):
        at = start + chance.randint(0, _JITTER)
        samples = (Sample(at, *answer) for answer in answers)
        yield Round(at=at, answers=tuple(zip(checks, samples, strict=True)))


def _answers(chance: random.Random, interval: int) -> Iterator[tuple[Verdict, int | None, str]]:
    """Yield one check's answers for ever: latencies around a level of its own, about one outage a month."""
    level = chance.uniform(20, 400)  # milliseconds
    while True:
        latency = int(level * chance.lognormvariate(0, 0.25))
        if chance.random() > interval / _BETWEEN_OUTAGES:
            yield Verdict.UP, latency, ""
            continue
        reason = chance.choice(_REASONS)
        for _ in range(chance.randint(*_OUTAGE)):
            yield Verdict.DOWN, latency if reason.startswith("status") else None, reason


def history(folder: Path, *, days: int, now: int) -> Iterator[Round]:
    """Yield the rounds of so many days for a site's checks; the newest is ten seconds old at ``now``."""
    checks = [check.id for check in site_of(folder).checks]
    newest = now - NEWEST
    return rounds(checks, newest + INTERVAL - days * periods.DAY, newest + 1, INTERVAL, SEED)


def write_ledger(folder: Path, made: Iterable[Round]) -> None:
    """Put rounds on the data branch, which must not exist yet, in one commit."""
    by_day: dict[str, list[str]] = {}
    at = 0
    for round_ in made:
        by_day.setdefault(ledger.day_path(round_.at), []).append(ledger.encode(round_))
        at = max(at, round_.at)
    site = site_of(folder)
    texts = {path: ledger.append("", lines) for path, lines in by_day.items()}
    texts[branches.OWNER] = f'{{"v": 1, "site": "{site.id}"}}\n'
    repository = git.Repository(folder)
    commit = git.commit_files(repository, "", texts, "Sample history", at)
    repository.run("update-ref", f"refs/heads/{site.branch}/{LOCATION}", commit)


def record(
    folder: Path,
    round_: Round,
    location: str = LOCATION,
    *,
    push: bool = False,
    jitter: Callable[[], float] = lambda: 0.0,
) -> None:
    """Record one round as ``statusgen probe`` does."""
    to = probing.destination(folder, location)
    archive.record(folder, to, round_, push=push, jitter=jitter)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.sites", description="Make a site to measure on.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--components", type=int, default=20)
    parser.add_argument("--incidents", type=int, default=100)
    parser.add_argument("--days", type=int, default=90, help="days of rounds; 0: no ledger")
    given = parser.parse_args(arguments)
    write(given.folder, components=given.components, incidents=given.incidents, now=NOW)
    if given.days:
        write_ledger(given.folder, history(given.folder, days=given.days, now=NOW))
        archive.compact(given.folder, probing.destination(given.folder, LOCATION), NOW, push=False, jitter=lambda: 0.0)


if __name__ == "__main__":
    main()
