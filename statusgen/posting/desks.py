"""Where somebody posts: a site, the place its files are changed at, and what words about it mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from statusgen import config, files, incidents
from statusgen.errors import Problem, SourceError, StatusgenError, UsageError, did_you_mean, nearest, printable
from statusgen.model import DECLARABLE, Site, State
from statusgen.posting import messages, proposals
from statusgen.posting.messages import Template
from statusgen.posting.proposals import Place

_BETWEEN = re.compile(r"\s*[,;]\s*|[ \t]+(?=[^\s=]+=)")  # what people write between several components
_COLLOQUIAL = {
    **dict.fromkeys(("down", "major", "outage", "broken", "dead", "red"), State.MAJOR),
    **dict.fromkeys(("partial", "partly", "some", "orange"), State.PARTIAL),
    **dict.fromkeys(("degraded", "slow", "yellow"), State.DEGRADED),
    **dict.fromkeys(("up", "ok", "fine", "well", "green"), State.OPERATIONAL),
    **dict.fromkeys(("maintenance", "planned"), State.MAINTENANCE),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where somebody posts, and when: a site with its components.yaml, and the place its files are to be changed at."""

    site: Site
    configuration: str
    place: Place
    now: int
    jitter: Callable[[], float]


def at(place: Place, now: int, jitter: Callable[[], float]) -> Desk:
    """Return where to post; raise SourceError for a site that cannot be read."""
    text = files.read_text(place.folder, config.PATH)
    return Desk(site=config.read(text), configuration=text, place=place, now=now, jitter=jitter)


def read(desk: Desk) -> incidents.Reading:
    """Return the events at the place that is written to, and what is wrong with its files."""
    return incidents.read_all(proposals.texts(desk.place), [component.id for component in desk.site.components])


def first(problems: Sequence[Problem]) -> SourceError:
    """Return the first of several problems as an error, with how to see the others."""
    first = problems[0]
    more = f" (and {len(problems) - 1} more: statusgen check)" if len(problems) > 1 else ""
    return SourceError([replace(first, message=f"{first.message}{more}")])


def components(site: Site, words: Iterable[str], *, bare: bool = False) -> tuple[tuple[str, State], ...]:
    """Return what ``api=partial_outage`` says; ``bare`` are ids alone, of maintenance. Raise StatusgenError."""
    found: dict[str, State] = {}
    for word in words:
        _refuse_several(word)
        id_, given, state = word.partition("=")
        if bare and given:
            raise UsageError(f"--component {word!r}: maintenance has no other state, so write --component {id_}")
        _known(site, id_)
        if id_ in found:
            raise UsageError(f"--component {id_} stands twice: name it once")
        found[id_] = State.MAINTENANCE if bare else _state(id_, state)
    return tuple(found.items())


def _refuse_several(word: str) -> None:
    """Raise UsageError for several components in one word, of which a state would be guessed wrong."""
    parts = [part for part in _BETWEEN.split(word.strip()) if part]
    if len(parts) > 1:
        each = " ".join(f"--component {printable(part)}" for part in parts)
        raise UsageError(f"--component {word!r} names several: write --component once for each: {each}")


def _known(site: Site, id_: str) -> None:
    known = [component.id for component in site.components]
    if id_ not in known:
        raise StatusgenError(f"component {id_!r} is not in components.yaml{did_you_mean(id_, known)}")


def _state(id_: str, written: str) -> State:
    states = {state.value: state for state in DECLARABLE}
    if not written:
        raise UsageError(f"--component {id_} needs a state, like {id_}=partial_outage: one of {', '.join(states)}")
    if written.lower() not in states:
        meant = _COLLOQUIAL.get(written.lower()) or nearest(written, states)
        hint = f" (did you mean '{id_}={meant}'?)" if meant else ""
        raise UsageError(f"--component {id_}={written!r}: no such state{hint}: one of {', '.join(states)}")
    return states[written.lower()]


def templates(folder: Path, site: Site) -> messages.Reading:
    """Return the site's templates, and what is wrong with those that cannot be used."""
    read = files.read_markdown(folder, messages.FOLDER)
    known = [component.id for component in site.components]
    found = messages.read_all(read.texts, known)
    return messages.Reading(found.templates, (*read.problems, *found.problems))


def template(desk: Desk, name: str) -> Template:
    """Return a template of messages by its name; raise SourceError for one with an error, else StatusgenError."""
    found = templates(desk.place.folder, desk.site)
    if wrong := [problem for problem in found.problems if problem.path == f"{messages.FOLDER}/{name}.md"]:
        raise first(wrong)
    known = [each for each in found.templates if each != messages.POSTMORTEM]
    if name not in known:
        where = f"in {messages.FOLDER}/" if known else f"(write one: {messages.FOLDER}/NAME.md)"
        raise StatusgenError(f"there is no template {name!r} {where}{did_you_mean(name, known)}")
    return found.templates[name]
