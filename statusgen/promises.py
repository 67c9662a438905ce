"""What is promised to customers, as frozen types: objectives (SLO, SLA), severities, support.

An objective is a share of time to be up, over periods of a calendar or the last so many days. Shares are kept as they
were written and as integers over integers, so that nothing is lost between 99.9 and 99.90.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum

from statusgen.calendars import ALWAYS, Hours
from statusgen.periods import DAY, HOUR

_SHARE = re.compile(r"(\d{1,2})(?:\.(\d{1,6}))?\s*%?", re.ASCII)


class Severity(StrEnum):
    """How we rank an incident."""

    SEV1 = "sev1"
    SEV2 = "sev2"
    SEV3 = "sev3"


class MaintenanceRule(StrEnum):
    """What maintenance does to availability: leave numerator and denominator, or nothing."""

    EXCLUDE = "exclude"
    COUNT = "count"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How time becomes a number. Weights are per mille of a second of downtime.

    ``announced`` and ``cap`` narrow what maintenance is left out: that announced at least so many seconds before its
    window, and of each calendar month at most so many seconds (None: no bound). ``least_outage`` is how long an outage
    has to last, in seconds, to count at all.
    """

    maintenance: MaintenanceRule = MaintenanceRule.EXCLUDE
    major: int = 1_000
    partial: int = 500
    degraded: int = 0
    announced: int = 0
    cap: int | None = None
    least_outage: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A percentage as written, and the same as ``part / whole``."""

    text: str
    part: int
    whole: int

    @classmethod
    def parse(cls, text: str) -> Share:
        """Read ``99.9`` (per cent, more than 0 and less than 100); raise ValueError with the remedy."""
        if re.fullmatch(r"\d{1,3},\d+\s*%?", text.strip()):
            raise ValueError(f"'{text}' is not a percentage: write '{text.replace(',', '.')}' with a point")
        if re.fullmatch(r"100(\.0*)?\s*%?", text.strip()):
            raise ValueError(f"'{text}' leaves no second for any outage: write less than 100, like 99.999")
        found = _SHARE.fullmatch(text.strip())
        if not found or not int(found[1] + (found[2] or "")):
            raise ValueError(f"'{text}' is not a percentage between 0 and 100: write it like 99.9")
        digits = found[2] or ""
        number = text.strip().removesuffix("%").strip()
        return cls(text=number, part=int(found[1] + digits), whole=100 * 10 ** len(digits))

    @property
    def decimals(self) -> int:
        return len(self.text.partition(".")[2])

    def is_at_most(self, other: Share) -> bool:
        return self.part * other.whole <= other.part * self.whole

    def is_reached_by(self, part: int, whole: int) -> bool:
        """Tell whether ``part / whole`` is at least this share, exactly."""
        return part * self.whole >= self.part * whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """What an objective is reckoned over: calendar periods of 1, 3 or 12 ``months``, or else the last so many days."""

    months: int = 0
    days: int = 0

    @property
    def word(self) -> str:
        rolling = "last day" if self.days == 1 else f"last {self.days} days"
        return {1: "month", 3: "quarter", 12: "year"}.get(self.months, rolling)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """What a customer gets back, in per cent of the fee, when availability stays below a share."""

    below: Share
    percent: str


class Kind(StrEnum):
    """Whether an objective is what we aim at or what we have promised."""

    SLO = "slo"
    SLA = "sla"


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """A share of time that components are to be up. Several components are reckoned by their seconds together.

    Periods are of the calendar in ``zone``; nothing before ``begins`` counts. ``credits`` come with the highest share
    first.
    """

    id: str
    kind: Kind
    name: str
    components: tuple[str, ...]
    target: Share
    period: Period
    group: str = ""
    zone: str = "UTC"
    begins: int | None = None
    policy: Policy = field(default_factory=Policy)
    credits: tuple[Credit, ...] = ()

    def starts(self, at: int) -> int:
        """Return the instant, or when the promise begins if that is later."""
        return at if self.begins is None else max(at, self.begins)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """What incidents of a severity are promised: first response and updates within so many seconds of ``hours``.

    ``postmortem`` is after how many seconds one is due, None where none is.
    """

    severity: Severity
    definition: str
    respond: int
    update: int
    hours: Hours = ALWAYS
    postmortem: int | None = None


STANDARDS = (
    Standard(
        severity=Severity.SEV1,
        definition="The service is down or a main function cannot be used, and there is no workaround; "
        "or a security vulnerability puts customers' data at risk.",
        respond=3 * HOUR,
        update=2 * HOUR,
        postmortem=7 * DAY,
    ),
    Standard(
        severity=Severity.SEV2,
        definition="A main function is impaired or fails for some customers, or there is a workaround.",
        respond=8 * HOUR,
        update=8 * HOUR,
    ),
    Standard(
        severity=Severity.SEV3,
        definition="A minor function is impaired, with little effect on daily work.",
        respond=2 * DAY,
        update=2 * DAY,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A way to reach us, and the hours in which somebody answers there."""

    name: str
    description: str = ""
    link: str = ""
    hours: Hours | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a customer has bought: the names of the channels that are open to them."""

    name: str
    description: str = ""
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    name: str
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """How customers are helped. Without a word of it in ``components.yaml`` it is not published.

    Months of response times are those of ``zone``.
    """

    is_published: bool = False
    zone: str = "UTC"
    standards: tuple[Standard, ...] = STANDARDS
    hours: tuple[Hours, ...] = ()
    channels: tuple[Channel, ...] = ()
    plans: tuple[Plan, ...] = ()
    links: tuple[Link, ...] = ()

    def standard(self, severity: Severity) -> Standard:
        return next(each for each in self.standards if each.severity is severity)
