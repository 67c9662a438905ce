"""Searching the history and choosing a group of the availability table."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

from tests.browser.driver import Page, Visit, expect
from tests.browser.worlds import World


def titles(page: Page) -> list[str]:
    return page.locator(".results .event bdi").all_inner_texts()


def search(page: Page, text: str) -> None:
    """Type into the search, and wait until the answer is there."""
    page.locator("input[name=text]").fill(text)
    expect(page.locator(".found")).not_to_have_text("")


def test_every_word_must_occur_in_whatever_case(demo: World, visit: Visit) -> None:
    page = visit(demo.address + "history/")
    search(page, "ERRORS api")
    assert "API" in titles(page)[0]
    every = len(titles(page))
    search(page, "errors api certainlynot")
    assert titles(page) == []
    assert every >= 1
    expect(page.locator("#archive")).to_be_hidden()


def test_accents_do_not_matter(demo: World, visit: Visit) -> None:
    page = visit(demo.address + "history/")
    search(page, "êrrörs")
    assert titles(page)


def test_what_is_found_leads_to_the_incident(demo: World, visit: Visit) -> None:
    page = visit(demo.address + "history/")
    search(page, "api errors")
    page.locator(".results a").first.click()
    page.wait_for_url("**/incidents/2026-11-10-api-errors/")


def test_a_component_can_be_chosen(demo: World, visit: Visit) -> None:
    page = visit(demo.address + "history/")
    page.locator("select[name=component]").select_option("search")
    events = json.loads((demo.public / "history/search.json").read_text())
    wanted = [event["title"] for event in events if "search" in event["components"]]
    assert 0 < len(wanted) < len(events)
    expect(page.locator(".found")).to_contain_text(str(len(wanted)))
    assert titles(page) == wanted


def test_what_is_searched_for_is_in_the_address(demo: World, visit: Visit) -> None:
    page = visit(demo.address + "history/")
    page.locator("select[name=component]").select_option("api")
    search(page, "errors")
    assert parse_qs(urlsplit(page.url).query) == {"q": ["errors"], "component": ["api"]}
    found = titles(page)
    other = visit(page.url)
    expect(other.locator(".results .event")).to_have_count(len(found))
    assert titles(other) == found
    expect(other.locator("input[name=text]")).to_have_value("errors")
    other.locator("input[name=text]").fill("")
    other.locator("select[name=component]").select_option("")
    expect(other.locator("#archive")).to_be_visible()
    expect(other.locator(".results")).to_be_hidden()
    assert other.url.endswith("/history/")


def test_the_enter_key_does_not_leave_the_page(demo: World, visit: Visit) -> None:
    page = visit(demo.address + "history/")
    search(page, "errors")
    page.keyboard.press("Enter")
    expect(page.locator(".results .event").first).to_be_visible()


def test_it_works_below_a_path(below: World, visit: Visit) -> None:
    page = visit(below.address + "history/?q=errors")
    page.locator(".results a").first.click()
    page.wait_for_url("**/sub/path/incidents/*/")
    expect(page.locator(".timeline")).to_be_visible()


def test_the_table_of_availability_can_show_one_group(demo: World, visit: Visit) -> None:
    page = visit(demo.address + "uptime/")
    groups = page.locator("tbody[data-group]")
    names = [group.get_attribute("data-group") or "" for group in groups.all()]
    assert len(set(names)) >= 2
    page.locator("select[data-filter]").select_option(names[0])
    assert {group.get_attribute("data-group") for group in groups.all() if group.is_visible()} == {names[0]}
    assert page.url.endswith(f"/uptime/?group={names[0]}")
    page.reload()
    assert {group.get_attribute("data-group") for group in groups.all() if group.is_visible()} == {names[0]}
    page.locator("select[data-filter]").select_option("")
    assert all(group.is_visible() for group in groups.all())
