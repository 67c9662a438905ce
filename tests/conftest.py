"""Fixtures: a git that knows nothing of the machine's settings, and a small site to work on."""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from statusgen import cli

from . import program, sites

GIT_SETTINGS = """\
[user]
name = Ann
email = ann@acme.example
[init]
defaultBranch = main
templateDir =
[core]
fsync = none
[gc]
auto = 0
[maintenance]
auto = false
[receive]
autogc = false
[pack]
threads = 1
"""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="Write tests/golden/*/out anew; review the diff.")


@pytest.fixture(autouse=True, scope="session")
def _own_git(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the settings of the machine and of a hook that runs the tests away from them."""
    settings = tmp_path_factory.mktemp("git") / "config"
    settings.write_text(GIT_SETTINGS)
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("GIT_")]:
            patch.delenv(name)
        patch.setenv("GIT_CONFIG_GLOBAL", str(settings))
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        yield


@pytest.fixture(autouse=True, scope="session")
def _tracebacks() -> Iterator[None]:
    """Let the program show its own faults, so that a test sees one: here, and in processes that inherit this."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STATUSGEN_TRACEBACK", "1")
        yield


@pytest.fixture(scope="session")
def _template(tmp_path_factory: pytest.TempPathFactory, _own_git: None) -> Path:
    folder = tmp_path_factory.mktemp("template") / "site"
    texts = {"components.yaml": sites.COMPONENTS, sites.INCIDENT: sites.INCIDENT_TEXT, ".gitignore": "/public/\n"}
    sites.write(folder, **texts, **sites.bare_theme())
    sites.commit_all(folder, "A site")
    sites.record(folder, list(sites.rounds(sites.NOW - 7_200, sites.NOW - 300)))
    sites.run_git(folder, "repack", "-adq")  # a copy of few files
    return folder


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory, _own_git: None) -> Iterator[Path]:
    """A script that is the program: a fork of a process that has imported everything already."""
    folder = tmp_path_factory.mktemp("installed")
    with program.served(folder / "served") as served:
        (folder / "statusgen").write_text(served.script)
        (folder / "statusgen").chmod(0o755)
        yield folder / "statusgen"


@pytest.fixture
def site(_template: Path, tmp_path: Path) -> Path:
    """A site's repository: two components, a resolved incident, two hours of samples up to ``sites.NOW``.

    It has a theme of one line a page, since compiling the real one is most of what building a small site takes.
    """
    return Path(shutil.copytree(_template, tmp_path / "site", symlinks=True))


@pytest.fixture(scope="session")
def _remote_template(_template: Path) -> Path:
    bare = _template.with_name("remote.git")
    sites.run_git(_template, "init", "--quiet", "--bare", str(bare))
    sites.run_git(_template, "push", "--quiet", str(bare), "main")
    return bare


@pytest.fixture
def remote(_remote_template: Path, tmp_path: Path) -> Path:
    """A bare repository that holds the site's main branch and no ledger yet."""
    return Path(shutil.copytree(_remote_template, tmp_path / "remote.git"))


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> sites.Run:
    """Run a command in this process, in a folder, with bytes for standard input; only an exit may end it."""

    def run(*arguments: object, at: Path, stdin: bytes = b"") -> sites.Ran:
        monkeypatch.chdir(at)
        monkeypatch.setattr(sys, "argv", ["statusgen", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code: object = 0
        try:
            cli.main()
        except SystemExit as ended:
            code = ended.code
        assert isinstance(code, int)
        out, err = capfd.readouterr()
        assert "Traceback" not in out + err
        assert code != cli.FAULT, err
        return sites.Ran(code, out, err)

    return run
