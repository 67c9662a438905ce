"""Whom to trust, and who the client is: contexts for TLS, with a certificate of the client's own or without.

Loading authorities takes some 20 ms, so contexts are kept. A private key is lent to ``ssl`` as a file, since it takes
none otherwise: that lies in memory, or in a folder that only its owner can enter, and only while it is read.
"""

from __future__ import annotations

import contextlib
import functools
import os
import ssl
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from statusgen import secret, shape
from statusgen.probes.authorization import SECRET
from statusgen.probes.dial import Unknown, trust
from statusgen.probes.kind import World
from statusgen.probes.request import PROTOCOL
from statusgen.shape import Key, Record

_PATH = shape.text(200, r"[A-Za-z0-9_.-][A-Za-z0-9_./-]*", "a path within the repository")


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A certificate of the client's own: PEM that a secret holds, or the path of a file with it."""

    certificate: str
    key: str

    def references(self) -> tuple[str, ...]:
        return self.certificate, self.key


def context(ca_file: str, client: Client, world: World, protocol: str = PROTOCOL) -> ssl.SSLContext:
    """Return a verifying context for a client. One that cannot be read is the prober's fault: Unknown is raised."""
    environment, base = world.environment, world.base
    try:
        certificate, key = (_pem(secret.fill(text, environment), base) for text in (client.certificate, client.key))
        return _with_client(str(base / ca_file) if ca_file else "", certificate, key, protocol)
    except (OSError, ValueError):
        raise Unknown("unsupported") from None


def _pem(text: str, base: Path) -> str:
    return text if secret.is_pem(text) else (base / text).read_text("ascii")


@functools.lru_cache(maxsize=64)
def _with_client(ca_path: str, certificate: str, key: str, protocol: str) -> ssl.SSLContext:
    made = trust.__wrapped__(ca_path, protocol)  # one of its own: the shared one must not know the key
    with _lent(certificate) as certificate_path, _lent(key) as key_path:
        made.load_cert_chain(certificate_path, key_path, password=lambda: "")  # else OpenSSL asks at the terminal
    return made


@contextlib.contextmanager
def _lent(text: str) -> Iterator[str]:
    """Lend a text as a file that nobody else can read and that is gone afterwards."""
    if hasattr(os, "memfd_create"):
        with os.fdopen(os.memfd_create("pem"), "w") as file:
            file.write(text)
            file.flush()
            yield f"/proc/self/fd/{file.fileno()}"
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pem"
        path.write_text(text)
        yield str(path)


def _certificate(raw: str) -> str:
    return SECRET.parse(raw) if "${" in raw else _PATH.parse(raw)


RECORD = Record(
    Client,
    {
        "certificate": Key(
            shape=shape.Parsed(_certificate, "a path or ${env:NAME}", {"type": "string"}),
            doc="Certificate and those between it and its authority, PEM: a file of the repository, or ${env:NAME}.",
            required=True,
        ),
        "key": Key(
            shape=SECRET,
            doc="Private key without a password, as ${env:NAME}, which holds PEM or the path of a file with it.",
            required=True,
        ),
    },
)
