"""Telling subscribers, to real receivers: each notice once, whatever breaks on the way."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from statusgen.errors import StatusgenError, WorldError
from statusgen.notifying import sending
from statusgen.notifying.sending import Orders, Report
from statusgen.periods import DAY, HOUR, MINUTE, iso

from .. import sites
from ..receivers import Mailbox, Post, Receiver, mailbox, webhook

CANARY = "CANARY7f3a9c51e8"
KEY = base64.b64encode(b"a key of thirty-two bytes or so..").decode()
SECRET = f"whsec_{KEY}"
SITE = """\
site: {name: Acme Status, url: "https://status.acme.example", id: acme}
feed: {authority: "status.acme.example,2026"}
data: {branch: none}
components: [{id: api, name: API, since: 2026-11-01}, {id: web, name: Website, since: 2026-11-01}]
"""
HOOK = "notifications: [{name: hook, webhook: '${env:HOOK}', secret: '${env:SECRET}'}]\n"
NOW = sites.NOW


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with webhook() as made:
        yield made


@pytest.fixture
def mails() -> Iterator[Mailbox]:
    with mailbox() as made:
        yield made


@dataclass(slots=True)
class Desk:
    """A site that people write incidents for, and what it takes to tell of them."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    push: bool = False
    try_fetch: bool = False

    def write(self, slug: str, *updates: tuple[int, str], severity: str = "sev2", components: str = "api") -> None:
        """Write an incident: instants of updates and their phases. Without a severity it has none."""
        sections = "".join(f"\n## {phase} · {iso(at)}\nWe say {phase} at {at}.\n" for at, phase in updates)
        ranked = f"severity: {severity}\n" if severity else ""
        head = f"title: Trouble {slug}\n{ranked}started: {iso(updates[0][0])}\n"
        text = f"---\n{head}components: {{{components}: partial_outage}}\n---\n{sections}"
        sites.write(self.folder, **{f"incidents/{slug}.md": text})

    def orders(self, now: int = NOW, *routes: str) -> Orders:
        return Orders(
            folder=self.folder,
            now=now,
            clock=lambda: now,
            jitter=lambda: 0.1,
            environment=self.environment,
            routes=routes,
            push=self.push,
            try_fetch=self.try_fetch,
        )

    def announce(self, now: int = NOW, *routes: str) -> Report:
        return sending.announce(self.orders(now, *routes))


def desk_of(folder: Path, receiver: Receiver, components: str = SITE + HOOK) -> Desk:
    sites.write(folder, **{"components.yaml": components})
    return Desk(folder, {"HOOK": receiver.url(f"/{CANARY}"), "SECRET": SECRET})


@pytest.fixture
def desk(tmp_path: Path, receiver: Receiver) -> Desk:
    """A desk with one webhook, which has announced before."""
    made = desk_of(tmp_path / "desk", receiver)
    made.announce(NOW - HOUR)
    return made


# Exactly once


def test_a_first_run_sends_nothing_and_says_so(tmp_path: Path, receiver: Receiver) -> None:
    desk = desk_of(tmp_path, receiver)
    desk.write("a", (NOW - HOUR, "Investigating"))
    report = desk.announce()
    assert (report.begun, report.sent, receiver.posts) == (["hook"], [], [])
    assert desk.announce(NOW + 60).begun == []


def test_updates_are_sent_once_the_oldest_first(desk: Desk, receiver: Receiver) -> None:
    desk.write("a", (NOW - 20 * MINUTE, "Investigating"), (NOW - 5 * MINUTE, "Identified"))
    assert len(desk.announce().sent) == 2
    assert receiver.titles == ["[Investigating] Trouble a", "[Identified] Trouble a"]
    assert desk.announce(NOW + 60).sent == []
    assert len(receiver.posts) == 2


def test_nothing_is_written_while_there_is_nothing_to_tell(desk: Desk) -> None:
    record = desk.folder / "data/notices.json"
    before = record.read_bytes()
    desk.announce(NOW + HOUR)
    assert record.read_bytes() == before


def test_what_a_route_is_not_for_is_known_and_never_sent_later(tmp_path: Path, receiver: Receiver) -> None:
    narrow = HOOK.replace("}]", ", components: [web]}]")
    desk = desk_of(tmp_path, receiver, SITE + narrow)
    desk.announce(NOW - HOUR)
    desk.write("a", (NOW - MINUTE, "Investigating"))
    desk.announce()
    sites.write(desk.folder, **{"components.yaml": SITE + HOOK})
    assert desk.announce(NOW + 60).sent == []


def test_an_incident_without_a_severity_reaches_a_route_for_grave_ones(tmp_path: Path, receiver: Receiver) -> None:
    desk = desk_of(tmp_path, receiver, SITE + HOOK.replace("}]", ", severities: [sev1, sev2]}]"))
    desk.announce(NOW - HOUR)
    desk.write("a", (NOW - 2 * MINUTE, "Investigating"), severity="")
    desk.write("b", (NOW - MINUTE, "Investigating"), severity="sev3")
    assert [sent.title for sent in desk.announce().sent] == ["[Investigating] Trouble a"]
    assert b'"severity"' not in receiver.posts[0].body  # nothing that is published changes


@pytest.mark.parametrize(
    ("filters", "severity", "components"),
    [("severities: [sev1]", "sev3", "api"), ("components: [api]", "sev1", "web")],
)
def test_who_was_told_of_an_incident_hears_its_end_though_it_was_corrected(
    tmp_path: Path, receiver: Receiver, filters: str, severity: str, components: str
) -> None:
    desk = desk_of(tmp_path, receiver, SITE + HOOK.replace("}]", f", {filters}}}]"))
    desk.announce(NOW - HOUR)
    first = (NOW - 2 * MINUTE, "Investigating")
    desk.write("a", first, severity="sev1")
    desk.announce()
    corrected = {"severity": severity, "components": components}
    desk.write("a", first, (NOW + MINUTE, "Resolved"), **corrected)
    desk.write("b", (NOW, "Investigating"), **corrected)
    assert [sent.title for sent in sending.preview(desk.orders(NOW + 2 * MINUTE)).sent] == ["[Resolved] Trouble a"]
    assert [sent.title for sent in desk.announce(NOW + 2 * MINUTE).sent] == ["[Resolved] Trouble a"]
    entry = json.loads((desk.folder / "data/notices.json").read_text())["entries"]
    assert list(entry.popitem()[1]["heard"]) == ["a"]  # of b all was held back


def test_who_was_told_of_an_incident_that_lasts_for_months_hears_its_end(tmp_path: Path, receiver: Receiver) -> None:
    desk = desk_of(tmp_path, receiver, SITE + HOOK.replace("}]", ", severities: [sev1]}]"))
    desk.announce(NOW - HOUR)
    first, last = (NOW - 2 * MINUTE, "Investigating"), (NOW + 60 * DAY, "Resolved")
    for slug in "ab":
        desk.write(slug, first, severity="sev1")
    desk.announce()
    desk.write("b", first, (NOW + MINUTE, "Resolved"), severity="sev1")
    desk.announce(NOW + HOUR)
    desk.write("c", (NOW + 50 * DAY, "Investigating"), severity="sev1")
    desk.announce(NOW + 50 * DAY)
    entry = json.loads((desk.folder / "data/notices.json").read_text())["entries"]
    assert list(entry.popitem()[1]["heard"]) == ["a", "c"]  # b was over long ago
    desk.write("a", first, last, severity="sev3")
    assert [sent.title for sent in desk.announce(NOW + 60 * DAY).sent] == ["[Resolved] Trouble a"]


def test_a_record_of_before_it_held_who_heard_of_what_is_read(desk: Desk) -> None:
    record = desk.folder / "data/notices.json"
    whole = json.loads(record.read_text())
    for entry in whole["entries"].values():
        del entry["heard"]
    record.write_text(json.dumps(whole))
    desk.write("a", (NOW - MINUTE, "Investigating"))
    assert len(desk.announce().sent) == 1
    assert desk.announce(NOW + 60).sent == []


@pytest.mark.parametrize("seed", range(8))
def test_whatever_crashes_each_notice_arrives_and_repeats_are_as_many_as_crashes(
    tmp_path: Path, receiver: Receiver, seed: int
) -> None:
    """A crash falls between sending and recording: the record cannot be written once the message has arrived."""
    chance = random.Random(seed)
    desk = desk_of(tmp_path, receiver)
    desk.announce(NOW - HOUR)
    record, kept = tmp_path / "data/notices.json", tmp_path / "kept.json"
    updates: dict[str, list[tuple[int, str]]] = {}
    crashes, is_broken = 0, False

    def taken(_: Post) -> int:
        nonlocal is_broken
        if chance.random() < 0.3:
            is_broken = True
            shutil.copy(record, kept)
            record.unlink()
            record.mkdir()
        return 500 if not is_broken and chance.random() < 0.2 else 204

    receiver.status = taken
    for step in range(10):
        now = NOW + step * 5 * MINUTE
        slug = chance.choice("ab")
        updates.setdefault(slug, []).append((now, "Identified"))
        desk.write(slug, *updates[slug])
        try:
            desk.announce(now + 1)
        except (WorldError, StatusgenError):
            assert is_broken
        if is_broken:
            crashes, is_broken = crashes + 1, False
            record.rmdir()
            shutil.move(kept, record)
    receiver.status = 204
    desk.announce(NOW + HOUR)
    keys = [post.content["notice"]["key"] for post in receiver.posts]
    assert len(set(keys)) == 10
    assert len(keys) - 10 <= crashes
    ids = [post.headers["webhook-id"] for post in receiver.posts]
    assert len(set(ids)) == 10


# Failures


def test_an_address_that_fails_is_tried_again_in_order(desk: Desk, receiver: Receiver) -> None:
    receiver.status = 503
    desk.write("a", (NOW - 2 * MINUTE, "Investigating"))
    report = desk.announce()
    assert report.failures == ["route 'hook': it answered with status 503; the next run tries again"]
    desk.write("a", (NOW - 2 * MINUTE, "Investigating"), (NOW + MINUTE, "Resolved"))
    receiver.status = 200
    desk.announce(NOW + 2 * MINUTE)
    assert receiver.titles == ["[Investigating] Trouble a", "[Resolved] Trouble a"]


def test_a_route_that_fails_does_not_stop_the_others(tmp_path: Path, receiver: Receiver) -> None:
    both = "notifications: [{name: dead, webhook: '${env:DEAD}'}, {name: hook, webhook: '${env:HOOK}'}]\n"
    desk = desk_of(tmp_path, receiver, SITE + both)
    desk.environment["DEAD"] = f"http://127.0.0.1:1/{CANARY}"
    desk.announce(NOW - HOUR)
    desk.write("a", (NOW - MINUTE, "Investigating"))
    report = desk.announce()
    assert report.failures == ["route 'dead': it cannot be reached; the next run tries again"]
    assert [sent.route for sent in report.sent] == ["hook"]


def test_what_has_waited_for_a_day_is_given_up_with_a_line(desk: Desk, receiver: Receiver) -> None:
    receiver.status = 500
    desk.write("a", (NOW - MINUTE, "Investigating"))
    assert desk.announce().given_up == []
    assert desk.announce(NOW + DAY).given_up == ["route 'hook': given up after 24 hours: [Investigating] Trouble a"]
    receiver.status = 200
    assert desk.announce(NOW + DAY + 60).sent == []


def test_what_an_address_never_takes_does_not_take_along_what_waits_behind_it(desk: Desk, receiver: Receiver) -> None:
    desk.write("a", (NOW - 2 * MINUTE, "Investigating"))
    desk.write("b", (NOW - MINUTE, "Investigating"))
    receiver.status = lambda post: 413 if "/a/" in post.content["notice"]["key"] else 204
    assert desk.announce().sent == []
    report = desk.announce(NOW + DAY)
    assert report.given_up == ["route 'hook': given up after 24 hours: [Investigating] Trouble a"]
    assert [sent.title for sent in report.sent] == ["[Investigating] Trouble b"]


def test_what_waits_is_given_up_with_a_line_though_it_is_no_news_any_more(desk: Desk, receiver: Receiver) -> None:
    window = f"scheduled: {{from: {iso(NOW)}, until: {iso(NOW + 2 * DAY)}}}"
    work = f"---\ntitle: Work\ntype: maintenance\n{window}\ncomponents: [api]\n---\n"
    sites.write(desk.folder, **{"incidents/w.md": f"{work}## Scheduled · {iso(NOW - 9 * DAY)}\nWe work.\n"})
    receiver.status = 500
    desk.announce(NOW + 5 * MINUTE)
    assert desk.announce(NOW + DAY + MINUTE).waiting == 1
    report = desk.announce(NOW + DAY + 5 * MINUTE)
    assert report.given_up == ["route 'hook': given up after 24 hours: [In progress] Work"]


def test_a_redirect_is_not_followed(desk: Desk, receiver: Receiver) -> None:
    receiver.status, receiver.location = 307, receiver.url("/elsewhere")
    desk.write("a", (NOW - MINUTE, "Investigating"))
    assert "redirects (status 307)" in desk.announce().failures[0]
    assert [post.path for post in receiver.posts] == [f"/{CANARY}"]


def test_an_unset_secret_is_named_and_the_others_go_on(tmp_path: Path, receiver: Receiver) -> None:
    both = "notifications: [{name: chat, to: '${env:NOBODY}'}, {name: hook, webhook: '${env:HOOK}'}]\n"
    report = desk_of(tmp_path, receiver, SITE + both).announce()
    assert report.faults == ["route 'chat': environment variable 'NOBODY' is not set"]
    assert report.begun == ["hook"]


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("SECRET", CANARY, "is no secret of a webhook"),
        ("HOOK", f"http://example.org/{CANARY}", "is not encrypted"),
        ("HOOK", f"https://u:{CANARY}@example.org/", "holds a name or a password before the host"),
        ("HOOK", CANARY, "is not a URL"),
    ],
)
def test_what_is_wrong_with_an_address_is_said_without_it(desk: Desk, name: str, value: str, fault: str) -> None:
    desk.environment[name] = value
    [line] = desk.announce().faults
    assert line.startswith(f"route 'hook': what '{name}' holds {fault}")
    assert CANARY not in line


def test_an_unknown_route_gets_one_line(desk: Desk) -> None:
    with pytest.raises(StatusgenError, match=r"there is no route 'hok' \(did you mean 'hook'\?\): correct the name"):
        desk.announce(NOW, "hok")


def test_a_damaged_record_is_refused_and_nothing_is_sent(desk: Desk, receiver: Receiver) -> None:
    record = desk.folder / "data/notices.json"
    whole = '{"v": 1, "site": "acme", "begun": 0, "entries": {"hook": 3}}'
    earlier = record.read_text().replace('"v": 1', '"v": 0')
    half = record.read_text().replace('"waiting": {', '"waiting": {"\\ud800": 1')
    assert half != record.read_text()
    for text in ("{", "[]", whole, whole.replace(": 0", ": 1e999"), "[" * 100_000, earlier, half):
        record.write_text(text)
        with pytest.raises(StatusgenError, match=r"data/notices\.json, cannot be read: take its last"):
            desk.announce()
    assert receiver.posts == []


def test_a_record_of_a_newer_program_is_not_called_broken(desk: Desk, receiver: Receiver) -> None:
    record = desk.folder / "data/notices.json"
    record.write_text(record.read_text().replace('"v": 1', '"v": 2'))
    newer = r"data/notices\.json, was written by a newer statusgen: update the program$"
    with pytest.raises(StatusgenError, match=newer):
        desk.announce()


def test_another_sites_record_on_a_branch_is_refused_with_the_name_of_the_branch(clone: Desk, remote: Path) -> None:
    clone.announce(NOW - HOUR)
    other = SITE.replace("id: acme", "id: other").replace("data: {branch: none}\n", "")
    sites.write(clone.folder, **{"components.yaml": other + HOOK})
    with pytest.raises(StatusgenError, match="delete branch status-notices to announce this site anew"):
        clone.announce()


def test_another_sites_record_is_refused(desk: Desk) -> None:
    record = desk.folder / "data/notices.json"
    record.write_text(record.read_text().replace('"site": "acme"', '"site": "other"'))
    with pytest.raises(StatusgenError, match=r"'acme': delete data/notices\.json to announce"):
        desk.announce()
    record.write_text(record.read_text().replace('"other"', f'"{"x" * 500_000}"'))
    with pytest.raises(StatusgenError, match=f"belongs to site '{'x' * 60}…', this is 'acme'"):
        desk.announce()


# Many


def test_many_messages_end_in_a_summary(tmp_path: Path, receiver: Receiver, mails: Mailbox) -> None:
    desk = desk_of(tmp_path, receiver, SITE + "notifications: [{name: mail, to: '${env:MAIL}'}]\n")
    desk.environment["MAIL"] = mails.address
    desk.announce(NOW - HOUR)
    for i in range(26):
        desk.write(f"i{i:02}", (NOW - (30 - i) * MINUTE, "Investigating"))
    assert len(desk.announce().sent) == 21
    assert [mail["Subject"] for mail in mails.mails][-2:] == ["[Investigating] Trouble i19", "6 more notices"]
    last = mails.mails[-1].get_content()
    assert "- [Investigating] Trouble i20" in last
    assert "- [Investigating] Trouble i25" in last
    assert desk.announce(NOW + 60).sent == []


# What is received


def test_a_webhook_is_signed_as_standard_webhooks_are(desk: Desk, receiver: Receiver) -> None:
    desk.write("a", (NOW - MINUTE, "Investigating"))
    desk.announce()
    [post] = receiver.posts
    id_, moment = post.headers["webhook-id"], post.headers["webhook-timestamp"]
    assert moment == str(NOW)
    signed = hmac.digest(base64.b64decode(KEY), f"{id_}.{moment}.".encode() + post.body, hashlib.sha256)
    assert post.headers["webhook-signature"] == f"v1,{base64.b64encode(signed).decode()}"


def test_a_webhook_has_the_shape_of_statuspages(desk: Desk, receiver: Receiver) -> None:
    desk.write("a", (NOW - 20 * MINUTE, "Investigating"), (NOW - 5 * MINUTE, "Resolved"))
    desk.announce()
    first, second = (post.content for post in receiver.posts)
    assert list(first) == ["meta", "page", "incident", "notice"]
    assert set(first["page"]) == {"id", "status_indicator", "status_description"}
    assert set(first["meta"]) == {"unsubscribe", "documentation"}
    assert [each["status"] for each in first["incident"]["incident_updates"]] == ["investigating"]
    assert [each["status"] for each in second["incident"]["incident_updates"]] == ["resolved", "investigating"]
    assert (first["incident"]["status"], first["incident"]["resolved_at"]) == ("investigating", None)
    assert second["incident"]["resolved_at"] == iso(NOW - 5 * MINUTE).replace("Z", ".000Z")


def test_a_mail_says_what_happened_with_the_link_last(tmp_path: Path, receiver: Receiver, mails: Mailbox) -> None:
    desk = desk_of(tmp_path, receiver, SITE + "notifications: [{name: mail, to: '${env:MAIL}', kinds: incident}]\n")
    desk.environment["MAIL"] = mails.address
    desk.announce(NOW - HOUR)
    desk.write("a", (NOW - MINUTE, "Investigating"))
    assert desk.announce().failures == []
    [mail] = mails.mails
    assert mail["Subject"] == "[Investigating] Trouble a"
    assert mail["X-Statusgen-Notice"].startswith("msg_")
    assert [line for line in mail.get_content().splitlines() if line.strip()] == [
        f"We say Investigating at {NOW - MINUTE}.",
        "Affected: API (partial outage)",
        "Acme Status",
        "https://status.acme.example/incidents/a/#update-20261121T1159Z",
    ]


def test_a_trial_goes_to_every_address_and_is_not_recorded(desk: Desk, receiver: Receiver) -> None:
    before = (desk.folder / "data/notices.json").read_bytes()
    assert [sent.title for sent in sending.try_out(desk.orders()).sent] == ["Test"]
    assert receiver.posts[0].content["notice"]["kind"] == "test"
    assert (desk.folder / "data/notices.json").read_bytes() == before


def test_a_preview_needs_no_secrets_and_writes_nothing(desk: Desk, receiver: Receiver) -> None:
    desk.write("a", (NOW - MINUTE, "Investigating"))
    desk.environment.clear()
    before = (desk.folder / "data/notices.json").read_bytes()
    [sent] = sending.preview(desk.orders()).sent
    assert sent.title == "[Investigating] Trouble a"
    assert receiver.posts == []
    assert (desk.folder / "data/notices.json").read_bytes() == before


def test_a_preview_names_what_filters_hold_back_and_why(tmp_path: Path, receiver: Receiver) -> None:
    hook = HOOK.replace("}]", ", kinds: [incident], components: [api], severities: [sev1]}]")
    desk = desk_of(tmp_path, receiver, SITE + hook)
    desk.announce(NOW - HOUR)
    assert "held" not in " ".join(sending.preview(desk.orders()).lines(dry_run=True))
    desk.write("a", (NOW - 3 * MINUTE, "Investigating"), severity="sev1")
    desk.write("b", (NOW - 2 * MINUTE, "Investigating"), severity="")
    desk.write("c", (NOW - MINUTE, "Investigating"), severity="sev1", components="web")
    report = sending.preview(desk.orders())
    assert [sent.title for sent in report.sent] == ["[Investigating] Trouble a"]
    assert [held.line for held in report.held] == [
        "held back from hook: [Investigating] Trouble b, sev2",
        "held back from hook: [Investigating] Trouble c, web",
    ]
    assert desk.announce().held == []


def test_a_preview_of_a_new_route_shows_how_its_messages_will_read(tmp_path: Path, receiver: Receiver) -> None:
    desk = desk_of(tmp_path, receiver, SITE + HOOK.replace("}]", ", severities: [sev2]}]"))
    new = "route 'hook' is new: would record what there is, and nothing of that is sent"
    assert list(sending.preview(desk.orders()).lines(dry_run=True)) == [new]
    desk.write("a", (NOW - 8 * DAY, "Investigating"), (NOW - 7 * DAY, "Resolved"))
    desk.write("b", (NOW - MINUTE, "Investigating"), severity="sev3")
    report = sending.preview(desk.orders())
    assert (report.sent, receiver.posts) == ([], [])
    said = list(report.lines(dry_run=True))
    assert said[:4] == [
        new,
        "a new route only takes note of what is; from then on it would get messages like this:",
        "    [Investigating] Trouble a",
        f"        We say Investigating at {NOW - 8 * DAY}.",
    ]
    assert "    [Resolved] Trouble a" in said
    assert said[-1] == "held back from hook: [Investigating] Trouble b, sev3"
    assert desk.announce().examples == []


# The branch


@pytest.fixture
def clone(tmp_path: Path, remote: Path, receiver: Receiver) -> Desk:
    """A clone of a site whose ledger is on branches of a remote, with one webhook."""
    folder = sites.clone(remote, str(tmp_path / "clone"))
    sites.write(folder, **{"components.yaml": (SITE + HOOK).replace("data: {branch: none}\n", "")})
    return Desk(folder, {"HOOK": receiver.url(), "SECRET": SECRET}, push=True)


def test_each_message_is_pushed_before_the_next(clone: Desk, remote: Path, receiver: Receiver) -> None:
    clone.announce(NOW - HOUR)
    clone.write("a", (NOW - 2 * MINUTE, "Investigating"), (NOW - MINUTE, "Resolved"))
    pushed: list[str] = []

    def look(_: Post) -> int:
        pushed.append(sites.run_git(remote, "show", "status-notices:notices.json"))
        return 204

    receiver.status = look
    clone.announce()
    second = pushed[1]
    assert receiver.posts[0].content["notice"]["key"] in json.loads(second)["entries"][_only(second)]["keys"]
    assert receiver.posts[1].content["notice"]["key"] not in json.loads(second)["entries"][_only(second)]["keys"]
    assert sites.run_git(remote, "branch", "--list", "main", "--format=%(refname)") == "refs/heads/main"


def test_a_repository_of_longer_hashes_will_do(tmp_path: Path, receiver: Receiver) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    sites.run_git(folder, "init", "--quiet", "--object-format=sha256")
    sites.write(folder, **{"components.yaml": (SITE + HOOK).replace("data: {branch: none}\n", "")})
    desk = Desk(folder, {"HOOK": receiver.url(), "SECRET": SECRET})
    desk.announce(NOW - HOUR)
    desk.write("a", (NOW - MINUTE, "Investigating"))
    desk.announce()
    assert len(receiver.posts) == 1
    assert len(sites.run_git(folder, "rev-parse", "status-notices")) == 64


def _only(record: str) -> str:
    [name] = json.loads(record)["entries"]
    return str(name)


def test_another_machine_goes_on_from_what_was_told(
    clone: Desk, remote: Path, tmp_path: Path, receiver: Receiver
) -> None:
    clone.announce(NOW - HOUR)
    clone.write("a", (NOW - MINUTE, "Investigating"))
    other = replace(clone, folder=Path(shutil.copytree(clone.folder, tmp_path / "other")))
    clone.announce()
    assert other.announce().sent == []
    assert len(receiver.posts) == 1


def test_who_loses_a_race_reads_again_and_repeats_nothing(clone: Desk, tmp_path: Path, receiver: Receiver) -> None:
    """The other machine tells all of it while this one sends its first message."""
    clone.announce(NOW - HOUR)
    clone.write("a", (NOW - 2 * MINUTE, "Investigating"), (NOW - MINUTE, "Resolved"))
    other = replace(clone, folder=Path(shutil.copytree(clone.folder, tmp_path / "other")))
    others: list[Report] = []

    def race(_: Post) -> int:
        if not others:
            others.append(Report())
            others[0] = other.announce()
        return 204

    receiver.status = race
    mine = clone.announce()
    assert len(others[0].sent) == 2
    assert len(mine.sent) == 1
    assert clone.announce(NOW + 60).sent == []


def test_of_two_runs_at_once_the_later_one_goes_on_and_the_other_stops(
    clone: Desk, tmp_path: Path, receiver: Receiver
) -> None:
    """The other machine, by whose clock it is the same second, begins while this one sends its first message."""
    clone.announce(NOW - HOUR)
    clone.write("a", *((NOW - minutes * MINUTE, "Investigating") for minutes in (3, 2, 1)))
    other = replace(clone, folder=Path(shutil.copytree(clone.folder, tmp_path / "other")))

    def begin(_: Post) -> int:
        receiver.status = 204
        sending.announce(replace(other.orders(), seconds=0.0))
        return 204

    receiver.status = begin
    mine = clone.announce()
    assert (len(mine.sent), mine.waiting) == (1, 2)
    assert len(other.announce().sent) == 2
    assert len(receiver.posts) == 3


def test_while_nothing_can_be_recorded_nothing_is_sent(clone: Desk, remote: Path, receiver: Receiver) -> None:
    clone.announce(NOW - HOUR)
    clone.write("a", (NOW - MINUTE, "Investigating"))
    sites.hook(remote, "pre-receive", "echo declined >&2; exit 1")
    with pytest.raises(WorldError, match="cannot push status-notices"):
        clone.announce()
    remote.rename(remote.with_name("away.git"))
    with pytest.raises(WorldError, match="cannot read status-notices"):
        clone.announce()
    assert receiver.posts == []


def _known(remote: Path) -> dict[str, int]:
    record = sites.run_git(remote, "show", "status-notices:notices.json")
    keys: dict[str, int] = json.loads(record)["entries"][_only(record)]["keys"]
    return keys


@pytest.fixture
def server(clone: Desk) -> Desk:
    """The clone of a machine that may go on while the remote is away, and has announced before."""
    made = replace(clone, try_fetch=True)
    made.announce(NOW - HOUR)
    return made


def test_while_the_remote_is_away_a_machine_that_may_goes_on_and_repeats_nothing_afterwards(
    server: Desk, remote: Path, tmp_path: Path, receiver: Receiver
) -> None:
    away = remote.rename(tmp_path / "away.git")
    server.write("a", (NOW - MINUTE, "Investigating"))
    report = server.announce()
    assert [sent.title for sent in report.sent] == ["[Investigating] Trouble a"]
    assert report.notes[0].endswith("The remote is away: went on with what is here.")
    server.write("a", (NOW - MINUTE, "Investigating"), (NOW, "Identified"))
    assert len(server.announce(NOW + 60).sent) == 1
    assert server.announce(NOW + 120).sent == []
    away.rename(remote)
    known = len(_known(remote))
    report = server.announce(NOW + 180)
    assert (report.sent, report.notes) == ([], [])
    assert len(_known(remote)) == known + 2  # what was recorded here went there
    before = sites.run_git(remote, "rev-parse", "status-notices")
    assert server.announce(NOW + 240).sent == []
    assert sites.run_git(remote, "rev-parse", "status-notices") == before
    assert len(receiver.posts) == 2


def test_a_remote_that_answers_late_that_it_is_away_leaves_all_the_time_there_is_for_sending(
    server: Desk, tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = tmp_path / "asked"
    sites.run_git(server.folder, "remote", "set-url", "origin", "ssh://away.example/site.git")
    monkeypatch.setenv("GIT_SSH_VARIANT", "ssh")  # else git asks the command first what it is
    monkeypatch.setenv("GIT_SSH_COMMAND", f"echo >>{asked}; sleep 4; false #")
    server.write("a", (NOW - MINUTE, "Investigating"))
    report = sending.announce(replace(server.orders(), seconds=sending.SECONDS_OF_ONE + 3))
    assert [sent.title for sent in report.sent] == ["[Investigating] Trouble a"]
    assert asked.read_text().count("\n") == 1  # it is not asked again in the same run


def test_a_run_that_may_not_go_on_alone_takes_along_what_another_recorded_meanwhile(
    clone: Desk, server: Desk, remote: Path, tmp_path: Path, receiver: Receiver
) -> None:
    away = remote.rename(tmp_path / "away.git")
    server.write("a", (NOW - MINUTE, "Investigating"))
    server.announce()
    with pytest.raises(WorldError, match="cannot read status-notices"):
        clone.announce(NOW + 60)
    away.rename(remote)
    assert clone.announce(NOW + 120).sent == []
    assert "refs/statusgen/" not in sites.run_git(clone.folder, "for-each-ref")
    assert len(receiver.posts) == 1


def test_a_remote_that_goes_away_between_two_messages_costs_no_message(
    server: Desk, remote: Path, tmp_path: Path, receiver: Receiver
) -> None:
    server.write("a", (NOW - 2 * MINUTE, "Investigating"), (NOW - MINUTE, "Identified"))

    def leave(_: Post) -> int:
        receiver.status = 204
        remote.rename(tmp_path / "away.git")
        return 204

    receiver.status = leave
    assert len(server.announce().sent) == 2
    (tmp_path / "away.git").rename(remote)
    assert server.announce(NOW + 60).sent == []
    assert len(receiver.posts) == 2


def test_what_another_machine_told_meanwhile_stays_told(
    clone: Desk, server: Desk, remote: Path, tmp_path: Path, receiver: Receiver
) -> None:
    other = replace(clone, folder=Path(shutil.copytree(clone.folder, tmp_path / "other")))
    away = remote.rename(tmp_path / "away.git")
    server.write("a", (NOW - 2 * MINUTE, "Investigating"))
    server.announce()
    away.rename(remote)
    other.write("b", (NOW - MINUTE, "Investigating"))
    other.announce()
    server.write("b", (NOW - MINUTE, "Investigating"))
    assert server.announce(NOW + 60).sent == []
    assert len(receiver.posts) == 2


def test_a_clone_that_never_saw_the_record_does_not_take_a_remote_that_is_away_for_a_first_run(
    clone: Desk, remote: Path, tmp_path: Path, receiver: Receiver
) -> None:
    remote.rename(tmp_path / "away.git")
    with pytest.raises(WorldError, match="cannot read status-notices"):
        replace(clone, try_fetch=True).announce()


def test_a_branch_that_was_deleted_or_rewritten_is_refused(clone: Desk, remote: Path, receiver: Receiver) -> None:
    clone.announce(NOW - HOUR)
    clone.write("a", (NOW - MINUTE, "Investigating"))
    tip = sites.run_git(remote, "rev-parse", "status-notices")
    sites.run_git(remote, "update-ref", "refs/heads/status-notices", "main")
    with pytest.raises(WorldError, match="rewritten"):
        clone.announce()
    sites.run_git(remote, "update-ref", "-d", "refs/heads/status-notices")
    with pytest.raises(WorldError, match="no such branch any more"):
        clone.announce()
    assert receiver.posts == []
    sites.run_git(remote, "update-ref", "refs/heads/status-notices", tip)
    assert len(clone.announce().sent) == 1


def test_without_a_push_the_branch_here_is_enough(clone: Desk, remote: Path, receiver: Receiver) -> None:
    here = replace(clone, push=False)
    here.announce(NOW - HOUR)
    here.write("a", (NOW - MINUTE, "Investigating"))
    here.announce()
    assert here.announce(NOW + 60).sent == []
    assert len(receiver.posts) == 1
    assert "status-notices" not in sites.run_git(remote, "branch", "--list")


# The command


def test_no_secret_reaches_output_record_or_history(tmp_path: Path, remote: Path, receiver: Receiver) -> None:
    both = HOOK.replace("}]", "}, {name: chat, to: '${env:CHAT}'}]")
    folder = sites.clone(remote, str(tmp_path / "clone"))
    sites.write(folder, **{"components.yaml": (SITE + both).replace("data: {branch: none}\n", "")})
    receiver.status = 500
    environment = {
        "HOOK": receiver.url(f"/{CANARY}"),
        "SECRET": SECRET,
        "CHAT": f"json://{CANARY}:{CANARY}@127.0.0.1:1/{CANARY}",
        "PYTHONWARNINGS": "always",
    }
    desk = Desk(folder)
    outputs = []
    for now, arguments in (
        ("2026-11-21T11:00Z", ()),
        ("2026-11-21T12:00Z", ("--json",)),
        ("2026-11-21T12:05Z", ("--test",)),
    ):
        made = sites.statusgen("notify", "--push", "--now", now, *arguments, at=folder, environment=environment)
        outputs.append((made.returncode, made.stdout + made.stderr))
        desk.write("a", (NOW - MINUTE, "Investigating"))
    assert [code for code, _ in outputs] == [0, 3, 3]
    everything = "".join(text for _, text in outputs) + sites.run_git(remote, "log", "-p", "--all")
    assert "status 500" in everything
    assert "Apprise could not deliver it" in everything
    assert CANARY not in everything
    assert KEY not in everything


def test_the_command_says_what_it_did_and_ends_with_the_right_code(tmp_path: Path, receiver: Receiver) -> None:
    desk = desk_of(tmp_path, receiver)
    first = sites.statusgen("notify", "--now", iso(NOW - HOUR), at=tmp_path, environment=desk.environment)
    assert (first.returncode, first.stdout) == (
        0,
        "route 'hook' is new: recorded what there is, and nothing of that is sent\n",
    )
    desk.write("a", (NOW - MINUTE, "Investigating"))
    dry = sites.statusgen("notify", "--dry-run", "--now", iso(NOW), at=tmp_path)
    assert dry.stdout.startswith("would tell hook: [Investigating] Trouble a\n    We say Investigating")
    told = sites.statusgen("notify", "--now", iso(NOW), "--json", at=tmp_path, environment=desk.environment)
    assert json.loads(told.stdout)["sent"][0]["title"] == "[Investigating] Trouble a"
    unset = sites.statusgen("notify", "--now", iso(NOW), at=tmp_path)
    assert (unset.returncode, unset.stderr) == (1, "error: route 'hook': environment variable 'HOOK' is not set\n")
    assert unset.stdout == ""
    trial = sites.statusgen("notify", "--test", at=tmp_path)
    assert (trial.returncode, trial.stdout, trial.stderr) == (1, "", unset.stderr)
    both = sites.statusgen("notify", "--dry-run", "--test", at=tmp_path)
    assert (both.returncode, both.stderr) == (2, "error: --dry-run sends nothing and --test does: choose one\n")


def test_apprise_is_loaded_only_for_routes_that_need_it(tmp_path: Path, receiver: Receiver) -> None:
    desk = desk_of(tmp_path, receiver)
    told = sites.statusgen(
        "notify", "--test", at=tmp_path, environment={**desk.environment, "PYTHONPROFILEIMPORTTIME": "1"}
    )
    assert told.returncode == 0
    assert "apprise" not in told.stderr
