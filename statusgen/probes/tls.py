"""Shake hands over TLS and read how long the certificate lasts.

A certificate that ends soon is no degradation to customers: by default the check stays up with the notice
``tls_expiring``. An expired one is down.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from statusgen.model import Observation
from statusgen.probes import expiry
from statusgen.probes.dial import Deadline, trust
from statusgen.probes.expiry import Expiry
from statusgen.probes.kind import HOST, PORT, Judgement, Kind, World, host_and_port, questions
from statusgen.probes.starttls import CERTIFICATE, HOST_KEY, STARTTLS, Peer, opened
from statusgen.shape import Key


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsCheck(Peer):
    """A TLS server and how near its certificate's end may come, or that of one above it."""

    port: int = 443
    secured: str = "tls"
    expiry: Expiry = field(default_factory=Expiry)


def probe(check: TlsCheck, deadline: Deadline, world: World) -> Observation:
    """Return the certificate's end, read after a handshake that verified it."""
    with opened(check, deadline, world) as talk:
        return Observation(latency=deadline.elapsed_ms(), certificate_end=talk.certificate_end)


def judge(check: TlsCheck, seen: Observation, at: int) -> Judgement:
    """Judge the earliest end in the chain that was verified."""
    return expiry.judge(check.expiry, seen.certificate_end, at, "tls_expiring", "tls_expired")


def _tls(*, starttls: str = "tls", **rest: Any) -> TlsCheck:
    near = Expiry(**{key: rest.pop(key) for key in _EXPIRY if key in rest})
    return TlsCheck(secured=starttls, expiry=near, **rest)


def _short(text: str) -> TlsCheck:
    host, port = host_and_port(text, default=443)
    return TlsCheck(host=HOST.parse(host), port=port)


_EXPIRY = expiry.keys("certificate")
KIND = Kind(
    name="tls",
    question=TlsCheck,
    doc="A TLS certificate that must be valid; short: host or host:port.",
    record=questions(
        _tls,
        {
            "host": HOST_KEY,
            "port": Key(shape=PORT, doc="Port number; default 443."),
            "starttls": STARTTLS,
            **_EXPIRY,
            **CERTIFICATE,
        },
        _short,
    ),
    probe=probe,
    judge=judge,
    prepare=lambda _: trust(),
)
