"""Networks that are not there: code that runs where this machine's own cannot be reached."""

from __future__ import annotations

import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PREAMBLE = """
print("ready")
import fcntl, itertools, socket, struct
from pathlib import Path
from statusgen.probes import icmp
from statusgen.probes.icmp import IcmpCheck
from statusgen.probes.tcp import TcpCheck
from tests.probes.servers import ask_once

def loopback():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        fcntl.ioctl(sock, 0x8914, struct.pack("16sH14x", b"lo", 0x49))  # sets its flags: up, running

numbers = itertools.count(1)

def owning(address):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        name = f"lo:{next(numbers)}".encode()
        fcntl.ioctl(sock, 0x8916, struct.pack("16sH2x4s8x", name, socket.AF_INET, socket.inet_aton(address)))
"""


def alone(code: str, *options: str) -> list[str]:
    """Run code in a network of its own, in which there is nothing, and return its lines; skip where that fails.

    Nobody has any privilege there, unless the options say so, and no group may ask for echoes. ``loopback()`` in the
    code makes that much of a network, ``owning(address)`` gives this machine an address there, be it whose it may.
    """
    if not (unshare := shutil.which("unshare")):
        pytest.skip("there is no 'unshare' here")
    command = [unshare, "--user", "--net", *options, sys.executable, "-c", PREAMBLE + textwrap.dedent(code)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    if not done.stdout.startswith("ready"):
        pytest.skip("networks of one's own are not permitted here")
    assert not done.stderr, done.stderr
    return done.stdout.splitlines()[1:]
