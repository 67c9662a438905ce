"""``statusgen demo``: run once as a person would, with everything it promises to show."""

from __future__ import annotations

import json
import re
import resource
import signal
import socket
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from statusgen import demo, incidents, ledger, periods, rollup
from statusgen.demo_endpoints import Endpoints

from .sites import ledger_lines, month_files, run_git, running, statusgen

SECONDS = 20  # the most that it may take
BUILD_SECONDS = 1.5  # of the processor, on a machine that does nothing else
BUSY = 3  # times slower is what this one may be


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, float]:
    """Return the demonstration's folder, what was printed, and how many seconds it took."""
    here = tmp_path_factory.mktemp("demo")
    started = time.monotonic()
    done = statusgen("demo", at=here, environment={"http_proxy": "http://127.0.0.1:9", "TZ": "Asia/Tokyo"})
    assert (done.returncode, done.stderr) == (0, "")
    return here / "demo-site", done.stdout, time.monotonic() - started


@pytest.fixture
def folder(made: tuple[Path, str, float]) -> Path:
    return made[0]


def states(folder: Path) -> dict[str, Any]:
    found = json.loads((folder / "public/api/v1/availability.json").read_text())["components"]
    return {name: component["state"] for name, component in found.items()}


def test_it_takes_well_under_twenty_seconds(made: tuple[Path, str, float]) -> None:
    assert made[2] < SECONDS


def test_it_says_where_the_page_is_and_how_to_look_at_it(made: tuple[Path, str, float]) -> None:
    assert "The page is at demo-site/public/index.html" in made[1]
    assert "statusgen serve --site demo-site" in made[1]


def test_the_page_shows_every_state(folder: Path) -> None:
    found = states(folder)
    assert found.pop("payments") == "major_outage"
    assert found.pop("website") == "degraded_performance"
    assert found.pop("database") == "under_maintenance"
    assert set(found.values()) == {"operational"}


def test_an_incident_with_updates_goes_on_and_is_on_the_home_page(folder: Path) -> None:
    home = (folder / "public/index.html").read_text()
    (ongoing,) = (folder / "incidents").glob("*-payments-declined.md")
    text = ongoing.read_text()
    assert len(re.findall("^## ", text, re.MULTILINE)) >= 2
    assert "## Resolved" not in text
    assert f"incidents/{ongoing.stem}/" in home
    assert "Demonstration: the first 90 days are sample data" in home


def test_the_history_of_ninety_days_says_that_it_is_a_sample_and_the_last_round_is_real(folder: Path) -> None:
    rounds = [ledger.decode_line(line) for line in ledger_lines(folder, "status-data/demo")]
    assert all(isinstance(each, ledger.Round) for each in rounds)
    *samples, real = (each for each in rounds if isinstance(each, ledger.Round))
    assert {each.late for each in samples} == {"sample"}
    summed, problems = rollup.decode(month_files(folder, "status-data/demo"))
    assert problems == []
    assert {word for each in summed for _, word in each.day.late} == {"sample"}
    assert 88 * periods.DAY < samples[-1].at - summed[0].day.rounds[0] <= 90 * periods.DAY
    assert (real.late, real.prober_error) == ("", "")
    assert {check: (sample.verdict.word, sample.reason) for check, sample in real.answers if sample.verdict} == {
        "api": ("up", ""),
        "website": ("degraded", "slow"),
        "certificate": ("up", ""),
        "payments": ("down", "status 500"),
        "search": ("up", ""),
        "database": ("up", ""),
        "webhooks": ("up", ""),
    }


def test_availability_is_known_over_ninety_days(folder: Path) -> None:
    found = json.loads((folder / "public/api/v1/availability.json").read_text())["components"]
    window = found["api"]["windows"]["90d"]
    assert window["known_seconds"] > 0.95 * 90 * periods.DAY
    assert window["down_seconds"] > 0
    assert re.fullmatch(r"9\d\.\d\d+", window["availability"])
    assert found["support"]["windows"]["90d"]["availability"] == "100"


def test_the_repository_is_clean_and_the_ledger_is_on_a_branch_of_its_own(folder: Path) -> None:
    assert run_git(folder, "status", "--porcelain") == ""
    assert run_git(folder, "branch", "--show-current") == "main"
    assert run_git(folder, "for-each-ref", "--format=%(refname:short)") == "main\nstatus-data/demo"
    assert "samples/" not in run_git(folder, "ls-tree", "-r", "--name-only", "main")


def test_it_has_nothing_to_complain_of_and_is_built_quickly(folder: Path, tmp_path: Path) -> None:
    now = json.loads((folder / "public/build.json").read_text())["generated_at"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = statusgen("build", "--site", folder, "--out", tmp_path / "out", "--now", now, "--strict", at=tmp_path)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert (done.returncode, done.stderr) == (0, "")
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert used < BUILD_SECONDS * BUSY


def test_a_folder_that_holds_something_is_left_alone(folder: Path) -> None:
    done = statusgen("demo", folder, at=folder.parent)
    assert done.returncode == 1
    assert done.stderr == f"error: {folder} is not empty: remove it, or name another folder\n"


@pytest.mark.parametrize("hour", range(0, 24, 3))
def test_its_incidents_are_in_order_at_any_hour(hour: int) -> None:
    now = periods.parse_instant("2028-03-01T00:00:30Z") + hour * periods.HOUR
    read = incidents.read_all(
        dict(demo.example_incidents(now)), ["api", "website", "payments", "search", "database", "webhooks", "support"]
    )
    assert [str(problem) for problem in read.problems] == []
    assert len(read.events) == 6


def test_with_serve_it_serves_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    with running("demo", "--serve", "--port", "0", at=tmp_path) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        address = next(found[0] for line in process.stdout if (found := re.findall(r"http://127\.0\.0\.1:\d+/", line)))
        with urllib.request.urlopen(address, timeout=10) as page:
            assert b"Demo Status" in page.read()
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130
        assert process.stderr.read().strip() == "interrupted"


def test_its_endpoints_end_with_it() -> None:
    with Endpoints.start() as endpoints:
        ports = (endpoints.http_port, endpoints.tcp_port, endpoints.tls_port)
        for port in ports:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
    for port in ports:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=5)


def test_every_number_of_it_can_be_verified(folder: Path) -> None:
    done = statusgen("verify", "--site", folder, at=folder.parent)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"^\d{4,} numbers recomputed, 0 differ \(built ", done.stdout, re.MULTILINE)
    assert re.search(r"^status-data/demo: .*: nothing edited, removed or back-dated$", done.stdout, re.MULTILINE)
