"""Running a command in this process, and seeing that one that was refused has changed nothing."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from statusgen import cli

from ..sites import run_git


@dataclass(frozen=True)
class Ran:
    """What running a command came to."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run a command in this process, in a folder, with bytes for standard input; only an exit may end it."""

    def run(*arguments: object, at: Path, stdin: bytes = b"") -> Ran:
        monkeypatch.chdir(at)
        monkeypatch.setattr(sys, "argv", ["statusgen", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code: object = 0
        try:
            cli.main()
        except SystemExit as ended:
            code = ended.code
        assert isinstance(code, int)
        out, err = capfd.readouterr()
        assert "Traceback" not in out + err
        return Ran(code, out, err)

    return run


def everything(*folders: Path) -> dict[str, Any]:
    """Return all that a refusal leaves as it is: files, refs, the index and what git thinks of the working tree."""
    found: dict[str, Any] = {}
    for folder in folders:
        plain = (path for path in sorted(folder.rglob("*")) if path.is_file() and ".git" not in path.parts)
        found |= {str(path): path.read_bytes() for path in plain}
        found[f"{folder} refs"] = run_git(folder, "for-each-ref"), run_git(folder, "symbolic-ref", "HEAD")
        if not (folder / "HEAD").exists():
            found[f"{folder} index"] = run_git(folder, "ls-files", "--stage"), run_git(folder, "status", "--porcelain")
    return found
