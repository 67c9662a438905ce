"""One request over a connection of its own, and its answer, in bounded time.

``requests`` prepares the request and sends it; the connection is made, and watched, by ``dial``. Nothing is kept,
shared or tried again: no session, no pool, no cookies, nothing of the prober's environment (proxies, ``~/.netrc``), at
most ``MAX_BODY`` bytes. Redirects are the caller's. To import this takes 190 ms: do so when asking.
"""

from __future__ import annotations

import codecs
import contextlib
from http.client import HTTPException
from ssl import SSLContext
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.utils import get_encoding_from_headers
from urllib3.connection import HTTPConnection, HTTPSConnection

from statusgen.probes import http2
from statusgen.probes.dial import Deadline, connect, secure
from statusgen.probes.request import PROTOCOL, Request

MAX_BODY = 1024 * 1024
TROUBLE = (requests.RequestException, urllib3.exceptions.HTTPError, HTTPException, OSError, ValueError)
_QUADRATIC = ("idna", "punycode")  # a megabyte of it takes minutes to decode, and no page is written in it


class _Plain(HTTPConnection):
    """A connection that the deadline watches, and that stands for itself where a pool is expected."""

    def __init__(self, host: str, port: int | None, deadline: Deadline, ip: int, **options: Any) -> None:
        super().__init__(host, port, timeout=deadline.left(), **options)
        self._deadline, self._ip = deadline, ip

    def _new_conn(self) -> Any:
        return connect(self._dns_host, self.port, self._deadline, self._ip)

    def urlopen(self, method: str, url: str, body: bytes | None, headers: Any, **_: Any) -> urllib3.BaseHTTPResponse:
        """Send the request and wait for the head of the answer, which may come before all of the body was taken."""
        with contextlib.suppress(BrokenPipeError):
            self.request(method, url, body=body, headers=headers, preload_content=False, decode_content=False)
        return self.getresponse()


class _Secure(_Plain, HTTPSConnection):
    """The same over TLS. The context names the authorities, and the host is checked in the handshake."""

    def connect(self) -> None:
        assert self.ssl_context is not None
        self.sock, _ = secure(self._new_conn(), self.ssl_context, self.host, self._deadline)
        self.is_verified = True


class _Framed:
    """The same over HTTP/2, without TLS where there is no context."""

    def __init__(self, host: str, port: int | None, deadline: Deadline, ip: int, context: SSLContext | None) -> None:
        self._host, self._port = host, port or (443 if context else 80)
        self._deadline, self._ip, self._context = deadline, ip, context
        self._opened = contextlib.ExitStack()

    def close(self) -> None:
        self._opened.close()

    def urlopen(self, method: str, url: str, body: bytes | None, headers: Any, **_: Any) -> urllib3.BaseHTTPResponse:
        """Send the request and wait for the head of the answer."""
        way = http2.connection(self._host, self._port, self._deadline, self._ip, self._context, self._host)
        sock = self._opened.enter_context(way)
        stream = http2.Stream(sock, self._request(method, url, body, headers), self._deadline)
        self._opened.enter_context(contextlib.closing(stream))
        status, answered = stream.head()
        return urllib3.HTTPResponse(
            stream,  # type: ignore[arg-type]  # to be read and closed is all that is wanted of it
            urllib3.HTTPHeaderDict(answered[1:]),  # without the status
            status,
            version=20,
            preload_content=False,
            decode_content=False,
            request_method=method,
        )

    def _request(self, method: str, url: str, body: bytes | None, headers: Any) -> http2.Request:
        host = f"[{self._host}]" if ":" in self._host else self._host
        scheme, usual = ("https", 443) if self._context else ("http", 80)
        return http2.Request(
            method=method,
            scheme=scheme,
            authority=host if self._port == usual else f"{host}:{self._port}",
            path=url,
            headers=tuple(headers.items()),
            body=body or b"",
        )


class Exchange(HTTPAdapter):
    """A transport for the requests of one probe, which share its deadline. Close it, and its connections are.

    ``protocol`` is the one that the contexts of the requests agree on.
    """

    def __init__(self, deadline: Deadline, ip: int, protocol: str = PROTOCOL) -> None:
        super().__init__(max_retries=0)
        self._deadline, self._ip, self._protocol = deadline, ip, protocol
        self._opened: list[_Plain | _Framed] = []

    def init_poolmanager(self, *_: Any, **__: Any) -> None:
        """Keep no pools."""

    def close(self) -> None:
        for connection in self._opened:
            connection.close()

    def cert_verify(self, *_: Any) -> None:
        """Leave it to the context: the authorities are loaded once, and not anew for each request."""

    def build_response(self, _request: requests.PreparedRequest, answer: Any) -> Any:
        """Leave the answer as it is: nobody sends its cookies back."""
        return answer

    def get_connection_with_tls_context(
        self, request: requests.PreparedRequest, verify: Any, *_: Any, **__: Any
    ) -> Any:
        """Return a new connection. ``verify`` is the context of this request."""
        parts = urllib3.util.parse_url(request.url or "")
        where = ((parts.host or "").strip("[]"), parts.port, self._deadline, self._ip)
        context = verify if parts.scheme == "https" else None
        if self._protocol == http2.ALPN:
            self._opened.append(_Framed(*where, context))
        else:
            self._opened.append(_Secure(*where, ssl_context=context) if context else _Plain(*where))
        return self._opened[-1]

    def ask(self, request: Request) -> urllib3.HTTPResponse:
        """Send a request; return the answer as far as its head has come."""
        prepared = requests.PreparedRequest()
        prepared.prepare_method(request.method)
        prepared.prepare_url(request.url, None)
        prepared.prepare_headers(request.headers)
        prepared.prepare_body(request.body.encode() or None, None)
        trust: SSLContext = request.trust
        return self.send(prepared, stream=True, verify=trust)  # type: ignore[return-value, arg-type]


def read(response: urllib3.HTTPResponse, deadline: Deadline) -> str:
    """Return the body, cut at ``MAX_BODY``; undoing a compression nobody asked for is capped as well."""
    chunks, size = [], 0
    while size < MAX_BODY and (chunk := response.read(64 * 1024, decode_content=True)):
        chunks.append(chunk)
        size += len(chunk)
    deadline.left()  # a connection that the watchdog shut looks like the end of the body
    response.close()
    named = "charset=" in response.headers.get("Content-Type", "").lower()
    return _decoded(b"".join(chunks)[:MAX_BODY], get_encoding_from_headers(response.headers) if named else None)


def _decoded(body: bytes, charset: str | None) -> str:
    """Decode by the charset that was named, else UTF-8 (not the Latin-1 of RFC 2616, which nobody means today)."""
    try:
        codec = codecs.lookup(charset or "utf-8").name
        return body.decode("utf-8" if codec in _QUADRATIC else codec, "replace")
    except (LookupError, ValueError):  # unknown, or a codec that is no charset, like "hex"
        return body.decode("utf-8", "replace")
