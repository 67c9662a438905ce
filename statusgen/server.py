"""``statusgen serve``: the built site on a loopback port, built again when its sources change."""

from __future__ import annotations

import contextlib
import functools
import re
import threading
import time
from collections.abc import Callable
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from statusgen import config, files, git
from statusgen.errors import StatusgenError, WorldError

POLL_SECONDS = 1.0
Fingerprint = tuple[object, ...]
WATCHED = (config.PATH, "incidents", "themes", "data")


class _Handler(SimpleHTTPRequestHandler):
    """Serves a folder as a static host does: its 404 page, feeds with their types, nothing kept in caches."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | {
        ".atom": "application/atom+xml; charset=utf-8",
        ".rss": "application/rss+xml; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
    }

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the terminal is for what was rebuilt."""

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        origin = self.headers.get("Origin", "") if hasattr(self, "headers") else ""
        if re.fullmatch(r"http://(127\.0\.0\.1|localhost)(:\d+)?", origin):  # a page that is tried out on this machine
            self.send_header("Access-Control-Allow-Origin", origin)
        super().end_headers()

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


def start(folder: Path, port: int) -> ThreadingHTTPServer:
    """Serve a folder on 127.0.0.1 from a thread; port 0 takes a free one. Raise WorldError for one that is taken."""
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), functools.partial(_Handler, directory=str(folder)))
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
    for name in WATCHED:
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
