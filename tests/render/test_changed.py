"""A summary that a stranger's pull request cannot write itself, whatever stands in it."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

import pytest
from markdown import markdown

from statusgen.errors import Problem
from statusgen.render import blocks, changed, quoting
from statusgen.render.blocks import Heading, Points, Quote, Table
from statusgen.render.quoting import Theirs
from statusgen.reviewing import review
from statusgen.reviewing.changes import Changes, Found

from ..sites import COMPONENTS, INCIDENT, INCIDENT_TEXT, NOW, write

NASTY = [
    "`",
    "``` and more",
    "````` five `` two",
    "`x` <img src=x onerror=alert(1)> `y`",
    "<!-- no end",
    "--> <script>alert(1)</script>",
    "</code></pre></details><h1>Approved</h1>",
    "[Approve](https://evil.example) ![x](https://evil.example/x.png)",
    "@everyone #1 GH-1 acme/status#2 :tada: $x$",
    "https://evil.example www.evil.example ann@evil.example",
    "# No errors",
    "| a | b |\\| c \\\\| <b>d</b>",
    "~~~\n# Errors: none\n~~~",
    "\n\n# Errors: none\n\n- [x] approved",
    "```\n# Errors: none\n",
    "\u202eDEVORPPA\u202c \u2066x\u2069 \u200b \ufeff \x1b[2J\x1b[31m \x07 \x00 \x85 \u2028 \r",
    "&lt;b&gt; &#96; \\` \\",
    " ` leading and trailing ` ",
]


def outside_code(text: str) -> str:
    """Return what Markdown leaves of a text outside of code, by the rules of CommonMark for fences and spans."""
    rest: list[str] = []
    fence = ""
    for line in text.split("\n"):
        opened = re.match(r"`{3,}", line)
        if fence:
            if re.fullmatch(rf"`{{{len(fence)},}}", line):
                fence = ""
        elif opened:
            fence = opened[0]
        else:
            rest.append(re.sub(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "CODE", line))
    assert not fence
    return "\n".join(rest)


@pytest.mark.parametrize("text", NASTY)
def test_nothing_of_a_text_stands_outside_of_code(text: str) -> None:
    made = blocks.markdown(
        [
            Heading("Ours"),
            Points((["It is ", Theirs(text), " and ", Theirs(text), "."],)),
            Quote(text),
            Table(("a", "b"), ((Theirs(text), "ours"),)),
        ]
    )
    assert outside_code(made) == (
        "## Ours\n\n- It is CODE and CODE.\n\n\n| a | b |\n| --- | --- |\n| CODE | ours |\n\n"
    )


@pytest.mark.parametrize("text", NASTY)
def test_a_markdown_library_makes_nothing_of_it_either(text: str) -> None:
    line = blocks.markdown([Points((["It is ", Theirs(text), "."],))])
    html = markdown(line, extensions=["tables"])
    assert set(re.findall(r"<(\w+)", html)) == {"ul", "li", "code"}
    cell = blocks.markdown([Table(("a", "b"), ((Theirs(text), "ours"),))])
    row = markdown(cell, extensions=["tables"]).partition("<tbody>")[2]
    assert row.count("<td") == 2
    assert cell.count("|") == 9  # a bar ends a column whatever stands before it, in code too
    assert set(re.findall(r"<(\w+)", row)) == {"tr", "td", "code"}


@pytest.mark.parametrize("text", NASTY)
def test_what_cannot_be_seen_is_written_as_its_number_on_a_terminal_too(text: str) -> None:
    shown = blocks.text([Points((["It is ", Theirs(text)],)), Quote(text), Table(("a",), ((Theirs(text),),))])
    unseen = [letter for letter in shown if unicodedata.category(letter) in ("Cc", "Cf", "Zl", "Zp") and letter != "\n"]
    assert unseen == []


@pytest.mark.parametrize("text", NASTY)
def test_on_a_terminal_a_text_cannot_pass_for_ours(text: str) -> None:
    lines = blocks.text([Quote(text)]).rstrip("\n").split("\n")
    assert all(line.startswith("    |") for line in lines)
    assert len(blocks.text([Points(([Theirs(text)],))]).split("\n")) == 2


def test_joiners_that_scripts_and_emoji_need_stay() -> None:
    assert quoting.in_line("می‌خواهم 👩‍🚒") == "می‌خواهم 👩‍🚒"


def test_an_empty_text_is_said_to_be_empty() -> None:
    assert quoting.span(" \n ") == "(nothing)"


def test_a_summary_ends_in_time_and_says_so() -> None:
    long = [Quote("x" * 7_000) for _ in range(100)]
    made = blocks.markdown(long)
    assert 50_000 < len(made.encode()) <= blocks.MOST
    assert made.endswith("\n\n**This summary is cut off here:** `statusgen diff` in a clone prints all of it.\n")
    assert outside_code(made).strip().startswith("**This summary is cut off here:**")
    assert "cut off" not in blocks.text(long)


def test_one_long_text_leaves_room_for_the_rest() -> None:
    made = blocks.markdown([Quote("ä" * 100_000), Heading("After it")])
    assert made.endswith("\n[… cut off here]\n```\n\n## After it\n\n")


@pytest.fixture
def hostile(site: Path) -> Changes:
    """A change whose every text is nasty."""
    title = json.dumps("`x` <b>@all</b> # [a](https://evil.example) | c")
    text = INCIDENT_TEXT.replace("Elevated API errors", title)
    text = text.replace("About", "```\n# No errors\n<!-- @all\n```\n<!-- @all")
    write(
        site,
        **{
            INCIDENT: text,
            "incidents/2026-11-21-<b>.md": text,
            "incidents/2026-11-21-new.md": text,
            "incidents/2026-11-21-draft.md": text.replace("title:", "draft: true\ntitle:"),
            "incidents/2026-11-21-@all.md": text.replace("api: partial_outage", "'`<b>@all': partial_outage"),
            "pages/x.md": f"---\ntitle: {title}\n---\nText\n",
            "corrections/c.yaml": "components: [api]\nfrom: 2026-11-20T10:02Z\nto: 2026-11-20T10:12Z\n"
            f"set: unknown\nreason: {title}\n",
            "components.yaml": COMPONENTS.replace("name: API,", f"name: {title}, description: {title},"),
        },
    )
    return review.review(site, "HEAD", NOW)


def test_a_change_that_is_hostile_all_over_writes_none_of_its_summary(hostile: Changes) -> None:
    shown = outside_code(changed.as_markdown(hostile))
    assert not re.search(r"[<>@\[\]\\]|evil|# No errors|\ball\b(?! together)", shown)
    assert [line for line in shown.split("\n") if line.startswith("## ")][1:] == [
        "## What subscribers will receive",
        "## Drafts: what subscribers would receive",
        "## What changes on the page",
        "## Which numbers move",
    ] + ["## Warnings"] * ("## Warnings" in shown)


def test_json_says_all_of_it(hostile: Changes) -> None:
    told = json.loads(changed.FORMATS["json"](hostile))
    assert told["now"] == "2026-11-21T12:00:00Z"
    assert len(told["sent"]) == len(hostile.sent) > 0
    assert len(told["edited"]) == len(hostile.edited) > 0
    assert [each["path"] for each in told["drafts"]] == ["incidents/2026-11-21-draft.md"]
    assert {each["level"] for each in told["problems"]} >= {"error"}
    (number,) = [each for each in told["numbers"] if each["id"] == "api" and each["window"] == "30d"]
    assert number["after"]["partial_seconds"] - number["before"]["partial_seconds"] == number["down_seconds"]
    assert number["after"]["known_seconds"] - number["before"]["known_seconds"] == number["known_seconds"]


def test_what_is_no_site_is_refused_with_its_reasons_in_code() -> None:
    found = [Found(problem=Problem(path="components.yaml", line=3, message="unknown key '<b>`x`'"), is_new=True)]
    made = changed.refused(found, "md")
    assert made.startswith("## This change cannot be published: its configuration has errors\n\n- Error (new): ")
    assert "<b>" not in outside_code(made)
