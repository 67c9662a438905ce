"""A folder's new contents, all at once: whoever asks for it by name finds all of the old ones or all of the new.

A second folder is made beside the first, of hard links and of what is new. The system exchanges the two in one step
(``renameat2`` of Linux); the first, which now nobody finds by its name, is brought up to date file by file; and they
change back. So the folder stays the one it was for who holds on to the folder itself, as a bind mount into a container
does. A run that is killed in between leaves the second in the first one's place, complete: ``settle`` brings the first
up to date and back. Two runs never meet here: who calls is ``alone`` with the folder.
"""

from __future__ import annotations

import contextlib
import errno
import glob
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path

from statusgen import files

_HERE = -100  # AT_FDCWD: paths are as they are anywhere
_EXCHANGE = 2  # RENAME_EXCHANGE
_CANNOT = {  # exchange folders, link files or write beside the folder: of the system or the place, and so every time
    *(errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EXDEV, errno.EBUSY),
    *(errno.EPERM, errno.EACCES, errno.EROFS, errno.EMLINK),
}


def at_once(folder: Path, made: Mapping[str, bytes], removed: Collection[str], last: str) -> bool:
    """Put files in their places and remove others, by their paths below the folder; ``last`` is the last of them.

    Return False, with nothing changed, where this cannot be done in one step. Raise OSError.
    """
    folder = folder.resolve()
    beside = _beside(folder, _inode(folder))
    try:
        beside.mkdir()
        with files.alone(beside):  # for who finds it in the folder's place
            _fill(beside, folder, made, removed)
            _exchange(folder, beside)
            _bring_back(folder, beside, made.keys(), removed, last)
    except OSError as error:
        if _number_in(beside) != _inode(beside):  # not if it is the folder itself: ``settle`` will know
            shutil.rmtree(beside, ignore_errors=True)
            if error.errno in _CANNOT:
                return False
        raise
    return True


def settle(folder: Path, listed: Callable[[Path], set[str]], last: str) -> None:
    """Bring to an end what a run that was killed has left beside the folder.

    ``listed`` tells of a folder which plain files in it are to be kept like this, by their paths below it.
    """
    folder = folder.resolve()
    for left in folder.parent.glob(f"{files.ON_THE_WAY}{glob.escape(folder.name)}-*"):
        if left != _beside(folder, _number_in(left)):
            continue  # of a folder whose name begins like this one's
        if _number_in(left) != _inode(left) or not (folder / last).is_file():  # or somebody removed the folder
            shutil.rmtree(left)
            continue
        with files.alone(left):
            new = listed(folder)
            changed = {name for name in new if _inode(folder / name) != _inode(left / name)}
            _bring_back(folder, left, changed, listed(left) - new - {last}, last)


def remove(folder: Path, name: str) -> None:
    """Remove a file, and the folders that held nothing else."""
    (folder / name).unlink(missing_ok=True)
    above = (folder / name).parent
    while above != folder:
        with contextlib.suppress(OSError):
            above.rmdir()
        above = above.parent


def _beside(folder: Path, inode: str) -> Path:
    """Return the place beside a folder: its name tells which of the two is the first, wherever they are."""
    return folder.with_name(f"{files.ON_THE_WAY}{folder.name}-{inode}")


def _number_in(beside: Path) -> str:
    return beside.name.rpartition("-")[2]


def _inode(path: Path) -> str:
    """Return what tells a file or folder from all others of the disk, "" where there is none."""
    try:
        return str(path.lstat().st_ino)
    except OSError:
        return ""


def _fill(beside: Path, folder: Path, made: Mapping[str, bytes], removed: Collection[str]) -> None:
    _link(folder, beside, {*made, *removed})
    for name, content in made.items():
        files.write_flushed(beside / name, content)
    for name in removed:
        remove(beside, name)


def _link(source: Path, target: Path, but: Collection[str] = (), below: str = "") -> None:
    """Link what is in a folder, whoever put it there, into another that does not hold it yet."""
    shutil.copymode(source / below, target / below)
    with os.scandir(source / below) as entries:
        for entry in entries:
            name = f"{below}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                (target / name).mkdir(exist_ok=True)
                _link(source, target, but, f"{name}/")
            elif name not in but:
                with contextlib.suppress(FileExistsError):
                    os.link(entry.path, f"{target}/{name}", follow_symlinks=False)


def _bring_back(folder: Path, beside: Path, changed: Iterable[str], removed: Iterable[str], last: str) -> None:
    """Make the first folder, which lies beside, what stands in its place, and let them change back."""
    with tempfile.TemporaryDirectory(prefix=files.ON_THE_WAY, dir=beside) as stage:
        for name in sorted({*changed} - {last}):
            _replace(beside / name, folder / name, Path(stage))
        for name in removed:
            remove(beside, name)
        _replace(beside / last, folder / last, Path(stage))
    _exchange(folder, beside)
    _link(beside, folder)  # what somebody else put there meanwhile
    shutil.rmtree(beside)


def _replace(place: Path, new: Path, stage: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    (stage / place.name).hardlink_to(new)
    (stage / place.name).replace(place)
    (stage / place.name).unlink(missing_ok=True)  # nothing is replaced by what it is already, and the link stays


def _exchange(one: Path, other: Path) -> None:
    import ctypes  # 10 ms that only who writes a page needs

    sys.audit("os.rename", str(one), str(other), -1, -1)  # as the interpreter's own calls tell
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    if call(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(one))
