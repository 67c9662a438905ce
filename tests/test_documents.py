"""``pages/*.md``: what each key means. What is wrong with one is in ``bad/``."""

from __future__ import annotations

from pathlib import Path

import pytest

from statusgen import documents
from statusgen.documents import Reading
from statusgen.model import Document
from statusgen.names import FOLDERS

GOLDEN = Path(__file__).parent / "golden" / "whole"


def only(text: str, name: str = "road-map") -> Document:
    reading = documents.read_all({f"pages/{name}.md": text})
    assert reading.problems == ()
    (made,) = reading.documents
    return made


def test_a_page_needs_nothing_but_its_text_and_is_titled_by_its_file() -> None:
    assert only("## This winter\n- Webhooks\n") == Document(
        slug="road-map",
        path="pages/road-map.md",
        title="Road map",
        text="## This winter\n- Webhooks",
        description="",
        notice="",
    )


def test_front_matter_says_more() -> None:
    page = only("---\ntitle: Our roadmap\ndescription: What comes.\nnotice: No promise.\n---\nSoon.\n")
    assert (page.title, page.description, page.notice, page.text) == (
        "Our roadmap",
        "What comes.",
        "No promise.",
        "Soon.",
    )


def test_empty_front_matter_is_none() -> None:
    assert only("---\n---\nSoon.\n") == only("Soon.\n")


def test_a_notice_of_several_lines_becomes_one() -> None:
    assert only("---\nnotice: |\n  No\n  promise.\n---\nSoon.\n").notice == "No promise."


def test_line_breaks_of_windows_and_a_mark_of_byte_order_change_nothing() -> None:
    assert only("\ufeff---\r\ntitle: Road map\r\n---\r\nSoon.\r\nLater.\r\n") == only("Soon.\nLater.\n")


def test_blank_lines_around_the_text_go_and_those_within_stay() -> None:
    assert only("\n\n    code\n\nSoon.\n\n").text == "    code\n\nSoon."


def test_a_rule_further_down_is_no_front_matter() -> None:
    assert only("Soon.\n\n---\n\nLater.\n").text == "Soon.\n\n---\n\nLater."


def test_pages_come_in_the_order_of_their_names() -> None:
    texts = {f"pages/{name}.md": "Text.\n" for name in ("security", "about", "roadmap")}
    assert [page.slug for page in documents.read_all(texts).documents] == ["about", "roadmap", "security"]


def test_a_bad_page_does_not_keep_a_good_one_out() -> None:
    reading = documents.read_all({"pages/a.md": "", "pages/b.md": "Text.\n"})
    assert [page.slug for page in reading.documents] == ["b"]
    assert [problem.path for problem in reading.problems] == ["pages/a.md"]


def test_a_folder_without_files_has_no_pages() -> None:
    assert documents.read_all({}) == Reading((), ())


@pytest.mark.parametrize("name", ["index", "nul", "com1", "Roadmap", "road map", "road_map", "-a", ".hidden", "a" * 81])
def test_a_name_that_makes_no_address_is_refused(name: str) -> None:
    (problem,) = documents.read_all({f"pages/{name}.md": "Text.\n"}).problems
    assert problem.message.startswith(f"the file's name '{name}' is ")


@pytest.mark.parametrize("name", sorted(FOLDERS))
def test_no_page_takes_an_address_of_the_site(name: str) -> None:
    (problem,) = documents.read_all({f"pages/{name}.md": "Text.\n"}).problems
    assert (problem.path, problem.line) == (f"pages/{name}.md", 1)
    assert problem.message == f"the file's name '{name}' is an address that the site uses itself: choose another"


@pytest.mark.parametrize("code", ["de", "pt-BR"])
def test_no_page_takes_the_folder_of_a_language(code: str) -> None:
    texts = {f"pages/{code.lower()}.md": "Text.\n"}
    (problem,) = documents.read_all(texts, (code,)).problems
    assert problem.message.endswith("is an address that the site uses itself: choose another")
    assert documents.read_all(texts).problems == ()


def test_every_folder_that_a_site_is_published_in_is_taken() -> None:
    pages = {path.stem for path in GOLDEN.glob("in/pages/*.md")}
    published = {path.name for path in (GOLDEN / "out").iterdir() if path.is_dir()}
    assert "incidents" in published
    assert published - pages <= FOLDERS
