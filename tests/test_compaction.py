"""What is due to be summed up or dropped, and month files that lose nothing that was in them."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest

from statusgen import compaction, git, ledger, periods, rollup
from statusgen.compaction import Due
from statusgen.model import Round, Sample, Verdict
from statusgen.periods import DAY
from statusgen.rollup import Rolled

from .literals import sum_up
from .machine import within

UP, DEGRADED, DOWN = Verdict
FIRST = periods.parse_date("2026-11-20")
MONTH = "days/2026-11.jsonl"
NOTHING = Due(sum=(), drop=())
BAD = ("{", "<<<<<<< HEAD", '{"v":2,"day":"2026-11-20"}', '{"v":1,"day":"2026-11-20","rounds":"x"}', "\udcff\0", " \t")


def a_round(at: int, verdict: Verdict = UP, check: str = "api", late: str = "") -> Round:
    return Round(at=at, answers=((check, Sample(at, verdict, 20)),), late=late)


def line(at: int, verdict: Verdict = UP, check: str = "api", late: str = "") -> str:
    return ledger.encode(a_round(at, verdict, check, late))


def file(number: int, *more: str) -> tuple[str, str]:
    """Return name and text of the day file so many days after the first; it has two rounds."""
    start = FIRST + number * DAY
    return ledger.day_path(start), ledger.append("", [line(start + 60), line(start + 360), *more])


def files(*numbers: int) -> dict[str, str]:
    return dict(file(number) for number in numbers)


def ids_of(texts: Mapping[str, str]) -> dict[str, str]:
    return {path: git.blob_id(text.encode("utf-8", "surrogateescape")) for path, text in texts.items()}


def names(*numbers: int) -> tuple[str, ...]:
    return tuple(ledger.day_path(FIRST + number * DAY) for number in numbers)


def due(texts: Mapping[str, str], months: Mapping[str, str], today: int, keep: int = 8) -> Due:
    return compaction.due(ids_of(texts), rollup.decode(months)[0], FIRST + today * DAY, keep)


def rolled_up(texts: Mapping[str, str], months: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return all month files after summing up."""
    return {**(months or {}), **compaction.rolled_up(months or {}, texts, ids_of(texts))}


def read(months: Mapping[str, str]) -> list[Rolled]:
    found, problems = rollup.decode(months)
    assert problems == []
    return found


def lines_of(month: str) -> list[str]:
    assert month.endswith("\n")
    return month.split("\n")[:-1]


# What is due.


def test_a_day_is_summed_up_when_a_later_one_has_begun() -> None:
    assert due(files(0), {}, today=0) == NOTHING
    assert due(files(0), {}, today=3) == NOTHING
    assert due(files(0, 1), {}, today=1) == Due(sum=names(0), drop=())
    assert due(files(0, 1, 3), {}, today=9) == Due(sum=names(0, 1), drop=())
    assert due({}, {}, today=0) == NOTHING


def test_days_are_kept_counted_back_from_the_newest_file() -> None:
    ten = files(*range(10))
    months = rolled_up(ten)
    assert due(ten, months, today=9) == Due(sum=(), drop=names(0, 1))
    assert due(ten, months, today=100) == Due(sum=(), drop=names(0, 1))  # a prober that stopped loses nothing more
    assert due(ten, months, today=9, keep=2) == Due(sum=(), drop=names(*range(8)))
    assert due(ten, months, today=9, keep=10) == NOTHING
    assert due(files(0, 9), {}, today=9) == Due(sum=names(0), drop=names(0))


def test_a_file_dated_after_today_is_let_be() -> None:
    several = files(0, 1, 20)
    assert due(several, {}, today=1) == Due(sum=names(0), drop=())
    assert due(several, {}, today=19) == Due(sum=names(0), drop=())
    assert due(files(0, 20), {}, today=1) == NOTHING
    assert due(several, {}, today=20) == Due(sum=names(0, 1), drop=names(0, 1))


def test_what_is_no_day_file_is_let_be() -> None:
    others = {"site.json": "{}", MONTH: "", "samples/2026-02-30.jsonl": "x", "samples/notes.txt": "x"}
    assert due({**others, **files(0, 1)}, {}, today=1) == Due(sum=names(0), drop=())


def test_nothing_is_due_twice() -> None:
    texts = files(*range(12))
    months: dict[str, str] = {}
    for today in range(13):
        present = {path: text for path, text in texts.items() if path in names(*range(today + 1))}
        found = due(present, months, today)
        months = rolled_up({path: present[path] for path in found.sum}, months)
        texts = {path: text for path, text in texts.items() if path not in found.drop}
        left = {path: text for path, text in present.items() if path not in found.drop}
        assert not due(left, months, today)
    assert tuple(texts) == names(*range(4, 12))
    assert [rolled.day.start for rolled in read(months)] == [FIRST + i * DAY for i in range(11)]


def test_a_day_file_that_has_changed_is_due_again() -> None:
    months = rolled_up(files(0, 1, 2))
    changed = {**files(0, 1, 2), **dict([file(0, line(FIRST + 700, late="queued"))])}
    assert due(changed, months, today=2) == Due(sum=names(0), drop=())
    again = rolled_up({path: changed[path] for path in names(0)}, months)
    assert due(changed, again, today=2) == NOTHING
    (day, *_) = [rolled.day for rolled in read(again)]
    assert day.rounds == (FIRST + 60, FIRST + 360, FIRST + 700)
    assert day.latencies == {"api": "20:3"}


def test_a_day_of_which_a_check_cannot_be_read_is_due_again() -> None:
    months = rolled_up(files(0, 1))
    broken = {MONTH: months[MONTH].replace("2 up", "3 up", 1)}
    assert due(files(0, 1, 2), broken, today=2).sum == names(0)
    assert rolled_up(files(0), broken) == months


def test_what_is_due_is_told_from_nothing() -> None:
    assert not NOTHING
    assert Due(sum=("a",), drop=())
    assert Due(sum=(), drop=("a",))


# Summing up.


def test_a_day_is_summed_up_with_the_id_of_its_file() -> None:
    texts = files(0)
    (rolled,) = read(rolled_up(texts))
    assert rolled == Rolled(sum_up([a_round(FIRST + 60), a_round(FIRST + 360)])[0], ids_of(texts)[names(0)[0]])


def test_days_stand_in_order_in_the_file_of_their_month() -> None:
    numbers = [*range(-25, 20)]
    random.Random(1).shuffle(numbers)
    months: dict[str, str] = {}
    for number in numbers:
        months = rolled_up(files(number), months)
    assert sorted(months) == ["days/2026-10.jsonl", MONTH, "days/2026-12.jsonl"]
    for path, text in months.items():
        starts = [rolled.day.start for rolled in read({path: text})]
        assert starts == sorted(set(starts))
        assert {rollup.month_path(start) for start in starts} == {path}
    assert len(read(months)) == len(numbers)
    assert rolled_up(files(*numbers)) == months


def test_summing_up_again_changes_nothing() -> None:
    months = rolled_up(files(0, 1, 2))
    assert compaction.rolled_up(months, files(0, 1, 2), ids_of(files(0, 1, 2))) == {}


def test_only_files_that_change_are_returned() -> None:
    months = rolled_up(files(0, 12))
    texts = files(0, 11, 12)
    assert list(compaction.rolled_up(months, texts, ids_of(texts))) == ["days/2026-12.jsonl"]


@pytest.mark.parametrize("bad", BAD)
def test_lines_that_cannot_be_read_stay_as_they_are(bad: str) -> None:
    text = rolled_up(files(0, 1))[MONTH]
    first, second = lines_of(text)
    for broken in (f"{bad}\n{text}", f"{first}\n{bad}\n{second}\n", f"{text}{bad}", f"{text}{bad}\n{bad}\n"):
        found = rolled_up(files(2, 3), {MONTH: broken})[MONTH]
        assert sorted(lines_of(found)) == sorted([*filter(None, broken.split("\n")), *lines_of(_sum_of(2, 3))])
        whole, _ = rollup.decode({MONTH: found})
        assert [rolled.day.start for rolled in whole] == [FIRST + i * DAY for i in range(4)]


def _sum_of(*numbers: int) -> str:
    return rolled_up(files(*numbers))[MONTH]


def test_a_day_whose_line_cannot_be_read_is_summed_up_anew_beside_it() -> None:
    text = _sum_of(0, 1)
    broken = text.replace('"checks"', "", 1)
    assert due(files(0, 1, 2), {MONTH: broken}, today=2) == Due(sum=names(0), drop=())
    healed = rolled_up(files(0), {MONTH: broken})[MONTH]
    assert lines_of(healed) == [lines_of(broken)[0], *lines_of(text)]


def test_several_lines_of_a_day_become_one() -> None:
    one = _sum_of(0)
    other = rolled_up({names(0)[0]: line(FIRST + 500, check="web") + "\n"})[MONTH]
    (rolled,) = read(rolled_up({names(0)[0]: line(FIRST + 900) + "\n"}, {MONTH: one + other}))
    assert rolled.day.rounds == (FIRST + 60, FIRST + 360, FIRST + 500, FIRST + 900)
    assert rolled.day.latencies == {"api": "20:3", "web": "20:1"}


def test_rounds_in_the_file_of_another_day_are_summed_up_in_their_own() -> None:
    path, text = file(1, line(FIRST + 500), line(FIRST + 15 * DAY))
    months = rolled_up({path: text}, {MONTH: _sum_of(0)})
    by_start = {rolled.day.start: rolled for rolled in read(months)}
    assert by_start[FIRST].day.rounds == (FIRST + 60, FIRST + 360, FIRST + 500)
    assert by_start[FIRST].of == ids_of(files(0))[names(0)[0]]
    assert by_start[FIRST + DAY].of == ids_of({path: text})[path]
    assert by_start[FIRST + 15 * DAY].of == ""
    assert sorted(months) == [MONTH, "days/2026-12.jsonl"]


def test_a_file_in_which_nothing_can_be_read_sums_up_to_nothing() -> None:
    day_files = {names(0)[0]: "{\n", names(1)[0]: ""}
    found, problems = rollup.decode(rolled_up(day_files))
    assert problems == []
    assert [(each.day.rounds, each.day.checks, each.of) for each in found] == [
        ((), {}, git.blob_id(text.encode())) for text in day_files.values()
    ]


# Days that were summed up elsewhere.


def test_days_summed_up_elsewhere_are_joined_to_those_here() -> None:
    here, there = {MONTH: _sum_of(0, 1)}, read(rolled_up(files(1, 2, 12)))
    joined = {**here, **compaction.with_days(here, there)}
    assert joined == rolled_up(files(0, 1, 2, 12))
    assert compaction.with_days(joined, there) == {}
    assert compaction.with_days(here, []) == {}


def test_a_day_summed_up_elsewhere_adds_what_is_unheard_and_keeps_the_file_it_is_of() -> None:
    here = _sum_of(0)
    path, text = file(0, line(FIRST + 500, check="web"))
    there = read(rolled_up({path: text}))
    (rolled,) = read(compaction.with_days({MONTH: here}, there))
    assert rolled == Rolled(there[0].day, ids_of(files(0))[path])


def test_files_that_are_none_of_months_are_let_be() -> None:
    present = {**files(0), "site.json": "{}"}
    assert compaction.with_days(present, read({MONTH: _sum_of(0)})) == {MONTH: _sum_of(0)}


@pytest.mark.parametrize("bad", BAD)
def test_lines_that_cannot_be_read_stay_when_days_are_joined(bad: str) -> None:
    found = compaction.with_days({MONTH: f"{bad}\n{_sum_of(0)}"}, read({MONTH: _sum_of(1)}))
    assert sorted(lines_of(found[MONTH])) == sorted([bad, *lines_of(_sum_of(0, 1))])


# What a summed day does not tell of yet.


def test_unheard_are_lines_with_something_that_the_summed_day_does_not_tell_of() -> None:
    month = _sum_of(0, 1)
    known, late, other = line(FIRST + 60), line(FIRST + 60, late="queued"), line(FIRST + 60, DOWN)
    new, more = line(FIRST + 61), line(FIRST + 60, check="web")
    error, new_error = (ledger.encode(Round(at=FIRST + at, prober_error="offline")) for at in (60, 62))
    lines = [known, late, other, error, new, "{", more, new_error]
    assert compaction.unheard(lines, month, FIRST) == [new, more, new_error]


def test_that_the_prober_was_well_after_all_is_unheard() -> None:
    error = ledger.encode(Round(at=FIRST, prober_error="offline"))
    month = rolled_up({names(0)[0]: f"{error}\n"})[MONTH]
    well = ledger.encode(Round(at=FIRST))
    assert compaction.unheard([error, well], month, FIRST) == [well]


def test_everything_is_unheard_of_a_day_that_is_not_told_of() -> None:
    lines = [line(FIRST + 60), "{"]
    assert compaction.unheard(lines, "", FIRST) == lines
    assert compaction.unheard(lines, _sum_of(1), FIRST) == lines
    assert compaction.unheard(lines, "{\n", FIRST) == lines


def test_a_line_that_is_too_much_to_join_stays_and_its_day_is_summed_up_beside_it() -> None:
    rounds = " ".join(["0", *["1"] * 86_399])
    checks = ",".join(f'"c{i}":"86400 up"' for i in range(400))
    many = [
        f'{{"v":1,"day":"2026-11-20","of":"{i}","rounds":"{rounds}","checks":{{{checks}}},"latencies":{{}}}}\n'
        for i in range(16)
    ]
    months = {MONTH: "".join(many)}
    texts = files(0)
    ids = dict.fromkeys(texts, "a" * 40)
    with within(seconds=5):
        changed = compaction.rolled_up(months, texts, ids)
    (own,) = set(changed[MONTH].splitlines(keepends=True)) - set(many)
    assert len(changed[MONTH].splitlines()) == 17
    assert own == compaction.rolled_up({}, texts, ids)[MONTH]
    found, _ = rollup.decode(changed)
    assert [rolled.of for rolled in found] == ["a" * 40]
    assert not compaction.due(ids, found, FIRST + DAY, 8)
    assert compaction.rolled_up(changed, texts, ids) == {}
