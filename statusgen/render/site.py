"""The whole site: every path and its bytes."""

from __future__ import annotations

from collections.abc import Mapping
from xml.sax.saxutils import escape

from statusgen.render import api, feeds, pages, prose
from statusgen.views import Snapshot

Rendered = Mapping[str, str]  # HTML by the Markdown it came from

HEADERS = f"""\
/*
  Content-Security-Policy: {pages.CONTENT_SECURITY_POLICY}; frame-ancestors 'self'
  Referrer-Policy: strict-origin-when-cross-origin
  X-Content-Type-Options: nosniff
/api/*
  Access-Control-Allow-Origin: *
  Cache-Control: max-age=60
/history.atom
  Content-Type: application/atom+xml; charset=utf-8
  Access-Control-Allow-Origin: *
/history.rss
  Content-Type: application/rss+xml; charset=utf-8
  Access-Control-Allow-Origin: *
"""


def render(
    snapshot: Snapshot, theme: Mapping[str, bytes], rendered: Rendered, images: Mapping[str, bytes]
) -> dict[str, bytes]:
    """Return the site's files by path. ``rendered`` holds the HTML of every text of the snapshot's events."""

    def placed(text: str, root: str, prefix: str) -> str:
        return prose.place(rendered[text], root, prefix)

    made = dict(pages.pages(snapshot, theme, placed))
    made |= {name: content for name, content in theme.items() if not name.endswith(".html")}
    made |= images
    made |= {
        "history.atom": feeds.atom(snapshot, placed),
        "history.rss": feeds.rss(snapshot, placed),
        "api/v1/availability.json": api.availability(snapshot),
        "build.json": api.build(snapshot),
        "sitemap.xml": _sitemap(snapshot, made),
        "robots.txt": f"User-agent: *\nAllow: /\n\nSitemap: {snapshot.site.url}/sitemap.xml\n".encode(),
        "_headers": HEADERS.encode(),
        ".nojekyll": b"",
    }
    return made


def _sitemap(snapshot: Snapshot, made: Mapping[str, bytes]) -> bytes:
    """Return the addresses of all pages (sitemaps.org protocol 0.9)."""
    paths = sorted(name.removesuffix("index.html") for name in made if name.endswith("index.html"))
    urls = "".join(f"<url><loc>{escape(f'{snapshot.site.url}/{path}')}</loc></url>\n" for path in paths)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{urls}</urlset>\n'
    ).encode()
