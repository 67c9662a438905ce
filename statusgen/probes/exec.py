"""Start a program and ask for its exit code, as monitoring plugins have it: 0 up, 1 degraded, 2 and all else down.

Only where whoever runs the prober allows it. No shell; an environment of its own, without the prober's secrets; killed
with its whole process group when its time is up. What it prints goes to a local log, without the secrets it was given.
"""

from __future__ import annotations

import contextlib
import os
import re
import select
import shlex
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from statusgen import files, periods, programs, secret, shape
from statusgen.digests import digest
from statusgen.errors import WorldError
from statusgen.model import Observation, Question, Verdict
from statusgen.probes.dial import Deadline, Unanswered, Unknown
from statusgen.probes.kind import PATH, Judgement, Kind, World, questions, say_once
from statusgen.programs import Program
from statusgen.shape import Key

MAX_LOG = 64 * 1024
PASSED_ON = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR")
_READ = 64 * 1024  # what a pipe holds
_LOOK_SECONDS = 0.05  # how often a program that prints nothing is looked at: its offspring may hold the pipe open
_PAUSE_SECONDS = 0.001  # after each reading: a flood must not take the processor from probes that measure
_HIDDEN = b"***"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecCheck(Question):
    """A program, its arguments, the folder it runs in, and what is added to its environment."""

    command: tuple[str, ...]
    directory: str = ""
    env: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if not self.command[0].strip():
            raise ValueError("'command' begins with an empty word: write the program first")

    def references(self) -> tuple[str, ...]:
        return tuple(value for _, value in self.env)


class _End:
    """The end of what a program prints: the last ``most`` bytes, without secrets, of which none is cut in two."""

    def __init__(self, secrets: Iterable[str]) -> None:
        whole = {value for value in secrets if value}
        given = {value.encode("utf-8", "surrogateescape") for value in whole}.union(*map(secret.forms, whole))
        self._secrets = sorted(given, key=len, reverse=True)
        self._longest = len(self._secrets[0]) if self._secrets else 0
        self._bytes = bytearray()
        self._is_cut = False

    def add(self, chunk: bytes) -> None:
        self._bytes += chunk
        self._is_cut = self._is_cut or len(self._bytes) > MAX_LOG + self._longest
        del self._bytes[: -(MAX_LOG + self._longest)]

    def text(self) -> bytes:
        text = bytes(self._bytes)
        for each in self._secrets:
            text = text.replace(each, _HIDDEN)
        return text[self._longest if self._is_cut else 0 :][-MAX_LOG:]


def probe(check: ExecCheck, deadline: Deadline, world: World) -> Observation:
    """Return the exit code, 128 and the signal's number for a program that was killed by one, as shells count."""
    if not world.may_execute:
        say_once("check kind 'exec'", "programs are started only with 'statusgen probe --allow-exec'")
        raise Unknown("unsupported")
    printed = _End(world.environment[name] for text in check.references() for name in secret.names(text))
    try:
        code = _run(check, deadline, world, printed)
        took = deadline.elapsed_ms()
    except OSError as error:
        say_once(f"program '{check.command[0]}' cannot be started", error.strerror or "")
        raise Unknown("unsupported") from None
    except Unanswered as failure:
        _keep(check, world, failure.reason, printed)
        raise
    _keep(check, world, f"exit {code}", printed)
    return Observation(latency=took, status=code)


def _run(check: ExecCheck, deadline: Deadline, world: World, printed: _End) -> int:
    """Return the exit code; raise OSError for what cannot be started, and Unanswered for what does not end in time."""
    added = {name: secret.fill(value, world.environment) for name, value in check.env}
    environment = {name: world.environment[name] for name in PASSED_ON if name in world.environment} | added
    folder = world.base / check.directory
    with programs.started(check.command, folder, environment, stderr=programs.MERGED, apart=True) as program:
        code = _exit_code(program, deadline, printed)
    return code if code >= 0 else 128 - code


def _exit_code(program: Program, deadline: Deadline, printed: _End) -> int:
    """Read what is printed until the program itself has ended, whoever else still holds the pipe."""
    assert program.stdout is not None
    pipe = program.stdout.fileno()
    ready = select.poll()
    ready.register(pipe, select.POLLIN)
    while program.poll() is None:
        if not ready.poll(min(deadline.left(), _LOOK_SECONDS) * 1_000):
            continue
        if chunk := os.read(pipe, _READ):
            printed.add(chunk)
            time.sleep(_PAUSE_SECONDS)
        else:
            with contextlib.suppress(programs.TimeUp):
                program.wait(deadline.left())
    if ready.poll(0):
        printed.add(os.read(pipe, _READ))
    return program.returncode


def _keep(check: ExecCheck, world: World, outcome: str, printed: _End) -> None:
    """Replace the check's log. One that cannot be written is no fault of the program."""
    if world.logs is None:
        return
    name = re.sub(r"[^A-Za-z0-9_.-]", "_", Path(check.command[0]).name)[:40]
    path = world.logs / f"{name}-{digest(check.command, check.directory, check.env)[:8]}.log"
    head = f"{periods.iso(world.at)} {outcome}: {shlex.join(check.command)}\n"
    try:
        files.write_private(path, head.encode() + printed.text())
    except WorldError as error:
        say_once("log of a program", str(error))


def judge(_check: ExecCheck, seen: Observation, _at: int) -> Judgement:
    verdict = {0: Verdict.UP, 1: Verdict.DEGRADED}.get(seen.status or 0, Verdict.DOWN)
    return verdict, f"exit {seen.status}" if seen.status else ""


def _word(text: str) -> str:
    if "\0" in text:
        raise ValueError("a program's arguments cannot hold a NUL character: remove it")
    if secret.names(text):
        raise ValueError(f"'{text}' refers to a secret, and everybody may read arguments: put it into 'env'")
    return text


KIND = Kind(
    name="exec",
    question=ExecCheck,
    doc="A program that tells by its exit code: 0 up, 1 degraded, 2 down; only with 'statusgen probe --allow-exec'.",
    record=questions(
        ExecCheck,
        {
            "command": Key(
                shape=shape.Many(shape.Parsed(_word, "a word", {"type": "string"}), least=1, most=100),
                doc="The program and its arguments, as a list of words; no shell.",
                required=True,
            ),
            "directory": Key(
                shape=PATH, doc="Folder to run it in: relative to the site, or absolute; default: the site."
            ),
            "env": Key(
                shape=shape.Pairs(
                    shape.text(100, r"[A-Za-z_][A-Za-z0-9_]*", "a variable's name"),
                    shape.text(4_000, wanted="a value", secrets=True),
                ),
                doc="Variables for the program, beside PATH, HOME and a few more; may hold ${env:NAME}.",
            ),
        },
        dials=False,
    ),
    probe=probe,
    judge=judge,
)
