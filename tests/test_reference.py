"""The pages that are made from definitions: they are current, and they leave nothing out."""

from __future__ import annotations

import re

import pytest

from tools import markdown, reference

PAGES = reference.pages()


@pytest.mark.parametrize("name", PAGES)
def test_what_is_committed_is_what_the_definitions_say(name: str) -> None:
    there = (reference.FOLDER / name).read_text("utf-8")
    assert there == PAGES[name], "run: python -m tools.reference"


@pytest.mark.parametrize("name", PAGES)
def test_no_heading_stands_twice_and_every_link_within_the_page_leads_to_one(name: str) -> None:
    slugs = [markdown.slug(heading) for heading in re.findall(r"^#+ (.+)$", PAGES[name], re.MULTILINE)]
    assert sorted(set(slugs)) == sorted(slugs)
    assert set(re.findall(r"\]\(#([^)]*)\)", PAGES[name])) <= set(slugs)


def test_a_key_is_told_with_its_place_its_value_and_its_default() -> None:
    _, _, probing = PAGES["keys.md"].partition("### probing\n")
    row = "| `confirm` | a whole number from 1 to 20 | Failing samples in a row that make an outage | 2 |"
    assert row in probing.partition("###")[0]
    assert "| `url` | a URL | Where the page lives | required |" in PAGES["keys.md"]
    assert "### components.check.http.auth.oauth2" in PAGES["keys.md"]


def test_an_option_is_told_under_its_command() -> None:
    _, _, incident = PAGES["options.md"].partition("### statusgen incident open\n")
    assert "| `--component ID=STATE` |" in incident.partition("\n##")[0]


def test_a_field_is_told_with_its_type_and_a_property_with_what_it_is() -> None:
    _, _, day = PAGES["fields.md"].partition("### Day\n")
    assert "| `state` | [State](#state) |" in day.partition("\n##")[0]
    assert "| `is_quiet` | bool | A day of which there is nothing to say" in day.partition("\n##")[0]


def test_a_job_is_told_with_what_it_may_do() -> None:
    _, _, probe = PAGES["workflows.md"].partition("## probe.yml\n")
    assert "| `probe` | `contents: write` (push to status-data/" in probe.partition("\n##")[0]
    assert "| `run` | What statusgen is to do" in PAGES["workflows.md"]


def test_markdown_in_a_docstring_means_itself() -> None:
    assert markdown.plain("a <b> | ``c|d`` *e* ${env:F}") == r"a \<b> \| `c\|d` \*e\* `${env:F}`"
