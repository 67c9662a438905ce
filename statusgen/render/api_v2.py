"""``/api/v2/*.json``: the eight documents of the public Status API v2, as Statuspage's clients read them.

Every field is always there, null where there is nothing to say; texts are English, whatever the page's language, as
programs compare them. What the API has no word for is told plainly: a component of which nothing is known is
``operational`` with a note in its description, a cancelled maintenance is ``completed`` with a note in its last update.
``/api/v1/`` says both exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from statusgen import periods
from statusgen.digests import digest
from statusgen.model import Impact, Phase, State
from statusgen.render import notation
from statusgen.render.output import Output
from statusgen.render.placing import Prose
from statusgen.render.untagged import untagged
from statusgen.views import Affected, ComponentView, EventView, GroupView, Snapshot, UpdateView

MOST = 50  # events in a document
FOLDER = "api/v2"
UNKNOWN = "No data: nothing is known of its state."
CANCELLED = "This maintenance was cancelled."

_STATES = {State.UNKNOWN: State.OPERATIONAL}  # every other state is a word of the API
_DESCRIPTIONS = {
    Impact.NONE: "All Systems Operational",
    Impact.MAINTENANCE: "Service Under Maintenance",
    Impact.MINOR: "Minor Service Outage",
    Impact.MAJOR: "Partial System Outage",
    Impact.CRITICAL: "Major System Outage",
}

_BY_THE_CLOCK = {
    Phase.IN_PROGRESS: "The scheduled maintenance has begun.",
    Phase.COMPLETED: "The scheduled maintenance is over.",
}

Json = Mapping[str, object]


def files(snapshot: Snapshot, prose: Prose, told: Mapping[str, str]) -> dict[str, Output]:
    """Return the documents by path. ``told`` stands for each event by its slug, and for all that its texts hang on."""
    rows = _Rows.of(snapshot, prose)
    page, status = {"page": rows.page()}, {"status": rows.status()}
    components = {"components": list(rows.components.values())}
    made = {
        "status": _output("status", page, status),
        "components": _output("components", page, components),
        "summary": rows.output(
            told,
            "summary",
            {**page, **components},
            {"incidents": rows.unresolved, "scheduled_maintenances": rows.unfinished},
            status,
        ),
    }
    for name, events in rows.incidents().items():
        made[name] = rows.output(told, name, page, {"incidents": events})
    for name, events in rows.plans().items():
        made[name] = rows.output(told, name, page, {"scheduled_maintenances": events})
    return {f"{FOLDER}/{name}.json": output for name, output in made.items()}


def description(snapshot: Snapshot) -> str:
    """Return the sentence of the rollup: of those that Statuspage has, but for a page that knows nothing at all."""
    state = snapshot.banner.state
    if state is State.UNKNOWN and snapshot.components and snapshot.impact is Impact.NONE:
        return "Status Unknown"
    return "Partially Degraded Service" if state is State.DEGRADED else _DESCRIPTIONS[snapshot.impact]


def event(snapshot: Snapshot, prose: Prose, of: EventView) -> Json:
    """Return an incident or a maintenance as the documents have it."""
    return _Rows.of(snapshot, prose).event(of)


def component_update(snapshot: Snapshot, id_: str, states: tuple[State, State], at: int) -> Json:
    """Return how a component changed, from one state to another, and the component, as Statuspage's webhooks do."""
    row = next(row for row in _components(snapshot) if row["id"] == id_ and not row["group"])
    old, new = states
    change = {
        "id": f"{id_}-{periods.compact(at)}",
        "component_id": id_,
        "created_at": _instant(at),
        "old_status": _state(old),
        "new_status": _state(new),
    }
    return {"component_update": change, "component": row}


def _output(name: str, *parts: Json) -> Output:
    content = {key: value for part in parts for key, value in part.items()}
    return Output(digest(FOLDER, name, content), lambda: notation.indented(content))


def _instant(at: int) -> str:
    """Return an instant with milliseconds, as Statuspage writes it."""
    return periods.iso(at).replace("Z", ".000Z")


def _group_id(anchor: str) -> str:
    """Return the id of a group, which no component can have: those have no underscore."""
    return "group_" + anchor.removeprefix("group").removeprefix("-")


def _newest(events: Iterable[EventView]) -> list[EventView]:
    """Return all events that are open or ahead, and of the others as many as fill a document, in their order."""
    events = list(events)
    over = [event.slug for event in events if event.is_over]
    dropped = set(over[max(0, MOST - len(events) + len(over)) :])
    return [event for event in events if event.slug not in dropped]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """The objects that documents are made of. ``components`` holds groups as well, in the order of the page."""

    snapshot: Snapshot
    prose: Prose
    told: tuple[EventView, ...]
    components: Mapping[str, Json]
    groups: Mapping[str, GroupView]

    @classmethod
    def of(cls, snapshot: Snapshot, prose: Prose) -> _Rows:
        groups = {view.component.id: group for group in snapshot.groups if group.name for view in group.components}
        return cls(
            snapshot=snapshot,
            prose=prose,
            told=tuple(event for event in snapshot.events if not event.draft),
            components={str(row["id"]): row for row in _components(snapshot)},
            groups=groups,
        )

    @property
    def unresolved(self) -> list[EventView]:
        return _newest(event for event in self.told if event.is_open and not event.is_maintenance)

    @property
    def unfinished(self) -> list[EventView]:
        return _newest(event for event in self.told if event.is_maintenance and not event.is_over)

    def incidents(self) -> dict[str, list[EventView]]:
        """Return incidents by document."""
        every = [event for event in self.told if not event.is_maintenance]
        return {"incidents": _newest(every), "incidents/unresolved": self.unresolved}

    def plans(self) -> dict[str, list[EventView]]:
        """Return maintenances by document."""
        every = [event for event in self.told if event.is_maintenance]
        return {
            "scheduled-maintenances": _newest(every),
            "scheduled-maintenances/upcoming": _newest(event for event in every if event.is_upcoming),
            "scheduled-maintenances/active": _newest(event for event in every if event.is_open),
        }

    def output(
        self,
        told: Mapping[str, str],
        name: str,
        head: Json,
        events: Mapping[str, list[EventView]],
        tail: Json = MappingProxyType({}),
    ) -> Output:
        """Return a document that holds events, which are only laid out once it has to be made."""

        def make() -> bytes:
            return notation.indented({**head, **{key: self.events(of) for key, of in events.items()}, **tail})

        begun = self.snapshot.begun
        marks = [(key, event.phase, begun(event), told[event.slug]) for key, of in events.items() for event in of]
        ids = [id_ for of in events.values() for event in of for _, _, id_ in event.components]
        named = [(self.components[id_], self.groups[id_].name if id_ in self.groups else "") for id_ in ids]
        return Output(digest(FOLDER, name, head, marks, named, dict(tail)), make)

    def page(self) -> Json:
        site = self.snapshot.site
        return {
            "id": site.id,
            "name": site.name,
            "url": site.url,
            "time_zone": "Etc/UTC",
            "updated_at": _instant(self.snapshot.changed),
        }

    def status(self) -> Json:
        return {"indicator": self.snapshot.impact.value, "description": description(self.snapshot)}

    def events(self, events: Iterable[EventView]) -> list[Json]:
        return [self.event(event) for event in events]

    def event(self, event: EventView) -> Json:
        """Return an incident or a maintenance; the latter has its window besides."""
        reached = [update.at for update in event.updates if update.phase is Phase.MONITORING]
        is_learnt = event.learnt is not None and not event.is_open
        told = [*self.by_the_clock(event), *(self.update(event, update) for update in event.told)]
        content: dict[str, object] = {
            "id": event.slug,
            "name": event.title,
            "status": _phase(Phase.POSTMORTEM if is_learnt else event.phase),
            "created_at": _instant(self.snapshot.begun(event)),
            "updated_at": told[0]["updated_at"] if told else _instant(event.updated),
            "monitoring_at": _instant(min(reached)) if reached else None,
            "resolved_at": None if event.end is None else _instant(event.end),
            "impact": event.impact.value,
            "shortlink": self.link(event),
            "started_at": _instant(event.start),
            "page_id": self.snapshot.site.id,
            "incident_updates": told,
            "components": [self.components[component] for _, _, component in event.components],
            "reminder_intervals": None,
        }
        if event.scheduled:
            content["scheduled_for"], content["scheduled_until"] = map(_instant, event.scheduled)
        return content

    def link(self, event: EventView) -> str:
        return f"{self.snapshot.site.url}/{event.folder}"

    def update(self, event: EventView, update: UpdateView) -> Json:
        key = update.anchor.removeprefix("update-")
        affected = [self.affected(each) for each in update.affected]
        body = untagged(self.prose(update.text, f"{self.snapshot.site.url}/", f"{self.snapshot.site.url}/", key))
        note = CANCELLED if update.phase is Phase.CANCELLED else ""
        return self.entry(event, key, update.phase, update.at, "\n\n".join(filter(None, (note, body))), affected)

    def affected(self, each: Affected) -> Json:
        group = self.groups.get(each.id)
        return {
            "code": each.id,
            "name": f"{group.name} - {each.name}" if group else each.name,
            "old_status": _state(each.before),
            "new_status": _state(each.state),
        }

    def by_the_clock(self, event: EventView) -> Iterator[Json]:
        """Yield the update that nobody wrote of a maintenance: Statuspage writes one where the clock begins or ends it.

        One of which nothing was written at all gets one in any case, as clients take the first update for granted.
        """
        if event.scheduled is None or (event.updates and event.updates[0].phase is event.phase):
            return
        at = {Phase.IN_PROGRESS: event.scheduled[0], Phase.COMPLETED: event.scheduled[1]}.get(event.phase)
        if at is not None or not event.updates:
            told = self.snapshot.begun(event) if at is None else at
            yield self.entry(event, "window", event.phase, told, _BY_THE_CLOCK.get(event.phase, event.title), [])

    def entry(self, event: EventView, key: str, phase: Phase, at: int, body: str, affected: list[Json]) -> Json:
        return {
            "id": f"{event.slug}-{key}",
            "status": _phase(phase),
            "body": body,
            "incident_id": event.slug,
            "created_at": _instant(at),
            "updated_at": _instant(at),
            "display_at": _instant(at),
            "affected_components": affected or None,
            "deliver_notifications": True,
            "custom_tweet": None,
            "tweet_id": None,
        }


def _phase(phase: Phase) -> str:
    return notation.phase(Phase.COMPLETED if phase is Phase.CANCELLED else phase)


def _state(state: State) -> str:
    return _STATES.get(state, state).value


# Components


def _components(snapshot: Snapshot) -> Iterator[Json]:
    """Yield groups and components in the order of the page, each group before its components."""
    position = 0
    for group in snapshot.groups:
        if group.name:
            position += 1
            yield _group(snapshot, group, position)
        for member, view in enumerate(group.components, 1):
            position += not group.name
            yield _component(snapshot, view, group, member if group.name else position)


def _group(snapshot: Snapshot, group: GroupView, position: int) -> Json:
    created = min(_created(snapshot, view) for view in group.components)
    updated = max(_created(snapshot, view) if view.since is None else view.since for view in group.components)
    return {
        "id": _group_id(group.id),
        "name": group.name,
        "status": _state(group.state),
        "created_at": _instant(created),
        "updated_at": _instant(updated),
        "position": position,
        "description": None,
        "showcase": False,
        "start_date": None,
        "group_id": None,
        "page_id": snapshot.site.id,
        "group": True,
        "only_show_if_degraded": False,
        "components": [view.component.id for view in group.components],
    }


def _component(snapshot: Snapshot, view: ComponentView, group: GroupView, position: int) -> Json:
    component, created = view.component, _created(snapshot, view)
    note = UNKNOWN if view.state is State.UNKNOWN else ""
    return {
        "id": component.id,
        "name": component.name,
        "status": _state(view.state),
        "created_at": _instant(created),
        "updated_at": _instant(created if view.since is None else view.since),
        "position": position,
        "description": " ".join(filter(None, (component.description, note))) or None,
        "showcase": bool(component.checks),
        "start_date": None if component.since is None else periods.iso_day(component.since),
        "group_id": _group_id(group.id) if group.name else None,
        "page_id": snapshot.site.id,
        "group": False,
        "only_show_if_degraded": False,
    }


def _created(snapshot: Snapshot, view: ComponentView) -> int:
    """Return since when a component counts; else the first instant that anything is known of."""
    return snapshot.first if view.component.since is None else view.component.since
