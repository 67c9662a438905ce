"""Connect, and hang up."""

from __future__ import annotations

from dataclasses import dataclass

from statusgen.model import Observation, Question
from statusgen.probes.dial import Deadline, connect
from statusgen.probes.kind import HOST, PORT, Kind, World, always_up, host_and_port, questions
from statusgen.shape import Key


@dataclass(frozen=True, slots=True, kw_only=True)
class TcpCheck(Question):
    """A port that must take a connection."""

    host: str
    port: int


def probe(check: TcpCheck, deadline: Deadline, _world: World) -> Observation:
    """Return how long connecting took, name resolution included."""
    with connect(check.host, check.port, deadline):
        return Observation(latency=deadline.elapsed_ms())


def _short(text: str) -> TcpCheck:
    host, port = host_and_port(text)
    return TcpCheck(host=host, port=port)


KIND = Kind(
    name="tcp",
    question=TcpCheck,
    doc="A port that must take a connection; short: host:port.",
    record=questions(
        TcpCheck,
        {
            "host": Key(shape=HOST, doc="Host name or address.", required=True),
            "port": Key(shape=PORT, doc="Port number.", required=True),
        },
        _short,
    ),
    probe=probe,
    judge=always_up,
)
