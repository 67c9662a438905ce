"""``statusgen incident draft`` in real repositories: where what it writes goes, and what it leaves alone."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from statusgen import periods
from statusgen.drafting import autopilot, drafts
from statusgen.drafting.autopilot import Outcome, Wanted
from statusgen.model import Verdict

from ..sites import clone, commit_all, record, rounds, run_git, statusgen, write

START = periods.parse_instant("2026-11-20T10:00Z")
SLUG = "2026-11-20-api-is-unavailable"
FILE, TOPIC = f"incidents/{SLUG}.md", f"incident/{SLUG}"
SITE = """\
site: {{name: Acme Status, url: "https://status.acme.example", id: acme}}
probing: {{preflight: none}}
components:
  - {{id: api, name: API, checks: [{{id: api, tcp: "127.0.0.1:9"}}]}}
drafts: {{mode: {mode}}}
"""
EDIT = "\n## Identified · 2026-11-20 10:33 UTC\nIt is the database.\n"


def minute(count: int) -> int:
    return START + count * periods.MINUTE


def answer(folder: Path, first: int, last: int, verdict: Verdict = Verdict.UP) -> None:
    record(folder, list(rounds(minute(first), minute(last), verdict=verdict)))


def site(folder: Path, mode: str) -> Path:
    """Return a repository whose API works for ten minutes and is down from a quarter past ten to half past."""
    write(folder, **{"components.yaml": SITE.format(mode=mode)})
    commit_all(folder)
    answer(folder, 0, 10)
    answer(folder, 15, 30, Verdict.DOWN)
    return folder


def draft(folder: Path, *, at: int = 31, **wanted: Any) -> list[Outcome]:
    """Run it, and return what it wrote."""
    return [each for each in told(folder, at=at, **wanted) if not each.waits]


def told(folder: Path, *, at: int = 31, **wanted: Any) -> list[Outcome]:
    return autopilot.post(folder, minute(at), Wanted(**wanted), lambda: 0.0)


def phases_of(outcomes: list[Outcome]) -> list[str]:
    return [each.phase for each in outcomes]


def shown(folder: Path, ref: str) -> str:
    return run_git(folder, "show", f"{ref}:{FILE}") + "\n"


def phases(text: str) -> list[str]:
    return [line.split()[1] for line in text.splitlines() if line.startswith("## ")]


def everything(folder: Path) -> object:
    files = {str(path): path.read_bytes() for path in sorted(folder.glob("**/*.*")) if ".git" not in path.parts}
    return files, run_git(folder, "for-each-ref") if (folder / ".git").exists() else ""


def test_off_says_so_and_writes_nothing(tmp_path: Path) -> None:
    folder = site(tmp_path, "off")
    before = everything(folder)
    done = statusgen("incident", "draft", "--now", periods.iso(minute(31)), at=folder)
    assert (done.returncode, done.stdout) == (0, "Nothing to do: 'drafts' in components.yaml is off.\n")
    asked = statusgen("incident", "draft", "--json", at=folder)
    assert json.loads(asked.stdout) == {"mode": "off", "incidents": []}
    assert everything(folder) == before


def test_a_draft_goes_on_a_branch_of_its_own_and_once(tmp_path: Path) -> None:
    folder = site(tmp_path, "draft")
    head = run_git(folder, "rev-parse", "HEAD")
    asked = statusgen("incident", "draft", "--now", periods.iso(minute(31)), "--json", at=folder)
    assert json.loads(asked.stdout) == {
        "mode": "draft",
        "incidents": [
            {
                "path": FILE,
                "slug": SLUG,
                "title": "API is unavailable",
                "phase": "investigating",
                "is_new": True,
                "is_draft": True,
                "waits": False,
                "branch": TOPIC,
                "commit": run_git(folder, "rev-parse", TOPIC),
                "pushed": False,
                "link": "",
                "text": shown(folder, TOPIC),
            }
        ],
    }
    before = everything(folder)
    assert draft(folder) == []
    assert everything(folder) == before
    assert (run_git(folder, "rev-parse", "HEAD"), run_git(folder, "status", "--porcelain")) == (head, "")


def test_a_draft_that_waits_is_told_of_for_a_day_since_whoever_wrote_it_may_have_been_killed(remote: Path) -> None:
    first = shared(remote, "draft")
    draft(first, push=True, branch="main")
    second = clone(remote, "second", "--depth=1")
    (waiting,) = told(second, push=True, branch="main", fetch=True, at=32)
    assert (waiting.waits, waiting.branch, waiting.is_pushed, waiting.commit) == (True, TOPIC, True, "")
    later = told(second, push=True, branch="main", fetch=True, at=32 + 25 * 60)
    assert not [each for each in later if each.waits]


def test_a_draft_is_continued_and_closed_on_its_branch(tmp_path: Path) -> None:
    folder = site(tmp_path, "draft")
    draft(folder)
    answer(folder, 35, 75)
    assert phases_of(draft(folder, at=45)) == ["monitoring"]
    assert phases_of(draft(folder, at=76)) == ["resolved"]
    assert phases(shown(folder, TOPIC)) == ["Investigating", "Monitoring", "Resolved"]
    assert not (folder / FILE).exists()


def test_what_a_person_changes_on_the_branch_is_theirs(tmp_path: Path) -> None:
    folder = site(tmp_path, "draft")
    draft(folder)
    run_git(folder, "switch", "--quiet", TOPIC)
    text = (folder / FILE).read_text("utf-8")
    write(folder, **{FILE: text + EDIT})
    commit_all(folder)
    run_git(folder, "switch", "--quiet", "main")
    before = everything(folder)
    assert draft(folder, at=40) == []
    assert everything(folder) == before
    answer(folder, 35, 75)
    assert draft(folder, at=76) == []


def test_what_was_merged_as_a_draft_goes_on_by_another_proposal(tmp_path: Path) -> None:
    folder = site(tmp_path, "draft")
    draft(folder)
    run_git(folder, "merge", "--quiet", "--no-ff", TOPIC)
    run_git(folder, "branch", "--quiet", "--delete", TOPIC)
    assert draft(folder, at=32) == []
    answer(folder, 35, 45)
    (made,) = draft(folder, at=46)
    assert (made.branch, made.is_new, made.phase) == (TOPIC, False, "monitoring")
    assert (folder / FILE).read_text("utf-8").count("## ") == 1


def test_what_was_merged_without_draft_is_a_persons(tmp_path: Path) -> None:
    folder = site(tmp_path, "draft")
    draft(folder)
    run_git(folder, "merge", "--quiet", TOPIC)
    write(folder, **{FILE: (folder / FILE).read_text("utf-8").replace("draft: true\n", "")})
    commit_all(folder)
    answer(folder, 35, 75)
    assert draft(folder, at=76) == []


def test_what_is_published_goes_where_it_is_asked_to(tmp_path: Path) -> None:
    folder = site(tmp_path / "here", "publish")
    draft(folder)
    text = (folder / FILE).read_text("utf-8")
    assert drafts.is_ours(text)
    assert "draft:" not in text
    assert run_git(folder, "status", "--porcelain") == "?? incidents/"
    (folder / FILE).unlink()
    (made,) = draft(folder, commit=True)
    assert (made.branch, made.commit) == ("main", run_git(folder, "rev-parse", "HEAD"))
    assert run_git(folder, "status", "--porcelain") == ""
    (elsewhere,) = draft(site(tmp_path / "there", "publish"), branch="page")
    assert elsewhere.branch == "page"
    assert run_git(tmp_path / "there", "show", f"page:{FILE}") == text.rstrip("\n")


def test_a_plain_folder_without_git_is_enough_to_publish(tmp_path: Path) -> None:
    folder = site(tmp_path / "repository", "publish")
    made = run_git(folder, "archive", "--format=tar", "status-data/default", "-o", str(tmp_path / "data.tar"))
    assert made == ""
    plain = tmp_path / "plain"
    write(plain, **{"components.yaml": SITE.format(mode="publish") + "data: {branch: none}\n"})
    (plain / "data/default").mkdir(parents=True)
    with tarfile.open(tmp_path / "data.tar") as archive:
        archive.extractall(plain / "data/default", filter="data")
    draft(plain)
    assert phases((plain / FILE).read_text("utf-8")) == ["Investigating"]


def test_an_incident_that_a_person_deleted_stays_away(tmp_path: Path) -> None:
    folder = site(tmp_path, "publish")
    draft(folder, commit=True)
    (folder / FILE).unlink()
    commit_all(folder)
    assert draft(folder, at=33) == []


def test_a_draft_that_was_deleted_on_its_branch_stays_away(tmp_path: Path) -> None:
    folder = site(tmp_path, "draft")
    draft(folder)
    run_git(folder, "switch", "--quiet", TOPIC)
    (folder / FILE).unlink()
    commit_all(folder)
    run_git(folder, "switch", "--quiet", "main")
    assert draft(folder, at=33) == []


def test_a_branch_that_is_old_brings_nothing_back(tmp_path: Path) -> None:
    folder = site(tmp_path, "publish")
    old = "incidents/old.md"
    text = "---\ntitle: Old\ncomponents: {api: major_outage}\n---\n## Investigating · 2026-11-01 10:00 UTC\nNo idea.\n"
    write(folder, **{old: text})
    commit_all(folder)
    run_git(folder, "branch", "incident/other")
    run_git(folder, "switch", "--quiet", "incident/other")
    write(folder, **{"incidents/other.md": text.replace("api", "ghost")})
    commit_all(folder)
    run_git(folder, "switch", "--quiet", "main")
    assert draft(folder, dry=True) == []
    (folder / old).unlink()
    commit_all(folder)
    assert [each.path for each in draft(folder, dry=True)] == [FILE]


def test_an_open_incident_on_a_persons_branch_is_enough(tmp_path: Path) -> None:
    folder = site(tmp_path, "publish")
    run_git(folder, "switch", "--quiet", "--create", "incident/ours")
    text = "---\ntitle: Ours\ncomponents: {api: major_outage}\n---\n## Investigating · 2026-11-20 10:20 UTC\nNo idea.\n"
    write(folder, **{"incidents/ours.md": text})
    commit_all(folder)
    run_git(folder, "switch", "--quiet", "main")
    assert draft(folder) == []


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    """A bare repository with the ledger, from which others clone."""
    bare = tmp_path / "remote.git"
    run_git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", str(bare))
    return bare


def shared(remote: Path, mode: str) -> Path:
    folder = site(remote.parent / "first", mode)
    run_git(folder, "remote", "add", "origin", str(remote))
    run_git(folder, "push", "--quiet", "origin", "main", "status-data/default")
    return folder


def taken_away(folder: Path, path: str) -> None:
    """Delete a file on main, as a person does, and push that."""
    run_git(folder, "pull", "--quiet", "origin", "main")
    run_git(folder, "rm", "--quiet", path)
    commit_all(folder, "Take it away")
    run_git(folder, "push", "--quiet", "origin", "main")


@pytest.mark.parametrize("depth", [[], ["--depth=1"]])
def test_an_incident_that_a_person_deleted_stays_away_though_an_older_branch_has_it(
    remote: Path, depth: list[str]
) -> None:
    first = shared(remote, "publish")
    draft(first, push=True, branch="main")
    run_git(first, "fetch", "--quiet")
    run_git(first, "switch", "--quiet", "--create", "incident/other", "origin/main")
    write(first, **{"incidents/other.md": "---\ntitle: Other\n---\n## Resolved · 2026-11-01 10:00 UTC\nOver.\n"})
    commit_all(first)
    run_git(first, "push", "--quiet", "origin", "incident/other")
    run_git(first, "switch", "--quiet", "main")
    taken_away(first, FILE)
    second, main = clone(remote, "second", *depth), run_git(remote, "rev-parse", "main")
    answer(second, 35, 75)
    assert draft(second, push=True, branch="main", fetch=True, at=76) == []
    assert run_git(remote, "rev-parse", "main") == main


def test_a_shallow_clone_knows_what_a_person_deleted_a_few_commits_ago(remote: Path) -> None:
    first = shared(remote, "publish")
    draft(first, push=True, branch="main")
    taken_away(first, FILE)
    second = clone(remote, "second", "--depth=1")
    assert draft(second, push=True, branch="main", fetch=True, at=33) == []


@pytest.mark.parametrize("depth", [[], ["--depth=1"]])
def test_a_draft_that_a_person_renames_goes_on_where_it_lies(remote: Path, depth: list[str]) -> None:
    first = shared(remote, "draft")
    draft(first, push=True)
    run_git(first, "switch", "--quiet", TOPIC)
    run_git(first, "mv", FILE, "incidents/api.md")
    commit_all(first)
    run_git(first, "push", "--quiet", "origin", TOPIC)
    run_git(first, "switch", "--quiet", "main")
    second = clone(remote, "second", *depth)
    (waiting,) = told(second, push=True, fetch=True, at=32)
    assert (waiting.path, waiting.branch, waiting.waits) == ("incidents/api.md", TOPIC, True)
    answer(second, 35, 75)
    (done,) = draft(second, push=True, fetch=True, at=76)
    assert (done.path, done.branch, done.phase) == ("incidents/api.md", TOPIC, "resolved")
    assert run_git(remote, "branch", "--format=%(refname:short)", "--list", "incident/*") == TOPIC
    assert draft(second, push=True, fetch=True, at=77) == []


@pytest.mark.parametrize(("mode", "depth"), [("draft", []), ("draft", ["--depth=1"]), ("publish", ["--depth=1"])])
def test_two_runners_write_one_incident(remote: Path, mode: str, depth: list[str]) -> None:
    first = shared(remote, mode)
    second = clone(remote, "second", *depth)
    main = run_git(remote, "rev-parse", "main")
    assert [each.is_pushed for each in draft(first, push=True, branch="main")] == [True]
    assert draft(second, push=True, branch="main", fetch=True, at=32) == []
    branch = TOPIC if mode == "draft" else "main"
    assert (run_git(remote, "rev-parse", "main") == main) is (mode == "draft")
    assert run_git(remote, "log", "--format=%s", f"{main}..{branch}").count("\n") == 0
    answer(second, 35, 45)
    assert phases_of(draft(second, push=True, branch="main", at=46)) == ["monitoring"]
    assert phases(shown(remote, branch)) == ["Investigating", "Monitoring"]


def test_a_push_publishes_where_the_site_says(remote: Path) -> None:
    folder = shared(remote, "publish, branch: pages")
    main = run_git(remote, "rev-parse", "main")
    assert [(each.branch, each.is_pushed) for each in draft(folder, push=True, fetch=True)] == [("pages", True)]
    assert draft(folder, push=True, fetch=True, at=32) == []
    assert run_git(remote, "rev-parse", "main") == main
    assert [each.branch for each in draft(folder, push=True, branch="other")] == ["other"]


def test_a_push_publishes_nowhere_unless_somebody_said_where(remote: Path) -> None:
    folder = shared(remote, "publish")
    before = everything(remote)
    push = ("--fetch", "--push", "--branch", "")
    done = statusgen("incident", "draft", "--now", periods.iso(minute(31)), *push, at=folder)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "write drafts: {mode: publish, branch: main} in components.yaml, or add --branch main" in done.stderr
    assert everything(remote) == before


def test_a_dry_run_prints_the_text_and_changes_nothing(tmp_path: Path) -> None:
    folder = site(tmp_path, "publish")
    before = everything(folder)
    done = statusgen("incident", "draft", "--now", periods.iso(minute(31)), "--dry-run", "--commit", at=folder)
    assert done.stdout.startswith(f"{FILE} would be opened, investigating:\n---\ntitle: API is unavailable\n")
    assert everything(folder) == before


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return site(tmp_path_factory.mktemp("untouched"), "publish")


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--branch", "main", "--commit"], 2, "--commit"),
        (["--branch", "main"], 2, "main"),
        (["--branch", "-x"], 2, "-x"),
        (["--branch", "status-data/default"], 2, "status-data"),
        (["--push"], 2, "--branch main"),
        (["--push", "--commit"], 2, "remote"),
        (["--fetch"], 3, "remote"),
        (["--now", "soon"], 2, "soon"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_bad_input_gets_one_line_and_changes_nothing(untouched: Path, options: list[str], code: int, said: str) -> None:
    before = everything(untouched)
    done = statusgen("incident", "draft", "--now", periods.iso(minute(31)), *options, at=untouched)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert everything(untouched) == before


def test_where_there_is_no_repository_a_branch_is_refused(tmp_path: Path) -> None:
    write(tmp_path, **{"components.yaml": SITE.format(mode="publish") + "data: {branch: none}\n"})
    done = statusgen("incident", "draft", "--branch", "main", at=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "lies in no git repository" in done.stderr


def test_branches_with_strange_names_are_no_matter(tmp_path: Path) -> None:
    folder = site(tmp_path, "draft")
    run_git(folder, "remote", "add", "origin", str(tmp_path))
    tip = run_git(folder, "rev-parse", "HEAD")
    for space in ("refs/heads", "refs/remotes/origin"):
        name = f"{space}/incident/\udcff x".replace(" ", "\u00a0")
        run_git(folder, "update-ref", name, tip)
    assert phases_of(draft(folder)) == ["investigating"]
