"""Facts out of documents of the API, for clients that hand these on as they are."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

Document = Mapping[str, Any]


def instant(text: str) -> int:
    """Return an ISO 8601 instant in epoch seconds."""
    return int(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


def tell(facts: Mapping[str, object]) -> None:
    """Print facts, as every driver does at its end."""
    sys.stdout.write(json.dumps(facts) + "\n")


def components(document: Document) -> list[list[str]]:
    return [[each["id"], each["name"], each["status"]] for each in document["components"]]


def incidents(told: Iterable[Document]) -> list[list[str]]:
    return [[each["id"], each["name"], each["status"], each["impact"]] for each in told]


def maintenances(told: Iterable[Document]) -> list[list[object]]:
    return [
        [each["id"], each["name"], each["status"], instant(each["scheduled_for"]), instant(each["scheduled_until"])]
        for each in told
    ]


def updates(told: Iterable[Document]) -> list[list[object]]:
    return [
        [each["id"], update["status"], instant(update["display_at"]), update["body"]]
        for each in told
        for update in each["incident_updates"]
    ]


def affected(told: Iterable[Document]) -> list[list[object]]:
    """Return the names of affected components by event, sorted, as clients order them differently."""
    return sorted([each["id"], sorted(component["name"] for component in each["components"])] for each in told)


def facts(document: Document) -> dict[str, object]:
    """Return what summary.json says."""
    every = [*document["incidents"], *document["scheduled_maintenances"]]
    return {
        "page": document["page"]["name"],
        "indicator": document["status"]["indicator"],
        "description": document["status"]["description"],
        "components": components(document),
        "unresolved": incidents(document["incidents"]),
        "updates": updates(document["incidents"]),
        "affected": affected(every),
        "planned": maintenances(document["scheduled_maintenances"]),
    }
