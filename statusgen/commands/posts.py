"""Between the command line and ``posting``: where a text comes from, and what is printed of what was posted."""

from __future__ import annotations

import contextlib
import json
import shlex
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import click

from statusgen import files, git, periods, printing, status
from statusgen.commands.asked import TYPED, Terms, Words
from statusgen.errors import StatusgenError, UsageError, WorldError
from statusgen.git import Refused
from statusgen.model import Event, Phase, State
from statusgen.posting import acts, authoring, clone, desks, finding, messages, wordings
from statusgen.posting.acts import Wish
from statusgen.posting.desks import Desk
from statusgen.posting.finding import Listed
from statusgen.posting.messages import Template
from statusgen.posting.proposals import Place
from statusgen.posting.wordings import Subject
from statusgen.posting.writing import Posted
from statusgen.shape import clean

_CUT = "# ------------------------ >8 ------------------------"
_WIDTH = 60
_WAYS = "give it with -m TEXT, -F FILE ('-' is standard input) or --template NAME"


def desk(terms: Terms) -> Desk:
    """Return where to post."""
    place = Place(folder=terms.folder, commit=terms.commit, branch=terms.branch, push=terms.push, gate=terms.gate)
    return desks.at(place, terms.now, terms.jitter)


def moved(terms: Terms, desk: Desk, slug: str) -> tuple[Terms, tuple[str, ...]]:
    """Return the terms of where a desk is found to be, and what to say of that if nobody asked for it."""
    if desk.place.branch == terms.branch:
        return terms, ()
    remark = f"{slug} waits on branch {desk.place.branch}, and this goes there"
    return replace(terms, branch=desk.place.branch), (remark,)


def said(desk: Desk, words: Words, known: Subject, phase: Phase) -> tuple[Subject, str]:
    """Return what a new event is about, completed from a template if there is one, and its text.

    ``phase`` is the state where nothing says another. Raise UsageError without a title.
    """
    found = _template(desk, words)
    subject = wordings.completed(known, found, desk.now)
    subject = replace(subject, phase=subject.phase or phase)
    values = wordings.values(desk.site, subject, desk.now)
    filled = messages.filled(found, values) if found else None
    title = subject.title or (filled.title if filled else "")
    if not title:
        raise UsageError("there is no title: give it as the first argument, in quotes")
    subject = replace(subject, title=authoring.title(title))
    return subject, _text(words, filled, _heading(subject.title, subject.phase or phase, desk.now), "")


def worded(desk: Desk, words: Words, event: Event, wish: Wish, default: str = "") -> Wish:
    """Return an update with its text, completed from a template if there is one; ``default`` is said without any."""
    found = _template(desk, words)
    subject = acts.about(event, wish, desk.now)
    if found:
        next_ = desk.now + found.next if wish.next is None and found.next is not None else wish.next
        wish = replace(wish, phase=wish.phase or found.state, next=next_)
        subject = replace(subject, phase=wish.phase or subject.phase, next=wish.next)
    filled = messages.filled(found, wordings.values(desk.site, subject, desk.now)) if found else None
    heading = _heading(event.title, subject.phase or status.phase_of(event, desk.now), desk.now)
    return replace(wish, text=_text(words, filled, heading, default))


def components_of(desk: Desk, words: Words) -> tuple[tuple[str, State], ...]:
    """Return the components that the template which was asked for names, none without one."""
    found = _template(desk, words)
    return wordings.completed(Subject(), found, desk.now).components if found else ()


def _template(desk: Desk, words: Words) -> Template | None:
    """Return the template that was asked for, as it is; raise UsageError where the text is given as well."""
    given = [way for way, value in (("-m", words.message), ("-F", words.file)) if value is not None]
    given += ["--template"] if words.template else []
    if len(given) > 1:
        raise UsageError(f"{' and '.join(given)} both give the text: use one of them")
    return desks.template(desk, words.template) if words.template else None


def _text(words: Words, filled: Template | None, heading: str, default: str) -> str:
    """Return what is to be said; raise StatusgenError for nothing, and UsageError where nobody can be asked.

    ``heading`` tells in the editor what is written about.
    """
    given = _given(words, filled)
    said = default if given is None else given
    return _edited(said, heading) if words.edit or not (said or given is not None) else said


def _given(words: Words, filled: Template | None) -> str | None:
    if words.message is not None:
        return words.message
    if words.file is not None:
        return _read(words.file)
    return filled.text.strip("\n") if filled else None


def _read(file: str) -> str:
    try:
        if file == "-":
            content = sys.stdin.buffer.read(files.MAX_TEXT + 1)
        else:
            with Path(file).open("rb") as opened:
                content = opened.read(files.MAX_TEXT + 1)
    except (OSError, ValueError) as error:
        raise WorldError(f"-F {file!r} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if len(content) > files.MAX_TEXT:
        raise UsageError(f"-F {file!r} is larger than {files.MAX_TEXT // 1024} KB: shorten it")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise UsageError(f"-F {file!r} is not UTF-8 text: save it as UTF-8") from None


def _edited(said: str, heading: str) -> str:
    """Return the text as it comes out of an editor; raise StatusgenError where it is empty or was not saved."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(f"there is no text, and no terminal to open an editor in: {_WAYS}")
    notes = (
        f"{_CUT}\n# {heading}\n# Above the line stands what everybody reads; with nothing there, nothing is posted.\n"
    )
    try:
        came = click.edit(f"{said}\n\n{notes}", extension=".md")
    except click.ClickException as error:
        raise WorldError(f"no editor can be used ({error.format_message()}): set EDITOR, or {_WAYS}") from None
    kept = "" if came is None else came.partition(_CUT)[0]
    if not kept.strip():
        raise StatusgenError("nothing was posted: the text was left as it was, or is empty")
    click.get_current_context().meta[TYPED] = kept
    return kept


# Printing


def tell(posted: Posted, terms: Terms, then: str = "", remarks: Iterable[str] = ()) -> None:
    """Print what was posted, and what to do next; ``then`` is a command for later, ``remarks`` stand with warnings."""
    for line in (*remarks, *posted.remarks, *(printing.line(problem) for problem in posted.warnings)):
        click.echo(line, err=True)
    if terms.as_json:
        click.echo(json.dumps(_row(posted), ensure_ascii=False))
    elif posted.proposed is None:
        click.echo(f"would write to {posted.path}:\n\n{posted.text.strip(chr(10))}")
    else:
        for line in _lines(posted, terms, then):
            click.echo(line)


def _row(posted: Posted) -> dict[str, object]:
    row: dict[str, object] = {"slug": posted.slug, "path": posted.path}
    made = posted.proposed
    if made is None:
        return {**row, "commit": "", "branch": "", "pushed": False, "link": "", "text": posted.text}
    return {**row, "commit": made.commit, "branch": made.branch, "pushed": made.pushed, "link": made.link}


def _lines(posted: Posted, terms: Terms, then: str) -> list[str]:
    made = posted.proposed
    assert made is not None
    earlier = ", with what was not committed yet" if made.with_earlier else ""
    if not made.commit:
        lines = [f"wrote {terms.folder / posted.path}", f"Next: {_steps(posted, terms.folder)}"]
    elif not made.pushed:
        lines = [f"committed {posted.path} as {made.commit[:10]} on branch {made.branch}{earlier}"]
        lines.append(f"Next: {_steps(posted, terms.folder)}")
    else:
        lines = [f"pushed {posted.path} as {made.commit[:10]} to branch {made.branch}{earlier}"]
        lines += [f"The page follows with the next build: {posted.address}"] if made.is_main and posted.address else []
    if made.link:
        lines.append(f"Open the pull request: {made.link}")
    site = [] if terms.folder == Path() else [f"--site {shlex.quote(str(terms.folder))}"]
    more = [*site, *([f"--branch {shlex.quote(made.branch)}"] if terms.branch else [])]
    where = f", each with {' '.join(more)}" if more else ""
    return [*lines, f"Later: {then}{where}"] if then else lines


def _steps(posted: Posted, folder: Path) -> str:
    """Return the commands that publish what was posted, for a shell, as far as there is where to."""
    made, quoted = posted.proposed, shlex.quote(str(folder))
    assert made is not None
    site, run = ("", "git") if folder == Path() else (f" --site {quoted}", f"git -C {quoted}")
    steps, branch, remote = [f"statusgen check{site}"], made.branch, ""
    with contextlib.suppress(Refused):  # what is posted is posted
        if repository := git.open_repository(folder):
            remote, branch = git.remote_of(repository), branch or clone.checked_out(repository)
            if not made.commit:
                message = shlex.quote(f"Post {posted.slug}")
                steps += [f"{run} add {shlex.quote(posted.path)}", f"{run} commit -m {message}"]
    if remote and branch:
        steps.append(f"{run} push {shlex.quote(remote)} {shlex.quote(branch)}")
    return " && ".join(steps)


def table(rows: tuple[Listed, ...], now: int) -> list[str]:
    """Lay out a list for people: two lines an event."""
    return [line for row in rows for line in _two(row, now)]


def _two(row: Listed, now: int) -> tuple[str, str]:
    event = row.event
    severity = getattr(event, "severity", None)
    marks = [*([str(severity)] if severity else []), *(["draft"] if event.draft else [])]
    marks += [f"on branch {row.branch}"] if row.branch else []
    marks += ["automatic"] if getattr(event, "automatic", False) else []
    first = f"{event.slug}  {row.phase}, {_when(row, now)}" + "".join(f", {mark}" for mark in marks)
    states = ", ".join(f"{component} {state}" for component, state in row.components)
    more = [event.title, *([states] if states else []), *([_due(row.due, now)] if row.due is not None else [])]
    return first, "    " + "; ".join(more)


def _when(row: Listed, now: int) -> str:
    date = f"occurrence {row.date}, " if row.date else ""
    if row.end is not None:
        return f"{date}{periods.span_of_time(row.start, max(row.start, row.end))}"
    if row.start > now:
        return f"{date}from {periods.date_and_time(row.start)}"
    since = f"{date}since {periods.date_and_time(row.start)} ({periods.duration(now - row.start)})"
    return since if row.until is None else f"{since}, planned until {_planned(row.start, row.until, now)}"


def _planned(start: int, end: int, now: int) -> str:
    """Return when a window that has begun is to end, and how far it is past that; the date where it is another."""
    same_day = periods.day_of(start) == periods.day_of(end) == periods.day_of(now)
    until = f"{periods.clock(end)} UTC" if same_day else periods.date_and_time(end)
    return until if now < end else f"{until}, {periods.duration(now - end)} over"


def _due(due: int, now: int) -> str:
    late = f" ({periods.duration(now - due)} overdue)" if due < now else ""
    return f"next update by {periods.date_and_time(due)}{late}"


def rows(found: tuple[Listed, ...]) -> list[dict[str, object]]:
    """Return a list for programs, instants as RFC 3339."""
    return [
        {
            "slug": row.event.slug,
            "path": row.event.path,
            "title": row.event.title,
            "state": row.phase,
            "started": periods.iso(row.start),
            "ended": None if row.end is None else periods.iso(row.end),
            "planned_until": None if row.until is None else periods.iso(row.until),
            "severity": getattr(row.event, "severity", None),
            "components": dict(row.components),
            "next_update": None if row.due is None else periods.iso(row.due),
            "draft": row.event.draft,
            "automatic": getattr(row.event, "automatic", False),
            "branch": row.branch or None,
            "occurrence": row.date or None,
        }
        for row in found
    ]


def show_list(terms: Terms, *, everything: bool, maintenance: bool, nothing: str, fetch: bool) -> None:
    """Print a list, and on standard error what is wrong with files that are not part of it."""
    found, problems = finding.listed(desk(terms), everything=everything, maintenance=maintenance, fetch=fetch)
    for problem in problems:
        click.echo(printing.line(problem), err=True)
    if problems:
        nothing = f"{nothing.removesuffix('.')}, as far as the files above can be read."
    if terms.as_json:
        click.echo(json.dumps(rows(found), ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join(table(found, terms.now)) or nothing)


def show_templates(terms: Terms) -> None:
    """Print the site's templates, and on standard error what is wrong with those that cannot be used."""
    found = desks.templates(terms.folder, desk(terms).site)
    for problem in found.problems:
        click.echo(printing.line(problem), err=True)
    kept = [each for name, each in sorted(found.templates.items()) if name != messages.POSTMORTEM]
    if terms.as_json:
        click.echo(json.dumps([{"name": each.name, "path": each.path, "title": each.title} for each in kept]))
    else:
        lines = [f"{each.name}  {each.title or _opening(each)}" for each in kept]
        click.echo("\n".join(lines) or f"No templates: write one as {messages.FOLDER}/NAME.md.")


def _opening(template: Template) -> str:
    """Return how a template's text begins."""
    first = clean(template.text.strip().partition("\n")[0])
    return first if len(first) <= _WIDTH else f"{first[:_WIDTH]}…"


def _heading(title: str, phase: Phase, now: int) -> str:
    return f"{title} · {phase.word} · {authoring.stamp(authoring.minute(now))}"
