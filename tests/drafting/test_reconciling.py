"""What the program writes about outages: from rounds, maintenance and files to what the files become."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest

from statusgen import days, incidents, snapshot
from statusgen.drafting import drafts, reconciling
from statusgen.model import Component, Correction, DraftMode, Drafts, Event, Incident, Phase, Site, State
from statusgen.periods import MINUTE
from statusgen.posting import authoring
from statusgen.posting.authoring import Addition, Opening
from statusgen.render.drafted import Drafted
from statusgen.render.language import Language
from statusgen.views import Provenance, Snapshot
from tests.literals import INTERVAL, NOW, component, maintenance, rounds, site, take, update

ENGLISH = Drafted(Language("en"))
START = NOW  # of a story: its first round
API, WEB, SHOP = component("api", name="API"), component("web", name="Web"), component("shop", name="Shop")
DOWN_AT_ONCE = "uudd"  # confirmed in the fourth round, and down since the third


def minutes(count: int) -> int:
    return START + count * MINUTE


@dataclass(kw_only=True)
class Story:
    """A site, what its checks answer in rounds five minutes apart, and the files that come of it."""

    of: Site
    events: tuple[Event, ...] = ()
    texts: dict[str, str] = field(default_factory=dict)
    gone: dict[str, str] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    voice: Drafted = ENGLISH

    def snapshot(self, now: int) -> Snapshot:
        known = [part.id for part in self.of.components]
        told = [each for each in incidents.read_all(self.texts, known).events if not each.draft]
        length = max(map(len, self.answers.values()))
        return take(self.of, (*self.events, *told), rounds(START + (length - 1) * INTERVAL, **self.answers), now)

    def run(self, now: int) -> dict[str, str]:
        """Let the program look, and return what it wrote; a second look must find nothing to say."""
        seen = self.snapshot(now)
        written = reconciling.reconcile(seen, self.texts, self.voice, self.gone)
        for path, text in written.items():
            assert drafts.is_ours(text)
            assert body(text).startswith(body(self.texts.get(path, "")).rstrip("\n"))
        self.texts |= written
        assert reconciling.reconcile(seen, self.texts, self.voice, self.gone) == {}
        return written

    def play(self, **answers: str) -> Story:
        """Append answers, and let the program look a second after each round."""
        before = max(map(len, self.answers.values()), default=0)
        self.answers = {id_: self.answers.get(id_, "") + more for id_, more in answers.items()}
        for i in range(before, max(map(len, self.answers.values()))):
            self.run(START + i * INTERVAL + 1)
        return self

    @property
    def only(self) -> Incident:
        (incident,) = read(self.texts).values()
        return incident

    @property
    def path(self) -> str:
        (path,) = self.texts
        return path

    @property
    def told(self) -> list[str]:
        """The updates of the only file: minutes since the start and the state."""
        return [f"{(each.at - START) // MINUTE} {each.phase}" for each in self.only.updates]

    @property
    def said(self) -> list[str]:
        return [each.text for each in self.only.updates]


def story(*parts: object, mode: DraftMode = DraftMode.PUBLISH, after: int = 0, settle: int = 30 * MINUTE) -> Story:
    made = site(*(parts or (API,)))  # type: ignore[arg-type]
    return Story(of=replace(made, drafts=Drafts(mode=mode, after=after, settle=settle)))


def read(texts: Mapping[str, str]) -> dict[str, Incident]:
    return {each.path: each.incident for each in reconciling.read(texts)}


def body(text: str) -> str:
    return text.partition("\n---\n")[2]


def by_a_person(start: int, *ends: int, at: str = "incidents/theirs.md", **states: State) -> dict[str, str]:
    """Return the file of an incident that a person opened, and resolved if that is told."""
    text = authoring.opened(Opening(title="Theirs", at=start, text="We know.", components=tuple(states.items())), at)
    for end in ends:
        text = authoring.updated(text, Addition(at=end, phase=Phase.RESOLVED, text="Mended."), at)
    return {at: text}


# One outage


def test_nothing_is_written_where_it_is_off_and_where_all_is_well() -> None:
    assert story(mode=DraftMode.OFF).play(api="uudddddd").texts == {}
    assert story().play(api="uuuuuuuu").texts == {}
    assert story().play(api="ududududgggg--!!").texts == {}  # never confirmed, slow, or nobody looked


def test_the_whole_file_is_as_a_person_would_write_it() -> None:
    of = story().play(api="uuddddd" + "u" * 8)
    assert of.path == "incidents/2026-11-25-api-is-unavailable.md"
    stamp = drafts.digest(of.texts[of.path])
    assert of.texts[of.path] == (
        "---\n"
        "title: API is unavailable\n"
        "started: 2026-11-25T12:10Z\n"
        "components: {api: major_outage}\n"
        "measured: true\n"
        f"automatic: {stamp}\n"
        "---\n"
        "## Investigating · 2026-11-25 12:15 UTC\n"
        "Our monitoring has found API unavailable since 25 Nov 2026, 12:10 UTC. We are looking into it.\n"
        "\n"
        "## Monitoring · 2026-11-25 12:40 UTC\n"
        "Components: api operational\n"
        "Our monitoring has found no outage since 25 Nov 2026, 12:35 UTC. We go on watching.\n"
        "\n"
        "## Resolved · 2026-11-25 13:05 UTC\n"
        "Our monitoring has found no outage since 25 Nov 2026, 12:35 UTC. "
        "Before, it found 1 outage, which took 25 min.\n"
    )


def test_a_draft_says_that_it_is_one() -> None:
    of = story(mode=DraftMode.DRAFT).play(api=DOWN_AT_ONCE)
    assert of.only.draft
    assert (of.only.measured, of.only.automatic) == (True, True)


def test_an_outage_is_written_about_when_it_has_lasted_long_enough() -> None:
    assert story(after=15 * MINUTE).play(api="uuddd").texts == {}
    assert story(after=15 * MINUTE).play(api="uudddd").told == ["25 investigating"]
    assert story(after=15 * MINUTE).play(api="uudduuuuuu").texts == {}


def test_a_partial_outage_is_called_one() -> None:
    check = replace(API.checks[0], down=State.PARTIAL)
    of = story(replace(API, checks=(check,))).play(api=DOWN_AT_ONCE)
    assert (of.only.title, of.only.components) == ("API is partly unavailable", (("api", State.PARTIAL),))
    assert of.said[0].startswith("Our monitoring has found API partly unavailable since 25 Nov 2026, 12:10 UTC.")


def test_a_reason_is_never_told() -> None:
    of = story().play(api="uussss")
    assert "503" not in of.texts[of.path]


def test_names_are_text_and_never_markup_or_a_line_of_its_own() -> None:
    of = story(component("api", name="Next update: *soon* [x](https://evil.example) <b>")).play(api=DOWN_AT_ONCE)
    assert r"Next update: \*soon\* \[x\](https://evil.example) \<b\>" in of.said[0]
    assert of.only.updates[0].next is None
    assert of.only.title == "Next update: *soon* [x](https://evil.example) <b> is unavailable"


def test_sentences_are_in_the_language_of_the_site() -> None:
    catalog = {"%(name)s is unavailable": "%(name)s ist nicht erreichbar", "We are looking into it.": "Wir sehen nach."}

    class German(Language):
        def say(self, text: str, **values: object) -> str:
            return super().say(catalog.get(text, text), **values)

    of = story()
    of.voice = Drafted(German("en"))
    of.play(api=DOWN_AT_ONCE)
    assert of.only.title == "API ist nicht erreichbar"
    assert of.said[0].endswith("Wir sehen nach.")


# Flapping


def test_twelve_flaps_make_one_file_of_four_updates() -> None:
    of = story().play(api="uu" + "dduu" * 12 + "u" * 6)
    assert of.told == ["15 investigating", "25 monitoring", "35 investigating", "270 resolved"]
    assert of.said[2] == (
        "Our monitoring has found API unavailable again since 25 Nov 2026, 12:30 UTC. We are looking into it. "
        "We write again when there was no outage for 30 min."
    )
    assert of.said[3].endswith("Before, it found 12 outages, which took 2 h together.")


def test_what_fails_after_it_was_resolved_is_another_incident() -> None:
    of = story().play(api="uudd" + "u" * 8 + "dd" + "u" * 8)
    assert list(of.texts) == [
        "incidents/2026-11-25-api-is-unavailable.md",
        "incidents/2026-11-25-api-is-unavailable-2.md",
    ]
    assert [each.updates[-1].phase for each in read(of.texts).values()] == [Phase.RESOLVED, Phase.RESOLVED]


def test_a_run_that_comes_late_resolves_without_a_word_between() -> None:
    of = story().play(api=DOWN_AT_ONCE)
    of.answers["api"] += "u" * 20
    of.run(minutes(115))
    assert of.told == ["15 investigating", "115 resolved"]


def test_without_time_to_settle_it_is_resolved_at_once() -> None:
    assert story(settle=0).play(api="uudduu").told == ["15 investigating", "25 resolved"]


# Together


def test_what_breaks_together_is_one_incident() -> None:
    of = story(API, WEB).play(api=DOWN_AT_ONCE, web=DOWN_AT_ONCE)
    assert of.only.title == "API and Web are unavailable"
    assert of.said[0].startswith("Our monitoring has found API and Web unavailable since")


def test_what_has_lasted_long_enough_takes_with_it_what_broke_just_now() -> None:
    of = story(API, WEB, after=15 * MINUTE).play(api="uudddd", web="uuuudd")
    assert (of.told, of.only.title) == (["25 investigating"], "API and Web are unavailable")


def test_of_many_the_number_is_told() -> None:
    parts = [component(f"c{i}", name=f"Part {i}") for i in range(8)]
    of = story(*parts).play(**{part.id: DOWN_AT_ONCE for part in parts})
    assert of.only.title == "8 components are unavailable"
    assert of.said[0].startswith("Our monitoring has found 8 components unavailable since")
    assert len(of.only.components) == 8


def test_what_breaks_later_joins_while_it_is_open() -> None:
    of = story(API, WEB).play(api="uudddddd", web="uuuuuudd")
    assert of.told == ["15 investigating", "35 investigating"]
    assert of.only.updates[1].components == (("web", State.MAJOR),)
    assert of.said[1] == "Our monitoring now finds Web unavailable as well. We are looking into it."


def test_where_two_are_open_it_joins_one() -> None:
    of = story(API, WEB, SHOP).play(api="uudd", web="uuuu", shop="uuuu")
    other = story(API, WEB, SHOP).play(api="uuuu", web="uudd", shop="uuuu")
    of.texts |= other.texts  # as if two runners had written at once
    of.answers["web"] = "uudd"
    of.play(api="dd", web="dd", shop="dd")
    named = [dict(change for each in event.updates for change in each.components) for event in read(of.texts).values()]
    assert sorted(map(len, named)) == [0, 1]


def test_what_joins_says_how_the_others_are_by_now() -> None:
    of = story(API, WEB).play(api="uuddduuu", web="uuuuuudd")
    assert of.told == ["15 investigating", "30 monitoring", "35 investigating"]
    assert of.only.updates[2].components == (("web", State.MAJOR),)


def test_what_breaks_joins_only_an_incident_in_which_something_fails_or_did_a_moment_ago() -> None:
    of = story(API, WEB).play(api="uudd" + "g" * 12, web="u" * 16)
    assert of.told == ["15 investigating", "25 monitoring"]
    of.play(api="gg", web="dd")
    assert [each.components for each in read(of.texts).values()] == [
        (("api", State.MAJOR),),
        (("web", State.MAJOR),),
    ]
    soon = story(API, WEB).play(api="uudd" + "g" * 6, web="u" * 8 + "dd")
    assert soon.told == ["15 investigating", "25 monitoring", "45 investigating"]


def test_what_breaks_joins_a_draft_only_while_somebody_has_just_heard_of_it() -> None:
    soon = story(API, WEB, mode=DraftMode.DRAFT).play(api="uu" + "d" * 6, web="u" * 6 + "dd")
    assert soon.told == ["15 investigating", "35 investigating"]
    late = story(API, WEB, mode=DraftMode.DRAFT).play(api="uu" + "d" * 56, web="u" * 56 + "dd")
    assert [each.title for each in read(late.texts).values()] == ["API is unavailable", "Web is unavailable"]
    late.play(api="u" * 8, web="u" * 8)
    assert {each.updates[-1].phase for each in read(late.texts).values()} == {Phase.RESOLVED}


def test_what_is_to_be_published_never_joins_a_draft() -> None:
    of = story(API, WEB, mode=DraftMode.DRAFT).play(api="uudd", web="uuuu")
    of.of = replace(of.of, drafts=replace(of.of.drafts, mode=DraftMode.PUBLISH))
    of.play(api="dd", web="dd")
    assert [(each.title, each.draft) for each in read(of.texts).values()] == [
        ("API is unavailable", True),
        ("Web is unavailable", False),
    ]


def test_it_is_over_when_all_of_it_is() -> None:
    of = story(API, WEB).play(api="uudd" + "u" * 16, web="uudddddddd" + "u" * 10)
    assert of.told == ["15 investigating", "55 monitoring", "80 resolved"]
    assert of.said[-1].endswith("Before, it found 1 outage, which took 40 min.")


# What is not known


def test_no_data_is_neither_recovery_nor_outage() -> None:
    of = story().play(api="uudddd" + "!" * 20)
    assert of.told == ["15 investigating"]
    of.play(api="u" * 7)
    assert of.told == ["15 investigating", "135 monitoring", "160 resolved"]


def test_it_settles_only_while_somebody_looks() -> None:
    of = story().play(api="uudduu" + "!" * 20 + "u")
    assert of.told == ["15 investigating", "25 monitoring"]


@pytest.mark.parametrize("left", [(WEB,), (replace(API, checks=()), WEB)], ids=["no component", "no checks"])
def test_what_is_no_longer_monitored_is_closed_and_holds_back_nothing_else(left: tuple[Component, ...]) -> None:
    of = story(API, WEB).play(api="uudd", web="uuuu")
    of.of, of.answers = replace(of.of, components=left), {"web": of.answers["web"]}
    of.play(web="u")
    assert of.told == ["15 investigating", "20 resolved"]
    assert of.said[-1] == "What this incident is about is no longer monitored, so we close it here."
    of.play(web="u" * 48 + "dd" + "u" * 8)
    assert [each.updates[-1].phase for each in read(of.texts).values()] == [Phase.RESOLVED] * 2


def test_of_two_the_one_that_is_monitored_still_decides_when_it_is_over() -> None:
    of = story(API, WEB).play(api=DOWN_AT_ONCE, web=DOWN_AT_ONCE)
    of.of, of.answers = replace(of.of, components=(WEB,)), {"web": of.answers["web"]}
    of.play(web="dd" + "u" * 8)
    assert of.told == ["15 investigating", "35 monitoring", "60 resolved"]


def test_what_works_badly_is_no_outage_and_not_resolved() -> None:
    of = story().play(api="uudd" + "g" * 12)
    assert of.told == ["15 investigating", "25 monitoring"]
    assert of.only.updates[1].components == (("api", State.DEGRADED),)
    of.play(api="u" * 8)
    assert of.told[2:] == ["110 resolved"]


# Maintenance


def test_in_its_maintenance_nothing_is_written_about_a_component() -> None:
    of = story()
    of.events = (maintenance("m", minutes(5), minutes(60)),)
    assert of.play(api="uu" + "d" * 9 + "uuuuuu").texts == {}


def test_an_outage_that_outlives_its_maintenance_is_one_from_the_end_of_the_window() -> None:
    of = story()
    of.events = (maintenance("m", minutes(5), minutes(30)),)
    of.play(api="uu" + "d" * 6 + "u" * 8)
    assert of.only.started == minutes(30)
    assert of.said[0] == (
        "The maintenance was planned until 25 Nov 2026, 12:30 UTC. "
        "Our monitoring has found API unavailable since 25 Nov 2026, 12:30 UTC. We are looking into it."
    )
    assert of.told == ["30 investigating", "45 monitoring", "70 resolved"]
    assert of.said[-1].endswith("Before, it found 1 outage, which took 10 min.")


def test_what_was_broken_before_the_window_is_neither_well_nor_worse_in_it() -> None:
    of = story()
    of.events = (maintenance("m", minutes(25), minutes(60)),)
    of.play(api="uudddd" + "uuuuuu" + "uu" + "u" * 4)
    assert of.told == ["15 investigating", "60 monitoring"]


def test_maintenance_of_others_and_what_was_called_off_hides_nothing() -> None:
    of = story()
    cancelled = maintenance("n", minutes(5), minutes(60), update(START, Phase.CANCELLED))
    of.events = (maintenance("m", minutes(5), minutes(60), on=("web",)), cancelled)
    of.of = replace(of.of, components=(API, WEB))
    assert of.play(api=DOWN_AT_ONCE, web="uuuu").only.components == (("api", State.MAJOR),)


# People


def test_what_a_person_tells_of_is_not_written_about() -> None:
    of = story()
    of.texts = by_a_person(START, api=State.DEGRADED)
    assert of.play(api="uudddddd").texts.keys() == {"incidents/theirs.md"}


def test_what_a_person_does_not_name_is_written_about() -> None:
    of = story(API, WEB)
    of.texts = by_a_person(START, api=State.MAJOR)
    of.play(api="uudd", web="uudd")
    assert read(of.texts)["incidents/2026-11-25-web-is-unavailable.md"].components == (("web", State.MAJOR),)


@pytest.mark.parametrize(
    "edit",
    [
        lambda text: text.replace("title: API is", "title: The API is"),
        lambda text: text.replace("draft: true\n", ""),
        lambda text: text.replace("measured: true\n", ""),
        lambda text: text.replace("automatic:", "# automatic:"),
        lambda text: text.replace("We are looking into it.", "It is the database."),
        lambda text: f"{text}\n## Identified · 2026-11-25 12:20 UTC\nIt is the database.\n",
    ],
    ids=["title", "no draft any more", "not measured", "no stamp", "text", "update"],
)
def test_whatever_a_person_changes_the_file_is_theirs_for_good(edit: object) -> None:
    assert callable(edit)
    of = story(mode=DraftMode.DRAFT).play(api="uuddd")
    of.texts[of.path] = edited = edit(of.texts[of.path])
    of.play(api="ddduuuu" + "d" * 4 + "u" * 12)
    assert of.texts == {of.path: edited}


def test_after_a_person_closed_it_the_same_outage_is_not_written_about_again() -> None:
    of = story().play(api="uuddd")
    closing = Addition(at=minutes(21), phase=Phase.RESOLVED, text="We took it out of service.")
    of.texts[of.path] = authoring.updated(of.texts[of.path], closing)
    assert len(of.play(api="dddddd").texts) == 1
    assert len(of.play(api="uuuuuudd").texts) == 2


def test_what_a_person_took_away_does_not_come_back_for_the_same_outage() -> None:
    of = story().play(api="uuddd")
    of.gone, of.texts = of.texts, {}
    assert of.play(api="dddddd").texts == {}
    assert list(of.play(api="u" * 12 + "dd").texts) == ["incidents/2026-11-25-api-is-unavailable-2.md"]


def test_a_draft_that_stays_a_draft_in_a_persons_hands_means_no_incident() -> None:
    of = story(mode=DraftMode.DRAFT).play(api="uuddd")
    of.texts[of.path] = of.texts[of.path].replace("automatic:", "# no incident:")
    assert len(of.play(api="uuuuuuuu" + "dd").texts) == 1


def test_what_a_person_corrects_was_no_outage() -> None:
    of = story().play(api="uuddd")
    right = Correction(
        slug="c",
        path="corrections/c.yaml",
        components=("api",),
        start=START,
        end=minutes(30),
        state=State.OPERATIONAL,
        reason="The probe was wrong.",
    )
    of.answers["api"] += "u" * 10
    now = minutes(70)
    made = take(of.of, read(of.texts).values(), rounds(minutes(70), **of.answers), now)
    assert len(made.components[0].outages) == 1
    seen = {"here": days.history((), rounds(minutes(70), **of.answers), now + 1)}
    nowhere = Provenance(version="0", commit="", branches=())
    corrected = snapshot.take(of.of, (), seen, now, nowhere, corrections=[right])
    unsettled = replace(corrected, site=replace(of.of, drafts=Drafts(mode=DraftMode.PUBLISH, settle=120 * MINUTE)))
    assert reconciling.reconcile(unsettled, of.texts, ENGLISH) == {}
    (text,) = reconciling.reconcile(corrected, of.texts, ENGLISH).values()
    assert text.endswith("What our monitoring found has been corrected: there was no outage.\n")


def test_an_outage_that_people_declare_until_later_is_theirs() -> None:
    wrong = Correction(
        slug="c",
        path="corrections/c.yaml",
        components=("api",),
        start=START,
        end=minutes(600),
        state=State.MAJOR,
        reason="The probe sees too little.",
    )
    of = story()
    seen = {"here": days.history((), rounds(minutes(30), api="uuuuuuu"), minutes(31))}
    nowhere = Provenance(version="0", commit="", branches=())
    declared = snapshot.take(of.of, (), seen, minutes(30), nowhere, corrections=[wrong])
    assert declared.components[0].state is State.MAJOR
    assert reconciling.reconcile(declared, {}, ENGLISH) == {}


# Robustness


def test_an_outage_that_turns_out_to_have_begun_earlier_or_later_is_the_same() -> None:
    for answers in ("uddddd", "uuuddd"):
        of = story().play(api="uuddd")
        of.answers["api"] = answers
        of.run(minutes(26))
        assert of.told == ["15 investigating"]


def test_an_outage_that_began_in_the_quiet_before_the_end_is_another_one() -> None:
    of = story().play(api="uudd" + "u" * 7)
    of.run(minutes(50) + 30)
    assert of.told[-1] == "50 resolved"
    of.answers["api"] = "uudd" + "u" * 5 + "dddd"  # a location that came late saw more
    of.run(minutes(61))
    assert len(of.texts) == 2


def test_a_clock_that_is_behind_writes_nothing() -> None:
    of = story(settle=0).play(api="uudddd")
    assert of.run(minutes(14)) == {}


def test_files_that_cannot_be_read_and_files_of_other_kinds_are_passed_over() -> None:
    of = story()
    of.texts = {
        "incidents/broken.md": "---\ntitle: [\n",
        "incidents/BAD NAME.md": "---\ntitle: x\n---\n",
        "incidents/old.postmortem.md": "# What we learnt\n",
        "incidents/2026-11-25-api-is-unavailable.md": "no front matter",
    }
    before = dict(of.texts)
    of.play(api=DOWN_AT_ONCE)
    assert {path: of.texts[path] for path in before} == before
    assert of.texts.keys() - before.keys() == {"incidents/2026-11-25-api-is-unavailable-2.md"}


def test_a_persons_file_with_a_component_that_does_not_exist_still_speaks_for_the_others() -> None:
    of = story()
    of.texts = by_a_person(START, api=State.MAJOR, ghost=State.MAJOR)
    told = reconciling.reconcile(take(of.of, (), rounds(minutes(15), api="uudd"), minutes(15)), of.texts, ENGLISH)
    assert told == {}


def test_numbers_are_those_without_any_incident() -> None:
    of = story(API, WEB).play(api="uu" + "dduu" * 3 + "u" * 8, web="u" * 6 + "d" * 4 + "u" * 12)
    now = minutes(110)
    told, bare = of.snapshot(now), replace_events(of, now)
    assert told.events
    assert [numbers(each) for each in (told, bare)] == [numbers(bare)] * 2


def replace_events(of: Story, now: int) -> Snapshot:
    return Story(of=of.of, events=of.events, answers=of.answers).snapshot(now)


def numbers(of: Snapshot) -> object:
    """Return everything that is counted of components."""
    return (
        of.windows,
        [(view.state, view.since, view.windows, view.outages, view.reckonings) for view in of.components],
        [[(day.tally, day.state, day.availability) for day in view.days] for view in of.components],
    )


@pytest.mark.parametrize("seed", range(10))
def test_whatever_happens_each_outage_is_told_of_once_and_nothing_is_lost(seed: int) -> None:
    chance = random.Random(seed)
    mode = chance.choice((DraftMode.PUBLISH, DraftMode.DRAFT))
    after, settle = chance.choice((0, 0, 10 * MINUTE)), chance.choice((15, 30)) * MINUTE
    of = story(API, WEB, SHOP, mode=mode, after=after, settle=settle)
    if chance.random() < 0.5:
        opens = chance.randrange(5, 50)
        of.events = (maintenance("m", minutes(5 * opens), minutes(5 * (opens + chance.randrange(1, 12)))),)
    count = 60
    letters = {part.id: weather(chance, count) for part in of.of.components}
    now = START
    for i in range(count):
        of.answers = {id_: line[: i + 1] for id_, line in letters.items()}
        now = START + i * INTERVAL + chance.randrange(1, INTERVAL)
        if chance.random() < 0.6:
            before = dict(of.texts)
            of.run(now)
            if chance.random() < 0.2:  # killed before anything was kept
                of.texts = before
            check_whole(of, now)
    of.answers = {id_: f"{line}{'u' * 12}" for id_, line in of.answers.items()}
    for i in range(count, count + 12):
        of.run(START + i * INTERVAL + 1)
    check_whole(of, START + (count + 12) * INTERVAL)
    assert all(each.updates[-1].phase is Phase.RESOLVED for each in read(of.texts).values())
    end = START + (count + 11) * INTERVAL + 1
    assert numbers(of.snapshot(end)) == numbers(replace_events(of, end))


def weather(chance: random.Random, count: int) -> str:
    line = ""
    while len(line) < count:
        line += chance.choice("uuuddg!-") * chance.choice((1, 2, 3, 8))
    return line[:count]


def check_whole(of: Story, now: int) -> None:
    """No component in two open incidents, updates in order, no text twice in one file, and the files readable."""
    reading = incidents.read_all(of.texts, [part.id for part in of.of.components])
    assert reading.problems == ()
    named: list[str] = []
    for event in read(of.texts).values():
        phases = [each.phase for each in event.updates]
        assert phases.count(Phase.MONITORING) <= 1
        assert phases.count(Phase.RESOLVED) <= 1
        assert phases[-1] is Phase.RESOLVED or Phase.RESOLVED not in phases
        ats = [each.at for each in event.updates]
        assert ats == sorted(ats)
        assert ats[-1] <= now
        assert len(phases) <= 4 + len(of.of.components)
        if phases[-1] is not Phase.RESOLVED:
            declared = [*event.components, *(change for each in event.updates for change in each.components)]
            named += {id_ for id_, _ in declared}
    assert len(named) == len(set(named))
