"""What the commands that post have in common on the command line: options, kinds of words, what a shell completes.

Light to import, as ``--help`` of everything imports it.
"""

from __future__ import annotations

import contextlib
import functools
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from statusgen import options, periods
from statusgen.errors import StatusgenError, UsageError, nearest
from statusgen.secret import Gate

_Command = TypeVar("_Command", bound=Callable[..., None])
Span = tuple[bool, int]  # whether it is an instant, and seconds: of the epoch, or from now
TYPED = "statusgen.typed"  # where the context of a command holds what came out of an editor
MOST_AGO = 30 * periods.DAY
_HOUR = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_SYNONYMS = {
    **dict.fromkeys(("close", "end", "finish", "fix", "done"), "resolve"),
    **dict.fromkeys(("create", "new", "begin", "declare"), "open"),
    **dict.fromkeys(("add", "post", "say"), "update"),
    **dict.fromkeys(("ls", "show", "status"), "list"),
}
_INCIDENT_STATES = ("investigating", "identified", "monitoring", "resolved")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Where and how something is posted, as the options of every command that posts say."""

    folder: Path
    now: int
    jitter: Callable[[], float]
    gate: Gate
    commit: bool
    branch: str
    push: bool
    dry: bool
    as_json: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Where the text is to come from."""

    message: str | None
    file: str | None
    template: str
    edit: bool


class Ahead(click.ParamType[Span]):
    """``--next 30m``, from now, or an instant: whether it is one, and seconds."""

    name = "duration or instant"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Span:
        if isinstance(value, tuple):
            return value
        text = str(value)
        if hint := _hint(text, param, ctx):
            self.fail(hint, param, ctx)
        try:
            if text[:1].isdigit() and not text[-1:].isdigit() and "-" not in text:
                return False, options.Duration().convert(text, param, ctx)
            return True, periods.parse_instant(text)
        except ValueError as error:
            self.fail(f"{error}; or how far it is from now, like 30m", param, ctx)


def _hint(text: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
    """Return how to write a number without a unit, or an hour without a day; empty for what is neither."""
    if text.isascii() and text.isdigit():
        return f"'{text}' has no unit: write {text}m for minutes, {text}h for hours, or an instant"
    found = _HOUR.fullmatch(text)
    if not (found and ctx):
        return ""
    looks_back = param is not None and param.name in ("started", "detected")
    hour, ago = f"{int(found[1]):02d}:{found[2]}", "how long ago, like 20m" if looks_back else "how far ahead, like 30m"
    present = ctx.params.get("now")
    if present is None:
        world = ctx.find_object(options.World)
        present = world.clock() if world else 0
    days = (periods.iso_day(present + days * periods.DAY) for days in ((0, -1) if looks_back else (0, 1)))
    meant = [(periods.parse_instant(f"{day}T{hour}Z"), f"{day}T{hour}Z") for day in days]
    fits = [word for at, word in meant if (at <= present if looks_back else at > present)]
    return f"'{text}' has no day and no time zone: write {fits[0]}, or {ago}"


class Guessing(click.Group):
    """A group that says which command was meant by another word for it, or by a slip of the hand."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        word = args[0]
        if self.get_command(ctx, word) is None and not word.startswith("-"):
            meant = _SYNONYMS.get(word.lower()) or nearest(word, self.list_commands(ctx))
            if meant and self.get_command(ctx, meant):
                ctx.fail(f"there is no command '{ascii(word)[1:-1]}': did you mean '{ctx.command_path} {meant}'?")
        return super().resolve_command(ctx, args)


def ahead(given: Span | None, now: int, option: str) -> int | None:
    """Return the instant that ``Ahead`` means; raise UsageError where it is too far."""
    return None if given is None else given[1] if given[0] else shifted(now, given[1], option)


def ago(given: Span | None, now: int, option: str) -> int | None:
    """Return the instant that ``Ahead`` means, where a duration looks back; raise UsageError for a very long one."""
    if given is None or given[0]:
        return ahead(given, now, option)
    instant = shifted(now, -given[1], option)
    if given[1] > MOST_AGO:
        like = f"{periods.iso(instant)[:16]}Z"
        raise UsageError(f"{option} is more than {MOST_AGO // periods.DAY} days ago: give the instant, like {like}")
    return instant


def shifted(instant: int, seconds: int, option: str) -> int:
    """Return the instant so many seconds later; raise UsageError, which names the option, where it is too far."""
    try:
        return periods.shifted(instant, seconds)
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from None


def reading(command: _Command) -> Callable[..., None]:
    """Give a command that only reads the options of what it reads, as one argument: ``Terms``."""

    @functools.wraps(command)
    @click.pass_obj
    def run(world: options.World, /, **given: Any) -> None:
        own = {name: given.pop(name) for name in ("folder", "now", "as_json")}
        terms = Terms(**own, jitter=world.jitter, gate=world.gate, commit=False, branch="", push=False, dry=False)
        command(terms, **given)

    for option in (options.as_json, options.present, options.site):
        option(run)
    return run


def posting(command: _Command) -> Callable[..., None]:
    """Give a command the options of where it posts, as one argument: ``Terms``."""

    @functools.wraps(command)
    @click.pass_obj
    def run(world: options.World, /, **given: Any) -> None:
        own = {name: given.pop(name) for name in ("folder", "now", "commit", "branch", "push", "dry", "as_json")}
        with _keeping_what_was_typed():
            command(Terms(**own, jitter=world.jitter, gate=world.gate), **given)

    for option in reversed(_PLACE):
        option(run)
    return run


@contextlib.contextmanager
def _keeping_what_was_typed() -> Iterator[None]:
    """Leave what somebody typed in an editor in a file when it could not be posted, and say where."""
    is_posted = False
    try:
        yield
        is_posted = True
    finally:
        typed = click.get_current_context().meta.get(TYPED)
        if typed and not is_posted:
            with tempfile.NamedTemporaryFile(
                "w", encoding="utf-8", prefix="statusgen-", suffix=".md", delete=False
            ) as kept:
                kept.write(typed)
            click.echo(f"What you typed is kept, try again with -F {kept.name}", err=True)


def worded(command: _Command) -> Callable[..., None]:
    """Give a command the options of where its text comes from, as one argument: ``words``."""

    @functools.wraps(command)
    def run(*args: Any, **given: Any) -> None:
        own = {name: given.pop(name) for name in ("message", "file", "template", "edit")}
        command(*args, words=Words(**own), **given)

    for option in reversed(_WORDS):
        option(run)
    return run


# What a shell completes: quickly, and without a word about what is wrong.


def _quietly(find: Callable[[click.Context, str], Iterable[str]]) -> Callable[..., list[str]]:
    def complete(context: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
        with contextlib.suppress(StatusgenError, OSError, ValueError, RecursionError):
            return [word for word in find(context, incomplete) if word.startswith(incomplete)]
        return []

    return complete


def _folder(context: click.Context) -> Path:
    return Path(context.params.get("folder") or ".")


def _components(context: click.Context, _: str) -> Iterable[str]:
    from statusgen import config, files

    return [component.id for component in config.read(files.read_text(_folder(context), config.PATH)).components]


def _states(context: click.Context, incomplete: str) -> Iterable[str]:
    from statusgen.model import DECLARABLE

    ids = _components(context, "")
    id_, given, _ = incomplete.partition("=")
    if given or id_ in ids:
        return [f"{id_}={state}" for state in DECLARABLE]
    return [f"{each}=" for each in ids]


def _templates(context: click.Context, _: str) -> Iterable[str]:
    from statusgen import files
    from statusgen.posting import messages

    paths = files.read_markdown(_folder(context), messages.FOLDER).texts
    found = [path.removeprefix(f"{messages.FOLDER}/").removesuffix(".md") for path in paths]
    return [name for name in found if name != messages.POSTMORTEM]


def _desk(context: click.Context) -> Any:
    """Return where a command that is not complete yet would post."""
    from statusgen.posting import desks, proposals

    world = context.find_object(options.World)
    assert world, "cli.main hands it on"
    now = context.params.get("now")
    return desks.at(proposals.Place(folder=_folder(context)), world.clock() if now is None else now, world.jitter)


def _incidents(drafts: bool, every: bool) -> Callable[[click.Context, str], Iterable[str]]:
    def find(context: click.Context, _: str) -> Iterable[str]:
        from statusgen.posting import finding

        return sorted(each.slug for each in finding.incidents_meant(_desk(context), drafts=drafts, every=every))

    return find


def _maintenance(state: str) -> Callable[[click.Context, str], Iterable[str]]:
    def find(context: click.Context, _: str) -> Iterable[str]:
        from statusgen.model import Phase
        from statusgen.posting import finding

        return [each.slug for each in finding.maintenance_meant(_desk(context), Phase(state) if state else None)]

    return find


def slug(*, drafts: bool = False, every: bool = False, required: bool = False) -> Callable[[_Command], _Command]:
    """Return the argument that names an incident: an open one, with ``drafts`` one of those, or ``every`` one."""
    complete = _quietly(_incidents(drafts, every))
    if required:
        return click.argument("slug", shell_complete=complete)
    return click.argument("slug", default="", shell_complete=complete)


def maintenance(state: str = "") -> Callable[[_Command], _Command]:
    """Return the argument that names a maintenance: one that can come to a state, else one that is not over."""
    return click.argument("slug", default="", shell_complete=_quietly(_maintenance(state)))


affected = click.option(
    "--component",
    "affected",
    multiple=True,
    metavar="ID=STATE",
    shell_complete=_quietly(_states),
    help="A component and the state it is in, like api=partial_outage; may be repeated.",
)
concerned = click.option(
    "--component",
    "concerned",
    multiple=True,
    metavar="ID",
    shell_complete=_quietly(_components),
    help="A component that is worked on; may be repeated.",
)
following = click.option("--next", "following", type=Ahead(), help="When the next update is promised, like 30m.")
name = click.option(
    "--slug", "name", default="", metavar="NAME", help="Name of the file; default: from date and title."
)
draft = click.option("--draft", is_flag=True, help="Keep it off the page until somebody takes 'draft: true' out.")
state = click.option("--state", type=click.Choice(_INCIDENT_STATES, case_sensitive=False), help="How far it has come.")
_WORDS = (
    click.option(
        "-m", "--message", metavar="TEXT", help="What is to be read, in Markdown; without it an editor opens."
    ),
    click.option("-F", "--file", metavar="FILE", help="Take the text from a file; - is standard input."),
    click.option(
        "--template", default="", metavar="NAME", shell_complete=_quietly(_templates), help="Take it from templates/."
    ),
    click.option("-e", "--edit", is_flag=True, help="Open the text in an editor first."),
)
_PLACE = (
    options.site,
    options.present,
    click.option("--commit", is_flag=True, help="Commit exactly this file on the branch that is checked out."),
    click.option("--branch", default="", metavar="NAME", help="Commit on this branch instead, made if there is none."),
    click.option("--push", is_flag=True, help="Commit and push."),
    click.option("--dry-run", "dry", is_flag=True, help="Print what would be written, and write nothing."),
    options.as_json,
)
