"""``statusgen serve``: a preview as a static host would serve it, made again when what it is made of changes."""

from __future__ import annotations

import signal
import socket
import struct
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from statusgen import server, sources
from statusgen.errors import WorldError

from .sites import (
    COMPONENTS,
    INCIDENT,
    INCIDENT_TEXT,
    NOW,
    NOW_TEXT,
    eventually,
    record,
    rounds,
    running,
    write,
)


def get(url: str, method: str = "GET") -> tuple[int, str, bytes]:
    """Return status, content type and body."""
    request = urllib.request.Request(url, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, response.headers["Content-Type"], response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["Content-Type"], error.read()


# Serving a folder.


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    public = tmp_path / "public"
    write(tmp_path, secret="secret")
    write(public, **{"index.html": "Home", "404.html": "Not here", "a/index.html": "A", "history.atom": "<feed/>"})
    write(public, **{"history.rss": "<rss/>", "api/x.json": "{}", "icon.svg": "<svg/>", "site.js": "", "style.css": ""})
    web = server.start(public, 0)
    yield f"http://127.0.0.1:{web.server_port}"
    web.shutdown()
    web.server_close()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html"),
        ("/a/", "text/html"),
        ("/history.atom", "application/atom+xml; charset=utf-8"),
        ("/history.rss", "application/rss+xml; charset=utf-8"),
        ("/api/x.json", "application/json"),
        ("/icon.svg", "image/svg+xml"),
        ("/site.js", "text/javascript; charset=utf-8"),
        ("/style.css", "text/css"),
    ],
)
def test_every_kind_of_file_has_its_type(url: str, path: str, kind: str) -> None:
    status, said, _ = get(url + path)
    assert (status, said) == (200, kind)


@pytest.mark.parametrize("path", ["/nothing", "/a/nothing/", "/../secret", "/%2e%2e/secret", "/a/../../secret"])
def test_what_is_not_there_is_answered_with_the_sites_own_page_and_404(url: str, path: str) -> None:
    assert get(url + path) == (404, "text/html; charset=utf-8", b"Not here")


@pytest.mark.parametrize("path", ["/%00", "/a%00/", "/%ed%a0%80"])
def test_what_no_file_can_be_called_is_not_there(url: str, path: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert get(url + path)[0] == 404
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:8000", 200),
        ("127.0.0.1", 200),
        ("[::1]:8000", 200),
        ("status.localhost:8000", 200),
        ("attacker.example", 421),
        ("localhost.attacker.example:8000", 421),
        ("", 421),
    ],
)
def test_a_page_elsewhere_cannot_have_its_name_lead_here(url: str, host: str, status: int) -> None:
    """A preview may hold drafts, and to a browser a name that leads to this machine is the origin of its page."""
    request = urllib.request.Request(url, headers={"Host": host})
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            said = response.status
    except urllib.error.HTTPError as error:
        said = error.code
        error.close()
    assert said == status


def test_a_browser_that_goes_away_is_not_spoken_of(url: str, capfd: pytest.CaptureFixture[str]) -> None:
    for _ in range(20):
        sock = socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=10)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # not to end, but to break off
        sock.sendall(b"GET /nothing HTTP/1.0\r\n\r\n")
        sock.close()
    assert get(f"{url}/a/")[0] == 200
    assert capfd.readouterr().err == ""


def test_who_asks_for_the_head_only_gets_no_body(url: str) -> None:
    with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=10) as sock:
        sock.sendall(b"HEAD /nothing HTTP/1.0\r\n\r\n")
        answer = sock.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.0 404 ")
    assert answer.endswith(b"\r\n\r\n")


def test_other_mistakes_are_answered_as_ever(url: str) -> None:
    assert get(url, "POST")[0] == 501


def test_nothing_is_kept_in_caches(url: str) -> None:
    with urllib.request.urlopen(url, timeout=10) as response:
        assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("http://127.0.0.1:8001", True),
        ("http://localhost:3000", True),
        ("http://localhost", True),
        ("https://example.org", False),
        ("http://localhost.example.org", False),
        ("null", False),
    ],
)
def test_pages_of_this_machine_alone_may_read_a_preview(url: str, origin: str, allowed: bool) -> None:
    """A preview may hold drafts."""
    request = urllib.request.Request(f"{url}/api/x.json", headers={"Origin": origin})
    with urllib.request.urlopen(request, timeout=10) as response:
        assert response.headers["Access-Control-Allow-Origin"] == (origin if allowed else None)


def test_a_request_that_is_none_is_answered(url: str) -> None:
    with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=10) as sock:
        sock.sendall(b"nonsense\r\n\r\n")
        assert b"400" in sock.makefile("rb").read()


def test_an_address_that_is_none_is_not_there(url: str, capfd: pytest.CaptureFixture[str]) -> None:
    with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=10) as line:
        line.sendall(b"GET http://[ HTTP/1.0\r\n\r\n")
        assert line.makefile("rb").readline().startswith(b"HTTP/1.0 404 ")
    assert capfd.readouterr().err == ""


def test_a_folder_without_a_404_page_still_has_an_answer(tmp_path: Path) -> None:
    web = server.start(tmp_path, 0)
    assert get(f"http://127.0.0.1:{web.server_port}/nothing")[0] == 404
    web.shutdown()
    web.server_close()


def test_it_can_be_reached_from_this_machine_only(url: str) -> None:
    port = int(url.rpartition(":")[2])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port), timeout=5)


def test_a_port_that_is_taken_is_the_worlds_fault(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(WorldError, match=f"cannot serve on port {port}: .*; choose another with --port"):
            server.start(tmp_path, port)


# What is watched.


@pytest.mark.parametrize("name", sources.INPUTS)
def test_whatever_a_site_is_made_of_is_watched(site: Path, name: str) -> None:
    before = server.fingerprint(site)
    path = site / name if "." in name else site / name / "below" / "new.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        file.write("# More\n")
    after = server.fingerprint(site)
    assert after != before
    assert server.fingerprint(site) == after


# The command.


@pytest.fixture
def serving(site: Path, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run ``statusgen serve`` and return the process and its address."""
    (tmp_path / "tmp").mkdir()
    own = {"TMPDIR": str(tmp_path / "tmp")}
    with running("serve", "--port", "0", "--now", NOW_TEXT, at=site, environment=own) as process:
        assert process.stdout is not None
        process.stdout.readline()
        address = process.stdout.readline().split()[2]
        yield process, address


def test_what_changes_is_served_what_is_broken_is_named_and_the_old_page_stays(
    site: Path, tmp_path: Path, serving: tuple[subprocess.Popen[str], str]
) -> None:
    process, address = serving
    feed = f"{address}history.atom"

    assert b"The faulty release is rolled back." in get(feed)[2]
    write(site, **{INCIDENT: INCIDENT_TEXT.replace("rolled back", "withdrawn")})
    assert eventually(lambda: b"The faulty release is withdrawn." in get(feed)[2])

    before = get(f"{address}build.json")[2]
    record(site, list(rounds(NOW - 60, NOW - 60)))
    assert eventually(lambda: get(f"{address}build.json")[2] != before)

    write(site, **{"components.yaml": COMPONENTS.replace("checks:", "chekcs:")})
    assert process.stderr is not None
    assert process.stderr.readline().startswith("components.yaml:5: unknown key 'chekcs'")
    assert b"Acme Status" in get(address)[2]

    write(site, **{"components.yaml": COMPONENTS.replace("Acme Status", "Acme Health")})
    assert eventually(lambda: b"Acme Health" in get(address)[2])

    assert not (site / "public").exists()
    process.send_signal(signal.SIGINT)
    assert process.wait() == 130
    assert process.stderr.read().strip() == "interrupted"
    assert list((tmp_path / "tmp").iterdir()) == []
