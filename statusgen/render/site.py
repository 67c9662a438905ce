"""The whole site: every path and its bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape

from statusgen.digests import digest
from statusgen.render import api, pages, placing, sla
from statusgen.render.output import Output
from statusgen.views import Snapshot

HEADERS = f"""\
/*
  Content-Security-Policy: {pages.CONTENT_SECURITY_POLICY}; frame-ancestors 'self'
  Referrer-Policy: strict-origin-when-cross-origin
  X-Content-Type-Options: nosniff
/api/*
  Access-Control-Allow-Origin: *
  Cache-Control: max-age=60
/*.csv
  Content-Type: text/csv; charset=utf-8
/history.atom
  Content-Type: application/atom+xml; charset=utf-8
  Access-Control-Allow-Origin: *
/history.rss
  Content-Type: application/rss+xml; charset=utf-8
  Access-Control-Allow-Origin: *
"""


def render(
    snapshot: Snapshot,
    theme: Mapping[str, bytes],
    rendered: Mapping[str, placing.Rendered],
    images: Mapping[str, bytes],
    memory: pages.Memory,
) -> dict[str, bytes | Output]:
    """Return the site's files by path. ``rendered`` holds every text of the snapshot's events, rendered.

    ``memory`` keeps what the next build need not work out again.
    """

    def placed(text: str, root: str, prefix: str) -> str:
        return placing.place(rendered[text].html, root, prefix)

    def asked(text: str) -> str:
        return repr(rendered[text].asked)

    made: dict[str, bytes | Output] = dict(pages.pages(snapshot, theme, placed, asked, memory))
    made |= {name: content for name, content in theme.items() if not name.endswith(".html")}
    made |= images
    told = [(e.at, e.event.slug, e.event.title, e.event.scheduled, e.update) for e in snapshot.entries]
    about = digest(snapshot.site, snapshot.authority, told, snapshot.first if not told else 0)
    links = digest(*(asked(entry.update.text) for entry in snapshot.entries))
    made |= {
        "history.atom": Output(digest("atom", about, links), lambda: _feed(snapshot, placed, "atom")),
        "history.rss": Output(digest("rss", about, links), lambda: _feed(snapshot, placed, "rss")),
        "api/v1/availability.json": api.availability(snapshot),
        "api/v1/sla.json": api.sla(snapshot),
        **sla.tables(snapshot),
        "build.json": api.build(snapshot),
        "sitemap.xml": _sitemap(snapshot, made),
        "robots.txt": f"User-agent: *\nAllow: /\n\nSitemap: {snapshot.site.url}/sitemap.xml\n".encode(),
        "_headers": HEADERS.encode(),
        ".nojekyll": b"",
    }
    return made


def _feed(snapshot: Snapshot, placed: pages.Prose, kind: str) -> bytes:
    from statusgen.render import feeds  # its library takes longer to import than most builds to find it not needed

    return feeds.atom(snapshot, placed) if kind == "atom" else feeds.rss(snapshot, placed)


def _sitemap(snapshot: Snapshot, made: Iterable[str]) -> bytes:
    """Return the addresses of all pages (sitemaps.org protocol 0.9)."""
    paths = sorted(name.removesuffix("index.html") for name in made if name.endswith("index.html"))
    urls = "".join(f"<url><loc>{escape(f'{snapshot.site.url}/{path}')}</loc></url>\n" for path in paths)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{urls}</urlset>\n'
    ).encode()
