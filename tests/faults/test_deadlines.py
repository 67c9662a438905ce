"""The fourteen ways in which servers hold on to who asks, and a resolver that is dead: every probe ends in its time."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable

import pytest

from statusgen import config
from statusgen.model import Check, Probing, Verdict
from statusgen.probes import asking
from statusgen.probes.kind import World
from tests.probes.networks import alone

from .hostile import places
from .test_torture import CERTIFICATES, components

DEADLINE = 0.6
LATE = 0.5  # seconds after its deadline by which a probe has ended
PROBING = Probing(timeout_ms=int(DEADLINE * 1_000), reprobe_ms=())
HOLDING_ON = {
    "http-silent": "timeout",
    "http-a body in drops": "timeout",
    "http-headers in drops": "timeout",
    "http-a status line in drops": "timeout",
    "http-continuing for ever": "",
    "http-slow redirects": "",
    "http-a redirect to itself": "redirects",
    "http-a bomb": "body",
    "http-a body without end": "",
    "http-headers without end": "protocol",
    "http-a handshake that stalls": "timeout",
    "http-a server error without end": "",
    "http-a flood": "",
    "tls-silent": "timeout",
    "tcp-dripping letters": "timeout",
    "dns-silent": "",
}
OF_A_DEAD_RESOLVER = """
import json, os, subprocess, sys, time
subprocess.run(["mount", "--bind", os.environ["RESOLV_CONF"], "/etc/resolv.conf"], check=True)
loopback()
servers = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
for number, server in enumerate(servers, 1):
    server.bind((f"127.0.0.{number}", 53))  # who asks is heard, and never answered
from statusgen.model import Check, Probing
from statusgen.probes import asking
from statusgen.probes.kind import World
from statusgen import config
site = config.read(os.environ["SITE"])
asking.prepare(site.checks)
asked = []
for check in site.checks:
    started = time.monotonic()
    answer = asking.ask(check, 0, Probing(timeout_ms=600, reprobe_ms=()), World(environment={}, base=Path(".")))
    asked.append([check.id, str(answer.sample.verdict and answer.sample.verdict.word), answer.sample.reason,
                  time.monotonic() - started])
servers[0].setblocking(False)
assert servers[0].recv(512)
print(json.dumps(asked), flush=True)
"""


def measured(check: Check, world: World) -> tuple[asking.Answer, float]:
    started = time.monotonic()
    answer = asking.ask(check, 0, PROBING, world)
    return answer, time.monotonic() - started


@pytest.mark.parametrize("name", HOLDING_ON)
def test_who_holds_on_to_a_probe_lets_it_go_at_its_deadline(name: str) -> None:
    make = dict(places())[name]
    with contextlib.ExitStack() as stack:
        site = config.read(components({"held": make(stack)}))
        world = World(environment={}, base=CERTIFICATES)
        asking.prepare(site.checks)
        tries = [measured(site.checks[0], world) for _ in range(2)]
    answer, took = min(tries, key=lambda each: each[1])  # the machine may have been busy once
    assert answer.sample.verdict is Verdict.DOWN
    assert answer.sample.reason == HOLDING_ON[name] or not HOLDING_ON[name]
    assert took < DEADLINE + LATE


@pytest.fixture
def dead_resolver(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """Run the checks of all kinds that look names up where two resolvers hear everything and answer nothing."""
    conf = tmp_path_factory.mktemp("resolver") / "resolv.conf"
    conf.write_text("nameserver 127.0.0.1\nnameserver 127.0.0.2\nsearch a.example b.example c.example\n")
    checks: dict[str, dict[str, object]] = {
        "http": {"http": "http://www.acme.example/"},
        "https": {"http": "https://www.acme.example/"},
        "tcp": {"tcp": "www.acme.example:443"},
        "tls": {"tls": "www.acme.example:443"},
        "dns": {"dns": {"name": "www.acme.example"}},
        "icmp": {"icmp": "www.acme.example"},
        "smtp": {"smtp": "mail.acme.example:25"},
        "websocket": {"websocket": "wss://www.acme.example/"},
    }
    monkeypatch.setenv("RESOLV_CONF", str(conf))
    monkeypatch.setenv("SITE", components(checks))
    return lambda: alone(OF_A_DEAD_RESOLVER, "--map-root-user", "--mount")


def test_where_the_resolver_is_dead_every_probe_ends_in_its_time_and_so_does_the_process(
    dead_resolver: Callable[[], list[str]],
) -> None:
    started = time.monotonic()
    (line,) = dead_resolver()
    took = time.monotonic() - started
    asked = json.loads(line)
    assert len(asked) == 8
    for check, verdict, reason, seconds in asked:
        assert verdict in ("down", "None"), check
        assert reason, check
        assert seconds < DEADLINE + LATE, check
    assert took < 8 * (DEADLINE + LATE) + 10  # no thread that still waits for the resolver keeps the process
