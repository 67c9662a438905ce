"""The disk: reading what a repository holds, writing a site whole or not at all.

What is read may come from a stranger's pull request, so links and anything that is not a plain file are refused:
a link named ``incidents/x.md`` could publish any file of the machine. What is written goes to a temporary file
beside its place, is flushed, and replaces it in one step.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from statusgen.errors import Level, Problem, SourceError, UsageError, WorldError

MAX_TEXT = 1024 * 1024
MAX_IMAGE = 5 * 1024 * 1024
IMAGES = {
    ".png": (b"\x89PNG\r\n\x1a\n",),
    ".jpg": (b"\xff\xd8\xff",),
    ".jpeg": (b"\xff\xd8\xff",),
    ".gif": (b"GIF87a", b"GIF89a"),
    ".webp": (b"RIFF",),
}
MANIFEST = ".files.sha256"


@dataclass(frozen=True, slots=True)
class Folder:
    """What was read: contents by path relative to the base, and what was refused."""

    texts: dict[str, str]
    images: dict[str, bytes]
    problems: tuple[Problem, ...]


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
    for name in _names(base, folder):
        try:
            suffix = PurePosixPath(name).suffix.lower()
            if suffix == ".md" and PurePosixPath(name).name != "README.md":
                _refuse_deep(name, folder)
                texts[name] = read_text(base, name)
            elif suffix in IMAGES:
                images[name] = _image(base, name, suffix)
            elif suffix != ".md":
                message = f"is neither Markdown nor an image ({', '.join(IMAGES)}) and was passed over"
                problems.append(Problem(path=name, message=message, level=Level.WARNING))
        except SourceError as error:
            problems += error.problems
    return Folder(texts, images, tuple(problems))


def read_tree(base: Path, folder: str) -> dict[str, bytes]:
    """Return every plain file below a folder of ours or of the site, by its path relative to that folder."""
    prefix = f"{folder}/" if folder else ""
    return {name.removeprefix(prefix): _read(base, name, MAX_IMAGE) for name in _names(base, folder)}


def _refuse_deep(name: str, folder: str) -> None:
    if name.count("/") != folder.count("/") + 1:
        raise SourceError(
            [Problem(path=name, message=f"lies too deep: move it to {folder}/{PurePosixPath(name).name}")]
        )


def _names(base: Path, folder: str) -> Iterator[str]:
    """Yield the paths of all files below a folder, sorted; hidden ones are not looked at."""
    root = base / folder
    if not root.is_dir() or root.is_symlink():
        return
    for directory, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted([*names, *(f for f in folders if (Path(directory) / f).is_symlink())]):
            if not name.startswith("."):
                yield (Path(directory) / name).relative_to(base).as_posix()


def _image(base: Path, name: str, suffix: str) -> bytes:
    content = _read(base, name, MAX_IMAGE)
    if not content.startswith(IMAGES[suffix]):
        raise SourceError([Problem(path=name, message=f"is not the image that '{suffix}' says: export it again")])
    return content


def _read(base: Path, name: str, limit: int) -> bytes:
    """Read a plain file below ``base``, following no link on the way."""

    def refused(message: str) -> SourceError:
        return SourceError([Problem(path=name, message=message)])

    walked = base
    for part in PurePosixPath(name).parts:
        walked = walked / part
        try:
            mode = walked.lstat().st_mode
        except FileNotFoundError:
            raise refused("does not exist: create it (statusgen init makes a site to start from)") from None
        except OSError as error:
            raise refused(f"cannot be read: {error.strerror}") from None
        if stat.S_ISLNK(mode):
            raise refused("is a symbolic link: put the file itself there")
    if not stat.S_ISREG(mode):
        raise refused("is not a plain file: remove it")
    try:
        with os.fdopen(os.open(walked, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
            content = file.read(limit + 1)
    except OSError as error:
        raise refused(f"cannot be read: {error.strerror}") from None
    if len(content) > limit:
        raise refused(f"is larger than {limit // 1024} KB: make it smaller")
    return content


def write(path: Path, content: bytes) -> None:
    """Replace a file in one step, making its folders; raise WorldError and leave the old one when that fails."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(_staged(path.parent, content), path)
    except OSError as error:
        raise WorldError(f"cannot write {path}: {error.strerror}") from error


def _staged(folder: Path, content: bytes) -> Path:
    """Write to a temporary file in the folder and flush it to the disk."""
    handle, name = tempfile.mkstemp(prefix=".statusgen-", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


def _replace(staged: Path, path: Path) -> None:
    staged.chmod(0o644)
    staged.replace(path)


@dataclass(frozen=True, slots=True)
class Written:
    """What writing a site did, as sorted paths."""

    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int


def write_site(out: Path, site: Path, files: Mapping[str, bytes]) -> Written:
    """Make ``out`` hold exactly these files, touching none that is right already.

    New contents are first written beside ``out`` in full; only then do they take their places, so that a full
    disk or a crash while writing leaves the old site as it was. Files that an earlier build wrote and this one
    does not are removed; files that no build wrote are never touched. ``.files.sha256`` lists what is ours, in
    the form that ``sha256sum -c`` reads.
    """
    _refuse_out(out, site)
    listed = _manifest(out)
    wanted = {**files, MANIFEST: _listing(files)}
    changed = tuple(sorted(name for name, content in wanted.items() if not _holds(out / name, content)))
    removed = tuple(sorted(name for name in listed if name not in wanted and (out / name).is_file()))
    try:
        if changed:
            _swap_in(out, {name: wanted[name] for name in changed})
        for name in removed:
            _remove(out, name)
    except OSError as error:
        raise WorldError(f"cannot write {out}: {error.strerror}; the site there is as it was") from error
    return Written(changed, removed, len(wanted) - len(changed))


def _refuse_out(out: Path, site: Path) -> None:
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        raise UsageError(f"--out {out} is not a folder: choose another")
    if (out / ".git").exists() or site.resolve().is_relative_to(out.resolve()):
        raise UsageError(f"--out {out} holds the repository itself: choose a folder inside it, like public")


def _manifest(out: Path) -> list[str]:
    """Return the paths an earlier build wrote; nothing that would lead out of the folder is believed."""
    try:
        lines = (out / MANIFEST).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
    names = (line.partition("  ")[2] for line in lines)
    return [name for name in names if name and not name.startswith("/") and ".." not in name.split("/")]


def _listing(files: Mapping[str, bytes]) -> bytes:
    lines = (f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items()))
    return "".join(lines).encode()


def _holds(path: Path, content: bytes) -> bool:
    try:
        return path.stat().st_size == len(content) and not path.is_symlink() and path.read_bytes() == content
    except OSError:
        return False


def _swap_in(out: Path, files: Mapping[str, bytes]) -> None:
    """Write everything next to ``out``, then rename file by file, the manifest last."""
    out.parent.mkdir(parents=True, exist_ok=True)
    stage = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        for name, content in files.items():
            target = stage / name
            target.parent.mkdir(parents=True, exist_ok=True)
            _replace(_staged(target.parent, content), target)
        for name in sorted(files, key=lambda name: (name == MANIFEST, name)):
            place = out / name
            if place.is_dir() and not place.is_symlink():
                shutil.rmtree(place)
            place.parent.mkdir(parents=True, exist_ok=True)
            (stage / name).replace(place)
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _remove(out: Path, name: str) -> None:
    (out / name).unlink(missing_ok=True)
    folder = (out / name).parent
    while folder != out:
        with contextlib.suppress(OSError):
            folder.rmdir()
        folder = folder.parent
