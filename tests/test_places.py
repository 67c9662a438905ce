"""Several runners, from their real rounds to published numbers: two places, a control that is flaky, three shards.

Rounds are taken by the program as it runs: what they say, and that there was nothing to say, is what it saw. Only their
instants are made up, since they are five minutes apart. Then the program pushes them from each place to one remote, and
builds the site there from what it fetched.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from statusgen import branches, delivery, git, ledger, periods
from statusgen.model import Round, Sample
from tests.faults.watches import Run, at_once
from tests.probes.servers import answering, response, unused_port
from tests.sites import bare_theme, commit_all, run_git, write

STEP = 300
START = periods.parse_instant("2026-11-21T12:00Z")
UP, DOWN, OFFLINE = "up", "down", "offline"


def made(folder: Path, probing: Mapping[str, object], components: Sequence[Mapping[str, object]]) -> Path:
    """Make a site and a remote of it, which is returned."""
    site = {
        "site": {"name": "Acme", "url": "https://status.acme.example", "id": "acme"},
        "probing": {"interval": f"{STEP}s", "timeout": "5s", "reprobe": [], **probing},
        "components": list(components),
    }
    source, remote = folder / "source", folder / "remote.git"
    write(source, **{"components.yaml": json.dumps(site), ".gitignore": "/public/\n"}, **bare_theme())
    commit_all(source)
    run_git(folder, "clone", "--quiet", "--bare", str(source), str(remote))
    return remote


def at_place(remote: Path, name: str) -> Path:
    """Return a clone with a folder of its own around it."""
    (remote.parent / name).mkdir()
    run_git(remote.parent, "clone", "--quiet", str(remote), f"{name}/site")
    return remote.parent / name / "site"


def dated(round_: Round, at: int) -> Round:
    """Return a round as if it had been at an instant, and as if all had answered in the same time."""
    answers = tuple((check, Sample(at, *_in_time(sample))) for check, sample in round_.answers)
    return replace(round_, at=at, answers=answers, details=())


def _in_time(sample: Sample) -> tuple[Any, int | None, str]:
    return sample.verdict, None if sample.latency is None else 5, sample.reason


def told(text: str) -> Round:
    found = ledger.decode_line(text.strip())
    assert isinstance(found, Round), text
    return found


def said(round_: Round, check: str) -> str:
    """Return what a round says of a check, as the tables here do."""
    sample = dict(round_.answers).get(check)
    return round_.prober_error if sample is None else sample.verdict.word if sample.verdict else sample.reason


def keep(place: Path, rounds: Sequence[Round], location: str = "default", shard: str = "") -> None:
    """Record rounds on the branch of a place's own clone."""
    to = branches.Destination(prefix="status-data", location=location, site="acme", shard=shard)
    delivery.record(git.Repository(place), to, [ledger.encode(round_) for round_ in rounds])


def availability(site: Path) -> dict[str, dict[str, object]]:
    """Return what the API says of the last 24 hours, by component."""
    document = json.loads((site / "public/api/v1/availability.json").read_text())
    wanted = ("known_seconds", "down_seconds", "availability", "coverage")
    return {
        id: {name: component["windows"]["24h"][name] for name in wanted}
        for id, component in document["components"].items()
    }


# Two places.


@dataclass
class Switch:
    """A port that takes connections while it is on."""

    port: int
    listener: socket.socket | None = None

    def turn(self, on: bool) -> None:
        if self.listener and not on:
            self.listener.close()
            self.listener = None
        elif on and not self.listener:
            self.listener = socket.create_server(("127.0.0.1", self.port), backlog=100)

    @property
    def target(self) -> str:
        return f"127.0.0.1:{self.port}"


#                12:00 12:05 12:10    12:15    12:20 12:25 12:30 12:35 12:40
API_EU = (       UP,   UP,   OFFLINE, OFFLINE, UP,   UP,   UP,   UP,   UP)  # fmt: skip
API_US = (       UP,   DOWN, DOWN,    DOWN,    UP,   UP,   UP,   UP,   UP)  # fmt: skip
WEB_EU = (       UP,   UP,   OFFLINE, OFFLINE, UP,   DOWN, DOWN, UP,   UP)  # fmt: skip
WEB_US = (       UP,   UP,   UP,      UP,      UP,   DOWN, DOWN, UP,   UP)  # fmt: skip
SEEN = {"eu": tuple(zip(API_EU, WEB_EU, strict=True)), "us": tuple(zip(API_US, WEB_US, strict=True))}
NOW = START + 9 * STEP  # 12:45

# The 45 minutes are 2,700 seconds. A failure is confirmed by the second one and counts from the first, so in us the api
# is down from 12:05 to 12:20, 900 s, and in both the web is from 12:25 to 12:35, 600 s. Of 12:10 to 12:20, 600 s, eu
# knows nothing.
EXPECTED: dict[str, dict[str, dict[str, object]]] = {
    # Both must say so. From 12:05 to 12:10 only us does; from 12:10 to 12:20 only us knows, of two that have a say:
    # unknown. 1,500 / 2,100 = 71.42 %; 2,100 / 86,400 = 2.43 %.
    "eu us": {
        "api": {"known_seconds": 2100, "down_seconds": 0, "availability": "100", "coverage": "2.43"},
        "web": {"known_seconds": 2100, "down_seconds": 600, "availability": "71.42", "coverage": "2.43"},
    },
    # Whoever knows something has a say: from 12:10 to 12:20 us alone, so 600 s of its 900 count.
    # 2,100 / 2,700 = 77.77 %; 2,700 / 86,400 = 3.12 %.
    "": {
        "api": {"known_seconds": 2700, "down_seconds": 600, "availability": "77.77", "coverage": "3.12"},
        "web": {"known_seconds": 2700, "down_seconds": 600, "availability": "77.77", "coverage": "3.12"},
    },
    # us alone: 1,800 / 2,700 = 66.66 %.
    "us": {
        "api": {"known_seconds": 2700, "down_seconds": 900, "availability": "66.66", "coverage": "3.12"},
        "web": {"known_seconds": 2700, "down_seconds": 600, "availability": "77.77", "coverage": "3.12"},
    },
    # eu alone: what it missed is unknown, and no outage: 1,500 / 2,100.
    "eu": {
        "api": {"known_seconds": 2100, "down_seconds": 0, "availability": "100", "coverage": "2.43"},
        "web": {"known_seconds": 2100, "down_seconds": 600, "availability": "71.42", "coverage": "2.43"},
    },
}


def published(folder: Path) -> Path:
    """Return the remote, to which both places have pushed. One of three controls is never there, one is flaky."""
    switches = {name: Switch(unused_port()) for name in ("steady", "flaky", "api", "web")}
    controls = [switches["steady"].target, f"127.0.0.1:{unused_port()}", switches["flaky"].target]
    components = [
        {"id": name, "name": name, "checks": [{"id": name, "tcp": switches[name].target}]} for name in ("api", "web")
    ]
    remote = made(folder, {"preflight": controls}, components)
    places = {location: at_place(remote, location) for location in SEEN}
    try:
        switches["steady"].turn(True)
        for location, place in places.items():
            taken = {seen: _round(place, switches, *seen) for seen in dict.fromkeys(SEEN[location])}
            assert [(said(each, "api"), said(each, "web")) for each in taken.values()] == list(taken)
            keep(place, [dated(taken[seen], START + i * STEP) for i, seen in enumerate(SEEN[location])], location)
        pushes = [Run(("probe", "--push", "--location", name), place) for name, place in places.items()]
        assert [run.code for run in at_once(*pushes)] == [0, 0]
    finally:
        for switch in switches.values():
            switch.turn(False)
    return remote


def _round(place: Path, switches: Mapping[str, Switch], api: str, web: str) -> Round:
    """Take a round in a world in which it will see this."""
    switches["flaky"].turn(OFFLINE not in (api, web))
    switches["api"].turn(api == UP)
    switches["web"].turn(web == UP)
    (done,) = at_once(Run(("probe", "--dry-run", "--json"), place))
    assert done.code == 0, done.err
    return told(done.out)


def test_the_numbers_are_those_of_the_majority_and_the_probers_own_gaps_are_nobodys_outage(tmp_path: Path) -> None:
    remote = published(tmp_path)
    repository = git.Repository(remote)
    for location, seen in SEEN.items():
        texts = git.read_files(repository, git.tip(repository, f"status-data/{location}"), ledger.is_day_file)
        lines = texts[ledger.day_path(START)].splitlines()
        assert [(said(told(line), "api"), said(told(line), "web")) for line in lines] == list(seen)
    sites = {voters: at_place(remote, f"voters{i}") for i, voters in enumerate(EXPECTED)}
    for voters, site in sites.items():
        config = json.loads((site / "components.yaml").read_text())
        config["probing"] |= {"locations": voters.split()} if voters else {}
        write(site, **{"components.yaml": json.dumps(config)})
    builds = [Run(("build", "--fetch", "--now", periods.iso(NOW)), site) for site in sites.values()]
    assert {run.code for run in at_once(*builds)} == {0}
    assert {voters: availability(site) for voters, site in sites.items()} == EXPECTED


# Three shards.

CHECKS = tuple(f"c{i}" for i in range(12))
SHARDS = ("1-of-3", "2-of-3", "3-of-3")
NAMES_ITS_BRANCHES = {"build.json"}


def test_shards_ask_every_check_once_and_make_the_site_that_one_runner_makes(tmp_path: Path) -> None:
    with answering(lambda request: response(503 if b"/c7 " in request else 200)) as server:
        components = [
            {"id": check, "name": check, "checks": [{"id": check, "http": server.url(f"/{check}")}]} for check in CHECKS
        ]
        remote = made(tmp_path, {"preflight": "none"}, components)
        places = {shard: at_place(remote, shard) for shard in SHARDS}
        shares = [Run(("probe", "--json", "--push", "--shard", s.replace("-of-", "/")), p) for s, p in places.items()]
        done = at_once(*shares)
        assert [run.code for run in done] == [0, 0, 0], done
        asked = sorted(request.split()[1].decode() for request in server.requests)
        assert asked == sorted(f"/{check}" for check in CHECKS)
        whole = at_place(remote, "whole")
        (alone,) = at_once(Run(("probe", "--json", "--dry-run"), whole))
    assert run_git(remote, "for-each-ref", "--format=%(refname:short)", "refs/heads/status-data").split() == [
        f"status-data/default.{shard}" for shard in SHARDS
    ]
    rounds = {shard: told(run.out) for shard, run in zip(SHARDS, done, strict=True)}
    assert all(1 <= len(round_.answers) < len(CHECKS) for round_ in rounds.values())
    sharded = at_place(remote, "sharded")
    instants = range(START, NOW, STEP)
    for shard, round_ in rounds.items():
        keep(sharded, [dated(round_, at) for at in instants], shard=shard)
    keep(whole, [dated(told(alone.out), at) for at in instants])
    for place in (sharded, whole):
        run_git(place, "remote", "remove", "origin")
    builds = at_once(*(Run(("build", "--now", periods.iso(NOW)), place) for place in (sharded, whole)))
    assert [run.code for run in builds] == [0, 0], builds
    assert files(sharded) == files(whole)
    assert availability(whole)["c7"]["down_seconds"] == NOW - START
    assert availability(whole)["c1"] == {
        "known_seconds": NOW - START,
        "down_seconds": 0,
        "availability": "100",
        "coverage": "3.12",
    }


def files(site: Path) -> dict[str, object]:
    """Return the files of a site, of samples what they say: in which order, hangs on who asked which check."""
    paths = [path for path in (site / "public").rglob("*") if path.is_file()]
    names = {path.relative_to(site / "public").as_posix(): path for path in paths}
    hashes = names.pop(".files.sha256")
    assert len(hashes.read_text().splitlines()) >= len(names)
    return {
        name: list(map(json.loads, path.read_text().splitlines())) if "/samples/" in name else path.read_bytes()
        for name, path in names.items()
        if name not in NAMES_ITS_BRANCHES
    }
