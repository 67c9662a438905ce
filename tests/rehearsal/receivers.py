"""Those who are told: a server that takes signed webhooks, and a mail server that can be down."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage

from aiosmtpd.controller import Controller

from tests.receivers import Mailbox, Post, Receiver


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


@dataclass
class Mail:
    """A mail server; its port stays the same when it comes back."""

    box: Mailbox = field(default_factory=lambda: Mailbox(port=_free_port()))
    _server: Controller | None = None

    @property
    def is_up(self) -> bool:
        return self._server is not None

    def start(self) -> None:
        self._server = Controller(self.box, hostname="127.0.0.1", port=self.box.port)
        self._server.start()

    def stop(self) -> None:
        if self._server:
            self._server.stop()
        self._server = None


@contextlib.contextmanager
def mail() -> Iterator[Mail]:
    server = Mail()
    server.start()
    try:
        yield server
    finally:
        server.stop()


def posts_taken(hooks: Receiver) -> list[Post]:
    """Return what came since this was last asked."""
    taken, hooks.posts = hooks.posts, []
    return taken


def mails_taken(server: Mail) -> list[EmailMessage]:
    """Return what came since this was last asked."""
    taken, server.box.mails = server.box.mails, []
    return taken


def signature(secret: str, post: Post) -> str:
    """Return what Standard Webhooks wants in the header ``webhook-signature``, worked out as its text says."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{post.headers['webhook-id']}.{post.headers['webhook-timestamp']}.".encode() + post.body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
