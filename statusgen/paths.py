"""Names of files as every system that clones a repository, and every host that serves a site, can hold them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

PUBLIC = "public"  # the folder in a site's that a build writes if it is not told otherwise

LONGEST = 200  # characters of a path: Windows has 260 for all of it, the folder of the clone included

_RESERVED = re.compile(r"(?:con|nul|prn|aux|(?:com|lpt)[0-9¹²³])(?:\..*)?", re.IGNORECASE)
_FORBIDDEN = re.compile(r'[<>:"|?*\\]')


def is_reserved(name: str) -> bool:
    """Tell whether Windows takes a file's or folder's name for a device, whatever its suffix."""
    return _RESERVED.fullmatch(name) is not None


def fault(path: str) -> str:
    """Return why a path cannot be used, with the remedy; empty if it can."""
    parts = path.split("/")
    if not path.isprintable():
        return "has a name that no address can hold: rename it"
    if not unicodedata.is_normalized("NFC", path):
        return "has a name with letters in two parts (Unicode NFD), of which systems make two files: rename it"
    if odd := _FORBIDDEN.search(path):
        return f"has a name with {odd[0]}, which some systems cannot hold: rename it"
    if any(is_reserved(part) for part in parts):
        return "has a name that some systems reserve: rename it"
    if any(part.startswith(" ") or part.endswith((" ", ".")) for part in parts):
        return "has a name that begins or ends with a blank, or ends with a dot: rename it"
    if len(path) > LONGEST:
        return f"has a path of {len(path)} characters: rename it, at most {LONGEST} are allowed"
    return ""


def clashes(found: Iterable[str]) -> dict[str, str]:
    """Return paths that systems and hosts may take for another one, by case, each with the one that keeps its place.

    That is the one in small letters, so that no newcomer can push it aside, else the first.
    """
    alike: dict[str, list[str]] = {}
    for path in found:
        alike.setdefault(_folded(path), []).append(path)
    kept = {key: min(same, key=lambda path: (path != _folded(path), path)) for key, same in alike.items()}
    return {path: kept[key] for key, same in alike.items() for path in same if path != kept[key]}


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", path.casefold())
