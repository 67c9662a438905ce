"""Short ways to write sites, events and rounds as literals. Everything happens around ``NOW``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby

from statusgen import days, periods, snapshot
from statusgen.model import (
    Check,
    Component,
    Day,
    Event,
    Incident,
    Maintenance,
    Phase,
    Question,
    Round,
    Sample,
    Site,
    State,
    Update,
    Verdict,
)
from statusgen.periods import DAY, HOUR, MINUTE, parse_instant
from statusgen.promises import Severity
from statusgen.views import ComponentView, Provenance, Snapshot

NOW = parse_instant("2026-11-25T12:00:00Z")
TODAY = parse_instant("2026-11-25T00:00:00Z")
INTERVAL = 5 * MINUTE

_ANSWERS = {
    "u": (Verdict.UP, 100, ""),
    "g": (Verdict.DEGRADED, 900, "slow"),
    "d": (Verdict.DOWN, None, "timeout"),
    "s": (Verdict.DOWN, 88, "status 503"),
    "b": (None, None, "blocked"),
}


def sum_up(rounds: Iterable[Round]) -> list[Day]:
    """Return the days of rounds, which are in time order and of one location."""
    by_day = groupby(rounds, lambda round_: periods.day_of(round_.at))
    return [days.with_rounds(days.empty(start), list(each)) for start, each in by_day]


def component(id: str, *checks: str, name: str = "", group: str = "", since: int | None = None) -> Component:
    """Return a component; by default it has one check, which has its id."""
    made = tuple(Check(id=check, question=Question()) for check in checks or (id,))
    return Component(id=id, name=name or id.capitalize(), group=group, since=since, checks=made)


def unchecked(id: str, since: int | None = None) -> Component:
    return Component(id=id, name=id.capitalize(), since=since)


def site(*components: Component, url: str = "https://status.example.org", authority: str = "", name: str = "") -> Site:
    parts = components or (component("api"),)
    groups = tuple(dict.fromkeys(part.group for part in parts if part.group))
    return Site(
        name=name or "Example", url=url, id="example", authority=authority, groups=groups, components=parts, branch=""
    )


def update(at: int, phase: Phase, text: str = "Something is said.", **states: State) -> Update:
    return Update(at=at, phase=phase, text=text, components=tuple(states.items()))


def incident(
    slug: str, *updates: Update, title: str = "Errors", started: int | None = None, **states: State
) -> Incident:
    return Incident(
        slug=slug,
        path=f"incidents/{slug}.md",
        title=title,
        started=updates[0].at if started is None else started,
        updates=updates,
        components=tuple(states.items()),
        severity=Severity.SEV2,
    )


def resolved(slug: str, start: int, end: int, title: str = "Errors", **states: State) -> Incident:
    """Return an incident of two updates."""
    first, last = update(start, Phase.INVESTIGATING), update(end, Phase.RESOLVED)
    return incident(slug, first, last, title=title, **states)


def maintenance(slug: str, start: int, end: int, *updates: Update, on: tuple[str, ...] = ("api",)) -> Maintenance:
    return Maintenance(
        slug=slug, path=f"incidents/{slug}.md", title="Upgrade", start=start, end=end, components=on, updates=updates
    )


def rounds(until: int = NOW, **answers: str) -> tuple[Round, ...]:
    """Return rounds ``INTERVAL`` apart, the last one at ``until``: a letter an answer, ``-`` for none, ``!`` for a
    round in which the prober failed. ``rounds(api="uudd", web="uuuu")``
    """
    length = max(map(len, answers.values()))
    return tuple(_round(until - (length - 1 - i) * INTERVAL, i, answers) for i in range(length))


def _round(at: int, i: int, answers: Mapping[str, str]) -> Round:
    letters = {check: line[i] for check, line in answers.items() if i < len(line)}
    if "!" in letters.values():
        return Round(at=at, prober_error="offline")
    return Round(
        at=at,
        answers=tuple((check, Sample(at, *_ANSWERS[letter])) for check, letter in letters.items() if letter != "-"),
    )


def take(
    of: Site | None = None,
    events: Iterable[Event] = (),
    ledger: Mapping[str, Iterable[Round]] | Iterable[Round] = (),
    now: int = NOW,
) -> Snapshot:
    """Take a snapshot; a ledger that is no mapping is that of one location."""
    by_location = ledger if isinstance(ledger, Mapping) else {"here": tuple(ledger)}
    made = Provenance(version="0", commit="c0ffee" * 6, branches=(("status-data/here", "beef" * 10),))
    seen = {location: days.history((), tuple(each), now + 1) for location, each in by_location.items()}
    return snapshot.take(of or site(), tuple(events), seen, now, made)


def view(made: Snapshot, id: str = "api") -> ComponentView:
    return next(each for each in made.components if each.component.id == id)


__all__ = [
    "DAY",
    "HOUR",
    "INTERVAL",
    "MINUTE",
    "NOW",
    "TODAY",
    "component",
    "incident",
    "maintenance",
    "resolved",
    "rounds",
    "site",
    "take",
    "unchecked",
    "update",
    "view",
]
