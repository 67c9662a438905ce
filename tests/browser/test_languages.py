"""Pages in other languages: from right to left, with western digits, each staying current by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import worlds
from tests.browser.driver import Visit, expect
from tests.browser.worlds import NOW, ONGOING, ONGOING_TEXT, World

PAGES = ("", "components/api/", "history/", "incidents/2026-11-10-api-errors/", "sla/", "support/", "uptime/")


@pytest.fixture(scope="module")
def translated(made: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The demonstration in German and Arabic too, each in a folder."""
    world = worlds.copied(made, tmp_path_factory.mktemp("translated") / "site")
    text = (world.folder / "components.yaml").read_text("utf-8")
    world.write("components.yaml", text.replace("  id: demo\n", "  id: demo\n  languages: [de, ar]\n"))
    world.build(NOW)
    with world.served() as served:
        yield served


@pytest.mark.parametrize("language", ["de", "ar"])
@pytest.mark.parametrize("path", PAGES)
def test_no_page_scrolls_sideways_at_320_pixels_and_none_complains(
    translated: World, visit: Visit, path: str, language: str
) -> None:
    page = visit(f"{translated.address}{language}/{path}", width=320)
    page.evaluate("for (const group of document.querySelectorAll('details')) group.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("language", ["", "de/", "ar/"])
def test_no_page_scrolls_sideways_on_a_phone_in_large_text(translated: World, visit: Visit, language: str) -> None:
    page = visit("about:blank")
    found = {}
    for path in (*PAGES, "badges/", "components/payments/", "corrections/"):
        page.goto(translated.address + language + path)
        page.evaluate("for (const group of document.querySelectorAll('details')) group.open = true")
        for width in (320, 390):
            page.set_viewport_size({"width": width, "height": 844})
            for size in ("100%", "150%", "200%"):
                page.evaluate("size => { document.documentElement.style.fontSize = size; }", size)
                found[path, width, size] = page.evaluate("document.documentElement.scrollWidth")
    assert found == {(path, width, size): width for path, width, size in found}


ON_A_PHONE = (
    ("uptime/", ".uptime td:nth-child(2)"),  # the newest month
    ("components/payments/", ".calendar td"),
    ("components/payments/", ".stack td"),
    ("components/payments/", ".panel.w24h .tick:not(.minor)"),
    ("sla/", ".stack td"),
)


@pytest.mark.parametrize("language", ["", "de/", "ar/"])
def test_on_a_phone_what_matters_of_a_table_is_on_the_screen(translated: World, visit: Visit, language: str) -> None:
    page = visit("about:blank", phone=True)
    for path, cells in ON_A_PHONE:
        page.goto(translated.address + language + path)
        boxes = page.locator(cells).evaluate_all("cells => cells.map(cell => cell.getBoundingClientRect().toJSON())")
        assert boxes, cells
        assert [box for box in boxes if box["left"] < 16 or box["right"] > 374] == [], cells  # the column of text


def test_from_right_to_left_the_newest_day_is_at_the_left(translated: World, visit: Visit) -> None:
    page = visit(translated.address + "ar/")
    api = page.locator('.bars[data-name="API"]')
    box = api.bounding_box()
    assert box
    api.click(position={"x": 3, "y": 5})
    seen = [api.get_attribute("aria-valuenow")]
    for key in ("ArrowRight", "ArrowLeft", "ArrowLeft", "Home", "End"):
        page.keyboard.press(key)
        seen.append(api.get_attribute("aria-valuenow"))
    assert seen == ["90", "89", "90", "90", "1", "90"]
    api.click(position={"x": box["width"] * 12.5 / 90, "y": 5})
    expect(page.locator(".day-panel")).to_contain_text("Elevated API errors")
    cursor = page.locator(".cursor").bounding_box()
    assert cursor
    assert abs(cursor["x"] - box["x"] - box["width"] * 12.2 / 90) < box["width"] / 90


def test_on_a_phone_from_right_to_left_the_newest_days_are_on_the_screen(translated: World, visit: Visit) -> None:
    page = visit(translated.address + "ar/", phone=True)
    api = page.locator('.bars[data-name="API"]')
    box = api.bounding_box()
    assert box
    api.tap(position={"x": 3, "y": 5})
    assert api.get_attribute("aria-valuenow") == "90"
    api.tap(position={"x": box["width"] - 3, "y": 5})
    assert api.get_attribute("aria-valuenow") == "46"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_local_times_are_in_the_language_of_the_page(translated: World, visit: Visit) -> None:
    path = "incidents/2026-11-10-api-errors/"
    german = visit(f"{translated.address}de/{path}", timezone_id="Europe/Berlin").locator(".timeline time").first
    expect(german).to_have_text(re.compile(r"^10\. Nov\. 2026, \d\d:\d\d MEZ$"))
    expect(german).to_have_attribute("title", re.compile("vor 12 Tagen|vor 11 Tagen"))
    arabic = visit(f"{translated.address}ar/{path}", timezone_id="Europe/Berlin").locator(".timeline time").first
    expect(arabic).to_have_text(re.compile("نوفمبر.*2026"))


def test_the_link_of_a_day_stays_in_the_language(translated: World, visit: Visit) -> None:
    page = visit(translated.address + "de/components/api/")
    page.locator(".bars").focus()
    page.keyboard.press("PageUp")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.wait_for_url("**/de/incidents/2026-11-10-api-errors/")


def test_titles_say_that_they_are_in_the_language_of_those_who_wrote_them(translated: World, visit: Visit) -> None:
    page = visit(translated.address + "ar/")
    page.locator('.bars[data-name="API"]').focus()
    page.keyboard.press("PageUp")
    expect(page.locator(".day-panel a").first).to_have_attribute("lang", "en")
    page = visit(translated.address + "ar/history/?q=errors")
    expect(page.locator(".results bdi").first).to_have_attribute("lang", "en")


@pytest.fixture
def translating(translated: World, tmp_path: Path) -> Iterator[World]:
    """A copy of it that a test may change and build anew while it is served."""
    with worlds.copied(translated, tmp_path / "site").served() as served:
        yield served


def test_what_has_changed_is_announced_in_the_language(translating: World, visit: Visit) -> None:
    page = visit(translating.address + "de/")
    translating.write(ONGOING, ONGOING_TEXT)
    translating.build(NOW + 60)
    page.clock.run_for(61_000)
    expect(page.locator("#live")).to_contain_text("Teilausfall")
    expect(page.locator("#live")).to_have_text(page.locator(".banner h1").inner_text())
