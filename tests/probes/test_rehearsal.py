"""Rehearsing: what the first probes of a process pay for is not said of a target."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

from statusgen.model import Check
from statusgen.probes.http import HttpCheck
from statusgen.probes.rehearsal import rehearse
from statusgen.probes.tcp import TcpCheck

from ..sites import ROOT
from .servers import Server, eventually, silent

LOADED = """
import sys
from statusgen.model import Check
from statusgen.probes.{kind} import {question}
from statusgen.probes.rehearsal import rehearse
rehearse([Check(id="one", question={question}({arguments}))])
print("requests" in sys.modules, "_strptime" in sys.modules)
"""


def loads(kind: str, question: str, arguments: str) -> str:
    program = LOADED.format(kind=kind, question=question, arguments=arguments)
    return subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()[0]


def test_it_runs_what_the_checks_will_run_and_nothing_that_they_do_not_need() -> None:
    assert loads("http", "HttpCheck", 'url="http://a.example/"') == "True"
    assert loads("tcp", "TcpCheck", 'host="a.example", port=1') == "False"


def test_it_asks_no_target() -> None:
    with Server(silent) as target:
        rehearse([Check(id="one", question=HttpCheck(url=target.url()))])
        rehearse([Check(id="two", question=TcpCheck(host="127.0.0.1", port=target.port))])
        assert target.connections == 0


def test_it_leaves_neither_threads_nor_open_files_behind() -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    names = {thread.name for thread in threading.enumerate()}
    for _ in range(3):
        rehearse([Check(id="one", question=HttpCheck(url="http://a.example/"))])
    assert eventually(lambda: {thread.name for thread in threading.enumerate()} <= names)
    assert len(list(Path("/proc/self/fd").iterdir())) <= before
