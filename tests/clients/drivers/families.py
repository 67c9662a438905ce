"""Facts out of metrics whose names and labels are those of statuspage-prometheus-exporter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from documents import instant
from prometheus_client.samples import Sample


def facts(samples: Iterable[Sample], rows: str) -> dict[str, object]:
    """Return what samples say; ``rows`` is the fact that their components are, with or without groups."""
    told = list(samples)

    def of(name: str) -> Iterator[Sample]:
        return (sample for sample in told if sample.name == f"statuspage_{name}" and sample.value is not None)

    incidents = [sample.labels for sample in of("incident_info") if sample.value == 1]
    planned = [sample.labels for sample in of("maintenance_info") if sample.value == 1]
    return {
        "page": next(of("service_status")).labels["service_name"],
        "well": [bool(sample.value) for sample in of("service_status")],
        rows: sorted([sample.labels["component_name"], bool(sample.value)] for sample in of("component_status")),
        "open": sorted(
            [each["incident_id"], each["incident_name"], each["impact"], instant(each["started_at"]), each["shortlink"]]
            for each in incidents
        ),
        "windows": sorted(
            [each["maintenance_id"], each["maintenance_name"], *map(instant, _window(each))] for each in planned
        ),
        "affected": sorted(
            [each.get("incident_id") or each["maintenance_id"], sorted(each["affected_components"].split(", "))]
            for each in (*incidents, *planned)
        ),
    }


def _window(labels: dict[str, str]) -> tuple[str, str]:
    return labels["scheduled_start"], labels["scheduled_end"]
