"""git: what is asked of it, and that nothing of the machine or of a person's own work gets into it or out of it."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from statusgen import git
from statusgen.errors import WorldError
from statusgen.git import Refused, Repository

from .probes.servers import unused_port
from .sites import commit_all, eventually, run_git, write

AT = 1_795_000_000


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    write(tmp_path / "work", **{"a.txt": "A", "folder/b.txt": "B"})
    commit_all(tmp_path / "work", "First")
    return Repository(tmp_path / "work")


def state(repository: Repository) -> tuple[str, ...]:
    """Return everything that a person's own work consists of."""
    listed = (("status", "--porcelain"), ("for-each-ref",), ("symbolic-ref", "HEAD"), ("ls-files", "--stage"))
    return tuple(run_git(repository.folder, *arguments) for arguments in listed)


# Running it.


def test_what_git_prints_is_returned(repository: Repository) -> None:
    assert repository.run("show", "HEAD:a.txt") == b"A"
    assert repository.line("log", "--format=%s%n%H") == "First"


def test_what_git_complains_of_is_raised_as_the_worlds_fault(repository: Repository) -> None:
    with pytest.raises(Refused, match=r"fatal: path 'c\.txt' does not exist in 'HEAD'") as refused:
        repository.run("show", "HEAD:c.txt")
    assert isinstance(refused.value, WorldError)
    assert repository.line("show", "HEAD:c.txt") == ""


def test_a_complaint_does_not_hold_the_password_in_an_address(repository: Repository) -> None:
    with pytest.raises(Refused, match="unable to access") as refused:
        repository.run("ls-remote", f"http://ann:hunter2@127.0.0.1:{unused_port()}/x.git")
    assert "hunter2" not in str(refused.value)
    with pytest.raises(Refused, match=r"git: 'https://acme\.example/x' is not a git command"):
        repository.run("https://ann:hunter2@acme.example/x")


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("unable to access 'https://u:p@h/r.git/': no", "unable to access 'https://h/r.git/': no"),
        ("'https://u:p@ssw0rd@h/r'", "'https://h/r'"),
        ("'https://u:tok/en@h/r'", "'https://h/r'"),
        ("'https://u:it's@h/r'", "'https://h/r'"),
        ('"ssh://git@h:22/r".', '"ssh://h:22/r".'),
        ("https://token@h", "https://h"),
        ("'https://h/r.git?private_token=X/': 403", "'https://h/r.git?***': 403"),
        ("https://u:p@h/r?private_token=X&a=b, x", "https://h/r?***, x"),
        ("'https://h/r?X'", "'https://h/r?***'"),
        ("'https://h/r#token=X'", "'https://h/r?***'"),
        ("'https://h/r?token=a@X'", "'https://***'"),
        ("'https://u:p?X@h/r'", "'https://***'"),
        ("https://u:p@h/r https://v:q@i/s\nhttps://w:t@j", "https://h/r https://i/s\nhttps://j"),
        ("remote: ask root@acme.example about 'https://h/r'", "remote: ask root@acme.example about 'https://h/r'"),
        ("'https://h/r/': is this yours? Write to root@h", "'https://h/r/': is this yours? Write to root@h"),
        ("git@h:r.git: no", "git@h:r.git: no"),
        ("branch 'a@b' :// c@d", "branch 'a@b' :// c@d"),
        (" fatal: no \n", "fatal: no"),
    ],
)
def test_what_git_said_is_told_without_credentials(said: str, shown: str) -> None:
    assert git.without_credentials(said.encode()) == shown


def test_what_a_remote_says_at_length_is_told_without_delay() -> None:
    for said in (b"://" * 300_000, b"https://h/" + b"?@" * 300_000, b"https://" + b"'" * 600_000 + b"x"):
        started = time.monotonic()
        git.without_credentials(said)
        assert time.monotonic() - started < 2


def test_a_complaint_does_not_hold_the_token_in_a_query(repository: Repository) -> None:
    with pytest.raises(Refused, match="unable to access") as refused:
        repository.run("ls-remote", f"http://127.0.0.1:{unused_port()}/x.git?private_token=hunter2")
    assert "hunter2" not in str(refused.value)


def test_git_that_is_not_there_is_named_with_the_remedy(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(WorldError, match=r"git is not installed: install it, or set 'data: \{branch: none\}'"):
        git.open_repository(repository.folder)


def test_git_that_has_little_time_is_ended_with_what_it_started(repository: Repository) -> None:
    run_git(repository.folder, "config", "alias.hang", f"!echo $$ >{repository.folder}/pid; trap '' TERM; sleep 60; :")
    started = time.monotonic()
    with pytest.raises(Refused, match=r"^git hang did not end within 0\.3 s$"):
        Repository(repository.folder, left=lambda: 0.3).run("hang")
    assert time.monotonic() - started < 5
    process = Path("/proc") / (repository.folder / "pid").read_text().strip() / "stat"
    assert eventually(lambda: not process.exists() or ") Z " in process.read_text())


@pytest.mark.parametrize(
    "name", ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE", "GIT_CONFIG_COUNT"]
)
def test_what_a_hook_leaves_in_the_environment_is_not_heeded(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "/nowhere")
    assert git.open_repository(repository.folder) == repository
    commit = git.commit_files(repository, git.head(repository), {"c.txt": "C"}, "Second", AT)
    monkeypatch.delenv(name)
    assert sorted(git.read_files(repository, commit, bool)) == ["a.txt", "c.txt", "folder/b.txt"]


def test_settings_travel_beside_those_that_the_environment_holds_already(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "test.first")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "one")
    more = Repository(repository.folder, (("test.second", "two"),))
    assert (more.line("config", "test.first"), more.line("config", "test.second")) == ("one", "two")


# Which repository.


def test_a_folder_below_a_repository_lies_in_it(repository: Repository) -> None:
    below = repository.folder / "folder"
    assert git.open_repository(below) == Repository(below)
    assert git.head(Repository(below)) == git.head(repository)


def test_a_folder_outside_any_repository_lies_in_none(tmp_path: Path) -> None:
    assert git.open_repository(tmp_path) is None


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [("[bro", "bad config line"), ("[core]\nrepositoryformatversion = 99\n", "Expected git repo version")],
)
def test_a_repository_that_git_will_not_open_is_not_taken_for_none(
    repository: Repository, broken: str, complaint: str
) -> None:
    (repository.folder / ".git/config").write_text(broken)
    with pytest.raises(Refused, match=complaint):
        git.open_repository(repository.folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to somebody else")
def test_a_repository_of_somebody_else_is_not_taken_for_none(repository: Repository) -> None:
    os.chown(repository.folder, 12_345, 12_345)
    os.chown(repository.folder / ".git", 12_345, 12_345)
    with pytest.raises(Refused, match=r"git config --global --add safe\.directory"):
        git.open_repository(repository.folder)


def test_before_the_first_commit_there_is_no_head(tmp_path: Path) -> None:
    run_git(tmp_path, "init", "--quiet")
    assert git.head(Repository(tmp_path)) == ""
    assert git.tip(Repository(tmp_path), "refs/heads/main") == ""


def test_the_remote_is_origin_or_else_the_only_one(repository: Repository) -> None:
    assert git.remote_of(repository) == ""
    run_git(repository.folder, "remote", "add", "upstream", "/nowhere")
    assert git.remote_of(repository) == "upstream"
    run_git(repository.folder, "remote", "add", "fork", "/nowhere")
    assert git.remote_of(repository) == ""
    run_git(repository.folder, "remote", "add", "origin", "/nowhere")
    assert git.remote_of(repository) == "origin"


def test_a_shallow_clone_is_known_as_one(repository: Repository, tmp_path: Path) -> None:
    run_git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{repository.folder}", "shallow")
    assert git.is_shallow(Repository(tmp_path / "shallow"))
    assert not git.is_shallow(repository)


# Reading.


def test_only_the_files_that_are_wanted_are_read(repository: Repository) -> None:
    commit = git.head(repository)
    assert git.read_files(repository, commit, bool) == {"a.txt": "A", "folder/b.txt": "B"}
    assert git.read_files(repository, commit, lambda path: path.startswith("folder/")) == {"folder/b.txt": "B"}
    assert git.read_files(repository, commit, lambda path: False) == {}


def test_any_bytes_and_any_name_come_back_as_they_were(repository: Repository) -> None:
    names = ("empty", "line\nbreak", "Grüße \"'\t.txt", "bytes")
    texts = dict(zip(names, ("", "\n", "x\r\n\0", "\udcff\udcfe\n"), strict=True))
    for name, text in texts.items():
        (repository.folder / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    commit = commit_all(repository.folder)
    assert git.read_files(repository, commit, texts.__contains__) == texts
    again = git.commit_files(repository, commit, {"copy": texts["bytes"]}, "Copy", AT)
    assert repository.run("show", f"{again}:copy") == b"\xff\xfe\n"


def test_links_are_passed_over(repository: Repository) -> None:
    (repository.folder / "link").symlink_to("/etc/passwd")
    commit = commit_all(repository.folder)
    assert sorted(git.read_files(repository, commit, bool)) == ["a.txt", "folder/b.txt"]


def test_an_object_that_is_missing_is_named(repository: Repository) -> None:
    blob = run_git(repository.folder, "rev-parse", "HEAD:a.txt")
    (repository.folder / ".git/objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(Refused, match=f"the repository is damaged: object {blob} is missing"):
        git.read_files(repository, git.head(repository), bool)


def test_an_object_that_a_crash_left_empty_is_refused(repository: Repository) -> None:
    blob = run_git(repository.folder, "rev-parse", "HEAD:a.txt")
    place = repository.folder / ".git/objects" / blob[:2] / blob[2:]
    place.unlink()
    place.touch()
    with pytest.raises(Refused, match=blob):
        git.read_files(repository, git.head(repository), bool)


# Writing.


def test_a_commit_holds_what_its_parent_does_and_the_changes(repository: Repository) -> None:
    parent = git.head(repository)
    commit = git.commit_files(repository, parent, {"folder/b.txt": "B2", "new/c.txt": "C"}, "Second", AT)
    assert git.read_files(repository, commit, bool) == {"a.txt": "A", "folder/b.txt": "B2", "new/c.txt": "C"}
    assert repository.line("log", "-1", "--format=%P|%s|%an <%ae>|%at|%cn|%ct", commit) == (
        f"{parent}|Second|statusgen <statusgen@localhost>|{AT}|statusgen|{AT}"
    )


def test_the_same_input_makes_the_same_commit(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    first = git.commit_files(repository, "", {"a": "A", "b": "B"}, "Same", AT)
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Somebody")
    monkeypatch.setenv("EMAIL", "else@acme.example")
    assert git.commit_files(repository, "", {"b": "B", "a": "A"}, "Same", AT) == first


def test_a_commit_moves_no_branch_and_touches_neither_index_nor_tree(repository: Repository) -> None:
    write(repository.folder, **{"a.txt": "staged"})
    run_git(repository.folder, "add", "a.txt")
    write(repository.folder, **{"a.txt": "changed", "new.txt": "new"})
    before = state(repository)
    git.commit_files(repository, git.head(repository), {"a.txt": "A2"}, "Second", AT)
    assert state(repository) == before
    assert (repository.folder / "a.txt").read_text() == "changed"


def test_a_person_who_signs_all_commits_is_not_asked_to_sign_these(repository: Repository) -> None:
    for key, value in (("commit.gpgSign", "true"), ("gpg.program", "/bin/false"), ("user.signingKey", "ann")):
        run_git(repository.folder, "config", key, value)
    commit = git.commit_files(repository, git.head(repository), {"a.txt": "A2"}, "Second", AT)
    assert "gpgsig" not in run_git(repository.folder, "cat-file", "commit", commit)


# Reaching the remote.


def test_a_scratch_repository_reaches_the_remote_and_is_gone_afterwards(repository: Repository, tmp_path: Path) -> None:
    run_git(tmp_path, "init", "--quiet", "--bare", "remote.git")
    run_git(repository.folder, "remote", "add", "upstream", str(tmp_path / "remote.git"))
    with git.scratch(repository) as scratch:
        commit = git.commit_files(scratch, "", {"a": "A"}, "First", AT)
        scratch.run("push", "--quiet", "origin", f"{commit}:refs/heads/x")
    assert not scratch.folder.exists()
    assert git.tip(Repository(tmp_path / "remote.git"), "refs/heads/x") == commit
    assert git.tip(repository, commit) == ""  # nothing of it came into the site's own repository


@pytest.mark.parametrize("below", ["", "folder"])
@pytest.mark.parametrize("address", ["../remote.git", "{top}/remote.git", "file://{top}/remote.git"])
def test_an_address_is_understood_as_git_does_from_anywhere_in_the_tree(
    repository: Repository, tmp_path: Path, address: str, below: str
) -> None:
    run_git(tmp_path, "init", "--quiet", "--bare", "remote.git")
    run_git(repository.folder, "remote", "add", "origin", address.format(top=tmp_path))
    with git.scratch(Repository(repository.folder / below)) as scratch:
        assert scratch.run("ls-remote", "origin") == b""


def test_what_authentication_hangs_on_travels_along_in_the_environment(repository: Repository) -> None:
    run_git(repository.folder, "remote", "add", "origin", "https://git.acme.example/x.git")
    carried = {
        "http.https://git.acme.example/.extraheader": "AUTHORIZATION: basic c2VjcmV0",
        "credential.helper": "store",
        "core.sshcommand": "ssh -i key",
    }
    for key, value in carried.items():
        run_git(repository.folder, "config", key, value)
    run_git(repository.folder, "config", "alias.x", "status")
    with git.scratch(repository) as scratch:
        assert {key: scratch.line("config", key) for key in carried} == carried
        assert scratch.line("config", "alias.x") == ""
        assert "c2VjcmV0" not in (scratch.folder / "config").read_text()


def test_without_a_remote_there_is_nowhere_to_go(repository: Repository) -> None:
    with pytest.raises(Refused, match="no remote"), git.scratch(repository):
        pass


def test_private_things_of_every_worktree_lie_in_one_place(repository: Repository, tmp_path: Path) -> None:
    run_git(repository.folder, "worktree", "add", "--quiet", "--detach", str(tmp_path / "second"))
    expected = repository.folder.resolve() / ".git/statusgen"
    assert git.private_folder(repository) == expected
    assert git.private_folder(Repository(tmp_path / "second")) == expected
    assert git.private_folder(Repository(repository.folder / "folder")) == expected
