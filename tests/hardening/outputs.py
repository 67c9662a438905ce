"""What may stand in each kind of published file, as lists of what is allowed; everything else is complained of.

HTML is read here by Python's parser and in ``tests/browser`` by a browser's; XML, SVG, JSON, CSV and calendars by what
reads them, so that a text that got out of its place shows as an element, a key or a line that is nobody's.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from xml.etree import ElementTree


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PROSE = _words("""
    a blockquote br code del em h3 h4 h5 h6 hr img li ol p pre small strong sup table tbody td th thead tr ul
""")
ELEMENTS = PROSE | _words("""
    article bdi body button caption circle dd defs details div dl dt fieldset figcaption figure footer form g h1 h2
    head header html i input label legend line link main meta nav option path pattern polyline rect script section
    select span summary svg symbol text time title use
""")
ATTRIBUTES = _words("""
    alt autocomplete charset checked class colspan content cx cy d datetime defer dir dx dy fill focusable for height
    hidden href hreflang http-equiv id lang name open overflow patternunits preserveaspectratio property r rel role
    rowspan rx scope selected sizes src start tabindex target text-anchor title type value viewbox width x x1 x2 y y1 y2
""")
OWN_ATTRIBUTE = re.compile(r"(?:aria|data)-[a-z]+(?:-[a-z]+)*")
OWN = r"https://status\.(?:acme\.example|example\.org)/"
SCRIPTS = re.compile(r"(?:\./|(?:\.\./)*|/)(?:site|find|hours)\.js")
ADDRESS = re.compile(
    r"(?:https?://[a-z0-9.-]+(?::\d+)?(?:[/?#]|$)|mailto:|tel:|webcal://|#|\.{0,2}/|[a-z0-9_-]+[./?#]|$)"
)
FETCHED = re.compile(
    r"(?:/|(?:\.{1,2}/)*)(?:[A-Za-z0-9_-][A-Za-z0-9_.-]*/)*[A-Za-z0-9_.-]*"
)  # what a browser asks for by itself: our own files
_LEAVES = {"a": "href", "form": "action"}  # by a person's doing
_UNFETCHED = {"canonical", "alternate"}
_SVG = "{http://www.w3.org/2000/svg}"
_DRAWN = {_SVG + tag for tag in _words("svg title g rect path circle text style clipPath defs mask")}
_ATOM = "{http://www.w3.org/2005/Atom}"
_XML = {
    *(
        _ATOM + tag
        for tag in _words("author category content entry feed generator id link name published subtitle title")
    ),
    f"{_ATOM}updated",
    *_words(
        "author category channel description docs generator guid item language lastBuildDate link pubDate rss title"
    ),
    "{http://purl.org/rss/1.0/modules/content/}encoded",
    *(f"{{http://www.sitemaps.org/schemas/sitemap/0.9}}{tag}" for tag in ("urlset", "url", "loc")),
}
_CALENDAR = _words("""
    BEGIN CATEGORIES DESCRIPTION DTEND DTSTAMP DTSTART END LAST-MODIFIED METHOD NAME PRODID REFRESH-INTERVAL SEQUENCE
    STATUS SUMMARY TRANSP TZID TZOFFSETFROM TZOFFSETTO UID URL VERSION X-PUBLISHED-TTL X-WR-CALNAME
""")
_METRIC = re.compile(
    r"(?:# (?:HELP|TYPE) [a-z_]+ .*|# EOF|"
    r'[a-z_]+(?:\{(?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)*\})? -?[0-9.e+-]+(?: \d+)?)?'
)
_FORMULA = re.compile(r"[=+@\t\r]|-(?!\d+(?:\.\d+)?$)")
_STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


class Reader(HTMLParser):
    """Reads HTML and gathers what is not allowed in it."""

    def __init__(self, elements: frozenset[str], place: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements, self.place = elements, place
        self.found: list[str] = []

    def complain(self, what: str) -> None:
        self.found.append(f"{self.place}:{self.getpos()[0]}: {what[:200]}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.elements:
            self.complain(f"<{tag}>")
        for name, value in attrs:
            if name not in ATTRIBUTES and not OWN_ATTRIBUTE.fullmatch(name):
                self.complain(f"<{tag} {name}>")
            self.address(tag, name, value or "", dict(attrs))
        if tag == "script" and not SCRIPTS.fullmatch(dict(attrs).get("src") or ""):
            self.complain(f"<script {attrs}>")

    def address(self, tag: str, name: str, value: str, attributes: dict[str, str | None]) -> None:
        if name not in ("href", "src", "action"):
            return
        leaves = _LEAVES.get(tag) == name or attributes.get("rel") in _UNFETCHED
        in_page = tag == "use" and re.fullmatch(r"#[a-z_-]+", value)
        if not in_page and not (ADDRESS.match(value) if leaves else FETCHED.fullmatch(value)):
            self.complain(f'<{tag} {name}="{value}">')

    def handle_data(self, data: str) -> None:
        if self.cdata_elem:
            self.complain(f"text of a <{self.cdata_elem}>: {data}")

    def handle_decl(self, decl: str) -> None:
        if decl != "doctype html":
            self.complain(f"<!{decl}>")

    def handle_comment(self, data: str) -> None:
        self.complain(f"<!--{data}-->")

    handle_pi = unknown_decl = handle_comment


def html(text: str, place: str, elements: frozenset[str] = ELEMENTS) -> list[str]:
    """Return what is not allowed in HTML."""
    reader = Reader(elements, place)
    reader.feed(text)
    reader.close()
    return reader.found


def body(text: str, place: str) -> list[str]:
    """Return what is not allowed in HTML that other programs show, whose images are at whole addresses of our own."""
    own = re.sub(rf'(<img [^>]*src="){OWN}', r"\1", text)
    return html(own, place, PROSE)


def _page(content: bytes, place: str) -> list[str]:
    return html(content.decode(), place)


def _svg(content: bytes, place: str) -> list[str]:
    found = []
    for element in ElementTree.fromstring(content).iter():
        names = [name for name in element.attrib if name.startswith("on") or "href" in name or name == "style"]
        found += [f"{place}: <{element.tag} {name}>" for name in names]
        if element.tag not in _DRAWN or (
            element.tag == f"{_SVG}style" and re.search(r"url|@|expr", element.text or "")
        ):
            found.append(f"{place}: <{element.tag}>")
    return found


def _xml(content: bytes, place: str) -> list[str]:
    found = [f"{place}: {mark!r}" for mark in (b"<!DOCTYPE", b"<!ENTITY", b"<?xml-stylesheet") if mark in content]
    for element in ElementTree.fromstring(content).iter():
        if element.tag not in _XML:
            found.append(f"{place}: <{element.tag}>")
        told = element.findtext("description") if element.tag == "item" else None
        if told or element.tag.endswith(("content", "encoded")):
            found += body(told or element.text or "", place)
        found += [f"{place}: {text}" for text in (element.get("href"), element.get("src")) if not _is_own(text)]
    return found


def _is_own(address: str | None) -> bool:
    return address is None or re.match(OWN, address) is not None


def _calendar(content: bytes, place: str) -> list[str]:
    lines = content.split(b"\r\n")
    found = [f"{place}: a line of {len(line)} octets" for line in lines if len(line) > 75]
    for line in content.decode().replace("\r\n ", "").split("\r\n"):
        name = re.split("[;:]", line, maxsplit=1)[0]
        if (line and name not in _CALENDAR) or re.search(r"[\x00-\x08\x0a-\x1f\x7f]", line):
            found.append(f"{place}: {line!r}")
    return found


def _csv(content: bytes, place: str) -> list[str]:
    cells = [cell for row in csv.reader(io.StringIO(content.decode(), newline=""), strict=True) for cell in row]
    return [f"{place}: {cell!r}" for cell in cells if _FORMULA.match(cell) or "<" in cell]


def _json(content: bytes, place: str) -> list[str]:
    return [each for key, text in _texts(json.loads(content)) if "html" in key for each in body(text, place)]


def _texts(value: object, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _texts(each, name)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each, key)
    elif isinstance(value, str):
        yield key, value


def _lines(content: bytes, place: str) -> list[str]:
    return [each for line in content.splitlines() for each in _json(line, place)]


def _metrics(content: bytes, place: str) -> list[str]:
    return [f"{place}: {line!r}" for line in content.decode().split("\n") if not _METRIC.fullmatch(line)]


def _plain(content: bytes, place: str) -> list[str]:
    return [f"{place}: {line!r}" for line in content.decode().split("\n") if _STEERING.search(line)]


def _security(content: bytes, place: str) -> list[str]:
    return [
        f"{place}: {line}"
        for line in content.decode().splitlines()
        if not re.match(r"(Contact|Expires|Canonical|#)", line)
    ]


def _headers(content: bytes, place: str) -> list[str]:
    line = re.compile(r"/[A-Za-z0-9*._/-]*|  [A-Z][A-Za-z-]+: [ -~]+")
    return [f"{place}: {each}" for each in content.decode().splitlines() if not line.fullmatch(each)]


def _style(content: bytes, place: str) -> list[str]:
    return [f"{place}: {each}" for each in re.findall(r"@import.*|url\((?!#).*|expression.*", content.decode())]


SINKS = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment|document\.write|DOMParser|setHTML|\beval\b"
    r"|\bFunction\(|setTimeout\(['\"`]|srcdoc|importScripts|javascript:|document\.cookie|postMessage|https?://(?!www\.w3\.org/)"
)


def _script(content: bytes, place: str) -> list[str]:
    return [f"{place}: {each}" for each in SINKS.findall(content.decode())]


def _image(content: bytes, place: str) -> list[str]:
    return [f"{place}: markup"] if b"<" in content[:4] else []


_KINDS: tuple[tuple[str, Callable[[bytes, str], list[str]]], ...] = (
    ("metrics.txt", _metrics),
    ("security.txt", _security),
    ("_headers", _headers),
    (".nojekyll", _plain),
    (".html", _page),
    (".svg", _svg),
    (".atom", _xml),
    (".rss", _xml),
    (".xml", _xml),
    (".ics", _calendar),
    (".csv", _csv),
    (".jsonl", _lines),
    (".json", _json),
    (".webmanifest", _json),
    (".txt", _plain),
    (".css", _style),
    (".js", _script),
    (".png", _image),
    (".ico", _image),
)


def complaints(path: str, content: bytes) -> list[str]:
    """Return what is not allowed in a published file."""
    for ending, read in _KINDS:
        if path.endswith(ending):
            return read(content, path)
    return [f"{path}: nobody knows what it is"]
