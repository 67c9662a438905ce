"""Every key of every file that people write, from the shapes that read them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from statusgen import config, corrections, documents, frontmatter, openslo
from statusgen.posting import messages
from statusgen.shape import Key, Many, Pairs, Parsed, Record

from . import markdown

FILES: Mapping[str, tuple[str, Record[Any]]] = {
    "components.yaml": ("[In words](../configuration.md).", config._ROOT),
    "incidents/*.md": ("Front matter. [In words](../incidents.md).", frontmatter.EVENT),
    "incidents/*.postmortem.md": (
        "Front matter. [In words](../incidents.md#post-mortem).",
        frontmatter.POSTMORTEM,
    ),
    "templates/*.md": ("Front matter of messages. [In words](../posting.md).", messages._FRONT),
    "corrections/*.yaml": ("[In words](../corrections.md).", corrections._SHAPE),
    "slo/*.yaml": ("[In words](../sla.md#openslo).", openslo._DOCUMENT),
    "pages/*.md": ("Front matter. [In words](../configuration.md#further-pages).", documents._FRONT),
}
_DEFAULT = re.compile(r"[;.] default:? (.+)", re.IGNORECASE)


def page() -> str:
    parts = [
        "# Every key",
        "What each file may hold, where a key may stand, and what is taken without it. Unknown keys are errors. Where a"
        " shape is said once and stands in several places, the others lead to it.",
        markdown.MADE,
    ]
    for path, (about, record) in FILES.items():
        parts += [f"## {path}", about, *_records(record)]
    return markdown.text(parts)


def _records(root: Record[Any]) -> Iterator[str]:
    """Yield a table for each record below a file's root, each record once."""
    places = _places(root)
    for record, place in places.values():
        if place:
            yield f"### {place}"
        yield markdown.table(
            ("key", "value", "meaning", "default"), (_row(*each, places) for each in record.keys.items())
        )


def _places(root: Record[Any]) -> dict[int, tuple[Record[Any], str]]:
    found: dict[int, tuple[Record[Any], str]] = {}

    def visit(record: Record[Any], place: str) -> None:
        if id(record) in found:
            return
        found[id(record)] = (record, place)
        for name, key in record.keys.items():
            for inner, further in _inner(key.shape):
                visit(inner, f"{place}.{name}{further}".lstrip("."))

    visit(root, "")
    return found


def _inner(shape: object) -> Iterator[tuple[Record[Any], str]]:
    if isinstance(shape, Record):
        yield shape, ""
    elif isinstance(shape, Many):
        yield from _inner(shape.each)
    elif isinstance(shape, Pairs):
        yield from ((record, f".*{further}") for record, further in _inner(shape.each))


def _row(name: str, key: Key[Any], places: Mapping[int, tuple[Record[Any], str]]) -> tuple[str, ...]:
    meaning, default = key.doc.rstrip("."), ""
    if found := _DEFAULT.search(meaning):
        meaning, default = meaning[: found.start()], found[1]
    return (
        f"`{name}`",
        _value(key.shape, places),
        markdown.plain(meaning),
        "required" if key.required else markdown.plain(default),
    )


def _value(shape: object, places: Mapping[int, tuple[Record[Any], str]]) -> str:
    if isinstance(shape, Parsed):
        return markdown.plain(shape.wanted)
    if isinstance(shape, Record):
        place = places[id(shape)][1]
        short = f"{_value(shape.short, places)}, or " if shape.short else ""
        return f"{short}[a map](#{markdown.slug(place)})"
    if isinstance(shape, Many):
        return f"{'one or ' if shape.single else ''}a list of: {_value(shape.each, places)}"
    if isinstance(shape, Pairs):
        return f"a map of keys of yours to: {_value(shape.each, places)}"
    return _described(shape.schema())  # type: ignore[attr-defined]


def _described(schema: Mapping[str, Any]) -> str:
    if "anyOf" in schema:
        return ", or ".join(_described(each) for each in schema["anyOf"])
    if "enum" in schema:
        return f"one of {', '.join(map(str, schema['enum']))}"
    words = {
        "array": "a list",
        "object": "a map",
        "string": "a text",
        "integer": "a whole number",
        "boolean": "true or false",
    }
    return words.get(str(schema.get("type")), "a number")
