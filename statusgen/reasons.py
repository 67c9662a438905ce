"""The closed vocabulary of reasons: why a sample is what it is, in words that can leak nothing.

A reason is never exception text, a URL, a header or what a target sent. ``status N``, ``grpc N`` and ``exit N`` carry
a number; everything else is a key of ``REASONS``. Documented for readers of the ledger in ``docs/reasons.md``.
"""

from __future__ import annotations

import re

REASONS: dict[str, str] = {
    "timeout": "No complete answer within the timeout",
    "dns": "The host name could not be resolved",
    "refused": "The connection was refused",
    "unreachable": "The host could not be reached",
    "disconnected": "The connection broke off before the answer was complete",
    "protocol": "The answer did not follow the protocol",
    "body": "The answer does not contain what it should",
    "json": "A value in the answer is missing, or not as it should be",
    "header": "A header of the answer is missing, or not as it should be",
    "http_version": "The server does not speak the version of HTTP that it should",
    "auth": "No access token could be had for the request",
    "answer": "The answer is not the one expected",
    "starttls": "The server does not offer encryption",
    "not_serving": "The service says of itself that it is not serving",
    "stale": "There was no sign of life in time",
    "failed": "The job said of itself that it failed",
    "inverted": "There was an answer where there should be none",
    "redirects": "Too many redirects",
    "redirect_insecure": "A redirect led from https to http",
    "redirect_private": "A redirect led from a public address to a private one",
    "tls_expired": "The certificate has expired",
    "tls_expiring": "The certificate expires soon",
    "tls_hostname": "The certificate is for another host",
    "tls_untrusted": "The certificate is not issued by a trusted authority",
    "tls_handshake": "The TLS handshake failed",
    "dns_nxdomain": "The name does not exist in the DNS",
    "dns_no_answer": "The DNS has no record of that type",
    "dns_server": "The name server could not answer",
    "dns_answer": "The DNS gives another answer than expected",
    "domain_expired": "The domain's registration has ended",
    "domain_expiring": "The domain's registration ends soon",
    "degraded_performance": "Its status page says: degraded performance",
    "partial_outage": "Its status page says: partial outage",
    "major_outage": "Its status page says: major outage",
    "under_maintenance": "Its status page says: under maintenance",
    "slow": "The answer took longer than the threshold",
    "blocked": "A bot wall answered in place of the service",
    "unsupported": "It cannot be asked from where the prober runs",
    "forbidden": "Its address is one that is never asked: link-local, where clouds keep their metadata",
    "unclear": "The source did not say",
    "offline": "The prober itself was offline",
    "skipped": "The round was over before it could be asked",
}

_SHAPE = re.compile(r"[a-z][a-z0-9_]{0,39}(?: \d{1,3})?", re.ASCII)
_NUMBERED = re.compile(r"(status|grpc|exit) (\d{1,3})")
NUMBERED = {
    "status": "The server answered with status %(code)s",
    "grpc": "The server answered with gRPC status %(code)s",
    "exit": "The program ended with code %(code)s",
}


def known(reason: str) -> bool:
    """Tell whether the reason belongs to the vocabulary; the empty one does."""
    return not reason or reason in REASONS or _NUMBERED.fullmatch(reason) is not None


def shaped(text: object) -> str:
    """Return the text if it could be a reason of some version, else nothing: what else stands there is not ours."""
    return text if isinstance(text, str) and _SHAPE.fullmatch(text) else ""


def told(reason: str) -> tuple[str, dict[str, str]]:
    """Return the sentence for a person and what its ``%(name)s`` stand for. A newer version's word is nothing."""
    if numbered := _NUMBERED.fullmatch(reason):
        return NUMBERED[numbered[1]], {"code": numbered[2]}
    return REASONS.get(reason, ""), {}


def sentence(reason: str) -> str:
    """Say it to a person in English."""
    text, values = told(reason)
    return text % values if values else text
