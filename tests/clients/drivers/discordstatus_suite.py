"""The tests in DiscordStatus' wheel, as they were installed, against the address that they know."""

from __future__ import annotations

import contextlib
import sys
from importlib.metadata import files

import documents
import pytest


class Count:
    """Counts what tests came to."""

    def __init__(self) -> None:
        self.passed: list[str] = []
        self.failed: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.append(report.nodeid.split("::")[-1])
        elif report.when == "call" and report.passed:
            self.passed.append(report.nodeid.split("::")[-1])


shipped = [path.locate() for path in files("DiscordStatus") or () if path.match("test_*.py")]
count = Count()
options = ["--assert=plain", "-p", "no:cacheprovider", "-p", "no:warnings", "-c", "/dev/null"]
with contextlib.redirect_stdout(sys.stderr):
    pytest.main([*options, *map(str, shipped)], plugins=[count])
documents.tell({"suite": {"passed": len(count.passed), "failed": count.failed}})
