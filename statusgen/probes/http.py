"""Ask a web server and read its answer, once, in bounded time.

A fresh connection each time (a kept one hides DNS and TLS faults); no retries by the library; nothing from the
prober's environment (proxies, ``~/.netrc``); TLS verified; at most ``MAX_BODY`` bytes read. Configured headers
go to the configured origin only, and a redirect from https to http is not followed.
"""

from __future__ import annotations

import codecs
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from urllib.parse import quote, urljoin, urlsplit

from statusgen import __version__, secret, shape
from statusgen.model import Observation, Question, Verdict
from statusgen.probes.dial import Deadline, Unanswered, connect, reason_of, trust, trusted
from statusgen.probes.kind import Judgement, Kind, World, questions
from statusgen.shape import Key

MAX_BODY = 1024 * 1024
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_REGEX_SECONDS = 1.0  # a pattern that backtracks for longer than this does not match
_QUADRATIC = ("idna", "punycode")  # a megabyte of it takes minutes to decode, and no page is written in it
_OWN_HEADERS = {
    "User-Agent": f"statusgen/{__version__}",
    "Accept": "*/*",
    "Accept-Encoding": "identity",
    "Connection": "close",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpCheck(Question):
    """A request and what its answer must be. No ``status`` means any of 200 to 299."""

    url: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    status: tuple[int, ...] = ()
    body_contains: str = ""
    body_regex: str = ""
    redirects: int = 5
    ca_file: str = ""

    def references(self) -> tuple[str, ...]:
        return (self.url, self.body, *(value for _, value in self.headers))


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    url: str
    headers: Mapping[str, str]
    body: str


def probe(check: HttpCheck, deadline: Deadline, world: World) -> Observation:
    """Return the final answer's status and whether its body is as it should be."""
    import requests
    import urllib3

    context = trusted(check.ca_file, world.base)
    try:
        with requests.Session() as session:
            session.trust_env = False
            session.mount("http://", adapter := _adapter(deadline, context))
            session.mount("https://", adapter)
            return _converse(session, check, deadline, world)
    except (requests.RequestException, urllib3.exceptions.HTTPError, HTTPException, OSError, ValueError) as error:
        raise Unanswered(reason_of(error, deadline)) from None


def _converse(session, check: HttpCheck, deadline: Deadline, world: World) -> Observation:  # type: ignore[no-untyped-def]
    """Follow redirects to the answer. ``session`` is a ``requests.Session``, whose import is deferred."""
    request = _first(check, world.environment)
    for _ in range(check.redirects + 1):
        deadline.begin()
        response = session.request(
            request.method,
            request.url,
            headers=dict(request.headers),
            data=request.body.encode() or None,
            stream=True,
            allow_redirects=False,
            timeout=deadline.left(),
        )
        deadline.lap("first_byte")
        location = session.get_redirect_target(response)
        if not location or not check.redirects:
            body = _read(response, deadline)
            latency = deadline.elapsed_ms()
            return Observation(
                latency=latency, status=response.status_code, body_matches=_matches(check, body, deadline)
            )
        response.close()
        request = _next(request, response.status_code, location)
    raise Unanswered("redirects")


def _first(check: HttpCheck, environment: Mapping[str, str]) -> _Request:
    configured = {name: secret.fill(value, environment) for name, value in check.headers}
    encoded = {name: quote(environment[name], safe="") for name in secret.names(check.url)}
    url, body = secret.fill(check.url, encoded), secret.fill(check.body, environment)
    return _Request(check.method, url, _OWN_HEADERS | configured, body)


def _next(request: _Request, status: int, location: str) -> _Request:
    """Return the request a redirect asks for (RFC 9110 §15.4): 307 and 308 keep method and body."""
    url = urljoin(request.url, location)
    old, new = urlsplit(request.url), urlsplit(url)
    if old.scheme == "https" and new.scheme != "https":
        raise Unanswered("redirect_insecure")
    if new.scheme not in ("http", "https") or not new.hostname:
        raise Unanswered("protocol")
    same_origin = (old.scheme, old.netloc) == (new.scheme, new.netloc)
    headers = request.headers if same_origin else _OWN_HEADERS
    if status in (307, 308):
        return _Request(request.method, url, headers, request.body if same_origin else "")
    return _Request("HEAD" if request.method == "HEAD" else "GET", url, headers, "")


def _read(response, deadline: Deadline) -> str:  # type: ignore[no-untyped-def]
    """Return the body, cut at ``MAX_BODY``; undoing a compression nobody asked for is capped as well."""
    chunks, size = [], 0
    while size < MAX_BODY and (chunk := response.raw.read(64 * 1024, decode_content=True)):
        chunks.append(chunk)
        size += len(chunk)
    deadline.left()  # a connection that the watchdog shut looks like the end of the body
    deadline.lap("transfer")
    response.close()
    named = "charset=" in response.headers.get("Content-Type", "").lower()
    return _decoded(b"".join(chunks)[:MAX_BODY], response.encoding if named else None)


def _decoded(body: bytes, charset: str | None) -> str:
    """Decode by the charset that was named, else UTF-8 (not the Latin-1 of RFC 2616, which nobody means today)."""
    try:
        codec = codecs.lookup(charset or "utf-8").name
        return body.decode("utf-8" if codec in _QUADRATIC else codec, "replace")
    except (LookupError, ValueError):  # unknown, or a codec that is no charset, like "hex"
        return body.decode("utf-8", "replace")


def _matches(check: HttpCheck, body: str, deadline: Deadline) -> bool:
    if check.body_contains and check.body_contains not in body:
        return False
    if not check.body_regex:
        return True
    import regex  # unlike re, it can be given a time limit, and it lets other threads run

    try:
        seconds = min(_REGEX_SECONDS, deadline.left())
        return regex.search(check.body_regex, body, timeout=seconds, concurrent=True) is not None
    except TimeoutError:
        return False


def _adapter(deadline: Deadline, context):  # type: ignore[no-untyped-def]
    """Return a transport whose connections are made, and watched, by ``dial.connect``."""
    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

    class Plain(HTTPConnection):
        def _new_conn(self):  # type: ignore[no-untyped-def]
            return connect(self._dns_host, self.port, deadline)

    class Secure(HTTPSConnection):
        def _new_conn(self):  # type: ignore[no-untyped-def]
            return connect(self._dns_host, self.port, deadline)

        def connect(self):  # type: ignore[no-untyped-def]
            super().connect()
            with contextlib.suppress(OSError, ValueError):  # an odd date in it fails no request that was verified
                deadline.secured(self.sock)  # type: ignore[arg-type]

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    class Adapter(HTTPAdapter):
        def init_poolmanager(self, connections, maxsize, block=False, **kwargs):  # type: ignore[no-untyped-def]
            super().init_poolmanager(connections, maxsize, block, ssl_context=context, **kwargs)
            self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}

        def cert_verify(self, conn, _url, _verify, _cert):  # type: ignore[no-untyped-def]
            conn.cert_reqs = "CERT_REQUIRED"  # by the context's authorities, loaded once, not anew for each request

    return Adapter(max_retries=0)


def prepare() -> None:
    import requests  # noqa: F401  190 ms

    trust()


def judge(check: HttpCheck, seen: Observation, _at: int) -> Judgement:
    """The status must be one of those expected, then the body must match."""
    expected = seen.status in check.status if check.status else 200 <= (seen.status or 0) <= 299
    if not expected:
        return Verdict.DOWN, f"status {seen.status}"
    return (Verdict.UP, "") if seen.body_matches else (Verdict.DOWN, "body")


def web_url(text: str) -> str:
    """Check a URL to probe; raise ValueError with the remedy. Secrets may stand in its query only."""
    if broken := secret.malformed(text):
        raise ValueError(f"'{broken}' is not a secret's reference: write ${{env:NAME}}")
    if secret.names(text.partition("?")[0]):
        raise ValueError("a secret may stand in a URL's query only, not in its host or path")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"'{text}' is not a URL ({error})") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise ValueError(f"'{text}' is not a URL: write https://host/path")
    if parts.username is not None:
        raise ValueError("a URL must not hold a user name: use an Authorization header with ${env:NAME}")
    if any(character.isspace() for character in text):
        raise ValueError(f"'{text}' holds a space: write %20")
    return text


def _pattern(text: str) -> str:
    import regex

    try:
        regex.compile(text)
    except regex.error as error:
        raise ValueError(f"'{text}' is not a regular expression ({error})") from None
    return text


URL = shape.Parsed(web_url, "a URL like https://host/path", {"type": "string", "pattern": "^https?://"})
KIND = Kind(
    name="http",
    question=HttpCheck,
    doc="A web request and what its answer must be; short: the URL.",
    record=questions(
        HttpCheck,
        {
            "url": Key(shape=URL, doc="URL to ask; secrets as ${env:NAME} in its query only.", required=True),
            "method": Key(shape=shape.choice(METHODS), doc="Request method; default GET."),
            "headers": Key(
                shape=shape.Pairs(
                    shape.text(100, r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", "a header's name"),
                    shape.text(4_000, wanted="a header's value", secrets=True),
                ),
                doc="Headers to send, to the URL's own origin only; may hold ${env:NAME}.",
            ),
            "body": Key(
                shape=shape.text(20_000, wanted="a body", lines=True, secrets=True),
                doc="Body to send; may hold ${env:NAME}.",
            ),
            "status": Key(
                shape=shape.Many(shape.integer(100, 599), single=True, least=1),
                doc="Statuses that are right; default: 200 to 299.",
            ),
            "body_contains": Key(
                shape=shape.text(2_000, lines=True), doc="Text that the answer's first MiB must contain."
            ),
            "body_regex": Key(
                shape=shape.Parsed(_pattern, "a regular expression", {"type": "string"}),
                doc="Regular expression that the answer's first MiB must match somewhere.",
            ),
            "redirects": Key(
                shape=shape.integer(0, 5), doc="Redirects to follow; default 5; with 0 a redirect is the answer."
            ),
            "ca_file": Key(
                shape=shape.text(200, r"[A-Za-z0-9_.-][A-Za-z0-9_./-]*", "a path within the repository"),
                doc="Authorities to trust instead of the system's: a PEM file of the repository.",
            ),
        },
        lambda text: HttpCheck(url=web_url(text.strip())),
    ),
    probe=probe,
    judge=judge,
    prepare=prepare,
)
