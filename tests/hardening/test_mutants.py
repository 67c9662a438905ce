"""Thousands of spoiled files of every kind: none brings the program down, holds it up, or costs its good neighbours."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import pytest

from statusgen import (
    beats,
    branches,
    cache,
    claims,
    config,
    corrections,
    delivery,
    documents,
    files,
    incidents,
    leaks,
    ledger,
    occurrences,
    openslo,
    periods,
    public,
    reasons,
    rollup,
)
from statusgen.notifying import logbook
from statusgen.posting import form, messages
from statusgen.probes import json_path, statuspage
from statusgen.probes.dial import Unknown
from statusgen.probes.exchange import TROUBLE
from statusgen.probes.statuspage import StatuspageCheck
from statusgen.render import language, prose
from statusgen.render import site as whole_site
from statusgen.render.output import Output

from ..literals import rounds, take
from ..render.published import THEME
from .mutants import COUNT, mutants, put_to

GOLDEN = Path(__file__).parent.parent / "golden/whole/in"
NOW = periods.parse_instant("2026-11-21T12:07Z")
KNOWN = ("api", "web", "desk")
Read = Callable[[bytes], object]
EVENT_WORDS = (
    *(b"title: x", b"severity: sev1", b"type: maintenance", b"type: incident", b"draft: true", b"measured: true"),
    *(b"started: 1999-01-01T00:00Z", b"components: [api]", b"components: {api: down}", b"---", b"automatic: 0"),
    *(b"## Resolved \xc2\xb7 2026-11-20 11:15 UTC", b"## Scheduled \xc2\xb7 2026-11-20 11:15 UTC"),
    b"Components: api operational",
    *(b"Next update: 2026-11-20 10:40 UTC", b"Occurrence: 2026-12-06", b"## Cancelled \xc2\xb7 2026-11-20 11:15 UTC"),
    *(b"repeats: {rule: FREQ=DAILY, timezone: UTC}", b"null", b"~", b"!!python/object:os.system", b"&a"),
    *(b"*a", b"<<: *a"),
)  # fmt: skip
MAINTENANCE = """\
---
title: Database upgrade
type: maintenance
scheduled: {from: 2026-11-01 02:00 UTC, until: 2026-11-01 04:00 UTC}
components: [api]
repeats: {rule: FREQ=WEEKLY;BYDAY=SU, timezone: Europe/Berlin, except: [2026-11-15]}
---
## Scheduled · 2026-10-20 09:00 UTC
Every Sunday.

## In progress · 2026-11-08 02:01 UTC
Occurrence: 2026-11-08
It goes on.

## Completed · 2026-11-08 03:10 UTC
Occurrence: 2026-11-08
Done.
"""
RULES = (
    *(b"FREQ=YEARLY", b"FREQ=MONTHLY", b"FREQ=SECONDLY", b"BYMONTHDAY=30", b"BYMONTH=2", b"BYDAY=+5MO", b"BYDAY=-53SU"),
    *(b"BYSETPOS=-366", b"BYSETPOS=2", b"COUNT=10000", b"INTERVAL=999", b"UNTIL=20991231", b"WKST=SU"),
    *(b"BYHOUR=3", b";"),
    *(b"Europe/Berlin", b"../../etc/passwd", b"America/Nuuk", b"Asia/Gaza"),
)  # fmt: skip
SLO_WORDS = (b"1M", b"1Q", b"28d", b"52w", b"isRolling: true", b"target: 0.9", b"targetPercent: 100", b"service: desk")
CONFIG_WORDS = (
    *(b"true", b"null", b"[]", b"{}", b"id: api", b"check: \"icmp://x\"", b"http", b"exec", b"dns"),
    b"since: 1970-01-01",
    *(b"languages: [de, ar]", b"theme: dense", b"branch: none", b"${env:TOKEN}", b"tcp: \"a:99999\""),
    b"url: \"http://[/\"",
    *(b"week: {mon-sun: \"00:00-24:00\"}", b"zone: UTC", b"period: year", b"target: 0.0"),
    *(b"expect: \"(a+)+$\"", b"interval: 1ms"),
)  # fmt: skip
LINES = (
    b'{"v":1,"at":"2026-11-20T10:05:03Z","checks":{"api":["up",183],"web":["down",null,"timeout"]}}\n',
    b'{"v":1,"at":"2026-11-20T10:10:04Z","prober_error":"offline"}\n',
    b'{"v":1,"at":"2026-11-20T11:00:01Z","late":"queued","checks":{"api":["up",183,"",{"dns":4,"connect":21,'
    b'"first_byte":158,"certificate_end":"2027-01-01T00:00:00Z"}]}}\n',
)
JSON_WORDS = (
    *(b"null", b"true", b"[]", b"{}", b"-0", b"1e5", b'""', b'"up"', b'"down"', b"1.5", b'"\\ud800"'),
    *(b"Infinity", b'"v":2'),
)  # fmt: skip
DAY = (
    b'{"v":1,"day":"2026-11-18","of":"9c1f","rounds":"3 300 301","errors":"2 -, 1 offline","late":"3 -",'
    b'"checks":{"api":"2 up, 1 down timeout","web":"3 up"},"latencies":{"api":"10:2","web":"12:3"}}\n'
)
PO = (
    b'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    b'"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
    b'msgid "History"\nmsgstr "Verlauf"\n\n#, fuzzy\nmsgid "Status"\nmsgstr "Stand"\n\n'
    b'msgid "%(num)s day"\nmsgid_plural "%(num)s days"\nmsgstr[0] "%(num)s Tag"\nmsgstr[1] "%(num)s Tage"\n'
)
BOOK = json.dumps(
    {"v": 1, "site": "acme", "begun": 5, "entries": {"ops": {"keys": {"a": 1}, "spells": ["api 1 2", "web 3 "],
     "waiting": {"b": 2}, "failing": None, "heard": {"c": 3}}}}, indent=1
).encode()  # fmt: skip
CLAIM = json.dumps(
    {"generated_at": "2026-11-21T12:00:00Z", "statusgen": "1.0", "url": "https://a.example", "commit": "c0ffee",
     "uncommitted": [], "left_out": ["a.md"], "drafts": False, "data": {"status-data/here": "beef"}}, indent=1
).encode()  # fmt: skip
KEPT = b'{"a":[1,"b"]}'
ELSEWHERE = (
    b'{"page":{"id":"p"},"status":{"indicator":"minor","description":"x"},"components":['
    b'{"id":"c","name":"Core","group":true,"status":"operational"},'
    b'{"id":"a","name":"API","group":false,"group_id":"c","status":"partial_outage"}]}'
)
ISSUE = (
    b"### What to do\n\nopen\n\n### Incident or maintenance\n\nElevated errors\n\n### State\n\ninvestigating\n\n"
    b"### Components\n\napi=partial_outage, web: degraded_performance\n\n"
    b"### Severity\n\nsev2\n\n### Next update\n\n30m\n\n"
    b"### Window\n\n_No response_\n\n### Message\n\nWe look into it.\n"
)
WINDOW = ISSUE.replace(b"\nopen\n", b"\nschedule\n").replace(b"_No response_", b"2026-12-01 05:00 UTC for 2h")
TEMPLATE = b"""\
---
title: Trouble with {components}
severity: sev1
state: identified
components: {api: major_outage}
next: 20m
---

It began {started}: {{not a field}}, {title}, see {link}.
"""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What is spoiled, the words that mean something in it, and how it is read, beside a good neighbour if it has one.

    ``count`` is how many are tried where STATUSGEN_MUTANTS asks for no other number.
    """

    seeds: tuple[bytes, ...]
    words: tuple[bytes, ...]
    reading: Callable[[Path], Read]
    count: int = 10_000


def folder(name: str, pattern: str = "*") -> tuple[bytes, ...]:
    return tuple(path.read_bytes() for path in sorted((GOLDEN / name).glob(pattern)))


def of_file(name: str, read: Callable[[Path], object]) -> Callable[[Path], Read]:
    """Return how a file of the site is read: from the disk, through the door."""

    def reading(site: Path) -> Read:
        def one(mutant: bytes) -> object:
            (site / name).write_bytes(mutant)
            return read(site)

        return one

    return reading


def configured(site: Path) -> None:
    config.read(files.read_text(site, config.PATH))


def event(site: Path) -> object:
    texts = files.read_prose(site, incidents.FOLDER).texts
    reading = incidents.read_all(texts, KNOWN, MEMORY)
    for each in reading.events:
        if "mutant" in each.slug:
            occurrences.told(each, NOW)
    for path in (SPOILED, SPOILED_POSTMORTEM):
        list(leaks.found(path, texts.get(path, ""), ()))
    return [each for each in reading.events if each.slug == "2026-11-18-slow-pages"]


SPOILED = "incidents/2026-11-21-mutant.md"
SPOILED_POSTMORTEM = "incidents/2026-11-21-login.postmortem.md"
MEMORY: dict[str, object] = {}


def correction(site: Path) -> object:
    return corrections.read_all(files.read_yaml(site, corrections.FOLDER).texts, ["desk", *KNOWN]).corrections[:1]


def document(site: Path) -> object:
    found = documents.read_all(files.read_prose(site, documents.FOLDER).texts).documents
    return [each for each in found if each.slug == "roadmap"]


SITE = config.read((GOLDEN / "components.yaml").read_text())


def objective(site: Path) -> object:
    return openslo.read_all(files.read_yaml(site, openslo.FOLDER).texts, SITE).objectives[-1:]


def template(site: Path) -> object:
    found = messages.read_all(files.read_markdown(site, messages.FOLDER).texts, KNOWN)
    for each in found.templates.values():
        fields = messages.OF_POSTMORTEM if each.name == messages.POSTMORTEM else messages.FIELDS
        messages.filled(each, {field: f"<{field}>" for field in fields})
    return found.templates.get("good")


def image(site: Path) -> object:
    return files.read_prose(site, incidents.FOLDER).images["incidents/pool.png"]


def lines(_: Path) -> Read:
    neighbour = '{"v":1,"at":"2026-11-21T00:05:03Z","checks":{"neighbour":["up",124]}}'

    def read(mutant: bytes) -> object:
        text = mutant.decode("utf-8", "surrogateescape")
        found = ledger.decode({"samples/2026-11-20.jsonl": text, "samples/2026-11-21.jsonl": neighbour})
        for round_ in found.rounds:
            ledger.encode(round_)
        for line in text.split("\n"):
            ledger.mark_late(line, "queued")
        return [round_.at for round_ in found.rounds if dict(round_.answers).get("neighbour")][:1]

    return read


def said(rolled: rollup.Rolled) -> Iterator[str]:
    """Yield the words of a summed day that may get onto the page."""
    yield from (word for _, word in (*rolled.day.errors, *rolled.day.late))
    yield from (stretch.reason for stretch in chain.from_iterable(rolled.day.checks.values()))


def summed(_: Path) -> Read:
    neighbour = DAY.decode().replace("11-18", "11-17")

    def read(mutant: bytes) -> object:
        text = mutant.decode("utf-8", "surrogateescape")
        found, _problems = rollup.decode({"a": neighbour, "b": text}, thorough=True)
        rollup.decode({"b": text}, latencies_from=NOW)
        for word in chain.from_iterable(map(said, found)):
            assert not word or reasons.shaped(word), word
        return found[0]

    return read


def queued(site: Path) -> Read:
    queue = site / "queue"
    queue.mkdir()
    (queue / "a.jsonl").write_bytes(LINES[0])

    def read(mutant: bytes) -> object:
        (queue / "b.jsonl").write_bytes(mutant)
        late = delivery._late(delivery._waiting(queue).values(), [])
        return [line for line in late if '"2026-11-20T10:05:03Z"' in line and "timeout" in line][:1] and 1

    return read


def catalog(_: Path) -> Read:
    def read(mutant: bytes) -> object:
        found = language.language("de", {"locales/de.po": mutant}, {})
        found.say("History")
        for number in (0, 1, 2, 5):
            found.count("%(num)s day", "%(num)s days", number)
        found.date_and_time(NOW)
        return None

    return read


def of_text(read: Callable[[str], object]) -> Callable[[Path], Read]:
    """Return how a text is read of which nothing is left but that it could be read."""

    def one(mutant: bytes) -> None:
        read(mutant.decode("utf-8", "replace"))

    return lambda _: one


def asked(text: str) -> None:
    form.request(form.from_issue(text), NOW)


def beat(text: str) -> None:
    with contextlib.suppress(ValueError):  # which says what is wrong, to the prober
        beats.decode(text)


def claimed(_: Path) -> Read:
    def read(mutant: bytes) -> None:
        claims.claimed(lambda path: mutant, "there")

    return read


def manifest(site: Path) -> Read:
    out = site / "out"

    def read(mutant: bytes) -> object:
        out.mkdir(exist_ok=True)
        (out / public.MANIFEST).write_bytes(mutant)
        public.write_site(out, site, {"index.html": b"page"})
        return (out / "index.html").read_bytes(), (site / config.PATH).is_file()

    return read


def themed(_: Path) -> Read:
    shown = take(ledger=rounds(api="uudd"))

    def read(mutant: bytes) -> None:
        page = whole_site.render(shown, {**THEME, "policy.html": mutant}, {}, {}, {})["policy/index.html"]
        assert isinstance(page, Output)
        page.make()

    return read


def remembered(site: Path) -> Read:
    """A cache is believed as a whole or not at all."""
    kept = cache.Cache(site / "cache")
    kept["a"] = [1, "b"]
    kept.save()
    (place,) = (site / "cache").iterdir()

    def read(mutant: bytes) -> object:
        place.write_bytes(mutant)
        return {**cache.Cache(site / "cache")} in ({}, {"a": [1, "b"]})

    return read


def told_elsewhere(text: str) -> None:
    with contextlib.suppress(Unknown, *TROUBLE):  # which make the check's answer unknown
        document = json_path.decoded(text)
        if isinstance(document, dict):
            statuspage._indicated(document)
            statuspage._state_of(StatuspageCheck(url="https://a.example", component="API", group="Core"), document)


KINDS: Mapping[str, Kind] = {
    "components": Kind(
        seeds=(*folder("", "components.yaml"), (GOLDEN.parents[3] / "components.yaml").read_bytes()),
        words=CONFIG_WORDS,
        reading=of_file(config.PATH, configured),
    ),
    "incidents": Kind(
        seeds=folder("incidents", "*-*[a-z].md"),
        words=EVENT_WORDS,
        reading=of_file(SPOILED, event),
    ),
    "maintenance": Kind(
        seeds=(MAINTENANCE.encode(), *folder("incidents", "*upgrade.md")),
        words=(*EVENT_WORDS, *RULES),
        reading=of_file(SPOILED, event),
    ),
    "post-mortems": Kind(
        seeds=folder("incidents", "*.postmortem.md"),
        words=EVENT_WORDS,
        reading=of_file(SPOILED_POSTMORTEM, event),
    ),
    "corrections": Kind(
        seeds=(*(each.replace(b"[api]", b"[desk]") for each in folder("corrections")),),
        words=(b"to: 2026-11-20 05:00 UTC", b"set: unknown", b"link: javascript:1"),
        reading=of_file("corrections/2026-11-21-mutant.yaml", correction),
    ),
    "documents": Kind(
        seeds=folder("pages"), words=(b"title: x", b"notice: y", b"---"), reading=of_file("pages/mutant.md", document)
    ),
    "objectives": Kind(
        seeds=tuple(each.replace(b"name: website", b"name: other") for each in folder("slo")),
        words=SLO_WORDS,
        reading=of_file("slo/a.yaml", objective),
    ),
    "templates of messages": Kind(
        seeds=(TEMPLATE,),
        words=(b"{title}", b"{", b"}}", b"next: 1m"),
        reading=of_file("templates/mutant.md", template),
    ),
    "images": Kind(seeds=folder("incidents", "*.png"), words=(b"<svg>",), reading=of_file("incidents/a.png", image)),
    "ledger": Kind(seeds=LINES, words=JSON_WORDS, reading=lines),
    "summed days": Kind(
        seeds=(DAY,),
        words=(*JSON_WORDS, b"3 down \\ud800", b"timeout <b>", b"offline\\ud800", b"3 queued \\u2028"),
        reading=summed,
    ),
    "queue": Kind(seeds=LINES, words=JSON_WORDS, reading=queued),
    "owner": Kind(seeds=(b'{"v":1,"site":"acme"}\n',), words=JSON_WORDS, reading=of_text(branches.owner_of)),
    "catalogs": Kind(
        seeds=(PO,),
        words=(b'msgid "x"', b'msgstr ""', b"nplurals=9", b"plural=n/0;", b"%(x)s"),
        reading=catalog,
    ),
    "logbook": Kind(seeds=(BOOK,), words=JSON_WORDS, reading=of_text(lambda text: logbook.decode(text, "acme"))),
    "claims": Kind(seeds=(CLAIM,), words=JSON_WORDS, reading=claimed),
    "forms": Kind(
        seeds=(ISSUE, WINDOW),
        words=(b"resolve", b"cancel", b"### Window", b"9d", b"api=down"),
        reading=of_text(asked),
    ),
    "beats": Kind(seeds=(b"2026-11-21T10:05:03Z failed\n",), words=(b"failed", b"UTC"), reading=of_text(beat)),
    "manifests": Kind(
        seeds=(b"0" * 64 + b"  index.html\n" + b"1" * 64 + b"  a/b.html\n",),
        words=(b"../components.yaml", b"/etc/passwd", b"..", b"."),
        reading=manifest,
    ),
    "templates of themes": Kind(
        seeds=(THEME["policy.html"], THEME["404.html"]),
        words=(b"{{ site }}", b"{% endblock %}", b"{% for x in site %}", b"|date", b"{{ nonsense }}", b"{#"),
        reading=themed,
        count=200,  # each is compiled: 10,000 take five minutes
    ),
    "caches": Kind(
        seeds=(hashlib.sha256(KEPT).hexdigest().encode() + b"\n" + KEPT,), words=JSON_WORDS, reading=remembered
    ),
    "other status pages": Kind(
        seeds=(ELSEWHERE,),
        words=(*JSON_WORDS, b'"group_id":"c"', b'"name":"API"', b'"status":"x"'),
        reading=of_text(told_elsewhere),
    ),
    "markdown": Kind(
        seeds=(*folder("incidents", "*.md"), *folder("pages")),
        words=(b"[a](b)", b"![a](pool.png)", b"[^1]", b"|-|-|", b"```", b"<script>"),
        reading=of_text(lambda text: prose.render(text, {"pool.png": "incidents/pool.png"})),
    ),
}


def whole(folder: Path) -> Path:
    """Make a site of everything that people write."""
    MEMORY.clear()
    made = Path(shutil.copytree(GOLDEN, folder / "site"))
    (made / "corrections/broken.yaml").unlink()
    (made / "templates").mkdir()
    (made / "templates/good.md").write_bytes(TEMPLATE)
    return made


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return whole(tmp_path)


@pytest.mark.parametrize("name", KINDS)
def test_a_spoiled_file_is_refused_in_a_line_or_read_and_its_neighbours_stay(name: str, site: Path) -> None:
    kind = KINDS[name]
    read = kind.reading(site)
    neighbour = read(kind.seeds[0])
    report = put_to(read, mutants(name, kind.seeds, kind.words, COUNT or kind.count), neighbour)
    assert not report.faults, report.first
    assert report.tried >= (COUNT or kind.count)
