"""A month of twelve incidents as three kinds of subscribers see it: every update once, whatever else is edited.

Files are written as engineers would write them, some minutes after the times in their headings; the site is built from
them and every reader asks every twenty minutes. Readers were found to tell entries apart by id alone (matrix-hookshot,
Miniflux), by id and date of change (Zotero, FreshRSS with its option) or by date alone (Slack).
"""

from __future__ import annotations

import json
from calendar import timegm
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import NamedTuple, Protocol

import feedparser
import pytest

from statusgen import incidents, snapshot
from statusgen.model import Site
from statusgen.periods import DAY, HOUR, MINUTE, iso, parse_instant
from statusgen.render import feeds, placing
from statusgen.render.output import Output
from statusgen.render.prose import render
from statusgen.views import Provenance

from .literals import site, unchecked
from .render.published import ENGLISH

POLL = 20 * MINUTE
START = parse_instant("2026-10-01T00:00Z")
DAYS = 31
SITE = site(unchecked("api"), unchecked("web"), unchecked("mail"), authority="status.example.org,2026")


class Seen(NamedTuple):
    """An entry as a reader gets it."""

    id: str
    at: int
    title: str


class Reader(Protocol):
    def poll(self, entries: list[Seen]) -> list[Seen]: ...


@dataclass
class ById:
    """Takes what has an id that it never saw."""

    known: set[str] = field(default_factory=set)

    def poll(self, entries: list[Seen]) -> list[Seen]:
        new = [entry for entry in entries if entry.id not in self.known]
        self.known |= {entry.id for entry in new}
        return new


@dataclass
class ByIdAndDate:
    """Takes what it never saw, and what says that it changed."""

    known: dict[str, int] = field(default_factory=dict)

    def poll(self, entries: list[Seen]) -> list[Seen]:
        new = [entry for entry in entries if self.known.get(entry.id) != entry.at]
        self.known |= {entry.id: entry.at for entry in new}
        return new


@dataclass
class ByDate:
    """Takes what is newer than all it saw, and gives up on a feed whose dates are not unique, newest first."""

    newest: int = 0

    def poll(self, entries: list[Seen]) -> list[Seen]:
        assert all(newer.at > older.at for newer, older in pairwise(entries)), "refused: dates"
        new = [entry for entry in entries if entry.at > self.newest]
        self.newest = max([self.newest, *(entry.at for entry in new)])
        return new


# What engineers did


def _incident(number: int, title: str, components: str) -> str:
    return f"---\ntitle: {title}\nseverity: sev{number % 3 + 1}\ncomponents: {components}\n---\n"


@dataclass
class Repository:
    """The folder of incidents over time, and the components' names."""

    files: dict[str, str] = field(default_factory=dict)
    site: Site = SITE

    def append(self, slug: str, text: str) -> None:
        self.files[f"incidents/{slug}.md"] += text

    def edit(self, slug: str, old: str, new: str) -> None:
        text = self.files[f"incidents/{slug}.md"]
        assert old in text
        self.files[f"incidents/{slug}.md"] = text.replace(old, new)


Act = Callable[[Repository], None]


def heading(state: str, at: int) -> str:
    return f"## {state} · {iso(at)}\n"


def _course(number: int) -> Iterator[tuple[int, Act]]:
    """Yield one incident: four updates, posted some minutes after their time, and what is edited meanwhile."""
    slug, begin = f"incident-{number:02}", START + (number * 5 // 2) * DAY + (9 + number % 4) * HOUR
    times = [begin, begin + 7 * MINUTE, begin + 19 * MINUTE, begin + (40 + number) * MINUTE]
    words = ["Investigating", "Identified", "Monitoring", "Resolved"]

    def opened(repository: Repository) -> None:
        head = _incident(number, f"Trouble {number}", "{api: partial_outage}")
        repository.files[f"incidents/{slug}.md"] = head + heading(words[0], times[0]) + "We look into teh cause.\n\n"

    yield times[0] + 2 * MINUTE, opened
    for word, at in zip(words[1:], times[1:], strict=True):
        told = heading(word, at) + f"It goes on: {word}.\n\n"
        yield at + 2 * MINUTE, lambda repository, told=told: repository.append(slug, told)  # type: ignore[misc]
    yield times[1] + 5 * MINUTE, lambda repository: repository.edit(slug, "teh", "the")
    yield times[2] + 9 * MINUTE, lambda repository: repository.edit(slug, f"Trouble {number}", f"API errors {number}")
    yield (
        times[3] + 3 * HOUR,
        lambda repository: repository.edit(slug, "api: partial", "web: major_outage, api: partial"),
    )
    yield times[3] + 2 * DAY, lambda repository: repository.edit(slug, "It goes on", "It went on")


def _learnt(repository: Repository) -> None:
    text = "---\ntitle: What we learnt\ndate: 2026-10-08\n---\nTest the release.\n"
    repository.files["incidents/incident-01.postmortem.md"] = text
    repository.files["incidents/incident-02.postmortem.md"] = text.replace("2026-10-08", "2026-10-08T15:30Z")


def _planned(repository: Repository) -> None:
    window = "{from: 2026-10-20 22:00 UTC, until: 2026-10-20 23:00 UTC}"
    head = f"---\ntitle: Upgrade\ntype: maintenance\ncomponents: [mail]\nscheduled: {window}\n---\n"
    repository.files["incidents/upgrade.md"] = head + "## Scheduled · 2026-10-04 14:00 UTC\nMail pauses.\n\n"


def _crowd(repository: Repository) -> None:
    """Two incidents of the same minute, and two updates of one minute in one of them."""
    at = parse_instant("2026-10-30T10:00Z")
    for name in ("a-crowd", "b-crowd"):
        repository.files[f"incidents/{name}.md"] = (
            _incident(2, "Crowd", "{api: partial_outage}") + heading("Investigating", at) + "One.\n\n"
        )
    repository.append("b-crowd", heading("Identified", at) + "Two.\n\n")


def _renamed(repository: Repository) -> None:
    components = tuple(
        replace(each, name="Interface") if each.id == "api" else each for each in repository.site.components
    )
    repository.site = replace(repository.site, components=components, name="Renamed status")


def _moved(repository: Repository) -> None:
    repository.site = replace(repository.site, url="https://status.example.com/new")


def month() -> list[tuple[int, Act]]:
    """Return everything that was done, in the order in which it was published."""
    acts = [act for number in range(12) for act in _course(number)]
    acts += [
        (parse_instant("2026-10-08T15:32Z"), _learnt),
        (parse_instant("2026-10-04T14:03Z"), _planned),
        (
            parse_instant("2026-10-20T22:01Z"),
            lambda repository: repository.append("upgrade", "## In progress · 2026-10-20 22:00 UTC\nNow.\n\n"),
        ),
        (
            parse_instant("2026-10-20T22:50Z"),
            lambda repository: repository.append("upgrade", "## Completed · 2026-10-20 22:48 UTC\nDone.\n\n"),
        ),
        (parse_instant("2026-10-12T08:00Z"), _renamed),
        (parse_instant("2026-10-18T08:00Z"), _moved),
        (parse_instant("2026-10-30T10:04Z"), _crowd),
    ]
    return sorted(acts, key=lambda act: act[0])


POSTED = 12 * 4 + 3 + 3 + 2  # of incidents, maintenance, the crowd, post-mortems


# What subscribers saw


class Fetched(NamedTuple):
    """A feed at one poll, by its format."""

    atom: list[Seen]
    rss: list[Seen]
    json: list[Seen]


def _read_xml(content: bytes) -> list[Seen]:
    parsed = feedparser.parse(content)
    assert not parsed.bozo
    return [
        Seen(entry.id, timegm(entry.updated_parsed if "updated" in entry else entry.published_parsed), entry.title)
        for entry in parsed.entries
    ]


def _read_json(content: bytes) -> list[Seen]:
    items = json.loads(content)["items"]
    return [Seen(item["id"], parse_instant(item["date_modified"]), item["title"]) for item in items]


def _published(repository: Repository, now: int, memory: incidents.Memory) -> dict[str, Output]:
    known = [component.id for component in repository.site.components]
    reading = incidents.read_all(repository.files, known, memory)
    assert not [problem for problem in reading.problems if problem.level == "error"], reading.problems
    made = snapshot.take(repository.site, reading.events, {}, now, Provenance(version="1"))

    def prose(text: str, root: str, home: str, prefix: str) -> str:
        return placing.place(render(text, {}).html, root, home, prefix)

    return feeds.files(made, ENGLISH, prose, {event.slug: repr(event) for event in made.events}, "")


@pytest.fixture(scope="module")
def polls() -> list[Fetched]:
    """Return what was there at each poll of the month; a feed is made anew where its key says so, as in a build."""
    repository, memory, acts = Repository(), {}, month()
    fetched: list[Fetched] = []
    made: dict[str, list[Seen]] = {}
    for now in range(START, START + DAYS * DAY, POLL):
        changed = False
        while acts and acts[0][0] <= now:
            acts.pop(0)[1](repository)
            changed = True
        if changed or not fetched or (now // POLL) % 72 == 0:  # nothing but the clock moves in between
            files = _published(repository, now, memory)
            for path, reader in (("history.atom", _read_xml), ("history.rss", _read_xml), ("feed.json", _read_json)):
                if files[path].key not in made:
                    made[files[path].key] = reader(files[path].make())
            current = Fetched(*(made[files[path].key] for path in ("history.atom", "history.rss", "feed.json")))
        fetched.append(current)
    assert not acts
    return fetched


@pytest.mark.parametrize("reader", [ById, ByIdAndDate, ByDate])
@pytest.mark.parametrize("form", Fetched._fields)
def test_every_kind_of_reader_gets_every_update_exactly_once(
    polls: list[Fetched], form: str, reader: Callable[[], Reader]
) -> None:
    mine = reader()
    taken = [entry for fetched in polls for entry in mine.poll(getattr(fetched, form))]
    assert max(Counter(entry.id for entry in taken).values()) == 1
    assert len(taken) == POSTED


def test_titles_say_how_far_it_had_come_when_they_were_first_seen(polls: list[Fetched]) -> None:
    mine = ById()
    titles = Counter(entry.title.partition("]")[0] + "]" for fetched in polls for entry in mine.poll(fetched.atom))
    assert titles == {
        "[Investigating]": 14,
        "[Identified]": 13,
        "[Monitoring]": 12,
        "[Resolved]": 12,
        "[Scheduled]": 1,
        "[In progress]": 1,
        "[Completed]": 1,
        "[Postmortem]": 2,
    }


def test_an_update_is_there_at_the_first_poll_after_it_was_published(polls: list[Fetched]) -> None:
    first: dict[str, int] = {}
    for i, fetched in enumerate(polls):
        for entry in fetched.atom:
            first.setdefault(entry.id, START + i * POLL)
    late = {id: first[id] - entry.at for fetched in polls for entry in fetched.atom if (id := entry.id)}
    assert max(late.values()) <= POLL + 5 * MINUTE


def test_edits_renames_and_a_move_change_what_is_read_and_nothing_else(polls: list[Fetched]) -> None:
    titles: dict[str, set[str]] = {}
    for fetched in polls:
        for entry in fetched.atom:
            titles.setdefault(entry.id, set()).add(entry.title)
    assert any(len(seen) > 1 for seen in titles.values())  # titles did change
    ids = {id.partition(":/")[0] for id in titles}
    assert ids == {"tag:status.example.org,2026"}


def test_all_formats_hold_the_same(polls: list[Fetched]) -> None:
    assert all(fetched.atom == fetched.rss == fetched.json for fetched in polls)
