"""Draw the default theme's raster images anew: ``python -m tests.images``.

Colours come from ``style.css``, shapes from ``symbols()`` in ``parts.html``: the pictures cannot stray from the pages.
Needs ``playwright``, ``pillow`` and a Chromium, which neither the program nor its tests do. No picture holds a word:
pages come in several languages.
"""

from __future__ import annotations

import io
import re
import shutil
import struct
from collections import Counter
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from statusgen.model import State

THEME = Path(__file__).parent.parent / "themes/default"
COLOURS = 32  # at most, in one image
AREA = 400  # pixels from which a colour is an area's, and kept exactly; the others lie on edges
APART = 10  # of 255: colours of edges nearer than this to each other share a place in the palette
CARD = (1200, 630)  # pixels, as the Open Graph protocol's readers like them
DAYS, PITCH, WIDTH = 90, 12, 8  # bars of a card, pixels
FAVICON = (16, 32, 48)
# An app icon is drawn in sixteenths, so that every edge falls on a whole pixel at 16, 32, 48, 192 and 512.
MARK = (
    '<g class="icon operational"><use href="#i-operational" x="1.3333" y="-.6667" width="13.3333" height="13.3333"/>'
    + "".join(f'<rect class="disc" x="{x}" y="13" width="4" height="3"/>' for x in (1, 6, 11))
    + "</g>"
)
STYLE = """
html, body { margin: 0; background: transparent; }
body > svg:last-child { display: block; }
svg .ground { fill: color-mix(in srgb, var(--state) 9%, var(--ground)); }
svg .halo { fill: color-mix(in srgb, var(--state) 20%, var(--ground)); }
.unknown { --state: var(--none-text); }
.sign { fill: var(--sign-fill, none); stroke-width: var(--sign-width, 2); }
svg.app { --sign-width: 2.5; }
@media (min-width: 100px) { svg.app g rect { rx: 0.3px; } }
svg.under_maintenance { --sign-fill: var(--sign); }
"""


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(color_scheme="light")
        for state in State:
            write(f"card-{state}.png", draw(page, card(state), CARD))
        for name, size, drawing in (
            ("icon-192.png", 192, app()),
            ("icon-512.png", 512, app()),
            ("icon-maskable-512.png", 512, app(margin=0.2, ground=True)),
            ("apple-touch-icon.png", 180, app(margin=0.14, ground=True)),
        ):
            write(name, draw(page, drawing, (size, size)))
        write("favicon.ico", ico({size: draw(page, app(), (size, size)) for size in FAVICON}))
        browser.close()


def write(name: str, content: bytes) -> None:
    (THEME / name).write_bytes(content)


def card(state: State) -> str:
    """Return the drawing of a card: the state's icon over ninety days, of which only the last, today, speaks."""
    first = (CARD[0] - DAYS * PITCH + PITCH - WIDTH) // 2
    bars = "".join(
        f'<rect class="disc" x="{first + day * PITCH}" y="456" width="{WIDTH}" height="96" rx="2"'
        f' opacity="{strength(day):.2f}"/>'
        for day in range(DAYS - 1)
    )
    today = f'<rect class="disc" x="{first + (DAYS - 1) * PITCH}" y="440" width="{WIDTH}" height="128" rx="2"/>'
    y = 94 - 9 * (state is State.DEGRADED)  # the middle of a triangle lies below that of its box
    return (
        f'<svg class="{state}" viewBox="0 0 {CARD[0]} {CARD[1]}"><rect class="ground" width="1200" height="630"/>'
        f'<circle class="halo" cx="600" cy="232" r="168"/><g class="icon {state}">'
        f'<use href="#i-{state}" x="462" y="{y}" width="276" height="276"/></g>{bars}{today}</svg>'
    )


def strength(day: int) -> float:
    """Return how strongly a past day's bar is drawn, from 0 to 1: the days fade in few steps."""
    return 0.15 + 0.06 * (day * 6 // DAYS)


def app(*, margin: float = 0, ground: bool = False) -> str:
    """Return the drawing of an app icon, on nothing or on full ground; ``margin`` is each side's, of the whole."""
    whole = 16 / (1 - 2 * margin)
    corner = -margin * whole
    box = f'x="{corner}" y="{corner}" width="{whole}" height="{whole}"'
    behind = f'<rect class="ground" {box}/>' if ground else ""
    return f'<svg class="app operational" viewBox="{corner} {corner} {whole} {whole}">{behind}{MARK}</svg>'


def draw(page: Page, drawing: str, size: tuple[int, int]) -> bytes:
    """Return the drawing as a PNG of ``size`` pixels."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    style = (THEME / "style.css").read_text("utf-8") + STYLE
    page.set_content(f"<!doctype html><style>{style}</style>{symbols()}{drawing}")
    return shrink(page.screenshot(omit_background=True))


def symbols() -> str:
    """Return the icons' shapes as the pages hold them, without the patterns, which only bars need."""
    found = re.findall(r"<symbol .*</symbol>", (THEME / "parts.html").read_text("utf-8"))
    return f'<svg class="symbols" width="0" height="0">{"".join(found)}</svg>'


Colour = tuple[int, int, int, int]  # red, green, blue, opacity


def shrink(png: bytes) -> bytes:
    """Return the image with few colours. The frequent ones stay exact: a card's ground is the banner's."""
    image = Image.open(io.BytesIO(png)).convert("RGBA")
    pixels: list[Colour] = list(struct.iter_unpack("4B", image.tobytes()))
    counts = Counter(pixels)
    palette = palette_of(counts)
    place = {colour: min(range(len(palette)), key=lambda i: distance(colour, palette[i])) for colour in counts}
    made = Image.frombytes("P", image.size, bytes(place[colour] for colour in pixels))
    made.putpalette([channel for colour in palette for channel in colour[:3]])
    opacities = bytes(colour[3] for colour in palette)
    out = io.BytesIO()
    made.save(out, "PNG", optimize=True, **({"transparency": opacities} if min(opacities) < 255 else {}))
    return out.getvalue()


def palette_of(counts: Counter[Colour]) -> list[Colour]:
    """Return the colours of areas, then those frequent on edges that are far enough from the others."""
    palette: list[Colour] = []
    for colour, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        if count >= AREA or all(distance(colour, other) >= APART for other in palette):
            palette.append(colour)
    return palette[:COLOURS]


def distance(a: Colour, b: Colour) -> float:
    """Return how far two colours look apart, on white or on black: what is transparent has no hue."""
    hues = zip(a[:3], b[:3], strict=True)
    return max(abs(a[3] - b[3]), max(abs(x * a[3] - y * b[3]) / 255 for x, y in hues))


def ico(images: dict[int, bytes]) -> bytes:
    """Return PNG images, by their width, as one icon file: directory first, sixteen bytes for each."""
    directory, offset = struct.pack("<HHH", 0, 1, len(images)), 6 + 16 * len(images)
    for size, content in images.items():
        directory += struct.pack("<BBBBHHII", size, size, 0, 0, 1, 32, len(content), offset)
        offset += len(content)
    return directory + b"".join(images.values())


if __name__ == "__main__":
    main()
