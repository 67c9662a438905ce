"""A folder on loopback as a plain static host serves it, also under names of well-known pages.

Some clients know their address and take no other. For them there is a proxy, on the same port, which says that it is
those hosts: programs find it by ``HTTPS_PROXY`` and trust its certificate by ``SSL_CERT_FILE``, as in any company's
network. It refuses every other host, so nothing leaves this machine.
"""

from __future__ import annotations

import contextlib
import functools
import ssl
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HOSTS = ("srhpyqt94yxb.statuspage.io", "discordstatus.com", "kctbh9vrtdwd.statuspage.io")


class _Host(SimpleHTTPRequestHandler):
    certificate: ssl.SSLContext | None = None

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: what clients understand is told elsewhere."""

    def do_CONNECT(self) -> None:
        """Be the host that is asked for, over TLS, for one request."""
        if self.certificate is None or self.path not in {f"{host}:443" for host in HOSTS}:
            self.send_error(403)
            return
        self.send_response(200)
        self.end_headers()
        with self.certificate.wrap_socket(self.connection, server_side=True) as inner:
            self.rfile, self.wfile = inner.makefile("rb"), inner.makefile("wb")
            self.handle_one_request()
            self.wfile.flush()
        self.close_connection = True


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is the client's business."""


@contextlib.contextmanager
def serving(public: Path, certificate: Path) -> Iterator[str]:
    """Serve a folder, which may come later, and yield its address; ``certificate`` has key and chain for the hosts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    handler = type("Host", (_Host,), {"certificate": context})
    with _Server(("127.0.0.1", 0), functools.partial(handler, directory=str(public))) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def through_proxy(base: str, authority: Path) -> dict[str, str]:
    """Return the environment in which programs find those hosts here."""
    trust = dict.fromkeys(("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"), str(authority))
    return {"HTTPS_PROXY": base, "https_proxy": base, **trust}
