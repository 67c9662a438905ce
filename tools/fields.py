"""Every field that templates of messages and of pages see, from the types themselves."""

from __future__ import annotations

import collections.abc
import dataclasses
import enum
import inspect
import re
import types
import typing
from collections.abc import Iterator, Mapping
from typing import Any

from statusgen import views
from statusgen.posting import messages

from . import markdown


def page() -> str:
    parts = [
        "# Every field",
        markdown.MADE,
        "## Templates of messages",
        "What stands in braces in `templates/*.md`, like `{title}`. [Posting](../posting.md) says how they are used.",
        _field_table(messages.FIELDS),
        "And in `templates/postmortem.md`:",
        _field_table(messages.OF_POSTMORTEM),
        "## Templates of pages",
        "Pages are drawn from one `snapshot`, and so are feeds and documents. [Themes](../themes.md#templates) says"
        " which template gets what; here are the types, beginning with the snapshot, and each that they lead to."
        " Instants are seconds since 1970 in UTC, durations seconds, response times milliseconds.",
    ]
    kinds = _reachable(views.Snapshot)
    for kind in kinds:
        parts += [f"### {kind.__name__}", _docstring(kind)]
        if issubclass(kind, enum.Enum):
            parts.append(markdown.table(("name", "value"), ((f"`{each.name}`", f"`{each.value}`") for each in kind)))
        else:
            parts.append(
                markdown.table(("field", "type", "what it is"), _fields(kind, {each.__name__ for each in kinds}))
            )
    return markdown.text(parts)


def _field_table(fields: Mapping[str, str]) -> str:
    return markdown.table(
        ("field", "what it is"), ((f"`{{{name}}}`", markdown.plain(about)) for name, about in fields.items())
    )


def _reachable(root: type) -> list[type]:
    """Return the program's own types that a value of this one can lead to, the nearest first."""
    found, waiting = [root], [root]
    while waiting:
        for hint in _hints(waiting.pop(0)).values():
            for kind in _kinds(hint):
                if kind not in found:
                    found.append(kind)
                    waiting.append(kind)
    return found


def _hints(kind: type) -> dict[str, Any]:
    if issubclass(kind, enum.Enum):
        return {}
    given = {name: _function(member) for name, member in _further(kind)}
    further = {name: typing.get_type_hints(member).get("return", None) for name, member in given.items()}
    return typing.get_type_hints(kind) | further


def _further(kind: type) -> list[tuple[str, Any]]:
    """Return the properties and methods of a type's own, in the order in which they are written."""
    return [
        (name, member)
        for name, member in vars(kind).items()
        if isinstance(member, property | types.FunctionType) and _is_written_in(kind, _function(member), name)
    ]


def _function(member: Any) -> Any:
    return member.fget if isinstance(member, property) else member


def _is_written_in(kind: type, function: Any, name: str) -> bool:
    """Tell it from what a decorator or a base has made."""
    own = (function.__module__, function.__qualname__) == (kind.__module__, f"{kind.__qualname__}.{name}")
    return own and not name.startswith("_")


def _kinds(hint: Any) -> Iterator[type]:
    for part in typing.get_args(hint):
        yield from _kinds(part)
    if isinstance(hint, type) and hint.__module__.startswith("statusgen") and _is_ours(hint):
        yield hint


def _is_ours(kind: type) -> bool:
    return dataclasses.is_dataclass(kind) or issubclass(kind, enum.Enum) or hasattr(kind, "_fields")


def _fields(kind: type, known: collections.abc.Set[str]) -> Iterator[tuple[str, str, str]]:
    comments = _comments(kind)
    written = [name for name in kind.__annotations__ if not name.startswith("_")]
    for name in written:
        yield f"`{name}`", _type(kind.__annotations__[name], known), comments.get(name, "")
    for name, member in _further(kind):
        function = _function(member)
        arguments = (
            "" if isinstance(member, property) else f"({', '.join(list(inspect.signature(function).parameters)[1:])})"
        )
        yield f"`{name}{arguments}`", _type(function.__annotations__.get("return", ""), known), _first_line(function)


def _comments(kind: type) -> dict[str, str]:
    """Return what stands in the source behind a field of a type, by its name."""
    found = re.findall(r"^    (\w+): [^#\n]*?# (.+)$", inspect.getsource(kind), re.MULTILINE)
    return {name: markdown.plain(text) for name, text in found}


def _type(written: object, known: collections.abc.Set[str]) -> str:
    words = re.split(r"(\w+)", str(getattr(written, "__forward_arg__", written)).replace("|", "or"))
    linked = (f"[{word}](#{markdown.slug(word)})" if word in known else word for word in words)
    return "".join(linked).replace("[[", "\\[[").replace("None", "none")


def _docstring(kind: type) -> str:
    text = inspect.getdoc(kind) or ""
    return "" if text.startswith(f"{kind.__name__}(") else markdown.plain(text, table=False)


def _first_line(function: Any) -> str:
    return markdown.plain((inspect.getdoc(function) or "").split("\n\n")[0].rstrip("."))
