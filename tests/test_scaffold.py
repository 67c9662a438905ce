"""``statusgen init``: what it makes passes the program's own check, and nothing is ever overwritten."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
import yaml

from statusgen import __version__, app, config, scaffold
from statusgen.errors import StatusgenError, UsageError

from .sites import NOW, ROOT, statusgen, write

NAME, URL = "Acme Status", "https://status.acme.example"
FORGES = ("github", "gitlab", "forgejo", "server")
GITHUB = scaffold.host("github")


@pytest.mark.parametrize("forge", FORGES)
def test_what_is_made_passes_the_check_and_can_be_built(tmp_path: Path, forge: str) -> None:
    made = scaffold.create(tmp_path / "new", NAME, URL, NOW, scaffold.host(forge))
    assert sorted(made) == sorted(
        path.relative_to(tmp_path / "new").as_posix() for path in (tmp_path / "new").rglob("*") if path.is_file()
    )
    assert app.check(tmp_path / "new", NOW, {}, require_secrets=True) == ()
    built = app.build(tmp_path / "new", tmp_path / "public", NOW)
    assert built.problems == ()
    assert b"Acme Status" in (tmp_path / "public/index.html").read_bytes()


@pytest.mark.parametrize("forge", FORGES)
def test_what_is_left_to_do_is_said_in_six_lines(forge: str) -> None:
    first, *rest = scaffold.host(forge).following
    assert first.startswith("Next: ")
    assert len(rest) <= 5
    assert all(len(line) <= 120 for line in (first, *rest))


def test_each_forge_gets_its_own_files_and_no_others() -> None:
    found = {forge: set(scaffold.host(forge).files) for forge in FORGES}
    assert found["github"] >= {".github/workflows/probe.yml", ".github/ISSUE_TEMPLATE/incident.yml"}
    assert found["gitlab"] == {".gitlab-ci.yml"}
    assert found["forgejo"] == {f".forgejo/workflows/{name}.yml" for name in ("status", "check", "incident")}
    assert found["server"] == {f"deploy/{name}" for name in scaffold.UNITS}


@pytest.mark.parametrize(("forge", "interval"), [("github", 60), ("server", 60), ("gitlab", 300), ("forgejo", 300)])
def test_the_interval_is_what_the_schedule_really_does(forge: str, interval: int) -> None:
    text = scaffold.contents(NAME, URL, NOW, scaffold.host(forge))["components.yaml"]
    assert config.read(text).probing.interval == interval
    (line,) = [line for line in text.splitlines() if line.startswith("probing:")]
    assert ("# must be what " in line) is (interval == 300)


def test_the_cron_line_of_forgejo_is_as_often_as_its_interval() -> None:
    text = scaffold.host("forgejo").files[".forgejo/workflows/status.yml"]
    (schedule,) = yaml.load(text, yaml.BaseLoader)["on"]["schedule"]
    assert re.fullmatch(r"[\d-]+/5 \* \* \* \*", schedule["cron"])


def test_the_web_server_is_told_the_host_of_the_page() -> None:
    made = scaffold.contents(NAME, f"{URL}:8443/", NOW, scaffold.host("server"))["deploy/nginx.conf"]
    assert "    server_name status.acme.example;\n" in made
    assert "certbot --nginx -d status.acme.example'" in made
    assert "example.org" not in made


@pytest.mark.parametrize("forge", ["gitlab", "forgejo"])
def test_a_forge_that_is_not_github_installs_this_version(forge: str) -> None:
    for text in scaffold.host(forge).files.values():
        assert re.search(rf"^  STATUSGEN: statusgen(\[notify\])?=={re.escape(__version__)}$", text, re.MULTILINE)


def test_the_command_says_what_it_wrote_and_what_to_do_next(tmp_path: Path) -> None:
    done = statusgen("init", "new", "--name", "Grüße & <Co>: 'Status' \"1\"", "--url", f"{URL}/", at=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "wrote new/components.yaml" in done.stdout.splitlines()
    assert "Next: edit components.yaml, run 'statusgen check'" in done.stdout
    site = config.read((tmp_path / "new/components.yaml").read_text("utf-8"))
    assert (site.name, site.url, site.authority) == ("Grüße & <Co>: 'Status' \"1\"", URL, site.authority)


def test_the_ids_of_feeds_are_fixed_by_host_and_year(tmp_path: Path) -> None:
    scaffold.create(tmp_path, NAME, "http://127.0.0.1:8000/status", NOW, GITHUB)
    assert config.read((tmp_path / "components.yaml").read_text()).authority == "127.0.0.1,2026"


def test_what_probes_saw_stays_the_sites_own_wherever_it_moves(tmp_path: Path) -> None:
    scaffold.create(tmp_path, NAME, URL, NOW, GITHUB)
    text = (tmp_path / "components.yaml").read_text()
    moved = config.read(text.replace(URL, "https://status.other.example"))
    assert (moved.id, moved.is_named) == ("status-acme-example", True)
    assert config.read(text.replace("  id: ", "  # id: ")).id == moved.id  # what it was before it had one


def test_the_schema_that_editors_are_pointed_at_comes_along(tmp_path: Path) -> None:
    scaffold.create(tmp_path, NAME, URL, NOW, GITHUB)
    pointer = (tmp_path / "components.yaml").read_text().splitlines()[0]
    assert pointer == "# yaml-language-server: $schema=docs/components.schema.json"
    assert json.loads((tmp_path / "docs/components.schema.json").read_text()) == config.schema()


def test_the_workflows_are_those_of_this_repository_with_the_action_of_this_version() -> None:
    made = GITHUB.files
    for name in scaffold.WORKFLOWS:
        ours = (ROOT / ".github/workflows" / name).read_text()
        text = made[f".github/workflows/{name}"]
        assert text.replace(f"uses: statusgen/statusgen@v{__version__}", "uses: ./") == ours
        assert "uses: ./" not in text
        assert yaml.safe_load(text)["name"] == yaml.safe_load(ours)["name"]


def test_another_action_may_be_used(tmp_path: Path) -> None:
    done = statusgen("init", "new", "--action", f"acme/statusgen@{'a' * 40}", at=tmp_path)
    assert done.returncode == 0, done.stderr
    assert f"uses: acme/statusgen@{'a' * 40}\n" in (tmp_path / "new/.github/workflows/publish.yml").read_text()


@pytest.mark.parametrize(
    "arguments",
    [
        ("--action", "acme/statusgen"),
        ("--action", "a/b@c\n  run: evil"),
        ("--action", "./@x y"),
        ("--forge", "gitlab", "--action", "a/b@c"),
        ("--forge", "sourcehut"),
    ],
)
def test_what_is_no_action_or_forge_is_refused_and_nothing_is_written(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    done = statusgen("init", "new", *arguments, at=tmp_path)
    assert done.returncode == 2
    assert not (tmp_path / "new").exists()


def test_everything_that_is_written_comes_with_the_wheel() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    included = settings["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    shipped = {ROOT / path: place for path, place in included.items()}
    recipes = ["forgejo-status.yml", "forgejo-check.yml", "forgejo-incident.yml", "gitlab-ci.yml", *scaffold.UNITS]
    wanted = [*(f".github/workflows/{name}" for name in scaffold.WORKFLOWS), scaffold.FORM, ".github/dependabot.yml"]
    for path in [*wanted, *(f"docs/recipes/{name}" for name in recipes)]:
        (over,) = [each for each in (ROOT / path, *(ROOT / path).parents) if each in shipped]
        assert shipped[over] == f"statusgen/{over.relative_to(ROOT).as_posix()}"  # where files.shipped looks


@pytest.mark.parametrize(("name", "what"), [("incidents", "folder"), (".gitignore", "file")])
def test_nothing_is_written_where_a_link_leads_elsewhere(tmp_path: Path, name: str, what: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / name).symlink_to(elsewhere if what == "folder" else elsewhere / "nowhere")
    with pytest.raises(StatusgenError, match="is a symbolic link: put the file or folder itself there"):
        scaffold.create(tmp_path / "site", NAME, URL, NOW, GITHUB)
    assert not list(elsewhere.iterdir())
    assert [each.name for each in (tmp_path / "site").iterdir()] == [name]


@pytest.mark.parametrize(
    "path", ["components.yaml", "incidents/README.md", ".gitignore", ".github/workflows/probe.yml"]
)
def test_nothing_that_exists_is_overwritten_and_then_nothing_is_written(tmp_path: Path, path: str) -> None:
    write(tmp_path, **{path: "precious"})
    with pytest.raises(StatusgenError, match="exists already: choose an empty folder, or remove it first") as refused:
        scaffold.create(tmp_path, NAME, URL, NOW, GITHUB)
    assert str(tmp_path / path) in str(refused.value)
    assert [each.read_text() for each in tmp_path.rglob("*") if each.is_file()] == ["precious"]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "status.acme.example",
        "ftp://status.acme.example",
        "https://",
        "https://status.acme.example/?a=1",
        "https://status.acme.example/#top",
        "https://ann:hunter2@status.acme.example",
        "https://status acme.example",
        "https://${env:HOST}/",
        'https://status.acme.example/"\nsite: {}',
        "javascript:alert(1)",
    ],
)
def test_an_address_that_is_none_is_refused_before_anything_is_written(tmp_path: Path, url: str) -> None:
    with pytest.raises(UsageError, match="--url"):
        scaffold.create(tmp_path / "new", NAME, url, NOW, GITHUB)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("name", ["", "x" * 200, "${env:NAME}"])
def test_a_name_that_cannot_be_shown_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="--name"):
        scaffold.create(tmp_path / "new", name, URL, NOW, GITHUB)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("name", ['"', "a: b", "{x}", "$name $$", "# no comment", "'", "\\n", "yes", "1"])
def test_a_name_is_taken_as_it_is(tmp_path: Path, name: str) -> None:
    made = scaffold.contents(name, URL, NOW, GITHUB)["components.yaml"]
    assert config.read(made).name == name
