"""Where the logbook lies: on a branch beside the ledger's, here or on the remote, or in ``data/`` of the working tree.

Every change is evaluated on what lies there at that moment, and again when somebody else's came first. A machine that
may go on while the remote is away keeps what it recorded meanwhile in a ref of its own, and takes it there later.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from statusgen import files, git
from statusgen.archive import repository_of
from statusgen.branches import DATA, REWRITTEN, Away, explained, fetch_into, notices_of
from statusgen.errors import WorldError
from statusgen.git import Refused, Repository
from statusgen.model import Site
from statusgen.notifying.logbook import FILE
from statusgen.secret import Gate

TRIES = 8

Change = Callable[[str], str]  # the text that lies there, empty for none, to the one that is to
Join = Callable[[str, str], str]  # the text of the remote and the one of meanwhile, to what both know


class Keeper(Protocol):
    """A place for one text."""

    def read(self) -> str: ...

    def waits(self) -> bool:
        """Tell whether there is something that the next change takes to the remote."""
        ...

    def write(self, change: Change, message: str, at: int) -> str:
        """Change the text and return it; raise WorldError where that cannot be."""
        ...


def keeper(
    folder: Path,
    site: Site,
    *,
    push: bool,
    fetch: bool,
    jitter: Callable[[], float],
    gate: Gate,
    join: Join,
    alone: bool = False,
    away: str = "",
) -> Keeper:
    """Return where a site's logbook lies; ``fetch`` brings the branch here first.

    Who may go on ``alone`` keeps the record here while the remote is away; for others that raises Away. ``join`` says
    how the two are put together. A remote of which was said just now that it is ``away`` is not asked again.
    """
    if not site.branch:
        return _File(folder, gate)
    repository = git.settled(repository_of(folder, gate))
    name = notices_of(site.branch)
    if push and git.remote_of(repository):
        meanwhile = _Meanwhile(_There(repository, name, jitter), join, alone)
        if away:
            why = away.splitlines()[0]
            meanwhile.leave(Away(f"cannot read {name}: {why}"))
        return meanwhile
    kept = _Here(repository, name)
    if fetch and not away:
        try:
            _fetch(repository, kept.ref, kept.tracking)
        except Away:
            if not alone:
                raise
    return kept


def place(site: Site) -> str:
    """Return where a site's logbook lies, for people."""
    return f"branch {notices_of(site.branch)}" if site.branch else f"{DATA}/{FILE}"


def _fetch(repository: Repository, ref: str, tracking: str) -> None:
    remote = git.remote_of(repository)
    name = ref.removeprefix("refs/heads/")
    try:
        listed = repository.run("ls-remote", remote, ref).strip()
    except Refused as error:
        raise Away(f"cannot fetch {name}: {explained(error)}") from None
    try:
        if listed:
            fetch_into(repository, remote, f"{ref}:{tracking}")
    except Refused as error:
        raise WorldError(f"cannot fetch {name}: {explained(error)}") from None


@dataclass(frozen=True, slots=True)
class _File:
    folder: Path
    gate: Gate

    def read(self) -> str:
        content = files.read_bytes(self.folder, f"{DATA}/{FILE}")
        return "" if content is None else content.decode("utf-8", "replace")

    def waits(self) -> bool:
        return False

    def write(self, change: Change, message: str, at: int) -> str:  # noqa: ARG002 - of a commit, and this is none
        with files.alone(self.folder / DATA):
            text = change(self.read())
            self.gate.refuse(text.encode(), FILE)
            files.write(self.folder / DATA / FILE, text.encode())
        return text


@dataclass(frozen=True, slots=True)
class _Here:
    """A branch of this repository; what was fetched of it where that is newer."""

    repository: Repository
    name: str

    @property
    def ref(self) -> str:
        return f"refs/heads/{self.name}"

    @property
    def tracking(self) -> str:
        return f"refs/remotes/{git.remote_of(self.repository)}/{self.name}"

    def read(self) -> str:
        return _text(self.repository, self._tip())

    def _tip(self) -> str:
        local = git.tip(self.repository, self.ref)
        fetched = git.tip(self.repository, self.tracking)
        return fetched if fetched and (not local or git.is_ancestor(self.repository, local, fetched)) else local

    def waits(self) -> bool:
        return False

    def write(self, change: Change, message: str, at: int) -> str:
        for _ in range(TRIES):
            local, tip = git.tip(self.repository, self.ref), self._tip()
            text = change(_text(self.repository, tip))
            commit = git.commit_files(self.repository, tip, {FILE: text}, message, at)
            try:
                before = local or "0" * len(commit)
                self.repository.run("update-ref", "-m", "statusgen notify", self.ref, commit, before)
                return text
            except Refused as error:
                refused = error
        raise WorldError(f"cannot move branch {self.name}: {explained(refused)}")


@dataclass(frozen=True, slots=True)
class _There:
    """A branch of the remote, which has the last word: nothing counts as recorded that it did not take."""

    repository: Repository
    name: str
    jitter: Callable[[], float]

    @property
    def ref(self) -> str:
        return f"refs/heads/{self.name}"

    def read(self) -> str:
        try:
            with git.scratch(self.repository) as scratch:
                return _text(scratch, self._fetched(scratch))
        except Refused as error:
            raise WorldError(f"cannot read {self.name}: {explained(error)}") from None

    def waits(self) -> bool:
        return False

    def write(self, change: Change, message: str, at: int) -> str:
        tries = 0
        while True:
            try:
                with git.scratch(self.repository) as scratch:
                    tip = self._fetched(scratch)
                    text = change(_text(scratch, tip))
                    commit = git.commit_files(scratch, tip, {FILE: text}, message, at)
                    scratch.run("push", "--quiet", "--no-verify", "origin", f"{commit}:{self.ref}")
                    self._follow()
                    return text
            except Refused as error:
                tries += 1
                if tries == TRIES or not git.lost_a_race(str(error)):
                    raise WorldError(f"cannot push {self.name}: {explained(error)}") from None
            time.sleep(min(5.0, 0.1 * 2**tries) * self.jitter())

    def _fetched(self, scratch: Repository) -> str:
        """Bring the remote's tip here and return it, empty where there is none; what this clone saw must be in it."""
        seen = "" if git.is_shallow(self.repository) else git.tip(self.repository, self.tracking)
        try:
            listed = scratch.run("ls-remote", "origin", self.ref).strip()
        except Refused as error:
            raise Away(f"cannot read {self.name}: {explained(error)}") from None
        if not listed:
            if seen:
                raise Refused(f"the remote has no such branch any more. {REWRITTEN}")
            return ""
        if seen:
            git.borrow(scratch, self.repository)
            scratch.run("update-ref", self.ref, seen)
        scratch.run("fetch", "--no-tags", *([] if seen else ["--depth=1"]), "origin", f"{self.ref}:{self.ref}")
        return git.tip(scratch, self.ref)

    @property
    def tracking(self) -> str:
        return f"refs/remotes/{git.remote_of(self.repository)}/{self.name}"

    def _follow(self) -> None:
        """Let this clone see what was pushed; failing is no loss but that a rewritten branch is not noticed."""
        try:
            fetch_into(self.repository, git.remote_of(self.repository), f"{self.ref}:{self.tracking}")
        except Refused:
            return


@dataclass(slots=True)
class _Meanwhile:
    """A branch of the remote, and while that is away a ref of this clone's, on top of what it has seen of the branch.

    A clone that has seen nothing of it cannot go on alone: it would take this for a first run.
    """

    there: _There
    join: Join
    may_leave: bool
    is_away: bool = False  # found once, it stays so for this run: each look at a remote that hangs takes a minute

    @property
    def _ref(self) -> str:
        return f"refs/statusgen/{self.there.name}"

    def waits(self) -> bool:
        return not self.is_away and bool(self._tip())

    def _tip(self) -> str:
        return git.tip(self.there.repository, self._ref)

    def read(self) -> str:
        if not self.is_away:
            try:
                return self._joined(self.there.read())
            except Away as error:
                self.leave(error)
        return self._seen()

    def write(self, change: Change, message: str, at: int) -> str:
        if not self.is_away:
            try:
                return self._deliver(change, message, at)
            except Away as error:
                self.leave(error)
        repository, tip = self.there.repository, self._tip()
        text = change(self._seen())
        parent = tip or git.tip(repository, self.there.tracking)
        try:
            commit = git.commit_files(repository, parent, {FILE: text}, message, at)
            repository.run("update-ref", self._ref, commit, tip or "0" * len(commit))
        except Refused as error:
            raise WorldError(f"cannot record in this clone what is told: {explained(error)}") from None
        return text

    def _deliver(self, change: Change, message: str, at: int) -> str:
        tip = self._tip()
        text = self.there.write(lambda text: change(self._joined(text)), message, at)
        if tip:
            with contextlib.suppress(Refused):  # it stays, and is joined once more
                self.there.repository.run("update-ref", "-d", self._ref, tip)
        return text

    def leave(self, error: Away) -> None:
        """Go on without the remote for this run; raise the error where that must not be."""
        if not self.may_leave or not (self._tip() or git.tip(self.there.repository, self.there.tracking)):
            raise error
        self.is_away = True

    def _seen(self) -> str:
        repository = self.there.repository
        return self._joined(_text(repository, git.tip(repository, self.there.tracking)))

    def _joined(self, text: str) -> str:
        ours = _text(self.there.repository, self._tip())
        return self.join(text, ours) if ours else text


def _text(repository: Repository, tip: str) -> str:
    if not tip:
        return ""
    found = git.blobs(repository, tip, FILE)
    return git.read_blobs(repository, found).get(FILE, "")
