"""Summed days as text: a pair of encode and decode, and a reader that loses nothing but what is bad."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from statusgen import histogram, ledger, periods, rollup
from statusgen.errors import Level
from statusgen.model import Day, Round, Sample, Stretch, Verdict
from statusgen.rollup import Rolled

from .literals import sum_up
from .machine import within

UP, DEGRADED, DOWN = Verdict
DOCS = Path(__file__).parent.parent / "docs"
PATH = "days/2026-11.jsonl"
START = periods.parse_date("2026-11-20")
OF = "9c1f02" * 6 + "beef"
LINE = (
    '{"v":1,"day":"2026-11-20","of":"' + OF + '","rounds":"3 300 301 299 600","errors":"4 -, 1 offline",'
    '"late":"1 -, 2 queued, 2 -","checks":{"api":"3 up, 1 down timeout, 1 -","web":"1 -, 2 degraded slow, 1 up, 1 -"},'
    '"latencies":{"api":"37:1 2","web":"80:1"}}'
)
DAY = Day(
    start=START,
    rounds=(START + 3, START + 303, START + 604, START + 903, START + 1_503),
    errors=((4, ""), (1, "offline")),
    late=((1, ""), (2, "queued"), (2, "")),
    checks={
        "api": (Stretch(3, UP), Stretch(1, DOWN, "timeout"), Stretch(1, None)),
        "web": (Stretch(1, None), Stretch(2, DEGRADED, "slow"), Stretch(1, UP), Stretch(1, None)),
    },
    latencies={"api": "37:1 2", "web": "80:1"},
)
BEFORE = '{"v":1,"day":"2026-11-18","of":"a","rounds":"0","checks":{"api":"1 up"},"latencies":{}}'
AFTER = '{"v":1,"day":"2026-11-22","of":"b","rounds":"86399","checks":{"api":"1 down"},"latencies":{}}'


def read(*lines: str, thorough: bool = False) -> tuple[list[Rolled], list[str]]:
    found, problems = rollup.decode({PATH: "".join(line + "\n" for line in lines)}, thorough)
    assert {problem.level for problem in problems} <= {Level.WARNING}
    return found, [str(problem) for problem in problems]


def line_with(**changes: object) -> str:
    """Return the line with other values; None takes a key away."""
    raw = {**json.loads(LINE), **changes}
    return json.dumps({key: value for key, value in raw.items() if value is not None})


def line_nulled(key: str) -> str:
    return json.dumps({**json.loads(LINE), key: None})


# A pair.


def test_a_day_is_written_as_its_line() -> None:
    assert rollup.encode(Rolled(DAY, OF)) == LINE
    assert read(LINE) == ([Rolled(DAY, OF)], [])


def test_the_documented_line_is_read() -> None:
    (line,) = [each for each in (DOCS / "ledger.md").read_text("utf-8").split("\n") if each.startswith('{"v":1,"day"')]
    (rolled,), problems = read(line, thorough=True)
    assert problems == []
    assert rolled.day == Day(
        start=START,
        rounds=(START + 3, START + 303, START + 604, START + 903),
        checks={"api": (Stretch(3, UP), Stretch(1, DOWN, "timeout"))},
        latencies={"api": "37:1 2"},
    )
    assert json.loads(rollup.encode(rolled)) == json.loads(line)


def test_the_documented_runs_are_read() -> None:
    rounds = " ".join(["1"] * 288)
    (rolled,), problems = read(line_with(rounds=rounds, errors="280 -, 8 offline", late=None, checks={}, latencies={}))
    assert (rolled.day.errors, problems) == (((280, ""), (8, "offline")), [])


def random_day(chance: random.Random) -> Day:
    instants = sorted(chance.sample(range(periods.DAY), chance.randrange(1, 40)))
    words: tuple[tuple[Verdict | None, int | None, str], ...] = (
        (UP, 183, ""), (UP, 12, "tls_expiring"), (DEGRADED, 4_000, "slow"), (DOWN, None, "timeout"),
        (DOWN, 88, "status 503"), (DOWN, None, ""), (UP, None, ""), (None, None, "blocked"),
    )  # fmt: skip
    rounds = []
    for at in (START + each for each in instants):
        late = chance.choice(("", "", "", *ledger.LATE))
        if chance.random() < 0.1:
            rounds.append(Round(at=at, prober_error=chance.choice(("offline", "unknown")), late=late))
            continue
        asked = [check for check in ("zoo", "api", "ünï \ud800", '"\n') if chance.random() < 0.8]
        answers = [(check, Sample(at, *chance.choice(words[: chance.randrange(1, 9)]))) for check in asked]
        rounds.append(Round(at=at, answers=tuple(answers), late=late))
    (day,) = sum_up(rounds)
    return day


def test_decoding_undoes_encoding() -> None:
    chance = random.Random(1)
    for _ in range(200):
        rolled = Rolled(random_day(chance), chance.choice(("", OF)))
        assert read(rollup.encode(rolled), thorough=True) == ([rolled], [])


def test_a_line_is_one_line_of_ascii_with_its_keys_in_order_and_checks_by_name() -> None:
    chance = random.Random(2)
    documented = ["v", "day", "of", "rounds", "errors", "late", "checks", "latencies"]
    for _ in range(100):
        line = rollup.encode(Rolled(random_day(chance), OF))
        raw = json.loads(line)
        assert line.isascii()
        assert "\n" not in line
        assert list(raw) == [key for key in documented if key in raw]
        assert {"v", "day", "of", "rounds", "checks", "latencies"} <= raw.keys()
        assert list(raw["checks"]) == sorted(raw["checks"])
        assert list(raw["latencies"]) == sorted(raw["latencies"])


def test_errors_and_late_stand_only_where_there_are_any() -> None:
    (day,) = sum_up([Round(at=START, answers=(("api", Sample(START, UP, 40)),))])
    assert rollup.encode(Rolled(day, OF)) == (
        '{"v":1,"day":"2026-11-20","of":"' + OF + '","rounds":"0","checks":{"api":"1 up"},"latencies":{"api":"36:1"}}'
    )


def test_a_verdict_of_a_later_version_is_not_asked() -> None:
    (rolled,), problems = read(line_with(checks={"api": "2 up, 1 sideways badly, 1 down, 1 UP"}))
    assert rolled.day.checks == {"api": (Stretch(2, UP), Stretch(1, None), Stretch(1, DOWN), Stretch(1, None))}
    assert problems == []


def test_what_could_not_be_told_is_kept_with_its_reason_and_without_one_was_not_asked() -> None:
    (rolled,), problems = read(line_with(checks={"api": "1 up, 3 unknown blocked, 1 unknown"}))
    assert rolled.day.checks == {"api": (Stretch(1, UP), Stretch(3, None, "blocked"), Stretch(1, None))}
    assert problems == []
    told = json.loads(rollup.encode(rolled))["checks"]
    assert told == {"api": "1 up, 3 unknown blocked, 1 -"}


@pytest.mark.parametrize(
    "text", ["visit evil.example <b>x</b>", "\ud800", "https://evil.example", "status 5030", "x" * 41]
)
def test_what_cannot_be_a_reason_is_passed_over_as_in_the_ledger(text: str) -> None:
    said = {"api": f"2 up, 3 down {text}", "web": f"4 unknown {text}, 1 up", "cert": f"5 {text}"}
    (rolled,), problems = read(line_with(checks=said, errors=f"4 -, 1 {text}", late=f"1 {text}, 4 -"))
    assert rolled.day.checks == {
        "api": (Stretch(2, UP), Stretch(3, DOWN)),
        "web": (Stretch(4, None), Stretch(1, UP)),
        "cert": (Stretch(5, None),),
    }
    assert rolled.day.errors == ((4, ""), (1, "unknown"))
    assert rolled.day.late == ((1, ""), (4, ""))
    assert problems == []


def test_a_reason_of_a_later_version_stays() -> None:
    (rolled,), _ = read(line_with(checks={"api": "5 down new_in_version_9"}, errors="4 -, 1 asleep"))
    assert rolled.day.checks == {"api": (Stretch(5, DOWN, "new_in_version_9"),)}
    assert rolled.day.errors == ((4, ""), (1, "asleep"))


def test_keys_of_a_later_version_are_passed_over() -> None:
    assert read(line_with(newer=[1], of=OF)) == ([Rolled(DAY, OF)], [])


def test_the_first_and_the_last_second_of_a_day_are_read() -> None:
    (rolled,), problems = read(line_with(rounds="0 86399", errors=None, late=None, checks={}, latencies={}))
    assert (rolled.day.rounds, problems) == ((START, START + 86_399), [])


def test_line_ends_of_windows_and_empty_lines_do_no_harm() -> None:
    found, problems = rollup.decode({PATH: f"\r\n{BEFORE}\r\n \t\n{LINE}"})
    assert [rolled.day.start for rolled in found] == [START - 2 * periods.DAY, START]
    assert problems == []


# Reading never fails.


BAD_LINES = {
    "broken JSON": LINE[:-1],
    "a partial tail": LINE[:70],
    "two lines joined": LINE[:60] + LINE,
    "two values in a line": BEFORE + AFTER,
    "an array": "[1]",
    "a number": "17",
    "null": "null",
    "NUL": "\0" * 512,
    "a mark of byte order": "\ufeff" + LINE,
    "bytes that are no UTF-8": LINE.replace("day", "d\udcffy"),
    "nesting without end": "[" * 100_000,
    "deep nesting": LINE[:-1] + ',"newer":' + "[" * 50_000 + "]" * 50_000 + "}",
    "a number without end": LINE[:-1] + ',"newer":' + "9" * 10_000 + "}",
    "a merge conflict": "<<<<<<< HEAD",
    "more than 16 MB": LINE[:-1] + " " * rollup.MAX_LINE + "}",
    "a round": '{"v":1,"at":"2026-11-21T10:05:03Z","checks":{"api":["up",1]}}',
    "another version": line_with(v=2),
    "a version as text": line_with(v="1"),
    "no version": line_with(v=None),
    "no day": line_with(day=None),
    "a day as a number": line_with(day=20_261_120),
    "a day that does not exist": line_with(day="2026-11-31"),
    "a day with an hour": line_with(day="2026-11-20T05:00Z"),
    "a day with blanks": line_with(day=" 2026-11-20"),
    "the last century": line_with(day="1970-01-01"),
    "no rounds": line_with(rounds=None),
    "empty rounds": line_with(rounds=""),
    "blank rounds": line_with(rounds=" "),
    "rounds as a number": line_with(rounds=3),
    "rounds as an array": line_with(rounds=[3, 300, 301, 299, 600]),
    "null for rounds": line_nulled("rounds"),
    "two rounds at once": line_with(rounds="3 300 0 299 600"),
    "rounds that go back": line_with(rounds="3 300 -1 299 600"),
    "a round past midnight": line_with(rounds="3 300 301 299 85497"),
    "rounds in fractions": line_with(rounds="3 300 301 299 600.5"),
    "digits of another script": line_with(rounds="３ 300 301 299 600"),
    "a round without end": line_with(rounds=f"3 300 301 299 {'9' * 10_000}"),
    "errors that do not add up": line_with(errors="4 -, 2 offline"),
    "errors without a count": line_with(errors="-, 1 offline"),
    "errors as an array": line_with(errors=[]),
    "null for errors": line_nulled("errors"),
    "late that does not add up": line_with(late="1 -, 2 queued"),
    "late of no round": line_with(late="0 queued, 5 -"),
    "no checks": line_with(checks=None),
    "checks as an array": line_with(checks=[]),
    "checks as a text": line_with(checks="5 up"),
    "no latencies": line_with(latencies=None),
    "latencies as an array": line_with(latencies=[]),
}  # fmt: skip


@pytest.mark.parametrize("bad", BAD_LINES.values(), ids=BAD_LINES.keys())
def test_a_bad_line_is_named_and_everything_else_is_kept(bad: str) -> None:
    found, problems = read(BEFORE, bad, AFTER)
    assert found == [read(BEFORE)[0][0], read(AFTER)[0][0]]
    (problem,) = problems
    assert problem.startswith(f"{PATH}:2: is ")
    assert "passed over" in problem
    assert problem.isprintable()
    assert len(problem) < 200


def test_a_line_that_cannot_be_read_says_what_to_do() -> None:
    assert read("{", line_with(v=2), LINE[:-1] + " " * rollup.MAX_LINE + "}")[1] == [
        f"{PATH}:1: is not a summed day and was passed over ('statusgen compact' writes days of its day files anew)",
        f"{PATH}:2: is no summed day of a format that this version can read, and was passed over",
        f"{PATH}:3: is longer than 16777216 characters and was passed over",
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("4 up", "tells of 4 rounds instead of 5"),
        ("6 up", "tells of 6 rounds instead of 5"),
        ("", "'' is not a count and a word"),
        ("five up", "'five up' is not a count and a word"),
        ("3 up, 2", "'2' is not a count and a word"),
        ("3 up,2 down", "tells of 3 rounds instead of 5"),
        ("0 up, 5 up", "'0 up' is not a count and a word"),
        ("-1 up, 6 up", "'-1 up' is not a count and a word"),
        ("５ up", "'５ up' is not a count and a word"),
        ("x" * 99, f"'{'x' * 40}' is not a count and a word"),
        ("\n::error::", r"'\n::error::' is not a count and a word"),
        (None, "'' is not a count and a word"),
        (5, "'' is not a count and a word"),
        (["5 up"], "'' is not a count and a word"),
        ({}, "'' is not a count and a word"),
    ],
)
def test_a_check_that_cannot_be_read_is_named_and_loses_itself_only(text: object, why: str) -> None:
    bad = line_with(checks={"api": text, "web": "5 up"})
    (_, rolled, _), (problem,) = read(BEFORE, bad, AFTER)
    assert problem == f"{PATH}:2: check 'api' was passed over: {why}"
    assert rolled.day.checks == {"web": (Stretch(5, UP),)}
    assert (rolled.day.rounds, rolled.day.errors, rolled.day.late) == (DAY.rounds, DAY.errors, DAY.late)


def test_latencies_of_a_check_that_cannot_be_read_are_not_told_either_or_they_would_count_twice() -> None:
    (rolled,), _ = read(line_with(checks={"api": "4 up", "web": "5 up"}))
    assert rolled.day.latencies == {"web": "80:1"}


def test_a_day_of_which_a_check_cannot_be_read_is_of_no_file_so_that_its_file_is_read_again() -> None:
    assert [rolled.of for rolled in read(LINE, line_with(checks={"api": "4 up"}))[0]] == [OF, ""]


@pytest.mark.parametrize("of", [None, 17, [], {"a": 1}])
def test_a_day_that_does_not_say_of_which_file_it_is_is_of_none(of: object) -> None:
    assert read(line_with(of=of)) == ([Rolled(DAY, "")], [])


def test_the_name_of_a_check_cannot_forge_output() -> None:
    for bad in (line_with(checks={"\n::error::\ud800": "x\n"}), line_with(latencies={"\n::error::\ud800": 3})):
        _, (problem,) = read(bad)
        assert problem.isprintable()


def test_histograms_that_cannot_be_read_are_named_by_who_looks_thoroughly() -> None:
    bad = line_with(latencies={"api": "37:1 x", "web": "80:1"})
    (hasty,), none = read(bad)
    (thorough,), problems = read(bad, thorough=True)
    assert none == []
    assert problems == [f"{PATH}:1: check 'api' has no histogram that can be read"]
    assert hasty == thorough
    assert histogram.read(hasty.day.latencies["api"]) == {}


def test_histograms_of_the_wrong_type_are_named_by_everybody() -> None:
    for thorough in (False, True):
        (rolled,), problems = read(line_with(latencies={"api": ["37:1"], "web": "80:1"}), thorough=thorough)
        assert problems == [f"{PATH}:1: check 'api' has no histogram that can be read"]
        assert rolled == Rolled(Day(start=DAY.start, rounds=DAY.rounds, checks=DAY.checks, errors=DAY.errors,
                                    late=DAY.late, latencies={"web": "80:1"}), OF)  # fmt: skip


def test_each_problem_has_the_name_of_its_file() -> None:
    _, problems = rollup.decode({"a/days/2026-11.jsonl": f"{LINE}\n{{", "b/days/2026-10.jsonl": "{"})
    assert [(problem.path, problem.line) for problem in problems] == [
        ("a/days/2026-11.jsonl", 2),
        ("b/days/2026-10.jsonl", 1),
    ]


def test_no_garbage_makes_the_reader_fail() -> None:
    chance = random.Random(3)
    kept = {rolled.day.start for rolled in read(BEFORE, AFTER)[0]}
    for _ in range(1_000):
        line = list(LINE)
        for _ in range(chance.randrange(1, 4)):
            at = chance.randrange(len(line))
            line[at : at + chance.randrange(3)] = chance.choice(
                ('"', "[", "{", "}", "\0", "\n", "é", "0", ",", ":", "")
            )
        found, _ = read(BEFORE, "".join(line), AFTER, thorough=True)
        assert kept <= {rolled.day.start for rolled in found}


# Names.


def test_a_day_belongs_to_the_file_of_its_month() -> None:
    assert rollup.month_path(START) == PATH
    assert rollup.month_path(periods.parse_date("2027-01-31")) == "days/2027-01.jsonl"


@pytest.mark.parametrize(
    ("path", "is_one"),
    [
        (PATH, True),
        (f"data/home/{PATH}", True),
        ("days/2026-11-20.jsonl", False),
        ("days/2026-11.json", False),
        ("samples/2026-11.jsonl", False),
        ("olddays/2026-11.jsonl", False),
        ("days/2026-11.jsonl\n", False),
    ],
)
def test_only_files_of_months_are_read(path: str, is_one: bool) -> None:
    assert rollup.is_month_file(path) is is_one


def test_of_a_day_that_stands_many_times_in_a_file_a_few_lines_count() -> None:
    """Joining two accounts of a day takes as long as the day has rounds."""
    found, problems = read(*(line_with(late=None, again=number) for number in range(20)), AFTER)
    assert len(found) == rollup.MOST_OF_A_DAY + 1
    assert problems == [
        f"{PATH}:{number}: is one of more than 16 of its day and was passed over" for number in range(17, 21)
    ]


def long_line(rounds: int, checks: int, of: str, gap: int = 1) -> str:
    instants = " ".join(["0", *[str(gap)] * (rounds - 1)])
    return line_with(
        of=of, rounds=instants, errors=None, late=None, checks={f"c{i}": f"{rounds} up" for i in range(checks)},
        latencies={},
    )  # fmt: skip


def test_a_short_line_that_tells_of_millions_of_samples_is_named_and_holds_nothing_up() -> None:
    many = [long_line(86_400, 400, str(number)) for number in range(16)]
    with within(seconds=4):
        found, problems = read(BEFORE, *many, AFTER)
    assert found == read(BEFORE, AFTER)[0]
    assert problems == [
        f"{PATH}:{number}: makes more than 20000000 samples of its day to join and was passed over"
        for number in range(2, 18)
    ]


def test_all_lines_count_that_are_gone_through_to_join_one_more() -> None:
    """Of a thousand checks every minute there may be four lines: two clones may each sum up a day before they meet."""
    found, problems = read(*(long_line(1_440, 1_000, str(number), gap=60) for number in range(6)))
    assert [rolled.of for rolled in found] == ["0", "1", "2", "3"]
    assert [problem.partition(": makes")[0] for problem in problems] == [f"{PATH}:5", f"{PATH}:6"]


def test_as_many_checks_as_there_may_be_may_be_asked_as_often_as_they_may_be() -> None:
    assert read(long_line(8_640, 2_000, "", gap=10))[1] == []


def test_lines_that_are_the_same_in_several_branches_are_no_more_to_join() -> None:
    line = long_line(8_640, 1_000, "", gap=10)
    found, problems = rollup.decode({f"{number}/{PATH}": line for number in range(3)})
    assert (len(found), problems) == (3, [])


def test_lines_of_one_day_count_in_whatever_file_they_stand() -> None:
    texts = {f"{number}/{PATH}": line_with(late=None, again=number) for number in range(17)}
    found, (problem,) = rollup.decode(texts)
    assert (len(found), problem.path) == (rollup.MOST_OF_A_DAY, f"16/{PATH}")
