"""Runners that share a location: each speaks for its own checks alone."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from pathlib import Path

from statusgen import archive, days, ledger, shards
from statusgen.intervals import Intervals
from statusgen.model import Details, History, Probing, Round, Sample, Verdict
from statusgen.periods import DAY, MINUTE, parse_date
from statusgen.verdict import Measured, measure
from tests.literals import site
from tests.sites import write

UP, _, DOWN = Verdict
START = parse_date("2026-11-20")
UNTIL = START + 3 * DAY


def asked(at: int, *verdicts: tuple[str, Verdict]) -> Round:
    return Round(at=at, answers=tuple((check, Sample(at, verdict, 20)) for check, verdict in verdicts))


def offline(at: int) -> Round:
    return Round(at=at, prober_error="offline")


def history(rounds: Iterable[Round]) -> History:
    return days.history((), sorted(rounds, key=lambda round_: round_.at), UNTIL)


def measured(of: History, check: str) -> Measured:
    return measure(shards.of(of, check).days, check, Probing(), UNTIL)


def every(start: int, end: int, offset: int = 0) -> range:
    return range(start + offset, end, 5 * MINUTE)


STEADY = [asked(at, ("api", DOWN if i in (10, 11) else UP)) for i, at in enumerate(every(START, START + DAY))]
FLAKY = [offline(at) if i % 2 else asked(at, ("web", UP)) for i, at in enumerate(every(START, START + DAY, 120))]


def test_a_runner_that_is_offline_half_of_the_time_is_no_gap_for_the_checks_of_another() -> None:
    alone, shared = history(STEADY), shards.together([history(STEADY), history(FLAKY)])
    assert measured(shared, "api") == measured(alone, "api")
    assert measured(shared, "api").down == Intervals([(START + 50 * MINUTE, START + 60 * MINUTE)])
    assert measured(shared, "web") == measured(history(FLAKY), "web")
    mixed = history([*STEADY, *FLAKY])  # what it would be if they were one
    assert measured(mixed, "api").known != measured(alone, "api").known


def test_a_location_of_one_runner_is_its_history() -> None:
    alone = history(STEADY)
    assert shards.together([alone]) is alone
    assert alone.parts == (alone,)
    assert shards.of(alone, "api") is alone


def test_nobody_tells_of_a_check_that_was_never_asked() -> None:
    assert shards.of(shards.together([history(STEADY), history(FLAKY)]), "ftp") == History()
    assert shards.of(shards.together([]), "api") == History()


def test_a_check_that_moved_from_one_shard_to_another_has_what_both_said() -> None:
    chance = random.Random(1)
    for _ in range(20):
        moved = START + chance.randrange(DAY // 2, 2 * DAY)
        rounds = [asked(at, ("api", chance.choice((UP, UP, UP, DOWN)))) for at in every(START, START + 2 * DAY)]
        before = [each for each in rounds if each.at < moved]
        after = [each for each in rounds if each.at >= moved]
        stays = [asked(at, ("web", UP)) for at in every(START, START + 2 * DAY, 100)]
        later = [offline(at) for at in every(START + 2 * DAY, UNTIL, 100)]
        shared = shards.together([history([*before, *stays, *later]), history(after)])
        found, whole = shards.of(shared, "api"), history(rounds)
        assert measured(shared, "api") == measured(whole, "api")
        assert found.recent.get("api") == whole.recent.get("api")
        assert [day.latencies for day in found.days] == [day.latencies for day in whole.days]


def test_of_details_that_two_shards_hold_the_latest_stand() -> None:
    first, second = (
        Round(at=at, answers=(("api", Sample(at, UP)),), details=(("api", Details(dns=at - START)),))
        for at in (UNTIL - 120, UNTIL - 60)
    )
    for order in ([first], [second]), ([second], [first]):
        found = shards.of(shards.together(map(history, order)), "api")
        assert found.details == {"api": (UNTIL - 60, Details(dns=UNTIL - 60 - START))}


def test_an_error_of_a_shard_is_told_as_what_it_is_to_its_checks() -> None:
    told = list(
        shards.without_errors([asked(START, ("a", UP), ("b", DOWN)), offline(START + 60), Round(at=START + 90)])
    )
    unknown = Sample(START + 60, None, None, "offline")
    assert told[0] == asked(START, ("a", UP), ("b", DOWN))
    assert told[1:] == [Round(at=START + 60, answers=(("a", unknown), ("b", unknown))), Round(at=START + 90)]


def test_rounds_of_one_instant_are_one_and_the_first_answer_stands() -> None:
    first, second = asked(START, ("a", UP)), asked(START, ("a", DOWN), ("b", DOWN))
    later, earlier = asked(START + 60, ("b", UP)), asked(START - 60, ("b", UP))
    both = asked(START, ("a", UP), ("b", DOWN))
    assert list(shards.interleaved([[first, later], [earlier, second]])) == [earlier, both, later]


def test_samples_that_are_published_of_shards_come_to_the_same_without_knowing_of_them(tmp_path: Path) -> None:
    for name, rounds in (("here.1-of-2", STEADY), ("here.2-of-2", FLAKY)):
        lines = "".join(f"{ledger.encode(round_)}\n" for round_ in rounds)
        write(tmp_path, **{f"data/{name}/{ledger.day_path(START)}": lines})
    read = archive.read(tmp_path, site(), UNTIL - 1)
    (raw,) = read.raw
    published = [ledger.decode_line(line) for line in raw.read().decode().splitlines()]
    together = history(each for each in published if isinstance(each, Round))
    assert raw.rounds == len(published) == len(STEADY) + len(FLAKY)
    for check in ("api", "web"):
        assert measured(read.seen["here"], check) == measured(together, check), json.dumps(check)
