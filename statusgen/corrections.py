"""``corrections/*.yaml``: history set right, with a reason. One correction a file.

    components: [api]
    from: 2026-11-20 10:02 UTC
    to: 2026-11-20 10:31 UTC
    set: operational
    reason: The prober's own resolver had failed; access logs show every request answered.
    link: https://github.com/acme/status/pull/12

Samples stay as they are. Two corrections that contradict each other are both left out, since nobody can say which one
was meant.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from statusgen import periods, shape, source
from statusgen.errors import Problem, SourceError
from statusgen.model import TROUBLE, Correction, State
from statusgen.names import URL, public_link, slug_of
from statusgen.shape import Key, Many, Notes, Parsed, Record, Rejected

FOLDER = "corrections"
SETTABLE = (State.OPERATIONAL, *reversed(TROUBLE), State.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Reading:
    """The corrections that apply, in the order of their slugs, and what is wrong with others."""

    corrections: tuple[Correction, ...]
    problems: tuple[Problem, ...]


_SHAPE: Record[dict[str, Any]] = Record(
    dict,
    {
        "components": Key(
            shape=Many(shape.text(80), single=True, least=1), doc="Ids of the components it is about.", required=True
        ),
        "from": Key(shape=shape.instant(), doc="When it begins to hold.", required=True),
        "to": Key(shape=shape.instant(), doc="When it no longer holds.", required=True),
        "set": Key(shape=shape.choice(SETTABLE), doc="How the components really were.", required=True),
        "reason": Key(
            shape=shape.text(1_000, r".+", "a sentence that says why"), doc="Why, for everybody to read.", required=True
        ),
        "link": Key(shape=Parsed(public_link, "a URL", URL), doc="Where it was decided: a pull request, a report."),
    },
)


def read_all(texts: Mapping[str, str], components: Collection[str]) -> Reading:
    """Read the folder's files by their paths; one with an error is left out and named."""
    problems: list[Problem] = []
    found: list[tuple[Correction, int]] = []
    first: dict[str, str] = {}
    for path in sorted(texts):
        try:
            made = _read(texts[path], path, components)
            if (known := first.setdefault(made[0].slug, path)) != path:
                raise SourceError([Problem(path=path, line=1, message=f"has the name of {known}: rename one of them")])
            found.append(made)
        except SourceError as error:
            problems += error.problems
    contradicting = list(_contradictions(found))
    bad = {correction.slug for (correction, _), _ in contradicting}
    problems += [_contradiction(other, one) for one, other in contradicting]
    return Reading(tuple(each for each, _ in found if each.slug not in bad), tuple(problems))


def _read(text: str, path: str, components: Collection[str]) -> tuple[Correction, int]:
    """Return a correction and the line of its ``set``; raise SourceError with every problem found."""
    notes = Notes(path)
    stem = slug_of(path)
    node = source.parse(text, path)
    try:
        values = _SHAPE.read(node, "correction", notes)
    except Rejected:
        raise SourceError(notes.problems) from None
    assert isinstance(node, source.Mapping)
    written = node.entries["components"]
    places = written.items if isinstance(written, source.Sequence) else (written,)
    for component, place in zip(values["components"], places, strict=True):
        if component not in components:
            remedy = notes.meant(component, components)
            notes.reject(place.line, f"there is no component '{component}'{remedy}: correct the name")
    if values["to"] <= values["from"]:
        notes.reject(node.lines["to"], "'to' must be later than 'from': correct one of the two")
    if notes.errors:
        raise SourceError(notes.problems)
    made = Correction(
        slug=stem,
        path=path,
        components=tuple(dict.fromkeys(values["components"])),
        start=values["from"],
        end=values["to"],
        state=values["set"],
        reason=values["reason"],
        link=values.get("link", ""),
    )
    return made, node.lines["set"]


_Found = tuple[Correction, int]  # with the line of its ``set``


def _contradictions(found: Sequence[_Found]) -> Iterator[tuple[_Found, _Found]]:
    """Yield each correction that others contradict, which say something else of a component then, with the first."""
    of: dict[str, list[_Found]] = {}
    for each in found:
        for component in each[0].components:
            of.setdefault(component, []).append(each)
    bounds = {
        (component, state): (sorted(c.start for c, _ in told), sorted(c.end for c, _ in told))
        for component, rows in of.items()
        for state in {correction.state for correction, _ in rows}
        if (told := [row for row in rows if row[0].state is not state])
    }
    for each in found:
        one, _ = each
        for component in one.components:
            starts, ends = bounds.get((component, one.state), ([], []))
            if bisect_left(starts, one.end) > bisect_right(ends, one.start):  # some begin before its end, and go on
                yield each, next(row for row in of[component] if _contradict(one, row[0]))
                break


def _contradict(one: Correction, other: Correction) -> bool:
    """Tell whether two corrections of a component say different things of the same time."""
    return max(one.start, other.start) < min(one.end, other.end) and one.state is not other.state


def _contradiction(first: tuple[Correction, int], second: tuple[Correction, int]) -> Problem:
    (one, _), (other, line) = first, second
    shared = ", ".join(component for component in other.components if component in one.components)
    both = periods.span_of_time(max(one.start, other.start), min(one.end, other.end))
    message = (
        f"sets {shared} to {other.state} where {one.path} sets it to {one.state} ({both}): "
        "correct one of the two; until then neither applies"
    )
    return Problem(path=other.path, line=line, message=message)
