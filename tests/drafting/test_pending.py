"""Of two versions of a file the later one: the hand of a person wins, and else what says more."""

from __future__ import annotations

from itertools import permutations

import pytest

from statusgen.drafting import drafts, pending

BEGUN = drafts.stamped(f"---\ntitle: API\nautomatic: {drafts.NONE_YET}\n---\n## Investigating\nWe look.\n")
LONGER = drafts.stamped(f"{BEGUN}\n## Monitoring\nIt works.\n")
BY_HAND = BEGUN.replace("We look.", "No.")


@pytest.mark.parametrize("one", [BEGUN, LONGER])
def test_what_a_person_changed_wins_in_whatever_order(one: str) -> None:
    assert [pending.later(*pair) for pair in permutations((one, BY_HAND))] == [BY_HAND, BY_HAND]


def test_of_what_the_program_wrote_the_longer_wins_in_whatever_order() -> None:
    assert [pending.later(*pair) for pair in permutations((BEGUN, LONGER))] == [LONGER, LONGER]


def test_of_two_persons_the_first_wins() -> None:
    assert pending.later(BY_HAND, f"{BY_HAND} More.") == BY_HAND


def test_branches_lie_over_main() -> None:
    others = [("incident/a", {"a": LONGER}), ("incident/b", {"a": BY_HAND, "b": BEGUN})]
    assert pending.overlaid({"a": BEGUN, "c": BEGUN}, others) == {"a": BY_HAND, "b": BEGUN, "c": BEGUN}


def test_a_file_lies_on_the_branch_of_its_name_before_any_other() -> None:
    path = "incidents/api.md"
    assert pending.branch_with(path, []) == "incident/api"
    assert pending.branch_with(path, [("incident/old", {path: BEGUN})]) == "incident/old"
    both = [("incident/a", {path: BEGUN}), ("incident/api", {path: BEGUN})]
    assert pending.branch_with(path, both) == "incident/api"
