"""The folder of the site: written whole or not at all, and no file in it that is right already.

New contents are first written in full to a hidden folder, and only then take their places: all at once, where the
system can (``swap``), else file by file. ``.files.sha256`` lists what is ours, in the form that ``sha256sum -c`` reads;
files that no build wrote are never touched.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from statusgen import files, swap, workers
from statusgen.errors import UsageError, WorldError
from statusgen.secret import NO_SECRETS, Gate

MANIFEST = ".files.sha256"


@dataclass(frozen=True, slots=True)
class Later:
    """A file that is made when it is not there yet: ``sha256`` of its content, in hex, "" where nobody knows it."""

    sha256: str
    make: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Written:
    """What writing a site did, as sorted paths; ``hashes`` are the SHA-256 of all its files, in hex.

    ``manifest`` is that of their list.
    """

    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int
    hashes: Mapping[str, str]
    manifest: str


def write_site(
    out: Path,
    site: Path,
    wanted: Mapping[str, bytes | Later],
    admit: Callable[[], None] = lambda: None,
    gate: Gate = NO_SECRETS,
) -> Written:
    """Make ``out`` hold exactly these files and those that no build wrote, touching none that is right already.

    ``admit`` raises where what is there must stay. It is asked while no other build writes to the folder. A file that
    the ``gate`` does not let through is refused with all others.
    """
    _refuse_out(out, site)
    try:
        with files.alone(out):
            return _write_site(out, wanted, admit, gate)
    except OSError as error:
        raise WorldError(f"cannot write {out}: {error.strerror}") from error


def _write_site(out: Path, wanted: Mapping[str, bytes | Later], admit: Callable[[], None], gate: Gate) -> Written:
    swap.settle(out, _ours, MANIFEST)
    admit()
    files.sweep(out)
    _refuse_obstacles(out, (*wanted, MANIFEST))
    there = {
        name: file.sha256 for name, file in wanted.items() if isinstance(file, Later) and _has(out, name, file.sha256)
    }
    made = _made({name: file for name, file in wanted.items() if name not in there})
    _refuse_secrets(gate, sorted(wanted), lambda name: made[name] if name in made else (out / name).read_bytes())
    hashes = {**there, **{name: _hash(content) for name, content in made.items()}}
    made[MANIFEST] = _listing(hashes)
    changed = tuple(sorted(name for name, content in made.items() if not _holds(out / name, content)))
    removed = tuple(sorted(name for name in _manifest(out) if name not in hashes and _is_file(out, name)))
    if changed:
        _swap_in(out, {name: made[name] for name in changed}, removed)
    return Written(changed, removed, len(hashes) + 1 - len(changed), hashes, _hash(made[MANIFEST]))


def written_before(out: Path, site: Path, manifest: str, gate: Gate = NO_SECRETS) -> Written | None:
    """Return that nothing was to be done, if the folder holds all that the manifest of that hash lists.

    Raise StatusgenError where that holds a secret: it may be known only now.
    """
    _refuse_out(out, site)
    try:
        text = (out / MANIFEST).read_bytes()
        hashes = {name: value for value, _, name in (line.partition("  ") for line in text.decode().splitlines())}
    except (OSError, UnicodeDecodeError):
        return None
    if _hash(text) != manifest or not all(_has(out, name, value) for name, value in hashes.items()):
        return None
    _refuse_secrets(gate, sorted(hashes), lambda name: (out / name).read_bytes())
    return Written((), (), len(hashes) + 1, hashes, manifest)


def _refuse_secrets(gate: Gate, names: Sequence[str], content: Callable[[str], bytes]) -> None:
    """Raise StatusgenError for the first file that holds a secret, in its name or its content."""

    def whole(name: str) -> bytes:
        return name.encode() + b"\n" + content(name)

    if gate:
        found = workers.spread(lambda name: gate.found(whole(name)), names, seconds=0.0005)
        for name in (name for name, secret in zip(names, found, strict=True) if secret):
            gate.refuse(whole(name), name)


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _has(out: Path, name: str, sha256: str) -> bool:
    """Tell whether a plain file is there and has the content of that hash."""
    try:
        path = f"{out}/{name}"
        if not sha256 or not stat.S_ISREG(os.lstat(path).st_mode):
            return False
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - of a thousand files, Path takes as long as reading
            return _hash(file.read()) == sha256
    except OSError:
        return False


def _made(wanted: Mapping[str, bytes | Later]) -> dict[str, bytes]:
    """Return contents, of which those that must be made are made by all processors."""
    later = [(name, file) for name, file in wanted.items() if isinstance(file, Later)]
    contents = workers.spread(lambda each: each[1].make(), later, seconds=0.004)
    made = {name: file for name, file in wanted.items() if isinstance(file, bytes)}
    return made | {name: content for (name, _), content in zip(later, contents, strict=True)}


def _refuse_out(out: Path, site: Path) -> None:
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        raise UsageError(f"--out {out} is not a folder: choose another")
    whole = out.resolve()
    if (out / ".git").exists() or ".git" in whole.parts or site.resolve().is_relative_to(whole):
        raise UsageError(f"--out {out} holds the repository itself: choose a folder inside it, like public")


def _refuse_obstacles(out: Path, names: Iterable[str]) -> None:
    """Refuse what is not ours where something of ours must go, before the first file has moved."""
    names = frozenset(names)
    folders = {name[:i] for name in names for i, character in enumerate(name) if character == "/"}
    for place in (*sorted(folders), *sorted(names)):
        try:
            is_folder = stat.S_ISDIR(os.lstat(f"{out}/{place}").st_mode)
        except (FileNotFoundError, NotADirectoryError):
            continue
        if is_folder != (place in folders):
            raise UsageError(f"{out / place} is in the way of the site: remove it, or choose another --out")


def _manifest(out: Path) -> set[str]:
    """Return the paths an earlier build wrote; nothing that would lead out of the folder is believed."""
    try:
        lines = (out / MANIFEST).read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError):
        return set()
    names = (line.partition("  ")[2] for line in lines)
    return {name for name in names if name and not name.startswith("/") and ".." not in name.split("/")}


def _listing(hashes: Mapping[str, str]) -> bytes:
    return "".join(f"{value}  {name}\n" for name, value in sorted(hashes.items())).encode()


def _is_file(out: Path, name: str) -> bool:
    """Tell whether a plain file is there, and not one that a link leads to."""
    return (out / name).is_file() and (out / name).resolve() == out.resolve() / name


def _holds(path: Path, content: bytes) -> bool:
    try:
        seen = path.lstat()
        return stat.S_ISREG(seen.st_mode) and seen.st_size == len(content) and path.read_bytes() == content
    except OSError:
        return False


def _ours(out: Path) -> set[str]:
    return {name for name in _manifest(out) if _is_file(out, name)}


def _swap_in(out: Path, made: Mapping[str, bytes], removed: Collection[str]) -> None:
    """Let new contents take their places and what is ours no longer go, at once if possible.

    One file by itself is put in its place at once anyway.
    """
    if len(made) + len(removed) == 1 or not swap.at_once(out, made, removed, MANIFEST):
        _swap_each(out, made, removed)


def _swap_each(out: Path, made: Mapping[str, bytes], removed: Iterable[str]) -> None:
    """Write everything to a folder of its own, then rename file by file, and remove what is ours no longer.

    The manifest comes last: a build that is killed before finds in it what is left to be removed.
    """
    with tempfile.TemporaryDirectory(prefix=files.ON_THE_WAY, dir=out) as stage:
        for name, content in made.items():
            files.write_flushed(Path(stage) / name, content)
        for name in sorted(made.keys() - {MANIFEST}):
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            (Path(stage) / name).replace(out / name)
        for name in removed:
            swap.remove(out, name)
        if MANIFEST in made:
            (Path(stage) / MANIFEST).replace(out / MANIFEST)
