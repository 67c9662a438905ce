"""What goes through a channel, where it goes, and that it did not arrive."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A notice, ready to send. ``id`` is the same whenever it is sent again; ``payload`` is for programs."""

    id: str
    title: str
    text: str
    payload: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a message goes, and what signs it: both secret, so neither is ever printed."""

    url: str = field(repr=False)
    secret: str = field(default="", repr=False)


class Undelivered(Exception):  # noqa: N818 - what happened, not a fault of the program
    """A channel did not take a message. The text says why in words of ours, which can leak nothing."""
