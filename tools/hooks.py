"""What the documentation's site needs beyond ``mkdocs.yml``: a hook of MkDocs.

The files read well on a forge as they are; what follows is for the site alone.
"""

from __future__ import annotations

import re

_OPTION = re.compile(r"(?<![\w-])--?[a-z][\w-]*")
_LIGHT = re.compile(r'<img ([^>]*)src="([^"]*)-light\.png"([^>]*)>')


def on_page_content(html: str, **_: object) -> str:
    """Return the page with options that are never broken, screenshots by colour scheme, and bars in code of tables.

    A bar there is ``\\|`` in Markdown, which forges show without its backslash.
    """
    html = re.sub(r"<td>.*?</td>", lambda cell: re.sub(r"<code>.*?</code>", _with_bars, cell[0]), html)
    html = re.sub(r"<code>[^<\n]+</code>", _unbroken, html)
    html = re.sub(r"<table>(?=\s*<thead>\s*<tr>\s*<th>command</th>)", '<table data-rows="stacked">', html)
    return _LIGHT.sub(_in_both_schemes, html)


def _with_bars(code: re.Match[str]) -> str:
    return code[0].replace("\\|", "|")


def _unbroken(code: re.Match[str]) -> str:
    """Return code with its options in one piece: a browser may otherwise break a line after each hyphen."""
    return _OPTION.sub(r'<span class="unbroken">\g<0></span>', code[0])


def _in_both_schemes(image: re.Match[str]) -> str:
    before, name, after = image.groups()
    return "".join(f'<img {before}src="{name}-{scheme}.png#only-{scheme}"{after}>' for scheme in ("light", "dark"))
