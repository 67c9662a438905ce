"""The ledger read from a working tree: the same numbers before and after summing up, and whatever damage it takes."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from statusgen import archive, ledger, periods, rollup, snapshot
from statusgen.branches import Destination
from statusgen.errors import StatusgenError
from statusgen.ledger import decode_line
from statusgen.model import Check, Component, Day, Details, Probing, Question, Round, Sample, Site, State, Verdict
from statusgen.periods import DAY, HOUR, MINUTE
from statusgen.promises import Policy
from statusgen.survey import WINDOWS
from statusgen.views import ComponentView, GroupView, LatencyRow, Provenance, Snapshot

UP, DEGRADED, DOWN = Verdict
FIRST = periods.parse_date("2026-11-28")  # so that days of two months are summed up
DAYS = 5
LAST = FIRST + (DAYS - 1) * DAY
SHORT, LONG = 2, 8  # days kept
GONE = LAST - (SHORT - 1) * DAY  # until then, where few are kept
MADE = Provenance(version="0")

Lines = dict[str, list[str]]  # by path below data/


@dataclass(frozen=True, kw_only=True)
class World:
    """A site and the lines of its ledger: those that came in time, and those that come when days were summed up."""

    site: Site
    lines: Lines
    late: Lines

    @property
    def places(self) -> list[str]:
        return sorted({path.partition("/")[0] for path in self.lines})


def a_world(chance: random.Random) -> World:
    interval = chance.choice((300, 3_600))
    checks = [f"check-{i}" for i in range(chance.randrange(2, 5))]
    half = len(checks) // 2
    parts = {"home.1-of-2": checks[:half], "home.2-of-2": checks[half:], "away": checks, "lab": checks[1:]}
    chosen = chance.choice((("away",), ("away", "lab"), ("home.1-of-2", "home.2-of-2"), tuple(parts)))
    lines: Lines = {}
    late: Lines = {}
    for place in chosen:
        rounds = list(_rounds(chance, interval, parts[place]))
        chance.shuffle(late_ones := [r for r in rounds if r.late == "queued"])
        for round_ in [*(r for r in rounds if r.late != "queued"), *late_ones]:
            lines.setdefault(f"{place}/{ledger.day_path(round_.at)}", []).append(ledger.encode(round_))
        for round_ in _afterwards(chance, rounds, parts[place]):
            late.setdefault(f"{place}/{ledger.day_path(round_.at)}", []).append(ledger.encode(round_))
    made = [Check(id=check, question=Question(), down=chance.choice((State.MAJOR, State.PARTIAL))) for check in checks]
    components = (
        Component(id="one", name="One", group="All", checks=tuple(made[:half])),
        Component(id="two", name="Two", group="All", checks=tuple(made[half:]), since=FIRST + 7 * HOUR),
    )
    site = Site(name="A", url="https://a.example", id="a", branch="", groups=("All",), components=components)
    return World(site=replace(site, probing=Probing(interval=interval)), lines=lines, late=late)


def _rounds(chance: random.Random, interval: int, checks: list[str]) -> Iterable[Round]:
    """Yield days of rounds with jitter, outages, gaps, errors of the prober, checks not asked, and late ones."""
    per_day = chance.randrange(6, 14)
    failing = dict.fromkeys(checks, 0)
    for start in range(FIRST, LAST + 1, DAY):
        offset = chance.randrange(0, 24 - (per_day * interval) // HOUR) * HOUR
        made_up = "sample" if chance.random() < 0.1 else ""
        for i in range(per_day):
            at = start + offset + i * interval + chance.randrange(min(interval // 6, 90))
            failing = {check: left - 1 if left else _outage(chance) for check, left in failing.items()}
            if chance.random() < 0.05:
                yield Round(at=at, prober_error="offline")
            elif i == 0 or chance.random() < 0.95:
                late = "queued" if chance.random() < 0.05 else made_up
                asked = [check for check in checks if chance.random() < 0.95]
                answers = tuple((check, _sample(chance, at, failing[check])) for check in asked)
                yield Round(at=at, late=late, answers=answers)


def _outage(chance: random.Random) -> int:
    return chance.randrange(1, 6) if chance.random() < 0.06 else 0


def _sample(chance: random.Random, at: int, failing: int) -> Sample:
    if failing:
        bad = ((DOWN, None, "timeout"), (DOWN, 5, "status 503"), (DEGRADED, 3_000, "slow"))
        return Sample(at, *bad[0 if failing % 2 else chance.randrange(3)])
    return Sample(at, UP, chance.choice((None, 0, 20, 183, 184, 190, 4_000)), chance.choice(("", "", "tls_expiring")))


def _afterwards(chance: random.Random, rounds: list[Round], checks: list[str]) -> Iterable[Round]:
    """Yield what arrives later: new rounds, rounds that are known, and such that contradict or complete known ones."""
    first_days = [round_ for round_ in rounds if round_.at < LAST]
    errors = [round_ for round_ in first_days if round_.prober_error]
    for known in [*chance.sample(first_days, 6), *errors[:2]]:
        all_good = tuple((check, Sample(known.at, UP, 50)) for check in checks)
        yield chance.choice((
            replace(known, late="queued"),
            Round(at=known.at, late="queued", answers=all_good),
            Round(at=known.at, late="queued"),
            Round(at=known.at, prober_error="offline"),
        ))  # fmt: skip
    for known in chance.sample(first_days, 4):
        at = known.at + 131
        yield Round(at=at, late="queued", answers=tuple((check, _sample(chance, at, 0)) for check in checks[:2]))


def append(folder: Path, lines: Lines) -> None:
    for path, each in lines.items():
        file = folder / archive.DATA / path
        file.parent.mkdir(parents=True, exist_ok=True)
        present = file.read_text("utf-8") if file.exists() else ""
        file.write_text(ledger.append(present, each), "utf-8")


def compact(folder: Path, places: Iterable[str], keep: int, now: int = LAST + 23 * HOUR) -> int:
    return sum(
        archive.compact(
            folder, Destination(prefix="", location=place, site="a", keep=keep), now, push=False, jitter=lambda: 0
        )
        for place in places
    )


def take(folder: Path, site: Site, now: int, *, thorough: bool = False) -> Snapshot:
    return snapshot.take(site, (), archive.read(folder, site, now, thorough=thorough).seen, now, MADE)


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# What single latencies are needed for, and nothing else, is lost when day files up to ``gone`` have been dropped.


def without_lost_latencies(made: Snapshot, gone: int) -> Snapshot:
    """Return the snapshot without what needs single rounds from before ``gone``.

    That is the window of 24 hours where it reaches back so far, how fast an answer from before was, and, where ``now``
    itself cuts such a day in two, windows of whole days.
    """

    def of_check(row: LatencyRow) -> LatencyRow | None:
        day, *others = row.windows
        windows = (day if made.now - WINDOWS["24h"] >= gone else None, *others)
        return replace(row, windows=windows) if made.now >= gone and any(windows) else None

    def of_component(view: ComponentView) -> ComponentView:
        rows = tuple(row for each in view.latency if (row := of_check(each)))
        checks = tuple(replace(each, latency=None) if each.at < gone else each for each in view.checks)
        return replace(view, latency=rows, checks=checks)

    def of_group(view: GroupView) -> GroupView:
        return replace(view, components=tuple(map(of_component, view.components)))

    return replace(made, groups=tuple(map(of_group, made.groups)))


NOWS = (
    FIRST + 9 * HOUR + 5,  # amid days that are summed up, and then dropped
    FIRST + DAY + 15 * HOUR,
    FIRST + 2 * DAY - 1,
    FIRST + 2 * DAY + 13 * HOUR + 1,
    LAST - DAY + 20 * HOUR,  # amid one that is summed up and kept
    LAST - 1,
    LAST,
    LAST + 12 * HOUR,
    LAST + DAY - 1,
    LAST + DAY + 6 * HOUR,
    LAST + 40 * DAY,
)


def other_settings(chance: random.Random, site: Site) -> Site:
    """Return the site with thresholds, interval, voters and weights that somebody changed."""
    interval = chance.choice((60, 300, 1_800, 3_600))
    voters = chance.choice(((), ("home",), ("away",), ("away", "lab"), ("lab", "home", "away")))
    probing = Probing(
        interval=interval, confirm=chance.randrange(1, 4), recover=chance.randrange(1, 4), locations=voters
    )
    return replace(site, probing=probing, policy=Policy(major=900, partial=300, degraded=chance.choice((0, 70))))


def a_look(chance: random.Random, site: Site) -> tuple[Site, int]:
    """Return from when to look, now or then with other settings."""
    return chance.choice((site, other_settings(chance, site))), chance.choice(NOWS)


def assert_same_but_for_what_is_lost(made: Snapshot, expected: Snapshot, gone: int) -> None:
    if made.now - DAY >= gone:
        assert made == expected
    assert without_lost_latencies(made, gone) == without_lost_latencies(expected, gone)


@pytest.mark.parametrize("seed", range(20))
def test_numbers_are_the_same_before_and_after_summing_up_and_dropping(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    world = a_world(chance)
    folder = tmp_path
    append(folder, world.lines)
    look = a_look(chance, world.site)
    expected = take(folder, *look)

    assert compact(folder, world.places, LONG) == (DAYS - 1) * len(world.places)
    assert take(folder, *look) == expected

    before = bytes_of(folder)
    assert compact(folder, world.places, LONG) == 0
    assert bytes_of(folder) == before

    assert compact(folder, world.places, SHORT) == (DAYS - SHORT) * len(world.places)
    kept = [path for path in bytes_of(folder) if ledger.is_day_file(path)]
    assert {ledger.day_of_file(path) for path in kept} == {LAST - DAY, LAST}
    assert_same_but_for_what_is_lost(take(folder, *look), expected, GONE)


@pytest.mark.parametrize("seed", range(100, 108))
def test_numbers_are_the_same_when_rounds_come_late(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    world = a_world(chance)
    plain, summed, dropped = (tmp_path / name for name in ("plain", "summed", "dropped"))
    for folder in (plain, summed, dropped):
        append(folder, world.lines)
    compact(summed, world.places, LONG)
    compact(dropped, world.places, SHORT)
    for folder in (plain, summed, dropped):
        append(folder, world.late)
    look = a_look(chance, world.site)
    expected = take(plain, *look)
    assert take(summed, *look) == expected
    assert take(summed, *look, thorough=True) == expected
    assert_same_but_for_what_is_lost(take(dropped, *look), expected, GONE)
    compact(summed, world.places, LONG)
    compact(dropped, world.places, SHORT)
    assert take(summed, *look) == expected
    assert_same_but_for_what_is_lost(take(dropped, *look), expected, GONE)


def test_what_is_lost_is_told_as_not_known_and_not_as_something_else(tmp_path: Path) -> None:
    lines = [ledger.encode(Round(at=FIRST + i * HOUR, answers=(("a", Sample(FIRST + i * HOUR, UP, 20)),)))
             for i in range(24 * DAYS)]  # fmt: skip
    component = Component(id="a", name="A", checks=(Check(id="a", question=Question()),))
    site = Site(name="A", url="https://a.example", id="a", branch="", components=(component,))
    for i, line in enumerate(lines):
        append(tmp_path, {f"here/{ledger.day_path(FIRST + i * HOUR)}": [line]})
    compact(tmp_path, ["here"], SHORT)

    def latency(now: int) -> list[int | None]:
        rows = take(tmp_path, site, now).components[0].latency
        return [window and window.count for window in rows[0].windows] if rows else [None] * 4

    assert latency(LAST + 23 * HOUR) == [25, 120, 120, 120]
    assert latency(LAST) == [25, 97, 97, 97]
    assert latency(LAST - MINUTE) == [24, 96, 96, 96]
    assert latency(LAST - HOUR) == [24, 96, 96, 96]  # reaches back to a day that was dropped, where one round is gone
    assert latency(LAST - DAY - 1) == [None, 72, 72, 72]
    assert latency(FIRST + 12 * HOUR) == [None, None, None, None]


# Which day files are read.


def site_of(path: Path, *rounds: Round) -> Site:
    append(path, {f"here/{ledger.day_path(each.at)}": [ledger.encode(each)] for each in rounds})
    return Site(name="A", url="https://a.example", id="a", branch="")


def test_day_files_that_are_summed_up_are_read_by_who_looks_thoroughly(tmp_path: Path) -> None:
    site = site_of(tmp_path, *(Round(at=FIRST + i * DAY) for i in range(DAYS)))
    append(tmp_path, {f"here/{ledger.day_path(FIRST)}": ["{"]})
    file = "data/here/samples/2026-11-28.jsonl"
    assert [(p.path, p.line) for p in archive.read(tmp_path, site, LAST).problems] == [(file, 2)]
    compact(tmp_path, ["here"], LONG)
    assert archive.read(tmp_path, site, LAST).problems == ()
    assert [(p.path, p.line) for p in archive.read(tmp_path, site, LAST, thorough=True).problems] == [(file, 2)]


def site_with(folder: Path, *rounds: Round) -> Site:
    """Return a site whose ledger holds the rounds in the order given."""
    for each in rounds:
        append(folder, {f"here/{ledger.day_path(each.at)}": [ledger.encode(each)]})
    return site_of(folder)


def lines_of(found: archive.Measurements) -> dict[tuple[str, str], list[Round | str]]:
    """Return the last days' rounds as they are published, by location and date."""
    days = {(each.location, periods.iso_day(each.start)): each.read().decode().splitlines() for each in found.raw}
    return {day: [decode_line(line) for line in lines] for day, lines in days.items()}


def answer(at: int, check: str = "a", latency: int = 20) -> Round:
    return Round(at=at, answers=((check, Sample(at, UP, latency)),))


def test_the_last_days_are_published_as_readers_of_the_ledger_see_them(tmp_path: Path) -> None:
    early, late = answer(LAST + 60), answer(LAST + 120)
    site = site_with(tmp_path, late, early, early, answer(LAST + 120, latency=99), answer(LAST - DAY))
    append(tmp_path, {f"here/{ledger.day_path(LAST)}": ["{", ledger.encode(answer(LAST - DAY + 60))]})
    append(
        tmp_path, {f"there.{i}-of-2/{ledger.day_path(LAST)}": [ledger.encode(answer(LAST, f"c{i}"))] for i in (1, 2)}
    )
    found = archive.read(tmp_path, site, LAST + HOUR)
    together = Round(at=LAST, answers=(*answer(LAST, "c2").answers, *answer(LAST, "c1").answers))
    assert lines_of(found) == {
        ("here", "2026-12-01"): [answer(LAST - DAY)],  # a line in another day's file counts, and is in no file of days
        ("here", "2026-12-02"): [early, late],
        ("there", "2026-12-02"): [together],
    }


def test_what_came_later_is_not_published_of_the_past(tmp_path: Path) -> None:
    site = site_with(tmp_path, *(answer(LAST + i * HOUR) for i in range(5)))
    assert lines_of(archive.read(tmp_path, site, LAST + 2 * HOUR)) == {
        ("here", "2026-12-02"): [answer(LAST + i * HOUR) for i in range(3)]
    }
    assert archive.read(tmp_path, site, LAST - 1).raw == ()


def test_days_that_were_dropped_or_are_older_than_eight_are_not_published(tmp_path: Path) -> None:
    site = site_with(tmp_path, *(answer(LAST - i * DAY) for i in range(12)))
    starts = [each.start for each in archive.read(tmp_path, site, LAST + HOUR).raw]
    assert starts == [LAST - i * DAY for i in range(7, -1, -1)]
    compact(tmp_path, ["here"], SHORT)
    assert [each.start for each in archive.read(tmp_path, site, LAST + HOUR).raw] == [LAST - DAY, LAST]


def test_the_key_of_a_day_changes_with_its_rounds_alone(tmp_path: Path) -> None:
    def keys(now: int) -> list[str]:
        return [each.key for each in archive.read(tmp_path, site, now).raw]

    site = site_with(tmp_path, answer(LAST - DAY), answer(LAST), answer(LAST + HOUR))
    before = keys(LAST + 60)
    assert keys(LAST + 120) == before
    assert [now == then for now, then in zip(keys(LAST + HOUR), before, strict=True)] == [True, False]
    before = keys(LAST + HOUR)
    append(tmp_path, {f"here/{ledger.day_path(LAST)}": [ledger.encode(answer(LAST + 30))]})
    assert [now == then for now, then in zip(keys(LAST + HOUR), before, strict=True)] == [True, False]


def test_a_day_of_which_a_check_cannot_be_read_is_mended_from_its_day_file(tmp_path: Path) -> None:
    rounds = [Round(at=FIRST + i * DAY, answers=(("a", Sample(FIRST + i * DAY, UP, 20)),)) for i in range(DAYS)]
    site = site_of(tmp_path, *rounds)
    whole = archive.read(tmp_path, site, LAST).seen
    compact(tmp_path, ["here"], LONG)
    month = tmp_path / "data/here/days/2026-11.jsonl"
    right = month.read_text("utf-8")
    month.write_text(right.replace('"a":"1 up"', '"a":"2 up"', 1), "utf-8")
    measured = archive.read(tmp_path, site, LAST)
    assert measured.seen == whole
    assert [str(problem) for problem in measured.problems] == [
        "data/here/days/2026-11.jsonl:1: check 'a' was passed over: tells of 2 rounds instead of 1"
    ]
    compact(tmp_path, ["here"], LONG)
    assert month.read_text("utf-8") == right


def test_nothing_there_is_no_error(tmp_path: Path) -> None:
    site = Site(name="A", url="https://a.example", id="a", branch="")
    assert archive.read(tmp_path, site, LAST) == archive.Measurements(seen={}, tips=(), problems=())
    assert (
        archive.compact(tmp_path, Destination(prefix="", location="x", site="a"), LAST, push=False, jitter=float) == 0
    )


# Damage. A line that was not touched says what it said, whatever became of those around it.


def damaged(chance: random.Random, content: bytes) -> bytes:
    at, to = sorted((chance.randrange(len(content)), chance.randrange(len(content))))
    few = chance.randrange(1, 9)
    lines = content.splitlines(keepends=True)
    kind = chance.randrange(7)
    if kind == 0:
        return content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :]
    if kind == 1:
        return content[:at] + content[at + few :]
    if kind == 2:
        return content[:at] + chance.choice((b"\n", b"9", b"\xff\xfe", b"\0", b'"', b"}{", b"\r\n")) + content[at:]
    if kind == 3:
        return content[:at]
    if kind == 4:
        return content[:at] + content[to:]
    if kind == 5:
        return content[:at] + bytes(chance.randrange(256) for _ in range(few)) + content[at + few :]
    chance.shuffle(again := [*lines, chance.choice(lines)])
    return b"".join(again) if chance.random() < 0.3 else b"".join([*lines, chance.choice(lines)])


def touched(before: list[str], after: list[str]) -> tuple[range, range]:
    """Return which lines of each differ: what is the same from the beginning and from the end was not touched."""
    same = next((i for i, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]), -1)
    if same < 0:
        same = min(len(before), len(after))
    rest = min(len(before), len(after)) - same
    backwards = zip(reversed(before), reversed(after), strict=False)
    tail = next((i for i, pair in enumerate(backwards) if pair[0] != pair[1]), rest)
    tail = min(tail, rest)
    return range(same, len(before) - tail), range(same, len(after) - tail)


def a_ledger(folder: Path) -> None:
    """Write a small ledger: five days, three of them summed up, of which the day file of one is there still."""
    chance = random.Random(1)
    for i in range(5):
        start = LAST - i * DAY
        instants = [start + 5_000 + k * 3_000 + chance.randrange(900) for k in range(8)]
        rounds = [Round(at=at, answers=(("api", _sample(chance, at, k % 3)), ("web", _sample(chance, at, 0))))
                  for k, at in enumerate(instants[1:])]  # fmt: skip
        error = Round(at=instants[0], prober_error="offline")
        append(folder, {f"here/{ledger.day_path(start)}": [ledger.encode(each) for each in (error, *rounds)]})
    compact(folder, ["here"], 3)


@pytest.mark.parametrize("seed", range(6))
def test_damage_costs_nothing_but_the_lines_it_is_in(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    a_ledger(tmp_path)
    site = Site(name="A", url="https://a.example", id="a", branch="")
    paths = sorted((tmp_path / "data").rglob("*.jsonl"))
    assert len(paths) == 5
    sound = _days(tmp_path, site)
    for thorough in (True, False) * 25:
        path = chance.choice(paths)
        content = path.read_bytes()
        path.write_bytes(damaged(chance, content))
        name = path.relative_to(tmp_path).as_posix()
        before, after = (_text(each).split("\n") for each in (content, path.read_bytes()))
        if rollup.is_month_file(name):
            spoken_of, named = _month_after_damage(name, before, after)
        else:
            spoken_of, named = _day_after_damage(name, before, after)
        found = archive.read(tmp_path, site, LAST + DAY, thorough=thorough)
        assert not thorough or [p.line for p in found.problems if "passed over" in p.message] == named
        assert {p.path for p in found.problems} <= {name}
        assert _without(found.seen["here"].days, spoken_of) == _without(sound, spoken_of)
        path.write_bytes(content)


def _text(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")


def _days(folder: Path, site: Site) -> tuple[Day, ...]:
    return archive.read(folder, site, LAST + DAY).seen["here"].days


def _without(days: Iterable[Day], starts: set[int]) -> list[Day]:
    return [day for day in days if day.start not in starts]


def _day_after_damage(name: str, before: list[str], after: list[str]) -> tuple[set[int], list[int]]:
    """Read a damaged day file; return the days that damaged lines speak of, and the numbers of lines to be named."""
    old, new = touched(before, after)
    now_said = {i: decode_line(after[i].removeprefix("\ufeff" if i == 0 else "")) for i in new if after[i].strip()}
    moved = {said.at for said in now_said.values() if isinstance(said, Round)}
    reading = ledger.decode({name: "\n".join(after)})
    by_instant = {round_.at: round_ for round_ in reading.rounds}
    for line in (line for i, line in enumerate(before) if i not in old and line):
        said = decode_line(line)
        assert isinstance(said, Round)
        assert said.at in by_instant
        assert said.at in moved or by_instant[said.at] == said
    bad = {i: after[i] for i, said in now_said.items() if isinstance(said, str)}
    named = [i + 1 for i, line in bad.items() if line not in after[:i]]  # one that is repeated is named once
    assert [p.line for p in reading.problems if "passed over" in p.message] == named
    assert all(str(p).startswith(f"{name}:") for p in reading.problems)
    own = ledger.day_of_file(name)
    assert own is not None
    return {periods.day_of(at) for at in moved} | {own}, named


def _month_after_damage(name: str, before: list[str], after: list[str]) -> tuple[set[int], list[int]]:
    old, new = touched(before, after)
    found, problems = rollup.decode({name: "\n".join(after)}, thorough=True)
    spoken_of: set[int] = set()
    for i, line in enumerate(before):
        if line:
            (rolled,), _ = rollup.decode({"": line})
            if i in old:
                spoken_of.add(rolled.day.start)
            else:
                assert rolled in found
    named = []
    for i in (i for i in new if after[i].strip()):
        here, complaints = rollup.decode({"": after[i]}, thorough=True)
        spoken_of |= {rolled.day.start for rolled in here}
        assert here or complaints
        named += [i + 1 for complaint in complaints if "passed over" in complaint.message]
    assert [p.line for p in problems if "passed over" in p.message] == named
    assert all(str(p).startswith(f"{name}:") for p in problems)
    return spoken_of, named


@pytest.mark.parametrize("seed", range(2))
def test_a_damaged_ledger_is_summed_up_without_a_change_of_what_it_says(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    sound, folder = tmp_path / "sound", tmp_path / "damaged"
    a_ledger(sound)
    site = Site(name="A", url="https://a.example", id="a", branch="")
    for _ in range(12):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(sound, folder)
        path = chance.choice(sorted((folder / "data").rglob("*.jsonl")))
        path.write_bytes(damaged(chance, path.read_bytes()))
        before, unreadable = _days(folder, site), _unreadable(folder)
        compact(folder, ["here"], LONG)
        assert _days(folder, site) == before
        assert _unreadable(folder) == unreadable
        files = bytes_of(folder)
        compact(folder, ["here"], LONG)
        assert bytes_of(folder) == files


def _unreadable(folder: Path) -> list[str]:
    """Return the lines of month files that are none of a day."""
    months = [path for path in (folder / "data").rglob("*.jsonl") if rollup.is_month_file(path.as_posix())]
    lines = [line for path in sorted(months) for line in _text(path.read_bytes()).split("\n")]
    return sorted(line for line in lines if line.strip() and not rollup.decode({"": line})[0])


def test_in_a_working_tree_the_first_round_of_a_day_sums_up_and_later_ones_read_no_other_day(tmp_path: Path) -> None:
    to = Destination(prefix="", location="here", site="a", keep=SHORT)
    place = tmp_path / "data/here"

    def record(at: int) -> None:
        round_ = Round(at=at, answers=(("api", Sample(at, UP, 5)),))
        assert archive.record(tmp_path, to, round_, push=False, jitter=lambda: 0.0) == 0

    for at in (LAST - 2 * DAY, LAST - DAY, LAST):
        record(at)
    months = {path.name: path.read_text() for path in sorted((place / "days").iterdir())}
    assert sum(text.count("\n") for text in months.values()) == 2
    assert len(list((place / "samples").iterdir())) == 3  # none is dropped but by hand
    with (place / ledger.day_path(LAST - DAY)).open("a") as closed:
        closed.write("read and summed up, this would change the line\n")
    record(LAST + 60)
    assert {path.name: path.read_text() for path in sorted((place / "days").iterdir())} == months


def test_a_round_too_long_for_a_line_goes_without_its_details_and_one_that_still_is_is_refused(tmp_path: Path) -> None:
    outbox = archive.Outbox(
        folder=tmp_path, to=Destination(prefix="", location="default", site="acme"), push=False, jitter=lambda: 0.0
    )
    for count, has_details in ((5_000, True), (9_000, False)):
        checks = [f"check-number-{i:0>40}" for i in range(count)]
        outbox.put(
            Round(
                at=LAST + count,
                answers=tuple((check, Sample(LAST + count, Verdict.UP, 100)) for check in checks),
                details=tuple((check, Details(dns=10, connect=20, tls=30, first_byte=40)) for check in checks),
            )
        )
        read = ledger.decode({"day": (tmp_path / "data/default" / ledger.day_path(LAST)).read_text()})
        assert read.problems == ()
        assert len(read.rounds[-1].answers) == count
        assert bool(read.rounds[-1].details) == has_details
    many = tuple((f"check-number-{i:0>60}", Sample(LAST, Verdict.UP, 100)) for i in range(20_000))
    with pytest.raises(StatusgenError, match="does not fit into a line of the ledger: share them among runners"):
        outbox.put(Round(at=LAST, answers=many))
