"""What has to hold after every step of the month: the page, feeds, the API, the ledgers, git's history, the numbers."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from statusgen import git, incidents, periods
from statusgen.model import Incident
from tests.rehearsal import site
from tests.rehearsal.month import Month
from tests.sites import run_git

WINDOW = "90d"  # the one that holds all of the month
_DATA = ("status-data/", "status-notices")


@dataclass
class Watch:
    """Looks at the world after every step; remembers what may only grow."""

    month: Month
    tips: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    looked: int = 0

    def looks(self, edited: tuple[str, ...] = ()) -> None:
        """Check everything; ``edited`` are files of main that a person changed by hand otherwise than by appending."""
        self.main_moves_by_merges_alone()
        self.files_only_grow(edited)
        self.data_only_grows()
        self.page_tells_what_the_files_say()
        self.apis_tell_what_the_files_say()
        self.numbers_are_those_of_the_hand()
        self.looked += 1

    # git

    def main_moves_by_merges_alone(self) -> None:
        listed = self._git("rev-list", "--first-parent", "--parents", "main").splitlines()
        parents = [line.split()[1:] for line in listed]
        assert all(len(each) == 2 for each in parents[:-1]), "main was moved by something that is no merge"
        assert parents[-1] == [], "main does not begin as it did"
        assert not [push for push in self.month.forge.pushed() if push[1] == "refs/heads/main"]

    def files_only_grow(self, edited: tuple[str, ...]) -> None:
        """What stands in a file of incidents stays there, unless a person changed it."""
        now = self._incidents()
        for path, text in self.texts.items():
            assert path in now, f"{path} is gone"
            if path not in edited:
                assert now[path].startswith(text.rstrip("\n")), f"{path} was rewritten"
        self.texts = now

    def data_only_grows(self) -> None:
        tips = {name: tip for name, tip in self.month.forge.branches().items() if name.startswith(_DATA)}
        for name, tip in self.tips.items():
            assert name in tips, f"branch {name} is gone"
            self._git("merge-base", "--is-ancestor", tip, tips[name])
        self.tips = tips

    # What is published

    def page_tells_what_the_files_say(self) -> None:
        """Each update stands on its incident's page with its state's word and its text, and no draft anywhere."""
        home = self._said("index.html")
        for event in self._events():
            if event.draft or getattr(event, "recurrence", None):
                continue
            page = self._said(f"incidents/{event.slug}/index.html")
            assert event.title in page
            for update in event.updates:
                assert _plain(update.text) in page, update.text
                assert update.phase.word in page
            if isinstance(event, Incident) and event.updates[-1].phase.value != "resolved":
                assert f"[{event.updates[-1].phase.word}] {event.title}" in home, event.title

    def apis_tell_what_the_files_say(self) -> None:
        written = {
            event.slug: [(periods.iso(each.at), each.phase.value.replace(" ", "_")) for each in event.updates]
            for event in self._events()
            if not event.draft and not getattr(event, "recurrence", None)
        }
        ours = {
            each["slug"]: sorted((update["at"], update["phase"]) for update in each["updates"])
            for each in self._json("api/v1/incidents.json")["incidents"]
        }
        for slug, told in written.items():
            assert sorted(told) == [each for each in ours[slug] if each[1] != "postmortem"], slug
        theirs = {each["name"] for each in self._json("api/v2/incidents.json")["incidents"]}
        events = [event for event in self._events() if isinstance(event, Incident) and not event.draft]
        assert {event.title for event in events} <= theirs
        summary = self._json("api/v2/summary.json")
        still = {event.title for event in events if event.updates[-1].phase.value != "resolved"}
        assert {each["name"] for each in summary["incidents"]} == still

    def numbers_are_those_of_the_hand(self) -> None:
        components = self._json("api/v1/availability.json")["components"]
        for name in (*site.MEASURED, *site.DECLARED):
            window = components[name]["windows"][WINDOW]
            for what in ("major", "partial", "excluded"):
                told, expected = window[f"{what}_seconds"], self.month.expected(name, what)
                assert told == expected, f"{name}: {what} for {told} s, worked out by hand {expected} s"

    def looks_closely(self) -> None:
        """Check what costs more: ``check`` is content with main, anybody with a clone comes to the page's numbers, the
        ledgers were never tampered with, and git finds its objects whole.
        """
        if not self.month.is_probed:
            return  # verify would rightly say that nothing measured is part of the page
        ann = self.month.ann
        ann.up_to_date()
        asked: list[tuple[tuple[object, ...], Path, dict[str, str]]]
        asked = [(("verify", self.month.forge.live), ann.clone, {}), (("check",), self.month.checkout(), {})]
        verified, checked = self.month.program.run_at_once(asked, self.month.now)
        assert verified.code == 0, verified.said
        assert re.search(r"\b0 differ\b", verified.out), verified.said
        assert checked.code == 0, checked.said
        self._git("fsck", "--full", "--strict", "--no-dangling")

    def _said(self, path: str) -> str:
        return _plain(self.month.read(path))

    def _json(self, path: str) -> Any:
        return json.loads(self.month.read(path))

    def _git(self, *words: str) -> str:
        return run_git(self.month.forge.bare, *words)

    def _incidents(self) -> dict[str, str]:
        found = git.read_files(git.Repository(self.month.forge.bare), "main", lambda path: path.endswith(".md"))
        return {path: text for path, text in found.items() if path.startswith("incidents/")}

    def _events(self) -> list[Any]:
        known = [*site.MEASURED, *site.DECLARED]
        texts = {path: text for path, text in self.texts.items() if path.startswith("incidents/")}
        return list(incidents.read_all(texts, known).events)


def _plain(text: str) -> str:
    """Return a page's text, or Markdown's, as words."""
    return " ".join(re.sub(r"[`*_]", "", html.unescape(re.sub(r"<[^>]+>", " ", text))).split())
