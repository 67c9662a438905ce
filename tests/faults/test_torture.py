"""Two hundred hostile endpoints and five that are well, asked by the program as it is: in time, and with a reason each.

It is one run, looked at from several sides.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from statusgen import ledger, reasons
from statusgen.model import Check, Probing, Round, Sample, Verdict
from statusgen.probes import KINDS, rounds
from statusgen.probes.tcp import TcpCheck
from tests.faults.hostile import places
from tests.probes.servers import CERTIFICATES
from tests.sites import PATIENCE, ROOT, ledger_lines, run_git, write

WELL = 5
LEAST = 200
MOST_MEMORY = 150  # megabytes of any one process
BUSY = 5.0  # seconds by which a machine that is busy may be late; starting the program is part of it
PROBING = Probing(timeout_ms=800, reprobe_ms=(50,))


@dataclass(frozen=True)
class Run:
    """A run of the program: how it ended, how long it took, and the most memory that a process of it held (MB)."""

    folder: Path
    hostile: dict[str, str]  # the kinds of check by id
    code: int
    said: str
    complaints: str
    took: float
    memory: float

    @property
    def round(self) -> Round:
        (line,) = ledger_lines(self.folder)
        found = ledger.decode_line(line)
        assert isinstance(found, Round), found
        return found

    @property
    def samples(self) -> dict[str, Sample]:
        return dict(self.round.answers)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("torture")
    run_git(folder, "init", "--quiet", "--initial-branch=main")
    shutil.copy(CERTIFICATES / "authority.pem", folder)
    with contextlib.ExitStack() as stack:
        checks = {re.sub(r"[^a-z0-9]+", "-", name.lower()): make(stack) for name, make in places()}
        well = {
            f"well-{i}": {"http": {"url": url, "body_contains": "needle"}}
            for i, url in enumerate(stack.enter_context(good()))
        }
        order = list({**checks, **well}.items())
        order = order[1::2] + order[::2]  # the good ones are not the last to be asked
        write(folder, **{"components.yaml": components(dict(order))})
        done = measured(folder)
    return Run(folder, {id: next(iter(check)) for id, check in checks.items()}, *done)


@contextlib.contextmanager
def good() -> Iterator[list[str]]:
    command = [sys.executable, "-m", "tests.faults.hostile", str(WELL)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        yield process.stdout.readline().split()
        process.stdin.close()


def components(checks: dict[str, dict[str, object]]) -> str:
    """Return the text of a site with a component for every twenty checks."""
    asked = [{"id": id, **check} for id, check in checks.items()]
    site = {
        "site": {"name": "Acme", "url": "https://status.acme.example", "id": "acme"},
        "probing": {
            "timeout": f"{PROBING.timeout_ms}ms",
            "reprobe": [f"{ms}ms" for ms in PROBING.reprobe_ms],
            "preflight": "none",
        },
        "components": [{"id": f"c{i}", "name": f"C{i}", "checks": asked[i : i + 20]} for i in range(0, len(asked), 20)],
    }
    return json.dumps(site, indent=1)


def measured(folder: Path) -> tuple[int, str, str, float, float]:
    """Probe, and return the code, what was printed, the seconds it took, and the most memory of a process (MB)."""
    started = time.monotonic()
    with (folder / "said").open("wb") as said, (folder / "complaints").open("wb") as complaints:
        code = subprocess.call(
            [sys.executable, "-c", _MEASURING, sys.executable, "-m", "statusgen", "probe"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=said,
            stderr=complaints,
        )
    took = time.monotonic() - started
    said, complaints, kilobytes = [(folder / name).read_text() for name in ("said", "complaints", "memory")]
    return code, said, complaints, took, int(kilobytes) / 1_024


# In between, as a process counts what the one held that started it (Linux, exec_mmap): this one is small.
_MEASURING = """\
import pathlib, resource, subprocess, sys
code = subprocess.call(sys.argv[1:])
pathlib.Path("memory").write_text(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(code)
"""


def test_there_are_enough_of_every_kind(run: Run) -> None:
    assert len(run.hostile) >= LEAST
    assert set(run.hostile.values()) == {kind.name for kind in KINDS}


def test_it_ends_within_its_budget(run: Run) -> None:
    checks = [Check(id=id, question=TcpCheck(host="127.0.0.1", port=9)) for id in run.hostile]
    assert run.took < rounds.budget(checks, PROBING) - rounds.SLACK + BUSY
    assert run.took < PATIENCE


def test_every_endpoint_has_a_sample_and_a_reason_and_none_is_up(run: Run) -> None:
    samples = run.samples
    assert samples.keys() == {*run.hostile, *(f"well-{i}" for i in range(WELL))}
    for id in run.hostile:
        verdict, reason = samples[id].verdict, samples[id].reason
        assert verdict is Verdict.DOWN or (verdict is None and run.hostile[id] in MAY_BE_UNKNOWN), (id, samples[id])
        assert reason and reasons.known(reason) and reason != "skipped", (id, samples[id])  # noqa: PT018


MAY_BE_UNKNOWN = {"domain", "statuspage", "icmp", "exec", "heartbeat"}  # of which it may be that nobody can tell


def test_reasons_are_told_apart(run: Run) -> None:
    samples = run.samples
    expected = {
        "http-silent": "timeout",
        "http-refused": "refused",
        "http-a-handshake-that-stalls": "timeout",
        "http-a-status-line-in-drops": "timeout",
        "http-hanging-up": "disconnected",
        "http-a-redirect-to-itself": "redirects",
        "http-garbage": "protocol",
        "http-a-bomb": "body",
        "http-not-found": "status 404",
        "http-no-such-host": "dns",
        "tls-expired": "tls_expired",
        "tls-elsewhere": "tls_hostname",
        "tls-expired-and-untrusted": "tls_untrusted",
        "dns-nxdomain": "dns_nxdomain",
        "smtp-too-many": "status 421",
        "exec-not-allowed": "unsupported",
    }
    assert {id: samples[id].reason for id in expected} == expected
    assert len({sample.reason for sample in samples.values()}) >= 15


def test_those_that_are_well_are_up_and_their_latency_is_their_own(run: Run) -> None:
    for i in range(WELL):
        sample = run.samples[f"well-{i}"]
        assert (sample.verdict, sample.reason) == (Verdict.UP, "")
        assert sample.latency is not None
        assert sample.latency < PROBING.timeout_ms / 2


def test_it_says_nothing_that_it_should_not_and_takes_little_memory(run: Run) -> None:
    assert run.code == 0, run.complaints
    assert "Traceback" not in run.complaints
    assert "crashed" not in run.complaints
    assert run.complaints.splitlines()[-1] == "Recorded on branch status-data/default"
    assert run.memory < MOST_MEMORY
    assert run.said.count("\n") == len(run.hostile) + WELL
