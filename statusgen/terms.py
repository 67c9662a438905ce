"""The terms by which numbers are made, through history: who changed a target, a weight, or since when something counts.

Changing them is no fault and changes what past months come to, so every such commit is listed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from statusgen import calendars, config, corrections, git, history, openslo, periods
from statusgen.calendars import Hours
from statusgen.errors import SourceError
from statusgen.history import Commit
from statusgen.model import Check, Component, Site
from statusgen.promises import Credit, Objective, Period, Policy, Share, Support

_KEYS = {  # what a field is called in components.yaml
    "credits": "service_credits",
    "maintenance": "exclusions.maintenance",
    "announced": "exclusions.announced",
    "cap": "exclusions.cap",
    "least_outage": "exclusions.least_outage",
    "major": "weights.major_outage",
    "partial": "weights.partial_outage",
    "degraded": "weights.degraded_performance",
}
_OF_OBJECTIVE = ("target", "period", "zone", "components", "credits")
_OF_POLICY = ("maintenance", "major", "partial", "degraded")
_OF_PROBING = ("confirm", "recover", "locations")
_GONE = "taken away"

Terms = Mapping[tuple[str, str], str]  # by what they are about, and their key


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """A term that a commit changed or took away, and what that was."""

    path: str
    term: str
    change: str
    at: int
    commit: str

    def __str__(self) -> str:
        what = f"{self.term} {self.change}".strip()
        return f"{self.path}: {what}, {periods.date_and_time(self.at)} (commit {self.commit[:10]})"


def amendments(repository: git.Repository, tip: str, above: str) -> Iterator[Amendment]:
    """Yield what changed in a site's terms, file by file, the oldest first; a version that cannot be read is none.

    ``above`` is the path from the top of the repository to the site, empty or with a slash at its end.
    """
    repository = history.as_written(repository)
    known: Terms = {}
    for commit in history.commits(repository, tip, f"{above}{config.PATH}", lambda path: not path):
        for text in history.texts(repository, [change.new for change in commit.changes if change.new]):
            if (terms := _read(text)) is not None:
                yield from _changed(known, terms, commit)
                known = terms
    for folder in (openslo.FOLDER, corrections.FOLDER):
        for commit in history.commits(repository, tip, f"{above}{folder}/", _is_yaml):
            for change in commit.changes:
                if change.old:
                    word = "was changed" if change.new else f"was {_GONE}"
                    path = f"{folder}/{change.path}"
                    yield Amendment(path=path, term="", change=word, at=commit.at, commit=commit.id)


def _is_yaml(path: str) -> bool:
    return path.endswith((".yaml", ".yml"))


def _changed(before: Terms, after: Terms, commit: Commit) -> Iterator[Amendment]:
    """Yield each term that differs; of what is gone altogether, that alone."""
    left = {about for about, _ in after}
    for about in dict.fromkeys(about for about, _ in before if about not in left):
        yield _amendment(about, f"was {_GONE}", commit)
    for (about, key), said in before.items():
        says = after.get((about, key), said)
        if says != said:
            yield _amendment(f"{about}: {key}" if about else key, f"from {said} to {says}", commit)


def _amendment(term: str, change: str, commit: Commit) -> Amendment:
    return Amendment(path=config.PATH, term=term, change=change, at=commit.at, commit=commit.id)


def _read(text: str) -> Terms | None:
    try:
        site = config.read(text)
    except SourceError:
        return None
    return {(about, key): _text(value) for about, key, value in _terms(site)}


def _terms(site: Site) -> Iterator[tuple[str, str, object]]:
    """Yield what numbers hang on besides the ledger and incidents: what it is about, the key, the value."""
    yield "", "site.id", site.id
    yield "", "data.branch", site.branch
    yield "", "probing.interval", _lasting(site.probing.interval)
    yield from (("", f"probing.{name}", getattr(site.probing, name)) for name in _OF_PROBING)
    yield from (("", f"policy.{key.removeprefix('exclusions.')}", value) for key, value in _of_policy(site.policy))
    for component in site.components:
        yield from ((f"component '{component.id}'", key, value) for key, value in _of_component(component))
    for objective in site.objectives:
        yield from ((f"{objective.kind} '{objective.id}'", key, value) for key, value in _of_objective(objective))
    if site.support.is_published:
        yield from (("support", key, value) for key, value in _of_support(site.support))


def _of_policy(policy: Policy) -> Iterator[tuple[str, object]]:
    return ((_KEYS[name], getattr(policy, name)) for name in _OF_POLICY)


def _of_component(component: Component) -> Iterator[tuple[str, object]]:
    yield "since", None if component.since is None else periods.iso(component.since)
    yield "checks", tuple(f"{check.id} ({', '.join(_of_check(check))})" for check in component.checks)


def _of_check(check: Check) -> Iterator[str]:
    """Yield what its answers mean to its component, and how long they hold, where it says so itself."""
    yield check.down
    if check.interval:
        yield f"every {_lasting(check.interval)}"


def _of_objective(objective: Objective) -> Iterator[tuple[str, object]]:
    yield from ((_KEYS.get(name, name), getattr(objective, name)) for name in _OF_OBJECTIVE)
    yield "from", None if objective.begins is None else calendars.day_text(objective.begins, objective.zone)
    yield from ((_KEYS[name], getattr(objective.policy, name)) for name in _OF_POLICY)
    for name in ("announced", "cap", "least_outage"):
        yield _KEYS[name], _lasting(getattr(objective.policy, name))


def _of_support(support: Support) -> Iterator[tuple[str, object]]:
    yield "zone", support.zone
    for standard in support.standards:
        for name in ("respond", "update"):
            yield f"severities.{standard.severity}.{name}", _lasting(getattr(standard, name))
        yield f"severities.{standard.severity}.hours", standard.hours


def _lasting(seconds: int | None) -> str | None:
    return None if seconds is None else periods.duration(seconds, fine=True)


def _text(value: object) -> str:
    """Write a value about as it stands in the file."""
    if isinstance(value, Share):
        return value.text
    if isinstance(value, Period):
        return value.word
    if isinstance(value, Credit):
        return f"{value.percent} below {value.below.text}"
    if isinstance(value, Hours):
        return (
            value.id
            if value.is_always
            else f"{value.id} ({value.zone}: {dict(value.rows)}, {len(value.holidays)} holidays)"
        )
    if isinstance(value, tuple):
        return f"[{', '.join(map(_text, value))}]"
    return "nothing" if value is None else str(value)
