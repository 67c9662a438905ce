"""``statusgen init``: what it makes passes the program's own check, and nothing is ever overwritten."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from statusgen import __version__, app, config, scaffold
from statusgen.errors import StatusgenError, UsageError

from .sites import NOW, ROOT, statusgen, write

NAME, URL = "Acme Status", "https://status.acme.example"


def test_what_is_made_passes_the_check_and_can_be_built(tmp_path: Path) -> None:
    made = scaffold.create(tmp_path / "new", NAME, URL, NOW)
    assert sorted(made) == sorted(
        path.relative_to(tmp_path / "new").as_posix() for path in (tmp_path / "new").rglob("*") if path.is_file()
    )
    assert app.check(tmp_path / "new", NOW, {}, require_secrets=True) == ()
    built = app.build(tmp_path / "new", tmp_path / "public", NOW)
    assert built.problems == ()
    assert b"Acme Status" in (tmp_path / "public/index.html").read_bytes()


def test_the_command_says_what_it_wrote_and_what_to_do_next(tmp_path: Path) -> None:
    done = statusgen("init", "new", "--name", "Grüße & <Co>: 'Status' \"1\"", "--url", f"{URL}/", at=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    *wrote, following = done.stdout.splitlines()
    assert "wrote new/components.yaml" in wrote
    assert "statusgen check" in following
    site = config.read((tmp_path / "new/components.yaml").read_text("utf-8"))
    assert (site.name, site.url, site.authority) == ("Grüße & <Co>: 'Status' \"1\"", URL, site.authority)


def test_the_ids_of_feeds_are_fixed_by_host_and_year(tmp_path: Path) -> None:
    scaffold.create(tmp_path, NAME, "http://127.0.0.1:8000/status", NOW)
    assert config.read((tmp_path / "components.yaml").read_text()).authority == "127.0.0.1,2026"


def test_what_probes_saw_stays_the_sites_own_wherever_it_moves(tmp_path: Path) -> None:
    scaffold.create(tmp_path, NAME, URL, NOW)
    text = (tmp_path / "components.yaml").read_text()
    moved = config.read(text.replace(URL, "https://status.other.example"))
    assert (moved.id, moved.is_named) == ("status-acme-example", True)
    assert config.read(text.replace("  id: ", "  # id: ")).id == moved.id  # what it was before it had one


def test_the_schema_that_editors_are_pointed_at_comes_along(tmp_path: Path) -> None:
    scaffold.create(tmp_path, NAME, URL, NOW)
    pointer = (tmp_path / "components.yaml").read_text().splitlines()[0]
    assert pointer == "# yaml-language-server: $schema=docs/components.schema.json"
    assert json.loads((tmp_path / "docs/components.schema.json").read_text()) == config.schema()


def test_the_workflows_are_those_of_this_repository_with_this_version_pinned(tmp_path: Path) -> None:
    scaffold.create(tmp_path, NAME, URL, NOW)
    for name in scaffold.WORKFLOWS:
        ours = yaml.safe_load((ROOT / ".github/workflows" / name).read_text())
        made = yaml.safe_load((tmp_path / ".github/workflows" / name).read_text())
        assert made.pop("env") == {"STATUSGEN": f"statusgen=={__version__}"}
        assert ours.pop("env") == {"STATUSGEN": "."}
        assert made == ours


@pytest.mark.parametrize(
    "path", ["components.yaml", "incidents/README.md", ".gitignore", ".github/workflows/probe.yml"]
)
def test_nothing_that_exists_is_overwritten_and_then_nothing_is_written(tmp_path: Path, path: str) -> None:
    write(tmp_path, **{path: "precious"})
    with pytest.raises(StatusgenError, match="exists already: choose an empty folder, or remove it first") as refused:
        scaffold.create(tmp_path, NAME, URL, NOW)
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
        scaffold.create(tmp_path / "new", NAME, url, NOW)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("name", ["", "x" * 200, "${env:NAME}"])
def test_a_name_that_cannot_be_shown_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="--name"):
        scaffold.create(tmp_path / "new", name, URL, NOW)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("name", ['"', "a: b", "{x}", "$name $$", "# no comment", "'", "\\n", "yes", "1"])
def test_a_name_is_taken_as_it_is(tmp_path: Path, name: str) -> None:
    made = scaffold.contents(name, URL, NOW)["components.yaml"]
    assert config.read(made).name == name
