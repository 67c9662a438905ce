"""The disk: nothing but plain files is read, and what is written is there whole."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from statusgen import files
from statusgen.errors import Level, SourceError, WorldError

from .pictures import PNG, chunk, png
from .sites import write

LIMIT = 50_000  # bytes a file may have, for the tests of a disk that is full
SITE = {"index.html": b"<p>One</p>", "incidents/a/index.html": b"A", "incidents/b/index.html": b"B", ".nojekyll": b""}


def refusal(read: Callable[[], object]) -> str:
    with pytest.raises(SourceError) as refused:
        read()
    return str(refused.value)


def held(folder: Path) -> dict[str, bytes]:
    """Return every file in a folder, ours or not."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


# Reading.


def test_a_file_is_read_as_utf_8_text(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes("Grüße\r\n".encode())
    assert files.read_text(tmp_path, "a.md") == "Grüße\r\n"


def test_text_that_is_not_utf_8_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"one\ntwo\nGr\xfc\xdfe")
    assert refusal(lambda: files.read_text(tmp_path, "a.md")) == "a.md:3: is not UTF-8 text: save it as UTF-8"


def test_whoever_stands_in_a_folder_of_the_site_is_shown_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, **{"a site/components.yaml": "x", "a site/incidents/old/a.md": "x"})
    site = tmp_path / "a site"
    shown = {
        site / "incidents": (Path(), "there is one in .., go there, or add --site .."),
        site / "incidents/old": (Path(), "there is one in ../.., go there, or add --site ../.."),
        tmp_path: (Path("a site/incidents"), "there is one in a site, go there, or add --site 'a site'"),
        Path("/"): (site / "incidents", f"there is one in {site}, go there, or add --site '{site}'"),
    }
    for here, (base, remedy) in shown.items():
        monkeypatch.chdir(here)
        said = refusal(lambda base=base: files.read_text(base, "components.yaml"))  # type: ignore[misc]
        assert said == f"components.yaml:1: does not exist: {remedy}"


def test_above_the_top_of_a_repository_no_file_is_looked_for(tmp_path: Path) -> None:
    write(tmp_path, **{"components.yaml": "x", "repository/.git/HEAD": "x", "repository/docs/a.md": "x"})
    said = refusal(lambda: files.read_text(tmp_path / "repository/docs", "components.yaml"))
    assert said.endswith("does not exist: create it (statusgen init makes a site to start from)")


def test_a_missing_file_is_named_with_the_remedy(tmp_path: Path) -> None:
    assert "components.yaml:1: does not exist: create it" in refusal(
        lambda: files.read_text(tmp_path, "components.yaml")
    )


@pytest.mark.parametrize("target", ["/etc/passwd", "real.md", "missing.md"])
def test_a_link_to_a_file_is_refused_wherever_it_leads(tmp_path: Path, target: str) -> None:
    write(tmp_path, **{"real.md": "text"})
    (tmp_path / "link.md").symlink_to(target)
    assert refusal(lambda: files.read_text(tmp_path, "link.md")).startswith("link.md:1: is a symbolic link")


def test_a_link_to_a_folder_on_the_way_is_refused_and_named(tmp_path: Path) -> None:
    write(tmp_path, **{"real/inner/a.md": "text"})
    (tmp_path / "link").symlink_to("real")
    assert refusal(lambda: files.read_text(tmp_path, "link/inner/a.md")).startswith("link:1: is a symbolic link")


def test_a_site_may_itself_be_reached_through_a_link(tmp_path: Path) -> None:
    write(tmp_path, **{"real/a.md": "text"})
    (tmp_path / "link").symlink_to("real")
    assert files.read_text(tmp_path / "link", "a.md") == "text"


def test_a_pipe_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.md")
    assert refusal(lambda: files.read_text(tmp_path, "a.md")) == "a.md:1: is not a plain file: remove it"


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "a.md").mkdir()
    assert refusal(lambda: files.read_text(tmp_path, "a.md")) == "a.md:1: is not a plain file: remove it"


def test_a_file_below_a_file_cannot_be_read(tmp_path: Path) -> None:
    write(tmp_path, a="text")
    assert refusal(lambda: files.read_text(tmp_path, "a/b.md")) == "a/b.md:1: cannot be read: Not a directory"


def test_a_file_may_have_256_kilobytes_and_not_a_byte_more(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"x" * files.MAX_TEXT)
    assert len(files.read_text(tmp_path, "a.md")) == files.MAX_TEXT
    (tmp_path / "a.md").write_bytes(b"x" * (files.MAX_TEXT + 1))
    assert refusal(lambda: files.read_text(tmp_path, "a.md")) == "a.md:1: is larger than 256 KB: make it smaller"


# Incidents.


def problems(folder: files.Folder) -> list[str]:
    return [f"{problem} [{problem.level}]" for problem in folder.problems]


def test_a_missing_folder_of_incidents_is_an_empty_one(tmp_path: Path) -> None:
    assert files.read_prose(tmp_path, "incidents") == files.Folder({}, {}, ())


def test_incidents_and_images_are_read_and_all_else_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path, **{"incidents/b.md": "B", "incidents/a.md": "A", "incidents/README.md": "How to"})
    write(tmp_path, **{"incidents/.draft.md": "hidden", "incidents/.git/x.md": "hidden", "incidents/notes.txt": "?"})
    (tmp_path / "incidents/images").mkdir()
    (tmp_path / "incidents/images/graph.png").write_bytes(PNG)
    read = files.read_prose(tmp_path, "incidents")
    assert read.texts == {"incidents/a.md": "A", "incidents/b.md": "B"}
    assert read.images == {"incidents/images/graph.png": PNG}
    assert problems(read) == [
        "incidents/notes.txt:1: is neither Markdown nor an image (.png, .jpg, .jpeg, .gif, .webp) and was passed over"
        " [warning]"
    ]


def test_an_incident_in_a_folder_of_its_own_is_refused_with_the_place_it_belongs_to(tmp_path: Path) -> None:
    write(tmp_path, **{"incidents/2026/a.md": "A"})
    read = files.read_prose(tmp_path, "incidents")
    assert read.texts == {}
    assert problems(read) == ["incidents/2026/a.md:1: lies too deep: move it to incidents/a.md [error]"]


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.jpeg", "a.gif", "a.webp", "A.PNG"])
def test_a_file_that_only_calls_itself_an_image_is_refused(tmp_path: Path, name: str) -> None:
    write(tmp_path, **{f"incidents/{name}": "<svg onload='alert(1)'/>"})
    read = files.read_prose(tmp_path, "incidents")
    assert read.images == {}
    assert problems(read)[0].startswith(f"incidents/{name}:1: is not the image that ")


def test_an_image_is_read_without_what_does_not_show(tmp_path: Path) -> None:
    (tmp_path / "incidents").mkdir()
    (tmp_path / "incidents/a.png").write_bytes(png(1, 1, chunk(b"tEXt", b"Comment\0<script>")))
    (tmp_path / "incidents/b.png").write_bytes(PNG + b"<script>")
    read = files.read_prose(tmp_path, "incidents")
    assert read.images == {"incidents/a.png": PNG}
    assert problems(read) == ["incidents/b.png:1: goes on for 8 bytes after the image's end: export it again [error]"]


def test_of_files_whose_names_differ_by_capitals_one_is_read(tmp_path: Path) -> None:
    for name in ("A.png", "a.png", "Img/b.png", "img/B.png"):
        (tmp_path / "incidents" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "incidents" / name).write_bytes(PNG)
    write(tmp_path, **{"incidents/c.md": "small", "incidents/C.md": "large", "incidents/D.MD": "only"})
    read = files.read_prose(tmp_path, "incidents")
    assert (list(read.images), list(read.texts)) == (["incidents/a.png", "incidents/Img/b.png"], ["incidents/c.md"])
    told = "by capitals only, and some systems hold one of the two: rename it [error]"
    assert problems(read) == [
        f"incidents/A.png:1: differs from incidents/a.png {told}",
        f"incidents/C.md:1: differs from incidents/c.md {told}",
        "incidents/D.MD:1: has a suffix in capitals: rename it to D.md [error]",
        f"incidents/img/B.png:1: differs from incidents/Img/b.png {told}",
    ]


@pytest.mark.parametrize("folder", ["index.html", "a/index.html", "v1.2"])
def test_no_image_lies_where_a_file_of_the_site_may_be(tmp_path: Path, folder: str) -> None:
    (tmp_path / "incidents" / folder).mkdir(parents=True)
    (tmp_path / "incidents" / folder / "a.png").write_bytes(PNG)
    read = files.read_prose(tmp_path, "incidents")
    assert read.images == {}
    assert problems(read)[0].startswith(f"incidents/{folder}/a.png:1: lies in a folder with a dot in its name")


def test_an_image_may_have_five_megabytes(tmp_path: Path) -> None:
    write(tmp_path, **{"incidents/a.md": "A"})
    (tmp_path / "incidents/a.png").write_bytes(PNG.ljust(files.MAX_IMAGE + 1))
    read = files.read_prose(tmp_path, "incidents")
    assert (list(read.texts), read.images) == (["incidents/a.md"], {})
    assert problems(read) == ["incidents/a.png:1: is larger than 5120 KB: make it smaller [error]"]


def test_what_cannot_be_used_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    write(tmp_path, **{"incidents/good.md": "Good", "elsewhere/secret.md": "Secret"})
    folder = tmp_path / "incidents"
    (folder / "binary.md").write_bytes(b"\xff\xfe")
    (folder / "link.md").symlink_to("/proc/self/environ")
    (folder / "link.png").symlink_to("/etc/passwd")
    (folder / "folder.md").symlink_to("../elsewhere")
    os.mkfifo(folder / "pipe.md")
    read = files.read_prose(tmp_path, "incidents")
    assert read.texts == {"incidents/good.md": "Good"}
    assert read.images == {}
    assert [(problem.path, problem.level) for problem in read.problems] == [
        (f"incidents/{name}", Level.ERROR) for name in ("binary.md", "folder.md", "link.md", "link.png", "pipe.md")
    ]


def test_a_linked_folder_of_images_is_not_followed(tmp_path: Path) -> None:
    write(tmp_path, **{"elsewhere/a.md": "A", "incidents/good.md": "Good"})
    (tmp_path / "incidents/images").symlink_to("../elsewhere")
    read = files.read_prose(tmp_path, "incidents")
    assert read.texts == {"incidents/good.md": "Good"}
    assert [problem.path for problem in read.problems] == ["incidents/images"]


def test_a_folder_of_incidents_that_is_a_link_is_refused_rather_than_taken_for_empty(tmp_path: Path) -> None:
    write(tmp_path, **{"elsewhere/a.md": "A"})
    (tmp_path / "incidents").symlink_to("elsewhere")
    read = files.read_prose(tmp_path, "incidents")
    assert read.texts == {}
    assert problems(read) == ["incidents:1: is a symbolic link: put the file or folder itself there [error]"]


def test_a_file_in_place_of_the_folder_of_incidents_is_named(tmp_path: Path) -> None:
    write(tmp_path, incidents="text")
    assert problems(files.read_prose(tmp_path, "incidents")) == [
        "incidents:1: is not a folder: move the file elsewhere [error]"
    ]


@pytest.mark.parametrize("name", ["a\nb.png", "a\x1b[2J.png", "a\u2028b.png", "a\u202eb.png", "\udcff.png"])
def test_a_name_that_no_address_can_hold_is_refused_and_shown_on_one_line(tmp_path: Path, name: str) -> None:
    (tmp_path / "incidents").mkdir()
    (tmp_path / "incidents" / name).write_bytes(PNG)
    read = files.read_prose(tmp_path, "incidents")
    assert read.images == {}
    (problem,) = problems(read)
    assert problem.isprintable()
    assert problem.endswith(":1: has a name that no address can hold: rename it [error]")


def test_a_tree_is_read_by_paths_relative_to_it(tmp_path: Path) -> None:
    write(tmp_path, **{"themes/own/base.html": "base", "themes/own/deep/x.css": "x", "themes/own/.swp": "hidden"})
    assert files.read_tree(tmp_path, "themes/own") == {"base.html": b"base", "deep/x.css": b"x"}
    assert files.read_tree(tmp_path / "themes", "") == {"own/base.html": b"base", "own/deep/x.css": b"x"}
    assert files.read_tree(tmp_path, "themes/other") == {}


def test_what_is_not_wanted_of_a_tree_is_not_even_looked_at(tmp_path: Path) -> None:
    write(tmp_path, **{"data/a.jsonl": "line"})
    os.mkfifo(tmp_path / "data/pipe")
    assert files.read_tree(tmp_path, "data", lambda name: name.endswith(".jsonl")) == {"a.jsonl": b"line"}


@pytest.mark.parametrize("link", ["themes", "themes/own", "themes/own/base.html"])
def test_a_tree_with_a_link_in_it_or_on_the_way_is_refused(tmp_path: Path, link: str) -> None:
    write(tmp_path, **{"themes/own/base.html": "base"})
    (tmp_path / link).rename(tmp_path / "moved")
    (tmp_path / link).symlink_to(tmp_path / "moved")
    assert refusal(lambda: files.read_tree(tmp_path, "themes/own")).startswith(f"{link}:1: is a symbolic link")


# Writing one file.


def test_a_file_is_written_with_its_folders_and_nothing_beside_it(tmp_path: Path) -> None:
    files.write(tmp_path / "a/b/c.txt", b"one")
    files.write(tmp_path / "a/b/c.txt", b"two")
    assert held(tmp_path) == {"a/b/c.txt": b"two"}
    assert [path.name for path in (tmp_path / "a/b").iterdir()] == ["c.txt"]


def test_a_file_that_cannot_be_written_is_the_worlds_fault(tmp_path: Path) -> None:
    write(tmp_path, a="text")
    with pytest.raises(WorldError, match=r"cannot write .*a/b\.txt: "):
        files.write(tmp_path / "a/b.txt", b"")


def test_a_private_file_is_its_owners_alone_and_replaces_whatever_lay_there(tmp_path: Path) -> None:
    write(tmp_path, other="not to be touched", **{"logs/x.log": "one"})
    (tmp_path / "logs/y.log").symlink_to("../other")
    for name in ("x", "y"):
        files.write_private(tmp_path / f"logs/{name}.log", b"two")
        assert stat.S_IMODE((tmp_path / f"logs/{name}.log").lstat().st_mode) == 0o600
    assert held(tmp_path) == {"logs/x.log": b"two", "logs/y.log": b"two", "other": b"not to be touched"}
    with pytest.raises(WorldError, match=r"cannot write .*other/x\.log: "):
        files.write_private(tmp_path / "other/x.log", b"")


def test_who_comes_second_waits_until_the_first_is_done(tmp_path: Path) -> None:
    order = []
    waiting = threading.Event()

    def second() -> None:
        waiting.set()
        with files.alone(tmp_path / "folder"):
            order.append("second")

    thread = threading.Thread(target=second)
    with files.alone(tmp_path / "folder"):
        thread.start()
        waiting.wait()
        thread.join(0.05)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]
