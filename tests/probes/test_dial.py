"""The stopwatch, name resolution, connecting, and the word for what went wrong."""

from __future__ import annotations

import contextlib
import errno
import socket
import ssl
import threading
import time
from http.client import BadStatusLine, IncompleteRead, RemoteDisconnected
from pathlib import Path

import certifi
import pytest

from statusgen import reasons
from statusgen.probes.dial import (
    Deadline,
    Unanswered,
    Unknown,
    chain_of,
    connect,
    end_of,
    reason_of,
    resolve,
    secure,
    trust,
    trusted,
)
from statusgen.probes.kind import host_and_port

from .networks import alone
from .servers import CERTIFICATES, Server, eventually, silent, tls, unused_port


def reason_for(work: object, *arguments: object) -> str:
    with pytest.raises(Unanswered) as failure:
        work(*arguments)  # type: ignore[operator]
    return failure.value.reason


# The stopwatch.


def test_time_that_is_left_becomes_less_and_then_a_timeout() -> None:
    deadline = Deadline(30)
    first = deadline.left()
    assert 0 < first <= 0.03
    time.sleep(0.035)
    assert reason_for(deadline.left) == "timeout"
    assert 35 <= deadline.elapsed_ms() < 1_000


def test_the_watchdog_ends_a_call_that_blocks() -> None:
    deadline = Deadline(60)
    with Server(silent) as server, deadline.enforced(), connect("127.0.0.1", server.port, deadline) as sock:
        sock.settimeout(None)
        assert sock.recv(1) == b""
        assert deadline.passed
        assert reason_for(deadline.left) == "timeout"
    assert deadline.elapsed_ms() < 560


def test_a_socket_within_its_time_is_left_alone() -> None:
    deadline = Deadline(5_000)
    with Server(silent) as server:
        with deadline.enforced(), connect("127.0.0.1", server.port, deadline) as sock:
            sock.sendall(b"x")
        assert not deadline.passed
    assert eventually(lambda: not any(isinstance(thread, threading.Timer) for thread in threading.enumerate()))


def test_one_thread_watches_over_all_deadlines_and_each_ends_in_its_own_time() -> None:
    """They are set in no order, so that an earlier one wakes the thread that waits for a later one."""
    milliseconds = (300, 50, 200, 100, 250, 150, 350, 60)
    bitten: list[int] = []

    class Noted(Deadline):
        def bite(self) -> None:
            super().bite()
            bitten.append(self.elapsed_ms())

    deadlines = [Noted(limit) for limit in milliseconds]
    with contextlib.ExitStack() as stack:
        for deadline in deadlines:
            stack.enter_context(deadline.enforced())
        assert sum(thread.name == "deadlines" for thread in threading.enumerate()) == 1
        assert eventually(lambda: len(bitten) == len(milliseconds))
    assert all(deadline.passed for deadline in deadlines)
    late = [took - limit for took, limit in zip(bitten, sorted(milliseconds), strict=True)]
    assert all(-1 <= ms < 100 for ms in late), late


def test_a_deadline_that_is_over_is_not_bitten() -> None:
    with Server(silent) as server:
        early, late = Deadline(800), Deadline(900)
        with late.enforced():
            with early.enforced(), connect("127.0.0.1", server.port, early) as sock:
                kept = sock.dup()
            assert eventually(lambda: late.passed)
        assert not early.passed
        with kept:
            kept.sendall(b"x")  # nobody has shut it down


def test_a_connection_that_comes_too_late_is_a_timeout() -> None:
    deadline = Deadline(0)
    with Server(silent) as server, deadline.enforced():
        assert reason_for(connect, "127.0.0.1", server.port, deadline) == "timeout"


def test_laps_follow_one_another_and_a_new_request_forgets_them() -> None:
    deadline = Deadline(5_000)
    assert deadline.details() is None
    time.sleep(0.02)
    deadline.lap("dns")
    time.sleep(0.03)
    deadline.lap("connect")
    details = deadline.details()
    assert details is not None
    assert 20 <= (details.dns or 0) < 520
    assert 29 <= (details.connect or 0) < 530
    assert (details.dns or 0) + (details.connect or 0) <= deadline.elapsed_ms()
    deadline.begin()
    assert deadline.details() is None
    deadline.lap("first_byte")
    again = deadline.details()
    assert again is not None
    assert again.dns is None
    assert (again.first_byte or 0) < 20


# Resolving and connecting.


def test_ipv4_comes_first() -> None:
    families = [family for family, _ in resolve("localhost", 80, Deadline(5_000))]
    assert families == sorted(families, key=lambda family: family is not socket.AF_INET)
    assert families[0] == socket.AF_INET
    assert resolve("::1", 80, Deadline(5_000))[0][0] == socket.AF_INET6


@pytest.mark.parametrize(("ip", "family"), [(4, socket.AF_INET), (6, socket.AF_INET6)])
def test_one_version_of_the_protocol_can_be_had_alone(ip: int, family: socket.AddressFamily) -> None:
    """No name at all is every address of loopback."""
    other = {4: "::1", 6: "127.0.0.1"}[ip]
    assert {found for found, _ in resolve(None, 80, Deadline(5_000), ip)} == {family}  # type: ignore[arg-type]
    assert reason_for(resolve, other, 80, Deadline(5_000), ip) == "dns_no_answer"
    deadline = Deadline(5_000)
    with Server(silent, host={4: "127.0.0.1", 6: "::1"}[ip]) as server, deadline.enforced():
        with connect(None, server.port, deadline, ip) as sock:  # type: ignore[arg-type]
            assert sock.family == family
        assert reason_for(connect, None, server.port, deadline, 10 - ip) == "refused"


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "a\0b", "..", "\ud800"])
def test_a_name_no_dns_can_hold_is_not_found(host: str) -> None:
    assert reason_for(resolve, host, 80, Deadline(5_000)) == "dns"


def test_connecting_says_why_it_failed() -> None:
    deadline = Deadline(5_000)
    with deadline.enforced():
        assert reason_for(connect, "127.0.0.1", unused_port(), deadline) == "refused"


def test_every_address_of_a_host_is_tried() -> None:
    """No name at all is every address of loopback: 127.0.0.1 first, where nobody listens, then ::1."""
    deadline = Deadline(5_000)
    with Server(silent, host="::1") as server, deadline.enforced():
        with connect(None, server.port, deadline) as sock:  # type: ignore[arg-type]
            assert sock.family == socket.AF_INET6
        assert eventually(lambda: server.connections == 1)


UNSUPPORTED = "Sample(at=1795000000, verdict=None, latency=None, reason='unsupported')"


def test_without_ipv6_it_is_nobodys_fault_that_a_host_has_nothing_else(tmp_path: Path) -> None:
    """Yet one that has IPv4 as well, and does not answer there, is down."""
    (tmp_path / "hosts").write_text("192.0.2.1 both\n127.0.0.1 here\n2001:db8::1 both here six\n")
    code = f"""
        import subprocess
        subprocess.run(["mount", "--bind", {str(tmp_path / "hosts")!r}, "/etc/hosts"], check=True)
        print(ask_once(TcpCheck(host="::1", port=9)).reason)
        loopback()
        for host in ("2001:db8::1", "six"):
            print(ask_once(TcpCheck(host=host, port=9)))
        print(ask_once(TcpCheck(host="both", port=9)).reason, ask_once(TcpCheck(host="here", port=9)).reason)
        print(ask_once(TcpCheck(host="both", port=9, ip=6)))
    """
    lines = alone(code, "--map-root-user", "--mount")
    assert lines == ["unreachable", UNSUPPORTED, UNSUPPORTED, "unreachable refused", UNSUPPORTED]


def test_that_no_descriptor_is_left_is_not_the_targets_fault() -> None:
    code = """
        import resource
        ask_once(TcpCheck(host="127.0.0.1", port=9))  # whatever it opens for good is open
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, 100))
        print(ask_once(TcpCheck(host="127.0.0.1", port=9)))
        resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))  # the end of a thread may open a library
    """
    assert alone(code) == [UNSUPPORTED]


# What must not be reached.


def test_what_a_public_address_led_to_must_be_public_until_a_request_is_begun_anew() -> None:
    deadline = Deadline(5_000)
    with Server(silent) as server, deadline.enforced():
        deadline.was_public = True
        deadline.begin(is_led=True)
        assert reason_for(connect, "127.0.0.1", server.port, deadline) == "redirect_private"
        assert reason_for(connect, "localhost", server.port, deadline) == "redirect_private"
        assert server.connections == 0
        deadline.begin()
        for _ in range(2):  # a private address leads wherever it likes
            connect("127.0.0.1", server.port, deadline).close()
            deadline.begin(is_led=True)


@pytest.mark.parametrize("host", ["169.254.169.254", "::ffff:169.254.169.254", "fe80::1", "fd00:ec2::254"])
def test_where_clouds_keep_their_metadata_nothing_is_asked(host: str) -> None:
    with pytest.raises(Unknown) as doubt:
        connect(host, 80, Deadline(1_000))
    assert doubt.value.reason == "forbidden"


def test_of_a_host_with_several_addresses_those_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text("169.254.169.254 some none\n127.0.0.1 some\n")
    code = f"""
        import subprocess
        subprocess.run(["mount", "--bind", {str(tmp_path / "hosts")!r}, "/etc/hosts"], check=True)
        loopback()
        print(*(ask_once(TcpCheck(host=host, port=9)).reason for host in ("some", "none")))
    """
    assert alone(code, "--map-root-user", "--mount") == ["refused forbidden"]


# The certificates.


def test_the_end_is_the_earliest_of_all_certificates_that_were_verified() -> None:
    """Those are the server's, of 2126, the authority's above it, of 2100, and the root's; and of every handshake."""
    deadline = Deadline(5_000)
    with (
        Server(silent, tls("chain")) as chained,
        Server(silent, tls("localhost")) as single,
        deadline.enforced(),
        contextlib.ExitStack() as stack,
    ):
        ends = []
        for server, authority in (
            (single, "authority.pem"),
            (chained, "chain_authority.pem"),
            (single, "authority.pem"),
        ):
            plain = stack.enter_context(connect("127.0.0.1", server.port, deadline))
            sock, end = secure(plain, trusted(authority, CERTIFICATES), "localhost", deadline)
            stack.enter_context(sock)
            ends.append((end, [end_of(certificate) for certificate in chain_of(sock)]))
    late, early = 4_922_899_200, 4_102_444_800
    assert ends == [(late, [late, late]), (early, [late, early, late]), (early, [late, late])]


# The word for it.


def verification(code: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed: https://secret.example/?token=s3cr3t")
    error.verify_code = code
    return error


def wrapped(error: BaseException) -> BaseException:
    """Hide an error as libraries do: in the arguments of one that is the cause of another."""
    outer = RuntimeError("https://secret.example/?token=s3cr3t")
    outer.__cause__ = ValueError("Connection aborted", error)
    return outer


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "x"), "refused"),
        (ConnectionResetError(errno.ECONNRESET, "x"), "disconnected"),
        (BrokenPipeError(errno.EPIPE, "x"), "disconnected"),
        (RemoteDisconnected("x"), "disconnected"),
        (IncompleteRead(b"x", 5), "disconnected"),
        (EOFError(), "disconnected"),
        (TimeoutError(errno.ETIMEDOUT, "x"), "timeout"),
        (OSError(errno.ENETUNREACH, "x"), "unreachable"),
        (OSError(errno.EHOSTUNREACH, "x"), "unreachable"),
        (PermissionError(errno.EACCES, "x"), "unreachable"),
        (OSError(errno.EIO, "x"), "protocol"),
        (BadStatusLine("x"), "protocol"),
        (ValueError("x"), "protocol"),
        (ssl.SSLError(ssl.SSL_ERROR_SSL, "wrong version number"), "tls_handshake"),  # its number is that of EPERM
        (ssl.SSLEOFError(ssl.SSL_ERROR_EOF, "x"), "disconnected"),
        (ssl.SSLZeroReturnError(ssl.SSL_ERROR_ZERO_RETURN, "x"), "disconnected"),
        (verification(10), "tls_expired"),
        (verification(62), "tls_hostname"),
        (verification(64), "tls_hostname"),
        (verification(18), "tls_untrusted"),
        (verification(20), "tls_untrusted"),
        (Unanswered("dns"), "dns"),
    ],
)
def test_what_went_wrong_has_a_word(error: BaseException, reason: str) -> None:
    deadline = Deadline(5_000)
    assert reason_of(error, deadline) == reason_of(wrapped(error), deadline) == reason
    assert reasons.known(reason)
    assert reason_of(error, Deadline(0)) == "timeout"


def test_errors_that_are_each_others_cause_do_not_hold_it_up() -> None:
    one, two = ValueError("one"), ValueError("two")
    one.__cause__, two.__cause__ = two, one
    assert reason_of(one, Deadline(5_000)) == "protocol"


# Trust.


def test_authorities_are_loaded_once() -> None:
    assert trust() is trust()
    assert trusted("authority.pem", CERTIFICATES) is trusted("authority.pem", CERTIFICATES)
    assert trusted("authority.pem", CERTIFICATES) is not trusted("", CERTIFICATES) is trust()


def test_a_context_always_verifies() -> None:
    for context in (trust(), trusted("authority.pem", CERTIFICATES)):
        assert context.verify_mode is ssl.CERT_REQUIRED
        assert context.check_hostname


def authorities(context: ssl.SSLContext) -> set[str]:
    return {str(certificate["serialNumber"]) for certificate in context.get_ca_certs()}


def test_with_a_file_of_authorities_no_other_is_trusted_and_else_all_of_certifi() -> None:
    assert len(authorities(trusted("authority.pem", CERTIFICATES))) == 1
    assert authorities(ssl.create_default_context(cafile=certifi.where())) <= authorities(trust())


@pytest.mark.parametrize("ca_file", ["missing.pem", "README.md", "."])
def test_a_file_that_holds_no_authorities_trusts_nobody(ca_file: str) -> None:
    assert reason_for(trusted, ca_file, CERTIFICATES) == "tls_untrusted"


# Targets in words.


@pytest.mark.parametrize(
    ("text", "default", "target"),
    [
        ("db.example:5432", None, ("db.example", 5432)),
        ("[::1]:53", None, ("::1", 53)),
        ("db.example:5432", 443, ("db.example", 5432)),
        ("db.example", 443, ("db.example", 443)),
        ("::1", 53, ("::1", 53)),
        ("[::1]", 53, ("::1", 53)),
        ("[::1]:5353", 53, ("::1", 5353)),
        ("2620:fe::fe:10", 53, ("2620:fe::fe:10", 53)),
        ("fe80::1:2", 53, ("fe80::1:2", 53)),
    ],
)
def test_a_target_is_a_host_and_a_port(text: str, default: int | None, target: tuple[str, int]) -> None:
    assert host_and_port(text, default) == target


@pytest.mark.parametrize(
    "text", ["db.example", ":80", "db.example:", "db.example:0", "db.example:65536", "a:b", "::1:80", ""]
)
def test_what_is_no_target_names_the_remedy(text: str) -> None:
    with pytest.raises(ValueError, match="write host:port"):
        host_and_port(text)
