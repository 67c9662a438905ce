"""Inputs whose only purpose is to take long or much: each as files of a small site, by what it is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from tests.render.test_prose import UNITS, fill

Files = Mapping[str, str]

INCIDENT = "incidents/2026-11-20-hostile.md"
MOST = 250_000  # bytes: a file of more is refused
COMPONENTS = """\
site: {name: Acme Status, url: "https://status.acme.example", id: acme}
feed: {authority: "status.acme.example,2026"}
data: {branch: none}
components:
  - {id: api, name: API, since: 2026-01-01, check: "https://acme.example/"}
  - {id: web, name: Website, group: Platform, since: 2026-01-01}
"""
_HEAD = "title: Errors\nseverity: sev2\ncomponents: {api: partial_outage}\n"
_UPDATE = "## Investigating · 2026-11-20 10:06 UTC\n"


def incident(front: str = _HEAD, body: str = f"{_UPDATE}Text.\n") -> Files:
    return {INCIDENT: f"---\n{front}---\n{body}"}


def updated(text: str) -> Files:
    return incident(body=f"{_UPDATE}{text}\n")


def together(*sites: Files) -> Files:
    """Return the files of several sites as those of one, under names of their own."""
    return {
        path.replace("hostile", f"hostile-{i}"): text for i, files in enumerate(sites) for path, text in files.items()
    }


def markdown() -> Iterator[tuple[str, Files]]:
    """Yield 64 KB of every unit that a Markdown library is known to be slow at, and of some more."""
    for unit in UNITS:
        yield f"Markdown {unit!r}", updated(fill(unit, 65_000))
    yield "Markdown [ 20,000 times", updated("[" * 20_000)
    yield "Markdown 50,000 nested lists", updated("".join(f"{' ' * min(i, 60)}- a\n" for i in range(50_000)))
    yield "Markdown lists in a line", updated("- " * 50_000 + "a")
    yield "Markdown a post-mortem of brackets", {
        **incident(), INCIDENT.replace(".md", ".postmortem.md"): "[" * 60_000
    }  # fmt: skip
    yield "Markdown a page of quotes", {"pages/roadmap.md": "> " * 30_000}
    yield (
        "Markdown three hundred updates",
        incident(
            body="".join(
                f"## Investigating · 2026-11-20 {i // 60:02}:{i % 60:02} UTC\n*a* [b](c)\n" for i in range(300)
            )
        ),
    )


_LINES = (
    " ",
    "\t",
    "#",
    "a ",
    "· ",
    "-",
    "- ",
    "1:",
    "9",
    "2026-11-20 ",
    "@a.",
    "a@",
    "10.0.0.",
    "=",
    "api,",
    "api x,",
)
_LINES += (
    "\u2014 ",
    "eyJ",
    "AKIA",
    "token=",
    "://",
    "a:",
    "`",
    "~",
    ".",
    "_",
    "<",
    "{",
    "&",
    "%",
    "\u3000",
    "\u202e",
    "e\u0301",
    "/",
)


def lines() -> Iterator[tuple[str, Files]]:
    """Yield lines of a megabyte where a pattern is held against them."""
    for unit in _LINES:
        long = (unit * MOST)[: MOST // len(unit.encode())]
        slots = (
            incident(body=f"## Investigating{long}x\nText.\n"),
            incident(body=f"## Investigating · 2026-11-20 {long[:30_000]}10:06 UTC\nText.\n"),
            updated(f"Components: {long[:30_000]}\nNext update: {long[:30_000]}x"),
            incident(front=f"{_HEAD}started: '{long[:30_000]}'\n"),
        )
        yield f"text of {unit!r}", updated(f"a {long[:100_000]}")
        yield f"lines of {unit!r}", together(*slots)
    yield "many headings", incident(body="## a\n" * 20_000)
    yield "many fences", updated("```\n" * 60_000)
    yield "many front matters", {INCIDENT: "---\n" * 60_000}
    yield "no line break", {INCIDENT: "a" * MOST}
    yield "carriage returns", {INCIDENT: "\r" * MOST}


def _bombs() -> Iterator[tuple[str, str]]:
    """Yield YAML that is more than it seems, or that readers of YAML are slow at."""
    yield "aliases", "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 30))
    yield (
        "merges",
        "a0: &a0 {k: v}\n" + "".join(f"a{i}: &a{i} {{<<: [{', '.join([f'*a{i - 1}'] * 9)}]}}\n" for i in range(1, 12)),
    )
    for unit in (
        "[",
        "{",
        "{a: ",
        "- ",
        "? ",
        "- - ",
        "!a ",
        "&a ",
        "'",
        '"',
        "|\n",
        "a: ",
        "a:\n ",
        "[{",
        "%",
        "---\n",
        "#",
        ": ",
        "?",
    ):
        yield f"{unit!r} 20,000 times", unit * 20_000
        yield f"{unit!r} 200 KB", (unit * 200_000)[:200_000]
    yield "a huge word", "title: " + "x" * 250_000
    yield "many keys", "".join(f"k{i}: v\n" for i in range(5_000))
    yield "many like keys", "".join(f"titl{i}: v\n" for i in range(5_000))
    yield "a long key", "x" * 200_000 + ": v\n"
    yield "many lines of a text", "title: >\n" + "  a\n" * 60_000
    yield "many digits", "started: " + "9" * 200_000
    yield "a list of components", "components: [" + "api," * 20_000 + "]"
    yield "a map of components", "components: {" + "".join(f"c{i}: x," for i in range(5_000)) + "}"
    yield "exceptions", "repeats: {rule: FREQ=DAILY, timezone: UTC, except: [" + "2026-12-01," * 15_000 + "]}"


def yaml() -> Iterator[tuple[str, Files]]:
    for name, bomb in _bombs():
        front = f"---\n{bomb}\n---\nText.\n"
        yield f"files with {name}", {
            **incident(front=f"{bomb}\n"), "templates/hostile.md": front, "pages/hostile.md": front,
            "corrections/hostile.yaml": bomb, "slo/hostile.yaml": bomb,
        }  # fmt: skip
        yield f"components.yaml with {name}", {"components.yaml": f"{COMPONENTS}{bomb}\n"}


_RULES = (
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=MONTHLY;BYMONTHDAY=31;BYMONTH=2,4,6", "FREQ=SECONDLY", "FREQ=DAILY",
    "FREQ=DAILY;INTERVAL=999", "FREQ=YEARLY;BYDAY=53MO;BYMONTH=2", "FREQ=MONTHLY;BYDAY=5MO;BYSETPOS=366",
    "FREQ=YEARLY;BYSETPOS=-366;BYDAY=MO", "FREQ=DAILY;COUNT=10000", "FREQ=DAILY;UNTIL=20991231",
    "FREQ=YEARLY;INTERVAL=999",
    "FREQ=MONTHLY;INTERVAL=999;BYMONTHDAY=31", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO",
    "FREQ=WEEKLY;BYDAY=" + ",".join(["MO"] * 400), "FREQ=YEARLY;BYMONTHDAY=" + ",".join(map(str, range(1, 32))),
    ";".join(["FREQ=DAILY"] * 10_000), "BYDAY=" + "MO," * 40_000,
)  # fmt: skip
_WINDOWS = (
    ("2026-11-21 02:00 UTC", "2026-11-21 03:00 UTC"),
    ("2026-01-01 00:00 UTC", "2026-01-01 01:00 UTC"),
    ("2000-01-01 00:00 UTC", "2099-12-31 23:59 UTC"),
    ("2099-12-31 00:00 UTC", "2099-12-31 23:59 UTC"),
)


_AT_ONCE = "2026-11-20 10:06 UTC"
_SAID = {  # of maintenance of every day since January
    "of a far date": f"## Completed · {_AT_ONCE}\nOccurrence: 2099-12-31\nText.\n" * 1_500,
    "of a date that is none": f"## Completed · {_AT_ONCE}\nOccurrence: 2025-12-31\nText.\n" * 1_500,
    "of all dates": f"## Scheduled · {_AT_ONCE}\nText.\n" * 1_500,
    "far ahead": "## Scheduled · 2099-12-01 10:06 UTC\nText.\n" * 1_500,
    "of work far ahead": "## In progress · 2099-12-01 10:06 UTC\nText.\n" * 1_500,
    "that end it again": "## In progress · 2099-12-01 10:06 UTC\na\n## Cancelled · 2099-12-01 10:06 UTC\na\n" * 1_000,
}
_FAR = ",".join(
    f"20{year}-{month:02}-{day:02}" for year in (97, 98, 99) for month in range(1, 13) for day in range(1, 29)
)


def recurrence() -> Iterator[tuple[str, Files]]:
    for rule in _RULES:
        yield f"repeating by {rule[:60]}", together(*(_repeating(rule, *window) for window in _WINDOWS))
    for what, said in _SAID.items():
        yield f"repeating with updates {what}", _repeating("FREQ=DAILY", *_WINDOWS[1], said=said)
    for rule in ("FREQ=DAILY", "FREQ=WEEKLY"):
        yield f"repeating by {rule} but on far dates", _repeating(rule, *_WINDOWS[1], but=f", except: [{_FAR}]")


def _repeating(
    rule: str, start: str, end: str, *, said: str = "## Scheduled · 2026-11-01 09:00 UTC\nText.\n", but: str = ""
) -> Files:
    front = f"""title: Upgrade
type: maintenance
scheduled: {{from: {start}, until: {end}}}
components: [api]
repeats: {{rule: "{rule}", timezone: Europe/Berlin{but}}}
"""
    return incident(front=front, body=said)


def times() -> Iterator[tuple[str, Files]]:
    """Yield spans as long as there are, and instants that are none."""
    for instant in (
        "1970-01-01T00:00Z",
        "2000-01-01T00:00Z",
        "0000-01-01T00:00Z",
        "9999-12-31T23:59Z",
        "2099-12-31T23:59Z",
        "-1",
    ):
        yield f"an incident since {instant}", incident(front=f"{_HEAD}started: {instant}\n")
        yield f"an update at {instant}", incident(body=f"## Investigating · {instant}\nText.\n")
        yield f"a component since {instant}", {"components.yaml": COMPONENTS.replace("2026-01-01", instant[:10], 1)}
    for state in ("operational", "major_outage", "unknown"):
        span = (
            f"components: [api, web]\nfrom: 2000-01-01 00:00 UTC\nto: 2099-12-31 23:59 UTC\nset: {state}\nreason: x\n"
        )
        yield f"a century set to {state}", {"corrections/century.yaml": span}
    yield "five thousand corrections", {
        f"corrections/c{i}.yaml": "components: [api]\nfrom: 2026-01-01 00:00 UTC\nto: 2026-11-01 00:00 UTC\n"
        "set: unknown\nreason: x\n" for i in range(500)
    }  # fmt: skip
    for count in (24, 720):
        yield f"decades in hours of {count} spans a day", {
            "components.yaml": f"{COMPONENTS}support: {{hours: {{office: {{week: {{mon-sun: '{_minutes(count)}'}}}}}}, "
            "severities: {sev2: {hours: office}}}\n",
            INCIDENT: f"---\n{_HEAD}started: 2000-01-01 00:00 UTC\n---\n"
            "## Investigating · 2026-01-01 00:00 UTC\nText.\n",
        }  # fmt: skip
    for length in ("999999999d", "1e9d", "99999999999999999999s", "0.5s"):
        yield f"a duration of {length}", {"components.yaml": f"{COMPONENTS}probing: {{interval: {length}}}\n"}


def _minutes(count: int) -> str:
    """Write so many spans of a minute, evenly over a day."""
    step = 1_440 // count
    starts = range(0, count * step, step)
    return ", ".join(f"{at // 60:02}:{at % 60:02}-{(at + 1) // 60:02}:{(at + 1) % 60:02}" for at in starts)


def counts() -> Iterator[tuple[str, Files]]:
    head = COMPONENTS.partition("components:")[0]
    many = "".join(f"  - {{id: c{i}, name: C, group: g{i}}}\n" for i in range(8_000))
    yield "eight thousand groups", {"components.yaml": f"{head}components:\n{many}"}
    alike = "".join("  - {id: api, name: C}\n" for i in range(8_000))
    yield "one component eight thousand times", {"components.yaml": f"{head}components:\n{alike}"}
    unknown = "".join(f"  - {{id: c{i}, nmae: C}}\n" for i in range(8_000))
    yield "eight thousand misspelt keys", {"components.yaml": f"{head}components:\n{unknown}"}
    patterns = "".join(
        f"  - {{id: c{i}, name: C, check: {{http: {{url: 'https://a/', body_matches: '(((a+)+)+)+$'}}}}}}\n"
        for i in range(500)
    )
    yield "patterns that backtrack", {"components.yaml": f"{head}components:\n{patterns}"}
    yield (
        "every language",
        {"components.yaml": COMPONENTS.replace("id: acme", f"id: acme, languages: [{'de, ' * 2_000}]")},
    )


_DAY = "data/here/samples/2026-11-20.jsonl"


def ledger() -> Iterator[tuple[str, Files]]:
    good = '{"v":1,"at":"2026-11-20T10:05:03Z","checks":{"api":["up",183]}}\n'
    some = {f"c{i}": ["up", 1] for i in range(9_000)}
    checks = {f"c{i}": ["up", 1, "x" * 20, {"dns": 1}] for i in range(15_000)}
    bad = {
        "a line of a megabyte": "x" * 1_000_000,
        "a round of a megabyte": json.dumps({"v": 1, "at": "2026-11-20T10:05:03Z", "checks": checks})[:1_090_000],
        "a round of many checks": json.dumps({"v": 1, "at": "2026-11-20T10:06:03Z", "checks": some}),
        "digits": '{"v":1,"at":"2026-11-20T10:05:03Z","checks":{"api":["up",' + "9" * 100_000 + "]}}",
        "digits after the point": '{"v":1,"at":"2026-11-20T10:05:03Z","checks":{"api":["up",1.' + "9" * 900_000 + "]}}",
        "nesting": '{"v":1,"at":' + "[" * 100_000 + "]" * 100_000 + "}",
        "nested maps": '{"a":' * 100_000,
        "short lines": "{}\n" * 100_000,
        "blank lines": " \n" * 500_000,
        "an instant twice": "".join(
            f'{{"v":1,"at":"2026-11-20T10:05:03Z","checks":{{"api":["up",{i}]}}}}\n' for i in range(3_000)
        ),
        "reasons": "".join(
            f'{{"v":1,"at":"2026-11-20T1{i // 600}:{i // 10 % 60:02}:{i % 10:02}Z",'
            f'"checks":{{"api":["down",null,"r{i}"]}}}}\n'
            for i in range(6_000)
        ),
    }  # fmt: skip
    for name, text in bad.items():
        yield f"ledger with {name}", {_DAY: f"{good}{text}\n"}
    for year in ("2000", "2099", "1970", "9999"):
        line = good.replace("2026-11-20", f"{year}-01-01")
        yield f"a round of {year}", {_DAY.replace("2026-11-20", f"{year}-01-01"): line, _DAY: good}
    zeros, runs = " ".join(["1"] * 40_000), ", ".join(["1 up", "1 down x"] * 20_000)
    yield "a summed day of every other second", {
        "data/here/days/2026-11.jsonl": json.dumps(
            {"v": 1, "day": "2026-11-18", "of": "", "rounds": zeros, "checks": {"api": runs},
             "latencies": {}}, separators=(",", ":"))
    }  # fmt: skip
    yield "a summed day of a check in vain", {
        "data/here/days/2026-11.jsonl": json.dumps(
            {"v": 1, "day": "2026-11-18", "of": "", "rounds": "9" * 100_000, "checks": {"api": f"{'9' * 100_000} up"},
             "latencies": {"api": "1:" + "9" * 100_000}}, separators=(",", ":"))
    }  # fmt: skip


def every() -> Iterator[tuple[str, Files]]:
    for part in (markdown, lines, yaml, recurrence, times, counts, ledger):
        yield from part()
