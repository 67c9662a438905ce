"""The ledger's branches in git: one per location, read in a batch, appended to without a checkout.

Reading takes the union of local and remote-tracking branches. A push is the acknowledgement: until the remote
has accepted it, a round also lies in a queue below ``.git/statusgen``, and the next run delivers it. A lost race
is evaluated again on the new tip, never merged as text. ``site.json`` on the branch names the site that owns it,
so that a fork does not go on with its upstream's history as its own.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from statusgen import files, git
from statusgen.errors import StatusgenError, WorldError
from statusgen.git import Refused, Repository
from statusgen.ledger import append, day_path, decode_line, is_day_file, location_of, mark_late, missing

OWNER = "site.json"
TRIES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A ledger branch: its location, the tip it was read at, its files, and the site that owns it.

    ``name`` is how a person finds it: with the remote's name before it where it is remote-tracking.
    """

    name: str
    location: str
    commit: str
    files: dict[str, str]
    owner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where rounds go: a branch below the prefix, owned by a site."""

    prefix: str
    location: str
    site: str

    @property
    def name(self) -> str:
        return f"{self.prefix}/{self.location}"

    @property
    def ref(self) -> str:
        return f"refs/heads/{self.name}"

    def tracking(self, repository: Repository) -> str:
        return f"refs/remotes/{git.remote_of(repository)}/{self.name}"


def fetch(repository: Repository, prefix: str) -> None:
    """Bring the branches up to date by an explicit refspec; a checkout in CI has neither them nor one."""
    remote = git.remote_of(repository)
    if not remote:
        raise WorldError("--fetch needs a remote, and the repository has none: git remote add origin URL")
    try:
        _fetch(repository, remote, f"+refs/heads/{prefix}/*:refs/remotes/{remote}/{prefix}/*")
    except Refused as error:
        raise WorldError(f"cannot fetch {prefix}/* from {remote}: {error}") from None


def _fetch(repository: Repository, remote: str, refspec: str) -> None:
    depth = ["--depth=1"] if git.is_shallow(repository) else []
    repository.run("fetch", "--quiet", "--no-tags", *depth, remote, refspec)


def read(repository: Repository, prefix: str) -> list[Branch]:
    """Return the branches, sorted; a local and a remote-tracking one of the same name are two unless equal."""
    remote = git.remote_of(repository)
    found: dict[tuple[str, str], str] = {}
    for shown, space in ((f"{remote}/", f"refs/remotes/{remote}/"), ("", "refs/heads/")):
        listed = repository.run("for-each-ref", "--format=%(objectname) %(refname)", f"{space}{prefix}/").decode()
        for commit, _, ref in (line.partition(" ") for line in listed.splitlines()):
            location = location_of(ref.removeprefix(f"{space}{prefix}/"))
            found[location, commit] = shown + ref.removeprefix(space)
    return [_branch(repository, name, location, commit) for (location, commit), name in sorted(found.items())]


def _branch(repository: Repository, name: str, location: str, commit: str) -> Branch:
    texts = git.read_files(repository, commit, lambda path: path == OWNER or is_day_file(path))
    owner = _owner(texts.pop(OWNER, ""))
    return Branch(name=name, location=location, commit=commit, files=texts, owner=owner)


def _owner(text: str) -> str:
    """Return the site that ``site.json`` names, empty where it names none."""
    try:
        site = json.loads(text)["site"]
    except (ValueError, KeyError, TypeError):
        return ""
    return site if isinstance(site, str) else ""


def record(repository: Repository, to: Destination, lines: list[str]) -> None:
    """Append rounds to the local branch, which is made at first use."""
    for _ in range(TRIES):
        local = git.tip(repository, to.ref)
        commit, _ = _commit(repository, local or git.tip(repository, to.tracking(repository)), to, lines)
        try:
            repository.run("update-ref", "-m", "statusgen probe", to.ref, commit, local or "0" * len(commit))
            return
        except Refused as error:
            said = str(error)
    raise WorldError(f"cannot move branch {to.name}: {said}")


def publish(repository: Repository, to: Destination, line: str, jitter: Callable[[], float]) -> int:
    """Append a round to the remote's branch and return how many older ones were delivered with it.

    The round is queued first. When the remote cannot be reached it stays there, with all others that wait, and
    WorldError says so. ``jitter`` gives numbers from 0 to 1, for the waits between tries.
    """
    queue = git.private_folder(repository) / "queue" / to.prefix / to.location
    own = queue / f"{secrets.token_hex(8)}.jsonl"
    files.write(own, f"{line}\n".encode())
    waiting = _waiting(queue, own)
    local = git.tip(repository, to.ref)
    try:
        texts = [*waiting.values(), *_recorded_only(repository, local, to)]
        late = [mark_late(earlier, "queued") for text in texts for earlier in text.split("\n")]
        added = _deliver(repository, to, [*late, line], jitter)
    except Refused as error:
        raise WorldError(_still_queued(to, len(waiting) + 1, queue, error)) from None
    for path in [own, *waiting]:
        path.unlink(missing_ok=True)
    _follow(repository, to, local)
    return max(added - 1, 0)


def _waiting(queue: Path, own: Path) -> dict[Path, str]:
    """Return the other rounds of the queue by file; one that another run has delivered meanwhile is gone."""
    found = {}
    for path in sorted(queue.glob("*.jsonl")):
        with contextlib.suppress(FileNotFoundError):
            found[path] = path.read_text("utf-8", "replace")
    found.pop(own, None)
    return found


def _still_queued(to: Destination, count: int, queue: Path, error: Refused) -> str:
    waits = "1 round waits" if count == 1 else f"{count} rounds wait"
    return (
        f"cannot push {to.name}: {error}\n"
        f"{waits} in {queue}; nothing is lost, the next 'statusgen probe --push' delivers what waits"
    )


def _recorded_only(repository: Repository, local: str, to: Destination) -> list[str]:
    """Return the files of the local branch, where it may hold rounds that were recorded without a push."""
    if not local or local == git.tip(repository, to.tracking(repository)):
        return []
    return list(git.read_files(repository, local, is_day_file).values())


def _deliver(repository: Repository, to: Destination, lines: list[str], jitter: Callable[[], float]) -> int:
    """Push the lines on top of the remote's tip, evaluating again on the new tip whenever somebody was faster.

    Return how many it did not hold yet.
    """
    tries = 0
    while True:
        with git.scratch(repository) as scratch:
            tip = _remote_tip(scratch, to)
            commit, added = _commit(scratch, tip, to, lines)
            if commit == tip:
                return 0
            try:
                scratch.run("push", "--quiet", "--no-verify", "origin", f"{commit}:{to.ref}")
                return added
            except Refused as error:
                tries += 1
                if tries == TRIES or not _lost_a_race(str(error)):
                    raise
        time.sleep(min(10.0, 0.2 * 2**tries) * jitter())


def _lost_a_race(said: str) -> bool:
    """Tell what another try can settle from a remote that is away or says no on principle."""
    raced = any(words in said for words in ("fetch first", "non-fast-forward", "cannot lock ref", "remote rejected"))
    return raced and not any(words in said for words in ("declined", "protected branch"))


def _remote_tip(scratch: Repository, to: Destination) -> str:
    """Return the remote branch's tip, empty where there is none yet."""
    if not scratch.run("ls-remote", "origin", to.ref).strip():
        return ""
    scratch.run("fetch", "--quiet", "--no-tags", "--depth=1", "origin", f"+{to.ref}:{to.ref}")
    return git.tip(scratch, to.ref)


def _follow(repository: Repository, to: Destination, local: str) -> None:
    """Let the site's own clone see what was pushed. Failing is no loss: ``build --fetch`` does the same.

    The local branch moves only from ``local``, all of which was delivered: what another run has recorded on top of
    it meanwhile is for the next push.
    """
    tracking = to.tracking(repository)
    try:
        _fetch(repository, git.remote_of(repository), f"+{to.ref}:{tracking}")
        if local:
            repository.run("update-ref", "-m", "statusgen probe --push", to.ref, tracking, local)
    except Refused:
        return


def _commit(repository: Repository, tip: str, to: Destination, lines: list[str]) -> tuple[str, int]:
    """Return a commit on top of ``tip`` that holds the lines too, and how many are new; ``tip`` itself for none."""
    by_day: dict[str, list[str]] = {}
    newest = 0
    for line in lines:
        if not isinstance(decoded := decode_line(line), str):
            by_day.setdefault(day_path(decoded.at), []).append(line)
            newest = max(newest, decoded.at)
    present = git.read_files(repository, tip, {OWNER, *by_day}.__contains__) if tip else {}
    _refuse_foreign(_owner(present.get(OWNER, "")), to)
    new = {path: missing(lines, present.get(path, "")) for path, lines in by_day.items()}
    added = sum(map(len, new.values()))
    if not added:
        return tip, 0
    changed = {path: append(present.get(path, ""), lines) for path, lines in new.items() if lines}
    if OWNER not in present:
        changed[OWNER] = json.dumps({"v": 1, "site": to.site}) + "\n"
    return git.commit_files(repository, tip, changed, f"Probe from {to.location}", newest), added


def _refuse_foreign(owner: str, to: Destination) -> None:
    if owner and owner != to.site:
        raise StatusgenError(
            f"branch {to.name} belongs to site '{owner}', this is '{to.site}': "
            f"delete the branch to start your own history, or set site.id to '{owner}'"
        )
