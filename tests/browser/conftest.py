"""Fixtures: a browser, the demonstration as it is served, and visitors who complain of every error in the console."""

from __future__ import annotations

import contextlib
import datetime
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from statusgen import periods
from tests.browser import browsers, worlds
from tests.browser.worlds import NOW, World

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.browser.driver import Visit


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with contextlib.ExitStack() as until_end:
        try:
            running = until_end.enter_context(browsers.launched())
        except browsers.MissingError as missing:
            if os.environ.get("STATUSGEN_NEEDS_BROWSER"):
                pytest.fail(str(missing))
            pytest.skip(str(missing))
        yield running


@pytest.fixture(scope="session")
def made(browser: Browser, tmp_path_factory: pytest.TempPathFactory, _own_git: None) -> World:
    """The demonstration in an outage; it is to be copied and never changed. Without a browser nothing is made."""
    return worlds.in_outage(tmp_path_factory.mktemp("demo") / "site")


@pytest.fixture(scope="session")
def demo(made: World) -> Iterator[World]:
    """The demonstration, served at the root of a host."""
    with made.served() as served:
        yield served


@pytest.fixture
def changing(made: World, tmp_path: Path) -> Iterator[World]:
    """A copy of the demonstration that a test may change and build anew while it is served."""
    with worlds.copied(made, tmp_path / "site").served() as served:
        yield served


@pytest.fixture
def below(made: World) -> Iterator[World]:
    """The demonstration, served below a path."""
    with made.served(below="sub/path") as served:
        yield served


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """Return how to open a page as a visitor. Whatever the console says against a page fails the test in the end.

    Ask for it after the fixture that serves the page: an open page asks for its state again and again, and complains
    when nobody answers any more. Fixtures end in the reverse order.
    """
    complaints: list[str] = []
    with contextlib.ExitStack() as until_end:

        def opened(address: str, *, now: int = NOW + 120, width: int = 1280, phone: bool = False, **more: Any) -> Page:
            size = {"width": 390, "height": 844} if phone else {"width": width, "height": 900}
            plain = {"timezone_id": "UTC", "reduced_motion": "reduce", "viewport": size}
            wishes = {**plain, "has_touch": phone, "is_mobile": phone, **more}
            context = until_end.enter_context(contextlib.closing(browser.new_context(**wishes)))
            if wishes.get("java_script_enabled", True):
                context.clock.install(time=datetime.datetime.fromisoformat(periods.iso(now)))
            page = context.new_page()
            page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
            page.on("pageerror", lambda error: complaints.append(error.message))
            page.goto(address)
            return page

        yield opened
    assert complaints == []
