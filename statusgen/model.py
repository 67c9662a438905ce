"""The words of a status page as frozen types. Read this and ``snapshot`` to know the program.

Instants are epoch seconds in UTC, durations seconds, latencies and what is named ``…_ms`` milliseconds. Nothing
here does anything: parsing is in ``config``, ``incidents`` and ``ledger``, arithmetic in ``availability``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, StrEnum
from operator import sub
from typing import NamedTuple

from statusgen.promises import Objective, Policy, Severity, Support
from statusgen.routes import Route


class Verdict(Enum):
    """What a check's answer amounts to. Ordered: a higher value is worse."""

    UP = 0
    DEGRADED = 1
    DOWN = 2

    @property
    def word(self) -> str:
        return self.name.lower()


class State(StrEnum):
    """How a component is. The order of definition is the order of gravity, the mildest first."""

    UNKNOWN = "unknown"
    OPERATIONAL = "operational"
    MAINTENANCE = "under_maintenance"
    DEGRADED = "degraded_performance"
    PARTIAL = "partial_outage"
    MAJOR = "major_outage"

    @property
    def gravity(self) -> int:
        return _GRAVITY[self]

    @property
    def word(self) -> str:
        return _STATE_WORDS[self]


_GRAVITY = {state: rank for rank, state in enumerate(State)}
_STATE_WORDS = {
    State.UNKNOWN: "No data",
    State.OPERATIONAL: "Operational",
    State.MAINTENANCE: "Under maintenance",
    State.DEGRADED: "Degraded performance",
    State.PARTIAL: "Partial outage",
    State.MAJOR: "Major outage",
}
TROUBLE = (State.MAJOR, State.PARTIAL, State.DEGRADED)  # the worst first
LATENCY_DAYS = 90  # days that response times are told of
RETENTION = 8  # days that the ledger's day files stay in the tree: today, and the seven before it
DECLARABLE = tuple(state for state in State if state is not State.UNKNOWN)


class Impact(StrEnum):
    """What users feel of an event, or of all together: the Status API's word. In the order of gravity."""

    NONE = "none"
    MAINTENANCE = "maintenance"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"

    @property
    def gravity(self) -> int:
        return list(Impact).index(self)


class Phase(StrEnum):
    """How far an incident or a maintenance has come: the word in an update's heading, and of its post-mortem."""

    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"
    SCHEDULED = "scheduled"
    IN_PROGRESS = "in progress"
    VERIFYING = "verifying"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    POSTMORTEM = "postmortem"  # heads no update: it is a file of its own

    @property
    def word(self) -> str:
        return self.value.capitalize()


INCIDENT_PHASES = (Phase.INVESTIGATING, Phase.IDENTIFIED, Phase.MONITORING, Phase.RESOLVED)
MAINTENANCE_PHASES = (Phase.SCHEDULED, Phase.IN_PROGRESS, Phase.VERIFYING, Phase.COMPLETED, Phase.CANCELLED)
CLOSED_PHASES = (Phase.RESOLVED, Phase.COMPLETED, Phase.CANCELLED)


GOOD = (Verdict.UP, Verdict.DEGRADED)  # of which the latency tells how fast a target is


def verdict_word(verdict: Verdict | None) -> str:
    """Return the word of a verdict, ``unknown`` for none: it could not be told how the target was."""
    return verdict.word if verdict else "unknown"


Limits = tuple[tuple[str, int], ...]  # a phase of ``Details``, or ``total``, and milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What every kind of check has; each kind in ``probes`` adds its own.

    A complete answer that took longer than one of the limits is degraded or down. ``inverted``: what is down is up, and
    an answer is down. ``ip`` is the one version of the internet protocol to use, 4 or 6; 0 for either.
    """

    timeout_ms: int = 0  # 0: the site's
    degraded_above: Limits = ()
    down_above: Limits = ()
    inverted: bool = False
    ip: int = 0

    def references(self) -> tuple[str, ...]:
        """Return the texts that may refer to secrets."""
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A question with a name. ``down`` is what its failure means to its component.

    ``interval`` is how many seconds are between two answers; 0: it is asked in every round.
    """

    id: str
    question: Question
    down: State = State.MAJOR
    interval: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """What customers know. Without checks its state comes from incidents alone."""

    id: str
    name: str
    description: str = ""
    group: str = ""
    link: str = ""
    since: int | None = None
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Probing:
    """How to probe. ``locations`` are the voters; none named means every location that has data.

    ``controls`` are targets that have nothing to do with one another, as ``host:port``: unless more than half of them
    take a connection, it is the prober that is offline. None: nobody asks.
    """

    interval: int = 300
    timeout_ms: int = 10_000
    reprobe_ms: tuple[int, ...] = (2_000, 5_000)
    confirm: int = 2
    recover: int = 2
    locations: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()

    @property
    def quorum(self) -> int:
        """How many of the controls must take a connection."""
        return len(self.controls) // 2 + 1

    def of(self, check: Check) -> Probing:
        """Return how one check is probed: its own interval comes before the site's."""
        return replace(self, interval=check.interval) if check.interval else self


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """Where people who found a vulnerability turn to, in the words of RFC 9116: URIs, an instant, language tags."""

    contact: tuple[str, ...]
    expires: int
    policy: tuple[str, ...] = ()
    encryption: tuple[str, ...] = ()
    acknowledgments: tuple[str, ...] = ()
    preferred_languages: tuple[str, ...] = ()
    hiring: tuple[str, ...] = ()
    canonical: tuple[str, ...] = ()  # none: made from the site's url


class DraftMode(StrEnum):
    """What an outage without an incident leads to: nothing, a draft on a branch of its own, or an incident at once."""

    OFF = "off"
    DRAFT = "draft"
    PUBLISH = "publish"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafts:
    """Whether the program writes incidents. Seconds: how long an outage has lasted ``after`` which it does, and how
    long all has to be well until it ``settle``s. ``branch`` is where a push publishes them, empty for none.
    """

    mode: DraftMode = DraftMode.OFF
    after: int = 0
    settle: int = 1_800
    branch: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """``components.yaml``, parsed. ``groups`` are names in the order they are shown."""

    name: str
    url: str  # without a slash at its end
    id: str
    is_named: bool = True  # the id is its own; else it was made from the url
    description: str = ""
    language: str = "en"
    languages: tuple[str, ...] = ()  # further ones that the pages are published in
    repository: str = ""
    notice: str = ""
    theme: str = "default"
    authority: str = ""
    branch: str = "status-data"  # empty: the ledger lies in the working tree
    retention: int = RETENTION  # days
    probing: Probing = field(default_factory=Probing)
    policy: Policy = field(default_factory=Policy)
    groups: tuple[str, ...] = ()
    components: tuple[Component, ...] = ()
    objectives: tuple[Objective, ...] = ()
    support: Support = field(default_factory=Support)
    disclosure: Disclosure | None = None
    routes: tuple[Route, ...] = field(default=(), repr=False)  # nothing that is published hangs on them
    drafts: Drafts = field(default_factory=Drafts)

    @property
    def checks(self) -> tuple[Check, ...]:
        return tuple(check for component in self.components for check in component.checks)


# What was measured.


class Sample(NamedTuple):
    """One check's answer at one instant. A tuple, because a year holds a million of them."""

    at: int
    verdict: Verdict | None  # None: it could not be told, and the reason says why; nothing is known from here on
    latency: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """How long the phases of an answer took, one after the other, and when the server's certificate ends.

    Milliseconds; None for a phase that did not end or is none of the check's kind. Numbers only: nothing of what a
    target sent.
    """

    dns: int | None = None
    connect: int | None = None
    tls: int | None = None
    first_byte: int | None = None  # from the connection, or the handshake, to the end of the answer's head
    transfer: int | None = None
    certificate_end: int | None = None  # epoch seconds; known of a certificate that was verified only


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """All checks asked at one instant from one location: one line of the ledger. ``details`` are there rarely."""

    at: int
    answers: tuple[tuple[str, Sample], ...] = ()
    prober_error: str = ""
    late: str = ""
    details: tuple[tuple[str, Details], ...] = ()


Runs = tuple[tuple[int, str], ...]  # so many rounds in a row, and a word; "" for nothing to say


class Stretch(NamedTuple):
    """So many rounds in a row in which a check said the same.

    Without a verdict it was not asked, or, if there is a reason, it could not be told.
    """

    rounds: int
    verdict: Verdict | None
    reason: str = ""

    @property
    def is_told(self) -> bool:
        """Whether there are samples of these rounds."""
        return self.verdict is not None or self.reason != ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A UTC day at one location, summed up. Verdicts are all there, to the second; single latencies are not.

    ``rounds`` are the instants of all rounds in order, ``longest`` is the longest pause between two of them.
    ``checks`` says for each check what it said in them; ``errors`` and ``late`` say of so many rounds in a row that
    they were a prober's error or recorded late, with "" for those that were not; empty where no round was.
    ``latencies`` are histograms of the latencies of good answers, by check, as text.
    """

    start: int
    rounds: tuple[int, ...]
    checks: Mapping[str, tuple[Stretch, ...]]
    errors: Runs = ()
    late: Runs = ()
    latencies: Mapping[str, str] = field(default_factory=dict)
    longest: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "longest", max(map(sub, self.rounds[1:], self.rounds), default=0))


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What one location saw up to an instant: days in order, and each check's newest samples one by one.

    ``details`` are each check's latest, with the instant of their round, where that is of today or yesterday; the end
    of a certificate is the one known last.

    Where several runners share a location, each with checks of its own, ``shards`` are their histories and the rest is
    empty: when one of them was not there, or offline, says nothing about the others' checks.
    """

    days: tuple[Day, ...] = ()
    recent: Mapping[str, Sequence[Sample]] = field(default_factory=dict)
    details: Mapping[str, tuple[int, Details]] = field(default_factory=dict)
    shards: tuple[History, ...] = ()

    @property
    def parts(self) -> tuple[History, ...]:
        """The histories that it consists of, itself where nobody shares it."""
        return self.shards or (self,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What a probe saw of a complete answer: facts, not yet a verdict.

    ``status`` is that of a response, or a program's exit code; ``unmet`` the reason of the first demand on the answer's
    contents that it does not meet, and ``unmet_as`` what that amounts to. ``certificate_end`` is the earliest of all
    certificates that were verified, and ``expires`` when what was asked about runs out.
    """

    latency: int | None = None
    status: int | None = None
    unmet: str = ""
    unmet_as: Verdict = Verdict.DOWN
    answers: tuple[str, ...] = ()
    certificate_end: int | None = None
    expires: int | None = None


# What people wrote.


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """One dated entry of an incident. ``ordinal`` counts from 1 within the minute of ``at``.

    ``next`` is by when its author promised the next one. ``occurrence`` is the local date of the one occurrence that it
    is of, where it is of a maintenance that repeats and says so.
    """

    at: int
    phase: Phase
    text: str
    ordinal: int = 1
    components: tuple[tuple[str, State], ...] = ()
    line: int = 0
    next: int | None = None
    occurrence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Postmortem:
    """What was learnt, in Markdown. ``at`` is when it was published, the beginning of a UTC day if no more is known.

    The text begins on ``line`` of its file.
    """

    path: str
    title: str
    text: str
    at: int | None = None
    authors: tuple[str, ...] = ()
    draft: bool = False
    line: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """What a person wrote about trouble, updates in time order.

    What one of what was ``measured`` says of components is shown and adds nothing to numbers. An ``automatic`` one was
    written by the program, and nobody has changed it since.
    """

    slug: str
    path: str
    title: str
    started: int
    updates: tuple[Update, ...]
    components: tuple[tuple[str, State], ...] = ()
    severity: Severity | None = None
    detected: int | None = None
    acknowledged: int | None = None
    introduction: str = ""
    draft: bool = False
    measured: bool = False
    automatic: bool = False
    postmortem: Postmortem | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """That a maintenance repeats: a rule of RFC 5545, the zone whose clocks it follows, and local dates, like
    ``2026-12-27``, on which it does not take place.
    """

    rule: str
    zone: str
    exceptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeats:
    """What an occurrence is one of: the rule, the zone, and when the first one began or will."""

    rule: str
    zone: str
    first: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Maintenance:
    """A planned window, half-open; ``updates`` may be empty: then the clock alone tells its phase.

    One with a ``recurrence`` is a series as it was read, and its window is the first. What ``occurrences.told`` makes
    of it are ordinary ones, which know the ``series`` by the name of its file, when that was ``announced`` first, how
    it ``repeats``, and by ``notices`` when something was said of all, while they were not over.
    """

    slug: str
    path: str
    title: str
    start: int
    end: int
    components: tuple[str, ...]
    updates: tuple[Update, ...] = ()
    introduction: str = ""
    draft: bool = False
    postmortem: Postmortem | None = None
    recurrence: Recurrence | None = None
    series: str = ""
    announced: int | None = None
    notices: tuple[int, ...] = ()
    repeats: Repeats | None = None

    @property
    def first_told(self) -> int | None:
        """When it was first told of, by itself or with its series; None if it was not."""
        told = [update.at for update in self.updates[:1]]
        return min(told if self.announced is None else [*told, self.announced], default=None)

    def is_announced(self, ahead: int) -> bool:
        """Tell whether the first update came so many seconds before the window; without a demand none is needed."""
        return not ahead or (self.first_told is not None and self.first_told <= self.start - ahead)


Event = Incident | Maintenance


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A further page of the site, in Markdown. ``notice`` is a text set apart above it."""

    slug: str
    path: str
    title: str
    text: str
    description: str = ""
    notice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A reviewed statement of how components were in ``[start, end)``, whatever was measured or declared.

    ``slug`` names it on the page; ``link`` leads to who decided it and why.
    """

    slug: str
    path: str
    components: tuple[str, ...]
    start: int
    end: int
    state: State
    reason: str
    link: str = ""
