"""What the tests need of Playwright. Without it the modules that import this are skipped, and say so."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

try:
    from playwright.sync_api import Locator, Page, expect
except ImportError:
    if os.environ.get("STATUSGEN_NEEDS_BROWSER"):
        raise
    pytest.skip("no browser: pip install playwright, and install chromium", allow_module_level=True)

Visit = Callable[..., Page]  # the fixture ``visit``

__all__ = ["Locator", "Page", "Visit", "expect"]
