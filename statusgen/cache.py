"""What earlier builds worked out, so that a build costs what has changed.

A key stands for everything its value hangs on, so an entry is right or not there at all: deleting the cache, two builds
at once or another version of the program change no byte of a site. It is one file of JSON below ``.git/statusgen``,
named after the program's own text and its libraries' versions; a file that does not match its checksum is ignored.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator, MutableMapping
from functools import cache
from pathlib import Path
from typing import Any

from statusgen import files
from statusgen.errors import WorldError


class Cache(MutableMapping[str, Any]):
    """JSON values by key. ``save`` keeps those that were asked for since the file was read."""

    def __init__(self, folder: Path | None, name: str = "parts") -> None:
        """Read the folder's file of that name for this version of the program; without a folder nothing is kept."""
        self._path = folder / f"{name}-{_program()}.json" if folder else None
        self._others = f"{name}-*.json"
        self._known = _read(self._path) if self._path else {}
        self._used: dict[str, Any] = {}

    def __getitem__(self, key: str) -> Any:
        value = self._used[key] = self._used[key] if key in self._used else self._known[key]
        return value

    def __setitem__(self, key: str, value: Any) -> None:
        self._used[key] = value

    def __delitem__(self, key: str) -> None:
        del self._used[key]

    def __iter__(self) -> Iterator[str]:
        return iter({**self._known, **self._used})

    def __len__(self) -> int:
        return len({**self._known, **self._used})

    def save(self) -> None:
        """Write what was used, if that is not what was read. Failing costs time and nothing else."""
        if self._path is None or self._used == self._known:
            return
        text = json.dumps(self._used, separators=(",", ":")).encode()
        try:
            files.write(self._path, b"%b\n%b" % (_checksum(text), text))
            for other in self._path.parent.glob(self._others):
                if other != self._path:
                    other.unlink(missing_ok=True)
        except (WorldError, OSError):
            return


def _read(path: Path) -> dict[str, Any]:
    try:
        checksum, _, text = path.read_bytes().partition(b"\n")
        found = json.loads(text) if checksum == _checksum(text) else {}
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _checksum(text: bytes) -> bytes:
    return hashlib.sha256(text).hexdigest().encode()


@cache
def _program() -> str:
    """Return a hash of the program's text and of the names and versions of all that is installed beside it."""
    package = Path(__file__).parent
    whole = hashlib.sha256(sys.version.encode())
    for path in sorted((*package.rglob("*.py"), package / "openapi.json")):
        whole.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    for folder in sys.path:
        whole.update("\n".join(sorted(path.name for path in Path(folder).glob("*.dist-info"))).encode())
    return whole.hexdigest()[:16]
