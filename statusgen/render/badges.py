"""Badges for other people's pages: an SVG of our own, and beside it the JSON that shields.io draws one from.

Both say the same few words of the snapshot in the site's language, and change only when those do. A badge that has
nothing to tell is there too and says so: an image that is missing breaks the page it stands on. The snippets by which
badges and embeds get onto a page are written here as well.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from math import ceil
from typing import NamedTuple
from urllib.parse import quote

from statusgen.digests import digest
from statusgen.model import State
from statusgen.render import widths
from statusgen.render.notation import NOT_XML
from statusgen.render.output import Output
from statusgen.render.words import Words
from statusgen.views import Snapshot, Window

HEIGHT = 20  # pixels
NAME_WIDTH = 190  # pixels of a label that a name may take
CACHE_SECONDS = 300  # the least that shields.io heeds
COLOURS = {  # those of the light page
    State.UNKNOWN: "#a9a9b2",
    State.OPERATIONAL: "#2fa37c",
    State.MAINTENANCE: "#5b5bd6",
    State.DEGRADED: "#f5c518",
    State.PARTIAL: "#cf5f17",
    State.MAJOR: "#8f0f2b",
}
OF_NUMBERS = "#c3d4ee"  # whether a number is a good one is for contracts to say
OF_LABELS = "#3f3f46"
LIGHT, DARK = "#ffffff", "#111113"
ON_LIGHT = frozenset({OF_LABELS, COLOURS[State.MAINTENANCE], COLOURS[State.MAJOR]})  # take light letters
OUTAGES = (State.PARTIAL, State.MAJOR)

_PAD = 6  # pixels on each side of a text
_NAME = "\0"
_HALF = '<text x="{middle}" y="14"{fitted} fill="{ink}" unicode-bidi="plaintext">{text}</text>'
_FITTED = ' textLength="{}" lengthAdjust="spacingAndGlyphs"'
_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" viewBox="0 0 {width} 20"'
    ' role="img" aria-label="{told}">'
    "<title>{told}</title>"
    '<path fill="{left}" d="M3 0h{edge}v20H3a3 3 0 0 1-3-3V3a3 3 0 0 1 3-3z"/>'
    '<path fill="{right}" d="M{split} 0h{rest}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3h-{rest}z"/>'
    '<g font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="11" text-anchor="middle">{texts}</g></svg>\n'
)


class Badge(NamedTuple):
    """What a badge says. ``short`` is its label with the name cut to what a badge has room for."""

    label: str
    message: str
    colour: str
    short: str
    is_error: bool = False


def files(snapshot: Snapshot, words: Words) -> dict[str, Output]:
    """Return all badges by path, each as SVG and as JSON."""
    made = {}
    for path, badge in _badges(snapshot, words):
        key = digest("badge", *badge)
        made[f"{path}.svg"] = Output(f"{key}.svg", partial(svg, badge))
        made[f"{path}.json"] = Output(f"{key}.json", partial(endpoint, badge))
    return made


# What they say


@dataclass(frozen=True, slots=True)
class _Sayings:
    """The texts of all badges in one language; labels have a place for the name."""

    words: Words
    percent: Callable[[str], str]
    uptime: dict[str, str]
    response: str
    nothing: str


def _sayings(words: Words, windows: Sequence[Window]) -> _Sayings:
    say = words.language.say
    return _Sayings(
        words=words,
        percent=cache(words.language.percent),  # a thousand components have few different ones
        uptime={
            each.name: say("%(name)s uptime, %(window)s", name=_NAME, window=words.window(each.name))
            for each in windows
        },
        response=say("%(name)s response time", name=_NAME),
        nothing=say("no data"),
    )


def _badges(snapshot: Snapshot, words: Words) -> Iterator[tuple[str, Badge]]:
    """Yield path without extension and badge."""
    sayings = _sayings(words, snapshot.windows)
    name, state = snapshot.site.name, snapshot.banner.state
    yield from _of("badge", sayings, name, state, snapshot.windows, snapshot.response_ms)
    for view in snapshot.components:
        path = f"badges/{view.component.id}"
        yield from _of(path, sayings, view.component.name, view.state, view.windows, view.response_ms)


def _of(
    path: str, sayings: _Sayings, name: str, state: State, windows: Sequence[Window], response_ms: int | None
) -> Iterator[tuple[str, Badge]]:
    short = widths.cut(name, NAME_WIDTH)
    yield path, Badge(name, sayings.words.state(state), COLOURS[state], short, state in OUTAGES)
    for window in windows:
        message = None if window.availability is None else sayings.percent(window.availability)
        yield f"{path}/uptime-{window.name}", _number(sayings, sayings.uptime[window.name], name, short, message)
    message = None if response_ms is None else sayings.words.language.latency(response_ms)
    yield f"{path}/response-time", _number(sayings, sayings.response, name, short, message)


def _number(sayings: _Sayings, label: str, name: str, short: str, message: str | None) -> Badge:
    told, colour = (sayings.nothing, COLOURS[State.UNKNOWN]) if message is None else (message, OF_NUMBERS)
    return Badge(label.replace(_NAME, name), told, colour, label.replace(_NAME, short))


# How they look


def svg(badge: Badge) -> bytes:
    """Return a badge as an image with a ground of its own, fit for light and dark pages."""
    left, right = _room(badge.short), _room(badge.message)
    halves = ((0, left, badge.short, OF_LABELS), (left, right, badge.message, badge.colour))
    drawn = _SVG.format(
        width=left + right,
        told=_escaped(f"{badge.label}: {badge.message}"),
        left=OF_LABELS,
        right=badge.colour,
        edge=left - 3,
        split=left,
        rest=right - 3,
        texts="".join(_half(*half) for half in halves),
    )
    return drawn.encode()


def _room(text: str) -> int:
    return ceil(widths.width(text)) + 2 * _PAD


def _half(start: int, room: int, text: str, ground: str) -> str:
    return _HALF.format(
        middle=f"{start + room / 2:g}",
        fitted="" if widths.joins(text) else _FITTED.format(room - 2 * _PAD),
        ink=LIGHT if ground in ON_LIGHT else DARK,
        text=_escaped(text),
    )


def _escaped(text: str) -> str:
    return html.escape(NOT_XML.sub("\ufffd", text))


def endpoint(badge: Badge) -> bytes:
    """Return a badge as shields.io reads it, which refuses keys that it does not know."""
    content = {
        "schemaVersion": 1,
        "label": badge.label,
        "message": badge.message,
        "color": badge.colour,
        "isError": badge.is_error,
        "cacheSeconds": CACHE_SECONDS,
    }
    return (json.dumps(content, ensure_ascii=False) + "\n").encode()


# Snippets to copy


def markdown(name: str, image: str, link: str) -> str:
    """Return a badge as Markdown; what the name holds of brackets stays text."""
    said = re.sub(r"([\\\[\]`*_])", r"\\\1", html.escape(name, quote=False))
    return f"[![{said}]({image})]({link})"


def markup(name: str, image: str, link: str) -> str:
    """Return a badge as HTML."""
    shown = f'<img src="{html.escape(image)}" alt="{html.escape(name)}" height="{HEIGHT}">'
    return f'<a href="{html.escape(link)}">{shown}</a>'


def shields(address: str) -> str:
    """Return the address of an image that shields.io draws from the JSON at another."""
    return f"https://img.shields.io/endpoint?url={quote(address, safe='')}"


def frame(title: str, address: str) -> str:
    """Return an iframe."""
    size = 'width="100%" height="140" style="border:0"'
    return f'<iframe src="{html.escape(address)}" title="{html.escape(title)}" {size}></iframe>'


def script(address: str, language: str, close: str) -> str:
    """Return a script; ``language`` is empty for that of the site."""
    more = f' data-language="{language}"' if language else ""
    more += "" if close == "Close" else f' data-close="{html.escape(close)}"'
    return f'<script src="{html.escape(address)}"{more} async></script>'
