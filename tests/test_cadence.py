"""How often the monitor looked: gaps against a list of instants, coverage against what a check knows."""

from __future__ import annotations

import random
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from statusgen import cadence, days, shards
from statusgen.cadence import Cadence, Pace
from statusgen.model import History, Probing, Round, Sample, Verdict
from statusgen.periods import DAY, HOUR, MINUTE
from statusgen.verdict import measure
from tests.literals import NOW, component, rounds, site

UP = Verdict.UP


def look(at: int, *checks: str) -> Round:
    return Round(at=at, answers=tuple((check, Sample(at, UP, 20)) for check in checks or ("api",)))


def offline(at: int) -> Round:
    return Round(at=at, prober_error="offline")


def history(*each: Round) -> History:
    return days.history((), sorted(each, key=lambda round_: round_.at), NOW + 1)


def of(*each: Round, interval: int = 300) -> Cadence:
    made = replace(site(), probing=Probing(interval=interval))
    (found,) = cadence.cadences(made, {"here": history(*each)}, NOW)
    return found


def day_of(*each: Round, interval: int = 300) -> Pace:
    return of(*each, interval=interval).paces[0]


def every(seconds: int, since: int = NOW - 8 * DAY, until: int = NOW) -> list[Round]:
    """Return looks, the last one at ``until``."""
    return [look(at) for at in range(until, since - 1, -seconds)]


def test_rounds_every_five_minutes_are_five_minutes_apart() -> None:
    found = of(*every(300, until=NOW - 10))
    assert found.last == NOW - 10
    assert [pace.name for pace in found.paces] == ["24h", "7d"]
    day, week = found.paces
    assert (day.rounds, week.rounds) == (288, 2_016)
    assert (day.failed, day.median, day.p95, day.longest, day.coverage) == (0, 300, 300, 300, "100")
    assert (day.start, day.end, day.watched) == (NOW - DAY, NOW, DAY)


def test_a_scheduler_that_comes_when_it_likes_is_seen_through() -> None:
    looks = [look(NOW - 60)]
    for minutes in [65] * 10 + [20] * 5 + [240, 500]:
        looks.append(look(looks[-1].at - minutes * MINUTE))
    found = day_of(*looks)
    assert (found.rounds, found.median, found.p95, found.longest) == (17, 65 * MINUTE, 500 * MINUTE, 500 * MINUTE)
    # 50 min after 19:29 and 20 after 23:29 and 23:49, the median of that day; 60 of them today, 10 of an hour; 1 min
    assert found.watched == 751 * MINUTE
    assert found.coverage == "52.15"


def test_the_gap_that_goes_on_is_the_longest_if_it_is() -> None:
    found = day_of(*every(300, until=NOW - 2 * HOUR))
    assert (found.median, found.p95, found.longest) == (300, 300, 2 * HOUR)
    assert found.watched == 22 * HOUR + 750


def test_a_gap_that_began_before_the_window_counts_whole() -> None:
    found = day_of(*every(300, until=NOW - 5 * DAY), *every(300, since=NOW - HOUR + 1))
    assert found.rounds == 12
    assert found.longest == 5 * DAY - 55 * MINUTE


def test_a_monitor_that_stopped_long_ago_has_no_rounds_and_a_gap_that_goes_on() -> None:
    found = of(*every(300, until=NOW - 3 * DAY))
    assert found.last == NOW - 3 * DAY
    day, week = found.paces
    assert (day.rounds, day.median, day.p95, day.longest, day.coverage) == (0, None, None, 3 * DAY, "0.00")
    assert (week.median, week.longest, week.coverage) == (300, 3 * DAY, "57.26")  # 4 days and 750 s of 7


def test_a_window_begins_with_the_very_first_round() -> None:
    found = of(*every(300, since=NOW - HOUR))
    for pace in found.paces:
        assert (pace.start, pace.rounds, pace.median, pace.coverage) == (NOW - HOUR, 13, 300, "100")
    alone = day_of(look(NOW))
    assert (alone.rounds, alone.median, alone.longest, alone.coverage) == (1, None, 0, None)


def test_a_round_in_which_the_prober_failed_is_no_look() -> None:
    flaky = [offline(each.at) if i % 2 else each for i, each in enumerate(every(300))]
    found = day_of(*flaky)
    assert (found.rounds, found.failed) == (289, 144)
    assert (found.median, found.longest, found.coverage) == (600, 600, "50.00")
    broken = of(*(offline(each.at) for each in every(300)))
    assert broken.last is None
    assert (broken.paces[0].rounds, broken.paces[0].failed) == (289, 289)
    assert (broken.paces[0].median, broken.paces[0].longest, broken.paces[0].coverage) == (None, None, "0.00")


def test_at_random_gaps_are_those_of_a_list_and_coverage_is_that_of_a_check_asked_in_every_round() -> None:
    chance = random.Random(3)
    for _ in range(60):
        interval = chance.choice((60, 300, 1_800))
        instants = sorted(chance.sample(range(NOW - 9 * DAY, NOW + 1, 20), chance.choice((3, 60, 900))))
        told = [offline(at) if chance.random() < 0.1 else look(at) for at in instants]
        for pace, span in zip(of(*told, interval=interval).paces, (DAY, 7 * DAY), strict=True):
            assert gaps_of(pace) == naive_gaps(told, NOW - span)
            known = measure(history(*told).days, "api", Probing(interval=interval), NOW).known
            assert pace.watched == known.clip(pace.start, pace.end).seconds
            assert pace.start == max(NOW - span, instants[0])
            assert pace.rounds == sum(at >= pace.start for at in instants)


def gaps_of(pace: Pace) -> tuple[int | None, ...]:
    return pace.median, pace.p95, pace.longest


def naive_gaps(told: Iterable[Round], start: int) -> tuple[int | None, ...]:
    looks = [each.at for each in told if not each.prober_error]
    gaps = sorted(later - earlier for earlier, later in pairwise(looks) if later >= start)
    longest = max([*gaps, NOW - looks[-1]]) if looks else None
    return (statistics.median_low(gaps), nearest_rank(gaps), longest) if gaps else (None, None, longest)


def nearest_rank(ordered: Sequence[int]) -> int:
    return next(gap for i, gap in enumerate(ordered, 1) if 100 * i >= 95 * len(ordered))


# Locations and their shards


def test_every_location_is_told_of_by_name_and_where_there_are_voters_they_alone() -> None:
    seen = {"us": history(*every(300)), "eu": history(*every(600)), "lab": history(look(NOW - 9 * DAY))}
    assert [each.location for each in cadence.cadences(site(), seen, NOW)] == ["eu", "lab", "us"]
    voting = replace(site(), probing=Probing(locations=("us", "eu", "mars")))
    us, eu, mars = cadence.cadences(voting, seen, NOW)
    assert (us.paces[0].median, eu.paces[0].median) == (300, 600)
    assert (mars.location, mars.last, mars.paces[0].rounds, mars.paces[0].coverage) == ("mars", None, 0, "0.00")


def test_of_runners_that_share_a_location_the_one_that_watched_least_is_told_of() -> None:
    quick = history(*(look(each.at, "api") for each in every(300)))
    slow = history(*(look(each.at - 100, "web") for each in every(300) if each.at // HOUR % 2))
    made = site(component("api"), component("web"))
    (found,) = cadence.cadences(made, {"here": shards.together([quick, slow])}, NOW)
    (alone,) = cadence.cadences(made, {"here": slow}, NOW)
    assert found == alone
    assert found.paces[0].longest == 3_900


def test_a_runner_that_has_nothing_left_to_ask_is_not_told_of() -> None:
    before = history(*(look(each.at, "api", "web") for each in every(300, until=NOW - 2 * DAY)))
    after = [history(*(look(each.at, check) for each in every(300, since=NOW - 2 * DAY))) for check in ("api", "web")]
    seen = {"here": shards.together([before, *after])}
    (found,) = cadence.cadences(site(component("api"), component("web")), seen, NOW)
    assert (found.last, found.paces[0].coverage, found.paces[0].longest) == (NOW, "100", 300)
    (still,) = cadence.cadences(
        site(component("api"), component("ftp")), {"here": shards.together([before, after[0]])}, NOW
    )
    assert still.paces[0].coverage == "100"  # nobody is told to ask 'web' any more


def test_a_runner_that_is_gone_and_was_the_last_to_ask_a_check_is_told_of() -> None:
    gone = history(*(look(each.at, "web") for each in every(300, until=NOW - 2 * DAY)))
    there = history(*(look(each.at, "api") for each in every(300)))
    (found,) = cadence.cadences(site(component("api"), component("web")), {"here": shards.together([gone, there])}, NOW)
    assert (found.last, found.paces[0].rounds, found.paces[0].coverage) == (NOW - 2 * DAY, 0, "0.00")


def test_a_check_that_is_asked_more_rarely_makes_no_difference_to_the_rounds() -> None:
    looks = rounds(api="u" * 289, cert="u" + "-" * 287 + "u")
    (found,) = cadence.cadences(site(component("api", "api", "cert")), {"here": history(*looks)}, NOW)
    assert (found.paces[0].median, found.paces[0].coverage) == (300, "100")
