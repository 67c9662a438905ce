"""The month, played once."""

from __future__ import annotations

from pathlib import Path

from tests.rehearsal.diary import STEPS
from tests.rehearsal.stage import staged


def test_a_month_in_which_nothing_is_lost_nothing_doubled_and_main_is_never_pushed_to(tmp_path: Path) -> None:
    with staged(tmp_path / "world") as play:
        play.performs(STEPS)
