"""The key ``support`` of ``components.yaml``: how customers are helped and how fast, from text to types."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from statusgen import calendars, periods, shape
from statusgen.calendars import ALWAYS, Hours
from statusgen.names import DATE, ID, NAME, ZONE, public_link
from statusgen.promises import STANDARDS, Channel, Link, Plan, Severity, Standard, Support
from statusgen.shape import Key, Many, Notes, Pairs, Parsed, Record

Lines = Callable[[str], int]


def address(text: str) -> str:
    """Check where a link of the support page leads: web, mail or telephone; raise ValueError with the remedy."""
    if re.match(r"https?://", text):
        return public_link(text)
    pattern = r"mailto:[^\s@{}]+@[^\s@{}]+|tel:\+?[ ().-]*\d[\d ().-]*"
    if not text.isprintable() or not re.fullmatch(pattern, text, re.ASCII):
        raise ValueError(f"'{text}' is not an address: write https://…, mailto:name@host or tel:+49 30 1234567")
    return text.replace(" ", "")


_ADDRESS = Parsed(address, "an address", {"type": "string", "pattern": "^(https?://|mailto:|tel:)"})


def _days(text: str) -> str:
    calendars.parse_days(text)
    return text


_DAYS = Parsed(_days, "days of the week", {"type": "string"})
_SPANS = Parsed(calendars.parse_spans, "hours like 09:00-17:00, or closed", {"type": "string"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hours:
    """Hours as written: without a zone of their own they have that of the support."""

    week: tuple[tuple[str, tuple[tuple[int, int], ...]], ...]
    zone: str = ""
    holidays: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not any(spans for _, spans in self.week):
            raise ValueError("nobody is ever there: give a day its hours, like {mon-fri: '09:00-17:00'}")

    def hours(self, id_: str, zone: str) -> Hours:
        days: list[tuple[tuple[int, int], ...]] = [()] * 7
        for named, spans in self.week:
            for day in calendars.parse_days(named):
                days[day] = spans
        return Hours(id=id_, zone=self.zone or zone, week=tuple(days), holidays=self.holidays)


def _always(text: str) -> _Hours:
    if text != ALWAYS.id:
        raise ValueError(f"'{text}' is not hours: write 'always', or a map with 'week'")
    return _Hours(week=(("mon-sun", ALWAYS.week[0]),))


def _hours(*, week: tuple[tuple[str, tuple[tuple[int, int], ...]], ...], **rest: Any) -> _Hours:
    named = [day for days, _ in week for day in calendars.parse_days(days)]
    if twice := next((calendars.WEEK[day] for day in named if named.count(day) > 1), ""):
        raise ValueError(f"'{twice}' stands twice in 'week': name each day once")
    return _Hours(week=week, **rest)


_HOURS = Record(
    _hours,
    {
        "week": Key(
            shape=Pairs(_DAYS, _SPANS), doc="Days and their hours, like {mon-fri: '09:00-17:00'}.", required=True
        ),
        "zone": Key(shape=ZONE, doc="Time zone of these hours; default: that of support."),
        "holidays": Key(shape=Many(DATE, most=1_000), doc="Days on which nobody is there."),
    },
    short=Parsed(_always, "always", {"const": ALWAYS.id}),
)


def _standard(severity: Severity) -> Record[dict[str, Any]]:
    default = next(each for each in STANDARDS if each.severity is severity)
    return Record(
        dict,
        {
            "definition": Key(shape=shape.text(600), doc="What makes an incident one of this severity."),
            "respond": Key(
                shape=shape.seconds("1m", "90d"),
                doc=f"Time to the first response; default {periods.duration(default.respond)}.",
            ),
            "update": Key(
                shape=shape.seconds("1m", "90d"),
                doc=f"Longest time between updates; default {periods.duration(default.update)}.",
            ),
            "hours": Key(shape=shape.text(80), doc="Hours in which both times run; default always."),
            "postmortem": Key(
                shape=shape.seconds("1h", "365d"), doc="When a post-mortem is due after the end; default 7d for sev1."
            ),
        },
    )


_LINK: Key[Any] = Key(shape=_ADDRESS, doc="Where it is: https://…, mailto:… or tel:+….")
SHAPE: Record[dict[str, Any]] = Record(
    dict,
    {
        "zone": Key(shape=ZONE, doc="Time zone of the hours, and of the months of response times; default UTC."),
        "hours": Key(shape=Pairs(ID, _HOURS), doc="Hours by name, like standard and emergency."),
        "severities": Key(
            shape=Record(dict, {each.value: Key(shape=_standard(each), doc=f"Of {each}.") for each in Severity}),
            doc="What incidents of a severity are promised.",
        ),
        "channels": Key(
            shape=Many(
                Record(
                    dict,
                    {
                        "name": Key(shape=NAME, doc="Name of the channel.", required=True),
                        "description": Key(shape=shape.text(300), doc="One sentence about it."),
                        "link": _LINK,
                        "hours": Key(shape=shape.text(80), doc="Name of the hours in which somebody answers."),
                    },
                ),
                most=50,
            ),
            doc="Ways to reach you.",
        ),
        "plans": Key(
            shape=Many(
                Record(
                    dict,
                    {
                        "name": Key(shape=NAME, doc="Name of the plan.", required=True),
                        "description": Key(shape=shape.text(300), doc="One sentence about it."),
                        "channels": Key(shape=Many(NAME), doc="Names of the channels that are open to it."),
                    },
                ),
                most=20,
            ),
            doc="What customers can buy.",
        ),
        "documentation": Key(
            shape=Many(
                Record(
                    Link,
                    {
                        "name": Key(shape=NAME, doc="What it is.", required=True),
                        "link": replace(_LINK, required=True),
                    },
                ),
                most=50,
            ),
            doc="Links to documentation.",
        ),
    },
)


def build(written: Mapping[str, Any], lines: Lines, notes: Notes) -> Support:
    """Return the support that was written; note names of hours and channels that do not exist."""
    zone = written.get("zone", "UTC")
    hours = {name: each.hours(name, zone) for name, each in written.get("hours", ())}
    if ALWAYS.id in hours:
        notes.reject(lines(f"support.hours.{ALWAYS.id}"), f"hours '{ALWAYS.id}' are known already: choose another name")
    known = {**hours, ALWAYS.id: ALWAYS}
    channels: tuple[Mapping[str, Any], ...] = written.get("channels", ())
    plans: tuple[Mapping[str, Any], ...] = written.get("plans", ())
    severities: Mapping[str, Mapping[str, Any]] = written.get("severities", {})
    places = [(f"channels.{i}.hours", channel.get("hours", "")) for i, channel in enumerate(channels)]
    places += [(f"severities.{severity}.hours", each.get("hours", "")) for severity, each in severities.items()]
    for place, name in places:
        _refuse_unknown("there are no hours", name, known, lines(f"support.{place}"), notes)
    names = [channel["name"] for channel in channels]
    for what, many in (("channel", channels), ("plan", plans)):
        told = [each["name"] for each in many]
        for i, name in enumerate(told):
            if name in told[:i]:
                notes.reject(lines(f"support.{what}s.{i}.name"), f"{what} '{name}' stands twice: rename or remove one")
    for i, plan in enumerate(plans):
        for j, name in enumerate(plan.get("channels", ())):
            _refuse_unknown("there is no channel", name, names, lines(f"support.plans.{i}.channels.{j}"), notes)
    return Support(
        is_published=True,
        zone=zone,
        standards=tuple(_with(each, severities.get(each.severity, {}), known) for each in STANDARDS),
        hours=tuple(hours.values()),
        channels=tuple(Channel(**{**each, "hours": known.get(each.get("hours", ""))}) for each in channels),
        plans=tuple(Plan(**each) for each in plans),
        links=written.get("documentation", ()),
    )


def _with(standard: Standard, written: Mapping[str, Any], known: Mapping[str, Hours]) -> Standard:
    hours = known.get(written.get("hours", ALWAYS.id), ALWAYS)
    return replace(standard, **{**written, "hours": hours})


def _refuse_unknown(there_is_no: str, name: str, known: Collection[str], line: int, notes: Notes) -> None:
    if name and name not in known:
        notes.reject(line, f"{there_is_no} '{name}'{notes.meant(name, known)}: correct the name, or add it")
