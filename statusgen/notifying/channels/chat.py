"""Chat, mail, SMS and whatever else Apprise knows (https://appriseit.com), which comes with ``statusgen[notify]``.

Apprise tells its log whom it writes to, so its log is silenced.
"""

from __future__ import annotations

import contextlib
import logging
import warnings
from collections.abc import Iterator

from statusgen.notifying.channels.message import Address, Message, Undelivered

NEEDED = "needs Apprise: pip install 'statusgen[notify]'"
ID_HEADER = "X-Statusgen-Notice"  # of mails, as Apprise gives each attempt a Message-ID of its own

_SILENT = logging.CRITICAL + 1


def fault(address: Address) -> str:
    """Return what is wrong with an address, without it; empty if nothing is."""
    try:
        import apprise
    except ImportError:
        return NEEDED
    with _hushed():
        return "" if apprise.Apprise.instantiate(address.url) is not None else "is no address that Apprise knows"


@contextlib.contextmanager
def _hushed() -> Iterator[None]:
    """Let libraries write no log and give no warnings, which name hosts, meanwhile."""
    for name in ("apprise", "urllib3", "requests"):
        logger = logging.getLogger(name)
        logger.propagate = False
        logger.setLevel(_SILENT)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def send(message: Message, address: Address, at: int) -> None:  # noqa: ARG001 - as every channel takes it
    """Hand a message to Apprise; raise Undelivered unless every receiver of the address took it."""
    with _hushed():
        import apprise  # 0.3 s, and what nobody needs who has no such route
        from apprise.plugins.email import NotifyEmail

        asset = apprise.AppriseAsset(app_id="statusgen", app_desc="statusgen", async_mode=False, secure_logging=True)
        plugin = apprise.Apprise.instantiate(address.url, asset=asset)
        if plugin is None:
            raise Undelivered("it is no address that Apprise knows")
        if isinstance(plugin, NotifyEmail):
            plugin.headers |= {ID_HEADER: message.id, "Auto-Submitted": "auto-generated"}
        receivers = apprise.Apprise(asset=asset)
        receivers.add(plugin)
        if not receivers.notify(title=message.title, body=message.text, body_format=apprise.NotifyFormat.TEXT):
            raise Undelivered("Apprise could not deliver it")
