"""Markdown to HTML that can be trusted.

Tables, fenced code and footnotes; no raw HTML, no ids but footnotes' own, no classes, no styles; links to http,
https and mailto; images of the repository only. The result is sanitised again by a strict allow-list, so that a
fault of the Markdown library cannot become one of the page.

python-markdown is quadratic in some characters (10 KB of ``[`` take 20 s), so text that could make it slow is
shown as it was written, in ``<pre>``. That is decided by counting, never by a clock: a slow machine must give
the same bytes. The clock only stops what counting let through, and then fails the file by name.
"""

from __future__ import annotations

import contextlib
import html
import re
import signal
import threading
from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import FrameType, MappingProxyType
from xml.etree.ElementTree import Element  # the tree python-markdown works on; nothing is parsed with it

import markdown
import nh3
from markdown.treeprocessors import Treeprocessor

from statusgen.errors import StatusgenError
from statusgen.render.placing import ROOT, Asked, Rendered

MAX_BYTES = 64 * 1024
SECONDS = 2.0

_MOST_IN_BLOCK = {"[": 300, "<": 300, "\n": 2_000, "`": 2_000, "*": 2_000, "_": 2_000, "\\": 2_000}
_MOST_IN_TEXT = {"[": 2_000, "<": 2_000}
_MOST_BLOCKS = 3_000
_MOST_LINES = {r"^[ \t]*#": 1_000, r"^[ \t]*(?:```|~~~)": 400}  # by how they begin
_DEEPEST_NEST = re.compile(r"^[ \t]*(?:>[ \t]?|[-*+][ \t]+|\d+\.[ \t]+){12}", re.MULTILINE)
_DEEPEST_INDENT = re.compile(r"^[ \t]{64}", re.MULTILINE)
_MOST_HEADINGS_IN_A_ROW = re.compile(r"(?:^[ \t]*#.*\n){100}", re.MULTILINE)

_TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h3", "h4", "h5", "h6", "hr", "img", "li", "ol", "p", "pre",
    "strong", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "title", "id"},
    "img": {"src", "alt", "title"},
    "li": {"id"},
    "sup": {"id"},
    "ol": {"start"},
}
_PLAIN_LETTERS = r"A-Za-z\u00c0-\u017f"
_PLAIN_LINE = (
    rf"[{_PLAIN_LETTERS}](?:[{_PLAIN_LETTERS}0-9,;:!'\"()%/?. –—’‘“”…-]*[{_PLAIN_LETTERS}0-9,;:!'\"()%/?.’”…-])?"
)
_PLAIN = re.compile(rf"{_PLAIN_LINE}(?:\n\n?{_PLAIN_LINE})*")
_NOTE = re.compile(r"(#?)(fn(?:ref)?\d*:[\w-]+)")


class ProseError(StatusgenError):
    """A text that took too long to render."""


class _Places(Treeprocessor):
    """Fits headings into the page, and points links and images at where the site has them."""

    links: Mapping[str, str] = MappingProxyType({})
    asked: Asked = MappingProxyType({})

    def run(self, root: Element) -> None:
        self._level_headings([element for element in root.iter() if re.fullmatch("h[1-6]", element.tag)])
        for parent in root.iter():
            if parent.tag == "a" and self._is_relative(parent.get("href", "")):
                self._point(parent, "href")
            elif parent.tag == "img":
                self._point(parent, "src")
                if "src" not in parent.attrib:
                    parent.tag, parent.text = "em", parent.get("alt", "")

    @staticmethod
    def _level_headings(headings: list[Element]) -> None:
        """Put headings below the page's own h2, none more than a level deeper than the one before it."""
        used = sorted({heading.tag for heading in headings})
        before = 2
        for heading in headings:
            before = min(3 + used.index(heading.tag), before + 1, 6)
            heading.tag = f"h{before}"

    @staticmethod
    def _is_relative(address: str) -> bool:
        """Tell whether it is a name; an address in <…> for mail is written in entities, which begin with STX here."""
        return not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|//|#|\x02", address)

    def _point(self, element: Element, attribute: str) -> None:
        """Replace an address by the place on the site; one that is not on it is dropped."""
        name, hash_, anchor = element.get(attribute, "").removeprefix("./").partition("#")
        self.asked = {**self.asked, name: self.links.get(name)}
        if name in self.links:
            element.set(attribute, ROOT + self.links[name] + hash_ + anchor)
        else:
            element.attrib.pop(attribute, None)


def render(text: str, links: Mapping[str, str], seconds: float = SECONDS) -> Rendered:
    """Return HTML for ``placing.place``, and which names were looked for in ``links`` with what was found.

    ``links`` maps names relative to ``incidents/`` to paths on the site. As long as the names that were looked for
    lead to the same places, the HTML is the same. Raises ProseError for a text that takes longer than ``seconds``;
    that is a fault of this module's counts.
    """
    if _could_be_slow(text):
        return Rendered(_as_written(text), {})
    if is_plain(text):
        return Rendered("\n".join(f"<p>{paragraph}</p>" for paragraph in text.split("\n\n")), {})
    return render_markdown(text, links, seconds)


def is_plain(text: str) -> bool:
    """Tell whether the text is sentences in paragraphs, as most updates are: Markdown would leave it as it is."""
    return _PLAIN.fullmatch(text) is not None


def render_markdown(text: str, links: Mapping[str, str], seconds: float = SECONDS) -> Rendered:
    """Return what ``render`` does of a text that is neither plain nor slow."""
    try:
        with _time_limit(seconds):
            converted, asked = _convert(text, links)
            return Rendered(_sanitised(converted), asked)
    except RecursionError:
        return Rendered(_as_written(text), {})


def _as_written(text: str) -> str:
    return f"<pre>{html.escape(text, quote=False)}</pre>"


def _convert(text: str, links: Mapping[str, str]) -> tuple[str, Asked]:
    """Convert by the one converter there is: making one takes longer than most texts do."""
    converter = _converter()
    converter.reset()
    places = converter.treeprocessors["places"]
    assert isinstance(places, _Places)
    places.links, places.asked = links, {}
    try:
        return converter.convert(text), places.asked
    except (ProseError, RecursionError):
        _converter.cache_clear()  # it stopped halfway, and would go on from there
        raise


@lru_cache(maxsize=1)
def _converter() -> markdown.Markdown:
    made = markdown.Markdown(
        extensions=["tables", "fenced_code", "footnotes", "sane_lists"], output_format="html", tab_length=4
    )
    made.preprocessors.deregister("html_block")
    made.inlinePatterns.deregister("html")
    made.treeprocessors.register(_Places(made), "places", 1)
    return made


def _sanitised(rendered: str) -> str:
    return nh3.clean(
        rendered,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer",
    )


def _attribute(_tag: str, name: str, value: str) -> str | None:
    if name == "id":
        return value if _NOTE.fullmatch(value) else None
    if name == "href" and value.startswith("#"):
        return value if _NOTE.fullmatch(value) else None
    if name == "src":
        return value if value.startswith(ROOT) else None
    return value


def _could_be_slow(text: str) -> bool:
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        return True
    if any(text.count(character) > most for character, most in _MOST_IN_TEXT.items()):
        return True
    blocks = re.split(r"\n[ \t]*\n", text)
    if len(blocks) > _MOST_BLOCKS:
        return True
    if any(len(re.findall(begin, text, re.MULTILINE)) > most for begin, most in _MOST_LINES.items()):
        return True
    if any(block.count(character) > most for block in blocks for character, most in _MOST_IN_BLOCK.items()):
        return True
    return any(pattern.search(text) for pattern in (_DEEPEST_NEST, _DEEPEST_INDENT, _MOST_HEADINGS_IN_A_ROW))


@contextlib.contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Stop what runs longer than so many seconds of CPU: a busy machine is no reason to fail a file.

    Signals reach the main thread only; elsewhere there is no limit.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise ProseError(f"its text takes longer than {seconds:g} s to render: make it simpler")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
