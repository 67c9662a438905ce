"""Running a command in this process, and seeing that one that was refused has changed nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..sites import run_git


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
