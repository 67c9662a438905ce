"""Heartbeats: signs of life that are fresh, late, of a failure, or none; and a git that does not answer."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from statusgen import config, git, periods
from statusgen.beats import Beat, send
from statusgen.errors import SourceError
from statusgen.model import Sample, Verdict
from statusgen.probes.heartbeat import HeartbeatCheck
from statusgen.probes.kind import World

from ..sites import clone, commit_all, hook, run_git, write
from .servers import AT, TIMEOUT_MS, Server, answer_once, eventually, silent, unused_port

HOUR = periods.HOUR
UP, DOWN = Sample(AT, Verdict.UP), Verdict.DOWN
STALE, FAILED, UNCLEAR = (
    Sample(AT, DOWN, None, "stale"),
    Sample(AT, DOWN, None, "failed"),
    Sample(AT, None, None, "unclear"),
)
BRANCH = "status-beats/backup"


def ask(check: HeartbeatCheck, folder: Path) -> Sample:
    return answer_once(check, at=AT, world=World(dict(os.environ), folder, AT)).sample


def in_file(name: str = "backup.beat") -> HeartbeatCheck:
    return HeartbeatCheck(within=HOUR, file=name)


def on_branch(name: str = BRANCH, timeout_ms: int = 0) -> HeartbeatCheck:
    return HeartbeatCheck(within=HOUR, branch=name, timeout_ms=timeout_ms)


def beat(folder: Path, at: int, failed: bool = False, push: bool = True) -> None:
    send(git.Repository(folder), "backup", Beat(at, failed), push=push, jitter=lambda: 0.0)


# In a file.


@pytest.mark.parametrize(
    ("text", "sample"),
    [
        (f"{periods.iso(AT)}\n", UP),
        (f"{periods.iso(AT - HOUR)}\n", UP),
        (f"{periods.iso(AT - HOUR - 1)}\n", STALE),
        (f"{periods.iso(AT - HOUR - 1)} failed\n", STALE),
        (f"{periods.iso(AT - 60)} failed\n", FAILED),
        (f"{periods.iso(AT - 60)}  FAILED\r\nmore\n", FAILED),
        (f"{periods.iso(AT - 60)}\nfailed\n", UP),
        (periods.iso(AT - 60), UP),
        ("2026-11-18T13:06:00+02:00\n", UP),
        (f"{periods.iso(AT + 300)}\n", UP),
        (f"{periods.iso(AT + 301)}\n", UNCLEAR),
        (f"{periods.iso(AT + 301)} failed\n", UNCLEAR),
        ("", UNCLEAR),
        ("\n2026-11-18T11:06:00Z\n", UNCLEAR),
        ("2026-11-18T11:06:00\n", UNCLEAR),
        ("2026-11-18T11:06:00Z succeeded\n", UNCLEAR),
        ("failed\n", UNCLEAR),
        ("2026-11-18T11:06:00Z" + " " * 200_000 + "failed\n", FAILED),
        ("\0" * 1000, UNCLEAR),
    ],
)
def test_the_first_line_tells(tmp_path: Path, text: str, sample: Sample) -> None:
    (tmp_path / "backup.beat").write_text(text, newline="")
    assert ask(in_file(), tmp_path) == sample


def test_the_time_of_the_file_is_not_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "backup.beat"
    path.write_text(f"{periods.iso(AT - 2 * HOUR)}\n")
    os.utime(path, (AT, AT))
    assert ask(in_file(), tmp_path) == STALE
    path.write_text(f"{periods.iso(AT)}\n")
    os.utime(path, (0, 0))
    assert ask(in_file(), tmp_path) == UP


def test_a_file_may_lie_anywhere_on_a_prober_of_ones_own(tmp_path: Path) -> None:
    write(tmp_path, **{"run/backup": f"{periods.iso(AT)}\n"})
    (tmp_path / "site").mkdir()
    assert ask(in_file(f"{tmp_path}/run/backup"), tmp_path / "site") == UP


def test_a_job_that_was_never_seen_is_no_outage(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert ask(in_file("no-such.beat"), tmp_path) == UNCLEAR
    assert ask(in_file("no-such.beat"), tmp_path) == UNCLEAR
    assert capfd.readouterr().err == "heartbeat in 'no-such.beat': does not exist yet\n"


def test_what_is_no_plain_file_is_not_read(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, real=f"{periods.iso(AT)}\n", **{"folder/beat": f"{periods.iso(AT)}\n"})
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "way").symlink_to("folder")
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "way/beat", "pipe", "folder"):
        assert ask(in_file(name), tmp_path) == UNCLEAR
    said = capfd.readouterr().err
    assert "heartbeat in 'link': link:1: is a symbolic link: put the file or folder itself there" in said
    assert "heartbeat in 'pipe': pipe:1: is not a plain file: remove it" in said


def test_what_a_file_holds_is_not_repeated(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, passwords="root:hunter2\n")
    assert ask(in_file("passwords"), tmp_path) == UNCLEAR
    said = capfd.readouterr().err
    assert said == "heartbeat in 'passwords': its first line is no instant like 2026-11-21T10:05:03Z\n"


# On a branch.


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A clone of a remote that has one commit."""
    write(tmp_path / "first", readme="A site")
    commit_all(tmp_path / "first")
    run_git(tmp_path, "clone", "--quiet", "--bare", "first", "remote.git")
    return clone(tmp_path / "remote.git", "site")


@pytest.mark.parametrize(
    ("at", "failed", "sample"), [(AT - 60, False, UP), (AT - 60, True, FAILED), (AT - 2 * HOUR, False, STALE)]
)
def test_the_remotes_branch_tells(site: Path, at: int, failed: bool, sample: Sample) -> None:
    beat(site, at, failed)
    assert ask(on_branch(), site) == sample


def test_what_was_not_pushed_does_not_count_where_there_is_a_remote(site: Path) -> None:
    beat(site, AT - 2 * HOUR)
    beat(site, AT, push=False)
    assert ask(on_branch(), site) == STALE


def test_without_a_remote_the_repositorys_own_branch_tells(tmp_path: Path) -> None:
    write(tmp_path, readme="A site")
    commit_all(tmp_path)
    assert ask(on_branch(), tmp_path) == UNCLEAR
    beat(tmp_path, AT)
    assert ask(on_branch(), tmp_path) == UP


def test_a_shallow_clone_in_a_folder_below_sees_it_too(site: Path) -> None:
    beat(site, AT)
    shallow = clone(site.parent / "remote.git", "shallow", "--depth=1")
    (shallow / "below").mkdir()
    assert ask(on_branch(), shallow / "below") == UP


def test_asking_leaves_the_clone_as_it_is(site: Path) -> None:
    beat(site, AT)
    before = (run_git(site, "for-each-ref"), run_git(site, "count-objects", "-v"), run_git(site, "status"))
    assert ask(on_branch(), site) == UP
    assert (run_git(site, "for-each-ref"), run_git(site, "count-objects", "-v"), run_git(site, "status")) == before


def test_a_branch_that_was_never_written_is_no_outage(site: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert ask(on_branch("status-beats/never"), site) == UNCLEAR
    said = capfd.readouterr().err
    assert said == "heartbeat in 'status-beats/never': fatal: couldn't find remote ref refs/heads/status-beats/never\n"


@pytest.mark.parametrize("url", ["http://127.0.0.1:{port}/x.git", "/no/such/repository.git"])
def test_a_remote_that_is_away_is_no_outage(site: Path, url: str) -> None:
    beat(site, AT)
    run_git(site, "remote", "set-url", "origin", url.format(port=unused_port()))
    assert ask(on_branch(), site) == UNCLEAR


@pytest.mark.parametrize("scheme", ["git", "http"])
def test_a_remote_that_never_answers_is_no_outage_and_does_not_hold_up_the_round(site: Path, scheme: str) -> None:
    with Server(silent) as server:
        run_git(site, "remote", "set-url", "origin", f"{scheme}://127.0.0.1:{server.port}/x.git")
        assert ask(on_branch(timeout_ms=500), site) == UNCLEAR
        assert server.connections == 1


def test_what_git_started_does_not_outlive_it(site: Path, tmp_path: Path) -> None:
    hook(site, "ssh", f"trap '' TERM HUP\necho $$ >{tmp_path}/pid\nwhile :; do sleep 60; done")
    run_git(site, "config", "core.sshCommand", str(site / ".git/hooks/ssh"))
    run_git(site, "remote", "set-url", "origin", "ssh://git@host.invalid/x.git")
    assert ask(on_branch(timeout_ms=500), site) == UNCLEAR
    pid = (tmp_path / "pid").read_text().strip()
    assert eventually(lambda: not _lives(pid))


def _lives(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("timeout_ms", [50, TIMEOUT_MS])
def test_too_little_time_is_no_outage(site: Path, timeout_ms: int) -> None:
    hook(site, "ssh", "sleep 60")
    run_git(site, "config", "core.sshCommand", str(site / ".git/hooks/ssh"))
    run_git(site, "remote", "set-url", "origin", "ssh://git@host.invalid/x.git")
    assert ask(on_branch(timeout_ms=timeout_ms), site) == UNCLEAR


def test_a_site_outside_any_repository_has_no_branches(tmp_path: Path) -> None:
    assert ask(on_branch(), tmp_path) == UNCLEAR


@pytest.mark.parametrize("kind", ["link", "large", "folder", "other"])
def test_a_branch_without_a_plain_beat_tells_nothing(tmp_path: Path, kind: str) -> None:
    text = f"{periods.iso(AT)}\n"
    write(tmp_path, **{"beat/beat" if kind == "folder" else "other": text + ("x" * 2_000 if kind == "large" else "")})
    if kind == "large":
        (tmp_path / "other").rename(tmp_path / "beat")
    if kind == "link":
        (tmp_path / "beat").symlink_to("other")
    commit_all(tmp_path)
    assert ask(on_branch("main"), tmp_path) == UNCLEAR


# As it is written.


def _site(heartbeat: str) -> str:
    head = 'site: {name: A, url: "https://a.example"}\ncomponents:\n  - {id: a, name: A, check: {heartbeat: '
    return f"{head}{heartbeat}}}}}\n"


def test_a_check_is_read_from_components_yaml() -> None:
    for written, question in (
        ("{within: 26h, branch: status-beats/backup}", HeartbeatCheck(within=26 * HOUR, branch=BRANCH)),
        ("{within: 10m, file: beats/backup.txt}", HeartbeatCheck(within=600, file="beats/backup.txt")),
        ("{within: 10m, file: /run/backup}", HeartbeatCheck(within=600, file="/run/backup")),
    ):
        assert config.read(_site(written)).checks[0].question == question


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{within: 1h}", "'heartbeat': needs exactly one of 'file' and 'branch'"),
        ("{within: 1h, file: a, branch: b}", "'heartbeat': needs exactly one of 'file' and 'branch'"),
        ("{file: a}", "'heartbeat' has no 'within': add it"),
        ("{within: 1s, file: a}", "'1s' is not between 10s and 400d"),
        ("{within: 1h, file: ../a}", "'../a' is not a path"),
        ("{within: 1h, file: a/./b}", "'a/./b' is not a path"),
        ("{within: 1h, file: a//b}", "'a//b' is not a path"),
        ("{within: 1h, branch: --upload-pack=x}", "'--upload-pack=x' is not a branch, like status-beats/backup"),
        ("{within: 1h, branch: a..b}", "'a..b' is not a branch"),
        ("{within: 1h, branch: a.lock}", "'a.lock' is not a branch"),
        ('{within: 1h, branch: "a:b"}', "'a:b' is not a branch"),
        ("{within: 1h, branch: a/}", "'a/' is not a branch"),
        ("status-beats/backup", "'heartbeat' must be a map"),
    ],
)
def test_what_is_written_wrong_is_named_with_the_remedy(written: str, said: str) -> None:
    with pytest.raises(SourceError) as error:
        config.read(_site(written))
    assert said in str(error.value)
