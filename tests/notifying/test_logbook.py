"""What was told, as a text: two records of a site put together."""

from __future__ import annotations

from dataclasses import replace

from statusgen.notifying import logbook
from statusgen.notifying.announcing import Announced, Spell
from statusgen.notifying.logbook import Entry, Logbook

LASTS, OVER = Spell(subject="api", start=1), Spell(subject="api", start=1, until=2)


def test_what_either_of_two_records_knows_both_know() -> None:
    one = Entry(announced=Announced(keys={"a": 1}), waiting={"b": 5, "c": 6}, heard={"x": 1})
    other = Entry(announced=Announced(keys={"b": 2}), waiting={"c": 4}, heard={"y": 2})
    both = Entry(announced=Announced(keys={"a": 1, "b": 2}), waiting={"c": 4}, heard={"x": 1, "y": 2})
    assert one.joined(other) == other.joined(one) == both


def test_what_one_record_knows_to_be_over_is_over() -> None:
    for one, other in ((LASTS, OVER), (OVER, LASTS), (OVER, OVER)):
        joined = Entry(announced=Announced(spells=(one,))).joined(Entry(announced=Announced(spells=(other,))))
        assert joined.announced.spells == (OVER,)


def test_an_address_fails_only_where_neither_record_has_it_taking_something() -> None:
    failing, fine = Entry(failing=3), Entry()
    assert (failing.joined(fine).failing, fine.joined(failing).failing, failing.joined(failing).failing) == (
        None,
        None,
        3,
    )


def test_an_address_that_one_record_alone_has_is_kept_and_all_of_it_is_read_as_it_was_written() -> None:
    entry = Entry(announced=Announced(keys={"a": 1}, spells=(LASTS,)), waiting={"b": 2}, failing=3, heard={"x": 4})
    here, there = Logbook(site="acme", begun=1, entries={"here": entry}), Logbook(site="acme", begun=2)
    joined = here.joined(there)
    assert joined == there.joined(here) == replace(here, begun=2)
    assert logbook.decode(logbook.encode(joined), "acme") == joined
