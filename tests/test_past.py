"""The repository as it was: real repositories whose commits have dates, and a site built as of one of them."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from statusgen import app, git, ledger, past, sources
from statusgen.errors import SourceError, StatusgenError, WorldError
from statusgen.git import Repository
from statusgen.model import Verdict
from statusgen.periods import HOUR

from .sites import (
    COMPONENTS,
    INCIDENT,
    INCIDENT_TEXT,
    NOW,
    bare_theme,
    clone,
    record,
    rounds,
    run_git,
    write,
)


def dated(folder: Path, at: int, *arguments: str) -> None:
    """Run git as if it were an instant."""
    date = f"{at} +0000"
    environment = {**os.environ, "GIT_COMMITTER_DATE": date, "GIT_AUTHOR_DATE": date}
    done = subprocess.run(["git", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def commit(folder: Path, at: int, **texts: str) -> str:
    """Commit files by path, dated, in a folder that is made a repository if it lies in none; return the commit."""
    write(folder, **texts)
    if git.open_repository(folder) is None:
        run_git(folder, "init", "--quiet", "--initial-branch=main")
    run_git(folder, "add", "--all")
    dated(folder, at, "commit", "--quiet", "--allow-empty", "--message", f"At {at}")
    return run_git(folder, "rev-parse", "HEAD")


# Commits


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A repository and its commits by name. Side, which began from a, was merged in m and is not a first parent.

    a (+100) ── b (+200) ── m (+300) ── e (+400)
      └── c (+150) ── d (+250) ──┘
    """

    folder: Path
    commits: dict[str, str]

    @property
    def repository(self) -> Repository:
        return Repository(self.folder)

    def name_of(self, found: str) -> str:
        return next((name for name, commit in self.commits.items() if commit == found), found)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    folder = tmp_path_factory.mktemp("told") / "site"
    folder.mkdir()
    commits = {"a": commit(folder, NOW + 100, HEAD="a file that is named as a ref")}
    run_git(folder, "checkout", "--quiet", "-b", "side")
    commits |= {"c": commit(folder, NOW + 150, c="c"), "d": commit(folder, NOW + 250, d="d")}
    run_git(folder, "checkout", "--quiet", "main")
    commits["b"] = commit(folder, NOW + 200, b="b")
    dated(folder, NOW + 300, "merge", "--quiet", "--no-ff", "--message", "Merge", "side")
    commits["m"] = run_git(folder, "rev-parse", "HEAD")
    commits["e"] = commit(folder, NOW + 400, e="e")
    return Told(folder=folder, commits=commits)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        *((0, ""), (99, ""), (100, "a"), (101, "a"), (150, "a"), (199, "a"), (200, "b"), (250, "b"), (299, "b")),
        *((300, "m"), (399, "m"), (400, "e"), (401, "e"), (1_000_000, "e")),
    ],
)
def test_an_instants_commit_is_the_newest_first_parent_that_is_not_later(told: Told, after: int, expected: str) -> None:
    assert told.name_of(past.commit_at(told.repository, "HEAD", NOW + after)) == expected


def test_another_branch_has_commits_of_its_own(told: Told) -> None:
    assert told.name_of(past.commit_at(told.repository, "refs/heads/side", NOW + 200)) == "c"


def test_a_commit_dated_before_its_parent_counts_by_its_own_date(told: Told, tmp_path: Path) -> None:
    run_git(tmp_path, "clone", "--quiet", str(told.folder), "skewed")
    skewed = commit(tmp_path / "skewed", NOW + 350, f="f")
    assert past.commit_at(Repository(tmp_path / "skewed"), "HEAD", NOW + 350) == skewed
    assert told.name_of(past.commit_at(Repository(tmp_path / "skewed"), "HEAD", NOW + 349)) == "m"


def test_what_was_checked_out_then_is_the_commit_of_then(told: Told) -> None:
    assert told.name_of(past.head_at(told.repository, NOW + 200)) == "b"


def test_before_the_first_commit_there_was_nothing(told: Told) -> None:
    with pytest.raises(StatusgenError, match=r"there was no commit yet on 21 Nov 2026, 12:01 UTC: name a later") as no:
        past.head_at(told.repository, NOW + 99)
    assert not isinstance(no.value, WorldError)


def test_a_repository_without_commits_never_had_one(tmp_path: Path) -> None:
    run_git(tmp_path, "init", "--quiet")
    assert past.commit_at(Repository(tmp_path), "HEAD", NOW) == ""


def test_a_shallow_clone_knows_how_far_back_it_reaches(told: Told, tmp_path: Path) -> None:
    run_git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{told.folder}", "shallow")
    shallow = Repository(tmp_path / "shallow")
    assert told.name_of(past.commit_at(shallow, "HEAD", NOW + 400)) == "e"
    with pytest.raises(WorldError, match=r"is shallow and does not know what was there on .*: run 'git fetch --unsh"):
        past.commit_at(shallow, "HEAD", NOW + 399)
    with pytest.raises(WorldError, match=r"is not in this clone, which is shallow: run 'git fetch --unshallow'"):
        past.resolve(shallow, told.commits["a"])


def test_a_commit_may_be_named_in_any_way_that_git_knows(told: Told) -> None:
    commits = told.commits
    for name, meant in ((commits["b"], "b"), (commits["b"][:10], "b"), ("main", "e"), ("HEAD~1", "m"), ("side", "d")):
        assert told.name_of(past.resolve(told.repository, name)) == meant


@pytest.mark.parametrize("name", ["", "nowhere", "0" * 40, "--all", "-q", "HEAD^{tree}", "HEAD:b", "main..side", "-"])
def test_a_name_that_is_no_commit_or_an_option_is_refused(told: Told, name: str) -> None:
    with pytest.raises(StatusgenError) as refused:
        past.resolve(told.repository, name)
    assert str(refused.value) == f"commit '{name}' is not in this repository: run 'git fetch', or correct the name"
    assert not isinstance(refused.value, WorldError)


# Files


def test_files_of_a_commit_lie_in_a_folder_that_is_gone_afterwards(told: Told) -> None:
    with past.checked_out(told.repository, told.commits["d"], ["b", "c", "d"]) as folder:
        assert {path.name: path.read_text() for path in folder.iterdir()} == {"c": "c", "d": "d"}
    assert not folder.exists()
    with pytest.raises(KeyError), past.checked_out(told.repository, told.commits["d"], ["c"]) as folder:
        raise KeyError
    assert not folder.exists()
    assert run_git(told.folder, "status", "--porcelain") == ""


def test_a_site_in_a_folder_of_its_repository_gives_its_own_files_only(tmp_path: Path) -> None:
    site = tmp_path / "sites/acme"
    write(tmp_path, **{"incidents/other.md": "other", "README.md": "other"})
    write(site, **{"incidents/ä b.md": "own", "pages/security.md": "own", "notes.md": "not asked for"})
    (site / "incidents/latin.md").write_bytes(b"caf\xe9\r\n")
    (site / "incidents/run.md").write_text("own")
    (site / "incidents/run.md").chmod(0o755)
    (site / "incidents/secret.md").symlink_to("../../../README.md")
    (site / "themes").symlink_to("/etc")
    run_git(tmp_path, "init", "--quiet")
    made = commit(site, NOW)
    with past.checked_out(Repository(site), made, ["incidents", "pages", "themes", "data"]) as folder:
        found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
        names = ("latin", "run", "secret", "ä b")
        assert found == {*(f"incidents/{name}.md" for name in names), "pages/security.md"}
        assert (folder / "incidents/latin.md").read_bytes() == b"caf\xe9\r\n"
        assert (folder / "incidents/secret.md").readlink() == Path("../../../README.md")
        assert (folder / "themes").readlink() == Path("/etc")
    assert not folder.exists()


# The ledger


def test_branches_that_did_not_exist_then_are_left_out(tmp_path: Path) -> None:
    commit(tmp_path, NOW)
    record(tmp_path, list(rounds(NOW, NOW + 300)))
    first = run_git(tmp_path, "rev-parse", "status-data/default")
    record(tmp_path, list(rounds(NOW + 600, NOW + 600)))
    record(tmp_path, list(rounds(NOW + 600, NOW + 600)), location="berlin")

    def tips(at: int) -> list[tuple[str, str]]:
        return [(tip.name, tip.commit) for tip in past.tips_at(Repository(tmp_path), "status-data", at)]

    assert tips(NOW + 299) == []
    assert tips(NOW + 300) == tips(NOW + 599) == [("status-data/default", first)]
    assert tips(NOW + 600) == [
        (name, run_git(tmp_path, "rev-parse", name)) for name in ("status-data/berlin", "status-data/default")
    ]


# The site


CORRECTION = """\
components: [api]
from: 2026-11-21 10:30 UTC
to: 2026-11-21 10:40 UTC
set: operational
reason: The prober's own resolver had failed.
"""
PROMISES = """\
slo: [{id: api-28d, component: api, target: 99.9, period: 28d}]
sla: [{id: api-month, component: api, target: 99.5, period: month, zone: Europe/Berlin, from: 2026-11-21}]
support: {zone: Europe/Berlin, severities: {sev2: {respond: 1h}}}
"""
IN_THE_TREE = "data: {branch: none}\n"


def published(out: Path) -> dict[str, bytes]:
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def seen(first: int, last: int) -> list[str]:
    return [*rounds(first, last - 900), *rounds(last - 600, last, verdict=Verdict.DOWN)]


def begin(site: Path, more: str = "") -> None:
    """Make a site whose last commit is a second before ``NOW``."""
    texts = {
        "components.yaml": COMPONENTS + PROMISES + more,
        INCIDENT: INCIDENT_TEXT,
        "corrections/2026-11-21-api.yaml": CORRECTION,
        "pages/roadmap.md": "Soon.\n",
        **bare_theme(),
    }
    texts |= {"themes/default/index.html": "{{ snapshot }}\n", "themes/default/style.css": "p {color: blue}\n"}
    commit(site, NOW - 2 * HOUR, **{".gitignore": "out*\n", "components.yaml": COMPONENTS})
    commit(site, NOW - 1, **texts)


def go_on(site: Path, more: str = "") -> None:
    """Change everything there is to change, in commits an hour and two after ``NOW``, and without any commit."""
    (site / "pages/roadmap.md").unlink()
    commit(
        site,
        NOW + HOUR,
        **{
            "components.yaml": (COMPONENTS + PROMISES + more).replace("Support desk", "Help desk"),
            INCIDENT: INCIDENT_TEXT.replace("a fifth", "a third"),
            "incidents/2026-11-21-later.md": INCIDENT_TEXT.replace("Elevated", "More"),
            "corrections/2026-11-21-api.yaml": CORRECTION.replace("operational", "major_outage"),
            "corrections/2026-11-21-later.yaml": CORRECTION.replace("10:", "11:"),
            "slo/later.yaml": "kind: SLO\n",
            "themes/default/style.css": "p {color: red}\n",
        },
    )
    (site / INCIDENT).unlink()
    commit(site, NOW + 2 * HOUR)
    write(site, **{"incidents/2026-11-21-uncommitted.md": INCIDENT_TEXT, "components.yaml": "nonsense"})


def compared(site: Path) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Return the files that were published at ``NOW`` and those that are published as of then."""
    problems = app.build_as_of(site, site / "out2", NOW).problems
    assert problems == ()
    return published(site / "out1"), published(site / "out2")


def test_a_site_as_of_an_instant_is_the_one_that_was_published_then(tmp_path: Path) -> None:
    begin(tmp_path)
    record(tmp_path, seen(NOW - 2 * HOUR, NOW))
    app.build(tmp_path, tmp_path / "out1", NOW)
    go_on(tmp_path)
    record(tmp_path, seen(NOW + 300, NOW + HOUR))
    record(tmp_path, seen(NOW - HOUR, NOW + HOUR), location="berlin")
    before, after = compared(tmp_path)
    assert after == before
    page = after["index.html"].decode()
    assert all(part in page for part in ("Support desk", "About a fifth", "2026-11-21-api", "roadmap", "api-month"))


def test_with_the_ledger_in_the_working_tree_that_of_the_commit_counts(tmp_path: Path) -> None:
    day = f"data/default/{ledger.day_path(NOW)}"
    lines = seen(NOW - 2 * HOUR, NOW)
    write(tmp_path, **{day: "".join(f"{line}\n" for line in lines)})
    begin(tmp_path, IN_THE_TREE)
    app.build(tmp_path, tmp_path / "out1", NOW)
    later = seen(NOW + 300, NOW + HOUR)
    write(tmp_path, **{day: "".join(f"{line}\n" for line in lines[3:] + later)})
    go_on(tmp_path, IN_THE_TREE)
    before, after = compared(tmp_path)
    assert after == before
    assert b'"state": "major_outage"' in after["api/v1/availability.json"]


def test_a_site_in_a_folder_whose_ledger_is_the_remotes_is_the_same_too(tmp_path: Path) -> None:
    run_git(tmp_path, "init", "--quiet", "--bare", "remote.git")
    prober = tmp_path / "prober"
    prober.mkdir()
    run_git(prober, "init", "--quiet", "--initial-branch=main")
    begin(prober / "status")
    run_git(prober, "remote", "add", "origin", str(tmp_path / "remote.git"))
    record(prober, seen(NOW - 2 * HOUR, NOW))
    run_git(prober, "push", "--quiet", "origin", "main", "status-data/default")
    site = clone(tmp_path / "remote.git", "cloned") / "status"
    app.build(site, site / "out1", NOW, fetch=True)
    record(prober, seen(NOW + 300, NOW + HOUR))
    run_git(prober, "push", "--quiet", "origin", "status-data/default")
    run_git(site, "fetch", "--quiet", "origin")
    go_on(site)
    before, after = compared(site)
    assert after == before
    assert b'"status-data/default"' in after["build.json"]


def test_a_file_that_was_wrong_then_is_named_as_it_was(tmp_path: Path) -> None:
    begin(tmp_path)
    bad = commit(tmp_path, NOW, **{INCIDENT: "Nothing.\n"})
    commit(tmp_path, NOW + HOUR, **{INCIDENT: INCIDENT_TEXT})
    (problem,) = app.build_as_of(tmp_path, tmp_path / "out", NOW).problems
    assert (problem.path, problem.line) == (INCIDENT, 1)
    assert bad.encode() in (tmp_path / "out/build.json").read_bytes()


def test_links_are_refused_there_as_they_are_here(tmp_path: Path) -> None:
    write(tmp_path, **{"components.yaml": COMPONENTS, INCIDENT: INCIDENT_TEXT})
    (tmp_path / "incidents/passwd.md").symlink_to("/etc/passwd")
    (tmp_path / "pages").symlink_to("/etc")
    made = commit(tmp_path, NOW)
    here = sources.read(tmp_path)
    with sources.as_of(tmp_path, made, lambda _: ()) as there:
        assert there.problems == here.problems
    assert [problem.path for problem in here.problems] == ["incidents/passwd.md", "pages"]


def test_before_the_site_had_its_components_there_is_nothing_to_publish(tmp_path: Path) -> None:
    commit(tmp_path, NOW - HOUR, readme="Soon.")
    begin_at = NOW - HOUR
    with pytest.raises(SourceError, match=r"components\.yaml"):
        app.build_as_of(tmp_path, tmp_path / "out", begin_at)
    with pytest.raises(StatusgenError, match="there was no commit yet on"):
        app.build_as_of(tmp_path, tmp_path / "out", begin_at - 1)
    assert not (tmp_path / "out").exists()


def test_outside_of_a_repository_nothing_is_known_of_the_past(tmp_path: Path) -> None:
    write(tmp_path, **{"components.yaml": COMPONENTS})
    with pytest.raises(StatusgenError, match="is not in a git repository"):
        app.build_as_of(tmp_path, tmp_path / "out", NOW)
