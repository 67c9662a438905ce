"""The days of a bar, by keyboard, by pointer and by touch."""

from __future__ import annotations

import re

from tests.browser.driver import Locator, Page, Visit, expect
from tests.browser.worlds import World


def bar(page: Page, name: str) -> Locator:
    """Return the bar of a component, shown even if its group was closed."""
    found = page.locator(f'.bars[data-name="{name}"]')
    group = page.locator("details").filter(has=found)
    if group.count() and group.get_attribute("open") is None:
        group.locator("summary").click()
    return found


def focused_by_keyboard(page: Page, name: str) -> Locator:
    """Come to a bar with the Tab key, from the link before it."""
    found = bar(page, name)
    found.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(found).to_be_focused()
    return found


def value(found: Locator) -> int:
    return int(found.get_attribute("aria-valuenow") or 0)


def test_the_tab_key_stops_once_at_each_bar_and_the_newest_day_opens(demo: World, visit: Visit) -> None:
    page = visit(demo.address)
    api = focused_by_keyboard(page, "API")
    assert api.get_attribute("role") == "slider"
    assert value(api) == 90
    expect(page.locator(".day-panel")).to_have_text(re.compile("^22 Nov 2026: "))
    page.keyboard.press("Tab")
    expect(api).not_to_be_focused()
    assert page.evaluate("document.activeElement.closest('.bars')") is None


def test_arrows_go_by_days_and_home_and_end_to_the_oldest_and_the_newest(demo: World, visit: Visit) -> None:
    page = visit(demo.address)
    api = focused_by_keyboard(page, "API")
    seen = []
    for key in ("ArrowLeft", "ArrowLeft", "ArrowRight", "Home", "ArrowLeft", "End", "ArrowRight"):
        page.keyboard.press(key)
        seen.append(value(api))
    assert seen == [89, 88, 89, 1, 1, 90, 90]


def test_a_quiet_day_says_its_date_and_that_it_was_quiet(demo: World, visit: Visit) -> None:
    page = visit(demo.address)
    api = focused_by_keyboard(page, "API")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".day-panel")).to_have_text(re.compile("^21 Nov 2026: operational", re.IGNORECASE))
    assert api.get_attribute("aria-valuetext") == page.locator(".day-panel p").text_content()


def test_page_up_and_page_down_go_to_days_with_something_to_say(demo: World, visit: Visit) -> None:
    page = visit(demo.address)
    payments = focused_by_keyboard(page, "Payments")
    seen = []
    for key in ("ArrowLeft", "PageUp", "PageUp", "PageDown"):
        page.keyboard.press(key)
        seen.append(value(payments))
    assert seen == [89, 90 - 51, 90 - 51, 90]
    page.keyboard.press("PageUp")
    assert "2 Oct 2026" in (payments.get_attribute("aria-valuetext") or "")


def test_enter_goes_to_the_incident_of_the_day_and_its_link_leads_there(demo: World, visit: Visit) -> None:
    page = visit(demo.address)
    focused_by_keyboard(page, "API")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("PageUp")
    page.keyboard.press("Enter")
    expect(page.locator(".day-panel a").first).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/incidents/2026-11-10-api-errors/")


def test_escape_closes_the_panel_and_gives_the_focus_back(demo: World, visit: Visit) -> None:
    page = visit(demo.address)
    api = focused_by_keyboard(page, "API")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("PageUp")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.locator(".day-panel")).to_have_count(0)
    expect(api).to_be_focused()


def test_the_panel_goes_with_the_focus(demo: World, visit: Visit) -> None:
    page = visit(demo.address)
    focused_by_keyboard(page, "API")
    expect(page.locator(".day-panel")).to_have_count(1)
    page.locator("header a").first.focus()
    expect(page.locator(".day-panel")).to_have_count(0)


def test_the_pointer_shows_a_day_without_moving_the_page_and_may_cross_to_the_panel(demo: World, visit: Visit) -> None:
    page = visit(demo.address)
    api = bar(page, "API")
    api.scroll_into_view_if_needed()
    tall = page.evaluate("document.documentElement.scrollHeight")
    box = api.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 77.5 / 90, box["y"] + box["height"] - 2)
    panel = page.locator(".day-panel")
    expect(panel).to_contain_text("10 Nov 2026")
    assert page.evaluate("document.documentElement.scrollHeight") == tall
    place = panel.bounding_box()
    assert place
    page.mouse.move(place["x"] + place["width"] / 2, place["y"] + 8, steps=3)
    expect(panel).to_contain_text("10 Nov 2026")
    page.mouse.move(2, 2)
    expect(panel).to_have_count(0)


def test_a_click_keeps_the_day_while_the_pointer_goes_on(demo: World, visit: Visit) -> None:
    page = visit(demo.address)
    api = bar(page, "API")
    box = api.bounding_box()
    assert box
    api.click(position={"x": box["width"] * 77.5 / 90, "y": 5})
    page.mouse.move(2, 2)
    expect(page.locator(".day-panel")).to_contain_text("10 Nov 2026")


def test_on_a_phone_a_tap_shows_the_day_that_is_seen_there_and_a_second_hides_it(demo: World, visit: Visit) -> None:
    page = visit(demo.address, phone=True)
    api = bar(page, "API")
    box = api.bounding_box()
    assert box
    tapped = {"x": box["width"] * 32.5 / 45, "y": box["height"] / 2}  # the newest 45 days are on the screen
    api.tap(position=tapped)
    panel = page.locator(".day-panel")
    expect(panel).to_contain_text("10 Nov 2026")
    place = panel.bounding_box()
    assert place
    assert place["x"] >= 0
    assert place["x"] + place["width"] <= 390
    api.tap(position=tapped)
    expect(panel).to_have_count(0)


def test_on_a_phone_the_arrows_stay_on_the_screen(demo: World, visit: Visit) -> None:
    page = visit(demo.address, phone=True)
    api = focused_by_keyboard(page, "API")
    page.keyboard.press("Home")
    assert value(api) == 46
