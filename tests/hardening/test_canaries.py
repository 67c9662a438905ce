"""Secret canaries, in every place where one may stand and in seven encodings: no byte of one gets out.

Servers say them in each place that an answer has, programs and hooks print them, somebody pastes them into an incident:
what the program then has printed, committed, queued and published holds none. What it cannot leave out it refuses.
"""

from __future__ import annotations

import base64
import html
import json
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from statusgen import archive, branches, git, public
from statusgen.archive import Outbox
from statusgen.errors import StatusgenError
from statusgen.model import Round, Sample, Verdict
from statusgen.posting import proposals
from statusgen.posting.proposals import Place
from statusgen.secret import Gate

from ..probes.servers import Server, answering, response
from ..program import Done, Program, served
from ..sites import INCIDENT_TEXT, NOW, NOW_TEXT, hook, ledger_lines, run_git, write
from ..test_redaction import ENVIRONMENT, PLACES, SECRETS, components, everything, http, leaks

ENCODINGS: Mapping[str, Callable[[str], str]] = {
    "raw": str,
    "percent": lambda value: quote(value, safe=""),
    "plus": quote_plus,
    "json": lambda value: json.dumps(value)[1:-1],
    "repr": lambda value: repr(value)[1:-1],
    "base64": lambda value: base64.b64encode(f"me:{value}".encode()).decode(),
    "base64 of addresses": lambda value: base64.urlsafe_b64encode(value.encode()).decode(),
    "hex": lambda value: value.encode().hex(),
}
CANARY = SECRETS["HEADER"]
HEX = ENCODINGS["hex"](CANARY)
GATE = Gate(SECRETS)
GATE.heed("".join(f"${{env:{name}}}" for name in SECRETS))
EVERYTHING, OF_PLACES = (
    " ".join(encode(SECRETS[name]) for name in names for encode in ENCODINGS.values())
    for names in (SECRETS, ("QUERY", "HEADER", "BODY", "USER", "PASSWORD", "BEARER"))
)
each_encoding = pytest.mark.parametrize("encoding", ENCODINGS)
LATER = "2026-11-21T12:05Z"
CHECKS = """
  - id: web
    name: Web
    checks: [{id: web, http: {url: "https://a.example/", headers: {X-Token: "${env:HEADER}"}}}]
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory, _own_git: None) -> Iterator[Program]:
    with served(tmp_path_factory.mktemp("program") / "served") as made:
        yield made


SAFE = ("percent", "plus", "base64 of addresses", "hex")  # what may stand in an address


def writing(text: str) -> proposals.Change:
    return lambda _: {"incidents/a.md": text}


def saying_all(_request: bytes) -> bytes:
    """Answer with every secret, where an answer has room for one."""
    there = {"X_Said": EVERYTHING, "Set_Cookie": f"a={EVERYTHING}", "WWW_Authenticate": EVERYTHING}
    return response(500, EVERYTHING.encode(), **there).replace(b"500 X", b"500 " + EVERYTHING[:9_000].encode())


def leading_there(_request: bytes) -> bytes:
    """Redirect to where nobody listens, with the canary where a path and a query have room for it."""
    safe = [ENCODINGS[encoding](CANARY) for encoding in SAFE]
    return response(302, Location=f"http://127.0.0.1:9/{safe[3]}?{'&'.join(safe)}")


def leading_there_as_somebody(_request: bytes) -> bytes:
    """Redirect with a user and a password as well, which is not followed."""
    safe = [ENCODINGS[encoding](CANARY) for encoding in SAFE]
    return response(302, Location=f"http://{safe[0]}:{safe[2]}@127.0.0.1:9/{safe[3]}?{'&'.join(safe)}")


def greeting(sock: socket.socket) -> None:
    """Say them as a banner, and again as a complaint about whatever is said."""
    sock.sendall(f"220 {EVERYTHING}\r\n".encode())
    sock.recv(1_000)
    sock.sendall(f"554 {EVERYTHING}\r\n".encode())


@contextmanager
def servers() -> Iterator[list[dict[str, object]]]:
    """Yield checks that hold every kind of secret and ask servers that know them all."""
    with ExitStack() as stack:
        acts = (saying_all, leading_there, leading_there_as_somebody)
        urls = [stack.enter_context(answering(act)).url("") for act in acts]
        banner = stack.enter_context(Server(greeting))
        there = {"host": "127.0.0.1", "port": banner.port}
        asking = {"steps": [{"expect": "^nothing"}, {"send": "${env:STEP}\r\n"}]}
        made = [http(url, place) for url in urls for name, place in PLACES.items() if name != "client"]
        printing = ["sh", "-c", 'echo "$P" "$SAID"; echo "$P" "$SAID" >&2; exit 2']
        program = {"command": printing, "env": {"P": "${env:PROGRAM}", "SAID": "${env:SAID}"}}
        more: list[dict[str, object]] = [
            {"tcp": {**there, **asking}},
            {"ssh": there},
            {"smtp": there},
            {"exec": program},
        ]
        yield [*made, *more]


def looked_at(folder: Path, *ran: Done) -> dict[str, set[str]]:
    """Return the names of the secrets that the program has told, by where: not those of its own arguments."""
    return everything(folder, [subprocess.CompletedProcess([], each.code, each.out, each.err) for each in ran]).leaks()


# What servers, programs and git say


def test_what_servers_and_programs_say_gets_nowhere(site: Path, program: Program) -> None:
    environment = {**ENVIRONMENT, "SAID": " ".join(encode(SECRETS["PROGRAM"]) for encode in ENCODINGS.values())}
    with servers() as checks:
        write(site, **{"components.yaml": components(checks)})
        words = ("probe", "--allow-exec")
        ran = [program.run(*words, *more, at=site, environment=environment) for more in ((), ("--dry-run", "--json"))]
    ran += [program.run("build", at=site, environment=environment)]
    assert [each.code for each in ran] == [0, 0, 0]
    recorded = ledger_lines(site)[-1]
    reasons = ("status 500", "refused", "protocol", "answer", "status 554", "exit 2")
    assert [reason for reason in reasons if f'"{reason}"' not in recorded] == [], recorded
    assert looked_at(site, *ran) == {}


def test_what_git_and_programs_beside_print_is_masked(site: Path, program: Program) -> None:
    there = site.parent / "there.git"
    run_git(site.parent, "init", "--quiet", "--bare", str(there))
    hook(there, "pre-receive", 'printf "%s\\n" "$OF_PLACES" >&2; exit 1')
    run_git(site, "remote", "add", "origin", str(there))
    write(site, **{"components.yaml": components([http("http://127.0.0.1:9", each) for each in PLACES.values()])})
    ran = program.run("probe", "--push", at=site, environment={**ENVIRONMENT, "OF_PLACES": OF_PLACES})
    assert (ran.code, "***" in ran.err) == (3, True)
    watching = ("probe", "--watch", "1s", "--then", """sh -c 'echo "$OF_PLACES"; exit 1'""")
    run_git(site, "remote", "remove", "origin")
    then = program.run(*watching, at=site, environment={**ENVIRONMENT, "OF_PLACES": OF_PLACES})
    assert (then.code, "ended with code 1: ***" in then.err) == (0, True)
    assert looked_at(site, ran, then) == {}


# Notices

NOTICES = """\
site: {name: Acme Status, url: "https://status.acme.example", id: acme}
components: [{id: api, name: API}]
notifications:
  - {name: hook, webhook: "${env:HOOK}"}
  - {name: chat, to: "${env:CHAT}"}
"""


def test_receivers_of_notices_that_say_their_own_address_are_not_repeated(site: Path, program: Program) -> None:
    with answering(saying_all) as receiver:
        rest = f"127.0.0.1:{receiver.port}/{quote(CANARY, safe='')}?key={quote(SECRETS['QUERY'], safe='')}"
        environment = {"HOOK": f"http://{rest}", "CHAT": f"json://user:{quote(SECRETS['PASSWORD'], safe='')}@{rest}"}
        write(site, **{"components.yaml": NOTICES})
        ran = [program.run("notify", "--now", NOW_TEXT, at=site, environment=environment)]
        write(site, **{"incidents/2026-11-21-late.md": INCIDENT_TEXT})
        later = ("notify", "--now", LATER)
        ran += [program.run(*later, *more, at=site, environment=environment) for more in ((), ("--test",))]
        asked = b"".join(receiver.requests)
    assert [each.code for each in ran] == [0, 3, 3]
    assert leaks(asked) >= {"HEADER", "QUERY"}, "they were never sent"
    assert all("route 'hook'" in each.err and "route 'chat'" in each.err for each in ran[1:])
    assert looked_at(site, *ran) == {}


def test_a_message_with_a_secret_goes_to_nobody_until_it_is_taken_out(site: Path, program: Program) -> None:
    with answering(response()) as receiver:
        environment = {"HOOK": f"http://127.0.0.1:{receiver.port}/", "HEADER": CANARY, "CHAT": ""}
        words = ("notify", "--route", "hook")
        checked = f"components:\n  - {{id: api, name: API}}{CHECKS}"
        write(site, **{"components.yaml": NOTICES.replace("components: [{id: api, name: API}]\n", checked)})
        begun = program.run(*words, "--now", NOW_TEXT, at=site, environment=environment)
        ran = []
        for encode in ENCODINGS.values():
            text = INCIDENT_TEXT.replace("rolled back", f"rolled back: {encode(CANARY)}")
            write(site, **{"incidents/2026-11-21-late.md": text})
            ran.append(program.run(*words, "--now", LATER, at=site, environment=environment))
        assert [each.code for each in ran] == [1] * len(ENCODINGS)
        line = INCIDENT_TEXT.partition("rolled")[0].count("\n") + 1
        told = f"incidents/2026-11-21-late.md:{line}: holds the secret 'HEADER', and nothing was written: take it out"
        assert all(told in each.err for each in ran)
        assert b"rolled" not in b"".join(receiver.requests)
        write(site, **{"incidents/2026-11-21-late.md": INCIDENT_TEXT})
        mended = program.run(*words, "--now", "2026-11-21T12:10Z", at=site, environment=environment)
        assert (begun.code, mended.code) == (0, 0)
        assert b"rolled back" in b"".join(receiver.requests)
    assert looked_at(site, begun, *ran, mended) == {}


def test_a_message_with_a_secret_from_the_configuration_waits(site: Path, program: Program) -> None:
    with answering(response()) as receiver:
        environment = {"HOOK": f"http://127.0.0.1:{receiver.port}/", "HEADER": CANARY}
        words = ("notify", "--route", "hook")
        named = NOTICES.replace("name: Acme Status", f"name: Acme {HEX}")
        checked = named.replace(
            "components: [{id: api, name: API}]\n", f"components:\n  - {{id: api, name: API}}{CHECKS}"
        )
        write(site, **{"components.yaml": checked})
        ran = [program.run(*words, "--now", NOW_TEXT, at=site, environment=environment)]
        write(site, **{"incidents/2026-11-21-late.md": INCIDENT_TEXT})
        ran += [
            program.run(*words, *more, at=site, environment=environment) for more in (("--now", LATER), ("--test",))
        ]
        assert [each.code for each in ran] == [0, 3, 3]
        assert all("route 'hook': the message would hold the secret 'HEADER'" in each.err for each in ran[1:])
        assert receiver.requests == []


def test_a_message_with_a_secret_keeps_no_other_waiting(site: Path, program: Program) -> None:
    named = NOTICES.replace("[{id: api, name: API}]", f"\n  - {{id: api, name: API}}\n  - {{id: db, name: {HEX}}}")
    write(site, **{"components.yaml": named.replace("\nnotifications", f"{CHECKS.rstrip()}\nnotifications")})
    with answering(response()) as receiver:
        environment = {"HOOK": f"http://127.0.0.1:{receiver.port}/", "HEADER": CANARY}
        words = ("notify", "--route", "hook")
        ran = [program.run(*words, "--now", NOW_TEXT, at=site, environment=environment)]
        bad = INCIDENT_TEXT.replace("Elevated", "Worse").replace("api: partial_outage", "db: major_outage")
        bad = bad.replace("Components: api operational\n", "").replace("2026-11-20 1", "2026-11-20 0")
        write(site, **{"incidents/2026-11-21-late.md": INCIDENT_TEXT, "incidents/2026-11-20-early.md": bad})
        ran.append(program.run(*words, "--now", LATER, at=site, environment=environment))
        sent = b"".join(receiver.requests)
    assert [each.code for each in ran] == [0, 3]
    assert "the message would hold the secret 'HEADER'" in ran[1].err
    assert b"Elevated API errors" in sent
    assert b"Worse" not in sent


# What people paste


def refused(done: Done) -> bool:
    return done.code == 1 and "hold the secret 'HEADER', and nothing was written" in done.err.replace("holds", "hold")


@pytest.mark.parametrize("how", [(), ("--commit",), ("--branch", "incident/now"), ("--dry-run",)])
def test_an_incident_with_a_secret_is_written_nowhere(site: Path, program: Program, how: tuple[str, ...]) -> None:
    with (site / "components.yaml").open("a") as file:
        file.write(CHECKS)
    before = run_git(site, "rev-parse", "--all"), sorted(site.glob("incidents/*"))
    words = ("incident", "open", "Trouble", "--component", "api=partial_outage", "-m")
    ran = [
        program.run(*words, f"See {encode(CANARY)}", *how, at=site, environment={"HEADER": CANARY})
        for encode in ENCODINGS.values()
    ]
    assert "--dry-run" in how or all(map(refused, ran))
    assert (run_git(site, "rev-parse", "--all"), sorted(site.glob("incidents/*"))) == before
    assert looked_at(site, *ran) == {}


def test_a_site_with_a_secret_is_not_published_even_if_it_was_before(site: Path, program: Program) -> None:
    text = INCIDENT_TEXT.replace("rolled back", f"rolled back: {quote(CANARY, safe='')}")
    write(site, **{"incidents/2026-11-20-api-errors.md": text})
    with (site / "components.yaml").open("a") as file:
        file.write(CHECKS)
    build = ("build", "--now", NOW_TEXT, "--out")
    known = {"HEADER": CANARY}
    assert refused(program.run(*build, "new", at=site, environment=known))
    assert not list((site / "new").rglob("*"))
    assert program.run(*build, "public", at=site).code == 0
    assert refused(program.run(*build, "public", at=site, environment=known))


# The gate itself, in seven encodings at every door


@each_encoding
@pytest.mark.parametrize("name", SECRETS)
def test_no_file_with_a_secret_is_published(tmp_path: Path, encoding: str, name: str) -> None:
    out = tmp_path / "public"
    public.write_site(out, tmp_path / "site", {"index.html": b"before"})
    said = ENCODINGS[encoding](SECRETS[name]).encode()
    wanted: dict[str, bytes | public.Later] = {
        "a.html": b"well",
        "index.html": public.Later("", lambda: b"<p>" + said + b"</p>"),
    }
    with pytest.raises(StatusgenError, match=rf"^index\.html would hold the secret '{name}'") as error:
        public.write_site(out, tmp_path / "site", wanted, gate=GATE)
    assert error.value.exit_code == 1
    assert {path.name: path.read_bytes() for path in out.glob("*.html")} == {"index.html": b"before"}
    assert not leaks(str(error.value).encode())


def test_a_file_that_is_right_already_is_looked_at_too(tmp_path: Path) -> None:
    content = f"<p>{html.escape(CANARY)}</p>".encode()
    written = public.write_site(tmp_path / "public", tmp_path / "site", {"index.html": content})
    wanted = {"index.html": public.Later(written.hashes["index.html"], lambda: content)}
    with pytest.raises(StatusgenError, match="'HEADER'"):
        public.write_site(tmp_path / "public", tmp_path / "site", wanted, gate=GATE)
    with pytest.raises(StatusgenError, match="'HEADER'"):
        public.written_before(tmp_path / "public", tmp_path / "site", written.manifest, GATE)


@each_encoding
def test_no_file_or_message_with_a_secret_is_committed(site: Path, encoding: str) -> None:
    said = ENCODINGS[encoding](CANARY)
    repository = archive.repository_of(site, GATE)
    objects = run_git(site, "count-objects")
    for files, message in (({"a": f'{{"a": "{said}"}}\n'}, "Well"), ({said: ""}, "Well"), ({"a": "b\n"}, said)):
        with pytest.raises(StatusgenError, match="'HEADER'") as error:
            git.commit_files(repository, git.head(repository), files, message, NOW)
        assert not leaks(str(error.value).encode())
    assert run_git(site, "count-objects") == objects


@pytest.mark.parametrize("encoding", ["raw", "percent", "plus", "base64", "hex"])  # in JSON, as rounds are
@pytest.mark.parametrize("prefix", ["status-data", ""])
def test_no_round_with_a_secret_is_queued(site: Path, encoding: str, prefix: str) -> None:
    said = ENCODINGS[encoding](SECRETS["CLIENT_ID"])
    to = branches.Destination(prefix=prefix, location="here", site="acme")
    outbox = Outbox(folder=site, to=to, push=False, jitter=lambda: 0.0, gate=GATE)
    before = sorted(site.rglob("*"))
    with pytest.raises(StatusgenError, match="'CLIENT_ID'"):
        outbox.put(Round(at=NOW, answers=(("api", Sample(NOW, Verdict.DOWN, reason=said)),)))
    assert (outbox.waiting, sorted(site.rglob("*"))) == ([], before)


@each_encoding
@pytest.mark.parametrize("where", [{}, {"commit": True}, {"branch": "incident/now"}])
def test_nothing_with_a_secret_is_proposed(site: Path, encoding: str, where: dict[str, bool | str]) -> None:
    said = ENCODINGS[encoding](CANARY)
    place = Place(folder=site, gate=GATE, **where)  # type: ignore[arg-type]
    before = run_git(site, "rev-parse", "--all"), run_git(site, "status", "--porcelain")
    for text, message in ((f"See {said}\n", "Well"), ("Well\n", f"See {said}")):
        with pytest.raises(StatusgenError, match="'HEADER'"):
            proposals.propose(place, writing(text), message, NOW, jitter=lambda: 0.0)
    assert (run_git(site, "rev-parse", "--all"), run_git(site, "status", "--porcelain")) == before
