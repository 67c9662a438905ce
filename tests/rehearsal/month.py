"""The world of the play: a forge, people, a prober, a machine that publishes, subscribers, and a clock.

``Month.at`` moves the clock and has the prober make the rounds that are due; what it sees is what ``breaks`` and
``is_silent`` say. ``Month.publish`` is what the host does every so often, with all checks after it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from statusgen import branches, delivery, git, ledger, periods
from statusgen.model import Round, Sample, Verdict
from tests import forge as forges
from tests.program import BROKEN, Done, Program
from tests.receivers import Receiver
from tests.rehearsal import site
from tests.rehearsal.receivers import Mail
from tests.rehearsal.subscribers import Subscriber
from tests.sites import run_git, write

DRAFT = "A draft"  # the title of pull requests that the machine opens
START = periods.parse_instant("2026-11-01T00:00Z")
IDENTITY = {"ann": ("Ann", "ann@acme.example"), "ben": ("Ben", "ben@acme.example"), "eve": ("Eve", "eve@else.example")}


def instant(text: str) -> int:
    """Return the instant of a day of the month and a time, like ``3 09:12``."""
    day, _, time = text.partition(" ")
    return periods.parse_instant(f"2026-11-{int(day):02}T{time}Z")


def stamp(text: str) -> str:
    """Return it as headings have it: ``2026-11-03 09:12 UTC``."""
    day, _, time = text.partition(" ")
    return f"2026-11-{int(day):02} {time} UTC"


@dataclass(frozen=True, slots=True)
class Span:
    """Something about a component from an instant up to another."""

    component: str
    start: int
    end: int
    what: Any


@dataclass
class Person:
    """Somebody with a clone and a terminal. What fails fails the play, unless ``tries`` is asked."""

    name: str
    clone: Path
    month: Month

    def runs(self, *words: object) -> Done:
        """Run the program, which has to go well."""
        done = self.tries(*words)
        assert done.code == 0, (words, done.said)
        return done

    def tries(self, *words: object) -> Done:
        done = self.month.program.run(*words, at=self.clone, now=self.month.now, environment=identity(self.name))
        assert done.code != BROKEN, done.said
        return done

    def git(self, *words: str) -> str:
        """Run git at the month's time."""
        dated = {f"GIT_{who}_DATE": f"{self.month.now} +0000" for who in ("AUTHOR", "COMMITTER")}
        environment = {**os.environ, **identity(self.name), **dated}
        done = subprocess.run(
            ["git", *words], cwd=self.clone, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, (words, done.stderr)
        return done.stdout.strip()

    def up_to_date(self) -> None:
        """Bring the clone's main and all it knows of the forge up to date."""
        self.git("fetch", "--quiet", "--prune", "origin")
        self.git("checkout", "--quiet", "-B", "main", "origin/main")

    def writes(self, branch: str, **texts: str) -> None:
        """Write files by hand on a new branch from main, commit and push it, as in an editor."""
        self.up_to_date()
        self.git("checkout", "--quiet", "-b", branch)
        for path, text in texts.items():
            (self.clone / path).parent.mkdir(parents=True, exist_ok=True)
            (self.clone / path).write_text(text, "utf-8")
        self.git("add", "--all")
        self.git("commit", "--quiet", "-m", f"Write {branch}")
        self.git("push", "--quiet", "origin", branch)

    def appends(self, branch: str, path: str, text: str) -> None:
        self.up_to_date()
        self.writes(branch, **{path: self.reads(path) + text})

    def reads(self, path: str) -> str:
        return (self.clone / path).read_text("utf-8")


def identity(name: str) -> dict[str, str]:
    who, address = IDENTITY[name]
    roles = ("AUTHOR", "COMMITTER")
    return {f"GIT_{role}_NAME": who for role in roles} | {f"GIT_{role}_EMAIL": address for role in roles}


@dataclass
class Month:
    """The play. ``counts`` holds what was worked out by hand of downtime: see ``counted``."""

    folder: Path
    program: Program
    hooks: Receiver
    mail: Mail
    now: int = START - periods.HOUR
    forge: forges.Forge = field(init=False)
    ann: Person = field(init=False)
    ben: Person = field(init=False)
    prober: Path = field(init=False)
    subscriber: Subscriber = field(default_factory=Subscriber)
    broken: list[Span] = field(default_factory=list)
    silences: list[tuple[int, int]] = field(default_factory=list)
    counts: list[Span] = field(default_factory=list)
    _probed: int = START - site.STEP

    def __post_init__(self) -> None:
        origin = Person("ann", site.make(self.folder / "origin"), self)
        origin.git("commit", "--quiet", "--message", "A status page")
        self.forge = forges.Forge(self.folder / "forge", of=origin.clone)
        self.forge.protect("main")
        self.forge.secrets |= self.addresses
        self.ann, self.ben = (Person(name, self.forge.clone(name), self) for name in ("ann", "ben"))
        self.prober = self.forge.clone("prober")

    # The clock, and what the prober sees

    def at(self, text: str) -> int:
        """Let time pass until then; the prober makes its rounds meanwhile."""
        then = instant(text)
        assert then >= self.now, f"{text} is before the present"
        self.now = then
        due = range(self._probed + site.STEP, self.now + 1, site.STEP)
        seen = [at for at in due if not any(start <= at < end for start, end in self.silences)]
        if due:
            self._probed = due[-1]
        if seen:
            self._record(seen)
        return self.now

    @property
    def is_probed(self) -> bool:
        """Whether any round was made yet."""
        return self._probed >= START

    def _record(self, seen: list[int]) -> None:
        """Deliver rounds to the forge from both places; what is older than an hour waited in the prober's queue."""
        waited = [self._line(at) for at in seen if self.now - at > periods.HOUR - site.STEP]
        fresh = [self._line(at) for at in seen if self.now - at <= periods.HOUR - site.STEP]
        repository = git.settled(git.Repository(self.prober))
        for location in site.LOCATIONS:
            to = branches.Destination(prefix="status-data", location=location, site="acme")
            if waited:
                delivery.queue(repository, to, "\n".join(waited))
            delivery.publish(repository, to, fresh, lambda: 0.0)

    def _line(self, at: int) -> str:
        return ledger.encode(self._round(at))

    def _round(self, at: int) -> Round:
        verdicts = {name: self._verdict(name, at) for name in site.MEASURED}
        return Round(at=at, answers=tuple((name, Sample(at, verdict, 42)) for name, verdict in verdicts.items()))

    def _verdict(self, component: str, at: int) -> Verdict:
        down = any(span.component == component and span.start <= at < span.end for span in self.broken)
        return Verdict.DOWN if down else Verdict.UP

    def breaks(self, component: str, since: str, until: str) -> None:
        """Let probes find a component down."""
        self.broken.append(Span(component, instant(since), instant(until), Verdict.DOWN))

    def is_silent(self, since: str, until: str) -> None:
        """Let nobody probe."""
        self.silences.append((instant(since), instant(until)))

    def counted(self, component: str, since: str, until: str, what: str) -> None:
        """Expect the page to count that time as ``major`` or ``partial`` downtime, or as ``excluded``.

        A hand's work: nothing here is derived from what ``breaks`` says. Spans of a component do not overlap.
        """
        self.counts.append(Span(component, instant(since), instant(until), what))

    def takes_back(self, component: str, since: str, until: str) -> None:
        """Expect that time no longer to be counted: it was corrected."""
        start, end = instant(since), instant(until)
        (span,) = (each for each in self.counts if each.component == component and each.start <= start < each.end)
        self.counts.remove(span)
        self.counts += [
            Span(component, first, last, span.what)
            for first, last in ((span.start, start), (end, span.end))
            if first < last
        ]

    @property
    def stamp(self) -> str:
        return f"{periods.iso(self.now)[:16].replace('T', ' ')} UTC"

    def expected(self, component: str, what: str) -> int:
        """Return how many seconds are to be counted so by now."""
        mine = (span for span in self.counts if (span.component, span.what) == (component, what))
        return sum(max(0, min(span.end, self.now) - span.start) for span in mine)

    # The forge

    @property
    def addresses(self) -> dict[str, str]:
        names = ("customers", "operators", "database")
        hooks = {f"HOOK_{name.upper()}": self.hooks.url(f"/{name}") for name in names}
        return {**hooks, "HOOK_SECRET": site.SECRET, "MAIL": self.mail.box.address}

    def proposes(self, branch: str, title: str = "A change") -> int:
        """Open a pull request from a branch of the repository."""
        return self.forge.open_pull(branch, title)

    def reviews(self, pull: int, result: str = "success") -> forges.Run:
        """Run the workflow that checks a pull request, and see that it comes to that."""
        run = self.forge.run("check.yml", event="pull_request", pull=pull, now=self.now)
        assert run.result == result, run.log
        return run

    def merges(self, pull: int) -> None:
        self.forge.merge(pull, now=self.now)

    def accepts(self, branch: str) -> None:
        """Open a pull request and merge it: what is not looked at more closely here."""
        self.merges(self.proposes(branch))

    def fills_in(self, **fields: str) -> int:
        """Fill in the form, as on a phone; return the pull request that comes of it."""
        before = {pull["number"] for pull in self.forge.pulls()}
        run = self.forge.run("incident.yml", inputs=fields, now=self.now)
        assert run.result == "success", run.log
        (made,) = [pull["number"] for pull in self.forge.pulls("OPEN") if pull["number"] not in before]
        return int(made)

    def source(self, path: str, branch: str = "main") -> str:
        """Return a file as the forge has it."""
        return run_git(self.forge.bare, "show", f"{branch}:{path}") + "\n"

    # The machine that publishes

    def checkout(self) -> Path:
        """Return a fresh shallow checkout of main, as a runner has it."""
        place = self.folder / "runner"
        shutil.rmtree(place, ignore_errors=True)
        run_git(self.folder, "clone", "--quiet", "--depth=1", "--branch=main", f"file://{self.forge.bare}", str(place))
        return place

    @cached_property
    def server(self) -> Path:
        """A clone that somebody's server keeps, instead of a fresh checkout for each run."""
        return self.forge.clone("server")

    def machine(self, *words: object, at: Path) -> Done:
        """Run the program as the host does, with its secrets."""
        return self.program.run(*words, at=at, now=self.now, environment=self.addresses)

    def drafts(self, place: Path) -> None:
        """Let outages become drafts, and open a pull request for each that never had one, as publish.yml does."""
        done = self.machine("incident", "draft", "--fetch", "--push", "--json", at=place)
        assert done.code == 0, done.said
        known = {pull["headRefName"] for pull in self.forge.pulls()}
        for each in json.loads(done.out)["incidents"]:
            if each["is_draft"] and each["pushed"] and each["branch"] not in known:
                self.proposes(each["branch"], DRAFT)

    def drafted(self) -> list[str]:
        """Return the branches of drafts whose pull requests are open."""
        return [str(pull["headRefName"]) for pull in self.forge.pulls("OPEN") if pull["title"] == DRAFT]

    def closes(self, branch: str) -> None:
        """Close the pull request of a branch without merging it, and keep the branch."""
        (pull,) = (each for each in self.forge.pulls("OPEN") if each["headRefName"] == branch)
        write(self.forge.folder, **{f"pulls/{pull['number']}.json": json.dumps({**pull, "state": "CLOSED"})})

    def notifies(self, place: Path) -> Done:
        return self.machine("notify", "--fetch", "--push", at=place)

    def builds(self, place: Path) -> None:
        """Publish the page."""
        done = self.machine("build", "--fetch", "--strict", "--out", "public", at=place)
        assert done.code == 0, done.said
        self._publishes(place)

    def _publishes(self, place: Path) -> None:
        shutil.rmtree(self.forge.live, ignore_errors=True)
        shutil.copytree(place / "public", self.forge.live)

    def serves(self) -> Done:
        """Draft, build and tell, as somebody's server does with the clone that it keeps; return how telling went."""
        run_git(self.server, "fetch", "--quiet", "--prune", "origin")
        run_git(self.server, "reset", "--quiet", "--hard", "origin/main")
        self.drafts(self.server)
        commands = (("build", "--strict", "--out", "public"), ("notify", "--push"))
        built, told = self.program.run_at_once([(each, self.server, self.addresses) for each in commands], self.now)
        assert built.code == 0, built.said
        self._publishes(self.server)
        return told

    def read(self, path: str) -> str:
        return (self.forge.live / path).read_text("utf-8")
