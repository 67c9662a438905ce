"""Who is told of what, as frozen types: the routes of notices, and the kinds of notices there are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from statusgen.periods import DAY
from statusgen.promises import Severity

LOOPBACK = ("localhost", "127.0.0.1", "::1")  # hosts that need no encryption on the way


class NoticeKind(StrEnum):
    """What a notice is about, as routes choose it. What people wrote of maintenance is of that kind."""

    INCIDENT = "incident"
    OUTAGE = "outage"
    RECOVERY = "recovery"
    MAINTENANCE = "maintenance"
    EXPIRY = "expiry"
    BUDGET = "budget"
    SILENCE = "silence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Where notices go, and which. Addresses may refer to the environment, and are filled in only when sent.

    ``to`` are addresses of Apprise, ``webhook`` is an https one: a route has one or the other. ``secret`` signs what
    goes to the webhook. Empty ``components`` and ``severities`` stand for all; ``ahead`` is how many seconds before its
    window a maintenance is told of as near.
    """

    name: str
    to: tuple[str, ...] = ()
    webhook: str = ""
    secret: str = ""
    kinds: tuple[NoticeKind, ...] = tuple(NoticeKind)
    components: tuple[str, ...] = ()
    severities: tuple[Severity, ...] = ()
    ahead: int = DAY

    def references(self) -> tuple[str, ...]:
        """Return the texts that may refer to secrets."""
        return tuple(text for text in (*self.to, self.webhook, self.secret) if text)


def fault_of(address: str) -> str:
    """Return what is wrong with the address of a webhook, without it; empty if nothing is."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "is not a URL"
    if re.search(r"[^!-~]", address) or not host or parts.scheme not in ("http", "https"):
        return "is not a URL"
    if "@" in parts.netloc:
        return "holds a name or a password before the host"
    if parts.scheme == "http" and host not in LOOPBACK:
        return "is not encrypted"
    return ""
