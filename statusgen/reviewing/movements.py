"""Which numbers move from one snapshot to another of the same instant, and by how much.

Percentages are compared as printed, time in whole seconds; a number that stays what it is, is not told of.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter

from statusgen.availability import Tally
from statusgen.budget import Account
from statusgen.promises import Objective
from statusgen.views import Snapshot, Window


class Scope(StrEnum):
    """What a number is about."""

    SITE = "site"
    COMPONENT = "component"
    OBJECTIVE = "objective"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number as printed, in per cent, None where nothing is known, and the seconds that it is made of.

    The milliseconds of a budget, the credit in per cent and whether it is met are of an objective only.
    """

    percent: str | None
    tally: Tally
    used_ms: int | None = None
    allowed_ms: int | None = None
    credit: str | None = None
    is_met: bool | None = None

    @property
    def left_ms(self) -> int | None:
        """What is left of the budget; less than nothing where more is used than is allowed."""
        return None if self.used_ms is None or self.allowed_ms is None else self.allowed_ms - self.used_ms


NOTHING = Figure(percent=None, tally=Tally())


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """A number before and after. ``window`` is its own name, like ``30d``, ``name`` its subject's."""

    scope: Scope
    id: str
    name: str
    window: str
    before: Figure
    after: Figure

    @property
    def down(self) -> int:
        """By how many seconds of outage, unweighted, it moves."""
        return self.after.tally.down - self.before.tally.down

    @property
    def known(self) -> int:
        """By how many seconds of known time it moves."""
        return self.after.tally.known - self.before.tally.known


def movements(before: Snapshot, after: Snapshot) -> Iterator[Movement]:
    """Yield the numbers that move: of all together, of the components in both, of the objectives in both."""
    yield from _moved(Scope.SITE, "", "", _windows(before.windows), _windows(after.windows))
    old = {view.component.id: view for view in before.components}
    for view in after.components:
        if was := old.get(view.component.id):
            windows = (_windows((*each.windows, *each.months)) for each in (was, view))
            yield from _moved(Scope.COMPONENT, view.component.id, view.component.name, *windows)
    stood = {each.objective.id: each for each in before.objectives}
    for told in after.objectives:
        if earlier := stood.get(told.objective.id):
            accounts = (_accounts(each.accounts) for each in (earlier, told))
            yield from _moved(Scope.OBJECTIVE, told.objective.id, name_of(told.objective), *accounts)


def name_of(objective: Objective) -> str:
    """Return what an objective is called: by its kind, its own name, and what it aims at."""
    return f"{objective.kind.upper()} {objective.name} {objective.target.text} %"


def _moved(
    scope: Scope, id_: str, name: str, before: dict[str, Figure], after: dict[str, Figure]
) -> Iterator[Movement]:
    for window in dict.fromkeys((*after, *before)):
        old, new = before.get(window, NOTHING), after.get(window, NOTHING)
        if old != new:
            yield Movement(scope=scope, id=id_, name=name, window=window, before=old, after=new)


def _windows(windows: Iterable[Window]) -> dict[str, Figure]:
    """Return the windows by name; those in which nothing counts are none."""
    counted = (window for window in windows if window.tally.window)
    return {each.name: Figure(percent=each.availability, tally=each.tally) for each in counted}


def _accounts(accounts: Iterable[Account]) -> dict[str, Figure]:
    return {account.name: _figure(account) for account in sorted(accounts, key=attrgetter("start"), reverse=True)}


def _figure(account: Account) -> Figure:
    return Figure(
        percent=account.attained,
        tally=account.tally,
        used_ms=account.used_ms,
        allowed_ms=account.allowed_ms,
        credit=account.credit,
        is_met=account.is_met,
    )
