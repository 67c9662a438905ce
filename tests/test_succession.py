"""What may take the place of a site that is live, by real repositories, folders and servers."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from statusgen import app, branches, cli, days, delivery, git, ledger, periods, succession
from statusgen.errors import StatusgenError, WorldError
from statusgen.model import Round, Sample, Verdict
from statusgen.succession import Previous

from .literals import sum_up
from .probes.servers import Server, answering, read_request, response
from .sites import (
    COMPONENTS,
    INCIDENT,
    INCIDENT_TEXT,
    NOW,
    bare_theme,
    clone,
    commit_all,
    record,
    rounds,
    run_git,
    write,
)

BRANCH = "status-data/default"
LATER = NOW + 60
OURS: dict[str, Any] = {
    "statusgen": "1",
    "url": "https://status.acme.example",
    "site": "acme",
    "commit": None,
    "uncommitted": [],
    "left_out": [],
    "drafts": False,
    "data": {},
    "samples": {},
}


def build(site: Path, at: int = LATER, *, place: str | Path = "", anyway: bool = False, **options: Any) -> list[str]:
    """Build over what lies in ``public``, or is at another place, and return what is said of that."""
    out = site / "public"
    return list(app.build(site, out, at, previous=str(place or out), replace=anyway, **options).notes)


def admitted(site: Path, place: str | Path = "", seconds: float = succession.SECONDS) -> str:
    """Return the one line that is said of a page which lies in ``public``, or is elsewhere, without building."""
    here = json.dumps({**OURS, "generated_at": periods.iso(LATER)}).encode()
    previous = Previous(place=str(place or site / "public"))
    (note,) = succession.admitted(previous, here, site, "status-data", seconds)
    return note


def refused(site: Path, at: int = LATER, **options: Any) -> str:
    """Return why the page may not be replaced, which has to be left as it is to the byte."""
    before = files(site / "public")
    with pytest.raises(WorldError) as raised:
        build(site, at, **options)
    assert files(site / "public") == before
    *reasons, remedy = str(raised.value).split("\n")
    assert remedy == "Nothing was written. '--replace' takes this page for that one all the same."
    return "\n".join(reasons)


def files(folder: Path) -> dict[str, str]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def said(site: Path) -> dict[str, Any]:
    return dict(json.loads((site / "public/build.json").read_text()))


def claim(folder: Path, **keys: Any) -> None:
    """Let the page say something else of itself."""
    (folder / "public/build.json").write_text(json.dumps(said(folder) | keys))


def tamper(site: Path, change: Callable[[str], str]) -> str:
    """Change every day file of the ledger by a commit on top, and return that commit."""
    repository = git.Repository(site)
    tip = git.tip(repository, BRANCH)
    texts = git.read_files(repository, tip, ledger.is_day_file)
    made = git.commit_files(repository, tip, {path: change(text) for path, text in texts.items()}, "Edit", NOW)
    run_git(site, "update-ref", f"refs/heads/{BRANCH}", made)
    return made


@pytest.fixture(scope="session")
def _published(_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(shutil.copytree(_template, tmp_path_factory.mktemp("live") / "site", symlinks=True))
    record(folder, list(rounds(NOW - 240, NOW - 240)))
    app.build(folder, folder / "public", NOW)
    return folder


@pytest.fixture
def live(_published: Path, tmp_path: Path) -> Path:
    """A site's repository, two commits in its ledger, and its page in ``public``."""
    return Path(shutil.copytree(_published, tmp_path / "site", symlinks=True))


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """A folder with what a page says of itself in ``public``, and no repository: it need not be asked."""
    write(tmp_path / "plain", **{"public/build.json": json.dumps({**OURS, "generated_at": periods.iso(NOW)})})
    return tmp_path / "plain"


# What may replace it


def test_a_page_of_the_same_or_of_more_is_replaced_without_a_word(live: Path) -> None:
    assert build(live, NOW) == []
    record(live, list(rounds(NOW, NOW)))
    write(live, **{INCIDENT: INCIDENT_TEXT.replace("11:15", "11:30")})
    commit_all(live)
    assert build(live) == []
    assert said(live)["samples"] == {BRANCH: 26}
    assert said(live)["generated_at"] == periods.iso(LATER)


def test_days_that_are_summed_up_and_dropped_count_as_before(live: Path) -> None:
    write(live, **{"components.yaml": COMPONENTS + "data: {retention: 8d}\n"})
    app.build(live, live / "public", NOW)
    before = said(live)["samples"]
    to = branches.Destination(prefix="status-data", location="default", site="acme", keep=1)
    later = NOW + 20 * periods.DAY
    record(live, list(rounds(later, later)))
    delivery.compact(git.Repository(live), to, later, push=False, jitter=float)
    assert "2026/11" not in run_git(live, "ls-tree", "-r", "--name-only", BRANCH).replace("2026/11/2026-12", "")
    assert build(live, later + 60) == []
    assert said(live)["samples"][BRANCH] == before[BRANCH] + 1


def test_rounds_that_arrive_late_count_too(live: Path) -> None:
    record(live, list(rounds(NOW - 20_000, NOW - 20_000)))
    assert build(live) == []
    assert said(live)["samples"] == {BRANCH: 26}


def test_each_shard_and_location_is_counted_by_itself(live: Path) -> None:
    repository = git.Repository(live)
    for i, (location, shard) in enumerate((("oslo", ""), ("tokyo", "1-of-2"), ("tokyo", "2-of-2"))):
        to = branches.Destination(prefix="status-data", location=location, site="acme", shard=shard)
        delivery.record(repository, to, list(rounds(NOW - 600 - i, NOW - 300 + 300 * i)))
    build(live)
    names = ["status-data/default", "status-data/oslo", "status-data/tokyo.1-of-2", "status-data/tokyo.2-of-2"]
    assert said(live)["samples"] == dict(zip(names, (25, 2, 3, 3), strict=True))
    assert said(live)["data"].keys() == set(names)


def test_the_clones_own_and_the_remotes_branch_are_one(live: Path, tmp_path: Path) -> None:
    """The page was made where both differed; another clone knows the remote's alone, which holds both by then."""
    other = clone(live, "other")
    record(other, list(rounds(NOW, NOW)))
    app.build(other, other / "public", LATER)
    assert said(other)["data"].keys() == {BRANCH, f"origin/{BRANCH}"}
    run_git(other, "push", "--quiet", "origin", BRANCH)
    assert build(clone(live, "third"), LATER + 60, place=other / "public") == []


# What may not


def test_a_page_that_is_newer_stays(live: Path) -> None:
    place = live / "public"
    assert refused(live, NOW - 1) == (
        f"{place}: made 2026-11-21T12:00:00Z, later than this one of 2026-11-21T11:59:59Z: "
        "build again from what is newest now, or set the clock right"
    )


def test_a_branch_that_was_rolled_back_by_a_commit_is_noticed(live: Path) -> None:
    tip = run_git(live, "rev-parse", BRANCH)
    run_git(live, "update-ref", f"refs/heads/{BRANCH}", f"{BRANCH}~1")
    here = run_git(live, "rev-parse", BRANCH)
    assert refused(live) == (
        f"{live}/public: made from '{BRANCH}' with commit {tip[:10]} and 25 samples, here it is commit {here[:10]} and "
        "24 samples, and that commit is not part of this one: fetch what is newest (--fetch), or push the old tip back "
        "from a clone that has it"
    )


def test_a_branch_that_was_rewritten_is_noticed_even_if_it_holds_more(live: Path) -> None:
    run_git(live, "update-ref", "-d", f"refs/heads/{BRANCH}")
    record(live, list(rounds(NOW - 90_000, NOW - 300)))
    assert "that commit is not part of this one" in refused(live)


def test_a_branch_that_was_replaced_by_another_history_is_noticed(live: Path) -> None:
    run_git(live, "update-ref", f"refs/heads/{BRANCH}", "main")
    assert "and 0 samples, and that commit is not part of this one" in refused(live)


def test_a_branch_that_is_gone_is_noticed(live: Path) -> None:
    tip = run_git(live, "rev-parse", BRANCH)
    run_git(live, "update-ref", "-d", f"refs/heads/{BRANCH}")
    assert refused(live) == (
        f"{live}/public: made from '{BRANCH}' with commit {tip[:10]} and 25 samples, which is not here: fetch it "
        "(--fetch), or push it back from a clone that has it; a fork needs its own site.url and site.id"
    )


def test_a_branch_that_was_given_to_another_site_is_gone_as_well(live: Path) -> None:
    made = git.commit_files(git.Repository(live), BRANCH, {branches.OWNER: '{"v": 1, "site": "evil"}\n'}, "Take", NOW)
    run_git(live, "update-ref", f"refs/heads/{BRANCH}", made)
    assert f"made from '{BRANCH}'" in refused(live)
    assert "which is not here" in refused(live)


def test_samples_that_a_later_commit_took_out_are_noticed(live: Path) -> None:
    """Whole rounds, or single answers, though no commit is missing."""
    tip = run_git(live, "rev-parse", BRANCH)
    cuts: tuple[Callable[[str], str], ...] = (
        lambda text: text[: text.rstrip("\n").rfind("\n") + 1],
        lambda text: text.replace('"api":["up",42]', '"other":[]', 1),
    )
    for cut in cuts:
        run_git(live, "update-ref", f"refs/heads/{BRANCH}", tip)
        made = tamper(live, cut)
        assert refused(live).startswith(
            f"{live}/public: made from '{BRANCH}' with commit {tip[:10]} and 25 samples, here it is commit {made[:10]} "
            "and 24 samples, and samples were taken out: "
        )


def test_a_ledger_in_the_working_tree_is_counted_as_well(tmp_path: Path) -> None:
    site = tmp_path / "plain"
    write(site, **{"components.yaml": COMPONENTS + "data: {branch: none}\n"}, **bare_theme())
    day = site / "data/default" / ledger.day_path(NOW)
    write(day.parent, **{day.name: "".join(f"{line}\n" for line in rounds(NOW - 600, NOW))})
    build(site)
    assert said(site)["samples"] == {"data/default": 3}
    write(day.parent, **{day.name: "".join(f"{line}\n" for line in rounds(NOW - 600, NOW - 300))})
    assert "made from 'data/default' with 3 samples, here it is 2 samples, and samples were taken out" in refused(site)
    shutil.rmtree(site / "data")
    assert "made from 'data/default' with 3 samples, which is not here" in refused(site)


def test_every_branch_that_lost_something_is_named(live: Path) -> None:
    record(live, list(rounds(NOW - 600, NOW - 300)), location="oslo")
    app.build(live, live / "public", NOW)
    for name in (BRANCH, "status-data/oslo"):
        run_git(live, "update-ref", "-d", f"refs/heads/{name}")
    assert [line.partition("'")[2].partition("'")[0] for line in refused(live).split("\n")] == [
        BRANCH,
        "status-data/oslo",
    ]


def test_an_older_commit_of_the_repository_does_not_replace_a_newer_one(live: Path) -> None:
    old = run_git(live, "rev-parse", "HEAD")
    write(live, **{INCIDENT: INCIDENT_TEXT.replace("11:15", "11:30")})
    new = commit_all(live)
    app.build(live, live / "public", NOW)
    run_git(live, "checkout", "--quiet", old)
    assert refused(live) == (
        f"{live}/public: made from commit {new[:10]}, which comes after {old[:10]}, "
        "the one that is checked out: git pull"
    )
    run_git(live, "checkout", "--quiet", "-b", "aside")
    write(live, **{INCIDENT: INCIDENT_TEXT})
    run_git(live, "commit", "--quiet", "--allow-empty", "--message", "Aside")
    assert build(live) == []  # neither is older than the other


def test_a_clone_that_was_not_brought_up_to_date_does_not_replace_the_page_of_one_that_was(
    live: Path, upstream: Path
) -> None:
    behind = clone(upstream, "behind")
    write(live, **{INCIDENT: INCIDENT_TEXT.replace("11:15", "11:30")})
    new = commit_all(live)
    app.build(live, live / "public", NOW)
    shutil.copytree(live / "public", behind / "public")
    told = f"made from commit {new[:10]}, which this clone does not have and which may be newer: git pull"
    assert refused(behind, fetch=True) == f"{behind}/public: {told}"
    run_git(live, "push", "--quiet", str(upstream), "HEAD:main")
    run_git(behind, "pull", "--quiet", "origin", "main")
    assert build(behind, fetch=True) == []


def test_the_page_of_another_site_is_not_replaced(live: Path) -> None:
    write(live, **{"components.yaml": COMPONENTS.replace("id: acme}", "id: fork}")})
    assert refused(live) == f"{live}/public: the page of site 'acme', this is 'fork': name another --previous"


def test_what_is_told_to_be_replaced_is_and_what_is_lost_is_said(live: Path) -> None:
    run_git(live, "update-ref", "-d", f"refs/heads/{BRANCH}")
    (note,) = build(live, anyway=True)
    assert note.startswith(f"replaced all the same: {live}/public: made from '{BRANCH}' with commit ")
    assert said(live)["data"] == {}
    assert build(live, LATER + 60) == []


# Shallow clones


@pytest.fixture
def upstream(live: Path, tmp_path: Path) -> Path:
    """The remote of a site whose page is in ``site/public``."""
    bare = tmp_path / "remote.git"
    run_git(tmp_path, "clone", "--quiet", "--bare", str(live), str(bare))
    return bare


def shallow(upstream: Path) -> Path:
    """Return a checkout as a workflow has it, without the ledger, and with the live page in ``public``."""
    folder = clone(upstream, "checkout", "--depth=1")
    shutil.copytree(upstream.parent / "site/public", folder / "public")
    return folder


UNTOLD = f"{BRANCH}: only its samples are compared, as this clone is shallow (git fetch --unshallow)"


def test_a_shallow_clone_of_the_same_commit_has_nothing_to_say(upstream: Path) -> None:
    assert build(shallow(upstream), fetch=True) == []


def test_a_shallow_clone_goes_by_the_samples_and_says_so(upstream: Path) -> None:
    record(upstream.parent / "site", list(rounds(NOW, NOW)))
    run_git(upstream.parent / "site", "push", "--quiet", str(upstream), BRANCH)
    assert build(shallow(upstream), fetch=True) == [UNTOLD]


def test_a_shallow_clone_notices_a_branch_that_was_rolled_back_or_deleted(upstream: Path) -> None:
    run_git(upstream, "update-ref", f"refs/heads/{BRANCH}", f"{BRANCH}~1")
    folder = shallow(upstream)
    assert "and 24 samples, and samples were taken out" in refused(folder, fetch=True)
    run_git(upstream, "update-ref", "-d", f"refs/heads/{BRANCH}")
    run_git(folder, "update-ref", "-d", f"refs/remotes/origin/{BRANCH}")
    assert "which is not here" in refused(folder, fetch=True)


def test_a_shallow_clone_notices_a_branch_that_was_rewritten_to_less(upstream: Path) -> None:
    run_git(upstream.parent / "site", "update-ref", "-d", f"refs/heads/{BRANCH}")
    record(upstream.parent / "site", list(rounds(NOW - 3_600, NOW - 300)))
    run_git(upstream.parent / "site", "push", "--quiet", "--force", str(upstream), BRANCH)
    assert "and 12 samples, and samples were taken out" in refused(shallow(upstream), fetch=True)


# One after the other


def test_pages_are_compared_while_no_other_build_can_write(live: Path) -> None:
    """Of two builds that race, the older one would otherwise be let through before the newer one has written."""
    said_there = (live / "public/build.json").read_bytes()
    locked = []

    def answer(_: bytes) -> bytes:
        handle = os.open(live / "public", os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            locked.append(True)
        os.close(handle)
        return response(200, said_there)

    with answering(answer) as server:
        assert build(live, place=server.url()) == []
    assert locked == [True]


def test_of_two_builds_that_race_the_newer_one_stands(live: Path) -> None:
    failed: list[str] = []

    def attempt(at: int) -> None:
        try:
            build(live, at)
        except WorldError as error:
            failed.append(str(error))

    racing = [threading.Thread(target=attempt, args=(at,)) for at in (LATER + 1, LATER)]
    for each in racing:
        each.start()
    for each in racing:
        each.join()
    assert said(live)["generated_at"] == periods.iso(LATER + 1)
    assert all("later than this one" in each for each in failed)


def test_a_build_that_was_made_before_is_compared_all_the_same(live: Path, tmp_path: Path) -> None:
    """Its files are all in their places, so that there would be nothing to do."""
    write(tmp_path, **{"build.json": json.dumps(said(live) | {"generated_at": periods.iso(LATER)})})
    assert "later than this one" in refused(live, NOW, place=tmp_path)


# What cannot be compared


def served(content: bytes) -> AbstractContextManager[Server]:
    return answering(response(200, content))


def test_a_page_is_compared_where_it_is_served(live: Path) -> None:
    with served((live / "public/build.json").read_bytes()) as server:
        address = server.url().rstrip("/")
        assert build(live, place=address) == []
        assert f"{address}: made 2026-11-21T12:00:00Z, later" in refused(live, NOW - 1, place=f"{address}")
        assert f"{address}: made 2026-11-21T12:00:00Z, later" in refused(live, NOW - 1, place="live", base_url=address)
        assert all(request.startswith(b"GET /build.json ") for request in server.requests)


def test_the_first_page_is_published_with_a_line_that_says_so(plain: Path, tmp_path: Path) -> None:
    for place in (tmp_path / "nowhere", tmp_path):
        assert admitted(plain, place) == f"{place}: no page there yet, nothing to compare with"
    with answering(response(404, b"Not here")) as server:
        assert admitted(plain, server.url()) == f"{server.url()}: no page there yet, nothing to compare with"


def test_a_host_that_is_away_keeps_no_page_from_being_published(plain: Path) -> None:
    with answering(response(500, b"")) as server:
        told = f"{server.url()}build.json answers with status 500: try again later"
        assert admitted(plain, server.url()) == f"not compared with what is live: {told}"
    note = admitted(plain, server.url())
    assert note.startswith(f"not compared with what is live: cannot read {server.url()}build.json: ConnectionError")


def test_a_host_that_never_comes_to_an_end_is_waited_for_only_so_long(plain: Path) -> None:
    def drip(sock: socket.socket) -> None:
        read_request(sock)
        sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(100):
            sock.sendall(b"x")
            time.sleep(0.05)

    with Server(drip) as server:
        note = admitted(plain, server.url(), 0.3)
    assert note.endswith("build.json did not answer whole within 0.3 s: try again later")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>",
        b"[" * 100_000,
        b"{}",
        b"\xff\xfe",
        b'{"generated_at": "9999-99-99T00:00:00Z"}',
        b"1" * 100_000,
        b" " * (succession.LARGEST + 1),
    ],
    ids=lambda content: repr(content[:12]),
)
def test_what_nobody_can_read_keeps_no_page_from_being_published(plain: Path, content: bytes) -> None:
    (plain / "public/build.json").write_bytes(content)
    with served(content) as server:
        for place in (plain / "public", server.url()):
            note = admitted(plain, place)
            assert note.startswith("not compared with what is live: ")
            assert "\n" not in note


@pytest.mark.parametrize(
    "keys",
    [
        {"commit": "--all"},
        {"commit": "HEAD"},
        {"commit": "abcd\x00"},
        {"data": {BRANCH: "--output=x"}},
        {"data": {BRANCH: "a\x00b"}},
        {"data": 1},
        {"samples": {BRANCH: "many"}},
        {"samples": {BRANCH: float("inf")}},
        {"samples": {BRANCH: [1]}},
        {"samples": []},
        {"url": "javascript:alert(1)"},
    ],
)
def test_a_key_that_no_page_has_is_nothing_to_compare_with(plain: Path, keys: dict[str, Any]) -> None:
    claim(plain, **keys)
    assert "build.json cannot be read: it was not written by statusgen" in admitted(plain)


def test_a_page_that_nobody_can_read_is_replaced(live: Path) -> None:
    (live / "public/build.json").write_text("<html>")
    assert len(build(live)) == 1
    assert said(live)["generated_at"] == periods.iso(LATER)


def test_what_a_stranger_says_is_bounded_and_printed_as_one_line(live: Path) -> None:
    claim(live, data={f"::error::\x1b[2J\n\u202e{i}": "c0ffee" for i in range(5_000)})
    told = refused(live).split("\n")
    assert len(told) == succession.SHOWN
    assert all(line.startswith(f"{live}/public: made from '::error::\\x1b[2J\\n\\u202e") for line in told)
    claim(live, data={f"{i}/{BRANCH}": f"c0ffee{i:04}" for i in range(5_000)})
    assert len(refused(live)) < 500
    claim(live, site="x" * 5_000 + "\n::error::")
    assert len(refused(live)) < 500


def test_a_page_of_an_earlier_version_is_compared_by_what_it_says(live: Path) -> None:
    told = {key: value for key, value in said(live).items() if key not in ("samples", "site")}
    (live / "public/build.json").write_text(json.dumps(told))
    assert "later than this one" in refused(live, NOW - 1)
    run_git(live, "update-ref", f"refs/heads/{BRANCH}", f"{BRANCH}~1")
    assert "that commit is not part of this one" in refused(live)


def test_a_link_in_place_of_what_the_page_says_of_itself_is_not_followed(plain: Path) -> None:
    place = plain / "public/build.json"
    place.rename(plain / "elsewhere.json")
    place.symlink_to(plain / "elsewhere.json")
    assert "is a symbolic link" in admitted(plain)


# The command


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """Run the program in this process, in a folder; return its exit code and what it said on standard error."""

    def run(*arguments: object, at: Path) -> tuple[object, str]:
        monkeypatch.chdir(at)
        monkeypatch.setattr(sys, "argv", ["statusgen", *map(str, arguments)])
        code: object = 0
        try:
            cli.main()
        except SystemExit as ended:
            code = ended.code
        return code, capfd.readouterr().err

    return run


def test_a_build_that_is_refused_ends_with_3_and_says_what_to_do(live: Path, run: Callable[..., Any]) -> None:
    code, told = run("build", "--previous", "public", "--now", "2026-11-21T11:00Z", at=live)
    assert code == 3
    assert told == (
        "error: public: made 2026-11-21T12:00:00Z, later than this one of 2026-11-21T11:00:00Z: "
        "build again from what is newest now, or set the clock right\n"
        "Nothing was written. '--replace' takes this page for that one all the same.\n"
    )
    code, told = run("build", "--previous", "public", "--replace", "--now", "2026-11-21T11:00Z", at=live)
    assert (code, told.startswith("replaced all the same: public: made ")) == (0, True)


def test_options_that_do_not_go_together_are_refused(live: Path, run: Callable[..., Any]) -> None:
    code, told = run("build", "--previous", "live", "--as-of", "2026-11-01", at=live)
    assert (code, "nor with --fetch or --previous" in told) == (2, True)
    for command in ("build", "run"):
        code, told = run(command, "--replace", at=live)
        assert (code, "--replace goes with --previous only, like --previous live --replace" in told) == (2, True)


def test_a_run_compares_too(live: Path, run: Callable[..., Any]) -> None:
    claim(live, generated_at="2099-01-01T00:00:00Z")
    before = files(live / "public")
    code, told = run("run", "--previous", "public", at=live)
    assert (code, "made 2099-01-01T00:00:00Z, later than this one" in told) == (3, True)
    assert files(live / "public") == before


# Forks


def test_a_fork_that_took_its_upstreams_ledger_along_starts_its_own_by_a_prefix(
    live: Path, run: Callable[..., Any]
) -> None:
    """Nothing of the upstream's is deleted, and nothing is published as the fork's."""
    write(live, **{"components.yaml": COMPONENTS.replace("id: acme}", "id: fork}")})
    tip = run_git(live, "rev-parse", BRANCH)
    code, told = run("probe", at=live)
    remedy = "to begin a history of your own, set data.branch to a prefix of your own, like 'own-data'"
    assert (code, remedy in told, "belongs to site 'acme', this is 'fork'" in told) == (1, True, True)
    code, told = run("check", "--strict", at=live)
    assert code == 1
    shutil.rmtree(live / "public")
    code, told = run("build", at=live)
    assert (code, remedy in told) == (0, True)
    assert (said(live)["data"], said(live)["samples"], said(live)["site"]) == ({}, {}, "fork")
    write(live, **{"components.yaml": (live / "components.yaml").read_text() + "data: {branch: fork-data}\n"})
    assert run("check", "--strict", at=live)[0] == 0
    assert run("probe", at=live)[0] == 0
    assert run("build", "--previous", "public", at=live)[0] == 0
    assert said(live)["samples"] == {"fork-data/default": 1}
    assert run_git(live, "rev-parse", BRANCH) == tip


def test_a_fork_that_kept_its_upstreams_name_does_not_replace_its_page(live: Path, tmp_path: Path) -> None:
    """On a forge a fork has the main branch alone: it would begin an empty history under the upstream's address."""
    fork = tmp_path / "fork"
    run_git(tmp_path, "clone", "--quiet", "--single-branch", str(live), "fork")
    with pytest.raises(StatusgenError, match=r"a fork needs its own site\.url and site\.id"):
        app.build(fork, fork / "public", LATER, previous=str(live / "public"))


def test_a_sample_that_says_nothing_but_why_counts() -> None:
    answers = (("api", Sample(NOW, None, None, "skipped")), ("web", Sample(NOW, Verdict.UP, 1)))
    assert days.samples(sum_up([Round(at=NOW, answers=answers)])) == 2
    assert days.samples(sum_up([Round(at=NOW, prober_error="offline")])) == 0
