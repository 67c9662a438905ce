"""The disk: reading what a repository holds, writing a file whole or not at all.

What is read may come from a stranger's pull request, so links and anything that is not a plain file are refused:
a link named ``incidents/x.md`` could publish any file of the machine. What is written goes to a temporary file
beside its place, is flushed, and replaces it in one step.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shlex
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from statusgen import images, paths
from statusgen.errors import Level, Problem, SourceError, WorldError

MAX_TEXT = 256 * 1024
MAX_IMAGE = 5 * 1024 * 1024
MAX_LEDGER = 100 * 1024 * 1024
ON_THE_WAY = ".statusgen-"  # how names begin of what is on its way to its place


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


def read_bytes(base: Path, name: str, limit: int = MAX_LEDGER) -> bytes | None:
    """Return a plain file below a folder, None where there is none; SourceError for what may not be read."""
    return _read(base, name, limit) if _mode(base, name) else None


def read_prose(base: Path, folder: str) -> Folder:
    """Read a folder's Markdown files and images; a missing folder is an empty one."""
    kinds = images.SUFFIXES
    return _read_kinds(base, folder, (".md",), f"neither Markdown nor an image ({', '.join(kinds)})", kinds)


def read_markdown(base: Path, folder: str) -> Folder:
    """Read a folder's Markdown files; a missing folder is an empty one, and what else is in it is nobody's business."""
    read = _read_kinds(base, folder, (".md",), "no Markdown", ())
    return Folder(read.texts, {}, tuple(problem for problem in read.problems if problem.level is Level.ERROR))


def read_yaml(base: Path, folder: str) -> Folder:
    """Read a folder's YAML files; a missing folder is an empty one."""
    return _read_kinds(base, folder, (".yaml", ".yml"), "no YAML", ())


def _read_kinds(base: Path, folder: str, kinds: tuple[str, ...], others: str, pictures: tuple[str, ...]) -> Folder:
    """Read a folder's files of some kinds and its images; what is neither is told as a warning."""
    read = Folder({}, {}, ())
    problems: list[Problem] = []
    try:
        found = tuple(names(base, folder))
    except SourceError as error:
        return Folder({}, {}, error.problems)
    doubled = paths.clashes(found)
    for name in found:
        try:
            suffix = PurePosixPath(name).suffix.lower()
            if PurePosixPath(name).name == "README.md":
                continue
            if name in doubled and suffix in (*kinds, *pictures):
                same = f"differs from {doubled[name]} by capitals only, and some systems hold one of the two"
                raise _refused(name, f"{same}: rename it")
            if suffix in kinds:
                _refuse_misplaced(name, folder, suffix)
                read.texts[name] = read_text(base, name)
            elif suffix in pictures:
                read.images[name] = _image(base, name, suffix)
            elif _mode(base, name):
                problems.append(Problem(path=name, message=f"is {others} and was passed over", level=Level.WARNING))
        except SourceError as error:
            problems += error.problems
    return Folder(read.texts, read.images, tuple(problems))


def read_tree(
    base: Path, folder: str, wanted: Callable[[str], bool] = lambda _: True, limit: int = MAX_IMAGE
) -> dict[str, bytes]:
    """Return every plain file below a folder of ours or of the site, by its path relative to that folder."""
    prefix = f"{folder}/" if folder else ""
    chosen = (name for name in names(base, folder) if wanted(name.removeprefix(prefix)))
    return {name.removeprefix(prefix): _read(base, name, limit) for name in chosen}


def _refuse_misplaced(name: str, folder: str, suffix: str) -> None:
    if name.count("/") != folder.count("/") + 1:
        raise _refused(name, f"lies too deep: move it to {folder}/{PurePosixPath(name).name}")
    if not name.endswith(suffix):
        raise _refused(name, f"has a suffix in capitals: rename it to {PurePosixPath(name).stem}{suffix}")


def names(base: Path, folder: str) -> Iterator[str]:
    """Yield the paths of all files below a folder, sorted; hidden ones are not looked at."""
    mode = _mode(base, folder)
    if mode and not stat.S_ISDIR(mode):
        raise _refused(folder, "is not a folder: move the file elsewhere")
    for directory, folders, plain in os.walk(base / folder, onerror=_unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        place = Path(directory).relative_to(base).as_posix()
        for name in sorted([*plain, *(f for f in folders if (Path(directory) / f).is_symlink())]):
            if not name.startswith("."):
                yield name if place == "." else f"{place}/{name}"


def _unreadable(error: OSError) -> None:
    """Say that a folder cannot be read, which ``os.walk`` would take for an empty one; a missing one is that."""
    if not isinstance(error, FileNotFoundError):
        raise WorldError(f"{error.filename} cannot be read: {error.strerror}")


def _image(base: Path, name: str, suffix: str) -> bytes:
    """Return an image as it is published: without notes, and nowhere that a file of the site may be."""
    if "." in PurePosixPath(name).parent.as_posix():
        raise _refused(name, "lies in a folder with a dot in its name, as files of the site have: rename the folder")
    try:
        return images.plain(_read(base, name, MAX_IMAGE), suffix)
    except ValueError as error:
        raise _refused(name, str(error)) from None


def _read(base: Path, name: str, limit: int) -> bytes:
    """Read a plain file below ``base``, following no link on the way."""
    if wrong := paths.fault(name):
        raise _refused(name, wrong)
    mode = _mode(base, name)
    if not mode:
        raise _refused(name, f"does not exist: {_remedy(base, name)}")
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


def _remedy(base: Path, name: str) -> str:
    """Say what to do about a file that does not exist: whoever stands in a folder of the site needs no new one."""
    folder = base
    with contextlib.suppress(OSError):
        for _ in base.resolve().parents:
            if (folder / ".git").exists():  # the repository's top
                break
            folder = Path(os.path.normpath(folder / ".."))
            if (folder / name).is_file():
                return f"there is one in {folder}, go there, or add --site {shlex.quote(str(folder))}"
    return "create it (statusgen init makes a site to start from)"


def is_there(base: Path, name: str) -> bool:
    """Tell whether there is anything of that name below ``base``; raise SourceError for a link on the way to it."""
    return _mode(base, name) != 0


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
    return SourceError([Problem(path=name, message=message)])


def write(path: Path, content: bytes) -> None:
    """Replace a file in one step, making its folders; raise WorldError and leave the old one when that fails."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=ON_THE_WAY, dir=path.parent) as stage:
            write_flushed(Path(stage) / path.name, content).replace(path)
    except OSError as error:
        raise WorldError(f"cannot write {path}: {error.strerror}") from error


def write_private(path: Path, content: bytes) -> None:
    """Replace a file for its owner's eyes in one step; raise WorldError. Not flushed: a crash may take it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=ON_THE_WAY, dir=path.parent) as stage:
            staged = Path(stage) / path.name
            staged.touch(mode=0o600)
            staged.write_bytes(content)
            staged.replace(path)
    except OSError as error:
        raise WorldError(f"cannot write {path}: {error.strerror}") from error


def sweep(folder: Path) -> None:
    """Remove what a run that was killed left on its way into a folder. Only who is ``alone`` with it may."""
    for left in folder.glob(f"{ON_THE_WAY}*"):
        shutil.rmtree(left)


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Make the folder and hold its lock, which ends with the process: who comes second waits."""
    handle = _locked(folder)
    try:
        yield
    finally:
        os.close(handle)


def _locked(folder: Path) -> int:
    """Return a handle of the folder that has the name once its lock is got: ``swap`` may exchange it meanwhile."""
    while True:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY)
        with contextlib.suppress(OSError):  # some network disks know no locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        if folder.exists() and os.path.samestat(os.fstat(handle), folder.stat()):
            return handle
        os.close(handle)


def write_flushed(path: Path, content: bytes) -> Path:
    """Write a new file, making its folders, and see it safely on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    path.chmod(0o644)
    return path
