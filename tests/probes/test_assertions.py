"""What the answer must be like: statuses, headers, JSON; what is missing never passes."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from typing import Any

import pytest

from statusgen import source
from statusgen.model import Verdict
from statusgen.probes import assertions, json_path
from statusgen.probes.assertions import JsonDemand, unmet_json
from statusgen.probes.dial import Deadline, Unanswered
from statusgen.probes.http import KIND, HttpCheck
from statusgen.shape import Notes, Rejected

from .servers import answering, ask_once, response

UP, DEGRADED, DOWN = Verdict


def read(text: str) -> HttpCheck:
    """Read the keys of a check as they are written in a file."""
    notes = Notes("components.yaml")
    try:
        node = source.parse(f"url: http://a.example/\n{text}\n", "components.yaml")
        return KIND.record.read(node, "http", notes)
    except Rejected:
        raise ValueError(notes.problems[0].message) from None


def demand(**keys: str) -> JsonDemand:
    (one,) = read(f"json: [{json.dumps(keys)}]").json
    return one


def passes(value: object, **keys: str) -> bool:
    """Tell whether a document whose ``v`` is the value meets a demand on it."""
    return unmet_json([demand(path="$.v", **keys)], json.dumps({"v": value}), Deadline(5_000)) is None


# Statuses.


@pytest.mark.parametrize(
    ("written", "right", "wrong"),
    [
        ("404", [404], [200, 403, 405]),
        ("3xx", [300, 399], [299, 400]),
        ("3XX", [300, 399], [299, 400]),
        ("200-204", [200, 204], [199, 205]),
        ("200 - 204", [200, 204], [199, 205]),
        ("[200-299, 3xx, 404]", [200, 299, 304, 404], [199, 400, 403, 405, 500]),
        ("[401, 403-404]", [401, 403, 404], [200, 402]),
    ],
)
def test_statuses_are_numbers_classes_and_ranges_in_any_mix(written: str, right: list[int], wrong: list[int]) -> None:
    expected = read(f"status: {written}").status
    assert all(assertions.is_expected(status, expected) for status in right)
    assert not any(assertions.is_expected(status, expected) for status in wrong)


@pytest.mark.parametrize("written", ["2000", "20", "xxx", "0xx", "6xx", "200-", "200-2xx", "ok", "-200", "２００"])
def test_what_is_no_status_is_refused_with_the_remedy(written: str) -> None:
    with pytest.raises(ValueError, match=f"'{written}' is not a status: write 404, 3xx or 200-299"):
        read(f"status: '{written}'")


def test_a_range_that_ends_before_it_begins_is_turned_round_by_the_remedy() -> None:
    with pytest.raises(ValueError, match="write 200-299"):
        read("status: 299-200")


def test_a_status_of_a_class_is_right() -> None:
    with answering(response(304)) as server:
        assert ask_once(HttpCheck(url=server.url(), status=((300, 399), (404, 404)))).verdict is UP
        assert ask_once(HttpCheck(url=server.url(), status=((200, 299), (404, 404)))).reason == "status 304"


# Headers.


def header_reason(answer: bytes, **wanted: str) -> str:
    headers = tuple((name.replace("_", "-"), pattern) for name, pattern in wanted.items())
    with answering(answer) as server:
        return ask_once(HttpCheck(url=server.url(), response_headers=headers)).reason


def test_a_header_must_match_somewhere() -> None:
    answer = response(Cache_Control="public, max-age=60", X_Build="1.2.3")
    assert header_reason(answer, cache_control=r"max-age=\d+") == ""
    assert header_reason(answer, CACHE_CONTROL="public", x_build=r"^1\.") == ""
    assert header_reason(answer, cache_control="no-store") == "header"
    assert header_reason(answer, cache_control="public", x_build="^2") == "header"


def test_a_header_that_is_missing_never_matches() -> None:
    assert header_reason(response(), x_build="") == "header"
    assert header_reason(response(), x_build="^$") == "header"
    assert header_reason(response(X_Build=""), x_build="^$") == ""


def test_of_headers_of_one_name_one_must_match() -> None:
    answer = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n\r\n"
    assert header_reason(answer, set_cookie="^b=2$") == ""
    assert header_reason(answer, set_cookie="^a=1, ") == "header"


def test_a_header_that_makes_a_pattern_backtrack_does_not_match() -> None:
    assert header_reason(response(X_Build="a" * 60 + "!"), x_build="(a|aa)+$") == "header"


# Text that must not be there.


def test_the_text_must_not_be_there() -> None:
    with answering(response(body=b"<h1>Fatal error</h1>")) as server:
        assert ask_once(HttpCheck(url=server.url(), body_lacks="Fatal error")).reason == "body"
        assert ask_once(HttpCheck(url=server.url(), body_lacks="fatal error")).verdict is UP
        assert ask_once(HttpCheck(url=server.url(), body_contains="Fatal", body_lacks="x")).verdict is UP


def test_an_empty_text_is_in_every_answer_and_is_refused() -> None:
    with pytest.raises(ValueError, match="'body_lacks'"):
        read("body_lacks: ''")


# JSON.


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("ok", "ok"),
        ("", ""),
        ("5", "5"),
        ("true", "true"),
        (5, "5"),
        (5.0, "5"),
        (5, "5.0"),
        (1000, "1e3"),
        (0.1, "0.1"),
        (-0.0, "0"),
        (2**70, str(2**70)),
        (True, "true"),
        (False, "false"),
        (None, "null"),
    ],
)
def test_a_value_is_what_is_written(value: object, written: str) -> None:
    assert passes(value, **{"is": written})
    assert not passes(value, is_not=written)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("OK", "ok"),
        (" ok", "ok"),
        ("5.0", "5"),
        (6, "5"),
        (5, "five"),
        (5, "NaN"),
        (1, "true"),
        (0, "false"),
        (True, "1"),
        (True, "True"),
        (None, ""),
        ("null", "None"),
        (0.1 + 0.2, "0.3"),
    ],
)
def test_a_value_is_nothing_else(value: object, written: str) -> None:
    assert not passes(value, **{"is": written})
    assert passes(value, is_not=written)


@pytest.mark.parametrize("value", [{}, [], {"a": 1}, ["ok"]])
def test_an_object_or_a_list_is_neither_the_same_nor_another(value: object) -> None:
    for key in ("is", "is_not", "matches", "above", "below"):
        assert not passes(value, **{key: "1"})


@pytest.mark.parametrize(
    ("value", "keys", "right"),
    [
        (10, {"below": "10.5"}, True),
        (10, {"below": "10"}, False),
        (10, {"above": "9.99"}, True),
        (10, {"above": "10"}, False),
        (10, {"above": "0", "below": "20"}, True),
        (30, {"above": "0", "below": "20"}, False),
        (-1, {"above": "0", "below": "20"}, False),
        ("10", {"below": "20"}, False),
        (True, {"below": "20"}, False),
        (None, {"below": "20"}, False),
        ("v1.2", {"matches": r"^v\d"}, True),
        ("x1.2", {"matches": r"^v\d"}, False),
        (12, {"matches": "12"}, False),
        ("ok", {"is": "ok", "matches": "^x"}, False),
    ],
)
def test_numbers_have_limits_and_texts_match(value: object, keys: dict[str, str], right: bool) -> None:
    assert passes(value, **keys) is right


@pytest.mark.parametrize("keys", [{"is": "1"}, {"is_not": "1"}, {"matches": ""}, {"above": "-1"}, {"below": "1"}, {}])
def test_what_is_missing_never_passes(keys: dict[str, str]) -> None:
    for document in ("{}", "[]", "null", '"queue"', '{"queue": {}}', "", "no JSON", '{"queue": {"length": 0}', "NaN"):
        assert unmet_json([demand(path="$.queue.length", **keys)], document, Deadline(5_000)) is DOWN


def test_a_path_alone_demands_that_something_is_there() -> None:
    assert unmet_json([demand(path="$.a")], '{"a": null}', Deadline(5_000)) is None


def test_all_of_several_values_must_be_right() -> None:
    every = [demand(path="$.checks[*].state", **{"is": "ok"})]
    assert unmet_json(every, '{"checks": [{"state": "ok"}, {"state": "ok"}]}', Deadline(5_000)) is None
    assert unmet_json(every, '{"checks": [{"state": "ok"}, {"state": "bad"}]}', Deadline(5_000)) is DOWN
    assert unmet_json(every, '{"checks": []}', Deadline(5_000)) is DOWN


@pytest.mark.parametrize(
    ("first", "second", "worst"),
    [("down", "degraded", DOWN), ("degraded", "down", DOWN), ("degraded", "degraded", DEGRADED)],
)
def test_the_worst_of_what_is_unmet_counts(first: str, second: str, worst: Verdict) -> None:
    demands = [demand(path="$.a", **{"is": "1", "else": first}), demand(path="$.b", **{"is": "1", "else": second})]
    assert unmet_json(demands, "{}", Deadline(5_000)) is worst
    assert unmet_json(demands, "no JSON", Deadline(5_000)) is worst
    assert unmet_json(demands, '{"a": 1, "b": 1}', Deadline(5_000)) is None


def test_a_filter_chooses_what_is_looked_at() -> None:
    document = json.dumps({"nodes": [{"name": "a", "lag": 5}, {"name": "b", "lag": 900}]})
    assert unmet_json([demand(path="$.nodes[?@.name=='a'].lag", below="10")], document, Deadline(5_000)) is None
    assert unmet_json([demand(path="$..lag", below="10")], document, Deadline(5_000)) is DOWN


@pytest.mark.parametrize(
    "path", ["status", "$.", "$[", "$..", "$[?@.a==]", "$.a[?match(@.b, 'x')]", "$" + "[?@" * 1_000, ""]
)
def test_a_path_that_is_none_is_refused_with_the_remedy(path: str) -> None:
    with pytest.raises(ValueError, match=r"is not a JSONPath \(.*write one like \$\.status"):
        json_path.parse(path)


@pytest.mark.parametrize(
    "path",
    ["$[?@.a==1e999]", "$[?@.a==-1E400]", f"$[?@.a=={'1' * 3_900}]", f"$[{'1' * 3_900}]", "$[?length(@.a)<1e999]"],
)
def test_a_number_that_python_cannot_hold_is_refused_and_leads_nowhere(path: str) -> None:
    with pytest.raises(ValueError, match=r"^'\$.{0,60}…?' is not a JSONPath \(.*\): write one like \$\.status$"):
        json_path.parse(path)
    assert not json_path.values(path, {"a": [{"a": 1}]}, 1)


def test_a_path_that_is_too_long_is_refused_before_it_is_read() -> None:
    with pytest.raises(ValueError, match=r"^is 100002 characters long: at most 4000 are allowed$"):
        json_path.parse("$" + ".a" * 50_000 + "b")


@pytest.mark.parametrize("keys", [{"above": "many"}, {"below": "NaN"}, {"else": "up"}, {"matches": "("}])
def test_a_demand_that_makes_no_sense_is_refused(keys: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        demand(path="$.a", **keys)


WIDE = json.dumps({"v": [{"a": {"b": index}} for index in range(20_000)]})
DEEP = "[" * 90 + "1" + "]" * 90
HOSTILE = {
    "deeper than can be read": ("$..x", "[" * 400_000),
    "deeper than can be descended": ("$..x", "[" * 150 + "1" + "]" * 150),
    "every value against every other": ("$.v[?$.v == $.w]", WIDE),
    "a descent within a descent": ("$..*..*..*..*..*", DEEP),
    "a filter that looks at all": ("$.v[?$.v[?@.a.b == -1]]", WIDE),
    "many filters": ("$..[?@..[?@..[?@..[?@..x]]]]", DEEP),
    "a number without end": ("$.v", '{"v": ' + "9" * 900_000 + "}"),
}


@pytest.mark.parametrize(("path", "document"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_document_that_takes_too_long_leads_nowhere_in_time(path: str, document: str) -> None:
    """On a machine that is busy the time may be up before the path is begun, which is down as well."""
    started = time.monotonic()
    with contextlib.suppress(Unanswered):
        assert unmet_json([JsonDemand(path=path, equal="1")], document, Deadline(300)) is DOWN
    assert time.monotonic() - started < 2


def test_what_is_left_of_the_deadline_is_all_there_is() -> None:
    deadline = Deadline(100)
    started = time.monotonic()
    with pytest.raises(Unanswered) as late:
        unmet_json([JsonDemand(path="$..*..*..*..*..*")] * 2, DEEP, deadline)
    assert late.value.reason == "timeout"
    assert time.monotonic() - started < 0.6


def json_sample(body: bytes, **keys: Any) -> tuple[Verdict | None, str]:
    with answering(response(body=body)) as server:
        sample = ask_once(HttpCheck(url=server.url(), json=(JsonDemand(path="$.queue", **keys),)))
    return sample.verdict, sample.reason


def test_json_is_asked_of_a_real_server() -> None:
    assert json_sample(b'{"queue": "ok"}', equal="ok") == (UP, "")
    assert json_sample(b'{"queue": "bad"}', equal="ok") == (DOWN, "json")
    assert json_sample(b'{"queue": "bad"}', equal="ok", otherwise=DEGRADED) == (DEGRADED, "json")
    assert json_sample(b"<html>", equal="ok") == (DOWN, "json")
    assert json_sample(b'{"queue": "ok", "x": "' + b"x" * 2**20 + b'"}', equal="ok") == (DOWN, "json")


def test_other_demands_come_before_those_on_json() -> None:
    slight = (JsonDemand(path="$.a", otherwise=DEGRADED),)
    with answering(response(body=b"{}")) as server:
        assert ask_once(HttpCheck(url=server.url(), json=slight, body_contains="x")).reason == "body"
        assert ask_once(HttpCheck(url=server.url(), json=slight, status=((404, 404),))).reason == "status 200"


def in_a_world_without(module: str, lines: str) -> subprocess.CompletedProcess[str]:
    program = f"import sys\nsys.modules['{module}'] = None\n{lines}"
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=30)


def test_without_the_library_the_file_is_read_and_the_check_is_unknown() -> None:
    done = in_a_world_without(
        "jsonpath_rfc9535",
        "from statusgen.probes import json_path\n"
        "from statusgen.probes.dial import Unknown\n"
        "print(json_path.parse('$.status'))\n"
        "for _ in range(2):\n"
        "    try:\n"
        "        json_path.values('$.status', {}, 1)\n"
        "    except Unknown as doubt:\n"
        "        print(doubt.reason)\n",
    )
    assert done.stdout.splitlines() == ["$.status", "unsupported", "unsupported"]
    assert done.stderr.count("pip install 'statusgen[json]'") == 1


def test_without_the_library_a_wrong_status_is_as_wrong_as_ever() -> None:
    with answering(lambda request: response(500 if b"/broken" in request else 200, b"{}")) as server:
        done = in_a_world_without(
            "jsonpath_rfc9535",
            "from pathlib import Path\n"
            "from statusgen.model import Check, Probing\n"
            "from statusgen.probes.asking import ask\n"
            "from statusgen.probes.assertions import JsonDemand\n"
            "from statusgen.probes.http import HttpCheck\n"
            "from statusgen.probes.kind import World\n"
            "for path in ('broken', 'fine'):\n"
            f"    question = HttpCheck(url='{server.url()}' + path, json=(JsonDemand(path='$.a'),))\n"
            "    world = World(environment={}, base=Path('.'))\n"
            "    print(ask(Check(id='c', question=question), 0, Probing(reprobe_ms=()), world).sample.reason)\n",
        )
    assert done.stdout.splitlines() == ["status 500", "unsupported"]


def test_nothing_of_this_is_imported_before_it_is_needed() -> None:
    heavy = ("requests", "urllib3", "jsonpath_rfc9535")
    done = in_a_world_without(
        "nothing", f"import statusgen.probes\nprint([name for name in {heavy} if name in sys.modules])"
    )
    assert done.stdout == "[]\n"
