"""DiscordStatusPy, at the address that it knows. Its get_incidents() asks for Incidents.json, which no page has."""

from __future__ import annotations

import asyncio

import documents
from DiscordStatusPy import APIClient


async def main() -> dict[str, object]:
    async with APIClient(suppress_exc=False, check_content_type=True, trust_env=True) as client:
        return documents.facts(await client.get_summary()) | {
            "indicator": (await client.get_status())["status"]["indicator"],
            "components": documents.components(await client.get_components()),
            "unresolved": documents.incidents((await client.get_unresolved_incidents())["incidents"]),
            "upcoming": documents.maintenances((await client.get_upcoming_maintenances())["scheduled_maintenances"]),
            "active": documents.maintenances((await client.get_active_maintenances())["scheduled_maintenances"]),
            "maintenances": documents.maintenances((await client.get_maintenances())["scheduled_maintenances"]),
        }


documents.tell(asyncio.run(main()))
