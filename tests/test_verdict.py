"""Holding, confirming and voting against a naive model that works instant by instant."""

from __future__ import annotations

import random
import statistics
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from itertools import pairwise, product

import pytest

from statusgen import days
from statusgen.intervals import Intervals
from statusgen.model import Day, Probing, Round, Sample, Verdict
from statusgen.verdict import Measured, max_gap, measure, vote

from .literals import sum_up

UP, DEGRADED, DOWN = Verdict
DAY = 86_400
ABSENT = "absent"
ROUND = 1_800  # seconds between rounds, of which every boundary in such a world is a multiple
INTERVAL = 1_440
HOLD = 3_600  # two and a half intervals: one round may be absent, two in a row are a gap
LENGTH = 6
END = LENGTH * ROUND + HOLD

Answer = Verdict | None | str  # a verdict, a round in which the prober failed, or no round at all
Judged = Sequence[tuple[int, bool | None]]  # instant, and whether the sample counts as failing; None: prober error


def days_of(samples: Sequence[Sample]) -> tuple[Day, ...]:
    """Return samples of one check as days; one without a verdict is a round in which the prober failed."""
    failed = [Round(at=sample.at, prober_error="offline") for sample in samples if sample.verdict is None]
    fine = [Round(at=sample.at, answers=(("api", sample),)) for sample in samples if sample.verdict is not None]
    return tuple(sum_up(sorted(failed + fine, key=lambda round_: round_.at)))


def confirmed(samples: Sequence[Sample], probing: Probing, until: int) -> Measured:
    seen = days.history(days_of(samples), (), until)
    return measure(seen.days, "api", probing, until)


def holds(samples: Sequence[Sample], interval: int) -> list[int]:
    """Return how long each sample holds."""
    return [max_gap(days_of(samples), "api", sample.at // DAY * DAY, interval) for sample in samples]


def samples_of(answers: Sequence[Answer]) -> list[Sample]:
    return [Sample(i * ROUND, answer) for i, answer in enumerate(answers) if not isinstance(answer, str)]


# The naive model, from the words of the rules and not from the code. A window is a row of samples that all say the
# same, as many as it takes, none further from the next than it holds. At every sample the window that begins last
# at or before it decides. The first good sample is a window alone unless a failure was confirmed before it.


def windows(judged: Judged, failing: bool, needed: int) -> list[int]:
    """Return the positions at which a window of samples begins."""
    return [
        first
        for first in range(len(judged) - needed + 1)
        if all(says is failing for _, says in judged[first : first + needed])
        and all(judged[i + 1][0] - judged[i][0] <= HOLD for i in range(first, first + needed - 1))
    ]


@cache
def settled(judged: Judged, confirm: int, recover: int) -> tuple[bool | None, ...]:
    """Return for each sample whether failing is the confirmed state, None before anything is."""
    bad = windows(judged, True, confirm)
    good = windows(judged, False, recover)
    first_good = next((i for i, (_, says) in enumerate(judged) if says is False), None)
    if first_good is not None and not [i for i in bad if i < first_good]:
        good.append(first_good)
    begins = sorted([(i, True) for i in bad] + [(i, False) for i in good])
    return tuple(
        None if says is None else next((state for i, state in reversed(begins) if i <= position), None)
        for position, (_, says) in enumerate(judged)
    )


def expected(answers: Sequence[Answer], confirm: int, recover: int) -> list[str]:
    """Return what is known from each round to the next."""
    samples = samples_of(answers)
    both = [
        settled(tuple((at, None if v is None else v in bad) for at, v, *_ in samples), confirm, recover)
        for bad in ((DEGRADED, DOWN), (DOWN,))
    ]
    words = {(False, False): "up", (True, False): "degraded", (True, True): "down"}
    at_sample = [words.get(pair, "unknown") for pair in zip(*both, strict=True)]
    world = []
    for instant in range(0, END, ROUND):
        holding = [word for sample, word in zip(samples, at_sample, strict=True) if sample.at <= instant]
        age = instant - max((sample.at for sample in samples if sample.at <= instant), default=-HOLD)
        world.append(holding[-1] if age < HOLD else "unknown")
    return world


def seen(measured: Measured, instants: range) -> list[str]:
    """Return what the program knows at each instant."""
    words = ["unknown"] * len(instants)
    for word, spans in (("up", measured.known), ("degraded", measured.degraded), ("down", measured.down)):
        for start, end in spans:
            for i in range((start - instants.start) // instants.step, (end - instants.start) // instants.step):
                words[i] = word
    return words


@pytest.mark.parametrize(("confirm", "recover"), [*product((1, 2, 3), repeat=2)])
def test_confirming_is_that_of_the_naive_model_for_every_sequence(confirm: int, recover: int) -> None:
    probing = Probing(interval=INTERVAL, confirm=confirm, recover=recover)
    length = max(LENGTH - 2, confirm + recover)
    for answers in product((UP, DEGRADED, DOWN, None, ABSENT), repeat=length):
        measured = confirmed(samples_of(answers), probing, END)
        assert seen(measured, range(0, END, ROUND)) == expected(answers, confirm, recover), answers


def days_of_answers(samples: Sequence[Sample]) -> tuple[Day, ...]:
    """Return samples of one check as days; one without a verdict could not be told, and another check is asked too."""
    told = [sample if sample.verdict else sample._replace(reason="blocked") for sample in samples]
    rounds = [Round(at=each.at, answers=(("api", each), ("web", Sample(each.at, UP)))) for each in told]
    return tuple(sum_up(rounds))


@pytest.mark.parametrize("hold", [INTERVAL, 3 * ROUND])  # rounds that are too far apart for some samples, or for none
def test_what_could_not_be_told_is_for_that_check_what_a_broken_prober_is_for_all(hold: int) -> None:
    probing = Probing(interval=hold)
    for answers in product((UP, DEGRADED, DOWN, None, ABSENT), repeat=LENGTH - 1):
        samples = samples_of(answers)
        seen_of = days.history(days_of_answers(samples), (), END).days
        assert measure(seen_of, "api", probing, END) == confirmed(samples, probing, END), answers
        assert measure(seen_of, "web", probing, END) == confirmed(
            [sample._replace(verdict=UP) for sample in samples], probing, END
        )


def test_samples_hold_by_their_own_check_where_others_are_asked_more_often() -> None:
    """Rounds come every minute, a check is asked in some of them: at random, so that a few are too far apart."""
    chance = random.Random(5)
    for _ in range(150):
        interval = chance.choice((60, 300, 3_600))
        probing = Probing(interval=interval, confirm=chance.choice((1, 2)))
        asked = [at for at in range(0, 2 * DAY, 600) if chance.random() < 600 / max(600, interval)]
        words = (UP, UP, UP, UP, DEGRADED, DOWN, DOWN, None)
        samples = [Sample(at, chance.choice(words)) for at in asked]
        alone = days_of_answers(samples)
        instants = {sample.at: sample for each in (samples,) for sample in each}
        among = sum_up(
            Round(
                at=at,
                answers=(("web", Sample(at, UP)),)
                + ((("api", instants[at]._replace(reason="blocked")),) if at in instants else ()),
            )
            for at in range(0, 2 * DAY, 60)
        )
        assert measure(among, "api", probing, 2 * DAY) == measure(alone, "api", probing, 2 * DAY)


def test_down_is_part_of_degraded_and_degraded_of_known() -> None:
    for answers in product((UP, DEGRADED, DOWN, None, ABSENT), repeat=5):
        measured = confirmed(samples_of(answers), Probing(interval=INTERVAL), END)
        assert measured.down - measured.degraded == Intervals()
        assert measured.degraded - measured.known == Intervals()


def measured(*answers: Answer, confirm: int = 2, recover: int = 2) -> list[str]:
    """Return what is known from each round to the next."""
    probing = Probing(interval=INTERVAL, confirm=confirm, recover=recover)
    until = len(answers) * ROUND
    return seen(confirmed(samples_of(answers), probing, until), range(0, until, ROUND))


def test_a_failure_is_dated_back_to_the_first_sample_that_showed_it() -> None:
    assert measured(UP, DOWN, DOWN, DOWN) == ["up", "down", "down", "down"]
    assert measured(UP, DOWN, DOWN, UP, UP) == ["up", "down", "down", "up", "up"]


def test_a_failure_that_is_never_confirmed_is_not_downtime() -> None:
    assert measured(UP, DOWN, UP, DOWN, UP) == ["up"] * 5
    assert measured(UP, UP, DOWN) == ["up"] * 3


def test_a_good_sample_amid_an_outage_does_not_end_it() -> None:
    assert measured(DOWN, DOWN, UP, DOWN, UP) == ["down"] * 5


def test_the_very_first_good_sample_needs_no_confirmation() -> None:
    assert measured(UP, recover=3) == ["up"]
    assert measured(DOWN, UP, recover=3) == ["unknown", "up"]


def test_before_anything_is_confirmed_the_state_is_unknown() -> None:
    assert measured(DOWN) == ["unknown"]
    assert measured(DOWN, DOWN) == ["down", "down"]


def test_a_gap_starts_the_count_anew_and_keeps_the_state() -> None:
    assert measured(UP, DOWN, ABSENT, DOWN, UP) == ["up", "down", "down", "down", "down"]  # no gap yet
    assert measured(UP, DOWN, ABSENT, ABSENT, DOWN, UP)[3:] == ["unknown", "up", "up"]
    assert measured(DOWN, DOWN, UP, ABSENT, ABSENT, UP, DOWN)[4:] == ["unknown", "down", "down"]
    assert measured(UP, DOWN, None, DOWN, UP) == ["up", "up", "unknown", "up", "up"]


def test_degraded_and_down_are_confirmed_each_for_itself() -> None:
    assert measured(UP, DEGRADED, DOWN, DOWN) == ["up", "degraded", "down", "down"]
    assert measured(UP, DEGRADED, DOWN, DEGRADED) == ["up", "degraded", "degraded", "degraded"]


def test_samples_from_the_instant_asked_about_on_are_not_looked_at() -> None:
    samples = [Sample(0, UP), Sample(60, DOWN), Sample(120, DOWN)]
    assert confirmed(samples, Probing(interval=60), 120) == Measured(known=Intervals([(0, 120)]))
    assert confirmed(samples, Probing(interval=60), 0) == Measured()


def naive_max_gap(samples: Sequence[Sample], interval: int, index: int) -> int:
    """max(2.5 × interval, min(2.5 × median, 3600 s)), floored; lower median of the gaps that begin on this day."""
    answered = [sample.at for sample in samples if sample.verdict is not None]
    day = samples[index].at // DAY
    gaps = [b - a for a, b in pairwise(answered) if a // DAY == day]
    median = statistics.median_low(gaps) if gaps else interval
    five_halves = Fraction(5, 2)
    return int(max(five_halves * interval, min(five_halves * median, Fraction(3600))))


def test_the_longest_hold_follows_the_formula() -> None:
    chance = random.Random(4)
    for _ in range(400):
        interval = chance.choice((1, 3, 60, 300, 7_200))
        spread = chance.choice((1, 40, 2_000, 30_000))
        instants = sorted({chance.randrange(0, 40 * spread) for _ in range(chance.randrange(12))})
        samples = [Sample(at, chance.choice((UP, DOWN, None))) for at in instants]
        expect = [naive_max_gap(samples, interval, i) for i in range(len(samples))]
        assert holds(samples, interval) == expect


@pytest.mark.parametrize(
    ("interval", "gaps", "hold"),
    [
        (300, (), 750),
        (3, (), 7),  # 7.5, floored
        (60, (300, 300, 300), 750),  # the workflow is slower than what was configured
        (60, (301,), 752),  # 752.5
        (60, (100, 400), 250),  # the lower median
        (60, (7_200, 7_200), 3_600),  # never longer than an hour by the median …
        (7_200, (7_200,), 18_000),  # … but by the interval
        (600, (10, 10, 10), 1_500),  # nor shorter than the interval asks for
    ],
)
def test_a_sample_holds_for_two_and_a_half_intervals(interval: int, gaps: tuple[int, ...], hold: int) -> None:
    samples = [Sample(sum(gaps[:i]), UP) for i in range(len(gaps) + 1)]
    assert set(holds(samples, interval)) == {hold}


def test_each_day_has_its_own_median_and_a_gap_belongs_to_the_day_it_begins_on() -> None:
    samples = [Sample(at, UP) for at in (DAY - 1_000, DAY - 500, DAY + 500, DAY + 600, DAY + 700, DAY + 800)]
    assert holds(samples, 1) == [1_250, 1_250, 250, 250, 250, 250]


def test_a_gap_longer_than_two_and_a_half_intervals_is_unknown() -> None:
    samples = [Sample(at, UP) for at in (0, 60, 120, 1_000, 1_060)]
    assert confirmed(samples, Probing(interval=60), 5_000).known == Intervals([(0, 270), (1_000, 1_210)])


# Voting is decided instant by instant, so one world in which every combination has its own second holds every case.

KNOWN = ("unknown", "up", "degraded", "down")
PLACES = ("a", "b", "c")
SECONDS = tuple(product(KNOWN, repeat=len(PLACES)))


def place(index: int) -> Measured:
    def when(*words: str) -> Intervals:
        return Intervals((i, i + 1) for i, second in enumerate(SECONDS) if second[index] in words)

    return Measured(known=when("up", "degraded", "down"), degraded=when("degraded", "down"), down=when("down"))


def naive_vote(by_location: dict[str, str], voters: Sequence[str]) -> str:
    said = [by_location.get(name, "unknown") for name in (voters or by_location)]
    known = [KNOWN.index(word) for word in said if word != "unknown"]
    if not known or (len(voters) >= 2 and len(known) == 1):
        return "unknown"
    return next(KNOWN[level] for level in (3, 2, 1) if 2 * sum(word >= level for word in known) > len(known))


@pytest.mark.parametrize("voters", [(), ("a",), ("a", "b"), ("c", "a", "b"), ("a", "elsewhere"), ("elsewhere",)])
@pytest.mark.parametrize("present", [("a",), ("a", "b"), ("a", "b", "c")])
def test_voting_is_that_of_the_naive_model(voters: tuple[str, ...], present: tuple[str, ...]) -> None:
    measured = vote({name: place(PLACES.index(name)) for name in present}, voters)
    expect = [naive_vote(dict(zip(present, second, strict=False)), voters) for second in SECONDS]
    assert seen(measured, range(len(SECONDS))) == expect


def test_one_of_two_configured_locations_alone_knows_nothing() -> None:
    here = Measured(known=Intervals([(0, 10)]), degraded=Intervals([(0, 10)]), down=Intervals([(0, 10)]))
    there = Measured(known=Intervals([(5, 10)]))
    assert vote({"here": here}, ("here", "there")) == Measured()
    assert vote({"here": here, "there": there}, ("here", "there")).known == Intervals([(5, 10)])


def test_half_of_the_locations_is_no_majority() -> None:
    here = Measured(known=Intervals([(0, 10)]), degraded=Intervals([(0, 10)]), down=Intervals([(0, 10)]))
    there = Measured(known=Intervals([(0, 10)]))
    assert vote({"here": here, "there": there}, ()) == Measured(known=Intervals([(0, 10)]))


def test_nobody_knows_nothing() -> None:
    assert vote({}, ()) == Measured()
    assert vote({}, ("here",)) == Measured()
