"""Talking with a server over one connection, in bounded time and bounded size.

Every wait is for what the deadline has left, over a socket that it watches; at most ``MAX_HEARD`` bytes are read.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
from typing import NamedTuple

from statusgen.probes.dial import Deadline, Unanswered, reason_of, secure
from statusgen.probes.patterns import end_of_match

MAX_HEARD = 64 * 1024
MAX_LINE = 8 * 1024  # RFC 2683 §3.2.1.5 wants servers to take 8,000; all others' are shorter


class Reply(NamedTuple):
    """A reply that begins with a number, of one line or many: its number, and its lines without that."""

    code: int
    lines: tuple[str, ...]


class Dialogue:
    """What is said and heard. Everything raises Unanswered when the other side fails."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock, self._deadline = sock, deadline
        self._heard = b""  # and not yet taken
        self._size = 0  # of everything heard
        self.certificate_end: int | None = None

    def close(self) -> None:
        """Hang up."""
        self._sock.close()

    def finish(self) -> int:
        """Note that all has been heard; return the milliseconds since the deadline began."""
        if self._size:
            self._deadline.lap("transfer")
        return self._deadline.elapsed_ms()

    def secure(self, context: ssl.SSLContext, server_name: str) -> None:
        """Encrypt from here on. What was heard beforehand could have been put there by anybody (CVE-2011-0411)."""
        if self._heard:
            raise Unanswered("protocol")
        self._sock, self.certificate_end = secure(self._sock, context, server_name, self._deadline)

    def say(self, words: bytes) -> None:
        try:
            self._sock.settimeout(self._deadline.left())
            self._sock.sendall(words)
        except OSError as error:
            raise Unanswered(reason_of(error, self._deadline)) from None

    def take(self, size: int) -> bytes:
        """Return exactly so many bytes."""
        while len(self._heard) < size:
            self._hear()
        taken, self._heard = self._heard[:size], self._heard[size:]
        return taken

    def line(self) -> str:
        """Return a line without its end, with which it is ``MAX_LINE`` bytes long at most."""
        while (end := self._heard.find(b"\n") + 1) == 0 and len(self._heard) < MAX_LINE:
            self._hear()
        if not 0 < end <= MAX_LINE:
            raise Unanswered("protocol")
        return self.take(end).rstrip(b"\r\n").decode("latin-1")

    def reply(self) -> Reply:
        """Return a reply of SMTP, FTP or NNTP (RFC 959 §4.2): ``220-`` begins one of many lines, ``220 `` ends it."""
        lines = [self.line()]
        code = lines[0][:3]
        if not (code.isascii() and code.isdecimal() and len(code) == 3) or lines[0][3:4] not in (" ", "-", ""):
            raise Unanswered("protocol")
        if lines[0][3:4] == "-":
            while not (lines[-1].startswith(code) and lines[-1][3:4] in (" ", "")):
                lines.append(self.line())
        return Reply(int(code), tuple(line[4:] if line.startswith(code) else line for line in lines))

    def ask(self, command: str) -> Reply:
        """Send a command and return the reply to it."""
        self.say(f"{command}\r\n".encode())
        return self.reply()

    def until(self, pattern: bytes) -> bytes:
        """Return everything up to the end of the first match, as soon as it is there.

        Something else is a wrong answer only when the time is up, the server hangs up or has said enough.
        """
        try:
            while (end := self._end_of(pattern)) is None:
                self._hear()
        except Unanswered as failure:
            raise Unanswered("answer" if self._heard else failure.reason) from None
        return self.take(end)

    def part(self, words: bytes) -> None:
        """Say good-bye. What was to be learnt is known by now, so that it does not matter whether anybody hears it."""
        with contextlib.suppress(Unanswered):
            self.say(words)

    def own_address(self) -> str:
        """Return this side's address as mail writes it (RFC 5321 §4.1.3)."""
        address = str(self._sock.getsockname()[0])
        return f"[IPv6:{address}]" if ":" in address else f"[{address}]"

    def _end_of(self, pattern: bytes) -> int | None:
        return end_of_match(pattern, self._heard, self._deadline) if self._heard else None

    def _hear(self) -> None:
        if self._size >= MAX_HEARD:
            raise Unanswered("protocol")
        try:
            self._sock.settimeout(self._deadline.left())
            heard = self._sock.recv(MAX_HEARD - self._size)
        except OSError as error:
            raise Unanswered(reason_of(error, self._deadline)) from None
        if not heard:
            self._deadline.left()  # a connection that the watchdog shut looks like the end of one
            raise Unanswered("disconnected")
        if not self._size:
            self._deadline.lap("first_byte")
        self._heard += heard
        self._size += len(heard)
