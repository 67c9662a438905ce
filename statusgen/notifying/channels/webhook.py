"""A POST to an address, signed after Standard Webhooks (https://www.standardwebhooks.com).

No redirect is followed and no proxy or password file of the machine is heeded: what was signed goes where the
configuration says, or nowhere.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

import requests

from statusgen import web
from statusgen.notifying.channels.message import Address, Message, Undelivered
from statusgen.routes import fault_of

PREFIX = "whsec_"
SECONDS = 10.0  # to connect, and between two bytes
LEAST = 16  # bytes of a secret


def fault(address: Address) -> str:
    """Return what is wrong with an address, or else with its secret, without either; empty if nothing is."""
    if found := fault_of(address.url):
        return f"{found}: it is to be like https://host/path"
    if address.secret and len(_key(address.secret)) < LEAST:
        return f"is no secret of a webhook: make one with 'echo \"{PREFIX}$(openssl rand -base64 32)\"'"
    return ""


def _key(secret: str) -> bytes:
    """Return the bytes that sign, none of what is no secret."""
    try:
        return base64.b64decode(secret.strip().removeprefix(PREFIX), validate=True) if PREFIX in secret else b""
    except binascii.Error:
        return b""


def signature(secret: str, id_: str, at: int, body: bytes) -> str:
    """Return the header ``webhook-signature``: of the id, the instant of the attempt, and the very bytes sent."""
    signed = b".".join((id_.encode(), str(at).encode(), body))
    return f"v1,{base64.b64encode(hmac.digest(_key(secret), signed, hashlib.sha256)).decode()}"


def send(message: Message, address: Address, at: int) -> None:
    """Post a message; raise Undelivered unless the answer is a success."""
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "statusgen",
        "webhook-id": message.id,
        "webhook-timestamp": str(at),
    }
    if address.secret:
        headers["webhook-signature"] = signature(address.secret, message.id, at, message.payload)
    try:
        with (
            web.session() as session,
            session.post(
                address.url,
                data=message.payload,
                headers=headers,
                timeout=SECONDS,
                allow_redirects=False,
                stream=True,
            ) as answer,
        ):
            status = answer.status_code
    except requests.exceptions.SSLError:
        raise Undelivered("its certificate is not to be trusted") from None
    except requests.Timeout:
        raise Undelivered("no answer in time") from None
    except (requests.RequestException, OSError, ValueError):
        raise Undelivered("it cannot be reached") from None
    if 300 <= status < 400:
        raise Undelivered(f"it redirects (status {status}), which is not followed: set the address it redirects to")
    if not 200 <= status < 300:
        raise Undelivered(f"it answered with status {status}")
