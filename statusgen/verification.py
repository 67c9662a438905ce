"""``statusgen verify``: recompute what a site publishes from the repository, and audit the ledger it is made of.

The site says itself, in ``build.json``, which commits it was made from and what it took for the present. Those are read
from git, never from the working tree; the site is made again in memory, and both are compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from statusgen import (
    __version__,
    branches,
    cache,
    claims,
    comparing,
    config,
    files,
    git,
    incidents,
    making,
    occurrences,
    past,
    periods,
    sources,
    terms,
    web,
)
from statusgen.archive import repository_of
from statusgen.arrivals import Arrivals, arrivals
from statusgen.audit import Audit, audit
from statusgen.branches import DATA, Tip
from statusgen.claims import BUILD, Claim, Read, claimed
from statusgen.comparing import Difference
from statusgen.errors import StatusgenError, WorldError
from statusgen.model import Event, Site
from statusgen.printing import count
from statusgen.render.output import Output
from statusgen.sources import Sources, Wishes


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """How many files and numbers were compared, and what differs.

    ``complaints`` are about what the site says of itself, ``notes`` are nobody's fault. ``site`` is that of the commit.
    """

    claim: Claim
    site: Site
    files: int
    numbers: int
    differences: tuple[Difference, ...]
    complaints: tuple[str, ...]
    notes: tuple[str, ...]
    is_words_compared: bool


_SENTENCES = ("status.json", "history/search.json", "openapi.json")


def reader(place: str) -> Read:
    """Return how to read a site: served at an address, or lying in a folder."""
    if place.startswith(("http://", "https://")):
        session, root = web.session(), place.rstrip("/")
        return lambda path: web.read(session, f"{root}/{path.removesuffix('index.html')}")
    return lambda path: files.read_bytes(Path(place), path)


def live(folder: Path) -> str:
    """Return the address at which a site says it is served."""
    return config.read(files.read_text(folder, config.PATH)).url


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What was compared, and the audits of the site's ledgers by name, each made when it is asked for."""

    compared: Compared
    audits: Iterator[tuple[str, Audit]]


def verify(folder: Path, place: str, at: str, say: Callable[[str], None]) -> Verified:
    """Compare what a place publishes with the repository; ``say`` is told what is being done."""
    read = reader(place)
    claim = claimed(read, place)
    say(f"Recomputing {place}, built {periods.date_and_time(claim.now)} ...")
    compared = compare(folder, read, claim, at)
    return Verified(compared=compared, audits=audits(folder, compared.site.branch, say))


def compare(folder: Path, read: Read, claim: Claim, at: str) -> Compared:
    """Make the site again as it says it was made, and compare. ``at``, a commit or a date, overrules what it says."""
    repository = repository_of(folder)
    commit, tips = _meant(repository, claim, at)
    with sources.as_of(folder, commit, tips) as then:
        remade, events = _remade(then, claim)
    is_same_version = claim.version == __version__
    chosen = {path: made for path, made in remade.items() if is_same_version or _is_data(path)}
    arrived = _arrivals(repository, commit, events, then.site)
    said = [] if at else [*claims.complaints(repository, claim, then.site)]  # else it is about another commit
    return Compared(
        claim=claim,
        site=then.site,
        files=len(chosen),
        numbers=sum(comparing.numbers(path, made) for path, made in chosen.items()),
        differences=tuple(difference for path, made in chosen.items() for difference in _differences(read, path, made)),
        complaints=(*said, *(arrived.unannounced if arrived else ())),
        notes=tuple(_notes(repository, commit, arrived)),
        is_words_compared=is_same_version,
    )


def _is_data(path: str) -> bool:
    """Tell whether a file holds numbers and no sentences, which another version may say differently."""
    return path.endswith((".json", ".jsonl", ".csv")) and not path.endswith(_SENTENCES)


def _differences(read: Read, path: str, made: bytes) -> list[Difference]:
    published = read(path)
    if published is None:
        return [Difference(path=path, place="", published="nothing", recomputed="a file")]
    return comparing.differences(path, published, made)


def _meant(repository: git.Repository, claim: Claim, at: str) -> tuple[str, Callable[[str], list[Tip]]]:
    """Return the commit to recompute from, and how to find the ledger's tips by their prefix."""
    if not at and not claim.commit:
        raise StatusgenError(f"{BUILD} names no commit: what was built outside of a repository cannot be recomputed")
    instant = _date(at)
    if instant is not None:
        return past.head_at(repository, instant), lambda prefix: past.tips_at(repository, prefix, instant)
    commit = past.resolve(repository, at or claim.commit)
    named = [(name, past.resolve(repository, tip)) for name, tip in claim.data.items()]
    return commit, lambda prefix: [branches.tip_named(name, prefix, tip) for name, tip in named]


def _date(text: str) -> int | None:
    try:
        return periods.parse_date(text)
    except ValueError:
        return None


def _remade(then: Sources, claim: Claim) -> tuple[dict[str, bytes], tuple[Event, ...]]:
    """Return the files of the site in which people or programs read numbers, and the events it tells of."""
    wishes = Wishes(base_url="" if claim.url == then.site.url else claim.url, drafts=claim.drafts)
    said = replace(then, uncommitted=claim.uncommitted)  # the page tells of them, and so does a complaint
    memory = cache.Cache(None)
    taken, _ = making.take(said, claim.now, memory, wishes)
    provenance = replace(taken.snapshot.provenance, version=claim.version)  # what another one makes alike is right
    made = making.files_of(replace(taken, snapshot=replace(taken.snapshot, provenance=provenance)), said, memory)
    chosen = {path: file for path, file in made.items() if comparing.is_read(path) or comparing.is_ours(path)}
    events = tuple(each for event in taken.events for each in occurrences.told(event, claim.now))
    return {path: file.make() if isinstance(file, Output) else file for path, file in chosen.items()}, events


def _arrivals(repository: git.Repository, commit: str, events: tuple[Event, ...], site: Site) -> Arrivals | None:
    """Return when what was written came to the repository; None where a shallow clone cannot tell."""
    if git.is_shallow(repository):
        return None
    return arrivals(repository, commit, f"{_above(repository)}{incidents.FOLDER}", events, site.objectives)


def _above(repository: git.Repository) -> str:
    """Return the path from the top of the repository to the site."""
    return repository.line("rev-parse", "--show-prefix")


def _notes(repository: git.Repository, commit: str, arrived: Arrivals | None) -> Iterator[str]:
    """Yield what history tells and is nobody's fault."""
    if arrived is None:
        yield "when incidents came to the repository is not known: this clone is shallow"
        return
    yield from map(str, terms.amendments(repository, commit, _above(repository)))
    yield from map(str, arrived.late)
    yield from map(str, arrived.withdrawn)
    if arrived.older:
        came = count(arrived.older, "instant")
        yield f"{came} of incidents came with the first commit, before which nothing can be told"


def audits(folder: Path, branch: str, say: Callable[[str], None]) -> Iterator[tuple[str, Audit]]:
    """Yield the audit of each ledger of the site as this clone knows it; WorldError where history is cut off.

    ``branch`` is the prefix of the ledger's branches, empty where the ledger lies in the tree.
    """
    repository = repository_of(folder)
    if branch:
        seen: set[str] = set()
        for tip in branches.tips(repository, branch):
            if tip.commit not in seen:
                say(f"Auditing {tip.name} ...")
                yield tip.name, audit(repository, tip.name, tip.commit)
            seen.add(tip.commit)
        return
    head = git.head(repository)
    below = f"{_above(repository)}{DATA}/"
    for place in sorted({path.removeprefix(below).partition("/")[0] for path in git.blobs(repository, head, below)}):
        say(f"Auditing {DATA}/{place} ...")
        yield f"{DATA}/{place}", audit(repository, f"{DATA}/{place}", head, f"{below}{place}")


def refuse_other_version(compared: Compared) -> None:
    """Raise WorldError for a site of another version, of whose pages nothing can be said."""
    if not compared.is_words_compared:
        raise WorldError(
            f"the site was built by statusgen {compared.claim.version}, this is {__version__}: only JSON and CSV were "
            "compared; install that version to compare the pages"
        )


# For people


def comparison(compared: Compared) -> list[str]:
    """Lay out what differs, then the sum of it."""
    claim = compared.claim
    lines = [*compared.complaints, *map(str, compared.differences), *compared.notes]
    made = f"built {periods.date_and_time(claim.now)} from commit {claim.commit[:10]}"
    lines.append(f"{compared.numbers} numbers recomputed, {len(compared.differences)} differ ({made})")
    return lines


def audited(name: str, audit: Audit) -> dict[str, object]:
    """Return an audit in sum, for JSON."""
    late = {each.why: each.count for each in audit.late}
    return {"name": name, "commits": audit.commits, "rounds": audit.rounds, "days": audit.days, "late": late}


def audit_lines(name: str, audit: Audit) -> list[str]:
    """Lay out what an audit found, rounds that say they are late, and the sum of it."""
    return [*map(str, audit.findings), *_told_late(audit), _audit_line(name, audit)]


def _told_late(audit: Audit) -> list[str]:
    return [
        f"{each.branch}: {count(each.count, 'round')} marked late ({each.why}), "
        f"{periods.date_and_time(each.first)} to {periods.date_and_time(each.last)}, "
        f"up to {periods.duration(each.most)} late"
        for each in audit.late
    ]


def _audit_line(name: str, audit: Audit) -> str:
    findings = "nothing edited, removed or back-dated" if not audit.findings else count(len(audit.findings), "finding")
    days = f", {count(audit.days, 'summed day')} compared with their samples" if audit.days else ""
    return f"{name}: {count(audit.rounds, 'round')} in {count(audit.commits, 'commit')}{days}: {findings}"
