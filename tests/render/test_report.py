"""Reports as text, Markdown, CSV and JSON, and the command that prints them."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from statusgen import reports
from statusgen.render import report as forms

from ..sites import COMPONENTS, NOW_TEXT, statusgen, write
from ..test_reports import EVENTS, SITE, told

TEXT = """\
Acme Status: October 2026

component  availability  down    degraded  maintenance  observed
api        50.00 %       30 min  0 s       0 s          0.13 %
desk       99.96 %       30 min  10 min    0 s          100 %

Service levels

service level       period                     target   attained  kept         used        allowed     credit  observed
api-month (sla)     2026-10                    99.9 %   50.00 %   no           30 min      3.6 s       10 %    0.13 %
both-quarter (sla)  2026-Q4                    99.95 %  99.91 %   no, so far   1 h 10 min  1 h 32 min  –       50.06 %
api-28d (slo)       28d to the end of 2026-10  99 %     50.00 %   no           30 min      36 s        –       0.14 %
desk-year (sla)     2026                       99.9 %   99.98 %   yes, so far  30 min      5 h 32 min  –       100 %

Response times

incident  severity  detected              first response  in time  longest silence  end
unranked  –         2026-10-11T10:00:00Z  0 s             —        10 min           10 min
oct       sev2      2026-10-10T10:00:00Z  0 s             yes      1 h              1 h

Touched by corrections: 2026-10-10-api
"""
MARKDOWN = """\
## Acme Status: October 2026

| component | availability | down | degraded | maintenance | observed |
| --- | --- | --- | --- | --- | --- |
| api | 50.00 % | 30 min | 0 s | 0 s | 0.13 % |
| desk | 99.96 % | 30 min | 10 min | 0 s | 100 % |

## Service levels

| service level | period | target | attained | kept | used | allowed | credit | observed |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
| api-month (sla) | 2026-10 | 99.9 % | 50.00 % | no | 30 min | 3.6 s | 10 % | 0.13 % |
| both-quarter (sla) | 2026-Q4 | 99.95 % | 99.91 % | no, so far | 1 h 10 min | 1 h 32 min | – | 50.06 % |
| api-28d (slo) | 28d to the end of 2026-10 | 99 % | 50.00 % | no | 30 min | 36 s | – | 0.14 % |
| desk-year (sla) | 2026 | 99.9 % | 99.98 % | yes, so far | 30 min | 5 h 32 min | – | 100 % |

## Response times

| incident | severity | detected | first response | in time | longest silence | end |
| --- | --- | --- | --- | --- | --- | --- |
| unranked | – | 2026-10-11T10:00:00Z | 0 s | — | 10 min | 10 min |
| oct | sev2 | 2026-10-10T10:00:00Z | 0 s | yes | 1 h | 1 h |

Touched by corrections: 2026-10-10-api
"""


def october(form: str) -> str:
    return forms.FORMATS[form](reports.report(told(), "2026-10"))


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("form", forms.FORMATS)
def test_a_component_is_in_no_form_of_a_period_before_it_counts(form: str) -> None:
    site = replace(SITE, objectives=())
    there, before = (forms.FORMATS[form](reports.report(told(site), period)) for period in ("2026-05", "2026-04"))
    assert "desk" in there
    assert "desk" not in before
    nobody = replace(site, components=site.components[1:])
    assert "desk" not in forms.FORMATS[form](reports.report(told(nobody, ()), "2026-04"))


def test_as_text_columns_are_aligned() -> None:
    assert october("text") == TEXT


def test_as_markdown_there_are_tables() -> None:
    assert october("md") == MARKDOWN


def test_as_json_it_has_the_fields_of_the_api() -> None:
    found: dict[str, Any] = json.loads(october("json"))
    assert list(found) == ["period", "is_open", "components", "objectives", "responses", "incidents"]
    assert (found["period"], found["is_open"]) == ("2026-10", False)
    api, _ = found["components"]
    assert (api["major_seconds"], api["corrections"]) == (1_800, ["2026-10-10-api"])
    assert [each["id"] for each in found["objectives"]] == ["api-month", "both-quarter", "api-28d", "desk-year"]
    assert found["responses"][0]["incidents"] == ["oct"]
    assert [each["slug"] for each in found["incidents"]] == ["unranked", "oct"]


def test_as_csv_there_is_a_row_a_component_and_a_row_an_account_and_columns_are_those_of_json() -> None:
    text = october("csv")
    found = rows(text)
    assert [(row["kind"], row["id"]) for row in found] == [
        ("component", "api"),
        ("component", "desk"),
        ("sla", "api-month"),
        ("sla", "both-quarter"),
        ("slo", "api-28d"),
        ("sla", "desk-year"),
    ]
    document = json.loads(october("json"))
    for row, known in zip(found, document["components"] + document["objectives"], strict=True):
        for name, value in known.items():
            expected = " ".join(value) if isinstance(value, list) else "" if value is None else str(value)
            assert row[name] == (expected.lower() if isinstance(value, bool) else expected), name
    assert text.count("\n") == text.count("\r\n") == 7


def test_a_period_that_goes_on_is_told_so_far() -> None:
    for form, head in (
        ("text", "Acme Status: November 2026, so far\n"),
        ("md", "## Acme Status: November 2026, so far\n"),
    ):
        assert forms.FORMATS[form](reports.report(told(), "2026-11")).startswith(head)
    assert json.loads(forms.as_json(reports.report(told(), "2026-11")))["is_open"] is True


def test_what_nothing_is_known_of_is_a_dash_and_no_table_is_empty() -> None:
    unknown = told(replace(SITE, objectives=()), events=(), corrections=(), seen=())
    text = forms.as_text(reports.report(unknown, "2026-10", ["api"]))
    assert re.search(r"^api +— ", text, re.MULTILINE)
    assert "100 %" not in text
    assert not re.search("Service levels|Response times|Touched", text)
    assert rows(forms.as_csv(reports.report(unknown, "2026-10", ["api"])))[0]["availability"] == ""


def test_names_with_pipes_and_breaks_do_not_tear_a_table() -> None:
    hostile = "A | b ` <script>alert(1)</script>"
    parts = tuple(replace(each, name=hostile) for each in SITE.components)
    promised = tuple(replace(each, name=hostile) for each in SITE.objectives)
    events = tuple(replace(each, title=hostile) for each in EVENTS)
    made = told(replace(SITE, name=hostile, components=parts, objectives=promised), events)
    text = forms.as_markdown(reports.report(made, "2026-10"))
    tables = [line for line in text.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in tables} == {7, 8, 10}
    assert len(tables) == MARKDOWN.count("\n| ")
    assert "<script>" not in text


# The command


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("report")
    write(made, **{"components.yaml": COMPONENTS})
    return made


def test_the_command_prints_the_last_month_and_a_period_of_ones_own(folder: Path) -> None:
    done = statusgen("report", "--now", NOW_TEXT, at=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Acme Status: October 2026\n")
    done = statusgen("report", "--now", NOW_TEXT, "--period", "2026-Q4", "--component=support", "--json", at=folder)
    assert [each["id"] for each in json.loads(done.stdout)["components"]] == ["support"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--component", "suport"), 1, "there is no component 'suport' (did you mean 'support'?)"),
        (("--period", "2026-13"), 2, "--period "),
        (("--format", "pdf"), 2, "Invalid value for '--format'"),
    ],
)
def test_what_cannot_be_reported_is_named(folder: Path, arguments: tuple[str, ...], code: int, words: str) -> None:
    done = statusgen("report", "--now", NOW_TEXT, *arguments, at=folder)
    assert (done.returncode, done.stdout) == (code, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr
