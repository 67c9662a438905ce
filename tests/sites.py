"""Small sites in real git repositories, and running the program and git on them."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from statusgen import branches, delivery, git, ledger, periods, rollup
from statusgen.model import Round, Sample, Verdict

ROOT = Path(__file__).parent.parent
PATIENCE = 30  # seconds that a program may take on a machine that is busy
NOW_TEXT = "2026-11-21T12:00Z"
NOW = periods.parse_instant(NOW_TEXT)
COMPONENTS = """\
site: {name: Acme Status, url: "https://status.acme.example", id: acme}
feed: {authority: "status.acme.example,2026"}
probing: {timeout: 300ms, reprobe: [50ms], preflight: none}
components:
  - {id: api, name: API, checks: [{id: api, tcp: "127.0.0.1:9"}]}
  - {id: support, name: Support desk, since: 2026-11-01}
"""
INCIDENT = "incidents/2026-11-20-api-errors.md"
INCIDENT_TEXT = """\
---
title: Elevated API errors
severity: sev2
started: 2026-11-20T10:02Z
components: {api: partial_outage}
---
## Investigating · 2026-11-20 10:06 UTC
About a fifth of requests to the API fail.

## Resolved · 2026-11-20 11:15 UTC
Components: api operational
The faulty release is rolled back.
"""


@dataclass(frozen=True)
class Ran:
    """What running a command came to."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


def bare_theme() -> dict[str, str]:
    """Return a file of one line for every template of the default theme."""
    found = sorted((ROOT / "themes/default").glob("*.html"))
    return {f"themes/default/{path.name}": "<title>{{ site.name }}</title>\n" for path in found}


def write(folder: Path, **texts: str) -> None:
    """Write files by path; what Python takes for a keyword goes in as ``**{path: text}``."""
    for path, text in texts.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")


def run_git(folder: Path, *arguments: str) -> str:
    """Return what git prints, without the last line break."""
    environment = {key: value for key, value in os.environ.items() if key not in ("GIT_DIR", "GIT_INDEX_FILE")}
    done = subprocess.run(["git", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.rstrip("\n")


def commit_all(folder: Path, message: str = "Change") -> str:
    """Commit everything in a folder, made a repository if it is none, and return the commit."""
    if not (folder / ".git").exists():
        run_git(folder, "init", "--quiet", "--initial-branch=main")
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--message", message)
    return run_git(folder, "rev-parse", "HEAD")


def rounds(first: int, last: int, step: int = 300, verdict: Verdict = Verdict.UP) -> Iterator[str]:
    """Yield the lines of rounds of one check, from an instant up to and with another."""
    for at in range(first, last + 1, step):
        yield ledger.encode(Round(at=at, answers=(("api", Sample(at, verdict, 42)),)))


def record(folder: Path, lines: list[str], location: str = "default", site: str = "acme") -> None:
    """Append lines to a site's own ledger."""
    repository = git.Repository(folder)
    delivery.record(repository, branches.Destination(prefix="status-data", location=location, site=site), lines)


def statusgen(
    *arguments: object, at: Path, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the program as a person would, in a folder.

    It is a fork of a process that has imported everything, unless the environment says how Python is to start.
    """
    from . import program  # which needs this module

    if not any(name.startswith(("PYTHON", "LC_", "LANG")) for name in environment or {}):
        done = program.here().run(*arguments, at=at, environment=environment)
        return subprocess.CompletedProcess([*map(str, arguments)], done.code, done.out, done.err)
    return subprocess.run(
        [sys.executable, "-m", "statusgen", *map(str, arguments)],
        cwd=at,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )


@contextlib.contextmanager
def running(
    *arguments: object, at: Path, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Run the program while inside; one that does not end is killed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "statusgen", *map(str, arguments)],
        cwd=at,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    watchdog = threading.Timer(PATIENCE, process.kill)
    watchdog.start()
    try:
        yield process
    finally:
        watchdog.cancel()
        process.kill()
        process.communicate()


def eventually(condition: Callable[[], bool]) -> bool:
    """Wait until the condition holds, as long as there is patience."""
    until = time.monotonic() + PATIENCE
    while not condition() and time.monotonic() < until:
        time.sleep(0.02)
    return condition()


def clone(remote: Path, name: str, *options: str) -> Path:
    """Clone a bare repository beside itself."""
    folder = remote.parent / name
    address = f"file://{remote}" if options else str(remote)  # git makes no shallow clone of a path
    run_git(remote.parent, "clone", "--quiet", *options, address, str(folder))
    return folder


def ledger_lines(repository: Path, branch: str = "status-data/default") -> list[str]:
    """Return every line of a ledger branch, in the order of its files."""
    found = git.Repository(repository)
    texts = git.read_files(found, git.tip(found, branch), ledger.is_day_file)
    return [line for _, text in sorted(texts.items()) for line in text.split("\n") if line]


def month_files(repository: Path, branch: str = "status-data/default") -> dict[str, str]:
    """Return the files of summed days of a ledger branch, by path."""
    found = git.Repository(repository)
    return git.read_files(found, git.tip(found, branch), rollup.is_month_file)


def hook(repository: Path, name: str, script: str) -> None:
    """Put a shell script in place of one of a repository's hooks."""
    folder = repository if (repository / "HEAD").exists() else repository / ".git"
    place = folder / "hooks" / name
    place.parent.mkdir(exist_ok=True)
    place.write_text(f"#!/bin/sh\nunset GIT_DIR GIT_QUARANTINE_PATH\n{script}\n")
    place.chmod(0o755)
