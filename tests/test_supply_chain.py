"""What the program is made of: few libraries, bounded, pinned by their hashes, and a release that anybody can rebuild.

Nothing here asks a network: locks are read, not resolved.
"""

from __future__ import annotations

import ast
import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name as canonical
from packaging.version import Version

from statusgen import __version__

from .sites import ROOT, commit_all, run_git, write

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
RUN = [Requirement(each) for each in PROJECT["project"]["dependencies"]]
EXTRAS = {
    extra: [Requirement(each) for each in wanted]
    for extra, wanted in PROJECT["project"]["optional-dependencies"].items()
}
GROUPS = {group: [Requirement(each) for each in wanted] for group, wanted in PROJECT["dependency-groups"].items()}
OF_USERS = ("grpc", "http2", "websocket", "json", "notify")  # what may be asked for beside the program
LOCKS = {
    "run": RUN,
    "extras": [*RUN, *(each for extra in OF_USERS for each in EXTRAS[extra])],
    "test": [*RUN, *(each for wanted in EXTRAS.values() for each in wanted)],
    **GROUPS,
}
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
DATED = {"certifi", "regex", "tzdata"}  # versions are days: none of them is the one that breaks
INDIRECT = {"tzdata"}  # read by zoneinfo
BASH = ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c")
RELEASE = ROOT / ".github/workflows/release.yml"


# Locks


class Pin(Requirement):
    """A line of a lock, with its hashes."""

    hashes: tuple[str, ...] = ()

    @property
    def version(self) -> Version:
        return Version(str(self.specifier).removeprefix("=="))


def options_and_pins(name: str) -> tuple[list[str], list[Pin]]:
    text = (ROOT / f"requirements/{name}.txt").read_text("utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    options = [line for line in lines if line.startswith("-")]
    return options, [pin(line) for line in lines if not line.startswith("-")]


def pin(line: str) -> Pin:
    said, *hashes = line.split(" --hash=")
    found = Pin(said)
    found.hashes = tuple(each.strip() for each in hashes)
    return found


def installed(name: str, python: str, platform: str = "linux") -> Iterator[Pin]:
    """Yield the pins that a lock has for a Python on a platform."""
    where = {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": platform,
        "platform_system": {"linux": "Linux", "darwin": "Darwin"}[platform],
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
        "os_name": "posix",
    }
    yield from (each for each in options_and_pins(name)[1] if each.marker is None or each.marker.evaluate(where))


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_says_the_version_and_the_hashes_of_everything_and_not_where_to_get_it(name: str) -> None:
    options, pins = options_and_pins(name)
    assert options == ["--only-binary :all:", "--no-binary feedgen"]  # no setup.py runs, but for that one
    for each in pins:
        assert re.fullmatch(r"==[\w.+]+", str(each.specifier)), each
        assert each.hashes, each
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", found) for found in each.hashes), each
        assert each.url is None
    assert "://" not in (ROOT / f"requirements/{name}.txt").read_text("utf-8")


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_has_what_is_declared_in_a_version_that_is_allowed(name: str, python: str) -> None:
    """If not: requirements/renew, which needs uv."""
    for platform in ("linux", "darwin"):
        pins = list(installed(name, python, platform))
        versions = {canonical(each.name): each.version for each in pins}
        assert len(versions) == len(pins)  # one version of each
        for wanted in LOCKS[name]:
            assert wanted.specifier.contains(versions[canonical(wanted.name)]), wanted


def test_what_is_tested_is_what_runs() -> None:
    pins = {(each.name, str(each.specifier), each.hashes) for each in options_and_pins("test")[1]}
    for name in ("run", "extras"):
        assert {(each.name, str(each.specifier), each.hashes) for each in options_and_pins(name)[1]} <= pins


def test_no_lock_lacks_its_line_in_the_command_that_renews_them() -> None:
    renewed = re.findall(r"^lock (\w+)", (ROOT / "requirements/renew").read_text("utf-8"), re.MULTILINE)
    assert sorted(renewed) == sorted(LOCKS) == sorted(path.stem for path in (ROOT / "requirements").glob("*.txt"))


def test_what_builds_is_what_is_declared_to_build() -> None:
    (declared,) = [Requirement(each) for each in PROJECT["build-system"]["requires"]]
    assert declared in GROUPS["build"]
    assert declared in EXTRAS["test"]


# What is declared


def test_every_library_has_an_upper_bound_unless_its_versions_are_days() -> None:
    for wanted in LOCKS["extras"]:
        operators = {each.operator for each in wanted.specifier}
        assert operators == ({">="} if wanted.name in DATED else {">=", "<"}), wanted


def imports(folder: str) -> set[str]:
    """Return the libraries that the modules of a folder name, also within functions."""
    found: set[str] = set()
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found - sys.stdlib_module_names - {"statusgen", "tests", "tools", "benchmarks", "__future__"}


def packages(libraries: Iterable[str], known: Mapping[str, list[str]]) -> set[str]:
    """Return the packages that bring libraries: ``dns`` comes with dnspython."""
    return {canonical(each) for library in libraries for each in known[library]}


def test_what_is_imported_is_declared_and_what_is_declared_is_imported() -> None:
    known = metadata.packages_distributions()
    declared = {canonical(each.name) for each in LOCKS["extras"]}
    assert packages(imports("statusgen"), known) == declared - INDIRECT


def test_each_library_has_its_reason_in_the_documentation() -> None:
    text = (ROOT / "docs/dependencies.md").read_text("utf-8")
    for wanted in LOCKS["extras"]:
        assert re.search(rf"^\| {re.escape(wanted.name)}\b", text, re.MULTILINE), wanted.name


def test_every_test_that_the_threat_model_names_is_there() -> None:
    text = (ROOT / "docs/security.md").read_text("utf-8")
    named = re.findall(r"`(tests/[\w/.]+)`", text)
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


# Exceptions


def exceptions() -> Iterator[tuple[str, str]]:
    """Yield where a rule about security is switched off, and what stands behind it."""
    for folder in ("statusgen", "tools", "benchmarks"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
                if found := re.search(r"#\s*(?:noqa: *S\d+|nosec)(.*)", line):
                    yield f"{path.relative_to(ROOT)}:{number}", found[1]


def test_every_exception_to_a_rule_about_security_says_why_where_it_stands() -> None:
    found = list(exceptions())
    assert found
    assert [place for place, said in found if len(said.strip(" -").split()) < 3] == []
    assert "S" in PROJECT["tool"]["ruff"]["lint"]["select"]


# The action


def asked_of_pip(folder: Path, **inputs: str) -> list[list[str]]:
    """Return what the action asks of pip, call by call, wherever it was put and whatever lies in the repository."""
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    (step,) = [step for step in action["runs"]["steps"] if step.get("name") == "Install"]
    given = {"VERSION": "", "EXTRAS": "", **inputs, "GITHUB_ACTION_PATH": "/the action", "RUNNER_TEMP": str(folder)}
    done = subprocess.run(
        [
            "bash",
            "--noprofile",
            "--norc",
            "-eo",
            "pipefail",
            "-c",
            f"pip() {{ printf '%q ' \"$@\"; echo; }}\n{step['run']}",
        ],
        env={"PATH": os.environ["PATH"], **given},
        capture_output=True,
        text=True,
        check=True,
    )
    return [shlex.split(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("extras", "lock", "program"),
    [
        ("", "run", "/the action"),
        ("notify", "extras", "/the action[notify]"),
        ("http2,grpc", "extras", "/the action[http2,grpc]"),
    ],
)
def test_the_action_installs_by_hash_and_once(tmp_path: Path, extras: str, lock: str, program: str) -> None:
    build, needed, own = asked_of_pip(tmp_path, EXTRAS=extras)
    by_hash = ["--require-hashes", "--requirement"]
    assert build == ["install", *by_hash, "/the action/requirements/build.txt"]
    assert needed == ["install", "--no-build-isolation", *by_hash, f"/the action/requirements/{lock}.txt"]
    assert own == ["install", "--no-build-isolation", "--no-deps", "--no-index", program]
    assert asked_of_pip(tmp_path, EXTRAS=extras) == []


def test_the_action_installs_what_it_is_told_to_instead(tmp_path: Path) -> None:
    assert asked_of_pip(tmp_path, VERSION="statusgen==0.1.0") == [["install", "statusgen==0.1.0"]]


# Releases


def script_of(name: str, job: str = "build") -> str:
    """Return what a step of the release runs."""
    steps = yaml.safe_load(RELEASE.read_text("utf-8"))["jobs"][job]["steps"]
    (found,) = [step["run"] for step in steps if step.get("name") == name]
    return str(found)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository with one commit of what is here."""
    folder = tmp_path_factory.mktemp("sources")
    for name in run_git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0"):
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    commit_all(folder)
    return folder


def release(sources: Path, folder: Path, tag: str, umask: int) -> subprocess.CompletedProcess[str]:
    """Run in a clone what the forge runs to build a release."""
    run_git(sources, "clone", "--quiet", str(sources), str(folder))
    python = f'python() {{ {shlex.quote(sys.executable)} "$@"; }}'
    script = "\n".join([python, script_of("Build"), script_of("Pin the program beside what it needs")])
    return subprocess.run(
        [*BASH, script],
        cwd=folder,
        env={**os.environ, "TAG": tag, "TZ": f"UTC{umask % 12}"},
        umask=umask,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def built(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return two clones, in folders unlike each other, in which a release was built."""
    base = tmp_path_factory.mktemp("built")
    folders = base / "one", base / "deeper/other"
    for folder, umask in zip(folders, (0o022, 0o077), strict=True):
        done = release(sources, folder, f"v{__version__}", umask)
        assert done.returncode == 0, done.stderr
    return folders


def test_a_release_is_the_same_bytes_wherever_it_is_built(built: tuple[Path, Path]) -> None:
    one, other = ({path.name: path.read_bytes() for path in folder.glob("pinned/*")} for folder in built)
    first, second = ({path.name: path.read_bytes() for path in folder.glob("packages/*")} for folder in built)
    assert sorted(first) == [f"statusgen-{__version__}-py3-none-any.whl", f"statusgen-{__version__}.tar.gz"]
    assert first == second
    assert sorted(one) == ["build.txt", "statusgen.txt"]
    assert one == other


def test_a_release_pins_itself_by_what_was_built_above_all_that_it_needs(built: tuple[Path, Path]) -> None:
    folder, _ = built
    digests = {hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("packages/*")}
    *others, last = (folder / "pinned/statusgen.txt").read_text().replace("\\\n", " ").splitlines()
    own = pin(last)
    assert (own.name, str(own.version)) == ("statusgen", __version__)
    assert set(own.hashes) == {f"sha256:{digest}" for digest in digests}
    assert "\n".join(others) + "\n" == (ROOT / "requirements/extras.txt").read_text().replace("\\\n", " ")


def test_what_is_released_holds_the_program_and_nothing_that_lay_about(built: tuple[Path, Path]) -> None:
    folder, _ = built
    (wheel,) = folder.glob("packages/*.whl")
    (sources,) = folder.glob("packages/*.tar.gz")
    with zipfile.ZipFile(wheel) as opened:
        names = opened.namelist()
    assert {name.partition("/")[0] for name in names} == {"statusgen", f"statusgen-{__version__}.dist-info"}
    tracked = {*run_git(folder, "ls-files").splitlines(), "PKG-INFO"}
    with tarfile.open(sources) as unpacked:
        inside = {name.partition("/")[2] for name in unpacked.getnames()}
    assert inside <= tracked
    assert {"SECURITY.md", "requirements/extras.txt", "action.yml"} <= inside


def test_a_tag_that_is_not_the_version_builds_nothing(sources: Path, tmp_path: Path) -> None:
    done = release(sources, tmp_path / "clone", "v99.0.0", 0o022)
    assert done.returncode == 1
    assert f"::error::The tag v99.0.0 is not v{__version__}: set __version__ in statusgen/__init__.py" in done.stdout
    assert not (tmp_path / "clone/packages").exists()


def test_a_release_has_everything_that_was_made_and_its_digests(tmp_path: Path) -> None:
    made = {"packages/a.whl": "A", "packages/a.tar.gz": "B", "pinned/build.txt": "C", "listed/sbom.cdx.json": "D"}
    write(tmp_path, **{f"made/{path}": text for path, text in made.items()})
    given = {"TAG": "v1.0.0", "NOTES": "Two words", "RUNNER_TEMP": str(tmp_path)}
    done = subprocess.run(
        [*BASH, f"gh() {{ printf '%q ' \"$@\"; }}\n{script_of('Release', 'release')}"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], **given},
        capture_output=True,
        text=True,
        check=True,
    )
    names = sorted(Path(path).name for path in made)
    asked = shlex.split(done.stdout)
    assert asked[:7] == ["release", "create", "v1.0.0", "--verify-tag", "--title", "v1.0.0", "--notes"]
    assert asked[7:9] == ["Two words", "--"]
    assert sorted(asked[9:]) == sorted(["SHA256SUMS", *names])
    lines = (tmp_path / "attached/SHA256SUMS").read_text().splitlines()
    digests = {Path(path).name: hashlib.sha256(text.encode()).hexdigest() for path, text in made.items()}
    assert sorted(lines) == sorted(f"{digest}  {name}" for name, digest in digests.items())
