"""Proposals: a change goes exactly where it is asked to, whole or not at all, and nothing of a person's work moves."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from statusgen import git
from statusgen.errors import SourceError, StatusgenError, UsageError, WorldError
from statusgen.posting import proposals
from statusgen.posting.proposals import Change, Place, Proposed, Texts

from ..sites import COMPONENTS, INCIDENT, INCIDENT_TEXT, NOW, clone, commit_all, hook, run_git, write

NEW = "incidents/2026-11-21-slow.md"
ENTRY = "\n## Monitoring · 2026-11-21 12:00 UTC\nWe watch it.\n"
TOPIC = "incident/slow"


def opening(texts: Texts) -> Mapping[str, str]:
    return {} if NEW in texts else {NEW: "---\ntitle: Slow\n---\n"}


def appending(entry: str = ENTRY, path: str = INCIDENT) -> Change:
    return lambda texts: {path: texts[path] + entry}


def refusing(_: Texts) -> Mapping[str, str]:
    raise UsageError("no such component")


def propose(folder: Path, change: Change, message: str = "Say it", **where: Any) -> Proposed:
    return proposals.propose(Place(folder=folder, **where), change, message, NOW, jitter=lambda: 0.0)


def everything(*folders: Path) -> dict[str, Any]:
    """Return all that must stay as it is: every file of the working trees, refs, index and status of repositories."""
    found: dict[str, Any] = {}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and ".git" not in path.parts and not path.is_relative_to(folder / "objects"):
                found[str(path)] = path.read_bytes()
        refs = run_git(folder, "for-each-ref", "--format=%(refname) %(objectname)")
        found[f"{folder} refs"] = refs, run_git(folder, "rev-parse", "--symbolic-full-name", "HEAD")
        if not (folder / "HEAD").exists():
            found[f"{folder} index"] = run_git(folder, "ls-files", "--stage"), run_git(folder, "status", "--porcelain")
    return found


def message_of(raised: pytest.ExceptionInfo[BaseException]) -> str:
    """Return what a person would be told, which is a single line."""
    told = str(raised.value)
    assert "\n" not in told
    assert told.isprintable()
    return told


def shown(repository: Path, revision: str, path: str = INCIDENT) -> str:
    return run_git(repository, "show", f"{revision}:{path}") + "\n"


@pytest.fixture
def page(remote: Path) -> Path:
    """Return a clone of a bare repository, ``remote``, beside it."""
    return clone(remote, "page")


def pushed_by_somebody_else(remote: Path, branch: str = "main", **texts: str) -> str:
    other = remote.parent / f"somebody-{len(list(remote.parent.iterdir()))}"
    run_git(remote.parent, "clone", "--quiet", "--branch", branch, str(remote), str(other))
    write(other, **(texts or {"incidents/other.md": "Theirs\n"}))
    made = commit_all(other, "Theirs")
    run_git(other, "push", "--quiet", "origin", f"HEAD:{branch}")
    return made


# The working tree


def test_a_change_is_written_and_nothing_is_committed(site: Path) -> None:
    head, refs = run_git(site, "rev-parse", "HEAD"), run_git(site, "for-each-ref")
    done = propose(site, lambda texts: {**opening(texts), **appending()(texts)})
    assert done == Proposed(paths=(INCIDENT, NEW), commit="", branch="", pushed=False, link="")
    assert (site / INCIDENT).read_text() == INCIDENT_TEXT + ENTRY
    assert run_git(site, "status", "--porcelain").splitlines() == [f" M {INCIDENT}", f"?? {NEW}"]
    assert (run_git(site, "rev-parse", "HEAD"), run_git(site, "for-each-ref")) == (head, refs)


def test_what_a_person_has_not_committed_is_appended_to(site: Path) -> None:
    write(site, **{INCIDENT: INCIDENT_TEXT + "More.\n"})
    propose(site, appending())
    assert (site / INCIDENT).read_text() == INCIDENT_TEXT + "More.\n" + ENTRY


def test_a_site_needs_neither_git_nor_a_folder_of_incidents(tmp_path: Path) -> None:
    assert propose(tmp_path, opening).paths == (NEW,)
    assert (tmp_path / NEW).exists()


def test_what_is_so_already_is_not_written_again(site: Path) -> None:
    propose(site, opening)
    before = (site / NEW).stat()
    assert propose(site, opening).paths == ()
    assert propose(site, lambda texts: texts).paths == ()
    assert (site / NEW).stat() == before


def test_bytes_that_the_change_does_not_touch_stay(site: Path) -> None:
    (site / INCIDENT).write_bytes(b"\xef\xbb\xbfa\r\nb\r\n")
    propose(site, appending("c\n"))
    assert (site / INCIDENT).read_bytes() == b"\xef\xbb\xbfa\r\nb\r\nc\n"


def test_changes_at_the_same_time_all_arrive(site: Path) -> None:
    changes = [threading.Thread(target=propose, args=(site, appending(f"{i}\n"))) for i in range(8)]
    for each in changes:
        each.start()
    for each in changes:
        each.join()
    added = (site / INCIDENT).read_text().removeprefix(INCIDENT_TEXT).split()
    assert sorted(added) == [str(i) for i in range(8)]


WHERE: list[dict[str, Any]] = [
    {},
    {"commit": True},
    {"branch": TOPIC},
    {"push": True},
    {"commit": True, "push": True},
    {"branch": TOPIC, "push": True},
]


@pytest.mark.parametrize("where", WHERE, ids=str)
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (refusing, "no such component"),
        (lambda _: {"incidents/../x.md": "x"}, "is no place for an incident"),
        (lambda _: {"incidents/a/b.md": "x"}, "is no place for an incident"),
        (lambda _: {"x.md": "x"}, "is no place for an incident"),
        (lambda _: {"incidents/x.txt": "x"}, "is no place for an incident"),
        (lambda _: {"incidents/.md": "x"}, "is no place for an incident"),
        (lambda _: {"incidents/README.md": "x"}, "is no place for an incident"),
        (lambda _: {"incidents/a\nb.md": "x"}, "is no place for an incident"),
        (lambda _: {"/etc/x.md": "x"}, "is no place for an incident"),
        (lambda _: {NEW: "x", "incidents/x.md": "\ud800"}, "UTF-8"),
        (lambda _: {NEW: "x" * 1_100_000}, "larger than 256 KB"),
        (lambda _: {INCIDENT.replace("api", "API"): "x"}, "is there already"),
    ],
)
def test_a_change_that_cannot_be_changes_nothing_anywhere(
    page: Path, remote: Path, where: dict[str, Any], change: Change, reason: str
) -> None:
    before = everything(page, remote)
    with pytest.raises(StatusgenError, match=reason) as raised:
        propose(page, change, **where)
    message_of(raised)
    assert everything(page, remote) == before


def test_files_that_cannot_be_read_are_passed_over_but_not_written_over(site: Path) -> None:
    (site / "incidents/latin.md").write_bytes(b"\xe9")
    (site / "incidents/link.md").symlink_to("/etc/passwd")
    commit_all(site)
    for where in ({}, {"commit": True}, {"branch": TOPIC}):
        assert sorted(proposals.texts(Place(folder=site, **where))) == [INCIDENT]
        for name in ("incidents/latin.md", "incidents/link.md"):
            with pytest.raises(SourceError, match="is there already"):
                propose(site, lambda _, name=name: {name: "x"}, **where)  # type: ignore[misc]
    assert (site / "incidents/link.md").is_symlink()
    assert propose(site, opening).paths == (NEW,)


def test_a_folder_that_is_a_link_is_refused(site: Path) -> None:
    (site / "incidents").rename(site / "elsewhere")
    (site / "incidents").symlink_to("elsewhere")
    commit_all(site)
    for where in ({}, {"commit": True}, {"branch": TOPIC}):
        with pytest.raises(SourceError, match="symbolic link"):
            propose(site, opening, **where)
    assert not (site / "elsewhere" / Path(NEW).name).exists()


def test_when_one_file_cannot_be_written_none_is(site: Path) -> None:
    before = everything(site)

    def racing(texts: Texts) -> Mapping[str, str]:
        (site / NEW).write_text("somebody else's\n")  # between looking and writing
        return {INCIDENT: texts[INCIDENT] + ENTRY, NEW: "mine\n"}

    with pytest.raises(WorldError, match="changed by somebody else just now"):
        propose(site, racing)
    assert (site / NEW).read_text() == "somebody else's\n"
    (site / NEW).unlink()
    assert everything(site) == before


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    for is_committed in (False, True):
        with pytest.raises(UsageError, match="there is no folder"):
            propose(tmp_path / "nowhere", opening, commit=is_committed)
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("where", [{"commit": True}, {"branch": "x"}, {"push": True}], ids=str)
def test_without_git_only_the_working_tree_can_be_changed(tmp_path: Path, where: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="lies in no git repository"):
        propose(tmp_path, opening, **where)
    assert list(tmp_path.iterdir()) == []


# The branch that is checked out


def test_a_commit_holds_the_change_and_nothing_else_that_is_staged(site: Path) -> None:
    write(site, **{"staged.txt": "s", "incidents/mine.md": "unfinished\n"})
    run_git(site, "add", "staged.txt")
    done = propose(site, lambda texts: {**opening(texts), **appending()(texts)}, "Open: slow", commit=True)
    assert done.commit == run_git(site, "rev-parse", "main")
    assert (done.branch, done.pushed, done.link) == ("main", False, "")
    assert run_git(site, "show", "--name-only", "--format=%s%n%an <%ae> %at %ct").splitlines() == [
        "Open: slow",
        f"Ann <ann@acme.example> {NOW} {NOW}",
        "",
        INCIDENT,
        NEW,
    ]
    assert run_git(site, "status", "--porcelain").splitlines() == ["A  staged.txt", "?? incidents/mine.md"]


def test_nothing_is_committed_for_what_is_so_already(site: Path) -> None:
    propose(site, opening, commit=True)
    before = everything(site)
    assert propose(site, opening, commit=True).commit == ""
    assert everything(site) == before


@pytest.mark.parametrize("is_staged", [True, False])
def test_unfinished_work_on_the_same_file_is_not_committed_with_it(site: Path, is_staged: bool) -> None:
    write(site, **{INCIDENT: INCIDENT_TEXT + "Not ready.\n"})
    if is_staged:
        run_git(site, "add", INCIDENT)
    before = everything(site)
    with pytest.raises(StatusgenError, match="commit them, git commit -m 'Correct ") as raised:
        propose(site, appending(), commit=True)
    message_of(raised)
    assert everything(site) == before


def test_a_file_that_git_ignores_is_not_written(site: Path) -> None:
    write(site, **{".gitignore": "*slow*\n"})
    commit_all(site)
    before = everything(site)
    with pytest.raises(StatusgenError, match="git ignores"):
        propose(site, opening, commit=True)
    assert everything(site) == before


@pytest.mark.parametrize("change", [opening, appending()], ids=["new", "old"])
def test_a_hook_that_says_no_leaves_everything_as_it_was(site: Path, change: Change) -> None:
    hook(site, "pre-commit", f"echo spoilt >>{INCIDENT}; printf 'not\\033[1m\\ntoday' >&2; exit 1")
    write(site, **{"staged.txt": "s"})
    run_git(site, "add", "staged.txt")
    before = everything(site)
    with pytest.raises(WorldError, match=r"git did not commit, and the files are as before: not.* today") as raised:
        propose(site, change, commit=True)
    message_of(raised)
    if change is not opening:
        assert everything(site) == before
    assert run_git(site, "ls-files", "--stage") == before[f"{site} index"][0]
    assert not (site / NEW).exists()


def test_the_persons_own_hooks_run(site: Path) -> None:
    hook(site, "commit-msg", 'echo "Ticket: 7" >>"$1"')
    propose(site, opening, commit=True)
    assert run_git(site, "log", "-1", "--format=%B").splitlines() == ["Say it", "Ticket: 7"]


def test_a_hook_after_the_commit_cannot_take_it_back(site: Path) -> None:
    hook(site, "post-commit", "exit 1")
    assert propose(site, opening, commit=True).commit == run_git(site, "rev-parse", "HEAD")
    assert run_git(site, "status", "--porcelain") == ""


@pytest.mark.parametrize("where", [{"commit": True}, {"branch": TOPIC}, {"branch": TOPIC, "push": True}], ids=str)
def test_a_commit_is_signed_if_the_person_signs(page: Path, tmp_path: Path, where: dict[str, Any]) -> None:
    key = tmp_path / "key"
    made = subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=False)
    if made.returncode:
        pytest.skip("no ssh-keygen")
    for name, value in (("commit.gpgsign", "true"), ("gpg.format", "ssh"), ("user.signingkey", str(key))):
        run_git(page, "config", name, value)
    assert "gpgsig" in run_git(page, "cat-file", "commit", propose(page, opening, **where).commit)


@pytest.mark.parametrize("where", [{"commit": True}, {"branch": TOPIC}, {"branch": TOPIC, "push": True}], ids=str)
def test_where_git_knows_no_name_the_program_gives_its_own(
    page: Path, where: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    made = propose(page, opening, **where).commit
    assert run_git(page, "log", "-1", "--format=%an %cn", made) == "statusgen statusgen"


@pytest.mark.parametrize("where", [{"commit": True}, {"branch": TOPIC}, {"branch": TOPIC, "push": True}], ids=str)
def test_a_name_in_the_environment_is_the_persons(
    page: Path, where: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    run_git(page, "config", "user.name", "Bob")
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Cleo")
    made = propose(page, opening, **where).commit
    assert run_git(page, "log", "-1", "--format=%an %ae %cn", made) == "Cleo ann@acme.example Bob"


def detached(site: Path) -> None:
    run_git(site, "checkout", "--quiet", "--detach")


def merging(site: Path) -> None:
    run_git(site, "branch", "other")
    write(site, **{"a.txt": "1"})
    commit_all(site)
    run_git(site, "checkout", "--quiet", "other")
    write(site, **{"b.txt": "2"})
    commit_all(site)
    run_git(site, "merge", "--quiet", "--no-commit", "main")


def unborn(site: Path) -> None:
    run_git(site, "checkout", "--quiet", "--orphan", "fresh")


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [(detached, "detached HEAD"), (merging, "a merge is not finished"), (unborn, "fresh has no commit yet")],
)
def test_a_working_tree_that_cannot_take_a_commit_says_why(
    site: Path, trouble: Callable[[Path], None], reason: str
) -> None:
    trouble(site)
    before = everything(site) if trouble is not unborn else {}
    with pytest.raises(StatusgenError, match=reason) as raised:
        propose(site, opening, commit=True)
    message_of(raised)
    assert not (site / NEW).exists()
    if before:
        assert everything(site) == before
    if trouble is not unborn:
        assert propose(site, opening, branch=TOPIC).commit  # which needs no working tree


def test_a_lock_of_another_git_is_named(site: Path) -> None:
    (site / ".git/index.lock").touch()
    with pytest.raises(WorldError, match=r"index\.lock") as raised:
        propose(site, opening, commit=True)
    message_of(raised)
    assert not (site / NEW).exists()


# Another branch


def test_a_branch_takes_the_commit_and_the_working_tree_stays(site: Path) -> None:
    write(site, **{"staged.txt": "s", INCIDENT: "in the middle of it\n"})
    run_git(site, "add", "staged.txt")
    before = everything(site)
    done = propose(site, appending(), branch=TOPIC)
    assert done.commit == run_git(site, "rev-parse", TOPIC)
    assert shown(site, TOPIC) == INCIDENT_TEXT + ENTRY
    assert run_git(site, "rev-parse", f"{TOPIC}^") == run_git(site, "rev-parse", "main")
    run_git(site, "update-ref", "-d", f"refs/heads/{TOPIC}")
    assert everything(site) == before


def test_a_second_change_goes_on_top_of_the_first(site: Path) -> None:
    first = propose(site, opening, branch=TOPIC)
    assert propose(site, opening, branch=TOPIC).commit == ""
    second = propose(site, appending("More.\n", NEW), branch=TOPIC)
    assert run_git(site, "rev-parse", f"{second.commit}^") == first.commit
    assert NEW in proposals.texts(Place(folder=site, branch=TOPIC))
    assert NEW not in proposals.texts(Place(folder=site))


def test_a_new_branch_begins_where_it_is_told(site: Path) -> None:
    run_git(site, "branch", "release")
    write(site, **{"a.txt": "a"})
    commit_all(site)
    done = propose(site, opening, branch=TOPIC, base="release")
    assert run_git(site, "rev-parse", f"{done.commit}^") == run_git(site, "rev-parse", "release")
    with pytest.raises(StatusgenError, match="there is no branch or commit 'relase'"):
        propose(site, opening, branch="other", base="relase")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        *((name, "is no name for a branch") for name in ("a..b", "-f", "@{-1}", "a b", "x.lock", "a\nb", "~", "a/")),
        ("main", "main is checked out"),
        ("HEAD", "is no name for a branch"),
        ("Status-Beats/x", "the program's own"),
        ("measured-data/default", "the program's own"),
        ("measured-notices", "the program's own: choose a name that does not begin with measured-notices"),
        ("refs/heads/main", "would be taken for another branch: write it without refs/"),
    ],
)
def test_a_branch_that_cannot_be_is_refused(site: Path, name: str, reason: str) -> None:
    run_git(site, "checkout", "--quiet", "-b", "before")
    run_git(site, "checkout", "--quiet", "main")
    write(site, **{"components.yaml": f"data: {{branch: measured-data}}\n{COMPONENTS}"})
    before = everything(site)
    with pytest.raises(UsageError, match=reason) as raised:
        propose(site, opening, branch=name)
    message_of(raised)
    assert everything(site) == before


def test_a_branch_that_another_working_tree_has_is_refused(site: Path) -> None:
    run_git(site, "worktree", "add", "--quiet", "-b", TOPIC, "../tree")
    with pytest.raises(UsageError, match="is checked out"):
        propose(site, opening, branch=TOPIC)
    tree = site.parent / "tree"
    assert propose(tree, opening, commit=True).branch == TOPIC
    assert propose(tree, opening, branch="another").commit == ""  # HEAD of that tree has it
    assert run_git(tree, "status", "--porcelain") == ""


def test_a_branch_below_another_is_refused_with_what_git_says(site: Path) -> None:
    run_git(site, "branch", "incident")
    before = everything(site)
    with pytest.raises(WorldError, match=r"cannot move branch incident/slow: .*'refs/heads/incident' exists") as raised:
        propose(site, opening, branch=TOPIC)
    message_of(raised)
    assert everything(site) == before


def test_a_branch_of_the_remote_is_gone_on_with(page: Path, remote: Path) -> None:
    run_git(remote, "branch", TOPIC)
    theirs = pushed_by_somebody_else(remote, TOPIC)
    run_git(page, "fetch", "--quiet")
    done = propose(page, opening, branch=TOPIC)
    assert run_git(page, "rev-parse", f"{done.commit}^") == theirs


def test_a_local_branch_that_is_behind_the_remotes_goes_on_from_there(page: Path, remote: Path) -> None:
    propose(page, opening, branch=TOPIC)
    propose(page, appending(), branch=TOPIC, push=True)
    theirs = pushed_by_somebody_else(remote, TOPIC)
    run_git(page, "fetch", "--quiet")
    done = propose(page, appending("More.\n", NEW), branch=TOPIC)
    assert run_git(page, "rev-parse", f"{TOPIC}^") == theirs
    assert run_git(page, "rev-parse", TOPIC) == done.commit


# A push


def test_a_commit_is_pushed(page: Path, remote: Path) -> None:
    done = propose(page, opening, push=True)
    assert done.pushed
    assert done.commit == run_git(remote, "rev-parse", "main") == run_git(page, "rev-parse", "main")
    assert run_git(page, "status", "--porcelain", "--branch") == "## main...origin/main"
    assert not propose(page, opening, push=True).pushed


def test_what_somebody_pushed_before_is_fetched_first(page: Path, remote: Path) -> None:
    theirs = pushed_by_somebody_else(remote, **{INCIDENT: INCIDENT_TEXT + "Theirs.\n"})
    write(page, **{"unrelated.txt": "mine"})
    done = propose(page, appending(), push=True)
    assert run_git(remote, "rev-parse", "main^") == theirs
    assert shown(remote, "main") == INCIDENT_TEXT + "Theirs.\n" + ENTRY == (page / INCIDENT).read_text()
    assert run_git(page, "status", "--porcelain") == "?? unrelated.txt"
    assert done.pushed


def racing(remote: Path, change: Change, times: int = 1, branch: str = "main") -> Change:
    """Return a change, during the first evaluations of which somebody else pushes."""
    left = list(range(times))

    def evaluate(texts: Texts) -> Mapping[str, str]:
        if left:
            pushed_by_somebody_else(remote, branch, **{f"incidents/other-{left.pop()}.md": "Theirs\n"})
        return change(texts)

    return evaluate


@pytest.mark.parametrize("times", [1, 3])
def test_a_lost_race_is_evaluated_again_on_what_the_other_pushed(page: Path, remote: Path, times: int) -> None:
    write(page, **{"unrelated.txt": "mine"})
    run_git(page, "add", "unrelated.txt")
    propose(page, racing(remote, appending(), times), push=True)
    assert run_git(remote, "log", "--format=%s", "main").splitlines() == ["Say it", *["Theirs"] * times, "A site"]
    assert shown(remote, "main") == INCIDENT_TEXT + ENTRY
    assert run_git(page, "status", "--porcelain") == "A  unrelated.txt"
    assert run_git(page, "rev-parse", "main") == run_git(remote, "rev-parse", "main")


def test_a_change_that_a_lost_race_has_made_impossible_leaves_nothing(page: Path, remote: Path) -> None:
    def once(texts: Texts) -> Mapping[str, str]:
        if "incidents/other-0.md" in texts:
            raise UsageError("it is closed")
        return opening(texts)

    with pytest.raises(UsageError, match="it is closed"):
        propose(page, racing(remote, once), push=True)
    assert not (page / NEW).exists()
    assert run_git(page, "status", "--porcelain") == ""
    assert run_git(page, "log", "-1", "--format=%s", "main") != "Say it"


def test_what_somebody_pushed_stays_there_if_it_makes_the_change_impossible(page: Path, remote: Path) -> None:
    pushed_by_somebody_else(remote)
    head = run_git(page, "rev-parse", "HEAD")

    def change(texts: Texts) -> Mapping[str, str]:
        if "incidents/other.md" in texts:
            raise UsageError("it is closed")
        return opening(texts)

    with pytest.raises(UsageError, match="it is closed"):
        propose(page, change, push=True)
    assert (run_git(page, "rev-parse", "HEAD"), run_git(page, "status", "--porcelain")) == (head, "")


def test_branches_that_have_each_gone_on_are_left_to_the_person(page: Path, remote: Path) -> None:
    pushed_by_somebody_else(remote)
    write(page, **{"a.txt": "a"})
    commit_all(page, "Mine")
    run_git(page, "fetch", "--quiet")
    before = everything(page, remote)
    with pytest.raises(StatusgenError, match="'git pull --rebase origin main' first") as raised:
        propose(page, opening, push=True)
    message_of(raised)
    assert everything(page, remote) == before


def protected(remote: Path, branch: str = "main") -> None:
    say = "{ echo 'GH006: Protected branch'; exit 1; }"
    hook(remote, "pre-receive", f"while read -r old new ref; do [ $ref != refs/heads/{branch} ] || {say}; done")


def test_a_protected_branch_says_what_to_do_and_leaves_all_as_it_was(page: Path, remote: Path) -> None:
    protected(remote)
    before = everything(page, remote)
    with pytest.raises(
        WorldError, match=r"GH006: Protected branch.* use --branch NAME and open a pull request"
    ) as raised:
        propose(page, opening, push=True)
    assert "nothing was changed" in message_of(raised)
    assert everything(page, remote) == before
    assert propose(page, appending(), branch=TOPIC, push=True).pushed


def test_what_could_not_be_pushed_goes_with_the_next_push(page: Path, remote: Path) -> None:
    hook(page / ".git", "pre-push", "echo 'tests fail' >&2; exit 1")
    with pytest.raises(WorldError) as raised:
        propose(page, opening, push=True)
    assert f"The commit {run_git(page, 'rev-parse', 'main')[:10]} is on your branch main" in message_of(raised)
    (page / ".git/hooks/pre-push").unlink()
    propose(page, appending(), push=True)
    assert run_git(remote, "log", "--format=%s", "main").splitlines() == ["Say it", "Say it", "A site"]


@pytest.mark.parametrize("where", [{"push": True}, {"branch": TOPIC, "push": True}], ids=str)
def test_a_remote_that_is_away_changes_nothing(page: Path, remote: Path, where: dict[str, Any]) -> None:
    remote.rename(remote.with_name("gone.git"))
    before = everything(page)
    with pytest.raises(WorldError, match=r"cannot (reach|fetch) .*nothing was") as raised:
        propose(page, opening, **where)
    message_of(raised)
    assert everything(page) == before


@pytest.mark.parametrize("where", [{"push": True}, {"branch": TOPIC, "push": True}], ids=str)
def test_a_push_needs_a_remote(site: Path, where: dict[str, Any]) -> None:
    before = everything(site)
    with pytest.raises(UsageError, match="git remote add"):
        propose(site, opening, **where)
    assert everything(site) == before


@pytest.mark.parametrize("where", [{"push": True}, {"branch": TOPIC, "push": True}], ids=str)
def test_a_push_whose_answer_got_lost_is_not_repeated(page: Path, remote: Path, where: dict[str, Any]) -> None:
    hook(remote, "post-receive", "kill -9 $PPID")
    done = propose(page, appending(), **where)
    assert done.pushed
    assert shown(remote, done.branch) == INCIDENT_TEXT + ENTRY


def test_a_branch_is_pushed_from_the_remotes_newest(page: Path, remote: Path) -> None:
    theirs = pushed_by_somebody_else(remote)
    write(page, **{"staged.txt": "s", INCIDENT: "in the middle of it\n"})
    run_git(page, "add", "staged.txt")
    before = everything(page)
    done = propose(page, appending(), branch=TOPIC, push=True)
    assert done.pushed
    assert shown(remote, TOPIC) == INCIDENT_TEXT + ENTRY
    assert run_git(remote, "rev-parse", f"{TOPIC}^") == theirs
    assert run_git(page, "rev-parse", f"refs/remotes/origin/{TOPIC}") == done.commit
    run_git(page, "update-ref", "-d", f"refs/remotes/origin/{TOPIC}")
    assert everything(page) == before


def test_a_branch_of_the_remote_takes_one_change_after_the_other(page: Path, remote: Path) -> None:
    propose(page, opening, branch=TOPIC, push=True)
    theirs = pushed_by_somebody_else(remote, TOPIC)
    assert not propose(page, opening, branch=TOPIC, push=True).pushed
    done = propose(page, racing(remote, appending("More.\n", NEW), 2, TOPIC), branch=TOPIC, push=True)
    assert run_git(remote, "rev-parse", f"{TOPIC}~3") == theirs
    assert shown(remote, done.commit, NEW).endswith("More.\n")
    assert proposals.texts(Place(folder=page, branch=TOPIC, push=True)).keys() == {
        *(INCIDENT, NEW, "incidents/other.md", "incidents/other-0.md", "incidents/other-1.md")
    }


def test_two_that_make_the_same_branch_at_once_end_with_both_changes(page: Path, remote: Path) -> None:
    def evaluate(texts: Texts) -> Mapping[str, str]:
        if INCIDENT in texts and NEW not in texts:
            propose(clone(remote, "other"), opening, branch=TOPIC, push=True)
        return appending()(texts)

    propose(page, evaluate, branch=TOPIC, push=True)
    assert run_git(remote, "log", "--format=%s", TOPIC).splitlines() == ["Say it", "Say it", "A site"]


def test_a_local_branch_follows_what_was_pushed(page: Path, remote: Path) -> None:
    mine = propose(page, opening, branch=TOPIC)
    done = propose(page, appending(), branch=TOPIC, push=True)
    assert run_git(page, "rev-parse", TOPIC) == run_git(remote, "rev-parse", TOPIC) == done.commit
    assert run_git(page, "rev-parse", f"{TOPIC}^") == mine.commit


def test_a_local_branch_that_has_gone_another_way_is_left_to_the_person(page: Path, remote: Path) -> None:
    propose(page, opening, branch=TOPIC)
    run_git(remote, "branch", TOPIC)
    pushed_by_somebody_else(remote, TOPIC)
    before = everything(page, remote)
    with pytest.raises(StatusgenError, match=f"'git pull --rebase origin {TOPIC}' on it first") as raised:
        propose(page, appending(), branch=TOPIC, push=True)
    message_of(raised)
    assert everything(page, remote) == before


def test_a_branch_that_was_merged_and_deleted_begins_anew(page: Path, remote: Path) -> None:
    propose(page, opening, branch=TOPIC)
    propose(page, appending("More.\n", NEW), branch=TOPIC, push=True)
    run_git(remote, "branch", "--quiet", "-D", TOPIC)
    theirs = pushed_by_somebody_else(remote)
    done = propose(page, appending(), branch=TOPIC, push=True)
    assert run_git(remote, "rev-parse", f"{TOPIC}^") == theirs
    assert run_git(page, "rev-parse", TOPIC) == done.commit


def test_the_branch_that_is_checked_out_does_not_move_when_it_is_pushed_to_by_name(page: Path, remote: Path) -> None:
    head = run_git(page, "rev-parse", "HEAD")
    done = propose(page, opening, branch="main", push=True)
    assert run_git(remote, "rev-parse", "main") == done.commit
    assert (run_git(page, "rev-parse", "HEAD"), run_git(page, "status", "--porcelain")) == (head, "")


def test_a_branch_that_the_remote_refuses_leaves_no_branch(page: Path, remote: Path) -> None:
    protected(remote, TOPIC)
    before = everything(page, remote)
    with pytest.raises(WorldError, match=r"nothing was changed: .*GH006") as raised:
        propose(page, opening, branch=TOPIC, push=True)
    message_of(raised)
    assert everything(page, remote) == before


def test_an_empty_remote_has_nothing_to_begin_from(site: Path, tmp_path: Path) -> None:
    run_git(tmp_path, "init", "--quiet", "--bare", "empty.git")
    run_git(site, "remote", "add", "origin", str(tmp_path / "empty.git"))
    with pytest.raises(StatusgenError, match="no commit in the remote yet"):
        propose(site, opening, branch=TOPIC, push=True)
    assert propose(site, opening, push=True).pushed


# Repositories of all kinds


@pytest.mark.parametrize("where", WHERE[1:], ids=str)
def test_a_site_in_a_folder_of_its_repository(remote: Path, where: dict[str, Any]) -> None:
    top = clone(remote, "top")
    folder = top / "docs/État"
    write(folder, **{"components.yaml": COMPONENTS, INCIDENT: INCIDENT_TEXT})
    commit_all(top)
    run_git(top, "push", "--quiet")
    done = propose(folder, lambda texts: {**opening(texts), **appending()(texts)}, **where)
    assert done.paths == (INCIDENT, NEW)
    assert shown(top, done.commit, f"docs/État/{INCIDENT}") == INCIDENT_TEXT + ENTRY
    assert shown(top, done.commit, INCIDENT) == INCIDENT_TEXT
    assert run_git(top, "status", "--porcelain") == ""


@pytest.mark.parametrize("options", [("--depth=1",), ("--filter=blob:none",)], ids=str)
@pytest.mark.parametrize("where", WHERE[1:], ids=str)
def test_a_shallow_or_partial_clone(remote: Path, where: dict[str, Any], options: tuple[str, ...]) -> None:
    pushed_by_somebody_else(remote)
    run_git(remote, "config", "uploadpack.allowFilter", "true")
    page = clone(remote, "page", *options)
    pushed_by_somebody_else(remote, **{INCIDENT: INCIDENT_TEXT + "Theirs.\n"})
    propose(page, opening, **where)
    pushed_by_somebody_else(remote, **{"a.txt": "a"})
    done = propose(page, appending(), **where)
    theirs = "Theirs.\n" if where.get("push") else ""
    repository = remote if done.pushed else page
    assert shown(repository, done.branch) == INCIDENT_TEXT + theirs + ENTRY
    assert shown(repository, done.branch, NEW)
    run_git(repository, "fsck", "--no-dangling")
    assert run_git(page, "status", "--porcelain") == ""


def test_what_a_hook_that_calls_us_has_in_its_environment_does_no_harm(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_INDEX_FILE", "/nowhere/index")
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    made = propose(site, opening, commit=True).commit
    monkeypatch.undo()
    assert made


@pytest.mark.parametrize("message", ["a\n\nb\0c", "", "\ud800", "# 7: broken", "x" * 5_000, "-m"])
@pytest.mark.parametrize("where", [{"commit": True}, {"branch": TOPIC}], ids=str)
def test_a_message_is_one_line_whatever_is_in_it(site: Path, where: dict[str, Any], message: str) -> None:
    made = propose(site, opening, message, **where).commit
    told = git.Repository(site).run("log", "-1", "--format=%B", made).decode().rstrip("\n")
    assert told
    assert "\n" not in told
    assert message[:3] in ("a\n\n", "", "\ud800") or told.startswith(message[:100])


# Links


@pytest.mark.parametrize(
    ("where", "link"),
    [
        ({"branch": TOPIC}, "https://github.com/acme/status/compare/main...incident/slow?expand=1"),
        ({"branch": TOPIC, "base": "HEAD"}, "https://github.com/acme/status/compare/HEAD...incident/slow?expand=1"),
        ({"commit": True}, ""),
    ],
)
def test_the_link_opens_a_pull_request(page: Path, where: dict[str, Any], link: str) -> None:
    run_git(page, "remote", "set-url", "origin", "git@github.com:acme/status.git")
    assert propose(page, opening, **where).link == link


def test_the_link_comes_from_the_site_where_the_remote_has_none(page: Path) -> None:
    write(page, **{"components.yaml": COMPONENTS.replace("id: acme", "repository: https://codeberg.org/acme/status")})
    link = propose(page, opening, branch=TOPIC, push=True).link
    assert link == "https://codeberg.org/acme/status/compare/main...incident/slow"
    shutil.rmtree(page / ".git/refs/remotes", ignore_errors=True)
