"""What a change does, for whoever reviews it: as text, as Markdown for a summary, as JSON for programs.

What somebody wrote stands in it as ``Theirs`` or as a quote (``blocks``): a pull request must not be able to write its
own review.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import unified_diff

from statusgen import periods
from statusgen.errors import Level
from statusgen.model import Phase
from statusgen.render import blocks
from statusgen.render.blocks import Block, Cells, Heading, Line, Points, Quote, Table
from statusgen.render.changed_json import as_json
from statusgen.render.language import Language
from statusgen.render.quoting import Piece, Theirs
from statusgen.render.words import Words
from statusgen.reviewing.changes import Changes, ComponentChange, EventChange, Found, Happening, Planned, UpdateChange
from statusgen.reviewing.movements import Figure, Movement, Scope
from statusgen.reviewing.settings import Setting
from statusgen.views import EventView, UpdateView

MOST_NAMED = 20  # files, windows, settings


def as_text(changes: Changes) -> str:
    """Return all of it for a terminal."""
    return f"{_NOTHING}\n" if changes.is_nothing else blocks.text(_blocks(changes))


def as_markdown(changes: Changes) -> str:
    """Return as much of it as fits into a summary."""
    return f"{_NOTHING}\n" if changes.is_nothing else blocks.markdown(_blocks(changes))


def refused(found: Iterable[Found], form: str) -> str:
    """Say that what will be is no site at all, and why."""
    head = Heading("This change cannot be published: its configuration has errors")
    lay = blocks.markdown if form == "md" else blocks.text
    return lay([head, Points(tuple(_problem(each) for each in found))])


FORMATS: dict[str, Callable[[Changes], str]] = {"text": as_text, "json": as_json, "md": as_markdown}

_NOTHING = "Nothing that anybody sees changes."


# What is said


def _blocks(changes: Changes) -> Iterator[Block]:
    if changes.errors:
        count = f"{len(changes.errors)} errors" if len(changes.errors) > 1 else "1 error"
        yield Heading(f"{count}: what has errors is left out of the page")
        yield Points(tuple(_problem(each) for each in changes.errors))
    if changes.is_first:
        yield Points((["There was no site before: everything is new."],))
    yield Heading("What subscribers will receive")
    yield from _received(changes)
    if changes.drafts:
        yield Heading("Drafts: what subscribers would receive")
        for draft in changes.drafts:
            for update in draft.told:
                yield from _update(UpdateChange(event=draft, before=None, after=update), update)
    yield Heading("What changes on the page")
    yield from _shown(changes)
    yield Heading("Which numbers move")
    yield from _numbers(changes)
    if doubtful := [each for each in changes.found if each.problem.level is not Level.ERROR]:
        yield Heading("Warnings")
        yield Points(tuple(_problem(each) for each in doubtful))


def _problem(found: Found) -> Line:
    problem = found.problem
    new = " (new)" if found.is_new else ""
    place = Theirs(f"{problem.path}:{max(problem.line, 1)}")
    return [f"{problem.level.capitalize()}{new}: ", place, " ", Theirs(problem.message)]


def _received(changes: Changes) -> Iterator[Block]:
    if not (changes.sent or changes.edited or changes.withdrawn or changes.messages or changes.planned):
        yield Points((["Nothing."],))
    for sent in changes.sent:
        assert sent.after, "it is new"
        yield from _update(sent, sent.after)
    for edited in changes.edited:
        yield Points((["Changed after it was published, ", *_named(edited), ": not sent again."],))
        yield Quote(_difference(edited), "diff")
    lost = [[*_named(each), ": withdrawn, and whoever received it keeps it"] for each in changes.withdrawn]
    if lost:
        yield Points(tuple(["Warning: ", *line] for line in lost))
    for message in changes.messages:
        yield Heading("Notification", 3)
        to: Line = [
            f"To routes of 'notifications' that take this kind ({message.kind}): ",
            Theirs(", ".join(message.routes)),
        ]
        yield Points((to, ["Title: ", Theirs(message.title)]))
        yield Quote(message.text)
    if changes.planned:
        yield Heading("Calendar of maintenance", 3)
        yield Points(tuple(_calendar(each) for each in changes.planned))


def _named(sent: UpdateChange) -> Line:
    update = sent.after or sent.before
    assert update, "it is there before or after"
    return [f"{update.phase.word}, {periods.date_and_time(update.at)}, of ", Theirs(sent.event.title)]


def _update(sent: UpdateChange, update: UpdateView) -> Iterator[Block]:
    """Yield an update as it is sent: its heading, where it goes, the states after it, its text."""
    event = sent.event
    yield Heading(f"{update.phase.word} · {periods.date_and_time(update.at)}", 3)
    lines: list[Line] = [[_kind(event), Theirs(event.title)]]
    lines += [["Not sent before ", Theirs("draft: true"), " is removed"]] if event.draft else [_where(sent)]
    if update.affected and update.phase is not Phase.POSTMORTEM:
        lines.append(["After it: ", *_states(update)])
    if update.next is not None:
        lines.append([f"Promised: the next update by {periods.date_and_time(update.next)}"])
    yield Points(tuple(lines))
    if update.text.strip():
        yield Quote(update.text)


def _kind(event: EventView) -> str:
    if event.is_maintenance:
        return "Maintenance: "
    return f"Incident ({event.severity}): " if event.severity else "Incident: "


def _where(sent: UpdateChange) -> Line:
    if not sent.is_fed:
        return ["To nobody: it is too old for the feeds, which hold the latest only"]
    named = [piece for _, _, id_ in sent.event.components for piece in (", ", Theirs(id_))]
    return ["To: feeds of the page", *([" and of ", *named[1:]] if named else []), ", and of this event alone"]


def _states(update: UpdateView) -> Line:
    told = [piece for each in update.affected for piece in ("; ", Theirs(each.name), f" {each.state.word.lower()}")]
    return told[1:]


def _difference(sent: UpdateChange) -> str:
    assert sent.before, "it was there"
    assert sent.after, "it is there"
    old = _as_lines(sent.title, sent.before)
    new = _as_lines(sent.event.title, sent.after)
    return "\n".join(unified_diff(old, new, "published", "now", lineterm="", n=2))


def _as_lines(title: str, update: UpdateView) -> list[str]:
    states = "; ".join(f"{each.name} {each.state.word.lower()}" for each in update.affected)
    due = "" if update.next is None else periods.date_and_time(update.next)
    head = f"{update.phase.word} · {periods.date_and_time(update.at)}"
    return [f"Title: {title}", head, f"After it: {states}", f"Next update: {due}", *update.text.split("\n")]


def _calendar(planned: Planned) -> Line:
    gained, lost = _spans(planned.gained), _spans(planned.lost)
    said = [f"gains {gained}"] * bool(gained) + [f"loses {lost}"] * bool(lost)
    return [Theirs(planned.event.title), f": {'; '.join(said)}"]


def _spans(windows: Sequence[tuple[int, int]]) -> str:
    told = ", ".join(periods.span_of_time(*window) for window in windows[:3])
    return f"{told} and {len(windows) - 3} more" if len(windows) > 3 else told


# The page


def _shown(changes: Changes) -> Iterator[Block]:
    lines = [
        *_banner(changes),
        *(line for each in changes.components for line in _component(each)),
        *(line for each in changes.events for line in _event(each)),
        *_drafts(changes),
        *_swaps(changes),
        *_files(changes),
        *_settings(changes.settings),
    ]
    yield Points(tuple(lines) or (["Nothing."],))


def _banner(changes: Changes) -> Iterator[Line]:
    if changes.banner:
        words = Words(Language("en"))
        before, after = (words.banner(each) for each in changes.banner)
        if before != after:
            yield [f"Banner: {before} → {after}"]


def _component(change: ComponentChange) -> Iterator[Line]:
    name, id_ = Theirs(change.view.component.name), Theirs(change.view.component.id)
    if change.before is None:
        yield ["Component added: ", name, " (", id_, f"), {change.view.state.word.lower()}"]
    elif change.after is None:
        remedy = "with its history, feeds and badges; incidents that name it become errors"
        yield ["Warning: component removed: ", name, " (", id_, f"), {remedy}"]
    elif change.before.component.name != change.after.component.name:
        yield ["Component renamed: ", Theirs(change.before.component.name), " → ", name]
    if change.states:
        yield ["Component ", name, ": {} → {}".format(*(state.word.lower() for state in change.states))]


_SAID = {
    Happening.OPENED: "opened",
    Happening.ANNOUNCED: "announced",
    Happening.REMOVED: "removed",
    Happening.UPDATED: "updated",
    Happening.SHORTENED: "updates taken back",
    Happening.BEGUN: "begun",
    Happening.CLOSED: "closed",
    Happening.REOPENED: "reopened",
    Happening.RESCHEDULED: "rescheduled",
    Happening.STATED: "other states of components over its time",
    Happening.CONCERNED: "other components",
    Happening.EXPLAINED: "post-mortem published",
    Happening.REWORDED: "wording changed",
    Happening.DETAILED: "details changed, as when it was noticed or what is counted of it",
}


def _event(change: EventChange) -> Iterator[Line]:
    event, old = change.event, change.before
    kind = "Maintenance " if event.is_maintenance else "Incident "
    said = [_SAID[each] for each in change.happenings if each in _SAID]
    if old and Happening.RANKED in change.happenings:
        said.append(f"{old.severity or 'no severity'} → {event.severity or 'no severity'}")
    if said:
        worst = "worst: " if event.is_over and not event.is_maintenance else ""
        state = "" if change.after is None else f" ({event.phase.word.lower()}, {worst}{event.state.word.lower()})"
        yield [kind, Theirs(event.title), f": {', '.join(said)}{state}"]
    if old and Happening.RENAMED in change.happenings:
        yield [kind, "renamed: ", Theirs(old.title), " → ", Theirs(event.title)]
    if old and Happening.MOVED in change.happenings:
        broken = "its old address breaks, and its updates are sent again"
        yield ["Warning: ", kind.lower(), Theirs(old.path), " → ", Theirs(event.path), f": {broken}"]
    if change.after is None:
        yield ["Warning: its page is gone: ", Theirs(event.folder), ", and so is the time that it declared"]


def _drafts(changes: Changes) -> Iterator[Line]:
    for draft in changes.drafts:
        yield ["Draft, in the preview only: ", Theirs(draft.title), " (", Theirs(draft.path), ")"]


def _swaps(changes: Changes) -> Iterator[Line]:
    for page in changes.pages:
        yield [f"Page {_word(page.before, page.after)}: ", Theirs(page.thing.title), " (", Theirs(page.thing.path), ")"]
    for swap in changes.corrections:
        each = swap.thing
        span = periods.span_of_time(each.start, each.end)
        named: Line = ["of ", Theirs(", ".join(each.components)), f", {span}, set to {each.state.word.lower()}: "]
        yield [f"Correction {_word(swap.before, swap.after)} ", *named, Theirs(each.reason)]


def _word(before: object, after: object) -> str:
    return "added" if before is None else "removed" if after is None else "changed"


def _files(changes: Changes) -> Iterator[Line]:
    if files := changes.files:
        told = [piece for path in files[:MOST_NAMED] for piece in (", ", Theirs(path))][1:]
        more = f" and {len(files) - MOST_NAMED} more" if len(files) > MOST_NAMED else ""
        yield ["Files of the theme, and images: ", *told, more]


def _settings(found: Sequence[Setting]) -> Iterator[Line]:
    for each in found[:MOST_NAMED]:
        before, after = (["—"] if text is None else [Theirs(text)] for text in (each.before, each.after))
        yield ["Setting ", Theirs(each.place), ": ", *before, " → ", *after]
        if each.place == "feed.authority":
            yield ["Warning: ids of feed entries change, and every entry is sent again"]
    if len(found) > MOST_NAMED:
        yield [f"{len(found) - MOST_NAMED} more settings"]


# Numbers


_HEAD = ("of", "window", "before", "after", "downtime", "measured time")
_BUDGETS = ("of", "period", "before", "after", "downtime", "budget left", "credit")


def _numbers(changes: Changes) -> Iterator[Block]:
    if not changes.movements:
        yield Points((["No number moves."],))
        return
    of_time = [each for each in changes.movements if each.scope is not Scope.OBJECTIVE]
    if of_time:
        yield Table(_HEAD, tuple(_of_time(each) for each in of_time))
    if kept := [each for each in changes.movements if each.scope is Scope.OBJECTIVE]:
        yield Heading("Service levels", 3)
        yield Table(_BUDGETS, tuple(_of_budget(each) for each in kept))


def _of_time(moved: Movement) -> Cells:
    name: Piece = Theirs(moved.name) if moved.name else "all together"
    shown = (_percent(moved.before), _percent(moved.after))
    return name, Theirs(moved.window), *shown, _by(moved.down), _by(moved.known)


def _of_budget(moved: Movement) -> Cells:
    left = " → ".join(_budget(each.left_ms) for each in (moved.before, moved.after))
    credited = [each.credit for each in (moved.before, moved.after)]
    due = "—" if credited == [None, None] else " → ".join(f"{each} %" if each else "none" for each in credited)
    shown = (_percent(moved.before), _percent(moved.after))
    return Theirs(moved.name), Theirs(moved.window), *shown, _by(moved.down), left, due


def _percent(figure: Figure) -> str:
    text = "—" if figure.percent is None else f"{figure.percent} %"
    return text if figure.is_met is None else f"{text} ({'met' if figure.is_met else 'missed'})"


def _by(seconds: int) -> str:
    """Write by how much time moves: in seconds, and where that is much, as people say it."""
    if not seconds:
        return "±0 s"
    sign = "+" if seconds > 0 else "−"
    size = abs(seconds)
    return f"{sign}{size} s" + (f" ({periods.duration(size, fine=True)})" if size >= periods.MINUTE else "")


def _budget(milliseconds: int | None) -> str:
    if milliseconds is None:
        return "—"
    return f"{'−' if milliseconds < 0 else ''}{periods.budget(abs(milliseconds))}"
