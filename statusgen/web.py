"""Reading a site that is served: the door for outgoing web requests besides probes."""

from __future__ import annotations

import threading
from collections.abc import Iterable

import requests

from statusgen.errors import WorldError

SECONDS = 30  # to connect, and between two bytes
TOGETHER = 300  # from the name of the host to the last byte
LARGEST = 50 * 1024 * 1024
REDIRECTS = 5

_PIECE = 64 * 1024
_NOT_THERE = (404, 410)


def read(session: requests.Session, address: str, *, largest: int = LARGEST, seconds: float = TOGETHER) -> bytes | None:
    """Return what an address serves, None where nothing is; raise WorldError for anything else.

    It takes no longer than ``seconds``, whatever the server does. A thread asks, which is left behind then: neither a
    resolver nor a server that sends a byte now and then can be interrupted.
    """
    found: list[bytes | WorldError | None] = []

    def ask() -> None:
        try:
            found.append(_read(session, address, largest))
        except WorldError as error:
            found.append(error)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(seconds)
    if asking.is_alive():
        raise WorldError(f"{address} did not answer whole within {seconds:.3g} s: try again later")
    if isinstance(found[0], WorldError):
        raise found[0]
    return found[0]


def _read(session: requests.Session, address: str, largest: int) -> bytes | None:
    try:
        with session.get(address, timeout=SECONDS, stream=True) as answer:
            if answer.status_code in _NOT_THERE:
                return None
            if answer.status_code != 200:
                raise WorldError(f"{address} answers with status {answer.status_code}: try again later")
            content = _first(answer.iter_content(_PIECE), largest + 1)
    except (requests.RequestException, OSError, ValueError) as error:
        raise WorldError(f"cannot read {address}: {type(error).__name__}; correct the address, or try later") from None
    if len(content) > largest:
        raise WorldError(f"{address} is larger than {largest // 1024 // 1024} MB: that is no file of a status page")
    return content


def _first(pieces: Iterable[bytes], size: int) -> bytes:
    """Return so many of the first bytes; no more than a piece too many is ever read."""
    found = bytearray()
    for piece in pieces:
        found += piece
        if len(found) >= size:
            break
    return bytes(found)


def session() -> requests.Session:
    """Return a session that heeds no proxy or password file of the machine."""
    made = requests.Session()
    made.trust_env = False
    made.max_redirects = REDIRECTS
    return made
