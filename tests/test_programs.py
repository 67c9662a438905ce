"""Programs: what is given while they run, and that nothing of them is left."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from statusgen import programs

from .sites import eventually

PATH = {"PATH": "/usr/bin:/bin"}


def is_gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


def test_what_it_prints_can_be_read_while_it_runs_and_its_end_waited_for(tmp_path: Path) -> None:
    with programs.started(["sh", "-c", "pwd; echo $SIGN; exit 3"], tmp_path, {**PATH, "SIGN": "here"}) as program:
        printed, complaint = program.communicate(timeout=10)
    assert (printed, complaint, program.returncode) == (f"{tmp_path}\nhere\n".encode(), b"", 3)


@pytest.mark.parametrize("apart", [True, False])
def test_one_that_still_runs_is_killed(tmp_path: Path, apart: bool) -> None:
    with pytest.raises(ZeroDivisionError), programs.started(["sleep", "60"], tmp_path, PATH, apart=apart) as program:
        raise ZeroDivisionError
    assert program.returncode == -9
    assert is_gone(program.pid)


def test_one_that_is_apart_takes_with_it_what_it_started(tmp_path: Path) -> None:
    script = "trap '' TERM; sleep 60 & echo $!; wait"
    with programs.started(["sh", "-c", script], tmp_path, PATH, apart=True) as program:
        assert program.stdout
        child = int(program.stdout.readline())
    assert is_gone(program.pid)
    assert eventually(lambda: is_gone(child) or ") Z " in Path(f"/proc/{child}/stat").read_text())


def test_one_that_is_apart_has_no_terminal_and_a_session_of_its_own(tmp_path: Path) -> None:
    for apart in (True, False):
        with programs.started(["sh", "-c", "cut -d' ' -f6 /proc/$$/stat"], tmp_path, PATH, apart=apart) as program:
            session = int(program.communicate(timeout=10)[0])
        assert (session == program.pid) is apart


def test_its_pipes_are_closed_whatever_it_did_with_them(tmp_path: Path) -> None:
    with programs.started(["true"], tmp_path, PATH, stdin=programs.PIPE) as program:
        assert program.stdin
        program.stdin.write(b"nobody reads this")
        time.sleep(0.05)
    assert all(pipe and pipe.closed for pipe in (program.stdin, program.stdout, program.stderr))


def test_what_cannot_be_started_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), programs.started(["no-such-program"], tmp_path, PATH):
        pass
