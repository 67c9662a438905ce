"""A page that stays open: the site is really built anew, and an hour passes by the page's own clock."""

from __future__ import annotations

import contextlib
import json
import re

from statusgen import periods
from tests.browser.driver import Page, Visit, expect
from tests.browser.worlds import NOW, ONGOING, ONGOING_TEXT, World

MINUTE = 61_000  # milliseconds, and a little


def break_webhooks(world: World) -> None:
    world.write(ONGOING, ONGOING_TEXT)
    world.build(NOW + 60)


def state(world: World) -> str:
    """Return the state of everything as the site tells it; it is none of the best."""
    found: str = json.loads((world.public / "status.json").read_text("utf-8"))["state"]
    assert found not in ("operational", "unknown")
    return found


def a_look(page: Page) -> contextlib.AbstractContextManager[object]:
    """Wait, at the end of the block, until a question for the state that was asked in it has its whole answer."""
    return page.expect_event("requestfinished", lambda asked: asked.url.endswith("/status.json"))


def hide(page: Page, hidden: bool) -> None:
    """Put the tab into the background or bring it back."""
    page.evaluate(
        "hidden => { Object.defineProperty(document, 'hidden', {configurable: true, value: hidden});"
        "document.dispatchEvent(new Event('visibilitychange')); }",
        hidden,
    )


def test_a_new_incident_appears_while_the_page_is_open(changing: World, visit: Visit) -> None:
    page = visit(changing.address)
    expect(page.get_by_text("Webhooks arrive late")).to_have_count(0)
    break_webhooks(changing)
    page.clock.run_for(MINUTE)
    expect(page.get_by_text("Webhooks arrive late").first).to_be_visible()


def test_what_has_changed_is_announced_once(changing: World, visit: Visit) -> None:
    page = visit(changing.address)
    live = page.locator("#live")
    expect(live).to_have_text("")
    break_webhooks(changing)
    page.clock.run_for(MINUTE)
    expect(page.get_by_text("Webhooks arrive late").first).to_be_visible()
    expect(live).to_have_text(page.locator(".banner h1").inner_text())
    page.evaluate("window.told = 0; new MutationObserver(() => told += 1).observe(live, {childList: true})")
    with a_look(page):
        page.clock.run_for(MINUTE)
    assert page.evaluate("window.told") == 0


def test_news_that_leave_the_headline_as_it_is_are_shown_and_not_announced(changing: World, visit: Visit) -> None:
    page = visit(changing.address)
    before = page.locator(".banner h1").inner_text()
    (ongoing,) = (changing.folder / "incidents").glob("*-payments-declined.md")
    said = "\n## Identified · 2026-11-22 09:59 UTC\nThe acquirer has found the cause.\n"
    ongoing.write_text(ongoing.read_text("utf-8") + said, "utf-8")
    changing.build(NOW + 60)
    page.clock.run_for(MINUTE)
    expect(page.get_by_text("The acquirer has found the cause.").first).to_be_visible()
    expect(page.locator(".banner h1")).to_have_text(before)
    expect(page.locator("#live")).to_have_text("")


def test_a_build_that_changes_nothing_but_the_time_leaves_the_page_alone(changing: World, visit: Visit) -> None:
    page = visit(changing.address)
    page.evaluate("window.kept = document.querySelector('main h1')")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with a_look(page):
        page.clock.run_for(MINUTE)
    page.clock.run_for(1)
    assert page.evaluate("window.kept.isConnected")
    assert [address.rsplit("/")[-1] for address in asked if not address.endswith(".svg")] == ["status.json"]


def test_a_group_stays_as_the_visitor_left_it(changing: World, visit: Visit) -> None:
    page = visit(changing.address)
    groups = page.locator("details.group")
    before = [group.get_attribute("open") is not None for group in groups.all()]
    for group in groups.all():
        group.locator("summary").click()
    break_webhooks(changing)
    page.clock.run_for(MINUTE)
    expect(page.get_by_text("Webhooks arrive late").first).to_be_visible()
    assert [group.get_attribute("open") is not None for group in groups.all()] == [not each for each in before]


def test_the_focus_and_the_place_on_the_page_stay(changing: World, visit: Visit) -> None:
    page = visit(changing.address)
    link = page.locator("main a[href$='history/']").last
    link.focus()
    place = page.evaluate("scrollY")
    assert place > 0
    break_webhooks(changing)
    page.clock.run_for(MINUTE)
    expect(page.get_by_text("Webhooks arrive late").first).to_be_attached()
    expect(link).to_be_focused()
    assert page.evaluate("scrollY") == place


def test_the_day_that_is_looked_at_stays_open(changing: World, visit: Visit) -> None:
    page = visit(changing.address)
    api = page.locator('.bars[data-name="API"]')
    api.click(position={"x": 20, "y": 5})
    said = page.locator(".day-panel p").inner_text()
    break_webhooks(changing)
    page.clock.run_for(MINUTE)
    expect(page.get_by_text("Webhooks arrive late").first).to_be_attached()
    expect(page.locator(".day-panel p")).to_have_text(said)
    expect(api).to_be_focused()


def test_a_page_that_is_not_live_shows_the_state_in_its_icon_alone(changing: World, visit: Visit) -> None:
    page = visit(changing.address + "404.html")
    assert page.locator("main[data-live]").count() == 0
    expect(page.locator("#favicon")).to_have_attribute("href", re.compile(f"icon-{state(changing)}.svg$"))
    expect(page.locator("header .dot")).to_have_class(f"dot {state(changing)}")


def test_a_tab_in_the_background_asks_nothing_and_looks_at_once_when_it_comes_back(
    changing: World, visit: Visit
) -> None:
    page = visit(changing.address)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    hide(page, True)
    page.clock.run_for(10 * MINUTE)
    assert not [address for address in asked if not address.endswith(".svg")]
    with a_look(page):
        hide(page, False)


def test_when_nothing_answers_the_page_stays_and_the_next_turn_tries_again(changing: World, visit: Visit) -> None:
    page = visit(changing.address)
    page.route("**/status.json", lambda route: route.fulfill(status=200, body="a captive portal"))
    with a_look(page):
        page.clock.run_for(MINUTE)
    expect(page.locator(".banner")).to_be_visible()
    page.unroute("**/status.json")
    break_webhooks(changing)
    page.clock.run_for(MINUTE)
    expect(page.get_by_text("Webhooks arrive late").first).to_be_visible()


def test_an_answer_that_never_comes_does_not_keep_the_page_from_asking_again(changing: World, visit: Visit) -> None:
    page = visit(changing.address)
    kept: list[object] = []
    page.route("**/status.json", lambda route: route.continue_() if kept else kept.append(route))
    with page.expect_request("**/status.json"):
        page.clock.run_for(MINUTE)
    break_webhooks(changing)
    page.clock.run_for(MINUTE)
    expect(page.get_by_text("Webhooks arrive late").first).to_be_visible()


def test_a_page_that_is_none_of_the_site_is_not_taken(changing: World, visit: Visit) -> None:
    page = visit(changing.address)
    break_webhooks(changing)
    portal = {"content_type": "text/html", "body": "<main id=main>Please log in</main>"}
    page.route(changing.address, lambda route: route.fulfill(status=200, **portal))
    with page.expect_response(changing.address):
        page.clock.run_for(MINUTE)
    page.clock.run_for(1)
    expect(page.locator(".banner")).to_be_visible()
    expect(page.get_by_text("Please log in")).to_have_count(0)


def test_a_page_that_is_fresh_says_nothing_of_delays(demo: World, visit: Visit) -> None:
    page = visit(demo.address)
    expect(page.locator("#stale")).to_be_hidden()


def test_a_page_that_nobody_has_checked_for_three_hours_says_so(demo: World, visit: Visit) -> None:
    page = visit(demo.address, now=NOW + 3 * periods.HOUR + 60)
    expect(page.locator("#stale")).to_be_visible()
    expect(page.locator("#stale")).to_contain_text("Last checked 3 hours ago")
    expect(page.locator("#favicon")).to_have_attribute("href", re.compile("icon-unknown.svg$"))
    expect(page.locator("html")).to_have_class("is-stale")


def test_a_page_grows_old_while_it_is_open_and_recovers(changing: World, visit: Visit) -> None:
    page = visit(changing.address)
    after = int(page.locator("html").get_attribute("data-stale-after") or 0)
    with a_look(page):
        page.clock.fast_forward((after + 60) * 1000)  # as a lid that was closed: one look, not one a minute
    expect(page.locator("#stale")).to_be_visible()
    body = f'"checked":"{periods.iso(NOW + after)}"'
    text = re.sub(r'"checked":\s*"[^"]*"', body, (changing.public / "status.json").read_text())
    page.route("**/status.json", lambda route: route.fulfill(status=200, body=text))
    page.clock.run_for(MINUTE)
    expect(page.locator("#stale")).to_be_hidden()
    expect(page.locator("#favicon")).to_have_attribute("href", re.compile(f"icon-{state(changing)}.svg$"))
    expect(page.locator("time.checked").first).to_have_attribute("datetime", periods.iso(NOW + after))
