"""Connect, hold the conversation that is wanted, if any, and hang up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from statusgen import secret, shape
from statusgen.model import Observation
from statusgen.probes import patterns
from statusgen.probes.dial import Deadline, trust
from statusgen.probes.kind import HOST, PORT, Kind, World, always_up, host_and_port, questions
from statusgen.probes.starttls import CERTIFICATE, HOST_KEY, STARTTLS, TLS, Peer, opened, secured_by
from statusgen.shape import Key, Record

_ESCAPE = re.compile(rb"\\(x[0-9A-Fa-f]{2}|[rnt0\\]|)")
_MEANT = {b"r": b"\r", b"n": b"\n", b"t": b"\t", b"0": b"\0", b"\\": b"\\"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What is sent, with escapes and references to secrets as they are written, and the pattern then waited for."""

    send: str = ""
    expect: str = ""

    def __post_init__(self) -> None:
        if not self.send and not self.expect:
            raise ValueError("a step needs 'send', 'expect' or both")


@dataclass(frozen=True, slots=True, kw_only=True)
class TcpCheck(Peer):
    """A port that must take a connection, and answer each step as expected."""

    steps: tuple[Step, ...] = ()

    def references(self) -> tuple[str, ...]:
        return tuple(step.send for step in self.steps)


def probe(check: TcpCheck, deadline: Deadline, world: World) -> Observation:
    """Return how long it all took, name resolution included."""
    with opened(check, deadline, world) as talk:
        for step in check.steps:
            if step.send:
                talk.say(spoken(step.send, world.environment))
            if step.expect:
                talk.until(step.expect.encode())
        return Observation(latency=talk.finish())


def spoken(text: str, environment: Mapping[str, str]) -> bytes:
    """Return the bytes that a text stands for. Backslashes within a secret are nothing but backslashes."""
    literal = {name: environment[name].replace("\\", "\\\\") for name in secret.names(text)}
    return _unescaped(secret.fill(text, literal))


def _unescaped(text: str) -> bytes:
    def meant(found: re.Match[bytes]) -> bytes:
        if not found[1]:
            raise ValueError(f"'{text}' holds a backslash that begins none of \\r \\n \\t \\0 \\xNN: write \\\\")
        return _MEANT.get(found[1]) or bytes([int(found[1][1:], 16)])

    return _ESCAPE.sub(meant, text.encode())


def _send(text: str) -> str:
    text = _SENT.parse(text)
    _unescaped(text)
    return text


def _tcp(
    *,
    tls: bool = False,
    starttls: str = "",
    send: str = "",
    expect: str = "",
    steps: tuple[Step, ...] = (),
    **rest: Any,
) -> TcpCheck:
    if steps and (send or expect):
        raise ValueError("has 'steps' and one of 'send' and 'expect': write all of it as steps")
    if send or expect:
        steps = (Step(send=send, expect=expect),)
    return TcpCheck(secured=secured_by(tls, starttls), steps=steps, **rest)


def _short(text: str) -> TcpCheck:
    host, port = host_and_port(text)
    return TcpCheck(host=HOST.parse(host), port=port)


def _prepare(_questions: object) -> None:
    patterns.prepare()
    trust()


_SENT = shape.text(20_000, wanted="a text to send", lines=True, secrets=True)
_STEP: Mapping[str, Key[Any]] = {
    "send": Key(
        shape=shape.Parsed(_send, "a text to send", _SENT.described),
        doc="Text to send, with \\r \\n \\t \\0 \\xNN \\\\ as escapes; may hold ${env:NAME}.",
    ),
    "expect": Key(
        shape=patterns.BYTES_PATTERN,
        doc="Regular expression that what is answered must match somewhere.",
    ),
}
KIND = Kind(
    name="tcp",
    question=TcpCheck,
    doc="A port that must take a connection; short: host:port.",
    record=questions(
        _tcp,
        {
            "host": HOST_KEY,
            "port": Key(shape=PORT, doc="Port number.", required=True),
            **_STEP,
            "steps": Key(
                shape=shape.Many(Record(Step, _STEP), least=1, most=20), doc="Several of send and expect, in order."
            ),
            "tls": TLS,
            "starttls": STARTTLS,
            **CERTIFICATE,
        },
        _short,
    ),
    probe=probe,
    judge=always_up,
    prepare=_prepare,
)
