"""Fixtures: the process that runs operations, and worlds made ready once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.faults.aftermath import Reference
from tests.faults.harness import Runner
from tests.faults.worlds import OPERATIONS, World, copied


@pytest.fixture(scope="session")
def runner(tmp_path_factory: pytest.TempPathFactory, _own_git: None) -> Iterator[Runner]:
    running = Runner(tmp_path_factory.mktemp("runner"))
    yield running
    running.close()


@pytest.fixture(scope="session")
def ready(tmp_path_factory: pytest.TempPathFactory, _own_git: None) -> Callable[[str], World]:
    """Return the world that is ready for an operation; it is to be copied and never changed."""

    @cache
    def make(operation: str) -> World:
        return OPERATIONS[operation].make(tmp_path_factory.mktemp("ready") / "world")

    return make


@pytest.fixture
def fresh(ready: Callable[[str], World], tmp_path: Path) -> Callable[[str], World]:
    """Return a copy of a world in the place of the last."""
    return lambda operation: copied(ready(operation), tmp_path / "world")


@pytest.fixture(scope="session")
def reference(
    ready: Callable[[str], World], runner: Runner, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Reference]:
    @cache
    def make(name: str) -> Reference:
        return Reference(OPERATIONS[name], ready(name), runner, tmp_path_factory.mktemp("reference") / "world")

    return make
