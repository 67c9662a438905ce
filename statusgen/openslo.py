"""``slo/*.yaml``: objectives declared as OpenSLO v1 documents (github.com/OpenSLO/OpenSLO), one a file.

Taken over are the name, the service (a component's id or a group's name), the target and the time window. The indicator
is always the availability that this program measures, by seconds, so ``indicator`` and what belongs to it is passed
over. What a document says beyond that is refused rather than ignored.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from statusgen import shape, source
from statusgen.errors import Problem, SourceError
from statusgen.model import Site
from statusgen.names import ID, NAME, ZONE
from statusgen.objectives import LONGEST_ROLL, Draft, Subjects
from statusgen.promises import Kind, Objective, Period, Share
from statusgen.shape import Key, Many, Notes, Parsed, Record, Rejected

FOLDER = "slo"
_CALENDAR = {"1M": 1, "1Q": 3, "3M": 3, "1Y": 12, "12M": 12}


class _Whatever:
    """A value that is somebody else's business."""

    def read(self, node: source.Node, name: str, notes: Notes) -> None:  # noqa: ARG002 - as every shape
        return None

    def schema(self) -> shape.Schema:
        return {}


_ANY: Key[Any] = Key(shape=_Whatever(), doc="Passed over.")


def _duration(text: str) -> str:
    if text not in _CALENDAR and not re.fullmatch(r"[1-9]\d{0,2}[dw]", text):
        raise ValueError(f"'{text}' is not a window that can be reckoned: write 1M, 1Q, 1Y, or days and weeks like 28d")
    return text


def _share_of_one(text: str) -> Share:
    found = re.fullmatch(r"0?\.(\d{1,8})", text)
    if not found:
        raise ValueError(f"'{text}' is not a target: write a share of one like 0.999, or targetPercent: 99.9")
    digits = found[1].ljust(3, "0")
    return Share.parse(f"{int(digits[:2])}.{digits[2:]}")


def _target(*, target: Share | None = None, targetPercent: Share | None = None, **_: Any) -> Share:  # noqa: N803
    given = [share for share in (target, targetPercent) if share is not None]
    if len(given) != 1:
        raise ValueError("needs either 'target' or 'targetPercent'")
    return given[0]


_WINDOW: Record[dict[str, Any]] = Record(
    dict,
    {
        "duration": Key(shape=Parsed(_duration, "a duration", {}), doc="Length of the window.", required=True),
        "isRolling": Key(shape=shape.flag(), doc="Whether it ends now."),
        "calendar": Key(
            shape=Record(dict, {"startTime": _ANY, "timeZone": Key(shape=ZONE, doc="Zone.", required=True)}),
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
        "timeSliceTarget": _ANY,
        "timeSliceWindow": _ANY,
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
                    "timeWindow": Key(shape=Many(_WINDOW, least=1, most=1), doc="The window.", required=True),
                    "budgetingMethod": Key(
                        shape=shape.choice(("Occurrences", "Timeslices", "RatioTimeslices")), doc="How it is counted."
                    ),
                    "objectives": Key(shape=Many(_OBJECTIVE, least=1, most=1), doc="The target.", required=True),
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
    found: dict[str, Objective] = {objective.id: objective for objective in site.objectives}
    declared: list[Objective] = []
    for path in sorted(texts):
        notes = Notes(path)
        try:
            objective = _read(texts[path], path, site, notes)
            if objective.id in found:
                message = f"objective '{objective.id}' is declared elsewhere already: rename or remove one"
                notes.reject(1, message)
                raise SourceError(notes.problems)
            found[objective.id] = objective
            declared.append(objective)
        except SourceError as error:
            problems += [problem for problem in error.problems if problem not in notes.problems]
        problems += notes.problems
    return Reading(tuple(declared), tuple(problems))


def _read(text: str, path: str, site: Site, notes: Notes) -> Objective:
    node = source.parse(text, path)
    try:
        document = _DOCUMENT.read(node, "document", notes)
    except Rejected:
        raise SourceError(notes.problems) from None
    line = _line(node, "spec", "service")
    objective = Subjects(site.components, site.groups, site.policy).objective(
        _draft(document, site, _line(node, "spec", "timeWindow"), notes), Kind.SLO, line, notes
    )
    if objective is None or notes.errors:
        raise SourceError(notes.problems)
    if document["spec"].get("budgetingMethod") == "Occurrences":
        notes.warn(_line(node, "spec", "budgetingMethod"), "is counted by seconds, as Timeslices, not by occurrences")
    return objective


def _draft(document: Mapping[str, Any], site: Site, line: int, notes: Notes) -> Draft:
    spec, metadata = document["spec"], document["metadata"]
    (window,) = spec["timeWindow"]
    is_group = spec["service"] not in [component.id for component in site.components]
    return Draft(
        id=metadata["name"],
        name=metadata.get("displayName", ""),
        target=spec["objectives"][0],
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
            notes.reject(line, f"a rolling window of {length} has no fixed length: write days, like 30d")
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
