"""What a kind of check is made of: its words in ``components.yaml``, its probe, its judgement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from statusgen import shape
from statusgen.model import Observation, Question, Verdict
from statusgen.probes.dial import Deadline
from statusgen.shape import Key, Record

Q = TypeVar("Q", bound=Question)
Judgement = tuple[Verdict, str]  # the reason is empty where there is nothing to say

TIMING: Mapping[str, Key[Any]] = {
    "timeout": Key(
        shape=shape.milliseconds("50ms", "2m"), doc="Total time the probe may take; default: probing.timeout."
    ),
    "degraded_above": Key(
        shape=shape.milliseconds("1ms", "2m"), doc="A complete answer slower than this is degraded; default: never."
    ),
}
HOST = shape.text(253, r"[A-Za-z0-9_]([A-Za-z0-9_.:-]*[A-Za-z0-9_.])?|::1?", "a host name or an address")
PORT = shape.integer(1, 65_535)


@dataclass(frozen=True, slots=True)
class World:
    """What a probe may know beyond its question: the secrets and where the site's files are."""

    environment: Mapping[str, str]
    base: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(Generic[Q]):
    """One row of the registry.

    ``probe`` measures: it returns what it saw or raises ``dial.Unanswered``. ``judge`` is pure and is asked only
    about a complete answer; its third argument is the instant of the round. ``prepare`` does what must not fall into
    the time that a probe measures: importing libraries, loading authorities.
    """

    name: str
    question: type[Q]
    doc: str
    record: Record[Q]
    probe: Callable[[Q, Deadline, World], Observation]
    judge: Callable[[Q, Observation, int], Judgement]
    prepare: Callable[[], object] = lambda: None


def questions(make: type[Q], keys: Mapping[str, Key[Any]], short: Callable[[str], Q]) -> Record[Q]:
    """Return the shape of a kind: its own keys, the timing keys, and what a bare word means."""

    def build(*, timeout: int = 0, degraded_above: int | None = None, **own: Any) -> Q:
        return make(timeout_ms=timeout, degraded_above_ms=degraded_above, **own)

    return Record(build, {**keys, **TIMING}, short=shape.Parsed(short, "a target", {"type": "string"}))


def host_and_port(text: str, default: int | None = None) -> tuple[str, int]:
    """Split ``host:port`` or ``[::1]:port``; raise ValueError with the remedy."""
    host, colon, port = text.rpartition(":")
    bare = ":" in host and not text.startswith("[")  # an IPv6 address: only brackets tell its end from a port
    if default is not None and (not colon or bare or text.endswith("]")):
        host, port, bare = text, str(default), False
    host = host.removeprefix("[").removesuffix("]")
    if bare or not host or not port.isdecimal() or not 0 < int(port) < 65_536:
        raise ValueError(f"'{text}' is not a target: write host:port")
    return host, int(port)


def always_up(_question: Question, _seen: Observation, _at: int) -> Judgement:
    """Judge a kind to which a complete answer is all."""
    return Verdict.UP, ""
