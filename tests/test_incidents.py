"""``incidents/*.md``: what they mean. What is wrong with one is in ``bad/`` (see ``test_bad_input``)."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from typing import Any

import pytest

from statusgen import frontmatter, incidents
from statusgen.drafting import drafts
from statusgen.errors import Level, SourceError
from statusgen.incidents import Reading
from statusgen.model import Incident, Maintenance, Phase, Postmortem, Recurrence, State, Update
from statusgen.periods import parse_instant
from statusgen.promises import Severity
from statusgen.shape import Notes
from tests.machine import within

KNOWN = ("api", "web")
PATH = "incidents/2026-11-20-api-errors.md"
WHOLE = """\
---
title: Elevated API errors
severity: sev2
started: 2026-11-20T10:02Z
detected: 2026-11-20 10:04 UTC
acknowledged: 2026-11-20T11:05+01:00
components: {api: partial_outage, web: degraded_performance}
---
Customers in Europe only.

## Investigating · 2026-11-20 10:06 UTC
About a fifth of requests to the API fail.

### What works
Reading does.

## Resolved · 2026-11-20 11:15 UTC
Components: api operational, web operational

The faulty release is rolled back.
"""
UPDATE = "## Investigating · 2026-11-20 10:06 UTC\nSome requests fail.\n"
WINDOW = "type: maintenance\nscheduled: {from: 2026-12-01 22:00 UTC, until: 2026-12-02 00:00 UTC}\n"


def event(front: str, body: str) -> tuple[Incident | Maintenance, list[str]]:
    """Return what was read, and its warnings."""
    notes = Notes(PATH)
    read = incidents.read_event(f"---\ntitle: T\n{front}---\n{body}", PATH, KNOWN, notes)
    return read, [str(problem) for problem in notes.problems]


def incident(body: str, front: str = "") -> Incident:
    read, warnings = event(front, body)
    assert warnings == []
    assert isinstance(read, Incident)
    return read


def maintenance(front: str, body: str = "## Scheduled · 2026-11-25 09:00 UTC\nWe upgrade.\n") -> Maintenance:
    read, warnings = event(WINDOW + front, body)
    assert warnings == []
    assert isinstance(read, Maintenance)
    return read


def problems(front: str, body: str) -> list[str]:
    with pytest.raises(SourceError) as refused:
        event(front, body)
    return [str(problem) for problem in refused.value.problems]


def written(reading: Reading) -> list[str]:
    return [str(problem) for problem in reading.problems]


# An incident


def test_the_documented_file_is_read_whole() -> None:
    assert incidents.read_all({PATH: WHOLE}, KNOWN) == Reading(
        (
            Incident(
                slug="2026-11-20-api-errors",
                path=PATH,
                title="Elevated API errors",
                severity=Severity.SEV2,
                started=parse_instant("2026-11-20T10:02Z"),
                detected=parse_instant("2026-11-20T10:04Z"),
                acknowledged=parse_instant("2026-11-20T10:05Z"),
                components=(("api", State.PARTIAL), ("web", State.DEGRADED)),
                introduction="Customers in Europe only.",
                updates=(
                    Update(
                        at=parse_instant("2026-11-20T10:06Z"),
                        phase=Phase.INVESTIGATING,
                        text="About a fifth of requests to the API fail.\n\n### What works\nReading does.",
                        line=11,
                    ),
                    Update(
                        at=parse_instant("2026-11-20T11:15Z"),
                        phase=Phase.RESOLVED,
                        text="The faulty release is rolled back.",
                        components=(("api", State.OPERATIONAL), ("web", State.OPERATIONAL)),
                        line=17,
                    ),
                ),
            ),
        ),
        (),
    )


def test_an_incident_began_with_its_first_update_unless_it_says_otherwise() -> None:
    assert incident(UPDATE).started == parse_instant("2026-11-20T10:06Z")
    assert incident(UPDATE, "started: 2026-11-20 09:00 UTC\n").started == parse_instant("2026-11-20T09:00Z")
    assert incident(UPDATE, "started: 2026-11-20 10:06 UTC\n").started == parse_instant("2026-11-20T10:06Z")


def test_an_incident_was_detected_when_it_was_first_noticed_or_reported() -> None:
    noticed, reported = "detected: 2026-11-20 10:04 UTC\n", "reported: 2026-11-20 10:03 UTC\n"
    assert incident(UPDATE, noticed + reported).detected == parse_instant("2026-11-20T10:03Z")
    assert incident(UPDATE, noticed).detected == parse_instant("2026-11-20T10:04Z")
    assert incident(UPDATE, reported).detected == parse_instant("2026-11-20T10:03Z")
    assert incident(UPDATE).detected is None


def test_a_draft_says_so() -> None:
    assert incident(UPDATE, "draft: true\n").draft
    assert not incident(UPDATE).draft


def test_an_incident_may_be_of_what_was_measured() -> None:
    assert incident(UPDATE, "measured: true\n").measured
    assert not incident(UPDATE).measured


def test_an_incident_is_automatic_while_its_stamp_fits() -> None:
    written = drafts.stamped(f"---\ntitle: Errors\nautomatic: {drafts.NONE_YET}\n---\n{UPDATE}")
    for text, is_automatic in (
        (written, True),
        (written.replace("\n", "\r\n"), True),
        (written.replace("Errors", "errors"), False),
        (written + "And more.\n", False),
        (written.replace("---\n", "---\ndraft: true\n", 1), False),
    ):
        read = incidents.read_event(text, PATH, KNOWN, Notes(PATH))
        assert isinstance(read, Incident)
        assert read.automatic is is_automatic


def test_a_stamp_is_sixteen_digits_of_the_hash_of_the_rest() -> None:
    rest = "---\ntitle: Errors\n---\nautomatic: no stamp, as it stands in the text\n"
    stamp = hashlib.sha256(rest.encode()).hexdigest()[:16]
    text = rest.replace("title: Errors\n", f"title: Errors\nautomatic: {stamp}\n")
    assert drafts.is_ours(text)
    assert drafts.stamped(text) == text
    assert not drafts.is_ours(rest)
    assert not drafts.is_ours("")


def test_the_four_states_of_an_incident_are_known() -> None:
    words = ("Investigating", "Identified", "Monitoring", "Resolved")
    read = incident("".join(f"## {word} · 2026-11-20 10:0{i} UTC\n" for i, word in enumerate(words)))
    assert [update.phase.word for update in read.updates] == list(words)


def test_components_may_be_a_block_map() -> None:
    read = incident(UPDATE, "components:\n  web: operational\n  api: under_maintenance\n")
    assert read.components == (("web", State.OPERATIONAL), ("api", State.MAINTENANCE))


# Headings


@pytest.mark.parametrize(
    "heading",
    [
        "## Resolved · 2026-11-20 11:15 UTC",
        "## Resolved - 2026-11-20 11:15 UTC",
        "## Resolved – 2026-11-20 11:15 UTC",
        "## Resolved — 2026-11-20 11:15 UTC",
        "## RESOLVED · 2026-11-20T11:15Z",
        "## resolved  ·  2026-11-20T12:15:00+01:00",
        "##Resolved · 2026-11-20 11:15 UTC",
        "## Resolved · 2026-11-20 11:15 UTC ##",
        "   ## Resolved · 2026-11-20 11:15 UTC  ",
        "##\tResolved\t·\t2026-11-20 11:15 UTC",
    ],
)
def test_the_heading_of_an_update_has_many_spellings(heading: str) -> None:
    (update,) = incident(f"{heading}\nIt is over.\n").updates
    assert (update.phase, update.at, update.text) == (Phase.RESOLVED, parse_instant("2026-11-20T11:15Z"), "It is over.")


@pytest.mark.parametrize("word", ["In progress", "in progress", "In-progress", "in_progress", "IN  PROGRESS"])
def test_a_state_of_two_words_has_many_spellings(word: str) -> None:
    (update,) = maintenance("components: [api]\n", f"## {word} · 2026-12-01 22:00 UTC\nIt begins.\n").updates
    assert update.phase is Phase.IN_PROGRESS


@pytest.mark.parametrize(
    "heading",
    [
        "Resolved 2026-11-20 11:15 UTC",
        "Resolved: 2026-11-20 11:15 UTC",
        "Resolved, 2026-11-20 11:15 UTC",
        "Resolved· 2026-11-20 11:15 UTC",
        "Resolved·2026-11-20 11:15 UTC",
        "Resolved (2026-11-20 11:15 UTC)",
        "Resolved 11:15",
        "Resolved @ 9.15",
    ],
)
def test_a_heading_that_looks_like_an_update_is_refused_with_the_one_to_write(heading: str) -> None:
    time = re.sub(r"Resolved\W*", "", heading)
    assert problems("", f"{UPDATE}\n## {heading}\nDone.\n") == [
        f"{PATH}:7: '{heading}' looks like an update and is none: write '## Resolved · {time}'"
    ]


@pytest.mark.parametrize("time", ["11:15", "20 Nov 2026, 11:15 UTC", "20.11.2026", "20/11/2026 11:15", "2026-11-20"])
def test_a_heading_that_ends_in_something_like_a_time_must_parse(time: str) -> None:
    assert problems("", f"## Resolved · {time}\nDone.\n") == [
        f"{PATH}:4: '{time}' is not an instant: write it like 2026-11-20 10:02 UTC or 2026-11-20T10:02Z"
    ]


def test_a_section_without_time_is_part_of_the_update_above_it() -> None:
    read, warnings = event("", f"{UPDATE}\n## Details\n\nSlow queries.\n\n## Resolved · 2026-11-20 11:15 UTC\nDone.\n")
    assert [update.text for update in read.updates] == ["Some requests fail.\n\n## Details\n\nSlow queries.", "Done."]
    assert warnings == [
        f"{PATH}:7: heading 'Details' has no time, so it is text: use ### for a heading within an update"
    ]


def test_sections_before_the_first_update_are_part_of_the_introduction() -> None:
    read, warnings = event("", f"Hello.\n\n## Who\nAll.\n\n## Where\nEurope.\n\n{UPDATE}")
    assert read.introduction == "Hello.\n\n## Who\nAll.\n\n## Where\nEurope."
    assert [update.text for update in read.updates] == ["Some requests fail."]
    assert len(warnings) == 2


def test_a_heading_of_another_level_that_looks_like_an_update_is_text_with_a_warning() -> None:
    for marks in ("#", "###", "####"):
        heading = f"{marks} In progress · 2026-11-20 11:15 UTC"
        _, warnings = event("", f"{UPDATE}{heading}\n{marks} Other · 2026-11-20 11:15 UTC\n")
        assert warnings == [f"{PATH}:6: '{heading}' is text: a heading of an update begins with ## and a space"]


@pytest.mark.parametrize(("opening", "closing"), [("```", "```"), ("~~~~ text", "~~~~~"), ("  ```yaml", "```  ")])
def test_a_heading_in_a_code_block_is_code(opening: str, closing: str) -> None:
    code = f"{opening}\n## Resolved · 2026-11-20 11:15 UTC\n~~\n`` `\n### Resolved · 2026-11-20 11:15 UTC\n{closing}"
    (update,) = incident(f"{UPDATE}{code}\n").updates
    assert update.text == f"Some requests fail.\n{code}"


def test_a_code_block_ends_with_the_marks_it_began_with() -> None:
    (update,) = incident(f"{UPDATE}````\n```\n~~~~\n```` x\n## A\n````\n").updates
    assert "## A" in update.text


def test_code_within_a_line_opens_no_block() -> None:
    body = f"{UPDATE}``` curl ``` fails.\n\n## Resolved · 2026-11-20 11:15 UTC\nDone.\n"
    assert [update.phase for update in incident(body).updates] == [Phase.INVESTIGATING, Phase.RESOLVED]


def test_a_code_block_that_never_ends_hides_no_update_in_silence() -> None:
    assert problems("", f"{UPDATE}~~~\n\n## Resolved · 2026-11-20 11:15 UTC\nDone.\n") == [
        f"{PATH}:6: a code block begins here and never ends: add a line with ~~~ after it"
    ]


# Order and identity


def test_updates_of_the_same_minute_are_numbered_in_the_order_written() -> None:
    times = ("10:06 UTC", "10:06 UTC", "10:07 UTC", "10:07:00 UTC", "10:07:30 UTC")
    read = incident("".join(f"## Monitoring · 2026-11-20 {time}\n" for time in times))
    assert [update.ordinal for update in read.updates] == [1, 2, 1, 2, 3]


ABOVE = "is earlier than the update above it (20 Nov 2026, {}:00 UTC): put it in time order"
BELOW = "is later than the update below it (20 Nov 2026, {}:00 UTC): correct its time"


@pytest.mark.parametrize(
    ("hours", "told"),
    [
        ((12, 10, 11, 9), {4: BELOW.format(10), 7: ABOVE.format(11)}),
        ((10, 12, 11), {6: ABOVE.format(12)}),
        ((12, 11), {5: ABOVE.format(12)}),
        ((10, 23, 11, 12, 12, 13), {5: BELOW.format(11)}),
        ((10, 11, 12, 9, 13), {7: ABOVE.format(12)}),
    ],
)
def test_as_few_updates_as_can_be_are_named_as_out_of_order(hours: tuple[int, ...], told: dict[int, str]) -> None:
    body = "".join(f"## Monitoring · 2026-11-20 {hour:02}:00 UTC\n" for hour in hours)
    assert problems("", body) == [f"{PATH}:{line}: {message}" for line, message in told.items()]


def test_thousands_of_updates_out_of_order_take_no_time() -> None:
    instants = [*range(5_000, 0, -2), *range(0, 5_000, 2)]
    body = "".join(
        f"## Monitoring · 2026-11-{1 + at // 1_440:02} {at // 60 % 24:02}:{at % 60:02} UTC\n" for at in instants
    )
    with within(seconds=2):
        assert len(problems("", body)) == 2_000  # of 2,500: no more of a file are told


# Components of an update


@pytest.mark.parametrize(
    "line",
    [
        "Components: api operational, web partial_outage",
        "components:api operational,web partial_outage,",
        "COMPONENTS:  api: Operational , web: PARTIAL_OUTAGE",
        "\nComponents: api operational, web partial_outage",
        "  \n\n  Components: api operational, web partial_outage",
    ],
)
def test_the_first_line_of_an_update_may_change_components(line: str) -> None:
    (update,) = incident(f"## Monitoring · 2026-11-20 10:06 UTC\n{line}\nText.\n").updates
    assert update.components == (("api", State.OPERATIONAL), ("web", State.PARTIAL))
    assert update.text == "Text."


def test_problems_of_components_are_named_on_their_own_line() -> None:
    body = "## Monitoring · 2026-11-20 10:06 UTC\n\n\nComponents: ap oprational, web up now\nText.\n"
    assert problems("", body) == [
        f"{PATH}:7: component 'ap' is not in components.yaml (did you mean 'api'?)",
        f"{PATH}:7: 'oprational' is no state of a component (did you mean 'operational'?)",
        f"{PATH}:7: 'web up now' is not a component and its state: write it like 'api operational'",
    ]


def test_a_components_line_further_down_changes_nothing_and_is_warned_of() -> None:
    body = "## Monitoring · 2026-11-20 10:06 UTC\n\nComponents: api operational\n\nComponents: web operational\n"
    read, warnings = event("", body)
    assert read.updates[0].components == (("api", State.OPERATIONAL),)
    assert warnings == [
        f"{PATH}:8: 'Components: web operational' is text here: make it the first line under the heading"
    ]


# When the next update comes


@pytest.mark.parametrize(
    "head",
    [
        "Next update: 2026-11-20 10:40 UTC",
        "next update:2026-11-20T11:40+01:00",
        "\nComponents: api operational\nNext update: 2026-11-20 10:40 UTC",
        "Next update: 2026-11-20 10:40 UTC\nComponents: api operational",
    ],
)
def test_an_update_may_promise_the_next_one(head: str) -> None:
    (update,) = incident(f"## Monitoring · 2026-11-20 10:06 UTC\n{head}\nText.\n").updates
    assert update.next == update.at + 34 * 60
    assert update.text == "Text."
    assert bool(update.components) is ("Components" in head)


@pytest.mark.parametrize(
    ("written", "wrong"),
    [
        (
            "in half an hour",
            "'in half an hour' is not an instant: write it like 2026-11-20 10:02 UTC or 2026-11-20T10:02Z",
        ),
        ("2026-11-20 10:06 UTC", "'2026-11-20 10:06 UTC' is not after this update: correct the time"),
    ],
)
def test_a_promise_that_cannot_be_read_is_text_and_warned_of(written: str, wrong: str) -> None:
    read, warnings = event("", f"## Monitoring · 2026-11-20 10:06 UTC\nNext update: {written}\n")
    assert read.updates[0].next is None
    assert read.updates[0].text == f"Next update: {written}"
    assert warnings == [f"{PATH}:5: is text, not a promise: {wrong}"]


def test_a_sentence_below_the_text_promises_nothing() -> None:
    (update,) = incident("## Monitoring · 2026-11-20 10:06 UTC\nText.\nNext update: 2026-11-20 10:40 UTC\n").updates
    assert update.next is None


def test_nobody_declares_a_component_unknown() -> None:
    assert problems("components: {api: unknown}\n", UPDATE)[0].startswith(
        f"{PATH}:3: 'components.api': 'unknown' is not known (one of: "
    )


def test_every_unknown_component_is_named_on_its_own_line() -> None:
    assert problems("components:\n  apy: operational\n  api: operational\n  wob: operational\n", UPDATE) == [
        f"{PATH}:4: component 'apy' is not in components.yaml (did you mean 'api'?)",
        f"{PATH}:6: component 'wob' is not in components.yaml (did you mean 'web'?)",
    ]
    assert problems(WINDOW + "components:\n  - api\n  - wob\n", "") == [
        f"{PATH}:7: component 'wob' is not in components.yaml (did you mean 'web'?)"
    ]


# Maintenance


def test_a_maintenance_is_a_window_and_its_components() -> None:
    assert maintenance("components: [web, api]\n") == Maintenance(
        slug="2026-11-20-api-errors",
        path=PATH,
        title="T",
        start=parse_instant("2026-12-01T22:00Z"),
        end=parse_instant("2026-12-02T00:00Z"),
        components=("web", "api"),
        updates=(Update(at=parse_instant("2026-11-25T09:00Z"), phase=Phase.SCHEDULED, text="We upgrade.", line=7),),
    )


def test_components_of_a_maintenance_may_be_a_map_to_under_maintenance() -> None:
    assert maintenance("components: {api: under_maintenance, web: under_maintenance}\n").components == ("api", "web")


def test_the_five_states_of_a_maintenance_are_known() -> None:
    words = ("Scheduled", "In progress", "Verifying", "Completed", "Cancelled")
    body = "".join(f"## {word} · 2026-12-01 22:0{i} UTC\n" for i, word in enumerate(words))
    assert [update.phase.word for update in maintenance("components: [api]\n", body).updates] == list(words)


def test_a_maintenance_needs_no_update_but_feeds_do() -> None:
    read, warnings = event(WINDOW + "components: [api]\n", "We upgrade.\n")
    assert (read.updates, read.introduction) == ((), "We upgrade.")
    assert warnings == [
        f"{PATH}:2: has no update, so that feeds do not announce it: "
        "add '## Scheduled · <when you announce it> UTC' and a sentence"
    ]
    assert event(WINDOW + "components: [api]\ndraft: true\n", "We upgrade.\n")[1] == []


def test_a_window_has_both_its_ends() -> None:
    front = "type: maintenance\ncomponents: [api]\nscheduled: {{{}: 2026-12-01 22:00 UTC}}\n"
    assert problems(front.format("until"), "") == [
        f"{PATH}:5: 'scheduled' has no 'from': add it (when the window opens)"
    ]
    assert problems(front.format("from"), "") == [
        f"{PATH}:5: 'scheduled' has no 'until': add it (when the window closes)"
    ]


def test_all_that_is_wrong_with_a_maintenance_is_named_together() -> None:
    front = "type: maintenance\nscheduled:\n  from: 2026-12-02 00:00 UTC\n  until: 2026-12-02 00:00 UTC\n"
    components = "components:\n  api: operational\n  web: major_outage\n"
    assert problems(front + components, "") == [
        f"{PATH}:4: 'scheduled' ends before it begins: 'until' must be later than 'from'",
        f"{PATH}:8: 'api' cannot be operational by maintenance: write under_maintenance",
        f"{PATH}:9: 'web' cannot be major_outage by maintenance: write under_maintenance",
    ]


def test_maintenance_that_repeats_knows_how() -> None:
    rule = "repeats: {rule: freq=daily; count=3, timezone: Europe/Berlin, except: [2026-12-03, 2026-12-02]}\n"
    read = maintenance("components: [api]\n" + rule)
    expected = Recurrence(rule="FREQ=DAILY;COUNT=3", zone="Europe/Berlin", exceptions=("2026-12-02", "2026-12-03"))
    assert read.recurrence == expected
    single = maintenance("components: [api]\n" + rule.replace("[2026-12-03, 2026-12-02]", "2026-12-02"))
    assert single.recurrence == replace(expected, exceptions=("2026-12-02",))
    assert maintenance("components: [api]\n").recurrence is None


# Files


def test_windows_line_ends_and_a_byte_order_mark_are_no_matter() -> None:
    for text in (WHOLE.replace("\n", "\r\n"), "\ufeff" + WHOLE, WHOLE.replace("\n", "\r")):
        assert incidents.read_all({PATH: text}, KNOWN) == incidents.read_all({PATH: WHOLE}, KNOWN)


def test_lines_are_counted_as_editors_count_them() -> None:
    body = f"One\u2028two\x0cthree\x85four.\n{UPDATE}"
    assert incident(body).updates[0].line == 5


def test_problems_in_front_matter_have_the_lines_of_the_file() -> None:
    assert problems("severity: sev2\nseverity: sev3\n", UPDATE) == [
        f"{PATH}:4: key 'severity' stands twice (first on line 3): remove one"
    ]


def test_one_bad_file_takes_no_other_with_it() -> None:
    bad = WHOLE.replace("severity: sev2", "draft: yes")
    reading = incidents.read_all({PATH: WHOLE, "incidents/bad.md": bad, "incidents/good.md": WHOLE}, KNOWN)
    assert [event.slug for event in reading.events] == ["2026-11-20-api-errors", "good"]
    assert written(reading) == ["incidents/bad.md:3: 'draft': 'yes' is neither true nor false: write one of them"]


GOING_ON = WHOLE.replace("## Resolved", "## Monitoring").replace("Components: api operational, web operational\n\n", "")
NEWEST = "\n## Resolved · 2026-11-20 12:00 UTC\nAll is well.\n"
LINE = GOING_ON.count("\n") + 2  # on which the newest update begins


@pytest.mark.parametrize(
    ("newest", "line"),
    [
        (NEWEST.replace("Resolved", "Resovled"), LINE),
        (NEWEST.replace("12:00 UTC", "12:00"), LINE),
        (NEWEST.replace("12:00", "25:00"), LINE),
        (NEWEST.replace("12:00", "09:00"), LINE),
        (NEWEST.replace("All is", "<<<<<<< HEAD\nAll is"), LINE + 1),
        ("<<<<<<< HEAD\n" + NEWEST + "=======\n" + NEWEST + ">>>>>>> main\n", LINE - 1),
    ],
)
def test_a_slip_in_the_newest_update_takes_neither_the_incident_nor_its_other_updates(newest: str, line: int) -> None:
    reading = incidents.read_all({PATH: GOING_ON + newest}, KNOWN)
    whole = incidents.read_all({PATH: GOING_ON + (NEWEST.split("All")[0] if "HEAD\nAll" in newest else "")}, KNOWN)
    assert reading.problems[0].line == line
    assert reading.problems[0].level is Level.ERROR
    assert reading.events == whole.events
    assert reading.events[0].updates[1].phase is Phase.MONITORING


@pytest.mark.parametrize("said", ["apii operational", "api fine", "api", ""])
def test_a_slip_in_the_components_of_an_update_leaves_out_that_line_alone(said: str) -> None:
    reading = incidents.read_all({PATH: GOING_ON + NEWEST.replace("All is", f"Components: {said}\nAll is")}, KNOWN)
    whole = incidents.read_all({PATH: GOING_ON + NEWEST.replace("All is", "\nAll is")}, KNOWN)
    assert [problem.line for problem in reading.problems] == [LINE + 1]
    assert reading.events == whole.events
    assert reading.events[0].updates[-1].phase is Phase.RESOLVED


def test_an_update_in_the_middle_may_be_missing_and_the_lines_of_the_others_stay() -> None:
    whole = incidents.read_all({PATH: GOING_ON + NEWEST}, KNOWN).events[0].updates
    reading = incidents.read_all({PATH: GOING_ON.replace("Monitoring", "Monitring") + NEWEST}, KNOWN)
    assert reading.events[0].updates == (whole[0], whole[2])


@pytest.mark.parametrize(
    ("there", "instead", "line", "without"),
    [
        ("severity: sev2", "severity: sev9", 3, {"severity": None}),
        ("severity: sev2", "severity: [sev2]", 3, {"severity": None}),
        ("severity: sev2", "severty: sev2", 3, {"severity": None}),
        ("severity: sev2", "severity: sev2\nreported: soon", 4, {}),
        ("started: 2026-11-20T10:02Z", "started: 10:02", 4, {"started": parse_instant("2026-11-20T10:06Z")}),
        (
            "started: 2026-11-20T10:02Z",
            "started: 2026-11-21T10:02Z",
            4,
            {"started": parse_instant("2026-11-20T10:06Z")},
        ),
        ("web: degraded", "wbe: degraded", 7, {"components": (("api", State.PARTIAL),)}),
        ("web: degraded", "web: fine", 7, {"components": (("api", State.PARTIAL),)}),
    ],
)
def test_a_fault_in_front_matter_leaves_out_its_key_alone(
    there: str, instead: str, line: int, without: dict[str, Any]
) -> None:
    assert there in WHOLE
    reading = incidents.read_all({PATH: WHOLE.replace(there, instead)}, KNOWN)
    assert reading.problems[0].line == line
    assert reading.problems[0].level is Level.ERROR
    (event,), (whole,) = reading.events, incidents.read_all({PATH: WHOLE}, KNOWN).events
    assert isinstance(event, Incident)
    assert isinstance(whole, Incident)
    assert [update.text for update in event.updates] == [update.text for update in whole.updates]
    assert replace(event, updates=whole.updates) == replace(whole, **without)


def test_faults_in_front_matter_and_in_an_update_leave_the_rest() -> None:
    text = GOING_ON.replace("sev2", "sev9").replace("web: degraded", "wbe: degraded") + NEWEST.replace("olved", "ovled")
    reading = incidents.read_all({PATH: text}, KNOWN)
    assert [problem.line for problem in reading.problems] == [3, 7, LINE]
    assert [update.phase for update in reading.events[0].updates] == [Phase.INVESTIGATING, Phase.MONITORING]


def test_of_components_only_those_that_are_misspelt_are_left_out() -> None:
    said = "Components: webb major_outage, web major_outage,api fine, api: degraded_performance"
    reading = incidents.read_all({PATH: GOING_ON + NEWEST.replace("All is", f"{said}\nAll is")}, KNOWN)
    assert [problem.line for problem in reading.problems] == [LINE + 1] * 2
    assert reading.events[0].updates[-1].components == (("web", State.MAJOR), ("api", State.DEGRADED))


@pytest.mark.parametrize(
    "line",
    [
        *("Componets: api major_outage", "Component: api major_outage, web operational", "Affected: api major_outage"),
        *("**Components:** api major_outage", "- Components: api major_outage", "> Components: api: major_outage"),
        *("Components\uff1a api major_outage", "Components api major_outage", "Components\xa0: api major_outage"),
        *("api major_outage", "`api major_outage`", "Components : api major_outage, web Operational"),
    ],
)
def test_what_looks_like_components_and_is_none_is_an_error_and_not_silently_text(line: str) -> None:
    text = GOING_ON + NEWEST.replace("All is", f"{line}\nAll is")
    reading = incidents.read_all({PATH: text}, KNOWN)
    assert [problem.line for problem in reading.problems] == [LINE + 1]
    assert "looks like components and their states, and is text: begin it with 'Components:'" in written(reading)[0]
    assert reading.events[0].updates[-1].text == "All is well."


@pytest.mark.parametrize(
    "line", ["Comments: api is operational.", "api: it answers", "All: api, web", "It is operational."]
)
def test_prose_about_components_is_prose(line: str) -> None:
    reading = incidents.read_all({PATH: GOING_ON + NEWEST.replace("All is", f"{line}\nAll is")}, KNOWN)
    assert reading.problems == ()


def test_a_code_block_without_an_end_costs_no_update() -> None:
    first = GOING_ON.replace("About a fifth", "```\nAbout a fifth")
    reading = incidents.read_all({PATH: first + NEWEST + "~~~\ncode\n"}, KNOWN)
    assert len(reading.events[0].updates) == 3
    assert {problem.message[:31] for problem in reading.problems} == {"a code block begins here and ne"}


def test_what_no_longer_fits_without_an_update_goes_as_well() -> None:
    opened = NEWEST.replace("12:00", "13:00") + NEWEST.replace("Resolved", "Resovled").replace("12:00", "11:30")
    reading = incidents.read_all({PATH: GOING_ON.replace("11:15", "12:15") + NEWEST + opened}, KNOWN)
    assert [problem.line for problem in reading.problems] == [LINE, LINE + 6]
    assert [update.at for update in reading.events[0].updates] == [
        parse_instant("2026-11-20T10:06Z"),
        parse_instant("2026-11-20T12:15Z"),
        parse_instant("2026-11-20T13:00Z"),
    ]


def test_conflicts_one_after_the_other_take_no_time() -> None:
    with within(seconds=2):
        assert incidents.read_all({PATH: GOING_ON + "<<<<<<< a\n" * 2_000 + "\n" * 200_000}, KNOWN).events


@pytest.mark.parametrize(
    "text",
    [
        WHOLE.replace("title:", "titel:"),
        WHOLE.replace("severity: sev2", "draft: yes"),
        WHOLE.replace("severity: sev2", "darft: true"),
        WHOLE.replace("severity: sev2", "Measured: true"),
        *(WHOLE.replace("severity: sev2", line) for line in ("published: false", "status: draft", "state: private")),
        *(WHOLE.replace("severity: sev2", line) for line in ("embargo: 2027-01-01", "Entwurf: true", "owner: ann")),
        *(WHOLE.replace("severity: sev2", f"{key}:\n  draft: true") for key in ("severity", "detected", "visible")),
        WHOLE.replace("severity: sev2", "draft until approved: sev2"),
        WHOLE.replace("web: degraded_performance}", "draft: true}"),
        WHOLE.replace("{api: partial_outage, web: degraded_performance}", "\n  api: partial_outage\n  draft: true"),
        WHOLE.replace("{api: partial_outage, web: degraded_performance}", "\n  api: partial_outage\n  measured: true"),
        WHOLE.replace("severity: sev2", "severity: sev2\nscheduled: {from: 2026-11-20 10:00 UTC}"),
        WHOLE.replace("severity: sev2", "".join(f"severty{i}: sev2\n" for i in range(11))),
        WHOLE.replace("severity: sev2", "severity: [sev2"),
        WHOLE.replace("Customers in", "<<<<<<< HEAD\nCustomers in"),
        f"---\ntitle: T\n---\n{UPDATE}".replace("Investigating", "Investigted"),
        f"---\ntitle: T\n{WINDOW}components: [api]\n---\n## Scheduled · 2026-11-25 09:00 UTC\n## Cancelled · 9:00\n",
    ],
)
def test_a_fault_in_what_decides_no_update_at_all_or_a_maintenance_leaves_the_file_out(text: str) -> None:
    reading = incidents.read_all({PATH: text}, KNOWN)
    assert reading.events == ()
    assert reading.problems


def test_thousands_of_faults_in_one_file_take_no_time() -> None:
    reading = incidents.read_all({PATH: GOING_ON + "## Resovled · 2026-11-20 12:00 UTC\n" * 1_000}, KNOWN)
    assert (len(reading.problems), len(reading.events[0].updates)) == (1_000, 2)
    reading = incidents.read_all({PATH: GOING_ON + "## Resovled · 2026-11-20 12:00 UTC\n" * 20_000}, KNOWN)
    assert written(reading) == [f"{PATH}:{LINE + 4_997}: more than 5000 updates: begin another file"]


@pytest.mark.parametrize(
    ("front", "is_draft"),
    [
        ("draft: true", True),
        ("draft:  'true' # yet", True),
        ("draft: false", False),
        ("", False),
        ("x: draft: true", False),
        ("title: no draft: true", False),
        ("{title: x, draft: true, severity: y}", True),
        ('"draft" : true', True),
        ('"draft" : false', False),
        ("severity: sev1 # was {draft: true}\n# draft: true", False),
        *((line, True) for line in ("draft: yes", "darft: true", "is-draft: true", "severity: {draft: true}")),
    ],
)
def test_a_file_that_cannot_be_read_may_say_that_it_is_a_draft(front: str, is_draft: bool) -> None:
    text = f"---\n{front}\n: [\n---\ndraft: true\n"
    for end in ("\n", "\r\n", "\r"):
        assert frontmatter.is_kept_back(text.replace("\n", end)) is is_draft


def test_whether_it_is_a_draft_is_soon_found_out() -> None:
    with within(seconds=1):
        assert not frontmatter.is_kept_back("---\n" + "\n" * 250_000)
        assert not frontmatter.is_kept_back("---\n" + "draf-" * 50_000)


def test_text_is_without_characters_that_deceive_and_its_lines_are_counted_all_the_same() -> None:
    (read,) = incident(
        "## Investigating · 2026-11-20 10:06 UTC\nU\u0308ber \u202eabc\u202c\x1b[2J\n\u2066x\u2069\n"
    ).updates
    assert read.text == "\xdcber abc[2J\nx"


def test_events_come_in_the_order_of_their_slugs() -> None:
    names = ["a-b", "a", "a1", "b"]
    reading = incidents.read_all({f"incidents/{name}.md": WHOLE for name in names}, KNOWN)
    assert [event.slug for event in reading.events] == sorted(names)


def test_a_warning_keeps_no_file_from_being_used() -> None:
    text = WHOLE + "\n## Details\nMore.\n"
    reading = incidents.read_all({PATH: text}, KNOWN)
    assert len(reading.events) == 1
    assert [problem.level for problem in reading.problems] == [Level.WARNING]


def test_errors_and_warnings_of_a_file_are_each_named_once() -> None:
    text = WHOLE + "\n## Details\nMore.\n\n## Resolved · 2026-11-20 11:15\n"
    assert written(incidents.read_all({PATH: text}, KNOWN)) == [
        f"{PATH}:22: heading 'Details' has no time, so it is text: use ### for a heading within an update",
        f"{PATH}:25: '2026-11-20 11:15' has no time zone: write '2026-11-20 11:15 UTC'",
    ]


# Post-mortems


def test_a_post_mortem_joins_the_incident_beside_it() -> None:
    path = PATH.replace(".md", ".postmortem.md")
    text = "---\ntitle: Retries without limit\ndate: 2026-11-27\nauthors: [Ada, Grace]\n---\n\nWhat we learnt.\n"
    reading = incidents.read_all({PATH: WHOLE, path: text}, KNOWN)
    assert reading.problems == ()
    assert reading.events[0].postmortem == Postmortem(
        path=path,
        title="Retries without limit",
        text="What we learnt.",
        at=parse_instant("2026-11-27T00:00Z"),
        authors=("Ada", "Grace"),
        line=7,
    )


def test_a_post_mortem_needs_no_front_matter() -> None:
    for text, line in (
        ("What we learnt.\n", 1),
        ("\ufeffWhat we learnt.\r\n", 1),
        ("---\n---\n\nWhat we learnt.\n", 4),
    ):
        path = PATH.replace(".md", ".postmortem.md")
        reading = incidents.read_all({PATH: WHOLE, path: text}, KNOWN)
        learnt = Postmortem(path=path, title="Post-mortem", text="What we learnt.", line=line)
        assert reading.events[0].postmortem == learnt


def test_a_post_mortem_can_be_a_draft() -> None:
    notes = Notes("x")
    assert incidents.read_postmortem("---\ndraft: true\n---\nText.\n", "x", notes).draft
    assert not incidents.read_postmortem("---\ndraft: false\n---\nText.\n", "x", notes).draft


def test_one_author_needs_no_list() -> None:
    path = PATH.replace(".md", ".postmortem.md")
    reading = incidents.read_all({PATH: WHOLE, path: "---\nauthors: Ada\n---\nText.\n"}, KNOWN)
    assert reading.events[0].postmortem == Postmortem(
        path=path, title="Post-mortem", text="Text.", authors=("Ada",), line=4
    )


def test_a_post_mortem_of_a_bad_incident_is_no_orphan() -> None:
    path = PATH.replace(".md", ".postmortem.md")
    reading = incidents.read_all({PATH: "", path: "What we learnt.\n"}, KNOWN)
    assert written(reading) == [f"{PATH}:1: does not begin with front matter: the first line must be ---"]


def test_a_post_mortem_of_no_incident_is_named() -> None:
    reading = incidents.read_all({"incidents/a.postmortem.md": "What we learnt.\n"}, KNOWN)
    assert written(reading) == [
        "incidents/a.postmortem.md:1: is the post-mortem of no incident: "
        "add incidents/a.md, or give this file its incident's name"
    ]
