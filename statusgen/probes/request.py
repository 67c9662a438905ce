"""What is asked of a web server, and where a redirect leads."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from statusgen import __version__
from statusgen.probes.dial import Unanswered

OWN_HEADERS: Mapping[str, str] = {
    "User-Agent": f"statusgen/{__version__}",
    "Accept": "*/*",
    "Accept-Encoding": "identity",
    "Connection": "close",
}
PROTOCOL = "http/1.1"  # what is agreed on in the handshake (RFC 7301 §6)
_REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent, secrets and all. ``trust`` verifies the server, and may hold the client's own certificate."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: str
    trust: ssl.SSLContext


def location_of(status: int, headers: Mapping[str, str]) -> str:
    """Return where an answer leads to; empty if nowhere. The wire carries UTF-8, which is read as Latin-1."""
    return headers.get("Location", "").encode("latin-1").decode("utf-8") if status in _REDIRECTS else ""


def redirected(request: Request, status: int, location: str, strangers: ssl.SSLContext) -> Request:
    """Return the request that a redirect asks for (RFC 9110 §15.4): 307 and 308 keep method and body.

    Another origin is a stranger, which gets nothing that was configured. One that names a user is an error (§4.2.4), as
    is a backslash: what reads the address to connect to could take another part for the host.
    """
    url = urljoin(request.url, location)
    old, new = urlsplit(request.url), urlsplit(url)
    if old.scheme == "https" and new.scheme != "https":
        raise Unanswered("redirect_insecure")
    if new.scheme not in ("http", "https") or not new.hostname or set(new.netloc) & {"@", "\\"}:
        raise Unanswered("protocol")
    is_own = (old.scheme, old.netloc) == (new.scheme, new.netloc)
    headers, trust = (request.headers, request.trust) if is_own else (OWN_HEADERS, strangers)
    if status in (307, 308):
        return Request(request.method, url, headers, request.body if is_own else "", trust)
    return Request("HEAD" if request.method == "HEAD" else "GET", url, headers, "", trust)
