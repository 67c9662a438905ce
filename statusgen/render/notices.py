"""A notice as a title and a text in the site's language, and as the payload of a webhook.

Titles are those of the feeds. A text is plain and bears being cut from its end but for the last line, which is the
link; so what matters stands first. The payload is Statuspage's: ``incident`` or ``component_update`` with
``component``, made by the functions that make ``/api/v2/``, and for all that Statuspage has no word for ``notice``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from statusgen import periods
from statusgen.model import CLOSED_PHASES, Phase, State
from statusgen.notifying.announcing import Broken, Ending, Notice, Silence, Spending, Spent, Stage, Told, Work
from statusgen.render import api_v2, notation
from statusgen.render.placing import Prose
from statusgen.render.untagged import untagged
from statusgen.render.words import Words
from statusgen.routes import NoticeKind
from statusgen.views import EventView, Snapshot, UpdateView

LONGEST = 1_200  # characters of an update's text

_PHASES = {Stage.SOON: Phase.SCHEDULED, Stage.STARTED: Phase.IN_PROGRESS, Stage.DONE: Phase.COMPLETED}


def told(notice: Notice, snapshot: Snapshot, words: Words, prose: Prose) -> tuple[str, str]:
    """Return a notice's title, and its text, the link in the last line."""
    writer = _Writer(snapshot, words, prose)
    lines = [*writer.lines(notice), snapshot.site.name, writer.link(notice)]
    return writer.title(notice), "\n".join(lines)


def together(notices: Iterable[Notice], snapshot: Snapshot, words: Words, prose: Prose) -> tuple[str, str]:
    """Return many notices as one: their titles, oldest first."""
    writer = _Writer(snapshot, words, prose)
    titles = [writer.title(notice) for notice in notices]
    title = words.language.count("%(num)s more notice", "%(num)s more notices", len(titles))
    return title, "\n".join([*(f"- {each}" for each in titles), snapshot.site.name, f"{snapshot.site.url}/"])


def greeting(snapshot: Snapshot, words: Words) -> tuple[str, str]:
    """Return a message to try a route with."""
    say, site = words.language.say, snapshot.site
    text = say("This is a test of the notifications of %(site)s. Nothing has happened.", site=site.name)
    return say("Test"), f"{text}\n{site.url}/"


@dataclass(frozen=True, slots=True)
class _Writer:
    """Says what notices are about, in the language of the site."""

    snapshot: Snapshot
    words: Words
    prose: Prose

    def title(self, notice: Notice) -> str:
        say, language = self.words.language.say, self.words.language
        match notice.about:
            case Told(event=event, update=update):
                return f"[{self.words.phase(update.phase)}] {event.title}"
            case Work(event=event, stage=stage):
                return f"[{self.words.phase(_PHASES[stage])}] {event.title}"
            case Broken(view=view, end=None, state=state):
                return f"[{self.words.state(state)}] {view.component.name}"
            case Broken(view=view) if notice.kind is NoticeKind.RECOVERY:
                return f"[{self.words.state(State.OPERATIONAL)}] {view.component.name}"
            case Broken(view=view, start=start, end=int(end)):
                lasted = language.duration(end - start, up=True)
                return say("%(component)s was down for %(duration)s", component=view.component.name, duration=lasted)
            case Ending(view=view, reason=reason):
                return say("%(what)s: %(where)s", what=self.words.reason(reason), where=view.component.name)
            case Spent(objective=objective, spending=spending):
                return f"[{self.spending(spending)}] {objective.objective.name}"
            case Silence(end=None):
                return say("Monitoring is silent")
        return say("Monitoring is back")

    def spending(self, spending: Spending) -> str:
        say = self.words.language.say
        if spending is Spending.EXHAUSTED:
            return say("Error budget used up")
        return say("Error budget goes fast") if spending is Spending.FAST else say("Error budget goes too fast to last")

    def lines(self, notice: Notice) -> Iterator[str]:
        match notice.about:
            case Told(event=event, update=update):
                yield from self.written(event, update)
            case Work(event=event):
                yield from self.facts(event, ())
            case Broken() as broken:
                yield from self.broken(broken, notice.kind)
            case Ending() as ending:
                yield from self.ending(ending)
            case Spent() as spent:
                yield from self.spent(spent)
            case Silence() as silence:
                yield self.silence(silence)

    def written(self, event: EventView, update: UpdateView) -> Iterator[str]:
        root = f"{self.snapshot.site.url}/"
        text = untagged(self.prose(update.text, root, root, update.anchor))
        if text:
            yield text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}…"
        named = () if update.phase is Phase.SCHEDULED else [(each.name, each.state) for each in update.affected]
        yield from self.facts(event, named)
        if update.next is not None:
            time = self.words.language.date_and_time(update.next)
            yield self.words.language.say("Next update by %(time)s", time=time)

    def facts(self, event: EventView, states: Iterable[tuple[str, State]]) -> Iterator[str]:
        """Yield which components an event is about, with their states where there are any, and the window."""
        say, language = self.words.language.say, self.words.language
        named = [f"{name} ({say(state.word.lower())})" for name, state in states]
        if named := named or [name for name, _, _ in event.components]:
            yield say("Affected: %(components)s", components=language.listed(named))
        if event.scheduled:
            yield say("Scheduled: %(span)s", span=language.span(*event.scheduled))

    def broken(self, broken: Broken, kind: NoticeKind) -> Iterator[str]:
        say, language = self.words.language.say, self.words.language
        if broken.end is None:
            since = say("since %(time)s", time=language.date_and_time(broken.start))
        else:
            since = language.span(broken.start, broken.end)
        yield say("%(state)s: %(scope)s", state=self.words.state(broken.state), scope=since)
        if broken.end is not None and kind is NoticeKind.RECOVERY:
            lasted = language.duration(broken.end - broken.start, up=True)
            yield say("It lasted %(duration)s.", duration=lasted)
        if reason := self.words.reason(broken.reason):
            yield reason

    def ending(self, ending: Ending) -> Iterator[str]:
        say = self.words.language.say
        if ending.end is not None:
            yield say("It ends on %(date)s.", date=self.words.language.date_and_time(ending.end))
        yield say("Check: %(check)s", check=ending.check)

    def spent(self, spent: Spent) -> Iterator[str]:
        say, language, account = self.words.language.say, self.words.language, spent.objective.present
        if account is not None:
            allowed, used = language.budget(account.allowed_ms), language.budget(account.used_ms, up=True)
            period = self.words.period_named(account.name)
            yield say("%(used)s of %(allowed)s used (%(period)s)", used=used, allowed=allowed, period=period)
        if spent.burn is not None and spent.burn.rate is not None:
            rate, window = language.decimal(spent.burn.rate), language.duration(spent.burn.seconds)
            yield say("Burn rate: %(rate)s over %(duration)s", rate=rate, duration=window)
        if spent.objective.ends is not None and spent.spending is not Spending.EXHAUSTED:
            time = language.date_and_time(spent.objective.ends)
            yield say("At the rate of the last three days, the budget ends on %(time)s.", time=time)

    def silence(self, silence: Silence) -> str:
        say, language = self.words.language.say, self.words.language
        since = language.date_and_time(silence.start)
        if silence.end is None:
            return say("Nothing was checked since %(time)s: the page may be out of date.", time=since)
        return say("Nothing was checked: %(span)s", span=language.span(silence.start, silence.end))

    def link(self, notice: Notice) -> str:
        url = self.snapshot.site.url
        match notice.about:
            case Told(event=event, update=update):
                return f"{url}/{event.folder}#{update.anchor}"
            case Work(event=event):
                return f"{url}/{event.folder}"
            case Broken(view=view) | Ending(view=view):
                return f"{url}/components/{view.component.id}/"
            case Spent():
                return f"{url}/sla/"
        return f"{url}/"


# For programs


def payload(notice: Notice, snapshot: Snapshot, words: Words, prose: Prose) -> bytes:
    """Return a notice as a webhook sends it."""
    title, text = told(notice, snapshot, words, prose)
    about = {
        "kind": notice.kind.value,
        "key": notice.key,
        "at": periods.iso(notice.at),
        "components": list(notice.components),
        "title": title,
        "text": text,
    }
    return _document(snapshot, {**_subject(notice, snapshot, prose), "notice": about})


def trial(snapshot: Snapshot, words: Words) -> bytes:
    """Return the payload of a message to try a route with."""
    title, text = greeting(snapshot, words)
    return _document(snapshot, {"notice": {"kind": "test", "title": title, "text": text}})


def _document(snapshot: Snapshot, content: Mapping[str, object]) -> bytes:
    subscribe = f"{snapshot.site.url}/subscribe/"
    page = {
        "id": snapshot.site.id,
        "status_indicator": snapshot.impact.value,
        "status_description": api_v2.description(snapshot),
    }
    head = {"meta": {"unsubscribe": subscribe, "documentation": subscribe}, "page": page}
    return notation.indented({**head, **content})


def _subject(notice: Notice, snapshot: Snapshot, prose: Prose) -> Mapping[str, object]:
    match notice.about:
        case Told(event=event, update=update):
            return {"incident": api_v2.event(snapshot, prose, _as_of(event, update))}
        case Work(event=event):
            return {"incident": api_v2.event(snapshot, prose, event)}
        case Broken(view=view, end=end, state=state):
            old, new = (State.OPERATIONAL, state) if end is None else (state, State.OPERATIONAL)
            return api_v2.component_update(snapshot, view.component.id, (old, new), notice.at)
    return {}


def _as_of(event: EventView, update: UpdateView) -> EventView:
    """Return an event as it was after an update: who gets several must find in each what was new in it."""
    if update is event.told[0] or update is event.learnt:
        return event
    is_over = update.phase in CLOSED_PHASES
    return replace(
        event,
        updates=event.updates[event.updates.index(update) :],
        learnt=None,
        postmortem=None,
        phase=update.phase,
        is_open=not is_over and update.phase is not Phase.SCHEDULED,
        is_upcoming=update.phase is Phase.SCHEDULED,
        end=update.at if is_over else None,
        updated=update.at,
    )
