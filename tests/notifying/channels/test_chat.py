"""Apprise, to real receivers: mail, and a webhook of its own; and that nothing of an address is told to anybody."""

from __future__ import annotations

import logging

import pytest

from statusgen.notifying.channels import CHANNELS, chat, deliver
from statusgen.notifying.channels.message import Address, Message, Undelivered

from ...receivers import mailbox, webhook

CANARY = "CANARY51e8"
MESSAGE = Message(id="msg_1", title="[Resolved] Fehler in Zürich", text="Alles gut.\nhttps://x.example/", payload=b"")


def test_a_mail_has_the_title_the_text_and_the_id() -> None:
    with mailbox() as box:
        chat.send(MESSAGE, Address(url=box.address), 0)
    [mail] = box.mails
    assert (mail["Subject"], mail["X-Statusgen-Notice"]) == ("[Resolved] Fehler in Zürich", "msg_1")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content().rstrip().splitlines()[-1] == "https://x.example/"


def test_any_service_of_apprise_gets_title_and_text() -> None:
    with webhook() as receiver:
        chat.send(MESSAGE, Address(url=f"json://127.0.0.1:{receiver.port}/"), 0)
    [post] = receiver.posts
    assert (post.content["title"], post.content["message"]) == (MESSAGE.title, MESSAGE.text)


def test_what_is_no_address_is_said_without_it() -> None:
    assert chat.fault(Address(url=f"nonsense://{CANARY}")) == "is no address that Apprise knows"
    assert chat.fault(Address(url="json://127.0.0.1/")) == ""


def test_a_failure_tells_nothing_of_the_address(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    logging.getLogger().setLevel(logging.DEBUG)
    address = Address(url=f"json://{CANARY}:{CANARY}@127.0.0.1:1/{CANARY}?verify=no")
    with pytest.raises(Undelivered, match="Apprise could not deliver it") as failed:
        deliver(CHANNELS["to"], MESSAGE, address, 0, 10)
    printed = capfd.readouterr()
    assert CANARY not in "".join((printed.out, printed.err, caplog.text, str(failed.value)))
