"""``statusgen verify``, run as a person would: what it finds, what it does not accuse, and its exit codes."""

from __future__ import annotations

import contextlib
import functools
import http.server
import json
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from statusgen import app, branches, delivery, git, ledger
from statusgen.branches import Destination
from statusgen.git import Repository
from statusgen.periods import DAY, HOUR

from . import sites
from .probes.servers import Server, answering, response
from .sites import (
    COMPONENTS,
    INCIDENT,
    INCIDENT_TEXT,
    NOW,
    bare_theme,
    month_files,
    rounds,
    run_git,
    write,
)
from .test_past import CORRECTION, PROMISES, commit

BRANCH = "status-data/default"
TO = branches.Destination(prefix="status-data", location="default", site="acme", keep=2)
TODAY = ledger.day_path(NOW)
DRAFT = INCIDENT_TEXT.replace("severity: sev2\n", "severity: sev2\ndraft: true\n")
PAGE = (
    "{% for each in snapshot.components %}<p>{{ each.component.name }}: {{ each.bars.availability }} %</p>{% endfor %}"
)
FILES = {
    "components.yaml": COMPONENTS + PROMISES,
    INCIDENT: INCIDENT_TEXT,
    "incidents/2026-11-21-draft.md": DRAFT,
    "corrections/2026-11-21-api.yaml": CORRECTION,
    ".gitignore": "/public/\n",
    **bare_theme(),
    "themes/default/index.html": PAGE,
}
AGREED = re.compile(
    r"^(\d+) numbers recomputed, 0 differ \(built 21 Nov 2026, 12:00 UTC from commit [0-9a-f]{10}\)$", re.M
)
CLEAN = "{}: 23 rounds in 9 commits, 4 summed days compared with their samples: nothing edited, removed or back-dated"


@dataclass(frozen=True)
class Ran(sites.Ran):
    """What running the command came to."""

    @property
    def is_agreed(self) -> bool:
        return self.code == 0 and bool(AGREED.search(self.out)) and self.err == ""


Run = Callable[..., Ran]


@pytest.fixture
def verify(run: sites.Run) -> Run:
    """Run the command in this process, in a folder."""

    def verify(*arguments: object, at: Path) -> Ran:
        done = run("verify", *arguments, at=at)
        return Ran(done.code, done.out, done.err)

    return verify


def remember(folder: Path) -> None:
    """Record five days of rounds, of which the older ones are summed up and leave the tree."""
    for number in (-4, -3, -2, -1):
        at = NOW + number * DAY
        delivery.record(Repository(folder), TO, list(rounds(at, at + 600)))
    delivery.record(Repository(folder), TO, list(rounds(NOW - 3_000, NOW)))


@pytest.fixture(scope="module")
def _template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("verified") / "site"
    commit(folder, NOW - 6 * DAY, **{"components.yaml": COMPONENTS})
    commit(folder, NOW - HOUR, **FILES)
    remember(folder)
    assert app.build(folder, folder / "public", NOW).problems == ()
    return folder


@pytest.fixture
def site(_template: Path, tmp_path: Path) -> Path:
    """A site with an objective, a correction and an incident, five days of samples, and what was built of it."""
    return Path(shutil.copytree(_template, tmp_path / "site", symlinks=True))


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder as any host does."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=web.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{web.server_port}"
    finally:
        web.shutdown()
        thread.join()
        web.server_close()


def change(place: Path, old: str, new: str) -> None:
    """Change the first of a text in a file."""
    text = place.read_text("utf-8")
    assert old in text
    place.write_text(text.replace(old, new, 1), "utf-8")


def claim(site: Path, **keys: Any) -> None:
    """Have the site say something else of itself; None takes the key away."""
    place = site / "public/build.json"
    said = json.loads(place.read_text()) | keys
    place.write_text(json.dumps({key: value for key, value in said.items() if value is not None}))


def tamper(site: Path, changed: dict[str, str | None], at: int = NOW) -> str:
    """Commit files on the ledger's branch as anybody could who may push."""
    repository = Repository(site)
    made = git.commit_files(repository, git.tip(repository, BRANCH), changed, "Change", at)
    run_git(site, "update-ref", f"refs/heads/{BRANCH}", made)
    return made


def text_of(site: Path, path: str) -> str:
    repository = Repository(site)
    return git.read_files(repository, git.tip(repository, BRANCH), path.__eq__)[path]


# Nothing is wrong


def test_a_site_that_nobody_touched_agrees_in_every_number(site: Path, verify: Run) -> None:
    ran = verify(at=site)
    assert ran.is_agreed, ran
    *_, numbers, audited = ran.out.splitlines()
    assert int(numbers.partition(" ")[0]) > 200
    assert audited == CLEAN.format(BRANCH)
    assert verify("--site", site, site / "public", at=site.parent).out == ran.out


def test_a_site_that_is_served_agrees_too(site: Path, verify: Run) -> None:
    with served(site / "public") as address:
        assert verify(f"{address}/", at=site).is_agreed


def test_another_clone_comes_to_the_same_from_remote_tracking_branches(site: Path, verify: Run) -> None:
    run_git(site.parent, "clone", "--quiet", str(site), "other")
    ran = verify(site / "public", at=site.parent / "other")
    assert ran.is_agreed, ran
    assert CLEAN.format(f"origin/{BRANCH}") in ran.out


def test_a_branch_of_ones_own_that_lags_behind_accuses_nobody(site: Path, verify: Run) -> None:
    run_git(site.parent, "clone", "--quiet", str(site), "other")
    run_git(site.parent / "other", "branch", "--no-track", BRANCH, f"origin/{BRANCH}~2")
    assert verify(site / "public", at=site.parent / "other").code == 0


def test_what_was_probed_and_committed_since_does_not_count(site: Path, verify: Run) -> None:
    before = verify(at=site).out
    delivery.record(Repository(site), TO, list(rounds(NOW + 300, NOW + 600)))
    commit(site, NOW + 900, **{INCIDENT: INCIDENT_TEXT.replace("11:15", "11:45")})
    ran = verify(at=site)
    assert ran.is_agreed, ran
    assert ran.out.split("status-data")[0] == before.split("status-data")[0]


@pytest.mark.parametrize("text", ["nonsense", COMPONENTS + "data: {branch: none}\n"])
def test_the_working_tree_does_not_count(site: Path, verify: Run, text: str) -> None:
    (site / INCIDENT).unlink()
    write(site, **{"components.yaml": text})
    ran = verify(at=site)
    assert ran.is_agreed, ran


def test_a_site_in_a_folder_of_a_larger_repository_agrees(tmp_path: Path, verify: Run) -> None:
    run_git(tmp_path, "init", "--quiet", "--initial-branch=main")
    commit(tmp_path / "ops/status", NOW - HOUR, **FILES)
    remember(tmp_path)
    app.build(tmp_path / "ops/status", tmp_path / "out", NOW)
    assert verify(tmp_path / "out", at=tmp_path / "ops/status").is_agreed
    assert verify("--site", "ops/status", "out", at=tmp_path).is_agreed


def test_a_ledger_in_the_working_tree_agrees_and_is_audited_there(tmp_path: Path, verify: Run) -> None:
    commit(tmp_path, NOW - HOUR, **FILES | {"components.yaml": COMPONENTS + PROMISES + "data: {branch: none}\n"})
    day = f"data/default/{TODAY}"
    lines = list(rounds(NOW - 1_800, NOW))
    commit(tmp_path, NOW, **{day: "".join(f"{line}\n" for line in lines)})
    app.build(tmp_path, tmp_path / "public", NOW)
    ran = verify(at=tmp_path)
    assert ran.is_agreed, ran
    assert "data/default: 7 rounds in 1 commit: nothing edited, removed or back-dated" in ran.out
    commit(tmp_path, NOW + 300, **{day: "".join(f"{line}\n" for line in lines[1:])})
    ran = verify(at=tmp_path)
    assert (ran.code, bool(AGREED.search(ran.out))) == (1, True)
    assert f"{day}:1: " in ran.out


def test_a_site_that_was_built_for_another_address_agrees(site: Path, verify: Run) -> None:
    app.build(site, site / "public", NOW, base_url="https://preview.acme.example/7")
    assert verify(at=site).is_agreed


def test_a_preview_with_drafts_agrees_and_is_told_apart(site: Path, verify: Run) -> None:
    app.build(site, site / "public", NOW, drafts=True)
    assert (site / "public/incidents/2026-11-21-draft").exists()
    ran = verify(at=site)
    assert (ran.code, bool(AGREED.search(ran.out))) == (1, True)
    assert ran.out.startswith("the site was built with drafts, which tell of what has not been published\n")


# What is published is not what the repository comes to


CHANGES = (  # a file, what stands there once or more, what stands there instead of the first, and what is said of it
    (
        "api/v1/availability.json",
        '"known_seconds": ',
        '"known_seconds": 1',
        "components.api.windows.24h.known_seconds: ",
    ),
    ("api/v1/samples/default/2026-11-21.jsonl", '["up",42]', '["up",24]', 'line 1: published {"v":1,'),
    ("api/v1/sla.json", '"used_ms": ', '"used_ms": 1', "objectives[0].periods[0].used_ms: published 1"),
    ("build.json", '"last_round_at": "2026', '"last_round_at": "2025', 'last_round_at: published "2025'),
    ("history.atom", "About a fifth", "About a tenth", "published 'tenth', recomputed 'fifth'"),
    ("history.rss", "<rss", "99.99<rss", "at the beginning: published '99.99', recomputed nothing"),
    ("index.html", "<p>API: ", "<p>API: 9", "after 'API:': published '9"),
    ("sla/api-month.csv", "2026-11,", "2026-12,", "line 2, column 1 (period): published 2026-12, recomputed 2026-11"),
    ("support/incidents.csv", ",sev2,", ",sev3,", "line 2, column 2 (severity): published sev3, recomputed sev2"),
)


def test_each_number_and_word_that_was_changed_is_caught_and_named(site: Path, verify: Run) -> None:
    for path, old, new, _ in CHANGES:
        change(site / "public" / path, old, new)
    ran = verify(at=site)
    assert ran.code == 1
    lines = sorted(ran.out.splitlines()[: len(CHANGES)])
    for line, (path, _, _, named) in zip(lines, CHANGES, strict=True):
        assert line.startswith(f"{path}: {named}" if not named.startswith("published") else f"{path}: ")
        assert named in line
    assert re.search(rf"^\d+ numbers recomputed, {len(CHANGES)} differ \(", ran.out, re.MULTILINE)


def test_one_change_is_enough(site: Path, verify: Run) -> None:
    change(site / "public/index.html", "<p>API: ", "<p>API: 9")
    ran = verify(at=site)
    assert ran.code == 1
    assert re.search(r"^\d+ numbers recomputed, 1 differ \(", ran.out, re.MULTILINE)


def test_a_file_that_is_missing_is_caught(site: Path, verify: Run) -> None:
    for path in ("api/v1/sla.json", "history.rss"):
        (site / "public" / path).unlink()
    with served(site / "public") as address:
        for place in ("public", address):
            ran = verify(place, at=site)
            assert ran.code == 1
            assert "api/v1/sla.json: published nothing, recomputed a file\n" in ran.out
            assert "history.rss: published nothing, recomputed a file\n" in ran.out


def test_a_file_that_is_no_longer_what_it_was_is_caught(site: Path, verify: Run) -> None:
    (site / "public/api/v1/sla.json").write_text("<html>moved</html>")
    ran = verify(at=site)
    assert (ran.code, ran.out.splitlines()[0]) == (
        1,
        "api/v1/sla.json: published what cannot be read, recomputed another text",
    )


# The ledger's history


def test_a_sample_that_a_later_commit_changed_is_named_with_the_commit(site: Path, verify: Run) -> None:
    lines = text_of(site, TODAY).splitlines()
    edited = [*lines[:3], lines[3].replace("42", "43"), *lines[4:]]
    deleted = [*edited[:6], *edited[7:]]
    dated_back = [*deleted, *rounds(NOW - 2 * HOUR, NOW - 2 * HOUR)]
    assert lines[3] != edited[3]
    commits = [tamper(site, {TODAY: "".join(f"{line}\n" for line in each)}) for each in (edited, deleted, dated_back)]
    ran = verify(at=site)
    assert ran.code == 1
    assert AGREED.search(ran.out)  # the site itself was made before
    for line, made in zip((4, 7, 11), commits, strict=True):
        when = re.escape(f"(commit {made[:10]} of 21 Nov 2026, 12:00 UTC)")
        assert re.search(rf"^{BRANCH}:{TODAY}:{line}: .* {when}$", ran.out, re.MULTILINE), ran.out


def test_a_summed_day_that_is_not_what_its_samples_add_up_to_is_named(site: Path, verify: Run) -> None:
    ((path, text),) = month_files(site).items()
    spoilt = re.sub(r'(?<=[\[,:])42(?=[\],])|"api"', '"apj"', text, count=1)
    assert spoilt != text
    tamper(site, {path: spoilt})
    ran = verify(at=site)
    assert ran.code == 1
    assert f"{BRANCH}:{path}" in ran.out


def test_a_ledger_that_was_rewritten_after_the_build_is_named(site: Path, verify: Run) -> None:
    tree = run_git(site, "rev-parse", f"{BRANCH}~1^{{tree}}")
    forged = run_git(site, "commit-tree", tree, "-m", "Forged")
    run_git(site, "update-ref", f"refs/heads/{BRANCH}", forged)
    ran = verify(at=site)
    assert ran.code == 1
    assert f"{BRANCH} was rewritten: it no longer holds commit " in ran.out


def test_that_is_noticed_in_another_clone_too_which_knows_the_branch_by_another_name(site: Path, verify: Run) -> None:
    old = run_git(site, "rev-parse", BRANCH)
    run_git(site, "update-ref", f"refs/heads/{BRANCH}", f"{BRANCH}~1")
    run_git(site, "branch", "status-data/berlin", old)
    run_git(site.parent, "clone", "--quiet", str(site), "other")
    ran = verify(site / "public", at=site.parent / "other")
    assert (ran.code, f"{BRANCH} was rewritten" in ran.out) == (1, True)


# What the site says of itself


def test_a_site_that_was_built_with_changes_that_no_commit_holds_is_named(site: Path, verify: Run) -> None:
    write(site, **{INCIDENT: INCIDENT_TEXT.replace("11:15", "10:30")})
    app.build(site, site / "public", NOW)
    run_git(site, "checkout", "--quiet", INCIDENT)
    ran = verify(at=site)
    assert ran.code == 1
    assert f"the site was built with changes that no commit holds: {INCIDENT}\n" in ran.out
    assert "api/v1/sla.json: incidents[0].resolved_at: " in ran.out


def test_a_site_that_was_built_from_a_commit_on_no_branch_is_named(site: Path, verify: Run) -> None:
    run_git(site, "checkout", "--quiet", "--detach")
    made = commit(site, NOW, **{INCIDENT: INCIDENT_TEXT.replace("11:15", "10:30")})
    app.build(site, site / "public", NOW)
    run_git(site, "checkout", "--quiet", "main")
    ran = verify(at=site)
    assert ran.code == 1
    assert AGREED.search(ran.out)
    assert f"commit {made[:10]}, of which the site is made, is not part of the branch here, "
    assert "but on no branch\n" in ran.out


def test_a_commit_that_is_not_known_here_is_named_with_what_to_do(site: Path, verify: Run) -> None:
    commit(site, NOW, **{INCIDENT: INCIDENT_TEXT.replace("11:15", "11:45")})
    app.build(site, site / "public", NOW)
    run_git(site.parent, "clone", "--quiet", str(site), "other")
    run_git(site.parent / "other", "reset", "--quiet", "--hard", "HEAD~1")
    claim(site, commit="c0ffee" * 6 + "cafe")
    ran = verify(site / "public", at=site.parent / "other")
    assert (ran.code, ran.out) == (1, "")
    assert "is not in this repository: run 'git fetch', or correct the name" in ran.err


def test_a_site_that_was_built_outside_of_a_repository_says_so(tmp_path: Path, site: Path, verify: Run) -> None:
    write(tmp_path / "plain", **FILES)
    app.build(tmp_path / "plain", tmp_path / "out", NOW)
    ran = verify(tmp_path / "out", at=site)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("error: build.json names no commit: ")
    assert "is not in a git repository" in verify(site / "public", at=tmp_path / "plain").err


@pytest.mark.parametrize("depth", [("--depth=1",), ("--depth=1", "--no-single-branch")])
def test_a_shallow_clone_accuses_nobody_and_says_what_it_does_not_know(
    site: Path, verify: Run, depth: tuple[str, ...]
) -> None:
    run_git(site.parent, "clone", "--quiet", *depth, f"file://{site}", "other")
    ran = verify(site / "public", at=site.parent / "other")
    assert ran.code == 3
    assert "shallow" in ran.err
    assert "git fetch --unshallow" in ran.err
    assert not re.search("rewritten|edited|removed|nobody reviewed|published", ran.out)


def test_a_build_json_that_cannot_be_read_is_named(site: Path, verify: Run) -> None:
    texts = ("", "nonsense", "[]", "null", "1", '"x"', "{}", "[" * 100_000, '{"generated_at": 1}', "\x00", "<html>")
    for text in texts:
        (site / "public/build.json").write_text(text)
        ran = verify(at=site)
        assert (ran.code, ran.out) == (1, "")
        assert re.fullmatch(r"error: public/build.json cannot be read: it was not written by statusgen \S+\n", ran.err)


def test_a_build_json_without_a_key_is_named(site: Path, verify: Run) -> None:
    whole = (site / "public/build.json").read_text()
    for key in ("generated_at", "statusgen", "url", "commit", "uncommitted", "drafts", "data"):
        (site / "public/build.json").write_text(whole)
        claim(site, **{key: None})
        ran = verify(at=site)
        assert (ran.code, "public/build.json cannot be read" in ran.err) == (1, True), key


def test_what_a_site_says_of_itself_is_not_believed(site: Path, verify: Run) -> None:
    whole = (site / "public/build.json").read_text()
    hostile: tuple[dict[str, Any], ...] = (
        {"generated_at": "yesterday"},
        {"url": "ftp://x"},
        {"url": 7},
        {"data": []},
        {"data": {}},
        {"data": {BRANCH: "HEAD~99"}},
        {"data": {BRANCH: "--all"}},
        {"data": {BRANCH: 0}},
        {"data": {"../../x": "HEAD"}},
        {"commit": "--output=x"},
        {"commit": {"a": 1}},
        {"uncommitted": 5},
    )
    for keys in hostile:
        (site / "public/build.json").write_text(whole)
        claim(site, **keys)
        ran = verify(at=site)
        assert ran.code == 1, keys
        assert ran.out or ran.err.startswith("error: ")


def test_a_folder_without_a_site_is_named(site: Path, verify: Run) -> None:
    shutil.rmtree(site / "public")
    ran = verify(at=site)
    assert (ran.code, ran.err) == (1, "error: public has no build.json: build the site first, or name where it is\n")
    assert "elsewhere has no build.json" in verify("elsewhere", at=site).err


def test_a_server_without_a_site_is_named(site: Path, verify: Run) -> None:
    with served(site / "incidents") as address:
        ran = verify(address, at=site)
    assert (ran.code, "has no build.json" in ran.err) == (1, True)


def test_a_server_that_fails_or_is_not_there_is_the_worlds_fault(site: Path, verify: Run) -> None:
    with answering(response(500, b"Oops")) as server:
        ran = verify(server.url(), at=site)
        assert (ran.code, ran.err) == (3, f"error: {server.url()}build.json answers with status 500: try again later\n")
    with Server(lambda sock: None) as server:
        pass
    ran = verify(server.url(), at=site)
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith(f"error: cannot read {server.url()}build.json: ")


def test_of_a_site_by_another_version_only_json_and_csv_are_compared(site: Path, verify: Run) -> None:
    claim(site, statusgen="0.0.1")
    change(site / "public/index.html", "API", "The API")
    change(site / "public/status.json", '"sentence":"', '"sentence":"Well, ')
    change(site / "public/history/search.json", '"facts":"', '"facts":"Well, ')
    ran = verify(at=site)
    assert (ran.code, bool(AGREED.search(ran.out))) == (3, True)
    assert "built by statusgen 0.0.1, this is " in ran.err
    assert ": only JSON and CSV were compared; install that version to compare the pages\n" in ran.err
    change(site / "public/api/v1/sla.json", '"used_ms": ', '"used_ms": 1')
    assert verify(at=site).code == 1


# Options


def test_at_a_commit_or_a_date_the_site_is_recomputed_from_there(site: Path, verify: Run) -> None:
    head = run_git(site, "rev-parse", "HEAD")
    commit(site, NOW + HOUR, **{INCIDENT: INCIDENT_TEXT.replace("11:15", "11:45")})
    for same in (head[:12], "2026-11-21 12:00 UTC"):
        assert verify("--at", same, at=site).is_agreed, same
    for other in ("main", "2026-11-22"):
        ran = verify("--at", other, at=site)
        assert ran.code == 1
        assert "incidents[0].resolved_at: published" in ran.out


def test_at_what_is_neither_is_named(site: Path, verify: Run) -> None:
    for at in ("nonsense", "2026-13-45", "--output=x", "HEAD:components.yaml", "1999-01-01"):
        ran = verify(f"--at={at}", at=site)
        assert (ran.code, ran.out) == (1, "")
        words = r"error: (commit '.*' is not in this repository|there was no commit yet on 1 Jan 1999)"
        assert re.match(words, ran.err)


def test_json_tells_the_same_to_programs(site: Path, verify: Run) -> None:
    ran = verify("--json", at=site)
    told = json.loads(ran.out)
    assert ran.code == 0
    assert list(told) == ["files", "numbers", "found", "notes", "ledgers"]
    assert told["found"] == []
    assert told["ledgers"] == [{"name": BRANCH, "commits": 9, "rounds": 23, "days": 4, "late": {}}]
    change(site / "public/index.html", "<p>API: ", "<p>API: 9")
    tamper(site, {TODAY: None})
    ran = verify("--json", at=site)
    assert ran.code == 1
    page, *ledger_ = json.loads(ran.out)["found"]
    assert page.startswith("index.html: after 'API:': published ")
    assert ledger_[0].startswith(f"{BRANCH}:{TODAY}")
    assert json.loads(ran.out)["files"] == told["files"]


# What the site leaves out


def test_a_ledger_branch_that_was_left_out_is_named(site: Path, verify: Run) -> None:
    away = Destination(prefix="status-data", location="away", site="acme")
    delivery.record(Repository(site), away, list(rounds(NOW - 3 * HOUR, NOW - 3 * HOUR + 600)))
    ran = verify(at=site)
    assert (ran.code, bool(AGREED.search(ran.out))) == (1, True)
    assert "status-data/away is no part of it, though it was there an hour before the site was built\n" in ran.out


def test_a_branch_that_no_prober_can_have_made_is_no_part_of_any_site(site: Path, verify: Run) -> None:
    elsewhere = Destination(prefix="status-data", location="a.b", site="acme")
    delivery.record(Repository(site), elsewhere, list(rounds(NOW - 3 * HOUR, NOW - 3 * HOUR + 600)))
    ran = verify(at=site)
    assert (ran.code, "is no part of it" in ran.out) == (0, False)


def test_a_site_that_stops_before_what_was_known_an_hour_before_is_named(site: Path, verify: Run) -> None:
    early = run_git(site, "rev-list", "--max-parents=0", "status-data/default")
    newest = run_git(site, "rev-parse", "status-data/default")
    run_git(site, "update-ref", "refs/heads/status-data/default", early)
    app.build(site, site / "public", NOW)
    run_git(site, "update-ref", "refs/heads/status-data/default", newest)
    ran = verify(at=site)
    assert (ran.code, bool(AGREED.search(ran.out))) == (1, True)
    assert re.search(r"^status-data/default ends before commit \w{10}, though it was there an hour before", ran.out)


def test_a_site_with_checks_and_no_ledger_is_named(site: Path, verify: Run) -> None:
    run_git(site, "update-ref", "-d", "refs/heads/status-data/default")
    app.build(site, site / "public", NOW)
    ran = verify(at=site)
    assert ran.code == 1
    assert "the site has checks and was built without any ledger: nothing that was measured is part of it\n" in ran.out


def test_a_file_that_was_left_out_for_its_errors_is_named(site: Path, verify: Run) -> None:
    commit(site, NOW, **{INCIDENT: INCIDENT_TEXT.replace("sev2", "sev9")})
    app.build(site, site / "public", NOW)
    ran = verify(at=site)
    assert (ran.code, bool(AGREED.search(ran.out))) == (1, True)
    assert f"the site leaves out files that have errors: {INCIDENT}\n" in ran.out


def test_terms_that_were_changed_are_listed_and_no_fault(site: Path, verify: Run) -> None:
    commit(site, NOW, **{"components.yaml": FILES["components.yaml"].replace("target: 99.9", "target: 99")})
    app.build(site, site / "public", NOW)
    ran = verify(at=site)
    assert ran.is_agreed, ran
    assert re.search(r"^components.yaml: slo 'api-28d': target from 99.9 to 99, ", ran.out, re.MULTILINE)
