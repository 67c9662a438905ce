"""Pictures of the page for people: ``python -m tests.browser.screenshots [--out docs/screenshots]``.

The demonstration is built twice, with all well and in an outage, and shot in both themes on a phone and on a desk.
The instant is always the same, so that pictures change only where the page does.
"""

from __future__ import annotations

import argparse
import datetime
import importlib
import importlib.util
import io
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from statusgen import periods
from tests.browser import browsers, worlds
from tests.browser.worlds import NOW, WELL, World

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
THEMES = ("light", "dark")
OUTAGE_PAGES = {
    "home-outage": "",
    "component": "components/payments/",
    "incident": "incidents/2026-11-10-api-errors/",
    "sla": "sla/",
}
COLOURS = 256  # of a picture; the octree keeps rare ones, like the dot of a state


def main() -> None:
    parser = argparse.ArgumentParser(description="Take pictures of the demonstration.")
    parser.add_argument("--out", type=Path, default=Path("docs/screenshots"))
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as here, browsers.launched() as browser:
        with worlds.all_green(Path(here) / "green").served() as green:
            shoot(browser, green, {"home-green": ""}, WELL, out)
        with worlds.in_outage(Path(here) / "outage").served() as outage:
            shoot(browser, outage, OUTAGE_PAGES, NOW, out)


def shoot(browser: Browser, world: World, pages: dict[str, str], now: int, out: Path) -> None:
    """Write ``<name>-<size>-<theme>.png`` of each page, a minute after an instant."""
    for size, viewport in SIZES.items():
        for theme in THEMES:
            with browser.new_context(viewport=viewport, color_scheme=theme, timezone_id="UTC") as context:
                context.clock.set_fixed_time(datetime.datetime.fromisoformat(periods.iso(now + 60)))
                page = context.new_page()
                for name, path in pages.items():
                    page.goto(world.address + path, wait_until="networkidle")
                    (out / f"{name}-{size}-{theme}.png").write_bytes(small(page.screenshot()))


def small(picture: bytes) -> bytes:
    """Return a PNG with a palette, if Pillow is there to make one and it is smaller."""
    if importlib.util.find_spec("PIL") is None:
        return picture
    image = importlib.import_module("PIL.Image")
    made = io.BytesIO()
    with image.open(io.BytesIO(picture)) as opened:
        kept = opened.convert("RGB").quantize(COLOURS, method=image.Quantize.FASTOCTREE, dither=image.Dither.NONE)
        kept.save(made, "PNG", optimize=True)
    return min(made.getvalue(), picture, key=len)


if __name__ == "__main__":
    main()
