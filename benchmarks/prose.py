"""Incidents as engineers write them: plain sentences mostly, now and then a list, a link, code or bold.

Made up from a few sentences by a seeded chance, so that hardly two updates are alike and everybody's are the same.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from statusgen import periods

_PHASES = ("Investigating", "Identified", "Identified", "Monitoring", "Monitoring", "Resolved")
_RICH = 0.35  # share of updates with more than plain sentences
_SEVERITIES = {"sev1": "major_outage", "sev2": "partial_outage", "sev3": "degraded_performance"}
_TITLES = ("Elevated errors", "Slow answers", "Late deliveries", "Failing logins", "Missing search results")
_PLAIN = (
    "We are looking into {number} reports of errors when customers save changes in {name}.",
    "About {number} requests a minute to {name} fail, most of them from one region.",
    "Release {number} of this morning exhausts the connections to the database of {name}.",
    "We are rolling the release back, which takes about {number} seconds a machine.",
    "The roll-back is done on {number} machines; errors have stopped there.",
    "Answers of {name} are still {number} ms slower than usual while its caches fill again.",
    "Latency has fallen from {number} ms to its usual level.",
    "Nothing was lost: {number} orders that {name} could not accept were kept and are being worked off.",
    "Our provider confirms a fault in one of its zones and has moved {number} volumes.",
    "The next update follows within {number} minutes, or sooner when something changes.",
    "Customers who saw error {number} can try again now.",
    "We have added {number} workers to {name} and keep watching it.",
)
_MORE = (
    "**Work-around:** try again after a minute; the {number} orders that failed were not charged.",
    "The queue `ingest-{number}` is draining again, and `{name}` answers its health checks.",
    "Support can answer questions with [this page](https://help.bench.example/articles/{number}) meanwhile.",
    "What is affected:\n\n- saving changes in {name}\n- exports since batch {number}\n- web hooks, which are late",
)


def incident(number: int, components: Sequence[str], started: int, *, is_open: bool) -> tuple[str, str]:
    """Return path and text of an incident of six updates and about 1.5 KB; an open one is not resolved."""
    chance = random.Random(f"incident {number}")
    component = chance.choice(components)
    severity, state = chance.choice(tuple(_SEVERITIES.items()))
    front = (
        f"---\ntitle: {chance.choice(_TITLES)} in Service {component}\nseverity: {severity}\n"
        f"started: {periods.iso(started)}\ncomponents: {{{component}: {state}}}\n---\n"
    )
    updates = []
    at = started
    for phase in (*_PHASES[:-1], "Monitoring" if is_open else _PHASES[-1]):
        at += chance.randint(4, 20) * periods.MINUTE
        updates.append(f"## {phase} · {_written(at)}\n{_update(chance, component)}\n")
    path = f"incidents/{periods.iso_day(started)}-{component}-{number:05}.md"
    return path, front + "\n".join(updates)


def _written(at: int) -> str:
    """Write ``2026-11-20 10:02 UTC``."""
    return periods.iso(at).replace("T", " ")[:16] + " UTC"


def _update(chance: random.Random, component: str) -> str:
    sentences = [_filled(chance, text, component) for text in chance.sample(_PLAIN, 2)]
    if chance.random() > _RICH:
        return " ".join(sentences)
    return f"{' '.join(sentences)}\n\n{_filled(chance, chance.choice(_MORE), component)}"


def _filled(chance: random.Random, text: str, component: str) -> str:
    return text.format(name=f"Service {component}", number=chance.randint(2, 997))
