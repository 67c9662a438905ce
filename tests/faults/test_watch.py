"""Watches that are ended or killed at any instant, whose remote goes away, whose site is broken and mended.

Fifty of them run, ten at a time, each for some seconds with a round every second. Half are asked to end, half are
killed, at instants made at random from a seed.
"""

from __future__ import annotations

import contextlib
import json
import random
import re
import shutil
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import pytest

from statusgen import audit, git, ledger, periods
from statusgen.archive import Outbox
from statusgen.branches import Destination
from statusgen.errors import WorldError
from statusgen.model import Round, Sample, Verdict
from tests.probes.servers import answering, response
from tests.program import Done
from tests.sites import eventually, run_git, write

from .watches import Run, at_once, ended, watching_at

WATCHES, AT_ONCE = 50, 10
EVERY, COMMIT_EVERY = 1, 2  # seconds
BRANCH = "status-data/default"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a watch is like and what befalls it, made from its number."""

    number: int

    @property
    def signal(self) -> signal.Signals:
        return (signal.SIGTERM, signal.SIGKILL)[self.number % 2]

    @property
    def pushes(self) -> bool:
        return self.number // 2 % 2 == 0

    @property
    def flaps(self) -> bool:
        """Whether what it asks is now up and now down, so that it commits in every round."""
        return self.number // 4 % 2 == 0

    @property
    def loses_its_disk(self) -> bool:
        return self.signal is signal.SIGKILL and self.pushes and self.number % 3 == 0

    @property
    def instant(self) -> tuple[int, float]:
        """When it gets the signal: so many seconds after it has told of so many rounds."""
        chance = random.Random(self.number)
        return chance.randrange(4), chance.uniform(0.0, 1.2)

    @property
    def arguments(self) -> tuple[str, ...]:
        pushing = ("--push",) if self.pushes else ()
        return ("probe", "--watch", "20s", "--every", f"{EVERY}s", "--commit-every", f"{COMMIT_EVERY}s", *pushing)


@dataclass(frozen=True, slots=True)
class World:
    """A folder that holds ``site`` and ``remote.git``, which is its remote if it has one."""

    folder: Path

    @property
    def site(self) -> Path:
        return self.folder / "site"

    @property
    def remote(self) -> Path:
        return self.folder / "remote.git"

    @property
    def ledger(self) -> Path:
        """The repository whose branch counts."""
        return self.remote if self.remote.exists() else self.site

    @property
    def waiting(self) -> list[Path]:
        """The rounds of the queue that came to be there whole."""
        found = (self.site / ".git/statusgen/queue").rglob("*.jsonl")
        return sorted(path for path in found if ".statusgen-" not in str(path))


def components(**targets: object) -> str:
    checks = [
        {"id": id, **(target if isinstance(target, dict) else {"http": target})} for id, target in targets.items()
    ]
    site = {
        "site": {"name": "Acme", "url": "https://status.acme.example", "id": "acme"},
        "probing": {"timeout": "2s", "reprobe": [], "preflight": "none"},
        "components": [{"id": "api", "name": "API", "checks": checks}],
    }
    return json.dumps(site, indent=1)


def made(folder: Path, pushes: bool, **targets: object) -> World:
    world = World(folder)
    write(world.site, **{"components.yaml": components(**targets)})
    run_git(world.site, "init", "--quiet", "--initial-branch=main")
    if pushes:
        run_git(folder, "init", "--quiet", "--bare", "remote.git")
        run_git(world.site, "remote", "add", "origin", "../remote.git")
    return world


def rounds_of(world: World) -> list[Round]:
    """Return the rounds of the ledger as they lie there; nothing else may."""
    repository = git.Repository(world.ledger)
    tip = git.tip(repository, f"refs/heads/{BRANCH}")
    texts = git.read_files(repository, tip, ledger.is_day_file) if tip else {}
    lines = [line for _, text in sorted(texts.items()) for line in text.splitlines()]
    found = [ledger.decode_line(line) for line in lines]
    rounds = [each for each in found if isinstance(each, Round)]
    assert len(rounds) == len(lines), found
    return rounds


def times(rounds: list[Round]) -> list[str]:
    """Return the times of day of rounds, as the program prints them; each may be there but once."""
    found = [periods.iso(round_.at)[11:] for round_ in rounds]
    assert len(set(found)) == len(found)
    return found


def printed(run: Done) -> list[str]:
    return re.findall(r"^(\d\d:\d\d:\d\dZ) ", run.out, re.MULTILINE)


def is_sound(world: World) -> None:
    """Look at what git says of the repositories, and what an audit says of the ledger."""
    for folder in (world.site, world.remote):
        if folder.exists():
            assert "error" not in run_git(folder, "fsck", "--strict", "--no-dangling")
    repository = git.Repository(world.ledger)
    if tip := git.tip(repository, f"refs/heads/{BRANCH}"):
        assert audit.audit(repository, BRANCH, tip).findings == ()


@pytest.fixture(scope="module")
def befallen(tmp_path_factory: pytest.TempPathFactory, _own_git: None) -> list[tuple[World, Done]]:
    """Every watch, when its signal has ended it."""
    place = tmp_path_factory.mktemp("watches")
    with socket.create_server(("127.0.0.1", 0), backlog=1_000) as steady, answering(turning()) as turns:
        targets = {False: {"tcp": f"127.0.0.1:{steady.getsockname()[1]}"}, True: turns.url()}
        plans = [Plan(number) for number in range(WATCHES)]
        worlds = [made(place / str(plan.number), plan.pushes, api=targets[plan.flaps]) for plan in plans]
        told = [Run(p.arguments, w.site, p.signal, *p.instant) for p, w in zip(plans, worlds, strict=True)]
        found = [run for first in range(0, WATCHES, AT_ONCE) for run in at_once(*told[first : first + AT_ONCE])]
    return list(zip(worlds, found, strict=True))


def turning() -> Callable[[bytes], bytes]:
    """Answer well and badly by turns."""
    chance = random.Random(1)
    return lambda _: response(chance.choice((200, 503)))


ALL = [Plan(number) for number in range(WATCHES)]


@pytest.mark.parametrize("plan", [plan for plan in ALL if plan.signal is signal.SIGTERM], ids=str)
def test_a_watch_that_is_asked_to_end_has_recorded_all_that_it_knows(
    plan: Plan, befallen: list[tuple[World, Done]]
) -> None:
    world, run = befallen[plan.number]
    assert "Traceback" not in run.err
    if not run.out:  # it had not begun: until then a signal ends it as any other program
        assert run.code == 0 or run.is_killed, run.err
    else:
        assert run.code == 0, run.err
    assert times(rounds_of(world)) == printed(run)
    assert world.waiting == []
    is_sound(world)


@pytest.mark.parametrize(
    "plan", [plan for plan in ALL if plan.signal is signal.SIGKILL and not plan.loses_its_disk], ids=str
)
def test_of_a_watch_that_is_killed_the_next_run_delivers_what_lies_on_the_disk(
    plan: Plan, befallen: list[tuple[World, Done]]
) -> None:
    world, run = befallen[plan.number]
    assert run.code == -signal.SIGKILL
    assert "Traceback" not in run.err
    committed = set(times(rounds_of(world)))
    queued = {text["at"][11:] for text in map(json.loads, (path.read_text() for path in world.waiting))}
    on_disk = committed | queued
    assert set(printed(run)) <= on_disk  # what was told is safe
    assert len(on_disk - set(printed(run))) <= 1  # and what was not is the round in flight
    (after,) = at_once(Run(("probe", *(["--push"] if plan.pushes else [])), world.site))
    assert after.code == 0, after.err
    rounds = rounds_of(world)
    assert len(on_disk & set(times(rounds))) == len(on_disk)
    assert len(rounds) == len(on_disk) + 1
    assert {time for time, round_ in zip(times(rounds), rounds, strict=True) if round_.late} == on_disk - committed
    assert {round_.late for round_ in rounds} <= {"", "queued"}
    assert world.waiting == []
    is_sound(world)


@pytest.mark.parametrize("plan", [plan for plan in ALL if plan.loses_its_disk], ids=str)
def test_of_a_watch_that_is_killed_and_whose_disk_is_lost_no_more_is_missing_than_is_committed_together(
    plan: Plan, befallen: list[tuple[World, Done]]
) -> None:
    world, run = befallen[plan.number]
    assert run.code == -signal.SIGKILL
    shutil.rmtree(world.site)
    kept = times(rounds_of(world))
    told = printed(run)
    missing = [time for time in told if time not in kept]
    assert len(missing) <= COMMIT_EVERY // EVERY
    assert told == kept + missing or set(kept) - set(told)  # those that are missing are the last
    is_sound(world)


def test_the_instants_are_spread_over_all_that_a_watch_does(befallen: list[tuple[World, Done]]) -> None:
    counts = {len(printed(run)) for _, run in befallen}
    assert counts >= {0, 1, 2, 3}


# When it commits.


def in_turn(*statuses: int) -> Callable[[bytes], bytes]:
    """Answer with one status after the other, and then with the last."""
    left = list(statuses)
    return lambda _: response(left.pop(0) if len(left) > 1 else left[0])


def commits(world: World) -> list[int]:
    """Return how many rounds came with each commit."""
    found = run_git(world.ledger, "log", "--reverse", "--numstat", "--format=", BRANCH, "--", "samples").split("\n")
    return [int(line.split("\t")[0]) for line in found if line]


WELL, BAD = 200, 503


def test_what_changes_is_committed_at_once_until_it_is_confirmed_and_the_rest_together(tmp_path: Path) -> None:
    """Rounds: well, well, well, bad, bad, bad, bad, well, well, well. An outage is one with its second bad round."""
    with answering(in_turn(WELL, WELL, WELL, BAD, BAD, BAD, BAD, WELL, WELL, WELL)) as server:
        world = made(tmp_path, False, api=server.url())
        with watching_at(world.site, "--watch", "60s", "--every", "1s", "--commit-every", "50s") as process:
            assert eventually(lambda: len(server.requests) >= 10)
            assert eventually(lambda: len(told(world)) >= 10)
            run = ended(process, world.site)
    assert run.code == 0, run.err
    #      first  news               confirmed  news               confirmed  the rest, as it ends
    assert commits(world)[:5] == [1, 3, 1, 3, 1]
    assert sum(commits(world)) == len(printed(run))
    assert len(commits(world)) == 6


def told(world: World) -> list[str]:
    return (world.folder / "said").read_text().splitlines()


def complaints(world: World) -> str:
    return (world.folder / "complaints").read_text()


def test_going_offline_and_coming_back_is_committed_at_once(tmp_path: Path) -> None:
    control = socket.create_server(("127.0.0.1", 0), backlog=1_000)
    where = control.getsockname()
    with answering(response()) as server:
        world = made(tmp_path, False, api=server.url())
        rare = {"http": server.url(), "interval": "1h"}
        text = components(api=server.url(), rare=rare).replace('"none"', f'"127.0.0.1:{where[1]}"')
        write(world.site, **{"components.yaml": text})
        with watching_at(world.site, "--watch", "60s", "--every", "1s", "--commit-every", "50s") as process:
            assert eventually(lambda: commits_so_far(world) == 1)
            control.close()
            assert eventually(lambda: commits_so_far(world) == 2)
            with socket.create_server(where, backlog=1_000):
                assert eventually(lambda: commits_so_far(world) == 3)
                run = ended(process, world.site)
    assert run.code == 0, run.err
    found = [round_.prober_error or tuple(dict(round_.answers)) for round_ in rounds_of(world)]
    assert [each for each, _ in groupby(found)] in (
        [("api", "rare"), "offline", ("api", "rare")],  # of what is asked rarely nothing is known either, after a gap
        [("api", "rare"), ("api",), "offline", ("api", "rare")],
        [("api", "rare"), "offline", ("api", "rare"), ("api",)],
        [("api", "rare"), ("api",), "offline", ("api", "rare"), ("api",)],
    )


def commits_so_far(world: World) -> int:
    repository = git.Repository(world.ledger)
    tip = git.tip(repository, f"refs/heads/{BRANCH}")
    return int(run_git(world.ledger, "rev-list", "--count", tip)) if tip else 0


# What a watch survives.


def test_while_the_remote_is_away_rounds_wait_and_the_watch_goes_on(tmp_path: Path) -> None:
    with answering(response()) as server:
        world = made(tmp_path, True, api=server.url())
        with watching_at(world.site, "--watch", "60s", "--every", "1s", "--commit-every", "1s", "--push") as process:
            assert eventually(lambda: "recorded 1 round" in complaints(world))
            away = world.remote.rename(tmp_path / "away.git")
            assert eventually(lambda: len(world.waiting) >= 3)
            assert complaints(world).count("cannot push") >= 2
            away.rename(world.remote)
            assert eventually(lambda: world.waiting == [])
            run = ended(process, world.site)
    assert run.code == 0, run.err
    assert times(rounds_of(world)) == printed(run)
    assert {round_.late for round_ in rounds_of(world)} == {""}
    is_sound(world)


def test_a_round_waits_once_however_often_it_was_tried_to_send_it(tmp_path: Path) -> None:
    world = made(tmp_path, True, api="http://127.0.0.1:9/")
    away = world.remote.rename(tmp_path / "away.git")
    to = Destination(prefix="status-data", location="default", site="acme")
    outbox = Outbox(folder=world.site, to=to, push=True, jitter=lambda: 0.0)
    start = periods.parse_instant("2026-11-20T10:00Z")
    for count in range(1, 7):  # longer than rounds may wait without being late
        at = start + count * 10 * periods.MINUTE
        outbox.put(Round(at=at, answers=(("api", Sample(at, Verdict.UP, 20)),)))
        with pytest.raises(WorldError, match=rf"{count} rounds? waits? in"):
            outbox.send()
        assert len(world.waiting) == count
    away.rename(world.remote)
    assert (outbox.send(), world.waiting) == (0, [])
    assert [round_.late for round_ in rounds_of(world)] == ["queued"] * 4 + [""] * 2
    is_sound(world)


def test_a_watch_that_ends_while_the_remote_is_away_says_so_and_the_next_run_delivers(tmp_path: Path) -> None:
    with answering(response()) as server:
        world = made(tmp_path, True, api=server.url())
        away = world.remote.rename(tmp_path / "away.git")
        with watching_at(world.site, "--watch", "60s", "--every", "1s", "--push") as process:
            assert eventually(lambda: len(told(world)) >= 2)
            run = ended(process, world.site)
        assert run.code == 3
        assert f"{len(printed(run))} rounds wait in" in run.err.splitlines()[-1]
        away.rename(world.remote)
        assert eventually(lambda: periods.iso(int(time.time()))[11:] > printed(run)[-1])  # a round a second
        (after,) = at_once(Run(("probe", "--push"), world.site))
    assert after.code == 0, after.err
    rounds = rounds_of(world)
    assert times(rounds)[:-1] == printed(run)
    assert [round_.late for round_ in rounds] == ["queued"] * (len(rounds) - 1) + [""]
    is_sound(world)


def test_a_watch_follows_its_site_and_survives_that_it_is_broken(tmp_path: Path) -> None:
    with answering(response()) as server, contextlib.ExitStack() as stack:
        world = made(tmp_path, False, api=server.url())
        process = stack.enter_context(watching_at(world.site, "--watch", "60s", "--every", "1s"))
        assert eventually(lambda: len(told(world)) >= 1)
        write(world.site, **{"components.yaml": "site: {name: ["})
        assert eventually(lambda: "components.yaml was not read again" in complaints(world))
        count = len(told(world))
        assert eventually(lambda: len(told(world)) >= count + 2)
        write(world.site, **{"components.yaml": components(api=server.url(), web=server.url("/web"))})
        assert eventually(lambda: "2 up" in told(world)[-1])
        write(world.site, **{"components.yaml": components(web=server.url("/web"))})
        assert eventually(lambda: "1 up" in told(world)[-1])
        run = ended(process, world.site)
    assert run.code == 0, run.err
    assert "Traceback" not in run.err
    asked = [tuple(dict(round_.answers)) for round_ in rounds_of(world)]
    assert list(dict.fromkeys(asked)) == [("api",), ("api", "web"), ("web",)]
    assert times(rounds_of(world)) == printed(run)
