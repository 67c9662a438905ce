"""A site published from a snapshot, and what a browser would make of its HTML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from statusgen.render import placing, prose, site
from statusgen.render.api_v1 import Beside
from statusgen.render.language import language
from statusgen.render.output import Output
from statusgen.render.words import Words
from statusgen.views import Snapshot

FOLDER = Path(__file__).parents[2] / "themes"


def theme(name: str) -> dict[str, bytes]:
    """Return the files of a theme's folder by name."""
    folder = FOLDER / name
    return {
        file.relative_to(folder).as_posix(): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()
    }


THEME = theme("default")
BESIDE = Beside(openapi=(FOLDER.parent / "statusgen" / "openapi.json").read_text("utf-8"))
STATIC = {name for name in THEME if not name.endswith((".html", ".po"))}  # published as they are
ENGLISH = Words(language("en", {}, {}))
FRAME = "embed/index.html"  # for other people's pages, and no page of its own
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Published(Mapping[str, bytes]):
    """A site's files by path, each made when somebody first looks into it."""

    def __init__(self, files: Mapping[str, bytes | Output]) -> None:
        self._files = dict(files)

    def __getitem__(self, path: str) -> bytes:
        file = self._files[path]
        content = self._files[path] = file if isinstance(file, bytes) else file.make()
        return content

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)

    def __contains__(self, path: object) -> bool:
        return path in self._files


def publish(made: Snapshot, images: Mapping[str, bytes] | None = None) -> Published:
    """Return the site's files by path."""
    images = images or {}
    return Published(site.render(made, THEME, rendered(made, images), images, {}, BESIDE))


def is_page(path: str) -> bool:
    """Tell whether a file is one of the site's pages, in any language."""
    return path.endswith(".html") and not path.endswith(FRAME)


def written(files: Mapping[str, bytes | Output]) -> dict[str, bytes]:
    """Return files with what they hold once they are made."""
    return {path: file if isinstance(file, bytes) else file.make() for path, file in files.items()}


def rendered(made: Snapshot, images: Mapping[str, bytes] | None = None) -> dict[str, placing.Rendered]:
    """Return the HTML of every text of the snapshot's events."""
    links = {f"{event.slug}.md": f"incidents/{event.slug}/" for event in made.events}
    links |= {name.removeprefix("incidents/"): name for name in images or {}}
    return {text: prose.render(text, links) for text in set(_texts(made))}


def _texts(made: Snapshot) -> Iterator[str]:
    for event in made.events:
        yield event.introduction
        yield from (update.text for update in event.updates)
        if event.postmortem:
            yield event.postmortem.text


@dataclass(slots=True)
class Element:
    """An element in document order; ``text`` is all the text in it."""

    tag: str
    attributes: dict[str, str]
    inside: tuple[str, ...]
    parents: tuple[Element, ...] = field(default=(), repr=False, compare=False)
    text: str = ""

    @property
    def classes(self) -> set[str]:
        return set(self.attributes.get("class", "").split())

    def is_within(self, word: str) -> bool:
        """Tell whether an element of that class holds it."""
        return any(word in parent.classes for parent in self.parents)


@dataclass(slots=True)
class Document:
    """What was read: elements, and tags that were closed without being open or never closed."""

    elements: list[Element] = field(default_factory=list)
    unbalanced: list[str] = field(default_factory=list)

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """Return the elements with that tag and those attributes; ``_`` in a name stands for ``-``."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [each for each in self.elements if each.tag == tag and wanted.items() <= each.attributes.items()]

    def one(self, tag: str, **attributes: str) -> Element:
        (found,) = self.all(tag, **attributes)
        return found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.document = Document()
        self.open: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice"
        inside = tuple(each.tag for each in self.open)
        element = Element(tag, {name: value or "" for name, value in attrs}, inside, tuple(self.open))
        self.document.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1].tag == tag:
            self.open.pop()
        else:
            self.document.unbalanced.append(tag)

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.text += data


def read(html: str | bytes) -> Document:
    """Parse a page or a piece of one."""
    reader = _Reader()
    reader.feed(html.decode("utf-8") if isinstance(html, bytes) else html)
    reader.close()
    reader.document.unbalanced += [element.tag for element in reader.open]
    return reader.document
