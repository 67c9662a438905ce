"""What ``check`` says beyond errors: what the clock or the environment makes doubtful."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from statusgen import config, periods, status
from statusgen.errors import Level, Problem
from statusgen.model import CLOSED_PHASES, Event, Maintenance, Site


def unset_secrets(site: Site, environment: Collection[str], require: bool) -> Iterator[Problem]:
    """Yield the secrets that probing needs and ``environment`` does not name: a notice, or an error if required."""
    for name in config.secrets(site):
        if name not in environment:
            level = Level.ERROR if require else Level.NOTICE
            message = f"environment variable '{name}' is not set here: probing needs it"
            yield Problem(path=config.PATH, message=message, level=level)


def doubts(events: Iterable[Event], now: int) -> Iterator[Problem]:
    """Yield warnings: updates in the future, maintenance that nobody ended or that was announced too late."""
    for event in events:
        for update in event.updates:
            if update.at > now:
                when = periods.date_and_time(update.at)
                yield _warning(event, update.line, f"is dated {when}, which is in the future: it is shown from then on")
        if isinstance(event, Maintenance):
            yield from _doubtful_windows(event, now)


def _doubtful_windows(maintenance: Maintenance, now: int) -> Iterator[Problem]:
    if maintenance.end <= now and status.phase_of(maintenance, now) not in CLOSED_PHASES:
        yield _warning(maintenance, 1, "is over by the schedule and still in progress: add '## Completed · <time> UTC'")
    if maintenance.updates and maintenance.updates[0].at > maintenance.start:
        remedy = "a window is left out of availability because it was planned"
        yield _warning(maintenance, maintenance.updates[0].line, f"is announced after its window opened: {remedy}")


def _warning(event: Event, line: int, message: str) -> Problem:
    return Problem(path=event.path, line=line, message=message, level=Level.WARNING)
