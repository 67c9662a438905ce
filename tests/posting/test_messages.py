"""Templates of messages: what may stand in one, and what becomes of it."""

from __future__ import annotations

import pytest

from statusgen.errors import SourceError
from statusgen.model import Phase, State
from statusgen.posting import messages
from statusgen.promises import Severity

PATH = "templates/database.md"
VALUES = {**{field: f"<{field}>" for field in messages.FIELDS}, "title": "Given"}
WHOLE = """\
---
title: Trouble with {components}
severity: sev1
state: identified
components: {api: major_outage}
next: 20m
---

It began {started}: {{not a field}}, {title}.
"""


def problem(text: str, path: str = PATH) -> str:
    with pytest.raises(SourceError) as raised:
        messages.read(text, path, ["api"])
    return str(raised.value)


def test_a_template_says_what_goes_without_saying() -> None:
    read = messages.read(WHOLE, PATH, ["api"])
    assert (read.name, read.title, read.severity) == ("database", "Trouble with {components}", Severity.SEV1)
    assert (read.state, read.components, read.next) == (Phase.IDENTIFIED, (("api", State.MAJOR),), 1_200)


def test_fields_are_filled_once_and_double_braces_are_braces() -> None:
    filled = messages.filled(messages.read(WHOLE, PATH, ["api"]), {**VALUES, "started": "{now}"})
    assert (filled.title, filled.text) == ("Trouble with <components>", "\nIt began {now}: {not a field}, Given.\n")


def test_where_no_title_is_given_it_is_the_templates() -> None:
    filled = messages.filled(messages.read(WHOLE, PATH, ["api"]), {**VALUES, "title": ""})
    assert filled.text.endswith("Trouble with <components>.\n")


def test_front_matter_is_optional_and_components_may_have_no_state() -> None:
    assert messages.read("Text.\n", PATH, []).text == "Text.\n"
    listed = messages.read("---\ncomponents: [api]\n---\nText.\n", PATH, ["api"])
    assert listed.components == (("api", None),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("One.\n\n{titel}", f"{PATH}:3: '{{titel}}' is no field (did you mean 'title'?); a brace itself is {{{{"),
        ("---\ntitle: A\n---\n\n{}", f"{PATH}:5: '{{}}' is no field"),
        ("---\ntitle: of {nobody}\n---\nText.", f"{PATH}:1: '{{nobody}}' is no field"),
        ("{timeline}", f"{PATH}:1: '{{timeline}}' is no field"),
        ("---\ntitel: A\n---\nText.", f"{PATH}:2: unknown key 'titel'"),
        ("---\ncomponents: {apj: operational}\n---\nText.", f"{PATH}:2: component 'apj' is not in components.yaml"),
        ("---\nstate: done\n---\nText.", f"{PATH}:2: 'state': 'done' is not known"),
        ("---\nnext: soon\n---\nText.", f"{PATH}:2: 'next': 'soon' is not a duration"),
        ("---\ntitle: A\n---\n\n", f"{PATH}:1: is empty"),
        ("---\ntitle: A\n", f"{PATH}:1: the front matter has no end"),
    ],
)
def test_what_is_wrong_with_a_template_is_named_with_its_line(text: str, said: str) -> None:
    assert problem(text).startswith(said)


def test_a_post_mortem_has_fields_of_its_own() -> None:
    assert messages.read("{timeline}", "templates/postmortem.md", ()).name == messages.POSTMORTEM
    assert "'{next}' is no field" in problem("{next}", "templates/postmortem.md")


def test_a_field_without_a_value_is_named_with_the_remedy() -> None:
    template = messages.read("---\ntitle: A\n---\nUntil\n{next}.", PATH, ())
    with pytest.raises(SourceError) as raised:
        messages.filled(template, {**VALUES, "next": ""})
    assert str(raised.value) == f"{PATH}:5: '{{next}}' has no value here: add --next 30m or the like"


def test_a_template_with_an_error_leaves_the_others() -> None:
    reading = messages.read_all({PATH: "{x}", "templates/b.md": "Text.", "templates/Über.md": "Text."}, ())
    assert list(reading.templates) == ["b"]
    assert sorted(problem.path for problem in reading.problems) == [PATH, "templates/Über.md"]
