"""The pipelines on real repositories: a round that leaves a person's work alone, a site that is the same everywhere."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from statusgen import app, archive, errors, files, git, ledger, periods, probing, sources
from statusgen.errors import SourceError, StatusgenError, UsageError, WorldError

from .probes.servers import Server, answering, dripping, response, unused_port
from .sites import (
    COMPONENTS,
    INCIDENT,
    INCIDENT_TEXT,
    NOW,
    NOW_TEXT,
    ROOT,
    clone,
    commit_all,
    ledger_lines,
    record,
    rounds,
    run_git,
    statusgen,
    write,
)

TWO_TRIES = 2 * 0.5 + 0.05  # seconds: the timeout of each, and the pause between them
BUSY = 3  # times slower than one that does nothing else is what this machine may be
IN_THE_TREE = COMPONENTS.replace("probing:", "data: {branch: none}\nprobing:")


def work(folder: Path) -> tuple[object, ...]:
    """Return all that a person's own work consists of: the checked-out branch, the index, the working tree."""
    top = Path(run_git(folder, "rev-parse", "--show-toplevel"))
    return (
        (top / ".git/HEAD").read_bytes(),
        (top / ".git/index").read_bytes() if (top / ".git/index").exists() else b"",
        run_git(top, "for-each-ref", "refs/heads/main", "refs/tags", "refs/stash"),
        run_git(top, "--no-optional-locks", "status", "--porcelain"),
        {path: path.read_bytes() for path in sorted(top.rglob("*")) if ".git" not in path.parts and path.is_file()},
    )


def published(out: Path) -> dict[str, bytes]:
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def stamps(out: Path) -> dict[Path, tuple[int, int]]:
    """Return what writing a file would change, content or not."""
    return {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in out.rglob("*")}


def probe_and_record(folder: Path, location: str = "default", *, push: bool = False, at: int = NOW) -> int:
    outbox = probing.outbox(folder, probing.destination(folder, location), push=push, jitter=lambda: 0.0)
    outbox.put(probing.prober(folder, {}).ask(at).round)
    return outbox.send()


# Probing.


@contextlib.contextmanager
def four_targets() -> Iterator[str]:
    """Yield the components of a site with a target that answers, one that fails, one away and one that never ends."""
    with (
        answering(response(200)) as good,
        answering(response(500)) as bad,
        Server(dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")) as endless,
    ):
        targets = {
            "good": good.url(),
            "bad": bad.url(),
            "away": f"http://127.0.0.1:{unused_port()}/",
            "endless": endless.url(),
        }
        lines = [f'  - {{id: {name}, name: {name}, check: "{url}"}}' for name, url in targets.items()]
        probing = "probing: {timeout: 500ms, reprobe: [50ms], preflight: none}"
        yield "\n".join([*COMPONENTS.splitlines()[:2], probing, "components:", *lines, ""])


def test_three_rounds_are_recorded_with_the_right_verdicts_in_time_and_nothing_else_is_touched(site: Path) -> None:
    run_git(site, "branch", "--delete", "--force", "status-data/default")
    took = []
    with four_targets() as components:
        write(site, **{"components.yaml": components})
        commit_all(site)
        before = work(site)
        for _ in range(3):
            started = time.monotonic()
            done = statusgen("probe", at=site)
            took.append(time.monotonic() - started)
            assert done.returncode == 0, done.stderr
            assert work(site) == before
        started = time.monotonic()
        probing.prober(site, {})
        asking = time.monotonic() - started
    lines = [json.loads(line) for line in ledger_lines(site)]
    assert [[(check, *answer[:1], *answer[2:3]) for check, answer in _without_hourly(line)] for line in lines] == [
        [("good", "up"), ("bad", "down", "status 500"), ("away", "down", "refused"), ("endless", "down", "timeout")]
    ] * 3
    reached = ["dns", "connect", "first_byte", "transfer"]
    assert [[list(answer[3]) for _, answer in _without_hourly(line)[1:]] for line in lines] == [
        [reached, reached[:1], reached[:3]]
    ] * 3
    assert run_git(site, "status", "--porcelain") == ""
    assert asking <= TWO_TRIES + 2
    assert max(took) <= TWO_TRIES + 2 * BUSY


def _without_hourly(line: dict[str, dict[str, list[str]]]) -> list[tuple[str, list[str]]]:
    """Return a line's answers without the details of the good ones, which depend on the time of the day."""
    return [(check, answer[:2] if answer[0] == "up" else answer) for check, answer in line["checks"].items()]


def test_once_an_hour_the_details_of_every_answer_are_recorded(site: Path) -> None:
    with answering(response(200)) as good:
        write(site, **{"components.yaml": COMPONENTS.replace('tcp: "127.0.0.1:9"', f'http: "{good.url()}"')})
        hour = NOW - NOW % periods.HOUR - periods.HOUR
        for at in (hour - 1, hour + 299, hour + 300):
            probe_and_record(site, "berlin", at=at)
    lines = [json.loads(line) for line in ledger_lines(site, "status-data/berlin")]
    assert [len(line["checks"]["api"]) for line in lines] == [2, 4, 2]
    at, details = archive.read(site, sources.read(site).site, NOW).seen["berlin"].details["api"]
    assert (at, details.tls, details.transfer is None) == (hour + 299, None, False)


def _dirty(site: Path) -> None:
    write(site, **{INCIDENT: INCIDENT_TEXT + "\nstaged", "new.md": "staged"})
    run_git(site, "add", "--all")
    write(site, **{INCIDENT: INCIDENT_TEXT + "\nchanged", "untracked.md": "untracked"})
    (site / ".gitignore").unlink()


def _detached(site: Path) -> None:
    run_git(site, "checkout", "--quiet", "--detach")


def _amid_a_merge(site: Path) -> None:
    for branch in ("one", "two"):
        run_git(site, "checkout", "--quiet", "-b", branch, "main")
        write(site, **{"notes.md": branch})
        commit_all(site)
    subprocess.run(["git", "merge", "one"], cwd=site, capture_output=True, check=False)
    assert "UU" in run_git(site, "status", "--porcelain") or "AA" in run_git(site, "status", "--porcelain")


@pytest.mark.parametrize("prepare", [_dirty, _detached, _amid_a_merge])
def test_a_round_leaves_head_index_and_tree_as_they_are_in_whatever_state(
    site: Path, prepare: Callable[[Path], None]
) -> None:
    prepare(site)
    before = work(site)
    probe_and_record(site)
    assert work(site) == before
    assert ledger_lines(site)[-1].startswith('{"v":1,"at":"2026-11-21T12:00:00Z"')


def test_a_repository_without_any_commit_will_do(tmp_path: Path) -> None:
    write(tmp_path, **{"components.yaml": COMPONENTS})
    run_git(tmp_path, "init", "--quiet")
    run_git(tmp_path, "add", "--all")
    before = work(tmp_path)
    probe_and_record(tmp_path)
    assert work(tmp_path) == before
    assert len(ledger_lines(tmp_path)) == 1
    assert json.loads(app_build(tmp_path)["build.json"])["commit"] is None


def test_a_site_may_lie_in_a_folder_of_a_bigger_repository(tmp_path: Path) -> None:
    status = tmp_path / "repository/ops/status"
    write(status, **{"components.yaml": COMPONENTS, INCIDENT: INCIDENT_TEXT})
    commit_all(tmp_path / "repository")
    before = work(status)
    probe_and_record(status)
    assert work(status) == before
    assert run_git(status, "ls-tree", "-r", "--full-tree", "--name-only", "status-data/default").splitlines() == [
        "samples/2026-11-21.jsonl",
        "site.json",
    ]
    probe_and_record(status, at=NOW - 300)
    assert len(ledger_lines(status)) == 2
    api = json.loads(app_build(status)["api/v1/availability.json"])["components"]["api"]
    assert api["windows"]["24h"]["known_seconds"] > 0


def test_a_linked_worktree_will_do(site: Path, tmp_path: Path) -> None:
    run_git(site, "worktree", "add", "--quiet", str(tmp_path / "second"), "-b", "second")
    probe_and_record(tmp_path / "second")
    assert len(ledger_lines(site)) == 25
    assert run_git(tmp_path / "second", "status", "--porcelain") == ""


def test_outside_any_repository_the_remedy_is_named_before_anything_is_asked(tmp_path: Path) -> None:
    write(tmp_path, **{"components.yaml": COMPONENTS})
    with pytest.raises(StatusgenError) as refused:
        probing.destination(tmp_path, "default")
    assert str(refused.value) == (
        f"{tmp_path} is not in a git repository: run 'git init', or set 'data: {{branch: none}}'"
    )


@pytest.mark.parametrize("location", ["", "Über", "a/b", "..", "a b", "x" * 200])
def test_a_location_is_a_word_that_a_branch_can_be_called(site: Path, location: str) -> None:
    with pytest.raises(UsageError, match="--location "):
        probing.destination(site, location)


def test_a_site_without_a_check_has_nothing_to_ask(site: Path) -> None:
    write(site, **{"components.yaml": COMPONENTS.replace(', checks: [{id: api, tcp: "127.0.0.1:9"}]', "")})
    with pytest.raises(StatusgenError, match=r"components\.yaml has no check"):
        probing.prober(site, {})


def test_a_push_goes_to_the_remote_and_what_waited_goes_with_it(remote: Path) -> None:
    site = clone(remote, "clone")
    probe_and_record(site)
    assert probe_and_record(site, push=True, at=NOW + 300) == 1
    assert len(ledger_lines(remote)) == 2


def test_where_there_is_no_remote_a_push_is_a_commit(site: Path) -> None:
    assert probe_and_record(site, push=True) == 0
    assert len(ledger_lines(site)) == 25


# The ledger in the working tree.


@pytest.fixture
def tree_site(tmp_path: Path) -> Path:
    write(tmp_path, **{"components.yaml": IN_THE_TREE, INCIDENT: INCIDENT_TEXT})
    return tmp_path


def rounds_seen(site: Path, at: int = NOW) -> dict[str, int]:
    """Return how many rounds of each location were seen up to an instant."""
    measured = archive.read(site, sources.read(site).site, at)
    return {location: sum(len(day.rounds) for day in found.days) for location, found in measured.seen.items()}


def test_the_ledger_may_lie_in_the_working_tree_without_any_git(
    tree_site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    probe_and_record(tree_site)
    probe_and_record(tree_site, "berlin", at=NOW + 86_400)
    first = (tree_site / "data/default/samples/2026-11-21.jsonl").read_text()
    line = '{"v":1,"at":"2026-11-21T12:00:00Z","checks":{"api":["down",null,"refused",{"dns":0}]}}\n'
    assert re.sub('"dns":[0-9]+', '"dns":0', first) == line
    assert (tree_site / "data/berlin/samples/2026-11-22.jsonl").exists()
    assert rounds_seen(tree_site, at=NOW + 86_400) == {"default": 1, "berlin": 1}
    assert json.loads(app_build(tree_site)["build.json"])["commit"] is None


def test_runs_that_append_to_one_file_do_so_one_after_the_other(tree_site: Path) -> None:
    run = threading.Thread(target=probe_and_record, args=(tree_site,))
    with files.alone(tree_site):
        run.start()
        run.join(0.3)  # ample for a probe of a target that refuses, and a pause before the second try
        assert run.is_alive()
        assert not (tree_site / "data").exists()
    run.join()
    assert (tree_site / "data/default/samples/2026-11-21.jsonl").exists()


def test_a_day_of_more_than_a_megabyte_is_appended_to_and_read(tree_site: Path) -> None:
    place = tree_site / "data/default/samples/2026-11-21.jsonl"
    place.parent.mkdir(parents=True)
    padding = f'"later":"{"x" * 900_000}","checks"'  # a key that this version does not know
    place.write_text("".join(line.replace('"checks"', padding) + "\n" for line in rounds(NOW - 3_000, NOW - 300)))
    assert place.stat().st_size > files.MAX_IMAGE
    probe_and_record(tree_site)
    assert rounds_seen(tree_site) == {"default": 11}


def test_bytes_that_are_not_utf_8_do_not_keep_a_round_out(tree_site: Path) -> None:
    place = tree_site / "data/default/samples/2026-11-21.jsonl"
    write(place.parent, **{place.name: ""})
    place.write_bytes(b"\xff\xfe cut off")
    probe_and_record(tree_site)
    first, second, end = place.read_bytes().split(b"\n")
    assert (first, second[:7], end) == (b"\xff\xfe cut off", b'{"v":1,', b"")


def test_a_link_in_place_of_the_ledgers_folder_is_neither_written_nor_read_through(tree_site: Path) -> None:
    (tree_site / "elsewhere").mkdir()
    (tree_site / "data").symlink_to("elsewhere")
    with pytest.raises(SourceError, match=r"^data:1: is a symbolic link"):
        probe_and_record(tree_site)
    with pytest.raises(SourceError, match=r"^data:1: is a symbolic link"):
        app.build(tree_site, tree_site / "public", NOW)
    assert list((tree_site / "elsewhere").iterdir()) == []


# Building.


@pytest.fixture(scope="module")
def _built(_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("built") / "public"
    app.build(_template, out, NOW)
    return out


@pytest.fixture
def built(site: Path, _built: Path) -> Path:
    """The site, built at ``NOW``: the folder it was published to."""
    return Path(shutil.copytree(_built, site / "public"))


def app_build(site: Path, **options: bool | str) -> dict[str, bytes]:
    """Build a site and return what was published."""
    app.build(site, site / "public", NOW, **options)
    return published(site / "public")


ELSEWHERE: list[Mapping[str, str]] = [
    {"TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "1", "LANG": "tr_TR.UTF-8", "LC_ALL": "C"},
    {"TZ": "America/St_Johns", "PYTHONHASHSEED": "4711", "LC_ALL": "C.UTF-8", "PYTHONUTF8": "0"},
]


def test_the_same_instant_gives_the_same_bytes_anywhere(site: Path, tmp_path: Path) -> None:
    shutil.rmtree(site / "themes")  # so that it is the real theme that is built
    write(site, **{"components.yaml": COMPONENTS.replace("id: acme}", "id: acme, languages: [ja, ar]}")})
    here = app_build(site)
    for number, environment in enumerate(ELSEWHERE):
        elsewhere = tmp_path / f"elsewhere-{number}"
        elsewhere.mkdir()
        before = os.umask(0o077 if number else 0o000)
        try:
            done = statusgen(
                *("build", "--site", site, "--out", "out", "--now", NOW_TEXT), at=elsewhere, environment=environment
            )
        finally:
            os.umask(before)
        assert (done.returncode, done.stderr) == (0, "")
        assert published(elsewhere / "out") == here


def test_a_copy_of_the_repository_gives_the_same_bytes(site: Path, built: Path, tmp_path: Path) -> None:
    run_git(site, "gc", "--quiet")
    run_git(tmp_path, "clone", "--quiet", "--mirror", str(site), "mirror")
    run_git(tmp_path, "clone", "--quiet", "mirror", "copy")
    run_git(tmp_path / "copy", "branch", "--quiet", "status-data/default", "origin/status-data/default")
    assert app_build(tmp_path / "copy") == published(built)


def test_building_again_with_nothing_changed_writes_no_file(site: Path, built: Path) -> None:
    before = stamps(built)
    written = app.build(site, built, NOW).written
    assert (written.changed, written.removed) == ((), ())
    assert stamps(built) == before


def test_what_a_removed_incident_left_is_removed_and_foreign_files_stay(site: Path, built: Path) -> None:
    page = "incidents/2026-11-20-api-errors/index.html"
    assert page in published(built)
    write(built, CNAME="status.acme.example", **{"incidents/notes.txt": "ours"})
    (site / INCIDENT).unlink()
    after = app_build(site)
    assert page not in after
    assert (after["CNAME"], after["incidents/notes.txt"]) == (b"status.acme.example", b"ours")
    assert not (built / page).parent.exists()


BROKEN = {
    "components.yaml": "site: {name: X\n",
    "themes/default/404.html": "{% if %}",
    "themes/default/index.html": "{{ no_such_thing }}",
    "themes/default": None,
    ".git/config": "[bro",
}


@pytest.mark.parametrize("path", BROKEN)
def test_a_build_that_fails_leaves_the_previous_site_whole(site: Path, built: Path, path: str) -> None:
    before = stamps(built)
    content = BROKEN[path]
    if content is None:
        shutil.rmtree(site / path)
        (site / path).symlink_to("/etc")
    else:
        write(site, **{path: content})
    with pytest.raises(StatusgenError) as failed:
        app_build(site)
    assert isinstance(failed.value, WorldError if path.startswith(".git") else SourceError)
    assert path in str(failed.value)
    assert stamps(built) == before


def test_one_bad_incident_is_named_and_the_rest_is_published(site: Path) -> None:
    bad = "incidents/2026-11-21-bad.md"
    write(site, **{bad: INCIDENT_TEXT.replace("title:", "titel:")})
    built = app.build(site, site / "public", NOW)
    assert [(problem.path, problem.line) for problem in built.problems] == [(bad, 2)]
    made = published(site / "public")
    assert "incidents/2026-11-20-api-errors/index.html" in made
    assert "incidents/2026-11-21-bad/index.html" not in made
    assert bad in made["build.json"].decode()


def test_drafts_are_left_out_unless_they_are_asked_for(site: Path) -> None:
    write(site, **{"incidents/2026-11-21-draft.md": INCIDENT_TEXT.replace("title:", "draft: true\ntitle:")})
    page = "incidents/2026-11-21-draft/index.html"
    assert page not in app_build(site)
    assert page in app_build(site, drafts=True)


def test_a_theme_of_the_sites_own_replaces_the_files_it_has(site: Path, built: Path) -> None:
    write(site, **{"components.yaml": COMPONENTS + "theme: {name: own}\n"})
    with pytest.raises(SourceError, match=r"components\.yaml:1: theme 'own' has no folder: create themes/own/"):
        app_build(site)
    write(site, **{"themes/own/404.html": "Gone <&", "themes/own/more.css": "p {}"})
    own = app_build(site)
    assert (own["404.html"], own["more.css"]) == (b"Gone <&", b"p {}")
    assert own["index.html"] == published(built)["index.html"]  # what the site overrides of the default stays
    assert own["style.css"] == published(built)["style.css"]


def test_a_site_is_published_in_every_language_it_names(site: Path) -> None:
    write(site, **{"components.yaml": COMPONENTS.replace("id: acme}", "id: acme, languages: [de, tlh]}")})
    made = app_build(site)
    assert {"index.html", "de/index.html", "tlh/index.html", "de/incidents/2026-11-20-api-errors/index.html"} <= set(
        made
    )
    assert json.loads(made["de/status.json"])["id"] == json.loads(made["tlh/status.json"])["id"]
    assert app.build(site, site / "public", NOW).written.changed == ()
    write(site, **{"components.yaml": COMPONENTS})
    assert not [path for path in app_build(site) if path.startswith(("de/", "tlh/"))]


def test_another_address_may_be_given_and_must_be_one(site: Path) -> None:
    made = app_build(site, base_url="https://preview.example/status/")
    assert b"https://preview.example/status/" in made["sitemap.xml"]
    for wrong in ("preview.example", "ftp://preview.example", "https://preview.example/?a=1", "https://"):
        with pytest.raises(UsageError, match="--base-url "):
            app_build(site, base_url=wrong)


def test_the_history_of_another_site_is_left_out_with_a_warning_that_names_the_remedy(site: Path) -> None:
    record(site, list(rounds(NOW - 600, NOW)), location="upstream", site="upstream")
    built = app.build(site, site / "public", NOW)
    assert [f"{problem} [{problem.level}]" for problem in built.problems] == [
        "status-data/upstream:1: belongs to site 'upstream', this is 'acme', so it was left out: to begin a history of "
        "your own, set data.branch to a prefix of your own, like 'own-data', or delete the branch here; to go on with "
        "this one, set site.id to 'upstream' [warning]"
    ]
    tips = json.loads((site / "public/build.json").read_text())["data"]
    assert "status-data/default" in str(tips)
    assert "upstream" not in str(tips)


def test_words_of_a_summed_day_that_are_no_reasons_neither_end_a_build_nor_get_onto_the_page(site: Path) -> None:
    told = {"api": "1 down \ud800, 1 down visit evil.example", "web": "2 up"}
    line = {"v": 1, "day": "2026-10-02", "of": "", "rounds": "3 300", "checks": told, "latencies": {}}
    line |= {"errors": "1 -, 1 visit evil.example", "late": "2 visit evil.example"}
    repository = git.open_repository(site)
    assert repository
    wrong = git.commit_files(repository, "", {"days/2026-10.jsonl": json.dumps(line) + "\n"}, "Wrong", NOW)
    run_git(site, "update-ref", "refs/heads/status-data/berlin", wrong)
    made = app_build(site)
    assert not [path for path, content in made.items() if b"evil" in content]


def test_a_shallow_checkout_sees_the_ledger_with_a_fetch_and_only_with_one(remote: Path) -> None:
    writer = clone(remote, "writer")
    record(writer, list(rounds(NOW - 3_600, NOW - 300)))
    probe_and_record(writer, push=True)
    site = clone(remote, "checkout", "--depth=1", "--single-branch")
    assert known_seconds(app_build(site)) == 0
    assert known_seconds(app_build(site, fetch=True)) > 0


def test_a_fetch_that_fails_leaves_the_previous_site_whole(remote: Path) -> None:
    site = clone(remote, "clone")
    write(site, **{"public/index.html": "<p>Old</p>"})
    remote.rename(remote.with_name("away.git"))
    with pytest.raises(WorldError, match="cannot fetch status-data/"):
        app_build(site, fetch=True)
    assert published(site / "public") == {"index.html": b"<p>Old</p>"}


def known_seconds(made: Mapping[str, bytes]) -> int:
    known: int = json.loads(made["api/v1/availability.json"])["components"]["api"]["windows"]["24h"]["known_seconds"]
    return known


def test_shards_and_locations_are_told_apart(site: Path) -> None:
    for name in ("default.1-of-2", "default.2-of-2", "berlin"):
        record(site, list(rounds(NOW - 600, NOW)), location=name)
    measured = archive.read(site, sources.read(site).site, NOW)
    assert sorted(measured.seen) == ["berlin", "default"]
    assert sorted(name for name, _ in measured.tips) == [
        "status-data/berlin",
        "status-data/default",
        "status-data/default.1-of-2",
        "status-data/default.2-of-2",
    ]


NO_LOCATIONS = ("x/2026-11-21.jsonl", 'a"b<script>', "X", "con", "a.b", "x.1-of-2.1-of-2", "\u202ey", "x" * 81)


@pytest.mark.parametrize("odd", NO_LOCATIONS)
def test_a_branch_that_is_not_called_like_a_location_is_left_out_and_named(site: Path, odd: str) -> None:
    run_git(site, "update-ref", "refs/heads/status-data/x.1-of-1", "status-data/default")
    good = {path for path in app_build(site) if path.startswith("api/v1/samples/")}
    run_git(site, "update-ref", f"refs/heads/status-data/{odd}", "status-data/default")
    built = app.build(site, site / "public", NOW)
    (problem,) = built.problems
    assert (problem.path, problem.level) == (errors.printable(f"status-data/{odd}"), errors.Level.WARNING)
    assert problem.message == (
        f"'{errors.excerpt(ledger.location_of(odd))}' is no location's name, which is an id, so it was left out: "
        "rename it, or delete it"
    )
    there = {path.relative_to(site / "public").as_posix() for path in (site / "public/api/v1/samples").rglob("*.jsonl")}
    assert there == good
    assert sorted(archive.read(site, sources.read(site).site, NOW).seen) == ["default", "x"]


def test_a_folder_of_the_tree_that_is_not_called_like_a_location_is_left_out_and_named(site: Path) -> None:
    write(site, **{"components.yaml": f"{COMPONENTS}data: {{branch: none}}\n"})
    line = next(rounds(NOW - 600, NOW))
    write(site, **{f"data/{place}/samples/2026-11-21.jsonl": f"{line}\n" for place in ("x.1-of-1", "a b")})
    measured = archive.read(site, sources.read(site).site, NOW)
    assert list(measured.seen) == ["x"]
    assert list(map(str, measured.problems)) == [
        "data/a b:1: 'a b' is no location's name, which is an id, so it was left out: rename it, or delete it"
    ]


# Checking.


def checked(site: Path, environment: Mapping[str, str] | None = None, *, require_secrets: bool = False) -> list[str]:
    found = app.check(site, NOW, environment or {}, require_secrets=require_secrets)
    return [f"{problem} [{problem.level}]" for problem in found]


def test_check_warns_of_what_is_committed_where_builds_write(site: Path) -> None:
    write(site, **{"public/evil.html": "<script>", "public/b.txt": "b"})
    assert not [each for each in checked(site) if "public/" in each]
    run_git(site, "add", "--force", "public")
    (warning,) = [each for each in checked(site) if "public/" in each]
    assert warning.startswith("public/b.txt:1: is committed, as is another file: a host publishes it")
    assert warning.endswith("[warning]")


def test_a_good_site_has_nothing_to_complain_of_and_nothing_is_written(site: Path) -> None:
    before = work(site)
    assert checked(site) == []
    assert work(site) == before
    assert not (site / "public").exists()


def test_problems_are_told_in_the_order_of_files_and_lines(site: Path) -> None:
    write(site, **{"incidents/b.md": INCIDENT_TEXT.replace("sev2", "sev9"), "incidents/a.md": "no front matter"})
    told = [problem.split(" ")[0] for problem in checked(site)]
    assert told == sorted(told)
    assert {"incidents/a.md:1:", "incidents/b.md:3:"} <= set(told)


def test_bad_lines_of_the_ledger_are_warnings_that_name_branch_file_and_line(site: Path) -> None:
    record(site, list(rounds(NOW, NOW)))
    repository = git.Repository(site)
    text = git.read_files(repository, "status-data/default", ledger.is_day_file)["samples/2026-11-21.jsonl"]
    commit = git.commit_files(repository, "status-data/default", {"samples/2026-11-21.jsonl": text + "{\n"}, "Bad", NOW)
    run_git(site, "update-ref", "refs/heads/status-data/default", commit)
    (problem,) = checked(site)
    assert problem.startswith("status-data/default:samples/2026-11-21.jsonl:26: is not JSON and was passed over")
    assert problem.endswith("[warning]")


def test_what_is_doubtful_of_the_configuration_is_named_with_its_line(site: Path) -> None:
    text = """\
site:
  name: Acme Status

  url: https://acme.example/status
security:
  contact: mailto:security@acme.example
  expires: 2026-11-22
components:
  - {id: support, name: Support desk, since: 2026-11-01}
  - id: api
    name: API
    check:
      http:
        url: https://acme.example/
        headers: {Authorization: "Bearer ${env:TOKEN}"}
notifications:
  - name: ops
    to: ${env:STATUS_SLACK}
    # ${env:TOKEN}
"""
    write(site, **{"components.yaml": text})
    lines = text.splitlines()
    found = [(int(each.split(":")[1]), each) for each in checked(site) if each.startswith("components.yaml:")]
    told = [(lines[line - 1].split(":")[0].strip(), each.split(": ", 1)[1].split(":")[0]) for line, each in found]
    assert told == [
        ("site", "'feed' has no 'authority'"),  # there is no 'feed' either
        ("name", "'site' has no 'id'"),
        ("url", "'url' has the path '/status', and programs for the Status API ask for https"),
        ("url", "'security' is looked for at https"),
        ("expires", "'security' expires on 22 Nov 2026, 00"),
        ("headers", "environment variable 'TOKEN' is not set here"),
        ("to", "environment variable 'STATUS_SLACK' is not set here"),
    ]


def test_a_secret_that_is_unset_is_a_note_or_an_error_where_it_is_required(site: Path) -> None:
    http = 'http: {url: "https://acme.example/", headers: {Authorization: "Bearer ${env:TOKEN}"}}'
    write(site, **{"components.yaml": COMPONENTS.replace('tcp: "127.0.0.1:9"', http)})
    text = "components.yaml:5: environment variable 'TOKEN' is not set here: probing needs it"
    assert checked(site) == [f"{text} [notice]"]
    assert checked(site, require_secrets=True) == [f"{text} [error]"]
    assert checked(site, {"TOKEN": "x"}, require_secrets=True) == []
    with pytest.raises(StatusgenError, match=r"environment variable 'TOKEN' is not set, and a check .* needs it"):
        probing.prober(site, {})
    with pytest.raises(StatusgenError, match="'TOKEN' holds a line break"):
        probing.prober(site, {"TOKEN": "one\ntwo"})


def test_what_the_clock_makes_doubtful_is_a_warning(site: Path) -> None:
    write(site, **{"incidents/2026-11-21-soon.md": INCIDENT_TEXT.replace("2026-11-20 11:15", "2026-11-22 11:15")})
    maintenance = (
        "---\ntitle: Upgrade\ntype: maintenance\ncomponents: [api]\n"
        "scheduled: {from: 2026-11-21T08:00Z, until: 2026-11-21T09:00Z}\n---\n"
        "## In progress · 2026-11-21 08:00 UTC\nWe have begun.\n"
    )
    write(site, **{"incidents/2026-11-21-upgrade.md": maintenance})
    assert checked(site) == [
        "incidents/2026-11-21-soon.md:7: is open and has been silent for 1 d 1 h: sev2 is to have an update every 8 h, "
        "so add one [warning]",
        "incidents/2026-11-21-soon.md:7: declares a partial outage of 'api', and probes have seen it up for 30 min or "
        "more: add an update with 'Components: api operational', or one that says what is broken [warning]",
        "incidents/2026-11-21-soon.md:10: is dated 22 Nov 2026, 11:15 UTC, which is in the future: "
        "it is shown from then on [warning]",
        "incidents/2026-11-21-upgrade.md:1: is over by the schedule and still in progress: "
        "add '## Completed · <time> UTC' [warning]",
    ]


def test_the_page_of_this_repository_is_in_order() -> None:
    found = app.check(ROOT, periods.parse_instant("2026-11-22T00:00Z"), {}, require_secrets=True)
    assert [str(problem) for problem in found] == []


def test_a_preview_elsewhere_does_not_change_the_ids_of_feed_entries(site: Path) -> None:
    write(site, **{"components.yaml": re.sub("feed:.*\n", "", COMPONENTS)})

    def ids(base_url: str) -> list[str]:
        app_build(site, base_url=base_url)
        return re.findall("<id>(.*?)</id>", (site / "public" / "history.atom").read_text("utf-8"))

    at_home = ids("")
    assert len(at_home) > 1
    assert ids("https://preview.example/status/") == at_home
