"""Rendered Markdown as plain text, for programs that print what they get."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_BLOCKS = frozenset(
    (
        *("p", "pre", "blockquote", "ul", "ol", "li", "table", "tr", "hr", "div", "dl", "dt", "dd"),
        *("h1", "h2", "h3", "h4", "h5", "h6"),
    )
)
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # which no text of RFC 5545 may hold (§3.3.11)
_CLOSE = frozenset(("li", "tr", "dt", "dd"))  # stand on the next line, not after an empty one


def untagged(html: str) -> str:
    """Return the text of HTML: blocks apart by an empty line, items and rows on lines of their own, links named."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = (line.rstrip() for line in _CONTROLS.sub("", "".join(reader.parts)).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.links: list[tuple[str, int]] = []
        self.preformatted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.links.append((dict(attrs).get("href") or "", len(self.parts)))
        elif tag == "br":
            self.parts.append("\n")
        elif tag in ("td", "th") and self.parts and not self.parts[-1].endswith("\n"):
            self.parts.append("| " if self.parts[-1].endswith(" ") else " | ")
        elif tag == "img":
            self.parts.append(dict(attrs).get("alt") or "")
        elif tag in _BLOCKS:
            self.broken(tag)
            self.parts += ["- "] if tag == "li" else []
            self.preformatted += tag == "pre"

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self.links:
            href, start = self.links.pop()
            said = "".join(self.parts[start:])
            if href.startswith(("https://", "http://")) and href != said:
                self.parts.append(f" ({href})")
        elif tag in _BLOCKS:
            self.broken(tag)
            self.preformatted -= tag == "pre"

    def broken(self, tag: str) -> None:
        """End the line, and leave one empty between blocks that stand apart; an item begins with its first block."""
        written = "".join(self.parts[-2:])
        if not written.endswith("- "):
            wanted = "\n" if tag in _CLOSE else "\n\n"
            self.parts += filter(None, [wanted[len(written) - len(written.rstrip("\n")) :]])

    def handle_data(self, data: str) -> None:
        self.parts += filter(None, [data if self.preformatted else self.flowing(data)])

    def flowing(self, data: str) -> str:
        """Return text with its white space as a browser shows it."""
        text = re.sub(r"\s+", " ", data)
        begins = not self.parts or self.parts[-1].endswith(("\n", "- "))
        return text.lstrip() if begins else text
