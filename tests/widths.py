"""Write the table of letters' widths anew: ``python -m tests.widths /path/to/DejaVuSans.ttf``.

Needs ``pillow``, which neither the program nor its tests do. DejaVu Sans has the measures of Verdana.
"""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

from PIL import ImageFont

from statusgen.render.widths import AVERAGE, SIZE

MODULE = Path(__file__).parent.parent / "statusgen/render/widths.py"
BLOCKS = (  # first and last letter: Latin, Greek and Cyrillic, Hebrew, Arabic, more Latin, punctuation, money, signs
    *((0x20, 0x7E), (0xA0, 0x24F), (0x370, 0x52F), (0x5BE, 0x5F4), (0x60C, 0x6D5)),
    *((0x1E00, 0x1EFF), (0x2010, 0x205E), (0x20A0, 0x20BD), (0x2100, 0x2128)),
)
EM = 2048  # units of the font, so that no width is rounded
LINE = 96


def rows(font: ImageFont.FreeTypeFont) -> list[str]:
    """Return the lines of the table: a block's first letter and all its widths in hexadecimal."""
    missing = bytes(font.getmask("\uffff"))
    made = []
    for first, last in BLOCKS:
        widths = "".join(f"{_tenths(chr(point), font, missing):02x}" for point in range(first, last + 1))
        made += [f"    0x{first:04X}: (", *(f'        "{part}"' for part in textwrap.wrap(widths, LINE)), "    ),"]
    return made


def _tenths(letter: str, font: ImageFont.FreeTypeFont, missing: bytes) -> int:
    """Return a letter's advance in tenths of a pixel, the average for one that the font has not."""
    if bytes(font.getmask(letter)) == missing and not letter.isspace():
        return AVERAGE
    return min(255, round(font.getlength(letter) * SIZE * 10 / EM))


if __name__ == "__main__":
    table = rows(ImageFont.truetype(sys.argv[1], EM, layout_engine=ImageFont.Layout.BASIC))
    text = MODULE.read_text("utf-8")
    head, _, rest = text.partition("_TABLE = {\n")
    MODULE.write_text(head + "_TABLE = {\n" + "\n".join(table) + "\n}\n" + rest.partition("\n}\n")[2], "utf-8")
