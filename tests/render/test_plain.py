"""``/status.txt``: what somebody reads in a terminal at night, and a program takes for Markdown."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

import markdown
import pytest

from statusgen.model import Event, Phase, State
from statusgen.render import columns, plain
from statusgen.render.language import language
from statusgen.render.words import Words
from statusgen.views import Snapshot

from ..literals import DAY, HOUR, NOW, component, incident, maintenance, resolved, rounds, site, take, update
from .published import ENGLISH, THEME, publish

HOSTILE = "\x1b[2J\u202eevil\n# Fake \x07"
LONG = "We know more. " * 120


def told(made: Snapshot, code: str = "en") -> str:
    words = ENGLISH if code == "en" else Words(language(code, THEME, {}))
    return plain.document(made, words, "" if code == "en" else f"{code}/").decode()


def outage(text: str = "The pool is empty.", title: str = "Errors", name: str = "API") -> Snapshot:
    events: list[Event] = [
        replace(
            incident(
                "broken",
                update(NOW - HOUR, Phase.INVESTIGATING, "Looking."),
                replace(update(NOW - 600, Phase.IDENTIFIED, text), next=NOW + HOUR),
                api=State.PARTIAL,
            ),
            title=title,
        ),
        maintenance("ahead", NOW + DAY, NOW + DAY + HOUR),
        *(resolved(f"r{i}", NOW - i * DAY, NOW - i * DAY + HOUR, title=f"{title} {i}") for i in range(1, 9)),
    ]
    of = site(
        component("api", name=name, group="Größe"), component("web", group="Größe"), component("pay", name="決済")
    )
    return take(of, events, rounds(api="uudd", web="uuuu", pay="uuuu"))


def test_a_page_that_is_well_is_told_in_a_screen() -> None:
    made = take(site(component("api", name="API"), name="Acme"), (), rounds(api="uuuu"))
    assert told(made) == (
        "# Acme\n\n"
        "> All systems operational\n\n"
        "Last checked 25 Nov 2026, 12:00 UTC. After 25 Nov 2026, 12:15 UTC this may be\nout of date.\n\n"
        "## Components · Availability (90 days)\n\n"
        "    Operational  100 %  API\n\n"
        "## Recent incidents\n\n"
        "No incidents in the last 14 days.\n\n"
        "## Details\n\n"
        "- Status: https://status.example.org/\n"
        "- History: https://status.example.org/history/\n"
        "- Atom: https://status.example.org/history.atom\n"
        "- RSS: https://status.example.org/history.rss\n"
        "- Status API: https://status.example.org/api/v2/summary.json\n"
        "- Prometheus: https://status.example.org/metrics.txt\n"
    )


def test_an_incident_tells_what_is_hit_since_when_what_was_said_last_and_when_more_will_be() -> None:
    assert (
        "### Errors\n\n"
        "- Identified · since 25 Nov 2026, 11:00 UTC\n"
        "- Affected: API (partial outage)\n"
        "- Next update by 25 Nov 2026, 13:00 UTC\n"
        "- https://status.example.org/incidents/broken/\n\n"
        "Identified · 25 Nov 2026, 11:50 UTC\n\n"
        "> The pool is empty.\n\n"
    ) in told(outage())


def test_a_promise_that_was_not_kept_is_told_as_one() -> None:
    late = replace(update(NOW - HOUR, Phase.INVESTIGATING, "Looking."), next=NOW - 600)
    made = take(site(component("api")), [incident("broken", late, api=State.PARTIAL)], rounds(api="uudd"))
    assert "- Next update was due by 25 Nov 2026, 11:50 UTC\n" in told(made)


def test_a_long_update_is_cut_and_leads_to_the_rest() -> None:
    text = told(outage(LONG)).partition("### Errors")[2].partition("##")[0]
    assert "> …\n\nDetails: https://status.example.org/incidents/broken/\n" in text
    assert text.count("\n> ") == plain.LINES


def test_components_stand_in_columns_with_their_groups() -> None:
    text = told(outage())
    made = outage()
    shares = {view.component.id: ENGLISH.language.percent(view.bars.availability) for view in made.components}
    group = ENGLISH.language.percent(made.groups[0].availability)
    assert (
        f"    Major outage  {group:>7}  Größe\n"
        f"    Major outage  {shares['api']:>7}    API\n"
        f"    Operational   {shares['web']:>7}    Web\n"
        f"    Operational   {shares['pay']:>7}  決済\n"
    ) in text


def test_columns_stay_columns_in_a_wide_script() -> None:
    rows = re.findall(r"^    (.*%) ", told(outage(), "ja"), re.MULTILINE)
    assert len(rows) == 4
    assert len({columns.width(row) for row in rows}) == 1


def test_of_many_components_only_those_in_trouble_are_told_one_by_one() -> None:
    parts = [component(f"c{i}", group=f"Group {i // 100}") for i in range(400)]
    answers = {f"c{i}": "dddd" if i in (7, 8) or i >= 300 else "uuuu" for i in range(400)}
    text = told(take(site(*parts), (), rounds(**answers)))
    rows = text.partition("## Components")[2].partition("##")[0]
    assert [line.split("%  ")[-1].strip() for line in rows.splitlines() if "Group" in line or "C7" in line] == [
        "Group 0 (2 of 100 affected)",
        "C7",
        "Group 1 (100 components)",
        "Group 2 (100 components)",
        "Group 3 (100 of 100 affected)",
    ]
    assert f"and {100 - plain.ROWS_OF_GROUP} more" in rows
    assert len(text.splitlines()) < 60


def test_events_of_the_past_are_a_few_with_the_way_to_the_rest() -> None:
    text = told(outage()).partition("## Recent incidents")[2]
    assert text.count("/incidents/r") == plain.EVENTS
    assert "- and 3 more: https://status.example.org/history/\n" in text


def test_before_the_first_check_it_says_so() -> None:
    assert "\nNothing has been checked yet.\n" in told(take())


def test_a_page_that_is_late_says_so() -> None:
    late = take(ledger=rounds(NOW - DAY, api="uuuu"))
    assert "Monitoring is delayed: this may be out of date." in told(late).replace("\n", " ")


@pytest.mark.parametrize("code", ["en", "ar", "ja", "de"])
@pytest.mark.parametrize("made", [take(), outage(), outage(LONG), outage(HOSTILE, HOSTILE, HOSTILE)])
def test_lines_fit_a_terminal_and_nothing_in_them_steers_it(made: Snapshot, code: str) -> None:
    text = told(made, code)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert max(map(columns.width, text.splitlines())) <= 80
    assert {unicodedata.category(character) for character in text} & {"Cc", "Cf", "Cs"} <= {"Cc"}
    assert {character for character in text if unicodedata.category(character) == "Cc"} == {"\n"}


def test_it_is_markdown_in_which_what_people_wrote_stays_in_its_place() -> None:
    html = markdown.markdown(told(outage("```\n# Not ours\n\n## Nor this", HOSTILE, HOSTILE)), output_format="html")
    html = re.sub("<blockquote>.*?</blockquote>", "", html, flags=re.DOTALL)
    assert re.findall(r"^<h1>(.*)</h1>", html, re.MULTILINE) == ["Example"]
    assert re.findall(r"^<h2>(.*)</h2>", html, re.MULTILINE) == [
        *("Incidents", "Scheduled maintenance", "Components · Availability (90 days)", "Recent incidents", "Details"),
    ]
    assert re.findall(r"^<h3>(.*)</h3>", html, re.MULTILINE) == ["[2Jevil # Fake"]


def test_each_language_has_one_and_every_address_in_it_is_there() -> None:
    made = replace(outage(), site=replace(outage().site, languages=("de",)))
    files = publish(made)
    for path in ("status.txt", "de/status.txt"):
        addresses = re.findall(r"https://status\.example\.org/(\S*)", files[path].decode())
        assert len(addresses) > 10
        for address in addresses:
            assert (f"{address}index.html" if address.endswith("/") or not address else address) in files, address
    assert b"https://status.example.org/de/incidents/broken/" in files["de/status.txt"]
    assert "## Vorfälle".encode() in files["de/status.txt"]


def test_hosts_are_told_that_anybody_may_read_it_and_how() -> None:
    made = replace(outage(), site=replace(outage().site, languages=("de",)))
    headers = publish(made)["_headers"].decode()
    for path in ("/status.txt", "/de/status.txt", "/metrics.txt"):
        rules = headers.partition(f"\n{path}\n")[2].split("\n/")[0].splitlines()
        assert [rule.strip() for rule in rules if rule] == [
            "Content-Type: text/plain; charset=utf-8",
            "Access-Control-Allow-Origin: *",
            "Cache-Control: max-age=30",
        ]
