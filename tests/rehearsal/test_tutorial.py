"""The tutorial and the quick start, followed word by word: what stands in ``console`` blocks is typed, in order.

What needs a forge or an installer is told in words or in ``sh`` blocks, and is not followed. GitHub is a
folder of bare repositories; the page's theme has pages of one line, since compiling the real one is most of what
building takes.
"""

from __future__ import annotations

import os
import re
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from ..sites import ROOT, bare_theme, clone, run_git, statusgen, write

FORGE = "https://github.com"
_STEP = re.compile(
    r"^Put this into `([\w./-]+)`(?:[^`]|`[^`\n]+`)*?:\n\n```yaml\n(.*?)^```|^```console\n(.*?)^```",
    re.DOTALL | re.MULTILINE,
)


class Shell:
    """A folder, in which one command is typed after the other as if in one shell. ``forge`` is what GitHub has."""

    def __init__(self, folder: Path, forge: Path) -> None:
        programs = folder / ".programs"
        programs.mkdir()
        program = programs / "statusgen"
        program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m statusgen "$@"\n')
        program.chmod(0o755)
        self.folder = folder
        self.environment = os.environ | {
            "PATH": f"{programs}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.{forge}.insteadOf",
            "GIT_CONFIG_VALUE_0": FORGE,
        }

    def type(self, command: str) -> str:
        """Return what a command prints; one that fails is an error. A change of folder stays."""
        done = subprocess.run(
            ["sh", "-c", f'{command}\nended=$?; pwd >"$0"; exit $ended', str(self.folder / ".where")],
            cwd=self.place,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}"
        return done.stdout

    @property
    def place(self) -> Path:
        where = self.folder / ".where"
        return Path(where.read_text().strip()) if where.exists() else self.folder


def steps(page: str) -> Iterator[tuple[str, str]]:
    """Yield the files that a page has one write and the sessions that it has one type, in order."""
    for file, text, session in _STEP.findall((ROOT / "docs" / page).read_text("utf-8")):
        yield (file, text) if file else ("", session)


def commands(session: str) -> Iterator[tuple[str, str]]:
    """Yield what is typed in a session, and what is printed then."""
    for part in re.split(r"^\$ ", session, flags=re.MULTILINE)[1:]:
        command, _, printed = part.partition("\n")
        yield command, printed


def looks_like(printed: str, told: str) -> bool:
    """Whether text is what a page tells, where ``…`` stands for anything, and a line of it for any lines."""
    told = re.sub(r"^…\n\Z", "", told, flags=re.MULTILINE)
    pattern = re.escape(told.rstrip("\n")).replace("…", ".*")
    return re.match(pattern, printed, re.DOTALL) is not None


def follow(page: str, shell: Shell, instead: Mapping[str, str] = MappingProxyType({})) -> Iterator[str]:
    """Do what a page says, with some words as a reader would replace them; yield each command that was typed."""
    for file, text in steps(page):
        for word, other in instead.items():
            text = text.replace(word, other)
        if file:
            write(shell.place, **{file: text})
        for command, told in () if file else commands(text):
            printed = shell.type(command)
            assert looks_like(printed, told), f"{page} tells of '{command}':\n{told}\nIt printed:\n{printed}"
            yield command


def run_the_prober(repository: Path) -> None:
    """Do what the workflow does that the reader has started."""
    done = statusgen("probe", "--location", "github", "--push", at=clone(repository, "runner"))
    assert done.returncode == 0, done.stderr


@pytest.fixture
def forge(tmp_path: Path) -> Path:
    """What is on GitHub: the program's repository, and an empty one of the reader's."""
    source, forge = tmp_path / "program", tmp_path / "forge"
    write(source, **{"README.md": "The program"})
    run_git(source, "init", "--quiet", "--initial-branch=main")
    run_git(source, "add", "--all")
    run_git(source, "commit", "--quiet", "--message", "The program")
    run_git(tmp_path, "clone", "--quiet", "--bare", str(source), str(forge / "statusgen/statusgen"))
    run_git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", str(forge / "you/my-status"))
    return forge


@pytest.fixture
def shell(tmp_path: Path, forge: Path) -> Shell:
    home = tmp_path / "home"
    home.mkdir()
    return Shell(home, forge)


@pytest.fixture
def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def test_the_tutorial_leads_from_nothing_to_an_incident_that_is_resolved(
    shell: Shell, forge: Path, free_port: int
) -> None:
    page = forge / "you/my-status"
    instead = {
        "https://www.example.com/": f"http://127.0.0.1:{free_port}/",  # a reader's own; here nobody listens
        "probing: {interval: 60s}": "probing: {interval: 60s, preflight: none, timeout: 300ms, reprobe: []}",
    }
    typed = []
    for command in follow("tutorial.md", shell, instead):
        typed.append(command)
        if command == "cd my-status":
            write(shell.place, **bare_theme())
        if command.startswith("git push"):
            run_the_prober(page)
    assert sum(command.startswith("statusgen incident") for command in typed) == 5
    subjects = run_git(page, "log", "--format=%s", "main").splitlines()
    assert len(subjects) == 4  # the page's, and one each for opening, update and resolution
    (path,) = [
        line for line in run_git(page, "ls-tree", "--name-only", "main", "incidents/").splitlines() if "api" in line
    ]
    assert "## Resolved · " in run_git(page, "show", f"main:{path}")
    commit = run_git(forge / "statusgen/statusgen", "rev-parse", "HEAD").strip()
    assert f"uses: statusgen/statusgen@{commit}\n" in run_git(page, "show", "main:.github/workflows/probe.yml")
    assert "Elevated API errors" in (shell.place / "public/history.atom").read_text("utf-8")
    assert run_git(shell.place, "status", "--porcelain").endswith("-elevated-api-errors.postmortem.md")


def test_the_quick_start_makes_a_site_from_nothing(shell: Shell) -> None:
    assert "statusgen check" in [*follow("quick-start.md", shell)]
    assert (shell.folder / "my-status/public/index.html").exists()


def test_what_a_page_tells_is_compared_with_what_was_printed() -> None:
    assert looks_like("wrote a/b.md\nNext: x\n", "wrote a/….md\n…\n")
    assert not looks_like("wrote a/b.md\n", "wrote a/c.md\n")
    assert [*commands("$ one\n$ two\nsaid\n")] == [("one", ""), ("two", "said\n")]
    assert [name for name, _ in steps("tutorial.md") if name] == ["components.yaml"]
