"""Telling subscribers, and probing and building in one run, killed at any point or with sockets that fail."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.receivers import Receiver, webhook
from tests.sites import bare_theme, commit_all, run_git, write

from .harness import Done, Runner
from .injection import Fault
from .worlds import COMPONENTS, INCIDENT

HOOK = "notifications: [{name: hook, webhook: '${env:HOOK}'}]\n"
FIRST, LATER = "2026-10-31T10:00Z", "2026-10-31T12:00Z"


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with webhook() as made:
        yield made


@pytest.fixture
def fresh(tmp_path: Path, runner: Runner, receiver: Receiver) -> Iterator[Callable[[], Path]]:
    """Return a site of which there are two updates to tell, in the place of the last."""
    ready = tmp_path / "ready/site"
    write(ready, **{"components.yaml": COMPONENTS + HOOK})
    commit_all(ready)
    runner.environment = {"HOOK": receiver.url()}
    assert runner.run("notify", "--now", FIRST, at=ready).code == 0
    write(ready, **{"incidents/2026-10-31-errors.md": INCIDENT})
    commit_all(ready)

    def make() -> Path:
        shutil.rmtree(tmp_path / "world", ignore_errors=True)
        shutil.copytree(ready.parent, tmp_path / "world")
        receiver.posts.clear()
        return tmp_path / "world/site"

    yield make
    runner.environment = {}


def notify(runner: Runner, site: Path, fault: Fault | None = None) -> Done:
    return runner.run("notify", "--now", LATER, at=site, fault=fault)


def told(receiver: Receiver) -> list[str]:
    return [post.content["notice"]["key"] for post in receiver.posts]


def firsts(done: Done) -> list[int]:
    """Return the first events before which the disk is like this; without states, those of each line of the program."""
    each = done.states if any(done.states) else done.places
    return [number for number, what in enumerate(each, 1) if what not in each[: number - 1]]


@pytest.mark.parametrize("fault", [Fault("change"), Fault("socket", error="ECONNRESET"), Fault("socket")])
def test_whatever_befalls_a_run_that_tells_each_notice_arrives_and_at_most_one_twice(
    fault: Fault, fresh: Callable[[], Path], runner: Runner, receiver: Receiver
) -> None:
    whole = notify(runner, fresh(), Fault(fault.kind))
    expected = sorted(told(receiver))
    assert (whole.code, len(set(expected)), bool(whole.events)) == (0, 2, True), whole.said
    for number in firsts(whole):
        site = fresh()
        done = notify(runner, site, Fault(fault.kind, number, error=fault.error))
        what = f"{whole.events[number - 1]}: {done.said}"
        assert done.is_killed if not fault.error else done.code in (0, 3), what
        assert "Traceback" not in done.said, what
        again = notify(runner, site)
        assert again.code == 0, f"{what}, then {again.said}"
        assert sorted({*told(receiver)}) == expected, what
        assert len(told(receiver)) <= len(expected) + 1, what
        run_git(site, "fsck", "--no-dangling")


def test_a_run_that_probes_and_builds_may_be_killed_anywhere_and_the_next_one_does_both(
    runner: Runner, tmp_path: Path
) -> None:
    ready, site = tmp_path / "ready", tmp_path / "world/site"
    write(ready, **{"components.yaml": COMPONENTS}, **bare_theme())
    commit_all(ready)
    assert runner.run("run", at=ready).code == 0
    shutil.copytree(ready, site)
    whole = runner.run("run", at=site, fault=Fault("change"))
    assert whole.code == 0, whole.said
    for number in firsts(whole)[::2]:  # each half of it is killed everywhere by itself (test_kills)
        shutil.rmtree(site)
        shutil.copytree(ready, site)
        old = (site / "public/.files.sha256").read_bytes()
        assert runner.run("run", at=site, fault=Fault("change", number)).is_killed
        listed = (site / "public/.files.sha256").read_text().splitlines()
        assert all((site / "public" / line.partition("  ")[2]).is_file() for line in listed)
        assert runner.run("run", at=site).code == 0
        assert (site / "public/.files.sha256").read_bytes() != old
        run_git(site, "fsck", "--no-dangling")
        assert [path for path in site.iterdir() if path.name.startswith(".statusgen-")] == []
