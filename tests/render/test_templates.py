"""What is wrong in a template is named by its file and its line, wherever it shows."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from statusgen.errors import SourceError
from statusgen.render import site as whole
from statusgen.views import Snapshot

from ..literals import rounds, take
from .published import THEME, read, rendered, written


def snapshot() -> Snapshot:
    return take(ledger=rounds(api="uudd"))


def filled(files: Mapping[str, bytes], path: str = "404.html", memory: dict[str, object] | None = None) -> bytes:
    """Return a page made with these files of the theme's."""
    made = snapshot()
    kept: dict[str, object] = {} if memory is None else memory
    found = whole.render(made, {**THEME, **files}, rendered(made), {}, kept)[path]
    return written({path: found})[path]


def fault(files: Mapping[str, bytes], path: str = "404.html") -> str:
    with pytest.raises(SourceError) as refused:
        filled(files, path)
    (problem,) = refused.value.problems
    assert problem.message.endswith(": correct the template")
    return str(problem).removesuffix(": correct the template")


def in_macro(name: str, line: bytes) -> dict[str, bytes]:
    """Return the theme's macros with a line put in as the first of one of them."""
    text = THEME["parts.html"]
    start = text.index(b"\n", text.index(b"{% macro " + name.encode() + b"(")) + 1
    return {"parts.html": text[:start] + line + b"\n" + text[start:]}


def test_an_undefined_name_in_a_macro_is_named_with_the_macros_file_and_line() -> None:
    broken = in_macro("bar", b"{{ nonsense }}")
    line = broken["parts.html"].split(b"\n").index(b"{{ nonsense }}") + 1
    assert fault(broken, "index.html") == f"themes/default/parts.html:{line}: 'nonsense' is undefined"


def test_an_undefined_name_in_a_child_is_named_with_the_childs_file_and_line() -> None:
    child = b'{% extends "base.html" %}\n{% block main %}\n<h1>Lost</h1>\n{{ nonsense }}\n{% endblock %}\n'
    assert fault({"404.html": child}) == "themes/default/404.html:4: 'nonsense' is undefined"


def test_an_undefined_name_in_the_parent_is_named_with_the_parents_file_and_line() -> None:
    base = THEME["base.html"].replace(b"<head>\n", b"<head>\n{{ nonsense }}\n")
    line = base.split(b"\n").index(b"{{ nonsense }}") + 1
    assert fault({"base.html": base}) == f"themes/default/base.html:{line}: 'nonsense' is undefined"


def test_a_macro_that_is_not_there_is_named_where_it_is_asked_for() -> None:
    child = b'{% import "parts.html" as parts %}\n\n{{ parts.nonsense(1) }}'
    message = "'jinja2.environment.TemplateModule object' has no attribute 'nonsense'"
    assert fault({"404.html": child}) == f"themes/default/404.html:3: {message}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"\n{{ 1 + 'a' }}", "2: unsupported operand type(s) for +: 'int' and 'str'"),
        (b"\n\n{{ 1 // 0 }}", "3: integer division or modulo by zero"),
        (b"{{ 'a'|date }}", "1: not all arguments converted during string formatting"),
        (b"\n{{ range(1, 2, 0)|list }}", "2: range() arg 3 must not be zero"),
        (b"\n{{ site.name(1) }}", "2: 'str' object is not callable"),
        (b"{% for x in y %}" * 25 + b"{% endfor %}" * 25, "1: too many statically nested blocks"),
        (b"{% macro a() %}\n{{ a() }}{% endmacro %}{{ a() }}", "2: maximum recursion depth exceeded"),
        (b"\n{{ _('%(count)s days', days=1) }}", "2: 'count'"),
        (b"\n{% if %}", "2: Expected an expression, got 'end of statement block'"),
        (b"\n{{ site.name|nonsense }}", "2: No filter named 'nonsense'."),
    ],
)
def test_whatever_a_template_does_wrong_is_an_error_with_its_line(text: bytes, message: str) -> None:
    assert fault({"404.html": text}).startswith(f"themes/default/404.html:{message}")


def test_a_template_that_is_no_text_is_refused_with_its_line() -> None:
    assert fault({"404.html": b"<p>\n\xff"}) == "themes/default/404.html:2: is not UTF-8 text"


def test_memory_keeps_templates_compiled_and_another_text_is_another_template() -> None:
    memory: dict[str, object] = {}
    first = filled({"404.html": b"<h1>One</h1>"}, memory=memory)
    assert [key for key in memory if key.startswith("template ")]
    assert filled({"404.html": b"<h1>One</h1>"}, memory=memory) == first
    assert read(filled({"404.html": b"<h1>Two</h1>"}, memory=memory)).one("h1").text == "Two"


def test_a_template_of_what_memory_held_names_its_lines_as_well() -> None:
    memory: dict[str, object] = {}
    for _ in range(2):
        with pytest.raises(SourceError, match=r"themes/default/404\.html:2: 'nonsense' is undefined"):
            filled({"404.html": b"\n{{ nonsense }}"}, memory=memory)


def test_what_people_wrote_is_escaped_where_a_translation_holds_it() -> None:
    page = b"{% trans name='<b>'|string %}a {{ name }}{% endtrans %} {{ _('c %(x)s', x='<i>') }}"
    assert filled({"404.html": page}) == b"a &lt;b&gt; c &lt;i&gt;"
