"""``statusgen demo``: a site with sample history and real probes, without any network.

The history is made up, says so on every line of the ledger (``"late":"sample"``) and on every page. The newest
round is real: it asks the embedded endpoints over loopback.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from string import Template

from statusgen import app, archive, delivery, files, git, ledger, paths, periods, probing, server
from statusgen.branches import Destination
from statusgen.demo_endpoints import Endpoints
from statusgen.errors import StatusgenError, WorldError
from statusgen.model import Round, Sample, Verdict

DAYS = 90
INTERVAL = 900
LOCATION = "demo"
SEED = 20_260_101  # the sample history is the same for everybody
PROBE_EVERY = 30  # seconds, with --serve


def run(folder: Path, clock: Callable[[], int], say: Callable[[str], None], serve_on: int | None) -> None:
    """Make the site in ``folder`` and build it; with a port, serve it and probe until interrupted."""
    if folder.exists() and any(folder.iterdir()):
        raise StatusgenError(f"{folder} is not empty: remove it, or name another folder")
    now = clock()
    web = None if serve_on is None else server.start(folder / paths.PUBLIC, serve_on)
    with Endpoints.start() as endpoints:
        say(f"Started endpoints on 127.0.0.1: {endpoints.summary}")
        repository = _create(folder, now, endpoints)
        count = _record_history(repository, now)
        say(f"Recorded {count} rounds of sample history, {DAYS} days")
        _probe(folder, clock)
        say("Probed the endpoints for real")
        built = app.build(folder, folder / paths.PUBLIC, clock())
        say(f"Built {len(built.written.changed)} files")
        if web is None:
            say(_how_to_look(folder))
        else:
            _serve(folder, clock, say, web.server_port)


def _how_to_look(folder: Path) -> str:
    return (
        f"\nThe page is at {folder / 'public' / 'index.html'}\n"
        f"Look at it:          statusgen serve --site {folder}\n"
        f"What probes saw:     git -C {folder} log --stat status-data/{LOCATION}\n"
        f"What people wrote:   {folder / 'incidents'}\n"
        "The endpoints have ended with this command; 'statusgen demo OTHER-FOLDER --serve' keeps them running."
    )


def _create(folder: Path, now: int, endpoints: Endpoints) -> git.Repository:
    """Write the site's files and commit them to a new repository."""
    made = {
        "components.yaml": _shipped("components.yaml").substitute(
            http=endpoints.http_port,
            tls=endpoints.tls_port,
            tcp=endpoints.tcp_port,
            since=periods.iso_day(now - 20 * periods.DAY),
            start=periods.iso_day(now - DAYS * periods.DAY),
            holiday=periods.iso_day(now + 9 * periods.DAY),
        ),
        "certificate.pem": _shipped("certificate.pem").template,
        ".gitignore": "/public/\n",
        **dict(example_incidents(now)),
        f"corrections/{periods.iso_day(now - 67 * periods.DAY)}-website.yaml": _dated("correction.yaml", now),
        "pages/roadmap.md": _shipped("roadmap.md").template,
        "pages/security.md": _shipped("security.md").template,
    }
    for path, text in made.items():
        files.write(folder / path, text.encode())
    repository = git.Repository(folder)
    try:
        repository.run("init", "--quiet")
        repository.run("symbolic-ref", "HEAD", "refs/heads/main")
        repository.run("add", "--all")
        repository.run(
            "-c", "commit.gpgSign=false", "commit", "--quiet", "--no-verify", "--message", "Demonstration site"
        )
    except git.Refused as error:
        raise WorldError(f"cannot make a git repository in {folder}: {error}") from None
    return repository


def _shipped(name: str) -> Template:
    return Template((Path(__file__).parent / "starter" / "demo" / name).read_text("utf-8"))


def example_incidents(now: int) -> Iterator[tuple[str, str]]:
    """Yield the example incidents by path: each template says how long before now its instants lie."""
    for name, ago in (
        ("payments-declined", 0),
        ("database-upgrade", 0),
        ("storage-migration", 0),
        ("api-errors", 12),
        ("api-errors.postmortem", 12),
        ("search-stale", 40),
        ("network-maintenance", 25),
    ):
        day = periods.iso_day(now - ago * periods.DAY)
        yield f"incidents/{day}-{name}.md", _dated(f"{name}.md", now)


def _dated(name: str, now: int) -> str:
    """Return a template with the instants that it names by how long before now they lie."""
    template = _shipped(name)
    return template.substitute({word: _written(word, now) for word in template.get_identifiers()})


def _written(word: str, now: int) -> str:
    """Write the instant that ``ago_70m``, ``ago_12d`` or ``in_3d`` names, in whole minutes."""
    direction, _, amount = word.partition("_")
    seconds = periods.parse_duration(amount) // 1_000
    at = now - seconds if direction == "ago" else now + seconds
    return periods.iso(at - at % periods.MINUTE).replace("T", " ")[:16] + " UTC"


def _record_history(repository: git.Repository, now: int) -> int:
    rounds = [ledger.encode(round_) for round_ in _history(now)]
    delivery.record(repository, Destination(prefix="status-data", location=LOCATION, site="demo"), rounds)
    return len(rounds)


def _history(now: int) -> Iterator[Round]:
    """Yield the sample rounds, oldest first, the last one an interval before now."""
    chance = random.Random(SEED)  # noqa: S311 - sample data, the same for everybody
    for ago in range(DAYS * periods.DAY, 0, -INTERVAL):
        if 33 * periods.DAY < ago < 33 * periods.DAY + 5 * periods.HOUR:
            continue  # a gap: nobody was watching
        at = now - ago
        answers = [(check, _answer(check, at, ago, chance)) for check in _CHECKS]
        since = 20 * periods.DAY
        kept = tuple((check, sample) for check, sample in answers if check != "webhooks" or ago < since)
        yield Round(at=at, answers=kept, late="sample")


_CHECKS = {"api": 45, "website": 120, "certificate": 30, "payments": 90, "search": 60, "database": 3, "webhooks": 55}
_DOWN = {  # check: (from, until) seconds ago, and what was seen
    "api": ((12 * periods.DAY + 4_200, 12 * periods.DAY + 1_200, "status 503"),),
    "payments": ((4_200, 0, "status 500"), (51 * periods.DAY + 9_000, 51 * periods.DAY + 7_200, "timeout")),
    "database": ((25 * periods.DAY + 3_600, 25 * periods.DAY, "refused"), (1_700, 0, "refused")),
    "website": ((67 * periods.DAY + 5_400, 67 * periods.DAY + 3_600, "disconnected"),),
}
_SLOW = {
    "website": ((3_000, 0), (9 * periods.DAY + 20_000, 9 * periods.DAY)),
    "search": ((40 * periods.DAY + 14_000, 40 * periods.DAY),),
}


def _answer(check: str, at: int, ago: int, chance: random.Random) -> Sample:
    latency = int(_CHECKS[check] * chance.lognormvariate(0, 0.25))
    blip = chance.random() < 0.0008
    for start, end, reason in _DOWN.get(check, ()):
        if end < ago <= start:
            return Sample(at, Verdict.DOWN, latency if reason.startswith("status") else None, reason)
    if any(end < ago <= start for start, end in _SLOW.get(check, ())):
        return Sample(at, Verdict.DEGRADED, latency + 300, "slow")
    return Sample(at, Verdict.DOWN, None, "timeout") if blip else Sample(at, Verdict.UP, latency)


def _probe(folder: Path, clock: Callable[[], int]) -> None:
    round_ = probing.prober(folder, {}).ask(clock()).round
    archive.record(folder, probing.destination(folder, LOCATION), round_, push=False, jitter=lambda: 0.0)


def _serve(folder: Path, clock: Callable[[], int], say: Callable[[str], None], port: int) -> None:
    say(f"\nServing on http://127.0.0.1:{port}/ and probing every {PROBE_EVERY} s (Ctrl-C ends it)")
    while True:
        time.sleep(PROBE_EVERY)
        _probe(folder, clock)
        app.build(folder, folder / paths.PUBLIC, clock())
