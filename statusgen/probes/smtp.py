"""Be greeted by a mail server, ask what it can do, and leave (RFC 5321)."""

from __future__ import annotations

from dataclasses import dataclass

from statusgen.model import Observation
from statusgen.probes.dial import Deadline, Unanswered, trust
from statusgen.probes.kind import Kind, World, always_up, questions
from statusgen.probes.starttls import Peer, mail, opened


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpCheck(Peer):
    """A mail server that must greet with 220 and answer EHLO."""


def probe(check: SmtpCheck, deadline: Deadline, world: World) -> Observation:
    """Return how long it took until the server had answered EHLO. The answer to QUIT is not waited for."""
    with opened(check, deadline, world, speaks="smtp") as talk:
        if (code := talk.ask(f"EHLO {talk.own_address()}").code) != 250:
            raise Unanswered(f"status {code}")
        latency = talk.finish()
        talk.part(b"QUIT\r\n")
        return Observation(latency=latency)


_BUILD, _KEYS, _SHORT = mail(SmtpCheck, "smtp", (25, 465))
KIND = Kind(
    name="smtp",
    question=SmtpCheck,
    doc="A mail server that must greet; short: host or host:port.",
    record=questions(_BUILD, _KEYS, _SHORT),
    probe=probe,
    judge=always_up,
    prepare=lambda _: trust(),
)
