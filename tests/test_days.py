"""Rounds added up to days: every verdict keeps its instant, and accounts of one day become one."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise, product

import pytest

from statusgen import days, histogram, ledger, periods
from statusgen.model import Day, Details, History, Probing, Round, Sample, Stretch, Verdict
from statusgen.periods import DAY
from statusgen.verdict import measure

from .literals import sum_up
from .machine import within

UP, DEGRADED, DOWN = Verdict
START = periods.parse_date("2026-11-20")
CHECKS = ("api", "web", "ftp")
WORDS: tuple[tuple[Verdict | None, int | None, str], ...] = (
    (UP, 20, ""), (UP, 183, ""), (UP, None, ""), (UP, 12, "tls_expiring"), (DEGRADED, 4_000, "slow"),
    (DOWN, None, "timeout"), (DOWN, 88, "status 503"), (None, None, "blocked"), (None, 30, "unclear"),
)  # fmt: skip

Answers = dict[str, dict[int, tuple[Verdict | None, str]]]  # by check and instant
Told = tuple[dict[int, tuple[str, str]], Answers]  # how each round was: the prober's error, late; and what it said


def good(at: int, *checks: str, latency: int | None = 20) -> Round:
    return Round(at=at, answers=tuple((check, Sample(at, UP, latency)) for check in checks or ("api",)))


def random_round(chance: random.Random, at: int) -> Round:
    if chance.random() < 0.15:
        return Round(at=at, prober_error="offline")  # never late: the ledger keeps the first one as it is
    late = chance.choice(("", "", "queued", "sample"))
    asked = [check for check in CHECKS if chance.random() < 0.7]
    return Round(at=at, late=late, answers=tuple((check, Sample(at, *chance.choice(WORDS))) for check in asked))


def random_rounds(chance: random.Random, instants: Iterable[int]) -> list[Round]:
    return [random_round(chance, at) for at in sorted(instants)]


def ledger_of(rounds: Iterable[Round]) -> str:
    return "".join(f"{ledger.encode(each)}\n" for each in rounds)


def joined_by_the_ledger(*accounts: Iterable[Round]) -> list[Round]:
    """Return the rounds that the ledger reads from accounts in several files."""
    files = {f"{i}/samples/2026-11-20.jsonl": ledger_of(each) for i, each in enumerate(accounts)}
    return list(ledger.decode(files).rounds)


def told_by(day: Day) -> Told:
    """Return what a day says, round by round; a check that was never asked is none."""
    words = [[word for count, word in runs for _ in range(count)] or [""] * len(day.rounds) for runs in _runs(day)]
    said = {check: days.answers(day, check) for check in day.checks}
    return (
        dict(zip(day.rounds, zip(*words, strict=True), strict=True)),  # type: ignore[arg-type]
        {check: {at: (s.verdict, s.reason) for at, s in each.items()} for check, each in said.items() if each},
    )


def _runs(day: Day) -> tuple[Sequence[tuple[int, str]], Sequence[tuple[int, str]]]:
    return day.errors, day.late


def told_by_rounds(rounds: Iterable[Round]) -> Told:
    rounds = list(rounds)
    said: Answers = {}
    for round_ in rounds:
        for check, sample in round_.answers:
            said.setdefault(check, {})[round_.at] = (sample.verdict, sample.reason)
    return {round_.at: (round_.prober_error, round_.late) for round_ in rounds}, said


def latencies_of(rounds: Iterable[Round]) -> dict[str, Counter[int]]:
    """Return the buckets of good answers, by check."""
    found: dict[str, Counter[int]] = {}
    for round_ in rounds:
        for check, sample in round_.answers:
            if sample.latency is not None and sample.verdict in (UP, DEGRADED):
                found.setdefault(check, Counter())[histogram.bucket_of(sample.latency)] += 1
    return found


def histograms(day: Day) -> dict[str, Counter[int]]:
    return {check: Counter(histogram.decode(text)) for check, text in day.latencies.items()}


def one(rounds: Iterable[Round]) -> Day:
    (day,) = sum_up(rounds)
    return day


# Summing up.


def test_a_day_is_rounds_and_what_each_check_said_in_them() -> None:
    rounds = [
        good(START + 3, "api", "web"),
        good(START + 303, "web", latency=40),
        Round(at=START + 604, prober_error="offline"),
        Round(at=START + 903, late="queued", answers=(("web", Sample(START + 903, DOWN, 7, "status 503")),)),
    ]
    assert one(rounds) == Day(
        start=START,
        rounds=(START + 3, START + 303, START + 604, START + 903),
        checks={
            "api": (Stretch(1, UP), Stretch(3, None)),
            "web": (Stretch(2, UP), Stretch(1, None), Stretch(1, DOWN, "status 503")),
        },
        errors=((2, ""), (1, "offline"), (1, "")),
        late=((3, ""), (1, "queued")),
        latencies={"api": "20:1", "web": "20:1 36:1"},
    )
    assert one(rounds).longest == 301


def test_every_answer_keeps_its_verdict_its_reason_and_its_instant() -> None:
    chance = random.Random(1)
    for _ in range(80):
        instants = chance.sample(range(START, START + 3 * DAY), chance.randrange(1, 60))
        rounds = random_rounds(chance, instants)
        summed = sum_up(rounds)
        assert [day.start for day in summed] == sorted({periods.day_of(round_.at) for round_ in rounds})
        for day in summed:
            of_day = [round_ for round_ in rounds if periods.day_of(round_.at) == day.start]
            assert told_by(day) == told_by_rounds(of_day)
            assert histograms(day) == latencies_of(of_day)
            for stretches in day.checks.values():
                assert sum(stretch.rounds for stretch in stretches) == len(day.rounds)
                assert all(a[1:] != b[1:] for a, b in pairwise(stretches))


def test_nothing_is_summed_up_to_nothing() -> None:
    assert sum_up([]) == []


def test_a_wrong_answer_that_came_fast_is_no_speed_nor_is_a_latency_of_centuries() -> None:
    samples = (DOWN, 3), (UP, 1 << 60), (UP, 20), (DEGRADED, 40), (UP, None), (None, 7)
    rounds = [
        Round(at=START + i, answers=(("api", Sample(START + i, verdict, latency, "word")),))
        for i, (verdict, latency) in enumerate(samples)
    ]
    assert histograms(one(rounds)) == {"api": {20: 1, 36: 1}}


def test_a_round_of_nothing_is_a_round() -> None:
    assert one([Round(at=START)]) == Day(start=START, rounds=(START,), checks={})


# Several accounts of a day.


def test_two_accounts_of_a_day_say_what_the_ledger_makes_of_their_rounds() -> None:
    chance = random.Random(2)
    world = range(START, START + 4_000, 100)
    for _ in range(100):
        first, second = (random_rounds(chance, chance.sample(world, chance.randrange(1, 25))) for _ in range(2))
        kept = {round_.at: round_ for round_ in first}  # half of what both tell of, they tell alike
        second = [kept[r.at] if r.at in kept and chance.random() < 0.5 else r for r in second]
        together = days.joined(one(first), one(second))
        assert told_by(together) == told_by_rounds(joined_by_the_ledger(first, second))
        assert together.rounds == tuple(sorted({round_.at for round_ in (*first, *second)}))


def test_of_two_answers_the_first_stands() -> None:
    first = Round(at=START, answers=(("api", Sample(START, UP, 20)),))
    second = Round(at=START, answers=(("api", Sample(START, DOWN, None, "timeout")), ("web", Sample(START, UP, 7))))
    assert days.joined(one([first]), one([second])) == Day(
        start=START,
        rounds=(START,),
        checks={"api": (Stretch(1, UP),), "web": (Stretch(1, UP),)},
        latencies={"api": "20:1", "web": "7:1"},
    )


def test_a_round_is_an_error_where_nothing_else_is_said_of_it() -> None:
    error, other, answer, nothing = (
        Round(at=START, prober_error="offline"),
        Round(at=START, prober_error="unknown"),
        good(START),
        Round(at=START),
    )
    for first, second in product((error, other, answer, nothing), repeat=2):
        whole = days.joined(one([first]), one([second]))
        assert told_by(whole) == told_by_rounds(joined_by_the_ledger([first], [second]))
        assert told_by(days.with_rounds(one([first]), [second])) == told_by(whole)


def test_latencies_of_different_rounds_are_added_up() -> None:
    chance = random.Random(3)
    for _ in range(30):
        rounds = random_rounds(chance, range(START, START + 3_000, 100))
        chosen = set(chance.sample(range(30), 12))
        first = [round_ for i, round_ in enumerate(rounds) if i in chosen]
        second = [round_ for i, round_ in enumerate(rounds) if i not in chosen]
        assert histograms(days.joined(one(first), one(second))) == latencies_of(rounds)


def test_latencies_of_different_checks_in_the_same_rounds_are_added_up() -> None:
    chance = random.Random(4)
    for _ in range(30):
        rounds = random_rounds(chance, range(START, START + 3_000, 100))
        shards = [
            [Round(at=r.at, answers=tuple(a for a in r.answers if a[0] in mine)) for r in rounds]
            for mine in (("api",), ("web", "ftp"))
        ]
        assert histograms(days.joined(*map(one, shards))) == latencies_of(rounds)


def test_latencies_that_both_tell_of_are_not_counted_twice() -> None:
    chance = random.Random(5)
    for _ in range(30):
        rounds = random_rounds(chance, range(START, START + 3_000, 100))
        part = rounds[: chance.randrange(1, 30)]
        for first, second in ((rounds, rounds), (rounds, part), (part, rounds)):
            assert histograms(days.joined(one(first), one(second))) == latencies_of(rounds)


def test_an_account_joined_with_itself_is_itself() -> None:
    chance = random.Random(6)
    for _ in range(30):
        day = one(random_rounds(chance, range(START, START + 2_000, 100)))
        assert days.joined(day, day) == day


def test_a_histogram_that_cannot_be_read_does_no_harm_to_another() -> None:
    first = one([good(START, latency=20)])
    second = one([good(START + 60, latency=40)])
    broken = Day(start=START, rounds=first.rounds, checks=first.checks, latencies={"api": "20:x"})
    assert days.joined(broken, second).latencies == days.joined(second, broken).latencies == {"api": "36:1"}


# Rounds that a summed day does not tell of yet.


def test_a_day_with_its_own_rounds_is_what_it_was() -> None:
    chance = random.Random(7)
    for _ in range(30):
        rounds = random_rounds(chance, range(START, START + 2_000, 100))
        day = one(rounds)
        assert days.with_rounds(day, rounds) is day
        assert days.with_rounds(day, rounds[3:9]) is day


def test_only_what_is_unheard_is_added() -> None:
    chance = random.Random(8)
    for _ in range(60):
        rounds = random_rounds(chance, range(START, START + 3_000, 100))
        known = [round_ for round_ in rounds if chance.random() < 0.6] or rounds[:1]
        assert days.with_rounds(one(known), rounds) == one(rounds)


def test_a_check_that_is_unheard_in_a_round_that_is_known_is_added() -> None:
    known = one([good(START, "api"), good(START + 60, "api")])
    added = days.with_rounds(known, [good(START + 60, "api", "web", latency=40)])
    assert added.checks == {"api": (Stretch(2, UP),), "web": (Stretch(1, None), Stretch(1, UP))}
    assert added.latencies == {"api": "20:2", "web": "36:1"}


def test_what_is_known_stands_against_what_comes_late() -> None:
    known = one([good(START)])
    other = Round(at=START, late="queued", answers=(("api", Sample(START, DOWN, None, "timeout")),))
    assert days.with_rounds(known, [other]) is known
    assert days.with_rounds(known, [Round(at=START, prober_error="offline")]) is known


def test_a_day_of_which_nothing_is_known_is_summed_up() -> None:
    assert days.with_rounds(days.empty(START), [good(START + 5)]) == one([good(START + 5)])


# Histories.

NAMES = ("recorded one by one", "summed up", "summed up, with the rounds of the last day", "half of each")


def accounts(rounds: Sequence[Round]) -> list[tuple[list[Day], list[Round]]]:
    """Return the same rounds as summed days, as rounds, and as something of both."""
    summed = sum_up(rounds)
    last = [round_ for round_ in rounds if round_.at >= summed[-1].start]
    odd, even = [r for i, r in enumerate(rounds) if i % 2], [r for i, r in enumerate(rounds) if not i % 2]
    return [([], list(rounds)), (summed, []), (summed, last), (sum_up(even), odd)]


def known_of(history: History, until: int) -> tuple[object, ...]:
    """Return all that a history says but latencies."""
    probing = Probing(interval=600)
    return (
        [told_by(day) for day in history.days],
        [measure(history.days, check, probing, until) for check in CHECKS],
        days.checked(history.days),
        days.sample_until(history.days),
        [days.first_failure(history.days, check, START, until) for check in CHECKS],
        [days.answered_before(history.days, check, at) for check in CHECKS for at in range(START, until + 1, 7_000)],
        [days.latest_failure(history.days, check, at) for check in CHECKS for at in (START, START + DAY // 2, until)],
        [(s := days.latest(history, check)) and (s.at, s.verdict, s.reason) for check in CHECKS],
    )


@pytest.mark.parametrize("account", range(4), ids=NAMES)
def test_at_every_instant_later_rounds_might_as_well_not_exist(account: int) -> None:
    chance = random.Random(9)
    world = range(START + DAY - 4_000, START + DAY + 4_000, 500)
    for _ in range(5):
        rounds = random_rounds(chance, chance.sample(world, 12))
        rolled, one_by_one = accounts(rounds)[account]
        for until in sorted({round_.at + off for round_ in rounds for off in (0, 1)} | {START, START + DAY}):
            before = [round_ for round_ in rounds if round_.at < until]
            found = days.history(rolled, one_by_one, until)
            assert known_of(found, until) == known_of(days.history((), before, until), until)
            newest = periods.day_of(until - 1) - DAY
            assert found.recent == by_check(r for r in one_by_one if newest <= r.at < until)


def test_latencies_of_a_day_that_is_cut_are_those_of_its_rounds_where_they_are_there() -> None:
    chance = random.Random(10)
    for _ in range(30):
        rounds = random_rounds(chance, range(START, START + 2_000, 100))
        late = random_rounds(chance, [START + 1_450, START + 2_050])
        everything = sorted([*rounds, *late], key=lambda round_: round_.at)
        for until in (START + 1, START + 950, START + 1_500, START + 2_000, START + 2_100):
            found = days.history(sum_up(rounds), everything, until).days
            assert [histograms(day) for day in found] == [latencies_of(r for r in everything if r.at < until)]


def test_latencies_of_a_day_that_is_cut_are_not_told_without_its_rounds() -> None:
    rolled = sum_up([good(START), good(START + 60)])
    (cut,) = days.history(rolled, (), START + 60).days
    (whole,) = days.history(rolled, (), START + 61).days
    assert (cut.rounds, cut.latencies) == ((START,), {})
    assert (whole.rounds, whole.latencies) == ((START, START + 60), {"api": "20:2"})


def test_summed_days_of_several_branches_come_together_in_order() -> None:
    here = sum_up([good(START + DAY, "api"), good(START + 2 * DAY, "api")])
    there = sum_up([good(START, "web"), good(START + DAY, "web")])
    found = days.history([*here, *there], (), START + 9 * DAY).days
    assert [(day.start, sorted(day.checks)) for day in found] == [
        (START, ["web"]),
        (START + DAY, ["api", "web"]),
        (START + 2 * DAY, ["api"]),
    ]


def test_rounds_of_today_and_yesterday_are_there_one_by_one() -> None:
    rounds = [good(START + i * DAY // 4) for i in range(16)]
    assert days.history((), rounds, START + 3 * DAY).recent == by_check(rounds[4:12])
    assert days.history((), rounds, START + 3 * DAY + 1).recent == by_check(rounds[8:13])


def detailed(at: int, **dns: int) -> Round:
    return replace(good(at, "api", "web"), details=tuple((check, Details(dns=ms)) for check, ms in dns.items()))


def test_the_latest_details_of_each_check_are_there_with_their_instant() -> None:
    rounds = [
        detailed(START, api=1, web=1),
        detailed(START + DAY, api=2, web=2),
        detailed(START + DAY + 60, api=3),
        detailed(START + DAY + 120),
    ]
    found = {"api": (START + DAY + 60, Details(dns=3)), "web": (START + DAY, Details(dns=2))}
    assert days.history((), rounds, START + 2 * DAY).details == found
    assert days.history((), rounds, START + DAY + 60).details == dict.fromkeys(
        ("api", "web"), (START + DAY, Details(dns=2))
    )


def test_an_answer_that_knows_of_no_certificate_leaves_the_one_that_is_known() -> None:
    def answered(at: int, **told: int) -> Round:
        return replace(good(at), details=(("api", Details(**told)),))

    rounds = [
        answered(START, dns=1, certificate_end=5),
        answered(START + 60, dns=2, certificate_end=6),
        answered(START + 120, dns=3),
    ]
    (found,) = days.history((), rounds, START + DAY).details.values()
    assert found == (START + 120, Details(dns=3, certificate_end=6))
    elsewhere = START + 90, Details(certificate_end=7)
    assert days.latest_details([found, elsewhere]) == found
    assert days.latest_details([(START + 120, Details(dns=3)), elsewhere])[1] == Details(dns=3, certificate_end=7)


def test_details_are_of_today_or_yesterday_however_many_rounds_were_read() -> None:
    rounds = [detailed(START, web=1), detailed(START + DAY, api=2)]
    assert days.history((), rounds, START + 3 * DAY).details == {"api": (START + DAY, Details(dns=2))}
    assert days.history((), rounds, START + 3 * DAY + 1).details == {}


def test_details_make_no_difference_to_a_day() -> None:
    with_details, without = (sum_up([detailed(START, **dns)]) for dns in ({"api": 1}, {}))
    assert with_details == without
    assert list(days.differences(with_details[0], without[0])) == []
    (day,) = without
    assert days.with_rounds(day, [detailed(START, api=9)]) is day


def by_check(rounds: Iterable[Round]) -> dict[str, list[Sample]]:
    """Return each check's samples, in the order of the rounds."""
    found: dict[str, list[Sample]] = {}
    for check, sample in (answer for round_ in rounds for answer in round_.answers):
        found.setdefault(check, []).append(sample)
    return found


def test_days_that_are_known_to_be_complete_are_not_looked_at_again() -> None:
    rounds = [good(START), good(START + 60)]
    rolled = sum_up(rounds)
    news = [*rounds, good(START + 120), good(START + DAY)]
    found = days.history(rolled, news, START + 2 * DAY, {START, START + DAY})
    assert [day.rounds for day in found.days] == [(START, START + 60), (START + DAY,)]
    assert days.history(rolled, news, START + 61, {START}) == days.history(rolled, rounds, START + 61)


# What is asked of days.


def test_days_from_an_instant_on() -> None:
    several = sum_up([good(START + i * DAY) for i in range(4)])
    assert list(days.since(several, START + DAY)) == several[1:]
    assert list(days.since(several, START + DAY + 1)) == several[2:]
    assert list(days.since(several, 0)) == several
    assert list(days.since(several, START + 9 * DAY)) == []


def test_checked_is_the_last_round_in_which_the_prober_was_well() -> None:
    rounds = [good(START), good(START + 60), Round(at=START + 120, prober_error="offline")]
    assert days.checked(sum_up(rounds)) == START + 60
    assert days.checked(sum_up([*rounds, Round(at=START + DAY, prober_error="offline")])) == START + 60
    assert days.checked(sum_up([*rounds, Round(at=START + DAY)])) == START + DAY
    assert days.checked(sum_up(rounds[2:])) is None
    assert days.checked([]) is None


def test_what_is_made_up_ends_with_the_last_round_that_says_so() -> None:
    rounds = [Round(at=START + i * 60, late=late) for i, late in enumerate(("sample", "sample", "queued", ""))]
    assert days.sample_until(sum_up(rounds)) == START + 60
    assert days.sample_until(sum_up([*rounds, good(START + DAY)])) == START + 60
    assert days.sample_until(sum_up(rounds[2:])) is None
    assert days.sample_until([]) is None


def test_the_first_failure_in_a_stretch_of_time_is_found() -> None:
    chance = random.Random(11)
    rounds = random_rounds(chance, range(START, START + 3 * DAY, 7_000))
    summed = sum_up(rounds)
    edges = [START, START + 7_000, START + DAY - 1, START + DAY, START + 2 * DAY + 5, START + 3 * DAY]
    for check, start, end in product(CHECKS, edges, edges):
        failures = [
            (round_.at, sample.reason)
            for round_ in rounds
            for asked, sample in round_.answers
            if asked == check and sample.verdict is DOWN and start <= round_.at < end
        ]
        assert days.first_failure(summed, check, start, end) == min(failures, default=None)


def test_the_last_answer_before_an_instant_and_the_latest_failure_are_found() -> None:
    chance = random.Random(12)
    rounds = random_rounds(chance, range(START, START + 3 * DAY, 7_000))
    summed = sum_up(rounds)
    said = {c: [(r.at, s) for r in rounds for asked, s in r.answers if asked == c] for c in CHECKS}
    edges = [START, START + 1, START + 7_000, START + DAY - 1, START + DAY, START + 2 * DAY + 5, START + 3 * DAY]
    for check, instant in product(CHECKS, edges):
        before = max((at for at, s in said[check] if at < instant and s.verdict is not None), default=None)
        assert days.answered_before(summed, check, instant) == before
        failures = [(at, s.reason) for at, s in said[check] if s.verdict in (DEGRADED, DOWN) and at >= instant]
        assert days.latest_failure(summed, check, instant) == max(failures, default=None)


def test_within_a_stretch_only_what_lies_before_or_after_counts() -> None:
    said = [(START, DOWN), (START + 60, DOWN), (START + 120, DOWN), (START + 180, UP), (START + 240, UP)]
    summed = sum_up(Round(at=at, answers=(("api", Sample(at, word, None, "")),)) for at, word in said)
    assert [days.answered_before(summed, "api", START + late) for late in (0, 1, 60, 61, 200, DAY)] == [
        *(None, START, START, START + 60, START + 180, START + 240)
    ]
    assert days.latest_failure(summed, "api", START + 120) == (START + 120, "")
    assert days.latest_failure(summed, "api", START + 121) is None


def test_the_latest_answer_has_its_latency_where_its_round_is_there() -> None:
    rounds = [good(START, "api", latency=12), good(START + DAY, "web", latency=34), Round(at=START + DAY + 60)]
    summed = days.history(sum_up(rounds), (), START + 2 * DAY)
    recorded = days.history((), rounds, START + 2 * DAY)
    assert days.latest(recorded, "web") == Sample(START + DAY, UP, 34)
    assert days.latest(summed, "web") == Sample(START + DAY, UP)
    assert days.latest(recorded, "api") == Sample(START, UP, 12)
    assert days.latest(summed, "api") == Sample(START, UP)
    assert days.latest(recorded, "ftp") is days.latest(History(), "api") is None


def test_the_latest_sample_may_be_one_of_which_nothing_could_be_told() -> None:
    blocked = Sample(START + DAY + 60, None, None, "blocked")
    rounds = [
        good(START),
        good(START + DAY),
        Round(at=blocked.at, answers=(("api", blocked),)),
        good(START + 2 * DAY, "web"),
    ]
    for history in (days.history((), rounds, START + 3 * DAY), days.history(sum_up(rounds), (), START + 3 * DAY)):
        assert days.latest(history, "api") == blocked
        assert days.answered_before(history.days, "api", START + 3 * DAY) == START + DAY
        assert days.latest_failure(history.days, "api", START) is None


def test_a_day_that_says_otherwise_of_what_could_not_be_told_differs_from_its_samples() -> None:
    said, other, nothing = (
        Round(at=START, answers=(("api", Sample(START, None, None, reason)),) if reason else ())
        for reason in ("blocked", "unclear", "")
    )
    assert list(days.differences(one([said]), one([said]))) == []
    assert list(days.differences(one([other]), one([said]))) == [
        "says 'api' was unknown unclear at 2026-11-20T00:00:00Z, the sample unknown blocked"
    ]
    assert list(days.differences(one([nothing]), one([said]))) == [
        "says 'api' was not asked at 2026-11-20T00:00:00Z, the sample unknown blocked"
    ]


def test_the_latest_answer_is_the_one_that_counts_and_not_a_late_one_that_contradicts_it() -> None:
    counts = Sample(START, DOWN, None, "timeout")
    late = Round(at=START, late="queued", answers=(("api", Sample(START, UP, 20)),))
    found = days.history(sum_up([Round(at=START, answers=(("api", counts),))]), [late], START + DAY)
    assert days.latest(found, "api") == counts


def test_days_of_a_thousand_checks_that_say_the_same_are_joined_at_once() -> None:
    instants = tuple(range(START, START + DAY, 60))
    one = Day(start=START, rounds=instants, checks=dict.fromkeys(map(str, range(1_000)), (Stretch(1_440, UP),)))
    other = replace(one, checks=dict.fromkeys(one.checks, (Stretch(720, None), Stretch(720, UP))))
    with within(seconds=0.5):
        assert days.joined(other, one) == one
        assert days.joined(one, one) is one
