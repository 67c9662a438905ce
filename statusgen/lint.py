"""What ``check`` says beyond errors: what the clock or the environment makes doubtful."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from urllib.parse import urlsplit

from statusgen import config, occurrences, periods, response, status
from statusgen.errors import Level, Problem
from statusgen.model import CLOSED_PHASES, Correction, Event, Incident, Maintenance, Site
from statusgen.promises import Standard, Support

SOON = 30 * periods.DAY  # before a security.txt expires
LONGEST = 366 * periods.DAY  # that it should last (RFC 9116, 2.5.5)
OF_PROJECTS = (".github.io", ".gitlab.io")  # hosts that give a project's page a path, and no choice
NO_LONGER_ASKED = 90 * periods.DAY  # of a post-mortem that is overdue: nobody writes it any more


def unset_secrets(site: Site, environment: Collection[str], require: bool) -> Iterator[Problem]:
    """Yield the secrets that probing needs and ``environment`` does not name: a notice, or an error if required."""
    for name in config.secrets(site):
        if name not in environment:
            level = Level.ERROR if require else Level.NOTICE
            message = f"environment variable '{name}' is not set here: probing needs it"
            yield Problem(path=config.PATH, message=message, level=level)


def address(site: Site, authority: str) -> Iterator[Problem]:
    """Yield what the page's address makes doubtful; ``authority`` is who vouches for the ids of its feeds.

    A path is a warning, a notice where the host gives a page no other address.
    """
    if path := urlsplit(site.url).path:
        asked = f"{_origin(site.url)}/api/v2/…"
        remedy = "give the page a host of its own, or see 'Below a path' in docs/publishing.md"
        yield _of_address(
            site, f"'url' has the path '{path}', and programs for the Status API ask for {asked}: {remedy}"
        )
    if site.branch and not site.is_named:
        hang = "what probes saw belongs to an id made from 'url', and if that changes it is another site's"
        message = f"'site' has no 'id': {hang}: add 'id: {site.id}'"
        yield Problem(path=config.PATH, message=message, level=Level.NOTICE)
    if not site.authority:
        hang = "ids of feed entries hang on the host of 'url', and if that changes every entry is sent again"
        message = f"'feed' has no 'authority': {hang}: add 'feed: {{authority: \"{authority}\"}}'"
        yield Problem(path=config.PATH, message=message, level=Level.NOTICE)


def contacts(site: Site, now: int) -> Iterator[Problem]:
    """Yield warnings: a security.txt that has expired or soon will, or lasts too long, or is not where it belongs."""
    if site.disclosure is None:
        return
    expires = site.disclosure.expires
    if expires - now < SOON:
        when = f"{'has expired' if expires <= now else 'expires'} on {periods.date_and_time(expires)}"
        yield _of_security(f"{when}: look through 'security' and set a new date, less than a year ahead")
    elif expires - now > LONGEST:
        when = f"expires on {periods.date(expires)}"
        yield _of_security(f"{when}, and RFC 9116 wants less than a year: set an earlier date")
    if urlsplit(site.url).path:
        looked = f"{_origin(site.url)}/.well-known/security.txt"
        yield _of_address(site, f"'security' is looked for at {looked}, and 'url' has a path: copy the file there")


def postmortems(events: Iterable[Event]) -> Iterator[Problem]:
    """Yield warnings: post-mortems that do not say when they were published."""
    for event in events:
        if event.postmortem and event.postmortem.at is None:
            message = "has no date, so no feed announces it: add 'date' to its front matter, like 'date: 2026-11-25'"
            yield Problem(path=event.postmortem.path, line=1, message=message, level=Level.WARNING)


def _of_address(site: Site, message: str) -> Problem:
    is_given = (urlsplit(site.url).hostname or "").endswith(OF_PROJECTS)
    return Problem(path=config.PATH, message=message, level=Level.NOTICE if is_given else Level.WARNING)


def _of_security(message: str) -> Problem:
    return Problem(path=config.PATH, message=f"'security' {message}", level=Level.WARNING)


def _origin(url: str) -> str:
    return "{0.scheme}://{0.netloc}".format(urlsplit(url))


def doubts(events: Iterable[Event], now: int) -> Iterator[Problem]:
    """Yield warnings: updates in the future, maintenance that nobody ended or that was announced too late."""
    for event in events:
        for update in event.updates:
            if update.at > now:
                when = periods.date_and_time(update.at)
                yield _warning(event, update.line, f"is dated {when}, which is in the future: it is shown from then on")
        if isinstance(event, Maintenance) and event.recurrence is not None:
            yield from _doubtful_occurrences(event, now)
        elif isinstance(event, Maintenance):
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


def _doubtful_occurrences(series: Maintenance, now: int) -> Iterator[Problem]:
    """Yield what is doubtful of maintenance that repeats: that it was announced late is said once."""
    begun = [each for each in occurrences.told(series, now) if isinstance(each, Maintenance) and each.start <= now]
    for each in begun:
        if each.end <= now and status.phase_of(each, now) not in CLOSED_PHASES:
            date = each.slug.removeprefix(f"{series.slug}-")
            remedy = f"add '## Completed · <time> UTC' and the line 'Occurrence: {date}'"
            yield _warning(series, 1, f"is over by the schedule and still in progress on {date}: {remedy}")
    late = [each for each in begun if each.first_told is not None and each.first_told > each.start]
    if late:
        counted = "1 of its windows" if len(late) == 1 else f"{len(late)} of its windows"
        remedy = "a window is left out of availability because it was planned"
        yield _warning(series, series.updates[0].line, f"is announced after {counted} opened: {remedy}")


def _warning(event: Event, line: int, message: str) -> Problem:
    return Problem(path=event.path, line=line, message=message, level=Level.WARNING)
