"""``statusgen init``: a site to start from, which passes ``statusgen check``, and what probes and publishes it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

from statusgen import __version__, config, files, periods
from statusgen.errors import SourceError, StatusgenError, UsageError

ACTION = f"statusgen/statusgen@v{__version__}"
WORKFLOWS = ("probe.yml", "publish.yml", "check.yml", "incident.yml", "incident-from-issue.yml", "weekly.yml")
FORM = ".github/ISSUE_TEMPLATE/incident.yml"
EXAMPLE = "status.example.org"  # the host of the page in recipes
UNITS = ("statusgen-watch.service", "statusgen-page.service", "statusgen-page.timer", "nginx.conf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """What probes and publishes: its files by path, and what a person does next, a line each.

    ``interval`` is that of ``probing``, and ``remark`` what is written beside it where a schedule has the last word.
    """

    files: Mapping[str, str]
    following: tuple[str, ...]
    interval: str = "60s"
    remark: str = ""


def host(forge: str, action: str = "") -> Host:
    """Return what a forge needs; ``action`` is the one that GitHub's workflows use, by default that of this version."""
    if action and forge != "github":
        raise UsageError("--action goes with --forge github only")
    if action and not re.fullmatch(r"[\w.-]+/[\w./-]+@[\w./-]+", action):
        raise UsageError(f"--action '{action}' is not like acme/statusgen@<commit>")
    return {"github": _github, "gitlab": _gitlab, "forgejo": _forgejo, "server": _server}[forge](action or ACTION)


def create(folder: Path, name: str, url: str, now: int, on: Host) -> list[str]:
    """Write the files of a new site and return their paths; nothing that exists is overwritten.

    Raise StatusgenError where something is there already, or a link would lead elsewhere.
    """
    made = contents(name, url, now, on)
    if existing := [path for path in made if files.is_there(folder, path)]:
        raise StatusgenError(f"{folder / existing[0]} exists already: choose an empty folder, or remove it first")
    for path, text in made.items():
        files.write(folder / path, text.encode())
    return list(made)


def contents(name: str, url: str, now: int, on: Host) -> dict[str, str]:
    """Return the files of a new site by path."""
    try:
        host = config.host_of(address := config.site_url(url))
        words = {
            "name": json.dumps(name, ensure_ascii=False),
            "url": json.dumps(address, ensure_ascii=False),
            "id": json.dumps(config.default_id(address)),
            "authority": f"{host},{periods.iso_day(now)[:4]}",
            "interval": on.interval,
            "remark": on.remark and f"    # {on.remark}",
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
        **{path: text.replace(EXAMPLE, host) for path, text in on.files.items()},
    }


def _github(action: str) -> Host:
    workflows = {f".github/workflows/{name}": _workflow(name, action) for name in WORKFLOWS}
    return Host(
        files={**workflows, FORM: _text(FORM), ".github/dependabot.yml": _text(".github/dependabot.yml")},
        following=(
            "Next: edit components.yaml, run 'statusgen check', commit, and push to a repository on GitHub. There:",
            "1. Settings → Pages → Source: GitHub Actions.",
            "2. Settings → Actions → General: allow GitHub Actions to create pull requests (for drafts and the form).",
            "3. Actions → probe → Run workflow. It goes on by itself; the page follows within minutes.",
            "Incidents: Actions → incident → Run workflow, 'statusgen incident open', or a pull request.",
        ),
    )


def _gitlab(_: str) -> Host:
    return Host(
        files={".gitlab-ci.yml": _installing(_text("docs/recipes/gitlab-ci.yml"))},
        following=(
            "Next: edit components.yaml, run 'statusgen check', commit, and push to a project on GitLab. There:",
            "1. Settings → CI/CD → Job token permissions: allow Git push requests to the repository.",
            "2. Build → Pipeline schedules: one; 'interval' of components.yaml is what it really does (Free tier: 1h).",
            "3. Deploy → Pages shows the address: let it be site.url.",
            "Incidents: Build → Pipelines → New pipeline, 'statusgen incident open', or a merge request.",
        ),
        interval="5m",
        remark="must be what the pipeline schedule really does: 1h on the Free tier of GitLab.com",
    )


def _forgejo(_: str) -> Host:
    names = {
        "status.yml": "forgejo-status.yml",
        "check.yml": "forgejo-check.yml",
        "incident.yml": "forgejo-incident.yml",
    }
    return Host(
        files={f".forgejo/workflows/{name}": _installing(_text(f"docs/recipes/{of}")) for name, of in names.items()},
        following=(
            "Next: edit components.yaml, run 'statusgen check', commit, and push to a repository on Forgejo. There:",
            "1. Settings → Actions: enable; a runner with the label 'docker' (see docs/probing.md of statusgen).",
            "2. Actions → status → Run workflow. The page is the branch 'pages', which your host serves.",
            "Incidents: Actions → incident → Run workflow, 'statusgen incident open', or a pull request.",
        ),
        interval="5m",
        remark="must be what 'cron' in .forgejo/workflows/status.yml really does",
    )


def _server(_: str) -> Host:
    with_notify = f"statusgen[notify]=={__version__}"
    return Host(
        files={f"deploy/{name}": _text(f"docs/recipes/{name}") for name in UNITS},
        following=(
            "Next: edit components.yaml, run 'statusgen check', commit, and push. On the machine:",
            f"1. As docs/probing.md of statusgen says: user, key, clone in /srv/status, pip install '{with_notify}'.",
            "2. Copy deploy/*.service and *.timer to /etc/systemd/system, deploy/nginx.conf to /etc/nginx/conf.d.",
            "3. systemctl enable --now statusgen-watch statusgen-page.timer; systemctl reload nginx.",
            "Incidents: 'statusgen incident open … --push', or a pull request. More: docs/probing.md of statusgen.",
        ),
    )


def _workflow(name: str, action: str) -> str:
    """Return a workflow with a released action where this repository uses its own."""
    return _text(f".github/workflows/{name}").replace("uses: ./\n", f"uses: {action}\n")


def _installing(text: str) -> str:
    """Return a recipe that installs this version instead of the newest."""
    return re.sub(r"^(  STATUSGEN: statusgen\S*)$", rf"\1=={__version__}", text, flags=re.MULTILINE)


def _shipped(name: str) -> str:
    return _text(f"starter/{name}")


def _text(path: str) -> str:
    return files.shipped(path).read_text("utf-8")
