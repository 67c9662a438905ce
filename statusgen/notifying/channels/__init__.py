"""The ways that notices go: a kind of channel is a module with ``fault`` and ``send``, and a row here.

A channel gets its address when it sends, and says in words of its own why it could not.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass

from statusgen.notifying.channels import chat, webhook
from statusgen.notifying.channels.message import Address, Message, Undelivered

Send = Callable[[Message, Address, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A kind of channel: what is wrong with an address, and how to send at an instant.

    A run sends so many messages, ``most``; where it ``sums_up``, the rest as one.
    """

    fault: Callable[[Address], str]
    send: Send
    most: int
    sums_up: bool


CHANNELS = {
    "to": Channel(fault=chat.fault, send=chat.send, most=20, sums_up=True),
    "webhook": Channel(fault=webhook.fault, send=webhook.send, most=100, sums_up=False),
}


def deliver(channel: Channel, message: Message, address: Address, at: int, seconds: float) -> None:
    """Send a message in so many seconds, whatever libraries do meanwhile; raise Undelivered if that fails."""
    said: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=lambda: said.put(_attempt(channel, message, address, at)), daemon=True).start()
    try:
        failure = said.get(timeout=max(seconds, 0.01))
    except queue.Empty:
        raise Undelivered("no answer in time") from None
    if failure:
        raise Undelivered(failure)


def _attempt(channel: Channel, message: Message, address: Address, at: int) -> str:
    """Return why a message was not sent, empty if it was: a channel's crash must neither stop nor leak anything."""
    try:
        channel.send(message, address, at)
    except Undelivered as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - the edge to the plugins of a library
        return f"the channel broke down ({type(error).__name__})"
    return ""
