"""A site in which every field holds attacks, in a browser, without the policy: what escapes must do so by itself.

The policy is sent for reports only, so that it stops nothing and tells of everything that it would have stopped.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import mimetypes
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

import pytest

from statusgen import periods
from statusgen.render.templates import CONTENT_SECURITY_POLICY
from tests.browser.driver import Page, expect
from tests.hardening import injected
from tests.hardening.vectors import VECTORS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Dialog

_META = re.compile(rb'<meta http-equiv="Content-Security-Policy"[^>]*>')
HOSTILE = "\"'><img src=x onerror=pwn(7)><script>pwn(7)</script><svg onload=pwn(7)>javascript:pwn(7)"
QUERY = f"?q={quote(HOSTILE)}&component={quote(HOSTILE)}&group={quote(HOSTILE)}&__proto__[x]=1"
FRAGMENTS = (quote(HOSTILE), HOSTILE, "javascript:pwn(7)", "main", "__proto__")

LISTEN = """
addEventListener("securitypolicyviolation", ({ violatedDirective, sample, blockedURI }) => {
  if (!sample.startsWith("DOMParser")) pwn(`policy: ${violatedDirective} ${blockedURI} ${sample}`); // ours, below
});
addEventListener("error", ({ message }) => message && pwn(`error: ${message}`));
"""
PROVOKE = """() => {
  for (const each of document.querySelectorAll("details")) each.open = true;
  for (const each of document.querySelectorAll("a, button, img, input, main svg, [tabindex], .prose *"))
    for (const name of ["mouseover", "pointerenter", "focusin", "error"]) each.dispatchEvent(new Event(name));
}"""
UNWANTED = """() => {
  const found = [];
  const never = ["iframe, frame, object, embed, base, style, template, foreignObject, math, audio, video, source",
    "portal, marquee, textarea, noscript, xmp, plaintext, animate, set, script:not([src]), [srcset], [srcdoc]",
    "[formaction], form[action]"];
  for (const each of document.querySelectorAll(never)) found.push(each.outerHTML.slice(0, 200));
  for (const each of document.querySelectorAll("*")) {
    for (const { name } of each.attributes) if (/^on|^style$|^xlink/.test(name)) found.push(each.localName + name);
    const address = each.href?.baseVal ?? each.href ?? each.src ?? "";
    if (address && !/^(https?|mailto|tel|webcal):|^#/.test(address)) found.push(`${each.localName} ${address}`);
  }
  const walker = document.createTreeWalker(document, NodeFilter.SHOW_COMMENT);
  while (walker.nextNode()) found.push(walker.currentNode.data);
  const again = new DOMParser().parseFromString(document.documentElement.outerHTML, "text/html");
  const names = (page) => [...page.querySelectorAll("*")].map((each) => each.localName).join();
  if (names(again) !== names(document)) found.push("it is another page when it is parsed again");
  return found;
}"""


@dataclass(slots=True)
class Site:
    """Files that are served, and where."""

    files: dict[str, bytes]
    address: str = ""

    @property
    def pages(self) -> list[str]:
        """Every page, but for components, maintenances and further pages, of which a few show what all are like."""
        pages = sorted(path.removesuffix("index.html") for path in self.files if path.endswith(".html"))
        alike = [path for path in pages if re.match(r"components/c|incidents/m|p\d", path)]
        return [path for path in pages if path not in alike or alike.index(path) % 12 == 0]


@dataclass(slots=True)
class Tab:
    """An open page and everything that happened in it that must not: calls of ``pwn``, dialogs, requests elsewhere."""

    page: Page
    happened: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def site(browser: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made, _ = injected.make(tmp_path_factory.mktemp("injected"))
    served = Site({path: _META.sub(b"", content) for path, content in made.items()})

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            path = unquote(self.path.partition("?")[0]).removeprefix("/")
            path += "index.html" if path.endswith("/") or not path else ""
            content = served.files.get(path, b"")
            self.send_response(200 if path in served.files else 404)
            self.send_header("Content-Type", mimetypes.guess_type(path)[0] or "text/plain")
            self.send_header("Content-Security-Policy-Report-Only", CONTENT_SECURITY_POLICY)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        served.address = f"http://127.0.0.1:{server.server_port}/"
        yield served
        server.shutdown()


@pytest.fixture
def tab(site: Site, browser: Browser) -> Iterator[Tab]:
    with contextlib.closing(browser.new_context(timezone_id="UTC", reduced_motion="reduce")) as context:
        yield watched(context, site)


def watched(context: BrowserContext, site: Site) -> Tab:
    context.clock.install(time=datetime.datetime.fromisoformat(periods.iso(injected.NOW + 120)))
    made = Tab(context.new_page())
    note = made.happened.append
    context.expose_function("pwn", lambda what="": note(str(what)))
    context.add_init_script(LISTEN)

    def dismiss(dialog: Dialog) -> None:
        note(f"dialog: {dialog.message}")
        dialog.dismiss()

    made.page.on("dialog", dismiss)
    made.page.on("pageerror", lambda error: note(error.message))
    made.page.on("request", lambda asked: note(asked.url) if not asked.url.startswith(site.address) else None)
    return made


def test_no_page_runs_asks_for_or_breaks_the_policy_by_anything_that_people_wrote(site: Site, tab: Tab) -> None:
    assert len(site.pages) > 50
    for path in site.pages:
        tab.page.goto(site.address + path)
        assert tab.page.evaluate(UNWANTED) == [], path
        tab.page.evaluate(PROVOKE)
        assert tab.happened == [], path


def test_what_would_run_is_seen(site: Site, tab: Tab) -> None:
    site.files["trap.html"] = "".join(vector.text for vector in VECTORS if vector.technique == "elements").encode()
    with contextlib.suppress(Exception):  # it navigates away from itself
        tab.page.goto(f"{site.address}trap.html", wait_until="commit")
        tab.page.wait_for_timeout(500)
    del site.files["trap.html"]
    assert [what for what in tab.happened if what.isdecimal()]
    assert [what for what in tab.happened if what.startswith("policy: ")]
    assert [what for what in tab.happened if "evil.example" in what]


def test_addresses_are_read_as_text(site: Site, tab: Tab) -> None:
    for path in ("", "history/", "uptime/", "support/"):
        tab.page.goto(f"{site.address}{path}{QUERY}#{FRAGMENTS[0]}")
        for fragment in FRAGMENTS:
            tab.page.evaluate("hash => { location.hash = hash }", fragment)
        assert tab.page.evaluate(UNWANTED) == []
    assert tab.happened == []


def test_what_is_searched_for_and_what_is_found_stays_text(site: Site, tab: Tab) -> None:
    tab.page.goto(f"{site.address}history/")
    for vector in VECTORS[::25]:
        tab.page.locator("input[name=text]").fill(vector.text)
        expect(tab.page.locator(".found")).not_to_have_text("")
    tab.page.locator("input[name=text]").fill("pwn")
    expect(tab.page.locator(".results .event")).not_to_have_count(0)
    tab.page.evaluate(PROVOKE)
    assert tab.page.evaluate(UNWANTED) == []
    assert tab.happened == []


def test_an_index_or_a_state_that_lies_is_shown_as_text(site: Site, tab: Tab) -> None:
    event = {
        "slug": HOSTILE,
        "title": HOSTILE,
        "state": HOSTILE,
        "facts": HOSTILE,
        "components": [HOSTILE],
        "text": "x",
    }
    told = {
        "id": "x",
        "checked": HOSTILE,
        "stale_after": HOSTILE,
        "state": HOSTILE,
        "sentence": HOSTILE,
        "open": [HOSTILE],
    }
    tab.page.route(
        "**/search.json", lambda route: route.fulfill(json=[{**event, "slug": s} for s in (HOSTILE, "//evil.example")])
    )
    tab.page.route("**/status.json", lambda route: route.fulfill(json={**told, "components": {HOSTILE: HOSTILE}}))
    tab.page.route("**/icon-*javascript*", lambda route: route.fulfill(body=""))  # of that state
    tab.page.goto(f"{site.address}history/")
    tab.page.evaluate("value => localStorage.setItem('statusgen-theme', value)", HOSTILE)
    tab.page.locator("input[name=text]").fill("x")
    expect(tab.page.locator(".results .event")).to_have_count(2)
    assert {(link.get_attribute("href") or "")[:13] for link in tab.page.locator(".results a").all()} == {
        "../incidents/"
    }
    tab.page.goto(site.address)
    tab.page.clock.run_for(61_000)
    tab.page.evaluate(PROVOKE)
    assert tab.page.evaluate(UNWANTED) == []
    assert [what for what in tab.happened if "error: " not in what] == []


def test_a_page_that_renews_itself_and_is_walked_through_runs_nothing(site: Site, tab: Tab) -> None:
    tab.page.goto(site.address)
    before, state = site.files["index.html"], site.files["status.json"]
    site.files["index.html"] = re.sub(rb'data-id="\w+"', b'data-id="newer"', before)
    site.files["status.json"] = json.dumps({**json.loads(state), "id": "newer"}).encode()
    tab.page.clock.run_for(61_000)
    expect(tab.page.locator("html")).to_have_attribute("data-id", "newer", timeout=30_000)
    site.files |= {"index.html": before, "status.json": state}
    tab.page.evaluate(PROVOKE)  # opens the groups
    bars = tab.page.locator("[data-count] .bars").first
    bars.scroll_into_view_if_needed()
    expect(bars).to_have_attribute("role", "slider", timeout=30_000)
    bars.focus()
    for key in ("ArrowLeft", "PageUp", "Home", "End", "Enter", "Escape"):
        bars.press(key)
    bars.hover()
    tab.page.locator("#theme").click()
    tab.page.evaluate(PROVOKE)
    expect(tab.page.locator(".notice")).to_contain_text("<script>pwn(")
    assert tab.happened == []


def test_the_bar_on_other_peoples_pages_shows_text(site: Site, tab: Tab) -> None:
    site.files["shop.html"] = b'<!doctype html><link rel="icon" href="data:,"><p>Shop<script src="embed.js"></script>'
    said = {"state": "major_outage", "sentence": HOSTILE, "open": [HOSTILE], "components": {}}
    tab.page.route("**/status.json", lambda route: route.fulfill(json=said))
    tab.page.goto(f"{site.address}shop.html")
    tab.page.clock.run_for(1_000)
    expect(tab.page.locator("statusgen-bar a")).to_have_text(HOSTILE)
    del site.files["shop.html"]
    assert [what for what in tab.happened if what.isdecimal() or "dialog" in what or "evil" in what] == []
