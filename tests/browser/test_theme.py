"""The choice between light and dark."""

from __future__ import annotations

from tests.browser.driver import Page, Visit, expect
from tests.browser.worlds import World

GROUND = "getComputedStyle(document.body).backgroundColor"


def choose(page: Page, theme: str) -> None:
    """Press the button until the page is in a theme; "" is the system's."""
    for _ in range(3):
        if (page.locator("html").get_attribute("data-theme") or "") == theme:
            return
        page.locator("#theme").click()
    raise AssertionError(theme)


def test_the_choice_is_remembered_on_every_page(demo: World, visit: Visit) -> None:
    page = visit(demo.address, color_scheme="light")
    light = page.evaluate(GROUND)
    choose(page, "dark")
    dark = page.evaluate(GROUND)
    assert dark != light
    page.reload()
    assert page.evaluate(GROUND) == dark
    page.goto(demo.address + "history/")
    assert page.evaluate(GROUND) == dark
    expect(page.get_by_role("button", name="Appearance: Dark")).to_be_visible()


def test_automatic_follows_the_system_again(demo: World, visit: Visit) -> None:
    page = visit(demo.address, color_scheme="light")
    light = page.evaluate(GROUND)
    choose(page, "dark")
    choose(page, "")
    assert page.evaluate(GROUND) == light
    assert page.locator("html").get_attribute("data-theme") is None
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(GROUND) != light


def test_other_tabs_follow(demo: World, visit: Visit) -> None:
    page = visit(demo.address, color_scheme="light")
    other = page.context.new_page()
    other.goto(demo.address + "history/")
    choose(page, "dark")
    expect(other.locator("html")).to_have_attribute("data-theme", "dark")


def test_without_storage_it_works_for_the_page(demo: World, visit: Visit) -> None:
    page = visit("about:blank", color_scheme="light")
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError') }})"
    )
    page.goto(demo.address)
    light = page.evaluate(GROUND)
    choose(page, "dark")
    assert page.evaluate(GROUND) != light
