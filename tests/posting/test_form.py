"""The form: what somebody filled in, or a stranger put there, as a request or a line that says what is wrong."""

from __future__ import annotations

import random
from typing import Any

import pytest
import yaml

from statusgen import periods
from statusgen.errors import UsageError
from statusgen.model import Phase
from statusgen.posting import form
from statusgen.posting.form import Action, Request
from statusgen.promises import Severity

from ..sites import NOW, ROOT

OPEN = {"action": "open", "name": "Elevated API errors", "message": "A fifth of requests fail."}
ISSUE = """\
### What to do

open

### Incident or maintenance

Elevated API errors

### State

_No response_

### Components

- api: partial_outage
- web = operational

### Severity

sev2

### Next update

30m

### Window

_No response_

### Message

A fifth of requests fail.

### What to do

Wait.
"""


def asked(**fields: str) -> Request:
    return form.request({**OPEN, **fields}, NOW)


def test_fields_come_from_the_environment() -> None:
    fields = form.from_environment(
        {"STATUS_ACTION": "open", "STATUS_NAME": "x", "STATUS_BRANCH": "main", "ACTION": "y"}
    )
    assert {field: text for field, text in fields.items() if text} == {"action": "open", "name": "x"}


def test_a_request_says_what_was_filled_in() -> None:
    made = asked(
        action=" Open ",
        state="Identified",
        components="api=partial_outage, web=operational;db = major_outage",
        severity="SEV2",
        next="30m",
    )
    assert made == Request(
        action=Action.OPEN,
        name="Elevated API errors",
        text="A fifth of requests fail.",
        phase=Phase.IDENTIFIED,
        components=("api=partial_outage", "web=operational", "db=major_outage"),
        severity=Severity.SEV2,
        next=NOW + 1_800,
    )


def test_the_next_update_may_be_an_instant() -> None:
    assert asked(next="2026-11-21 13:00 UTC").next == NOW + 3_600


@pytest.mark.parametrize(
    "window",
    [
        "2026-12-01 05:00 UTC for 2h",
        "2026-12-01 05:00 UTC to 2026-12-01 07:00 UTC",
        "2026-12-01T05:00Z/2026-12-01T07:00Z",
        "2026-12-01T06:00+01:00 / 2h",
    ],
)
def test_a_window_has_two_ends(window: str) -> None:
    start = periods.parse_instant("2026-12-01T05:00Z")
    assert asked(action="schedule", components="api", window=window).window == (start, start + 7_200)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"action": ""}, "action is empty: choose one of open, update,"),
        ({"action": "opne"}, r"action cannot be 'opne' \(did you mean 'open'\?\)"),
        ({"action": "x\n::error::" * 20}, "action cannot be 'x ::error::x .*…'"),
        ({"name": ""}, "name is empty"),
        ({"name": "a\nb"}, "name has several lines"),
        ({"message": " \n"}, "message is empty"),
        ({"state": "resolved"}, "choose the action 'resolve'"),
        ({"state": "completed"}, "state cannot be 'completed'"),
        ({"severity": "sev9"}, "severity cannot be 'sev9'"),
        ({"next": "soon"}, "next cannot be 'soon': write how long"),
        ({"next": f"{'9' * 1000}d"}, "next cannot be '9+…'"),
        ({"next": f"{'9' * 5000}d"}, "next has 5001 characters"),
        ({"next": "999999999d"}, "next cannot be '999999999d': write how long from now"),
        ({"next": "2026-13-01T00:00Z"}, "next cannot be"),
        ({"components": "api=\x1b[1m"}, "components cannot have"),
        ({"components": "a" * 300}, "components cannot have"),
        ({"window": "2026-12-01 05:00 UTC for 2h"}, "window is not for 'open', only for schedule: leave it empty"),
        ({"action": "schedule"}, "window is empty"),
        ({"action": "schedule", "window": "tomorrow"}, "window cannot be 'tomorrow'"),
        ({"action": "schedule", "window": "now for ever"}, "window cannot be 'now for ever'"),
        (
            {"action": "schedule", "window": "2026-12-01 05:00 UTC for 999999999d"},
            "window cannot be '2026-12-01 05:00 UTC for 999999999d': write when it begins and ends",
        ),
        ({"action": "resolve", "state": "monitoring"}, "state is not for 'resolve'"),
        ({"action": "update", "severity": "sev1"}, "severity is not for 'update'"),
        ({"action": "start", "components": "api"}, "components is not for 'start'"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(fields: dict[str, str], reason: str) -> None:
    with pytest.raises(UsageError, match=reason) as raised:
        asked(**fields)
    assert str(raised.value).isprintable()


# Issues


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_an_issue_is_read_by_its_headings(end: str) -> None:
    fields = form.from_issue(ISSUE.replace("\n", end))
    assert fields == {
        **dict.fromkeys(form.FIELDS, ""),
        "action": "open",
        "name": "Elevated API errors",
        "severity": "sev2",
        "next": "30m",
        "components": "- api: partial_outage\n- web = operational",
        "message": "A fifth of requests fail.\n\n### What to do\n\nWait.",  # the last answer takes all that follows
    }
    assert form.request(fields, NOW).components == ("api=partial_outage", "web=operational")


def test_an_answer_cannot_pass_for_an_earlier_field() -> None:
    fields = form.from_issue(ISSUE.replace("sev2", "### State\n\nmonitoring\n\n### Severity\n\nsev1"))
    assert fields["state"] == ""
    with pytest.raises(UsageError, match="severity cannot be"):
        form.request(fields, NOW)


@pytest.mark.parametrize("body", ["", "It is down!", "## What to do\nopen", "### What to do?\nopen"])
def test_an_issue_that_no_form_made_is_refused(body: str) -> None:
    with pytest.raises(UsageError, match="not made by the form"):
        form.from_issue(body)


def test_whatever_an_issue_holds_it_is_read_or_refused_in_one_line() -> None:
    chance = random.Random(7)
    pieces = [*ISSUE.split("\n"), "\0", "\x1b", "### ", "\ud800", "open", "resolve", "9" * 400, "for", "/", "\u202e"]
    for _ in range(2_000):
        body = "\n".join(chance.choices(pieces, k=chance.randrange(40)))
        try:
            form.request(form.from_issue(f"### What to do\nopen\n{body}"), NOW)
        except UsageError as error:
            assert str(error).isprintable(), repr(error)  # noqa: PT017 - most are refused, some are not


def test_a_long_issue_takes_no_time() -> None:
    for piece in ("### Message\n", "api=", " for ", "9", "=:", " ", "\t"):
        for field in form.FIELDS:
            with pytest.raises(UsageError):
                form.request({**OPEN, "action": "schedule", "window": "x", field: f"a{piece * 60_000}b"}, NOW)
        form.from_issue(f"### What to do\n{piece * 60_000}")


# The forms themselves


def template() -> list[dict[str, Any]]:
    found = yaml.safe_load((ROOT / ".github/ISSUE_TEMPLATE/incident.yml").read_text("utf-8"))
    return [each for each in found["body"] if each["type"] != "markdown"]


def test_the_labels_of_the_issue_form_are_the_headings_in_their_order() -> None:
    assert [each["attributes"]["label"] for each in template()] == list(form.HEADINGS)


def test_the_issue_form_asks_what_there_is_to_choose() -> None:
    choices = {each["id"]: each["attributes"].get("options") for each in template()}
    assert choices["action"] == [each.value for each in Action]
    assert choices["severity"] == [each.value for each in Severity]
    assert choices["state"] == ["investigating", "identified", "monitoring"]
    required = {each["id"] for each in template() if each.get("validations", {}).get("required")}
    assert required == {"action", "message"}


def test_the_inputs_of_the_workflow_are_the_fields_and_reach_the_program_by_its_environment() -> None:
    workflow = yaml.load((ROOT / ".github/workflows/incident.yml").read_text("utf-8"), yaml.BaseLoader)
    inputs = workflow["on"]["workflow_dispatch"]["inputs"]
    assert tuple(sorted(inputs)) == tuple(sorted(form.FIELDS))
    assert len(inputs) <= 10
    assert inputs["action"]["options"] == [each.value for each in Action]
    assert inputs["state"]["options"][1:] == ["investigating", "identified", "monitoring"]
    assert inputs["severity"]["options"][1:] == [each.value for each in Severity]
    (step,) = [step for step in workflow["jobs"]["post"]["steps"] if step.get("name") == "Post"]
    given = {f"STATUS_{field.upper()}": f"${{{{ inputs.{field} }}}}" for field in form.FIELDS}
    assert given.items() <= step["env"].items()
