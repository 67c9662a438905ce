"""A site that says all vectors in every field that people write, as files in a repository, and built."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from statusgen import ledger, making, periods, sources
from statusgen.errors import Problem
from statusgen.model import Round, Sample, Verdict
from statusgen.sources import Wishes
from tests.hardening.vectors import VECTORS, packed
from tests.sites import ROOT, write

URL = "https://status.acme.example"
NOW = periods.parse_instant("2026-11-21T12:00Z")
NAMES = [text for text in packed(110) if "${" not in text]  # which refers to a secret, and is refused
SENTENCES = [text for text in packed(290) if "${" not in text]
PROSE = [vector.text for vector in VECTORS]
EACH = -(-len(PROSE) // len(SENTENCES))  # texts of an incident, and of a page


def _node(value: object) -> str:
    """Write a value as YAML: JSON is nearly that."""
    return json.dumps(value)


def _each(texts: list[str], make: Callable[[int, str], dict[str, object]]) -> list[dict[str, object]]:
    return [make(i, text) for i, text in enumerate(texts)]


def _link(text: str) -> str:
    """Return an address that holds as much of a text as an address may."""
    return "https://acme.example/?" + "".join(letter for letter in text if letter.isprintable() and letter not in " {")


def _component(i: int, text: str) -> dict[str, object]:
    link = _link(text)
    return {
        "id": f"c{i}",
        "name": text,
        "description": text,
        "group": f"{i} {text}",
        "check": link,
        "link": link,
        "since": "2026-11-19",
    }


def _site() -> dict[str, object]:
    everything = " ".join(SENTENCES)
    channels = [{"name": text, "description": text, "link": _link(text)} for text in NAMES]
    return {
        "site": {
            "name": NAMES[0],
            "url": URL,
            "id": "acme",
            "description": SENTENCES[1],
            "notice": everything[:490],
            "repository": "https://git.acme.example/'\"><svg/onload=pwn(0)>",
        },
        "data": {"branch": "none"},
        "probing": {"preflight": "none"},
        "components": _each(NAMES, _component),
        "slo": _each(
            NAMES, lambda i, text: {"id": f"slo{i}", "name": text, "component": f"c{i}", "target": 99, "period": "28d"}
        ),
        "support": {
            "hours": {"standard": {"week": {"mon-fri": "09:00-17:00"}}},
            "severities": {f"sev{i}": {"definition": everything[600 * i - 600 : 590 * i]} for i in (1, 2, 3)},
            "channels": channels[:48],
            "plans": [{"name": text, "description": text, "channels": [text]} for text in NAMES[:20]],
            "documentation": [{"name": each["name"], "link": each["link"]} for each in channels[48:]],
        },
        "security": {"contact": 'https://acme.example/?"><script>', "expires": "2027-06-01"},
    }


def _front(**values: object) -> str:
    return "".join(f"{name}: {_node(value)}\n" for name, value in values.items())


def _texts(number: int) -> list[str]:
    return PROSE[number * EACH : (number + 1) * EACH] or PROSE[:1]


def _incident(number: int, title: str) -> str:
    """Return an incident that is open if its number is even; every text is an update of its own."""
    started = NOW - (number + 1) * periods.HOUR
    front = _front(
        title=title, severity="sev2", started=periods.iso(started), components={f"c{number}": "partial_outage"}
    )
    body = title
    for i, text in enumerate(_texts(number)):
        body += f"\n\n## Investigating · {periods.iso(started + i)}\n\n{text}"
    if number % 2:
        body += (
            f"\n\n## Resolved · {periods.iso(started + 30 * periods.MINUTE)}\nComponents: c{number} operational\nDone."
        )
    return f"---\n{front}---\n{body}\n"


def _maintenance(number: int, title: str) -> str:
    window = {"from": periods.iso(NOW + number * periods.HOUR), "until": periods.iso(NOW + (number + 1) * periods.HOUR)}
    front = _front(title=title, type="maintenance", components=["c1", f"c{number + 2}"], scheduled=window)
    text = PROSE[number % len(PROSE)]
    return f"---\n{front}---\n## Scheduled · {periods.iso(NOW - periods.DAY)}\n\n{text}\n"


def _page(number: int, title: str) -> str:
    return f"---\n{_front(title=title, description=title, notice=title)}---\n" + "\n\n".join(_texts(number)) + "\n"


def _correction(number: int, reason: str) -> str:
    link = _link(reason)
    start, end = (periods.iso(NOW - periods.DAY + (2 * number + i) * periods.MINUTE) for i in (0, 1))
    return _front(components=f"c{number}", set="operational", reason=reason, link=link, **{"from": start, "to": end})


def texts() -> Iterator[tuple[str, str]]:
    """Yield every file by its path."""
    yield "components.yaml", _node(_site())
    for number, title in enumerate(SENTENCES):
        yield f"incidents/i{number}.md", _incident(number, title)
        front = _front(title=title, authors=[each[:100] for each in NAMES], date="2026-11-20")
        joined = "\n\n".join(_texts(number))
        yield f"incidents/i{number}.postmortem.md", f"---\n{front}---\n{joined}\n"
        yield f"incidents/m{number}.md", _maintenance(number, title)
        yield f"corrections/x{number}.yaml", _correction(number, title)
    for number, title in enumerate(NAMES[: len(SENTENCES)]):
        yield f"pages/p{number}.md", _page(number, title)


def _round(at: int) -> str:
    answers = tuple(
        (f"c{i}", Sample(at, Verdict.DOWN if i % 3 else Verdict.UP, 42, "timeout" * (i % 3 > 0)))
        for i in range(len(NAMES))
    )
    return ledger.encode(Round(at=at, answers=answers))


def make(folder: Path) -> tuple[dict[str, bytes], tuple[Problem, ...]]:
    """Write the repository, and return its site by path, and what is wrong with it."""
    write(folder, **dict(texts()))
    rounds = [_round(at) for at in range(NOW - 3 * periods.HOUR, NOW, 300)]
    write(folder, **{f"data/default/{ledger.day_path(NOW)}": "\n".join(rounds) + "\n"})
    (folder / "incidents/graph.png").write_bytes((ROOT / "themes/default/icon-192.png").read_bytes())
    made, problems = making.render(sources.read(folder), NOW, {}, Wishes())
    return {path: file if isinstance(file, bytes) else file.make() for path, file in made.items()}, problems
