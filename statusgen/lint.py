"""What ``check`` says beyond errors: what the clock or the environment makes doubtful."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from statusgen import config, periods, response, status
from statusgen.errors import Level, Problem
from statusgen.model import CLOSED_PHASES, Correction, Event, Incident, Maintenance, Site
from statusgen.promises import Standard, Support

NO_LONGER_ASKED = 90 * periods.DAY  # of a post-mortem that is overdue: nobody writes it any more


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


def promises(
    support: Support, events: Iterable[Event], corrections: Iterable[Correction], now: int
) -> Iterator[Problem]:
    """Yield warnings: incidents that have been silent too long, post-mortems overdue, corrections of the future."""
    for incident in events:
        if isinstance(incident, Incident) and incident.severity and not incident.draft:
            yield from _broken_promises(incident, support.standard(incident.severity), now)
    for correction in corrections:
        if correction.end > now:
            message = f"corrects what has not happened yet (until {periods.date_and_time(correction.end)}): shorten it"
            yield Problem(path=correction.path, message=message, level=Level.WARNING)


def late_notices(events: Iterable[Event], seen: Mapping[str, int]) -> Iterator[Problem]:
    """Yield warnings: incidents that say they were noticed later than probes first saw the trouble, by their slug."""
    for incident in events:
        detected = incident.detected if isinstance(incident, Incident) else None
        first = seen.get(incident.slug)
        if detected is not None and first is not None and first < detected:
            probes = f"probes saw it fail from {periods.date_and_time(first)} on: correct one of the two"
            yield _warning(incident, 1, f"says it was detected on {periods.date_and_time(detected)}, and {probes}")


def _broken_promises(incident: Incident, standard: Standard, now: int) -> Iterator[Problem]:
    known = [update for update in incident.updates if update.at <= now]
    end = status.end_of(incident, now)
    if known and end is None:
        silent = response.seconds_in(standard.hours, known[-1].at, now)
        if silent > standard.update:
            promised = f"{standard.severity} is to have an update every {periods.duration(standard.update)}"
            message = f"is open and has been silent for {periods.duration(silent)}: {promised}, so add one"
            yield _warning(incident, known[-1].line, message)
    due = standard.postmortem
    if end is not None and due is not None and incident.postmortem is None and due < now - end < due + NO_LONGER_ASKED:
        promised = f"{standard.severity} is to have one within {periods.duration(due)}"
        path = f"{incident.path.removesuffix('.md')}.postmortem.md"
        yield _warning(incident, 1, f"has no post-mortem, and {promised}: add {path}")


def _doubtful_windows(maintenance: Maintenance, now: int) -> Iterator[Problem]:
    if maintenance.end <= now and status.phase_of(maintenance, now) not in CLOSED_PHASES:
        yield _warning(maintenance, 1, "is over by the schedule and still in progress: add '## Completed · <time> UTC'")
    if maintenance.updates and maintenance.updates[0].at > maintenance.start:
        remedy = "a window is left out of availability because it was planned"
        yield _warning(maintenance, maintenance.updates[0].line, f"is announced after its window opened: {remedy}")


def _warning(event: Event, line: int, message: str) -> Problem:
    return Problem(path=event.path, line=line, message=message, level=Level.WARNING)
