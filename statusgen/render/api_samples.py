"""The samples of the last days for programs, so that anybody can recompute what the page says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from statusgen import periods
from statusgen.render import notation
from statusgen.render.notation import Row
from statusgen.render.output import Output
from statusgen.views import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleDay:
    """The rounds of a UTC day at a location, and the file that holds them as lines of the ledger."""

    location: str
    start: int
    rounds: int
    file: Output

    @property
    def path(self) -> str:
        return f"samples/{self.location}/{periods.iso_day(self.start)}.jsonl"


def files(snapshot: Snapshot, days: Iterable[SampleDay]) -> dict[str, bytes | Output]:
    """Return the files and their index by their path below that of all."""
    days = sorted(days, key=lambda day: (-day.start, day.location))
    index = {"generated_at": periods.iso(snapshot.now), "days": [_row(day) for day in days]}
    return {"samples.json": notation.document(index), **{day.path: day.file for day in days}}


def _row(day: SampleDay) -> Row:
    return {
        "location": day.location,
        "date": periods.iso_day(day.start),
        "rounds": day.rounds,
        "document": day.path,
    }
