"""Run other people's clients, unmodified, against a site on loopback, and compare what they understood with the site.

python -m tests.clients [--site PUBLIC_FOLDER] [--cache FOLDER] [--require]
"""

from __future__ import annotations

import argparse
import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.clients import clients, facts, registries, web


def main() -> int:
    given = _arguments()
    with _folder(given.cache) as cache, tempfile.TemporaryDirectory() as work:
        try:
            where = registries.install(cache)
        except registries.UnreachableError as unreachable:
            _say(f"skipped: {unreachable}")
            return 1 if given.require else 0
        return _run(where, given.site, Path(work))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.clients", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--site", type=Path, help="a folder that was built, instead of the demonstration")
    parser.add_argument("--cache", type=Path, help="where clients are installed and stay; else they go again")
    parser.add_argument("--require", action="store_true", help="exit 1 where the registries do not answer")
    return parser.parse_args()


@contextlib.contextmanager
def _folder(given: Path | None) -> Iterator[Path]:
    if given is None:
        with tempfile.TemporaryDirectory() as made:
            yield Path(made)
    else:
        given.mkdir(parents=True, exist_ok=True)
        yield given.resolve()


def _run(where: registries.Clients, site: Path | None, work: Path) -> int:
    """Serve the site and run all clients; return the exit code."""
    subprocess.run([where.python, registries.DRIVERS / "certificates.py", *web.HOSTS], cwd=work, check=True)
    public = site.resolve() if site else work / "public"
    with web.serving(public, work / "server.pem") as base:
        if site is None:
            _demonstrate(work / "site", public, base)
        said = facts.of(public)
        if site is None and (lacking := facts.missing(said)):
            _say(f"the demonstration would prove little without: {', '.join(lacking)}")
            return 1
        proxy = web.through_proxy(base, work / "authority.pem")
        return _run_all(where, clients.Scene(base=base, facts=said, folder=work, proxy=proxy))


def _demonstrate(site: Path, public: Path, base: str) -> None:
    """Make the demonstration, built for the address at which it is served."""
    _statusgen("demo", site)
    _statusgen("build", "--site", site, "--out", public, "--base-url", base)


def _statusgen(*arguments: str | Path) -> None:
    subprocess.run([sys.executable, "-m", "statusgen", *arguments], check=True, stdout=sys.stderr)


def _run_all(where: registries.Clients, scene: clients.Scene) -> int:
    failed = 0
    for client in clients.CLIENTS:
        wrong = clients.run(client, where, scene)
        failed += bool(wrong)
        version = where.versions[client.package]
        _say(f"{client.package:31} {version:8} {client.how:28} {'; '.join(wrong) or 'ok'}")
    _say(f"\n{len(clients.CLIENTS) - failed} passed, {failed} failed")
    return 1 if failed else 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
