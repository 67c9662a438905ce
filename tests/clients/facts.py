"""What a site says of itself, and what a client understood otherwise.

A fact is a name and a value that JSON can hold. Drivers print facts under these same names. Facts come from
``summary.json`` where it has them, so a client that reads the other documents proves that these say the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.clients.drivers import documents

Facts = Mapping[str, Any]

SUITE = {"passed": 8, "failed": []}  # the tests that DiscordStatus ships
ONGOING = ("in_progress", "verifying")
UNORDERED = ("calendar", "operational")  # facts whose order is the client's


def of(public: Path) -> Facts:
    """Return all that clients may understand of a site."""
    read = _reader(public)
    summary = read("summary.json")
    incidents = read("incidents.json")["incidents"]
    maintenances = read("scheduled-maintenances.json")["scheduled_maintenances"]
    told = documents.facts(summary)
    planned = documents.maintenances(summary["scheduled_maintenances"])
    rows = [[each["name"], each["status"] == "operational"] for each in summary["components"]]
    events = [*summary["incidents"], *summary["scheduled_maintenances"]]
    return {
        **told,
        "badge": told["description"],
        "rows": sorted(rows),
        "operational": [row for row, each in zip(rows, summary["components"], strict=True) if not each["group"]],
        "well": [told["indicator"] == "none" and all(well for _, well in rows)],
        "open": sorted(_opened(each) for each in summary["incidents"]),
        "windows": sorted([id, name, start, end] for id, name, _, start, end in planned),
        "upcoming": [each for each in planned if each[2] == "scheduled"],
        "active": [each for each in planned if each[2] in ONGOING],
        "incidents": documents.incidents(incidents),
        "maintenances": documents.maintenances(maintenances),
        "listed": [f"[{each['status']}] {each['name']}" for each in events],
        "suite": SUITE,
        "calendar": [
            [f"{told['page']}: {name}", start, end] for _, name, _, start, end in documents.maintenances(maintenances)
        ],
        "badges": [_badge(each) for each in summary["components"] if not each["group"]],
        "feeds": list(_updates([*incidents, *maintenances])),
    }


def missing(facts: Facts) -> list[str]:
    """Return what a site lacks without which it proves little."""
    wanted = ("unresolved", "active", "upcoming")
    return [name for name in wanted if not facts[name]] + (["an outage"] if facts["well"] == [True] else [])


def differences(told: Facts, facts: Facts) -> Iterator[str]:
    """Yield in words what a client understood that the site does not say."""
    for name, value in told.items():
        if name == "feeds":
            for path, entries in value.items():
                yield from (f"{path}: {complaint}" for complaint in _wrong_entries(entries, facts["feeds"]))
        elif name in UNORDERED and sorted(value) != sorted(facts[name]):
            yield _said(name, sorted(value), sorted(facts[name]))
        elif name not in UNORDERED and value != facts[name]:
            yield _said(name, value, facts[name])


def _said(name: str, told: object, fact: object) -> str:
    if isinstance(told, list) and isinstance(fact, list) and len(told) == len(fact):
        told, fact = next((one, other) for one, other in zip(told, fact, strict=True) if one != other)
    return f"{name}: understood {json.dumps(told)}, the site says {json.dumps(fact)}"


def _reader(public: Path) -> Any:
    return lambda name: json.loads((public / "api" / "v2" / name).read_bytes())


def _badge(component: documents.Document) -> list[object]:
    """Return what a badge of a component says in English, and that it could be drawn."""
    return [component["id"], component["name"], component["status"].replace("_", " ").capitalize(), True]


def _opened(incident: documents.Document) -> list[object]:
    began = documents.instant(incident["started_at"])
    return [incident["id"], incident["name"], incident["impact"], began, incident["shortlink"]]


def _updates(events: Iterable[documents.Document]) -> Iterator[list[Any]]:
    """Yield what an entry is to be for each update: the event's name, its address and the update's instant."""
    for event in events:
        for update in event["incident_updates"]:
            yield [event["name"], event["shortlink"], documents.instant(update["display_at"])]


def _wrong_entries(entries: list[list[Any]], updates: list[list[Any]]) -> Iterator[str]:
    """Yield what is wrong with a feed of updates: an entry per update, each with its own identity, newest first."""
    instants = [instant for _, _, instant, _ in entries]
    if instants != sorted(set(instants), reverse=True):
        yield "its entries are not the newest first, each with an instant of its own"
    if len({identity for *_, identity in entries}) < len(entries):
        yield "two entries have the same identity"
    for name, address, instant in updates:
        if not any(_tells(entry, name, address, instant) for entry in entries):
            yield f"no entry for the update of {name!r} at {instant}"
    for title, link, *_ in entries:
        if not any(title.endswith(name) and link.startswith(address) for name, address, _ in updates):
            yield f"an entry {title!r} with the link {link} of which the API knows nothing"


def _tells(entry: list[Any], name: str, address: str, instant: int) -> bool:
    """Is this the entry of an update? Instants are moved by seconds so that each is an entry's own."""
    title, link, at, _ = entry
    return bool(title.endswith(name) and link.startswith(address) and abs(at - instant) < 60)
