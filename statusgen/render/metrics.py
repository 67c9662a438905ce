"""``/metrics.txt``: the present of the page for Prometheus, and for whatever else reads its text format.

One file that is Prometheus text 0.0.4 and OpenMetrics 1.0 at once: gauges only, since the older format knows no info
and no stateset, and ``# EOF`` at the end, which is a comment there. There are no timestamps. Names and labels that
statuspage-prometheus-exporter has are the same here and mean the same. ``docs/metrics.md`` describes every family.

Numbers are those of the snapshot. A ratio is its percentage with the point moved, so it is cut as that was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from statusgen import periods
from statusgen.cadence import Cadence
from statusgen.latency import Latency
from statusgen.model import Impact, State
from statusgen.views import CheckNow, ComponentView, EventView, ObjectiveView, Snapshot, Window

PREFIX = "statuspage_"

Samples = Iterable[tuple[str, str]]  # labels as they are written, and the value
_NO_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


class Family(NamedTuple):
    """A gauge with all its samples; ``name`` goes without what all names begin with."""

    name: str
    help: str
    samples: Samples


def document(snapshot: Snapshot) -> bytes:
    """Return the file."""
    lines: list[str] = []
    for family in _families(snapshot):
        name = PREFIX + family.name
        lines += (f"# HELP {name} {family.help}", f"# TYPE {name} gauge")
        lines += [f"{name}{{{labels}}} {value}" for labels, value in family.samples]
    return "\n".join([*lines, "# EOF\n"]).encode()


@lru_cache(maxsize=10_000)
def shifted(text: str, places: int) -> str:
    """Return a decimal number with its point moved so many places to the left: ``99.30`` by 2 is ``0.9930``."""
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    whole, _, fraction = digits.partition(".")
    padded = whole.rjust(places + 1, "0")
    return f"{sign}{padded[:-places]}.{padded[-places:]}{fraction}"


def _families(snapshot: Snapshot) -> Iterator[Family]:
    page = labels(service_name=snapshot.site.name)
    views = [(f"{page},{_of_component(view)}", view) for view in snapshot.components]
    yield from _present(snapshot, page)
    yield from _windows("", "of all components together", [(page, snapshot.windows)])
    yield from _monitor([(f"{page},{labels(location=each.location)}", each) for each in snapshot.cadences])
    yield from _events(snapshot, page)
    yield from _components(views)
    yield from _windows("component_", "of a component", [(own, view.windows) for own, view in views])
    yield from _checks(views)
    yield from _objectives([(f"{page},{_of_objective(each)}", each) for each in snapshot.objectives])


def labels(**values: str) -> str:
    """Write labels, their values escaped as both formats want it."""
    return ",".join(f'{name}="{value.translate(_NO_ESCAPES)}"' for name, value in values.items())


def _shares(own: str, windows: Iterable[Window], share: Callable[[Window], str | None]) -> Samples:
    told = ((window.name, share(window)) for window in windows)
    return [(f'{own},window="{name}"', shifted(text, 2)) for name, text in told if text is not None]


# The page


def _present(snapshot: Snapshot, page: str) -> Iterator[Family]:
    is_well = snapshot.impact is Impact.NONE and all(each.state is State.OPERATIONAL for each in snapshot.components)
    state, impact, checked = snapshot.banner.state, snapshot.impact, snapshot.checked
    yield Family("service_status", "1 if all is operational and no incident is open.", [(page, _bit(is_well))])
    yield Family("state", "1 for the state that the whole page is in.", [(f"{page},{labels(state=state.value)}", "1")])
    yield Family("impact", "1 for what users feel of all together.", [(f"{page},{labels(impact=impact.value)}", "1")])
    rounds = [] if checked is None else [(page, str(checked))]
    yield Family("last_round_timestamp_seconds", "When checks were last made.", rounds)
    yield Family(
        "stale_after_seconds", "Age from which on the last round is too old.", [(page, str(snapshot.stale_after))]
    )
    yield Family("generated_timestamp_seconds", "The instant that all this is of.", [(page, str(snapshot.now))])


def _monitor(told: Sequence[tuple[str, Cadence]]) -> Iterator[Family]:
    """Yield how often each location looked."""
    last = [(own, str(cadence.last)) for own, cadence in told if cadence.last is not None]
    yield Family("monitor_last_round_timestamp_seconds", "When a location last made checks.", last)
    paces = [(f'{own},window="{pace.name}"', pace) for own, cadence in told for pace in cadence.paces]
    rounds = [(own, str(pace.rounds)) for own, pace in paces]
    yield Family("monitor_rounds", "Rounds of checks that a location made.", rounds)
    failed = [(own, str(pace.failed)) for own, pace in paces]
    yield Family("monitor_rounds_failed", "Those of them in which the prober itself failed.", failed)
    gaps = [
        (f'{own},quantile="{quantile}"', str(seconds))
        for own, pace in paces
        for quantile, seconds in (("0.5", pace.median), ("0.95", pace.p95), ("1", pace.longest))
        if seconds is not None
    ]
    yield Family("monitor_gap_seconds", "Time between two rounds in which the prober was well.", gaps)
    covered = [(own, shifted(pace.coverage, 2)) for own, pace in paces if pace.coverage is not None]
    yield Family("monitor_coverage_ratio", "Share of time in which a location was watching.", covered)


def _events(snapshot: Snapshot, page: str) -> Iterator[Family]:
    incidents, ongoing, ahead = snapshot.open_incidents, snapshot.maintenance_now, snapshot.maintenance_next
    yield Family("incidents_open", "Incidents that are open.", [(page, str(len(incidents)))])
    yield Family("maintenances_in_progress", "Maintenances that go on.", [(page, str(len(ongoing)))])
    yield Family("maintenances_scheduled", "Maintenances that lie ahead.", [(page, str(len(ahead)))])
    url = snapshot.site.url
    told = [(f"{page},{_of_incident(event, url)}", "1") for event in incidents]
    yield Family("incident_info", "1 for each incident that is open.", told)
    planned = [(f"{page},{_of_maintenance(event, url)}", "1") for event in (*ongoing, *ahead)]
    yield Family("maintenance_info", "1 for each maintenance that goes on or lies ahead.", planned)


def _of_incident(event: EventView, url: str) -> str:
    return labels(
        incident_id=event.slug,
        incident_name=event.title,
        impact=event.impact.value,
        severity=event.severity.value if event.severity else "",
        shortlink=f"{url}/{event.folder}",
        started_at=periods.iso(event.start),
        affected_components=", ".join(name for name, _, _ in event.components),
    )


def _of_maintenance(event: EventView, url: str) -> str:
    start, end = event.scheduled or (event.start, event.start)
    return labels(
        maintenance_id=event.slug,
        maintenance_name=event.title,
        scheduled_start=periods.iso(start),
        scheduled_end=periods.iso(end),
        shortlink=f"{url}/{event.folder}",
        affected_components=", ".join(name for name, _, _ in event.components),
    )


# Components and their checks

Views = Sequence[tuple[str, ComponentView]]  # each with its labels


def _of_component(view: ComponentView) -> str:
    of = view.component
    return labels(component_name=of.name, component=of.id, group=of.group)


def _components(views: Views) -> Iterator[Family]:
    present = [(own, _bit(view.state is State.OPERATIONAL)) for own, view in views]
    yield Family("component_status", "1 if the component is operational, else 0.", present)
    states = [(f"{own},{labels(state=view.state.value)}", "1") for own, view in views]
    yield Family("component_state", "1 for the state that the component is in.", states)
    since = [(own, str(view.since)) for own, view in views if view.since is not None]
    yield Family("component_state_since_timestamp_seconds", "When that state began.", since)
    medians = [(own, shifted(str(view.response_ms), 3)) for own, view in views if view.response_ms is not None]
    yield Family("component_response_time_seconds", "Median of 24 hours of the check that is slowest.", medians)


def _windows(prefix: str, of: str, counted: Sequence[tuple[str, Iterable[Window]]]) -> Iterator[Family]:
    """Yield what is told of windows up to now, of all or by component."""
    available = [sample for own, windows in counted for sample in _shares(own, windows, lambda each: each.availability)]
    covered = [sample for own, windows in counted for sample in _shares(own, windows, lambda each: each.coverage)]
    down = [(f'{own},window="{window.name}"', str(window.tally.down)) for own, windows in counted for window in windows]
    yield Family(f"{prefix}availability_ratio", f"Availability {of}, cut; left out where nothing is known.", available)
    yield Family(f"{prefix}coverage_ratio", f"Share of time {of} that is known.", covered)
    yield Family(f"{prefix}outage_seconds", f"Seconds of partial and major outage {of}, unweighted.", down)


def _checks(views: Views) -> Iterator[Family]:
    latencies = [
        (f'{own},{labels(check=row.check)},quantile="{quantile}"', shifted(str(milliseconds), 3))
        for own, view in views
        for row in view.latency
        for quantile, milliseconds in _quantiles(row.windows[0])
    ]
    yield Family("check_response_time_seconds", "Percentiles of a check's good answers of 24 hours.", latencies)
    ends = [(own, check) for own, view in views for check in view.checks]
    expiry = [(f"{own},{labels(check=check.check)}", str(end)) for own, check in ends if (end := _end(check))]
    yield Family("check_certificate_expiry_timestamp_seconds", "When the server's certificate ends.", expiry)


def _quantiles(of: Latency | None) -> tuple[tuple[str, int], ...]:
    return (("0.5", of.p50), ("0.95", of.p95), ("0.99", of.p99)) if of else ()


def _end(check: CheckNow) -> int | None:
    return check.details.certificate_end if check.details else None


# Objectives


def _of_objective(view: ObjectiveView) -> str:
    of = view.objective
    return labels(objective=of.id, objective_name=of.name, kind=of.kind.value)


def _objectives(views: Sequence[tuple[str, ObjectiveView]]) -> Iterator[Family]:
    targets = [(own, shifted(view.objective.target.text, 2)) for own, view in views]
    yield Family("objective_target_ratio", "Availability that is promised (sla) or aimed at (slo).", targets)
    present = [(own, view.present) for own, view in views]
    allowed = [(own, shifted(str(account.allowed_ms), 3)) for own, account in present if account]
    yield Family("objective_error_budget_seconds", "Downtime that the present period allows.", allowed)
    left = [(own, shifted(str(account.remaining_ms), 3)) for own, account in present if account]
    yield Family("objective_error_budget_remaining_seconds", "What is left of it, negative if too much is used.", left)
    burnt = [
        (f'{own},window="{burn.window}"', burn.rate)
        for own, view in views
        for burn in view.burn
        if burn.rate is not None
    ]
    yield Family("objective_burn_rate", "How fast it is used: at 1 it lasts exactly for the period.", burnt)


def _bit(true: bool) -> str:
    return str(int(true))
