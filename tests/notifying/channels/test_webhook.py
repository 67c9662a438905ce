"""Webhooks, to a real receiver: signatures, answers, and words that say nothing of addresses."""

from __future__ import annotations

import base64
import time

import pytest

from statusgen.notifying.channels import CHANNELS, deliver, webhook
from statusgen.notifying.channels.message import Address, Message, Undelivered

from ...receivers import webhook as receiving

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE = Message(id="msg_1", title="Title", text="Text", payload=b'{"notice": {"title": "Title"}}')


def test_a_signature_is_that_of_the_specification() -> None:
    """The example of https://www.standardwebhooks.com's reference libraries."""
    body = b'{"test": 2432232314}'
    made = webhook.signature(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body)
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("secret", ["whsec_", "whsec_!!!!", "plain", f"whsec_{base64.b64encode(b'short').decode()}"])
def test_what_is_no_secret_is_refused_with_the_remedy_and_not_repeated(secret: str) -> None:
    fault = webhook.fault(Address(url="https://example.org/", secret=secret))
    assert "openssl rand" in fault
    assert secret == "whsec_" or secret not in fault


def test_a_message_is_posted_with_its_id_and_without_a_secret_unsigned() -> None:
    with receiving() as receiver:
        webhook.send(MESSAGE, Address(url=receiver.url()), 1_614_265_330)
    [post] = receiver.posts
    assert (post.headers["webhook-id"], post.headers["webhook-timestamp"]) == ("msg_1", "1614265330")
    assert "webhook-signature" not in post.headers
    assert post.body == MESSAGE.payload


@pytest.mark.parametrize(("status", "words"), [(500, "answered with status 500"), (302, "redirects .status 302.")])
def test_an_answer_that_is_no_success_is_said(status: int, words: str) -> None:
    with receiving() as receiver:
        receiver.status = status
        with pytest.raises(Undelivered, match=words):
            webhook.send(MESSAGE, Address(url=receiver.url()), 0)


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    with receiving() as receiver:
        webhook.send(MESSAGE, Address(url=receiver.url()), 0)
    assert len(receiver.posts) == 1


def test_a_receiver_that_does_not_answer_is_left_in_time() -> None:
    def slow(_: object) -> int:
        time.sleep(0.5)
        return 204

    with receiving() as receiver:
        receiver.status = slow
        with pytest.raises(Undelivered, match="no answer in time"):
            deliver(CHANNELS["webhook"], MESSAGE, Address(url=receiver.url()), 0, 0.05)


def test_an_address_is_not_part_of_what_prints_it() -> None:
    assert "canary" not in repr(Address(url="https://canary.example/", secret="canary"))
