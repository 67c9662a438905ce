"""Days of samples: their index, and that nothing is read before a file has to be made."""

from __future__ import annotations

import json

from statusgen.render import api_samples
from statusgen.render.api_samples import SampleDay
from statusgen.render.output import Output

from ..literals import DAY, TODAY, take


def unread() -> bytes:
    raise AssertionError("read")


def day(start: int, location: str, rounds: int) -> SampleDay:
    return SampleDay(location=location, start=start, rounds=rounds, file=Output(f"{location}{start}", unread))


def test_the_index_names_every_day_newest_first_and_reads_none() -> None:
    days = [day(TODAY - DAY, "here", 288), day(TODAY, "there", 7), day(TODAY, "here", 144)]
    made = api_samples.files(take(), days)
    index = made.pop("samples.json")
    assert isinstance(index, bytes)
    told = json.loads(index)
    assert told["generated_at"] == "2026-11-25T12:00:00Z"
    assert told["days"] == [
        {"location": "here", "date": "2026-11-25", "rounds": 144, "document": "samples/here/2026-11-25.jsonl"},
        {"location": "there", "date": "2026-11-25", "rounds": 7, "document": "samples/there/2026-11-25.jsonl"},
        {"location": "here", "date": "2026-11-24", "rounds": 288, "document": "samples/here/2026-11-24.jsonl"},
    ]
    assert list(made) == [each["document"] for each in told["days"]]
    assert [each.file for each in (days[2], days[1], days[0])] == list(made.values())


def test_without_a_ledger_there_are_none() -> None:
    index = api_samples.files(take(), ())["samples.json"]
    assert isinstance(index, bytes)
    assert json.loads(index)["days"] == []
