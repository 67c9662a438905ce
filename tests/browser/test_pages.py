"""Every kind of page in a browser: without scripts, on the smallest phone, below a path, without a complaint."""

from __future__ import annotations

import pytest

from tests.browser.driver import Visit, expect
from tests.browser.worlds import World

PAGES = (
    "",
    "404.html",
    "badges/",
    "components/api/",
    "corrections/",
    "history/",
    "history/2026-11/",
    "incidents/2026-11-10-api-errors/",
    "incidents/2026-11-22-payments-declined/",
    "maintenance/",
    "policy/",
    "roadmap/",
    "sla/",
    "subscribe/",
    "support/",
    "uptime/",
)


@pytest.mark.parametrize("path", PAGES)
def test_no_page_scrolls_sideways_at_320_pixels_and_none_complains(demo: World, visit: Visit, path: str) -> None:
    page = visit(demo.address + path, width=320)
    page.evaluate("for (const group of document.querySelectorAll('details')) group.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_panel_of_a_day_fits_at_320_pixels(demo: World, visit: Visit) -> None:
    page = visit(demo.address, width=320)
    bars = page.locator('.bars[data-name="API"]')
    for part in (2, 150, 270):
        bars.click(position={"x": min(part, (bars.bounding_box() or {"width": 0})["width"] - 2), "y": 5})
        place = page.locator(".day-panel").bounding_box()
        assert place
        assert place["x"] >= 0
        assert place["x"] + place["width"] <= 320
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("path", ["", "history/", "components/api/", "incidents/2026-11-10-api-errors/"])
def test_every_link_and_file_works_below_a_path(below: World, visit: Visit, path: str) -> None:
    page = visit("about:blank")
    failed: list[str] = []
    page.on("response", lambda got: failed.append(got.url) if got.status >= 400 else None)
    page.goto(below.address + path)
    expect(page.locator("#theme")).to_be_visible()
    assert failed == []


def test_without_scripts_the_page_tells_what_is_wrong(demo: World, visit: Visit) -> None:
    page = visit(demo.address, java_script_enabled=False)
    expect(page.locator(".banner h1")).to_contain_text("outage")
    for name in ("API", "Payments", "Database", "Support desk"):
        expect(page.locator("main").get_by_role("link", name=name, exact=True).first).to_be_attached()
    expect(page.get_by_text("%").first).to_be_visible()
    expect(page.locator(".update .prose").first).to_be_visible()
    for selector in ("#theme", "#stale"):
        expect(page.locator(selector)).to_have_count(1)
        expect(page.locator(selector)).to_be_hidden()


def test_without_scripts_an_incident_and_the_history_are_complete(demo: World, visit: Visit) -> None:
    page = visit(demo.address + "incidents/2026-11-10-api-errors/", java_script_enabled=False)
    expect(page.locator(".timeline .update")).not_to_have_count(0)
    page.goto(demo.address + "history/")
    expect(page.locator("form.find")).to_be_hidden()
    expect(page.locator("#archive").get_by_role("link").first).to_be_visible()


def test_nothing_is_asked_of_anybody_else(demo: World, visit: Visit) -> None:
    page = visit("about:blank")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(demo.address)
    page.clock.run_for(61_000)
    assert all(address.startswith(demo.address) for address in asked)
