"""The folder of the site: written whole or not at all, and nothing in it that is right already."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

from statusgen import public
from statusgen.errors import UsageError, WorldError

from .sites import ROOT, write

LIMIT = 50_000  # bytes a file may have, for the tests of a disk that is full
SITE = {
    "index.html": b"<p>One</p>",
    "incidents/a/index.html": b"A",
    "incidents/b/index.html": b"B",
    ".nojekyll": b"",
    ".well-known/ours.txt": b"C",
}


def held(folder: Path) -> dict[str, bytes]:
    """Return every file in a folder, ours or not."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != public.MANIFEST
    }


def stamps(folder: Path) -> dict[str, tuple[int, int]]:
    """Return what writing a file would change, content or not."""
    found = ((path, path.stat()) for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): (seen.st_ino, seen.st_mtime_ns) for path, seen in found}


def test_a_site_is_written_with_a_list_that_sha256sum_reads(tmp_path: Path) -> None:
    out = tmp_path / "public"
    written = public.write_site(out, tmp_path, SITE)
    assert held(out) == SITE
    assert (written.changed, written.removed, written.unchanged) == (tuple(sorted([*SITE, public.MANIFEST])), (), 0)
    listed = [line.split("  ") for line in (out / public.MANIFEST).read_text().splitlines()]
    assert listed == [[hashlib.sha256(SITE[name]).hexdigest(), name] for name in sorted(SITE)]


def test_a_file_that_is_right_already_is_not_touched(tmp_path: Path) -> None:
    out = tmp_path / "public"
    public.write_site(out, tmp_path, SITE)
    before = stamps(out)
    again = public.write_site(out, tmp_path, SITE)
    assert (again.changed, again.removed, again.unchanged) == ((), (), len(SITE) + 1)
    assert stamps(out) == before
    public.write_site(out, tmp_path, SITE | {"index.html": b"<p>Two</p>"})
    after = stamps(out)
    assert {name for name in after if after[name] != before[name]} == {"index.html", public.MANIFEST}


def test_what_no_build_makes_any_more_goes_with_its_empty_folders_and_foreign_files_stay(tmp_path: Path) -> None:
    out = tmp_path / "public"
    public.write_site(out, tmp_path, SITE)
    write(out, CNAME="status.acme.example", **{"incidents/a/notes.txt": "ours", ".well-known/security.txt": "x"})
    written = public.write_site(out, tmp_path, {"index.html": b"<p>One</p>"})
    assert written.removed == (".nojekyll", ".well-known/ours.txt", "incidents/a/index.html", "incidents/b/index.html")
    assert sorted(held(out)) == [".well-known/security.txt", "CNAME", "incidents/a/notes.txt", "index.html"]
    assert not (out / "incidents/b").exists()


def test_a_file_that_somebody_changed_or_removed_is_set_right(tmp_path: Path) -> None:
    out = tmp_path / "public"
    public.write_site(out, tmp_path, SITE)
    (out / "index.html").write_bytes(b"<p>Two</p>")
    (out / "incidents/a/index.html").unlink()
    assert public.write_site(out, tmp_path, SITE).changed == ("incidents/a/index.html", "index.html")
    assert held(out) == SITE


def test_files_can_be_read_by_everybody_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        public.write_site(tmp_path / "public", tmp_path, SITE)
    finally:
        os.umask(before)
    assert (tmp_path / "public/index.html").stat().st_mode & 0o777 == 0o644


def test_a_list_that_lies_leads_to_nothing_outside(tmp_path: Path) -> None:
    out, outside = tmp_path / "public", tmp_path / "outside"
    write(outside, **{"precious.txt": "precious"})
    public.write_site(out, tmp_path, SITE)
    (out / "link").symlink_to(outside)
    with (out / public.MANIFEST).open("a") as listed:
        for name in ("../outside/precious.txt", f"{outside}/precious.txt", "link/precious.txt", "no hash"):
            listed.write(f"{'0' * 64}  {name}\n")
    public.write_site(out, tmp_path, SITE)
    assert held(outside) == {"precious.txt": b"precious"}


def test_a_link_where_a_file_belongs_is_replaced_and_what_it_led_to_stays(tmp_path: Path) -> None:
    out = tmp_path / "public"
    write(tmp_path, another="<p>One</p>", **{"public/x": ""})
    (out / "index.html").symlink_to("../another")  # as long as the page is
    public.write_site(out, tmp_path, {"index.html": b"<p>One</p>"})
    assert not (out / "index.html").is_symlink()
    assert (tmp_path / "another").read_text() == "<p>One</p>"


@pytest.mark.parametrize("obstacle", ["incidents", "incidents/a", "link", "index.html/"])
def test_what_is_in_the_way_is_named_before_the_first_file_has_moved(tmp_path: Path, obstacle: str) -> None:
    out = tmp_path / "public"
    out.mkdir()
    if obstacle.endswith("/"):
        write(out, **{f"{obstacle}precious.txt": "precious"})
    elif obstacle == "link":
        (out / "incidents").symlink_to(tmp_path)
    else:
        write(out, **{obstacle: "precious"})
    before = held(out)
    with pytest.raises(UsageError, match=r"is in the way of the site: remove it, or choose another --out"):
        public.write_site(out, tmp_path, SITE)
    assert held(out) == before


def test_the_output_must_be_a_folder_of_its_own(tmp_path: Path) -> None:
    site = tmp_path / "parent/site"
    write(site, **{"components.yaml": "", ".git/config": ""})
    write(tmp_path, file="", **{"other/.git/config": ""})
    (tmp_path / "plain").mkdir()
    (tmp_path / "link").symlink_to("plain")
    refused = [site, tmp_path / "parent", tmp_path, Path("/"), tmp_path / "other", site / ".git", site / ".git/x"]
    for out in (*refused, tmp_path / "link", tmp_path / "file", site / ".." / "site"):
        with pytest.raises(UsageError, match="--out "):
            public.write_site(out, site, SITE)
    assert held(site) == {"components.yaml": b"", ".git/config": b""}
    public.write_site(site / "public", site, SITE)


def test_a_site_that_cannot_be_written_is_the_worlds_fault(tmp_path: Path) -> None:
    write(tmp_path, file="")
    with pytest.raises(WorldError, match="cannot write "):
        public.write_site(tmp_path / "file/public", tmp_path / "site", SITE)


def write_with_little_space(out: Path, then: str) -> subprocess.CompletedProcess[str]:
    """Write a changed site, in a process of its own in which no file may grow beyond LIMIT bytes."""
    program = f"""
import resource, signal, sys
from pathlib import Path
from statusgen import public
resource.setrlimit(resource.RLIMIT_FSIZE, ({LIMIT}, {LIMIT}))
signal.signal(signal.SIGXFSZ, signal.{then})
made = {{"index.html": b"new", "incidents/a/index.html": b"new", "incidents/c/index.html": b"x" * {LIMIT + 1}}}
public.write_site(Path(sys.argv[1]), Path(sys.argv[1]).parent, made)
"""
    return subprocess.run(
        [sys.executable, "-c", program, out], cwd=ROOT, capture_output=True, text=True, check=False, timeout=30
    )


def test_a_disk_that_is_full_leaves_the_old_site_as_it_was(tmp_path: Path) -> None:
    out = tmp_path / "public"
    public.write_site(out, tmp_path, SITE)
    before = stamps(out)
    done = write_with_little_space(out, then="SIG_IGN")
    assert "WorldError: cannot write" in done.stderr
    assert stamps(out) == before
    assert list(tmp_path.iterdir()) == [out]


def test_a_writer_that_is_killed_leaves_the_old_site_as_it_was_and_the_next_one_cleans_up(tmp_path: Path) -> None:
    out = tmp_path / "public"
    public.write_site(out, tmp_path, SITE)
    assert write_with_little_space(out, then="SIG_DFL").returncode < 0
    assert held(out) == SITE
    assert list(tmp_path.glob(".statusgen-*"))
    assert public.write_site(out, tmp_path, SITE).changed == ()
    assert list(tmp_path.iterdir()) == [out]
    assert held(out) == SITE


def test_what_is_on_its_way_to_a_folder_of_nearly_the_same_name_is_left_alone(tmp_path: Path) -> None:
    public.write_site(tmp_path / "public", tmp_path / "site", {"a.html": b"old", "b.html": b"old"})
    other = tmp_path / f".statusgen-public-2-{(tmp_path / 'public').stat().st_ino}"
    write(other, **{"a.html": "another site's"})
    public.write_site(tmp_path / "public", tmp_path / "site", {"a.html": b"new", "b.html": b"new"})
    assert held(other) == {"a.html": b"another site's"}


def test_a_folder_that_somebody_removed_after_a_writer_was_killed_is_made_anew(tmp_path: Path) -> None:
    out, new = tmp_path / "public", {"a.html": b"new", "b.html": b"new"}
    public.write_site(out, tmp_path / "site", {"a.html": b"old"})
    out.rename(tmp_path / f".statusgen-public-{out.stat().st_ino}")  # where the first of two folders waits
    public.write_site(out, tmp_path / "site", new)
    assert held(out) == new
    assert [path.name for path in tmp_path.iterdir()] == ["public"]


def test_of_two_writers_at_once_one_comes_after_the_other(tmp_path: Path) -> None:
    out = tmp_path / "public"
    sites: list[Mapping[str, bytes]] = [{f"{name}/{i}.txt": name.encode() for i in range(20)} for name in "abc"]
    for _ in range(2):
        threads = [threading.Thread(target=public.write_site, args=(out, tmp_path, site)) for site in sites]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert held(out) in sites


# Files that are made when they are needed.


def later(content: bytes, made: list[bytes], sha256: str | None = None) -> public.Later:
    """Return a file that notes when it is made; its hash is the content's if no other is given."""

    def make() -> bytes:
        made.append(content)
        return content

    return public.Later(hashlib.sha256(content).hexdigest() if sha256 is None else sha256, make)


def test_a_file_that_is_there_already_is_not_even_made(tmp_path: Path) -> None:
    made: list[bytes] = []
    out = tmp_path / "public"
    first = public.write_site(out, tmp_path, {"a.html": later(b"A", made), "b.html": later(b"B", made, "")})
    assert sorted(made) == [b"A", b"B"]
    made.clear()
    again = public.write_site(out, tmp_path, {"a.html": later(b"A", made), "b.html": later(b"B", made, "")})
    assert made == [b"B"]  # nobody knew its hash
    assert (again.changed, again.hashes, again.manifest) == ((), first.hashes, first.manifest)


def test_a_file_that_is_not_what_it_should_be_is_made(tmp_path: Path) -> None:
    out = tmp_path / "public"
    public.write_site(out, tmp_path, {"a.html": later(b"A", [])})
    for spoil in (lambda: (out / "a.html").write_bytes(b"x"), (out / "a.html").unlink):
        spoil()
        made: list[bytes] = []
        assert public.write_site(out, tmp_path, {"a.html": later(b"A", made)}).changed == ("a.html",)
        assert made == [b"A"]


def test_a_site_that_is_there_as_it_was_written_is_recognised(tmp_path: Path) -> None:
    out = tmp_path / "public"
    manifest = public.write_site(out, tmp_path, SITE).manifest
    before = public.written_before(out, tmp_path, manifest)
    assert before is not None
    assert (before.changed, before.removed, before.unchanged) == ((), (), len(SITE) + 1)
    (out / "foreign.txt").write_text("not ours")
    assert public.written_before(out, tmp_path, manifest) is not None
    assert public.written_before(out, tmp_path, "0" * 64) is None
    (out / "index.html").write_text("spoilt")
    assert public.written_before(out, tmp_path, manifest) is None
    assert public.written_before(tmp_path / "elsewhere", tmp_path, manifest) is None
