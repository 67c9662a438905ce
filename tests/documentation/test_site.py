"""The documentation as a site: it builds without a warning, every link leads somewhere, and it asks nobody else.

Asked for by name, since it needs the extra ``docs``: ``pytest tests/documentation``.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

ROOT = Path(__file__).parent.parent.parent
REQUESTS = {"src", "srcset", "poster", "data", "action", "formaction"}  # attributes that make a browser ask


class Page(HTMLParser):
    """What a page of the site refers to, and what can be referred to in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.requests: list[str] = []
        self.ids: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.ids |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag == "link" and "canonical" not in given.get("rel", ""):
            self.requests.append(given.get("href", ""))
        self.requests += [given[name] for name in REQUESTS & given.keys()]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("docs") / "site"
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(out)],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},  # what its makers advertise, which is no warning about a page
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr  # not --quiet: what is not said, is not counted
    return out


@pytest.fixture(scope="session")
def pages(site: Path) -> dict[Path, Page]:
    return {path: Page(path.read_text("utf-8")) for path in sorted(site.rglob("*.html"))}


def test_every_page_of_the_documentation_is_a_page_of_the_site(site: Path) -> None:
    written = {path.relative_to(ROOT / "docs").with_suffix(".html") for path in (ROOT / "docs").rglob("*.md")}
    assert written == {path.relative_to(site) for path in site.rglob("*.html")} - {Path("404.html")}


def test_every_link_leads_to_a_file_and_every_anchor_to_a_place_in_it(pages: dict[Path, Page]) -> None:
    lost = []
    for path, page in pages.items():
        if path.name == "404.html":  # which a host serves at any depth: its links begin at the root
            continue
        for link in page.links:
            parts = urlsplit(link)
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if parts.scheme or (target.is_file() and not parts.fragment):
                continue
            if target not in pages or unquote(parts.fragment) not in pages[target].ids:
                lost.append(f"{path.name}: {link}")
    assert lost == []


def test_no_page_asks_a_third_party_for_anything(site: Path, pages: dict[Path, Page]) -> None:
    asked = {url for page in pages.values() for url in page.requests}
    assert {url for url in asked if urlsplit(url).netloc} == set()
    for style in site.rglob("*.css"):
        found = re.findall(r"(?:@import|url\()\s*[\"']?((?:https?:)?//[^)\"'\s]+)", style.read_text("utf-8"))
        assert found == [], style
    for path in pages:
        text = path.read_text("utf-8")
        settings = re.search(r'<script id="__config"[^>]*>(.*?)</script>', text, re.DOTALL)
        assert settings
        assert "//" not in settings[1]
        assert 'data-md-component="source"' not in text  # for which the theme asks a forge how many stars there are


def test_a_bar_in_code_of_a_table_is_shown_without_its_backslash(site: Path) -> None:
    cells = re.findall(r"<td>.*?</td>", (site / "commands.html").read_text("utf-8"))
    assert any("|" in cell for cell in cells)
    assert not any("\\|" in cell for cell in cells)


def test_search_finds_words_in_quotes_and_brackets_and_names_with_dots(site: Path) -> None:
    index = json.loads((site / "search/search_index.json").read_text("utf-8"))
    texts = {each["location"]: re.sub(r"<[^>]+>", "", each["text"]) for each in index["docs"]}
    words = {place: set(re.split(index["config"]["separator"], text)) for place, text in texts.items()}
    assert {"ping", "net.ipv4.ping_group_range", "CAP_NET_RAW", "down"} <= words["configuration.html#icmp"]
    assert {"site.url", "components.yaml", "site.id"} <= words["publishing.html#github"]


def test_an_option_is_never_broken_at_a_hyphen(site: Path) -> None:
    page = (site / "commands.html").read_text("utf-8")
    assert '<code><span class="unbroken">--dry-run</span></code>' in page
    assert not re.search(r"<code>--[a-z]", page)


def test_a_screenshot_is_there_in_both_colour_schemes(site: Path) -> None:
    page = (site / "index.html").read_text("utf-8")
    shown = re.findall(r'src="(screenshots/[^"]+)"', page)
    assert [each.partition("#")[2] for each in shown] == ["only-light", "only-dark"]
    assert all((site / each.partition("#")[0]).is_file() for each in shown)
    assert "-dark.png#" in shown[1]


def test_every_block_of_code_can_be_copied_and_every_heading_linked_to(site: Path) -> None:
    page = (site / "configuration.html").read_text("utf-8")
    assert "content.code.copy" in page
    headings = re.findall(r"<h[23][^>]*>.*?</h[23]>", page, re.DOTALL)
    assert headings
    assert all('class="headerlink"' in heading for heading in headings)
