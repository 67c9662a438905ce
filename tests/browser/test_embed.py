"""Other people's pages, on a host of their own: the bar of the script, the frame and badges, without a complaint."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from statusgen import server
from tests.browser import worlds
from tests.browser.driver import Locator, Page, Visit, expect
from tests.browser.worlds import NOW, WELL, World

STRICT = "default-src 'none'; script-src {site}; connect-src {site}; frame-src {site}; img-src {site} data:"
Host = Callable[..., str]  # what stands in the body, and the policy → address


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    """Return how to put a page on another host; every one has its own."""
    with contextlib.ExitStack() as until_end:

        def serve(body: str, policy: str = "") -> str:
            folder = Path(tmp_path, f"host-{len(list(tmp_path.iterdir()))}")
            folder.mkdir()
            head = f'<meta http-equiv="Content-Security-Policy" content="{policy}">' if policy else ""
            more = '<link rel="icon" href="data:,"><meta name="viewport" content="width=device-width">'
            start = f'<!doctype html><html lang="en"><meta charset="utf-8">{head}{more}<title>Shop</title>'
            (folder / "index.html").write_text(f"{start}<h1>Shop</h1>{body}", "utf-8")
            running = server.start(folder, 0)
            until_end.callback(running.server_close)
            until_end.callback(running.shutdown)
            return f"http://127.0.0.1:{running.server_port}/"

        yield serve


@pytest.fixture(scope="module")
def well(browser: object, tmp_path_factory: pytest.TempPathFactory, _own_git: None) -> Iterator[World]:
    with worlds.all_green(tmp_path_factory.mktemp("well") / "site").served() as served:
        yield served


def script(world: World, more: str = "") -> str:
    return f'<script src="{world.address}embed.js" {more} async></script>'


def bar(page: Page) -> Locator:
    return page.locator("statusgen-bar")


def sentence(page: Page) -> Locator:
    return bar(page).get_by_role("status")


def test_in_an_outage_a_bar_says_so_and_leads_to_the_page(demo: World, host: Host, visit: Visit) -> None:
    page = visit(host(script(demo)))
    expect(sentence(page)).to_have_text("Partial outage: 2 of 7 components affected")
    link = bar(page).get_by_role("link")
    expect(link).to_have_attribute("href", demo.address)
    expect(link).to_have_attribute("target", "_blank")
    box = bar(page).bounding_box()
    assert box
    assert (box["x"], box["width"], box["y"] + box["height"]) == (0, 1280, 900)


def test_while_all_is_well_there_is_nothing(well: World, host: Host, visit: Visit) -> None:
    address = host(script(well))
    page = visit("about:blank", now=WELL)
    with page.expect_response("**/status.json"):
        page.goto(address)
    page.clock.run_for(1_000)
    expect(bar(page)).to_have_count(0)


def test_it_works_under_a_policy_that_allows_the_site_and_nothing_inline(demo: World, host: Host, visit: Visit) -> None:
    page = visit(host(script(demo), STRICT.format(site=demo.address.rstrip("/"))))
    expect(sentence(page)).to_contain_text("Partial outage")
    assert page.evaluate("getComputedStyle(document.querySelector('statusgen-bar')).position") == "fixed"
    ground = "getComputedStyle(document.querySelector('statusgen-bar').shadowRoot.querySelector('div')).backgroundColor"
    assert page.evaluate(ground) == "rgb(27, 27, 31)"


def test_what_is_closed_stays_closed_until_something_else_is_wrong(changing: World, host: Host, visit: Visit) -> None:
    page = visit(host(script(changing)))
    bar(page).get_by_role("button", name="Close").click()
    expect(bar(page)).to_have_count(0)
    with page.expect_response("**/status.json"):
        page.reload()
    page.clock.run_for(1_000)
    expect(bar(page)).to_have_count(0)
    changing.write(worlds.ONGOING, worlds.ONGOING_TEXT)
    changing.build(NOW + 60)
    page.reload()
    expect(sentence(page)).to_contain_text("3 of 7 components affected")


def test_a_page_that_stays_open_learns_of_an_outage_and_of_its_end(changing: World, host: Host, visit: Visit) -> None:
    page = visit(host(script(changing)))
    expect(sentence(page)).to_contain_text("2 of 7")
    changing.write(worlds.ONGOING, worlds.ONGOING_TEXT)
    changing.build(NOW + 60)
    page.clock.run_for(301_000)
    expect(sentence(page)).to_contain_text("3 of 7")
    page.route("**/status.json", lambda route: route.fulfill(json={"state": "operational", "open": []}))
    page.clock.run_for(301_000)
    expect(bar(page)).to_have_count(0)


def test_an_incident_that_touches_no_component_is_told_as_well(demo: World, host: Host, visit: Visit) -> None:
    page = visit("about:blank")
    told = {"state": "operational", "sentence": "Systems operational, 1 incident is open", "open": ["a"]}
    headers = {"Access-Control-Allow-Origin": "*"}
    page.route("**/status.json", lambda route: route.fulfill(json={**told, "components": {}}, headers=headers))
    page.goto(host(script(demo)))
    expect(sentence(page)).to_have_text("Systems operational, 1 incident is open")


@pytest.mark.parametrize("answer", ["<h1>Please log in</h1>", "{}", "null", '{"state": "major_outage"}'])
def test_an_answer_that_is_none_is_passed_over_in_silence(demo: World, host: Host, visit: Visit, answer: str) -> None:
    page = visit("about:blank")
    headers = {"Access-Control-Allow-Origin": "*"}
    page.route("**/status.json", lambda route: route.fulfill(body=answer, headers=headers))
    with page.expect_response("**/status.json"):
        page.goto(host(script(demo)))
    page.clock.run_for(1_000)
    expect(bar(page)).to_have_count(0)


def test_it_stands_at_the_top_below_a_path_and_in_another_language(below: World, host: Host, visit: Visit) -> None:
    german = '{"state": "major_outage", "sentence": "Großer Ausfall", "open": [], "components": {}}'
    page = visit("about:blank", phone=True)
    headers = {"Access-Control-Allow-Origin": "*"}
    page.route(f"{below.address}de/status.json", lambda route: route.fulfill(body=german, headers=headers))
    page.goto(host(script(below, 'data-language="de" data-position="top" data-close="Schließen"')))
    expect(sentence(page)).to_have_text("Großer Ausfall")
    expect(bar(page).get_by_role("link")).to_have_attribute("href", f"{below.address}de/")
    expect(bar(page).get_by_role("button")).to_have_accessible_name("Schließen")
    box = bar(page).bounding_box()
    assert box
    assert (box["x"], box["y"], box["width"]) == (0, 0, 390)


def test_the_frame_is_shown_on_another_host_without_a_script(demo: World, host: Host, visit: Visit) -> None:
    frame = f'<iframe src="{demo.address}embed/" title="Status" width="300" height="60"></iframe>'
    policy = STRICT.format(site=demo.address.rstrip("/"))
    page = visit(host(frame, policy), java_script_enabled=False)
    inside = page.frame_locator("iframe")
    expect(inside.get_by_role("heading")).to_have_text("Partial outage: 2 of 7 components affected")
    expect(inside.get_by_role("link", name="Payments are being declined")).to_be_visible()


@pytest.mark.parametrize("width", [300, 360, 700])
def test_the_frame_does_not_scroll_sideways(demo: World, visit: Visit, width: int) -> None:
    page = visit(demo.address + "embed/", width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_badges_are_shown_on_another_host(demo: World, host: Host, visit: Visit) -> None:
    names = ("badge", "badge/uptime-90d", "badge/response-time", "badges/api", "badges/api/uptime-24h")
    images = "".join(f'<img src="{demo.address}{name}.svg" alt="">' for name in names)
    page = visit(host(images, STRICT.format(site=demo.address.rstrip("/"))))
    sizes = page.evaluate("[...document.images].map((each) => [each.complete, each.naturalHeight, each.naturalWidth])")
    assert all(complete and height == 20 and width > 60 for complete, height, width in sizes)
