"""TLS: certificates that are good, expired, for another host or from nobody, and servers that cannot shake hands."""

from __future__ import annotations

import pytest

from statusgen import periods
from statusgen.model import Observation, Sample, Verdict
from statusgen.probes.dial import end_of
from statusgen.probes.expiry import Expiry
from statusgen.probes.tls import KIND, TlsCheck, judge

from .reading import refusal, written
from .servers import (
    AT,
    TIMEOUT_MS,
    Act,
    Server,
    answer_once,
    ask_once,
    dripping,
    phases_of,
    saying,
    silent,
    tls,
    unused_port,
)

UP, DEGRADED, DOWN = Verdict
END = periods.parse_instant("2026-06-01T12:00:00Z")
CERTIFICATE_END = 4_922_899_200  # 2126-01-01
BETWEEN_END = 4_102_444_800  # 2100-01-01


def ask_tls(
    certificate: str, host: str, *, at: int = AT, server_name: str = "", ca_file: str = "authority.pem"
) -> Sample:
    with Server(silent, tls(certificate)) as server:
        check = TlsCheck(host=host, port=server.port, ca_file=ca_file, server_name=server_name)
        return ask_once(check, at=at)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_certificate_that_is_valid_is_up(host: str) -> None:
    sample = ask_tls("localhost", host)
    assert (sample.verdict, sample.reason) == (UP, "")
    assert sample.latency is not None


def test_the_name_may_be_another_than_the_host() -> None:
    assert ask_tls("elsewhere", "127.0.0.1", server_name="elsewhere.example").verdict is UP
    assert ask_tls("localhost", "127.0.0.1", server_name="elsewhere.example").reason == "tls_hostname"


@pytest.mark.parametrize(
    ("certificate", "ca_file", "reason"),
    [
        ("expired", "authority.pem", "tls_expired"),
        ("elsewhere", "authority.pem", "tls_hostname"),
        ("localhost", "", "tls_untrusted"),
        ("localhost", "elsewhere.pem", "tls_untrusted"),  # an authority, but another one
        ("localhost", "missing.pem", "tls_untrusted"),
        ("localhost", "README.md", "tls_untrusted"),
    ],
)
def test_a_certificate_that_does_not_verify_is_down(certificate: str, ca_file: str, reason: str) -> None:
    assert ask_tls(certificate, "localhost", ca_file=ca_file) == Sample(AT, DOWN, None, reason)


def test_a_certificate_that_ends_soon_is_up_with_a_notice() -> None:
    assert ask_tls("localhost", "localhost", at=CERTIFICATE_END - 14 * periods.DAY).reason == ""
    sample = ask_tls("localhost", "localhost", at=CERTIFICATE_END - 13 * periods.DAY)
    assert (sample.verdict, sample.reason) == (UP, "tls_expiring")


def test_the_details_tell_the_handshake_and_the_certificate() -> None:
    with Server(silent, tls("localhost")) as server:
        _, details = answer_once(TlsCheck(host="localhost", port=server.port, ca_file="authority.pem"))
    assert list(phases_of(details)) == ["dns", "connect", "tls"]
    assert details is not None
    assert details.certificate_end == CERTIFICATE_END


def test_of_a_certificate_that_does_not_verify_nothing_is_told() -> None:
    with Server(silent, tls("expired")) as server:
        sample, details = answer_once(TlsCheck(host="localhost", port=server.port, ca_file="authority.pem"))
    assert sample.reason == "tls_expired"
    assert list(phases_of(details)) == ["dns", "connect"]
    assert details is not None
    assert details.certificate_end is None


@pytest.mark.parametrize("act", [silent, dripping(b"\x16\x03\x03\x40\x00")], ids=["silent", "dripping"])
def test_a_handshake_that_stalls_is_a_timeout_on_time(act: Act) -> None:
    with Server(act) as server:
        sample = ask_once(TlsCheck(host="127.0.0.1", port=server.port, timeout_ms=TIMEOUT_MS))
    assert sample == Sample(AT, DOWN, None, "timeout")


def test_a_plain_server_cannot_shake_hands() -> None:
    with Server(saying(b"220 mail.example ESMTP\r\n")) as server:
        assert ask_once(TlsCheck(host="127.0.0.1", port=server.port)).reason == "tls_handshake"


def test_a_server_that_hangs_up_is_disconnected() -> None:
    with Server(lambda sock: sock.close()) as server:
        assert ask_once(TlsCheck(host="127.0.0.1", port=server.port)).reason == "disconnected"


def test_a_port_nobody_listens_on_refuses() -> None:
    assert ask_once(TlsCheck(host="127.0.0.1", port=unused_port())).reason == "refused"


@pytest.mark.parametrize(
    ("at", "judgement"),
    [
        (END - 3 * periods.DAY, (UP, "")),
        (END - 2 * periods.DAY, (UP, "")),
        (END - 2 * periods.DAY + 1, (UP, "tls_expiring")),
        (END - 1, (UP, "tls_expiring")),
        (END, (DOWN, "tls_expired")),
        (END + 1, (DOWN, "tls_expired")),
    ],
)
def test_the_end_is_judged_by_the_instant_of_the_round(at: int, judgement: tuple[Verdict, str]) -> None:
    check = TlsCheck(host="a.example", expiry=Expiry(warn_before=2 * periods.DAY))
    assert judge(check, Observation(certificate_end=END), at) == judgement


def test_the_end_is_read_from_what_ssl_says() -> None:
    assert end_of({"notAfter": "Jun  1 12:00:00 2026 GMT"}) == END
    assert end_of({}) is end_of(None) is None
    assert judge(TlsCheck(host="a.example"), Observation(), AT) == (UP, "")


@pytest.mark.parametrize(
    ("left", "judgement"),
    [
        (30 * periods.DAY, (UP, "")),
        (30 * periods.DAY - 1, (UP, "tls_expiring")),
        (7 * periods.DAY, (UP, "tls_expiring")),
        (7 * periods.DAY - 1, (DEGRADED, "tls_expiring")),
        (2 * periods.DAY, (DEGRADED, "tls_expiring")),
        (2 * periods.DAY - 1, (DOWN, "tls_expiring")),
        (0, (DOWN, "tls_expired")),
    ],
)
def test_an_end_that_comes_near_can_be_more_than_a_notice(left: int, judgement: tuple[Verdict, str]) -> None:
    near = Expiry(warn_before=30 * periods.DAY, degraded_before=7 * periods.DAY, down_before=2 * periods.DAY)
    assert judge(TlsCheck(host="a.example", expiry=near), Observation(certificate_end=END), END - left) == judgement


def test_the_end_that_counts_is_the_earliest_of_the_chain() -> None:
    """The server's own certificate lasts until 2126; that of the authority between it and the root does not."""
    with Server(silent, tls("chain")) as server:
        check = TlsCheck(host="localhost", port=server.port, ca_file="chain_authority.pem")
        _, details = answer_once(check)
        assert details is not None
        assert details.certificate_end == BETWEEN_END
        assert ask_once(check, at=BETWEEN_END - 14 * periods.DAY).reason == ""
        assert ask_once(check, at=BETWEEN_END - 13 * periods.DAY).reason == "tls_expiring"
        assert ask_once(check, at=BETWEEN_END).verdict is DOWN


@pytest.mark.parametrize(
    ("text", "check"),
    [
        ("a.example", TlsCheck(host="a.example")),
        ("a.example:8443", TlsCheck(host="a.example", port=8443)),
        ("'[::1]'", TlsCheck(host="::1")),
        (
            "{host: a.example, port: 587, starttls: smtp, warn_before: 30d, degraded_before: 7d, down_before: 1d}",
            TlsCheck(
                host="a.example",
                port=587,
                secured="smtp",
                expiry=Expiry(warn_before=30 * periods.DAY, degraded_before=7 * periods.DAY, down_before=periods.DAY),
            ),
        ),
    ],
)
def test_what_is_written_is_what_is_asked(text: str, check: TlsCheck) -> None:
    assert written(KIND, text) == check


def test_thresholds_in_the_wrong_order_are_refused() -> None:
    message = refusal(KIND, "{host: a.example, degraded_before: 1d, down_before: 7d}")
    assert message == "'tls': 'degraded_before' must be longer than 'down_before', or it never is"
