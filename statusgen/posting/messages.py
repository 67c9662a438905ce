"""``templates/*.md``: what to say, written on a quiet day.

A template is an incident's or a maintenance's message: front matter with what goes without saying, then the text. Names
in braces stand for what is known when it is used; ``FIELDS`` is the closed list of them, and ``{{`` is a brace. The
template of post-mortems is ``templates/postmortem.md``, with the fields of ``OF_POSTMORTEM``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from statusgen import frontmatter, shape, updates
from statusgen.errors import Problem, SourceError
from statusgen.model import INCIDENT_PHASES, MAINTENANCE_PHASES, Phase, State
from statusgen.names import slug_of
from statusgen.promises import Severity
from statusgen.shape import Key, Notes, Record, Rejected

FOLDER = "templates"
POSTMORTEM = "postmortem"
FIELDS = {
    "title": "the title of the incident or maintenance",
    "severity": "`sev1`, `sev2` or `sev3`",
    "components": "the names of the components that it is about",
    "state": "the state that the update gives it, like Investigating",
    "started": "when it began",
    "duration": "how long ago that is",
    "from": "when the window of a maintenance opens",
    "until": "when it closes",
    "now": "the time of the update",
    "next": "when the next update is promised",
    "site": "the name of the page",
    "link": "the address of the incident on the page",
}
OF_POSTMORTEM = {
    "title": FIELDS["title"],
    "severity": FIELDS["severity"],
    "components": "the names of the components that it was about, with their worst states",
    "started": FIELDS["started"],
    "detected": "when it was noticed",
    "acknowledged": "when somebody took it on",
    "resolved": "when it was resolved",
    "duration": "how long it lasted",
    "updates": "how many updates there were",
    "timeline": "a table of the updates",
    "date": "the day on which the file is made",
    "site": FIELDS["site"],
    "link": FIELDS["link"],
}
_FIELD = re.compile(r"\{\{|\}\}|\{([^{}\n]*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A template, whose text begins on ``line``. ``next`` is in seconds; components from a list have no state."""

    name: str
    path: str
    text: str
    line: int
    title: str = ""
    severity: Severity | None = None
    state: Phase | None = None
    components: tuple[tuple[str, State | None], ...] = ()
    next: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """Every template that can be used, by name, and what is wrong with the others."""

    templates: Mapping[str, Template]
    problems: tuple[Problem, ...]


def read_all(texts: Mapping[str, str], components: Collection[str]) -> Reading:
    """Read the folder's files by their paths; a template with an error is left out and named."""
    found: dict[str, Template] = {}
    problems: list[Problem] = []
    for path, text in sorted(texts.items()):
        try:
            message = read(text, path, components)
            found[message.name] = message
        except SourceError as error:
            problems += error.problems
    return Reading(found, tuple(problems))


def read(text: str, path: str, components: Collection[str]) -> Template:
    """Return a template; raise SourceError with everything that is wrong with it, names in braces included."""
    notes = Notes(path)
    front, body, first = frontmatter.split(text, path, optional=True)
    try:
        values = _FRONT.read(front, "front matter", notes)
    except Rejected:
        raise SourceError(notes.problems) from None
    name = slug_of(path)
    if not body.strip():
        notes.reject(1, "is empty: write what is to be said, or remove the file")
    for named in values.get("components", ()):
        updates.refuse_unknown(named.component, frozenset(components), named.line, notes)
    fields = OF_POSTMORTEM if name == POSTMORTEM else FIELDS
    made = Template(
        **{key: value for key, value in values.items() if key != "components"},
        components=tuple((each.component, each.state) for each in values.get("components", ())),
        name=name,
        path=path,
        text=body,
        line=first,
    )
    for line, field in (*_asked(made.title, 1), *_asked(body, first)):
        if field not in fields:
            notes.reject(line, f"'{{{field}}}' is no field{notes.meant(field, fields)}; a brace itself is {{{{")
    if notes.errors:
        raise SourceError(notes.errors)
    return made


def filled(message: Template, values: Mapping[str, str]) -> Template:
    """Return a template with its fields filled in; raise SourceError for one whose value is empty.

    ``values`` has one for every field. Where no title is given, it is the template's.
    """
    title = _fill(message.title, 1, message.path, values)
    text = _fill(message.text, message.line, message.path, {**values, "title": values["title"] or title})
    return replace(message, title=title, text=text)


def _fill(text: str, first: int, path: str, values: Mapping[str, str]) -> str:
    missing = [(line, field) for line, field in _asked(text, first) if not values.get(field)]
    if missing:
        line, field = missing[0]
        message = f"'{{{field}}}' has no value here: {_HOW_TO_GIVE.get(field, 'take it out, or use another template')}"
        raise SourceError([Problem(path=path, line=line, message=message)])
    return _FIELD.sub(lambda found: values[found[1]] if found[1] else found[0][:1], text)


def _asked(text: str, first: int) -> Iterator[tuple[int, str]]:
    """Yield every name in braces with its line, counted from ``first``."""
    for number, line in enumerate(text.split("\n"), first):
        yield from ((number, found[1]) for found in _FIELD.finditer(line) if found[1] is not None)


_HOW_TO_GIVE = {
    "next": "add --next 30m or the like",
    "severity": "add --severity sev2 or the like",
    "components": "add --component api=partial_outage or the like",
    "title": "give the title",
}
_FRONT: Record[dict[str, Any]] = Record(
    dict,
    {
        "title": Key(shape=frontmatter.TITLE, doc="The title, where none is given."),
        "severity": Key(shape=shape.choice(Severity), doc="sev1, sev2 or sev3."),
        "state": Key(shape=shape.choice((*INCIDENT_PHASES, *MAINTENANCE_PHASES)), doc="The state of the update."),
        "components": Key(shape=frontmatter.Components(), doc="Components and the states that they get, or a list."),
        "next": Key(shape=shape.seconds("1m", "30d"), doc="How soon the next update is promised."),
    },
)
