"""``corrections/*.yaml``: what each key means, and which of them contradict. What is wrong with one is in ``bad/``."""

from __future__ import annotations

import random
from itertools import combinations, permutations

import pytest

from statusgen import corrections
from statusgen.corrections import SETTABLE, Reading
from statusgen.model import Correction, State
from statusgen.periods import parse_instant

KNOWN = ("api", "web")
FROM, TO = parse_instant("2026-11-20 10:02 UTC"), parse_instant("2026-11-20 10:31 UTC")


def written(
    components: str = "[api]",
    start: str = "2026-11-20 10:02 UTC",
    end: str = "2026-11-20 10:31 UTC",
    state: str = "operational",
    more: str = "",
) -> str:
    lines = (f"components: {components}", f"from: {start}", f"to: {end}", f"set: {state}", "reason: The logs show it.")
    return "\n".join((*lines, more))


def read(**texts: str) -> Reading:
    return corrections.read_all({f"corrections/{name}.yaml": text for name, text in texts.items()}, KNOWN)


def only(text: str) -> Correction:
    reading = read(a=text)
    assert reading.problems == ()
    (made,) = reading.corrections
    return made


def slugs(reading: Reading) -> list[str]:
    return [correction.slug for correction in reading.corrections]


# One correction


def test_a_correction_says_how_components_were_and_why() -> None:
    assert only(written()) == Correction(
        slug="a",
        path="corrections/a.yaml",
        components=("api",),
        start=FROM,
        end=TO,
        state=State.OPERATIONAL,
        reason="The logs show it.",
        link="",
    )


def test_a_link_is_kept() -> None:
    link = "https://github.com/acme/status/pull/12"
    assert only(written(more=f"link: {link}")).link == link


def test_one_component_may_stand_alone_and_one_named_twice_counts_once() -> None:
    assert only(written(components="api")).components == ("api",)
    assert only(written(components="[web, api, web]")).components == ("web", "api")


@pytest.mark.parametrize("state", SETTABLE)
def test_a_component_can_be_set_to_whatever_it_can_have_been(state: State) -> None:
    assert only(written(state=state.value)).state is state


def test_maintenance_is_not_among_them() -> None:
    assert set(State) - set(SETTABLE) == {State.MAINTENANCE}


def test_instants_may_be_in_any_zone() -> None:
    made = only(written(start="2026-11-20T11:02+01:00", end="2026-11-20T10:31Z"))
    assert (made.start, made.end) == (FROM, TO)


def test_a_reason_of_several_lines_becomes_one() -> None:
    text = written().replace("The logs show it.", ">-\n  The logs\n  show it.")
    assert only(text).reason == "The logs show it."


def test_a_folder_without_files_has_no_corrections() -> None:
    assert corrections.read_all({}, KNOWN) == Reading((), ())


def test_corrections_come_in_the_order_of_their_names() -> None:
    assert slugs(read(b=written(), a=written(), c=written())) == ["a", "b", "c"]


def test_a_bad_file_does_not_keep_a_good_one_out() -> None:
    reading = read(a=written(state="up"), b=written())
    assert slugs(reading) == ["b"]
    assert [problem.path for problem in reading.problems] == ["corrections/a.yaml"]


def test_every_unknown_component_is_named() -> None:
    reading = read(a=written(components="[db, api, cache]"))
    assert [problem.message.split("'")[1] for problem in reading.problems] == ["db", "cache"]


# Several


MIDDLE, LATER = "2026-11-20 10:15 UTC", "2026-11-20 11:00 UTC"


@pytest.mark.parametrize(
    "other",
    [
        written(start="2026-11-20 10:31 UTC", end=LATER, state="major_outage"),
        written(start=MIDDLE, end=LATER),
        written(components="[web]", state="major_outage"),
        written(),
    ],
    ids=["it begins where the first ends", "it says the same", "it is of another component", "it is the same"],
)
def test_two_corrections_agree_if(other: str) -> None:
    for one, two in permutations((written(), other)):
        reading = read(a=one, b=two)
        assert reading.problems == ()
        assert slugs(reading) == ["a", "b"]


def test_two_that_contradict_are_both_named_and_left_out_and_a_third_is_not() -> None:
    contradicting = written(components="[web, api]", start=MIDDLE, end=LATER, state="major_outage")
    reading = read(a=written(), b=contradicting, c=written(components="[web]", end=MIDDLE))
    assert slugs(reading) == ["c"]
    when = "(20 Nov 2026, 10:15 – 10:31 UTC): correct one of the two; until then neither applies"
    assert [str(problem) for problem in reading.problems] == [
        f"corrections/a.yaml:4: sets api to operational where corrections/b.yaml sets it to major_outage {when}",
        f"corrections/b.yaml:4: sets api to major_outage where corrections/a.yaml sets it to operational {when}",
    ]


def test_one_second_is_enough_to_contradict() -> None:
    late = written(start="2026-11-20 10:30:59 UTC", end=LATER, state="unknown")
    assert slugs(read(a=written(), b=late)) == []


def test_one_that_contradicts_two_leaves_none_of_the_three() -> None:
    reading = read(a=written(end=MIDDLE), b=written(state="unknown"), c=written(start=MIDDLE))
    assert slugs(reading) == []
    assert {problem.path for problem in reading.problems} == {f"corrections/{name}.yaml" for name in "abc"}


@pytest.mark.parametrize("seed", range(30))
def test_those_are_left_out_that_another_contradicts_and_no_others(seed: int) -> None:
    chance = random.Random(seed)
    texts = {}
    for number in range(12):
        start = chance.randrange(9)
        texts[f"c{number:02}"] = written(
            components=chance.choice(("[api]", "[web]", "[api, web]")),
            start=f"2026-11-20 0{start}:00 UTC",
            end=f"2026-11-20 {start + chance.randrange(1, 6):02}:00 UTC",
            state=chance.choice(("operational", "major_outage", "unknown")),
        )
    each = {name: only(text) for name, text in texts.items()}
    expected = {
        name
        for one, other in combinations(each, 2)
        if max(each[one].start, each[other].start) < min(each[one].end, each[other].end)
        and each[one].state is not each[other].state
        and {*each[one].components} & {*each[other].components}
        for name in (one, other)
    }
    reading = read(**texts)
    assert {*slugs(reading)} == texts.keys() - expected
    assert [problem.path for problem in reading.problems] == [f"corrections/{name}.yaml" for name in sorted(expected)]


def test_a_bad_file_contradicts_nothing() -> None:
    assert slugs(read(a=written(), b=written(state="major_outage", more="author: ann"))) == ["a"]


def test_two_files_of_one_name_are_one_too_many_since_it_is_their_address() -> None:
    texts = {"corrections/a.yaml": written(), "corrections/a.yml": written(components="[web]")}
    reading = corrections.read_all(texts, KNOWN)
    assert [correction.path for correction in reading.corrections] == ["corrections/a.yaml"]
    assert [problem.path for problem in reading.problems] == ["corrections/a.yml"]
