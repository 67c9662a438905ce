"""Chromium, driven by Playwright; both are optional, and what is missing is said."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


class MissingError(Exception):
    """There is no Playwright, or no browser for it."""


@contextlib.contextmanager
def launched() -> Iterator[Browser]:
    """Run a browser without a window while inside. Raise MissingError where there is none."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        raise MissingError("no Playwright: pip install playwright") from None
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=_found(), args=_arguments())
        except Error as error:
            detail = error.message.splitlines()[0]
            raise MissingError(f"no browser: install chromium, or set CHROME_PATH ({detail})") from None
        with contextlib.closing(browser):
            yield browser


def _found() -> str | None:
    """Return the browser of the machine, or None for the one that Playwright may have installed."""
    programs = filter(None, (os.environ.get("CHROME_PATH"), *PROGRAMS))
    return next(filter(None, map(shutil.which, programs)), None)


def _arguments() -> list[str]:
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return ["--no-sandbox"] if is_root else []  # Chromium refuses to run as root with it
