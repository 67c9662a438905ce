"""The terms by which numbers are made, through history: who changed a target, a weight, or since when something counts.

Changing them is no fault and changes what past months come to, so every such commit is listed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

from statusgen import config, git, history, periods
from statusgen.errors import SourceError
from statusgen.history import Commit
from statusgen.model import Component, Site
from statusgen.promises import Objective

_OF_OBJECTIVE = ("target", "period", "zone", "begins", "components", "credits")
_OF_PROBING = ("interval", "confirm", "recover", "locations")


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """A term that a commit changed or took away."""

    term: str
    at: int
    commit: str
    is_gone: bool

    def __str__(self) -> str:
        what = "was taken away" if self.is_gone else "was changed"
        return f"{config.PATH}: {self.term} {what} on {periods.date_and_time(self.at)} (commit {self.commit[:10]})"


def amendments(repository: git.Repository, tip: str, above: str) -> Iterator[Amendment]:
    """Yield what changed in a site's terms, the oldest first; a version that cannot be read changes nothing.

    ``above`` is the path from the top of the repository to the site, empty or with a slash at its end.
    """
    repository = history.as_written(repository)
    known: Mapping[str, str] = {}
    for commit in history.commits(repository, tip, f"{above}{config.PATH}", lambda path: not path):
        for change, text in zip(
            commit.changes, history.texts(repository, [c.new for c in commit.changes]), strict=True
        ):
            if change.new and (terms := _read(text)) is not None:
                yield from _changed(known, terms, commit)
                known = terms


def _changed(before: Mapping[str, str], after: Mapping[str, str], commit: Commit) -> Iterator[Amendment]:
    for term, said in before.items():
        if after.get(term) != said:
            yield Amendment(term=term, at=commit.at, commit=commit.id, is_gone=term not in after)


def _read(text: str) -> Mapping[str, str] | None:
    try:
        return dict(_terms(config.read(text)))
    except SourceError:
        return None


def _terms(site: Site) -> Iterator[tuple[str, str]]:
    """Yield what numbers hang on besides the ledger and incidents, by a name for people."""
    yield "'site.id'", site.id
    yield "'data.branch'", site.branch
    yield from ((f"'probing.{name}'", repr(getattr(site.probing, name))) for name in _OF_PROBING)
    yield from ((f"'policy' ({field.name})", repr(getattr(site.policy, field.name))) for field in fields(site.policy))
    for component in site.components:
        yield from _of_component(component)
    for objective in site.objectives:
        yield from _of_objective(objective)


def _of_component(component: Component) -> Iterator[tuple[str, str]]:
    name = f"component '{component.id}'"
    yield f"{name}: since", repr(component.since)
    yield f"{name}: checks", repr([(check.id, check.down) for check in component.checks])


def _of_objective(objective: Objective) -> Iterator[tuple[str, str]]:
    name = f"{objective.kind} '{objective.id}'"
    yield from ((f"{name}: {field}", repr(getattr(objective, field))) for field in _OF_OBJECTIVE)
    yield from (
        (f"{name}: {field.name}", repr(getattr(objective.policy, field.name))) for field in fields(objective.policy)
    )
