"""Reading a site that is served, by real servers on loopback, some of them hostile."""

from __future__ import annotations

import gzip
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from statusgen import web
from statusgen.errors import WorldError

from .probes.servers import Server, answering, read_request, response


def read(server: Server, path: str = "/a.json") -> bytes | None:
    with web.session() as session:
        return web.read(session, server.url(path))


def refused(server: Server) -> str:
    with pytest.raises(WorldError) as raised:
        read(server)
    return str(raised.value)


def test_what_is_served_is_read_and_gzip_undone() -> None:
    with answering(response(200, b"[1]")) as server:
        assert read(server) == b"[1]"
    with answering(response(200, gzip.compress(b"[1]" * 50_000), Content_Encoding="gzip")) as server:
        assert read(server) == b"[1]" * 50_000


@pytest.mark.parametrize("status", [404, 410])
def test_what_is_not_there_is_none(status: int) -> None:
    with answering(response(status, b"Not here")) as server:
        assert read(server) is None


@pytest.mark.parametrize("status", [204, 301, 401, 403, 429, 500, 503])
def test_any_other_status_is_said_and_what_to_do(status: int) -> None:
    with answering(response(status, b"{}")) as server:
        assert refused(server) == f"{server.url('/a.json')} answers with status {status}: try again later"


def test_redirects_are_followed_and_a_circle_is_left() -> None:
    def answer(request: bytes) -> bytes:
        return response(200, b"there") if b"/there" in request else response(302, Location="/there")

    with answering(answer) as server:
        assert read(server) == b"there"
    with answering(response(302, Location="/again")) as server:
        assert "TooManyRedirects" in refused(server)


def test_a_redirect_to_a_file_is_not_followed() -> None:
    with answering(response(302, Location="file:///etc/passwd")) as server:
        assert "InvalidSchema" in refused(server)


@pytest.mark.parametrize(
    "answer",
    [
        response(200, b"no gzip at all", Content_Encoding="gzip"),
        response(200, gzip.compress(b"x" * 9_000)[:-9] + b"garbage!!", Content_Encoding="gzip"),
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ncut off",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"",
    ],
)
def test_an_answer_that_is_broken_is_the_worlds_fault(answer: bytes) -> None:
    with answering(answer) as server:
        assert refused(server).startswith(f"cannot read {server.url('/a.json')}: ")


def _endless(head: bytes, piece: bytes) -> Callable[[socket.socket], None]:
    def act(sock: socket.socket) -> None:
        read_request(sock)
        sock.sendall(head)
        while True:
            sock.sendall(piece)

    return act


def test_of_an_endless_answer_no_more_is_read_than_a_page_may_have() -> None:
    with Server(_endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 1_000_000)) as server:
        assert refused(server) == f"{server.url('/a.json')} is larger than 50 MB: that is no file of a status page"


def test_of_an_answer_that_grows_when_it_is_unpacked_too() -> None:
    with answering(response(200, gzip.compress(bytes(53_000_000), 1), Content_Encoding="gzip")) as server:
        assert "is larger than 50 MB" in refused(server)


def test_a_server_that_is_not_there_is_named() -> None:
    with Server(lambda sock: None) as server:
        pass
    assert refused(server) == (
        f"cannot read {server.url('/a.json')}: ConnectionError; correct the address, or try later"
    )


@pytest.mark.parametrize("address", ["http://", "http://[", "http://exa mple/", "https://:443/"])
def test_an_address_that_is_none_is_named(address: str) -> None:
    with web.session() as session, pytest.raises(WorldError, match="correct the address"):
        web.read(session, address)


def test_a_proxy_and_a_password_of_the_machine_are_passed_by(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login ann password secret\n")
    with answering(response(200, b"1")) as server:
        assert read(server) == b"1"
    assert b"authorization" not in server.requests[0].lower()


def test_an_answer_that_never_comes_to_an_end_is_given_up_in_time() -> None:
    def drip(sock: socket.socket) -> None:
        read_request(sock)
        sock.sendall(b"HTTP/1.1 200 OK\r\nX: ")
        for _ in range(40):
            sock.sendall(b"x")
            time.sleep(0.05)

    with Server(drip) as server, web.session() as session, pytest.raises(WorldError) as raised:
        web.read(session, server.url("/a.json"), seconds=0.2)
    assert str(raised.value) == f"{server.url('/a.json')} did not answer whole within 0.2 s: try again later"


def test_less_may_be_read_than_a_page_may_have() -> None:
    with answering(response(200, b"x" * 2_000_000)) as server, pytest.raises(WorldError, match="is larger than 1 MB"):
        web.read(web.session(), server.url("/a.json"), largest=1024 * 1024)
