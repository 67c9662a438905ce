"""The whole site: every path and its bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from statusgen.digests import digest
from statusgen.render import (
    api_v1,
    api_v2,
    badges,
    calendar,
    feeds,
    hosts,
    live,
    metrics,
    pages,
    placing,
    plain,
    search,
    security,
    sla,
)
from statusgen.render.language import FOLDER, Language, language
from statusgen.render.output import Output
from statusgen.render.templates import Memory
from statusgen.render.words import Words
from statusgen.views import Snapshot

_NOT_PUBLISHED = (".html", ".po")


def render(
    snapshot: Snapshot,
    theme: Mapping[str, bytes],
    rendered: Mapping[str, placing.Rendered],
    images: Mapping[str, bytes],
    memory: Memory,
    beside: api_v1.Beside = api_v1.NOTHING,
) -> dict[str, bytes | Output]:
    """Return the site's files by path. ``rendered`` holds every text of the snapshot's events, rendered.

    ``memory`` keeps what the next build need not work out again.
    """

    def placed(text: str, root: str, home: str, prefix: str) -> str:
        return placing.place(rendered[text].html, root, home, prefix)

    def asked(text: str) -> str:
        return repr(rendered[text].asked)

    told = {event.slug: digest(event, *(asked(text) for text in event.texts)) for event in snapshot.events}
    folder = f"themes/{snapshot.site.theme}/"
    spoken = [language(code, theme, memory, folder) for code in (snapshot.site.language, *snapshot.site.languages)]
    made: dict[str, bytes | Output] = dict(pages.pages(snapshot, theme, spoken, placed, asked, told, memory))
    made |= {name: content for name, content in theme.items() if not name.endswith(_NOT_PUBLISHED)}
    made |= images
    made |= _by_language(snapshot, spoken, theme)
    made |= api_v2.files(snapshot, placed, told)
    made |= badges.files(snapshot, Words(spoken[0]))
    made |= feeds.files(snapshot, Words(spoken[0]), placed, told, _catalog(spoken[0], theme))
    made |= calendar.files(snapshot, Words(spoken[0]), placed, told, _catalog(spoken[0], theme))
    return made | {
        **api_v1.files(snapshot, told, beside),
        **sla.tables(snapshot),
        "uptime/availability.csv": api_v1.uptime(snapshot, pages.uptime_months(snapshot)),
        "build.json": api_v1.build(snapshot),
        "metrics.txt": metrics.document(snapshot),
        **security.files(snapshot.site),
        **hosts.files(snapshot, spoken, made),
    }


def _by_language(
    snapshot: Snapshot, spoken: Sequence[Language], theme: Mapping[str, bytes]
) -> dict[str, bytes | Output]:
    """Return what scripts read, once for each language."""
    made: dict[str, bytes | Output] = {}
    for each in spoken:
        folder, words = "" if each is spoken[0] else f"{each.code}/", Words(each)
        made[f"{folder}status.json"] = live.document(snapshot, words)
        made[f"{folder}status.txt"] = plain.document(snapshot, words, folder)
        made[f"{folder}history/search.json"] = search.output(snapshot, words, _catalog(each, theme))
    return made


def _catalog(of: Language, theme: Mapping[str, bytes]) -> str:
    """Return what stands for everything that a language says."""
    return digest(of.code, sorted((name, text) for name, text in theme.items() if name.startswith(FOLDER)))
