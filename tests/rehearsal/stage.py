"""Setting up the world of the play, and taking it down."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from tests import forge, program
from tests.receivers import webhook
from tests.rehearsal import receivers
from tests.rehearsal.checks import Watch
from tests.rehearsal.month import Month
from tests.rehearsal.play import Play


@contextlib.contextmanager
def staged(folder: Path) -> Iterator[Play]:
    """Give the play on its first day: servers listen, the forge has the page's repository, nothing was published."""
    folder.mkdir(parents=True)
    with contextlib.ExitStack() as stack:
        served = stack.enter_context(program.served(folder / "program"))
        hooks, mail = stack.enter_context(webhook()), stack.enter_context(receivers.mail())
        stack.enter_context(_installed(served.script))
        month = Month(folder=folder, program=served, hooks=hooks, mail=mail)
        yield Play(month, Watch(month))


@contextlib.contextmanager
def _installed(script: str) -> Iterator[None]:
    """Let ``pip install`` on the forge's machines install a script that asks the process which serves runs."""
    before, forge.PROGRAM = forge.PROGRAM, script.replace("{", "{{").replace("}", "}}")
    try:
        yield
    finally:
        forge.PROGRAM = before
