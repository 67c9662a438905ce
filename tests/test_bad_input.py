"""Every kind of bad input and what a person is told about it: one folder of ``bad/`` per case.

To add a case, make a folder named after the mistake, put the bad file into it as it would lie in a site's
repository (``components.yaml``, ``incidents/….md``, ``corrections/….yaml``, ``slo/….yaml`` or ``pages/….md``), and
write what should be said into ``expected.txt``: one problem a line, warnings with ``warning: `` before them. Where a
case has no ``components.yaml``, that in ``bad/`` is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from statusgen import config, corrections, documents, files, incidents, openslo
from statusgen.errors import Level, Problem, SourceError

BAD = Path(__file__).parent / "bad"
CASES = sorted(folder.name for folder in BAD.iterdir() if folder.is_dir())
LINE = re.compile(r"(warning: )?[\w ./-]+:[1-9]\d*: \S.*")


def text_of(path: Path) -> str:
    return path.read_bytes().decode()  # as it is: universal newlines would hide what some cases are about


def problems(site: Path) -> tuple[Problem, ...]:
    """Return what is wrong with the files of a site."""
    components = site / config.PATH
    try:
        read = config.read(text_of(components if components.exists() else BAD / config.PATH))
    except SourceError as error:
        return error.problems
    known = [component.id for component in read.components]
    texts = {path.relative_to(site).as_posix(): text_of(path) for path in site.glob("incidents/*.md")}
    pages = files.read_prose(site, documents.FOLDER)
    declared, corrected = files.read_yaml(site, openslo.FOLDER), files.read_yaml(site, corrections.FOLDER)
    return (
        *incidents.read_all(texts, known).problems,
        *(problem for folder in (pages, declared, corrected) for problem in folder.problems),
        *openslo.read_all(declared.texts, read).problems,
        *corrections.read_all(corrected.texts, known).problems,
        *documents.read_all(pages.texts).problems,
    )


def written(found: Iterable[Problem]) -> list[str]:
    return [f"warning: {problem}" if problem.level is Level.WARNING else str(problem) for problem in found]


@pytest.mark.parametrize("case", CASES)
def test_bad_input_is_named_by_path_line_and_remedy(case: str) -> None:
    expected = text_of(BAD / case / "expected.txt").splitlines()
    assert written(problems(BAD / case)) == expected
    assert expected
    assert all(LINE.fullmatch(line) for line in expected)


def test_the_table_covers_at_least_a_hundred_kinds_each_told_in_its_own_words() -> None:
    told = [text_of(BAD / case / "expected.txt") for case in CASES]
    assert len(told) >= 100
    assert len({re.sub(r"^\S+:\d+: ", "", each) for each in told}) >= 100


def test_the_components_that_incidents_are_read_next_to_are_good() -> None:
    assert [component.id for component in config.read(text_of(BAD / config.PATH)).components] == ["api", "web"]


def test_a_file_of_more_than_256_kilobytes_is_refused() -> None:
    with pytest.raises(SourceError) as refused:
        config.read("# a long story\n" * 20_000)
    assert written(refused.value.problems) == ["components.yaml:1: is larger than 256 KB: make it shorter"]


def test_front_matter_of_more_than_256_kilobytes_is_refused() -> None:
    text = "---\n" + "# a long story\n" * 20_000 + "title: T\n---\n"
    reading = incidents.read_all({"incidents/a.md": text}, ())
    assert written(reading.problems) == ["incidents/a.md:2: is larger than 256 KB: make it shorter"]
