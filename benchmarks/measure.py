"""Whole processes, measured from outside: wall seconds, CPU seconds, peak memory.

Commands that are to be compared take turns (A B A B …), so that a machine whose speed drifts treats all alike.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

MIB = 1024 * 1024

Case = Callable[[], Sequence[str]]
"""Puts everything in place, which is not measured, and returns the command that is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One process with its children. ``wall`` and ``cpu`` (user and system) in seconds.

    ``memory`` is the largest process's peak in MiB. Linux never reports less than the caller had itself when it
    started the process, so the caller must stay small: what is big is made in other processes.
    """

    wall: float
    cpu: float
    memory: float


def run(command: Sequence[str]) -> Run:
    """Run a command to its end; raise RuntimeError with what it complained of when it fails."""
    # what an interpreter compiles must be kept, or each run would compile it again
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    started = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment) as child:
        assert child.stderr is not None
        complaint = child.stderr.read().decode("utf-8", "replace")
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.monotonic() - started
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with code {child.returncode}: {complaint.strip()}")
    return Run(wall=wall, cpu=usage.ru_utime + usage.ru_stime, memory=usage.ru_maxrss * 1024 / MIB)


def in_turns(cases: Mapping[str, Case], times: int, once: Collection[str] = ()) -> dict[str, list[Run]]:
    """Run every case in its turn, after one turn that is not counted; those of ``once`` a single time."""
    runs: dict[str, list[Run]] = {name: [] for name in cases}
    for turn in range(times + 1):
        for name, case in cases.items():
            if name in once and turn != 1:
                continue
            measured = run(case())
            if turn > 0:
                runs[name].append(measured)
    return runs


COLUMNS = ("wall s, median", "min–max", "CPU s, median", "peak MiB", "runs")


def cells(runs: Sequence[Run]) -> tuple[str, ...]:
    """Return the cells of ``COLUMNS``."""
    walls = [each.wall for each in runs]
    cpu = statistics.median(each.cpu for each in runs)
    spread = f"{min(walls):.2f}–{max(walls):.2f}"
    peak = max(each.memory for each in runs)
    return f"{statistics.median(walls):.2f}", spread, f"{cpu:.2f}", f"{peak:.0f}", str(len(runs))


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)
