"""Ask a domain's registry when its registration ends, by RDAP (RFC 9082 and 9083).

Which registry that is, IANA's list says (RFC 9224); it is read once a round. What a registry does not say clearly,
about just this domain, is unclear, and neither passes nor fails: registries answer late, seldom, or not at all.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from statusgen import periods, shape
from statusgen.model import Observation, Question, Verdict
from statusgen.probes import expiry, fetching
from statusgen.probes.dial import Deadline, Unanswered
from statusgen.probes.expiry import Expiry
from statusgen.probes.fetching import ROOT, Source, unclear
from statusgen.probes.kind import Judgement, Kind, World, questions
from statusgen.shape import Key

BOOTSTRAP = "https://data.iana.org/rdap/dns.json"
_WARN = 30 * periods.DAY
_RELEASED = ("redemption period", "pending delete")  # RFC 8056 §2: it has ended, whatever date is still told
_LABEL = r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)"


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainCheck(Question):
    """A registered domain. ``server`` is its registry's RDAP server; without one it is looked up in ``bootstrap``."""

    name: str
    server: str = ""
    bootstrap: str = BOOTSTRAP
    expiry: Expiry = field(default_factory=lambda: Expiry(warn_before=_WARN))


class _Registries:
    """IANA's list of registries, kept by the process, at most a day. A site has few lists, nearly always one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[int, Mapping[str, Any], bool]] = {}  # when read, and whether at a public address

    def of(self, check: DomainCheck, deadline: Deadline, world: World) -> Mapping[str, Any]:
        """Return the list; of many who want it at once one fetches it.

        The deadline knows then whether it came from a public address, whoever fetched it.
        """
        if not self._lock.acquire(timeout=deadline.left()):
            raise unclear()
        try:
            at, kept, deadline.was_public = self._kept.get(check.bootstrap, (world.at - periods.DAY, {}, False))
            if not 0 <= world.at - at < periods.DAY:
                kept = fetching.fetch(Source(url=check.bootstrap, ip=check.ip), deadline, world)
                self._kept[check.bootstrap] = world.at, kept, deadline.was_public
            return kept
        finally:
            self._lock.release()


_registries = _Registries()


def probe(check: DomainCheck, deadline: Deadline, world: World) -> Observation:
    """Return when the registration ends. That it could not be found out in time is no fault of the domain's."""
    try:
        return _registration(check, deadline, world)
    except Unanswered:
        raise unclear() from None


def _registration(check: DomainCheck, deadline: Deadline, world: World) -> Observation:
    server = check.server or server_of(check.name, _registries.of(check, deadline, world))
    url = f"{server.rstrip('/')}/domain/{check.name}"
    source = Source(url=url, accept="application/rdap+json", ip=check.ip, is_led=not check.server)
    answer = fetching.fetch(source, deadline, world)
    if not _is_about(check.name, answer):
        raise unclear()
    statuses = {str(status).lower() for status in _listed(answer, "status")}
    return Observation(
        latency=deadline.elapsed_ms(),
        expires=_expiration(answer),
        unmet="domain_expired" if statuses & set(_RELEASED) else "",
    )


def server_of(name: str, registries: Mapping[str, Any]) -> str:
    """Return the RDAP server for the longest part of the name that is listed, over https if it can be had so."""
    labels = name.lower().split(".")
    by_suffix = dict(_services(registries))
    found: list[str] = next((urls for n in range(len(labels)) if (urls := by_suffix.get(".".join(labels[n:])))), [])
    if not found:
        raise unclear()
    return min(found, key=lambda url: not url.startswith("https:"))


def _services(registries: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    for service in _listed(registries, "services"):
        if isinstance(service, list) and len(service) >= 2 and all(isinstance(part, list) for part in service[:2]):
            suffixes, urls = service[:2]
            usable = [url for url in urls if isinstance(url, str) and url.startswith(("https://", "http://"))]
            yield from ((str(suffix).lower(), usable) for suffix in suffixes)


def _is_about(name: str, answer: Mapping[str, Any]) -> bool:
    return answer.get("objectClassName") == "domain" and _plain(answer.get("ldhName")) == _plain(name)


def _plain(name: object) -> str:
    return str(name).lower().removesuffix(".")


def _expiration(answer: Mapping[str, Any]) -> int:
    """Return the one instant of expiration that is told (RFC 9083 §4.5)."""
    events = [event for event in _listed(answer, "events") if isinstance(event, dict)]
    try:
        ends = {periods.parse_instant(str(event.get("eventDate"))) for event in events if _is_expiration(event)}
    except ValueError:
        raise unclear() from None
    if len(ends) != 1:
        raise unclear()
    return ends.pop()


def _is_expiration(event: Mapping[str, Any]) -> bool:
    return event.get("eventAction") == "expiration"


def _listed(document: Mapping[str, Any], name: str) -> list[Any]:
    found = document.get(name)
    return found if isinstance(found, list) else []


def judge(check: DomainCheck, seen: Observation, at: int) -> Judgement:
    """Judge how far the end is; a domain that has been taken away from its owner has ended."""
    if seen.unmet:
        return Verdict.DOWN, seen.unmet
    return expiry.judge(check.expiry, seen.expires, at, "domain_expiring", "domain_expired")


def _domain(**given: Any) -> DomainCheck:
    near = Expiry(**{"warn_before": _WARN} | {key: given.pop(key) for key in _EXPIRY if key in given})
    return DomainCheck(expiry=near, **given)


_EXPIRY = expiry.keys("registration", "30d")
_NAME = shape.text(253, rf"(?:{_LABEL}\.)+{_LABEL}", "a registered domain, like example.org or xn--….org")
KIND = Kind(
    name="domain",
    question=DomainCheck,
    doc="When a domain's registration ends; short: the domain.",
    record=questions(
        _domain,
        {
            "name": Key(
                shape=_NAME, doc="Domain as it is registered: example.org, not www.example.org.", required=True
            ),
            "server": Key(shape=ROOT, doc="The registry's RDAP server; default: the one that IANA's list names."),
            "bootstrap": Key(shape=ROOT, doc=f"List of RDAP servers (RFC 9224); default {BOOTSTRAP}."),
            **_EXPIRY,
        },
        lambda text: DomainCheck(name=_NAME.parse(text)),
    ),
    probe=probe,
    judge=judge,
    prepare=lambda _: fetching.prepare(),
    interval=periods.DAY,
)
