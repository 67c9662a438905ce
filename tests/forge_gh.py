"""The part of GitHub's ``gh`` that the workflows call, on a forge that is a folder: see ``forge``.

What a token may not do is refused, as the forge would; what this does not know ends with code 64.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

FORGE = Path(os.environ["FORGE"])
BARE = Path(os.environ["FORGE_BARE"])
Thing = dict[str, Any]


class RefusedError(Exception):
    """What the forge answers."""


def demand(scope: str) -> None:
    """Refuse what the token may not do."""
    token = os.environ.get("GH_TOKEN", "")
    place = FORGE / "tokens" / token
    if not token or not place.exists():
        raise RefusedError("HTTP 401: Bad credentials")
    if json.loads(place.read_text()).get(scope) != "write":
        raise RefusedError(f"HTTP 403: Resource not accessible by integration (needs {scope}: write)")


def git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=BARE, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RefusedError(f"HTTP 422: {done.stderr.strip()}")
    return done.stdout.strip()


def stored(kind: str) -> list[Thing]:
    """Return the pull requests or issues, newest first, as the real one lists them."""
    found = [json.loads(path.read_text()) for path in (FORGE / kind).glob("*.json")]
    return sorted(found, key=lambda each: -each["number"])


def store(kind: str, thing: Thing) -> None:
    (FORGE / kind).mkdir(exist_ok=True)
    (FORGE / kind / f"{thing['number']}.json").write_text(json.dumps(thing, indent=1))


def add(kind: str, thing: Thing) -> Thing:
    number = 1 + max((each["number"] for each in (*stored("pulls"), *stored("issues"))), default=0)
    page = "pull" if kind == "pulls" else "issues"
    where = {"number": number, "url": f"https://forge.example/{os.environ['GH_REPO']}/{page}/{number}"}
    store(kind, whole := {**where, "state": "OPEN", "comments": [], **thing})
    return whole


def find(kind: str, which: str) -> Thing:
    for each in stored(kind):
        if which in (str(each["number"]), each["url"], each.get("headRefName")):
            return each
    raise RefusedError(f"no {kind} found for {which!r}")


def queried(value: Any, query: str) -> Any:
    """Evaluate the little of jq that there is need of.

    ``.a.b``, ``.[0].a``, ``.[].a``, ``length``, ``a // empty``, and ``.[] | select(.a | not) | .b``.
    """
    if found := re.fullmatch(r"\.\[\] \| select\(\.(\w+) \| not\) \| \.(\w+)", query):
        return [each[found[2]] for each in value if not each[found[1]]]
    if not re.fullmatch(r"(\.[\w.\[\]]*|length)( \| length)?( // (empty|\"\"))?", query):
        raise SystemExit(f"gh of the tests does not know the query {query!r}")
    path, _, _ = query.partition(" //")
    path, _, counted = path.partition(" | ")
    values = [value]
    for word in re.findall(r"\w+|\[\d*\]", path):
        if word == "length":
            return len(value)
        if word == "[]":
            values = [each for one in values for each in one]
        elif word.startswith("["):
            values = [one[int(word[1:-1])] for one in values if len(one) > int(word[1:-1])]
        else:
            values = [one.get(word) for one in values if one is not None]
    return len(values) if counted else [one for one in values if one is not None]


def say(value: Any, query: str | None) -> None:
    if query is None:
        print(json.dumps(value))
        return
    found = queried(value, query)
    for each in found if isinstance(found, list) else [found]:
        print(each if isinstance(each, str) else json.dumps(each))


def body_of(asked: argparse.Namespace) -> str:
    if asked.body_file:
        return sys.stdin.read() if asked.body_file == "-" else Path(asked.body_file).read_text("utf-8")
    return str(asked.body or "")


def workflow_run(asked: argparse.Namespace) -> None:
    demand("actions")
    if workflow_state(asked.which) != "active":
        raise RefusedError(f"HTTP 422: Cannot trigger a 'workflow_dispatch' on a disabled workflow ({asked.which})")
    text = git("show", f"{asked.ref or 'main'}:.github/workflows/{asked.which}")
    if "workflow_dispatch" not in text:
        raise RefusedError("HTTP 422: Workflow does not have 'workflow_dispatch' trigger")
    queue = FORGE / "queue.json"
    waiting = json.loads(queue.read_text()) if queue.exists() else []
    inputs = dict(pair.split("=", 1) for pair in asked.field)
    queue.write_text(json.dumps([*waiting, {"workflow": asked.which, "inputs": inputs}]))


def workflow_state(name: str) -> str:
    place = FORGE / "states.json"
    return str(json.loads(place.read_text()).get(name, "active")) if place.exists() else "active"


def pr_create(asked: argparse.Namespace) -> None:
    demand("pull-requests")
    if (FORGE / "no-pulls-by-workflows").exists():
        raise RefusedError("GitHub Actions is not permitted to create or approve pull requests (createPullRequest)")
    base = asked.base or "main"
    head = git("rev-parse", "--verify", f"refs/heads/{asked.head}")
    if git("rev-list", "--count", f"refs/heads/{base}..{head}") == "0":
        raise RefusedError(f"No commits between {base} and {asked.head}")
    ours = (each for each in stored("pulls") if not each["isCrossRepository"])
    if any(each["headRefName"] == asked.head and each["state"] == "OPEN" for each in ours):
        raise RefusedError(f"a pull request for branch {asked.head!r} into branch {base!r} already exists")
    if not asked.title:
        raise RefusedError("--title is required")
    made = add(
        "pulls",
        {"title": asked.title, "body": body_of(asked), "headRefName": asked.head, "baseRefName": base}
        | {"isDraft": asked.draft, "isCrossRepository": False},
    )
    print(made["url"])


def pr_merge(asked: argparse.Namespace) -> None:
    demand("pull-requests")
    demand("contents")
    raise RefusedError("Repository rule violations found: at least 1 approving review is required")


def listed(kind: str, asked: argparse.Namespace) -> None:
    state = (asked.state or "open").upper()
    found = [
        each
        for each in stored(kind)
        if state in ("ALL", each["state"])
        and asked.head in (None, each.get("headRefName"))
        and asked.base in (None, each.get("baseRefName"))
    ][: asked.limit]
    say([{key: each.get(key) for key in asked.json.split(",")} for each in found], asked.jq)


def commented(kind: str, asked: argparse.Namespace) -> None:
    demand("issues" if kind == "issues" else "pull-requests")
    thing = find(kind, asked.which)
    store(kind, thing | {"comments": [*thing["comments"], body_of(asked)]})


def closed(kind: str, asked: argparse.Namespace) -> None:
    demand("issues" if kind == "issues" else "pull-requests")
    thing = find(kind, asked.which)
    more = [asked.comment] if asked.comment else []
    store(kind, thing | {"state": "CLOSED", "comments": [*thing["comments"], *more]})


def issue_create(asked: argparse.Namespace) -> None:
    demand("issues")
    print(add("issues", {"title": asked.title, "body": body_of(asked), "labels": asked.label})["url"])


def api(asked: argparse.Namespace) -> None:
    if found := re.fullmatch(r"repos/[^/]+/[^/]+/actions/workflows/([\w.-]+)(/enable)?", asked.which):
        name, enable = found.groups()
        git("cat-file", "-e", f"main:.github/workflows/{name}")
        place = FORGE / "states.json"
        if enable:
            demand("actions")
            states = json.loads(place.read_text()) if place.exists() else {}
            place.write_text(json.dumps({**states, name: "active"}))
        elif not asked.silent:
            say({"path": f".github/workflows/{name}", "state": workflow_state(name)}, asked.jq)
        return
    if found := re.fullmatch(r"repos/[^/]+/[^/]+/collaborators/([\w.-]+)/permission", asked.which):
        if not (FORGE / "tokens" / os.environ.get("GH_TOKEN", "-")).exists():
            raise RefusedError("HTTP 401: Bad credentials")
        members = json.loads((FORGE / "members.json").read_text())
        say({"permission": members.get(found[1], "read")}, asked.jq)
        return
    raise SystemExit(f"gh of the tests does not know {asked.which}")


COMMANDS = {
    ("workflow", "run"): workflow_run,
    ("pr", "create"): pr_create,
    ("pr", "merge"): pr_merge,
    ("pr", "list"): lambda asked: listed("pulls", asked),
    ("pr", "comment"): lambda asked: commented("pulls", asked),
    ("pr", "close"): lambda asked: closed("pulls", asked),
    ("issue", "create"): issue_create,
    ("issue", "list"): lambda asked: listed("issues", asked),
    ("issue", "comment"): lambda asked: commented("issues", asked),
    ("issue", "close"): lambda asked: closed("issues", asked),
    ("api",): api,
}


def parsed(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="gh", allow_abbrev=False, exit_on_error=True)
    parser.add_argument("which", nargs="?", default="")
    for name in ("ref", "head", "base", "title", "body", "body-file", "state", "json", "jq", "method", "comment"):
        parser.add_argument(f"--{name}")
    parser.add_argument("--repo")
    parser.add_argument("--limit", type=int, default=30)
    parser.add_argument("--label", action="append", default=[])
    parser.add_argument("-f", "--raw-field", "--field", dest="field", action="append", default=[])
    for flag in ("draft", "silent", "squash", "merge", "auto"):
        parser.add_argument(f"--{flag}", action="store_true")
    return parser.parse_args(words)


def main(words: list[str]) -> int:
    with (FORGE / "gh.log").open("a", encoding="utf-8") as log:
        log.write(json.dumps(words) + "\n")
    count = 1 if words[:1] == ["api"] else 2
    command = COMMANDS.get(tuple(words[:count]))
    if not command:
        print(f"gh of the tests does not know {words}", file=sys.stderr)
        return 64
    try:
        command(parsed(words[count:]))
    except RefusedError as refusal:
        print(refusal, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
