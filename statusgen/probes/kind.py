"""What a kind of check is made of: its words in ``components.yaml``, its probe, its judgement."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from statusgen import shape
from statusgen.model import Limits, Observation, Question, Verdict
from statusgen.probes.dial import Deadline
from statusgen.shape import Key, Record

Q = TypeVar("Q", bound=Question)
Judgement = tuple[Verdict | None, str]  # None: it cannot be told; the reason is empty where there is nothing to say

_LIMIT = shape.milliseconds("1ms", "2m")
_LIMITS: Record[Limits] = Record(
    lambda **limits: tuple(limits.items()),
    {
        "total": Key(shape=_LIMIT, doc="Time from the beginning to the end of the answer."),
        "dns": Key(shape=_LIMIT, doc="Time until the host's addresses are known."),
        "connect": Key(shape=_LIMIT, doc="Time from there until the connection stands."),
        "tls": Key(shape=_LIMIT, doc="Time from there until the handshake is done."),
        "first_byte": Key(shape=_LIMIT, doc="Time from there until the answer begins."),
        "transfer": Key(shape=_LIMIT, doc="Time from there until the answer has come."),
    },
    short=shape.Parsed(lambda text: (("total", _LIMIT.parse(text)),), _LIMIT.wanted, _LIMIT.described),
)
COMMON: Mapping[str, Key[Any]] = {
    "timeout": Key(
        shape=shape.milliseconds("50ms", "2m"), doc="Total time the probe may take; default: probing.timeout."
    ),
    "degraded_above": Key(
        shape=_LIMITS, doc="A complete answer slower than this is degraded, in total or by phase; default: never."
    ),
    "down_above": Key(
        shape=_LIMITS, doc="A complete answer slower than this is down, in total or by phase; default: never."
    ),
    "invert": Key(shape=shape.flag(), doc="Down is up, and an answer is down: for what must not be reachable."),
}
_IP = Key(shape=shape.choice(("4", "6")), doc="Version of the internet protocol to use; default: 4, else 6.")
HOST = shape.text(253, r"[A-Za-z0-9_]([A-Za-z0-9_.:-]*[A-Za-z0-9_.])?|::1?", "a host name or an address")
PORT = shape.integer(1, 65_535)
_STEP = r"(?!\.\.?(?:/|$))[A-Za-z0-9_.@+-]+"
PATH = shape.text(400, rf"/?{_STEP}(?:/{_STEP})*", "a path: relative to the site, or absolute, without '.' and '..'")
CA_FILE: Key[Any] = Key(
    shape=shape.text(200, r"[A-Za-z0-9_.-][A-Za-z0-9_./-]*", "a path within the repository"),
    doc="Authorities to trust instead of the system's: a PEM file of the repository.",
)


@dataclass(frozen=True, slots=True)
class World:
    """What a probe may know beyond its question: the secrets, the instant of the round, where the site's files are.

    ``may_execute``: whoever runs the prober allows checks to start programs. What those print goes into files below
    ``logs``, and nowhere without it.
    """

    environment: Mapping[str, str]
    base: Path
    at: int = 0
    may_execute: bool = False
    logs: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(Generic[Q]):
    """One row of the registry.

    ``probe`` measures: it returns what it saw, raises ``dial.Unanswered`` where that is the target's fault, and
    ``dial.Unknown`` where it cannot be told whose. ``judge`` is pure and is asked only about a complete answer; its
    third argument is the instant of the round. ``prepare`` is given the questions that will be asked, and does what
    must not fall into the time that a probe measures: importing libraries, loading authorities. ``interval`` is how
    many seconds are between two answers where a check names none; 0: it is asked in every round.
    """

    name: str
    question: type[Q]
    doc: str
    record: Record[Q]
    probe: Callable[[Q, Deadline, World], Observation]
    judge: Callable[[Q, Observation, int], Judgement]
    prepare: Callable[[Collection[Any]], object] = lambda _: None
    interval: int = 0


def questions(
    make: Callable[..., Q], keys: Mapping[str, Key[Any]], short: Callable[[str], Q] | None = None, *, dials: bool = True
) -> Record[Q]:
    """Return the shape of a kind: its own keys, those that all kinds have, and what a bare word means.

    ``dials``: it connects to a host, so that the version of the internet protocol can be chosen.
    """

    def build(*, timeout: int = 0, ip: str = "0", invert: bool = False, **own: Any) -> Q:
        return make(timeout_ms=timeout, ip=int(ip), inverted=invert, **own)

    common = {**COMMON, "ip": _IP} if dials else COMMON
    bare = shape.Parsed(short, "a target", {"type": "string"}) if short else None
    return Record(build, {**keys, **common}, short=bare)


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


_said: set[str] = set()


def say_once(who: str, why: str, between: str = ": ") -> None:
    """Tell on stderr, once in a process, what keeps a check from being answered; no text of a target's."""
    if who not in _said:
        _said.add(who)
        sys.stderr.write(f"{who}{between}{why}\n")
