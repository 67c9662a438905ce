"""A forge that is a folder: it runs workflows as GitHub would, on a bare repository, with no network.

    forge = Forge(tmp_path / "forge", of=site)             # a bare clone of the site's repository; main is unprotected
    forge.protect("main")                                  # from now on, only `forge.merge` changes it
    run = forge.run("publish.yml", now=NOW)                # event="workflow_dispatch" unless said otherwise
    assert run.result == "success", run.log
    forge.run("incident.yml", inputs={"title": "Errors"}, now=NOW)
    (pull,) = forge.pulls()                                # what `gh pr create` made, as dicts
    forge.run("check.yml", event="pull_request", pull=pull["number"], now=NOW)
    forge.merge(pull["number"], now=NOW)                   # as a person, by a merge commit
    forge.settle(now=NOW)                                  # runs what `gh workflow run` asked for
    (forge.live / "index.html").read_text()                # what deploy-pages published

What is like the real one: a job has a fresh home without an identity, a fresh depth-1 checkout (for pull requests of
the merge commit), its own token that may do what `permissions` grant and ends with the job; git pushes only with that
token in `http.extraheader`; `statusgen` is there only once `pip` has installed it; steps run by ``bash --noprofile
--norc -eo pipefail``; outputs, environment and summaries go by files; expressions it does not know fail, so do actions.
What is not: a `statusgen probe --watch` is one round and one `--then`; runs do not overlap, so `concurrency` only keeps
the newest of equal runs that wait; no containers, services or matrices of more than lists and `include`.

The program's clock says ``now``, an epoch second, throughout a run; so do the dates of commits.
"""

from __future__ import annotations

import base64
import fnmatch
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from .sites import ROOT, run_git, write

ACTION = re.compile(r"\./|statusgen/statusgen@\S+")
BASH = ["bash", "--noprofile", "--norc", "-eo", "pipefail"]
PATIENCE = 120  # seconds for a step
NOBODY = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0"}
PERSON = {
    **{f"GIT_{who}_NAME": "Ann" for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{who}_EMAIL": "ann@acme.example" for who in ("AUTHOR", "COMMITTER")},
}
# Decides as the forge would who may push what; what a job pushes comes with its token, as git hands it on.
HOOK = """\
#!{python}
import base64, json, os, pathlib, sys
forge = pathlib.Path({forge!r})
protected = json.loads((forge / "protected.json").read_text())
refs = [line.split() for line in sys.stdin]
if os.environ.get("FORGE_MERGES"):
    sys.exit()
if any(ref.removeprefix("refs/heads/") in protected for _, _, ref in refs):
    sys.exit("GH006: Protected branch update failed: changes must be made through a pull request.")
if os.environ.get("FORGE"):
    header = os.environ.get("GIT_CONFIG_VALUE_0", "").rpartition(" ")[2]
    token = base64.b64decode(header).decode().partition(":")[2]
    place = forge / "tokens" / token
    if not token or not place.exists():
        sys.exit("Authentication failed: no token")
    if json.loads(place.read_text()).get("contents") != "write":
        sys.exit("Permission to the repository denied to github-actions[bot] (needs contents: write)")
    if any(ref.startswith("refs/heads/.github/workflows") for _, _, ref in refs):
        sys.exit("refusing to allow a workflow to touch workflows")
with (forge / "pushes.log").open("a") as log:
    who = os.environ.get("FORGE_RUN", "person")
    for old, new, ref in refs:
        log.write(f"{{who}} {{ref}} {{old}} {{new}}\\n")
"""
# What `pip install` puts into the path: the program with the clock of the run.
PROGRAM = """\
#!{python}
import os, shlex, subprocess, sys
sys.path[:0] = [{root!r}]
from statusgen import cli
if os.environ.get("FORGE_NOW"):
    cli.clock = lambda: int(os.environ["FORGE_NOW"])
then = ""
if "--watch" in sys.argv:
    for option in ("--watch", "--commit-every", "--every", "--then"):
        if option in sys.argv:
            at = sys.argv.index(option)
            then = sys.argv[at + 1] if option == "--then" else then
            del sys.argv[at : at + 2]
try:
    cli.main()
except SystemExit as end:
    if end.code:
        raise
if then:
    sys.exit(subprocess.run(shlex.split(then)).returncode)
"""
# The one package that it knows: by name, or a folder that holds it. What is pinned is here already.
PIP = """\
#!/bin/bash -e
wanted=${{@: -1}}
case "$*" in
  *--require-hashes*) grep --quiet -e --hash= "$wanted"; exit ;;
esac
folder=${{wanted%%\\[*}}
case "$folder" in
  statusgen*) ;;
  *) [ "$folder" = . ] || [ -f "$folder/action.yml" ] || {{ echo "no package $wanted" >&2; exit 1; }} ;;
esac
cp {wheel} {bin}/statusgen
"""
Workflow = dict[str, Any]


class UnknownError(Exception):
    """Something in a workflow that this forge does not know: teach it, or do without."""


# Expressions


class Expression:
    """``${{ … }}``: contexts, literals, comparison, logic, and the functions that our workflows call."""

    TOKEN = re.compile(r"\s*(?:('(?:[^']|'')*')|(-?\d+(?:\.\d+)?)|(\w[\w.*-]*)|(==|!=|&&|\|\||[!(),]))")

    def __init__(self, text: str, context: Mapping[str, Any], status: str) -> None:
        self.text, self.context, self.status = text, context, status
        self.tokens = list(self._tokens())

    def _tokens(self) -> Iterator[tuple[str, str]]:
        at = 0
        while self.text[at:].strip():
            found = self.TOKEN.match(self.text, at)
            if not found:
                raise UnknownError(f"the expression {self.text!r}")
            at = found.end()
            kind = ("text", "number", "name", "mark")[(found.lastindex or 0) - 1]
            yield kind, found[found.lastindex or 0]

    def value(self) -> Any:
        found = self._or()
        if self.tokens:
            raise UnknownError(f"the expression {self.text!r}")
        return found

    def _takes(self, *marks: str) -> str:
        if self.tokens and self.tokens[0][0] == "mark" and self.tokens[0][1] in marks:
            return self.tokens.pop(0)[1]
        return ""

    def _or(self) -> Any:
        left = self._and()
        while self._takes("||"):
            right = self._and()
            left = left or right
        return left

    def _and(self) -> Any:
        left = self._equal()
        while self._takes("&&"):
            right = self._equal()
            left = left and right
        return left

    def _equal(self) -> Any:
        left = self._not()
        while mark := self._takes("==", "!="):
            right = self._not()
            same = loose(left) == loose(right)
            left = same if mark == "==" else not same
        return left

    def _not(self) -> Any:
        return not self._not() if self._takes("!") else self._one()

    def _one(self) -> Any:
        if self._takes("("):
            found = self._or()
            self._takes(")")
            return found
        if not self.tokens:
            raise UnknownError(f"the expression {self.text!r}")
        kind, word = self.tokens.pop(0)
        if kind == "text":
            return word[1:-1].replace("''", "'")
        if kind == "number":
            return float(word) if "." in word else int(word)
        if kind == "mark":
            raise UnknownError(f"the expression {self.text!r}")
        if word in ("true", "false", "null"):
            return {"true": True, "false": False, "null": None}[word]
        return self._call(word) if self._takes("(") else self._named(word)

    def _call(self, name: str) -> Any:
        arguments: list[Any] = []
        while not self._takes(")"):
            arguments.append(self._or())
            self._takes(",")
        functions = {
            "always": lambda: True,
            "success": lambda: self.status == "success",
            "failure": lambda: self.status == "failure",
            "cancelled": lambda: False,
            "contains": lambda whole, part: (
                part.lower() in (whole.lower() if isinstance(whole, str) else map(str.lower, whole or ()))
            ),
            "startsWith": lambda text, start: str(text or "").lower().startswith(start.lower()),
            "endsWith": lambda text, end: str(text or "").lower().endswith(end.lower()),
            "format": lambda text, *values: re.sub(r"\{(\d+)\}", lambda found: str(values[int(found[1])]), text),
            "toJSON": lambda value: json.dumps(value, indent=2),
            "fromJSON": json.loads,
            "join": lambda values, by=",": by.join(map(str, values or ())),
        }
        if name not in functions:
            raise UnknownError(f"the function {name}() in {self.text!r}")
        return functions[name](*arguments)

    def _named(self, word: str) -> Any:
        first, *rest = word.split(".")
        if first not in self.context:
            raise UnknownError(f"the context {first!r} in {self.text!r}")
        found: Any = self.context[first]
        for position, key in enumerate(rest):
            if key == "*":
                return [each.get(rest[position + 1]) for each in found or ()]
            if first in ("github", "runner", "job", "strategy") and position == 0 and key not in found:
                raise UnknownError(f"{first}.{key}")
            if first in ("needs", "matrix") and position == 0 and key not in found:
                raise UnknownError(f"{first}.{key}: it is not there in this job")
            found = found.get(key) if isinstance(found, Mapping) else None
        return found


def loose(value: Any) -> Any:
    """Return what the forge compares: text without case, numbers as such, nothing as empty."""
    if isinstance(value, str):
        return float(value) if re.fullmatch(r"-?\d+(\.\d+)?", value) else value.lower()
    return "" if value is None else float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def shown(value: Any) -> str:
    """Return a value as it stands in text."""
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else json.dumps(value) if isinstance(value, (dict, list)) else str(value)


def filled(text: Any, context: Mapping[str, Any], status: str = "success") -> str:
    """Return a text with its expressions replaced."""
    return re.sub(r"\$\{\{(.*?)\}\}", lambda found: shown(Expression(found[1], context, status).value()), str(text))


def holds(condition: str, context: Mapping[str, Any], status: str) -> bool:
    """Tell whether an ``if`` holds; without a function that asks for the status, success is asked for too."""
    whole = re.fullmatch(r"\s*\$\{\{(.*)\}\}\s*", condition, re.DOTALL)
    text = whole[1] if whole else condition
    if not re.search(r"\b(always|success|failure|cancelled)\(", text) and status != "success":
        return False
    return bool(Expression(text, context, status).value())


# Runs


@dataclass(slots=True)
class Job:
    """A job that has ended: ``success``, ``failure`` or ``skipped``; what its steps said; its outputs."""

    name: str
    result: str = "skipped"
    log: str = ""
    summary: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    steps: list[tuple[str, str]] = field(default_factory=list)  # names and results


@dataclass(slots=True)
class Run:
    """A run of a workflow that has ended."""

    workflow: str
    number: int
    jobs: dict[str, Job] = field(default_factory=dict)

    @property
    def result(self) -> str:
        return "failure" if any(job.result == "failure" for job in self.jobs.values()) else "success"

    @property
    def log(self) -> str:
        return "\n".join(f"=== {job.name}: {job.result}\n{job.log}" for job in self.jobs.values())

    @property
    def summary(self) -> str:
        return "".join(job.summary for job in self.jobs.values())


def read(text: str) -> Workflow:
    found: Workflow = yaml.load(text, yaml.BaseLoader)  # which leaves `on` a word
    return found


class Forge:
    """A repository's home; see the module's first words. ``variables`` and ``secrets`` are those of its settings."""

    def __init__(self, folder: Path, of: Path) -> None:
        self.folder = folder
        self.bare = folder / "acme/status.git"
        self.live, self.artifacts = folder / "live", folder / "artifacts"
        self.variables: dict[str, str] = {}
        self.secrets: dict[str, str] = {}
        self.runs: list[Run] = []
        for name in ("tokens", "acme", "runs", "artifacts"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        run_git(folder, "clone", "--quiet", "--bare", str(of), str(self.bare))
        run_git(self.bare, "symbolic-ref", "HEAD", "refs/heads/main")
        self.protect()
        self.grant(ann="admin", ben="write")
        write(self.bare, **{"hooks/pre-receive": HOOK.format(python=sys.executable, forge=str(folder))})
        (self.bare / "hooks/pre-receive").chmod(0o755)

    # What people do

    def protect(self, *branches: str) -> None:
        """Let nobody push to these branches, and no others be protected."""
        (self.folder / "protected.json").write_text(json.dumps(branches))

    def grant(self, **permissions: str) -> None:
        """Say who may what: ``admin``, ``write`` or ``read``, which is everybody else's."""
        (self.folder / "members.json").write_text(json.dumps(permissions))

    def open_issue(self, title: str, body: str, *labels: str) -> int:
        """Open an issue as a person."""
        number = self._next()
        issue = {"number": number, "url": f"https://forge.example/acme/status/issues/{number}", "state": "OPEN"}
        issue |= {"title": title, "body": body, "labels": list(labels), "comments": []}
        write(self.folder, **{f"issues/{number}.json": json.dumps(issue)})
        return number

    def labeled(self, issue: int, label: str, by: str = "ann") -> dict[str, Any]:
        """Return what the event ``issues`` is about when somebody gives an issue a label: a ``payload``."""
        about = next(each for each in self.issues() if each["number"] == issue)
        sender = {"login": by, "id": 7}
        return {"action": "labeled", "issue": about, "label": {"name": label}, "sender": sender}

    def disable(self, workflow: str, state: str = "disabled_manually") -> None:
        place = self.folder / "states.json"
        states = json.loads(place.read_text()) if place.exists() else {}
        place.write_text(json.dumps({**states, workflow: state}))

    def state(self, workflow: str) -> str:
        place = self.folder / "states.json"
        return str(json.loads(place.read_text()).get(workflow, "active")) if place.exists() else "active"

    def refuse_pulls_by_workflows(self) -> None:
        """Leave off "Allow GitHub Actions to create and approve pull requests", which is how repositories begin."""
        (self.folder / "no-pulls-by-workflows").touch()

    def clone(self, name: str) -> Path:
        """Return a person's clone."""
        run_git(self.folder, "clone", "--quiet", str(self.bare), str(self.folder / name))
        return self.folder / name

    def open_pull(self, branch: str, title: str = "A change", of: Path | None = None) -> int:
        """Open a pull request as a person; ``of`` is another repository: a fork."""
        number = self._next()
        if of:
            run_git(self.bare, "fetch", "--quiet", str(of), f"+refs/heads/{branch}:refs/pull/{number}/head")
        pull = {"number": number, "url": f"https://forge.example/acme/status/pull/{number}", "state": "OPEN"}
        pull |= {"title": title, "body": "", "headRefName": branch, "baseRefName": "main", "comments": []}
        pull["isCrossRepository"] = of is not None
        write(self.folder, **{f"pulls/{number}.json": json.dumps(pull)})
        return number

    def merge(self, number: int, *, now: int) -> str:
        """Merge a pull request as a person would who may, and return the commit."""
        pull = next(each for each in self.pulls() if each["number"] == number)
        commit = self._merged(pull, now)
        self._git("update-ref", f"refs/heads/{pull['baseRefName']}", commit)
        write(self.folder, **{f"pulls/{number}.json": json.dumps({**pull, "state": "MERGED"})})
        return commit

    def close(self, number: int) -> None:
        """Close a pull request without merging it."""
        pull = next(each for each in self.pulls() if each["number"] == number)
        write(self.folder, **{f"pulls/{number}.json": json.dumps({**pull, "state": "CLOSED"})})

    # What one can see

    def pulls(self, state: str = "") -> list[dict[str, Any]]:
        """Return pull requests, oldest first."""
        return self._stored("pulls", state)

    def issues(self, state: str = "") -> list[dict[str, Any]]:
        return self._stored("issues", state)

    def branches(self) -> dict[str, str]:
        """Return the commit of every branch by name."""
        lines = self._git("for-each-ref", "--format=%(refname:lstrip=2) %(objectname)", "refs/heads").splitlines()
        return dict(line.rsplit(" ", 1) for line in lines)  # type: ignore[misc]

    def show(self, branch: str, path: str) -> str:
        """Return a file of a branch."""
        return self._git("show", f"{branch}:{path}")

    def called(self) -> list[list[str]]:
        """Return the arguments of every call of ``gh``."""
        log = self.folder / "gh.log"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []

    def pushed(self) -> list[tuple[str, str]]:
        """Return who pushed to what, in order: ``person`` or the name of a workflow, and a ref."""
        log = self.folder / "pushes.log"
        lines = [line.split() for line in log.read_text().splitlines()] if log.exists() else []
        return [(line[0], line[1]) for line in lines]

    # What the forge does

    def run(
        self,
        workflow: str,
        *,
        now: int,
        event: str = "workflow_dispatch",
        inputs: Mapping[str, str] | None = None,
        payload: Mapping[str, Any] | None = None,
        pull: int = 0,
        ref: str = "main",
        actor: str = "ann",
    ) -> Run:
        """Run a workflow as it stands on ``ref`` (for a pull request: as merging brings it); return what came of it.

        ``payload`` is what the event is about (``github.event``), beside what the forge fills in by itself.
        """
        if event == "pull_request":
            about = self._about(next(each for each in self.pulls() if each["number"] == pull), now)
            commit, name = about.pop("merge"), f"refs/pull/{pull}/merge"
        else:
            about, name = {}, f"refs/heads/{ref}"
            commit = self._git("rev-parse", name)
        found = read(self._git("show", f"{commit}:.github/workflows/{workflow}"))
        triggers = found["on"] if isinstance(found["on"], dict) else dict.fromkeys([found["on"]])
        assert event in triggers, f"{workflow} is not for {event}"
        if event == "workflow_dispatch":
            about["inputs"] = given(triggers[event], inputs or {})
        about |= {"repository": {"default_branch": "main", "full_name": "acme/status", "private": False}}
        about |= payload or {}
        running = _Running(self, workflow, found, event, name, commit, about, now, actor)
        self.runs.append(done := running.run())
        return done

    def settle(self, *, now: int, limit: int = 10) -> list[Run]:
        """Run what waits to be run, the newest of each workflow, until nothing does."""
        done: list[Run] = []
        place = self.folder / "queue.json"
        while place.exists():
            waiting = {each["workflow"]: each["inputs"] for each in json.loads(place.read_text())}
            place.unlink()
            for name, inputs in waiting.items():
                assert len(done) < limit, f"runs start one another without end: {[run.workflow for run in done]}"
                done.append(self.run(name, inputs=inputs, now=now))
        return done

    def waiting(self) -> list[str]:
        """Return the workflows that ``gh workflow run`` asked for and that did not run yet."""
        place = self.folder / "queue.json"
        return [each["workflow"] for each in json.loads(place.read_text())] if place.exists() else []

    def _next(self) -> int:
        return 1 + max((each["number"] for each in (*self.pulls(), *self.issues())), default=0)

    def _about(self, pull: Mapping[str, Any], now: int) -> dict[str, Any]:
        number, merge = pull["number"], self._merged(pull, now)
        self._git("update-ref", f"refs/pull/{number}/merge", merge)
        heads = {
            "base": {"ref": pull["baseRefName"], "sha": self._git("rev-parse", f"refs/heads/{pull['baseRefName']}")},
            "head": {"ref": pull["headRefName"], "sha": self._head(pull)},
        }
        return {"merge": merge, "number": number, "pull_request": {**pull, **heads}}

    def _head(self, pull: Mapping[str, Any]) -> str:
        """Return a pull request's last commit: of the branch here, or of what came from a fork."""
        found = self._git("for-each-ref", "--format=%(objectname)", f"refs/pull/{pull['number']}/head")
        return found or self._git("rev-parse", f"refs/heads/{pull['headRefName']}")

    def _merged(self, pull: Mapping[str, Any], now: int) -> str:
        base = self._git("rev-parse", f"refs/heads/{pull['baseRefName']}")
        tree = self._git("merge-tree", "--write-tree", base, head := self._head(pull)).splitlines()[0]
        message = f"Merge pull request #{pull['number']}"
        return self._git("commit-tree", tree, "-p", base, "-p", head, "-m", message, now=now)

    def _stored(self, kind: str, state: str) -> list[dict[str, Any]]:
        found = [json.loads(path.read_text()) for path in (self.folder / kind).glob("*.json")]
        return sorted((each for each in found if state in ("", each["state"])), key=lambda each: each["number"])

    def _git(self, *arguments: str, now: int = 0) -> str:
        dated = {f"GIT_{who}_DATE": f"{now} +0000" for who in ("AUTHOR", "COMMITTER")} if now else {}
        environment = {**os.environ, **NOBODY, **PERSON, **dated, "FORGE_MERGES": "1"}
        done = subprocess.run(
            ["git", *arguments], cwd=self.bare, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout.strip()


def given(form: Any, inputs: Mapping[str, str]) -> dict[str, str]:
    """Return what a form's fields hold; the forge refuses what they do not take."""
    fields: dict[str, Any] = (form or {}).get("inputs", {}) if isinstance(form, dict) else {}
    assert set(inputs) <= set(fields), f"the form has no {sorted(set(inputs) - set(fields))}"
    held = {name: inputs.get(name, each.get("default", "")) for name, each in fields.items()}
    for name, each in fields.items():
        assert held[name] or each.get("required") != "true", f"the form needs {name!r}"
        assert each.get("type") != "choice" or held[name] in each["options"], f"{held[name]!r} is no choice of {name!r}"
    return held


@dataclass(slots=True)
class _Running:
    forge: Forge
    workflow: str
    definition: Workflow
    event: str
    ref: str
    commit: str
    about: dict[str, Any]
    now: int
    actor: str

    def run(self) -> Run:
        run = Run(self.workflow, 1 + len(self.forge.runs))
        left = dict(self.definition["jobs"])
        while left:
            ready = [name for name in left if all(each in run.jobs for each in listed(left[name].get("needs")))]
            assert ready, f"jobs wait for one another: {sorted(left)}"
            for name in ready:
                job = left.pop(name)
                run.jobs[name] = self._job(run, name, job)
        return run

    def _job(self, run: Run, name: str, job: Workflow) -> Job:
        needed = {each: run.jobs[each] for each in listed(job.get("needs"))}
        failed = any(each.result == "failure" for each in needed.values())
        skipped = any(each.result == "skipped" for each in needed.values())
        status = "failure" if failed else "skipped" if skipped else "success"
        needs = {each: {"result": done.result, "outputs": done.outputs} for each, done in needed.items()}
        token = f"ghs_{run.number}_{name}"
        context = {**self._context(run, token), "needs": needs}
        if not holds(str(job.get("if", "success()")), context, status):
            return Job(name)
        whole = Job(name, "success")
        for count, matrix in enumerate(combinations(job.get("strategy", {}).get("matrix"))):
            place = self.forge.folder / "runs" / f"{run.number}-{name}-{count}"
            one = _JobRun(self, name, job, {**context, "matrix": matrix}, token, place).run()
            if one.result == "failure" and job.get("continue-on-error") != "true":
                whole.result = "failure"
            whole.log += one.log
            whole.summary += one.summary
            whole.outputs |= one.outputs
            whole.steps += one.steps
        return whole

    def _context(self, run: Run, token: str) -> dict[str, Any]:
        branch = self.ref.removeprefix("refs/heads/")
        github = {
            "event_name": self.event,
            "event": self.about,
            "token": token,
            "repository": "acme/status",
            "repository_owner": "acme",
            "server_url": f"file://{self.forge.folder}",
            "api_url": "https://api.forge.example",
            "ref": self.ref,
            "ref_name": branch.removeprefix("refs/pull/"),
            "head_ref": self.about.get("pull_request", {}).get("headRefName", ""),
            "base_ref": self.about.get("pull_request", {}).get("baseRefName", ""),
            "sha": self.commit,
            "run_id": run.number,
            "run_number": run.number,
            "run_attempt": 1,
            "actor": self.actor,
            "actor_id": 7,
            "triggering_actor": self.actor,
            "workflow": self.definition.get("name", self.workflow),
        }
        inputs = self.about.get("inputs", {})
        return {"github": github, "vars": self.forge.variables, "secrets": self._secrets(token), "inputs": inputs}

    def _secrets(self, token: str) -> dict[str, str]:
        """Return the secrets that a run sees: of a pull request none, since what it brings is a stranger's."""
        return {"GITHUB_TOKEN": token, **({} if self.event == "pull_request" else self.forge.secrets)}


def listed(value: Any) -> list[str]:
    return [] if not value else [value] if isinstance(value, str) else list(value)


def combinations(matrix: Any) -> list[dict[str, Any]]:
    """Return what a job's matrix makes of it; without one, itself alone."""
    if not matrix:
        return [{}]
    found: list[dict[str, Any]] = [{}]
    for key, values in matrix.items():
        if key != "include":
            found = [{**each, key: value} for each in found for value in values]
    return ([each for each in found if each] + list(matrix.get("include", []))) or [{}]


class _JobRun:
    """A job on a machine of its own: a folder that nothing else uses."""

    def __init__(
        self, running: _Running, name: str, job: Workflow, context: dict[str, Any], token: str, place: Path
    ) -> None:
        self.running, self.forge, self.definition, self.token, self.place = running, running.forge, job, token, place
        self.done = Job(name, "success")
        self.work, self.bin, self.temporary = place / "work", place / "bin", place / "temporary"
        for folder in (self.work, self.bin, self.temporary, place / "home"):
            folder.mkdir(parents=True)
        self.rights = rights(job.get("permissions", running.definition.get("permissions", {})))
        self.context = {**context, "runner": {"temp": str(self.temporary), "os": "Linux"}, "job": {"status": "success"}}
        self.context["strategy"] = {"job-total": len(combinations(job.get("strategy", {}).get("matrix")))}
        self.stated = {**running.definition.get("env", {}), **job.get("env", {})}
        self.exported: dict[str, str] = {}

    def run(self) -> Job:
        tokens = self.forge.folder / "tokens" / self.token
        tokens.write_text(json.dumps(self.rights))
        self._programs()
        try:
            steps: dict[str, Any] = {}
            for step in self.definition["steps"]:
                self._step(step, {**self.context, "steps": steps}, steps, {})
            outputs = self.definition.get("outputs", {})
            self.done.outputs = {key: filled(value, {**self.context, "steps": steps}) for key, value in outputs.items()}
        finally:
            tokens.unlink()
        return self.done

    def _programs(self) -> None:
        """Put into the path what the machine brings, and a ``pip`` that knows one package."""
        gh = f'exec {shlex.quote(sys.executable)} {shlex.quote(str(ROOT / "tests/forge_gh.py"))} "$@"'
        self._program("gh", f"#!/bin/sh\n{gh}\n")
        self._program("python", f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n')
        wheel = self.place / "statusgen"
        wheel.write_text(PROGRAM.format(python=sys.executable, root=str(ROOT)))
        wheel.chmod(0o755)
        self._program("pip", PIP.format(wheel=shlex.quote(str(wheel)), bin=shlex.quote(str(self.bin))))

    def _program(self, name: str, text: str) -> None:
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def _step(
        self, step: Workflow, context: dict[str, Any], steps: dict[str, Any], around: Mapping[str, str], base: str = ""
    ) -> None:
        """Run one step, unless its condition keeps it from running, and keep what came of it."""
        stated = {key: filled(value, context) for key, value in {**self.stated, **step.get("env", {})}.items()}
        environment = {**stated, **around, **{key: filled(v, context) for key, v in step.get("env", {}).items()}}
        context = {**context, "env": {**environment, **self.exported}}
        name = step.get("name") or step.get("uses", "").partition("@")[0] or step["run"].splitlines()[0]
        if not holds(str(step.get("if", "success()")), context, self.done.result):
            self.done.steps.append((name, "skipped"))
            return
        self.done.log += f"--- {name}\n"
        outputs: dict[str, str] = {}
        if "run" in step:
            well = self._script(filled(step["run"], context), environment, step, outputs, base, context)
        else:
            asked = {key: filled(value, context) for key, value in step.get("with", {}).items()}
            well = self._uses(step["uses"], asked, environment, context, outputs)
        result = "success" if well else "failure"
        self.done.steps.append((name, result))
        is_borne = filled(step.get("continue-on-error", "false"), context) == "true"
        if step.get("id"):
            conclusion = "success" if is_borne else result
            steps[step["id"]] = {"outputs": outputs, "outcome": result, "conclusion": conclusion}
        if not well and not is_borne:
            self.done.result = "failure"

    def _script(
        self,
        script: str,
        environment: Mapping[str, str],
        step: Workflow,
        outputs: dict[str, str],
        base: str,
        context: Mapping[str, Any],
    ) -> bool:
        files = {name: self.temporary / name.lower() for name in ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_STEP_SUMMARY")}
        for path in files.values():
            path.write_text("")
        path = self.place / "step.sh"
        path.write_text(script)
        at = self.work / filled(step.get("working-directory", "."), context)
        given = {**self._machine(base), **{name: str(each) for name, each in files.items()}, **self.exported}
        done = subprocess.run(
            [*BASH, str(path)],
            cwd=at,
            env={**given, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=PATIENCE,
        )
        self.done.log += done.stdout.decode("utf-8", "backslashreplace")
        outputs |= assigned(files["GITHUB_OUTPUT"].read_text("utf-8"))
        self.exported |= assigned(files["GITHUB_ENV"].read_text("utf-8"))
        self.done.summary += files["GITHUB_STEP_SUMMARY"].read_text("utf-8")
        if done.returncode:
            self.done.log += f"exit code {done.returncode}\n"
        return not done.returncode

    def _machine(self, base: str) -> dict[str, str]:
        """Return the environment of every step, in which nothing of this machine's own remains."""
        github = self.context["github"]
        event = self.temporary / "event.json"
        event.write_text(json.dumps(github["event"]))
        dated = {f"GIT_{who}_DATE": f"{self.running.now} +0000" for who in ("AUTHOR", "COMMITTER")}
        return {
            **NOBODY,
            **dated,
            "PATH": f"{self.bin}:{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.place / "home"),
            "LANG": "C.UTF-8",
            "CI": "true",
            "FORGE": str(self.forge.folder),
            "FORGE_BARE": str(self.forge.bare),
            "FORGE_RUN": self.running.workflow,
            "FORGE_NOW": str(self.running.now),
            "RUNNER_TEMP": str(self.temporary),
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": base,
            "GITHUB_WORKSPACE": str(self.work),
            "GITHUB_EVENT_PATH": str(event),
            **{f"GITHUB_{key.upper()}": shown(github[key]) for key in SHOWN},
        }

    def _uses(
        self,
        name: str,
        asked: dict[str, str],
        environment: Mapping[str, str],
        context: dict[str, Any],
        outputs: dict[str, str],
    ) -> bool:
        if ACTION.fullmatch(name):
            return self._composite(asked, environment, context)
        known = {
            "actions/checkout": self._checkout,
            "actions/setup-python": lambda _: True,
            "actions/upload-artifact": self._upload,
            "actions/download-artifact": self._download,
            "actions/upload-pages-artifact": self._upload_pages,
            "actions/deploy-pages": lambda _: self._deploy(outputs),
        }
        action, _, version = name.partition("@")
        if action not in known:
            raise UnknownError(f"the action {name}")
        assert re.fullmatch(r"[0-9a-f]{40}", version), name
        return known[action](asked)

    def _composite(self, asked: dict[str, str], environment: Mapping[str, str], context: dict[str, Any]) -> bool:
        action = read((ROOT / "action.yml").read_text("utf-8"))
        assert set(asked) <= set(action["inputs"]), f"the action has no {sorted(set(asked) - set(action['inputs']))}"
        inputs = {key: filled(each.get("default", ""), context) for key, each in action["inputs"].items()} | asked
        before, self.done.result = self.done.result, "success"  # inside, conditions ask about the action alone
        steps: dict[str, Any] = {}
        for step in action["runs"]["steps"]:
            self._step(step, {**context, "inputs": inputs, "steps": steps}, steps, environment, str(ROOT))
        well = self.done.result == "success"
        self.done.result = before  # the outer step decides what becomes of it
        return well

    def _checkout(self, asked: dict[str, str]) -> bool:
        assert asked.get("persist-credentials") == "false", "a checkout leaves its token behind"
        assert self.rights.get("contents") in ("read", "write"), (
            "a job without contents: read reads no private repository"
        )
        assert set(asked) <= {"persist-credentials", "ref", "fetch-depth", "path", "repository"}, asked
        ref = asked.get("ref") or self.context["github"]["ref"]
        depth = asked.get("fetch-depth", "1")
        at = self.work / asked.get("path", ".")
        at.mkdir(parents=True, exist_ok=True)
        address = f"{self.context['github']['server_url']}/acme/status"
        is_branch = ref in self.forge.branches() or ref.startswith("refs/heads/")
        branch = ref.removeprefix("refs/heads/")
        local = f"refs/remotes/origin/{branch}" if is_branch else ref if ref.startswith("refs/") else "refs/remotes/tip"
        wanted = f"+{f'refs/heads/{branch}' if is_branch else ref}:{local.replace('refs/pull/', 'refs/remotes/pull/')}"
        run_git(at, "init", "--quiet", "--initial-branch=main")
        run_git(at, "remote", "add", "origin", address)
        if depth == "0":
            run_git(at, "fetch", "--quiet", "origin", "+refs/heads/*:refs/remotes/origin/*", wanted)
        else:
            run_git(at, "fetch", "--quiet", "--no-tags", f"--depth={depth}", "origin", wanted)
        if is_branch:
            run_git(at, "checkout", "--quiet", "--force", "-B", branch, local)
        else:
            run_git(at, "checkout", "--quiet", "--force", "--detach", wanted.partition(":")[2])
        return True

    def _files(self, patterns: str) -> Iterator[tuple[Path, Path]]:
        """Yield what a step uploads: files, and their paths below what was named."""
        for pattern in patterns.split("\n"):
            for found in sorted(self.work.glob(pattern.strip().removeprefix("./").rstrip("/") or "*")) or ():
                for path in [found] if found.is_file() else sorted(found.rglob("*")):
                    if path.is_file():
                        yield path, path.relative_to(found) if found.is_dir() else Path(found.name)

    def _upload(self, asked: dict[str, str]) -> bool:
        wanted = "\n".join(
            str(Path(line).relative_to(self.work)) if line.startswith(str(self.work)) else line
            for line in asked["path"].strip().splitlines()
        )
        return self._kept(self.forge.artifacts / str(len(self.forge.runs) + 1) / asked["name"], wanted)

    def _kept(self, to: Path, wanted: str) -> bool:
        shutil.rmtree(to, ignore_errors=True)
        for path, below in self._files(wanted):
            (to / below).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, to / below)
        if not to.exists():
            self.done.log += f"nothing to upload in {wanted}\n"
        return to.exists()

    def _download(self, asked: dict[str, str]) -> bool:
        found = self.forge.artifacts / str(len(self.forge.runs) + 1) / asked["name"]
        shutil.copytree(found, self.work / asked.get("path", "."), dirs_exist_ok=True)
        return True

    def _upload_pages(self, asked: dict[str, str]) -> bool:
        to = self.forge.folder / "pages"
        well = self._kept(to, asked["path"])
        if asked.get("include-hidden-files") != "true":
            for path in sorted(to.rglob("*")):
                if fnmatch.fnmatch(path.name, ".*") and path.exists():
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
        return well

    def _deploy(self, outputs: dict[str, str]) -> bool:
        assert self.rights == {"pages": "write", "id-token": "write"}, f"deployed with {self.rights}"
        shutil.rmtree(self.forge.live, ignore_errors=True)
        (self.forge.folder / "pages").rename(self.forge.live)
        outputs["page_url"] = "https://acme.example/status"
        return True


SHOWN = ("event_name", "repository", "server_url", "ref", "ref_name", "head_ref", "base_ref", "sha", "run_id", "actor")


def rights(permissions: Any) -> dict[str, str]:
    assert isinstance(permissions, dict), f"permissions are {permissions!r}: name each"
    return dict(permissions)


def assigned(text: str) -> dict[str, str]:
    """Return what a step wrote into GITHUB_OUTPUT or GITHUB_ENV: ``name=value``, or lines between marks."""
    found: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        name, mark, end = line.partition("<<")
        if mark and "=" not in name:
            held: list[str] = []
            for each in lines:
                if each == end:
                    break
                held.append(each)
            else:
                raise AssertionError(f"{name} has no end {end!r}")
            found[name] = "\n".join(held)
        elif line:
            name, equals, value = line.partition("=")
            assert equals, f"{line!r} is no assignment"
            found[name] = value
    return found


def header(token: str) -> str:
    """Return what a step gives git for a token, for tests of what a token may."""
    return "AUTHORIZATION: basic " + base64.b64encode(f"x-access-token:{token}".encode()).decode()
