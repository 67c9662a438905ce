"""``pages/*.md``: further pages of the site, like a roadmap, security, or what a contract says.

Front matter is optional: ``title`` (default: the file's name in words), ``notice`` (a text set apart above all else, as
a roadmap's safe-harbour statement needs it), ``description``. The file's name is the page's address.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from statusgen import shape
from statusgen.errors import Problem, SourceError
from statusgen.frontmatter import split
from statusgen.model import Document
from statusgen.names import FOLDERS, slug_of
from statusgen.shape import Key, Notes, Record, Rejected

FOLDER = "pages"


@dataclass(frozen=True, slots=True)
class Reading:
    """The pages that can be used, in the order of their names, and what is wrong with others."""

    documents: tuple[Document, ...]
    problems: tuple[Problem, ...]


_FRONT: Record[dict[str, Any]] = Record(
    dict,
    {
        "title": Key(shape=shape.text(120, r".+", "a title"), doc="Title; default: the file's name in words."),
        "description": Key(shape=shape.text(300), doc="One sentence for search engines."),
        "notice": Key(shape=shape.text(2_000), doc="A text set apart above all else."),
    },
)


def read_all(texts: Mapping[str, str], languages: Collection[str] = ()) -> Reading:
    """Read the folder's files by their paths; one with an error is left out and named.

    ``languages`` have a folder of the site each, which no page may take.
    """
    taken = FOLDERS | {code.lower() for code in languages}
    documents: list[Document] = []
    problems: list[Problem] = []
    for path in sorted(texts):
        try:
            documents.append(_read(texts[path], path, taken))
        except SourceError as error:
            problems += error.problems
    return Reading(tuple(documents), tuple(problems))


def _read(text: str, path: str, taken: Collection[str]) -> Document:
    stem = slug_of(path, taken)
    front, body, _ = split(text, path, optional=True)
    notes = Notes(path)
    try:
        values = _FRONT.read(front, "front matter", notes)
    except Rejected:
        raise SourceError(notes.problems) from None
    if not body.strip():
        raise SourceError([Problem(path=path, line=1, message="is empty: write something, or remove the file")])
    title = values.get("title", stem.replace("-", " ").capitalize())
    return Document(
        slug=stem,
        path=path,
        title=title,
        text=body.strip("\n"),
        description=values.get("description", ""),
        notice=values.get("notice", ""),
    )
