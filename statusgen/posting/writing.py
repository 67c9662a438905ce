"""Writing a file of incidents: made anew from what is there at that moment, and looked at before it is written.

As a push that lost a race asks for. What is looked for is what ``check`` looks for: with an error in it nothing changes
anywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from statusgen import incidents, leaks, lint, names
from statusgen.errors import Level, Problem, SourceError, StatusgenError, UsageError
from statusgen.model import Event
from statusgen.posting import authoring, desks, proposals
from statusgen.posting.desks import Desk
from statusgen.posting.proposals import Proposed, Texts
from statusgen.shape import Notes

MOST_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """What was written: the part of the file that is new, what ``check`` would warn of, and what became of it.

    Nothing became of what was only tried. ``address`` is where the page has it; empty for a draft. ``text`` is empty
    where it stood there already; ``remarks`` are what else there is to say of that, a line each.
    """

    slug: str
    path: str
    text: str
    warnings: tuple[Problem, ...]
    proposed: Proposed | None
    address: str = ""
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A file as it is to be, and as it was. What stands there already has a ``refusal``: why it is not added again."""

    path: str
    text: str
    before: str = ""
    refusal: str = ""


def post(desk: Desk, make: Callable[[Texts], Draft], message: str, dry: bool) -> Posted:
    """Write what ``make`` makes of the texts; what stands there already is committed and pushed as it is.

    Raise StatusgenError where that was done, too.
    """
    made: list[tuple[Draft, tuple[Problem, ...]]] = []

    def change(texts: Texts) -> dict[str, str]:
        draft = make(texts)
        made.append((draft, _looked_at(desk, texts, draft)))
        return {draft.path: draft.text}

    if dry:
        change(proposals.texts(desk.place))
        proposed = None
    else:
        proposed = proposals.propose(desk.place, change, message, desk.now, jitter=desk.jitter)
    draft, warnings = made[-1]
    if draft.refusal:
        proposed = None if dry else _delivered(desk, draft, message)
        if not proposed:
            raise StatusgenError(draft.refusal)
    return _posted(desk, draft, warnings, proposed)


def _delivered(desk: Desk, draft: Draft, message: str) -> Proposed | None:
    """Return what became of a file that stands as it is to be, None where it was where it is to go already."""
    if not (desk.place.commit or desk.place.branch or desk.place.push):
        return None
    done = proposals.deliver(desk.place, draft.path, message, desk.now)
    return done if done.commit else None


def _posted(desk: Desk, draft: Draft, warnings: tuple[Problem, ...], proposed: Proposed | None) -> Posted:
    is_shown = not incidents.is_postmortem(draft.path) and not authoring.read(draft.text, draft.path).draft
    slug = draft.path.removeprefix(f"{incidents.FOLDER}/").removesuffix(".md")
    return Posted(
        address=f"{desk.site.url}/incidents/{slug}/" if is_shown else "",
        slug=draft.path.removeprefix(f"{incidents.FOLDER}/").removesuffix(incidents.POSTMORTEM).removesuffix(".md"),
        path=draft.path,
        text=draft.text[len(draft.before) :],
        warnings=warnings,
        proposed=proposed,
        remarks=tuple(_remarks(draft, slug, proposed)),
    )


def _remarks(draft: Draft, slug: str, proposed: Proposed | None) -> Iterator[str]:
    if draft.refusal:
        yield f"{slug} says so already: it goes there as it is"
    if proposed and (others := proposed.others):
        count = (
            f"{len(others)} commit{'s' if others[1:] else ''} that {'were' if others[1:] else 'was'} not pushed before"
        )
        more = f" and {len(others) - MOST_NAMED} more" if others[MOST_NAMED:] else ""
        yield f"with {count}: {', '.join(others[:MOST_NAMED])}{more}"


def new_path(texts: Texts, name: str, title: str, at: int) -> str:
    """Return the path of a new file; raise UsageError or StatusgenError for a ``name`` that cannot be."""
    taken = {path.removeprefix(f"{incidents.FOLDER}/").removesuffix(".md").casefold() for path in texts}
    if not name:
        return f"{incidents.FOLDER}/{authoring.slug(title, at, taken)}.md"
    try:
        names.slug(name)
    except ValueError as error:
        raise UsageError(f"--slug {error}") from None
    if name in taken:
        raise StatusgenError(f"{incidents.FOLDER}/{name}.md exists already: choose another --slug, or post an update")
    return f"{incidents.FOLDER}/{name}.md"


def there(desk: Desk, texts: Texts, slug: str) -> Event:
    """Return the event of a name as it is in the texts; raise SourceError for a file with an error."""
    path = f"{incidents.FOLDER}/{slug}.md"
    if path not in texts:
        raise StatusgenError(f"{path} is not there any more: somebody removed or renamed it")
    notes = Notes(path)
    known = [component.id for component in desk.site.components]
    try:
        return incidents.read_event(texts[path], path, known, notes)
    except SourceError as error:
        raise desks.first(notes.errors or error.problems) from None


def _beside(texts: Texts, path: str) -> dict[str, str]:
    """Return the texts that can make another one wrong: its incident's, and those of series, whose dates have names."""
    stem = path.removesuffix(incidents.POSTMORTEM).removesuffix(".md")
    return {name: text for name, text in texts.items() if name.startswith(stem) or "repeats" in text}


def _looked_at(desk: Desk, texts: Texts, draft: Draft) -> tuple[Problem, ...]:
    """Return what ``check`` would warn of that it did not warn of before; raise SourceError for errors."""
    ids = [component.id for component in desk.site.components]
    reading = incidents.read_all({**_beside(texts, draft.path), draft.path: draft.text}, ids)
    events = [event for event in reading.events if event.path == draft.path]
    found = [
        *(each for each in reading.problems if each.path == draft.path),
        *lint.doubts(events, desk.now),
        *leaks.found(draft.path, draft.text, leaks.addresses(desk.configuration)),
    ]
    if errors := [problem for problem in found if problem.level is Level.ERROR]:
        raise desks.first(errors)
    written = draft.before.count("\n") if draft.before else 0
    if desk.place.push:
        _refuse_secrets(draft, proposals.public(desk.place, draft.path, draft.before))
    return tuple(problem for problem in found if problem.line > written or not written)


def _refuse_secrets(draft: Draft, public: str) -> None:
    """Refuse to push what looks like a secret in a line that is not ``public`` yet: nobody can undo that."""
    known, lines = Counter(public.splitlines()), draft.text.split("\n")
    for number, what in leaks.secrets(draft.text):
        line = lines[number - 1].rstrip("\r")
        if not known[line]:
            where = f"line {number} of {draft.path}" if number <= draft.before.count("\n") else "the text"
            raise StatusgenError(
                f"{where} has what looks like {what}, and nothing was pushed: take it out, or if it is none, "
                "say it in other words"
            )
        known[line] -= 1
