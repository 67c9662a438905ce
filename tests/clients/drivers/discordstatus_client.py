"""DiscordStatus, pointed elsewhere by the attribute that it has for that: all eight documents."""

from __future__ import annotations

import sys

import documents
from discordstatus import DiscordStatus

client = DiscordStatus()
client.base_target = f"{sys.argv[1]}/api/v2"
told = documents.facts(client.summary) | {
    "indicator": client.status["status"]["indicator"],
    "components": documents.components(client.components),
    "unresolved": documents.incidents(client.unresolved_incidents["incidents"]),
    "incidents": documents.incidents(client.all_incidents["incidents"]),
    "upcoming": documents.maintenances(client.upcoming_maintenances["scheduled_maintenances"]),
    "active": documents.maintenances(client.active_maintenances["scheduled_maintenances"]),
    "maintenances": documents.maintenances(client.all_maintenances["scheduled_maintenances"]),
}
documents.tell(told)
