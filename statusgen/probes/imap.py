"""Be greeted by a mailbox server, and leave (RFC 3501)."""

from __future__ import annotations

from dataclasses import dataclass

from statusgen.model import Observation
from statusgen.probes.dial import Deadline, trust
from statusgen.probes.kind import Kind, World, always_up, questions
from statusgen.probes.starttls import Peer, mail, opened


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapCheck(Peer):
    """A mailbox server that must greet with OK or PREAUTH."""


def probe(check: ImapCheck, deadline: Deadline, world: World) -> Observation:
    """Return how long the greeting took, and encryption if it is asked for. The answer to LOGOUT is not waited for."""
    with opened(check, deadline, world, speaks="imap") as talk:
        latency = talk.finish()
        talk.part(b"a9 LOGOUT\r\n")
        return Observation(latency=latency)


_BUILD, _KEYS, _SHORT = mail(ImapCheck, "imap", (143, 993))
KIND = Kind(
    name="imap",
    question=ImapCheck,
    doc="A mailbox server that must greet; short: host or host:port.",
    record=questions(_BUILD, _KEYS, _SHORT),
    probe=probe,
    judge=always_up,
    prepare=lambda _: trust(),
)
