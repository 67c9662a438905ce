"""Installs the clients: from PyPI into an environment of their own, from npm beside a copy of the drivers."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
DRIVERS = HERE / "drivers"
SECONDS = 600  # for a registry


class UnreachableError(Exception):
    """A registry did not hand over what was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clients:
    """Where clients are, and which versions."""

    python: Path
    node: Path  # the folder of the drivers
    versions: dict[str, str]


def install(cache: Path) -> Clients:
    """Install into a folder what is not there yet. Raise UnreachableError where a registry does not answer."""
    python = _from_pypi(cache / "pypi")
    node = _from_npm(cache / "npm")
    return Clients(python=python, node=node, versions=versions())


def versions() -> dict[str, str]:
    """Return the versions that are asked for, by package."""
    pinned = re.findall(r"^([\w.-]+)==(.+)$", (HERE / "requirements.txt").read_text("utf-8"), re.MULTILINE)
    dependencies: dict[str, str] = json.loads((HERE / "package.json").read_bytes())["dependencies"]
    return dict(pinned) | dependencies


def _from_pypi(folder: Path) -> Path:
    python = folder / "bin" / "python"
    with _once(folder, HERE / "requirements.txt") as wanted:
        if wanted:
            _run([_interpreter(), "-m", "venv", "--clear", str(folder)], HERE)
            _run([str(python), "-m", "pip", "install", "--quiet", "--requirement", str(wanted)], folder)
    return python


def _interpreter() -> str:
    """Return a Python for the clients: the last that the pytest of DiscordStatus' tests runs on, if there is one."""
    return shutil.which("python3.11") or sys.executable


def _from_npm(folder: Path) -> Path:
    with _once(folder, HERE / "package-lock.json") as wanted:
        if wanted:
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(HERE / "package.json", folder)
            shutil.copy(wanted, folder)
            _run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], folder)
    drivers = folder / "drivers"
    shutil.copytree(DRIVERS, drivers, dirs_exist_ok=True)  # node looks for packages beside who asks for them
    return drivers


@contextlib.contextmanager
def _once(folder: Path, wanted: Path) -> Iterator[Path | None]:
    """Yield a list of packages, or None if an earlier run installed all of it."""
    installed = folder / "installed"
    if installed.is_file() and installed.read_bytes() == wanted.read_bytes():
        yield None
        return
    yield wanted
    shutil.copy(wanted, installed)


def _run(command: Sequence[str], folder: Path) -> None:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=SECONDS)
    except (subprocess.TimeoutExpired, FileNotFoundError) as error:
        raise UnreachableError(f"the clients could not be installed: {error}") from None
    if done.returncode:
        sys.stderr.write(done.stdout + done.stderr)
        raise UnreachableError(f"{Path(command[0]).name} could not install the clients")
