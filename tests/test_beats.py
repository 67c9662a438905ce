"""Beats: the line, the branch it lies on, the command that writes it, and the recipes that do without."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest
import yaml

from statusgen import beats, git, periods
from statusgen.beats import Beat
from statusgen.errors import WorldError

from .probes.servers import answering, response, unused_port
from .sites import NOW, NOW_TEXT, ROOT, clone, hook, run_git, statusgen, write

RECIPES = (ROOT / "docs/heartbeats.md").read_text("utf-8")
FRESH = f"{periods.iso(NOW)}\n"


def held(repository: Path, branch: str = "status-beats/backup") -> str:
    return run_git(repository, "show", f"{branch}:beat")


def send(folder: Path, beat: Beat, name: str = "backup", push: bool = True) -> bool:
    return beats.send(git.Repository(folder), name, beat, push=push, jitter=lambda: 0.5)


# The line.


@pytest.mark.parametrize("beat", [Beat(NOW), Beat(NOW, failed=True)])
def test_what_is_written_is_read(beat: Beat) -> None:
    assert beats.decode(beats.encode(beat)) == beat


def test_it_is_an_instant_and_perhaps_a_word() -> None:
    assert beats.encode(Beat(NOW)) == "2026-11-21T12:00:00Z\n"
    assert beats.encode(Beat(NOW, failed=True)) == "2026-11-21T12:00:00Z failed\n"


@pytest.mark.parametrize(
    "text", ["", "\n", "failed", " failed", "2026-11-21", "2026-11-21T12:00:00Zfailed", "x" * 10**6]
)
def test_anything_else_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"^its first line is no instant like 2026-11-21T10:05:03Z$"):
        beats.decode(text)


# The branch.


@pytest.fixture
def cloned(remote: Path) -> Path:
    return clone(remote, "clone")


def test_a_beat_is_one_commit_in_the_place_of_the_last_one(cloned: Path, remote: Path) -> None:
    for at in (NOW - 600, NOW - 300, NOW):
        assert send(cloned, Beat(at))
    assert held(remote) == FRESH.strip()
    assert run_git(remote, "rev-list", "--count", "status-beats/backup") == "1"
    assert run_git(remote, "ls-tree", "-r", "--name-only", "status-beats/backup") == "beat"
    assert run_git(remote, "log", "-1", "--format=%ct", "status-beats/backup") == str(NOW)


def test_every_job_has_its_own(cloned: Path, remote: Path) -> None:
    send(cloned, Beat(NOW, failed=True), "backup")
    send(cloned, Beat(NOW), "import")
    assert held(remote).endswith(" failed")
    assert held(remote, "status-beats/import") == FRESH.strip()


def test_nothing_of_a_persons_own_work_is_touched(cloned: Path, remote: Path) -> None:
    write(cloned, **{"components.yaml": "half a"})
    run_git(cloned, "add", "--all")
    write(cloned, **{"components.yaml": "half a thought"})
    looks = (("status", "--porcelain"), ("for-each-ref",), ("ls-files", "--stage"), ("count-objects",))
    before = [run_git(cloned, *look) for look in looks]
    assert send(cloned, Beat(NOW))
    assert [run_git(cloned, *look) for look in looks] == before


def test_a_shallow_clone_without_a_checkout_will_do(remote: Path) -> None:
    shallow = clone(remote, "shallow", "--depth=1", "--no-checkout")
    assert send(shallow, Beat(NOW))
    assert held(remote) == FRESH.strip()


def test_without_a_push_or_a_remote_it_stays_here(cloned: Path, remote: Path) -> None:
    assert not send(cloned, Beat(NOW), push=False)
    assert held(cloned) == FRESH.strip()
    assert run_git(remote, "branch", "--list", "status-beats/*") == ""
    run_git(cloned, "remote", "remove", "origin")
    assert not send(cloned, Beat(NOW + 60))
    assert held(cloned) == periods.iso(NOW + 60)
    assert run_git(cloned, "rev-list", "--count", "status-beats/backup") == "1"


def test_jobs_that_beat_at_once_do_not_fail(cloned: Path, remote: Path) -> None:
    failures: list[WorldError] = []

    def job(at: int) -> None:
        try:
            send(cloned, Beat(at))
        except WorldError as error:
            failures.append(error)

    threads = [threading.Thread(target=job, args=(NOW + i,)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert beats.decode(held(remote)).at in range(NOW, NOW + 6)


def test_a_race_that_was_lost_is_run_again(cloned: Path, remote: Path) -> None:
    rival = 'git update-ref refs/heads/status-beats/backup "$(git rev-parse main)"'
    hook(remote, "pre-receive", f"[ -e raced ] || {{ touch raced; {rival}; }}")
    send(cloned, Beat(NOW))
    assert (remote / "raced").exists()
    assert held(remote) == FRESH.strip()


def test_a_remote_that_says_no_is_told_with_the_remedy(cloned: Path, remote: Path) -> None:
    run_git(remote, "config", "receive.denyNonFastForwards", "true")
    send(cloned, Beat(NOW - 60))
    with pytest.raises(
        WorldError, match=r"(?s)^cannot push status-beats/backup: .*allow force-pushes to status-beats/\*"
    ):
        send(cloned, Beat(NOW))


def test_a_remote_that_is_away_is_told_with_the_remedy(cloned: Path) -> None:
    run_git(cloned, "remote", "set-url", "origin", f"http://ann:hunter2@127.0.0.1:{unused_port()}/x.git")
    with pytest.raises(
        WorldError, match=r"(?s)^cannot push status-beats/backup: .*the job's next beat makes good"
    ) as told:
        send(cloned, Beat(NOW))
    assert "hunter2" not in str(told.value)


# The command.


def test_the_command_says_what_it_did(cloned: Path, remote: Path) -> None:
    done = statusgen("beat", "backup", "--now", NOW_TEXT, at=cloned)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "2026-11-21T12:00:00Z on branch status-beats/backup of the remote\n"
    assert held(remote) == FRESH.strip()
    done = statusgen("beat", "backup", "--failed", "--no-push", "--now", NOW_TEXT, "--site", cloned, at=remote.parent)
    assert done.stdout == "2026-11-21T12:00:00Z failed on branch status-beats/backup of this repository\n"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("beat", "Back up"), 2, "error: NAME 'Back up' is not an id: use lower-case letters"),
        (("beat", "../main"), 2, "error: NAME '../main' is not an id"),
        (("beat",), 2, "Missing argument 'NAME'"),
        (
            ("beat", "backup", "--site", ".."),
            1,
            "is not in a git repository: name a clone of the status page's with --site",
        ),
    ],
)
def test_the_command_names_what_is_wrong(cloned: Path, arguments: tuple[str, ...], code: int, said: str) -> None:
    done = statusgen(*arguments, at=cloned)
    assert done.returncode == code
    assert said in done.stderr


def test_a_beat_reaches_the_ledger(cloned: Path) -> None:
    text = (cloned / "components.yaml").read_text("utf-8")
    check = 'tcp: "127.0.0.1:9"'
    assert check in text
    heartbeat = "heartbeat: {within: 1h, branch: status-beats/backup, timeout: 10s}"
    write(cloned, **{"components.yaml": text.replace(check, heartbeat)})

    def probed() -> Any:
        done = statusgen("probe", "--json", "--dry-run", at=cloned)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)["checks"]["api"]

    assert probed() == ["unknown", None, "unclear"]
    assert statusgen("beat", "backup", at=cloned).returncode == 0
    assert probed()[0] == "up"
    assert statusgen("beat", "backup", "--failed", at=cloned).returncode == 0
    assert probed() == ["down", None, "failed"]
    assert statusgen("beat", "backup", "--now", NOW_TEXT.replace("2026", "2025"), at=cloned).returncode == 0
    assert probed() == ["down", None, "stale"]


# The recipes.


def recipe(language: str, number: int = 0) -> str:
    blocks = re.findall(rf"^```{language}\n(.*?)^```", RECIPES, re.MULTILINE | re.DOTALL)
    assert len(blocks) > number, language
    return str(blocks[number])


def in_shell(script: str, at: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-c", script],
        cwd=at,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_the_recipe_for_a_file_writes_a_beat(tmp_path: Path) -> None:
    done = in_shell(recipe("sh").replace("/run/", f"{tmp_path}/"), tmp_path)
    assert done.returncode == 0, done.stderr
    assert not beats.decode((tmp_path / "import.beat").read_text()).failed


@pytest.mark.parametrize(
    ("line", "ends", "failed"), [(0, "true", False), (0, "false", None), (1, "true", False), (1, "false", True)]
)
def test_the_recipe_for_cron_beats(cloned: Path, remote: Path, line: int, ends: str, failed: bool | None) -> None:
    schedule = re.fullmatch(r"(?:[0-9*]+ ){5}(.*)", recipe("crontab").splitlines()[line])
    assert schedule
    assert "%" not in schedule[1]  # which cron takes for a line break
    name = ("backup", "prune")[line]
    script = schedule[1].replace(f"/usr/local/bin/{name}", ends).replace("/srv/status", str(cloned))
    in_shell(f'statusgen() {{ python3 -m statusgen "$@"; }}; {script}', cloned, PYTHONPATH=str(ROOT))
    branches = run_git(remote, "branch", "--list", "status-beats/*")
    assert (beats.decode(held(remote, f"status-beats/{name}")).failed if branches else None) is failed


def test_the_recipe_for_systemd_is_a_unit(tmp_path: Path) -> None:
    unit = recipe("ini")
    keys = dict(line.split("=", 1) for line in unit.splitlines() if "=" in line)
    assert keys["Type"] == "oneshot"
    assert keys["ExecStartPost"].split()[1:] == ["beat", "backup", "--site", "/srv/status"]
    if shutil.which("systemd-analyze"):
        for program in ("backup", "statusgen"):
            write(tmp_path, **{program: "#!/bin/sh\n"})
            (tmp_path / program).chmod(0o755)
        write(tmp_path, **{"backup.service": unit.replace("/usr/local/bin", str(tmp_path))})
        done = in_shell("systemd-analyze --man=no verify ./backup.service", tmp_path)
        assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(("result", "beaten"), [("success", False), ("exit-code", True)])
def test_the_recipe_for_systemd_tells_of_a_failure(cloned: Path, remote: Path, result: str, beaten: bool) -> None:
    keys = dict(line.split("=", 1) for line in recipe("ini").splitlines() if "=" in line)
    script = keys["ExecStopPost"].replace("/usr/local/bin/statusgen", "python3 -m statusgen")
    done = in_shell(script.replace("/srv/status", str(cloned)), cloned, PYTHONPATH=str(ROOT), SERVICE_RESULT=result)
    assert done.returncode == 0, done.stderr
    assert bool(run_git(remote, "branch", "--list", "status-beats/backup")) is beaten


@pytest.mark.parametrize(("outcome", "failed"), [("success", False), ("failure", True), ("cancelled", True)])
def test_the_recipe_for_a_workflow_beats_with_git_alone(remote: Path, outcome: str, failed: bool) -> None:
    workflow = yaml.load(recipe("yaml", 1), yaml.BaseLoader)
    assert workflow["permissions"] == {}
    step = workflow["jobs"]["nightly"]["steps"][-1]
    assert "always()" in step["if"]
    assert "${{" not in step["run"]
    for _ in range(2):
        given = {**step["env"], "STATUS": str(remote), "OUTCOME": outcome, "TOKEN": "secret"}
        done = in_shell(f"set -e\n{step['run']}", remote.parent, **given)
        assert (done.returncode, done.stderr) == (0, "")
    assert beats.decode(held(remote, "status-beats/nightly")).failed is failed
    assert run_git(remote, "rev-list", "--count", "status-beats/nightly") == "1"


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
def test_the_recipe_for_curl_writes_a_beat() -> None:
    body = b'{\n  "name": "beat",\n  "sha": "3d21ec53a331a6f037a91c368710b99387d012c1",\n  "size": 21\n}'
    with answering(response(200, body)) as server:
        done = in_shell(recipe("sh", 1), ROOT, API=server.url("").rstrip("/"), TOKEN="t0ken", no_proxy="127.0.0.1")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    asked, put = (request.partition(b"\r\n\r\n") for request in server.requests)
    assert asked[0].startswith(b"GET /repos/acme/status/contents/beat?ref=status-beats/backup ")
    assert put[0].startswith(b"PUT /repos/acme/status/contents/beat ")
    assert all(b"Authorization: Bearer t0ken" in request[0] for request in (asked, put))
    sent = json.loads(put[2])
    assert sent["branch"] == "status-beats/backup"
    assert sent["sha"] == "3d21ec53a331a6f037a91c368710b99387d012c1"
    assert not beats.decode(base64.b64decode(sent["content"]).decode()).failed
