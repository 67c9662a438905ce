"""The key ``components`` of ``components.yaml``: what customers know and how it is probed, from text to types."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from statusgen import shape
from statusgen.model import Check, Component, Question, State
from statusgen.names import ID, NAME, URL, public_link
from statusgen.probes import KINDS
from statusgen.shape import Key, Many, Parsed, Record

_OWN_INTERVAL = {kind.question: kind.interval for kind in KINDS}


def _question(kinds: dict[str, Question]) -> Question:
    if len(kinds) != 1:
        named = " and ".join(kinds) or "none"
        raise ValueError(f"needs exactly one of {', '.join(kind.name for kind in KINDS)}: it has {named}")
    return next(iter(kinds.values()))


def _check(*, id: str = "", down: State = State.MAJOR, interval: int = 0, **kinds: Question) -> Check:
    question = _question(kinds)
    return Check(id=id, question=question, down=down, interval=interval or _OWN_INTERVAL[type(question)])


def _bare_check(text: str) -> Check:
    http = KINDS[0].record.short
    assert isinstance(http, Parsed)
    return Check(id="", question=http.parse(text))


def _check_keys(with_id: bool) -> dict[str, Key[Any]]:
    own = {"id": Key(shape=ID, doc="Id of the check, unique in the site; the ledger knows it by this.", required=True)}
    return {
        **(own if with_id else {}),
        **{kind.name: Key(shape=kind.record, doc=kind.doc) for kind in KINDS},
        "down": Key(
            shape=shape.choice((State.MAJOR, State.PARTIAL, State.DEGRADED)),
            doc="State of the component while this check is down; default major_outage.",
        ),
        "interval": Key(
            shape=shape.seconds("10s", "30d"),
            doc="Time between two answers; default: it is asked in every round, a domain once a day.",
        ),
    }


_CHECK = Record(_check, _check_keys(with_id=True))
_ONLY_CHECK = Record(_check, _check_keys(with_id=False), short=Parsed(_bare_check, "a URL", URL))


def _component(*, id: str, check: Check | None = None, checks: tuple[Check, ...] = (), **rest: Any) -> Component:
    if check is not None and checks:
        raise ValueError(f"'{id}' has both 'check' and 'checks': keep one")
    return Component(id=id, checks=(replace(check, id=id),) if check else checks, **rest)


COMPONENT = Record(
    _component,
    {
        "id": Key(shape=ID, doc="Stable id: names may change, this never does.", required=True),
        "name": Key(shape=NAME, doc="Name as customers know it.", required=True),
        "description": Key(shape=shape.text(300), doc="One sentence about what it is."),
        "group": Key(shape=NAME, doc="Name of the group it is shown in."),
        "link": Key(shape=Parsed(public_link, "a URL", URL), doc="Where customers find the thing itself."),
        "since": Key(shape=shape.day(), doc="First day that counts; nothing before it enters any number."),
        "check": Key(shape=_ONLY_CHECK, doc="The one check, with the component's id; short: a URL."),
        "checks": Key(shape=Many(_CHECK, least=1), doc="Several checks; the worst one known counts."),
    },
)
