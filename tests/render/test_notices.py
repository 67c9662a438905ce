"""Notices as subscribers read them, and as programs do."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from statusgen.model import Details, Event, Phase, Site, State
from statusgen.notifying.announcing import Announced, Notice, Silence, Spell, due
from statusgen.promises import Kind, Objective, Period, Share
from statusgen.render import notices
from statusgen.render.language import Language
from statusgen.render.words import Words
from statusgen.routes import NoticeKind
from statusgen.views import CheckNow, Snapshot

from ..literals import DAY, HOUR, INTERVAL, MINUTE, NOW, component, incident, maintenance, rounds, site, take, update

WORDS = Words(Language("en"))


def prose(text: str, root: str, home: str, prefix: str) -> str:
    assert root == home
    assert prefix
    return f"<p>{text}</p>"


def snapshot(*events: Event, of: Site | None = None, **answers: str) -> Snapshot:
    return take(of, events, rounds(NOW, **(answers or {"api": "u" * 20})))


def one(made: Snapshot, kind: NoticeKind, announced: Announced | None = None) -> Notice:
    [notice] = [each for each in due(made, announced or Announced()) if each.kind is kind]
    return notice


def told(made: Snapshot, kind: NoticeKind, announced: Announced | None = None) -> list[str]:
    title, text = notices.told(one(made, kind, announced), made, WORDS, prose)
    return [title, *text.split("\n")]


def payload(made: Snapshot, kind: NoticeKind, announced: Announced | None = None) -> dict[str, Any]:
    found = json.loads(notices.payload(one(made, kind, announced), made, WORDS, prose))
    assert isinstance(found, dict)
    return found


def test_an_update_says_what_was_written_what_it_is_about_and_where() -> None:
    said = replace(update(NOW - 20 * MINUTE, Phase.IDENTIFIED, "A switch failed."), next=NOW + HOUR)
    assert told(snapshot(incident("a", said, api=State.PARTIAL)), NoticeKind.INCIDENT) == [
        "[Identified] Errors",
        "A switch failed.",
        "Affected: Api (partial outage)",
        "Next update by 25 Nov 2026, 13:00 UTC",
        "Example",
        "https://status.example.org/incidents/a/#update-20261125T1140Z",
    ]


def test_a_long_text_is_cut_and_the_link_stays() -> None:
    said = update(NOW - 20 * MINUTE, Phase.IDENTIFIED, "word " * 1_000)
    lines = told(snapshot(incident("a", said)), NoticeKind.INCIDENT)
    assert len(lines[1]) <= notices.LONGEST
    assert lines[1].endswith("…")
    assert lines[-1].startswith("https://")


def test_an_outage_says_since_when_and_why() -> None:
    assert told(snapshot(api="uuuuuudd"), NoticeKind.OUTAGE) == [
        "[Major outage] Api",
        "Major outage: since 25 Nov 2026, 11:55 UTC",
        "No complete answer within the timeout",
        "Example",
        "https://status.example.org/components/api/",
    ]


def test_a_recovery_says_how_long_it_lasted() -> None:
    begun = Announced(spells=(Spell(subject="api", start=NOW - 4 * INTERVAL),))
    assert told(snapshot(api="uuuuudduuu"), NoticeKind.RECOVERY, begun)[:3] == [
        "[Operational] Api",
        "Major outage: 25 Nov 2026, 11:40 – 11:50 UTC",
        "It lasted 10 min.",
    ]


def test_an_outage_that_is_over_says_how_long_it_was() -> None:
    assert told(snapshot(api="uuuuudduuu"), NoticeKind.OUTAGE)[0] == "Api was down for 10 min"


def test_maintenance_by_the_clock_says_when() -> None:
    work = maintenance("up", NOW + 3 * HOUR, NOW + 5 * HOUR)
    assert told(snapshot(work), NoticeKind.MAINTENANCE) == [
        "[Scheduled] Upgrade",
        "Affected: Api",
        "Scheduled: 25 Nov 2026, 15:00 – 17:00 UTC",
        "Example",
        "https://status.example.org/incidents/up/",
    ]


def test_a_certificate_says_whose_and_when() -> None:
    made = snapshot()
    check = CheckNow(
        check="api",
        at=NOW,
        verdict=None,
        latency=None,
        reason="tls_expiring",
        details=Details(certificate_end=NOW + DAY),
    )
    view = replace(made.groups[0].components[0], checks=(check,))
    made = replace(made, groups=(replace(made.groups[0], components=(view,)),))
    assert told(made, NoticeKind.EXPIRY)[:3] == [
        "The certificate expires soon: Api",
        "It ends on 26 Nov 2026, 12:00 UTC.",
        "Check: api",
    ]


def test_a_budget_says_how_much_is_used_and_how_fast_it_goes() -> None:
    aim = Objective(
        id="aim", kind=Kind.SLO, name="API", components=("api",), target=Share.parse("99"), period=Period(days=28)
    )
    made = snapshot(of=replace(site(component("api")), objectives=(aim,)), api="u" * 3_000 + "d" * 6)
    lines = told(made, NoticeKind.BUDGET)
    assert lines[0] == "[Error budget goes fast] API"
    assert lines[1].endswith("used (the last 28 days)")
    assert lines[2].startswith("Burn rate: ")
    assert lines[-1] == "https://status.example.org/sla/"


def test_a_silence_says_since_when() -> None:
    made = take(site(), (), rounds(NOW - 3 * HOUR, api="uuuu"))
    notice = one(made, NoticeKind.SILENCE)
    assert isinstance(notice.about, Silence)
    assert notices.told(notice, made, WORDS, prose) == (
        "Monitoring is silent",
        "Nothing was checked since 25 Nov 2026, 09:00 UTC: the page may be out of date.\nExample\n"
        "https://status.example.org/",
    )


# For programs


def test_a_webhook_tells_of_an_incident_as_the_status_api_does() -> None:
    made = snapshot(incident("a", update(NOW - 20 * MINUTE, Phase.IDENTIFIED), api=State.PARTIAL))
    content = payload(made, NoticeKind.INCIDENT)
    assert list(content) == ["meta", "page", "incident", "notice"]
    assert content["incident"]["impact"] == "major"
    [written] = content["incident"]["incident_updates"]
    assert written["affected_components"] == [
        {"code": "api", "name": "Api", "old_status": "operational", "new_status": "partial_outage"}
    ]


def test_a_webhook_tells_of_an_outage_as_a_change_of_a_component() -> None:
    content = payload(snapshot(api="uuuuuudd"), NoticeKind.OUTAGE)
    assert set(content["component_update"]) == {"id", "component_id", "created_at", "old_status", "new_status"}
    assert (content["component_update"]["old_status"], content["component_update"]["new_status"]) == (
        "operational",
        "major_outage",
    )
    assert (content["component"]["id"], content["component"]["status"]) == ("api", "major_outage")
    begun = Announced(spells=(Spell(subject="api", start=NOW - 4 * INTERVAL),))
    back = payload(snapshot(api="uuuuudduuu"), NoticeKind.RECOVERY, begun)
    assert back["component_update"]["new_status"] == "operational"


def test_a_webhook_tells_of_maintenance_by_the_clock_with_its_window() -> None:
    content = payload(snapshot(maintenance("up", NOW - HOUR, NOW + HOUR)), NoticeKind.MAINTENANCE)
    assert content["incident"]["status"] == "in_progress"
    assert content["incident"]["scheduled_for"] == "2026-11-25T11:00:00.000Z"
    assert content["notice"]["kind"] == "maintenance"
