"""Play the month and print what happened in it: ``python -m tests.rehearsal``."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from tests.conftest import GIT_SETTINGS
from tests.rehearsal.diary import STEPS
from tests.rehearsal.play import Play
from tests.rehearsal.stage import staged


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as work:
        settings = Path(work) / "gitconfig"
        settings.write_text(GIT_SETTINGS)
        os.environ |= {"GIT_CONFIG_GLOBAL": str(settings), "GIT_CONFIG_NOSYSTEM": "1"}
        with staged(Path(work) / "world") as play:
            try:
                play.performs(STEPS)
            finally:
                print(table(play))  # noqa: T201


def table(play: Play) -> str:
    """Lay out the steps: how long each took, and what was published, entered into feeds and told in it."""
    width = max((len(row.name) for row in play.rows), default=0)
    lines = [f"{'step':{width}}  seconds  publishes  entries  messages"]
    for row in play.rows:
        name = row.name.replace("_", " ")
        lines.append(f"{name:{width}}  {row.seconds:7.1f}  {row.publishes:9}  {row.entries:7}  {row.messages:8}")
    total = sum(row.seconds for row in play.rows)
    lines.append(f"{'':{width}}  {total:7.1f}  {play.publishes:9}  {play.entries:7}  {play.messages:8}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
