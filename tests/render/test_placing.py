"""Rendered texts, fitted into pages: links to pages stay within the language, files come from the root."""

from __future__ import annotations

import pytest

from statusgen.render import placing, prose
from statusgen.render.placing import ROOT, place, raised

LINKS = {"a.md": "incidents/a/", "graph.png": "incidents/graph.png"}


@pytest.mark.parametrize(
    ("address", "placed"),
    [
        ("incidents/a/", "../de/incidents/a/"),
        ("incidents/a/#postmortem", "../de/incidents/a/#postmortem"),
        ("", "../de/"),
        ("#part", "../de/#part"),
        ("incidents/graph.png", "../incidents/graph.png"),
        ("sla/report.csv", "../sla/report.csv"),
        ("history.atom", "../history.atom"),
    ],
)
def test_an_address_that_ends_in_a_folder_is_a_page_and_any_other_a_file(address: str, placed: str) -> None:
    assert place(f'<a href="{ROOT}{address}">x</a>', "../", "../de/", "p") == f'<a href="{placed}">x</a>'


def test_a_text_is_placed_whole() -> None:
    html = prose.render("[a](a.md) ![g](graph.png) [b](a.md#x) https://example.org/", LINKS).html
    placed = place(html, "../../../", "../../", "u")
    assert [placed.count(part) for part in ('"../../incidents/a/', '"../../../incidents/graph.png"', ROOT)] == [2, 1, 0]


def test_what_a_text_says_is_no_address() -> None:
    assert place(f"<p>{ROOT}a/</p>", "r/", "h/", "p") == f"<p>{ROOT}a/</p>"


def test_footnotes_are_numbered_apart_by_their_prefix() -> None:
    html = prose.render("a[^1]\n\n[^1]: b", {}).html
    one, two = place(html, "./", "./", "u1"), place(html, "./", "./", "u2")
    assert one.replace("u1-fn", "u2-fn") == two != one
    assert 'id="fn' not in one
    assert 'href="#fn' not in one


def test_headings_can_be_raised_by_a_level() -> None:
    assert raised("<h3>a</h3><h6>b</h6><p>h3</p>") == "<h2>a</h2><h5>b</h5><p>h3</p>"


def test_a_table_scrolls_by_itself_so_that_a_wide_one_does_not_widen_the_page() -> None:
    placed = placing.scrolling("<p>a</p><table><tr><td>1</td></tr></table><p>b</p><table></table>")
    assert placed.count('<div class="scroll" tabindex="0"><table>') == placed.count("</table></div>") == 2
    assert placing.scrolling("<p>no table</p>") == "<p>no table</p>"


def test_what_only_looks_like_a_table_stays_as_it_is() -> None:
    looks = '<a href="#" title="<table><img src=x onerror=alert(1)></table>">x</a>'  # older sanitisers leave < as it is
    assert placing.scrolling(looks) == looks
