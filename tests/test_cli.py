"""The command line: exit codes, what is printed where, and never a traceback or a secret."""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from statusgen import cli, ledger

from .probes.servers import Server, answering, dripping, response
from .sites import (
    COMPONENTS,
    INCIDENT,
    INCIDENT_TEXT,
    NOW,
    NOW_TEXT,
    ROOT,
    Ran,
    Run,
    clone,
    eventually,
    ledger_lines,
    record,
    rounds,
    run_git,
    running,
    statusgen,
    write,
)

CPU_SECONDS = 0.4  # promised: 0.3, on a machine that does nothing else
SECRET = "hunter2-Xy/+=\"'"


# Exit codes.


@pytest.mark.parametrize(
    "arguments",
    [
        ("--version",),
        ("--help",),
        ("probe", "--help"),
        ("check", "--now", NOW_TEXT),
        ("check", "--strict", "--now", NOW_TEXT),
        ("build", "--now", NOW_TEXT),
        ("schema",),
        ("probe",),  # the target is down, and saying so is what a probe is for
        ("probe", "--dry-run"),
        ("probe", "--no-push"),
        ("run", "--strict"),
    ],
)
def test_what_was_done_is_0(site: Path, run: Run, arguments: tuple[str, ...]) -> None:
    ran = run(*arguments, at=site)
    assert ran.code == 0, ran.err
    assert ran.out


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (
            RecursionError("hunter2"),
            70,
            r"error: statusgen \S+ failed by a fault of its own \(RecursionError in \S+, line",
        ),
        (UnicodeEncodeError("utf-8", "hunter2", 0, 1, "hunter2"), 70, r".* \(UnicodeEncodeError in .*: report it; "),
        (MemoryError("hunter2"), 3, "error: the machine has no memory left: give it more"),
        (OSError(28, "No space left on device"), 3, "error: .*No space left on device"),
    ],
)
def test_whatever_else_fails_is_one_line_that_says_where_and_not_at_what(
    error: Exception,
    code: int,
    message: str,
    site: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    @cli.commands.command(name="fail", hidden=True)
    def fail() -> None:
        raise error

    monkeypatch.chdir(site)
    monkeypatch.delenv("STATUSGEN_TRACEBACK")
    monkeypatch.setattr(sys, "argv", ["statusgen", "fail"])
    try:
        with pytest.raises(SystemExit) as ended:
            cli.main()
    finally:
        del cli.commands.commands["fail"]
    said = capfd.readouterr().err
    assert (ended.value.code, said.count("\n")) == (code, 1)
    assert re.match(message, said)
    assert "hunter2" not in said


def test_all_of_a_fault_is_shown_where_the_environment_asks_for_it(site: Path, run: Run) -> None:
    @cli.commands.command(name="fail", hidden=True)
    def fail() -> None:
        raise RecursionError("too deep")

    try:
        with pytest.raises(RecursionError, match="too deep"):  # tests ask for it, or they would take it for a refusal
            run("fail", at=site)
    finally:
        del cli.commands.commands["fail"]


def _bad_components(site: Path) -> None:
    write(site, **{"components.yaml": COMPONENTS.replace("checks:", "chekcs:")})


def _no_components(site: Path) -> None:
    (site / "components.yaml").unlink()


def _bad_incident(site: Path) -> None:
    write(site, **{INCIDENT: INCIDENT_TEXT.replace("sev2", "sev9")})


def _foreign_ledger(site: Path) -> None:
    write(site, **{"components.yaml": COMPONENTS.replace("id: acme}", "id: fork}")})


def _no_repository(site: Path) -> None:
    (site / ".git").rename(site / ".git-not")


@pytest.mark.parametrize(
    ("spoil", "arguments", "said"),
    [
        (_bad_components, ("check",), "components.yaml:5: unknown key 'chekcs'"),
        (_bad_components, ("build",), "components.yaml:5: unknown key 'chekcs'"),
        (_bad_components, ("probe",), "components.yaml:5: unknown key 'chekcs'"),
        (_bad_components, ("probe", "--dry-run"), "components.yaml:5: unknown key"),
        (_bad_components, ("serve", "--port", "0"), "components.yaml:5: unknown key"),
        (_no_components, ("check",), "components.yaml:1: does not exist: create it (statusgen init"),
        (_no_components, ("run",), "components.yaml:1: does not exist: create it (statusgen init"),
        (_bad_incident, ("check",), f"{INCIDENT}:3: "),
        (_bad_incident, ("build", "--strict"), f"{INCIDENT}:3: "),
        (_bad_incident, ("run", "--strict"), f"{INCIDENT}:3: "),
        (_foreign_ledger, ("probe",), "belongs to site 'acme', this is 'fork': to begin"),
        (_foreign_ledger, ("check", "--strict"), "belongs to site 'acme', this is 'fork', so it was left out"),
        (_no_repository, ("probe",), "is not in a git repository: run 'git init', or set 'data: {branch: none}'"),
        (_no_repository, ("build", "--fetch"), "is not in a git repository"),
    ],
)
def test_what_is_wrong_in_the_repository_is_1(
    site: Path, run: Run, spoil: Callable[[Path], None], arguments: tuple[str, ...], said: str
) -> None:
    spoil(site)
    ran = run(*arguments, at=site)
    assert ran.code == 1
    assert said in ran.out + ran.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Usage: statusgen"),
        (("proeb",), "No such command 'proeb'"),
        (("build", "--ouput", "x"), "No such option"),
        (("build", "extra"), "unexpected extra argument"),
        (("build", "--now", "yesterday"), "'yesterday' is not an instant: write it like 2026-11-20 10:02 UTC"),
        (("build", "--now", "2026-11-20T10:02"), "has no time zone: write '2026-11-20T10:02 UTC'"),
        (("build", "--now", "2026-02-30T10:02Z"), "is not in the calendar"),
        (("build", "--now", "9999-01-01T00:00Z"), "is not between the years 2000 and 2099"),
        (("build", "--now", ""), "'' is not an instant"),
        (("check", "--now", "\udcff"), "is not an instant"),
        (("serve", "--now", "1"), "is not an instant"),
        (("check", "--format", "xml"), "'xml' is not one of 'text', 'github', 'gitlab', 'json'"),
        (("serve", "--port", "many"), "'many' is not a valid integer"),
        (("probe", "--location", "a/b"), "--location"),
        (("probe", "--location", ""), "--location"),
        (("build", "--out", "."), "--out . holds the repository itself: choose a folder inside it, like public"),
        (("build", "--out", ".."), "holds the repository itself"),
        (("build", "--out", ".git/x"), "holds the repository itself"),
        (("build", "--out", "components.yaml"), "is a file"),
        (("check", "--site", "components.yaml"), "is a file"),
        (("build", "--base-url", "acme.example"), "--base-url"),
        (("init", "new", "--url", "acme.example"), "--url"),
        (("init", "components.yaml"), "is a file"),
        (("demo", "components.yaml"), "is a file"),
    ],
)
def test_malformed_arguments_are_2_and_nothing_is_written(
    site: Path, run: Run, arguments: tuple[str, ...], said: str
) -> None:
    before = sorted(site.rglob("*"))
    ran = run(*arguments, at=site)
    assert ran.code == 2
    assert said in ran.err
    assert [path for path in sorted(site.rglob("*")) if path not in before] == []


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            ("incident", "open", "Slow", "search"),
            "Got unexpected extra argument (search): put words that belong together in quotes (see '{} open --help')",
        ),
        (("incident", "opne"), "there is no command 'opne': did you mean '{} open'? (see '{} --help')"),
        (
            ("incident", "open", "x", "--severity", "2"),
            "Invalid value for '--severity': '2' is not one of 'sev1', 'sev2', 'sev3' (see '{} open --help')",
        ),
        (("incident", "open", "x", "-m"), "Option '-m' requires an argument"),
        (("incident", "list", "--zzz"), "No such option '--zzz' (see '{} list --help')"),
    ],
)
def test_arguments_that_cannot_be_get_one_line(site: Path, run: Run, arguments: tuple[str, ...], line: str) -> None:
    ran = run(*arguments, at=site)
    assert (ran.code, ran.out, ran.err) == (2, "", f"error: {line.replace('{}', 'statusgen incident')}\n")


def test_what_is_wrong_in_the_world_is_3(site: Path, run: Run, remote: Path) -> None:
    assert "--fetch needs a remote" in _failed(run("build", "--fetch", at=site))
    run_git(site, "remote", "add", "origin", "../away.git")
    assert "cannot fetch status-data/* from origin: " in _failed(run("build", "--fetch", at=site))
    assert "1 round waits in " in _failed(run("probe", "--push", at=site))
    assert "2 rounds wait in " in _failed(run("run", "--push", at=site))
    run_git(site, "remote", "set-url", "origin", "../remote.git")
    ran = run("probe", "--push", at=site)
    delivered = re.fullmatch(r"Delivered (\d+) earlier rounds as well\.", ran.err.splitlines()[-1])
    assert ran.code == 0
    assert delivered
    assert len(ledger_lines(remote)) == int(delivered[1]) + 1
    assert int(delivered[1]) in (24, 25, 26)  # probes of one second that saw the same are one round


def _failed(ran: Ran) -> str:
    assert ran.code == 3
    assert ran.err.startswith("error: ")
    return ran.err


def test_a_port_that_is_taken_is_named_before_a_demonstration_is_made(site: Path, run: Run, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for arguments in (("serve", "--now", NOW_TEXT), ("demo", tmp_path / "demo", "--serve")):
            ran = run(*arguments, "--port", port, at=site)
            assert ran.code == 3
            assert f"cannot serve on port {port}: " in ran.err
    assert not (tmp_path / "demo").exists()


# What is printed.


def test_problems_are_printed_for_people_with_a_count(site: Path, run: Run) -> None:
    _bad_incident(site)
    write(site, **{"incidents/notes.txt": "?"})
    ran = run("check", "--now", NOW_TEXT, at=site)
    *problems, count = ran.out.splitlines()
    assert count == "1 error, 1 warning"
    assert all(re.fullmatch(r"[\w./-]+:[1-9]\d*: \S.*", problem) for problem in problems)
    assert [problem.endswith("[warning]") for problem in problems] == [False, True]


def test_a_notice_is_counted_as_one_and_fails_no_strict_check(site: Path, run: Run) -> None:
    write(site, **{"components.yaml": COMPONENTS.replace('status.acme.example", id', 'acme.github.io/status", id')})
    ran = run("check", "--strict", "--now", NOW_TEXT, at=site)
    *problems, count = ran.out.splitlines()
    assert (ran.code, count) == (0, "0 errors, 0 warnings, 1 notice")
    assert [problem.endswith("[notice]") for problem in problems] == [True]


def test_problems_are_printed_as_annotations_with_their_text_escaped(site: Path, run: Run) -> None:
    write(site, **{"incidents/100%,a:b.txt": "?"})
    ran = run("check", "--format", "github", "--now", NOW_TEXT, at=site)
    assert ran.code == 0
    assert ran.out.startswith(
        "::warning file=incidents/100%25%2Ca%3Ab.txt,line=1,title=Doubtful::is neither Markdown nor an image"
    )
    write(site, **{"incidents/a\n::error::b.txt": "?"})
    assert all(
        line.startswith("::warning file=") for line in run("check", "--format", "github", at=site).out.splitlines()
    )


def test_what_a_forge_shows_no_annotation_for_stands_in_the_log_and_is_counted(site: Path, run: Run) -> None:
    write(site, **{f"incidents/a{i:02}.txt": "?" for i in range(12)} | {"incidents/z\n::error::##[error]x.txt": "?"})
    *lines, last = run("check", "--format", "github", "--now", NOW_TEXT, at=site).out.splitlines()
    assert [line.startswith("::warning ") for line in lines] == [True] * 10 + [False] * 3
    assert not any(line.startswith("::error") or "##[" in line for line in lines)
    assert last == "Without an annotation, since GitHub shows 10 of a kind: 3 warnings."


def test_a_problem_is_one_line_whatever_it_quotes(site: Path, run: Run) -> None:
    write(site, **{INCIDENT: INCIDENT_TEXT.replace("severity: sev2", '"a\\n::error::b": 1')})
    out = run("check", "--now", NOW_TEXT, at=site).out
    assert "::error::b" in out
    assert not [line for line in out.splitlines() if line.startswith("::")]


def test_problems_are_printed_as_a_report_for_gitlab(site: Path, run: Run) -> None:
    _bad_incident(site)
    first = run("check", "--format", "gitlab", "--now", NOW_TEXT, at=site)
    rows = json.loads(first.out)
    assert first.code == 1
    assert {(row["severity"], row["location"]["lines"]["begin"] > 0) for row in rows} == {("blocker", True)}
    assert len({row["fingerprint"] for row in rows}) == len(rows) > 0
    assert run("check", "--format", "gitlab", "--now", NOW_TEXT, at=site).out == first.out


@pytest.mark.parametrize("arguments", [("--json",), ("--format", "json")])
def test_problems_are_printed_as_json(site: Path, run: Run, arguments: tuple[str, ...]) -> None:
    _bad_incident(site)
    ran = run("check", *arguments, at=site)
    (problem,) = json.loads(ran.out)
    assert ran.code == 1
    assert (problem["path"], problem["line"], problem["level"]) == (INCIDENT, 3, "error")
    assert set(problem) == {"path", "line", "level", "message"}
    assert json.loads(run("check", "--json", "--now", NOW_TEXT, "--site", site / "elsewhere", at=site).out)


def test_warnings_are_0_unless_strict(site: Path, run: Run) -> None:
    write(site, **{"incidents/notes.txt": "?"})
    assert run("check", "--now", NOW_TEXT, at=site).code == 0
    assert run("check", "--now", NOW_TEXT, "--strict", at=site).code == 1


def test_a_build_publishes_the_good_names_the_bad_and_is_0_unless_strict(site: Path, run: Run) -> None:
    write(site, **{"incidents/2026-11-21-bad.md": "no front matter"})
    ran = run("build", "--now", NOW_TEXT, at=site)
    assert ran.code == 0
    assert ran.err.startswith("incidents/2026-11-21-bad.md:1: ")
    assert re.fullmatch(r"public: \d+ changed, 0 removed, 0 unchanged; 1 error: what has one was left out\n", ran.out)
    ran = run("build", "--now", NOW_TEXT, "--strict", "--json", at=site)
    counts = json.loads(ran.out)
    assert ran.code == 1
    assert (counts.pop("out"), counts.pop("unchanged") > 20) == ("public", True)
    assert counts == {"changed": 0, "removed": 0}


def test_a_round_is_printed_as_a_table_or_as_its_line(site: Path, run: Run) -> None:
    assert run("probe", at=site).out == "api  down                The connection was refused\n"
    ran = run("probe", "--json", at=site)
    assert ledger_lines(site)[-1] == ran.out.strip()
    assert not isinstance(ledger.decode_line(ran.out), str)


def test_a_dry_run_records_nothing_and_needs_no_repository(site: Path, run: Run) -> None:
    before = run_git(site, "for-each-ref")
    ran = run("probe", "--dry-run", at=site)
    assert (ran.out, ran.err) == (
        "api  down                The connection was refused\n",
        "Nothing was recorded (--dry-run).\n",
    )
    assert run_git(site, "for-each-ref") == before
    _no_repository(site)
    assert run("probe", "--dry-run", "--push", at=site).code == 0
    assert not (site / "data").exists()


def test_a_location_has_a_branch_of_its_own(site: Path, run: Run) -> None:
    run("probe", "--location", "berlin", at=site)
    assert len(ledger_lines(site, "status-data/berlin")) == 1


def test_run_is_a_probe_and_a_build(remote: Path, run: Run) -> None:
    site = clone(remote, "clone")
    ran = run("run", "--push", "--location", "berlin", "--out", "out", "--base-url", "https://a.example", at=site)
    assert ran.code == 0
    assert len(ledger_lines(remote, "status-data/berlin")) == 1
    assert "status-data/berlin" in (site / "out/build.json").read_text()
    assert "https://a.example/" in (site / "out/sitemap.xml").read_text()


def test_a_site_elsewhere_is_built_into_its_own_folder(site: Path, run: Run, tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    run("build", "--site", "../site", at=tmp_path / "here")
    assert (site / "public/index.html").exists()
    assert list((tmp_path / "here").iterdir()) == []


def test_a_wrong_answer_of_the_machine_is_told_without_a_traceback(site: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "statusgen", "check", "--now", NOW_TEXT, "--site", site],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (3, "error: [Errno 28] No space left on device\n")


def test_a_reader_that_goes_away_is_no_reason_to_complain() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "statusgen", "schema"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.wait()
    process.stderr.close()


def test_a_terminal_that_lacks_a_letter_gets_its_number(site: Path) -> None:
    write(site, **{INCIDENT: INCIDENT_TEXT.replace("api:", "Ж:")})
    done = statusgen("check", at=site, environment={"PYTHONIOENCODING": "latin-1"})
    assert (done.returncode, done.stderr) == (1, "")
    assert "component '\\u0416' is not in components.yaml" in done.stdout


# Secrets.


def test_a_secret_is_sent_and_shown_nowhere(site: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", SECRET)
    components = """
site: {{name: Acme, url: "https://status.acme.example", id: acme}}
probing: {{timeout: 10s, reprobe: [], preflight: none}}
components:
  - id: api
    name: API
    checks:
      - {{id: echoed, http: {{url: "{url}", headers: {{Authorization: "Bearer ${{env:TOKEN}}"}}, body_contains: "x"}}}}
      - {{id: sent, http: {{url: "{url}?key=${{env:TOKEN}}", method: POST, body: "${{env:TOKEN}}", status: [204]}}}}
"""

    def echo(request: bytes) -> bytes:
        return response(500, request, Location=f"/?{SECRET}")

    with answering(echo) as server:
        write(site, **{"components.yaml": components.format(url=server.url())})
        said = [run(*arguments, at=site) for arguments in (("probe",), ("probe", "--json"), ("check",), ("build",))]
        assert sum(SECRET.encode() in request for request in server.requests) == 4
    printed = "".join(ran.out + ran.err for ran in said)
    assert [ran.code for ran in said] == [0, 0, 0, 0]
    assert "status 500" in printed
    made = [path.read_bytes() for path in (site / "public").rglob("*.*")]
    kept = [run_git(site, "log", "--all", "--patch"), *(content.decode("latin-1") for content in made)]
    for text in (printed, *kept):
        assert "hunter2" not in text


def test_an_unset_secret_is_named_and_nothing_is_asked(site: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOKEN", raising=False)
    with answering(response(200)) as server:
        check = f'http: {{url: "{server.url()}", headers: {{X-Key: "${{env:TOKEN}}"}}}}'
        write(site, **{"components.yaml": COMPONENTS.replace('tcp: "127.0.0.1:9"', check)})
        ran = run("probe", at=site)
        assert server.connections == 0
    assert ran.code == 1
    assert "environment variable 'TOKEN' is not set, and a check in components.yaml needs it" in ran.err
    ran = run("check", "--now", NOW_TEXT, at=site)
    assert (ran.code, "environment variable 'TOKEN' is not set here" in ran.out) == (0, True)
    assert run("check", "--now", NOW_TEXT, "--require-secrets", at=site).code == 1


# The process.


def test_help_takes_little_of_the_processor() -> None:
    used = []
    for _ in range(3):  # the best of three: the first may have to compile
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        statusgen("--help", at=ROOT)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(used) < CPU_SECONDS


def test_an_interrupted_probe_ends_at_once_and_says_no_more_than_that(site: Path) -> None:
    with Server(dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")) as endless:
        write(site, **{"components.yaml": COMPONENTS.replace('tcp: "127.0.0.1:9"', f'http: "{endless.url()}"')})
        write(site, **{"components.yaml": (site / "components.yaml").read_text().replace("300ms", "60s")})
        with running("probe", at=site) as process:
            assert eventually(lambda: endless.connections == 1)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate()
    assert (process.returncode, out, err.strip()) == (130, "", "interrupted")
    assert len(ledger_lines(site)) == 24


def test_rounds_may_not_wait_for_so_long_that_they_are_late(site: Path, run: Run) -> None:
    ran = run("probe", "--watch", "1h", "--commit-every", "16m", at=site)
    assert ran.code == 2
    assert "--commit-every is at most 15 min" in ran.err


@pytest.mark.parametrize(
    ("command", "why"), [(" ", "' ' names no program"), ("echo 'a", "'echo 'a' cannot be taken apart")]
)
def test_a_program_that_is_none_is_refused_before_a_round(site: Path, run: Run, command: str, why: str) -> None:
    refs = run_git(site, "for-each-ref")
    ran = run("probe", "--watch", "1s", "--then", command, at=site)
    assert (ran.code, ran.out) == (2, "")
    assert why in ran.err
    assert len(ran.err.splitlines()) == 1
    assert run_git(site, "for-each-ref") == refs


def test_every_command_and_option_is_explained(run: Run, tmp_path: Path) -> None:
    for name, command in cli.commands.commands.items():
        ran = run(name, "--help", at=tmp_path)
        assert (ran.code, ran.err) == (0, "")
        for parameter in command.params:
            shown = parameter.metavar if isinstance(parameter, click.Argument) else ""
            assert (shown or parameter.opts[0]).lower() in ran.out.lower()
            assert getattr(parameter, "help", "") or parameter.param_type_name == "argument"


def test_whatever_is_in_the_files_no_command_breaks(site: Path, run: Run) -> None:
    record(site, ["", "{", "\0", *rounds(NOW, NOW)])
    spoiled = (
        b"",
        b"\xff\xfe",
        b"\0",
        b"- a\n- b\n",
        b"site:\n",
        b"a: &a [*a]\n",
        b"[" * 5_000,
        b"--- !!python/object:x\n",
    )
    for content in spoiled:
        (site / "components.yaml").write_bytes(content)
        for command in ("check", "build", "probe"):
            ran = run(command, at=site)
            assert ran.code == 1, content
            assert re.match(r"components\.yaml:\d+: ", ran.out + ran.err), content
    write(site, **{"components.yaml": COMPONENTS})
    for number, content in enumerate((*spoiled, b"---\n---\n", b"---\ntitle: [\n---\n## Resolved")):
        (site / f"incidents/2026-11-21-spoiled-{number}.md").write_bytes(content)
    ran = run("check", at=site)
    assert ran.code == 1
    assert len({line.partition(":")[0] for line in ran.out.splitlines() if "spoiled" in line}) == len(spoiled) + 2


# Translations


def test_translate_writes_a_catalog_with_every_text_and_check_tells_how_much_it_lacks(site: Path, run: Run) -> None:
    ran = run("translate", "nl", at=site)
    path = "themes/default/locales/nl.po"
    assert ran.code == 0
    assert ran.out.split("\n")[0] == f"wrote {path}"
    assert "add 'nl' to 'languages'" in ran.out
    assert 'msgid "All systems operational"\nmsgstr ""\n' in (site / path).read_text("utf-8")
    write(site, **{"components.yaml": COMPONENTS.replace("id: acme}", "id: acme, languages: [nl, en-GB]}")})
    ran = run("check", at=site)
    assert ran.code == 0
    assert f"{path}:1: lacks " in ran.out + ran.err
    assert "'statusgen translate nl' adds them to the file" in ran.out + ran.err
    assert "en-GB" not in ran.out + ran.err


def test_translate_keeps_what_is_translated_and_a_site_is_said_in_it(site: Path, run: Run) -> None:
    run("translate", "nl", at=site)
    catalog = site / "themes/default/locales/nl.po"
    text = catalog.read_text("utf-8").replace('operational"\nmsgstr ""', 'operational"\nmsgstr "Het werkt"')
    catalog.write_text(text, "utf-8")
    run("translate", "nl", at=site)
    assert catalog.read_text("utf-8") == text


def test_translate_refuses_what_is_no_language(site: Path, run: Run) -> None:
    ran = run("translate", "../nl", at=site)
    assert ran.code != 0
    assert "'../nl' is no language tag: write it like de, pt-BR or zh-Hant" in ran.err
    assert not (site / "themes/default/locales").exists()


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_who_does_not_listen_is_no_reason_to_fail(site: Path, closed: str) -> None:
    command = f"{sys.executable} -m statusgen build --now {NOW_TEXT} {closed}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(["sh", "-c", command], cwd=site, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert (site / "public/index.html").is_file()
