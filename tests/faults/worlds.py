"""A small site and its bare remote, made ready for an operation."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from statusgen import app, branches, delivery, git, ledger, periods
from statusgen.branches import Destination
from statusgen.errors import WorldError
from statusgen.model import Round, Sample, Verdict
from tests.faults.harness import Done, Runner
from tests.faults.injection import Fault
from tests.sites import bare_theme, commit_all, run_git, write

BRANCH = "status-data/default"
HEAD_REF = f"refs/heads/{BRANCH}"
TRACKING = f"refs/remotes/origin/{BRANCH}"
TO = Destination(prefix="status-data", location="default", site="acme", keep=2)
FIRST = periods.parse_instant("2026-10-30T12:00Z")
DAYS = [FIRST + i * periods.DAY for i in range(4)]  # across the end of a month
EARLIER = [day + minutes * 60 for day in DAYS for minutes in (0, 5)]
NEXT = EARLIER[-1] + 300
NEXT_DAY = DAYS[-1] + periods.DAY
COMPONENTS = """\
site: {name: Acme Status, url: "https://status.acme.example", id: acme}
feed: {authority: "status.acme.example,2026"}
probing: {timeout: 300ms, reprobe: [50ms], preflight: none}
data: {branch: status-data, retention: 2d}
components:
  - {id: api, name: API, since: 2026-10-30, checks: [{id: api, tcp: "127.0.0.1:9"}]}
"""
INCIDENT = """\
---
title: Errors
severity: sev3
started: 2026-10-31T10:02Z
components: {api: partial_outage}
---
## Investigating · 2026-10-31 10:06 UTC
Some requests fail.

## Resolved · 2026-10-31 11:15 UTC
Components: api operational
The release is rolled back.
"""


@dataclass(frozen=True, slots=True)
class World:
    """A folder that holds ``site``, where it is pushed ``remote.git``, and ``tmp``."""

    folder: Path

    @property
    def site(self) -> Path:
        return self.folder / "site"

    @property
    def remote(self) -> Path:
        return self.folder / "remote.git"

    @property
    def queue(self) -> Path:
        return self.site / ".git/statusgen/queue"


def line(at: int) -> str:
    """Return the line that ``record AT`` appends."""
    return ledger.encode(round_of(at))


def round_of(at: int) -> Round:
    return Round(at=at, answers=(("api", Sample(at, Verdict.UP, 40 + at % 7)),))


def bare(folder: Path, components: str = COMPONENTS) -> World:
    """Make a site and a remote that holds its main branch."""
    world = World(folder)
    write(world.site, **{"components.yaml": components, ".gitignore": "/public/\n"}, **bare_theme())
    commit_all(world.site, "A site")
    run_git(folder, "init", "--quiet", "--bare", "remote.git")
    run_git(world.site, "remote", "add", "origin", "../remote.git")
    run_git(world.site, "push", "--quiet", "origin", "main")
    run_git(world.site, "fetch", "--quiet", "origin")
    return world


def lonely(folder: Path, components: str = COMPONENTS) -> World:
    """Make a site without a remote."""
    world = bare(folder, components)
    run_git(world.site, "remote", "remove", "origin")
    shutil.rmtree(world.remote)
    return world


def publish(world: World, instants: Iterable[int], to: Destination = TO) -> None:
    for at in instants:
        delivery.publish(git.Repository(world.site), to, [line(at)], lambda: 0.0)


def record(world: World, instants: Iterable[int], to: Destination = TO) -> None:
    delivery.record(git.Repository(world.site), to, [line(at) for at in instants])


def publish_in_vain(world: World, at: int) -> None:
    """Let a round wait in the queue."""
    away = world.remote.rename(world.folder / "away.git")
    with pytest.raises(WorldError):
        publish(world, [at])
    away.rename(world.remote)


def uncompacted(world: World, instants: Iterable[int], push: bool) -> None:
    """Put rounds on the branch as a program would that sums nothing up: day by day, each a commit."""
    place = git.Repository(world.remote if push else world.site)
    texts: dict[str, str] = {}
    commit = ""
    for at in instants:
        path = ledger.day_path(at)
        texts[path] = ledger.append(texts.get(path, ""), [line(at)])
        changed = {path: texts[path], branches.OWNER: '{"v": 1, "site": "acme"}\n'}
        commit = git.commit_files(place, commit, changed, "Probe", at)
    run_git(place.folder, "update-ref", HEAD_REF, commit)
    if push:
        run_git(world.site, "fetch", "--quiet", "origin", f"{HEAD_REF}:{TRACKING}")


def packed(world: World) -> World:
    """Put objects together, so that copying a world is quick."""
    for folder in (world.site, world.remote):
        if folder.exists():
            run_git(folder, "repack", "-adq")
            for name in ("hooks", "info", "description"):
                place = (folder / ".git" if (folder / ".git").exists() else folder) / name
                shutil.rmtree(place, ignore_errors=True)
    return world


def copied(world: World, folder: Path) -> World:
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(world.folder, folder, symlinks=True)
    return World(folder)


# Operations, each with a world that is ready for it.


@dataclass(frozen=True, slots=True)
class Operation:
    """What is run, on what, and what the ledger must tell of after it."""

    make: Callable[[Path], World]
    arguments: tuple[object, ...]
    adds: tuple[int, ...] = ()

    def run(self, runner: Runner, world: World, fault: Fault | None = None, temporary: Path | None = None) -> Done:
        return runner.run(*self.arguments, at=world.site, fault=fault, temporary=temporary)


def _recording(folder: Path) -> World:
    world = lonely(folder)
    record(world, EARLIER[-2:])
    return packed(world)


def _publishing(folder: Path) -> World:
    """Make a world in which one round waits in the queue, and one was recorded without a push."""
    world = bare(folder)
    publish(world, EARLIER[-2:-1])
    record(world, EARLIER[-1:])
    publish_in_vain(world, EARLIER[-1] + 60)
    return packed(world)


def _closing(folder: Path) -> World:
    world = bare(folder)
    uncompacted(world, EARLIER, push=True)
    return packed(world)


def _compacting(folder: Path) -> World:
    world = lonely(folder)
    uncompacted(world, EARLIER, push=False)
    return packed(world)


def _in_tree(folder: Path) -> World:
    """Make a world whose last day's file fills a block of the disk, so that one more line begins another."""
    today = [NEXT_DAY - i * 60 for i in range(4096 // len(f"{line(NEXT_DAY)}\n"), 0, -1)]
    world = lonely(folder, COMPONENTS.replace("branch: status-data", "branch: none"))
    for at in [*EARLIER, *today]:
        path = world.site / "data/default" / ledger.day_path(at)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as file:
            file.write(line(at) + "\n")
    return packed(world)


def _building(folder: Path) -> World:
    """Make a world with a page that a build would change, add to and remove from."""
    world = lonely(folder)
    uncompacted(world, EARLIER[:-1], push=False)
    old = "incidents/2026-10-30-old.md"
    write(world.site, **{old: INCIDENT.replace("10-31", "10-30")})
    app.build(world.site, world.site / "public", EARLIER[-1])
    (world.site / old).unlink()
    write(world.site, **{"incidents/2026-10-31-errors.md": INCIDENT})
    record(world, EARLIER[-1:])
    return packed(world)


OPERATIONS = {
    "recording": Operation(_recording, ("record", NEXT), (NEXT,)),
    "publishing": Operation(_publishing, ("record", "--push", NEXT), (NEXT,)),
    "publishing on a new day": Operation(_closing, ("record", "--push", NEXT_DAY), (NEXT_DAY,)),
    "compacting": Operation(_compacting, ("compact", "--now", periods.iso(NEXT_DAY))),
    "compacting there": Operation(_closing, ("compact", "--push", "--now", periods.iso(NEXT_DAY))),
    "recording in the tree": Operation(_in_tree, ("record", NEXT_DAY), (NEXT_DAY,)),
    "compacting in the tree": Operation(_in_tree, ("compact", "--now", periods.iso(NEXT_DAY))),
    "building": Operation(_building, ("build", "--now", periods.iso(EARLIER[-1]))),
}
