"""The demonstration as a site that is served, in an outage or with all well, at an instant that is always the same."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from statusgen import app, demo, ledger, periods, server
from statusgen.model import Round, Sample, Verdict
from tests.sites import record

NOW = periods.parse_instant("2026-11-22T10:00Z")
WELL = NOW + 3 * periods.HOUR
ONGOING = "incidents/2026-11-22-webhooks-late.md"
ONGOING_TEXT = """\
---
title: Webhooks arrive late
severity: sev2
started: 2026-11-22T09:50Z
components: {webhooks: partial_outage}
---
## Investigating · 2026-11-22 09:55 UTC
Webhooks are delivered up to ten minutes late.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A site's repository, its public folder, and where that is served."""

    folder: Path
    address: str = ""

    @property
    def public(self) -> Path:
        return self.folder / "public"

    def write(self, path: str, text: str) -> None:
        (self.folder / path).write_text(text, "utf-8")

    def build(self, now: int) -> None:
        app.build(self.folder, self.public, now)

    @contextlib.contextmanager
    def served(self, below: str = "") -> Iterator[World]:
        """Serve the site while inside, at ``/`` or below a path such as ``sub/path``."""
        with tempfile.TemporaryDirectory() as above:
            web = Path(above, below) if below else self.public
            if below:
                web.parent.mkdir(parents=True, exist_ok=True)
                web.symlink_to(self.public)
            with _serving(Path(above) if below else web) as host:
                yield replace(self, address=f"{host}{below}{'/' if below else ''}")


@contextlib.contextmanager
def _serving(folder: Path) -> Iterator[str]:
    running = server.start(folder, 0)
    try:
        yield f"http://127.0.0.1:{running.server_port}/"
    finally:
        running.shutdown()
        running.server_close()


def in_outage(folder: Path) -> World:
    """Make the demonstration as it is: payments are down, the database is being upgraded, the website is slow."""
    demo.run(folder, lambda: NOW, lambda _: None, None)
    return World(folder=folder)


def all_green(folder: Path) -> World:
    """Make the demonstration as it is at ``WELL``: everything answers again, and nobody has anything to say."""
    made = in_outage(folder)
    for path in [*(folder / "incidents").glob("*-payments-*"), *(folder / "incidents").glob("*-database-*")]:
        path.unlink()
    checks = ("api", "website", "certificate", "payments", "search", "database", "webhooks")
    lines = [
        ledger.encode(Round(at=at, answers=tuple((check, Sample(at, Verdict.UP, 60)) for check in checks)))
        for at in range(NOW + demo.INTERVAL, WELL + 1, demo.INTERVAL)
    ]
    record(folder, lines, location=demo.LOCATION, site="demo")
    made.build(WELL)
    return made


def copied(world: World, folder: Path) -> World:
    """Return a copy of a world that may be changed."""
    return World(folder=Path(shutil.copytree(world.folder, folder, symlinks=True)))
