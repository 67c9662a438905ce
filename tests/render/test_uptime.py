"""The page of months, and the same as a table for spreadsheets."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from functools import cache

from statusgen.availability import percent
from statusgen.model import State
from statusgen.render import pages
from statusgen.views import Snapshot

from ..literals import DAY, HOUR, NOW, component, resolved, rounds, site, take, unchecked
from .published import Document, Element, publish, read

SITE = site(component("api", group="Core"), unchecked("desk", since=NOW - 500 * DAY), component("new", since=NOW - DAY))


@cache
def snapshot() -> Snapshot:
    told = [
        resolved("a", NOW - 60 * DAY, NOW - 60 * DAY + 2 * HOUR, desk=State.MAJOR),
        resolved("b", NOW - 90 * DAY, NOW - 90 * DAY + HOUR, desk=State.PARTIAL),
    ]
    return take(SITE, told, rounds(api="u" * 300 + "dd", new="u" * 302))


@cache
def files() -> dict[str, bytes]:
    return publish(snapshot())


def page() -> Document:
    return read(files()["uptime/index.html"])


def table() -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files()["uptime/availability.csv"].decode())))


def cells(name: str) -> list[Element]:
    """Return the cells of a component's row."""
    document = page()
    (row,) = [each for each in document.all("tr") if each.text.strip().startswith(name)]
    return [each for each in document.all("td") if each.parents[-1] is row]


def test_the_last_twelve_calendar_months_are_columns_the_newest_first() -> None:
    months = pages.uptime_months(snapshot())
    assert months == (*(f"2025-{number}" for number in (12,)), *(f"2026-{number:02}" for number in range(1, 12)))
    heads = [each for each in page().all("a") if "thead" in each.inside]
    assert [each.attributes["href"] for each in heads] == [f"../history/{month}/" for month in reversed(months)]
    assert [each.text for each in heads][:2] == ["Nov 2026", "Oct 2026"]


def test_a_cell_shows_the_number_of_its_month_and_how_much_of_it_was_observed() -> None:
    found = [" ".join(each.text.split()) for each in cells("Desk")]
    assert found[2] == "99.72 %"  # two hours of 30 days, cut
    assert found[3] == "99.93 %"  # half an hour of 31
    assert set(found[4:]) == {"100 %"}
    assert "observed " in cells("Api")[0].text


def test_a_month_in_which_something_was_lost_is_drawn_with_it() -> None:
    drawn = cells_with_drawings()
    lost = [each for row in drawn for each in row if each not in ("mark operational", "mark unknown")]
    assert sorted(lost) == ["mark major_outage", "mark major_outage", "mark partial_outage"]
    assert all(len(row) == (2 if set(row) & set(lost) else 1) for row in drawn)


def cells_with_drawings() -> list[list[str]]:
    """Return the classes of what is drawn in every cell."""
    document = page()
    drawings = [each for each in document.all("svg") if "tiny" in each.classes]
    return [[each.attributes["class"] for each in document.all("rect") if each.parents[-1] is svg] for svg in drawings]


def test_a_month_of_which_nothing_is_known_is_a_dash() -> None:
    assert cells("Api")[-1].text.split() == ["—"]


def test_the_table_has_a_row_for_every_month_in_which_a_component_counted() -> None:
    found = [(row["component"], row["month"]) for row in table()]
    assert [month for id_, month in found if id_ == "desk"] == list(pages.uptime_months(snapshot()))
    assert [month for id_, month in found if id_ == "new"] == ["2026-11"]


def test_the_numbers_of_the_table_are_those_of_the_page() -> None:
    told = {row["month"]: row["availability"] for row in table() if row["component"] == "desk"}
    shown = [each.text.split()[0] for each in cells("Desk")]
    assert [told[month] for month in reversed(pages.uptime_months(snapshot()))] == shown


def test_a_row_of_the_table_holds_the_seconds_behind_its_number() -> None:
    (row,) = [each for each in table() if (each["component"], each["month"]) == ("desk", "2026-09")]
    assert (row["major_seconds"], row["partial_seconds"], row["known_seconds"]) == ("7200", "0", str(30 * DAY))
    assert row["availability"] == percent(30 * DAY - 7200, 30 * DAY) == "99.72"


def test_groups_stand_over_their_components_and_can_be_chosen() -> None:
    bodies = [each.attributes["data-group"] for each in page().all("tbody")]
    options = [each.attributes["value"] for each in page().all("option") if "main" in each.inside]
    assert options == ["", *[body for body in bodies if body]]
    assert [each.text for each in page().all("th", scope="rowgroup")] == ["Core"]


def test_a_site_without_components_has_no_such_page_and_no_link_to_it() -> None:
    found = publish(take(replace(site(), components=())))
    assert "uptime/index.html" not in found
    assert b"uptime/" not in found["index.html"]
