"""Times as the visitor's own clock shows them."""

from __future__ import annotations

import re

import pytest

from tests.browser.driver import Visit, expect
from tests.browser.worlds import NOW, World

INCIDENT = "incidents/2026-11-10-api-errors/"


def test_times_are_those_of_the_visitor_and_the_utc_time_is_a_tooltip(demo: World, visit: Visit) -> None:
    page = visit(demo.address + INCIDENT, timezone_id="Europe/Berlin")
    time = page.locator(".timeline time").first
    at = time.get_attribute("datetime") or ""
    hour = int(at[11:13])
    expect(time).to_have_text(f"{int(at[8:10])} Nov 2026, {hour + 1:02d}:{at[14:16]} CET")
    expect(time).to_have_attribute("title", re.compile(rf"{hour:02d}:{at[14:16]} UTC · \d+ days ago$"))


def test_in_utc_times_stay_as_they_were_written(demo: World, visit: Visit) -> None:
    written = visit(demo.address + INCIDENT, java_script_enabled=False).locator(".timeline").inner_text()
    assert " UTC" in written
    page = visit(demo.address + INCIDENT)
    assert page.locator(".timeline").inner_text() == written
    expect(page.locator(".span[title]")).to_have_count(0)


def test_a_span_of_time_names_its_zone_once(demo: World, visit: Visit) -> None:
    page = visit(demo.address + INCIDENT, timezone_id="Europe/Berlin")
    span = page.locator(".span").first
    assert re.fullmatch(r"10 Nov 2026, \d\d:\d\d\s?–\s?\d\d:\d\d CET", span.inner_text())
    expect(span).to_have_attribute("title", re.compile("UTC$"))


def test_the_ends_of_a_timeline_are_in_the_zone_of_the_visitor(demo: World, visit: Visit) -> None:
    page = visit(demo.address + INCIDENT, timezone_id="Europe/Berlin")
    ends = page.locator(".lanes .scale time").all_inner_texts()
    assert [bool(re.fullmatch(r"10 Nov 2026, \d\d:\d\d CET", end)) for end in ends] == [True, True]
    written = visit(demo.address + INCIDENT).locator(".lanes .scale time").all_inner_texts()
    assert [bool(re.fullmatch(r"\d\d:\d\d UTC", end)) for end in written] == [True, True]


@pytest.mark.parametrize("path", ["", "incidents/2026-11-22-payments-declined/"])
def test_a_promise_that_was_not_kept_says_so_on_a_page_that_stays_open(demo: World, visit: Visit, path: str) -> None:
    page = visit(demo.address + path, now=NOW + 20 * 60)
    promise = page.locator(".due")
    expect(promise).to_have_text("Next update by 22 Nov 2026, 10:21 UTC")
    page.clock.run_for(90_000)
    expect(promise).to_have_text("Next update was due by 22 Nov 2026, 10:21 UTC")


def test_days_are_left_alone_wherever_one_is(demo: World, visit: Visit) -> None:
    page = visit(demo.address + "history/", timezone_id="Pacific/Kiritimati")
    written = visit(demo.address + "history/", java_script_enabled=False)
    assert page.locator("time.day").all_inner_texts() == written.locator("time.day").all_inner_texts()


def test_the_page_says_which_zone_its_times_are_in(demo: World, visit: Visit) -> None:
    page = visit(demo.address, timezone_id="America/New_York")
    expect(page.locator(".zone")).to_have_text("Times are in America/New_York.")
    expect(visit(demo.address).locator(".zone")).to_be_hidden()


def test_the_last_check_says_how_long_ago_it_was_in_utc_too(demo: World, visit: Visit) -> None:
    page = visit(demo.address, now=NOW + 5 * 60)
    checked = page.locator("time.checked.ago").first
    expect(checked).to_have_text("5 minutes ago")
    expect(checked).to_have_attribute("title", re.compile("22 Nov 2026.*UTC$"))
    page.clock.run_for(60_000)
    expect(checked).to_have_text("6 minutes ago")
