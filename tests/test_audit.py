"""Whatever is done to a ledger's history behind the program's back is named; whatever the program does is not."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import pytest

from statusgen import delivery, git, ledger, rollup
from statusgen.audit import Audit, Finding, Late, audit
from statusgen.branches import Destination
from statusgen.errors import WorldError
from statusgen.git import Repository
from statusgen.model import Round, Sample, Verdict
from statusgen.periods import DAY, HOUR

from .sites import NOW, clone, commit_all, month_files, rounds, run_git, write

BRANCH = "status-data/default"
TO = Destination(prefix="status-data", location="default", site="acme", keep=2)
TODAY = "samples/2026-11-21.jsonl"
OLDEST = "samples/2026-11-18.jsonl"
MONTH = "days/2026-11.jsonl"
LINES = tuple(rounds(NOW, NOW + 3_000))


def line(at: int, verdict: Verdict = Verdict.UP, latency: int = 42, late: str = "") -> str:
    return ledger.encode(Round(at=at, answers=(("api", Sample(at, verdict, latency)),), late=late))


def of_branch(folder: Path, branch: str = BRANCH) -> Audit:
    repository = Repository(folder)
    return audit(repository, branch, git.tip(repository, branch))


def found(folder: Path) -> list[tuple[str, int, str]]:
    """Return where the findings are and what they say; all are of the last commit of the branch."""
    findings = of_branch(folder).findings
    assert {each.commit for each in findings} <= {run_git(folder, "rev-parse", BRANCH)}
    return [(each.path, each.line, each.message) for each in findings]


def text_of(folder: Path, path: str) -> str:
    return git.read_files(Repository(folder), BRANCH, path.__eq__).get(path, "")


def commit(folder: Path, changed: dict[str, str | None], at: int = NOW) -> str:
    """Commit files on the branch as anybody could."""
    repository = Repository(folder)
    made = git.commit_files(repository, git.tip(repository, BRANCH), changed, "Change", at)
    run_git(folder, "update-ref", f"refs/heads/{BRANCH}", made)
    return made


def publish(folder: Path, *lines: str) -> None:
    for each in lines:
        delivery.publish(Repository(folder), TO, [each], lambda: 0.0)


@pytest.fixture(scope="session")
def _day_template(tmp_path_factory: pytest.TempPathFactory, _own_git: None) -> Path:
    folder = tmp_path_factory.mktemp("audit") / "day"
    folder.mkdir()
    run_git(folder, "init", "--quiet")
    commit(folder, {TODAY: ledger.append("", LINES[:3]), "site.json": '{"site": "acme"}\n'}, NOW + 600)
    return folder


@pytest.fixture
def day(_day_template: Path, tmp_path: Path) -> Path:
    """A ledger of three rounds."""
    return Path(shutil.copytree(_day_template, tmp_path / "day"))


@pytest.fixture(scope="session")
def _days_template(_day_template: Path) -> Path:
    folder = _day_template.with_name("days")
    folder.mkdir()
    run_git(folder, "init", "--quiet")
    for number in (-3, -2, -1, 0):
        delivery.record(Repository(folder), TO, [line(NOW + number * DAY + i, latency=i * 100) for i in range(3)])
    return folder


@pytest.fixture
def several_days(_days_template: Path, tmp_path: Path) -> Path:
    """A ledger of four days, of which three are summed up and two have left the tree."""
    return Path(shutil.copytree(_days_template, tmp_path / "days"))


# What the program does.


def test_rounds_recorded_one_after_the_other_give_no_finding(tmp_path: Path) -> None:
    run_git(tmp_path, "init", "--quiet")
    for each in LINES[:3]:
        delivery.record(Repository(tmp_path), TO, [each])
    assert of_branch(tmp_path) == Audit(commits=3, rounds=3, days=0, findings=(), late=())


def test_days_that_were_summed_up_and_dropped_give_no_finding(several_days: Path) -> None:
    assert TODAY in git.blobs(Repository(several_days), BRANCH)
    assert OLDEST not in git.blobs(Repository(several_days), BRANCH)
    seen = of_branch(several_days)
    assert (seen.findings, seen.rounds, seen.days, seen.late) == ((), 12, 3, ())


def test_two_writers_and_rounds_that_were_queued_give_no_finding_and_are_counted(remote: Path) -> None:
    first, second = clone(remote, "first"), clone(remote, "second")
    publish(first, line(NOW - 3 * DAY))
    away = remote.rename(remote.with_name("away.git"))
    with pytest.raises(WorldError):
        publish(first, line(NOW - 3 * DAY + 300))
    away.rename(remote)
    publish(second, line(NOW - 3 * DAY + 600), line(NOW - DAY, Verdict.DOWN), line(NOW))
    assert OLDEST not in git.blobs(Repository(remote), BRANCH)
    publish(first, line(NOW + 1))  # and a round of a day that is dropped, which is summed up and dropped again
    assert OLDEST not in git.blobs(Repository(remote), BRANCH)
    seen = of_branch(remote)
    assert (seen.findings, seen.rounds, seen.days) == ((), 6, 2)
    at = NOW - 3 * DAY + 300
    assert seen.late == (Late(branch=BRANCH, why="queued", count=1, first=at, last=at, most=seen.late[0].most),)
    assert seen.late[0].most >= 0
    assert of_branch(first, f"origin/{BRANCH}").findings == ()


def test_a_late_round_whose_day_was_dropped_and_is_not_summed_up_again_yet_gives_no_finding(several_days: Path) -> None:
    commit(several_days, {OLDEST: line(NOW - 3 * DAY + 9, late="queued") + "\n"})
    assert found(several_days) == []


def test_a_late_round_of_a_day_that_is_summed_up_and_there_gives_no_finding(several_days: Path) -> None:
    path = "samples/2026-11-20.jsonl"
    commit(several_days, {path: ledger.append(text_of(several_days, path), [line(NOW - DAY + 9, late="queued")])})
    assert found(several_days) == []
    delivery.compact(Repository(several_days), TO, NOW, push=False, jitter=lambda: 0.0)
    assert found(several_days) == []


def test_days_summed_up_before_they_were_delivered_give_no_finding(remote: Path) -> None:
    folder = clone(remote, "clone")
    for each in (line(NOW - DAY), line(NOW - DAY + 300), line(NOW)):
        delivery.record(Repository(folder), TO, [each])
    assert month_files(folder)
    publish(folder, line(NOW + 300))
    seen = of_branch(remote)
    assert (seen.findings, seen.days, [each.count for each in seen.late]) == ((), 1, [3])


def test_two_clones_that_summed_up_the_same_day_give_no_finding(remote: Path) -> None:
    first, second = clone(remote, "first"), clone(remote, "second")
    publish(first, line(NOW - DAY))

    run_git(second, "fetch", "--quiet", "origin", f"{BRANCH}:refs/remotes/origin/{BRANCH}")
    for each in (line(NOW - DAY + 300, latency=90), line(NOW)):
        delivery.record(Repository(second), TO, [each])
    publish(first, line(NOW - DAY + 600, latency=1), line(NOW - DAY + 601, latency=1), line(NOW + 1))
    publish(second, line(NOW + 300))
    assert '"latencies":{"api":"1:2 ' in month_files(remote)[MONTH]
    assert of_branch(remote).findings == ()
    commit(remote, {MONTH: month_files(remote)[MONTH].replace('"1:2 ', '"1:3 ')})
    assert found(remote) == [(MONTH, 1, "20 Nov 2026 has other latencies of 'api' than its samples")]


def test_a_line_that_a_crash_cut_off_and_that_is_closed_by_the_next_gives_no_finding(day: Path) -> None:
    cut = text_of(day, TODAY) + LINES[3][:30]
    commit(day, {TODAY: cut}, NOW + 900)
    commit(day, {TODAY: ledger.append(cut, [LINES[4]])}, NOW + 1_200)
    assert found(day) == []
    assert of_branch(day).rounds == 4


def test_a_line_that_was_cut_off_and_is_completed_later_is_edited(day: Path) -> None:
    cut = text_of(day, TODAY) + LINES[3][:30]
    commit(day, {TODAY: cut}, NOW + 900)
    commit(day, {TODAY: cut + LINES[3][30:] + "\n"}, NOW + 900)
    assert [(line, message.rpartition(" ")[2]) for _, line, message in found(day)] == [(4, "edited")]


def test_days_made_up_at_once_give_no_finding_since_they_say_so(tmp_path: Path) -> None:
    run_git(tmp_path, "init", "--quiet")
    delivery.record(Repository(tmp_path), TO, [line(NOW - i * DAY, late="sample") for i in range(9)])
    seen = of_branch(tmp_path)
    assert (seen.findings, seen.days) == ((), 8)
    assert seen.late == (Late(branch=BRANCH, why="sample", count=9, first=NOW - 8 * DAY, last=NOW, most=8 * DAY),)


def test_no_ledger_at_all_gives_no_finding(tmp_path: Path) -> None:
    write(tmp_path, README="x")
    commit_all(tmp_path)
    assert of_branch(tmp_path, "main") == Audit(commits=1, rounds=0, days=0, findings=(), late=())


# Day files.


def test_a_sample_edited_by_a_later_commit_is_named_with_commit_and_line(day: Path) -> None:
    edited = commit(day, {TODAY: ledger.append("", [LINES[0], line(NOW + 300, Verdict.DOWN), LINES[2], LINES[3]])})
    (finding,) = of_branch(day).findings
    message = "the round of 2026-11-21T12:05:00Z was edited"
    assert finding == Finding(branch=BRANCH, commit=edited, at=NOW, path=TODAY, line=2, message=message)
    assert str(finding) == f"{BRANCH}:{TODAY}:2: {message} (commit {edited[:10]} of 21 Nov 2026, 12:00 UTC)"


@pytest.mark.parametrize(
    ("lines", "where", "message"),
    [
        ([LINES[0], LINES[2]], 2, "the round of 2026-11-21T12:05:00Z was removed"),
        ([LINES[0]], 2, "the round of 2026-11-21T12:05:00Z with 1 more after it was removed"),
        ([LINES[0], LINES[2], LINES[3]], 2, "the round of 2026-11-21T12:05:00Z was removed"),
        ([], 1, "the round of 2026-11-21T12:00:00Z with 2 more after it was removed"),
        ([LINES[4], *LINES[:3]], 1, "the round of 2026-11-21T12:20:00Z was put in before the end of the file"),
        ([LINES[0], "x", "y", *LINES[1:5]], 2, "line 'x' with 1 more after it was put in before the end of the file"),
        ([*LINES[:2], "x"], 3, "the round of 2026-11-21T12:10:00Z was edited"),
    ],
)
def test_a_line_that_is_not_added_at_the_end_is_named(day: Path, lines: list[str], where: int, message: str) -> None:
    commit(day, {TODAY: ledger.append("", lines)})
    assert found(day) == [(TODAY, where, message)]


def test_each_of_several_edits_is_named(day: Path) -> None:
    commit(day, {TODAY: ledger.append("", [line(NOW), LINES[1], LINES[2]])})
    assert found(day) == []  # it is the same line
    commit(day, {TODAY: ledger.append("", [line(NOW, latency=1), LINES[1], line(NOW + 600, latency=1)])})
    assert [where for _, where, _ in found(day)] == [1, 3]


def test_what_was_put_in_is_named_by_its_new_line_and_what_was_added_after_an_edit_is_checked(day: Path) -> None:
    commit(day, {TODAY: ledger.append("", [LINES[1], "x", LINES[2], line(NOW - 2 * HOUR)])})
    assert [(line, message.rpartition(" ")[2]) for _, line, message in found(day)] == [
        (1, "removed"),
        (2, "file"),
        (4, "late"),
    ]


def test_lines_that_change_places_are_named(day: Path) -> None:
    commit(day, {TODAY: ledger.append("", [LINES[1], LINES[0], LINES[2]])})
    assert found(day) != []


def test_a_long_file_rewritten_is_named_once(day: Path) -> None:
    many = [line(NOW + i) for i in range(3_002)]
    path = "samples/2026-11-22.jsonl"
    commit(day, {path: ledger.append("", many)})
    commit(day, {path: ledger.append("", many[::-1])})
    assert found(day) == [(path, 1, "the round of 2026-11-21T12:00:00Z and what follows was changed")]


def test_an_edit_that_was_undone_is_still_named(day: Path) -> None:
    before = text_of(day, TODAY)
    edited = commit(day, {TODAY: ledger.append("", LINES[:2])})
    commit(day, {TODAY: before}, NOW + 600)
    assert [(each.commit, each.line) for each in of_branch(day).findings] == [(edited, 3)]


def test_a_day_file_that_was_deleted_without_being_summed_up_is_named(day: Path) -> None:
    commit(day, {TODAY: None})
    assert found(day) == [(TODAY, 0, f"was deleted, and no day in {MONTH} was summed up from it as it was")]


def test_a_day_file_that_was_deleted_after_a_late_round_was_added_is_named(several_days: Path) -> None:
    path = "samples/2026-11-20.jsonl"
    commit(several_days, {path: text_of(several_days, path) + line(NOW - DAY + 9, late="queued") + "\n"})
    commit(several_days, {path: None})
    assert [(path, line) for path, line, _ in found(several_days)] == [(path, 0), (MONTH, 3)]


def test_a_day_file_that_became_a_link_is_deleted(day: Path) -> None:
    run_git(day, "checkout", "--quiet", "--force", BRANCH)
    (day / TODAY).unlink()
    (day / TODAY).symlink_to("elsewhere")
    commit_all(day)
    assert [path for path, _, message in found(day) if "was deleted" in message] == [TODAY]


def test_a_day_file_that_was_moved_elsewhere_is_deleted(day: Path) -> None:
    commit(day, {TODAY: None, "samples/2026-11-22.jsonl": text_of(day, TODAY), "copy": text_of(day, TODAY)})
    assert [path for path, _, _ in found(day)] == [TODAY]


def test_a_dropped_day_that_comes_back_saying_it_again_is_named(several_days: Path) -> None:
    again = line(NOW - 3 * DAY, Verdict.DOWN, late="queued")
    commit(several_days, {OLDEST: ledger.append("", [line(NOW - 3 * DAY + 9, late="queued"), again])})
    message = "the round of 2026-11-18T12:00:00Z was written again after the day was summed up and dropped"
    assert found(several_days) == [(OLDEST, 2, message)]


def test_a_link_or_another_mode_is_no_change_of_a_day_file(day: Path) -> None:
    run_git(day, "checkout", "--quiet", "--force", BRANCH)
    write(day, **{TODAY: ledger.append("", LINES[:3]) + "x"})
    (day / OLDEST).symlink_to("elsewhere")
    commit_all(day)
    (day / TODAY).chmod(0o755)
    (day / OLDEST).unlink()
    (day / OLDEST).symlink_to("nowhere")
    commit_all(day)
    (day / OLDEST).unlink()
    commit_all(day)
    assert of_branch(day).findings == ()


def test_files_below_other_folders_that_are_read_as_day_files_are_checked_too(day: Path) -> None:
    commit(day, {f"elsewhere/{TODAY}": ledger.append("", LINES[:2])})
    commit(day, {f"elsewhere/{TODAY}": ledger.append("", LINES[:1])})
    assert [(path, line) for path, line, _ in found(day)] == [(f"elsewhere/{TODAY}", 2)]


# Dates.


def test_a_round_written_long_after_it_was_is_named_unless_it_says_so(day: Path) -> None:
    text = ledger.append(text_of(day, TODAY), [LINES[3], line(NOW + 1_200, late="queued"), line(NOW + 2 * HOUR)])
    commit(day, {TODAY: text}, NOW + 2 * HOUR)
    message = "the round of 2026-11-21T12:15:00Z was written 1 h 45 min later and is not marked late"
    assert found(day) == [(TODAY, 4, message)]
    assert of_branch(day).late == (
        Late(
            branch=BRANCH, why="queued", count=1, first=NOW + 1_200, last=NOW + 1_200, most=of_branch(day).late[0].most
        ),
    )


def test_late_rounds_are_counted_by_the_word_they_say(day: Path) -> None:
    late = [line(NOW - 9_000, late="queued"), line(NOW - 90_000, late="imported"), line(NOW - 8_000, late="queued")]
    commit(day, {TODAY: ledger.append(text_of(day, TODAY), late)}, NOW + 600)
    assert found(day) == []
    assert [(each.why, each.count, each.first, each.last) for each in of_branch(day).late] == [
        ("imported", 1, NOW - 90_000, NOW - 90_000),
        ("queued", 2, NOW - 9_000, NOW - 8_000),
    ]


@pytest.mark.parametrize("late", ["", "queued"])
def test_a_round_that_was_not_yet_is_named_whatever_it_says(day: Path, late: str) -> None:
    commit(day, {TODAY: ledger.append(text_of(day, TODAY), [line(NOW + 2 * HOUR, late=late)])}, NOW + 600)
    assert found(day) == [(TODAY, 4, "the round of 2026-11-21T14:00:00Z is 1 h 50 min younger than its commit")]


def test_an_hour_between_a_round_and_its_commit_is_no_finding_and_a_second_more_is(day: Path) -> None:
    at = NOW + 600
    text = ledger.append(text_of(day, TODAY), [line(at), line(at + 2 * HOUR)])
    commit(day, {TODAY: text}, at + HOUR)
    assert found(day) == []
    text = ledger.append(text, [line(at + 3 * HOUR)])
    commit(day, {TODAY: text}, at + 4 * HOUR + 1)
    commit(day, {TODAY: ledger.append(text, [line(at + 5 * HOUR + 2)])}, at + 4 * HOUR + 1)
    assert [finding.line for finding in of_branch(day).findings] == [6, 7]


def test_a_round_put_between_others_a_quarter_of_an_hour_later_is_named_unless_it_says_so(day: Path) -> None:
    text = ledger.append(text_of(day, TODAY), [line(NOW + 1_800), line(NOW + 900)])
    commit(day, {TODAY: text}, NOW + 1_800)
    assert found(day) == []
    text = ledger.append(text, [line(NOW + 899), ledger.mark_late(line(NOW + 800), "queued")])
    commit(day, {TODAY: text}, NOW + 1_800)
    assert [where for _, where, _ in found(day)] == [6]


def test_a_commit_dated_before_the_one_that_it_follows_is_named_once(day: Path) -> None:
    commit(day, {TODAY: ledger.append(text_of(day, TODAY), [line(NOW + 3 * HOUR)])}, NOW + 3 * HOUR)
    back = commit(day, {TODAY: ledger.append(text_of(day, TODAY), [line(NOW)])}, NOW)
    commit(day, {TODAY: ledger.append(text_of(day, TODAY), [line(NOW + 60)])}, NOW + 60)
    (finding,) = (finding for finding in of_branch(day).findings if not finding.line)
    assert (finding.commit, finding.path, finding.line) == (back, TODAY, 0)
    assert finding.message == "the commit is dated 3 h before one that it follows"


def test_going_back_in_small_steps_is_going_back(day: Path) -> None:
    for minutes in (50, 100):
        commit(day, {"x": str(minutes)}, NOW + 600 - minutes * 60)
    assert found(day) == [("", 0, "the commit is dated 1 h 40 min before one that it follows")]


# Summed days.


@pytest.mark.parametrize(
    ("part", "instead", "says"),
    [
        ('"api":"3 up"', '"api":"2 up, 1 down"', "says 'api' was down at 2026-11-19T12:00:02Z, the sample up"),
        ('"api":"3 up"', '"api":"2 up, 1 -"', "says 'api' was not asked at 2026-11-19T12:00:02Z, the sample up"),
        (
            '"api":"3 up"',
            '"web":"3 up","api":"3 up"',
            "says 'web' was up at 2026-11-19T12:00:00Z, the sample not asked",
        ),
        ('"43200 1 1"', '"43200 1 2"', "leaves out the round of 2026-11-19T12:00:02Z"),
        ('"43200 1 1"', '"43200 1 1 1"', "has no raw sample in this history of its round of 2026-11-19T12:00:03Z"),
        ('"latencies":{"api":"0:1', '"latencies":{"api":"5:1', "has other latencies of 'api' than its samples"),
        ('"latencies":{"api":"0:1 ', '"latencies":{"api":"', "has other latencies of 'api' than its samples"),
        ('"checks":', '"errors":"2 -, 1 offline","checks":', "has other errors of the prober than its samples"),
        ('"checks":', '"late":"3 queued","checks":', "says of other rounds that they were late than its samples"),
    ],
)
def test_a_summed_day_that_its_samples_do_not_add_up_to_is_named(
    several_days: Path, part: str, instead: str, says: str
) -> None:
    lines = text_of(several_days, MONTH).split("\n")
    assert part in lines[1]
    lines[1] = lines[1].replace(part, instead)
    commit(several_days, {MONTH: "\n".join(lines)})
    assert found(several_days) == [(MONTH, 2, f"19 Nov 2026 {says}")]


def test_a_summed_day_without_any_raw_sample_is_named(several_days: Path) -> None:
    text = text_of(several_days, MONTH)
    commit(several_days, {MONTH: text.replace("2026-11-18", "2026-11-17", 1) + text})
    assert found(several_days) == [(MONTH, 1, "17 Nov 2026 has no raw sample in this history")]


@pytest.mark.parametrize("bad", ["", "{"])
def test_a_summed_day_that_is_gone_after_its_file_was_dropped_is_named(several_days: Path, bad: str) -> None:
    _, _, rest = text_of(several_days, MONTH).partition("\n")
    commit(several_days, {MONTH: f"{bad}\n{rest}"})
    assert found(several_days) == [(OLDEST, 0, f"was summed up and dropped, and {MONTH} has no such day")]


def test_a_raw_sample_edited_and_summed_up_anew_is_named(several_days: Path) -> None:
    path = "samples/2026-11-20.jsonl"
    edited = commit(several_days, {path: text_of(several_days, path).replace('"up"', '"down"', 1)})
    delivery.compact(Repository(several_days), TO, NOW, push=False, jitter=lambda: 0.0)
    assert (edited, path, 1) in [(each.commit, each.path, each.line) for each in of_branch(several_days).findings]


# The rest.


def test_a_ledger_that_changes_its_owner_is_named(day: Path) -> None:
    commit(day, {"site.json": json.dumps({"v": 2, "site": "acme"})})
    assert found(day) == []
    gone = commit(day, {"site.json": None})
    other = commit(day, {"site.json": '{"site": "other"}'})
    messages = [(each.commit, each.path, each.message) for each in of_branch(day).findings]
    assert messages == [
        (gone, "site.json", "named site 'acme' as the owner, and now none"),
        (other, "site.json", "named site 'acme' as the owner, and now 'other'"),
    ]


def test_a_shallow_clone_is_refused_rather_than_accused(several_days: Path) -> None:
    shallow = clone(several_days, "shallow", "--depth=1", "--no-single-branch")
    with pytest.raises(WorldError, match="git fetch --unshallow"):
        of_branch(shallow, f"origin/{BRANCH}")
    run_git(shallow, "fetch", "--quiet", "--unshallow")
    assert of_branch(shallow, f"origin/{BRANCH}").findings == ()


def test_a_history_that_cannot_be_read_is_an_error_and_no_traceback(day: Path) -> None:
    with pytest.raises(WorldError):
        audit(Repository(day), BRANCH, "0" * 40)
    blob = run_git(day, "rev-parse", f"{BRANCH}:{TODAY}")
    (day / ".git/objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(WorldError, match="damaged"):
        of_branch(day)


def test_what_is_only_replaced_is_seen_as_it_is(day: Path) -> None:
    clean = run_git(day, "rev-parse", BRANCH)
    edited = commit(day, {TODAY: ledger.append("", LINES[:2])})
    run_git(day, "replace", edited, clean)
    assert [each.commit for each in of_branch(day).findings] == [edited]


def test_nobodys_settings_change_what_is_found(several_days: Path) -> None:
    old = line(NOW - 2 * HOUR)
    commit(several_days, {OLDEST: old, TODAY: "x", f'odd "ü\t/{TODAY}': old})
    before = of_branch(several_days)
    settings = (
        *("log.showRoot=false", "log.diffMerges=off", "log.showSignature=true", "log.follow=true", "log.decorate=full"),
        *("log.date=relative", "log.mailmap=true", "format.pretty=fuller", "i18n.logOutputEncoding=UTF-16"),
        *("diff.orderFile=nowhere", "diff.renames=copies", "diff.relative=true", "diff.external=false"),
        *("core.quotePath=true", "core.abbrev=4", "color.ui=always"),
    )
    for each in settings:
        run_git(several_days, "config", *each.split("="))
    assert of_branch(several_days) == before
    assert len(before.findings) > 2


def test_merges_are_what_they_change(day: Path) -> None:
    run_git(day, "checkout", "--quiet", "--force", "-b", "side", BRANCH)
    (day / TODAY).write_text(ledger.append("", LINES[:2]))
    commit_all(day)
    run_git(day, "checkout", "--quiet", BRANCH)
    run_git(day, "merge", "--quiet", "--no-ff", "-m", "Merge", "side")
    (finding,) = (each for each in of_branch(day).findings if each.line)
    assert (finding.commit, finding.line) == (run_git(day, "rev-parse", BRANCH), 3)


def test_what_is_no_ledger_is_passed_over_whatever_it_is(day: Path) -> None:
    odd = [
        f"a\x1b[31m/{TODAY}",
        f"b\"'/{MONTH}",
        f"samples/{TODAY}/x",
        "days/2026-13.jsonl",
        "samples/2026-02-30.jsonl",
    ]
    hostile = "\udcff\0\r\x85\u2028\n" + "x" * 1_048_577 + "\n" + "[" * 100_000 + '\n{"at":"9999-99-99T00:00:00Z"}\n'
    for text in (hostile, hostile[::-1], ""):
        commit(day, {**dict.fromkeys([*odd, MONTH, TODAY], text)})
    for date in ("-1", "9" * 18, "soon", str(2**64 + 1)):
        raw = f"tree {run_git(day, 'rev-parse', BRANCH + '~1^{tree}')}\nparent {run_git(day, 'rev-parse', BRANCH)}\n"
        (day / "raw").write_text(f"{raw}author a <a@b> {date} +0000\ncommitter a <a@b> {date} +0000\n\nx\n")
        made = run_git(day, "hash-object", "-t", "commit", "-w", "--literally", "raw")
        run_git(day, "update-ref", f"refs/heads/{BRANCH}", made)
    run_git(day, "checkout", "--quiet", "--force", BRANCH)
    write(day, **{f"\udcff/{TODAY}": LINES[0]})
    commit_all(day)
    commit(day, {**dict.fromkeys(odd), "site.json": '"\x1b[31m"'}, at=10**9)
    shown = [str(each) for each in of_branch(day).findings]
    assert len(shown) > 3
    assert all(each.isprintable() for each in shown)


# In the working tree.


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A site whose ledger lies in ``data/default/``, with one commit of three rounds made whenever this runs."""
    path = f"data/default/{TODAY}"
    write(tmp_path, **{path: ledger.append("", LINES[:3]), "data/defaults/samples/2026-11-21.jsonl": "x\n", "y": "y"})
    commit_all(tmp_path)
    return tmp_path


def of_tree(folder: Path, place: str = "data/default/") -> Audit:
    return audit(Repository(folder), "main", git.tip(Repository(folder), "main"), place)


def test_rounds_in_the_working_tree_are_committed_when_people_like(tree: Path) -> None:
    write(tree, y="z", **{f"data/default/{TODAY}": ledger.append("", LINES[:4])})
    commit_all(tree)
    write(tree, y="x", **{"data/defaults/samples/2026-11-21.jsonl": "y\n"})
    commit_all(tree)
    seen = of_tree(tree)
    assert (seen.findings, seen.rounds, seen.commits) == ((), 4, 2)
    assert [(each.why, each.count) for each in seen.late] == [("committed later", 4)]
    assert of_tree(tree, "data/default") == seen


def test_a_sample_edited_in_the_working_tree_is_named_by_its_whole_path(tree: Path) -> None:
    write(tree, **{f"data/default/{TODAY}": ledger.append("", LINES[1:4])})
    edited = commit_all(tree)
    (finding,) = of_tree(tree).findings
    assert (finding.commit, finding.path, finding.line) == (edited, f"data/default/{TODAY}", 1)
    run_git(tree, "config", "diff.relative", "true")
    assert of_tree(tree / "data") == of_tree(tree)  # wherever in the repository the site lies


def test_a_day_summed_up_in_the_working_tree_is_compared(tree: Path) -> None:
    blob = run_git(tree, "rev-parse", f"HEAD:data/default/{TODAY}")
    one = rollup.encode(dataclasses.replace(rollup.decode({"": _summed(blob)})[0][0], of=blob))
    write(tree, **{f"data/default/{MONTH}": f"{one}\n"})
    (tree / "data/default" / TODAY).unlink()
    commit_all(tree)
    assert (of_tree(tree).findings, of_tree(tree).days) == ((), 1)


def _summed(of: str) -> str:
    return (
        f'{{"v":1,"day":"2026-11-21","of":"{of}","rounds":"43200 300 300",'
        '"checks":{"api":"3 up"},"latencies":{"api":"37:3"}}'
    )
