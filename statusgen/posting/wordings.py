"""What templates say: the values of their fields, and the body of a post-mortem."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from statusgen import frontmatter, periods, status
from statusgen.errors import UsageError
from statusgen.model import Incident, Phase, Site, State, Update
from statusgen.posting import authoring, messages
from statusgen.posting.messages import Template
from statusgen.promises import Severity

UNKNOWN = "not known"


def of_site(site: Site, slug: str) -> dict[str, str]:
    return {"site": site.name, "link": f"{site.url}/incidents/{slug}/" if slug else ""}


def named(site: Site, components: Iterable[str]) -> str:
    """Write components by their names, in the order of the site."""
    wanted = set(components)
    return ", ".join(component.name for component in site.components if component.id in wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a message is about, as far as it is known."""

    slug: str = ""
    title: str = ""
    severity: Severity | None = None
    components: tuple[tuple[str, State], ...] = ()
    phase: Phase | None = None
    started: int | None = None
    window: tuple[int, int] | None = None
    next: int | None = None


def completed(subject: Subject, template: Template | None, now: int) -> Subject:
    """Return a subject with what only a template says of it; raise UsageError for a component without its state."""
    if template is None:
        return subject
    known = dict(subject.components)
    if subject.window:
        template = replace(template, components=tuple((id_, State.MAINTENANCE) for id_, _ in template.components))
    if without := [id_ for id_, state in template.components if state is None and id_ not in known]:
        example = f"--component {without[0]}=partial_outage"
        raise UsageError(f"template '{template.name}' names '{without[0]}' without a state: add {example} or the like")
    states = {id_: state for id_, state in template.components if state is not None} | known
    promised = None if template.next is None else now + template.next
    return replace(
        subject,
        severity=subject.severity or template.severity,
        components=tuple(states.items()),
        phase=subject.phase or template.state,
        next=promised if subject.next is None else subject.next,
    )


def values(site: Site, subject: Subject, now: int) -> dict[str, str]:
    """Return the values of a message's fields; empty is what is not known."""
    at = authoring.minute(now)
    return {
        "title": subject.title,
        "severity": str(subject.severity or ""),
        "components": named(site, dict(subject.components)),
        "state": subject.phase.word if subject.phase else "",
        "started": _stamp(subject.started),
        "duration": "" if subject.started is None else periods.duration(max(0, at - subject.started)),
        "from": _stamp(subject.window[0]) if subject.window else "",
        "until": _stamp(subject.window[1]) if subject.window else "",
        "now": authoring.stamp(at),
        "next": _stamp(subject.next),
        **of_site(site, subject.slug),
    }


def _stamp(at: int | None) -> str:
    return "" if at is None else authoring.stamp(authoring.minute(at))


# Post-mortems


def postmortem(site: Site, incident: Incident, template: Template, now: int) -> Template:
    """Return the template of post-mortems, filled from what the incident's file says."""
    return messages.filled(template, of_incident(site, incident, now))


def title_of_postmortem(incident: Incident) -> str:
    """Return the title of one whose template has none, which names the incident as far as a title may go."""
    named = f"Post-mortem: {incident.title}"
    return named if len(named) <= frontmatter.LONGEST_TITLE else "Post-mortem"


def of_incident(site: Site, incident: Incident, now: int) -> dict[str, str]:
    """Return the values of a post-mortem's fields, none of them empty."""
    end = status.end_of(incident, now)
    known = [update for update in incident.updates if update.at <= now]
    found = {
        **of_site(site, incident.slug),
        "title": incident.title,
        "severity": str(incident.severity or ""),
        "components": _affected(site, status.affected(incident)),
        "started": _stamp(incident.started),
        "detected": _stamp(incident.detected),
        "acknowledged": _stamp(incident.acknowledged or (known[0].at if known else None)),
        "resolved": _stamp(end) or "not yet",
        "duration": periods.duration((now if end is None else end) - incident.started),
        "updates": str(len(known)),
        "timeline": timeline(incident.started, known),
        "date": periods.iso_day(now),
    }
    return {field: value or UNKNOWN for field, value in found.items()}


def _affected(site: Site, states: Mapping[str, State]) -> str:
    told = [f"{each.name} ({states[each.id]})" for each in site.components if each.id in states]
    return ", ".join(told).replace("_", " ")


def timeline(started: int, updates: Iterable[Update]) -> str:
    """Return a table of what was told, and when, in UTC."""
    rows = [(_stamp(started), "It began."), *((authoring.stamp(each.at), _row(each)) for each in updates)]
    return "\n".join(["| Time | What happened |", "|---|---|", *(f"| {time} | {what} |" for time, what in rows)])


def _row(update: Update) -> str:
    """Return an update as a table's cell: its state and its first paragraph."""
    first, _, more = update.text.strip().partition("\n\n")
    words = " ".join(first.split()).lstrip("#> ").replace("|", "\\|")
    return f"**{update.phase.word}.** {words}{' …' if more else ''}".rstrip()
