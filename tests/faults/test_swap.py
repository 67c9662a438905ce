"""The folder of a site whose writer is killed, or whose disk fails, at each step: all of it is old, or all is new."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from statusgen import public
from statusgen.errors import WorldError
from tests.sites import write
from tests.test_public import held

from .injection import Fault, Injector, befall

OLD = {"index.html": b"old", "gone/x.html": b"old", "same.html": b"same"}
NEW = {"index.html": b"new", "b/index.html": b"new", "same.html": b"same"}
FOREIGN = {"CNAME": b"status.acme.example", "gone/mine.txt": b"mine"}
KILLED, FAILED, DONE = -9, 3, 0
NO_EXCHANGE = Fault("rename", 1, error="EINVAL")  # as a disk says that cannot do it


@pytest.fixture
def out(tmp_path: Path) -> Callable[[], Path]:
    """Return the folder of an old site with files of other people, whole again each time."""

    ready, folder = tmp_path / "ready", tmp_path / "public"
    public.write_site(ready, tmp_path / "site", OLD)
    write(ready, **{name: content.decode() for name, content in FOREIGN.items()})

    def make() -> Path:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(ready, folder)
        return folder

    return make


def written(out: Path, *faults: Fault) -> tuple[int, int]:
    """Write the new site in a copy of this process that faults befall; return how it ended, and how many events met."""
    count = out.parent / "count"
    if not (fork := os.fork()):
        code = 70
        try:
            os.environ["TMPDIR"] = str(out.parent / "tmp")
            injectors: list[Injector] = [befall(fault, str) for fault in faults]
            try:
                public.write_site(out, out.parent / "site", NEW)
                code = DONE
            except WorldError:
                code = FAILED
            injectors[-1].is_watching = False
            count.write_text(str(len(injectors[-1].events)))
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(fork, 0)[1])
    return code, int(count.read_text()) if code == DONE else 0


@pytest.mark.parametrize(
    "fault",
    [
        Fault("change"),
        Fault("change", error="EIO"),
        Fault("change", error="EACCES"),
        Fault("write"),
        Fault("write", error="ENOSPC", lasts=True),
        Fault("fsync", error="EIO"),
    ],
    ids=lambda fault: f"{fault.error or 'killed'} at a {fault.kind}",
)
def test_whatever_happens_at_any_step_the_site_is_all_old_or_all_new_and_the_next_writer_mends_the_rest(
    fault: Fault, out: Callable[[], Path], tmp_path: Path
) -> None:
    first = out()
    code, steps = written(first, Fault(fault.kind))
    assert (code, held(first)) == (DONE, NEW | FOREIGN)
    codes = set()
    for number in range(1, steps + 1):
        folder = out()
        inode = folder.stat().st_ino
        code, _ = written(folder, Fault(fault.kind, number, error=fault.error, lasts=fault.lasts))
        codes.add(code)
        assert held(folder) in (OLD | FOREIGN, NEW | FOREIGN), number
        public.write_site(folder, tmp_path / "site", NEW)
        assert held(folder) == NEW | FOREIGN, number
        assert folder.stat().st_ino == inode
        assert not (folder / "gone/x.html").exists()
        assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    assert codes <= ({FAILED, DONE} if fault.error else {KILLED})


def test_where_folders_cannot_be_exchanged_each_file_is_old_or_new_and_the_list_of_them_comes_last(
    out: Callable[[], Path], tmp_path: Path
) -> None:
    code, steps = written(out(), NO_EXCHANGE, Fault("change"))
    assert code == DONE
    for number in range(1, steps + 1):
        folder = out()
        listed = (folder / public.MANIFEST).read_bytes()
        assert written(folder, NO_EXCHANGE, Fault("change", number))[0] == KILLED
        left = {name: content for name, content in held(folder).items() if ".statusgen-" not in name}
        assert all(content in ((OLD | FOREIGN).get(name), NEW.get(name)) for name, content in left.items()), number
        assert left.keys() >= OLD.keys() & NEW.keys() | FOREIGN.keys()
        assert (folder / public.MANIFEST).read_bytes() == listed or left == NEW | FOREIGN
        public.write_site(folder, tmp_path / "site", NEW)
        assert held(folder) == NEW | FOREIGN, number


def test_who_holds_on_to_the_folder_itself_sees_what_is_new(out: Callable[[], Path]) -> None:
    folder = out()
    handle = os.open(folder, os.O_RDONLY)  # as a bind mount does
    assert written(folder, Fault("change"))[0] == DONE
    content = os.open("index.html", os.O_RDONLY, dir_fd=handle)
    assert os.read(content, 10) == b"new"
    os.close(content)
    os.close(handle)


def test_what_somebody_puts_into_the_folder_meanwhile_stays(out: Callable[[], Path]) -> None:
    folder = out()
    exchanges = 0

    def put(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal exchanges
        if event == "os.rename" and arguments[0] == str(folder):
            exchanges += 1
            (folder / f"late{exchanges}.txt").write_bytes(b"late")

    if not (fork := os.fork()):
        sys.addaudithook(put)
        public.write_site(folder, folder.parent / "site", NEW)
        os._exit(0)
    os.waitpid(fork, 0)
    assert held(folder) == NEW | FOREIGN | {"late1.txt": b"late", "late2.txt": b"late"}
