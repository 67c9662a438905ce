"""The ledger, wherever it lies: on branches, or in ``data/`` of the working tree. Reading it into histories.

What a month file tells of need not be read round by round, so that cost follows the number of days: day files are read
only where they are of today or yesterday, or have not been summed up as they now are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from statusgen import branches, compaction, days, delivery, files, git, ledger, periods, rollup, shards
from statusgen.branches import DATA, Destination, Tip
from statusgen.digests import digest
from statusgen.errors import Level, Problem, StatusgenError
from statusgen.model import LATENCY_DAYS, RETENTION, History, Round, Site
from statusgen.secret import NO_SECRETS, Gate

AHEAD = 10 * periods.MINUTE  # by which the clocks of probers and builds may differ without a word


@dataclass(frozen=True, slots=True, kw_only=True)
class RawDay:
    """The rounds of a UTC day at a location whose day files are still there.

    ``read`` returns them as lines of the ledger, one a round, in time order; ``key`` stands for what it returns.
    ``rounds`` is how many are known.
    """

    location: str
    start: int
    rounds: int
    key: str
    read: Callable[[], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurements:
    """What probes saw: histories by location, the tips they were read at, bad lines.

    ``samples`` is how many each branch holds, or each folder of the working tree: days that were summed up count, and
    so do checks that the site has no more. It only grows, unless the ledger is rewritten.
    ``raw`` are the last ``RETENTION`` days, nothing of which is read before it is asked for.
    """

    seen: Mapping[str, History]
    tips: tuple[tuple[str, str], ...]
    problems: tuple[Problem, ...]
    raw: tuple[RawDay, ...] = ()
    samples: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A branch, or a location's folder: git's ids of its files by path, and how to read some of them.

    ``name`` stands before a path where a person is told of it. ``shard`` is the branch or folder below the prefix,
    whether it is the clone's own or the remote's.
    """

    name: str
    shard: str
    ids: Mapping[str, str]
    read: Callable[[Mapping[str, str]], Mapping[str, str]]

    @property
    def location(self) -> str:
        return ledger.location_of(self.shard)


def read(
    folder: Path, site: Site, now: int, *, thorough: bool = False, at: Iterable[Tip] | None = None
) -> Measurements:
    """Return what was seen up to ``now``. Nothing there is no error.

    ``thorough`` reads day files that are summed up already as well, so that every bad line is named. ``at`` are the
    branches' tips to read, if not the present ones.
    """
    problems: list[Problem] = []
    tips: list[tuple[str, str]] = []
    repository = git.open_repository(folder) if site.branch else None
    if repository:
        found = branches.tips(repository, site.branch) if at is None else at
        parts = list(_branches(branches.read(repository, found), repository, site, tips, problems))
    else:
        parts = [] if site.branch else list(_well_named(_folders(folder), problems))
    seen: dict[str, History] = {}
    raw: list[RawDay] = []
    samples: list[tuple[str, int]] = []
    for location in sorted({part.location for part in parts}):
        runners = _by_shard(part for part in parts if part.location == location)
        histories = [_history(of_shard, now, thorough, problems) for of_shard in runners]
        names = [f"{site.branch or DATA}/{of_shard[0].shard}" for of_shard in runners]
        samples += [(name, days.samples(each.days)) for name, each in zip(names, histories, strict=True)]
        seen[location] = shards.together(histories)
        raw += _raw_days(location, runners, seen[location], now)
    return Measurements(
        seen=seen, tips=_told(tips, site.branch), problems=tuple(problems), raw=tuple(raw), samples=tuple(samples)
    )


def _by_shard(parts: Iterable[_Part]) -> list[list[_Part]]:
    found: dict[str, list[_Part]] = {}
    for part in parts:
        found.setdefault(part.shard, []).append(part)
    return [found[shard] for shard in sorted(found)]


def _told(tips: list[tuple[str, str]], prefix: str) -> tuple[tuple[str, str], ...]:
    """Return names and tips without the remote's name, so that every clone tells the same, where names stay apart."""
    names = [branches.bare(name, prefix) for name, _ in tips]
    if len(set(names)) < len(names):
        return tuple(tips)
    return tuple((name, commit) for name, (_, commit) in zip(names, tips, strict=True))


def state(folder: Path, site: Site) -> tuple[tuple[str, str], ...]:
    """Return what stands for the whole ledger: branches and their tips, or files and git's ids of them."""
    if not site.branch:
        return tuple((f"{part.name}{path}", blob) for part in _folders(folder) for path, blob in part.ids.items())
    repository = git.open_repository(folder)
    return tuple((tip.name, tip.commit) for tip in branches.tips(repository, site.branch)) if repository else ()


def _branches(
    found: Iterable[branches.Branch],
    repository: git.Repository,
    site: Site,
    tips: list[tuple[str, str]],
    problems: list[Problem],
) -> Iterator[_Part]:
    for branch in found:
        if why := branches.left_out(branch, site.id):
            problems.append(Problem(path=branch.name, message=why, level=Level.WARNING))
            continue
        tips.append((branch.name, branch.commit))
        yield _Part(
            name=f"{branch.name}:",
            shard=branch.name.partition(f"{site.branch}/")[2],
            ids=branch.ids,
            read=lambda chosen: git.read_blobs(repository, chosen),
        )


def _folders(folder: Path) -> Iterator[_Part]:
    """Yield the folders of ``data/``, read whole."""
    texts: dict[str, dict[str, str]] = {}
    for name, content in files.read_tree(folder, DATA, _is_ours, files.MAX_LEDGER).items():
        place, _, path = name.partition("/")
        texts.setdefault(place, {})[path] = content.decode("utf-8", "surrogateescape")
    for place, of_place in texts.items():
        yield _Part(
            name=f"{DATA}/{place}/",
            shard=place,
            ids={path: git.blob_id(text.encode("utf-8", "surrogateescape")) for path, text in of_place.items()},
            read=lambda chosen, of_place=of_place: {path: of_place[path] for path in chosen},  # type: ignore[misc]
        )


def _well_named(parts: Iterable[_Part], problems: list[Problem]) -> Iterator[_Part]:
    """Yield the folders that are of a location, and add a warning of each that cannot be."""
    for part in parts:
        if why := branches.misnamed(part.location):
            problems.append(Problem(path=part.name.rstrip("/"), message=why, level=Level.WARNING))
        else:
            yield part


def _is_ours(path: str) -> bool:
    return ledger.is_day_file(path) or rollup.is_month_file(path)


def _history(parts: list[_Part], now: int, thorough: bool, problems: list[Problem]) -> History:
    """Return the history of a location, or of a shard, from its branches, of which several may hold the same file."""
    months = _texts(parts, lambda _, path: rollup.is_month_file(path))
    oldest = 0 if thorough else periods.day_of(now) - LATENCY_DAYS * periods.DAY
    rolled, complaints = rollup.decode(months, thorough, oldest)
    summed = {(each.day.start, each.of) for each in rolled}
    recent = periods.day_of(now) - periods.DAY
    open_days = {start for part in parts for path, blob in part.ids.items() if (start := _unsummed(path, blob, summed))}

    def is_needed(_: _Part, path: str) -> bool:
        start = ledger.day_of_file(path)
        return start is not None and (thorough or start >= recent or start in open_days)

    texts = _texts(parts, is_needed)
    reading = ledger.decode(texts)
    problems += [*complaints, *reading.problems]
    if thorough:
        instants = {at for each in rolled for at in each.day.rounds} | {each.at for each in reading.rounds}
        problems += _still_to_come([*texts, *months], instants, now)
    complete = {start for start, _ in summed} - open_days
    return days.history((each.day for each in rolled), reading.rounds, now + 1, complete)


def _still_to_come(paths: Iterable[str], instants: Iterable[int], now: int) -> Iterator[Problem]:
    """Yield that there are rounds of the future, where there are, in the file of the first one."""
    ahead = sorted(at for at in instants if at > now + AHEAD)
    if ahead:
        several = f"{len(ahead)} rounds, the first one" if len(ahead) > 1 else "a round"
        message = (
            f"tells of {several} at {periods.iso(ahead[0])}, which is still to come: the prober's clock was ahead, "
            "or this one is behind, so see to the clocks; nothing counts before its time"
        )
        names = (ledger.day_path(ahead[0]), rollup.month_path(ahead[0]))
        path = next((each for each in paths if each.endswith(names)), names[0])  # a line may be in another day's file
        yield Problem(path=path, message=message, level=Level.WARNING)


def _unsummed(path: str, blob: str, summed: Collection[tuple[int, str]]) -> int | None:
    """Return the day of a day file that has not been summed up as it is; None for any other file."""
    start = ledger.day_of_file(path)
    return start if start is not None and (start, blob) not in summed else None


def _raw_days(location: str, runners: list[list[_Part]], history: History, now: int) -> Iterator[RawDay]:
    """Yield the last days of which there are day files. Of equal files, those up to the same round are equal."""
    instants: dict[int, set[int]] = {}
    for part in history.parts:
        for day in days.since(part.days, periods.day_of(now) - (RETENTION - 1) * periods.DAY):
            instants.setdefault(day.start, set()).update(day.rounds)
    for start, rounds in sorted(instants.items()):
        path, last = ledger.day_path(start), max(rounds)
        ids = [part.ids[path] for of_shard in runners for part in of_shard if path in part.ids]
        if ids:
            yield RawDay(
                location=location,
                start=start,
                rounds=len(rounds),
                key=digest("samples", path, ids, last),
                read=partial(_lines, runners, range(start, last + 1), path),
            )


def _lines(runners: list[list[_Part]], span: range, path: str) -> bytes:
    """Return the rounds of a span in day files as lines, as readers of the files see them.

    Of several shards, a round in which the prober failed is told as one in which nothing could be told of its own
    checks: to readers of a location it would be one for every check.
    """
    told: list[Iterable[Round]] = []
    for of_shard in runners:
        rounds = ledger.decode(_texts(of_shard, lambda _, each: each == path)).rounds
        told.append(shards.without_errors(rounds) if len(runners) > 1 else rounds)
    known = (round_ for round_ in shards.interleaved(told) if round_.at in span)
    return "".join(f"{ledger.encode(round_)}\n" for round_ in known).encode()


def _texts(parts: list[_Part], wanted: Callable[[_Part, str], bool]) -> dict[str, str]:
    """Return files by the name a person is told; a file that several parts hold as it is counts once."""
    texts: dict[str, str] = {}
    known: set[tuple[str, str]] = set()
    for part in parts:
        chosen = {p: blob for p, blob in part.ids.items() if (p, blob) not in known and wanted(part, p)}
        known |= set(chosen.items())
        texts |= {f"{part.name}{path}": text for path, text in part.read(chosen).items()}
    return texts


@dataclass(kw_only=True)
class Outbox:
    """Rounds on their way to the ledger: on the disk when they are ``put`` in, in the ledger when they are ``sent``.

    Without a branch both is the same. ``push`` is for a repository with a remote; ``jitter`` gives numbers from 0 to 1
    for the waits between tries. A round that the ``gate`` does not let through gets neither here nor there.
    """

    folder: Path
    to: Destination
    push: bool
    jitter: Callable[[], float]
    gate: Gate = NO_SECRETS
    waiting: list[Round] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._repository = git.settled(repository_of(self.folder, self.gate)) if self.to.prefix else None

    def put(self, round_: Round) -> None:
        """Write a round to the disk. What is not sent, the next run sends."""
        round_ = _fitting(round_)
        line = ledger.encode(round_)
        self.gate.refuse(line.encode(), "a round")
        if self._repository:
            delivery.queue(self._repository, self.to, line)
        else:
            _append(self.folder, self.to.name, round_.at, line)
            if _has_open_days(self.folder, self.to.name, round_.at):
                _compact_folder(self.folder, self.to, round_.at, drop=False)  # nobody knows whether it was committed
        self.waiting.append(round_)

    def send(self) -> int:
        """Append what waits to the ledger and sum up what is due; return how many older rounds came along.

        A round that has waited for longer than ``ledger.PROMPT`` says so. Raises WorldError where the remote cannot be
        reached: then all of it still waits.
        """
        older = 0
        if self._repository and self.waiting:
            lines = list(map(ledger.encode, _with_late(self.waiting)))
            if self.push and git.remote_of(self._repository):
                older = delivery.publish(self._repository, self.to, lines, self.jitter)
            else:
                delivery.record(self._repository, self.to, lines)
        self.waiting.clear()
        return older


def _fitting(round_: Round) -> Round:
    """Return the round, without its details where a line of the ledger cannot hold them; raise StatusgenError."""
    for each in (round_, replace(round_, details=())):
        if len(ledger.encode(each)) <= ledger.MAX_LINE:
            return each
    raise StatusgenError(
        f"a round of {len(round_.answers)} checks does not fit into a line of the ledger: "
        "share them among runners, with --shard 1/2 and --shard 2/2"
    )


def _with_late(rounds: Sequence[Round]) -> Iterator[Round]:
    """Yield rounds that are appended together; those that have waited for longer than they may say so."""
    newest = max(round_.at for round_ in rounds)
    for round_ in rounds:
        yield replace(round_, late="queued") if newest - round_.at > ledger.PROMPT else round_


def record(folder: Path, to: Destination, round_: Round, *, push: bool, jitter: Callable[[], float]) -> int:
    """Append a round to the ledger and sum up what is due; return how many older rounds a push delivered with it."""
    outbox = Outbox(folder=folder, to=to, push=push, jitter=jitter)
    outbox.put(round_)
    return outbox.send()


def _has_open_days(folder: Path, place: str, now: int) -> bool:
    """Tell whether a day is over that no month file tells of; day files are not read, there may be years of them."""
    names = {path.removeprefix(f"{place}/") for path in files.names(folder, place)}
    months = files.read_tree(folder, place, rollup.is_month_file, files.MAX_LEDGER).values()
    told = {rollup.day_of_line(line) for text in months for line in text.decode("utf-8", "replace").split("\n")}
    starts = {start for path in names if (start := ledger.day_of_file(path)) is not None}
    return any(start < periods.day_of(now) and periods.iso_day(start) not in told for start in starts)


def _append(folder: Path, place: str, at: int, line: str) -> None:
    """Add a line to the day's file, one run after the other; bytes that are not UTF-8 stay what they are."""
    day = ledger.day_path(at)
    with files.alone(folder):
        tree = files.read_tree(folder, place, lambda path: path == day, files.MAX_LEDGER)
        files.sweep((folder / place / day).parent)
        present = tree.get(day, b"").decode("utf-8", "surrogateescape")
        files.write(folder / place / day, ledger.append(present, [line]).encode("utf-8", "surrogateescape"))


def compact(
    folder: Path,
    to: Destination,
    now: int,
    *,
    push: bool,
    jitter: Callable[[], float],
    gate: Gate = NO_SECRETS,
) -> int:
    """Sum up closed days of a location and drop day files beyond the retention; return how many that concerned."""
    if to.prefix:
        return delivery.compact(git.settled(repository_of(folder, gate)), to, now, push=push, jitter=jitter)
    return _compact_folder(folder, to, now, drop=True)


def _compact_folder(folder: Path, to: Destination, now: int, *, drop: bool) -> int:
    with files.alone(folder):
        tree = files.read_tree(folder, to.name, _is_ours, files.MAX_LEDGER)
        ids = {path: git.blob_id(content) for path, content in tree.items()}
        texts = {path: content.decode("utf-8", "surrogateescape") for path, content in tree.items()}
        months = {path: text for path, text in texts.items() if rollup.is_month_file(path)}
        due = compaction.due(ids, rollup.decode(months)[0], periods.day_of(now), to.keep)
        for path, text in compaction.rolled_up(months, {path: texts[path] for path in due.sum}, ids).items():
            files.write(folder / to.name / path, text.encode("utf-8", "surrogateescape"))
        dropped = due.drop if drop else ()
        for path in dropped:  # only now, when the month files are safely on the disk
            (folder / to.name / path).unlink()
    return len({*due.sum, *dropped})


def repository_of(folder: Path, gate: Gate = NO_SECRETS) -> git.Repository:
    """Return the repository a site lies in, with what must not get into it; StatusgenError where it lies in none."""
    repository = git.open_repository(folder)
    if repository is None:
        raise StatusgenError(f"{folder} is not in a git repository: run 'git init', or set 'data: {{branch: none}}'")
    return replace(repository, gate=gate)
