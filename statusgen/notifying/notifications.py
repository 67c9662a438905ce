"""The key ``notifications`` of ``components.yaml``: who is told of what, from text to types.

Whoever knows an address of a chat or a mail server can write there, and everybody may read the repository. So an
address stands here only by the name of an environment variable; a plain webhook may, where nothing in it looks like a
password or a token. No message about one repeats what was written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from statusgen import secret, shape
from statusgen.model import Component
from statusgen.names import ID
from statusgen.promises import Severity
from statusgen.routes import NoticeKind, Route, fault_of
from statusgen.shape import Key, Many, Notes, Parsed, Record

_REFERENCE = r"\$\{env:[A-Za-z_][A-Za-z0-9_]*\}"
_TOKEN = re.compile(r"(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{16,}")
_HIDE = "everybody may read this file: keep it in a secret of the forge, and write ${env:STATUS_"


def _reference(what: str, name: str) -> Parsed[str]:
    """Only the name of an environment variable; what was written instead is not repeated."""

    def parse(text: str) -> str:
        if not re.fullmatch(_REFERENCE, text.strip()):
            raise ValueError(f"{what} is written out, and {_HIDE}{name}}}")
        return text.strip()

    return Parsed(parse, f"a reference like ${{env:STATUS_{name}}}", {"type": "string", "pattern": f"^{_REFERENCE}$"})


def _webhook(text: str) -> str:
    text = text.strip()
    if secret.malformed(text):
        raise ValueError("holds a '$' that refers to nothing: write ${env:NAME}")
    if re.fullmatch(_REFERENCE, text):
        return text
    plain = re.sub(_REFERENCE, "x", text)
    if fault := fault_of(plain):
        raise ValueError(f"{fault}: write https://host/path, or ${{env:STATUS_HOOK}}")
    parts = urlsplit(plain)
    if parts.query or any(_TOKEN.fullmatch(step) for step in parts.path.split("/")):
        raise ValueError(f"looks as if it held a token, and {_HIDE}HOOK}}")
    return text


def _route(*, webhook: str = "", to: tuple[str, ...] = (), secret: str = "", **rest: Any) -> Route:
    if bool(to) == bool(webhook):
        raise ValueError("needs exactly one of to, webhook: " + ("it has both" if to else "it has neither"))
    if secret and not webhook:
        raise ValueError("'secret' signs what goes to a webhook, and there is none: remove it")
    return Route(to=to, webhook=webhook, secret=secret, **rest)


_KINDS = shape.choice(NoticeKind)

SHAPE = Many(
    Record(
        _route,
        {
            "name": Key(
                shape=ID, doc="Name of the route; what was sent is remembered by this and the address.", required=True
            ),
            "to": Key(
                shape=Many(_reference("an address", "CHAT"), single=True, least=1, most=20),
                doc="Address of Apprise, or several, each as ${env:NAME}. Needs statusgen[notify].",
            ),
            "webhook": Key(
                shape=Parsed(_webhook, "an https URL", {"type": "string"}),
                doc="URL that gets a POST in the payload of Statuspage, plain or as ${env:NAME}.",
            ),
            "secret": Key(
                shape=_reference("the secret", "HOOK_SECRET"),
                doc="Signs what goes to the webhook (Standard Webhooks), as ${env:NAME}; it begins with whsec_.",
            ),
            "kinds": Key(
                shape=Many(_KINDS, single=True, least=1), doc=f"What to tell: {', '.join(NoticeKind)}; default: all."
            ),
            "components": Key(
                shape=Many(ID, single=True), doc="Ids of components; what names none is told in any case. Default: all."
            ),
            "severities": Key(
                shape=Many(shape.choice(Severity), single=True),
                doc="Severities of incidents to tell of; one without goes by its worst declared state; default: all.",
            ),
            "ahead": Key(
                shape=shape.seconds("10m", "14d"), doc="How long before a maintenance it is told of; default 24h."
            ),
        },
    ),
    most=100,
)


def check(routes: Iterable[Route], components: Iterable[Component], lines: Callable[[str], int], notes: Notes) -> None:
    """Note components of routes that there are not."""
    known = [component.id for component in components]
    for i, route in enumerate(routes):
        for j, name in enumerate(route.components):
            if name not in known:
                line = lines(f"notifications.{i}.components.{j}")
                notes.reject(line, f"there is no component '{name}'{notes.meant(name, known)}: correct the name")
