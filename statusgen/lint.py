"""What ``check`` says beyond errors: what the clock or the environment makes doubtful."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from urllib.parse import urlsplit

from statusgen import config, incidents, occurrences, periods, response, status
from statusgen.config import NOWHERE, Places
from statusgen.errors import Level, Problem
from statusgen.model import CLOSED_PHASES, Correction, Event, Incident, Maintenance, Site, State, Verdict
from statusgen.promises import Standard, Support
from statusgen.views import ComponentView, EventView, Snapshot

SOON = 30 * periods.DAY  # before a security.txt expires
LONGEST = 366 * periods.DAY  # that it should last (RFC 9116, 2.5.5)
OF_PROJECTS = (".github.io", ".gitlab.io")  # hosts that give a project's page a path, and no choice
NO_LONGER_ASKED = 90 * periods.DAY  # of a post-mortem that is overdue: nobody writes it any more

QUIET = 30 * periods.MINUTE  # of good answers, and of a declared outage, before the two are taken to contradict
ALONE = 15 * periods.MINUTE  # that an outage may last before somebody should say something
_OUTAGE = (State.PARTIAL, State.MAJOR)
_TO_DO = re.compile(r"\bTODO\b")  # as the template of post-mortems has it
_CODE = re.compile(r"^ {0,3}(`{3,}|~{3,}).*?(?:^ {0,3}\1|\Z)|`[^`\n]+`", re.DOTALL | re.MULTILINE)


def unset_secrets(
    site: Site, environment: Collection[str], require: bool, places: Places = NOWHERE
) -> Iterator[Problem]:
    """Yield the secrets that are needed and ``environment`` does not name: a notice, or an error if required."""
    needed = [(name, "probing needs") for name in config.secrets(site)]
    needed += [(name, "'statusgen notify' needs") for name in config.secrets_of_routes(site)]
    for name, needs in needed:
        if name not in environment:
            level = Level.ERROR if require else Level.NOTICE
            message = f"environment variable '{name}' is not set here: {needs} it"
            yield Problem(path=config.PATH, line=places.line_of_secret(name), message=message, level=level)


def address(site: Site, authority: str, places: Places = NOWHERE) -> Iterator[Problem]:
    """Yield what the page's address makes doubtful; ``authority`` is who vouches for the ids of its feeds.

    A path is a warning, a notice where the host gives a page no other address.
    """
    if path := urlsplit(site.url).path:
        asked = f"{_origin(site.url)}/api/v2/…"
        remedy = "give the page a host of its own, or see 'Below a path' in docs/publishing.md"
        message = f"'url' has the path '{path}', and programs for the Status API ask for {asked}: {remedy}"
        yield _of_address(site, message, places)
    if site.branch and not site.is_named:
        hang = "what probes saw belongs to an id made from 'url', and if that changes it is another site's"
        message = f"'site' has no 'id': {hang}: add 'id: {site.id}'"
        yield Problem(path=config.PATH, line=places.line("site.id"), message=message, level=Level.NOTICE)
    if not site.authority:
        hang = "ids of feed entries hang on the host of 'url', and if that changes every entry is sent again"
        message = f"'feed' has no 'authority': {hang}: add 'feed: {{authority: \"{authority}\"}}'"
        line = places.line("feed.authority")
        yield Problem(path=config.PATH, line=line, message=message, level=Level.NOTICE)


def contacts(site: Site, now: int, places: Places = NOWHERE) -> Iterator[Problem]:
    """Yield warnings: a security.txt that has expired or soon will, or lasts too long, or is not where it belongs."""
    if site.disclosure is None:
        return
    expires = site.disclosure.expires
    if expires - now < SOON:
        when = f"{'has expired' if expires <= now else 'expires'} on {periods.date_and_time(expires)}"
        yield _of_security(f"{when}: look through 'security' and set a new date, less than a year ahead", places)
    elif expires - now > LONGEST:
        when = f"expires on {periods.date(expires)}"
        yield _of_security(f"{when}, and RFC 9116 wants less than a year: set an earlier date", places)
    if urlsplit(site.url).path:
        looked = f"{_origin(site.url)}/.well-known/security.txt"
        message = f"'security' is looked for at {looked}, and 'url' has a path: copy the file there"
        yield _of_address(site, message, places)


def postmortems(events: Iterable[Event]) -> Iterator[Problem]:
    """Yield what is wrong with published post-mortems: a warning of one without a date, an error of one unfinished."""
    for learnt in (event.postmortem for event in events if event.postmortem and not event.postmortem.draft):
        if learnt.at is None:
            message = "has no date, so no feed announces it: add 'date' to its front matter, like 'date: 2026-11-25'"
            yield Problem(path=learnt.path, line=1, message=message, level=Level.WARNING)
        if lines := _to_do(learnt.text):
            count = "once" if len(lines) == 1 else f"{len(lines)} times"
            remedy = "finish it, remove what is not needed, or keep it off the page with 'draft: true'"
            message = f"is no draft and says TODO {count}: {remedy}"
            yield Problem(path=learnt.path, line=learnt.line + lines[0], message=message)


def _to_do(text: str) -> list[int]:
    """Return on which lines of a text TODO stands, counted from 0; what is quoted as code is nobody's task."""
    prose = _CODE.sub(lambda code: "\n" * code[0].count("\n"), text)
    return [prose.count("\n", 0, found.start()) for found in _TO_DO.finditer(prose)]


def _of_address(site: Site, message: str, places: Places) -> Problem:
    is_given = (urlsplit(site.url).hostname or "").endswith(OF_PROJECTS)
    level = Level.NOTICE if is_given else Level.WARNING
    return Problem(path=config.PATH, line=places.line("site.url"), message=message, level=level)


def _of_security(message: str, places: Places) -> Problem:
    line = places.line("security.expires")
    return Problem(path=config.PATH, line=line, message=f"'security' {message}", level=Level.WARNING)


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


def contradictions(snapshot: Snapshot, events: Iterable[Event], places: Places = NOWHERE) -> Iterator[Problem]:
    """Yield warnings: where open incidents and what probes see do not fit, both for a while.

    Of a component that is fine, an incident declares an outage; of one that is down, nobody says anything.
    """
    now, written = snapshot.now, {event.slug: event for event in events}
    views = {view.component.id: view for view in snapshot.components}
    fine = {id_ for id_, view in views.items() if _is_fine(view, snapshot)}
    for told in snapshot.open_incidents:
        if incident := written.get(told.slug):
            for component in sorted(fine.intersection(_outages_declared(told, now - QUIET))):
                yield _contradicted(incident, component, told.updates[0].states[component], now)
    about = {id_ for event in written.values() if status.is_open(event, now) for id_ in status.affected(event)}
    for i, id_ in enumerate(component.id for component in snapshot.site.components):
        if _is_alone(views[id_], about, now):
            yield _unexplained(views[id_], now, places.line(f"components.{i}.id"))


def _contradicted(incident: Event, component: str, state: State, now: int) -> Problem:
    seen = f"and probes have seen it up for {_QUIET} or more"
    remedy = f"add an update with 'Components: {component} operational', or one that says what is broken"
    message = f"declares a {state.word.lower()} of '{component}', {seen}: {remedy}"
    latest = [update.line for update in incident.updates if update.at <= now][-1]
    return _warning(incident, latest, message)


_QUIET = periods.duration(QUIET)


def _outages_declared(told: EventView, since: int) -> Iterator[str]:
    """Yield the components that an incident has declared an outage of since then at least."""
    for lane in told.lanes:
        if lane.spans and lane.spans[-1][1] is None and lane.spans[-1][0] <= since and lane.spans[-1][2] in _OUTAGE:
            yield lane.id


def _is_fine(view: ComponentView, snapshot: Snapshot) -> bool:
    """Tell whether every check of a component answers, lately and for a while."""
    now = snapshot.now
    return bool(view.checks) and all(
        check.verdict is Verdict.UP
        and now - check.at <= snapshot.stale_after
        and (check.failure is None or check.failure.at <= now - QUIET)
        for check in view.checks
    )


def _is_alone(view: ComponentView, about: Collection[str], now: int) -> bool:
    """Tell whether a component has been down for a while and no incident that is open names it."""
    going_on = next((outage for outage in view.outages if outage.end is None), None)
    is_long = going_on is not None and now - going_on.start > ALONE
    return is_long and view.state in _OUTAGE and view.component.id not in about


def _unexplained(view: ComponentView, now: int, line: int) -> Problem:
    lasting = periods.duration(now - view.outages[0].start)
    remedy = "open an incident, so that people know that you know"
    message = f"component '{view.component.id}' has been down for {lasting}, and no open incident names it: {remedy}"
    return Problem(path=config.PATH, line=line, message=message, level=Level.WARNING)


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
    if end is not None and due is not None and due < now - end < due + NO_LONGER_ASKED:
        yield from _unpublished(incident, f"{standard.severity} is to have one within {periods.duration(due)}")


def _unpublished(incident: Incident, promised: str) -> Iterator[Problem]:
    """Yield a warning of an incident whose post-mortem is not there, or a draft."""
    learnt = incident.postmortem
    if learnt is None:
        path = f"{incident.path.removesuffix('.md')}{incidents.POSTMORTEM}"
        yield _warning(incident, 1, f"has no post-mortem, and {promised}: add {path}")
    elif learnt.draft:
        message = f"is still a draft, and {promised}: finish it and take 'draft: true' out"
        yield Problem(path=learnt.path, line=1, message=message, level=Level.WARNING)


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
