"""Long lists on all processors: the same results, in the same order, whatever happens to a copy."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from statusgen import workers
from tests.sites import ROOT, eventually

MANY = list(range(107))
LONG = 1.0  # seconds an item is said to take
SLACK = 3.0  # seconds by which a machine that is busy may be late


def test_results_come_in_the_order_of_the_items() -> None:
    assert workers.spread(lambda item: item * item, MANY, LONG) == [item * item for item in MANY]
    assert workers.spread(str, [3, 1], LONG) == ["3", "1"]
    assert workers.spread(str, [], LONG) == []


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="there is one processor")
def test_a_long_list_is_shared_with_copies_of_this_process() -> None:
    shared = (
        "import os; from statusgen import workers\n"
        f"for seconds in ({LONG}, {workers.WORTH_IT / 200}):\n"
        f"    print(os.getpid(), *workers.spread(lambda _: os.getpid(), {MANY}, seconds))"
    )  # in a process of its own: one with threads is not copied, and earlier tests may have left some
    done = subprocess.run([sys.executable, "-c", shared], cwd=ROOT, capture_output=True, text=True, check=True)
    (own, *processes), (self, *alone) = (line.split() for line in done.stdout.splitlines())
    assert len(set(processes)) > 1
    assert processes[0] == own
    assert set(alone) == {self}


def test_a_process_with_threads_is_not_copied() -> None:
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        assert set(workers.spread(lambda _: os.getpid(), MANY, LONG)) == {os.getpid()}
    finally:
        done.set()
        thread.join()


def test_what_a_copy_does_not_finish_is_done_here(tmp_path: Path) -> None:
    here = os.getpid()

    def make(item: int) -> int:
        if os.getpid() != here and item > 50:
            os._exit(1)
        return -item

    assert workers.spread(make, MANY, LONG) == [-item for item in MANY]


def test_what_goes_wrong_with_an_item_is_raised_here() -> None:
    for bad in (0, 1):  # one that this process does, and one that a copy does

        def make(item: int, bad: int = bad) -> int:
            if item == bad:
                raise LookupError(item)
            return item

        with pytest.raises(LookupError):
            workers.spread(make, MANY, LONG)


def children() -> set[str]:
    """Return the processes that this one has started and not seen end."""
    listed = (task / "children" for task in Path("/proc/self/task").iterdir())
    return {number for each in listed for number in each.read_text().split()}


def test_no_copy_stays_behind() -> None:
    before = children()
    workers.spread(str, MANY, LONG)
    assert children() == before


# Work that ends when it must.

PATIENT = 20.0  # seconds that no copy here needs
FOR_EVER = (r"(a|aa)+$", "a" * 100 + "!")  # a match that holds the interpreter's lock, so that no thread of it runs


def never() -> bool:
    return False


def told(part: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Tell of each item, and which process did."""
    for item in part:
        yield item, os.getpid()


@contextlib.contextmanager
def nothing_left() -> Iterator[None]:
    """Look that no process of one's own and no open file is left, once it is over."""
    before = children(), sorted(Path("/proc/self/fd").iterdir())
    yield
    assert (children(), sorted(Path("/proc/self/fd").iterdir())) == before


def test_every_part_is_done_by_a_copy_of_its_own() -> None:
    with nothing_left():
        made = list(workers.streamed(told, [[1, 2, 3], [4], [], [5, 6]], PATIENT, never))
    assert sorted(item for item, _ in made) == [1, 2, 3, 4, 5, 6]
    by_copy = {process: [item for item, by in made if by == process] for _, process in made}
    assert sorted(by_copy.values()) == [[1, 2, 3], [4], [5, 6]]
    assert os.getpid() not in by_copy


def test_nothing_to_do_is_done() -> None:
    with nothing_left():
        assert list(workers.streamed(told, [], PATIENT, never)) == []
        assert list(workers.streamed(told, [[]], PATIENT, never)) == []


def test_what_is_made_comes_while_the_rest_is_still_being_made() -> None:
    def slowly(part: Sequence[int]) -> Iterator[int]:
        for item in part:
            yield item
            time.sleep(PATIENT)

    with nothing_left():
        started = time.monotonic()
        stream = workers.streamed(slowly, [[1, 2], [3, 4]], PATIENT, never)
        assert sorted([next(stream), next(stream)]) == [1, 3]
        stream.close()
        assert time.monotonic() - started < PATIENT / 2


def test_what_is_larger_than_a_pipe_comes_whole() -> None:
    with nothing_left():
        made = list(
            workers.streamed(lambda part: (bytes([i]) * 3_000_000 for i in part), [[1, 2], [3]], PATIENT, never)
        )
    assert sorted(made) == [bytes([i]) * 3_000_000 for i in (1, 2, 3)]


@pytest.mark.parametrize("end", [lambda: os._exit(1), lambda: os.kill(os.getpid(), signal.SIGKILL), lambda: 1 / 0])
def test_a_copy_that_dies_loses_only_what_it_has_not_told_yet(end: Callable[[], object]) -> None:
    def work(part: Sequence[int]) -> Iterator[int]:
        for item in part:
            if item == 2:
                end()
            yield item

    with nothing_left():
        assert sorted(workers.streamed(work, [[1, 2, 3], [4, 5, 6]], PATIENT, never)) == [1, 4, 5, 6]


def test_a_copy_that_hangs_is_ended_when_the_time_is_up_and_what_others_made_is_kept() -> None:
    def work(part: Sequence[int]) -> Iterator[int]:
        for item in part:
            if item == 2:
                re.search(*FOR_EVER)
            yield item

    with nothing_left():
        started = time.monotonic()
        assert sorted(workers.streamed(work, [[1, 2, 3], [4, 5, 6]], 0.5, never)) == [1, 4, 5, 6]
        assert 0.5 <= time.monotonic() - started < 0.5 + SLACK


def test_a_copy_that_never_stops_talking_is_ended_when_the_time_is_up() -> None:
    def work(part: Sequence[int]) -> Iterator[int]:
        while True:
            yield from part

    with nothing_left():
        started = time.monotonic()
        assert set(workers.streamed(work, [[1], [2]], 1.0, never)) == {1, 2}
        assert time.monotonic() - started < 0.3 + SLACK


def test_when_it_is_over_what_was_made_by_then_is_kept() -> None:
    def work(part: Sequence[int]) -> Iterator[int]:
        yield from part
        re.search(*FOR_EVER)

    made: list[int] = []
    with nothing_left():
        started = time.monotonic()
        made.extend(workers.streamed(work, [[1, 2], [3]], PATIENT, lambda: time.monotonic() > started + 0.5))
        assert time.monotonic() - started < 0.5 + SLACK
    assert sorted(made) == [1, 2, 3]


def test_copies_neither_hear_the_keyboard_nor_outlive_a_request_to_end() -> None:
    def work(part: Sequence[int]) -> Iterator[int]:
        os.kill(os.getpid(), part[0])
        yield part[0]

    with nothing_left():
        parts = [[signal.SIGINT.value], [signal.SIGTERM.value]]
        assert list(workers.streamed(work, parts, PATIENT, never)) == [signal.SIGINT]


ORPHAN = """
import os, re, sys
from statusgen import workers

def work(part):
    yield os.getpid()
    re.search(r"(a|aa)+$", "a" * 100 + "!")

for process in workers.streamed(work, [[1]], 1, lambda: False):
    print(process, flush=True)
"""


def test_a_copy_that_hangs_ends_in_time_though_nobody_is_left_to_end_it() -> None:
    with subprocess.Popen([sys.executable, "-c", ORPHAN], cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        orphan = int(parent.stdout.readline())
        parent.kill()
    try:
        assert eventually(lambda: not is_running(orphan))
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(orphan, signal.SIGKILL)


def is_running(process: int) -> bool:
    """Tell whether a process is neither gone nor dead and waiting to be noticed."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
