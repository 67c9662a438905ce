"""``slo/*.yaml``: objectives declared as OpenSLO v1 documents (github.com/OpenSLO/OpenSLO), one a file.

Taken over are the name, the service (a component's id or a group's name), the target and the time window. The indicator
is always the availability that this program measures, by seconds, so ``indicator`` and what belongs to it is passed
over. What a document says beyond that is refused rather than ignored.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from statusgen import config, shape, source
from statusgen.errors import Problem, SourceError
from statusgen.model import Site
from statusgen.names import ID, NAME, ZONE
from statusgen.objectives import LONGEST_ROLL, Draft, Subjects
from statusgen.promises import Kind, Objective, Period, Share
from statusgen.shape import Key, Many, Notes, Parsed, Record, Rejected, Shape

T = TypeVar("T")

FOLDER = "slo"
_OF_SLICES = ("timeSliceTarget", "timeSliceWindow")
_CALENDAR = {"1M": 1, "1Q": 3, "3M": 3, "1Y": 12, "12M": 12}


class _Whatever:
    """A value that is somebody else's business."""

    def read(self, node: source.Node, name: str, notes: Notes) -> None:  # noqa: ARG002 - as every shape
        return None

    def schema(self) -> shape.Schema:
        return {}


@dataclass(frozen=True, slots=True)
class _Only(Generic[T]):
    """A list of one."""

    each: Shape[T]
    others: str  # what to do with more

    def read(self, node: source.Node, name: str, notes: Notes) -> T:
        if isinstance(node, source.Sequence) and len(node.items) != 1:
            raise notes.reject(node.line, f"'{name}' has {len(node.items)} entries: write one{self.others}")
        return Many(self.each).read(node, name, notes)[0]

    def schema(self) -> shape.Schema:
        return Many(self.each, least=1, most=1).schema()


_ANY: Key[Any] = Key(shape=_Whatever(), doc="Passed over.")


def _duration(text: str) -> str:
    if text not in _CALENDAR and not re.fullmatch(r"[1-9]\d{0,2}[dw]", text, re.ASCII):
        raise ValueError(f"'{text}' is not a window that can be reckoned: write 1M, 1Q, 1Y, or days and weeks like 28d")
    return text


def _first_of_month(text: str) -> str:
    if not re.fullmatch(r"\d{4}-\d\d-01([T ]00:00(:00)?(Z|[+-]00:00)?)?", text):
        raise ValueError(f"'{text}' is not where a period of the calendar begins: write the first of a month, 00:00:00")
    return text


def _share_of_one(text: str) -> Share:
    found = re.fullmatch(r"0?\.(\d{1,8})", text, re.ASCII)
    if not found or not int(found[1]):
        raise ValueError(f"'{text}' is not a target: write a share of one like 0.999, or targetPercent: 99.9")
    digits = found[1].ljust(2, "0")
    return Share.parse(f"{int(digits[:2])}.{digits[2:]}".rstrip("."))


def _target(*, target: Share | None = None, targetPercent: Share | None = None, **_: Any) -> Share:  # noqa: N803
    if target and targetPercent:
        raise ValueError("has both 'target' and 'targetPercent': keep one")
    if not (share := target or targetPercent):
        raise ValueError("has neither 'target' nor 'targetPercent': add one")
    return share


_WINDOW: Record[dict[str, Any]] = Record(
    dict,
    {
        "duration": Key(shape=Parsed(_duration, "a duration", {}), doc="Length of the window.", required=True),
        "isRolling": Key(shape=shape.flag(), doc="Whether it ends now."),
        "calendar": Key(
            shape=Record(
                dict,
                {
                    "startTime": Key(
                        shape=Parsed(_first_of_month, "a first of a month", {}), doc="Where periods begin."
                    ),
                    "timeZone": Key(shape=ZONE, doc="Zone.", required=True),
                },
            ),
            doc="The calendar that periods are of.",
        ),
    },
)
_OBJECTIVE = Record(
    _target,
    {
        "displayName": _ANY,
        "target": Key(shape=Parsed(_share_of_one, "a share of one", {}), doc="Share of one."),
        "targetPercent": Key(shape=Parsed(Share.parse, "a percentage", {}), doc="Per cent."),
        **dict.fromkeys(_OF_SLICES, _ANY),
    },
)
_DOCUMENT: Record[dict[str, Any]] = Record(
    dict,
    {
        "apiVersion": Key(shape=shape.choice(("openslo/v1",)), doc="openslo/v1.", required=True),
        "kind": Key(shape=shape.choice(("SLO",)), doc="SLO.", required=True),
        "metadata": Key(
            shape=Record(
                dict,
                {
                    "name": Key(shape=ID, doc="Id of the objective.", required=True),
                    "displayName": Key(shape=NAME, doc="Name as customers know it."),
                    "labels": _ANY,
                    "annotations": _ANY,
                },
            ),
            doc="What it is called.",
            required=True,
        ),
        "spec": Key(
            shape=Record(
                dict,
                {
                    "description": _ANY,
                    "service": Key(shape=NAME, doc="A component's id or a group's name.", required=True),
                    "indicator": _ANY,
                    "indicatorRef": _ANY,
                    "timeWindow": Key(
                        shape=_Only(_WINDOW, ", and another document for another window"),
                        doc="The window.",
                        required=True,
                    ),
                    "budgetingMethod": Key(
                        shape=shape.choice(("Occurrences", "Timeslices", "RatioTimeslices")), doc="How it is counted."
                    ),
                    "objectives": Key(
                        shape=_Only(_OBJECTIVE, ", and another document for another target"),
                        doc="The target.",
                        required=True,
                    ),
                    "alertPolicies": _ANY,
                },
            ),
            doc="What is aimed at.",
            required=True,
        ),
    },
)


@dataclass(frozen=True, slots=True)
class Reading:
    """The objectives that were declared, and what is wrong with other files."""

    objectives: tuple[Objective, ...]
    problems: tuple[Problem, ...]


def read_all(texts: Mapping[str, str], site: Site) -> Reading:
    """Read the folder's documents by their paths; one with an error is left out and named."""
    problems: list[Problem] = []
    taken = {objective.id: config.PATH for objective in site.objectives}
    declared: list[Objective] = []
    for path in sorted(texts):
        notes = Notes(path)
        try:
            objective = _read(texts[path], path, site, taken, notes)
            taken[objective.id] = path
            declared.append(objective)
        except SourceError as error:
            told = frozenset(notes.problems)
            problems += [problem for problem in error.problems if problem not in told]
        problems += notes.problems
    return Reading(tuple(declared), tuple(problems))


def _read(text: str, path: str, site: Site, taken: Mapping[str, str], notes: Notes) -> Objective:
    node = source.parse(text, path)
    try:
        document = _DOCUMENT.read(node, "document", notes)
    except Rejected:
        raise SourceError(notes.problems) from None
    line = _line(node, "spec", "service")
    _refuse_unknown(document["spec"]["service"], site, line, notes)
    objective = Subjects(site.components, site.groups, site.policy).objective(
        _draft(document, site, _line(node, "spec", "timeWindow"), notes), Kind.SLO, line, notes
    )
    name = document["metadata"]["name"]
    if name in taken:
        message = f"objective '{name}' is declared in {taken[name]} already: rename or remove one"
        notes.reject(_line(node, "metadata", "name"), message)
    if objective is None or notes.errors:
        raise SourceError(notes.problems)
    for key, line in _lines_of_slices(node):
        notes.warn(line, f"'{key}' is passed over: every second counts by itself")
    if document["spec"].get("budgetingMethod") == "Occurrences":
        message = "'budgetingMethod': Occurrences are not counted here: seconds are, as with Timeslices"
        notes.warn(_line(node, "spec", "budgetingMethod"), message)
    return objective


def _refuse_unknown(service: str, site: Site, line: int, notes: Notes) -> None:
    known = (*(component.id for component in site.components), *site.groups)
    if service not in known:
        message = f"there is no component or group '{service}'{notes.meant(service, known)}: correct the name"
        notes.reject(line, message)
        raise SourceError(notes.problems)


def _lines_of_slices(node: source.Node) -> Iterator[tuple[str, int]]:
    for step in ("spec", "objectives"):
        node = node.entries[step] if isinstance(node, source.Mapping) else node
    for objective in node.items if isinstance(node, source.Sequence) else ():
        if isinstance(objective, source.Mapping):
            yield from ((key, objective.lines[key]) for key in _OF_SLICES if key in objective.lines)


def _draft(document: Mapping[str, Any], site: Site, line: int, notes: Notes) -> Draft:
    spec, metadata = document["spec"], document["metadata"]
    window = spec["timeWindow"]
    is_group = spec["service"] not in [component.id for component in site.components]
    return Draft(
        id=metadata["name"],
        name=metadata.get("displayName", ""),
        target=spec["objectives"],
        period=_period(window, line, notes),
        zone=window.get("calendar", {}).get("timeZone", "UTC"),
        component="" if is_group else spec["service"],
        group=spec["service"] if is_group else "",
    )


def _period(window: Mapping[str, Any], line: int, notes: Notes) -> Period:
    """Return the period of a window; a rolling one goes by days, one of the calendar by months."""
    length, is_rolling = window["duration"], window.get("isRolling", "calendar" not in window)
    if months := _CALENDAR.get(length):
        if is_rolling:
            remedy = "write days, like 30d, or isRolling: false"
            notes.reject(line, f"a rolling window of {length} has no fixed length: {remedy}")
        return Period(months=months)
    if not is_rolling:
        notes.reject(line, f"a calendar has no period of {length}: write 1M, 1Q or 1Y, or isRolling: true")
    days = int(length[:-1]) * (7 if length.endswith("w") else 1)
    if days > LONGEST_ROLL:
        notes.reject(line, f"'{length}' is longer than {LONGEST_ROLL} days: shorten it")
    return Period(days=days)


def _line(node: source.Node, *steps: str) -> int:
    """Return the line of a key, or of the nearest one around it that exists."""
    line = node.line
    for step in steps:
        if isinstance(node, source.Mapping) and step in node.entries:
            line, node = node.lines[step], node.entries[step]
    return line
