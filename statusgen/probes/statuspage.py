"""Ask another status page how it says that it is, or one of its components: by the Status API v2.

The page's word is taken. A page that cannot be read says nothing about what it is for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from statusgen import shape
from statusgen.model import Observation, Question, State, Verdict
from statusgen.probes import fetching
from statusgen.probes.dial import Deadline
from statusgen.probes.fetching import ROOT, Source, unclear
from statusgen.probes.kind import CA_FILE, Judgement, Kind, World, questions, say_once
from statusgen.shape import Key

_STATES = {state.value: state for state in State if state is not State.UNKNOWN}
_INDICATED = {  # the page as a whole, in the words for a component
    "none": State.OPERATIONAL,
    "maintenance": State.MAINTENANCE,
    "minor": State.DEGRADED,
    "major": State.PARTIAL,
    "critical": State.MAJOR,
}
_NOTICES = {State.OPERATIONAL: "", State.MAINTENANCE: State.MAINTENANCE.value}  # with which a component is up
Row = Mapping[str, Any]  # a component, or a group, which is one of another kind


@dataclass(frozen=True, slots=True, kw_only=True)
class StatuspageCheck(Question):
    """A page, or a component or group of it, by name or id. ``down_from``: what is milder is degraded at most."""

    url: str
    component: str = ""
    group: str = ""
    down_from: State = State.PARTIAL
    ca_file: str = ""


def probe(check: StatuspageCheck, deadline: Deadline, world: World) -> Observation:
    """Return the state that is told, in the words for a component, as the one answer."""
    is_whole = not check.component and not check.group
    url = f"{check.url.rstrip('/')}/api/v2/{'status' if is_whole else 'components'}.json"
    source = Source(url=url, ca_file=check.ca_file, ip=check.ip, stays=True)
    document = fetching.fetch(source, deadline, world)
    state = _indicated(document) if is_whole else _state_of(check, document)
    return Observation(latency=deadline.elapsed_ms(), answers=(state.value,))


def _indicated(document: Mapping[str, Any]) -> State:
    status = document.get("status")
    return _word(status.get("indicator") if isinstance(status, dict) else None, _INDICATED)


def _state_of(check: StatuspageCheck, document: Mapping[str, Any]) -> State:
    listed = document.get("components")
    rows = [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
    group = _only(check, check.group, [row for row in rows if _is_group(row)]) if check.group else {}
    if not check.component:
        return _word(group.get("status"), _STATES)
    members = [row for row in rows if not _is_group(row) and (not group or row.get("group_id") == group.get("id"))]
    return _word(_only(check, check.component, members).get("status"), _STATES)


def _is_group(row: Row) -> bool:
    return row.get("group") is True


def _only(check: StatuspageCheck, called: str, rows: Iterable[Row]) -> Row:
    """Return the one that has this id; else the one that has this name."""
    by_id = [row for row in rows if row.get("id") == called]
    found = by_id or [row for row in rows if shape.clean(str(row.get("name"))) == called]
    if len(found) == 1:
        return found[0]
    say_once(f"'{called}' of {check.url}", "several are called so: write its id" if found else "there is none")
    raise unclear()


def _word(said: object, known: Mapping[str, State]) -> State:
    if not isinstance(said, str) or said not in known:
        raise unclear()
    return known[said]


def judge(check: StatuspageCheck, seen: Observation, _at: int) -> Judgement:
    """Maintenance is up, with a notice; what is at least ``down_from`` is down, other trouble is degraded."""
    state = _STATES[seen.answers[0]]
    if state in _NOTICES:
        return Verdict.UP, _NOTICES[state]
    return Verdict.DOWN if state.gravity >= check.down_from.gravity else Verdict.DEGRADED, state.value


_CALLED = shape.text(200, r".+", "a name or an id")
KIND = Kind(
    name="statuspage",
    question=StatuspageCheck,
    doc="What another status page says, by the Status API v2; short: the page's URL.",
    record=questions(
        StatuspageCheck,
        {
            "url": Key(shape=ROOT, doc="Root of the page, below which api/v2/ is.", required=True),
            "component": Key(shape=_CALLED, doc="Name or id of one of its components; default: the page as a whole."),
            "group": Key(shape=_CALLED, doc="Name or id of the group that it is in, or that is asked about."),
            "down_from": Key(
                shape=shape.choice((State.PARTIAL, State.MAJOR)),
                doc="From which state on the check is down; default partial_outage.",
            ),
            "ca_file": CA_FILE,
        },
        lambda text: StatuspageCheck(url=ROOT.parse(text)),
    ),
    probe=probe,
    judge=judge,
    prepare=lambda _: fetching.prepare(),
)
