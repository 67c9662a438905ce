"""What ``incident``, ``maintenance`` and ``postmortem`` write: an incident begun, an update, a window, an end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from statusgen import files, incidents, status
from statusgen.errors import StatusgenError, UsageError
from statusgen.model import CLOSED_PHASES, Event, Incident, Maintenance, Phase, State
from statusgen.posting import authoring, desks, messages, progress, wordings
from statusgen.posting.authoring import Addition, Opening, Scheduling
from statusgen.posting.desks import Desk
from statusgen.posting.finding import as_incident, as_maintenance
from statusgen.posting.proposals import Texts
from statusgen.posting.wordings import Subject
from statusgen.posting.writing import Draft, Posted, new_path, post, there

TEMPLATE_OF_POSTMORTEMS = "starter/postmortem.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """An update that somebody wants to post. Without a phase the state stays as it is."""

    text: str = ""
    phase: Phase | None = None
    components: tuple[tuple[str, State], ...] = ()
    next: int | None = None


def about(event: Event, wish: Wish, now: int) -> Subject:
    """Return what an update of an event is about, for a template."""
    phase = wish.phase or status.phase_of(event, now)
    if isinstance(event, Incident):
        states = {**dict(event.components), **progress.states(event, now), **dict(wish.components)}
        subject = Subject(severity=event.severity, components=tuple(states.items()), started=event.started)
    else:
        window = (event.start, event.end)
        states = dict.fromkeys(event.components, State.MAINTENANCE)
        subject = Subject(components=tuple(states.items()), started=event.start, window=window)
    return replace(subject, slug=event.slug, title=event.title, phase=phase, next=wish.next)


def open_incident(desk: Desk, opening: Opening, name: str = "", *, dry: bool = False) -> Posted:
    """Write a new incident; ``name`` is its file's, without .md, made from the title if it is empty."""

    def make(texts: Texts) -> Draft:
        title, started = authoring.title(opening.title), opening.at if opening.started is None else opening.started
        path = new_path({}, name, title, started)
        text = authoring.opened(opening, path)
        is_same = partial(progress.is_open, now=desk.now)
        begun = _begun(desk, texts, authoring.read(text, path), name, is_same)
        return begun or Draft(path=new_path(texts, name, title, started), text=text)

    posted = post(desk, make, f"Open incident: {opening.title}", dry)
    if opening.components or opening.draft or opening.phase in CLOSED_PHASES or not posted.text:
        return posted
    how = f"'statusgen incident update {posted.slug} --component ID=STATE' adds one"
    remark = f"no component is affected, so the page shows none as broken: {how}"
    return replace(posted, remarks=(*posted.remarks, remark))


def _begun(desk: Desk, texts: Texts, new: Event, name: str, is_same: Callable[[Event], bool]) -> Draft | None:
    """Return what was begun just now with these very words, as when the same command is given twice.

    Raise StatusgenError where somebody else was quicker. With a ``name`` another one of that title may be begun.
    """
    for event in incidents.read_all(texts, [component.id for component in desk.site.components]).events:
        if not (event.title.casefold() == new.title.casefold() and is_same(event) and name in ("", event.slug)):
            continue
        refusal = (
            f"{event.slug} has this title already, and is not over: post an update to it, or add --slug NAME to "
            "begin another one"
        )
        if len(event.updates) == 1 and _beginning(event) == _beginning(new) and progress.is_just_told(event, desk.now):
            return Draft(path=event.path, text=texts[event.path], before=texts[event.path], refusal=refusal)
        if not name:
            raise StatusgenError(refusal)
    return None


def _beginning(event: Event) -> tuple[object, ...]:
    """Return what somebody says who begins an event, but for when it is said."""
    first = event.updates[0]
    more = event.severity if isinstance(event, Incident) else (event.start, event.end)
    return more, event.components, event.draft, first.phase, first.text.strip()


def update(desk: Desk, slug: str, wish: Wish, *, dry: bool = False) -> Posted:
    """Append an update to an incident."""

    def addition(event: Event) -> Addition:
        incident = as_incident(event)
        if wish.phase is Phase.RESOLVED:
            progress.refuse_broken(wish.components)
        phase = progress.after_update(incident, wish.phase, bool(wish.components), desk.now)
        return _addition(wish, phase, desk.now)

    return _append(desk, slug, addition, wish.phase, dry)


def resolve(desk: Desk, slug: str, wish: Wish, *, dry: bool = False) -> Posted:
    """Append the update that ends an incident."""
    progress.refuse_broken(wish.components)

    def addition(event: Event) -> Addition:
        made, incident = _addition(wish, Phase.RESOLVED, desk.now), as_incident(event)
        return made if says_the_same(event, made) else replace(made, phase=progress.resolved(incident, desk.now))

    return _append(desk, slug, addition, Phase.RESOLVED, dry)


def publish(desk: Desk, slug: str, wish: Wish | None, *, dry: bool = False) -> Posted:
    """Make a draft public, and a person's, where it lies: only the lines that kept it back go, and an update is added.

    What was there is looked at as new, since nobody had seen it.
    """
    path = f"{incidents.FOLDER}/{slug}.md"

    def make(texts: Texts) -> Draft:
        incident = as_incident(there(desk, texts, slug))
        if not incident.draft:
            refusal = f"{slug} is no draft: nothing keeps it off the page once its branch is merged"
            phase = status.phase_of(incident, desk.now)
            if wish and not says_the_same(incident, _addition(wish, wish.phase or phase, desk.now)):
                raise StatusgenError(refusal)
            return Draft(path=path, text=texts[path], refusal=refusal)
        text = authoring.published(texts[path], path)
        if wish:
            phase = progress.after_update(incident, wish.phase, bool(wish.components), desk.now)
            text = authoring.updated(text, _addition(wish, phase, desk.now), path)
        return Draft(path=path, text=text)

    return post(desk, make, f"{slug}: publish", dry)


def schedule(desk: Desk, scheduling: Scheduling, name: str = "", *, dry: bool = False) -> Posted:
    """Write a new maintenance."""
    if scheduling.end <= desk.now:
        raise UsageError(f"the window is over since {authoring.stamp(scheduling.end)}: name one that lies ahead")

    def is_same(event: Event) -> bool:
        is_then = isinstance(event, Maintenance) and event.start < scheduling.end and scheduling.start < event.end
        return is_then and status.phase_of(event, desk.now) not in CLOSED_PHASES

    def make(texts: Texts) -> Draft:
        title = authoring.title(scheduling.title)
        path = new_path({}, name, title, scheduling.start)
        text = authoring.scheduled(scheduling, path)
        begun = _begun(desk, texts, authoring.read(text, path), name, is_same)
        return begun or Draft(path=new_path(texts, name, title, scheduling.start), text=text)

    return post(desk, make, f"Schedule maintenance: {scheduling.title}", dry)


def proceed(desk: Desk, slug: str, wish: Wish, *, date: str = "", series: bool = False, dry: bool = False) -> Posted:
    """Append to a maintenance: how far it has come, or without a phase what there is to say.

    ``date`` names one occurrence of a series; without it the present one is meant, and with ``series`` all of them.
    """

    def addition(event: Event) -> Addition:
        maintenance = as_maintenance(event)
        if not (date or series) and wish.phase is Phase.CANCELLED:
            progress.refuse_whole_series(maintenance, desk.now)
        one = meant(maintenance, date, series, desk.now)
        phase = wish.phase or status.phase_of(one, desk.now)
        made = replace(_addition(wish, phase, desk.now), occurrence="" if series else progress.date_of(one))
        reason = progress.refusal(one, phase, desk.now) if wish.phase else ""
        if reason and not says_the_same(event, made):
            raise StatusgenError(reason)
        return made

    return _append(desk, slug, addition, wish.phase, dry)


def meant(maintenance: Maintenance, date: str, series: bool, now: int) -> Maintenance:
    """Return the window that an update is about."""
    if series and maintenance.recurrence is None:
        raise UsageError(f"--series is for maintenance that repeats, and {maintenance.slug} does not: leave it out")
    return progress.whole(maintenance, now) if series else progress.occurrence(maintenance, date, now)


def postmortem(desk: Desk, slug: str, at: int | None, authors: tuple[str, ...], *, dry: bool = False) -> Posted:
    """Write the post-mortem of an incident from the template, with what its file tells filled in: a draft."""
    shipped = files.shipped(TEMPLATE_OF_POSTMORTEMS).read_text("utf-8")
    found = desks.templates(desk.place.folder, desk.site)
    path_of_template = f"{messages.FOLDER}/{messages.POSTMORTEM}.md"
    if wrong := [problem for problem in found.problems if problem.path == path_of_template]:
        raise desks.first(wrong)
    blank = found.templates.get(messages.POSTMORTEM) or messages.read(shipped, path_of_template, ())

    def make(texts: Texts) -> Draft:
        incident = as_incident(there(desk, texts, slug))
        path = f"{incidents.FOLDER}/{slug}{incidents.POSTMORTEM}"
        if path in texts:
            raise StatusgenError(f"{path} exists already: go on writing there")
        filled = wordings.postmortem(desk.site, incident, blank, desk.now)
        title = filled.title or wordings.title_of_postmortem(incident)
        return Draft(path=path, text=authoring.postmortem(filled.text, title, at, authors, draft=True))

    return post(desk, make, f"Begin the post-mortem of {slug}", dry)


def _addition(wish: Wish, phase: Phase, now: int) -> Addition:
    return Addition(at=now, phase=phase, text=wish.text, components=wish.components, next=wish.next)


def _append(desk: Desk, slug: str, addition: Callable[[Event], Addition], phase: Phase | None, dry: bool) -> Posted:
    """Append to an event what ``addition`` makes of it as it is where it is written."""
    path = f"{incidents.FOLDER}/{slug}.md"

    def make(texts: Texts) -> Draft:
        event = there(desk, texts, slug)
        new = addition(event)
        if says_the_same(event, new):
            since = authoring.stamp(event.updates[-1].at)
            refusal = f"{event.slug} says so since {since}: nothing was changed"
            return Draft(path=path, text=texts[path], before=texts[path], refusal=refusal)
        return Draft(path=path, text=authoring.updated(texts[path], new, path), before=texts[path])

    return post(desk, make, f"{slug}: {phase.word if phase else 'update'}", dry)


def says_the_same(event: Event, addition: Addition) -> bool:
    """Tell whether an event ends with what an addition says, told a moment before, as when a command is given twice.

    When the next update is promised may differ: that is told from now. Raise UsageError for a text that cannot be.
    """
    if not progress.is_just_told(event, addition.at):
        return False
    last = event.updates[-1]
    said = (last.phase, last.text.strip(), sorted(last.components), last.occurrence)
    return said == (
        addition.phase,
        authoring.of_update(addition.text).strip(),
        sorted(addition.components),
        addition.occurrence,
    )
