"""What steps of the diary are made of: publishing with all that has to follow from it, and a few habits of people."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.receivers import Post
from tests.rehearsal import site
from tests.rehearsal.checks import Watch
from tests.rehearsal.month import Month, Person, identity
from tests.rehearsal.receivers import mails_taken, posts_taken, signature
from tests.sites import run_git

EVERY = 4  # steps between two looks at what costs more, and says as much of all steps before
TAKEN = 204  # how a webhook says that it took what came
_MAINTENANCE = ("[Scheduled]", "[In progress]", "[Verifying]", "[Completed]", "[Cancelled]")


@dataclass(frozen=True, slots=True)
class Row:
    """A step in the table at the end: seconds that it took, and what was published and told in it."""

    name: str
    seconds: float
    publishes: int
    entries: int
    messages: int


@dataclass
class Play:
    """The month with its watch; counts what happens."""

    month: Month
    watch: Watch
    ids: set[str] = field(default_factory=set)
    publishes: int = 0
    entries: int = 0
    messages: int = 0
    rows: list[Row] = field(default_factory=list)

    @property
    def ann(self) -> Person:
        return self.month.ann

    @property
    def ben(self) -> Person:
        return self.month.ben

    def at(self, text: str) -> None:
        self.month.at(text)

    def performs(self, steps: Sequence[object]) -> None:
        for number, step in enumerate(steps, 1):
            before, began = (self.publishes, self.entries, self.messages), time.monotonic()
            step(self)  # type: ignore[operator]
            if number % EVERY == 0 or number == len(steps):
                self.watch.looks_closely()
            after = (self.publishes, self.entries, self.messages)
            gone = [now - then for now, then in zip(after, before, strict=True)]
            self.rows.append(Row(step.__name__, time.monotonic() - began, *gone))  # type: ignore[attr-defined]

    # Publishing

    def publish(
        self,
        *news: str,
        by_clock: Sequence[str] = (),
        operators: Sequence[str] = (),
        letters: Sequence[str] | None = None,
        repeats: int = 0,
        edited: bool = False,
    ) -> None:
        """Draft, build and tell; then see that the feeds got exactly this news, and every route what is for it.

        ``by_clock`` is maintenance that nobody wrote of, which webhooks are told and feeds are not. Letters go out for
        incidents, and wait while their server is down. ``repeats`` may come once more, after a kill.
        """
        done = self.month.serves()
        assert done.code == (0 if self.month.mail.is_up else 3), done.said
        self._follows(news, by_clock, operators, letters, repeats, edited=edited)

    def publish_by_workflow(self, *news: str) -> None:
        """The same by publish.yml, as the forge runs it."""
        self.month.forge.secrets |= self.month.addresses
        run = self.month.forge.run("publish.yml", now=self.month.now)
        assert run.result == "success", run.log
        self._follows(news, (), (), None, 0, edited=False)

    def _follows(
        self,
        news: Sequence[str],
        by_clock: Sequence[str],
        operators: Sequence[str],
        letters: Sequence[str] | None,
        repeats: int,
        *,
        edited: bool,
    ) -> None:
        new = self.month.subscriber.polls(self.month.forge.live)
        assert new == sorted(news), f"feeds: {new}"
        told = self.heard(repeats)
        assert told["customers"] == sorted([*news, *by_clock]), f"customers: {told['customers']}"
        assert told["operators"] == sorted(operators), f"operators: {told['operators']}"
        assert set(told["database"]) <= {*news, *by_clock}, f"database: {told['database']}"
        expected = [each for each in news if not each.startswith(_MAINTENANCE)] if letters is None else list(letters)
        assert self.posted() == sorted(expected), "letters"
        self.watch.looks(edited=self.edited() if edited else ())
        self.publishes += 1
        self.entries += len(new)

    def heard(self, repeats: int = 0) -> dict[str, list[str]]:
        """Return the titles that each webhook got, once each; all were signed, and of none had the id come before."""
        told: dict[str, list[str]] = {name: [] for name in ("customers", "operators", "database")}
        again = 0
        for post in posts_taken(self.month.hooks):
            self._is_genuine(post)
            if (id_ := f"{post.path} {post.headers['webhook-id']}") in self.ids:
                again += 1
            self.ids.add(id_)
            told[post.path.strip("/")].append(post.content["notice"]["title"])
            self.messages += 1
        assert again <= repeats, f"{again} messages came again"
        return {name: sorted(titles) for name, titles in told.items()}

    def _is_genuine(self, post: Post) -> None:
        assert post.headers["webhook-signature"] == signature(site.SECRET, post)
        assert post.content["page"]["id"] == "acme"

    def posted(self) -> list[str]:
        """Return the subjects of the letters that came."""
        found = sorted(str(message["Subject"]) for message in mails_taken(self.month.mail))
        self.messages += len(found)
        return found

    # Habits of people

    def edited(self) -> tuple[str, ...]:
        return tuple(self.watch.texts)

    def maintenance(self, action: str, slug: str, text: str) -> None:
        """Say how a maintenance goes, from Ann's terminal, and merge it."""
        branch = f"maintenance/{slug}-{action}"
        self.ann.up_to_date()
        self.ann.runs("maintenance", action, slug, "-m", text, "--branch", branch, "--push")
        self.month.accepts(branch)

    def at_once(self, commands: Sequence[Sequence[str]]) -> None:
        """Let Ann and Ben run a command each, at the same moment."""
        people = (self.ann, self.ben)
        for person in people:
            person.up_to_date()
        asked = [(words, who.clone, identity(who.name)) for words, who in zip(commands, people, strict=True)]
        done = self.month.program.run_at_once(asked, self.month.now)
        assert all(each.code == 0 for each in done), [each.said for each in done]

    def previewed(self, path: str) -> str:
        """Return a file of the preview that the last run uploaded."""
        (found,) = (self.month.forge.artifacts / str(len(self.month.forge.runs))).rglob(path)
        return found.read_text("utf-8")

    def forks(self, name: str) -> Person:
        """Return a stranger with a fork and a clone of it."""
        fork = self.month.folder / f"{name}.git"
        run_git(self.month.folder, "clone", "--quiet", "--bare", str(self.month.forge.bare), str(fork))
        place = self.month.folder / name
        run_git(self.month.folder, "clone", "--quiet", str(fork), str(place))
        return Person(name, place, self.month)

    def slugs(self, title: str) -> list[str]:
        """Return the names of the files on main with a title."""
        return [Path(path).stem for path, text in self.watch.texts.items() if f"title: {title}\n" in text]

    # Drafts

    def drafted(self) -> list[str]:
        return self.month.drafted()

    def unasked(self) -> list[str]:
        """Return the branches of incidents for which nobody has opened a pull request."""
        known = {pull["headRefName"] for pull in self.month.forge.pulls()}
        return [name for name in self.month.forge.branches() if name.startswith("incident/") and name not in known]

    def pull_of(self, branch: str) -> int:
        """Return the pull request that is open for a branch."""
        (found,) = (pull for pull in self.month.forge.pulls("OPEN") if pull["headRefName"] == branch)
        return int(found["number"])

    def takes_over(self, person: Person, branch: str, text: str) -> str:
        """Have a person take a draft: ``draft: true`` out, an update of their own in. Return its title."""
        path = f"incidents/{branch.removeprefix('incident/')}.md"
        person.git("fetch", "--quiet", "origin")
        person.git("checkout", "--quiet", "-B", branch, f"origin/{branch}")
        found = person.reads(path)
        assert "draft: true\n" in found
        assert "measured: true\n" in found
        mine = found.replace("draft: true\n", "severity: sev2\n").rstrip("\n")
        last = re.findall(r"^## (\w+)", found, re.MULTILINE)[-1]
        phase = last if last == "Resolved" else "Identified"
        mine += f"\n\n## {phase} · {self.month.stamp}\n{text}\n"
        (person.clone / path).write_text(mine, "utf-8")
        person.git("commit", "--quiet", "-am", "Take this over")
        person.git("push", "--quiet", "origin", branch)
        title = re.search(r'^title: "?(.*?)"?$', found, re.MULTILINE)
        assert title
        return title[1]

    def phases(self, title: str) -> list[str]:
        """Return the states of the updates of the newest file on main with a title."""
        listed = run_git(self.month.forge.bare, "ls-tree", "-r", "--name-only", "main", "incidents/").split()
        texts = [text for path in listed if title in (text := self.month.source(path))]
        return re.findall(r"^## (.+?) · ", texts[-1], re.MULTILINE)

    def deletes(self, branch: str) -> None:
        """Delete a branch on the forge, as one does after a merge."""
        run_git(self.month.forge.bare, "update-ref", "-d", f"refs/heads/{branch}")

    # Kills

    def killed_while_telling(self, title: str) -> None:
        """Kill the runner when the first message has arrived and the sender does not know it yet."""
        place = self.month.checkout()
        self.month.builds(place)
        self.month.hooks.status = self._kills
        done = self.month.notifies(place)
        self.month.hooks.status = TAKEN
        assert done.is_killed, done.said
        told = [title_ for titles in self.heard().values() for title_ in titles]
        assert told == [title], told

    def _kills(self, _: Post) -> int:
        self.month.program.kill()
        return TAKEN

    def killed_while_drafting(self) -> None:
        """Kill the runner when the forge has taken the draft's branch, and the runner does not know it yet."""
        hook = self.month.forge.bare / "hooks/post-receive"
        hook.write_text(f"#!/bin/sh\n{self.month.program.killing}\n")
        hook.chmod(0o755)
        done = self.month.machine("incident", "draft", "--fetch", "--push", at=self.month.checkout())
        hook.unlink()
        assert done.is_killed, done.said

    # The end

    def reports(self, component: str, **expected: object) -> None:
        """See that the report of the month has these fields for a component, and the seconds that were counted."""
        (row,) = (each for each in self._report["components"] if each["id"] == component)
        for what in ("major", "partial", "excluded"):
            assert row[f"{what}_seconds"] == self.month.expected(component, what), row
        assert {name: row[name] for name in expected} == expected

    @cached_property
    def _report(self) -> Any:
        self.ann.up_to_date()
        return json.loads(self.ann.runs("report", "--period", "2026-11", "--json").out)
