"""What browsers, search engines and hosts look for by name: ``_headers``, sitemap, robots, manifest.

``_headers`` is read by Netlify, Cloudflare Pages and their like, and by ``statusgen serve``; other hosts are told by
``docs/publishing.md``. What programs read may be read from any origin: all of it is public, and nothing here knows who
asks. Where rules meet, some hosts send the headers of both and some those of the last: here both mean the same, as
``frame-ancestors`` goes before ``X-Frame-Options`` (HTML, "X-Frame-Options" processing model).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from xml.sax.saxutils import escape

from statusgen.render import notation
from statusgen.render.language import Language
from statusgen.render.templates import CONTENT_SECURITY_POLICY
from statusgen.views import Snapshot

FRAME = "embed/index.html"  # is no page of its own
_PRESENT, _OFTEN = "max-age=30", "max-age=60"
_TEXT = "text/plain; charset=utf-8"
FOR_ALL: tuple[tuple[str, str], ...] = (
    ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "cross-origin"),  # badges are images on pages of others, which may demand this
)
FRAMED_POLICY = f"{CONTENT_SECURITY_POLICY}; frame-ancestors *"
TLS_ONLY = ("Strict-Transport-Security", "max-age=31536000")  # a year

Rule = tuple[str, str, str]  # path, type unless hosts know it, how long it may be kept by readers of any origin

_RULES: tuple[Rule, ...] = (
    ("/api/*", "", _OFTEN),
    ("/badge.svg", "", _OFTEN),
    ("/badge.json", "", _OFTEN),
    ("/badge/*", "", _OFTEN),
    ("/badges/*", "", _OFTEN),
    ("/metrics.txt", _TEXT, _PRESENT),
    ("/*.atom", "application/atom+xml; charset=utf-8", _OFTEN),
    ("/*.rss", "application/rss+xml; charset=utf-8", _OFTEN),
    ("/*feed.json", "application/feed+json; charset=utf-8", _OFTEN),
    ("/*.ics", "text/calendar; charset=utf-8", _OFTEN),
    ("/*.jsonl", "application/x-ndjson; charset=utf-8", ""),
    ("/*.csv", "text/csv; charset=utf-8", _OFTEN),
    ("/build.json", "", _OFTEN),
    ("/site.webmanifest", "application/manifest+json", ""),
    ("/.well-known/security.txt", _TEXT, ""),
)


def files(snapshot: Snapshot, spoken: Sequence[Language], made: Iterable[str]) -> dict[str, bytes]:
    """Return the files by path; ``made`` are the paths of all others."""
    return {
        "site.webmanifest": _manifest(snapshot),
        "sitemap.xml": _sitemap(snapshot, made),
        "robots.txt": f"User-agent: *\nAllow: /\n\nSitemap: {snapshot.site.url}/sitemap.xml\n".encode(),
        "_headers": "".join(_headers(snapshot.site.url, spoken)).encode(),
        ".nojekyll": b"",
    }


def _headers(url: str, spoken: Sequence[Language]) -> Iterator[str]:
    yield "/*\n"
    for name, value in (*FOR_ALL, *([TLS_ONLY] if url.startswith("https:") else [])):
        yield f"  {name}: {value}\n"
    folders = ["" if each is spoken[0] else f"{each.code}/" for each in spoken]
    yield from (f"/{folder}embed/*\n  Content-Security-Policy: {FRAMED_POLICY}\n" for folder in folders)
    of_languages = [
        (f"/{folder}{name}", kind, _PRESENT)
        for folder in folders
        for name, kind in (("status.json", ""), ("status.txt", _TEXT))
    ]
    for path, kind, kept in (*_RULES, *of_languages):
        yield f"{path}\n"
        if kind:
            yield f"  Content-Type: {kind}\n"
        if kept:
            yield f"  Access-Control-Allow-Origin: *\n  Cache-Control: {kept}\n"


def sent(rules: str, path: str) -> dict[str, str]:
    """Return the headers that a host which reads ``_headers`` sends for a path like ``/embed/``; the last rule wins."""
    headers: dict[str, str] = {}
    is_meant = False
    for line in rules.splitlines():
        if line.startswith("/"):
            is_meant = fnmatchcase(path, line)
        elif is_meant:
            name, _, value = line.strip().partition(": ")
            headers[name] = value
    return headers


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
    return notation.indented(content)


def _is_page(name: str) -> bool:
    return name.endswith("index.html") and name != FRAME and not name.endswith(f"/{FRAME}")


def _sitemap(snapshot: Snapshot, made: Iterable[str]) -> bytes:
    """Return the addresses of all pages (sitemaps.org protocol 0.9)."""
    paths = sorted(name.removesuffix("index.html") for name in made if _is_page(name))
    urls = "".join(f"<url><loc>{escape(f'{snapshot.site.url}/{path}')}</loc></url>\n" for path in paths)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{urls}</urlset>\n'
    ).encode()
