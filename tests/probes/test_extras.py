"""Libraries that are not installed: nobody's outage, and said once."""

from __future__ import annotations

import subprocess
import sys

import pytest

from statusgen.probes import extras
from statusgen.probes.dial import Unknown

ASKING = """
import sys
sys.modules[{library!r}] = None  # what an import of it meets is what it meets where it is not installed
from pathlib import Path
from statusgen.model import Check, Probing
from statusgen.probes import asking, grpc, http, websocket
from statusgen.probes.kind import World

checks = [Check(id=str(number), question={question}) for number in range(2)]
asking.prepare(checks)
answers = [asking.ask(check, 0, Probing(), World(environment={{}}, base=Path())) for check in checks]
print([(answer.sample.verdict, answer.sample.reason) for answer in answers])
"""


def test_a_library_that_is_there_is_imported() -> None:
    extras.prepare("colorsys")
    extras.need("colorsys", "a test", "test")
    assert "colorsys" in sys.modules


def test_a_library_that_is_missing_makes_it_unknown_and_is_named_once(capsys: pytest.CaptureFixture[str]) -> None:
    extras.prepare("there_is_no_such_library")
    for _ in range(2):
        with pytest.raises(Unknown, match="unsupported"):
            extras.need("there_is_no_such_library", "a test of extras", "nothing")
    said = "a test of extras needs a library that is not installed: pip install 'statusgen[nothing]'\n"
    assert capsys.readouterr().err == said


@pytest.mark.parametrize(
    ("library", "question", "who", "extra"),
    [
        ("h2", "grpc.GrpcCheck(host='127.0.0.1', port=1)", "check kind 'grpc'", "grpc"),
        ("h2", "http.HttpCheck(url='http://127.0.0.1:1/', http_version='2')", 'http_version: "2"', "http2"),
        ("wsproto", "websocket.WebsocketCheck(url='ws://127.0.0.1:1/')", "check kind 'websocket'", "websocket"),
    ],
)
def test_a_check_without_its_library_is_without_a_verdict(library: str, question: str, who: str, extra: str) -> None:
    program = ASKING.format(library=library, question=question)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[(None, 'unsupported'), (None, 'unsupported')]\n"
    assert done.stderr == f"{who} needs a library that is not installed: pip install 'statusgen[{extra}]'\n"
