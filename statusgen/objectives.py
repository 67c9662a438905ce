"""The keys ``slo`` and ``sla`` of ``components.yaml``: availability that is aimed at or promised, from text to types.

What an objective is about is looked up once all components are known, so that a promise about something that does not
exist, or that nobody measures, is an error with its line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from statusgen import calendars, shape, source
from statusgen.model import Component
from statusgen.names import DATE, ID, NAME, ZONE
from statusgen.promises import Credit, Kind, MaintenanceRule, Objective, Period, Policy, Share
from statusgen.shape import Key, Many, Notes, Parsed, Record, Schema

MONTHS = {"month": 1, "quarter": 3, "year": 12}
LONGEST_ROLL = 366  # days

_PERCENT: Schema = {"type": ["number", "string"], "pattern": r"^\d{1,2}(\.\d{1,6})?\s*%?$"}
_SHARE = Parsed(Share.parse, "a percentage like 99.9", _PERCENT)


def _credit_percent(text: str) -> str:
    found = re.fullmatch(r"(\d{1,3}(?:\.\d{1,2})?)\s*%?", text.strip(), re.ASCII)
    if not found or not 0 < float(found[1]) <= 100:
        raise ValueError(f"'{text}' is not a credit: write per cent of the fee, at most 100, like 10")
    return found[1]


def parse_period(text: str) -> Period:
    """Read ``month``, ``quarter``, ``year`` or ``28d``; raise ValueError with the remedy."""
    if text in MONTHS:
        return Period(months=MONTHS[text])
    found = re.fullmatch(r"([1-9]\d{0,2})\s*d", text, re.ASCII)
    if not found or int(found[1]) > LONGEST_ROLL:
        raise ValueError(f"'{text}' is not a period: write month, quarter, year, or days like 28d (at most 366d)")
    return Period(days=int(found[1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An objective as written, before it is known what there is to promise something about."""

    id: str
    target: Share
    period: Period
    name: str = ""
    component: str = ""
    group: str = ""
    zone: str = "UTC"
    begins: str = ""
    credits: tuple[Credit, ...] = ()
    maintenance: MaintenanceRule | None = None
    announced: int = 0
    cap: int | None = None
    least_outage: int = 0
    weights: tuple[int, int, int] | None = None


def _draft(
    *, exclusions: Mapping[str, Any] | None = None, service_credits: tuple[Credit, ...] = (), **rest: Any
) -> Draft:
    if rest.get("component") and rest.get("group"):
        raise ValueError(f"'{rest['id']}' has both 'component' and 'group': keep one")
    if not rest.get("component") and not rest.get("group"):
        raise ValueError(f"'{rest['id']}' has neither 'component' nor 'group': add one")
    target: Share = rest["target"]
    for credit in service_credits[:1]:
        if not credit.below.is_at_most(target):
            due = f"a credit below {credit.below.text} is due with the target {target.text} reached"
            raise ValueError(f"'{rest['id']}': {due}: lower it to {target.text} at most")
    begins = rest.pop("from", "")
    return Draft(begins=begins, credits=service_credits, **(exclusions or {}), **rest)


@dataclass(frozen=True, slots=True)
class _Tiers:
    """A list of credits of which no two are due at once: lower limits come later and give more."""

    credits: Many[Credit]

    def read(self, node: source.Node, name: str, notes: Notes) -> tuple[Credit, ...]:
        tiers = self.credits.read(node, name, notes)
        assert isinstance(node, source.Sequence)
        for (higher, lower), written in zip(pairwise(tiers), node.items[1:], strict=True):
            if fault := _overlap(higher, lower):
                raise notes.reject(written.line, f"'{name}' overlap: {fault}")
        return tiers

    def schema(self) -> Schema:
        return self.credits.schema()


def _overlap(higher: Credit, lower: Credit) -> str:
    """Return what is wrong with a tier that comes after another, empty if nothing is."""
    if higher.below.is_at_most(lower.below):
        return f"{lower.below.text} comes after {higher.below.text}: write each limit once, the highest first"
    if float(lower.percent) <= float(higher.percent):
        less = f"below {lower.below.text} gives {lower.percent} %, no more than below {higher.below.text}"
        return f"{less}: raise it, or remove it"
    return ""


def weights(*, major_outage: int = 1_000, partial_outage: int = 500, degraded_performance: int = 0) -> tuple[int, ...]:
    return major_outage, partial_outage, degraded_performance


WEIGHTS: dict[str, Key[Any]] = {
    "major_outage": Key(shape=shape.integer(0, 1_000), doc="Per mille; default 1000."),
    "partial_outage": Key(shape=shape.integer(0, 1_000), doc="Per mille; default 500."),
    "degraded_performance": Key(shape=shape.integer(0, 1_000), doc="Per mille; default 0."),
}


def _keys(with_credits: bool) -> dict[str, Key[Any]]:
    credit = Record(
        lambda *, below, credit: Credit(below=below, percent=credit),
        {
            "below": Key(shape=_SHARE, doc="The availability under which it is due, in per cent.", required=True),
            "credit": Key(
                shape=Parsed(_credit_percent, "per cent of the fee", {"type": ["number", "string"]}),
                doc="What the customer gets back, in per cent of the period's fee.",
                required=True,
            ),
        },
    )
    credits = {
        "service_credits": Key(shape=_Tiers(Many(credit, most=20)), doc="What is due when it is missed, highest first.")
    }
    return {
        "id": Key(shape=ID, doc="Stable id, part of addresses and files.", required=True),
        "name": Key(shape=NAME, doc="Name as customers know it; default: the component's or group's."),
        "component": Key(shape=shape.text(80), doc="Id of the component it is about; it must have a check."),
        "group": Key(
            shape=shape.text(120),
            doc="Name of the group it is about, instead of one component; each of its must have a check.",
        ),
        "target": Key(shape=_SHARE, doc="Availability in per cent, kept as written.", required=True),
        "period": Key(
            shape=Parsed(
                parse_period, "a period", {"type": "string", "pattern": r"^(month|quarter|year|\d{1,3}\s*d)$"}
            ),
            doc="month, quarter or year of the calendar, or the last days, like 28d.",
            required=True,
        ),
        "zone": Key(shape=ZONE, doc="Time zone of the contract's calendar; default UTC."),
        "from": Key(shape=DATE, doc="First day of the promise, in its zone; nothing before it counts."),
        **(credits if with_credits else {}),
        "exclusions": Key(
            shape=Record(
                dict,
                {
                    "maintenance": Key(
                        shape=shape.choice(MaintenanceRule),
                        doc="exclude leaves planned maintenance out, count does not; default: the policy's.",
                    ),
                    "announced": Key(
                        shape=shape.seconds("0s", "90d"),
                        doc="Maintenance is left out only if it was announced so long before its window; default 0s.",
                    ),
                    "cap": Key(
                        shape=shape.seconds("0s", "31d"),
                        doc="At most so much maintenance of a calendar month is left out; default: no bound.",
                    ),
                    "least_outage": Key(
                        shape=shape.seconds("0s", "1d"),
                        doc="Outages shorter than this do not count; default 0s.",
                    ),
                },
            ),
            doc="What does not count against it.",
        ),
        "weights": Key(shape=Record(weights, WEIGHTS), doc="How much of a second counts; default: the policy's."),
    }


def listed(kind: Kind) -> Many[Draft]:
    """Return the shape of the list under ``slo`` or ``sla``."""
    return Many(Record(_draft, _keys(with_credits=kind is Kind.SLA)), most=500)


@dataclass(frozen=True, slots=True)
class Subjects:
    """What an objective can be about, and the policy it has unless it says otherwise."""

    components: tuple[Component, ...]
    groups: tuple[str, ...]
    policy: Policy

    def objective(self, draft: Draft, kind: Kind, line: int, notes: Notes) -> Objective | None:
        """Return the objective; note what it is about that does not exist or is not measured."""
        members = self._members(draft, line, notes)
        about = f"objective '{draft.id}' is about component"
        for component in members:
            if not component.checks:
                remedy = "give it a check, or remove the objective"
                notes.reject(line, f"{about} '{component.id}', which has no check to measure it: {remedy}")
        if not members:
            return None
        rule = draft.maintenance if draft.maintenance is not None else self.policy.maintenance
        major, partial, degraded = draft.weights or (self.policy.major, self.policy.partial, self.policy.degraded)
        return Objective(
            id=draft.id,
            kind=kind,
            name=draft.name or draft.group or members[0].name,
            components=tuple(component.id for component in members),
            group=draft.group,
            target=draft.target,
            period=draft.period,
            zone=draft.zone,
            begins=calendars.day_start(draft.zone, draft.begins) if draft.begins else None,
            credits=draft.credits,
            policy=Policy(
                maintenance=rule,
                major=major,
                partial=partial,
                degraded=degraded,
                announced=draft.announced,
                cap=draft.cap,
                least_outage=draft.least_outage,
            ),
        )

    def _members(self, draft: Draft, line: int, notes: Notes) -> tuple[Component, ...]:
        if draft.group:
            members = tuple(component for component in self.components if component.group == draft.group)
            if not members:
                known = [group for group in self.groups if group != draft.group]
                about = f"objective '{draft.id}' is about group '{draft.group}', and no component is in it"
                notes.reject(line, f"{about}{notes.meant(draft.group, known)}: correct the name")
            return members
        members = tuple(component for component in self.components if component.id == draft.component)
        if not members:
            known = [component.id for component in self.components]
            about = f"objective '{draft.id}' is about component '{draft.component}', and there is none"
            notes.reject(line, f"{about}{notes.meant(draft.component, known)}: correct the name")
        return members
