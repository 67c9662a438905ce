"""Who is asking: passwords and tokens for the Authorization header of a request.

All of them are secrets' references, filled in here and sent to the configured origin only. A token that has to be
fetched first is fetched anew for each probe, and kept nowhere.
"""

from __future__ import annotations

import base64
import json
import re
import ssl
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, urlencode

from statusgen import secret, shape
from statusgen.probes import walls
from statusgen.probes.dial import Deadline, Unanswered, Unknown
from statusgen.probes.headers import sendable
from statusgen.probes.request import OWN_HEADERS, Request
from statusgen.shape import Key, Record

_TOKEN = re.compile(r"[\x21-\x7e]{1,16384}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Basic:
    """A name and a password (RFC 7617)."""

    user: str
    password: str

    def references(self) -> tuple[str, ...]:
        return self.user, self.password


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """A token (RFC 6750)."""

    token: str

    def references(self) -> tuple[str, ...]:
        return (self.token,)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCredentials:
    """A token to be had from an authorization server for an identifier and a secret (RFC 6749 §4.4)."""

    token_url: str
    client_id: str
    client_secret: str
    scope: str = ""
    audience: str = ""

    def references(self) -> tuple[str, ...]:
        return self.token_url, self.client_id, self.client_secret


Authorization = Basic | Bearer | ClientCredentials


def header(auth: Authorization, environment: Mapping[str, str], fetch: Callable[[ClientCredentials], str]) -> str:
    """Return the value of the Authorization header; ``fetch`` gets a token where that has to be asked for."""
    if isinstance(auth, Basic):
        return _basic(secret.fill(auth.user, environment), secret.fill(auth.password, environment))
    if isinstance(auth, Bearer):
        return f"Bearer {sendable(secret.fill(auth.token, environment))}"
    return f"Bearer {fetch(auth)}"


def _basic(user: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


def token(
    auth: ClientCredentials, environment: Mapping[str, str], trust: ssl.SSLContext, deadline: Deadline, ip: int
) -> str:
    """Return a token, asked for within the deadline; raise Unanswered("auth") where there is none to be had."""
    from statusgen.probes.exchange import TROUBLE, Exchange, read

    client, password = (secret.fill(text, environment) for text in (auth.client_id, auth.client_secret))
    headers = {
        **OWN_HEADERS,
        "Accept": "application/json",
        "Content-Type": "application/x-www-form-urlencoded",
        "Authorization": _basic(quote_plus(client), quote_plus(password)),  # §2.3.1
    }
    form = {"grant_type": "client_credentials", "scope": auth.scope, "audience": auth.audience}
    body = urlencode({name: value for name, value in form.items() if value})
    url = secret.fill_query(auth.token_url, environment)
    try:
        with closing(Exchange(deadline, ip)) as exchange:
            response = exchange.ask(Request("POST", url, headers, body, trust))
            answer = read(response, deadline)
    except (Unanswered, *TROUBLE):
        raise Unanswered("auth") from None
    if walls.wall_of(response.status, response.headers, answer):
        raise Unknown("blocked")
    return _token_in(answer) if response.status == 200 else _none()


def _token_in(answer: str) -> str:
    """Return the token of a successful answer (§5.1), which must be one that a header can hold."""
    try:
        fields = json.loads(answer)
    except (ValueError, RecursionError):
        return _none()
    if not isinstance(fields, dict) or str(fields.get("token_type", "bearer")).lower() != "bearer":
        return _none()
    value = fields.get("access_token")
    return value if isinstance(value, str) and _TOKEN.fullmatch(value) else _none()


def _none() -> str:
    raise Unanswered("auth")


def _secret(raw: str) -> str:
    value = _WITH_SECRETS.parse(raw)
    if not secret.names(value):
        raise ValueError("must not stand in a file that others read: put it into a secret and write ${env:NAME}")
    return value


_WITH_SECRETS = shape.text(1_000, r".+", "a text", secrets=True)
SECRET = shape.Parsed(_secret, "a secret, as ${env:NAME}", {"type": "string", "pattern": r"^.*\$\{env:"})


def _one(**ways: Authorization) -> Authorization:
    if len(ways) != 1:
        raise ValueError("write one of basic, bearer and oauth2")
    return next(iter(ways.values()))


def record(url: shape.Shape[str]) -> Record[Authorization]:
    """Return the shape of the key ``auth``; ``url`` is that of a URL."""
    token_keys: dict[str, Key[Any]] = {
        "token_url": Key(shape=url, doc="URL of the authorization server that gives out tokens.", required=True),
        "client_id": Key(shape=_WITH_SECRETS, doc="Who asks; may be ${env:NAME}.", required=True),
        "client_secret": Key(shape=SECRET, doc="Its secret, as ${env:NAME}.", required=True),
        "scope": Key(shape=shape.text(1_000), doc="What the token is for, by words with spaces between them."),
        "audience": Key(shape=shape.text(1_000), doc="Whom the token is for, where the server wants to know."),
    }
    basic_keys: dict[str, Key[Any]] = {
        "user": Key(shape=_WITH_SECRETS, doc="Name; may be ${env:NAME}.", required=True),
        "password": Key(shape=SECRET, doc="Password, as ${env:NAME}.", required=True),
    }
    bearer = shape.Parsed(lambda raw: Bearer(token=_secret(raw)), SECRET.wanted, SECRET.described)
    return Record(
        _one,
        {
            "basic": Key(shape=Record(Basic, basic_keys), doc="Name and password (RFC 7617)."),
            "bearer": Key(shape=bearer, doc="Token, as ${env:NAME} (RFC 6750)."),
            "oauth2": Key(
                shape=Record(ClientCredentials, token_keys),
                doc="Token fetched for a client's credentials (RFC 6749 §4.4), anew for each probe.",
            ),
        },
    )
