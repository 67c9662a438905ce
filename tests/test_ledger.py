"""The ledger: a pair of encode and decode, and a reader that loses nothing but the line that is bad."""

from __future__ import annotations

import json
import random
from itertools import product

import pytest

from statusgen import ledger, periods
from statusgen.errors import Level
from statusgen.model import Details, Round, Sample, Verdict

UP, DEGRADED, DOWN = Verdict
PHASES = ("dns", "connect", "tls", "first_byte", "transfer")
PATH = "samples/2026-11-21.jsonl"
AT = periods.parse_instant("2026-11-21T10:05:03Z")
LINE = (
    '{"v":1,"at":"2026-11-21T10:05:03Z","checks":'
    '{"api":["up",183],"web":["down",null,"timeout"],"cert":["up",12,"tls_expiring"],"shop":["down",88,"status 503"]}}'
)
ROUND = Round(
    at=AT,
    answers=(
        ("api", Sample(AT, UP, 183)),
        ("web", Sample(AT, DOWN, None, "timeout")),
        ("cert", Sample(AT, UP, 12, "tls_expiring")),
        ("shop", Sample(AT, DOWN, 88, "status 503")),
    ),
)
DETAILED = (
    '{"v":1,"at":"2026-11-21T10:05:03Z","checks":{"api":["up",183,"",{"dns":4,"connect":21,"tls":40,"first_byte":100,'
    '"transfer":18,"certificate_end":"2027-01-05T10:00:00Z"}],"web":["down",null,"timeout",{"dns":0,"connect":21}]}}'
)
LINE_OF = '{"v":1,"at":"2026-11-21T10:05:03Z","checks":{ANSWERS}}'
BEFORE = '{"v":1,"at":"2026-11-21T10:00:00Z","checks":{"api":["up",1]}}'
AFTER = '{"v":1,"at":"2026-11-21T10:10:00Z","checks":{"api":["up",2]}}'


def read(*lines: str, path: str = PATH) -> ledger.Reading:
    return ledger.decode({path: "".join(line + "\n" for line in lines)})


def answers(reading: ledger.Reading) -> dict[str, Sample]:
    assert len(reading.rounds) == 1
    return dict(reading.rounds[0].answers)


# A pair.


def test_a_round_is_written_as_its_line() -> None:
    assert ledger.encode(ROUND) == LINE
    assert ledger.decode_line(LINE) == ROUND


def test_a_round_in_which_the_prober_failed_says_why() -> None:
    round_ = Round(at=AT + 301, prober_error="offline")
    line = '{"v":1,"at":"2026-11-21T10:10:04Z","prober_error":"offline"}'
    assert ledger.encode(round_) == line
    assert ledger.decode_line(line) == round_


def test_what_was_late_says_so_between_the_instant_and_the_answers() -> None:
    line = '{"v":1,"at":"2026-11-21T10:05:03Z","late":"queued","checks":{}}'
    assert ledger.encode(Round(at=AT, late="queued")) == line
    assert ledger.decode_line(line) == Round(at=AT, late="queued")


def test_decoding_undoes_encoding() -> None:
    reasons = ("", "timeout", "status 503", "later_word")
    samples = [
        Sample(AT, *rest) for rest in product((*Verdict, None), (None, 0, 7, 120_000), reasons) if rest[0] or rest[2]
    ]
    checks = tuple((f"check-{i}", sample) for i, sample in enumerate(samples))
    for late in ("", *ledger.LATE):
        for round_ in (
            Round(at=AT, answers=checks, late=late),
            Round(at=AT, late=late),
            Round(at=AT, prober_error="offline", late=late),
        ):
            line = ledger.encode(round_)
            assert line.isascii()
            assert "\n" not in line
            assert ledger.decode_line(line) == round_


def test_what_could_not_be_told_says_why_in_place_of_a_verdict() -> None:
    blocked = Sample(AT, None, None, "blocked")
    line = LINE_OF.replace("ANSWERS", '"api":["unknown",null,"blocked"]')
    assert ledger.encode(Round(at=AT, answers=(("api", blocked),))) == line
    assert ledger.decode_line(line) == Round(at=AT, answers=(("api", blocked),))


def test_every_instant_of_a_day_is_read_as_it_was_written() -> None:
    start = periods.day_of(AT)
    for at in range(start, start + periods.DAY, 61):
        decoded = ledger.decode_line(ledger.encode(Round(at=at)))
        assert isinstance(decoded, Round)
        assert decoded.at == at
        assert ledger.day_path(at) == PATH


def test_checks_keep_the_order_they_were_asked_in() -> None:
    ids = [f"c{i}" for i in range(20)]
    random.Random(3).shuffle(ids)
    line = ledger.encode(Round(at=AT, answers=tuple((check, Sample(AT, UP)) for check in ids)))
    assert list(json.loads(line)["checks"]) == ids
    assert list(json.loads(line)) == ["v", "at", "checks"]


# Details.


def details_in(told: str, answer: str = '"up",1,""') -> Details | None:
    """Return what is read of an answer's details; whatever they are, the answers are read."""
    reading = read(LINE_OF.replace("ANSWERS", f'"api":[{answer},{told}],"web":["up",2]'))
    assert answers(reading) == {"api": Sample(AT, UP, 1), "web": Sample(AT, UP, 2)}
    assert reading.problems == ()
    return dict(reading.rounds[0].details).get("api")


def test_details_stand_after_the_reason_and_an_empty_one_stands_for_none() -> None:
    end = periods.parse_instant("2027-01-05T10:00:00Z")
    api = Details(dns=4, connect=21, tls=40, first_byte=100, transfer=18, certificate_end=end)
    round_ = Round(
        at=AT,
        answers=(("api", Sample(AT, UP, 183)), ("web", Sample(AT, DOWN, None, "timeout"))),
        details=(("api", api), ("web", Details(dns=0, connect=21))),
    )
    assert ledger.encode(round_) == DETAILED
    assert ledger.decode_line(DETAILED) == round_


def test_decoding_undoes_encoding_of_details() -> None:
    phases = [(None, 0, 2**40)] * 5
    every = [
        Details(**dict(zip(PHASES, ms, strict=True)), certificate_end=end) for *ms, end in product(*phases, (None, AT))
    ]
    samples = [Sample(AT, UP, 7), Sample(AT, DOWN, None, "timeout")]
    checks = [(f"check-{i}", samples[i % 2], details) for i, details in enumerate(every) if details != Details()]
    assert len(checks) == 3**5 * 2 - 1
    round_ = Round(
        at=AT,
        answers=tuple((check, sample) for check, sample, _ in checks),
        details=tuple((check, details) for check, _, details in checks),
    )
    assert ledger.decode_line(ledger.encode(round_)) == round_


def test_details_that_tell_nothing_are_not_written() -> None:
    answered = (("api", Sample(AT, UP, 183)),)
    assert ledger.encode(Round(at=AT, answers=answered, details=(("api", Details()),))) == ledger.encode(
        Round(at=AT, answers=answered)
    )


@pytest.mark.parametrize("told", ["null", "3", '"dns"', "[]", "{}", '{"later":1}', '[{"dns":1}]'])
def test_what_holds_no_details_is_none(told: str) -> None:
    assert details_in(told) is None


@pytest.mark.parametrize("number", ["null", "-1", "1.5", '"12"', "true", "[]", "{}", "NaN", "1e3", str(2**40 + 1)])
def test_a_phase_that_is_no_whole_number_of_milliseconds_loses_itself_only(number: str) -> None:
    assert details_in(f'{{"dns":{number},"connect":2,"later":{number}}}') == Details(connect=2)
    assert details_in(f'{{"dns":{number}}}') is None


@pytest.mark.parametrize(
    "end", ["null", "1795255503", '"soon"', '"2027-02-30T10:00:00Z"', "[]", '"2126-01-01T00:00:00Z"']
)
def test_an_impossible_end_of_a_certificate_loses_itself_only(end: str) -> None:
    assert details_in(f'{{"certificate_end":{end},"tls":3}}') == Details(tls=3)


def test_details_stand_in_their_place_only() -> None:
    assert details_in('"more"', '"up",1,{"dns":3}') is None
    assert details_in('"more"', '"up",1,"",{"dns":3}') == Details(dns=3)


def test_a_line_that_is_marked_late_keeps_its_details() -> None:
    line = DETAILED.replace('"dns":4', '"dns":4,"later":[1]')
    late = ledger.mark_late(line, "queued")
    assert late == line.replace('"checks"', '"late":"queued","checks"')
    assert ledger.missing([line], late + "\n") == []


def test_details_that_differ_are_no_conflict_and_the_first_stand() -> None:
    first = LINE_OF.replace("ANSWERS", '"api":["up",1,"",{"dns":1}],"web":["up",2]')
    second = LINE_OF.replace(
        "ANSWERS", '"api":["up",1,"",{"dns":2}],"web":["up",2,"",{"dns":3}],"db":["up",3,"",{"tls":4}]'
    )
    reading = read(first, second)
    assert dict(reading.rounds[0].details) == {"api": Details(dns=1), "web": Details(dns=3), "db": Details(tls=4)}
    assert reading.problems == ()


def test_details_of_an_answer_that_does_not_stand_do_not_stand_either() -> None:
    first = LINE_OF.replace("ANSWERS", '"api":["up",1]')
    second = LINE_OF.replace("ANSWERS", '"api":["down",2,"timeout",{"dns":2}]')
    reading = read(first, second)
    assert reading.rounds[0].details == ()
    assert len(reading.problems) == 1


# Reading never fails.


BAD_LINES = {
    "broken JSON": '{"v":1,"at":"2026-11-21T10:05:03Z","checks":{"api":["up",183]}',
    "a partial tail": LINE[:50],
    "two lines joined": LINE[:60] + LINE,
    "two values in a line": BEFORE + AFTER,
    "an array": "[1]",
    "a number": "17",
    "a text": '"up"',
    "null": "null",
    "NUL": '{"v":1,"at":"2026-11-21T10:05:03Z","checks":{"api":["up",\0183]}}',
    "nothing but NUL": "\0" * 512,
    "a mark of byte order amid the file": "\ufeff" + LINE,
    "nesting without end": "[" * 100_000,
    "a number without end": '{"v":1,"at":' + "9" * 100_000 + "}",
    "more than a megabyte": LINE[:-1] + " " * 1_048_576 + "}",
    "a merge conflict": "<<<<<<< HEAD",
    "no instant": '{"v":1,"checks":{}}',
    "an instant without a zone": '{"v":1,"at":"2026-11-21T10:05:03","checks":{}}',
    "an instant in another zone": '{"v":1,"at":"2026-11-21T10:05:03+01:00","checks":{}}',
    "an instant as a number": '{"v":1,"at":1795255503,"checks":{}}',
    "a day that does not exist": '{"v":1,"at":"2026-02-30T10:05:03Z","checks":{}}',
    "an hour that does not exist": '{"v":1,"at":"2026-11-21T24:00:00Z","checks":{}}',
    "a leap second": '{"v":1,"at":"2026-06-30T23:59:60Z","checks":{}}',
    "digits of another script": '{"v":1,"at":"２０26-11-21T10:05:03Z","checks":{}}',
    "the last century": '{"v":1,"at":"1970-01-01T00:00:00Z","checks":{}}',
    "the next century": '{"v":1,"at":"2199-01-01T00:00:00Z","checks":{}}',
    "another version": '{"v":2,"at":"2026-11-21T10:05:03Z","checks":{}}',
    "no version": '{"at":"2026-11-21T10:05:03Z","checks":{}}',
    "a version as text": '{"v":"1","at":"2026-11-21T10:05:03Z","checks":{}}',
    "neither checks nor an error": '{"v":1,"at":"2026-11-21T10:05:03Z"}',
    "checks as an array": '{"v":1,"at":"2026-11-21T10:05:03Z","checks":[]}',
}


@pytest.mark.parametrize("bad", BAD_LINES.values(), ids=BAD_LINES.keys())
def test_a_bad_line_is_named_and_everything_else_is_kept(bad: str) -> None:
    reading = read(BEFORE, bad, AFTER)
    assert [round_.at for round_ in reading.rounds] == [AT - 303, AT + 297]
    (problem,) = reading.problems
    assert (problem.path, problem.line, problem.level) == (PATH, 2, Level.WARNING)
    assert "passed over" in problem.message
    assert len(problem.message) < 200
    assert problem.message.isprintable()


def test_each_bad_line_says_what_is_wrong_with_it() -> None:
    assert ledger.decode_line('{"v":1,"at":"2026-02-30T00:00:00Z","checks":{}}') == (
        'has no instant like 2026-11-21T10:05:03Z but "2026-02-30T00:00:00Z", and was passed over'
    )
    assert ledger.decode_line('{"v":[2],"at":"2026-02-20T00:00:00Z"}') == (
        "is of format [2], which this version cannot read, and was passed over"
    )


def test_a_last_line_without_its_end_is_read_if_it_is_whole() -> None:
    reading = ledger.decode({PATH: BEFORE + "\n" + LINE})
    assert [round_.at for round_ in reading.rounds] == [AT - 303, AT]
    assert reading.problems == ()


def test_line_ends_of_windows_a_mark_of_byte_order_and_empty_lines_do_no_harm() -> None:
    reading = ledger.decode({PATH: "\ufeff" + BEFORE + "\r\n\r\n \t \n  " + LINE + "  \r\n"})
    assert [round_.at for round_ in reading.rounds] == [AT - 303, AT]
    assert reading.problems == ()


def test_an_empty_file_holds_nothing() -> None:
    assert ledger.decode({PATH: ""}) == ledger.decode({}) == ledger.Reading((), ())


def test_lines_stand_in_any_order_and_are_read_in_that_of_time() -> None:
    assert [round_.at for round_ in read(AFTER, LINE, BEFORE).rounds] == [AT - 303, AT, AT + 297]


def test_identical_lines_count_once() -> None:
    reading = read(LINE, BEFORE, LINE, LINE)
    assert [round_.at for round_ in reading.rounds] == [AT - 303, AT]
    assert reading.problems == ()


def test_a_bad_line_that_is_repeated_is_named_once() -> None:
    assert [problem.line for problem in read("{", BEFORE, "{").problems] == [1]


def test_the_first_of_two_answers_stands_and_the_conflict_is_named() -> None:
    first = '{"v":1,"at":"2026-11-21T10:05:03Z","checks":{"api":["up",1],"web":["up",2]}}'
    second = '{"v":1,"at":"2026-11-21T10:05:03Z","checks":{"web":["down",2],"api":["up",1],"db":["up",3]}}'
    reading = read(BEFORE.replace("api", "db"), first, second)
    assert dict(reading.rounds[1].answers) == {
        "api": Sample(AT, UP, 1),
        "web": Sample(AT, UP, 2),
        "db": Sample(AT, UP, 3),
    }
    (problem,) = reading.problems
    assert str(problem) == f"{PATH}:3: differs from an earlier line of the same instant for 'web': the first stands"


def test_the_names_in_a_conflict_cannot_forge_output() -> None:
    first = '{"v":1,"at":"2026-11-21T10:05:03Z","checks":{"\\ud800\\n::error::":["up",1]}}'
    (problem,) = read(first, first.replace("up", "down")).problems
    assert problem.message.isprintable()


def test_two_shards_of_one_instant_are_joined() -> None:
    one = '{"v":1,"at":"2026-11-21T10:05:03Z","checks":{"api":["up",1]}}'
    two = '{"v":1,"at":"2026-11-21T10:05:03Z","checks":{"web":["down",2]}}'
    reading = ledger.decode({"a/" + PATH: one + "\n", "b/" + PATH: two + "\n"})
    assert answers(reading) == {"api": Sample(AT, UP, 1), "web": Sample(AT, DOWN, 2)}
    assert reading.problems == ()


def test_answers_stand_beside_a_prober_error_of_the_same_instant() -> None:
    error = '{"v":1,"at":"2026-11-21T10:05:03Z","prober_error":"offline"}'
    for lines in ((LINE, error), (error, LINE)):
        assert read(*lines).rounds == (ROUND,)


def test_a_joined_round_is_late_if_one_of_its_lines_was() -> None:
    late = LINE_OF.replace('"checks"', '"late":"sample","checks"')
    lines = [LINE_OF.replace("ANSWERS", '"api":["up",1]'), late.replace("ANSWERS", '"web":["up",1]')]
    assert read(*lines).rounds[0].late == read(*reversed(lines)).rounds[0].late == "sample"


def test_a_line_may_be_a_megabyte_long() -> None:
    line = LINE[:-1] + " " * (1_048_576 - len(LINE)) + "}"
    assert ledger.decode_line(line) == ROUND
    assert "longer" in str(ledger.decode_line(line + " "))


def test_a_prober_error_written_twice_is_one() -> None:
    reading = read(
        '{"v":1,"at":"2026-11-21T10:05:03Z","prober_error":"offline"}',
        '{"v":1,"at":"2026-11-21T10:05:03Z","late":"queued","prober_error":"offline"}',
    )
    assert reading.rounds == (Round(at=AT, prober_error="offline"),)


def test_a_prober_error_without_a_word_is_one_all_the_same() -> None:
    assert ledger.decode_line('{"v":1,"at":"2026-11-21T10:05:03Z","prober_error":""}') == Round(
        at=AT, prober_error="unknown"
    )


def test_what_a_later_version_adds_is_passed_over() -> None:
    line = (
        '{"v":1,"new":[1],"at":"2026-11-21T10:05:03Z","late":"imported","checks":'
        '{"api":["up",1,"",{"dns":3},"more"],"web":["down",2,{"x":1}],"db":["sideways",3],"ftp":["up"]},"newer":null}'
    )
    reading = read(line)
    assert answers(reading) == {"api": Sample(AT, UP, 1), "web": Sample(AT, DOWN, 2), "ftp": Sample(AT, UP)}
    assert reading.rounds[0].details == (("api", Details(dns=3)),)
    assert reading.rounds[0].late == "imported"
    assert reading.problems == ()


@pytest.mark.parametrize(
    "answer",
    [
        "null",
        "3",
        '"up"',
        "{}",
        "[]",
        "[null]",
        "[[]]",
        "[{}]",
        "[1]",
        '["UP",1]',
        '["DOWN"]',
        '["unknown",1]',
        '["unknown",null,""]',
        '["unknown",null,"Not a word"]',
        '["unknown"]',
    ],
)
def test_an_answer_that_cannot_be_read_loses_itself_only(answer: str) -> None:
    line = LINE_OF.replace("ANSWERS", f'"bad":{answer},"api":["up",1]')
    assert answers(read(line)) == {"api": Sample(AT, UP, 1)}


@pytest.mark.parametrize("latency", ["null", "-1", "1.5", '"12"', "true", "[]", "NaN", "1e3", "9" * 40])
def test_a_latency_that_is_no_whole_number_of_milliseconds_is_none(latency: str) -> None:
    line = LINE_OF.replace("ANSWERS", f'"api":["up",{latency},"slow"]')
    assert answers(read(line)) == {"api": Sample(AT, UP, None, "slow")}


def test_no_garbage_makes_the_reader_fail() -> None:
    chance = random.Random(2)
    good = [LINE, BEFORE, AFTER]
    seeds = [*good, DETAILED]
    for _ in range(1_500):
        line = list(chance.choice(seeds))
        for _ in range(chance.randrange(1, 4)):
            at = chance.randrange(len(line))
            line[at : at + chance.randrange(3)] = chance.choice(('"', "[", "{", "}", "\0", "\n", "é", "0", ",", ""))
        reading = ledger.decode({PATH: "\n".join([*good, "".join(line), *good])})
        assert {AT - 303, AT, AT + 297} <= {round_.at for round_ in reading.rounds}


# Appending.


@pytest.mark.parametrize("text", ["", BEFORE + "\n"])
def test_lines_are_appended_after_what_is_there(text: str) -> None:
    assert ledger.append(text, [LINE, AFTER]) == text + LINE + "\n" + AFTER + "\n"


def test_appending_never_joins_a_line_that_was_cut_off() -> None:
    text = ledger.append(BEFORE + "\n" + LINE[:40], [AFTER])
    reading = ledger.decode({PATH: text})
    assert [round_.at for round_ in reading.rounds] == [AT - 303, AT + 297]
    assert [problem.line for problem in reading.problems] == [2]


def test_missing_are_the_lines_that_the_file_does_not_hold() -> None:
    late = ledger.mark_late(LINE, "queued")
    held = BEFORE + "\r\n" + LINE + "\n"
    assert ledger.missing([BEFORE, LINE, late, AFTER, "", " "], held) == [AFTER]
    assert ledger.missing([LINE], late + "\n") == []
    assert ledger.missing([LINE, AFTER], "") == [LINE, AFTER]
    assert ledger.missing([LINE], LINE[:-5]) == [LINE]


def test_a_line_is_marked_late_once() -> None:
    late = ledger.mark_late(LINE, "queued")
    assert late == LINE.replace('"checks"', '"late":"queued","checks"')
    assert ledger.mark_late(late, "imported") == late
    assert ledger.mark_late("{", "queued") == "{"


# Names.


def test_a_file_is_named_after_the_day_in_utc() -> None:
    assert ledger.day_path(periods.parse_instant("2026-12-31T23:59:59Z")) == "samples/2026-12-31.jsonl"
    assert ledger.day_path(periods.parse_instant("2027-01-01T00:00:00Z")) == "samples/2027-01-01.jsonl"


@pytest.mark.parametrize(
    ("path", "is_one"),
    [
        ("samples/2026-11-21.jsonl", True),
        ("data/home/samples/2026-11-21.jsonl", True),
        ("samples/2026-11-21.json", False),
        ("samples/2026-11.jsonl", False),
        ("days/2026-11-21.jsonl", False),
        ("oldsamples/2026-11-21.jsonl", False),
        ("samples/more/2026-11-21.jsonl", False),
        ("samples/2026-11-21.jsonl\n", False),
    ],
)
def test_day_files_are_told_by_their_path(path: str, is_one: bool) -> None:
    assert ledger.is_day_file(path) is is_one


@pytest.mark.parametrize(
    ("branch", "location"),
    [("eu", "eu"), ("eu.1-of-2", "eu"), ("eu.12-of-20", "eu"), ("eu-1-of-2", "eu-1-of-2"), ("eu.1-of-", "eu.1-of-")],
)
def test_shards_of_a_location_are_that_location(branch: str, location: str) -> None:
    assert ledger.location_of(branch) == location


# Series.


def test_of_lines_of_one_instant_so_many_count() -> None:
    """Each is joined to all before it."""
    lines = [LINE_OF.replace("ANSWERS", f'"c{number}":["up",1]') for number in range(103)]
    reading = ledger.decode({PATH: "\n".join([*lines, AFTER])})
    assert [len(round_.answers) for round_ in reading.rounds] == [101, 1]
    assert [problem.line for problem in reading.problems] == [102, 103]


def test_of_a_million_bad_lines_some_are_named_and_the_rest_counted() -> None:
    reading = ledger.decode({PATH: "\n".join([*(f"bad {number}" for number in range(5_000)), LINE])})
    assert reading.rounds == (ROUND,)
    assert [problem.line for problem in reading.problems] == [*range(1, 1_001), 0]
    assert reading.problems[-1].message == "4000 more warnings of this file are not told"
