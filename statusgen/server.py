"""``statusgen serve``: the built site on a loopback port, built again when its sources change."""

from __future__ import annotations

import contextlib
import functools
import io
import re
import sys
import threading
import time
from collections.abc import Callable
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, BinaryIO

from statusgen import config, files, git, sources
from statusgen.errors import StatusgenError, WorldError
from statusgen.render import hosts

POLL_SECONDS = 1.0
Fingerprint = tuple[object, ...]
_OWN = ("Access-Control-Allow-Origin", "Cache-Control", "Content-Type", hosts.TLS_ONLY[0])  # said here, or not at all
_HERE = re.compile(r"(127(\.\d+){3}|(.+\.)?localhost|\[::1\])(:\d+)?", re.IGNORECASE)


class _Handler(SimpleHTTPRequestHandler):
    """Serves a folder as a static host does: its 404 page, its ``_headers``, nothing kept in caches."""

    timeout = 60  # seconds to wait for a browser
    extensions_map = SimpleHTTPRequestHandler.extensions_map | {
        ".atom": "application/atom+xml; charset=utf-8",
        ".rss": "application/rss+xml; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
    }

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the terminal is for what was rebuilt."""

    def end_headers(self) -> None:
        for name, value in self.asked_for().items():
            if name not in _OWN:
                self.send_header(name, value)
        self.send_header("Cache-Control", "no-store")
        origin = self.headers.get("Origin", "") if hasattr(self, "headers") else ""
        if re.fullmatch(r"http://(127\.0\.0\.1|localhost)(:\d+)?", origin):  # a page that is tried out on this machine
            self.send_header("Access-Control-Allow-Origin", origin)
        super().end_headers()

    def send_head(self) -> io.BytesIO | BinaryIO | None:
        """Answer as the folder does, but to nobody who was led here by another name: drafts are not for any page."""
        if not _HERE.fullmatch(self.headers.get("Host", "localhost")):
            self.send_error(421, "Ask for 127.0.0.1 or localhost")
            return None
        try:
            return super().send_head()
        except ValueError:  # no file can have that name
            self.send_error(404)
            return None

    def asked_for(self) -> dict[str, str]:
        """Return the headers that the folder asks its host to send."""
        rules = Path(self.directory) / "_headers"
        path = getattr(self, "path", "").partition("?")[0]  # there is none before a request is understood
        return hosts.sent(rules.read_text("utf-8"), path) if rules.is_file() else {}

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        page = Path(self.directory) / "404.html"
        if code != 404 or not page.is_file():
            super().send_error(code, message, explain)
            return
        content = page.read_bytes()
        self.send_response(404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


class _Server(ThreadingHTTPServer):
    """A server that does not mind browsers that go away."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


def start(folder: Path, port: int) -> ThreadingHTTPServer:
    """Serve a folder on 127.0.0.1 from a thread; port 0 takes a free one. Raise WorldError for one that is taken."""
    try:
        server = _Server(("127.0.0.1", port), functools.partial(_Handler, directory=str(folder)))
    except OSError as error:
        raise WorldError(f"cannot serve on port {port}: {error.strerror}; choose another with --port") from None
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    return server


def watch(
    folder: Path, before: Fingerprint, rebuild: Callable[[], None], complain: Callable[[StatusgenError], None]
) -> None:
    """Rebuild whenever a source or the ledger changes, until interrupted; what is wrong does not end it.

    ``before`` was taken before the first build, so that a change during it is not missed.
    """
    while True:
        time.sleep(POLL_SECONDS)
        after = fingerprint(folder)
        if after != before:
            before = after
            try:
                rebuild()
            except StatusgenError as error:
                complain(error)


def fingerprint(folder: Path) -> Fingerprint:
    """Return something that differs whenever a build might."""
    found: list[object] = []
    for name in sources.INPUTS:
        with contextlib.suppress(FileNotFoundError):  # an editor's temporary file may go while we look
            for path in sorted([folder / name, *(folder / name).rglob("*")]):
                if path.is_file():
                    seen = path.stat()
                    found += [str(path), seen.st_mtime_ns, seen.st_size]
    found.append(_refs(folder))
    return tuple(found)


def _refs(folder: Path) -> bytes:
    try:
        prefix = config.read(files.read_text(folder, config.PATH)).branch
        repository = git.open_repository(folder) if prefix else None
        return repository.run("for-each-ref", "--format=%(objectname) %(refname)") if repository else b""
    except (StatusgenError, git.Refused, OSError):
        return b""
