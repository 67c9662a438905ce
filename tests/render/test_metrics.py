"""``/metrics.txt``: what both parsers of the Prometheus client read in it is what the snapshot says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from prometheus_client import parser
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics import parser as strict

from statusgen.budget import Account
from statusgen.latency import Latency
from statusgen.model import Details, Impact, Phase, State
from statusgen.promises import Kind, Objective, Period, Share
from statusgen.render import metrics
from statusgen.views import ComponentView, Snapshot

from ..literals import DAY, HOUR, NOW, component, incident, maintenance, resolved, rounds, site, take, unchecked, update

HOSTILE = 'a"b\\c\\n\n# EOF\n{x="y"} 1 \u2028 ünï 決済 {}, =\t'
Labels = tuple[tuple[str, str], ...]
Readings = dict[str, dict[Labels, Fraction]]  # by family and labels


def _outage() -> Snapshot:
    of = replace(
        site(
            component("api", "api", "api-2", name="API", group="Core"), component("web"), unchecked("desk"), name="Acme"
        ),
        objectives=(
            Objective(
                id="core",
                kind=Kind.SLO,
                name="Core",
                components=("api",),
                target=Share.parse("99.95"),
                period=Period(days=28),
            ),
        ),
    )
    events = (
        incident("broken", update(NOW - HOUR, Phase.INVESTIGATING), api=State.MAJOR, web=State.PARTIAL),
        resolved("older", NOW - 2 * DAY, NOW - 2 * DAY + HOUR, web=State.MAJOR),
        maintenance("now", NOW - HOUR, NOW + HOUR, on=("desk",)),
        maintenance("ahead", NOW + DAY, NOW + DAY + HOUR, on=("web", "api")),
    )
    made = take(of, events, rounds(api="uuuudd", web="uuuuuu", **{"api-2": "uuuugg"}))
    groups = tuple(replace(group, components=tuple(map(_measured, group.components))) for group in made.groups)
    return replace(made, groups=groups)


def _measured(view: ComponentView) -> ComponentView:
    """Return the component "web" with a certificate and with percentiles that differ."""
    if view.component.id != "web":
        return view
    checks = tuple(replace(check, details=Details(certificate_end=NOW + 12 * DAY)) for check in view.checks)
    spread = Latency(count=100, p50=120, p95=340, p99=1_230)
    latency = tuple(replace(row, windows=(spread, *row.windows[1:])) for row in view.latency)
    return replace(view, checks=checks, latency=latency)


def _hostile() -> Snapshot:
    of = site(component("api", name=HOSTILE, group=HOSTILE), name=HOSTILE)
    event = incident("x", update(NOW - HOUR, Phase.INVESTIGATING), title=HOSTILE, api=State.PARTIAL)
    return take(of, [event, maintenance("m", NOW, NOW + HOUR)], rounds(api="uuuu"))


EMPTY, OUTAGE, NASTY = take(site(component("api"))), _outage(), _hostile()
EVERY = pytest.mark.parametrize("made", [EMPTY, OUTAGE, NASTY], ids=["empty", "outage", "hostile names"])


def read(text: str, families: Iterator[Metric]) -> Readings:
    found: Readings = {}
    for family in families:
        assert family.type == "gauge"
        assert family.documentation
        assert family.name not in found, f"{family.name} is in two places"
        found[family.name] = {}
        for sample in family.samples:
            labels = tuple(sorted(sample.labels.items()))
            assert sample.name == family.name
            assert sample.timestamp is None
            assert labels not in found[family.name], f"{sample.name} stands twice"
            found[family.name][labels] = Fraction(repr(sample.value))
    return found


def readings(made: Snapshot) -> Readings:
    text = metrics.document(made).decode()
    return read(text, strict.text_string_to_metric_families(text))


def of(made: Snapshot, family: str, **labels: str) -> list[Fraction]:
    """Return the values of a family's samples that have those labels."""
    found = readings(made)[f"statuspage_{family}"]
    return [value for have, value in found.items() if labels.items() <= dict(have).items()]


def ratio(percentage: str | None) -> list[Fraction]:
    return [] if percentage is None else [Fraction(percentage) / 100]


@EVERY
def test_both_formats_read_the_same_in_it(made: Snapshot) -> None:
    text = metrics.document(made).decode()
    assert read(text, parser.text_string_to_metric_families(text)) == readings(made)
    assert text.endswith("\n# EOF\n")
    assert text.split("\n").count("# EOF") == 1
    assert "\r" not in text


@EVERY
def test_the_page_is_as_the_snapshot_says(made: Snapshot) -> None:
    name = made.site.name
    assert of(made, "state", service_name=name, state=made.banner.state) == [1]
    assert of(made, "impact", service_name=name, impact=made.impact) == [1]
    assert len(of(made, "state")) == len(of(made, "impact")) == 1
    assert of(made, "last_round_timestamp_seconds") == ([] if made.checked is None else [made.checked])
    assert of(made, "stale_after_seconds") == [made.stale_after]
    assert of(made, "generated_timestamp_seconds") == [made.now]
    for window in made.windows:
        assert of(made, "availability_ratio", window=window.name) == ratio(window.availability)
        assert of(made, "coverage_ratio", window=window.name) == ratio(window.coverage)
        assert of(made, "outage_seconds", window=window.name) == [window.tally.down]


@EVERY
def test_components_are_as_the_snapshot_says(made: Snapshot) -> None:
    for view in made.components:
        who = {"component": view.component.id, "component_name": view.component.name, "group": view.component.group}
        assert of(made, "component_status", **who) == [view.state is State.OPERATIONAL]
        assert of(made, "component_state", **who, state=view.state) == [1]
        assert of(made, "component_state_since_timestamp_seconds", **who) == (
            [] if view.since is None else [view.since]
        )
        told = [] if view.response_ms is None else [Fraction(view.response_ms, 1_000)]
        assert of(made, "component_response_time_seconds", **who) == told
        for window in view.windows:
            assert of(made, "component_availability_ratio", **who, window=window.name) == ratio(window.availability)
            assert of(made, "component_coverage_ratio", **who, window=window.name) == ratio(window.coverage)
            assert of(made, "component_outage_seconds", **who, window=window.name) == [window.tally.down]
    assert len(of(made, "component_state")) == len(made.components)


@EVERY
def test_checks_are_as_the_snapshot_says(made: Snapshot) -> None:
    for view in made.components:
        for row in view.latency:
            found = row.windows[0]
            told = [] if found is None else [("0.5", found.p50), ("0.95", found.p95), ("0.99", found.p99)]
            for quantile, milliseconds in told:
                seconds = of(made, "check_response_time_seconds", check=row.check, quantile=quantile)
                assert seconds == [Fraction(milliseconds, 1_000)]
            assert len(of(made, "check_response_time_seconds", check=row.check)) == len(told)
        for check in view.checks:
            end = check.details.certificate_end if check.details else None
            expiry = of(made, "check_certificate_expiry_timestamp_seconds", check=check.check)
            assert expiry == ([] if end is None else [end])


def test_a_certificate_is_told_of_where_one_was_seen() -> None:
    assert of(OUTAGE, "check_certificate_expiry_timestamp_seconds") == [NOW + 12 * DAY]


@EVERY
def test_events_are_as_the_snapshot_says(made: Snapshot) -> None:
    assert of(made, "incidents_open") == [len(made.open_incidents)]
    assert of(made, "maintenances_in_progress") == [len(made.maintenance_now)]
    assert of(made, "maintenances_scheduled") == [len(made.maintenance_ahead)]
    for event in made.open_incidents:
        assert of(made, "incident_info", incident_id=event.slug, incident_name=event.title, impact=event.impact) == [1]
    for event in (*made.maintenance_now, *made.maintenance_ahead):
        assert of(made, "maintenance_info", maintenance_id=event.slug, maintenance_name=event.title) == [1]
    assert len(of(made, "incident_info")) == len(made.open_incidents)
    assert len(of(made, "maintenance_info")) == len(made.maintenance_now) + len(made.maintenance_ahead)


def test_labels_that_the_exporter_has_are_written_as_it_writes_them() -> None:
    found = readings(OUTAGE)
    assert [dict(labels) for labels in found["statuspage_incident_info"]] == [
        {
            "service_name": "Acme",
            "incident_id": "broken",
            "incident_name": "Errors",
            "impact": "critical",
            "severity": "sev2",
            "shortlink": "https://status.example.org/incidents/broken/",
            "started_at": "2026-11-25T11:00:00Z",
            "affected_components": "API, Web",
        }
    ]
    assert dict(
        next(labels for labels in found["statuspage_maintenance_info"] if ("maintenance_id", "ahead") in labels)
    ) == {
        "service_name": "Acme",
        "maintenance_id": "ahead",
        "maintenance_name": "Upgrade",
        "scheduled_start": "2026-11-26T12:00:00Z",
        "scheduled_end": "2026-11-26T13:00:00Z",
        "shortlink": "https://status.example.org/incidents/ahead/",
        "affected_components": "Web, API",
    }


def test_the_service_is_well_only_if_everything_is_and_nothing_is_open() -> None:
    well = take(site(component("api")), (), rounds(api="uuuu"))
    assert well.impact is Impact.NONE
    assert of(well, "service_status") == [1]
    event = incident("i", update(NOW - HOUR, Phase.INVESTIGATING))
    assert of(take(site(component("api")), [event], rounds(api="uuuu")), "service_status") == [0]
    assert of(EMPTY, "service_status") == [0]
    assert of(OUTAGE, "service_status") == [0]


def test_objectives_tell_their_budget_of_the_present_period() -> None:
    (view,) = OUTAGE.objectives
    account = view.present
    assert isinstance(account, Account)
    assert account.remaining_ms < 0
    who = {"objective": "core", "objective_name": "Core", "kind": "slo"}
    assert of(OUTAGE, "objective_target_ratio", **who) == [Fraction("0.9995")]
    assert of(OUTAGE, "objective_error_budget_seconds", **who) == [Fraction(account.allowed_ms, 1_000)]
    assert of(OUTAGE, "objective_error_budget_remaining_seconds", **who) == [Fraction(account.remaining_ms, 1_000)]
    for burn in view.burn:
        told = [] if burn.rate is None else [Fraction(burn.rate)]
        assert of(OUTAGE, "objective_burn_rate", **who, window=burn.window) == told


def test_nothing_is_told_of_what_is_not_known() -> None:
    for family in ("availability_ratio", "component_availability_ratio", "last_round_timestamp_seconds"):
        assert of(EMPTY, family) == []
    assert b"} NaN" not in metrics.document(EMPTY)


@pytest.mark.parametrize(
    ("text", "places", "moved"),
    [
        ("99.30", 2, "0.9930"),
        ("100", 2, "1.00"),
        ("0.00", 2, "0.0000"),
        ("9.99", 2, "0.0999"),
        ("99.99123", 2, "0.9999123"),
        ("183", 3, "0.183"),
        ("7", 3, "0.007"),
        ("12345", 3, "12.345"),
        ("-1500", 3, "-1.500"),
        ("-7", 3, "-0.007"),
    ],
)
def test_a_point_is_moved_and_nothing_is_reckoned(text: str, places: int, moved: str) -> None:
    assert metrics.shifted(text, places) == moved


def test_every_family_and_label_is_documented_and_nothing_else_is() -> None:
    page = (Path(__file__).parents[2] / "docs/metrics.md").read_text("utf-8")
    rows = re.findall(r"^\| (`.+?) \| (.*?) \|", page.partition("## What there is")[2], re.MULTILINE)
    documented = {name for names, _ in rows for name in re.findall(r"`(\w+)`", names)}
    assert {f"statuspage_{name}" for name in documented} == set(readings(OUTAGE))
    known = {name for _, labels in rows for name in re.findall(r"`(\w+)`", labels)}
    common = {"service_name", "component_name", "component", "group"}
    used = {name for samples in readings(OUTAGE).values() for labels in samples for name, _ in labels}
    assert used - common <= known


def test_the_alerts_of_the_documentation_ask_for_what_there_is() -> None:
    page = (Path(__file__).parents[2] / "docs/metrics.md").read_text("utf-8")
    asked = set(re.findall(r"\bstatuspage_\w+[a-z]\b", page))
    assert len(asked) >= 5
    assert asked <= set(readings(OUTAGE))
