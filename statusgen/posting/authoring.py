"""The Markdown that commands and drafts write: as a person would, read back before anybody sees it.

The counterpart of ``incidents``: what is returned here has been read by it, and says exactly what was asked for. A
text cannot become structure: one that would read as another update, or as a line of its own meaning, is refused.
Nothing that is there is ever changed: an update is appended, and the text before it is the beginning of the new one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import count

from statusgen import frontmatter, incidents, periods, shape, updates
from statusgen.errors import Level, Problem, SourceError, UsageError
from statusgen.model import Event, Incident, Maintenance, Phase, State, Update
from statusgen.promises import Severity
from statusgen.shape import Notes

Front = tuple[tuple[str, str], ...]  # further keys of front matter and their values, as words

_SOMEWHERE = f"{incidents.FOLDER}/event.md"
_ONE = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_PLAIN = re.compile(r"[A-Za-z0-9](?:[\w ./()-]*[\w./()-])?", re.ASCII)  # what YAML takes for text without quotes
_NOTHING = ("null", "Null", "NULL")
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff\ufffe\uffff]")
_KEEPS_BACK = re.compile(r"draft:[ \t]*true[ \t]*(?:#.*)?|automatic:[ \t]*\S*[ \t]*", re.IGNORECASE)
_OUTSIDE_WORDS = re.compile(r"[^a-z0-9]+")
LONGEST_TEXT = 60_000  # characters: a longer one is shown as it was written
_LONGEST_SLUG = 60  # leaves room for the date of an occurrence


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """An update to be appended: Markdown, in the minute of ``at``, the next one promised in that of ``next``."""

    at: int
    phase: Phase
    text: str
    components: tuple[tuple[str, State], ...] = ()
    next: int | None = None
    occurrence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """An incident to be opened with its first update at ``at``; without ``started`` it began then."""

    title: str
    at: int
    text: str
    phase: Phase = Phase.INVESTIGATING
    severity: Severity | None = None
    components: tuple[tuple[str, State], ...] = ()
    started: int | None = None
    detected: int | None = None
    next: int | None = None
    draft: bool = False
    extra: Front = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduling:
    """A maintenance in the window ``[start, end)``, announced at ``at``."""

    title: str
    at: int
    text: str
    components: tuple[str, ...]
    start: int
    end: int
    draft: bool = False
    extra: Front = ()


def opened(opening: Opening, path: str = _SOMEWHERE) -> str:
    """Return the file of a new incident; raise UsageError for what cannot be written, SourceError as reading does."""
    at = minute(opening.at)
    started = at if opening.started is None else opening.started
    if opening.at < started:
        raise UsageError(f"it cannot have started on {periods.date_and_time(started)}, after its first update")
    first = Addition(at=at, phase=opening.phase, text=opening.text, next=opening.next)
    meant = replace(opening, at=at, started=min(started, at), title=title(opening.title))
    front = [
        ("title", quoted(meant.title)),
        *([("severity", str(meant.severity))] if meant.severity else []),
        ("started", _instant(min(started, at))),
        *([("detected", _instant(meant.detected))] if meant.detected is not None else []),
        *([("components", _map(meant.components))] if meant.components else []),
        *_further(meant.draft, meant.extra),
    ]
    made = _file(front, _section(first))
    found = read(made, path)
    _refuse_other(
        isinstance(found, Incident)
        and (found.title, found.severity, found.started) == (meant.title, meant.severity, meant.started)
        and (found.components, found.detected, found.draft) == (meant.components, meant.detected, meant.draft)
        and len(found.updates) == 1
        and not found.introduction
        and _says(found.updates[0], first)
    )
    return made


def scheduled(scheduling: Scheduling, path: str = _SOMEWHERE) -> str:
    """Return the file of a new maintenance; raise UsageError or SourceError."""
    first = Addition(at=minute(scheduling.at), phase=Phase.SCHEDULED, text=scheduling.text)
    meant = replace(scheduling, at=first.at, title=title(scheduling.title))
    if meant.end <= meant.start:
        raise UsageError(f"the window ends on {periods.date_and_time(meant.end)}, which is not after it begins")
    window = f"{{from: {_instant(meant.start)}, until: {_instant(meant.end)}}}"
    front = [
        ("title", quoted(meant.title)),
        ("type", "maintenance"),
        ("scheduled", window),
        ("components", f"[{', '.join(map(quoted, meant.components))}]"),
        *_further(meant.draft, meant.extra),
    ]
    made = _file(front, _section(first))
    found = read(made, path)
    _refuse_other(
        isinstance(found, Maintenance)
        and (found.title, found.start, found.end) == (meant.title, meant.start, meant.end)
        and (found.components, found.draft) == (meant.components, meant.draft)
        and len(found.updates) == 1
        and not found.introduction
        and _says(found.updates[0], first)
    )
    return made


def updated(text: str, addition: Addition, path: str = _SOMEWHERE) -> str:
    """Return the file with an update appended; ``text`` as it is, line ends included, is how it begins.

    Raise SourceError where the file cannot be read, or ends with an update that is later than this one's minute;
    UsageError where the update cannot be written.
    """
    before = read(text, path)
    addition = replace(addition, at=_not_before(before, addition.at))
    end = "\r\n" if "\r\n" in text else "\r" if "\r" in text and "\n" not in text else "\n"
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    gap = "" if lines.endswith("\n\n") else "\n" if lines.endswith("\n") else "\n\n"
    made = text + (gap + _section(addition)).replace("\n", end)
    after = read(made, path)
    *earlier, last = after.updates
    _refuse_other(
        _handed_over(replace(after, updates=tuple(earlier))) == _handed_over(before) and _says(last, addition)
    )
    return made


def published(text: str, path: str = _SOMEWHERE) -> str:
    """Return the file of a draft without the line ``draft: true``, and as a person's: without the program's stamp.

    Raise SourceError where the file cannot be read, UsageError where the line is written in another way.
    """
    before, lines = read(text, path), text.splitlines(keepends=True)
    end = next((i for i, each in enumerate(lines) if i and each.rstrip() == "---"), 0)
    kept = [each for i, each in enumerate(lines) if not (i < end and _KEEPS_BACK.fullmatch(each.rstrip()))]
    made = "".join(kept)
    after = read(made, path)
    if after.draft:
        raise UsageError(f"{path} has no line 'draft: true' of its own: take it out by hand, and commit that")
    _refuse_other(_unplaced(after) == replace(_unplaced(_handed_over(before)), draft=False))
    return made


def _unplaced(event: Event) -> Event:
    """Return an event without the lines that its updates stand on."""
    return replace(event, updates=tuple(replace(update, line=0) for update in event.updates))


def postmortem(
    text: str, title_: str, at: int | None = None, authors: tuple[str, ...] = (), *, draft: bool = False
) -> str:
    """Return the file of a post-mortem with a body; ``at`` is when it is published, the first second of a day that day.

    Raise UsageError or SourceError.
    """
    meant, body = title(title_), wording(text)
    front = [("title", quoted(meant))]
    if at is not None:
        front.append(("date", periods.iso_day(at) if at % periods.DAY == 0 else _instant(at)))
    if authors := tuple(line(author, "an author's name") for author in authors):
        front.append(("authors", f"[{', '.join(map(quoted, authors))}]"))
    front += _further(draft, ())
    made = _file(front, body + "\n")
    found = incidents.read_postmortem(made, _SOMEWHERE, Notes(_SOMEWHERE))
    said = (found.title, found.text, found.at, found.authors, found.draft)
    _refuse_other(said == (meant, body, at, authors, draft))
    return made


def read(text: str, path: str) -> Event:
    """Return what a file says; every component that it names is taken for one. Raise SourceError."""
    notes = Notes(path)
    try:
        return incidents.read_event(text, path, set(re.findall(_ONE, text)), notes)
    except SourceError as error:
        raise SourceError(problem for problem in error.problems if problem.level is Level.ERROR) from None


def slug(title_: str, at: int, taken: Collection[str], word: str = "incident") -> str:
    """Return a name for a file that is not ``taken``: ``2026-11-20-api-errors``, then ``2026-11-20-api-errors-2``.

    A title without any Latin letter gives ``word``.
    """
    letters = unicodedata.normalize("NFKD", title_).encode("ascii", "ignore").decode().lower()
    words = _OUTSIDE_WORDS.sub("-", letters).strip("-") or word
    if len(words) > _LONGEST_SLUG - 11:
        words = words[: _LONGEST_SLUG - 11].rpartition("-")[0] or words[: _LONGEST_SLUG - 11]
    stem = f"{periods.iso_day(at)}-{words.strip('-')}"
    return next(name for name in numbered(stem) if name not in taken)


def numbered(stem: str) -> Iterator[str]:
    """Yield a name, then it with 2, 3 and so on: the first that nothing has is taken."""
    yield stem
    yield from (f"{stem}-{number}" for number in count(2))


def title(text: str) -> str:
    """Return a title as it will be read; raise UsageError for what is no line of visible characters."""
    kept = line(text, "a title")
    try:
        return frontmatter.TITLE.parse(kept)
    except ValueError as error:
        raise UsageError(f"the title {error}") from None


def line(text: str, what: str) -> str:
    """Return one line with single spaces; raise UsageError for several, for none, and for what no editor shows."""
    if len(text.strip().splitlines()) > 1:
        raise UsageError(f"{what} is one line, and this one has several: shorten it")
    kept = " ".join(text.split())
    if odd := next((letter for letter in kept if letter != " " and shape.clean(f"a{letter}") == "a"), ""):
        raise UsageError(f"{what} cannot have the character U+{ord(odd):04X}, which nobody sees: remove it")
    if not kept:
        raise UsageError(f"{what} cannot be empty: write one")
    return kept


def wording(text: str) -> str:
    """Return a text as it will be read, without blank lines around it; raise UsageError for what cannot be in one."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").rstrip().split("\n")
    kept = "\n".join(lines[next((i for i, each in enumerate(lines) if each.strip()), 0) :])
    if found := _UNWRITABLE.search(kept):
        raise UsageError(f"the text cannot have the character U+{ord(found[0]):04X}, which nobody sees: remove it")
    kept = shape.prose(kept).strip("\n")
    if not kept:
        raise UsageError("the text is empty: write what is to be read")
    if len(kept) > LONGEST_TEXT:
        raise UsageError(f"the text has {len(kept)} characters: at most {LONGEST_TEXT} are shown as Markdown")
    return kept


def of_update(text: str) -> str:
    """Return the text of an update; raise UsageError for one of which a part would be taken for something else."""
    kept = wording(text)
    if reason := updates.unfit(kept):
        raise UsageError(f"the text {reason}")
    return kept


def _section(addition: Addition) -> str:
    """Return the lines of an update."""
    lines = [f"## {addition.phase.word} · {stamp(addition.at)}"]
    if addition.components:
        lines.append(f"Components: {', '.join(f'{component} {state}' for component, state in addition.components)}")
    if (promised := _promise(addition)) is not None:
        lines.append(f"Next update: {stamp(promised)}")
    if addition.occurrence:
        lines.append(f"Occurrence: {addition.occurrence}")
    return "\n".join([*lines, of_update(addition.text)]) + "\n"


def _handed_over(event: Event) -> Event:
    """Return an event as a person's: by adding to one of the program's, it becomes that."""
    return replace(event, automatic=False) if isinstance(event, Incident) else event


def _promise(addition: Addition) -> int | None:
    """Return the minute in which the next update is promised; raise UsageError for one that is not ahead."""
    promised = None if addition.next is None else minute(addition.next)
    if promised is not None and promised <= addition.at:
        raise UsageError(f"the next update on {stamp(promised)} would not be after this one: name a later time")
    return promised


def _file(front: Iterable[tuple[str, str]], body: str) -> str:
    return "\n".join(["---", *(f"{key}: {value}" for key, value in front), "---", body])


def _further(draft: bool, extra: Front) -> Front:
    return (*((("draft", "true"),) if draft else ()), *((key, quoted(value)) for key, value in extra))


def quoted(text: str) -> str:
    """Return one line as YAML: as it is where it is plainly a text, else in double quotes."""
    if _PLAIN.fullmatch(text) and text not in _NOTHING:
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _map(components: Iterable[tuple[str, State]]) -> str:
    return f"{{{', '.join(f'{quoted(component)}: {state}' for component, state in components)}}}"


def stamp(at: int) -> str:
    """Write an instant as headings have it: ``2026-11-20 10:06 UTC``, with seconds only where it has some."""
    return f"{periods.iso_day(at)} {periods.iso(at)[11 : 19 if at % periods.MINUTE else 16]} UTC"


def _instant(at: int) -> str:
    return periods.iso(at) if at % periods.MINUTE else f"{periods.iso(at)[:16]}Z"


def minute(at: int) -> int:
    """Return the first second of an instant's minute."""
    return at - at % periods.MINUTE


def _not_before(event: Event, at: int) -> int:
    """Return the instant of an update that follows those of an event: of its minute, or that of the last one in it."""
    at, last = minute(at), max((update.at for update in event.updates), default=0)
    if at >= last:
        return at
    if at == minute(last):
        return last
    remedy = "set this machine's clock right, or correct the file"
    message = f"has an update of {stamp(last)}, which is later than now ({stamp(at)}): {remedy}"
    raise SourceError([Problem(path=event.path, line=event.updates[-1].line, message=message)])


def _says(update: Update, addition: Addition) -> bool:
    """Tell whether an update is read as it was meant."""
    said = Addition(
        at=update.at,
        phase=update.phase,
        text=update.text,
        components=update.components,
        next=update.next,
        occurrence=update.occurrence,
    )
    return said == replace(addition, text=of_update(addition.text), next=_promise(addition))


def _refuse_other(is_as_meant: bool) -> None:
    if not is_as_meant:
        raise UsageError("this would not be read as it is meant: write the text in other words")
