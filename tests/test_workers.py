"""Long lists on all processors: the same results, in the same order, whatever happens to a copy."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from statusgen import workers

MANY = list(range(107))
LONG = 1.0  # seconds an item is said to take


def test_results_come_in_the_order_of_the_items() -> None:
    assert workers.spread(lambda item: item * item, MANY, LONG) == [item * item for item in MANY]
    assert workers.spread(str, [3, 1], LONG) == ["3", "1"]
    assert workers.spread(str, [], LONG) == []


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="there is one processor")
def test_a_long_list_is_shared_with_copies_of_this_process() -> None:
    processes = workers.spread(lambda _: os.getpid(), MANY, LONG)
    assert len(set(processes)) > 1
    assert processes[0] == os.getpid()
    assert set(workers.spread(lambda _: os.getpid(), MANY, workers.WORTH_IT / 200)) == {os.getpid()}


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


def test_no_copy_stays_behind() -> None:
    workers.spread(str, MANY, LONG)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
