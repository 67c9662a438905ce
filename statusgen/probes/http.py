"""Ask a web server and read its answer, once, in bounded time.

A fresh connection each time (a kept one hides DNS and TLS faults); TLS verified; redirects followed here, and none
from https to http. Configured headers, passwords, tokens and certificates go to the configured origin only.
"""

from __future__ import annotations

import ssl
from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from statusgen import secret, shape
from statusgen.model import Observation, Question, Verdict
from statusgen.probes import assertions, authorization, expiry, extras, http2, identity, patterns, walls
from statusgen.probes.assertions import JsonDemand, Statuses
from statusgen.probes.authorization import Authorization, ClientCredentials
from statusgen.probes.dial import Deadline, Unanswered, Unknown, reason_of, trust, trusted
from statusgen.probes.expiry import Expiry
from statusgen.probes.headers import HEADERS, NAME, filled
from statusgen.probes.kind import CA_FILE, Judgement, Kind, World, questions
from statusgen.probes.request import OWN_HEADERS, PROTOCOL, Request, location_of, redirected
from statusgen.shape import Key, Record

_VERSIONS = {"1.0": 10, "1.1": 11, "2": 20}  # as urllib3 writes them
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpCheck(Question):
    """A request and what its answer must be. No ``status`` means any of 200 to 299.

    ``response_headers`` are names and patterns; ``client`` is whom the server is shown a certificate of.
    """

    url: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    auth: Authorization | None = None
    client: identity.Client | None = None
    status: tuple[Statuses, ...] = ()
    response_headers: tuple[tuple[str, str], ...] = ()
    body_contains: str = ""
    body_lacks: str = ""
    body_regex: str = ""
    json: tuple[JsonDemand, ...] = ()
    redirects: int = 5
    http_version: str = ""
    ca_file: str = ""
    certificate: Expiry = field(default_factory=Expiry)

    def __post_init__(self) -> None:
        if self.auth and any(name.lower() == "authorization" for name, _ in self.headers):
            raise ValueError("'auth' makes the header Authorization: remove one of them")
        if self.client and urlsplit(self.url).scheme != "https":
            raise ValueError("a 'client' has a certificate to show over https only")

    @property
    def protocol(self) -> str:
        """Return what is agreed on in the handshake, and spoken without one where there is no TLS."""
        return http2.ALPN if self.http_version == "2" else PROTOCOL

    def references(self) -> tuple[str, ...]:
        credentials = tuple(text for one in (self.auth, self.client) if one for text in one.references())
        return (self.url, self.body, *(value for _, value in self.headers), *credentials)


def probe(check: HttpCheck, deadline: Deadline, world: World) -> Observation:
    """Return the final answer's status, and the first demand on its contents that it does not meet."""
    from statusgen.probes.exchange import TROUBLE

    if check.protocol == http2.ALPN:
        extras.need("h2.connection", 'http_version: "2"', "http2")
    try:
        return _converse(check, deadline, world)
    except TROUBLE as error:
        raise Unanswered(reason_of(error, deadline)) from None


def _converse(check: HttpCheck, deadline: Deadline, world: World) -> Observation:
    """Follow redirects to the answer. The time that it took to get ready, or a token, is none of the answer's."""
    from statusgen.probes.exchange import Exchange, read

    strangers = trusted(check.ca_file, world.base, check.protocol)
    request = _first(check, deadline, world, strangers)
    is_ready = check.protocol == PROTOCOL and not isinstance(check.auth, ClientCredentials)
    before = 0 if is_ready else deadline.elapsed_ms()
    with closing(Exchange(deadline, check.ip, check.protocol)) as exchange:
        for number in range(check.redirects + 1):
            deadline.begin(is_led=number > 0)
            response = exchange.ask(request)
            deadline.lap("first_byte")
            location = location_of(response.status, response.headers)
            if not location or not check.redirects:
                body = read(response, deadline)
                deadline.lap("transfer")
                return _seen(check, response, body, deadline, deadline.elapsed_ms() - before)
            response.close()
            request = redirected(request, response.status, location, strangers)
    raise Unanswered("redirects")


def _first(check: HttpCheck, deadline: Deadline, world: World, strangers: ssl.SSLContext) -> Request:
    """Return the request to the configured origin, credentials and all."""
    environment = world.environment
    headers = {**OWN_HEADERS, **dict(filled(check.headers, environment))}
    if check.auth:
        issuers = trusted(check.ca_file, world.base, PROTOCOL)
        headers["Authorization"] = authorization.header(
            check.auth, environment, lambda auth: authorization.token(auth, environment, issuers, deadline, check.ip)
        )
    own = identity.context(check.ca_file, check.client, world, check.protocol) if check.client else strangers
    url, body = secret.fill_query(check.url, environment), secret.fill(check.body, environment)
    return Request(check.method, url, headers, body, own)


def _seen(check: HttpCheck, response: Any, body: str, deadline: Deadline, latency: int) -> Observation:
    """Describe an answer that is complete; raise Unknown if it is a wall's."""
    status: int = response.status
    if not assertions.is_expected(status, check.status) and walls.wall_of(status, response.headers, body):
        raise Unknown("blocked")
    details, is_right = deadline.details(), _is_expected(check, status)
    unmet, amounts_to = _unmet(check, response, body, deadline) if is_right else ("", Verdict.DOWN)
    return Observation(
        latency=latency,
        status=status,
        unmet=unmet,
        unmet_as=amounts_to,
        certificate_end=details.certificate_end if details else None,
    )


def _is_expected(check: HttpCheck, status: int) -> bool:
    return assertions.is_expected(status, check.status or (assertions.SUCCESS,))


def _unmet(check: HttpCheck, response: Any, body: str, deadline: Deadline) -> tuple[str, Verdict]:
    """Return the reason and the weight of the first demand on the contents that is not met; no reason if all are."""
    if check.http_version and _VERSIONS[check.http_version] != response.version:
        return "http_version", Verdict.DOWN
    if not assertions.has_headers(check.response_headers, response.headers.getlist, deadline):
        return "header", Verdict.DOWN
    if not _is_right(check, body, deadline):
        return "body", Verdict.DOWN
    worst = assertions.unmet_json(check.json, body, deadline) if check.json else None
    return ("json", worst) if worst else ("", Verdict.DOWN)


def _is_right(check: HttpCheck, body: str, deadline: Deadline) -> bool:
    if check.body_contains not in body or (check.body_lacks and check.body_lacks in body):
        return False
    return not check.body_regex or patterns.matches(check.body_regex, body, deadline)


def prepare(checks: Collection[HttpCheck]) -> None:
    import statusgen.probes.exchange  # noqa: F401  190 ms

    if any(check.protocol == http2.ALPN for check in checks):
        http2.prepare()
    trust(protocol=PROTOCOL)


def judge(check: HttpCheck, seen: Observation, at: int) -> Judgement:
    """The status must be one of those expected, then the contents must be right, and the certificates last."""
    if not _is_expected(check, seen.status or 0):
        return Verdict.DOWN, f"status {seen.status}"
    verdict, reason = expiry.judge(check.certificate, seen.certificate_end, at, "tls_expiring", "tls_expired")
    if seen.unmet and not (seen.unmet_as is Verdict.DEGRADED and verdict is Verdict.DOWN):
        return seen.unmet_as, seen.unmet
    return verdict, reason


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
        raise ValueError("a URL must not hold a user name: use 'auth' with ${env:NAME}")
    if any(character.isspace() for character in text):
        raise ValueError(f"'{text}' holds a space: write %20")
    if not text.isprintable():
        raise ValueError("a URL must not hold a character that nobody sees: remove it")
    return text


URL = shape.Parsed(web_url, "a URL like https://host/path", {"type": "string", "pattern": "^https?://"})
_PART = shape.text(2_000, r"[\s\S]+", "a text", lines=True)
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
                shape=HEADERS,
                doc="Headers to send, to the URL's own origin only; may hold ${env:NAME}.",
            ),
            "body": Key(
                shape=shape.text(20_000, wanted="a body", lines=True, secrets=True),
                doc="Body to send; may hold ${env:NAME}.",
            ),
            "auth": Key(
                shape=authorization.record(URL), doc="Authorization of the request, to the URL's own origin only."
            ),
            "client": Key(
                shape=identity.RECORD, doc="Certificate to show to the URL's own origin, where that asks for one."
            ),
            "status": Key(
                shape=assertions.STATUSES, doc="Statuses that are right, like 404, 3xx or 200-299; default: 200-299."
            ),
            "response_headers": Key(
                shape=shape.Pairs(NAME, patterns.PATTERN),
                doc="Headers that the answer must have, and a regular expression that each must match somewhere.",
            ),
            "body_contains": Key(shape=_PART, doc="Text that the answer's first MiB must contain."),
            "body_lacks": Key(shape=_PART, doc="Text that the answer's first MiB must not contain."),
            "body_regex": Key(
                shape=patterns.PATTERN, doc="Regular expression that the answer's first MiB must match somewhere."
            ),
            "json": Key(shape=assertions.JSON, doc="Values that the answer's JSON must have; at most a MiB of it."),
            "redirects": Key(
                shape=shape.integer(0, 5), doc="Redirects to follow; default 5; with 0 a redirect is the answer."
            ),
            "http_version": Key(
                shape=shape.choice(_VERSIONS), doc="Version of HTTP that must be spoken; default: any version 1."
            ),
            "ca_file": CA_FILE,
            "certificate": Key(
                shape=Record(Expiry, expiry.keys("certificate")),
                doc="How long certificates must last: the server's and those above it, of every redirect.",
            ),
        },
        lambda text: HttpCheck(url=web_url(text.strip())),
    ),
    probe=probe,
    judge=judge,
    prepare=prepare,
)
