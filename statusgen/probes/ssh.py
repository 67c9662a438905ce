"""Exchange identifications with an SSH server (RFC 4253 §4.2), and leave."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass

from statusgen.model import Observation, Question
from statusgen.probes import patterns
from statusgen.probes.dial import Deadline, Unanswered, connect
from statusgen.probes.dialogue import Dialogue
from statusgen.probes.kind import HOST, PORT, Kind, World, always_up, host_and_port, questions
from statusgen.shape import Key

_LONGEST = 255  # bytes of an identification, its end included
_OWN = b"SSH-2.0-statusgen\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class SshCheck(Question):
    """An SSH server. ``expect`` is a pattern that its identification must match somewhere."""

    host: str
    port: int = 22
    expect: str = ""


def probe(check: SshCheck, deadline: Deadline, _world: World) -> Observation:
    """Return how long it took until the server had said what it is; other lines may come before that."""
    with closing(Dialogue(connect(check.host, check.port, deadline, check.ip), deadline)) as talk:
        while not (said := talk.line()).startswith("SSH-"):
            pass
        if len(said) + 2 > _LONGEST or not re.match(r"SSH-(2\.0|1\.99)-[!-~]", said):  # 1.99 speaks 2.0 as well: §5.1
            raise Unanswered("protocol")
        if check.expect and not patterns.matches(check.expect, said, deadline):
            raise Unanswered("answer")
        latency = talk.finish()
        talk.part(_OWN)
        return Observation(latency=latency)


def _short(text: str) -> SshCheck:
    host, port = host_and_port(text, default=22)
    return SshCheck(host=HOST.parse(host), port=port)


KIND = Kind(
    name="ssh",
    question=SshCheck,
    doc="An SSH server that must say so; short: host or host:port.",
    record=questions(
        SshCheck,
        {
            "host": Key(shape=HOST, doc="Host name or address.", required=True),
            "port": Key(shape=PORT, doc="Port number; default 22."),
            "expect": Key(
                shape=patterns.PATTERN,
                doc="Regular expression that the server's identification must match somewhere, like OpenSSH_9.",
            ),
        },
        _short,
    ),
    probe=probe,
    judge=always_up,
    prepare=lambda _: patterns.prepare(),
)
