"""The body of an incident: level-2 headings with a state and a time, and the text under each.

``## Resolved · 2026-11-20 11:15 UTC`` begins an update; its optional first line ``Components: api operational``
changes states; beside it may stand ``Next update: <time>`` and ``Occurrence: <date>``. What looks like
an update and cannot be read as one is an error; what merely might have been meant as one is a warning. The Markdown
itself is not looked at here, only where its headings are.
"""

from __future__ import annotations

import contextlib
import re
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from statusgen import periods
from statusgen.errors import printable
from statusgen.model import CLOSED_PHASES, DECLARABLE, Phase, State, Update
from statusgen.shape import Notes, clean

_FENCE = re.compile(r" {0,3}(`{3,}(?=[^`]*$)|~{3,}).*")
LONGEST_HEADING = 500  # characters; patterns that look for a time in it take their square

_HEADING = re.compile(r" {0,3}##(?!#)(.*)")
_OTHER_LEVEL = re.compile(rf" {{0,3}}#(?:##+)?[ \t]+(?:{'|'.join(Phase)})\b.*\d[-:]\d.*", re.IGNORECASE)
_CONFLICT = re.compile(r"(?:<{7}|>{7})(?: .*)?")
_DATED = re.compile(r"(.*?)\s+[·—–-]\s+(\S.*)")
_LIKE_A_TIME = re.compile(r"\d[-:/.]\d")
_UNSEPARATED = re.compile(r"([A-Za-z_ -]+?)\W*(\d{4}-\d\d.*|\d{1,2}[:.]\d\d.*)")
_COMPONENTS = re.compile(r"components:[ \t]*(.*)", re.IGNORECASE)
_NEXT = re.compile(r"next update:[ \t]*(.*)", re.IGNORECASE)
_OCCURRENCE = re.compile(r"occurrence:[ \t]*(.*)", re.IGNORECASE)

_STATES = {state.value: state for state in DECLARABLE}

MOST_UPDATES = 5_000

Dates = Callable[[str], str]  # checks the date of an occurrence; ValueError with the remedy


@dataclass(frozen=True, slots=True)
class _Section:
    """A level-2 heading and the text under it."""

    line: int
    heading: str
    body: str


def read(
    body: str,
    first_line: int,
    phases: tuple[Phase, ...],
    components: frozenset[str],
    notes: Notes,
    dates: Dates | None = None,
) -> tuple[str, tuple[Update, ...]]:
    """Return the text before the first update, and the updates in file order; what is wrong goes to ``notes``.

    ``first_line`` is the body's first line in its file, ``components`` are the ids that may be mentioned. ``dates``
    knows the occurrences of a maintenance that repeats; there is none without it.
    """
    introduction, sections = _sections(body, first_line, notes)
    preface, updates = _Reader(notes, phases, components, dates).updates(sections)
    return "\n\n".join(part for part in (introduction, preface) if part), updates


def sound(body: str, first_line: int, faults: Iterable[int], known: Collection[str]) -> str:
    """Return a body without the updates that have a fault in one of these lines of the file; other lines keep theirs.

    Of ``Components:`` only what is wrong goes, and of a code block without an end the mark at which it begins: that all
    is well again, or is not, is still told. From the mark of a merge conflict on nothing is kept. Empty where a fault
    lies before the first update.
    """
    starts = [section.line for section in _sections(body, first_line, Notes(""))[1]]
    lines = body.split("\n")
    after = first_line + len(lines)
    for fault in sorted(faults):
        line = lines[fault - first_line]
        if _FENCE.fullmatch(line) or _declares(line, known) or _COMPONENTS.fullmatch(line.strip()):
            lines[fault - first_line] = _sound_changes(line, known)
            continue
        following = bisect_right(starts, fault)
        if not following:
            return ""
        marked = _CONFLICT.fullmatch(line)
        begin = fault if marked else starts[following - 1]
        end = after if marked else (*starts, after)[following]
        lines[begin - first_line : end - first_line] = [""] * (end - begin)
        if marked:
            break
    return "\n".join(lines)


def _sound_changes(line: str, known: Collection[str]) -> str:
    """Return a line ``Components:`` with what of it can be read, empty for any other line."""
    found = _COMPONENTS.fullmatch(line.strip())
    pairs = [pair for pair in found[1].split(",") if _is_change(pair, known)] if found else []
    return f"Components:{','.join(pairs)}" if pairs else ""


def _declares(line: str, known: Collection[str] | None) -> bool:
    """Tell whether a line holds nothing but components and their states, whatever word and marks stand before them.

    Without those that are ``known`` any word is a component.
    """
    text = line.replace("\uff1a", ":").strip(" \t>*_`-")
    rests = (text, text.partition(":")[2], *text.split(maxsplit=1)[1:])
    return any(all(_is_change(pair, known) for pair in rest.strip(" *_`,").split(",")) for rest in rests)


def _is_change(pair: str, known: Collection[str] | None) -> bool:
    words = pair.split()
    if len(words) != 2 or words[1].lower() not in _STATES:
        return False
    return known is None or words[0].removesuffix(":") in known


def _in_order(instants: Sequence[int]) -> list[int]:
    """Return the positions of the most instants that are in order; of as many, the first ones.

    The longest non-decreasing subsequence, found from the end (Fredman 1975).
    """
    ends: list[int] = []  # of the best sequence of each length, the position that leaves most room before it
    values: list[int] = []
    before: dict[int, int] = {}
    for position in range(len(instants) - 1, -1, -1):
        length = bisect_right(values, -instants[position])
        if length:
            before[position] = ends[length - 1]
        ends[length : length + 1], values[length : length + 1] = [position], [-instants[position]]
    found = ends[-1:]
    while found and found[-1] in before:
        found.append(before[found[-1]])
    return found


def headings(text: str) -> Iterator[tuple[Phase, int]]:
    """Yield state and instant of what reads as the heading of an update in a file, whatever else is wrong with it."""
    for line in text.split("\n"):
        if dated := _DATED.fullmatch((_heading(line) or "")[:LONGEST_HEADING]):
            with contextlib.suppress(ValueError):
                yield Phase(dated[1].strip().lower()), periods.parse_instant(dated[2])


def _heading(line: str) -> str | None:
    """Return the text of a level-2 heading, None where there is none."""
    found = _HEADING.fullmatch(line)
    return found[1].strip(" \t").rstrip("#").rstrip(" \t") if found else None


def unfit(text: str) -> str:
    """Return why a text cannot be that of an update, empty if it can: what of it would be taken for something else."""
    notes = Notes("")
    if _sections(text, 1, notes)[1]:
        return "has a heading with ##, which would begin an update: write ### instead"
    if notes.errors:
        problem = notes.errors[0]
        return f"has a fault in line {problem.line}: {clean(problem.message)}"
    first = text.lstrip("\n").partition("\n")[0].strip()
    if any(key.fullmatch(first) for key in (_COMPONENTS, _NEXT, _OCCURRENCE)):
        word = first.partition(":")[0]
        return f"begins with '{word}:', which has a meaning of its own there: begin in other words"
    if first and _declares(first, None):
        return (
            f"begins with '{printable(first[:60])}', which looks like components and their states: say it in a sentence"
        )
    return ""


def _sections(body: str, first_line: int, notes: Notes) -> tuple[str, list[_Section]]:
    """Return the text before the first level-2 heading, and the sections; a heading in a code fence is none."""
    introduction: list[str] = []
    sections: list[tuple[int, str, list[str]]] = []
    fence, opened = "", 0
    for number, line in enumerate(body.split("\n"), first_line):
        if not fence and (heading := _heading(line)) is not None:
            if len(heading) > LONGEST_HEADING:
                notes.reject(number, f"a heading has more than {LONGEST_HEADING} characters: shorten it")
            sections.append((number, heading[:LONGEST_HEADING], []))
            continue
        (sections[-1][2] if sections else introduction).append(line)
        if _CONFLICT.fullmatch(line):
            notes.reject(number, f"'{line}' is left over from a merge: settle the conflict and remove the marks")
        if not fence and (found := _FENCE.fullmatch(line)):
            fence, opened = found[1], number
        elif fence and line.strip().startswith(fence) and not line.strip().strip(fence[0]):
            fence = ""
        elif not fence and _OTHER_LEVEL.fullmatch(line):
            notes.warn(number, f"'{line.strip()}' is text: a heading of an update begins with ## and a space")
    if fence:
        notes.reject(opened, f"a code block begins here and never ends: add a line with {fence} after it")
    return "\n".join(introduction).strip("\n"), [_Section(n, h, "\n".join(b)) for n, h, b in sections]


@dataclass(frozen=True, slots=True)
class _Reader:
    """Turns sections into updates, noting what does not fit."""

    notes: Notes
    phases: tuple[Phase, ...]
    known: frozenset[str]
    dates: Dates | None

    def updates(self, sections: list[_Section]) -> tuple[str, tuple[Update, ...]]:
        """Return the text before them and the updates in file order; a section that is none joins what precedes it."""
        if len(sections) > MOST_UPDATES:
            self.notes.reject(sections[MOST_UPDATES].line, f"more than {MOST_UPDATES} updates: begin another file")
            return "", ()
        found: list[tuple[Update | None, list[str]]] = [(None, [])]
        for section in sections:
            if (update := self.update(section)) is not None:
                found.append((update, [update.text]))
            else:
                found[-1][1].append(f"## {section.heading}\n{section.body}")
        preface, *texts = ("\n\n".join(text.strip("\n") for text in parts).strip("\n") for _, parts in found)
        updates = [replace(update, text=text) for (update, _), text in zip(found[1:], texts, strict=True) if update]
        kept = [updates[position] for position in _in_order([update.at for update in updates])]
        self.refuse_out_of_order(updates, kept)
        for earlier, later in pairwise(kept):
            self.follows(earlier, later)
        return preface, tuple(_numbered(updates))

    def refuse_out_of_order(self, updates: Iterable[Update], kept: Iterable[Update]) -> None:
        """Note which updates to move so that all are in time order: as few as can be."""
        ahead, above = deque(kept), None
        for update in updates:
            if ahead and update is ahead[0]:
                above = ahead.popleft()
            elif above and update.at < above.at:
                written = periods.date_and_time(above.at)
                self.notes.reject(update.line, f"is earlier than the update above it ({written}): put it in time order")
            else:
                written = periods.date_and_time(ahead[0].at)
                self.notes.reject(update.line, f"is later than the update below it ({written}): correct its time")

    def follows(self, earlier: Update, later: Update) -> None:
        if self.dates:
            return  # the one may be of another occurrence than the other
        if earlier.phase in CLOSED_PHASES and later.phase not in CLOSED_PHASES and not later.components:
            remedy = "add a first line like 'Components: api partial_outage'"
            self.notes.warn(later.line, f"opens again what was {earlier.phase} and declares nothing: {remedy}")

    def update(self, section: _Section) -> Update | None:
        dated = _DATED.fullmatch(section.heading)
        if not dated or not _LIKE_A_TIME.search(dated[2]):
            self.not_an_update(section)
            return None
        words = {phase.value: phase for phase in self.phases}
        word = _word(dated[1])
        if word not in words:
            problem = f"'{dated[1]}' is no state of an update{self.notes.meant(word, words)}"
            self.notes.reject(section.line, f"{problem}; a heading within an update begins with ###")
            return None
        try:
            at = periods.parse_instant(dated[2])
        except ValueError as error:
            self.notes.reject(section.line, str(error))
            return None
        occurrence, section = self.occurrence(section)
        following, section = self.following(section, at)
        components, text = self.changes(section)
        return Update(
            at=at,
            phase=words[word],
            text=text,
            components=components,
            line=section.line,
            next=following,
            occurrence=occurrence,
        )

    def not_an_update(self, section: _Section) -> None:
        found = _UNSEPARATED.fullmatch(section.heading)
        if found and _word(found[1]) in self.phases:
            remedy = f"write '## {found[1].strip()} · {found[2]}'"
            self.notes.reject(section.line, f"'{section.heading}' looks like an update and is none: {remedy}")
        else:
            remedy = "use ### for a heading within an update"
            self.notes.warn(section.line, f"heading '{section.heading}' has no time, so it is text: {remedy}")

    def occurrence(self, section: _Section) -> tuple[str, _Section]:
        """Return what a line ``Occurrence: 2026-12-06`` at the top says, "" without one, and the section without it."""
        lines = section.body.split("\n")
        for i, text in enumerate(lines):
            if found := _OCCURRENCE.fullmatch(text.strip()):
                lines[i] = ""
                return self.dated(found[1], section.line + i + 1), replace(section, body="\n".join(lines))
            if text.strip() and not (_COMPONENTS.fullmatch(text.strip()) or _NEXT.fullmatch(text.strip())):
                break
        for number, text in enumerate(lines, section.line + 1):
            if self.dates and _OCCURRENCE.fullmatch(text.strip()):
                self.notes.warn(number, f"'{text.strip()}' is text here: make it the first line under the heading")
        return "", section

    def dated(self, written: str, line: int) -> str:
        """Return the date of an occurrence, empty where it is wrong."""
        if self.dates is None:
            remedy = "add 'repeats' to the front matter, or remove the line"
            self.notes.reject(line, f"'Occurrence:' belongs to a maintenance that repeats: {remedy}")
            return ""
        try:
            return self.dates(written)
        except ValueError as error:
            self.notes.reject(line, f"'Occurrence:' {error}")
            return ""

    def following(self, section: _Section, at: int) -> tuple[int | None, _Section]:
        """Return what a line ``Next update: 2026-11-20 10:40 UTC`` at the top says, and the section without it.

        It stands above the text, beside ``Components:``. What says no later instant is text, with a warning: a promise
        that cannot be read must not cost the update.
        """
        lines = section.body.split("\n")
        for i, text in enumerate(lines):
            if found := _NEXT.fullmatch(text.strip()):
                instant = self.later(found[1], at, section.line + i + 1)
                lines[i] = lines[i] if instant is None else ""
                return instant, replace(section, body="\n".join(lines))
            if text.strip() and not _COMPONENTS.fullmatch(text.strip()):
                break
        return None, section

    def later(self, written: str, at: int, line: int) -> int | None:
        """Return an instant after ``at``; None for what is none."""
        try:
            instant = periods.parse_instant(written)
        except ValueError as error:
            self.notes.warn(line, f"is text, not a promise: {error}")
            return None
        if instant <= at:
            self.notes.warn(line, f"is text, not a promise: '{written}' is not after this update: correct the time")
            return None
        return instant

    def changes(self, section: _Section) -> tuple[tuple[tuple[str, State], ...], str]:
        """Return what the optional first line ``Components: api operational, …`` says, and the text after it."""
        lines = section.body.split("\n")
        first = next((i for i, text in enumerate(lines) if text.strip()), 0)
        for number, text in enumerate(lines[first + 1 :], section.line + first + 2):
            if _COMPONENTS.fullmatch(text.strip()):
                self.notes.warn(number, f"'{text.strip()}' is text here: make it the first line under the heading")
        found = _COMPONENTS.fullmatch(lines[first].strip())
        line = section.line + first + 1
        if not found:
            if lines[first].strip() and _declares(lines[first], self.known):
                written = lines[first].strip()
                remedy = "begin it with 'Components:', or say it in other words"
                self.notes.reject(line, f"'{written}' looks like components and their states, and is text: {remedy}")
            return (), section.body.strip("\n")
        pairs = [pair.split() for pair in found[1].split(",") if pair.strip()]
        if not pairs:
            self.notes.reject(line, "'Components:' names none: write 'Components: api operational'")
        changes = tuple(change for pair in pairs if (change := self.change(pair, line)))
        return changes, "\n".join(lines[first + 1 :]).strip("\n")

    def change(self, words: list[str], line: int) -> tuple[str, State] | None:
        if len(words) != 2:
            written = " ".join(words)
            self.notes.reject(line, f"'{written}' is not a component and its state: write it like 'api operational'")
            return None
        component, state = words[0].removesuffix(":"), words[1].lower()
        refuse_unknown(component, self.known, line, self.notes)
        if state not in _STATES:
            self.notes.reject(line, f"'{words[1]}' is no state of a component{self.notes.meant(state, _STATES)}")
            return None
        return component, _STATES[state]


def refuse_unknown(component: str, known: frozenset[str], line: int, notes: Notes) -> None:
    """Note a component that ``components.yaml`` does not have."""
    if component not in known:
        notes.reject(line, f"component '{component}' is not in components.yaml{notes.meant(component, known)}")


def _word(written: str) -> str:
    return " ".join(re.split(r"[\s_-]+", written.strip().lower()))


def _numbered(updates: list[Update]) -> Iterator[Update]:
    """Give each its ordinal within its minute: with the slug and the time, its identity for ever."""
    seen: dict[int, int] = {}
    for update in updates:
        minute = update.at // periods.MINUTE
        seen[minute] = seen.get(minute, 0) + 1
        yield replace(update, ordinal=seen[minute])
