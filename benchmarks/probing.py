"""How long does a round take, what does it cost, and does asking many at once distort what is measured?

    python -m benchmarks.probing --targets 1000 --times 3

All targets are on loopback, in a process of their own. The whole ``statusgen probe`` is measured, start-up and commit
included, in turns with ``curl --parallel`` over the same list, with requests in a thread each, and with aiohttp where
it is installed, which is what threads or asyncio was decided by.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib.util
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks import measure, sites
from statusgen import git, ledger
from statusgen.model import Round

CURL_AT_ONCE = 300  # its own limit
DEADLINE = 10  # seconds; probing.timeout's default
REPROBES = (2, 5)  # seconds; probing.reprobe's default
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


# Targets


class _Target(asyncio.Protocol):
    """Answers after so many seconds; what asks for ``/never`` waits in vain."""

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if not data.startswith(b"GET /never"):
            asyncio.get_running_loop().call_later(self._delay, self._answer)

    def _answer(self) -> None:
        assert self._transport
        self._transport.write(_ANSWER)
        self._transport.close()


async def _serve(delay: float) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: _Target(delay), "127.0.0.1", 0, backlog=4_096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextlib.contextmanager
def serving(delay: float) -> Iterator[int]:
    """Give the port of targets that answer after so many seconds."""
    command = [sys.executable, "-m", "benchmarks.probing", "--serve", str(delay)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        try:
            yield int(server.stdout.readline())
        finally:
            server.kill()


# Who asks


def site(folder: Path, urls: Sequence[str]) -> Path:
    """Make a repository of a site that asks these URLs, with everything else as it is by default but the controls."""
    lines = [f"  - {{id: c{i}, name: C{i}, check: '{url}'}}" for i, url in enumerate(urls)]
    head = 'site: {name: Acme, url: "https://status.acme.example", id: acme}\nprobing: {preflight: none}\ncomponents:'
    folder.mkdir()
    (folder / "components.yaml").write_text("\n".join([head, *lines, ""]))
    sites.commit_all(folder, sites.NOW)
    return folder


def probe(folder: Path) -> list[str]:
    return [sys.executable, "-m", "statusgen", "probe", "--site", str(folder)]


def curl(folder: Path, urls: Sequence[str]) -> list[str]:
    """Return the command; ``--parallel-immediate``, since else it waits for each answer before it connects again."""
    config = folder / "curl.txt"
    config.write_text("".join(f'url = "{url}"\noutput = "/dev/null"\n' for url in urls))
    at_once = ["--parallel", "--parallel-immediate", "--parallel-max", str(CURL_AT_ONCE)]
    return ["curl", "--silent", *at_once, "--config", str(config)]


def _with_threads(urls: Sequence[str]) -> None:
    """Ask with nothing but requests, in a thread each."""
    import requests

    threads = [threading.Thread(target=lambda url=url: requests.get(url, timeout=DEADLINE).content) for url in urls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _with_asyncio(urls: Sequence[str]) -> None:
    """Ask with nothing but aiohttp, all at once."""
    import aiohttp

    async def ask(session: aiohttp.ClientSession, url: str) -> None:
        async with session.get(url) as response:
            await response.read()

    async def ask_all() -> None:
        connector = aiohttp.TCPConnector(force_close=True, limit=0)
        async with aiohttp.ClientSession(connector=connector) as session:
            await asyncio.gather(*(ask(session, url) for url in urls))

    asyncio.run(ask_all())


def by_hand(how: str, urls: Path) -> list[str]:
    return [sys.executable, "-m", "benchmarks.probing", f"--{how}", str(urls)]


# What is measured


def rows(folder: Path, targets: int, times: int) -> Iterator[tuple[str, ...]]:
    """Yield the rows of who asks many targets that answer after a second."""
    with serving(1.0) as port:
        urls = [f"http://127.0.0.1:{port}/{i}" for i in range(targets)]
        listed = folder / "urls.txt"
        listed.write_text("\n".join(urls))
        made = site(folder / "many", urls)
        cases: dict[str, measure.Case] = {"statusgen probe": lambda: probe(made)}
        if shutil.which("curl"):
            cases[f"curl, {CURL_AT_ONCE} at once"] = lambda: curl(folder, urls)
        cases["requests, a thread each"] = lambda: by_hand("threads", listed)
        if importlib.util.find_spec("aiohttp"):
            cases["aiohttp, all at once"] = lambda: by_hand("asyncio", listed)
        for name, runs in measure.in_turns(cases, times).items():
            yield (f"{targets:,} after 1 s", name, *measure.cells(runs))
        yield (f"{targets:,} after 1 s", "statusgen probe, all its processes", "", "", "", f"{_peak(made):.0f}", "1")
    if times > 1:
        with serving(0.0) as port:
            hanging = targets // 20
            urls = [f"http://127.0.0.1:{port}/{'never' if i % 20 == 0 else i}" for i in range(hanging * 20)]
            made = site(folder / "hanging", urls)
            runs = [measure.run(probe(made))]
            yield (f"{targets:,}, {hanging} never", "statusgen probe", *measure.cells(runs))


def _peak(folder: Path) -> float:
    """Return the most memory in MiB that a round's processes took together, shared pages counted once."""
    most = 0
    with subprocess.Popen(probe(folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        while running.poll() is None:
            most = max(most, sum(map(_proportional, _family(running.pid))))
            time.sleep(0.05)
    return most / 1_024


def _family(process: int) -> list[int]:
    found = [process]
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{process}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += _family(int(child))
    return found


def _proportional(process: int) -> int:
    """Return a process's share of memory in KiB, each page divided by how many share it."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


def distortion(folder: Path, times: int) -> Iterator[tuple[str, ...]]:
    """Yield what a round records of instant targets: one alone, and a hundred together."""
    with serving(0.0) as port:
        for count in (1, 100):
            made = site(folder / f"instant-{count}", [f"http://127.0.0.1:{port}/{i}" for i in range(count)])
            for _ in range(times * (10 if count == 1 else 1)):
                measure.run(probe(made))
            found = sorted(
                sample.latency for round_ in _rounds(made) for _, sample in round_.answers if sample.latency is not None
            )
            yield (str(count), *(str(ms) for ms in (int(statistics.median(found)), found[-1 - len(found) // 20])))


def _rounds(folder: Path) -> tuple[Round, ...]:
    repository = git.Repository(folder)
    tip = git.tip(repository, "refs/heads/status-data/default")
    return ledger.decode(git.read_files(repository, tip, ledger.is_day_file)).rounds


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.probing", description="Measure rounds of probes.")
    parser.add_argument("--targets", type=int, default=1_000)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--serve", type=float, help=argparse.SUPPRESS)
    parser.add_argument("--threads", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--asyncio", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.serve is not None:
        asyncio.run(_serve(given.serve))
    elif given.threads:
        _with_threads(given.threads.read_text().split())
    elif given.asyncio:
        _with_asyncio(given.asyncio.read_text().split())
    else:
        with tempfile.TemporaryDirectory() as folder:
            print(
                measure.table(("targets", "who asks", *measure.COLUMNS), rows(Path(folder), given.targets, given.times))
            )
            print()
            columns = ("instant targets", "median ms", "95th percentile")
            print(measure.table(columns, distortion(Path(folder), given.times)))


if __name__ == "__main__":
    main()
