"""Rendered Markdown, fitted into a page. Markdown itself is in ``prose``, which many builds need not load.

What was rendered does not know its page yet: the way to the site's root stands as ``ROOT``, and footnotes are numbered
from 1 in every text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

ROOT = "https://site.invalid/"  # RFC 2606; stands for the way to the site's root until ``place`` knows it

Prose = Callable[[str, str, str, str], str]  # text, way to the root, way to the pages, prefix of footnotes → HTML
Asked = Mapping[str, str | None]  # names that a text points at, and where they lead on the site, None: nowhere

_NOTE_IN_TAG = re.compile(r'(<(?:li|sup) id="|<a href="#)fn')  # text has no bare <
_PAGE = re.compile(rf'="{re.escape(ROOT)}((?:[^"#]*/)?(?:#[^"]*)?)"')  # an address that ends in a folder
_TAG = re.compile(r'<[^<>"]*(?:"[^"]*"[^<>"]*)*>')  # with what its attributes hold, which may look like another
_HEADING = re.compile(r"(</?h)([3-6])(?=>)")
_SCROLLING = {"<table>": '<div class="scroll" tabindex="0"><table>', "</table>": "</table></div>"}


class Rendered(NamedTuple):
    """A text as HTML, and what the HTML hangs on besides the text."""

    html: str
    asked: Asked


def place(rendered: str, root: str, home: str, prefix: str) -> str:
    """Return the HTML for a page: ``root`` leads to the site's root, ``home`` to the pages of its language.

    ``prefix`` keeps footnotes of texts apart.
    """
    placed = _PAGE.sub(lambda found: f'="{home}{found[1]}"', rendered).replace(f'="{ROOT}', f'="{root}')
    return _NOTE_IN_TAG.sub(lambda found: f"{found[1]}{prefix}-fn", placed)


def scrolling(html: str) -> str:
    """Return HTML whose tables scroll by themselves: a wide one must not widen the page."""
    return _TAG.sub(lambda found: _SCROLLING.get(found[0], found[0]), html)


def raised(html: str) -> str:
    """Return HTML with every heading a level higher: text that is a page's own has no heading above its own."""
    return _HEADING.sub(lambda found: f"{found[1]}{int(found[2]) - 1}", html)
