"""No secret leaves the program but to where it belongs: proven by failing in every way and looking everywhere.

A site has a secret in every place where one may stand, and its targets fail in every way that a target can, most of
them repeating what they were sent. Then everything that the program printed and wrote is searched for every secret, in
every form in which one may have got there.
"""

from __future__ import annotations

import base64
import html
import io
import json
import os
import socket
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from statusgen.errors import Level, Problem
from statusgen.printing import Screen, problems, remark
from statusgen.secret import Gate

from .probes.servers import CERTIFICATES, Server, answering, read_request, response, silent, tls, unused_port
from .sites import NOW_TEXT, run_git, statusgen, write

NAMES = (
    *("QUERY", "HEADER", "BODY", "USER", "PASSWORD", "BEARER", "ISSUER_QUERY", "CLIENT_ID", "CLIENT_SECRET"),
    *("SOCKET_QUERY", "SOCKET_HEADER", "SOCKET_TEXT", "METADATA", "STEP", "PROGRAM"),
)
SECRETS = {name: f"{number}s4f9 /+%&=?#:;\"'\\<>{{}}ü{number}z" for number, name in enumerate(NAMES, 10)}
GRANTED = "granted-7c1-token-x9"  # no secret of the site's, but given to it
KEY = (CERTIFICATES / "localhost.pem").read_text()
OF_KEY = [line for line in KEY.partition("-----BEGIN PRIVATE KEY-----\n")[2].splitlines() if "-----" not in line]
ENVIRONMENT = {**SECRETS, "KEY": KEY, "CERTIFICATE": KEY}
Checks = list[dict[str, object]]


def forms(value: str) -> set[bytes]:
    """Return every form in which a text may stand in a file or on a screen."""
    texts = {value, quote(value), quote(value, safe=""), quote_plus(value), repr(value)[1:-1], html.escape(value)}
    texts |= {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], ascii(value)[1:-1]}
    found = {text.encode(encoding) for text in texts for encoding in ("utf-8", "latin-1")}
    for raw in (value.encode(), quote_plus(value).encode(), value.encode("latin-1")):
        found.add(raw.hex().encode())
        for offset in range(3):  # as a part of what was encoded, wherever it began
            encoded = base64.b64encode(b"\0" * offset + raw)
            middle = encoded[-(-offset * 8 // 6) :][: len(raw) * 8 // 6 - 2]
            found |= {middle, middle.replace(b"+", b"-").replace(b"/", b"_")}
    return found


FORMS = {name: forms(value) for name, value in {**SECRETS, "GRANTED": GRANTED}.items()}
FORMS["KEY"] = {form for line in OF_KEY for form in forms(line)}


def leaks(content: bytes) -> set[str]:
    return {name for name, each in FORMS.items() if any(form in content for form in each)}


# Ways to fail. Each is given what the checks that use it are to be made of: the beginning of a URL.


def repeating(request: bytes) -> bytes:
    """Fail, and say again all that was said, in every place where an answer has room for it."""
    line = request.split(b"\r\n")[0].decode("latin-1")
    return response(500, request, X_Said=line, Set_Cookie=line, Content_Type=f"text/html; charset={line}")


def garbling(request: bytes) -> bytes:
    return request + b"\r\n\r\n"


def breaking_off(request: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + request


def leading_round(request: bytes) -> bytes:
    return response(302, request, Location=request.split()[1].decode("latin-1"))


def leading_nowhere(request: bytes) -> bytes:
    return response(302, request, Location="http://" + request.split()[1].decode("latin-1")[1:] + ".example:99999/")


def walling(request: bytes) -> bytes:
    return response(403, request, cf_mitigated="challenge")


ANSWERS: dict[str, Callable[[bytes], bytes]] = {
    "repeating": repeating,
    "garbling": garbling,
    "breaking-off": breaking_off,
    "leading-round": leading_round,
    "leading-nowhere": leading_nowhere,
    "walling": walling,
}


@contextmanager
def ways_to_fail() -> Iterator[tuple[dict[str, str], list[Server]]]:
    """Yield URLs without their path by the way in which what is asked there fails, and the servers that were asked."""
    with ExitStack() as stack:
        servers = {name: stack.enter_context(answering(answer)) for name, answer in ANSWERS.items()}
        other = stack.enter_context(answering(repeating))
        servers["leading-away"] = stack.enter_context(answering(lambda _: response(307, Location=other.url("/other"))))
        hanging = stack.enter_context(Server(silent))
        hanging_up = stack.enter_context(Server(hang_up))
        secure = {name: stack.enter_context(answering(repeating, tls(name))) for name in ("localhost", "expired")}
        urls = {name: server.url("") for name, server in (servers | secure).items()}
        urls |= {
            "refusing": f"http://127.0.0.1:{unused_port()}",
            "hanging": hanging.url(""),
            "hanging-up": hanging_up.url(""),
            "stalling": f"https://127.0.0.1:{hanging.port}",
            "without-tls": f"https://127.0.0.1:{servers['garbling'].port}",
            "nameless": f"http://{'a' * 64}.example",
        }
        yield urls, [*servers.values(), *secure.values(), other]


def hang_up(sock: socket.socket) -> None:
    read_request(sock)


# Places for secrets.

PLACES: Mapping[str, dict[str, object]] = {
    "query": {"query": "?key=${env:QUERY}&b=1"},
    "header": {"headers": {"X-Token": "Token ${env:HEADER}"}},
    "body": {"method": "POST", "body": '{"key": "${env:BODY}"}', "json": [{"path": "$.key", "is": "x"}]},
    "basic": {"auth": {"basic": {"user": "${env:USER}", "password": "${env:PASSWORD}"}}},
    "bearer": {"auth": {"bearer": "${env:BEARER}"}, "body_regex": "^nothing", "body_lacks": "e"},
    "client": {"client": {"certificate": "${env:CERTIFICATE}", "key": "${env:KEY}"}, "ca_file": "authority.pem"},
}


def http(url: str, place: dict[str, object]) -> dict[str, object]:
    """Return the keys of a check that sends what a place holds to a URL; a client's certificate needs TLS."""
    keys = {name: value for name, value in place.items() if name != "query"}
    url = url.replace("http://", "https://") if "client" in keys else url
    return {"http": {"url": f"{url}/{place.get('query', '')}", **keys}}


def issued_by(url: str) -> dict[str, object]:
    return {
        "oauth2": {
            "token_url": f"{url}/?key=${{env:ISSUER_QUERY}}",
            "client_id": "${env:CLIENT_ID}",
            "client_secret": "${env:CLIENT_SECRET}",
        }
    }


def of_other_kinds(url: str) -> Checks:
    """Return checks of other kinds, whose secrets go where the URL leads."""
    port = int(url.rpartition(":")[2]) if url.count(":") == 2 else 9
    there = {"host": "127.0.0.1", "port": port}
    websocket = {
        "url": url.replace("http", "ws", 1) + "/?key=${env:SOCKET_QUERY}",
        "headers": {"X-Token": "${env:SOCKET_HEADER}"},
        "send": "${env:SOCKET_TEXT}",
        "expect": "x",
    }
    return [
        {"websocket": websocket},
        {"tcp": {**there, "steps": [{"send": "${env:STEP}\r\n\r\n"}, {"expect": "^nothing"}]}},
        {"grpc": {**there, "tls": False, "metadata": {"x-token": "${env:METADATA}"}}},
    ]


PROGRAM = {"exec": {"command": ["sh", "-c", 'echo "$P"; echo "$P" >&2; exit 2'], "env": {"P": "${env:PROGRAM}"}}}


def checks(urls: Mapping[str, str], issuer: str) -> Checks:
    """Return every way to fail for every place, and for what gets its secret from elsewhere."""
    made = [http(url, place) for url in urls.values() for place in PLACES.values()]
    made += [{"http": {"url": f"{urls['repeating']}/", "auth": issued_by(url)}} for url in urls.values()]
    typical = [urls[name] for name in ("repeating", "garbling", "leading-away", "hanging", "refusing")]
    made += [{"http": {"url": f"{url}/", "auth": issued_by(issuer)}} for url in typical]
    made += [check for url in typical for check in of_other_kinds(url)]
    return [*made, PROGRAM]


def components(made: Checks) -> str:
    """Write the site's file. What is JSON is YAML as well."""
    return json.dumps(
        {
            "site": {"name": "Acme", "url": "https://status.acme.example", "id": "acme"},
            "probing": {"timeout": "2s", "reprobe": [], "preflight": "none"},
            "components": [
                {"id": "api", "name": "API", "checks": [{"id": f"c{n}", **each} for n, each in enumerate(made)]}
            ],
        },
        indent=1,
    )


# Looking everywhere.


@dataclass(frozen=True)
class Seen:
    """What the program printed and wrote, by a name for where that was."""

    contents: dict[str, bytes]

    def leaks(self) -> dict[str, set[str]]:
        return {place: found for place, content in self.contents.items() if (found := leaks(content))}


def everything(folder: Path, ran: list[subprocess.CompletedProcess[str]]) -> Seen:
    """Gather all output, every object of every branch, and every file, those of git and of the site among them."""
    objects = subprocess.run(
        ["git", "cat-file", "--batch-all-objects", "--batch", "--unordered"],
        cwd=folder,
        capture_output=True,
        check=True,
    ).stdout
    contents = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    said = {f"output {number}": f"{each.args} {each.stdout} {each.stderr}" for number, each in enumerate(ran)}
    return Seen({"objects": objects, **contents, **{name: text.encode() for name, text in said.items()}})


PROBE = ("probe", "--allow-exec", "--no-push")  # what the program says goes to a log
PUSH = ("probe", "--push")  # to nowhere: the round waits in a queue
DRY = ("probe", "--dry-run", "--json")
CHECK = ("check", "--now", NOW_TEXT, "--format", "json", "--require-secrets")
BUILD = ("build",)


def run(
    folder: Path, environment: Mapping[str, str], *commands: tuple[str, ...]
) -> list[subprocess.CompletedProcess[str]]:
    return [statusgen(*command, at=folder, environment=environment) for command in commands]


@pytest.fixture
def place(site: Path) -> Path:
    """A site with the tests' authority, and a remote that is not there, so that rounds wait in the queue."""
    (site / "authority.pem").write_bytes((CERTIFICATES / "authority.pem").read_bytes())
    run_git(site, "remote", "add", "origin", str(site.parent / "nowhere.git"))
    return site


def test_no_secret_is_told_however_a_target_fails(place: Path) -> None:
    with ways_to_fail() as (urls, servers):
        granting = response(body=json.dumps({"access_token": GRANTED, "token_type": "bearer"}).encode())
        with answering(granting) as issuer:
            write(place, **{"components.yaml": components(checks(urls, issuer.url("")))})
            ran = run(place, ENVIRONMENT, PROBE, CHECK, BUILD)
            write(place, **{"components.yaml": components([http(urls["repeating"], PLACES["query"])])})
            ran += run(place, ENVIRONMENT, PUSH)
        received = leaks(b"".join(request for server in [*servers, issuer] for request in server.requests))
    recorded = run_git(place, "log", "--all", "--patch")
    assert received >= set(FORMS) - {"KEY", "PROGRAM", "SOCKET_TEXT", "METADATA"}, "they were never sent"
    for reason in ("timeout", "refused", "status 500", "protocol", "redirects", "auth", "blocked", "tls_untrusted"):
        assert f'"{reason}"' in recorded
    assert [each.returncode for each in ran] == [0, 0, 0, 3]
    assert list((place / ".git/statusgen").rglob("*.jsonl")), "nothing waits"
    assert everything(place, ran).leaks() == {}


def test_no_secret_is_told_by_a_probe_that_crashes(place: Path) -> None:
    broken = """\
        from statusgen.probes import exchange, dial
        def ask(self, request):
            raise RuntimeError(f"a bug: {request}") from ValueError(request.url)
        exchange.Exchange.ask = ask
        """
    write(place, **{"bug/sitecustomize.py": textwrap.dedent(broken)})
    made = [http("https://127.0.0.1:9", each) for each in PLACES.values()]
    write(place, **{"components.yaml": components(made)})
    environment = {**ENVIRONMENT, "PYTHONPATH": f"{place / 'bug'}:{Path(__file__).parent.parent}"}
    ran = run(place, environment, PROBE, DRY)
    assert ran[0].stderr.count("crashed: RuntimeError") == len(made)
    assert everything(place, ran).leaks() == {}


@pytest.mark.parametrize("unset", [NAMES[::2], (*NAMES[1::2], "KEY")])
def test_no_secret_is_told_where_others_are_not_set(place: Path, unset: tuple[str, ...]) -> None:
    made = [http("https://127.0.0.1:9", each) for each in PLACES.values()]
    made += [{"http": {"url": "https://127.0.0.1:9/", "auth": issued_by("https://127.0.0.1:9")}}, PROGRAM]
    made += of_other_kinds("https://127.0.0.1:9")
    write(place, **{"components.yaml": components(made)})
    ran = [statusgen("probe", at=place, environment={k: v for k, v in ENVIRONMENT.items() if k not in unset})]
    assert ran[0].returncode == 1
    assert any(f"'{name}' is not set" in ran[0].stderr for name in unset)
    assert everything(place, ran).leaks() == {}


def test_no_secret_is_told_that_cannot_be_sent(place: Path) -> None:
    made = [http("http://127.0.0.1:9", PLACES["header"])]
    write(place, **{"components.yaml": components(made)})
    ran = [statusgen("probe", at=place, environment={"HEADER": f"{SECRETS['HEADER']}\n"})]
    assert (ran[0].returncode, "'HEADER' holds a line break" in ran[0].stderr) == (1, True)
    assert everything(place, ran).leaks() == {}


@pytest.mark.parametrize("line", ["auth: {bearer: '${env:BEARER'}", "headers: {X: '${BEARER}'}", "no: [yaml"])
def test_no_secret_is_told_by_a_file_that_cannot_be_read(place: Path, line: str) -> None:
    text = components([]).replace('"checks": []', f'"check": {{"http": {{url: "https://a.example/", {line}}}}}')
    write(place, **{"components.yaml": text})
    ran = run(place, ENVIRONMENT, PROBE, CHECK)
    assert {each.returncode for each in ran} == {1}
    assert everything(place, ran).leaks() == {}


@pytest.mark.parametrize("name", FORMS)
def test_what_is_looked_for_would_be_found(name: str) -> None:
    value = {**SECRETS, "GRANTED": GRANTED, "KEY": OF_KEY[0]}[name]
    encoded = base64.b64encode(f"user:{value}".encode()).decode()
    for form in (value, quote(value, safe=""), json.dumps({"a": value}), repr(value), encoded):
        assert leaks(f"x{form}x".encode()) == {name}


def test_every_place_is_looked_at(place: Path) -> None:
    hidden = SECRETS["BEARER"]
    texts = {"public/page.html": hidden, ".git/statusgen/logs/program.log": quote(hidden)}
    write(place, **texts)
    run_git(place, "branch", "status-data/elsewhere", run_git(place, "commit-tree", "HEAD^{tree}", "-m", hidden))
    found = everything(place, [subprocess.CompletedProcess(["statusgen"], 0, "", repr(hidden))]).leaks()
    assert found == {where: {"BEARER"} for where in [*texts, "objects", "output 0"]}


COMMANDS = "##[add-matcher]m.json ##[error]x\n::add-mask::x\n \u3000::stop-commands::x\n::error file=a::x\na ::1 b\n"
HARMLESS = (
    "##\\u005badd-matcher]m.json ##\\u005berror]x\n\\u003a:add-mask::x\n \u3000\\u003a:stop-commands::x\n"
    "\\u003a:error file=a::x\na ::1 b\n"
)


def obeyed(text: str) -> str:
    stream = io.StringIO()
    Screen(stream, Gate({}), is_obeyed=True).write(text)
    return stream.getvalue()


def test_what_strangers_wrote_is_no_command_to_the_runner_that_reads_the_log() -> None:
    stream = io.StringIO()
    Screen(stream, Gate({})).write(COMMANDS)
    assert stream.getvalue() == COMMANDS
    assert obeyed(COMMANDS) == HARMLESS
    assert obeyed("::add-mask::x") == r"\u003a:add-mask::x"
    assert obeyed("error: git said\n::error::x") == "error: git said\n\\u003a:error::x"


def test_what_the_program_itself_tells_the_runner_stays_a_command() -> None:
    ours = [remark(level, "a\n::set-output::b") for level in Level]
    ours += problems([Problem(path="a.md", line=3, message="b", level=level) for level in Level], "github")
    assert obeyed("\n".join(ours)) == "\n".join(ours)
    assert obeyed("::notice::a\n::add-mask::b\n ::error::c") == "::notice::a\n\\u003a:add-mask::b\n \\u003a:error::c"


@pytest.mark.parametrize("indent", [None, 1])
def test_json_says_the_same_in_a_log(indent: int | None) -> None:
    said = {"##[error]": ["::add-mask::x", "##[", COMMANDS]}
    written = obeyed(json.dumps(said, indent=indent))
    assert json.loads(written) == said
    assert "##[" not in written


def test_a_log_is_a_pipe_and_a_file_holds_what_was_written(tmp_path: Path) -> None:
    write(tmp_path, **{"components.yaml": "site: {name: Acme}\ncomponents: [{id: api, '##[error]a': API}]\n"})
    command = [sys.executable, "-m", "statusgen", "check"]
    environment = {**os.environ, "GITHUB_ACTIONS": "true"}
    piped = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert piped.returncode == 1
    assert rb"'##\u005berror]a'" in piped.stdout + piped.stderr
    with (tmp_path / "out").open("wb") as out:
        subprocess.run(command, cwd=tmp_path, env=environment, stdout=out, stderr=out, check=False)
    assert b"'##[error]a'" in (tmp_path / "out").read_bytes()


def test_what_a_server_says_moves_no_terminals_cursor() -> None:
    """git repeats what a remote says, and what stands in names."""
    stream = io.StringIO()
    Screen(stream, Gate({})).write("remote: \x1b]0;owned\x07\x9b2J\u202e\rall is well\r\n\tüé日本\n")
    assert stream.getvalue() == "remote: \\u001b]0;owned\\u0007\\u009b2J\\u202e\\u000dall is well\r\n\tüé日本\n"
