"""The disk: reading what a repository holds, writing a site whole or not at all.

What is read may come from a stranger's pull request, so links and anything that is not a plain file are refused:
a link named ``incidents/x.md`` could publish any file of the machine. What is written goes to a temporary file
beside its place, is flushed, and replaces it in one step.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from statusgen import workers
from statusgen.errors import Level, Problem, SourceError, UsageError, WorldError

MAX_TEXT = 1024 * 1024
MAX_IMAGE = 5 * 1024 * 1024
MAX_LEDGER = 100 * 1024 * 1024
IMAGES = {
    ".png": (b"\x89PNG\r\n\x1a\n",),
    ".jpg": (b"\xff\xd8\xff",),
    ".jpeg": (b"\xff\xd8\xff",),
    ".gif": (b"GIF87a", b"GIF89a"),
    ".webp": (b"RIFF",),
}
MANIFEST = ".files.sha256"
_OURS = ".statusgen-"  # what is on its way to its place


@dataclass(frozen=True, slots=True)
class Folder:
    """What was read: contents by path relative to the base, and what was refused."""

    texts: dict[str, str]
    images: dict[str, bytes]
    problems: tuple[Problem, ...]


def shipped(path: str) -> Path:
    """Return a file or folder that comes with the program: inside the wheel, or beside it in a clone."""
    package = Path(__file__).parent
    inside = package / path
    return inside if inside.exists() else package.parent / path


def read_text(base: Path, name: str) -> str:
    """Return a file of the repository as text; raise SourceError when it is missing, no plain file, or not UTF-8."""
    try:
        return _read(base, name, MAX_TEXT).decode("utf-8")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise SourceError([Problem(path=name, line=line, message="is not UTF-8 text: save it as UTF-8")]) from None


def read_incidents(base: Path, folder: str) -> Folder:
    """Read a folder's Markdown files and images; a missing folder is an empty one."""
    texts: dict[str, str] = {}
    images: dict[str, bytes] = {}
    problems: list[Problem] = []
    try:
        names = tuple(_names(base, folder))
    except SourceError as error:
        return Folder({}, {}, error.problems)
    for name in names:
        try:
            suffix = PurePosixPath(name).suffix.lower()
            if suffix == ".md" and PurePosixPath(name).name != "README.md":
                _refuse_deep(name, folder)
                texts[name] = read_text(base, name)
            elif suffix in IMAGES:
                images[name] = _image(base, name, suffix)
            elif suffix != ".md":
                message = f"is neither Markdown nor an image ({', '.join(IMAGES)}) and was passed over"
                problems.append(Problem(path=_shown(name), message=message, level=Level.WARNING))
        except SourceError as error:
            problems += error.problems
    return Folder(texts, images, tuple(problems))


def read_tree(
    base: Path, folder: str, wanted: Callable[[str], bool] = lambda _: True, limit: int = MAX_IMAGE
) -> dict[str, bytes]:
    """Return every plain file below a folder of ours or of the site, by its path relative to that folder."""
    prefix = f"{folder}/" if folder else ""
    names = (name for name in _names(base, folder) if wanted(name.removeprefix(prefix)))
    return {name.removeprefix(prefix): _read(base, name, limit) for name in names}


def _refuse_deep(name: str, folder: str) -> None:
    if name.count("/") != folder.count("/") + 1:
        raise _refused(name, f"lies too deep: move it to {folder}/{PurePosixPath(name).name}")


def _names(base: Path, folder: str) -> Iterator[str]:
    """Yield the paths of all files below a folder, sorted; hidden ones are not looked at."""
    mode = _mode(base, folder)
    if mode and not stat.S_ISDIR(mode):
        raise _refused(folder, "is not a folder: move the file elsewhere")
    for directory, folders, names in os.walk(base / folder, onerror=_unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        place = Path(directory).relative_to(base).as_posix()
        for name in sorted([*names, *(f for f in folders if (Path(directory) / f).is_symlink())]):
            if not name.startswith("."):
                yield name if place == "." else f"{place}/{name}"


def _unreadable(error: OSError) -> None:
    """Say that a folder cannot be read, which ``os.walk`` would take for an empty one; a missing one is that."""
    if not isinstance(error, FileNotFoundError):
        raise WorldError(f"{error.filename} cannot be read: {error.strerror}")


def _image(base: Path, name: str, suffix: str) -> bytes:
    content = _read(base, name, MAX_IMAGE)
    if not content.startswith(IMAGES[suffix]):
        raise _refused(name, f"is not the image that '{suffix}' says: export it again")
    return content


def _read(base: Path, name: str, limit: int) -> bytes:
    """Read a plain file below ``base``, following no link on the way."""
    if not name.isprintable():
        raise _refused(name, "has a name that no address can hold: rename it")
    mode = _mode(base, name)
    if not mode:
        raise _refused(name, "does not exist: create it (statusgen init makes a site to start from)")
    if not stat.S_ISREG(mode):
        raise _refused(name, "is not a plain file: remove it")
    try:
        with os.fdopen(os.open(base / name, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
            content = file.read(limit + 1)
    except OSError as error:
        raise _refused(name, f"cannot be read: {error.strerror}") from None
    if len(content) > limit:
        raise _refused(name, f"is larger than {limit // 1024} KB: make it smaller")
    return content


def _mode(base: Path, name: str) -> int:
    """Return what kind of file a name below ``base`` is, 0 where there is none; refuse a link on the way to it."""
    walked, mode = str(base), stat.S_IFDIR
    for part in filter(None, name.split("/")):
        walked = f"{walked}/{part}"
        try:
            mode = os.lstat(walked).st_mode
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise _refused(name, f"cannot be read: {error.strerror}") from None
        if stat.S_ISLNK(mode):
            linked = walked[len(str(base)) + 1 :]
            raise _refused(linked, "is a symbolic link: put the file or folder itself there")
    return mode


def _refused(name: str, message: str) -> SourceError:
    return SourceError([Problem(path=_shown(name), message=message)])


def _shown(name: str) -> str:
    """Return a path as one line of text, whatever somebody called the file."""
    return name if name.isprintable() else ascii(name)[1:-1]


def write(path: Path, content: bytes) -> None:
    """Replace a file in one step, making its folders; raise WorldError and leave the old one when that fails."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=_OURS, dir=path.parent) as stage:
            _flushed(Path(stage) / path.name, content).replace(path)
    except OSError as error:
        raise WorldError(f"cannot write {path}: {error.strerror}") from error


def sweep(folder: Path) -> None:
    """Remove what a run that was killed left on its way into a folder. Only who is ``alone`` with it may."""
    for left in folder.glob(f"{_OURS}*"):
        shutil.rmtree(left)


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Make the folder and hold its lock, which ends with the process: who comes second waits."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some network disks know no locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _flushed(path: Path, content: bytes) -> Path:
    """Write a new file, making its folders, and see it safely on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    path.chmod(0o644)
    return path


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


def write_site(out: Path, site: Path, files: Mapping[str, bytes | Later]) -> Written:
    """Make ``out`` hold exactly these files, touching none that is right already.

    New contents are first written in full to a hidden folder in ``out``; only then do they take their places, so
    that a full disk or a crash while writing leaves the old site as it was. Files that an earlier build wrote and
    this one does not are removed; files that no build wrote are never touched. ``.files.sha256`` lists what is
    ours, in the form that ``sha256sum -c`` reads.
    """
    _refuse_out(out, site)
    try:
        with alone(out):
            return _write_site(out, files)
    except OSError as error:
        raise WorldError(f"cannot write {out}: {error.strerror}") from error


def _write_site(out: Path, files: Mapping[str, bytes | Later]) -> Written:
    sweep(out)
    _refuse_obstacles(out, (*files, MANIFEST))
    there = {
        name: file.sha256 for name, file in files.items() if isinstance(file, Later) and _has(out, name, file.sha256)
    }
    made = _made({name: file for name, file in files.items() if name not in there})
    hashes = {**there, **{name: _hash(content) for name, content in made.items()}}
    made[MANIFEST] = _listing(hashes)
    changed = tuple(sorted(name for name, content in made.items() if not _holds(out / name, content)))
    removed = tuple(sorted(name for name in _manifest(out) if name not in hashes and _is_file(out, name)))
    if changed:
        _swap_in(out, {name: made[name] for name in changed}, removed)
    return Written(changed, removed, len(hashes) + 1 - len(changed), hashes, _hash(made[MANIFEST]))


def written_before(out: Path, site: Path, manifest: str) -> Written | None:
    """Return that nothing was to be done, if the folder holds all that the manifest of that hash lists."""
    _refuse_out(out, site)
    try:
        text = (out / MANIFEST).read_bytes()
        hashes = {name: value for value, _, name in (line.partition("  ") for line in text.decode().splitlines())}
    except (OSError, UnicodeDecodeError):
        return None
    if _hash(text) != manifest or not all(_has(out, name, value) for name, value in hashes.items()):
        return None
    return Written((), (), len(hashes) + 1, hashes, manifest)


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


def _made(files: Mapping[str, bytes | Later]) -> dict[str, bytes]:
    """Return contents, of which those that must be made are made by all processors."""
    later = [(name, file) for name, file in files.items() if isinstance(file, Later)]
    contents = workers.spread(lambda each: each[1].make(), later, seconds=0.004)
    made = {name: file for name, file in files.items() if isinstance(file, bytes)}
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


def _manifest(out: Path) -> list[str]:
    """Return the paths an earlier build wrote; nothing that would lead out of the folder is believed."""
    try:
        lines = (out / MANIFEST).read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError):
        return []
    names = (line.partition("  ")[2] for line in lines)
    return [name for name in names if name and not name.startswith("/") and ".." not in name.split("/")]


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


def _swap_in(out: Path, files: Mapping[str, bytes], removed: Iterable[str]) -> None:
    """Write everything to a folder of its own, then rename file by file, and remove what is ours no longer.

    The manifest comes last: a build that is killed before finds in it what is left to be removed.
    """
    with tempfile.TemporaryDirectory(prefix=_OURS, dir=out) as stage:
        for name, content in files.items():
            _flushed(Path(stage) / name, content)
        for name in sorted(files.keys() - {MANIFEST}):
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            (Path(stage) / name).replace(out / name)
        for name in removed:
            _remove(out, name)
        if MANIFEST in files:
            (Path(stage) / MANIFEST).replace(out / MANIFEST)


def _remove(out: Path, name: str) -> None:
    (out / name).unlink(missing_ok=True)
    folder = (out / name).parent
    while folder != out:
        with contextlib.suppress(OSError):
            folder.rmdir()
        folder = folder.parent
