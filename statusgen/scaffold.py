"""``statusgen init``: a site to start from, which passes ``statusgen check``."""

from __future__ import annotations

import json
from pathlib import Path
from string import Template

from statusgen import __version__, config, files, periods
from statusgen.errors import SourceError, StatusgenError, UsageError

WORKFLOWS = ("probe.yml", "publish.yml", "check.yml")


def create(folder: Path, name: str, url: str, now: int) -> list[str]:
    """Write the files of a new site and return their paths; nothing that exists is overwritten."""
    made = contents(name, url, now)
    if existing := [path for path in made if (folder / path).exists()]:
        raise StatusgenError(f"{folder / existing[0]} exists already: choose an empty folder, or remove it first")
    for path, text in made.items():
        files.write(folder / path, text.encode())
    return list(made)


def contents(name: str, url: str, now: int) -> dict[str, str]:
    """Return the files of a new site by path."""
    try:
        host = config.host_of(address := config.site_url(url))
        words = {
            "name": json.dumps(name, ensure_ascii=False),
            "url": json.dumps(address, ensure_ascii=False),
            "id": json.dumps(config.default_id(address)),
            "authority": f"{host},{periods.iso_day(now)[:4]}",
        }
        site = Template(_shipped("components.yaml")).substitute(words)
        config.read(site)
    except ValueError as error:
        raise UsageError(f"--url {error}") from None
    except SourceError as error:
        raise UsageError(f"--name or --url cannot be used: {error.problems[0].message}") from None
    return {
        config.PATH: site,
        "incidents/README.md": _shipped("incidents.md"),
        "docs/components.schema.json": json.dumps(config.schema(), indent=1, ensure_ascii=False) + "\n",
        ".gitignore": "/public/\n",
        **{f".github/workflows/{workflow}": _workflow(workflow) for workflow in WORKFLOWS},
    }


def _workflow(name: str) -> str:
    """Return a workflow that installs this version of the program instead of a checkout of it."""
    return _shipped(name).replace("STATUSGEN: .", f"STATUSGEN: statusgen=={__version__}")


def _shipped(name: str) -> str:
    inside = files.shipped(f"starter/{name}")
    return (inside if inside.exists() else files.shipped(f".github/workflows/{name}")).read_text("utf-8")
