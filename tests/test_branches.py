"""The ledger's branches: a push is the acknowledgement, and no race, crash or absence loses a round or doubles one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from statusgen import app, branches, delivery, git, ledger
from statusgen.branches import Destination
from statusgen.errors import StatusgenError, WorldError
from statusgen.git import Repository

from .sites import NOW, ROOT, clone, hook, ledger_lines, record, rounds, run_git

BRANCH = "status-data/default"
TO = Destination(prefix="status-data", location="default", site="acme")
LINES = tuple(rounds(NOW, NOW + 1_500))
WRITER = """
import random, sys
from pathlib import Path
from statusgen import branches, delivery
from statusgen.git import Repository
to = branches.Destination(prefix="status-data", location="default", site="acme")
for line in sys.argv[2:]:
    delivery.publish(Repository(Path(sys.argv[1])), to, [line], random.random)
"""


def read(repository: Repository) -> list[branches.Branch]:
    return branches.read(repository, branches.tips(repository, "status-data"))


def publish(folder: Path, line: str, to: Destination = TO) -> int:
    return delivery.publish(Repository(folder), to, [line], lambda: 0.0)


def writer(folder: Path, lines: Sequence[str]) -> subprocess.Popen[str]:
    """Publish lines one after the other, in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), *lines], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )


def queued(folder: Path) -> list[Path]:
    return sorted((folder / ".git/statusgen").rglob("*.jsonl"))


def late(lines: Sequence[str]) -> list[str]:
    return [ledger.mark_late(line, "queued") for line in lines]


def without_late(lines: Sequence[str]) -> list[str]:
    return sorted(line.replace('"late":"queued",', "") for line in lines)


# Recording without a remote.


def test_the_first_round_makes_the_branch_and_names_its_site(site: Path) -> None:
    record(site, [LINES[0]], location="berlin")
    made = git.read_files(Repository(site), "status-data/berlin", bool)
    assert made == {"samples/2026-11-21.jsonl": f"{LINES[0]}\n", "site.json": '{"v": 1, "site": "acme"}\n'}
    assert run_git(site, "rev-list", "--count", "status-data/berlin") == "1"


def test_a_round_is_appended_and_what_was_there_stays_byte_for_byte(site: Path) -> None:
    before = run_git(site, "show", f"{BRANCH}:samples/2026-11-21.jsonl")
    record(site, [LINES[0]])
    assert run_git(site, "show", f"{BRANCH}:samples/2026-11-21.jsonl") == f"{before}\n{LINES[0]}"
    assert run_git(site, "log", "-1", "--format=%s|%ct", BRANCH) == f"Probe from default|{NOW}"


def test_rounds_of_two_days_go_to_two_files(site: Path) -> None:
    record(site, list(rounds(NOW + 43_000, NOW + 43_500, 500)), location="berlin")
    assert run_git(site, "ls-tree", "-r", "--name-only", "status-data/berlin").splitlines() == [
        "days/2026-11.jsonl",  # the first of them is closed by the second
        "samples/2026-11-21.jsonl",
        "samples/2026-11-22.jsonl",
        "site.json",
    ]


def test_a_line_that_a_crash_cut_off_is_closed_and_never_joined(site: Path) -> None:
    repository = Repository(site)
    cut = git.commit_files(repository, "", {"samples/2026-11-21.jsonl": LINES[0][:30]}, "Cut", NOW)
    run_git(site, "update-ref", f"refs/heads/{BRANCH}", cut)
    record(site, [LINES[1]])
    assert ledger_lines(site) == [LINES[0][:30], LINES[1]]


def test_bytes_that_are_not_utf_8_stay_what_they_are(site: Path) -> None:
    repository = Repository(site)
    odd = git.commit_files(repository, "", {"samples/2026-11-21.jsonl": "\udcff\udcfe\n"}, "Odd", NOW)
    run_git(site, "update-ref", f"refs/heads/{BRANCH}", odd)
    record(site, [LINES[0]])
    assert repository.run("show", f"{BRANCH}:samples/2026-11-21.jsonl") == b"\xff\xfe\n" + LINES[0].encode() + b"\n"


def test_writers_of_one_clone_at_once_lose_nothing(site: Path) -> None:
    program = WRITER.replace("delivery.publish(", "delivery.record(").replace("[line], random.random", "[line]")
    processes = [subprocess.Popen([sys.executable, "-c", program, site, line], cwd=ROOT) for line in LINES[:4]]
    assert [process.wait(30) for process in processes] == [0] * 4
    assert sorted(ledger_lines(site)[-4:]) == sorted(LINES[:4])


def test_the_history_of_another_site_is_not_gone_on_with(site: Path) -> None:
    before = ledger_lines(site)
    with pytest.raises(StatusgenError) as refused:
        delivery.record(
            Repository(site), Destination(prefix="status-data", location="default", site="fork"), [LINES[0]]
        )
    assert str(refused.value) == (
        "branch status-data/default belongs to site 'acme', this is 'fork': to begin a history of your own, set "
        "data.branch to a prefix of your own, like 'own-data', or delete the branch here; to go on with this one, set "
        "site.id to 'acme'"
    )
    assert refused.value.exit_code == 1
    assert ledger_lines(site) == before


@pytest.mark.parametrize(
    ("owner", "shown"),
    [("x" * 500_000, f"{'x' * 60}…"), ("a\n::error::b", r"a\n::error::b"), ("Acme", "Acme"), ("\ud800", r"\ud800")],
)
def test_an_owner_that_is_no_id_is_somebody_else_and_shown_in_short(site: Path, owner: str, shown: str) -> None:
    named = {"site.json": json.dumps({"v": 1, "site": owner})}
    commit = git.commit_files(Repository(site), git.tip(Repository(site), BRANCH), named, "Odd", NOW)
    run_git(site, "update-ref", f"refs/heads/{BRANCH}", commit)
    with pytest.raises(StatusgenError) as refused:
        record(site, [LINES[0]])
    assert str(refused.value) == (
        f"branch status-data/default belongs to site '{shown}', this is 'acme': to begin a history of your own, set "
        "data.branch to a prefix of your own, like 'own-data', or delete the branch here"
    )
    (problem,) = app.build(site, site / "public", NOW).problems
    assert problem.message.startswith(f"belongs to site '{shown}', this is 'acme', so it was left out: to begin")


@pytest.mark.parametrize("owner", ["", "[]", "nonsense", '{"site": 7}', '{"v": 1}'])
def test_a_branch_that_names_no_site_is_anybodys(site: Path, owner: str) -> None:
    commit = git.commit_files(Repository(site), "", {"site.json": owner}, "Odd", NOW)
    run_git(site, "update-ref", f"refs/heads/{BRANCH}", commit)
    record(site, [LINES[0]])
    assert ledger_lines(site) == [LINES[0]]
    (branch,) = read(Repository(site))
    assert branch.owner == ""


# Reading.


def test_the_local_and_the_remotes_branch_are_read_and_equal_ones_once(remote: Path) -> None:
    folder = clone(remote, "clone")
    publish(folder, LINES[0])
    record(folder, [LINES[1]])
    record(folder, [LINES[2]], location="berlin.1-of-2")
    found = read(Repository(folder))
    assert sorted((branch.name, branch.location, branch.owner) for branch in found) == [
        ("origin/status-data/default", "default", "acme"),
        ("status-data/berlin.1-of-2", "berlin", "acme"),
        ("status-data/default", "default", "acme"),
    ]
    run_git(folder, "update-ref", f"refs/heads/{BRANCH}", f"refs/remotes/origin/{BRANCH}")
    assert len(read(Repository(folder))) == 2


@pytest.mark.parametrize("odd", ["a\u2028b", "a\x85b", "a\u00a0b", "\u202eb", os.fsdecode(b"a\xffb")])
def test_a_branch_may_be_called_by_whatever_git_takes_for_a_name(remote: Path, odd: str) -> None:
    site = clone(remote, "clone")
    record(site, list(LINES))
    run_git(site, "push", "--quiet", "origin", BRANCH, f"{BRANCH}:refs/heads/status-data/{odd}")
    for _ in range(2):  # by the second time it is known, and could be missed
        branches.fetch(Repository(site), "status-data")
    assert {branch.commit for branch in read(Repository(site))} == {run_git(site, "rev-parse", BRANCH)}


def test_branches_of_another_prefix_are_not_read(site: Path) -> None:
    run_git(site, "branch", "status-data-old/default", BRANCH)
    (branch,) = read(Repository(site))
    assert (branch.name, list(branch.ids)) == (BRANCH, ["samples/2026-11-21.jsonl", "site.json"])


# Publishing.


def test_the_first_push_makes_the_branch_and_the_clone_sees_it(remote: Path) -> None:
    folder = clone(remote, "clone")
    assert publish(folder, LINES[0]) == 0
    assert ledger_lines(remote) == [LINES[0]]
    assert json.loads(run_git(remote, "show", f"{BRANCH}:site.json")) == {"v": 1, "site": "acme"}
    assert ledger_lines(folder, f"origin/{BRANCH}") == [LINES[0]]
    assert queued(folder) == []


def test_each_push_adds_one_commit_to_the_last(remote: Path) -> None:
    folder = clone(remote, "clone")
    for line in LINES[:3]:
        publish(folder, line)
    assert ledger_lines(remote) == list(LINES[:3])
    assert run_git(remote, "rev-list", "--count", BRANCH) == "3"
    run_git(remote, "fsck", "--strict")


def test_clones_that_race_lose_nothing_and_double_nothing(remote: Path) -> None:
    lines = list(rounds(NOW, NOW + 11 * 60, 60))
    writers = [writer(clone(remote, f"clone-{i}"), lines[i::4]) for i in range(4)]
    assert [(process.communicate(timeout=60)[1], process.returncode) for process in writers] == [("", 0)] * 4
    assert sorted(ledger_lines(remote)) == sorted(lines)
    run_git(remote, "fsck", "--strict")


def test_runs_in_one_clone_that_race_lose_nothing_and_double_nothing(remote: Path) -> None:
    folder = clone(remote, "clone")
    lines = list(rounds(NOW, NOW + 5 * 60, 60))
    writers = [writer(folder, lines[i::3]) for i in range(3)]
    assert [(process.communicate(timeout=60)[1], process.returncode) for process in writers] == [("", 0)] * 3
    assert without_late(ledger_lines(remote)) == sorted(lines)
    assert queued(folder) == []


def test_a_lost_race_is_evaluated_again_on_the_new_tip(remote: Path) -> None:
    first, second = clone(remote, "first"), clone(remote, "second")
    publish(first, LINES[0])
    faster = git.commit_files(Repository(remote), BRANCH, {"samples/2026-11-20.jsonl": "{}\n"}, "Faster", NOW)
    hook(remote, "pre-receive", f"[ -e raced ] || git update-ref refs/heads/{BRANCH} {faster}; touch raced")
    assert publish(second, LINES[1]) == 0
    assert ledger_lines(remote) == ["{}", LINES[0], LINES[1]]
    assert run_git(remote, "merge-base", BRANCH, faster) == faster


def test_rounds_that_were_recorded_without_a_push_are_delivered_by_a_later_one_and_say_so(remote: Path) -> None:
    folder = clone(remote, "clone")
    publish(folder, LINES[0])
    record(folder, list(LINES[1:3]))
    assert ledger_lines(folder) == list(LINES[:3])
    assert publish(folder, LINES[3]) == 2
    assert ledger_lines(remote) == [LINES[0], *late(LINES[1:3]), LINES[3]]
    assert ledger_lines(folder) == ledger_lines(remote)
    assert publish(folder, LINES[4]) == 0


def test_a_round_recorded_while_another_is_pushed_is_for_the_next_push(remote: Path) -> None:
    folder = clone(remote, "clone")
    record(folder, [LINES[0]])
    record(folder, [LINES[1]])
    run_git(folder, "branch", "meanwhile", BRANCH)
    run_git(folder, "update-ref", f"refs/heads/{BRANCH}", f"{BRANCH}~1")
    hook(remote, "post-receive", f"git -C {folder} update-ref refs/heads/{BRANCH} meanwhile")
    assert publish(folder, LINES[2]) == 1
    assert LINES[1] in ledger_lines(folder)
    (remote / "hooks/post-receive").unlink()
    assert publish(folder, LINES[3]) == 1
    assert ledger_lines(remote) == [*late(LINES[:1]), LINES[2], *late(LINES[1:2]), LINES[3]]


def test_a_round_that_cannot_be_pushed_waits_and_the_next_run_delivers_it(remote: Path) -> None:
    folder = clone(remote, "clone")
    publish(folder, LINES[0])
    away = remote.rename(remote.with_name("away.git"))
    for count, line in enumerate(LINES[1:3], 1):
        with pytest.raises(WorldError) as failed:
            publish(folder, line)
        assert len(queued(folder)) == count
        assert str(queued(folder)[0].parent) in str(failed.value)
    assert str(failed.value).startswith("cannot push status-data/default: fatal: ")
    assert "\n2 rounds wait in " in str(failed.value)
    assert str(failed.value).endswith("nothing is lost, the next 'statusgen probe --push' delivers what waits")
    away.rename(remote)
    assert publish(folder, LINES[3]) == 2
    assert sorted(ledger_lines(remote)) == sorted([LINES[0], *late(LINES[1:3]), LINES[3]])
    assert queued(folder) == []


def test_a_remote_that_declines_is_asked_once_and_the_round_waits(remote: Path) -> None:
    folder = clone(remote, "clone")
    hook(remote, "pre-receive", "echo asked >> asked; echo 'No pushes on Sundays' >&2; exit 1")
    with pytest.raises(WorldError, match="No pushes on Sundays"):
        publish(folder, LINES[0])
    assert (remote / "asked").read_text() == "asked\n"
    (remote / "hooks/pre-receive").unlink()
    assert publish(folder, LINES[1]) == 1
    assert ledger_lines(remote) == [*late(LINES[:1]), LINES[1]]


def test_a_branch_of_another_site_is_not_pushed_to(remote: Path) -> None:
    publish(clone(remote, "upstream"), LINES[0])
    fork = Destination(prefix="status-data", location="default", site="fork")
    with pytest.raises(StatusgenError, match="belongs to site 'acme', this is 'fork'"):
        publish(clone(remote, "fork"), LINES[1], fork)
    assert ledger_lines(remote) == [LINES[0]]


def test_without_a_remote_a_push_is_refused_and_the_round_waits(site: Path) -> None:
    with pytest.raises(WorldError, match="has no remote"):
        publish(site, LINES[0])
    assert len(queued(site)) == 1


def test_a_shallow_clone_of_a_single_branch_will_do(remote: Path) -> None:
    publish(clone(remote, "deep"), LINES[0])
    folder = clone(remote, "shallow", "--depth=1", "--single-branch")
    publish(folder, LINES[1])
    record(folder, [LINES[2]])
    assert publish(folder, LINES[3]) == 1
    assert ledger_lines(remote) == [*LINES[:2], *late(LINES[2:3]), LINES[3]]
    assert ledger_lines(folder) == ledger_lines(remote)
    assert run_git(remote, "rev-list", "--count", BRANCH) == "3"


def test_a_remote_may_be_named_by_a_relative_path(remote: Path) -> None:
    folder = clone(remote, "clone")
    run_git(folder, "remote", "set-url", "origin", "../remote.git")
    publish(folder / "incidents", LINES[0])
    assert ledger_lines(remote) == [LINES[0]]


@pytest.mark.parametrize("name", ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"])
def test_what_a_hook_left_in_the_environment_does_no_harm(
    remote: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    folder = clone(remote, "clone")
    monkeypatch.setenv(name, str(remote.parent / "nowhere"))
    publish(folder, LINES[0])
    monkeypatch.delenv(name)
    assert ledger_lines(remote) == [LINES[0]]
    assert not (remote.parent / "nowhere").exists()


def test_a_persons_own_signing_and_hooks_are_not_asked(remote: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = clone(remote, "clone")
    hooks = remote.parent / "hooks"
    hooks.mkdir()
    (hooks / "pre-push").write_text("#!/bin/sh\nexit 1\n")
    (hooks / "pre-push").chmod(0o755)
    settings = remote.parent / "settings"
    settings.write_text(f"[commit]\ngpgSign = true\n[gpg]\nprogram = /bin/false\n[core]\nhooksPath = {hooks}\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    publish(folder, LINES[0])
    assert ledger_lines(remote) == [LINES[0]]


def test_a_damaged_file_in_the_queue_does_not_block_it(remote: Path) -> None:
    folder = clone(remote, "clone")
    away = remote.rename(remote.with_name("away.git"))
    for line in LINES[:2]:
        with pytest.raises(WorldError):
            publish(folder, line)
    away.rename(remote)
    damaged, whole = queued(folder)
    kept = whole.read_text().strip()
    damaged.write_bytes(b"\xff\0{")
    assert publish(folder, LINES[2]) == 1
    assert ledger_lines(remote) == [*late([kept]), LINES[2]]


# Crashes.


def killed_by(remote: Path, name: str, ending: str) -> Path:
    """Publish from a clone, let a hook of the remote kill the publisher, and return the clone."""
    folder = clone(remote, "clone")
    pid = remote / "pid"
    hook(remote, name, f"while [ ! -s {pid} ]; do sleep 0.01; done; kill -9 $(cat {pid}); {ending}")
    process = writer(folder, [LINES[0]])
    (remote / "pid.new").write_text(str(process.pid))
    (remote / "pid.new").rename(pid)
    process.communicate(timeout=30)
    assert process.returncode == -signal.SIGKILL
    (remote / "hooks" / name).unlink()
    return folder


def test_a_publisher_killed_before_the_push_loses_nothing(remote: Path) -> None:
    folder = killed_by(remote, "pre-receive", "exit 1")
    assert len(queued(folder)) == 1
    assert publish(folder, LINES[1]) == 1
    assert ledger_lines(remote) == [*late(LINES[:1]), LINES[1]]
    run_git(folder, "fsck", "--strict")


def test_a_publisher_killed_after_the_push_doubles_nothing(remote: Path) -> None:
    folder = killed_by(remote, "post-receive", "touch done")
    assert publish(folder, LINES[1]) == 0
    assert ledger_lines(remote) == list(LINES[:2])
    assert queued(folder) == []
    run_git(remote, "fsck", "--strict")


# Fetching.


def test_a_shallow_clone_before_the_first_round_finds_nothing_to_fetch(remote: Path) -> None:
    person = clone(remote, "person")
    run_git(person, "commit", "--quiet", "--allow-empty", "--message", "More")
    run_git(person, "push", "--quiet")
    folder = Repository(clone(remote, "shallow", "--depth=1"))
    assert git.is_shallow(folder)
    branches.fetch(folder, "status-data")
    assert read(folder) == []


def test_a_fresh_shallow_clone_sees_the_ledger_after_a_fetch(remote: Path) -> None:
    deep = clone(remote, "deep")
    for line in LINES[:2]:
        publish(deep, line)
    folder = clone(remote, "shallow", "--depth=1")
    assert read(Repository(folder)) == []
    branches.fetch(Repository(folder), "status-data")
    (branch,) = read(Repository(folder))
    assert branch.name == "origin/status-data/default"
    assert ledger_lines(folder, branch.name) == list(LINES[:2])
    assert git.is_shallow(Repository(folder))
    assert run_git(folder, "rev-list", "--count", f"origin/{BRANCH}") == "1"


def test_fetching_a_ledger_that_nobody_has_pushed_yet_is_no_mistake(remote: Path) -> None:
    folder = clone(remote, "clone")
    branches.fetch(Repository(folder), "status-data")
    assert read(Repository(folder)) == []


def test_fetching_without_a_remote_or_from_one_that_is_away_is_the_worlds_fault(site: Path, remote: Path) -> None:
    with pytest.raises(WorldError, match="--fetch needs a remote"):
        branches.fetch(Repository(site), "status-data")
    folder = clone(remote, "clone")
    remote.rename(remote.with_name("away.git"))
    with pytest.raises(WorldError, match=r"cannot fetch status-data/\* from origin: fatal: "):
        branches.fetch(Repository(folder), "status-data")


def test_who_may_goes_on_without_a_remote_that_is_away_and_nobody_without_what_it_lost(
    tmp_path: Path, remote: Path
) -> None:
    folder = clone(remote, str(tmp_path / "clone"))
    publish(folder, LINES[0])
    repository = Repository(folder)
    assert branches.fetch_if_reached(repository, "status-data") == ""
    away = remote.rename(tmp_path / "away.git")
    with pytest.raises(branches.Away, match=r"cannot fetch status-data/\* from origin"):
        branches.fetch(repository, "status-data")
    assert branches.fetch_if_reached(repository, "status-data").endswith("went on with what is here.")
    away.rename(remote)
    run_git(remote, "update-ref", "-d", f"refs/heads/{BRANCH}")
    with pytest.raises(WorldError, match="has no branch status-data/default any more"):
        branches.fetch_if_reached(repository, "status-data")
