"""What a change does, as JSON for programs: instants in UTC, durations in seconds, percentages as printed."""

from __future__ import annotations

import json
from collections.abc import Sequence

from statusgen import periods
from statusgen.render import sla
from statusgen.render.language import Language
from statusgen.render.notation import Row
from statusgen.render.words import Words
from statusgen.reviewing.changes import Changes, ComponentChange, EventChange, Found, Planned, UpdateChange
from statusgen.reviewing.movements import Figure, Movement
from statusgen.views import UpdateView


def as_json(changes: Changes) -> str:
    """Return everything that a change does."""
    words = Words(Language("en"))
    document = {
        "now": periods.iso(changes.after.now),
        "is_nothing": changes.is_nothing,
        "is_first": changes.is_first,
        "problems": [_problem(each) for each in changes.found],
        "sent": [_sent(each) for each in changes.sent],
        "edited": [_sent(each) for each in changes.edited],
        "withdrawn": [_sent(each) for each in changes.withdrawn],
        "messages": [
            {"routes": list(each.routes), "kind": each.kind, "title": each.title, "text": each.text}
            for each in changes.messages
        ],
        "calendar": [_planned(each) for each in changes.planned],
        "banner": [words.banner(each) for each in changes.banner] if changes.banner else None,
        "components": [_component(each) for each in changes.components],
        "events": [_event(each) for each in changes.events],
        "drafts": [{"path": each.path, "title": each.title} for each in changes.drafts],
        "pages": [{"path": each.thing.path, "change": _change(each.before, each.after)} for each in changes.pages],
        "corrections": [
            {"path": each.thing.path, "change": _change(each.before, each.after)} for each in changes.corrections
        ],
        "files": list(changes.files),
        "settings": [{"key": each.place, "before": each.before, "after": each.after} for each in changes.settings],
        "numbers": [_movement(each) for each in changes.movements],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _change(before: object, after: object) -> str:
    return "added" if before is None else "removed" if after is None else "changed"


def _problem(found: Found) -> Row:
    problem = found.problem
    place = {"path": problem.path, "line": max(problem.line, 1), "level": problem.level}
    return {**place, "message": problem.message, "is_new": found.is_new}


def _sent(sent: UpdateChange) -> Row:
    return {
        "path": sent.event.path,
        "title": sent.event.title,
        "draft": sent.event.draft,
        "components": [id_ for _, _, id_ in sent.event.components],
        "in_feeds": sent.is_fed,
        "before": sent.before and _update(sent.before),
        "after": sent.after and _update(sent.after),
    }


def _update(update: UpdateView) -> Row:
    return {
        "id": update.tag,
        "at": periods.iso(update.at),
        "phase": update.phase,
        "text": update.text,
        "states": {each.id: each.state for each in update.affected},
        "next": None if update.next is None else periods.iso(update.next),
    }


def _planned(planned: Planned) -> Row:
    spans = {"gained": _spans(planned.gained), "lost": _spans(planned.lost)}
    return {"path": planned.event.path, "title": planned.event.title, **spans}


def _spans(windows: Sequence[tuple[int, int]]) -> list[list[str]]:
    return [[periods.iso(start), periods.iso(end)] for start, end in windows]


def _component(change: ComponentChange) -> Row:
    views = (change.before, change.after)
    names, states = ([pick and getattr(pick, what) for pick in views] for what in ("component", "state"))
    return {
        "id": change.view.component.id,
        "change": _change(change.before, change.after),
        "name": [each and each.name for each in names],
        "state": states,
    }


def _event(change: EventChange) -> Row:
    happened = [each.value for each in change.happenings]
    paths = [each and each.path for each in (change.before, change.after)]
    titles = [each and each.title for each in (change.before, change.after)]
    return {"path": paths, "title": titles, "happenings": happened, "is_maintenance": change.event.is_maintenance}


def _movement(moved: Movement) -> Row:
    return {
        "scope": moved.scope,
        "id": moved.id,
        "window": moved.window,
        "before": _figure(moved.before),
        "after": _figure(moved.after),
        "down_seconds": moved.down,
        "known_seconds": moved.known,
    }


def _figure(figure: Figure) -> Row:
    return {
        "percent": figure.percent,
        **sla.seconds(figure.tally),
        "budget_used_ms": figure.used_ms,
        "budget_left_ms": figure.left_ms,
        "credit": figure.credit,
        "is_met": figure.is_met,
    }
