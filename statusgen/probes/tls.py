"""Shake hands over TLS and read how long the certificate lasts.

A certificate that ends soon is no degradation to customers: the check stays up with the notice
``tls_expiring``. An expired one is down.
"""

from __future__ import annotations

from dataclasses import dataclass

from statusgen import periods, shape
from statusgen.model import Observation, Question, Verdict
from statusgen.probes.dial import Deadline, Unanswered, connect, reason_of, trust, trusted
from statusgen.probes.kind import HOST, PORT, Judgement, Kind, World, host_and_port, questions
from statusgen.shape import Key


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsCheck(Question):
    """A TLS server. ``warn_before``: seconds before the certificate's end."""

    host: str
    port: int = 443
    server_name: str = ""
    warn_before: int = 14 * periods.DAY
    ca_file: str = ""


def probe(check: TlsCheck, deadline: Deadline, world: World) -> Observation:
    """Return the certificate's end, read after a handshake that verified it."""
    context = trusted(check.ca_file, world.base)
    with connect(check.host, check.port, deadline) as plain:
        plain.settimeout(deadline.left())
        try:
            with context.wrap_socket(plain, server_hostname=check.server_name or check.host) as sock:
                end = deadline.secured(sock)
                return Observation(latency=deadline.elapsed_ms(), certificate_end=end)
        except (OSError, ValueError) as error:
            raise Unanswered(reason_of(error, deadline)) from None


def judge(check: TlsCheck, seen: Observation, at: int) -> Judgement:
    """An expired certificate is down; one that ends within ``warn_before`` is up, with a notice."""
    if seen.certificate_end is None:
        return Verdict.UP, ""
    if seen.certificate_end <= at:
        return Verdict.DOWN, "tls_expired"
    return Verdict.UP, "tls_expiring" if seen.certificate_end - at < check.warn_before else ""


def _short(text: str) -> TlsCheck:
    host, port = host_and_port(text, default=443)
    return TlsCheck(host=host, port=port)


KIND = Kind(
    name="tls",
    question=TlsCheck,
    doc="A TLS certificate that must be valid; short: host or host:port.",
    record=questions(
        TlsCheck,
        {
            "host": Key(shape=HOST, doc="Host name or address.", required=True),
            "port": Key(shape=PORT, doc="Port number; default 443."),
            "server_name": Key(shape=HOST, doc="Name the certificate must be for; default: the host."),
            "warn_before": Key(
                shape=shape.seconds("1h", "365d"), doc="Notice when the certificate ends sooner than this; default 14d."
            ),
            "ca_file": Key(
                shape=shape.text(200, r"[A-Za-z0-9_.-][A-Za-z0-9_./-]*", "a path within the repository"),
                doc="Authorities to trust instead of the system's: a PEM file of the repository.",
            ),
        },
        _short,
    ),
    probe=probe,
    judge=judge,
    prepare=trust,
)
