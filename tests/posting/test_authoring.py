"""What is written reads back as what was meant, whatever is in it; what would not is refused."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from statusgen import incidents, shape
from statusgen.errors import SourceError, StatusgenError, UsageError
from statusgen.model import Incident, Maintenance, Phase, State
from statusgen.periods import HOUR, MINUTE, parse_instant
from statusgen.posting import authoring
from statusgen.posting.authoring import Addition, Opening, Scheduling
from statusgen.promises import Severity
from statusgen.shape import Notes

NOW = parse_instant("2026-11-20T10:06Z")
PATH = "incidents/2026-11-20-api-errors.md"
OPENING = Opening(
    title="Elevated API errors",
    at=NOW,
    text="About a fifth of requests fail.",
    severity=Severity.SEV2,
    components=(("api", State.PARTIAL), ("web", State.DEGRADED)),
    started=NOW - 4 * MINUTE,
    detected=NOW - 2 * MINUTE,
    next=NOW + 34 * MINUTE,
)
RESOLVED = Addition(at=NOW + HOUR, phase=Phase.RESOLVED, text="It is rolled back.")
NASTY = [
    *(
        "x",
        "Компоненты",
        "障害が発生",
        "‏عربي",
        "👩‍🚒",
        "é",
        "a: b",
        "# no",
        "key: value",
        "{a: 1}",
        "[x]",
        "'",
        '"',
        "\\",
    ),
    *(
        "- item",
        "? what",
        "! tag",
        "&anchor",
        "*alias",
        "%dir",
        "@at",
        "`code`",
        "|",
        ">",
        "null",
        "~",
        "true",
        "2026-11-20",
    ),
    *(
        "---",
        "...",
        "## ",
        "###",
        "#",
        "## Resolved · 2026-11-20 11:15 UTC",
        "Components: api operational",
        "```",
        "~~~",
    ),
    *(
        "Next update: 2026-11-21 10:00 UTC",
        "Occurrence: 2026-12-06",
        "<<<<<<< mine",
        ">>>>>>> theirs",
        "=======",
        "<b>",
    ),
    *(
        "\n",
        "\n\n",
        "\r\n",
        "\r",
        "\t",
        " ",
        "    ",
        "\u2028",
        "\x85",
        "\u00a0",
        "\ufeff",
        "\u200d",
        "\u202e",
        "\x00",
        "\x1b[31m",
    ),
    *("\ud800", "\uffff", "\U0001fffe", "${env:TOKEN}", "0x1F", "1_000", "{{title}}", "{title}", "·", "—"),
]


def read(text: str, path: str = PATH, components: tuple[str, ...] = ("api", "web")) -> Incident | Maintenance:
    notes = Notes(path)
    event = incidents.read_event(text, path, components, notes)
    assert not notes.errors
    return event


def test_an_incident_is_written_as_a_person_would() -> None:
    assert authoring.opened(OPENING, PATH) == (
        "---\n"
        "title: Elevated API errors\n"
        "severity: sev2\n"
        "started: 2026-11-20T10:02Z\n"
        "detected: 2026-11-20T10:04Z\n"
        "components: {api: partial_outage, web: degraded_performance}\n"
        "---\n"
        "## Investigating · 2026-11-20 10:06 UTC\n"
        "Next update: 2026-11-20 10:40 UTC\n"
        "About a fifth of requests fail.\n"
    )


def test_an_update_is_appended_with_all_that_it_says() -> None:
    before = authoring.opened(OPENING, PATH)
    entry = Addition(
        at=NOW + 20 * MINUTE + 59,
        phase=Phase.IDENTIFIED,
        text="A release is at fault.",
        components=(("api", State.MAJOR), ("web", State.OPERATIONAL)),
        next=NOW + HOUR,
    )
    assert authoring.updated(before, entry, PATH) == before + (
        "\n"
        "## Identified · 2026-11-20 10:26 UTC\n"
        "Components: api major_outage, web operational\n"
        "Next update: 2026-11-20 11:06 UTC\n"
        "A release is at fault.\n"
    )


def test_a_maintenance_is_written_as_a_person_would() -> None:
    scheduling = Scheduling(
        title="Database: upgrade",
        at=NOW,
        text="Writing waits.",
        components=("api", "null"),
        start=NOW + 24 * HOUR,
        end=NOW + 26 * HOUR,
    )
    text = authoring.scheduled(scheduling, PATH)
    assert text == (
        "---\n"
        'title: "Database: upgrade"\n'
        "type: maintenance\n"
        "scheduled: {from: 2026-11-21T10:06Z, until: 2026-11-21T12:06Z}\n"
        'components: [api, "null"]\n'
        "---\n"
        "## Scheduled · 2026-11-20 10:06 UTC\n"
        "Writing waits.\n"
    )
    assert read(text, components=("api", "null")).components == ("api", "null")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["unix", "windows", "old mac"])
@pytest.mark.parametrize("last", ["", "x", "xx", "xxx"], ids=["no line end", "one", "an empty line", "two"])
def test_what_is_there_is_the_beginning_of_what_is_written(end: str, last: str) -> None:
    before = authoring.opened(OPENING, PATH).rstrip("\n").replace("\n", end) + end * len(last)
    after = authoring.updated(before, RESOLVED, PATH)
    assert after.startswith(before)
    added = after[len(before) :]
    assert added.replace(end, "").count("\n") + added.replace(end, "").count("\r") == 0
    assert read(after).updates[:1] == read(before).updates
    assert read(after).updates[1].text == RESOLVED.text


def test_a_byte_order_mark_stays() -> None:
    before = "\ufeff" + authoring.opened(OPENING, PATH)
    assert authoring.updated(before, RESOLVED, PATH).startswith(before)


def test_further_keys_and_a_draft_stand_in_the_front_matter() -> None:
    text = authoring.opened(replace(OPENING, draft=True, extra=(("measured", "true"),)), PATH)
    assert "\ndraft: true\nmeasured: true\n---\n" in text
    assert read(text).draft


def test_without_a_start_an_incident_began_with_its_first_update() -> None:
    assert read(authoring.opened(replace(OPENING, at=NOW + 40, started=None), PATH)).started == NOW


def test_a_start_to_the_second_is_kept_and_never_later_than_the_first_update() -> None:
    assert read(authoring.opened(replace(OPENING, started=NOW - 30), PATH)).started == NOW - 30
    assert read(authoring.opened(replace(OPENING, at=NOW + 40, started=NOW + 20), PATH)).started == NOW


# Time.


def test_an_update_in_the_minute_of_the_last_one_follows_it() -> None:
    before = authoring.opened(OPENING, PATH).replace("10:06 UTC", "10:06:30 UTC")
    after = authoring.updated(before, replace(RESOLVED, at=NOW + 10), PATH)
    assert [update.at for update in read(after).updates] == [NOW + 30, NOW + 30]


def test_an_update_before_the_last_one_is_refused_with_its_line() -> None:
    with pytest.raises(SourceError) as raised:
        authoring.updated(authoring.opened(OPENING, PATH), replace(RESOLVED, at=NOW - 1), PATH)
    assert str(raised.value) == (
        f"{PATH}:8: has an update of 2026-11-20 10:06 UTC, which is later than now (2026-11-20 10:05 UTC): "
        "set this machine's clock right, or correct the file"
    )


@pytest.mark.parametrize("late", [0, 59, -MINUTE])
def test_a_next_update_that_is_not_ahead_is_refused(late: int) -> None:
    with pytest.raises(UsageError, match="would not be after this one"):
        authoring.opened(replace(OPENING, next=NOW + late), PATH)


def test_a_start_after_the_first_update_is_refused() -> None:
    with pytest.raises(UsageError, match="cannot have started on 20 Nov 2026, 11:06 UTC"):
        authoring.opened(replace(OPENING, started=NOW + HOUR), PATH)


# Texts that would be something else.


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Fine.\n## Resolved · 2026-11-20 11:15 UTC\nAll is well.", "has a heading with ##"),
        ("   ## Resolved · 2026-11-20 11:15 UTC", "has a heading with ##"),
        ("Fine.\r## Resolved · 2026-11-20 11:15 UTC", "has a heading with ##"),
        ("##", "has a heading with ##"),
        ("## What we know", "has a heading with ##"),
        ("Components: api operational\nFine.", "begins with 'Components:'"),
        ("\n \n  next update: soon", "begins with 'next update:'"),
        ("Occurrence: 2026-12-06", "begins with 'Occurrence:'"),
        ("```\nnever ends", "has a fault in line 1: a code block begins here and never ends"),
        ("one\n<<<<<<< mine", "has a fault in line 2: '<<<<<<< mine' is left over from a merge"),
        ("", "the text is empty"),
        (" \n\t\n", "the text is empty"),
        ("a\x00b", "U\\+0000"),
        ("a\x1b[31mb", "U\\+001B"),
        ("a\u202eb", "U\\+202E"),
        ("a\ud800b", "U\\+D800"),
        ("a\x85## Resolved · 2026-11-20 11:15 UTC", "U\\+0085"),
        ("x" * 60_001, "the text has 60001 characters"),
    ],
)
def test_a_text_that_would_be_something_else_is_refused(text: str, reason: str) -> None:
    before = authoring.opened(OPENING, PATH)
    for write in (
        lambda: authoring.opened(replace(OPENING, text=text), PATH),
        lambda: authoring.updated(before, replace(RESOLVED, text=text), PATH),
    ):
        with pytest.raises(UsageError, match=reason) as raised:
            write()
        assert "\n" not in str(raised.value)


@pytest.mark.parametrize("id_", ["web operational, api", "api\n## Resolved · 2026-11-20 11:15 UTC\n", "api: x", ""])
def test_what_is_no_component_is_refused(id_: str) -> None:
    before = authoring.opened(OPENING, PATH)
    with pytest.raises(StatusgenError):
        authoring.updated(before, replace(RESOLVED, components=((id_, State.MAJOR),)), PATH)
    with pytest.raises(StatusgenError):
        authoring.opened(replace(OPENING, components=((id_, State.MAJOR),)), PATH)


def test_an_occurrence_of_what_does_not_repeat_is_refused() -> None:
    with pytest.raises(SourceError, match="belongs to a maintenance that repeats"):
        authoring.updated(authoring.opened(OPENING, PATH), replace(RESOLVED, occurrence="2026-12-06"), PATH)


@pytest.mark.parametrize(
    "text",
    [
        "---\ntitle: another\n---",
        "```\n## Resolved · 2026-11-20 11:15 UTC\n```",
        "### Resolved · 2026-11-20 11:15 UTC",
        "Fine.\n\nComponents: api operational",
        "    indented",
        "a  \nb",
        "\u2028## Resolved · 2026-11-20 11:15 UTC",
        "# Resolved · 2026-11-20 11:15 UTC",
        "\\## no heading",
    ],
)
def test_a_text_that_is_only_text_reads_back_as_it_is(text: str) -> None:
    before = authoring.opened(replace(OPENING, text=text), PATH)
    after = authoring.updated(before, replace(RESOLVED, text=text), PATH)
    assert [update.text for update in read(after).updates] == [text, text]


@pytest.mark.parametrize(
    ("title", "reason"),
    [
        ("", "a title cannot be empty"),
        (" \n ", "a title cannot be empty"),
        ("one\ntwo", "a title is one line, and this one has several"),
        ("one\u2028two", "a title is one line"),
        ("one\x0btwo", "a title is one line"),
        ("a\x00b", "U\\+0000"),
        ("a\u202eb", "U\\+202E"),
        ("a\u200bb", "U\\+200B"),
        ("a\ud800b", "U\\+D800"),
        ("x" * 301, "is 301 characters long: at most 300"),
        ("of ${env:TOKEN}", "refers to a secret"),
    ],
)
def test_a_title_that_is_no_line_of_visible_characters_is_refused(title: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason) as raised:
        authoring.opened(replace(OPENING, title=title), PATH)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("title", ["a  b", " a b ", "a\tb", "a\u00a0b"])
def test_a_title_has_single_spaces(title: str) -> None:
    assert read(authoring.opened(replace(OPENING, title=title), PATH)).title == "a b"


def test_whatever_is_thrown_at_it_is_refused_or_reads_back_as_it_was_meant() -> None:
    dice = random.Random(7)
    written, refused = 0, []
    for _ in range(3_000):
        title, first, second = ("".join(dice.choices(NASTY, k=dice.randrange(1, 6))) for _ in range(3))
        entry = replace(RESOLVED, text=second, components=dice.choice([(), (("api", State.MAJOR),)]))
        entry = replace(entry, next=dice.choice([None, NOW + 2 * HOUR]))
        try:
            opened = authoring.opened(replace(OPENING, title=title, text=first), PATH)
            text = authoring.updated(opened, entry, PATH)
        except UsageError as error:
            refused.append(str(error))
            continue
        written += 1
        event = read(text.encode().decode())
        assert isinstance(event, Incident)
        assert event.title == " ".join(title.split())
        assert (event.severity, event.started, event.detected) == (OPENING.severity, OPENING.started, OPENING.detected)
        assert (event.components, event.introduction, event.draft) == (OPENING.components, "", False)
        assert [(u.at, u.phase, u.components, u.next) for u in event.updates] == [
            (NOW, Phase.INVESTIGATING, (), OPENING.next),
            (entry.at, entry.phase, entry.components, entry.next),
        ]
        meant = [shape.prose(said.replace("\r\n", "\n").replace("\r", "\n")) for said in (first, second)]
        assert [u.text.strip() for u in event.updates] == [each.strip() for each in meant]
    assert written > 100
    assert all(len(line.splitlines()) == 1 for line in refused)


def test_a_file_with_an_error_is_not_added_to() -> None:
    for broken in ("no front matter", "---\ntitle: x\n---\n## Resolvd · 2026-11-20 10:06 UTC\nx\n", ""):
        with pytest.raises(SourceError, match=PATH):
            authoring.updated(broken, RESOLVED, PATH)


def test_an_update_after_a_code_block_that_never_ends_is_refused() -> None:
    before = authoring.opened(OPENING, PATH) + "```\n"
    with pytest.raises(SourceError, match="never ends"):
        authoring.updated(before, RESOLVED, PATH)


# Names.


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Elevated API errors", "2026-11-20-elevated-api-errors"),
        ("Über-Ausfall: Störung (EU)", "2026-11-20-uber-ausfall-storung-eu"),
        ("障害", "2026-11-20-incident"),
        ("../../etc/passwd", "2026-11-20-etc-passwd"),
        ("word " * 40, "2026-11-20-word-word-word-word-word-word-word-word-word"),
        ("x" * 200, "2026-11-20-" + "x" * 49),
    ],
)
def test_a_name_comes_from_date_and_title(title: str, slug: str) -> None:
    assert authoring.slug(title, NOW, ()) == slug


def test_a_name_that_is_taken_gets_a_number() -> None:
    taken = {"2026-11-20-x", "2026-11-20-x-2"}
    assert authoring.slug("x", NOW, taken) == "2026-11-20-x-3"


# Post-mortems.


def test_a_post_mortem_is_written_and_reads_back() -> None:
    text = authoring.postmortem("\n## Summary\n\nAll.\n", "What: we learnt", NOW - NOW % (24 * HOUR), ("Ann: A", "Bo"))
    assert text == (
        '---\ntitle: "What: we learnt"\ndate: 2026-11-20\nauthors: ["Ann: A", Bo]\n---\n## Summary\n\nAll.\n'
    )
    assert incidents.read_postmortem(text, PATH, Notes(PATH)).authors == ("Ann: A", "Bo")
    draft = authoring.postmortem("All.", "Why", draft=True)
    assert draft == "---\ntitle: Why\ndraft: true\n---\nAll.\n"


@pytest.mark.parametrize("author", ["", "a\nb", "a\x00", "x" * 101])
def test_an_author_that_is_none_is_refused(author: str) -> None:
    with pytest.raises(StatusgenError):
        authoring.postmortem("Text.", "Post-mortem", None, (author,))
