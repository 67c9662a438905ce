"""Events as plain JSON values and back, for what a build remembers. ``encode`` and ``decode`` are a pair.

No format for others: the order of values is that of the fields, and may change with any version.
"""

from __future__ import annotations

from typing import Any

from statusgen.model import Event, Incident, Maintenance, Phase, Postmortem, Recurrence, State, Update
from statusgen.promises import Severity

Plain = list[Any]


def encode(event: Event) -> Plain:
    """Return an event as it was read, without its post-mortem, which has a file of its own."""
    common = [event.slug, event.path, event.title, event.introduction, event.draft]
    told = [[u.at, u.phase, u.text, u.ordinal, u.components, u.line, u.next, u.occurrence] for u in event.updates]
    if isinstance(event, Maintenance):
        repeats = event.recurrence
        rule = [repeats.rule, repeats.zone, repeats.exceptions] if repeats else None
        return [*common, told, event.start, event.end, event.components, rule]
    times = [event.started, event.detected, event.acknowledged, event.measured, event.automatic]
    return [*common, told, event.components, event.severity, *times]


def decode(plain: Plain) -> Event:
    slug, path, title, introduction, draft, told, *more = plain
    updates = tuple(_update(*each) for each in told)
    if len(more) == 4:
        start, end, named, rule = more
        return Maintenance(
            slug=slug, path=path, title=title, introduction=introduction, draft=draft, updates=updates,
            start=start, end=end, components=tuple(named), recurrence=_recurrence(*rule) if rule else None,
        )  # fmt: skip
    components, severity, started, detected, acknowledged, measured, automatic = more
    return Incident(
        slug=slug, path=path, title=title, introduction=introduction, draft=draft, updates=updates,
        components=_states(components), severity=Severity(severity) if severity else None,
        started=started, detected=detected, acknowledged=acknowledged, measured=measured, automatic=automatic,
    )  # fmt: skip


def _recurrence(rule: str, zone: str, exceptions: Plain) -> Recurrence:
    return Recurrence(rule=rule, zone=zone, exceptions=tuple(exceptions))


def _update(
    at: int,
    phase: str,
    text: str,
    ordinal: int,
    components: Plain,
    line: int,
    following: int | None = None,
    occurrence: str = "",
) -> Update:
    return Update(
        at=at,
        phase=Phase(phase),
        text=text,
        ordinal=ordinal,
        components=_states(components),
        line=line,
        next=following,
        occurrence=occurrence,
    )


def _states(components: Plain) -> tuple[tuple[str, State], ...]:
    return tuple((component, State(state)) for component, state in components)


def encode_postmortem(postmortem: Postmortem) -> Plain:
    front = [postmortem.path, postmortem.title, postmortem.at, postmortem.authors, postmortem.draft]
    return [*front, postmortem.text, postmortem.line]


def decode_postmortem(plain: Plain) -> Postmortem:
    path, title, at, authors, draft, text, line = plain
    return Postmortem(path=path, title=title, text=text, at=at, authors=tuple(authors), draft=draft, line=line)
