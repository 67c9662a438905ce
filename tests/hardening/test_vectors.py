"""No text becomes a script, a link, a field or a formula: every vector through every field, every file read again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from statusgen import disclosure, ledger, support
from statusgen.errors import Problem, SourceError
from statusgen.model import Document, Phase, Postmortem, Site, State
from statusgen.names import language_tag, public_link, slug, slug_of
from statusgen.promises import Channel, Link, Plan, Support
from statusgen.render import prose
from statusgen.render import site as whole
from statusgen.render.placing import ROOT
from statusgen.shape import clean
from tests.hardening import injected
from tests.hardening.outputs import body, complaints
from tests.hardening.vectors import VECTORS, packed
from tests.literals import DAY, HOUR, NOW, component, incident, maintenance, rounds, take, update
from tests.literals import site as site_of
from tests.render.published import BESIDE, THEME, read, rendered, written

Built = tuple[dict[str, bytes], tuple[Problem, ...]]
SCHEMES = ("http://", "https://")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return injected.make(tmp_path_factory.mktemp("injected"))


@pytest.fixture(scope="module")
def files(built: Built) -> dict[str, bytes]:
    return built[0]


def complaints_of(files: dict[str, bytes]) -> list[str]:
    return [each for path, content in files.items() for each in complaints(path, content)]


def test_there_are_vectors_of_every_technique() -> None:
    assert len(VECTORS) >= 150
    assert len({vector.technique for vector in VECTORS}) >= 10
    assert len({vector.text for vector in VECTORS}) == len(VECTORS)
    assert all(str(vector.number) in vector.text for vector in VECTORS)


# A whole site, from files in a repository


def test_the_site_leaves_nothing_out(built: Built) -> None:
    assert [str(problem) for problem in built[1] if "is text: a heading" not in problem.message] == []


def test_no_file_holds_an_element_an_attribute_an_address_a_field_or_a_formula_of_a_vectors(
    files: dict[str, bytes],
) -> None:
    assert complaints_of(files) == []


def test_names_and_titles_arrive_letter_by_letter(files: dict[str, bytes]) -> None:
    names = {element.text for element in read(files["index.html"]).all("bdi")}
    assert {clean(text) for text in injected.NAMES} <= names
    titles = {event["title"] for event in json.loads(files["history/search.json"])}
    assert titles == {clean(text) for text in injected.SENTENCES}
    for number, text in enumerate(injected.SENTENCES):
        assert read(files[f"incidents/i{number}/index.html"]).one("h1").text == clean(text)


def test_every_page_has_the_policy_before_anything_is_fetched(files: dict[str, bytes]) -> None:
    for path, content in files.items():
        if path.endswith(".html"):
            before, _, _ = content.partition(b'<meta http-equiv="Content-Security-Policy"')
            assert len(before) < 400, path
            assert b"<link" not in before, path
            assert b"<script" not in before, path


# Fields of which a site has one, or a few


def _site(text: str) -> Site:
    made = site_of(component("api", name=text, group=text), name=text)
    link = "https://acme.example/?" + "".join(text.split())
    helped = Support(
        is_published=True,
        channels=(Channel(name=text, description=text, link=link),),
        plans=(Plan(name=text, description=text, channels=(text,)),),
        links=(Link(name=text, link=link),),
    )
    parts = tuple(replace(each, description=text, link=link) for each in made.components)
    return replace(made, description=text, notice=text, repository=link, components=parts, support=helped)


def _sites() -> Iterator[tuple[str, dict[str, bytes]]]:
    memory: dict[str, object] = {}
    for text in map(clean, packed(1_200)):
        open_ = incident("open", update(NOW - HOUR, Phase.INVESTIGATING, text), title=text, api=State.PARTIAL)
        learnt = Postmortem(path="incidents/open.postmortem.md", title=text, text=text, authors=(text,))
        window = replace(
            maintenance("ahead", NOW + HOUR, NOW + DAY, update(NOW - DAY, Phase.SCHEDULED, text)), title=text
        )
        made = take(_site(text), (replace(open_, postmortem=learnt), window), rounds(api="uddd"))
        page = Document(slug="page", path="pages/page.md", title=text, text=text, description=text, notice=text)
        made = replace(made, documents=(page,))
        texts = {**rendered(made), text: prose.render(text, {})}
        yield text, written(whole.render(made, THEME, texts, {}, memory, BESIDE))


def test_a_site_of_that_name_with_everything_else_named_so_is_no_worse() -> None:
    count = 0
    for text, files in _sites():
        assert complaints_of(files) == [], text
        assert text in {element.text for element in read(files["index.html"]).all("bdi")}
        count += 1
    assert count == len(packed(1_200))


# Markdown by itself


@pytest.mark.parametrize(
    "around", ["{}", "Before\n\n{}\n\nafter", "> {}", "- {}", "# {}", "| a |\n|---|\n| {} |", "*{}*"]
)
def test_markdown_becomes_what_is_allowed_in_a_text_and_nothing_else(around: str) -> None:
    for vector in VECTORS:
        html = prose.render(around.replace("{}", vector.text), {"graph.png": "incidents/graph.png"}).html
        assert body(html.replace(ROOT, "../"), vector.text) == []


# What is part of an address, of a file or of a branch


@pytest.mark.parametrize(
    "read_slug", [slug, language_tag, lambda text: slug_of(f"incidents/{text.replace('/', '_')}.md")]
)
def test_no_vector_can_be_an_id_a_files_name_a_location_or_a_language(read_slug: Callable[[str], object]) -> None:
    for vector in VECTORS:
        with pytest.raises((ValueError, SourceError)):
            read_slug(vector.text)


SCRIPTS = ("javascript:pwn(1)", "JavaScript:pwn(1)", "java\tscript:pwn(1)", "data:text/html,x", "//evil.example", "x:y")


@pytest.mark.parametrize("read_link", [public_link, support.address, disclosure.link])
def test_a_link_leads_to_the_web_whatever_is_written(read_link: Callable[[str], str]) -> None:
    admitted = 0
    for text in (*(vector.text for vector in VECTORS), *SCRIPTS):
        for address in (text, f"https://acme.example/{text}", f"\x01{text}", f" {text}", f"mailto:a@b.example{text}"):
            try:
                link = read_link(address)
            except ValueError:
                continue
            assert link.startswith(("http://", "https://", "mailto:", "tel:"))
            assert link.isprintable(), repr(link)
            admitted += 1
    assert admitted


# What stands in the ledger


def test_no_vector_is_a_reason_of_the_ledger() -> None:
    for vector in VECTORS:
        head = {"v": 1, "at": "2026-11-21T11:00:00Z", "late": vector.text}
        checks = {"api": ["down", None, vector.text, {"dns": vector.text}]}
        for line in ({**head, "checks": checks}, {**head, "prober_error": vector.text}):
            decoded = ledger.decode_line(json.dumps(line))
            assert not isinstance(decoded, str)
            assert str(vector.number) not in repr(decoded)
