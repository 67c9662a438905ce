"""The whole site: every path and its bytes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from xml.sax.saxutils import escape

from statusgen.digests import digest
from statusgen.render import api, calendar, live, pages, placing, search, sla
from statusgen.render.language import FOLDER, Language, language
from statusgen.render.output import Output
from statusgen.render.placing import Prose
from statusgen.render.templates import CONTENT_SECURITY_POLICY, Memory
from statusgen.render.words import Words
from statusgen.views import Snapshot

HEADERS = f"""\
/*
  Content-Security-Policy: {CONTENT_SECURITY_POLICY}; frame-ancestors 'self'
  Referrer-Policy: strict-origin-when-cross-origin
  X-Content-Type-Options: nosniff
/api/*
  Access-Control-Allow-Origin: *
  Cache-Control: max-age=60
/*.csv
  Content-Type: text/csv; charset=utf-8
/*.ics
  Content-Type: text/calendar; charset=utf-8
/site.webmanifest
  Content-Type: application/manifest+json
/history.atom
  Content-Type: application/atom+xml; charset=utf-8
  Access-Control-Allow-Origin: *
/history.rss
  Content-Type: application/rss+xml; charset=utf-8
  Access-Control-Allow-Origin: *
"""
_NOT_PUBLISHED = (".html", ".po")


def render(
    snapshot: Snapshot,
    theme: Mapping[str, bytes],
    rendered: Mapping[str, placing.Rendered],
    images: Mapping[str, bytes],
    memory: Memory,
) -> dict[str, bytes | Output]:
    """Return the site's files by path. ``rendered`` holds every text of the snapshot's events, rendered.

    ``memory`` keeps what the next build need not work out again.
    """

    def placed(text: str, root: str, home: str, prefix: str) -> str:
        return placing.place(rendered[text].html, root, home, prefix)

    def asked(text: str) -> str:
        return repr(rendered[text].asked)

    folder = f"themes/{snapshot.site.theme}/"
    spoken = [language(code, theme, memory, folder) for code in (snapshot.site.language, *snapshot.site.languages)]
    made: dict[str, bytes | Output] = dict(pages.pages(snapshot, theme, spoken, placed, asked, memory))
    made |= {name: content for name, content in theme.items() if not name.endswith(_NOT_PUBLISHED)}
    made |= images
    made |= _by_language(snapshot, spoken, theme)
    made |= _feeds(snapshot, spoken[0], theme, placed, asked)
    made |= {f"incidents/{event.slug}/event.ics": calendar.output(snapshot, event) for event in snapshot.planned}
    return made | {
        "api/v1/availability.json": api.availability(snapshot),
        "api/v1/sla.json": api.sla(snapshot),
        **sla.tables(snapshot),
        "uptime/availability.csv": api.uptime(snapshot, pages.uptime_months(snapshot)),
        "build.json": api.build(snapshot),
        **_for_hosts(snapshot, spoken, made),
    }


def _for_hosts(snapshot: Snapshot, spoken: Sequence[Language], made: Iterable[str]) -> dict[str, bytes]:
    """Return what browsers, search engines and hosts look for by name."""
    return {
        "site.webmanifest": _manifest(snapshot),
        "sitemap.xml": _sitemap(snapshot, made),
        "robots.txt": f"User-agent: *\nAllow: /\n\nSitemap: {snapshot.site.url}/sitemap.xml\n".encode(),
        "_headers": (HEADERS + "".join(_of_status(each, spoken) for each in spoken)).encode(),
        ".nojekyll": b"",
    }


def _of_status(each: Language, spoken: Sequence[Language]) -> str:
    folder = "" if each is spoken[0] else f"{each.code}/"
    return f"/{folder}status.json\n  Cache-Control: max-age=30\n"


def _by_language(
    snapshot: Snapshot, spoken: Sequence[Language], theme: Mapping[str, bytes]
) -> dict[str, bytes | Output]:
    """Return what scripts read, once for each language."""
    made: dict[str, bytes | Output] = {}
    for each in spoken:
        folder, words = "" if each is spoken[0] else f"{each.code}/", Words(each)
        made[f"{folder}status.json"] = live.document(snapshot, words)
        made[f"{folder}history/search.json"] = search.output(snapshot, words, _catalog(each, theme))
    return made


def _catalog(of: Language, theme: Mapping[str, bytes]) -> str:
    """Return what stands for everything that a language says."""
    return digest(of.code, sorted((name, text) for name, text in theme.items() if name.startswith(FOLDER)))


def _feeds(
    snapshot: Snapshot, spoken: Language, theme: Mapping[str, bytes], placed: Prose, asked: pages.Hangs
) -> dict[str, bytes | Output]:
    told = [(e.at, e.event.slug, e.event.title, e.event.scheduled, e.update) for e in snapshot.entries]
    about = digest(snapshot.site, snapshot.authority, told, snapshot.first if not told else 0, _catalog(spoken, theme))
    links = digest(*(asked(entry.update.text) for entry in snapshot.entries))
    words = Words(spoken)
    return {
        "history.atom": Output(digest("atom", about, links), lambda: _feed(snapshot, words, placed, "atom")),
        "history.rss": Output(digest("rss", about, links), lambda: _feed(snapshot, words, placed, "rss")),
    }


def _feed(snapshot: Snapshot, words: Words, placed: Prose, kind: str) -> bytes:
    from statusgen.render import feeds  # its library takes longer to import than most builds to find it not needed

    return feeds.atom(snapshot, words, placed) if kind == "atom" else feeds.rss(snapshot, words, placed)


def _manifest(snapshot: Snapshot) -> bytes:
    """Return what a phone needs to put the page on its home screen (W3C Web Application Manifest)."""
    icons = [
        {"src": "icon-192.png", "sizes": "192x192", "type": "image/png"},
        {"src": "icon-512.png", "sizes": "512x512", "type": "image/png"},
        {"src": "icon-maskable-512.png", "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
    ]
    content = {
        "name": snapshot.site.name,
        "short_name": snapshot.site.name[:12].rstrip(),
        "lang": snapshot.site.language,
        "start_url": "./",
        "display": "minimal-ui",
        "background_color": "#ffffff",
        "theme_color": "#ffffff",
        "icons": icons,
    }
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def _sitemap(snapshot: Snapshot, made: Iterable[str]) -> bytes:
    """Return the addresses of all pages (sitemaps.org protocol 0.9)."""
    paths = sorted(name.removesuffix("index.html") for name in made if name.endswith("index.html"))
    urls = "".join(f"<url><loc>{escape(f'{snapshot.site.url}/{path}')}</loc></url>\n" for path in paths)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{urls}</urlset>\n'
    ).encode()
