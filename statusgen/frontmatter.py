"""Front matter: what stands above the updates of an incident or a maintenance, above a post-mortem and a page.

``split`` parts it from the text below, ``EVENT`` and ``POSTMORTEM`` tell which keys it has, and ``sound`` returns what
is left of it without those that have an error.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Set
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from statusgen import recurrence, shape, source
from statusgen.errors import Problem, SourceError, nearest
from statusgen.model import DECLARABLE, Recurrence, State
from statusgen.names import DATE, ZONE
from statusgen.promises import Severity
from statusgen.shape import Key, Many, Notes, Pairs, Parsed, Record, Rejected

LONGEST_TITLE = 300
TITLE = shape.text(LONGEST_TITLE, r".+", "a title")
_DECIDING = frozenset({"title", "type", "scheduled", "repeats", "draft", "measured"})
_MOST_KEYS = 10  # that a person gets wrong in a file
_COMMENT = re.compile(r"(?:^|(?<=[ \t]))#.*", re.MULTILINE)
_LIKE_FLAGS = frozenset({"true", "false", "yes", "no", "on", "off", "draft", "private", "hidden"})
_LIKE_DRAFT = r"[\w-]{0,20}(?:draft|darft|dratf|drfat|daft|drat|draf)[\w-]{0,20}"
_KEPT_BACK = re.compile(
    rf"""(?:^|[{{,])[ \t]*["']?{_LIKE_DRAFT}["']?[ \t]*:(?![ \t]*["']?false\b)""", re.MULTILINE | re.IGNORECASE
)


def split(text: str, path: str, optional: bool = False) -> tuple[source.Node, str, int]:
    """Return the front matter, the body and the body's first line; SourceError without an ``optional`` one.

    The body is without characters that deceive, its lines those of the file.
    """
    lines = _lines(text).split("\n")
    if lines[0].rstrip() != "---":
        if optional:
            return source.Mapping({}, {}, 1), shape.prose("\n".join(lines)), 1
        message = "does not begin with front matter: the first line must be ---"
        raise SourceError([Problem(path=path, line=1, message=message)])
    end = next((i for i, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), None)
    if end is None:
        message = "the front matter has no end: add a line with --- after it"
        raise SourceError([Problem(path=path, line=1, message=message)])
    front = source.parse("\n".join(lines[1:end]) + "\n", path, first_line=2)
    return front, shape.prose("\n".join(lines[end + 1 :])), end + 2


def is_kept_back(text: str) -> bool:
    """Tell whether a file says, or seems to say, that it is a draft, whatever else is wrong with it."""
    front = re.split(r"^---[ \t]*$", _lines(text), maxsplit=2, flags=re.MULTILINE)[1:2]
    return any(_KEPT_BACK.search(_COMMENT.sub("", text)) for text in front)


def _lines(text: str) -> str:
    """Return a text whose lines end in one way."""
    return re.sub(r"\r\n?", "\n", text.removeprefix("\ufeff"))


def sound(front: source.Node, faults: Set[int], known: Collection[str]) -> source.Node:
    """Return front matter without the keys, and of the components those, that have faults in these lines.

    All of it stays where one of them is more than a slip: what may say that the file is a draft, or that nothing of it
    counts, must not be passed over.
    """
    if not isinstance(front, source.Mapping) or not faults:
        return front
    named, left = front.entries.get("components"), faults
    if isinstance(named, source.Mapping):
        begin = front.lines["components"]
        end = min((line for line in front.lines.values() if line > begin), default=max(faults) + 1)
        within = {fault for fault in faults if begin <= fault < end}
        misnamed = {key for key in named.at(within) if key not in known or not _is_state(named.entries[key])}
        strange = [key for key in misnamed if key not in known and not _is_state(named.entries[key])]
        if len(strange) > _MOST_KEYS or any(_may_decide(key, named.entries[key]) for key in strange):
            return front
        front = replace(front, entries={**front.entries, "components": named.without(misnamed)})
        left = faults - {named.lines[key] for key in misnamed}
    wrong = front.at(left)
    if len(wrong) > _MOST_KEYS or not all(_is_slip(key, front.entries[key]) for key in wrong):
        return front
    return front.without(wrong)


def _is_slip(key: str, value: source.Node) -> bool:
    """Tell whether a key is one that decides nothing, or meant to be one: of a strange word nobody knows what it is."""
    return nearest(key, EVENT.keys) is not None and not _may_decide(key, value)


def _may_decide(key: str, value: source.Node) -> bool:
    if key in EVENT.keys:
        return key in _DECIDING
    is_flag = isinstance(value, source.Scalar) and value.text.lower() in _LIKE_FLAGS
    return is_flag or "draft" in key.lower() or nearest(key, EVENT.keys) in _DECIDING


def _is_state(node: source.Node) -> bool:
    try:
        return bool(_STATE.read(node, "components", Notes("")))
    except Rejected:
        return False


class Named(NamedTuple):
    """A component in front matter. Without a state it came from a list."""

    component: str
    state: State | None
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """Front matter as read, before it is known to fit together; ``lines`` are those of its keys."""

    title: str
    maintenance: bool
    components: tuple[Named, ...]
    line: int
    lines: Mapping[str, int]
    severity: Severity | None = None
    started: int | None = None
    detected: int | None = None
    reported: int | None = None
    acknowledged: int | None = None
    scheduled: tuple[int, int] | None = None
    repeats: Recurrence | None = None
    draft: bool = False
    measured: bool = False
    automatic: str = ""

    def line_of(self, key: str) -> int:
        return self.lines.get(key, self.line)


def _window(**bounds: int) -> tuple[int, int]:
    return bounds["from"], bounds["until"]


def _recurrence(rule: str, timezone: str, **more: tuple[str, ...]) -> Recurrence:
    return Recurrence(rule=rule, zone=timezone, exceptions=tuple(sorted(set(more.get("except", ())))))


_STATE = shape.choice(DECLARABLE)


class Components:
    """A map of components to states, or a list of components."""

    _map = Pairs(shape.text(80), _STATE)
    _list = Many(shape.text(80))

    def read(self, node: source.Node, name: str, notes: Notes) -> tuple[Named, ...]:
        if isinstance(node, source.Scalar):
            remedy = "write {api: partial_outage}, or in a maintenance [api]"
            raise notes.reject(node.line, f"'{name}': '{node.text}' is neither a map nor a list: {remedy}")
        if isinstance(node, source.Sequence):
            listed = self._list.read(node, name, notes)
            return tuple(Named(component, None, each.line) for component, each in zip(listed, node.items, strict=True))
        pairs = self._map.read(node, name, notes)
        assert isinstance(node, source.Mapping)
        return tuple(Named(*pair, line) for pair, line in zip(pairs, node.lines.values(), strict=True))

    def schema(self) -> shape.Schema:
        return {"anyOf": [self._map.schema(), self._list.schema()]}


def read(node: source.Node, notes: Notes) -> Front:
    """Return what an event's front matter tells; raise Rejected, all its problems noted."""
    values = {"type": "incident", "components": (), **EVENT.read(node, "front matter", notes)}
    assert isinstance(node, source.Mapping)
    maintenance = values.pop("type") == "maintenance"
    return Front(maintenance=maintenance, line=node.line, lines=node.lines, **values)


EVENT: Record[dict[str, Any]] = Record(
    dict,
    {
        "title": Key(shape=TITLE, doc="What happened, in one line.", required=True),
        "type": Key(shape=shape.choice(("incident", "maintenance")), doc="incident (the default) or maintenance."),
        "severity": Key(shape=shape.choice(Severity), doc="sev1, sev2 or sev3."),
        "components": Key(
            shape=Components(), doc="Components and their states at the start; of a maintenance, a list."
        ),
        "started": Key(shape=shape.instant(), doc="When it began; default: the first update."),
        "detected": Key(shape=shape.instant(), doc="When it was noticed."),
        "reported": Key(shape=shape.instant(), doc="The same, where somebody reported it; the earlier one counts."),
        "acknowledged": Key(shape=shape.instant(), doc="When somebody took it on."),
        "scheduled": Key(
            shape=Record(
                _window,
                {
                    "from": Key(shape=shape.instant(), doc="When the window opens.", required=True),
                    "until": Key(shape=shape.instant(), doc="When the window closes.", required=True),
                },
            ),
            doc="The window of a maintenance.",
        ),
        "repeats": Key(
            shape=Record(
                _recurrence,
                {
                    "rule": Key(
                        shape=Parsed(recurrence.checked, "a rule like FREQ=WEEKLY;BYDAY=SU", {"type": "string"}),
                        doc="When it takes place, by RFC 5545.",
                        required=True,
                    ),
                    "timezone": Key(shape=ZONE, doc="The zone whose clocks it follows.", required=True),
                    "except": Key(shape=Many(DATE, single=True), doc="Dates on which it does not take place."),
                },
            ),
            doc="How a maintenance is repeated; its window is the first.",
        ),
        "draft": Key(shape=shape.flag(), doc="true keeps it off the site; previews show it."),
        "measured": Key(
            shape=shape.flag(), doc="true: probes saw it, so what it says of components is shown and not counted."
        ),
        "automatic": Key(
            shape=shape.text(80), doc="Digest of a file that the program wrote; any other change makes it a person's."
        ),
    },
)
POSTMORTEM: Record[dict[str, Any]] = Record(
    dict,
    {
        "title": Key(shape=TITLE, doc="Title; default: Post-mortem."),
        "date": Key(shape=shape.day(), doc="When it was written."),
        "authors": Key(shape=Many(shape.text(100), single=True), doc="Who wrote it."),
        "draft": Key(shape=shape.flag(), doc="true keeps it off the site; previews show it."),
    },
)
