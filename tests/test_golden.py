"""Whole small sites as files: ``golden/<case>/in`` is built into ``golden/<case>/out``.

``pytest --update-golden`` writes ``out`` and ``problems.txt`` anew; review the difference. The theme's files that
are copied as they are, the manifest of hashes and the program's version are left out of it.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from statusgen import __version__, app, public
from statusgen.periods import parse_instant

from . import sites
from .render.published import STATIC, THEME

FOLDER = Path(__file__).parent / "golden"
NOW = "2026-11-21T12:07Z"
CASES = sorted(path.name for path in FOLDER.iterdir())


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def kept(made: dict[str, bytes]) -> dict[str, bytes]:
    """Return the files that are compared, without the version and what hangs on it, which change with every release."""
    version = re.compile(rb"(statusgen\W{1,4})" + re.escape(__version__.encode()) + rb"\b")
    identity = re.compile(rb'((?:data-id=|"id":)")[0-9a-f]{16}"')  # of the present, by this version
    return {
        path: identity.sub(rb'\1IDENTITY"', version.sub(rb"\1VERSION", content))
        for path, content in made.items()
        if path not in STATIC and path != public.MANIFEST
    }


def replace(folder: Path, made: dict[str, bytes]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for path, content in made.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A case's folder, a copy of its site outside of any repository, what was built there, and the problems named."""

    folder: Path
    site: Path
    made: dict[str, bytes]
    problems: str


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    site = tmp_path_factory.mktemp(request.param) / "site"
    shutil.copytree(FOLDER / request.param / "in", site)
    built = app.build(site, site / "public", parse_instant(NOW))
    problems = "".join(f"{problem.level} {problem}\n" for problem in built.problems)
    return Case(folder=FOLDER / request.param, site=site, made=tree(site / "public"), problems=problems)


def test_a_site_is_built_as_it_was_before(case: Case, request: pytest.FixtureRequest) -> None:
    made = kept(case.made)
    if request.config.getoption("--update-golden"):
        replace(case.folder / "out", made)
        (case.folder / "problems.txt").write_text(case.problems, "utf-8")
    expected = tree(case.folder / "out")
    assert sorted(made) == sorted(expected)
    for path, content in made.items():
        assert content.decode("utf-8", "replace") == expected[path].decode("utf-8", "replace"), path
    assert made == expected
    assert case.problems == (case.folder / "problems.txt").read_text("utf-8")


def test_what_is_copied_is_the_themes_and_the_manifest_is_true(case: Case) -> None:
    assert all(case.made[name] == THEME[name] for name in STATIC)
    listed = dict(reversed(line.split("  ", 1)) for line in case.made[public.MANIFEST].decode().splitlines())
    hashes = {path: hashlib.sha256(content).hexdigest() for path, content in case.made.items()}
    assert listed == {path: value for path, value in hashes.items() if path != public.MANIFEST}


def test_a_second_build_writes_nothing(case: Case) -> None:
    again = app.build(case.site, case.site / "public", parse_instant(NOW)).written
    assert (again.changed, again.removed) == ((), ())


@pytest.mark.parametrize("case", ["whole"], indirect=True)
def test_zone_language_and_hash_seed_make_no_difference(case: Case) -> None:
    elsewhere = {"TZ": "Pacific/Chatham", "LANG": "tr_TR.UTF-8", "LC_ALL": "tr_TR.UTF-8", "PYTHONHASHSEED": "4711"}
    done = sites.statusgen("build", "--now", NOW, "--out", "elsewhere", at=case.site, environment=elsewhere)
    assert done.returncode == 0, done.stderr
    assert tree(case.site / "elsewhere") == case.made


@pytest.mark.parametrize("case", ["whole"], indirect=True)
def test_what_is_wrong_or_a_draft_is_not_on_the_page_and_the_rest_is(case: Case) -> None:
    everything = b"".join(case.made.values())
    assert b"Nobody must see this" not in everything
    assert b"This one is wrong" not in everything
    assert b"Some customers cannot log in" in everything
