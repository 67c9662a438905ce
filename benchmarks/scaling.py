"""How far does one runner go: commits, bytes, seconds and letters of a line, by checks and how often they are asked.

    python -m benchmarks.scaling

Days of rounds go through the program's own watch into a real repository, in a clock that does not wait; only the
answers are made up. What a round would take at the worst is reckoned, not waited for.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import growth, measure, sites
from statusgen import archive, branches, delivery, git, ledger, periods, probing, reasons
from statusgen.git import Repository
from statusgen.model import Details, Probing, Round, Sample, Verdict
from statusgen.prober import Prober
from statusgen.probes import asking, rounds
from statusgen.probes.asking import Answer
from statusgen.probes.rounds import Taken
from statusgen.watching import Watch

START = periods.day_of(sites.NOW) - 2 * periods.DAY
RUN = 50 * periods.MINUTE  # as the shipped workflow does
COMMIT_EVERY = 10 * periods.MINUTE
SIMULATED = ((10, 60, 0.5), (100, 60, 0.5), (100, 300, 0.5), (1_000, 60, 0.25), (1_000, 300, 0.5))
LAST = ((100, 60), (1_000, 60), (1_000, 300), (4_000, 60), (10_000, 300))
LARGEST_FILE = 100 * 1024 * 1024  # bytes that GitHub takes of one file
BUILT = ((100, 60), (1_000, 300))


@dataclass(kw_only=True)
class Simulated(Prober):
    """A prober of checks that nobody asks: its rounds were made up before."""

    made: Iterator[Round]

    def ask(self, _at: int, _is_over: Callable[[], bool] = rounds.never) -> Taken:
        return Taken(round=with_details(next(self.made), self.interval))

    def reload(self) -> str:
        return ""


@dataclass(kw_only=True)
class Simulation:
    """Runs of watches up to ``end``, in a clock of their own; how many rounds and commits they made."""

    folder: Path
    prober: Prober
    now: int
    end: int
    rounds: int = 0
    commits: int = 0

    def run(self) -> None:
        to = probing.destination(self.folder, sites.LOCATION)
        while self.now < self.end:
            Watch(
                prober=self.prober,
                outbox=archive.Outbox(folder=self.folder, to=to, push=False, jitter=lambda: 0.0),
                clock=lambda: self.now,
                wait=self.wait,
                is_over=lambda: self.now >= self.end,
                lasting=min(RUN, self.end - self.now),
                commit_every=COMMIT_EVERY,
                heard=self.heard,
                sent=self.sent,
                complain=lambda text: print(text, file=sys.stderr),
            ).run()
            self.wait(self.prober.interval)

    def wait(self, seconds: float) -> None:
        self.now += int(seconds)

    def heard(self, _taken: Taken) -> None:
        self.rounds += 1

    def sent(self, _rounds: int, _older: int) -> None:
        self.commits += 1


def with_details(round_: Round, interval: int) -> Round:
    """Return a round with the details that come with every failure and, once an hour, with all."""
    answers = {check: Answer(sample, details_of(sample)) for check, sample in round_.answers}
    return asking.round_of(round_.at, answers, interval)


def details_of(sample: Sample) -> Details:
    """Make up phases of an answer over TLS; one that did not come got as far as a connection."""
    if sample.latency is None:
        return Details(dns=sample.at % 7, connect=sample.at % 41)
    dns, connect, tls = sample.latency // 20, sample.latency // 6, sample.latency // 4
    rest = sample.latency - dns - connect - tls
    return Details(
        dns=dns, connect=connect, tls=tls, first_byte=rest - rest // 9, transfer=rest // 9, certificate_end=START
    )


def identities(count: int) -> list[str]:
    """Return ids of nine letters."""
    return [f"check-{number:03}" for number in range(1, count + 1)]


def simulate(folder: Path, count: int, every: int, span: float) -> Simulation:
    """Watch so many days, run after run, and return what came of it."""
    sites.write(folder, components=1, incidents=0, now=sites.NOW)
    end = START + int(span * periods.DAY)
    made = sites.rounds(identities(count), START, end + periods.DAY, every, sites.SEED)
    prober = Simulated(folder=folder, environment={}, every=every, made=made)
    simulation = Simulation(folder=folder, prober=prober, now=START, end=end)
    simulation.run()
    return simulation


def simulations(folder: Path, cases: Sequence[tuple[int, int, float]]) -> Iterator[tuple[str, ...]]:
    """Yield rows: what days of rounds come to in a repository."""
    for number, (count, every, span) in enumerate(cases):
        started = time.monotonic()
        done = simulate(folder / f"simulated-{number}", count, every, span)
        took = time.monotonic() - started
        Repository(folder / f"simulated-{number}").run("gc", "--quiet", "--prune=now")
        packs = growth.size(folder / f"simulated-{number}/.git/objects")
        yield (
            f"{count:,}",
            periods.duration(every),
            f"{done.rounds / span:,.0f}",
            f"{done.commits / span:,.0f}",
            f"{packs / span / 1e6:.2f} MB",
            f"{packs / (done.rounds * count):.1f}",
            f"{took / done.commits:.2f}",
        )


def last_commits(folder: Path, cases: Sequence[tuple[int, int]]) -> Iterator[tuple[str, ...]]:
    """Yield rows: a day file at the end of its day, and what it takes to add the last ten minutes to it."""
    for number, (count, every) in enumerate(cases):
        place = folder / f"last-{number}"
        sites.write(place, components=1, incidents=0, now=sites.NOW)
        lines = whole_day(count, every)
        newest = max(1, COMMIT_EVERY // every)
        first = "".join(f"{line}\n" for line in lines[:-newest])
        repository = Repository(place)
        to = probing.destination(place, sites.LOCATION)
        texts = {ledger.day_path(START): first, branches.OWNER: f'{{"v": 1, "site": "{to.site}"}}\n'}
        commit = git.commit_files(repository, "", texts, "Sample history", START)
        repository.run("update-ref", to.ref, commit)
        started = time.monotonic()
        delivery.record(repository, to, lines[-newest:])
        took = time.monotonic() - started
        size = len(first) + sum(map(len, lines[-newest:]))
        yield (
            f"{count:,}",
            periods.duration(every),
            f"{len(lines[0]) / 1e3:,.1f} KB",
            f"{size / 1e6:.1f} MB",
            f"{took:.2f}",
        )


def whole_day(count: int, every: int) -> list[str]:
    """Return a day's lines. An hour of answers repeats: its bytes are what counts here."""
    hour = [*sites.rounds(identities(count), START, START + periods.HOUR, every, sites.SEED)]
    texts = [ledger.encode(round_).split(',"checks"', 1)[1] for round_ in hour]
    starts = range(START, START + periods.DAY, every)
    return [f'{{"v":1,"at":"{periods.iso(at)}","checks"{texts[i % len(texts)]}' for i, at in enumerate(starts)]


def longest_lines() -> Iterator[tuple[str, ...]]:
    """Yield rows: for how many checks a line stays below the limit that readers set."""
    details = Details(dns=12, connect=21, tls=40, first_byte=120, transfer=18, certificate_end=START)
    worst = Details(dns=99_999, connect=99_999, tls=99_999, first_byte=99_999, transfer=99_999, certificate_end=START)
    reason = max(reasons.REASONS, key=len)
    up, down = Sample(START, Verdict.UP, 211), Sample(START, Verdict.DEGRADED, 99_999, reason)
    for name, letters, sample, told in (
        ("up, ids of 9 letters", 9, up, None),
        ("up, with the details of once an hour", 9, up, details),
        ("up, with details, ids of 24 letters", 24, up, details),
        ("all degraded at once, with every detail and the longest reason, ids of 80 letters", 80, down, worst),
    ):
        each = answer_of(letters, sample, told)
        yield name, str(each), f"{(ledger.MAX_LINE - len_of(0, letters, sample, told)) // each:,}"


def len_of(count: int, letters: int, sample: Sample, told: Details | None) -> int:
    """Return the letters of a line of so many checks that say the same."""
    checks = [f"{number:0{letters}}" for number in range(count)]
    details = tuple((check, told) for check in checks) if told else ()
    return len(ledger.encode(Round(at=START, answers=tuple((check, sample) for check in checks), details=details)))


def largest_days() -> Iterator[tuple[str, ...]]:
    """Yield rows: for how many checks a day's file stays below what GitHub takes of one file."""
    told = Details(dns=12, connect=21, tls=40, first_byte=120, transfer=18, certificate_end=START)
    up, wrong = Sample(START, Verdict.UP, 211), Sample(START, Verdict.DOWN, 211, "status 503")
    silent = Sample(START, Verdict.DOWN, None, "timeout")
    for every in (60, 300):
        daily = periods.DAY // every
        for name, sample, details in (
            ("all are up", up, told),
            ("none answers, all day long", silent, Details(dns=12, connect=21)),
            ("all answer wrongly, all day long", wrong, told),
        ):
            bare = answer_of(9, sample, None)
            more = answer_of(9, sample, details) - bare
            size = daily * bare + 24 * more  # once an hour all tell how
            always = 0 if sample is up else (daily - 24) * more * asking.MOST_DETAILED
            yield periods.duration(every), name, f"{size / 1e3:.1f} KB", f"{(LARGEST_FILE - always) // size:,}"


def answer_of(letters: int, sample: Sample, told: Details | None) -> int:
    """Return the letters of one check's answer in a line."""
    return len_of(2, letters, sample, told) - len_of(1, letters, sample, told)


def budgets(folder: Path) -> Iterator[tuple[str, ...]]:
    """Yield rows: what a round may take at the worst, with the timeouts that are the default."""
    sites.write(folder / "budget", components=1, incidents=0, now=sites.NOW)
    (check,) = sites.site_of(folder / "budget").checks
    defaults = Probing()
    for count in (10, 100, 1_000, 2_000, 10_000):
        yield f"{count:,}", f"{rounds.budget([check] * count, defaults):.0f} s"


def builds(folder: Path, cases: Sequence[tuple[int, int]]) -> Iterator[tuple[str, ...]]:
    """Yield rows: building a page from two days of rounds, from nothing."""
    for number, (count, every) in enumerate(cases):
        place = folder / f"built-{number}"
        sites.write(place, components=count, incidents=0, now=sites.NOW)
        checks = [check.id for check in sites.site_of(place).checks]
        sites.write_ledger(place, sites.rounds(checks, START + periods.DAY, sites.NOW, every, sites.SEED))
        archive.compact(place, probing.destination(place, sites.LOCATION), sites.NOW, push=False, jitter=lambda: 0.0)
        command = [sys.executable, "-m", "statusgen", "build", "--site", str(place), "--now", periods.iso(sites.NOW)]
        run = measure.run(command)
        yield f"{count:,}", periods.duration(every), f"{run.wall:.1f}", f"{run.cpu:.1f}"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.scaling", description="Measure how far one runner goes.")
    parser.add_argument("--most", type=int, default=10_000, help="leave out what has more checks")
    most = parser.parse_args(arguments).most
    print("Rounds through the watch into a repository: runs of 50 minutes, commits every 10 and at once for news\n")
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name)
        columns = (
            "checks",
            "every",
            "rounds a day",
            "commits a day",
            "after `git gc`, a day",
            "bytes an answer",
            "s a commit, all told",
        )
        print(measure.table(columns, simulations(folder, [case for case in SIMULATED if case[0] <= most])))
        print("\nThe last commit of a day, of ten minutes:\n", flush=True)
        columns = ("checks", "every", "a line", "the day's file", "s a commit")
        print(measure.table(columns, last_commits(folder, [case for case in LAST if case[0] <= most])))
        print("\nBuilds from nothing, of a day and a half of rounds:\n", flush=True)
        columns = ("checks, a component each", "every", "wall s", "CPU s")
        print(measure.table(columns, builds(folder, [case for case in BUILT if case[0] <= most])))
        print("\nThe longest round there can be (`rounds.budget`), with the default timeouts:\n")
        print(measure.table(("checks", "at the worst"), budgets(folder)))
    print(f"\nOf a line, of which readers take {ledger.MAX_LINE:,} letters:\n")
    print(measure.table(("answers", "letters each", "checks at most"), longest_lines()))
    print("\nOf a day's file, of which GitHub takes 100 MB (ids of 9 letters):\n")
    print(measure.table(("every", "a day on which", "a check's share", "checks at most"), largest_days()))


if __name__ == "__main__":
    main()
