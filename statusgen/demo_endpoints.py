"""The demonstration's targets on loopback: healthy, slow, flaky and failing over HTTP, a bare TCP port, a TLS port."""

from __future__ import annotations

import contextlib
import itertools
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

SLOW_SECONDS = 0.35


class _Handler(BaseHTTPRequestHandler):
    """Answers by path."""

    _turns = itertools.count()

    def do_GET(self) -> None:
        if self.path == "/slow":
            time.sleep(SLOW_SECONDS)
        failing = self.path == "/failing" or (self.path == "/flaky" and next(self._turns) % 2 == 0)
        body = b"Internal error\n" if failing else b"Welcome\n"
        self.send_response(500 if failing else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """The ports that are taken while the endpoints run."""

    http_port: int
    tcp_port: int
    tls_port: int

    @property
    def summary(self) -> str:
        return f"http {self.http_port} (healthy, slow, flaky, failing), tcp {self.tcp_port}, tls {self.tls_port}"

    @classmethod
    @contextlib.contextmanager
    def start(cls) -> Iterator[Endpoints]:
        """Run the endpoints while inside."""
        web = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        with _listening() as tcp, _listening() as tls:
            threading.Thread(target=_accept, args=(tcp, None), daemon=True).start()
            threading.Thread(target=_accept, args=(tls, _certificate()), daemon=True).start()
            yield cls(http_port=web.server_port, tcp_port=tcp.getsockname()[1], tls_port=tls.getsockname()[1])
            web.shutdown()
            web.server_close()


@contextlib.contextmanager
def _listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        yield sock
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)


def _certificate() -> ssl.SSLContext:
    folder = Path(__file__).parent / "starter" / "demo"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return context


def _accept(listener: socket.socket, context: ssl.SSLContext | None) -> None:
    """Take connections, shaking hands where there is a certificate, until the listener is closed."""
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with contextlib.suppress(OSError), connection:
            connection.settimeout(2)
            if context is not None:
                context.wrap_socket(connection, server_side=True).close()
