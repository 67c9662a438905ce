"""Which clients are run, with what driver, and what each must have understood."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.clients import facts, registries
from tests.clients.facts import Facts

SECONDS = 120  # for a driver
FEEDS = ("history.atom", "history.rss")
CALENDAR = "maintenance.ics"


@dataclass(frozen=True, slots=True)
class Client:
    """A package, the driver that runs it with some arguments, and the facts that this must print."""

    package: str
    driver: str
    facts: frozenset[str]
    arguments: tuple[str, ...] = ()
    knows_its_address: bool = False  # it takes no other, so it goes through the proxy

    @property
    def how(self) -> str:
        """What it is run for, in a word or two."""
        options = [each for each in self.arguments[:1] if each not in (self.package, CALENDAR)]
        return " ".join([Path(self.driver).stem, *options])


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What clients are run against."""

    base: str
    facts: Facts
    folder: Path  # where they may leave things
    proxy: dict[str, str]


def _client(package: str, driver: str, told: str, *arguments: str, knows_its_address: bool = False) -> Client:
    return Client(package, driver, frozenset(told.split()), arguments, knows_its_address)


_SUMMARY = "page indicator description components unresolved updates affected planned"
_ALL = f"{_SUMMARY} incidents upcoming active maintenances"
_METRICS = "page well open windows affected"

CLIENTS = (
    _client("@statuspage/status-widget", "status_widget.mjs", "indicator description badge"),
    _client(
        "statuspage.io",
        "statuspage_io.mjs",
        "page indicator description components incidents unresolved updates planned upcoming",
    ),
    _client("statuspage-prometheus-exporter", "exporter.py", f"{_METRICS} rows"),
    _client("DiscordStatus", "discordstatus_client.py", _ALL),
    _client("DiscordStatus", "discordstatus_suite.py", "suite", knows_its_address=True),
    _client(
        "DiscordStatusPy",
        "discordstatuspy_client.py",
        f"{_SUMMARY} upcoming active maintenances",
        knows_its_address=True,
    ),
    _client("statuscheck", "statuscheck_client.py", "indicator description components unresolved planned affected"),
    _client("statuscheck", "statuscheck_command.py", "indicator listed", knows_its_address=True),
    _client("prometheus_client", "metrics.py", f"{_METRICS} operational", "prometheus"),
    _client("prometheus_client", "metrics.py", f"{_METRICS} operational", "openmetrics"),
    _client("parse-prometheus-text-format", "metrics.mjs", "page well operational"),
    _client("feedparser", "feeds.py", "feeds", "feedparser", *FEEDS),
    _client("atoma", "feeds.py", "feeds", "atoma", *FEEDS, "feed.json"),
    _client("rss-parser", "feeds.mjs", "feeds", "rss-parser", *FEEDS),
    _client("@extractus/feed-extractor", "feeds.mjs", "feeds", "@extractus/feed-extractor", *FEEDS, "feed.json"),
    _client("ics", "calendars.py", "calendar", CALENDAR),
    _client("ical.js", "calendars.mjs", "calendar", "ical.js", CALENDAR),
    _client("node-ical", "calendars.mjs", "calendar", "node-ical", CALENDAR),
    _client("badge-maker", "badges.mjs", "badges"),
)


def run(client: Client, where: registries.Clients, scene: Scene) -> list[str]:
    """Run a client and return in words what it understood wrongly; nothing if all is right."""
    runner = [str(where.python), "-W", "ignore"] if client.driver.endswith(".py") else ["node", "--no-warnings"]
    folder = registries.DRIVERS if client.driver.endswith(".py") else where.node
    command = [*runner, str(folder / client.driver), scene.base, scene.facts["page"], *client.arguments]
    try:
        done = subprocess.run(
            command, cwd=scene.folder, env=_environment(client, scene), capture_output=True, text=True, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        return [f"it did not end within {SECONDS} seconds"]
    if done.returncode:
        return [f"it failed: {_last_line(done.stderr)}"]
    told = json.loads(done.stdout)
    silent = [f"it understood nothing of: {name}" for name in sorted(client.facts - set(told))]
    return silent + list(facts.differences(told, scene.facts))


def _environment(client: Client, scene: Scene) -> dict[str, str]:
    """Return the environment of a client: without the proxies of this machine, and the same on each."""
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    kept |= {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": "", "TZ": "Asia/Kathmandu", "HOME": str(scene.folder)}
    return kept | (scene.proxy if client.knows_its_address else {})


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    told = [line for line in lines if "Error" in line]
    return (told or lines or ["it said nothing"])[-1]
