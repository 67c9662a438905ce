"""The default theme's raster images: each is there, of the size its readers expect, and small.

``python -m tests.images`` draws them anew.
"""

from __future__ import annotations

import struct

import pytest

from statusgen.files import shipped
from statusgen.model import State

THEME = shipped("themes/default")
SIGNATURE = b"\x89PNG\r\n\x1a\n"
ICONS = {
    "icon-192.png": (192, 3_000),
    "icon-512.png": (512, 8_000),
    "icon-maskable-512.png": (512, 8_000),
    "apple-touch-icon.png": (180, 3_000),
}


def pixels(png: bytes) -> tuple[int, int]:
    """Return width and height (PNG specification, §11.2.1)."""
    assert png.startswith(SIGNATURE)
    width, height = struct.unpack_from(">II", png, 16)
    return width, height


@pytest.mark.parametrize("state", State)
def test_every_state_has_a_card_for_those_who_share_a_link(state: State) -> None:
    card = (THEME / f"card-{state}.png").read_bytes()
    assert pixels(card) == (1200, 630)
    assert len(card) <= 12_000


@pytest.mark.parametrize(("name", "size", "limit"), [(name, *facts) for name, facts in ICONS.items()])
def test_icons_are_square_and_small(name: str, size: int, limit: int) -> None:
    icon = (THEME / name).read_bytes()
    assert pixels(icon) == (size, size)
    assert len(icon) <= limit


def test_the_favicon_holds_what_its_directory_tells() -> None:
    favicon = (THEME / "favicon.ico").read_bytes()
    assert len(favicon) <= 5_000
    _, kind, count = struct.unpack_from("<HHH", favicon)
    assert (kind, count) == (1, 3)
    entries = [struct.unpack_from("<BBBBHHII", favicon, 6 + 16 * i) for i in range(count)]
    images = [favicon[offset : offset + length] for *_, length, offset in entries]
    assert [entry[:2] for entry in entries] == [pixels(image) for image in images] == [(16, 16), (32, 32), (48, 48)]
